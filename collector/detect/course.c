/* course.c - one direction, step by step: joins the stages of this folder. */
#include <math.h>
#include <stdlib.h>

#include "detect/course.h"

#define FULL_SHARE   0.98
#define LOSS_SHARE   0.01
#define SPANS_MAX    4096 /* of reductions kept when only what is needed is kept */
#define OLD_RUN_DAYS 4    /* beyond flash-span, for which sustained episodes are kept */
#define LEAVE_VALID  14   /* days that the leaving rule asks for */

void
course_init(struct course *course, enum direction direction)
{
	*course = (struct course) {
		.direction = direction,
		.last = { .direction = direction, .utilisation = NAN, .capacity_bps = NAN },
		.epoch = DETECTOR_NO_DAY,
		.epoch_next = DETECTOR_NO_DAY,
		.baseline = { .first = DETECTOR_NO_DAY },
	};
	capacity_init(&course->capacity);
	course->before = (struct tenure) {
		.verdict = VERDICT_INSUFFICIENT,
		.since = DETECTOR_NO_DAY,
		.stale_since = DETECTOR_NO_DAY,
		.b_met = DETECTOR_NO_DAY,
		.weekday_met = DETECTOR_NO_DAY,
	};
	course->now = course->before;
}

void
course_free(struct course *course)
{
	capacity_free(&course->capacity);
	span_list_free(&course->reductions);
	span_list_free(&course->sustained);
	day_list_free(&course->days);
	baseline_free(&course->baseline);
}

/* --- what the rules ask of a day --- */

bool
course_day_is_declared(const struct course *course, uint32_t i)
{
	const struct day *day = &course->days.day[i];

	return 2 * day->declared_sec >= day->sustained_sec;
}

bool
frame_in_excusing_window(const struct frame *frame, int64_t utc_sec)
{
	for (uint32_t i = 0; i < frame->window_count; i++) {
		const struct detector_window *window = &frame->windows[i];

		if ((window->cause == CAUSE_EXCHANGE || window->cause == CAUSE_OURS) &&
		    window->start_utc_sec <= utc_sec && utc_sec < window->end_utc_sec)
			return true;
	}
	return false;
}

bool
course_day_is_reduced(const struct course *course, const struct frame *frame, uint32_t i)
{
	const struct day *day = &course->days.day[i];

	return 2 * day->reduced_sec > day->sustained_sec &&
	       (day->reduction_fresh || frame_in_excusing_window(frame, day->begin_utc_sec));
}

bool
course_day_counts(const struct course *course, const struct frame *frame, uint32_t i)
{
	return day_is_congested(&course->days.day[i], frame->settings) &&
	       !course_day_is_declared(course, i) && !course_day_is_reduced(course, frame, i);
}

/* --- minutes --- */

/* Counts what the open run has grown by, as far as the present day reaches.  An episode just become sustained counts
 * with all its minutes. */
static void
count_minutes(struct course *course, struct frame *frame)
{
	struct run *run = &course->run;
	struct day_list *days = &course->days;
	int64_t to = run->end_utc_sec < days->end_utc_sec ? run->end_utc_sec : days->end_utc_sec;

	if (days->count > 0 && course->run_until_utc_sec < to) {
		frame->failed |= !day_list_need_past(days, course->run_until_utc_sec);
		if (!frame->failed)
			day_list_add_run(days, course->run_until_utc_sec, to);
		course->run_until_utc_sec = to;
	}
	if (days->count > 0 && run->sustained && course->sustained_until_utc_sec < to) {
		frame->failed |= !day_list_need_past(days, course->sustained_until_utc_sec);
		if (!frame->failed)
			day_list_add_sustained(days, course->sustained_until_utc_sec, to,
					       &frame->windows_union, &course->reductions);
		course->sustained_until_utc_sec = to;
	}
}

static void
follow_run(struct course *course, struct frame *frame, enum run_change change)
{
	static const enum detector_change told[] = {
		[RUN_BEGAN] = DETECTOR_BEGAN,
		[RUN_GREW] = DETECTOR_GREW,
		[RUN_ENDED] = DETECTOR_ENDED,
	};
	struct run *run = &course->run;
	struct detector_episode episode;

	if (change == RUN_BEGAN)
		course->run_until_utc_sec = course->sustained_until_utc_sec = run->start_utc_sec;
	if (change != RUN_ENDED && run->sustained && course->days.count > 0) {
		struct span_list *list = &course->sustained;
		struct span *last = list->count > 0 ? &list->span[list->count - 1] : NULL;

		if (last != NULL && last->from_utc_sec == run->start_utc_sec)
			last->to_utc_sec = run->end_utc_sec;
		else if (!span_list_add(list, run->start_utc_sec, run->end_utc_sec,
					run->start_utc_sec))
			frame->failed = true;
	}
	count_minutes(course, frame);
	if (frame->world->on_episode == NULL)
		return;
	run_episode(run, course->direction, &episode);
	frame->world->on_episode(&episode, told[change], frame->user);
}

/* --- capacity --- */

/* The first day that counts contains the instant 24 h after the higher capacity began. */
static void
begin_epoch(struct course *course, const struct frame *frame, int64_t utc_sec)
{
	int32_t day;

	if (course->days.count == 0)
		return;
	day = frame->world->day_of(utc_sec, frame->user);
	if (day > day_list_date(&course->days, course->days.count - 1))
		course->epoch_next = day;
	else
		course->epoch = day;
}

static void
follow_capacity(struct course *course, struct frame *frame, const struct detector_sample *sample)
{
	struct capacity_track *track = &course->capacity;
	int64_t start = sample->start_utc_sec, end = start + frame->step_sec;

	switch (capacity_feed(track, sample->capacity_bps, frame->terms.nominal_capacity_bps, start,
			      frame->step_sec)) {
	case CAPACITY_SAME: break;
	case CAPACITY_GREW: begin_epoch(course, frame, end); break;
	case CAPACITY_SET: begin_epoch(course, frame, start + 86400); break;
	case CAPACITY_NOMEM: frame->failed = true; break;
	}
	if (track->reduced &&
	    !span_list_add(&course->reductions, start, end, track->reduction_utc_sec))
		frame->failed = true;
}

/* --- flags --- */

static void
follow_flag(uint32_t *sec, bool is_known, bool holds, uint32_t step_sec)
{
	if (is_known)
		*sec = holds ? *sec + step_sec : 0;
}

static void
follow_flags(struct course *course, const struct frame *frame, const struct detector_sample *sample,
	     double discard_share)
{
	struct flag_clock *clock = &course->flags;
	double u = sample->utilisation;
	bool lossy = discard_share >= LOSS_SHARE;

	follow_flag(&clock->full_sec, !isnan(u), u >= FULL_SHARE || lossy, frame->step_sec);
	follow_flag(&clock->lossy_sec, !isnan(u), lossy, frame->step_sec);
	clock->microburst = discard_share >= frame->settings->discard_share &&
			    u < frame->settings->discard_floor_share;
}

/* --- the step --- */

void
course_step(struct course *course, struct frame *frame, const struct detector_sample *sample,
	    const struct step_witness *witness)
{
	enum run_change change;

	follow_capacity(course, frame, sample);
	follow_flags(course, frame, sample, witness->discard_share);
	course->last = *sample;
	course->dirty = true;
	if (course->days.count > 0 && !isnan(sample->utilisation))
		day_count(day_list_present(&course->days), sample->utilisation, frame->settings);
	change = run_feed(&course->run, frame->settings, frame->step_sec, sample);
	if (change != RUN_SAME)
		follow_run(course, frame, change);
}

bool
course_refresh(struct course *course, struct frame *frame)
{
	if (!day_list_open(&course->days)) {
		frame->failed = true;
		return false;
	}
	if (!course->dirty || course->days.count == 0)
		return true;
	verdict_judge(course, frame, &course->now);
	day_list_present(&course->days)->verdict = course->now.verdict;
	course->dirty = false;
	return true;
}

/* The oldest day that a rule may still ask for: those within reach, those since the 14th last valid day of the epoch,
 * those that the open run touches. */
static uint32_t
first_needed(const struct course *course, const struct frame *frame)
{
	const struct day_list *days = &course->days;
	uint32_t keep = course_reach_days(frame->settings) + frame->settings->flash_span_days + 3;
	uint32_t needed = days->count > keep ? days->count - keep : 0;
	uint32_t i = days->count, valid = 0;

	for (; i > 0 && valid < LEAVE_VALID && day_list_date(days, i - 1) >= course->epoch; i--) {
		if (!day_is_valid(days, i - 1, frame->step_sec, frame->settings))
			continue;
		valid++;
		if (i - 1 < needed)
			needed = i - 1;
	}
	while (course->run.open && needed > 0 &&
	       days->day[needed].begin_utc_sec > course->run.start_utc_sec)
		needed--;
	return needed;
}

/* Days, episodes and reductions that no rule will ask for again. */
static void
forget(struct course *course, const struct frame *frame)
{
	struct day_list *days = &course->days;
	struct span_list *reductions = &course->reductions;
	uint32_t recent = frame->settings->flash_span_days + OLD_RUN_DAYS;
	uint32_t gone = first_needed(course, frame);

	if (gone > 0)
		day_list_forget(days, gone);
	if (days->count > recent)
		span_list_forget(&course->sustained, days->day[days->count - recent].begin_utc_sec);
	span_list_forget(reductions, days->day[0].begin_utc_sec);
	if (reductions->count > SPANS_MAX)
		span_list_forget(reductions,
				 reductions->span[reductions->count - SPANS_MAX].from_utc_sec);
}

void
course_rest(struct course *course, struct frame *frame)
{
	if (frame->keep == DETECTOR_KEEP_NEEDED && !day_list_close(&course->days))
		frame->failed = true;
}

void
course_end_day(struct course *course, struct frame *frame)
{
	struct day_list *days = &course->days;

	course->dirty = true;
	if (!course_refresh(course, frame))
		return;
	course->before = course->now;
	course->has_before = true;
	for (uint32_t i = days->count > 64 ? days->count - 64 : 0; i < days->count; i++)
		days->day[i].counted |= days->day[i].counted_now;
}

void
course_begin_day(struct course *course, struct frame *frame, int32_t date, int64_t begin_utc_sec,
		 int64_t end_utc_sec)
{
	if (!day_list_open(&course->days) ||
	    !day_list_add(&course->days, date, begin_utc_sec, end_utc_sec)) {
		frame->failed = true;
		return;
	}
	if (course->epoch_next != DETECTOR_NO_DAY && course->epoch_next <= date) {
		course->epoch = course->epoch_next;
		course->epoch_next = DETECTOR_NO_DAY;
	}
	count_minutes(course, frame);
	course->dirty = true;
	if (frame->keep == DETECTOR_KEEP_NEEDED)
		forget(course, frame);
}
