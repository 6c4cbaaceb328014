/* poll.c - a round of counters from one agent; see snmp.h and poll_internal.h.
 *
 * Rows are packed into spans, one request each, as many as fit an Ethernet's datagram and the agent's manners.  A span
 * that is too big, or met silence twice, is halved; one row that still does not fit is refused.  An agent that is silent to
 * whatever is sent (errand_agent_dead) is not asked for the rest.  What GETBULK does not bring is asked for by GET: only
 * that proves that a value is not there.
 *
 * Each row is told once.  A late answer to an earlier try is taken for the rows that wait still; a request belongs to its
 * round, and what comes after that has ended is nobody's. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "snmp/poll_internal.h"

#define ERROR_TOO_BIG 1
#define WHY_LEN       256

static bool
alive(const struct poll *poll)
{
	return poll->errand.agent != NULL;
}

static void
row_tell(struct poll *poll, size_t place, enum snmp_row_outcome outcome,
	 const struct counter_read *read, const char *alias, const char *why)
{
	if (!alive(poll) || poll->told[place])
		return;
	poll->told[place] = true;
	poll->events.on_row(poll->order[place], outcome, read, alias, why, poll->events.user);
}

static void
rows_tell(struct poll *poll, size_t first, size_t count, enum snmp_row_outcome outcome,
	  const char *why)
{
	for (size_t i = first; i < first + count; i++)
		row_tell(poll, i, outcome, NULL, NULL, why);
}

static bool
poll_next(struct errand *errand, struct ask *ask)
{
	struct poll *poll = (struct poll *)errand;
	struct span *span = poll_span_next(poll);

	if (span == NULL)
		return false;
	poll_span_ask(poll, span, ask);
	return true;
}

/* --- ending --- */

/* What this round says about the way to ask. */
static void
way_note(struct poll *poll)
{
	struct manners *manners = &poll->errand.agent->manners;

	if (!poll->choice)
		return;
	for (int way = 0; way < MANNERS_WAY_COUNT; way++)
		manners_way_took(manners, (enum manners_way)way, poll->cost[way].us,
				 poll->cost[way].rows);
	if (poll->holed > poll->cost[MANNERS_BULK].rows / 4)
		manners_way_failed(manners);
	if (poll->answered)
		manners_way_round_end(manners);
}

/* Nothing was answered at all: then nothing is known about sizes either. */
static void
poll_finish(struct poll *poll)
{
	struct snmp_agent *agent = poll->errand.agent;
	enum manners_end end = !poll->answered  ? MANNERS_NONE
			       : poll->troubled ? MANNERS_PARTLY
						: MANNERS_CLEAN;

	way_note(poll);
	manners_errand_end(&agent->manners, end);
	if (poll->least_spare_octets != SIZE_MAX)
		manners_row_spare(&agent->manners, poll->least_spare_octets, end);
	agent->silent_errands = poll->answered ? 0 : agent->silent_errands + 1;
	errand_drop(&poll->errand);
	poll->events.on_end(poll->events.user);
}

static void
poll_finish_if_done(struct poll *poll)
{
	if (alive(poll) && TAILQ_EMPTY(&poll->spans) && poll->next == poll->row_count)
		poll_finish(poll);
}

/* All rows not told yet end like this one. */
static void
poll_give_up(struct poll *poll, enum snmp_row_outcome outcome, const char *why)
{
	while (!TAILQ_EMPTY(&poll->spans))
		poll_span_end(poll, TAILQ_FIRST(&poll->spans));
	rows_tell(poll, 0, poll->row_count, outcome, why);
	poll->next = poll->row_count;
}

/* --- answers --- */

/* Members are few, and short. */
static void
spare_note(struct poll *poll, size_t place, const struct ifmib_plan *plan,
	   const struct snmp_varbind *varbinds)
{
	size_t spare;

	if (poll_row(poll, place)->is_member)
		return;
	spare = ifmib_row_spare_octets(plan, varbinds);
	if (spare < poll->least_spare_octets)
		poll->least_spare_octets = spare;
}

static void
row_decode(struct poll *poll, size_t place, const struct ifmib_plan *plan,
	   const struct snmp_varbind *varbinds, struct counter_read *read)
{
	char alias[IFMIB_TEXT_LEN], why[WHY_LEN] = "";
	enum snmp_row_outcome outcome =
	    ifmib_decode(plan, poll_row(poll, place), varbinds, read, alias, why, sizeof(why));

	if (outcome == SNMP_ROW_REFUSED) {
		poll->errand.agent->snmp->health.refused_type++;
		poll->errand.agent->failure = POLL_FAILED_TYPE;
	}
	if (outcome == SNMP_ROW_READ) {
		spare_note(poll, place, plan, varbinds);
		row_tell(poll, place, outcome, read, alias, "");
	} else
		row_tell(poll, place, outcome, NULL, NULL, why);
}

/* The counters were read between sending and receiving: the middle is the best guess. */
static void
read_stamp(struct counter_read *read, const struct ask *ask)
{
	int64_t now_mono_us = clock_mono_us();
	int64_t middle_us = ask->sent_mono_us + (now_mono_us - ask->sent_mono_us) / 2;

	read->at_mono_ms = middle_us / 1000;
	read->at_utc_ms = clock_utc_ms() - (now_mono_us - middle_us) / 1000;
	read->at_slack_ms = (uint32_t)((now_mono_us - middle_us + 999) / 1000);
}

/* An agent that has not the scalar answers a GETBULK with whatever comes after. */
static struct snmp_varbind
scalar_take(enum ifmib_scalar scalar, const struct snmp_varbind *varbind)
{
	const struct snmp_varbind absent = { .type = SNMP_TYPE_NO_SUCH_INSTANCE };

	return snmp_oid_equals(&ifmib_scalars[scalar].oid, varbind) ? *varbind : absent;
}

static void
table_take(struct poll *poll, const struct snmp_varbind *varbind)
{
	struct snmp_agent *agent = poll->errand.agent;
	struct snmp_varbind change = scalar_take(IFMIB_TABLE_LAST_CHANGE, varbind);

	poll->asks_table = false;
	if (change.type == SNMP_TYPE_TIMETICKS &&
	    (uint32_t)change.number != agent->table_change_ticks)
		agent->table_moved = true;
}

static void
get_rows_take(struct poll *poll, const struct ask *ask, const struct snmp_varbind *varbinds,
	      struct counter_read *read)
{
	for (size_t i = ask->first; alive(poll) && i < ask->first + ask->count; i++) {
		struct ifmib_plan plan = ifmib_plan_for(poll_row(poll, i));

		if (!poll->told[i])
			row_decode(poll, i, &plan, varbinds, read);
		varbinds += plan.count;
	}
}

/* A row that GETBULK went past is asked for by GET; where that was a late answer, another one is on its way. */
static void
holed_take(struct poll *poll, const struct ask *ask, size_t place)
{
	if (ask->overdue)
		return;
	poll->holed++;
	if (poll_span_add(poll, place, 1) != NULL)
		return;
	poll->errand.agent->failure = POLL_FAILED_MEMORY;
	row_tell(poll, place, SNMP_ROW_REFUSED, NULL, NULL, "out of memory");
}

/* How many rows it brought, or passed. */
static size_t
bulk_rows_take(struct poll *poll, const struct ask *ask, const struct session_answer *answer,
	       struct counter_read *read)
{
	struct snmp_varbind found[IFMIB_PLAN_MAX];
	size_t i;

	for (i = ask->first; alive(poll) && i < ask->first + ask->count; i++) {
		const struct snmp_poll_row *row = poll_row(poll, i);
		struct ifmib_plan plan = ifmib_plan_for(row);
		enum bulk_row where = bulk_row_find(&ask->ticket.question, &plan, answer->varbinds,
						    answer->varbind_count, row->if_index, found);

		if (where == BULK_ROW_CUT)
			break;
		if (poll->told[i])
			continue;
		if (where == BULK_ROW_WHOLE)
			row_decode(poll, i, &plan, found, read);
		else
			holed_take(poll, ask, i);
	}
	return i - ask->first;
}

/* Only what says something of the agent: first tries, answered in time. */
static void
cost_note(struct poll *poll, const struct ask *ask, uint64_t us, size_t rows)
{
	struct poll_cost *cost =
	    &poll->cost[ask->command == SNMP_COMMAND_BULK ? MANNERS_BULK : MANNERS_GET];

	if (ask->tries > 0 || ask->overdue)
		return;
	cost->us += us;
	cost->rows += rows;
}

/* Whatever the span: a late answer may be of use to several. */
static size_t
values_take(struct poll *poll, const struct ask *ask, const struct session_answer *answer)
{
	const struct snmp_varbind uptime = scalar_take(IFMIB_SYS_UPTIME, &answer->varbinds[0]);
	struct counter_read read = { 0 };
	char why[WHY_LEN];

	read_stamp(&read, ask);
	if (ask->singles > 1)
		table_take(poll, &answer->varbinds[1]);
	if (!ifmib_uptime(&uptime, read.at_mono_ms, &read.uptime_ticks, &read.uptime_is_ours, why,
			  sizeof(why))) {
		poll->errand.agent->snmp->health.refused_type++;
		poll->errand.agent->failure = POLL_FAILED_TYPE;
		rows_tell(poll, ask->first, ask->count, SNMP_ROW_REFUSED, why);
		return ask->count;
	}
	if (ask->command == SNMP_COMMAND_BULK)
		return bulk_rows_take(poll, ask, answer, &read);
	get_rows_take(poll, ask, answer->varbinds + ask->singles, &read);
	return ask->count;
}

/* This way brings nothing here: the other one does for the rest of the round, and until the next trial. */
static void
bulk_fail(struct poll *poll)
{
	struct span *span;

	poll->way = MANNERS_GET;
	manners_way_failed(&poll->errand.agent->manners);
	for (span = TAILQ_FIRST(&poll->spans); span != NULL; span = TAILQ_NEXT(span, link))
		span->way = MANNERS_GET;
}

/* What it has brought or passed it need not ask for again. */
static void
span_advance(struct span *span, size_t to)
{
	size_t done = to > span->first ? to - span->first : 0;

	if (done > span->count)
		done = span->count;
	span->first += done;
	span->count -= done;
	span->serial = 0;
	span->tries = 0;
}

static void
on_values(struct poll *poll, const struct ask *ask, const struct session_answer *answer)
{
	uint64_t us = (uint64_t)(clock_mono_us() - ask->sent_mono_us);
	size_t rows = values_take(poll, ask, answer);
	struct span *span = poll_span_of(poll, ask);

	if (!alive(poll))
		return;
	cost_note(poll, ask, us, rows);
	if (span != NULL)
		span_advance(span, ask->first + rows);
	if (rows == 0 && ask->count > 0)
		bulk_fail(poll);
	poll_spans_trim(poll);
}

/* An error concerns the whole request; halving finds the row it is about. */
static void
on_error(struct poll *poll, const struct ask *ask, const struct session_answer *answer)
{
	struct span *span = poll_span_of(poll, ask);
	char why[WHY_LEN];

	poll->troubled = true;
	if (span == NULL)
		return;
	span->serial = 0;
	if (ask->command == SNMP_COMMAND_BULK) {
		bulk_fail(poll);
		return;
	}
	if (answer->error_status == ERROR_TOO_BIG)
		manners_too_big(&poll->errand.agent->manners, (unsigned)ask->count);
	if (ask->singles > 1) {
		poll->asks_table = false; /* it may be that which it stumbles over */
		if (ask->count == 1)
			return;
	}
	if (poll_span_halve(poll, span, 0))
		return;
	snprintf(why, sizeof(why), "it answered %s to a request for one row%s",
		 snmp_error_name(answer->error_status),
		 answer->error_status == ERROR_TOO_BIG
		     ? ": its answers are limited to less than that needs"
		     : "");
	poll->errand.agent->failure =
	    answer->error_status == ERROR_TOO_BIG ? POLL_FAILED_TOO_BIG : POLL_FAILED_ERROR_STATUS;
	rows_tell(poll, span->first, span->count, SNMP_ROW_REFUSED, why);
	poll_span_end(poll, span);
}

/* --- silence --- */

static void
silence_say(char *why, size_t why_len, unsigned tries, const struct ask *ask)
{
	bool spoke = ask->ticket.trouble[0] != '\0';

	snprintf(why, why_len, "no answer in %u %s%s%s", tries, tries == 1 ? "try" : "tries",
		 spoke ? "; " : "", ask->ticket.trouble);
}

/* The tries of one request are used up, or those of the agent. */
static void
on_silence_end(struct poll *poll, struct span *span, const struct ask *ask, bool dead)
{
	enum snmp_row_outcome outcome =
	    ask->ticket.trouble[0] != '\0' ? SNMP_ROW_REFUSED : SNMP_ROW_SILENT;
	char why[WHY_LEN];

	poll->errand.agent->failure = ask->ticket.cause;
	silence_say(why, sizeof(why), dead ? poll->errand.agent->silent_tries : span->tries, ask);
	if (dead) {
		poll_give_up(poll, outcome, why);
		return;
	}
	rows_tell(poll, span->first, span->count, outcome, why);
	poll_span_end(poll, span);
}

static void
on_silence(struct poll *poll, const struct ask *ask)
{
	struct snmp_agent *agent = poll->errand.agent;
	struct span *span = poll_span_of(poll, ask);
	bool dead = errand_agent_dead(agent, poll->answered), exhausted, too_big;

	poll->troubled = true;
	if (span == NULL)
		return; /* another answer has brought it all */
	exhausted = ++span->tries >= errand_tries(agent);
	too_big = ask->count > 1 && (exhausted || span->tries >= MANNERS_SILENT_TRIES);
	span->serial = 0;
	if (ask->command == SNMP_COMMAND_BULK && !dead) {
		bulk_fail(poll);
		if (exhausted) /* no round is lost to a trial: the other way has a try, too */
			span->tries = errand_tries(agent) - 1;
		return;
	}
	if (too_big && ask->command == SNMP_COMMAND_GET)
		manners_too_big(&agent->manners, (unsigned)ask->count);
	if (dead || exhausted)
		on_silence_end(poll, span, ask, dead);
	else if (too_big)
		poll_span_halve(poll, span, MANNERS_SILENT_TRIES - 1);
}

/* --- the errand --- */

static void
poll_on_answer(struct errand *errand, struct ask *ask, const struct session_answer *answer)
{
	struct poll *poll = (struct poll *)errand;

	poll->answered |= answer->end == SESSION_ANSWERED;
	if (answer->end != SESSION_ANSWERED)
		on_silence(poll, ask);
	else if (answer->error_status != 0)
		on_error(poll, ask, answer);
	else
		on_values(poll, ask, answer);
	poll_finish_if_done(poll);
}

static void
poll_on_late(struct errand *errand, struct ask *ask, const struct session_answer *answer)
{
	struct poll *poll = (struct poll *)errand;

	poll->answered = true;
	on_values(poll, ask, answer);
	poll_finish_if_done(poll);
}

static void
poll_free(struct errand *errand)
{
	struct poll *poll = (struct poll *)errand;

	while (!TAILQ_EMPTY(&poll->spans))
		poll_span_end(poll, TAILQ_FIRST(&poll->spans));
	free(poll->order);
	free(poll->told);
	free(poll);
}

static const struct errand_kind poll_kind = { poll_next, poll_on_answer, poll_on_late, poll_free };

/* --- beginning --- */

static int
by_index(const void *a, const void *b, void *rows)
{
	const struct snmp_poll_row *row = rows;
	uint32_t x = row[*(const size_t *)a].if_index, y = row[*(const size_t *)b].if_index;

	return x < y ? -1 : x > y;
}

static struct poll *
poll_new(const struct snmp_poll_row *rows, size_t row_count)
{
	struct poll *poll = calloc(1, sizeof(*poll));

	if (poll == NULL)
		return NULL;
	TAILQ_INIT(&poll->spans);
	poll->order = calloc(row_count + 1, sizeof(*poll->order));
	poll->told = calloc(row_count + 1, sizeof(*poll->told));
	if (poll->order == NULL || poll->told == NULL) {
		poll_free(&poll->errand);
		return NULL;
	}
	for (size_t i = 0; i < row_count; i++)
		poll->order[i] = i;
	qsort_r(poll->order, row_count, sizeof(*poll->order), by_index, (void *)(uintptr_t)rows);
	poll->errand.kind = &poll_kind;
	poll->rows = rows;
	poll->row_count = row_count;
	poll->least_spare_octets = SIZE_MAX;
	return poll;
}

bool
snmp_poll(struct snmp_agent *agent, const struct snmp_poll_row *rows, size_t row_count,
	  const struct snmp_poll_events *events, struct error *err)
{
	struct poll *poll;

	if (agent->snmp == NULL || agent->errands[ERRAND_POLL] != NULL)
		return error_set(err, ERR_REFUSED, "%s: the round before is still going on",
				 agent->label);
	poll = poll_new(rows, row_count);
	if (poll == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", agent->label);
	poll->events = *events;
	poll->asks_table = agent->has_table_change;
	poll->way = manners_way(&agent->manners);
	errand_start(agent, ERRAND_POLL, &poll->errand);
	return true;
}

size_t
snmp_agent_rows_waiting(const struct snmp_agent *agent)
{
	const struct poll *poll = (const struct poll *)agent->errands[ERRAND_POLL];
	size_t count = 0;

	for (size_t i = 0; poll != NULL && i < poll->row_count; i++)
		count += !poll->told[i];
	return count;
}
