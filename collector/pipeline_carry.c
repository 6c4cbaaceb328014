/* pipeline_carry.c - what a reload carries from the old pipeline to the new one, so that no slot is lost.
 *
 * A slot is made of pairs of counter reads, and a pair may be three intervals apart: with the last read of each port and
 * the slot it had begun, the first poll after a reload goes on where the last one before it ended.  Ports stay where the
 * last walk found them, so that this poll need not wait for the next walk, which follows it.  An agent at another address
 * may be another box, whose counters say nothing about the old one's; another interval is another grid. */
#include <stdlib.h>
#include <string.h>

#include "pipeline_internal.h"

struct carried_port {
	int64_t id;
	char address[64]; /* of its agent */
	struct meter meter;
	int64_t sampled_utc_sec;
	double value[COLUMN_COUNT];
	char *row_name;
	uint32_t if_index;
	unsigned counter_bits;
	bool has_name;
};

struct carried_agent {
	struct snapshot_agent view;
	uint64_t rounds_begun;
	uint32_t rounds_late;
	int64_t late_ms;
	uint32_t uptime_ticks;
	int64_t uptime_mono_ms;
	struct refresh refresh; /* what was found; a look under way is not carried */
	unsigned choice;
};

struct pipeline_carry {
	unsigned interval_sec;
	int64_t started_utc_sec;
	uint32_t rounds;
	int64_t late_ms;
	struct wall wall;
	struct carried_port *ports; /* by id */
	size_t port_count;
	struct carried_agent *agents;
	size_t agent_count;
};

void
pipeline_carry_free(struct pipeline_carry *carry)
{
	if (carry == NULL)
		return;
	for (size_t i = 0; i < carry->port_count; i++) {
		free(carry->ports[i].row_name);
		meter_end(&carry->ports[i].meter);
	}
	free(carry->ports);
	free(carry->agents);
	free(carry);
}

/* --- out of the old one --- */

static void
port_pack(struct carried_port *to, const struct watched_port *port)
{
	*to = (struct carried_port) { .id = port->port.id,
				      .sampled_utc_sec = port->view.sampled_utc_sec,
				      .row_name = strdup(port->row_name),
				      .if_index = port->if_index,
				      .counter_bits = port->counter_bits,
				      .has_name = port->has_name };
	memcpy(to->value, port->view.value, sizeof(to->value));
	meter_copy(&to->meter, &port->meter);
	memcpy(to->address, port->agent->view.address, sizeof(to->address));
}

static void
agent_pack(struct carried_agent *to, const struct watched_agent *agent)
{
	*to = (struct carried_agent) { .view = agent->view,
				       .rounds_begun = agent->rounds_begun,
				       .rounds_late = agent->rounds_late,
				       .late_ms = agent->late_ms,
				       .uptime_ticks = agent->uptime_ticks,
				       .uptime_mono_ms = agent->uptime_mono_ms,
				       .refresh = { .period_ms = agent->refresh.period_ms },
				       .choice = agent->choice };
}

struct pipeline_carry *
pipeline_carry_take(const struct pipeline *pipeline)
{
	struct pipeline_carry *carry = calloc(1, sizeof(*carry));

	if (carry == NULL)
		return NULL;
	*carry = (struct pipeline_carry) {
		.interval_sec = pipeline->config->interval_sec,
		.started_utc_sec = pipeline->snapshot.started_utc_sec,
		.rounds = pipeline->snapshot.rounds,
		.late_ms = pipeline->late_ms,
		.wall = pipeline->wall,
		.ports = calloc(pipeline->port_count + 1, sizeof(*carry->ports)),
		.agents = calloc(pipeline->agent_count + 1, sizeof(*carry->agents)),
	};
	for (size_t i = 0; carry->ports != NULL && i < pipeline->port_count; i++)
		if (pipeline->ports[i]->present && pipeline->ports[i]->row_name != NULL)
			port_pack(&carry->ports[carry->port_count++], pipeline->ports[i]);
	for (size_t i = 0; carry->agents != NULL && i < pipeline->agent_count; i++)
		if (pipeline->agents[i].known)
			agent_pack(&carry->agents[carry->agent_count++], &pipeline->agents[i]);
	return carry;
}

/* --- into the new one --- */

static int
by_id(const void *key, const void *element)
{
	int64_t id = *(const int64_t *)key;
	const struct carried_port *port = element;

	return id < port->id ? -1 : id > port->id;
}

/* What its view has grown so far is the same agent's. */
static void
agent_unpack(const struct pipeline_carry *carry, struct watched_agent *agent)
{
	for (size_t i = 0; i < carry->agent_count; i++) {
		const struct carried_agent *from = &carry->agents[i];

		if (strcmp(from->view.address, agent->view.address) != 0 ||
		    strcmp(from->view.name, agent->view.name) != 0 ||
		    strcmp(from->view.exchange, agent->view.exchange) != 0)
			continue;
		agent->view = from->view;
		agent->rounds_begun = from->rounds_begun;
		agent->rounds_late = from->rounds_late;
		agent->late_ms = from->late_ms;
		agent->uptime_ticks = from->uptime_ticks;
		agent->uptime_mono_ms = from->uptime_mono_ms;
		agent->refresh = from->refresh;
		agent->choice = from->choice;
		agent->failing = from->view.trouble[0] != '\0';
		return;
	}
}

static void
port_unpack(const struct pipeline_carry *carry, struct watched_port *port)
{
	const struct carried_port *from =
	    bsearch(&port->port.id, carry->ports, carry->port_count, sizeof(*from), by_id);

	if (from == NULL || strcmp(from->address, port->agent->view.address) != 0 ||
	    !text_set_shared(&port->row_name, from->row_name))
		return;
	port->if_index = from->if_index;
	port->counter_bits = from->counter_bits;
	port->has_name = from->has_name;
	port->present = true;
	memcpy(port->meter.quality, from->meter.quality, sizeof(port->meter.quality));
	port->agent->poll_first = true;
	if (carry->interval_sec != port->pipeline->config->interval_sec)
		return;
	meter_end(&port->meter);
	meter_copy(&port->meter, &from->meter);
	port->view.sampled_utc_sec = from->sampled_utc_sec;
	memcpy(port->view.value, from->value, sizeof(port->view.value));
}

void
pipeline_carry_give(const struct pipeline_carry *carry, struct pipeline *pipeline)
{
	pipeline->snapshot.started_utc_sec = carry->started_utc_sec;
	pipeline->snapshot.rounds = carry->rounds;
	pipeline->late_ms = carry->late_ms;
	if (carry->interval_sec == pipeline->config->interval_sec)
		pipeline->wall = carry->wall;
	for (size_t i = 0; carry->agents != NULL && i < pipeline->agent_count; i++)
		agent_unpack(carry, &pipeline->agents[i]);
	for (size_t i = 0; carry->ports != NULL && i < pipeline->port_count; i++)
		port_unpack(carry, pipeline->ports[i]);
}
