/* outbox_office.h - the outbox as the collector keeps it: what the mailer reports and asks for, and what people ask.
 *
 * Requests of the mailer:
 *   {"op": "outbox_claim", "ids": [ID ...]} -> {"claimed": [ID ...]}: those it may try now
 *   {"op": "outbox_report", "interrupted": bool, "outcomes": [{"id", "state", "at", "next", "code", "reply"} ...],
 *    "released": [ID ...]}: what became of them; interrupted: what else was in hand was a dead mailer's
 *   {"op": "outbox_gather", "recipient": ADDRESS, "why": "outage" | "limit"} -> {"digest": ID | null}
 * Requests of people:
 *   {"op": "outbox_retry", "id": ID, "author": NAME}; {"op": "outbox_drop", "id": ID, "author": NAME}
 * Instants are Unix seconds. */
#ifndef COLLECTOR_OUTBOX_OFFICE_H
#define COLLECTOR_OUTBOX_OFFICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

/* Each writes in the house's transaction, which it opens where needed and leaves open: the caller commits.  A request
 * that is refused wrote nothing; a write that failed is in house->trouble too. */
bool outbox_claim(struct judge_house *house, const struct json *request, struct json *answer,
		  struct error *err);
bool outbox_report(struct judge_house *house, const struct json *request, struct json *answer,
		   struct error *err);
bool outbox_gather(struct judge_house *house, const struct json *request, struct json *answer,
		   struct error *err);
bool outbox_retry(struct judge_house *house, const struct json *request, struct json *answer,
		  struct error *err);
bool outbox_drop(struct judge_house *house, const struct json *request, struct json *answer,
		 struct error *err);

/* Whether mail goes anywhere: a server with a sender, or a spool. */
bool outbox_is_active(const struct config_mail *mail);
/* The sender: the configured one; into a spool, where none is, "ixwatch@localhost". */
const char *outbox_sender(const struct config_mail *mail);

#endif
