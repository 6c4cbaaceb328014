/* history.c - body of history.h. */
#include <math.h>
#include <stdlib.h>

#include "base/history.h"

bool
history_step_fits(unsigned step_sec, unsigned interval_sec)
{
	return step_sec >= 1 && step_sec <= HISTORY_STEP_MAX_SEC &&
	       (step_sec % interval_sec == 0 || interval_sec % step_sec == 0);
}

static struct history_strip *
strip_get(struct history *history, unsigned step_sec)
{
	struct history_strip *strip = history->strips;

	while (strip < history->strips + history->strip_count && strip->step_sec != step_sec)
		strip++;
	if (strip == history->strips + HISTORY_STRIP_MAX)
		return NULL;
	if (strip == history->strips + history->strip_count) {
		*strip = (struct history_strip) { .step_sec = step_sec };
		history->strip_count++;
	}
	return strip;
}

static bool
strip_reserve(struct history_strip *strip)
{
	size_t cap = strip->sample_cap * 2 + 512;
	struct sample *samples;

	if (strip->sample_count < strip->sample_cap)
		return true;
	samples = realloc(strip->samples, cap * sizeof(*samples));
	if (samples == NULL)
		return false;
	strip->samples = samples;
	strip->sample_cap = cap;
	return true;
}

bool
history_add(struct history *history, unsigned step_sec, int64_t end_utc_sec, double in_bps,
	    double out_bps, struct error *err)
{
	struct history_strip *strip = strip_get(history, step_sec);
	struct sample *sample;

	if (strip == NULL)
		return error_set(err, ERR_PARSE, "more than %d resolutions", HISTORY_STRIP_MAX);
	if (!strip_reserve(strip))
		return error_set(err, ERR_NOMEM, "out of memory");
	sample = &strip->samples[strip->sample_count++];
	sample->end_utc_sec = end_utc_sec;
	sample->step_sec = step_sec;
	for (int c = 0; c < COLUMN_COUNT; c++)
		sample->value[c] = NAN;
	sample->value[COLUMN_IN_BPS] = in_bps;
	sample->value[COLUMN_OUT_BPS] = out_bps;
	return true;
}

static int
by_step(const void *left, const void *right)
{
	const struct history_strip *a = left, *b = right;

	return (a->step_sec > b->step_sec) - (a->step_sec < b->step_sec);
}

static int
by_end(const void *left, const void *right)
{
	const struct sample *a = left, *b = right;

	return (a->end_utc_sec > b->end_utc_sec) - (a->end_utc_sec < b->end_utc_sec);
}

void
history_settle(struct history *history)
{
	qsort(history->strips, history->strip_count, sizeof(history->strips[0]), by_step);
	for (size_t i = 0; i < history->strip_count; i++)
		qsort(history->strips[i].samples, history->strips[i].sample_count,
		      sizeof(struct sample), by_end);
}

uint64_t
history_sample_count(const struct history *history)
{
	uint64_t count = 0;

	for (size_t i = 0; i < history->strip_count; i++)
		count += history->strips[i].sample_count;
	return count;
}

void
history_free(struct history *history)
{
	for (size_t i = 0; i < history->strip_count; i++)
		free(history->strips[i].samples);
	*history = (struct history) { .strip_count = 0 };
}
