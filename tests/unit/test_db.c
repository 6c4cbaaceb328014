/* links: store/db.c store/db_statement.c base/error.c */
/* pkgs: sqlite3 */
/* test_db.c - the door to SQLite: what is bound wrongly is said, a transaction is whole or not at all, bad files are named. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_scratch.h"
#include "store/db.h"

static const char schema[] =
    "CREATE TABLE thing (id INTEGER PRIMARY KEY, name TEXT NOT NULL UNIQUE, size REAL,"
    " data BLOB) STRICT;"
    "CREATE TABLE part (thing_id INTEGER NOT NULL REFERENCES thing (id)) STRICT;";

static const char sql_insert[] =
    "INSERT INTO thing (id, name, size, data) VALUES (:id, :name, :size, :data)";
static const char sql_all[] = "SELECT id, name, size, data FROM thing ORDER BY id";
static const char sql_count[] = "SELECT count(*) FROM thing";

struct bench {
	struct scratch scratch;
	char path[512];
	struct db *db;
	struct error err;
};

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	snprintf(bench->path, sizeof(bench->path), "%s", scratch_path(&bench->scratch, "thing.db"));
	assert_true(db_open(&bench->db, bench->path, DB_CREATE, &bench->err));
	assert_true(db_exec(bench->db, schema, &bench->err));
	db_close(bench->db);
	assert_true(db_open(&bench->db, bench->path, DB_WRITE, &bench->err));
	*state = bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;

	db_close(bench->db);
	scratch_free(&bench->scratch);
	free(bench);
	return 0;
}

static bool
insert(struct db *db, int64_t id, const char *name, struct error *err)
{
	struct db_statement *statement = db_get(db, sql_insert);

	db_bind_int(statement, ":id", id);
	db_bind_text(statement, ":name", name);
	db_bind_real(statement, ":size", NAN);
	db_bind_null(statement, ":data");
	return db_run(statement, err);
}

static int64_t
count(struct db *db)
{
	int64_t rows = -1;

	assert_true(db_int_of(db, sql_count, &rows, NULL));
	return rows;
}

static void
assert_says(const struct error *err, enum error_code code, const char *what)
{
	if (err->code != code || strstr(err->text, what) == NULL)
		print_error("[%d] %s\n", err->code, err->text);
	assert_int_equal(err->code, code);
	assert_non_null(strstr(err->text, what));
}

/* --- values --- */

static void
unknown_numbers_are_null_and_come_back_unknown(void **state)
{
	struct bench *bench = *state;
	struct db_statement *all;

	assert_true(insert(bench->db, 1, "a", &bench->err));
	all = db_get(bench->db, sql_all);
	assert_int_equal(db_step(all, &bench->err), DB_ROW);
	assert_true(db_is_null(all, 2));
	assert_true(isnan(db_real(all, 2)));
	assert_int_equal(db_step(all, &bench->err), DB_DONE);
}

static void
values_come_back_as_they_went(void **state)
{
	struct bench *bench = *state;
	const unsigned char data[] = { 0, 255, 0, 7 };
	struct db_statement *statement = db_get(bench->db, sql_insert);
	size_t len;

	db_bind_int(statement, ":id", INT64_MAX);
	db_bind_text(statement, ":name", "Zürich '; DROP TABLE thing; --");
	db_bind_real(statement, ":size", 0.1);
	db_bind_blob(statement, ":data", data, sizeof(data));
	assert_true(db_run(statement, &bench->err));
	statement = db_get(bench->db, sql_all);
	assert_int_equal(db_step(statement, &bench->err), DB_ROW);
	assert_true(db_int(statement, 0) == INT64_MAX);
	assert_string_equal(db_text(statement, 1), "Zürich '; DROP TABLE thing; --");
	assert_true(db_real(statement, 2) == 0.1);
	assert_memory_equal(db_blob(statement, 3, &len), data, sizeof(data));
	assert_int_equal(len, sizeof(data));
	db_reset(statement);
}

/* --- what is wrong with a statement is said when it runs, with the SQL --- */

static void
a_wrong_name_is_remembered_and_said(void **state)
{
	struct bench *bench = *state;
	struct db_statement *statement = db_get(bench->db, sql_insert);

	db_bind_int(statement, ":identity", 1);
	db_bind_text(statement, ":name", "a");
	assert_false(db_run(statement, &bench->err));
	assert_says(&bench->err, ERR_DB, "no parameter :identity in: INSERT INTO thing");
	assert_true(insert(bench->db, 1, "a", &bench->err)); /* and it is usable again */
}

static void
a_forgotten_value_is_said(void **state)
{
	struct bench *bench = *state;
	struct db_statement *statement;

	assert_true(insert(bench->db, 1, "a", &bench->err));
	statement = db_get(bench->db, sql_insert);
	db_bind_int(statement, ":id", 2);
	assert_false(db_run(statement, &bench->err));
	assert_says(&bench->err, ERR_DB, "parameter :name has no value");
	assert_int_equal(count(bench->db), 1);
}

static void
a_text_that_is_no_sql_is_said(void **state)
{
	struct bench *bench = *state;

	assert_false(db_run(db_get(bench->db, "INSERT INTO absent VALUES (1)"), &bench->err));
	assert_says(&bench->err, ERR_DB, "no such table: absent");
	assert_false(db_run(db_get(bench->db, ""), &bench->err));
	assert_says(&bench->err, ERR_DB, "no statement");
}

static void
an_error_names_file_reason_code_and_sql(void **state)
{
	struct bench *bench = *state;

	assert_true(insert(bench->db, 1, "a", &bench->err));
	assert_false(insert(bench->db, 2, "a", &bench->err));
	assert_says(&bench->err, ERR_DB, bench->path);
	assert_says(&bench->err, ERR_DB,
		    "UNIQUE constraint failed: thing.name (2067), in: INSERT INTO thing");
}

static void
a_reference_to_nothing_is_not_found(void **state)
{
	struct bench *bench = *state;
	struct db_statement *statement =
	    db_get(bench->db, "INSERT INTO part (thing_id) VALUES (:id)");

	db_bind_int(statement, ":id", 77);
	assert_false(db_run(statement, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "refers to what is not there");
}

static void
a_statement_whose_rows_are_being_read_may_be_used_again(void **state)
{
	struct bench *bench = *state;
	struct db_statement *outer, *inner;
	int inner_rows = 0;

	for (int i = 1; i <= 3; i++)
		assert_true(insert(bench->db, i, (char[]) { (char)('a' + i), '\0' }, &bench->err));
	outer = db_get(bench->db, sql_all);
	while (db_step(outer, &bench->err) == DB_ROW) {
		inner = db_get(bench->db, sql_all);
		assert_ptr_not_equal(inner, outer);
		while (db_step(inner, &bench->err) == DB_ROW)
			inner_rows++;
	}
	assert_int_equal(inner_rows, 9);
}

/* --- transactions --- */

static void
a_failure_inside_makes_the_whole_fail(void **state)
{
	struct bench *bench = *state;

	assert_true(db_begin(bench->db, &bench->err));
	assert_true(insert(bench->db, 1, "a", &bench->err));
	assert_false(insert(bench->db, 2, "a", &bench->err));
	assert_true(insert(bench->db, 3, "c", &bench->err));
	assert_false(db_commit(bench->db, &bench->err));
	assert_says(&bench->err, ERR_DB, "nothing was written: ");
	assert_says(&bench->err, ERR_DB, "UNIQUE constraint failed");
	assert_false(db_in_transaction(bench->db));
	assert_int_equal(count(bench->db), 0);
	assert_true(db_begin(bench->db, &bench->err)); /* forgotten by the next one */
	assert_true(insert(bench->db, 1, "a", &bench->err));
	assert_true(db_commit(bench->db, &bench->err));
	assert_int_equal(count(bench->db), 1);
}

static void
what_was_rolled_back_or_not_committed_is_gone(void **state)
{
	struct bench *bench = *state;

	assert_true(db_begin(bench->db, &bench->err));
	assert_true(insert(bench->db, 1, "a", &bench->err));
	db_rollback(bench->db);
	assert_int_equal(count(bench->db), 0);
	db_rollback(bench->db);
	assert_true(db_begin(bench->db, &bench->err));
	assert_true(insert(bench->db, 1, "a", &bench->err));
	db_close(bench->db);
	assert_true(db_open(&bench->db, bench->path, DB_WRITE, &bench->err));
	assert_int_equal(count(bench->db), 0);
}

static void
begin_and_commit_come_in_pairs(void **state)
{
	struct bench *bench = *state;

	assert_false(db_commit(bench->db, &bench->err));
	assert_says(&bench->err, ERR_DB, "no transaction");
	assert_true(db_begin(bench->db, &bench->err));
	assert_false(db_begin(bench->db, &bench->err));
	assert_says(&bench->err, ERR_DB, "under way already");
	assert_true(db_commit(bench->db, &bench->err));
}

static void
a_reader_sees_one_state_between_begin_and_commit(void **state)
{
	struct bench *bench = *state;
	struct db *reader;

	assert_true(db_open(&reader, bench->path, DB_READ, &bench->err));
	assert_true(db_begin(reader, &bench->err));
	assert_int_equal(count(reader), 0);
	assert_true(insert(bench->db, 1, "a", &bench->err));
	assert_int_equal(count(reader), 0);
	assert_true(db_commit(reader, &bench->err));
	assert_int_equal(count(reader), 1);
	db_close(reader);
}

static void
a_reader_cannot_write(void **state)
{
	struct bench *bench = *state;
	struct db *reader;

	assert_true(db_open(&reader, bench->path, DB_READ, &bench->err));
	assert_false(insert(reader, 1, "a", &bench->err));
	assert_says(&bench->err, ERR_DB, "readonly");
	db_close(reader);
}

/* The log is cut back when nobody reads it; a reader in its way is not waited for. */
static void
a_checkpoint_waits_for_nobody(void **state)
{
	struct bench *bench = *state;
	struct stat status;
	struct db *reader;
	double start_ms;
	char wal[600];

	snprintf(wal, sizeof(wal), "%s-wal", bench->path);
	assert_true(db_open(&reader, bench->path, DB_READ, &bench->err));
	assert_true(db_begin(reader, &bench->err));
	assert_int_equal(count(reader), 0);
	assert_true(insert(bench->db, 1, "a", &bench->err));
	start_ms = scratch_now_ms();
	assert_true(db_checkpoint(bench->db, &bench->err));
	assert_true(scratch_now_ms() - start_ms < 4000.0); /* who waits does it for 5 s */
	assert_int_equal(count(reader), 0);
	db_close(reader);
	assert_true(db_checkpoint(bench->db, &bench->err));
	assert_int_equal(stat(wal, &status), 0);
	assert_int_equal(status.st_size, 0);
}

/* --- a full disk --- */

static void
a_full_database_says_so_and_keeps_what_it_has(void **state)
{
	struct bench *bench = *state;
	static char name[2001];
	char number[16];
	int64_t rows, pages;
	int id = 1;

	memset(name, 'x', 2000);
	assert_true(db_int_of(bench->db, "PRAGMA max_page_count = 12", &pages, &bench->err));
	for (; id < 100; id++) {
		snprintf(number, sizeof(number), "%09d", id);
		memcpy(name, number, 9);
		if (!insert(bench->db, id, name, &bench->err))
			break;
	}
	assert_says(&bench->err, ERR_DB, "database or disk is full (13)");
	rows = count(bench->db);
	assert_int_equal(rows, id - 1);
	assert_true(db_begin(bench->db, &bench->err));
	assert_false(insert(bench->db, 1000, name, &bench->err));
	assert_false(db_commit(bench->db, &bench->err)); /* SQLite rolled it back by itself */
	assert_says(&bench->err, ERR_DB, "nothing was written");
	assert_true(db_int_of(bench->db, "PRAGMA max_page_count = 100000", &pages, &bench->err));
	assert_true(insert(bench->db, 1000, name, &bench->err));
	assert_int_equal(count(bench->db), rows + 1);
}

/* --- files --- */

static void
a_file_that_is_not_there_is_not_found(void **state)
{
	struct bench *bench = *state;
	const char *path = scratch_path(&bench->scratch, "other.db");
	struct db *db = NULL;

	assert_false(db_open(&db, path, DB_READ, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, path);
	assert_false(db_open(&db, path, DB_WRITE, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, path);
	assert_null(db);
	assert_int_equal(access(path, F_OK), -1);
}

static void
a_file_that_is_there_is_not_made_anew(void **state)
{
	struct bench *bench = *state;
	struct db *db = NULL;

	assert_false(db_open(&db, bench->path, DB_CREATE, &bench->err));
	assert_says(&bench->err, ERR_REFUSED, "is there already");
}

static void
refuse_file(struct bench *bench, const void *data, size_t len, const char *what)
{
	struct db *db = NULL;
	unsigned char *after;
	size_t after_len;

	scratch_write(&bench->scratch, "bad.db", data, len);
	for (int mode = DB_WRITE; mode <= DB_READ; mode++) {
		assert_false(db_open(&db, scratch_path(&bench->scratch, "bad.db"),
				     (enum db_mode)mode, &bench->err));
		assert_says(&bench->err, ERR_DB, what);
		assert_says(&bench->err, ERR_DB, "/bad.db");
		assert_null(db);
	}
	after = scratch_read(&bench->scratch, "bad.db", &after_len);
	assert_int_equal(after_len, len);
	assert_memory_equal(after, data, len);
	free(after);
}

static void
a_file_that_is_no_database_is_named_and_left_alone(void **state)
{
	struct bench *bench = *state;
	static const char text[] = "state-dir = \"/var/lib/ixwatch\"\n";
	unsigned char noise[8192];
	struct db *db = NULL;

	for (size_t i = 0; i < sizeof(noise); i++)
		noise[i] = (unsigned char)(i * 2654435761u >> 13);
	refuse_file(bench, "", 0, "is empty");
	refuse_file(bench, text, sizeof(text), "file is not a database");
	refuse_file(bench, noise, sizeof(noise), "file is not a database");
	assert_false(db_open(&db, bench->scratch.dir, DB_READ, &bench->err));
	assert_says(&bench->err, ERR_DB, "is not a file");
}

static void
a_damaged_page_is_an_error_that_names_the_file(void **state)
{
	struct bench *bench = *state;
	unsigned char noise[4096];

	for (int i = 1; i <= 200; i++) {
		char name[32];

		snprintf(name, sizeof(name), "name %d", i);
		assert_true(insert(bench->db, i, name, &bench->err));
	}
	db_close(bench->db);
	bench->db = NULL;
	memset(noise, 0x5a, sizeof(noise));
	scratch_overwrite(&bench->scratch, "thing.db", 4096, noise, sizeof(noise));
	assert_true(db_open(&bench->db, bench->path, DB_READ, &bench->err));
	assert_int_equal(db_step(db_get(bench->db, sql_all), &bench->err), DB_FAIL);
	assert_says(&bench->err, ERR_DB, "malformed");
	assert_says(&bench->err, ERR_DB, bench->path);
}

#define BENCH_TEST(function) cmocka_unit_test_setup_teardown(function, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(unknown_numbers_are_null_and_come_back_unknown),
		BENCH_TEST(values_come_back_as_they_went),
		BENCH_TEST(a_wrong_name_is_remembered_and_said),
		BENCH_TEST(a_forgotten_value_is_said),
		BENCH_TEST(a_text_that_is_no_sql_is_said),
		BENCH_TEST(an_error_names_file_reason_code_and_sql),
		BENCH_TEST(a_reference_to_nothing_is_not_found),
		BENCH_TEST(a_statement_whose_rows_are_being_read_may_be_used_again),
		BENCH_TEST(a_failure_inside_makes_the_whole_fail),
		BENCH_TEST(what_was_rolled_back_or_not_committed_is_gone),
		BENCH_TEST(begin_and_commit_come_in_pairs),
		BENCH_TEST(a_reader_sees_one_state_between_begin_and_commit),
		BENCH_TEST(a_reader_cannot_write),
		BENCH_TEST(a_checkpoint_waits_for_nobody),
		BENCH_TEST(a_full_database_says_so_and_keeps_what_it_has),
		BENCH_TEST(a_file_that_is_not_there_is_not_found),
		BENCH_TEST(a_file_that_is_there_is_not_made_anew),
		BENCH_TEST(a_file_that_is_no_database_is_named_and_left_alone),
		BENCH_TEST(a_damaged_page_is_an_error_that_names_the_file),
	};

	return cmocka_run_group_tests_name("db", tests, NULL, NULL);
}
