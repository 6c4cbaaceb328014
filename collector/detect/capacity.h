/* capacity.h - nominal capacity, reductions, upgrades, from one direction's capacities.
 *
 * Nominal is the setting, else the largest capacity of the last 400 days that held for 24 hours without a smaller one
 * between; an unknown capacity counts as the last known one.  "Held" is a sliding minimum over 24 hours, "largest" a
 * sliding maximum of those; each is a queue of the few levels that may still come to the front. */
#ifndef COLLECTOR_DETECT_CAPACITY_H
#define COLLECTOR_DETECT_CAPACITY_H

#include <stdbool.h>
#include <stdint.h>

struct capacity_level {
	int64_t at_utc_sec;
	double bps;
};

struct level_queue {
	struct capacity_level *level;
	uint32_t count, size;
};

#define CAPACITY_LEVELS_MAX 4096 /* of either queue, beyond what 24 hours of steps need */

struct capacity_track {
	double present_bps;            /* the last known; NAN: none yet */
	double nominal_bps;            /* NAN: none yet, the present one stands in */
	bool by_setting;               /* nominal_bps is the setting's */
	struct level_queue held;       /* at: since when it has been at least bps; both ascending */
	struct level_queue best;       /* at: until when it had held for 24 h; bps descending */
	bool reduced;                  /* the last step was */
	int64_t reduction_utc_sec;     /* start of the present or last reduction */
	int64_t reduced_until_utc_sec; /* end of its last reduced step; 0: none yet */
};

void capacity_init(struct capacity_track *track);
void capacity_free(struct capacity_track *track);

enum capacity_change {
	CAPACITY_SAME,
	CAPACITY_GREW, /* nominal grew to 1.1 x or more by the samples: 24 h ago the higher one began */
	CAPACITY_SET, /* it grew so by a changed setting, with this step */
	CAPACITY_NOMEM
};

/* Takes the next step's capacity (NAN unknown); setting_bps is the nominal one by setting, NAN none. */
enum capacity_change capacity_feed(struct capacity_track *track, double bps, double setting_bps,
				   int64_t start_utc_sec, uint32_t step_sec);

#endif
