/* baseline.c - was the port adequate without the event?  See /method, flash events.
 *
 * The baseline of a sample at t is the median of all known u within 30 minutes (inclusive) of t - k x 24 h, for all k for
 * which that instant lies on the 28 traffic days before the cluster's first day.  Samples stand at the start of their
 * step.  For a given cluster it depends on the time of day alone, so one bit per step of 24 hours holds it all: of the
 * median we need only know on which side of flash-baseline it lies, and that takes counting, not sorting. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/course.h"

#define DAY_SEC           86400
#define BASELINE_DAYS     28
#define BASELINE_NEAR_SEC 1800

/* The old samples, with running counts: below[i] and known[i] tell of the samples before i. */
struct past {
	size_t count;
	double *u;
	uint32_t *known, *below;
	size_t near; /* samples on either side of a centre */
	size_t steps_a_day;
	double limit; /* flash-baseline */
};

void
baseline_free(struct baseline *baseline)
{
	free(baseline->below);
	*baseline = (struct baseline) { .first = DETECTOR_NO_DAY };
}

static void
past_free(struct past *past)
{
	free(past->u);
	free(past->known);
	free(past->below);
}

static bool
past_new(struct past *past, size_t count)
{
	past->count = count;
	past->u = malloc(count * sizeof(*past->u));
	past->known = calloc(count + 1, sizeof(*past->known));
	past->below = calloc(count + 1, sizeof(*past->below));
	return past->u != NULL && past->known != NULL && past->below != NULL;
}

static void
past_count(struct past *past)
{
	for (size_t i = 0; i < past->count; i++) {
		past->known[i + 1] = past->known[i] + !isnan(past->u[i]);
		past->below[i + 1] = past->below[i] + (past->u[i] < past->limit);
	}
}

/* An even number of samples, half of them below: the median is the mean of the two that meet at the limit. */
static bool
tie_is_below(const struct past *past, size_t first_centre, size_t end)
{
	double low = -INFINITY, high = INFINITY;

	for (size_t centre = first_centre; centre < end; centre += past->steps_a_day) {
		for (size_t i = centre - past->near; i <= centre + past->near; i++) {
			if (past->u[i] < past->limit)
				low = past->u[i] > low ? past->u[i] : low;
			else if (past->u[i] < high)
				high = past->u[i];
		}
	}
	return (low + high) / 2 < past->limit;
}

/* Centres lie a day apart, from first_centre to before `end`. */
static bool
median_is_below(const struct past *past, size_t first_centre, size_t end)
{
	uint32_t known = 0, below = 0;

	for (size_t centre = first_centre; centre < end; centre += past->steps_a_day) {
		size_t from = centre - past->near, to = centre + past->near + 1;

		known += past->known[to] - past->known[from];
		below += past->below[to] - past->below[from];
	}
	if (known == 0 || 2 * below != known)
		return 2 * below > known;
	return tie_is_below(past, first_centre, end);
}

/* The first step that starts at or after the instant. */
static int64_t
step_at_or_after(int64_t utc_sec, int64_t step_sec)
{
	int64_t past_sec = utc_sec % step_sec;

	return past_sec > 0 ? utc_sec - past_sec + step_sec : utc_sec - past_sec;
}

static size_t
phase_of(int64_t utc_sec, int64_t step_sec)
{
	int64_t of_day = utc_sec % DAY_SEC;

	return (size_t)((of_day < 0 ? of_day + DAY_SEC : of_day) / step_sec);
}

/* Asks for the 28 days and half an hour on either side, and sets the bits. */
static bool
fill(struct baseline *baseline, enum direction direction, const struct frame *frame, int64_t from,
     int64_t to)
{
	int64_t step = frame->step_sec;
	struct past past = {
		.near = (size_t)(BASELINE_NEAR_SEC / step),
		.steps_a_day = (size_t)(DAY_SEC / step),
		.limit = frame->settings->flash_baseline_share,
	};
	size_t centre_count = (size_t)((to - from) / step);
	bool done = past_new(&past, centre_count + 2 * past.near);

	if (done) {
		frame->world->history(direction, from - (int64_t)past.near * step, past.count,
				      past.u, frame->user);
		past_count(&past);
	}
	for (size_t i = 0; done && i < past.steps_a_day; i++) {
		size_t phase = phase_of(from + (int64_t)i * step, step);

		if (i < centre_count &&
		    median_is_below(&past, past.near + i, past.near + centre_count))
			baseline->below[phase / 8] |= (uint8_t)(1U << phase % 8);
	}
	past_free(&past);
	return done;
}

/* Samples of half an hour into the cluster's first day belong to it; before they are in, it must not be kept. */
static bool
baseline_get(struct course *course, struct frame *frame, int32_t first, bool *is_final)
{
	int64_t step = frame->step_sec;
	int64_t from = step_at_or_after(
	    frame->world->day_begin_utc_sec(first - BASELINE_DAYS, frame->user), step);
	int64_t to = step_at_or_after(frame->world->day_begin_utc_sec(first, frame->user), step);

	*is_final = frame->until_utc_sec >= to + BASELINE_NEAR_SEC;
	if (course->baseline.first == first)
		return true;
	baseline_free(&course->baseline);
	course->baseline.below = calloc((size_t)(DAY_SEC / step) / 8 + 1, 1);
	if (course->baseline.below == NULL ||
	    (frame->world->history != NULL &&
	     !fill(&course->baseline, course->direction, frame, from, to))) {
		frame->failed = true;
		return false;
	}
	course->baseline.first = *is_final ? first : DETECTOR_NO_DAY;
	return true;
}

/* Of one sustained episode, the part on [from, to).  Episodes consist of whole steps, days need not. */
static int64_t
below_of_span(const struct baseline *baseline, const struct span *span, int64_t from, int64_t to,
	      int64_t step)
{
	int64_t ahead = from > span->from_utc_sec ? (from - span->from_utc_sec) / step * step : 0;
	int64_t end = span->to_utc_sec < to ? span->to_utc_sec : to;
	int64_t sum = 0;

	for (int64_t t = span->from_utc_sec + ahead; t < end; t += step) {
		size_t phase = phase_of(t, step);

		if (baseline->below[phase / 8] & 1U << phase % 8)
			sum += span_overlap(t, t + step, from, end);
	}
	return sum;
}

int64_t
baseline_below_sec(struct course *course, struct frame *frame, uint32_t i, int32_t first,
		   bool *is_final)
{
	int64_t from = course->days.day[i].begin_utc_sec, to = day_list_end(&course->days, i),
		sum = 0;
	const struct span_list *list = &course->sustained;

	if (!baseline_get(course, frame, first, is_final))
		return 0;
	for (uint32_t at = span_list_find(list, from);
	     at < list->count && list->span[at].from_utc_sec < to; at++)
		sum += below_of_span(&course->baseline, &list->span[at], from, to, frame->step_sec);
	return sum;
}
