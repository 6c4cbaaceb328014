/* run.h - from samples to runs: a run starts at a congested sample and is carried on by live ones. */
#ifndef COLLECTOR_DETECT_RUN_H
#define COLLECTOR_DETECT_RUN_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"

/* The open run of one direction, or, when closed, the last one.  All zero: none yet. */
struct run {
	int64_t start_utc_sec, end_utc_sec; /* end of the last live sample */
	bool open, sustained;
	uint32_t not_live_sec; /* in a row; unknown samples between neither add nor break */
	uint32_t unknown_sec;  /* in a row */
	/* Of the known samples since the start: to the last live one, and to the last one at all. */
	uint32_t count, count_all;
	double sum, sum_all;
	double peak, peak_all;
};

enum run_change { RUN_SAME, RUN_BEGAN, RUN_GREW, RUN_ENDED };

/* Takes the next step, which starts at sample->start_utc_sec.  Every step is fed, unknown ones too. */
enum run_change run_feed(struct run *run, const struct detector_settings *settings,
			 uint32_t step_sec, const struct detector_sample *sample);

void run_episode(const struct run *run, enum direction direction, struct detector_episode *episode);

#endif
