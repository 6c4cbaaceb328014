/* fate.h - what becomes of a mail after an attempt, when the next one is, and when what waits is told in a digest instead.
 * Pure. */
#ifndef COLLECTOR_NOTIFY_FATE_H
#define COLLECTOR_NOTIFY_FATE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/outbox.h"
#include "notify/smtp.h"

enum mail_fate {
	MAIL_SENT,
	MAIL_REFUSED,   /* for good: this recipient, or this mail */
	MAIL_LATER,     /* this recipient later: others may go */
	MAIL_NO_SERVER, /* nothing can go now: it is down, or does not let us in */
};

/* By the code, and by how far it came.  A refusal before the recipient was named is of our login or sender, and no fault
 * of the mail: it waits until somebody mends that. */
enum mail_fate mail_fate(const struct smtp_result *result);

/* After so many failures in a row (1 or more): 1, 2, 4 ... 60 minutes for a recipient, at most 15 for the server. */
int64_t mail_backoff_sec(enum mail_fate fate, unsigned failure_count);

#define DIGEST_LATE_SEC    3600 /* what waited so long is told together */
#define DIGEST_SPACING_SEC 600  /* beyond the limit per hour */

enum digest_why { DIGEST_NONE, DIGEST_OUTAGE, DIGEST_LIMIT };
/* Whether what waits for a recipient is to be gathered into a digest now. */
enum digest_why digest_why(const struct outbox_backlog *backlog, unsigned per_hour,
			   int64_t now_utc_sec);
/* How many of them may still go singly within this hour. */
unsigned digest_room(const struct outbox_backlog *backlog, unsigned per_hour);

/* Whether a mail of that kind can be told in a digest. */
bool digest_takes(enum outbox_kind kind);

#endif
