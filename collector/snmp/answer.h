/* answer.h - is this reply an answer to what was asked?  Pure.
 *
 * A reply is matched to its request by a 32-bit number that counts up, so one flipped bit credits another switch's
 * request: the names must agree too.  Source: RFC 3416, 4.2.1 to 4.2.3. */
#ifndef COLLECTOR_SNMP_ANSWER_H
#define COLLECTOR_SNMP_ANSWER_H

#include "snmp/varbind.h"

enum snmp_command { SNMP_COMMAND_GET, SNMP_COMMAND_NEXT, SNMP_COMMAND_BULK };

struct snmp_question {
	enum snmp_command command;
	unsigned repetitions; /* BULK: 1 or more */
	unsigned singles; /* BULK: so many names at the front are asked for once (non-repeaters) */
	bool ascending;   /* BULK: an answer whose names do not go up is none */
	const struct snmp_oid *oids;
	size_t oid_count;
};

/* NULL when the varbinds answer the question, else what is wrong with them (static).
 * GET: exactly the objects asked for, in order.  NEXT: as many as were asked for.  BULK: at least one, at most
 * repetitions for each; every single and one more where there are singles.  Whether a NEXT or BULK goes forward is the
 * walk's business, since agents exist that go back, unless the question says `ascending`. */
const char *answer_fault(const struct snmp_question *question, const struct snmp_varbind *varbinds,
			 size_t varbind_count);

#endif
