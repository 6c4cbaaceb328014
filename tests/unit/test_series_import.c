/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_fill.c store/series_import.c store/series_convert.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c */
/* pkgs: librrd */
/* test_series_import.c - history from elsewhere fills unknown time and nothing else, in every
 * archive, and polling goes on after it as if the history had always been there. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/series.h"
#include "series_model.h"
#include "series_scratch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

struct fixture {
	char *dir;
	struct series *series;
	struct series_model model;
	uint64_t seed;
	int64_t last;
};

static struct fixture
begin(unsigned interval_sec, int64_t base, int64_t span_sec)
{
	struct fixture f = { .seed = 88172645463325252u + interval_sec };
	struct series_settings settings;
	struct error err = { 0 };

	clock_fake(1000000, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	f.dir = scratch_make();
	settings = scratch_settings(f.dir, interval_sec);
	if (!series_open(&f.series, &settings, &err))
		fail_msg("%s", err.text);
	series_model_init(&f.model, interval_sec, base, span_sec);
	return f;
}

static void
end(struct fixture *f)
{
	series_close(f->series);
	series_model_free(&f->model);
	scratch_remove(f->dir);
}

/* A sample made of one number, so that each slot of it is like each other. */
static struct sample
even_sample(struct fixture *f, int64_t end_utc_sec, unsigned step_sec)
{
	return scratch_sample(&f->seed, end_utc_sec, step_sec);
}

static void
poll(struct fixture *f, const struct sample *sample)
{
	struct error err = { 0 };

	if (!series_append(f->series, PORT, sample, &err))
		fail_msg("%s", err.text);
	series_model_put(&f->model, sample, false);
	f->last = sample->end_utc_sec;
}

/* Polls for (from, to] with the chance that a slot is there at all; slots of a step are alike when
 * even. */
static void
poll_for(struct fixture *f, int64_t from, int64_t to, double chance, bool even)
{
	unsigned interval = f->model.interval_sec;
	struct sample sample = { 0 };
	bool there = false;

	for (int64_t t = from + interval; t <= to; t += interval) {
		if (!even || (t - interval) % 300 == 0 || interval == 300) {
			sample = even_sample(f, t, interval);
			there = series_model_random(&f->seed) < chance;
		}
		sample.end_utc_sec = t;
		if (there)
			poll(f, &sample);
	}
}

static size_t
import(struct fixture *f, const struct sample *samples, size_t count)
{
	struct error err = { 0 };
	size_t accepted = 0;

	if (!series_import(f->series, PORT, samples, count, &accepted, &err))
		fail_msg("%s", err.text);
	return accepted;
}

/* History for (from, to], some of its samples missing; the model takes what it does not know. */
static void
import_for(struct fixture *f, int64_t from, int64_t to, unsigned step_sec, double chance)
{
	struct sample *samples = malloc(((size_t)(to - from) / step_sec + 1) * sizeof(*samples));
	size_t count = 0, taken = 0, accepted;

	for (int64_t t = from + step_sec; t <= to; t += step_sec) {
		if (series_model_random(&f->seed) >= chance)
			continue;
		samples[count] = even_sample(f, t, step_sec);
		if (series_model_put(&f->model, &samples[count], true)) {
			taken++;
			f->last = t > f->last ? t : f->last;
		}
		count++;
	}
	accepted = import(f, samples, count);
	if (from >= NOW - DAY) /* where the finest archive shows every slot */
		assert_int_equal(accepted, taken);
	free(samples);
}

static void
flush(struct fixture *f)
{
	struct error err = { 0 };

	if (!series_flush(f->series, PORT, &err))
		fail_msg("%s", err.text);
}

/* --- within the reach of the finest archive: exact, slot by slot --- */

static const struct near_case {
	const char *name;
	unsigned interval_sec, step_sec;
} near_cases[] = {
	{ "history of 300 s goes between slots of 1 s", 1, 300 },
	{ "history of 300 s goes between slots of 2 s", 2, 300 },
	{ "history of 60 s goes between slots of 5 s", 5, 60 },
	{ "history of 10 s goes between slots of 10 s", 10, 10 },
	{ "history of 300 s goes between slots of 60 s", 60, 300 },
	{ "history of an hour goes between slots of 60 s", 60, 3600 },
	{ "history of 300 s goes between slots of 300 s", 300, 300 },
	{ "history of 900 s goes between slots of 300 s", 300, 900 },
};

static void
near_history_agrees(void **state)
{
	const struct near_case *c = *state;
	int64_t base = NOW - DAY;
	struct fixture f = begin(c->interval_sec, base, 2 * DAY);

	poll_for(&f, base + 6 * 3600, base + 9 * 3600, 0.6, false);
	poll_for(&f, base + 10 * 3600, base + 12 * 3600 + 7 * c->interval_sec, 0.3, false);
	import_for(&f, base + 2 * 3600, base + 11 * 3600, c->step_sec, 0.8);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	poll_for(&f, base + 13 * 3600, base + 14 * 3600 + 3 * c->interval_sec, 0.7, false);
	flush(&f);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	import_for(&f, base, base + 16 * 3600, c->step_sec, 0.5); /* also past the newest */
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	poll_for(&f, f.last - f.last % c->interval_sec, NOW + 3600, 0.9, false);
	flush(&f);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	end(&f);
}

/* --- beyond it: steps that are known stay, others are filled --- */

static const struct far_case {
	const char *name;
	unsigned interval_sec, step_sec;
} far_cases[] = {
	{ "old history of 300 s goes between steps of a 2 s series", 2, 300 },
	{ "old history of 300 s goes between steps of a 60 s series", 60, 300 },
	{ "old history of an hour goes between steps of a 60 s series", 60, 3600 },
	{ "old history of 300 s goes between steps of a 300 s series", 300, 300 },
};

static void
far_history_agrees(void **state)
{
	const struct far_case *c = *state;
	int64_t base = NOW - 9 * DAY;
	struct fixture f = begin(c->interval_sec, base, 9 * DAY);

	poll_for(&f, base + 3 * DAY, NOW - DAY - 4 * 3600 - 300, 0.5, true);
	import_for(&f, base, NOW - 2 * DAY, c->step_sec, 0.7);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	poll_for(&f, f.last, NOW, 0.8, true);
	flush(&f);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	import_for(&f, base, NOW - 3600, c->step_sec, 0.9);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	end(&f);
}

/* --- into nothing --- */

static const struct fresh_case {
	const char *name;
	unsigned interval_sec, step_sec;
	int64_t span_sec;
} fresh_cases[] = {
	{ "a fresh series of 2 s takes 9 days of 300 s", 2, 300, 9 * DAY },
	{ "a fresh series of 60 s takes 9 days of 300 s", 60, 300, 9 * DAY },
	{ "a fresh series of 60 s takes 9 days of 60 s", 60, 60, 9 * DAY },
	{ "a fresh series of 300 s takes 40 days of 300 s", 300, 300, 40 * DAY },
};

static void
fresh_series_agrees(void **state)
{
	const struct fresh_case *c = *state;
	int64_t base = NOW - c->span_sec;
	struct fixture f = begin(c->interval_sec, base, c->span_sec + DAY);

	import_for(&f, base, NOW - 3600 + 300, c->step_sec, c->step_sec < 300 ? 1 : 0.9);
	assert_int_equal(series_last_utc_sec(f.series, PORT), f.last);
	if (c->step_sec >=
	    300) /* else a column's holes within a step are told slot by slot only near now */
		scratch_witness_all(f.dir, PORT, &f.model, f.last);
	poll_for(&f, f.last, NOW + 3600, 0.9, false);
	flush(&f);
	scratch_witness(f.dir, PORT, &f.model, false, c->interval_sec, NOW - DAY, NOW + 3600,
			f.last);
	scratch_witness(f.dir, PORT, &f.model, false, 300, NOW - DAY, NOW + 3600, f.last);
	end(&f);
}

/* --- single rules --- */

static struct sample
flat(int64_t end_utc_sec, unsigned step_sec, double value)
{
	struct sample s = { .end_utc_sec = end_utc_sec, .step_sec = step_sec };

	for (int c = 0; c < COLUMN_COUNT; c++)
		s.value[c] = value;
	return s;
}

/* Finer history than the grid: means of the known ones, where they are at least half of the slot.
 */
static void
finer_history_is_merged(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample samples[12];
	struct series_rows rows;
	size_t n = 0;

	(void)state;
	for (int i = 1; i <= 6; i++) /* a whole minute of 10 s */
		samples[n++] = flat(NOW - 180 + 10 * i, 10, i);
	for (int i = 1; i <= 3; i++) /* half a one */
		samples[n++] = flat(NOW - 120 + 10 * i, 10, 10 * i);
	for (int i = 1; i <= 2; i++) /* less */
		samples[n++] = flat(NOW - 60 + 10 * i, 10, 7);
	assert_int_equal(import(&f, samples, n), 9);
	assert_true(series_read(f.dir, PORT, NOW - 180, NOW, 0, 10, &rows, NULL));
	assert_true(rows.value[0] == 3.5);
	assert_true(rows.value[COLUMN_COUNT] == 20);
	assert_true(isnan(rows.value[2 * COLUMN_COUNT]));
	series_rows_free(&rows);
	end(&f);
}

static void
second_time_nothing_is_new(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample samples[] = { flat(NOW - 900, 300, 1), flat(NOW - 600, 300, NAN),
				    flat(NOW - 300, 300, 3) };

	(void)state;
	assert_int_equal(import(&f, samples, COUNT(samples)), 2);
	assert_int_equal(import(&f, samples, COUNT(samples)), 0);
	end(&f);
}

static void
history_of_the_future_is_left_out(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample samples[] = { flat(NOW, 300, 1), flat(NOW + 300, 300, 3) };

	(void)state;
	assert_int_equal(import(&f, samples, COUNT(samples)), 1);
	assert_int_equal(series_last_utc_sec(f.series, PORT), NOW);
	end(&f);
}

static void
history_goes_back_to_1990(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample old = flat(INT64_C(700000200), 300, 1);

	(void)state;
	assert_int_equal(import(&f, &old, 1), 1);
	assert_int_equal(series_last_utc_sec(f.series, PORT), INT64_C(700000200));
	assert_true(series_append(f.series, PORT, (struct sample[]) { flat(NOW, 60, 2) }, NULL));
	flush(&f);
	assert_int_equal(series_last_utc_sec(f.series, PORT), NOW);
	end(&f);
}

static void
pending_samples_are_known_too(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample old = flat(NOW - 60, 60, 1);
	struct series_rows rows;

	(void)state;
	assert_true(
	    series_append(f.series, PORT, (struct sample[]) { flat(NOW - 60, 60, 2) }, NULL));
	assert_int_equal(import(&f, &old, 1), 0);
	assert_true(series_read(f.dir, PORT, NOW - 120, NOW - 60, 0, 10, &rows, NULL));
	assert_true(rows.value[0] == 2);
	series_rows_free(&rows);
	end(&f);
}

static void
nothing_known_makes_no_file(void **state)
{
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct sample unknown = flat(NOW - 300, 300, NAN);
	char file[512];

	(void)state;
	assert_int_equal(import(&f, &unknown, 1), 0);
	assert_int_equal(import(&f, NULL, 0), 0);
	snprintf(file, sizeof(file), "%s/%s", f.dir, PORT);
	assert_int_not_equal(access(file, F_OK), 0);
	end(&f);
}

static void
bad_history_is_refused_with_its_place(void **state)
{
	static const struct {
		int64_t end[2];
		unsigned step[2];
		double value;
		const char *want;
	} cases[] = {
		{ { NOW - 600, NOW - 600 },
		  { 300, 300 },
		  1,
		  "sample 2 (ending at 1795045800) is not after" },
		{ { NOW - 600, NOW - 301 },
		  { 300, 300 },
		  1,
		  "sample 2 (ending at 1795046099) is off the grid of 300 s" },
		{ { NOW - 600, NOW - 300 },
		  { 300, 60 },
		  1,
		  "sample 2 (ending at 1795046100) is off the grid" },
		{ { NOW - 600, NOW - 300 },
		  { 45, 45 },
		  1,
		  "steps of 45 s does not fit the interval of 60 s" },
		{ { NOW - 7200, NOW }, { 7200, 7200 }, 1, "does not fit" },
		{ { NOW - 600, NOW - 300 }, { 0, 0 }, 1, "steps of 0 s" },
		{ { 300, 600 }, { 300, 300 }, 1, "sample 1 ends at 300, which is before 1990" },
		{ { NOW - 600, NOW + 2 * DAY }, { 300, 300 }, 1, "in the future" },
		{ { NOW - 600, NOW - 300 },
		  { 300, 300 },
		  INFINITY,
		  "sample 1 has an infinite in_bps" },
	};
	struct fixture f = begin(60, NOW - DAY, DAY);
	struct error err;
	size_t accepted;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct sample samples[] = { flat(cases[i].end[0], cases[i].step[0], cases[i].value),
					    flat(cases[i].end[1], cases[i].step[1], 1) };

		assert_false(series_import(f.series, PORT, samples, 2, &accepted, &err));
		if (strstr(err.text, cases[i].want) == NULL)
			fail_msg("want \"%s\" in \"%s\"", cases[i].want, err.text);
	}
	end(&f);
}

/* --- another interval, other archives: the same history --- */

static const struct changed_case {
	const char *name;
	unsigned old_sec, new_sec;
	int64_t keep_step_sec;
} changed_cases[] = {
	{ "a shorter interval keeps the history", 60, 10, 10 * DAY },
	{ "a longer interval keeps the history", 10, 60, 10 * DAY },
	{ "an interval of another grid keeps the steps", 2, 5, 10 * DAY },
	{ "one interval for all keeps the steps", 60, 300, 10 * DAY },
	{ "a longer archive keeps the history", 60, 60, 30 * DAY },
	{ "a shorter archive keeps what it reaches", 60, 60, 3 * DAY },
};

static void
history_outlives_a_change(void **state)
{
	const struct changed_case *c = *state;
	struct fixture f = begin(c->old_sec, NOW - 9 * DAY, 12 * DAY);
	struct series_settings settings = scratch_settings(f.dir, c->new_sec);
	struct sample next = scratch_sample(&f.seed, NOW + 600, c->new_sec);
	int64_t reach = c->keep_step_sec < 9 * DAY ? c->keep_step_sec : 9 * DAY;
	struct error err = { 0 };

	poll_for(&f, NOW - 9 * DAY, NOW - c->old_sec, 0.8, false);
	poll(&f, (struct sample[]) { scratch_sample(&f.seed, NOW, c->old_sec) });
	series_close(f.series);
	settings.keep_step_sec = c->keep_step_sec;
	if (!series_open(&f.series, &settings, &err))
		fail_msg("%s", err.text);
	if (!series_append(f.series, PORT, &next, &err))
		fail_msg("%s", err.text);
	flush(&f);
	assert_int_equal(series_last_utc_sec(f.series, PORT), NOW + 600);
	scratch_witness(f.dir, PORT, &f.model, false, 300, NOW - reach + 1800, NOW, NOW);
	scratch_witness(f.dir, PORT, &f.model, true, 3600, NOW - 9 * DAY, NOW, NOW);
	scratch_witness(f.dir, PORT, &f.model, false, DAY, NOW - 9 * DAY, NOW, NOW);
	scratch_witness(f.dir, PORT, &f.model, true, DAY, NOW - 9 * DAY, NOW, NOW);
	if (c->new_sec % c->old_sec == 0 && c->new_sec < 300) /* slots, and slots made of slots */
		scratch_witness(f.dir, PORT, &f.model, false, c->new_sec, NOW - DAY, NOW, NOW);
	end(&f);
}

static void
live_goes_on_after_a_change(void **state)
{
	struct fixture f = begin(60, NOW - 9 * DAY, 12 * DAY);
	struct series_settings settings = scratch_settings(f.dir, 60);
	struct error err = { 0 };

	(void)state;
	poll_for(&f, NOW - 2 * DAY, NOW - 1000 - (NOW - 1000) % 60, 0.8, false);
	series_close(f.series);
	settings.keep_interval_sec = 3 * DAY;
	if (!series_open(&f.series, &settings, &err))
		fail_msg("%s", err.text);
	clock_fake(1000000, (NOW + 2 * DAY) * 1000);
	poll_for(&f, f.last, NOW + 2 * DAY - 3600, 0.8, false);
	flush(&f);
	scratch_witness_all(f.dir, PORT, &f.model, f.last);
	end(&f);
}

int
main(void)
{
	struct CMUnitTest
	    tests[COUNT(near_cases) + COUNT(far_cases) + COUNT(fresh_cases) + COUNT(changed_cases)];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(finer_history_is_merged),
		cmocka_unit_test(second_time_nothing_is_new),
		cmocka_unit_test(history_of_the_future_is_left_out),
		cmocka_unit_test(history_goes_back_to_1990),
		cmocka_unit_test(pending_samples_are_known_too),
		cmocka_unit_test(nothing_known_makes_no_file),
		cmocka_unit_test(live_goes_on_after_a_change),
		cmocka_unit_test(bad_history_is_refused_with_its_place),
	};
	size_t n = 0;

#define TABLE(cases, test)                                                                         \
	for (size_t i = 0; i < COUNT(cases); i++)                                                  \
	tests[n++] = (struct CMUnitTest) { (cases)[i].name, test, NULL, NULL, (void *)&(cases)[i] }
	TABLE(near_cases, near_history_agrees);
	TABLE(far_cases, far_history_agrees);
	TABLE(fresh_cases, fresh_series_agrees);
	TABLE(changed_cases, history_outlives_a_change);
	return cmocka_run_group_tests_name("series import: tables", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("series import", others, NULL, NULL);
}
