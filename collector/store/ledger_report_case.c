/* ledger_report_case.c - how often a peer was asked about one exchange: notices, and the weeks since. */
#include <inttypes.h>

#include "ixwatch/report.h"
#include "store/ledger_private.h"

/* clang-format off */
/* Weeks since the last that was not clean. */
#define CLEAN_WEEKS								\
	"(SELECT count(*) FROM report_case_week AS w WHERE w.case_id = c.id AND w.verdict = 'none'"	\
	" AND w.monday > coalesce((SELECT max(x.monday) FROM report_case_week AS x WHERE x.case_id = c.id"	\
	"   AND x.verdict IN ('routine', 'recurring')), c.opened_monday - 1))"

static const char sql_get[] =
	"SELECT c.id, c.opened_monday, c.closed_monday, (SELECT count(*) FROM report_notice AS n"
	"   WHERE n.case_id = c.id AND n.taken_back_by IS NULL),"
	" (SELECT max(n.monday) FROM report_notice AS n WHERE n.case_id = c.id AND n.taken_back_by IS NULL),"
	" " CLEAN_WEEKS
	" FROM report_case AS c JOIN exchange ON exchange.id = c.exchange_id"
	" WHERE c.asn = :asn AND exchange.slug = :exchange ORDER BY c.id DESC LIMIT 1";

static const char sql_open[] =
	"INSERT INTO report_case (asn, exchange_id, opened_monday)"
	" SELECT :asn, id, :monday FROM exchange WHERE slug = :exchange";

static const char sql_notice[] =
	"INSERT INTO report_notice (case_id, monday, number, report_id, at_utc_sec)"
	" VALUES (:case, :monday, 1 + (SELECT count(*) FROM report_notice WHERE case_id = :case"
	"   AND monday < :monday AND taken_back_by IS NULL), :report, :at)";

#define NOTICE_OF_WEEK								\
	" FROM report_notice AS n JOIN report_case AS c ON c.id = n.case_id"	\
	" JOIN exchange ON exchange.id = c.exchange_id"				\
	" WHERE c.asn = :asn AND exchange.slug = :exchange AND n.monday = :monday"

static const char sql_number[] = "SELECT n.case_id, n.number" NOTICE_OF_WEEK;

static const char sql_again[] =
	"UPDATE report_notice SET report_id = :report, taken_back_by = NULL"
	" WHERE case_id = :case AND monday = :monday";

static const char sql_take_back[] =
	"UPDATE report_notice SET taken_back_by = :report WHERE monday = :monday AND taken_back_by IS NULL"
	" AND case_id IN (SELECT c.id FROM report_case AS c JOIN exchange ON exchange.id = c.exchange_id"
	"   WHERE c.asn = :asn AND exchange.slug = :exchange)";

static const char sql_week[] =
	"INSERT INTO report_case_week (case_id, monday, verdict) VALUES (:case, :monday, :verdict)"
	" ON CONFLICT (case_id, monday) DO UPDATE SET verdict = excluded.verdict";

static const char sql_close[] = "UPDATE report_case SET closed_monday = :monday WHERE id = :case";
/* clang-format on */

static bool
wrap(struct error *err, uint32_t asn, const char *exchange)
{
	return error_wrap(err, "case of AS%" PRIu32 " at %s", asn, exchange);
}

bool
ledger_case_get(struct ledger *ledger, uint32_t asn, const char *exchange, struct report_case *out,
		struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_get);
	enum db_step step;

	*out = (struct report_case) { .asn = asn };
	db_bind_int(get, ":asn", asn);
	db_bind_text(get, ":exchange", exchange);
	step = db_step(get, err);
	if (step == DB_ROW) {
		out->id = db_int(get, 0);
		report_week_name(out->opened_week, (int32_t)db_int(get, 1));
		if (!db_is_null(get, 2))
			report_week_name(out->closed_week, (int32_t)db_int(get, 2));
		out->notices = (unsigned)db_int(get, 3);
		if (!db_is_null(get, 4))
			report_week_name(out->last_notice_week, (int32_t)db_int(get, 4));
		out->clean_weeks = (unsigned)db_int(get, 5);
	}
	db_reset(get);
	return step != DB_FAIL || wrap(err, asn, exchange);
}

/* *id of the open case; 0: there is none. */
static bool
open_case(struct ledger *ledger, uint32_t asn, const char *exchange, int64_t *id, struct error *err)
{
	struct report_case found;

	if (!ledger_case_get(ledger, asn, exchange, &found, err))
		return false;
	*id = found.closed_week[0] == '\0' ? found.id : 0;
	return true;
}

static bool
case_new(struct ledger *ledger, uint32_t asn, const char *exchange, int32_t monday, int64_t *id,
	 struct error *err)
{
	struct db_statement *open = db_get(ledger->db, sql_open);

	db_bind_int(open, ":asn", asn);
	db_bind_text(open, ":exchange", exchange);
	db_bind_int(open, ":monday", monday);
	if (!db_run(open, err))
		return false;
	if (db_changes(ledger->db) == 0)
		return error_set(err, ERR_NOT_FOUND, "no such exchange in the ledger");
	*id = db_last_id(ledger->db);
	return true;
}

static bool
notice_put(struct ledger *ledger, int64_t case_id, int32_t monday, int64_t report_id,
	   int64_t at_utc_sec, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_notice);

	db_bind_int(put, ":case", case_id);
	db_bind_int(put, ":monday", monday);
	db_bind_int(put, ":report", report_id);
	db_bind_int(put, ":at", at_utc_sec);
	return db_run(put, err);
}

/* That week's notice is there already: it is the correction's from now on, and counts (again). */
static bool
notice_again(struct ledger *ledger, int64_t case_id, int32_t monday, int64_t report_id,
	     struct error *err)
{
	struct db_statement *again = db_get(ledger->db, sql_again);

	db_bind_int(again, ":case", case_id);
	db_bind_int(again, ":monday", monday);
	db_bind_int(again, ":report", report_id);
	return db_run(again, err);
}

/* *case_id 0: there is no notice of that week. */
static bool
notice_find(struct ledger *ledger, uint32_t asn, const char *exchange, int32_t monday,
	    int64_t *case_id, unsigned *number, struct error *err)
{
	struct db_statement *get = db_get(ledger->db, sql_number);
	enum db_step step;

	*case_id = 0;
	db_bind_int(get, ":asn", asn);
	db_bind_text(get, ":exchange", exchange);
	db_bind_int(get, ":monday", monday);
	step = db_step(get, err);
	if (step == DB_ROW) {
		*case_id = db_int(get, 0);
		*number = (unsigned)db_int(get, 1);
	}
	db_reset(get);
	return step != DB_FAIL;
}

static bool
week_put(struct ledger *ledger, int64_t case_id, int32_t monday, enum verdict verdict,
	 struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_week);

	db_bind_int(put, ":case", case_id);
	db_bind_int(put, ":monday", monday);
	db_bind_text(put, ":verdict", model_verdict_name(verdict));
	return db_run(put, err);
}

static bool
notice_new(struct ledger *ledger, uint32_t asn, const char *exchange, int64_t report_id,
	   int32_t monday, int64_t at_utc_sec, unsigned *number, struct error *err)
{
	int64_t id = 0;

	return open_case(ledger, asn, exchange, &id, err) &&
	       (id != 0 || case_new(ledger, asn, exchange, monday, &id, err)) &&
	       notice_put(ledger, id, monday, report_id, at_utc_sec, err) &&
	       week_put(ledger, id, monday, VERDICT_ROUTINE, err) &&
	       notice_find(ledger, asn, exchange, monday, &id, number, err);
}

bool
ledger_case_notice(struct ledger *ledger, uint32_t asn, const char *exchange, int64_t report_id,
		   int32_t monday, int64_t at_utc_sec, unsigned *number, struct error *err)
{
	int64_t id;
	bool own, done;

	if (!ledger_enter(ledger, &own, err))
		return wrap(err, asn, exchange);
	done = notice_find(ledger, asn, exchange, monday, &id, number, err) &&
	       (id != 0 ? notice_again(ledger, id, monday, report_id, err)
			: notice_new(ledger, asn, exchange, report_id, monday, at_utc_sec, number,
				     err));
	return ledger_leave(ledger, own, done, err) || wrap(err, asn, exchange);
}

bool
ledger_case_take_back(struct ledger *ledger, uint32_t asn, const char *exchange, int32_t monday,
		      int64_t report_id, struct error *err)
{
	struct db_statement *back = db_get(ledger->db, sql_take_back);

	db_bind_int(back, ":asn", asn);
	db_bind_text(back, ":exchange", exchange);
	db_bind_int(back, ":monday", monday);
	db_bind_int(back, ":report", report_id);
	return db_run(back, err) || wrap(err, asn, exchange);
}

static bool
case_close(struct ledger *ledger, int64_t id, int32_t monday, struct error *err)
{
	struct db_statement *close = db_get(ledger->db, sql_close);

	db_bind_int(close, ":case", id);
	db_bind_int(close, ":monday", monday);
	return db_run(close, err);
}

bool
ledger_case_week(struct ledger *ledger, uint32_t asn, const char *exchange, int32_t monday,
		 enum verdict verdict, bool *closed, struct error *err)
{
	struct report_case now;
	int64_t id;
	int32_t opened = 0;
	bool own, done;

	*closed = false;
	if (!ledger_enter(ledger, &own, err))
		return wrap(err, asn, exchange);
	done = open_case(ledger, asn, exchange, &id, err);
	if (done && id != 0) {
		done = ledger_case_get(ledger, asn, exchange, &now, err) &&
		       report_week_parse(now.opened_week, &opened);
		if (done && monday >= opened) {
			done = week_put(ledger, id, monday, verdict, err) &&
			       ledger_case_get(ledger, asn, exchange, &now, err);
			*closed = done && now.clean_weeks >= REPORT_CLEAN_WEEKS;
		}
		if (*closed)
			done = case_close(ledger, id, monday, err);
	}
	return ledger_leave(ledger, own, done, err) || wrap(err, asn, exchange);
}
