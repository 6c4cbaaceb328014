/* calendar_internal.h - what the files behind calendar.h share: where a wall clock hangs, and an event in the making. */
#ifndef COLLECTOR_BASE_CALENDAR_INTERNAL_H
#define COLLECTOR_BASE_CALENDAR_INTERNAL_H

#include <libical/ical.h>

#include "base/calendar.h"
#include "ixwatch/zone.h"

/* --- time: calendar_time.c --- */

/* A wall clock: UTC where both are NULL. */
struct calendar_place {
	const struct zone *zone; /* by its IANA name */
	icaltimezone *own;       /* a VTIMEZONE of the file */
};

/* Zones opened so far. */
struct calendar_zones {
	struct calendar_zone *first;
	size_t count;
};
void calendar_zones_free(struct calendar_zones *zones);
/* An IANA zone, lent until calendar_zones_free. */
bool calendar_zone_get(struct calendar_zones *zones, const char *name, const struct zone **zone,
		       struct error *err);

/* A date or date-time of a property. */
struct calendar_stamp {
	struct calendar_place place;
	int64_t wall_sec; /* what the clock on that wall shows, as if it were UTC */
	bool whole_day;
};

/* What a property's time is read in. */
struct calendar_frame {
	struct calendar_zones *zones;
	const struct zone *floating; /* the zone of times without one */
	icalcomponent *calendar;     /* whose VTIMEZONEs count */
};

/* The time of DTSTART, DTEND, EXDATE, RDATE or RECURRENCE-ID.  ERR_PARSE when it is none, or its zone is not known. */
bool calendar_stamp_read(struct calendar_stamp *out, const struct calendar_frame *frame,
			 icalproperty *property, struct error *err);

/* The instant at which that wall clock first shows it; where the clock leaps over it, as if it had not leapt (RFC 5545,
 * 3.3.5). */
int64_t calendar_utc_sec(const struct calendar_place *place, int64_t wall_sec);

int64_t calendar_wall_sec(struct icaltimetype time);

/* --- an event --- */

/* Days by the calendar, then seconds by the clock. */
struct calendar_length {
	int64_t days, sec;
};

struct calendar_item {
	icalcomponent *component;
	struct calendar_frame frame;
	struct calendar_stamp start;
	struct calendar_length length;
};

/* The instant at which what starts then ends. */
int64_t calendar_end_utc_sec(const struct calendar_item *item, int64_t wall_sec);

/* --- recurrence: calendar_recur.c --- */

typedef bool calendar_on_start(int64_t wall_sec, void *user); /* false: enough */
bool calendar_recurs(const struct calendar_item *item);
/* The planned starts of a recurring event that overlap [from, to), without those excluded or changed by a sibling with
 * the same UID.  ERR_PARSE when a rule cannot be followed. */
bool calendar_recur_each(const struct calendar_item *item, int64_t from_utc_sec, int64_t to_utc_sec,
			 calendar_on_start *on_start, void *user, struct error *err);

#endif
