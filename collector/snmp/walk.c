/* walk.c - the system group and the interface table of one agent; see snmp.h and walk_internal.h.
 *
 * First the system group by one GET, then the columns of the table in lanes, then by GET whatever single values the
 * lanes could not bring, at last who is a member of which LAG.  Bounded by WALK_ROWS_MAX rows and WALK_ASKS_MAX requests. */
#include "snmp/walk_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define WALK_ASKS_MAX 100000
#define WALK_PATIENCE 4 /* times the tries of a request */

/* --- ending --- */

void
walk_finish(struct walk *walk, enum snmp_outcome outcome, const char *why)
{
	struct snmp_agent *agent = walk->errand.agent;

	if (agent == NULL)
		return;
	agent->silent_errands = walk->answered ? 0 : agent->silent_errands + 1;
	errand_drop(&walk->errand);
	walk->events.on_end(outcome, why, walk->uptime_ticks, walk->events.user);
}

static bool
on_row(const struct interface_row *row, void *user)
{
	struct walk *walk = user;

	walk->events.on_row(row, walk->events.user);
	return walk->errand.agent != NULL; /* unless the user freed it meanwhile */
}

/* Without memory for it, rounds of counters do without it. */
static void
listed_keep(struct snmp_agent *agent, const struct walk_rows *rows)
{
	free(agent->listed);
	agent->listed = calloc(rows->count + 1, sizeof(*agent->listed));
	agent->listed_count = agent->listed != NULL ? rows->count : 0;
	for (size_t i = 0; i < agent->listed_count; i++)
		agent->listed[i] = rows->row[i]->if_index;
}

static void
walk_complete(struct walk *walk)
{
	struct snmp_agent *agent = walk->errand.agent;

	agent->alias_len_max = walk->rows.alias_len_max;
	listed_keep(agent, &walk->rows);
	manners_bulk_worked(&agent->manners, agent->credentials->max_repetitions);
	if (walk->rows.count == 0)
		snprintf(walk->why, sizeof(walk->why),
			 "it has no interface table, or %s may not see it",
			 agent->credentials->version == SNMP_V3 ? "its user" : "its community");
	agent->failure = POLL_FAILED_MEMORY;
	if (!walk_lag_resolve(walk) || !walk_rows_tell(&walk->rows, on_row, walk))
		walk_finish(walk, SNMP_REFUSED, "out of memory");
	else
		walk_finish(walk, SNMP_DONE, walk->why);
}

void
walk_warn(struct walk *walk, const char *column, const char *what)
{
	size_t len = strlen(walk->why);

	snprintf(walk->why + len, sizeof(walk->why) - len, "%s%s: %s", len > 0 ? "; " : "", column,
		 what);
}

/* What stores a value may fail. */
bool
walk_put_went_well(struct walk *walk, enum walk_put put)
{
	char why[80];

	if (put == WALK_PUT_DONE)
		return true;
	snprintf(why, sizeof(why), "it lists more than %u interfaces", WALK_ROWS_MAX);
	walk->errand.agent->failure =
	    put == WALK_PUT_TOO_MANY ? POLL_FAILED_OTHER : POLL_FAILED_MEMORY;
	walk_finish(walk, SNMP_REFUSED, put == WALK_PUT_TOO_MANY ? why : "out of memory");
	return false;
}

/* --- silence --- */

static void
walk_silent(struct walk *walk, const struct ask *ask, unsigned tries)
{
	bool spoke = ask->ticket.trouble[0] != '\0';
	char why[sizeof(ask->ticket.trouble) + 64];

	snprintf(why, sizeof(why), "no answer in %u %s%s%s", tries, tries == 1 ? "try" : "tries",
		 spoke ? "; " : "", ask->ticket.trouble);
	walk->errand.agent->failure = ask->ticket.cause;
	walk_finish(walk, spoke ? SNMP_REFUSED : SNMP_SILENT, why);
}

/* A walk is many requests, and packets get lost: one request may be sent as often as a dead agent would be asked. */
bool
walk_goes_on(struct walk *walk, const struct ask *ask, unsigned tries)
{
	const struct snmp_agent *agent = walk->errand.agent;
	bool dead = errand_agent_dead(agent, walk->answered);

	if (!dead && tries < WALK_PATIENCE * errand_tries(agent))
		return true;
	walk_silent(walk, ask, dead ? agent->silent_tries : tries);
	return false;
}

/* --- the system group --- */

static bool
system_next(struct walk *walk, struct ask *ask)
{
	if (walk->in_flight)
		return false;
	walk->in_flight = true;
	ask->command = SNMP_COMMAND_GET;
	ask->tries = walk->tries % errand_tries(walk->errand.agent);
	for (int i = 0; i < IFMIB_SCALAR_COUNT; i++)
		ask->oids[ask->oid_count++] = ifmib_scalars[i].oid;
	return true;
}

static void
text_keep(char **to, const struct snmp_varbind *varbind)
{
	char text[IFMIB_TEXT_LEN];

	free(*to);
	*to = varbind->type == SNMP_TYPE_OCTETS ? strdup(ifmib_text(text, varbind)) : NULL;
}

static uint32_t
ticks_of(const struct snmp_varbind *varbind)
{
	return varbind->type == SNMP_TYPE_TIMETICKS ? (uint32_t)varbind->number : 0;
}

static void
system_values(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	struct snmp_agent *agent = walk->errand.agent;
	const struct snmp_varbind *varbinds = answer->varbinds;

	(void)ask;
	walk->in_flight = false;
	walk_lanes_init(walk);
	walk->uptime_ticks = ticks_of(&varbinds[IFMIB_SYS_UPTIME]);
	agent->table_change_ticks = ticks_of(&varbinds[IFMIB_TABLE_LAST_CHANGE]);
	agent->has_table_change = varbinds[IFMIB_TABLE_LAST_CHANGE].type == SNMP_TYPE_TIMETICKS;
	agent->table_moved = false;
	text_keep(&agent->sys_descr, &varbinds[IFMIB_SYS_DESCR]);
	text_keep(&agent->sys_name, &varbinds[IFMIB_SYS_NAME]);
}

/* What the system group would not say is no reason to stop. */
static void
system_error(struct walk *walk, struct ask *ask, const struct session_answer *answer)
{
	(void)ask, (void)answer;
	walk->in_flight = false;
	walk_lanes_init(walk);
}

static void
system_silence(struct walk *walk, struct ask *ask)
{
	walk->in_flight = false;
	walk->tries++;
	walk_goes_on(walk, ask, walk->tries);
}

/* --- the errand --- */

static const struct {
	bool (*next)(struct walk *walk, struct ask *ask);
	void (*values)(struct walk *walk, struct ask *ask, const struct session_answer *answer);
	void (*error)(struct walk *walk, struct ask *ask, const struct session_answer *answer);
	void (*silence)(struct walk *walk, struct ask *ask);
} stages[STAGE_COUNT] = {
	[STAGE_SYSTEM] = { system_next, system_values, system_error, system_silence },
	[STAGE_LANES] = { walk_lanes_next, walk_lanes_values, walk_lanes_error,
			  walk_lanes_silence },
	[STAGE_FILL] = { walk_fill_next, walk_fill_values, walk_fill_error, walk_fill_silence },
	[STAGE_LAG] = { walk_lag_next, walk_lag_values, walk_lag_error, walk_lag_silence },
};

static bool
walk_next(struct errand *errand, struct ask *ask)
{
	struct walk *walk = (struct walk *)errand;
	bool more = stages[walk->stage].next(walk, ask);

	walk->asks += more;
	return more;
}

static void
walk_on_answer(struct errand *errand, struct ask *ask, const struct session_answer *answer)
{
	struct walk *walk = (struct walk *)errand;

	walk->answered |= answer->end == SESSION_ANSWERED;
	if (answer->end != SESSION_ANSWERED)
		stages[walk->stage].silence(walk, ask);
	else if (answer->error_status != 0)
		stages[walk->stage].error(walk, ask, answer);
	else
		stages[walk->stage].values(walk, ask, answer);
	if (errand->agent == NULL)
		return;
	if (walk->asks >= WALK_ASKS_MAX) {
		errand->agent->failure = POLL_FAILED_OTHER;
		walk_finish(walk, SNMP_REFUSED, "its table did not end after 100,000 requests");
		return;
	}
	if (walk->stage == STAGE_FILL && !walk->in_flight && walk_fill_done(walk))
		walk_lag_init(walk);
	if (walk->stage == STAGE_LAG && !walk->in_flight && walk_lag_done(walk))
		walk_complete(walk);
}

static void
walk_free(struct errand *errand)
{
	struct walk *walk = (struct walk *)errand;

	walk_rows_free(&walk->rows);
	walk_lag_free(&walk->lag);
	free(walk);
}

static const struct errand_kind walk_kind = { walk_next, walk_on_answer, NULL, walk_free };

bool
snmp_walk(struct snmp_agent *agent, const struct snmp_walk_events *events, struct error *err)
{
	struct walk *walk;

	if (agent->snmp == NULL || agent->errands[ERRAND_WALK] != NULL)
		return error_set(err, ERR_REFUSED, "%s: it is being walked already", agent->label);
	walk = calloc(1, sizeof(*walk));
	if (walk == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", agent->label);
	walk->errand.kind = &walk_kind;
	walk->events = *events;
	errand_start(agent, ERRAND_WALK, &walk->errand);
	return true;
}
