/* usm_keys.h - the protocols and keys of SNMPv3 credentials, and users made of them.
 *
 * A password becomes a key by hashing a megabyte (RFC 3414, A.2): some milliseconds, hence once for each credential and not
 * for each agent.  Keys are wiped when the last agent of their credential is gone. */
#ifndef COLLECTOR_SNMP_USM_KEYS_H
#define COLLECTOR_SNMP_USM_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

struct usm_keys;
struct usmUser; /* net-snmp's */

/* Keys of these credentials: those there already, or derived now.  The credentials are lent as long as the keys are held. */
bool usm_keys_hold(struct usm_keys **out, const struct config_snmp *credentials, struct error *err);
void usm_keys_release(struct usm_keys *keys); /* NULL is fine */

/* The user for one engine, in none of the library's lists; NULL when memory ran out. */
struct usmUser *usm_keys_user_new(const struct usm_keys *keys, const uint8_t *engine_id,
				  size_t engine_id_len);
void usm_keys_user_free(struct usmUser *user); /* wipes it; NULL is fine */

#endif
