/* links: tests/sim/zone.c tests/sim/instant.c tests/sim/complaint.c */
/* test_sim_time.c - the simulator's zones by rule, and its instants in text. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../sim/instant.h"
#include "../sim/zone.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* Instants taken from `date -u` and `TZ=... date`. */
static const struct zone_case {
	const char *name;
	enum zone_rule rule;
	int32_t standard_sec;
	int64_t utc_sec;
	int32_t want_sec;
} zone_cases[] = {
	{ "Berlin: winter", ZONE_EU, 3600, 1795392000, 3600 },
	{ "Berlin: the last second before summer 2026", ZONE_EU, 3600, 1774745999, 3600 },
	{ "Berlin: the first second of summer 2026", ZONE_EU, 3600, 1774746000, 7200 },
	{ "Berlin: the last second of summer 2026", ZONE_EU, 3600, 1792889999, 7200 },
	{ "Berlin: the first second after it", ZONE_EU, 3600, 1792890000, 3600 },
	{ "London: summer", ZONE_EU, 0, 1782864000, 3600 },
	{ "New York: the last second before summer 2026", ZONE_US, -18000, 1772953199, -18000 },
	{ "New York: the first second of summer 2026", ZONE_US, -18000, 1772953200, -14400 },
	{ "New York: the last second of summer 2026", ZONE_US, -18000, 1793512799, -14400 },
	{ "New York: the first second after it", ZONE_US, -18000, 1793512800, -18000 },
	{ "Tokyo: has no summer time", ZONE_FIXED, 32400, 1782864000, 32400 },
	{ "Berlin: 2000, the last second of February 29", ZONE_EU, 3600, 951868799, 3600 },
};

static void
check_zone(void **state)
{
	const struct zone_case *c = *state;
	struct zone zone = { "test", c->standard_sec, c->rule, 0, 0, 0 };

	assert_int_equal(zone_offset_sec(&zone, c->utc_sec), c->want_sec);
	zone_offset_sec(&zone, c->utc_sec + 15000000); /* what it remembers must not stick */
	assert_int_equal(zone_offset_sec(&zone, c->utc_sec), c->want_sec);
}

#define NOW INT64_C(179539200050)

static const struct instant_case {
	const char *name, *text;
	int64_t want; /* ticks; -1: refused */
} instant_cases[] = {
	{ "Unix seconds", "1795392000", 179539200000 },
	{ "a fraction of a second", "1795392000.25", 179539200025 },
	{ "what is finer than a tick is cut off", "1795392000.259", 179539200025 },
	{ "RFC 3339 in UTC", "2026-11-23T00:00:00Z", 179539200000 },
	{ "RFC 3339 with an offset and a fraction", "2026-11-23T01:30:00.5+01:30", 179539200050 },
	{ "RFC 3339 west of Greenwich", "2026-11-22T19:00:00-05:00", 179539200000 },
	{ "now", "now", NOW },
	{ "days before now", "now-1d", NOW - 8640000 },
	{ "seconds after now", "now+30s", NOW + 3000 },
	{ "nothing", "", -1 },
	{ "a sign", "-5", -1 },
	{ "a point without digits", "5.", -1 },
	{ "something behind", "1795392000x", -1 },
	{ "far too late", "99999999999", -1 },
	{ "more digits than a number holds", "99999999999999999999999", -1 },
	{ "no zone", "2026-11-23T00:00:00", -1 },
	{ "a thirteenth month", "2026-13-23T00:00:00Z", -1 },
	{ "now and no unit", "now-5", -1 },
	{ "now and something else", "nowadays", -1 },
};

static void
check_instant(void **state)
{
	const struct instant_case *c = *state;
	struct complaint complaint = { "" };
	int64_t ticks = -1;

	assert_int_equal(instant_parse(&ticks, "--from", c->text, NOW, &complaint), c->want >= 0);
	if (c->want >= 0)
		assert_int_equal(ticks, c->want);
	else
		assert_non_null(strstr(complaint.text, "--from"));
}

static const struct duration_case {
	const char *name, *text;
	int64_t want; /* -1: refused */
} duration_cases[] = {
	{ "seconds", "90s", 90 },           { "weeks", "2w", 1209600 },
	{ "a bare number", "90", -1 },      { "two units", "1h30m", -1 },
	{ "too much", "99999999999d", -1 }, { "no number", "d", -1 },
};

static void
check_duration(void **state)
{
	const struct duration_case *c = *state;
	int64_t sec = -1;

	assert_int_equal(duration_parse(&sec, c->text), c->want >= 0);
	assert_int_equal(sec, c->want);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(zone_cases) + COUNT(instant_cases) + COUNT(duration_cases)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(zone_cases); i++)
		tests[n++] = (struct CMUnitTest) { zone_cases[i].name, check_zone, NULL, NULL,
						   (void *)&zone_cases[i] };
	for (size_t i = 0; i < COUNT(instant_cases); i++)
		tests[n++] = (struct CMUnitTest) { instant_cases[i].name, check_instant, NULL, NULL,
						   (void *)&instant_cases[i] };
	for (size_t i = 0; i < COUNT(duration_cases); i++)
		tests[n++] = (struct CMUnitTest) { duration_cases[i].name, check_duration, NULL,
						   NULL, (void *)&duration_cases[i] };
	return cmocka_run_group_tests_name("sim time", tests, NULL, NULL);
}
