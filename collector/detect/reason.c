/* reason.c - why a verdict is what it is, in a sentence that can be read aloud: the rule, what it counted, and since when. */
#include <stdio.h>
#include <string.h>

#include "detect/detector.h"

#define DAYS_PER_WEEK  7
#define WEEKS          4
#define LAST_DAYS      7
#define RULE_D_DAYS    28
#define RULE_D_RUN_SEC (30 * 60)

struct counts {
	unsigned four_weeks;  /* congested days in this traffic week and the three before it */
	unsigned last_seven;  /* days in state congested among the last 7 */
	unsigned daily_short; /* of the last 28, those with 30 minutes or more of runs */
	unsigned last_thirty; /* congested days of the last 30 that no excuse leaves out */
};

/* The Monday of a day's traffic week; 1970-01-01 was a Thursday. */
static int32_t
week_begin(int32_t day)
{
	int32_t from_monday = ((day + 3) % DAYS_PER_WEEK + DAYS_PER_WEEK) % DAYS_PER_WEEK;

	return day - from_monday;
}

static bool
is_left_out(const struct detector_day *day)
{
	return day->state == DAY_DECLARED || day->state == DAY_REDUCED;
}

static void
count_day(struct counts *counts, const struct detector_day *day, int32_t today, int32_t epoch)
{
	int32_t age = today - day->day;
	bool counts_here = day->congested && !is_left_out(day) && day->day >= epoch;

	if (day->day < epoch)
		return;
	counts->four_weeks +=
	    counts_here && day->day >= week_begin(today) - (WEEKS - 1) * DAYS_PER_WEEK;
	counts->last_seven += age < LAST_DAYS && day->state == DAY_CONGESTED;
	counts->daily_short += age < RULE_D_DAYS && day->run_sec >= RULE_D_RUN_SEC;
	counts->last_thirty += age < 30 && counts_here && day->state != DAY_FLASH;
}

static void
count_days(struct detector *d, enum direction direction, int32_t epoch, struct counts *counts)
{
	size_t count = detector_day_count(d);
	struct detector_day day;
	int32_t today;

	memset(counts, 0, sizeof(*counts));
	if (count == 0)
		return;
	detector_day_get(d, direction, count - 1, &day);
	today = day.day;
	for (size_t i = 0; i < count; i++) {
		detector_day_get(d, direction, i, &day);
		count_day(counts, &day, today, epoch);
	}
}

static void
add(char *dst, size_t len, const char *text)
{
	size_t used = strlen(dst);

	snprintf(dst + used, len - used, "%s%s", used > 0 ? "; " : "", text);
}

/* Rule by rule, in the order of their weight. */
static void
add_rules(char *dst, size_t len, const struct detector_standing *standing,
	  const struct counts *counts)
{
	char text[160];

	if (standing->rules & RULE_A) {
		snprintf(text, sizeof(text),
			 "rule A: %u congested days in this traffic week and the three before it",
			 counts->four_weeks);
		add(dst, len, text);
	}
	if (standing->rules & RULE_B)
		add(dst, len, "rule B: the same weekday congested in at least 6 of 8 weeks");
	if (standing->rules & RULE_C) {
		snprintf(text, sizeof(text),
			 "rule C: %u congested days in 30, and a 95th percentile at or above the "
			 "congested line",
			 counts->last_thirty);
		add(dst, len, text);
	}
	if (standing->rules & RULE_STAYS)
		add(dst, len,
		    "routine since earlier: the last 14 valid days do not yet show that it is "
		    "over");
	if (standing->verdict != VERDICT_RECURRING)
		return;
	if (standing->rules & RULE_DAYS) {
		snprintf(text, sizeof(text), "%u of the last 7 days are congested",
			 counts->last_seven);
		add(dst, len, text);
	}
	if (standing->rules & RULE_WEEKDAY)
		add(dst, len, "the same weekday congested in at least 4 of 5 weeks");
	if (standing->rules & RULE_D) {
		snprintf(
		    text, sizeof(text),
		    "rule D: daily, short: 30 minutes or more of runs on %u of the last 28 days",
		    counts->daily_short);
		add(dst, len, text);
	}
}

char *
detector_reason(struct detector *d, enum direction direction, char *dst, size_t len)
{
	struct detector_standing standing;
	struct counts counts;
	char text[160];

	dst[0] = '\0';
	detector_standing_get(d, direction, &standing);
	count_days(d, direction, standing.epoch, &counts);
	add_rules(dst, len, &standing, &counts);
	if (standing.verdict == VERDICT_INSUFFICIENT) {
		snprintf(text, sizeof(text), "%u valid days in the last 28",
			 standing.valid_days_28);
		add(dst, len, text);
	}
	if (standing.epoch != DETECTOR_NO_DAY && standing.epoch_verdict != VERDICT_NONE &&
	    standing.verdict != VERDICT_ROUTINE)
		add(dst, len, standing.cured ? "cured by upgrade" : "upgraded, under observation");
	if (standing.withdrawn_days_28 > 0) {
		snprintf(text, sizeof(text), "the excuse of %u days as a flash event is withdrawn",
			 standing.withdrawn_days_28);
		add(dst, len, text);
	}
	if (standing.declared_days_28 > 10) {
		snprintf(text, sizeof(text), "%u of the last 28 days are declared",
			 standing.declared_days_28);
		add(dst, len, text);
	}
	return dst;
}
