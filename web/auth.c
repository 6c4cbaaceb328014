/* auth.c - accounts, sessions and limits under one lock.
 *
 * A request's rights are looked up in the accounts as they are now: an account that is removed, or has got another
 * password, role or scope, is so from the next request on. */
#include "auth.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/token_use.h"

#include "client.h"
#include "limit.h"
#include "listen.h"
#include "sessions.h"

#define FREE_PER_ADDRESS 10
#define FREE_PER_ACCOUNT 5
#define WRITE_PERIOD_MS  60000
#define PATH_ROOM        1024
#define LIMIT_NAME_ROOM  (VISIT_ADDRESS_MAX + 8) /* of an address or an account */
#define PLAIN_COOKIE     "ixwatch"
#define HOST_COOKIE      "__Host-ixwatch"

/* What a configuration says of the doors. */
struct auth_rules {
	char users_file[PATH_ROOM], state_dir[PATH_ROOM];
	bool guarded, is_secure, trusts_proxy;
	int64_t session_idle_sec, session_max_sec;
	struct accounts *accounts; /* NULL: not guarded */
	int64_t stamp;             /* of the files when they were looked at last */
};

struct auth {
	pthread_mutex_t lock;
	struct auth_rules *rules;
	struct sessions *sessions;
	struct limit *limit;
	struct token_use use;
	bool use_changed;
	int64_t use_written_mono_ms;
	char secret[DIGEST_HEX]; /* of this process: what the tokens of forms are made with */
};

/* --- configuration --- */

static void
log_account_error(const char *message, void *user)
{
	(void)user;
	log_error("web", "event=accounts_refused reason=\"%s\"", message);
}

static bool
check_config(const struct config *config, struct error *err)
{
	const struct config_web *web = &config->web;

	if (web->users_file[0] == '\0' && !listen_is_loopback(&web->listen_address))
		return error_set(err, ERR_CONFIG,
				 "%s: web.listen is \"%s\": others than this machine reach it, so "
				 "web.users-file must name accounts (ixwatch user add NAME --role "
				 "admin)",
				 config->file, web->listen);
	return (web->tls_cert[0] == '\0') == (web->tls_key[0] == '\0') ||
	       error_set(err, ERR_CONFIG,
			 "%s: web.tls-cert and web.tls-key: one of them alone is of no use",
			 config->file);
}

static void
fill_rules(struct auth_rules *rules, const struct config *config)
{
	const struct config_web *web = &config->web;

	rules->guarded = web->users_file[0] != '\0';
	rules->trusts_proxy = web->trust_proxy;
	rules->is_secure = web->tls_cert[0] != '\0' || strncasecmp(web->base_url, "https:", 6) == 0;
	rules->session_idle_sec = web->session_idle_sec;
	rules->session_max_sec = web->session_max_sec;
	snprintf(rules->users_file, sizeof(rules->users_file), "%s", web->users_file);
	snprintf(rules->state_dir, sizeof(rules->state_dir), "%s", config->state_dir);
}

/* What is wrong with the files in force was told now, and is not told again by the next refresh. */
static void
mark_told(struct auth *auth, const struct auth_rules *refused)
{
	if (auth->rules != NULL && strcmp(auth->rules->users_file, refused->users_file) == 0)
		auth->rules->stamp = refused->stamp;
}

bool
auth_read(struct auth_rules **out, struct auth *auth, const struct config *config,
	  struct error *err)
{
	struct auth_rules *rules;

	if (!check_config(config, err))
		return false;
	rules = calloc(1, sizeof(*rules));
	if (rules == NULL)
		return error_set(err, ERR_NOMEM, "doors: out of memory");
	fill_rules(rules, config);
	rules->stamp = rules->guarded ? accounts_stamp(rules->users_file) : 0;
	if (rules->guarded &&
	    !accounts_load(&rules->accounts, rules->users_file, log_account_error, NULL, err)) {
		mark_told(auth, rules);
		auth_drop(rules);
		return error_wrap(err, "web.users-file");
	}
	*out = rules;
	return true;
}

void
auth_drop(struct auth_rules *rules)
{
	if (rules != NULL)
		accounts_free(rules->accounts);
	free(rules);
}

static void
say_accounts(const struct accounts *accounts)
{
	if (accounts != NULL)
		log_info("web", "event=accounts_read users=%zu tokens=%zu", accounts->user_count,
			 accounts->token_count);
}

void
auth_use(struct auth *auth, struct auth_rules *rules_take)
{
	pthread_mutex_lock(&auth->lock);
	struct auth_rules *old = auth->rules;
	auth->rules = rules_take;
	sessions_set_limits(auth->sessions, rules_take->session_idle_sec,
			    rules_take->session_max_sec);
	pthread_mutex_unlock(&auth->lock);
	auth_drop(old);
	say_accounts(rules_take->accounts);
}

bool
auth_open(struct auth **out, const struct config *config, struct error *err)
{
	struct auth *auth = calloc(1, sizeof(*auth));
	struct auth_rules *rules;

	if (auth == NULL)
		return error_set(err, ERR_NOMEM, "doors: out of memory");
	pthread_mutex_init(&auth->lock, NULL);
	auth->sessions = sessions_new();
	auth->limit = limit_new();
	digest_random(auth->secret);
	error_set(err, ERR_NOMEM, "doors: out of memory");
	if (auth->sessions == NULL || auth->limit == NULL ||
	    !auth_read(&rules, auth, config, err)) {
		auth_close(auth);
		return false;
	}
	auth_use(auth, rules);
	token_use_read(&auth->use, config->state_dir);
	*out = auth;
	return true;
}

static void
write_use(struct auth *auth)
{
	struct error err;

	if (!token_use_write(&auth->use, auth->rules->state_dir, &err))
		log_warn("web", "event=token_use_unwritten reason=\"%s\"", err.text);
	auth->use_changed = false;
	auth->use_written_mono_ms = clock_mono_ms();
}

void
auth_close(struct auth *auth)
{
	if (auth == NULL)
		return;
	if (auth->use_changed)
		write_use(auth);
	auth_drop(auth->rules);
	sessions_free(auth->sessions);
	limit_free(auth->limit);
	token_use_free(&auth->use);
	pthread_mutex_destroy(&auth->lock);
	explicit_bzero(auth, sizeof(*auth));
	free(auth);
}

/* Reads the files, unlocked; only the main thread changes accounts. */
static void
reread(struct auth *auth, int64_t stamp)
{
	struct accounts *accounts = NULL;
	struct error err;

	auth->rules->stamp = stamp;
	if (!accounts_load(&accounts, auth->rules->users_file, log_account_error, NULL, &err)) {
		log_error("web", "event=accounts_kept reason=\"the files have errors; accounts "
				 "stay as they were\"");
		return;
	}
	pthread_mutex_lock(&auth->lock);
	struct accounts *old = auth->rules->accounts;
	auth->rules->accounts = accounts;
	pthread_mutex_unlock(&auth->lock);
	accounts_free(old);
	say_accounts(accounts);
}

void
auth_refresh(struct auth *auth)
{
	const struct auth_rules *rules = auth->rules;
	int64_t stamp = rules->guarded ? accounts_stamp(rules->users_file) : 0;

	if (stamp != rules->stamp)
		reread(auth, stamp);
	pthread_mutex_lock(&auth->lock);
	if (auth->use_changed && clock_mono_ms() - auth->use_written_mono_ms >= WRITE_PERIOD_MS)
		write_use(auth);
	pthread_mutex_unlock(&auth->lock);
}

bool
auth_is_guarded(struct auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	bool guarded = auth->rules->guarded;
	pthread_mutex_unlock(&auth->lock);
	return guarded;
}

bool
auth_trusts_proxy(struct auth *auth)
{
	pthread_mutex_lock(&auth->lock);
	bool trusts_proxy = auth->rules->trusts_proxy;
	pthread_mutex_unlock(&auth->lock);
	return trusts_proxy;
}

/* --- who is it --- */

/* What forms bring back: nobody else can say it, for it is made with this process's secret and the session's. */
static void
make_form_token(const struct auth *auth, const char *session, char form_token[DIGEST_HEX])
{
	char text[2 * DIGEST_HEX + 8];
	unsigned char digest[DIGEST_LEN];
	int len = snprintf(text, sizeof(text), "form %s %s", auth->secret, session);

	digest_of(digest, text, (size_t)len);
	digest_format(form_token, digest);
}

static void
fingerprint_of(unsigned char fingerprint[DIGEST_LEN], const char *hash)
{
	digest_of(fingerprint, hash, strlen(hash));
}

static const char *
cookie_name(const struct auth *auth)
{
	return auth->rules->is_secure ? HOST_COOKIE : PLAIN_COOKIE;
}

/* The session's secret in a Cookie header: "a=b; ixwatch=0123...". */
static bool
find_cookie(const char *header, const char *name, char secret[DIGEST_HEX])
{
	unsigned char unused[DIGEST_LEN];
	size_t name_len = strlen(name);

	while (header != NULL && *header != '\0') {
		size_t len = strcspn(header, ";");

		if (len == name_len + DIGEST_HEX && strncmp(header, name, name_len) == 0 &&
		    header[name_len] == '=') {
			memcpy(secret, header + name_len + 1, DIGEST_HEX - 1);
			secret[DIGEST_HEX - 1] = '\0';
			return digest_parse(unused, secret);
		}
		header += len;
		header += strspn(header, "; ");
	}
	return false;
}

static void
set_rights(struct identity *who, enum identity_kind kind, const char *name, enum account_role role,
	   const struct account_scopes *scopes)
{
	who->kind = kind;
	who->role = role;
	who->scopes = *scopes;
	snprintf(who->name, sizeof(who->name), "%s", name);
}

static void
identify_session(struct auth *auth, const char *secret, struct identity *who)
{
	const struct session *session = sessions_find(auth->sessions, secret, clock_mono_ms());
	unsigned char fingerprint[DIGEST_LEN];

	if (session == NULL)
		return;
	const struct account *user = accounts_user_find(auth->rules->accounts, session->name);
	if (user != NULL)
		fingerprint_of(fingerprint, user->hash);
	if (user == NULL || !digest_equal(fingerprint, session->fingerprint)) {
		sessions_end(auth->sessions, secret);
		return;
	}
	set_rights(who, WHO_SESSION, user->name, user->role, &user->scopes);
	make_form_token(auth, secret, who->form_token);
}

/* The limits know addresses apart from accounts. */
static void
name_address(char dst[LIMIT_NAME_ROOM], const char *address)
{
	char network[VISIT_ADDRESS_MAX];

	client_network(network, address);
	snprintf(dst, LIMIT_NAME_ROOM, "from %s", network);
}

/* The token of an Authorization header; NULL when it is of another scheme, or absent.  That is no attempt to show who one
 * is to us: RFC 6750, 3.1 has a request of an unsupported method be one that lacks credentials, and RFC 9110, 11.6.2
 * lets any header be there for a proxy on the way or because a browser remembers another site of that name.  So a
 * session's cookie beside it counts.  A Bearer header is an attempt, whatever its token is, and never falls back on a
 * cookie: a program whose token is revoked must hear of it. */
static const char *
token_of(const char *authorization)
{
	static const char scheme[] = "Bearer";
	size_t len = sizeof(scheme) - 1;

	if (authorization == NULL || strncasecmp(authorization, scheme, len) != 0)
		return NULL;
	authorization += len;
	if (*authorization != ' ' && *authorization != '\0')
		return NULL; /* "BearerX" */
	return authorization + strspn(authorization, " ");
}

static unsigned
identify_token(struct auth *auth, const struct visit *visit, const char *text, struct identity *who,
	       unsigned *wait_sec)
{
	char from[LIMIT_NAME_ROOM];
	unsigned char digest[DIGEST_LEN];
	int64_t now_utc_sec = clock_utc_sec();

	digest_of(digest, text, strlen(text));
	const struct account_token *token = accounts_token_find(auth->rules->accounts, digest);
	if (token != NULL &&
	    (token->expires_utc_sec == 0 || now_utc_sec < token->expires_utc_sec)) {
		set_rights(who, WHO_TOKEN, token->name, token->role, &token->scopes);
		auth->use_changed |= token_use_get(&auth->use, token->name) != now_utc_sec;
		token_use_set(&auth->use, token->name, now_utc_sec);
		return 0;
	}
	name_address(from, visit->address);
	*wait_sec = limit_take(auth->limit, from, FREE_PER_ADDRESS, clock_mono_ms());
	if (*wait_sec > 0)
		return 429;
	log_warn("web", "event=token_refused address=%s reason=\"%s\"", visit->address,
		 token == NULL ? "unknown" : "expired");
	return 401;
}

static unsigned
identify(struct auth *auth, const struct visit *visit, struct identity *who, unsigned *wait_sec)
{
	static const struct account_scopes everything;
	const char *token = token_of(visit->authorization);
	char secret[DIGEST_HEX];

	make_form_token(auth, "", who->form_token);
	if (!auth->rules->guarded) {
		set_rights(who, WHO_OPEN, "local", ROLE_ADMIN, &everything);
		return 0;
	}
	if (token != NULL)
		return identify_token(auth, visit, token, who, wait_sec);
	if (find_cookie(visit->cookie, cookie_name(auth), secret))
		identify_session(auth, secret, who);
	return 0;
}

unsigned
auth_identify(struct auth *auth, const struct visit *visit, struct identity *who,
	      unsigned *wait_sec)
{
	*who = (struct identity) { 0 };
	*wait_sec = 0;
	pthread_mutex_lock(&auth->lock);
	unsigned status = identify(auth, visit, who, wait_sec);
	pthread_mutex_unlock(&auth->lock);
	return status;
}

char *
auth_actor(char dst[ACTOR_MAX], const struct identity *who)
{
	snprintf(dst, ACTOR_MAX, "%s%s", who->kind == WHO_TOKEN ? "token:" : "", who->name);
	return dst;
}

/* --- logging in and out --- */

/* A hash of nothing anybody knows: what the password of a name that is none is compared with. */
static const char nobody_hash[] =
    "$y$j9T$ZwqJ4UcvbCKVPdRMBQDfh0$fE4KkrPxWcE0p9TVds9eDscooaCfcbsEIFFe0I.E.30";

/* The limits know accounts apart from addresses. */
static void
name_account(char dst[LIMIT_NAME_ROOM], const char *name)
{
	snprintf(dst, LIMIT_NAME_ROOM, "as %.*s", ACCOUNT_NAME_MAX, name);
}

unsigned
auth_login_begin(struct auth *auth, const char *address, const char *name,
		 char hash[PASSWORD_HASH_MAX])
{
	char from[LIMIT_NAME_ROOM], as[LIMIT_NAME_ROOM];
	int64_t now_ms = clock_mono_ms();

	name_address(from, address);
	name_account(as, name);
	pthread_mutex_lock(&auth->lock);
	unsigned wait_sec = limit_look(auth->limit, as, now_ms);
	if (wait_sec == 0)
		wait_sec = limit_take(auth->limit, from, FREE_PER_ADDRESS, now_ms);
	if (wait_sec == 0)
		limit_take(auth->limit, as, FREE_PER_ACCOUNT, now_ms);
	if (wait_sec == 0 && auth->rules->accounts != NULL) {
		const struct account *user = accounts_user_find(auth->rules->accounts, name);

		if (user == NULL && auth->rules->accounts->user_count > 0)
			user = &auth->rules->accounts
				    ->users[0]; /* costs the same; auth_login_end knows */
		snprintf(hash, PASSWORD_HASH_MAX, "%s", user != NULL ? user->hash : nobody_hash);
	}
	pthread_mutex_unlock(&auth->lock);
	return wait_sec;
}

static void
print_cookie(const struct auth *auth, char cookie[AUTH_COOKIE_MAX], const char *secret)
{
	snprintf(cookie, AUTH_COOKIE_MAX, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
		 cookie_name(auth), secret, auth->rules->is_secure ? "; Secure" : "",
		 secret[0] == '\0' ? "; Max-Age=0" : "");
}

static void
end_session(struct auth *auth, const struct visit *visit)
{
	char secret[DIGEST_HEX];

	if (find_cookie(visit->cookie, cookie_name(auth), secret))
		sessions_end(auth->sessions, secret);
}

/* The account, when its hash is still the one that was compared. */
static const struct account *
account_of(const struct auth *auth, const char *name, const char *hash)
{
	const struct account *user =
	    auth->rules->accounts == NULL ? NULL : accounts_user_find(auth->rules->accounts, name);

	return user != NULL && strcmp(user->hash, hash) == 0 ? user : NULL;
}

static bool
let_in(struct auth *auth, const struct visit *visit, const char *name, const char *hash,
       bool matches, char cookie[AUTH_COOKIE_MAX])
{
	const struct account *user = account_of(auth, name, hash);
	char from[LIMIT_NAME_ROOM], as[LIMIT_NAME_ROOM], secret[DIGEST_HEX];
	unsigned char fingerprint[DIGEST_LEN];

	if (user == NULL || !matches) {
		/* a name that is none may be a password that slipped into the wrong field */
		log_warn("web", "event=login_refused address=%s account=%s", visit->address,
			 user == NULL ? "(unknown)" : user->name);
		return false;
	}
	name_address(from, visit->address);
	name_account(as, name);
	limit_give_back(auth->limit, from, false);
	limit_give_back(auth->limit, as, true);
	end_session(auth, visit);
	fingerprint_of(fingerprint, user->hash);
	sessions_begin(auth->sessions, user->name, fingerprint, clock_mono_ms(), secret);
	print_cookie(auth, cookie, secret);
	log_info("web", "event=login address=%s account=%s", visit->address, user->name);
	return true;
}

bool
auth_login_end(struct auth *auth, const struct visit *visit, const char *name, const char *hash,
	       bool matches, char cookie[AUTH_COOKIE_MAX])
{
	pthread_mutex_lock(&auth->lock);
	bool done = let_in(auth, visit, name, hash, matches, cookie);
	pthread_mutex_unlock(&auth->lock);
	return done;
}

void
auth_logout(struct auth *auth, const struct visit *visit, char cookie[AUTH_COOKIE_MAX])
{
	pthread_mutex_lock(&auth->lock);
	end_session(auth, visit);
	print_cookie(auth, cookie, "");
	pthread_mutex_unlock(&auth->lock);
}
