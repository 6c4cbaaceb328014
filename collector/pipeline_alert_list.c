/* pipeline_alert_list.c - the alerts at hand: read from the ledger at the start, found by their subject, written when they
 * changed, and let go when nothing is left to be said of them. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "pipeline_alert.h"
#include "pipeline_connection.h"

/* --- found --- */

struct watched_exchange *
alerts_exchange_find(struct pipeline_alerts *alerts, const char *slug)
{
	for (size_t i = 0; i < alerts->exchange_count; i++)
		if (strcmp(alerts->exchanges[i].config->slug, slug) == 0)
			return &alerts->exchanges[i];
	return NULL;
}

struct watched_alert *
alert_find(struct watched_alert *chain, enum alert_kind kind, enum direction direction)
{
	while (chain != NULL &&
	       (chain->row.subject.kind != kind ||
		(alert_kind_is_directed(kind) && chain->row.subject.direction != direction)))
		chain = chain->next;
	return chain;
}

static struct watched_alert **
connection_chain(struct pipeline *pipeline, int64_t id)
{
	for (size_t i = 0; i < pipeline->connection_count; i++)
		if (pipeline->connections[i]->id == id)
			return &pipeline->connections[i]->alerts;
	return NULL;
}

/* One agent may be several exchanges': each use has a chain of its own. */
static struct watched_alert **
agent_chain(struct pipeline *pipeline, const char *exchange, const char *name)
{
	for (size_t i = 0; i < pipeline->agent_count; i++) {
		struct watched_agent *agent = &pipeline->agents[i];

		for (size_t k = 0; k < agent->roster->use_count; k++)
			if (strcmp(agent->roster->uses[k].exchange->slug, exchange) == 0 &&
			    strcmp(agent->roster->uses[k].agent->name, name) == 0)
				return agent->alerts != NULL ? &agent->alerts[k] : NULL;
	}
	return NULL;
}

struct watched_alert **
alert_chain(struct pipeline *pipeline, const struct alert_subject *subject)
{
	struct watched_exchange *exchange;
	struct watched_port *port;

	switch (subject->scope) {
	case ALERT_OF_PORT:
		port = pipeline_port_find(pipeline, subject->id);
		return port != NULL ? &port->alerts : NULL;
	case ALERT_OF_CONNECTION: return connection_chain(pipeline, subject->id);
	case ALERT_OF_AGENT: return agent_chain(pipeline, subject->exchange, subject->agent);
	default: break;
	}
	exchange = alerts_exchange_find(pipeline->alerts, subject->exchange);
	return exchange != NULL ? &exchange->alerts : NULL;
}

/* --- come and gone --- */

static void
alert_free(struct watched_alert *alert)
{
	if (alert == NULL)
		return;
	free((char *)(uintptr_t)alert->row.subject.exchange);
	free((char *)(uintptr_t)alert->row.subject.agent);
	free(alert);
}

static bool
list_append(struct pipeline_alerts *alerts, struct watched_alert *alert)
{
	if (alerts->count == alerts->size) {
		size_t size = alerts->size == 0 ? 64 : alerts->size * 2;
		struct watched_alert **grown = realloc(alerts->list, size * sizeof(*grown));

		if (grown == NULL)
			return false;
		alerts->list = grown;
		alerts->size = size;
	}
	alert->place = alerts->count;
	alerts->list[alerts->count++] = alert;
	return true;
}

struct watched_alert *
alert_add(struct pipeline_alerts *alerts, struct watched_alert **chain,
	  const struct alert_subject *subject)
{
	struct watched_alert *alert = calloc(1, sizeof(*alert));

	if (alert == NULL)
		return NULL;
	alert->value = NAN;
	alert->row.subject = *subject;
	alert->row.subject.exchange = strdup(subject->exchange);
	alert->row.subject.agent = strdup(subject->agent);
	if (alert->row.subject.exchange == NULL || alert->row.subject.agent == NULL ||
	    !list_append(alerts, alert)) {
		alert_free(alert);
		return NULL;
	}
	if (chain != NULL) {
		alert->next = *chain;
		*chain = alert;
	}
	return alert;
}

static void
chain_remove(struct watched_alert **chain, const struct watched_alert *alert)
{
	while (chain != NULL && *chain != NULL && *chain != alert)
		chain = &(*chain)->next;
	if (chain != NULL && *chain != NULL)
		*chain = alert->next;
}

static struct alert_told
told_of(const struct ledger_alert *row)
{
	return (struct alert_told) { .first_utc_sec = row->first_told_utc_sec,
				     .end_noticed_utc_sec = row->ended_utc_sec,
				     .end_utc_sec = row->end_told_utc_sec };
}

/* One that ended lately is kept: whether the next flaps depends on it. */
static bool
is_over(const struct watched_alert *alert, int64_t now_utc_sec)
{
	struct alert_told told = told_of(&alert->row);
	bool never_began = alert->row.noticed_utc_sec == 0;

	if (alert->state.open || alert->unwritten || alert->state.began_utc_sec != 0)
		return false;
	return never_began || (alert_tell_done(&told) &&
			       now_utc_sec - alert->state.ended_utc_sec > ALERT_FLAP_SEC);
}

void
alerts_sweep(struct pipeline *pipeline, int64_t now_utc_sec)
{
	struct pipeline_alerts *alerts = pipeline->alerts;

	for (size_t i = alerts->count; i-- > 0;) {
		struct watched_alert *alert = alerts->list[i];

		if (!is_over(alert, now_utc_sec))
			continue;
		chain_remove(alert_chain(pipeline, &alert->row.subject), alert);
		alerts->list[i] = alerts->list[--alerts->count];
		alerts->list[i]->place = i;
		alert_free(alert);
	}
}

/* --- the ledger's rows --- */

bool
alerts_write(struct pipeline *pipeline, struct error *err)
{
	struct pipeline_alerts *alerts = pipeline->alerts;

	for (size_t i = 0; i < alerts->count; i++) {
		struct watched_alert *alert = alerts->list[i];

		if (!alert->unwritten)
			continue;
		if (!judge_house_begin(&pipeline->house, err) ||
		    !ledger_alert_put(pipeline->house.ledger, &alert->row, err))
			return false;
		alert->unwritten = false;
	}
	return true;
}

struct loading {
	struct pipeline *pipeline;
	int64_t now_utc_sec;
	size_t open_count, orphan_count;
	bool failed;
};

/* What is not watched any more has ended. */
static void
orphan_end(struct watched_alert *alert, int64_t now_utc_sec)
{
	alert->state.open = false;
	alert->state.began_utc_sec = 0;
	alert->state.ended_utc_sec = now_utc_sec;
	alert->row.ended_utc_sec = alert->row.until_utc_sec = now_utc_sec;
	alert->row.blind_utc_sec = 0;
	alert->unwritten = true;
}

static void
group_take(struct pipeline_alerts *alerts, const struct ledger_alert *row)
{
	struct watched_exchange *exchange = alerts_exchange_find(alerts, row->subject.exchange);
	struct alert_group *group;

	if (exchange == NULL)
		return;
	group = &exchange->groups[alert_kind_audience(row->subject.kind)];
	if (row->last_told_utc_sec > group->told_utc_sec)
		group->told_utc_sec = row->last_told_utc_sec;
	if (row->end_told_utc_sec > group->told_utc_sec)
		group->told_utc_sec = row->end_told_utc_sec;
}

static void
state_take(struct watched_alert *alert, const struct ledger_alert *row, int64_t now_utc_sec)
{
	bool open = row->ended_utc_sec == 0;
	const struct alert_subject own = alert->row.subject; /* its texts are kept */

	alert->row = *row;
	alert->row.subject = own;
	alert->state = (struct alert_state) { .open = open,
					      .gap = true,
					      .seen_utc_sec = open ? now_utc_sec : 0,
					      .began_utc_sec = open ? row->began_utc_sec : 0,
					      .blind_utc_sec = open ? row->blind_utc_sec : 0,
					      .ended_utc_sec = row->ended_utc_sec,
					      .again = row->again,
					      .peak = row->peak };
}

/* Newest first: of one subject and kind, the first is the one that counts. */
static bool
on_row(const struct ledger_alert *row, void *user)
{
	struct loading *loading = user;
	struct pipeline_alerts *alerts = loading->pipeline->alerts;
	struct watched_alert **chain = alert_chain(loading->pipeline, &row->subject), *alert;

	group_take(alerts, row);
	if (chain != NULL && alert_find(*chain, row->subject.kind, row->subject.direction) != NULL)
		return true;
	alert = alert_add(alerts, chain, &row->subject);
	if (alert == NULL) {
		loading->failed = true;
		return false;
	}
	state_take(alert, row, loading->now_utc_sec);
	loading->open_count += alert->state.open;
	if (chain == NULL && alert->state.open) {
		orphan_end(alert, loading->now_utc_sec);
		loading->orphan_count++;
	}
	return true;
}

static bool
alerts_load(struct pipeline *pipeline, struct error *err)
{
	struct loading loading = { .pipeline = pipeline, .now_utc_sec = clock_utc_sec() };
	struct ledger_alert_query query = { .unsettled = true,
					    .or_ended_after_utc_sec =
						loading.now_utc_sec - ALERT_FLAP_SEC };

	if (!ledger_alert_each(pipeline->house.ledger, &query, on_row, &loading, err))
		return false;
	if (loading.failed)
		return error_set(err, ERR_NOMEM, "alerts: out of memory");
	if (loading.open_count > 0)
		log_info("alert", "event=read open=%zu unwatched=%zu", loading.open_count,
			 loading.orphan_count);
	return true;
}

/* --- opened and closed --- */

static void
settings_take(struct pipeline_alerts *alerts, const struct config *config)
{
	const struct config_alert *alert = &config->alert;
	const int64_t raise_sec[ALERT_KIND_COUNT] = {
		[ALERT_EXCHANGE_UNREACHABLE] = alert->unreachable_sec,
		[ALERT_AGENT_UNREACHABLE] = alert->unreachable_sec,
		[ALERT_SATURATED] = alert->saturated_sec,
		[ALERT_LOSS] = alert->loss_sec,
		[ALERT_REDUCED] = alert->reduced_sec,
	};
	/* Congestion and verdicts have the detector's own hysteresis behind them, an agent's answer is proof enough. */
	const int64_t clear_sec[ALERT_KIND_COUNT] = {
		[ALERT_SATURATED] = alert->clear_sec,
		[ALERT_LOSS] = alert->clear_sec,
		[ALERT_REDUCED] = alert->reduced_sec,
		[ALERT_DATA_QUALITY] = alert->clear_sec,
	};

	for (int k = 0; k < ALERT_KIND_COUNT; k++)
		alerts->rules[k] =
		    (struct alert_rule) { raise_sec[k], clear_sec[k], alert->blind_sec };
	alerts->limits = (struct alert_limits) {
		.saturated = alert->saturated,
		.saturated_clear = alert->saturated_clear,
		.loss = alert->loss,
		.loss_clear = alert->loss_clear,
		.unknown = alert->unknown,
		.unknown_clear = alert->unknown_clear,
	};
	alerts->pace =
	    (struct alert_pace) { .repeat_sec = alert->repeat_sec,
				  .escalate_sec =
				      alert->escalate_to.count > 0 ? alert->escalate_sec : 0,
				  .window_sec = alert->window_sec,
				  .patience_sec = config->interval_sec };
	if (alerts->pace.patience_sec > alerts->pace.window_sec)
		alerts->pace.patience_sec = alerts->pace.window_sec;
}

static bool
rooms_make(struct pipeline *pipeline, struct error *err)
{
	struct pipeline_alerts *alerts = pipeline->alerts;
	const struct config *config = pipeline->config;

	alerts->exchanges = calloc(config->exchange_count + 1, sizeof(*alerts->exchanges));
	if (alerts->exchanges == NULL)
		return error_set(err, ERR_NOMEM, "alerts: out of memory");
	alerts->exchange_count = config->exchange_count;
	for (size_t i = 0; i < config->exchange_count; i++)
		alerts->exchanges[i].config = &config->exchanges[i];
	for (size_t i = 0; i < pipeline->agent_count; i++) {
		struct watched_agent *agent = &pipeline->agents[i];

		agent->alerts =
		    calloc(agent->roster->use_count + 1, sizeof(struct watched_alert *));
		if (agent->alerts == NULL)
			return error_set(err, ERR_NOMEM, "alerts: out of memory");
	}
	return true;
}

bool
alerts_open(struct pipeline *pipeline, struct error *err)
{
	struct pipeline_alerts *alerts = calloc(1, sizeof(*alerts));

	if (alerts == NULL)
		return error_set(err, ERR_NOMEM, "alerts: out of memory");
	pipeline->alerts = alerts;
	alerts->quiets_stale = true;
	settings_take(alerts, pipeline->config);
	if (rooms_make(pipeline, err) &&
	    zone_open(&alerts->zone, pipeline->config->alert.timezone, err) &&
	    alerts_load(pipeline, err))
		return true;
	alerts->stale = true; /* whoever goes on all the same tries again */
	return false;
}

void
alerts_close(struct pipeline *pipeline)
{
	struct pipeline_alerts *alerts = pipeline->alerts;

	if (alerts == NULL)
		return;
	for (size_t i = 0; i < pipeline->port_count; i++)
		pipeline->ports[i]->alerts = NULL;
	for (size_t i = 0; i < pipeline->connection_count; i++)
		pipeline->connections[i]->alerts = NULL;
	for (size_t i = 0; i < pipeline->agent_count; i++) {
		free(pipeline->agents[i].alerts);
		pipeline->agents[i].alerts = NULL;
	}
	for (size_t i = 0; i < alerts->count; i++)
		alert_free(alerts->list[i]);
	free(alerts->list);
	free(alerts->exchanges);
	quiets_clear(&alerts->quiets);
	zone_close(alerts->zone);
	free(alerts);
	pipeline->alerts = NULL;
}
