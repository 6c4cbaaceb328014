/* links: snmp/manners.c */
/* test_snmp_manners.c - what is learned about an agent, and how long it is waited for. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "snmp/manners.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static void
ends(struct manners *m, enum manners_end end, unsigned times)
{
	while (times-- > 0)
		manners_errand_end(m, end);
}

static void
too_big_halves_down_to_one_row(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	assert_int_equal(m.rows_max, MANNERS_ROWS_MAX);
	manners_too_big(&m, 6);
	assert_int_equal(m.rows_max, 3);
	manners_too_big(&m, 3);
	assert_int_equal(m.rows_max, 1);
	manners_too_big(&m, 1);
	assert_int_equal(m.rows_max, 1);
	manners_too_big(&m, 20); /* a request from before it was learned */
	assert_int_equal(m.rows_max, 1);
}

static void
a_limit_is_tried_again_soon_and_what_fails_again_later_and_later(void **state)
{
	static const unsigned waits[] = { 10, 20, 40, 60, 60 };
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	for (size_t i = 0; i < COUNT(waits); i++) {
		manners_too_big(&m, 4);
		ends(&m, MANNERS_PARTLY, 1);
		ends(&m, MANNERS_CLEAN, waits[i] - 1);
		assert_int_equal(m.rows_max, 2);
		ends(&m, MANNERS_CLEAN, 1);
		assert_int_equal(m.rows_max, 4);
	}
}

static void
what_has_held_long_is_forgotten(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	for (int i = 0; i < 5; i++) {
		manners_too_big(&m, 4);
		ends(&m, MANNERS_PARTLY, 1);
	}
	ends(&m, MANNERS_CLEAN, 5 * MANNERS_PATIENCE);
	assert_int_equal(m.rows_max, MANNERS_ROWS_MAX);
	ends(&m, MANNERS_CLEAN, MANNERS_PATIENCE);
	manners_too_big(&m, 4);
	ends(&m, MANNERS_CLEAN, MANNERS_SOON);
	assert_int_equal(m.rows_max, 4);
}

static void
trouble_begins_the_patience_anew(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	manners_too_big(&m, 4);
	ends(&m, MANNERS_CLEAN, MANNERS_SOON - 1);
	ends(&m, MANNERS_PARTLY, 1);
	ends(&m, MANNERS_CLEAN, 2 * MANNERS_SOON - 1);
	assert_int_equal(m.rows_max, 2);
}

/* Rounds until GETBULK is tried again. */
static unsigned
rounds_of_get(struct manners *m)
{
	unsigned rounds = 0;

	for (; manners_way(m) == MANNERS_GET && m->way_rounds >= MANNERS_TRIAL; rounds++)
		manners_way_round_end(m);
	return rounds;
}

static void
bulk_trial(struct manners *m)
{
	for (int i = 0; i < MANNERS_TRIAL; i++) {
		manners_way_took(m, MANNERS_GET, 1000, 1);
		manners_way_took(m, MANNERS_BULK, 100, 1);
		manners_way_round_end(m);
	}
	assert_int_equal(manners_way(m), MANNERS_BULK);
}

static void
getbulk_that_failed_is_tried_again_soon_and_then_later_and_later(void **state)
{
	static const unsigned waits[] = { 30, 60, 120, 240, 480, 712, 712 };
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	for (size_t i = 0; i < COUNT(waits); i++) {
		bulk_trial(&m);
		for (int request = 0; request < 16; request++)
			manners_way_failed(&m);
		assert_int_equal(rounds_of_get(&m), waits[i]);
	}
	bulk_trial(&m);
	for (unsigned i = 0; i < MANNERS_WAY_SOON; i++)
		manners_way_round_end(&m);
	manners_way_failed(&m); /* it had lasted */
	assert_int_equal(rounds_of_get(&m), MANNERS_WAY_SOON);
}

static void
a_dead_agent_that_returns_is_soon_asked_as_before(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	for (int round = 0; round < 10; round++) {
		manners_too_big(&m, m.rows_max > 3 ? 3 : m.rows_max);
		ends(&m, MANNERS_NONE, 1);
	}
	assert_int_equal(m.rows_max, 1);
	ends(&m, MANNERS_CLEAN, 6);
	assert_int_equal(m.rows_max, MANNERS_ROWS_MAX);
}

static void
bulk_shrinks_to_getnext_and_comes_back_step_by_step(void **state)
{
	struct manners m;

	(void)state;
	manners_init(&m, 25);
	manners_bulk_failed(&m, 25);
	assert_int_equal(m.repetitions_max, 8);
	manners_bulk_failed(&m, 25); /* a second lane says the same */
	assert_int_equal(m.repetitions_max, 8);
	manners_bulk_failed(&m, 8);
	manners_bulk_failed(&m, 2);
	assert_int_equal(m.repetitions_max, 0);
	manners_bulk_worked(&m, 25);
	assert_int_equal(m.repetitions_max, 1);
	for (int i = 0; i < 10; i++)
		manners_bulk_worked(&m, 25);
	assert_int_equal(m.repetitions_max, 25);
}

static const struct timeout_case {
	const char *name;
	unsigned timeout_ms, tries;
	uint64_t least_us, most_us;
} timeouts[] = {
	{ "the first try waits for the setting", 2000, 0, 2000000, 2400000 },
	{ "the second half as long again", 2000, 1, 3000000, 3600000 },
	{ "the third half as long again", 2000, 2, 4500000, 5400000 },
	{ "a millisecond is not rounded away", 1, 0, 1000, 1200 },
	{ "nobody is waited for longer than a minute", 60000, 10, 60000000, 60000000 },
};

static void
check_timeout(void **state)
{
	const struct timeout_case *c = *state;
	uint64_t least = UINT64_MAX, most = 0;

	for (uint32_t random = 0; random < 5000; random++) {
		uint64_t us =
		    manners_timeout_us(c->timeout_ms, c->tries, random * 2654435761u >> 8);

		assert_in_range(us, c->least_us, c->most_us);
		least = us < least ? us : least;
		most = us > most ? us : most;
	}
	if (c->most_us > c->least_us)
		assert_true(most - least > (c->most_us - c->least_us) / 2); /* the jitter is real */
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(timeouts) + 7] = {
		cmocka_unit_test(too_big_halves_down_to_one_row),
		cmocka_unit_test(a_limit_is_tried_again_soon_and_what_fails_again_later_and_later),
		cmocka_unit_test(what_has_held_long_is_forgotten),
		cmocka_unit_test(getbulk_that_failed_is_tried_again_soon_and_then_later_and_later),
		cmocka_unit_test(trouble_begins_the_patience_anew),
		cmocka_unit_test(a_dead_agent_that_returns_is_soon_asked_as_before),
		cmocka_unit_test(bulk_shrinks_to_getnext_and_comes_back_step_by_step),
	};

	for (size_t i = 0; i < COUNT(timeouts); i++)
		tests[7 + i] = (struct CMUnitTest) { timeouts[i].name, check_timeout, NULL, NULL,
						     (void *)&timeouts[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
