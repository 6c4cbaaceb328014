/* series_model.h - what a series should hold: one value a slot and column, and the rules by which
 * rows are made of slots. A witness for tests, written from the rules alone. */
#ifndef TESTS_UNIT_SERIES_MODEL_H
#define TESTS_UNIT_SERIES_MODEL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/model.h"

struct series_model {
	unsigned interval_sec;
	int64_t base_utc_sec; /* the first slot begins here; on every grid that is asked for */
	size_t slot_count;
	double *value; /* slot_count x COLUMN_COUNT; NAN unknown */
};

void series_model_init(struct series_model *m, unsigned interval_sec, int64_t base_utc_sec,
		       int64_t span_sec);
void series_model_free(struct series_model *m);

/* Every slot of the sample takes its values; only_unknown: known ones stay.  Returns whether one
 * was taken. */
bool series_model_put(struct series_model *m, const struct sample *sample, bool only_unknown);

/* The row of row_sec that ends there: mean (or largest) of its known slots, NAN when fewer than
 * half are known or when it ends after until_utc_sec. */
double series_model_row(const struct series_model *m, bool largest, int64_t end_utc_sec,
			int64_t row_sec, enum column column, int64_t until_utc_sec);

/* A number of 0..1, the same sequence for the same seed. */
double series_model_random(uint64_t *seed);

#endif
