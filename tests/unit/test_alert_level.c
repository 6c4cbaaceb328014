/* links: notify/alert_level.c */
/* test_alert_level.c - at which level a port, an agent, an exchange stand. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "notify/alert_level.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define NOW          INT64_C(1790000000)
#define OUT          DIRECTION_OUT

static const struct alert_limits limits = { 0.98, 0.95, 0.01, 0.005, 0.5, 0.25 };

/* A port of 10G with which all is well. */
static struct alert_port
well(void)
{
	struct alert_port port = {
		.now_utc_sec = NOW,
		.sampled_utc_sec = NOW - 30,
		.fresh = true,
		.utilisation = { 0.2, 0.3 },
		.packets_pps = { 1000, 1000 },
		.discards_pps = { 0, 0 },
		.errors_pps = { 0, 0 },
		.discards_trusted = true,
		.oper = 1,
		.was_up = true,
		.judged = true,
		.verdict = { VERDICT_NONE, VERDICT_NONE },
		.capacity_bps = 10e9,
		.nominal_bps = 10e9,
		.slots_known = 60,
		.slots_hour = 60,
	};

	return port;
}

/* What makes a port differ from that. */
#define WHAT(name, body)                                                                           \
	static void name(struct alert_port *p)                                                     \
	{                                                                                          \
		body;                                                                              \
	}
WHAT(nothing, (void)p)
WHAT(full, p->utilisation[OUT] = 0.98)
WHAT(nearly_full, p->utilisation[OUT] = 0.97)
WHAT(just_clear, p->utilisation[OUT] = 0.949)
WHAT(dark, p->utilisation[OUT] = NAN)
WHAT(stale, p->fresh = false)
WHAT(discards, p->discards_pps[OUT] = 11)
WHAT(few_discards, p->discards_pps[OUT] = 7)
WHAT(errors, p->errors_pps[OUT] = 20)
WHAT(only_errors, p->discards_pps[OUT] = NAN; p->errors_pps[OUT] = 20)
WHAT(no_counters, p->discards_pps[OUT] = p->errors_pps[OUT] = NAN)
WHAT(untrusted, p->discards_pps[OUT] = 500; p->discards_trusted = false)
WHAT(idle, p->packets_pps[OUT] = 0)
WHAT(spike, p->run[OUT] = ((struct alert_run) { true, false, NOW - 600, NOW - 30, 0.93 }))
WHAT(sustained, p->run[OUT] = ((struct alert_run) { true, true, NOW - 1800, NOW - 30, 0.93 }))
WHAT(sustained_dark, p->run[OUT] = ((struct alert_run) { true, true, NOW - 1800, NOW - 30, 0.93 });
     p->utilisation[OUT] = NAN)
WHAT(unjudged, p->judged = false)
WHAT(down, p->oper = 0)
WHAT(never_up, p->oper = 0; p->was_up = false)
WHAT(oper_unknown, p->oper = NAN)
WHAT(gone, p->vanished = true; p->vanished_utc_sec = NOW - 60; p->fresh = false)
WHAT(gone_silent, p->vanished = true; p->agent_silent = true)
WHAT(shrunk, p->capacity_bps = 9.4e9)
WHAT(shrunk_little, p->capacity_bps = 9.5e9)
WHAT(no_nominal, p->nominal_bps = NAN; p->capacity_bps = 1e9)
WHAT(no_capacity, p->capacity_bps = NAN)
WHAT(member_down, p->member_count = 4; p->member_live = 3)
WHAT(members_well, p->member_count = 4; p->member_live = 4)
WHAT(member_dark, p->member_count = 4; p->member_live = 3; p->member_unknown = 1)
WHAT(half_unknown, p->slots_known = 30; p->slots_unknown = 30)
WHAT(third_unknown, p->slots_known = 40; p->slots_unknown = 20)
WHAT(young, p->slots_known = 0; p->slots_unknown = 20)
WHAT(silent, p->slots_unknown = 60; p->slots_known = 0; p->agent_silent = true)
WHAT(routine, p->verdict[OUT] = VERDICT_ROUTINE)
WHAT(recurring, p->verdict[OUT] = VERDICT_RECURRING)
WHAT(insufficient, p->verdict[OUT] = VERDICT_INSUFFICIENT)

static const struct level_case {
	const char *name;
	void (*what)(struct alert_port *port);
	enum alert_kind kind;
	enum alert_level level;
} cases[] = {
	{ "at the level it is full", full, ALERT_SATURATED, ALERT_HOT },
	{ "between the two it is neither", nearly_full, ALERT_SATURATED, ALERT_BETWEEN },
	{ "below the lower it is clear", just_clear, ALERT_SATURATED, ALERT_CLEAR },
	{ "an unknown utilisation is unknown", dark, ALERT_SATURATED, ALERT_UNKNOWN },
	{ "a sample that grew old says nothing", stale, ALERT_SATURATED, ALERT_UNKNOWN },
	{ "discards are loss", discards, ALERT_LOSS, ALERT_HOT },
	{ "few of them are neither", few_discards, ALERT_LOSS, ALERT_BETWEEN },
	{ "and so are errors", errors, ALERT_LOSS, ALERT_HOT },
	{ "either counter alone is enough", only_errors, ALERT_LOSS, ALERT_HOT },
	{ "neither is unknown", no_counters, ALERT_LOSS, ALERT_UNKNOWN },
	{ "counters that are not trusted prove nothing", untrusted, ALERT_LOSS, ALERT_UNKNOWN },
	{ "without packets there is no loss", idle, ALERT_LOSS, ALERT_CLEAR },
	{ "a spike is no congestion, nor its end", spike, ALERT_CONGESTION, ALERT_BETWEEN },
	{ "a sustained episode is", sustained, ALERT_CONGESTION, ALERT_HOT },
	{ "without a run it is clear", nothing, ALERT_CONGESTION, ALERT_CLEAR },
	{ "a run closed for want of samples does not end it", dark, ALERT_CONGESTION,
	  ALERT_UNKNOWN },
	{ "an open run that nobody sees any more moves nothing", sustained_dark, ALERT_CONGESTION,
	  ALERT_UNKNOWN },
	{ "before its judge was recalled nothing is said", unjudged, ALERT_CONGESTION,
	  ALERT_UNKNOWN },
	{ "down is reduced to nothing", down, ALERT_REDUCED, ALERT_HOT },
	{ "down for ever is no news, and no recovery", never_up, ALERT_REDUCED, ALERT_BETWEEN },
	{ "an unknown state is unknown", oper_unknown, ALERT_REDUCED, ALERT_UNKNOWN },
	{ "gone from its agent is reduced to nothing", gone, ALERT_REDUCED, ALERT_HOT },
	{ "unless the agent says nothing at all", gone_silent, ALERT_REDUCED, ALERT_UNKNOWN },
	{ "below 95% of nominal is reduced", shrunk, ALERT_REDUCED, ALERT_HOT },
	{ "at 95% it is whole", shrunk_little, ALERT_REDUCED, ALERT_CLEAR },
	{ "before there is a nominal capacity the present one is it", no_nominal, ALERT_REDUCED,
	  ALERT_CLEAR },
	{ "an unknown capacity is unknown", no_capacity, ALERT_REDUCED, ALERT_UNKNOWN },
	{ "a member of a LAG that is not live", member_down, ALERT_REDUCED, ALERT_HOT },
	{ "all of them live", members_well, ALERT_REDUCED, ALERT_CLEAR },
	{ "a member of which nothing is known", member_dark, ALERT_REDUCED, ALERT_UNKNOWN },
	{ "half an hour unknown of an hour", half_unknown, ALERT_DATA_QUALITY, ALERT_HOT },
	{ "a third is neither", third_unknown, ALERT_DATA_QUALITY, ALERT_BETWEEN },
	{ "all known is well", nothing, ALERT_DATA_QUALITY, ALERT_CLEAR },
	{ "less than half an hour proves nothing", young, ALERT_DATA_QUALITY, ALERT_UNKNOWN },
	{ "a silent agent is told of itself", silent, ALERT_DATA_QUALITY, ALERT_UNKNOWN },
	{ "routine is routine", routine, ALERT_ROUTINE, ALERT_HOT },
	{ "routine leaves a warning as it is", routine, ALERT_RECURRING, ALERT_BETWEEN },
	{ "recurring is a warning", recurring, ALERT_RECURRING, ALERT_HOT },
	{ "recurring is routine no more", recurring, ALERT_ROUTINE, ALERT_CLEAR },
	{ "insufficient data ends no verdict", insufficient, ALERT_ROUTINE, ALERT_UNKNOWN },
	{ "none ends both", nothing, ALERT_RECURRING, ALERT_CLEAR },
	{ "a verdict needs a judge", unjudged, ALERT_ROUTINE, ALERT_UNKNOWN },
};

static void
check_case(void **state)
{
	const struct level_case *c = *state;
	struct alert_observation seen[ALERT_KIND_COUNT][DIRECTION_COUNT];
	struct alert_port port = well();

	c->what(&port);
	alert_levels(&port, &limits, seen);
	assert_int_equal(seen[c->kind][OUT].level, c->level);
	assert_true(seen[c->kind][OUT].at_utc_sec >= NOW - 30 &&
		    seen[c->kind][OUT].at_utc_sec <= NOW);
	if (c->level == ALERT_UNKNOWN && c->kind != ALERT_DATA_QUALITY)
		assert_true(isnan(seen[c->kind][OUT].value));
}

static void
a_well_port_is_hot_in_nothing(void **state)
{
	struct alert_observation seen[ALERT_KIND_COUNT][DIRECTION_COUNT];
	struct alert_port port = well();

	(void)state;
	alert_levels(&port, &limits, seen);
	for (int k = 0; k < ALERT_KIND_COUNT; k++)
		for (int d = 0; d < DIRECTION_COUNT; d++)
			assert_int_not_equal(seen[k][d].level, ALERT_HOT);
}

static void
an_episode_says_itself_since_when_it_is_and_how_bad(void **state)
{
	struct alert_observation seen[ALERT_KIND_COUNT][DIRECTION_COUNT];
	struct alert_port port = well();

	(void)state;
	sustained(&port);
	alert_levels(&port, &limits, seen);
	assert_int_equal(seen[ALERT_CONGESTION][OUT].since_utc_sec, NOW - 1800);
	assert_int_equal(seen[ALERT_CONGESTION][OUT].until_utc_sec, NOW - 30);
	assert_true(seen[ALERT_CONGESTION][OUT].value == 0.93);
	assert_int_equal(seen[ALERT_CONGESTION][DIRECTION_IN].level, ALERT_CLEAR);
}

static void
the_worse_of_member_and_capacity_is_told(void **state)
{
	struct alert_observation seen[ALERT_KIND_COUNT][DIRECTION_COUNT];
	struct alert_port port = well();

	(void)state;
	member_down(&port);
	port.capacity_bps = 5e9;
	alert_levels(&port, &limits, seen);
	assert_true(seen[ALERT_REDUCED][OUT].value == 0.5);
	port.capacity_bps = NAN; /* the member alone is proof */
	alert_levels(&port, &limits, seen);
	assert_int_equal(seen[ALERT_REDUCED][OUT].level, ALERT_HOT);
	assert_true(seen[ALERT_REDUCED][OUT].value == 0.25);
}

static void
agents_and_exchanges(void **state)
{
	(void)state;
	assert_int_equal(alert_level_agent(false, 0, NOW).level, ALERT_UNKNOWN);
	assert_int_equal(alert_level_agent(true, 0, NOW).level, ALERT_CLEAR);
	assert_int_equal(alert_level_agent(true, NOW - 60, NOW).level, ALERT_HOT);
	assert_int_equal(alert_level_agent(true, NOW - 60, NOW).since_utc_sec, NOW - 60);
	assert_int_equal(alert_level_exchange(1, 1, 0, NOW).level, ALERT_UNKNOWN);
	assert_int_equal(alert_level_exchange(40, 40, 0, NOW).level, ALERT_HOT);
	assert_int_equal(alert_level_exchange(40, 39, 1, NOW).level, ALERT_UNKNOWN);
	assert_int_equal(alert_level_exchange(40, 39, 0, NOW).level, ALERT_CLEAR);
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(a_well_port_is_hot_in_nothing),
		cmocka_unit_test(an_episode_says_itself_since_when_it_is_and_how_bad),
		cmocka_unit_test(the_worse_of_member_and_capacity_is_told),
		cmocka_unit_test(agents_and_exchanges),
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(others)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	memcpy(&tests[COUNT(cases)], others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
