/* demand.h - how much one direction of a port carries at the nodes of its grid.
 *
 * Time is cut at nodes, one every 300 s of UTC.  At a node the rate is
 *
 *	demand  = peak * week(local time) * growth * noise * flash, raised to 95 % of the line in a short spike
 *	ceiling = 97 to 99 % of the layer-1 capacity then in force, in octets of layer 2
 *	rate    = min(demand, ceiling), cut to whole quanta of 200 octets/s
 *	drops   = a small share of the packets that demand offers above the ceiling
 *
 * Every factor is a pure function of the parameters and of time: table look-ups, hashes and the four operations of
 * IEEE 754, so that all machines agree to the last bit.  traffic.h says what happens between nodes. */
#ifndef SIM_DEMAND_H
#define SIM_DEMAND_H

#include <stdbool.h>
#include <stdint.h>

#include "zone.h"

#define NODE_SEC             300
#define QUANTUM_OCTETS_SEC   200 /* the rate's unit, octets/s */
#define DROP_QUANTUM_PER_SEC 0.2 /* the discards' unit, packets/s */

/* Physical capacity over time: `bps`, but `reduced_bps` from reduced_from (inclusive) to reduced_to (exclusive).
 * Both instants lie on nodes; equal ones mean never. */
struct capacity {
	uint64_t bps;
	uint64_t reduced_bps;
	int64_t reduced_from_utc_sec, reduced_to_utc_sec;
};

/* Demand multiplied by `factor`, eased in and out over an hour; from = to: never. */
struct flash {
	int64_t from_utc_sec, to_utc_sec;
	double factor;
};

/* A member of a LAG carries its part of the LAG's own rate: half while both are up. */
enum flow_part {
	FLOW_WHOLE,    /* no member: a rate of its own */
	FLOW_SURVIVOR, /* all of it while the other member is down */
	FLOW_LOST,     /* nothing in that time */
};

struct flow {
	uint64_t seed;
	struct zone *zone; /* borrowed from the world */
	struct capacity capacity;
	struct flash flash;
	int64_t epoch_utc_sec;     /* where growth is 1 */
	int64_t phase_sec;         /* this port's day runs so much later */
	double peak_bps;           /* layer 2, at the week's usual peak, before noise */
	double contrast;           /* 0..1: how deep the nights are */
	double business;           /* 0..1: the share that follows office hours */
	double growth_per_year;    /* 0.25: a quarter more in a year */
	double noise;              /* 1: ordinary; 0: none */
	double spike_days;         /* 0..1: share of days with one short spike */
	double drop_share;         /* of the excess; 0: drops are not ours to see */
	unsigned packet_octets;    /* mean frame with FCS, 64..9216 */
	const struct flow *parent; /* the LAG's flow, of which this is a part; else NULL */
	enum flow_part part;
};

/* The flow at node k, that is at 300 * k seconds. */
struct flow_node {
	int64_t quanta;  /* rate, 0 or more */
	int64_t drops;   /* discards, 0 or more */
	int64_t ceiling; /* most quanta that fit; 0: the link is down */
};

struct flow_node flow_node_at(const struct flow *flow, int64_t k);

/* Capacity in force at that instant. */
uint64_t capacity_bps_at(const struct capacity *capacity, int64_t utc_sec);

/* Layer-2 octets/s that fill a line of this layer-1 rate with frames of this size: each frame costs 20 octets more
 * on the line (preamble, delimiter, gap; IEEE 802.3). */
double line_octets_sec(double bps, unsigned packet_octets);

#endif
