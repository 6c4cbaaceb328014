/* alert.h - when an alert begins, is told again, and ends: hysteresis in level and in time.
 *
 * Each look at a subject gives one observation, which places it at a level; alert_step says what that changes.  Everything
 * is judged by level and not by edge, so that a look that was missed loses nothing: the next one finds the same.
 * Pure: no clock, no I/O, no allocation; the caller owns one struct alert_state per subject and kind, and may keep it
 * anywhere (it is plain numbers). */
#ifndef COLLECTOR_NOTIFY_ALERT_H
#define COLLECTOR_NOTIFY_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/alert.h"

enum alert_level {
	ALERT_UNKNOWN, /* neither begins nor ends anything, and its time counts for nothing */
	ALERT_CLEAR,   /* at or below where it ends */
	ALERT_BETWEEN, /* neither: what is open stays open, what is not does not begin */
	ALERT_HOT,     /* at or above where it begins */
	ALERT_LEVEL_COUNT
};

struct alert_observation {
	int64_t at_utc_sec; /* one that is not after the last is not looked at */
	enum alert_level level;
	/* From and up to when it is hot, where the subject says so itself; 0: from the first and up to the last observation
	 * that says so. */
	int64_t since_utc_sec, until_utc_sec;
	/* Utilisation; share of packets lost, of capacity lost, of time unknown: the larger the worse.  NAN: none. */
	double value;
};

/* How long a level must hold. */
struct alert_rule {
	int64_t raise_sec; /* hot, until it begins; 0: at once */
	int64_t clear_sec; /* clear, until it ends; longer when it flaps */
	int64_t
	    blind_sec; /* unknown, until an open one is said to be blind, and what was to begin is forgotten */
};

enum alert_change {
	ALERT_SAME,
	ALERT_BEGAN,
	ALERT_BLIND, /* still open, but nothing has been known of it for a while */
	ALERT_SEES,  /* known again, and still open */
	ALERT_ENDED,
};

/* One that begins again within so long after it ended flaps: each time it must be clear for twice as long, from at least
 * ALERT_FLAP_CLEAR_SEC to ALERT_FLAP_SEC. */
#define ALERT_FLAP_SEC       (INT64_C(2) * 3600)
#define ALERT_FLAP_CLEAR_SEC 900

/* All zero: never looked at. */
struct alert_state {
	bool open;
	bool gap;              /* something unknown came after the last known observation */
	int64_t seen_utc_sec;  /* of the last known observation; 0: none */
	int64_t began_utc_sec; /* since when it is hot; 0: it is not, and nothing is open */
	int64_t
	    until_utc_sec; /* up to when it was hot or between, so far; of an ended one: up to when */
	int64_t clear_utc_sec; /* since when an open one is clear; 0: it is not */
	int64_t held_sec;      /* known time in a row: hot before it begins, clear before it ends */
	int64_t blind_utc_sec; /* since when an open one is blind; 0: it is not */
	int64_t ended_utc_sec; /* when the last one ended; 0: none did */
	uint32_t again;        /* how often in a row it began again soon after it had ended */
	double peak;           /* the worst value while hot; NAN */
};

enum alert_change alert_step(struct alert_state *state, const struct alert_rule *rule,
			     const struct alert_observation *observation);

/* How long it must be clear to end, flaps counted. */
int64_t alert_clear_sec(const struct alert_state *state, const struct alert_rule *rule);

#endif
