/* advice_words.c - see ixwatch/advice.h: how advice is named, told, and written as JSON. */
#include "ixwatch/advice.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#define SENTENCE_MAX 320
#define RATE_MAX     32

static const char *const trend_names[ADVICE_TREND_COUNT] = {
	[ADVICE_TREND_UNKNOWN] = "too few weeks", [ADVICE_TREND_NONE] = "no trend",
	[ADVICE_TREND_GROWING] = "growing",       [ADVICE_TREND_FAR] = "more than two years",
	[ADVICE_TREND_REACHED] = "reached",
};

const char *
advice_trend_name(enum advice_trend trend)
{
	return trend_names[trend];
}

bool
advice_trend_parse(const char *name, enum advice_trend *trend)
{
	for (int i = 0; i < ADVICE_TREND_COUNT; i++)
		if (strcmp(trend_names[i], name) == 0) {
			*trend = (enum advice_trend)i;
			return true;
		}
	return false;
}

void
advice_init(struct advice *advice)
{
	*advice = (struct advice) {
		.day = INT32_MIN,
		.capacity_bps = NAN,
		.p95_utilisation = NAN,
		.peak_utilisation = NAN,
		.largest_member_bps = NAN,
		.n1_p95_utilisation = NAN,
		.n1_peak_utilisation = NAN,
		.congested_share = NAN,
		.growth_per_week = NAN,
		.weeks_to_congested = NAN,
		.p99_bps = NAN,
		.member_bps = NAN,
	};
}

/* "10G", "2.5G", "1.6T": as ports are called. */
static char *
rate_text(char dst[RATE_MAX], double bps)
{
	static const char letters[] = "kMGT";
	double value = bps / 1e3;
	size_t i = 0;

	for (; value >= 1000 && letters[i + 1] != '\0'; i++)
		value /= 1000;
	snprintf(dst, RATE_MAX, "%.4g%c", value, letters[i]);
	return dst;
}

char *
advice_ports_text(char *dst, size_t len, double member_bps, uint32_t member_count)
{
	char rate[RATE_MAX];

	if (member_count > 1)
		snprintf(dst, len, "%ux%s", member_count, rate_text(rate, member_bps));
	else
		snprintf(dst, len, "%s", rate_text(rate, member_bps));
	return dst;
}

/* --- JSON --- */

static void
put_size(struct json *out, const struct advice *advice)
{
	char ports[RATE_MAX + 16];
	bool larger = advice->member_count > 0;

	json_put_number(out, "p99_bps", advice->p99_bps);
	if (advice->size_known)
		json_put_bool(out, "capacity_is_enough", advice->size_is_enough);
	else
		json_put_null(out, "capacity_is_enough");
	json_put_number(out, "next_capacity_bps",
			larger ? advice->member_bps * advice->member_count : NAN);
	json_put_text(out, "next_ports",
		      larger ? advice_ports_text(ports, sizeof(ports), advice->member_bps,
						 advice->member_count)
			     : NULL);
	if (larger)
		json_put_bool(out, "next_is_least", advice->size_is_least);
	else
		json_put_null(out, "next_is_least");
}

struct json *
advice_json_put(struct json *in, const char *key, const struct advice *advice)
{
	struct json *out = json_put_object(in, key);
	bool made = advice->day != INT32_MIN;
	char date[32];

	json_put_text(out, "until",
		      made ? units_format_date(date, sizeof(date), advice->day - 1) : NULL);
	json_put_number(out, "known_share",
			advice->possible_samples > 0
			    ? (double)advice->known_samples / advice->possible_samples
			    : NAN);
	json_put_number(out, "capacity_bps", advice->capacity_bps);
	json_put_number(out, "p95_utilisation", advice->p95_utilisation);
	json_put_number(out, "peak_utilisation", advice->peak_utilisation);
	json_put_number(out, "largest_member_bps", advice->largest_member_bps);
	json_put_number(out, "n1_p95_utilisation", advice->n1_p95_utilisation);
	json_put_number(out, "n1_peak_utilisation", advice->n1_peak_utilisation);
	json_put_text(out, "trend", made ? advice_trend_name(advice->trend) : NULL);
	json_put_number(out, "trend_weeks", made ? advice->trend_weeks : NAN);
	json_put_number(out, "congested", advice->congested_share);
	json_put_number(out, "growth_per_week", advice->growth_per_week);
	json_put_number(out, "weeks_to_congested", advice->weeks_to_congested);
	put_size(out, advice);
	return out;
}

/* --- sentences --- */

struct telling {
	const struct advice *advice;
	enum subject_kind of;
	advice_on_sentence *on_sentence;
	void *user;
};

static void
say(const struct telling *telling, const char *about, const char *sentence)
{
	telling->on_sentence(about, sentence, telling->user);
}

static void
tell_recent(const struct telling *telling)
{
	const struct advice *a = telling->advice;
	char text[SENTENCE_MAX], p95[16], peak[16], known[16];

	if (isnan(a->p95_utilisation)) {
		snprintf(text, sizeof(text),
			 "Less than half of the last %d days is known: too little to go by.",
			 ADVICE_DAYS);
	} else {
		units_format_share(p95, sizeof(p95), a->p95_utilisation);
		units_format_share(peak, sizeof(peak), a->peak_utilisation);
		units_format_share(known, sizeof(known),
				   (double)a->known_samples / a->possible_samples);
		snprintf(text, sizeof(text),
			 "In %d days: 95th percentile %s, fullest five minutes %s of the capacity; "
			 "%s of "
			 "the time is known.",
			 ADVICE_DAYS, p95, peak, known);
	}
	say(telling, "load", text);
}

static const char *
n1_means(const struct advice *a)
{
	if (a->n1_p95_utilisation >= 1)
		return "traffic would be lost for hours a day";
	if (a->n1_peak_utilisation >= 1)
		return "traffic would be lost in the fullest hours";
	if (a->n1_peak_utilisation >= a->congested_share)
		return "it would carry the traffic, but be congested at times";
	return "it would carry the traffic";
}

static void
tell_n1(const struct telling *telling)
{
	const struct advice *a = telling->advice;
	bool is_port = telling->of == SUBJECT_PORT;
	char text[SENTENCE_MAX], member[RATE_MAX], p95[16], peak[16];

	if (isnan(a->n1_p95_utilisation))
		return;
	rate_text(member, a->largest_member_bps);
	units_format_share(p95, sizeof(p95), a->n1_p95_utilisation);
	units_format_share(peak, sizeof(peak), a->n1_peak_utilisation);
	snprintf(text, sizeof(text),
		 "Without its largest %s (%s) the %s would be at %s (95th percentile) and %s "
		 "(fullest five minutes) of what is left: %s.",
		 is_port ? "member" : "port or link", member, is_port ? "LAG" : "connection", p95,
		 peak, n1_means(a));
	say(telling, "N-1", text);
}

static void
tell_growth(const struct telling *telling)
{
	const struct advice *a = telling->advice;
	char text[SENTENCE_MAX] = "", line[16];

	units_format_share(line, sizeof(line), a->congested_share);
	switch (a->trend) {
	case ADVICE_TREND_UNKNOWN:
		if (a->trend_weeks < ADVICE_WEEKS_MIN)
			snprintf(text, sizeof(text),
				 "%u whole week%s known well enough so far; a trend takes %d.",
				 a->trend_weeks, a->trend_weeks == 1 ? " is" : "s are",
				 ADVICE_WEEKS_MIN);
		else
			snprintf(text, sizeof(text),
				 "None of the last weeks is known well enough for a trend.");
		break;
	case ADVICE_TREND_NONE:
		snprintf(text, sizeof(text),
			 "No growth that stands out in the 95th percentiles of %u weeks.",
			 a->trend_weeks);
		break;
	case ADVICE_TREND_GROWING:
		snprintf(text, sizeof(text),
			 "The weekly 95th percentile grows by about %.2f points a week and reaches "
			 "%s in about %.0f week%s, if it goes on like the last %u.",
			 a->growth_per_week * 100, line, a->weeks_to_congested,
			 a->weeks_to_congested == 1 ? "" : "s", a->trend_weeks);
		break;
	case ADVICE_TREND_FAR:
		snprintf(text, sizeof(text),
			 "The weekly 95th percentile grows by about %.2f points a week: it stays "
			 "below %s for two years and more.",
			 a->growth_per_week * 100, line);
		break;
	case ADVICE_TREND_REACHED:
		snprintf(text, sizeof(text), "The weekly 95th percentile is at %s already.", line);
		break;
	case ADVICE_TREND_COUNT: break;
	}
	say(telling, "growth", text);
}

static void
tell_size(const struct telling *telling)
{
	const struct advice *a = telling->advice;
	bool is_port = telling->of == SUBJECT_PORT;
	char text[SENTENCE_MAX], now[RATE_MAX], ports[RATE_MAX + 16];

	if (!a->size_known)
		return;
	rate_text(now, a->capacity_bps);
	if (a->size_is_enough)
		snprintf(text, sizeof(text),
			 "%s is enough: 99%% of the time stayed below %.0f%% of it.", now,
			 ADVICE_ROOM * 100);
	else if (a->member_count == 0)
		snprintf(text, sizeof(text),
			 "%s is not enough, and no %s of the sizes that exchanges sell "
			 "would have been.",
			 now, is_port ? "single LAG" : "bundle");
	else
		snprintf(text, sizeof(text),
			 "%s%s would have kept 99%% of the time below %.0f%%%s.",
			 a->size_is_least ? "At least " : "",
			 advice_ports_text(ports, sizeof(ports), a->member_bps, a->member_count),
			 ADVICE_ROOM * 100,
			 !a->size_is_least ? ""
			 : is_port ? "; more may be needed, as the full port held traffic back"
				   : "; more may be needed, as the full ports held traffic back");
	say(telling, "size", text);
}

void
advice_tell(const struct advice *advice, enum subject_kind of, advice_on_sentence *on_sentence,
	    void *user)
{
	struct telling telling = { advice, of, on_sentence, user };

	if (advice->day == INT32_MIN) {
		say(&telling, "advice",
		    of == SUBJECT_PORT ? "None yet: it is made once a day for each port."
				       : "None yet: it is made once a day for each connection.");
		return;
	}
	tell_recent(&telling);
	tell_n1(&telling);
	tell_growth(&telling);
	tell_size(&telling);
}
