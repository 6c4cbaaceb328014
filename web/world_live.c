/* world_live.c - how one port stands now, and what may be said of it. */
#include <math.h>

#include "world_live.h"

static void
forget_values(struct snapshot_port *live)
{
	for (unsigned c = 0; c < COLUMN_COUNT; c++)
		if (c != COLUMN_CAPACITY_BPS)
			live->value[c] = NAN;
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		live->utilisation[d] = NAN;
		live->run[d] = 0;
	}
	live->state = STATE_UNKNOWN;
}

/* A port of which the collector has said nothing yet. */
static void
no_live(struct snapshot_port *live, int64_t id)
{
	*live = (struct snapshot_port) {
		.id = id,
		.capacity_bps = NAN,
		.verdict = VERDICT_INSUFFICIENT,
		.reason = UNKNOWN_NO_SAMPLE_YET,
	};
	live->value[COLUMN_CAPACITY_BPS] = NAN;
	forget_values(live);
}

/* Values from a file are indices into our tables: keep them inside. */
static void
bound_enums(struct snapshot_port *live)
{
	if (live->state >= STATE_COUNT)
		live->state = STATE_UNKNOWN;
	if (live->verdict >= VERDICT_COUNT)
		live->verdict = VERDICT_INSUFFICIENT;
	if (live->capacity_source >= CAPACITY_SOURCE_COUNT)
		live->capacity_source = CAPACITY_UNKNOWN;
	if (live->physical_source >= CAPACITY_SOURCE_COUNT)
		live->physical_source = CAPACITY_UNKNOWN;
	if (live->reason >= UNKNOWN_REASON_COUNT)
		live->reason = UNKNOWN_NOT;
}

/* What the snapshot says of it; unknown since its last sample when that is too old. */
static void
set_live(const struct world *world, struct world_port *port)
{
	const struct snapshot_port *live = NULL;

	if (world->snapshot != NULL)
		live = snapshot_port_find(world->snapshot, port->port.id);
	if (live == NULL)
		no_live(&port->live, port->port.id);
	else
		port->live = *live;
	bound_enums(&port->live);
	if (world->stale && live != NULL) {
		forget_values(&port->live);
		port->live.state_since_utc_sec = live->sampled_utc_sec;
		port->why_unknown = "not measured now: the collector is not running";
	} else if (port->live.reason != UNKNOWN_NOT) {
		port->why_unknown = snapshot_reason_text(port->live.reason);
	}
}

static void
set_settings(const struct config *config, struct world_port *port)
{
	const struct config_exchange *exchange = config_exchange_find(config, port->port.exchange);
	const struct config_port *block = NULL;

	if (exchange != NULL)
		block = config_port_find(exchange, port->port.agent, port->port.interface);
	port->setting_bps = block != NULL ? block->capacity_bps : NAN;
	config_detector(config, exchange, block, NULL, &port->settings);
}

void
world_live_set(const struct world *world, const struct config *config, struct world_port *port)
{
	set_live(world, port);
	set_settings(config, port);
}
