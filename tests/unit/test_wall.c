/* links: measure/wall.c */
/* test_wall.c - when the wall clock is believed: cases of steps, each a row of readings one interval apart. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "measure/wall.h"

#define INTERVAL_SEC 60
#define DAY          86400
#define READS        12

#define COUNT(rows) (sizeof(rows) / sizeof(rows[0]))

/* How far the wall clock is off at each read, and whether it is believed: 1, or 0. */
static const struct wall_case {
	const char *name;
	int off_sec[READS];
	int believed[READS];
} cases[] = {
	{ "a leap of two reads is not believed, and what comes after is",
	  { 0, 0, DAY, DAY, 0, 0, 0, 0, 0, 0, 0, 0 },
	  { 1, 1, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "a leap that holds for five intervals is believed from then on",
	  { 0, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY },
	  { 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1 } },
	{ "a leap in the leap begins the wait anew",
	  { 0, DAY, DAY, DAY, 9 * DAY, 9 * DAY, 9 * DAY, 9 * DAY, 9 * DAY, 9 * DAY, 9 * DAY, 0 },
	  { 1, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1 } },
	{ "leaps in turn are never believed",
	  { 0, DAY, 0, DAY, 0, DAY, 0, DAY, 0, DAY, 0, DAY },
	  { 1, 0, 1, 0, 1, 0, 1, 0, 1, 0, 1, 0 } },
	{ "a step back is believed at once, and so is the way ahead again",
	  { 0, -DAY, -DAY, -DAY, 0, 0, 0, 0, 0, 0, 0, 0 },
	  { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "after a step back, further ahead than before is a leap",
	  { 0, -DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY, DAY },
	  { 1, 1, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1 } },
	{ "steps of some seconds are believed at once",
	  { 0, 3, 0, -3, 200, 0, 0, 0, 0, 0, 0, 0 },
	  { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
	{ "a clock that is set little by little is followed",
	  { 0, 100, 200, 300, 400, 500, 600, 700, 800, 900, 1000, 1100 },
	  { 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1 } },
};

static void
check_case(void **state)
{
	const struct wall_case *row = *state;
	const int64_t boot_utc_ms = INT64_C(1795000000000);
	struct wall wall;

	wall_init(&wall, INTERVAL_SEC);
	for (int i = 0; i < READS; i++) {
		int64_t mono_ms = 5000 + (int64_t)i * INTERVAL_SEC * 1000;
		int64_t utc_ms = boot_utc_ms + mono_ms + row->off_sec[i] * INT64_C(1000);
		bool believed = wall_feed(&wall, mono_ms, utc_ms);

		if (believed != (row->believed[i] == 1))
			fail_msg("read %d: %d, want %d", i, believed, row->believed[i]);
		if (believed)
			assert_true(wall_utc_ms(&wall, mono_ms) == utc_ms);
		else
			assert_true(wall_utc_ms(&wall, mono_ms) < utc_ms - DAY * 1000 / 2);
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
