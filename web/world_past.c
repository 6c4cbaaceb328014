/* world_past.c - see world_past.h. */
#include "world_past.h"

#include <math.h>

struct asking {
	const struct account_scopes *scopes;
	int64_t until_utc_sec; /* what came later is not looked at */
	int64_t since_utc_sec; /* so far */
};

static bool
on_faced(const struct ledger_faced *faced, void *user)
{
	struct asking *asking = user;
	int64_t to = faced->to_utc_sec;

	if (faced->from_utc_sec >= asking->until_utc_sec ||
	    account_scopes_hold(asking->scopes, faced->exchange, faced->asn))
		return true;
	if (to > asking->until_utc_sec)
		to = asking->until_utc_sec;
	if (to > asking->since_utc_sec)
		asking->since_utc_sec = to;
	return true;
}

/* All of it is hidden while nobody can say whose it was. */
static bool
find_since(int64_t *since_utc_sec, struct ledger *ledger, const struct account_scopes *scopes,
	   const struct port *port, int64_t until_utc_sec, struct error *err)
{
	struct asking asking = { scopes, until_utc_sec, 0 };

	*since_utc_sec = until_utc_sec;
	if (ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger cannot be read now");
	if (!ledger_port_faced_each(ledger, port->id, on_faced, &asking, err))
		return false;
	*since_utc_sec = asking.since_utc_sec;
	return true;
}

/* What was measured at an exchange is that exchange's, whoever was faced; but a past on another port may be of another. */
static bool
needs_no_look(const struct account_scopes *scopes, const struct world_port *port)
{
	return port->way.continues == 0 &&
	       account_scopes_hold_exchange(scopes, port->port.exchange);
}

bool
world_pasts_set(struct world *scoped, const struct account_scopes *scopes, struct ledger *ledger,
		struct error *err)
{
	bool done = true;

	if (scopes->count == 0)
		return true;
	for (size_t i = 0; i < scoped->port_count; i++) {
		struct world_port *port = &scoped->ports[i];
		int64_t *state_since = &port->live.state_since_utc_sec;

		if (needs_no_look(scopes, port))
			continue;
		done &= find_since(&port->seen_from_utc_sec, ledger, scopes, &port->port, INT64_MAX,
				   err);
		if (*state_since != 0 && *state_since < port->seen_from_utc_sec)
			*state_since = done ? port->seen_from_utc_sec : 0;
	}
	for (size_t i = 0; i < scoped->connection_count; i++) {
		struct world_connection *c = &scoped->connections[i];

		if (c->whole.subject.kind == SUBJECT_PORT && c->port_count > 0)
			c->whole.seen_from_utc_sec = c->ports[0]->seen_from_utc_sec;
	}
	for (size_t i = 0; i < scoped->move_count; i++) {
		struct world_move *move = &scoped->moves[i];

		done &= find_since(&move->seen_from_utc_sec, ledger, scopes, &move->old,
				   move->at_utc_sec, err);
	}
	return done;
}

int64_t
world_past_since(const struct world_port *port, int64_t utc_sec)
{
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
