/* db.c - the file of db.h: opened, checked, its transactions and errors.  Statements are in db_statement.c. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store/db_private.h"

#define BUSY_TIMEOUT_MS   5000
#define BUSY_SLEEP_MAX_MS 100

/* --- errors --- */

static enum error_code
code_of(int result)
{
	switch (result) {
	case SQLITE_NOMEM: return ERR_NOMEM;
	case SQLITE_BUSY:
	case SQLITE_BUSY_SNAPSHOT: return ERR_LOCKED;
	case SQLITE_CONSTRAINT_FOREIGNKEY: return ERR_NOT_FOUND;
	default: return ERR_DB;
	}
}

/* What the operating system said, where SQLite leaves it out. */
static const char *
system_reason(sqlite3 *handle, int result)
{
	int reason = sqlite3_system_errno(handle);

	result &= 0xff;
	if (reason == 0 || (result != SQLITE_CANTOPEN && result != SQLITE_IOERR))
		return "";
	return strerror(reason);
}

void
db_keep_trouble(struct db *db, const struct error *trouble)
{
	if (db->began && db->trouble.code == ERR_NONE)
		db->trouble = *trouble;
}

bool
db_fail(struct db *db, const char *sql, struct error *err)
{
	struct error said;
	int result = sqlite3_extended_errcode(db->handle);
	const char *more = system_reason(db->handle, result);
	bool dangling = result == SQLITE_CONSTRAINT_FOREIGNKEY;

	error_set(&said, code_of(result), "%s: %s%s%s%s (%d), in: %.*s", db->path,
		  dangling ? "refers to what is not there: " : "", sqlite3_errmsg(db->handle),
		  more[0] != '\0' ? ": " : "", more, result, DB_SQL_SHOWN_LEN, sql);
	db_keep_trouble(db, &said);
	if (err != NULL)
		*err = said;
	return false;
}

/* --- waiting --- */

/* SQLite asks this while another process has what is wanted; 0: give up.  It waits as sqlite3_busy_timeout would, and
 * counts. */
static int
on_busy(void *user, int times)
{
	static const int sleeps_ms[] = { 1, 2, 5, 10, 15, 20, 25, 25, 25, 50, 50 };
	const int count = (int)(sizeof(sleeps_ms) / sizeof(sleeps_ms[0]));
	int sleep_ms = times < count ? sleeps_ms[times] : BUSY_SLEEP_MAX_MS;
	struct db *db = user;

	if (times == 0)
		db->busy_ms = 0;
	if (db->busy_ms >= BUSY_TIMEOUT_MS)
		return 0;
	db->busy_ms += sleep_ms;
	db->busy_retries++;
	sqlite3_sleep(sleep_ms);
	return 1;
}

uint64_t
db_busy_retries(const struct db *db)
{
	return db->busy_retries;
}

/* --- opening --- */

static bool
check_file(const char *path, enum db_mode mode, struct error *err)
{
	struct stat status;
	int access_mode = mode == DB_READ ? R_OK : R_OK | W_OK;

	if (stat(path, &status) != 0) {
		if (errno == ENOENT && mode == DB_CREATE)
			return true;
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_DB, "%s: %s", path,
				 strerror(errno));
	}
	if (mode == DB_CREATE)
		return error_set(err, ERR_REFUSED, "%s: is there already", path);
	if (!S_ISREG(status.st_mode))
		return error_set(err, ERR_DB, "%s: is not a file", path);
	if (status.st_size == 0)
		return error_set(err, ERR_DB,
				 "%s: is empty, which no database is: restore it from a backup, or "
				 "remove it to begin anew",
				 path);
	if (access(path, access_mode) != 0)
		return error_set(err, ERR_DB, "%s: not %s: %s", path,
				 mode == DB_READ ? "readable" : "writable", strerror(errno));
	return true;
}

/* The settings of a connection, once its file has been read. */
static bool
set_up(struct db *db, struct error *err)
{
	int64_t schema_version;

	sqlite3_extended_result_codes(db->handle, 1);
	sqlite3_busy_handler(db->handle, on_busy, db);
	sqlite3_db_config(db->handle, SQLITE_DBCONFIG_DEFENSIVE, 1, NULL);
	return db_int_of(db, "PRAGMA schema_version", &schema_version, err) &&
	       db_exec(db,
		       "PRAGMA trusted_schema = OFF;"
		       "PRAGMA foreign_keys = ON;"
		       "PRAGMA synchronous = FULL;",
		       err);
}

/* The log stays beside the file when the last connection closes: whoever may read the folder, but not write it, could
 * otherwise not open the file.  A log that grew under a long reader is cut back to 16 MiB. */
static bool
use_wal(struct db *db, struct error *err)
{
	int keep = 1;
	struct db_statement *wal = db_get(db, "PRAGMA journal_mode = WAL");
	enum db_step step = db_step(wal, err);
	bool done = step == DB_ROW && strcmp(db_text(wal, 0), "wal") == 0;

	db_reset(wal);
	if (step == DB_FAIL)
		return false;
	if (!done)
		return error_set(err, ERR_DB, "%s: this file system cannot hold a write-ahead log",
				 db->path);
	sqlite3_file_control(db->handle, "main", SQLITE_FCNTL_PERSIST_WAL, &keep);
	return db_exec(db, "PRAGMA journal_size_limit = 16777216;", err);
}

/* SQLite says of a reader that lacks the log only that it cannot write. */
static void
explain_reader(struct db *db, struct error *err)
{
	int result = sqlite3_errcode(db->handle) & 0xff;

	if (db->read_only && (result == SQLITE_READONLY || result == SQLITE_CANTOPEN))
		error_wrap(
		    err,
		    "whoever reads it needs its log beside it, or the right to make one there");
}

static int
open_flags(enum db_mode mode)
{
	switch (mode) {
	case DB_CREATE: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX;
	case DB_WRITE: return SQLITE_OPEN_READWRITE | SQLITE_OPEN_NOMUTEX;
	default: return SQLITE_OPEN_READONLY | SQLITE_OPEN_NOMUTEX;
	}
}

bool
db_open(struct db **out, const char *path, enum db_mode mode, struct error *err)
{
	struct db *db;

	if (!check_file(path, mode, err))
		return false;
	db = calloc(1, sizeof(*db));
	if (db == NULL || (db->path = strdup(path)) == NULL) {
		free(db);
		return error_set(err, ERR_NOMEM, "%s: out of memory", path);
	}
	db->read_only = mode == DB_READ;
	if (sqlite3_open_v2(path, &db->handle, open_flags(mode), NULL) != SQLITE_OK) {
		db_fail(db, "open", err);
		goto fail;
	}
	if (!set_up(db, err)) {
		explain_reader(db, err);
		goto fail;
	}
	if (mode == DB_WRITE && !use_wal(db, err))
		goto fail;
	*out = db;
	return true;
fail:
	db_close(db);
	return false;
}

void
db_close(struct db *db)
{
	if (db == NULL)
		return;
	db_statements_free(db);
	sqlite3_close(db->handle);
	free(db->path);
	free(db);
}

const char *
db_path(const struct db *db)
{
	return db->path;
}

bool
db_exec(struct db *db, const char *sql, struct error *err)
{
	if (sqlite3_exec(db->handle, sql, NULL, NULL, NULL) != SQLITE_OK)
		return db_fail(db, sql, err);
	return true;
}

bool
db_int_of(struct db *db, const char *sql, int64_t *out, struct error *err)
{
	struct db_statement *statement = db_get(db, sql);
	enum db_step step = db_step(statement, err);

	if (step == DB_ROW)
		*out = db_int(statement, 0);
	db_reset(statement);
	return step == DB_ROW ||
	       (step == DB_DONE && error_set(err, ERR_DB, "%s: no answer to: %s", db->path, sql));
}

/* --- transactions --- */

bool
db_begin(struct db *db, struct error *err)
{
	if (db->began)
		return error_set(err, ERR_DB, "%s: a transaction is under way already", db->path);
	if (!db_run(db_get(db, db->read_only ? "BEGIN" : "BEGIN IMMEDIATE"), err))
		return false;
	db->trouble.code = ERR_NONE;
	db->began = true;
	return true;
}

bool
db_commit(struct db *db, struct error *err)
{
	if (!db->began)
		return error_set(err, ERR_DB, "%s: no transaction to commit", db->path);
	if (db->trouble.code == ERR_NONE && db_run(db_get(db, "COMMIT"), err)) {
		db->began = false;
		return true;
	}
	if (err != NULL)
		*err = db->trouble;
	db_rollback(db);
	return error_wrap(err, "nothing was written");
}

/* SQLite rolls some failures back by itself (disk full, I/O error). */
void
db_rollback(struct db *db)
{
	if (sqlite3_get_autocommit(db->handle) == 0)
		db_exec(db, "ROLLBACK", NULL);
	db->began = false;
}

bool
db_in_transaction(const struct db *db)
{
	return db->began;
}

bool
db_checkpoint(struct db *db, struct error *err)
{
	int result;

	sqlite3_busy_handler(db->handle, NULL, NULL);
	result =
	    sqlite3_wal_checkpoint_v2(db->handle, NULL, SQLITE_CHECKPOINT_TRUNCATE, NULL, NULL);
	sqlite3_busy_handler(db->handle, on_busy, db);
	return result == SQLITE_OK || result == SQLITE_BUSY || db_fail(db, "checkpoint", err);
}

int64_t
db_changes(const struct db *db)
{
	return sqlite3_changes64(db->handle);
}

int64_t
db_last_id(const struct db *db)
{
	return sqlite3_last_insert_rowid(db->handle);
}
