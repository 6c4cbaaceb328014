/* db.h - the door to SQLite: one file, its transactions, and named prepared statements.
 *
 * A statement is asked for by its SQL text (db_get), bound by name, then run (db_run) or stepped (db_step).  What was
 * bound wrongly is remembered by the statement and said when it is run; every error names the file, SQLite's reason and
 * extended result code, and the SQL.  One thread at a time; never across a fork.
 *
 * Written for SQLite 3.40; see https://sqlite.org/c3ref/intro.html. */
#ifndef COLLECTOR_STORE_DB_H
#define COLLECTOR_STORE_DB_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

struct db;
struct db_statement;

enum db_mode {
	DB_CREATE, /* a new file, for writing; ERR_REFUSED when there is one already */
	DB_WRITE,  /* an existing file: WAL, every commit synced, foreign keys kept */
	DB_READ,   /* an existing file, beside a writer or after it */
};

enum db_step { DB_ROW, DB_DONE, DB_FAIL };

/* Opens the file and reads its first page.  ERR_NOT_FOUND when it is not there; a file that is empty, no database,
 * or may not be used so is ERR_DB.  db_close ends it. */
bool db_open(struct db **out, const char *path, enum db_mode mode, struct error *err);
void db_close(struct db *db); /* rolls back what is not committed; NULL is fine */

const char *db_path(const struct db *db);

/* How often it waited for another process that had what was wanted, and tried again. */
uint64_t db_busy_retries(const struct db *db);

/* One or more statements without parameters; rows are dropped. */
bool db_exec(struct db *db, const char *sql, struct error *err);

/* The integer that `sql` (no parameters) answers with in its first row and column. */
bool db_int_of(struct db *db, const char *sql, int64_t *out, struct error *err);

/* --- transactions --- */

/* For writing, at once and not when the first write comes: a reader turned writer would fail without waiting. */
bool db_begin(struct db *db, struct error *err);
/* All or nothing: when a statement failed since db_begin, rolls back and says what it was. */
bool db_commit(struct db *db, struct error *err);
void db_rollback(struct db *db); /* nothing to roll back is fine */
bool db_in_transaction(const struct db *db);

/* Brings the write-ahead log back into the file, as far as no reader needs it; waits for nobody. */
bool db_checkpoint(struct db *db, struct error *err);

/* --- statements --- */

/* The statement of that text, compiled at first use and kept until db_close; lent.  The text must outlive the db.  While
 * its rows are being read, another copy is handed out.  NULL when memory ran out: every function here bears it. */
struct db_statement *db_get(struct db *db, const char *sql);

/* Parameters by name (":port").  Texts and blobs are lent until the statement has run or is reset. */
void db_bind_int(struct db_statement *statement, const char *name, int64_t value);
void db_bind_real(struct db_statement *statement, const char *name, double value); /* NAN: NULL */
void db_bind_text(struct db_statement *statement, const char *name,
		  const char *text); /* NULL: NULL */
void db_bind_blob(struct db_statement *statement, const char *name, const void *data, size_t len);
void db_bind_null(struct db_statement *statement, const char *name);

/* Runs a statement that gives no rows, and resets it. */
bool db_run(struct db_statement *statement, struct error *err);
/* The next row.  After DB_DONE and DB_FAIL the statement is reset; after the last DB_ROW wanted, db_reset. */
enum db_step db_step(struct db_statement *statement, struct error *err);
void db_reset(struct db_statement *statement);

/* Columns of the present row, from 0; texts and blobs are lent until the next step or reset. */
bool db_is_null(const struct db_statement *statement, int column);
int64_t db_int(const struct db_statement *statement, int column);
double db_real(const struct db_statement *statement, int column);      /* NULL: NAN */
const char *db_text(const struct db_statement *statement, int column); /* NULL: "" */
const void *db_blob(const struct db_statement *statement, int column, size_t *len);

int64_t db_changes(const struct db *db); /* rows changed by the last INSERT or UPDATE */
int64_t db_last_id(const struct db *db); /* of the last row inserted */

#endif
