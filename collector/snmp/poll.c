/* poll.c - a round of counters from one agent; see snmp.h.
 *
 * Rows are packed into spans, one request each, as many as fit an Ethernet's datagram and the agent's manners.  A span
 * that is too big, or met silence twice, is halved; one row that still does not fit is refused.  An agent that is silent to
 * whatever is sent (errand_agent_dead) is not asked for the rest. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "snmp/errand.h"
#include "snmp/ifmib.h"

#define ENVELOPE_OCTETS 60 /* message, PDU and sysUpTime.0, without manners.envelope_octets */
#define ERROR_TOO_BIG   1
#define WHY_LEN         256

struct span {
	TAILQ_ENTRY(span) link;
	size_t first, count;
	unsigned tries; /* sent so often */
	bool in_flight;
};

TAILQ_HEAD(span_list, span);

struct poll {
	struct errand errand;
	const struct snmp_poll_row *rows;
	size_t row_count;
	size_t next_row; /* the first that is in no span yet */
	bool started;    /* a round of no rows still asks for sysUpTime */
	struct span_list spans;
	struct snmp_poll_events events;
	bool answered, troubled;
};

static bool
alive(const struct poll *poll)
{
	return poll->errand.agent != NULL;
}

static void
row_tell(struct poll *poll, size_t row, enum snmp_row_outcome outcome, const char *why)
{
	if (alive(poll))
		poll->events.on_row(row, outcome, NULL, NULL, why, poll->events.user);
}

static void
rows_tell(struct poll *poll, size_t first, size_t count, enum snmp_row_outcome outcome,
	  const char *why)
{
	for (size_t i = first; i < first + count; i++)
		row_tell(poll, i, outcome, why);
}

/* --- asking --- */

static size_t
span_fit(const struct poll *poll, size_t first)
{
	const struct snmp_agent *agent = poll->errand.agent;
	size_t octets = ENVELOPE_OCTETS + agent->manners.envelope_octets, oids = 1, count = 0;

	while (first + count < poll->row_count && count < agent->manners.rows_max) {
		const struct snmp_poll_row *row = &poll->rows[first + count];
		struct ifmib_plan plan = ifmib_plan_for(row);

		octets += ifmib_row_octets(&plan, row, agent->alias_len_max);
		oids += plan.count;
		if (count > 0 && (octets > MANNERS_OCTETS_MAX || oids > ASK_OIDS_MAX))
			break;
		count++;
	}
	return count;
}

static struct span *
span_add(struct poll *poll, size_t first, size_t count)
{
	struct span *span = calloc(1, sizeof(*span));

	if (span == NULL)
		return NULL;
	span->first = first;
	span->count = count;
	TAILQ_INSERT_TAIL(&poll->spans, span, link);
	return span;
}

static struct span *
span_next(struct poll *poll)
{
	struct span *span;

	TAILQ_FOREACH(span, &poll->spans, link)
	if (!span->in_flight)
		return span;
	if (poll->started && poll->next_row == poll->row_count)
		return NULL;
	span = span_add(poll, poll->next_row, span_fit(poll, poll->next_row));
	if (span == NULL)
		return NULL;
	poll->started = true;
	poll->next_row += span->count;
	return span;
}

static bool
poll_next(struct errand *errand, struct ask *ask)
{
	struct poll *poll = (struct poll *)errand;
	struct span *span = span_next(poll);

	if (span == NULL)
		return false;
	span->in_flight = true;
	ask->command = SNMP_COMMAND_GET;
	ask->tries = span->tries;
	ask->note = span;
	ask->oids[ask->oid_count++] = ifmib_scalars[IFMIB_SYS_UPTIME].oid;
	for (size_t i = span->first; i < span->first + span->count; i++) {
		struct ifmib_plan plan = ifmib_plan_for(&poll->rows[i]);

		for (size_t k = 0; k < plan.count; k++)
			ask->oids[ask->oid_count++] = snmp_oid_instance(
			    &ifmib_objects[plan.column[k]].oid, poll->rows[i].if_index);
	}
	return true;
}

/* --- ending --- */

static void
span_end(struct poll *poll, struct span *span)
{
	TAILQ_REMOVE(&poll->spans, span, link);
	free(span);
}

/* Nothing was answered at all: then nothing is known about sizes either. */
static void
poll_finish(struct poll *poll)
{
	struct snmp_agent *agent = poll->errand.agent;

	manners_errand_end(&agent->manners, !poll->answered  ? MANNERS_NONE
					    : poll->troubled ? MANNERS_PARTLY
							     : MANNERS_CLEAN);
	agent->silent_errands = poll->answered ? 0 : agent->silent_errands + 1;
	errand_drop(&poll->errand);
	poll->events.on_end(poll->events.user);
}

static void
poll_finish_if_done(struct poll *poll)
{
	if (alive(poll) && TAILQ_EMPTY(&poll->spans) && poll->next_row == poll->row_count)
		poll_finish(poll);
}

/* All rows not told yet end like this one. */
static void
poll_give_up(struct poll *poll, enum snmp_row_outcome outcome, const char *why)
{
	struct span *span;

	while ((span = TAILQ_FIRST(&poll->spans)) != NULL) {
		rows_tell(poll, span->first, span->count, outcome, why);
		span_end(poll, span);
	}
	rows_tell(poll, poll->next_row, poll->row_count - poll->next_row, outcome, why);
	poll->next_row = poll->row_count;
}

/* Splits a span in two that count as sent `tries` times.  False: it has one row, or memory ran out. */
static bool
span_halve(struct poll *poll, struct span *span, unsigned tries)
{
	size_t half = span->count / 2;
	struct span *second;

	if (span->count < 2 ||
	    (second = span_add(poll, span->first + half, span->count - half)) == NULL)
		return false;
	span->count = half;
	span->tries = second->tries = tries;
	return true;
}

/* --- answers --- */

static void
row_decode(struct poll *poll, size_t row, const struct ifmib_plan *plan,
	   const struct snmp_varbind *varbinds, struct counter_read *read)
{
	char alias[IFMIB_TEXT_LEN], why[WHY_LEN] = "";
	enum snmp_row_outcome outcome =
	    ifmib_decode(plan, &poll->rows[row], varbinds, read, alias, why, sizeof(why));

	if (outcome == SNMP_ROW_REFUSED)
		poll->errand.agent->snmp->health.refused_type++;
	if (outcome == SNMP_ROW_READ)
		poll->events.on_row(row, outcome, read, alias, "", poll->events.user);
	else
		row_tell(poll, row, outcome, why);
}

/* The counters were read between sending and receiving: the middle is the best guess. */
static void
read_stamp(struct counter_read *read, const struct ask *ask)
{
	int64_t now_mono_ms = clock_mono_ms();

	read->at_mono_ms = ask->sent_mono_ms + (now_mono_ms - ask->sent_mono_ms) / 2;
	read->at_utc_ms = clock_utc_ms() - (now_mono_ms - read->at_mono_ms);
	read->at_slack_ms = (uint32_t)(now_mono_ms - read->at_mono_ms);
}

static void
on_values(struct poll *poll, const struct ask *ask, const struct snmp_varbind *varbinds)
{
	struct span *span = ask->note;
	struct counter_read read = { 0 };
	char why[WHY_LEN];

	read_stamp(&read, ask);
	if (!ifmib_uptime(&varbinds[0], read.at_mono_ms, &read.uptime_ticks, &read.uptime_is_ours,
			  why, sizeof(why))) {
		poll->errand.agent->snmp->health.refused_type++;
		rows_tell(poll, span->first, span->count, SNMP_ROW_REFUSED, why);
		return;
	}
	varbinds++;
	for (size_t i = span->first; alive(poll) && i < span->first + span->count; i++) {
		struct ifmib_plan plan = ifmib_plan_for(&poll->rows[i]);

		row_decode(poll, i, &plan, varbinds, &read);
		varbinds += plan.count;
	}
}

/* An error concerns the whole request; halving finds the row it is about. */
static void
on_error(struct poll *poll, const struct ask *ask, const struct session_answer *answer)
{
	struct span *span = ask->note;
	char why[WHY_LEN];

	poll->troubled = true;
	if (answer->error_status == ERROR_TOO_BIG)
		manners_too_big(&poll->errand.agent->manners, (unsigned)span->count);
	if (span_halve(poll, span, 0)) {
		span->in_flight = false;
		return;
	}
	snprintf(why, sizeof(why), "it answered %s to a request for one row%s",
		 snmp_error_name(answer->error_status),
		 answer->error_status == ERROR_TOO_BIG
		     ? ": its answers are limited to less than that needs"
		     : "");
	rows_tell(poll, span->first, span->count, SNMP_ROW_REFUSED, why);
	span_end(poll, span);
}

static void
silence_say(char *why, size_t why_len, unsigned tries, const struct ask *ask)
{
	bool spoke = ask->ticket.trouble[0] != '\0';

	snprintf(why, why_len, "no answer in %u %s%s%s", tries, tries == 1 ? "try" : "tries",
		 spoke ? "; " : "", ask->ticket.trouble);
}

/* The tries of one request are used up, or those of the agent. */
static void
on_silence_end(struct poll *poll, const struct ask *ask, bool dead)
{
	struct span *span = ask->note;
	enum snmp_row_outcome outcome =
	    ask->ticket.trouble[0] != '\0' ? SNMP_ROW_REFUSED : SNMP_ROW_SILENT;
	char why[WHY_LEN];

	silence_say(why, sizeof(why), dead ? poll->errand.agent->silent_tries : span->tries, ask);
	if (dead) {
		poll_give_up(poll, outcome, why);
		return;
	}
	rows_tell(poll, span->first, span->count, outcome, why);
	span_end(poll, span);
}

static void
on_silence(struct poll *poll, const struct ask *ask)
{
	struct snmp_agent *agent = poll->errand.agent;
	struct span *span = ask->note;
	bool dead = errand_agent_dead(agent, poll->answered);
	bool exhausted = ++span->tries >= errand_tries(agent);
	bool too_big = span->count > 1 && (exhausted || span->tries >= MANNERS_SILENT_TRIES);

	poll->troubled = true;
	span->in_flight = false;
	if (too_big)
		manners_too_big(&agent->manners, (unsigned)span->count);
	if (dead || exhausted)
		on_silence_end(poll, ask, dead);
	else if (too_big)
		span_halve(poll, span, MANNERS_SILENT_TRIES - 1);
}

static void
poll_on_answer(struct errand *errand, struct ask *ask, const struct session_answer *answer)
{
	struct poll *poll = (struct poll *)errand;

	if (answer->end != SESSION_ANSWERED) {
		on_silence(poll, ask);
	} else if (answer->error_status != 0) {
		poll->answered = true;
		on_error(poll, ask, answer);
	} else {
		poll->answered = true;
		on_values(poll, ask, answer->varbinds);
		span_end(poll, ask->note);
	}
	poll_finish_if_done(poll);
}

static void
poll_free(struct errand *errand)
{
	struct poll *poll = (struct poll *)errand;
	struct span *span;

	while ((span = TAILQ_FIRST(&poll->spans)) != NULL)
		span_end(poll, span);
	free(poll);
}

static const struct errand_kind poll_kind = { poll_next, poll_on_answer, poll_free };

bool
snmp_poll(struct snmp_agent *agent, const struct snmp_poll_row *rows, size_t row_count,
	  const struct snmp_poll_events *events, struct error *err)
{
	struct poll *poll;

	if (agent->snmp == NULL || agent->errands[ERRAND_POLL] != NULL)
		return error_set(err, ERR_REFUSED, "%s: the round before is still going on",
				 agent->label);
	poll = calloc(1, sizeof(*poll));
	if (poll == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", agent->label);
	poll->errand.kind = &poll_kind;
	poll->rows = rows;
	poll->row_count = row_count;
	poll->events = *events;
	TAILQ_INIT(&poll->spans);
	errand_start(agent, ERRAND_POLL, &poll->errand);
	return true;
}
