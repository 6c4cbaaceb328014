/* ledger_outbox_fate.c - what becomes of the outbox's rows: taken in hand, sent, refused, gathered, dropped. */
#include <inttypes.h>

#include "ixwatch/outbox.h"
#include "store/ledger_private.h"

/* clang-format off */
static const char sql_drop_unsent[] =
	"UPDATE outbox SET state = 'dropped', ended_utc_sec = :at, last_reply = '" OUTBOX_OVER_UNSENT "'"
	" WHERE id = :id AND state = 'waiting' AND in_flight = 0 AND attempts = 0";

static const char sql_claim[] =
	"UPDATE outbox SET in_flight = 1, attempts = attempts + 1, tried_utc_sec = :at"
	" WHERE id = :id AND state = 'waiting' AND in_flight = 0";

static const char sql_release[] =
	"UPDATE outbox SET in_flight = 0, attempts = attempts - 1"
	" WHERE id = :id AND state = 'waiting' AND in_flight = 1 AND attempts > 0";

static const char sql_sent[] =
	"UPDATE outbox SET state = 'sent', in_flight = 0, ended_utc_sec = :at, digest_id = NULL,"
	" last_code = :code, last_reply = :reply WHERE id = :id AND state <> 'sent'";

static const char sql_failed[] =
	"UPDATE outbox SET state = 'failed', in_flight = 0, ended_utc_sec = :at, last_code = :code,"
	" last_reply = :reply WHERE id = :id AND state = 'waiting'";

static const char sql_again[] =
	"UPDATE outbox SET in_flight = 0, next_utc_sec = :next, last_code = :code, last_reply = :reply"
	" WHERE id = :id AND state = 'waiting'";

static const char sql_exists[] = "SELECT 1 FROM outbox WHERE id = :id";

static const char sql_interrupted[] =
	"UPDATE outbox SET in_flight = 0, interrupted = interrupted + 1, next_utc_sec = :at,"
	" last_code = NULL, last_reply = 'the mailer ended while it was being sent'"
	" WHERE state = 'waiting' AND in_flight = 1";

static const char sql_into_digest[] =
	"UPDATE outbox SET state = 'in a digest', digest_id = :digest,"
	" ended_utc_sec = (SELECT created_utc_sec FROM outbox WHERE id = :digest)"
	" WHERE id = :id AND ((state = 'waiting' AND in_flight = 0) OR state = 'in a digest'"
	"   OR (state = 'dropped' AND last_reply = '" OUTBOX_OVER_UNSENT "'))";

static const char sql_give_up[] =
	"UPDATE outbox SET state = 'failed', ended_utc_sec = :now,"
	" last_reply = 'given up; last: ' || CASE last_reply WHEN '' THEN 'never tried' ELSE last_reply END"
	" WHERE state = 'waiting' AND in_flight = 0 AND give_up_utc_sec <= :now";

static const char sql_retry[] =
	"UPDATE outbox SET state = 'waiting', ended_utc_sec = NULL, next_utc_sec = :now,"
	" due_utc_sec = :now, give_up_utc_sec = :give_up"
	" WHERE id = :id AND in_flight = 0 AND state IN ('failed', 'dropped', 'waiting')";

static const char sql_drop[] =
	"UPDATE outbox SET state = 'dropped', ended_utc_sec = :now, last_reply = :why"
	" WHERE id = :id AND state = 'waiting' AND in_flight = 0";

static const char sql_state[] = "SELECT state, in_flight, recipient FROM outbox WHERE id = :id";

/* Those listed in a digest go with it, or before it. */
static const char sql_tidy_listed[] =
	"DELETE FROM outbox WHERE digest_id IN (SELECT id FROM outbox WHERE ended_utc_sec < :before"
	" AND kind = 'digest')";
static const char sql_tidy[] =
	"DELETE FROM outbox WHERE ended_utc_sec < :before AND digest_id IS NULL"
	" AND id NOT IN (SELECT digest_id FROM outbox WHERE digest_id IS NOT NULL)";
/* clang-format on */

static bool
mail_wrap(struct error *err, int64_t id)
{
	return error_wrap(err, "mail %" PRId64, id);
}

/* Runs it; *changed says whether it did anything. */
static bool
run_changed(struct ledger *ledger, struct db_statement *statement, bool *changed, struct error *err)
{
	*changed = false;
	if (!db_run(statement, err))
		return false;
	*changed = db_changes(ledger->db) > 0;
	return true;
}

bool
ledger_outbox_drop_unsent(struct ledger *ledger, int64_t id, int64_t at_utc_sec, bool *dropped,
			  struct error *err)
{
	struct db_statement *drop = db_get(ledger->db, sql_drop_unsent);

	db_bind_int(drop, ":id", id);
	db_bind_int(drop, ":at", at_utc_sec);
	return run_changed(ledger, drop, dropped, err) || mail_wrap(err, id);
}

bool
ledger_outbox_claim(struct ledger *ledger, int64_t id, int64_t at_utc_sec, bool *claimed,
		    struct error *err)
{
	struct db_statement *claim = db_get(ledger->db, sql_claim);

	db_bind_int(claim, ":id", id);
	db_bind_int(claim, ":at", at_utc_sec);
	return run_changed(ledger, claim, claimed, err) || mail_wrap(err, id);
}

bool
ledger_outbox_release(struct ledger *ledger, int64_t id, struct error *err)
{
	struct db_statement *release = db_get(ledger->db, sql_release);

	db_bind_int(release, ":id", id);
	return db_run(release, err) || mail_wrap(err, id);
}

static bool
mail_exists(struct ledger *ledger, int64_t id, struct error *err)
{
	struct db_statement *exists = db_get(ledger->db, sql_exists);
	enum db_step step;

	db_bind_int(exists, ":id", id);
	step = db_step(exists, err);
	db_reset(exists);
	return step == DB_ROW ||
	       (step == DB_DONE && error_set(err, ERR_NOT_FOUND, "there is none"));
}

bool
ledger_outbox_outcome(struct ledger *ledger, const struct outbox_outcome *outcome,
		      struct error *err)
{
	bool waits = outcome->state == OUTBOX_WAITING, sent = outcome->state == OUTBOX_SENT;
	struct db_statement *run = db_get(ledger->db, waits  ? sql_again
						      : sent ? sql_sent
							     : sql_failed);

	db_bind_int(run, ":id", outcome->id);
	db_bind_int(run, waits ? ":next" : ":at",
		    waits ? outcome->next_utc_sec : outcome->at_utc_sec);
	ledger_bind_id(run, ":code", outcome->code);
	db_bind_text(run, ":reply", outcome->reply);
	return (db_run(run, err) && mail_exists(ledger, outcome->id, err)) ||
	       mail_wrap(err, outcome->id);
}

bool
ledger_outbox_interrupted(struct ledger *ledger, int64_t at_utc_sec, struct error *err)
{
	struct db_statement *interrupted = db_get(ledger->db, sql_interrupted);

	db_bind_int(interrupted, ":at", at_utc_sec);
	return db_run(interrupted, err) || error_wrap(err, "outbox");
}

bool
ledger_outbox_into_digest(struct ledger *ledger, int64_t id, int64_t digest_id, struct error *err)
{
	struct db_statement *into = db_get(ledger->db, sql_into_digest);

	db_bind_int(into, ":id", id);
	db_bind_int(into, ":digest", digest_id);
	return db_run(into, err) || mail_wrap(err, id);
}

bool
ledger_outbox_give_up(struct ledger *ledger, int64_t now_utc_sec, int64_t *count, struct error *err)
{
	struct db_statement *give_up = db_get(ledger->db, sql_give_up);

	*count = 0;
	db_bind_int(give_up, ":now", now_utc_sec);
	if (!db_run(give_up, err))
		return error_wrap(err, "outbox");
	*count = db_changes(ledger->db);
	return true;
}

/* --- what a person asks --- */

/* Why a mail could not be retried or dropped. */
static bool
refused(struct ledger *ledger, int64_t id, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_state);
	enum db_step step;

	db_bind_int(get, ":id", id);
	step = db_step(get, err);
	if (step == DB_DONE)
		error_set(err, ERR_NOT_FOUND, "there is none");
	else if (step == DB_ROW && db_int(get, 1) != 0)
		error_set(err, ERR_REFUSED, "it is being sent just now");
	else if (step == DB_ROW)
		error_set(err, ERR_REFUSED, "it is %s", db_text(get, 0));
	db_reset(get);
	return mail_wrap(err, id);
}

static bool
has_address(struct ledger *ledger, int64_t id, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_state);
	enum db_step step;
	bool ok;

	db_bind_int(get, ":id", id);
	step = db_step(get, err);
	ok = step != DB_ROW || outbox_address_ok(db_text(get, 2));
	db_reset(get);
	if (!ok)
		error_set(err, ERR_REFUSED, "its recipient is no address that mail can be sent to");
	return step != DB_FAIL && ok;
}

bool
ledger_outbox_retry(struct ledger *ledger, int64_t id, int64_t now_utc_sec, struct error *err)
{
	struct db_statement *retry;
	bool changed;

	if (!has_address(ledger, id, err))
		return mail_wrap(err, id);
	retry = db_get(ledger->db, sql_retry);
	db_bind_int(retry, ":id", id);
	db_bind_int(retry, ":now", now_utc_sec);
	db_bind_int(retry, ":give_up", now_utc_sec + OUTBOX_PATIENCE_SEC);
	if (!run_changed(ledger, retry, &changed, err))
		return mail_wrap(err, id);
	return changed || refused(ledger, id, err);
}

bool
ledger_outbox_drop(struct ledger *ledger, int64_t id, int64_t now_utc_sec, const char *why,
		   struct error *err)
{
	struct db_statement *drop = db_get(ledger->db, sql_drop);
	bool changed;

	db_bind_int(drop, ":id", id);
	db_bind_int(drop, ":now", now_utc_sec);
	db_bind_text(drop, ":why", why);
	if (!run_changed(ledger, drop, &changed, err))
		return mail_wrap(err, id);
	return changed || refused(ledger, id, err);
}

bool
ledger_outbox_tidy(struct ledger *ledger, int64_t before_utc_sec, struct error *err)
{
	struct db_statement *listed = db_get(ledger->db, sql_tidy_listed);
	struct db_statement *ended = db_get(ledger->db, sql_tidy);

	db_bind_int(listed, ":before", before_utc_sec);
	db_bind_int(ended, ":before", before_utc_sec);
	return (db_run(listed, err) && db_run(ended, err)) || error_wrap(err, "outbox");
}
