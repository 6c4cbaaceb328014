/* pipeline_table.c - the interface table of an agent's last walk, looked up: by name, by ifIndex, and who is whose LAG. */
#include "pipeline_agent.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"

/* --- the table by name --- */

static int
by_interface(const void *a, const void *b)
{
	const struct walked_row *const *x = a, *const *y = b;

	return strcmp((*x)->interface, (*y)->interface);
}

bool
agent_table_sort(struct watched_agent *agent)
{
	agent->by_name = calloc(agent->walked_count + 1, sizeof(struct walked_row *));
	for (size_t i = 0; agent->by_name != NULL && i < agent->walked_count; i++)
		agent->by_name[i] = &agent->walked[i];
	if (agent->by_name != NULL)
		qsort(agent->by_name, agent->walked_count, sizeof(struct walked_row *),
		      by_interface);
	return agent->by_name != NULL;
}

/* The place in by_name of the first row of that name; walked_count when there is none. */
static size_t
name_find(const struct watched_agent *agent, const char *interface)
{
	size_t low = 0, high = agent->walked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(agent->by_name[middle]->interface, interface) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < agent->walked_count && strcmp(agent->by_name[low]->interface, interface) == 0)
		return low;
	return agent->walked_count;
}

const struct walked_row *
table_row_find(const struct watched_agent *agent, const char *interface)
{
	size_t at = name_find(agent, interface);

	return at < agent->walked_count ? agent->by_name[at] : NULL;
}

/* "x" twice and one that is called "x#12" itself: two rows may still come to one name. */
bool
table_is_only_one(const struct watched_agent *agent, const char *interface)
{
	size_t next = name_find(agent, interface) + 1;

	return next >= agent->walked_count ||
	       strcmp(agent->by_name[next]->interface, interface) != 0;
}

void
agent_table_free(struct watched_agent *agent)
{
	for (size_t i = 0; i < agent->walked_count; i++) {
		free((char *)(uintptr_t)agent->walked[i].row.name);
		free((char *)(uintptr_t)agent->walked[i].row.alias);
	}
	free(agent->walked);
	free(agent->by_name);
	agent->walked = NULL;
	agent->by_name = NULL;
	agent->walked_count = 0;
}

/* --- LAGs --- */

static const struct walked_row *
row_at(const struct watched_agent *agent, uint32_t if_index)
{
	size_t low = 0, high = agent->walked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (agent->walked[middle].row.if_index < if_index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < agent->walked_count && agent->walked[low].row.if_index == if_index
		   ? &agent->walked[low]
		   : NULL;
}

/* Where a walk could not learn it, what the one before learned still holds. */
static bool
was_member(const struct watched_agent *agent, const char *interface)
{
	for (size_t i = 0; i < agent->port_count; i++)
		if (!agent->ports[i]->retired && lag_has_member(agent->ports[i], interface))
			return true;
	return false;
}

/* Whether a row is the member of a LAG that is a port: its traffic is the LAG's then. */
bool
table_lag_counts(const struct watched_agent *agent, const struct walked_row *walked)
{
	const struct walked_row *lag;
	struct roster_claim claim;

	if (walked->row.lag_unknown)
		return was_member(agent, walked->interface);
	lag = walked->row.lag_if_index != 0 ? row_at(agent, walked->row.lag_if_index) : NULL;
	return lag != NULL && lag->interface[0] != '\0' &&
	       roster_claim(agent->roster, lag->interface, lag->row.alias, &claim, NULL) !=
		   ROSTER_NONE;
}

/* Whether a row is a port.  A member of a LAG that is one is no second port, unless a port block names it. */
enum roster_result
table_row_is_port(const struct watched_agent *agent, const struct walked_row *walked,
		  struct roster_claim *claim, struct error *err)
{
	enum roster_result result =
	    roster_claim(agent->roster, walked->interface, walked->row.alias, claim, err);

	return result == ROSTER_PORT && claim->settings == NULL && table_lag_counts(agent, walked)
		   ? ROSTER_NONE
		   : result;
}

static struct lag_row
lag_row_of(const struct watched_agent *agent, const struct walked_row *walked)
{
	struct roster_claim claim;
	bool claimed = roster_claim(agent->roster, walked->interface, walked->row.alias, &claim,
				    NULL) == ROSTER_PORT;

	return (struct lag_row) { .row = &walked->row,
				  .interface = walked->interface,
				  .matches = claimed && claim.settings == NULL,
				  .named = claimed && claim.settings != NULL };
}

/* members: every row that is one, of whatever LAG. */
static void
port_lag_set(struct watched_agent *agent, struct watched_port *port, const struct walked_row *own,
	     const struct walked_row *const *members, size_t member_count)
{
	struct lag_row *rows = NULL;
	size_t count = 0;

	if (own->row.is_lag && !own->row.members_unproven) {
		rows = calloc(member_count + 1, sizeof(*rows));
		if (rows == NULL)
			return; /* it stays what it was */
	}
	for (size_t i = 0; rows != NULL && i < member_count; i++)
		if (members[i]->row.lag_if_index == own->row.if_index &&
		    table_is_only_one(agent, members[i]->interface))
			rows[count++] = lag_row_of(agent, members[i]);
	if (own->row.members_unproven && (port->lag == NULL || port->lag->member_count > 0))
		log_warn("port",
			 "port=%lld event=lag-unproven interface=\"%s\" reason=\"what the agent "
			 "says of its members contradicts itself, or is cut short: they are not "
			 "added up\"",
			 (long long)port->port.id, port->port.interface);
	lag_set(port, own->row.is_lag, rows, count);
	free(rows);
}

/* What the walk learned about LAGs, to the ports that are. */
void
table_lags_take(struct watched_agent *agent)
{
	const struct walked_row **members =
	    calloc(agent->walked_count + 1, sizeof(struct walked_row *));
	size_t member_count = 0;

	for (size_t i = 0; members != NULL && i < agent->walked_count; i++)
		if (agent->walked[i].row.lag_if_index != 0)
			members[member_count++] = &agent->walked[i];
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];
		const struct walked_row *own = table_row_find(agent, port->port.interface);

		if (members == NULL || own == NULL || !port->present || own->row.lag_unknown)
			continue;
		if (port->in_lag != table_lag_counts(agent, own)) {
			port->in_lag = !port->in_lag;
			agent->pipeline->connections_stale = true;
		}
		port_lag_set(agent, port, own, members, member_count);
	}
	free(members);
}
