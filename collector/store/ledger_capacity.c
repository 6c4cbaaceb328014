/* ledger_capacity.c - what a port could carry when, and who said so. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "store/ledger_private.h"

static const char sql_newest[] =
    "SELECT from_utc_sec, physical_bps, contracted_bps, source FROM capacity"
    " WHERE port_id = :port ORDER BY from_utc_sec DESC LIMIT 1";

/* A port that continues another was that one before: its entries of that time are read through, not copied, so that there
 * is one truth, and each port's own entries stay what was read on it.  What was in force on a port when it took over
 * counts from then on; where nothing was yet, its first entry does. */
/* clang-format off */
#define CAPACITY_ROWS									\
	"SELECT from_utc_sec, physical_bps, contracted_bps, source FROM ("		\
	"SELECT CASE WHEN began IS NULL THEN from_utc_sec"				\
	"   WHEN is_first THEN began ELSE max(from_utc_sec, began) END AS from_utc_sec,"	\
	"   physical_bps, contracted_bps, source"					\
	" FROM (SELECT *,"								\
	"   (SELECT max(to_utc_sec) FROM port_past WHERE port_id = :port) AS began,"	\
	"   from_utc_sec = (SELECT min(from_utc_sec) FROM capacity WHERE port_id = :port) AS is_first,"	\
	"   lead(from_utc_sec) OVER (ORDER BY from_utc_sec) AS next FROM capacity WHERE port_id = :port)"	\
	" WHERE began IS NULL OR next IS NULL OR next > began"				\
	" UNION ALL "									\
	"SELECT max(c.from_utc_sec, past.from_utc_sec), c.physical_bps, c.contracted_bps, c.source"	\
	" FROM port_past AS past JOIN capacity AS c ON c.port_id = past.old_id"		\
	" WHERE past.port_id = :port AND c.from_utc_sec < past.to_utc_sec"		\
	"   AND NOT EXISTS (SELECT 1 FROM capacity AS later WHERE later.port_id = c.port_id"	\
	"     AND later.from_utc_sec > c.from_utc_sec AND later.from_utc_sec <= past.from_utc_sec))"
/* clang-format on */

static const char sql_each[] = CAPACITY_ROWS " ORDER BY from_utc_sec";

static const char sql_newest_few[] = CAPACITY_ROWS " ORDER BY from_utc_sec DESC LIMIT :limit";

static const char sql_put[] =
    "INSERT INTO capacity (port_id, from_utc_sec, physical_bps, contracted_bps, source)"
    " VALUES (:port, :from, :physical, :contracted, :source)"
    " ON CONFLICT (port_id, from_utc_sec)"
    " DO UPDATE SET physical_bps = excluded.physical_bps,"
    " contracted_bps = excluded.contracted_bps, source = excluded.source";

static enum capacity_source
source_of(const char *name)
{
	for (unsigned i = 0; i < CAPACITY_SOURCE_COUNT; i++)
		if (strcmp(model_capacity_source_name((enum capacity_source)i), name) == 0)
			return (enum capacity_source)i;
	return CAPACITY_UNKNOWN;
}

static struct ledger_capacity
capacity_of_row(const struct db_statement *row)
{
	return (struct ledger_capacity) {
		.from_utc_sec = db_int(row, 0),
		.physical_bps = db_real(row, 1),
		.contracted_bps = db_real(row, 2),
		.source = source_of(db_text(row, 3)),
	};
}

static bool
is_same_number(double a, double b)
{
	return a == b || (isnan(a) && isnan(b));
}

static bool
is_same(const struct ledger_capacity *a, const struct ledger_capacity *b)
{
	return a->source == b->source && is_same_number(a->physical_bps, b->physical_bps) &&
	       is_same_number(a->contracted_bps, b->contracted_bps);
}

static bool
capacity_insert(struct db *db, int64_t port_id, const struct ledger_capacity *capacity,
		struct error *err)
{
	struct db_statement *put = db_get(db, sql_put);

	db_bind_int(put, ":port", port_id);
	db_bind_int(put, ":from", capacity->from_utc_sec);
	db_bind_real(put, ":physical", capacity->physical_bps);
	db_bind_real(put, ":contracted", capacity->contracted_bps);
	db_bind_text(put, ":source", model_capacity_source_name(capacity->source));
	return db_run(put, err);
}

static bool
capacity_put(struct db *db, int64_t port_id, struct ledger_capacity now, struct error *err)
{
	struct db_statement *newest = db_get(db, sql_newest);
	struct ledger_capacity old;
	enum db_step step;

	db_bind_int(newest, ":port", port_id);
	step = db_step(newest, err);
	if (step == DB_FAIL)
		return false;
	if (step == DB_DONE)
		return capacity_insert(db, port_id, &now, err);
	old = capacity_of_row(newest);
	db_reset(newest);
	if (is_same(&old, &now))
		return true;
	if (now.from_utc_sec < old.from_utc_sec)
		now.from_utc_sec = old.from_utc_sec;
	return capacity_insert(db, port_id, &now, err);
}

bool
ledger_capacity_put(struct ledger *ledger, int64_t port_id, double physical_bps,
		    double contracted_bps, enum capacity_source source, int64_t at_utc_sec,
		    struct error *err)
{
	struct ledger_capacity now = { at_utc_sec, physical_bps, contracted_bps, source };
	bool own;

	return (ledger_enter(ledger, &own, err) &&
		ledger_leave(ledger, own, capacity_put(ledger->db, port_id, now, err), err)) ||
	       error_wrap(err, "capacity of port %" PRId64, port_id);
}

/* `each` is bound. */
static bool
capacity_tell(struct db_statement *each, int64_t port_id, ledger_on_capacity *on_capacity,
	      void *user, struct error *err)
{
	enum db_step step;
	bool more = true;

	while (more && (step = db_step(each, err)) == DB_ROW) {
		struct ledger_capacity capacity = capacity_of_row(each);

		more = on_capacity(&capacity, user);
	}
	db_reset(each);
	return step != DB_FAIL || error_wrap(err, "capacity of port %" PRId64, port_id);
}

bool
ledger_capacity_each(struct ledger *ledger, int64_t port_id, ledger_on_capacity *on_capacity,
		     void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_each);

	db_bind_int(each, ":port", port_id);
	return capacity_tell(each, port_id, on_capacity, user, err);
}

bool
ledger_capacity_newest(struct ledger *ledger, int64_t port_id, unsigned limit,
		       ledger_on_capacity *on_capacity, void *user, struct error *err)
{
	struct db_statement *each = db_get(ledger->db, sql_newest_few);

	db_bind_int(each, ":port", port_id);
	db_bind_int(each, ":limit", limit);
	return capacity_tell(each, port_id, on_capacity, user, err);
}
