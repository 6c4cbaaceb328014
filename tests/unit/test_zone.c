/* links: base/zone.c base/units.c base/error.c */
/* pkgs: glib-2.0 */
/* test_zone.c - traffic days by the clock on the exchange's wall; libc's own reading of the zone files is the second opinion. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <cmocka.h>

#include "ixwatch/units.h"
#include "ixwatch/zone.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOUR     3600

static struct zone *
open_zone(const char *name)
{
	struct zone *zone = NULL;
	struct error err = { 0 };

	if (!zone_open(&zone, name, &err))
		fail_msg("%s", err.text);
	return zone;
}

static int32_t
day_of_date(const char *date)
{
	char instant[48];
	int64_t utc_sec;

	snprintf(instant, sizeof(instant), "%sT00:00:00Z", date);
	assert_true(units_parse_utc(instant, &utc_sec));
	return (int32_t)(utc_sec / 86400);
}

/* --- when a day begins --- */

static const struct begin_case {
	const char *name;
	const char *zone;
	const char *date;
	int32_t day_start_sec;
	const char *want;
} begin_cases[] = {
	{ "UTC at midnight", "UTC", "2026-11-23", 0, "2026-11-23T00:00:00Z" },
	{ "winter", "Europe/Berlin", "2026-11-23", 6 * HOUR, "2026-11-23T05:00:00Z" },
	{ "summer", "Europe/Berlin", "2026-07-01", 6 * HOUR, "2026-07-01T04:00:00Z" },
	{ "before the day of 23 hours", "Europe/Berlin", "2026-03-28", 6 * HOUR,
	  "2026-03-28T05:00:00Z" },
	{ "after the day of 23 hours", "Europe/Berlin", "2026-03-29", 6 * HOUR,
	  "2026-03-29T04:00:00Z" },
	{ "before the day of 25 hours", "Europe/Berlin", "2026-10-24", 6 * HOUR,
	  "2026-10-24T04:00:00Z" },
	{ "after the day of 25 hours", "Europe/Berlin", "2026-10-25", 6 * HOUR,
	  "2026-10-25T05:00:00Z" },
	{ "a time leapt over: after the leap", "Europe/Berlin", "2026-03-29", 9000,
	  "2026-03-29T01:00:00Z" },
	{ "a time that comes twice: the first", "Europe/Berlin", "2026-10-25", 9000,
	  "2026-10-25T00:30:00Z" },
	{ "the very time of the leap", "America/New_York", "2026-03-08", 2 * HOUR,
	  "2026-03-08T07:00:00Z" },
	{ "twice, in the west", "America/New_York", "2026-11-01", 5400, "2026-11-01T05:30:00Z" },
	{ "midnight leapt over", "America/Sao_Paulo", "2018-11-04", 0, "2018-11-04T03:00:00Z" },
	{ "the midnight after", "America/Sao_Paulo", "2018-11-05", 0, "2018-11-05T02:00:00Z" },
	{ "midnight approached twice: 23:45 comes first in summer time", "America/Sao_Paulo",
	  "2018-02-17", 85500, "2018-02-18T01:45:00Z" },
	{ "half an hour back", "Australia/Lord_Howe", "2026-04-05", 6300, "2026-04-04T14:45:00Z" },
	{ "half an hour leapt over", "Australia/Lord_Howe", "2026-10-04", 7500,
	  "2026-10-03T15:30:00Z" },
	{ "an offset of 5:45", "Asia/Kathmandu", "2026-11-23", 6 * HOUR, "2026-11-23T00:15:00Z" },
	{ "the day before the one that never was", "Pacific/Apia", "2011-12-29", 0,
	  "2011-12-29T10:00:00Z" },
	{ "the day that never was", "Pacific/Apia", "2011-12-30", 0, "2011-12-30T10:00:00Z" },
	{ "the day after begins with it", "Pacific/Apia", "2011-12-31", 0, "2011-12-30T10:00:00Z" },
	{ "before 1970", "Europe/Berlin", "1960-06-01", 6 * HOUR, "1960-06-01T05:00:00Z" },
	{ "past what the zone files say", "UTC", "2200-01-01", 0, "2200-01-01T00:00:00Z" },
};

static void
check_begin(void **state)
{
	const struct begin_case *c = *state;
	struct zone *zone = open_zone(c->zone);
	char got[40];

	units_format_utc(got, sizeof(got),
			 zone_day_begin_utc_sec(zone, day_of_date(c->date), c->day_start_sec));
	zone_close(zone);
	assert_string_equal(got, c->want);
}

/* --- which day an instant belongs to --- */

static const char *const zones[] = { "UTC",
				     "Europe/Berlin",
				     "Europe/Dublin",
				     "America/New_York",
				     "Australia/Lord_Howe",
				     "America/Sao_Paulo",
				     "Asia/Kathmandu",
				     "Pacific/Apia",
				     "Africa/Casablanca",
				     "Pacific/Kwajalein",
				     "Antarctica/Troll" };
static const int32_t starts_sec[] = { 0, 1800, 2 * HOUR, 9000, 6 * HOUR, 12 * HOUR, 85500, 86399 };

static void
check_instant(const struct zone *zone, int64_t utc_sec, int32_t day_start_sec)
{
	int32_t day = zone_day_of(zone, utc_sec, day_start_sec);
	int64_t begin = zone_day_begin_utc_sec(zone, day, day_start_sec);
	int64_t end = zone_day_begin_utc_sec(zone, day + 1, day_start_sec);

	if (!(begin <= utc_sec && utc_sec < end))
		fail_msg("%lld is not in day %d: %lld to %lld", (long long)utc_sec, day,
			 (long long)begin, (long long)end);
}

/* From 1965 to 2040 every eight hours or so, and the seconds around every beginning. */
static void
every_instant_lies_in_its_day(void **state)
{
	const char *name = *state;
	struct zone *zone = open_zone(name);

	for (size_t i = 0; i < COUNT(starts_sec); i++) {
		for (int64_t at = -157766400; at < 2208988800; at += 1234 * 25)
			check_instant(zone, at + (int64_t)i * 1234, starts_sec[i]);
		for (int32_t day = -1800; day < 25500; day++) {
			int64_t begin = zone_day_begin_utc_sec(zone, day, starts_sec[i]);

			check_instant(zone, begin - 1, starts_sec[i]);
			check_instant(zone, begin, starts_sec[i]);
			assert_true(zone_day_begin_utc_sec(zone, day + 1, starts_sec[i]) >= begin);
		}
	}
	zone_close(zone);
}

/* libc reads the same files by itself. */
static void
offsets_are_those_of_libc(void **state)
{
	const char *name = *state;
	struct zone *zone = open_zone(name);

	setenv("TZ", name, 1);
	tzset();
	for (int64_t at = -157766400; at < 2145916800; at += 1801) {
		time_t instant = (time_t)at;
		struct tm tm;

		localtime_r(&instant, &tm);
		if (zone_offset_sec(zone, at) != tm.tm_gmtoff)
			fail_msg("%s at %lld: %d, libc says %ld", name, (long long)at,
				 zone_offset_sec(zone, at), tm.tm_gmtoff);
	}
	unsetenv("TZ");
	tzset();
	zone_close(zone);
}

static void
the_beginning_is_the_first_instant_that_has_reached_it(void **state)
{
	const char *name = *state;
	struct zone *zone = open_zone(name);

	for (int32_t day = -1800; day < 25500; day++) {
		int32_t start_sec = starts_sec[(day + 1800) % (int32_t)COUNT(starts_sec)];
		int64_t begin = zone_day_begin_utc_sec(zone, day, start_sec);
		int64_t wanted = (int64_t)day * 86400 + start_sec;

		assert_true(begin + zone_offset_sec(zone, begin) >= wanted);
		assert_true(begin - 1 + zone_offset_sec(zone, begin - 1) < wanted);
		for (int64_t at = begin - 1800; at > begin - 2 * 86400; at -= 1800)
			assert_true(at + zone_offset_sec(zone, at) < wanted);
	}
	zone_close(zone);
}

static void
instants_without_end_are_harmless(void **state)
{
	struct zone *zone = open_zone("Europe/Berlin");
	char text[64];

	(void)state;
	zone_day_of(zone, INT64_MAX, 0);
	zone_day_of(zone, INT64_MIN, 86399);
	zone_day_begin_utc_sec(zone, INT32_MAX, 86399);
	zone_day_begin_utc_sec(zone, INT32_MIN, 0);
	zone_offset_sec(zone, INT64_MIN);
	zone_format(zone, text, sizeof(text), INT64_MAX);
	zone_close(zone);
}

/* --- names --- */

static const struct name_case {
	const char *name;
	const char *zone;
	bool known;
} name_cases[] = {
	{ "an IANA name", "Europe/Berlin", true },
	{ "UTC", "UTC", true },
	{ "three parts", "America/Argentina/Buenos_Aires", true },
	{ "a sign within", "Etc/GMT+1", true },
	{ "an old name", "US/Eastern", true },
	{ "empty", "", false },
	{ "one that is not there", "Europe/Atlantis", false },
	{ "a way out of the folder", "../etc/passwd", false },
	{ "a way out from within", "Europe/../../../../etc/localtime", false },
	{ "an absolute path", "/usr/share/zoneinfo/UTC", false },
	{ "a folder", "Europe", false },
	{ "a file that is no zone", "zone.tab", false },
	{ "a file that is no zone, by a name that could be", "leapseconds", false },
	{ "an offset", "+01:00", false },
	{ "an offset with its zone", "UTC+1", false },
	{ "a POSIX rule", "CET-1CEST,M3.5.0,M10.5.0/3", false },
	{ "a short POSIX rule", "CET-1CEST", false },
	{ "a colon in front", ":Europe/Berlin", false },
	{ "the wrong case", "europe/berlin", false },
	{ "a blank behind", "Europe/Berlin ", false },
	{ "a zone with leap seconds", "right/Europe/Berlin", false },
};

static void
check_name(void **state)
{
	const struct name_case *c = *state;
	struct zone *zone = NULL;
	struct error err = { 0 };

	assert_int_equal(zone_open(&zone, c->zone, &err), c->known);
	if (c->known)
		zone_close(zone);
	else
		assert_non_null(strstr(err.text, c->zone));
}

static void
a_local_time_names_its_zone(void **state)
{
	struct zone *berlin = open_zone("Europe/Berlin"), *kathmandu = open_zone("Asia/Kathmandu");
	char text[40], little[8];

	(void)state;
	assert_string_equal(zone_format(berlin, text, sizeof(text), 1795399800),
			    "2026-11-23 03:10 CET");
	assert_string_equal(zone_format(berlin, text, sizeof(text), 1782864000),
			    "2026-07-01 02:00 CEST");
	assert_string_equal(zone_format(kathmandu, text, sizeof(text), 1795399800),
			    "2026-11-23 07:55 +0545");
	assert_string_equal(zone_format(berlin, little, sizeof(little), 1795399800), "2026-11");
	zone_close(berlin);
	zone_close(kathmandu);
	zone_close(NULL);
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(instants_without_end_are_harmless),
		cmocka_unit_test(a_local_time_names_its_zone),
	};
	struct CMUnitTest begins[COUNT(begin_cases)], names[COUNT(name_cases)], each[COUNT(zones)];
	int failed = cmocka_run_group_tests_name("zone", others, NULL, NULL);

	for (size_t i = 0; i < COUNT(begin_cases); i++)
		begins[i] = (struct CMUnitTest) { begin_cases[i].name, check_begin, NULL, NULL,
						  (void *)&begin_cases[i] };
	for (size_t i = 0; i < COUNT(name_cases); i++)
		names[i] = (struct CMUnitTest) { name_cases[i].name, check_name, NULL, NULL,
						 (void *)&name_cases[i] };
	failed += cmocka_run_group_tests_name("beginnings", begins, NULL, NULL);
	failed += cmocka_run_group_tests_name("names", names, NULL, NULL);
	for (size_t i = 0; i < COUNT(zones); i++)
		each[i] = (struct CMUnitTest) { zones[i], every_instant_lies_in_its_day, NULL, NULL,
						(void *)zones[i] };
	failed += cmocka_run_group_tests_name("every instant lies in its day", each, NULL, NULL);
	for (size_t i = 0; i < COUNT(zones); i++)
		each[i].test_func = offsets_are_those_of_libc;
	failed += cmocka_run_group_tests_name("offsets are those of libc", each, NULL, NULL);
	for (size_t i = 0; i < COUNT(zones); i++)
		each[i].test_func = the_beginning_is_the_first_instant_that_has_reached_it;
	failed += cmocka_run_group_tests_name(
	    "a beginning is the first instant that has reached it", each, NULL, NULL);
	return failed;
}
