/* world_sum.c - which state is worse, and sums over ports: what is unknown is counted, never added as nothing. */
#include <math.h>

#include "world.h"

const enum port_state world_by_severity[STATE_COUNT] = {
	STATE_SUSTAINED, STATE_SPIKE, STATE_HOT, STATE_UNKNOWN, STATE_DOWN, STATE_CLEAR,
};

unsigned
world_severity(enum port_state state)
{
	unsigned i = 0;

	while (i < STATE_COUNT - 1 && world_by_severity[i] != state)
		i++;
	return i;
}

void
world_sum_init(struct world_sum *sum)
{
	*sum = (struct world_sum) { .worst = STATE_CLEAR, .bps = { NAN, NAN } };
}

void
world_sum_add(struct world_sum *sum, const struct world_port *port)
{
	enum port_state state = port->live.state;

	sum->port_count++;
	sum->state_count[state]++;
	sum->verdict_count[port->live.verdict]++;
	if (world_severity(state) < world_severity(sum->worst))
		sum->worst = state;
	/* A LAG's traffic is not counted once more by a member. */
	for (unsigned d = 0; d < DIRECTION_COUNT && !port->live.in_lag; d++) {
		double bps = port->live.value[d == DIRECTION_IN ? COLUMN_IN_BPS : COLUMN_OUT_BPS];

		if (isnan(bps))
			continue;
		sum->bps[d] = isnan(sum->bps[d]) ? bps : sum->bps[d] + bps;
		sum->known_count[d]++;
	}
}

double
world_port_fullest(const struct world_port *port)
{
	double fullest = -1;

	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		if (port->live.utilisation[d] > fullest)
			fullest = port->live.utilisation[d];
	return fullest;
}
