/* unsent.h - of alerts that are over: those of which nothing was sent to a recipient yet, so that nothing needs to be.
 *
 * A mail that waits can be taken back; one that was tried may have come, whatever became of it.  What one mail tells hangs
 * together, and so do the mails that tell one alert: all of it is over and untouched, or all of it goes its way.
 *
 * Why nothing is lost by it: that something was congested while no mail could leave is in the ledger, on the pages, and
 * in the outbox as two mails with the reason; the next digest to the recipient lists both, and one is made for them alone
 * when none comes within the hour.  What is still open is never taken back, nor is what somebody may have read. */
#ifndef COLLECTOR_UNSENT_H
#define COLLECTOR_UNSENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/ledger.h"

/* The mails that nobody needs any more. */
struct unsent {
	int64_t *mails;
	size_t count, size;
};

/* alert_ids: those whose ends are told now.  untouched[i]: whether alert_ids[i], and all that hangs together with it, is over and unsent as far as the recipient is
 * concerned; the mails are in *out, which unsent_free ends, also when it failed. */
bool unsent_find(struct unsent *out, bool *untouched, const int64_t *alert_ids, size_t count,
		 const char *recipient, struct ledger *ledger, struct error *err);

/* Drops those mails, and the one that tells the ends, within the transaction that put it. */
bool unsent_drop(const struct unsent *unsent, int64_t recovery_id, int64_t now_utc_sec,
		 struct ledger *ledger, struct error *err);

void unsent_free(struct unsent *unsent);

#endif
