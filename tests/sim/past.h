/* past.h - what a port did between two instants, exactly: the answer that a measurement is held against. */
#ifndef SIM_PAST_H
#define SIM_PAST_H

#include <stdbool.h>
#include <stdint.h>

#include "traffic.h"
#include "world.h"

/* A port's cursors, for questions in rising order of time. */
struct past {
	const struct interface *interface;
	struct traffic_cursor cursor[FLOW_DIRECTIONS];
};

/* Means over a span.  Rates are per second; bps are of layer 2. */
struct past_means {
	double bps[FLOW_DIRECTIONS], pps[FLOW_DIRECTIONS], discards_pps[FLOW_DIRECTIONS];
	double errors_in_pps;
	double octets[FLOW_DIRECTIONS]; /* in the whole span */
	double capacity_bps;            /* physical; 0: the port does not say */
};

/* Nothing before from_ticks will be asked. */
void past_init(struct past *past, const struct interface *interface, int64_t from_ticks);

struct past_means past_between(struct past *past, int64_t from_ticks, int64_t to_ticks);

#endif
