/* series_convert.c - a file of another interval or other archives becomes one of the plan, with its
 * history.
 *
 * The finest rows that reach a time tell it: slots of the old interval, before them steps, before
 * them days.  Rows that both files have, of means or largest values, are then taken over as they
 * are.  The old file is replaced by renaming. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/log.h"
#include "store/series_internal.h"

struct conversion {
	struct series_layout old, made;
	struct series_piece *pieces;
	size_t piece_count, piece_cap;
};

static bool
knows_something(const double *row)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(row[c]))
			return true;
	return false;
}

static bool
reserve(struct conversion *v, size_t more, struct error *err)
{
	size_t cap = v->piece_count + more;
	struct series_piece *pieces;

	if (cap <= v->piece_cap)
		return true;
	if ((pieces = realloc(v->pieces, cap * sizeof(*pieces))) == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	v->pieces = pieces;
	v->piece_cap = cap;
	return true;
}

/* Rows of an archive, from `from` on, as they lie in memory. */
struct rows {
	const double *at;
	int64_t from, row_sec;
};

/* Time-weighted means of the known rows in (start, end], NAN where less than half of it is known.
 */
static void
resample(double *dst, const struct rows *rows, int64_t start, int64_t end)
{
	for (int c = 0; c < COLUMN_COUNT; c++) {
		int64_t row = (start - rows->from) / rows->row_sec, known_sec = 0;
		double sum = 0;

		for (;; row++) {
			int64_t begin = rows->from + row * rows->row_sec,
				until = begin + rows->row_sec;
			double value;

			if (begin >= end)
				break;
			begin = begin > start ? begin : start;
			until = until < end ? until : end;
			value = rows->at[row * COLUMN_COUNT + c];
			if (isnan(value))
				continue;
			sum += value * (double)(until - begin);
			known_sec += until - begin;
		}
		dst[c] =
		    known_sec > 0 && 2 * known_sec >= end - start ? sum / (double)known_sec : NAN;
	}
}

static void
add_pieces(struct conversion *v, const struct rows *rows, int64_t from, int64_t to,
	   int64_t span_sec)
{
	for (int64_t end = from + span_sec; end <= to; end += span_sec) {
		struct series_piece *p = &v->pieces[v->piece_count];

		*p = (struct series_piece) { .end_utc_sec = end, .span_sec = span_sec };
		if (span_sec == rows->row_sec)
			memcpy(p->value,
			       rows->at + (end - rows->from - span_sec) / span_sec * COLUMN_COUNT,
			       sizeof(p->value));
		else
			resample(p->value, rows, end - span_sec, end);
		if (knows_something(p->value))
			v->piece_count++;
	}
}

static int64_t
ceil_to(int64_t utc_sec, int64_t step_sec)
{
	return (utc_sec + step_sec - 1) / step_sec * step_sec;
}

/* What one archive tells of the time before `until`; *begin becomes where that begins.  Rows that
 * are no multiple of the new interval are made into its slots. */
static bool
take_archive(struct conversion *v, const struct series_archive *a, int64_t until, int64_t *begin,
	     struct error *err)
{
	int64_t interval = v->made.interval_sec,
		span = a->row_sec % interval == 0 ? a->row_sec : interval;
	int64_t from = ceil_to(a->begin_utc_sec, span),
		to = until < a->end_utc_sec ? until : a->end_utc_sec;
	struct rows rows = { .from = a->begin_utc_sec, .row_sec = a->row_sec };
	double *at;
	bool done;

	*begin = until;
	to -= to % span;
	if (from >= to)
		return true;
	at = malloc((size_t)a->row_count * COLUMN_COUNT * sizeof(*at));
	done = (at != NULL || error_set(err, ERR_NOMEM, "out of memory")) &&
	       series_layout_rows(&v->old, a, a->begin_utc_sec, a->end_utc_sec, at, err) &&
	       reserve(v, (size_t)((to - from) / span), err);
	rows.at = at;
	if (done)
		add_pieces(v, &rows, from, to, span);
	free(at);
	*begin = from;
	return done;
}

static int
by_end(const void *left, const void *right)
{
	const struct series_piece *a = left, *b = right;

	return a->end_utc_sec < b->end_utc_sec ? -1 : a->end_utc_sec > b->end_utc_sec;
}

static bool
take_history(struct conversion *v, struct error *err)
{
	int64_t until = v->made.last_utc_sec;

	for (size_t i = 0; i < v->old.archive_count; i++)
		if (v->old.archives[i].cf == SERIES_AVERAGE &&
		    !take_archive(v, &v->old.archives[i], until, &until, err))
			return false;
	if (v->piece_count > 0)
		qsort(v->pieces, v->piece_count, sizeof(*v->pieces), by_end);
	return series_fill(&v->made, v->pieces, v->piece_count, err);
}

/* One row, where the new one is another: what it knows and what it does not, all it was made of is
 * the old file's. */
static bool
take_over_row(const struct conversion *v, const struct series_archive *made, int64_t end,
	      const double *was, const double *is, struct error *err)
{
	size_t len = COLUMN_COUNT * sizeof(double);

	if (memcmp(was, is, len) == 0 ||
	    pwrite(v->made.fd, was, len, series_layout_cell(made, end)) == (ssize_t)len)
		return true;
	return error_set(err, ERR_IO, "cannot be written: %s", strerror(errno));
}

/* The rows that both archives have. */
static bool
take_over(const struct conversion *v, const struct series_archive *old,
	  const struct series_archive *made, struct error *err)
{
	int64_t row_sec = old->row_sec;
	int64_t from =
	    old->begin_utc_sec > made->begin_utc_sec ? old->begin_utc_sec : made->begin_utc_sec;
	int64_t to = old->end_utc_sec < made->end_utc_sec ? old->end_utc_sec : made->end_utc_sec;
	size_t count = to > from ? (size_t)((to - from) / row_sec) : 0;
	double *was = calloc(2 * count + 1, COLUMN_COUNT * sizeof(*was)),
	       *is = was + count * COLUMN_COUNT;
	bool done = was != NULL || error_set(err, ERR_NOMEM, "out of memory");

	done = done && series_layout_rows(&v->old, old, from, to, was, err) &&
	       series_layout_rows(&v->made, made, from, to, is, err);
	for (size_t i = 0; done && i < count; i++)
		done = take_over_row(v, made, from + ((int64_t)i + 1) * row_sec,
				     was + i * COLUMN_COUNT, is + i * COLUMN_COUNT, err);
	free(was);
	return done;
}

static bool
take_over_all(struct conversion *v, struct error *err)
{
	for (size_t i = 0; i < v->old.archive_count; i++)
		for (size_t k = 0; k < v->made.archive_count; k++) {
			const struct series_archive *old = &v->old.archives[i],
						    *made = &v->made.archives[k];

			if (old->cf == made->cf && old->row_sec == made->row_sec &&
			    !take_over(v, old, made, err))
				return false;
		}
	return true;
}

static bool
convert(struct conversion *v, const struct series_plan *plan, const char *tmp, struct error *err)
{
	int64_t last = v->old.last_utc_sec - v->old.last_utc_sec % plan->interval_sec;

	if (!series_file_create(plan, tmp, last, err))
		return false;
	if (series_layout_open(&v->made, tmp, O_RDWR, err) != SERIES_OPENED)
		return error_wrap(err, "%s", tmp);
	return take_history(v, err) && take_over_all(v, err);
}

bool
series_convert(const struct series_plan *plan, const char *file, struct error *err)
{
	struct conversion v = { .old = { .fd = -1 }, .made = { .fd = -1 } };
	char tmp[SERIES_FILE_MAX];
	bool done;

	if (series_layout_open(&v.old, file, O_RDONLY, err) != SERIES_OPENED)
		return error_wrap(err, "%s", file);
	series_file_tmp(tmp, file);
	done = convert(&v, plan, tmp, err) ||
	       error_wrap(err, "%s: cannot be made anew with other archives", file);
	series_layout_close(&v.old);
	series_layout_close(&v.made);
	free(v.pieces);
	if (!done) {
		unlink(tmp);
		return false;
	}
	log_info("series", "event=made-anew file=%s old_interval_sec=%u interval_sec=%u", file,
		 v.old.interval_sec, plan->interval_sec);
	return series_file_adopt(tmp, file, err);
}
