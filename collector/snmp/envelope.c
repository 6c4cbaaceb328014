/* envelope.c - see envelope.h.  As much of BER as that needs: definite lengths, in any form. */
#include "snmp/envelope.h"

#include <stdbool.h>
#include <string.h>

#define TAG_INTEGER  0x02
#define TAG_OCTETS   0x04
#define TAG_SEQUENCE 0x30
#define VERSION_3    3
#define MODEL_USM    3
#define LEN_LONG_MAX 8 /* octets of a length, as many as the library takes */

struct reader {
	const uint8_t *at;
	size_t left;
};

/* The tag and the length; what follows may be cut off. */
static bool
header_take(struct reader *r, uint8_t tag, size_t *len)
{
	size_t more;

	if (r->left < 2 || r->at[0] != tag)
		return false;
	*len = r->at[1];
	more = *len >= 0x80 ? *len - 0x80 : 0;
	if (*len == 0x80 || more > LEN_LONG_MAX || r->left < 2 + more)
		return false;
	if (more > 0)
		*len = 0;
	for (size_t i = 0; i < more; i++)
		*len = *len << 8 | r->at[2 + i];
	r->at += 2 + more;
	r->left -= 2 + more;
	return true;
}

/* 0..2^31-1: all integers of an envelope are. */
static bool
integer_take(struct reader *r, uint32_t *value)
{
	uint64_t number = 0;
	size_t len;

	if (!header_take(r, TAG_INTEGER, &len) || len < 1 || len > 8 || len > r->left ||
	    r->at[0] >= 0x80)
		return false;
	for (size_t i = 0; i < len; i++)
		number = number << 8 | r->at[i];
	r->at += len;
	r->left -= len;
	*value = (uint32_t)number;
	return number <= INT32_MAX;
}

static bool
octets_take(struct reader *r, const uint8_t **octets, size_t *len)
{
	if (!header_take(r, TAG_OCTETS, len) || *len > r->left)
		return false;
	*octets = r->at;
	r->at += *len;
	r->left -= *len;
	return true;
}

static bool
global_data_take(struct reader *r, struct envelope *envelope)
{
	uint32_t max_size, model;
	const uint8_t *flags;
	size_t len;

	return header_take(r, TAG_SEQUENCE, &len) && integer_take(r, &envelope->message_id) &&
	       integer_take(r, &max_size) && octets_take(r, &flags, &len) && len == 1 &&
	       integer_take(r, &model) && model == MODEL_USM;
}

static bool
security_take(struct reader *r, struct envelope *envelope)
{
	const uint8_t *id;
	size_t len;

	if (!header_take(r, TAG_OCTETS, &len) || !header_take(r, TAG_SEQUENCE, &len) ||
	    !octets_take(r, &id, &envelope->engine_id_len) ||
	    envelope->engine_id_len > sizeof(envelope->engine_id))
		return false;
	memcpy(envelope->engine_id, id, envelope->engine_id_len);
	return integer_take(r, &envelope->boots) && integer_take(r, &envelope->time_sec);
}

enum envelope_kind
envelope_read(struct envelope *envelope, const uint8_t *octets, size_t len)
{
	struct reader reader = { octets, len };
	uint32_t version;
	size_t whole;

	memset(envelope, 0, sizeof(*envelope));
	if (!header_take(&reader, TAG_SEQUENCE, &whole) || !integer_take(&reader, &version))
		return ENVELOPE_BROKEN;
	if (version != VERSION_3)
		return ENVELOPE_COMMUNITY;
	return global_data_take(&reader, envelope) && security_take(&reader, envelope)
		   ? ENVELOPE_V3
		   : ENVELOPE_BROKEN;
}

/* --- sizes --- */

/* msgAuthenticationParameters: RFC 3414, 6.3.1 and 7.3.1; RFC 7860, 4. */
static size_t
digest_octets(const char *auth)
{
	static const struct {
		const char *auth;
		size_t octets;
	} digests[] = {
		{ "SHA-224", 16 }, { "SHA-256", 24 }, { "SHA-384", 32 }, { "SHA-512", 48 }
	};

	for (size_t i = 0; i < sizeof(digests) / sizeof(digests[0]); i++)
		if (strcmp(digests[i].auth, auth) == 0)
			return digests[i].octets;
	return 12;
}

size_t
envelope_octets(const struct config_snmp *credentials)
{
	size_t octets = 0;

	if (credentials->version == SNMP_V2C)
		return strlen(credentials->community);
	octets += 2 + 6 + 6 + 3 + 3;                     /* msgGlobalData */
	octets += 4 + 4;                                 /* msgSecurityParameters, twice wrapped */
	octets += 2 + ENGINE_ID_MAX + 6 + 6;             /* engine, boots, time */
	octets += 2 + strlen(credentials->user) + 2 + 2; /* user, two parameters yet empty */
	octets += 4 + 2 + ENGINE_ID_MAX + 2;             /* scopedPDU */
	if (credentials->level >= SNMP_LEVEL_AUTH)
		octets += digest_octets(credentials->auth);
	if (credentials->level >= SNMP_LEVEL_AUTHPRIV)
		octets += 8 + 4 + 7; /* salt, the wrapping of what is encrypted, DES's padding */
	return octets;
}
