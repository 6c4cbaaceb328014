/* pipeline_alert.c - alerts in a live round: ports, connections, agents and exchanges as they stand, laid before the rules
 * of notify/alert*.h.
 *
 * A port is looked at when its view was made anew, which is when something about it may have changed; all that is well
 * costs a comparison and leaves nothing behind.  Agents, exchanges and connections are looked at with each publishing. */
#include "pipeline_alert.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "notify/alert_route.h"
#include "pipeline_connection.h"

#define QUARTER_SEC  900
#define PEAK_CHANGED 0.01 /* a share: less is not worth a row's writing */

/* --- what an observation changes --- */

static void
label(const struct watched_alert *alert, const char *event, const char *more)
{
	const struct alert_subject *subject = &alert->row.subject;

	log_info("alert", "event=%s kind=\"%s\" %s=%lld exchange=%s agent=%s direction=%s%s", event,
		 alert_kind_name(subject->kind), alert_scope_name(subject->scope),
		 (long long)subject->id, subject->exchange, subject->agent,
		 alert_kind_is_directed(subject->kind) ? model_direction_name(subject->direction)
						       : "-",
		 more);
}

/* One whose end was not told yet goes on: nobody learns that it ever paused. */
static void
row_begin(struct watched_alert *alert, int64_t now_utc_sec)
{
	struct ledger_alert *row = &alert->row;
	bool goes_on = row->id != 0 && row->ended_utc_sec != 0 && row->first_told_utc_sec != 0 &&
		       row->end_told_utc_sec == 0;

	if (goes_on) {
		row->ended_utc_sec = row->until_utc_sec = 0;
		alert->state.began_utc_sec = row->began_utc_sec;
		if (alert->state.again > 0)
			alert->state.again--; /* it never ended */
	} else {
		*row = (struct ledger_alert) { .subject = row->subject,
					       .began_utc_sec = alert->state.began_utc_sec,
					       .noticed_utc_sec = now_utc_sec,
					       .peak = alert->state.peak };
	}
	row->again = alert->state.again;
	label(alert, goes_on ? "goes-on" : "began", "");
}

static void
row_end(struct watched_alert *alert, int64_t now_utc_sec)
{
	struct ledger_alert *row = &alert->row;

	row->until_utc_sec = alert->state.until_utc_sec != 0 ? alert->state.until_utc_sec
							     : alert->state.clear_utc_sec;
	if (row->until_utc_sec < row->began_utc_sec)
		row->until_utc_sec = row->began_utc_sec;
	row->ended_utc_sec = now_utc_sec;
	row->blind_utc_sec = 0;
	row->peak = alert->state.peak;
	label(alert, "ended", "");
}

static void
alert_take(struct watched_alert *alert, const struct alert_rule *rule,
	   const struct alert_observation *seen, int64_t now_utc_sec)
{
	struct ledger_alert *row = &alert->row;
	enum alert_change change = alert_step(&alert->state, rule, seen);

	alert->value = seen->value;
	switch (change) {
	case ALERT_SAME:
		if (!alert->state.open || !(alert->state.peak > row->peak + PEAK_CHANGED ||
					    (isnan(row->peak) && !isnan(alert->state.peak))))
			return;
		row->peak = alert->state.peak;
		break;
	case ALERT_BEGAN: row_begin(alert, now_utc_sec); break;
	case ALERT_BLIND:
	case ALERT_SEES:
		row->blind_utc_sec = alert->state.blind_utc_sec;
		label(alert, change == ALERT_BLIND ? "blind" : "sees", "");
		break;
	case ALERT_ENDED: row_end(alert, now_utc_sec); break;
	}
	alert->unwritten = true;
}

/* What is well and always was leaves nothing behind. */
static void
subject_look(struct pipeline *pipeline, struct watched_alert **chain,
	     const struct alert_subject *subject, const struct alert_observation *seen,
	     int64_t now_utc_sec)
{
	struct pipeline_alerts *alerts = pipeline->alerts;
	struct watched_alert *alert = alert_find(*chain, subject->kind, subject->direction);

	if (alert == NULL && seen->level != ALERT_HOT)
		return;
	if (alert == NULL && !alert_kind_is_told(&pipeline->config->alert, subject->kind))
		return;
	if (alert == NULL)
		alert = alert_add(alerts, chain, subject);
	if (alert == NULL) {
		log_error("alert", "event=not-kept reason=\"out of memory\"");
		return;
	}
	alert->row.subject.asn = subject->asn;
	alert_take(alert, &alerts->rules[subject->kind], seen, now_utc_sec);
}

/* Nothing watches it any more. */
static void
alert_let_go(struct watched_alert *alert, int64_t now_utc_sec)
{
	if (!alert->state.open)
		return;
	alert->state.open = false;
	alert->state.ended_utc_sec = alert->state.until_utc_sec = now_utc_sec;
	row_end(alert, now_utc_sec);
	alert->unwritten = true;
}

/* --- ports --- */

/* Quarters that passed meanwhile hold nothing. */
static void
hour_advance(struct port_hour *hour, uint32_t quarter)
{
	if (quarter > hour->quarter + HOUR_PARTS || hour->quarter == 0)
		hour->quarter = quarter - HOUR_PARTS;
	while (hour->quarter < quarter) {
		hour->quarter++;
		hour->known[hour->quarter % HOUR_PARTS] = 0;
		hour->unknown[hour->quarter % HOUR_PARTS] = 0;
	}
}

void
port_alert_slot(struct watched_port *port, const struct sample *slot)
{
	const double *value = slot->value;
	uint32_t quarter = (uint32_t)((slot->end_utc_sec - 1) / QUARTER_SEC);
	struct port_hour *hour = &port->hour;

	/* A silent agent is told of itself; a port that is down has nothing to know. */
	if (port->agent->failing || value[COLUMN_OPER] == 0)
		return;
	hour_advance(hour, quarter);
	if (quarter + HOUR_PARTS <= hour->quarter)
		return; /* late: of before the hour */
	if (value[COLUMN_CAPACITY_BPS] > 0 &&
	    (!isnan(value[COLUMN_IN_BPS]) || !isnan(value[COLUMN_OUT_BPS])))
		hour->known[quarter % HOUR_PARTS]++;
	else
		hour->unknown[quarter % HOUR_PARTS]++;
}

static void
hour_sum(struct watched_port *port, struct alert_port *seen)
{
	hour_advance(&port->hour, (uint32_t)((seen->now_utc_sec - 1) / QUARTER_SEC));
	for (int i = 0; i < HOUR_PARTS; i++) {
		seen->slots_known += port->hour.known[i];
		seen->slots_unknown += port->hour.unknown[i];
	}
	seen->slots_hour = 3600 / port->pipeline->config->interval_sec;
}

static void
runs_fill(const struct watched_port *port, struct alert_port *seen)
{
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct detector_episode run;

		if (port->view.run[d] == 0 ||
		    !detector_open_run(judge_detector(port->judge), (enum direction)d, &run))
			continue;
		seen->run[d] = (struct alert_run) { .open = true,
						    .sustained = run.kind == EPISODE_SUSTAINED,
						    .start_utc_sec = run.start_utc_sec,
						    .end_utc_sec = run.end_utc_sec,
						    .peak_utilisation = run.peak_utilisation };
	}
}

static void
members_fill(const struct watched_port *port, struct alert_port *seen)
{
	const struct watched_lag *lag = port->lag;

	seen->member_count = lag != NULL ? (unsigned)lag->member_count : 0;
	for (unsigned i = 0; i < seen->member_count; i++) {
		seen->member_live += lag->members[i].now.state == MEMBER_LIVE;
		seen->member_unknown += lag->members[i].now.state == MEMBER_UNKNOWN;
	}
}

/* Of a port that is one of several of its peer, the connection's verdict is told. */
static void
verdicts_fill(const struct watched_port *port, struct alert_port *seen)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		seen->verdict[d] =
		    port->connection != NULL ? VERDICT_NONE : (enum verdict)port->verdict[d];
}

static void
values_fill(const struct watched_port *port, struct alert_port *seen)
{
	const struct snapshot_port *view = &port->view;

	seen->utilisation[DIRECTION_IN] = view->utilisation[DIRECTION_IN];
	seen->utilisation[DIRECTION_OUT] = view->utilisation[DIRECTION_OUT];
	seen->packets_pps[DIRECTION_IN] = view->value[COLUMN_IN_PPS];
	seen->packets_pps[DIRECTION_OUT] = view->value[COLUMN_OUT_PPS];
	seen->discards_pps[DIRECTION_IN] = view->value[COLUMN_IN_DISCARDS];
	seen->discards_pps[DIRECTION_OUT] = view->value[COLUMN_OUT_DISCARDS];
	seen->errors_pps[DIRECTION_IN] = view->value[COLUMN_IN_ERRORS];
	seen->errors_pps[DIRECTION_OUT] = view->value[COLUMN_OUT_ERRORS];
	seen->oper = view->value[COLUMN_OPER];
	seen->capacity_bps = view->capacity_bps;
}

static void
port_fill(struct watched_port *port, int64_t now_utc_sec, struct alert_port *seen)
{
	struct detector *detector = judge_detector(port->judge);

	*seen = (struct alert_port) {
		.now_utc_sec = now_utc_sec,
		.sampled_utc_sec = port->view.sampled_utc_sec,
		.fresh = !isnan(port->view.value[COLUMN_OPER]) ||
			 !isnan(port->view.utilisation[DIRECTION_IN]) ||
			 !isnan(port->view.utilisation[DIRECTION_OUT]),
		.agent_silent = port->agent->failing || !port->agent->asked_once,
		.vanished = port->port.vanished_utc_sec != 0,
		.vanished_utc_sec = port->port.vanished_utc_sec,
		.discards_trusted = port->use->agent->discards_trusted,
		.was_up = port->was_up,
		.judged = !port->waiting && !port->lost,
		.nominal_bps = detector_nominal_bps(detector, DIRECTION_OUT),
	};
	values_fill(port, seen);
	port->was_up |= seen->oper > 0;
	runs_fill(port, seen);
	members_fill(port, seen);
	verdicts_fill(port, seen);
	hour_sum(port, seen);
}

static void
port_let_go(struct watched_port *port, int64_t now_utc_sec)
{
	for (struct watched_alert *alert = port->alerts; alert != NULL; alert = alert->next)
		alert_let_go(alert, now_utc_sec);
}

void
port_alert_look(struct watched_port *port, int64_t now_utc_sec)
{
	struct pipeline *pipeline = port->pipeline;
	struct alert_observation seen[ALERT_KIND_COUNT][DIRECTION_COUNT];
	struct alert_subject subject = { .scope = ALERT_OF_PORT,
					 .id = port->port.id,
					 .exchange = port->port.exchange,
					 .agent = port->port.agent,
					 .asn = port->port.asn };
	struct alert_port stands;

	if (pipeline->alerts == NULL)
		return;
	if (port->retired) {
		port_let_go(port, now_utc_sec);
		return;
	}
	port_fill(port, now_utc_sec, &stands);
	alert_levels(&stands, &pipeline->alerts->limits, seen);
	for (int k = 0; k < ALERT_KIND_COUNT; k++)
		for (int d = DIRECTION_COUNT - 1; d >= 0; d--) {
			subject.kind = (enum alert_kind)k;
			subject.direction = (enum direction)d;
			if (seen[k][d].level == ALERT_HOT || port->alerts != NULL)
				subject_look(pipeline, &port->alerts, &subject, &seen[k][d],
					     now_utc_sec);
			if (!alert_kind_is_directed(subject.kind))
				break; /* there is but this one */
		}
}

/* --- connections --- */

/* Asked anew only when another step was judged, or all of it anew.  False before the first. */
static bool
connection_verdicts(struct watched_connection *c)
{
	struct detector *detector = judge_detector(c->judge);
	int64_t until_utc_sec = detector_until_utc_sec(detector);

	if (until_utc_sec == c->looked_utc_sec)
		return until_utc_sec != 0;
	c->looked_utc_sec = until_utc_sec;
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct detector_standing standing;

		detector_standing_get(detector, (enum direction)d, &standing);
		c->verdict[d] = (uint8_t)standing.verdict;
	}
	return true;
}

static void
connection_look(struct watched_connection *c, int64_t now_utc_sec)
{
	struct alert_subject subject = { .scope = ALERT_OF_CONNECTION,
					 .id = c->id,
					 .exchange = c->exchange->slug,
					 .agent = "",
					 .asn = c->asn };

	if (c->id == 0 || c->judge == NULL || c->lost || judge_detector(c->judge) == NULL)
		return;
	if (!connection_verdicts(c))
		return;
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct alert_observation routine, recurring;

		alert_levels_verdict((enum verdict)c->verdict[d], true, now_utc_sec, &routine,
				     &recurring);
		subject.direction = (enum direction)d;
		subject.kind = ALERT_ROUTINE;
		subject_look(c->pipeline, &c->alerts, &subject, &routine, now_utc_sec);
		subject.kind = ALERT_RECURRING;
		subject_look(c->pipeline, &c->alerts, &subject, &recurring, now_utc_sec);
	}
}

/* --- agents and exchanges --- */

/* Since its last answer; one that never answered, since the start. */
static int64_t
silent_since(const struct watched_agent *agent)
{
	if (!agent->failing)
		return 0;
	return agent->view.answered_utc_sec != 0 ? agent->view.answered_utc_sec
						 : agent->pipeline->snapshot.started_utc_sec;
}

static void
agent_use_look(struct watched_agent *agent, size_t k, int64_t now_utc_sec)
{
	struct pipeline *pipeline = agent->pipeline;
	const struct roster_use *use = &agent->roster->uses[k];
	struct watched_exchange *exchange =
	    &pipeline->alerts->exchanges[use->exchange - pipeline->config->exchanges];
	struct alert_subject subject = { .kind = ALERT_AGENT_UNREACHABLE,
					 .scope = ALERT_OF_AGENT,
					 .direction = DIRECTION_OUT,
					 .exchange = use->exchange->slug,
					 .agent = use->agent->name };
	int64_t since_utc_sec = silent_since(agent);
	struct alert_observation seen =
	    alert_level_agent(agent->asked_once, since_utc_sec, now_utc_sec);

	subject_look(pipeline, &agent->alerts[k], &subject, &seen, now_utc_sec);
	exchange->agent_count++;
	exchange->failing_count += agent->asked_once && since_utc_sec != 0;
	exchange->unasked_count += !agent->asked_once;
	if (since_utc_sec > exchange->silent_utc_sec)
		exchange->silent_utc_sec = since_utc_sec;
}

static void
exchange_look(struct pipeline *pipeline, struct watched_exchange *exchange, int64_t now_utc_sec)
{
	struct alert_subject subject = { .kind = ALERT_EXCHANGE_UNREACHABLE,
					 .scope = ALERT_OF_EXCHANGE,
					 .direction = DIRECTION_OUT,
					 .exchange = exchange->config->slug,
					 .agent = "" };
	struct alert_observation seen = alert_level_exchange(
	    exchange->agent_count, exchange->failing_count, exchange->unasked_count, now_utc_sec);

	seen.since_utc_sec = seen.level == ALERT_HOT ? exchange->silent_utc_sec : 0;
	subject_look(pipeline, &exchange->alerts, &subject, &seen, now_utc_sec);
}

static void
agents_look(struct pipeline *pipeline, int64_t now_utc_sec)
{
	struct pipeline_alerts *alerts = pipeline->alerts;

	for (size_t i = 0; i < alerts->exchange_count; i++) {
		struct watched_exchange *exchange = &alerts->exchanges[i];

		exchange->agent_count = exchange->failing_count = exchange->unasked_count = 0;
		exchange->silent_utc_sec = 0;
	}
	for (size_t i = 0; i < pipeline->agent_count; i++)
		for (size_t k = 0; k < pipeline->agents[i].roster->use_count; k++)
			agent_use_look(&pipeline->agents[i], k, now_utc_sec);
	for (size_t i = 0; i < alerts->exchange_count; i++)
		exchange_look(pipeline, &alerts->exchanges[i], now_utc_sec);
}

/* --- all of it --- */

void
alerts_look(struct pipeline *pipeline, int64_t now_utc_sec)
{
	struct error err = { 0 };

	if (pipeline->alerts != NULL && pipeline->alerts->stale) {
		alerts_close(pipeline);
		if (!alerts_open(pipeline, &err))
			log_error("alert", "event=not-read reason=\"%s\"", err.text);
	}
	if (pipeline->alerts == NULL)
		return;
	agents_look(pipeline, now_utc_sec);
	for (size_t i = 0; i < pipeline->connection_count; i++)
		connection_look(pipeline->connections[i], now_utc_sec);
	if (!alerts_write(pipeline, &err) || !alerts_tell(pipeline, now_utc_sec, &err)) {
		if (pipeline->house.trouble.code == ERR_NONE)
			pipeline->house.trouble = err; /* all or nothing */
		return;
	}
	alerts_sweep(pipeline, now_utc_sec);
}

void
alerts_committed(struct pipeline *pipeline, bool done)
{
	if (pipeline->alerts != NULL && !done)
		pipeline->alerts->stale = true;
}

void
pipeline_quiets_changed(struct pipeline *pipeline)
{
	if (pipeline->alerts != NULL)
		pipeline->alerts->quiets_stale = true;
}
