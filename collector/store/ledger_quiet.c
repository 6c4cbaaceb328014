/* ledger_quiet.c - silences and acknowledgements: added, ended early, listed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/alert.h"
#include "ixwatch/units.h"
#include "store/ledger_private.h"

#define QUIET_OF_ALERT WINDOW_SCOPE_COUNT /* one more way to say whom it concerns */

/* A scope that is not there is no row, and nothing is inserted. */
/* clang-format off */
#define INSERT_INTO(column)								\
	"INSERT INTO quiet (" column ", kind, start_utc_sec, end_utc_sec, until_utc_sec, reason, author,"	\
	" created_utc_sec) SELECT "
#define INSERTED ", :kind, :start, :end, :end, :reason, :author, :created"

static const char *const sql_insert[WINDOW_SCOPE_COUNT + 1] = {
	[WINDOW_PORT] = INSERT_INTO("port_id") "id" INSERTED " FROM port WHERE id = :port",
	[WINDOW_PEER] = INSERT_INTO("asn") "asn" INSERTED " FROM peer WHERE asn = :asn",
	[WINDOW_AGENT] = INSERT_INTO("agent_id") "agent.id" INSERTED
		" FROM agent JOIN exchange ON exchange.id = agent.exchange_id"
		" WHERE slug = :exchange AND agent.name = :agent",
	[WINDOW_EXCHANGE] = INSERT_INTO("exchange_id") "id" INSERTED
		" FROM exchange WHERE slug = :exchange",
	[QUIET_OF_ALERT] = INSERT_INTO("alert_id") "id" INSERTED " FROM alert WHERE id = :alert"
		" AND ended_utc_sec IS NULL",
};

static const char sql_end[] =
	"UPDATE quiet SET until_utc_sec = max(:at, start_utc_sec), ended_utc_sec = :at, ended_by = :who"
	" WHERE id = :id";

static const char sql_each[] =
	"SELECT q.id, q.kind, q.port_id, q.asn, q.agent_id, q.alert_id, exchange.slug, agent.name,"
	" port.interface, q.start_utc_sec, q.end_utc_sec, q.until_utc_sec, q.reason, q.author,"
	" q.created_utc_sec, q.ended_utc_sec, q.ended_by"
	" FROM quiet AS q LEFT JOIN port ON port.id = q.port_id"
	" LEFT JOIN agent ON agent.id = coalesce(q.agent_id, port.agent_id)"
	" LEFT JOIN exchange ON exchange.id = coalesce(q.exchange_id, agent.exchange_id)"
	" LEFT JOIN alert AS a ON a.id = q.alert_id"
	" WHERE (:kind IS NULL OR q.kind = :kind) AND (:id IS NULL OR q.id = :id)"
	" AND (:after IS NULL OR ((q.until_utc_sec IS NULL OR q.until_utc_sec > :after)"
	"   AND a.ended_utc_sec IS NULL))"
	" ORDER BY q.start_utc_sec, q.id";
/* clang-format on */

char *
quiet_scope_text(char *dst, size_t len, const struct ledger_quiet *quiet)
{
	struct ledger_window window = { .scope = quiet->scope,
					.port_id = quiet->port_id,
					.asn = quiet->asn,
					.exchange = quiet->exchange,
					.agent = quiet->agent,
					.interface = quiet->interface };

	if (quiet->alert_id == 0)
		return window_scope_text(dst, len, &window);
	snprintf(dst, len, "alert:%" PRId64, quiet->alert_id);
	return dst;
}

/* --- added --- */

static bool
unknown_scope(const struct ledger_quiet *quiet, struct error *err)
{
	char scope[768];

	return error_set(err, ERR_NOT_FOUND, "no %s in the ledger",
			 quiet->alert_id != 0 ? "such alert is open"
					      : quiet_scope_text(scope, sizeof(scope), quiet));
}

static void
bind_scope(struct db_statement *insert, const struct ledger_quiet *quiet)
{
	if (quiet->alert_id != 0)
		db_bind_int(insert, ":alert", quiet->alert_id);
	else if (quiet->scope == WINDOW_PORT)
		db_bind_int(insert, ":port", quiet->port_id);
	else if (quiet->scope == WINDOW_PEER)
		db_bind_int(insert, ":asn", quiet->asn);
	else
		db_bind_text(insert, ":exchange", quiet->exchange);
	if (quiet->alert_id == 0 && quiet->scope == WINDOW_AGENT)
		db_bind_text(insert, ":agent", quiet->agent);
}

static bool
is_sound(const struct ledger_quiet *quiet, struct error *err)
{
	if (quiet->kind == QUIET_SILENCE && quiet->end_utc_sec == 0)
		return error_set(err, ERR_USAGE, "a silence needs an end");
	if (quiet->end_utc_sec != 0 && quiet->end_utc_sec <= quiet->start_utc_sec)
		return error_set(err, ERR_USAGE, "its end is not after its start");
	if (quiet->end_utc_sec - quiet->start_utc_sec > LEDGER_SILENCE_MAX_SEC)
		return error_set(err, ERR_USAGE, "longer than 366 days");
	return true;
}

bool
ledger_quiet_add(struct ledger *ledger, const struct ledger_quiet *quiet, int64_t *id,
		 struct error *err)
{
	struct db_statement *insert =
	    db_get(ledger->db, sql_insert[quiet->alert_id != 0 ? QUIET_OF_ALERT : quiet->scope]);

	if (!is_sound(quiet, err))
		return error_wrap(err, "%s", quiet_kind_name(quiet->kind));
	bind_scope(insert, quiet);
	db_bind_text(insert, ":kind", quiet_kind_name(quiet->kind));
	db_bind_int(insert, ":start", quiet->start_utc_sec);
	ledger_bind_id(insert, ":end", quiet->end_utc_sec);
	db_bind_text(insert, ":reason", quiet->reason);
	db_bind_text(insert, ":author", quiet->author);
	db_bind_int(insert, ":created", quiet->created_utc_sec);
	if (!db_run(insert, err) || (db_changes(ledger->db) == 0 && !unknown_scope(quiet, err)))
		return error_wrap(err, "%s", quiet_kind_name(quiet->kind));
	*id = db_last_id(ledger->db);
	return true;
}

/* --- ended --- */

struct ending_look {
	bool found;
	int64_t until_utc_sec;
};

static bool
on_ending(const struct ledger_quiet *quiet, void *user)
{
	*(struct ending_look *)user = (struct ending_look) { true, quiet->until_utc_sec };
	return true;
}

bool
ledger_quiet_end(struct ledger *ledger, enum quiet_kind kind, int64_t id, int64_t at_utc_sec,
		 const char *who, struct error *err)
{
	struct ledger_quiet_query query = { .kind = kind, .id = id };
	struct ending_look look = { .found = false };
	struct db_statement *end;
	char text[32];

	if (!ledger_quiet_each(ledger, &query, on_ending, &look, err))
		return false;
	if (!look.found)
		return error_set(err, ERR_NOT_FOUND, "no %s %" PRId64 " in the ledger",
				 quiet_kind_name(kind), id);
	if (look.until_utc_sec != 0 && look.until_utc_sec <= at_utc_sec)
		return error_set(err, ERR_REFUSED, "%s %" PRId64 " ended at %s already",
				 quiet_kind_name(kind), id,
				 units_format_utc(text, sizeof(text), look.until_utc_sec));
	end = db_get(ledger->db, sql_end);
	db_bind_int(end, ":id", id);
	db_bind_int(end, ":at", at_utc_sec);
	db_bind_text(end, ":who", who);
	return db_run(end, err) || error_wrap(err, "%s %" PRId64, quiet_kind_name(kind), id);
}

/* --- listed --- */

static struct ledger_quiet
quiet_of_row(const struct db_statement *row)
{
	return (struct ledger_quiet) {
		.id = db_int(row, 0),
		.kind = strcmp(db_text(row, 1), quiet_kind_name(QUIET_SILENCE)) == 0
			    ? QUIET_SILENCE
			    : QUIET_ACKNOWLEDGEMENT,
		.alert_id = db_int(row, 5),
		.scope = !db_is_null(row, 2)   ? WINDOW_PORT
			 : !db_is_null(row, 3) ? WINDOW_PEER
			 : !db_is_null(row, 4) ? WINDOW_AGENT
					       : WINDOW_EXCHANGE,
		.port_id = db_int(row, 2),
		.asn = (uint32_t)db_int(row, 3),
		.exchange = db_text(row, 6),
		.agent = db_text(row, 7),
		.interface = db_text(row, 8),
		.start_utc_sec = db_int(row, 9),
		.end_utc_sec = db_int(row, 10),
		.until_utc_sec = db_int(row, 11),
		.reason = db_text(row, 12),
		.author = db_text(row, 13),
		.created_utc_sec = db_int(row, 14),
		.ended_utc_sec = db_int(row, 15),
		.ended_by = db_text(row, 16),
	};
}

bool
ledger_quiet_each(struct ledger *ledger, const struct ledger_quiet_query *query,
		  ledger_on_quiet *on_quiet, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_each);
	enum db_step step;
	bool more = true;

	db_bind_text(each, ":kind", query->any_kind ? NULL : quiet_kind_name(query->kind));
	ledger_bind_id(each, ":id", query->id);
	ledger_bind_id(each, ":after", query->after_utc_sec);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_quiet quiet = quiet_of_row(each);

		more = on_quiet(&quiet, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "silences and acknowledgements");
}
