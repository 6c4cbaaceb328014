/* pipeline_agent.c - one agent: looked up, asked each interval, and what is said of it.
 *
 * Its table is walked at the start, when a row was not what it should be, when the agent restarted, when its
 * ifTableLastChange moved, and now and then; its ports' counters are asked for otherwise.
 * An agent that is silent is reported when it falls silent and when it speaks again. */
#include "pipeline_agent.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"

#define RESOLVE_RETRY_MS 30000
#define LOOKUPS_MAX      8 /* at once */
#define LOOKUP_WAIT_MS   100

static void
label_of(const struct watched_agent *agent, char *dst, size_t len)
{
	snprintf(dst, len, "%s/%s", agent->view.exchange, agent->view.name);
}

/* --- trouble and its end, said once --- */

static void
trouble_set(struct watched_agent *agent, const char *trouble, bool failing)
{
	bool had = agent->view.trouble[0] != '\0', has = trouble[0] != '\0';

	if (has && (!had || failing != agent->failing))
		log_warn("agent", "event=trouble agent=%s/%s address=%s reason=\"%s\" cause=%s",
			 agent->view.exchange, agent->view.name, agent->view.address, trouble,
			 failing ? poll_failure_name(agent->failure) : "none");
	else if (had && !has)
		log_info("agent", "event=recovered agent=%s/%s address=%s", agent->view.exchange,
			 agent->view.name, agent->view.address);
	snprintf(agent->view.trouble, sizeof(agent->view.trouble), "%s", trouble);
	agent->failing = failing;
}

/* What a walk found wrong stays so until the next one; the first is told. */
void
agent_trouble_stands(struct watched_agent *agent, const char *why)
{
	if (agent->standing[0] == '\0')
		units_clean_text(agent->standing, sizeof(agent->standing), why, strlen(why));
}

void
agent_trouble_note(struct watched_agent *agent, enum poll_failure failure, const char *why)
{
	agent->failed = true;
	agent->failure = failure;
	units_clean_text(agent->why, sizeof(agent->why), why, strlen(why));
}

static void
failure_count(struct watched_agent *agent, enum poll_failure failure)
{
	agent->view.polls_failed++;
	agent->view.failed[failure]++;
}

void
agent_answered(struct watched_agent *agent, uint32_t uptime_ticks)
{
	int64_t now_mono_ms = clock_mono_ms();

	if (agent->uptime_mono_ms != 0 &&
	    meter_is_restart(agent->uptime_ticks, uptime_ticks,
			     (double)(now_mono_ms - agent->uptime_mono_ms))) {
		agent->walk_wanted = true; /* its ifIndex may have moved */
		agent_refresh_forget(agent);
	}
	agent->uptime_ticks = uptime_ticks;
	agent->uptime_mono_ms = now_mono_ms;
	agent->answered = true;
	agent->view.answered_utc_sec = clock_utc_sec();
	agent->view.rtt_us = snmp_agent_rtt_us(agent->snmp);
}

/* The round of this agent is over, well or not. */
void
agent_errand_end(struct watched_agent *agent)
{
	agent->busy = false;
	agent->asked_once = true;
	if (agent->poll_first) /* the walk follows at once */
		*agent->due_mono_ms = clock_mono_ms();
	agent->poll_first = false;
	agent_round_ends(agent);
	if (agent->failed)
		failure_count(agent, agent->failure);
	else
		agent->view.polls_ok++;
	trouble_set(agent,
		    agent->failed                ? agent->why
		    : agent->standing[0] != '\0' ? agent->standing
						 : snmp_agent_notice(agent->snmp),
		    agent->failed);
}

enum poll_failure
agent_errand_refused(const struct error *err)
{
	return err->code == ERR_NOMEM ? POLL_FAILED_MEMORY : POLL_FAILED_OTHER;
}

/* --- its life --- */

void
agent_address_rethink(struct watched_agent *agent)
{
	if (agent->roster->config->address.ss_family != 0 || agent->view.answered_utc_sec != 0)
		return;
	agent->choice++;
	snmp_agent_free(agent->snmp);
	agent->snmp = NULL;
}

static void
on_address(const struct sockaddr_storage *address, const char *why, void *user)
{
	struct watched_agent *agent = user;
	struct error err = { 0 };
	char label[160];

	if (address->ss_family == 0) {
		char text[160];

		snprintf(text, sizeof(text), "cannot look up %.80s: %.60s",
			 agent->roster->config->host, why);
		agent->failure = POLL_FAILED_LOOKUP;
		failure_count(agent, agent->failure);
		trouble_set(agent, text, true);
		agent->asked_once = true;
		agent->busy = false;
		*agent->due_mono_ms = clock_mono_ms() + RESOLVE_RETRY_MS;
		return;
	}
	label_of(agent, label, sizeof(label));
	agent->busy = false;
	if (!snmp_agent_new(&agent->snmp, agent->pipeline->snmp, label, address,
			    agent->roster->config->snmp, &err)) {
		trouble_set(agent, err.text, true);
		agent->asked_once = true;
		agent->busy = true; /* it can never be asked: configuration alone can change that */
	}
}

static void
on_looked_up(const struct sockaddr_storage *address, const char *why, void *user)
{
	struct watched_agent *agent = user;

	agent->lookup = NULL;
	agent->pipeline->lookup_count--;
	on_address(address, why, agent);
}

static void
address_start(struct watched_agent *agent)
{
	const struct config_agent *config = agent->roster->config;
	struct pipeline *pipeline = agent->pipeline;
	struct error err = { 0 };

	if (config->address.ss_family != 0) {
		on_address(&config->address, "", agent);
		return;
	}
	if (pipeline->lookup_count >= LOOKUPS_MAX) {
		*agent->due_mono_ms = clock_mono_ms() + LOOKUP_WAIT_MS;
		return;
	}
	agent->busy = true;
	agent->lookup = loop_resolve(pipeline->loop, config->host, config->port, agent->choice,
				     on_looked_up, agent, &err);
	if (agent->lookup != NULL)
		pipeline->lookup_count++;
	else
		on_address(&(struct sockaddr_storage) { 0 }, err.text, agent);
}

void
agent_open(struct watched_agent *agent, struct pipeline *pipeline,
	   const struct roster_agent *roster, size_t i)
{
	agent->pipeline = pipeline;
	agent->roster = roster;
	agent->due_mono_ms = &pipeline->due_mono_ms[i];
	agent->walk_wanted = true;
	snprintf(agent->view.exchange, sizeof(agent->view.exchange), "%s",
		 roster->uses[0].exchange->slug);
	snprintf(agent->view.name, sizeof(agent->view.name), "%s", roster->config->name);
	snprintf(agent->view.address, sizeof(agent->view.address), "%s",
		 roster->config->address_text);
	*agent->due_mono_ms = INT64_MAX; /* until agents_due */
}

/* The first question comes soon, a few milliseconds apart; the rounds keep the hash's place in the interval. */
void
agents_due(struct pipeline *pipeline)
{
	int64_t now_mono_ms = clock_mono_ms();

	for (size_t i = 0; i < pipeline->agent_count; i++)
		pipeline->due_mono_ms[i] = now_mono_ms + (int64_t)i % 200 * 5;
}

void
agent_close(struct watched_agent *agent)
{
	loop_lookup_cancel(agent->lookup);
	snmp_agent_free(agent->snmp);
	agent_table_free(agent);
	for (size_t i = 0; i < agent->port_count; i++)
		port_free(agent->ports[i]);
	free(agent->ports);
	free(agent->fresh);
	free(agent->rows);
	free(agent->polled);
	agent_refresh_close(agent);
}

/* The next due time on the agent's own place in the interval. */
static int64_t
next_due_ms(const struct watched_agent *agent, int64_t now_ms)
{
	int64_t interval_ms = (int64_t)agent->pipeline->config->interval_sec * 1000;
	int64_t place_ms = agent->roster->hash % (uint32_t)interval_ms;
	int64_t due_ms = now_ms - now_ms % interval_ms + place_ms;

	/* Not sooner than half an interval: the first question was asked out of turn. */
	while (due_ms <= now_ms + interval_ms / 2)
		due_ms += interval_ms;
	return due_ms;
}

/* False: it could not be, or there is nothing to ask. */
static bool
errand_begin(struct watched_agent *agent, int64_t now_mono_ms)
{
	if (agent->poll_first && agent_poll_start(agent))
		return true;
	agent->poll_first = false;
	return agent->walk_wanted || now_mono_ms >= agent->walk_due_mono_ms
		   ? agent_walk_start(agent)
		   : agent_poll_start(agent);
}

void
agent_tick(struct watched_agent *agent, int64_t now_mono_ms)
{
	int64_t due_mono_ms;
	bool begun;

	if (now_mono_ms < *agent->due_mono_ms)
		return;
	if (agent->looking)
		return; /* a moment: its answer is under way */
	if (agent->busy) {
		if (agent->snmp != NULL) {
			agent_round_left_out(agent, *agent->due_mono_ms);
			*agent->due_mono_ms = next_due_ms(agent, now_mono_ms);
		}
		return;
	}
	if (agent->snmp == NULL) {
		address_start(agent);
		return;
	}
	due_mono_ms = *agent->due_mono_ms;
	*agent->due_mono_ms = next_due_ms(agent, now_mono_ms);
	agent->busy = true;
	agent->failed = agent->answered = false;
	agent->misplaced = agent->walked_now = false;
	agent->why[0] = '\0';
	begun = errand_begin(agent, now_mono_ms);
	if (begun || agent->failed) {
		agent_round_begins(agent, now_mono_ms, due_mono_ms);
		if (!begun)
			agent_errand_end(agent);
		return;
	}
	agent->busy = false; /* no port of it to ask for: nothing is learned, and no trouble ends */
	agent->asked_once = true;
}
