/* ledger_port.c - ports, listed and found, and which of them are still there.  Put: ledger_port_put.c. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"
#include "store/ledger_private.h"

static const char sql_each[] =
    LEDGER_PORT_ROWS " WHERE NOT exchange.retired AND NOT port.retired"
		     " ORDER BY exchange.slug, agent.name, port.interface";

static const char sql_by_id[] = LEDGER_PORT_ROWS " WHERE port.id = :id";

static const char sql_by_name[] =
    LEDGER_PORT_ROWS " WHERE exchange.slug = :exchange AND agent.name = :agent"
		     " AND port.interface = :interface";

static const char sql_vanished[] =
    "UPDATE port SET vanished_utc_sec = :at WHERE id = :id AND vanished_utc_sec IS NOT :at";

static const char sql_retire[] =
    "UPDATE port SET retired = :retired WHERE id = :id AND retired <> :retired";

static const char sql_exists[] = "SELECT 1 FROM port WHERE id = :id";

/* Texts are lent until the row's statement goes on. */
struct port
ledger_port_of_row(const struct db_statement *row)
{
	return (struct port) {
		.id = db_int(row, 0),
		.exchange = db_text(row, 1),
		.agent = db_text(row, 2),
		.interface = db_text(row, 3),
		.alias = db_text(row, 4),
		.peer = db_text(row, 5),
		.path = db_text(row, 6),
		.note = db_text(row, 7),
		.circuit = db_text(row, 8),
		.asn = (uint32_t)db_int(row, 9),
		.kind = ledger_kind(row, 10),
		.contracted_bps = db_real(row, 11),
		.contract_billed = db_int(row, 12) != 0,
		.vanished_utc_sec = db_int(row, 13),
	};
}

struct db_statement *
ledger_port_get(struct db *db, const char *exchange, const char *agent, const char *interface)
{
	struct db_statement *find = db_get(db, sql_by_name);

	db_bind_text(find, ":exchange", exchange);
	db_bind_text(find, ":agent", agent);
	db_bind_text(find, ":interface", interface);
	return find;
}

/* --- gone and back --- */

/* A change that found nothing to do: because it was done before, or because there is no such port. */
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

bool
ledger_port_vanished(struct ledger *ledger, int64_t id, int64_t at_utc_sec, struct error *err)
{
	struct db_statement *update = db_get(ledger->db, sql_vanished);

	db_bind_int(update, ":id", id);
	ledger_bind_id(update, ":at", at_utc_sec);
	return db_run(update, err) &&
	       (db_changes(ledger->db) > 0 || must_exist(ledger->db, id, err));
}

bool
ledger_port_retire(struct ledger *ledger, int64_t id, bool retired, struct error *err)
{
	struct db_statement *update = db_get(ledger->db, sql_retire);

	db_bind_int(update, ":id", id);
	db_bind_int(update, ":retired", retired);
	return db_run(update, err) &&
	       (db_changes(ledger->db) > 0 || must_exist(ledger->db, id, err));
}

/* --- whose it was --- */

/* What was measured on another port, before it moved here, was whose that one was then. */
/* clang-format off */
#define BEGAN(h)									\
	"CASE WHEN EXISTS (SELECT 1 FROM port_history AS earlier"			\
	"   WHERE earlier.port_id = " h ".port_id AND earlier.from_utc_sec < " h ".from_utc_sec)"	\
	" THEN " h ".from_utc_sec ELSE 0 END"

#define FOREVER "9223372036854775807"

#define FACED(which)									\
	"SELECT began, ended, asn, slug FROM ("						\
	"SELECT max(" BEGAN("h") ", ifnull((SELECT max(to_utc_sec) FROM port_past WHERE port_id = :id), 0)) AS began,"	\
	"   ifnull(h.to_utc_sec, " FOREVER ") AS ended, h.asn AS asn, port.agent_id AS agent_id"		\
	" FROM port_history AS h JOIN port ON port.id = h.port_id"			\
	" WHERE port.id = :id AND " which						\
	" UNION ALL "									\
	"SELECT max(" BEGAN("h") ", past.from_utc_sec), min(ifnull(h.to_utc_sec, past.to_utc_sec), past.to_utc_sec),"	\
	"   h.asn, old.agent_id"							\
	" FROM port_past AS past JOIN port ON port.id = past.port_id JOIN port AS old ON old.id = past.old_id"	\
	" JOIN port_history AS h ON h.port_id = past.old_id"				\
	" WHERE past.port_id = :id AND " which ")"					\
	" JOIN agent ON agent.id = agent_id JOIN exchange ON exchange.id = exchange_id"	\
	" WHERE began < ended ORDER BY began"

static const char sql_others[] = FACED("h.asn <> port.asn");
static const char sql_faced[] = FACED("1");
/* clang-format on */

bool
ledger_port_faced_each(struct ledger *ledger, int64_t id, ledger_on_faced *on_faced, void *user,
		       struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_faced);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":id", id);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		const struct ledger_faced faced = { .exchange = db_text(each, 3),
						    .asn = (uint32_t)db_int(each, 2),
						    .from_utc_sec = db_int(each, 0),
						    .to_utc_sec = db_int(each, 1) };

		more = on_faced(&faced, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "peers of port %" PRId64, id);
}

bool
ledger_port_others_each(struct ledger *ledger, int64_t id, ledger_on_span *on_span, void *user,
			struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_others);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":id", id);
	while (more && (step = db_step(each, err)) == DB_ROW)
		more = on_span(db_int(each, 0), db_int(each, 1), user);
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "peers of port %" PRId64, id);
}

/* --- listed and found --- */

bool
ledger_port_each(struct ledger *ledger, ledger_on_port *on_port, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_each);
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct port port = ledger_port_of_row(each);

		more = on_port(&port, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "ports");
}

static struct db_statement *
get_by_id(struct db *db, uint64_t id)
{
	struct db_statement *find = db_get(db, sql_by_id);

	db_bind_int(find, ":id", (int64_t)id);
	return find;
}

/* "exchange/agent/ifName": neither of the first two holds a slash, the third may.  NULL when it is not of that form. */
static struct db_statement *
get_by_path(struct db *db, char *name)
{
	char *agent = strchr(name, '/');
	char *interface = agent != NULL ? strchr(agent + 1, '/') : NULL;

	if (interface == NULL)
		return NULL;
	*agent++ = '\0';
	*interface++ = '\0';
	return ledger_port_get(db, name, agent, interface);
}

bool
ledger_port_find(struct ledger *ledger, const char *name, ledger_on_port *on_port, void *user,
		 struct error *err)
{
	char parts[1024];
	uint64_t id;
	struct db_statement *find = NULL;
	enum db_step step = DB_DONE;

	if (units_parse_uint(name, 1, INT64_MAX, &id))
		find = get_by_id(ledger->db, id);
	else if (snprintf(parts, sizeof(parts), "%s", name) < (int)sizeof(parts))
		find = get_by_path(ledger->db, parts);
	if (find != NULL)
		step = db_step(find, err);
	if (step == DB_FAIL)
		return error_wrap(err, "port");
	if (step == DB_DONE)
		return error_set(
		    err, ERR_NOT_FOUND,
		    "no port \"%.300s\": a port is named by its id or as exchange/agent/ifName",
		    name);
	struct port port = ledger_port_of_row(find);
	on_port(&port, user);
	db_reset(find);
	return true;
}
