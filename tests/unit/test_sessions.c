/* links: web/sessions.c web/limit.c base/digest.c */
/* pkgs: gnutls */
/* test_sessions.c - logins end in time, and make room; attempts wait ever longer. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "limit.h"
#include "sessions.h"

static const unsigned char print[DIGEST_LEN] = { 1, 2, 3 };

static void
test_a_session_ends_unused_and_in_any_case(void **state)
{
	struct sessions *sessions = sessions_new();
	char secret[DIGEST_HEX], other[DIGEST_HEX];

	(void)state;
	sessions_set_limits(sessions, 10, 25);
	sessions_begin(sessions, "kim", print, 0, secret);
	sessions_begin(sessions, "kim", print, 0, other);
	assert_string_not_equal(secret, other);
	assert_string_equal(sessions_find(sessions, secret, 9999)->name, "kim");
	assert_non_null(sessions_find(sessions, secret, 19998)); /* counted from its last use */
	assert_null(sessions_find(sessions, other, 10000));      /* unused */
	assert_non_null(sessions_find(sessions, secret, 24999));
	assert_null(sessions_find(sessions, secret, 25000)); /* however it was used */
	assert_null(sessions_find(sessions, secret, 0));     /* gone is gone */
	sessions_free(sessions);
}

static void
test_a_session_is_found_by_its_secret_alone(void **state)
{
	struct sessions *sessions = sessions_new();
	char secret[DIGEST_HEX], wrong[DIGEST_HEX];

	(void)state;
	sessions_begin(sessions, "kim", print, 0, secret);
	memcpy(wrong, secret, sizeof(wrong));
	wrong[0] = wrong[0] == '0' ? '1' : '0';
	assert_null(sessions_find(sessions, wrong, 1));
	assert_null(sessions_find(sessions, "", 1));
	sessions_end(sessions, wrong);
	assert_non_null(sessions_find(sessions, secret, 1));
	sessions_end(sessions, secret);
	assert_null(sessions_find(sessions, secret, 1));
	sessions_free(sessions);
}

static void
test_too_many_of_an_account_end_its_own_oldest(void **state)
{
	struct sessions *sessions = sessions_new();
	char first[DIGEST_HEX], of_other[DIGEST_HEX], last[DIGEST_HEX];

	(void)state;
	sessions_begin(sessions, "pat", print, 0, of_other);
	sessions_begin(sessions, "kim", print, 1, first);
	for (int i = 0; i < SESSIONS_PER_ACCOUNT; i++)
		sessions_begin(sessions, "kim", print, 2 + i, last);
	assert_null(sessions_find(sessions, first, 100));
	assert_non_null(sessions_find(sessions, last, 100));
	assert_non_null(sessions_find(sessions, of_other, 100));
	sessions_free(sessions);
}

static void
test_a_full_table_ends_the_one_unused_for_longest(void **state)
{
	struct sessions *sessions = sessions_new();
	char first[DIGEST_HEX], second[DIGEST_HEX], last[DIGEST_HEX], name[32];

	(void)state;
	sessions_begin(sessions, "first", print, 0, first);
	sessions_begin(sessions, "second", print, 1, second);
	for (int i = 2; i < SESSIONS_MAX; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		sessions_begin(sessions, name, print, i, last);
	}
	assert_non_null(sessions_find(sessions, first, SESSIONS_MAX));
	sessions_begin(sessions, "late", print, SESSIONS_MAX + 1, last);
	assert_non_null(sessions_find(sessions, first, SESSIONS_MAX + 2));
	assert_null(sessions_find(sessions, second, SESSIONS_MAX + 2));
	assert_non_null(sessions_find(sessions, last, SESSIONS_MAX + 2));
	sessions_free(sessions);
}

static void
test_attempts_wait_ever_longer_and_at_most_a_minute(void **state)
{
	static const unsigned waits[] = { 1, 2, 4, 8, 16, 32, 60, 60 };
	struct limit *limit = limit_new();
	int64_t now_ms = 1000;

	(void)state;
	for (int i = 0; i < 4; i++)
		assert_int_equal(limit_take(limit, "from ::1", 5, now_ms), 0);
	for (size_t i = 0; i < sizeof(waits) / sizeof(waits[0]); i++) {
		assert_int_equal(limit_take(limit, "from ::1", 5, now_ms), 0);
		assert_int_equal(limit_look(limit, "from ::1", now_ms), waits[i]);
		assert_int_equal(limit_take(limit, "from ::1", 5, now_ms), waits[i]);
		assert_int_equal(limit_take(limit, "from ::2", 1000, now_ms), 0);
		now_ms += waits[i] * 1000;
	}
	limit_give_back(limit, "from ::1", true);
	assert_int_equal(limit_take(limit, "from ::1", 5, now_ms), 0);
	assert_int_equal(limit_look(limit, "from ::1", now_ms), 0);
	limit_free(limit);
}

static void
test_a_quarter_of_an_hour_is_forgotten(void **state)
{
	struct limit *limit = limit_new();

	(void)state;
	for (int i = 0; i < 5; i++)
		limit_take(limit, "as kim", 5, 0);
	assert_int_equal(limit_look(limit, "as kim", 0), 1);
	limit_take(limit, "as kim", 5, 15 * 60 * 1000);
	assert_int_equal(limit_look(limit, "as kim", 15 * 60 * 1000), 0);
	limit_free(limit);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_a_session_ends_unused_and_in_any_case),
		cmocka_unit_test(test_a_session_is_found_by_its_secret_alone),
		cmocka_unit_test(test_too_many_of_an_account_end_its_own_oldest),
		cmocka_unit_test(test_a_full_table_ends_the_one_unused_for_longest),
		cmocka_unit_test(test_attempts_wait_ever_longer_and_at_most_a_minute),
		cmocka_unit_test(test_a_quarter_of_an_hour_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
