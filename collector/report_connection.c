/* report_connection.c - see report_connection.h. */
#include "report_connection.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"
#include "report_capacity.h"
#include "report_side.h"

#define HOLE_SEC (30 * 60)

static const enum direction directions[] = { DIRECTION_OUT, DIRECTION_IN };

/* --- ports --- */

static void
put_down(struct json *out, const struct report_view *view)
{
	double down_sec = 0;
	bool any = false;

	for (size_t i = 0; i < view->step_count; i++) {
		double oper = view->steps[i].value[COLUMN_OPER];

		if (isnan(oper))
			continue;
		any = true;
		down_sec += (1 - oper) * REPORT_STEP_SEC;
	}
	if (any)
		json_put_int(out, "down_minutes", (int64_t)(down_sec / 60 + 0.5));
	else
		json_put_null(out, "down_minutes");
}

/* A port, and how full it was at its 95th percentile. */
struct port_load {
	const struct report_port *port;
	double p95[DIRECTION_COUNT];
	double capacity_bps;
};

static bool
put_port(struct json *list, const struct report_house *house, const struct report_port *port,
	 const struct report_view *view, struct port_load *load, enum capacity_source *source,
	 struct error *err)
{
	struct json *out = json_put_object(list, ""), *both;

	if (!report_capacity_source(source, house->ledger, view, port->id, err))
		return false;
	*load = (struct port_load) { .port = port, .capacity_bps = report_capacity_bps(view) };
	json_put_int(out, "id", port->id);
	json_put_text(out, "agent", port->agent);
	json_put_text(out, "interface", port->interface);
	json_put_text(out, "circuit", port->circuit);
	json_put_number(out, "capacity_bps", load->capacity_bps);
	json_put_text(out, "capacity_source", model_capacity_source_name(*source));
	put_down(out, view);
	both = json_put_object(out, "directions");
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		enum direction direction = directions[i];

		load->p95[direction] = report_view_week(view, direction)->p95_utilisation;
		report_figures_put(json_put_object(both, model_direction_name(direction)), view,
				   direction, view->ask.question.terms.discards_trusted);
	}
	return true;
}

static bool
put_port_of_several(struct json *list, const struct report_house *house,
		    const struct report_port *port, int32_t monday, struct report_csv *csv,
		    struct port_load *load, enum capacity_source *source, struct error *err)
{
	struct report_view view;
	char name[32];
	bool done;

	snprintf(name, sizeof(name), "%lld", (long long)port->id);
	done = report_view_open(&view, house->config, house->ledger, name, monday, false, err) &&
	       put_port(list, house, port, &view, load, source, err) &&
	       report_csv_add(csv, &view, err);
	report_view_close(&view);
	return done;
}

/* *source: theirs where it is the same of all. */
static bool
put_ports(struct json *out, const struct report_house *house,
	  const struct peer_connection *connection, const struct report_view *view,
	  struct report_csv *csv, struct port_load *loads, enum capacity_source *source,
	  struct error *err)
{
	struct json *list = json_put_array(out, "ports");

	if (view->port->source.subject.kind == SUBJECT_PORT)
		return put_port(list, house, connection->ports, view, loads, source, err) &&
		       report_csv_add(csv, view, err);
	for (size_t i = 0; i < connection->port_count; i++) {
		enum capacity_source of_port;

		if (!put_port_of_several(list, house, &connection->ports[i], view->monday, csv,
					 &loads[i], &of_port, err))
			return false;
		*source = i == 0 || of_port == *source ? of_port : CAPACITY_UNKNOWN;
	}
	return true;
}

/* --- load that is uneven --- */

static bool
is_full(const struct report_view *view, const struct port_load *load, enum direction direction)
{
	return load->p95[direction] >= report_view_settings(view)->congested_share;
}

static void
put_uneven(struct json *out, const struct report_view *view, const struct port_load *loads,
	   size_t count)
{
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		enum direction direction = directions[i];
		const struct port_load *full = NULL, *spare = NULL;

		for (size_t n = 0; n < count; n++) {
			double p95 = loads[n].p95[direction];

			if (is_full(view, &loads[n], direction) &&
			    (full == NULL || p95 > full->p95[direction]))
				full = &loads[n];
			if (p95 < ADVICE_ROOM && (spare == NULL || p95 < spare->p95[direction]))
				spare = &loads[n];
		}
		if (full == NULL || spare == NULL)
			continue;
		out = json_put_object(out, "uneven");
		json_put_text(out, "direction", model_direction_name(direction));
		json_put_text(out, "port", full->port->interface);
		json_put_number(out, "port_p95_utilisation", full->p95[direction]);
		json_put_text(out, "other", spare->port->interface);
		json_put_number(out, "other_p95_utilisation", spare->p95[direction]);
		return;
	}
	json_put_null(out, "uneven");
}

/* --- windows, and what is unknown --- */

static void
put_windows(struct json *out, const struct report_view *view)
{
	const struct replay_question *question = &view->ask.question;
	struct json *list = json_put_array(out, "windows");
	int64_t since =
	    zone_day_begin_utc_sec(report_view_zone(view), view->monday + 7 - REPORT_DAYS,
				   (int32_t)report_view_settings(view)->day_start_sec);

	for (size_t i = 0; i < question->window_count; i++) {
		const struct detector_window *window = &question->windows[i];
		struct json *row;

		if (window->end_utc_sec <= since || window->start_utc_sec >= view->to_utc_sec ||
		    !report_view_window_is_told(view, i))
			continue;
		row = json_put_object(list, "");
		json_put_utc(row, "from", window->start_utc_sec);
		json_put_utc(row, "to", window->end_utc_sec);
		json_put_text(row, "cause", detector_cause_name(window->cause));
		json_put_text(row, "reason", question->window_texts[i]);
	}
}

/* Why a step is unknown; NULL: it is known. */
static const char *
why_unknown(const struct report_view *view, size_t i)
{
	const double *value = view->steps[i].value;
	bool is_port = view->port->source.subject.kind == SUBJECT_PORT;
	int64_t end = view->steps[i].end_utc_sec;

	if (!isnan(report_view_share(view, i, DIRECTION_OUT)) &&
	    !isnan(report_view_share(view, i, DIRECTION_IN)))
		return NULL;
	if (end <= view->advise.first_utc_sec)
		return is_port ? "it was not watched yet, or not yours"
			       : "its ports were not watched yet, or not yours";
	if (is_port &&
	    judge_member_was_others(&view->port->source.members[0], end - REPORT_STEP_SEC, end))
		return "the port was not yours then";
	if (isnan(value[COLUMN_OUT_BPS]) && isnan(value[COLUMN_IN_BPS]))
		return is_port ? "its counters could not be read"
			       : "the counters of one of its ports could not be read";
	if (!(value[COLUMN_CAPACITY_BPS] > 0))
		return "its capacity was not known then";
	return "the counters of one direction could not be used";
}

static void
put_hole(struct json *list, int64_t from, int64_t to, const char *why)
{
	struct json *out;

	if (why == NULL || to - from < HOLE_SEC)
		return;
	out = json_put_object(list, "");
	json_put_utc(out, "from", from);
	json_put_utc(out, "to", to);
	json_put_text(out, "why", why);
}

static void
put_unknown(struct json *out, const struct report_view *view)
{
	struct json *list = json_put_array(out, "unknown");
	const char *why = NULL;
	int64_t from = view->from_utc_sec;

	for (size_t i = 0; i < view->step_count; i++) {
		const char *now = why_unknown(view, i);

		if (now == why)
			continue;
		put_hole(list, from, report_view_step_utc_sec(view, i), why);
		why = now;
		from = report_view_step_utc_sec(view, i);
	}
	put_hole(list, from, view->to_utc_sec, why);
}

/* --- advice --- */

/* A port of their own that stands nearly empty beside a full one. */
static void
put_free_ports(struct json *out, const struct report_view *view, const struct port_load *loads,
	       size_t count)
{
	struct json *list = json_put_array(out, "free_port");
	bool any_full = false;

	for (size_t i = 0; i < count; i++)
		for (int d = 0; d < DIRECTION_COUNT; d++)
			any_full = any_full || is_full(view, &loads[i], (enum direction)d);
	for (size_t i = 0; i < count && any_full && count > 1; i++) {
		double p95 = fmax(loads[i].p95[DIRECTION_IN], loads[i].p95[DIRECTION_OUT]);
		struct json *row;

		if (!(p95 < ADVICE_ROOM))
			continue;
		row = json_put_object(list, "");
		json_put_text(row, "agent", loads[i].port->agent);
		json_put_text(row, "interface", loads[i].port->interface);
		json_put_number(row, "capacity_bps", loads[i].capacity_bps);
		json_put_number(row, "p95_utilisation", p95);
	}
}

/* What would have held both directions. */
static void
put_size(struct json *out, const struct report_view *view)
{
	const struct advice *best = NULL;

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		const struct advice *advice = &view->advise.advice[directions[i]];

		if (advice->size_known && !advice->size_is_enough && !isnan(advice->member_bps) &&
		    (best == NULL || advice->member_bps * advice->member_count >
					 best->member_bps * best->member_count))
			best = advice;
	}
	if (best == NULL) {
		json_put_null(out, "size");
		return;
	}
	out = json_put_object(out, "size");
	json_put_number(out, "capacity_bps", best->member_bps * best->member_count);
	json_put_int(out, "members", best->member_count);
	json_put_number(out, "member_bps", best->member_bps);
}

/* --- together --- */

static const char *
kind_of(const struct peer_connection *connection)
{
	for (size_t i = 0; i < connection->port_count; i++)
		if (connection->ports[i].kind == KIND_MEMBER)
			return model_kind_name(KIND_MEMBER);
	return model_kind_name(connection->ports[0].kind);
}

static void
put_head(struct json *out, const struct report_peer *peer, const struct peer_connection *connection,
	 const struct report_view *view)
{
	const struct report_port *first = connection->ports;
	const struct config_exchange *exchange = view->port->exchange;

	json_put_text(out, "exchange", first->exchange);
	json_put_text(out, "exchange_name", exchange->name);
	json_put_text(out, "timezone", exchange->timezone);
	json_put_text(out, "kind", kind_of(connection));
	json_put_int(out, "asn", first->asn);
	json_put_text(out, "peer", first->peer[0] != '\0' ? first->peer : peer->name);
	json_put_utc(out, "from", view->from_utc_sec);
	json_put_utc(out, "to", view->to_utc_sec);
	json_put_int(out, "hours", (view->to_utc_sec - view->from_utc_sec) / 3600);
}

static bool
put_all(struct json *out, struct json **advice, const struct report_house *house,
	const struct report_peer *peer, const struct peer_connection *connection,
	const struct report_view *view, struct report_csv *csv, struct port_load *loads,
	struct error *err)
{
	enum capacity_source source = CAPACITY_UNKNOWN;
	struct json *both;

	put_head(out, peer, connection, view);
	if (!put_ports(out, house, connection, view, csv, loads, &source, err))
		return false;
	report_capacity_put(out, view, source);
	both = json_put_object(out, "directions");
	for (int i = 0; i < DIRECTION_COUNT; i++)
		report_side_put(both, model_direction_name(directions[i]), view, directions[i]);
	put_uneven(out, view, loads, connection->port_count);
	put_windows(out, view);
	put_unknown(out, view);
	*advice = json_put_object(out, "advice");
	put_free_ports(*advice, view, loads, connection->port_count);
	put_size(*advice, view);
	json_put_text(out, "policy", view->port->exchange->policy);
	return true;
}

bool
report_connection_put(struct json *list, struct json **out, const struct report_house *house,
		      const struct report_peer *peer, const struct peer_connection *connection,
		      const struct report_view *view, struct report_csv *csv,
		      struct report_track *track, struct error *err)
{
	struct port_load *loads = calloc(connection->port_count, sizeof(*loads));
	struct json *advice = NULL;
	bool done;

	*out = json_put_object(list, "");
	if (loads == NULL)
		return error_set(err, ERR_NOMEM, "ports of a letter: out of memory");
	done = put_all(*out, &advice, house, peer, connection, view, csv, loads, err) &&
	       report_track_init(track, view, view->port->exchange->name, advice, err);
	free(loads);
	return done;
}
