/* ledger_window.c - declared windows: added, ended early or withdrawn, and which of them apply to a port.
 *
 * A window for a peer applies to every port that was that peer's at some time of the window; what was before the first
 * entry of a port's history (history brought in from elsewhere) counts as that entry's.
 *
 * To a port that continues another applies what applied to that one then.  That is read through and not copied: a window
 * that is ended early, or replaced by its calendar, is ended for both. */
#include <inttypes.h>
#include <stdio.h>

#include "ixwatch/units.h"
#include "store/ledger_private.h"

#define UNBOUNDED_UTC_SEC (INT64_MAX / 4)

static const char *const scope_names[WINDOW_SCOPE_COUNT] = { "port", "peer", "agent", "exchange" };

/* A scope that is not there is no row, and nothing is inserted. */
/* clang-format off */
#define INSERT_INTO(column)								\
	"INSERT INTO declared_window (" column ", start_utc_sec, end_utc_sec, until_utc_sec, cause,"	\
	" reason, author, uid, created_utc_sec)"					\
	" SELECT "
#define INSERTED ", :start, :end, :end, :cause, :reason, :author, :uid, :created"

static const char *const sql_insert[WINDOW_SCOPE_COUNT] = {
	[WINDOW_PORT] = INSERT_INTO("port_id") "id" INSERTED " FROM port WHERE id = :port",
	[WINDOW_PEER] = INSERT_INTO("asn") "asn" INSERTED " FROM peer WHERE asn = :asn",
	[WINDOW_AGENT] = INSERT_INTO("agent_id") "agent.id" INSERTED
		" FROM agent JOIN exchange ON exchange.id = agent.exchange_id"
		" WHERE slug = :exchange AND agent.name = :agent",
	[WINDOW_EXCHANGE] = INSERT_INTO("exchange_id") "id" INSERTED
		" FROM exchange WHERE slug = :exchange",
};

static const char *const sql_scope[WINDOW_SCOPE_COUNT] = {
	[WINDOW_PORT] = "SELECT 1 FROM port WHERE id = :port",
	[WINDOW_PEER] = "SELECT 1 FROM peer WHERE asn = :asn",
	[WINDOW_AGENT] = "SELECT 1 FROM agent JOIN exchange ON exchange.id = agent.exchange_id"
		" WHERE slug = :exchange AND agent.name = :agent",
	[WINDOW_EXCHANGE] = "SELECT 1 FROM exchange WHERE slug = :exchange",
};

static const char sql_find[] =
	"SELECT start_utc_sec, until_utc_sec FROM declared_window WHERE id = :id";

static const char sql_end[] =
	"UPDATE declared_window SET until_utc_sec = :until, ended_utc_sec = :at, ended_by = :who"
	" WHERE id = :id";

/* Since when a port is itself; before, its past is another's. */
#define BEGAN(port_id)									\
	"ifnull((SELECT max(to_utc_sec) FROM port_past WHERE port_id = " port_id "), -9000000000000000)"

/* Whether window w was about the peer that port had then. */
#define OF_PEER(w, port_id)								\
	"(" w ".asn IN (SELECT asn FROM port_history WHERE port_id = " port_id ")"	\
	"   AND EXISTS (SELECT 1 FROM port_history AS h"				\
	"     WHERE h.port_id = " port_id " AND h.asn = " w ".asn"			\
	"     AND (h.to_utc_sec IS NULL OR h.to_utc_sec > " w ".start_utc_sec)"		\
	"     AND (h.to_utc_sec IS NULL OR " w ".end_utc_sec > " BEGAN(port_id) ")"	\
	"     AND (h.from_utc_sec < " w ".end_utc_sec OR h.from_utc_sec ="		\
	"       (SELECT min(from_utc_sec) FROM port_history WHERE port_id = " port_id "))))"

/* Those that applied to ports that this one continues, while they were what it is now; those of a port itself, said of its
 * own past, too.  A window that began before the
 * move and goes on after it is the move's own, as often as not. */
#define OF_PAST(port_id)								\
	"w.id IN (SELECT v.id FROM port_past AS past JOIN port AS old ON old.id = past.old_id"	\
	"   JOIN agent AS old_agent ON old_agent.id = old.agent_id"			\
	"   JOIN declared_window AS v ON v.start_utc_sec < past.to_utc_sec"		\
	"   WHERE past.port_id = " port_id " AND (v.port_id = old.id"			\
	"     OR ((v.agent_id = old_agent.id OR v.exchange_id = old_agent.exchange_id"	\
	"         OR " OF_PEER("v", "old.id") ") AND v.end_utc_sec > past.from_utc_sec)))"

/* Whether window w applies to the port of that id, on that agent, at that exchange.  Each term has an index.  What was
 * declared of its agent before it continued another's past does not. */
#define APPLIES_TO(port_id, agent_id, exchange_id)					\
	"(w.port_id = " port_id								\
	" OR (w.agent_id = " agent_id " AND w.end_utc_sec > " BEGAN(port_id) ")"	\
	" OR (w.exchange_id = " exchange_id " AND w.end_utc_sec > " BEGAN(port_id) ")"	\
	" OR " OF_PEER("w", port_id)							\
	" OR " OF_PAST(port_id) ")"

#define WINDOW_ROWS									\
	"SELECT w.id, w.port_id, w.asn, w.agent_id, exchange.slug, agent.name, port.interface,"	\
	" w.start_utc_sec, w.end_utc_sec, w.until_utc_sec, w.cause, w.reason, w.author, w.uid,"	\
	" w.created_utc_sec, w.ended_utc_sec, w.ended_by"				\
	" FROM declared_window AS w LEFT JOIN port ON port.id = w.port_id"		\
	" LEFT JOIN agent ON agent.id = coalesce(w.agent_id, port.agent_id)"		\
	" LEFT JOIN exchange ON exchange.id = coalesce(w.exchange_id, agent.exchange_id)"	\
	" WHERE +w.start_utc_sec < :to"							\
	" AND CASE WHEN w.until_utc_sec > w.start_utc_sec THEN w.until_utc_sec > :from"	\
	"   ELSE :withdrawn_too AND w.end_utc_sec > :from END"				\
	" AND (:uid IS NULL OR w.uid = :uid)"
#define WINDOW_ORDER " ORDER BY w.start_utc_sec, w.id"

static const char sql_each[] = WINDOW_ROWS WINDOW_ORDER;
static const char sql_each_id[] = WINDOW_ROWS " AND w.id = :id" WINDOW_ORDER;
static const char sql_each_uid[] = WINDOW_ROWS " AND w.uid = :uid" WINDOW_ORDER;
static const char sql_each_of_port[] = WINDOW_ROWS " AND "
	APPLIES_TO(":port", "(SELECT agent_id FROM port WHERE id = :port)",
		   "(SELECT exchange_id FROM port JOIN agent ON agent.id = port.agent_id WHERE port.id = :port)")
	WINDOW_ORDER;

static const char sql_ports[] =
	"SELECT p.id FROM declared_window AS w, port AS p JOIN agent ON agent.id = p.agent_id"
	" WHERE w.id = :id AND " APPLIES_TO("p.id", "p.agent_id", "agent.exchange_id")
	" ORDER BY p.id";
/* clang-format on */

const char *
window_scope_name(enum window_scope scope)
{
	return scope_names[scope];
}

char *
window_scope_text(char *dst, size_t len, const struct ledger_window *window)
{
	const char *name = window_scope_name(window->scope);

	switch (window->scope) {
	case WINDOW_PORT:
		snprintf(dst, len, "%s:%s/%s/%s", name, window->exchange, window->agent,
			 window->interface);
		break;
	case WINDOW_PEER: snprintf(dst, len, "%s:%" PRIu32, name, window->asn); break;
	case WINDOW_AGENT:
		snprintf(dst, len, "%s:%s/%s", name, window->exchange, window->agent);
		break;
	default: snprintf(dst, len, "%s:%s", name, window->exchange);
	}
	return dst;
}

/* --- added --- */

static bool
unknown_scope(const struct ledger_window *window, struct error *err)
{
	switch (window->scope) {
	case WINDOW_PORT:
		return error_set(err, ERR_NOT_FOUND, "no port %" PRId64 " in the ledger",
				 window->port_id);
	case WINDOW_PEER:
		return error_set(err, ERR_NOT_FOUND,
				 "no peer AS%" PRIu32 " in the ledger: no port was ever theirs",
				 window->asn);
	case WINDOW_AGENT:
		return error_set(err, ERR_NOT_FOUND,
				 "no agent \"%.100s/%.100s\" in the ledger: no port was ever "
				 "found on it",
				 window->exchange, window->agent);
	default:
		return error_set(err, ERR_NOT_FOUND, "no exchange \"%.100s\" in the ledger",
				 window->exchange);
	}
}

static void
bind_scope(struct db_statement *insert, const struct ledger_window *window)
{
	if (window->scope == WINDOW_PORT)
		db_bind_int(insert, ":port", window->port_id);
	if (window->scope == WINDOW_PEER)
		db_bind_int(insert, ":asn", window->asn);
	if (window->scope == WINDOW_AGENT)
		db_bind_text(insert, ":agent", window->agent);
	if (window->scope == WINDOW_AGENT || window->scope == WINDOW_EXCHANGE)
		db_bind_text(insert, ":exchange", window->exchange);
}

bool
ledger_window_scope_check(struct ledger *ledger, const struct ledger_window *window,
			  struct error *err)
{
	struct db_statement *find = db_get(ledger->db, sql_scope[window->scope]);
	enum db_step step;

	bind_scope(find, window);
	step = db_step(find, err);
	db_reset(find);
	return step == DB_ROW || (step == DB_DONE && unknown_scope(window, err)) ||
	       error_wrap(err, "declared window");
}

static bool
window_add(struct db *db, const struct ledger_window *window, int64_t *id, struct error *err)
{
	struct db_statement *insert = db_get(db, sql_insert[window->scope]);

	bind_scope(insert, window);
	db_bind_int(insert, ":start", window->start_utc_sec);
	db_bind_int(insert, ":end", window->end_utc_sec);
	db_bind_text(insert, ":cause", window->cause);
	db_bind_text(insert, ":reason", window->reason);
	db_bind_text(insert, ":author", window->author);
	db_bind_text(insert, ":uid", window->uid);
	db_bind_int(insert, ":created", window->created_utc_sec);
	if (!db_run(insert, err))
		return false;
	if (db_changes(db) == 0)
		return unknown_scope(window, err);
	*id = db_last_id(db);
	return true;
}

bool
ledger_window_add(struct ledger *ledger, const struct ledger_window *window, int64_t *id,
		  struct error *err)
{
	if (window->end_utc_sec <= window->start_utc_sec)
		return error_set(err, ERR_USAGE, "declared window: its end is not after its start");
	if (window->end_utc_sec - window->start_utc_sec > LEDGER_WINDOW_MAX_SEC)
		return error_set(err, ERR_USAGE, "declared window: longer than 7 days");
	return window_add(ledger->db, window, id, err) || error_wrap(err, "declared window");
}

/* --- ended --- */

/* The instant from which on it will declare nothing. */
static bool
settle_end(struct db *db, int64_t id, int64_t *until_utc_sec, struct error *err)
{
	struct db_statement *find = db_get(db, sql_find);
	int64_t start_utc_sec, old_utc_sec;
	enum db_step step;
	char text[32];

	db_bind_int(find, ":id", id);
	step = db_step(find, err);
	if (step == DB_DONE)
		return error_set(err, ERR_NOT_FOUND, "no window %" PRId64 " in the ledger", id);
	if (step == DB_FAIL)
		return false;
	start_utc_sec = db_int(find, 0);
	old_utc_sec = db_int(find, 1);
	db_reset(find);
	if (old_utc_sec == start_utc_sec)
		return error_set(err, ERR_REFUSED, "window %" PRId64 " is withdrawn already", id);
	if (*until_utc_sec >= old_utc_sec)
		return error_set(err, ERR_REFUSED,
				 "window %" PRId64
				 " ends at %s already: an earlier instant ends it "
				 "there, its start withdraws it",
				 id, units_format_utc(text, sizeof(text), old_utc_sec));
	if (*until_utc_sec < start_utc_sec)
		*until_utc_sec = start_utc_sec;
	return true;
}

static bool
window_end(struct db *db, int64_t id, int64_t until_utc_sec, int64_t at_utc_sec, const char *who,
	   struct error *err)
{
	struct db_statement *end;

	if (!settle_end(db, id, &until_utc_sec, err))
		return false;
	end = db_get(db, sql_end);
	db_bind_int(end, ":id", id);
	db_bind_int(end, ":until", until_utc_sec);
	db_bind_int(end, ":at", at_utc_sec);
	db_bind_text(end, ":who", who);
	return db_run(end, err);
}

bool
ledger_window_end(struct ledger *ledger, int64_t id, int64_t until_utc_sec, int64_t at_utc_sec,
		  const char *who, struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own,
			     window_end(ledger->db, id, until_utc_sec, at_utc_sec, who, err),
			     err)) ||
	       error_wrap(err, "declared window");
}

/* --- listed --- */

static enum window_scope
scope_of_row(const struct db_statement *row)
{
	if (!db_is_null(row, 1))
		return WINDOW_PORT;
	if (!db_is_null(row, 2))
		return WINDOW_PEER;
	return db_is_null(row, 3) ? WINDOW_EXCHANGE : WINDOW_AGENT;
}

static struct ledger_window
window_of_row(const struct db_statement *row)
{
	return (struct ledger_window) {
		.id = db_int(row, 0),
		.scope = scope_of_row(row),
		.port_id = db_int(row, 1),
		.asn = (uint32_t)db_int(row, 2),
		.exchange = db_text(row, 4),
		.agent = db_text(row, 5),
		.interface = db_text(row, 6),
		.start_utc_sec = db_int(row, 7),
		.end_utc_sec = db_int(row, 8),
		.until_utc_sec = db_int(row, 9),
		.cause = db_text(row, 10),
		.reason = db_text(row, 11),
		.author = db_text(row, 12),
		.uid = db_is_null(row, 13) ? NULL : db_text(row, 13),
		.created_utc_sec = db_int(row, 14),
		.ended_utc_sec = db_int(row, 15),
		.ended_by = db_text(row, 16),
	};
}

/* By the way in that leaves the least; uid is a condition in each. */
static struct db_statement *
get_way_in(struct db *db, const struct ledger_window_query *query)
{
	struct db_statement *each;

	if (query->id != 0) {
		each = db_get(db, sql_each_id);
		db_bind_int(each, ":id", query->id);
	} else if (query->port_id != 0) {
		each = db_get(db, sql_each_of_port);
		db_bind_int(each, ":port", query->port_id);
	} else {
		each = db_get(db, query->uid != NULL ? sql_each_uid : sql_each);
	}
	return each;
}

bool
ledger_window_each(struct ledger *ledger, const struct ledger_window_query *query,
		   ledger_on_window *on_window, void *user, struct error *err)
{
	struct db_statement *each = get_way_in(ledger->db, query);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":from",
		    query->from_utc_sec != 0 ? query->from_utc_sec : -UNBOUNDED_UTC_SEC);
	db_bind_int(each, ":to", query->to_utc_sec != 0 ? query->to_utc_sec : UNBOUNDED_UTC_SEC);
	db_bind_int(each, ":withdrawn_too", query->withdrawn_too);
	db_bind_text(each, ":uid", query->uid);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_window window = window_of_row(each);

		more = on_window(&window, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "declared windows");
}

bool
ledger_window_ports(struct ledger *ledger, int64_t window_id, ledger_on_port_id *on_port_id,
		    void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_ports);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":id", window_id);
	while (more && (step = db_step(each, err)) == DB_ROW)
		more = on_port_id(db_int(each, 0), user);
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "ports of window %" PRId64, window_id);
}
