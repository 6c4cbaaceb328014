/* usual.h - whether something comes as it did on the days before, and when it should clear.  Pure. */
#ifndef COLLECTOR_NOTIFY_USUAL_H
#define COLLECTOR_NOTIFY_USUAL_H

#include "notify/message.h"

#define USUAL_KNOWN_DAYS  4 /* of the days before, so many must be known to say anything of them */
#define USUAL_SAME_SEC    (2 * INT64_C(3600)) /* so near by the clock is the same time of the day */
#define USUAL_SCATTER_SEC (3 * INT64_C(3600)) /* ends that lie further apart foretell nothing */

/* One traffic day, as judged. */
struct usual_day {
	int32_t day;
	bool known; /* enough of it is */
};

/* A sustained episode of the direction. */
struct usual_span {
	int64_t start_utc_sec, end_utc_sec;
	bool open;
};

/* Its past, in any order, of which only the last MESSAGE_USUAL_DAYS days are looked at. */
struct usual_past {
	const struct zone *zone;
	int64_t day_start_sec;
	size_t day_count;
	const struct usual_day *days;
	size_t span_count;
	const struct usual_span *spans;
};

/* Of something that began then and held at at_utc_sec.  A day before counts that was congested at the same time by the
 * clock on the wall, or through which this lasted.  When it should clear is told from the ends of those days, two or more:
 * the middle one's time, unless they scatter, or that time has passed. */
struct message_usual usual_of(const struct usual_past *past, int64_t began_utc_sec,
			      int64_t at_utc_sec);

#endif
