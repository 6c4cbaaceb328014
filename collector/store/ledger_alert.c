/* ledger_alert.c - alerts, and where each was told. */
#include "ixwatch/alert.h"

#include <inttypes.h>
#include <string.h>

#include "store/ledger_private.h"

/* clang-format off */
/* Of an exchange that is not there is no row, and nothing is inserted. */
static const char sql_insert[] =
	"INSERT INTO alert (kind, exchange_id, agent, port_id, connection_id, direction, asn, began_utc_sec,"
	" noticed_utc_sec, blind_utc_sec, until_utc_sec, ended_utc_sec, peak, again, first_told_utc_sec,"
	" last_told_utc_sec, told_count, escalated_utc_sec, end_told_utc_sec)"
	" SELECT :kind, id, :agent, :port, :connection, :direction, :asn, :began, :noticed, :blind, :until,"
	" :ended, :peak, :again, :first_told, :last_told, :told_count, :escalated, :end_told"
	" FROM exchange WHERE slug = :exchange";

static const char sql_update[] =
	"UPDATE alert SET began_utc_sec = :began, noticed_utc_sec = :noticed, blind_utc_sec = :blind,"
	" until_utc_sec = :until, ended_utc_sec = :ended, peak = :peak, again = :again,"
	" first_told_utc_sec = :first_told, last_told_utc_sec = :last_told, told_count = :told_count,"
	" escalated_utc_sec = :escalated, end_told_utc_sec = :end_told WHERE id = :id";

#define ALERT_ROWS									\
	"SELECT a.id, a.kind, exchange.slug, a.agent, a.port_id, a.connection_id, a.direction, a.asn,"	\
	" a.began_utc_sec, a.noticed_utc_sec, a.blind_utc_sec, a.until_utc_sec, a.ended_utc_sec, a.peak,"	\
	" a.again, a.first_told_utc_sec, a.last_told_utc_sec, a.told_count, a.escalated_utc_sec,"	\
	" a.end_told_utc_sec FROM alert AS a JOIN exchange ON exchange.id = a.exchange_id WHERE "
#define ALERT_ORDER " AND (:before = 0 OR a.id < :before) ORDER BY a.id DESC LIMIT :limit"

static const char sql_each[] = ALERT_ROWS "1" ALERT_ORDER;
static const char sql_each_id[] = ALERT_ROWS "a.id = :id" ALERT_ORDER;
static const char sql_each_open[] = ALERT_ROWS "a.ended_utc_sec IS NULL" ALERT_ORDER;
static const char sql_each_unsettled[] = ALERT_ROWS "(a.ended_utc_sec IS NULL"
	" OR (a.end_told_utc_sec IS NULL AND a.first_told_utc_sec IS NOT NULL)"
	" OR a.ended_utc_sec > :ended_after)" ALERT_ORDER;
static const char sql_each_of_port[] = ALERT_ROWS "a.port_id = :port"
	" AND (NOT :open_only OR a.ended_utc_sec IS NULL)" ALERT_ORDER;
static const char sql_each_of_exchange[] =
	ALERT_ROWS "a.exchange_id = (SELECT id FROM exchange WHERE slug = :exchange)"
	" AND (NOT :open_only OR a.ended_utc_sec IS NULL)" ALERT_ORDER;

/* By id, the newest first, so that a page of many ends early; a row that is not seen costs a look into three lists. */
static const char sql_each_seen[] = ALERT_ROWS
	"(+a.port_id IN (SELECT value FROM json_each(:ports))"
	" OR +a.exchange_id IN (SELECT e.id FROM exchange AS e JOIN json_each(:exchanges) ON e.slug = value)"
	" OR (a.connection_id IS NOT NULL AND a.asn IN (SELECT value FROM json_each(:asns))))" ALERT_ORDER;

static const char sql_told[] =
	"INSERT INTO alert_told (alert_id, what, recipient, at_utc_sec, mail_id, message_id)"
	" VALUES (:alert, :what, :recipient, :at, :mail, :message)";

static const char sql_told_each[] =
	"SELECT alert_id, what, recipient, at_utc_sec, mail_id, message_id FROM alert_told"
	" WHERE alert_id = :alert ORDER BY id";

/* A mail's rows are put together, in one transaction of the one writer: they stand side by side. */
static const char sql_told_from[] =
	"SELECT alert_id, what, recipient, at_utc_sec, mail_id, message_id FROM alert_told"
	" WHERE id >= (SELECT min(t.id) FROM alert_told AS t"
	"   WHERE t.alert_id = (SELECT alert_id FROM outbox WHERE id = :mail) AND t.mail_id = :mail)"
	" ORDER BY id";
/* clang-format on */

/* --- put --- */

static void
bind_subject(struct db_statement *insert, const struct alert_subject *subject)
{
	db_bind_text(insert, ":kind", alert_kind_name(subject->kind));
	db_bind_text(insert, ":exchange", subject->exchange);
	db_bind_text(insert, ":agent", subject->agent);
	ledger_bind_id(insert, ":port", subject->scope == ALERT_OF_PORT ? subject->id : 0);
	ledger_bind_id(insert, ":connection",
		       subject->scope == ALERT_OF_CONNECTION ? subject->id : 0);
	db_bind_text(insert, ":direction",
		     alert_kind_is_directed(subject->kind)
			 ? model_direction_name(subject->direction)
			 : NULL);
	ledger_bind_id(insert, ":asn", subject->asn);
}

static void
bind_course(struct db_statement *put, const struct ledger_alert *alert)
{
	db_bind_int(put, ":began", alert->began_utc_sec);
	db_bind_int(put, ":noticed", alert->noticed_utc_sec);
	ledger_bind_id(put, ":blind", alert->blind_utc_sec);
	ledger_bind_id(put, ":until", alert->until_utc_sec);
	ledger_bind_id(put, ":ended", alert->ended_utc_sec);
	db_bind_real(put, ":peak", alert->peak);
	db_bind_int(put, ":again", alert->again);
	ledger_bind_id(put, ":first_told", alert->first_told_utc_sec);
	ledger_bind_id(put, ":last_told", alert->last_told_utc_sec);
	db_bind_int(put, ":told_count", alert->told_count);
	ledger_bind_id(put, ":escalated", alert->escalated_utc_sec);
	ledger_bind_id(put, ":end_told", alert->end_told_utc_sec);
}

static bool
alert_insert(struct db *db, struct ledger_alert *alert, struct error *err)
{
	struct db_statement *insert = db_get(db, sql_insert);

	bind_subject(insert, &alert->subject);
	bind_course(insert, alert);
	if (!db_run(insert, err))
		return false;
	if (db_changes(db) == 0)
		return error_set(err, ERR_NOT_FOUND, "no exchange \"%.100s\" in the ledger",
				 alert->subject.exchange);
	alert->id = db_last_id(db);
	return true;
}

static bool
alert_update(struct db *db, const struct ledger_alert *alert, struct error *err)
{
	struct db_statement *update = db_get(db, sql_update);

	db_bind_int(update, ":id", alert->id);
	bind_course(update, alert);
	return db_run(update, err);
}

bool
ledger_alert_put(struct ledger *ledger, struct ledger_alert *alert, struct error *err)
{
	return (alert->id == 0 ? alert_insert(ledger->db, alert, err)
			       : alert_update(ledger->db, alert, err)) ||
	       error_wrap(err, "alert");
}

/* --- listed --- */

static enum alert_scope
scope_of_row(const struct db_statement *row)
{
	if (!db_is_null(row, 4))
		return ALERT_OF_PORT;
	if (!db_is_null(row, 5))
		return ALERT_OF_CONNECTION;
	return db_text(row, 3)[0] != '\0' ? ALERT_OF_AGENT : ALERT_OF_EXCHANGE;
}

static struct ledger_alert
alert_of_row(const struct db_statement *row)
{
	struct ledger_alert alert = {
		.id = db_int(row, 0),
		.subject = { .scope = scope_of_row(row),
			     .exchange = db_text(row, 2),
			     .agent = db_text(row, 3),
			     .id = db_int(row, db_is_null(row, 4) ? 5 : 4),
			     .direction = DIRECTION_OUT,
			     .asn = (uint32_t)db_int(row, 7) },
		.began_utc_sec = db_int(row, 8),
		.noticed_utc_sec = db_int(row, 9),
		.blind_utc_sec = db_int(row, 10),
		.until_utc_sec = db_int(row, 11),
		.ended_utc_sec = db_int(row, 12),
		.peak = db_real(row, 13),
		.again = (uint32_t)db_int(row, 14),
		.first_told_utc_sec = db_int(row, 15),
		.last_told_utc_sec = db_int(row, 16),
		.told_count = (uint32_t)db_int(row, 17),
		.escalated_utc_sec = db_int(row, 18),
		.end_told_utc_sec = db_int(row, 19),
	};

	alert_kind_parse(db_text(row, 1), &alert.subject.kind);
	model_direction_parse(db_text(row, 6), &alert.subject.direction);
	return alert;
}

/* By the way in that leaves the least. */
static struct db_statement *
get_way_in(struct db *db, const struct ledger_alert_query *query)
{
	struct db_statement *each;

	if (query->id != 0) {
		each = db_get(db, sql_each_id);
		db_bind_int(each, ":id", query->id);
	} else if (query->unsettled) {
		each = db_get(db, sql_each_unsettled);
		db_bind_int(each, ":ended_after",
			    query->or_ended_after_utc_sec != 0 ? query->or_ended_after_utc_sec
							       : INT64_MAX / 4);
	} else if (query->port_id != 0) {
		each = db_get(db, sql_each_of_port);
		db_bind_int(each, ":port", query->port_id);
		db_bind_int(each, ":open_only", query->open_only);
	} else if (query->exchange != NULL) {
		each = db_get(db, sql_each_of_exchange);
		db_bind_text(each, ":exchange", query->exchange);
		db_bind_int(each, ":open_only", query->open_only);
	} else if (query->seen != NULL && !query->open_only) {
		each = db_get(db, sql_each_seen);
		db_bind_text(each, ":ports", query->seen->ports);
		db_bind_text(each, ":exchanges", query->seen->exchanges);
		db_bind_text(each, ":asns", query->seen->asns);
	} else {
		each = db_get(db, query->open_only ? sql_each_open : sql_each);
	}
	return each;
}

bool
ledger_alert_each(struct ledger *ledger, const struct ledger_alert_query *query,
		  ledger_on_alert *on_alert, void *user, struct error *err)
{
	struct db_statement *each = get_way_in(ledger->db, query);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":before", query->before_id);
	db_bind_int(each, ":limit", query->limit != 0 ? (int64_t)query->limit : -1);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_alert alert = alert_of_row(each);

		more = on_alert(&alert, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "alerts");
}

/* --- where it was told --- */

bool
ledger_told_put(struct ledger *ledger, const struct ledger_told *told, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_told);

	db_bind_int(put, ":alert", told->alert_id);
	db_bind_text(put, ":what", alert_told_name(told->what));
	db_bind_text(put, ":recipient", told->recipient);
	db_bind_int(put, ":at", told->at_utc_sec);
	db_bind_int(put, ":mail", told->mail_id);
	db_bind_text(put, ":message", told->message_id);
	return db_run(put, err) || error_wrap(err, "alert %" PRId64, told->alert_id);
}

static enum alert_told_what
what_of_row(const struct db_statement *row)
{
	int what = TOLD_ALERT;

	while (what < TOLD_COUNT - 1 &&
	       strcmp(alert_told_name((enum alert_told_what)what), db_text(row, 1)) != 0)
		what++;
	return (enum alert_told_what)what;
}

/* mail_id: as long as they are of that mail; 0: all. */
static bool
told_read(struct db_statement *each, int64_t mail_id, ledger_on_told *on_told, void *user,
	  struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_told told = { .alert_id = db_int(each, 0),
					    .what = what_of_row(each),
					    .recipient = db_text(each, 2),
					    .at_utc_sec = db_int(each, 3),
					    .mail_id = db_int(each, 4),
					    .message_id = db_text(each, 5) };

		more = (mail_id == 0 || told.mail_id == mail_id) && on_told(&told, user);
	}
	db_reset(each);
	return step != DB_FAIL;
}

bool
ledger_told_each(struct ledger *ledger, int64_t alert_id, ledger_on_told *on_told, void *user,
		 struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_told_each);

	db_bind_int(each, ":alert", alert_id);
	return told_read(each, 0, on_told, user, err) ||
	       error_wrap(err, "alert %" PRId64, alert_id);
}

bool
ledger_told_each_of_mail(struct ledger *ledger, int64_t mail_id, ledger_on_told *on_told,
			 void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_told_from);

	db_bind_int(each, ":mail", mail_id);
	return told_read(each, mail_id, on_told, user, err) ||
	       error_wrap(err, "mail %" PRId64, mail_id);
}
