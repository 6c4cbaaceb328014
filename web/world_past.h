/* world_past.h - from when on an account sees a port.
 *
 * A port that faces a peer today may have faced another one before; an account of the peer of today is shown nothing of
 * that time.  What it sees begins when the port came to be within its scopes for the last time. */
#ifndef WEB_WORLD_PAST_H
#define WEB_WORLD_PAST_H

#include "ixwatch/accounts.h"

#include "world.h"

/* Sets seen_from_utc_sec of all ports, of connections that are one port's, and of moves of a scoped world.  False when the ledger (NULL: there is none now) could
 * not say it of some: of those nothing of the past is shown, and it should be tried again. */
bool world_pasts_set(struct world *scoped, const struct account_scopes *scopes,
		     struct ledger *ledger, struct error *err);

/* That instant, or when the port began to be seen. */
int64_t world_past_since(const struct world_port *port, int64_t utc_sec);
/* An entry of the port's capacity ledger, as it may be told: of the one that held when it began to be seen the contract is
 * another peer's, unless it holds still (is_newest).  False: those before it are not told. */
bool world_past_capacity(struct ledger_capacity *seen, const struct world_port *port,
			 const struct ledger_capacity *capacity, bool is_newest);

#endif
