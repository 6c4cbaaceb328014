/* verdict.c - the rules A to D, recurring, insufficient data, entering and leaving routine.  See /method.
 *
 * The verdict now follows from what stood at the end of yesterday (course->before) and from the days.  Only days of the
 * present epoch count.  "The last n days" include today. */
#include "detect/course.h"

#define NOT_YET DETECTOR_NO_DAY

enum {
	A_WEEKS = 4,
	A_DAYS = 8,
	A_WEEK_DAYS = 2,
	A_FULL_WEEKS = 3,
	B_WEEKS_BEFORE = 7,
	B_DAYS_BEFORE = 5,
	WEEKDAY_WEEKS_BEFORE = 4,
	WEEKDAY_DAYS_BEFORE = 3,
	HOLD_DAYS = 7,
	C_DAYS = 30,
	C_VALID = 14,
	C_CONGESTED = 8,
	STATE_DAYS = 7,
	STATE_CONGESTED = 3,
	D_DAYS = 28,
	D_WITH_RUNS = 20,
	D_RUN_SEC = 30 * 60,
	LEAVE_VALID = 14,
	LEAVE_CONGESTED = 2,
	MARKED_DAYS =
	    7 * B_WEEKS_BEFORE + 2, /* how far back A and B can have marked, yesterday included */
	SUFFICIENT_DAYS = 28,
	SUFFICIENT_VALID = 14,
	SUFFICIENT_EPOCH_VALID = 7,
};

/* One evaluation. */
struct bench {
	struct course *course;
	struct frame *frame;
	struct day_list *days;
	uint32_t today; /* index */
	int32_t date;
	uint32_t epoch; /* index of the first day that counts */
};

/* A nearest-rank 95th percentile of `count` samples is at or above T exactly when n - ceil(0.95 n) + 1 of them are. */
static bool
p95_reaches(uint64_t count, uint64_t at_or_above)
{
	return count > 0 && at_or_above >= count - (95 * count + 99) / 100 + 1;
}

/* The index of the day n days before today, or of the epoch's first, whichever is later. */
static uint32_t
back_to(const struct bench *b, uint32_t n)
{
	uint32_t i = b->today > n ? b->today - n : 0;

	return i > b->epoch ? i : b->epoch;
}

static bool
counts(const struct bench *b, uint32_t i)
{
	return course_day_counts(b->course, b->frame, i);
}

static bool
is_valid(const struct bench *b, uint32_t i)
{
	return day_is_valid(b->days, i, b->frame->step_sec, b->frame->settings);
}

/* --- A --- */

/* Weeks run from Monday; 1970-01-01 was a Thursday. */
static int32_t
days_since_monday(int32_t date)
{
	return ((date % 7) + 7 + 3) % 7;
}

static bool
rule_a(const struct bench *b)
{
	uint32_t since_monday = (uint32_t)days_since_monday(b->date);
	unsigned of_week[A_WEEKS] = { 0 }, sum = 0, full = 0;

	for (uint32_t i = back_to(b, since_monday + 7 * (A_WEEKS - 1)); i <= b->today; i++) {
		uint32_t ago = b->today - i;

		of_week[ago <= since_monday ? 0 : (ago - since_monday + 6) / 7] += counts(b, i);
	}
	for (int w = 0; w < A_WEEKS; w++) {
		sum += of_week[w];
		full += of_week[w] >= A_WEEK_DAYS;
	}
	return sum >= A_DAYS && full >= A_FULL_WEEKS;
}

static void
mark_a(const struct bench *b)
{
	uint32_t since_monday = (uint32_t)days_since_monday(b->date);

	for (uint32_t i = back_to(b, since_monday + 7 * (A_WEEKS - 1)); i <= b->today; i++)
		b->days->day[i].counted_now |= counts(b, i);
}

/* --- B and the weekday rule --- */

/* Today, and at least `wanted` of the same weekdays of the `weeks` before, are congested days. */
static bool
weekday_met(const struct bench *b, uint32_t weeks, unsigned wanted)
{
	unsigned found = 0;

	if (b->today < b->epoch || !counts(b, b->today))
		return false;
	for (uint32_t week = 1; week <= weeks && b->today >= b->epoch + 7 * week; week++)
		found += counts(b, b->today - 7 * week);
	return found >= wanted;
}

static void
mark_b(const struct bench *b)
{
	b->days->day[b->today].counted_now = 1;
	for (uint32_t week = 1; week <= B_WEEKS_BEFORE && b->today >= b->epoch + 7 * week; week++)
		b->days->day[b->today - 7 * week].counted_now |= counts(b, b->today - 7 * week);
}

/* Once met it holds for 7 days, the one on which it is met being the first; not beyond an epoch. */
static bool
still_holds(const struct bench *b, int32_t met)
{
	return met != NOT_YET && b->date - met < HOLD_DAYS &&
	       (b->course->epoch == DETECTOR_NO_DAY || met >= b->course->epoch);
}

/* --- C, D, recurring --- */

static bool
rule_c(const struct bench *b)
{
	unsigned valid = 0, congested = 0;
	uint64_t known = 0, above = 0;

	for (uint32_t i = back_to(b, C_DAYS - 1); i <= b->today; i++) {
		const struct day *day = &b->days->day[i];

		if (day->state == DAY_FLASH || day->state == DAY_DECLARED ||
		    day->state == DAY_REDUCED)
			continue;
		valid += is_valid(b, i);
		congested += day_is_congested(day, b->frame->settings);
		known += day->known_count;
		above += day->congested_count;
	}
	return valid >= C_VALID && congested >= C_CONGESTED && p95_reaches(known, above);
}

static bool
rule_d(const struct bench *b)
{
	unsigned with_runs = 0;

	for (uint32_t i = back_to(b, D_DAYS - 1); i <= b->today; i++)
		with_runs += b->days->day[i].run_sec >= D_RUN_SEC;
	return with_runs >= D_WITH_RUNS;
}

static bool
rule_days(const struct bench *b)
{
	unsigned congested = 0;

	for (uint32_t i = back_to(b, STATE_DAYS - 1); i <= b->today; i++)
		congested += b->days->day[i].state == DAY_CONGESTED;
	return congested >= STATE_CONGESTED;
}

/* --- leaving, enough data --- */

/* The last 14 valid days of this epoch are at hand, hold at most 2 congested days, and have a 95th percentile below
 * clear.  All days from the first of them on count for the congested days; the percentile is of the valid ones. */
static bool
meets_leaving_rule(const struct bench *b)
{
	unsigned valid = 0, congested = 0;
	uint64_t known = 0, above = 0;
	uint32_t i = b->today + 1;

	while (i > b->epoch && valid < LEAVE_VALID) {
		const struct day *day = &b->days->day[--i];

		congested += counts(b, i);
		if (!is_valid(b, i))
			continue;
		valid++;
		known += day->known_count;
		above += day->clear_count;
	}
	return valid == LEAVE_VALID && congested <= LEAVE_CONGESTED && !p95_reaches(known, above);
}

unsigned
verdict_valid_days(const struct course *course, const struct frame *frame, unsigned n, int32_t from)
{
	const struct day_list *days = &course->days;
	unsigned valid = 0;

	for (uint32_t i = days->count > n ? days->count - n : 0; i < days->count; i++)
		valid += day_list_date(days, i) >= from &&
			 day_is_valid(days, i, frame->step_sec, frame->settings);
	return valid;
}

/* An epoch that began within the 28 days is given only its own days, and asks for half as many. */
static bool
is_insufficient(const struct bench *b)
{
	int32_t epoch = b->course->epoch;
	bool is_young = epoch != DETECTOR_NO_DAY && b->date - epoch < SUFFICIENT_DAYS;
	unsigned valid =
	    verdict_valid_days(b->course, b->frame, SUFFICIENT_DAYS, is_young ? epoch : INT32_MIN);

	return valid < (is_young ? SUFFICIENT_EPOCH_VALID : SUFFICIENT_VALID);
}

/* --- all together --- */

/* A and B first: what they count decides whether a flash event stays excused, which C and recurring ask. */
static unsigned
rules_that_hold(const struct bench *b, struct tenure *now)
{
	unsigned rules = 0;

	if (rule_a(b)) {
		rules |= RULE_A;
		mark_a(b);
	}
	if (weekday_met(b, B_WEEKS_BEFORE, B_DAYS_BEFORE)) {
		now->b_met = b->date;
		mark_b(b);
	}
	if (weekday_met(b, WEEKDAY_WEEKS_BEFORE, WEEKDAY_DAYS_BEFORE))
		now->weekday_met = b->date;
	flash_judge(b->course, b->frame);
	rules |= still_holds(b, now->b_met) ? RULE_B : 0;
	rules |= still_holds(b, now->weekday_met) ? RULE_WEEKDAY : 0;
	rules |= rule_c(b) ? RULE_C : 0;
	rules |= rule_d(b) ? RULE_D : 0;
	rules |= rule_days(b) ? RULE_DAYS : 0;
	return rules;
}

static bool
is_routine(const struct bench *b, const struct tenure *before, struct tenure *now, bool may_leave)
{
	bool held = (now->rules & (RULE_A | RULE_B | RULE_C)) != 0;
	bool epoch_begins = b->course->epoch == b->date;

	if (b->course->has_before && before->verdict == VERDICT_ROUTINE && !epoch_begins) {
		if (!held && !may_leave)
			now->rules |= RULE_STAYS;
		return held || !may_leave;
	}
	return held && counts(b, b->today);
}

static void
put_since(const struct bench *b, const struct tenure *before, struct tenure *now)
{
	bool has_before = b->course->has_before;

	now->since = DETECTOR_NO_DAY;
	now->stale = false;
	now->stale_since = DETECTOR_NO_DAY;
	if (!has_before)
		return;
	now->since = now->verdict == before->verdict ? before->since : b->date;
	if (now->verdict != VERDICT_INSUFFICIENT)
		return;
	bool begins = before->verdict != VERDICT_INSUFFICIENT;
	now->stale = begins || before->stale;
	now->stale_verdict = begins ? before->verdict : before->stale_verdict;
	now->stale_since = begins ? before->since : before->stale_since;
}

/* What the pages say after an upgrade. */
static void
put_epoch(const struct bench *b, const struct tenure *before, struct tenure *now,
	  bool met_leaving_rule)
{
	bool held = (now->rules & (RULE_A | RULE_B | RULE_C)) != 0;

	if (b->course->epoch == DETECTOR_NO_DAY)
		return;
	if (b->course->epoch == b->date) {
		now->epoch_verdict = before->stale ? before->stale_verdict : before->verdict;
		now->cured = false;
	}
	now->cured |= met_leaving_rule && !held;
}

void
verdict_judge(struct course *course, struct frame *frame, struct tenure *now)
{
	struct day_list *days = &course->days;
	struct bench b = { course, frame, days, days->count - 1, 0, 0 };
	const struct tenure *before = &course->before;

	b.date = day_list_date(days, b.today);
	if (course->epoch > days->first)
		b.epoch = (uint32_t)(course->epoch - days->first);
	for (uint32_t i = b.today + 1; i > 0 && b.today + 1 - i < MARKED_DAYS; i--)
		days->day[i - 1].counted_now = 0;
	*now = *before;
	now->rules = rules_that_hold(&b, now);
	bool met_leaving_rule = meets_leaving_rule(&b);
	if (is_routine(&b, before, now, met_leaving_rule))
		now->verdict = VERDICT_ROUTINE;
	else if (now->rules & (RULE_DAYS | RULE_WEEKDAY | RULE_D))
		now->verdict = VERDICT_RECURRING;
	else
		now->verdict = is_insufficient(&b) ? VERDICT_INSUFFICIENT : VERDICT_NONE;
	put_since(&b, before, now);
	put_epoch(&b, before, now, met_leaving_rule);
}
