/* series_peaks.c - the greatest value within each row of what was read: a mean over hours hides its peaks.
 *
 * Taken from the longest rows of a MAX archive that make a row whole; where none reaches, or not yet, from the shortest
 * means that are still there. */
#include <math.h>
#include <stdlib.h>

#include "store/series_internal.h"

/* Whether whole rows of the archive make a row of step_sec, from that instant on. */
static bool
serves(const struct series_archive *a, int64_t start_utc_sec, int64_t step_sec)
{
	return step_sec % a->row_sec == 0 && a->begin_utc_sec <= start_utc_sec;
}

/* Of MAX archives the longest rows, of AVERAGE archives the shortest; NULL: none serves. */
static const struct series_archive *
choose_archive(const struct series_layout *layout, enum series_cf cf, int64_t start_utc_sec,
	       int64_t step_sec)
{
	const struct series_archive *best = NULL;

	for (size_t i = 0; i < layout->archive_count; i++) {
		const struct series_archive *a = &layout->archives[i];

		if (a->cf != cf || !serves(a, start_utc_sec, step_sec))
			continue;
		if (best == NULL || (cf == SERIES_MAX) == (a->row_sec > best->row_sec))
			best = a;
	}
	return best;
}

/* The peaks of one row, where its mean is known. */
static bool
read_row(const struct series_layout *layout, const struct series_archive *archive,
	 int64_t start_utc_sec, int64_t step_sec, const double *mean, double *scratch, double *dst,
	 struct error *err)
{
	if (!series_layout_rows(layout, archive, start_utc_sec, start_utc_sec + step_sec, scratch,
				err))
		return false;
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		enum column column = d == DIRECTION_IN ? COLUMN_IN_BPS : COLUMN_OUT_BPS;

		dst[d] = mean[column]; /* fmax passes over what is unknown */
		for (int64_t i = 0; i < step_sec / archive->row_sec && !isnan(mean[column]); i++)
			dst[d] = fmax(dst[d], scratch[i * COLUMN_COUNT + column]);
	}
	return true;
}

static bool
read_peaks(const struct series_layout *layout, const struct series_rows *rows, double *dst,
	   struct error *err)
{
	int64_t step = rows->step_sec;
	double *scratch = NULL;
	bool done = true;

	for (size_t i = 0; done && i < rows->row_count; i++) {
		int64_t start = rows->start_utc_sec + (int64_t)i * step;
		const struct series_archive *a = choose_archive(layout, SERIES_MAX, start, step);

		if (a == NULL || a->end_utc_sec < start + step)
			a = choose_archive(layout, SERIES_AVERAGE, start, step);
		if (a == NULL)
			continue;
		double *grown =
		    realloc(scratch, (size_t)(step / a->row_sec) * COLUMN_COUNT * sizeof(*scratch));
		done = grown != NULL || error_set(err, ERR_NOMEM, "series: out of memory");
		if (!done)
			break;
		scratch = grown;
		done = read_row(layout, a, start, step, rows->value + i * COLUMN_COUNT, scratch,
				dst + i * DIRECTION_COUNT, err);
	}
	free(scratch);
	return done;
}

bool
series_read_peaks(const char *state_dir, const char *path, const struct series_rows *rows,
		  double **peaks, struct error *err)
{
	size_t count = rows->row_count * DIRECTION_COUNT;
	struct series_layout layout;
	bool done;

	*peaks = calloc(count + 1, sizeof(**peaks));
	if (*peaks == NULL)
		return error_set(err, ERR_NOMEM, "series: out of memory");
	for (size_t i = 0; i < count; i++)
		(*peaks)[i] = rows->value[i / DIRECTION_COUNT * COLUMN_COUNT +
					  (i % DIRECTION_COUNT == DIRECTION_IN ? COLUMN_IN_BPS
									       : COLUMN_OUT_BPS)];
	switch (series_layout_open_locked(&layout, state_dir, path, err)) {
	case SERIES_ABSENT: return true;
	case SERIES_UNREADABLE: goto fail;
	case SERIES_OPENED: break;
	}
	done = read_peaks(&layout, rows, *peaks, err);
	series_layout_close(&layout);
	if (done)
		return true;
fail:
	free(*peaks);
	*peaks = NULL;
	return error_wrap(err, "series %s", path);
}
