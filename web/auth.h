/* auth.h - the doors: who is it, and may they come in.
 *
 * On loopback with no users file there are none: whoever reaches the server may do everything.  Else nobody may
 * anything before a login or with a token.  Accounts are read anew when their files change; a broken file changes
 * nothing and is told.  May be called from the serving thread and the main one. */
#ifndef WEB_AUTH_H
#define WEB_AUTH_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/accounts.h"
#include "ixwatch/config.h"

#include "visit.h"

#define ACTOR_MAX (ACCOUNT_NAME_MAX + 8)

enum identity_kind { WHO_NOBODY, WHO_OPEN, WHO_SESSION, WHO_TOKEN, WHO_LINK };

/* Who asks, as of this request. */
struct identity {
	enum identity_kind kind;
	enum account_role role;
	char name[ACCOUNT_NAME_MAX];
	struct account_scopes scopes;
	char form_token[DIGEST_HEX]; /* what a form of theirs must bring back */
	unsigned kinds;              /* of ports that they see, bits 1 << enum port_kind; 0: any */
	int64_t report_id; /* WHO_LINK: the letter whose link it is; its scopes are never empty */
};

struct auth;

bool auth_open(struct auth **out, const struct config *config, struct error *err);
void auth_close(struct auth *auth); /* NULL is fine */

/* What a configuration says of the doors, with its accounts, checked but not in force: to be used or dropped.  ERR_CONFIG
 * when it cannot be had; every fault of the files was logged then. */
struct auth_rules;
bool auth_read(struct auth_rules **out, struct auth *auth, const struct config *config,
	       struct error *err);
void auth_use(struct auth *auth, struct auth_rules *rules_take);
void auth_drop(struct auth_rules *rules); /* NULL is fine */
/* To be called a few times a second: reads what changed, writes down which tokens were used. */
void auth_refresh(struct auth *auth);

bool auth_is_guarded(struct auth *auth);
/* Whether this proxy's word about its client is taken. */
bool auth_trusts_proxy(struct auth *auth);

/* Fills who.  0, or the status to refuse with: 401 for a token that is none, 429 when there were too many of them and
 * *wait_sec says how long to stay away. */
unsigned auth_identify(struct auth *auth, const struct visit *visit, struct identity *who,
		       unsigned *wait_sec);
/* The name for the audit log. */
char *auth_actor(char dst[ACTOR_MAX], const struct identity *who);

/* One attempt to log in.  0: compare the password with `hash`, then call auth_login_end; also for a name that is none.
 * Else how many seconds to wait. */
unsigned auth_login_begin(struct auth *auth, const char *address, const char *name,
			  char hash[PASSWORD_HASH_MAX]);
/* matches: the password fits that hash.  True: logged in; the Set-Cookie header's value is in `cookie`, and a session
 * that the visit brought along has ended. */
#define AUTH_COOKIE_MAX 192
bool auth_login_end(struct auth *auth, const struct visit *visit, const char *name,
		    const char *hash, bool matches, char cookie[AUTH_COOKIE_MAX]);
/* Ends the session; `cookie` takes the cookie away. */
void auth_logout(struct auth *auth, const struct visit *visit, char cookie[AUTH_COOKIE_MAX]);

#endif
