/* days.c - what happened on each traffic day.  See /method.
 *
 * A step counts for the day in which it starts; minutes of runs are shared out by the clock, so that a run across a
 * day's end gives to both. */
#include <stdlib.h>
#include <string.h>

#include "detect/days.h"

#define SEC_MAX    ((INT64_C(1) << 18) - 1)
#define HOT_SHARE  0.80
#define WARM_SHARE 0.70

void
day_list_free(struct day_list *list)
{
	free(list->day);
	free(list->packed);
	*list = (struct day_list) { 0 };
}

bool
day_list_add(struct day_list *list, int32_t date, int64_t begin_utc_sec, int64_t end_utc_sec)
{
	if (list->count == list->size || list->day == NULL) {
		uint32_t size = list->size + list->size / 4 + 16;
		struct day *grown = realloc(list->day, size * sizeof(*grown));

		if (grown == NULL)
			return false;
		list->day = grown;
		list->size = size;
	}
	if (list->count == 0)
		list->first = date;
	list->end_utc_sec = end_utc_sec;
	list->day[list->count++] = (struct day) {
		.begin_utc_sec = begin_utc_sec,
		.state = DAY_UNKNOWN,
		.verdict = VERDICT_INSUFFICIENT,
	};
	return true;
}

void
day_list_forget(struct day_list *list, uint32_t count)
{
	list->first += (int32_t)count;
	list->count -= count;
	memmove(list->day, list->day + count, list->count * sizeof(*list->day));
}

uint32_t
day_list_find(const struct day_list *list, int64_t utc_sec)
{
	uint32_t i = list->count;

	while (i > 0 && day_list_end(list, i - 1) > utc_sec)
		i--;
	return i;
}

void
day_count(struct day *day, double u, const struct detector_settings *settings)
{
	day->known_count++;
	if (u < WARM_SHARE && u < settings->clear_share)
		return;
	day->congested_count += u >= settings->congested_share;
	day->clear_count += u >= settings->clear_share;
	day->hot_count += u >= WARM_SHARE;
	day->hot |= u >= HOT_SHARE;
}

static uint64_t
sum_of(uint64_t sec, int64_t more)
{
	int64_t sum = (int64_t)sec + more;

	return (uint64_t)(sum < SEC_MAX ? sum : SEC_MAX);
}

bool
day_list_need_past(struct day_list *list, int64_t from)
{
	return from >= day_list_present(list)->begin_utc_sec || day_list_open(list);
}

/* The first day that ends after `from`; the present one needs no open list. */
static uint32_t
first_touched(struct day_list *list, int64_t from)
{
	return from >= day_list_present(list)->begin_utc_sec ? list->count - 1
							     : day_list_find(list, from);
}

static struct day *
day_at(struct day_list *list, uint32_t i)
{
	return i + 1 == list->count ? day_list_present(list) : &list->day[i];
}

void
day_list_add_run(struct day_list *list, int64_t from, int64_t to)
{
	for (uint32_t i = first_touched(list, from); i < list->count; i++) {
		struct day *day = day_at(list, i);

		if (day->begin_utc_sec >= to)
			return;
		day->run_sec = sum_of(day->run_sec, span_overlap(day->begin_utc_sec,
								 day_list_end(list, i), from, to));
	}
}

/* Two reductions in one day are a day of 25 hours' rarity; the later one then speaks for the day. */
static void
add_reduced(struct day *day, int64_t from, int64_t to, const struct span_list *reductions)
{
	for (uint32_t i = span_list_find(reductions, from);
	     i < reductions->count && reductions->span[i].from_utc_sec < to; i++) {
		const struct span *span = &reductions->span[i];

		day->reduced_sec = sum_of(
		    day->reduced_sec, span_overlap(span->from_utc_sec, span->to_utc_sec, from, to));
		day->reduction_fresh =
		    day->begin_utc_sec - span->since_utc_sec < REDUCTION_FRESH_SEC;
	}
}

void
day_list_add_sustained(struct day_list *list, int64_t from, int64_t to,
		       const struct span_list *windows, const struct span_list *reductions)
{
	for (uint32_t i = first_touched(list, from); i < list->count; i++) {
		struct day *day = day_at(list, i);
		int64_t end = day_list_end(list, i);
		int64_t in_from = from > day->begin_utc_sec ? from : day->begin_utc_sec;
		int64_t in_to = to < end ? to : end;

		if (day->begin_utc_sec >= to)
			return;
		if (in_from >= in_to)
			continue;
		day->sustained_sec = sum_of(day->sustained_sec, in_to - in_from);
		day->declared_sec =
		    sum_of(day->declared_sec, span_list_overlap(windows, in_from, in_to));
		add_reduced(day, in_from, in_to, reductions);
		day->below_known = 0;
	}
}

double
day_known_share(const struct day_list *list, uint32_t i, uint32_t step_sec)
{
	int64_t length_sec = day_list_end(list, i) - list->day[i].begin_utc_sec;

	return length_sec > 0 ? (double)(list->day[i].known_count * step_sec) / (double)length_sec
			      : 0;
}

bool
day_is_valid(const struct day_list *list, uint32_t i, uint32_t step_sec,
	     const struct detector_settings *settings)
{
	return day_known_share(list, i, step_sec) >= settings->valid_share;
}
