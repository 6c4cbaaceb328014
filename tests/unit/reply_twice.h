/* reply_twice.h - one message read by reply.c and by net-snmp itself: what the one takes, the other takes, and alike. */
#ifndef TESTS_REPLY_TWICE_H
#define TESTS_REPLY_TWICE_H

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp/reply.h"

static bool
twice_same_value(const struct snmp_varbind *ours, const netsnmp_variable_list *theirs)
{
	switch (theirs->type) {
	case ASN_INTEGER: return ours->number == (uint64_t)(int64_t)*theirs->val.integer;
	case ASN_COUNTER:
	case ASN_GAUGE:
	case ASN_TIMETICKS:
	case ASN_UINTEGER: return ours->number == (uint32_t)*theirs->val.integer;
	case ASN_COUNTER64:
		return ours->number == ((uint64_t)theirs->val.counter64->high << 32 |
					(theirs->val.counter64->low & 0xffffffffu));
	case ASN_OCTET_STR:
		return ours->octets_len == theirs->val_len &&
		       memcmp(ours->octets, theirs->val.string, theirs->val_len) == 0;
	default: return ours->number == 0 && ours->octets_len == 0;
	}
}

static const char *
twice_difference(const struct reply *reply, const netsnmp_pdu *ours, const netsnmp_pdu *theirs)
{
	const netsnmp_variable_list *list = theirs->variables;
	size_t count = 0;

	if (ours->version != theirs->version || ours->command != theirs->command ||
	    ours->reqid != theirs->reqid || ours->errstat != theirs->errstat ||
	    ours->errindex != theirs->errindex || ours->flags != theirs->flags)
		return "another header";
	for (; list != NULL; list = list->next_variable, count++) {
		const struct snmp_varbind *varbind = &reply->varbinds[count];

		if (count >= REPLY_VARBINDS_MAX)
			continue;
		if (varbind->oid_len != list->name_length ||
		    memcmp(varbind->oid, list->name, list->name_length * sizeof(oid)) != 0)
			return "another name";
		if (varbind->type != list->type || !twice_same_value(varbind, list))
			return "another value";
	}
	return count != reply->varbind_count ? "another count" : NULL;
}

/* NULL: no difference.  kind: as reply.c took it. */
static const char *
reply_twice(const unsigned char *octets, size_t len, enum reply_kind *kind)
{
	static struct reply reply;
	netsnmp_pdu *ours = snmp_pdu_create(0), *theirs = snmp_pdu_create(0);
	netsnmp_session session = { .version = SNMP_DEFAULT_VERSION };
	u_char *copy = malloc(len + 1); /* nothing may be read or written around it */
	const char *difference = NULL;
	int status;

	memcpy(copy, octets, len);
	*kind = reply_read(&reply, ours, copy, len);
	if (memcmp(copy, octets, len) != 0)
		difference = "octets of the message changed";
	status = snmp_parse(NULL, &session, theirs, copy, len);
	if (difference == NULL && *kind != REPLY_OTHER && (*kind == REPLY_READ) != (status == 0))
		difference =
		    *kind == REPLY_READ ? "the library refuses it" : "the library reads it";
	if (difference == NULL && *kind == REPLY_READ)
		difference = twice_difference(&reply, ours, theirs);
	free(copy);
	snmp_free_pdu(ours);
	snmp_free_pdu(theirs);
	return difference;
}

#endif
