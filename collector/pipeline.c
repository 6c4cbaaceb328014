/* pipeline.c - rounds: who is asked when, and what is made durable and shown; see pipeline.h. */
#include "pipeline_internal.h"

#include <errno.h>
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "backfill.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "move.h"
#include "store/reserve.h"

#define TICK_MS 20
#define PUBLISH_MAX_MS                                                                             \
	10000 /* what is shown is never older than this, beside the interval itself */
#define WORK_EVERY_MS        500
#define DECLARED_BUDGET_MS   50
#define SERIES_BUDGET_MS     50      /* spent on files each time */
#define RECALL_BUDGET_MS     250     /* and on judges that stand where the last process left them */
#define CHECKPOINT_EVERY_SEC 3600    /* each port's state, once an hour */
#define TIDY_FIRST_MS        600000  /* once what a start took has been given back */
#define TIDY_EVERY_MS        3600000 /* the ledger's own housekeeping, and memory's */

/* --- publishing --- */

/* What fails at each publishing is said when it begins and when it ends. */
static void
tell_change(bool *failing, bool fails, const char *module, const struct error *err)
{
	if (fails && !*failing)
		log_error(module, "event=not-durable reason=\"%s\"", err->text);
	if (!fails && *failing)
		log_info(module, "event=durable-again");
	*failing = fails;
}

static void
series_commit_all(struct pipeline *pipeline)
{
	struct error err = { 0 };
	bool failed = !series_commit(pipeline->house.series, &err);

	tell_change(&pipeline->series_failing, failed, "series", &err);
}

/* A share of the checkpoints, so that each port's is written once an hour. */
static void
checkpoint_some(struct pipeline *pipeline, int64_t period_ms)
{
	size_t count = (size_t)((double)pipeline->port_count * (double)period_ms /
				(CHECKPOINT_EVERY_SEC * 1000.0)) +
		       1;
	struct error err = { 0 };

	for (size_t i = 0; i < count && i < pipeline->port_count; i++) {
		struct watched_port *port =
		    pipeline->ports[pipeline->checkpoint_next++ % pipeline->port_count];

		if (!port->lost && !judge_checkpoint(port->judge, &err) &&
		    !pipeline->ledger_failing)
			log_error("judge", "port=%lld event=no-checkpoint reason=\"%s\"",
				  (long long)port->port.id, err.text);
	}
	count = pipeline->connection_count * count / (pipeline->port_count + 1) + 1;
	if (pipeline->connection_checkpoint_next >= pipeline->connection_count)
		pipeline->connection_checkpoint_next = 0;
	connections_checkpoint(pipeline, pipeline->connection_checkpoint_next, count);
	pipeline->connection_checkpoint_next += count;
}

/* What a failed commit lost is found again from checkpoint and series. */
void
pipeline_recall(struct watched_port *port)
{
	struct error err = { 0 };

	port->lost = !judge_recall(port->judge, &err);
	port->judged_utc_sec = -1;
	port->look_utc_ms = 0;
	port->pipeline->waiting_count -= port->waiting && !port->lost;
	port->waiting = port->waiting && port->lost;
	if (port->lost && !port->lost_told)
		log_error("judge", "port=%lld event=not-recalled reason=\"%s\"",
			  (long long)port->port.id, err.text);
	if (!port->lost && port->lost_told)
		log_info("judge", "port=%lld event=recalled", (long long)port->port.id);
	port->lost_told = port->lost;
}

/* All that were lost, or that fit the time: a start has as many of them as there are ports, each reading its history. */
static void
ports_recall(struct pipeline *pipeline, int64_t end_mono_ms)
{
	bool some_lost = false;

	for (size_t i = 0; pipeline->some_lost && i < pipeline->port_count; i++) {
		struct watched_port *port;

		if (clock_mono_ms() > end_mono_ms)
			return;
		pipeline->recall_next = pipeline->recall_next % pipeline->port_count;
		port = pipeline->ports[pipeline->recall_next++];
		if (port->lost && !port->moved)
			pipeline_recall(port);
		some_lost |= port->lost && !port->moved;
	}
	pipeline->some_lost = some_lost;
}

static void
recall_lost(struct pipeline *pipeline)
{
	int64_t end_mono_ms = clock_mono_ms() + RECALL_BUDGET_MS;

	ports_recall(pipeline, end_mono_ms);
	connections_recall(pipeline, end_mono_ms);
}

/* After a start: the ports' judges, as many as fit the time. */
static void
recall_work(struct pipeline *pipeline)
{
	int64_t end_mono_ms = clock_mono_ms() + RECALL_BUDGET_MS;
	size_t waiting_count = pipeline->waiting_count;

	if (waiting_count > 0)
		ports_recall(pipeline, end_mono_ms);
	connections_recall(pipeline, end_mono_ms);
	if (waiting_count > 0 && pipeline->waiting_count == 0) {
		log_info("judge", "event=all-recalled ports=%zu", pipeline->port_count);
		malloc_trim(0); /* what a start takes and gives back lies between what stays */
	}
}

static void
ledger_commit_all(struct pipeline *pipeline)
{
	struct error err = { 0 };

	tell_change(&pipeline->ledger_failing, !pipeline_commit(pipeline, &err), "ledger", &err);
}

static bool
snapshot_put(struct pipeline *pipeline, struct error *err)
{
	struct snapshot *snapshot = &pipeline->snapshot;
	const struct snapshot_port **views = calloc(pipeline->port_count + 1, sizeof(*views));
	bool done;

	if (views == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < pipeline->port_count; i++)
		views[i] = &pipeline->ports[i]->view;
	pipeline_self_watch(pipeline);
	snapshot->port_count = (uint32_t)pipeline->port_count;
	snapshot->agent_count = (uint32_t)pipeline->agent_count;
	snapshot->round_utc_sec = clock_utc_sec();
	snapshot->rounds++;
	done = snapshot_write_views(pipeline->config->state_dir, snapshot, views, err);
	free(views);
	return done;
}

static void
snapshot_publish(struct pipeline *pipeline)
{
	struct error err = { 0 };
	bool failed = !snapshot_put(pipeline, &err);

	tell_change(&pipeline->snapshot_failing, failed, "snapshot", &err);
}

static void
reserve_keep(struct pipeline *pipeline)
{
	bool failing =
	    pipeline->series_failing || pipeline->ledger_failing || pipeline->snapshot_failing;

	switch (reserve_mind(pipeline->config->state_dir, RESERVE_OCTETS, failing)) {
	case RESERVE_SAME: break;
	case RESERVE_TAKEN:
		log_info("pipeline", "event=reserve-kept octets=%lld", (long long)RESERVE_OCTETS);
		break;
	case RESERVE_GIVEN_UP:
		log_error("pipeline",
			  "event=disk-full state_dir=%s reason=\"the reserve of %lld octets is "
			  "given up for "
			  "what must be written; make room before it is used up\"",
			  pipeline->config->state_dir, (long long)RESERVE_OCTETS);
		break;
	}
}

int64_t
pipeline_utc_ms(struct pipeline *pipeline)
{
	int64_t mono_ms = clock_mono_ms();

	(void)wall_feed(&pipeline->wall, mono_ms, clock_utc_ms());
	return wall_utc_ms(&pipeline->wall, mono_ms);
}

static void
leap_check(struct pipeline *pipeline)
{
	const struct wall *wall = &pipeline->wall;

	if (wall->doubted && !pipeline->wall_doubted)
		log_error(
		    "pipeline",
		    "event=clock-leapt reason=\"the wall clock leapt %lld s ahead: it is not "
		    "believed, and nothing is stored, until it has kept that time for %lld s\"",
		    (long long)(wall->leapt_ms - wall->offset_ms) / 1000,
		    (long long)wall->patience_ms / 1000);
	if (!wall->doubted && pipeline->wall_doubted)
		log_info("pipeline", "event=clock-believed-again");
	pipeline->wall_doubted = wall->doubted;
}

/* Of before the wall clock stepped back: history is not written over, so that nothing is stored until then. */
static void
clock_check(struct pipeline *pipeline, int64_t now_utc_sec)
{
	int64_t newest_utc_sec = pipeline->newest_utc_sec;
	bool behind;

	behind = newest_utc_sec > now_utc_sec + 3 * (int64_t)pipeline->config->interval_sec + 10;
	if (behind && !pipeline->clock_behind)
		log_error(
		    "pipeline",
		    "event=clock-behind reason=\"the wall clock stepped back %lld s; nothing is "
		    "stored until it has been there again\"",
		    (long long)(newest_utc_sec - now_utc_sec));
	if (!behind && pipeline->clock_behind)
		log_info("pipeline", "event=clock-well-again");
	pipeline->clock_behind = behind;
}

static void
first_round_check(struct pipeline *pipeline)
{
	if (pipeline->first_round_over)
		return;
	for (size_t i = 0; i < pipeline->agent_count; i++)
		if (!pipeline->agents[i].asked_once)
			return;
	pipeline->first_round_over = true;
	malloc_trim(0); /* walks take more than what they find */
	if (pipeline->on_first_round != NULL)
		pipeline->on_first_round(&pipeline->snapshot, pipeline->user);
}

static int64_t
publish_period_ms(const struct pipeline *pipeline)
{
	int64_t interval_ms = (int64_t)pipeline->config->interval_sec * 1000;

	return interval_ms < PUBLISH_MAX_MS ? interval_ms : PUBLISH_MAX_MS;
}

void
pipeline_publish(struct pipeline *pipeline)
{
	int64_t now_utc_ms = pipeline_utc_ms(pipeline);

	leap_check(pipeline);
	for (size_t i = 0; i < pipeline->port_count; i++)
		port_tick(pipeline->ports[i], now_utc_ms);
	connections_sync(pipeline);
	connections_tick(pipeline, now_utc_ms / 1000);
	alerts_look(pipeline, now_utc_ms / 1000);
	clock_check(pipeline, now_utc_ms / 1000);
	series_commit_all(pipeline);
	checkpoint_some(pipeline, publish_period_ms(pipeline));
	ledger_commit_all(pipeline);
	alerts_committed(pipeline, !pipeline->ledger_failing);
	recall_lost(pipeline);
	snapshot_publish(pipeline);
	reserve_keep(pipeline);
	first_round_check(pipeline);
}

static void
on_publish(void *user)
{
	pipeline_publish(user);
}

static void
on_tidy(void *user)
{
	struct pipeline *pipeline = user;
	struct error err = { 0 };

	ledger_commit_all(pipeline);
	if (!ledger_tidy(pipeline->house.ledger, &err))
		log_warn("ledger", "event=not-tidied reason=\"%s\"", err.text);
	malloc_trim(0);
}

static void
on_tick(void *user)
{
	struct pipeline *pipeline = user;
	int64_t now_ms = clock_mono_ms();

	snmp_tick(pipeline->snmp);
	for (size_t i = 0; i < pipeline->agent_count; i++)
		if (now_ms >= pipeline->due_mono_ms[i])
			agent_tick(&pipeline->agents[i], now_ms);
	pipeline_refresh_tick(pipeline, now_ms);
}

/* Judges ports whose windows changed, as many as fit the time. */
static void
declared_work(struct pipeline *pipeline)
{
	int64_t end_ms = clock_mono_ms() + DECLARED_BUDGET_MS;
	struct error err = { 0 };

	for (size_t i = 0; pipeline->declared_count > 0 && i < pipeline->port_count; i++) {
		struct watched_port *port = pipeline->ports[i];

		if (port->declared_utc_sec == 0 || port->lost || clock_mono_ms() > end_ms)
			continue;
		if (!judge_declared(port->judge, port->declared_utc_sec, &err)) {
			log_error("judge", "port=%lld event=window-not-judged reason=\"%s\"",
				  (long long)port->port.id, err.text);
			port->lost = pipeline->some_lost = true;
		}
		port->judged_utc_sec = -1;
		port->look_utc_ms = 0;
		port->declared_utc_sec = 0;
		port_advise_soon(port);
		pipeline->declared_count--;
	}
	connections_declared_work(pipeline, end_ms);
}

static void
on_work(void *user)
{
	struct pipeline *pipeline = user;

	series_work(pipeline->house.series, SERIES_BUDGET_MS);
	recall_work(pipeline);
	declared_work(pipeline);
	pipeline_refresh_begin(pipeline, clock_mono_ms());
	pipeline_daily_work(pipeline);
}

static void
on_readable_ipv4(void *user)
{
	struct pipeline *pipeline = user;

	snmp_readable(pipeline->snmp, snmp_fd_ipv4(pipeline->snmp));
}

static void
on_readable_ipv6(void *user)
{
	struct pipeline *pipeline = user;

	snmp_readable(pipeline->snmp, snmp_fd_ipv6(pipeline->snmp));
}

/* --- opening and closing --- */

static bool
stores_open(struct pipeline *pipeline, struct error *err)
{
	const struct config *config = pipeline->config;
	struct series_settings settings = judge_series_settings(config);

	pipeline->house.config = config;
	if (!series_open(&pipeline->house.series, &settings, err) ||
	    !ledger_open(&pipeline->house.ledger, config->state_dir, LEDGER_WRITE, err))
		return false;
	moves_complete(&pipeline->house);
	return true;
}

static bool
agents_open(struct pipeline *pipeline, struct error *err)
{
	char dir[4096];

	snprintf(dir, sizeof(dir), "%s/net-snmp", pipeline->config->state_dir);
	if (mkdir(dir, 0750) != 0 && errno != EEXIST)
		return error_set(err, ERR_IO, "%s: %s", dir, strerror(errno));
	if (!roster_new(&pipeline->roster, pipeline->config, err) ||
	    !snmp_open(&pipeline->snmp, dir, err))
		return false;
	pipeline->agents = calloc(pipeline->roster->agent_count + 1, sizeof(*pipeline->agents));
	pipeline->snapshot.agents =
	    calloc(pipeline->roster->agent_count + 1, sizeof(*pipeline->snapshot.agents));
	pipeline->due_mono_ms =
	    calloc(pipeline->roster->agent_count + 1, sizeof(*pipeline->due_mono_ms));
	if (pipeline->agents == NULL || pipeline->snapshot.agents == NULL ||
	    pipeline->due_mono_ms == NULL)
		return error_set(err, ERR_NOMEM, "agents: out of memory");
	pipeline->agent_count = pipeline->roster->agent_count;
	for (size_t i = 0; i < pipeline->agent_count; i++)
		agent_open(&pipeline->agents[i], pipeline, &pipeline->roster->agents[i], i);
	return true;
}

static bool
watches_start(struct pipeline *pipeline, struct error *err)
{
	int ipv4 = snmp_fd_ipv4(pipeline->snmp), ipv6 = snmp_fd_ipv6(pipeline->snmp);
	uint64_t period_ms = (uint64_t)publish_period_ms(pipeline);

	agents_due(pipeline);
	if (ipv4 >= 0 && (pipeline->watch_ipv4 = loop_watch_start(
			      pipeline->loop, ipv4, on_readable_ipv4, pipeline, err)) == NULL)
		return false;
	if (ipv6 >= 0 && (pipeline->watch_ipv6 = loop_watch_start(
			      pipeline->loop, ipv6, on_readable_ipv6, pipeline, err)) == NULL)
		return false;
	pipeline->tick = loop_timer_start(pipeline->loop, TICK_MS, TICK_MS, on_tick, pipeline);
	pipeline->publish = loop_timer_start(pipeline->loop, period_ms < 1000 ? period_ms : 1000,
					     period_ms, on_publish, pipeline);
	pipeline->tidy =
	    loop_timer_start(pipeline->loop, TIDY_FIRST_MS, TIDY_EVERY_MS, on_tidy, pipeline);
	pipeline->work =
	    loop_timer_start(pipeline->loop, WORK_EVERY_MS, WORK_EVERY_MS, on_work, pipeline);
	if (pipeline->tick == NULL || pipeline->publish == NULL || pipeline->tidy == NULL ||
	    pipeline->work == NULL)
		return error_set(err, ERR_NOMEM, "timers: out of memory");
	return true;
}

bool
pipeline_open(struct pipeline **out, const struct config *config, struct loop *loop,
	      const struct pipeline_carry *carry, pipeline_on_round *on_first_round, void *user,
	      struct error *err)
{
	struct pipeline *pipeline = calloc(1, sizeof(*pipeline));

	if (pipeline == NULL)
		return error_set(err, ERR_NOMEM, "pipeline: out of memory");
	pipeline->config = config;
	pipeline->loop = loop;
	pipeline->on_first_round = on_first_round;
	pipeline->user = user;
	pipeline->snapshot.interval_sec = config->interval_sec;
	wall_init(&pipeline->wall, config->interval_sec);
	pipeline->snapshot.started_utc_sec = clock_utc_sec();
	pipeline->snapshot.collector_pid = (uint32_t)getpid();
	snapshot_read(config->state_dir, &pipeline->before,
		      NULL); /* none, or another version's: no loss */
	if (!stores_open(pipeline, err) || !agents_open(pipeline, err) ||
	    !pipeline_known_load(pipeline, err) || !alerts_open(pipeline, err) ||
	    !watches_start(pipeline, err)) {
		pipeline_close(pipeline);
		return false;
	}
	snapshot_free(pipeline->before);
	pipeline->before = NULL;
	if (carry != NULL)
		pipeline_carry_give(carry, pipeline);
	log_info("pipeline", "event=opened agents=%zu ports=%zu interval_sec=%u state_dir=%s",
		 pipeline->agent_count, pipeline->port_count, config->interval_sec,
		 config->state_dir);
	*out = pipeline;
	return true;
}

static void
last_words(struct pipeline *pipeline)
{
	struct error err = { 0 };

	pipeline_publish(pipeline);
	for (size_t i = 0; i < pipeline->port_count; i++)
		if (!pipeline->ports[i]->lost)
			judge_checkpoint(pipeline->ports[i]->judge, &err);
	connections_checkpoint(pipeline, 0, pipeline->connection_count);
	if (!judge_house_commit(&pipeline->house, &err) ||
	    !series_flush_all(pipeline->house.series, &err))
		log_error("pipeline", "event=last-write-failed reason=\"%s\"", err.text);
}

/* Nothing comes in any more; what is there must not be lost, if it was open. */
static void
stop(struct pipeline *pipeline)
{
	bool was_open = pipeline->publish != NULL;

	loop_timer_stop(pipeline->tick);
	loop_timer_stop(pipeline->publish);
	loop_timer_stop(pipeline->tidy);
	loop_timer_stop(pipeline->work);
	loop_watch_stop(pipeline->watch_ipv4);
	loop_watch_stop(pipeline->watch_ipv6);
	pipeline->tick = pipeline->publish = pipeline->tidy = pipeline->work = NULL;
	pipeline->watch_ipv4 = pipeline->watch_ipv6 = NULL;
	if (was_open)
		last_words(pipeline);
}

struct pipeline_carry *
pipeline_suspend(struct pipeline *pipeline)
{
	stop(pipeline);
	return pipeline_carry_take(pipeline);
}

void
pipeline_close(struct pipeline *pipeline)
{
	if (pipeline == NULL)
		return;
	stop(pipeline);
	alerts_close(pipeline);
	connections_close(pipeline);
	for (size_t i = 0; i < pipeline->agent_count; i++)
		agent_close(&pipeline->agents[i]);
	free(pipeline->agents);
	free(pipeline->due_mono_ms);
	free(pipeline->ports);
	snmp_close(pipeline->snmp);
	roster_free(pipeline->roster);
	judge_house_end(&pipeline->house);
	series_close(pipeline->house.series);
	ledger_close(pipeline->house.ledger);
	snapshot_free(pipeline->before);
	free(pipeline->snapshot.agents);
	free(pipeline);
}

/* --- what the control socket asks --- */

void
pipeline_status(struct pipeline *pipeline, struct json *answer)
{
	struct series_health series;
	struct snmp_health snmp;

	series_health_get(pipeline->house.series, &series);
	snmp_health_get(pipeline->snmp, &snmp);
	json_put_int(answer, "pid", getpid());
	json_put_utc(answer, "started_at", pipeline->snapshot.started_utc_sec);
	json_put_utc(answer, "round_at", pipeline->snapshot.round_utc_sec);
	json_put_int(answer, "interval_sec", pipeline->config->interval_sec);
	json_put_int(answer, "agents", (int64_t)pipeline->agent_count);
	json_put_int(answer, "ports", (int64_t)pipeline->port_count);
	json_put_int(answer, "rounds_late", pipeline->snapshot.rounds_late);
	json_put_int(answer, "snmp_requests", (int64_t)snmp.requests);
	json_put_int(answer, "snmp_timeouts", (int64_t)snmp.timeouts);
	json_put_int(answer, "snmp_retries", (int64_t)snmp.retries);
	json_put_int(answer, "snmp_refused",
		     (int64_t)(snmp.refused_source + snmp.refused_objects + snmp.refused_type +
			       snmp.refused_security + snmp.refused_malformed));
	json_put_int(answer, "judges_waiting", (int64_t)pipeline->waiting_count);
	json_put_int(answer, "snmp_in_flight", (int64_t)snmp.in_flight);
	json_put_int(answer, "series_uncommitted", (int64_t)series.uncommitted_samples);
	json_put_int(answer, "series_pending", (int64_t)series.pending_samples);
	json_put_int(answer, "series_written", (int64_t)series.written_samples);
	json_put_int(answer, "series_lock_retries", (int64_t)series.lock_retries);
	json_put_int(answer, "series_write_failures", (int64_t)series.write_failures);
	json_put_int(answer, "series_set_aside", (int64_t)series.set_aside_files);
}

bool
pipeline_flush(struct pipeline *pipeline, int64_t port_id, struct error *err)
{
	struct watched_port *port = pipeline_port_find(pipeline, port_id);

	if (port == NULL)
		return error_set(err, ERR_NOT_FOUND, "there is no port %lld", (long long)port_id);
	return series_flush(pipeline->house.series, port->port.path, err);
}

void
pipeline_declared(struct pipeline *pipeline, int64_t port_id, int64_t from_utc_sec)
{
	struct watched_port *port = pipeline_port_find(pipeline, port_id);

	if (port == NULL || port->moved)
		return; /* a retired one: judged so when it returns */
	if (port->declared_utc_sec == 0)
		pipeline->declared_count++;
	if (port->declared_utc_sec == 0 || from_utc_sec < port->declared_utc_sec)
		port->declared_utc_sec = from_utc_sec;
	connection_declared(port, from_utc_sec);
}

struct judge_house *
pipeline_house(struct pipeline *pipeline)
{
	return &pipeline->house;
}

bool
pipeline_commit_now(struct pipeline *pipeline, struct error *err)
{
	return pipeline_commit(pipeline, err);
}

bool
pipeline_backfill(struct pipeline *pipeline, int64_t port_id, const struct backfill_source *source,
		  const char *actor, struct backfill_result *result, struct error *err)
{
	struct watched_port *port = pipeline_port_find(pipeline, port_id);
	bool done;

	*result = (struct backfill_result) { 0 };
	if (port == NULL)
		return error_set(err, ERR_NOT_FOUND, "there is no port %lld", (long long)port_id);
	if (port->moved)
		return error_set(
		    err, ERR_REFUSED,
		    "port %lld moved: its history goes on as another port's, which can "
		    "be backfilled",
		    (long long)port_id);
	if (source->capacity_bps <= 0 || isinf(source->capacity_bps))
		return error_set(err, ERR_USAGE, "a capacity must be above 0");
	if (port->lost)
		pipeline_recall(port);
	pipeline_publish(pipeline); /* what is written next is the import's alone */
	done = backfill(&pipeline->house, port->judge, &port->port, source, actor, result, err);
	log_info("backfill", "port=%lld event=%s samples=%llu accepted=%llu", (long long)port_id,
		 done ? "judged" : "failed", (unsigned long long)result->sample_count,
		 (unsigned long long)result->accepted_count);
	if (!done) {
		pipeline->house.trouble = err != NULL ? *err : (struct error) { .code = ERR_DB };
		port->lost = pipeline->some_lost = true; /* it may have been judged half */
		pipeline_commit(pipeline, NULL);
	} else {
		done = pipeline_commit(pipeline, err);
	}
	recall_lost(pipeline);
	connection_past_changed(port);
	port->judged_utc_sec = -1; /* what is shown follows at once */
	port->look_utc_ms = 0;
	port_advise_soon(port);
	return done;
}
