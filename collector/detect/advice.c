/* advice.c - see advice.h; why these rules, the page /method tells.
 *
 * Growth is looked for in rates, not in shares: an upgrade halves a share and stops no growth.  The slope is Theil's and
 * Sen's, the median over all pairs of weeks, which up to 29% of odd weeks (Christmas, an event) do not move.  It counts
 * as growth when the lower end of Sen's one-sided 95% interval is above 0 (P. K. Sen, 1968: ranks of the pairs' slopes,
 * the variance is Kendall's), and when the last weeks by themselves still grow at least half as fast: growth that has
 * ended is not carried on into the future. */
#include "detect/advice.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"

#define PAIRS_MAX     (ADVICE_WEEKS * (ADVICE_WEEKS - 1) / 2)
#define CONFIDENCE_Z  1.645 /* one-sided 95% */
#define LATE_WEEKS    8     /* valid weeks by which growth must still go on */
#define LATE_SHARE    0.5   /* that fast, of the whole's slope */
#define NEWEST_WEEKS  4     /* one of the last calendar weeks must be valid */
#define REACHED_WEEKS 3     /* valid weeks, of which most are at the line */
#define ROUNDING      1e-6  /* of a week: what is computed as 14.0000001 is 14 */
#define KNOWN_SHARE   0.5   /* of the recent days must be known */
#define SIZE_PERCENT  99
#define LARGEST_SHARE 0.999 /* of a LAG: with a member as large as itself it is none */

static bool
is_known(const struct advice_step *step)
{
	return !isnan(step->wire_bps) && step->capacity_bps > 0;
}

/* --- a week --- */

struct sums {
	uint32_t known;
	double sum, peak;
	unsigned at_90, at_95;
};

static struct sums
add_up(const struct advice_span *span)
{
	struct sums sums = { .peak = NAN };

	for (size_t i = 0; i < span->count; i++) {
		double share;

		if (!is_known(&span->steps[i]))
			continue;
		share = span->steps[i].wire_bps / span->steps[i].capacity_bps;
		sums.peak = sums.known == 0 || share > sums.peak ? share : sums.peak;
		sums.sum += share;
		sums.at_90 += share >= 0.90;
		sums.at_95 += share >= 0.95;
		sums.known++;
	}
	return sums;
}

/* Nearest rank, of the known steps' shares or rates. */
static double
percentile(const struct advice_span *span, unsigned percent, bool of_rates)
{
	size_t count = 0;

	for (size_t i = 0; i < span->count; i++)
		if (is_known(&span->steps[i]))
			span->scratch[count++] =
			    of_rates ? span->steps[i].wire_bps
				     : span->steps[i].wire_bps / span->steps[i].capacity_bps;
	return detector_percentile(span->scratch, count, percent);
}

void
advice_week_make(struct advice_week *week, int32_t monday, const struct advice_span *span)
{
	struct sums sums = add_up(span);

	*week = (struct advice_week) {
		.monday = monday,
		.possible_samples = span->possible,
		.known_samples = sums.known,
		.p95_bps = percentile(span, 95, true),
		.p95_utilisation = percentile(span, 95, false),
		.peak_utilisation = sums.peak,
		.mean_utilisation = sums.known > 0 ? sums.sum / sums.known : NAN,
		.minutes_90 = sums.at_90 * (ADVICE_STEP_SEC / 60),
		.minutes_95 = sums.at_95 * (ADVICE_STEP_SEC / 60),
	};
}

/* --- the trend --- */

/* A valid week: how many weeks ago it began (0 would be the one that goes on), and its percentile as share of the
 * capacity of now. */
struct point {
	double week, share;
};

static int
by_size(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

static double
median(double *values, size_t count)
{
	qsort(values, count, sizeof(*values), by_size);
	return count % 2 == 1 ? values[count / 2] : (values[count / 2 - 1] + values[count / 2]) / 2;
}

struct slope {
	double median;
	double
	    least; /* the lower end of its interval; -INFINITY when the weeks are too few for one */
};

static struct slope
slope_of(const struct point *points, size_t count)
{
	double slopes[PAIRS_MAX] = { 0 }, n = (double)count, rank;
	size_t pairs = 0;
	struct slope slope;

	for (size_t i = 0; i < count; i++)
		for (size_t j = i + 1; j < count; j++)
			slopes[pairs++] =
			    (points[j].share - points[i].share) / (points[j].week - points[i].week);
	slope.median = median(slopes, pairs); /* sorts them */
	rank = ((double)pairs - CONFIDENCE_Z * sqrt(n * (n - 1) * (2 * n + 5) / 18)) / 2;
	slope.least = rank >= 1 ? slopes[(size_t)rank - 1] : -INFINITY;
	return slope;
}

/* Where the line through the middle of the points stands in the week that goes on. */
static double
level_now(const struct point *points, size_t count, double slope)
{
	double rest[ADVICE_WEEKS] = { 0 };

	for (size_t i = 0; i < count; i++)
		rest[i] = points[i].share - slope * points[i].week;
	return median(rest, count);
}

/* The valid ones of the last ADVICE_WEEKS weeks. */
static size_t
points_of(struct point points[ADVICE_WEEKS], const struct advice_terms *terms, double capacity_bps,
	  const struct advice_week *weeks, size_t week_count, int32_t this_monday)
{
	size_t count = 0;

	for (size_t i = 0; i < week_count; i++) {
		int32_t ago = (this_monday - weeks[i].monday) / 7;

		if (ago < 1 || ago > ADVICE_WEEKS || count == ADVICE_WEEKS ||
		    isnan(weeks[i].p95_bps) ||
		    weeks[i].known_samples < terms->valid_share * weeks[i].possible_samples)
			continue;
		points[count++] = (struct point) { -ago, weeks[i].p95_bps / capacity_bps };
	}
	return count;
}

static bool
is_reached(const struct point *points, size_t count, double line)
{
	unsigned at_line = 0;

	for (size_t i = count - REACHED_WEEKS; i < count; i++)
		at_line += points[i].share >= line;
	return 2 * at_line > REACHED_WEEKS;
}

static enum advice_trend
growth(struct advice *advice, const struct point *points, size_t count)
{
	size_t late = count < LATE_WEEKS ? count : LATE_WEEKS;
	struct slope slope = slope_of(points, count);
	double level, weeks;

	if (!(slope.least > 0) ||
	    slope_of(points + count - late, late).median < LATE_SHARE * slope.median)
		return ADVICE_TREND_NONE;
	advice->growth_per_week = slope.median;
	level = level_now(points, count, slope.median);
	if (level >= advice->congested_share)
		return ADVICE_TREND_REACHED;
	weeks = ceil((advice->congested_share - level) / slope.median - ROUNDING);
	if (weeks > ADVICE_AHEAD)
		return ADVICE_TREND_FAR;
	advice->weeks_to_congested = weeks < 1 ? 1 : weeks;
	return ADVICE_TREND_GROWING;
}

static void
trend_make(struct advice *advice, const struct advice_terms *terms, const struct advice_week *weeks,
	   size_t week_count, int32_t this_monday)
{
	struct point points[ADVICE_WEEKS];
	size_t count;

	if (!(advice->capacity_bps > 0))
		return;
	count = points_of(points, terms, advice->capacity_bps, weeks, week_count, this_monday);
	advice->trend_weeks = (uint32_t)count;
	if (count < REACHED_WEEKS || points[count - 1].week < -NEWEST_WEEKS)
		return;
	if (is_reached(points, count, advice->congested_share))
		advice->trend = ADVICE_TREND_REACHED;
	else if (count >= ADVICE_WEEKS_MIN)
		advice->trend = growth(advice, points, count);
}

/* --- the next size --- */

/* What exchanges sell: of each speed as many as are bundled before the next speed is taken.  40G and 50G are of the past,
 * 200G is two of 100G; above 400G a second port of it is easier to get than one of 800G. */
static const struct rung {
	double bps;
	uint32_t most;
} ladder[] = { { 1e9, 1 }, { 10e9, 4 }, { 100e9, 3 }, { 400e9, 8 }, { 800e9, 8 } };

#define LAST_RUNG (sizeof(ladder) / sizeof(ladder[0]) - 1)

/* Bundled with itself where a port has it already. */
static const struct rung own = { 25e9, 3 };

/* The smallest bundle of that speed that is larger than the capacity and holds, where it is smaller than the best yet. */
static void
consider(struct advice *advice, const struct rung *rung, double least_bps)
{
	double best =
	    isnan(advice->member_bps) ? INFINITY : advice->member_bps * advice->member_count;

	for (uint32_t count = 1; count <= rung->most; count++) {
		double bps = rung->bps * count;

		if (bps <= advice->capacity_bps || !(bps * ADVICE_ROOM > least_bps))
			continue;
		if (bps < best) {
			advice->member_bps = rung->bps;
			advice->member_count = count;
		}
		return;
	}
}

static void
size_make(struct advice *advice, const struct advice_terms *terms, double p99_utilisation)
{
	double own_bps =
	    isnan(terms->largest_member_bps) ? terms->physical_bps : terms->largest_member_bps;

	if (isnan(advice->p99_bps) || !(advice->capacity_bps > 0))
		return;
	advice->size_known = true;
	advice->size_is_enough = advice->p99_bps < ADVICE_ROOM * advice->capacity_bps;
	if (advice->size_is_enough)
		return;
	advice->size_is_least = p99_utilisation >= terms->congested_share;
	for (size_t i = own_bps < ladder[LAST_RUNG].bps ? 0 : LAST_RUNG; i <= LAST_RUNG; i++)
		consider(advice, &ladder[i], advice->p99_bps);
	if (own_bps == own.bps)
		consider(advice, &own, advice->p99_bps);
}

/* --- together --- */

/* Shares of what is left without the largest member; the contract limits that too. */
static void
n1_make(struct advice *advice, const struct advice_terms *terms, double p95_bps, double peak_bps)
{
	double left_bps;

	if (!(terms->largest_member_bps > 0) ||
	    !(terms->largest_member_bps < LARGEST_SHARE * terms->physical_bps))
		return;
	left_bps = model_capacity_bps(terms->physical_bps - terms->largest_member_bps,
				      terms->contracted_bps, terms->contract_billed);
	if (!(left_bps > 0))
		return;
	advice->largest_member_bps = terms->largest_member_bps;
	advice->n1_p95_utilisation = p95_bps / left_bps;
	advice->n1_peak_utilisation = peak_bps / left_bps;
}

static void
recent_make(struct advice *advice, const struct advice_terms *terms,
	    const struct advice_span *recent)
{
	struct sums sums = add_up(recent);

	advice->possible_samples = recent->possible;
	advice->known_samples = sums.known;
	if (sums.known == 0 || sums.known < KNOWN_SHARE * recent->possible)
		return;
	advice->p95_utilisation = percentile(recent, 95, false);
	advice->peak_utilisation = sums.peak;
	advice->p99_bps = percentile(recent, SIZE_PERCENT, true);
	n1_make(advice, terms, percentile(recent, 95, true), percentile(recent, 100, true));
	size_make(advice, terms, percentile(recent, SIZE_PERCENT, false));
}

void
advice_make(struct advice *advice, int32_t day, const struct advice_terms *terms,
	    const struct advice_span *recent, const struct advice_week *weeks, size_t week_count,
	    int32_t this_monday)
{
	advice_init(advice);
	advice->day = day;
	advice->congested_share = terms->congested_share;
	advice->capacity_bps =
	    model_capacity_bps(terms->physical_bps, terms->contracted_bps, terms->contract_billed);
	recent_make(advice, terms, recent);
	trend_make(advice, terms, weeks, week_count, this_monday);
}
