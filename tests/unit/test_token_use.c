/* links: base/token_use.c base/error.c */
/* test_token_use.c - when tokens were used: what is read of its file, however it looks, and that it is written whole. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/token_use.h"
#include "ledger_scratch.h"

static const struct file_case {
	const char *name, *text;
	size_t count;
	int64_t ci_utc_sec;
} files[] = {
	{ "nothing", "", 0, 0 },
	{ "one", "ci 1700000000\n", 1, 1700000000 },
	{ "two", "cd 5\nci 6\n", 2, 6 },
	{ "the last of one name", "ci 5\nci 6\n", 1, 6 },
	{ "no time", "ci\n", 0, 0 },
	{ "a time that is none", "ci soon\ncd 1\n", 1, 0 },
	{ "a time before 1970", "ci -5\n", 0, 0 },
	{ "no end of the line", "ci 7", 1, 7 },
	{ "empty lines", "\n\nci 7\n\n", 1, 7 },
};

static void
test_what_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(files); i++) {
		struct scratch scratch;
		struct token_use use;

		scratch_new(&scratch);
		scratch_write(&scratch, TOKEN_USE_FILE, files[i].text, strlen(files[i].text));
		token_use_read(&use, scratch.dir);
		if (use.count != files[i].count || token_use_get(&use, "ci") != files[i].ci_utc_sec)
			fail_msg("%s: %zu, %lld", files[i].name, use.count,
				 (long long)token_use_get(&use, "ci"));
		token_use_free(&use);
		scratch_free(&scratch);
	}
}

static void
test_octets_at_random_are_survived(void **state)
{
	struct scratch scratch;
	unsigned char octets[65536];

	(void)state;
	scratch_new(&scratch);
	srandom(7);
	for (size_t i = 0; i < sizeof(octets); i++)
		octets[i] = random() % 4 == 0 ? '\n' : (unsigned char)random();
	scratch_write(&scratch, TOKEN_USE_FILE, octets, sizeof(octets));
	struct token_use use;
	token_use_read(&use, scratch.dir);
	for (size_t i = 0; i < use.count; i++)
		assert_true(strlen(use.used[i].name) < ACCOUNT_NAME_MAX);
	token_use_free(&use);
	scratch_free(&scratch);
}

static void
test_it_is_written_whole_or_not_at_all(void **state)
{
	struct scratch scratch;
	struct token_use use = { 0 }, again;
	struct error err;
	char name[32];

	(void)state;
	scratch_new(&scratch);
	token_use_read(&use, scratch.dir); /* it is not there yet */
	assert_int_equal(use.count, 0);
	for (int i = 0; i < 10500; i++) {
		snprintf(name, sizeof(name), "t%d", i);
		assert_true(token_use_set(&use, name, i + 1));
	}
	assert_int_equal(use.count, 10000); /* it has an end */
	assert_true(token_use_set(&use, "t3", 99));
	assert_true(token_use_write(&use, scratch.dir, &err));
	assert_false(scratch_has(&scratch, TOKEN_USE_FILE ".new"));
	token_use_read(&again, scratch.dir);
	assert_int_equal(again.count, 10000);
	assert_int_equal(token_use_get(&again, "t3"), 99);
	assert_int_equal(token_use_get(&again, "t9999"), 10000);
	token_use_free(&again);
	/* A folder stands where the new one would be made: the old file stays. */
	assert_int_equal(mkdir(scratch_path(&scratch, TOKEN_USE_FILE ".new"), 0700), 0);
	token_use_set(&use, "t3", 100);
	assert_false(token_use_write(&use, scratch.dir, &err));
	assert_non_null(strstr(err.text, TOKEN_USE_FILE));
	token_use_read(&again, scratch.dir);
	assert_int_equal(token_use_get(&again, "t3"), 99);
	token_use_free(&again);
	token_use_free(&use);
	scratch_free(&scratch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_what_is_read),
		cmocka_unit_test(test_octets_at_random_are_survived),
		cmocka_unit_test(test_it_is_written_whole_or_not_at_all),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
