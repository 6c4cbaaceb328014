/* reply.c - see reply.h.  In the order and with the checks of net-snmp 5.9.3's snmp_pdu_parse, which a test compares. */
#include "snmp/reply.h"

#include <stdbool.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

_Static_assert(REPLY_NAME_MAX == MAX_OID_LEN, "a name is as long as the library lets it be");

/* What the library reads from: it asks for octets that it may write to, and writes none. */
struct cursor {
	u_char *at;
	size_t left;
};

/* --- one varbind --- */

struct value {
	u_char type;
	u_char *octets; /* from its tag on */
	size_t len;     /* of what it holds */
};

static bool
integer_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	size_t len = SNMP_MAX_PACKET_LEN;
	u_char type;
	long number;

	(void)reply;
	if (asn_parse_int(value->octets, &len, &type, &number, sizeof(number)) == NULL)
		return false;
	to->number = (uint64_t)(int64_t)number;
	return true;
}

static bool
unsigned_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	size_t len = SNMP_MAX_PACKET_LEN;
	u_char type;
	u_long number;

	(void)reply;
	if (asn_parse_unsigned_int(value->octets, &len, &type, &number, sizeof(number)) == NULL)
		return false;
	to->number = (uint32_t)number;
	return true;
}

static bool
counter64_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	size_t len = SNMP_MAX_PACKET_LEN;
	struct counter64 number;
	u_char type;

	(void)reply;
	if (asn_parse_unsigned_int64(value->octets, &len, &type, &number, sizeof(number)) == NULL)
		return false;
	to->number = (uint64_t)number.high << 32 | (number.low & 0xffffffffu);
	return true;
}

static bool
text_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	size_t len = SNMP_MAX_PACKET_LEN, text_len = sizeof(reply->texts) - reply->texts_len;
	unsigned char *text = reply->texts + reply->texts_len;
	u_char type;

	if (asn_parse_string(value->octets, &len, &type, text, &text_len) == NULL)
		return false;
	if (to->type == SNMP_TYPE_OCTETS) {
		to->octets = text;
		to->octets_len = text_len;
		reply->texts_len += text_len;
	}
	return true;
}

static bool
address_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	return value->len == 4 && text_read(reply, to, value);
}

static bool
name_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	size_t len = SNMP_MAX_PACKET_LEN, name_len = MAX_OID_LEN;
	oid name[MAX_OID_LEN];
	u_char type;

	(void)reply, (void)to;
	return asn_parse_objid(value->octets, &len, &type, name, &name_len) != NULL;
}

static bool
nothing_read(struct reply *reply, struct snmp_varbind *to, const struct value *value)
{
	(void)reply, (void)to, (void)value;
	return true;
}

typedef bool value_read(struct reply *reply, struct snmp_varbind *to, const struct value *value);

/* Types that nothing we ask for has are not here: an answer with one is the library's to read, or to refuse. */
static value_read *const value_reads[256] = {
	[ASN_INTEGER] = integer_read,       [ASN_COUNTER] = unsigned_read,
	[ASN_GAUGE] = unsigned_read,        [ASN_TIMETICKS] = unsigned_read,
	[ASN_UINTEGER] = unsigned_read,     [ASN_COUNTER64] = counter64_read,
	[ASN_IPADDRESS] = address_read,     [ASN_OCTET_STR] = text_read,
	[ASN_OBJECT_ID] = name_read,        [ASN_NULL] = nothing_read,
	[SNMP_NOSUCHOBJECT] = nothing_read, [SNMP_NOSUCHINSTANCE] = nothing_read,
	[SNMP_ENDOFMIBVIEW] = nothing_read,
};

static enum reply_kind
varbind_read(struct reply *reply, struct cursor *list)
{
	struct snmp_varbind ignored, *to = &ignored;
	size_t name_len = MAX_OID_LEN;
	oid spare[MAX_OID_LEN], *name = spare;
	struct value value;

	if (reply->varbind_count < REPLY_VARBINDS_MAX) {
		to = &reply->varbinds[reply->varbind_count];
		name = reply->names + reply->names_len;
	}
	list->at = snmp_parse_var_op(list->at, name, &name_len, &value.type, &value.len,
				     &value.octets, &list->left);
	if (list->at == NULL)
		return REPLY_BROKEN;
	if (value_reads[value.type] == NULL)
		return REPLY_OTHER;
	*to = (struct snmp_varbind) { .oid = name, .oid_len = name_len, .type = value.type };
	if (!value_reads[value.type](reply, to, &value))
		return REPLY_BROKEN;
	if (name != spare)
		reply->names_len += name_len;
	reply->varbind_count++;
	return REPLY_READ;
}

/* --- the message --- */

/* As far as the list: its type decides whether it is read here. */
static enum reply_kind
head_read(netsnmp_pdu *pdu, struct cursor *message)
{
	u_char community[COMMUNITY_MAX_LEN], type;
	size_t community_len = sizeof(community);
	long *const numbers[] = { &pdu->reqid, &pdu->errstat, &pdu->errindex };

	message->at = snmp_comstr_parse(message->at, &message->left, community, &community_len,
					&pdu->version);
	if (message->at == NULL)
		return REPLY_BROKEN;
	if (pdu->version != SNMP_VERSION_2c)
		return REPLY_OTHER;
	message->at = asn_parse_header(message->at, &message->left, &type);
	if (message->at == NULL)
		return REPLY_BROKEN;
	if (type != SNMP_MSG_RESPONSE)
		return REPLY_OTHER;
	pdu->command = type;
	for (size_t i = 0; i < sizeof(numbers) / sizeof(numbers[0]); i++) {
		message->at = asn_parse_int(message->at, &message->left, &type, numbers[i],
					    sizeof(*numbers[i]));
		if (message->at == NULL)
			return REPLY_BROKEN;
	}
	message->at = asn_parse_sequence(message->at, &message->left, &type,
					 ASN_SEQUENCE | ASN_CONSTRUCTOR, "varbinds");
	return message->at != NULL ? REPLY_READ : REPLY_BROKEN;
}

enum reply_kind
reply_read(struct reply *reply, struct snmp_pdu *pdu, const unsigned char *octets, size_t len)
{
	struct cursor message = { (u_char *)(uintptr_t)octets, len };
	enum reply_kind kind = head_read(pdu, &message);

	reply->varbind_count = reply->names_len = reply->texts_len = 0;
	while (kind == REPLY_READ && (int)message.left > 0)
		kind = varbind_read(reply, &message);
	if (kind == REPLY_READ)
		pdu->flags |= UCD_MSG_FLAG_RESPONSE_PDU;
	return kind;
}
