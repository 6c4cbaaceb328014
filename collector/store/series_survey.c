/* series_survey.c - what a picture has to know of its series beforehand: how high it must be, and
 * in what steps rrdtool will draw it, and the figures in its legend. */
#include <math.h>
#include <stdlib.h>

#include "store/series_internal.h"

#define NEWEST_SEC 3600 /* how far back the newest sample is looked for in the finest archive */

/* rrdtool takes, of the archives that reach back, the one whose rows are nearest to a pixel. */
static const struct series_archive *
nearest(const struct series_layout *layout, enum series_cf cf, int64_t from_utc_sec,
	int64_t want_sec)
{
	const struct series_archive *best = NULL, *longest = NULL;

	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct series_archive *a = &layout->archives[i];

		if (a->cf != cf)
			continue;
		if (longest == NULL || a->begin_utc_sec < longest->begin_utc_sec)
			longest = a;
		if (a->begin_utc_sec <= from_utc_sec &&
		    (best == NULL ||
		     llabs(a->row_sec - want_sec) < llabs(best->row_sec - want_sec)))
			best = a;
	}
	return best != NULL ? best : longest;
}

static int64_t
longest(const struct series_archive *a, const struct series_archive *b,
	const struct series_archive *c)
{
	int64_t two = a->row_sec > b->row_sec ? a->row_sec : b->row_sec;

	return two > c->row_sec ? two : c->row_sec;
}

/* The rows that lie in (from, to]; *from becomes where they begin.  free() them; NULL with err. */
static double *
rows_of(const struct series_layout *layout, const struct series_archive *a, int64_t *from,
	int64_t to, int64_t *count, struct error *err)
{
	int64_t start = *from - *from % a->row_sec, end = to - to % a->row_sec;
	double *rows;

	start = start > a->begin_utc_sec ? start : a->begin_utc_sec;
	end = end < a->end_utc_sec ? end : a->end_utc_sec;
	*count = end > start ? (end - start) / a->row_sec : 0;
	*from = start;
	rows = malloc(((size_t)*count + 1) * COLUMN_COUNT * sizeof(*rows));
	if (rows == NULL)
		error_set(err, ERR_NOMEM, "series: out of memory");
	else if (!series_layout_rows(layout, a, start, start + *count * a->row_sec, rows, err)) {
		free(rows);
		return NULL;
	}
	return rows;
}

static const enum column rate_column[DIRECTION_COUNT] = { COLUMN_IN_BPS, COLUMN_OUT_BPS };

static bool
survey_means(struct series_survey *s, const struct series_layout *layout,
	     const struct series_archive *a, int64_t from, int64_t to, int64_t until,
	     struct error *err)
{
	int64_t count, known[DIRECTION_COUNT] = { 0, 0 };
	double *rows = rows_of(layout, a, &from, to, &count, err), sum[DIRECTION_COUNT] = { 0, 0 };

	for (int64_t i = 0; rows != NULL && i < count; i++) {
		const double *row = rows + i * COLUMN_COUNT;

		for (enum direction d = 0; d < DIRECTION_COUNT; d++) {
			if (isnan(row[rate_column[d]]))
				continue;
			sum[d] += row[rate_column[d]];
			known[d]++;
			s->peak[d] = fmax(s->peak[d], row[rate_column[d]]);
			s->newest[d] = row[rate_column[d]];
		}
		if (row[COLUMN_CAPACITY_BPS] > 0)
			s->capacity_bps = row[COLUMN_CAPACITY_BPS];
		if (from + (i + 1) * a->row_sec <= until && isnan(row[COLUMN_IN_BPS]) &&
		    isnan(row[COLUMN_OUT_BPS]))
			s->has_unknown = true;
	}
	for (enum direction d = 0; d < DIRECTION_COUNT; d++)
		s->mean[d] = known[d] > 0 ? sum[d] / (double)known[d] : NAN;
	free(rows);
	return rows != NULL;
}

static bool
survey_largest(struct series_survey *s, const struct series_layout *layout,
	       const struct series_archive *a, int64_t from, int64_t to, struct error *err)
{
	int64_t count;
	double *rows = rows_of(layout, a, &from, to, &count, err);

	for (int64_t i = 0; rows != NULL && i < count; i++)
		for (enum direction d = 0; d < DIRECTION_COUNT; d++)
			s->peak[d] = fmax(s->peak[d], rows[i * COLUMN_COUNT + rate_column[d]]);
	free(rows);
	return rows != NULL;
}

/* The newest known sample is the same number in a picture of a day and of a year; and none is above the highest, whose rows
 * may end before it. */
static bool
survey_newest(struct series_survey *s, const struct series_layout *layout, int64_t from, int64_t to,
	      struct error *err)
{
	const struct series_archive *a = nearest(layout, SERIES_AVERAGE, INT64_MAX, 0);
	struct series_survey newest = *s;

	from = from > to - NEWEST_SEC ? from : to - NEWEST_SEC;
	if (!survey_means(&newest, layout, a, from, to, 0, err))
		return false;
	for (enum direction d = 0; d < DIRECTION_COUNT; d++) {
		s->newest[d] = newest.newest[d];
		s->peak[d] = newest.peak[d];
	}
	s->capacity_bps = newest.capacity_bps;
	return true;
}

static bool
survey(struct series_survey *s, const struct series_layout *layout, int64_t from, int64_t to,
       int64_t pixel_sec, int64_t until, struct error *err)
{
	const struct series_archive *means = nearest(layout, SERIES_AVERAGE, from, pixel_sec);
	const struct series_archive *largest = nearest(layout, SERIES_MAX, from, 0);

	if (means == NULL || largest == NULL)
		return error_set(err, ERR_SERIES,
				 "it has no archive of means, or none of largest values");
	s->row_sec = means->row_sec > pixel_sec ? means->row_sec : pixel_sec;
	s->longest_row_sec = longest(means, largest, nearest(layout, SERIES_MAX, from, pixel_sec));
	s->has_unknown = from < means->begin_utc_sec || layout->last_utc_sec + s->row_sec < until;
	return survey_means(s, layout, means, from, to, until, err) &&
	       survey_largest(s, layout, largest, from, to, err) &&
	       survey_newest(s, layout, from, to, err);
}

bool
series_survey(struct series_survey *s, const char *state_dir, const char *path,
	      int64_t from_utc_sec, int64_t to_utc_sec, int64_t pixel_sec, int64_t until_utc_sec,
	      struct error *err)
{
	struct series_layout layout;
	bool done;

	*s = (struct series_survey) { .capacity_bps = NAN };
	for (enum direction d = 0; d < DIRECTION_COUNT; d++)
		s->peak[d] = s->mean[d] = s->newest[d] = NAN;
	switch (series_layout_open_locked(&layout, state_dir, path, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	done = survey(s, &layout, from_utc_sec, to_utc_sec, pixel_sec, until_utc_sec, err) ||
	       error_wrap(err, "series %s", path);
	series_layout_close(&layout);
	return done;
}
