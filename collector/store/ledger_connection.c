/* ledger_connection.c - connections: which peers have several ports at an exchange, and which ports those were when. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"
#include "store/ledger_private.h"

/* clang-format off */
#define CONNECTION_ROWS										\
	"SELECT connection.id, exchange.slug, connection.asn, peer.name FROM connection"	\
	" JOIN exchange ON exchange.id = connection.exchange_id"				\
	" JOIN peer ON peer.asn = connection.asn"
/* clang-format on */

static const char sql_find[] =
    CONNECTION_ROWS " WHERE exchange.slug = :exchange AND connection.asn = :asn";

/* An exchange or a peer that is not there gives NULL, which the columns refuse. */
static const char sql_insert[] =
    "INSERT INTO connection (exchange_id, asn)"
    " SELECT exchange.id, peer.asn FROM exchange JOIN peer ON peer.asn = :asn"
    " WHERE exchange.slug = :exchange";

static const char sql_each[] =
    CONNECTION_ROWS " WHERE NOT exchange.retired ORDER BY exchange.slug, connection.asn";

static const char sql_each_of_peer[] =
    CONNECTION_ROWS " WHERE NOT exchange.retired AND connection.asn = :asn ORDER BY exchange.slug";

static const char sql_member_in_force[] =
    "SELECT from_utc_sec FROM connection_member"
    " WHERE connection_id = :connection AND port_id = :port AND to_utc_sec IS NULL";

/* A port that was never another's: what it carried before it was watched was this peer's, too.  Of one that continues
 * another: what that one carried is summed already where it was one of the connection's own, and was not this
 * connection's at another exchange. */
static const char sql_member_since[] =
    "SELECT (SELECT max(to_utc_sec) FROM connection_member"
    "    WHERE connection_id = :connection AND port_id = :port),"
    "  (SELECT max(to_utc_sec) FROM port_history WHERE port_id = :port"
    "    AND asn IS NOT (SELECT asn FROM connection WHERE id = :connection)),"
    "  (SELECT max(past.to_utc_sec) FROM port_past AS past JOIN port AS old ON old.id = past.old_id"
    "    JOIN agent ON agent.id = old.agent_id WHERE past.port_id = :port"
    "    AND (EXISTS (SELECT 1 FROM connection_member AS m WHERE m.connection_id = :connection"
    "        AND m.port_id = past.old_id)"
    "      OR agent.exchange_id <> (SELECT exchange_id FROM connection WHERE id = :connection)))";

static const char sql_member_insert[] =
    "INSERT INTO connection_member (connection_id, port_id, from_utc_sec)"
    " VALUES (:connection, :port, :from)";

/* One that left and came back within the same second never left. */
static const char sql_member_resume[] =
    "UPDATE connection_member SET to_utc_sec = NULL"
    " WHERE connection_id = :connection AND port_id = :port AND to_utc_sec = :from";

static const char sql_member_leave[] =
    "UPDATE connection_member SET to_utc_sec = max(from_utc_sec, :at)"
    " WHERE connection_id = :connection AND port_id = :port AND to_utc_sec IS NULL";

static const char sql_member_each[] =
    "SELECT port_id, port.path, from_utc_sec, to_utc_sec, port.contracted_bps, "
    "port.contract_billed,"
    " agent.name"
    " FROM connection_member JOIN port ON port.id = port_id JOIN agent ON agent.id = port.agent_id"
    " WHERE connection_id = :connection ORDER BY port_id, from_utc_sec";

/* --- connections --- */

static struct ledger_connection
connection_of_row(const struct db_statement *row)
{
	return (struct ledger_connection) {
		.id = db_int(row, 0),
		.exchange = db_text(row, 1),
		.asn = (uint32_t)db_int(row, 2),
		.peer = db_text(row, 3),
	};
}

static struct db_statement *
find_named(struct db *db, const char *sql, const char *exchange, uint32_t asn)
{
	struct db_statement *find = db_get(db, sql);

	db_bind_text(find, ":exchange", exchange);
	db_bind_int(find, ":asn", asn);
	return find;
}

static bool
connection_insert(struct db *db, const char *exchange, uint32_t asn, int64_t *id, struct error *err)
{
	if (!db_run(find_named(db, sql_insert, exchange, asn), err))
		return false;
	if (db_changes(db) == 0)
		return error_set(err, ERR_NOT_FOUND, "no exchange %s or no AS%" PRIu32, exchange,
				 asn);
	*id = db_last_id(db);
	return true;
}

static bool
connection_put(struct db *db, const char *exchange, uint32_t asn, int64_t *id, struct error *err)
{
	struct db_statement *find = find_named(db, sql_find, exchange, asn);
	enum db_step step = db_step(find, err);

	if (step == DB_ROW)
		*id = db_int(find, 0);
	db_reset(find);
	return step == DB_ROW || (step == DB_DONE && connection_insert(db, exchange, asn, id, err));
}

bool
ledger_connection_put(struct ledger *ledger, const char *exchange, uint32_t asn, int64_t *id,
		      struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, connection_put(ledger->db, exchange, asn, id, err),
			     err)) ||
	       error_wrap(err, "connection");
}

bool
ledger_connection_each(struct ledger *ledger, uint32_t asn, ledger_on_connection *on_connection,
		       void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, asn == 0 ? sql_each : sql_each_of_peer);
	enum db_step step;
	bool more = true;

	if (asn != 0)
		db_bind_int(each, ":asn", asn);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_connection connection = connection_of_row(each);

		more = on_connection(&connection, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "connections");
}

/* "exchange/AS64500" or "exchange/64500"; NULL when it is not of that form. */
static struct db_statement *
get_by_name(struct db *db, char *name)
{
	char *peer = strchr(name, '/');
	uint64_t asn;

	if (peer == NULL)
		return NULL;
	*peer++ = '\0';
	if (strncmp(peer, "AS", 2) == 0)
		peer += 2;
	return units_parse_uint(peer, 1, UINT32_MAX, &asn)
		   ? find_named(db, sql_find, name, (uint32_t)asn)
		   : NULL;
}

bool
ledger_connection_find(struct ledger *ledger, const char *name, ledger_on_connection *on_connection,
		       void *user, struct error *err)
{
	char parts[1024];
	struct db_statement *find = NULL;
	enum db_step step = DB_DONE;

	if (snprintf(parts, sizeof(parts), "%s", name) < (int)sizeof(parts))
		find = get_by_name(ledger->db, parts);
	if (find != NULL)
		step = db_step(find, err);
	if (step == DB_FAIL)
		return error_wrap(err, "connection");
	if (step == DB_DONE)
		return error_set(err, ERR_NOT_FOUND,
				 "no connection \"%.300s\": one is named as exchange/AS64500, and "
				 "there is one where a peer has two ports or more",
				 name);
	struct ledger_connection connection = connection_of_row(find);
	on_connection(&connection, user);
	db_reset(find);
	return true;
}

/* --- their ports --- */

static struct db_statement *
get_of_member(struct db *db, const char *sql, int64_t connection_id, int64_t port_id)
{
	struct db_statement *statement = db_get(db, sql);

	db_bind_int(statement, ":connection", connection_id);
	db_bind_int(statement, ":port", port_id);
	return statement;
}

/* From when it counts: see ledger_member_join. */
static bool
member_since(struct db *db, int64_t connection_id, int64_t port_id, int64_t at_utc_sec,
	     int64_t *from_utc_sec, struct error *err)
{
	struct db_statement *since = get_of_member(db, sql_member_since, connection_id, port_id);
	enum db_step step = db_step(since, err);

	if (step != DB_ROW)
		return false;
	*from_utc_sec = !db_is_null(since, 0) ? at_utc_sec : db_int(since, 1); /* NULL: 0 */
	if (*from_utc_sec < db_int(since, 2))
		*from_utc_sec = db_int(since, 2);
	db_reset(since);
	return true;
}

static bool
member_insert(struct db *db, int64_t connection_id, int64_t port_id, int64_t from_utc_sec,
	      struct error *err)
{
	struct db_statement *put = get_of_member(db, sql_member_resume, connection_id, port_id);

	db_bind_int(put, ":from", from_utc_sec);
	if (!db_run(put, err))
		return false;
	if (db_changes(db) > 0)
		return true;
	put = get_of_member(db, sql_member_insert, connection_id, port_id);
	db_bind_int(put, ":from", from_utc_sec);
	return db_run(put, err);
}

static bool
member_join(struct db *db, int64_t connection_id, int64_t port_id, int64_t at_utc_sec, bool *joined,
	    int64_t *from_utc_sec, struct error *err)
{
	struct db_statement *find = get_of_member(db, sql_member_in_force, connection_id, port_id);
	enum db_step step = db_step(find, err);

	*joined = step == DB_DONE;
	*from_utc_sec = step == DB_ROW ? db_int(find, 0) : at_utc_sec;
	db_reset(find);
	return step == DB_ROW ||
	       (step == DB_DONE &&
		member_since(db, connection_id, port_id, at_utc_sec, from_utc_sec, err) &&
		member_insert(db, connection_id, port_id, *from_utc_sec, err));
}

bool
ledger_member_join(struct ledger *ledger, int64_t connection_id, int64_t port_id,
		   int64_t at_utc_sec, bool *joined, int64_t *from_utc_sec, struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own,
			     member_join(ledger->db, connection_id, port_id, at_utc_sec, joined,
					 from_utc_sec, err),
			     err)) ||
	       error_wrap(err, "port %" PRId64 " of connection %" PRId64, port_id, connection_id);
}

bool
ledger_member_leave(struct ledger *ledger, int64_t connection_id, int64_t port_id,
		    int64_t at_utc_sec, struct error *err)
{
	struct db_statement *leave =
	    get_of_member(ledger->db, sql_member_leave, connection_id, port_id);

	db_bind_int(leave, ":at", at_utc_sec);
	return db_run(leave, err) ||
	       error_wrap(err, "port %" PRId64 " of connection %" PRId64, port_id, connection_id);
}

bool
ledger_member_each(struct ledger *ledger, int64_t connection_id, ledger_on_member *on_member,
		   void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_member_each);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":connection", connection_id);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_member member = {
			.port_id = db_int(each, 0),
			.path = db_text(each, 1),
			.from_utc_sec = db_int(each, 2),
			.to_utc_sec = db_int(each, 3),
			.contracted_bps = db_real(each, 4),
			.contract_billed = db_int(each, 5) != 0,
			.agent = db_text(each, 6),
		};

		more = on_member(&member, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "ports of connection %" PRId64, connection_id);
}
