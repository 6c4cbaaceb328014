/* signed_link.h - what a mail's link may do without a login: a token that says one thing, until one instant, and that nobody
 * can make who does not have the key.
 *
 * A token is base64url (RFC 4648, 5; no padding) of: version, purpose, expiry, id, scope, and HMAC-SHA-256 (RFC 2104) over
 * all of it.  It is authority, not identity: it opens what it names and nothing else.  It is no secret to whom it was
 * mailed, so what it opens must be harmless to them, and a GET of it must change nothing: mail scanners follow links.
 *
 * The key file has a key a line, each 64 hexadecimal digits: the first signs, all of them are good.  Rotation: put a new
 * line first; once the old tokens have expired, take the old line out.  Whoever removes a line revokes its tokens. */
#ifndef IXWATCH_SIGNED_LINK_H
#define IXWATCH_SIGNED_LINK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

/* Numbers are within tokens that were mailed: they never change. */
enum link_purpose {
	LINK_ACKNOWLEDGE = 1, /* id: the alert; scope: whom it was mailed to */
	LINK_REPORT = 2,      /* id: the report; scope: whom it was mailed to */
	LINK_ACKNOWLEDGE_MAIL =
	    3, /* id: the mail, for what it tells; scope: whom it was mailed to */
};

#define LINK_KEY_LEN   32
#define LINK_KEYS_MAX  8
#define LINK_SCOPE_MAX 254 /* octets; an address fits */
/* With the terminator: 18 octets, scope and 32 of the code, in base64. */
#define LINK_TOKEN_SIZE ((18 + LINK_SCOPE_MAX + 32) * 4 / 3 + 4)

struct link_keys {
	unsigned char key[LINK_KEYS_MAX][LINK_KEY_LEN];
	size_t count; /* 1 or more, once read */
};

/* What a token says. */
struct link_claim {
	enum link_purpose purpose;
	int64_t id;                     /* 1 or more */
	int64_t expires_utc_sec;        /* good before */
	char scope[LINK_SCOPE_MAX + 1]; /* UTF-8; "" */
};

enum link_verdict {
	LINK_GOOD,
	LINK_EXPIRED, /* it was good */
	LINK_FALSE,   /* not one of ours, or for another purpose */
};

/* The file of keys: as configured, or where that is "", one beside the ledger.  Returns dst. */
#define LINK_PATH_SIZE 4096
char *link_keys_path(char dst[LINK_PATH_SIZE], const char *state_dir, const char *configured);

/* Reads the keys.  ERR_NOT_FOUND: there is no such file; ERR_CONFIG: others may read or write it, or a line is no key. */
bool link_keys_read(struct link_keys *keys, const char *path, struct error *err);
/* The same; where there is no file, one is made with a key of its own, mode 0600, whole or not at all. */
bool link_keys_make(struct link_keys *keys, const char *path, struct error *err);
void link_keys_drop(struct link_keys *keys); /* overwrites them */

/* The token, in dst, which is returned; "" when the scope is longer than LINK_SCOPE_MAX, the id below 1, or there is no
 * key. */
char *link_sign(char dst[LINK_TOKEN_SIZE], const struct link_keys *keys,
		const struct link_claim *claim);

/* Whether any of the keys made it, for that purpose, and whether it holds at that instant.  The claim is written only
 * when it is LINK_GOOD or LINK_EXPIRED.  Takes the same time wherever a false code differs.  token: any text. */
enum link_verdict link_verify(struct link_claim *claim, const struct link_keys *keys,
			      enum link_purpose purpose, const char *token, int64_t now_utc_sec);

#endif
