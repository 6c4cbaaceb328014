/* links: snmp/varbind.c snmp/answer.c snmp/session.c snmp/session_in.c snmp/session_out.c snmp/request.c snmp/reply.c snmp/envelope.c snmp/engine.c snmp/usm_keys.c snmp/report.c base/log.c base/log_body.c snmp/manners.c snmp/errand.c snmp/snmp.c snmp/ifmib.c snmp/poll.c snmp/poll_span.c snmp/bulk.c snmp/walk_rows.c snmp/lane.c snmp/walk.c snmp/walk_lanes.c snmp/walk_fill.c snmp/walk_lag.c snmp/lag.c base/error.c base/clock.c base/units.c tests/fakes/snmp_agent.c tests/unit/snmp_stage.c */
/* pkgs: netsnmp */
/* test_snmp_walk.c - walks of the interface table of agents that differ in every known way. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "snmp_stage.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* All `count` interfaces as fake_agent_add_interfaces made them. */
static void
assert_whole(const struct stage *stage, unsigned count)
{
	char name[32], alias[32];

	if (stage->outcome != SNMP_DONE)
		fail_msg("outcome %d: %s", stage->outcome, stage->why);
	assert_int_equal(stage->interface_count, count);
	for (unsigned i = 1; i <= count; i++) {
		const struct stage_interface *row = &stage->interface[i - 1];

		snprintf(name, sizeof(name), "et-0/0/%u", i);
		snprintf(alias, sizeof(alias), "AS%u Peer %u", 64500 + i, i);
		assert_int_equal(row->if_index, i);
		assert_string_equal(row->name, name);
		assert_string_equal(row->descr, name);
		assert_string_equal(row->alias, alias);
		assert_true(row->has_name && row->admin_up && !row->duplicate_name);
		assert_true(row->speed_bps == 100e9);
		assert_int_equal(row->counter_bits, 64);
		assert_int_equal(row->oper, READING_OPER_UP);
	}
}

/* Each of these agents is difficult, and each table is found whole. */
static const struct whole_case {
	const char *name;
	struct fake_faults faults;
	unsigned count;
	unsigned requests_max;
} wholes[] = {
	{ "a plain agent takes a few requests", { 0 }, 48, 30 },
	{ "a thousand interfaces", { 0 }, 1000, 520 },
	{ "an agent that cuts GETBULK to one row", { .bulk_rows_max = 1 }, 30, 120 },
	{ "an agent without GETBULK", { .no_bulk = true }, 30, 130 },
	{ "an agent that says tooBig above 9 objects", { .too_big_above = 9 }, 20, 90 },
	{ "an agent that is silent above 12 objects", { .silent_above = 12 }, 20, 90 },
	{ "an agent that answers two objects at once", { .too_big_above = 2 }, 10, 150 },
	{ "an agent that loses a fifth of the packets", { .drop_percent = 20 }, 48, 120 },
};

static void
check_whole(void **state)
{
	struct stage *stage = *state;
	const struct whole_case *c = NULL;

	for (size_t i = 0; i < COUNT(wholes); i++)
		if (strcmp(wholes[i].name, stage->why) == 0)
			c = &wholes[i];
	assert_non_null(c);
	stage->credentials.retries = 4;
	stage->credentials.timeout_ms = 50;
	fake_agent_add_interfaces(&stage->fake, c->count);
	stage->fake.faults = c->faults;
	stage_walk(stage);
	assert_whole(stage, c->count);
	assert_string_equal(stage->why, "");
	if (stage->fake.requests > c->requests_max)
		fail_msg("%u requests, more than %u", stage->fake.requests, c->requests_max);
	assert_true(c->faults.silent_above > 0 || c->faults.too_big_above > 0 ||
		    stage->fake.octets_max <= 1472);
}

static int
open_whole(void **state)
{
	const struct whole_case *c = *state;

	if (stage_open(state) != 0)
		return -1;
	strcpy(((struct stage *)*state)->why, c->name);
	return 0;
}

static void
the_system_group_is_told(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 2);
	stage_walk(stage);
	assert_int_equal(stage->uptime_ticks, 123456);
	assert_string_equal(snmp_agent_sys_name(stage->agent), "fake");
	assert_string_equal(snmp_agent_sys_descr(stage->agent), "Fake agent");
	assert_int_equal(snmp_agent_table_change_ticks(stage->agent), 777);
}

static void
an_agent_without_a_system_group_is_walked_all_the_same(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 3);
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.1.1.0");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.1.3.0");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.1.5.0");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.5.0");
	stage_walk(stage);
	assert_whole(stage, 3);
	assert_int_equal(stage->uptime_ticks, 0);
	assert_string_equal(snmp_agent_sys_name(stage->agent), "");
}

/* Some agents keep their rows in the order in which they were configured. */
static void
names_out_of_order_are_asked_singly(void **state)
{
	struct stage *stage = *state;
	struct fake_object *a, *b, swap;

	fake_agent_add_interfaces(&stage->fake, 20);
	a = fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.3");
	b = fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.15");
	swap = *a;
	*a = *b;
	*b = swap;
	a = fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.18.1");
	b = fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.18.20");
	swap = *a;
	*a = *b;
	*b = swap;
	stage_walk(stage);
	assert_whole(stage, 20);
}

/* The last name leads back to the first of its column: without a check the walk would never end. */
static void
a_circle_of_names_ends(void **state)
{
	struct stage *stage = *state;
	struct fake_object first;

	fake_agent_add_interfaces(&stage->fake, 5);
	first = *fake_agent_find(&stage->fake, "1.3.6.1.2.1.2.2.1.2.1");
	*fake_agent_find(&stage->fake, "1.3.6.1.2.1.2.2.1.3.1") = first;
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 5);
}

static void
rows_skipped_by_getnext_are_asked_singly(void **state)
{
	struct stage *stage = *state;
	struct fake_object hidden;

	fake_agent_add_interfaces(&stage->fake, 10);
	hidden = *fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.4");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.4");
	memcpy(fake_agent_add_number(&stage->fake, 0x02, 0, "1.3")->oid, hidden.oid,
	       sizeof(hidden.oid));
	stage->fake.objects[stage->fake.object_count - 1] =
	    hidden; /* GET finds it, GETNEXT never gets there */
	stage_walk(stage);
	assert_whole(stage, 10);
}

static void
an_agent_with_the_old_table_only_has_names_of_ifdescr(void **state)
{
	struct stage *stage = *state;
	char oid[64];

	fake_agent_add_interfaces(&stage->fake, 4);
	for (unsigned column = 1; column <= 19; column++)
		for (unsigned i = 1; i <= 4; i++) {
			snprintf(oid, sizeof(oid), "1.3.6.1.2.1.31.1.1.1.%u.%u", column, i);
			fake_agent_remove(&stage->fake, oid);
		}
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 4);
	for (unsigned i = 0; i < 4; i++) {
		assert_int_equal(stage->interface[i].counter_bits, 32);
		assert_false(stage->interface[i].has_name);
		assert_string_equal(stage->interface[i].alias, "");
		assert_true(isnan(stage->interface[i].speed_bps));
	}
	assert_string_equal(stage->interface[3].name, "et-0/0/4");
}

static void
rows_differ_in_what_they_have(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 6);
	strcpy(fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.2")->text, "et-0/0/1");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.6.3");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.1.1.6.4");
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.2.2.1.10.4");
	fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.5")->text_len = 0;
	fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.15.6")->number = 0;
	fake_agent_find(&stage->fake, "1.3.6.1.2.1.2.2.1.8.6")->number = 7;
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 6);
	assert_true(stage_interface(stage, 1)->duplicate_name);
	assert_true(stage_interface(stage, 2)->duplicate_name);
	assert_false(stage_interface(stage, 3)->duplicate_name);
	assert_int_equal(stage_interface(stage, 3)->counter_bits, 32);
	assert_int_equal(stage_interface(stage, 4)->counter_bits, 0);
	assert_false(stage_interface(stage, 5)->has_name);
	assert_string_equal(stage_interface(stage, 5)->name, "et-0/0/5");
	assert_true(isnan(stage_interface(stage, 6)->speed_bps));
	assert_int_equal(stage_interface(stage, 6)->oper, READING_OPER_DOWN);
}

static void
what_is_walked_can_be_polled(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 5);
	fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.5")->text_len = 0;
	memcpy(fake_agent_find(&stage->fake, "1.3.6.1.2.1.31.1.1.1.1.4")->text, "et\0\xff/4", 6);
	stage_walk(stage);
	stage->row_count = stage->interface_count;
	for (size_t i = 0; i < stage->interface_count; i++)
		stage->rows[i] =
		    (struct snmp_poll_row) { stage->interface[i].if_index, stage->interface[i].name,
					     stage->interface[i].has_name,
					     stage->interface[i].counter_bits };
	stage_poll(stage);
	assert_int_equal(stage_count(stage, SNMP_ROW_READ), 5);
}

static void
an_empty_table_is_explained(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 0);
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 0);
	assert_non_null(strstr(stage->why, "no interface table"));
}

/* How a walk that cannot be finished says so. */
static const struct fail_case {
	const char *name;
	struct fake_faults faults;
	enum snmp_outcome outcome;
	const char *why;
} fails[] = {
	{ "a silent agent", { .silent = true }, SNMP_SILENT, "no answer in 3 tries" },
	{ "an agent that falls silent", { .silent_from = 3 }, SNMP_SILENT, "no answer" },
	{ "answers from another port",
	  { .other_port = true },
	  SNMP_REFUSED,
	  "another source address or port (127.0.0.1" },
	{ "other objects than asked for",
	  { .other_objects = true },
	  SNMP_REFUSED,
	  "other objects" },
};

static void
check_fail(void **state)
{
	struct stage *stage = *state;
	const struct fail_case *c = NULL;

	for (size_t i = 0; i < COUNT(fails); i++)
		if (strcmp(fails[i].name, stage->why) == 0)
			c = &fails[i];
	assert_non_null(c);
	fake_agent_add_interfaces(&stage->fake, 30);
	stage->fake.faults = c->faults;
	stage_walk(stage);
	assert_int_equal(stage->outcome, c->outcome);
	assert_int_equal(stage->interface_count, 0);
	if (strstr(stage->why, c->why) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", stage->why, c->why);
}

static int
open_fail(void **state)
{
	const struct fail_case *c = *state;

	if (stage_open(state) != 0)
		return -1;
	strcpy(((struct stage *)*state)->why, c->name);
	return 0;
}

/* genErr for one column, whatever is asked of it: the rest is told, and what is missing is named. */
static void
a_column_that_only_fails_is_given_up(void **state)
{
	struct stage *stage = *state;

	fake_agent_add_interfaces(&stage->fake, 4);
	stage->fake.faults.error_if_asks_for = 18; /* the name of the column ifAlias itself */
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 4);
	assert_string_equal(stage_interface(stage, 3)->name, "et-0/0/3");
	assert_non_null(strstr(stage->why, "ifAlias: genErr"));
}

static void
walk_again(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	struct stage *stage = user;
	struct snmp_walk_events events = stage_walk_events(stage);
	struct error err = { 0 };

	events.on_end = walk_again;
	stage->interface_count = ++stage->walk_ends < 4 ? 0 : stage->interface_count;
	(void)outcome, (void)why, (void)uptime_ticks;
	if (stage->walk_ends < 4)
		assert_true(snmp_walk(stage->agent, &events, &err));
}

static void
the_end_of_a_walk_may_begin_the_next(void **state)
{
	struct stage *stage = *state;
	struct snmp_walk_events events = stage_walk_events(stage);
	struct error err = { 0 };

	events.on_end = walk_again;
	fake_agent_add_interfaces(&stage->fake, 7);
	assert_true(snmp_walk(stage->agent, &events, &err));
	assert_false(snmp_walk(stage->agent, &events, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	stage_run_until(stage, &stage->walk_ends, 4, 5000);
	assert_int_equal(stage->interface_count, 7);
}

static void
free_on_row(const struct interface_row *row, void *user)
{
	struct stage *stage = user;

	(void)row;
	stage->walk_ends++;
	snmp_agent_free(stage->agent);
	stage->agent = NULL;
}

static void
never(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks, void *user)
{
	(void)outcome, (void)why, (void)uptime_ticks, (void)user;
	fail_msg("the walk ended though its agent was freed");
}

static void
the_agent_may_be_freed_by_a_row(void **state)
{
	struct stage *stage = *state;
	const struct snmp_walk_events events = { free_on_row, never, stage };
	struct error err = { 0 };

	fake_agent_add_interfaces(&stage->fake, 7);
	assert_true(snmp_walk(stage->agent, &events, &err));
	stage_run_until(stage, &stage->walk_ends, 1, 5000);
	stage_run_for(stage, 100);
	assert_int_equal(stage->walk_ends, 1);
}

/* --- LAGs --- */

static void
set_type(struct stage *stage, unsigned if_index, unsigned type)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "1.3.6.1.2.1.2.2.1.3.%u", if_index);
	fake_agent_find(&stage->fake, oid)->number = type;
}

/* Ethernet ports, the last `lags` of them LAGs. */
static void
add_ports(struct stage *stage, unsigned count, unsigned lags)
{
	fake_agent_add_interfaces(&stage->fake, count);
	for (unsigned i = 1; i <= count; i++)
		set_type(stage, i, i > count - lags ? 161 : 6);
	fake_agent_remove(&stage->fake, "1.3.6.1.2.1.31.1.5.0"); /* comes after the stack */
}

static void
add_layer(struct stage *stage, unsigned higher, unsigned lower)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "1.3.6.1.2.1.31.1.2.1.3.%u.%u", higher, lower);
	fake_agent_add_number(&stage->fake, 0x02, 1, oid);
}

/* The LAG MIB's names come before all others: before add_ports. */
static void
add_attached(struct stage *stage, unsigned if_index, unsigned lag)
{
	char oid[64];

	snprintf(oid, sizeof(oid), "1.2.840.10006.300.43.1.2.1.1.13.%u", if_index);
	fake_agent_add_number(&stage->fake, 0x02, lag, oid);
}

/* Members 1 and 2 of the LAG 5; a VLAN's rows beside it. */
static void
add_stack(struct stage *stage)
{
	add_layer(stage, 0, 4);
	add_layer(stage, 0, 5);
	add_layer(stage, 4, 3);
	add_layer(stage, 5, 1);
	add_layer(stage, 5, 2);
	add_layer(stage, 5, 99);
}

static void
assert_stacked(const struct stage *stage)
{
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 5);
	for (unsigned i = 1; i <= 5; i++) {
		const struct stage_interface *row = stage_interface(stage, i);

		assert_int_equal(row->is_lag, i == 5);
		assert_int_equal(row->lag_if_index, i <= 2 ? 5 : 0);
		assert_false(row->members_unproven || row->lag_unknown);
	}
}

static void
members_are_found_in_the_stack(void **state)
{
	struct stage *stage = *state;

	add_ports(stage, 5, 1);
	add_stack(stage);
	stage_walk(stage);
	assert_stacked(stage);
	assert_false(stage_interface(stage, 1)->has_lacp);
	assert_string_equal(stage->why, "");
}

static void
members_are_found_by_getnext_and_through_loss(void **state)
{
	struct stage *stage = *state;

	stage->credentials.retries = 4;
	stage->credentials.timeout_ms = 50;
	stage->fake.faults = (struct fake_faults) { .no_bulk = true, .drop_percent = 10 };
	add_ports(stage, 5, 1);
	add_stack(stage);
	stage_walk(stage);
	assert_stacked(stage);
}

static void
members_are_found_in_the_lag_mib(void **state)
{
	struct stage *stage = *state;

	for (unsigned i = 1; i <= 2; i++)
		add_attached(stage, i, 5);
	add_attached(stage, 77, 5); /* of no interface: makes none */
	add_ports(stage, 5, 1);
	stage_walk(stage);
	assert_stacked(stage);
	assert_true(stage_interface(stage, 1)->has_lacp);
}

/* Half of the members would make too small a sum: none are used. */
static void
a_stack_that_does_not_ascend_proves_no_sum(void **state)
{
	struct stage *stage = *state;

	add_ports(stage, 5, 1);
	add_layer(stage, 5, 2);
	add_layer(stage, 5, 1);
	add_layer(stage, 5, 3);
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_true(stage_interface(stage, 5)->is_lag);
	assert_true(stage_interface(stage, 5)->members_unproven);
}

static void
a_lag_over_thousands_proves_no_sum(void **state)
{
	struct stage *stage = *state;

	add_ports(stage, 5, 1);
	for (unsigned i = 1; i <= 4; i++)
		add_layer(stage, 5, i);
	for (unsigned i = 10; i <= 5000; i++)
		add_layer(stage, 5, i);
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_true(stage_interface(stage, 5)->members_unproven);
	assert_true(stage->fake.requests < 60);
}

static void
a_thousand_lags_are_walked(void **state)
{
	struct stage *stage = *state;

	add_ports(stage, 1000, 500);
	for (unsigned i = 1; i <= 500; i++)
		add_layer(stage, 500 + i, i);
	stage_walk(stage);
	assert_int_equal(stage->interface_count, 1000);
	for (unsigned i = 1; i <= 500; i++)
		assert_int_equal(stage_interface(stage, i)->lag_if_index, 500 + i);
}

/* An agent that answers for its interfaces, and for nothing else. */
static void
silence_about_lags_does_not_lose_the_interfaces(void **state)
{
	struct stage *stage = *state;
	unsigned answered;

	add_ports(stage, 5, 1);
	add_stack(stage);
	stage_walk(stage);
	answered = stage->fake.requests;
	stage->interface_count = stage->walk_ends = stage->fake.requests = 0;
	stage->fake.faults.silent_from = answered; /* its last is about LAGs */
	stage_walk(stage);
	assert_int_equal(stage->outcome, SNMP_DONE);
	assert_int_equal(stage->interface_count, 5);
	assert_true(stage_interface(stage, 1)->lag_unknown);
	assert_int_equal(stage_interface(stage, 1)->lag_if_index, 0);
	assert_non_null(strstr(stage->why, "LAG members: no answer"));
}

#define STAGED(test)                                                                               \
	{                                                                                          \
#test, test, stage_open, stage_close, NULL                                         \
	}

int
main(void)
{
	const struct CMUnitTest staged[] = {
		STAGED(the_system_group_is_told),
		STAGED(an_agent_without_a_system_group_is_walked_all_the_same),
		STAGED(names_out_of_order_are_asked_singly),
		STAGED(a_circle_of_names_ends),
		STAGED(rows_skipped_by_getnext_are_asked_singly),
		STAGED(an_agent_with_the_old_table_only_has_names_of_ifdescr),
		STAGED(rows_differ_in_what_they_have),
		STAGED(what_is_walked_can_be_polled),
		STAGED(an_empty_table_is_explained),
		STAGED(a_column_that_only_fails_is_given_up),
		STAGED(the_end_of_a_walk_may_begin_the_next),
		STAGED(the_agent_may_be_freed_by_a_row),
		STAGED(members_are_found_in_the_stack),
		STAGED(members_are_found_by_getnext_and_through_loss),
		STAGED(members_are_found_in_the_lag_mib),
		STAGED(a_stack_that_does_not_ascend_proves_no_sum),
		STAGED(a_lag_over_thousands_proves_no_sum),
		STAGED(a_thousand_lags_are_walked),
		STAGED(silence_about_lags_does_not_lose_the_interfaces),
	};
	struct CMUnitTest tests[COUNT(staged) + COUNT(wholes) + COUNT(fails)];
	size_t n = 0;

	for (; n < COUNT(staged); n++)
		tests[n] = staged[n];
	for (size_t i = 0; i < COUNT(wholes); i++)
		tests[n++] = (struct CMUnitTest) { wholes[i].name, check_whole, open_whole,
						   stage_close, (void *)&wholes[i] };
	for (size_t i = 0; i < COUNT(fails); i++)
		tests[n++] = (struct CMUnitTest) { fails[i].name, check_fail, open_fail,
						   stage_close, (void *)&fails[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
