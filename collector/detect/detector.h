/* detector.h - turns one port's samples into episodes, traffic days and verdicts, by the rules that the page /method
 * tells in words.
 *
 * One struct detector per port holds both directions.  Samples go in, in time order; what they mean comes out through
 * callbacks and queries.  Pure: no clock, no log, no I/O; zone boundaries and old samples are asked for through
 * struct detector_world.  The same samples, settings, terms and windows always give the same answers, in one go or cut
 * anywhere by detector_save and detector_load.
 *
 * A sample of a step starts at a multiple of the step (UTC) and belongs to the traffic day in which it starts.  A day is
 * the local date on which it begins, as days since 1970-01-01 (zone.h). */
#ifndef COLLECTOR_DETECT_DETECTOR_H
#define COLLECTOR_DETECT_DETECTOR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/detector_settings.h"
#include "ixwatch/error.h"
#include "ixwatch/model.h"

struct detector;

/* --- what the judgement rests on beside the samples --- */

/* What is agreed about a port.  A change counts for the samples fed after it. */
struct detector_terms {
	double contracted_bps;       /* NAN: no contract */
	double nominal_capacity_bps; /* the setting; NAN: found from the samples */
	bool contract_billed;        /* above it is an invoice: capacity is the physical one */
	bool discards_trusted;       /* the agent's discards are a second witness (out only) */
};

/* A declared window [start, end), at most DETECTOR_WINDOW_MAX_SEC long. */
#define DETECTOR_WINDOW_MAX_SEC (INT64_C(7) * 86400)

enum detector_cause {
	CAUSE_EVENT,
	CAUSE_WORKS,
	CAUSE_ATTACK,
	CAUSE_FAILOVER,
	CAUSE_EXCHANGE,
	CAUSE_OURS,
	CAUSE_COUNT
};
const char *detector_cause_name(enum detector_cause cause); /* "event" ... */
bool detector_cause_parse(const char *name, enum detector_cause *cause);

struct detector_window {
	int64_t start_utc_sec, end_utc_sec;
	enum detector_cause cause;
};

/* --- what comes out --- */

/* A run of one direction: a spike while shorter than `sustain`, then a sustained episode. */
struct detector_episode {
	enum direction direction;
	enum episode_kind kind;
	bool open;
	int64_t start_utc_sec, end_utc_sec; /* start of the first, end of the last live sample */
	double peak_utilisation, mean_utilisation; /* of the known samples between, dips included */
};

enum detector_change {
	DETECTOR_BEGAN, /* its first sample; with a short `sustain` at once sustained */
	DETECTOR_GREW,  /* a live sample more; it may have become sustained */
	DETECTOR_ENDED, /* closed; end, peak and mean are those of the last DETECTOR_GREW */
};

enum detector_day_state {
	DAY_DECLARED,
	DAY_REDUCED,
	DAY_UNCLASSIFIED,
	DAY_FLASH,
	DAY_CONGESTED,
	DAY_UNKNOWN,
	DAY_CLEAN,
	DAY_STATE_COUNT
};
const char *detector_day_state_name(enum detector_day_state state);

/* A traffic day of one direction, as all that is known by now judges it. */
struct detector_day {
	int32_t day;
	int64_t begin_utc_sec, end_utc_sec;
	bool valid;                 /* enough of it is known */
	bool congested;             /* a congested day, whatever its state */
	bool withdrawn;             /* it would be a flash day, were the excuse not withdrawn */
	uint32_t possible_samples;  /* its 23, 24 or 25 hours in steps */
	uint32_t known_samples;     /* u known */
	uint32_t congested_samples; /* u >= congested */
	uint32_t live_samples;      /* u >= clear */
	double known_share;         /* of its 23, 24 or 25 hours, 0..1 */
	int64_t congested_sec;      /* overlap of sustained episodes with it */
	int64_t run_sec;            /* of all runs, spikes included */
	enum detector_day_state state;
	enum verdict verdict; /* stood at its end; for the present day: stands now */
};

/* The rules, for "why": bits of detector_standing.rules. */
enum {
	RULE_A = 1 << 0,       /* 8 congested days in four weeks */
	RULE_B = 1 << 1,       /* a weekday, 6 of 8 weeks; holds 7 days */
	RULE_C = 1 << 2,       /* the 95th percentile of 30 days */
	RULE_STAYS = 1 << 3,   /* none of these, but routine since earlier and not left yet */
	RULE_DAYS = 1 << 4,    /* recurring: 3 of the last 7 days */
	RULE_WEEKDAY = 1 << 5, /* recurring: a weekday, 4 of 5 weeks; holds 7 days */
	RULE_D = 1 << 6,       /* recurring: daily, short */
};

#define DETECTOR_NO_DAY INT32_MIN

/* How a direction stands after the last judged step. */
struct detector_standing {
	enum verdict verdict;
	int32_t verdict_since; /* the day with which it began; DETECTOR_NO_DAY: from the start */
	bool stale;            /* insufficient data, and there was another verdict before: */
	enum verdict stale_verdict;
	int32_t stale_since; /* DETECTOR_NO_DAY: from the start */
	unsigned rules;      /* that hold now */
	int32_t epoch; /* the first day that counts since the last upgrade; DETECTOR_NO_DAY: none */
	enum verdict epoch_verdict; /* the verdict the upgrade met */
	bool cured;                 /* since the epoch 14 valid days that meet the leaving rule */
	unsigned valid_days_28;     /* valid days among the last 28 */
	unsigned declared_days_28;  /* declared ones; above 10 it is said everywhere */
	unsigned withdrawn_days_28; /* those whose excuse as a flash event was withdrawn */
};

/* Beside the verdicts, never part of one. */
struct detector_flags {
	bool saturated;  /* u >= 98% or discards >= 1%, for 10 min: the NOC is told at once */
	bool loss;       /* discards >= 1% for `sustain` */
	bool microburst; /* discards below discard-floor, in the last judged step */
	bool hot; /* a step of the last 7 days >= 80%, or the 30-day 95th percentile >= 70% */
};

/* A judged step of one direction. */
struct detector_sample {
	enum direction direction;
	int64_t start_utc_sec;
	double utilisation;  /* NAN: unknown */
	double capacity_bps; /* after the contract; NAN: unknown */
	bool layer2;         /* the frames could not be counted */
	bool congested, live;
};

/* --- what is asked for and told: a table of functions, any may be NULL; lent for the detector's life --- */

struct detector_world {
	/* Zone boundaries: the instant at which a day begins, and the day that holds an instant.  Without both there are
	 * episodes, but no days and no verdicts. */
	int64_t (*day_begin_utc_sec)(int32_t day, void *user);
	int32_t (*day_of)(int64_t utc_sec, void *user);

	/* The utilisations of `count` steps from start on, as they were judged; NAN where unknown or not kept.  Asked only
	 * for the baseline of a possible flash event (28 days and an hour).  Without it no baseline is known. */
	void (*history)(enum direction direction, int64_t start_utc_sec, size_t count,
			double *utilisation, void *user);

	void (*on_sample)(const struct detector_sample *sample, void *user);
	void (*on_episode)(const struct detector_episode *episode, enum detector_change change,
			   void *user);
	/* At the end of each day, for each direction: the day and how the direction stood then. */
	void (*on_day)(enum direction direction, const struct detector_day *day,
		       const struct detector_standing *standing, void *user);
};

/* How long the detector itself remembers days; verdicts need no more than DETECTOR_KEEP_NEEDED. */
enum detector_keep { DETECTOR_KEEP_NEEDED, DETECTOR_KEEP_ALL };

/* --- a detector --- */

/* Slots come every interval_sec, which divides settings->step_sec; when longer, it divides 3600 s and is the step judged
 * in.  settings, world and user are lent for the detector's life: most detectors have the same settings.  ERR_CONFIG for a grid that does not fit. */
bool detector_new(struct detector **out, const struct detector_settings *settings,
		  unsigned interval_sec, enum detector_keep keep,
		  const struct detector_world *world, void *user, struct error *err);
void detector_free(struct detector *d);               /* NULL is fine */
unsigned detector_step_sec(const struct detector *d); /* the step judged in */

/* Without a call: no contract, nominal found from the samples, discards not trusted. */
void detector_terms_set(struct detector *d, const struct detector_terms *terms);

/* Replaces the declared windows (copied, any order, may overlap).  They count for what is judged from now on: a window
 * that reaches into judged time needs that history judged anew.  ERR_PARSE for a window that is empty or too long. */
bool detector_windows_set(struct detector *d, const struct detector_window *windows,
			  size_t window_count, struct error *err);

/* --- feeding --- */

/* One grid slot of interval_sec.  A step is judged with its last slot, or when a later slot shows that there will be
 * none; slots in between that never come are unknown.  False, and nothing is changed, for a slot that is not after the
 * last one or lies in judged time, that is off the grid, or further ahead than DETECTOR_GAP_MAX_SEC (a clock that was
 * wrong, not a gap). */
#define DETECTOR_GAP_MAX_SEC (INT64_C(50) * 366 * 86400)
bool detector_feed_slot(struct detector *d, const struct sample *slot);

/* One consolidated step (history, replay): judged at once, in place of slots of that step fed before.  False as above. */
bool detector_feed_step(struct detector *d, const struct sample *step);

/* Judges the step begun, if any, as if its other slots were unknown: the input has ended. */
void detector_finish_step(struct detector *d);

/* The end of the last judged step, 0 before one. */
int64_t detector_until_utc_sec(const struct detector *d);

/* Memory ran out since the start: what it says is no longer to be trusted. */
bool detector_failed(const struct detector *d);

/* --- asking; nothing here changes an answer given later --- */

/* The last judged step's utilisation; NAN when unknown. */
double detector_utilisation(const struct detector *d, enum direction direction);

/* The run that is open, if one is: a spike so far, or sustained. */
bool detector_open_run(const struct detector *d, enum direction direction,
		       struct detector_episode *episode);

/* How the direction stands now.  Insufficient data before the first step. */
void detector_standing_get(struct detector *d, enum direction direction,
			   struct detector_standing *standing);
void detector_flags_get(struct detector *d, enum direction direction, struct detector_flags *flags);

/* Its nominal capacity; NAN: none yet. */
double detector_nominal_bps(const struct detector *d, enum direction direction);

/* A stretch of reduced capacity, and since when the reduction that it belongs to lasts; oldest first, of the time whose days
 * are at hand. */
struct detector_reduction {
	int64_t from_utc_sec, to_utc_sec, since_utc_sec;
};
size_t detector_reduction_count(const struct detector *d, enum direction direction);
struct detector_reduction detector_reduction_get(const struct detector *d, enum direction direction,
						 size_t i);

/* Why the verdict of a direction is what it is: rule, counts and days, in words; "" when there is nothing to say.
 * Returns dst. */
char *detector_reason(struct detector *d, enum direction direction, char *dst, size_t len);

/* The days at hand, oldest first, the present day last, each by what is known now. */
size_t detector_day_count(const struct detector *d);
void detector_day_get(struct detector *d, enum direction direction, size_t i,
		      struct detector_day *day);

/* How many of the last days, the present one among them, may still change; at least four weeks more are kept. */
size_t detector_changing_days(const struct detector *d);

/* Why an episode is excused, by what is known now. */
enum detector_excuse {
	EXCUSE_NONE,
	EXCUSE_SPIKE,
	EXCUSE_DECLARED,
	EXCUSE_REDUCED,
	EXCUSE_FLASH,
	EXCUSE_COUNT
};
const char *detector_excuse_name(enum detector_excuse excuse); /* NULL for EXCUSE_NONE */
enum detector_excuse detector_excuse_of(struct detector *d, const struct detector_episode *episode);

/* Ends a visit: days and excuses, of which many are asked for in a row, leave the days unpacked. */
void detector_rest(struct detector *d);

/* Nearest-rank 95th percentile of `count` numbers, all known; reorders them.  NAN of none. */
double detector_percentile_95(double *values, size_t count);
/* The same for any percentile 1..100. */
double detector_percentile(double *values, size_t count, unsigned percent);

/* --- a checkpoint --- */

/* The whole state after the last slot (settings, terms and windows are not in it).  Allocated: caller frees. */
bool detector_save(const struct detector *d, void **blob, size_t *len, struct error *err);

/* Puts the saved state into a fresh detector with the same settings, step and interval.  ERR_REFUSED when it was saved
 * under others or by another version: the history must be judged anew; ERR_PARSE when the blob is damaged.  On failure
 * the detector is as fresh as before. */
bool detector_load(struct detector *d, const void *blob, size_t len, struct error *err);

#endif
