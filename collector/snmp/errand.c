/* errand.c - see errand.h.
 *
 * Whatever is told to the user may make him free the agent or start another errand: after each callback only
 * errand->agent says whether the agent is still there, and `busy` keeps the errand itself alive. */
#include "snmp/errand.h"

#include <stdio.h>
#include <stdlib.h>

#include "ixwatch/clock.h"

#define IN_FLIGHT_AGENT 2
#define SUSPECT_TRIES   2 /* for an agent that answered nothing last time */
#define LATE_FACTOR     4 /* how long an answer may take, in time-outs of its request */

static const unsigned in_flight_max[RING_COUNT] = {
	[RING_LIVELY] = 200,
	[RING_SUSPECT] = 128,
};

/* --- rings --- */

static void
agent_unqueue(struct snmp_agent *agent)
{
	if (agent->queued)
		TAILQ_REMOVE(&agent->snmp->ring[agent->ring], agent, in_ring);
	agent->queued = false;
}

/* Puts the agent at the end of the ring it belongs to now. */
static void
agent_queue(struct snmp_agent *agent)
{
	bool suspect = agent->silent_tries > 0 || agent->silent_errands > 0;
	enum ring ring = suspect ? RING_SUSPECT : RING_LIVELY;

	if (agent->queued && agent->ring == ring)
		return;
	agent_unqueue(agent);
	agent->ring = ring;
	agent->queued = true;
	TAILQ_INSERT_TAIL(&agent->snmp->ring[ring], agent, in_ring);
}

/* --- errands --- */

void
errand_start(struct snmp_agent *agent, enum errand_which which, struct errand *errand)
{
	if (agent->errands[ERRAND_WALK] == NULL && agent->errands[ERRAND_POLL] == NULL)
		agent->silent_tries = 0; /* a new chance */
	errand->agent = agent;
	agent->errands[which] = errand;
	agent_queue(agent);
	errand_pump(agent->snmp);
}

static void
asks_forget(struct snmp *snmp, const struct errand *errand)
{
	struct ask *ask;

	LIST_FOREACH(ask, &snmp->asks, link)
	if (ask->errand == errand)
		ask->errand = NULL;
}

void
errand_drop(struct errand *errand)
{
	struct snmp_agent *agent = errand->agent;

	if (agent == NULL)
		return;
	errand->agent = NULL;
	for (int i = 0; i < ERRAND_COUNT; i++)
		if (agent->errands[i] == errand)
			agent->errands[i] = NULL;
	asks_forget(agent->snmp, errand);
	if (errand->busy == 0)
		errand->kind->free(errand);
}

unsigned
errand_tries(const struct snmp_agent *agent)
{
	unsigned tries = agent->credentials->retries + 1;

	return agent->silent_errands > 0 && tries > SUSPECT_TRIES ? SUSPECT_TRIES : tries;
}

static bool
proved_alive(const struct snmp_agent *agent)
{
	return agent->answers > 0 && agent->silent_errands == 0;
}

bool
errand_agent_dead(const struct snmp_agent *agent, bool answered)
{
	unsigned requests = answered ? 4 : proved_alive(agent) ? 2 : 1;

	return agent->silent_tries >= errand_tries(agent) * requests;
}

/* --- out --- */

static struct session *
session_of(const struct snmp_agent *agent)
{
	return agent->snmp
	    ->session[agent->address.ss_family == AF_INET6 ? FAMILY_IPV6 : FAMILY_IPV4];
}

static uint32_t
random_next(struct snmp *snmp)
{
	snmp->random = snmp->random * 1664525u + 1013904223u;
	return snmp->random >> 8;
}

/* The errands of an agent take turns. */
static bool
ask_fill(struct snmp_agent *agent, struct ask *ask)
{
	for (unsigned i = 0; i < ERRAND_COUNT; i++) {
		struct errand *errand = agent->errands[(agent->turn + i) % ERRAND_COUNT];

		if (errand == NULL || !errand->kind->next(errand, ask))
			continue;
		ask->errand = errand;
		agent->turn = (agent->turn + i + 1) % ERRAND_COUNT;
		return true;
	}
	return false;
}

static void
ask_send(struct snmp_agent *agent, struct ask *ask)
{
	struct snmp *snmp = agent->snmp;
	uint64_t timeout_us =
	    manners_timeout_us(agent->credentials->timeout_ms, ask->tries, random_next(snmp));

	ask->agent = agent;
	ask->ring = agent->ring;
	ask->due_mono_us = clock_mono_us() + (int64_t)timeout_us;
	ask->ticket.question = (struct snmp_question) {
		.command = ask->command,
		.repetitions = ask->repetitions,
		.singles = ask->singles,
		.ascending = ask->ascending,
		.oids = ask->oids,
		.oid_count = ask->oid_count,
	};
	ask->ticket.to = agent->address;
	ask->ticket.credentials = agent->credentials;
	ask->ticket.engine = agent->engine;
	ask->ticket.timeout_us = timeout_us * LATE_FACTOR;
	LIST_INSERT_HEAD(&snmp->asks, ask, link);
	agent->in_flight++;
	snmp->in_flight[ask->ring]++;
	snmp->health.requests++;
	snmp->health.retries += ask->tries > 0;
	session_send(session_of(agent), &ask->ticket);
}

/* An agent that has not proved to be there is asked one thing at a time. */
static unsigned
agent_in_flight_max(const struct snmp_agent *agent)
{
	return proved_alive(agent) ? IN_FLIGHT_AGENT : 1;
}

/* Sends one request for the first agent of the ring, which then goes to the end of it.  False: memory ran out. */
static bool
ring_turn(struct snmp *snmp, enum ring ring)
{
	struct snmp_agent *agent = TAILQ_FIRST(&snmp->ring[ring]);
	struct ask *ask;

	if (agent->in_flight >= agent_in_flight_max(agent)) {
		agent_unqueue(agent); /* comes back when one of them ends */
		return true;
	}
	ask = calloc(1, sizeof(*ask));
	if (ask == NULL)
		return false;
	agent_unqueue(agent);
	if (!ask_fill(agent, ask)) {
		free(ask);
		return true;
	}
	ask_send(agent, ask);
	agent_queue(agent);
	return true;
}

void
errand_pump(struct snmp *snmp)
{
	if (snmp->telling > 0)
		return;
	for (int ring = 0; ring < RING_COUNT; ring++)
		while (snmp->in_flight[ring] < in_flight_max[ring] &&
		       !TAILQ_EMPTY(&snmp->ring[ring]))
			if (!ring_turn(snmp, (enum ring)ring))
				return;
}

/* --- in --- */

static void
answer_count(struct snmp *snmp, const struct ask *ask, const struct session_answer *answer)
{
	snmp->health.answers += answer->end == SESSION_ANSWERED;
	snmp->health.late += answer->end == SESSION_ANSWERED && ask->overdue;
	snmp->health.timeouts += answer->end == SESSION_SILENT && !ask->overdue;
	snmp->health.error_status += answer->end == SESSION_ANSWERED && answer->error_status != 0;
}

/* Its place is free for another. */
static void
place_free(struct snmp *snmp, struct ask *ask)
{
	snmp->in_flight[ask->ring]--;
	if (ask->agent != NULL)
		ask->agent->in_flight--;
}

static void
agent_note(struct snmp_agent *agent, const struct ask *ask, const struct session_answer *answer)
{
	if (answer->end == SESSION_ANSWERED) {
		/* Never 0: that means that there was no answer yet. */
		agent->rtt_us = (uint32_t)(clock_mono_us() - ask->sent_mono_us + 1);
		agent->answers++;
		agent->silent_tries = 0;
	} else if (!ask->overdue) {
		agent->silent_tries++;
	}
	agent_queue(agent);
}

static void
errand_tell(struct ask *ask, const struct session_answer *answer)
{
	struct errand *errand = ask->errand;

	if (errand == NULL)
		return;
	errand->busy++;
	if (!ask->overdue)
		errand->kind->on_answer(errand, ask, answer);
	else if (errand->kind->on_late != NULL && answer->end == SESSION_ANSWERED &&
		 answer->error_status == 0)
		errand->kind->on_late(errand, ask, answer);
	if (--errand->busy == 0 && errand->agent == NULL)
		errand->kind->free(errand);
}

void
errand_on_end(struct session_ticket *ticket, const struct session_answer *answer, void *user)
{
	struct snmp *snmp = user;
	struct ask *ask = (struct ask *)ticket; /* its first member */

	LIST_REMOVE(ask, link);
	ask->sent_mono_us = ticket->sent_mono_us;
	answer_count(snmp, ask, answer);
	if (!ask->overdue)
		place_free(snmp, ask);
	if (ask->agent != NULL)
		agent_note(ask->agent, ask, answer);
	errand_tell(ask, answer);
	free(ask);
}

static void
ask_overdue(struct snmp *snmp, struct ask *ask)
{
	const struct session_answer silence = { .end = SESSION_SILENT };

	session_overdue(&ask->ticket);
	answer_count(snmp, ask, &silence);
	place_free(snmp, ask);
	if (ask->agent != NULL)
		agent_note(ask->agent, ask, &silence);
	errand_tell(ask, &silence);
	ask->overdue = true;
}

/* Whoever is told may drop errands and agents, but no ask: those leave the list at their end alone. */
void
errand_tick(struct snmp *snmp)
{
	int64_t now_mono_us = clock_mono_us();
	struct ask *ask;

	LIST_FOREACH(ask, &snmp->asks, link)
	if (!ask->overdue && now_mono_us >= ask->due_mono_us)
		ask_overdue(snmp, ask);
}

void
errand_on_malformed(const struct sockaddr_storage *from, void *user)
{
	struct snmp *snmp = user;
	struct ask *ask;

	snmp->health.refused_malformed++;
	LIST_FOREACH(ask, &snmp->asks, link)
	if (ask->agent != NULL && session_same_address(&ask->agent->address, from, sizeof(*from))) {
		ask->ticket.cause = POLL_FAILED_MALFORMED;
		snprintf(ask->ticket.trouble, sizeof(ask->ticket.trouble),
			 "it answered with octets that are no SNMP message");
	}
}
