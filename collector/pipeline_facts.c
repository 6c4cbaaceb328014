/* pipeline_facts.c - see pipeline_facts.h.
 *
 * Figures are those of the pages: utilisation, capacity and its source from the port's view, rates by utilisation.h, the
 * 95th percentile from the port's advice. */
#include "pipeline_facts.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/ledger_advice.h"
#include "ixwatch/log.h"
#include "ixwatch/signed_link.h"
#include "ixwatch/utilisation.h"
#include "pipeline_connection.h"

#define ACKNOWLEDGE_SEC (INT64_C(7) * 86400) /* so long is the link good */

static const enum column bps_column[] = { COLUMN_IN_BPS, COLUMN_OUT_BPS };
static const enum column pps_column[] = { COLUMN_IN_PPS, COLUMN_OUT_PPS };

enum alert_told_what
pipeline_told_what(enum alert_telling telling)
{
	switch (telling) {
	case ALERT_TELL_ESCALATE: return TOLD_ESCALATION;
	case ALERT_TELL_REPEAT: return TOLD_REPEAT;
	case ALERT_TELL_END: return TOLD_RECOVERY;
	default: return TOLD_ALERT;
	}
}

/* --- each line --- */

/* "" for what is not there. */
static struct message_line
line_of(const struct alert_line *told)
{
	const struct ledger_alert *row = &told->alert->row;

	return (struct message_line) {
		.subject = row->subject,
		.what = pipeline_told_what(told->telling),
		.alert_id = row->id,
		.began_utc_sec = row->began_utc_sec,
		.until_utc_sec = row->ended_utc_sec != 0 ? row->until_utc_sec : 0,
		.blind_utc_sec = row->blind_utc_sec,
		.interface = "",
		.alias = "",
		.peer = "",
		.runbook = "",
		.circuit = "",
		.note = "",
		.now = told->alert->value,
		.peak = row->peak,
		.rate_bps = NAN,
		.capacity_bps = NAN,
		.p95 = NAN,
		.p95_known = NAN,
		.works = "",
		.reason = "",
	};
}

/* What is told in utilisation is so as the pages show it; the rest is as the alert saw it. */
static bool
is_utilisation(enum alert_kind kind)
{
	return kind == ALERT_SATURATED || kind == ALERT_CONGESTION ||
	       alert_kind_audience(kind) == ALERT_FOR_COORDINATOR;
}

static void
line_take_port(struct message_line *line, const struct watched_port *port)
{
	const struct snapshot_port *view = &port->view;
	enum direction d = line->subject.direction;

	line->interface = port->port.interface;
	line->alias = port->port.alias;
	line->peer = port->port.peer;
	line->kind = port->port.kind;
	line->circuit = port->port.circuit;
	line->note = port->port.note;
	if (port->port.kind != KIND_NONE)
		line->runbook = port->pipeline->config->alert.runbook[port->port.kind];
	if (is_utilisation(line->subject.kind))
		line->now = view->utilisation[d];
	line->rate_bps =
	    utilisation_wire_bps(view->value[bps_column[d]], view->value[pps_column[d]]);
	line->capacity_bps = view->capacity_bps;
	line->capacity_source = (enum capacity_source)view->capacity_source;
}

static bool
line_take_percentile(struct message_line *line, struct ledger *ledger, struct error *err)
{
	struct ledger_advice row;
	struct subject subject = line->subject.scope == ALERT_OF_CONNECTION
				     ? subject_connection(line->subject.id)
				     : subject_port(line->subject.id);

	if (!ledger_advice_get(ledger, subject, line->subject.direction, &row, err))
		return false;
	line->p95 = row.advice.p95_utilisation;
	line->p95_days = ADVICE_DAYS;
	if (row.advice.possible_samples > 0)
		line->p95_known = (double)row.advice.known_samples / row.advice.possible_samples;
	return true;
}

static const struct watched_connection *
connection_find(const struct pipeline *pipeline, int64_t id)
{
	for (size_t i = 0; i < pipeline->connection_count; i++)
		if (pipeline->connections[i]->id == id)
			return pipeline->connections[i];
	return NULL;
}

static void
line_take_connection(struct message_line *line, const struct watched_connection *c)
{
	if (c == NULL || c->seat_count == 0)
		return;
	line->peer = c->seats[0].port->port.peer;
	line->kind = c->seats[0].port->port.kind;
	line->now = c->judge != NULL && judge_detector(c->judge) != NULL
			? detector_utilisation(judge_detector(c->judge), line->subject.direction)
			: NAN;
}

static bool
is_on(const struct watched_port *port, const struct alert_subject *subject)
{
	return strcmp(port->port.exchange, subject->exchange) == 0 &&
	       (subject->scope != ALERT_OF_AGENT || strcmp(port->port.agent, subject->agent) == 0);
}

static void
line_count_ports(struct message_line *line, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->port_count; i++)
		line->port_count +=
		    !pipeline->ports[i]->retired && is_on(pipeline->ports[i], &line->subject);
}

/* --- around the worst --- */

static bool
is_affected(const struct watched_port *port, enum alert_kind worst)
{
	bool blind = worst == ALERT_AGENT_UNREACHABLE || worst == ALERT_EXCHANGE_UNREACHABLE;

	for (const struct watched_alert *alert = port->alerts; alert != NULL; alert = alert->next)
		if (alert->state.open && alert->row.subject.kind != ALERT_DATA_QUALITY &&
		    alert_kind_audience(alert->row.subject.kind) == ALERT_FOR_NOC)
			return true;
	return blind && port->agent->failing;
}

static void
reach_count(struct message_facts *facts, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->port_count; i++) {
		const struct watched_port *port = pipeline->ports[i];
		bool affected;

		if (port->retired)
			continue;
		affected = is_affected(port, facts->lines[0].subject.kind);
		facts->everywhere.port_count++;
		facts->everywhere.affected_count += affected;
		if (strcmp(port->port.exchange, facts->exchange) == 0) {
			facts->here.port_count++;
			facts->here.affected_count += affected;
		}
	}
}

static double
free_bps(const struct message_room *room)
{
	double bps = room->capacity_bps * (1 - room->utilisation);

	return isnan(bps) ? -1 : bps;
}

/* The most room first; of those that do not fit the least goes. */
static size_t
room_add(struct message_room *rooms, size_t count, const struct message_room *room)
{
	size_t i = count < FACTS_ROOMS_MAX ? count : FACTS_ROOMS_MAX - 1;

	if (count == FACTS_ROOMS_MAX && free_bps(&rooms[i]) >= free_bps(room))
		return count;
	for (; i > 0 && free_bps(&rooms[i - 1]) < free_bps(room); i--)
		rooms[i] = rooms[i - 1];
	rooms[i] = *room;
	return count < FACTS_ROOMS_MAX ? count + 1 : count;
}

/* Whether it went down near the alert's beginning: one that nobody saw up may have been down for long. */
static bool
went_down(const struct watched_port *port, const struct message_line *line)
{
	return port->was_up && port->view.state == STATE_DOWN &&
	       llabs(port->view.state_since_utc_sec - line->began_utc_sec) <= FACTS_NEAR_SEC;
}

/* The peer's other ports, wherever they are: how much room is on them, and that one went down. */
static void
siblings_look(struct pipeline_facts *out, const struct pipeline *pipeline,
	      const struct watched_port *of)
{
	struct message_line *line = &out->lines[0];

	line->rooms = out->rooms;
	line->rooms_known = of->port.asn != 0;
	for (size_t i = 0; i < pipeline->port_count && of->port.asn != 0; i++) {
		const struct watched_port *port = pipeline->ports[i];
		enum direction d = line->subject.direction;
		struct message_room room = { port->port.exchange, port->port.agent,
					     port->port.interface, port->view.utilisation[d],
					     port->view.capacity_bps };
		char text[FACTS_CHANGE_SIZE];

		if (port == of || port->retired || port->in_lag || port->port.asn != of->port.asn ||
		    port->port.vanished_utc_sec != 0)
			continue;
		if (went_down(port, line)) {
			snprintf(text, sizeof(text), "its port %.40s/%.60s/%.60s went down",
				 port->port.exchange, port->port.agent, port->port.interface);
			facts_change_add(&out->changes, port->view.state_since_utc_sec, text);
		}
		if (port->view.state != STATE_DOWN)
			line->room_count = room_add(out->rooms, line->room_count, &room);
	}
}

/* Other peers' ports of the same agent: how many went down, for it may be a card. */
static void
neighbours_look(struct pipeline_facts *out, const struct watched_port *of)
{
	const struct message_line *line = &out->lines[0];
	char text[FACTS_CHANGE_SIZE];
	int64_t first_utc_sec = 0;
	size_t count = 0;

	for (size_t i = 0; i < of->agent->port_count; i++) {
		const struct watched_port *port = of->agent->ports[i];
		int64_t since_utc_sec = port->view.state_since_utc_sec;

		if (port == of || port->retired || !went_down(port, line) ||
		    (of->port.asn != 0 && port->port.asn == of->port.asn))
			continue;
		count++;
		if (first_utc_sec == 0 || since_utc_sec < first_utc_sec)
			first_utc_sec = since_utc_sec;
	}
	if (count == 0)
		return;
	snprintf(text, sizeof(text), "%zu other port%s of %.100s went down", count,
		 count == 1 ? "" : "s", of->port.agent);
	facts_change_add(&out->changes, first_utc_sec, text);
}

static bool
around_port(struct pipeline_facts *out, struct pipeline *pipeline, const struct watched_port *port,
	    const struct config_exchange *exchange, struct error *err)
{
	struct message_line *line = &out->lines[0];
	struct detector_settings settings;
	struct facts_ask ask = { .ledger = pipeline->house.ledger,
				 .port_id = port->port.id,
				 .direction = line->subject.direction,
				 .zone = out->zone,
				 .began_utc_sec = line->began_utc_sec,
				 .now_utc_sec = out->facts.now_utc_sec };

	config_detector(pipeline->config, exchange, port->settings, NULL, &settings);
	ask.profile = settings.profile;
	ask.day_start_sec = (int32_t)settings.day_start_sec;
	ask.valid_share = settings.valid_share;
	if (line->until_utc_sec != 0)
		ask.now_utc_sec = line->until_utc_sec; /* usual is asked of the time it held */
	if (!facts_usual(&ask, &line->usual, err) || !facts_changes(&ask, &out->changes, err))
		return false;
	ask.now_utc_sec = out->facts.now_utc_sec;
	if (!facts_works(&ask, out->works, sizeof(out->works), err))
		return false;
	siblings_look(out, pipeline, port);
	neighbours_look(out, port);
	line->works = out->works;
	line->changes = out->changes.change;
	line->change_count = out->changes.count;
	line->changes_known = true;
	return true;
}

/* Of a verdict: the rule and the days it rests on. */
static void
reason_take(struct pipeline_facts *out, struct judge *judge)
{
	struct message_line *line = &out->lines[0];

	if (alert_kind_audience(line->subject.kind) != ALERT_FOR_COORDINATOR || judge == NULL ||
	    judge_detector(judge) == NULL)
		return;
	line->reason = detector_reason(judge_detector(judge), line->subject.direction, out->reason,
				       sizeof(out->reason));
}

/* --- the link that acknowledges it --- */

/* The key of the configuration, or one of our own beside the ledger. */
static bool
keys_get(const struct config *config, struct link_keys *keys)
{
	struct error err;
	char path[LINK_PATH_SIZE];

	if (link_keys_make(keys, link_keys_path(path, config->state_dir, config->web.link_key_file),
			   &err))
		return true;
	log_warn("alert", "event=no-links reason=\"%s\"", err.text);
	return false;
}

/* For the recipient alone: of the one alert it tells, or of the mail that tells several; without a key it goes without. */
static void
ack_put(struct pipeline_facts *out, const struct config *config, const struct alert_letter *letter)
{
	bool several = letter->line_count > 1;
	struct link_claim claim = { .purpose = several ? LINK_ACKNOWLEDGE_MAIL : LINK_ACKNOWLEDGE,
				    .id = several ? letter->mail_id : out->lines[0].alert_id,
				    .expires_utc_sec = out->facts.now_utc_sec + ACKNOWLEDGE_SEC };
	char token[LINK_TOKEN_SIZE];
	struct link_keys keys;

	out->facts.ack_url = "";
	if (letter->recovery || strlen(letter->recipient) > LINK_SCOPE_MAX ||
	    !keys_get(config, &keys))
		return;
	strcpy(claim.scope, letter->recipient);
	if (link_sign(token, &keys, &claim)[0] != '\0' &&
	    snprintf(out->ack_url, sizeof(out->ack_url), "%s/a/%s", config->web.base_url, token) <
		(int)sizeof(out->ack_url))
		out->facts.ack_url = out->ack_url;
	link_keys_drop(&keys);
}

/* Whom to call there about the worst one. */
static void
contacts_put(struct message_line *line, const struct config *config)
{
	const struct config_peer *peer =
	    line->subject.asn != 0 ? config_peer_find(config, line->subject.asn) : NULL;

	if (peer == NULL)
		return;
	line->contact_count = peer->contacts.count;
	line->contacts = peer->contacts.text;
}

/* --- all of it --- */

static bool
lines_fill(struct pipeline_facts *out, struct pipeline *pipeline, const struct alert_letter *letter,
	   const struct config_exchange *exchange, struct error *err)
{
	for (size_t i = 0; i < letter->line_count; i++) {
		struct message_line *line = &out->lines[i];
		const struct watched_port *port;

		*line = line_of(&letter->lines[i]);
		if (line->subject.scope == ALERT_OF_CONNECTION) {
			line_take_connection(line, connection_find(pipeline, line->subject.id));
			if (i < MESSAGE_LINES_MAX &&
			    !line_take_percentile(line, pipeline->house.ledger, err))
				return false;
		}
		if (line->subject.scope != ALERT_OF_PORT) {
			if (i < MESSAGE_LINES_MAX && line->subject.scope != ALERT_OF_CONNECTION)
				line_count_ports(line, pipeline);
			continue;
		}
		port = pipeline_port_find(pipeline, line->subject.id);
		if (port == NULL)
			continue;
		line_take_port(line, port);
		if (i < MESSAGE_LINES_MAX &&
		    !line_take_percentile(line, pipeline->house.ledger, err))
			return false;
		if (i == 0 && exchange != NULL && !around_port(out, pipeline, port, exchange, err))
			return false;
		if (i == 0)
			reason_take(out, port->judge);
	}
	if (out->lines[0].subject.scope == ALERT_OF_CONNECTION) {
		const struct watched_connection *c =
		    connection_find(pipeline, out->lines[0].subject.id);

		reason_take(out, c != NULL ? c->judge : NULL);
	}
	return true;
}

bool
pipeline_facts_gather(struct pipeline_facts *out, struct pipeline *pipeline,
		      const struct alert_letter *letter, int64_t now_utc_sec, bool graph,
		      struct error *err)
{
	const char *slug = letter->lines[0].alert->row.subject.exchange;
	const struct config_exchange *exchange = config_exchange_find(pipeline->config, slug);
	int64_t repeat_sec = pipeline->alerts->pace.repeat_sec;

	memset(out, 0, sizeof(*out));
	out->lines = calloc(letter->line_count, sizeof(*out->lines));
	if (out->lines == NULL)
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	if (!zone_open(&out->zone, exchange != NULL ? exchange->timezone : "UTC", err))
		return false;
	out->facts = (struct message_facts) {
		.now_utc_sec = now_utc_sec,
		.exchange = slug,
		.exchange_name = exchange != NULL ? exchange->name : "",
		.zone = out->zone,
		.base_url = pipeline->config->web.base_url,
		.line_count = letter->line_count,
		.lines = out->lines,
		.next_utc_sec = !letter->recovery && repeat_sec > 0 ? now_utc_sec + repeat_sec : 0,
		.graph = graph,
	};
	if (!lines_fill(out, pipeline, letter, exchange, err))
		return false;
	reach_count(&out->facts, pipeline);
	contacts_put(&out->lines[0], pipeline->config);
	ack_put(out, pipeline->config, letter);
	return true;
}

void
pipeline_facts_end(struct pipeline_facts *facts)
{
	zone_close(facts->zone);
	free(facts->lines);
	memset(facts, 0, sizeof(*facts));
}
