/* ledger_exchange.c - the exchanges that the configuration names, and those it named once. */
#include <string.h>

#include "store/ledger_private.h"

static const char sql_find[] =
    "SELECT id, name, timezone, retired FROM exchange WHERE slug = :slug";

static const char sql_insert[] =
    "INSERT INTO exchange (slug, name, timezone) VALUES (:slug, :name, :timezone)";

static const char sql_update[] =
    "UPDATE exchange SET name = :name, timezone = :timezone, retired = 0 WHERE slug = :slug";

static const char sql_retire[] = "UPDATE exchange SET retired = 1 WHERE id = :id";

static const char sql_each[] =
    "SELECT slug, name, timezone, id FROM exchange WHERE NOT retired ORDER BY slug";

/* What must be written: nothing, an update or an insert. */
static const char *
write_needed(struct db_statement *find, enum db_step step, const char *name, const char *timezone)
{
	if (step != DB_ROW)
		return sql_insert;
	if (strcmp(db_text(find, 1), name) != 0 || strcmp(db_text(find, 2), timezone) != 0 ||
	    db_int(find, 3) != 0)
		return sql_update;
	return NULL;
}

static bool
exchange_put(struct db *db, const char *slug, const char *name, const char *timezone,
	     struct error *err)
{
	struct db_statement *find = db_get(db, sql_find);
	struct db_statement *put;
	enum db_step step;
	const char *sql;

	db_bind_text(find, ":slug", slug);
	step = db_step(find, err);
	if (step == DB_FAIL)
		return false;
	sql = write_needed(find, step, name, timezone);
	db_reset(find);
	if (sql == NULL)
		return true;
	put = db_get(db, sql);
	db_bind_text(put, ":slug", slug);
	db_bind_text(put, ":name", name);
	db_bind_text(put, ":timezone", timezone);
	return db_run(put, err);
}

bool
ledger_exchange_put(struct ledger *ledger, const char *slug, const char *name, const char *timezone,
		    struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, exchange_put(ledger->db, slug, name, timezone, err),
			     err)) ||
	       error_wrap(err, "exchange %s", slug);
}

static bool
is_among(const char *slug, const char *const *slugs, size_t slug_count)
{
	for (size_t i = 0; i < slug_count; i++)
		if (strcmp(slugs[i], slug) == 0)
			return true;
	return false;
}

static bool
retire(struct db *db, int64_t id, struct error *err)
{
	struct db_statement *statement = db_get(db, sql_retire);

	db_bind_int(statement, ":id", id);
	return db_run(statement, err);
}

static bool
retire_others(struct db *db, const char *const *slugs, size_t slug_count, struct error *err)
{
	struct db_statement *each = db_get(db, sql_each);
	enum db_step step;

	while ((step = db_step(each, err)) == DB_ROW) {
		if (!is_among(db_text(each, 0), slugs, slug_count) &&
		    !retire(db, db_int(each, 3), err)) {
			db_reset(each);
			return false;
		}
	}
	return step == DB_DONE;
}

bool
ledger_exchange_retire_others(struct ledger *ledger, const char *const *slugs, size_t slug_count,
			      struct error *err)
{
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, retire_others(ledger->db, slugs, slug_count, err),
			     err)) ||
	       error_wrap(err, "exchanges no longer configured");
}

bool
ledger_exchange_each(struct ledger *ledger, ledger_on_exchange *on_exchange, void *user,
		     struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_each);
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_exchange exchange = {
			.slug = db_text(each, 0),
			.name = db_text(each, 1),
			.timezone = db_text(each, 2),
		};

		more = on_exchange(&exchange, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "exchanges");
}
