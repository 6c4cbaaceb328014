/* alerts.h - alerts as pages and API show them: with what keeps them quiet, and why. */
#ifndef WEB_ALERTS_H
#define WEB_ALERTS_H

#include "ixwatch/alert.h"

#include "request.h"

/* The silences and acknowledgements in force now, read once for a whole list. */
struct quiets {
	struct quiet_copy *copy;
	size_t count;
	bool failed; /* memory ran out */
};
bool quiets_read(struct quiets *quiets, const struct request *request, struct error *err);
void quiets_free(struct quiets *quiets);
/* The one of that kind that holds for the alert; NULL: none does. */
const struct ledger_quiet *quiets_find(const struct quiets *quiets, enum quiet_kind kind,
				       const struct ledger_alert *alert, int64_t now_utc_sec);

#endif
