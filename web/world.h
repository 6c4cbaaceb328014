/* world.h - everything the pages show, at one moment: the ports of the ledger, how they stand by the collector's
 * snapshot, in which order they need attention.
 *
 * A world is immutable and counted: a request holds one from beginning to end.  What is older than three rounds is not
 * shown as live: its rates are unknown and its state is `unknown`, since its last sample. */
#ifndef WEB_WORLD_H
#define WEB_WORLD_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/ledger.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/model.h"
#include "ixwatch/signed_link.h"
#include "ixwatch/snapshot.h"
#include "ixwatch/zone.h"

#define WORLD_TROUBLE_MAX sizeof(((struct error *)0)->text)

/* Sums and counts of a set of ports. */
struct world_sum {
	unsigned port_count;
	unsigned state_count[STATE_COUNT];
	unsigned verdict_count[VERDICT_COUNT];
	enum port_state worst;       /* by severity; STATE_CLEAR when there is no port */
	double bps[DIRECTION_COUNT]; /* of the ports whose rate is known; NAN when none is */
	unsigned known_count[DIRECTION_COUNT]; /* how many those are */
};

struct world_exchange {
	const char *slug, *name, *timezone;
	struct zone *zone; /* UTC where the name is no zone */
	struct world_sum sum;
};

struct world_port {
	struct subject subject; /* whose judgement is shown: the port's own */
	struct port port;       /* texts belong to the world */
	const struct world_exchange *exchange;
	struct snapshot_port live;         /* as it may be shown now */
	double setting_bps;                /* its `capacity` in the configuration; NAN: none */
	const char *why_unknown;           /* in words; "" when the state is known */
	struct detector_settings settings; /* in force, by the profile of the pages */
	struct ledger_way way;             /* where it went, and whose past it continues */
	int64_t took_over_utc_sec; /* since when its past is its own; 0: it continues no other */
	/* Nothing of before is this world's to tell; 0: all of it is; INT64_MAX: nothing.  (world_past.h) */
	int64_t seen_from_utc_sec;
};

/* A port that was re-patched: it is among the ports only when another peer has it now. */
struct world_move {
	int64_t new_id, at_utc_sec;
	struct port old; /* texts belong to the world */
	/* Of the old port this world may tell what was in [from, until); INT64_MAX: nothing, or to this day. */
	int64_t seen_from_utc_sec, seen_until_utc_sec;
};

/* All ports of kind member or pni of one peer at one exchange.  Of one port alone, the port's judgement is its own. */
struct world_connection {
	size_t port_count;               /* 1 or more */
	const struct world_port **ports; /* by id */
	/* The sum, in the form of a port: exchange, asn, peer and kind; values now, and the graver verdict of both
	 * directions; it has no state, id or name. */
	struct world_port whole;
};

/* Where the judgement has numbers of its own: an exchange, or a port. */
struct world_scope {
	const char *exchange; /* slug */
	const char *name;     /* of the exchange, or "agent/interface" */
	bool is_port;
	struct detector_settings settings[PROFILE_COUNT];
	enum profile profile; /* of the pages there */
};

/* peer "ASN" { ... } of the configuration: who is written to. */
struct world_peer {
	uint32_t asn; /* by which letters name it */
	size_t also_count;
	const uint32_t *also;
	const char *recipients; /* in words: "peering@example.net, noc@example.net" */
};

/* By which numbers is judged: the file's own, and where they are overruled. */
struct world_rules {
	struct detector_settings settings[PROFILE_COUNT];
	enum profile pages,
	    reports; /* by which profile the pages and alerts judge, and what a peer is told */
	size_t scope_count;
	struct world_scope *scopes;
};

struct world {
	uint64_t generation;
	bool has_ledger;
	char trouble
	    [WORLD_TROUBLE_MAX]; /* why there is nothing to show, in words; "" when there is */
	bool stale;            /* the last round is too old to be called live, or there was none */
	int64_t round_utc_sec; /* when the last round ended; 0: none yet */
	unsigned interval_sec;
	struct snapshot *snapshot; /* NULL: none yet */
	size_t exchange_count, port_count;
	struct world_exchange *exchanges;     /* by slug */
	struct world_port *ports;             /* by id */
	const struct world_port **worst;      /* all ports, what needs attention first */
	struct world_connection *connections; /* by asn, then exchange */
	size_t connection_count;
	struct world_move *moves; /* by the old port's id */
	size_t move_count;
	struct world_sum sum; /* of all */
	struct world_rules rules;
	size_t peer_count;
	struct world_peer *peers;
	const char *coordinator; /* who receives the overview, in words */
	char base_url
	    [512]; /* of web.base-url, without a slash at its end; "" when it does not fit */
	char base_host[256]; /* the host of web.base-url, lower case; "" when it has none */
	char link_key_path[LINK_PATH_SIZE]; /* of the keys that sign links in mails */
	struct arena *arena;
};

/* Whether the last round is too old now to be called live; the same rule as `ixwatch status`. */
bool world_is_stale_at(const struct world *world, int64_t now_utc_sec);

/* Reads ledger (NULL: none yet; `trouble` says why) and snapshot (NULL: none yet; taken).  *out is freed by world_free. */
bool world_build(struct world **out, struct ledger *ledger, struct snapshot *snapshot_take,
		 const struct config *config, const char *trouble, int64_t now_utc_sec,
		 struct error *err);
void world_free(struct world *world);

/* NULL when there is none; belongs to the world. */
const struct world_port *world_port_find(const struct world *world, int64_t id);
const struct world_exchange *world_exchange_find(const struct world *world, const char *slug);

/* The texts of a port, from the ledger's row to the world's own; false when memory ran out. */
bool world_copy_texts(struct arena *arena, struct port *port);

/* Fills world->moves, and the ways of the ports; ledger NULL: none yet.  (world_moves.c) */
bool world_moves_set(struct world *world, struct ledger *ledger, struct error *err);
/* NULL: that port did not move. */
const struct world_move *world_move_find(const struct world *world, int64_t old_id);

/* Fills world->connections; ledger NULL: none yet.  (world_connections.c) */
bool world_connections_set(struct world *world, struct ledger *ledger, const struct config *config,
			   struct error *err);
/* NULL when there is none. */
struct world_connection *world_connection_find(const struct world *world, uint32_t asn,
					       const char *exchange);
/* Those of one peer, by exchange: how many, and the first. */
size_t world_connections_of(const struct world *world, uint32_t asn,
			    const struct world_connection **first);
/* False: it has several ports, and the ledger does not know it yet: nothing was judged nor advised of all together. */
bool world_connection_is_known(const struct world_connection *c);
/* A port of it is judged recurring or routine, all together are not: traffic is laid unevenly. */
bool world_connection_is_uneven(const struct world_connection *connection);

/* Fills world->rules from the configuration; false when memory ran out.  (world_rules.c) */
bool world_rules_set(struct world *world, const struct config *config);

/* Fills world->peers and the coordinator; false when memory ran out.  (world_peers.c) */
bool world_peers_set(struct world *world, const struct config *config);
/* Who receives the letter of the peer with that ASN, in words; that nobody does, too. */
const char *world_peer_recipients(const struct world *world, uint32_t asn);

void world_sum_init(struct world_sum *sum);
void world_sum_add(struct world_sum *sum, const struct world_port *port);

/* 0 is what the NOC looks at first: sustained, spike, hot, unknown, down, clear. */
unsigned world_severity(enum port_state state);
extern const enum port_state world_by_severity[STATE_COUNT];

/* The larger known utilisation of the two directions; -1 when none is known. */
double world_port_fullest(const struct world_port *port);

#endif
