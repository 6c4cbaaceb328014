/* run.c - runs, gaps, clear-hold, bridge; spikes and sustained episodes.  See /method. */
#include <math.h>

#include "detect/run.h"

static enum run_change
close_run(struct run *run)
{
	run->open = false;
	return RUN_ENDED;
}

/* Unknown neither starts, extends nor ends a run, until there is too much of it in a row. */
static enum run_change
feed_unknown(struct run *run, const struct detector_settings *settings, uint32_t step_sec)
{
	if (!run->open)
		return RUN_SAME;
	run->unknown_sec += step_sec;
	return run->unknown_sec > settings->bridge_sec ? close_run(run) : RUN_SAME;
}

static void
count_known(struct run *run, double u)
{
	run->unknown_sec = 0;
	run->count_all++;
	run->sum_all += u;
	if (u > run->peak_all)
		run->peak_all = u;
}

/* "In a row" counts the time of the samples that are not live; unknown ones between lend no time of theirs. */
static enum run_change
feed_not_live(struct run *run, const struct detector_settings *settings, uint32_t step_sec)
{
	run->not_live_sec += step_sec;
	return run->not_live_sec >= settings->clear_hold_sec ? close_run(run) : RUN_SAME;
}

static void
feed_live(struct run *run, const struct detector_settings *settings, int64_t end_utc_sec)
{
	run->not_live_sec = 0;
	run->end_utc_sec = end_utc_sec;
	run->count = run->count_all;
	run->sum = run->sum_all;
	run->peak = run->peak_all;
	run->sustained = run->end_utc_sec - run->start_utc_sec >= settings->sustain_sec;
}

enum run_change
run_feed(struct run *run, const struct detector_settings *settings, uint32_t step_sec,
	 const struct detector_sample *sample)
{
	bool begins = !run->open;

	if (isnan(sample->utilisation))
		return feed_unknown(run, settings, step_sec);
	if (begins && !sample->congested)
		return RUN_SAME;
	if (begins)
		*run = (struct run) { .open = true, .start_utc_sec = sample->start_utc_sec };
	count_known(run, sample->utilisation);
	if (!sample->live)
		return feed_not_live(run, settings, step_sec);
	feed_live(run, settings, sample->start_utc_sec + step_sec);
	return begins ? RUN_BEGAN : RUN_GREW;
}

void
run_episode(const struct run *run, enum direction direction, struct detector_episode *episode)
{
	*episode = (struct detector_episode) {
		.direction = direction,
		.kind = run->sustained ? EPISODE_SUSTAINED : EPISODE_SPIKE,
		.open = run->open,
		.start_utc_sec = run->start_utc_sec,
		.end_utc_sec = run->end_utc_sec,
		.peak_utilisation = run->peak,
		.mean_utilisation = run->sum / run->count,
	};
}
