/* answer.h - SNMPv2c: a datagram in, a datagram out (RFC 1901, RFC 3416).
 *
 * Served: GET, GETNEXT, GETBULK; a SET is refused with noAccess.  What is not well-formed, of another version or with
 * another community is met with silence, as agents do. */
#ifndef SIM_ANSWER_H
#define SIM_ANSWER_H

#include <stddef.h>
#include <stdint.h>

#include "box.h"

#define ANSWER_MAX_VARBINDS 512 /* more in one request are tooBig */

struct answer_rules {
	const char *community;
	size_t max_size; /* octets of the largest answer, 484 or more (RFC 3417 section 3.2.1) */
};

/* Answers for a box that box_at has moved to now.  Returns the answer's length, 0 for silence; buffer holds max_size. */
size_t answer(struct box *box, const struct answer_rules *rules, const uint8_t *request,
	      size_t request_len, uint8_t *buffer);

#endif
