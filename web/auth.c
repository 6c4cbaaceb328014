/* auth.c - accounts, sessions and limits under one lock.
 *
 * A request's rights are looked up in the accounts as they are now: an account that is removed, or has got another
 * password, role or scope, is so from the next request on. */
#include "auth.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/token_use.h"

#include "limit.h"
#include "listen.h"
#include "sessions.h"

#define FREE_PER_ADDRESS 10
#define FREE_PER_ACCOUNT 5
#define WRITE_PERIOD_MS  60000
#define PATH_ROOM        1024
#define PLAIN_COOKIE     "ixwatch"
#define HOST_COOKIE      "__Host-ixwatch"

struct auth {
	pthread_mutex_t lock;
	char users_file[PATH_ROOM], state_dir[PATH_ROOM];
	bool guarded, is_secure, trusts_proxy;
	struct accounts *accounts; /* NULL: not guarded */
	int64_t stamp;
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

bool
auth_set_config(struct auth *auth, const struct config *config, struct error *err)
{
	const struct config_web *web = &config->web;
	bool has_file = web->users_file[0] != '\0';
	struct accounts *accounts = NULL;
	int64_t stamp = has_file ? accounts_stamp(web->users_file) : 0;

	if (!has_file && !listen_is_loopback(&web->listen_address))
		return error_set(err, ERR_CONFIG,
				 "%s: web.listen is \"%s\": others than this machine reach it, so "
				 "web.users-file must name accounts (ixwatch user add NAME --role "
				 "admin)",
				 config->file, web->listen);
	if ((web->tls_cert[0] == '\0') != (web->tls_key[0] == '\0'))
		return error_set(err, ERR_CONFIG,
				 "%s: web.tls-cert and web.tls-key: one of them alone is of no use",
				 config->file);
	if (has_file && !accounts_load(&accounts, web->users_file, log_account_error, NULL, err))
		return error_wrap(err, "web.users-file");
	pthread_mutex_lock(&auth->lock);
	accounts_free(auth->accounts);
	auth->accounts = accounts;
	auth->stamp = stamp;
	auth->guarded = has_file;
	auth->trusts_proxy = web->trust_proxy;
	auth->is_secure = web->tls_cert[0] != '\0' || strncasecmp(web->base_url, "https:", 6) == 0;
	snprintf(auth->users_file, sizeof(auth->users_file), "%s", web->users_file);
	snprintf(auth->state_dir, sizeof(auth->state_dir), "%s", config->state_dir);
	sessions_set_limits(auth->sessions, web->session_idle_sec, web->session_max_sec);
	pthread_mutex_unlock(&auth->lock);
	if (has_file)
		log_info("web", "event=accounts_read users=%zu tokens=%zu", accounts->user_count,
			 accounts->token_count);
	return true;
}

bool
auth_open(struct auth **out, const struct config *config, struct error *err)
{
	struct auth *auth = calloc(1, sizeof(*auth));

	if (auth == NULL)
		return error_set(err, ERR_NOMEM, "doors: out of memory");
	pthread_mutex_init(&auth->lock, NULL);
	auth->sessions = sessions_new();
	auth->limit = limit_new();
	digest_random(auth->secret);
	error_set(err, ERR_NOMEM, "doors: out of memory");
	if (auth->sessions == NULL || auth->limit == NULL || !auth_set_config(auth, config, err)) {
		auth_close(auth);
		return false;
	}
	token_use_read(&auth->use, config->state_dir);
	*out = auth;
	return true;
}

static void
write_use(struct auth *auth)
{
	struct error err;

	if (!token_use_write(&auth->use, auth->state_dir, &err))
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
	accounts_free(auth->accounts);
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
	struct accounts *accounts = NULL, *old = NULL;
	struct error err;
	bool done = accounts_load(&accounts, auth->users_file, log_account_error, NULL, &err);

	pthread_mutex_lock(&auth->lock);
	auth->stamp = stamp;
	if (done) {
		old = auth->accounts;
		auth->accounts = accounts;
	}
	pthread_mutex_unlock(&auth->lock);
	accounts_free(old);
	if (done)
		log_info("web", "event=accounts_read users=%zu tokens=%zu", accounts->user_count,
			 accounts->token_count);
	else
		log_error("web", "event=accounts_kept reason=\"the files have errors; accounts "
				 "stay as they were\"");
}

void
auth_refresh(struct auth *auth)
{
	int64_t stamp = auth->guarded ? accounts_stamp(auth->users_file) : 0;

	if (auth->guarded && stamp != auth->stamp)
		reread(auth, stamp);
	pthread_mutex_lock(&auth->lock);
	if (auth->use_changed && clock_mono_ms() - auth->use_written_mono_ms >= WRITE_PERIOD_MS)
		write_use(auth);
	pthread_mutex_unlock(&auth->lock);
}

static bool
get_flag(struct auth *auth, const bool *flag)
{
	pthread_mutex_lock(&auth->lock);
	bool value = *flag;
	pthread_mutex_unlock(&auth->lock);
	return value;
}

bool
auth_is_guarded(struct auth *auth)
{
	return get_flag(auth, &auth->guarded);
}

bool
auth_trusts_proxy(struct auth *auth)
{
	return get_flag(auth, &auth->trusts_proxy);
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
	return auth->is_secure ? HOST_COOKIE : PLAIN_COOKIE;
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
	const struct account *user = accounts_user_find(auth->accounts, session->name);
	if (user != NULL)
		fingerprint_of(fingerprint, user->hash);
	if (user == NULL || !digest_equal(fingerprint, session->fingerprint)) {
		sessions_end(auth->sessions, secret);
		return;
	}
	set_rights(who, WHO_SESSION, user->name, user->role, &user->scopes);
	make_form_token(auth, secret, who->form_token);
}

/* An address as the limits know it: of IPv6 the network, for everybody has 2^64 of those. */
static void
name_address(char dst[VISIT_ADDRESS_MAX + 8], const char *address)
{
	unsigned char octets[16];
	char text[INET6_ADDRSTRLEN];

	if (inet_pton(AF_INET6, address, octets) != 1) {
		snprintf(dst, VISIT_ADDRESS_MAX + 8, "from %s", address);
		return;
	}
	memset(octets + 8, 0, 8);
	snprintf(dst, VISIT_ADDRESS_MAX + 8, "from %s",
		 inet_ntop(AF_INET6, octets, text, sizeof(text)));
}

static unsigned
identify_token(struct auth *auth, const struct visit *visit, struct identity *who,
	       unsigned *wait_sec)
{
	const char *text = visit->authorization + 7; /* behind "Bearer " */
	char from[VISIT_ADDRESS_MAX + 8];
	unsigned char digest[DIGEST_LEN];
	int64_t now_utc_sec = clock_utc_sec();

	text += strspn(text, " ");
	digest_of(digest, text, strlen(text));
	const struct account_token *token = accounts_token_find(auth->accounts, digest);
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
	char secret[DIGEST_HEX];

	make_form_token(auth, "", who->form_token);
	if (!auth->guarded) {
		set_rights(who, WHO_OPEN, "local", ROLE_ADMIN, &everything);
		return 0;
	}
	if (visit->authorization != NULL) {
		if (strncasecmp(visit->authorization, "Bearer ", 7) == 0)
			return identify_token(auth, visit, who, wait_sec);
		return 401;
	}
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
name_account(char dst[ACCOUNT_NAME_MAX + 8], const char *name)
{
	snprintf(dst, ACCOUNT_NAME_MAX + 8, "as %.*s", ACCOUNT_NAME_MAX, name);
}

unsigned
auth_login_begin(struct auth *auth, const char *address, const char *name,
		 char hash[PASSWORD_HASH_MAX])
{
	char from[VISIT_ADDRESS_MAX + 8], as[ACCOUNT_NAME_MAX + 8];
	int64_t now_ms = clock_mono_ms();

	name_address(from, address);
	name_account(as, name);
	pthread_mutex_lock(&auth->lock);
	unsigned wait_sec = limit_look(auth->limit, as, now_ms);
	if (wait_sec == 0)
		wait_sec = limit_take(auth->limit, from, FREE_PER_ADDRESS, now_ms);
	if (wait_sec == 0)
		limit_take(auth->limit, as, FREE_PER_ACCOUNT, now_ms);
	if (wait_sec == 0 && auth->accounts != NULL) {
		const struct account *user = accounts_user_find(auth->accounts, name);

		if (user == NULL && auth->accounts->user_count > 0)
			user = &auth->accounts->users[0]; /* costs the same; auth_login_end knows */
		snprintf(hash, PASSWORD_HASH_MAX, "%s", user != NULL ? user->hash : nobody_hash);
	}
	pthread_mutex_unlock(&auth->lock);
	return wait_sec;
}

static void
print_cookie(const struct auth *auth, char cookie[AUTH_COOKIE_MAX], const char *secret)
{
	snprintf(cookie, AUTH_COOKIE_MAX, "%s=%s; Path=/; HttpOnly; SameSite=Lax%s%s",
		 cookie_name(auth), secret, auth->is_secure ? "; Secure" : "",
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
	    auth->accounts == NULL ? NULL : accounts_user_find(auth->accounts, name);

	return user != NULL && strcmp(user->hash, hash) == 0 ? user : NULL;
}

static bool
let_in(struct auth *auth, const struct visit *visit, const char *name, const char *hash,
       bool matches, char cookie[AUTH_COOKIE_MAX])
{
	const struct account *user = account_of(auth, name, hash);
	char from[VISIT_ADDRESS_MAX + 8], as[ACCOUNT_NAME_MAX + 8], secret[DIGEST_HEX];
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
