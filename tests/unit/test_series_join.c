/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_fill.c store/series_import.c store/series_convert.c store/series_join.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c */
/* pkgs: librrd */
/* test_series_join.c - a series made of two is, in every archive, what one would be that was given the same samples. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "series_scratch.h"
#include "store/series_internal.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define HOUR     3600
#define OLD      "rrd/x/edge1/old.rrd"
#define NEW      "rrd/x/edge1/new.rrd"
#define ORACLE   "rrd/x/edge1/oracle.rrd"

struct fixture {
	char *dir;
	struct series *series;
	uint64_t seed;
};

static struct fixture
begin(unsigned interval_sec)
{
	struct fixture f = { .seed = 88172645463325252u };
	struct series_settings settings;
	struct error err = { 0 };

	clock_fake(1000000, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	f.dir = scratch_make();
	settings = scratch_settings(f.dir, interval_sec);
	if (!series_open(&f.series, &settings, &err))
		fail_msg("%s", err.text);
	return f;
}

static void
end(struct fixture *f)
{
	series_close(f->series);
	scratch_remove(f->dir);
}

static void
put(struct fixture *f, const char *path, const struct sample *sample)
{
	struct error err = { 0 };

	if (!series_append(f->series, path, sample, &err))
		fail_msg("%s", err.text);
}

static void
commit(struct fixture *f)
{
	struct error err = { 0 };

	if (!series_commit(f->series, &err) || !series_flush_all(f->series, &err))
		fail_msg("%s", err.text);
}

static bool
join(struct fixture *f, int64_t at, struct series_joined *joined, struct error *err)
{
	return series_join_make(f->series, OLD, NEW, at, NULL, joined, err) &&
	       series_join_adopt(f->series, NEW, err);
}

static void
open_file(struct fixture *f, const char *path, struct series_layout *layout)
{
	struct error err = { 0 };

	if (series_layout_open_locked(layout, f->dir, path, &err) != SERIES_OPENED)
		fail_msg("%s: %s", path, err.text);
}

static bool
near(double a, double b)
{
	return (isnan(a) && isnan(b)) || fabs(a - b) <= 1e-9 * fmax(fabs(a), fabs(b));
}

/* A row over the instant may differ where only coarse rows reach it, and so may rows that were over in the old one's
 * archive, since that went on: they are told by coarser ones. */
static void
same_archive(const struct series_layout *x, const struct series_layout *y, size_t i, int64_t at,
	     int64_t told_from)
{
	const struct series_archive *a = &x->archives[i], *b = &y->archives[i];
	double *rows = malloc((size_t)a->row_count * COLUMN_COUNT * sizeof(*rows) * 2),
	       *other = rows + a->row_count * COLUMN_COUNT;
	struct error err = { 0 };

	assert_non_null(rows);
	assert_int_equal(a->end_utc_sec, b->end_utc_sec);
	if (!series_layout_rows(x, a, a->begin_utc_sec, a->end_utc_sec, rows, &err) ||
	    !series_layout_rows(y, b, b->begin_utc_sec, b->end_utc_sec, other, &err))
		fail_msg("%s", err.text);
	for (int64_t row = 0; row < a->row_count; row++) {
		int64_t start = a->begin_utc_sec + row * a->row_sec;

		if (start < at && start + a->row_sec > at && at < x->archives[0].begin_utc_sec)
			continue;
		if (start < told_from)
			continue;
		for (int c = 0; c < COLUMN_COUNT; c++)
			if (!near(rows[row * COLUMN_COUNT + c], other[row * COLUMN_COUNT + c]))
				fail_msg(
				    "archive %zu (%s of %lld s), row from %lld, %s: %.17g, not "
				    "%.17g",
				    i, a->cf == SERIES_MAX ? "MAX" : "AVERAGE",
				    (long long)a->row_sec, (long long)(start - at),
				    model_column_name((enum column)c), rows[row * COLUMN_COUNT + c],
				    other[row * COLUMN_COUNT + c]);
	}
	free(rows);
}

static void
is_the_oracle(struct fixture *f, int64_t at)
{
	struct series_layout made, oracle, old;

	commit(f);
	open_file(f, OLD, &old);
	open_file(f, NEW, &made);
	open_file(f, ORACLE, &oracle);
	assert_int_equal(made.last_utc_sec, oracle.last_utc_sec);
	assert_int_equal(made.archive_count, oracle.archive_count);
	for (size_t i = 0; i < made.archive_count; i++)
		same_archive(&made, &oracle, i, at, old.archives[i].begin_utc_sec);
	series_layout_close(&old);
	series_layout_close(&made);
	series_layout_close(&oracle);
}

/* Times in seconds before now; a gap of the old one ends there. */
static const struct join_case {
	const char *name;
	unsigned interval_sec;
	int64_t old_from, at, new_from;
	bool idle_before; /* the new one stood there before, and carried nothing */
} cases[] = {
	{ "the instant is on every grid", 60, 3 * DAY, DAY, DAY, false },
	{ "the instant is within a step", 60, 3 * DAY, DAY + 120, DAY + 120, false },
	{ "the instant is within an hour, before what slots reach", 60, 9 * DAY, 6 * DAY + 1500,
	  6 * DAY + 1500, false },
	{ "between the two nothing was known", 60, 3 * DAY, DAY, DAY - 2 * HOUR, false },
	{ "the new one waited for its peer", 60, 3 * DAY, DAY, DAY + 5 * HOUR, true },
	{ "the interval is the step", 300, 30 * DAY, 10 * DAY, 10 * DAY, false },
	{ "the old one ended long before", 60, 5 * DAY, DAY, HOUR, false },
	{ "the new one has nothing yet", 60, 3 * DAY, 600, -1, false },
};

/* Old and new are both measured all the time where they are; the oracle is given each until its turn is over. */
static void
poll_all(struct fixture *f, const struct join_case *c, int64_t now, int64_t at)
{
	for (int64_t t = now - c->old_from + c->interval_sec; t <= now; t += c->interval_sec) {
		struct sample old = scratch_sample(&f->seed, t, c->interval_sec),
			      new = scratch_sample(&f->seed, t, c->interval_sec);

		if (c->idle_before && t <= at)
			new.value[COLUMN_IN_BPS] = new.value[COLUMN_OUT_BPS] = 0;
		put(f, OLD, &old);
		if (c->new_from >= 0 && t > now - c->new_from)
			put(f, NEW, &new);
		if (t <= at)
			put(f, ORACLE, &old);
		else if (c->new_from >= 0 && t > now - c->new_from)
			put(f, ORACLE, &new);
	}
	commit(f);
}

static unsigned char *
octets_of(const struct fixture *f, const char *path, size_t *len)
{
	char file[SERIES_FILE_MAX];
	unsigned char *data = malloc(64u << 20);
	FILE *in;

	snprintf(file, sizeof(file), "%s/%s", f->dir, path);
	in = fopen(file, "rb");
	assert_non_null(in);
	assert_non_null(data);
	*len = fread(data, 1, 64u << 20, in);
	fclose(in);
	return data;
}

static void
check_case(void **state)
{
	const struct join_case *c = *state;
	struct fixture f = begin(c->interval_sec);
	int64_t now = (int64_t)NOW - (int64_t)NOW % DAY, at = now - c->at;
	struct series_joined joined;
	struct error err = { 0 };
	size_t len, then_len;
	unsigned char *old, *then;

	poll_all(&f, c, now, at);
	old = octets_of(&f, OLD, &len);
	if (!join(&f, at, &joined, &err))
		fail_msg("%s", err.text);
	assert_int_equal(joined.hidden_count, 0);
	assert_true(joined.carried_count > 0);
	assert_true(joined.last_utc_sec <= at);
	is_the_oracle(&f, at);
	then = octets_of(&f, OLD, &then_len);
	assert_int_equal(len, then_len);
	assert_memory_equal(old, then, len);
	free(old);
	free(then);

	/* Again, as after a crash: the same. */
	if (!join(&f, at, &joined, &err))
		fail_msg("%s", err.text);
	is_the_oracle(&f, at);

	/* And on from there, over the ends of hour and day. */
	for (int64_t t = now + c->interval_sec; t <= now + DAY + 2 * HOUR; t += c->interval_sec) {
		struct sample sample = scratch_sample(&f.seed, t, c->interval_sec);

		clock_fake(1000000, t * 1000);
		put(&f, NEW, &sample);
		put(&f, ORACLE, &sample);
	}
	is_the_oracle(&f, at);
	end(&f);
}

static void
hidden_samples_are_counted_from_the_first(void **state)
{
	struct fixture f = begin(60);
	int64_t now = (int64_t)NOW - (int64_t)NOW % DAY, at = now - HOUR;
	struct series_joined joined;
	struct error err = { 0 };

	(void)state;
	for (int64_t t = now - DAY; t <= now; t += 60) {
		struct sample sample = scratch_sample(&f.seed, t, 60);

		sample.value[COLUMN_OUT_BPS] = 1e9;
		put(&f, OLD, &sample);
		if (t > at - 600)
			put(&f, NEW, &sample);
	}
	commit(&f);
	assert_true(series_join_make(f.series, OLD, NEW, at, NULL, &joined, &err));
	assert_int_equal(joined.hidden_count, 10);
	assert_int_equal(joined.hidden_utc_sec, at - 600);
	series_join_drop(f.series, NEW, NULL);
	end(&f);
}

static void
nothing_to_carry_is_refused_and_leaves_nothing(void **state)
{
	struct fixture f = begin(60);
	int64_t now = (int64_t)NOW - (int64_t)NOW % DAY;
	struct series_joined joined;
	struct error err = { 0 };
	struct sample sample = scratch_sample(&f.seed, now, 60);
	char file[SERIES_FILE_MAX];

	(void)state;
	assert_false(series_join_make(f.series, OLD, NEW, now, NULL, &joined, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	put(&f, OLD, &sample);
	commit(&f);
	assert_false(series_join_make(f.series, OLD, NEW, now - DAY, NULL, &joined, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	assert_false(series_join_make(f.series, OLD, NEW, now - 7, NULL, &joined, &err));
	assert_false(series_join_make(f.series, "../x", NEW, now, NULL, &joined, &err));
	snprintf(file, sizeof(file), "%s/rrd/x/edge1/new.tmp.rrd", f.dir);
	assert_int_equal(access(file, F_OK), -1);
	end(&f);
}

static void
what_lies_aside_is_swept_with_the_next_start(void **state)
{
	struct fixture f = begin(60);
	struct series_settings settings = scratch_settings(f.dir, 60);
	int64_t now = (int64_t)NOW - (int64_t)NOW % DAY;
	struct series_joined joined;
	struct error err = { 0 };
	struct sample sample = scratch_sample(&f.seed, now, 60);
	char aside[SERIES_FILE_MAX - 64], file[SERIES_FILE_MAX];

	(void)state;
	put(&f, OLD, &sample);
	commit(&f);
	snprintf(aside, sizeof(aside), "%s/" SERIES_FORESEEN, f.dir);
	snprintf(file, sizeof(file), "%s/" NEW, aside);
	if (!series_join_make(f.series, OLD, NEW, now, aside, &joined, &err))
		fail_msg("%s", err.text);
	assert_int_equal(access(file, F_OK), 0);
	series_join_drop(f.series, NEW, aside);
	assert_int_equal(access(aside, F_OK), -1);
	assert_true(series_join_make(f.series, OLD, NEW, now, aside, &joined, &err));
	series_close(f.series);
	assert_true(series_open(&f.series, &settings, &err));
	assert_int_equal(access(file, F_OK), -1);
	end(&f);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						   (void *)(uintptr_t)&cases[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(hidden_samples_are_counted_from_the_first);
	tests[n++] =
	    (struct CMUnitTest)cmocka_unit_test(nothing_to_carry_is_refused_and_leaves_nothing);
	tests[n++] =
	    (struct CMUnitTest)cmocka_unit_test(what_lies_aside_is_swept_with_the_next_start);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
