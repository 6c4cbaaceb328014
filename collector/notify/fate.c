/* fate.c - see fate.h. */
#include "notify/fate.h"

#define RECIPIENT_BACKOFF_MAX_SEC 3600
#define SERVER_BACKOFF_MAX_SEC    900

enum mail_fate
mail_fate(const struct smtp_result *result)
{
	if (result->accepted)
		return MAIL_SENT;
	if (result->stage < SMTP_RECIPIENT || result->code == 421)
		return MAIL_NO_SERVER;
	return result->code >= 500 && result->code <= 599 ? MAIL_REFUSED : MAIL_LATER;
}

int64_t
mail_backoff_sec(enum mail_fate fate, unsigned failure_count)
{
	int64_t most = fate == MAIL_NO_SERVER ? SERVER_BACKOFF_MAX_SEC : RECIPIENT_BACKOFF_MAX_SEC;
	int64_t wait_sec = 60;

	for (unsigned i = 1; i < failure_count && wait_sec < most; i++)
		wait_sec *= 2;
	return wait_sec < most ? wait_sec : most;
}

/* Late are several, or one beside a digest that is still on its way: after an outage there is one digest. */
enum digest_why
digest_why(const struct outbox_backlog *backlog, unsigned per_hour, int64_t now_utc_sec)
{
	bool waits = backlog->digest_id != 0;

	if (backlog->gatherable_count == 0 || backlog->digest_in_flight)
		return DIGEST_NONE;
	if (backlog->oldest_due_utc_sec <= now_utc_sec - DIGEST_LATE_SEC &&
	    (backlog->gatherable_count > 1 || waits))
		return DIGEST_OUTAGE;
	if (backlog->recent_count >= per_hour &&
	    (waits || now_utc_sec - backlog->last_digest_utc_sec >= DIGEST_SPACING_SEC))
		return DIGEST_LIMIT;
	return DIGEST_NONE;
}

unsigned
digest_room(const struct outbox_backlog *backlog, unsigned per_hour)
{
	return backlog->recent_count < per_hour ? per_hour - backlog->recent_count : 0;
}

bool
digest_takes(enum outbox_kind kind)
{
	return kind == OUTBOX_ALERT || kind == OUTBOX_REPEAT || kind == OUTBOX_RECOVERY ||
	       kind == OUTBOX_VERDICT || kind == OUTBOX_NOTICE;
}
