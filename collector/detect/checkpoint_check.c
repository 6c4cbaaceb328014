/* checkpoint_check.c - whether what was read from a checkpoint can be a detector's state: nothing that follows may be led
 * astray by it, whoever made it. */
#include "detect/detector_private.h"

#define COUNT_MAX (UINT32_C(1) << 16)

static bool
building_fits(const struct detector *d)
{
	int64_t step = d->frame.step_sec, since = d->slot_until_utc_sec - d->building_utc_sec;
	uint32_t slots = d->frame.step_sec / d->interval_sec;

	if (d->frame.until_utc_sec % step != 0 || d->building_utc_sec % step != 0)
		return false;
	if (!d->is_building)
		return d->slot_until_utc_sec == d->frame.until_utc_sec;
	for (int i = 0; i < DIRECTION_COUNT; i++)
		if (d->sums[i].known_count > slots || d->sums[i].any_capacity_count > slots)
			return false;
	return d->building_utc_sec >= d->frame.until_utc_sec && since > 0 && since < step &&
	       since % d->interval_sec == 0;
}

/* The present day is where the calendar has it, and holds the last step. */
static bool
days_fit(const struct detector *d, const struct day_list *days)
{
	const struct detector_world *world = d->frame.world;
	int64_t until = d->frame.until_utc_sec, last_start = until - d->frame.step_sec;
	int32_t date;

	if (world->day_begin_utc_sec == NULL || world->day_of == NULL || until == 0)
		return days->count == 0;
	if (days->count == 0 || days->count > COUNT_MAX)
		return false;
	date = day_list_date(days, days->count - 1);
	return days->day[days->count - 1].begin_utc_sec ==
		   world->day_begin_utc_sec(date, d->frame.user) &&
	       days->end_utc_sec == world->day_begin_utc_sec(date + 1, d->frame.user) &&
	       last_start >= days->day[days->count - 1].begin_utc_sec &&
	       last_start < days->end_utc_sec;
}

static bool
is_by(int32_t date, const struct day_list *days)
{
	return date == DETECTOR_NO_DAY ||
	       (days->count > 0 && date <= day_list_date(days, days->count - 1));
}

static bool
course_fits(const struct detector *d, const struct course *course)
{
	const struct day_list *days = &course->days, *others = &d->course[0].days;
	const struct run *run = &course->run;
	const struct tenure *before = &course->before;

	return days_fit(d, days) && days->count == others->count && days->first == others->first &&
	       run->end_utc_sec <= d->frame.until_utc_sec &&
	       course->run_until_utc_sec <= run->end_utc_sec &&
	       course->run_until_utc_sec >=
		   (run->open && days->count > 0 ? run->start_utc_sec : 0) &&
	       course->sustained_until_utc_sec <= run->end_utc_sec && is_by(course->epoch, days) &&
	       (course->epoch_next == DETECTOR_NO_DAY || !is_by(course->epoch_next, days)) &&
	       is_by(before->b_met, days) && is_by(before->weekday_met, days);
}

bool
checkpoint_makes_sense(const struct detector *d)
{
	return building_fits(d) && course_fits(d, &d->course[0]) && course_fits(d, &d->course[1]);
}
