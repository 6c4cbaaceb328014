/* quiet.h - the register of silences and acknowledgements, as it is asked to change: requests understood, checked, done.
 *
 * A request is one JSON object, over the control socket or made by `ixwatch silence` and `ixwatch ack`:
 *   {"op": "silence", "scope": SCOPE, "from": TIME | absent (now), "to": TIME, "reason": TEXT, "author": NAME}
 *   {"op": "acknowledge", "scope": SCOPE | "alert": ID, "to": TIME | absent (while it is open), "reason": TEXT,
 *    "author": NAME}
 *     -> {"id"}
 *   {"op": "acknowledge", "alerts": [ID ...], "mail": ID and "recipient": ADDRESS, "reason": TEXT, "author": NAME}
 *     -> {"acknowledged", "before", "over"}: counts
 *   {"op": "silence-end" | "acknowledge-end", "id": ID, "author": NAME}
 *     -> {"id", "until"}
 * SCOPE is "port:PORT", "peer:ASN", "agent:EXCHANGE/AGENT" or "exchange:SLUG"; TIME is RFC 3339 or Unix seconds.
 *
 * Of several alerts each that is open and that nobody has acknowledged until it is over is acknowledged, so that asking
 * twice does it once.  With a mail, they are those which it told the recipient: all of them, or those named, of which none
 * may be another's.
 *
 * A silence puts off mail, not judging: what is open when it ends is told then.  An acknowledgement holds for what is
 * open when it is made. */
#ifndef COLLECTOR_QUIET_H
#define COLLECTOR_QUIET_H

#include <stdbool.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

/* Each checks all of the request, then writes to ledger and audit log in the house's transaction, which it opens where
 * needed and leaves open: the caller commits.  A request that is refused wrote nothing; a write that failed is in
 * house->trouble too, so that the commit takes all back. */
bool quiet_add(struct judge_house *house, const struct json *request, struct json *answer,
	       struct error *err);
bool quiet_end(struct judge_house *house, const struct json *request, struct json *answer,
	       struct error *err);

/* Whether a request is well formed, as far as that can be told without the ledger: ERR_USAGE when not. */
bool quiet_add_check(const struct json *request, struct error *err);
bool quiet_end_check(const struct json *request, struct error *err);

#endif
