/* alert_tell.h - what of an alert is to be told next, and when: beginning, repeat, next address, end.  Pure.
 *
 * Like everything about alerts it goes by level: what was told is compared with what holds.  A silence, or an alert that
 * says more (an exchange's of its agents), only puts off: what still holds when it is over is told then, and what began
 * and ended meanwhile is not told at all. */
#ifndef COLLECTOR_NOTIFY_ALERT_TELL_H
#define COLLECTOR_NOTIFY_ALERT_TELL_H

#include "notify/alert.h"

enum alert_telling {
	ALERT_TELL_NOTHING,
	ALERT_TELL_BEGIN,
	ALERT_TELL_ESCALATE, /* to the next address, too */
	ALERT_TELL_REPEAT,
	ALERT_TELL_END,
};

struct alert_pace {
	int64_t repeat_sec;
	int64_t escalate_sec; /* not acknowledged for so long: the next address; 0: never */
	int64_t window_sec;   /* what comes within it is one mail */
	int64_t
	    patience_sec; /* so long at least it has been known before it goes into a mail that others make due */
};

/* What was told of an alert, and what stands in the way. */
struct alert_told {
	int64_t noticed_utc_sec;     /* when it was found */
	int64_t first_utc_sec;       /* when its beginning was told; 0: not yet */
	int64_t last_utc_sec;        /* when that was told last, or again */
	int64_t escalated_utc_sec;   /* 0: not */
	int64_t end_noticed_utc_sec; /* when its end was found; 0: it is open */
	int64_t end_utc_sec;         /* when its end was told; 0: not */
	bool silenced, covered, acknowledged;
};

struct alert_next {
	enum alert_telling telling;
	int64_t due_utc_sec;   /* a mail is due then */
	int64_t ready_utc_sec; /* from then on it goes into one that is due anyway */
};

/* Nothing: nothing is due, now or by mere passing of time. */
struct alert_next alert_tell_next(enum alert_kind kind, const struct alert_told *told,
				  const struct alert_pace *pace);

/* Nothing will ever have to be told of it again. */
bool alert_tell_done(const struct alert_told *told);

/* Whether a group's mail goes now: the earliest of its members is due, and the last one, told then (0: none was), is a
 * window ago.  A last one from the future is of before the wall clock stepped back, and counts for nothing. */
bool alert_group_due(int64_t earliest_utc_sec, int64_t last_utc_sec, const struct alert_pace *pace,
		     int64_t now_utc_sec);

#endif
