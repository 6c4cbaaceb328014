/* capacity.c - nominal capacity and what follows from it.  See /method.  Shares are quotients, so that
 * what is exactly 95% on paper is not a rounding below it. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/capacity.h"

#define HOLD_SEC      (INT64_C(24) * 3600)
#define NOMINAL_SEC   (INT64_C(400) * 86400)
#define REDUCED_SHARE 0.95
#define EPOCH_GROWTH  1.1

void
capacity_init(struct capacity_track *track)
{
	*track = (struct capacity_track) { .present_bps = NAN, .nominal_bps = NAN };
}

void
capacity_free(struct capacity_track *track)
{
	free(track->held.level);
	free(track->best.level);
	capacity_init(track);
}

static bool
push(struct level_queue *queue, int64_t at, double bps)
{
	uint32_t size = queue->size == 0 ? 1 : queue->size * 2; /* most never hold a second */

	if (queue->count == queue->size) {
		struct capacity_level *grown = realloc(queue->level, size * sizeof(*grown));

		if (grown == NULL)
			return false;
		queue->level = grown;
		queue->size = size;
	}
	queue->level[queue->count++] = (struct capacity_level) { at, bps };
	return true;
}

static void
pop_front(struct level_queue *queue)
{
	queue->count--;
	memmove(queue->level, queue->level + 1, queue->count * sizeof(*queue->level));
}

static const struct capacity_level *
back(const struct level_queue *queue)
{
	return queue->count > 0 ? &queue->level[queue->count - 1] : NULL;
}

/* The step's capacity joins `held`: from when it, or more, has been there without a break. */
static bool
hold(struct level_queue *held, double bps, int64_t start, int64_t end)
{
	int64_t since = start;

	if (held->count == 0 || back(held)->bps != bps) {
		for (; held->count > 0 && back(held)->bps >= bps; held->count--)
			since = back(held)->at_utc_sec;
		if (!push(held, since, bps))
			return false;
	}
	while (held->count > 1 && held->level[1].at_utc_sec <= end - HOLD_SEC)
		pop_front(held);
	return true;
}

/* What held for the 24 hours to `end` joins `best`; what is 400 days ago leaves it. */
static bool
remember(struct level_queue *best, const struct level_queue *held, int64_t end)
{
	if (held->level[0].at_utc_sec <= end - HOLD_SEC) {
		double bps = held->level[0].bps;

		while (best->count > 0 && back(best)->bps < bps)
			best->count--;
		if (best->count > 0 && back(best)->bps == bps)
			best->level[best->count - 1].at_utc_sec = end;
		else if (!push(best, end, bps))
			return false;
		if (best->count >
		    CAPACITY_LEVELS_MAX) { /* thousands, each lower: one fewer does not show */
			best->count--;
			best->level[best->count - 1] = best->level[best->count];
		}
	}
	while (best->count > 1 && best->level[0].at_utc_sec - HOLD_SEC < end - NOMINAL_SEC)
		pop_front(best);
	return true;
}

static bool
is_reduced(const struct capacity_track *track)
{
	double nominal_bps = isnan(track->nominal_bps) ? track->present_bps : track->nominal_bps;

	return track->present_bps / nominal_bps < REDUCED_SHARE;
}

/* One reduction lasts until the capacity has been back for 24 hours. */
static void
follow_reduction(struct capacity_track *track, int64_t start, int64_t end)
{
	if (!track->reduced)
		return;
	if (track->reduced_until_utc_sec == 0 || start - track->reduced_until_utc_sec >= HOLD_SEC)
		track->reduction_utc_sec = start;
	track->reduced_until_utc_sec = end;
}

enum capacity_change
capacity_feed(struct capacity_track *track, double bps, double setting_bps, int64_t start_utc_sec,
	      uint32_t step_sec)
{
	int64_t end = start_utc_sec + step_sec;
	double before_bps = track->nominal_bps, present_before_bps = track->present_bps;
	bool by_samples = isnan(setting_bps) && !track->by_setting;

	if (!isnan(bps))
		track->present_bps = bps;
	if (isnan(track->present_bps))
		return CAPACITY_SAME;
	if (!hold(&track->held, track->present_bps, start_utc_sec, end) ||
	    !remember(&track->best, &track->held, end))
		return CAPACITY_NOMEM;
	track->by_setting = !isnan(setting_bps);
	track->nominal_bps = track->by_setting       ? setting_bps
			     : track->best.count > 0 ? track->best.level[0].bps
						     : NAN;
	if (track->nominal_bps != before_bps || track->present_bps != present_before_bps)
		track->reduced = is_reduced(track);
	follow_reduction(track, start_utc_sec, end);
	if (track->nominal_bps == before_bps || !(track->nominal_bps / before_bps >= EPOCH_GROWTH))
		return CAPACITY_SAME;
	return by_samples ? CAPACITY_GREW : CAPACITY_SET;
}
