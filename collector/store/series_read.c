/* series_read.c - rows of a series, for any process.
 *
 * The file is shared with other readers while its rows are copied, which takes well under a
 * millisecond; a writer that meets the lock tries again.  Rows are of AVERAGE archives only, and
 * known when at least half of what they cover is. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "store/series_internal.h"

#define SCAN_ROWS 1024

/* --- which archive, which step --- */

static int64_t
floor_to(int64_t utc_sec, int64_t step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

static int64_t
ceil_to(int64_t utc_sec, int64_t step_sec)
{
	return floor_to(utc_sec + step_sec - 1, step_sec);
}

static int64_t
oldest_utc_sec(const struct series_layout *layout)
{
	int64_t oldest = INT64_MAX;

	for (size_t i = 0; i < layout->archive_count; i++)
		if (layout->archives[i].cf == SERIES_AVERAGE &&
		    layout->archives[i].begin_utc_sec < oldest)
			oldest = layout->archives[i].begin_utc_sec;
	return oldest;
}

/* Whether rows of `a` make rows of want_sec better than those of `b` do: whole multiples first,
 * then the fewest; only where no row is short enough the next longer one. */
static bool
is_better(const struct series_archive *a, const struct series_archive *b, int64_t want_sec)
{
	bool a_short = a->row_sec <= want_sec, b_short = b->row_sec <= want_sec;
	bool a_whole = want_sec % a->row_sec == 0, b_whole = want_sec % b->row_sec == 0;

	if (a_short != b_short)
		return a_short;
	if (!a_short)
		return a->row_sec < b->row_sec;
	return a_whole != b_whole ? a_whole : a->row_sec > b->row_sec;
}

static const struct series_archive *
choose_archive(const struct series_layout *layout, int64_t from_utc_sec, int64_t want_sec)
{
	const struct series_archive *best = NULL;

	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct series_archive *a = &layout->archives[i];

		if (a->cf != SERIES_AVERAGE ||
		    a->begin_utc_sec > floor_to(from_utc_sec, a->row_sec))
			continue;
		if (best == NULL || is_better(a, best, want_sec))
			best = a;
	}
	return best;
}

struct choice {
	const struct series_archive *archive;
	int64_t step_sec, start_utc_sec, end_utc_sec;
	size_t row_count;
};

/* The smallest step, at least min_step_sec, of which [from, to) has at most max_rows. */
static struct choice
choose(const struct series_layout *layout, int64_t from, int64_t to, int64_t min_step_sec,
       size_t max_rows)
{
	int64_t want = (to - from + (int64_t)max_rows - 1) / (int64_t)max_rows;
	struct choice c;

	for (want = want > min_step_sec ? want : min_step_sec;;
	     want = c.step_sec + 1 + c.step_sec / 16) {
		c.archive = choose_archive(layout, from, want);
		c.step_sec = want > 0 ? ceil_to(want, c.archive->row_sec) : c.archive->row_sec;
		c.start_utc_sec = floor_to(from, c.step_sec);
		c.end_utc_sec = ceil_to(to, c.step_sec);
		c.row_count = (size_t)((c.end_utc_sec - c.start_utc_sec) / c.step_sec);
		if (c.row_count <= max_rows)
			return c;
	}
}

/* --- rows --- */

/* The mean of the known ones of count rows, NAN when fewer than half are known. */
static void
average(double *dst, const double *rows, int64_t count)
{
	for (int c = 0; c < COLUMN_COUNT; c++) {
		double sum = 0;
		int64_t known = 0;

		for (int64_t i = 0; i < count; i++)
			if (!isnan(rows[i * COLUMN_COUNT + c])) {
				sum += rows[i * COLUMN_COUNT + c];
				known++;
			}
		dst[c] = known > 0 && 2 * known >= count ? sum / (double)known : NAN;
	}
}

static bool
read_averages(const struct series_layout *layout, const struct choice *choice, double *dst,
	      struct error *err)
{
	int64_t per_row = choice->step_sec / choice->archive->row_sec;
	double *rows = malloc((size_t)per_row * COLUMN_COUNT * sizeof(*rows));
	bool done = rows != NULL || error_set(err, ERR_NOMEM, "series: out of memory");

	for (size_t i = 0; done && i < choice->row_count; i++) {
		int64_t start = choice->start_utc_sec + (int64_t)i * choice->step_sec;

		done = series_layout_rows(layout, choice->archive, start, start + choice->step_sec,
					  rows, err);
		if (done)
			average(dst + i * COLUMN_COUNT, rows, per_row);
	}
	free(rows);
	return done;
}

static bool
read_rows(const struct series_layout *layout, const struct choice *choice, struct series_rows *out,
	  struct error *err)
{
	out->value = malloc((choice->row_count + 1) * COLUMN_COUNT * sizeof(*out->value));
	if (out->value == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	out->step_sec = (unsigned)choice->step_sec;
	out->start_utc_sec = choice->start_utc_sec;
	out->row_count = choice->row_count;
	if (choice->step_sec == choice->archive->row_sec)
		return series_layout_rows(layout, choice->archive, choice->start_utc_sec,
					  choice->end_utc_sec, out->value, err);
	return read_averages(layout, choice, out->value, err);
}

bool
series_read(const char *state_dir, const char *path, int64_t from_utc_sec, int64_t to_utc_sec,
	    unsigned min_step_sec, size_t max_rows, struct series_rows *out, struct error *err)
{
	struct series_layout layout;
	struct choice choice;
	bool done;

	*out = (struct series_rows) { 0 };
	if (from_utc_sec < 0 || to_utc_sec <= from_utc_sec || max_rows == 0)
		return error_set(err, ERR_USAGE, "series %s: nothing lies between the two instants",
				 path);
	switch (series_layout_open_locked(&layout, state_dir, path, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	if (from_utc_sec < oldest_utc_sec(&layout))
		from_utc_sec = oldest_utc_sec(&layout);
	if (to_utc_sec <= from_utc_sec) {
		series_layout_close(&layout);
		return true;
	}
	choice = choose(&layout, from_utc_sec, to_utc_sec, min_step_sec, max_rows);
	done = read_rows(&layout, &choice, out, err);
	series_layout_close(&layout);
	if (!done) {
		series_rows_free(out);
		return error_wrap(err, "series %s", path);
	}
	return true;
}

void
series_rows_free(struct series_rows *rows)
{
	free(rows->value);
	*rows = (struct series_rows) { 0 };
}

/* --- extent --- */

static bool
is_known(const double *row)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(row[c]))
			return true;
	return false;
}

/* The beginning of the first known row that ends in (from, to]; 0 when none is known. */
static bool
first_known(const struct series_layout *layout, const struct series_archive *a, int64_t from,
	    int64_t to, int64_t *first_utc_sec, struct error *err)
{
	double rows[SCAN_ROWS * COLUMN_COUNT];

	*first_utc_sec = 0;
	for (int64_t until; from < to; from = until) {
		until = from + SCAN_ROWS * a->row_sec;
		until = until < to ? until : floor_to(to, a->row_sec);
		if (until <= from)
			break;
		if (!series_layout_rows(layout, a, from, until, rows, err))
			return false;
		for (int64_t i = 0; i < (until - from) / a->row_sec; i++)
			if (is_known(rows + i * COLUMN_COUNT)) {
				*first_utc_sec = from + i * a->row_sec;
				return true;
			}
	}
	return true;
}

/* From the finest archive to the coarsest, each where the finer ones do not reach. */
static bool
find_first(const struct series_layout *layout, int64_t *first_utc_sec, struct error *err)
{
	int64_t limit = layout->last_utc_sec, first;

	*first_utc_sec = 0;
	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct series_archive *a = &layout->archives[i];

		if (a->cf != SERIES_AVERAGE || a->begin_utc_sec >= limit)
			continue;
		if (!first_known(layout, a, a->begin_utc_sec,
				 limit < a->end_utc_sec ? limit : a->end_utc_sec, &first, err))
			return false;
		if (first > 0)
			*first_utc_sec = first;
		limit = a->begin_utc_sec;
	}
	return true;
}

bool
series_extent(const char *state_dir, const char *path, int64_t *first_utc_sec,
	      int64_t *last_utc_sec, struct error *err)
{
	struct series_layout layout;
	bool done;

	*first_utc_sec = *last_utc_sec = 0;
	switch (series_layout_open_locked(&layout, state_dir, path, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	done = find_first(&layout, first_utc_sec, err);
	if (*first_utc_sec > 0)
		*last_utc_sec = layout.last_utc_sec;
	series_layout_close(&layout);
	return done;
}
