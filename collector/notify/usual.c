/* usual.c - see usual.h. */
#include "notify/usual.h"

#include <stdlib.h>

/* What the clock on the wall runs from one instant to another. */
static int64_t
wall_between_sec(const struct zone *zone, int64_t from_utc_sec, int64_t to_utc_sec)
{
	return to_utc_sec + zone_offset_sec(zone, to_utc_sec) - from_utc_sec -
	       zone_offset_sec(zone, from_utc_sec);
}

/* When it has run so much. */
static int64_t
wall_after_utc_sec(const struct zone *zone, int64_t from_utc_sec, int64_t sec)
{
	int64_t utc_sec = from_utc_sec + sec;

	return utc_sec - zone_offset_sec(zone, utc_sec) + zone_offset_sec(zone, from_utc_sec);
}

static int
compare_sec(const void *left, const void *right)
{
	int64_t a = *(const int64_t *)left, b = *(const int64_t *)right;

	return (a > b) - (a < b);
}

/* Whether it was congested about then; *end_utc_sec of the last such, 0: none has ended. */
static bool
was_congested(const struct usual_past *past, int64_t about_utc_sec, int64_t *end_utc_sec)
{
	bool was = false;

	*end_utc_sec = 0;
	for (size_t i = 0; i < past->span_count; i++) {
		const struct usual_span *span = &past->spans[i];

		if (span->start_utc_sec > about_utc_sec + USUAL_SAME_SEC ||
		    span->end_utc_sec < about_utc_sec - USUAL_SAME_SEC)
			continue;
		was = true;
		if (!span->open && span->end_utc_sec > *end_utc_sec)
			*end_utc_sec = span->end_utc_sec;
	}
	return was;
}

/* It should last as long as in the middle of those days. */
static int64_t
clears_utc_sec(const struct zone *zone, int64_t lasted_sec[], size_t count, int64_t began_utc_sec,
	       int64_t at_utc_sec)
{
	int64_t clears;

	qsort(lasted_sec, count, sizeof(lasted_sec[0]), compare_sec);
	if (count < 2 || lasted_sec[count - 1] - lasted_sec[0] > USUAL_SCATTER_SEC)
		return 0;
	clears = wall_after_utc_sec(zone, began_utc_sec, lasted_sec[count / 2]);
	return clears > at_utc_sec ? clears : 0;
}

static bool
is_known(const struct usual_past *past, int32_t today)
{
	unsigned known = 0;

	for (size_t i = 0; i < past->day_count; i++)
		known += past->days[i].known && past->days[i].day < today &&
			 past->days[i].day > today - MESSAGE_USUAL_DAYS;
	return known >= USUAL_KNOWN_DAYS;
}

struct message_usual
usual_of(const struct usual_past *past, int64_t began_utc_sec, int64_t at_utc_sec)
{
	int32_t day_start_sec = (int32_t)past->day_start_sec;
	int32_t today = zone_day_of(past->zone, at_utc_sec, day_start_sec);
	int32_t since = today - zone_day_of(past->zone, began_utc_sec, day_start_sec);
	struct message_usual usual = { .known = is_known(past, today), .days = 1 };
	int64_t lasted_sec[MESSAGE_USUAL_DAYS], about, end;
	size_t count = 0;

	for (int32_t ago = 1; ago < MESSAGE_USUAL_DAYS; ago++) {
		if (ago <= since) {
			usual.days++;
			continue;
		}
		about =
		    wall_after_utc_sec(past->zone, began_utc_sec, (since - ago) * INT64_C(86400));
		if (!was_congested(past, about, &end))
			continue;
		usual.days++;
		if (end != 0)
			lasted_sec[count++] = wall_between_sec(past->zone, about, end);
	}
	if (usual.known)
		usual.clears_utc_sec =
		    clears_utc_sec(past->zone, lasted_sec, count, began_utc_sec, at_utc_sec);
	return usual;
}
