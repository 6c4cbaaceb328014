/* links: web/heat.c web/heat_grid.c web/html.c base/zone.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* pkgs: glib-2.0 */
/* test_web_heat.c - four weeks as a picture: which sample falls into which cell, and what is said of unknown time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/zone.h"

#include "heat.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define CAPACITY_BPS 1e9
#define LAST_DAY     20780 /* 2026-11-23 */
#define DST_END_DAY  20751 /* 2026-10-25: 25 hours in Berlin, of the traffic day of the 24th */

/* One stretch of samples, all alike, in a picture of 28 days up to last_day. */
static const struct heat_case {
	const char *name;
	const char *timezone;
	int32_t last_day;
	int64_t from_sec, to_sec; /* since 00:00 UTC of last_day */
	double in_share, out_share, capacity_bps, contracted_bps;
	bool billed;
	const char *says, *says_not;
} cases[] = {
	{ "the fuller direction and both figures are told", "UTC", LAST_DAY, 36000, 39600, 0.25,
	  0.5, CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in 25.0%, out 50.0%", NULL },
	{ "before the day begins it is the day before", "UTC", LAST_DAY, 3600, 7200, 0.25, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-11-22, 01:00: in 25.0%, out 50.0%", NULL },
	{ "hours are those of the exchange's clock", "America/New_York", LAST_DAY, 54000, 57600,
	  0.25, 0.5, CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in 25.0%, out 50.0%", NULL },
	{ "half of an hour is enough to know it", "UTC", LAST_DAY, 36000, 37800, 0.25, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in 25.0%, out 50.0%", NULL },
	{ "less than half of an hour is unknown", "UTC", LAST_DAY, 36000, 37500, 0.25, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in unknown, out unknown", "25.0%" },
	{ "idle is known and not unknown", "UTC", LAST_DAY, 36000, 39600, 0, 0, CAPACITY_BPS, NAN,
	  false, "2026-11-23, 10:00: in 0.0%, out 0.0%", NULL },
	{ "one direction may be unknown alone", "UTC", LAST_DAY, 36000, 39600, NAN, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in unknown, out 50.0%", NULL },
	{ "without a capacity all is unknown", "UTC", LAST_DAY, 36000, 39600, 0.25, 0.5, NAN, NAN,
	  false, "2026-11-23, 10:00: in unknown, out unknown", "50.0%" },
	{ "a contract is the capacity", "UTC", LAST_DAY, 36000, 39600, 0.25, 0.5, CAPACITY_BPS, 5e8,
	  false, "2026-11-23, 10:00: in 50.0%, out 100.0%", NULL },
	{ "a billed contract limits nothing", "UTC", LAST_DAY, 36000, 39600, 0.25, 0.5,
	  CAPACITY_BPS, 5e8, true, "2026-11-23, 10:00: in 25.0%, out 50.0%", NULL },
	{ "the hour that comes twice is one cell", "Europe/Berlin", DST_END_DAY, 0, 7200, 0.25, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-10-24, 02:00: in 25.0%, out 50.0%", NULL },
	{ "an unknown zone is shown as UTC", "No/Where", LAST_DAY, 36000, 39600, 0.25, 0.5,
	  CAPACITY_BPS, NAN, false, "2026-11-23, 10:00: in 25.0%, out 50.0%", NULL },
};

static struct job
job_of(const struct heat_case *c)
{
	struct job job = {
		.kind = JOB_HEAT,
		.title = "a <b> & \"c\"",
		.first_day = c->last_day - HEAT_DAYS + 1,
		.day_start_sec = 6 * 3600,
		.width_px = 720,
		.contracted_bps = c->contracted_bps,
		.contract_billed = c->billed,
		.congested_share = 0.9,
		.clear_share = 0.85,
	};

	snprintf(job.timezone, sizeof(job.timezone), "%s", c->timezone);
	job.from_utc_sec = (int64_t)job.first_day * 86400;
	job.to_utc_sec = ((int64_t)c->last_day + 1) * 86400;
	return job;
}

static struct series_rows
rows_of(const struct heat_case *c)
{
	struct series_rows rows = {
		.step_sec = 300,
		.start_utc_sec = (int64_t)c->last_day * 86400 + c->from_sec,
		.row_count = (size_t)(c->to_sec - c->from_sec) / 300,
	};

	rows.value = calloc(rows.row_count * COLUMN_COUNT, sizeof(*rows.value));
	assert_non_null(rows.value);
	for (size_t i = 0; i < rows.row_count; i++) {
		double *value = &rows.value[i * COLUMN_COUNT];

		value[COLUMN_IN_BPS] = c->in_share * CAPACITY_BPS;
		value[COLUMN_OUT_BPS] = c->out_share * CAPACITY_BPS;
		value[COLUMN_IN_PPS] = value[COLUMN_OUT_PPS] = NAN; /* layer 2 */
		value[COLUMN_CAPACITY_BPS] = c->capacity_bps;
	}
	return rows;
}

static char *
draw(const struct job *job, struct series_rows *rows)
{
	struct error err = { 0 };
	char *svg = NULL;
	size_t len = 0;

	assert_true(heat_draw(job, rows, &svg, &len, &err));
	assert_int_equal(strlen(svg), len);
	free(rows->value);
	return svg;
}

static void
check_cell(void **state)
{
	const struct heat_case *c = *state;
	struct series_rows rows = rows_of(c);
	struct job job = job_of(c);
	char *svg = draw(&job, &rows);

	assert_non_null(strstr(svg, c->says));
	if (c->says_not != NULL)
		assert_null(strstr(svg, c->says_not));
	assert_null(strstr(svg, "<b>"));
	assert_null(strstr(svg, "style="));
	free(svg);
}

static size_t
count(const char *text, const char *part)
{
	size_t found = 0;

	while ((text = strstr(text, part)) != NULL) {
		found++;
		text += strlen(part);
	}
	return found;
}

/* An episode of 20:00 to 07:00 lies in two days. */
static char *
draw_band(bool excused)
{
	struct heat_case c = cases[0];
	struct series_rows rows = rows_of(&c);
	struct job job = job_of(&c);

	job.band_count = 1;
	job.excused[0] = excused;
	job.bands[0] = (struct series_band) {
		.start_utc_sec = (int64_t)(LAST_DAY - 4) * 86400 + 20 * 3600,
		.end_utc_sec = (int64_t)(LAST_DAY - 3) * 86400 + 7 * 3600,
		.direction = DIRECTION_OUT,
		.kind = EPISODE_SUSTAINED,
	};
	return draw(&job, &rows);
}

static void
an_excused_episode_is_hatched_in_both_days_that_hold_it(void **state)
{
	char *svg = draw_band(true);

	(void)state;
	assert_int_equal(count(svg, "fill=\"url(#x)\" pointer-events"), 2);
	free(svg);
}

static void
what_counts_is_underlined_and_not_hatched(void **state)
{
	char *svg = draw_band(false);

	(void)state;
	assert_int_equal(count(svg, "pointer-events"), 2);
	assert_int_equal(count(svg, "fill=\"url(#x)\" pointer-events"), 0);
	free(svg);
}

static void
no_rows_are_no_picture(void **state)
{
	struct series_rows rows = { 0 };
	struct job job = job_of(&cases[0]);
	struct error err = { 0 };
	char *svg = NULL;
	size_t len;

	(void)state;
	assert_false(heat_draw(&job, &rows, &svg, &len, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void
what_is_to_come_is_left_empty(void **state)
{
	struct heat_case c = cases[0];
	struct series_rows rows = rows_of(&c);
	struct job job = job_of(&c);

	(void)state;
	job.to_utc_sec = (int64_t)LAST_DAY * 86400 + 39600;
	char *svg = draw(&job, &rows);
	assert_non_null(strstr(svg, "2026-11-23, 10:00"));
	assert_null(strstr(svg, "2026-11-23, 11:00"));
	free(svg);
}

static void
the_scale_follows_the_settings(void **state)
{
	struct heat_case c = cases[0];
	struct series_rows rows = rows_of(&c);
	struct job job = job_of(&c);

	(void)state;
	job.clear_share = 0.4;
	job.congested_share = 0.45;
	char *svg = draw(&job, &rows);
	assert_non_null(strstr(svg, ">45% or more<"));
	assert_non_null(strstr(svg, ">40 to 45%<"));
	assert_null(strstr(svg, ">50 to"));
	free(svg);
}

static size_t
count_of(const char *text, const char *part)
{
	size_t count = 0;

	for (; (text = strstr(text, part)) != NULL; text++)
		count++;
	return count;
}

/* Ten o'clock to half past eleven: two hours hold some of it, and no other does. */
static void
the_hours_of_a_former_peer_are_faded_and_said(void **state)
{
	struct job job = job_of(&cases[0]);
	struct series_rows rows = rows_of(&cases[0]), again = rows_of(&cases[0]);
	char *svg = draw(&job, &rows);

	(void)state;
	assert_int_equal(count_of(svg, "fill-opacity"), 0);
	assert_null(strstr(svg, "a former peer"));
	free(svg);
	job.others[job.other_count++] = (struct job_span) { (int64_t)LAST_DAY * 86400 + 36000,
							    (int64_t)LAST_DAY * 86400 + 41400 };
	svg = draw(&job, &again);
	assert_int_equal(count_of(svg, "fill-opacity"), 2);
	assert_int_equal(count_of(svg, "; a former peer"), 2);
	assert_non_null(strstr(svg, "2026-11-23, 10:00: in 25.0%, out 50.0%; a former peer"));
	assert_non_null(strstr(svg, "2026-11-23, 11:00: in unknown, out unknown; a former peer"));
	free(svg);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 6];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(the_hours_of_a_former_peer_are_faded_and_said),
		cmocka_unit_test(an_excused_episode_is_hatched_in_both_days_that_hold_it),
		cmocka_unit_test(what_counts_is_underlined_and_not_hatched),
		cmocka_unit_test(no_rows_are_no_picture),
		cmocka_unit_test(what_is_to_come_is_left_empty),
		cmocka_unit_test(the_scale_follows_the_settings),
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_cell, NULL, NULL,
						 (void *)&cases[i] };
	memcpy(&tests[COUNT(cases)], others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
