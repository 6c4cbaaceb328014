/* pipeline_walk.c - an agent's interface table read: which of its rows are ports, and whose. */
#include "pipeline_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#define WALK_RETRY_MS 10000
#define WALK_SOON_MS  60000 /* between walks that a LAG's speed asks for */

/* --- ports --- */

struct watched_port *
agent_port_find(struct watched_agent *agent, const struct roster_use *use, const char *interface)
{
	for (size_t i = 0; i < agent->port_count; i++)
		if (agent->ports[i]->use == use &&
		    strcmp(agent->ports[i]->port.interface, interface) == 0)
			return agent->ports[i];
	return NULL;
}

static void
port_place(struct watched_port *port, const struct interface_row *row)
{
	if (!text_set_shared(&port->row_name, row->name)) {
		port->agent->walk_due_mono_ms = clock_mono_ms() + WALK_RETRY_MS;
		return;
	}
	port->if_index = row->if_index;
	port->counter_bits = row->counter_bits;
	port->has_name = row->has_name;
	port_vanished(port, false);
}

static void
row_refused(struct watched_agent *agent, const struct walked_row *walked, const char *why)
{
	log_error("agent", "event=port-failed agent=%s/%s interface=\"%s\" reason=\"%s\"",
		  agent->view.exchange, agent->view.name, walked->interface, why);
	agent_trouble_stands(agent, why);
}

/* One row of the table: is it a port, and whose? */
static void
row_claim(struct watched_agent *agent, const struct walked_row *walked)
{
	struct roster_claim claim;
	struct watched_port *port;
	struct error err = { 0 };

	if (walked->interface[0] == '\0')
		return; /* what has no name cannot be told from another tomorrow */
	switch (table_row_is_port(agent, walked, &claim, &err)) {
	case ROSTER_NONE: return;
	case ROSTER_DISPUTED: agent_trouble_stands(agent, err.text); return;
	case ROSTER_PORT: break;
	}
	if (!table_is_only_one(agent, walked->interface)) {
		error_set(&err, ERR_SNMP,
			  "two interfaces go by the name %s, and cannot be told apart",
			  walked->interface);
		row_refused(agent, walked, err.text);
		return;
	}
	port = agent_port_find(agent, claim.use, walked->interface);
	if (port != NULL && port_stays_moved(port, &claim))
		return;
	if (port != NULL) {
		port_claim(port, &claim, walked->row.alias);
	} else if (!port_register_new(agent, &claim, walked->interface, walked->row.alias, &port,
				      &err)) {
		row_refused(agent, walked, err.text);
		return;
	}
	port_place(port, &walked->row);
}

/* A watched port that the table lists no more has vanished; one whose alias matches no more is watched no more. */
static void
ports_missing(struct watched_agent *agent)
{
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];
		const struct walked_row *walked = table_row_find(agent, port->port.interface);
		struct roster_claim claim;
		enum roster_result result;

		if (walked == NULL || !table_is_only_one(agent, port->port.interface)) {
			port_vanished(port, true);
			continue;
		}
		result = table_row_is_port(agent, walked, &claim, NULL);
		if (result == ROSTER_DISPUTED)
			port->present = false; /* the agent's trouble says why */
		else if (result == ROSTER_NONE || claim.use != port->use)
			port_retire(port, table_lag_counts(agent, walked)
					      ? "it is a member of a LAG, which counts its traffic"
					      : "neither a match nor a port block claims it");
	}
}

/* --- the walk --- */

void
agent_walk_soon(struct watched_agent *agent)
{
	int64_t soon_mono_ms = agent->walked_mono_ms + WALK_SOON_MS;

	if (soon_mono_ms < agent->walk_due_mono_ms)
		agent->walk_due_mono_ms = soon_mono_ms;
}

/* A table with a row missing must not be taken: its port would be said to have vanished. */
static void
on_walk_row(const struct interface_row *row, void *user)
{
	struct watched_agent *agent = user;
	struct walked_row *walked =
	    realloc(agent->walked, (agent->walked_count + 1) * sizeof(*walked));

	if (walked != NULL)
		agent->walked = walked;
	agent->walk_torn |= walked == NULL;
	if (agent->walk_torn)
		return;
	walked += agent->walked_count++;
	walked->row = *row;
	walked->row.name = strdup(row->name);
	walked->row.alias = strdup(row->alias);
	walked->row.descr = "";
	agent->walk_torn = walked->row.name == NULL || walked->row.alias == NULL;
	roster_interface_name(row, walked->interface, sizeof(walked->interface));
}

/* A ledger that cannot take new ports now is asked again with the next walk. */
static void
fresh_begin(struct watched_agent *agent)
{
	struct error err = { 0 };

	if (ports_begin(agent, &err))
		return;
	log_error("agent", "event=ports-failed agent=%s/%s reason=\"%s\"", agent->view.exchange,
		  agent->view.name, err.text);
	agent->walk_due_mono_ms = clock_mono_ms() + WALK_RETRY_MS;
}

/* An agent that never answered may be there, and not know us. */
static void
walk_failed(struct watched_agent *agent, enum snmp_outcome outcome, const char *why)
{
	bool v3 = agent->roster->config->snmp->version == SNMP_V3;
	char text[160];

	if (outcome == SNMP_SILENT && agent->view.answered_utc_sec == 0) {
		snprintf(text, sizeof(text), "%.60s (a wrong %s looks just so)", why,
			 v3 ? "address, or an agent without SNMPv3," : "community or address");
		why = text;
	}
	agent_trouble_note(agent, snmp_agent_failure(agent->snmp), why);
}

static void
table_take(struct watched_agent *agent)
{
	agent->known = true;
	agent->standing[0] = '\0';
	for (size_t i = 0; i < agent->walked_count; i++)
		row_claim(agent, &agent->walked[i]);
	fresh_begin(agent);
	ports_missing(agent);
	table_lags_take(agent);
	log_info("agent", "event=walked agent=%s/%s interfaces=%zu ports=%zu", agent->view.exchange,
		 agent->view.name, agent->walked_count, agent->port_count);
}

static void
on_walk_end(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct watched_agent *agent = user;
	int64_t now_ms = clock_mono_ms();

	agent->walked_mono_ms = now_ms;
	agent->walk_due_mono_ms =
	    now_ms + (outcome == SNMP_DONE ? AGENT_WALK_EVERY_MS : WALK_RETRY_MS);
	if (outcome == SNMP_DONE)
		agent_answered(agent, uptime_ticks);
	if (outcome == SNMP_DONE && (agent->walk_torn || !agent_table_sort(agent))) {
		agent->walk_due_mono_ms = now_ms + WALK_RETRY_MS;
		agent_trouble_note(agent, POLL_FAILED_MEMORY, "out of memory");
	} else if (outcome == SNMP_DONE) {
		table_take(agent);
	} else {
		walk_failed(agent, outcome, why);
	}
	agent->walk_wanted = !agent->known;
	agent->view.port_count = (uint32_t)agent->port_count;
	agent_table_free(agent);
	if (outcome != SNMP_DONE || !agent_poll_start(agent))
		agent_errand_end(agent);
	if (outcome == SNMP_SILENT)
		agent_address_rethink(agent);
}

bool
agent_walk_start(struct watched_agent *agent)
{
	struct snmp_walk_events events = { on_walk_row, on_walk_end, agent };
	struct error err = { 0 };

	agent->walked_now = true;
	agent->walk_torn = false;
	if (snmp_walk(agent->snmp, &events, &err))
		return true;
	agent_trouble_note(agent, agent_errand_refused(&err), err.text);
	return false;
}
