/* series_model.c - body of series_model.h; plain loops, no cleverness. */
#include <math.h>
#include <stdlib.h>

#include "series_model.h"

void
series_model_init(struct series_model *m, unsigned interval_sec, int64_t base_utc_sec,
		  int64_t span_sec)
{
	m->interval_sec = interval_sec;
	m->base_utc_sec = base_utc_sec;
	m->slot_count = (size_t)(span_sec / interval_sec);
	m->value = malloc(m->slot_count * COLUMN_COUNT * sizeof(double));
	for (size_t i = 0; i < m->slot_count * COLUMN_COUNT; i++)
		m->value[i] = NAN;
}

void
series_model_free(struct series_model *m)
{
	free(m->value);
}

bool
series_model_put(struct series_model *m, const struct sample *sample, bool only_unknown)
{
	int64_t start = sample->end_utc_sec - sample->step_sec;
	bool taken = false;

	for (int64_t t = start; t < sample->end_utc_sec; t += m->interval_sec) {
		double *cell = m->value + (t - m->base_utc_sec) / m->interval_sec * COLUMN_COUNT;

		for (int c = 0; c < COLUMN_COUNT; c++) {
			if (only_unknown && (!isnan(cell[c]) || isnan(sample->value[c])))
				continue;
			cell[c] = sample->value[c];
			taken = true;
		}
	}
	return taken;
}

double
series_model_row(const struct series_model *m, bool largest, int64_t end_utc_sec, int64_t row_sec,
		 enum column column, int64_t until_utc_sec)
{
	double sum = 0, top = -INFINITY;
	int64_t known = 0, slots = row_sec / m->interval_sec;

	if (end_utc_sec > until_utc_sec)
		return NAN;
	for (int64_t t = end_utc_sec - row_sec; t < end_utc_sec; t += m->interval_sec) {
		int64_t slot = (t - m->base_utc_sec) / m->interval_sec;
		double v = t >= m->base_utc_sec && slot < (int64_t)m->slot_count
			       ? m->value[slot * COLUMN_COUNT + column]
			       : NAN;

		if (isnan(v))
			continue;
		known++;
		sum += v;
		top = fmax(top, v);
	}
	if (known == 0 || 2 * known < slots)
		return NAN;
	return largest ? top : sum / (double)known;
}

double
series_model_random(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return (double)(*seed >> 11) / 9007199254740992.0;
}
