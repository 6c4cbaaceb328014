/* links: store/series.c store/series_work.c store/series_regrid.c store/series_table.c store/series_path.c store/series_plan.c store/series_layout.c store/series_file.c store/series_undo.c store/series_update.c store/series_sweep.c store/series_crc.c store/series_segment.c store/series_journal.c store/series_playback.c store/series_read.c store/series_fill.c store/series_import.c store/series_convert.c tests/unit/series_model.c tests/unit/series_scratch.c base/error.c base/clock.c base/log.c base/log_body.c base/model.c */
/* pkgs: librrd */
/* test_series_crash.c - writers killed at random, journals cut and flipped, files locked by others,
 * a disk that is full: what was committed is there, once; and nothing else is. */
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
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/series.h"
#include "series_model.h"
#include "series_scratch.h"
#include "store/series_internal.h"

#define PORTS    5
#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

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

static void
port_path(char *path, size_t len, int port)
{
	snprintf(path, len, "rrd/ex/edge1/port%d.rrd", port);
}

/* The sample of a port that ends there, always the same; false: there is none. */
static bool
sample_of(int port, int64_t end_utc_sec, struct sample *sample)
{
	uint64_t seed = (uint64_t)end_utc_sec * 31 + (uint64_t)port + 1;

	series_model_random(&seed);
	*sample = scratch_sample(&seed, end_utc_sec, 1);
	return series_model_random(&seed) < 0.9;
}

/* --- killed --- */

/* Polls from `at` on as fast as it can, telling the end of each committed round; never returns. */
static void
write_until_killed(const char *dir, int64_t at, int tell_fd)
{
	struct series *series;
	struct sample sample;
	char path[64];

	series = open_series(dir, 1);
	for (;; at++) {
		clock_fake(at * 1000, at * 1000);
		for (int p = 0; p < PORTS; p++) {
			port_path(path, sizeof(path), p);
			if (sample_of(p, at, &sample) &&
			    !series_append(series, path, &sample, NULL))
				_exit(3);
		}
		if (!series_commit(series, NULL) || write(tell_fd, &at, sizeof(at)) != sizeof(at))
			_exit(4);
		series_work(series, 1000);
	}
}

/* Returns the last round the writer told of, `at - 1` when none. */
static int64_t
kill_a_writer(const char *dir, int64_t at, uint64_t *seed)
{
	struct timespec pause = { .tv_nsec = 2000000 + (long)(30e6 * series_model_random(seed)) };
	int64_t told, last = at - 1;
	int fds[2], status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	fcntl(fds[1], F_SETPIPE_SZ, 1024 * 1024);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		close(fds[0]);
		write_until_killed(dir, at, fds[1]);
	}
	close(fds[1]);
	if (read(fds[0], &told, sizeof(told)) == sizeof(told)) /* it has begun */
		last = told;
	nanosleep(&pause, NULL);
	kill(pid, SIGKILL);
	while (read(fds[0], &told, sizeof(told)) == sizeof(told))
		last = told;
	close(fds[0]);
	waitpid(pid, &status, 0);
	assert_true(WIFSIGNALED(status));
	return last;
}

/* Everything up to the newest sample of each file is as it was made, in every archive, once. */
static void
check_ports(const char *dir, struct series_model *models, int64_t from, int64_t told,
	    int64_t *newest)
{
	struct series *series;
	struct sample sample;
	char path[64];

	clock_fake(told * 1000, told * 1000);
	series = open_series(dir, 1);
	assert_true(series_flush_all(series, NULL));
	for (int p = 0; p < PORTS; p++) {
		int64_t last, sampled = 0;

		port_path(path, sizeof(path), p);
		last = series_last_utc_sec(series, path);
		for (int64_t t = from; t <= last; t++)
			if (sample_of(p, t, &sample))
				series_model_put(&models[p], &sample, false);
		for (int64_t t = from; t <= told; t++)
			sampled = sample_of(p, t, &sample) ? t : sampled;
		assert_true(last >= sampled);
		scratch_witness_all(dir, path, &models[p], last);
		*newest = last > *newest ? last : *newest;
	}
	series_close(series);
}

static void
killed_writer_loses_nothing_and_doubles_nothing(void **state)
{
	const char *asked = getenv("SERIES_KILLS");
	int kills = asked != NULL ? atoi(asked) : 20;
	char *dir = scratch_make();
	struct series_model models[PORTS];
	uint64_t seed = (uint64_t)getpid() * 2654435761u + 1;
	int64_t at = NOW - 7 * DAY, newest = at, told;

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	for (int p = 0; p < PORTS; p++)
		series_model_init(&models[p], 1, NOW - 7 * DAY, 2 * DAY);
	for (int i = 0; i < kills; i++) {
		at = newest + 1;
		told = kill_a_writer(dir, at, &seed);
		check_ports(dir, models, at, told, &newest);
	}
	print_message("%d kills, %" PRId64 " rounds\n", kills, newest - (NOW - 7 * DAY));
	for (int p = 0; p < PORTS; p++)
		series_model_free(&models[p]);
	scratch_remove(dir);
}

/* In a process of its own: as if killed after librrd moved on in its rings and before it said so. */
static void
die_within_an_update(const char *dir)
{
	struct series *series = open_series(dir, 1);
	struct series_layout layout;
	struct sample sample;
	uint64_t rows[SERIES_ARCHIVE_MAX];
	char file[512];
	int64_t at;

	for (int64_t t = NOW - 1000; t <= NOW; t++) {
		sample_of(0, t, &sample);
		if (!series_append(series, PORT, &sample, NULL) || !series_commit(series, NULL))
			_exit(1);
		if (t == NOW - 500 && !series_flush(series, PORT, NULL))
			_exit(2);
	}
	snprintf(file, sizeof(file), "%s/%s", dir, PORT);
	if (series_layout_open(&layout, file, O_RDWR, NULL) != SERIES_OPENED ||
	    !series_undo_begin(series->writer.undo, PORT, &layout, NULL))
		_exit(3);
	at = layout.live_offset + (int64_t)(layout.live_len - layout.archive_count * sizeof(*rows));
	for (size_t i = 0; i < layout.archive_count; i++)
		rows[i] =
		    (uint64_t)((layout.archives[i].newest + 1) % layout.archives[i].row_count);
	if (pwrite(layout.fd, rows, layout.archive_count * sizeof(*rows), at) < 0)
		_exit(4);
	_exit(0);
}

static void
update_cut_short_is_taken_back(void **state)
{
	char *dir = scratch_make();
	struct series_model model;
	struct series *series;
	struct sample sample;
	int status;
	pid_t pid;

	(void)state;
	clock_fake(0, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	series_model_init(&model, 1, NOW - DAY, 2 * DAY);
	pid = fork();
	if (pid == 0)
		die_within_an_update(dir);
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	series = open_series(dir, 1);
	series_close(series);
	for (int64_t t = NOW - 1000; t <= NOW; t++) {
		sample_of(0, t, &sample);
		series_model_put(&model, &sample, false);
	}
	scratch_witness_all(dir, PORT, &model, NOW);
	series_model_free(&model);
	scratch_remove(dir);
}

static void
half_made_files_are_removed(void **state)
{
	static const char *const names[] = { "x.tmp.rrd", "x.tmp.rrdAbCdEf", "y.rrd" };
	char *dir = scratch_make(), file[512];

	(void)state;
	log_level_set(LOG_LEVEL_ERROR);
	for (size_t i = 0; i < 3; i++) {
		struct error err = { 0 };

		snprintf(file, sizeof(file), "%s/rrd/ex/edge1/%s", dir, names[i]);
		assert_true(series_file_make_dirs(file, &err));
		close(open(file, O_WRONLY | O_CREAT, 0600));
	}
	series_close(open_series(dir, 1));
	for (size_t i = 0; i < 3; i++) {
		snprintf(file, sizeof(file), "%s/rrd/ex/edge1/%s", dir, names[i]);
		assert_int_equal(access(file, F_OK) == 0, i == 2);
	}
	scratch_remove(dir);
}

/* --- journals cut and flipped --- */

struct played {
	uint32_t offset; /* of the last one */
	size_t count;
	bool wrong;
};

static void
on_sample(const char *path, const struct sample *sample, uint32_t offset, void *user)
{
	struct played *played = user;
	struct sample want;
	char expected[64];
	int port = (int)(played->count % PORTS);

	port_path(expected, sizeof(expected), port);
	sample_of(port, NOW + (int64_t)(played->count / PORTS), &want);
	if (strcmp(path, expected) != 0 || sample->end_utc_sec != want.end_utc_sec ||
	    sample->step_sec != 1 || offset <= played->offset)
		played->wrong = true;
	played->offset = offset;
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (memcmp(&sample->value[c], &want.value[c], sizeof(double)) != 0 &&
		    !(isnan(sample->value[c]) && isnan(want.value[c])))
			played->wrong = true;
	played->count++;
}

/* Three rounds of PORTS samples in one segment; its octets. */
static unsigned char *
make_segment(const char *dir, size_t *len)
{
	char file[512], path[64];
	struct series *series;
	struct sample sample;
	unsigned char *data;
	struct stat st;
	int fd;

	clock_fake(0, NOW * 1000);
	series = open_series(dir, 1);
	for (int64_t t = NOW; t < NOW + 3; t++) {
		for (int p = 0; p < PORTS; p++) {
			port_path(path, sizeof(path), p);
			sample_of(p, t, &sample);
			assert_true(series_append(series, path, &sample, NULL));
		}
		assert_true(series_commit(series, NULL));
	}
	series_close(series);
	snprintf(file, sizeof(file), "%s/journal/00000001.journal", dir);
	fd = open(file, O_RDONLY);
	assert_int_equal(fstat(fd, &st), 0);
	*len = (size_t)st.st_size;
	data = malloc(*len);
	assert_int_equal(read(fd, data, *len), *len);
	close(fd);
	return data;
}

static struct played
play(const char *dir, const unsigned char *data, size_t len, bool *done)
{
	struct played played = { 0 };
	char file[512];
	int fd;

	snprintf(file, sizeof(file), "%s/journal/00000099.journal", dir);
	fd = open(file, O_WRONLY | O_CREAT | O_TRUNC, 0600);
	assert_int_equal(write(fd, data, len), len);
	close(fd);
	*done = series_playback(file, on_sample, &played, NULL);
	return played;
}

static void
cut_journal_gives_whole_rounds_only(void **state)
{
	char *dir = scratch_make();
	size_t len;
	unsigned char *data = make_segment(dir, &len);
	struct played played;
	size_t last = 0, cut;
	bool done;

	(void)state;
	scratch_quiet(true);
	for (cut = 0; cut <= len; cut++) {
		played = play(dir, data, cut, &done);
		if (!done || played.wrong || played.count % PORTS != 0 || played.count < last)
			break;
		last = played.count;
	}
	scratch_quiet(false);
	assert_int_equal(cut, len + 1);
	assert_int_equal(last, 3 * PORTS);
	free(data);
	scratch_remove(dir);
}

static void
flipped_journal_gives_nothing_wrong(void **state)
{
	char *dir = scratch_make();
	size_t len;
	unsigned char *data = make_segment(dir, &len);
	struct played played;
	size_t at;
	bool done;

	(void)state;
	scratch_quiet(true);
	for (at = 0; at < len; at++) {
		data[at] ^= (unsigned char)(1 + at % 255);
		played = play(dir, data, len, &done);
		if (played.wrong || played.count % PORTS != 0 || played.count >= 3 * PORTS)
			break;
		if (!done && at >= 8) /* another magic is another version: refused */
			break;
		data[at] ^= (unsigned char)(1 + at % 255);
	}
	scratch_quiet(false);
	assert_int_equal(at, len);
	free(data);
	scratch_remove(dir);
}

/* --- killed, and then another interval --- */

static const struct regrid_case {
	const char *name;
	unsigned old_sec, new_sec;
	int64_t flushed_sec; /* before NOW: up to there the file has it; 3600: there is no file */
} regrid_cases[] = {
	{ "journal of a finer grid goes in before the file is made anew", 60, 300, 1740 },
	{ "journal of a coarser grid goes in", 300, 60, 1800 },
	{ "journal of a grid that is neither finer nor coarser goes in", 20, 30, 1780 },
	{ "journal of a finer grid makes a file of its own", 60, 300, 3600 },
	{ "journal of a coarser grid makes a file of its own", 300, 60, 3600 },
	{ "journal of a grid that is neither makes a file of its own", 20, 30, 3600 },
};

static double
regrid_value(int64_t end_utc_sec)
{
	return 1e6 + (double)(end_utc_sec * 7919 % 1009);
}

static void
regrid_append(struct series *series, int64_t end_utc_sec, unsigned step_sec)
{
	struct sample sample = { .end_utc_sec = end_utc_sec, .step_sec = step_sec };

	for (int c = 0; c < COLUMN_COUNT; c++)
		sample.value[c] = regrid_value(end_utc_sec);
	assert_true(series_append(series, PORT, &sample, NULL));
	assert_true(series_commit(series, NULL));
}

/* An hour of samples, the last of them in the journal only. */
static void
die_with_a_journal(const char *dir, const struct regrid_case *c)
{
	struct series *series;
	pid_t pid = fork();

	if (pid == 0) {
		series = open_series(dir, c->old_sec);
		for (int64_t t = NOW - 3600 + c->old_sec; t <= NOW; t += c->old_sec) {
			regrid_append(series, t, c->old_sec);
			if (t == NOW - c->flushed_sec && !series_flush(series, PORT, NULL))
				_exit(3);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
}

static void
check_hour(const char *dir, const struct regrid_case *c)
{
	struct series_rows rows;
	struct error err = { 0 };

	if (!series_read(dir, PORT, NOW - 3600, NOW, 300, 100, &rows, &err))
		fail_msg("%s", err.text);
	assert_int_equal(rows.step_sec, 300);
	assert_int_equal(rows.row_count, 12);
	for (size_t i = 0; i < rows.row_count; i++) {
		int64_t end = NOW - 3600 + 300 * ((int64_t)i + 1);
		double sum = 0;

		for (int64_t t = end - 300 + c->old_sec; t <= end; t += c->old_sec)
			sum += regrid_value(t);
		for (int col = 0; col < COLUMN_COUNT; col++)
			assert_float_equal(rows.value[i * COLUMN_COUNT + (size_t)col],
					   sum / (300 / c->old_sec), 1e-3);
	}
	series_rows_free(&rows);
}

static void
journal_of_another_grid_is_kept(void **state)
{
	const struct regrid_case *c = *state;
	char *dir = scratch_make();
	struct series_health health;
	struct series *series;

	clock_fake(0, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	die_with_a_journal(dir, c);
	series = open_series(dir, c->new_sec);
	assert_int_equal(series_last_utc_sec(series, PORT), NOW);
	series_close(series);
	series = open_series(dir, c->new_sec); /* the same again: once is enough */
	series_health_get(series, &health);
	assert_int_equal(health.pending_samples, 0);
	clock_fake(0, (NOW + c->new_sec) * 1000);
	regrid_append(series, NOW + c->new_sec, c->new_sec);
	assert_true(series_flush(series, PORT, NULL));
	check_hour(dir, c);
	series_close(series);
	scratch_remove(dir);
}

/* What was committed and never written is read back; what was not committed is not. */
static void
journal_is_read_back(void **state)
{
	char *dir = scratch_make();
	struct series_health health;
	struct series *series;
	struct sample sample;
	pid_t pid;

	(void)state;
	clock_fake(0, NOW * 1000);
	log_level_set(LOG_LEVEL_ERROR);
	pid = fork();
	if (pid == 0) {
		series = open_series(dir, 1);
		for (int64_t t = NOW - 10; t <= NOW; t++) {
			sample_of(0, t, &sample);
			series_append(series, PORT, &sample, NULL);
			if (t < NOW)
				series_commit(series, NULL);
		}
		_exit(0);
	}
	waitpid(pid, NULL, 0);
	series = open_series(dir, 1);
	series_health_get(series, &health);
	assert_int_equal(health.pending_samples, 10);
	assert_int_equal(series_last_utc_sec(series, PORT), NOW - 1);
	series_close(series);
	series = open_series(dir, 1); /* the segment lingers, its samples are known */
	series_health_get(series, &health);
	assert_int_equal(health.pending_samples, 0);
	series_close(series);
	scratch_remove(dir);
}

static size_t
segment_count(const char *dir)
{
	char inside[512];
	struct dirent *entry;
	size_t count = 0;
	DIR *open_dir;

	snprintf(inside, sizeof(inside), "%s/journal", dir);
	open_dir = opendir(inside);
	while ((entry = readdir(open_dir)) != NULL)
		count += strstr(entry->d_name, ".journal") != NULL;
	closedir(open_dir);
	return count;
}

static void
segment_goes_when_its_samples_are_on_the_disk(void **state)
{
	char *dir = scratch_make();
	struct series *series;
	struct sample sample;

	(void)state;
	clock_fake(0, NOW * 1000);
	series = open_series(dir, 1);
	sample_of(0, NOW, &sample);
	assert_true(series_append(series, PORT, &sample, NULL));
	assert_true(series_commit(series, NULL));
	series_close(series);
	assert_int_equal(segment_count(dir), 1);
	series = open_series(dir, 1);
	series_work(series, 100);
	assert_int_equal(segment_count(dir), 1);
	clock_fake(61000, NOW * 1000 + 61000);
	series_work(series, 100);
	assert_int_equal(segment_count(dir), 0);
	series_close(series);
	scratch_remove(dir);
}

/* --- locked by somebody else --- */

/* A process that holds a lock of that kind on the file until killed. */
static pid_t
hold_lock(const char *file, short kind)
{
	struct flock lock = { .l_type = kind, .l_whence = SEEK_SET };
	char ready;
	int fds[2];
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	if (pid == 0) {
		int fd = open(file, O_RDWR);

		if (fcntl(fd, F_SETLK, &lock) != 0 || write(fds[1], "x", 1) != 1)
			_exit(1);
		for (;;)
			pause();
	}
	assert_int_equal(read(fds[0], &ready, 1), 1);
	close(fds[0]);
	close(fds[1]);
	return pid;
}

static void
let_go(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void
locked_file_is_left_for_later(void **state)
{
	char *dir = scratch_make(), file[512];
	struct series_health health;
	struct series_rows rows;
	struct series *series;
	struct sample sample;
	struct error err = { 0 };
	pid_t holder;

	(void)state;
	clock_fake(0, NOW * 1000);
	series = open_series(dir, 1);
	sample_of(0, NOW - 2, &sample);
	assert_true(series_append(series, PORT, &sample, NULL));
	assert_true(series_flush(series, PORT, NULL));
	snprintf(file, sizeof(file), "%s/%s", dir, PORT);
	holder = hold_lock(file, F_WRLCK);
	sample_of(0, NOW - 1, &sample);
	assert_true(series_append(series, PORT, &sample, NULL));
	assert_false(series_flush(series, PORT, &err));
	assert_non_null(strstr(err.text, "could not lock"));
	series_health_get(series, &health);
	assert_int_equal(health.lock_retries, 5);
	assert_int_equal(health.pending_samples, 1);
	assert_false(series_read(dir, PORT, NOW - 10, NOW, 0, 100, &rows, &err));
	assert_int_equal(err.code, ERR_LOCKED);
	let_go(holder);
	assert_true(series_flush(series, PORT, NULL));
	holder = hold_lock(file, F_RDLCK); /* readers do not keep readers out */
	assert_true(series_read(dir, PORT, NOW - 10, NOW, 0, 100, &rows, &err));
	assert_int_equal(rows.row_count, 10);
	series_rows_free(&rows);
	let_go(holder);
	series_close(series);
	scratch_remove(dir);
}

/* Readers as fast as they can, beside a writer: no sample is lost, and no row is ever wrong. */
static void
read_until_killed(const char *dir)
{
	struct series_rows rows;
	struct sample want;
	struct error err;

	for (;;) {
		if (!series_read(dir, PORT, NOW, NOW + 3000, 0, 5000, &rows, &err)) {
			if (err.code != ERR_LOCKED)
				_exit(5);
			continue;
		}
		for (size_t i = 0; i < rows.row_count; i++) {
			double got = rows.value[i * COLUMN_COUNT + COLUMN_CAPACITY_BPS];

			sample_of(0, rows.start_utc_sec + (int64_t)i + 1, &want);
			if (!isnan(got) && got != want.value[COLUMN_CAPACITY_BPS] &&
			    fabs(got / want.value[COLUMN_CAPACITY_BPS] - 1) > 1e-12)
				_exit(6);
		}
		series_rows_free(&rows);
	}
}

static void
readers_and_writer_get_along(void **state)
{
	char *dir = scratch_make();
	struct series_model model;
	struct series_health health;
	struct series *series;
	struct sample sample;
	pid_t readers[2];

	(void)state;
	clock_fake(0, NOW * 1000);
	series_model_init(&model, 1, NOW, 3600);
	series = open_series(dir, 1);
	for (int i = 0; i < 2; i++)
		if ((readers[i] = fork()) == 0)
			read_until_killed(dir);
	for (int64_t t = NOW + 1; t <= NOW + 2000; t++) {
		sample_of(0, t, &sample);
		series_model_put(&model, &sample, false);
		assert_true(series_append(series, PORT, &sample, NULL));
		series_flush(series, PORT, NULL); /* may be locked: stays pending */
	}
	for (int i = 0; i < 2; i++) {
		int status;

		assert_int_equal(kill(readers[i], SIGKILL), 0);
		waitpid(readers[i], &status, 0);
		assert_true(WIFSIGNALED(status));
	}
	assert_true(series_flush(series, PORT, NULL));
	series_health_get(series, &health);
	print_message("%" PRIu64 " lock retries\n", health.lock_retries);
	assert_int_equal(health.pending_samples, 0);
	scratch_witness_all(dir, PORT, &model, NOW + 2000);
	series_close(series);
	series_model_free(&model);
	scratch_remove(dir);
}

/* --- no room --- */

/* In a process of its own: files may not grow beyond 100 kB, then they may.  Returns 0, or what was
 * wrong. */
static int
run_out_of_room(const char *dir)
{
	struct rlimit old, tight = { 100 * 1024, RLIM_INFINITY };
	struct series_health health;
	struct series *series;
	struct sample sample;
	struct error err = { 0 };

	signal(SIGXFSZ, SIG_IGN);
	getrlimit(RLIMIT_FSIZE, &old);
	tight.rlim_max = old.rlim_max;
	series = open_series(dir, 1);
	setrlimit(RLIMIT_FSIZE, &tight);
	for (int64_t t = NOW; t < NOW + 100; t++) {
		sample_of(0, t, &sample);
		if (!series_append(series, PORT, &sample, NULL) || !series_commit(series, NULL))
			return 1;
	}
	if (series_flush(series, PORT, &err) || strstr(err.text, "too large") == NULL)
		return 2;
	series_health_get(series, &health);
	if (health.pending_samples != 100 || health.write_failures != 1)
		return 3;
	for (int64_t t = NOW + 100; t < NOW + 2000; t++) { /* now the journal is full as well */
		sample_of(0, t, &sample);
		if (!series_append(series, PORT, &sample, NULL))
			return 4;
		if (!series_commit(series, &err))
			break;
	}
	if (strstr(err.text, "journal") == NULL || strstr(err.text, "too large") == NULL)
		return 5;
	setrlimit(RLIMIT_FSIZE, &old);
	if (!series_commit(series, NULL) || !series_flush(series, PORT, NULL))
		return 6;
	series_close(series);
	return 0;
}

static void
full_disk_loses_nothing(void **state)
{
	char *dir = scratch_make();
	struct series_model model;
	struct sample sample;
	int64_t first, last;
	int status;
	pid_t pid;

	(void)state;
	clock_fake(0, NOW * 1000);
	pid = fork();
	if (pid == 0) {
		scratch_quiet(true);
		_exit(run_out_of_room(dir));
	}
	waitpid(pid, &status, 0);
	assert_int_equal(status, 0);
	assert_true(series_extent(dir, PORT, &first, &last, NULL));
	assert_true(last > NOW + 100);
	series_model_init(&model, 1, NOW - DAY, 2 * DAY);
	for (int64_t t = NOW; t <= last; t++) {
		sample_of(0, t, &sample);
		series_model_put(&model, &sample, false);
	}
	scratch_witness_all(dir, PORT, &model, last);
	series_model_free(&model);
	scratch_remove(dir);
}

/* A journal that was cut in the middle of its life by a failed write goes on in the next segment.
 */
static void
committed_after_a_failed_commit_is_read_back(void **state)
{
	char *dir = scratch_make();
	struct series_health health;
	struct series *series;
	pid_t pid;
	int status;

	(void)state;
	clock_fake(0, NOW * 1000);
	pid = fork();
	if (pid == 0) {
		struct rlimit old, tight = { 700, RLIM_INFINITY };
		struct sample sample;
		int failed = 0;

		scratch_quiet(true);
		signal(SIGXFSZ, SIG_IGN);
		getrlimit(RLIMIT_FSIZE, &old);
		tight.rlim_max = old.rlim_max;
		series = open_series(dir, 1);
		for (int64_t t = NOW; t < NOW + 20; t++) {
			if (t == NOW + 3)
				setrlimit(RLIMIT_FSIZE, &tight);
			if (t == NOW + 12)
				setrlimit(RLIMIT_FSIZE, &old);
			sample_of(0, t, &sample);
			series_append(series, PORT, &sample, NULL);
			failed += !series_commit(series, NULL);
		}
		_exit(failed);
	}
	waitpid(pid, &status, 0);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) > 0 && WEXITSTATUS(status) < 10);
	log_level_set(LOG_LEVEL_ERROR);
	series = open_series(dir, 1);
	series_health_get(series, &health);
	assert_int_equal(health.pending_samples, 20);
	series_close(series);
	scratch_remove(dir);
}

int
main(void)
{
	const struct CMUnitTest rules[] = {
		cmocka_unit_test(killed_writer_loses_nothing_and_doubles_nothing),
		cmocka_unit_test(update_cut_short_is_taken_back),
		cmocka_unit_test(half_made_files_are_removed),
		cmocka_unit_test(journal_is_read_back),
		cmocka_unit_test(segment_goes_when_its_samples_are_on_the_disk),
		cmocka_unit_test(locked_file_is_left_for_later),
		cmocka_unit_test(readers_and_writer_get_along),
		cmocka_unit_test(full_disk_loses_nothing),
		cmocka_unit_test(committed_after_a_failed_commit_is_read_back),
		cmocka_unit_test(flipped_journal_gives_nothing_wrong),
		cmocka_unit_test(cut_journal_gives_whole_rounds_only),
	};
	struct CMUnitTest tests[COUNT(rules) + COUNT(regrid_cases)];

	memcpy(tests, rules, sizeof(rules));
	for (size_t i = 0; i < COUNT(regrid_cases); i++)
		tests[COUNT(rules) + i] =
		    (struct CMUnitTest) { regrid_cases[i].name, journal_of_another_grid_is_kept,
					  NULL, NULL, (void *)&regrid_cases[i] };
	return cmocka_run_group_tests_name("series crash", tests, NULL, NULL);
}
