/* links: detect/advice.c detect/percentile.c base/advice_words.c base/model.c base/units.c base/json.c base/error.c */
/* pkgs: jansson */
/* test_advice.c - what samples come to as advice: weeks, trend, a member less, the next size; and how it is told. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "detect/advice.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define STEPS       (ADVICE_DAYS * 288)
#define WEEK_STEPS  2016
#define THIS_MONDAY 20780 /* 2026-11-23 */
#define U           NAN

static const struct advice_terms plain = { .physical_bps = 10e9,
					   .largest_member_bps = NAN,
					   .contracted_bps = NAN,
					   .congested_share = 0.90,
					   .valid_share = 0.80 };

static struct advice_step steps[STEPS];
static double scratch[STEPS];

static struct advice_span
span_of(size_t count, uint32_t possible)
{
	return (struct advice_span) { steps, count, possible, scratch };
}

static void
assert_near(double got, double want)
{
	if (isnan(want) ? !isnan(got) : !(fabs(got - want) <= 1e-9 * fmax(1, fabs(want))))
		fail_msg("got %.12g, want %.12g", got, want);
}

/* --- a week --- */

static void
a_week_is_what_its_known_steps_are(void **state)
{
	struct advice_span span = span_of(100, WEEK_STEPS);
	struct advice_week week;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		steps[i] = (struct advice_step) { (double)(i + 1) * 1e8, 10e9 }; /* 1% .. 100% */
	steps[0].wire_bps = NAN;
	steps[1].capacity_bps = NAN;
	steps[2].capacity_bps = 0;
	advice_week_make(&week, THIS_MONDAY, &span);
	assert_int_equal(week.monday, THIS_MONDAY);
	assert_int_equal(week.possible_samples, WEEK_STEPS);
	assert_int_equal(week.known_samples, 97);
	assert_near(week.p95_utilisation, 0.96); /* the 93rd of 97 that begin at 4% */
	assert_near(week.p95_bps, 9.6e9);
	assert_near(week.peak_utilisation, 1);
	assert_near(week.mean_utilisation, 0.52);
	assert_int_equal(week.minutes_90, 55);
	assert_int_equal(week.minutes_95, 30);
}

static void
a_week_of_nothing_known_is_unknown(void **state)
{
	struct advice_span span = span_of(0, WEEK_STEPS);
	struct advice_week week;

	(void)state;
	advice_week_make(&week, THIS_MONDAY, &span);
	assert_int_equal(week.known_samples, 0);
	assert_near(week.p95_utilisation, NAN);
	assert_near(week.p95_bps, NAN);
	assert_near(week.peak_utilisation, NAN);
	assert_near(week.mean_utilisation, NAN);
	assert_int_equal(week.minutes_90, 0);
}

/* A share is judged by the capacity of its own step; a rate is what it is. */
static void
an_upgrade_within_a_week_counts_for_its_own_steps(void **state)
{
	struct advice_span span = span_of(100, 100);
	struct advice_week week;

	(void)state;
	for (size_t i = 0; i < 100; i++)
		steps[i] = (struct advice_step) { i < 50 ? 9.5e9 : 10e9, i < 50 ? 10e9 : 100e9 };
	advice_week_make(&week, THIS_MONDAY, &span);
	assert_near(week.p95_utilisation, 0.95);
	assert_near(week.p95_bps, 10e9);
	assert_int_equal(week.minutes_95, 250);
}

/* --- the trend --- */

/* Percentages of 10G of the closed weeks, the newest last; U: that week is not valid. */
/* clang-format off: a table */
static const struct trend_case {
	const char *name;
	double p95_pct[ADVICE_WEEKS + 4];
	size_t count;
	enum advice_trend want;
	double weeks_from, weeks_to; /* NAN: none */
} trend_cases[] = {
	{ "steady growth is carried on to the line",
	  { 40, 42, 44, 46, 48, 50, 52, 54, 56, 58 },
	  10,
	  ADVICE_TREND_GROWING,
	  15,
	  15 },
	{ "six valid weeks are enough",
	  { 50, 52, 54, 56, 58, 60 },
	  6,
	  ADVICE_TREND_GROWING,
	  14,
	  14 },
	{ "five valid weeks are too few", { 52, 54, 56, 58, 60 }, 5, ADVICE_TREND_UNKNOWN, U, U },
	{ "weeks that are not valid are left out, and their time is not",
	  { 50, 52, U, U, 58, 60, U, 64, 66 },
	  9,
	  ADVICE_TREND_GROWING,
	  11,
	  11 },
	{ "of no week at all nothing is said", { U, U, U }, 3, ADVICE_TREND_UNKNOWN, U, U },
	{ "what grew long ago says nothing of today",
	  { 50, 52, 54, 56, 58, 60, U, U, U, U },
	  10,
	  ADVICE_TREND_UNKNOWN,
	  U,
	  U },
	{ "a month without valid weeks is bridged",
	  { 50, 52, 54, 56, 58, 60, U, U, U },
	  9,
	  ADVICE_TREND_GROWING,
	  11,
	  11 },
	{ "a level line is no trend",
	  { 60, 60, 60, 60, 60, 60, 60, 60 },
	  8,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "scatter without growth is no trend",
	  { 60, 55, 63, 58, 61, 56, 62, 57, 60, 59, 61, 57 },
	  12,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "growth in scatter is a trend",
	  { 40, 44, 42, 47, 45, 51, 48, 53, 52, 56, 54, 59 },
	  12,
	  ADVICE_TREND_GROWING,
	  18,
	  21 },
	{ "decline is no trend", { 70, 68, 66, 64, 62, 60, 58, 56 }, 8, ADVICE_TREND_NONE, U, U },
	{ "growth that ended in a plateau is not carried on",
	  { 40, 43, 46, 49, 52, 55, 58, 61, 64, 64, 65, 64, 63, 64, 65, 64, 64 },
	  17,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "a step up is no growth",
	  { 30, 31, 30, 29, 30, 31, 30, 29, 60, 61, 60, 59, 60, 61, 60, 59, 60 },
	  17,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "a dip at Christmas does not end growth",
	  { 40, 42, 44, 46, 48, 50, 52, 54, 40, 41, 60, 62, 64, 66 },
	  14,
	  ADVICE_TREND_GROWING,
	  11,
	  11 },
	{ "a dip at Christmas just now does not end growth",
	  { 40, 42, 44, 46, 48, 50, 52, 54, 56, 58, 60, 62, 45, 44 },
	  14,
	  ADVICE_TREND_GROWING,
	  10,
	  13 },
	{ "one wild week makes no growth",
	  { 60, 60, 61, 60, 59, 60, 60, 61, 99, 60, 60 },
	  11,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "slow growth is far away",
	  { 40.0, 40.1, 40.2, 40.3, 40.4, 40.5, 40.6, 40.7 },
	  8,
	  ADVICE_TREND_FAR,
	  U,
	  U },
	{ "two of the last three weeks at the line: it is reached",
	  { 60, 60, 60, 60, 91, 70, 90 },
	  7,
	  ADVICE_TREND_REACHED,
	  U,
	  U },
	{ "one of the last three is not",
	  { 60, 60, 60, 60, 70, 70, 90 },
	  7,
	  ADVICE_TREND_NONE,
	  U,
	  U },
	{ "three valid weeks show that it is reached",
	  { 95, 95, 95 },
	  3,
	  ADVICE_TREND_REACHED,
	  U,
	  U },
	{ "two do not", { 95, 95 }, 2, ADVICE_TREND_UNKNOWN, U, U },
	{ "growth through the line behind a dip has reached it",
	  { 72, 74, 76, 78, 80, 82, 84, 86, 88, 90, 92, 60, 60 },
	  13,
	  ADVICE_TREND_REACHED,
	  U,
	  U },
	{ "what is next week is a week away",
	  { 79, 80, 81, 82, 83, 84, 85, 86, 87, 88, 89 },
	  11,
	  ADVICE_TREND_REACHED,
	  U,
	  U },
	{ "half a point below it is a week away",
	  { 78.5, 79.5, 80.5, 81.5, 82.5, 83.5, 84.5, 85.5, 86.5, 87.5, 88.5 },
	  11,
	  ADVICE_TREND_GROWING,
	  1,
	  1 },
	{ "only the last 26 weeks count",
	  { 10, 10, 10, 10, 40, 41, 42, 43, 44, 45, 46, 47, 48, 49, 50,
	    51, 52, 53, 54, 55, 56, 57, 58, 59, 60, 61, 62, 63, 64, 65 },
	  30,
	  ADVICE_TREND_GROWING,
	  24,
	  24 },
};
/* clang-format on */

static size_t
weeks_of(struct advice_week *weeks, const double *p95_pct, size_t count)
{
	for (size_t i = 0; i < count; i++)
		weeks[i] = (struct advice_week) {
			.monday = THIS_MONDAY - 7 * (int32_t)(count - i),
			.possible_samples = WEEK_STEPS,
			.known_samples =
			    isnan(p95_pct[i]) ? WEEK_STEPS * 79 / 100 : WEEK_STEPS * 81 / 100,
			.p95_bps = isnan(p95_pct[i]) ? 1e9 : p95_pct[i] * 1e8,
		};
	return count;
}

static void
check_trend(void **state)
{
	const struct trend_case *c = *state;
	struct advice_week weeks[COUNT(c->p95_pct)];
	struct advice_span recent = span_of(0, STEPS);
	struct advice advice;

	advice_make(&advice, THIS_MONDAY + 4, &plain, &recent, weeks,
		    weeks_of(weeks, c->p95_pct, c->count), THIS_MONDAY);
	assert_string_equal(advice_trend_name(advice.trend), advice_trend_name(c->want));
	if (isnan(c->weeks_from))
		assert_near(advice.weeks_to_congested, NAN);
	else if (!(advice.weeks_to_congested >= c->weeks_from &&
		   advice.weeks_to_congested <= c->weeks_to))
		fail_msg("%g weeks", advice.weeks_to_congested);
}

static void
without_a_capacity_there_is_no_trend(void **state)
{
	struct advice_week weeks[8];
	struct advice_terms terms = plain;
	struct advice_span recent = span_of(0, STEPS);
	struct advice advice;

	(void)state;
	terms.physical_bps = NAN;
	advice_make(&advice, THIS_MONDAY, &terms, &recent, weeks,
		    weeks_of(weeks, trend_cases[0].p95_pct, 8), THIS_MONDAY);
	assert_int_equal(advice.trend, ADVICE_TREND_UNKNOWN);
	assert_near(advice.capacity_bps, NAN);
}

/* After an upgrade the rates of before go on: they are shares of the new capacity. */
static void
an_upgrade_moves_the_line_and_not_the_growth(void **state)
{
	struct advice_week weeks[10];
	struct advice_terms terms = plain;
	struct advice_span recent = span_of(0, STEPS);
	struct advice advice;

	(void)state;
	terms.physical_bps = 20e9;
	advice_make(&advice, THIS_MONDAY, &terms, &recent, weeks,
		    weeks_of(weeks, trend_cases[0].p95_pct, 10), THIS_MONDAY);
	assert_int_equal(advice.trend, ADVICE_TREND_GROWING);
	assert_near(advice.growth_per_week, 0.01);
	assert_near(advice.weeks_to_congested, 60); /* 6.0G now and 0.2G a week, to 18G */
}

/* --- a member less, the next size --- */

/* A history of 28 days: `base` of the time, then `top`; the rest is unknown.  In Gbit/s. */
/* clang-format off: a table */
static const struct size_case {
	const char *name;
	double physical, member, contracted; /* Gbit/s; U */
	bool billed;
	double base, top; /* Gbit/s */
	double top_share, known_share;
	const char *want; /* "=": enough, "?": nothing said, "-": larger than any */
	bool least;
	double n1_p95, n1_peak; /* U: none */
} size_cases[] = {
	{ "a port with room is enough", 10, U, U, false, 3, 6.9, .10, 1, "=", false, U, U },
	{ "a hundredth of the time is forgiven", 10, U, U, false, 3, 9.9, .009, 1, "=", false, U,
	  U },
	{ "an hour a day is not", 10, U, U, false, 3, 8, .04, 1, "2x10G", false, U, U },
	{ "a share of exactly 70% is not below it", 10, U, U, false, 3, 7, .10, 1, "2x10G", false,
	  U, U },
	{ "a full port may have held back more", 10, U, U, false, 3, 9.2, .10, 1, "2x10G", true, U,
	  U },
	{ "a gigabit port grows to ten", 1, U, U, false, .2, .8, .10, 1, "10G", false, U, U },
	{ "ten grow to two tens", 10, U, U, false, 3, 10, .10, 1, "2x10G", true, U, U },
	{ "two tens grow to three", 20, 10, U, false, 5, 15, .10, 1, "3x10G", false, 1.5, 1.5 },
	{ "four tens grow to a hundred", 40, 10, U, false, 5, 30, .10, 1, "100G", false, 1, 1 },
	{ "a hundred grows to two", 100, U, U, false, 5, 80, .10, 1, "2x100G", false, U, U },
	{ "three hundreds grow to four hundred", 300, 100, U, false, 5, 250, .10, 1, "400G", false,
	  1.25, 1.25 },
	{ "four hundred grows to two of them", 400, U, U, false, 5, 300, .10, 1, "2x400G", false, U,
	  U },
	{ "eight hundred grows with its own", 800, U, U, false, 5, 700, .10, 1, "2x800G", false, U,
	  U },
	{ "twenty-five grow with their own", 25, U, U, false, 5, 20, .10, 1, "3x10G", false, U, U },
	{ "and to two of them", 25, U, U, false, 5, 30, .10, 1, "2x25G", true, U, U },
	{ "forty of an old kind grow to a hundred", 40, U, U, false, 5, 30, .10, 1, "100G", false,
	  U, U },
	{ "a policed contract is the capacity", 10, U, 5, false, 2, 4, .10, 1, "10G", false, U, U },
	{ "a billed one is not", 10, U, 5, true, 2, 4, .10, 1, "=", false, U, U },
	{ "above every size there is none", 6400, U, U, false, 5, 6000, .10, 1, "-", true, U, U },
	{ "half a month is enough to go by", 10, U, U, false, 3, 8, .10, .5, "2x10G", false, U, U },
	{ "less is not", 20, 10, U, false, 3, 8, .10, .49, "?", false, U, U },
	{ "without a capacity nothing is said", U, U, U, false, 3, 8, .10, 1, "?", false, U, U },
	{ "a member less halves two", 20, 10, U, false, 4, 8, .02, 1, "=", false, .4, .8 },
	{ "and takes a quarter of four", 40, 10, U, false, 4, 24, .10, 1, "=", false, .8, .8 },
	{ "the contract limits what is left too", 40, 10, 10, false, 2, 5, .10, 1, "=", false, .5,
	  .5 },
	{ "a LAG of one member has no other", 10, 10, U, false, 3, 5, .10, 1, "=", false, U, U },
	{ "a member larger than the LAG is none", 10, 25, U, false, 3, 5, .10, 1, "=", false, U,
	  U },
};
/* clang-format on */

static struct advice
advice_of_case(const struct size_case *c, double scale)
{
	struct advice_terms terms = plain;
	size_t known = (size_t)(c->known_share * STEPS), top = (size_t)(c->top_share * STEPS);
	struct advice_span recent = span_of(STEPS, STEPS);
	struct advice advice;

	terms.physical_bps = c->physical * 1e9 * scale;
	terms.largest_member_bps = c->member * 1e9 * scale;
	terms.contracted_bps = c->contracted * 1e9 * scale;
	terms.contract_billed = c->billed;
	for (size_t i = 0; i < STEPS; i++)
		steps[i] = (struct advice_step) {
			i >= known ? NAN : (i < top ? c->top : c->base) * 1e9 * scale,
			model_capacity_bps(terms.physical_bps, terms.contracted_bps, c->billed),
		};
	advice_make(&advice, THIS_MONDAY, &terms, &recent, NULL, 0, THIS_MONDAY);
	return advice;
}

static void
check_size(void **state)
{
	const struct size_case *c = *state;
	struct advice advice = advice_of_case(c, 1);
	char got[48] = "?";

	if (advice.size_known)
		snprintf(got, sizeof(got), "%s", advice.size_is_enough ? "=" : "-");
	if (advice.member_count > 0)
		advice_ports_text(got, sizeof(got), advice.member_bps, advice.member_count);
	assert_string_equal(got, c->want);
	assert_int_equal(advice.size_is_least, c->least);
	assert_near(advice.n1_p95_utilisation, c->n1_p95);
	assert_near(advice.n1_peak_utilisation, c->n1_peak);
	assert_int_equal(isnan(advice.largest_member_bps), isnan(c->n1_p95));
}

/* --- properties --- */

static uint64_t seed;

static double
random_share(void)
{
	seed = seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
	return (double)(seed >> 11) / (double)(UINT64_C(1) << 53);
}

/* A step in five is unknown; traffic grows from week to week, or falls. */
static void
random_history(struct advice_step *of_weeks, size_t count, double growth)
{
	for (size_t i = 0; i < count; i++) {
		double level = 0.3 + growth * (double)(i / WEEK_STEPS);

		of_weeks[i].wire_bps =
		    random_share() < .2 ? NAN : 10e9 * level * random_share() * 2;
		of_weeks[i].capacity_bps = 10e9;
	}
}

static struct advice
advice_of_history(const struct advice_step *of_weeks, size_t week_count, double scale)
{
	struct advice_step *scaled = malloc(week_count * WEEK_STEPS * sizeof(*scaled));
	struct advice_week weeks[ADVICE_WEEKS];
	struct advice_terms terms = plain;
	struct advice advice;

	for (size_t i = 0; i < week_count * WEEK_STEPS; i++)
		scaled[i] = (struct advice_step) { of_weeks[i].wire_bps * scale,
						   of_weeks[i].capacity_bps * scale };
	for (size_t w = 0; w < week_count; w++) {
		struct advice_span span = { scaled + w * WEEK_STEPS, WEEK_STEPS, WEEK_STEPS,
					    scratch };

		advice_week_make(&weeks[w], THIS_MONDAY - 7 * (int32_t)(week_count - w), &span);
	}
	terms.physical_bps *= scale;
	terms.largest_member_bps = terms.physical_bps / 2;
	terms.valid_share = .5;
	advice_make(
	    &advice, THIS_MONDAY, &terms,
	    &(struct advice_span) { scaled + (week_count - 4) * WEEK_STEPS, STEPS, STEPS, scratch },
	    weeks, week_count, THIS_MONDAY);
	free(scaled);
	return advice;
}

static void
traffic_and_capacity_scaled_together_change_weeks_and_shares_not(void **state)
{
	static const double scales[] = { .5, 2, 1024, 1. / 4096 }; /* powers of two: exact */
	struct advice_step *of_weeks = malloc(12 * WEEK_STEPS * sizeof(*of_weeks));
	unsigned grew = 0;

	(void)state;
	for (unsigned round = 1; round < 12; round++) {
		seed = round;
		struct advice a, b;

		random_history(of_weeks, 12 * WEEK_STEPS, ((double)round - 6) * .01);
		a = advice_of_history(of_weeks, 12, 1);
		b = advice_of_history(of_weeks, 12, scales[round % COUNT(scales)]);
		assert_int_equal(a.trend, b.trend);
		assert_near(b.weeks_to_congested, a.weeks_to_congested);
		assert_near(b.growth_per_week, a.growth_per_week);
		assert_near(b.p95_utilisation, a.p95_utilisation);
		assert_near(b.peak_utilisation, a.peak_utilisation);
		assert_near(b.n1_p95_utilisation, a.n1_p95_utilisation);
		assert_near(b.n1_peak_utilisation, a.n1_peak_utilisation);
		assert_int_equal(b.size_is_enough, a.size_is_enough);
		grew += a.trend == ADVICE_TREND_GROWING || a.trend == ADVICE_TREND_REACHED;
	}
	assert_in_range(grew, 3, 6); /* of five that do: the others do not */
	free(of_weeks);
}

/* Of level traffic with scatter, the share that is taken for growth within two years. */
static void
level_traffic_is_rarely_taken_for_growth(void **state)
{
	unsigned wrong = 0;

	(void)state;
	seed = 7;
	for (int i = 0; i < 1000; i++) {
		double p95_pct[ADVICE_WEEKS];
		struct advice_week weeks[ADVICE_WEEKS];
		struct advice_span recent = span_of(0, STEPS);
		struct advice advice;

		for (size_t w = 0; w < ADVICE_WEEKS; w++)
			p95_pct[w] = 50 + 6 * (random_share() + random_share() - 1);
		advice_make(&advice, THIS_MONDAY, &plain, &recent, weeks,
			    weeks_of(weeks, p95_pct, ADVICE_WEEKS), THIS_MONDAY);
		wrong += advice.trend == ADVICE_TREND_GROWING || advice.trend == ADVICE_TREND_FAR;
	}
	print_message("taken for growth: %u of 1000\n", wrong);
	assert_in_range(wrong, 1, 50);
}

/* --- how it is told --- */

static void
gather(const char *about, const char *sentence, void *user)
{
	char *text = user;

	snprintf(text + strlen(text), 2048 - strlen(text), "%s: %s\n", about, sentence);
}

static void
nothing_advised_is_null_and_one_sentence(void **state)
{
	char told[2048] = "";
	struct advice advice;
	struct json *root = json_object_new();
	char *text;

	(void)state;
	advice_init(&advice);
	advice_json_put(root, "out", &advice);
	text = json_print_dup(root, false, NULL);
	assert_non_null(strstr(text, "\"trend\":null"));
	assert_non_null(strstr(text, "\"until\":null"));
	assert_null(strstr(text, ":0"));
	assert_null(strstr(text, "false"));
	advice_tell(&advice, SUBJECT_PORT, gather, told);
	assert_string_equal(told, "advice: None yet: it is made once a day for each port.\n");
	free(text);
	json_free(root);
}

static void
what_is_told_is_what_is_written(void **state)
{
	char told[2048] = "";
	struct advice advice = advice_of_case(&size_cases[7], 1);
	struct json *root = json_object_new();
	char *text;

	(void)state;
	advice_tell(&advice, SUBJECT_PORT, gather, told);
	assert_non_null(strstr(told, "95th percentile 75.0%"));
	assert_non_null(
	    strstr(told, "Without its largest member (10G) the LAG would be at 150.0%"));
	assert_non_null(strstr(told, "3x10G would have kept"));
	assert_non_null(strstr(told, "0 whole weeks are known well enough so far"));
	advice_json_put(root, "out", &advice);
	text = json_print_dup(root, false, NULL);
	assert_non_null(strstr(text, "\"p95_utilisation\":0.75"));
	assert_non_null(strstr(text, "\"n1_p95_utilisation\":1.5"));
	assert_non_null(strstr(text, "\"next_ports\":\"3x10G\""));
	assert_non_null(strstr(text, "\"until\":\"2026-11-22\""));
	assert_non_null(strstr(text, "\"weeks_to_congested\":null"));
	free(text);
	json_free(root);
}

/* A connection has ports where a LAG has members. */
static void
of_a_connection_is_told_in_its_words(void **state)
{
	char told[2048] = "";
	struct advice advice = advice_of_case(&size_cases[7], 1), none;

	(void)state;
	advice_tell(&advice, SUBJECT_CONNECTION, gather, told);
	assert_non_null(strstr(
	    told, "Without its largest port or link (10G) the connection would be at 150.0%"));
	assert_null(strstr(told, "LAG"));
	advice_init(&none);
	advice_tell(&none, SUBJECT_CONNECTION, gather, told);
	assert_non_null(strstr(told, "once a day for each connection"));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(trend_cases) + COUNT(size_cases)];
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_week_is_what_its_known_steps_are),
		cmocka_unit_test(a_week_of_nothing_known_is_unknown),
		cmocka_unit_test(an_upgrade_within_a_week_counts_for_its_own_steps),
		cmocka_unit_test(without_a_capacity_there_is_no_trend),
		cmocka_unit_test(an_upgrade_moves_the_line_and_not_the_growth),
		cmocka_unit_test(traffic_and_capacity_scaled_together_change_weeks_and_shares_not),
		cmocka_unit_test(level_traffic_is_rarely_taken_for_growth),
		cmocka_unit_test(nothing_advised_is_null_and_one_sentence),
		cmocka_unit_test(what_is_told_is_what_is_written),
		cmocka_unit_test(of_a_connection_is_told_in_its_words),
	};
	size_t n = 0;

	for (size_t i = 0; i < COUNT(trend_cases); i++)
		tests[n++] = (struct CMUnitTest) { trend_cases[i].name, check_trend, NULL, NULL,
						   (void *)&trend_cases[i] };
	for (size_t i = 0; i < COUNT(size_cases); i++)
		tests[n++] = (struct CMUnitTest) { size_cases[i].name, check_size, NULL, NULL,
						   (void *)&size_cases[i] };
	return cmocka_run_group_tests_name("advice: tables", tests, NULL, NULL) +
	       cmocka_run_group_tests_name("advice", others, NULL, NULL);
}
