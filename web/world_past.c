/* world_past.c - see world_past.h. */
#include "world_past.h"

#include <math.h>

#include "ixwatch/port_json.h"

struct asking {
	const struct account_scopes *scopes;
	uint32_t asn; /* of the port now: whose a time without a known peer is */
	int64_t at_utc_sec;
	int64_t since_utc_sec, until_utc_sec; /* around that instant it is theirs; so far */
};

static bool
on_faced(const struct ledger_faced *faced, void *user)
{
	struct asking *asking = user;
	if (account_scopes_hold(asking->scopes, faced->exchange,
				faced->asn != 0 ? faced->asn : asking->asn))
		return true;
	if (faced->from_utc_sec >= asking->at_utc_sec) {
		if (faced->from_utc_sec < asking->until_utc_sec)
			asking->until_utc_sec = faced->from_utc_sec;
		return true;
	}
	if (faced->to_utc_sec > asking->since_utc_sec)
		asking->since_utc_sec = faced->to_utc_sec;
	return true;
}

/* Hidden wholly while nobody can say whose it was. */
static void
find(struct asking *asking, struct world_past *past, const struct port *port, int64_t at_utc_sec)
{
	*asking = (struct asking) { past->scopes, port->asn, at_utc_sec, 0, INT64_MAX };
	if (past->ledger == NULL)
		past->failed =
		    !error_set(&past->err, ERR_NOT_FOUND, "the ledger cannot be read now");
	else if (ledger_port_faced_each(past->ledger, port->id, on_faced, asking, &past->err))
		return;
	past->failed = true;
	asking->since_utc_sec = INT64_MAX;
}

/* What was measured at an exchange is that exchange's, whoever was faced; but a past on another port may be of another. */
static bool
needs_no_look(const struct account_scopes *scopes, const struct world_port *port)
{
	return port->took_over_utc_sec == 0 &&
	       account_scopes_hold_exchange(scopes, port->port.exchange);
}

/* The collector's last word about it may be of a moment before it was handed over. */
static void
cut_present(struct world_port *port, unsigned interval_sec)
{
	struct snapshot_port *live = &port->live;

	if (port->seen_from_utc_sec == INT64_MAX ||
	    (live->sampled_utc_sec != 0 &&
	     live->sampled_utc_sec - (int64_t)interval_sec < port->seen_from_utc_sec)) {
		snapshot_port_now(NULL, false, live);
		live->id = port->port.id;
		port->why_unknown = snapshot_reason_text((enum unknown_reason)live->reason);
	} else if (live->state_since_utc_sec != 0) {
		live->state_since_utc_sec = world_past_since(port, live->state_since_utc_sec);
	}
}

void
world_past_set(struct world_past *past, struct world_port *port, unsigned interval_sec)
{
	struct asking asking;

	if (needs_no_look(past->scopes, port))
		return;
	find(&asking, past, &port->port, INT64_MAX);
	port->seen_from_utc_sec = asking.since_utc_sec;
	if (port->seen_from_utc_sec != 0)
		cut_present(port, interval_sec);
}

void
world_past_set_move(struct world_past *past, struct world_move *move)
{
	struct asking asking;

	find(&asking, past, &move->old, move->at_utc_sec);
	move->seen_from_utc_sec = asking.since_utc_sec;
	move->seen_until_utc_sec = asking.until_utc_sec;
}

int64_t
world_past_own_from(const struct account_scopes *scopes, const struct world_port *port)
{
	bool is_of_peer = !account_scopes_hold_exchange(scopes, port->port.exchange);

	return is_of_peer && port->took_over_utc_sec > port->seen_from_utc_sec
		   ? port->took_over_utc_sec
		   : port->seen_from_utc_sec;
}

int64_t
world_past_since(const struct world_port *port, int64_t utc_sec)
{
	if (port->seen_from_utc_sec == INT64_MAX)
		return 0;
	return utc_sec > port->seen_from_utc_sec ? utc_sec : port->seen_from_utc_sec;
}

bool
world_past_capacity(struct ledger_capacity *seen, const struct world_port *port,
		    const struct ledger_capacity *capacity, bool is_newest)
{
	bool held_before = capacity->from_utc_sec < port->seen_from_utc_sec;

	*seen = *capacity;
	seen->from_utc_sec = world_past_since(port, capacity->from_utc_sec);
	if (held_before && !is_newest)
		seen->contracted_bps = NAN;
	return capacity->from_utc_sec > port->seen_from_utc_sec || port->seen_from_utc_sec == 0;
}
