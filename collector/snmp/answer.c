/* answer.c - see answer.h. */
#include "snmp/answer.h"

static const char *
get_fault(const struct snmp_question *question, const struct snmp_varbind *varbinds, size_t count)
{
	if (count < question->oid_count)
		return "fewer objects than were asked for";
	if (count > question->oid_count)
		return "more objects than were asked for";
	for (size_t i = 0; i < count; i++)
		if (!snmp_oid_equals(&question->oids[i], &varbinds[i]))
			return "other objects than were asked for";
	return NULL;
}

static const char *
next_fault(const struct snmp_question *question, size_t count)
{
	bool bulk = question->command == SNMP_COMMAND_BULK;
	size_t most = question->oid_count * (bulk ? question->repetitions : 1);
	size_t least = bulk ? 1 : question->oid_count;

	if (count < least)
		return "fewer objects than were asked for";
	if (count > most)
		return "more objects than were asked for";
	return NULL;
}

const char *
answer_fault(const struct snmp_question *question, const struct snmp_varbind *varbinds,
	     size_t varbind_count)
{
	return question->command == SNMP_COMMAND_GET ? get_fault(question, varbinds, varbind_count)
						     : next_fault(question, varbind_count);
}
