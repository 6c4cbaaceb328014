/* series_update.c - puts samples into a file, and makes new files, as librrd would, in a tenth of its time.
 *
 * Almost every write is the same: a file of ours, at rest on its grid, and a few samples that follow.  What librrd does
 * then is little: each slot goes into the row that every archive is gathering, rows that are complete go into the rings.
 * It is done here on a copy of the header's live part, which is written back last; the undo note holds the one before.
 * Anything else (a long gap, a file that rests off its grid) is librrd's.  A new file is the first one's header with
 * another beginning, and as many unknown cells.
 *
 * Source: librrd 1.7.2, rrd_update.c and rrd_create.c; rrd_format.h.  The locks are of the open file description: they
 * and librrd's own keep each other out, and closing another descriptor does not drop them. */
#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define RRD_EXPORT_DEPRECATED /* the structures of the file, none of the functions */
#include <rrd.h>

#include "store/series_internal.h"

#define GAP_SLOTS_MAX 64 /* a longer gap is librrd's */
#define LIVE_MAX      (14 * 1024)
#define ROW_OCTETS    (COLUMN_COUNT * sizeof(double))
#define RUN_ROWS      64 /* written in one go */
#define HEADER_MAX    (16 * 1024)
#define BLANK_CELLS   (32 * 1024)
#define KNOWN_SHARE   0.5

/* The live part of a header, in memory. */
struct live {
	_Alignas(max_align_t) unsigned char octets[LIVE_MAX];
	live_head_t *head;
	pdp_prep_t *pdp;
	cdp_prep_t *scratch; /* by archive, then column */
	rra_ptr_t *rings;
};

static void
live_take(struct live *live, const struct series_layout *layout, const void *octets)
{
	unsigned char *at = live->octets;

	memcpy(at, octets, layout->live_len);
	live->head = (void *)at;
	live->pdp = (void *)(at + sizeof(live_head_t));
	live->scratch = (void *)(at + (layout->scratch_offset - layout->live_offset));
	live->rings = (void *)(live->scratch + layout->archive_count * COLUMN_COUNT);
}

/* --- slots into rows --- */

/* Adjacent rows of one ring, waiting to be written. */
struct run {
	int fd;
	int64_t offset;
	size_t count;
	double cell[RUN_ROWS][COLUMN_COUNT];
};

static bool
write_at(int fd, const void *data, size_t len, int64_t offset)
{
	const char *at = data;

	while (len > 0) {
		ssize_t put = pwrite(fd, at, len, offset);

		if (put < 0 && errno == EINTR)
			continue;
		if (put <= 0)
			return false;
		at += put;
		offset += put;
		len -= (size_t)put;
	}
	return true;
}

static bool
run_write(struct run *run)
{
	bool done = write_at(run->fd, run->cell, run->count * ROW_OCTETS, run->offset);

	run->count = 0;
	return done;
}

static bool
run_add(struct run *run, const double *row, int64_t offset)
{
	if (run->count > 0 &&
	    (run->count == RUN_ROWS ||
	     run->offset + (int64_t)(run->count * ROW_OCTETS) != offset) &&
	    !run_write(run))
		return false;
	if (run->count == 0)
		run->offset = offset;
	memcpy(run->cell[run->count++], row, ROW_OCTETS);
	return true;
}

static void
scratch_add(cdp_prep_t *scratch, enum series_cf cf, double value)
{
	double *sum = &scratch->scratch[CDP_val].u_val;
	bool none = isnan(*sum) || isinf(*sum);

	if (isnan(value))
		scratch->scratch[CDP_unkn_pdp_cnt].u_cnt++;
	else if (none)
		*sum = value;
	else
		*sum = cf == SERIES_AVERAGE ? *sum + value : fmax(*sum, value);
}

/* The row's value, of slot_count slots; the scratch begins the next row. */
static double
scratch_end(cdp_prep_t *scratch, enum series_cf cf, int64_t slot_count)
{
	double value = scratch->scratch[CDP_val].u_val;
	int64_t unknown = (int64_t)scratch->scratch[CDP_unkn_pdp_cnt].u_cnt;

	scratch->scratch[CDP_val].u_val = NAN;
	scratch->scratch[CDP_unkn_pdp_cnt].u_cnt = 0;
	if ((double)unknown > (double)slot_count * KNOWN_SHARE || isinf(value))
		return NAN;
	return cf == SERIES_AVERAGE ? value / (double)(slot_count - unknown) : value;
}

/* One slot into one archive; a row that is complete goes into its ring. */
static bool
slot_put(struct live *live, const struct series_layout *layout, size_t archive, int64_t end_utc_sec,
	 const double *value, struct run *run)
{
	const struct series_archive *a = &layout->archives[archive];
	cdp_prep_t *scratch = live->scratch + archive * COLUMN_COUNT;
	rra_ptr_t *ring = &live->rings[archive];
	int64_t slots = a->row_sec / layout->interval_sec;
	double row[COLUMN_COUNT];

	for (int c = 0; slots > 1 && c < COLUMN_COUNT; c++)
		scratch_add(&scratch[c], a->cf, value[c]);
	if (end_utc_sec % a->row_sec != 0)
		return true;
	for (int c = 0; c < COLUMN_COUNT; c++)
		row[c] = slots > 1 ? scratch_end(&scratch[c], a->cf, slots) : value[c];
	ring->cur_row = (ring->cur_row + 1) % (unsigned long)a->row_count;
	return run_add(run, row, a->offset + (int64_t)(ring->cur_row * ROW_OCTETS));
}

static bool
archive_put(struct live *live, const struct series_layout *layout, size_t archive,
	    const struct sample *samples, size_t sample_count)
{
	static const double unknown[COLUMN_COUNT] = { NAN, NAN, NAN, NAN, NAN,
						      NAN, NAN, NAN, NAN, NAN };
	struct run run = { .fd = layout->fd };
	int64_t at = layout->last_utc_sec, step = layout->interval_sec;
	double value[COLUMN_COUNT];
	bool done = true;

	for (size_t i = 0; done && i < sample_count; i++) {
		if (samples[i].end_utc_sec <= at)
			continue;
		for (at += step; done && at < samples[i].end_utc_sec; at += step)
			done = slot_put(live, layout, archive, at, unknown, &run);
		for (int c = 0; c < COLUMN_COUNT; c++)
			value[c] = series_file_value(samples[i].value[c]);
		done = done && slot_put(live, layout, archive, at, value, &run);
	}
	return done && (run.count == 0 || run_write(&run));
}

/* What librrd keeps of the last update. */
static void
sources_put(struct live *live, const struct sample *last)
{
	live->head->last_up = last->end_utc_sec;
	live->head->last_up_usec = 0;
	for (int c = 0; c < COLUMN_COUNT; c++) {
		pdp_prep_t *pdp = &live->pdp[c];

		if (isnan(last->value[c]))
			snprintf(pdp->last_ds, sizeof(pdp->last_ds), "U");
		else
			snprintf(pdp->last_ds, sizeof(pdp->last_ds), "%.10g", last->value[c]);
		pdp->scratch[PDP_unkn_sec_cnt].u_cnt = 0;
		pdp->scratch[PDP_val].u_val = isnan(last->value[c]) ? NAN : 0.0;
	}
}

/* --- a file --- */

bool
series_update_fits(const struct series_layout *layout, const struct sample *samples,
		   size_t sample_count)
{
	int64_t at = layout->last_utc_sec, step = layout->interval_sec;
	bool any = false;

	if (at % step != 0 || layout->live_len > LIVE_MAX)
		return false;
	for (size_t i = 0; i < sample_count; i++) {
		if (samples[i].end_utc_sec <= at)
			continue;
		if (samples[i].step_sec != step || samples[i].end_utc_sec % step != 0 ||
		    (samples[i].end_utc_sec - at) / step > GAP_SLOTS_MAX)
			return false;
		at = samples[i].end_utc_sec;
		any = true;
	}
	return any;
}

static bool
put_all(struct live *live, const struct series_layout *layout, const struct sample *samples,
	size_t sample_count, struct error *err)
{
	bool done = true;

	for (size_t i = 0; done && i < layout->archive_count; i++)
		done = archive_put(live, layout, i, samples, sample_count);
	sources_put(live, &samples[sample_count - 1]);
	done = done && write_at(layout->fd, live->octets, layout->live_len, layout->live_offset);
	return done || error_set(err, ERR_IO, "cannot be written: %s", strerror(errno));
}

/* Keeps readers out until the descriptor is closed. */
static enum series_write
lock(int fd, uint64_t *lock_retries, struct error *err)
{
	struct flock lock = { .l_type = F_WRLCK, .l_whence = SEEK_SET };
	struct timespec pause = { .tv_nsec = 1000 * 1000 };

	for (int i = 0; i < SERIES_LOCK_TRIES; i++) {
		if (fcntl(fd, F_OFD_SETLK, &lock) == 0)
			return SERIES_WRITTEN;
		if (errno != EAGAIN && errno != EACCES && errno != EINTR)
			return SERIES_WRITTEN; /* a file system without locks */
		++*lock_retries;
		nanosleep(&pause, NULL);
		pause.tv_nsec *= 2;
	}
	error_set(err, ERR_LOCKED, "could not lock it: somebody reads it all the time");
	return SERIES_BUSY;
}

enum series_write
series_update(const struct series_layout *layout, const void *live_octets,
	      const struct sample *samples, size_t sample_count, uint64_t *lock_retries,
	      struct error *err)
{
	static struct live live; /* 14 kB; one writer, one thread */
	enum series_write result = lock(layout->fd, lock_retries, err);

	if (result != SERIES_WRITTEN)
		return result;
	live_take(&live, layout, live_octets);
	return put_all(&live, layout, samples, sample_count, err) ? SERIES_WRITTEN : SERIES_FAILED;
}

/* --- a new file --- */

struct series_blank {
	_Alignas(max_align_t) unsigned char header[HEADER_MAX];
	size_t header_len;
	struct series_layout layout; /* of that file; its fd closed */
	double cells[BLANK_CELLS];   /* unknown */
};

bool
series_blank_take(struct series_blank **out, const char *file)
{
	struct series_blank *blank = calloc(1, sizeof(*blank));
	bool done = blank != NULL &&
		    series_layout_open(&blank->layout, file, O_RDONLY, NULL) == SERIES_OPENED;

	if (done) {
		blank->header_len = (size_t)blank->layout.live_offset + blank->layout.live_len;
		done = blank->header_len <= HEADER_MAX && blank->layout.live_len <= LIVE_MAX &&
		       blank->layout.last_utc_sec % blank->layout.interval_sec == 0 &&
		       pread(blank->layout.fd, blank->header, blank->header_len, 0) ==
			   (ssize_t)blank->header_len;
		series_layout_close(&blank->layout);
	}
	if (!done) {
		free(blank);
		return false;
	}
	for (size_t i = 0; i < BLANK_CELLS; i++)
		blank->cells[i] = NAN;
	*out = blank;
	return true;
}

void
series_blank_free(struct series_blank *blank)
{
	free(blank);
}

/* As of start_utc_sec: slots of a row before it are unknown. */
static void
blank_begin(struct series_blank *blank, struct live *live, int64_t start_utc_sec)
{
	struct series_layout *layout = &blank->layout;

	live_take(live, layout, blank->header + layout->live_offset);
	live->head->last_up = layout->last_utc_sec = start_utc_sec;
	for (size_t i = 0; i < layout->archive_count; i++)
		for (int c = 0; c < COLUMN_COUNT; c++)
			live->scratch[i * COLUMN_COUNT + (size_t)c]
			    .scratch[CDP_unkn_pdp_cnt]
			    .u_cnt = (unsigned long)(start_utc_sec % layout->archives[i].row_sec /
						     layout->interval_sec);
}

static bool
blank_cells_write(const struct series_blank *blank, int fd)
{
	int64_t at = (int64_t)blank->header_len;

	while (at < blank->layout.file_len) {
		int64_t len = blank->layout.file_len - at;

		if (len > (int64_t)sizeof(blank->cells))
			len = sizeof(blank->cells);
		if (!write_at(fd, blank->cells, (size_t)len, at))
			return false;
		at += len;
	}
	return true;
}

bool
series_blank_write(struct series_blank *blank, const char *tmp_file, int64_t start_utc_sec,
		   const struct sample *samples, size_t sample_count, struct error *err)
{
	static struct live live;
	int fd = open(tmp_file, O_RDWR | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool done;

	if (fd < 0)
		return error_set(err, ERR_IO, "%s: cannot be made: %s", tmp_file, strerror(errno));
	blank->layout.fd = fd;
	blank_begin(blank, &live, start_utc_sec);
	done =
	    (write_at(fd, blank->header, blank->header_len, 0) && blank_cells_write(blank, fd)) ||
	    error_set(err, ERR_IO, "%s: no file of %lld octets can be made: %s", tmp_file,
		      (long long)blank->layout.file_len, strerror(errno));
	done = done && (put_all(&live, &blank->layout, samples, sample_count, err) ||
			error_wrap(err, "%s", tmp_file));
	close(fd);
	blank->layout.fd = -1;
	if (!done)
		unlink(tmp_file);
	return done;
}

bool
series_blank_fits(const struct series_blank *blank, int64_t start_utc_sec,
		  const struct sample *samples, size_t sample_count)
{
	struct series_layout layout = blank->layout;

	layout.last_utc_sec = start_utc_sec;
	return series_update_fits(&layout, samples, sample_count);
}
