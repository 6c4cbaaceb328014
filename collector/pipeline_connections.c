/* pipeline_connections.c - all connections: which peers have several ports at an exchange, who belongs to them, and their
 * part in what the pipeline does with its ports.
 *
 * A port that its agent no longer lists, or that nothing claims, has left; one whose agent is silent has not: the sum is
 * unknown. */
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "pipeline_connection.h"

#define LEAVING_MAX     64  /* ports that leave at a time */
#define RETRY_SEC       600 /* after advice that failed */
#define LATEST_MORE_SEC 15  /* publishing, and answers on their way */

/* --- who belongs to it --- */

/* Its ports now, in the order of their ids; false: they are those it has. */
static bool
seats_differ(const struct watched_connection *c, struct watched_port *const *ports, size_t count)
{
	if (!c->known || c->seat_count != count)
		return true;
	for (size_t i = 0; i < count; i++)
		if (connection_seat(c, ports[i]->port.id) == NULL)
			return true;
	return false;
}

static bool
is_among(const struct watched_port *port, struct watched_port *const *ports, size_t count)
{
	for (size_t i = 0; i < count; i++)
		if (ports[i] == port)
			return true;
	return false;
}

/* The ledger's members that are none of these have left. */
struct leaving {
	struct watched_port *const *ports;
	size_t count;
	int64_t gone[LEAVING_MAX];
	size_t gone_count;
};

static bool
on_member(const struct ledger_member *member, void *user)
{
	struct leaving *leaving = user;

	if (member->to_utc_sec != 0 || leaving->gone_count == LEAVING_MAX)
		return true;
	for (size_t i = 0; i < leaving->count; i++)
		if (leaving->ports[i]->port.id == member->port_id)
			return true;
	leaving->gone[leaving->gone_count++] = member->port_id;
	return true;
}

/* As many at a time as fit the list. */
static bool
members_leave(struct watched_connection *c, struct leaving *leaving, int64_t at_utc_sec,
	      bool *changed, struct error *err)
{
	struct ledger *ledger = c->pipeline->house.ledger;

	do {
		leaving->gone_count = 0;
		if (!ledger_member_each(ledger, c->id, on_member, leaving, err))
			return false;
		for (size_t i = 0; i < leaving->gone_count; i++)
			if (!ledger_member_leave(ledger, c->id, leaving->gone[i], at_utc_sec, err))
				return false;
		*changed = *changed || leaving->gone_count > 0;
	} while (leaving->gone_count == LEAVING_MAX);
	return true;
}

/* In the ledger: *changed when a port joined or left; *past_changed when it brought history that was not summed before. */
static bool
members_write(struct watched_connection *c, struct watched_port *const *ports, size_t count,
	      bool *past_changed, bool *changed, struct error *err)
{
	struct judge_house *house = &c->pipeline->house;
	struct leaving leaving = { .ports = ports, .count = count };
	int64_t now_utc_sec = clock_utc_sec(), from_utc_sec;
	bool done = judge_house_begin(house, err) &&
		    ledger_connection_put(house->ledger, c->exchange->slug, c->asn, &c->id, err) &&
		    members_leave(c, &leaving, now_utc_sec, changed, err);

	for (size_t i = 0; done && i < count; i++) {
		bool joined;

		done = ledger_member_join(house->ledger, c->id, ports[i]->port.id, now_utc_sec,
					  &joined, &from_utc_sec, err);
		*changed = *changed || joined;
		*past_changed = *past_changed || (joined && from_utc_sec < now_utc_sec);
	}
	return done;
}

/* Of the steps that are in the making; false (and none) when memory ran out. */
static bool
steps_make(const struct watched_connection *c, struct part *steps[RING_STEPS_MAX], size_t count)
{
	for (size_t k = 0; k < c->ring_steps; k++) {
		if (c->steps[k] == NULL)
			continue;
		steps[k] = calloc(count + 1, sizeof(*steps[k]));
		if (steps[k] != NULL)
			continue;
		while (k-- > 0)
			free(steps[k]);
		return false;
	}
	return true;
}

/* Seats keep what they hold; new ones begin empty. */
static bool
seats_set(struct watched_connection *c, struct watched_port *const *ports, size_t count)
{
	struct seat *seats = calloc(count + 1, sizeof(*seats));
	struct part *steps[RING_STEPS_MAX] = { NULL };

	if (seats == NULL || !steps_make(c, steps, count)) {
		free(seats);
		return false;
	}
	for (size_t i = 0; i < count; i++) {
		const struct seat *old = connection_seat(c, ports[i]->port.id);

		seats[i] = (struct seat) { .port = ports[i] };
		if (old == NULL)
			continue;
		seats[i].slot_until_utc_sec = old->slot_until_utc_sec;
		for (size_t k = 0; k < c->ring_steps; k++)
			if (steps[k] != NULL)
				steps[k][i] = c->steps[k][old - c->seats];
	}
	for (size_t i = 0; i < c->seat_count; i++)
		if (!is_among(c->seats[i].port, ports, count))
			c->seats[i].port->connection = NULL;
	free(c->seats);
	connection_steps_forget(c);
	memcpy(c->steps, steps, sizeof(c->steps));
	c->seats = seats;
	c->seat_count = count;
	for (size_t i = 0; i < count; i++) {
		ports[i]->connection = c;
		ports[i]->seat = i;
	}
	return true;
}

static void
connection_assign(struct watched_connection *c, struct watched_port *const *ports, size_t count)
{
	struct error err = { 0 };
	bool past_changed = false, had_judge = c->judge != NULL, changed = false;

	if (!seats_differ(c, ports, count))
		return;
	if (had_judge && !c->lost && !judge_checkpoint(c->judge, &err))
		connection_tell_lost(c, &err);
	if (!members_write(c, ports, count, &past_changed, &changed, &err) ||
	    (!seats_set(c, ports, count) && !error_set(&err, ERR_NOMEM, "out of memory")) ||
	    (had_judge && !connection_judge_make(c, past_changed, &err))) {
		connection_tell_lost(c, &err);
		c->pipeline->connections_stale = true; /* tried again with the next publishing */
		return;
	}
	c->known = true;
	if (changed)
		c->daily_utc_sec = 0;
	c->lost = false; /* without a judge it waits for its turn: see connections_recall */
	if (changed)
		log_info("connection", "event=ports exchange=%s asn=%u connection=%lld ports=%zu",
			 c->exchange->slug, c->asn, (long long)c->id, count);
}

static struct watched_connection *
connection_find(const struct pipeline *pipeline, const struct config_exchange *exchange,
		uint32_t asn)
{
	for (size_t i = 0; i < pipeline->connection_count; i++)
		if (pipeline->connections[i]->exchange == exchange &&
		    pipeline->connections[i]->asn == asn)
			return pipeline->connections[i];
	return NULL;
}

/* By the step judged in there, as the detector has it. */
static void
ring_size(struct watched_connection *c)
{
	const struct config *config = c->pipeline->config;
	struct detector_settings settings;
	unsigned wait_sec = LATEST_INTERVALS * config->interval_sec + RING_MORE_SEC, steps;

	config_detector(config, c->exchange, NULL, NULL, &settings);
	c->step_sec = (unsigned)settings.step_sec;
	if (c->step_sec < config->interval_sec)
		c->step_sec = config->interval_sec;
	steps = (wait_sec + c->step_sec - 1) / c->step_sec + 1;
	c->ring_steps = steps < RING_STEPS_MIN   ? RING_STEPS_MIN
			: steps > RING_STEPS_MAX ? RING_STEPS_MAX
						 : steps;
}

static struct watched_connection *
connection_new(struct pipeline *pipeline, const struct config_exchange *exchange, uint32_t asn)
{
	struct watched_connection **grown =
	    realloc(pipeline->connections, (pipeline->connection_count + 1) * sizeof(*grown));
	struct watched_connection *c = calloc(1, sizeof(*c));

	if (grown != NULL)
		pipeline->connections = grown;
	if (grown == NULL || c == NULL) {
		free(c);
		return NULL;
	}
	*c = (struct watched_connection) { .pipeline = pipeline, .exchange = exchange, .asn = asn };
	ring_size(c);
	grown[pipeline->connection_count++] = c;
	return c;
}

/* Ports that are a part of their peer's connection; never those that several peers, or nobody, share, nor the member of a
 * LAG that is a port itself. */
static bool
is_counted(const struct watched_port *port)
{
	return (port->port.kind == KIND_MEMBER || port->port.kind == KIND_PNI) &&
	       port->port.asn != 0 && port->port.vanished_utc_sec == 0 && !port->retired &&
	       !port->in_lag;
}

static int
by_connection(const void *a, const void *b)
{
	const struct watched_port *x = *(struct watched_port *const *)a,
				  *y = *(struct watched_port *const *)b;
	int exchange = strcmp(x->use->exchange->slug, y->use->exchange->slug);

	if (exchange != 0)
		return exchange;
	if (x->port.asn != y->port.asn)
		return x->port.asn < y->port.asn ? -1 : 1;
	return x->port.id < y->port.id ? -1 : x->port.id > y->port.id;
}

static bool
is_same_connection(const struct watched_port *x, const struct watched_port *y)
{
	return x->use->exchange == y->use->exchange && x->port.asn == y->port.asn;
}

/* One port alone is no connection of its own, unless there were more before. */
static void
group_take(struct pipeline *pipeline, struct watched_port *const *ports, size_t count)
{
	struct watched_connection *c =
	    connection_find(pipeline, ports[0]->use->exchange, ports[0]->port.asn);

	if (c == NULL && count >= 2)
		c = connection_new(pipeline, ports[0]->use->exchange, ports[0]->port.asn);
	if (c != NULL)
		connection_assign(c, ports, count);
}

/* Those that are left without any port. */
static void
deserted_take(struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->connection_count; i++) {
		struct watched_connection *c = pipeline->connections[i];
		bool has_port = false;

		for (size_t k = 0; k < c->seat_count; k++)
			has_port = has_port || (is_counted(c->seats[k].port) &&
						c->seats[k].port->port.asn == c->asn);
		if (!has_port)
			connection_assign(c, NULL, 0);
	}
}

void
connections_sync(struct pipeline *pipeline)
{
	struct watched_port **counted;
	size_t count = 0;

	if (!pipeline->connections_stale)
		return;
	counted = calloc(pipeline->port_count + 1, sizeof(struct watched_port *));
	if (counted == NULL)
		return;
	pipeline->connections_stale = false;
	for (size_t i = 0; i < pipeline->port_count; i++)
		if (is_counted(pipeline->ports[i]))
			counted[count++] = pipeline->ports[i];
	qsort(counted, count, sizeof(struct watched_port *), by_connection);
	for (size_t first = 0, next; first < count; first = next) {
		for (next = first + 1;
		     next < count && is_same_connection(counted[first], counted[next]); next++)
			;
		group_take(pipeline, counted + first, next - first);
	}
	deserted_take(pipeline);
	free(counted);
}

/* --- from the ledger, and its fate --- */

static bool
on_known(const struct ledger_connection *known, void *user)
{
	struct pipeline *pipeline = user;
	const struct config_exchange *exchange =
	    config_exchange_find(pipeline->config, known->exchange);
	struct watched_connection *c =
	    exchange != NULL ? connection_new(pipeline, exchange, known->asn) : NULL;

	if (c == NULL)
		return true;
	c->id = known->id;
	c->daily_utc_sec = ADVISE_AFTER_START;
	return true;
}

bool
connections_load(struct pipeline *pipeline, struct error *err)
{
	pipeline->connections_stale = true;
	return ledger_connection_each(pipeline->house.ledger, 0, on_known, pipeline, err);
}

static void
contracts_read(struct watched_connection *c)
{
	struct error err = { 0 };

	if (!c->contract_changed)
		return;
	c->contract_changed = false;
	if (!judge_contract_changed(c->judge, &err))
		connection_tell_lost(c, &err);
}

void
connections_tick(struct pipeline *pipeline, int64_t now_utc_sec)
{
	int64_t final_utc_sec = now_utc_sec - LATEST_MORE_SEC -
				pipeline_refresh_wait_sec(pipeline) -
				LATEST_INTERVALS * (int64_t)pipeline->config->interval_sec;

	for (size_t i = 0; i < pipeline->connection_count; i++)
		if (pipeline->connections[i]->judge != NULL) {
			contracts_read(pipeline->connections[i]);
			connection_steps_judge(pipeline->connections[i], final_utc_sec);
		}
}

/* What a failed commit lost: its ports are written again, and it is recalled. */
void
connections_committed(struct pipeline *pipeline, bool done)
{
	for (size_t i = 0; i < pipeline->connection_count; i++) {
		struct watched_connection *c = pipeline->connections[i];

		if (c->judge != NULL && judge_wrote(c->judge) && !done)
			c->lost = true;
		if (!done)
			c->known = false;
	}
	pipeline->connections_stale = pipeline->connections_stale || !done;
}

void
connections_recall(struct pipeline *pipeline, int64_t end_mono_ms)
{
	for (size_t i = 0; i < pipeline->connection_count && clock_mono_ms() <= end_mono_ms; i++) {
		struct watched_connection *c = pipeline->connections[i];

		if (c->known && c->seat_count > 0 && (c->lost || c->judge == NULL))
			connection_recall(c);
	}
}

void
connections_checkpoint(struct pipeline *pipeline, size_t first, size_t count)
{
	struct error err = { 0 };

	for (size_t i = first; i < first + count && i < pipeline->connection_count; i++) {
		struct watched_connection *c = pipeline->connections[i];

		if (c->judge != NULL && !c->lost && !judge_checkpoint(c->judge, &err) &&
		    !pipeline->ledger_failing)
			log_error("connection", "connection=%lld event=no-checkpoint reason=\"%s\"",
				  (long long)c->id, err.text);
	}
}

void
connection_declared(struct watched_port *port, int64_t from_utc_sec)
{
	struct watched_connection *c = port->connection;

	if (c != NULL && (c->declared_utc_sec == 0 || from_utc_sec < c->declared_utc_sec))
		c->declared_utc_sec = from_utc_sec;
}

void
connection_past_changed(struct watched_port *port)
{
	if (port->connection != NULL)
		port->connection->past_changed = true;
}

void
connections_declared_work(struct pipeline *pipeline, int64_t end_mono_ms)
{
	for (size_t i = 0; i < pipeline->connection_count; i++) {
		struct watched_connection *c = pipeline->connections[i];
		struct error err = { 0 };

		if ((c->declared_utc_sec == 0 && !c->past_changed) || c->judge == NULL || c->lost ||
		    clock_mono_ms() > end_mono_ms)
			continue;
		judge_history_ends(c->judge, connection_history_until(c));
		if (!(c->past_changed ? judge_anew(c->judge, &err)
				      : judge_declared(c->judge, c->declared_utc_sec, &err)))
			connection_tell_lost(c, &err);
		c->past_changed = false;
		c->looked_utc_sec = 0;
		c->declared_utc_sec = c->daily_utc_sec = 0;
	}
}

static bool
connection_report(struct watched_connection *c, struct error *err)
{
	struct judge *judge = NULL;

	if (!judge_reports_differ(c->pipeline->config, c->exchange, NULL))
		return true;
	if (!judge_new_connection(&judge, &c->pipeline->house, JUDGED_FOR_REPORTS, c->id,
				  c->exchange, connection_discards_trusted(c), err))
		return false;
	if (c->daily_utc_sec == ADVISE_AFTER_START &&
	    judge_stands(judge, judge_day_begin_utc_sec(c->judge))) {
		judge_free(judge);
		return true;
	}
	judge_history_ends(judge, connection_history_until(c));
	return judge_for_reports(judge, err);
}

void
connections_daily_work(struct pipeline *pipeline, size_t count, int64_t end_mono_ms)
{
	if (count > pipeline->connection_count)
		count = pipeline->connection_count;
	for (size_t i = 0; i < count && clock_mono_ms() <= end_mono_ms; i++) {
		struct watched_connection *c =
		    pipeline->connections[pipeline->daily_connection_next++ %
					  pipeline->connection_count];
		struct error err = { 0 };

		if (c->judge == NULL || c->lost ||
		    detector_until_utc_sec(judge_detector(c->judge)) <= c->daily_utc_sec)
			continue;
		if (!connection_report(c, &err))
			log_warn("connection",
				 "connection=%lld event=not-judged-for-reports reason=\"%s\"",
				 (long long)c->id, err.text);
		c->daily_utc_sec = judge_day_end_utc_sec(c->judge);
		if (!connection_advise(c, &err)) {
			log_warn("connection", "connection=%lld event=not-advised reason=\"%s\"",
				 (long long)c->id, err.text);
			c->daily_utc_sec =
			    detector_until_utc_sec(judge_detector(c->judge)) + RETRY_SEC;
		}
	}
}

/* A start changes those of all its ports at once: they are read once, before the next step is judged. */
void
connections_contract_changed(struct watched_port *port)
{
	if (port->connection != NULL)
		port->connection->contract_changed = true;
}

/* What it was judged by is not written any more: the ledger has forgotten it. */
void
connection_members_changed(struct watched_port *port)
{
	struct watched_connection *c = port->connection;

	if (c == NULL)
		return;
	c->lost = true;
	c->known = false;
	c->pipeline->connections_stale = true;
}

void
connections_close(struct pipeline *pipeline)
{
	for (size_t i = 0; i < pipeline->connection_count; i++) {
		judge_free(pipeline->connections[i]->judge);
		free(pipeline->connections[i]->seats);
		connection_steps_forget(pipeline->connections[i]);
		free(pipeline->connections[i]);
	}
	free(pipeline->connections);
}
