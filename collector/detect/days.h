/* days.h - the traffic days of one direction: counts and minutes per day, kept as small as the rules allow. */
#ifndef COLLECTOR_DETECT_DAYS_H
#define COLLECTOR_DETECT_DAYS_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "detect/span.h"

/* One day.  Seconds and samples take 18 bits: a day of 48 hours in steps of one second still fits. */
struct day {
	int64_t begin_utc_sec;
	uint64_t known_count : 18;     /* samples */
	uint64_t congested_count : 18; /* of them with u >= congested */
	uint64_t clear_count : 18;     /* of them with u >= clear */
	uint64_t state : 3;            /* enum detector_day_state, as last judged */
	uint64_t verdict : 2;          /* enum verdict at its end */
	uint64_t counted : 1;          /* A or B counted it on a past day on which it held */
	uint64_t counted_now : 1;      /* it does so today */
	uint64_t withdrawn : 1;        /* it would be a flash day, were it not counted */
	uint64_t hot_count : 18;       /* samples with u >= 70% */
	uint64_t run_sec : 18;         /* of all runs */
	uint64_t sustained_sec : 18;   /* of sustained episodes */
	uint64_t hot : 1;              /* a sample with u >= 80% */
	uint64_t reduction_fresh : 1;  /* it begins less than 7 x 24 h after its reduction did */
	uint64_t declared_sec : 18;    /* of sustained_sec, in windows */
	uint64_t reduced_sec : 18;     /* of sustained_sec, with reduced capacity */
	uint64_t below_sec : 18;  /* of sustained_sec, with the baseline below flash-baseline ... */
	uint64_t below_first : 6; /* ... of a cluster that began so many days before; */
	uint64_t below_known : 1; /* that has been found out */
};

/* Consecutive days, the present one last.  Past days are seldom asked for: a list is kept closed, with all but the
 * present one packed (days_pack.c), and opened for a judgement. */
struct day_list {
	struct day *day; /* open: all of them; NULL while closed */
	uint32_t count, size;
	int32_t first;       /* the date of the oldest */
	int64_t end_utc_sec; /* of the present one */
	uint8_t *packed;     /* closed: those before the present one */
	uint32_t packed_len;
	struct day closed_present; /* closed: the present one */
};

void day_list_free(struct day_list *list);

/* Appends the day that ends at end_utc_sec to an open list; false when memory ran out. */
bool day_list_add(struct day_list *list, int32_t date, int64_t begin_utc_sec, int64_t end_utc_sec);

/* Forgets the oldest `count` of an open list. */
void day_list_forget(struct day_list *list, uint32_t count);

/* Both do nothing where nothing is to do; false, and nothing is changed, when memory ran out. */
bool day_list_open(struct day_list *list);
bool day_list_close(struct day_list *list);

struct coder;
/* An open list to octets, and back. */
void day_list_code(struct coder *c, struct day_list *list);

/* The present day, open or closed; there must be one. */
static inline struct day *
day_list_present(struct day_list *list)
{
	return list->day != NULL ? &list->day[list->count - 1] : &list->closed_present;
}

/* What follows is asked of an open list. */

static inline int32_t
day_list_date(const struct day_list *list, uint32_t i)
{
	return list->first + (int32_t)i;
}

static inline int64_t
day_list_end(const struct day_list *list, uint32_t i)
{
	return i + 1 < list->count ? list->day[i + 1].begin_utc_sec : list->end_utc_sec;
}

/* The first day that ends after the instant; count when none does. */
uint32_t day_list_find(const struct day_list *list, int64_t utc_sec);

/* Counts a known sample of the present day. */
void day_count(struct day *day, double u, const struct detector_settings *settings);

/* Opens the list if a day before the present one ends after `from`; false when memory ran out. */
bool day_list_need_past(struct day_list *list, int64_t from);

/* Adds [from, to) of runs to the days; need_past has been asked for. */
void day_list_add_run(struct day_list *list, int64_t from, int64_t to);

/* Adds [from, to) of sustained episodes: how much of it lies in windows, and was reduced. */
void day_list_add_sustained(struct day_list *list, int64_t from, int64_t to,
			    const struct span_list *windows, const struct span_list *reductions);

/* What the rules ask of a day. */
double day_known_share(const struct day_list *list, uint32_t i, uint32_t step_sec);
bool day_is_valid(const struct day_list *list, uint32_t i, uint32_t step_sec,
		  const struct detector_settings *settings);

static inline bool
day_is_congested(const struct day *day, const struct detector_settings *settings)
{
	return day->sustained_sec >= (uint64_t)settings->congested_day_sec;
}

/* A reduction excuses a day, and the minutes in it, when the day begins less than so long after it did, or inside a
 * window of the exchange or of ours. */
#define REDUCTION_FRESH_SEC (INT64_C(7) * 24 * 3600)

#endif
