/* pipeline_poll.c - the counters of an agent's ports, and of the members of its LAGs, asked for in one round. */
#include "pipeline_agent.h"

#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"

#define MOVED_GAP_MS                                                                               \
	15000 /* between walks that a changed table causes; doubled while it goes on changing */

/* What came of the row of a LAG, or of a member of one; NULL: nothing. */
static void
row_hand_on(const struct polled_row *polled, const struct counter_read *read)
{
	if (polled->is_member)
		lag_member_read(polled->port, polled->member, read);
	else if (polled->port->lag != NULL)
		lag_read(polled->port, read);
	else if (read != NULL)
		port_read(polled->port, read);
}

static void
alias_check(struct watched_agent *agent, struct watched_port *port, const char *alias)
{
	struct roster_claim claim;

	if (strcmp(alias, port->port.alias) == 0)
		return;
	if (roster_claim(agent->roster, port->port.interface, alias, &claim, NULL) == ROSTER_PORT &&
	    claim.use == port->use)
		port_claim(port, &claim, alias);
	else
		agent->walk_wanted = true;
}

static void
on_poll_row(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
	    const char *alias, const char *why, void *user)
{
	struct watched_agent *agent = user;
	const struct polled_row *polled = &agent->polled[row];

	switch (outcome) {
	case SNMP_ROW_READ:
		agent_answered(agent, read->uptime_ticks);
		row_hand_on(polled, read);
		if (!polled->is_member) {
			agent_refresh_read(agent, polled->port, read);
			alias_check(agent, polled->port, alias);
		}
		return;
	case SNMP_ROW_MOVED:
	case SNMP_ROW_GONE:
		agent->walk_wanted = agent->misplaced = true;
		agent->answered = true;
		break;
	case SNMP_ROW_SILENT:
	case SNMP_ROW_REFUSED:
		agent_trouble_note(agent, snmp_agent_failure(agent->snmp), why);
		break;
	}
	row_hand_on(polled, NULL);
}

/* Rows came or went: walked in the next round.  Agents exist whose ifTableLastChange never rests. */
static void
table_moved_note(struct watched_agent *agent)
{
	int64_t now_mono_ms = clock_mono_ms();

	if (!snmp_agent_table_moved(agent->snmp) || now_mono_ms < agent->moved_due_mono_ms)
		return;
	if (now_mono_ms - agent->moved_due_mono_ms > AGENT_WALK_EVERY_MS)
		agent->moved_gap_ms = 0;
	agent->moved_gap_ms = agent->moved_gap_ms > 0 ? agent->moved_gap_ms * 2 : MOVED_GAP_MS;
	if (agent->moved_gap_ms > AGENT_WALK_EVERY_MS)
		agent->moved_gap_ms = AGENT_WALK_EVERY_MS;
	agent->moved_due_mono_ms = now_mono_ms + agent->moved_gap_ms;
	agent->walk_wanted = true;
}

/* Between its polls an agent needs none: a thousandth of all are at it at any moment. */
static void
rows_free(struct watched_agent *agent)
{
	free(agent->rows);
	free(agent->polled);
	agent->rows = NULL;
	agent->polled = NULL;
	agent->row_count = 0;
}

static void
on_poll_end(void *user)
{
	struct watched_agent *agent = user;

	rows_free(agent);
	table_moved_note(agent);
	if (agent->misplaced && !agent->walked_now && agent_walk_start(agent))
		return; /* and poll again: so the round loses no sample */
	agent_errand_end(agent);
}

static bool
is_polled(const struct watched_port *port)
{
	return port->present && port->counter_bits != 0;
}

static bool
rows_make_room(struct watched_agent *agent)
{
	size_t count = agent->port_count + 1;
	struct snmp_poll_row *rows;
	struct polled_row *polled;

	for (size_t i = 0; i < agent->port_count; i++)
		if (agent->ports[i]->lag != NULL)
			count += agent->ports[i]->lag->member_count;
	rows = realloc(agent->rows, count * sizeof(*rows));
	if (rows == NULL)
		return false;
	agent->rows = rows;
	polled = realloc(agent->polled, count * sizeof(*polled));
	if (polled == NULL)
		return false;
	agent->polled = polled;
	return true;
}

static void
port_row_make(struct watched_agent *agent, struct watched_port *port)
{
	agent->rows[agent->row_count] =
	    (struct snmp_poll_row) { .if_index = port->if_index,
				     .name = port->row_name,
				     .has_name = port->has_name,
				     .counter_bits = port->counter_bits };
	agent->polled[agent->row_count++] = (struct polled_row) { .port = port };
}

/* Beside its LAG, so that both are mostly in one answer. */
static void
member_row_make(struct watched_agent *agent, struct watched_port *port, size_t i)
{
	const struct watched_member *member = &port->lag->members[i];

	agent->rows[agent->row_count] = (struct snmp_poll_row) { .if_index = member->if_index,
								 .name = member->row_name,
								 .has_name = member->has_name,
								 .is_member = true,
								 .has_lacp = member->has_lacp };
	agent->polled[agent->row_count++] =
	    (struct polled_row) { .port = port, .is_member = true, .member = i };
}

/* The rows of this round; false when there are none. */
static bool
rows_make(struct watched_agent *agent)
{
	if (!rows_make_room(agent))
		return false;
	agent->row_count = 0;
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];

		if (!is_polled(port))
			continue;
		port_row_make(agent, port);
		if (port->lag == NULL)
			continue;
		lag_round_begins(port);
		for (size_t k = 0; k < port->lag->member_count; k++)
			member_row_make(agent, port, k);
	}
	return agent->row_count > 0;
}

bool
agent_poll_start(struct watched_agent *agent)
{
	struct snmp_poll_events events = { on_poll_row, on_poll_end, agent };
	struct error err = { 0 };

	if (!rows_make(agent))
		return false;
	if (snmp_poll(agent->snmp, agent->rows, agent->row_count, &events, &err))
		return true;
	agent_trouble_note(agent, agent_errand_refused(&err), err.text);
	return false;
}
