/* links: notify/alert.c base/alert_words.c */
/* test_alert.c - when an alert begins, is blind, and ends: hysteresis in level and in time. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "notify/alert.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0           INT64_C(1790000000)

/* One observation a minute as a letter: Hot, Between, Clear, ? unknown, a blank: none was made.  What each changes, as a
 * letter below it: + began, - ended, b blind, s sees again, anything else: nothing. */
static const struct step_case {
	const char *name;
	int raise_min, clear_min, blind_min;
	const char *seen, *want;
} cases[] = {
	{ "what lasts begins, once", 3, 2, 60, "HHHHHHH", "...+..." },
	{ "at once is at the first", 0, 2, 60, "CHHH", ".+.." },
	{ "what is shorter does not begin", 3, 2, 60, "HHHCHHHCHHH", "..........." },
	{ "the level between breaks what was to begin", 3, 2, 60, "HHHBHHHH", ".......+" },
	{ "it ends when it was clear for long enough", 0, 3, 60, "HCCCC", "+...-" },
	{ "one hot sample begins the wait anew", 0, 3, 60, "HCCCHCCCC", "+.......-" },
	{ "and so does one between", 0, 3, 60, "HCCCBCCCC", "+.......-" },
	{ "without a hold it ends at once", 0, 0, 60, "HHCH", "+.-+" },
	{ "unknown does not begin", 0, 2, 60, "C????", "....." },
	{ "unknown does not end", 0, 2, 60, "H?????????", "+........." },
	{ "unknown time does not count towards an end", 0, 3, 60, "HC???CCCC", "+.......-" },
	{ "unknown time does not count towards a beginning", 3, 3, 60, "HH???HHHH", ".......+." },
	{ "what was to begin is forgotten when nothing is known for long", 3, 3, 5, "HHH?????HHHH",
	  "...........+" },
	{ "an open one is blind after a while, once, and sees again", 0, 3, 3, "H??????H",
	  "+..b...s" },
	{ "a blind one may see that all is well", 0, 2, 3, "H????CCC", "+..b.s.-" },
	{ "a look that was missed is time like any other", 3, 2, 60, "H   H", "....+" },
};

static const char letters[] = {
	[ALERT_UNKNOWN] = '?', [ALERT_CLEAR] = 'C', [ALERT_BETWEEN] = 'B', [ALERT_HOT] = 'H'
};
static const char changes[] = { [ALERT_SAME] = '.',
				[ALERT_BEGAN] = '+',
				[ALERT_BLIND] = 'b',
				[ALERT_SEES] = 's',
				[ALERT_ENDED] = '-' };

static struct alert_observation
seen(int64_t at_utc_sec, char letter)
{
	const char *at = memchr(letters, letter, sizeof(letters));

	assert_non_null(at);
	return (struct alert_observation) { .at_utc_sec = at_utc_sec,
					    .level = (enum alert_level)(at - letters),
					    .value = NAN };
}

static void
check_case(void **state)
{
	const struct step_case *c = *state;
	struct alert_rule rule = { c->raise_min * 60, c->clear_min * 60, c->blind_min * 60 };
	struct alert_state alert = { 0 };

	assert_int_equal(strlen(c->seen), strlen(c->want));
	for (size_t i = 0; c->seen[i] != '\0'; i++) {
		struct alert_observation now;
		char got;

		if (c->seen[i] == ' ')
			continue;
		now = seen(T0 + (int64_t)i * 60, c->seen[i]);
		got = changes[alert_step(&alert, &rule, &now)];
		if (got != c->want[i])
			fail_msg("minute %zu: %c, not %c", i, got, c->want[i]);
		assert_int_equal(alert_step(&alert, &rule, &now), ALERT_SAME); /* said twice */
	}
}

static const struct alert_rule rule_15 = { 600, 900, 1800 };

/* Feeds `minutes` of a square wave, `up` hot and `down` clear; counts what began and ended. */
static void
flap(struct alert_state *alert, int64_t *at_utc_sec, int minutes, int up, int down, unsigned *began,
     unsigned *ended)
{
	for (int i = 0; i < minutes; i++, *at_utc_sec += 60) {
		struct alert_observation now = seen(*at_utc_sec, i % (up + down) < up ? 'H' : 'C');

		switch (alert_step(alert, &rule_15, &now)) {
		case ALERT_BEGAN: ++*began; break;
		case ALERT_ENDED: ++*ended; break;
		default: break;
		}
	}
}

static void
a_port_that_flaps_for_two_hours_is_one_alert_and_one_recovery(void **state)
{
	static const struct {
		int up, down;
	} waves[] = { { 11, 1 }, { 12, 3 }, { 15, 14 }, { 30, 10 }, { 14, 15 } };

	(void)state;
	for (size_t i = 0; i < COUNT(waves); i++) {
		struct alert_state alert = { 0 };
		unsigned began = 0, ended = 0;
		int64_t at_utc_sec = T0;

		flap(&alert, &at_utc_sec, 120, waves[i].up, waves[i].down, &began, &ended);
		flap(&alert, &at_utc_sec, 60, 0, 60, &began, &ended);
		if (began != 1 || ended != 1)
			fail_msg("%d up, %d down: %u began, %u ended", waves[i].up, waves[i].down,
				 began, ended);
	}
}

/* Slower than the hold: each time it takes twice as long to end, so that a day of it is a handful. */
static void
one_that_flaps_slowly_ends_ever_more_slowly(void **state)
{
	struct alert_state alert = { 0 };
	unsigned began = 0, ended = 0;
	int64_t at_utc_sec = T0;

	(void)state;
	flap(&alert, &at_utc_sec, 1440, 20, 20, &began, &ended);
	assert_int_equal(began, 2);
	assert_int_equal(ended, 1);
	assert_int_equal(alert_clear_sec(&alert, &rule_15), 1800);
	alert.again = 2;
	assert_int_equal(alert_clear_sec(&alert, &rule_15), 3600);
	alert.again = 40;
	assert_int_equal(alert_clear_sec(&alert, &rule_15), ALERT_FLAP_SEC);
}

static void
it_is_told_since_when_and_up_to_when_it_was_in_fact(void **state)
{
	struct alert_state alert = { 0 };
	struct alert_observation now = seen(T0, 'H');

	(void)state;
	now.since_utc_sec = T0 - 1800; /* the episode knows better */
	now.value = 0.93;
	assert_int_equal(alert_step(&alert, &rule_15, &now), ALERT_BEGAN);
	assert_int_equal(alert.began_utc_sec, T0 - 1800);
	now = seen(T0 + 300, 'H');
	now.value = 0.99;
	now.until_utc_sec = T0 + 240;
	assert_int_equal(alert_step(&alert, &rule_15, &now), ALERT_SAME);
	for (int i = 0; i < 15; i++) {
		now = seen(T0 + 600 + i * 60, 'C');
		now.value = 0.2;
		assert_int_equal(alert_step(&alert, &rule_15, &now), ALERT_SAME);
	}
	now = seen(T0 + 1500, 'C');
	assert_int_equal(alert_step(&alert, &rule_15, &now), ALERT_ENDED);
	assert_int_equal(alert.until_utc_sec, T0 + 240);
	assert_true(alert.peak == 0.99);
	assert_false(alert.open);
}

/* A state is plain numbers: whatever was kept goes on as if nothing had happened. */
static void
a_state_survives_a_restart(void **state)
{
	struct alert_state alert = { 0 };
	struct alert_observation now = seen(T0, 'H');
	struct alert_rule rule = { 0, 300, 1800 };

	(void)state;
	alert_step(&alert, &rule, &now);
	for (int i = 1; i <= 5; i++) {
		struct alert_state kept = alert;

		memset(&alert, 0xff, sizeof(alert));
		alert = kept;
		now = seen(T0 + i * 60, 'C');
		assert_int_equal(alert_step(&alert, &rule, &now), ALERT_SAME);
	}
	now = seen(T0 + 360, 'C');
	assert_int_equal(alert_step(&alert, &rule, &now), ALERT_ENDED);
}

static void
names_are_found_again(void **state)
{
	(void)state;
	for (int i = 0; i < ALERT_KIND_COUNT; i++) {
		enum alert_kind kind = ALERT_KIND_COUNT;

		assert_true(alert_kind_parse(alert_kind_name((enum alert_kind)i), &kind));
		assert_int_equal(kind, i);
	}
	for (int i = 0; i < ALERT_SEVERITY_COUNT; i++) {
		enum alert_severity severity = ALERT_SEVERITY_COUNT;

		assert_true(
		    alert_severity_parse(alert_severity_name((enum alert_severity)i), &severity));
		assert_int_equal(severity, i);
	}
	for (int i = 0; i < ALERT_SCOPE_COUNT; i++) {
		enum alert_scope scope = ALERT_SCOPE_COUNT;

		assert_true(alert_scope_parse(alert_scope_name((enum alert_scope)i), &scope));
		assert_int_equal(scope, i);
	}
	assert_false(alert_kind_parse("full", &(enum alert_kind) { 0 }));
	assert_false(alert_severity_parse("", &(enum alert_severity) { 0 }));
	assert_false(alert_scope_parse("peer", &(enum alert_scope) { 0 }));
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(a_port_that_flaps_for_two_hours_is_one_alert_and_one_recovery),
		cmocka_unit_test(one_that_flaps_slowly_ends_ever_more_slowly),
		cmocka_unit_test(it_is_told_since_when_and_up_to_when_it_was_in_fact),
		cmocka_unit_test(a_state_survives_a_restart),
		cmocka_unit_test(names_are_found_again),
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(others)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	memcpy(&tests[COUNT(cases)], others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
