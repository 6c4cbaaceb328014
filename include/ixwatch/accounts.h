/* accounts.h - who may come in: the users file, and the tokens file beside it.
 *
 * Users file, a line each:   name:crypt(3) hash:role[:scopes]
 * Tokens file (its name with ".tokens" behind it), written by `ixwatch user token`:
 *                            name:SHA-256 of the token:role:created:expires[:scopes]   times as Unix seconds, 0: never
 * Scopes are exchange:SLUG and asn:N, separated by commas; none: everything.  '#' begins a comment line.  Both files
 * are read whole or not at all: every error is told as file:line. */
#ifndef IXWATCH_ACCOUNTS_H
#define IXWATCH_ACCOUNTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/digest.h"
#include "ixwatch/error.h"
#include "ixwatch/password.h"

#define ACCOUNT_NAME_MAX   64 /* octets, with the terminator */
#define ACCOUNT_SLUG_MAX   64
#define ACCOUNT_SCOPES_MAX 16
#define ACCOUNT_TEXT_MAX                                                                           \
	(ACCOUNT_SCOPES_MAX * (ACCOUNT_SLUG_MAX + 16)) /* of all scopes, as written */

/* Each may what the ones before it may. */
enum account_role { ROLE_NOBODY, ROLE_VIEWER, ROLE_OPERATOR, ROLE_ADMIN, ROLE_COUNT };
const char *account_role_name(enum account_role role); /* "viewer" */
bool account_role_parse(const char *text, enum account_role *role);

/* Either an exchange, or an ASN at every exchange. */
struct account_scope {
	uint32_t asn; /* 0: it is an exchange */
	char exchange[ACCOUNT_SLUG_MAX];
};

/* What an account sees: the union of its scopes; without one, everything. */
struct account_scopes {
	size_t count;
	struct account_scope scope[ACCOUNT_SCOPES_MAX];
};
/* Whether a port of that exchange and ASN (0: none) is within. */
bool account_scopes_hold(const struct account_scopes *scopes, const char *exchange, uint32_t asn);
/* Whether one of them is a peer's: what the house says among itself is not for such an account. */
bool account_scopes_are_of_peers(const struct account_scopes *scopes);
/* Whether all of the exchange is. */
bool account_scopes_hold_exchange(const struct account_scopes *scopes, const char *exchange);
/* "exchange:demo-fra,asn:64500"; "" for everything. */
char *account_scopes_format(char dst[ACCOUNT_TEXT_MAX], const struct account_scopes *scopes);
bool account_scopes_parse(const char *text, struct account_scopes *scopes, struct error *err);
/* 1 to 63 of A-Z a-z 0-9 . _ @ -, no dot or dash first. */
bool account_name_check(const char *name, struct error *err);

struct account {
	char name[ACCOUNT_NAME_MAX];
	char hash[PASSWORD_HASH_MAX];
	enum account_role role;
	struct account_scopes scopes;
};

struct account_token {
	char name[ACCOUNT_NAME_MAX];
	unsigned char digest[DIGEST_LEN];
	enum account_role role;
	struct account_scopes scopes;
	int64_t created_utc_sec, expires_utc_sec; /* 0: never */
};

struct accounts {
	size_t user_count, token_count;
	struct account *users;
	struct account_token *tokens;
};

/* Called for each error, as `file:line: what is wrong; what is allowed`; lent. */
typedef void accounts_on_error(const char *message, void *user);

/* Both files; a tokens file that is not there holds none.  On failure every error went to on_error (may be NULL) and
 * err has the first.  Neither file may be written by others or read by everybody (mode 0640 or less). */
bool accounts_load(struct accounts **out, const char *users_file, accounts_on_error *on_error,
		   void *user, struct error *err);
void accounts_free(struct accounts *accounts); /* NULL is fine; hashes are overwritten */

/* Changes when one of the files does. */
int64_t accounts_stamp(const char *users_file);
/* "USERS.tokens"; false when it does not fit. */
bool accounts_tokens_file(char *dst, size_t len, const char *users_file);

/* NULL when there is none. */
const struct account *accounts_user_find(const struct accounts *accounts, const char *name);
const struct account_token *accounts_token_find(const struct accounts *accounts,
						const unsigned char digest[DIGEST_LEN]);
const struct account_token *accounts_token_named(const struct accounts *accounts, const char *name);

#endif
