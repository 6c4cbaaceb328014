/* ledger_move.c - ports that moved; see ledger_move.h.  How the past of another port is read through is said where it is
 * read: ledger_port.c (peers), ledger_capacity.c, ledger_window.c, ledger_connection.c. */
#include "ixwatch/ledger_move.h"

#include <inttypes.h>
#include <stdio.h>

#include "ixwatch/units.h"
#include "store/ledger_private.h"

/* Whose the old port was just before it moved. */
/* clang-format off */
#define ASN_THEN									\
	"(SELECT asn FROM port_history WHERE port_id = :old"				\
	" ORDER BY from_utc_sec < :at DESC, CASE WHEN from_utc_sec < :at THEN -from_utc_sec ELSE from_utc_sec END"	\
	" LIMIT 1)"

static const char sql_check[] =
	"SELECT n.retired, n.asn, " ASN_THEN ","
	" (SELECT old_id FROM port_move WHERE new_id = :new),"
	" (SELECT new_id FROM port_move WHERE old_id = :old),"
	" (SELECT at_utc_sec FROM port_move WHERE old_id = :old),"
	" (SELECT new_id FROM port_move WHERE old_id = :new),"
	" :old IN (WITH RECURSIVE after(id) AS (SELECT :new UNION"
	"   SELECT new_id FROM port_move JOIN after ON old_id = after.id) SELECT id FROM after)"
	" FROM port AS n WHERE n.id = :new";

static const char sql_exists[] = "SELECT 1 FROM port WHERE id = :id";

static const char sql_put[] =
	"INSERT INTO port_move (old_id, new_id, at_utc_sec, asn, actor, reason, moved_utc_sec)"
	" VALUES (:old, :new, :at, " ASN_THEN ", :actor, :reason, :moved)";

static const char sql_withdraw[] = "DELETE FROM port_move WHERE old_id = :old AND done_utc_sec IS NULL";

static const char sql_each[] =
	"SELECT " LEDGER_PORT_COLUMNS ", m.new_id, m.at_utc_sec, m.asn, m.actor, m.reason, m.moved_utc_sec, m.done_utc_sec"
	" FROM port_move AS m JOIN port ON port.id = m.old_id JOIN agent ON agent.id = port.agent_id"
	" JOIN exchange ON exchange.id = agent.exchange_id ORDER BY m.old_id";

static const char sql_of[] =
	"SELECT new_id, 0, at_utc_sec FROM port_move WHERE old_id = :port AND done_utc_sec IS NOT NULL"
	" UNION ALL SELECT 0, old_id, at_utc_sec FROM port_move WHERE new_id = :port AND done_utc_sec IS NOT NULL";

/* --- what is done with it: each text takes :old, the move's old port --- */

#define MOVE(column) "(SELECT " column " FROM port_move WHERE old_id = :old)"

/* What the old one continued is the new one's past too, as far as it lies before the move. */
static const char sql_past_own[] =
	"INSERT OR REPLACE INTO port_past (port_id, old_id, from_utc_sec, to_utc_sec)"
	" SELECT new_id, old_id, began, at_utc_sec FROM (SELECT *,"
	"   ifnull((SELECT max(to_utc_sec) FROM port_past WHERE port_id = :old), 0) AS began"
	"   FROM port_move WHERE old_id = :old) WHERE began < at_utc_sec";
static const char sql_past_of_past[] =
	"INSERT OR REPLACE INTO port_past (port_id, old_id, from_utc_sec, to_utc_sec)"
	" SELECT m.new_id, past.old_id, past.from_utc_sec, min(past.to_utc_sec, m.at_utc_sec)"
	" FROM port_move AS m JOIN port_past AS past ON past.port_id = m.old_id"
	" WHERE m.old_id = :old AND past.from_utc_sec < m.at_utc_sec";

/* Another peer's port is not retired on account of the one that left it. */
static const char sql_retire[] =
	"UPDATE port SET retired = 1 WHERE id = :old AND (asn IS NULL OR asn IS " MOVE("asn") ")";

static const char sql_episodes[] =
	"UPDATE episode SET superseded = 1 WHERE port_id = :old AND superseded = 0"
	" AND start_utc_sec < " MOVE("at_utc_sec");

static const char sql_verdicts[] =
	"UPDATE verdict SET to_utc_sec = max(from_utc_sec, " MOVE("moved_utc_sec") ")"
	" WHERE port_id = :old AND to_utc_sec IS NULL AND (SELECT retired FROM port WHERE id = :old)";

/* What keeps the old one quiet, and is not over, keeps the new one so too: in rows of its own, for the old ones are not
 * edited. */
static const char sql_quiets[] =
    "INSERT INTO quiet (kind, port_id, start_utc_sec, end_utc_sec, until_utc_sec, reason, author, created_utc_sec)"
    " SELECT kind, " MOVE("new_id") ", start_utc_sec, end_utc_sec, until_utc_sec, reason, author, created_utc_sec"
    " FROM quiet WHERE port_id = :old AND (until_utc_sec IS NULL OR until_utc_sec > " MOVE("at_utc_sec") ")";

/* The new one takes the old one's place in the connections that both were in; at another exchange it has one of its own
 * from then on.  An entry that would be of no time is none. */
static const char sql_members_came[] =
	"UPDATE OR REPLACE connection_member SET from_utc_sec = " MOVE("at_utc_sec")
	" WHERE port_id = " MOVE("new_id") " AND from_utc_sec < " MOVE("at_utc_sec")
	" AND (to_utc_sec IS NULL OR to_utc_sec > " MOVE("at_utc_sec") ")"
	" AND (connection_id IN (SELECT connection_id FROM connection_member WHERE port_id = :old)"
	"   OR (SELECT agent.exchange_id FROM port JOIN agent ON agent.id = port.agent_id WHERE port.id = :old)"
	"     <> (SELECT exchange_id FROM connection WHERE connection.id = connection_id))";
static const char sql_members_unborn[] =
	"DELETE FROM connection_member WHERE port_id = :old AND from_utc_sec >= " MOVE("at_utc_sec")
	" AND connection_id IN (SELECT c.id FROM connection AS c WHERE c.asn IS " MOVE("asn") ")";
static const char sql_members_left[] =
	"UPDATE connection_member SET to_utc_sec = " MOVE("at_utc_sec")
	" WHERE port_id = :old AND (to_utc_sec IS NULL OR to_utc_sec > " MOVE("at_utc_sec") ")"
	" AND connection_id IN (SELECT c.id FROM connection AS c WHERE c.asn IS " MOVE("asn") ")";

static const char sql_forget_own[] =
	"DELETE FROM checkpoint WHERE port_id = " MOVE("new_id");
static const char sql_forget_connections[] =
	"DELETE FROM connection_checkpoint WHERE connection_id IN"
	" (SELECT connection_id FROM connection_member WHERE port_id IN (:old, " MOVE("new_id") "))";
/* Both are advised anew where they still are; closed weeks are counted again. */
static const char sql_forget_advice[] =
	"DELETE FROM advice WHERE port_id IN (:old, " MOVE("new_id") ")";
static const char sql_forget_connection_advice[] =
	"DELETE FROM connection_advice WHERE connection_id IN"
	" (SELECT connection_id FROM connection_member WHERE port_id IN (:old, " MOVE("new_id") "))";

static const char sql_done[] =
	"UPDATE port_move SET done_utc_sec = :now WHERE old_id = :old AND done_utc_sec IS NULL";
/* clang-format on */

/* --- may it be --- */

static bool
must_exist(struct db *db, int64_t id, struct error *err)
{
	struct db_statement *find = db_get(db, sql_exists);
	enum db_step step;

	db_bind_int(find, ":id", id);
	step = db_step(find, err);
	db_reset(find);
	return step == DB_ROW ||
	       (step == DB_DONE &&
		error_set(err, ERR_NOT_FOUND, "no port %" PRId64 " in the ledger", id));
}

/* What the row of sql_check says; column by column in the order of what is worth knowing first. */
static bool
row_allows(const struct db_statement *row, const struct ledger_move *move, struct error *err)
{
	int64_t now_asn = db_int(row, 1), asn_then = db_int(row, 2);
	char at[32];

	if (!db_is_null(row, 4))
		return error_set(
		    err, ERR_REFUSED,
		    "port %" PRId64 " moved to port %" PRId64 " at %s already; a port moves once",
		    move->old_id, db_int(row, 4), units_format_utc(at, sizeof(at), db_int(row, 5)));
	if (db_int(row, 7) != 0)
		return error_set(err, ERR_REFUSED,
				 "port %" PRId64 " continues port %" PRId64
				 ": moved back, its history would run in a circle",
				 move->old_id, move->new_id);
	if (!db_is_null(row, 6))
		return error_set(err, ERR_REFUSED,
				 "port %" PRId64 " moved to port %" PRId64 " itself", move->new_id,
				 db_int(row, 6));
	if (!db_is_null(row, 3))
		return error_set(err, ERR_REFUSED,
				 "port %" PRId64 " continues port %" PRId64
				 " already; two ports cannot become one",
				 move->new_id, db_int(row, 3));
	if (db_int(row, 0) != 0)
		return error_set(err, ERR_REFUSED,
				 "port %" PRId64
				 " is watched no more; only a watched port can go on as another",
				 move->new_id);
	if (now_asn != 0 && asn_then != 0 && now_asn != asn_then)
		return error_set(err, ERR_REFUSED,
				 "port %" PRId64 " was AS%" PRId64 "'s, port %" PRId64
				 " is AS%" PRId64
				 "'s: what one peer carried says nothing of another",
				 move->old_id, asn_then, move->new_id, now_asn);
	return true;
}

bool
ledger_move_check(struct ledger *ledger, const struct ledger_move *move, struct error *err)
{
	struct db_statement *check;
	enum db_step step;
	bool allowed = false;

	if (move->old_id == move->new_id)
		return error_set(err, ERR_USAGE, "a port moves to another port");
	if (!must_exist(ledger->db, move->old_id, err) ||
	    !must_exist(ledger->db, move->new_id, err))
		return false;
	check = db_get(ledger->db, sql_check);
	db_bind_int(check, ":old", move->old_id);
	db_bind_int(check, ":new", move->new_id);
	db_bind_int(check, ":at", move->at_utc_sec);
	step = db_step(check, err);
	if (step == DB_ROW)
		allowed = row_allows(check, move, err);
	db_reset(check);
	return step == DB_ROW && allowed;
}

/* --- noted --- */

bool
ledger_move_put(struct ledger *ledger, const struct ledger_move *move, struct error *err)
{
	struct db_statement *put = db_get(ledger->db, sql_put);

	db_bind_int(put, ":old", move->old_id);
	db_bind_int(put, ":new", move->new_id);
	db_bind_int(put, ":at", move->at_utc_sec);
	db_bind_text(put, ":actor", move->actor);
	db_bind_text(put, ":reason", move->reason);
	db_bind_int(put, ":moved", move->moved_utc_sec);
	return db_run(put, err) || error_wrap(err, "move of port %" PRId64, move->old_id);
}

bool
ledger_move_withdraw(struct ledger *ledger, int64_t old_id, struct error *err)
{
	struct db_statement *withdraw = db_get(ledger->db, sql_withdraw);

	db_bind_int(withdraw, ":old", old_id);
	return db_run(withdraw, err) || error_wrap(err, "move of port %" PRId64, old_id);
}

/* --- done --- */

static bool
run_each(struct db *db, const char *const *texts, size_t count, int64_t old_id, struct error *err)
{
	for (size_t i = 0; i < count; i++) {
		struct db_statement *statement = db_get(db, texts[i]);

		db_bind_int(statement, ":old", old_id);
		if (!db_run(statement, err))
			return false;
	}
	return true;
}

/* What is said about the old port counts for the new one: silences and acknowledgements.  An alert that stands about the
 * old one ends, for it is watched no more; the new one has its own as soon as it is looked at.  (Verdict and days follow
 * from judging anew; declared windows, peers and capacities are read through port_past.)  old_id's move is in port_move. */
static bool
ledger_port_carry(struct ledger *ledger, int64_t old_id, struct error *err)
{
	static const char *const texts[] = { sql_episodes, sql_verdicts, sql_quiets };

	return run_each(ledger->db, texts, sizeof(texts) / sizeof(texts[0]), old_id, err);
}

static bool
move_done(struct ledger *ledger, int64_t old_id, int64_t at_utc_sec, struct error *err)
{
	static const char *const texts[] = {
		sql_past_own,       sql_past_of_past,
		sql_retire,         sql_members_came,
		sql_members_unborn, sql_members_left,
		sql_forget_own,     sql_forget_connections,
		sql_forget_advice,  sql_forget_connection_advice,
	};
	struct db_statement *done;

	if (!run_each(ledger->db, texts, sizeof(texts) / sizeof(texts[0]), old_id, err) ||
	    !ledger_port_carry(ledger, old_id, err))
		return false;
	done = db_get(ledger->db, sql_done);
	db_bind_int(done, ":old", old_id);
	db_bind_int(done, ":now", at_utc_sec);
	return db_run(done, err);
}

bool
ledger_move_done(struct ledger *ledger, int64_t old_id, int64_t at_utc_sec, struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, move_done(ledger, old_id, at_utc_sec, err), err)) ||
	       error_wrap(err, "move of port %" PRId64, old_id);
}

/* --- asked --- */

static struct ledger_move
move_of_row(const struct db_statement *row)
{
	return (struct ledger_move) {
		.old_id = db_int(row, 0),
		.new_id = db_int(row, 15),
		.at_utc_sec = db_int(row, 16),
		.asn = (uint32_t)db_int(row, 17),
		.actor = db_text(row, 18),
		.reason = db_text(row, 19),
		.moved_utc_sec = db_int(row, 20),
		.done_utc_sec = db_int(row, 21),
		.is_retired = db_int(row, LEDGER_PORT_RETIRED) != 0,
	};
}

bool
ledger_move_each(struct ledger *ledger, ledger_on_move *on_move, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_each);
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_move move = move_of_row(each);
		struct port old = ledger_port_of_row(each);

		more = on_move(&move, &old, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "ports that moved");
}

bool
ledger_move_of(struct ledger *ledger, int64_t port_id, struct ledger_way *way, struct error *err)
{
	struct db_statement *of = db_get(ledger->db, sql_of);
	enum db_step step;

	*way = (struct ledger_way) { .moved_to = 0 };
	db_bind_int(of, ":port", port_id);
	while ((step = db_step(of, err)) == DB_ROW) {
		if (db_int(of, 0) != 0) {
			way->moved_to = db_int(of, 0);
			way->moved_utc_sec = db_int(of, 2);
		} else {
			way->continues = db_int(of, 1);
			way->continues_utc_sec = db_int(of, 2);
		}
	}
	db_reset(of);
	return step != DB_FAIL || error_wrap(err, "port %" PRId64, port_id);
}
