/* advise.c - see advise.h. */
#include "advise.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/ledger_advice.h"
#include "ixwatch/series.h"
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

bool
advise_date(struct advise *advise, const struct advise_ask *ask, struct error *err)
{
	int64_t last_utc_sec;

	*advise = (struct advise) { .day = INT32_MIN };
	for (int d = 0; d < DIRECTION_COUNT; d++)
		advice_init(&advise->advice[d]);
	if (!series_extent(ask->state_dir, ask->path, &advise->first_utc_sec, &last_utc_sec, err))
		return false;
	last_utc_sec = last_utc_sec < ask->until_utc_sec ? last_utc_sec : ask->until_utc_sec;
	if (advise->first_utc_sec == 0 || last_utc_sec <= advise->first_utc_sec)
		return true;
	advise->day =
	    zone_day_of(ask->zone, last_utc_sec - 1, (int32_t)ask->settings->day_start_sec);
	advise->this_monday = monday_of(advise->day);
	for (size_t i = 0; i < ADVICE_WEEKS * DIRECTION_COUNT; i++)
		advise->week[i / ADVICE_WEEKS][i % ADVICE_WEEKS] =
		    (struct advice_week) { .monday = week_monday(advise, i % ADVICE_WEEKS),
					   .p95_bps = NAN,
					   .p95_utilisation = NAN,
					   .peak_utilisation = NAN,
					   .mean_utilisation = NAN };
	return true;
}

/* --- the series as steps --- */

struct course {
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

static void
take_row(struct course *course, const struct advise_ask *ask, size_t i, const double *value)
{
	double physical_bps = value[COLUMN_CAPACITY_BPS], capacity_bps;

	if (isnan(physical_bps))
		physical_bps = ask->capacity_bps;
	if (physical_bps > 0)
		course->physical_bps = physical_bps;
	capacity_bps = model_capacity_bps(physical_bps, ask->contracted_bps, ask->contract_billed);
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

/* Rows of another step are of a time whose steps are kept no more. */
static void
course_take(struct course *course, const struct advise_ask *ask, const struct series_rows *rows)
{
	int64_t first = (rows->start_utc_sec - course->start_utc_sec) / STEP_SEC;

	if (rows->step_sec != STEP_SEC || first < 0)
		return;
	for (size_t i = 0; i < rows->row_count && (size_t)first + i < course->count; i++)
		take_row(course, ask, (size_t)first + i, rows->value + i * COLUMN_COUNT);
}

/* Piece by piece: where the steps are kept no more, longer rows would be found for all of it. */
static bool
course_read(struct course *course, const struct advise_ask *ask, int64_t from_utc_sec,
	    int64_t to_utc_sec, struct error *err)
{
	bool done = course_new(course, from_utc_sec, to_utc_sec, err);

	for (int64_t until; done && from_utc_sec < to_utc_sec; from_utc_sec = until) {
		struct series_rows rows = { 0 };

		until =
		    from_utc_sec + PIECE_SEC < to_utc_sec ? from_utc_sec + PIECE_SEC : to_utc_sec;
		done = series_read(ask->state_dir, ask->path, from_utc_sec, until, STEP_SEC,
				   PIECE_SEC / STEP_SEC, &rows, err);
		if (done)
			course_take(course, ask, &rows);
		series_rows_free(&rows);
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

static void
direction_advise(struct advise *advise, const struct advise_ask *ask, const struct course *course,
		 enum direction direction, size_t first_week)
{
	const struct advice_terms terms = {
		.physical_bps = course->physical_bps,
		.largest_member_bps = ask->largest_member_bps,
		.contracted_bps = ask->contracted_bps,
		.contract_billed = ask->contract_billed,
		.congested_share = ask->settings->congested_share,
		.valid_share = ask->settings->valid_share,
	};
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
	struct course course = { .physical_bps = NAN };
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
	done = course_read(&course, ask, from_utc_sec, first_step_of(ask, advise->day), err);
	for (int d = 0; done && d < DIRECTION_COUNT; d++)
		direction_advise(advise, ask, &course, (enum direction)d, first_week);
	course_free(&course);
	return done;
}

/* --- with what the ledger knows --- */

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	*(enum capacity_source *)user = capacity->source;
	return false;
}

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	double *largest_bps = user;

	if (member->state == MEMBER_LIVE && !(member->speed_bps <= *largest_bps))
		*largest_bps = member->speed_bps;
	return true;
}

double
advise_largest_member_bps(struct ledger *ledger, int64_t port_id)
{
	enum capacity_source source = CAPACITY_UNKNOWN;
	double largest_bps = NAN;

	if (!ledger_capacity_newest(ledger, port_id, 1, on_capacity, &source, NULL) ||
	    source != CAPACITY_LAG ||
	    !ledger_lag_members_each(ledger, port_id, on_member, &largest_bps, NULL))
		return NAN;
	return largest_bps;
}

static uint64_t
mark_of(uint64_t mark, const void *data, size_t len)
{
	const unsigned char *octets = data;

	for (size_t i = 0; i < len; i++)
		mark = (mark ^ octets[i]) * UINT64_C(0x100000001b3);
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

	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		double number = isnan(numbers[i]) ? -1 : numbers[i]; /* one NAN is like another */

		mark = mark_of(mark, &number, sizeof(number));
	}
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
weeks_recall(struct advise *advise, struct ledger *ledger, int64_t port_id, struct error *err)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (!ledger_week_each(ledger, port_id, (enum direction)d, week_monday(advise, 0),
				      advise->this_monday - 1, on_week, advise->week[d], err))
			return false;
	return true;
}

/* Weeks that end before the first sample are not of this port. */
static bool
weeks_write(const struct advise *advise, const struct advise_ask *ask, size_t first_week,
	    struct ledger *ledger, int64_t port_id, struct error *err)
{
	for (size_t i = first_week; i < ADVICE_WEEKS; i++) {
		if (begin_of(ask, week_monday(advise, i) + 7) <= advise->first_utc_sec)
			continue;
		for (int d = 0; d < DIRECTION_COUNT; d++)
			if (!ledger_week_put(ledger, port_id, (enum direction)d,
					     &advise->week[d][i], err))
				return false;
	}
	return true;
}

static bool
advice_write(const struct advise *advise, int64_t basis, struct ledger *ledger, int64_t port_id,
	     int64_t now_utc_sec, struct error *err)
{
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct ledger_advice row = { now_utc_sec, basis, advise->advice[d] };

		if (!ledger_advice_put(ledger, port_id, (enum direction)d, &row, err))
			return false;
	}
	return true;
}

bool
advise_port(struct advise *advise, const struct advise_ask *ask, struct ledger *ledger,
	    int64_t port_id, int64_t now_utc_sec, struct error *err)
{
	int64_t basis = basis_of(ask);
	struct ledger_advice before;
	size_t first_week = 0;

	if (!advise_date(advise, ask, err) ||
	    !ledger_advice_get(ledger, port_id, DIRECTION_OUT, &before, err))
		return false;
	if (advise->day == INT32_MIN || (before.basis == basis && before.advice.day == advise->day))
		return true;
	if (before.made_utc_sec != 0 && before.basis == basis && advise->day > before.advice.day &&
	    advise->day - before.advice.day <= LATE_DAY) {
		if (!weeks_recall(advise, ledger, port_id, err))
			return false;
		first_week = ADVICE_WEEKS - READ_AGO;
	}
	return advise_read(advise, ask, first_week, err) &&
	       weeks_write(advise, ask, first_week, ledger, port_id, err) &&
	       advice_write(advise, basis, ledger, port_id, now_utc_sec, err);
}
