/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_report.c store/ledger_report_case.c store/ledger_report_mail.c store/ledger_report_register.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/report_words.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_report.c - the ledger's part about weekly reports: each once, counted once, ended and never deleted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "ixwatch/report.h"
#include "ledger_scratch.h"

#define T0  1795000000
#define W47 20409 /* Monday 2025-11-17 */

static const char sha_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char sha_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
};

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	if (!ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err) ||
	    !ledger_exchange_put(bench->ledger, "demo-fra", "Demo Frankfurt", "UTC", &bench->err) ||
	    !ledger_exchange_put(bench->ledger, "demo-ams", "Demo Amsterdam", "UTC", &bench->err))
		fail_msg("%s", bench->err.text);
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

static struct report
letter(uint32_t asn, int32_t monday, unsigned edition)
{
	return (struct report) { .kind = REPORT_PEER,
				 .monday = monday,
				 .asn = asn,
				 .exchange = "",
				 .edition = edition,
				 .name = "ExampleNet",
				 .subject = "ExampleNet and us",
				 .verdict = VERDICT_ROUTINE,
				 .purpose = "request",
				 .tells = true,
				 .sha256 = sha_a,
				 .corrects = edition > 1 ? "a capacity was wrong" : "",
				 .made_utc_sec = T0 + monday,
				 .lapses_utc_sec = T0 + monday + 4 * 86400,
				 .state = REPORT_WAITING,
				 .why = "",
				 .note = "",
				 .decided_by = "collector",
				 .decided_utc_sec = T0 + monday };
}

static const struct report_file two_files[] = { { "AS64500.txt", 12, sha_a },
						{ "AS64500.csv", 99, sha_b } };
static const struct report_connection two_connections[] = { { "demo-fra", VERDICT_ROUTINE, true },
							    { "demo-ams", VERDICT_NONE, false } };

static int64_t
put(struct bench *bench, const struct report *report)
{
	int64_t id = 0;
	bool is_new = false;

	if (!ledger_report_put(bench->ledger, report, two_files, 2, two_connections, 2, &id,
			       &is_new, &bench->err))
		fail_msg("%s", bench->err.text);
	assert_true(is_new);
	return id;
}

struct seen_report {
	struct report report; /* its texts are not good any more but for the copies */
	char week[REPORT_WEEK_SIZE], name[200], note[200], by[64], corrects[100];
	size_t count;
};

static bool
on_report(const struct report *report, void *user)
{
	struct seen_report *seen = user;

	if (seen->count++ == 0) {
		seen->report = *report;
		snprintf(seen->week, sizeof(seen->week), "%s", report->week);
		snprintf(seen->name, sizeof(seen->name), "%s", report->name);
		snprintf(seen->note, sizeof(seen->note), "%s", report->note);
		snprintf(seen->by, sizeof(seen->by), "%s", report->decided_by);
		snprintf(seen->corrects, sizeof(seen->corrects), "%s", report->corrects);
	}
	return true;
}

static struct seen_report
get(struct bench *bench, int64_t id)
{
	struct seen_report seen = { .count = 0 };

	if (!ledger_report_get(bench->ledger, id, on_report, &seen, &bench->err))
		fail_msg("%s", bench->err.text);
	assert_int_equal(seen.count, 1);
	return seen;
}

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

/* --- cases --- */

static unsigned
notice(struct bench *bench, int64_t report_id, int32_t monday)
{
	unsigned number = 0;

	if (!ledger_case_notice(bench->ledger, 64500, "demo-fra", report_id, monday, T0, &number,
				&bench->err))
		fail_msg("%s", bench->err.text);
	return number;
}

static bool
week(struct bench *bench, int32_t monday, enum verdict verdict)
{
	bool closed = false;

	assert_true(ledger_case_week(bench->ledger, 64500, "demo-fra", monday, verdict, &closed,
				     &bench->err));
	return closed;
}

static struct report_case
case_of(struct bench *bench)
{
	struct report_case found;

	assert_true(ledger_case_get(bench->ledger, 64500, "demo-fra", &found, &bench->err));
	return found;
}

static void
notices_are_counted_once_a_week(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	int64_t id = put(bench, &report);

	assert_int_equal(case_of(bench).id, 0);
	assert_false(week(bench, W47 - 7, VERDICT_NONE)); /* without a case: nothing */
	assert_int_equal(case_of(bench).id, 0);
	assert_int_equal(notice(bench, id, W47), 1);
	assert_int_equal(notice(bench, id, W47), 1);
	assert_int_equal(notice(bench, id, W47 + 7), 2);
	assert_int_equal(notice(bench, id, W47 + 21), 3);
	struct report_case found = case_of(bench);
	assert_int_equal(found.notices, 3);
	assert_string_equal(found.opened_week, "2025-W47");
	assert_string_equal(found.last_notice_week, "2025-W50");
	assert_string_equal(found.closed_week, "");
	unsigned number;
	assert_false(
	    ledger_case_notice(bench->ledger, 64500, "nowhere", id, W47, T0, &number, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
}

static void
four_clean_weeks_in_a_row_close_a_case(void **state)
{
	static const struct {
		enum verdict verdict;
		unsigned clean;
		bool closed;
	} weeks[] = {
		{ VERDICT_NONE, 1, false },         { VERDICT_NONE, 2, false },
		{ VERDICT_RECURRING, 0, false },    { VERDICT_NONE, 1, false },
		{ VERDICT_INSUFFICIENT, 1, false }, { VERDICT_NONE, 2, false },
		{ VERDICT_NONE, 3, false },         { VERDICT_NONE, 4, true },
	};
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	int64_t id = put(bench, &report);
	int32_t monday = W47;

	notice(bench, id, W47);
	for (size_t i = 0; i < COUNT(weeks); i++) {
		monday += 7;
		bool closed = week(bench, monday, weeks[i].verdict);
		if (closed != weeks[i].closed || case_of(bench).clean_weeks != weeks[i].clean)
			fail_msg("week %zu: %u clean", i, case_of(bench).clean_weeks);
		week(bench, monday, weeks[i].verdict); /* again: it counts once */
	}
	assert_string_equal(case_of(bench).closed_week, "2026-W03");
	assert_int_equal(notice(bench, id, monday + 70), 1); /* another case begins */
	assert_int_equal(case_of(bench).notices, 1);
}

static void
a_correction_takes_a_notice_back_and_may_give_it_again(void **state)
{
	struct bench *bench = *state;
	struct report first = letter(64500, W47, 1), second = letter(64500, W47, 2);
	int64_t one = put(bench, &first), two = put(bench, &second);

	notice(bench, one, W47);
	assert_true(ledger_case_take_back(bench->ledger, 64500, "demo-fra", W47, two, &bench->err));
	assert_int_equal(case_of(bench).notices, 0);
	assert_string_equal(case_of(bench).last_notice_week, "");
	assert_int_equal(notice(bench, one, W47 + 7), 1);
	assert_int_equal(notice(bench, two, W47), 1);
	assert_int_equal(case_of(bench).notices, 2);
	/* Where there never was one there is nothing to take back. */
	assert_true(ledger_case_take_back(bench->ledger, 64501, "demo-fra", W47, two, &bench->err));
}

/* --- registers --- */

struct counted {
	size_t count;
	int64_t newest, ended_utc_sec;
	char text[200];
};

static bool
on_order(const struct report_order *order, void *user)
{
	struct counted *counted = user;

	if (counted->count++ == 0) {
		counted->newest = order->id;
		counted->ended_utc_sec = order->ended_utc_sec;
		snprintf(counted->text, sizeof(counted->text), "%s|%s|%s|%d|%s|%s", order->exchange,
			 order->size, order->ticket, order->has_ready_day ? order->ready_day : -1,
			 report_waiting_on_name(order->waiting_on), order->outcome);
	}
	return true;
}

static void
an_order_is_open_once_and_never_deleted(void **state)
{
	struct bench *bench = *state;
	struct report_order order = { .asn = 64500,
				      .exchange = "demo-fra",
				      .size = "2 x 100G",
				      .capacity_bps = 200e9,
				      .has_ready_day = true,
				      .ready_day = W47,
				      .ticket = "T'1\"",
				      .waiting_on = WAITING_ON_EXCHANGE,
				      .author = "kim",
				      .created_utc_sec = T0 };
	struct report_register_query all = { .asn = 64500 }, open = { .open_only = true };
	struct counted counted = { .count = 0 };
	int64_t id, second;

	assert_true(ledger_order_add(bench->ledger, &order, &id, &bench->err));
	assert_false(ledger_order_add(bench->ledger, &order, &second, &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	order.exchange = "nowhere";
	assert_false(ledger_order_add(bench->ledger, &order, &second, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(ledger_order_end(bench->ledger, id, T0 + 5, "lee", "done", &bench->err));
	assert_false(ledger_order_end(bench->ledger, id, T0 + 6, "lee", "done", &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	assert_false(ledger_order_end(bench->ledger, 4711, T0 + 6, "lee", "done", &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	order.exchange = "demo-fra";
	order.has_ready_day = false;
	order.capacity_bps = NAN;
	order.ticket = "";
	assert_true(ledger_order_add(bench->ledger, &order, &second, &bench->err));
	assert_true(ledger_order_each(bench->ledger, &all, on_order, &counted, &bench->err));
	assert_int_equal(counted.count, 2);
	assert_string_equal(counted.text, "demo-fra|2 x 100G||-1|exchange|");
	counted.count = 0;
	assert_true(ledger_order_each(bench->ledger, &open, on_order, &counted, &bench->err));
	assert_int_equal(counted.count, 1);
	assert_int_equal(counted.newest, second);
	counted.count = 0;
	all.id = id;
	assert_true(ledger_order_each(bench->ledger, &all, on_order, &counted, &bench->err));
	assert_string_equal(counted.text, "demo-fra|2 x 100G|T'1\"|20409|exchange|done");
	assert_int_equal(counted.ended_utc_sec, T0 + 5);
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	struct counted *counted = user;

	if (counted->count++ == 0) {
		counted->newest = dispute->id;
		counted->ended_utc_sec = dispute->decided_utc_sec;
		snprintf(counted->text, sizeof(counted->text), "%s|%s|%s", dispute->exchange,
			 dispute->text, dispute->outcome);
	}
	return true;
}

static void
a_dispute_about_all_exchanges_is_one_of_each(void **state)
{
	struct bench *bench = *state;
	struct report_dispute all = { .asn = 64500,
				      .exchange = "",
				      .text = "not our traffic",
				      .author = "kim",
				      .since_utc_sec = T0 },
			      one = all;
	struct report_register_query at = { .asn = 64500,
					    .exchange = "demo-ams",
					    .open_only = true };
	struct counted counted = { .count = 0 };
	int64_t id, second;

	one.exchange = "demo-fra";
	assert_true(ledger_dispute_add(bench->ledger, &all, &id, &bench->err));
	assert_false(ledger_dispute_add(bench->ledger, &all, &second, &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	assert_true(ledger_dispute_add(bench->ledger, &one, &second, &bench->err));
	assert_true(ledger_dispute_each(bench->ledger, &at, on_dispute, &counted, &bench->err));
	assert_int_equal(counted.count, 1);
	assert_int_equal(counted.newest, id);
	assert_true(
	    ledger_dispute_decide(bench->ledger, id, T0 + 9, "lee", "it was theirs", &bench->err));
	assert_false(ledger_dispute_decide(bench->ledger, id, T0 + 9, "lee", "x", &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	counted.count = 0;
	assert_true(ledger_dispute_each(bench->ledger, &at, on_dispute, &counted, &bench->err));
	assert_int_equal(counted.count, 0);
	at.open_only = false;
	assert_true(ledger_dispute_each(bench->ledger, &at, on_dispute, &counted, &bench->err));
	assert_string_equal(counted.text, "|not our traffic|it was theirs");
}

static bool
on_optout(const struct report_optout *optout, void *user)
{
	struct counted *counted = user;

	counted->count++;
	counted->newest = optout->id;
	counted->ended_utc_sec = optout->ended_utc_sec;
	return true;
}

static void
an_opt_out_is_in_force_once_until_it_is_ended(void **state)
{
	struct bench *bench = *state;
	struct report_optout optout = {
		.asn = 64500, .reason = "asked by mail", .author = "kim", .since_utc_sec = T0
	};
	struct report_register_query open = { .asn = 64500, .open_only = true };
	struct counted counted = { .count = 0 };
	int64_t id, ended;

	assert_true(ledger_optout_add(bench->ledger, &optout, &id, &bench->err));
	assert_false(ledger_optout_add(bench->ledger, &optout, &ended, &bench->err));
	assert_int_equal(bench->err.code, ERR_REFUSED);
	assert_true(ledger_optout_end(bench->ledger, 64500, T0 + 1, "lee", &ended, &bench->err));
	assert_int_equal(ended, id);
	assert_false(ledger_optout_end(bench->ledger, 64500, T0 + 1, "lee", &ended, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(ledger_optout_each(bench->ledger, &open, on_optout, &counted, &bench->err));
	assert_int_equal(counted.count, 0);
	open.open_only = false;
	assert_true(ledger_optout_each(bench->ledger, &open, on_optout, &counted, &bench->err));
	assert_int_equal(counted.count, 1);
	assert_int_equal(counted.ended_utc_sec, T0 + 1);
}

static bool
on_revocation(const struct report_revocation *revocation, void *user)
{
	(void)revocation;
	++*(size_t *)user;
	return true;
}

static void
revoked_links_are_one_reports_or_all_of_a_peers_until_then(void **state)
{
	struct bench *bench = *state;
	struct report first = letter(64500, W47, 1), next = letter(64500, W47 + 7, 1),
		      other = letter(64501, W47, 1);
	int64_t a = put(bench, &first), b = put(bench, &next), c = put(bench, &other), id;
	struct report_revocation of_one = {
		.report_id = c, .reason = "wrong list", .author = "kim", .at_utc_sec = T0 + 50
	};
	struct report_revocation of_all = { .asn = 64500,
					    .before_utc_sec = T0 + W47 + 1,
					    .reason = "",
					    .author = "kim",
					    .at_utc_sec = T0 + 60 };
	struct report_register_query query = { .asn = 64500 };
	size_t count = 0;

	assert_true(ledger_revocation_add(bench->ledger, &of_one, &id, &bench->err));
	assert_true(ledger_revocation_add(bench->ledger, &of_all, &id, &bench->err));
	assert_int_equal(get(bench, a).report.revoked_utc_sec, T0 + 60);
	assert_int_equal(get(bench, b).report.revoked_utc_sec, 0);
	assert_int_equal(get(bench, c).report.revoked_utc_sec, T0 + 50);
	of_one.report_id = 4711;
	assert_false(ledger_revocation_add(bench->ledger, &of_one, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_NOT_FOUND);
	assert_true(
	    ledger_revocation_each(bench->ledger, &query, on_revocation, &count, &bench->err));
	assert_int_equal(count, 1);
}

/* --- mails --- */

static int64_t
put_mail(struct bench *bench, int64_t report_id, const char *message_id, const char *recipient)
{
	struct outbox_mail mail = { .kind = OUTBOX_REPORT,
				    .recipient = recipient,
				    .message_id = message_id,
				    .subject = "s",
				    .text = "t",
				    .report_id = report_id,
				    .created_utc_sec = T0 };
	int64_t id;

	assert_true(ledger_outbox_put(bench->ledger, &mail, &id, &bench->err));
	assert_true(ledger_report_mail_put(bench->ledger, report_id, recipient, message_id, id, T0,
					   &bench->err));
	return id;
}

static bool
on_mail(const struct report_mail *mail, void *user)
{
	struct counted *counted = user;

	counted->count++;
	counted->newest = mail->mail_id;
	snprintf(counted->text, sizeof(counted->text), "%s %s %s", mail->recipient,
		 mail->message_id, mail->is_kept ? outbox_state_name(mail->state) : "gone");
	return true;
}

static bool
on_outbox(const struct outbox_mail *mail, void *user)
{
	*(int64_t *)user = mail->report_id;
	return true;
}

static void
mails_of_a_report_outlive_the_outbox_and_failures_are_told_once(void **state)
{
	struct bench *bench = *state;
	struct report report = letter(64500, W47, 1);
	int64_t id = put(bench, &report), report_id = 0;
	int64_t one = put_mail(bench, id, "<1@x>", "a@example.net"),
		two = put_mail(bench, id, "<2@x>", "b@example.net");
	struct outbox_query query = { .id = two, .any_state = true };
	struct outbox_outcome failed = {
		.id = one, .state = OUTBOX_FAILED, .at_utc_sec = T0, .reply = "no such user"
	};
	struct counted counted = { .count = 0 };

	assert_true(ledger_outbox_each(bench->ledger, &query, on_outbox, &report_id, &bench->err));
	assert_int_equal(report_id, id);
	assert_false(ledger_report_mail_put(bench->ledger, id, "a@example.net", "<3@x>", 99, T0,
					    &bench->err)); /* once to each */
	assert_true(ledger_outbox_outcome(bench->ledger, &failed, &bench->err));
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, true, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 1);
	assert_int_equal(counted.newest, one);
	assert_string_equal(counted.text, "a@example.net <1@x> failed");
	assert_int_equal(get(bench, id).report.mail_count, 2);
	assert_int_equal(get(bench, id).report.failed_count, 1);
	assert_int_equal(get(bench, id).report.sent_count, 0);
	assert_true(ledger_report_mail_told(bench->ledger, one, T0 + 1, &bench->err));
	counted.count = 0;
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, true, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 0);
	assert_true(ledger_outbox_tidy(bench->ledger, T0 + 100, &bench->err));
	assert_true(
	    ledger_report_mail_each(bench->ledger, id, false, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 2);
	counted.count = 0;
	assert_true(
	    ledger_report_mail_each(bench->ledger, 0, false, on_mail, &counted, &bench->err));
	assert_int_equal(counted.count, 2);
	assert_string_equal(counted.text, "b@example.net <2@x> waiting");
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

static void
a_year_of_letters_is_asked_quickly(void **state)
{
	struct bench *bench = *state;
	struct report_query any = { .any_kind = true, .any_state = true }, week = any, peer = any,
			    waits = { .any_kind = true, .state = REPORT_WAITING }, lapsing = waits;
	char text[WEEKS * 64] = "";
	struct counted counted = { .count = 0 };
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
	    ledger_report_mail_each(bench->ledger, 0, true, on_mail, &counted, &bench->err));
	assert_true(ledger_report_weeks_each(bench->ledger, on_week, text, &bench->err));
	took_ms = scratch_now_ms() - start_ms;
	print_message("weeks counted: %.1f ms\n", took_ms);
}

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

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
		BENCH_TEST(notices_are_counted_once_a_week),
		BENCH_TEST(four_clean_weeks_in_a_row_close_a_case),
		BENCH_TEST(a_correction_takes_a_notice_back_and_may_give_it_again),
		BENCH_TEST(an_order_is_open_once_and_never_deleted),
		BENCH_TEST(a_dispute_about_all_exchanges_is_one_of_each),
		BENCH_TEST(an_opt_out_is_in_force_once_until_it_is_ended),
		BENCH_TEST(revoked_links_are_one_reports_or_all_of_a_peers_until_then),
		BENCH_TEST(a_year_of_letters_is_asked_quickly),
		BENCH_TEST(mails_of_a_report_outlive_the_outbox_and_failures_are_told_once),
	};

	return cmocka_run_group_tests_name("ledger_report", tests, NULL, NULL);
}
