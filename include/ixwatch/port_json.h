/* port_json.h - a port as the API and `status` say it: one form, one function. */
#ifndef IXWATCH_PORT_JSON_H
#define IXWATCH_PORT_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/json.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/model.h"
#include "ixwatch/snapshot.h"

/* Whether what a snapshot says of its ports still holds: the last round is at most three intervals (and 15 s) old. */
bool snapshot_is_fresh(const struct snapshot *snapshot, int64_t now_utc_sec);

/* What may be said of a port now: `view` while it is fresh; else the same port, unknown.  NULL: not seen yet.
 * *held is the caller's, filled and lent back. */
const struct snapshot_port *snapshot_port_now(const struct snapshot_port *view, bool fresh,
					      struct snapshot_port *held);

/* Adds the port to `in` (an object under key, or to an array with key ""): {"id", "exchange", "agent", "interface",
 * "alias", "kind", "asn", "peer", "capacity_bps", "physical_bps", "capacity_source", "in_bps", "out_bps",
 * "in_utilisation", "out_utilisation", "state", "verdict", "sampled_at", "time": "agent|ours", "refresh_sec",
 * "data_quality": {"restart", "reset", "discontinuity", "wrap_unproven", "impossible", "clock", "gap"}, ...}.  Unknown is null.  Returns it, lent. */
struct json *port_json_put(struct json *in, const char *key, const struct port *port,
			   const struct snapshot_port *now);

/* "moved_to", "continues": ids, null where it is neither; beside the above. */
void port_json_way(struct json *port, const struct ledger_way *way);

#endif
