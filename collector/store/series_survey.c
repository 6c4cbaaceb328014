/* series_survey.c - what a picture has to know of its series beforehand: how high it must be, and in what steps rrdtool
 * will draw it. */
#include <math.h>
#include <stdlib.h>

#include "store/series_internal.h"

/* rrdtool takes, of the archives that reach back, the one whose rows are nearest to a pixel. */
static const struct series_archive *
nearest(const struct series_layout *layout, enum series_cf cf, int64_t from_utc_sec, int64_t want_sec)
{
	const struct series_archive *best = NULL, *longest = NULL;

	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct series_archive *a = &layout->archives[i];

		if (a->cf != cf)
			continue;
		if (longest == NULL || a->begin_utc_sec < longest->begin_utc_sec)
			longest = a;
		if (a->begin_utc_sec <= from_utc_sec &&
		    (best == NULL || llabs(a->row_sec - want_sec) < llabs(best->row_sec - want_sec)))
			best = a;
	}
	return best != NULL ? best : longest;
}

/* Every row that lies in (from, to], given to on_row with its end. */
static bool
each_row(const struct series_layout *layout, const struct series_archive *a, int64_t from, int64_t to,
    void (*on_row)(struct series_survey *survey, const double *row, bool counts), struct series_survey *survey,
    int64_t until, struct error *err)
{
	int64_t start = from - from % a->row_sec, end = to - to % a->row_sec;
	int64_t count;
	double *rows;

	start = start > a->begin_utc_sec ? start : a->begin_utc_sec;
	end = end < a->end_utc_sec ? end : a->end_utc_sec;
	count = end > start ? (end - start) / a->row_sec : 0;
	rows = malloc(((size_t)count + 1) * COLUMN_COUNT * sizeof(*rows));
	if (rows == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	if (!series_layout_rows(layout, a, start, end, rows, err)) {
		free(rows);
		return false;
	}
	for (int64_t i = 0; i < count; i++)
		on_row(survey, rows + i * COLUMN_COUNT, start + (i + 1) * a->row_sec <= until);
	free(rows);
	return true;
}

static void
note_mean(struct series_survey *s, const double *row, bool counts)
{
	s->peak[DIRECTION_IN] = fmax(s->peak[DIRECTION_IN], row[COLUMN_IN_BPS]);
	s->peak[DIRECTION_OUT] = fmax(s->peak[DIRECTION_OUT], row[COLUMN_OUT_BPS]);
	if (row[COLUMN_CAPACITY_BPS] > 0)
		s->capacity_bps = row[COLUMN_CAPACITY_BPS];
	if (counts && isnan(row[COLUMN_IN_BPS]) && isnan(row[COLUMN_OUT_BPS]))
		s->has_unknown = true;
}

static void
note_largest(struct series_survey *s, const double *row, bool counts)
{
	(void)counts;
	s->peak[DIRECTION_IN] = fmax(s->peak[DIRECTION_IN], row[COLUMN_IN_BPS]);
	s->peak[DIRECTION_OUT] = fmax(s->peak[DIRECTION_OUT], row[COLUMN_OUT_BPS]);
}

bool
series_survey(struct series_survey *s, const char *state_dir, const char *path, int64_t from_utc_sec,
    int64_t to_utc_sec, int64_t pixel_sec, int64_t until_utc_sec, struct error *err)
{
	struct series_layout layout;
	const struct series_archive *means, *largest;
	bool done;

	*s = (struct series_survey){ .peak = { NAN, NAN }, .capacity_bps = NAN };
	switch (series_layout_open_locked(&layout, state_dir, path, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	means = nearest(&layout, SERIES_AVERAGE, from_utc_sec, pixel_sec);
	largest = nearest(&layout, SERIES_MAX, from_utc_sec, 0);
	done = means != NULL && largest != NULL && means->row_sec > 0;
	if (!done)
		error_set(err, ERR_SERIES, "series %s: it has no archive of means, or none of largest values", path);
	if (done) {
		s->row_sec = means->row_sec > pixel_sec ? means->row_sec : pixel_sec;
		s->has_unknown = from_utc_sec < means->begin_utc_sec || layout.last_utc_sec + s->row_sec < until_utc_sec;
		done = each_row(&layout, means, from_utc_sec, to_utc_sec, note_mean, s, until_utc_sec, err) &&
		       each_row(&layout, largest, from_utc_sec, to_utc_sec, note_largest, s, until_utc_sec, err);
	}
	series_layout_close(&layout);
	return done;
}
