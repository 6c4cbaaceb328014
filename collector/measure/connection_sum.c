/* connection_sum.c - see connection_sum.h. */
#include "ixwatch/connection_sum.h"

#include <math.h>

void
connection_sum_init(struct connection_sum *sum)
{
	*sum = (struct connection_sum) { .port_count = 0 };
}

/* An agent that does not say whether the port is up lets its counters speak. */
static double
share_up(double oper)
{
	return isnan(oper) ? 1 : oper;
}

void
connection_sum_add(struct connection_sum *sum, const double value[COLUMN_COUNT],
		   double contract_bps)
{
	double up = share_up(value[COLUMN_OPER]), capacity_bps = value[COLUMN_CAPACITY_BPS];

	sum->port_count++;
	if (up <= 0)
		return;
	for (int c = 0; c < COLUMN_CAPACITY_BPS; c++)
		sum->value[c] += value[c];
	if (!(capacity_bps > 0)) /* none is unknown */
		capacity_bps = NAN;
	sum->value[COLUMN_CAPACITY_BPS] += capacity_bps * up;
	sum->limit_bps += (contract_bps < capacity_bps ? contract_bps : capacity_bps) * up;
	sum->limited = sum->limited || contract_bps < capacity_bps;
	sum->value[COLUMN_OPER] = 1;
}

void
connection_sum_add_unknown(struct connection_sum *sum)
{
	sum->port_count++;
	for (int c = 0; c < COLUMN_OPER; c++)
		sum->value[c] = NAN;
	sum->limit_bps = NAN;
}
