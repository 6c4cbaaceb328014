/* zone.c - summer time by rule (see zone.h). */
#include "zone.h"

#define DAY_SEC 86400

/* Counts from a year that begins in March, so that the leap day is the last one: H. Hinnant, "chrono-compatible
 * low-level date algorithms", days_from_civil. */
int64_t
calendar_days(int64_t year, unsigned month, unsigned day)
{
	int64_t y = month <= 2 ? year - 1 : year;
	int64_t era = floor_div(y, 400);
	int64_t year_of_era = y - era * 400;
	int64_t day_of_year =
	    (153 * (int64_t)(month > 2 ? month - 3 : month + 9) + 2) / 5 + day - 1;

	return era * 146097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 +
	       day_of_year - 719468;
}

int64_t
calendar_year(int64_t days)
{
	int64_t year = 1970 + floor_div(days, 366);

	while (calendar_days(year + 1, 1, 1) <= days)
		year++;
	return year;
}

/* The n-th Sunday (1..) of a month; n = 0: the last one of the month before. */
static int64_t
sunday(int64_t year, unsigned month, int n)
{
	int64_t first = calendar_days(year, month, 1);
	int64_t weekday = floor_div(first + 4, 7) * 7 - 4; /* the Sunday at or before the first */

	if (weekday < first)
		weekday += 7;
	return weekday + 7 * (n - 1);
}

static int64_t
summer_begins(const struct zone *zone, int64_t year)
{
	if (zone->rule == ZONE_EU)
		return sunday(year, 4, 0) * DAY_SEC + 3600;
	return sunday(year, 3, 2) * DAY_SEC + 7200 - zone->standard_offset_sec;
}

static int64_t
summer_ends(const struct zone *zone, int64_t year)
{
	if (zone->rule == ZONE_EU)
		return sunday(year, 11, 0) * DAY_SEC + 3600;
	return sunday(year, 11, 1) * DAY_SEC + 7200 - (zone->standard_offset_sec + 3600);
}

static void
span_set(struct zone *zone, int64_t from, int64_t to, int32_t offset)
{
	zone->span_from_utc_sec = from;
	zone->span_to_utc_sec = to;
	zone->span_offset_sec = offset;
}

static void
span_find(struct zone *zone, int64_t utc_sec)
{
	int64_t year = calendar_year(floor_div(utc_sec, DAY_SEC));
	int64_t begins, ends;

	if (zone->rule == ZONE_FIXED) {
		span_set(zone, INT64_MIN, INT64_MAX, zone->standard_offset_sec);
		return;
	}
	begins = summer_begins(zone, year);
	ends = summer_ends(zone, year);
	if (utc_sec < begins)
		span_set(zone, summer_ends(zone, year - 1), begins, zone->standard_offset_sec);
	else if (utc_sec < ends)
		span_set(zone, begins, ends, zone->standard_offset_sec + 3600);
	else
		span_set(zone, ends, summer_begins(zone, year + 1), zone->standard_offset_sec);
}

int32_t
zone_offset_sec(struct zone *zone, int64_t utc_sec)
{
	if (utc_sec < zone->span_from_utc_sec || utc_sec >= zone->span_to_utc_sec)
		span_find(zone, utc_sec);
	return zone->span_offset_sec;
}
