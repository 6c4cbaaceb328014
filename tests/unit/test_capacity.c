/* links: base/capacity.c base/model.c base/units.c base/json.c base/error.c store/snapshot.c store/series_crc.c */
/* pkgs: jansson */
/* test_capacity.c - where the sources of a capacity disagree, and where they do not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "ixwatch/capacity.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define GIGA         1e9

/* Gbit/s; 0: says nothing. */
static const struct capacity_case {
	const char *name;
	double setting, lag, interface, contracted;
	enum capacity_source in_force;
	const char *want[CAPACITY_DISAGREEMENTS_MAX];
} cases[] = {
	{ "an interface alone agrees", 0, 0, 10, 0, CAPACITY_INTERFACE, { NULL } },
	{ "a contract below the port is no disagreement",
	  0,
	  0,
	  10,
	  5,
	  CAPACITY_INTERFACE,
	  { NULL } },
	{ "a contract above the port is one",
	  0,
	  0,
	  1,
	  10,
	  CAPACITY_INTERFACE,
	  { "contract-physical" } },
	{ "a contract against an unknown capacity says nothing",
	  0,
	  0,
	  0,
	  10,
	  CAPACITY_UNKNOWN,
	  { NULL } },
	{ "a setting against the interface",
	  10,
	  0,
	  100,
	  0,
	  CAPACITY_SETTING,
	  { "setting-interface" } },
	{ "a setting for an interface that says none agrees",
	  10,
	  0,
	  0,
	  0,
	  CAPACITY_SETTING,
	  { NULL } },
	{ "a LAG whose members add up agrees", 0, 20, 20, 0, CAPACITY_LAG, { NULL } },
	{ "a LAG that says more than its live members",
	  0,
	  10,
	  20,
	  0,
	  CAPACITY_LAG,
	  { "lag-interface" } },
	{ "a LAG that says no speed agrees", 0, 20, 0, 0, CAPACITY_LAG, { NULL } },
	{ "a setting against a LAG's members and its own word",
	  40,
	  10,
	  20,
	  0,
	  CAPACITY_SETTING,
	  { "setting-lag", "lag-interface" } },
	{ "less than one percent is no disagreement", 10.05, 0, 10, 0, CAPACITY_SETTING, { NULL } },
	{ "all at once, the contract first",
	  30,
	  10,
	  20,
	  50,
	  CAPACITY_SETTING,
	  { "contract-physical", "setting-lag", "lag-interface" } },
};

static double
bps(double gbps)
{
	return gbps > 0 ? gbps * GIGA : NAN;
}

static void
check_case(void **state)
{
	const struct capacity_case *c = *state;
	const struct port port = { .contracted_bps = bps(c->contracted) };
	const struct snapshot_port now = {
		.physical_source = (uint8_t)c->in_force,
		.interface_mbps = snapshot_mbps(bps(c->interface)),
		.lag_mbps = snapshot_mbps(bps(c->lag)),
	};
	struct capacity_sources sources = capacity_sources_of(&port, &now, bps(c->setting));
	struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX];
	size_t count = capacity_disagreements(&sources, found), i = 0;

	for (; i < count; i++) {
		assert_non_null(c->want[i]);
		assert_string_equal(found[i].name, c->want[i]);
		assert_true(found[i].first_bps > 0 && found[i].second_bps > 0);
		assert_non_null(strstr(found[i].text, "bit/s"));
	}
	assert_true(i == CAPACITY_DISAGREEMENTS_MAX || c->want[i] == NULL);
}

static void
the_snapshot_keeps_rates_as_the_agent_says_them(void **state)
{
	const struct snapshot_port port = { .interface_mbps = UINT32_MAX,
					    .largest_member_mbps = 400000 };

	(void)state;
	assert_true(snapshot_interface_bps(&port) == 4294967295e6);
	assert_true(snapshot_largest_member_bps(&port) == 400e9);
	assert_true(isnan(snapshot_lag_bps(&port)));
	assert_int_equal(snapshot_mbps(NAN), 0);
	assert_int_equal(snapshot_mbps(0), 0);
	assert_int_equal(snapshot_mbps(20e9), 20000);
	assert_int_equal(snapshot_mbps(256 * 4294967295e6), UINT32_MAX);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];
	size_t n = 0;

	for (; n < COUNT(cases); n++)
		tests[n] = (struct CMUnitTest) { cases[n].name, check_case, NULL, NULL,
						 (void *)&cases[n] };
	tests[n++] =
	    (struct CMUnitTest)cmocka_unit_test(the_snapshot_keeps_rates_as_the_agent_says_them);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
