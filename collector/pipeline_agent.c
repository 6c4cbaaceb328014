/* pipeline_agent.c - one agent: its interface table read, its ports' counters asked for each interval.
 *
 * The table is walked at the start, when a row was not what it should be, when the agent restarted, when its
 * ifTableLastChange moved, and now and then.
 * An agent that is silent is reported when it falls silent and when it speaks again. */
#include "pipeline_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"

#define WALK_EVERY_MS 900000 /* a new port shows within a quarter of an hour */
#define WALK_RETRY_MS 10000
#define WALK_SOON_MS  60000 /* between walks that a LAG's speed asks for */
#define MOVED_GAP_MS                                                                               \
	15000 /* between walks that a changed table causes; doubled while it goes on changing */
#define RESOLVE_RETRY_MS 30000
#define LOOKUPS_MAX      8 /* at once */
#define LOOKUP_WAIT_MS   100

struct walked_row {
	struct interface_row row; /* its texts owned here */
	char interface[320];      /* the effective name */
};

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
static void
trouble_stands(struct watched_agent *agent, const char *why)
{
	if (agent->standing[0] == '\0')
		units_clean_text(agent->standing, sizeof(agent->standing), why, strlen(why));
}

static void
trouble_note(struct watched_agent *agent, enum poll_failure failure, const char *why)
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

static void
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
static void
errand_end(struct watched_agent *agent)
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

/* --- ports --- */

struct watched_port *
agent_port_find(struct watched_agent *agent, const struct roster_use *use, const char *interface)
{
	for (size_t i = 0; i < agent->port_count; i++)
		if (agent->ports[i]->use == use &&
		    strcmp(agent->ports[i]->port.interface, interface) == 0)
			return agent->ports[i];
	return NULL;
}

static void
port_place(struct watched_port *port, const struct interface_row *row)
{
	char *name = strdup(row->name);

	if (name == NULL) {
		port->agent->walk_due_mono_ms = clock_mono_ms() + WALK_RETRY_MS;
		return;
	}
	free(port->row_name);
	port->row_name = name;
	port->if_index = row->if_index;
	port->counter_bits = row->counter_bits;
	port->has_name = row->has_name;
	port_vanished(port, false);
}

/* --- the table by name --- */

static int
by_interface(const void *a, const void *b)
{
	const struct walked_row *const *x = a, *const *y = b;

	return strcmp((*x)->interface, (*y)->interface);
}

static bool
names_sort(struct watched_agent *agent)
{
	agent->by_name = calloc(agent->walked_count + 1, sizeof(struct walked_row *));
	for (size_t i = 0; agent->by_name != NULL && i < agent->walked_count; i++)
		agent->by_name[i] = &agent->walked[i];
	if (agent->by_name != NULL)
		qsort(agent->by_name, agent->walked_count, sizeof(struct walked_row *),
		      by_interface);
	return agent->by_name != NULL;
}

/* The place in by_name of the first row of that name; walked_count when there is none. */
static size_t
name_find(const struct watched_agent *agent, const char *interface)
{
	size_t low = 0, high = agent->walked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (strcmp(agent->by_name[middle]->interface, interface) < 0)
			low = middle + 1;
		else
			high = middle;
	}
	if (low < agent->walked_count && strcmp(agent->by_name[low]->interface, interface) == 0)
		return low;
	return agent->walked_count;
}

static const struct walked_row *
row_find(const struct watched_agent *agent, const char *interface)
{
	size_t at = name_find(agent, interface);

	return at < agent->walked_count ? agent->by_name[at] : NULL;
}

/* "x" twice and one that is called "x#12" itself: two rows may still come to one name. */
static bool
is_only_one(const struct watched_agent *agent, const char *interface)
{
	size_t next = name_find(agent, interface) + 1;

	return next >= agent->walked_count ||
	       strcmp(agent->by_name[next]->interface, interface) != 0;
}

/* --- ports --- */

static void
row_refused(struct watched_agent *agent, const struct walked_row *walked, const char *why)
{
	log_error("agent", "event=port-failed agent=%s/%s interface=\"%s\" reason=\"%s\"",
		  agent->view.exchange, agent->view.name, walked->interface, why);
	trouble_stands(agent, why);
}

/* --- LAGs --- */

static const struct walked_row *
row_at(const struct watched_agent *agent, uint32_t if_index)
{
	size_t low = 0, high = agent->walked_count;

	while (low < high) {
		size_t middle = low + (high - low) / 2;

		if (agent->walked[middle].row.if_index < if_index)
			low = middle + 1;
		else
			high = middle;
	}
	return low < agent->walked_count && agent->walked[low].row.if_index == if_index
		   ? &agent->walked[low]
		   : NULL;
}

/* Where a walk could not learn it, what the one before learned still holds. */
static bool
was_member(const struct watched_agent *agent, const char *interface)
{
	for (size_t i = 0; i < agent->port_count; i++)
		if (!agent->ports[i]->retired && lag_has_member(agent->ports[i], interface))
			return true;
	return false;
}

/* Whether a row is the member of a LAG that is a port: its traffic is the LAG's then. */
static bool
lag_counts(const struct watched_agent *agent, const struct walked_row *walked)
{
	const struct walked_row *lag;
	struct roster_claim claim;

	if (walked->row.lag_unknown)
		return was_member(agent, walked->interface);
	lag = walked->row.lag_if_index != 0 ? row_at(agent, walked->row.lag_if_index) : NULL;
	return lag != NULL && lag->interface[0] != '\0' &&
	       roster_claim(agent->roster, lag->interface, lag->row.alias, &claim, NULL) !=
		   ROSTER_NONE;
}

/* Whether a row is a port.  A member of a LAG that is one is no second port, unless a port block names it. */
static enum roster_result
row_is_port(const struct watched_agent *agent, const struct walked_row *walked,
	    struct roster_claim *claim, struct error *err)
{
	enum roster_result result =
	    roster_claim(agent->roster, walked->interface, walked->row.alias, claim, err);

	return result == ROSTER_PORT && claim->settings == NULL && lag_counts(agent, walked)
		   ? ROSTER_NONE
		   : result;
}

static struct lag_row
lag_row_of(const struct watched_agent *agent, const struct walked_row *walked)
{
	struct roster_claim claim;
	bool claimed = roster_claim(agent->roster, walked->interface, walked->row.alias, &claim,
				    NULL) == ROSTER_PORT;

	return (struct lag_row) { .row = &walked->row,
				  .interface = walked->interface,
				  .matches = claimed && claim.settings == NULL,
				  .named = claimed && claim.settings != NULL };
}

/* members: every row that is one, of whatever LAG. */
static void
port_lag_set(struct watched_agent *agent, struct watched_port *port, const struct walked_row *own,
	     const struct walked_row *const *members, size_t member_count)
{
	struct lag_row *rows = NULL;
	size_t count = 0;

	if (own->row.is_lag && !own->row.members_unproven) {
		rows = calloc(member_count + 1, sizeof(*rows));
		if (rows == NULL)
			return; /* it stays what it was */
	}
	for (size_t i = 0; rows != NULL && i < member_count; i++)
		if (members[i]->row.lag_if_index == own->row.if_index &&
		    is_only_one(agent, members[i]->interface))
			rows[count++] = lag_row_of(agent, members[i]);
	if (own->row.members_unproven && (port->lag == NULL || port->lag->member_count > 0))
		log_warn("port",
			 "port=%lld event=lag-unproven interface=\"%s\" reason=\"what the agent "
			 "says of its members contradicts itself, or is cut short: they are not "
			 "added up\"",
			 (long long)port->port.id, port->port.interface);
	lag_set(port, own->row.is_lag, rows, count);
	free(rows);
}

/* What the walk learned about LAGs, to the ports that are. */
static void
lags_take(struct watched_agent *agent)
{
	const struct walked_row **members =
	    calloc(agent->walked_count + 1, sizeof(struct walked_row *));
	size_t member_count = 0;

	for (size_t i = 0; members != NULL && i < agent->walked_count; i++)
		if (agent->walked[i].row.lag_if_index != 0)
			members[member_count++] = &agent->walked[i];
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];
		const struct walked_row *own = row_find(agent, port->port.interface);

		if (members == NULL || own == NULL || !port->present || own->row.lag_unknown)
			continue;
		if (port->in_lag != lag_counts(agent, own)) {
			port->in_lag = !port->in_lag;
			agent->pipeline->connections_stale = true;
		}
		port_lag_set(agent, port, own, members, member_count);
	}
	free(members);
}

void
agent_walk_soon(struct watched_agent *agent)
{
	int64_t soon_mono_ms = agent->walked_mono_ms + WALK_SOON_MS;

	if (soon_mono_ms < agent->walk_due_mono_ms)
		agent->walk_due_mono_ms = soon_mono_ms;
}

/* --- ports --- */

/* One row of the table: is it a port, and whose? */
static void
row_claim(struct watched_agent *agent, const struct walked_row *walked)
{
	struct roster_claim claim;
	struct watched_port *port;
	struct error err = { 0 };

	if (walked->interface[0] == '\0')
		return; /* what has no name cannot be told from another tomorrow */
	switch (row_is_port(agent, walked, &claim, &err)) {
	case ROSTER_NONE: return;
	case ROSTER_DISPUTED: trouble_stands(agent, err.text); return;
	case ROSTER_PORT: break;
	}
	if (!is_only_one(agent, walked->interface)) {
		error_set(&err, ERR_SNMP,
			  "two interfaces go by the name %s, and cannot be told apart",
			  walked->interface);
		row_refused(agent, walked, err.text);
		return;
	}
	port = agent_port_find(agent, claim.use, walked->interface);
	if (port != NULL && port_stays_moved(port, &claim))
		return;
	if (port != NULL) {
		port_claim(port, &claim, walked->row.alias);
	} else if (!port_register_new(agent, &claim, walked->interface, walked->row.alias, &port,
				      &err)) {
		row_refused(agent, walked, err.text);
		return;
	}
	port_place(port, &walked->row);
}

/* A watched port that the table lists no more has vanished; one whose alias matches no more is watched no more. */
static void
ports_missing(struct watched_agent *agent)
{
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];
		const struct walked_row *walked = row_find(agent, port->port.interface);
		struct roster_claim claim;
		enum roster_result result;

		if (walked == NULL || !is_only_one(agent, port->port.interface)) {
			port_vanished(port, true);
			continue;
		}
		result = row_is_port(agent, walked, &claim, NULL);
		if (result == ROSTER_DISPUTED)
			port->present = false; /* the agent's trouble says why */
		else if (result == ROSTER_NONE || claim.use != port->use)
			port_retire(port, lag_counts(agent, walked)
					      ? "it is a member of a LAG, which counts its traffic"
					      : "neither a match nor a port block claims it");
	}
}

/* --- the walk --- */

static void
walked_free(struct watched_agent *agent)
{
	for (size_t i = 0; i < agent->walked_count; i++) {
		free((char *)(uintptr_t)agent->walked[i].row.name);
		free((char *)(uintptr_t)agent->walked[i].row.alias);
	}
	free(agent->walked);
	free(agent->by_name);
	agent->walked = NULL;
	agent->by_name = NULL;
	agent->walked_count = 0;
}

/* A table with a row missing must not be taken: its port would be said to have vanished. */
static void
on_walk_row(const struct interface_row *row, void *user)
{
	struct watched_agent *agent = user;
	struct walked_row *walked =
	    realloc(agent->walked, (agent->walked_count + 1) * sizeof(*walked));

	if (walked != NULL)
		agent->walked = walked;
	agent->walk_torn |= walked == NULL;
	if (agent->walk_torn)
		return;
	walked += agent->walked_count++;
	walked->row = *row;
	walked->row.name = strdup(row->name);
	walked->row.alias = strdup(row->alias);
	walked->row.descr = "";
	agent->walk_torn = walked->row.name == NULL || walked->row.alias == NULL;
	roster_interface_name(row, walked->interface, sizeof(walked->interface));
}

static bool poll_start(struct watched_agent *agent);

/* A ledger that cannot take new ports now is asked again with the next walk. */
static void
fresh_begin(struct watched_agent *agent)
{
	struct error err = { 0 };

	if (ports_begin(agent, &err))
		return;
	log_error("agent", "event=ports-failed agent=%s/%s reason=\"%s\"", agent->view.exchange,
		  agent->view.name, err.text);
	agent->walk_due_mono_ms = clock_mono_ms() + WALK_RETRY_MS;
}

/* An agent that never answered may be there, and not know us. */
static void
walk_failed(struct watched_agent *agent, enum snmp_outcome outcome, const char *why)
{
	bool v3 = agent->roster->config->snmp->version == SNMP_V3;
	char text[160];

	if (outcome == SNMP_SILENT && agent->view.answered_utc_sec == 0) {
		snprintf(text, sizeof(text), "%.60s (a wrong %s looks just so)", why,
			 v3 ? "address, or an agent without SNMPv3," : "community or address");
		why = text;
	}
	trouble_note(agent, snmp_agent_failure(agent->snmp), why);
}

static void
table_take(struct watched_agent *agent)
{
	agent->known = true;
	agent->standing[0] = '\0';
	for (size_t i = 0; i < agent->walked_count; i++)
		row_claim(agent, &agent->walked[i]);
	fresh_begin(agent);
	ports_missing(agent);
	lags_take(agent);
	log_info("agent", "event=walked agent=%s/%s interfaces=%zu ports=%zu", agent->view.exchange,
		 agent->view.name, agent->walked_count, agent->port_count);
}

/* A name may have several addresses, and the agent listen on one of them only: another one is tried. */
static void
address_rethink(struct watched_agent *agent)
{
	if (agent->roster->config->address.ss_family != 0 || agent->view.answered_utc_sec != 0)
		return;
	agent->choice++;
	snmp_agent_free(agent->snmp);
	agent->snmp = NULL;
}

static void
on_walk_end(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct watched_agent *agent = user;
	int64_t now_ms = clock_mono_ms();

	agent->walked_mono_ms = now_ms;
	agent->walk_due_mono_ms = now_ms + (outcome == SNMP_DONE ? WALK_EVERY_MS : WALK_RETRY_MS);
	if (outcome == SNMP_DONE)
		agent_answered(agent, uptime_ticks);
	if (outcome == SNMP_DONE && (agent->walk_torn || !names_sort(agent))) {
		agent->walk_due_mono_ms = now_ms + WALK_RETRY_MS;
		trouble_note(agent, POLL_FAILED_MEMORY, "out of memory");
	} else if (outcome == SNMP_DONE) {
		table_take(agent);
	} else {
		walk_failed(agent, outcome, why);
	}
	agent->walk_wanted = !agent->known;
	agent->view.port_count = (uint32_t)agent->port_count;
	walked_free(agent);
	if (outcome != SNMP_DONE || !poll_start(agent))
		errand_end(agent);
	if (outcome == SNMP_SILENT)
		address_rethink(agent);
}

static enum poll_failure
failure_of(const struct error *err)
{
	return err->code == ERR_NOMEM ? POLL_FAILED_MEMORY : POLL_FAILED_OTHER;
}

static bool
walk_start(struct watched_agent *agent)
{
	struct snmp_walk_events events = { on_walk_row, on_walk_end, agent };
	struct error err = { 0 };

	agent->walked_now = true;
	agent->walk_torn = false;
	if (snmp_walk(agent->snmp, &events, &err))
		return true;
	trouble_note(agent, failure_of(&err), err.text);
	return false;
}

/* --- the counters --- */

/* What came of the row of a LAG, or of a member of one; NULL: nothing. */
static void
row_hand_on(const struct polled_row *polled, const struct counter_read *read)
{
	if (polled->is_member)
		lag_member_read(polled->port, polled->member, read);
	else if (polled->port->lag != NULL)
		lag_read(polled->port, read);
	else if (read != NULL)
		port_read(polled->port, read);
}

static void
alias_check(struct watched_agent *agent, struct watched_port *port, const char *alias)
{
	struct roster_claim claim;

	if (strcmp(alias, port->port.alias) == 0)
		return;
	if (roster_claim(agent->roster, port->port.interface, alias, &claim, NULL) == ROSTER_PORT &&
	    claim.use == port->use)
		port_claim(port, &claim, alias);
	else
		agent->walk_wanted = true;
}

static void
on_poll_row(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
	    const char *alias, const char *why, void *user)
{
	struct watched_agent *agent = user;
	const struct polled_row *polled = &agent->polled[row];

	switch (outcome) {
	case SNMP_ROW_READ:
		agent_answered(agent, read->uptime_ticks);
		row_hand_on(polled, read);
		if (!polled->is_member) {
			agent_refresh_read(agent, polled->port, read);
			alias_check(agent, polled->port, alias);
		}
		return;
	case SNMP_ROW_MOVED:
	case SNMP_ROW_GONE:
		agent->walk_wanted = agent->misplaced = true;
		agent->answered = true;
		break;
	case SNMP_ROW_SILENT:
	case SNMP_ROW_REFUSED: trouble_note(agent, snmp_agent_failure(agent->snmp), why); break;
	}
	row_hand_on(polled, NULL);
}

/* Rows came or went: walked in the next round.  Agents exist whose ifTableLastChange never rests. */
static void
table_moved_note(struct watched_agent *agent)
{
	int64_t now_mono_ms = clock_mono_ms();

	if (!snmp_agent_table_moved(agent->snmp) || now_mono_ms < agent->moved_due_mono_ms)
		return;
	if (now_mono_ms - agent->moved_due_mono_ms > WALK_EVERY_MS)
		agent->moved_gap_ms = 0;
	agent->moved_gap_ms = agent->moved_gap_ms > 0 ? agent->moved_gap_ms * 2 : MOVED_GAP_MS;
	if (agent->moved_gap_ms > WALK_EVERY_MS)
		agent->moved_gap_ms = WALK_EVERY_MS;
	agent->moved_due_mono_ms = now_mono_ms + agent->moved_gap_ms;
	agent->walk_wanted = true;
}

static void
on_poll_end(void *user)
{
	struct watched_agent *agent = user;

	table_moved_note(agent);
	if (agent->misplaced && !agent->walked_now && walk_start(agent))
		return; /* and poll again: so the round loses no sample */
	errand_end(agent);
}

static bool
is_polled(const struct watched_port *port)
{
	return port->present && port->counter_bits != 0;
}

static bool
rows_make_room(struct watched_agent *agent)
{
	size_t count = agent->port_count + 1;
	struct snmp_poll_row *rows;
	struct polled_row *polled;

	for (size_t i = 0; i < agent->port_count; i++)
		if (agent->ports[i]->lag != NULL)
			count += agent->ports[i]->lag->member_count;
	rows = realloc(agent->rows, count * sizeof(*rows));
	if (rows == NULL)
		return false;
	agent->rows = rows;
	polled = realloc(agent->polled, count * sizeof(*polled));
	if (polled == NULL)
		return false;
	agent->polled = polled;
	return true;
}

static void
port_row_make(struct watched_agent *agent, struct watched_port *port)
{
	agent->rows[agent->row_count] =
	    (struct snmp_poll_row) { .if_index = port->if_index,
				     .name = port->row_name,
				     .has_name = port->has_name,
				     .counter_bits = port->counter_bits };
	agent->polled[agent->row_count++] = (struct polled_row) { .port = port };
}

/* Beside its LAG, so that both are mostly in one answer. */
static void
member_row_make(struct watched_agent *agent, struct watched_port *port, size_t i)
{
	const struct watched_member *member = &port->lag->members[i];

	agent->rows[agent->row_count] = (struct snmp_poll_row) { .if_index = member->if_index,
								 .name = member->row_name,
								 .has_name = member->has_name,
								 .is_member = true,
								 .has_lacp = member->has_lacp };
	agent->polled[agent->row_count++] =
	    (struct polled_row) { .port = port, .is_member = true, .member = i };
}

/* The rows of this round; false when there are none. */
static bool
rows_make(struct watched_agent *agent)
{
	if (!rows_make_room(agent))
		return false;
	agent->row_count = 0;
	for (size_t i = 0; i < agent->port_count; i++) {
		struct watched_port *port = agent->ports[i];

		if (!is_polled(port))
			continue;
		port_row_make(agent, port);
		if (port->lag == NULL)
			continue;
		lag_round_begins(port);
		for (size_t k = 0; k < port->lag->member_count; k++)
			member_row_make(agent, port, k);
	}
	return agent->row_count > 0;
}

static bool
poll_start(struct watched_agent *agent)
{
	struct snmp_poll_events events = { on_poll_row, on_poll_end, agent };
	struct error err = { 0 };

	if (!rows_make(agent))
		return false;
	if (snmp_poll(agent->snmp, agent->rows, agent->row_count, &events, &err))
		return true;
	trouble_note(agent, failure_of(&err), err.text);
	return false;
}

/* --- its life --- */

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
	/* The first question comes soon, a few milliseconds apart; the rounds keep the hash's place in the interval. */
	*agent->due_mono_ms = clock_mono_ms() + (int64_t)i % 200 * 5;
}

void
agent_close(struct watched_agent *agent)
{
	loop_lookup_cancel(agent->lookup);
	snmp_agent_free(agent->snmp);
	walked_free(agent);
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
	if (agent->poll_first && poll_start(agent))
		return true;
	agent->poll_first = false;
	return agent->walk_wanted || now_mono_ms >= agent->walk_due_mono_ms ? walk_start(agent)
									    : poll_start(agent);
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
			errand_end(agent);
		return;
	}
	agent->busy = false; /* no port of it to ask for: nothing is learned, and no trouble ends */
	agent->asked_once = true;
}
