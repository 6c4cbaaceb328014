/* sessions.h - who is logged in: in memory only, by the SHA-256 of what the cookie holds.
 *
 * They end with the server: there is no file of them that could be stolen, and a restart costs a login.  Pure: times are
 * handed in.  A bounded table; not locked. */
#ifndef WEB_SESSIONS_H
#define WEB_SESSIONS_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/accounts.h"
#include "ixwatch/digest.h"

#define SESSIONS_MAX         4096
#define SESSIONS_PER_ACCOUNT 32

struct session {
	unsigned char digest[DIGEST_LEN]; /* of the secret */
	unsigned char
	    fingerprint[DIGEST_LEN]; /* of the account's hash at login: another password ends it */
	char name[ACCOUNT_NAME_MAX]; /* "": the place is free */
	int64_t begun_mono_ms, used_mono_ms;
};

struct sessions;

struct sessions *sessions_new(void); /* NULL when memory ran out */
void sessions_free(struct sessions *sessions);
/* After these times without use, and in any case. */
void sessions_set_limits(struct sessions *sessions, int64_t idle_sec, int64_t max_sec);

/* Begins one and writes its secret.  Of an account with too many, and of a full table, the one unused for longest ends. */
void sessions_begin(struct sessions *sessions, const char *name,
		    const unsigned char fingerprint[DIGEST_LEN], int64_t now_mono_ms,
		    char secret[DIGEST_HEX]);
/* The session of the secret, which counts as used now; NULL when there is none, or not any more.  Lent. */
const struct session *sessions_find(struct sessions *sessions, const char *secret,
				    int64_t now_mono_ms);
void sessions_end(struct sessions *sessions, const char *secret);

#endif
