/* alerts.h - alerts as pages and API show them: with what keeps them quiet, and why. */
#ifndef WEB_ALERTS_H
#define WEB_ALERTS_H

#include "ixwatch/alert.h"

#include "request.h"

/* The silences and acknowledgements in force now, read once for a whole list. */
struct quiets {
	const struct request *request;
	struct quiet_copy *copy;
	size_t count;
	bool failed; /* memory ran out */
};
bool quiets_read(struct quiets *quiets, const struct request *request, struct error *err);
void quiets_free(struct quiets *quiets);
/* The one of that kind that holds for the alert; NULL: none does. */
const struct ledger_quiet *quiets_find(const struct quiets *quiets, enum quiet_kind kind,
				       const struct ledger_alert *alert, int64_t now_utc_sec);

/* One that is open, with what keeps it quiet now; NULL: nothing does. */
struct open_alert {
	struct ledger_alert alert; /* its exchange is the world's, "" when that is listed no more */
	const struct ledger_quiet *ack, *silence;
};
struct open_alerts {
	struct open_alert *item;
	size_t count, size;
	struct quiets quiets;
	bool failed; /* memory ran out */
};
/* Those that the account sees, of an exchange (NULL: any) or a port (0: any), worst first, then the oldest first.
 * request->ledger must be there; open_alerts_free in any case. */
bool open_alerts_read(struct open_alerts *list, const struct request *request, const char *exchange,
		      int64_t port_id, struct error *err);
void open_alerts_free(struct open_alerts *list);

#endif
