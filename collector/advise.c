/* advise.c - see advise.h. */
#include "advise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/ledger_advice.h"
#include "ixwatch/utilisation.h"

#define STEP_SEC  ADVICE_STEP_SEC
#define PIECE_SEC (7 * INT64_C(86400)) /* read at once */
#define LATE_DAY  7 /* with older advice a week may never have been written down */
#define READ_AGO                                                                                   \
	4 /* closed weeks that are read anew each day: with the one that goes on they hold the recent days */

/* --- days, weeks, steps --- */

/* 1970-01-01 was a Thursday. */
static int32_t
monday_of(int32_t day)
{
	return day - ((day % 7 + 7) % 7 + 3) % 7;
}

static int64_t
begin_of(const struct advise_ask *ask, int32_t day)
{
	return zone_day_begin_utc_sec(ask->zone, day, (int32_t)ask->settings->day_start_sec);
}

/* A step belongs to the day in which it starts: the first step of a day. */
static int64_t
first_step_of(const struct advise_ask *ask, int32_t day)
{
	int64_t begin_utc_sec = begin_of(ask, day);

	return begin_utc_sec + (STEP_SEC - begin_utc_sec % STEP_SEC) % STEP_SEC;
}

static int32_t
week_monday(const struct advise *advise, size_t week)
{
	return advise->this_monday - 7 * (int32_t)(ADVICE_WEEKS - week);
}

/* Nothing is known yet, but the extent of the history. */
static bool
begin(struct advise *advise, const struct advise_ask *ask, int64_t *last_utc_sec, struct error *err)
{
	*advise = (struct advise) { .day = INT32_MIN };
	for (int d = 0; d < DIRECTION_COUNT; d++)
		advice_init(&advise->advice[d]);
	return judge_source_extent(ask->source, ask->state_dir, &advise->first_utc_sec,
				   last_utc_sec, err);
}

static void
goes_on(struct advise *advise, int32_t day)
{
	advise->day = day;
	advise->this_monday = monday_of(day);
	for (size_t i = 0; i < ADVICE_WEEKS * DIRECTION_COUNT; i++)
		advise->week[i / ADVICE_WEEKS][i % ADVICE_WEEKS] =
		    (struct advice_week) { .monday = week_monday(advise, i % ADVICE_WEEKS),
					   .p95_bps = NAN,
					   .p95_utilisation = NAN,
					   .peak_utilisation = NAN,
					   .mean_utilisation = NAN };
}

bool
advise_date(struct advise *advise, const struct advise_ask *ask, struct error *err)
{
	int64_t last_utc_sec;

	if (!begin(advise, ask, &last_utc_sec, err))
		return false;
	last_utc_sec = last_utc_sec < ask->until_utc_sec ? last_utc_sec : ask->until_utc_sec;
	if (advise->first_utc_sec != 0 && last_utc_sec > advise->first_utc_sec)
		goes_on(advise, zone_day_of(ask->zone, last_utc_sec - 1,
					    (int32_t)ask->settings->day_start_sec));
	return true;
}

bool
advise_date_as_of(struct advise *advise, const struct advise_ask *ask, int32_t day,
		  struct error *err)
{
	int64_t last_utc_sec;

	if (!begin(advise, ask, &last_utc_sec, err))
		return false;
	if (advise->first_utc_sec != 0 && begin_of(ask, day) > advise->first_utc_sec)
		goes_on(advise, day);
	return true;
}

/* --- history as steps --- */

struct course {
	const struct advise_ask *ask;
	int64_t start_utc_sec; /* of the first step */
	size_t count;
	struct advice_step *steps[DIRECTION_COUNT];
	double *scratch;
	double physical_bps; /* newest known; NAN */
};

static void
course_free(struct course *course)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		free(course->steps[d]);
	free(course->scratch);
}

static bool
is_connection(const struct advise_ask *ask)
{
	return ask->source->subject.kind == SUBJECT_CONNECTION;
}

/* The contract then in force.  Of a connection those of its ports are in the limit: what it is without them is asked for
 * nowhere. */
static void
take_row(struct course *course, size_t i, const double *value, double limit_bps)
{
	const struct advise_ask *ask = course->ask;
	double physical_bps = value[COLUMN_CAPACITY_BPS], capacity_bps;

	if (isnan(physical_bps))
		physical_bps = ask->capacity_bps;
	capacity_bps = ask->contract_asked ? model_capacity_bps(physical_bps, ask->contracted_bps,
								ask->contract_billed)
					   : model_capacity_bps(physical_bps, limit_bps, false);
	if (is_connection(ask) && !ask->contract_asked)
		physical_bps = capacity_bps;
	if (physical_bps > 0)
		course->physical_bps = physical_bps;
	course->steps[DIRECTION_IN][i] =
	    (struct advice_step) { utilisation_wire_bps(value[COLUMN_IN_BPS], value[COLUMN_IN_PPS]),
				   capacity_bps };
	course->steps[DIRECTION_OUT][i] = (struct advice_step) {
		utilisation_wire_bps(value[COLUMN_OUT_BPS], value[COLUMN_OUT_PPS]), capacity_bps
	};
}

static bool
course_new(struct course *course, int64_t from_utc_sec, int64_t to_utc_sec, struct error *err)
{
	const struct advice_step unknown = { NAN, NAN };

	course->start_utc_sec = from_utc_sec;
	course->count =
	    to_utc_sec > from_utc_sec ? (size_t)((to_utc_sec - from_utc_sec) / STEP_SEC) : 0;
	course->scratch = malloc((course->count + 1) * sizeof(*course->scratch));
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		course->steps[d] = malloc((course->count + 1) * sizeof(*course->steps[d]));
		for (size_t i = 0; course->steps[d] != NULL && i < course->count; i++)
			course->steps[d][i] = unknown;
	}
	return (course->scratch != NULL && course->steps[DIRECTION_IN] != NULL &&
		course->steps[DIRECTION_OUT] != NULL) ||
	       error_set(err, ERR_NOMEM, "%zu steps: out of memory", course->count);
}

static void
on_row(const struct sample *sample, double limit_bps, void *user)
{
	struct course *course = user;
	int64_t since = sample->end_utc_sec - sample->step_sec - course->start_utc_sec;

	if (since >= 0 && since / STEP_SEC < (int64_t)course->count)
		take_row(course, (size_t)(since / STEP_SEC), sample->value, limit_bps);
}

/* Piece by piece: where the steps are kept no more, longer rows would be found for all of it. */
static bool
course_read(struct course *course, int64_t from_utc_sec, int64_t to_utc_sec, struct error *err)
{
	const struct advise_ask *ask = course->ask;
	bool done = course_new(course, from_utc_sec, to_utc_sec, err);

	for (int64_t until; done && from_utc_sec < to_utc_sec; from_utc_sec = until) {
		until =
		    from_utc_sec + PIECE_SEC < to_utc_sec ? from_utc_sec + PIECE_SEC : to_utc_sec;
		done = judge_source_each(ask->source, ask->state_dir, from_utc_sec, until, STEP_SEC,
					 STEP_SEC, on_row, course, err);
	}
	return done;
}

/* The steps of the days first..last - 1. */
static struct advice_span
span_of(const struct course *course, const struct advise_ask *ask, enum direction direction,
	int32_t first, int32_t last)
{
	int64_t begin = first_step_of(ask, first), end = first_step_of(ask, last);
	int64_t from = (begin - course->start_utc_sec) / STEP_SEC;
	int64_t to = (end - course->start_utc_sec) / STEP_SEC, count = (int64_t)course->count;

	from = from < 0 ? 0 : from > count ? count : from;
	to = to < from ? from : to > count ? count : to;
	return (struct advice_span) { course->steps[direction] + from, (size_t)(to - from),
				      (uint32_t)((end - begin) / STEP_SEC), course->scratch };
}

/* --- advice --- */

/* With a contract asked for in place of theirs, what one of its ports may carry is another question. */
static bool
has_limits(const struct judge_source *source, int64_t at_utc_sec)
{
	for (size_t i = 0; i < source->member_count; i++)
		if (!isnan(judge_member_limit_bps(&source->members[i], at_utc_sec)))
			return true;
	return false;
}

static struct advice_terms
terms_of(const struct advise_ask *ask, const struct course *course)
{
	bool of_ports = is_connection(ask) && !ask->contract_asked;
	bool unclear = is_connection(ask) && ask->contract_asked &&
		       has_limits(ask->source, ask->until_utc_sec);

	return (struct advice_terms) {
		.physical_bps = course->physical_bps,
		.largest_member_bps = unclear ? NAN : ask->largest_member_bps,
		.contracted_bps = of_ports ? NAN : ask->contracted_bps,
		.contract_billed = ask->contract_billed,
		.congested_share = ask->settings->congested_share,
		.valid_share = ask->settings->valid_share,
	};
}

static void
direction_advise(struct advise *advise, const struct advise_ask *ask, const struct course *course,
		 enum direction direction, size_t first_week)
{
	const struct advice_terms terms = terms_of(ask, course);
	struct advice_span span;

	for (size_t i = first_week; i < ADVICE_WEEKS; i++) {
		int32_t monday = week_monday(advise, i);

		span = span_of(course, ask, direction, monday, monday + 7);
		advice_week_make(&advise->week[direction][i], monday, &span);
	}
	span = span_of(course, ask, direction, advise->day - ADVICE_DAYS, advise->day);
	advice_make(&advise->advice[direction], advise->day, &terms, &span, advise->week[direction],
		    ADVICE_WEEKS, advise->this_monday);
}

bool
advise_read(struct advise *advise, const struct advise_ask *ask, size_t first_week,
	    struct error *err)
{
	struct course course = { .ask = ask, .physical_bps = NAN };
	int32_t first_day = advise->day == INT32_MIN ? 0 : advise->day - ADVICE_DAYS;
	int64_t from_utc_sec;
	bool done;

	if (advise->day == INT32_MIN)
		return true;
	if (first_week < ADVICE_WEEKS && week_monday(advise, first_week) < first_day)
		first_day = week_monday(advise, first_week);
	from_utc_sec = first_step_of(ask, first_day);
	if (from_utc_sec < advise->first_utc_sec)
		from_utc_sec = advise->first_utc_sec - advise->first_utc_sec % STEP_SEC;
	done = course_read(&course, from_utc_sec, first_step_of(ask, advise->day), err);
	for (int d = 0; done && d < DIRECTION_COUNT; d++)
		direction_advise(advise, ask, &course, (enum direction)d, first_week);
	course_free(&course);
	return done;
}

/* --- with what the ledger knows --- */

/* A copy of the newest; the time in force is not asked for. */
static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	*(struct ledger_capacity *)user = *capacity;
	return false;
}

static struct ledger_capacity
capacity_newest(struct ledger *ledger, int64_t port_id)
{
	struct ledger_capacity newest = { .physical_bps = NAN, .source = CAPACITY_UNKNOWN };

	if (!ledger_capacity_newest(ledger, port_id, 1, on_capacity, &newest, NULL))
		newest =
		    (struct ledger_capacity) { .physical_bps = NAN, .source = CAPACITY_UNKNOWN };
	return newest;
}

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	double *largest_bps = user;

	if (member->state == MEMBER_LIVE && !(member->speed_bps <= *largest_bps))
		*largest_bps = member->speed_bps;
	return true;
}

static double
largest_link_bps(struct ledger *ledger, int64_t port_id)
{
	double largest_bps = NAN;

	if (capacity_newest(ledger, port_id).source != CAPACITY_LAG ||
	    !ledger_lag_members_each(ledger, port_id, on_member, &largest_bps, NULL))
		return NAN;
	return largest_bps;
}

/* With a port of which nothing is known, none is known to be the largest. */
double
advise_largest_member_bps(const struct judge_source *source, struct ledger *ledger)
{
	const struct judge_member *member = NULL;
	double largest_bps = 0;
	size_t count = 0;

	for (size_t i = 0; i < source->member_count; i++) {
		double bps;

		if (source->members[i].to_utc_sec != 0)
			continue;
		member = &source->members[i];
		count++;
		bps = model_capacity_bps(capacity_newest(ledger, member->port_id).physical_bps,
					 judge_member_limit_bps(member, INT64_MAX), false);
		if (isnan(bps) || bps > largest_bps)
			largest_bps = bps;
	}
	if (count == 1)
		return largest_link_bps(ledger, member->port_id);
	return count > 1 ? largest_bps : NAN;
}

static uint64_t
mark_of(uint64_t mark, const void *data, size_t len)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < len; i++)
		mark = (mark ^ octets[i]) * UINT64_C(0x100000001b3);
	return mark;
}

static uint64_t
mark_of_number(uint64_t mark, double number)
{
	if (isnan(number)) /* one NAN is like another */
		number = -1;
	return mark_of(mark, &number, sizeof(number));
}

static uint64_t
mark_of_member(uint64_t mark, const struct judge_member *member)
{
	const int64_t whole[] = { member->port_id,
				  member->from_utc_sec,
				  member->to_utc_sec,
				  member->contract_billed,
				  (int64_t)member->contract_count,
				  (int64_t)member->other_count };

	mark = mark_of_number(mark_of(mark, whole, sizeof(whole)), member->contracted_bps);
	for (size_t i = 0; i < member->contract_count; i++) {
		mark = mark_of(mark, &member->contracts[i].from_utc_sec, sizeof(int64_t));
		mark = mark_of_number(mark, member->contracts[i].contracted_bps);
	}
	for (size_t i = 0; i < member->other_count; i++) {
		mark = mark_of(mark, &member->others[i].from_utc_sec, sizeof(int64_t));
		mark = mark_of(mark, &member->others[i].to_utc_sec, sizeof(int64_t));
	}
	return mark;
}

/* Everything that would make other weeks or other advice of the same samples. */
static int64_t
basis_of(const struct advise_ask *ask)
{
	const double numbers[] = {
		ask->contracted_bps,
		ask->contract_billed,
		ask->capacity_bps,
		ask->largest_member_bps,
		ask->settings->congested_share,
		ask->settings->valid_share,
		(double)ask->settings->day_start_sec,
	};
	uint64_t mark = mark_of(UINT64_C(0xcbf29ce484222325), ask->timezone, strlen(ask->timezone));

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++)
		mark = mark_of_number(mark, numbers[i]);
	for (size_t i = 0; i < ask->source->member_count; i++)
		mark = mark_of_member(mark, &ask->source->members[i]);
	return (int64_t)mark;
}

static bool
on_week(const struct advice_week *week, void *user)
{
	struct advice_week *weeks = user;
	int32_t i = (week->monday - weeks[0].monday) / 7;

	if (i >= 0 && i < ADVICE_WEEKS && weeks[i].monday == week->monday)
		weeks[i] = *week;
	return true;
}

static bool
weeks_recall(struct advise *advise, struct ledger *ledger, struct subject subject,
	     struct error *err)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (!ledger_week_each(ledger, subject, (enum direction)d, week_monday(advise, 0),
				      advise->this_monday - 1, on_week, advise->week[d], err))
			return false;
	return true;
}

/* Weeks that end before the first sample are nobody's. */
static bool
weeks_write(const struct advise *advise, const struct advise_ask *ask, size_t first_week,
	    struct ledger *ledger, struct error *err)
{
	for (size_t i = first_week; i < ADVICE_WEEKS; i++) {
		if (begin_of(ask, week_monday(advise, i) + 7) <= advise->first_utc_sec)
			continue;
		for (int d = 0; d < DIRECTION_COUNT; d++)
			if (!ledger_week_put(ledger, ask->source->subject, (enum direction)d,
					     &advise->week[d][i], err))
				return false;
	}
	return true;
}

static bool
advice_write(const struct advise *advise, int64_t basis, struct ledger *ledger,
	     struct subject subject, int64_t now_utc_sec, struct error *err)
{
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct ledger_advice row = { now_utc_sec, basis, advise->advice[d] };

		if (!ledger_advice_put(ledger, subject, (enum direction)d, &row, err))
			return false;
	}
	return true;
}

static int32_t
monday_at(const struct advise_ask *ask, int64_t utc_sec)
{
	return monday_of(zone_day_of(ask->zone, utc_sec, (int32_t)ask->settings->day_start_sec));
}

/* Weeks of a time in which the port was another peer's are not of the present one. */
static bool
others_forget(const struct advise_ask *ask, struct ledger *ledger, struct error *err)
{
	const struct judge_source *source = ask->source;

	if (source->subject.kind != SUBJECT_PORT)
		return true;
	for (size_t i = 0; i < source->members[0].other_count; i++) {
		const struct judge_span *other = &source->members[0].others[i];
		int32_t first =
		    other->from_utc_sec == 0 ? INT32_MIN : monday_at(ask, other->from_utc_sec);

		if (!ledger_week_forget(ledger, source->subject, first,
					monday_at(ask, other->to_utc_sec), err))
			return false;
	}
	return true;
}

/* What is known no more is advised no more. */
static bool
withdraw(const struct advise_ask *ask, const struct ledger_advice *before, struct ledger *ledger,
	 struct error *err)
{
	return before->made_utc_sec == 0 ||
	       (others_forget(ask, ledger, err) &&
		ledger_advice_forget(ledger, ask->source->subject, err));
}

bool
advise_stands(const struct advise_ask *ask, struct ledger *ledger, int32_t *day)
{
	struct ledger_advice before;

	*day =
	    zone_day_of(ask->zone, ask->until_utc_sec - 1, (int32_t)ask->settings->day_start_sec);
	return ask->until_utc_sec > 0 &&
	       ledger_advice_get(ledger, ask->source->subject, DIRECTION_OUT, &before, NULL) &&
	       before.made_utc_sec != 0 && before.advice.day == *day &&
	       before.basis == basis_of(ask);
}

bool
advise_update(struct advise *advise, const struct advise_ask *ask, struct ledger *ledger,
	      int64_t now_utc_sec, struct error *err)
{
	struct subject subject = ask->source->subject;
	int64_t basis = basis_of(ask);
	struct ledger_advice before;
	size_t first_week = 0;

	if (!advise_date(advise, ask, err) ||
	    !ledger_advice_get(ledger, subject, DIRECTION_OUT, &before, err))
		return false;
	if (advise->day == INT32_MIN)
		return withdraw(ask, &before, ledger, err);
	if (before.basis == basis && before.advice.day == advise->day)
		return true;
	if (before.made_utc_sec != 0 && before.basis == basis && advise->day > before.advice.day &&
	    advise->day - before.advice.day <= LATE_DAY) {
		if (!weeks_recall(advise, ledger, subject, err))
			return false;
		first_week = ADVICE_WEEKS - READ_AGO;
	}
	return advise_read(advise, ask, first_week, err) &&
	       (first_week > 0 || others_forget(ask, ledger, err)) &&
	       weeks_write(advise, ask, first_week, ledger, err) &&
	       advice_write(advise, basis, ledger, subject, now_utc_sec, err);
}
