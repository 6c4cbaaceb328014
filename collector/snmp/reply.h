/* reply.h - an answer of SNMPv2c, read into one place that is used again for each.
 *
 * net-snmp makes a list of an answer's varbinds, for each a piece of memory of more than a kilobyte that is cleared, filled
 * and given back: at 100,000 ports 1.7 million a round, a fifth of all the collector did.  Here the library's own functions
 * read each octet, and judge it as they do there, but what they read is laid side by side.  All other messages - SNMPv3,
 * reports, what is no response - are left to the library whole. */
#ifndef COLLECTOR_SNMP_REPLY_H
#define COLLECTOR_SNMP_REPLY_H

#include <stddef.h>

#include "snmp/varbind.h"

#define REPLY_VARBINDS_MAX 256 /* more is no answer to anything we ask */
#define REPLY_NAME_MAX     128 /* sub-identifiers: RFC 3416, 4.1 */
#define REPLY_TEXTS_MAX    65536

struct reply {
	struct snmp_varbind varbinds[REPLY_VARBINDS_MAX]; /* lend what follows */
	size_t varbind_count; /* as the message has; those beyond REPLY_VARBINDS_MAX are not kept */
	unsigned long names[REPLY_VARBINDS_MAX * REPLY_NAME_MAX];
	unsigned char texts[REPLY_TEXTS_MAX]; /* as long as the longest message */
	size_t names_len, texts_len;
};

struct snmp_pdu;

enum reply_kind {
	REPLY_READ,
	REPLY_OTHER,  /* no response of SNMPv2c, or of types that are not asked for */
	REPLY_BROKEN, /* the library would not have read it either */
};

/* Reads a message of SNMPv1 or v2c; the header goes into the PDU as the library would put it, but without its community. */
enum reply_kind reply_read(struct reply *reply, struct snmp_pdu *pdu, const unsigned char *octets,
			   size_t len);

#endif
