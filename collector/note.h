/* note.h - the notes about ports, as they are asked to change: requests understood, checked, done.
 *
 * A request is one JSON object, over the control socket or made by `ixwatch note`:
 *   {"op": "note", "port": PORT, "text": TEXT, "author": NAME}
 *     -> {"id", "outcome": "added" | "known"}
 *   {"op": "note-withdraw", "id": ID, "port": PORT | absent, "author": NAME}
 *     -> {"id", "withdrawn_at"}
 * PORT is an id or exchange/agent/ifName.  TEXT has 1 to 500 characters in lines of plain text; they end with LF, and what is
 * blank before and behind it goes.
 *
 * Who says twice in a row of a port what stands there already has said it once.  With a port, a note is withdrawn only if it
 * is one of that port's. */
#ifndef COLLECTOR_NOTE_H
#define COLLECTOR_NOTE_H

#include <stdbool.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

/* Each checks all of the request, then writes to ledger and audit log in the house's transaction, which it opens where
 * needed and leaves open: the caller commits.  A request that is refused wrote nothing; a write that failed is in
 * house->trouble too, so that the commit takes all back. */
bool note_add(struct judge_house *house, const struct json *request, struct json *answer,
	      struct error *err);
bool note_withdraw(struct judge_house *house, const struct json *request, struct json *answer,
		   struct error *err);

/* Whether a request is well formed, as far as that can be told without the ledger: ERR_USAGE when not. */
bool note_add_check(const struct json *request, struct error *err);
bool note_withdraw_check(const struct json *request, struct error *err);

#endif
