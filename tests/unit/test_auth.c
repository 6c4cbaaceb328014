/* links: web/auth.c web/client.c web/listen.c web/limit.c web/sessions.c base/accounts.c base/accounts_file.c base/password.c base/token_use.c base/digest.c base/units.c base/decimal.c base/log.c base/log_body.c base/clock.c base/error.c */
/* pkgs: gnutls libcrypt */
/* test_auth.c - who a request is from: by cookie, by token, or nobody's; and how long that holds. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <arpa/inet.h>

#include "auth.h"
#include "config_scratch.h"
#include "ixwatch/log.h"

#define HASH       "$y$j9T$ZwqJ4UcvbCKVPdRMBQDfh0$fE4KkrPxWcE0p9TVds9eDscooaCfcbsEIFFe0I.E.30"
#define OTHER_HASH "$y$j9T$ZwqJ4UcvbCKVPdRMBQDfh0$gE4KkrPxWcE0p9TVds9eDscooaCfcbsEIFFe0I.E.30"
#define TOKEN      "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define OLD_TOKEN  "1123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"
#define NONE_TOKEN "2123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef"

struct bench {
	struct scratch scratch;
	struct config config;
	struct error err;
	struct auth *auth;
	char users_file[600], cookie[AUTH_COOKIE_MAX];
};

static void
write_users(struct bench *bench, const char *text)
{
	scratch_write_mode(&bench->scratch, "users", text, 0600);
}

static void
write_tokens(struct bench *bench)
{
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX], old_hex[DIGEST_HEX], text[512];

	digest_of(digest, TOKEN, strlen(TOKEN));
	digest_format(hex, digest);
	digest_of(digest, OLD_TOKEN, strlen(OLD_TOKEN));
	digest_format(old_hex, digest);
	snprintf(text, sizeof(text), "ci:%s:operator:1:0:asn:64500\nold:%s:admin:1:2\n", hex,
		 old_hex);
	scratch_write_mode(&bench->scratch, "users.tokens", text, 0600);
}

static void
begin(struct bench *bench, const char *base_url)
{
	struct sockaddr_in *listen = (struct sockaddr_in *)&bench->config.web.listen_address;

	*bench = (struct bench) { 0 };
	scratch_new(&bench->scratch);
	snprintf(bench->users_file, sizeof(bench->users_file), "%s",
		 scratch_path(&bench->scratch, "users"));
	bench->config.file = "test.conf";
	bench->config.state_dir = bench->scratch.dir;
	bench->config.web = (struct config_web) { .listen = "127.0.0.1:0",
						  .users_file = bench->users_file,
						  .base_url = base_url,
						  .tls_cert = "",
						  .tls_key = "",
						  .session_idle_sec = 60,
						  .session_max_sec = 600 };
	*listen = (struct sockaddr_in) { .sin_family = AF_INET,
					 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	write_users(bench, "kim:" HASH ":operator:exchange:fra\nlea:" HASH ":admin\n");
	write_tokens(bench);
	if (!auth_open(&bench->auth, &bench->config, &bench->err))
		fail_msg("%s", bench->err.text);
}

static void
end(struct bench *bench)
{
	auth_close(bench->auth);
	scratch_free(&bench->scratch);
}

static struct visit
visit_from(const char *address)
{
	struct visit visit = { .target = "/", .body = "" };

	snprintf(visit.address, sizeof(visit.address), "%s", address);
	return visit;
}

/* Logs in; the Cookie header of later visits is bench->cookie. */
static bool
log_in(struct bench *bench, const char *name, const char *address)
{
	struct visit visit = visit_from(address);
	char hash[PASSWORD_HASH_MAX], set_cookie[AUTH_COOKIE_MAX];

	if (auth_login_begin(bench->auth, address, name, hash) != 0 ||
	    !auth_login_end(bench->auth, &visit, name, hash, true, set_cookie))
		return false;
	snprintf(bench->cookie, sizeof(bench->cookie), "%.*s", (int)strcspn(set_cookie, ";"),
		 set_cookie);
	return true;
}

static unsigned
ask(struct bench *bench, const char *cookie, const char *authorization, struct identity *who)
{
	struct visit visit = visit_from("192.0.2.1");
	unsigned wait_sec;

	visit.cookie = cookie;
	visit.authorization = authorization;
	return auth_identify(bench->auth, &visit, who, &wait_sec);
}

/* --- what shows who it is --- */

static const struct header_case {
	const char *name, *authorization; /* NULL: no such header */
	bool has_cookie;
	unsigned status;
	enum identity_kind kind;
} headers[] = {
	{ "neither is nobody", NULL, false, 0, WHO_NOBODY },
	{ "a session's cookie", NULL, true, 0, WHO_SESSION },
	{ "a token", "Bearer " TOKEN, false, 0, WHO_TOKEN },
	{ "a token goes before a cookie", "Bearer " TOKEN, true, 0, WHO_TOKEN },
	{ "the scheme in small letters", "bearer " TOKEN, false, 0, WHO_TOKEN },
	{ "the scheme in capitals and more blanks", "BEARER   " TOKEN, false, 0, WHO_TOKEN },
	{ "a token that is none", "Bearer " NONE_TOKEN, false, 401, WHO_NOBODY },
	{ "a token that is none never falls back on a cookie", "Bearer " NONE_TOKEN, true, 401,
	  WHO_NOBODY },
	{ "a token that has expired", "Bearer " OLD_TOKEN, false, 401, WHO_NOBODY },
	{ "a token that has expired, and a cookie", "Bearer " OLD_TOKEN, true, 401, WHO_NOBODY },
	{ "no token behind the scheme", "Bearer", true, 401, WHO_NOBODY },
	{ "blanks for a token", "Bearer  ", true, 401, WHO_NOBODY },
	{ "more behind the token", "Bearer " TOKEN " x", false, 401, WHO_NOBODY },
	{ "a token in capitals",
	  "Bearer 0123456789ABCDEF0123456789ABCDEF0123456789ABCDEF"
	  "0123456789ABCDEF",
	  false, 401, WHO_NOBODY },
	{ "Basic of a proxy before us, and a cookie", "Basic a2ltOnNlY3JldA==", true, 0,
	  WHO_SESSION },
	{ "Basic alone is nobody, not a bad token", "Basic a2ltOnNlY3JldA==", false, 0,
	  WHO_NOBODY },
	{ "Digest and a cookie", "Digest username=\"kim\"", true, 0, WHO_SESSION },
	{ "Negotiate and a cookie", "Negotiate YIIB", true, 0, WHO_SESSION },
	{ "an empty header and a cookie", "", true, 0, WHO_SESSION },
	{ "a scheme that only begins so", "BearerX " TOKEN, true, 0, WHO_SESSION },
	{ "a token without a scheme is none", TOKEN, false, 0, WHO_NOBODY },
	{ "a token of another scheme is none", "Basic " TOKEN, false, 0, WHO_NOBODY },
};

static void
check_header(void **state)
{
	const struct header_case *c = *state;
	struct identity who;
	struct bench bench;

	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "kim", "192.0.2.1"));
	assert_int_equal(ask(&bench, c->has_cookie ? bench.cookie : NULL, c->authorization, &who),
			 c->status);
	assert_int_equal(who.kind, c->kind);
	if (c->kind == WHO_SESSION)
		assert_string_equal(who.name, "kim");
	if (c->kind == WHO_TOKEN)
		assert_string_equal(who.name, "ci");
	if (c->kind == WHO_NOBODY)
		assert_int_equal(who.role, ROLE_NOBODY);
	end(&bench);
}

/* --- cookies --- */

static void
test_a_cookie_is_found_among_others_and_nowhere_else(void **state)
{
	static const struct {
		const char *name, *before, *behind;
		bool is_found;
	} cases[] = {
		{ "alone", "", "", true },
		{ "behind another", "a=b; ", "", true },
		{ "before another", "", "; a=b", true },
		{ "without a blank", "a=b;", "", true },
		{ "with a longer name", "x", "", false },
		{ "in another's value", "a=", "", false },
		{ "with more behind", "", "0", false },
		{ "with another of its name before", "ixwatch=0; ", "", true },
	};
	struct identity who;
	struct bench bench;
	char text[512];

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "kim", "192.0.2.1"));
	for (size_t i = 0; i < COUNT(cases); i++) {
		snprintf(text, sizeof(text), "%s%s%s", cases[i].before, bench.cookie,
			 cases[i].behind);
		ask(&bench, text, NULL, &who);
		if ((who.kind == WHO_SESSION) != cases[i].is_found)
			fail_msg("%s: %s", cases[i].name, text);
	}
	end(&bench);
}

/* RFC 6265bis 4.1.3.2: such a cookie cannot have been set by plain HTTP, or by a neighbour of the same domain. */
static void
test_a_cookie_of_https_is_bound_to_this_host(void **state)
{
	struct identity who;
	struct bench bench;
	char hash[PASSWORD_HASH_MAX], cookie[AUTH_COOKIE_MAX];
	struct visit visit = visit_from("192.0.2.1");

	(void)state;
	begin(&bench, "HTTPS://noc.example.net");
	assert_int_equal(auth_login_begin(bench.auth, "192.0.2.1", "kim", hash), 0);
	assert_true(auth_login_end(bench.auth, &visit, "kim", hash, true, cookie));
	assert_memory_equal(cookie, "__Host-ixwatch=", 15);
	assert_non_null(strstr(cookie, "; Path=/; HttpOnly; SameSite=Lax; Secure"));
	ask(&bench, cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_SESSION);
	ask(&bench, cookie + strlen("__Host-"), NULL, &who); /* a plain one is not taken for it */
	assert_int_equal(who.kind, WHO_NOBODY);
	end(&bench);
}

static void
test_a_session_ends_with_its_account_password_or_logout(void **state)
{
	struct identity who;
	struct bench bench;
	struct visit visit = visit_from("192.0.2.1");
	char gone[AUTH_COOKIE_MAX];

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "kim", "192.0.2.1"));
	/* Another role and scope hold from the next request on. */
	write_users(&bench, "kim:" HASH ":viewer:asn:1\nlea:" HASH ":admin\n");
	auth_refresh(bench.auth);
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_SESSION);
	assert_int_equal(who.role, ROLE_VIEWER);
	assert_int_equal(who.scopes.scope[0].asn, 1);
	/* A file that cannot be read changes nothing. */
	write_users(&bench, "kim:" HASH ":admin\nlea\n");
	auth_refresh(bench.auth);
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.role, ROLE_VIEWER);
	write_users(&bench, "kim:" OTHER_HASH ":viewer\nlea:" HASH ":admin\n");
	auth_refresh(bench.auth);
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_NOBODY);
	assert_true(log_in(&bench, "lea", "192.0.2.1"));
	visit.cookie = bench.cookie;
	auth_logout(bench.auth, &visit, gone);
	assert_non_null(strstr(gone, "Max-Age=0"));
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_NOBODY);
	assert_true(log_in(&bench, "lea", "192.0.2.1"));
	write_users(&bench, "kim:" OTHER_HASH ":viewer\n");
	auth_refresh(bench.auth);
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_NOBODY);
	end(&bench);
}

static void
test_a_login_ends_the_session_that_came_along(void **state)
{
	struct identity who;
	struct bench bench;
	struct visit visit = visit_from("192.0.2.1");
	char hash[PASSWORD_HASH_MAX], cookie[AUTH_COOKIE_MAX];

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "kim", "192.0.2.1"));
	visit.cookie = bench.cookie;
	assert_int_equal(auth_login_begin(bench.auth, "192.0.2.1", "lea", hash), 0);
	assert_true(auth_login_end(bench.auth, &visit, "lea", hash, true, cookie));
	assert_string_not_equal(cookie, bench.cookie);
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.kind, WHO_NOBODY);
	end(&bench);
}

static void
test_the_form_token_is_the_sessions_own(void **state)
{
	struct identity kim, lea, nobody, again;
	struct bench bench;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "kim", "192.0.2.1"));
	ask(&bench, bench.cookie, NULL, &kim);
	ask(&bench, bench.cookie, NULL, &again);
	assert_string_equal(kim.form_token, again.form_token);
	assert_true(log_in(&bench, "lea", "192.0.2.1"));
	ask(&bench, bench.cookie, NULL, &lea);
	ask(&bench, NULL, NULL, &nobody);
	assert_string_not_equal(kim.form_token, lea.form_token);
	assert_string_not_equal(kim.form_token, nobody.form_token);
	assert_int_equal(strlen(nobody.form_token), DIGEST_HEX - 1);
	assert_null(strstr(bench.cookie, lea.form_token));
	end(&bench);
}

/* --- attempts --- */

static void
test_a_hash_that_changed_while_it_was_compared_lets_nobody_in(void **state)
{
	struct bench bench;
	struct visit visit = visit_from("192.0.2.1");
	char hash[PASSWORD_HASH_MAX], cookie[AUTH_COOKIE_MAX];

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_int_equal(auth_login_begin(bench.auth, "192.0.2.1", "kim", hash), 0);
	assert_string_equal(hash, HASH);
	assert_false(auth_login_end(bench.auth, &visit, "kim", hash, false, cookie));
	write_users(&bench, "kim:" OTHER_HASH ":viewer\n");
	auth_refresh(bench.auth);
	assert_false(auth_login_end(bench.auth, &visit, "kim", hash, true, cookie));
	/* A name that is none costs the same, and is not let in by another's password. */
	assert_int_equal(auth_login_begin(bench.auth, "192.0.2.1", "nobody", hash), 0);
	assert_memory_equal(hash, "$y$", 3);
	assert_false(auth_login_end(bench.auth, &visit, "nobody", hash, true, cookie));
	end(&bench);
}

static unsigned
attempts_until_refused(struct bench *bench, const char *format)
{
	char address[64], name[32], hash[PASSWORD_HASH_MAX];

	for (unsigned i = 0; i < 200; i++) {
		snprintf(address, sizeof(address), format, i);
		snprintf(name, sizeof(name), "u%u", i); /* the account is not what is counted */
		if (auth_login_begin(bench->auth, address, name, hash) != 0)
			return i;
	}
	return 200;
}

static void
test_attempts_are_counted_by_network(void **state)
{
	struct bench bench;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_int_equal(attempts_until_refused(&bench, "192.0.2.1"), 10);
	assert_int_equal(attempts_until_refused(&bench, "2001:db8:0:1::%x"), 10);
	assert_int_equal(attempts_until_refused(&bench, "2001:db8:1:%x::1"), 200);
	assert_int_equal(attempts_until_refused(&bench, "198.51.100.%u"), 200);
	end(&bench);
}

static void
test_attempts_at_one_account_are_counted_wherever_they_come_from(void **state)
{
	struct bench bench;
	char address[64], hash[PASSWORD_HASH_MAX];
	unsigned count = 0;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	do
		snprintf(address, sizeof(address), "198.51.100.%u", count);
	while (auth_login_begin(bench.auth, address, "kim", hash) == 0 && ++count < 200);
	assert_int_equal(count, 5);
	assert_int_equal(auth_login_begin(bench.auth, "192.0.2.9", "lea", hash), 0);
	end(&bench);
}

static void
test_tokens_that_are_none_are_counted_and_good_ones_are_not(void **state)
{
	struct identity who;
	struct bench bench;
	unsigned count = 0;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	for (int i = 0; i < 100; i++)
		assert_int_equal(ask(&bench, NULL, "Bearer " TOKEN, &who), 0);
	for (int i = 0; i < 100; i++) /* nor is what is no attempt */
		assert_int_equal(ask(&bench, NULL, "Basic a2ltOnNlY3JldA==", &who), 0);
	while (ask(&bench, NULL, "Bearer " NONE_TOKEN, &who) == 401 && count < 100)
		count++;
	assert_int_equal(count, 10);
	assert_int_equal(ask(&bench, NULL, "Bearer " TOKEN, &who), 0);
	end(&bench);
}

/* --- the configuration --- */

static void
test_without_accounts_only_this_machine_is_served(void **state)
{
	struct sockaddr_in *listen;
	struct auth_rules *rules = NULL;
	struct identity who;
	struct bench bench;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	bench.config.web.users_file = "";
	assert_true(auth_read(&rules, bench.auth, &bench.config, &bench.err));
	ask(&bench, NULL, NULL, &who);
	assert_int_equal(who.kind, WHO_NOBODY); /* read is not in force */
	auth_use(bench.auth, rules);
	ask(&bench, NULL, "Bearer " NONE_TOKEN, &who);
	assert_int_equal(who.kind, WHO_OPEN);
	assert_int_equal(who.role, ROLE_ADMIN);
	listen = (struct sockaddr_in *)&bench.config.web.listen_address;
	listen->sin_addr.s_addr = htonl(INADDR_ANY);
	assert_false(auth_read(&rules, bench.auth, &bench.config, &bench.err));
	assert_int_equal(bench.err.code, ERR_CONFIG);
	bench.config.web.tls_cert = "/cert"; /* alone */
	listen->sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	assert_false(auth_read(&rules, bench.auth, &bench.config, &bench.err));
	end(&bench);
}

static void
refresh_says_nothing(struct bench *bench)
{
	int said = open(scratch_path(&bench->scratch, "said"), O_RDWR | O_CREAT | O_TRUNC, 0600);
	int kept = dup(STDERR_FILENO);
	struct stat st;

	dup2(said, STDERR_FILENO);
	auth_refresh(bench->auth);
	dup2(kept, STDERR_FILENO);
	close(kept);
	assert_int_equal(fstat(said, &st), 0);
	assert_int_equal(st.st_size, 0);
	close(said);
}

static void
test_accounts_that_cannot_be_read_change_nothing(void **state)
{
	struct auth_rules *rules = NULL;
	struct identity who;
	struct bench bench;

	(void)state;
	begin(&bench, "http://127.0.0.1:8080");
	assert_true(log_in(&bench, "lea", "192.0.2.1"));
	write_users(&bench, "lea:" HASH ":viewer\nkim\n");
	assert_false(auth_read(&rules, bench.auth, &bench.config, &bench.err));
	assert_null(rules);
	assert_int_equal(bench.err.code, ERR_CONFIG);
	assert_non_null(strstr(bench.err.text, "users:2: "));
	refresh_says_nothing(&bench); /* it was told */
	ask(&bench, bench.cookie, NULL, &who);
	assert_int_equal(who.role, ROLE_ADMIN);
	end(&bench);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(headers) + 11] = {
		cmocka_unit_test(test_a_cookie_is_found_among_others_and_nowhere_else),
		cmocka_unit_test(test_a_cookie_of_https_is_bound_to_this_host),
		cmocka_unit_test(test_a_session_ends_with_its_account_password_or_logout),
		cmocka_unit_test(test_a_login_ends_the_session_that_came_along),
		cmocka_unit_test(test_the_form_token_is_the_sessions_own),
		cmocka_unit_test(test_a_hash_that_changed_while_it_was_compared_lets_nobody_in),
		cmocka_unit_test(test_attempts_are_counted_by_network),
		cmocka_unit_test(test_attempts_at_one_account_are_counted_wherever_they_come_from),
		cmocka_unit_test(test_tokens_that_are_none_are_counted_and_good_ones_are_not),
		cmocka_unit_test(test_without_accounts_only_this_machine_is_served),
		cmocka_unit_test(test_accounts_that_cannot_be_read_change_nothing),
	};
	size_t count = 11;

	for (size_t i = 0; i < COUNT(headers); i++)
		tests[count++] = (struct CMUnitTest) { headers[i].name, check_header, NULL, NULL,
						       (void *)(uintptr_t)&headers[i] };
	return cmocka_run_group_tests_name("auth", tests, NULL, NULL);
}
