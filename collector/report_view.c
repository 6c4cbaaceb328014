/* report_view.c - see report_view.h. */
#include "report_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/utilisation.h"

/* As configured, by the profile of the reports. */
static struct replay_plan
plan_of(const struct config *config)
{
	return (struct replay_plan) { .has_profile = true,
				      .profile = config->report.profile,
				      .capacity_bps = NAN,
				      .contracted_bps = NAN,
				      .nominal_capacity_bps = NAN,
				      .until_utc_sec = INT64_MAX };
}

const struct detector_settings *
report_view_settings(const struct report_view *view)
{
	return &view->ask.question.settings;
}

const struct zone *
report_view_zone(const struct report_view *view)
{
	return view->ask.zone;
}

/* --- the week's samples --- */

static void
on_step(const struct sample *sample, double limit_bps, void *user)
{
	struct report_view *view = user;
	int64_t since =
	    sample->end_utc_sec - sample->step_sec - view->steps[0].end_utc_sec + REPORT_STEP_SEC;
	size_t i = (size_t)(since / REPORT_STEP_SEC);

	if (since < 0 || i >= view->step_count)
		return;
	if (view->port->source.subject.kind == SUBJECT_PORT &&
	    judge_member_was_others(&view->port->source.members[0],
				    sample->end_utc_sec - sample->step_sec, sample->end_utc_sec))
		return;
	view->steps[i] = *sample;
	view->limit_bps[i] = limit_bps;
}

/* A step belongs to the week in which it starts. */
static bool
steps_read(struct report_view *view, struct error *err)
{
	int64_t first = view->from_utc_sec + (REPORT_STEP_SEC - 1);
	int64_t last = view->to_utc_sec + (REPORT_STEP_SEC - 1);

	first -= first % REPORT_STEP_SEC;
	last -= last % REPORT_STEP_SEC;
	view->step_count = (size_t)((last - first) / REPORT_STEP_SEC);
	view->steps = calloc(view->step_count + 1, sizeof(*view->steps));
	view->limit_bps = calloc(view->step_count + 1, sizeof(*view->limit_bps));
	if (view->steps == NULL || view->limit_bps == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", view->port->name);
	for (size_t i = 0; i < view->step_count; i++) {
		view->steps[i] = (struct sample) {
			.end_utc_sec = first + (int64_t)(i + 1) * REPORT_STEP_SEC,
			.step_sec = REPORT_STEP_SEC,
		};
		view->limit_bps[i] = NAN;
		for (int c = 0; c < COLUMN_COUNT; c++)
			view->steps[i].value[c] = NAN;
	}
	return judge_source_each(&view->port->source, view->config->state_dir, first, last,
				 REPORT_STEP_SEC, REPORT_STEP_SEC, on_step, view, err);
}

int64_t
report_view_step_utc_sec(const struct report_view *view, size_t i)
{
	return view->steps[i].end_utc_sec - REPORT_STEP_SEC;
}

double
report_view_capacity_bps(const struct report_view *view, size_t i)
{
	return model_capacity_bps(view->steps[i].value[COLUMN_CAPACITY_BPS], view->limit_bps[i],
				  false);
}

double
report_view_wire_bps(const struct report_view *view, size_t i, enum direction direction)
{
	const double *value = view->steps[i].value;

	return direction == DIRECTION_IN
		   ? utilisation_wire_bps(value[COLUMN_IN_BPS], value[COLUMN_IN_PPS])
		   : utilisation_wire_bps(value[COLUMN_OUT_BPS], value[COLUMN_OUT_PPS]);
}

double
report_view_share(const struct report_view *view, size_t i, enum direction direction)
{
	const double *value = view->steps[i].value;
	bool in = direction == DIRECTION_IN;

	return utilisation_share(value[in ? COLUMN_IN_BPS : COLUMN_OUT_BPS],
				 value[in ? COLUMN_IN_PPS : COLUMN_OUT_PPS],
				 report_view_capacity_bps(view, i));
}

/* --- weeks --- */

static bool
weeks_read(struct report_view *view, struct error *err)
{
	const struct replay_question *question = &view->ask.question;
	const struct advise_ask ask = {
		.state_dir = view->config->state_dir,
		.source = &view->port->source,
		.zone = question->zone,
		.timezone = question->timezone,
		.settings = &question->settings,
		.contracted_bps = question->terms.contracted_bps,
		.contract_billed = question->terms.contract_billed,
		.largest_member_bps = view->port->largest_member_bps,
		.capacity_bps = NAN,
		.until_utc_sec = view->to_utc_sec,
	};

	/* The recent days, and the week before the closed one, lie within the last four. */
	return advise_date_as_of(&view->advise, &ask, view->monday + 7, err) &&
	       advise_read(&view->advise, &ask, ADVICE_WEEKS - REPORT_DAYS / 7, err);
}

static const struct advice_week *
week_ago(const struct report_view *view, enum direction direction, size_t ago)
{
	static const struct advice_week unknown = { .p95_bps = NAN,
						    .p95_utilisation = NAN,
						    .peak_utilisation = NAN,
						    .mean_utilisation = NAN };

	return view->advise.day == INT32_MIN
		   ? &unknown
		   : &view->advise.week[direction][ADVICE_WEEKS - 1 - ago];
}

const struct advice_week *
report_view_week(const struct report_view *view, enum direction direction)
{
	return week_ago(view, direction, 0);
}

const struct advice_week *
report_view_week_before(const struct report_view *view, enum direction direction)
{
	return week_ago(view, direction, 1);
}

/* --- its life --- */

static bool
judge_it(struct report_view *view, struct error *err)
{
	unsigned step_sec = (unsigned)view->ask.question.settings.step_sec;

	return replay_history_read(&view->history, view->config, view->port, step_sec,
				   view->to_utc_sec, err) &&
	       replay_run(&view->replay, &view->history.input, &view->ask.question, err);
}

bool
report_view_open(struct report_view *view, const struct config *config, struct ledger *ledger,
		 const char *name, int32_t monday, bool judged, struct error *err)
{
	int64_t day_start_sec;

	*view = (struct report_view) { .config = config,
				       .plan = plan_of(config),
				       .monday = monday,
				       .advise = { .day = INT32_MIN } };
	if (!replay_ports_find_in(&view->ports, config, ledger, name, err))
		return false;
	view->port = &view->ports.ports[0];
	if (!replay_ask_port(&view->ask, &view->plan, config, view->port, err))
		return false;
	day_start_sec = report_view_settings(view)->day_start_sec;
	view->from_utc_sec = zone_day_begin_utc_sec(view->ask.zone, monday, (int32_t)day_start_sec);
	view->to_utc_sec =
	    zone_day_begin_utc_sec(view->ask.zone, monday + 7, (int32_t)day_start_sec);
	if (!weeks_read(view, err) || !steps_read(view, err) || (judged && !judge_it(view, err)))
		return false;
	view->is_known =
	    view->advise.day != INT32_MIN && (view->replay == NULL || view->replay->step_count > 0);
	return true;
}

void
report_view_close(struct report_view *view)
{
	replay_free(view->replay);
	replay_history_free(&view->history);
	replay_ask_end(&view->ask);
	replay_ports_free(&view->ports);
	free(view->steps);
	free(view->limit_bps);
	*view = (struct report_view) { 0 };
}

/* --- what was judged --- */

static bool
touches(const struct judge_member *member, const struct detector_window *window)
{
	return window->end_utc_sec > member->from_utc_sec &&
	       (member->to_utc_sec == 0 || window->start_utc_sec < member->to_utc_sec);
}

/* A port's time before the present peer had it, and between two times of its. */
static bool
is_of_others_then(const struct judge_member *member, const struct detector_window *window)
{
	for (size_t i = 0; i < member->other_count; i++)
		if (window->start_utc_sec >= member->others[i].from_utc_sec &&
		    window->end_utc_sec <= member->others[i].to_utc_sec)
			return true;
	return false;
}

/* What was said of one port of a connection is the peer's only while that port was. */
static bool
is_of_others(const struct report_view *view, size_t window)
{
	const struct judge_source *source = &view->port->source;
	int64_t of_port = view->port->window_ports[window];

	if (source->subject.kind == SUBJECT_PORT)
		return is_of_others_then(&source->members[0], &view->port->windows[window]);
	for (size_t i = 0; of_port != 0 && i < source->member_count; i++)
		if (source->members[i].port_id == of_port &&
		    touches(&source->members[i], &view->port->windows[window]) &&
		    !is_of_others_then(&source->members[i], &view->port->windows[window]))
			return false;
	return of_port != 0;
}

bool
report_view_window_is_told(const struct report_view *view, size_t i)
{
	const struct replay_port *port = view->port;

	return i < port->window_count &&
	       (port->window_asns[i] == 0 || port->window_asns[i] == port->port.asn) &&
	       !is_of_others(view, i);
}

bool
report_view_verdict_at(const struct report_view *view, enum direction direction, int32_t day,
		       enum verdict *verdict)
{
	size_t count = detector_day_count(view->replay->detector);
	struct detector_day first, found;

	if (count == 0)
		return false;
	detector_day_get(view->replay->detector, direction, 0, &first);
	if (day < first.day)
		return false;
	if ((size_t)(day - first.day) >= count) /* nothing was measured since */
		day = first.day + (int32_t)count - 1;
	detector_day_get(view->replay->detector, direction, (size_t)(day - first.day), &found);
	*verdict = found.verdict;
	return true;
}
