/* fault.c - what a test does to a switch, from text (see box.h). */
#include <stdlib.h>
#include <string.h>

#include "box.h"
#include "instant.h"

/* Cuts `text` in place at the last `c`; NULL when there is none. */
static char *
cut_last(char *text, char c)
{
	char *at = strrchr(text, c);

	if (at != NULL)
		*at++ = '\0';
	return at;
}

static const char *const fault_names[FAULT_KINDS] = { "silent", "reboot", "renumber",
						      "vanish", "down",   "detach" };

static bool
parse_kind(const char *text, enum fault_kind *kind)
{
	for (int k = 0; k < FAULT_KINDS; k++)
		if (strcmp(text, fault_names[k]) == 0) {
			*kind = (enum fault_kind)k;
			return true;
		}
	return false;
}

/* "exchange/agent" or "exchange/agent/ifName"; an ifName may hold slashes. */
static bool
find_who(const struct world *world, char *who, const struct agent **agent,
	 const struct interface **interface, struct complaint *complaint)
{
	char *name = strchr(who, '/'), *port;

	if (name == NULL)
		return complain(complaint,
				"--fault: \"%s\" is not EXCHANGE/AGENT or EXCHANGE/AGENT/IFNAME",
				who);
	*name++ = '\0';
	port = strchr(name, '/');
	if (port != NULL)
		*port++ = '\0';
	*agent = world_agent_named(world, who, name);
	if (*agent == NULL)
		return complain(complaint, "--fault: no agent \"%s\" at exchange \"%s\"", name,
				who);
	*interface = port != NULL ? agent_interface_named(*agent, port) : NULL;
	if (port != NULL && *interface == NULL)
		return complain(complaint, "--fault: %s/%s has no interface \"%s\"", who, name,
				port);
	return true;
}

static bool
parse_when(struct fault *fault, char *when, int64_t now_ticks, struct complaint *complaint)
{
	char *to = strchr(when, '/');

	if (to != NULL)
		*to++ = '\0';
	fault->to_ticks = INT64_MAX;
	return instant_parse(&fault->from_ticks, "--fault", when, now_ticks, complaint) &&
	       (to == NULL || instant_parse(&fault->to_ticks, "--fault", to, now_ticks, complaint));
}

static bool
parse_fault(struct fault *fault, const struct agent **agent, const struct world *world, char *text,
	    int64_t now_ticks, struct complaint *complaint)
{
	char *when = cut_last(text, '@');
	char *kind = when != NULL ? cut_last(text, ':') : NULL;

	if (kind == NULL)
		return complain(complaint, "--fault: \"%s\" is not WHO:WHAT@WHEN", text);
	if (!parse_kind(kind, &fault->kind))
		return complain(complaint,
				"--fault: \"%s\" is not silent, reboot, renumber, vanish, down or "
				"detach",
				kind);
	if (!find_who(world, text, agent, &fault->interface, complaint) ||
	    !parse_when(fault, when, now_ticks, complaint))
		return false;
	if ((fault->kind >= FAULT_VANISH) != (fault->interface != NULL))
		return complain(complaint, "--fault: vanish, down and detach are of an interface, "
					   "all else of an agent");
	if (fault->kind == FAULT_DETACH && fault->interface->lag == NULL)
		return complain(complaint, "--fault: detach is of a member of a LAG, %s is none",
				fault->interface->name);
	return true;
}

bool
box_fault_add(struct box *boxes, const struct world *world, const char *text, int64_t now_ticks,
	      struct complaint *complaint)
{
	struct fault *fault = calloc(1, sizeof(*fault));
	char *copy = strdup(text);
	const struct agent *agent = NULL;
	bool ok = fault != NULL && copy != NULL
		      ? parse_fault(fault, &agent, world, copy, now_ticks, complaint)
		      : complain(complaint, "out of memory");

	free(copy);
	if (!ok) {
		free(fault);
		return false;
	}
	fault->next = boxes[agent - world->agents].faults;
	boxes[agent - world->agents].faults = fault;
	return true;
}
