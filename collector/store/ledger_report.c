/* ledger_report.c - the weekly reports: registered, decided about, listed.  Their mails: ledger_report_mail.c; cases:
 * ledger_report_case.c; what people say about peers: ledger_report_register.c. */
#include <inttypes.h>
#include <string.h>

#include "ixwatch/report.h"
#include "store/ledger_private.h"

/* clang-format off */
static const char sql_put[] =
	"INSERT INTO report (kind, monday, asn, exchange_id, edition, name, subject, verdict, purpose, tells,"
	" sha256, corrects, made_utc_sec, lapses_utc_sec, state, why, note, decided_by, decided_utc_sec)"
	" SELECT :kind, :monday, :asn, (SELECT id FROM exchange WHERE slug = :exchange), :edition, :name,"
	" :subject, :verdict, :purpose, :tells, :sha256, :corrects, :made, :lapses, :state, :why, :note, :by, :at"
	" WHERE :exchange IS NULL OR EXISTS (SELECT 1 FROM exchange WHERE slug = :exchange)";

/* The newest edition of one key. */
static const char sql_key[] =
	"SELECT id, edition, sha256 FROM report WHERE monday = :monday AND kind = :kind AND asn = :asn"
	" AND coalesce(exchange_id, 0) = coalesce((SELECT id FROM exchange WHERE slug = :exchange), 0)"
	" AND (:edition IS NULL OR edition = :edition) ORDER BY edition DESC LIMIT 1";

static const char sql_exchange[] = "SELECT 1 FROM exchange WHERE slug = :exchange";

static const char sql_file_put[] =
	"INSERT INTO report_file (report_id, name, octets, sha256) VALUES (:id, :name, :octets, :sha256)";

static const char sql_connection_put[] =
	"INSERT INTO report_connection (report_id, exchange_id, verdict, asks)"
	" SELECT :id, exchange.id, :verdict, :asks FROM exchange WHERE slug = :exchange";

/* A letter went to the peer before this one was decided about. */
#define NOT_FIRST										\
	"EXISTS (SELECT 1 FROM report AS p WHERE +p.kind = 'peer' AND p.asn = r.asn AND p.asn <> 0 AND p.id <> r.id"	\
	" AND +p.state = 'approved' AND (r.state <> 'approved' OR p.decided_utc_sec < r.decided_utc_sec"	\
	"   OR (p.decided_utc_sec = r.decided_utc_sec AND p.id < r.id)))"
/* Once approved, the notice that was counted; before, the one it would be. */
#define NOTICE											\
	"CASE WHEN r.state = 'approved' THEN (SELECT max(n.number) FROM report_notice AS n"	\
	"   WHERE n.report_id = r.id AND n.taken_back_by IS NULL)"				\
	" ELSE (SELECT max(1 + (SELECT count(*) FROM report_case AS c JOIN report_notice AS n ON n.case_id = c.id"	\
	"   WHERE c.asn = r.asn AND c.exchange_id = rc.exchange_id AND c.closed_monday IS NULL"	\
	"   AND n.taken_back_by IS NULL AND n.monday < r.monday))"				\
	"   FROM report_connection AS rc WHERE rc.report_id = r.id AND rc.asks = 1) END"
#define REVOKED											\
	"(SELECT min(v.at_utc_sec) FROM report_revocation AS v WHERE v.report_id = r.id"		\
	" OR (v.asn = r.asn AND v.before_utc_sec > r.made_utc_sec))"
#define LATER											\
	"EXISTS (SELECT 1 FROM report AS l WHERE l.monday = r.monday AND l.kind = r.kind AND l.asn = r.asn"	\
	" AND coalesce(l.exchange_id, 0) = coalesce(r.exchange_id, 0) AND l.edition > r.edition)"
/* A row that the outbox keeps no more was sent, or failed long ago: it says nothing. */
#define MAILS(state) "(SELECT count(*) FROM report_mail AS m JOIN outbox AS o ON o.id = m.mail_id"	\
	" WHERE m.report_id = r.id AND o.state " state ")"

#define REPORT_COLUMNS										\
	"SELECT r.id, r.kind, r.monday, r.asn, exchange.slug, r.edition, r.name, r.subject, r.verdict,"	\
	" r.purpose, r.tells, r.sha256, r.corrects, r.made_utc_sec, r.lapses_utc_sec, r.state, r.why, r.note,"	\
	" r.decided_by, r.decided_utc_sec, " NOT_FIRST ", " NOTICE ", " REVOKED ", " LATER ","		\
	" (SELECT count(*) FROM report_mail AS m WHERE m.report_id = r.id), " MAILS("= 'sent'") ","	\
	" " MAILS("IN ('failed', 'dropped')")							\
	" FROM report AS r LEFT JOIN exchange ON exchange.id = r.exchange_id"
#define REPORT_WHERE										\
	" WHERE +r.id < :before AND (:monday IS NULL OR r.monday = :monday)"				\
	" AND (:kind IS NULL OR r.kind = :kind) AND (:asn IS NULL OR r.asn = :asn)"			\
	" AND (:exchange IS NULL OR exchange.slug = :exchange)"					\
	" AND (:state IS NULL OR r.state = :state) AND (:edition IS NULL OR r.edition = :edition)"	\
	" AND (:lapsing IS NULL OR r.lapses_utc_sec <= :lapsing) AND (:newest = 0 OR NOT " LATER ")"
#define REPORT_ORDER " ORDER BY r.id DESC LIMIT :limit"

/* The same question, with the index that answers it best first. */
static const char sql_each[] = REPORT_COLUMNS REPORT_WHERE REPORT_ORDER;
static const char sql_each_id[] = REPORT_COLUMNS REPORT_WHERE " AND r.id = :id" REPORT_ORDER;
static const char sql_each_week[] = REPORT_COLUMNS REPORT_WHERE " AND r.monday = :monday" REPORT_ORDER;
static const char sql_each_asn[] = REPORT_COLUMNS REPORT_WHERE " AND r.asn = :asn AND r.asn <> 0" REPORT_ORDER;
static const char sql_each_state[] = REPORT_COLUMNS REPORT_WHERE " AND r.state = :state" REPORT_ORDER;

/* All, less those that the next edition took the place of. */
static const char sql_weeks[] =
	"SELECT monday, state, sum(n) FROM (SELECT monday, state, count(*) AS n FROM report GROUP BY monday, state"
	" UNION ALL SELECT e.monday, e.state, -count(*) FROM report AS l CROSS JOIN report AS e ON e.monday = l.monday"
	"   AND e.kind = l.kind AND e.asn = l.asn AND coalesce(e.exchange_id, 0) = coalesce(l.exchange_id, 0)"
	"   AND e.edition = l.edition - 1 WHERE l.edition > 1 GROUP BY e.monday, e.state)"
	" GROUP BY monday, state ORDER BY monday DESC";

static const char sql_decide[] =
	"UPDATE report SET state = :state, decided_by = :by, decided_utc_sec = :at, why = :why WHERE id = :id";

static const char sql_note[] = "UPDATE report SET note = :note WHERE id = :id";

static const char sql_files[] =
	"SELECT name, octets, sha256 FROM report_file WHERE report_id = :id ORDER BY name";

static const char sql_connections[] =
	"SELECT slug, verdict, asks FROM report_connection AS c JOIN exchange ON exchange.id = c.exchange_id"
	" WHERE c.report_id = :id ORDER BY slug";
/* clang-format on */

static bool
wrap(struct error *err, int64_t id)
{
	return error_wrap(err, "report %" PRId64, id);
}

/* --- put --- */

static void
bind_key(struct db_statement *statement, const struct report *report)
{
	db_bind_text(statement, ":kind", report_kind_name(report->kind));
	db_bind_int(statement, ":monday", report->monday);
	db_bind_int(statement, ":asn", report->kind == REPORT_PEER ? report->asn : 0);
	db_bind_text(statement, ":exchange",
		     report->kind == REPORT_EXCHANGE ? report->exchange : NULL);
}

/* *id of the edition asked for (0: any), or 0; *edition: which it is. */
static bool
key_find(struct ledger *ledger, const struct report *report, unsigned asked, int64_t *id,
	 unsigned *edition, bool *same, struct error *err)
{
	struct db_statement *find = db_get(ledger->db, sql_key);
	enum db_step step;

	*id = 0;
	*edition = 0;
	bind_key(find, report);
	ledger_bind_id(find, ":edition", asked);
	step = db_step(find, err);
	if (step == DB_ROW) {
		*id = db_int(find, 0);
		*edition = (unsigned)db_int(find, 1);
		*same = strcmp(db_text(find, 2), report->sha256) == 0;
	}
	db_reset(find);
	return step != DB_FAIL;
}

static bool
row_put(struct ledger *ledger, const struct report *report, int64_t *id, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_put);

	bind_key(put, report);
	db_bind_int(put, ":edition", report->edition);
	db_bind_text(put, ":name", report->name);
	db_bind_text(put, ":subject", report->subject);
	db_bind_text(put, ":verdict", model_verdict_name(report->verdict));
	db_bind_text(put, ":purpose", report->purpose);
	db_bind_int(put, ":tells", report->tells);
	db_bind_text(put, ":sha256", report->sha256);
	db_bind_text(put, ":corrects", report->corrects);
	db_bind_int(put, ":made", report->made_utc_sec);
	db_bind_int(put, ":lapses", report->lapses_utc_sec);
	db_bind_text(put, ":state", report_state_name(report->state));
	db_bind_text(put, ":why", report->why);
	db_bind_text(put, ":note", report->note);
	db_bind_text(put, ":by", report->decided_by);
	db_bind_int(put, ":at", report->decided_utc_sec);
	if (!db_run(put, err))
		return false;
	if (db_changes(ledger->db) == 0)
		return error_set(err, ERR_NOT_FOUND, "no exchange \"%.80s\" in the ledger",
				 report->exchange);
	*id = db_last_id(ledger->db);
	return true;
}

static bool
files_put(struct ledger *ledger, int64_t id, const struct report_file *files, size_t count,
	  struct error *err)
{
	bool done = true;

	for (size_t i = 0; done && i < count; i++) {
		struct db_statement *put = db_get(ledger->db, sql_file_put);

		db_bind_int(put, ":id", id);
		db_bind_text(put, ":name", files[i].name);
		db_bind_int(put, ":octets", files[i].octets);
		db_bind_text(put, ":sha256", files[i].sha256);
		done = db_run(put, err);
	}
	return done;
}

static bool
connections_put(struct ledger *ledger, int64_t id, const struct report_connection *connections,
		size_t count, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct db_statement *put = db_get(ledger->db, sql_connection_put);

		db_bind_int(put, ":id", id);
		db_bind_text(put, ":exchange", connections[i].exchange);
		db_bind_text(put, ":verdict", model_verdict_name(connections[i].verdict));
		db_bind_int(put, ":asks", connections[i].asks);
		if (!db_run(put, err))
			return false;
	}
	return true;
}

/* What is refused is refused before anything is written: the caller's transaction goes on. */
static bool
exchanges_check(struct ledger *ledger, const struct report_connection *connections, size_t count,
		struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct db_statement *find = db_get(ledger->db, sql_exchange);
		enum db_step step;

		db_bind_text(find, ":exchange", connections[i].exchange);
		step = db_step(find, err);
		db_reset(find);
		if (step == DB_FAIL)
			return false;
		if (step == DB_DONE)
			return error_set(err, ERR_NOT_FOUND, "no exchange \"%.80s\" in the ledger",
					 connections[i].exchange);
	}
	return true;
}

/* Whether it is the first edition, or follows the newest. */
static bool
edition_check(struct ledger *ledger, const struct report *report, struct error *err)
{
	unsigned newest;
	int64_t id;
	bool same;

	if (!key_find(ledger, report, 0, &id, &newest, &same, err))
		return false;
	return report->edition == newest + 1 ||
	       error_set(err, ERR_REFUSED, "edition %u does not follow: the newest is %u",
			 report->edition, newest);
}

static bool
put_new(struct ledger *ledger, const struct report *report, const struct report_file *files,
	size_t file_count, const struct report_connection *connections, size_t connection_count,
	int64_t *id, struct error *err)
{
	bool own, done;

	if (!ledger_enter(ledger, &own, err))
		return false;
	done = edition_check(ledger, report, err) &&
	       exchanges_check(ledger, connections, connection_count, err) &&
	       row_put(ledger, report, id, err) && files_put(ledger, *id, files, file_count, err) &&
	       connections_put(ledger, *id, connections, connection_count, err);
	return ledger_leave(ledger, own, done, err);
}

bool
ledger_report_put(struct ledger *ledger, const struct report *report,
		  const struct report_file *files, size_t file_count,
		  const struct report_connection *connections, size_t connection_count, int64_t *id,
		  bool *is_new, struct error *err)
{
	unsigned edition;
	bool same = false;

	*is_new = false;
	if (!key_find(ledger, report, report->edition, id, &edition, &same, err))
		return error_wrap(err, "report");
	if (*id != 0)
		return same ||
		       error_set(err, ERR_REFUSED,
				 "report %" PRId64
				 ": it is there with other octets; a correction is a new edition",
				 *id);
	*is_new =
	    put_new(ledger, report, files, file_count, connections, connection_count, id, err);
	return *is_new || error_wrap(err, "report");
}

/* --- read --- */

static struct report
report_of_row(const struct db_statement *row, char week[REPORT_WEEK_SIZE])
{
	struct report report = {
		.id = db_int(row, 0),
		.monday = (int32_t)db_int(row, 2),
		.asn = (uint32_t)db_int(row, 3),
		.exchange = db_text(row, 4),
		.edition = (unsigned)db_int(row, 5),
		.name = db_text(row, 6),
		.subject = db_text(row, 7),
		.verdict = ledger_verdict_word(row, 8),
		.purpose = db_text(row, 9),
		.tells = db_int(row, 10) != 0,
		.sha256 = db_text(row, 11),
		.corrects = db_text(row, 12),
		.made_utc_sec = db_int(row, 13),
		.lapses_utc_sec = db_int(row, 14),
		.why = db_text(row, 16),
		.note = db_text(row, 17),
		.decided_by = db_text(row, 18),
		.decided_utc_sec = db_int(row, 19),
		.notice = (unsigned)db_int(row, 21),
		.revoked_utc_sec = db_int(row, 22),
		.superseded = db_int(row, 23) != 0,
		.mail_count = (uint32_t)db_int(row, 24),
		.sent_count = (uint32_t)db_int(row, 25),
		.failed_count = (uint32_t)db_int(row, 26),
	};

	report_kind_parse(db_text(row, 1), &report.kind);
	report_state_parse(db_text(row, 15), &report.state);
	report.first = report.kind == REPORT_PEER && db_int(row, 20) == 0;
	report.week = report_week_name(week, report.monday);
	return report;
}

static const char *
each_text(const struct report_query *query)
{
	if (query->id != 0)
		return sql_each_id;
	if (query->week != NULL)
		return sql_each_week;
	if (query->asn != 0)
		return sql_each_asn;
	return query->any_state ? sql_each : sql_each_state;
}

/* False: it names no week, so nothing is found. */
static bool
bind_query(struct db_statement *each, const struct report_query *query)
{
	int32_t monday = 0;

	if (query->week != NULL && !report_week_parse(query->week, &monday))
		return false;
	if (query->id != 0)
		db_bind_int(each, ":id", query->id);
	if (query->week != NULL)
		db_bind_int(each, ":monday", monday);
	else
		db_bind_null(each, ":monday");
	db_bind_int(each, ":before", query->before_id != 0 ? query->before_id : INT64_MAX);
	db_bind_text(each, ":kind", query->any_kind ? NULL : report_kind_name(query->kind));
	ledger_bind_id(each, ":asn", query->asn);
	db_bind_text(each, ":exchange", query->exchange);
	db_bind_text(each, ":state", query->any_state ? NULL : report_state_name(query->state));
	ledger_bind_id(each, ":edition", query->edition);
	ledger_bind_id(each, ":lapsing", query->lapsing_utc_sec);
	db_bind_int(each, ":newest", query->newest_edition);
	db_bind_int(each, ":limit", query->limit != 0 ? (int64_t)query->limit : -1);
	return true;
}

bool
ledger_report_each(struct ledger *ledger, const struct report_query *query,
		   ledger_on_report *on_report, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, each_text(query));
	enum db_step step = DB_DONE;
	bool more = bind_query(each, query);

	while (more && (step = db_step(each, err)) == DB_ROW) {
		char week[REPORT_WEEK_SIZE];
		struct report report = report_of_row(each, week);

		more = on_report(&report, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "reports");
}

struct one {
	ledger_on_report *on_report;
	void *user;
	bool found;
};

static bool
on_one(const struct report *report, void *user)
{
	struct one *one = user;

	one->found = true;
	one->on_report(report, one->user);
	return false;
}

bool
ledger_report_get(struct ledger *ledger, int64_t id, ledger_on_report *on_report, void *user,
		  struct error *err)
{
	struct report_query query = { .id = id, .any_kind = true, .any_state = true };
	struct one one = { on_report, user, false };

	if (id > 0 && !ledger_report_each(ledger, &query, on_one, &one, err))
		return false;
	return one.found ||
	       error_set(err, ERR_NOT_FOUND, "no report %" PRId64 " in the ledger", id);
}

bool
ledger_report_weeks_each(struct ledger *ledger, ledger_on_report_week *on_week, void *user,
			 struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_weeks);
	char name[REPORT_WEEK_SIZE];
	struct report_week week = { .week = NULL };
	enum report_state state;
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		int32_t monday = (int32_t)db_int(each, 0);

		if (week.week != NULL && week.monday != monday) {
			more = on_week(&week, user);
			week.week = NULL;
		}
		if (week.week == NULL)
			week = (struct report_week) { .week = report_week_name(name, monday),
						      .monday = monday };
		if (report_state_parse(db_text(each, 1), &state))
			week.count[state] = db_int(each, 2);
	}
	db_reset(each);
	if (step == DB_FAIL)
		return error_wrap(err, "reports");
	if (more && week.week != NULL)
		on_week(&week, user);
	return true;
}

bool
ledger_report_file_each(struct ledger *ledger, int64_t id, ledger_on_report_file *on_file,
			void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_files);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":id", id);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_file file = { .name = db_text(each, 0),
					    .octets = db_int(each, 1),
					    .sha256 = db_text(each, 2) };

		more = on_file(&file, user);
	}
	db_reset(each);
	return step != DB_FAIL || wrap(err, id);
}

bool
ledger_report_connection_each(struct ledger *ledger, int64_t id,
			      ledger_on_report_connection *on_connection, void *user,
			      struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_connections);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":id", id);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_connection connection = { .exchange = db_text(each, 0),
							.verdict = ledger_verdict_word(each, 1),
							.asks = db_int(each, 2) != 0 };

		more = on_connection(&connection, user);
	}
	db_reset(each);
	return step != DB_FAIL || wrap(err, id);
}

/* --- decided --- */

static bool
run_one(struct ledger *ledger, struct db_statement *statement, int64_t id, struct error *err)
{
	if (!db_run(statement, err))
		return wrap(err, id);
	return db_changes(ledger->db) > 0 ||
	       error_set(err, ERR_NOT_FOUND, "no report %" PRId64 " in the ledger", id);
}

bool
ledger_report_decide(struct ledger *ledger, int64_t id, enum report_state state, const char *by,
		     int64_t at_utc_sec, const char *why, struct error *err)
{
	struct db_statement *decide = db_get(ledger->db, sql_decide);

	db_bind_int(decide, ":id", id);
	db_bind_text(decide, ":state", report_state_name(state));
	db_bind_text(decide, ":by", by);
	db_bind_int(decide, ":at", at_utc_sec);
	db_bind_text(decide, ":why", why);
	return run_one(ledger, decide, id, err);
}

bool
ledger_report_note_set(struct ledger *ledger, int64_t id, const char *note, struct error *err)
{
	struct db_statement *set = db_get(ledger->db, sql_note);

	db_bind_int(set, ":id", id);
	db_bind_text(set, ":note", note);
	return run_one(ledger, set, id, err);
}
