/* registrar.h - who receives which weekly letter, and who said so: requests about reports understood, checked, done.
 *
 * A request is one JSON object, over the control socket or made by `ixwatch report ...`; INSTANTS are RFC 3339 or Unix
 * seconds, DATES "2026-11-16", ASN a whole number: one of the peer's.  Every one but report-register and report-close has
 * "author": NAME (who asks; up to 100 octets), goes into the audit log, and answers what became of it.
 *
 *   {"op": "report-register", "kind", "week": "2026-W47", "asn": ASN (kind peer), "exchange": SLUG (kind exchange),
 *    "edition": 1.., "name", "subject", "verdict", "purpose": "information"|"request", "tells": bool (letter_tells),
 *    "sha256": HEX (of .txt, .html, .csv, .json, one after the other), "corrects": TEXT (from edition 2 on),
 *    "made": INSTANT, "all": bool (absent: false; asked for, also with nothing to tell),
 *    "files": [{"name": "AS64500.txt", "octets": N, "sha256": HEX} ...] (every file of it in reports/<week>/: .txt, .html,
 *              .csv, .json and each picture that the HTML shows),
 *    "connections": [{"exchange": SLUG, "verdict"} ...] (as in its facts)}
 *     -> {"id", "state", "why", "new": bool}
 *     Again with the same sha256: the same answer, "new" false, and nothing is written.
 *   {"op": "report-approve", "id"}          -> {"id", "state", "recipients": [ADDRESS ...], "notice": N}
 *   {"op": "report-hold", "id", "why": TEXT} -> {"id", "state"}
 *   {"op": "report-release", "id"}          -> {"id", "state"}: a held one waits again, and so does one with nothing to tell
 *   {"op": "report-note", "id", "note": TEXT ("": none)} -> {"id", "note"}
 *   {"op": "report-order", "asn", "exchange", "size": TEXT, "capacity_bps"?: N, "ready"?: DATE, "ticket"?: TEXT,
 *    "waiting_on": "peer"|"us"|"exchange"}  -> {"id", "paused": [ID ...]}
 *   {"op": "report-order-end", "id", "outcome": TEXT} -> {"id", "resumed": [ID ...]}
 *   {"op": "report-dispute", "asn", "exchange"?: SLUG (absent: all), "text": TEXT} -> {"id", "paused": [ID ...]}
 *   {"op": "report-dispute-decide", "id", "outcome": TEXT} -> {"id", "resumed": [ID ...]}
 *   {"op": "report-optout", "asn", "reason": TEXT} -> {"id", "reports": [ID ...]}
 *   {"op": "report-optin", "asn"}           -> {"id", "reports": [ID ...]}
 *   {"op": "report-revoke", "id" | "asn", "reason": TEXT, "before"?: INSTANT (with asn; now)} -> {"id"}
 *
 * (report-close, which makes a week's letters now, is the gatherer's.)  A refusal says in words why: "report 12 is
 * approved already: its mails are in the outbox". */
#ifndef COLLECTOR_REGISTRAR_H
#define COLLECTOR_REGISTRAR_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

/* Does what the request's "op" asks, in the house's transaction, which it opens where needed and leaves open: the caller
 * commits.  A request that is refused wrote nothing; a write that failed is in house->trouble too. */
typedef bool registrar_op(struct judge_house *house, const struct json *request,
			  struct json *answer, struct error *err);
struct registrar_row {
	const char *op;
	/* Whether it is well formed, as far as that can be told without the ledger: ERR_USAGE when not. */
	bool (*check)(const struct json *request, struct error *err);
	registrar_op *run;
};
extern const struct registrar_row registrar_rows[];
extern const size_t registrar_row_count;

/* The row of an op; NULL when it is none of them. */
const struct registrar_row *registrar_find(const char *op);

/* From time to time: what nobody approved in time lapses, and the coordinator is told, by one mail, of what lapsed and of
 * letters that did not arrive.  *changed: something was written, and is to be committed. */
bool registrar_look(struct judge_house *house, int64_t now_utc_sec, bool *changed,
		    struct error *err);

/* Another configuration, or the first one: letters that had no recipient and have one now wait for approval, and the other
 * way round.  *changed as above. */
bool registrar_configured(struct judge_house *house, int64_t now_utc_sec, bool *changed,
			  struct error *err);

#endif
