/* refresh.h - how often does an agent take its counters anew?
 *
 * Asked for every `interval` that cannot be seen: what changes by polls of 5 s may be refreshed each 3.  So one of its
 * busy ports, the witness, is looked at more closely for a while: twice a second, less often where it proves slow.  On a
 * port that moves many packets between two looks, counters that stand still between changes, and change at even times,
 * are an agent's refreshes and not pauses of the traffic; traffic that pauses does not pause so evenly.
 *
 * Pure; one struct an agent.  The caller asks when it is due, and feeds what was answered. */
#ifndef COLLECTOR_MEASURE_REFRESH_H
#define COLLECTOR_MEASURE_REFRESH_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/reading.h"

#define REFRESH_LOOK_MS                                                                            \
	500 /* between two looks, at first: refreshes within it are as good as none */
#define REFRESH_BUSY_PPS                                                                           \
	100.0 /* a witness moves so many packets: half of them each look, and never none */
#define REFRESH_LOOK_MAX_MS 110000

enum refresh_found {
	REFRESH_LOOKING,
	REFRESH_NONE,    /* every look saw other values */
	REFRESH_PERIOD,  /* period_ms is known */
	REFRESH_UNCLEAR, /* not busy, not even, or it restarted: nothing is learned */
};

struct refresh {
	uint32_t period_ms; /* as found */
	/* of the look under way: */
	bool has_last;
	struct counter_read last;
	int64_t begun_ms, first_change_ms, last_change_ms;
	int64_t least_gap_ms, most_gap_ms; /* between two changes */
	unsigned change_count, same_count;
	double packets; /* moved since the first change */
};

/* Begins to look; what was found before is kept until the end. */
void refresh_begin(struct refresh *refresh);

/* One look at the witness.  Once it is not REFRESH_LOOKING the look is over. */
enum refresh_found refresh_feed(struct refresh *refresh, const struct counter_read *read);

/* For how long to wait before the next look. */
int64_t refresh_wait_ms(const struct refresh *refresh);

#endif
