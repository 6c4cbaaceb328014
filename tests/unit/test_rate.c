/* links: web/rate.c */
/* test_rate.c - so much at once, so much a second, each for itself. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "rate.h"

static const unsigned char kim[DIGEST_LEN] = { 1 }, lou[DIGEST_LEN] = { 2 };

/* How many of `count` requests at that instant are let through. */
static unsigned
passed(struct rate *rate, const unsigned char who[DIGEST_LEN], unsigned count, int64_t now_mono_ms)
{
	unsigned through = 0;

	for (unsigned i = 0; i < count; i++)
		through += rate_take(rate, who, now_mono_ms) == 0;
	return through;
}

static void
test_a_burst_passes_and_then_so_many_a_second(void **state)
{
	struct rate *rate = rate_new(5, 2);

	(void)state;
	assert_int_equal(passed(rate, kim, 20, 1000), 5);
	assert_int_equal(rate_take(rate, kim, 1000), 1); /* half a second, told as a whole one */
	assert_int_equal(passed(rate, kim, 20, 1499), 0);
	assert_int_equal(passed(rate, kim, 20, 1500), 1);
	assert_int_equal(passed(rate, kim, 20, 3500), 4);
	rate_free(rate);
}

static void
test_whoever_was_still_for_long_has_one_burst_and_no_more(void **state)
{
	struct rate *rate = rate_new(5, 2);

	(void)state;
	assert_int_equal(passed(rate, kim, 20, 0), 5);
	assert_int_equal(passed(rate, kim, 20, 86400000), 5);
	rate_free(rate);
}

static void
test_one_does_not_wait_for_another(void **state)
{
	struct rate *rate = rate_new(5, 2);

	(void)state;
	assert_int_equal(passed(rate, kim, 20, 0), 5);
	assert_int_equal(passed(rate, lou, 20, 0), 5);
	assert_int_equal(passed(rate, kim, 20, 0), 0);
	rate_free(rate);
}

static void
test_a_crowd_makes_room_for_itself_and_the_busy_stay_known(void **state)
{
	struct rate *rate = rate_new(5, 0.001);
	unsigned char who[DIGEST_LEN];

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		memset(who, 0, sizeof(who));
		memcpy(who, &i, sizeof(i));
		who[DIGEST_LEN - 1] = 1;
		rate_take(rate, who, i);
		assert_int_equal(passed(rate, kim, 5, i),
				 i == 0 ? 5 : 0); /* it asks all the time */
	}
	rate_free(rate);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_burst_passes_and_then_so_many_a_second),
		cmocka_unit_test(test_whoever_was_still_for_long_has_one_burst_and_no_more),
		cmocka_unit_test(test_one_does_not_wait_for_another),
		cmocka_unit_test(test_a_crowd_makes_room_for_itself_and_the_busy_stay_known),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
