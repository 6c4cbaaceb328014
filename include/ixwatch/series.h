/* series.h - a port's history, one series a port (today: journal and RRD files).
 *
 * A series is named by its path relative to the state directory, from the port table, never from a request.  One process
 * writes (it holds state-dir/lock); any number read.  What was appended and committed is there after a crash.
 * Unknown is NAN; a gap is unknown; history is never overwritten. */
#ifndef IXWATCH_SERIES_H
#define IXWATCH_SERIES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"

struct series;

struct series_settings {
	const char *state_dir;
	unsigned interval_sec; /* the grid of what is appended */
	unsigned
	    step_sec; /* of the middle archive: 300; a multiple of the interval, a divisor of an hour */
	int64_t keep_interval_sec, keep_step_sec, keep_hour_sec,
	    keep_day_sec; /* how long each archive reaches back */
};

/* A file name that is safe: everything but [A-Za-z0-9_-] percent-encoded.
 * Writes "rrd/<exchange>/<agent>/<interface>.rrd" into dst[len]; false when it does not fit. */
bool series_path(char *dst, size_t len, const char *exchange, const char *agent,
		 const char *interface);

/* --- writing: one process --- */

/* Opens for writing, reading back what the journal holds, whatever the interval was then.  A file of another interval or
 * other archives is made anew, with its history, when it is next written.  A file that is damaged, or none of ours, is
 * never written over nor deleted: it is renamed to NAME.rrd.damaged-TIME, logged and counted, and a new one begun. */
bool series_open(struct series **out, const struct series_settings *settings, struct error *err);
void series_close(struct series *series); /* writes what is pending; NULL is fine */

/* Adds one sample (its step is the settings' interval_sec) to the round.  Samples at or before the last one of that
 * series, before 2020 or more than a day ahead of the clock are ignored, and counted.  A sample off the grid and a path
 * that is none are errors; else it fails only for lack of memory. */
bool series_append(struct series *series, const char *path, const struct sample *sample,
		   struct error *err);

/* Ends a round: what was appended is in the journal, as safe as the disk makes it; files follow behind.  On an error
 * (a full disk) nothing is lost: the round goes into the journal with the next one, and into the files meanwhile. */
bool series_commit(struct series *series, struct error *err);

/* Spends at most about budget_ms on writing samples into their files, where enough of them wait; returns whether more
 * is due.  To be called every second or so.  A write that fails is logged once, counted, and tried again later. */
bool series_work(struct series *series, unsigned budget_ms);

/* Writes one series' pending samples into its file now, so that another process may read them. */
bool series_flush(struct series *series, const char *path, struct error *err);
bool series_flush_all(struct series *series, struct error *err);

/* The end of the newest sample of a series, 0 when there is none yet. */
int64_t series_last_utc_sec(struct series *series, const char *path);

/* History from elsewhere, oldest first, samples of one step (any multiple or divisor of the interval up to an hour), on
 * its grid, from 1990 on; what ends later than now is left out.  What is already known stays; only unknown time is
 * filled, in every archive.  *accepted_count: samples that filled something. */
bool series_import(struct series *series, const char *path, const struct sample *samples,
		   size_t sample_count, size_t *accepted_count, struct error *err);

/* What a series made of two holds of each. */
struct series_joined {
	size_t
	    carried_count; /* samples, of the finest archive that has them, that the old one knows before */
	int64_t first_utc_sec, last_utc_sec; /* when the first begins, and the last ends */
	size_t hidden_count;                 /* of the new one, before, that carried something */
	int64_t hidden_utc_sec;              /* when the first of them begins */
};

/* Where a joined series may lie aside, below the state directory: what a crash left there is swept. */
#define SERIES_FORESEEN "foreseen"

/* Two series become one: what the old one knows before at_utc_sec (on the grid), and the new one's own from there on, in
 * every archive.  It is made beside the new one's file; series_join_adopt then gives it that file's place in one step, and
 * nothing may be appended to the new one in between.  The old one stays as it is.  ERR_REFUSED: the old one knows nothing
 * before.  aside: NULL; or a folder in which it is put below the same path instead, complete, for whoever wants to read
 * it before (series_join_drop ends it). */
bool series_join_make(struct series *series, const char *old_path, const char *new_path,
		      int64_t at_utc_sec, const char *aside, struct series_joined *joined,
		      struct error *err);
bool series_join_adopt(struct series *series, const char *new_path, struct error *err);
void series_join_drop(struct series *series, const char *new_path, const char *aside);

struct series_health {
	uint64_t pending_samples;     /* not yet in their files */
	uint64_t uncommitted_samples; /* of them, not yet in the journal either */
	uint64_t files_waiting;       /* that have samples pending */
	uint64_t journal_octets;
	uint64_t written_samples, ignored_samples, lock_retries, write_failures, set_aside_files;
	uint64_t
	    lost_samples; /* committed, and no longer readable in the journal: somebody took it away */
};
void series_health_get(const struct series *series, struct series_health *health);

/* --- reading: any process, no lock held --- */

struct series_rows {
	unsigned step_sec;
	int64_t start_utc_sec; /* the beginning of the first row's interval */
	size_t row_count;
	double *value; /* row_count x COLUMN_COUNT, row-major; NAN unknown */
};

/* The means of [from, to) in rows of at least min_step_sec (0: of the finest archive that reaches back to `from`), at most
 * max_rows; from the coarsest archive that makes such rows whole.  A row is known when at least half of it is.  Time
 * before the archives is left out, what is to come is unknown.  A series that has no file yet reads as no rows.
 * ERR_LOCKED: it is being written all the time, try again. */
bool series_read(const char *state_dir, const char *path, int64_t from_utc_sec, int64_t to_utc_sec,
		 unsigned min_step_sec, size_t max_rows, struct series_rows *out,
		 struct error *err);
void series_rows_free(struct series_rows *rows);

/* The greatest in_bps and out_bps within each of these rows, in *peaks, row_count x DIRECTION_COUNT, row-major; the caller
 * frees.  As fine as the archives still have them, and never below the row's mean; NAN where that is. */
bool series_read_peaks(const char *state_dir, const char *path, const struct series_rows *rows,
		       double **peaks, struct error *err);

/* First known instant and newest sample end in the file; 0 and 0 when it is absent or empty. */
bool series_extent(const char *state_dir, const char *path, int64_t *first_utc_sec,
		   int64_t *last_utc_sec, struct error *err);

/* --- drawing: one thread of a process of its own (see draw workers), never beside anything else --- */

enum series_image { SERIES_PNG, SERIES_SVG };

struct series_band { /* an episode, shaded behind the curves */
	int64_t start_utc_sec, end_utc_sec;
	enum direction direction;
	enum episode_kind kind;
	bool excused; /* it does not count: drawn lighter */
	bool
	    declared; /* no episode but a declared window: behind both halves, in a colour of its own */
};

struct series_drawing {
	const char *path;
	const char *title;    /* any text; escaped inside */
	const char *timezone; /* of the axis, IANA */
	int64_t from_utc_sec, to_utc_sec;
	int64_t seen_from_utc_sec; /* no row that begins before is drawn, nor counts; 0: all are */
	unsigned width_px, height_px; /* of the plot; clamped to 100..2000 and 60..1000 */
	enum series_image image;
	bool dark;
	double contracted_bps; /* a line of its own; NAN: none */
	size_t band_count;
	const struct series_band *bands;
};

/* The picture in *data (caller frees), on the ground of the pages, opaque.  In above the axis, out below it, capacity as lines,
 * episodes shaded, unknown time grey.  ERR_NOT_FOUND while there are no samples.  Sets TZ.  librrd loses some 1.5 kB
 * each time: a process that draws is to be replaced after some thousand pictures. */
bool series_draw(const char *state_dir, const struct series_drawing *drawing, unsigned char **data,
		 size_t *len, struct error *err);

#endif
