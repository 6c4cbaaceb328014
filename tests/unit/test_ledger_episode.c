/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_episode.c - episodes are kept, grow, are superseded, and are listed by what is asked. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_bench.h"

/* --- episodes --- */

struct episodes {
	struct ledger_episode entry[16];
	char excuse[16][32];
	unsigned count;
};

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct episodes *all = user;

	all->entry[all->count] = *episode;
	snprintf(all->excuse[all->count], 32, "%s", episode->excuse != NULL ? episode->excuse : "");
	return ++all->count < COUNT(all->entry);
}

static void
an_open_episode_grows_and_keeps_its_id(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(bench->port_id, T0, T0 + 300);
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	struct episodes before = { .count = 0 }, after = { .count = 0 };

	episode.open = true;
	episode.kind = EPISODE_SPIKE;
	put_episode(bench, episode);
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &before, &bench->err));
	for (int i = 2; i <= 12; i++) {
		episode.end_utc_sec = T0 + i * 300;
		episode.kind = i >= 6 ? EPISODE_SUSTAINED : EPISODE_SPIKE;
		put_episode(bench, episode);
	}
	episode.open = false;
	episode.excuse = "flash";
	put_episode(bench, episode);
	put_episode(bench, episode_of(bench->port_id, T0 + 7200, T0 + 9000));
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &after, &bench->err));
	assert_int_equal(after.count, 2);
	assert_int_equal(after.entry[1].id, before.entry[0].id);
	assert_int_equal(after.entry[0].id, before.entry[0].id + 1);
	assert_int_equal(after.entry[1].end_utc_sec, T0 + 3600);
	assert_int_equal(after.entry[1].kind, EPISODE_SUSTAINED);
	assert_false(after.entry[1].open);
	assert_string_equal(after.excuse[1], "flash");
	assert_string_equal(after.excuse[0], "");
	assert_true(after.entry[1].peak_utilisation == 0.97);
	assert_true(isnan(after.entry[1].mean_utilisation));
	assert_int_equal(after.entry[1].direction, DIRECTION_OUT);
	assert_int_equal(after.entry[1].profile, PROFILE_EARLY);
}

static void
both_directions_and_profiles_have_episodes_of_their_own(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(bench->port_id, T0, T0 + 300);
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	struct episodes all = { .count = 0 };

	for (int i = 0; i < 8; i++) {
		episode.direction = (enum direction)(i & 1);
		episode.profile = (enum profile)(i >> 1 & 1);
		put_episode(bench, episode);
	}
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_int_equal(all.count, 4);
}

static void
superseded_episodes_are_kept_but_listed_no_more(void **state)
{
	struct bench *bench = *state;
	const struct ledger_episode_query query = { .any_kind = true, .limit = 10 };
	const int64_t starts[] = { T0, T0 + 3600, T0 + 7200, T0 + 3600 }; /* by id */
	struct episodes all = { .count = 0 };

	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	put_episode(bench, episode_of(bench->port_id, T0 + 3600, T0 + 3900));
	put_episode(bench, episode_of(bench->port_id, T0 + 7200, T0 + 7500));
	assert_true(ledger_episode_supersede(bench->ledger, subject_port(bench->port_id), T0 + 3600,
					     &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0 + 3600,
				      T0 + 4800)); /* the same start, judged anew */
	assert_true(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_int_equal(all.count, 2);
	assert_int_equal(all.entry[0].start_utc_sec, T0 + 3600);
	assert_int_equal(all.entry[0].end_utc_sec, T0 + 4800);
	assert_int_equal(all.entry[1].start_utc_sec, T0);
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode WHERE superseded = 1"), 2);
	/* Whose they were is known of all; a list may go on from one that was taken back. */
	for (int64_t id = 1; id <= 4; id++) {
		int64_t port_id = 0, start_utc_sec = 0;

		assert_true(ledger_episode_subject(bench->ledger, SUBJECT_PORT, id, &port_id,
						   &start_utc_sec, &bench->err));
		assert_int_equal(port_id, bench->port_id);
		assert_int_equal(start_utc_sec, starts[id - 1]);
	}
	assert_false(ledger_episode_subject(bench->ledger, SUBJECT_PORT, 5, &(int64_t) { 0 },
					    &(int64_t) { 0 }, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no episode 5");
}

static void
an_episode_of_an_unknown_port_or_that_ends_before_it_starts_is_refused(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode episode = episode_of(99, T0, T0 + 300);

	assert_false(ledger_episode_put(bench->ledger, &episode, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "episode of port 99");
	episode = episode_of(bench->port_id, T0, T0 - 300);
	assert_false(ledger_episode_put(bench->ledger, &episode, &bench->err));
	assert_says(&bench->err, ERR_DB, "CHECK constraint failed");
}

/* Four episodes, numbered in order of their putting:
 * 1 port A [0, 300) sustained    2 port B [600, 900) spike    3 port A [600, 1200) open, sustained
 * 4 port C (another exchange) [1500, 1800) open, spike */
static const struct query_case {
	const char *name;
	struct ledger_episode_query query;
	const char *want; /* ids, in order */
} query_cases[] = {
	{ "all are listed newest start first, ties by id",
	  { .any_kind = true, .limit = 10 },
	  "4 3 2 1 " },
	{ "a limit cuts the list", { .any_kind = true, .limit = 2 }, "4 3 " },
	{ "a cursor goes on behind its episode, through a tie",
	  { .any_kind = true, .before_id = 3, .limit = 10 },
	  "2 1 " },
	{ "a cursor at the oldest leaves nothing",
	  { .any_kind = true, .before_id = 1, .limit = 10 },
	  "" },
	{ "one port's", { .any_kind = true, .subject = { SUBJECT_PORT, 1 }, .limit = 10 }, "3 1 " },
	{ "one port's open ones",
	  { .any_kind = true, .subject = { SUBJECT_PORT, 1 }, .open_only = true, .limit = 10 },
	  "3 " },
	{ "some ports'", { .any_kind = true, .subjects = "[3,1,99]", .limit = 10 }, "4 3 1 " },
	{ "some ports' behind a cursor that is none of theirs",
	  { .any_kind = true, .subjects = "[1]", .before_id = 4, .limit = 10 },
	  "3 1 " },
	{ "some ports' open ones at an exchange",
	  { .any_kind = true,
	    .subjects = "[1,2,3]",
	    .open_only = true,
	    .exchange = "demo-fra",
	    .limit = 10 },
	  "3 " },
	{ "of no ports there are none", { .any_kind = true, .subjects = "[]", .limit = 10 }, "" },
	{ "an exchange's", { .any_kind = true, .exchange = "demo-ams", .limit = 10 }, "4 " },
	{ "an exchange and a port elsewhere have none",
	  { .any_kind = true, .exchange = "demo-ams", .subject = { SUBJECT_PORT, 1 }, .limit = 10 },
	  "" },
	{ "an unknown exchange has none",
	  { .any_kind = true, .exchange = "x' OR '1", .limit = 10 },
	  "" },
	{ "a peer's, by whose the port was then, also before it was first seen",
	  { .any_kind = true, .asn = 64500, .limit = 10 },
	  "3 2 1 " },
	{ "not what came before a port was a peer's",
	  { .any_kind = true, .asn = 64501, .limit = 10 },
	  "4 " },
	{ "a peer's of one port",
	  { .any_kind = true, .asn = 64500, .subject = { SUBJECT_PORT, 2 }, .limit = 10 },
	  "2 " },
	{ "a peer's open ones at an exchange behind a cursor",
	  { .any_kind = true,
	    .asn = 64500,
	    .open_only = true,
	    .exchange = "demo-fra",
	    .before_id = 4,
	    .limit = 10 },
	  "3 " },
	{ "of a peer without ports there are none",
	  { .any_kind = true, .asn = 64502, .limit = 10 },
	  "" },
	{ "open ones", { .any_kind = true, .open_only = true, .limit = 10 }, "4 3 " },
	{ "open ones of an exchange",
	  { .any_kind = true, .open_only = true, .exchange = "demo-fra", .limit = 10 },
	  "3 " },
	{ "spikes", { .kind = EPISODE_SPIKE, .limit = 10 }, "4 2 " },
	{ "sustained ones of a port",
	  { .kind = EPISODE_SUSTAINED, .subject = { SUBJECT_PORT, 2 }, .limit = 10 },
	  "" },
	{ "one that ended when the window begins is outside",
	  { .any_kind = true, .from_utc_sec = T0 + 300, .limit = 10 },
	  "4 3 2 " },
	{ "a longer one reaches into the window",
	  { .any_kind = true, .from_utc_sec = T0 + 900, .limit = 10 },
	  "4 3 " },
	{ "one that starts when the window ends is outside",
	  { .any_kind = true, .to_utc_sec = T0 + 1500, .limit = 10 },
	  "3 2 1 " },
	{ "window and kind and exchange together",
	  { .kind = EPISODE_SUSTAINED,
	    .exchange = "demo-fra",
	    .from_utc_sec = T0 + 1,
	    .to_utc_sec = T0 + 600,
	    .limit = 10 },
	  "1 " },
};

static bool
on_episode_id(const struct ledger_episode *episode, void *user)
{
	char id[24];

	snprintf(id, sizeof(id), "%lld", (long long)episode->id);
	return add_name(user, id);
}

static void
fill_for_queries(struct bench *bench)
{
	struct port ports[] = { port_of("edge1", "b", "rrd/1"), port_of("edge9", "c", "rrd/2") };
	int64_t b, c;

	assert_true(ledger_exchange_put(bench->ledger, "demo-ams", "Demo-IX Amsterdam",
					"Europe/Amsterdam", &bench->err));
	ports[1].exchange = "demo-ams";
	ports[1].asn = 64501;
	assert_true(ledger_port_put(bench->ledger, &ports[0], T0 + 650, &b, &bench->err));
	assert_true(ledger_port_put(bench->ledger, &ports[1], T0, &c, &bench->err));
	ports[0].asn = 64501;
	assert_true(ledger_port_put(bench->ledger, &ports[0], T0 + 1000, &b, &bench->err));
	struct ledger_episode episodes[] = { episode_of(bench->port_id, T0, T0 + 300),
					     episode_of(b, T0 + 600, T0 + 900),
					     episode_of(bench->port_id, T0 + 600, T0 + 1200),
					     episode_of(c, T0 + 1500, T0 + 1800) };
	episodes[1].kind = episodes[3].kind = EPISODE_SPIKE;
	episodes[2].open = episodes[3].open = true;
	for (size_t i = 0; i < COUNT(episodes); i++)
		put_episode(bench, episodes[i]);
}

static void
check_query(void **state)
{
	const struct query_case *test = *state;
	struct names names = { .count = 0 };
	struct error err;
	void *own;
	bool done;

	set_up(&own);
	fill_for_queries(own);
	done = ledger_episode_each(((struct bench *)own)->ledger, &test->query, on_episode_id,
				   &names, &err);
	tear_down(&own);
	assert_true(done);
	assert_string_equal(names.text, test->want);
}

static void
a_list_without_a_limit_or_from_an_unknown_cursor_is_refused(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode_query query = { .any_kind = true, .limit = 0 };
	struct episodes all = { .count = 0 };

	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "1 to 1000");
	query.limit = 1001;
	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "1 to 1000");
	query = (struct ledger_episode_query) {
		.subject = { SUBJECT_CONNECTION, 0 }, .any_kind = true, .limit = 1, .asn = 64500
	};
	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "of its ports");
	query = (struct ledger_episode_query) { .any_kind = true, .limit = 1, .before_id = 4711 };
	assert_false(ledger_episode_each(bench->ledger, &query, on_episode, &all, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "no episode 4711");
}

static const struct CMUnitTest bench_tests[] = {
	BENCH_TEST(an_open_episode_grows_and_keeps_its_id),
	BENCH_TEST(both_directions_and_profiles_have_episodes_of_their_own),
	BENCH_TEST(superseded_episodes_are_kept_but_listed_no_more),
	BENCH_TEST(an_episode_of_an_unknown_port_or_that_ends_before_it_starts_is_refused),
	BENCH_TEST(a_list_without_a_limit_or_from_an_unknown_cursor_is_refused),
};

int
main(void)
{
	struct CMUnitTest tests[COUNT(query_cases)];

	for (size_t i = 0; i < COUNT(query_cases); i++)
		tests[i] = (struct CMUnitTest) { query_cases[i].name, check_query, NULL, NULL,
						 (void *)&query_cases[i] };
	return cmocka_run_group_tests_name("ledger: episodes", bench_tests, NULL, NULL) +
	       cmocka_run_group_tests_name("episode lists", tests, NULL, NULL);
}
