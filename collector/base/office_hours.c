/* office_hours.c - see office_hours.h. */
#include "base/office_hours.h"

#include <string.h>

#define DAYS_ALL   0x7fu
#define DAY_MIN    1440
#define DAYS_AHEAD 15 /* a leaping clock may swallow one week's only day */

static const char day_names[7][4] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };

/* Takes a day's name at *text; -1 when there is none. */
static int
take_day(const char **text)
{
	for (int i = 0; i < 7; i++)
		if (strncmp(*text, day_names[i], 3) == 0) {
			*text += 3;
			return i;
		}
	return -1;
}

/* "mon", or "mon-fri" */
static bool
take_days(const char **text, unsigned *days)
{
	int first = take_day(text), last = first;

	if (first < 0)
		return false;
	if (**text == '-') {
		++*text;
		last = take_day(text);
		if (last < 0)
			return false;
	}
	for (int i = first;; i = (i + 1) % 7) {
		*days |= 1u << i;
		if (i == last)
			return true;
	}
}

static bool
take_number(const char **text, int digits_min, int digits_max, int max, int *out)
{
	int digits = 0;

	*out = 0;
	while (digits < digits_max && **text >= '0' && **text <= '9') {
		*out = *out * 10 + (**text - '0');
		++*text;
		digits++;
	}
	return digits >= digits_min && *out <= max;
}

/* "9:00", "09:00", "24:00" */
static bool
take_minute(const char **text, int *minute)
{
	int hour, past;

	if (!take_number(text, 1, 2, 24, &hour) || **text != ':')
		return false;
	++*text;
	if (!take_number(text, 2, 2, 59, &past))
		return false;
	*minute = hour * 60 + past;
	return *minute <= DAY_MIN;
}

bool
office_hours_parse(const char *text, struct office_hours *hours)
{
	unsigned days = 0;
	int from, to;

	*hours = (struct office_hours) { .days = DAYS_ALL, .from_min = 0, .to_min = DAY_MIN };
	if (text[0] == '\0')
		return true;
	if (!take_days(&text, &days))
		return false;
	while (*text == ',') {
		text++;
		if (!take_days(&text, &days))
			return false;
	}
	if (*text++ != ' ' || !take_minute(&text, &from) || *text++ != '-' ||
	    !take_minute(&text, &to) || *text != '\0' || to <= from)
		return false;
	*hours = (struct office_hours) { .days = days, .from_min = from, .to_min = to };
	return true;
}

/* Of a day counted from 1970-01-01, a Thursday. */
static unsigned
weekday_of(int32_t day)
{
	return (unsigned)(((day + 3) % 7 + 7) % 7);
}

int64_t
office_hours_next_utc_sec(const struct office_hours *hours, const struct zone *zone,
			  int64_t utc_sec)
{
	int32_t today = zone_day_of(zone, utc_sec, 0);

	if (hours->days == DAYS_ALL && hours->from_min == 0 && hours->to_min == DAY_MIN)
		return utc_sec;
	for (int32_t day = today; day < today + DAYS_AHEAD; day++) {
		int64_t from, to;

		if ((hours->days & 1u << weekday_of(day)) == 0)
			continue;
		from = zone_day_begin_utc_sec(zone, day, hours->from_min * 60);
		to = hours->to_min == DAY_MIN
			 ? zone_day_begin_utc_sec(zone, day + 1, 0)
			 : zone_day_begin_utc_sec(zone, day, hours->to_min * 60);
		if (utc_sec < to && from < to)
			return utc_sec > from ? utc_sec : from;
	}
	return utc_sec; /* no such day in two weeks: better now than never */
}
