/* links: detect/capacity.c */
/* test_detect_capacity.c - nominal capacity, reductions and upgrades: each row is a series of stretches of one capacity,
 * and what stands after the last step. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "detect/capacity.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define STEP     3600
#define T0       INT64_C(1780293600)
#define DAY      24
#define UNKNOWN  (-1.0)
#define NONE     (-1.0)

struct stretch {
	double hours, gbps; /* hours 0: no more */
};

/* clang-format off: a table */
static const struct capacity_case {
	const char *name;
	struct stretch stretches[8];
	double nominal_gbps; /* NONE: none yet */
	bool reduced;
	double reduction_hour; /* when the last reduction began; NONE: there was none */
	double epoch_hour;     /* end of the step with which the last one began; NONE */
	double setting_gbps;   /* 0: none */
} cases[] = {
	{ "before 24 hours there is no nominal capacity", { { 23, 10 } }, NONE, false, NONE, NONE },
	{ "after 24 hours there is; the stand-in before it opens no epoch",
	  { { 24, 10 } },
	  10,
	  false,
	  NONE,
	  NONE },
	{ "unknown does not interrupt",
	  { { 10, 10 }, { 10, UNKNOWN }, { 4, 10 } },
	  10,
	  false,
	  NONE,
	  NONE },
	{ "unknown before the first capacity counts nothing",
	  { { 10, UNKNOWN }, { 23, 10 } },
	  NONE,
	  false,
	  NONE,
	  NONE },
	{ "a larger one must hold for 24 hours",
	  { { 48, 10 }, { 23, 20 } },
	  10,
	  false,
	  NONE,
	  NONE },
	{ "then it is the nominal one, and an epoch begins",
	  { { 48, 10 }, { 24, 20 } },
	  20,
	  false,
	  NONE,
	  72 },
	{ "a smaller one between interrupts",
	  { { 48, 10 }, { 12, 20 }, { 1, 10 }, { 23, 20 } },
	  10,
	  false,
	  NONE,
	  NONE },
	{ "a larger one between does not",
	  { { 48, 10 }, { 12, 20 }, { 1, 40 }, { 11, 20 } },
	  20,
	  false,
	  NONE,
	  72 },
	{ "growth below 1.1 is no epoch", { { 48, 10 }, { 48, 10.9 } }, 10.9, false, NONE, NONE },
	{ "growth to exactly 1.1 is one", { { 48, 10 }, { 48, 11 } }, 11, false, NONE, 72 },
	{ "exactly 1.1 of 3 is one, too", { { 48, 3 }, { 48, 3.3 } }, 3.3, false, NONE, 72 },
	{ "it remembers the largest", { { 48, 10 }, { 100 * DAY, 5 } }, 10, true, 48, NONE },
	{ "for 400 days", { { 48, 10 }, { 399 * DAY - 1, 5 } }, 10, true, 48, NONE },
	{ "not longer", { { 48, 10 }, { 399 * DAY + 1, 5 } }, 5, false, 48, NONE },
	{ "what is forgotten and comes back is an epoch",
	  { { 48, 10 }, { 410 * DAY, 5 }, { 24, 10 } },
	  10,
	  false,
	  48,
	  48 + 410 * DAY + 24 },

	{ "below 95% is reduced", { { 48, 10 }, { 5, 9.49 } }, 10, true, 48, NONE },
	{ "exactly 95% is not", { { 48, 10 }, { 5, 9.5 } }, 10, false, NONE, NONE },
	{ "it lasts from its first step", { { 48, 10 }, { 30, 5 } }, 10, true, 48, NONE },
	{ "back for less than 24 hours, it is the same one",
	  { { 48, 10 }, { 5, 5 }, { 23, 10 }, { 5, 5 } },
	  10,
	  true,
	  48,
	  NONE },
	{ "back for 24 hours, another one begins",
	  { { 48, 10 }, { 5, 5 }, { 24, 10 }, { 5, 5 } },
	  10,
	  true,
	  77,
	  NONE },
	{ "an unknown capacity counts as the last known one",
	  { { 48, 10 }, { 5, 5 }, { 5, UNKNOWN } },
	  10,
	  true,
	  48,
	  NONE },
	{ "so does time unknown when it was back",
	  { { 48, 10 }, { 5, 5 }, { 1, 10 }, { 23, UNKNOWN }, { 5, 5 } },
	  10,
	  true,
	  77,
	  NONE },

	{ "the setting goes before what was seen",
	  { { 48, 10 }, { 5, 10 } },
	  12,
	  true,
	  0,
	  NONE,
	  12 },
	{ "with a setting, capacity that grows opens no epoch",
	  { { 48, 10 }, { 48, 20 } },
	  10,
	  false,
	  NONE,
	  NONE,
	  10 },
};
/* clang-format on */

static double
bps(double gbps)
{
	return gbps == UNKNOWN ? NAN : gbps * 1e9;
}

static void
check_case(void **state)
{
	const struct capacity_case *row = *state;
	double setting = row->setting_gbps > 0 ? bps(row->setting_gbps) : NAN, epoch_hour = NONE;
	struct capacity_track track;
	int64_t at = T0;

	capacity_init(&track);
	for (const struct stretch *stretch = row->stretches; stretch->hours > 0; stretch++) {
		for (int i = 0; i < (int)stretch->hours; i++, at += STEP) {
			enum capacity_change change =
			    capacity_feed(&track, bps(stretch->gbps), setting, at, STEP);

			assert_true(change == CAPACITY_SAME || change == CAPACITY_GREW);
			if (change == CAPACITY_GREW)
				epoch_hour = (double)(at + STEP - T0) / STEP;
		}
	}
	assert_true(row->nominal_gbps == NONE ? isnan(track.nominal_bps)
					      : track.nominal_bps == bps(row->nominal_gbps));
	assert_int_equal(track.reduced, row->reduced);
	assert_true(epoch_hour == row->epoch_hour);
	if (row->reduction_hour == NONE)
		assert_int_equal(track.reduced_until_utc_sec, 0);
	else
		assert_int_equal(track.reduction_utc_sec, T0 + (int64_t)row->reduction_hour * STEP);
	capacity_free(&track);
}

static void
a_changed_setting_opens_an_epoch(void **state)
{
	struct capacity_track track;
	int64_t at = T0;

	(void)state;
	capacity_init(&track);
	for (; at < T0 + 48 * STEP; at += STEP)
		assert_int_equal(capacity_feed(&track, 1e10, NAN, at, STEP), CAPACITY_SAME);
	assert_int_equal(capacity_feed(&track, 1e10, 1.05e10, at, STEP), CAPACITY_SAME);
	assert_int_equal(capacity_feed(&track, 1e10, 2e10, at + STEP, STEP), CAPACITY_SET);
	assert_int_equal(capacity_feed(&track, 1e10, 2e10, at + 2 * STEP, STEP), CAPACITY_SAME);
	assert_int_equal(capacity_feed(&track, 1e10, NAN, at + 3 * STEP, STEP), CAPACITY_SAME);
	assert_true(track.nominal_bps == 1e10);
	capacity_free(&track);
}

/* Thousands of levels, each lower than the one before: bounded memory, and the largest is still known. */
static void
many_levels_stay_bounded(void **state)
{
	struct capacity_track track;
	int64_t at = T0;

	(void)state;
	capacity_init(&track);
	for (int i = 0; i < 2 * CAPACITY_LEVELS_MAX; i++, at += STEP)
		capacity_feed(&track, 1e12 - i * 1e6, NAN, at, STEP);
	assert_true(track.best.count <= CAPACITY_LEVELS_MAX);
	assert_true(track.held.count <= 25);
	assert_true(track.nominal_bps == 1e12 - 23 * 1e6);
	capacity_free(&track);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 2];
	size_t count = 0;

	for (; count < COUNT(cases); count++)
		tests[count] = (struct CMUnitTest) { cases[count].name, check_case, NULL, NULL,
						     (void *)&cases[count] };
	tests[count++] = (struct CMUnitTest) { "a changed setting opens an epoch",
					       a_changed_setting_opens_an_epoch, NULL, NULL, NULL };
	tests[count++] = (struct CMUnitTest) { "many levels stay bounded", many_levels_stay_bounded,
					       NULL, NULL, NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
