/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_connection.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_connection.c - which ports made up a connection when; its judgement beside that of ports; a file of version 1
 * brought up to date. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/ledger.h"
#include "ledger_scratch.h"
#include "store/db.h"

#define T0 INT64_C(1795000000)

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port_id[2], connection_id;
};

static int64_t
put_port(struct bench *bench, const char *interface, uint32_t asn, int64_t at_utc_sec)
{
	char path[64];
	struct port port = { .exchange = "demo-fra",
			     .agent = "edge1",
			     .interface = interface,
			     .alias = "",
			     .peer = "ExampleNet",
			     .path = path,
			     .note = "",
			     .circuit = "",
			     .asn = asn,
			     .kind = KIND_MEMBER,
			     .contracted_bps = 5e9 };
	int64_t id;

	snprintf(path, sizeof(path), "rrd/demo-fra/edge1/%s.rrd", interface);
	assert_true(ledger_port_put(bench->ledger, &port, at_utc_sec, &id, &bench->err));
	return id;
}

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "demo-fra", "Demo-IX Frankfurt",
					"Europe/Berlin", &bench->err));
	bench->port_id[0] = put_port(bench, "a", 64500, T0);
	bench->port_id[1] = put_port(bench, "b", 64500, T0);
	assert_true(ledger_connection_put(bench->ledger, "demo-fra", 64500, &bench->connection_id,
					  &bench->err));
	*state = bench;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *bench = *state;

	ledger_close(bench->ledger);
	scratch_free(&bench->scratch);
	free(bench);
	return 0;
}

struct listing {
	char text[256];
};

static bool
on_member(const struct ledger_member *member, void *user)
{
	struct listing *listing = user;
	size_t len = strlen(listing->text);

	assert_true(member->contracted_bps == 5e9 && strcmp(member->agent, "edge1") == 0);
	snprintf(listing->text + len, sizeof(listing->text) - len, "%lld:%lld-%lld ",
		 (long long)member->port_id,
		 (long long)(member->from_utc_sec ? member->from_utc_sec - T0 : 0),
		 (long long)(member->to_utc_sec ? member->to_utc_sec - T0 : 0));
	return true;
}

static void
assert_members(struct bench *bench, const char *want)
{
	struct listing listing = { "" };

	assert_true(ledger_member_each(bench->ledger, bench->connection_id, on_member, &listing,
				       &bench->err));
	assert_string_equal(listing.text, want);
}

static bool
join(struct bench *bench, int64_t port_id, int64_t at_utc_sec, int64_t *from_utc_sec)
{
	bool joined;

	assert_true(ledger_member_join(bench->ledger, bench->connection_id, port_id, at_utc_sec,
				       &joined, from_utc_sec, &bench->err));
	return joined;
}

static void
leave(struct bench *bench, int64_t port_id, int64_t at_utc_sec)
{
	assert_true(ledger_member_leave(bench->ledger, bench->connection_id, port_id, at_utc_sec,
					&bench->err));
}

/* --- members --- */

static void
a_port_that_was_always_the_peers_counts_from_its_first_sample(void **state)
{
	struct bench *bench = *state;
	int64_t from;

	assert_true(join(bench, bench->port_id[0], T0 + 900, &from));
	assert_int_equal(from, 0);
	assert_members(bench, "1:0-0 ");
}

static void
a_port_that_was_anothers_counts_from_when_it_became_the_peers(void **state)
{
	struct bench *bench = *state;
	int64_t from, id = put_port(bench, "c", 64501, T0);

	assert_int_equal(put_port(bench, "c", 64500, T0 + 600), id);
	assert_true(join(bench, id, T0 + 900, &from));
	assert_int_equal(from, T0 + 600);
}

static void
joining_twice_changes_nothing(void **state)
{
	struct bench *bench = *state;
	int64_t from;

	join(bench, bench->port_id[0], T0 + 900, &from);
	assert_false(join(bench, bench->port_id[0], T0 + 1800, &from));
	assert_int_equal(from, 0);
	assert_members(bench, "1:0-0 ");
}

static void
one_that_left_and_returns_counts_from_its_return(void **state)
{
	struct bench *bench = *state;
	int64_t from;

	join(bench, bench->port_id[0], T0, &from);
	leave(bench, bench->port_id[0], T0 + 900);
	assert_members(bench, "1:0-900 ");
	assert_true(join(bench, bench->port_id[0], T0 + 1800, &from));
	assert_int_equal(from, T0 + 1800);
	assert_members(bench, "1:0-900 1:1800-0 ");
}

static void
one_that_left_and_returns_at_once_never_left(void **state)
{
	struct bench *bench = *state;
	int64_t from;

	join(bench, bench->port_id[0], T0, &from);
	leave(bench, bench->port_id[0], T0 + 900);
	join(bench, bench->port_id[0], T0 + 900, &from);
	assert_members(bench, "1:0-0 ");
}

static void
leaving_twice_changes_nothing(void **state)
{
	struct bench *bench = *state;
	int64_t from;

	join(bench, bench->port_id[1], T0, &from);
	leave(bench, bench->port_id[1], T0 + 900);
	leave(bench, bench->port_id[1], T0 + 1800);
	leave(bench, bench->port_id[0], T0 + 1800);
	assert_members(bench, "2:0-900 ");
}

/* --- connections --- */

static bool
on_connection(const struct ledger_connection *connection, void *user)
{
	int64_t *id = user;

	assert_string_equal(connection->exchange, "demo-fra");
	assert_string_equal(connection->peer, "ExampleNet");
	assert_int_equal(connection->asn, 64500);
	*id = connection->id;
	return true;
}

static void
a_connection_is_found_by_its_name_and_put_once(void **state)
{
	static const char *const names[] = { "demo-fra/AS64500", "demo-fra/64500" };
	static const char *const wrong[] = { "demo-fra",  "demo-fra/",        "demo-fra/AS",
					     "x/AS64500", "demo-fra/AS64501", "demo-fra/AS64500/x",
					     "1" };
	struct bench *bench = *state;
	int64_t id;

	assert_true(ledger_connection_put(bench->ledger, "demo-fra", 64500, &id, &bench->err));
	assert_int_equal(id, bench->connection_id);
	for (size_t i = 0; i < 2; i++) {
		id = 0;
		assert_true(ledger_connection_find(bench->ledger, names[i], on_connection, &id,
						   &bench->err));
		assert_int_equal(id, bench->connection_id);
	}
	for (size_t i = 0; i < sizeof(wrong) / sizeof(wrong[0]); i++) {
		assert_false(ledger_connection_find(bench->ledger, wrong[i], on_connection, &id,
						    &bench->err));
		assert_int_equal(bench->err.code, ERR_NOT_FOUND);
		assert_non_null(strstr(bench->err.text, wrong[i]));
	}
}

static void
what_the_ledger_does_not_know_has_no_connection(void **state)
{
	struct bench *bench = *state;
	int64_t id;

	assert_false(ledger_connection_put(bench->ledger, "demo-ams", 64500, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_false(ledger_connection_put(bench->ledger, "demo-fra", 1, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
}

/* --- judgements beside those of ports --- */

static bool
count_episode(const struct ledger_episode *episode, void *user)
{
	assert_int_equal(episode->subject.kind, *(enum subject_kind *)user);
	*(enum subject_kind *)user = SUBJECT_KIND_COUNT;
	return true;
}

static void
episodes_of_a_connection_are_not_those_of_the_port_with_its_id(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = { .subject = subject_connection(bench->connection_id),
					  .start_utc_sec = T0,
					  .end_utc_sec = T0 + 300,
					  .peak_utilisation = 0.9,
					  .mean_utilisation = 0.9 };
	struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	enum subject_kind seen = SUBJECT_PORT;

	assert_int_equal(bench->connection_id, bench->port_id[0]);
	assert_true(ledger_episode_put(bench->ledger, &episode, &bench->err));
	assert_true(ledger_episode_each(bench->ledger, &query, count_episode, &seen, &bench->err));
	assert_int_equal(seen, SUBJECT_PORT); /* none was listed */
	query.subject = subject_connection(0);
	seen = SUBJECT_CONNECTION;
	assert_true(ledger_episode_each(bench->ledger, &query, count_episode, &seen, &bench->err));
	assert_int_equal(seen, SUBJECT_KIND_COUNT);
}

static void
assert_checkpoint(struct bench *bench, struct subject subject, enum judged_for judged_for,
		  const char *want)
{
	int64_t until_utc_sec;
	void *saved;
	size_t len;

	assert_true(ledger_checkpoint_get(bench->ledger, subject, judged_for, &until_utc_sec,
					  &saved, &len, &bench->err));
	if (want == NULL)
		assert_null(saved);
	else
		assert_memory_equal(saved, want, strlen(want));
	free(saved);
}

static void
put_checkpoint(struct bench *bench, struct subject subject, enum judged_for judged_for,
	       const char *saved)
{
	assert_true(ledger_checkpoint_put(bench->ledger, subject, judged_for, T0, saved,
					  strlen(saved), &bench->err));
}

static void
a_changed_past_forgets_what_else_rests_on_it(void **state)
{
	struct bench *bench = *state;
	struct subject port = subject_port(bench->port_id[0]),
		       other = subject_port(bench->port_id[1]),
		       connection = subject_connection(bench->connection_id);
	int64_t from;

	join(bench, bench->port_id[0], T0, &from);
	put_checkpoint(bench, port, JUDGED_FOR_PAGES, "port, pages");
	put_checkpoint(bench, port, JUDGED_FOR_REPORTS, "port, reports");
	put_checkpoint(bench, other, JUDGED_FOR_REPORTS, "other, reports");
	put_checkpoint(bench, connection, JUDGED_FOR_PAGES, "connection, pages");
	assert_true(ledger_checkpoint_forget(bench->ledger, bench->port_id[1], &bench->err));
	assert_checkpoint(bench, other, JUDGED_FOR_REPORTS, NULL);
	assert_checkpoint(bench, connection, JUDGED_FOR_PAGES, "connection, pages"); /* not its */
	assert_true(ledger_checkpoint_forget(bench->ledger, bench->port_id[0], &bench->err));
	assert_checkpoint(bench, port, JUDGED_FOR_PAGES, "port, pages");
	assert_checkpoint(bench, port, JUDGED_FOR_REPORTS, NULL);
	assert_checkpoint(bench, connection, JUDGED_FOR_PAGES, NULL);
}

/* --- a file of version 1 --- */

static char *
read_golden(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 65536);

	assert_non_null(file);
	assert_true(fread(text, 1, 65535, file) > 1000);
	fclose(file);
	return text;
}

/* A released version, and how a checkpoint was written in it. */
static const struct released {
	const char *schema_path, *checkpoint;
} releases[] = {
	{ "tests/golden/ledger_version_1.sql",
	  "INSERT INTO checkpoint VALUES (1, 1795000000, CAST('old state' AS BLOB))" },
	{ "tests/golden/ledger_version_2.sql",
	  "INSERT INTO checkpoint VALUES (1, 'pages', 1795000000, CAST('old state' AS BLOB))" },
	{ "tests/golden/ledger_version_3.sql",
	  "INSERT INTO checkpoint VALUES (1, 'pages', 1795000000, CAST('old state' AS BLOB))" },
	{ "tests/golden/ledger_version_4.sql",
	  "INSERT INTO checkpoint VALUES (1, 'pages', 1795000000, CAST('old state' AS BLOB))" },
};

static void
assert_brought_up_to_date(const struct released *released)
{
	static const char rows[] =
	    "INSERT INTO exchange (slug, name, timezone) VALUES ('demo-fra', 'Demo', 'UTC');"
	    "INSERT INTO agent (exchange_id, name) VALUES (1, 'edge1');"
	    "INSERT INTO peer VALUES (64500, 'ExampleNet');"
	    "INSERT INTO port (agent_id, interface, path, alias, peer, asn, kind, note, circuit,"
	    " contract_billed, first_seen_utc_sec)"
	    " VALUES (1, 'a', 'rrd/a', '', 'ExampleNet', 64500, 'member', '', '', 0, 1795000000);";
	struct bench bench = { .ledger = NULL };
	char *schema = read_golden(released->schema_path), path[600];
	struct db *db = NULL;

	scratch_new(&bench.scratch);
	snprintf(path, sizeof(path), "%s/ixwatch.db", bench.scratch.dir);
	assert_true(db_open(&db, path, DB_CREATE, &bench.err));
	assert_true(db_exec(db, schema, &bench.err));
	assert_true(db_exec(db, rows, &bench.err));
	assert_true(db_exec(db, released->checkpoint, &bench.err));
	db_close(db);
	free(schema);

	assert_true(ledger_open(&bench.ledger, bench.scratch.dir, LEDGER_WRITE, &bench.err));
	assert_checkpoint(&bench, subject_port(1), JUDGED_FOR_PAGES, "old state");
	assert_checkpoint(&bench, subject_port(1), JUDGED_FOR_REPORTS, NULL);
	assert_true(ledger_connection_put(bench.ledger, "demo-fra", 64500, &bench.connection_id,
					  &bench.err));
	ledger_close(bench.ledger);
	assert_true(ledger_open(&bench.ledger, bench.scratch.dir, LEDGER_READ, &bench.err));
	ledger_close(bench.ledger);
	scratch_free(&bench.scratch);
}

static void
a_ledger_of_each_released_version_is_brought_up_to_date(void **state)
{
	(void)state;
	for (size_t n = 0; n < sizeof(releases) / sizeof(releases[0]); n++)
		assert_brought_up_to_date(&releases[n]);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(a_port_that_was_always_the_peers_counts_from_its_first_sample),
		BENCH_TEST(a_port_that_was_anothers_counts_from_when_it_became_the_peers),
		BENCH_TEST(joining_twice_changes_nothing),
		BENCH_TEST(one_that_left_and_returns_counts_from_its_return),
		BENCH_TEST(one_that_left_and_returns_at_once_never_left),
		BENCH_TEST(leaving_twice_changes_nothing),
		BENCH_TEST(a_connection_is_found_by_its_name_and_put_once),
		BENCH_TEST(what_the_ledger_does_not_know_has_no_connection),
		BENCH_TEST(episodes_of_a_connection_are_not_those_of_the_port_with_its_id),
		BENCH_TEST(a_changed_past_forgets_what_else_rests_on_it),
		cmocka_unit_test(a_ledger_of_each_released_version_is_brought_up_to_date),
	};

	return cmocka_run_group_tests_name("ledger_connection", tests, NULL, NULL);
}
