/* series_regrid.c - what the journal holds of before the interval was changed.
 *
 * A process that was killed leaves samples in the journal that its files do not have, on the grid of its interval.  When
 * the next one runs with another, they go into the file as it still is, of the old interval; only then is it made anew.
 * Where there is no file, one of the old interval is made for them; where it is of the new interval already, they go in
 * as history from elsewhere does. */
#include <inttypes.h>

#include "ixwatch/log.h"
#include "store/series_internal.h"

/* How many of the first are of one step that is not the grid's: a multiple of the interval is written as any other, slot
 * by slot. */
static size_t
run_of_other_grid(const struct series *s, const struct sample *samples, size_t count)
{
	uint32_t step_sec = samples[0].step_sec;
	size_t len = 0;

	if (step_sec % s->interval_sec == 0 && samples[0].end_utc_sec % s->interval_sec == 0)
		return 0;
	while (len < count && samples[len].step_sec == step_sec)
		len++;
	return len;
}

/* A writer as the one of before was; false when the step makes no plan with the archives of now. */
static bool
writer_of_before(const struct series *s, unsigned step_sec, struct series_writer *before)
{
	struct series_settings settings = s->settings;

	settings.interval_sec = step_sec;
	*before = s->writer;
	before->blank = NULL; /* it begins files of the plan of now */
	return series_plan_make(&before->plan, &settings, NULL);
}

/* History from elsewhere; what fits no grid of now is given up, and said. */
static enum series_write
import_run(struct series *s, const char *path, const struct sample *samples, size_t count,
	   struct error *err)
{
	size_t accepted;

	if (series_import_file(&s->writer, path, samples, count, &accepted, err))
		return SERIES_WRITTEN;
	if (err->code != ERR_PARSE)
		return SERIES_FAILED;
	s->dropped_samples += count;
	log_error("series", "event=journal-samples-dropped path=%s count=%zu why=\"%s\"", path,
		  count, err->text);
	return SERIES_WRITTEN;
}

static enum series_write
write_run(struct series *s, const char *path, const struct sample *samples, size_t count,
	  struct error *err)
{
	struct series_writer before;
	enum series_write result;

	if (!writer_of_before(s, samples[0].step_sec, &before))
		return import_run(s, path, samples, count, err);
	result = series_file_write_as_it_is(&before, path, samples, count, err);
	s->writer.lock_retries = before.lock_retries;
	s->writer.set_aside_files = before.set_aside_files;
	series_blank_free(before.blank);
	if (result == SERIES_FAILED && err->code == ERR_REFUSED)
		return import_run(s, path, samples, count, err);
	return result;
}

enum series_write
series_regrid(struct series *s, const char *path, const struct sample *samples, size_t sample_count,
	      size_t *done_count, struct error *err)
{
	enum series_write result = SERIES_WRITTEN;
	size_t len;

	for (*done_count = 0; *done_count < sample_count; *done_count += len) {
		const struct sample *first = samples + *done_count;

		len = run_of_other_grid(s, first, sample_count - *done_count);
		if (len == 0)
			break;
		result = write_run(s, path, first, len, err);
		if (result != SERIES_WRITTEN)
			break;
		log_info("series",
			 "event=journal-of-other-interval path=%s samples=%zu step_sec=%u", path,
			 len, (unsigned)first->step_sec);
	}
	return result;
}
