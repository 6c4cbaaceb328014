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

/* Whether the name comes after the other in the order of names (RFC 3416, 4.2.2). */
static bool
comes_after(const struct snmp_varbind *name, const unsigned long *other, size_t other_len)
{
	for (size_t i = 0; i < name->oid_len && i < other_len; i++)
		if (name->oid[i] != other[i])
			return name->oid[i] > other[i];
	return name->oid_len > other_len;
}

static bool
comes_after_oid(const struct snmp_varbind *name, const struct snmp_oid *oid)
{
	unsigned long other[SNMP_OID_MAX];

	for (size_t i = 0; i < oid->len; i++)
		other[i] = oid->id[i];
	return comes_after(name, other, oid->len);
}

/* endOfMibView bears the name that has none after it. */
static bool
goes_up(const struct snmp_question *question, const struct snmp_varbind *varbinds, size_t i)
{
	size_t singles = question->singles, columns = question->oid_count - singles;

	if (varbinds[i].type == SNMP_TYPE_END_OF_MIB_VIEW)
		return true;
	if (i < question->oid_count)
		return comes_after_oid(&varbinds[i], &question->oids[i]);
	return comes_after(&varbinds[i], varbinds[i - columns].oid, varbinds[i - columns].oid_len);
}

static const char *
bulk_fault(const struct snmp_question *question, const struct snmp_varbind *varbinds, size_t count)
{
	size_t repeated = question->oid_count - question->singles;

	if (count < question->singles + 1u)
		return "fewer objects than were asked for";
	if (count > question->singles + repeated * question->repetitions)
		return "more objects than were asked for";
	for (size_t i = 0; question->ascending && i < count; i++)
		if (!goes_up(question, varbinds, i))
			return "objects that do not go up";
	return NULL;
}

static const char *
next_fault(const struct snmp_question *question, size_t count)
{
	if (count < question->oid_count)
		return "fewer objects than were asked for";
	if (count > question->oid_count)
		return "more objects than were asked for";
	return NULL;
}

const char *
answer_fault(const struct snmp_question *question, const struct snmp_varbind *varbinds,
	     size_t varbind_count)
{
	switch (question->command) {
	case SNMP_COMMAND_GET: return get_fault(question, varbinds, varbind_count);
	case SNMP_COMMAND_NEXT: return next_fault(question, varbind_count);
	case SNMP_COMMAND_BULK: return bulk_fault(question, varbinds, varbind_count);
	}
	return "an answer to nothing that was asked";
}
