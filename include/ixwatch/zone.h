/* zone.h - traffic days.  A traffic day runs from day-start to day-start by the clock on the exchange's wall, so it has
 * 23, 24 or 25 hours; it is named by the local date on which it begins, as days since 1970-01-01.
 * Source: the IANA zone database of the system, read through GLib. */
#ifndef IXWATCH_ZONE_H
#define IXWATCH_ZONE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

struct zone;

/* name: an IANA zone ("Europe/Berlin", "UTC").  An unknown name is an error, never silently UTC. */
bool zone_open(struct zone **out, const char *name, struct error *err);
void zone_close(struct zone *zone); /* NULL is fine */

/* Seconds to add to UTC to read the wall clock at that instant. */
int32_t zone_offset_sec(const struct zone *zone, int64_t utc_sec);

/* The instant at which traffic day `day` begins: local `day`, day_start_sec (0..86399) past midnight; where the clock
 * leaps over that time, the first instant after the leap; where it comes twice, the first. */
int64_t zone_day_begin_utc_sec(const struct zone *zone, int32_t day, int32_t day_start_sec);

/* The traffic day that holds the instant. */
int32_t zone_day_of(const struct zone *zone, int64_t utc_sec, int32_t day_start_sec);

/* "2026-11-23 03:10 CET" into dst[len]; returns dst. */
char *zone_format(const struct zone *zone, char *dst, size_t len, int64_t utc_sec);

#endif
