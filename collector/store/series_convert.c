/* series_convert.c - a file of another interval or other archives becomes one of the plan, with its
 * history; and the history of a file, or of some time of it, for whoever makes one of several (series_join.c).
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

static bool
knows_something(const double *row)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(row[c]))
			return true;
	return false;
}

static bool
reserve(struct series_history *h, size_t more, struct error *err)
{
	size_t cap = h->count + more;
	struct series_piece *pieces;

	if (cap <= h->cap)
		return true;
	if ((pieces = realloc(h->pieces, cap * sizeof(*pieces))) == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	h->pieces = pieces;
	h->cap = cap;
	return true;
}

void
series_history_free(struct series_history *h)
{
	free(h->pieces);
	*h = (struct series_history) { .count = 0 };
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

static int64_t
max_of(int64_t a, int64_t b)
{
	return a > b ? a : b;
}

static int64_t
min_of(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

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

/* A stretch of time of one archive: (after, until] of it counts, in pieces of span_sec that end in (from, to]. */
struct stretch {
	int64_t after, until, from, to, span_sec;
};

/* A row that counts in part is a mean that holds for that part. */
static void
add_pieces(struct series_history *h, const struct rows *rows, const struct stretch *t)
{
	for (int64_t end = t->from + t->span_sec; end <= t->to; end += t->span_sec) {
		int64_t start = max_of(end - t->span_sec, t->after), stop = min_of(end, t->until);
		struct series_piece *p = &h->pieces[h->count];

		if (start >= stop)
			continue;
		*p = (struct series_piece) { .end_utc_sec = stop, .span_sec = stop - start };
		if (t->span_sec == rows->row_sec)
			memcpy(p->value,
			       rows->at +
				   (end - rows->from - t->span_sec) / t->span_sec * COLUMN_COUNT,
			       sizeof(p->value));
		else
			resample(p->value, rows, start, stop);
		if (knows_something(p->value))
			h->count++;
	}
}

/* What one archive tells of (after, until]; *begin becomes where that begins.  Rows that are no multiple of the new
 * interval are made into its slots. */
static bool
take_archive(struct series_history *h, const struct series_layout *old,
	     const struct series_archive *a, int64_t after, int64_t until, int64_t interval,
	     int64_t *begin, struct error *err)
{
	struct stretch t = { .after = after, .until = until };
	struct rows rows = { .from = a->begin_utc_sec, .row_sec = a->row_sec };
	double *at;
	bool done;

	t.span_sec = a->row_sec % interval == 0 ? a->row_sec : interval;
	t.from = max_of(ceil_to(a->begin_utc_sec, t.span_sec), floor_to(after, t.span_sec));
	t.to = min_of(ceil_to(until, t.span_sec), floor_to(a->end_utc_sec, t.span_sec));
	*begin = until;
	if (t.from >= t.to)
		return true;
	at = malloc((size_t)a->row_count * COLUMN_COUNT * sizeof(*at));
	done = (at != NULL || error_set(err, ERR_NOMEM, "out of memory")) &&
	       series_layout_rows(old, a, a->begin_utc_sec, a->end_utc_sec, at, err) &&
	       reserve(h, (size_t)((t.to - t.from) / t.span_sec), err);
	rows.at = at;
	if (done)
		add_pieces(h, &rows, &t);
	free(at);
	*begin = max_of(t.from, after);
	return done;
}

bool
series_history_take(struct series_history *h, const struct series_layout *old, int64_t after,
		    int64_t until, unsigned interval_sec, struct error *err)
{
	for (size_t i = 0; i < old->archive_count && until > after; i++)
		if (old->archives[i].cf == SERIES_AVERAGE &&
		    !take_archive(h, old, &old->archives[i], after, until, interval_sec, &until,
				  err))
			return false;
	return true;
}

static int
by_end(const void *left, const void *right)
{
	const struct series_piece *a = left, *b = right;

	return a->end_utc_sec < b->end_utc_sec ? -1 : a->end_utc_sec > b->end_utc_sec;
}

bool
series_history_fill(struct series_history *h, struct series_layout *made, struct error *err)
{
	if (h->count > 0)
		qsort(h->pieces, h->count, sizeof(*h->pieces), by_end);
	return series_fill(made, h->pieces, h->count, err);
}

/* One row, where the new one is another: what it knows and what it does not, all it was made of is
 * the old file's. */
static bool
take_over_row(const struct series_layout *made, const struct series_archive *a, int64_t end,
	      const double *was, const double *is, struct error *err)
{
	size_t len = COLUMN_COUNT * sizeof(double);

	if (memcmp(was, is, len) == 0 ||
	    pwrite(made->fd, was, len, series_layout_cell(a, end)) == (ssize_t)len)
		return true;
	return error_set(err, ERR_IO, "cannot be written: %s", strerror(errno));
}

/* The rows that both archives have, and that count whole. */
static bool
take_over(const struct series_layout *made_in, const struct series_archive *made,
	  const struct series_layout *old_in, const struct series_archive *old, int64_t after,
	  int64_t until, struct error *err)
{
	int64_t row_sec = old->row_sec;
	int64_t from =
	    max_of(max_of(old->begin_utc_sec, made->begin_utc_sec), ceil_to(after, row_sec));
	int64_t to = min_of(min_of(old->end_utc_sec, made->end_utc_sec), floor_to(until, row_sec));
	size_t count = to > from ? (size_t)((to - from) / row_sec) : 0;
	double *was = calloc(2 * count + 1, COLUMN_COUNT * sizeof(*was)),
	       *is = was + count * COLUMN_COUNT;
	bool done = was != NULL || error_set(err, ERR_NOMEM, "out of memory");

	if (count > 0)
		done = done && series_layout_rows(old_in, old, from, to, was, err) &&
		       series_layout_rows(made_in, made, from, to, is, err);
	for (size_t i = 0; done && i < count; i++)
		done = take_over_row(made_in, made, from + ((int64_t)i + 1) * row_sec,
				     was + i * COLUMN_COUNT, is + i * COLUMN_COUNT, err);
	free(was);
	return done;
}

bool
series_history_take_over(const struct series_layout *made, const struct series_layout *old,
			 int64_t after, int64_t until, struct error *err)
{
	for (size_t i = 0; i < old->archive_count; i++)
		for (size_t k = 0; k < made->archive_count; k++) {
			const struct series_archive *was = &old->archives[i],
						    *is = &made->archives[k];

			if (was->cf == is->cf && was->row_sec == is->row_sec &&
			    !take_over(made, is, old, was, after, until, err))
				return false;
		}
	return true;
}

static bool
convert(const struct series_layout *old, struct series_layout *made, struct series_history *h,
	const struct series_plan *plan, const char *tmp, struct error *err)
{
	int64_t last = floor_to(old->last_utc_sec, plan->interval_sec);

	if (!series_file_create(plan, tmp, last, err))
		return false;
	if (series_layout_open(made, tmp, O_RDWR, err) != SERIES_OPENED)
		return error_wrap(err, "%s", tmp);
	return series_history_take(h, old, 0, last, plan->interval_sec, err) &&
	       series_history_fill(h, made, err) &&
	       series_history_take_over(made, old, 0, SERIES_FOREVER, err);
}

bool
series_convert(const struct series_plan *plan, const char *file, struct error *err)
{
	struct series_layout old = { .fd = -1 }, made = { .fd = -1 };
	struct series_history history = { .count = 0 };
	char tmp[SERIES_FILE_MAX];
	bool done;

	if (series_layout_open(&old, file, O_RDONLY, err) != SERIES_OPENED)
		return error_wrap(err, "%s", file);
	series_file_tmp(tmp, file);
	done = convert(&old, &made, &history, plan, tmp, err) ||
	       error_wrap(err, "%s: cannot be made anew with other archives", file);
	series_layout_close(&old);
	series_layout_close(&made);
	series_history_free(&history);
	if (!done) {
		unlink(tmp);
		return false;
	}
	log_info("series", "event=made-anew file=%s old_interval_sec=%u interval_sec=%u", file,
		 old.interval_sec, plan->interval_sec);
	return series_file_adopt(tmp, file, err);
}
