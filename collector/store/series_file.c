/* series_file.c - creates and updates the RRD files: one file a port, ten GAUGE sources, no
 * minimum, no maximum.
 *
 * librrd 1.7.2.  Samples end on the grid of the file's step, so each primary data point is one
 * sample, unchanged.  Every gap is written as what it is, one update of all-unknown up to the next
 * sample's start: the heartbeat never decides. librrd takes a lock without waiting, and readers
 * lock too: a busy file is tried again a few times, then left for later. A new file is made under
 * another name, filled, made durable, and renamed; nobody ever sees a half one. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <rrd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "store/series_internal.h"

#define HEARTBEAT_SEC 86400
#define BATCH         64 /* updates given to librrd in one call */
#define HEADER_ROOM   (16 * 1024)
#define UPDATE_TEXT   320    /* time and ten values of at most 25 octets */
#define ASIDE_MAX     1000   /* damaged files of one name and second */
#define VALUE_TINY    1e-200 /* smaller is idle; librrd's parser refuses numbers that underflow */
#define VALUE_HUGE    1e200

/* --- names --- */

void
series_file_tmp(char *dst, const char *file)
{
	size_t stem = strlen(file) - strlen(".rrd");

	snprintf(dst, SERIES_FILE_MAX, "%.*s.tmp.rrd", (int)stem, file);
}

/* Makes the folders above the file that are missing. */
bool
series_file_make_dirs(const char *file, struct error *err)
{
	char dir[SERIES_FILE_MAX];
	char *slash = dir;

	snprintf(dir, sizeof(dir), "%s", file);
	while ((slash = strchr(slash + 1, '/')) != NULL) {
		*slash = '\0';
		if (mkdir(dir, 0750) != 0 && errno != EEXIST)
			return error_set(err, ERR_IO, "%s: cannot be made: %s", dir,
					 strerror(errno));
		*slash = '/';
	}
	return true;
}

/* librrd's sentence; on a full disk it has none, and errno speaks. */
static bool
fail_rrd(struct error *err, const char *file, int saved_errno)
{
	const char *text = rrd_test_error() ? rrd_get_error() : "";

	if (*text == '\0')
		text = strerror(saved_errno);
	if (strstr(text, file) != NULL)
		return error_set(err, ERR_SERIES, "%s", text);
	return error_set(err, ERR_SERIES, "%s: %s", file, text);
}

/* --- creating --- */

static void
describe(const struct series_plan *plan, char text[][80], const char **argv)
{
	size_t n = 0;

	for (enum column c = 0; c < COLUMN_COUNT; c++, n++)
		snprintf(text[n], 80, "DS:%s:GAUGE:%d:U:U", model_column_name(c), HEARTBEAT_SEC);
	for (size_t i = 0; i < plan->archive_count; i++, n++)
		snprintf(text[n], 80, "RRA:%s:0.5:%" PRId64 ":%" PRId64,
			 plan->archives[i].cf == SERIES_MAX ? "MAX" : "AVERAGE",
			 plan->archives[i].row_sec / plan->interval_sec,
			 plan->archives[i].row_count);
	for (size_t i = 0; i < n; i++)
		argv[i] = text[i];
}

/* Whether the disk has room for it: librrd would fail without a reason, its own cleaning up
 * overwrites errno. */
static bool
has_room(const struct series_plan *plan, const char *tmp_file, struct error *err)
{
	int fd = open(tmp_file, O_WRONLY | O_CREAT | O_CLOEXEC, 0640);
	int failed = fd < 0 ? errno : 0;
	int64_t len = HEADER_ROOM;

	for (size_t i = 0; i < plan->archive_count; i++)
		len += plan->archives[i].row_count * COLUMN_COUNT * (int64_t)sizeof(double);
	if (failed == 0)
		failed = posix_fallocate(fd, 0, len);
	if (fd >= 0)
		close(fd);
	unlink(tmp_file);
	return failed == 0 ||
	       error_set(err, ERR_IO, "%s: no file of %" PRId64 " octets can be made: %s", tmp_file,
			 len, strerror(failed));
}

bool
series_file_create(const struct series_plan *plan, const char *tmp_file, int64_t start_utc_sec,
		   struct error *err)
{
	char text[COLUMN_COUNT + SERIES_ARCHIVE_MAX][80];
	const char *argv[COLUMN_COUNT + SERIES_ARCHIVE_MAX];

	if (!series_file_make_dirs(tmp_file, err) || !has_room(plan, tmp_file, err))
		return false;
	describe(plan, text, argv);
	rrd_clear_error();
	errno = 0;
	if (rrd_create_r2(tmp_file, plan->interval_sec, start_utc_sec, 0, NULL, NULL,
			  (int)(COLUMN_COUNT + plan->archive_count), argv) == 0)
		return true;
	fail_rrd(err, tmp_file, errno);
	unlink(tmp_file);
	return false;
}

bool
series_file_adopt(const char *tmp_file, const char *file, struct error *err)
{
	int fd = open(tmp_file, O_RDONLY | O_CLOEXEC);
	bool done = fd >= 0 && fsync(fd) == 0;

	if (done) /* else updates would write far more than they must */
		posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
	done = done && rename(tmp_file, file) == 0;
	if (!done)
		error_set(err, ERR_IO, "%s: cannot be kept: %s", file, strerror(errno));
	if (fd >= 0)
		close(fd);
	if (!done)
		unlink(tmp_file);
	return done;
}

/* --- updating --- */

struct updates {
	char text[BATCH][UPDATE_TEXT];
	const char *argv[BATCH];
	int count;
};

double
series_file_value(double value)
{
	if (!(fabs(value) <= VALUE_HUGE))
		return NAN;
	return fabs(value) < VALUE_TINY ? 0 : value;
}

static int
put_value(char *dst, size_t len, double value)
{
	value = series_file_value(value);
	if (isnan(value))
		return snprintf(dst, len, ":U");
	return snprintf(dst, len, ":%.17g", value);
}

/* values NULL: all unknown. */
static void
put_update(struct updates *updates, int64_t end_utc_sec, const double *values)
{
	char *text = updates->text[updates->count];
	int used = snprintf(text, UPDATE_TEXT, "%" PRId64, end_utc_sec);

	for (int c = 0; c < COLUMN_COUNT; c++)
		used += put_value(text + used, (size_t)(UPDATE_TEXT - used),
				  values != NULL ? values[c] : NAN);
	updates->argv[updates->count++] = text;
}

static enum series_write
send_once(const char *file, struct updates *updates, struct error *err)
{
	rrd_clear_error();
	errno = 0;
	if (rrd_updatex_r(file, NULL, RRD_SKIP_PAST_UPDATES, updates->count, updates->argv) == 0)
		return SERIES_WRITTEN;
	fail_rrd(err, file, errno);
	return rrd_test_error() && strstr(rrd_get_error(), "could not lock") != NULL
		   ? SERIES_BUSY
		   : SERIES_FAILED;
}

static enum series_write
send(const char *file, struct updates *updates, uint64_t *lock_retries, struct error *err)
{
	struct timespec pause = { .tv_nsec = 1000 * 1000 };
	enum series_write result = SERIES_WRITTEN;

	if (updates->count == 0)
		return result;
	for (int i = 0; i < SERIES_LOCK_TRIES; i++) {
		result = send_once(file, updates, err);
		if (result != SERIES_BUSY)
			break;
		++*lock_retries;
		nanosleep(&pause, NULL); /* 1, 2, 4, 8, 16 ms */
		pause.tv_nsec *= 2;
	}
	updates->count = 0;
	return result;
}

/* Everything after last_utc_sec, in as few calls as may be. */
static enum series_write
update(const char *file, int64_t last_utc_sec, const struct sample *samples, size_t sample_count,
       uint64_t *lock_retries, struct error *err)
{
	static struct updates updates; /* 20 kB; one writer, one thread */
	enum series_write result;

	updates.count = 0;
	for (size_t i = 0; i < sample_count; i++) {
		int64_t start = samples[i].end_utc_sec - samples[i].step_sec;

		if (samples[i].end_utc_sec <= last_utc_sec)
			continue;
		if (start > last_utc_sec)
			put_update(&updates, start, NULL);
		put_update(&updates, samples[i].end_utc_sec, samples[i].value);
		last_utc_sec = samples[i].end_utc_sec;
		if (updates.count < BATCH - 1)
			continue;
		if ((result = send(file, &updates, lock_retries, err)) != SERIES_WRITTEN)
			return result;
	}
	return send(file, &updates, lock_retries, err);
}

bool
series_file_pass(const char *tmp_file, int64_t end_utc_sec, struct error *err)
{
	static struct updates updates;
	uint64_t retries = 0;

	updates.count = 0;
	put_update(&updates, end_utc_sec, NULL);
	return send(tmp_file, &updates, &retries, err) == SERIES_WRITTEN;
}

static enum series_write
write_new(struct series_writer *w, const char *file, const struct sample *samples,
	  size_t sample_count, struct error *err)
{
	char tmp[SERIES_FILE_MAX];
	int64_t start = samples[0].end_utc_sec - samples[0].step_sec;
	enum series_write result;

	series_file_tmp(tmp, file);
	if (w->blank != NULL && series_blank_fits(w->blank, start, samples, sample_count))
		return series_file_make_dirs(tmp, err) &&
			       series_blank_write(w->blank, tmp, start, samples, sample_count,
						  err) &&
			       series_file_adopt(tmp, file, err)
			   ? SERIES_WRITTEN
			   : SERIES_FAILED;
	if (!series_file_create(&w->plan, tmp, start, err))
		return SERIES_FAILED;
	if (w->blank == NULL)
		series_blank_take(&w->blank, tmp);
	result = update(tmp, start, samples, sample_count, &w->lock_retries, err);
	if (result != SERIES_WRITTEN) {
		unlink(tmp);
		return result;
	}
	return series_file_adopt(tmp, file, err) ? SERIES_WRITTEN : SERIES_FAILED;
}

/* --- opening --- */

/* "x.rrd" -> "x.rrd.damaged-20261119T000000Z", with a number behind when there is one; the name is cut where it would be
 * longer than a file's may be. */
static void
aside_name(char *dst, const char *file, int64_t utc_sec, unsigned number)
{
	const char *base = strrchr(file, '/') + 1;
	char suffix[64], stamp[32];
	time_t at = (time_t)utc_sec;
	struct tm tm;
	int keep;

	strftime(stamp, sizeof(stamp), "%Y%m%dT%H%M%SZ", gmtime_r(&at, &tm));
	if (number == 0)
		snprintf(suffix, sizeof(suffix), ".rrd.damaged-%s", stamp);
	else
		snprintf(suffix, sizeof(suffix), ".rrd.damaged-%s-%u", stamp, number);
	keep = (int)(strlen(base) - strlen(".rrd"));
	if (keep > NAME_MAX - (int)strlen(suffix))
		keep = NAME_MAX - (int)strlen(suffix);
	snprintf(dst, SERIES_FILE_MAX, "%.*s%.*s%s", (int)(base - file), file, keep, base, suffix);
}

/* Never over a file that is there. */
static bool
set_aside(const char *file, const char *why, struct error *err)
{
	char aside[SERIES_FILE_MAX];
	unsigned number = 0;

	do
		aside_name(aside, file, clock_utc_sec(), number);
	while (renameat2(AT_FDCWD, file, AT_FDCWD, aside, RENAME_NOREPLACE) != 0 &&
	       errno == EEXIST && number++ < ASIDE_MAX);
	if (access(file, F_OK) == 0)
		return error_set(err, ERR_IO, "%s; it cannot be set aside: %s", why,
				 strerror(errno));
	log_error("series", "event=file-set-aside file=%s as=%s why=\"%s\"", file, aside, why);
	return true;
}

enum series_open
series_file_open(struct series_writer *w, const char *file, int flags, struct series_layout *layout,
		 struct error *err)
{
	struct error why = { 0 };
	enum series_open opened = series_layout_open(layout, file, flags, &why);

	if (opened != SERIES_UNREADABLE)
		return opened;
	if (why.code == ERR_SERIES && set_aside(file, why.text, &why)) {
		w->set_aside_files++;
		return SERIES_ABSENT;
	}
	if (err != NULL)
		*err = why;
	return SERIES_UNREADABLE;
}

/* Opens the file; one of another interval or other archives is made anew first. */
static enum series_open
open_fitting(struct series_writer *w, const char *file, struct series_layout *layout,
	     struct error *err)
{
	enum series_open opened = series_file_open(w, file, O_RDWR, layout, err);

	if (opened != SERIES_OPENED || series_layout_fits(layout, &w->plan))
		return opened;
	series_layout_close(layout);
	if (!series_convert(&w->plan, file, err))
		return SERIES_UNREADABLE;
	return series_layout_open(layout, file, O_RDWR, err);
}

/* --- samples into a file --- */

static enum series_write
write_opened(struct series_writer *w, const char *path, const char *file,
	     struct series_layout *layout, const struct sample *samples, size_t sample_count,
	     struct error *err)
{
	enum series_write result;

	if (!series_undo_begin(w->undo, path, layout, err)) {
		series_layout_close(layout);
		return SERIES_FAILED;
	}
	if (series_update_fits(layout, samples, sample_count)) {
		result = series_update(layout, series_undo_live(w->undo), samples, sample_count,
				       &w->lock_retries, err);
		if (result != SERIES_WRITTEN)
			error_wrap(err, "%s", file);
		if (result == SERIES_FAILED) /* the header may be half written */
			series_undo_put_back(w->undo, w->state_dir);
		series_layout_close(layout);
	} else {
		/* before librrd locks: a close drops this process's locks */
		series_layout_close(layout);
		result = update(file, layout->last_utc_sec, samples, sample_count, &w->lock_retries,
				err);
	}
	series_undo_end(w->undo);
	return result;
}

enum series_write
series_file_write(struct series_writer *w, const char *path, const struct sample *samples,
		  size_t sample_count, struct error *err)
{
	char file[SERIES_FILE_MAX];
	struct series_layout layout;

	if (!series_path_file(file, w->state_dir, path, err))
		return SERIES_FAILED;
	switch (open_fitting(w, file, &layout, err)) {
	case SERIES_ABSENT: return write_new(w, file, samples, sample_count, err);
	case SERIES_UNREADABLE: return SERIES_FAILED;
	case SERIES_OPENED: break;
	}
	return write_opened(w, path, file, &layout, samples, sample_count, err);
}

enum series_write
series_file_write_as_it_is(struct series_writer *w, const char *path, const struct sample *samples,
			   size_t sample_count, struct error *err)
{
	char file[SERIES_FILE_MAX];
	struct series_layout layout;

	if (!series_path_file(file, w->state_dir, path, err))
		return SERIES_FAILED;
	switch (series_file_open(w, file, O_RDWR, &layout, err)) {
	case SERIES_ABSENT: return write_new(w, file, samples, sample_count, err);
	case SERIES_UNREADABLE: return SERIES_FAILED;
	case SERIES_OPENED: break;
	}
	if (layout.interval_sec == samples[0].step_sec)
		return write_opened(w, path, file, &layout, samples, sample_count, err);
	series_layout_close(&layout);
	error_set(err, ERR_REFUSED, "%s: has an interval of %u s, not of %u s", file,
		  layout.interval_sec, (unsigned)samples[0].step_sec);
	return SERIES_FAILED;
}

/* --- asking --- */

/* A file with holes dies of SIGBUS under librrd when the disk is full: fill them while there is
 * room. */
static bool
mend_sparse(const char *file, struct error *err)
{
	int fd = open(file, O_RDWR | O_CLOEXEC);
	struct stat st;
	int failed = 0;

	if (fd < 0 || fstat(fd, &st) != 0)
		failed = errno;
	else if ((int64_t)st.st_blocks * 512 < st.st_size)
		failed = posix_fallocate(fd, 0, st.st_size);
	if (fd >= 0)
		close(fd);
	return failed == 0 || error_set(err, ERR_IO, "%s: has holes, and they cannot be filled: %s",
					file, strerror(failed));
}

bool
series_file_last(struct series_writer *w, const char *path, int64_t *last_utc_sec,
		 struct error *err)
{
	char file[SERIES_FILE_MAX];
	struct series_layout layout;

	*last_utc_sec = 0;
	if (!series_path_file(file, w->state_dir, path, err))
		return false;
	switch (series_file_open(w, file, O_RDONLY, &layout, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	*last_utc_sec = layout.last_utc_sec;
	series_layout_close(&layout);
	return mend_sparse(file, err);
}
