/* links: snmp/lag.c snmp/ifmib.c snmp/varbind.c base/units.c base/error.c */
/* test_snmp_lag.c - rows of two tables in, LAGs and members out, whatever the rows say. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/lag.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define WIRE         6
#define LAG          161
#define VLAN         135
#define ROWS_MAX     8

/* Interfaces 1 and up; want: "lag:member,member" of each LAG with members, a "!" after those that prove no sum. */
static const struct lag_case {
	const char *name;
	uint32_t type[ROWS_MAX]; /* of interface i + 1; 0 ends */
	uint32_t selected[ROWS_MAX], attached[ROWS_MAX];
	struct lag_layer layers[ROWS_MAX];
	const char *want;
} cases[] = {
	{ .name = "a LAG lies over its members",
	  .type = { WIRE, WIRE, LAG },
	  .layers = { { 0, 3 }, { 3, 1 }, { 3, 2 }, { 1, 0 }, { 2, 0 } },
	  .want = "3:1,2" },
	{ .name = "the LAG MIB alone names the members",
	  .type = { WIRE, WIRE, LAG },
	  .attached = { 3, 3 },
	  .want = "3:1,2" },
	{ .name = "a LAG by the LAG MIB may be of any type",
	  .type = { WIRE, WIRE, 53 },
	  .attached = { 3, 3 },
	  .want = "3:1,2" },
	{ .name = "a member that is detached is one of those it selected",
	  .type = { WIRE, WIRE, LAG },
	  .selected = { 3, 3 },
	  .attached = { 3, 0 },
	  .want = "3:1,2" },
	{ .name = "where it is attached goes before what it selected",
	  .type = { WIRE, LAG, LAG },
	  .selected = { 2 },
	  .attached = { 3 },
	  .want = "2: 3:1" },
	{ .name = "the LAG MIB goes before the stack",
	  .type = { WIRE, WIRE, LAG, LAG },
	  .attached = { 4 },
	  .layers = { { 3, 1 }, { 3, 2 } },
	  .want = "3:2 4:1" },
	{ .name = "a VLAN over a port is no LAG",
	  .type = { WIRE, VLAN, VLAN },
	  .layers = { { 2, 1 }, { 3, 1 } },
	  .want = "" },
	{ .name = "a VLAN over a LAG makes no member of the LAG",
	  .type = { WIRE, LAG, VLAN },
	  .layers = { { 2, 1 }, { 3, 2 } },
	  .want = "2:1" },
	{ .name = "what lies below a LAG is a member only when it is a wire",
	  .type = { WIRE, VLAN, LAG },
	  .layers = { { 3, 1 }, { 3, 2 } },
	  .want = "3:1" },
	{ .name = "a port that is its own aggregator is no LAG",
	  .type = { WIRE, WIRE },
	  .selected = { 1, 2 },
	  .attached = { 1, 2 },
	  .want = "" },
	{ .name = "a LAG that lies over itself has no members",
	  .type = { WIRE, LAG },
	  .attached = { 0, 2 },
	  .layers = { { 2, 2 } },
	  .want = "2:" },
	{ .name = "what names an interface that is not there says nothing",
	  .type = { WIRE, WIRE, LAG },
	  .selected = { 3, 0 },
	  .attached = { 99, 99 },
	  .layers = { { 3, 77 }, { 77, 2 }, { 4294967295u, 4294967295u } },
	  .want = "3:1" },
	{ .name = "a circle of two leaves nothing",
	  .type = { WIRE, WIRE },
	  .attached = { 2, 1 },
	  .want = "" },
	{ .name = "a circle of LAGs leaves no member",
	  .type = { LAG, LAG, LAG },
	  .layers = { { 1, 2 }, { 2, 3 }, { 3, 1 } },
	  .want = "1: 2: 3:" },
	{ .name = "a circle of three leaves nothing",
	  .type = { WIRE, WIRE, WIRE },
	  .attached = { 2, 3, 1 },
	  .want = "" },
	{ .name = "of a chain the lowest LAG keeps its members",
	  .type = { WIRE, WIRE, LAG, LAG },
	  .attached = { 2 },
	  .layers = { { 3, 2 }, { 4, 3 } },
	  .want = "2:1 3: 4:" },
	{ .name = "a member of two LAGs proves neither",
	  .type = { WIRE, WIRE, WIRE, LAG, LAG },
	  .layers = { { 4, 1 }, { 4, 2 }, { 5, 2 }, { 5, 3 } },
	  .want = "4:1,2! 5:3!" },
	{ .name = "said twice it is one member",
	  .type = { WIRE, LAG },
	  .layers = { { 2, 1 }, { 2, 1 } },
	  .want = "2:1" },
	{ .name = "a LAG without members is a LAG", .type = { WIRE, LAG }, .want = "2:" },
	{ .name = "a multiplexor is one only with members",
	  .type = { WIRE, 54, 54 },
	  .layers = { { 2, 1 } },
	  .want = "2:1" },
};

static void
put(char *text, size_t len, const char *format, unsigned number)
{
	size_t at = strlen(text);

	snprintf(text + at, len - at, format, number);
}

/* The answers in words. */
static void
describe(char *text, size_t len, const struct lag_interface *interfaces, size_t count)
{
	text[0] = '\0';
	for (size_t i = 0; i < count; i++) {
		const char *format = "%u";

		if (!interfaces[i].is_lag)
			continue;
		put(text, len, text[0] != '\0' ? " %u:" : "%u:", interfaces[i].if_index);
		for (size_t k = 0; k < count; k++)
			if (interfaces[k].lag_if_index == interfaces[i].if_index) {
				put(text, len, format, interfaces[k].if_index);
				format = ",%u";
			}
		if (interfaces[i].unproven)
			put(text, len, "!", 0);
	}
}

static void
check_case(void **state)
{
	const struct lag_case *c = *state;
	struct lag_interface interfaces[ROWS_MAX];
	size_t count = 0;
	char text[256];

	for (; count < ROWS_MAX && c->type[count] != 0; count++)
		interfaces[count] = (struct lag_interface) { .if_index = (uint32_t)count + 1,
							     .type = c->type[count],
							     .selected = c->selected[count],
							     .attached = c->attached[count] };
	assert_true(lag_resolve(interfaces, count, c->layers, ROWS_MAX));
	describe(text, sizeof(text), interfaces, count);
	assert_string_equal(text, c->want);
}

/* One LAG over `members` wires. */
static struct lag_interface
lag_of(uint32_t members)
{
	struct lag_interface *all = calloc(members + 1, sizeof(*all)), lag;

	for (uint32_t i = 0; i < members; i++)
		all[i] = (struct lag_interface) { .if_index = i + 1,
						  .type = WIRE,
						  .attached = members + 1 };
	all[members] = (struct lag_interface) { .if_index = members + 1, .type = LAG };
	assert_true(lag_resolve(all, members + 1, NULL, 0));
	for (uint32_t i = 0; i < members; i++)
		assert_int_equal(all[i].lag_if_index, members + 1);
	lag = all[members];
	free(all);
	return lag;
}

static void
a_lag_of_thousands_proves_no_sum(void **state)
{
	(void)state;
	assert_false(lag_of(LAG_MEMBERS_MAX).unproven);
	assert_true(lag_of(LAG_MEMBERS_MAX + 1).unproven);
	assert_true(lag_of(50000).unproven);
	assert_true(lag_of(50000).is_lag);
}

/* Whatever the rows say, a member's LAG is another interface that is there and is no member itself. */
static void
random_rows_keep_the_promise(void **state)
{
	uint64_t random = 88172645463325252u;
	struct lag_interface all[40];
	struct lag_layer layers[60];

	(void)state;
#define DRAW(below)                                                                                \
	((uint32_t)((random = random * 6364136223846793005u + 1442695040888963407u) >> 33) %       \
	 (below))
	for (int turn = 0; turn < 20000; turn++) {
		static const uint32_t types[] = { WIRE, WIRE, LAG, VLAN, 54, 53 };

		for (uint32_t i = 0; i < COUNT(all); i++)
			all[i] = (struct lag_interface) { .if_index = 2 * i + 1,
							  .type = types[DRAW(COUNT(types))],
							  .selected = DRAW(3) ? 0 : DRAW(90),
							  .attached = DRAW(3) ? 0 : DRAW(90) };
		for (size_t i = 0; i < COUNT(layers); i++)
			layers[i] = (struct lag_layer) { DRAW(90), DRAW(90) };
		assert_true(lag_resolve(all, COUNT(all), layers, COUNT(layers)));
		for (size_t i = 0; i < COUNT(all); i++) {
			uint32_t lag = all[i].lag_if_index;

			if (lag == 0)
				continue;
			assert_true(lag % 2 == 1 && lag < 2 * COUNT(all) && lag != all[i].if_index);
			assert_true(all[lag / 2].is_lag);
			assert_int_equal(all[lag / 2].lag_if_index, 0);
		}
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 2];
	size_t n = 0;

	for (; n < COUNT(cases); n++)
		tests[n] = (struct CMUnitTest) { cases[n].name, check_case, NULL, NULL,
						 (void *)&cases[n] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_lag_of_thousands_proves_no_sum);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(random_rows_keep_the_promise);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
