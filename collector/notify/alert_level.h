/* alert_level.h - from how a port stands to the level of each alert it may have.  Pure: no clock, no I/O, no allocation.
 *
 * What is unknown is unknown in every level that rests on it.  A port whose agent does not answer is unknown in all of
 * them: it is the agent that is told of. */
#ifndef COLLECTOR_NOTIFY_ALERT_LEVEL_H
#define COLLECTOR_NOTIFY_ALERT_LEVEL_H

#include "notify/alert.h"

/* Shares; each begins at the first and ends at the second. */
struct alert_limits {
	double saturated, saturated_clear; /* of the capacity after the contract */
	double loss, loss_clear;           /* of the packets */
	double unknown, unknown_clear;     /* of the last hour */
};

#define ALERT_WHOLE_SHARE                                                                          \
	0.95 /* of its nominal capacity: below, it is reduced (as for the days' excuses) */

struct alert_run {
	bool open, sustained;
	int64_t start_utc_sec, end_utc_sec; /* end: of the last live sample */
	double peak_utilisation;
};

/* How a port stands at now_utc_sec. */
struct alert_port {
	int64_t now_utc_sec;
	int64_t sampled_utc_sec; /* end of the newest sample; 0: none */
	bool fresh;              /* that sample is of now */
	bool agent_silent;       /* its agent does not answer */
	bool vanished;           /* its agent answers, and lists it no more: since */
	int64_t vanished_utc_sec;
	double utilisation[DIRECTION_COUNT]; /* of that sample; NAN unknown */
	double packets_pps[DIRECTION_COUNT], discards_pps[DIRECTION_COUNT],
	    errors_pps[DIRECTION_COUNT];
	bool discards_trusted; /* discards and errors are a witness */
	double oper;           /* 0..1; NAN */
	bool was_up;           /* it was seen up before, so that down is news */
	bool judged; /* runs and verdicts are of its judge, which stands where its series ends */
	struct alert_run run[DIRECTION_COUNT];
	enum verdict verdict[DIRECTION_COUNT];
	double capacity_bps, nominal_bps;                   /* after the contract; NAN unknown */
	unsigned member_count, member_live, member_unknown; /* of a LAG */
	unsigned slots_known, slots_unknown;                /* of the last hour */
	unsigned slots_hour;                                /* an hour has so many */
};

/* Fills one observation for each kind that a port may have; the others, and the other direction of a kind that is not
 * directed, are unknown. */
void alert_levels(const struct alert_port *port, const struct alert_limits *limits,
		  struct alert_observation out[ALERT_KIND_COUNT][DIRECTION_COUNT]);

/* The two kinds that follow from a verdict: out[ALERT_ROUTINE] and out[ALERT_RECURRING]. */
void alert_levels_verdict(enum verdict verdict, bool judged, int64_t at_utc_sec,
			  struct alert_observation *routine, struct alert_observation *recurring);

/* Of an agent: it fails since, or answers (0); asked false: it was not asked yet. */
struct alert_observation alert_level_agent(bool asked, int64_t silent_since_utc_sec,
					   int64_t now_utc_sec);

/* Of an exchange: `failing` of `count` agents fail, unasked ones are among neither; with one agent only it is the agent's
 * affair alone. */
struct alert_observation alert_level_exchange(unsigned count, unsigned failing, unsigned unasked,
					      int64_t now_utc_sec);

#endif
