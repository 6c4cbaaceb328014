/* declare.h - the register of declared windows, as it is asked to change: requests understood, checked and done.
 *
 * A request is one JSON object, over the control socket or made by `ixwatch declare`:
 *   {"op": "declare_add", "scope": "port:PORT" | "peer:ASN" | "agent:EXCHANGE/AGENT" | "exchange:SLUG", "from": TIME,
 *    "to": TIME, "cause": CAUSE, "reason": TEXT, "author": NAME, "uid": TEXT | absent}
 *     -> {"id", "outcome": "added" | "known" | "replaced", "replaced": id | absent}
 *   {"op": "declare_end", "id": ID, "at": TIME | absent, "author": NAME}
 *     -> {"id", "until", "withdrawn": bool}
 * TIME is RFC 3339 or Unix seconds; PORT an id or exchange/agent/ifName.  uid names a calendar's entry: one that is
 * known for that scope with the same times adds nothing; with other times it takes the place of the old window, which
 * is withdrawn. */
#ifndef COLLECTOR_DECLARE_H
#define COLLECTOR_DECLARE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

#define DECLARE_REASON_MAX 500 /* octets */
#define DECLARE_AUTHOR_MAX 100
#define DECLARE_UID_MAX    500

/* A port whose judgement may change from that instant on: its windows must be read again, and where the instant lies in
 * judged time, its history judged again. */
typedef void declare_on_port(int64_t port_id, int64_t from_utc_sec, void *user);

/* Each checks all of the request, then writes to ledger and audit log in the house's transaction, which it opens where
 * needed and leaves open: the caller commits.  A request that is refused wrote nothing; a write that failed is in
 * house->trouble too, so that the commit takes all back.  on_port is called after the writes, once for each port
 * concerned, by id; it may write to the ledger itself. */
bool declare_add(struct judge_house *house, const struct json *request, struct json *answer,
		 declare_on_port *on_port, void *user, struct error *err);
bool declare_end(struct judge_house *house, const struct json *request, struct json *answer,
		 declare_on_port *on_port, void *user, struct error *err);

/* The "outcome" that declare_add would answer with, from a ledger that is only read. */
bool declare_add_foresee(struct ledger *ledger, const struct json *request, const char **outcome,
			 struct error *err);

/* Whether a request is well formed, as far as that can be told without the ledger: ERR_USAGE when not. */
bool declare_add_check(const struct json *request, struct error *err);
bool declare_end_check(const struct json *request, struct error *err);

#endif
