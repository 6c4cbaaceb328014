/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_fill.c store/series_import.c store/series_convert.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c */
/* pkgs: librrd */
/* test_series.c - what is appended comes back, from every archive, as the rules say; and nothing
 * else does. The truth is a model of slots (series_model.c); librrd itself reads the files, as an
 * independent witness. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/series.h"
#include "series_model.h"
#include "series_scratch.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- names --- */

static const struct path_case {
	const char *name, *exchange, *agent, *interface;
	const char *want; /* NULL: does not fit */
} path_cases[] = {
	{ "a plain name stays", "de-cix", "edge1", "xe-0_1", "rrd/de-cix/edge1/xe-0_1.rrd" },
	{ "a slash cannot leave the folder", "ex", "a", "../../x",
	  "rrd/ex/a/%2E%2E%2F%2E%2E%2Fx.rrd" },
	{ "a dot is encoded", "ex", "a", "ge-0/0/1.100", "rrd/ex/a/ge-0%2F0%2F1%2E100.rrd" },
	{ "a percent sign is encoded", "ex", "a", "%2F", "rrd/ex/a/%252F.rrd" },
	{ "a duplicate's number is kept", "ex", "a", "x#12", "rrd/ex/a/x%2312.rrd" },
	{ "octets above 127 are encoded", "ex", "a", "\xc3\xa9", "rrd/ex/a/%C3%A9.rrd" },
	{ "an empty interface is refused", "ex", "a", "", NULL },
	{ "an empty exchange is refused", "", "a", "b", NULL },
};

static void
path_is_made(void **state)
{
	const struct path_case *c = *state;
	char path[512];
	bool made = series_path(path, sizeof(path), c->exchange, c->agent, c->interface);

	assert_int_equal(made, c->want != NULL);
	if (made)
		assert_string_equal(path, c->want);
}

static void
path_that_does_not_fit_is_refused(void **state)
{
	char path[24], interface[300];

	(void)state;
	assert_true(series_path(path, sizeof(path), "ex", "edge1", "x1234567") == false);
	assert_true(series_path(path, sizeof(path), "ex", "edge1", "x12345"));
	memset(interface, '/', sizeof(interface) - 1);
	interface[sizeof(interface) - 1] = '\0';
	assert_false(series_path((char[2048]) { 0 }, 2048, "ex", "edge1", interface));
}

/* --- fixture --- */

struct fixture {
	char *dir;
	struct series *series;
};

static struct series *
open_series(const char *dir, unsigned interval_sec)
{
	struct series_settings settings = scratch_settings(dir, interval_sec);
	struct series *series = NULL;
	struct error err = { 0 };

	if (!series_open(&series, &settings, &err))
		fail_msg("%s", err.text);
	return series;
}

static struct fixture
begin(unsigned interval_sec)
{
	struct fixture f;

	clock_fake(1000000, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	f.dir = scratch_make();
	f.series = open_series(f.dir, interval_sec);
	return f;
}

static void
end(struct fixture *f)
{
	series_close(f->series);
	scratch_remove(f->dir);
}

static void
append(struct fixture *f, const char *path, const struct sample *sample)
{
	struct error err = { 0 };

	if (!series_append(f->series, path, sample, &err))
		fail_msg("%s", err.text);
}

static void
commit(struct fixture *f)
{
	struct error err = { 0 };

	if (!series_commit(f->series, &err))
		fail_msg("%s", err.text);
}

static void
flush(struct fixture *f, const char *path)
{
	struct error err = { 0 };

	if (!series_flush(f->series, path, &err))
		fail_msg("%s", err.text);
}

static struct sample
flat(int64_t end_utc_sec, unsigned step_sec, double value)
{
	struct sample s = { .end_utc_sec = end_utc_sec, .step_sec = step_sec };

	for (int c = 0; c < COLUMN_COUNT; c++)
		s.value[c] = value;
	return s;
}

/* --- every archive, by the rules --- */

/* Days of samples with holes of all lengths, written several at a time, agree with the model in
 * every archive. */
static void
archives_agree(unsigned interval_sec, int64_t span_sec, uint64_t seed)
{
	struct fixture f = begin(interval_sec);
	int64_t base = (NOW - span_sec) / DAY * DAY, last = base;
	struct series_model m;
	double share = 0.7;

	series_model_init(&m, interval_sec, base, NOW - base);
	for (int64_t t = base + interval_sec; t <= NOW; t += interval_sec) {
		struct sample s = scratch_sample(&seed, t, interval_sec);

		if (series_model_random(&seed) < 0.002)
			share =
			    series_model_random(&seed); /* times of much loss, of little, of none */
		if (series_model_random(&seed) > share)
			continue;
		append(&f, PORT, &s);
		series_model_put(&m, &s, false);
		last = t;
		if (series_model_random(&seed) < 0.01)
			commit(&f);
		if (series_model_random(&seed) < 0.01)
			flush(&f, PORT);
	}
	flush(&f, PORT);
	scratch_witness_all(f.dir, PORT, &m, last);
	series_model_free(&m);
	end(&f);
}

static const struct grid_case {
	const char *name;
	unsigned interval_sec;
	int64_t span_sec;
} grid_cases[] = {
	{ "a step is known when at least half of its slots are, at 1 s", 1, DAY },
	{ "a step is known when at least half of its slots are, at 2 s", 2, 2 * DAY },
	{ "a step is known when at least half of its slots are, at 5 s", 5, 3 * DAY },
	{ "a step is known when at least half of its slots are, at 10 s", 10, 4 * DAY },
	{ "a step is known when at least half of its slots are, at 60 s", 60, 9 * DAY },
	{ "a step is known when at least half of its slots are, at 300 s", 300, 30 * DAY },
};

static void
grid_agrees(void **state)
{
	const struct grid_case *c = *state;

	archives_agree(c->interval_sec, c->span_sec, 88172645463325252u + c->interval_sec);
}

/* Exactly half known is known, one slot fewer is not; at every interval that has a middle. */
static void
half_is_known_and_less_is_not(void **state)
{
	static const unsigned intervals[] = { 1, 2, 5, 10, 60 };

	(void)state;
	for (size_t i = 0; i < COUNT(intervals); i++) {
		unsigned step = intervals[i], slots = 300 / step, half = (slots + 1) / 2;
		struct fixture f = begin(step);
		struct series_rows rows;
		int64_t base = NOW - 900;

		for (unsigned k = 0; k < half; k++)
			append(&f, PORT,
			       (struct sample[]) { flat(base + (k + 1) * step, step, 5) });
		for (unsigned k = 0; k < half - 1; k++)
			append(&f, PORT,
			       (struct sample[]) { flat(base + 300 + (k + 1) * step, step, 7) });
		append(&f, PORT, (struct sample[]) { flat(base + 900, step, 9) });
		flush(&f, PORT);
		assert_true(series_read(f.dir, PORT, base, base + 600, 300, 10, &rows, NULL));
		assert_int_equal(rows.row_count, 2);
		assert_true(rows.value[0] == 5);
		assert_true(isnan(rows.value[COLUMN_COUNT]));
		series_rows_free(&rows);
		end(&f);
	}
}

/* --- what is not taken --- */

static const struct ignored_case {
	const char *name;
	int64_t end_utc_sec;
	bool taken;
} ignored_cases[] = {
	{ "the next slot is taken", NOW + 60, true },
	{ "the same slot again is ignored", NOW, false },
	{ "an older slot is ignored", NOW - 600, false },
	{ "a day ahead of the clock is taken", NOW + DAY, true },
	{ "more than a day ahead of the clock is ignored", NOW + DAY + 60, false },
	{ "before 2020 is ignored", INT64_C(1577836740), false },
};

static void
odd_samples_are_counted(void **state)
{
	const struct ignored_case *c = *state;
	struct fixture f = begin(60);
	struct series_health health;

	append(&f, PORT, (struct sample[]) { flat(NOW, 60, 1) });
	append(&f, PORT, (struct sample[]) { flat(c->end_utc_sec, 60, 2) });
	series_health_get(f.series, &health);
	assert_int_equal(health.ignored_samples, c->taken ? 0 : 1);
	assert_int_equal(series_last_utc_sec(f.series, PORT), c->taken ? c->end_utc_sec : NOW);
	end(&f);
}

static void
first_sample_before_2020_is_ignored(void **state)
{
	struct fixture f = begin(60);

	(void)state;
	append(&f, PORT, (struct sample[]) { flat(1500000000, 60, 2) });
	assert_int_equal(series_last_utc_sec(f.series, PORT), 0);
	end(&f);
}

static void
sample_off_the_grid_is_an_error(void **state)
{
	struct fixture f = begin(60);
	struct sample off = flat(NOW + 1, 60, 1), other = flat(NOW, 300, 1);
	struct error err = { 0 };

	(void)state;
	assert_false(series_append(f.series, PORT, &off, &err));
	assert_non_null(strstr(err.text, "not on the grid of 60 s"));
	assert_false(series_append(f.series, PORT, &other, &err));
	assert_false(series_append(f.series, "rrd/../../etc/passwd", &off, &err));
	assert_non_null(strstr(err.text, "not the path of a series"));
	end(&f);
}

static void
infinity_is_unknown_and_tiny_is_idle(void **state)
{
	struct fixture f = begin(60);
	struct sample s = flat(NOW, 60, 1);
	struct series_rows rows;

	(void)state;
	s.value[COLUMN_IN_BPS] = INFINITY;
	s.value[COLUMN_OUT_BPS] = 1e-310;
	s.value[COLUMN_IN_PPS] = 0;
	append(&f, PORT, &s);
	flush(&f, PORT);
	assert_true(series_read(f.dir, PORT, NOW - 60, NOW, 0, 10, &rows, NULL));
	assert_true(isnan(rows.value[COLUMN_IN_BPS]));
	assert_true(rows.value[COLUMN_OUT_BPS] == 0);
	assert_true(rows.value[COLUMN_IN_PPS] == 0);
	series_rows_free(&rows);
	end(&f);
}

/* --- reading --- */

static void
series_without_file_has_no_rows(void **state)
{
	struct fixture f = begin(60);
	struct series_rows rows;
	int64_t first, last;
	char file[512];

	(void)state;
	assert_true(series_read(f.dir, PORT, NOW - 600, NOW, 0, 100, &rows, NULL));
	assert_int_equal(rows.row_count, 0);
	assert_true(series_extent(f.dir, PORT, &first, &last, NULL));
	assert_int_equal(first, 0);
	assert_int_equal(last, 0);
	snprintf(file, sizeof(file), "%s/rrd", f.dir);
	assert_int_not_equal(access(file, F_OK), 0); /* reading makes nothing */
	series_rows_free(&rows);
	end(&f);
}

static const struct read_case {
	const char *name;
	int64_t from, to; /* relative to NOW */
	unsigned min_step_sec;
	size_t max_rows;
	unsigned want_step_sec;
	int64_t want_start; /* relative to NOW */
	size_t want_rows;
} read_cases[] = {
	{ "the finest archive serves what it reaches", -3600, 0, 0, 1000, 60, -3600, 60 },
	{ "ends are widened to whole rows", -3599, -1, 0, 1000, 60, -3600, 60 },
	{ "beyond its reach the next one serves", -3 * DAY, 0, 0, 1000, 300, -3 * DAY, 864 },
	{ "a least step picks its archive", -3600, 0, 300, 1000, 300, -3600, 12 },
	{ "a step between archives is averaged", -7200, 0, 600, 1000, 600, -7200, 12 },
	{ "an hour is made of steps", -DAY, 0, 3600, 1000, 3600, -DAY, 24 },
	{ "too many rows make a larger step", -3600, 0, 0, 10, 360, -3600, 10 },
	{ "a whole day serves where steps end", -50 * DAY, 0, 0, 1000, (unsigned)DAY, -50 * DAY,
	  50 },
	{ "before everything is left out", -5000 * DAY, 0, 0, 1000, (unsigned)DAY, -100 * DAY,
	  100 },
	{ "what is to come is unknown", -600, 600, 0, 1000, 60, -600, 20 },
	{ "one row is a row", -3600, 0, 0, 1, 3600, -3600, 1 },
};

static void
rows_are_chosen(void **state)
{
	const struct read_case *c = *state;
	struct fixture f = begin(60);
	struct series_rows rows;
	struct error err = { 0 };

	for (int64_t t = NOW - 7200; t <= NOW; t += 60)
		append(&f, PORT, (struct sample[]) { flat(t, 60, (double)(t - NOW + 7200)) });
	flush(&f, PORT);
	if (!series_read(f.dir, PORT, NOW + c->from, NOW + c->to, c->min_step_sec, c->max_rows,
			 &rows, &err))
		fail_msg("%s", err.text);
	assert_int_equal(rows.step_sec, c->want_step_sec);
	assert_int_equal(rows.start_utc_sec - NOW, c->want_start);
	assert_int_equal(rows.row_count, c->want_rows);
	for (size_t i = 0; i < rows.row_count; i++) {
		int64_t row_end = c->want_start + ((int64_t)i + 1) * c->want_step_sec;

		if (row_end > 0)
			assert_true(isnan(rows.value[i * COLUMN_COUNT]));
		else if (row_end - c->want_step_sec >= -7260)
			assert_float_equal(rows.value[i * COLUMN_COUNT],
					   (double)row_end + 7200 - c->want_step_sec / 2.0 + 30,
					   1e-6);
	}
	series_rows_free(&rows);
	end(&f);
}

static void
extent_is_first_and_last_known(void **state)
{
	struct fixture f = begin(60);
	struct sample unknown = flat(NOW - 7140, 60, NAN);
	int64_t first, last;

	(void)state;
	append(&f, PORT, &unknown);
	append(&f, PORT, (struct sample[]) { flat(NOW - 3600, 60, 1) });
	append(&f, PORT, (struct sample[]) { flat(NOW - 60, 60, 1) });
	flush(&f, PORT);
	assert_true(series_extent(f.dir, PORT, &first, &last, NULL));
	assert_int_equal(first, NOW - 3660);
	assert_int_equal(last, NOW - 60);
	end(&f);
}

static void
gap_is_unknown_however_long(void **state)
{
	static const int64_t gaps[] = { 60, 300, 3600, 30 * DAY };

	(void)state;
	for (size_t i = 0; i < COUNT(gaps); i++) {
		struct fixture f = begin(60);
		struct series_rows rows;
		int64_t start = NOW - gaps[i] - 60;

		append(&f, PORT, (struct sample[]) { flat(start, 60, 1) });
		flush(&f, PORT);
		append(&f, PORT, (struct sample[]) { flat(NOW, 60, 2) });
		flush(&f, PORT);
		assert_true(series_read(f.dir, PORT, start > NOW - DAY ? start : NOW - DAY, NOW, 0,
					2000, &rows, NULL));
		assert_int_equal(rows.step_sec, 60);
		for (size_t k = 0; k + 1 < rows.row_count; k++)
			assert_true(isnan(rows.value[k * COLUMN_COUNT]));
		assert_true(rows.value[(rows.row_count - 1) * COLUMN_COUNT] == 2);
		series_rows_free(&rows);
		end(&f);
	}
}

/* --- files behind --- */

static void
work_writes_what_is_due(void **state)
{
	struct fixture f = begin(1);
	struct series_health health;
	char path[64];

	(void)state;
	for (int64_t t = NOW - 30; t < NOW; t++) {
		for (int p = 0; p < 50; p++) {
			snprintf(path, sizeof(path), "rrd/ex/a/p%d.rrd", p);
			append(&f, path, (struct sample[]) { flat(t, 1, p) });
		}
		commit(&f);
		assert_false(series_work(f.series, 1000));
		series_health_get(f.series, &health);
		assert_true(health.pending_samples <= 50 * 10);
	}
	assert_true(health.written_samples >= 50 * 20);
	assert_int_equal(health.pending_samples + health.written_samples, 50 * 30);
	assert_true(series_flush_all(f.series, NULL));
	series_health_get(f.series, &health);
	assert_int_equal(health.written_samples, 50 * 30);
	end(&f);
}

static void
work_without_time_says_that_more_is_due(void **state)
{
	struct fixture f = begin(60);

	(void)state;
	append(&f, PORT, (struct sample[]) { flat(NOW, 60, 1) });
	assert_true(series_work(f.series, 0));
	assert_false(series_work(f.series, 100));
	end(&f);
}

/* --- damage from outside --- */

static void
damage_no_series(const char *file)
{
	FILE *out = fopen(file, "w");

	fputs("this is no series", out);
	fclose(out);
}

static void
damage_empty(const char *file)
{
	assert_int_equal(truncate(file, 0), 0);
}

static void
damage_cut(const char *file)
{
	struct stat st;

	assert_int_equal(stat(file, &st), 0);
	assert_int_equal(truncate(file, st.st_size - 8), 0);
}

static void
damage_head(const char *file)
{
	int fd = open(file, O_WRONLY);

	assert_int_equal(pwrite(fd, "\xff\xff\xff\xff", 4, 24), 4);
	close(fd);
}

static const struct damage_case {
	const char *name;
	void (*damage)(const char *file);
} damage_cases[] = {
	{ "what is no series at all is set aside", damage_no_series },
	{ "an empty file is set aside", damage_empty },
	{ "a file cut short is set aside", damage_cut },
	{ "a file with a damaged head is set aside", damage_head },
};

/* How many files of the folder were set aside; the octets of the last of them. */
static size_t
set_aside_count(const struct fixture *f, off_t *len)
{
	char folder[512], file[1024];
	struct dirent *entry;
	size_t count = 0;
	struct stat st;
	DIR *dir;

	snprintf(folder, sizeof(folder), "%s/rrd/ex/edge1", f->dir);
	dir = opendir(folder);
	while ((entry = readdir(dir)) != NULL) {
		if (strstr(entry->d_name, ".rrd.damaged-") == NULL)
			continue;
		snprintf(file, sizeof(file), "%s/%s", folder, entry->d_name);
		assert_int_equal(stat(file, &st), 0);
		*len = st.st_size;
		count++;
	}
	closedir(dir);
	return count;
}

/* Damaged while it is written to: the old file stays under a name that says so, samples that wait are in the new one. */
static void
damaged_file_is_set_aside(void **state)
{
	const struct damage_case *c = *state;
	static const char other[] = "rrd/ex/edge1/other.rrd";
	struct fixture f = begin(60);
	struct series_health health;
	struct stat st;
	char file[512];
	off_t len = -1;

	append(&f, PORT, (struct sample[]) { flat(NOW - 120, 60, 1) });
	flush(&f, PORT);
	snprintf(file, sizeof(file), "%s/%s", f.dir, PORT);
	c->damage(file);
	assert_int_equal(stat(file, &st), 0);
	scratch_quiet(true);
	append(&f, PORT, (struct sample[]) { flat(NOW - 60, 60, 1) });
	append(&f, other, (struct sample[]) { flat(NOW - 60, 60, 1) });
	commit(&f);
	assert_true(series_flush_all(f.series, NULL));
	scratch_quiet(false);
	assert_int_equal(set_aside_count(&f, &len), 1);
	assert_int_equal(len, st.st_size);
	series_health_get(f.series, &health);
	assert_int_equal(health.set_aside_files, 1);
	assert_int_equal(health.pending_samples, 0);
	assert_int_equal(health.write_failures, 0);
	assert_int_equal(series_last_utc_sec(f.series, PORT), NOW - 60);
	/* Damaged again in the same second, and found at the next start. */
	series_close(f.series);
	c->damage(file);
	scratch_quiet(true);
	f.series = open_series(f.dir, 60);
	assert_int_equal(series_last_utc_sec(f.series, PORT),
			 NOW - 60); /* the journal has it still */
	scratch_quiet(false);
	assert_int_equal(set_aside_count(&f, &len), 2);
	flush(&f, PORT);
	end(&f);
}

/* What cannot be read for other reasons is nobody's fault: it waits. */
static void
file_that_cannot_be_opened_is_not_set_aside(void **state)
{
	struct fixture f = begin(60);
	char file[512];
	off_t len;

	(void)state;
	append(&f, PORT, (struct sample[]) { flat(NOW - 60, 60, 1) });
	flush(&f, PORT);
	snprintf(file, sizeof(file), "%s/%s", f.dir, PORT);
	assert_int_equal(unlink(file), 0);
	assert_int_equal(mkdir(file, 0700), 0);
	append(&f, PORT, (struct sample[]) { flat(NOW, 60, 1) });
	scratch_quiet(true);
	assert_false(series_flush_all(f.series, NULL));
	scratch_quiet(false);
	assert_int_equal(set_aside_count(&f, &len), 0);
	assert_int_equal(rmdir(file), 0);
	flush(&f, PORT);
	end(&f);
}

/* A name as long as a file's may be leaves no room for what is added to it. */
static void
long_name_is_set_aside_too(void **state)
{
	struct fixture f = begin(60);
	char interface[238], path[300], file[512];
	off_t len;

	(void)state;
	memset(interface, 'x', sizeof(interface) - 1);
	interface[sizeof(interface) - 1] = '\0';
	assert_true(series_path(path, sizeof(path), "ex", "edge1", interface));
	append(&f, path, (struct sample[]) { flat(NOW - 60, 60, 1) });
	flush(&f, path);
	snprintf(file, sizeof(file), "%s/%s", f.dir, path);
	damage_cut(file);
	append(&f, path, (struct sample[]) { flat(NOW, 60, 1) });
	scratch_quiet(true);
	flush(&f, path);
	scratch_quiet(false);
	assert_int_equal(set_aside_count(&f, &len), 1);
	end(&f);
}

static void
sparse_file_is_filled(void **state)
{
	struct fixture f = begin(60);
	char file[512];
	struct stat st;
	int fd;

	(void)state;
	append(&f, PORT, (struct sample[]) { flat(NOW - 60, 60, 1) });
	flush(&f, PORT);
	series_close(f.series);
	snprintf(file, sizeof(file), "%s/%s", f.dir, PORT);
	fd = open(file, O_RDWR);
	if (fallocate(fd, FALLOC_FL_PUNCH_HOLE | FALLOC_FL_KEEP_SIZE, 100000, 100000) != 0)
		print_message("no holes on this file system\n");
	close(fd);
	f.series = open_series(f.dir, 60);
	assert_int_equal(series_last_utc_sec(f.series, PORT), NOW - 60);
	assert_int_equal(stat(file, &st), 0);
	assert_true(st.st_blocks * 512 >= st.st_size);
	end(&f);
}

static void
impossible_grid_is_refused(void **state)
{
	static const struct {
		unsigned interval, step;
		const char *want;
	} cases[] = {
		{ 0, 300, "allowed are 1 s to 300 s" },
		{ 301, 602, "allowed are 1 s to 300 s" },
		{ 7, 300, "must divide step" },
		{ 60, 660, "must divide an hour" },
	};
	struct series_settings settings = scratch_settings("/nonexistent", 60);
	struct series *series = NULL;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		settings.interval_sec = cases[i].interval;
		settings.step_sec = cases[i].step;
		assert_false(series_open(&series, &settings, &err));
		assert_non_null(strstr(err.text, cases[i].want));
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(path_cases) + COUNT(grid_cases) + COUNT(ignored_cases) +
				COUNT(read_cases) + COUNT(damage_cases)];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(path_that_does_not_fit_is_refused),
		cmocka_unit_test(half_is_known_and_less_is_not),
		cmocka_unit_test(first_sample_before_2020_is_ignored),
		cmocka_unit_test(sample_off_the_grid_is_an_error),
		cmocka_unit_test(infinity_is_unknown_and_tiny_is_idle),
		cmocka_unit_test(series_without_file_has_no_rows),
		cmocka_unit_test(extent_is_first_and_last_known),
		cmocka_unit_test(gap_is_unknown_however_long),
		cmocka_unit_test(work_writes_what_is_due),
		cmocka_unit_test(work_without_time_says_that_more_is_due),
		cmocka_unit_test(file_that_cannot_be_opened_is_not_set_aside),
		cmocka_unit_test(long_name_is_set_aside_too),
		cmocka_unit_test(sparse_file_is_filled),
		cmocka_unit_test(impossible_grid_is_refused),
	};
	size_t n = 0;

#define TABLE(cases, test)                                                                         \
	for (size_t i = 0; i < COUNT(cases); i++)                                                  \
	tests[n++] = (struct CMUnitTest) { (cases)[i].name, test, NULL, NULL, (void *)&(cases)[i] }
	TABLE(path_cases, path_is_made);
	TABLE(grid_cases, grid_agrees);
	TABLE(ignored_cases, odd_samples_are_counted);
	TABLE(read_cases, rows_are_chosen);
	TABLE(damage_cases, damaged_file_is_set_aside);
	return cmocka_run_group_tests_name("series: tables", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("series", others, NULL, NULL);
}
