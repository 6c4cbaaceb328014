/* links: base/text.c */
/* test_text.c - texts that many share. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/text.h"

#define MANY 5000

static void
the_same_text_is_there_once(void **state)
{
	char again[] = "Ethernet1";
	const char *first = text_share("Ethernet1"), *second = text_share(again),
		   *other = text_share("Ethernet10"), *empty = text_share("");

	(void)state;
	assert_ptr_equal(first, second);
	assert_ptr_not_equal(first, other);
	assert_string_equal(empty, "");
	assert_int_equal(text_shared_count(), 3);
	text_unshare(first);
	assert_string_equal(second, "Ethernet1"); /* while somebody has it */
	assert_int_equal(text_shared_count(), 3);
	text_unshare(second);
	text_unshare(other);
	text_unshare(empty);
	text_unshare(NULL);
	assert_int_equal(text_shared_count(), 0);
}

static void
many_come_and_go_in_any_order(void **state)
{
	static const char *texts[MANY];
	char value[32];

	(void)state;
	for (int i = 0; i < MANY; i++) {
		snprintf(value, sizeof(value), "et-0/0/%d", i % (MANY / 2));
		texts[i] = text_share(value);
	}
	assert_int_equal(text_shared_count(), MANY / 2);
	for (int i = 0; i < MANY; i++) {
		int n = (int)((int64_t)i * 7919 % MANY);

		snprintf(value, sizeof(value), "et-0/0/%d", n % (MANY / 2));
		assert_string_equal(texts[n], value);
		text_unshare(texts[n]);
	}
	assert_int_equal(text_shared_count(), 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_same_text_is_there_once),
		cmocka_unit_test(many_come_and_go_in_any_order),
	};

	return cmocka_run_group_tests_name("text", tests, NULL, NULL);
}
