/* links: measure/connection_sum.c base/model.c */
/* test_connection_sum.c - ports summed to a connection: each row is two ports and what they are together. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "ixwatch/connection_sum.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NONE     NAN

struct one {
	double out_bps, out_pps, capacity_bps, oper, contract_bps;
};

static const struct sum_case {
	const char *name;
	struct one a, b;
	double want_out_bps, want_capacity_bps, want_limit_bps;
	bool want_limited;
} cases[] = {
	{ "rates and capacities add up",
	  { 4e9, 1e6, 1e10, 1, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  1.1e11,
	  1.1e11,
	  false },
	{ "one unknown rate makes the sum unknown",
	  { NAN, NAN, 1e10, 1, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  NAN,
	  1.1e11,
	  1.1e11,
	  false },
	{ "one unknown capacity makes the sum unknown",
	  { 4e9, 1e6, NAN, 1, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  NAN,
	  NAN,
	  false },
	{ "a capacity of 0 is an unknown one",
	  { 4e9, 1e6, 0, 1, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  NAN,
	  NAN,
	  false },
	{ "a port that is down adds nothing",
	  { 0, 0, 1e10, 0, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  2e9,
	  1e11,
	  1e11,
	  false },
	{ "a port that is down adds nothing even when its counters are unknown",
	  { NAN, NAN, NAN, 0, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  2e9,
	  1e11,
	  1e11,
	  false },
	{ "down for half of the time, it adds half of its capacity",
	  { 1e9, 1e5, 1e10, 0.5, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  3e9,
	  1.05e11,
	  1.05e11,
	  false },
	{ "all ports down: nothing, of no capacity",
	  { 0, 0, 1e10, 0, NONE },
	  { 0, 0, 1e11, 0, NONE },
	  0,
	  0,
	  0,
	  false },
	{ "an agent that does not say up or down lets its counters speak",
	  { 4e9, 1e6, 1e10, NAN, NONE },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  1.1e11,
	  1.1e11,
	  false },
	{ "a contract limits its own port only",
	  { 4e9, 1e6, 1e10, 1, 5e9 },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  1.1e11,
	  1.05e11,
	  true },
	{ "a contract above the capacity limits nothing",
	  { 4e9, 1e6, 1e10, 1, 2e10 },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  6e9,
	  1.1e11,
	  1.1e11,
	  false },
	{ "a contract of a port that is down limits nothing",
	  { 0, 0, 1e10, 0, 5e9 },
	  { 2e9, 5e5, 1e11, 1, NONE },
	  2e9,
	  1e11,
	  1e11,
	  false },
};

static bool
same(double got, double want)
{
	return isnan(want) ? isnan(got) : fabs(got - want) <= 1e-9 * fabs(want);
}

static void
add(struct connection_sum *sum, const struct one *port)
{
	double value[COLUMN_COUNT] = { 0 };

	value[COLUMN_OUT_BPS] = port->out_bps;
	value[COLUMN_OUT_PPS] = port->out_pps;
	value[COLUMN_CAPACITY_BPS] = port->capacity_bps;
	value[COLUMN_OPER] = port->oper;
	connection_sum_add(sum, value, port->contract_bps);
}

static void
check_order(const struct sum_case *c, const struct one *first, const struct one *second)
{
	struct connection_sum sum;

	connection_sum_init(&sum);
	add(&sum, first);
	add(&sum, second);
	assert_true(same(sum.value[COLUMN_OUT_BPS], c->want_out_bps));
	assert_true(same(sum.value[COLUMN_CAPACITY_BPS], c->want_capacity_bps));
	assert_true(same(sum.limit_bps, c->want_limit_bps));
	assert_int_equal(sum.limited, c->want_limited);
	assert_int_equal(sum.port_count, 2);
}

static void
check_case(void **state)
{
	const struct sum_case *c = *state;

	check_order(c, &c->a, &c->b);
	check_order(c, &c->b, &c->a);
}

static void
a_port_of_which_nothing_is_known_makes_all_unknown(void **state)
{
	const struct one known = { 2e9, 5e5, 1e11, 1, NONE };
	struct connection_sum sum;

	(void)state;
	connection_sum_init(&sum);
	add(&sum, &known);
	connection_sum_add_unknown(&sum);
	add(&sum, &known);
	for (int c = 0; c < COLUMN_OPER; c++)
		assert_true(isnan(sum.value[c]));
	assert_true(isnan(sum.limit_bps));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	tests[COUNT(cases)] =
	    (struct CMUnitTest)cmocka_unit_test(a_port_of_which_nothing_is_known_makes_all_unknown);
	return cmocka_run_group_tests_name("connection_sum", tests, NULL, NULL);
}
