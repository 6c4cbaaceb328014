/* usm_keys.c - see usm_keys.h.  The library knows the protocols by the names that the configuration takes. */
#include "snmp/usm_keys.h"

#include <stdlib.h>
#include <string.h>
#include <sys/queue.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

struct key {
	const oid *protocol;
	size_t protocol_len;
	u_char octets[USM_PRIV_KU_LEN];
	size_t len; /* 0: none */
};

_Static_assert(USM_AUTH_KU_LEN <= USM_PRIV_KU_LEN, "a key has room for either kind");

struct usm_keys {
	LIST_ENTRY(usm_keys) link;
	unsigned holders;
	const struct config_snmp *credentials;
	struct key auth, priv;
};

LIST_HEAD(usm_keys_list, usm_keys);
static struct usm_keys_list all = LIST_HEAD_INITIALIZER(all);

/* --- deriving --- */

static bool
auth_find(struct usm_keys *keys, const char *name)
{
	keys->auth.protocol = sc_get_auth_oid(usm_lookup_auth_type(name), &keys->auth.protocol_len);
	return keys->auth.protocol != NULL;
}

static bool
priv_find(struct usm_keys *keys, const char *name)
{
	keys->priv.protocol = sc_get_priv_oid(usm_lookup_priv_type(name), &keys->priv.protocol_len);
	return keys->priv.protocol != NULL;
}

/* A privacy key is made with the hash of authentication: RFC 3414, 2.6. */
static bool
key_derive(struct key *key, const struct key *hash, const char *secret)
{
	key->len = sizeof(key->octets);
	return generate_Ku(hash->protocol, (u_int)hash->protocol_len, (const u_char *)secret,
			   strlen(secret), key->octets, &key->len) == SNMPERR_SUCCESS;
}

static bool
derive(struct usm_keys *keys, struct error *err)
{
	const struct config_snmp *c = keys->credentials;
	bool auth = c->level >= SNMP_LEVEL_AUTH, priv = c->level >= SNMP_LEVEL_AUTHPRIV;

	if (!auth_find(keys, auth ? c->auth : "NOAUTH"))
		return error_set(err, ERR_CONFIG,
				 "snmp \"%s\": this machine's net-snmp cannot authenticate by %s",
				 c->name, c->auth);
	if (!priv_find(keys, priv ? c->priv : "NOPRIV"))
		return error_set(err, ERR_CONFIG,
				 "snmp \"%s\": this machine's net-snmp cannot encrypt by %s",
				 c->name, c->priv);
	if (auth && !key_derive(&keys->auth, &keys->auth, c->auth_secret))
		return error_set(err, ERR_CONFIG,
				 "snmp \"%s\": its auth secret makes no key (8 octets or more are "
				 "needed)",
				 c->name);
	if (priv && !key_derive(&keys->priv, &keys->auth, c->priv_secret))
		return error_set(err, ERR_CONFIG,
				 "snmp \"%s\": its priv secret makes no key (8 octets or more are "
				 "needed)",
				 c->name);
	return true;
}

static struct usm_keys *
find(const struct config_snmp *credentials)
{
	struct usm_keys *keys;

	LIST_FOREACH(keys, &all, link)
	if (keys->credentials == credentials)
		return keys;
	return NULL;
}

bool
usm_keys_hold(struct usm_keys **out, const struct config_snmp *credentials, struct error *err)
{
	struct usm_keys *keys = find(credentials);

	if (keys == NULL) {
		keys = calloc(1, sizeof(*keys));
		if (keys == NULL)
			return error_set(err, ERR_NOMEM, "snmp: out of memory");
		keys->credentials = credentials;
		LIST_INSERT_HEAD(&all, keys, link);
		if (!derive(keys, err)) {
			usm_keys_release(keys);
			return false;
		}
	}
	keys->holders++;
	*out = keys;
	return true;
}

void
usm_keys_release(struct usm_keys *keys)
{
	if (keys == NULL || (keys->holders > 0 && --keys->holders > 0))
		return;
	LIST_REMOVE(keys, link);
	explicit_bzero(keys, sizeof(*keys));
	free(keys);
}

/* --- users --- */

/* The library makes users of what it calls a session; nothing of this one is its own but the keys. */
static void
scratch_fill(netsnmp_session *scratch, const struct usm_keys *keys, const uint8_t *engine_id,
	     size_t engine_id_len)
{
	snmp_sess_init(scratch);
	scratch->version = SNMP_VERSION_3;
	scratch->securityModel = SNMP_SEC_MODEL_USM;
	scratch->securityName = (char *)(uintptr_t)keys->credentials->user;
	scratch->securityNameLen = strlen(keys->credentials->user);
	scratch->securityEngineID = (u_char *)(uintptr_t)engine_id;
	scratch->securityEngineIDLen = engine_id_len;
	scratch->securityAuthProto = (oid *)(uintptr_t)keys->auth.protocol;
	scratch->securityAuthProtoLen = keys->auth.protocol_len;
	memcpy(scratch->securityAuthKey, keys->auth.octets, keys->auth.len);
	scratch->securityAuthKeyLen = keys->auth.len;
	scratch->securityPrivProto = (oid *)(uintptr_t)keys->priv.protocol;
	scratch->securityPrivProtoLen = keys->priv.protocol_len;
	memcpy(scratch->securityPrivKey, keys->priv.octets, keys->priv.len);
	scratch->securityPrivKeyLen = keys->priv.len;
}

struct usmUser *
usm_keys_user_new(const struct usm_keys *keys, const uint8_t *engine_id, size_t engine_id_len)
{
	netsnmp_session scratch;
	struct usmUser *user = NULL;

	scratch_fill(&scratch, keys, engine_id, engine_id_len);
	if (usm_create_user_from_session(&scratch) == SNMPERR_SUCCESS)
		user = usm_get_user(engine_id, engine_id_len, keys->credentials->user);
	explicit_bzero(&scratch, sizeof(scratch));
	if (user == NULL)
		return NULL;
	(void)usm_remove_user(user);
	user->next = user->prev = NULL;
	return user;
}

void
usm_keys_user_free(struct usmUser *user)
{
	usm_free_user(user);
}
