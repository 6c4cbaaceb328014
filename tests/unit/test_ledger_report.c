/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_report.c store/ledger_report_case.c store/ledger_report_mail.c store/ledger_report_register.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/report_words.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_report.c - the ledger's part about weekly reports: each once, found by what is asked, and quickly after a year. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "ledger_report_bench.h"

/* --- weeks and names --- */

static const struct week_case {
	const char *name, *week;
	int32_t day;
} week_cases[] = {
	{ "the week of 4 January is the first", "2026-W01", 20451 },          /* 2025-12-29 */
	{ "a year may have 53 weeks", "2026-W53", 20815 },                    /* 2026-12-28 */
	{ "a Monday in December may be the next year's", "2025-W01", 20087 }, /* 2024-12-30 */
	{ "an ordinary week", "2025-W47", W47 },
	{ "before 1970", "1969-W52", -10 }, /* 1969-12-22 */
};

static void
weeks_have_the_names_of_iso_8601(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(week_cases); i++) {
		const struct week_case *c = &week_cases[i];
		char week[REPORT_WEEK_SIZE];
		int32_t monday = 0;

		for (int32_t day = c->day; day < c->day + 7; day++)
			if (strcmp(report_week_name(week, day), c->week) != 0)
				fail_msg("%s: day %d is of %s", c->name, day, week);
		assert_true(report_week_parse(c->week, &monday));
		assert_int_equal(monday, c->day);
	}
}

/* Every Monday of four centuries has a name of its own, and comes back. */
static void
every_week_comes_back(void **state)
{
	char week[REPORT_WEEK_SIZE], before[REPORT_WEEK_SIZE] = "";
	int32_t monday;

	(void)state;
	for (int32_t day = -3; day < 146097; day += 7) {
		report_week_name(week, day);
		assert_true(strcmp(before, week) < 0);
		assert_true(report_week_parse(week, &monday));
		assert_int_equal(monday, day);
		memcpy(before, week, sizeof(before));
	}
}

static void
what_is_no_week_is_refused(void **state)
{
	static const char *const bad[] = { "",          "2026",      "2026-W",   "2026-W00",
					   "2026-W54",  "2025-W53",  "2026-47",  "2026-w47",
					   " 2026-W47", "2026-W47 ", "2026-W4x", "-026-W47",
					   "2026-W471", "20a6-W47",  "../../etc" };
	int32_t monday = 4711;

	(void)state;
	for (size_t i = 0; i < COUNT(bad); i++)
		if (report_week_parse(bad[i], &monday))
			fail_msg("\"%s\" is taken for a week", bad[i]);
	assert_int_equal(monday, 4711);
}

static void
a_file_name_has_no_way_out_of_its_folder(void **state)
{
	char longest[130];

	(void)state;
	assert_true(report_file_name_ok("AS64500-r2.json"));
	assert_true(report_file_name_ok("AS64500-demo_fra.1.png"));
	assert_false(report_file_name_ok(""));
	assert_false(report_file_name_ok("."));
	assert_false(report_file_name_ok(".."));
	assert_false(report_file_name_ok(".tmp-1"));
	assert_false(report_file_name_ok("../AS64500.txt"));
	assert_false(report_file_name_ok("a/b"));
	assert_false(report_file_name_ok("a\nb"));
	assert_false(report_file_name_ok("a b"));
	assert_false(report_file_name_ok("\xc3\xa4.txt"));
	memset(longest, 'a', sizeof(longest));
	longest[120] = '\0';
	assert_true(report_file_name_ok(longest));
	longest[120] = 'a';
	longest[121] = '\0';
	assert_false(report_file_name_ok(longest));
}

/* --- put --- */

static bool
on_file(const struct report_file *file, void *user)
{
	char *names = user;

	strcat(strcat(names, file->name), " ");
	return true;
}

static bool
on_connection(const struct report_connection *connection, void *user)
{
	char *names = user;

	strcat(strcat(names, connection->exchange), connection->asks ? "! " : " ");
	return true;
}

static void
a_report_is_kept_with_all_that_is_said_of_it(void **state)
{
	static const char hostile[] = "Robert'); DROP TABLE report;--\xc3\xa4 %s\"<b>";
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	char names[200] = "";

	report.name = hostile;
	int64_t id = put(bench, &report);
	struct seen_report seen = get(bench, id);
	assert_string_equal(seen.week, "2025-W47");
	assert_string_equal(seen.name, hostile);
	assert_int_equal(seen.report.monday, W47);
	assert_int_equal(seen.report.asn, 64500);
	assert_int_equal(seen.report.verdict, VERDICT_ROUTINE);
	assert_int_equal(seen.report.state, REPORT_WAITING);
	assert_true(seen.report.first && seen.report.tells && !seen.report.superseded);
	assert_int_equal(seen.report.notice, 1);
	assert_int_equal(seen.report.revoked_utc_sec, 0);
	assert_true(ledger_report_file_each(bench->ledger, id, on_file, names, &bench->err));
	assert_string_equal(names, "AS64500.csv AS64500.txt ");
	names[0] = '\0';
	assert_true(
	    ledger_report_connection_each(bench->ledger, id, on_connection, names, &bench->err));
	assert_string_equal(names, "demo-ams demo-fra! ");
}

static void
the_same_again_writes_nothing_and_other_octets_are_refused(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	int64_t id = put(bench, &report), again = 0;
	bool is_new = true;

	assert_true(ledger_report_put(bench->ledger, &report, two_files, 2, two_connections, 2,
				      &again, &is_new, &bench->err));
	assert_int_equal(again, id);
	assert_false(is_new);
	report.sha256 = sha_b;
	assert_false(ledger_report_put(bench->ledger, &report, two_files, 2, two_connections, 2,
				       &again, &is_new, &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	assert_non_null(strstr(bench->err.text, "other octets"));
	assert_string_equal(get(bench, id).report.sha256 != NULL ? "kept" : "", "kept");
}

static void
editions_follow_each_other_and_the_last_counts(void **state)
{
	struct bench *bench = *state;
	struct report first = letter(64500, W47, 1), third = letter(64500, W47, 3),
		      second = letter(64500, W47, 2);
	int64_t one = put(bench, &first), id;
	bool is_new;

	assert_false(
	    ledger_report_put(bench->ledger, &third, NULL, 0, NULL, 0, &id, &is_new, &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	int64_t two = put(bench, &second);
	assert_true(get(bench, one).report.superseded);
	assert_false(get(bench, two).report.superseded);
	assert_string_equal(get(bench, two).corrects, "a capacity was wrong");
	struct report_query newest = {
		.week = "2025-W47", .any_kind = true, .any_state = true, .newest_edition = true
	};
	struct seen_report seen = { .count = 0 };
	assert_true(ledger_report_each(bench->ledger, &newest, on_report, &seen, &bench->err));
	assert_int_equal(seen.count, 1);
	assert_int_equal(seen.report.id, two);
}

static void
what_the_ledger_does_not_know_is_not_put(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	struct report_connection nowhere = { "nowhere", VERDICT_NONE, false };
	struct seen_report seen = { .count = 0 };
	struct report_query all = { .any_kind = true, .any_state = true };
	int64_t id;
	bool is_new;

	assert_false(ledger_report_put(bench->ledger, &report, two_files, 2, &nowhere, 1, &id,
				       &is_new, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	report.kind = REPORT_EXCHANGE;
	report.exchange = "nowhere";
	assert_false(
	    ledger_report_put(bench->ledger, &report, NULL, 0, NULL, 0, &id, &is_new, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(ledger_report_each(bench->ledger, &all, on_report, &seen, &bench->err));
	assert_int_equal(seen.count, 0);
	assert_false(ledger_report_get(bench->ledger, 4711, on_report, &seen, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_false(ledger_report_get(bench->ledger, 0, on_report, &seen, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_false(ledger_report_get(bench->ledger, -1, on_report, &seen, &bench->err));
}

/* A peer's, an exchange's and the overview of one week, and another week's. */
static void
put_several(struct bench *bench, int64_t id[5])
{
	struct report peer = letter(64500, W47, 1), other = letter(64501, W47, 1),
		      later = letter(64500, W47 + 7, 1), exchange = letter(0, W47, 1),
		      overview = letter(0, W47, 1);

	exchange.kind = REPORT_EXCHANGE;
	exchange.exchange = "demo-fra";
	overview.kind = REPORT_OVERVIEW;
	other.state = REPORT_HELD;
	id[0] = put(bench, &peer);
	id[1] = put(bench, &other);
	id[2] = put(bench, &later);
	id[3] = put(bench, &exchange);
	id[4] = put(bench, &overview);
}

static void
reports_are_found_by_what_is_asked(void **state)
{
	static const struct {
		const char *rule;
		struct report_query query;
		size_t count, newest; /* its number among the ids */
	} cases[] = {
		{ "all", { .any_kind = true, .any_state = true }, 5, 4 },
		{ "a week's", { .week = "2025-W47", .any_kind = true, .any_state = true }, 4, 4 },
		{ "a peer's", { .asn = 64500, .any_kind = true, .any_state = true }, 2, 2 },
		{ "a kind's", { .kind = REPORT_PEER, .any_state = true }, 3, 2 },
		{ "an exchange's",
		  { .any_kind = true, .exchange = "demo-fra", .any_state = true },
		  1,
		  3 },
		{ "a state's", { .any_kind = true, .state = REPORT_HELD }, 1, 1 },
		{ "some", { .any_kind = true, .any_state = true, .limit = 2 }, 2, 4 },
		{ "an edition's", { .any_kind = true, .any_state = true, .edition = 1 }, 5, 4 },
		{ "no week's", { .week = "2025-W99", .any_kind = true, .any_state = true }, 0, 0 },
		{ "what is in it is no SQL",
		  { .exchange = "' OR 1=1 --", .any_kind = true, .any_state = true },
		  0,
		  0 },
	};
	struct bench *bench = *state;
	int64_t id[5];

	put_several(bench, id);
	for (size_t i = 0; i < COUNT(cases); i++) {
		struct seen_report seen = { .count = 0 };

		assert_true(ledger_report_each(bench->ledger, &cases[i].query, on_report, &seen,
					       &bench->err));
		if (seen.count != cases[i].count ||
		    (seen.count > 0 && seen.report.id != id[cases[i].newest]))
			fail_msg("%s: %zu, the newest %d", cases[i].rule, seen.count,
				 (int)seen.report.id);
	}
	struct report_query before = { .any_kind = true, .any_state = true, .before_id = id[2] };
	struct seen_report seen = { .count = 0 };
	assert_true(ledger_report_each(bench->ledger, &before, on_report, &seen, &bench->err));
	assert_int_equal(seen.count, 2);
	assert_int_equal(seen.report.id, id[1]);
}

static bool
on_week(const struct report_week *week, void *user)
{
	char *text = user;

	sprintf(text + strlen(text), "%s: %d waiting, %d held; ", week->week,
		(int)week->count[REPORT_WAITING], (int)week->count[REPORT_HELD]);
	return true;
}

static void
weeks_are_counted_by_state(void **state)
{
	struct bench *bench = *state;
	char text[200] = "";
	int64_t id[5];

	assert_true(ledger_report_weeks_each(bench->ledger, on_week, text, &bench->err));
	assert_string_equal(text, "");
	put_several(bench, id);
	assert_true(ledger_report_weeks_each(bench->ledger, on_week, text, &bench->err));
	assert_string_equal(text, "2025-W48: 1 waiting, 0 held; 2025-W47: 3 waiting, 1 held; ");
	struct report second = letter(64501, W47, 2);
	put(bench, &second); /* the newest editions count */
	text[0] = '\0';
	assert_true(ledger_report_weeks_each(bench->ledger, on_week, text, &bench->err));
	assert_string_equal(text, "2025-W48: 1 waiting, 0 held; 2025-W47: 4 waiting, 0 held; ");
}

static void
a_decision_and_a_note_are_kept(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1), next = letter(64500, W47 + 7, 1);
	int64_t id = put(bench, &report), second = put(bench, &next);

	assert_true(ledger_report_note_set(bench->ledger, id, "Dear all,\nthanks.", &bench->err));
	assert_true(ledger_report_decide(bench->ledger, id, REPORT_APPROVED, "kim", T0 + 99, "",
					 &bench->err));
	struct seen_report seen = get(bench, id);
	assert_string_equal(seen.note, "Dear all,\nthanks.");
	assert_string_equal(seen.by, "kim");
	assert_int_equal(seen.report.state, REPORT_APPROVED);
	assert_int_equal(seen.report.decided_utc_sec, T0 + 99);
	assert_true(seen.report.first);
	assert_false(get(bench, second).report.first);
	assert_false(
	    ledger_report_decide(bench->ledger, 4711, REPORT_HELD, "kim", T0, "", &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_false(ledger_report_note_set(bench->ledger, 4711, "", &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
}

/* --- a year of letters --- */

#define PEERS 200
#define WEEKS 52

static void
put_year(struct bench *bench)
{
	assert_true(ledger_begin(bench->ledger, &bench->err));
	for (int32_t w = 0; w < WEEKS; w++)
		for (uint32_t p = 0; p < PEERS; p++) {
			struct report report = letter(64500 + p, W47 + 7 * w, 1);

			report.state = w < WEEKS - 1 ? REPORT_APPROVED : REPORT_WAITING;
			put(bench, &report);
		}
	assert_true(ledger_commit(bench->ledger, &bench->err));
}

static size_t
time_query(struct bench *bench, const char *what, struct report_query query, double limit_ms)
{
	double start_ms = scratch_now_ms(), took_ms;
	struct seen_report seen = { .count = 0 };

	assert_true(ledger_report_each(bench->ledger, &query, on_report, &seen, &bench->err));
	took_ms = scratch_now_ms() - start_ms;
	print_message("%s: %zu in %.1f ms (meant: below %.0f)\n", what, seen.count, took_ms,
		      limit_ms);
	return seen.count;
}

static bool
on_failed_mail(const struct report_mail *mail, void *user)
{
	(void)mail;
	++*(size_t *)user;
	return true;
}

static void
a_year_of_letters_is_asked_quickly(void **state)
{
	struct bench *bench = *state;
	struct report_query any = { .any_kind = true, .any_state = true }, week = any, peer = any,
			    waits = { .any_kind = true, .state = REPORT_WAITING }, lapsing = waits;
	char text[WEEKS * 64] = "";
	size_t failed = 0;
	double start_ms = scratch_now_ms(), took_ms;

	put_year(bench);
	print_message("%d reports put: %.0f ms\n", PEERS * WEEKS, scratch_now_ms() - start_ms);
	any.limit = 100;
	week.week = "2026-W01";
	week.newest_edition = true;
	peer.asn = 64555;
	lapsing.lapsing_utc_sec = T0; /* none */
	assert_int_equal(time_query(bench, "the newest 100", any, 50), 100);
	assert_int_equal(time_query(bench, "a week's", week, 100), PEERS);
	assert_int_equal(time_query(bench, "a peer's", peer, 100), WEEKS);
	assert_int_equal(time_query(bench, "what waits", waits, 100), PEERS);
	assert_int_equal(time_query(bench, "what lapses", lapsing, 20), 0);
	start_ms = scratch_now_ms();
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, true, on_failed_mail, &failed, &bench->err));
	assert_int_equal(failed, 0);
	assert_true(ledger_report_weeks_each(bench->ledger, on_week, text, &bench->err));
	took_ms = scratch_now_ms() - start_ms;
	print_message("weeks counted: %.1f ms\n", took_ms);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(weeks_have_the_names_of_iso_8601),
		cmocka_unit_test(every_week_comes_back),
		cmocka_unit_test(what_is_no_week_is_refused),
		cmocka_unit_test(a_file_name_has_no_way_out_of_its_folder),
		BENCH_TEST(a_report_is_kept_with_all_that_is_said_of_it),
		BENCH_TEST(the_same_again_writes_nothing_and_other_octets_are_refused),
		BENCH_TEST(editions_follow_each_other_and_the_last_counts),
		BENCH_TEST(what_the_ledger_does_not_know_is_not_put),
		BENCH_TEST(reports_are_found_by_what_is_asked),
		BENCH_TEST(weeks_are_counted_by_state),
		BENCH_TEST(a_decision_and_a_note_are_kept),
		BENCH_TEST(a_year_of_letters_is_asked_quickly),
	};

	return cmocka_run_group_tests_name("ledger_report", tests, NULL, NULL);
}
