/* report_peers.h - who is written to about what: every peer, its connections, and their ports.
 *
 * Of the ports only the kinds `member`, `pni` and `reseller`: nothing about any other leaves the house.  A peer is one ASN,
 * or what a `peer` block of the configuration makes one network of. */
#ifndef COLLECTOR_REPORT_PEERS_H
#define COLLECTOR_REPORT_PEERS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"

struct report_port {
	int64_t id;
	char *exchange, *agent, *interface, *circuit, *peer, *path;
	uint32_t asn;
	enum port_kind kind;
	uint32_t group_asn; /* names the peer */
	int64_t vanished_utc_sec;
};

/* All ports of one ASN at one exchange; each reseller port is one of its own, in nobody's sum. */
struct peer_connection {
	size_t port_count;
	const struct report_port *ports; /* by id */
	int64_t connection_id;           /* in the ledger; 0: its one port is it */
};

struct report_peer {
	uint32_t asn;     /* names the letter */
	const char *name; /* "" unknown */
	size_t asn_count;
	uint32_t *asns;
	size_t connection_count;
	struct peer_connection *connections; /* by exchange */
};

struct report_peers {
	size_t port_count;
	struct report_port *ports;
	size_t count;
	struct report_peer *peers; /* by ASN */
};

/* Those whose ports were there at or after since_utc_sec.  End with report_peers_end, also when it failed. */
bool report_peers_read(struct report_peers *peers, const struct config *config,
		       struct ledger *ledger, int64_t since_utc_sec, struct error *err);
void report_peers_end(struct report_peers *peers);

/* The peer that an ASN belongs to; NULL: none has it. */
const struct report_peer *report_peers_find(const struct report_peers *peers, uint32_t asn);

/* The name by which `replay` knows the connection. */
#define REPORT_NAME_SIZE 128
char *peer_connection_name(char dst[REPORT_NAME_SIZE], const struct peer_connection *connection);

#endif
