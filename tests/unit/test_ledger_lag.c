/* links: store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_exchange.c store/ledger_port.c store/ledger_port_put.c store/ledger_capacity.c store/ledger_lag.c store/ledger_episode.c store/ledger_judgement.c store/ledger_audit.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_ledger_lag.c - the members of a LAG are kept with their dates, and written only where they changed. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/ledger.h"
#include "ledger_scratch.h"

#define T0          INT64_C(1795000000)
#define PUTS_MAX    4
#define MEMBERS_MAX 3

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
	int64_t port_id;
	char text[1024];
};

static int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));
	const struct port port = { .exchange = "x",
				   .agent = "edge1",
				   .interface = "ae0",
				   .alias = "",
				   .peer = "",
				   .path = "rrd/x/edge1/ae0.rrd",
				   .note = "",
				   .circuit = "",
				   .contracted_bps = NAN };

	scratch_new(&bench->scratch);
	assert_true(ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err));
	assert_true(ledger_exchange_put(bench->ledger, "x", "X", "UTC", &bench->err));
	assert_true(ledger_port_put(bench->ledger, &port, T0, &bench->port_id, &bench->err));
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

/* "xe-1 live 10 @0..60; ": Gbit/s, seconds since T0; no end: in force. */
static bool
describe(const struct ledger_lag_member *member, void *user)
{
	struct bench *bench = user;
	size_t len = strlen(bench->text);
	char end[24] = "", speed[24] = "?";

	assert_int_equal(member->port_id, bench->port_id);
	if (member->to_utc_sec != 0)
		snprintf(end, sizeof(end), "%d", (int)(member->to_utc_sec - T0));
	if (!isnan(member->speed_bps))
		snprintf(speed, sizeof(speed), "%g", member->speed_bps / 1e9);
	snprintf(bench->text + len, sizeof(bench->text) - len, "%s %s %s @%d..%s; ",
		 member->interface, model_member_state_name(member->state), speed,
		 (int)(member->from_utc_sec - T0), end);
	return true;
}

struct put {
	int at_sec;
	struct {
		const char *interface;
		enum member_state state;
		double gbps;
	} members[MEMBERS_MAX];
};

static const struct put_case {
	const char *name;
	struct put puts[PUTS_MAX]; /* the first at 0; then until one at 0 */
	const char *in_force, *history;
} cases[] = {
	{ "what stands has no end",
	  { { 0, { { "xe-2", MEMBER_LIVE, 10 }, { "xe-1", MEMBER_LIVE, 10 } } } },
	  "xe-1 live 10 @0..; xe-2 live 10 @0..; ",
	  "xe-1 live 10 @0..; xe-2 live 10 @0..; " },
	{ "no change writes nothing",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 } } }, { 60, { { "xe-1", MEMBER_LIVE, 10 } } } },
	  "xe-1 live 10 @0..; ",
	  "xe-1 live 10 @0..; " },
	{ "one that goes down closes its entry alone",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 }, { "xe-2", MEMBER_LIVE, 10 } } },
	    { 60, { { "xe-1", MEMBER_LIVE, 10 }, { "xe-2", MEMBER_DOWN, 10 } } },
	    { 90, { { "xe-1", MEMBER_LIVE, 10 }, { "xe-2", MEMBER_LIVE, 10 } } } },
	  "xe-1 live 10 @0..; xe-2 live 10 @90..; ",
	  "xe-2 live 10 @90..; xe-2 down 10 @60..90; xe-1 live 10 @0..; xe-2 live 10 @0..60; " },
	{ "another speed is another entry",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 } } }, { 60, { { "xe-1", MEMBER_LIVE, 100 } } } },
	  "xe-1 live 100 @60..; ",
	  "xe-1 live 100 @60..; xe-1 live 10 @0..60; " },
	{ "a speed it does not say is unknown, and no change each time",
	  { { 0, { { "xe-1", MEMBER_DOWN, NAN } } }, { 60, { { "xe-1", MEMBER_DOWN, NAN } } } },
	  "xe-1 down ? @0..; ",
	  "xe-1 down ? @0..; " },
	{ "one that is a member no more is closed",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 }, { "xe-2", MEMBER_LIVE, 10 } } },
	    { 60, { { "xe-2", MEMBER_LIVE, 10 } } } },
	  "xe-2 live 10 @0..; ",
	  "xe-1 live 10 @0..60; xe-2 live 10 @0..; " },
	{ "none left leaves none in force",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 } } }, { 60, { { NULL } } } },
	  "",
	  "xe-1 live 10 @0..60; " },
	{ "two changes in one second leave the second",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 } } },
	    { 60, { { "xe-1", MEMBER_DOWN, 10 } } },
	    { 60, { { "xe-1", MEMBER_DETACHED, 10 } } } },
	  "xe-1 detached 10 @60..; ",
	  "xe-1 detached 10 @60..; xe-1 live 10 @0..60; " },
	{ "a clock set back drops what was later",
	  { { 0, { { "xe-1", MEMBER_LIVE, 10 } } },
	    { 90, { { "xe-1", MEMBER_DOWN, 10 } } },
	    { 60, { { "xe-1", MEMBER_DETACHED, 10 } } } },
	  "xe-1 detached 10 @60..; ",
	  "xe-1 detached 10 @60..; xe-1 live 10 @0..90; " },
};

static void
put(struct bench *bench, const struct put *put)
{
	struct ledger_lag_member members[MEMBERS_MAX];
	size_t count = 0;

	for (; count < MEMBERS_MAX && put->members[count].interface != NULL; count++)
		members[count] =
		    (struct ledger_lag_member) { .interface = put->members[count].interface,
						 .if_index = 7,
						 .state = put->members[count].state,
						 .speed_bps = put->members[count].gbps * 1e9 };
	if (!ledger_lag_members_put(bench->ledger, bench->port_id, members, count, T0 + put->at_sec,
				    &bench->err))
		fail_msg("%s", bench->err.text);
}

static const struct put_case *
case_named(const char *name)
{
	for (size_t i = 0; i < COUNT(cases); i++)
		if (strcmp(cases[i].name, name) == 0)
			return &cases[i];
	return NULL;
}

static int
open_case(void **state)
{
	const struct put_case *c = *state;

	set_up(state);
	strcpy(((struct bench *)*state)->text, c->name);
	return 0;
}

static void
check_case(void **state)
{
	struct bench *bench = *state;
	const struct put_case *c = case_named(bench->text);

	for (size_t i = 0; i < PUTS_MAX && (i == 0 || c->puts[i].at_sec != 0); i++)
		put(bench, &c->puts[i]);
	for (int all = 0; all < 2; all++) {
		bench->text[0] = '\0';
		assert_true(ledger_lag_members_each(bench->ledger, all ? 0 : bench->port_id,
						    describe, bench, &bench->err));
		assert_string_equal(bench->text, c->in_force);
	}
	bench->text[0] = '\0';
	assert_true(ledger_lag_members_history(bench->ledger, bench->port_id, describe, bench,
					       &bench->err));
	assert_string_equal(bench->text, c->history);
}

static bool
index_of(const struct ledger_lag_member *member, void *user)
{
	*(uint32_t *)user = member->if_index;
	return true;
}

static void
another_if_index_is_corrected_in_place(void **state)
{
	struct bench *bench = *state;
	struct ledger_lag_member member = {
		.interface = "xe-1", .if_index = 7, .state = MEMBER_LIVE, .speed_bps = 1e10
	};
	uint32_t if_index = 0;

	assert_true(
	    ledger_lag_members_put(bench->ledger, bench->port_id, &member, 1, T0, &bench->err));
	member.if_index = 4294967295u;
	assert_true(ledger_lag_members_put(bench->ledger, bench->port_id, &member, 1, T0 + 60,
					   &bench->err));
	assert_true(ledger_lag_members_each(bench->ledger, 0, index_of, &if_index, &bench->err));
	assert_int_equal(if_index, 4294967295u);
	bench->text[0] = '\0';
	assert_true(ledger_lag_members_history(bench->ledger, bench->port_id, describe, bench,
					       &bench->err));
	assert_string_equal(bench->text, "xe-1 live 10 @0..; ");
}

static void
a_port_that_is_not_there_is_refused(void **state)
{
	struct bench *bench = *state;
	const struct ledger_lag_member member = { .interface = "xe-1",
						  .state = MEMBER_LIVE,
						  .speed_bps = 1e10 };

	assert_false(ledger_lag_members_put(bench->ledger, 4711, &member, 1, T0, &bench->err));
	assert_non_null(strstr(bench->err.text, "members of port 4711"));
}

/* --- capacity, the newest of it --- */

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct bench *bench = user;
	size_t len = strlen(bench->text);

	snprintf(bench->text + len, sizeof(bench->text) - len, "%g@%d ",
		 capacity->physical_bps / 1e9, (int)(capacity->from_utc_sec - T0));
	return true;
}

static void
the_newest_capacities_come_first(void **state)
{
	struct bench *bench = *state;

	for (int i = 1; i <= 5; i++)
		assert_true(ledger_capacity_put(bench->ledger, bench->port_id, i * 1e9, NAN,
						CAPACITY_LAG, T0 + i, &bench->err));
	bench->text[0] = '\0';
	assert_true(ledger_capacity_newest(bench->ledger, bench->port_id, 3, on_capacity, bench,
					   &bench->err));
	assert_string_equal(bench->text, "5@5 4@4 3@3 ");
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3];
	size_t n = 0;

	for (; n < COUNT(cases); n++)
		tests[n] = (struct CMUnitTest) { cases[n].name, check_case, open_case, tear_down,
						 (void *)&cases[n] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
	    another_if_index_is_corrected_in_place, set_up, tear_down);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
	    a_port_that_is_not_there_is_refused, set_up, tear_down);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test_setup_teardown(
	    the_newest_capacities_come_first, set_up, tear_down);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
