/* signed_link.h - links that carry their own right: who holds one may do the one thing it names, until it expires.
 *
 * A token is base64url (RFC 4648, section 5, without padding) of what it says and of HMAC-SHA-256 (RFC 2104) over that,
 * with a key that only this house has.  It is no secret kept anywhere: another key makes all of them worthless. */
#ifndef IXWATCH_SIGNED_LINK_H
#define IXWATCH_SIGNED_LINK_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"

enum link_purpose {
	LINK_ACKNOWLEDGE = 1, /* the alert `id`, once its page was confirmed */
	LINK_REPORT = 2,      /* a peer's own ports and reports, `asn` */
};

struct signed_link {
	enum link_purpose purpose;
	uint32_t asn;            /* LINK_REPORT; else 0 */
	int64_t id;              /* of what it is about; 0: of nothing in particular */
	int64_t expires_utc_sec; /* it holds before that instant */
};

#define LINK_KEY_LEN   32
#define LINK_KEYS_MAX  4
#define LINK_TOKEN_MAX 80 /* with the terminator */

/* The first signs; the others still open what they signed. */
struct link_keys {
	int count;
	unsigned char key[LINK_KEYS_MAX][LINK_KEY_LEN];
};

/* Reads the keys: a line each of 64 hexadecimal digits, the newest first; empty lines and lines that begin with # are
 * passed over.  ERR_CONFIG with file:line for anything else, and for a file that others than its owner and group may
 * read.  ERR_NOT_FOUND when there is no such file. */
bool link_keys_read(struct link_keys *keys, const char *path, struct error *err);
/* Makes the file with one random key, mode 0600, unless it is there. */
bool link_keys_make(const char *path, struct error *err);
/* Where the keys are: the setting, or a file in the state directory when it is "".  dst of 4096. */
void link_keys_path(char *dst, const char *setting, const char *state_dir);

void link_sign(char token[LINK_TOKEN_MAX], const struct signed_link *link,
	       const struct link_keys *keys);

/* False when it is none of ours, is for another purpose, or has expired (*expired, which may be NULL, says that it was
 * ours).  Takes as long whichever octet differs. */
bool link_verify(struct signed_link *link, const char *token, enum link_purpose purpose,
		 int64_t now_utc_sec, const struct link_keys *keys, bool *expired);

#endif
