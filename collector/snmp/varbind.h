/* varbind.h - names and values of SNMP objects as plain values, so that checking and decoding need no library.
 *
 * A struct snmp_oid is a name we ask for; a struct snmp_varbind is what came back, its name and octets lent by whoever
 * received it.  Sources: RFC 3416 (types, exceptions), RFC 2578 (SMI); the numbers of enum snmp_type are the BER tags. */
#ifndef COLLECTOR_SNMP_VARBIND_H
#define COLLECTOR_SNMP_VARBIND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SNMP_OID_MAX 32 /* sub-identifiers; an IF-MIB instance has 12 */

enum snmp_type {
	SNMP_TYPE_INTEGER = 0x02,
	SNMP_TYPE_OCTETS = 0x04,
	SNMP_TYPE_NULL = 0x05,
	SNMP_TYPE_OID = 0x06,
	SNMP_TYPE_IPADDRESS = 0x40,
	SNMP_TYPE_COUNTER32 = 0x41,
	SNMP_TYPE_GAUGE32 = 0x42,
	SNMP_TYPE_TIMETICKS = 0x43,
	SNMP_TYPE_COUNTER64 = 0x46,
	SNMP_TYPE_NO_SUCH_OBJECT = 0x80,
	SNMP_TYPE_NO_SUCH_INSTANCE = 0x81,
	SNMP_TYPE_END_OF_MIB_VIEW = 0x82,
};

struct snmp_oid {
	uint8_t len;
	uint32_t id[SNMP_OID_MAX];
};

struct snmp_varbind {
	const unsigned long *oid; /* each below 2^32 */
	size_t oid_len;
	unsigned type;               /* a tag; any octet may come */
	uint64_t number;             /* numeric types; INTEGER is sign-extended */
	const unsigned char *octets; /* SNMP_TYPE_OCTETS; NULL when empty */
	size_t octets_len;
};

/* The name `column.index`.  column has at most SNMP_OID_MAX - 1 sub-identifiers. */
struct snmp_oid snmp_oid_instance(const struct snmp_oid *column, uint32_t index);

bool snmp_oid_equals(const struct snmp_oid *oid, const struct snmp_varbind *varbind);

/* Whether the varbind is an instance of the column with an index of one sub-identifier; gives the index. */
bool snmp_oid_below(const struct snmp_oid *column, const struct snmp_varbind *varbind,
		    uint32_t *index);

/* noSuchObject, noSuchInstance or endOfMibView: the object has no value. */
bool snmp_varbind_absent(const struct snmp_varbind *varbind);

const char *snmp_type_name(unsigned type);    /* "Counter64"; "an unknown type" */
const char *snmp_error_name(unsigned status); /* "tooBig"; "an unknown error" */

/* Octets that a sub-identifier needs on the wire: seven bits each. */
size_t snmp_sub_identifier_octets(uint32_t id);

/* What the varbind needs on the wire, with its own header; texts of the given length. */
size_t snmp_varbind_octets(const struct snmp_oid *oid, enum snmp_type type, size_t text_len);

/* Octets by which a value came shorter than the longest number of `type`, which snmp_varbind_octets takes for granted; 0
 * where that is a text. */
size_t snmp_varbind_spare_octets(const struct snmp_varbind *varbind, enum snmp_type type);

#endif
