/* api.c - the state of the whole: status, exchanges, health. */
#include <inttypes.h>
#include <math.h>
#include <stdio.h>

#include "api.h"
#include "refuse.h"

#define READY_ROUNDS 3

void
api_put_sum(struct json *in, const struct world_sum *sum)
{
	json_put_int(in, "port_count", sum->port_count);
	struct json *states = json_put_object(in, "states");
	for (unsigned i = 0; i < STATE_COUNT; i++)
		json_put_int(states, model_state_name((enum port_state)i), sum->state_count[i]);
	struct json *verdicts = json_put_object(in, "verdicts");
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		json_put_int(verdicts, model_verdict_name((enum verdict)i), sum->verdict_count[i]);
	json_put_number(in, "in_bps", sum->bps[DIRECTION_IN]);
	json_put_number(in, "out_bps", sum->bps[DIRECTION_OUT]);
	json_put_int(in, "in_known_count", sum->known_count[DIRECTION_IN]);
	json_put_int(in, "out_known_count", sum->known_count[DIRECTION_OUT]);
}

void
api_put_next(struct json *in, int64_t last_id)
{
	char cursor[24];

	snprintf(cursor, sizeof(cursor), "%" PRId64, last_id);
	json_put_text(in, "next", last_id == 0 ? NULL : cursor);
}

static void
put_agent(struct json *agents, const struct snapshot_agent *agent, bool fresh)
{
	struct json *a = json_put_object(agents, "");

	json_put_text(a, "exchange", agent->exchange);
	json_put_text(a, "agent", agent->name);
	json_put_text(a, "address", agent->address);
	json_put_utc(a, "answered_at", agent->answered_utc_sec);
	json_put_int(a, "port_count", agent->port_count);
	json_put_int(a, "polls_ok", agent->polls_ok);
	json_put_int(a, "polls_failed", agent->polls_failed);
	json_put_number(a, "rtt_sec", agent->rtt_us > 0 ? agent->rtt_us / 1e6 : NAN);
	json_put_text(a, "time", agent->time_is_ours ? "ours" : "agent");
	json_put_number(a, "refresh_sec", agent->refresh_ms > 0 ? agent->refresh_ms / 1000.0 : NAN);
	json_put_text(a, "trouble", agent->trouble[0] == '\0' ? NULL : agent->trouble);
	self_watch_agent_json(a, agent, fresh);
}

static void
put_collector(struct json *root, const struct world *world)
{
	const struct snapshot *snapshot = world->snapshot;

	if (snapshot == NULL) {
		json_put_null(root, "collector");
		return;
	}
	struct json *collector = json_put_object(root, "collector");
	json_put_bool(collector, "running", !world->stale);
	json_put_int(collector, "pid", snapshot->collector_pid);
	json_put_utc(collector, "started_at", snapshot->started_utc_sec);
	json_put_int(collector, "rounds", snapshot->rounds);
	self_watch_json(collector, snapshot, !world->stale);
	struct json *agents = json_put_array(collector, "agents");
	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		put_agent(agents, &snapshot->agents[i], !world->stale);
}

/* To the second, by the clock of now: programs ask this. */
static bool
is_ready(const struct request *request)
{
	const struct world *world = request->world;

	return world->has_ledger && world->snapshot != NULL &&
	       request->now_utc_sec - world->round_utc_sec <=
		   READY_ROUNDS * (int64_t)world->interval_sec;
}

void
api_status(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	struct json *root = json_object_new();

	json_put_text(root, "version", IXWATCH_VERSION);
	json_put_utc(root, "now", request->now_utc_sec);
	json_put_bool(root, "ready", is_ready(request));
	json_put_utc(root, "round_at", world->round_utc_sec);
	json_put_int(root, "interval_sec", world->interval_sec);
	json_put_text(root, "trouble", world->trouble[0] == '\0' ? NULL : world->trouble);
	json_put_int(root, "exchange_count", (int64_t)world->exchange_count);
	api_put_sum(root, &world->sum);
	put_collector(root, world);
	reply_json(reply, 200, root);
}

void
api_exchanges(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;

	if (refuse_without_ledger(request, reply))
		return;
	struct json *root = json_object_new();
	struct json *list = json_put_array(root, "exchanges");
	for (size_t i = 0; i < world->exchange_count; i++) {
		const struct world_exchange *exchange = &world->exchanges[i];
		struct json *x = json_put_object(list, "");

		json_put_text(x, "exchange", exchange->slug);
		json_put_text(x, "name", exchange->name);
		json_put_text(x, "timezone", exchange->timezone);
		json_put_text(x, "worst_state", model_state_name(exchange->sum.worst));
		api_put_sum(x, &exchange->sum);
	}
	json_put_null(root, "next");
	reply_json(reply, 200, root);
}

void
api_healthz(const struct request *request, struct reply *reply)
{
	struct html text;

	(void)request;
	html_init(&text);
	html_raw(&text, "ok\n");
	reply_text(reply, 200, "text/plain; charset=utf-8", &text);
}

void
api_readyz(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	bool ready = is_ready(request);
	struct html text;

	html_init(&text);
	if (ready)
		html_raw(&text, "ready\n");
	else if (world->round_utc_sec == 0)
		html_raw(&text,
			 "not ready: no data yet: the collector has not made its first round\n");
	else
		html_put(
		    &text, "not ready: the last round ended %lld s ago, the interval is %u s\n",
		    (long long)(request->now_utc_sec - world->round_utc_sec), world->interval_sec);
	reply_text(reply, ready ? 200 : 503, "text/plain; charset=utf-8", &text);
}
