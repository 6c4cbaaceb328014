/* pipeline_refresh.c - how often an agent takes its counters: looked at on its busiest port, between the rounds, soon
 * after the start, after a restart, and each hour; see measure/refresh.h.
 *
 * A look never delays a round by more than its own answer, and only a few agents are looked at at once. */
#include <math.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "pipeline_internal.h"

#define SCAN_MAX       2000 /* agents asked each time whether a look is due */
#define BEGIN_EVERY_MS 2000
#define AGAIN_MS       3600000 /* what an agent does may change with its configuration */
#define UNCLEAR_MIN_MS                                                                             \
	15000 /* after a look that taught nothing, and twice as long each time, ... */
#define UNCLEAR_MS     300000
#define ROOM_MS        250  /* between a look and the next round */
#define SLOT_REFRESHES 2    /* a slot waits for the refresh after its end, and a little */
#define NEWS_SHARE     0.15 /* a period that changed by less is the same */

static double
busy_pps(const struct watched_port *port)
{
	double in = port->view.value[COLUMN_IN_PPS], out = port->view.value[COLUMN_OUT_PPS];

	return port->present && port->counter_bits == 64 && !isnan(in + out) ? in + out : 0;
}

static struct watched_port *
busiest(const struct watched_agent *agent)
{
	struct watched_port *found = NULL;

	for (size_t i = 0; i < agent->port_count; i++)
		if (busy_pps(agent->ports[i]) >= REFRESH_BUSY_PPS &&
		    (found == NULL || busy_pps(agent->ports[i]) > busy_pps(found)))
			found = agent->ports[i];
	return found;
}

static void
look_begin(struct watched_agent *agent, int64_t now_mono_ms)
{
	struct watched_port *port;

	agent->look_due_mono_ms = now_mono_ms + BEGIN_EVERY_MS;
	if (agent->pipeline->looked_count >= LOOKED_AT_MAX || (port = busiest(agent)) == NULL)
		return;
	agent->pipeline->looked[agent->pipeline->looked_count++] = agent;
	agent->witness_id = port->port.id;
	refresh_begin(&agent->refresh);
	agent->look_due_mono_ms = now_mono_ms;
}

static void
look_end(struct watched_agent *agent, int64_t wait_ms)
{
	struct pipeline *pipeline = agent->pipeline;

	for (size_t i = 0; agent->witness_id != 0 && i < pipeline->looked_count; i++)
		if (pipeline->looked[i] == agent) {
			pipeline->looked[i] = pipeline->looked[--pipeline->looked_count];
			break;
		}
	agent->witness_id = 0;
	agent->look_due_mono_ms = clock_mono_ms() + wait_ms;
}

/* Nothing was learned: one moment of a busy box, or of ours, proves little, so it is looked at again soon at first. */
static void
look_unclear(struct watched_agent *agent)
{
	int64_t wait_ms = agent->unclear_ms > 0 ? agent->unclear_ms : UNCLEAR_MIN_MS;

	look_end(agent, wait_ms);
	agent->unclear_ms = wait_ms * 2 < UNCLEAR_MS ? wait_ms * 2 : UNCLEAR_MS;
}

/* Said once when it changes. */
static void
period_tell(struct watched_agent *agent)
{
	double before = agent->view.refresh_ms, now = agent->refresh.period_ms;

	if (fabs(now - before) <= NEWS_SHARE * fmax(now, before)) {
		agent->refresh.period_ms = agent->view.refresh_ms;
		return;
	}
	agent->view.refresh_ms = agent->refresh.period_ms;
	log_info(
	    "measure",
	    "event=refresh agent=%s/%s before_sec=%.1f now_sec=%.1f reason=\"its counters stand "
	    "still between\"",
	    agent->view.exchange, agent->view.name, before / 1000, now / 1000);
}

void
agent_refresh_read(struct watched_agent *agent, const struct watched_port *port,
		   const struct counter_read *read)
{
	if (agent->witness_id == 0 || port->port.id != agent->witness_id)
		return;
	switch (refresh_feed(&agent->refresh, read)) {
	case REFRESH_LOOKING:
		agent->look_due_mono_ms = clock_mono_ms() + refresh_wait_ms(&agent->refresh);
		break;
	case REFRESH_NONE:
	case REFRESH_PERIOD:
		period_tell(agent);
		look_end(agent, AGAIN_MS);
		agent->unclear_ms = 0;
		break;
	case REFRESH_UNCLEAR: look_unclear(agent); break;
	}
}

static void
on_look(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
	const char *alias, const char *why, void *user)
{
	struct watched_agent *agent = user;
	struct watched_port *port = pipeline_port_find(agent->pipeline, agent->witness_id);

	(void)row, (void)alias, (void)why;
	if (outcome == SNMP_ROW_READ && port != NULL)
		agent_refresh_read(agent, port, read);
	else
		look_unclear(agent); /* the rounds will say what is wrong */
}

static void
on_look_end(void *user)
{
	struct watched_agent *agent = user;

	agent->looking = agent->busy = false;
}

static void
look(struct watched_agent *agent)
{
	const struct watched_port *port = pipeline_port_find(agent->pipeline, agent->witness_id);
	struct snmp_poll_events events = { on_look, on_look_end, agent };
	struct error err = { 0 };

	if (port == NULL || !port->present) {
		look_unclear(agent);
		return;
	}
	agent->look_row = (struct snmp_poll_row) { .if_index = port->if_index,
						   .name = port->row_name,
						   .has_name = port->has_name,
						   .counter_bits = port->counter_bits };
	if (!snmp_poll(agent->snmp, &agent->look_row, 1, &events, &err))
		look_unclear(agent);
	else
		agent->looking = agent->busy = true;
}

static bool
may_look(const struct watched_agent *agent, int64_t now_mono_ms)
{
	return !agent->busy && agent->snmp != NULL && now_mono_ms >= agent->look_due_mono_ms;
}

void
pipeline_refresh_tick(struct pipeline *pipeline, int64_t now_mono_ms)
{
	for (size_t i = pipeline->looked_count; i-- > 0;) {
		struct watched_agent *agent = pipeline->looked[i];

		if (may_look(agent, now_mono_ms) && *agent->due_mono_ms - now_mono_ms > ROOM_MS)
			look(agent);
	}
}

void
pipeline_refresh_begin(struct pipeline *pipeline, int64_t now_mono_ms)
{
	size_t count = pipeline->agent_count < SCAN_MAX ? pipeline->agent_count : SCAN_MAX;

	for (size_t i = 0; i < count && pipeline->looked_count < LOOKED_AT_MAX; i++) {
		struct watched_agent *agent =
		    &pipeline->agents[pipeline->look_next++ % pipeline->agent_count];

		if (agent->witness_id == 0 && may_look(agent, now_mono_ms))
			look_begin(agent, now_mono_ms);
	}
}

void
agent_refresh_forget(struct watched_agent *agent)
{
	if (agent->view.refresh_ms != 0)
		log_info("measure", "event=refresh-forgotten agent=%s/%s reason=\"it restarted\"",
			 agent->view.exchange, agent->view.name);
	agent->view.refresh_ms = agent->refresh.period_ms = 0;
	agent->unclear_ms = 0;
	look_end(agent, BEGIN_EVERY_MS);
}

void
agent_refresh_close(struct watched_agent *agent)
{
	look_end(agent, 0);
}

int64_t
pipeline_refresh_wait_sec(const struct pipeline *pipeline)
{
	uint32_t most_ms = 0;

	for (size_t i = 0; i < pipeline->agent_count; i++)
		if (pipeline->agents[i].view.refresh_ms > most_ms)
			most_ms = pipeline->agents[i].view.refresh_ms;
	return most_ms * SLOT_REFRESHES / 1000 + (most_ms > 0);
}
