/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_report.c store/ledger_report_case.c store/ledger_report_mail.c store/ledger_report_register.c store/ledger_outbox.c store/ledger_outbox_fate.c store/db.c store/db_statement.c base/report_words.c base/outbox_words.c base/clock.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_report_case.c - cases with their notices, and the registers beside them: counted once, ended and never deleted. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <math.h>

#include "ledger_report_bench.h"

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

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BENCH_TEST(notices_are_counted_once_a_week),
		BENCH_TEST(four_clean_weeks_in_a_row_close_a_case),
		BENCH_TEST(a_correction_takes_a_notice_back_and_may_give_it_again),
		BENCH_TEST(an_order_is_open_once_and_never_deleted),
		BENCH_TEST(a_dispute_about_all_exchanges_is_one_of_each),
		BENCH_TEST(an_opt_out_is_in_force_once_until_it_is_ended),
		BENCH_TEST(revoked_links_are_one_reports_or_all_of_a_peers_until_then),
	};

	return cmocka_run_group_tests_name("ledger_report_case", tests, NULL, NULL);
}
