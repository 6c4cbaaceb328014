/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_connection.c store/ledger_advice.c store/db.c store/db_statement.c base/advice_words.c base/json.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 jansson */
/* test_ledger_advice.c - traffic weeks and advice of ports and connections: what is put is what is read, unknown stays unknown. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/ledger_advice.h"
#include "ledger_scratch.h"

#define MONDAY 20780 /* 2026-11-23 */

static struct scratch scratch;
static struct ledger *ledger;
static struct error err;

static int
set_up(void **state)
{
	struct port port = { .exchange = "fra",
			     .agent = "edge1",
			     .interface = "a",
			     .alias = "",
			     .peer = "",
			     .path = "rrd/fra/edge1/a.rrd",
			     .note = "",
			     .circuit = "",
			     .contracted_bps = NAN };
	int64_t id;

	(void)state;
	scratch_new(&scratch);
	assert_true(ledger_open(&ledger, scratch.dir, LEDGER_WRITE, &err));
	assert_true(ledger_exchange_put(ledger, "fra", "Frankfurt", "UTC", &err));
	assert_true(ledger_port_put(ledger, &port, 1795000000, &id, &err));
	assert_int_equal(id, 1);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	ledger_close(ledger);
	scratch_free(&scratch);
	return 0;
}

static void
assert_number(double got, double want)
{
	if (isnan(want) ? !isnan(got) : got != want)
		fail_msg("got %.17g, want %.17g", got, want);
}

/* --- weeks --- */

static struct advice_week
week_of(int32_t monday)
{
	return (struct advice_week) { .monday = monday,
				      .possible_samples = 2016,
				      .known_samples = 2000,
				      .p95_bps = 9.1e9 / 3,
				      .p95_utilisation = 0.91 / 3,
				      .peak_utilisation = 1.0 / 3,
				      .mean_utilisation = 0.5 / 3,
				      .minutes_90 = 35,
				      .minutes_95 = 10 };
}

struct gathered {
	size_t count;
	struct advice_week weeks[8];
};

static bool
gather(const struct advice_week *week, void *user)
{
	struct gathered *gathered = user;

	gathered->weeks[gathered->count++] = *week;
	return gathered->count < COUNT(gathered->weeks);
}

static struct gathered
weeks_between(enum direction direction, int32_t first, int32_t last)
{
	struct gathered gathered = { 0 };

	assert_true(ledger_week_each(ledger, subject_port(1), direction, first, last, gather,
				     &gathered, &err));
	return gathered;
}

static void
put(enum direction direction, const struct advice_week *week)
{
	if (!ledger_week_put(ledger, subject_port(1), direction, week, &err))
		fail_msg("%s", err.text);
}

static void
weeks_are_listed_by_day_and_direction(void **state)
{
	struct advice_week a = week_of(MONDAY), b = week_of(MONDAY - 7), c = week_of(MONDAY - 14);
	struct gathered got;

	(void)state;
	b.p95_bps = b.p95_utilisation = b.peak_utilisation = b.mean_utilisation = NAN;
	b.known_samples = b.minutes_90 = b.minutes_95 = 0;
	put(DIRECTION_OUT, &a);
	put(DIRECTION_OUT, &c);
	put(DIRECTION_OUT, &b);
	put(DIRECTION_IN, &c);
	got = weeks_between(DIRECTION_OUT, MONDAY - 13, MONDAY);
	assert_int_equal(got.count, 2);
	assert_int_equal(got.weeks[0].monday, MONDAY - 7);
	assert_number(got.weeks[0].p95_bps, NAN);
	assert_number(got.weeks[0].p95_utilisation, NAN);
	assert_int_equal(got.weeks[0].known_samples, 0);
	assert_number(got.weeks[1].p95_bps, 9.1e9 / 3);
	assert_number(got.weeks[1].p95_utilisation, .91 / 3);
	assert_number(got.weeks[1].peak_utilisation, 1. / 3);
	assert_number(got.weeks[1].mean_utilisation, .5 / 3);
	assert_int_equal(got.weeks[1].possible_samples, 2016);
	assert_int_equal(got.weeks[1].minutes_90, 35);
	assert_int_equal(got.weeks[1].minutes_95, 10);
	assert_int_equal(weeks_between(DIRECTION_IN, MONDAY - 14, MONDAY).count, 1);
}

/* Whoever reads sees by the version whether anything was written. */
static void
a_week_put_again_writes_only_what_changed(void **state)
{
	struct advice_week week = week_of(MONDAY), unknown = week_of(MONDAY - 7);
	struct ledger *reader;
	int64_t version;

	(void)state;
	unknown.p95_bps = NAN;
	put(DIRECTION_OUT, &week);
	put(DIRECTION_OUT, &unknown);
	assert_true(ledger_open(&reader, scratch.dir, LEDGER_READ, &err));
	version = ledger_version(reader);
	put(DIRECTION_OUT, &week);
	put(DIRECTION_OUT, &unknown);
	assert_int_equal(ledger_version(reader), version);
	week.peak_utilisation = 0.97;
	put(DIRECTION_OUT, &week);
	assert_int_not_equal(ledger_version(reader), version);
	version = ledger_version(reader);
	unknown.p95_bps = 1;
	put(DIRECTION_OUT, &unknown);
	assert_int_not_equal(ledger_version(reader), version);
	ledger_close(reader);
	assert_number(weeks_between(DIRECTION_OUT, MONDAY, MONDAY).weeks[0].peak_utilisation, .97);
}

static void
a_week_that_cannot_be_is_refused(void **state)
{
	struct advice_week week = week_of(MONDAY);

	(void)state;
	week.known_samples = 2017;
	assert_false(ledger_week_put(ledger, subject_port(1), DIRECTION_OUT, &week, &err));
	assert_int_equal(err.code, ERR_DB);
	assert_non_null(strstr(err.text, "traffic week of port 1"));
	week = week_of(MONDAY);
	assert_false(ledger_week_put(ledger, subject_port(77), DIRECTION_OUT, &week,
				     &err)); /* no such port */
}

/* --- advice --- */

static void
advice_that_was_not_made_is_unknown(void **state)
{
	struct ledger_advice got = { .made_utc_sec = 5 };

	(void)state;
	assert_true(ledger_advice_get(ledger, subject_port(1), DIRECTION_OUT, &got, &err));
	assert_int_equal(got.made_utc_sec, 0);
	assert_int_equal(got.advice.day, INT32_MIN);
	assert_number(got.advice.p95_utilisation, NAN);
}

static void
advice_is_read_as_it_was_put(void **state)
{
	struct ledger_advice full = { .made_utc_sec = 1795000000, .basis = INT64_MIN + 7 };
	struct ledger_advice empty = { .made_utc_sec = 1795000001, .basis = 1 }, got;

	(void)state;
	full.advice = (struct advice) {
		.day = MONDAY,
		.possible_samples = 8064,
		.known_samples = 8000,
		.capacity_bps = 2e10,
		.p95_utilisation = 2. / 3,
		.peak_utilisation = 1. / 3,
		.largest_member_bps = 1e10,
		.n1_p95_utilisation = 4. / 3,
		.n1_peak_utilisation = 5. / 3,
		.trend = ADVICE_TREND_GROWING,
		.trend_weeks = 12,
		.congested_share = .9,
		.growth_per_week = .007,
		.weeks_to_congested = 31,
		.p99_bps = 1.5e10 / 7,
		.size_known = true,
		.size_is_least = true,
		.member_bps = 1e10,
		.member_count = 3,
	};
	advice_init(&empty.advice);
	empty.advice.day = MONDAY;
	empty.advice.congested_share = .95;
	assert_true(ledger_advice_put(ledger, subject_port(1), DIRECTION_OUT, &empty, &err));
	assert_true(ledger_advice_put(ledger, subject_port(1), DIRECTION_OUT, &full, &err));
	assert_true(ledger_advice_put(ledger, subject_port(1), DIRECTION_IN, &empty, &err));
	assert_true(ledger_advice_get(ledger, subject_port(1), DIRECTION_OUT, &got, &err));
	assert_int_equal(got.made_utc_sec, full.made_utc_sec);
	assert_int_equal(got.basis, full.basis);
	assert_memory_equal(&got.advice, &full.advice, offsetof(struct advice, size_known));
	assert_true(got.advice.size_known && !got.advice.size_is_enough &&
		    got.advice.size_is_least);
	assert_number(got.advice.member_bps, 1e10);
	assert_int_equal(got.advice.member_count, 3);
	assert_true(ledger_advice_get(ledger, subject_port(1), DIRECTION_IN, &got, &err));
	assert_number(got.advice.congested_share, .95);
	assert_number(got.advice.growth_per_week, NAN);
	assert_number(got.advice.member_bps, NAN);
	assert_int_equal(got.advice.trend, ADVICE_TREND_UNKNOWN);
	assert_false(got.advice.size_known);
}

/* The schema's words are those of the table: each can be written. */
static void
every_trend_is_a_word_of_the_ledger(void **state)
{
	struct ledger_advice row = { .made_utc_sec = 1 }, got;

	(void)state;
	advice_init(&row.advice);
	row.advice.day = MONDAY;
	row.advice.congested_share = .9;
	for (int i = 0; i < ADVICE_TREND_COUNT; i++) {
		row.advice.trend = (enum advice_trend)i;
		if (!ledger_advice_put(ledger, subject_port(1), DIRECTION_OUT, &row, &err))
			fail_msg("%s", err.text);
		assert_true(ledger_advice_get(ledger, subject_port(1), DIRECTION_OUT, &got, &err));
		assert_int_equal(got.advice.trend, i);
	}
}

/* --- connections --- */

/* Port 1 is one of AS64500's. */
static struct subject
connection_make(void)
{
	struct port port = { .exchange = "fra",
			     .agent = "edge1",
			     .interface = "a",
			     .alias = "",
			     .peer = "Example",
			     .path = "rrd/fra/edge1/a.rrd",
			     .note = "",
			     .circuit = "",
			     .asn = 64500,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };
	int64_t port_id, id, from;
	bool joined;

	assert_true(ledger_port_put(ledger, &port, 1795000001, &port_id, &err));
	assert_int_equal(port_id, 1);
	assert_true(ledger_connection_put(ledger, "fra", 64500, &id, &err));
	assert_true(ledger_member_join(ledger, id, 1, 1795000002, &joined, &from, &err));
	return subject_connection(id);
}

static void
a_port_and_a_connection_of_one_number_have_weeks_of_their_own(void **state)
{
	struct subject connection = connection_make();
	struct advice_week week = week_of(MONDAY);
	struct gathered got = { 0 };

	(void)state;
	assert_int_equal(connection.id, 1);
	week.known_samples = 1;
	assert_true(ledger_week_put(ledger, connection, DIRECTION_OUT, &week, &err));
	assert_int_equal(weeks_between(DIRECTION_OUT, MONDAY, MONDAY).count, 0);
	week.known_samples = 2;
	put(DIRECTION_OUT, &week);
	assert_true(ledger_week_each(ledger, connection, DIRECTION_OUT, MONDAY, MONDAY, gather,
				     &got, &err));
	assert_int_equal(got.count, 1);
	assert_int_equal(got.weeks[0].known_samples, 1);
	week.known_samples = 2017;
	assert_false(ledger_week_put(ledger, connection, DIRECTION_OUT, &week, &err));
	assert_non_null(strstr(err.text, "of connection 1"));
}

static void
weeks_of_another_peer_are_taken_back_and_no_others(void **state)
{
	(void)state;
	for (int i = 0; i < 5; i++) {
		struct advice_week week = week_of(MONDAY - 7 * i);

		put(DIRECTION_OUT, &week);
		put(DIRECTION_IN, &week);
	}
	assert_true(ledger_week_forget(ledger, subject_port(1), MONDAY - 21, MONDAY - 14, &err));
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		struct gathered got = weeks_between((enum direction)d, MONDAY - 70, MONDAY);

		assert_int_equal(got.count, 3);
		assert_int_equal(got.weeks[0].monday, MONDAY - 28);
		assert_int_equal(got.weeks[1].monday, MONDAY - 7);
	}
	assert_true(ledger_week_forget(ledger, subject_port(1), INT32_MIN, MONDAY - 7, &err));
	assert_int_equal(weeks_between(DIRECTION_OUT, MONDAY - 70, MONDAY).count, 1);
}

static int64_t
made(struct subject subject)
{
	struct ledger_advice got;

	assert_true(ledger_advice_get(ledger, subject, DIRECTION_OUT, &got, &err));
	return got.made_utc_sec;
}

/* A port's history is its connection's too; the other way round it is not. */
static void
advice_forgotten_of_a_port_is_forgotten_of_its_connection(void **state)
{
	struct subject connection = connection_make();
	struct ledger_advice row = { .made_utc_sec = 7 };

	(void)state;
	advice_init(&row.advice);
	row.advice.day = MONDAY;
	row.advice.congested_share = .9;
	assert_true(ledger_advice_put(ledger, connection, DIRECTION_OUT, &row, &err));
	assert_true(ledger_advice_put(ledger, subject_port(1), DIRECTION_OUT, &row, &err));
	assert_true(ledger_advice_forget(ledger, connection, &err));
	assert_int_equal(made(connection), 0);
	assert_int_equal(made(subject_port(1)), 7);
	assert_true(ledger_advice_put(ledger, connection, DIRECTION_OUT, &row, &err));
	assert_int_equal(made(connection), 7);
	assert_true(ledger_advice_forget(ledger, subject_port(1), &err));
	assert_int_equal(made(connection), 0);
	assert_int_equal(made(subject_port(1)), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(weeks_are_listed_by_day_and_direction, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_week_put_again_writes_only_what_changed, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_week_that_cannot_be_is_refused, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(advice_that_was_not_made_is_unknown, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(advice_is_read_as_it_was_put, set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_trend_is_a_word_of_the_ledger, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(
		    a_port_and_a_connection_of_one_number_have_weeks_of_their_own, set_up,
		    tear_down),
		cmocka_unit_test_setup_teardown(weeks_of_another_peer_are_taken_back_and_no_others,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
		    advice_forgotten_of_a_port_is_forgotten_of_its_connection, set_up, tear_down),
	};

	return cmocka_run_group_tests_name("ledger: weeks and advice", tests, NULL, NULL);
}
