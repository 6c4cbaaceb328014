/* judge_internal.h - a judge's own parts, between the files judge*.c only.
 *
 *   judge_house.c    what all judges share: the transaction, the settings
 *   judge_world.c    what the detector asks for and tells: days, weeks past, declared windows, episodes
 *   judge_history.c  feeding it what the series hold: after a start, and anew
 *   judge.c          making a judge, and its life from step to step
 */
#ifndef COLLECTOR_JUDGE_INTERNAL_H
#define COLLECTOR_JUDGE_INTERNAL_H

#include "judge.h"
#include "judge_book.h"

#define ARCHIVE_STEP_SEC 300 /* of the archive that evidence, percentiles and replay rest on */

struct judge {
	struct judge_house *house;
	enum judged_for judged_for;
	struct judge_source source;
	struct detector *detector;
	const struct detector_settings *settings; /* the house's */
	struct detector_terms terms;              /* contracted_bps: of the row fed last */
	struct zone *zone;                        /* of the exchange */
	double capacity_setting_bps;              /* NAN: none */
	int64_t history_until_utc_sec;
	struct judge_book book;
	uint64_t wrote_in; /* the transaction it wrote in last; 0: none */
	bool episode_touched, day_ended;
};

/* The house's own copy: a hundred thousand judges have a handful of different settings.  NULL: out of memory. */
const struct detector_settings *judge_settings_kept(struct judge_house *house,
						    const struct detector_settings *wanted);

/* Where the step begins in which an instant lies. */
static inline int64_t
judge_align(int64_t utc_sec, unsigned step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

extern const struct detector_world judge_world; /* its user is the judge */

/* Begins a write of this judge's; a failure waits for the commit. */
bool judge_write_begin(struct judge *judge);

/* Gives the detector the windows that are declared now. */
bool judge_windows_load(struct judge *judge, struct error *err);

/* A new detector, which knows no history. */
bool judge_detector_make(struct judge *judge, struct error *err);

/* Days, verdicts and excuses follow from the step just judged.  at_utc_sec: when it was said. */
bool judge_book_put(struct judge *judge, bool excuses, int64_t at_utc_sec, struct error *err);

/* Feeds one row, with the contract in force in it. */
void judge_feed_step(const struct sample *sample, double limit_bps, void *user);
void judge_feed_slot(const struct sample *sample, double limit_bps, void *user);

#endif
