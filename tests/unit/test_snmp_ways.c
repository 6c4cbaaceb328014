/* links: snmp/varbind.c snmp/answer.c snmp/session.c snmp/session_in.c snmp/session_out.c snmp/request.c snmp/reply.c snmp/envelope.c snmp/engine.c snmp/usm_keys.c snmp/report.c base/log.c base/log_body.c snmp/manners.c snmp/errand.c snmp/snmp.c snmp/ifmib.c snmp/poll.c snmp/poll_span.c snmp/bulk.c snmp/walk_rows.c snmp/lane.c snmp/walk.c snmp/walk_lanes.c snmp/walk_fill.c snmp/walk_lag.c snmp/lag.c base/error.c base/clock.c base/units.c tests/fakes/snmp_agent.c tests/unit/snmp_stage.c */
/* pkgs: netsnmp */
/* test_snmp_ways.c - counters by GET and by GETBULK: the same reads, and the faster way found; late answers. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/manners.h"
#include "snmp_stage.h"

#define ROWS 48

/* An agent with a table that was walked, as every one has been that is polled. */
static struct stage *
walked(void **state, unsigned interfaces)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, interfaces);
	stage_walk(stage);
	stage_rows(stage, interfaces, 64);
	stage->fake.requests = stage->fake.bulk_requests = 0;
	return stage;
}

/* A round; how many of its requests were GETBULK. */
static unsigned
round_bulk(struct stage *stage)
{
	stage->fake.requests = stage->fake.bulk_requests = 0;
	stage_poll(stage);
	return stage->fake.bulk_requests;
}

static void
assert_true_counters(const struct stage *stage)
{
	static const unsigned columns[READING_COUNT] = {
		[READING_IN_OCTETS] = 6,      [READING_OUT_OCTETS] = 10,
		[READING_IN_UCAST] = 7,       [READING_IN_MULTICAST] = 8,
		[READING_IN_BROADCAST] = 9,   [READING_OUT_UCAST] = 11,
		[READING_OUT_MULTICAST] = 12, [READING_OUT_BROADCAST] = 13,
		[READING_IN_DISCARDS] = 13,   [READING_OUT_DISCARDS] = 19,
		[READING_IN_ERRORS] = 14,     [READING_OUT_ERRORS] = 20,
	};

	assert_int_equal(stage_count(stage, SNMP_ROW_READ), stage->row_count);
	for (size_t i = 0; i < stage->row_count; i++)
		for (int c = 0; c < READING_COUNT; c++)
			assert_int_equal(stage->row[i].read.counter[c],
					 stage->rows[i].if_index * 1000u + columns[c]);
}

static void
both_ways_read_the_same(void **state)
{
	struct stage *stage = walked(state, ROWS);

	assert_int_equal(round_bulk(stage), 0);
	assert_true_counters(stage);
	assert_int_equal(stage->row[5].read.uptime_ticks, 123456);
	assert_true(stage->fake.requests <= ROWS / 2);
	assert_true(round_bulk(stage) > 0);
	assert_int_equal(stage->fake.bulk_requests, stage->fake.requests);
	assert_true(stage->fake.requests <= ROWS / 2);
	assert_true(stage->fake.octets_max <= 1400);
	assert_true_counters(stage);
	assert_int_equal(stage->row[5].read.uptime_ticks, 123456);
	assert_string_equal(stage->row[5].alias, "AS64506 Peer 6");
	assert_true(stage->row[5].read.speed_bps == 100e9);
}

static void
rows_in_any_order_are_read(void **state)
{
	struct stage *stage = walked(state, ROWS);

	for (size_t i = 0; i < ROWS / 2; i++) {
		struct snmp_poll_row row = stage->rows[i];

		stage->rows[i] = stage->rows[ROWS - 1 - i];
		stage->rows[ROWS - 1 - i] = row;
	}
	for (int round = 0; round < 4; round++) {
		round_bulk(stage);
		assert_true_counters(stage);
	}
}

/* The trial over, the better way is kept. */
static unsigned
bulk_after_trial(struct stage *stage)
{
	for (int round = 0; round < MANNERS_TRIAL; round++) {
		round_bulk(stage);
		assert_true_counters(stage);
	}
	return round_bulk(stage);
}

static void
an_agent_slow_with_the_next_name_is_asked_by_get(void **state)
{
	struct stage *stage = walked(state, 12);

	stage->fake.faults.next_us = 100;
	assert_int_equal(bulk_after_trial(stage), 0);
}

static void
an_agent_slow_with_names_is_asked_by_getbulk(void **state)
{
	struct stage *stage = walked(state, 12);

	stage->fake.faults.get_us = 40;
	assert_true(bulk_after_trial(stage) > 0);
	assert_int_equal(stage->fake.bulk_requests, stage->fake.requests);
}

static void
what_was_found_is_tried_again(void **state)
{
	struct stage *stage = walked(state, 4);
	unsigned bulk = 0;

	stage->fake.faults.next_us = 100;
	assert_int_equal(bulk_after_trial(stage), 0);
	stage->fake.faults.next_us = 0;
	stage->fake.faults.get_us = 40;
	for (unsigned round = MANNERS_TRIAL + 1; round < MANNERS_TRIAL_EVERY; round++)
		bulk += round_bulk(stage);
	assert_int_equal(bulk, 0);
	assert_true(bulk_after_trial(stage) > 0);
}

static void
few_rows_of_many_are_asked_by_get(void **state)
{
	struct stage *stage = walked(state, ROWS);

	for (size_t i = 0; i < 8; i++)
		stage->rows[i] = stage->rows[i * 6];
	stage->row_count = 8;
	for (int round = 0; round < 4; round++)
		assert_int_equal(round_bulk(stage), 0);
	assert_true_counters(stage);
}

static void
a_row_that_nobody_wants_is_passed(void **state)
{
	struct stage *stage = walked(state, ROWS);

	memmove(&stage->rows[2], &stage->rows[3], (ROWS - 3) * sizeof(stage->rows[0]));
	stage->row_count = ROWS - 1;
	round_bulk(stage);
	assert_true(round_bulk(stage) > 0);
	assert_true_counters(stage);
}

static void
an_answer_cut_short_is_gone_on_from(void **state)
{
	struct stage *stage = walked(state, ROWS);

	stage->fake.faults.bulk_rows_max = 1;
	round_bulk(stage);
	assert_true(round_bulk(stage) >= ROWS / 2);
	assert_true_counters(stage);
}

static void
a_row_that_getbulk_leaves_out_is_asked_for_by_get(void **state)
{
	struct stage *stage = walked(state, ROWS);

	stage->fake.faults.next_skips = 7;
	round_bulk(stage);
	assert_true(round_bulk(stage) > 0);
	assert_true_counters(stage);
	assert_true(stage->fake.requests > stage->fake.bulk_requests);
}

/* Ways to have no use for GETBULK: in the very round all rows are read, and it is not asked again. */
static const struct failing_case {
	const char *name;
	struct fake_faults faults;
} failing[] = {
	{ "an agent that answers GETBULK with an error", { .no_bulk = true } },
	{ "an agent that is silent to what GETBULK would bring", { .silent_above = 34 } },
	{ "an agent that GETBULK is too big for", { .too_big_above = 34 } },
};

static void
check_failing(void **state)
{
	struct stage *stage = *state;
	struct fake_faults faults = stage->fake.faults;

	stage->fake.faults = (struct fake_faults) { 0 };
	walked(state, ROWS);
	stage->credentials.timeout_ms = 30;
	stage_poll(stage);
	stage->fake.faults = faults;
	assert_true(round_bulk(stage) > 0);
	assert_true_counters(stage);
	assert_int_equal(round_bulk(stage), 0);
	assert_true_counters(stage);
}

static int
open_failing(void **state)
{
	const struct failing_case *c = *state;

	if (stage_open(state) != 0)
		return -1;
	((struct stage *)*state)->fake.faults = c->faults;
	return 0;
}

/* msgMaxSize 500, as measured with snmpd: tooBig at 20 objects, silence at 30; and GETBULK cut at ten rows. */
static void
an_agent_of_small_messages_is_read_within_three_rounds(void **state)
{
	struct stage *stage = walked(state, ROWS);
	unsigned rounds = 0;

	stage->credentials.timeout_ms = 30;
	stage->fake.faults.too_big_above = 19;
	stage->fake.faults.silent_above = 29;
	stage->fake.faults.bulk_rows_max = 10;
	do {
		stage_poll(stage);
	} while (++rounds < 3 && stage_count(stage, SNMP_ROW_READ) < ROWS);
	print_message("all %d rows read in round %u\n", ROWS, rounds);
	assert_true_counters(stage);
	stage->fake.requests = 0;
	stage_poll(stage);
	assert_int_equal(stage->fake.requests, ROWS); /* remembered: one row each */
}

/* Names change places between the rounds: no counter is credited to the name that was there before. */
static void
a_renumbered_table_is_noticed_both_ways(void **state)
{
	struct stage *stage = walked(state, ROWS);
	char from[64], to[64];

	for (unsigned i = 1; i <= ROWS / 2; i++) {
		struct fake_object *a, *b, swap;

		snprintf(from, sizeof(from), "1.3.6.1.2.1.31.1.1.1.1.%u", i);
		snprintf(to, sizeof(to), "1.3.6.1.2.1.31.1.1.1.1.%u", ROWS + 1 - i);
		a = fake_agent_find(&stage->fake, from);
		b = fake_agent_find(&stage->fake, to);
		swap = *a;
		memcpy(a->text, b->text, sizeof(a->text));
		a->text_len = b->text_len;
		memcpy(b->text, swap.text, sizeof(b->text));
		b->text_len = swap.text_len;
	}
	for (int round = 0; round < 2; round++) {
		round_bulk(stage);
		assert_int_equal(stage_count(stage, SNMP_ROW_MOVED), ROWS);
	}
}

static void
forged_answers_to_getbulk_change_nothing(void **state)
{
	struct stage *stage = walked(state, ROWS);

	stage->fake.faults.forged_before = true;
	while (stage->fake.forged < 2000) {
		round_bulk(stage);
		assert_true_counters(stage);
	}
}

static void
lies_in_an_answer_to_getbulk_are_refused(void **state)
{
	struct stage *stage = walked(state, 6);

	fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.6.4")->type = 0x42;
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.5");
	stage_poll(stage);
	assert_true(round_bulk(stage) > 0);
	assert_int_equal(stage->row[3].outcome, SNMP_ROW_REFUSED);
	assert_string_equal(stage->row[3].why, "ifHCInOctets.4 is Gauge32 where Counter64 belongs");
	assert_int_equal(stage->row[4].outcome, SNMP_ROW_GONE);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 4);
}

/* --- late answers --- */

static void
what_a_slow_agent_says_late_is_taken(void **state)
{
	struct stage *stage = *state;
	struct snmp_health health;

	fake_agent_add_interfaces(&stage->fake, 12);
	stage->fake.faults.delay_ms =
	    240; /* later than each of its three tries waits: 100, 150, 225 ms */
	stage_rows(stage, 12, 64);
	stage_poll(stage);
	assert_true_counters(stage);
	stage_run_for(stage, 300); /* what was asked once too often is answered */
	snmp_health_get(stage->snmp, &health);
	assert_true(health.late > 0);
	assert_int_equal(health.in_flight, 0);
}

static void
a_slow_agent_is_read_round_after_round(void **state)
{
	struct stage *stage = walked(state, 12);

	stage->fake.faults.delay_ms = 130;
	for (int round = 0; round < 4; round++) {
		stage_poll(stage);
		assert_true_counters(stage);
	}
}

/* --- the table's own clock --- */

static void
a_table_that_changed_is_noticed_in_the_next_round(void **state)
{
	struct stage *stage = walked(state, 12);

	for (int round = 0; round < 2; round++) { /* one way and the other */
		assert_false(snmp_agent_table_moved(stage->agent));
		fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.5.0")->number++;
		stage_poll(stage);
		assert_true_counters(stage);
		assert_true(snmp_agent_table_moved(stage->agent));
		stage_walk(stage);
	}
	stage_poll(stage);
	assert_false(snmp_agent_table_moved(stage->agent));
}

static void
an_agent_without_that_clock_is_polled_without(void **state)
{
	struct stage *stage = walked(state, 12);

	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.5.0"); /* after the walk had found it */
	for (int round = 0; round < 2; round++) {
		stage_poll(stage);
		assert_true_counters(stage);
		assert_false(snmp_agent_table_moved(stage->agent));
	}
}

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define STAGED(test)                                                                               \
	{                                                                                          \
#test, test, stage_open, stage_close, NULL                                         \
	}

int
main(void)
{
	const struct CMUnitTest staged[] = {
		STAGED(both_ways_read_the_same),
		STAGED(rows_in_any_order_are_read),
		STAGED(an_agent_slow_with_the_next_name_is_asked_by_get),
		STAGED(an_agent_slow_with_names_is_asked_by_getbulk),
		STAGED(what_was_found_is_tried_again),
		STAGED(few_rows_of_many_are_asked_by_get),
		STAGED(a_row_that_nobody_wants_is_passed),
		STAGED(an_answer_cut_short_is_gone_on_from),
		STAGED(a_row_that_getbulk_leaves_out_is_asked_for_by_get),
		STAGED(an_agent_of_small_messages_is_read_within_three_rounds),
		STAGED(a_renumbered_table_is_noticed_both_ways),
		STAGED(forged_answers_to_getbulk_change_nothing),
		STAGED(lies_in_an_answer_to_getbulk_are_refused),
		STAGED(what_a_slow_agent_says_late_is_taken),
		STAGED(a_slow_agent_is_read_round_after_round),
		STAGED(a_table_that_changed_is_noticed_in_the_next_round),
		STAGED(an_agent_without_that_clock_is_polled_without),
	};
	struct CMUnitTest tests[COUNT(staged) + COUNT(failing)];
	size_t n = 0;

	for (; n < COUNT(staged); n++)
		tests[n] = staged[n];
	for (size_t i = 0; i < COUNT(failing); i++)
		tests[n++] = (struct CMUnitTest) { failing[i].name, check_failing, open_failing,
						   stage_close, (void *)&failing[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
