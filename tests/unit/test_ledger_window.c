/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_window.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_window.c - declared windows: which apply to which port, ended early, withdrawn, and never lost. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/ledger.h"
#include "ledger_scratch.h"
#include "store/db.h"

#define T0   INT64_C(1795000000) /* an instant of November 2026 */
#define HOUR INT64_C(3600)
#define DAY  INT64_C(86400)

/* Ports: 1 fra/edge1/a of AS64500, 2 fra/edge1/b of AS64501, 3 fra/edge2/a of none, 4 ams/edge1/a of AS64500. */
struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
};

static void
put_port(struct bench *bench, const char *exchange, const char *agent, const char *interface,
	 uint32_t asn, int64_t at_utc_sec)
{
	char path[128];
	struct port port = { .exchange = exchange,
			     .agent = agent,
			     .interface = interface,
			     .alias = "",
			     .peer = "",
			     .path = path,
			     .note = "",
			     .circuit = "",
			     .asn = asn,
			     .contracted_bps = NAN };
	int64_t id;

	snprintf(path, sizeof(path), "rrd/%s/%s/%s.rrd", exchange, agent, interface);
	assert_true(ledger_port_put(bench->ledger, &port, at_utc_sec, &id, &bench->err));
}

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "fra", "Frankfurt", "UTC", &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "ams", "Amsterdam", "UTC", &bench->err));
	put_port(bench, "fra", "edge1", "a", 64500, T0);
	put_port(bench, "fra", "edge1", "b", 64501, T0);
	put_port(bench, "fra", "edge2", "a", 0, T0);
	put_port(bench, "ams", "edge1", "a", 64500, T0);
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

static void
assert_says(const struct error *err, enum error_code code, const char *what)
{
	if (err->code != code || strstr(err->text, what) == NULL)
		print_error("[%d] %s\n", err->code, err->text);
	assert_int_equal(err->code, code);
	assert_non_null(strstr(err->text, what));
}

static struct ledger_window
window_of(enum window_scope scope)
{
	return (struct ledger_window) {
		.scope = scope,
		.port_id = scope == WINDOW_PORT ? 1 : 0,
		.asn = scope == WINDOW_PEER ? 64500 : 0,
		.exchange = scope == WINDOW_AGENT || scope == WINDOW_EXCHANGE ? "fra" : "",
		.agent = scope == WINDOW_AGENT ? "edge1" : "",
		.interface = "",
		.start_utc_sec = T0,
		.end_utc_sec = T0 + DAY,
		.cause = "event",
		.reason = "a final",
		.author = "anna",
		.created_utc_sec = T0 - DAY,
	};
}

static int64_t
add(struct bench *bench, struct ledger_window window)
{
	int64_t id = 0;

	if (!ledger_window_add(bench->ledger, &window, &id, &bench->err))
		fail_msg("%s", bench->err.text);
	return id;
}

/* --- listed as a line of text: "id start-until;" relative to T0 in hours --- */

static bool
on_window(const struct ledger_window *window, void *user)
{
	char *line = user;

	snprintf(line + strlen(line), 200 - strlen(line), "%d %d-%d;", (int)window->id,
		 (int)((window->start_utc_sec - T0) / HOUR),
		 (int)((window->until_utc_sec - T0) / HOUR));
	return true;
}

static void
assert_list(struct bench *bench, struct ledger_window_query query, const char *want)
{
	char line[200] = "";

	assert_true(ledger_window_each(bench->ledger, &query, on_window, line, &bench->err));
	assert_string_equal(line, want);
}

static bool
on_port_id(int64_t port_id, void *user)
{
	char *line = user;

	snprintf(line + strlen(line), 200 - strlen(line), "%d ", (int)port_id);
	return true;
}

static void
assert_ports(struct bench *bench, int64_t window_id, const char *want)
{
	char line[200] = "";

	assert_true(ledger_window_ports(bench->ledger, window_id, on_port_id, line, &bench->err));
	assert_string_equal(line, want);
}

/* --- scopes --- */

static void
test_scopes(void **state)
{
	static const struct {
		enum window_scope scope;
		const char *ports, *text;
	} rows[] = {
		{ WINDOW_PORT, "1 ", "port:fra/edge1/a" },
		{ WINDOW_PEER, "1 4 ", "peer:64500" },
		{ WINDOW_AGENT, "1 2 ", "agent:fra/edge1" },
		{ WINDOW_EXCHANGE, "1 2 3 ", "exchange:fra" },
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		int64_t id = add(bench, window_of(rows[i].scope));

		assert_int_equal(id, i + 1);
		assert_ports(bench, id, rows[i].ports);
	}
	assert_list(bench, (struct ledger_window_query) { .port_id = 1 },
		    "1 0-24;2 0-24;3 0-24;4 0-24;");
	assert_list(bench, (struct ledger_window_query) { .port_id = 2 }, "3 0-24;4 0-24;");
	assert_list(bench, (struct ledger_window_query) { .port_id = 3 }, "4 0-24;");
	assert_list(bench, (struct ledger_window_query) { .port_id = 4 }, "2 0-24;");
	assert_list(bench, (struct ledger_window_query) { .port_id = 5 }, "");
}

static bool
on_text(const struct ledger_window *window, void *user)
{
	window_scope_text(user, 200, window);
	assert_string_equal(window->cause, "event");
	assert_string_equal(window->reason, "a final");
	assert_string_equal(window->author, "anna");
	assert_string_equal(window->ended_by, "");
	assert_null(window->uid);
	assert_int_equal(window->created_utc_sec, T0 - DAY);
	assert_int_equal(window->ended_utc_sec, 0);
	return true;
}

static void
test_scope_text(void **state)
{
	static const char *const want[] = { "port:fra/edge1/a", "peer:64500", "agent:fra/edge1",
					    "exchange:fra" };
	struct bench *bench = *state;
	char text[200];

	for (int i = 0; i < WINDOW_SCOPE_COUNT; i++) {
		struct ledger_window_query query = { .id = add(bench,
							       window_of((enum window_scope)i)) };

		assert_true(ledger_window_each(bench->ledger, &query, on_text, text, &bench->err));
		assert_string_equal(text, want[i]);
	}
}

/* A peer's window stays with the ports that were the peer's, and comes not with a port that became so later. */
static void
test_peer_history(void **state)
{
	struct bench *bench = *state;
	struct ledger_window early = window_of(WINDOW_PEER), late = early, before = early;

	put_port(bench, "fra", "edge1", "a", 64501, T0 + 2 * DAY);
	put_port(bench, "fra", "edge1", "b", 64500, T0 + 2 * DAY);
	late.start_utc_sec = T0 + 3 * DAY;
	late.end_utc_sec = T0 + 4 * DAY;
	before.start_utc_sec = T0 - 9 * DAY; /* before anything was seen */
	before.end_utc_sec = T0 - 8 * DAY;
	assert_ports(bench, add(bench, early), "1 4 ");
	assert_ports(bench, add(bench, late), "2 4 ");
	assert_ports(bench, add(bench, before), "1 4 ");
	assert_list(bench, (struct ledger_window_query) { .port_id = 1 }, "3 -216--192;1 0-24;");
	assert_list(bench, (struct ledger_window_query) { .port_id = 2 }, "2 72-96;");
}

static void
test_unknown_scope(void **state)
{
	static const struct {
		struct ledger_window window;
		const char *what;
	} rows[] = {
		{ { .scope = WINDOW_PORT, .port_id = 9 }, "no port 9" },
		{ { .scope = WINDOW_PEER, .asn = 64999 }, "no peer AS64999" },
		{ { .scope = WINDOW_AGENT, .exchange = "ams", .agent = "edge2" },
		  "no agent \"ams/edge2\"" },
		{ { .scope = WINDOW_EXCHANGE, .exchange = "lon" }, "no exchange \"lon\"" },
	};
	struct bench *bench = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		struct ledger_window window = rows[i].window;
		int64_t id = 77;

		window.start_utc_sec = T0;
		window.end_utc_sec = T0 + 1;
		window.cause = "event";
		window.reason = window.author = "x";
		assert_false(ledger_window_scope_check(bench->ledger, &window, &bench->err));
		assert_says(&bench->err, ERR_NOT_FOUND, rows[i].what);
		assert_false(ledger_window_add(bench->ledger, &window, &id, &bench->err));
		assert_says(&bench->err, ERR_NOT_FOUND, rows[i].what);
		assert_int_equal(id, 77);
	}
	for (int i = 0; i < WINDOW_SCOPE_COUNT; i++) {
		struct ledger_window window = window_of((enum window_scope)i);

		assert_true(ledger_window_scope_check(bench->ledger, &window, &bench->err));
	}
}

/* --- spans --- */

static void
test_length(void **state)
{
	struct bench *bench = *state;
	struct ledger_window window = window_of(WINDOW_PORT);
	int64_t id;

	window.end_utc_sec = T0 + 7 * DAY;
	add(bench, window);
	window.end_utc_sec++;
	assert_false(ledger_window_add(bench->ledger, &window, &id, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "longer than 7 days");
	window.end_utc_sec = T0;
	assert_false(ledger_window_add(bench->ledger, &window, &id, &bench->err));
	assert_says(&bench->err, ERR_USAGE, "not after its start");
}

static void
test_word(void **state)
{
	struct bench *bench = *state;
	struct ledger_window window = window_of(WINDOW_PORT);
	int64_t id;

	window.cause = "boredom";
	assert_false(ledger_window_add(bench->ledger, &window, &id, &bench->err));
	assert_int_equal(bench->err.code, ERR_DB);
}

static void
test_overlap(void **state)
{
	static const struct {
		int from_hour, to_hour;
		const char *want;
	} rows[] = {
		{ 1, 2, "1 0-24;" },   { -5, -4, "" },       { 24, 30, "" },
		{ 23, 30, "1 0-24;" }, { -2, 1, "1 0-24;" }, { -2, 60, "1 0-24;" },
	};
	struct bench *bench = *state;

	add(bench, window_of(WINDOW_PORT));
	for (size_t i = 0; i < COUNT(rows); i++)
		assert_list(
		    bench,
		    (struct ledger_window_query) { .port_id = 1,
						   .from_utc_sec = T0 + rows[i].from_hour * HOUR,
						   .to_utc_sec = T0 + rows[i].to_hour * HOUR },
		    rows[i].want);
	assert_list(bench, (struct ledger_window_query) { .to_utc_sec = T0 }, "");
	assert_list(bench, (struct ledger_window_query) { .from_utc_sec = T0 + DAY }, "");
}

/* --- ended --- */

static bool
end(struct bench *bench, int64_t id, int hour)
{
	return ledger_window_end(bench->ledger, id, T0 + hour * HOUR, T0 + 30 * HOUR, "bert",
				 &bench->err);
}

static bool
on_ended(const struct ledger_window *window, void *user)
{
	*(int *)user += 1;
	assert_int_equal(window->end_utc_sec, T0 + DAY); /* as it was declared */
	assert_int_equal(window->until_utc_sec, T0 + 6 * HOUR);
	assert_int_equal(window->ended_utc_sec, T0 + 30 * HOUR);
	assert_string_equal(window->ended_by, "bert");
	assert_string_equal(window->author, "anna");
	return true;
}

static void
test_ended_early(void **state)
{
	struct bench *bench = *state;
	int64_t id = add(bench, window_of(WINDOW_PORT));
	struct ledger_window_query query = { .port_id = 1 };
	int count = 0;

	assert_true(end(bench, id, 6));
	assert_true(ledger_window_each(bench->ledger, &query, on_ended, &count, &bench->err));
	assert_int_equal(count, 1);
	assert_list(bench, (struct ledger_window_query) { .from_utc_sec = T0 + 6 * HOUR }, "");
	assert_true(end(bench, id, 3)); /* earlier still */
	assert_list(bench, query, "1 0-3;");
	assert_false(end(bench, id, 3));
	assert_says(&bench->err, ERR_REFUSED, "ends at 2026-11-18T");
	assert_false(end(bench, id, 25));
	assert_says(&bench->err, ERR_REFUSED, "already");
	assert_list(bench, query, "1 0-3;");
}

static void
test_withdrawn(void **state)
{
	struct bench *bench = *state;
	int64_t id = add(bench, window_of(WINDOW_EXCHANGE));
	struct ledger_window_query all = { .withdrawn_too = true };

	assert_true(end(bench, id, -3));
	assert_list(bench, (struct ledger_window_query) { .port_id = 1 }, "");
	assert_list(bench, (struct ledger_window_query) { .id = id }, "");
	assert_list(bench, all, "1 0-0;");
	all.from_utc_sec = T0 + 5 * HOUR; /* by the time it was declared for */
	assert_list(bench, all, "1 0-0;");
	all.from_utc_sec = T0 + DAY;
	assert_list(bench, all, "");
	assert_ports(bench, id, "1 2 3 "); /* to be judged again */
	assert_false(end(bench, id, -4));
	assert_says(&bench->err, ERR_REFUSED, "withdrawn already");
	assert_int_equal(add(bench, window_of(WINDOW_EXCHANGE)), id + 1);
}

static void
test_end_of_none(void **state)
{
	struct bench *bench = *state;

	assert_false(end(bench, 1, 0));
	assert_says(&bench->err, ERR_NOT_FOUND, "no window 1");
}

static void
test_rollback(void **state)
{
	struct bench *bench = *state;
	int64_t id = add(bench, window_of(WINDOW_PORT));

	assert_true(ledger_begin(bench->ledger, &bench->err));
	assert_true(end(bench, id, 1));
	add(bench, window_of(WINDOW_PEER));
	ledger_rollback(bench->ledger);
	assert_list(bench, (struct ledger_window_query) { .port_id = 1 }, "1 0-24;");
}

/* --- a calendar's entries, and other texts --- */

static void
test_uid(void **state)
{
	struct bench *bench = *state;
	struct ledger_window window = window_of(WINDOW_PORT);

	window.uid = "a@example.net";
	add(bench, window);
	window.uid = "b@example.net";
	add(bench, window);
	add(bench, window_of(WINDOW_PORT));
	assert_list(bench, (struct ledger_window_query) { .uid = "b@example.net" }, "2 0-24;");
	assert_list(bench, (struct ledger_window_query) { .uid = "B@example.net" }, "");
	assert_list(bench, (struct ledger_window_query) { .uid = "a@example.net", .port_id = 1 },
		    "1 0-24;");
	assert_list(bench, (struct ledger_window_query) { .uid = "a@example.net", .port_id = 2 },
		    "");
}

static bool
on_hostile(const struct ledger_window *window, void *user)
{
	assert_string_equal(window->reason, user);
	assert_string_equal(window->author, user);
	return false;
}

static void
test_hostile_text(void **state)
{
	char hostile[] = "'); DROP TABLE declared_window; -- <b>%s%n \xc3\xa4";
	struct bench *bench = *state;
	struct ledger_window window = window_of(WINDOW_PORT);
	struct ledger_window_query query = { .port_id = 1 };

	window.reason = window.author = hostile;
	add(bench, window);
	add(bench, window);
	assert_true(ledger_window_each(bench->ledger, &query, on_hostile, hostile, &bench->err));
}

/* 100,000 ports ask at a start: one question must not look at every window. */
static void
test_speed(void **state)
{
	struct bench *bench = *state;
	struct ledger_window window = window_of(WINDOW_PORT);
	char line[200];
	double began_ms;

	assert_true(ledger_begin(bench->ledger, &bench->err));
	for (int i = 0; i < 20000; i++) {
		window.port_id = 2 + i % 3;
		add(bench, window);
	}
	window.port_id = 1;
	add(bench, window);
	assert_true(ledger_commit(bench->ledger, &bench->err));
	began_ms = scratch_now_ms();
	for (int i = 0; i < 1000; i++) {
		struct ledger_window_query query = { .port_id = 1 };

		line[0] = '\0';
		assert_true(
		    ledger_window_each(bench->ledger, &query, on_window, line, &bench->err));
		assert_string_equal(line, "20001 0-24;");
	}
	print_message("1,000 ports asked for theirs among 20,001 in %.0f ms\n",
		      scratch_now_ms() - began_ms);
}

int
main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} cases[] = {
		{ "a window applies to the ports of its scope", test_scopes },
		{ "a scope reads as it is written", test_scope_text },
		{ "a peer's window goes by whose the port was at the time", test_peer_history },
		{ "a scope that the ledger does not know is refused", test_unknown_scope },
		{ "a window lasts up to seven days", test_length },
		{ "a cause is one of the known words", test_word },
		{ "a window is listed where it overlaps", test_overlap },
		{ "ended early it counts until then, and keeps what was declared",
		  test_ended_early },
		{ "withdrawn it declares nothing, and stays in the register", test_withdrawn },
		{ "what is not there cannot be ended", test_end_of_none },
		{ "a transaction rolled back takes windows along", test_rollback },
		{ "a calendar's entry is found by its uid", test_uid },
		{ "hostile text is text", test_hostile_text },
		{ "a port's windows are found without looking at all", test_speed },
	};
	struct CMUnitTest tests[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] =
		    (struct CMUnitTest) { cases[i].name, cases[i].run, set_up, tear_down, NULL };
	return cmocka_run_group_tests_name("ledger_window", tests, NULL, NULL);
}
