/* ledger_port_put.c - a port as the configuration and its agent know it now, and whose it was when. */
#include <math.h>
#include <string.h>

#include "store/ledger_private.h"

static const char sql_agent_find[] = "SELECT exchange.id, agent.id FROM exchange LEFT JOIN agent"
				     " ON agent.exchange_id = exchange.id AND agent.name = :agent"
				     " WHERE exchange.slug = :exchange";

static const char sql_agent_insert[] =
    "INSERT INTO agent (exchange_id, name) VALUES (:exchange, :name)";

/* The first name heard stays: peers spell theirs differently on each port. */
static const char sql_peer_put[] =
    "INSERT INTO peer (asn, name) VALUES (:asn, :name) ON CONFLICT (asn)"
    " DO UPDATE SET name = excluded.name WHERE peer.name = '' AND excluded.name <> ''";

static const char sql_insert[] =
    "INSERT INTO port (agent_id, interface, path, alias, peer, asn, kind, note, circuit,"
    " contracted_bps, contract_billed, first_seen_utc_sec)"
    " VALUES (:agent, :interface, :path, :alias, :peer, :asn, :kind, :note, :circuit,"
    " :contracted, :billed, :at)";

static const char sql_update[] =
    "UPDATE port"
    " SET path = :path, alias = :alias, peer = :peer, asn = :asn, kind = :kind, note = :note,"
    " circuit = :circuit, contracted_bps = :contracted, contract_billed = :billed, retired = 0"
    " WHERE id = :id";

/* A change within the second in which the entry began replaces it. */
static const char sql_history_close[] =
    "UPDATE port_history SET to_utc_sec = :at"
    " WHERE port_id = :port AND to_utc_sec IS NULL AND from_utc_sec < :at";

static const char sql_history_open[] =
    "INSERT INTO port_history (port_id, from_utc_sec, alias, peer, asn, kind)"
    " VALUES (:port, :at, :alias, :peer, :asn, :kind)";

static const char sql_history_amend[] =
    "UPDATE port_history SET alias = :alias, peer = :peer, asn = :asn, kind = :kind"
    " WHERE port_id = :port AND to_utc_sec IS NULL";

static bool
agent_insert(struct db *db, int64_t exchange_id, const char *name, int64_t *id, struct error *err)
{
	struct db_statement *insert = db_get(db, sql_agent_insert);

	db_bind_int(insert, ":exchange", exchange_id);
	db_bind_text(insert, ":name", name);
	if (!db_run(insert, err))
		return false;
	*id = db_last_id(db);
	return true;
}

static bool
agent_id(struct db *db, const struct port *port, int64_t *id, struct error *err)
{
	struct db_statement *find = db_get(db, sql_agent_find);
	int64_t exchange_id;
	enum db_step step;

	db_bind_text(find, ":exchange", port->exchange);
	db_bind_text(find, ":agent", port->agent);
	step = db_step(find, err);
	if (step == DB_FAIL)
		return false;
	if (step == DB_DONE)
		return error_set(err, ERR_NOT_FOUND, "no exchange %s in the ledger",
				 port->exchange);
	exchange_id = db_int(find, 0);
	*id = db_int(find, 1);
	db_reset(find);
	return *id != 0 || agent_insert(db, exchange_id, port->agent, id, err);
}

static bool
peer_put(struct db *db, const struct port *port, struct error *err)
{
	struct db_statement *put;

	if (port->asn == 0)
		return true;
	put = db_get(db, sql_peer_put);
	db_bind_int(put, ":asn", port->asn);
	db_bind_text(put, ":name", port->peer);
	return db_run(put, err);
}

static void
bind_identity(struct db_statement *statement, const struct port *port)
{
	db_bind_text(statement, ":alias", port->alias);
	db_bind_text(statement, ":peer", port->peer);
	ledger_bind_id(statement, ":asn", port->asn);
	ledger_bind_kind(statement, ":kind", port->kind);
}

static void
bind_settings(struct db_statement *statement, const struct port *port)
{
	db_bind_text(statement, ":path", port->path);
	db_bind_text(statement, ":note", port->note);
	db_bind_text(statement, ":circuit", port->circuit);
	db_bind_real(statement, ":contracted", port->contracted_bps);
	db_bind_int(statement, ":billed", port->contract_billed);
}

static bool
history_open(struct db *db, const struct port *port, int64_t id, int64_t at_utc_sec,
	     struct error *err)
{
	struct db_statement *open = db_get(db, sql_history_open);

	db_bind_int(open, ":port", id);
	db_bind_int(open, ":at", at_utc_sec);
	bind_identity(open, port);
	return db_run(open, err);
}

static bool
history_turn(struct db *db, const struct port *port, int64_t id, int64_t at_utc_sec,
	     struct error *err)
{
	struct db_statement *close = db_get(db, sql_history_close);
	struct db_statement *amend;

	db_bind_int(close, ":port", id);
	db_bind_int(close, ":at", at_utc_sec);
	if (!db_run(close, err))
		return false;
	if (db_changes(db) > 0)
		return history_open(db, port, id, at_utc_sec, err);
	amend = db_get(db, sql_history_amend);
	db_bind_int(amend, ":port", id);
	bind_identity(amend, port);
	return db_run(amend, err);
}

static bool
port_insert(struct db *db, const struct port *port, int64_t at_utc_sec, int64_t *id,
	    struct error *err)
{
	struct db_statement *insert;
	int64_t agent;

	if (!agent_id(db, port, &agent, err) || !peer_put(db, port, err))
		return false;
	insert = db_get(db, sql_insert);
	db_bind_int(insert, ":agent", agent);
	db_bind_text(insert, ":interface", port->interface);
	db_bind_int(insert, ":at", at_utc_sec);
	bind_identity(insert, port);
	bind_settings(insert, port);
	if (!db_run(insert, err))
		return false;
	*id = db_last_id(db);
	return history_open(db, port, *id, at_utc_sec, err);
}

static bool
port_update(struct db *db, const struct port *port, int64_t id, struct error *err)
{
	struct db_statement *update = db_get(db, sql_update);

	db_bind_int(update, ":id", id);
	bind_identity(update, port);
	bind_settings(update, port);
	return peer_put(db, port, err) && db_run(update, err);
}

static bool
is_same_identity(const struct port *old, const struct port *now)
{
	return old->asn == now->asn && old->kind == now->kind &&
	       strcmp(old->alias, now->alias) == 0 && strcmp(old->peer, now->peer) == 0;
}

static bool
is_same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool
is_same_settings(const struct port *old, const struct port *now)
{
	return strcmp(old->path, now->path) == 0 && strcmp(old->note, now->note) == 0 &&
	       strcmp(old->circuit, now->circuit) == 0 &&
	       old->contract_billed == now->contract_billed &&
	       is_same_number(old->contracted_bps, now->contracted_bps);
}

static bool
port_put(struct db *db, const struct port *port, int64_t at_utc_sec, int64_t *id, struct error *err)
{
	struct db_statement *find =
	    ledger_port_get(db, port->exchange, port->agent, port->interface);
	enum db_step step = db_step(find, err);
	bool identity_stands, settings_stand;
	struct port old;

	if (step == DB_FAIL)
		return false;
	if (step == DB_DONE)
		return port_insert(db, port, at_utc_sec, id, err);
	old = ledger_port_of_row(find);
	identity_stands = is_same_identity(&old, port);
	settings_stand = is_same_settings(&old, port) && db_int(find, LEDGER_PORT_RETIRED) == 0;
	db_reset(find);
	*id = old.id;
	if (identity_stands && settings_stand)
		return true;
	return port_update(db, port, old.id, err) &&
	       (identity_stands || history_turn(db, port, old.id, at_utc_sec, err));
}

bool
ledger_port_put(struct ledger *ledger, const struct port *port, int64_t at_utc_sec, int64_t *id,
		struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, port_put(ledger->db, port, at_utc_sec, id, err), err)) ||
	       error_wrap(err, "port %s/%s/%s", port->exchange, port->agent, port->interface);
}
