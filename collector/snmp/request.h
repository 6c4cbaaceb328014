/* request.h - a request of SNMPv2c as octets.  Pure.
 *
 * net-snmp wants a list of names first, for each a piece of memory of more than a kilobyte, and writes the message from it:
 * a million a round at 100,000 ports.  A question has its names already.  A test holds each message against the library's
 * own, octet for octet.  Sources: RFC 3416, 3; RFC 1901, 3; the Basic Encoding Rules as RFC 3417, 8 has them. */
#ifndef COLLECTOR_SNMP_REQUEST_H
#define COLLECTOR_SNMP_REQUEST_H

#include <stddef.h>
#include <stdint.h>

#include "snmp/answer.h"

/* Writes the message to the beginning of octets; how long it is, 0 when `size` is too little.
 * number: its request-id, 0..2^31-1. */
size_t request_write(uint8_t *octets, size_t size, const char *community, uint32_t number,
		     const struct snmp_question *question);

#endif
