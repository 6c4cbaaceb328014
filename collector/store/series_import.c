/* series_import.c - history from elsewhere into a series.
 *
 * The file is copied, or made with nothing known, under its temporary name; the history goes into
 * the unknown cells of the copy (series_fill.c), which then takes the file's place.  A crash leaves
 * the old file or the new one. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "store/series_internal.h"

#define HISTORY_FIRST_SEC INT64_C(631152000) /* 1990-01-01: no counter of ours is older */
#define FUTURE_MAX_SEC    86400
#define STEP_MAX_SEC      3600

/* --- checking --- */

static bool
check_step(unsigned step_sec, unsigned interval_sec, struct error *err)
{
	if (step_sec >= 1 && step_sec <= STEP_MAX_SEC &&
	    (step_sec % interval_sec == 0 || interval_sec % step_sec == 0))
		return true;
	return error_set(err, ERR_PARSE,
			 "history in steps of %u s does not fit the interval of %u s; a multiple "
			 "or a divisor of it does, up to an hour",
			 step_sec, interval_sec);
}

static bool
check_sample(const struct sample *samples, size_t i, struct error *err)
{
	const struct sample *s = &samples[i];

	if (s->step_sec != samples[0].step_sec || s->end_utc_sec % s->step_sec != 0)
		return error_set(err, ERR_PARSE,
				 "history: sample %zu (ending at %" PRId64
				 ") is off the grid of %u s",
				 i + 1, s->end_utc_sec, (unsigned)samples[0].step_sec);
	if (i > 0 && s->end_utc_sec <= samples[i - 1].end_utc_sec)
		return error_set(err, ERR_PARSE,
				 "history: sample %zu (ending at %" PRId64
				 ") is not after the one before",
				 i + 1, s->end_utc_sec);
	if (s->end_utc_sec < HISTORY_FIRST_SEC || s->end_utc_sec > clock_utc_sec() + FUTURE_MAX_SEC)
		return error_set(err, ERR_PARSE,
				 "history: sample %zu ends at %" PRId64
				 ", which is before 1990 or in the future",
				 i + 1, s->end_utc_sec);
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (isinf(s->value[c]))
			return error_set(err, ERR_PARSE, "history: sample %zu has an infinite %s",
					 i + 1, model_column_name(c));
	return true;
}

static bool
check(const struct sample *samples, size_t count, unsigned interval_sec, struct error *err)
{
	if (!check_step(samples[0].step_sec, interval_sec, err))
		return false;
	for (size_t i = 0; i < count; i++)
		if (!check_sample(samples, i, err))
			return false;
	return true;
}

/* --- pieces --- */

struct pieces {
	struct series_piece *at; /* ascending; each knows something */
	size_t *first;           /* of each: its first sample */
	size_t count;
};

static bool
knows_something(const double *value)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(value[c]))
			return true;
	return false;
}

/* Means of samples that are finer than the grid: of the known ones, where they make up at least
 * half of the slot. */
static void
merge(struct series_piece *piece, const struct sample *samples, size_t count, int64_t per_slot)
{
	for (int c = 0; c < COLUMN_COUNT; c++) {
		double sum = 0;
		int64_t known = 0;

		for (size_t i = 0; i < count; i++)
			if (!isnan(samples[i].value[c])) {
				sum += samples[i].value[c];
				known++;
			}
		piece->value[c] = known > 0 && 2 * known >= per_slot ? sum / (double)known : NAN;
	}
}

/* How many samples from samples[0] on lie in its slot. */
static size_t
slot_len(const struct sample *samples, size_t count, int64_t slot_end)
{
	size_t len = 1;

	while (len < count && samples[len].end_utc_sec <= slot_end)
		len++;
	return len;
}

/* Nothing later than now is history: the newest slot belongs to those who poll. */
static bool
make_pieces(struct pieces *p, const struct sample *samples, size_t count, unsigned interval_sec,
	    struct error *err)
{
	int64_t step = samples[0].step_sec, span = step > interval_sec ? step : interval_sec,
		now = clock_utc_sec();
	size_t len;

	p->at = calloc(count, sizeof(*p->at));
	p->first = calloc(count, sizeof(*p->first));
	if (p->at == NULL || p->first == NULL)
		return error_set(err, ERR_NOMEM, "history of %zu samples: out of memory", count);
	for (size_t i = 0; i < count; i += len) {
		int64_t slot_end = (samples[i].end_utc_sec + span - 1) / span * span;
		struct series_piece *piece = &p->at[p->count];

		len = slot_len(samples + i, count - i, slot_end);
		piece->end_utc_sec = slot_end;
		piece->span_sec = span;
		merge(piece, samples + i, len, span / step);
		p->first[p->count] = i;
		if (slot_end <= now && knows_something(piece->value))
			p->count++;
	}
	return true;
}

/* How many samples went in: those that know something of a column which their piece filled. */
static size_t
count_accepted(const struct pieces *p, const struct sample *samples, size_t count)
{
	size_t accepted = 0;

	for (size_t i = 0; i < p->count; i++)
		for (size_t k = p->first[i];
		     k < count && samples[k].end_utc_sec <= p->at[i].end_utc_sec; k++)
			for (int c = 0; c < COLUMN_COUNT; c++)
				if ((p->at[i].filled >> c & 1) != 0 &&
				    !isnan(samples[k].value[c])) {
					accepted++;
					break;
				}
	return accepted;
}

/* --- the copy --- */

static bool
copy_octets(int from, int to, const char *tmp_file, struct error *err)
{
	static char buffer[256 * 1024];
	ssize_t got, put;

	while ((got = read(from, buffer, sizeof(buffer))) > 0)
		for (ssize_t at = 0; at < got; at += put)
			if ((put = write(to, buffer + at, (size_t)(got - at))) < 0)
				return error_set(err, ERR_IO, "%s: cannot be written: %s", tmp_file,
						 strerror(errno));
	return got == 0 || error_set(err, ERR_IO, "%s: its original cannot be read: %s", tmp_file,
				     strerror(errno));
}

/* Octet by octet and never by sharing blocks: cells are written through a mapping, which must not
 * run out of disk. */
static bool
copy_file(const struct series_layout *old, const char *tmp_file, struct error *err)
{
	int to = open(tmp_file, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0640);
	bool done;

	if (to < 0)
		return error_set(err, ERR_IO, "%s: cannot be made: %s", tmp_file, strerror(errno));
	done = copy_octets(old->fd, to, tmp_file, err);
	if (close(to) != 0 && done)
		done =
		    error_set(err, ERR_IO, "%s: cannot be written: %s", tmp_file, strerror(errno));
	return done;
}

/* The temporary file, its last update not before the end of the history. */
static bool
make_copy(struct series_writer *w, const char *file, const char *tmp_file, int64_t end_utc_sec,
	  struct error *err)
{
	struct series_layout old;
	bool done;

	switch (series_file_open(w, file, O_RDONLY, &old, err)) {
	case SERIES_ABSENT: return series_file_create(&w->plan, tmp_file, end_utc_sec, err);
	case SERIES_UNREADABLE: return false;
	case SERIES_OPENED: break;
	}
	if (!series_layout_fits(&old, &w->plan)) {
		series_layout_close(&old);
		if (!series_convert(&w->plan, file, err) ||
		    series_layout_open(&old, file, O_RDONLY, err) != SERIES_OPENED)
			return false;
	}
	done = copy_file(&old, tmp_file, err) &&
	       (end_utc_sec <= old.last_utc_sec || series_file_pass(tmp_file, end_utc_sec, err));
	series_layout_close(&old);
	return done;
}

static bool
fill_copy(const char *tmp_file, struct pieces *pieces, struct error *err)
{
	struct series_layout layout;
	bool done;

	if (series_layout_open(&layout, tmp_file, O_RDWR, err) != SERIES_OPENED)
		return error_wrap(err, "%s", tmp_file);
	done =
	    series_fill(&layout, pieces->at, pieces->count, err) || error_wrap(err, "%s", tmp_file);
	series_layout_close(&layout);
	return done;
}

static bool
import_pieces(struct series_writer *w, const char *path, struct pieces *pieces, struct error *err)
{
	char file[SERIES_FILE_MAX], tmp[SERIES_FILE_MAX];
	unsigned filled = 0;

	if (!series_path_file(file, w->state_dir, path, err))
		return false;
	series_file_tmp(tmp, file);
	if (!make_copy(w, file, tmp, pieces->at[pieces->count - 1].end_utc_sec, err) ||
	    !fill_copy(tmp, pieces, err)) {
		unlink(tmp);
		return false;
	}
	for (size_t i = 0; i < pieces->count; i++)
		filled |= pieces->at[i].filled;
	if (filled != 0)
		return series_file_adopt(tmp, file, err);
	unlink(tmp);
	return true;
}

bool
series_import_file(struct series_writer *w, const char *path, const struct sample *samples,
		   size_t sample_count, size_t *accepted_count, struct error *err)
{
	struct pieces pieces = { .count = 0 };
	bool done;

	*accepted_count = 0;
	if (sample_count == 0)
		return true;
	done = check(samples, sample_count, w->plan.interval_sec, err) &&
	       make_pieces(&pieces, samples, sample_count, w->plan.interval_sec, err) &&
	       (pieces.count == 0 || import_pieces(w, path, &pieces, err));
	if (done)
		*accepted_count = count_accepted(&pieces, samples, sample_count);
	free(pieces.at);
	free(pieces.first);
	return done || error_wrap(err, "series %s", path);
}
