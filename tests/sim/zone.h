/* zone.h - local time at the exchanges, by rule: needs no zone files, and is the same on every machine.
 *
 * Three rules of summer time are enough for the places of places.c: none, the European Union's (Directive 2000/84/EC:
 * last Sunday of March to last Sunday of October, at 01:00 UTC) and that of the United States (Energy Policy Act of
 * 2005: second Sunday of March to first Sunday of November, at 02:00 local time). */
#ifndef SIM_ZONE_H
#define SIM_ZONE_H

#include <stdint.h>

enum zone_rule { ZONE_FIXED, ZONE_EU, ZONE_US };

struct zone {
	const char *name;            /* IANA */
	int32_t standard_offset_sec; /* local = UTC + offset */
	enum zone_rule rule;
	/* What zone_offset_sec found last: holds for span_from <= t < span_to. */
	int64_t span_from_utc_sec, span_to_utc_sec;
	int32_t span_offset_sec;
};

/* Seconds to add to UTC at that instant. */
int32_t zone_offset_sec(struct zone *zone, int64_t utc_sec);

/* Days since 1970-01-01 of a date in the proleptic Gregorian calendar; month 1..12, day 1..31. */
int64_t calendar_days(int64_t year, unsigned month, unsigned day);

/* The year that holds this day. */
int64_t calendar_year(int64_t days);

/* Floor of a / b, b > 0; C's division rounds towards zero. */
static inline int64_t
floor_div(int64_t a, int64_t b)
{
	return a / b - (a % b < 0);
}

#endif
