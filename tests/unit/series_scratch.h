/* series_scratch.h - a state directory for a test, and a few lines every series test needs. */
#ifndef TESTS_UNIT_SERIES_SCRATCH_H
#define TESTS_UNIT_SERIES_SCRATCH_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/series.h"
#include "series_model.h"

#define NOW  INT64_C(1795046400) /* 2026-11-19T00:00:00Z */
#define DAY  INT64_C(86400)
#define PORT "rrd/ex/edge1/et-0%2F0%2F7.rrd"

/* A fresh directory below $TMPDIR or /tmp, removed with all that is in it by scratch_remove. */
char *scratch_make(void);
void scratch_remove(char *dir);

/* Settings with short archives: 2 days, 10 days, 10 days, 100 days. */
struct series_settings scratch_settings(const char *dir, unsigned interval_sec);

/* A sample that ends there, with plausible numbers; about one column in ten unknown. */
struct sample scratch_sample(uint64_t *seed, int64_t end_utc_sec, unsigned step_sec);

/* Fails the test unless librrd itself finds in the file what the model has, rows that end in (from,
 * to], within 1e-12. */
void scratch_witness(const char *dir, const char *path, const struct series_model *m, bool largest,
		     int64_t row_sec, int64_t from, int64_t to, int64_t until);

/* The same for every archive of scratch_settings, as far back as the model goes. */
void scratch_witness_all(const char *dir, const char *path, const struct series_model *m,
			 int64_t until);

/* What the log says meanwhile is lost: for tests that damage much, each time with a line. */
void scratch_quiet(bool quiet);

#endif
