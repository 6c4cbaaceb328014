/* ledger_report_mail.c - the mails a report went out as: kept longer than the outbox's rows, for what answers them later. */
#include <inttypes.h>

#include "ixwatch/report.h"
#include "store/ledger_private.h"

/* clang-format off */
static const char sql_put[] =
	"INSERT INTO report_mail (mail_id, report_id, recipient, message_id, put_utc_sec)"
	" VALUES (:mail, :report, :recipient, :message_id, :at)";

#define MAIL_ROWS								\
	"SELECT m.report_id, m.recipient, m.message_id, m.mail_id, m.put_utc_sec, m.failure_told_utc_sec,"	\
	" o.id, o.state, o.last_reply FROM report_mail AS m"

static const char sql_each[] =
	MAIL_ROWS " LEFT JOIN outbox AS o ON o.id = m.mail_id WHERE m.report_id = :report ORDER BY m.mail_id";

static const char sql_every[] =
	MAIL_ROWS " LEFT JOIN outbox AS o ON o.id = m.mail_id ORDER BY m.mail_id";

/* The outbox's index of states finds the few that failed. */
static const char sql_untold[] =
	MAIL_ROWS " CROSS JOIN outbox AS o WHERE m.mail_id = o.id AND o.state = 'failed'"
	" AND m.failure_told_utc_sec IS NULL AND (:report IS NULL OR m.report_id = :report) ORDER BY m.mail_id";

static const char sql_told[] =
	"UPDATE report_mail SET failure_told_utc_sec = :at WHERE mail_id = :mail";
/* clang-format on */

bool
ledger_report_mail_put(struct ledger *ledger, int64_t report_id, const char *recipient,
		       const char *message_id, int64_t mail_id, int64_t at_utc_sec,
		       struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_put);

	db_bind_int(put, ":report", report_id);
	db_bind_text(put, ":recipient", recipient);
	db_bind_text(put, ":message_id", message_id);
	db_bind_int(put, ":mail", mail_id);
	db_bind_int(put, ":at", at_utc_sec);
	return db_run(put, err) || error_wrap(err, "report %" PRId64, report_id);
}

static struct report_mail
mail_of_row(const struct db_statement *row)
{
	struct report_mail mail = { .report_id = db_int(row, 0),
				    .recipient = db_text(row, 1),
				    .message_id = db_text(row, 2),
				    .mail_id = db_int(row, 3),
				    .put_utc_sec = db_int(row, 4),
				    .failure_told_utc_sec = db_int(row, 5),
				    .is_kept = !db_is_null(row, 6),
				    .state = OUTBOX_WAITING,
				    .reply = db_text(row, 8) };

	if (mail.is_kept)
		outbox_state_parse(db_text(row, 7), &mail.state);
	return mail;
}

bool
ledger_report_mail_each(struct ledger *ledger, int64_t report_id, bool untold_failures,
			ledger_on_report_mail *on_mail, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, untold_failures  ? sql_untold
						       : report_id != 0 ? sql_each
									: sql_every);
	enum db_step step;
	bool more = true;

	if (untold_failures || report_id != 0)
		ledger_bind_id(each, ":report", report_id);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_mail mail = mail_of_row(each);

		more = on_mail(&mail, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "mails of reports");
}

bool
ledger_report_mail_told(struct ledger *ledger, int64_t mail_id, int64_t at_utc_sec,
			struct error *err)
{
	struct db_statement *told = db_get(ledger->db, sql_told);

	db_bind_int(told, ":mail", mail_id);
	db_bind_int(told, ":at", at_utc_sec);
	return db_run(told, err) || error_wrap(err, "mails of reports");
}
