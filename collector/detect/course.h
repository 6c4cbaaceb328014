/* course.h - one direction of a port, all of it: what the stages of this folder hand to each other. */
#ifndef COLLECTOR_DETECT_COURSE_H
#define COLLECTOR_DETECT_COURSE_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/capacity.h"
#include "detect/days.h"
#include "detect/detector.h"
#include "detect/run.h"
#include "detect/sample.h"
#include "detect/span.h"

/* How long two witnesses have been saying so, for struct detector_flags. */
struct flag_clock {
	uint32_t full_sec, lossy_sec; /* in a row; unknown steps between neither add nor break */
	bool microburst;
};

/* What stood at the end of a day: all that the next day needs to know of the rules.  Narrow: each port has four. */
struct tenure {
	uint8_t verdict; /* enum verdict, as the other two */
	uint8_t stale_verdict;
	uint8_t epoch_verdict; /* the one that the epoch met */
	uint8_t rules;         /* RULE_... */
	bool stale;
	bool cured;    /* since the epoch, a day met the leaving rule */
	int32_t since; /* DETECTOR_NO_DAY: from the start */
	int32_t stale_since;
	int32_t b_met,
	    weekday_met; /* the last day on which they were met; DETECTOR_NO_DAY: never */
};

/* Where the baseline of a cluster that begins on day `first` lies below flash-baseline, by phase of the 24 hours. */
struct baseline {
	int32_t first;  /* DETECTOR_NO_DAY: none at hand */
	uint8_t *below; /* a bit for each step of 24 hours */
};

struct course {
	enum direction direction;
	struct detector_sample last; /* the last judged step */
	struct run run;
	struct capacity_track capacity;
	struct flag_clock flags;
	struct span_list reductions; /* with since when each reduction lasts */
	struct span_list sustained;  /* recent sustained episodes */
	struct day_list days;
	int64_t run_until_utc_sec; /* so far the open run is counted in the days */
	int64_t sustained_until_utc_sec;
	int32_t epoch,
	    epoch_next;       /* first day that counts; and the one to come; or DETECTOR_NO_DAY */
	struct tenure before; /* at the end of the day before the present one */
	struct tenure now;    /* as of the last judged step, when not `dirty` */
	bool has_before, dirty;
	struct baseline baseline;
};

/* What all directions of a detector share. */
struct frame {
	const struct detector_settings *settings;
	struct detector_terms terms;
	const struct detector_world *world;
	void *user;
	uint32_t step_sec;
	enum detector_keep keep;
	int64_t until_utc_sec; /* end of the last judged step */
	uint32_t window_count;
	struct detector_window *windows;
	struct span_list windows_union;
	bool failed; /* memory ran out */
};

void course_init(struct course *course, enum direction direction);
void course_free(struct course *course);

/* Takes the next step; the days have been advanced to it. */
void course_step(struct course *course, struct frame *frame, const struct detector_sample *sample,
		 const struct step_witness *witness);

/* Ends the present day, if there is one, and begins `date`. */
void course_end_day(struct course *course, struct frame *frame);
void course_begin_day(struct course *course, struct frame *frame, int32_t date,
		      int64_t begin_utc_sec, int64_t end_utc_sec);

/* Brings `now` and the days' states up to date, and leaves the days open; false when memory ran out. */
bool course_refresh(struct course *course, struct frame *frame);

/* Where only what is needed is kept, the days are closed until they are asked for again. */
void course_rest(struct course *course, struct frame *frame);

/* How many days before the present one the rules may still look at. */
uint32_t course_reach_days(const struct detector_settings *settings);

/* How many of the last days, the present one among them, may still change their state. */
uint32_t course_unsettled_days(const struct detector_settings *settings);

/* A congested day that counts for the rules: neither declared nor reduced. */
bool course_day_is_declared(const struct course *course, uint32_t i);
bool course_day_is_reduced(const struct course *course, const struct frame *frame, uint32_t i);
bool course_day_counts(const struct course *course, const struct frame *frame, uint32_t i);

/* Whether the instant lies in a window of the exchange or of ours. */
bool frame_in_excusing_window(const struct frame *frame, int64_t utc_sec);

/* flash.c: the final state of every day within reach, from the congested days and what A and B counted. */
void flash_judge(struct course *course, struct frame *frame);

/* baseline.c: the seconds of sustained episodes on day i with the baseline below, for a cluster that begins on day
 * `first`.  *is_final: it cannot change with what comes. */
int64_t baseline_below_sec(struct course *course, struct frame *frame, uint32_t i, int32_t first,
			   bool *is_final);
void baseline_free(struct baseline *baseline);

/* verdict.c: the verdict that stands now; marks what A and B count today, and judges the days' states in between. */
void verdict_judge(struct course *course, struct frame *frame, struct tenure *now);

/* Valid days among the last `n` that are at or after `from`. */
unsigned verdict_valid_days(const struct course *course, const struct frame *frame, unsigned n,
			    int32_t from);

#endif
