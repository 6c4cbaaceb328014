/* db_statement.c - the statements of db.h: compiled once, bound by name, checked when they run. */
#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "store/db_private.h"

/* --- compiled once --- */

static void
compile(struct db_statement *statement)
{
	struct db *db = statement->db;

	statement->trouble.code = ERR_NONE;
	if (sqlite3_prepare_v3(db->handle, statement->sql, -1, SQLITE_PREPARE_PERSISTENT,
			       &statement->compiled, NULL) != SQLITE_OK)
		db_fail(db, statement->sql, &statement->trouble);
	else if (statement->compiled == NULL)
		error_set(&statement->trouble, ERR_DB, "%s: no statement in: %s", db->path,
			  statement->sql);
}

static struct db_statement *
statement_new(struct db *db, const char *sql)
{
	size_t count = db->statement_count + 1;
	struct db_statement **grown = realloc(db->statements, count * sizeof(*grown));
	struct db_statement *statement;

	if (grown == NULL)
		return NULL;
	db->statements = grown;
	statement = calloc(1, sizeof(*statement));
	if (statement == NULL)
		return NULL;
	*statement = (struct db_statement) { .db = db, .sql = sql };
	db->statements[count - 1] = statement;
	db->statement_count = count;
	return statement;
}

static const struct error out_of_memory = { ERR_NOMEM, "ledger: out of memory" };

struct db_statement *
db_get(struct db *db, const char *sql)
{
	struct db_statement *statement = NULL;

	for (size_t i = 0; i < db->statement_count && statement == NULL; i++)
		if (db->statements[i]->sql == sql && !db->statements[i]->in_rows)
			statement = db->statements[i];
	if (statement == NULL)
		statement = statement_new(db, sql);
	if (statement == NULL)
		db_keep_trouble(db, &out_of_memory);
	else if (statement->compiled == NULL)
		compile(statement);
	return statement;
}

void
db_statements_free(struct db *db)
{
	for (size_t i = 0; i < db->statement_count; i++) {
		sqlite3_finalize(db->statements[i]->compiled);
		free(db->statements[i]);
	}
	free(db->statements);
}

/* --- bound by name --- */

/* The parameter's number, or 0 when it cannot be bound; why is remembered. */
static int
parameter(struct db_statement *statement, const char *name)
{
	int index;

	if (statement == NULL || statement->compiled == NULL)
		return 0;
	index = sqlite3_bind_parameter_index(statement->compiled, name);
	if (index == 0 && statement->trouble.code == ERR_NONE)
		error_set(&statement->trouble, ERR_DB, "%s: no parameter %s in: %.*s",
			  statement->db->path, name, DB_SQL_SHOWN_LEN, statement->sql);
	assert(index <= 64);
	if (index > 0)
		statement->bound |= UINT64_C(1) << (index - 1);
	return index;
}

static void
keep_result(struct db_statement *statement, int result)
{
	if (result != SQLITE_OK && statement->trouble.code == ERR_NONE)
		db_fail(statement->db, statement->sql, &statement->trouble);
}

void
db_bind_int(struct db_statement *statement, const char *name, int64_t value)
{
	int index = parameter(statement, name);

	if (index > 0)
		keep_result(statement, sqlite3_bind_int64(statement->compiled, index, value));
}

void
db_bind_real(struct db_statement *statement, const char *name, double value)
{
	int index = parameter(statement, name);

	if (index > 0)
		keep_result(statement,
			    isnan(value) ? sqlite3_bind_null(statement->compiled, index)
					 : sqlite3_bind_double(statement->compiled, index, value));
}

void
db_bind_text(struct db_statement *statement, const char *name, const char *text)
{
	int index = parameter(statement, name);

	if (index > 0)
		keep_result(statement,
			    sqlite3_bind_text(statement->compiled, index, text, -1, SQLITE_STATIC));
}

void
db_bind_blob(struct db_statement *statement, const char *name, const void *data, size_t len)
{
	int index = parameter(statement, name);

	if (index > 0)
		keep_result(statement,
			    sqlite3_bind_blob64(statement->compiled, index, len > 0 ? data : "",
						len, SQLITE_STATIC));
}

void
db_bind_null(struct db_statement *statement, const char *name)
{
	int index = parameter(statement, name);

	if (index > 0)
		keep_result(statement, sqlite3_bind_null(statement->compiled, index));
}

/* --- run --- */

static bool
is_ready(struct db_statement *statement, struct error *err)
{
	if (statement == NULL)
		return error_set(err, out_of_memory.code, "%s", out_of_memory.text);
	for (int i = 0; i < sqlite3_bind_parameter_count(statement->compiled); i++) {
		if (statement->trouble.code == ERR_NONE && (statement->bound >> i & 1) == 0)
			error_set(&statement->trouble, ERR_DB,
				  "%s: parameter %s has no value in: %.*s", statement->db->path,
				  sqlite3_bind_parameter_name(statement->compiled, i + 1),
				  DB_SQL_SHOWN_LEN, statement->sql);
	}
	if (statement->trouble.code == ERR_NONE)
		return true;
	db_keep_trouble(statement->db, &statement->trouble);
	if (err != NULL)
		*err = statement->trouble;
	return false;
}

enum db_step
db_step(struct db_statement *statement, struct error *err)
{
	int result;

	if (!is_ready(statement, err)) {
		db_reset(statement);
		return DB_FAIL;
	}
	result = sqlite3_step(statement->compiled);
	statement->in_rows = result == SQLITE_ROW;
	if (result == SQLITE_ROW)
		return DB_ROW;
	if (result != SQLITE_DONE)
		db_fail(statement->db, statement->sql, err);
	db_reset(statement);
	return result == SQLITE_DONE ? DB_DONE : DB_FAIL;
}

/* What was bound goes too: a parameter forgotten next time is found out. */
void
db_reset(struct db_statement *statement)
{
	if (statement == NULL || statement->compiled == NULL)
		return;
	sqlite3_reset(statement->compiled);
	sqlite3_clear_bindings(statement->compiled);
	statement->bound = 0;
	statement->in_rows = false;
	statement->trouble.code = ERR_NONE;
}

bool
db_run(struct db_statement *statement, struct error *err)
{
	enum db_step step = db_step(statement, err);

	if (step == DB_ROW)
		db_reset(statement);
	return step != DB_FAIL;
}

bool
db_is_null(const struct db_statement *statement, int column)
{
	return sqlite3_column_type(statement->compiled, column) == SQLITE_NULL;
}

int64_t
db_int(const struct db_statement *statement, int column)
{
	return sqlite3_column_int64(statement->compiled, column);
}

double
db_real(const struct db_statement *statement, int column)
{
	return db_is_null(statement, column) ? NAN
					     : sqlite3_column_double(statement->compiled, column);
}

const char *
db_text(const struct db_statement *statement, int column)
{
	const unsigned char *text = sqlite3_column_text(statement->compiled, column);

	return text != NULL ? (const char *)text : "";
}

const void *
db_blob(const struct db_statement *statement, int column, size_t *len)
{
	const void *blob = sqlite3_column_blob(statement->compiled, column);

	*len = (size_t)sqlite3_column_bytes(statement->compiled, column);
	return blob;
}
