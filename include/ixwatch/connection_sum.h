/* connection_sum.h - ports summed to a connection.  Pure. */
#ifndef IXWATCH_CONNECTION_SUM_H
#define IXWATCH_CONNECTION_SUM_H

#include <stdbool.h>

#include "ixwatch/model.h"

struct connection_sum {
	double value
	    [COLUMN_COUNT]; /* NAN as soon as a port that counts is unknown; oper: 1 when one is up */
	double limit_bps;   /* sum of what each may carry: the smaller of capacity and contract */
	bool limited;       /* a contract is smaller than the capacity of its port */
	unsigned port_count; /* summed, those that are down too */
};

/* Nothing yet: rates and capacity 0. */
void connection_sum_init(struct connection_sum *sum);

/* One more port: its means over the same time, and its contract (NAN: no limit).  Down all the time, it adds nothing. */
void connection_sum_add(struct connection_sum *sum, const double value[COLUMN_COUNT],
			double contract_bps);

/* A port of which nothing is known. */
void connection_sum_add_unknown(struct connection_sum *sum);

#endif
