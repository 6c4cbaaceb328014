/* sees.h - whether what the ledger tells is within the scopes of who asks: for lists that are not made from the world, in
 * which nothing else is.  An account without scopes sees everything, also what is no longer listed. */
#ifndef WEB_SEES_H
#define WEB_SEES_H

#include "ixwatch/alert.h"
#include "ixwatch/ledger.h"

#include "request.h"

/* What happened to that port at that instant. */
bool sees_port_at(const struct request *request, int64_t port_id, int64_t utc_sec);
bool sees_alert(const struct request *request, const struct ledger_alert *alert);
/* A window that applies to a port within: where the port faced another peer before, one of that peer, and one of the port
 * itself from that time, are not shown. */
bool sees_window(const struct request *request, const struct world_port *port,
		 const struct ledger_window *window);
/* Who put it off, and in which words: of a silence of a port, when it was theirs then. */
bool sees_quiet(const struct request *request, const struct ledger_quiet *quiet);

/* The same as lists for the ledger; nothing is left out that sees_alert sees.  sees_lists_free in any case. */
struct sees_lists {
	struct ledger_alert_seen seen; /* lent */
	char *ports, *exchanges, *asns;
};
bool sees_lists_make(struct sees_lists *lists, const struct request *request, struct error *err);
void sees_lists_free(struct sees_lists *lists);

#endif
