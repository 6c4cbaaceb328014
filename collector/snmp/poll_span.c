/* poll_span.c - which rows the next request asks for, and how; see poll_internal.h.
 *
 * GET names every value.  GETBULK names each column once, from just before the first row on, and gets the rows that the
 * table lists from there: wanted ones and those in between, so it is for stretches in which most are wanted. */
#include <stdlib.h>
#include <string.h>

#include "snmp/poll_internal.h"

#define ENVELOPE_OCTETS   90  /* message, PDU and the scalars, without manners.envelope_octets */
#define BULK_VARBINDS_MAX 250 /* of an answer */
#define BULK_WANTED_OF_4  3   /* so many of four listed rows are to be wanted */
#define OTHER_NAME        "interface-0/0/0" /* of a row that nobody wants, for its length */

const struct snmp_poll_row *
poll_row(const struct poll *poll, size_t place)
{
	return &poll->rows[poll->order[place]];
}

/* --- spans --- */

struct span *
poll_span_add(struct poll *poll, size_t first, size_t count)
{
	struct span *span = calloc(1, sizeof(*span));

	if (span == NULL)
		return NULL;
	span->first = first;
	span->count = count;
	span->way = MANNERS_GET;
	TAILQ_INSERT_TAIL(&poll->spans, span, link);
	return span;
}

void
poll_span_end(struct poll *poll, struct span *span)
{
	TAILQ_REMOVE(&poll->spans, span, link);
	free(span);
}

struct span *
poll_span_of(struct poll *poll, const struct ask *ask)
{
	struct span *span;

	TAILQ_FOREACH(span, &poll->spans, link)
	if (span->serial == ask->serial)
		return span;
	return NULL;
}

bool
poll_span_halve(struct poll *poll, struct span *span, unsigned tries)
{
	size_t half = span->count / 2;
	struct span *second;

	if (span->count < 2 ||
	    (second = poll_span_add(poll, span->first + half, span->count - half)) == NULL)
		return false;
	second->way = span->way;
	span->count = half;
	span->tries = second->tries = tries;
	return true;
}

void
poll_spans_trim(struct poll *poll)
{
	struct span *span, *next;

	for (span = TAILQ_FIRST(&poll->spans); span != NULL; span = next) {
		next = TAILQ_NEXT(span, link);
		while (span->count > 0 && poll->told[span->first])
			span->first++, span->count--;
		while (span->count > 0 && poll->told[span->first + span->count - 1])
			span->count--;
		if (span->count == 0)
			poll_span_end(poll, span);
	}
}

/* --- how many rows go together --- */

static size_t
overhead_octets(const struct snmp_agent *agent)
{
	return ENVELOPE_OCTETS + agent->manners.envelope_octets;
}

static bool
same_plan(const struct snmp_poll_row *a, const struct snmp_poll_row *b)
{
	return a->has_name == b->has_name && (a->counter_bits == 32) == (b->counter_bits == 32) &&
	       a->is_member == b->is_member && a->has_lacp == b->has_lacp;
}

/* As rows came last time: by the longest numbers that could come, a third fewer would fit. */
static size_t
row_octets(struct poll *poll, const struct ifmib_plan *plan, const struct snmp_poll_row *row)
{
	size_t spare = row->is_member ? 0 : poll->errand.agent->manners.row_spare_octets;
	struct poll_octets *known = &poll->row_octets;
	size_t index_octets = snmp_sub_identifier_octets(row->if_index),
	       name_len = strlen(row->name), alias_len = poll->errand.agent->alias_len_max;

	if (known->octets == 0 || known->index_octets != index_octets ||
	    known->name_len != name_len || known->alias_len != alias_len ||
	    !same_plan(&known->like, row))
		*known = (struct poll_octets) { .like = *row,
						.index_octets = index_octets,
						.name_len = name_len,
						.alias_len = alias_len,
						.octets = ifmib_row_octets(plan, row, alias_len) };
	return known->octets > spare ? known->octets - spare : known->octets;
}

static size_t
get_fit(struct poll *poll, size_t first)
{
	const struct snmp_agent *agent = poll->errand.agent;
	size_t octets = overhead_octets(agent), oids = poll->asks_table ? 2 : 1, count = 0;

	while (first + count < poll->row_count && count < agent->manners.rows_max) {
		const struct snmp_poll_row *row = poll_row(poll, first + count);
		struct ifmib_plan plan = ifmib_plan_for(row);

		octets += row_octets(poll, &plan, row);
		oids += plan.count;
		if (count > 0 && (octets > MANNERS_OCTETS_MAX || oids > ASK_OIDS_MAX))
			break;
		count++;
	}
	return count;
}

static int
by_number(const void *a, const void *b)
{
	uint32_t x = *(const uint32_t *)a, y = *(const uint32_t *)b;

	return x < y ? -1 : x > y;
}

/* The listed rows from one ifIndex to another, both counted; 0: one of them is not listed. */
static size_t
listed_between(const struct snmp_agent *agent, uint32_t from, uint32_t to)
{
	const uint32_t *first, *last;

	if (agent->listed == NULL)
		return 0;
	first = bsearch(&from, agent->listed, agent->listed_count, sizeof(from), by_number);
	last = bsearch(&to, agent->listed, agent->listed_count, sizeof(to), by_number);
	return first != NULL && last != NULL && first <= last ? (size_t)(last - first) + 1 : 0;
}

/* How many rows GETBULK should ask for together; fewer than two: it is no use here. */
static size_t
bulk_fit(struct poll *poll, size_t first)
{
	const struct snmp_agent *agent = poll->errand.agent;
	const struct snmp_poll_row *begin = poll_row(poll, first), *row;
	struct snmp_poll_row other = *begin;
	struct ifmib_plan plan = ifmib_plan_for(begin);
	size_t octets = overhead_octets(agent), count = 0, wanted_octets = 0, other_octets = 0;
	size_t listed;

	other.name = OTHER_NAME;
	for (; first + count < poll->row_count && count < agent->manners.rows_max; count++) {
		row = poll_row(poll, first + count);
		listed = listed_between(agent, begin->if_index, row->if_index);
		wanted_octets += row_octets(poll, &plan, row);
		if (listed > count + 1 && other_octets == 0)
			other_octets = ifmib_row_octets(&plan, &other, agent->alias_len_max);
		if (!same_plan(begin, row) || listed == 0 ||
		    listed > agent->manners.repetitions_max ||
		    2 + listed * plan.count > BULK_VARBINDS_MAX ||
		    (count + 1) * 4 < listed * BULK_WANTED_OF_4 ||
		    octets + wanted_octets + (listed - count - 1) * other_octets >
			MANNERS_OCTETS_MAX)
			break;
	}
	return count;
}

/* --- asking --- */

static struct span *
span_new(struct poll *poll)
{
	size_t count = bulk_fit(poll, poll->next);
	bool choice = count > 1;
	struct span *span;

	poll->choice |= choice;
	if (!choice || poll->way == MANNERS_GET)
		count = get_fit(poll, poll->next);
	span = poll_span_add(poll, poll->next, count);
	if (span == NULL)
		return NULL;
	span->way = choice ? poll->way : MANNERS_GET;
	poll->started = true;
	poll->next += count;
	return span;
}

struct span *
poll_span_next(struct poll *poll)
{
	struct span *span;

	TAILQ_FOREACH(span, &poll->spans, link)
	if (span->serial == 0)
		return span;
	if (poll->started && poll->next == poll->row_count)
		return NULL;
	return span_new(poll);
}

/* The scalars: with .0 for GET; for GETBULK the object itself, whose next is that. */
static void
scalar_ask(struct ask *ask, enum ifmib_scalar scalar, bool whole)
{
	struct snmp_oid oid = ifmib_scalars[scalar].oid;

	if (!whole)
		oid.len--;
	ask->oids[ask->oid_count++] = oid;
	ask->singles++;
}

static void
get_ask(const struct poll *poll, struct ask *ask)
{
	ask->command = SNMP_COMMAND_GET;
	for (size_t i = ask->first; i < ask->first + ask->count; i++) {
		const struct snmp_poll_row *row = poll_row(poll, i);
		struct ifmib_plan plan = ifmib_plan_for(row);

		for (size_t k = 0; k < plan.count; k++)
			ask->oids[ask->oid_count++] =
			    snmp_oid_instance(&ifmib_objects[plan.column[k]].oid, row->if_index);
	}
}

static void
bulk_ask(const struct poll *poll, struct ask *ask)
{
	const struct snmp_poll_row *begin = poll_row(poll, ask->first);
	const struct snmp_poll_row *end = poll_row(poll, ask->first + ask->count - 1);
	struct ifmib_plan plan = ifmib_plan_for(begin);

	ask->command = SNMP_COMMAND_BULK;
	ask->ascending = true;
	ask->repetitions =
	    (unsigned)listed_between(poll->errand.agent, begin->if_index, end->if_index);
	for (size_t k = 0; k < plan.count; k++)
		ask->oids[ask->oid_count++] =
		    snmp_oid_instance(&ifmib_objects[plan.column[k]].oid, begin->if_index - 1);
}

/* How many of the span's rows one request can hold; the rest stays in it for later ones. */
static size_t
span_fit(struct poll *poll, struct span *span)
{
	size_t fit = span->way == MANNERS_BULK ? bulk_fit(poll, span->first) : 0;

	if (fit == 0 || poll_row(poll, span->first)->if_index == 0) {
		span->way = MANNERS_GET;
		fit = span->count > 0 ? get_fit(poll, span->first) : 0;
	}
	return fit < span->count ? fit : span->count;
}

void
poll_span_ask(struct poll *poll, struct span *span, struct ask *ask)
{
	bool get;

	ask->first = span->first;
	ask->count = span_fit(poll, span);
	ask->tries = span->tries;
	span->serial = ask->serial = ++poll->serial;
	get = span->way == MANNERS_GET;
	scalar_ask(ask, IFMIB_SYS_UPTIME, get);
	if (poll->asks_table)
		scalar_ask(ask, IFMIB_TABLE_LAST_CHANGE, get);
	if (get)
		get_ask(poll, ask);
	else
		bulk_ask(poll, ask);
}
