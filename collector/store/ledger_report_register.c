/* ledger_report_register.c - what somebody said about a peer: an upgrade is ordered, something is disputed, no letters are
 * wanted, links open nothing any more.  Added and ended; never deleted. */
#include <inttypes.h>
#include <string.h>

#include "ixwatch/report.h"
#include "store/ledger_private.h"

/* clang-format off */
static const char sql_order_add[] =
	"INSERT INTO report_order (asn, exchange_id, size, capacity_bps, ready_day, ticket, waiting_on, author,"
	" created_utc_sec) SELECT :asn, id, :size, :capacity, :ready, :ticket, :waiting_on, :author, :at"
	" FROM exchange WHERE slug = :exchange";

static const char sql_dispute_add[] =
	"INSERT INTO report_dispute (asn, exchange_id, text, author, since_utc_sec)"
	" SELECT :asn, (SELECT id FROM exchange WHERE slug = :exchange), :text, :author, :at"
	" WHERE :exchange IS NULL OR EXISTS (SELECT 1 FROM exchange WHERE slug = :exchange)";

static const char sql_optout_add[] =
	"INSERT INTO report_optout (asn, reason, author, since_utc_sec) VALUES (:asn, :reason, :author, :at)";

static const char sql_revocation_add[] =
	"INSERT INTO report_revocation (report_id, asn, before_utc_sec, reason, author, at_utc_sec)"
	" SELECT :report, :asn, :before, :reason, :author, :at"
	" WHERE :report IS NULL OR EXISTS (SELECT 1 FROM report WHERE id = :report)";

static const char sql_order_end[] =
	"UPDATE report_order SET ended_utc_sec = :at, ended_by = :who, outcome = :outcome"
	" WHERE id = :id AND ended_utc_sec IS NULL";

static const char sql_dispute_decide[] =
	"UPDATE report_dispute SET decided_utc_sec = :at, decided_by = :who, outcome = :outcome"
	" WHERE id = :id AND decided_utc_sec IS NULL";

static const char sql_optout_end[] =
	"UPDATE report_optout SET ended_utc_sec = :at, ended_by = :who WHERE id = :id";

static const char sql_orders[] =
	"SELECT r.id, r.asn, slug, r.size, r.capacity_bps, r.ready_day, r.ticket, r.waiting_on, r.author,"
	" r.created_utc_sec, r.ended_utc_sec, r.ended_by, r.outcome"
	" FROM report_order AS r JOIN exchange ON exchange.id = r.exchange_id"
	" WHERE (:id IS NULL OR r.id = :id) AND (:asn IS NULL OR r.asn = :asn)"
	" AND (:exchange IS NULL OR slug = :exchange) AND (:open = 0 OR r.ended_utc_sec IS NULL)"
	" ORDER BY r.id DESC";

static const char sql_disputes[] =
	"SELECT r.id, r.asn, slug, r.text, r.author, r.since_utc_sec, r.decided_utc_sec, r.decided_by, r.outcome"
	" FROM report_dispute AS r LEFT JOIN exchange ON exchange.id = r.exchange_id"
	" WHERE (:id IS NULL OR r.id = :id) AND (:asn IS NULL OR r.asn = :asn)"
	" AND (:exchange IS NULL OR r.exchange_id IS NULL OR slug = :exchange)"
	" AND (:open = 0 OR r.decided_utc_sec IS NULL) ORDER BY r.id DESC";

static const char sql_optouts[] =
	"SELECT id, asn, reason, author, since_utc_sec, ended_utc_sec, ended_by FROM report_optout"
	" WHERE (:id IS NULL OR id = :id) AND (:asn IS NULL OR asn = :asn)"
	" AND (:open = 0 OR ended_utc_sec IS NULL) ORDER BY id DESC";

static const char sql_revocations[] =
	"SELECT id, report_id, asn, before_utc_sec, reason, author, at_utc_sec FROM report_revocation"
	" WHERE (:id IS NULL OR id = :id) AND (:asn IS NULL OR asn = :asn) ORDER BY id DESC";
/* clang-format on */

/* --- added: the schema's indexes leave one open, so it is looked for before --- */

/* The id of what is open already; 0: nothing is. */
struct seen {
	const char *exchange; /* of a dispute: just that, "" all */
	int64_t id;
	int64_t ended_utc_sec;
};

static bool
run_add(struct ledger *ledger, struct db_statement *add, const char *missing, int64_t *id,
	struct error *err)
{
	if (!db_run(add, err))
		return false;
	if (db_changes(ledger->db) == 0)
		return error_set(err, ERR_NOT_FOUND, "no %s in the ledger", missing);
	*id = db_last_id(ledger->db);
	return true;
}

static bool
on_open_order(const struct report_order *order, void *user)
{
	*(int64_t *)user = order->id;
	return false;
}

bool
ledger_order_add(struct ledger *ledger, const struct report_order *order, int64_t *id,
		 struct error *err)
{
	struct report_register_query query = { .asn = order->asn,
					       .exchange = order->exchange,
					       .open_only = true };
	struct db_statement *add;
	int64_t open = 0;

	if (!ledger_order_each(ledger, &query, on_open_order, &open, err))
		return false;
	if (open != 0)
		return error_set(err, ERR_REFUSED,
				 "order %" PRId64 " of AS%" PRIu32 " at %s is open already", open,
				 order->asn, order->exchange);
	add = db_get(ledger->db, sql_order_add);
	db_bind_int(add, ":asn", order->asn);
	db_bind_text(add, ":exchange", order->exchange);
	db_bind_text(add, ":size", order->size);
	db_bind_real(add, ":capacity", order->capacity_bps);
	if (order->has_ready_day)
		db_bind_int(add, ":ready", order->ready_day);
	else
		db_bind_null(add, ":ready");
	db_bind_text(add, ":ticket", order->ticket);
	db_bind_text(add, ":waiting_on", report_waiting_on_name(order->waiting_on));
	db_bind_text(add, ":author", order->author);
	db_bind_int(add, ":at", order->created_utc_sec);
	return run_add(ledger, add, "such exchange", id, err) || error_wrap(err, "order");
}

static bool
on_open_dispute(const struct report_dispute *dispute, void *user)
{
	struct seen *seen = user;

	if (strcmp(dispute->exchange, seen->exchange) == 0)
		seen->id = dispute->id;
	return seen->id == 0;
}

bool
ledger_dispute_add(struct ledger *ledger, const struct report_dispute *dispute, int64_t *id,
		   struct error *err)
{
	struct report_register_query query = { .asn = dispute->asn, .open_only = true };
	struct seen seen = { .exchange = dispute->exchange };
	struct db_statement *add;

	if (!ledger_dispute_each(ledger, &query, on_open_dispute, &seen, err))
		return false;
	if (seen.id != 0)
		return error_set(err, ERR_REFUSED,
				 "dispute %" PRId64 " of AS%" PRIu32 " is open already", seen.id,
				 dispute->asn);
	add = db_get(ledger->db, sql_dispute_add);
	db_bind_int(add, ":asn", dispute->asn);
	db_bind_text(add, ":exchange", dispute->exchange[0] != '\0' ? dispute->exchange : NULL);
	db_bind_text(add, ":text", dispute->text);
	db_bind_text(add, ":author", dispute->author);
	db_bind_int(add, ":at", dispute->since_utc_sec);
	return run_add(ledger, add, "such exchange", id, err) || error_wrap(err, "dispute");
}

static bool
on_open_optout(const struct report_optout *optout, void *user)
{
	*(int64_t *)user = optout->id;
	return false;
}

/* The one in force; *id 0: none is. */
static bool
optout_find(struct ledger *ledger, uint32_t asn, int64_t *id, struct error *err)
{
	struct report_register_query query = { .asn = asn, .open_only = true };

	*id = 0;
	return ledger_optout_each(ledger, &query, on_open_optout, id, err);
}

bool
ledger_optout_add(struct ledger *ledger, const struct report_optout *optout, int64_t *id,
		  struct error *err)
{
	struct db_statement *add;
	int64_t open;

	if (!optout_find(ledger, optout->asn, &open, err))
		return false;
	if (open != 0)
		return error_set(err, ERR_REFUSED,
				 "AS%" PRIu32 " gets no letters already (opt-out %" PRId64 ")",
				 optout->asn, open);
	add = db_get(ledger->db, sql_optout_add);
	db_bind_int(add, ":asn", optout->asn);
	db_bind_text(add, ":reason", optout->reason);
	db_bind_text(add, ":author", optout->author);
	db_bind_int(add, ":at", optout->since_utc_sec);
	return run_add(ledger, add, "such peer", id, err) || error_wrap(err, "opt-out");
}

bool
ledger_revocation_add(struct ledger *ledger, const struct report_revocation *revocation,
		      int64_t *id, struct error *err)
{
	struct db_statement *add = db_get(ledger->db, sql_revocation_add);

	ledger_bind_id(add, ":report", revocation->report_id);
	ledger_bind_id(add, ":asn", revocation->asn);
	ledger_bind_id(add, ":before", revocation->asn != 0 ? revocation->before_utc_sec : 0);
	db_bind_text(add, ":reason", revocation->reason);
	db_bind_text(add, ":author", revocation->author);
	db_bind_int(add, ":at", revocation->at_utc_sec);
	return run_add(ledger, add, "such report", id, err) || error_wrap(err, "revocation");
}

/* --- ended --- */

static bool
run_end(struct ledger *ledger, const char *sql, int64_t id, int64_t at_utc_sec, const char *who,
	const char *outcome, struct error *err)
{
	struct db_statement *end = db_get(ledger->db, sql);

	db_bind_int(end, ":id", id);
	db_bind_int(end, ":at", at_utc_sec);
	db_bind_text(end, ":who", who);
	if (outcome != NULL)
		db_bind_text(end, ":outcome", outcome);
	return db_run(end, err);
}

/* Why nothing was ended. */
static bool
not_ended(const char *what, int64_t id, const struct seen *seen, struct error *err)
{
	return seen->id == 0
		   ? error_set(err, ERR_NOT_FOUND, "no %s %" PRId64 " in the ledger", what, id)
		   : error_set(err, ERR_REFUSED, "%s %" PRId64 " is ended already", what, id);
}

static bool
on_order_seen(const struct report_order *order, void *user)
{
	*(struct seen *)user =
	    (struct seen) { .id = order->id, .ended_utc_sec = order->ended_utc_sec };
	return false;
}

bool
ledger_order_end(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
		 const char *outcome, struct error *err)
{
	struct report_register_query query = { .id = id };
	struct seen seen = { .id = 0 };

	if (id > 0 && !ledger_order_each(ledger, &query, on_order_seen, &seen, err))
		return false;
	if (seen.id == 0 || seen.ended_utc_sec != 0)
		return not_ended("order", id, &seen, err);
	return run_end(ledger, sql_order_end, id, at_utc_sec, who, outcome, err) ||
	       error_wrap(err, "order %" PRId64, id);
}

static bool
on_dispute_seen(const struct report_dispute *dispute, void *user)
{
	*(struct seen *)user =
	    (struct seen) { .id = dispute->id, .ended_utc_sec = dispute->decided_utc_sec };
	return false;
}

bool
ledger_dispute_decide(struct ledger *ledger, int64_t id, int64_t at_utc_sec, const char *who,
		      const char *outcome, struct error *err)
{
	struct report_register_query query = { .id = id };
	struct seen seen = { .id = 0 };

	if (id > 0 && !ledger_dispute_each(ledger, &query, on_dispute_seen, &seen, err))
		return false;
	if (seen.id == 0 || seen.ended_utc_sec != 0)
		return not_ended("dispute", id, &seen, err);
	return run_end(ledger, sql_dispute_decide, id, at_utc_sec, who, outcome, err) ||
	       error_wrap(err, "dispute %" PRId64, id);
}

bool
ledger_optout_end(struct ledger *ledger, uint32_t asn, int64_t at_utc_sec, const char *who,
		  int64_t *id, struct error *err)
{
	if (!optout_find(ledger, asn, id, err))
		return false;
	if (*id == 0)
		return error_set(err, ERR_NOT_FOUND, "AS%" PRIu32 " did not opt out", asn);
	return run_end(ledger, sql_optout_end, *id, at_utc_sec, who, NULL, err) ||
	       error_wrap(err, "opt-out %" PRId64, *id);
}

/* --- listed --- */

static struct db_statement *
register_get(struct ledger *ledger, const char *sql, const struct report_register_query *query)
{
	struct db_statement *each = db_get(ledger->db, sql);

	ledger_bind_id(each, ":id", query->id);
	ledger_bind_id(each, ":asn", query->asn);
	return each;
}

bool
ledger_order_each(struct ledger *ledger, const struct report_register_query *query,
		  ledger_on_order *on_order, void *user, struct error *err)
{
	struct db_statement *each = register_get(ledger, sql_orders, query);
	enum db_step step;
	bool more = true;

	db_bind_text(each, ":exchange", query->exchange);
	db_bind_int(each, ":open", query->open_only);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_order order = { .id = db_int(each, 0),
					      .asn = (uint32_t)db_int(each, 1),
					      .exchange = db_text(each, 2),
					      .size = db_text(each, 3),
					      .capacity_bps = db_real(each, 4),
					      .has_ready_day = !db_is_null(each, 5),
					      .ready_day = (int32_t)db_int(each, 5),
					      .ticket = db_text(each, 6),
					      .author = db_text(each, 8),
					      .created_utc_sec = db_int(each, 9),
					      .ended_utc_sec = db_int(each, 10),
					      .ended_by = db_text(each, 11),
					      .outcome = db_text(each, 12) };

		report_waiting_on_parse(db_text(each, 7), &order.waiting_on);
		more = on_order(&order, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "orders");
}

bool
ledger_dispute_each(struct ledger *ledger, const struct report_register_query *query,
		    ledger_on_dispute *on_dispute, void *user, struct error *err)
{
	struct db_statement *each = register_get(ledger, sql_disputes, query);
	enum db_step step;
	bool more = true;

	db_bind_text(each, ":exchange", query->exchange);
	db_bind_int(each, ":open", query->open_only);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_dispute dispute = { .id = db_int(each, 0),
						  .asn = (uint32_t)db_int(each, 1),
						  .exchange = db_text(each, 2),
						  .text = db_text(each, 3),
						  .author = db_text(each, 4),
						  .since_utc_sec = db_int(each, 5),
						  .decided_utc_sec = db_int(each, 6),
						  .decided_by = db_text(each, 7),
						  .outcome = db_text(each, 8) };

		more = on_dispute(&dispute, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "disputes");
}

bool
ledger_optout_each(struct ledger *ledger, const struct report_register_query *query,
		   ledger_on_optout *on_optout, void *user, struct error *err)
{
	struct db_statement *each = register_get(ledger, sql_optouts, query);
	enum db_step step;
	bool more = true;

	db_bind_int(each, ":open", query->open_only);
	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_optout optout = { .id = db_int(each, 0),
						.asn = (uint32_t)db_int(each, 1),
						.reason = db_text(each, 2),
						.author = db_text(each, 3),
						.since_utc_sec = db_int(each, 4),
						.ended_utc_sec = db_int(each, 5),
						.ended_by = db_text(each, 6) };

		more = on_optout(&optout, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "opt-outs");
}

bool
ledger_revocation_each(struct ledger *ledger, const struct report_register_query *query,
		       ledger_on_revocation *on_revocation, void *user, struct error *err)
{
	struct db_statement *each = register_get(ledger, sql_revocations, query);
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct report_revocation revocation = { .id = db_int(each, 0),
							.report_id = db_int(each, 1),
							.asn = (uint32_t)db_int(each, 2),
							.before_utc_sec = db_int(each, 3),
							.reason = db_text(each, 4),
							.author = db_text(each, 5),
							.at_utc_sec = db_int(each, 6) };

		more = on_revocation(&revocation, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "revocations");
}
