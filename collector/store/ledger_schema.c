/* ledger_schema.c - what the ledger's tables hold, one readable text per version, and how an older file gets there.
 *
 * A file says its version in `user_version`, and by `application_id` that it is a ledger at all.  A released text is
 * never changed: what is new comes as the next version, and adds tables or columns.
 *
 * Names: instants are Unix seconds UTC (_utc_sec), days are counted from 1970-01-01, rates are bit/s, shares 0..1.
 * Unknown is NULL.  Words (kind, verdict, state ...) are those of DESIGN and of the API. */
#include <inttypes.h>

#include "store/ledger_private.h"
#include "store/ledger_schema_text.h"

#define APPLICATION_ID 1769502580 /* "ixwt" */

/* migrations[n] makes version n + 1 of version n. */
static const char *const migrations[LEDGER_SCHEMA_VERSION] = { ledger_schema_1, ledger_schema_2,
							       ledger_schema_3, ledger_schema_4,
							       ledger_schema_5 };

/* 0 for a file in which nothing is yet. */
static bool
version_of(struct db *db, int64_t *version, struct error *err)
{
	int64_t application, table_count;

	if (!db_int_of(db, "PRAGMA application_id", &application, err) ||
	    !db_int_of(db, "PRAGMA user_version", version, err) ||
	    !db_int_of(db, "SELECT count(*) FROM sqlite_schema", &table_count, err))
		return false;
	if (application == APPLICATION_ID ||
	    (application == 0 && *version == 0 && table_count == 0))
		return true;
	return error_set(err, ERR_DB, "%s: is a database, but not a ledger of ixwatch",
			 db_path(db));
}

bool
ledger_schema_check(struct db *db, struct error *err)
{
	int64_t version;

	if (!version_of(db, &version, err))
		return false;
	if (version < LEDGER_SCHEMA_VERSION)
		return error_set(err, ERR_DB,
				 "%s: has schema version %" PRId64
				 ", this program reads version %d: "
				 "the collector brings it up to date when it starts",
				 db_path(db), version, LEDGER_SCHEMA_VERSION);
	if (version > LEDGER_SCHEMA_VERSION)
		return error_set(err, ERR_DB,
				 "%s: has schema version %" PRId64
				 ", this program knows versions up to %d: "
				 "it was written by a newer ixwatch, use that one",
				 db_path(db), version, LEDGER_SCHEMA_VERSION);
	return true;
}

static bool
migrate_one(struct db *db, int64_t from, struct error *err)
{
	if (!db_begin(db, err))
		return false;
	if (db_exec(db, migrations[from], err))
		return db_commit(db, err);
	db_rollback(db);
	return error_wrap(err, "schema version %" PRId64, from + 1);
}

bool
ledger_schema_migrate(struct db *db, struct error *err)
{
	int64_t version;

	if (!version_of(db, &version, err))
		return false;
	for (; version >= 0 && version < LEDGER_SCHEMA_VERSION; version++)
		if (!migrate_one(db, version, err))
			return false;
	return ledger_schema_check(db, err);
}
