/* links: base/signed_link.c base/error.c */
/* pkgs: gnutls */
/* test_signed_link.c - tokens of links in mails: what is let in, and what is not. */
#include <fcntl.h>
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

#include "ixwatch/signed_link.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW      INT64_C(1796000000)

static const struct link_keys keys = {
	.count = 2, .key = { "the first key, of 32 octets...", "the second one" }
};
static const struct link_claim claim = { .purpose = LINK_ACKNOWLEDGE,
					 .id = 4711,
					 .expires_utc_sec = NOW + 60,
					 .scope = "noc@example.net" };

static void
what_was_signed_is_read_back(void **state)
{
	char token[LINK_TOKEN_SIZE];
	struct link_claim back;

	(void)state;
	link_sign(token, &keys, &claim);
	assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW), LINK_GOOD);
	assert_int_equal(back.purpose, LINK_ACKNOWLEDGE);
	assert_int_equal(back.id, 4711);
	assert_int_equal(back.expires_utc_sec, NOW + 60);
	assert_string_equal(back.scope, "noc@example.net");
	assert_int_equal(
	    strspn(token, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"),
	    strlen(token));
}

static void
scopes_of_every_length_come_back_and_longer_ones_are_not_signed(void **state)
{
	char token[LINK_TOKEN_SIZE];

	(void)state;
	for (size_t len = 0; len <= LINK_SCOPE_MAX + 1; len++) {
		struct link_claim long_one = claim, back;

		memset(long_one.scope, 0, sizeof(long_one.scope));
		memset(long_one.scope, 'x', len); /* the longest leaves no terminator */
		link_sign(token, &keys, &long_one);
		if (len > LINK_SCOPE_MAX) {
			assert_string_equal(token, "");
			continue;
		}
		assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW),
				 LINK_GOOD);
		assert_string_equal(back.scope, long_one.scope);
	}
}

static void
it_is_good_until_it_expires(void **state)
{
	char token[LINK_TOKEN_SIZE];
	struct link_claim back;

	(void)state;
	link_sign(token, &keys, &claim);
	assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW + 59), LINK_GOOD);
	assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW + 60),
			 LINK_EXPIRED);
	assert_int_equal(back.id, 4711);
}

static void
it_opens_one_purpose_alone(void **state)
{
	char token[LINK_TOKEN_SIZE];
	struct link_claim back;

	(void)state;
	link_sign(token, &keys, &claim);
	assert_int_equal(link_verify(&back, &keys, LINK_REPORT, token, NOW), LINK_FALSE);
}

/* Every bit of it, each flipped alone: 90 characters of 6 bits and more. */
static void
a_token_with_one_character_changed_is_false(void **state)
{
	static const char all[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/ %.~";
	char token[LINK_TOKEN_SIZE];
	struct link_claim back = { .id = 1 };

	(void)state;
	link_sign(token, &keys, &claim);
	for (size_t i = 0; token[i] != '\0'; i++) {
		char right = token[i];

		for (const char *c = all; *c != '\0'; c++) {
			token[i] = *c;
			if (*c != right)
				assert_int_equal(
				    link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW),
				    LINK_FALSE);
		}
		token[i] = right;
	}
	assert_int_equal(back.id, 1); /* nothing was written */
}

static void
a_token_that_was_cut_or_lengthened_is_false(void **state)
{
	char token[LINK_TOKEN_SIZE], other[LINK_TOKEN_SIZE + 8];
	struct link_claim back;
	size_t len;

	(void)state;
	link_sign(token, &keys, &claim);
	len = strlen(token);
	for (size_t cut = 0; cut < len; cut++) {
		memcpy(other, token, cut);
		other[cut] = '\0';
		assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, other, NOW),
				 LINK_FALSE);
	}
	for (const char *const *more = (const char *const[]) { "A", "AA", "AAAA", "=", "\n", NULL };
	     *more != NULL; more++) {
		snprintf(other, sizeof(other), "%s%s", token, *more);
		assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, other, NOW),
				 LINK_FALSE);
	}
}

static void
any_text_at_all_is_false(void **state)
{
	char text[2 * LINK_TOKEN_SIZE];
	struct link_claim back;

	(void)state;
	srandom(7);
	for (unsigned i = 0; i < 20000; i++) {
		size_t len = (size_t)random() % (sizeof(text) - 1);

		for (size_t j = 0; j < len; j++)
			text[j] = i % 2 ? (char)(1 + random() % 255) : "ABCxyz019-_"[random() % 11];
		text[len] = '\0';
		assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, text, NOW),
				 LINK_FALSE);
	}
}

static void
a_key_that_went_to_the_second_line_is_still_good_and_one_taken_out_is_not(void **state)
{
	struct link_keys old = { .count = 1 }, gone = { .count = 1 }, none = { 0 };
	char token[LINK_TOKEN_SIZE];
	struct link_claim back;

	(void)state;
	memcpy(old.key[0], keys.key[1], LINK_KEY_LEN);
	memcpy(gone.key[0], keys.key[0], LINK_KEY_LEN);
	link_sign(token, &old, &claim);
	assert_int_equal(link_verify(&back, &keys, LINK_ACKNOWLEDGE, token, NOW), LINK_GOOD);
	assert_int_equal(link_verify(&back, &gone, LINK_ACKNOWLEDGE, token, NOW), LINK_FALSE);
	assert_int_equal(link_verify(&back, &none, LINK_ACKNOWLEDGE, token, NOW), LINK_FALSE);
	assert_string_equal(link_sign(token, &none, &claim), "");
}

/* Computed with Python's hmac and base64. */
static void
the_code_is_hmac_sha_256(void **state)
{
	struct link_keys one = { .count = 1 };
	char token[LINK_TOKEN_SIZE];

	(void)state;
	for (unsigned i = 0; i < LINK_KEY_LEN; i++)
		one.key[0][i] = (unsigned char)i;
	assert_string_equal(link_sign(token, &one, &claim),
			    "AQEAAAAAawzJPAAAAAAAABJnbm9jQGV4YW1wbGUubmV0H6_dS6qBpB8hcjV-gYX-"
			    "ALesEqe9vulFwyIXR2CNmjs");
}

/* --- the file --- */

static char folder[] = "/tmp/ixwatch-links-XXXXXX";
static char path[sizeof(folder) + 16];

static int
make_folder(void **state)
{
	(void)state;
	snprintf(path, sizeof(path), "%s/keys", mkdtemp(folder));
	return 0;
}

static int
remove_folder(void **state)
{
	(void)state;
	unlink(path);
	return rmdir(folder); /* also proves that nothing was left beside */
}

static void
put_file(const char *text, mode_t mode)
{
	int fd = open(path, O_CREAT | O_TRUNC | O_WRONLY, 0600);

	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	assert_int_equal(fchmod(fd, mode), 0);
	close(fd);
}

#define KEY_A "00112233445566778899aabbccddeeff00112233445566778899AABBCCDDEEFF"
#define KEY_B "ffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffffff"

static const struct file_case {
	const char *name, *text;
	mode_t mode;
	size_t count; /* 0: it is refused */
	const char *said;
} files[] = {
	{ "a file of one key", KEY_A "\n", 0600, 1, "" },
	{ "the last line may lack its end", KEY_A, 0600, 1, "" },
	{ "two keys, an empty line, a DOS line end", KEY_A "\r\n\n" KEY_B "\n", 0640, 2, "" },
	{ "others may not read it", KEY_A "\n", 0644, 0, "0644" },
	{ "the group may not write it", KEY_A "\n", 0660, 0, "0660" },
	{ "an empty file holds no key", "", 0600, 0, "holds no key" },
	{ "a short key is none", "0011\n", 0600, 0, ":1: is no key" },
	{ "a key with a wrong digit is none, and is not shown", KEY_A "\nx" KEY_B "\n", 0600, 0,
	  ":2: is no key" },
	{ "nine keys are too many",
	  KEY_A "\n" KEY_A "\n" KEY_A "\n" KEY_A "\n" KEY_A "\n" KEY_A "\n" KEY_A "\n" KEY_A
		"\n" KEY_A "\n",
	  0600, 0, ":9: is no key" },
};

static void
check_file(void **state)
{
	const struct file_case *c = *state;
	struct link_keys read;
	struct error err = { 0 };

	put_file(c->text, c->mode);
	assert_int_equal(link_keys_read(&read, path, &err), c->count > 0);
	assert_int_equal(read.count, c->count);
	assert_non_null(strstr(err.text, c->said));
	assert_null(strstr(err.text, "fffff"));
	assert_int_equal(link_keys_make(&read, path, &err),
			 c->count > 0); /* what is there is kept */
	unlink(path);
}

static void
a_missing_file_is_made_once_and_for_its_owner_alone(void **state)
{
	struct link_keys first, again;
	struct error err = { 0 };
	struct stat st;

	(void)state;
	assert_false(link_keys_read(&first, path, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_true(link_keys_make(&first, path, &err));
	assert_int_equal(stat(path, &st), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
	assert_true(link_keys_make(&again, path, &err));
	assert_memory_equal(&first, &again, sizeof(first));
	unlink(path);
	assert_true(link_keys_make(&again, path, &err));
	assert_memory_not_equal(first.key[0], again.key[0], LINK_KEY_LEN);
	unlink(path);
}

static void
without_a_configured_file_it_lies_beside_the_ledger(void **state)
{
	char dst[LINK_PATH_SIZE];

	(void)state;
	assert_string_equal(link_keys_path(dst, "/var/lib/ixwatch", ""),
			    "/var/lib/ixwatch/link.key");
	assert_string_equal(link_keys_path(dst, "/var/lib/ixwatch", "/etc/key"), "/etc/key");
}

static void
a_file_that_cannot_be_made_is_said(void **state)
{
	struct link_keys made;
	struct error err = { 0 };

	(void)state;
	assert_false(link_keys_make(&made, "/nowhere/at/all/keys", &err));
	assert_int_equal(err.code, ERR_IO);
	assert_non_null(strstr(err.text, "/nowhere/at/all/keys"));
	assert_int_equal(made.count, 0);
}

int
main(void)
{
	struct CMUnitTest tests[32] = {
		cmocka_unit_test(what_was_signed_is_read_back),
		cmocka_unit_test(scopes_of_every_length_come_back_and_longer_ones_are_not_signed),
		cmocka_unit_test(it_is_good_until_it_expires),
		cmocka_unit_test(it_opens_one_purpose_alone),
		cmocka_unit_test(a_token_with_one_character_changed_is_false),
		cmocka_unit_test(a_token_that_was_cut_or_lengthened_is_false),
		cmocka_unit_test(any_text_at_all_is_false),
		cmocka_unit_test(
		    a_key_that_went_to_the_second_line_is_still_good_and_one_taken_out_is_not),
		cmocka_unit_test(the_code_is_hmac_sha_256),
		cmocka_unit_test(a_missing_file_is_made_once_and_for_its_owner_alone),
		cmocka_unit_test(a_file_that_cannot_be_made_is_said),
		cmocka_unit_test(without_a_configured_file_it_lies_beside_the_ledger),
	};
	size_t count = 12;

	for (size_t i = 0; i < COUNT(files); i++)
		tests[count++] = (struct CMUnitTest) { files[i].name, check_file, NULL, NULL,
						       (void *)&files[i] };
	return _cmocka_run_group_tests("signed links", tests, count, make_folder, remove_folder);
}
