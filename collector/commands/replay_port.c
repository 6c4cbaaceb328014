/* replay_port.c - which ports, and what is known of them; see replay_port.h. */
#include "commands/replay_port.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "advise.h"

/* --- a port's own words --- */

static bool
copy_texts(struct port *to, const struct port *from)
{
	const char *const lent[] = { from->exchange, from->agent, from->interface, from->alias,
				     from->peer,     from->path,  from->note,      from->circuit };
	const char **const own[] = { &to->exchange, &to->agent, &to->interface, &to->alias,
				     &to->peer,     &to->path,  &to->note,      &to->circuit };
	bool done = true;

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++) {
		*own[i] = strdup(lent[i]);
		done = done && *own[i] != NULL;
	}
	return done;
}

static void
free_texts(struct port *port)
{
	const char *const own[] = { port->exchange, port->agent, port->interface, port->alias,
				    port->peer,     port->path,  port->note,      port->circuit };

	for (size_t i = 0; i < sizeof(own) / sizeof(own[0]); i++)
		free((char *)(uintptr_t)own[i]);
}

static void
port_end(struct replay_port *port)
{
	free_texts(&port->port);
	judge_source_end(&port->source);
	free(port->name);
	for (size_t i = 0; i < port->window_count; i++)
		free(port->window_texts[i]);
	free(port->window_texts);
	free(port->windows);
	free(port->window_ids);
	free(port->window_asns);
	free(port->window_ports);
}

void
replay_ports_free(struct replay_ports *ports)
{
	for (size_t i = 0; i < ports->count; i++)
		port_end(&ports->ports[i]);
	free(ports->ports);
	*ports = (struct replay_ports) { 0 };
}

/* --- which ports --- */

struct finder {
	struct replay_ports *ports;
	bool failed;
};

static bool
make_room(struct replay_ports *ports)
{
	size_t size = ports->size == 0 ? 64 : ports->size * 2;
	struct replay_port *grown;

	if (ports->count < ports->size)
		return true;
	grown = realloc(ports->ports, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	ports->ports = grown;
	ports->size = size;
	return true;
}

static bool
on_port(const struct port *port, void *user)
{
	struct finder *finder = user;
	struct replay_port *found;

	if (!make_room(finder->ports)) {
		finder->failed = true;
		return false;
	}
	found = &finder->ports->ports[finder->ports->count++];
	*found = (struct replay_port) { .port = *port, .source.subject = subject_port(port->id) };
	if (!copy_texts(&found->port, port) ||
	    asprintf(&found->name, "%s/%s/%s", port->exchange, port->agent, port->interface) < 0) {
		found->name = NULL;
		finder->failed = true;
	}
	return !finder->failed;
}

/* As a port: what is not of one exchange and peer is empty. */
static bool
on_connection(const struct ledger_connection *connection, void *user)
{
	struct finder *finder = user;
	struct replay_port *found;
	struct port port = { .exchange = connection->exchange,
			     .agent = "",
			     .interface = "",
			     .alias = "",
			     .peer = connection->peer,
			     .path = "",
			     .note = "",
			     .circuit = "",
			     .asn = connection->asn,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };

	if (!on_port(&port, user))
		return false;
	found = &finder->ports->ports[finder->ports->count - 1];
	found->source.subject = subject_connection(connection->id);
	free(found->name);
	if (asprintf(&found->name, "%s/AS%u", connection->exchange, connection->asn) < 0) {
		found->name = NULL;
		finder->failed = true;
	}
	return !finder->failed;
}

/* --- what the configuration says of it --- */

static const struct config_agent *
agent_find(const struct config_exchange *exchange, const char *name)
{
	for (size_t i = 0; i < exchange->agent_count; i++)
		if (strcmp(exchange->agents[i].name, name) == 0)
			return &exchange->agents[i];
	return NULL;
}

/* Its limits come with its rows.  Discards are a witness where those of each port are. */
static void
settle_connection(struct replay_port *port)
{
	bool any = false, all = true;

	for (size_t i = 0; i < port->source.member_count; i++) {
		const struct judge_member *member = &port->source.members[i];
		const struct config_agent *agent = agent_find(port->exchange, member->agent);

		if (member->to_utc_sec != 0)
			continue;
		any = true;
		all = all && agent != NULL && agent->discards_trusted;
	}
	port->terms = (struct detector_terms) { .contracted_bps = NAN,
						.nominal_capacity_bps = NAN,
						.discards_trusted = any && all };
}

/* A contract that the port's block does not name is the one the ledger knows. */
static bool
settle(struct replay_port *port, const struct config *config, struct error *err)
{
	const struct config_agent *agent;
	const struct config_port *settings = NULL;

	port->exchange = config_exchange_find(config, port->port.exchange);
	if (port->exchange == NULL)
		return error_set(err, ERR_NOT_FOUND, "%s: the configuration has no exchange %s",
				 port->name, port->port.exchange);
	if (port->source.subject.kind == SUBJECT_CONNECTION)
		return true;
	agent = agent_find(port->exchange, port->port.agent);
	settings = config_port_find(port->exchange, port->port.agent, port->port.interface);
	port->settings = settings;
	port->terms = (struct detector_terms) {
		.contracted_bps = port->port.contracted_bps,
		.contract_billed = port->port.contract_billed,
		.nominal_capacity_bps = settings != NULL ? settings->nominal_capacity_bps : NAN,
		.discards_trusted = agent != NULL && agent->discards_trusted,
	};
	if (settings != NULL && !isnan(settings->contracted_bps)) {
		port->terms.contracted_bps = settings->contracted_bps;
		port->terms.contract_billed = settings->contract_billed;
	}
	return true;
}

/* --- declared windows --- */

struct window_taker {
	struct replay_port *port;
	struct error *err;
	bool failed;
};

static bool
window_room(struct replay_port *port)
{
	size_t size = port->window_size == 0 ? 8 : port->window_size * 2;
	struct detector_window *windows;
	int64_t *ids, *ports;
	uint32_t *asns;
	char **texts;

	if (port->window_count < port->window_size)
		return true;
	windows = realloc(port->windows, size * sizeof(*windows));
	if (windows != NULL)
		port->windows = windows;
	texts = realloc(port->window_texts, size * sizeof(*texts));
	if (texts != NULL)
		port->window_texts = texts;
	ids = realloc(port->window_ids, size * sizeof(*ids));
	if (ids != NULL)
		port->window_ids = ids;
	asns = realloc(port->window_asns, size * sizeof(*asns));
	if (asns != NULL)
		port->window_asns = asns;
	ports = realloc(port->window_ports, size * sizeof(*ports));
	if (ports != NULL)
		port->window_ports = ports;
	if (windows == NULL || texts == NULL || ids == NULL || asns == NULL || ports == NULL)
		return false;
	port->window_size = size;
	return true;
}

static bool
on_window(const struct ledger_window *declared, void *user)
{
	struct window_taker *taker = user;
	struct replay_port *port = taker->port;
	struct detector_window window = { declared->start_utc_sec, declared->until_utc_sec,
					  CAUSE_EVENT };
	char *text;

	if (window.end_utc_sec <= window.start_utc_sec) /* withdrawn */
		return true;
	for (size_t i = 0; i < port->window_count; i++)
		if (port->window_ids[i] == declared->id)
			return true;
	if (!detector_cause_parse(declared->cause, &window.cause)) {
		taker->failed = true;
		return error_set(taker->err, ERR_DB,
				 "declared window %lld: cause \"%.40s\" is not known",
				 (long long)declared->id, declared->cause);
	}
	text = strdup(declared->reason);
	if (text == NULL || !window_room(port)) {
		free(text);
		taker->failed = true;
		return error_set(taker->err, ERR_NOMEM, "out of memory");
	}
	port->window_texts[port->window_count] = text;
	port->window_ids[port->window_count] = declared->id;
	port->window_asns[port->window_count] = declared->asn;
	port->window_ports[port->window_count] = declared->port_id;
	port->windows[port->window_count++] = window;
	return true;
}

/* Those that apply to the port, or to one of the connection's ports; each once. */
static bool
take_windows(struct replay_port *port, struct ledger *ledger, struct error *err)
{
	struct window_taker taker = { port, err, false };
	bool done = true;

	for (size_t i = 0; done && i < port->source.member_count; i++) {
		struct ledger_window_query query = { .port_id = port->source.members[i].port_id };

		done = ledger_window_each(ledger, &query, on_window, &taker, err) && !taker.failed;
	}
	return done;
}

/* --- together --- */

/* "exchange/AS64500": a name with one slash; a port's has two. */
static bool
names_connection(const char *name)
{
	const char *slash = strchr(name, '/');

	return slash != NULL && strchr(slash + 1, '/') == NULL;
}

static bool
list(struct finder *finder, struct ledger *ledger, const char *name, struct error *err)
{
	if (name == NULL)
		return ledger_port_each(ledger, on_port, finder, err) &&
		       ledger_connection_each(ledger, 0, on_connection, finder, err);
	return names_connection(name)
		   ? ledger_connection_find(ledger, name, on_connection, finder, err)
		   : ledger_port_find(ledger, name, on_port, finder, err);
}

/* A contract that the configuration has, and the ledger not yet, is the one in force when nothing else is known. */
static bool
take_source(struct replay_port *port, struct ledger *ledger, struct error *err)
{
	bool is_port = port->source.subject.kind == SUBJECT_PORT;

	if (!judge_source_init(&port->source, port->source.subject, is_port ? &port->port : NULL,
			       ledger, err))
		return false;
	if (!is_port && port->exchange != NULL)
		settle_connection(port);
	if (is_port) {
		port->source.members[0].contracted_bps = port->terms.contracted_bps;
		port->source.members[0].contract_billed = port->terms.contract_billed;
	}
	port->largest_member_bps = advise_largest_member_bps(&port->source, ledger);
	return true;
}

static bool
find(struct replay_ports *ports, const struct config *config, struct ledger *ledger,
     const char *name, struct error *err)
{
	struct finder finder = { ports, false };

	if (!list(&finder, ledger, name, err))
		return false;
	if (finder.failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < ports->count; i++) {
		struct replay_port *port = &ports->ports[i];

		if (!settle(port, config, err) && name != NULL)
			return false;
		if (!take_source(port, ledger, err) || !take_windows(port, ledger, err))
			return false;
	}
	return true;
}

bool
replay_ports_find_in(struct replay_ports *ports, const struct config *config, struct ledger *ledger,
		     const char *name, struct error *err)
{
	bool done;

	*ports = (struct replay_ports) { 0 };
	done = ledger_begin(ledger, err) && find(ports, config, ledger, name, err);
	ledger_rollback(ledger);
	return done;
}

bool
replay_ports_find(struct replay_ports *ports, const struct config *config, const char *name,
		  struct error *err)
{
	struct ledger *ledger = NULL;
	bool done;

	*ports = (struct replay_ports) { 0 };
	done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
	       replay_ports_find_in(ports, config, ledger, name, err);
	ledger_close(ledger);
	return done;
}
