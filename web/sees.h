/* sees.h - whether what the ledger tells is within the scopes of who asks: for lists that are not made from the world, in
 * which nothing else is.  An account without scopes sees everything, also what is no longer listed. */
#ifndef WEB_SEES_H
#define WEB_SEES_H

#include "ixwatch/alert.h"

#include "request.h"

bool sees_port(const struct request *request, int64_t port_id);
bool sees_alert(const struct request *request, const struct alert_subject *subject);

/* The same as lists for the ledger; nothing is left out that sees_alert sees.  sees_lists_free in any case. */
struct sees_lists {
	struct ledger_alert_seen seen; /* lent */
	char *ports, *exchanges, *asns;
};
bool sees_lists_make(struct sees_lists *lists, const struct request *request, struct error *err);
void sees_lists_free(struct sees_lists *lists);

#endif
