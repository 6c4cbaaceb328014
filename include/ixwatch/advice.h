/* advice.h - what the last weeks of one direction say about its capacity, beside the verdict and never part of one: plain
 * values, and the one form in which pages, API and replay tell them.
 *
 * Rates are layer 1 (utilisation.h), shares are of the capacity after the contract.  What is not known is NAN. */
#ifndef IXWATCH_ADVICE_H
#define IXWATCH_ADVICE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/json.h"
#include "ixwatch/model.h"

#define ADVICE_DAYS      28  /* traffic days that the figures of now rest on */
#define ADVICE_WEEKS     26  /* closed traffic weeks that a trend rests on */
#define ADVICE_AHEAD     104 /* weeks that are looked ahead */
#define ADVICE_STEP_SEC  300
#define ADVICE_ROOM      0.70 /* a size holds when nearly all samples stay below that share of it */
#define ADVICE_WEEKS_MIN 6    /* fewer valid weeks are no trend */

/* One closed traffic week of one direction. */
struct advice_week {
	int32_t monday;                           /* the day on which it begins, from 1970-01-01 */
	uint32_t possible_samples, known_samples; /* steps of ADVICE_STEP_SEC */
	double p95_bps;                           /* nearest rank, of the known samples' rates */
	double p95_utilisation, peak_utilisation, mean_utilisation;
	uint32_t minutes_90, minutes_95; /* in samples of at least 90% and 95% */
};

enum advice_trend {
	ADVICE_TREND_UNKNOWN, /* too few valid weeks, or none of late */
	ADVICE_TREND_NONE, /* no growth that stands out from the weeks' scatter and still goes on */
	ADVICE_TREND_GROWING, /* reaches the line within ADVICE_AHEAD weeks */
	ADVICE_TREND_FAR,     /* grows, and does not reach it within them */
	ADVICE_TREND_REACHED, /* is there already */
	ADVICE_TREND_COUNT
};
const char *advice_trend_name(enum advice_trend trend); /* "too few weeks", "no trend" ... */
bool advice_trend_parse(const char *name, enum advice_trend *trend);

struct advice {
	int32_t
	    day; /* the first traffic day that is not in it; INT32_MIN: nothing was advised yet */
	uint32_t possible_samples, known_samples; /* of the last ADVICE_DAYS traffic days */
	double capacity_bps;                      /* newest known */
	double p95_utilisation, peak_utilisation; /* of those days; NAN: less than half is known */
	/* If the largest member of the LAG, or the largest port of the connection, fails: the shares of what remains. */
	double largest_member_bps; /* NAN: there is but one, or unknown; then so are the next two */
	double n1_p95_utilisation, n1_peak_utilisation;
	enum advice_trend trend;
	uint32_t trend_weeks;   /* valid ones it rests on */
	double congested_share; /* the line */
	double growth_per_week; /* of the weekly 95th percentile, as share of the capacity; NAN */
	double weeks_to_congested; /* 1..ADVICE_AHEAD, whole; NAN unless growing */
	/* The size that would have held. */
	double p99_bps;        /* of those days: what must stay below ADVICE_ROOM */
	bool size_known;       /* else nothing is said of sizes */
	bool size_is_enough;   /* the capacity as it is */
	bool size_is_least;    /* what wanted through may have been more: the port was full */
	double member_bps;     /* of the next size; NAN: enough, or larger than any */
	uint32_t member_count; /* 1: a single port; 0 where member_bps is NAN */
};

/* Nothing is known. */
void advice_init(struct advice *advice);

/* "100G", "2x10G", into dst[len]; returns dst. */
char *advice_ports_text(char *dst, size_t len, double member_bps, uint32_t member_count);

/* Its members, as API and replay have them, into an object under key; returns that, lent. */
struct json *advice_json_put(struct json *in, const char *key, const struct advice *advice);

/* In plain sentences about a port or a connection, each with a word of what it is about ("growth"); both lent for the
 * call. */
typedef void advice_on_sentence(const char *about, const char *sentence, void *user);
void advice_tell(const struct advice *advice, enum subject_kind of, advice_on_sentence *on_sentence,
		 void *user);

#endif
