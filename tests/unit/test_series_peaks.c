/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_peaks.c store/series_fill.c store/series_import.c store/series_convert.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c */
/* pkgs: librrd */
/* test_series_peaks.c - the greatest within each row: a minute's peak is still there in rows of hours, and unknown stays
 * unknown. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "series_scratch.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MINUTES      (6 * 60)
#define BEGIN        (NOW - MINUTES * 60)

/* 100 in every minute out, half of that in; 900 in one minute of the second hour; the fourth hour is unknown. */
static double
out_of(int minute)
{
	if (minute >= 180 && minute < 240)
		return NAN;
	return minute == 77 ? 900 : 100;
}

static char *
make_series(void)
{
	char *dir = scratch_make();
	struct series_settings settings = scratch_settings(dir, 60);
	struct series *series;

	assert_true(series_open(&series, &settings, NULL));
	for (int minute = 0; minute < MINUTES; minute++) {
		struct sample sample = { .end_utc_sec = BEGIN + (minute + 1) * 60, .step_sec = 60 };

		for (int c = 0; c < COLUMN_COUNT; c++)
			sample.value[c] = isnan(out_of(minute)) ? NAN : 1;
		sample.value[COLUMN_OUT_BPS] = out_of(minute);
		sample.value[COLUMN_IN_BPS] = out_of(minute) / 2;
		assert_true(series_append(series, PORT, &sample, NULL));
	}
	assert_true(series_commit(series, NULL));
	assert_true(series_flush_all(series, NULL));
	series_close(series);
	return dir;
}

static const struct peak_case {
	const char *name;
	int64_t from_sec, to_sec; /* after BEGIN */
	unsigned step_sec;
	size_t row; /* the one that is looked at */
	double mean, out, in;
} cases[] = {
	{ "a row of the finest samples is its own peak", 0, 3600, 60, 5, 100, 100, 50 },
	{ "five minutes know the greatest of their samples", 3600, 7200, 300, 3, 260, 900, 450 },
	{ "an hour knows the greatest of its samples", 0, MINUTES * 60, 3600, 1, 100 + 800.0 / 60,
	  900, 450 },
	{ "an hour without one has none", 0, MINUTES * 60, 3600, 0, 100, 100, 50 },
	{ "two hours know it too", 0, MINUTES * 60, 7200, 0, 100 + 800.0 / 120, 900, 450 },
	{ "an unknown row has no peak", 0, MINUTES * 60, 3600, 3, NAN, NAN, NAN },
	{ "the hour after it has", 0, MINUTES * 60, 3600, 4, 100, 100, 50 },
	{ "time to come has none", 0, MINUTES * 60 + 7200, 3600, 7, NAN, NAN, NAN },
};

static void
is_about(double got, double want)
{
	if (isnan(want))
		assert_true(isnan(got));
	else
		assert_true(fabs(got - want) < 1e-6 * want);
}

static void
check_peaks(void **state)
{
	const struct peak_case *c = *state;
	char *dir = make_series();
	struct series_rows rows;
	double *peaks;

	assert_true(series_read(dir, PORT, BEGIN + c->from_sec, BEGIN + c->to_sec, c->step_sec,
				1000, &rows, NULL));
	assert_true(series_read_peaks(dir, PORT, &rows, &peaks, NULL));
	size_t row = c->row + (size_t)((BEGIN + c->from_sec - rows.start_utc_sec) / rows.step_sec);
	assert_int_equal(rows.step_sec, c->step_sec);
	assert_true(row < rows.row_count);
	is_about(rows.value[row * COLUMN_COUNT + COLUMN_OUT_BPS], c->mean);
	is_about(peaks[row * DIRECTION_COUNT + DIRECTION_OUT], c->out);
	is_about(peaks[row * DIRECTION_COUNT + DIRECTION_IN], c->in);
	for (size_t i = 0; i < rows.row_count; i++) {
		double mean = rows.value[i * COLUMN_COUNT + COLUMN_OUT_BPS];
		double peak = peaks[i * DIRECTION_COUNT + DIRECTION_OUT];

		assert_true(isnan(mean) ? isnan(peak) : peak >= mean);
	}
	free(peaks);
	series_rows_free(&rows);
	scratch_remove(dir);
}

static void
a_series_without_a_file_has_no_peaks(void **state)
{
	char *dir = scratch_make();
	struct series_rows rows = { 0 };
	double *peaks;

	(void)state;
	assert_true(series_read_peaks(dir, PORT, &rows, &peaks, NULL));
	free(peaks);
	scratch_remove(dir);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_peaks, NULL, NULL,
						 (void *)&cases[i] };
	tests[COUNT(cases)] =
	    (struct CMUnitTest)cmocka_unit_test(a_series_without_a_file_has_no_peaks);
	return cmocka_run_group_tests_name("series_peaks", tests, NULL, NULL);
}
