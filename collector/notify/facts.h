/* facts.h - from what ledger and live views hold to what a mail says of it: whether it is usual, what changed near its
 * beginning, where else there is room.  Pure. */
#ifndef COLLECTOR_NOTIFY_FACTS_H
#define COLLECTOR_NOTIFY_FACTS_H

#include "notify/message.h"

/* --- usual --- */

#define FACTS_KNOWN_DAYS  4 /* of the days before, so many must be known to say anything of them */
#define FACTS_SAME_SEC    (2 * INT64_C(3600)) /* so near by the clock is the same time of the day */
#define FACTS_SCATTER_SEC (3 * INT64_C(3600)) /* ends that lie further apart foretell nothing */

/* One traffic day, as judged. */
struct facts_day {
	int32_t day;
	bool known; /* enough of it is */
};

/* A sustained episode of the direction. */
struct facts_span {
	int64_t start_utc_sec, end_utc_sec;
	bool open;
};

/* Its past, in any order, of which only the last MESSAGE_USUAL_DAYS days are looked at. */
struct facts_past {
	const struct zone *zone;
	int64_t day_start_sec;
	size_t day_count;
	const struct facts_day *days;
	size_t span_count;
	const struct facts_span *spans;
};

/* Of something that began then and held at at_utc_sec.  A day before counts that was congested at the same time by the
 * clock on the wall, or through which this lasted.  When it should clear is told from the ends of those days, two or more:
 * the middle one's time, unless they scatter, or that time has passed. */
struct message_usual facts_usual(const struct facts_past *past, int64_t began_utc_sec,
				 int64_t at_utc_sec);

/* --- changes --- */

#define FACTS_NEAR_SEC   900
#define FACTS_CHANGE_MAX 6

struct facts_changes {
	int64_t began_utc_sec; /* what is nearer to it than FACTS_NEAR_SEC, or as near, is kept */
	struct message_change list[FACTS_CHANGE_MAX + 1];
	char text[FACTS_CHANGE_MAX + 1][400];
	size_t count, left_out;
};

void facts_changes_init(struct facts_changes *changes, int64_t began_utc_sec);
/* Whether it is near. */
bool facts_is_near(const struct facts_changes *changes, int64_t at_utc_sec);
/* Notes it, if it is near.  Of more than FACTS_CHANGE_MAX the rest are counted. */
void facts_change_note(struct facts_changes *changes, int64_t at_utc_sec, const char *format, ...)
    __attribute__((format(printf, 3, 4)));
/* Oldest first, and at the end how many there are more.  The list points into *changes. */
void facts_changes_end(struct facts_changes *changes);

/* --- room --- */

/* By what is free, the most first; what is not known comes last. */
void facts_rooms_sort(struct message_room *rooms, size_t count);

#endif
