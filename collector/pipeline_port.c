/* pipeline_port.c - one port's way through the stages: read, slot, sample, judgement, view. */
#include "pipeline_internal.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/text.h"

/* --- the port itself --- */

/* False: memory ran out, and it stays as it was. */
static bool
text_set(const char **text, const char *value)
{
	const char *copy = strdup(value);

	if (copy == NULL)
		return false;
	free((char *)(uintptr_t)*text);
	*text = copy;
	return true;
}

bool
text_set_shared(const char **text, const char *value)
{
	const char *copy = text_share(value);

	if (copy == NULL)
		return false;
	text_unshare(*text);
	*text = copy;
	return true;
}

static void
texts_free(struct port *port)
{
	free((char *)(uintptr_t)port->alias);
	free((char *)(uintptr_t)port->path);
	text_unshare(port->interface);
	text_unshare(port->peer);
}

static bool
texts_init(struct port *port, const char *interface)
{
	return text_set_shared(&port->interface, interface) && text_set(&port->alias, "") &&
	       text_set_shared(&port->peer, "") && text_set(&port->path, "");
}

static struct watched_port *
port_new(struct watched_agent *agent, const struct roster_use *use, const char *interface)
{
	struct watched_port *port = calloc(1, sizeof(*port));

	if (port == NULL || !texts_init(&port->port, interface)) {
		if (port != NULL)
			texts_free(&port->port);
		free(port);
		return NULL;
	}
	port->pipeline = agent->pipeline;
	port->agent = agent;
	port->use = use;
	port->settings = config_port_find(use->exchange, use->agent->name, interface);
	port->port.exchange = use->exchange->slug;
	port->port.agent = use->agent->name;
	port->port.note =
	    port->settings != NULL && port->settings->note != NULL ? port->settings->note : "";
	port->port.circuit = port->settings != NULL && port->settings->circuit != NULL
				 ? port->settings->circuit
				 : "";
	port->port.contracted_bps = NAN;
	port->setting_bps = port->settings != NULL ? port->settings->capacity_bps : NAN;
	port->judged_utc_sec = -1;
	port->recorded.physical_bps = NAN;
	port->physical = (struct physical) { CAPACITY_UNKNOWN, NAN, NAN, NAN, NAN };
	for (int c = 0; c < COLUMN_COUNT; c++)
		port->view.value[c] = NAN;
	meter_init(&port->meter, agent->pipeline->config->interval_sec);
	return port;
}

void
port_free(struct watched_port *port)
{
	if (port == NULL)
		return;
	judge_free(port->judge);
	meter_end(&port->meter);
	lag_free(port->lag);
	texts_free(&port->port);
	text_unshare(port->row_name);
	free(port);
}

/* The alias last: while it is of before, it is claimed again with the next answer. */
static bool
claim_apply(struct watched_port *port, const struct roster_claim *claim, const char *alias)
{
	if (!text_set_shared(&port->port.peer, claim->peer) || !text_set(&port->port.alias, alias))
		return false;
	port->port.asn = claim->asn;
	port->port.kind = claim->kind;
	port->port.contracted_bps = claim->contracted_bps;
	port->port.contract_billed = claim->billed;
	return true;
}

/* Registers what is known of it now; its id and, the first time, its path are set. */
static bool
port_register(struct watched_port *port, struct error *err)
{
	struct judge_house *house = &port->pipeline->house;
	char path[1024];

	if (port->port.path[0] == '\0') {
		if (!series_path(path, sizeof(path), port->port.exchange, port->port.agent,
				 port->port.interface))
			return error_set(
			    err, ERR_SERIES, "the name is too long for a file: %s/%s/%s",
			    port->port.exchange, port->port.agent, port->port.interface);
		if (!text_set(&port->port.path, path))
			return error_set(err, ERR_NOMEM, "port %s: out of memory",
					 port->port.interface);
	}
	return judge_house_begin(house, err) &&
	       ledger_port_put(house->ledger, &port->port, clock_utc_sec(), &port->port.id, err);
}

static void
slot_show(struct watched_port *port, int64_t end_utc_sec, const double *value)
{
	port->view.sampled_utc_sec = end_utc_sec;
	memcpy(port->view.value, value, sizeof(port->view.value));
	if (end_utc_sec > port->pipeline->newest_utc_sec)
		port->pipeline->newest_utc_sec = end_utc_sec;
}

/* The last process's snapshot tells since when a state has held, and the newest sample. */
static void
since_carry(struct watched_port *port, const struct snapshot_port *before)
{
	if (before == NULL)
		return;
	port->view.state = before->state;
	port->view.state_since_utc_sec = before->state_since_utc_sec;
	port->was_up = before->state != STATE_DOWN && before->state != STATE_UNKNOWN;
	port->view.verdict = before->verdict; /* until its judge has been recalled */
	memcpy(port->view.run, before->run, sizeof(port->view.run));
	memcpy(port->view.flags, before->flags, sizeof(port->view.flags));
	port->in_lag = before->in_lag != 0;
	slot_show(port, before->sampled_utc_sec, before->value);
}

/* Its judge, as far as the series goes, now or before long; then it is one of the watched. */
static bool
port_begin(struct watched_port *port, bool wait, struct error *err)
{
	struct pipeline *pipeline = port->pipeline;

	port->view.id = port->port.id;
	if (!judge_new(&port->judge, &port->pipeline->house, JUDGED_FOR_PAGES, &port->port,
		       port->use->exchange, port->use->agent, port->settings, err))
		return false;
	if (wait) {
		port->lost = port->waiting = true;
		pipeline->waiting_count++;
	} else {
		port->lost = !judge_recall(port->judge, NULL); /* told, and tried again */
	}
	pipeline->some_lost |= port->lost;
	pipeline->connections_stale = true;
	return pipeline_port_add(pipeline, port, err);
}

bool
port_register_new(struct watched_agent *agent, const struct roster_claim *claim,
		  const char *interface, const char *alias, struct watched_port **out,
		  struct error *err)
{
	struct watched_port *port = port_new(agent, claim->use, interface);

	if (port == NULL)
		return error_set(err, ERR_NOMEM, "port %s: out of memory", interface);
	port->advise_utc_sec = ADVISE_AT_DAY_END;
	if (!claim_apply(port, claim, alias)) {
		port_free(port);
		return error_set(err, ERR_NOMEM, "port %s: out of memory", interface);
	}
	if (!port_register(port, err)) {
		port_free(port);
		return false;
	}
	if (!port_list_append(&agent->fresh, &agent->fresh_count, port)) {
		port_free(port);
		return error_set(err, ERR_NOMEM, "port %s: out of memory", interface);
	}
	*out = port;
	return true;
}

bool
ports_begin(struct watched_agent *agent, struct error *err)
{
	bool committed = agent->fresh_count == 0 || pipeline_commit(agent->pipeline, err),
	     begun = committed;

	for (size_t i = 0; i < agent->fresh_count; i++)
		if (!committed || !port_begin(agent->fresh[i], false, err)) {
			begun = false;
			port_free(agent->fresh[i]);
		}
	agent->fresh_count = 0;
	pipeline_ports_sort(agent->pipeline);
	return begun;
}

/* What the configuration says of it was changed while nobody was there to write it down. */
static bool
settings_differ(const struct port *known, const struct port *now)
{
	return known->kind != now->kind || strcmp(known->circuit, now->circuit) != 0 ||
	       strcmp(known->note, now->note) != 0 ||
	       known->contract_billed != now->contract_billed ||
	       !(known->contracted_bps == now->contracted_bps ||
		 (isnan(known->contracted_bps) && isnan(now->contracted_bps)));
}

bool
port_restore(struct watched_agent *agent, const struct roster_use *use, const struct port *known,
	     struct error *err)
{
	struct watched_port *port = port_new(agent, use, known->interface);

	if (port == NULL)
		return error_set(err, ERR_NOMEM, "port %s: out of memory", known->interface);
	if (!text_set(&port->port.alias, known->alias) ||
	    !text_set_shared(&port->port.peer, known->peer) ||
	    !text_set(&port->port.path, known->path)) {
		port_free(port);
		return error_set(err, ERR_NOMEM, "port %s: out of memory", known->interface);
	}
	port->port.id = known->id;
	port->advise_utc_sec = ADVISE_AFTER_START;
	port->port.asn = known->asn;
	port->port.kind = port->settings != NULL ? port->settings->kind : use->agent->kind;
	port->port.contracted_bps = port->settings != NULL ? port->settings->contracted_bps : NAN;
	port->port.contract_billed = port->settings != NULL && port->settings->contract_billed;
	port->port.vanished_utc_sec = known->vanished_utc_sec;
	if (port->pipeline->before != NULL)
		since_carry(port, snapshot_port_find(port->pipeline->before, known->id));
	if (settings_differ(known, &port->port))
		port->unwritten = port->pipeline->some_unwritten = true;
	if (port_begin(port, true, err))
		return true;
	port_free(port);
	return false;
}

static bool
port_unwritten(struct watched_port *port, bool unwritten)
{
	port->unwritten = unwritten;
	port->pipeline->some_unwritten |= unwritten;
	port->look_utc_ms = 0;
	return unwritten;
}

static bool
claim_differs(const struct port *port, const struct roster_claim *claim, const char *alias)
{
	return strcmp(port->alias, alias) != 0 || strcmp(port->peer, claim->peer) != 0 ||
	       port->asn != claim->asn || port->kind != claim->kind;
}

void
port_claim(struct watched_port *port, const struct roster_claim *claim, const char *alias)
{
	bool handover = port->port.asn != claim->asn;
	struct error err = { 0 };

	if (port_stays_moved(port, claim) ||
	    (!claim_differs(&port->port, claim, alias) && !port->retired))
		return;
	log_info("port", "port=%lld event=changed interface=\"%s\" asn=%u peer=\"%s\" alias=\"%s\"",
		 (long long)port->port.id, port->port.interface, claim->asn, claim->peer, alias);
	if (!claim_apply(port, claim, alias)) {
		log_error("port", "port=%lld event=unchanged reason=\"out of memory\"",
			  (long long)port->port.id);
		return;
	}
	if (port->moved) { /* it has a new tenant */
		port->moved = false;
		port->pipeline->some_lost = true;
	}
	port->retired = false;
	port->look_utc_ms = 0; /* its contract may be another */
	port->pipeline->connections_stale = true;
	if (port_unwritten(port, !port_register(port, &err)))
		log_error("port", "port=%lld event=unregistered reason=\"%s\"",
			  (long long)port->port.id, err.text);
	else if (handover &&
		 (!judge_handover(port->judge, &port->port, &err) || !port_advise_anew(port, &err)))
		port->lost = port->pipeline->some_lost = true; /* tried again, and told */
}

void
port_retire(struct watched_port *port, const char *why)
{
	struct judge_house *house = &port->pipeline->house;
	struct error err = { 0 };

	port->present = false;
	if (port->retired)
		return;
	port->retired = true;
	port->pipeline->connections_stale = true;
	log_info("port",
		 "port=%lld event=retired exchange=%s agent=%s interface=\"%s\" reason=\"%s\"",
		 (long long)port->port.id, port->port.exchange, port->port.agent,
		 port->port.interface, why);
	if (port_unwritten(port, !judge_house_begin(house, &err) ||
				     !ledger_port_retire(house->ledger, port->port.id, true, &err)))
		log_error("port", "port=%lld event=unrecorded reason=\"%s\"",
			  (long long)port->port.id, err.text);
}

bool
port_write(struct watched_port *port, struct error *err)
{
	struct judge_house *house = &port->pipeline->house;
	int64_t id = port->port.id;

	return port_register(port, err) &&
	       ledger_port_vanished(house->ledger, id, port->port.vanished_utc_sec, err) &&
	       ledger_port_retire(house->ledger, id, port->retired, err) &&
	       port_capacity_write(port, err) && lag_write(port, err);
}

void
port_vanished(struct watched_port *port, bool vanished)
{
	struct error err = { 0 };
	struct judge_house *house = &port->pipeline->house;

	port->present = !vanished;
	if ((port->port.vanished_utc_sec != 0) == vanished)
		return;
	port->port.vanished_utc_sec = vanished ? clock_utc_sec() : 0;
	port->pipeline->connections_stale = true;
	log_warn("port", "port=%lld event=%s exchange=%s agent=%s interface=\"%s\"",
		 (long long)port->port.id, vanished ? "vanished" : "returned", port->port.exchange,
		 port->port.agent, port->port.interface);
	if (port_unwritten(port, !judge_house_begin(house, &err) ||
				     !ledger_port_vanished(house->ledger, port->port.id,
							   port->port.vanished_utc_sec, &err)))
		log_error("port", "port=%lld event=unrecorded reason=\"%s\"",
			  (long long)port->port.id, err.text);
}

/* --- a slot's way --- */

static void
on_slot(const struct meter_slot *slot, void *user)
{
	struct watched_port *port = user;
	struct error err = { 0 };

	if (slot->impossible[DIRECTION_IN] || slot->impossible[DIRECTION_OUT])
		log_warn("measure",
			 "port=%lld event=impossible-rate agent=%s interface=\"%s\" at=%lld",
			 (long long)port->port.id, port->port.agent, port->port.interface,
			 (long long)slot->sample.end_utc_sec);
	if (!series_append(port->pipeline->house.series, port->port.path, &slot->sample, &err)) {
		log_error("series", "port=%lld event=sample-lost reason=\"%s\"",
			  (long long)port->port.id, err.text);
		return;
	}
	if (port->connection != NULL)
		connection_slot(port, &slot->sample);
	if (!port->lost) /* one that is lost finds it in the series when it is recalled */
		judge_slot(port->judge, &slot->sample);
	for (int c = 0; c < COLUMN_CAPACITY_BPS; c++)
		if (!isnan(slot->sample.value[c])) {
			slot_show(port, slot->sample.end_utc_sec, slot->sample.value);
			break;
		}
	port->look_utc_ms = 0;
	port_alert_slot(port, &slot->sample);
}

/* The setting, else a LAG's members, else ifHighSpeed. */
static struct physical
physical_of(const struct watched_port *port, const struct counter_read *read)
{
	struct physical physical = { CAPACITY_INTERFACE, read->speed_bps, read->speed_bps, NAN,
				     NAN };

	if (port->lag != NULL && port->lag->capacity.say != MEMBERS_NOTHING) {
		physical.source = CAPACITY_LAG;
		physical.bps = physical.lag_bps = port->lag->capacity.sum_bps;
		physical.largest_bps = port->lag->capacity.largest_bps;
	}
	if (!isnan(port->setting_bps)) {
		physical.source = CAPACITY_SETTING;
		physical.bps = port->setting_bps;
	}
	if (!(physical.bps > 0))
		physical.source = CAPACITY_UNKNOWN;
	return physical;
}

static void
physical_take(struct watched_port *port, const struct counter_read *read)
{
	double before_bps = port->physical.interface_bps;

	port->physical = physical_of(port, read);
	if (port->physical.bps != port->recorded.physical_bps)
		port->look_utc_ms = 0;
	port_capacity_note(port, read->at_utc_ms / 1000);
	/* The speed of a LAG moves when members come or go. */
	if (port->lag != NULL && !isnan(before_bps) && !isnan(read->speed_bps) &&
	    read->speed_bps != before_bps)
		agent_walk_soon(port->agent);
}

void
port_read(struct watched_port *port, const struct counter_read *read)
{
	enum meter_pair pair;

	/* What was read while the wall clock is not believed has no place in time. */
	if (!wall_feed(&port->pipeline->wall, read->at_mono_ms, read->at_utc_ms))
		return;
	meter_refresh_set(&port->meter, port->agent->view.refresh_ms);
	physical_take(port, read);
	pair = meter_feed(&port->meter, read, port->physical.bps, on_slot, port);
	port->agent->view.time_is_ours = meter_time_is_ours(&port->meter);
	if (pair == METER_PAIR_RESTART || pair == METER_PAIR_RESET ||
	    pair == METER_PAIR_DISCONTINUITY || pair == METER_PAIR_CLOCK)
		log_info("measure",
			 "port=%lld event=no-rate agent=%s interface=\"%s\" reason=\"%s\"",
			 (long long)port->port.id, port->port.agent, port->port.interface,
			 meter_pair_text(pair));
}

void
port_tick(struct watched_port *port, int64_t now_utc_ms)
{
	if (port_view_holds(port, now_utc_ms))
		return;
	meter_expire(&port->meter, clock_mono_ms(), now_utc_ms, on_slot, port);
	if (judge_detector(port->judge) == NULL)
		return;
	port_view_make(port, now_utc_ms);
	port_alert_look(port, now_utc_ms / 1000);
}
