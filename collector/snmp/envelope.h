/* envelope.h - the outside of an SNMP message: what is read of it before any of it is believed.  Pure.
 *
 * A message of version 3 bears a number of its own and the engine it speaks for, in the clear and before its signature.
 * The library keeps something of every such message, whoever sent it; so only those that bear the number of a request on
 * its way are shown to it.  Sources: RFC 3412, 6; RFC 3414, 2.4 and 3.1. */
#ifndef COLLECTOR_SNMP_ENVELOPE_H
#define COLLECTOR_SNMP_ENVELOPE_H

#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"

#define ENVELOPE_OCTETS_MAX 512 /* of a message, as many as its outside can need */
#define ENGINE_ID_MIN       5   /* octets: RFC 3411, SnmpEngineID */
#define ENGINE_ID_MAX       32

enum envelope_kind {
	ENVELOPE_COMMUNITY, /* SNMPv1, v2c: nothing else was read */
	ENVELOPE_V3,
	ENVELOPE_BROKEN, /* neither, or no User-based Security */
};

struct envelope {
	uint32_t message_id;
	uint8_t engine_id[ENGINE_ID_MAX];
	size_t engine_id_len; /* 0..ENGINE_ID_MAX */
	uint32_t boots;       /* 0..2^31-1, as is time_sec */
	uint32_t time_sec;
};

/* Reads the first octets of a message, which may be longer than len. */
enum envelope_kind envelope_read(struct envelope *envelope, const uint8_t *octets, size_t len);

/* Octets by which these credentials make a message longer than one of v2c with an empty community; of v3 the most it can be,
 * whatever the engine. */
size_t envelope_octets(const struct config_snmp *credentials);

#endif
