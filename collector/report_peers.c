/* report_peers.c - see report_peers.h. */
#include "report_peers.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* --- ports --- */

struct reading {
	struct report_peers *peers;
	const struct config *config;
	size_t size;
	int64_t since_utc_sec;
	bool failed;
};

static bool
is_told(enum port_kind kind)
{
	return kind == KIND_MEMBER || kind == KIND_PNI || kind == KIND_RESELLER;
}

/* By the ledger and by the configuration as it is now: what one of them keeps in the house stays there. */
static bool
is_told_now(const struct config *config, const struct port *port)
{
	const struct config_exchange *exchange = config_exchange_find(config, port->exchange);
	const struct config_port *settings =
	    exchange != NULL ? config_port_find(exchange, port->agent, port->interface) : NULL;

	if (exchange == NULL || !is_told(port->kind))
		return false;
	if (settings != NULL)
		return is_told(settings->kind);
	for (size_t i = 0; i < exchange->agent_count; i++)
		if (strcmp(exchange->agents[i].name, port->agent) == 0)
			return is_told(exchange->agents[i].kind);
	return false;
}

/* The first ASN of the network that it belongs to. */
static uint32_t
group_of(const struct config *config, uint32_t asn)
{
	const struct config_peer *peer = config_peer_find(config, asn);

	return peer != NULL ? peer->asn : asn;
}

static bool
port_copy(struct report_port *to, const struct port *from, const struct config *config)
{
	*to = (struct report_port) {
		.id = from->id,
		.exchange = strdup(from->exchange),
		.agent = strdup(from->agent),
		.interface = strdup(from->interface),
		.circuit = strdup(from->circuit),
		.peer = strdup(from->peer),
		.path = strdup(from->path),
		.asn = from->asn,
		.kind = from->kind,
		.group_asn = group_of(config, from->asn),
		.vanished_utc_sec = from->vanished_utc_sec,
	};
	return to->exchange != NULL && to->agent != NULL && to->interface != NULL &&
	       to->circuit != NULL && to->peer != NULL && to->path != NULL;
}

static bool
on_port(const struct port *port, void *user)
{
	struct reading *reading = user;
	struct report_peers *peers = reading->peers;

	if (port->asn == 0 || !is_told_now(reading->config, port) ||
	    (port->vanished_utc_sec != 0 && port->vanished_utc_sec < reading->since_utc_sec))
		return true;
	if (peers->port_count == reading->size) {
		size_t size = reading->size == 0 ? 64 : reading->size * 2;
		struct report_port *grown = realloc(peers->ports, size * sizeof(*grown));

		reading->failed = grown == NULL;
		if (grown == NULL)
			return false;
		peers->ports = grown;
		reading->size = size;
	}
	reading->failed = !port_copy(&peers->ports[peers->port_count++], port, reading->config);
	return !reading->failed;
}

/* By peer, exchange, ASN, resellers' after the others, id. */
static int
compare_ports(const void *left, const void *right)
{
	const struct report_port *a = left, *b = right;
	int by_exchange = strcmp(a->exchange, b->exchange);
	bool a_resells = a->kind == KIND_RESELLER, b_resells = b->kind == KIND_RESELLER;

	if (a->group_asn != b->group_asn)
		return a->group_asn < b->group_asn ? -1 : 1;
	if (by_exchange != 0)
		return by_exchange;
	if (a->asn != b->asn)
		return a->asn < b->asn ? -1 : 1;
	if (a_resells != b_resells)
		return a_resells ? 1 : -1;
	return a->id < b->id ? -1 : a->id > b->id;
}

static bool
is_one_connection(const struct report_port *a, const struct report_port *b)
{
	return a->group_asn == b->group_asn && strcmp(a->exchange, b->exchange) == 0 &&
	       a->asn == b->asn && a->kind != KIND_RESELLER && b->kind != KIND_RESELLER;
}

/* --- connections --- */

struct lookup {
	const struct report_port *port;
	int64_t id;
};

static bool
on_connection(const struct ledger_connection *row, void *user)
{
	struct lookup *lookup = user;

	if (strcmp(row->exchange, lookup->port->exchange) == 0)
		lookup->id = row->id;
	return lookup->id == 0;
}

/* Where there never was but one port, there is no row. */
static bool
connection_find(struct peer_connection *connection, struct ledger *ledger, struct error *err)
{
	struct lookup lookup = { .port = connection->ports };

	if (lookup.port->kind != KIND_RESELLER &&
	    !ledger_connection_each(ledger, lookup.port->asn, on_connection, &lookup, err))
		return false;
	connection->connection_id = lookup.id;
	return true;
}

static bool
connection_add(struct report_peer *peer, const struct report_port *ports, size_t count)
{
	struct peer_connection *grown =
	    realloc(peer->connections, (peer->connection_count + 1) * sizeof(*grown));

	if (grown == NULL)
		return false;
	peer->connections = grown;
	grown[peer->connection_count++] =
	    (struct peer_connection) { .port_count = count, .ports = ports };
	return true;
}

/* --- peers --- */

/* As the configuration calls it, else as one of its ports does. */
static const char *
name_of(const struct config *config, const struct report_port *ports, size_t count)
{
	const struct config_peer *peer = config_peer_find(config, ports[0].asn);

	if (peer != NULL && peer->name[0] != '\0')
		return peer->name;
	for (size_t i = 0; i < count; i++)
		if (ports[i].peer[0] != '\0')
			return ports[i].peer;
	return "";
}

static bool
asns_fill(struct report_peer *peer, const struct config *config)
{
	const struct config_peer *group = config_peer_find(config, peer->asn);
	size_t also_count = group != NULL ? group->also_count : 0;

	peer->asns = malloc((also_count + 1) * sizeof(*peer->asns));
	if (peer->asns == NULL)
		return false;
	peer->asns[peer->asn_count++] = peer->asn;
	for (size_t i = 0; i < also_count; i++)
		peer->asns[peer->asn_count++] = group->also[i];
	return true;
}

/* The ports of one peer stand together. */
static bool
peer_fill(struct report_peer *peer, const struct config *config, const struct report_port *ports,
	  size_t count)
{
	*peer = (struct report_peer) { .asn = ports[0].group_asn,
				       .name = name_of(config, ports, count) };
	if (!asns_fill(peer, config))
		return false;
	for (size_t i = 0, n; i < count; i += n) {
		for (n = 1; i + n < count && is_one_connection(&ports[i], &ports[i + n]);)
			n++;
		if (!connection_add(peer, ports + i, n))
			return false;
	}
	return true;
}

static bool
peers_fill(struct report_peers *peers, const struct config *config)
{
	peers->peers = calloc(peers->port_count + 1, sizeof(*peers->peers));
	for (size_t i = 0, n; peers->peers != NULL && i < peers->port_count; i += n) {
		const struct report_port *first = &peers->ports[i];

		for (n = 1; i + n < peers->port_count && first[n].group_asn == first->group_asn;)
			n++;
		if (!peer_fill(&peers->peers[peers->count++], config, first, n))
			return false;
	}
	return peers->peers != NULL;
}

bool
report_peers_read(struct report_peers *peers, const struct config *config, struct ledger *ledger,
		  int64_t since_utc_sec, struct error *err)
{
	struct reading reading = { .peers = peers,
				   .config = config,
				   .since_utc_sec = since_utc_sec };

	*peers = (struct report_peers) { 0 };
	if (!ledger_port_each(ledger, on_port, &reading, err))
		return false;
	if (peers->port_count > 0)
		qsort(peers->ports, peers->port_count, sizeof(*peers->ports), compare_ports);
	if (reading.failed || !peers_fill(peers, config))
		return error_set(err, ERR_NOMEM, "peers: out of memory");
	for (size_t i = 0; i < peers->count; i++)
		for (size_t c = 0; c < peers->peers[i].connection_count; c++)
			if (!connection_find(&peers->peers[i].connections[c], ledger, err))
				return false;
	return true;
}

void
report_peers_end(struct report_peers *peers)
{
	for (size_t i = 0; i < peers->port_count; i++) {
		free(peers->ports[i].exchange);
		free(peers->ports[i].agent);
		free(peers->ports[i].interface);
		free(peers->ports[i].circuit);
		free(peers->ports[i].peer);
		free(peers->ports[i].path);
	}
	for (size_t i = 0; i < peers->count; i++) {
		free(peers->peers[i].asns);
		free(peers->peers[i].connections);
	}
	free(peers->ports);
	free(peers->peers);
	*peers = (struct report_peers) { 0 };
}

const struct report_peer *
report_peers_find(const struct report_peers *peers, uint32_t asn)
{
	for (size_t i = 0; i < peers->count; i++)
		for (size_t n = 0; n < peers->peers[i].asn_count; n++)
			if (peers->peers[i].asns[n] == asn)
				return &peers->peers[i];
	return NULL;
}

char *
peer_connection_name(char dst[REPORT_NAME_SIZE], const struct peer_connection *connection)
{
	const struct report_port *port = connection->ports;

	if (connection->connection_id != 0)
		snprintf(dst, REPORT_NAME_SIZE, "%s/AS%u", port->exchange, port->asn);
	else
		snprintf(dst, REPORT_NAME_SIZE, "%lld", (long long)port->id);
	return dst;
}
