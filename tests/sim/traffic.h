/* traffic.h - the exact integral of a flow: what its counters say at any tick, without having run until then.
 *
 * A tick is 1/100 s, the unit of sysUpTime; instants are whole ticks since 1970-01-01T00:00Z.  Between the nodes k and
 * k + 1 of demand.h, x ticks after node k (0 <= x < G, G = 30000 ticks), the rate is
 *
 *	r(x) = q0 + (q1 - q0) * x / G + a * tri(x)		in quanta of 200 octets/s, that is 2 octets a tick
 *
 * with q0, q1 the rates at the two nodes, and tri a triangle wave of amplitude 1 and period T (T divides G; 20 to 100 s)
 * that starts at 0: it moves the traffic from one poll to the next and leaves the cell's sum as it is.  a is at most
 * 4 % of the smaller rate, and at most what is left below the ceiling, so the rate is never negative and never too much.
 * The octets since node k, in parts of 1/G octet, are therefore a whole number:
 *
 *	P(x) = 2 G q0 x + (q1 - q0) x^2 + 2 G a W(x),		W the integral of tri:
 *
 *	y = x mod T:	0 <= y <= T/4		W = 2 y^2 / T
 *			T/4 <= y <= 3T/4	W = T/4 - 2 (y - T/2)^2 / T
 *			3T/4 <= y < T		W = 2 (T - y)^2 / T
 *
 * and a whole cell is P(G) = G^2 (q0 + q1) parts: the sum over cells is a sum of integers.  A counter is
 * floor((P(now) - P(boot)) / G); nothing is rounded before that.  Discards follow the same line without the wave, in
 * parts of 1/(1000 G) packet.  Packets are octets / mean frame size, 1021/1024 of them unicast, 2/1024 multicast and
 * 1/1024 broadcast, each floored by itself.
 *
 * A cursor remembers the sum up to the cell it was last asked about.  That is a saving of time and no state: whatever
 * was asked before, the answer for an instant is the same. */
#ifndef SIM_TRAFFIC_H
#define SIM_TRAFFIC_H

#include <stdint.h>

#include "demand.h"

#define TICKS_PER_SEC 100
#define NODE_TICKS    (NODE_SEC * TICKS_PER_SEC)
#define OCTET_PARTS   NODE_TICKS          /* parts in an octet */
#define DROP_PARTS    (1000 * NODE_TICKS) /* parts in a discarded packet */

typedef unsigned __int128 traffic_parts;

/* Octets and discards since some fixed instant, exact. */
struct traffic_total {
	traffic_parts octet_parts;
	traffic_parts drop_parts;
};

struct traffic_cursor {
	int64_t origin; /* node where the sums begin */
	int64_t node;   /* left end of the cell at hand */
	struct flow_node left, right;
	int64_t wave_quanta, wave_ticks; /* a and T */
	struct traffic_total sum;        /* from origin to node */
};

/* Places the cursor so that totals count from the node at or before that instant. */
void traffic_cursor_init(struct traffic_cursor *cursor, const struct flow *flow, int64_t ticks);

/* The total from the origin to that instant, not before the origin.  Quick when asked in rising order. */
struct traffic_total traffic_total_at(struct traffic_cursor *cursor, const struct flow *flow,
				      int64_t ticks);

struct traffic_total traffic_difference(struct traffic_total later, struct traffic_total earlier);

/* What the counters of one direction say. */
struct traffic_counters {
	uint64_t octets, ucast, multicast, broadcast, discards;
};

void traffic_count(struct traffic_counters *counters, const struct flow *flow,
		   struct traffic_total total);

/* Exact totals as real numbers: octets, and packets of all kinds. */
double traffic_octets(struct traffic_total total);
double traffic_packets(const struct flow *flow, struct traffic_total total);
double traffic_discards(struct traffic_total total);

#endif
