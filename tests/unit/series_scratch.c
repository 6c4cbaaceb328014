/* series_scratch.c - body of series_scratch.h.  Reads files through librrd's own fetch, not through
 * our code. */
#include <stdarg.h>
#include <stddef.h>
#include <setjmp.h>
#include <cmocka.h>

#include <fcntl.h>
#include <ftw.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <rrd.h>

#include "series_scratch.h"

char *
scratch_make(void)
{
	const char *tmp = getenv("TMPDIR");
	char *dir;

	assert_true(asprintf(&dir, "%s/ixwatch-series-XXXXXX", tmp != NULL ? tmp : "/tmp") > 0);
	assert_non_null(mkdtemp(dir));
	return dir;
}

static int
remove_one(const char *path, const struct stat *st, int flag, struct FTW *ftw)
{
	(void)st, (void)flag, (void)ftw;
	return remove(path);
}

void
scratch_remove(char *dir)
{
	nftw(dir, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(dir);
}

struct series_settings
scratch_settings(const char *dir, unsigned interval_sec)
{
	return (struct series_settings) { .state_dir = dir,
					  .interval_sec = interval_sec,
					  .step_sec = 300,
					  .keep_interval_sec = 2 * DAY,
					  .keep_step_sec = 10 * DAY,
					  .keep_hour_sec = 10 * DAY,
					  .keep_day_sec = 100 * DAY };
}

struct sample
scratch_sample(uint64_t *seed, int64_t end_utc_sec, unsigned step_sec)
{
	struct sample s = { .end_utc_sec = end_utc_sec, .step_sec = step_sec };

	for (int c = 0; c < COLUMN_COUNT; c++) {
		double v = 1e11 * series_model_random(seed) / 3.0;

		s.value[c] = series_model_random(seed) < 0.1 ? NAN : v;
	}
	return s;
}

static void
compare(const struct series_model *m, bool largest, int64_t row_sec, int64_t end, int64_t until,
	const double *row)
{
	for (enum column c = 0; c < COLUMN_COUNT; c++) {
		double want = series_model_row(m, largest, end, row_sec, c, until), got = row[c];

		if ((isnan(want) && isnan(got)) || fabs(want - got) <= 1e-12 * fabs(want))
			continue;
		fail_msg("%s of %" PRId64 " s, row ending %" PRId64 " (last %" PRId64
			 "), %s: want %.17g, got %.17g",
			 largest ? "MAX" : "AVERAGE", row_sec, end, until, model_column_name(c),
			 want, got);
	}
}

void
scratch_witness(const char *dir, const char *path, const struct series_model *m, bool largest,
		int64_t row_sec, int64_t from, int64_t to, int64_t until)
{
	unsigned long step = (unsigned long)row_sec, source_count;
	time_t start = from, end = to - 1;
	char file[1024], **names;
	double *data;

	snprintf(file, sizeof(file), "%s/%s", dir, path);
	rrd_clear_error();
	if (rrd_fetch_r(file, largest ? "MAX" : "AVERAGE", &start, &end, &step, &source_count,
			&names, &data) != 0)
		fail_msg("%s: %s", file, rrd_get_error());
	assert_int_equal(step, row_sec);
	assert_int_equal(source_count, COLUMN_COUNT);
	assert_int_equal(start, from);
	for (int64_t t = from + row_sec, i = 0; t <= to; t += row_sec, i++)
		compare(m, largest, row_sec, t, until, data + i * COLUMN_COUNT);
	for (unsigned long i = 0; i < source_count; i++)
		rrd_freemem(names[i]);
	rrd_freemem(names);
	rrd_freemem(data);
}

static int64_t
later(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

void
scratch_witness_all(const char *dir, const char *path, const struct series_model *m, int64_t until)
{
	static const struct {
		bool largest;
		int64_t row_sec, keep_sec;
	} archives[] = {
		{ false, 0, 2 * DAY },     { false, 300, 10 * DAY }, { true, 3600, 10 * DAY },
		{ false, DAY, 100 * DAY }, { true, DAY, 100 * DAY },
	};

	for (size_t i = 0; i < sizeof(archives) / sizeof(archives[0]); i++) {
		int64_t row = archives[i].row_sec > 0 ? archives[i].row_sec : m->interval_sec;
		int64_t newest = until - until % row;

		if (archives[i].row_sec == 300 && m->interval_sec == 300)
			continue;
		scratch_witness(dir, path, m, archives[i].largest, row,
				later(newest - archives[i].keep_sec, m->base_utc_sec), newest + row,
				until);
	}
}

void
scratch_quiet(bool quiet)
{
	static int kept = -1;
	int nowhere;

	fflush(stderr);
	if (quiet && kept < 0) {
		kept = dup(STDERR_FILENO);
		nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
		dup2(nowhere, STDERR_FILENO);
		close(nowhere);
	} else if (!quiet && kept >= 0) {
		dup2(kept, STDERR_FILENO);
		close(kept);
		kept = -1;
	}
}
