/* world_past.h - from when on an account sees a port.
 *
 * A port that faces a peer today may have faced another one before, or continue the past of a port elsewhere; an account
 * is shown nothing of a time that is not within its scopes.  What it sees begins when the port came to be within them for
 * the last time.  A time without a known peer is nobody else's. */
#ifndef WEB_WORLD_PAST_H
#define WEB_WORLD_PAST_H

#include "ixwatch/accounts.h"

#include "world.h"

struct world_past {
	const struct account_scopes *scopes; /* one or more */
	struct ledger *ledger;               /* NULL: there is none now */
	bool
	    failed; /* of some it could not be said, err has why: they are seen from INT64_MAX on */
	struct error err;
};

/* Sets from when on it is seen, and leaves of its present only what was measured since. */
void world_past_set(struct world_past *past, struct world_port *port, unsigned interval_sec);
/* The same of the past of the port that another one continues; nothing of it may be left. */
void world_past_set_move(struct world_past *past, struct world_move *move);

/* From when on its own alerts, silences and windows are seen: they are not continued from another port. */
int64_t world_past_own_from(const struct account_scopes *scopes, const struct world_port *port);

/* That instant, or when the port began to be seen; 0 when that is not known. */
int64_t world_past_since(const struct world_port *port, int64_t utc_sec);
/* An entry of the port's capacity ledger, as it may be told: of the one that held when it began to be seen the contract is
 * another peer's, unless it holds still (is_newest).  False: those before it are not told. */
bool world_past_capacity(struct ledger_capacity *seen, const struct world_port *port,
			 const struct ledger_capacity *capacity, bool is_newest);

#endif
