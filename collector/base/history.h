/* history.h - history as other programs keep it: means in strips of one step each, the finer where it reaches.
 *
 * An MRTG log and an RRD file hold the newest time finely and older time more coarsely.  What can be judged is told apart
 * from what cannot: a mean over more than an hour says nothing of a busy half hour, and a step that neither divides the
 * interval nor is a multiple of it does not fit the series' grid.  Unknown is never zero. */
#ifndef COLLECTOR_BASE_HISTORY_H
#define COLLECTOR_BASE_HISTORY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"

#define HISTORY_STRIP_MAX    16
#define HISTORY_STEP_MAX_SEC 3600  /* means over more are too coarse */
#define HISTORY_AHEAD_SEC    86400 /* a file may be ahead of our clock by so much, and no more */

struct history_strip {
	unsigned step_sec;
	struct sample *samples; /* ascending; rates only, each knows something */
	size_t sample_count, sample_cap;
};

struct history {
	struct history_strip strips[HISTORY_STRIP_MAX]; /* the finest first */
	size_t strip_count;
	uint64_t read_count;    /* rows of the file */
	uint64_t unknown_count; /* of them: that say nothing */
	uint64_t coarse_count;  /* that are means over more than an hour */
	uint64_t misfit_count;  /* whose step does not fit the interval, or is none */
	uint64_t covered_count; /* of time that a finer strip has */
};

/* Whether means over step_sec go into a series of that interval. */
bool history_step_fits(unsigned step_sec, unsigned interval_sec);

/* Adds a mean to the strip of its step, which is made when it is the first.  Rates in bit/s, NAN unknown; one of them is
 * known.  False when out of memory or strips. */
bool history_add(struct history *history, unsigned step_sec, int64_t end_utc_sec, double in_bps,
		 double out_bps, struct error *err);

/* Puts strips and samples in order. */
void history_settle(struct history *history);
uint64_t history_sample_count(const struct history *history);
void history_free(struct history *history); /* of a zeroed one is fine */

#endif
