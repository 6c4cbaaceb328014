/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_window.c store/ledger_connection.c store/ledger_move.c store/ledger_alert.c store/ledger_quiet.c base/alert_words.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_move.c - what a port that moved takes along is read from the port it was. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/alert.h"
#include "ixwatch/ledger.h"
#include "ixwatch/ledger_move.h"
#include "ledger_scratch.h"

#define T0 INT64_C(1795000000)

enum { A, B, C, D, PORT_COUNT }; /* C is at another exchange, D another peer's */

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t id[PORT_COUNT];
	char text[1024];
};

static struct port
port_of(int which, uint32_t asn)
{
	static const char *const names[] = { "a", "b", "c", "d" };
	static const char *const paths[] = { "rrd/x/e1/a.rrd", "rrd/x/e2/b.rrd", "rrd/y/e1/c.rrd",
					     "rrd/x/e1/d.rrd" };

	return (struct port) { .exchange = which == C ? "y" : "x",
			       .agent = which == B ? "e2" : "e1",
			       .interface = names[which],
			       .path = paths[which],
			       .alias = "",
			       .peer = "Peer",
			       .note = "",
			       .circuit = "",
			       .asn = asn,
			       .kind = KIND_MEMBER,
			       .contracted_bps = NAN };
}

static void
own(struct bench *b, int which, uint32_t asn, int64_t at)
{
	struct port port = port_of(which, asn);

	assert_true(ledger_port_put(b->ledger, &port, T0 + at, &b->id[which], &b->err));
}

static int
set_up(void **state)
{
	struct bench *b = calloc(1, sizeof(*b));

	scratch_new(&b->scratch);
	assert_true(ledger_open(&b->ledger, b->scratch.dir, LEDGER_WRITE, &b->err));
	assert_true(ledger_exchange_put(b->ledger, "x", "X", "UTC", &b->err));
	assert_true(ledger_exchange_put(b->ledger, "y", "Y", "UTC", &b->err));
	own(b, A, 64500, 0);
	own(b, B, 64500, 0);
	own(b, C, 64500, 0);
	own(b, D, 64501, 0);
	*state = b;
	return 0;
}

static int
tear_down(void **state)
{
	struct bench *b = *state;

	ledger_close(b->ledger);
	scratch_free(&b->scratch);
	free(b);
	return 0;
}

static struct ledger_move
a_move(const struct bench *b, int old, int new, int64_t at)
{
	return (struct ledger_move) { .old_id = b->id[old],
				      .new_id = b->id[new],
				      .at_utc_sec = T0 + at,
				      .actor = "noc",
				      .reason = "",
				      .moved_utc_sec = T0 + 100000 };
}

static void
move(struct bench *b, int old, int new, int64_t at)
{
	struct ledger_move m = a_move(b, old, new, at);

	if (!ledger_move_check(b->ledger, &m, &b->err) ||
	    !ledger_move_put(b->ledger, &m, &b->err) ||
	    !ledger_move_done(b->ledger, m.old_id, T0 + 100001, &b->err))
		fail_msg("%s", b->err.text);
}

/* --- as text --- */

static void
add(struct bench *b, const char *form, ...)
{
	size_t len = strlen(b->text);
	va_list args;

	va_start(args, form);
	vsnprintf(b->text + len, sizeof(b->text) - len, form, args);
	va_end(args);
}

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	add(user, "%lld:%g ", (long long)(capacity->from_utc_sec - T0),
	    capacity->physical_bps / 1e9);
	return true;
}

static const char *
capacities(struct bench *b, int which)
{
	b->text[0] = '\0';
	assert_true(ledger_capacity_each(b->ledger, b->id[which], on_capacity, b, &b->err));
	return b->text;
}

static bool
on_span(int64_t from, int64_t to, void *user)
{
	add(user, "%lld..%lld ", (long long)(from != 0 ? from - T0 : -1), (long long)(to - T0));
	return true;
}

static const char *
others(struct bench *b, int which)
{
	b->text[0] = '\0';
	assert_true(ledger_port_others_each(b->ledger, b->id[which], on_span, b, &b->err));
	return b->text;
}

static bool
on_window(const struct ledger_window *window, void *user)
{
	add(user, "%s ", window->reason);
	return true;
}

static const char *
windows(struct bench *b, int which)
{
	struct ledger_window_query query = { .port_id = b->id[which] };

	b->text[0] = '\0';
	assert_true(ledger_window_each(b->ledger, &query, on_window, b, &b->err));
	return b->text;
}

static void
declare(struct bench *b, const char *name, struct ledger_window window, int64_t from, int64_t to)
{
	int64_t id;

	window.start_utc_sec = T0 + from;
	window.end_utc_sec = T0 + to;
	window.cause = "works";
	window.author = "noc";
	window.reason = name;
	if (!ledger_window_add(b->ledger, &window, &id, &b->err))
		fail_msg("%s", b->err.text);
}

static bool
on_member(const struct ledger_member *member, void *user)
{
	struct bench *b = user;

	for (int i = 0; i < PORT_COUNT; i++)
		if (b->id[i] == member->port_id)
			add(b, "%c@%lld..%lld ", "abcd"[i],
			    (long long)(member->from_utc_sec != 0 ? member->from_utc_sec - T0 : -1),
			    (long long)(member->to_utc_sec != 0 ? member->to_utc_sec - T0 : -1));
	return true;
}

static const char *
members(struct bench *b, int64_t connection)
{
	b->text[0] = '\0';
	assert_true(ledger_member_each(b->ledger, connection, on_member, b, &b->err));
	return b->text;
}

static bool
on_listed(const struct port *port, void *user)
{
	add(user, "%s ", port->interface);
	return true;
}

static const char *
listed(struct bench *b)
{
	b->text[0] = '\0';
	assert_true(ledger_port_each(b->ledger, on_listed, b, &b->err));
	return b->text;
}

/* --- the rules --- */

static void
capacity(struct bench *b, int which, int64_t at, double gbps)
{
	assert_true(ledger_capacity_put(b->ledger, b->id[which], gbps * 1e9, NAN,
					CAPACITY_INTERFACE, T0 + at, &b->err));
}

static void
capacities_of_each_time_are_those_of_the_port_it_was(void **state)
{
	struct bench *b = *state;

	capacity(b, A, 10, 1);
	capacity(b, A, 50, 2);
	capacity(b, A, 900, 3); /* after it moved */
	capacity(b, B, 20, 10); /* in force when it took over */
	capacity(b, B, 500, 20);
	move(b, A, B, 100);
	assert_string_equal(capacities(b, B), "10:1 50:2 100:10 500:20 ");
	assert_string_equal(capacities(b, A), "10:1 50:2 900:3 ");
	capacity(b, C, 5, 90);
	capacity(b, C, 700, 100); /* nothing but its first holds between */
	move(b, B, C, 400);
	assert_string_equal(capacities(b, C), "10:1 50:2 100:10 400:90 700:100 ");
}

static void
a_first_capacity_read_after_the_move_holds_from_it(void **state)
{
	struct bench *b = *state;

	capacity(b, A, 10, 1);
	capacity(b, B, 160, 10);
	move(b, A, B, 100);
	assert_string_equal(capacities(b, B), "10:1 100:10 ");
}

static void
times_of_other_peers_are_those_of_the_port_it_was(void **state)
{
	struct bench *b = *state;

	own(b, A, 64999, 50);
	own(b, A, 64500, 80);
	own(b, B, 64501, 20);
	own(b, B, 64500, 150);
	move(b, A, B, 100);
	/* Of B itself: until 150 it was another's, and before 100 it was A. */
	assert_string_equal(others(b, B), "50..80 100..150 ");
	own(b, A, 64777, 200); /* after the move: no matter */
	assert_string_equal(others(b, B), "50..80 100..150 ");
	assert_string_equal(others(b, A), "-1..50 50..80 80..200 ");
}

static void
windows_of_each_time_are_those_of_the_port_it_was(void **state)
{
	struct bench *b = *state;
	const struct ledger_window of_a = { .scope = WINDOW_PORT, .port_id = b->id[A] },
				   of_b = { .scope = WINDOW_PORT, .port_id = b->id[B] },
				   of_e1 = { .scope = WINDOW_AGENT,
					     .exchange = "x",
					     .agent = "e1" },
				   of_e2 = { .scope = WINDOW_AGENT,
					     .exchange = "x",
					     .agent = "e2" },
				   of_y = { .scope = WINDOW_EXCHANGE, .exchange = "y" },
				   of_peer = { .scope = WINDOW_PEER, .asn = 64500 };

	declare(b, "a-before", of_a, 10, 20);
	declare(b, "a-over", of_a, 90, 110);
	declare(b, "a-after", of_a, 200, 210);
	declare(b, "b-before", of_b, 30, 40); /* said of B by hand: B is meant */
	declare(b, "e1-before", of_e1, 31, 40);
	declare(b, "e1-after", of_e1, 201, 210);
	declare(b, "e2-before", of_e2, 32, 40);
	declare(b, "e2-after", of_e2, 202, 210);
	declare(b, "peer", of_peer, 33, 40);
	declare(b, "y-later", of_y, 500, 510);
	declare(b, "y-before", of_y, 34, 40);
	move(b, A, B, 100);
	assert_string_equal(windows(b, B), "a-before b-before e1-before peer a-over e2-after ");
	move(b, B, C, 400);
	assert_string_equal(windows(b, C),
			    "a-before b-before e1-before peer a-over e2-after y-later ");
	assert_string_equal(windows(b, A), "a-before e1-before peer a-over a-after e1-after ");
}

static void
the_new_port_takes_the_place_of_the_old_one_in_their_connection(void **state)
{
	struct bench *b = *state;
	int64_t connection, from;
	bool joined;

	assert_true(ledger_connection_put(b->ledger, "x", 64500, &connection, &b->err));
	for (int i = A; i <= B; i++)
		assert_true(ledger_member_join(b->ledger, connection, b->id[i], T0 + 50, &joined,
					       &from, &b->err));
	move(b, A, B, 100);
	assert_string_equal(members(b, connection), "a@-1..100 b@100..-1 ");
	/* One that leaves and comes is summed from then on. */
	assert_true(ledger_member_leave(b->ledger, connection, b->id[B], T0 + 300, &b->err));
	assert_true(
	    ledger_member_join(b->ledger, connection, b->id[B], T0 + 400, &joined, &from, &b->err));
	assert_int_equal(from, T0 + 400);
}

static void
what_joins_later_is_not_summed_twice(void **state)
{
	struct bench *b = *state;
	int64_t here, there, from;
	bool joined;

	assert_true(ledger_connection_put(b->ledger, "x", 64500, &here, &b->err));
	assert_true(ledger_connection_put(b->ledger, "y", 64500, &there, &b->err));
	assert_true(
	    ledger_member_join(b->ledger, here, b->id[A], T0 + 50, &joined, &from, &b->err));
	move(b, A, B, 100);
	assert_true(
	    ledger_member_join(b->ledger, here, b->id[B], T0 + 500, &joined, &from, &b->err));
	assert_int_equal(from, T0 + 100);
	move(b, B, C, 600);
	/* At another exchange the peer had nothing before. */
	assert_true(
	    ledger_member_join(b->ledger, there, b->id[C], T0 + 700, &joined, &from, &b->err));
	assert_int_equal(from, T0 + 600);
}

static void
the_old_port_is_retired_unless_another_peer_has_it(void **state)
{
	struct bench *b = *state;

	move(b, A, B, 100);
	assert_string_equal(listed(b), "d b c ");
	own(b, A, 64999, 500);
	assert_string_equal(listed(b), "a d b c ");
	own(b, B, 64999, 300); /* had another peer before the move was told */
	move(b, B, C, 200);
	assert_string_equal(listed(b), "a d b c ");
}

static void
what_may_not_be_is_refused_by_name(void **state)
{
	struct bench *b = *state;
	static const struct {
		int old, new;
		enum error_code code;
		const char *words;
	} wrong[] = {
		{ A, A, ERR_USAGE, "another port" },
		{ A, D, ERR_REFUSED, "was AS64500's" },
	};
	static const struct {
		int old, new;
		const char *words;
	} after[] = {
		{ A, C, "moves once" },
		{ B, A, "circle" },
		{ C, A, "itself" },
		{ C, B, "two ports cannot become one" },
	};
	struct ledger_move m;

	for (size_t i = 0; i < COUNT(wrong); i++) {
		m = a_move(b, wrong[i].old, wrong[i].new, 100);
		assert_false(ledger_move_check(b->ledger, &m, &b->err));
		assert_int_equal(b->err.code, wrong[i].code);
		assert_non_null(strstr(b->err.text, wrong[i].words));
	}
	m = a_move(b, A, B, 100);
	m.new_id = 9999;
	assert_false(ledger_move_check(b->ledger, &m, &b->err));
	assert_int_equal(b->err.code, ERR_NOT_FOUND);
	assert_true(ledger_port_retire(b->ledger, b->id[C], true, &b->err));
	m = a_move(b, A, C, 100);
	assert_false(ledger_move_check(b->ledger, &m, &b->err));
	assert_non_null(strstr(b->err.text, "watched no more"));
	move(b, A, B, 100);
	for (size_t i = 0; i < COUNT(after); i++) {
		m = a_move(b, after[i].old, after[i].new, 100);
		assert_false(ledger_move_check(b->ledger, &m, &b->err));
		assert_int_equal(b->err.code, ERR_REFUSED);
		assert_non_null(strstr(b->err.text, after[i].words));
	}
}

static void
whose_it_was_is_asked_of_the_instant_of_the_move(void **state)
{
	struct bench *b = *state;
	struct ledger_move m = a_move(b, A, D, 100);

	own(b, A, 64501, 200); /* D's peer, but later */
	assert_false(ledger_move_check(b->ledger, &m, &b->err));
	m.at_utc_sec = T0 + 300;
	assert_true(ledger_move_check(b->ledger, &m, &b->err));
	m = a_move(b, A, B, 100); /* 64500's then, whoever has it now */
	assert_true(ledger_move_check(b->ledger, &m, &b->err));
	own(b, B, 0, 250); /* without a known peer */
	m.at_utc_sec = T0 + 300;
	assert_true(ledger_move_check(b->ledger, &m, &b->err));
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	add(user, "%lld ", (long long)(episode->start_utc_sec - T0));
	return true;
}

static void
episodes_before_the_move_are_told_once(void **state)
{
	struct bench *b = *state;
	struct ledger_episode_query query = { .subject = subject_port(b->id[A]),
					      .any_kind = true,
					      .limit = 10 };
	struct ledger_verdict verdict = { .subject = subject_port(b->id[A]),
					  .verdict = VERDICT_ROUTINE,
					  .reason = "",
					  .from_utc_sec = T0 };

	for (int64_t at = 50; at <= 150; at += 100) {
		struct ledger_episode episode = { .subject = subject_port(b->id[A]),
						  .start_utc_sec = T0 + at,
						  .end_utc_sec = T0 + at + 90,
						  .open = at == 50,
						  .kind = EPISODE_SUSTAINED,
						  .peak_utilisation = 1,
						  .mean_utilisation = 1 };

		assert_true(ledger_episode_put(b->ledger, &episode, &b->err));
	}
	assert_true(ledger_verdict_put(b->ledger, &verdict, &b->err));
	move(b, A, B, 100);
	b->text[0] = '\0';
	assert_true(ledger_episode_each(b->ledger, &query, on_episode, b, &b->err));
	assert_string_equal(b->text, "150 ");
}

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct bench *b = user;

	add(b, "%s %lld-%lld %s; ", quiet->interface, (long long)(quiet->start_utc_sec - T0),
	    (long long)(quiet->until_utc_sec - T0), quiet->reason);
	return true;
}

static void
what_keeps_the_old_port_quiet_keeps_the_new_one_quiet(void **state)
{
	struct bench *b = *state;
	struct ledger_quiet quiet = { .kind = QUIET_SILENCE,
				      .scope = WINDOW_PORT,
				      .port_id = b->id[A],
				      .exchange = "x",
				      .agent = "e1",
				      .interface = "a",
				      .author = "kim" };
	struct ledger_quiet_query query = { .any_kind = true };
	int64_t id;

	for (int64_t at = 0; at <= 50; at += 50) { /* over at 60; and at 160 */
		quiet.start_utc_sec = T0 + at;
		quiet.end_utc_sec = T0 + 60 + 2 * at;
		quiet.created_utc_sec = T0;
		quiet.reason = at == 0 ? "over" : "works";
		assert_true(ledger_quiet_add(b->ledger, &quiet, &id, &b->err));
	}
	move(b, A, B, 100);
	b->text[0] = '\0';
	assert_true(ledger_quiet_each(b->ledger, &query, on_quiet, b, &b->err));
	assert_string_equal(b->text, "a 0-60 over; a 50-160 works; b 50-160 works; ");
}

static void
a_move_that_is_not_done_is_told_and_can_be_withdrawn(void **state)
{
	struct bench *b = *state;
	struct ledger_move m = a_move(b, A, B, 100);
	struct ledger_way way;

	assert_true(ledger_move_put(b->ledger, &m, &b->err));
	assert_true(ledger_move_of(b->ledger, b->id[A], &way, &b->err));
	assert_int_equal(way.moved_to, 0);
	assert_string_equal(listed(b), "a d b c ");
	assert_true(ledger_move_withdraw(b->ledger, b->id[A], &b->err));
	move(b, A, B, 100);
	assert_true(ledger_move_withdraw(b->ledger, b->id[A], &b->err)); /* it is done: it stays */
	move(b, B, C, 400);
	assert_true(ledger_move_of(b->ledger, b->id[B], &way, &b->err));
	assert_int_equal(way.moved_to, b->id[C]);
	assert_int_equal(way.moved_utc_sec, T0 + 400);
	assert_int_equal(way.continues, b->id[A]);
	assert_int_equal(way.continues_utc_sec, T0 + 100);
}

int
main(void)
{
#define RULE(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		RULE(capacities_of_each_time_are_those_of_the_port_it_was),
		RULE(a_first_capacity_read_after_the_move_holds_from_it),
		RULE(times_of_other_peers_are_those_of_the_port_it_was),
		RULE(windows_of_each_time_are_those_of_the_port_it_was),
		RULE(the_new_port_takes_the_place_of_the_old_one_in_their_connection),
		RULE(what_joins_later_is_not_summed_twice),
		RULE(the_old_port_is_retired_unless_another_peer_has_it),
		RULE(what_may_not_be_is_refused_by_name),
		RULE(whose_it_was_is_asked_of_the_instant_of_the_move),
		RULE(episodes_before_the_move_are_told_once),
		RULE(what_keeps_the_old_port_quiet_keeps_the_new_one_quiet),
		RULE(a_move_that_is_not_done_is_told_and_can_be_withdrawn),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
