/* links: snmp/reply.c snmp/envelope.c */
/* pkgs: netsnmp */
/* fuzz_snmp_reply.c - a datagram of any octets, read by reply.c and by net-snmp: what the one takes the other takes, and reads
 * alike; nothing around the datagram is touched.  What is no SNMPv1 or v2c never comes so far: envelope.c. */
#include <stdint.h>

#include "../unit/reply_twice.h"
#include "snmp/envelope.h"

int LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len);

int
LLVMFuzzerTestOneInput(const uint8_t *octets, size_t len)
{
	static bool quiet;
	struct envelope envelope;
	enum reply_kind kind;

	if (!quiet)
		netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, 0);
	quiet = true;
	if (envelope_read(&envelope, octets, len) != ENVELOPE_COMMUNITY)
		return 0;
	if (reply_twice(octets, len, &kind) != NULL)
		abort();
	return 0;
}
