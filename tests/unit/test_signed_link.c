/* links: base/signed_link.c base/digest.c base/error.c */
/* pkgs: gnutls */
/* test_signed_link.c - links that carry their own right: nothing but the whole token opens, and only until it expires. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ixwatch/digest.h"
#include "ixwatch/signed_link.h"

#define NOW_UTC_SEC INT64_C(1795000000)

static char folder[] = "/tmp/ixwatch-link-XXXXXX", path[64];

static int
set_up(void **state)
{
	(void)state;
	strcpy(folder + sizeof(folder) - 7, "XXXXXX");
	if (mkdtemp(folder) == NULL)
		return -1;
	snprintf(path, sizeof(path), "%s/link-key", folder);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder);
}

static void
put(const char *text, mode_t mode)
{
	FILE *file = fopen(path, "w");

	assert_non_null(file);
	assert_true(fputs(text, file) >= 0);
	assert_int_equal(fclose(file), 0);
	assert_int_equal(chmod(path, mode), 0);
}

static const struct signed_link an_alert = { .purpose = LINK_ACKNOWLEDGE,
					     .id = INT64_C(0x123456789abcdef),
					     .expires_utc_sec = NOW_UTC_SEC + 1 };

static void
hmac_is_that_of_rfc_4231(void **state)
{
	unsigned char mac[DIGEST_LEN];
	char hex[DIGEST_HEX];

	(void)state;
	digest_keyed(mac, "Jefe", 4, "what do ya want for nothing?", 28); /* test case 2 */
	digest_format(hex, mac);
	assert_string_equal(hex,
			    "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

static void
what_was_signed_is_found_in_it_until_it_expires(void **state)
{
	struct signed_link link, report = {
		.purpose = LINK_REPORT, .asn = 4294967295u, .id = -1, .expires_utc_sec = INT64_MAX
	};
	struct link_keys keys;
	char token[LINK_TOKEN_MAX];
	bool expired;

	(void)state;
	assert_true(link_keys_make(path, NULL));
	assert_true(link_keys_read(&keys, path, NULL));
	link_sign(token, &an_alert, &keys);
	assert_int_equal(strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
				       "0123456789-_"),
			 strlen(token));
	assert_true(link_verify(&link, token, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, &expired));
	assert_false(expired);
	assert_int_equal(link.id, an_alert.id);
	assert_int_equal(link.asn, 0);
	assert_int_equal(link.expires_utc_sec, an_alert.expires_utc_sec);
	assert_false(link_verify(&link, token, LINK_ACKNOWLEDGE, NOW_UTC_SEC + 1, &keys, &expired));
	assert_true(expired);
	assert_false(link_verify(&link, token, LINK_REPORT, NOW_UTC_SEC, &keys, &expired));
	assert_false(expired); /* it is no link to a report at all */
	link_sign(token, &report, &keys);
	assert_true(link_verify(&link, token, LINK_REPORT, NOW_UTC_SEC, &keys, NULL));
	assert_true(link.asn == 4294967295u && link.id == -1);
}

static void
a_token_with_any_bit_changed_opens_nothing(void **state)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ \x80";
	struct signed_link link;
	struct link_keys keys;
	char token[LINK_TOKEN_MAX], other[LINK_TOKEN_MAX + 4];

	(void)state;
	assert_true(link_keys_make(path, NULL));
	assert_true(link_keys_read(&keys, path, NULL));
	link_sign(token, &an_alert, &keys);
	for (size_t i = 0; i <= strlen(token); i++)
		for (const char *digit = digits; *digit != '\0'; digit++) {
			memset(other, 0, sizeof(other));
			strcpy(other, token);
			if (other[i] == *digit)
				continue;
			other[i] = *digit; /* the last one makes it longer */
			assert_false(
			    link_verify(&link, other, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, NULL));
		}
	for (size_t len = 0; len < strlen(token); len++) {
		memset(other, 0, sizeof(other));
		memcpy(other, token, len);
		assert_false(link_verify(&link, other, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, NULL));
	}
}

static void
an_older_key_still_opens_and_no_longer_signs(void **state)
{
	static const char a[] =
	    "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n",
			  b[] =
			      "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb\n";
	struct signed_link link;
	struct link_keys keys;
	char both[300], old_token[LINK_TOKEN_MAX], new_token[LINK_TOKEN_MAX];

	(void)state;
	put(a, 0600);
	assert_true(link_keys_read(&keys, path, NULL));
	link_sign(old_token, &an_alert, &keys);
	snprintf(both, sizeof(both), "# the newest first\n%s\n%s", b, a);
	put(both, 0640);
	assert_true(link_keys_read(&keys, path, NULL));
	assert_int_equal(keys.count, 2);
	link_sign(new_token, &an_alert, &keys);
	assert_string_not_equal(old_token, new_token);
	assert_true(link_verify(&link, old_token, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, NULL));
	assert_true(link_verify(&link, new_token, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, NULL));
	put(b, 0600);
	assert_true(link_keys_read(&keys, path, NULL));
	assert_false(link_verify(&link, old_token, LINK_ACKNOWLEDGE, NOW_UTC_SEC, &keys, NULL));
}

static void
a_key_file_that_is_none_is_refused_with_its_line(void **state)
{
	static const struct {
		const char *text, *says;
	} rows[] = {
		{ "", ": no key in it" },
		{ "# nothing\n\n", ": no key in it" },
		{ "abc\n", ":1: no key" },
		{ "#\nAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA\n",
		  ":2: no key" },
		{ "0000000000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000000000"
		  "0000000000000000000000000000000000000000000000000000000000000000\n",
		  ":1: no key" },
	};
	struct link_keys keys;
	struct error err = { 0 };

	(void)state;
	assert_false(link_keys_read(&keys, path, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
		put(rows[i].text, 0600);
		assert_false(link_keys_read(&keys, path, &err));
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.text, rows[i].says));
	}
	put("aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\n", 0644);
	assert_false(link_keys_read(&keys, path, &err));
	assert_non_null(strstr(err.text, "others may read or write it"));
	assert_int_equal(keys.count, 0);
}

static void
a_key_is_made_once_for_its_owner_alone(void **state)
{
	struct link_keys first, second;
	struct stat status;

	(void)state;
	assert_true(link_keys_make(path, NULL));
	assert_true(link_keys_read(&first, path, NULL));
	assert_true(link_keys_make(path, NULL));
	assert_true(link_keys_read(&second, path, NULL));
	assert_memory_equal(&first, &second, sizeof(first));
	assert_int_equal(stat(path, &status), 0);
	assert_int_equal(status.st_mode & 0777, 0600);
}

#define KEY_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hmac_is_that_of_rfc_4231),
		KEY_TEST(what_was_signed_is_found_in_it_until_it_expires),
		KEY_TEST(a_token_with_any_bit_changed_opens_nothing),
		KEY_TEST(an_older_key_still_opens_and_no_longer_signs),
		KEY_TEST(a_key_file_that_is_none_is_refused_with_its_line),
		KEY_TEST(a_key_is_made_once_for_its_owner_alone),
	};

	return cmocka_run_group_tests_name("signed_link", tests, NULL, NULL);
}
