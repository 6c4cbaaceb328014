/* links: base/accounts.c base/accounts_file.c base/password.c base/digest.c base/units.c base/decimal.c base/error.c */
/* pkgs: gnutls libcrypt */
/* test_accounts.c - users and tokens files: what is read of good ones, what is said of bad ones, and what a scope holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "config_scratch.h"
#include "ixwatch/accounts.h"

/* A hash of libcrypt's, of a password that nobody knows; and a digest. */
#define HASH   "$y$j9T$ZwqJ4UcvbCKVPdRMBQDfh0$fE4KkrPxWcE0p9TVds9eDscooaCfcbsEIFFe0I.E.30"
#define DIGEST "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define S8     "12345678"
#define S63    S8 S8 S8 S8 S8 S8 S8 "1234567"

struct bench {
	struct scratch scratch;
	struct said said;
	struct error err;
	struct accounts *accounts;
};

static void
begin(struct bench *bench)
{
	*bench = (struct bench) { 0 };
	scratch_new(&bench->scratch);
}

static void
end(struct bench *bench)
{
	accounts_free(bench->accounts);
	said_clear(&bench->said);
	scratch_free(&bench->scratch);
}

static bool
load(struct bench *bench)
{
	return accounts_load(&bench->accounts, scratch_path(&bench->scratch, "users"), said_add,
			     &bench->said, &bench->err);
}

/* --- lines --- */

#define U(text) .users = text
#define T(text) .tokens = text

static const struct line_case {
	const char *name;
	const char *users, *tokens; /* NULL: a good one, no file */
	const char *want;           /* part of what is said; NULL: it is good */
	size_t user_count, token_count;
} lines[] = {
	{ "an empty file has nobody in it", U("") },
	{ "comments and empty lines are no accounts", U("# a:b:c\n\n#\n\r\n") },
	{ "an account", U("kim:" HASH ":viewer\n"), NULL, NULL, 1, 0 },
	{ "the last line may lack its end", U("kim:" HASH ":viewer"), NULL, NULL, 1, 0 },
	{ "lines may end as in other systems", U("kim:" HASH ":viewer\r\nlea:" HASH ":admin\r\n"),
	  NULL, NULL, 2, 0 },
	{ "an account with scopes", U("kim:" HASH ":operator:exchange:fra,asn:64500\n"), NULL, NULL,
	  1, 0 },
	{ "the longest name", U(S63 ":" HASH ":viewer\n"), NULL, NULL, 1, 0 },
	{ "a token", NULL, T("ci:" DIGEST ":viewer:1700000000:0\n"), NULL, 0, 1 },
	{ "a token with scopes", NULL, T("ci:" DIGEST ":viewer:0:4294967295:asn:1\n"), NULL, 0, 1 },
	{ "a token and an account may have one name", U("kim:" HASH ":viewer\n"),
	  T("kim:" DIGEST ":viewer:0:0\n"), NULL, 1, 1 },

	{ "a name alone", U("kim\n"), NULL, "users:1: 1 fields" },
	{ "no role", U("kim:" HASH "\n"), NULL, "users:1: 2 fields" },
	{ "no name", U(":" HASH ":viewer\n"), NULL, "users:1: name \"\"" },
	{ "a name that is too long", U(S63 "x:" HASH ":viewer\n"), NULL, "users:1: name" },
	{ "a name that would be a file's", U("../kim:" HASH ":viewer\n"), NULL, "users:1: name" },
	{ "a name that would be an option", U("-kim:" HASH ":viewer\n"), NULL, "users:1: name" },
	{ "a name that would be markup", U("<b>:" HASH ":viewer\n"), NULL, "users:1: name" },
	{ "a blank before the line", U(" kim:" HASH ":viewer\n"), NULL, "users:1: a blank" },
	{ "a blank before a comment", U(" # kim\n"), NULL, "users:1: a blank" },
	{ "a tab behind the line", U("kim:" HASH ":viewer\t\n"), NULL, "users:1: a blank" },
	{ "letters beyond ASCII", U("j\xc3\xb6rg:" HASH ":viewer\n"), NULL, "users:1: a blank" },
	{ "half a line's end", U("kim:" HASH ":viewer\rlea:" HASH ":admin\n"), NULL,
	  "users:1: a blank" },
	{ "no hash", U("kim::admin\n"), NULL, "users:1: this is no crypt(3) hash" },
	{ "a star for a hash", U("kim:*:admin\n"), NULL, "users:1: this is no crypt(3) hash" },
	{ "a password for a hash", U("kim:secret:admin\n"), NULL, "users:1: " },
	{ "the beginning of a hash", U("kim:$y$j9T$abc:admin\n"), NULL, "users:1: this is no" },
	{ "MD5", U("kim:$1$abcdefgh$0123456789012345678901234567890:admin\n"), NULL,
	  "a method that is weak" },
	{ "DES", U("kim:abJnggxhB/yWI:admin\n"), NULL, "users:1: " },
	{ "a role that is none", U("kim:" HASH ":root\n"), NULL, "users:1: role \"root\"" },
	{ "nobody is no role to give", U("kim:" HASH ":nobody\n"), NULL, "users:1: role" },
	{ "no role between its colons", U("kim:" HASH "::asn:1\n"), NULL, "users:1: role" },
	{ "a role in capitals", U("kim:" HASH ":Viewer\n"), NULL, "users:1: role" },
	{ "a colon and no scope would mean everything", U("kim:" HASH ":viewer:\n"), NULL,
	  "users:1: a colon behind the role" },
	{ "a comma and no scope, too", U("kim:" HASH ":viewer:asn:1,\n"), NULL,
	  "users:1: a comma behind" },
	{ "nothing between two commas", U("kim:" HASH ":viewer:asn:1,,asn:2\n"), NULL,
	  "users:1: scope \"\"" },
	{ "an ASN of 0 would be every port without a peer", U("kim:" HASH ":viewer:asn:0\n"), NULL,
	  "users:1: scope" },
	{ "an ASN beyond 32 bits", U("kim:" HASH ":viewer:asn:4294967296\n"), NULL,
	  "users:1: scope" },
	{ "an ASN with its letters", U("kim:" HASH ":viewer:asn:AS1\n"), NULL, "users:1: scope" },
	{ "a scope of another kind", U("kim:" HASH ":viewer:port:1\n"), NULL, "users:1: scope" },
	{ "an exchange without a name", U("kim:" HASH ":viewer:exchange:\n"), NULL,
	  "users:1: scope" },
	{ "an exchange with a name that is too long", U("kim:" HASH ":viewer:exchange:" S63 "x\n"),
	  NULL, "users:1: scope" },
	{ "two accounts of a name", U("kim:" HASH ":viewer\n\nkim:" HASH ":admin\n"), NULL,
	  "users:3: there is an account \"kim\" above" },
	{ "one bad line is enough", U("lea:" HASH ":admin\nkim\n"), NULL, "users:2: " },

	{ "a token of too few fields", NULL, T("ci:" DIGEST ":viewer:0\n"), "users.tokens:1: 4" },
	{ "a digest that is too short", NULL, T("ci:0011:viewer:0:0\n"), "no SHA-256" },
	{ "a digest in capitals", NULL,
	  T("ci:00112233445566778899AABBCCDDEEFF00112233445566778899AABBCCDDEEFF:viewer:0:0\n"),
	  "no SHA-256" },
	{ "an end that is no number", NULL, T("ci:" DIGEST ":viewer:0:never\n"), "expires" },
	{ "an end before 1970", NULL, T("ci:" DIGEST ":viewer:0:-1\n"), "expires" },
	{ "a beginning that is no number", NULL, T("ci:" DIGEST ":viewer::0\n"), "created" },
	{ "a token's role that is none", NULL, T("ci:" DIGEST ":boss:0:0\n"), "role" },
	{ "a token's colon and no scope", NULL, T("ci:" DIGEST ":viewer:0:0:\n"), "a colon" },
	{ "two tokens of a name", NULL, T("ci:" DIGEST ":viewer:0:0\nci:" DIGEST ":admin:0:0\n"),
	  "users.tokens:2: there is" },
};

static void
check_line(void **state)
{
	const struct line_case *c = *state;
	struct bench bench;

	begin(&bench);
	scratch_write_mode(&bench.scratch, "users", c->users == NULL ? "" : c->users, 0640);
	if (c->tokens != NULL)
		scratch_write_mode(&bench.scratch, "users.tokens", c->tokens, 0640);
	bool loaded = load(&bench);
	if (loaded != (c->want == NULL))
		fail_msg("%s", loaded ? "it was read" : bench.err.text);
	if (loaded) {
		assert_int_equal(bench.accounts->user_count, c->user_count);
		assert_int_equal(bench.accounts->token_count, c->token_count);
	} else {
		assert_null(bench.accounts);
		assert_non_null(strstr(bench.said.text, c->want));
		assert_int_equal(bench.said.count, 1);
		assert_memory_equal(bench.said.text, bench.err.text, strlen(bench.err.text));
		assert_null(strstr(bench.said.text, HASH));
		assert_null(strstr(bench.said.text, "secret"));
	}
	end(&bench);
}

static void
test_a_line_is_kept_as_it_was_meant(void **state)
{
	struct bench bench;
	char text[ACCOUNT_TEXT_MAX];
	unsigned char digest[DIGEST_LEN];

	(void)state;
	begin(&bench);
	scratch_write_mode(&bench.scratch, "users",
			   "kim:" HASH ":operator:exchange:fra,asn:64500,exchange:fra\n"
			   "lea:" HASH ":admin\n",
			   0600);
	scratch_write_mode(&bench.scratch, "users.tokens",
			   "ci:" DIGEST ":viewer:1700000000:1800000000:asn:64501\n", 0600);
	assert_true(load(&bench));
	const struct account *kim = accounts_user_find(bench.accounts, "kim");
	assert_string_equal(kim->hash, HASH);
	assert_int_equal(kim->role, ROLE_OPERATOR);
	assert_string_equal(account_scopes_format(text, &kim->scopes), "exchange:fra,asn:64500");
	assert_int_equal(accounts_user_find(bench.accounts, "lea")->scopes.count, 0);
	assert_null(accounts_user_find(bench.accounts, "Kim"));
	assert_null(accounts_user_find(bench.accounts, ""));
	assert_true(digest_parse(digest, DIGEST));
	const struct account_token *ci = accounts_token_find(bench.accounts, digest);
	assert_ptr_equal(ci, accounts_token_named(bench.accounts, "ci"));
	assert_int_equal(ci->created_utc_sec, 1700000000);
	assert_int_equal(ci->expires_utc_sec, 1800000000);
	digest[DIGEST_LEN - 1] ^= 1;
	assert_null(accounts_token_find(bench.accounts, digest));
	end(&bench);
}

static void
test_every_fault_of_both_files_is_said(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	scratch_write_mode(&bench.scratch, "users", "a\nkim:" HASH ":viewer\nb:x:viewer\n", 0600);
	scratch_write_mode(&bench.scratch, "users.tokens", "# none\nc\n", 0600);
	assert_false(load(&bench));
	assert_int_equal(bench.said.count, 3);
	assert_non_null(strstr(bench.said.text, "users:1: "));
	assert_non_null(strstr(bench.said.text, "users:3: "));
	assert_non_null(strstr(bench.said.text, "users.tokens:2: "));
	assert_non_null(strstr(bench.err.text, "users:1: "));
	end(&bench);
}

static void
test_a_file_of_faults_is_not_said_in_full(void **state)
{
	struct bench bench;
	char *text = NULL;
	size_t len;
	FILE *stream = open_memstream(&text, &len);

	(void)state;
	begin(&bench);
	for (int i = 0; i < 5000; i++)
		fputs("x\n", stream);
	fclose(stream);
	scratch_write_mode(&bench.scratch, "users", text, 0600);
	assert_false(load(&bench));
	assert_int_equal(bench.said.count, 50);
	free(text);
	end(&bench);
}

static void
test_many_accounts_are_all_there(void **state)
{
	struct bench bench;
	char *text = NULL, name[16];
	size_t len;
	FILE *stream = open_memstream(&text, &len);

	(void)state;
	begin(&bench);
	for (int i = 0; i < 300; i++)
		fprintf(stream, "u%d:" HASH ":viewer:asn:%d\n", i, i + 1);
	fclose(stream);
	scratch_write_mode(&bench.scratch, "users", text, 0600);
	assert_true(load(&bench));
	assert_int_equal(bench.accounts->user_count, 300);
	for (int i = 0; i < 300; i++) {
		snprintf(name, sizeof(name), "u%d", i);
		assert_int_equal(accounts_user_find(bench.accounts, name)->scopes.scope[0].asn,
				 i + 1);
	}
	free(text);
	end(&bench);
}

/* Octets that are no text at all: said with their line, and nothing of them is taken. */
static void
test_octets_at_random_are_refused(void **state)
{
	unsigned char octets[4096];
	struct bench bench;

	(void)state;
	srandom(7);
	for (int round = 0; round < 50; round++) {
		begin(&bench);
		for (size_t i = 0; i < sizeof(octets); i++)
			octets[i] = (unsigned char)random();
		scratch_write(&bench.scratch, "users", octets, sizeof(octets));
		assert_false(load(&bench));
		assert_non_null(strstr(bench.err.text, "users:"));
		end(&bench);
	}
	begin(&bench);
	scratch_write(&bench.scratch, "users", "kim\0:" HASH ":admin\n", 9 + sizeof(HASH));
	assert_false(load(&bench));
	assert_non_null(strstr(bench.err.text, "users:1: a blank, a control"));
	end(&bench);
}

static void
test_a_long_line_is_refused_as_a_whole(void **state)
{
	struct bench bench;
	char *text = malloc(8001);

	(void)state;
	begin(&bench);
	memset(text, 'x', 8000);
	text[8000] = '\0';
	scratch_write_mode(&bench.scratch, "users", text, 0600);
	assert_false(load(&bench));
	assert_non_null(strstr(bench.err.text, "users:1: the line is longer"));
	text[0] = '#'; /* whatever a comment says */
	scratch_write_mode(&bench.scratch, "users", text, 0600);
	assert_true(load(&bench));
	free(text);
	end(&bench);
}

/* --- the file itself --- */

static const struct mode_case {
	mode_t mode;
	bool is_good;
} modes[] = {
	{ 0600, true },  { 0640, true },  { 0400, true },  { 0440, true },
	{ 0750, true },  { 0644, false }, { 0660, false }, { 0604, false },
	{ 0620, false }, { 0602, false }, { 0601, false }, { 0777, false },
};

static void
test_modes_of_both_files(void **state)
{
	static const char *const names[] = { "users", "users.tokens" };

	(void)state;
	for (size_t i = 0; i < 2 * COUNT(modes); i++) {
		const struct mode_case *c = &modes[i / 2];
		struct bench bench;

		begin(&bench);
		scratch_write_mode(&bench.scratch, "users", "", 0600);
		scratch_write_mode(&bench.scratch, names[i % 2], "", c->mode);
		if (load(&bench) != c->is_good)
			fail_msg("%s with mode %04o", names[i % 2], c->mode);
		if (!c->is_good)
			assert_non_null(strstr(bench.err.text, "chmod 0640"));
		end(&bench);
	}
}

static void
test_what_is_no_regular_file_is_refused_at_once(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench);
	assert_false(load(&bench));
	assert_non_null(strstr(bench.err.text, "No such file"));
	assert_int_equal(mkdir(scratch_path(&bench.scratch, "users"), 0700), 0);
	assert_false(load(&bench));
	assert_non_null(strstr(bench.err.text, "no regular file"));
	assert_int_equal(rmdir(scratch_path(&bench.scratch, "users")), 0);
	assert_int_equal(mkfifo(scratch_path(&bench.scratch, "users"), 0600), 0);
	assert_false(load(&bench)); /* nobody will ever write to it */
	assert_non_null(strstr(bench.err.text, "no regular file"));
	end(&bench);
}

static void
test_a_file_has_at_most_a_mebibyte(void **state)
{
	const size_t most = 1 << 20;
	struct bench bench;
	char *text = malloc(most + 1);

	(void)state;
	begin(&bench);
	memset(text, '\n', most + 1);
	scratch_write(&bench.scratch, "users", text, most);
	assert_true(load(&bench));
	scratch_write(&bench.scratch, "users", text, most + 1);
	accounts_free(bench.accounts);
	bench.accounts = NULL;
	assert_false(load(&bench));
	assert_non_null(strstr(bench.err.text, "1048577 octets"));
	free(text);
	end(&bench);
}

static void
test_a_change_of_either_file_is_seen(void **state)
{
	struct bench bench;
	char path[600];

	(void)state;
	begin(&bench);
	snprintf(path, sizeof(path), "%s", scratch_path(&bench.scratch, "users"));
	int64_t none = accounts_stamp(path);
	scratch_write_mode(&bench.scratch, "users", "", 0600);
	int64_t empty = accounts_stamp(path);
	assert_int_not_equal(none, empty);
	assert_int_equal(accounts_stamp(path), empty);
	chmod(path, 0640);
	int64_t mode = accounts_stamp(path);
	assert_int_not_equal(empty, mode);
	scratch_write_mode(&bench.scratch, "users.tokens", "", 0600);
	assert_int_not_equal(accounts_stamp(path), mode);
	unlink(scratch_path(&bench.scratch, "users.tokens"));
	assert_int_equal(accounts_stamp(path), mode);
	end(&bench);
}

/* --- roles and scopes --- */

static void
test_each_role_may_what_the_ones_before_it_may(void **state)
{
	enum account_role role;

	(void)state;
	assert_true(ROLE_NOBODY < ROLE_VIEWER && ROLE_VIEWER < ROLE_OPERATOR &&
		    ROLE_OPERATOR < ROLE_ADMIN);
	for (unsigned i = ROLE_VIEWER; i < ROLE_COUNT; i++) {
		assert_true(account_role_parse(account_role_name((enum account_role)i), &role));
		assert_int_equal(role, i);
	}
	assert_false(account_role_parse("nobody", &role));
	assert_false(account_role_parse("", &role));
}

static const struct scope_case {
	const char *scopes, *exchange;
	uint32_t asn;
	bool holds;
} scope_cases[] = {
	{ "", "fra", 64500, true },
	{ "", "fra", 0, true },
	{ "exchange:fra", "fra", 64500, true },
	{ "exchange:fra", "fra", 0, true },
	{ "exchange:fra", "fra2", 64500, false },
	{ "exchange:fra", "fr", 64500, false },
	{ "exchange:fra", "FRA", 64500, false },
	{ "exchange:fra", "", 0, false },
	{ "asn:64500", "fra", 64500, true },
	{ "asn:64500", "ams", 64500, true },
	{ "asn:64500", "fra", 64501, false },
	{ "asn:64500", "fra", 0, false }, /* a port without a peer is nobody's */
	{ "asn:64500", "", 0, false },    /* nor is all of an exchange */
	{ "exchange:fra,asn:64500", "ams", 64500, true },
	{ "exchange:fra,asn:64500", "fra", 64501, true },
	{ "exchange:fra,asn:64500", "ams", 64501, false },
	{ "asn:1,asn:2", "ams", 2, true },
};

static void
test_what_scopes_hold(void **state)
{
	struct account_scopes scopes;
	struct error err;

	(void)state;
	for (size_t i = 0; i < COUNT(scope_cases); i++) {
		const struct scope_case *c = &scope_cases[i];

		assert_true(account_scopes_parse(c->scopes, &scopes, &err));
		if (account_scopes_hold(&scopes, c->exchange, c->asn) != c->holds)
			fail_msg("\"%s\" and AS%u at \"%s\"", c->scopes, c->asn, c->exchange);
	}
	assert_true(account_scopes_parse("asn:64500", &scopes, &err));
	assert_false(account_scopes_hold_exchange(&scopes, "fra"));
	assert_true(account_scopes_parse("asn:64500,exchange:fra", &scopes, &err));
	assert_true(account_scopes_hold_exchange(&scopes, "fra"));
	assert_false(account_scopes_hold_exchange(&scopes, "ams"));
}

static void
test_scopes_are_at_most_sixteen_and_print_as_they_are_read(void **state)
{
	static const char sixteen[] = "exchange:" S63 ",asn:1,asn:2,asn:3,asn:4,asn:5,asn:6,asn:7,"
				      "asn:8,asn:9,asn:10,asn:11,asn:12,asn:13,asn:14,"
				      "asn:4294967295";
	char more[sizeof(sixteen) + 16], text[ACCOUNT_TEXT_MAX];
	struct account_scopes scopes;
	struct error err;

	(void)state;
	assert_true(account_scopes_parse(sixteen, &scopes, &err));
	assert_string_equal(account_scopes_format(text, &scopes), sixteen);
	snprintf(more, sizeof(more), "%s,asn:16", sixteen);
	assert_false(account_scopes_parse(more, &scopes, &err));
	assert_non_null(strstr(err.text, "more than 16"));
	snprintf(more, sizeof(more), "%s,asn:1", sixteen); /* one that is there already */
	assert_true(account_scopes_parse(more, &scopes, &err));
}

/* --- passwords --- */

static void
test_a_password_fits_its_own_hash_alone(void **state)
{
	char hash[PASSWORD_HASH_MAX], again[PASSWORD_HASH_MAX];
	struct error err;

	(void)state;
	assert_true(password_hash(hash, "correct horse", &err));
	assert_true(password_hash(again, "correct horse", &err));
	assert_string_not_equal(hash, again);
	assert_true(password_hash_check(hash, &err));
	assert_memory_equal(hash, "$y$", 3);
	assert_true(password_matches(hash, "correct horse"));
	assert_false(password_matches(hash, "correct horsf"));
	assert_false(password_matches(hash, ""));
	assert_false(password_matches("", "correct horse"));
	assert_false(password_matches("*0", "correct horse"));
	hash[strlen(hash) - 1] = '\0';
	assert_false(password_matches(hash, "correct horse"));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(lines) + 14] = {
		cmocka_unit_test(test_a_line_is_kept_as_it_was_meant),
		cmocka_unit_test(test_every_fault_of_both_files_is_said),
		cmocka_unit_test(test_a_file_of_faults_is_not_said_in_full),
		cmocka_unit_test(test_many_accounts_are_all_there),
		cmocka_unit_test(test_octets_at_random_are_refused),
		cmocka_unit_test(test_a_long_line_is_refused_as_a_whole),
		cmocka_unit_test(test_modes_of_both_files),
		cmocka_unit_test(test_what_is_no_regular_file_is_refused_at_once),
		cmocka_unit_test(test_a_file_has_at_most_a_mebibyte),
		cmocka_unit_test(test_a_change_of_either_file_is_seen),
		cmocka_unit_test(test_each_role_may_what_the_ones_before_it_may),
		cmocka_unit_test(test_what_scopes_hold),
		cmocka_unit_test(test_scopes_are_at_most_sixteen_and_print_as_they_are_read),
		cmocka_unit_test(test_a_password_fits_its_own_hash_alone),
	};
	size_t count = 14;

	for (size_t i = 0; i < COUNT(lines); i++)
		tests[count++] = (struct CMUnitTest) { lines[i].name, check_line, NULL, NULL,
						       (void *)(uintptr_t)&lines[i] };
	return cmocka_run_group_tests_name("accounts", tests, NULL, NULL);
}
