/* links: web */
/* pkgs: libconfuse jansson glib-2.0 libpcre2-8 libsystemd librrd sqlite3 gnutls libcrypt libmicrohttpd zlib */
/* test_web_past.c - from when on an account sees a port: what another peer did before is not shown to the one of today. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/accounts.h"
#include "ixwatch/ledger.h"
#include "ixwatch/ledger_move.h"
#include "ledger_scratch.h"
#include "sees.h"
#include "world_past.h"

#define T0        INT64_C(1795000000)
#define COUNT(a)  (sizeof(a) / sizeof((a)[0]))
#define OWNED_MAX 4
#define NONE      -1 /* as an instant: since the beginning */

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t a, b; /* ports of exchanges x and y */
};

/* asn 0: no known peer. */
static int64_t
own(struct bench *bench, const char *exchange, uint32_t asn, int64_t at)
{
	struct port port = { .exchange = exchange,
			     .agent = "e1",
			     .interface = "et-0",
			     .path = exchange,
			     .alias = "",
			     .peer = asn != 0 ? "Peer" : "",
			     .note = "",
			     .circuit = "",
			     .asn = asn,
			     .kind = KIND_MEMBER,
			     .contracted_bps = NAN };
	int64_t id;

	if (!ledger_port_put(bench->ledger, &port, T0 + at, &id, &bench->err))
		fail_msg("%s", bench->err.text);
	return id;
}

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "x", "X", "UTC", &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "y", "Y", "UTC", &bench->err));
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

/* Seconds behind T0 from which on the account sees the port, which faces 64500 now; NONE: all of it. */
static int64_t
seen_from(struct bench *bench, const char *scopes, const char *exchange, int64_t id,
	  int64_t took_over)
{
	struct world_port port = { .port = { .id = id, .exchange = exchange, .asn = 64500 },
				   .took_over_utc_sec = took_over != 0 ? T0 + took_over : 0 };
	struct account_scopes parsed;
	struct world_past past = { .scopes = &parsed, .ledger = bench->ledger };

	assert_true(account_scopes_parse(scopes, &parsed, &bench->err));
	world_past_set(&past, &port, 60);
	if (past.failed)
		fail_msg("%s", past.err.text);
	return port.seen_from_utc_sec == 0 ? NONE : port.seen_from_utc_sec - T0;
}

static const struct past {
	const char *name;
	struct {
		uint32_t asn;
		int64_t at;
	} owned
	    [OWNED_MAX]; /* in turn; asn 0 behind the first: no more, but {0, at}: nobody known */
	unsigned count;
	const char *scopes;
	int64_t since;
} pasts[] = {
	{ "theirs from the beginning", { { 64500, 0 } }, 1, "asn:64500", NONE },
	{ "another's before", { { 64501, 0 }, { 64500, 100 } }, 2, "asn:64500", 100 },
	{ "an account of both peers",
	  { { 64501, 0 }, { 64500, 100 } },
	  2,
	  "asn:64500,asn:64501",
	  NONE },
	{ "an account of the exchange", { { 64501, 0 }, { 64500, 100 } }, 2, "exchange:x", NONE },
	{ "an account without scopes", { { 64501, 0 }, { 64500, 100 } }, 2, "", NONE },
	{ "of another exchange too",
	  { { 64501, 0 }, { 64500, 100 } },
	  2,
	  "exchange:y,asn:64500",
	  100 },
	{ "theirs, another's, theirs",
	  { { 64500, 0 }, { 64501, 50 }, { 64500, 100 } },
	  3,
	  "asn:64500",
	  100 },
	{ "two others in turn",
	  { { 64501, 0 }, { 64502, 50 }, { 64500, 100 } },
	  3,
	  "asn:64500",
	  100 },
	{ "of two others one is theirs",
	  { { 64501, 0 }, { 64502, 50 }, { 64500, 100 } },
	  3,
	  "asn:64500,asn:64502",
	  50 },
	{ "nobody known before", { { 0, 0 }, { 64500, 100 } }, 2, "asn:64500", NONE },
	{ "another's, then nobody known",
	  { { 64501, 0 }, { 0, 50 }, { 64500, 100 } },
	  3,
	  "asn:64500",
	  50 },
	{ "another's by now, which the world does not know yet",
	  { { 64500, 0 }, { 64501, 100 } },
	  2,
	  "asn:64500",
	  INT64_MAX - T0 },
};

static void
what_another_peer_did_before_is_not_seen(void **state)
{
	struct bench *bench = *state;

	for (size_t i = 0; i < COUNT(pasts); i++) {
		const struct past *past = &pasts[i];
		int64_t id = 0, since;

		assert_true(ledger_begin(bench->ledger, &bench->err));
		for (unsigned k = 0; k < past->count; k++)
			id = own(bench, "x", past->owned[k].asn, past->owned[k].at);
		since = seen_from(bench, past->scopes, "x", id, 0);
		if (since != past->since)
			fail_msg("%s: from %lld, not %lld", past->name, (long long)since,
				 (long long)past->since);
		ledger_rollback(bench->ledger);
	}
}

/* a at x faced 64501, then 64500, and moved to b at y, which had faced 64502 and takes its past along. */
static void
move(struct bench *bench)
{
	struct ledger_move m = {
		.at_utc_sec = T0 + 200, .actor = "noc", .reason = "", .moved_utc_sec = T0 + 300
	};

	own(bench, "x", 64501, 0);
	m.old_id = bench->a = own(bench, "x", 64500, 100);
	own(bench, "y", 64502, 0);
	m.new_id = bench->b = own(bench, "y", 64500, 150);
	if (!ledger_move_check(bench->ledger, &m, &bench->err) ||
	    !ledger_move_put(bench->ledger, &m, &bench->err) ||
	    !ledger_move_done(bench->ledger, m.old_id, T0 + 300, &bench->err))
		fail_msg("%s", bench->err.text);
}

static void
a_past_on_another_port_is_that_ports_exchanges(void **state)
{
	struct bench *bench = *state;

	move(bench);
	assert_int_equal(seen_from(bench, "asn:64500", "y", bench->b, 200), 100);
	assert_int_equal(seen_from(bench, "exchange:x,exchange:y", "y", bench->b, 200), NONE);
	assert_int_equal(seen_from(bench, "exchange:y", "y", bench->b, 200), 200);
	assert_int_equal(seen_from(bench, "exchange:y,asn:64500", "y", bench->b, 200), 100);
}

/* Of a time without a known peer the exchange still counts. */
static void
a_past_elsewhere_that_was_nobodys_is_that_exchanges(void **state)
{
	struct bench *bench = *state;
	struct ledger_move m = {
		.at_utc_sec = T0 + 200, .actor = "noc", .reason = "", .moved_utc_sec = T0 + 300
	};

	m.old_id = own(bench, "x", 0, 0);
	m.new_id = own(bench, "y", 64500, 150);
	assert_true(ledger_move_put(bench->ledger, &m, &bench->err));
	assert_true(ledger_move_done(bench->ledger, m.old_id, T0 + 300, &bench->err));
	assert_int_equal(seen_from(bench, "exchange:y", "y", m.new_id, 200), 200);
	assert_int_equal(seen_from(bench, "asn:64500", "y", m.new_id, 200), NONE);
}

/* What a port continues of another is its samples and episodes; alerts, silences and windows are of the port they were of. */
static void
its_own_alerts_and_windows_are_seen_since_it_took_over(void **state)
{
	struct world_port port = { .port = { .id = 7, .exchange = "y", .asn = 64500 },
				   .took_over_utc_sec = T0 + 200,
				   .seen_from_utc_sec = T0 + 100 };
	struct world world = { .ports = &port, .port_count = 1 };
	struct request request = { .world = &world };
	struct ledger_alert alert = { .subject = { .scope = ALERT_OF_PORT, .id = 7 } };
	struct ledger_quiet quiet = { .scope = WINDOW_PORT, .port_id = 7 };
	struct ledger_window window = { .scope = WINDOW_PORT,
					.port_id = 7,
					.until_utc_sec = T0 + 900 };
	static const struct {
		const char *scopes;
		int64_t at;
		bool is_seen;
	} rows[] = {
		{ "", 50, true },
		{ "asn:64500", 50, false },
		{ "asn:64500", 150, false },
		{ "asn:64500", 200, true },
		{ "exchange:y", 99, false },
		{ "exchange:y", 150, true },
	};
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		alert.began_utc_sec = quiet.created_utc_sec = window.start_utc_sec =
		    T0 + rows[i].at;
		assert_true(account_scopes_parse(rows[i].scopes, &request.who.scopes, &err));
		assert_int_equal(sees_alert(&request, &alert), rows[i].is_seen);
		assert_int_equal(sees_quiet(&request, &quiet), rows[i].is_seen);
		assert_int_equal(sees_window(&request, &port, &window), rows[i].is_seen);
	}
}

static void
a_port_that_moved_is_seen_until_its_next_tenant(void **state)
{
	struct bench *bench = *state;
	struct world_move moved = { .at_utc_sec = T0 + 200 };
	struct world world = { .moves = &moved, .move_count = 1 };
	struct request request = { .world = &world };
	struct world_past past = { .scopes = &request.who.scopes, .ledger = bench->ledger };
	static const struct {
		int64_t at;
		bool is_seen;
	} rows[] = { { 0, false },  { 99, false },  { 100, true },
		     { 399, true }, { 400, false }, { 500, false } };

	move(bench);
	own(bench, "x", 64509, 400);
	moved.old = (struct port) { .id = bench->a, .exchange = "x" };
	assert_true(account_scopes_parse("asn:64500", &request.who.scopes, &bench->err));
	world_past_set_move(&past, &moved);
	assert_false(past.failed);
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_int_equal(sees_port_at(&request, bench->a, T0 + rows[i].at),
				 rows[i].is_seen);
	request.who.scopes.count = 0;
	assert_true(sees_port_at(&request, bench->a, T0));
}

static void
without_a_ledger_nothing_is_seen(void **state)
{
	struct bench *bench = *state;
	struct world_port port = { .port = { .id = 1, .exchange = "x" },
				   .live = { .sampled_utc_sec = T0,
					     .state_since_utc_sec = T0,
					     .state = STATE_SUSTAINED } };
	struct world_move moved = { .old = { .id = 2, .exchange = "x" }, .at_utc_sec = T0 };
	struct world world = { .ports = &port, .port_count = 1, .moves = &moved, .move_count = 1 };
	struct request request = { .world = &world };
	struct world_past past = { .scopes = &request.who.scopes };

	assert_true(account_scopes_parse("asn:64500", &request.who.scopes, &bench->err));
	world_past_set(&past, &port, 60);
	world_past_set_move(&past, &moved);
	assert_true(past.failed);
	assert_false(sees_port_at(&request, 1, T0 + 1000000000));
	assert_false(sees_port_at(&request, 2, T0 - 1));
	assert_int_equal(port.live.state, STATE_UNKNOWN);
	assert_int_equal(port.live.state_since_utc_sec, 0);
	assert_int_equal(world_past_since(&port, T0), 0);
}

/* The snapshot may be a round behind the ledger. */
static void
of_the_present_only_what_was_measured_since_is_told(void **state)
{
	static const struct {
		int64_t sampled, since;
		bool is_told;
		int64_t told_since;
	} rows[] = {
		{ 100, 50, false, 0 },   { 159, 50, false, 0 }, { 160, 50, true, 100 },
		{ 500, 300, true, 300 }, { 0, 50, true, 100 },
	};
	struct bench *bench = *state;
	struct account_scopes scopes;
	struct world_past past = { .scopes = &scopes, .ledger = bench->ledger };
	int64_t id;

	own(bench, "x", 64501, 0);
	id = own(bench, "x", 64500, 100);
	assert_true(account_scopes_parse("asn:64500", &scopes, &bench->err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct world_port port = { .port = { .id = id, .exchange = "x", .asn = 64500 },
					   .why_unknown = "",
					   .live = { .sampled_utc_sec = rows[i].sampled != 0
									    ? T0 + rows[i].sampled
									    : 0,
						     .state = STATE_SUSTAINED,
						     .verdict = VERDICT_ROUTINE,
						     .state_since_utc_sec = T0 + rows[i].since } };

		world_past_set(&past, &port, 60);
		assert_int_equal(port.live.state,
				 rows[i].is_told ? STATE_SUSTAINED : STATE_UNKNOWN);
		assert_int_equal(port.live.verdict,
				 rows[i].is_told ? VERDICT_ROUTINE : VERDICT_INSUFFICIENT);
		assert_int_equal(port.live.state_since_utc_sec,
				 rows[i].told_since != 0 ? T0 + rows[i].told_since : 0);
		assert_int_equal(port.why_unknown[0] == 0, rows[i].is_told);
	}
}

/* Of an entry that held when the port began to be seen, the contract is the former peer's. */
static void
capacities_begin_with_the_one_then_in_force(void **state)
{
	static const struct {
		int64_t from;
		bool is_newest, more;
		int64_t told_from;
		double contracted_bps;
	} rows[] = {
		{ 150, true, true, 150, 5e9 },  { 150, false, true, 150, 5e9 },
		{ 100, true, false, 100, 5e9 }, { 100, false, false, 100, 5e9 },
		{ 90, true, false, 100, 5e9 },  { 90, false, false, 100, NAN },
	};
	const struct world_port port = { .seen_from_utc_sec = T0 + 100 },
				whole = { .seen_from_utc_sec = 0 };
	struct ledger_capacity seen;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ledger_capacity entry = { T0 + rows[i].from, 1e10, 5e9, CAPACITY_SETTING };

		assert_int_equal(world_past_capacity(&seen, &port, &entry, rows[i].is_newest),
				 rows[i].more);
		assert_int_equal(seen.from_utc_sec, T0 + rows[i].told_from);
		assert_true(seen.physical_bps == 1e10);
		assert_true(isnan(rows[i].contracted_bps)
				? isnan(seen.contracted_bps)
				: seen.contracted_bps == rows[i].contracted_bps);
		assert_true(world_past_capacity(&seen, &whole, &entry, rows[i].is_newest));
		assert_true(memcmp(&seen, &entry, sizeof(seen)) == 0);
	}
}

static void
windows_of_the_former_peer_are_not_seen(void **state)
{
	static const struct {
		enum window_scope scope;
		uint32_t asn;
		int64_t start, until;
		bool is_seen;
	} rows[] = {
		{ WINDOW_PORT, 0, 50, 90, false },     { WINDOW_PORT, 0, 50, 500, false },
		{ WINDOW_PORT, 0, 100, 500, true },    { WINDOW_PEER, 64501, 50, 500, false },
		{ WINDOW_PEER, 64500, 50, 500, true }, { WINDOW_PEER, 64500, 50, 100, false },
		{ WINDOW_EXCHANGE, 0, 50, 500, true }, { WINDOW_EXCHANGE, 0, 50, 100, false },
		{ WINDOW_AGENT, 0, 50, 101, true },
	};
	struct bench *bench = *state;
	const struct world_port port = { .port = { .exchange = "x" },
					 .seen_from_utc_sec = T0 + 100 };
	struct request request = { .now_utc_sec = T0 }, noc = request;

	assert_true(account_scopes_parse("asn:64500", &request.who.scopes, &bench->err));
	for (size_t i = 0; i < COUNT(rows); i++) {
		const struct ledger_window window = { .scope = rows[i].scope,
						      .asn = rows[i].asn,
						      .start_utc_sec = T0 + rows[i].start,
						      .until_utc_sec = T0 + rows[i].until };

		assert_int_equal(sees_window(&request, &port, &window), rows[i].is_seen);
		assert_true(sees_window(&noc, &port, &window));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(what_another_peer_did_before_is_not_seen, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(a_past_on_another_port_is_that_ports_exchanges,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_past_elsewhere_that_was_nobodys_is_that_exchanges,
						set_up, tear_down),
		cmocka_unit_test(its_own_alerts_and_windows_are_seen_since_it_took_over),
		cmocka_unit_test_setup_teardown(of_the_present_only_what_was_measured_since_is_told,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_port_that_moved_is_seen_until_its_next_tenant,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(without_a_ledger_nothing_is_seen, set_up,
						tear_down),
		cmocka_unit_test(capacities_begin_with_the_one_then_in_force),
		cmocka_unit_test_setup_teardown(windows_of_the_former_peer_are_not_seen, set_up,
						tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
