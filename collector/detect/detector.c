/* detector.c - the public face: slots become steps, steps move the calendar and both directions; and what is asked. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector_private.h"

#define HOUR_SEC 3600

/* --- making --- */

static bool
grid_fits(unsigned step_sec, unsigned interval_sec)
{
	return interval_sec >= 1 && step_sec >= 1 && HOUR_SEC % step_sec == 0 &&
	       step_sec % interval_sec == 0;
}

bool
detector_new(struct detector **out, const struct detector_settings *settings, unsigned interval_sec,
	     enum detector_keep keep, const struct detector_world *world, void *user,
	     struct error *err)
{
	unsigned judged_sec = (unsigned)settings->step_sec;
	unsigned step_sec = interval_sec > judged_sec ? interval_sec : judged_sec;

	if (!grid_fits(step_sec, interval_sec))
		return error_set(err, ERR_CONFIG,
				 "interval: %u s does not fit step, %u s; allowed: a divisor of "
				 "step, or, when longer, of 3600 s",
				 interval_sec, judged_sec);
	struct detector *d = calloc(1, sizeof(*d));
	if (d == NULL)
		return error_set(err, ERR_NOMEM, "detector: out of memory");
	d->frame = (struct frame) {
		.settings = settings,
		.terms = { .contracted_bps = NAN, .nominal_capacity_bps = NAN },
		.world = world,
		.user = user,
		.step_sec = step_sec,
		.keep = keep,
	};
	d->interval_sec = interval_sec;
	detector_reset(d);
	*out = d;
	return true;
}

void
detector_reset(struct detector *d)
{
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		course_free(&d->course[i]);
		course_init(&d->course[i], (enum direction)i);
	}
	memset(d->sums, 0, sizeof(d->sums));
	d->building_utc_sec = d->slot_until_utc_sec = d->frame.until_utc_sec = 0;
	d->is_building = false;
	d->frame.failed = false;
}

void
detector_free(struct detector *d)
{
	if (d == NULL)
		return;
	for (int i = 0; i < DIRECTION_COUNT; i++)
		course_free(&d->course[i]);
	free(d->frame.windows);
	span_list_free(&d->frame.windows_union);
	free(d);
}

unsigned
detector_step_sec(const struct detector *d)
{
	return d->frame.step_sec;
}

void
detector_terms_set(struct detector *d, const struct detector_terms *terms)
{
	d->frame.terms = *terms;
}

void
detector_rest(struct detector *d)
{
	for (int i = 0; i < DIRECTION_COUNT; i++)
		course_rest(&d->course[i], &d->frame);
}

/* --- windows --- */

static int
compare_windows(const void *a, const void *b)
{
	const struct detector_window *x = a, *y = b;

	return (x->start_utc_sec > y->start_utc_sec) - (x->start_utc_sec < y->start_utc_sec);
}

/* Time that two windows share is declared once. */
static bool
unite(struct span_list *list, const struct detector_window *windows, size_t window_count)
{
	for (size_t i = 0; i < window_count; i++) {
		int64_t from = windows[i].start_utc_sec, to = windows[i].end_utc_sec;

		if (list->count > 0 && from < list->span[list->count - 1].to_utc_sec)
			from = list->span[list->count - 1].to_utc_sec;
		if (from < to && !span_list_add(list, from, to, 0))
			return false;
	}
	return true;
}

static bool
check_windows(const struct detector_window *windows, size_t window_count, struct error *err)
{
	for (size_t i = 0; i < window_count; i++) {
		if (windows[i].end_utc_sec <= windows[i].start_utc_sec)
			return error_set(err, ERR_PARSE,
					 "declared window: its end is not after its start");
		if (windows[i].end_utc_sec - windows[i].start_utc_sec > DETECTOR_WINDOW_MAX_SEC)
			return error_set(err, ERR_PARSE, "declared window: longer than 7 days");
	}
	return true;
}

bool
detector_windows_set(struct detector *d, const struct detector_window *windows, size_t window_count,
		     struct error *err)
{
	struct span_list together = { 0 };
	struct detector_window *own = NULL;

	if (!check_windows(windows, window_count, err))
		return false;
	if (window_count > 0) {
		own = malloc(window_count * sizeof(*own));
		if (own == NULL)
			return error_set(err, ERR_NOMEM, "declared windows: out of memory");
		memcpy(own, windows, window_count * sizeof(*own));
		qsort(own, window_count, sizeof(*own), compare_windows);
	}
	if (!unite(&together, own, window_count)) {
		free(own);
		span_list_free(&together);
		return error_set(err, ERR_NOMEM, "declared windows: out of memory");
	}
	free(d->frame.windows);
	span_list_free(&d->frame.windows_union);
	d->frame.windows = own;
	d->frame.window_count = (uint32_t)window_count;
	d->frame.windows_union = together;
	d->course[DIRECTION_IN].dirty = d->course[DIRECTION_OUT].dirty = true;
	return true;
}

/* --- the calendar --- */

static bool
has_calendar(const struct detector *d)
{
	return d->frame.world->day_begin_utc_sec != NULL && d->frame.world->day_of != NULL;
}

static void
tell_day(struct detector *d, struct course *course)
{
	struct detector_standing standing;
	struct detector_day day;

	if (d->frame.world->on_day == NULL)
		return;
	detector_day_get(d, course->direction, course->days.count - 1, &day);
	detector_standing_get(d, course->direction, &standing);
	d->frame.world->on_day(course->direction, &day, &standing, d->frame.user);
}

static void
begin_day(struct detector *d, int32_t date)
{
	const struct detector_world *world = d->frame.world;
	int64_t begin = world->day_begin_utc_sec(date, d->frame.user);
	int64_t end = world->day_begin_utc_sec(date + 1, d->frame.user);

	for (int i = 0; i < DIRECTION_COUNT; i++)
		course_begin_day(&d->course[i], &d->frame, date, begin, end);
}

static void
end_day(struct detector *d)
{
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		course_end_day(&d->course[i], &d->frame);
		tell_day(d, &d->course[i]);
	}
}

/* The present day holds the instant: every day until then is stepped. */
static void
advance_to(struct detector *d, int64_t utc_sec)
{
	const struct day_list *days = &d->course[0].days;

	if (days->count > 0 && utc_sec < days->end_utc_sec)
		return;
	if (days->count == 0)
		begin_day(d, d->frame.world->day_of(utc_sec, d->frame.user));
	while (!d->frame.failed && utc_sec >= days->end_utc_sec) {
		end_day(d);
		begin_day(d, day_list_date(days, days->count - 1) + 1);
	}
}

/* --- steps --- */

static void
judge_step(struct detector *d, int64_t start_utc_sec, const struct slot_sums sums[DIRECTION_COUNT],
	   uint32_t slot_count)
{
	if (has_calendar(d))
		advance_to(d, start_utc_sec);
	d->frame.until_utc_sec = start_utc_sec + d->frame.step_sec;
	for (int i = 0; i < DIRECTION_COUNT && !d->frame.failed; i++) {
		struct detector_sample sample = { .direction = (enum direction)i,
						  .start_utc_sec = start_utc_sec };
		struct step_witness witness;

		slot_sums_judge(&sums[i], (enum direction)i, slot_count, d->frame.settings,
				d->frame.terms.discards_trusted, &sample, &witness);
		if (d->frame.world->on_sample != NULL)
			d->frame.world->on_sample(&sample, d->frame.user);
		course_step(&d->course[i], &d->frame, &sample, &witness);
	}
	detector_rest(d);
}

/* Steps that never came are unknown. */
static void
judge_unknown_until(struct detector *d, int64_t start_utc_sec)
{
	static const struct slot_sums none[DIRECTION_COUNT];

	while (d->frame.until_utc_sec != 0 && d->frame.until_utc_sec < start_utc_sec &&
	       !d->frame.failed)
		judge_step(d, d->frame.until_utc_sec, none, 1);
}

void
detector_finish_step(struct detector *d)
{
	if (!d->is_building)
		return;
	d->is_building = false;
	judge_step(d, d->building_utc_sec, d->sums, d->frame.step_sec / d->interval_sec);
	d->slot_until_utc_sec = d->frame.until_utc_sec;
}

static bool
is_on_grid(const struct sample *sample, uint32_t step_sec)
{
	return sample->step_sec == step_sec && sample->end_utc_sec >= step_sec &&
	       sample->end_utc_sec % step_sec == 0;
}

static bool
is_too_far(const struct detector *d, int64_t start_utc_sec)
{
	return d->frame.until_utc_sec != 0 &&
	       start_utc_sec - d->frame.until_utc_sec > DETECTOR_GAP_MAX_SEC;
}

bool
detector_feed_slot(struct detector *d, const struct sample *slot)
{
	int64_t start = slot->end_utc_sec - slot->step_sec;
	int64_t step_start = start - start % d->frame.step_sec;

	if (!is_on_grid(slot, d->interval_sec) || start < d->slot_until_utc_sec ||
	    step_start < d->frame.until_utc_sec || is_too_far(d, step_start))
		return false;
	if (d->is_building && d->building_utc_sec != step_start)
		detector_finish_step(d);
	if (!d->is_building) {
		judge_unknown_until(d, step_start);
		memset(d->sums, 0, sizeof(d->sums));
		d->building_utc_sec = step_start;
		d->is_building = true;
	}
	for (int i = 0; i < DIRECTION_COUNT; i++)
		slot_sums_add(&d->sums[i], (enum direction)i, slot, &d->frame.terms);
	d->slot_until_utc_sec = slot->end_utc_sec;
	if (slot->end_utc_sec == step_start + d->frame.step_sec)
		detector_finish_step(d);
	return true;
}

bool
detector_feed_step(struct detector *d, const struct sample *step)
{
	struct slot_sums sums[DIRECTION_COUNT] = { 0 };
	int64_t start = step->end_utc_sec - step->step_sec;

	if (!is_on_grid(step, d->frame.step_sec) || start < d->frame.until_utc_sec ||
	    is_too_far(d, start))
		return false;
	if (d->is_building && d->building_utc_sec < start)
		detector_finish_step(d);
	d->is_building = false;
	judge_unknown_until(d, start);
	for (int i = 0; i < DIRECTION_COUNT; i++)
		slot_sums_add(&sums[i], (enum direction)i, step, &d->frame.terms);
	judge_step(d, start, sums, 1);
	d->slot_until_utc_sec = d->frame.until_utc_sec;
	return true;
}

/* --- asking --- */

int64_t
detector_until_utc_sec(const struct detector *d)
{
	return d->frame.until_utc_sec;
}

bool
detector_failed(const struct detector *d)
{
	return d->frame.failed;
}

double
detector_utilisation(const struct detector *d, enum direction direction)
{
	return d->course[direction].last.utilisation;
}

bool
detector_open_run(const struct detector *d, enum direction direction,
		  struct detector_episode *episode)
{
	const struct run *run = &d->course[direction].run;

	if (run->open)
		run_episode(run, direction, episode);
	return run->open;
}
