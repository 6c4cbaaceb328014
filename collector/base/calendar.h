/* calendar.h - the events of an iCalendar file as plain spans of time; the one door to libical.
 *
 * RFC 5545: VEVENT with DTSTART and DTEND or DURATION, in UTC, in a zone (TZID: an IANA name, or a VTIMEZONE of the
 * file) or floating; whole days; RRULE, RDATE, EXDATE and single occurrences changed by RECURRENCE-ID.  What cannot be
 * understood is told with its reason, and the rest goes on. */
#ifndef COLLECTOR_BASE_CALENDAR_H
#define COLLECTOR_BASE_CALENDAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

#define CALENDAR_FILE_MAX       (16U << 20) /* octets */
#define CALENDAR_UID_MAX        400         /* octets of a UID */
#define CALENDAR_SUMMARY_MAX    500         /* octets of a summary; what is longer is cut */
#define CALENDAR_OCCURRENCE_MAX 1000        /* of one event */

/* An event, or one occurrence of a recurring one.  Lent for the call. */
struct calendar_event {
	const char *
	    uid; /* clean; an occurrence has "/" and its first planned start behind: the same in each reading */
	const char *summary;                /* clean, one line; "" when there is none */
	int64_t start_utc_sec, end_utc_sec; /* start < end */
};

/* Which occurrences of recurring events are wanted: those that overlap [from, to).  Other events come whatever their
 * time. */
struct calendar_terms {
	const char *zone; /* IANA: what floating times and whole days are read in */
	int64_t from_utc_sec, to_utc_sec;
};

typedef bool calendar_on_event(const struct calendar_event *event, void *user); /* false: enough */
/* An event that cannot be used: "event 3 \\"Works\\": what is wrong". */
typedef void calendar_on_trouble(const char *sentence, void *user);

/* Reads the whole file.  Cancelled events are passed over.  ERR_PARSE when it is no calendar, or has no event. */
bool calendar_read(const char *file, const struct calendar_terms *terms,
		   calendar_on_event *on_event, calendar_on_trouble *on_trouble, void *user,
		   struct error *err);

#endif
