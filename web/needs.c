/* needs.c - see needs.h. */
#include "needs.h"

#include <stdlib.h>
#include <string.h>

bool
needs_is_held(const struct open_alert *open)
{
	return open->ack != NULL || open->silence != NULL;
}

/* What is for the coordinator waits for office hours. */
bool
needs_calls(const struct open_alert *open)
{
	return !needs_is_held(open) &&
	       alert_kind_audience(open->alert.subject.kind) != ALERT_FOR_COORDINATOR;
}

/* --- agents that say nothing --- */

static int
compare_names(const char *exchange, const char *agent, const struct blind *blind)
{
	int order = strcmp(exchange, blind->exchange->slug);

	return order != 0 ? order : strcmp(agent, blind->agent);
}

static int
by_names(const void *left, const void *right)
{
	const struct blind *a = left;

	return compare_names(a->exchange->slug, a->agent, right);
}

static int
port_to_blind(const void *key, const void *element)
{
	const struct world_port *port = key;

	return compare_names(port->port.exchange, port->port.agent, element);
}

const struct blind *
needs_blind_of(const struct needs *needs, const struct world_port *port)
{
	if (needs->blind_count == 0 || port->live.state != STATE_UNKNOWN)
		return NULL;
	return bsearch(port, needs->blind, needs->blind_count, sizeof(*needs->blind),
		       port_to_blind);
}

/* A line for each port whose agent gave no answer; equal ones become one. */
static bool
gather_silent(struct needs *needs, const struct world *world, const char *exchange)
{
	needs->blind = calloc(world->sum.state_count[STATE_UNKNOWN] + 1, sizeof(*needs->blind));
	if (needs->blind == NULL)
		return false;
	for (size_t i = 0; i < world->port_count; i++) {
		const struct world_port *port = &world->ports[i];

		if (port->live.state != STATE_UNKNOWN ||
		    port->live.reason != UNKNOWN_AGENT_SILENT || port->exchange == NULL ||
		    (exchange != NULL && strcmp(port->port.exchange, exchange) != 0))
			continue;
		needs->blind[needs->blind_count++] =
		    (struct blind) { .exchange = port->exchange, .agent = port->port.agent };
	}
	return true;
}

static void
unite(struct needs *needs)
{
	size_t kept = 0;

	if (needs->blind_count > 0)
		qsort(needs->blind, needs->blind_count, sizeof(*needs->blind), by_names);
	for (size_t i = 0; i < needs->blind_count; i++)
		if (kept == 0 || by_names(&needs->blind[kept - 1], &needs->blind[i]) != 0)
			needs->blind[kept++] = needs->blind[i];
	needs->blind_count = kept;
}

/* One port of which something is known, and it is no blindness. */
static void
count_port(struct needs *needs, const struct world_port *port)
{
	struct blind *blind =
	    bsearch(port, needs->blind, needs->blind_count, sizeof(*needs->blind), port_to_blind);

	if (blind == NULL)
		return;
	blind->speaks |= port->live.state != STATE_UNKNOWN;
	blind->port_count++;
	if (port->live.sampled_utc_sec > blind->since_utc_sec)
		blind->since_utc_sec = port->live.sampled_utc_sec;
}

static void
drop_speaking(struct needs *needs)
{
	size_t kept = 0;

	for (size_t i = 0; i < needs->blind_count; i++)
		if (!needs->blind[i].speaks)
			needs->blind[kept++] = needs->blind[i];
	needs->blind_count = kept;
}

static bool
find_blind(struct needs *needs, const struct world *world, const char *exchange)
{
	if (world->stale)
		return true;
	if (!gather_silent(needs, world, exchange))
		return false;
	unite(needs);
	for (size_t i = 0; i < world->port_count && needs->blind_count > 0; i++)
		count_port(needs, &world->ports[i]);
	drop_speaking(needs);
	return true;
}

/* --- alerts, and how many of both there are --- */

/* Those that nobody has come first; the order is the one before, else. */
static bool
put_held_last(struct open_alerts *list)
{
	struct open_alert *sorted = calloc(list->count + 1, sizeof(*sorted));
	size_t count = 0;

	if (sorted == NULL)
		return false;
	for (unsigned held = 0; held < 2; held++)
		for (size_t i = 0; i < list->count; i++)
			if (needs_is_held(&list->item[i]) == (held == 1))
				sorted[count++] = list->item[i];
	free(list->item);
	list->item = sorted;
	list->size = list->count;
	return true;
}

static bool
says_blind(const struct alert_subject *subject, const struct blind *blind)
{
	return strcmp(subject->exchange, blind->exchange->slug) == 0 &&
	       (subject->kind == ALERT_EXCHANGE_UNREACHABLE ||
		(subject->kind == ALERT_AGENT_UNREACHABLE &&
		 strcmp(subject->agent, blind->agent) == 0));
}

static void
count_alert(struct needs *needs, const struct open_alert *open)
{
	const struct alert_subject *subject = &open->alert.subject;

	if (needs_is_held(open))
		needs->held_count++;
	else if (needs_calls(open))
		needs->hand_count++;
	else
		needs->coordinator_count++;
	for (size_t i = 0; i < needs->blind_count; i++)
		needs->blind[i].is_alerted |= says_blind(subject, &needs->blind[i]);
}

bool
needs_read(struct needs *needs, const struct request *request, const char *exchange,
	   struct error *err)
{
	*needs = (struct needs) { .blind_count = 0 };
	if (!find_blind(needs, request->world, exchange))
		return error_set(err, ERR_NOMEM, "out of memory");
	if (request->ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger is not open yet");
	if (!open_alerts_read(&needs->alerts, request, exchange, 0, err))
		return false;
	if (!put_held_last(&needs->alerts))
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < needs->alerts.count; i++)
		count_alert(needs, &needs->alerts.item[i]);
	for (size_t i = 0; i < needs->blind_count; i++)
		needs->hand_count += !needs->blind[i].is_alerted;
	return needs->is_known = true;
}

void
needs_free(struct needs *needs)
{
	open_alerts_free(&needs->alerts);
	free(needs->blind);
	*needs = (struct needs) { .blind_count = 0 };
}

bool
needs_at(const struct needs *needs, const char *exchange)
{
	for (size_t i = 0; i < needs->alerts.count; i++)
		if (needs_calls(&needs->alerts.item[i]) &&
		    strcmp(needs->alerts.item[i].alert.subject.exchange, exchange) == 0)
			return true;
	for (size_t i = 0; i < needs->blind_count; i++)
		if (!needs->blind[i].is_alerted &&
		    strcmp(needs->blind[i].exchange->slug, exchange) == 0)
			return true;
	return false;
}
