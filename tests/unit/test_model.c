/* links: base/model.c */
/* test_model.c - names and their inverses; the capacity that counts. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/model.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static void
every_name_parses_back(void **state)
{
	enum direction direction;
	enum port_kind kind;
	enum port_state port_state;
	enum verdict verdict;
	enum member_state member_state;
	enum column column;

	(void)state;
	for (unsigned i = 0; i < DIRECTION_COUNT; i++)
		assert_true(model_direction_parse(model_direction_name(i), &direction) &&
			    direction == i);
	for (unsigned i = 0; i < KIND_COUNT; i++)
		assert_true(model_kind_parse(model_kind_name(i), &kind) && kind == i);
	for (unsigned i = 0; i < STATE_COUNT; i++)
		assert_true(model_state_parse(model_state_name(i), &port_state) && port_state == i);
	for (unsigned i = 0; i < VERDICT_COUNT; i++)
		assert_true(model_verdict_parse(model_verdict_name(i), &verdict) && verdict == i);
	for (unsigned i = 0; i < MEMBER_STATE_COUNT; i++)
		assert_true(model_member_state_parse(model_member_state_name(i), &member_state) &&
			    member_state == i);
	for (unsigned i = 0; i < COLUMN_COUNT; i++)
		assert_true(model_column_parse(model_column_name(i), &column) && column == i);
}

static void
other_names_are_refused(void **state)
{
	enum direction direction = DIRECTION_OUT;
	enum port_kind kind;
	enum port_state port_state;
	enum verdict verdict;
	enum member_state member_state;
	enum column column;

	(void)state;
	assert_false(model_direction_parse("OUT", &direction));
	assert_false(model_direction_parse("", &direction));
	assert_int_equal(direction, DIRECTION_OUT);
	assert_false(model_kind_parse("members", &kind));
	assert_false(model_state_parse("", &port_state));
	assert_false(model_verdict_parse("insufficient", &verdict));
	assert_false(model_member_state_parse("up", &member_state));
	assert_false(model_column_parse("in_bp", &column));
}

/* Scripts read these: a change breaks them. */
static void
names_are_as_the_api_promises(void **state)
{
	(void)state;
	assert_string_equal(model_kind_name(KIND_NONE), "");
	assert_string_equal(model_kind_name(KIND_PEER_SHARE), "peer-share");
	assert_string_equal(model_verdict_name(VERDICT_INSUFFICIENT), "insufficient data");
	assert_string_equal(model_episode_kind_name(EPISODE_SPIKE), "spike");
	assert_string_equal(model_episode_kind_name(EPISODE_SUSTAINED), "sustained");
	assert_string_equal(model_capacity_source_name(CAPACITY_IXF), "ix-f");
	assert_string_equal(model_capacity_source_name(CAPACITY_UNKNOWN), "unknown");
	assert_string_equal(model_quality_name(QUALITY_RESTART), "restart");
	assert_string_equal(model_quality_name(QUALITY_GAP), "gap");
	assert_string_equal(model_quality_name(QUALITY_COUNT), "");
	assert_string_equal(model_column_name(COLUMN_OUT_DISCARDS), "out_discards");
	assert_string_equal(model_state_name(STATE_DOWN), "down");
}

static void
a_number_outside_the_enum_has_no_name(void **state)
{
	(void)state;
	assert_string_equal(model_state_name((enum port_state)200), "");
	assert_string_equal(model_verdict_name((enum verdict) - 1), "");
	assert_string_equal(model_capacity_source_name((enum capacity_source)CAPACITY_SOURCE_COUNT),
			    "");
}

static const struct capacity_case {
	const char *name;
	double physical_bps, contracted_bps;
	bool billed;
	double want_bps; /* NAN: unknown */
} capacity_cases[] = {
	{ "without a contract the port's own", 1e10, NAN, false, 1e10 },
	{ "a smaller contract limits", 1e10, 2e9, false, 2e9 },
	{ "a larger contract limits nothing", 1e10, 2e10, false, 1e10 },
	{ "a billed contract limits nothing", 1e10, 2e9, true, 1e10 },
	{ "a contract alone is no capacity", NAN, 2e9, false, NAN },
	{ "a physical capacity of 0 is unknown", 0, 2e9, false, NAN },
	{ "a contract of 0 is none", 1e10, 0, false, 1e10 },
};

static void
check_capacity(void **state)
{
	const struct capacity_case *c = *state;
	double got = model_capacity_bps(c->physical_bps, c->contracted_bps, c->billed);

	assert_true(isnan(c->want_bps) ? isnan(got) : got == c->want_bps);
}

int
main(void)
{
	const struct CMUnitTest names[] = {
		cmocka_unit_test(every_name_parses_back),
		cmocka_unit_test(other_names_are_refused),
		cmocka_unit_test(names_are_as_the_api_promises),
		cmocka_unit_test(a_number_outside_the_enum_has_no_name),
	};
	struct CMUnitTest capacities[COUNT(capacity_cases)];

	for (size_t i = 0; i < COUNT(capacity_cases); i++)
		capacities[i] = (struct CMUnitTest) { capacity_cases[i].name, check_capacity, NULL,
						      NULL, (void *)&capacity_cases[i] };
	return cmocka_run_group_tests_name("names", names, NULL, NULL) +
	       cmocka_run_group_tests_name("capacity", capacities, NULL, NULL);
}
