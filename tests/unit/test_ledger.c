/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger.c - what happened is kept: exchanges, checkpoints, days, verdicts, who did what; transactions. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ledger_bench.h"

/* --- exchanges --- */

static bool
on_exchange(const struct ledger_exchange *exchange, void *user)
{
	return add_name(user, exchange->slug);
}

static void
exchanges_no_longer_configured_are_listed_no_more_and_may_come_back(void **state)
{
	static const char *const configured[] = { "demo-ams" };
	struct bench *bench = *state;
	struct names names = { .count = 0 }, after = { .count = 0 }, again = { .count = 0 };

	assert_true(ledger_exchange_put(bench->ledger, "demo-ams", "Demo-IX Amsterdam",
					"Europe/Amsterdam", &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &names, &bench->err));
	assert_string_equal(names.text, "demo-ams demo-fra ");
	assert_true(ledger_exchange_retire_others(bench->ledger, configured, 1, &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &after, &bench->err));
	assert_string_equal(after.text, "demo-ams ");
	assert_true(ledger_exchange_put(bench->ledger, "demo-fra", "Demo-IX Frankfurt",
					"Europe/Berlin", &bench->err));
	assert_true(ledger_exchange_each(bench->ledger, on_exchange, &again, &bench->err));
	assert_string_equal(again.text, "demo-ams demo-fra ");
}

/* --- checkpoints --- */

static void
a_checkpoint_replaces_the_one_before(void **state)
{
	struct bench *bench = *state;
	int64_t until_utc_sec = 1;
	void *saved = bench;
	size_t len = 1;

	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, 0);
	assert_null(saved);
	assert_int_equal(len, 0);
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0, "old", 4, &bench->err));
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0 + 300, "n\0ew\xff", 5, &bench->err));
	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, T0 + 300);
	assert_int_equal(len, 5);
	assert_memory_equal(saved, "n\0ew\xff", 5);
	free(saved);
	assert_true(ledger_checkpoint_put(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, T0 + 600, NULL, 0, &bench->err));
	assert_true(ledger_checkpoint_get(bench->ledger, subject_port(bench->port_id),
					  JUDGED_FOR_PAGES, &until_utc_sec, &saved, &len,
					  &bench->err));
	assert_int_equal(until_utc_sec, T0 + 600);
	assert_int_equal(len, 0);
	free(saved);
	assert_false(ledger_checkpoint_put(bench->ledger, subject_port(99), JUDGED_FOR_PAGES, T0,
					   "x", 1, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "checkpoint of port 99");
}

/* --- days and verdicts --- */

struct days {
	struct ledger_day entry[8];
	char state[8][32];
	unsigned count;
};

static bool
on_day(const struct ledger_day *day, void *user)
{
	struct days *all = user;

	all->entry[all->count] = *day;
	snprintf(all->state[all->count], 32, "%s", day->state);
	return ++all->count < COUNT(all->entry);
}

static void
a_day_judged_anew_replaces_the_old_judgement(void **state)
{
	struct bench *bench = *state;
	struct ledger_day day = { .subject = subject_port(bench->port_id),
				  .direction = DIRECTION_OUT,
				  .profile = PROFILE_PROOF,
				  .possible_samples = 300,
				  .known_samples = 288,
				  .congested_samples = 20,
				  .live_samples = 22,
				  .congested_minutes = 110,
				  .run_minutes = 120,
				  .state = "congested",
				  .verdict = VERDICT_INSUFFICIENT };
	struct days all = { .count = 0 };

	for (day.day = 20770; day.day < 20775; day.day++)
		assert_true(ledger_day_put(bench->ledger, &day, &bench->err));
	day.day = 20772;
	day.state = "flash";
	day.verdict = VERDICT_RECURRING;
	assert_true(ledger_day_put(bench->ledger, &day, &bench->err));
	assert_true(ledger_day_each(bench->ledger, subject_port(bench->port_id), DIRECTION_OUT,
				    PROFILE_PROOF, 20771, 20773, on_day, &all, &bench->err));
	assert_int_equal(all.count, 3);
	assert_int_equal(all.entry[0].day, 20771);
	assert_string_equal(all.state[0], "congested");
	assert_string_equal(all.state[1], "flash");
	assert_int_equal(all.entry[1].verdict, VERDICT_RECURRING);
	assert_int_equal(all.entry[1].run_minutes, 120);
	assert_int_equal(all.entry[2].known_samples, 288);
	all.count = 0;
	assert_true(ledger_day_each(bench->ledger, subject_port(bench->port_id), DIRECTION_IN,
				    PROFILE_PROOF, 0, INT32_MAX, on_day, &all, &bench->err));
	assert_int_equal(all.count, 0);
	day.known_samples = 301;
	assert_false(ledger_day_put(bench->ledger, &day, &bench->err));
	assert_says(&bench->err, ERR_DB, "traffic day of port 1");
}

struct verdicts {
	struct ledger_verdict entry[8];
	char reason[8][64];
	unsigned count;
};

static bool
on_verdict(const struct ledger_verdict *verdict, void *user)
{
	struct verdicts *all = user;

	all->entry[all->count] = *verdict;
	snprintf(all->reason[all->count], 64, "%s", verdict->reason);
	return ++all->count < COUNT(all->entry);
}

static void
another_verdict_closes_the_one_in_force(void **state)
{
	struct bench *bench = *state;
	struct ledger_verdict verdict = { .subject = subject_port(bench->port_id),
					  .direction = DIRECTION_OUT,
					  .profile = PROFILE_EARLY,
					  .verdict = VERDICT_INSUFFICIENT,
					  .reason = "4 valid days of 28",
					  .from_utc_sec = T0 };
	struct verdicts now = { .count = 0 }, all = { .count = 0 };

	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict.reason = "5 valid days of 28"; /* the same judgement, told with newer days */
	verdict.has_stale = verdict.has_stale_since = true;
	verdict.stale_verdict = VERDICT_RECURRING;
	verdict.stale_since_day = 20700;
	verdict.from_utc_sec = T0 + 86400;
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict = (struct ledger_verdict) { .subject = subject_port(bench->port_id),
					    .direction = DIRECTION_OUT,
					    .profile = PROFILE_EARLY,
					    .verdict = VERDICT_ROUTINE,
					    .has_since = true,
					    .since_day = 20775,
					    .reason = "rule A",
					    .from_utc_sec = T0 + 172800 };
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	verdict.direction = DIRECTION_IN;
	verdict.verdict = VERDICT_NONE;
	assert_true(ledger_verdict_put(bench->ledger, &verdict, &bench->err));
	assert_true(
	    ledger_verdict_each(bench->ledger, SUBJECT_PORT, on_verdict, &now, &bench->err));
	assert_int_equal(now.count, 2);
	assert_int_equal(now.entry[0].direction, DIRECTION_IN);
	assert_int_equal(now.entry[1].verdict, VERDICT_ROUTINE);
	assert_true(now.entry[1].has_since);
	assert_int_equal(now.entry[1].since_day, 20775);
	assert_false(now.entry[1].has_stale);
	assert_int_equal(now.entry[1].to_utc_sec, 0);
	assert_true(ledger_verdict_history(bench->ledger, subject_port(bench->port_id), on_verdict,
					   &all, &bench->err));
	assert_int_equal(all.count, 3);
	assert_int_equal(all.entry[2].verdict, VERDICT_INSUFFICIENT);
	assert_string_equal(all.reason[2], "5 valid days of 28");
	assert_false(all.entry[2].has_since);
	assert_true(all.entry[2].has_stale && all.entry[2].has_stale_since);
	assert_int_equal(all.entry[2].stale_verdict, VERDICT_RECURRING);
	assert_int_equal(all.entry[2].stale_since_day, 20700);
	assert_int_equal(all.entry[2].from_utc_sec, T0);
	assert_int_equal(all.entry[2].to_utc_sec, T0 + 172800);
}

/* --- who did what --- */

static void
deeds_and_imports_are_written_down(void **state)
{
	struct bench *bench = *state;
	const struct ledger_import import = { .actor = "cli",
					      .what = "backfill",
					      .source = "/home/a/b.csv",
					      .port_id = bench->port_id,
					      .started_utc_sec = T0,
					      .ended_utc_sec = T0 + 2,
					      .from_utc_sec = T0 - 86400,
					      .to_utc_sec = T0,
					      .read_count = 288,
					      .accepted_count = 280,
					      .trouble = "" };

	assert_true(ledger_audit(bench->ledger, T0, "cli", "backfill", bench->port_id, "288 rows",
				 &bench->err));
	assert_true(ledger_audit(bench->ledger, T0, "collector", "start", 0, "", &bench->err));
	assert_true(ledger_import_put(bench->ledger, &import, &bench->err));
	assert_int_equal(ask(bench, "SELECT count(*) FROM audit WHERE port_id IS NULL"), 1);
	assert_int_equal(ask(bench, "SELECT accepted_count FROM import_run WHERE port_id = 1"),
			 280);
	assert_false(ledger_audit(bench->ledger, T0, "cli", "backfill", 99, "", &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "audit log");
}

/* --- transactions --- */

static void
writes_between_begin_and_commit_stand_or_fall_together(void **state)
{
	struct bench *bench = *state;
	struct ledger_episode bad = episode_of(99, T0, T0 + 300);

	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	ledger_rollback(bench->ledger);
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 0);
	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	assert_false(ledger_episode_put(bench->ledger, &bad, &bench->err));
	assert_false(ledger_commit(bench->ledger, &bench->err));
	assert_says(&bench->err, ERR_NOT_FOUND, "ledger: nothing was written: ");
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 0);
	assert_true(ledger_begin(bench->ledger, &bench->err));
	put_episode(bench, episode_of(bench->port_id, T0, T0 + 300));
	assert_true(ledger_commit(bench->ledger, &bench->err));
	assert_int_equal(ask(bench, "SELECT count(*) FROM episode"), 1);
}

struct writer {
	struct bench *bench;
	unsigned calls;
};

static bool
retire_each(const struct port *port, void *user)
{
	struct writer *writer = user;

	writer->calls++;
	return ledger_port_retire(writer->bench->ledger, port->id, true, &writer->bench->err);
}

static void
a_callback_may_write(void **state)
{
	struct bench *bench = *state;
	struct writer writer = { .bench = bench };
	struct port port = port_of("edge1", "xe-1", "rrd/x.rrd");
	struct names names = { .count = 0 };
	int64_t id;

	assert_true(ledger_port_put(bench->ledger, &port, T0, &id, &bench->err));
	assert_true(ledger_port_each(bench->ledger, retire_each, &writer, &bench->err));
	assert_int_equal(writer.calls, 2);
	assert_true(ledger_port_each(bench->ledger, on_port_name, &names, &bench->err));
	assert_int_equal(names.count, 0);
}

static void
a_version_changes_with_others_commits_only(void **state)
{
	struct bench *bench = *state;
	struct ledger *reader;
	int64_t before;

	assert_true(ledger_open(&reader, bench->scratch.dir, LEDGER_READ, &bench->err));
	before = ledger_version(reader);
	assert_int_equal(ledger_version(reader), before);
	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_not_equal(ledger_version(reader), before);
	before = ledger_version(bench->ledger);
	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_equal(ledger_version(bench->ledger), before);
	ledger_close(reader);
}

static void
the_log_is_brought_back_to_size(void **state)
{
	struct bench *bench = *state;
	struct stat status;

	assert_true(ledger_audit(bench->ledger, T0, "cli", "x", 0, "", &bench->err));
	assert_int_equal(stat(scratch_path(&bench->scratch, "ixwatch.db-wal"), &status), 0);
	assert_true(status.st_size > 0);
	assert_true(ledger_tidy(bench->ledger, &bench->err));
	assert_int_equal(stat(scratch_path(&bench->scratch, "ixwatch.db-wal"), &status), 0);
	assert_int_equal(status.st_size, 0);
}

static const struct CMUnitTest bench_tests[] = {
	BENCH_TEST(exchanges_no_longer_configured_are_listed_no_more_and_may_come_back),
	BENCH_TEST(a_checkpoint_replaces_the_one_before),
	BENCH_TEST(a_day_judged_anew_replaces_the_old_judgement),
	BENCH_TEST(another_verdict_closes_the_one_in_force),
	BENCH_TEST(deeds_and_imports_are_written_down),
	BENCH_TEST(writes_between_begin_and_commit_stand_or_fall_together),
	BENCH_TEST(a_callback_may_write),
	BENCH_TEST(a_version_changes_with_others_commits_only),
	BENCH_TEST(the_log_is_brought_back_to_size),
};

int
main(void)
{
	return cmocka_run_group_tests_name("ledger", bench_tests, NULL, NULL);
}
