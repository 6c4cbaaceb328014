/* ledger_outbox.c - the outbox's rows: put, and read.  What becomes of them: ledger_outbox_fate.c. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "base/utf8.h"
#include "ixwatch/outbox.h"
#include "store/ledger_private.h"

#define HOUR_SEC 3600

/* What goes first. */
static const int rank_of_kind[OUTBOX_KIND_COUNT] = {
	[OUTBOX_ALERT] = 0,  [OUTBOX_REPEAT] = 0, [OUTBOX_RECOVERY] = 0,     [OUTBOX_VERDICT] = 1,
	[OUTBOX_NOTICE] = 1, [OUTBOX_DIGEST] = 2, [OUTBOX_SIGN_OF_LIFE] = 3, [OUTBOX_REPORT] = 3,
};

/* --- put --- */

static const char sql_put[] =
    "INSERT INTO outbox (kind, rank, recipient, message_id, in_reply_to, refs, subject, body, html,"
    " picture_port_id, picture_direction, picture_from_utc_sec, picture_to_utc_sec, exchange,"
    " alert_id, report_id, created_utc_sec, due_utc_sec, give_up_utc_sec, state, next_utc_sec,"
    " ended_utc_sec, last_reply)"
    " SELECT :kind, :rank, :recipient, :message_id, :in_reply_to, :refs, :subject, :body, :html,"
    " :port, :direction, :from, :to, :exchange, :alert, :report, :created, :due, :give_up, :state, "
    ":due,"
    " :ended, :reply"
    " WHERE NOT EXISTS (SELECT 1 FROM outbox WHERE message_id = :message_id)";

static const char sql_last_id[] = "SELECT seq FROM sqlite_sequence WHERE name = 'outbox'";

/* Printable ASCII without space, between < and >: it stands in a header as it is. */
static bool
is_message_id(const char *text)
{
	size_t len = strlen(text);

	if (len < 3 || len >= OUTBOX_MESSAGE_ID_SIZE || text[0] != '<' || text[len - 1] != '>')
		return false;
	for (size_t i = 1; i + 1 < len; i++)
		if (text[i] <= ' ' || text[i] >= 0x7f || text[i] == '<' || text[i] == '>')
			return false;
	return true;
}

/* Valid UTF-8 on one line: a subject ends up in a header.  Caller frees; NULL when memory ran out. */
static char *
one_line_dup(const char *text)
{
	size_t left = strlen(text), used = 0;
	char *line = malloc(left * UTF8_REPLACEMENT_LEN + 1);

	while (line != NULL && left > 0) {
		uint32_t character;
		size_t len = utf8_next(text, left, &character);

		if (len == 0) {
			memcpy(line + used, UTF8_REPLACEMENT, UTF8_REPLACEMENT_LEN);
			used += UTF8_REPLACEMENT_LEN;
			len = 1;
		} else if (utf8_is_control(character)) {
			line[used++] = ' ';
		} else {
			memcpy(line + used, text, len);
			used += len;
		}
		text += len;
		left -= len;
	}
	if (line != NULL)
		line[used] = '\0';
	return line;
}

static void
bind_text_or_null(struct db_statement *statement, const char *name, const char *text)
{
	db_bind_text(statement, name, text != NULL && text[0] != '\0' ? text : NULL);
}

static void
bind_picture(struct db_statement *put, const struct outbox_picture *picture)
{
	bool is_there = picture->port_id != 0;

	ledger_bind_id(put, ":port", picture->port_id);
	db_bind_text(put, ":direction", is_there ? model_direction_name(picture->direction) : NULL);
	ledger_bind_id(put, ":from", is_there ? picture->from_utc_sec : 0);
	ledger_bind_id(put, ":to", is_there ? picture->to_utc_sec : 0);
}

static void
bind_fate(struct db_statement *put, const struct outbox_mail *mail)
{
	bool may_go = outbox_address_ok(mail->recipient);
	int64_t due =
	    mail->due_utc_sec > mail->created_utc_sec ? mail->due_utc_sec : mail->created_utc_sec;

	db_bind_int(put, ":created", mail->created_utc_sec);
	db_bind_int(put, ":due", due);
	db_bind_int(put, ":give_up",
		    mail->give_up_utc_sec != 0 ? mail->give_up_utc_sec : due + OUTBOX_PATIENCE_SEC);
	db_bind_text(put, ":state", outbox_state_name(may_go ? OUTBOX_WAITING : OUTBOX_FAILED));
	ledger_bind_id(put, ":ended", may_go ? 0 : mail->created_utc_sec);
	db_bind_text(put, ":reply",
		     may_go ? "" : "the recipient is no address that mail can be sent to");
}

static bool
put_bound(struct ledger *ledger, const struct outbox_mail *mail, const char *subject, int64_t *id,
	  struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_put);

	db_bind_text(put, ":kind", outbox_kind_name(mail->kind));
	db_bind_int(put, ":rank", rank_of_kind[mail->kind]);
	db_bind_text(put, ":recipient", mail->recipient);
	db_bind_text(put, ":message_id", mail->message_id);
	bind_text_or_null(put, ":in_reply_to", mail->in_reply_to);
	bind_text_or_null(put, ":refs", mail->references);
	db_bind_text(put, ":subject", subject);
	db_bind_text(put, ":body", mail->text);
	bind_text_or_null(put, ":html", mail->html);
	bind_picture(put, &mail->picture);
	bind_text_or_null(put, ":exchange", mail->exchange);
	ledger_bind_id(put, ":alert", mail->alert_id);
	ledger_bind_id(put, ":report", mail->report_id);
	bind_fate(put, mail);
	if (!db_run(put, err))
		return false;
	if (db_changes(ledger->db) == 0)
		return error_set(err, ERR_REFUSED, "there is a mail %s already", mail->message_id);
	*id = db_last_id(ledger->db);
	return true;
}

bool
ledger_outbox_put(struct ledger *ledger, const struct outbox_mail *mail, int64_t *id,
		  struct error *err)
{
	char *subject;
	bool done;

	if (!is_message_id(mail->message_id)) {
		error_set(err, ERR_USAGE, "\"%.80s\" is no Message-ID", mail->message_id);
		return error_wrap(err, "outbox");
	}
	subject = one_line_dup(mail->subject);
	done = subject != NULL ? put_bound(ledger, mail, subject, id, err)
			       : error_set(err, ERR_NOMEM, "out of memory");
	free(subject);
	return done || error_wrap(err, "outbox");
}

/* Ids are given in a row, and none is given twice. */
bool
ledger_outbox_next_id(struct ledger *ledger, int64_t *id, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_last_id);
	enum db_step step = db_step(get, err);

	*id = step == DB_ROW ? db_int(get, 0) + 1 : 1;
	db_reset(get);
	return step != DB_FAIL || error_wrap(err, "outbox");
}

/* --- read --- */

/* clang-format off */
#define MAIL_COLUMNS									\
	"SELECT o.id, o.kind, o.recipient, o.message_id, o.in_reply_to, o.refs, o.subject, o.body, o.html,"	\
	" o.picture_port_id, o.picture_direction, o.picture_from_utc_sec, o.picture_to_utc_sec,"	\
	" o.exchange, o.alert_id, o.created_utc_sec, o.due_utc_sec, o.give_up_utc_sec, o.state,"	\
	" o.attempts, o.in_flight, o.interrupted, o.next_utc_sec, o.tried_utc_sec, o.ended_utc_sec,"	\
	" o.last_code, o.last_reply, o.digest_id, o.report_id FROM outbox AS o"
#define MAIL_WHERE									\
	" WHERE o.id < :before AND (:recipient IS NULL OR o.recipient = :recipient)"	\
	" AND (:state IS NULL OR o.state = :state) AND (:digest IS NULL OR o.digest_id = :digest)"
#define MAIL_ORDER " ORDER BY o.id DESC LIMIT :limit"

static const char sql_each[] = MAIL_COLUMNS MAIL_WHERE MAIL_ORDER;
static const char sql_each_id[] = MAIL_COLUMNS MAIL_WHERE " AND o.id = :id" MAIL_ORDER;
static const char sql_each_state[] = MAIL_COLUMNS MAIL_WHERE " AND o.state = :state" MAIL_ORDER;
static const char sql_each_digest[] = MAIL_COLUMNS MAIL_WHERE " AND o.digest_id = :digest" MAIL_ORDER;

static const char sql_due[] = MAIL_COLUMNS
	" WHERE o.state = 'waiting' AND o.in_flight = 0 AND o.next_utc_sec <= :now"
	" AND o.give_up_utc_sec > :now"
	" AND NOT EXISTS (SELECT 1 FROM outbox AS a WHERE a.message_id = o.in_reply_to"
	"   AND a.recipient = o.recipient AND a.id < o.id AND a.state = 'waiting'"
	"   AND (a.next_utc_sec > :now OR a.in_flight = 1))"
	" ORDER BY o.rank, o.due_utc_sec, o.id LIMIT :limit";

#define GATHERABLE "kind IN ('alert', 'repeat', 'recovery', 'verdict', 'notice')"

static const char sql_backlogs[] =
	"SELECT w.recipient, count(*), min(w.due_utc_sec),"
	" (SELECT max(id) FROM outbox AS d WHERE d.recipient = w.recipient AND d.state = 'waiting'"
	"   AND d.kind = 'digest'),"
	" (SELECT max(in_flight) FROM outbox AS d WHERE d.recipient = w.recipient"
	"   AND d.state = 'waiting' AND d.kind = 'digest'),"
	" (SELECT count(*) FROM outbox AS s WHERE s.recipient = w.recipient AND s.state = 'sent'"
	"   AND s.ended_utc_sec > :now - :hour AND s." GATHERABLE "),"
	" (SELECT max(created_utc_sec) FROM outbox AS d WHERE d.recipient = w.recipient"
	"   AND d.kind = 'digest')"
	" FROM outbox AS w WHERE ((w.state = 'waiting' AND w.in_flight = 0)"
	"   OR (w.state = 'dropped' AND w.last_reply = '" OUTBOX_OVER_UNSENT "'))"
	" AND w.due_utc_sec <= :now AND w." GATHERABLE " GROUP BY w.recipient ORDER BY w.recipient";

static const char sql_summary[] =
	"SELECT state, count(*), min(CASE WHEN due_utc_sec <= :now THEN due_utc_sec END),"
	" max(ended_utc_sec) FROM outbox GROUP BY state";

static const char sql_sent_since[] =
	"SELECT count(*) FROM outbox WHERE ended_utc_sec >= :from AND state = 'sent'";

static const char sql_newest[] = "SELECT max(created_utc_sec) FROM outbox WHERE kind = :kind";
/* clang-format on */

static struct outbox_mail
mail_of_row(const struct db_statement *row)
{
	struct outbox_mail mail = {
		.id = db_int(row, 0),
		.recipient = db_text(row, 2),
		.message_id = db_text(row, 3),
		.in_reply_to = db_text(row, 4),
		.references = db_text(row, 5),
		.subject = db_text(row, 6),
		.text = db_text(row, 7),
		.html = db_text(row, 8),
		.exchange = db_text(row, 13),
		.alert_id = db_int(row, 14),
		.created_utc_sec = db_int(row, 15),
		.due_utc_sec = db_int(row, 16),
		.give_up_utc_sec = db_int(row, 17),
		.attempts = (uint32_t)db_int(row, 19),
		.in_flight = db_int(row, 20) != 0,
		.interrupted = (uint32_t)db_int(row, 21),
		.next_utc_sec = db_int(row, 22),
		.tried_utc_sec = db_int(row, 23),
		.last_code = (int)db_int(row, 25),
		.last_reply = db_text(row, 26),
		.digest_id = db_int(row, 27),
		.report_id = db_int(row, 28),
	};

	outbox_kind_parse(db_text(row, 1), &mail.kind);
	outbox_state_parse(db_text(row, 18), &mail.state);
	if (mail.state == OUTBOX_SENT)
		mail.sent_utc_sec = db_int(row, 24);
	if (!db_is_null(row, 9))
		mail.picture = (struct outbox_picture) { .port_id = db_int(row, 9),
							 .direction = ledger_direction(row, 10),
							 .from_utc_sec = db_int(row, 11),
							 .to_utc_sec = db_int(row, 12) };
	return mail;
}

static bool
mails_read(struct db_statement *each, ledger_on_mail *on_mail, void *user, struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct outbox_mail mail = mail_of_row(each);

		more = on_mail(&mail, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "outbox");
}

static struct db_statement *
each_get(struct ledger *ledger, const struct outbox_query *query)
{
	if (query->id != 0)
		return db_get(ledger->db, sql_each_id);
	if (query->digest_id != 0)
		return db_get(ledger->db, sql_each_digest);
	return db_get(ledger->db, query->any_state ? sql_each : sql_each_state);
}

bool
ledger_outbox_each(struct ledger *ledger, const struct outbox_query *query, ledger_on_mail *on_mail,
		   void *user, struct error *err)
{
	struct db_statement *each = each_get(ledger, query);

	if (query->id != 0)
		db_bind_int(each, ":id", query->id);
	db_bind_int(each, ":before", query->before_id != 0 ? query->before_id : INT64_MAX);
	db_bind_text(each, ":recipient", query->recipient);
	db_bind_text(each, ":state", query->any_state ? NULL : outbox_state_name(query->state));
	ledger_bind_id(each, ":digest", query->digest_id);
	db_bind_int(each, ":limit", query->limit != 0 ? (int64_t)query->limit : -1);
	return mails_read(each, on_mail, user, err);
}

bool
ledger_outbox_due(struct ledger *ledger, int64_t now_utc_sec, unsigned limit,
		  ledger_on_mail *on_mail, void *user, struct error *err)
{
	struct db_statement *due = db_get(ledger->db, sql_due);

	db_bind_int(due, ":now", now_utc_sec);
	db_bind_int(due, ":limit", limit != 0 ? (int64_t)limit : -1);
	return mails_read(due, on_mail, user, err);
}

bool
ledger_outbox_backlogs(struct ledger *ledger, int64_t now_utc_sec, ledger_on_backlog *on_backlog,
		       void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_backlogs);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":now", now_utc_sec);
	db_bind_int(each, ":hour", HOUR_SEC);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct outbox_backlog backlog = {
			.recipient = db_text(each, 0),
			.gatherable_count = (uint32_t)db_int(each, 1),
			.oldest_due_utc_sec = db_int(each, 2),
			.digest_id = db_int(each, 3),
			.digest_in_flight = db_int(each, 4) != 0,
			.recent_count = (uint32_t)db_int(each, 5),
			.last_digest_utc_sec = db_int(each, 6),
		};

		more = on_backlog(&backlog, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "outbox");
}

bool
ledger_outbox_summary(struct ledger *ledger, int64_t now_utc_sec, struct outbox_summary *summary,
		      struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_summary);
	enum db_step step;

	*summary = (struct outbox_summary) { .oldest_due_utc_sec = 0 };
	db_bind_int(each, ":now", now_utc_sec);
	while ((step = db_step(each, err)) == DB_ROW) {
		enum outbox_state state = OUTBOX_WAITING;

		outbox_state_parse(db_text(each, 0), &state);
		summary->count[state] = db_int(each, 1);
		if (state == OUTBOX_WAITING)
			summary->oldest_due_utc_sec = db_int(each, 2);
		else if (state == OUTBOX_SENT)
			summary->last_sent_utc_sec = db_int(each, 3);
		else if (state == OUTBOX_FAILED)
			summary->last_failed_utc_sec = db_int(each, 3);
	}
	return step != DB_FAIL || error_wrap(err, "outbox");
}

static bool
one_int(struct db_statement *get, int64_t *value, struct error *err)
{
	enum db_step step = db_step(get, err);

	if (step == DB_ROW)
		*value = db_int(get, 0);
	db_reset(get);
	return step != DB_FAIL || error_wrap(err, "outbox");
}

bool
ledger_outbox_sent_since(struct ledger *ledger, int64_t from_utc_sec, int64_t *count,
			 struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_sent_since);

	*count = 0;
	db_bind_int(get, ":from", from_utc_sec);
	return one_int(get, count, err);
}

bool
ledger_outbox_newest(struct ledger *ledger, enum outbox_kind kind, int64_t *created_utc_sec,
		     struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_newest);

	*created_utc_sec = 0;
	db_bind_text(get, ":kind", outbox_kind_name(kind));
	return one_int(get, created_utc_sec, err);
}
