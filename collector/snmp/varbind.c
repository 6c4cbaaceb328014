/* varbind.c - see varbind.h. */
#include "snmp/varbind.h"

#include <string.h>

struct snmp_oid
snmp_oid_instance(const struct snmp_oid *column, uint32_t index)
{
	struct snmp_oid instance = *column;

	instance.id[instance.len++] = index;
	return instance;
}

static bool
begins_with(const struct snmp_varbind *varbind, const struct snmp_oid *oid)
{
	if (varbind->oid_len < oid->len)
		return false;
	for (size_t i = 0; i < oid->len; i++)
		if (varbind->oid[i] != oid->id[i])
			return false;
	return true;
}

bool
snmp_oid_equals(const struct snmp_oid *oid, const struct snmp_varbind *varbind)
{
	return varbind->oid_len == oid->len && begins_with(varbind, oid);
}

bool
snmp_oid_below(const struct snmp_oid *column, const struct snmp_varbind *varbind, uint32_t *index)
{
	if (varbind->oid_len != column->len + 1u || !begins_with(varbind, column))
		return false;
	*index = (uint32_t)varbind->oid[column->len];
	return true;
}

bool
snmp_varbind_absent(const struct snmp_varbind *varbind)
{
	return varbind->type == SNMP_TYPE_NO_SUCH_OBJECT ||
	       varbind->type == SNMP_TYPE_NO_SUCH_INSTANCE ||
	       varbind->type == SNMP_TYPE_END_OF_MIB_VIEW;
}

static const struct {
	unsigned type;
	const char *name;
} type_names[] = {
	{ SNMP_TYPE_INTEGER, "INTEGER" },
	{ SNMP_TYPE_OCTETS, "OCTET STRING" },
	{ SNMP_TYPE_NULL, "NULL" },
	{ SNMP_TYPE_OID, "OBJECT IDENTIFIER" },
	{ SNMP_TYPE_IPADDRESS, "IpAddress" },
	{ SNMP_TYPE_COUNTER32, "Counter32" },
	{ SNMP_TYPE_GAUGE32, "Gauge32" },
	{ SNMP_TYPE_TIMETICKS, "TimeTicks" },
	{ SNMP_TYPE_COUNTER64, "Counter64" },
	{ SNMP_TYPE_NO_SUCH_OBJECT, "noSuchObject" },
	{ SNMP_TYPE_NO_SUCH_INSTANCE, "noSuchInstance" },
	{ SNMP_TYPE_END_OF_MIB_VIEW, "endOfMibView" },
};

const char *
snmp_type_name(unsigned type)
{
	for (size_t i = 0; i < sizeof(type_names) / sizeof(type_names[0]); i++)
		if (type_names[i].type == type)
			return type_names[i].name;
	return "an unknown type";
}

const char *
snmp_error_name(unsigned status)
{
	static const char *const names[] = {
		"noError",
		"tooBig",
		"noSuchName",
		"badValue",
		"readOnly",
		"genErr",
		"noAccess",
		"wrongType",
		"wrongLength",
		"wrongEncoding",
		"wrongValue",
		"noCreation",
		"inconsistentValue",
		"resourceUnavailable",
		"commitFailed",
		"undoFailed",
		"authorizationError",
		"notWritable",
		"inconsistentName",
	};

	return status < sizeof(names) / sizeof(names[0]) ? names[status] : "an unknown error";
}

size_t
snmp_sub_identifier_octets(uint32_t id)
{
	size_t octets = 1;

	while (id >>= 7)
		octets++;
	return octets;
}

static size_t
with_header(size_t len)
{
	return len + (len < 128 ? 2 : len < 256 ? 3 : 4);
}

static size_t
value_octets(enum snmp_type type, size_t text_len)
{
	switch (type) {
	case SNMP_TYPE_OCTETS: return with_header(text_len);
	case SNMP_TYPE_COUNTER64: return with_header(9);
	case SNMP_TYPE_NULL: return with_header(0);
	default: return with_header(5);
	}
}

size_t
snmp_varbind_octets(const struct snmp_oid *oid, enum snmp_type type, size_t text_len)
{
	size_t name = 1; /* the first two sub-identifiers share an octet */

	for (size_t i = 2; i < oid->len; i++)
		name += snmp_sub_identifier_octets(oid->id[i]);
	return with_header(with_header(name) + value_octets(type, text_len));
}

/* X.690, 8.3: two's complement, in as few octets as hold the sign. */
static size_t
integer_octets(int64_t number)
{
	uint64_t magnitude = number < 0 ? ~(uint64_t)number : (uint64_t)number;
	size_t octets = 1;

	while (magnitude >>= octets == 1 ? 7 : 8)
		octets++;
	return octets;
}

size_t
snmp_varbind_spare_octets(const struct snmp_varbind *varbind, enum snmp_type type)
{
	size_t longest = value_octets(type, 0), octets;

	if (type == SNMP_TYPE_OCTETS)
		return 0;
	if (snmp_varbind_absent(varbind))
		octets = with_header(0);
	else if (varbind->type == SNMP_TYPE_COUNTER64 && varbind->number > INT64_MAX)
		octets = with_header(9);
	else
		octets = with_header(integer_octets((int64_t)varbind->number));
	return octets < longest ? longest - octets : 0;
}
