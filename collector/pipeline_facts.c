/* pipeline_facts.c - see pipeline_facts.h. */
#include "pipeline_facts.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/ledger_advice.h"
#include "ixwatch/log.h"
#include "ixwatch/signed_link.h"
#include "ixwatch/units.h"
#include "ixwatch/utilisation.h"
#include "notify/facts.h"
#include "pipeline_connection.h"

#define ACKNOWLEDGE_SEC (INT64_C(7) * 86400) /* so long is its link good */
#define PAST_SEC        (INT64_C(9) * 86400) /* of episodes that "usual" may look at, and some */
#define SPANS_MAX       256
#define ROOMS_MAX       4
#define CAPACITIES_MAX  16 /* of the newest: what changed long before is not near */
#define LINK_KEY_NAME   "link.key"

struct line_facts {
	struct facts_changes changes;
	struct message_room rooms[ROOMS_MAX];
	char works[600];
	char reason[1024];
	char ack_url[600];
};

/* One line in the making. */
struct making {
	struct pipeline *pipeline;
	const struct ledger_alert *alert;
	struct message_line *line;
	struct line_facts *kept;
	const struct zone *zone; /* of the exchange; NULL */
	int64_t now_utc_sec;
	struct watched_port *port;                   /* NULL: it is not about one */
	const struct watched_connection *connection; /* NULL: it is not about one */
	struct error *err;
};

/* --- its own figures --- */

static void
take_port(struct making *making)
{
	const struct watched_port *port = making->port;
	enum direction d = making->alert->subject.direction;
	const struct snapshot_port *view = &port->view;
	struct message_line *line = making->line;

	line->interface = port->port.interface;
	line->alias = port->port.alias;
	line->peer = port->port.peer;
	line->kind = port->port.kind;
	line->circuit = port->port.circuit;
	line->note = port->port.note;
	line->now = port_alert_value(making->port, &making->alert->subject, making->now_utc_sec);
	line->rate_bps =
	    utilisation_wire_bps(view->value[d == DIRECTION_IN ? COLUMN_IN_BPS : COLUMN_OUT_BPS],
				 view->value[d == DIRECTION_IN ? COLUMN_IN_PPS : COLUMN_OUT_PPS]);
	line->capacity_bps = view->capacity_bps;
	line->capacity_source = (enum capacity_source)view->capacity_source;
}

/* Its ports are one peer's: the first one says whose. */
static void
take_connection(struct making *making)
{
	const struct watched_connection *connection = making->connection;

	if (connection->seat_count == 0)
		return;
	making->line->peer = connection->seats[0].port->port.peer;
	making->line->kind = connection->seats[0].port->port.kind;
}

/* The number that pages and API show. */
static bool
take_percentile(struct making *making)
{
	struct message_line *line = making->line;
	struct ledger_advice advice;

	if (making->port == NULL || !alert_kind_is_directed(making->alert->subject.kind))
		return true;
	if (!ledger_advice_get(making->pipeline->house.ledger, subject_port(making->port->port.id),
			       making->alert->subject.direction, &advice, making->err))
		return false;
	line->p95 = advice.advice.p95_utilisation;
	line->p95_days = ADVICE_DAYS;
	if (advice.advice.possible_samples > 0)
		line->p95_known =
		    (double)advice.advice.known_samples / advice.advice.possible_samples;
	return true;
}

/* --- usual --- */

struct past_read {
	enum direction direction;
	double valid_share;
	enum profile profile;
	struct facts_day days[2 * MESSAGE_USUAL_DAYS];
	struct facts_span spans[SPANS_MAX];
	size_t day_count, span_count;
};

static bool
on_day(const struct ledger_day *day, void *user)
{
	struct past_read *past = user;

	if (past->day_count == sizeof(past->days) / sizeof(past->days[0]))
		return false;
	past->days[past->day_count++] = (struct facts_day) {
		.day = day->day,
		.known = day->possible_samples > 0 &&
			 day->known_samples >= past->valid_share * day->possible_samples,
	};
	return true;
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct past_read *past = user;

	if (episode->direction == past->direction && episode->profile == past->profile &&
	    past->span_count < SPANS_MAX)
		past->spans[past->span_count++] =
		    (struct facts_span) { .start_utc_sec = episode->start_utc_sec,
					  .end_utc_sec = episode->end_utc_sec,
					  .open = episode->open };
	return true;
}

static bool
may_be_usual(const struct alert_subject *subject)
{
	return subject->kind == ALERT_SATURATED || subject->kind == ALERT_LOSS ||
	       subject->kind == ALERT_CONGESTION;
}

static bool
take_usual(struct making *making)
{
	const struct ledger_alert *alert = making->alert;
	struct ledger *ledger = making->pipeline->house.ledger;
	struct past_read past = { .direction = alert->subject.direction };
	struct detector_settings settings;
	int64_t at_utc_sec = alert->ended_utc_sec != 0 ? alert->until_utc_sec : making->now_utc_sec;
	int32_t today;

	if (making->port == NULL || making->zone == NULL || !may_be_usual(&alert->subject))
		return true;
	config_detector(making->pipeline->config, making->port->use->exchange,
			making->port->settings, NULL, &settings);
	past.valid_share = settings.valid_share;
	past.profile = settings.profile;
	today = zone_day_of(making->zone, at_utc_sec, (int32_t)settings.day_start_sec);
	struct ledger_episode_query query = {
		.subject = subject_port(making->port->port.id),
		.from_utc_sec = alert->began_utc_sec - PAST_SEC,
		.to_utc_sec = alert->began_utc_sec,
		.kind = EPISODE_SUSTAINED,
		.limit = 1000,
	};
	if (!ledger_day_each(ledger, query.subject, past.direction, past.profile,
			     today - MESSAGE_USUAL_DAYS, today - 1, on_day, &past, making->err) ||
	    !ledger_episode_each(ledger, &query, on_episode, &past, making->err))
		return false;
	making->line->usual =
	    facts_usual(&(struct facts_past) { .zone = making->zone,
					       .day_start_sec = settings.day_start_sec,
					       .day_count = past.day_count,
					       .days = past.days,
					       .span_count = past.span_count,
					       .spans = past.spans },
			alert->began_utc_sec, at_utc_sec);
	if (alert->ended_utc_sec != 0)
		making->line->usual.clears_utc_sec = 0; /* it has */
	return true;
}

/* --- what changed near its beginning --- */

struct capacities {
	struct making *making;
	struct ledger_capacity newer; /* the one after it; from 0: none */
	bool billed;
};

static void
note_capacity(struct capacities *reading, const struct ledger_capacity *old)
{
	const struct ledger_capacity *now = &reading->newer;
	char from[32], to[32];

	units_format_bps(
	    from, sizeof(from),
	    model_capacity_bps(old->physical_bps, old->contracted_bps, reading->billed));
	units_format_bps(
	    to, sizeof(to),
	    model_capacity_bps(now->physical_bps, now->contracted_bps, reading->billed));
	if (strcmp(from, to) != 0)
		facts_change_note(&reading->making->kept->changes, now->from_utc_sec,
				  "capacity %s, was %s", to, from);
}

/* Newest first: each tells what the one before it in the list changed. */
static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct capacities *reading = user;

	if (reading->newer.from_utc_sec != 0)
		note_capacity(reading, capacity);
	reading->newer = *capacity;
	return true;
}

/* How members stand since then, newest first; each is a change once it is seen that it stood otherwise before. */
#define MEMBERS_MAX 16
struct member_changes {
	struct facts_changes *changes;
	struct member_change {
		char interface[128];
		enum member_state state;
		int64_t at_utc_sec;
		bool has_before;
	} list[MEMBERS_MAX];
	size_t count;
};

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct member_changes *reading = user;
	bool some_new = false;

	for (size_t i = 0; i < reading->count; i++) {
		struct member_change *newer = &reading->list[i];

		newer->has_before |= strcmp(newer->interface, member->interface) == 0;
		some_new |= !newer->has_before;
	}
	if (facts_is_near(reading->changes, member->from_utc_sec) &&
	    member->state != MEMBER_UNKNOWN && reading->count < MEMBERS_MAX) {
		struct member_change *change = &reading->list[reading->count++];

		snprintf(change->interface, sizeof(change->interface), "%s", member->interface);
		change->state = member->state;
		change->at_utc_sec = member->from_utc_sec;
		change->has_before = false;
		return true;
	}
	return some_new || member->from_utc_sec >= reading->changes->began_utc_sec - FACTS_NEAR_SEC;
}

static bool
note_members(struct making *making)
{
	struct member_changes reading = { .changes = &making->kept->changes };

	if (making->port->lag == NULL)
		return true;
	if (!ledger_lag_members_history(making->pipeline->house.ledger, making->port->port.id,
					on_member, &reading, making->err))
		return false;
	for (size_t i = 0; i < reading.count; i++)
		if (reading.list[i].has_before)
			facts_change_note(reading.changes, reading.list[i].at_utc_sec,
					  "member %s %s", reading.list[i].interface,
					  model_member_state_name(reading.list[i].state));
	return true;
}

/* Since when a port is down; 0: it is not, or may have been before anybody looked. */
static int64_t
down_since(const struct watched_port *port)
{
	return port->was_up && port->view.state == STATE_DOWN ? port->view.state_since_utc_sec : 0;
}

/* Others of the same peer one by one; of the same agent, how many, for it may be a card or all of it. */
static void
note_siblings(struct making *making)
{
	struct pipeline *pipeline = making->pipeline;
	const struct alert_subject *subject = &making->alert->subject;
	struct facts_changes *changes = &making->kept->changes;
	size_t count = 0;
	int64_t first_utc_sec = 0;

	for (size_t i = 0; i < pipeline->port_count; i++) {
		const struct watched_port *port = pipeline->ports[i];
		int64_t since_utc_sec = down_since(port);

		if (port == making->port || port->retired || !facts_is_near(changes, since_utc_sec))
			continue;
		if (subject->asn != 0 && port->port.asn == subject->asn)
			facts_change_note(changes, since_utc_sec,
					  "port %s/%s/%s of AS%" PRIu32 " went down",
					  port->port.exchange, port->port.agent,
					  port->port.interface, subject->asn);
		else if (strcmp(port->port.exchange, subject->exchange) == 0 &&
			 (subject->scope == ALERT_OF_EXCHANGE ||
			  subject->scope == ALERT_OF_CONNECTION ||
			  strcmp(port->port.agent, subject->agent) == 0)) {
			count++;
			if (first_utc_sec == 0 || since_utc_sec < first_utc_sec)
				first_utc_sec = since_utc_sec;
		}
	}
	if (count > 0)
		facts_change_note(changes, first_utc_sec, "%zu other port%s of %s went down", count,
				  count == 1 ? "" : "s",
				  subject->agent[0] != '\0' ? subject->agent : subject->exchange);
}

static void
note_agents(struct making *making)
{
	struct pipeline *pipeline = making->pipeline;
	const struct alert_subject *subject = &making->alert->subject;

	for (size_t i = 0; i < pipeline->agent_count; i++) {
		const struct watched_agent *agent = &pipeline->agents[i];

		if (!agent->failing)
			continue;
		for (size_t k = 0; k < agent->roster->use_count; k++) {
			const struct roster_use *use = &agent->roster->uses[k];

			if (strcmp(use->exchange->slug, subject->exchange) == 0 &&
			    strcmp(use->agent->name, subject->agent) != 0)
				facts_change_note(&making->kept->changes,
						  agent->view.answered_utc_sec,
						  "agent %s stopped answering", use->agent->name);
		}
	}
}

/* --- declared windows: works in force, and those that begin or end near --- */

static bool
window_fits(const struct making *making, const struct ledger_window *window)
{
	const struct alert_subject *subject = &making->alert->subject;

	if (making->port != NULL)
		return true; /* it was asked for so */
	switch (window->scope) {
	case WINDOW_PEER: return subject->asn != 0 && window->asn == subject->asn;
	case WINDOW_AGENT:
		return strcmp(window->exchange, subject->exchange) == 0 &&
		       strcmp(window->agent, subject->agent) == 0;
	case WINDOW_EXCHANGE: return strcmp(window->exchange, subject->exchange) == 0;
	default: return false;
	}
}

static void
works_append(struct making *making, const struct ledger_window *window)
{
	char *works = making->kept->works, until[32];
	size_t used = strlen(works);

	units_format_utc(until, sizeof(until), window->until_utc_sec);
	snprintf(works + used, sizeof(making->kept->works) - used, "%s%s until %.16sZ (%s)",
		 used > 0 ? "; " : "", window->cause, until, window->reason);
}

static bool
on_window(const struct ledger_window *window, void *user)
{
	struct making *making = user;
	struct facts_changes *changes = &making->kept->changes;

	if (!window_fits(making, window))
		return true;
	if (window->start_utc_sec <= making->now_utc_sec &&
	    window->until_utc_sec > making->now_utc_sec)
		works_append(making, window);
	if (window->start_utc_sec <= making->now_utc_sec)
		facts_change_note(changes, window->start_utc_sec, "%s began (%s)", window->cause,
				  window->reason);
	if (window->until_utc_sec <= making->now_utc_sec)
		facts_change_note(changes, window->until_utc_sec, "%s ended (%s)", window->cause,
				  window->reason);
	return true;
}

static bool
take_windows(struct making *making)
{
	struct ledger_window_query query = {
		.port_id = making->port != NULL ? making->port->port.id : 0,
		.from_utc_sec = making->alert->began_utc_sec - FACTS_NEAR_SEC - 1,
		.to_utc_sec = making->now_utc_sec + 1,
	};

	return ledger_window_each(making->pipeline->house.ledger, &query, on_window, making,
				  making->err);
}

static bool
take_changes(struct making *making)
{
	struct ledger *ledger = making->pipeline->house.ledger;
	struct message_line *line = making->line;
	struct capacities capacities = { .making = making };

	facts_changes_init(&making->kept->changes, making->alert->began_utc_sec);
	if (making->port != NULL) {
		capacities.billed = making->port->port.contract_billed;
		if (!ledger_capacity_newest(ledger, making->port->port.id, CAPACITIES_MAX,
					    on_capacity, &capacities, making->err) ||
		    !note_members(making))
			return false;
	}
	note_siblings(making);
	note_agents(making);
	if (!take_windows(making))
		return false;
	facts_changes_end(&making->kept->changes);
	line->changes_known = true;
	line->change_count = making->kept->changes.count;
	line->changes = making->kept->changes.list;
	line->works = making->kept->works;
	return true;
}

/* --- room elsewhere --- */

static bool
is_elsewhere(const struct making *making, const struct watched_port *port)
{
	const struct alert_subject *subject = &making->alert->subject;

	return port != making->port && !port->retired && !port->in_lag &&
	       port->port.vanished_utc_sec == 0 && port->port.asn == subject->asn &&
	       (subject->scope == ALERT_OF_PORT ||
		strcmp(port->port.exchange, subject->exchange) != 0);
}

/* One that is down has no room at all, and is not listed. */
static bool
take_rooms(struct making *making)
{
	struct pipeline *pipeline = making->pipeline;
	const struct alert_subject *subject = &making->alert->subject;
	struct message_room *all;
	size_t count = 0, other_count = 0;

	if (subject->asn == 0)
		return true; /* whose they would be is not known */
	for (size_t i = 0; i < pipeline->port_count; i++)
		other_count += is_elsewhere(making, pipeline->ports[i]);
	all = calloc(other_count + 1, sizeof(*all));
	if (all == NULL)
		return error_set(making->err, ERR_NOMEM, "mail: out of memory");
	for (size_t i = 0; i < pipeline->port_count; i++) {
		const struct watched_port *port = pipeline->ports[i];

		if (is_elsewhere(making, port) && port->view.state != STATE_DOWN)
			all[count++] = (struct message_room) {
				.exchange = port->port.exchange,
				.agent = port->port.agent,
				.interface = port->port.interface,
				.utilisation = port->view.utilisation[subject->direction],
				.capacity_bps = port->view.capacity_bps,
			};
	}
	facts_rooms_sort(all, count);
	making->line->rooms_known = true;
	making->line->room_count = count < ROOMS_MAX ? count : ROOMS_MAX;
	memcpy(making->kept->rooms, all, making->line->room_count * sizeof(*all));
	making->line->rooms = making->kept->rooms;
	free(all);
	return true;
}

/* --- why a verdict --- */

static bool
on_verdict(const struct ledger_verdict *verdict, void *user)
{
	struct making *making = user;
	const struct alert_subject *subject = &making->alert->subject;
	enum verdict wanted = subject->kind == ALERT_ROUTINE ? VERDICT_ROUTINE : VERDICT_RECURRING;
	struct detector_settings settings;

	config_detector(making->pipeline->config,
			making->port != NULL ? making->port->use->exchange
					     : making->connection->exchange,
			making->port != NULL ? making->port->settings : NULL, NULL, &settings);
	if (verdict->direction != subject->direction || verdict->profile != settings.profile ||
	    verdict->verdict != wanted)
		return true;
	snprintf(making->kept->reason, sizeof(making->kept->reason), "%s", verdict->reason);
	making->line->reason = making->kept->reason;
	return false; /* the newest */
}

static bool
take_reason(struct making *making)
{
	const struct alert_subject *subject = &making->alert->subject;

	if (alert_kind_audience(subject->kind) != ALERT_FOR_COORDINATOR ||
	    (making->port == NULL && making->connection == NULL))
		return true;
	return ledger_verdict_history(making->pipeline->house.ledger,
				      making->port != NULL ? subject_port(subject->id)
							   : subject_connection(subject->id),
				      on_verdict, making, making->err);
}

/* --- a line --- */

/* What is known of it without asking anybody. */
static void
line_begin(struct message_line *line, const struct ledger_alert *alert, enum alert_told_what what)
{
	*line = (struct message_line) {
		.subject = alert->subject,
		.what = what,
		.alert_id = alert->id,
		.began_utc_sec = alert->began_utc_sec,
		.until_utc_sec = alert->ended_utc_sec != 0 ? alert->until_utc_sec : 0,
		.blind_utc_sec = alert->blind_utc_sec,
		.interface = "",
		.alias = "",
		.peer = "",
		.runbook = "",
		.circuit = "",
		.note = "",
		.contacts = "",
		.ack_url = "",
		.now = NAN,
		.peak = alert->peak,
		.rate_bps = NAN,
		.capacity_bps = NAN,
		.p95 = NAN,
		.p95_known = NAN,
		.works = "",
		.reason = "",
	};
}

static unsigned
ports_of(const struct pipeline *pipeline, const struct alert_subject *subject)
{
	unsigned count = 0;

	for (size_t i = 0; i < pipeline->port_count; i++) {
		const struct watched_port *port = pipeline->ports[i];

		count += !port->retired && strcmp(port->port.exchange, subject->exchange) == 0 &&
			 (subject->scope == ALERT_OF_EXCHANGE ||
			  strcmp(port->port.agent, subject->agent) == 0);
	}
	return count;
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
line_take(struct making *making)
{
	const struct alert_subject *subject = &making->alert->subject;
	struct message_line *line = making->line;

	if (subject->scope == ALERT_OF_PORT)
		making->port = pipeline_port_find(making->pipeline, subject->id);
	if (subject->scope == ALERT_OF_CONNECTION)
		making->connection = connection_find(making->pipeline, subject->id);
	if (making->port != NULL)
		take_port(making);
	if (making->connection != NULL)
		take_connection(making);
	if (subject->scope == ALERT_OF_AGENT || subject->scope == ALERT_OF_EXCHANGE)
		line->port_count = ports_of(making->pipeline, subject);
	if (line->kind != KIND_NONE)
		line->runbook = making->pipeline->config->alert.runbook[line->kind];
}

static bool
line_ask(struct making *making)
{
	return take_percentile(making) && take_usual(making) && take_changes(making) &&
	       take_rooms(making) && take_reason(making);
}

/* --- links --- */

/* The key of the configuration, or one of our own beside the ledger. */
static bool
keys_get(const struct config *config, struct link_keys *keys)
{
	struct error err;
	char path[4096];

	snprintf(path, sizeof(path), "%s/" LINK_KEY_NAME, config->state_dir);
	if (link_keys_make(keys,
			   config->web.link_key_file[0] != '\0' ? config->web.link_key_file : path,
			   &err))
		return true;
	log_warn("alert", "event=no-links reason=\"%s\"", err.text);
	return false;
}

static void
link_put(struct message_line *line, struct line_facts *kept, const struct link_keys *keys,
	 const char *base_url, const char *recipient, int64_t now_utc_sec)
{
	struct link_claim claim = { .purpose = LINK_ACKNOWLEDGE,
				    .id = line->alert_id,
				    .expires_utc_sec = now_utc_sec + ACKNOWLEDGE_SEC };
	char token[LINK_TOKEN_SIZE];

	if (line->what == TOLD_RECOVERY || strlen(recipient) > LINK_SCOPE_MAX)
		return;
	strcpy(claim.scope, recipient);
	if (link_sign(token, keys, &claim)[0] == '\0')
		return;
	if (snprintf(kept->ack_url, sizeof(kept->ack_url), "%s/a/%s", base_url, token) <
	    (int)sizeof(kept->ack_url))
		line->ack_url = kept->ack_url;
}

static void
links_put(struct letter_facts *out, const struct config *config, const char *recipient)
{
	struct link_keys keys;

	if (!keys_get(config, &keys))
		return;
	for (size_t i = 0; i < out->facts.line_count && i < MESSAGE_LINES_MAX; i++)
		link_put(&out->lines[i], &out->kept[i], &keys, config->web.base_url, recipient,
			 out->facts.now_utc_sec);
	link_keys_drop(&keys);
}

/* --- the whole letter --- */

static bool
is_affected(const struct watched_port *port)
{
	for (const struct watched_alert *alert = port->alerts; alert != NULL; alert = alert->next)
		if (alert->state.open && alert->row.subject.kind >= ALERT_SATURATED &&
		    alert->row.subject.kind <= ALERT_REDUCED)
			return true;
	return false;
}

static void
take_reach(struct message_facts *facts, const struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->port_count; i++) {
		const struct watched_port *port = pipeline->ports[i];
		bool here = strcmp(port->port.exchange, facts->exchange) == 0, affected;

		if (port->retired)
			continue;
		affected = is_affected(port);
		facts->everywhere.port_count++;
		facts->everywhere.affected_count += affected;
		facts->here.port_count += here;
		facts->here.affected_count += here && affected;
	}
}

static enum alert_told_what
what_of(enum alert_telling telling)
{
	switch (telling) {
	case ALERT_TELL_ESCALATE: return TOLD_ESCALATION;
	case ALERT_TELL_REPEAT: return TOLD_REPEAT;
	case ALERT_TELL_END: return TOLD_RECOVERY;
	default: return TOLD_ALERT;
	}
}

/* Each recipient's next one of the same, unless somebody says that it is in hand. */
static int64_t
next_of(const struct pipeline *pipeline, const struct alert_letter *letter, int64_t now_utc_sec)
{
	const struct pipeline_alerts *alerts = pipeline->alerts;

	if (letter->recovery || alerts->pace.repeat_sec <= 0)
		return 0;
	for (size_t i = 0; i < letter->line_count; i++)
		if (!alert_is_quiet(alerts, letter->lines[i].alert, QUIET_ACKNOWLEDGEMENT,
				    now_utc_sec))
			return now_utc_sec + alerts->pace.repeat_sec;
	return 0;
}

static void
facts_begin(struct letter_facts *out, struct pipeline *pipeline, const struct alert_letter *letter,
	    int64_t now_utc_sec)
{
	const struct alert_subject *worst = &letter->lines[0].alert->row.subject;
	const struct config_exchange *exchange =
	    config_exchange_find(pipeline->config, worst->exchange);
	struct error err;

	if (exchange != NULL && !zone_open(&out->zone, exchange->timezone, &err))
		out->zone = NULL; /* it was checked: UTC alone is said */
	out->facts = (struct message_facts) {
		.now_utc_sec = now_utc_sec,
		.exchange = worst->exchange,
		.exchange_name = exchange != NULL ? exchange->name : worst->exchange,
		.zone = out->zone,
		.base_url = pipeline->config->web.base_url,
		.line_count = letter->line_count,
		.lines = out->lines,
		.next_utc_sec = next_of(pipeline, letter, now_utc_sec),
		.graph = worst->scope == ALERT_OF_PORT,
	};
	take_reach(&out->facts, pipeline);
}

static bool
lines_make(struct letter_facts *out, struct pipeline *pipeline, const struct alert_letter *letter,
	   struct error *err)
{
	for (size_t i = 0; i < letter->line_count; i++) {
		struct making making = { .pipeline = pipeline,
					 .alert = &letter->lines[i].alert->row,
					 .line = &out->lines[i],
					 .zone = out->zone,
					 .now_utc_sec = out->facts.now_utc_sec,
					 .err = err };

		line_begin(making.line, making.alert, what_of(letter->lines[i].telling));
		line_take(&making);
		if (i >= MESSAGE_LINES_MAX)
			continue;
		making.kept = &out->kept[i];
		if (!line_ask(&making))
			return false;
	}
	return true;
}

bool
letter_facts_gather(struct letter_facts *out, struct pipeline *pipeline,
		    const struct alert_letter *letter, int64_t now_utc_sec, struct error *err)
{
	size_t kept =
	    letter->line_count < MESSAGE_LINES_MAX ? letter->line_count : MESSAGE_LINES_MAX;

	*out = (struct letter_facts) { 0 };
	out->lines = calloc(letter->line_count, sizeof(*out->lines));
	out->kept = calloc(kept, sizeof(*out->kept));
	if (out->lines == NULL || out->kept == NULL) {
		letter_facts_free(out);
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	}
	facts_begin(out, pipeline, letter, now_utc_sec);
	if (!lines_make(out, pipeline, letter, err)) {
		letter_facts_free(out);
		return false;
	}
	links_put(out, pipeline->config, letter->recipient);
	return true;
}

void
letter_facts_free(struct letter_facts *letter)
{
	free(letter->lines);
	free(letter->kept);
	zone_close(letter->zone);
	*letter = (struct letter_facts) { 0 };
}
