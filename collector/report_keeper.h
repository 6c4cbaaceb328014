/* report_keeper.h - the collector's part in weekly letters beside the registers: it starts the process that makes them when a
 * week is due, once after a start, and when history came in from elsewhere; one at a time, and none of its work here.
 *
 * The process is `ixwatch report --close`: what it makes it registers over the control socket. */
#ifndef COLLECTOR_REPORT_KEEPER_H
#define COLLECTOR_REPORT_KEEPER_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "loop.h"
#include "report_runs.h"

struct report_keeper;

/* config_file: for the process; lent for the keeper's life. */
bool report_keeper_open(struct report_keeper **out, struct loop *loop, const char *config_file,
			struct error *err);
void report_keeper_close(struct report_keeper *keeper); /* NULL is fine; before the loop is freed */

/* From now on by this configuration and ledger (lent until the next call); ledger NULL: not now. */
void report_keeper_use(struct report_keeper *keeper, const struct config *config,
		       struct ledger *ledger);

/* The past changed: closed weeks are looked at again, once nothing more has come for a while. */
void report_keeper_changed(struct report_keeper *keeper);

/* Make them now; into the answer: whether a process for it is under way already. */
void report_keeper_ask(struct report_keeper *keeper, struct json *answer);

/* "reports": {"running", "runs", "failures", "last_end", "trouble", "due"} */
void report_keeper_status(const struct report_keeper *keeper, struct json *in);

/* The same as numbers; they go on counting as long as the keeper lives. */
const struct report_runs *report_keeper_runs(const struct report_keeper *keeper);

/* Tells the process to end: what it has begun is completed by the next one. */
void report_keeper_end(struct report_keeper *keeper);

#endif
