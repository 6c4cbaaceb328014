/* capacity.h - where the sources of a port's capacity disagree.  Pure.
 *
 * Which source is in force, the order says: the setting, else a LAG's live members, else ifHighSpeed; a contract limits
 * all of them.  Where two that should agree do not, one of them is wrong, and the number that is shown may be too. */
#ifndef IXWATCH_CAPACITY_H
#define IXWATCH_CAPACITY_H

#include <stddef.h>

#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"
#include "ixwatch/snapshot.h"

/* Everything that says something of one port; NAN: says nothing. */
struct capacity_sources {
	double setting_bps;    /* `capacity` of its port block */
	double lag_bps;        /* the sum of its live members */
	double interface_bps;  /* ifHighSpeed */
	double contracted_bps; /* billed or not */
	double physical_bps;   /* the one of the first three in force */
};

/* What a snapshot and the configuration say of the port. */
struct capacity_sources capacity_sources_of(const struct port *port,
					    const struct snapshot_port *now, double setting_bps);

struct capacity_disagreement {
	const char
	    *name; /* "setting-lag", "setting-interface", "lag-interface", "contract-physical" */
	enum capacity_source first, second;
	double first_bps, second_bps;
	char text[160]; /* a sentence without its full stop */
};

#define CAPACITY_DISAGREEMENTS_MAX 4

/* Fills in those there are, the gravest first, and returns how many.  Rates that differ by less than 1% agree. */
size_t capacity_disagreements(const struct capacity_sources *sources,
			      struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX]);

/* "capacity_disagreements": [{"name", "text", "first": {"source", "bps"}, "second": {"source", "bps"}}] */
void capacity_disagreements_json(struct json *in, const struct capacity_sources *sources);

/* One member of a LAG, added to a list: {"interface", "if_index", "up", "state", "speed_bps", "since"}; up: whether it
 * carries traffic, null when that is unknown. */
void capacity_member_json(struct json *list, const struct ledger_lag_member *member);

/* "lag": {"members": (taken), "live_bps", "interface_bps", "largest_member_bps"}; members NULL: null, it is none. */
void capacity_lag_json(struct json *in, struct json *members_take, const struct snapshot_port *now);

#endif
