/* detector_settings.h - every number of the judgement, as one table: name, type, the two profiles' defaults.
 *
 * The configuration's `detector` blocks, `replay --set` and the method page all read this table. */
#ifndef IXWATCH_DETECTOR_SETTINGS_H
#define IXWATCH_DETECTOR_SETTINGS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

enum profile { PROFILE_EARLY, PROFILE_PROOF, PROFILE_COUNT };

struct detector_settings {
	enum profile profile;
	double congested_share; /* 0..1: at or above, a sample is congested */
	double clear_share;     /* 0..congested_share: at or above, a sample is live */
	double
	    discard_floor_share; /* utilisation from which discards are a second witness (out only) */
	double discard_share;    /* of the packets offered */
	int64_t clear_hold_sec;
	int64_t bridge_sec;
	int64_t sustain_sec;
	int64_t step_sec;      /* divides 3600 */
	int64_t day_start_sec; /* 0..86399 past local midnight */
	int64_t congested_day_sec;
	double valid_share;
	uint32_t flash_span_days;
	double flash_baseline_share;
	uint32_t flash_count;
};

/* The defaults of a profile. */
void detector_settings_init(struct detector_settings *settings, enum profile profile);

bool detector_settings_equal(const struct detector_settings *a, const struct detector_settings *b);

/* Sets one number by its key ("clear-hold", "15m").  The sentence names the key, the value and what is allowed. */
bool detector_settings_set(struct detector_settings *settings, const char *key, const char *value,
			   struct error *err);

/* What only shows when all are set: clear <= congested, step divides 3600 s, interval divides step (0: not asked). */
bool detector_settings_check(const struct detector_settings *settings, unsigned interval_sec,
			     struct error *err);

/* The table, for help texts and checkers: key i, NULL past the last; its default, help, and what is allowed, in words. */
const char *detector_settings_key(size_t i);
const char *detector_settings_default(size_t i, enum profile profile);
const char *detector_settings_help(size_t i);
const char *detector_settings_allowed(size_t i);
/* Whether the two profiles differ in this key: such a key, set in a block, speaks for that block's profile only. */
bool detector_settings_is_profiled(const char *key);
/* The value in force, in the form the configuration takes. */
char *detector_settings_format(const struct detector_settings *settings, size_t i, char *dst,
			       size_t len);

const char *profile_name(enum profile profile); /* "early", "proof" */
bool profile_parse(const char *name, enum profile *profile);

#endif
