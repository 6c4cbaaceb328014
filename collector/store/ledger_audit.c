/* ledger_audit.c - who did what, and what was brought in from elsewhere. */
#include "store/ledger_private.h"

static const char sql_audit[] = "INSERT INTO audit (at_utc_sec, actor, what, port_id, detail)"
				" VALUES (:at, :actor, :what, :port, :detail)";

static const char sql_import[] =
    "INSERT INTO import_run (actor, what, source, port_id, started_utc_sec, ended_utc_sec,"
    " from_utc_sec, to_utc_sec, read_count, accepted_count, trouble)"
    " VALUES (:actor, :what, :source, :port, :started, :ended, :from, :to, :read, :accepted,"
    " :trouble)";

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
