/* report_connection.h - one connection over a closed week, as facts of a letter: see CONNECTION in notify/letter.h. */
#ifndef COLLECTOR_REPORT_CONNECTION_H
#define COLLECTOR_REPORT_CONNECTION_H

#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "report_csv.h"
#include "report_peers.h"
#include "report_track.h"
#include "report_view.h"

/* What all letters of one making share. */
struct report_house {
	const struct config *config;
	struct ledger *ledger; /* to read */
	int64_t now_utc_sec;
};

/* Appends it to the list, *out (lent) to be added to: "other_exchanges" of its advice, "graph", "order" and "case" are still to
 * be told.  The view is of the connection, judged. */
bool report_connection_put(struct json *list, struct json **out, const struct report_house *house,
			   const struct report_peer *peer, const struct peer_connection *connection,
			   const struct report_view *view, struct report_csv *csv,
			   struct report_track *track, struct error *err);

#endif
