/* db_private.h - what db.c and db_statement.c share; SQLite's header is included here and nowhere else. */
#ifndef COLLECTOR_STORE_DB_PRIVATE_H
#define COLLECTOR_STORE_DB_PRIVATE_H

#include <sqlite3.h>

#include "store/db.h"

#define DB_SQL_SHOWN_LEN 200 /* octets of a statement that an error shows */

struct db {
	sqlite3 *handle;
	char *path;
	bool read_only;
	bool began;  /* between db_begin and its end */
	int busy_ms; /* waited for another process, this time */
	uint64_t busy_retries;
	struct error trouble; /* of the first statement that failed since db_begin */
	struct db_statement **statements;
	size_t statement_count;
};

struct db_statement {
	struct db *db;
	const char *sql;
	sqlite3_stmt *compiled; /* NULL: see trouble */
	uint64_t bound;         /* bit i: parameter i + 1 has a value */
	bool in_rows;           /* stepped, and not yet at its end */
	struct error trouble;   /* the first thing that went wrong before it ran */
};

/* Says "PATH: reason (code), in: SQL" of SQLite's last failure; false.  Within a transaction the first one is kept. */
bool db_fail(struct db *db, const char *sql, struct error *err);

/* Within a transaction: what db_commit will refuse for, unless something went wrong before. */
void db_keep_trouble(struct db *db, const struct error *trouble);

void db_statements_free(struct db *db);

#endif
