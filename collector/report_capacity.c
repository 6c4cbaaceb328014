/* report_capacity.c - see report_capacity.h. */
#include "report_capacity.h"

#include <math.h>

#include "report_side.h"

#define DAY_SEC      86400
#define STEPS_MAX    50 /* changes of capacity that are told */
#define SAME_SHARE   0.001
#define FRESH_SEC    (INT64_C(7) * DAY_SEC)
#define UPGRADE_DAYS 56 /* so long an upgrade is told of */

/* The last that is known within the week; NAN. */
static double
capacity_at_end(const struct report_view *view, bool physical)
{
	for (size_t i = view->step_count; i > 0; i--) {
		double bps = physical ? view->steps[i - 1].value[COLUMN_CAPACITY_BPS]
				      : report_view_capacity_bps(view, i - 1);

		if (bps > 0)
			return bps;
	}
	return NAN;
}

double
report_capacity_bps(const struct report_view *view)
{
	return capacity_at_end(view, false);
}

/* What is contracted at the week's end; NAN: nothing is. */
static double
contracted_bps(const struct report_view *view)
{
	if (view->ask.question.terms.contract_billed)
		return view->ask.question.terms.contracted_bps;
	for (size_t i = view->step_count; i > 0; i--)
		if (!isnan(view->steps[i - 1].value[COLUMN_CAPACITY_BPS]))
			return view->limit_bps[i - 1];
	return view->ask.question.terms.contracted_bps;
}

struct in_force {
	int64_t until_utc_sec;
	enum capacity_source source;
};

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct in_force *in_force = user;

	if (capacity->from_utc_sec < in_force->until_utc_sec ||
	    in_force->source == CAPACITY_UNKNOWN)
		in_force->source = capacity->source;
	return true;
}

bool
report_capacity_source(enum capacity_source *source, struct ledger *ledger,
		       const struct report_view *view, int64_t port_id, struct error *err)
{
	struct in_force in_force = { view->to_utc_sec, CAPACITY_UNKNOWN };
	double physical = capacity_at_end(view, true), limited = capacity_at_end(view, false);

	if (!ledger_capacity_each(ledger, port_id, on_capacity, &in_force, err))
		return false;
	*source = isnan(physical)      ? CAPACITY_UNKNOWN
		  : limited < physical ? CAPACITY_CONTRACT
				       : in_force.source;
	return true;
}

static void
put_steps(struct json *in, const struct report_view *view)
{
	struct json *list = json_put_array(in, "capacity_steps");
	double before = NAN;
	size_t count = 0;

	for (size_t i = 0; i < view->step_count && count < STEPS_MAX; i++) {
		double bps = report_view_capacity_bps(view, i);

		if (!(bps > 0))
			continue;
		if (!isnan(before) && fabs(bps - before) > SAME_SHARE * before) {
			struct json *out = json_put_object(list, "");

			json_put_utc(out, "at", report_view_step_utc_sec(view, i));
			json_put_number(out, "capacity_bps", bps);
			count++;
		}
		before = bps;
	}
}

static double
smallest_between(const struct report_view *view, int64_t from, int64_t to)
{
	double least = NAN;

	for (size_t i = 0; i < view->step_count; i++) {
		int64_t at = report_view_step_utc_sec(view, i);
		double bps = report_view_capacity_bps(view, i);

		if (at >= from && at < to && bps > 0 && !(bps >= least))
			least = bps;
	}
	return least;
}

/* Whether an excusing window of the exchange, or of ours, touches it. */
static bool
is_in_window(const struct report_view *view, int64_t from, int64_t to)
{
	const struct replay_question *question = &view->ask.question;

	for (size_t i = 0; i < question->window_count; i++)
		if ((question->windows[i].cause == CAUSE_EXCHANGE ||
		     question->windows[i].cause == CAUSE_OURS) &&
		    question->windows[i].start_utc_sec < to &&
		    question->windows[i].end_utc_sec > from)
			return true;
	return false;
}

static void
put_reduction(struct json *list, const struct report_view *view, int64_t since, int64_t to)
{
	int64_t in_week = since > view->from_utc_sec ? since : view->from_utc_sec;
	struct json *out = json_put_object(list, "");

	json_put_utc(out, "from", since);
	json_put_utc(out, "to", to >= view->to_utc_sec ? 0 : to);
	json_put_number(out, "capacity_bps", smallest_between(view, in_week, to));
	json_put_bool(out, "excused",
		      in_week - since < FRESH_SEC || is_in_window(view, in_week, to));
}

/* Stretches with the same beginning are one reduction. */
static void
put_reduced(struct json *in, const struct report_view *view)
{
	struct json *list = json_put_array(in, "reduced");
	const struct detector *d = view->replay->detector;
	size_t count = detector_reduction_count(d, DIRECTION_OUT);
	int64_t since = 0, to = 0;

	for (size_t i = 0; i < count; i++) {
		struct detector_reduction r = detector_reduction_get(d, DIRECTION_OUT, i);

		if (r.to_utc_sec <= view->from_utc_sec || r.from_utc_sec >= view->to_utc_sec)
			continue;
		if (to != 0 && r.since_utc_sec != since)
			put_reduction(list, view, since, to);
		since = r.since_utc_sec;
		to = r.to_utc_sec;
	}
	if (to != 0)
		put_reduction(list, view, since, to);
}

/* The last known capacity that ended before the instant and was smaller than now; NAN. */
static double
capacity_before(const struct report_view *view, int64_t utc_sec, double now_bps)
{
	const struct replay_input *input = &view->history.input;
	double found = NAN;

	for (size_t row = 0; row < input->row_count && input->end_utc_sec[row] <= utc_sec; row++) {
		double bps =
		    model_capacity_bps(input->value[row * COLUMN_COUNT + COLUMN_CAPACITY_BPS],
				       input->limit_bps[row], false);

		if (bps > 0 && bps < now_bps)
			found = bps;
	}
	return found;
}

static void
put_upgraded(struct json *in, const struct report_view *view)
{
	double now_bps = detector_nominal_bps(view->replay->detector, DIRECTION_OUT), before_bps;
	struct detector_standing standing;
	struct json *out;

	detector_standing_get(view->replay->detector, DIRECTION_OUT, &standing);
	before_bps =
	    standing.epoch == DETECTOR_NO_DAY || view->monday + 7 - standing.epoch > UPGRADE_DAYS
		? NAN
		: capacity_before(
		      view,
		      zone_day_begin_utc_sec(report_view_zone(view), standing.epoch,
					     (int32_t)report_view_settings(view)->day_start_sec),
		      now_bps);
	if (isnan(before_bps)) {
		json_put_null(in, "upgraded");
		return;
	}
	out = json_put_object(in, "upgraded");
	report_put_date(out, "date", standing.epoch);
	json_put_number(out, "from_bps", before_bps);
	json_put_number(out, "to_bps", now_bps);
	json_put_text(out, "state", standing.cured ? "cured by upgrade" : "under observation");
}

void
report_capacity_put(struct json *out, const struct report_view *view, enum capacity_source source)
{
	double contracted = contracted_bps(view);

	json_put_number(out, "capacity_bps", capacity_at_end(view, false));
	json_put_number(out, "physical_bps", capacity_at_end(view, true));
	json_put_number(out, "contracted_bps", contracted);
	json_put_text(out, "contract_kind",
		      isnan(contracted)                          ? NULL
		      : view->ask.question.terms.contract_billed ? "billed"
								 : "policed");
	json_put_text(out, "capacity_source", model_capacity_source_name(source));
	put_steps(out, view);
	json_put_number(out, "nominal_bps",
			detector_nominal_bps(view->replay->detector, DIRECTION_OUT));
	put_reduced(out, view);
	put_upgraded(out, view);
}
