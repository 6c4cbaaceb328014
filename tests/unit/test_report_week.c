/* links: report_week.c base/report_words.c base/config.c base/config_address.c base/config_check.c base/config_detector.c base/config_file.c base/config_memory.c base/config_options.c base/config_reader.c base/config_scan.c base/config_setting.c base/config_token.c base/config_value.c base/office_hours.c base/detector_settings.c base/pattern.c base/error.c base/units.c base/decimal.c base/zone.c base/model.c */
/* pkgs: libconfuse libpcre2-8 glib-2.0 */
/* test_report_week.c - when a week is over everywhere, and when its letters are due. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"
#include "report_week.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A week of the last of them ends at 06:00 there, and a quarter of an hour later nothing of it is on its way any more. */
static const struct week_case {
	const char *name;
	const char *zones[3];
	const char *report_zone;
	int weekday, hour;
	const char *now;
	const char *last, *due; /* closed; its letters' time has come */
} cases[] = {
	{ "at the hour of a Monday, where the week is over",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  8,
	  "2026-11-23T08:00:00Z",
	  "2026-W47",
	  "2026-W47" },
	{ "a second before the hour it is last week's turn",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  8,
	  "2026-11-23T07:59:59Z",
	  "2026-W47",
	  "2026-W46" },
	{ "the quarter of an hour after its end is waited for",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  6,
	  "2026-11-23T05:14:59Z",
	  "2026-W46",
	  "2026-W46" },
	{ "and then it is closed",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  5,
	  "2026-11-23T05:15:00Z",
	  "2026-W47",
	  "2026-W47" },
	{ "the hour has come, but New York goes on",
	  { "Europe/Berlin", "America/New_York" },
	  "UTC",
	  1,
	  8,
	  "2026-11-23T11:14:59Z",
	  "2026-W46",
	  "2026-W46" },
	{ "until New York is done, too",
	  { "Europe/Berlin", "America/New_York" },
	  "UTC",
	  1,
	  8,
	  "2026-11-23T11:15:00Z",
	  "2026-W47",
	  "2026-W47" },
	{ "the order of exchanges does not matter",
	  { "America/New_York", "Asia/Tokyo", "Europe/Berlin" },
	  "UTC",
	  1,
	  8,
	  "2026-11-23T11:14:59Z",
	  "2026-W46",
	  "2026-W46" },
	{ "on a Wednesday, by a clock of its own",
	  { "Europe/Berlin" },
	  "Asia/Tokyo",
	  3,
	  9,
	  "2026-11-25T00:00:00Z",
	  "2026-W47",
	  "2026-W47" },
	{ "a moment before that",
	  { "Europe/Berlin" },
	  "Asia/Tokyo",
	  3,
	  9,
	  "2026-11-24T23:59:59Z",
	  "2026-W47",
	  "2026-W46" },
	{ "on a Sunday it is nearly a week late",
	  { "Europe/Berlin" },
	  "UTC",
	  7,
	  23,
	  "2026-11-29T22:59:59Z",
	  "2026-W47",
	  "2026-W46" },
	{ "after a summer's last hour",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  5,
	  "2026-10-26T05:15:00Z",
	  "2026-W43",
	  "2026-W43" },
	{ "in summer the same hour is an hour earlier",
	  { "Europe/Berlin" },
	  "UTC",
	  1,
	  4,
	  "2026-07-06T04:15:00Z",
	  "2026-W27",
	  "2026-W27" },
	{ "a year with 53 weeks",
	  { "UTC" },
	  "UTC",
	  1,
	  8,
	  "2027-01-04T08:00:00Z",
	  "2026-W53",
	  "2026-W53" },
	{ "a week that belongs to the year before",
	  { "UTC" },
	  "UTC",
	  1,
	  8,
	  "2025-01-06T08:00:00Z",
	  "2025-W01",
	  "2025-W01" },
};

static int64_t
instant(const char *text)
{
	int64_t utc_sec = 0;

	assert_true(units_parse_utc(text, &utc_sec));
	return utc_sec;
}

static void
check_case(void **state)
{
	const struct week_case *c = *state;
	struct config_exchange exchanges[COUNT(c->zones)];
	struct config config = { .exchanges = exchanges,
				 .report = { .weekday = c->weekday,
					     .hour = c->hour,
					     .timezone = c->report_zone,
					     .profile = PROFILE_PROOF } };
	struct error err = { 0 };
	char name[REPORT_WEEK_SIZE];
	int32_t monday, next;

	for (size_t i = 0; i < COUNT(c->zones) && c->zones[i] != NULL; i++)
		exchanges[config.exchange_count++] =
		    (struct config_exchange) { .slug = "x", .timezone = c->zones[i] };
	assert_true(report_week_last(&config, instant(c->now), &monday, &err));
	assert_string_equal(report_week_name(name, monday), c->last);
	assert_true(report_week_check_closed(&config, monday, instant(c->now), &err));
	next = monday + 7;
	assert_false(report_week_check_closed(&config, next, instant(c->now), &err));
	assert_int_equal(err.code, ERR_REFUSED);
	assert_non_null(strstr(err.text, "is not closed"));
	assert_true(report_week_due(&config, instant(c->now), &monday, &err));
	assert_string_equal(report_week_name(name, monday), c->due);
}

static void
every_day_is_of_the_week_of_its_monday(void **state)
{
	(void)state;
	for (int32_t day = -800; day < 40000; day++) {
		int32_t monday = report_week_of(day);

		assert_in_range(day - monday, 0, 6);
		assert_int_equal(report_week_of(monday), monday);
	}
	assert_int_equal(report_week_of(20780), 20780); /* 2026-11-23 */
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	tests[COUNT(cases)] =
	    (struct CMUnitTest)cmocka_unit_test(every_day_is_of_the_week_of_its_monday);
	return cmocka_run_group_tests_name("weeks", tests, NULL, NULL);
}
