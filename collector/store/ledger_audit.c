/* ledger_audit.c - who did what, and what was brought in from elsewhere. */
#include "store/ledger_private.h"

static const char sql_audit[] = "INSERT INTO audit (at_utc_sec, actor, what, port_id, detail)"
				" VALUES (:at, :actor, :what, :port, :detail)";

static const char sql_import[] =
    "INSERT INTO import_run (actor, what, source, port_id, started_utc_sec, ended_utc_sec,"
    " from_utc_sec, to_utc_sec, read_count, accepted_count, trouble)"
    " VALUES (:actor, :what, :source, :port, :started, :ended, :from, :to, :read, :accepted,"
    " :trouble)";

static const char sql_imports[] =
    "SELECT actor, what, source, started_utc_sec, ended_utc_sec, from_utc_sec, to_utc_sec, "
    "read_count,"
    " accepted_count, trouble FROM import_run"
    " WHERE port_id = :port AND ended_utc_sec >= :since AND accepted_count > 0 ORDER BY id";

bool
ledger_audit(struct ledger *ledger, int64_t at_utc_sec, const char *actor, const char *what,
	     int64_t port_id, const char *detail, struct error *err)
{
	struct db_statement *audit = db_get(ledger->db, sql_audit);

	db_bind_int(audit, ":at", at_utc_sec);
	db_bind_text(audit, ":actor", actor);
	db_bind_text(audit, ":what", what);
	ledger_bind_id(audit, ":port", port_id);
	db_bind_text(audit, ":detail", detail);
	return db_run(audit, err) || error_wrap(err, "audit log");
}

bool
ledger_import_put(struct ledger *ledger, const struct ledger_import *import, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_import);

	db_bind_text(put, ":actor", import->actor);
	db_bind_text(put, ":what", import->what);
	db_bind_text(put, ":source", import->source);
	ledger_bind_id(put, ":port", import->port_id);
	db_bind_int(put, ":started", import->started_utc_sec);
	db_bind_int(put, ":ended", import->ended_utc_sec);
	ledger_bind_id(put, ":from", import->from_utc_sec);
	ledger_bind_id(put, ":to", import->to_utc_sec);
	db_bind_int(put, ":read", import->read_count);
	db_bind_int(put, ":accepted", import->accepted_count);
	db_bind_text(put, ":trouble", import->trouble);
	return db_run(put, err) || error_wrap(err, "import run");
}

static struct ledger_import
import_of_row(const struct db_statement *row, int64_t port_id)
{
	return (struct ledger_import) {
		.actor = db_text(row, 0),
		.what = db_text(row, 1),
		.source = db_text(row, 2),
		.port_id = port_id,
		.started_utc_sec = db_int(row, 3),
		.ended_utc_sec = db_int(row, 4),
		.from_utc_sec = db_int(row, 5),
		.to_utc_sec = db_int(row, 6),
		.read_count = db_int(row, 7),
		.accepted_count = db_int(row, 8),
		.trouble = db_text(row, 9),
	};
}

bool
ledger_import_each(struct ledger *ledger, int64_t port_id, int64_t since_utc_sec,
		   ledger_on_import *on_import, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_imports);
	enum db_step step;

	db_bind_int(each, ":port", port_id);
	db_bind_int(each, ":since", since_utc_sec);
	while ((step = db_step(each, err)) == DB_ROW) {
		struct ledger_import import = import_of_row(each, port_id);

		if (on_import(&import, user))
			continue;
		db_reset(each);
		return true;
	}
	return step == DB_DONE || error_wrap(err, "import runs");
}
