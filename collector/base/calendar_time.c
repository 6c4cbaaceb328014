/* calendar_time.c - from what a calendar writes to an instant.
 *
 * A TZID that is an IANA name means the system's zone, whatever VTIMEZONE says beside it: those blocks are often cut
 * short or years old.  Any other TZID means the VTIMEZONE of that name in the same calendar. */
#include <stdlib.h>
#include <string.h>

#include "base/calendar_internal.h"

#define DAY_SEC  86400
#define ZONE_MAX 64
#define YEAR_MIN 1970
#define YEAR_MAX 2100

struct calendar_zone {
	struct calendar_zone *next;
	struct zone *zone;
	char name[];
};

void
calendar_zones_free(struct calendar_zones *zones)
{
	while (zones->first != NULL) {
		struct calendar_zone *zone = zones->first;

		zones->first = zone->next;
		zone_close(zone->zone);
		free(zone);
	}
	zones->count = 0;
}

bool
calendar_zone_get(struct calendar_zones *zones, const char *name, const struct zone **zone,
		  struct error *err)
{
	struct calendar_zone *at = zones->first;
	size_t size = strlen(name) + 1;

	while (at != NULL && strcmp(at->name, name) != 0)
		at = at->next;
	if (at == NULL) {
		if (zones->count == ZONE_MAX)
			return error_set(err, ERR_PARSE, "more than %d time zones", ZONE_MAX);
		at = calloc(1, sizeof(*at) + size);
		if (at == NULL)
			return error_set(err, ERR_NOMEM, "calendar: out of memory");
		memcpy(at->name, name, size);
		if (!zone_open(&at->zone, name, err)) {
			free(at);
			return false;
		}
		at->next = zones->first;
		zones->first = at;
		zones->count++;
	}
	*zone = at->zone;
	return true;
}

/* --- a property's time --- */

static bool
place_find(struct calendar_place *place, const struct calendar_frame *frame, const char *tzid,
	   struct error *err)
{
	struct error unknown = { 0 };

	if (calendar_zone_get(frame->zones, tzid, &place->zone, &unknown))
		return true;
	place->own = icalcomponent_get_timezone(frame->calendar, tzid);
	if (place->own != NULL)
		return true;
	if (unknown.code != ERR_PARSE)
		return error_set(err, unknown.code, "%s", unknown.text);
	return error_set(err, ERR_PARSE,
			 "TZID \"%.100s\": neither an IANA zone nor a VTIMEZONE of this file",
			 tzid);
}

int64_t
calendar_wall_sec(struct icaltimetype time)
{
	/* Days since 1970-01-01 of the proleptic Gregorian calendar, years beginning in March. */
	int64_t year = time.year - (time.month <= 2), era = year / 400, of_era = year - era * 400;
	int64_t day_of_year =
	    (153 * (time.month + (time.month > 2 ? -3 : 9)) + 2) / 5 + time.day - 1;
	int64_t day =
	    era * 146097 + of_era * 365 + of_era / 4 - of_era / 100 + day_of_year - 719468;

	if (time.is_date)
		return day * DAY_SEC;
	return day * DAY_SEC + time.hour * 3600 + time.minute * 60 + time.second;
}

static struct icaltimetype
time_of(icalproperty *property)
{
	icalvalue *value = icalproperty_get_value(property);

	switch (value != NULL ? icalvalue_isa(value) : ICAL_NO_VALUE) {
	case ICAL_DATE_VALUE: return icalvalue_get_date(value);
	case ICAL_DATETIME_VALUE: return icalvalue_get_datetime(value);
	case ICAL_DATETIMEPERIOD_VALUE: return icalvalue_get_datetimeperiod(value).time;
	default: return icaltime_null_time();
	}
}

/* libical takes the thirteenth month as it comes. */
static bool
is_possible(struct icaltimetype time)
{
	return time.month >= 1 && time.month <= 12 && time.day >= 1 &&
	       time.day <= icaltime_days_in_month(time.month, time.year) && time.hour >= 0 &&
	       time.hour <= 23 && time.minute >= 0 && time.minute <= 59 && time.second >= 0 &&
	       time.second <= 60;
}

bool
calendar_stamp_read(struct calendar_stamp *out, const struct calendar_frame *frame,
		    icalproperty *property, struct error *err)
{
	struct icaltimetype time = time_of(property);
	icalparameter *zone = icalproperty_get_first_parameter(property, ICAL_TZID_PARAMETER);
	const char *name = icalproperty_get_property_name(property);

	if (icaltime_is_null_time(time) || !is_possible(time))
		return error_set(err, ERR_PARSE, "%s: not a time that can be read", name);
	if (time.year < YEAR_MIN || time.year > YEAR_MAX)
		return error_set(err, ERR_PARSE, "%s: the year %d; allowed are %d to %d", name,
				 time.year, YEAR_MIN, YEAR_MAX);
	*out = (struct calendar_stamp) { .wall_sec = calendar_wall_sec(time),
					 .whole_day = time.is_date };
	if (!time.is_date && icaltime_is_utc(time))
		return true;
	if (!time.is_date && zone != NULL && icalparameter_get_tzid(zone) != NULL)
		return place_find(&out->place, frame, icalparameter_get_tzid(zone), err) ||
		       error_wrap(err, "%s", name);
	out->place.zone = frame->floating;
	return true;
}

/* --- to an instant --- */

/* A change of the clock lies at most once within a day on either side. */
static int64_t
utc_sec_in_zone(const struct zone *zone, int64_t wall_sec)
{
	int32_t before = zone_offset_sec(zone, wall_sec - DAY_SEC);
	int32_t after = zone_offset_sec(zone, wall_sec + DAY_SEC);

	if (zone_offset_sec(zone, wall_sec - before) != before &&
	    zone_offset_sec(zone, wall_sec - after) == after)
		return wall_sec - after;
	return wall_sec - before;
}

int64_t
calendar_utc_sec(const struct calendar_place *place, int64_t wall_sec)
{
	if (place->zone != NULL)
		return utc_sec_in_zone(place->zone, wall_sec);
	if (place->own != NULL) {
		struct icaltimetype time = icaltime_from_timet_with_zone(wall_sec, 0, NULL);

		return wall_sec - icaltimezone_get_utc_offset(place->own, &time, NULL);
	}
	return wall_sec;
}

int64_t
calendar_end_utc_sec(const struct calendar_item *item, int64_t wall_sec)
{
	return calendar_utc_sec(&item->start.place, wall_sec + item->length.days * DAY_SEC) +
	       item->length.sec;
}
