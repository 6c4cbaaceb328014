/* bulk.c - see bulk.h. */
#include "snmp/bulk.h"

static enum bulk_row
column_find(const struct snmp_question *question, const struct snmp_oid *column, size_t number,
	    const struct snmp_varbind *varbinds, size_t varbind_count, uint32_t if_index,
	    struct snmp_varbind *found)
{
	size_t columns = question->oid_count - question->singles;

	for (size_t i = question->singles + number; i < varbind_count; i += columns) {
		uint32_t index;

		if (varbinds[i].type == SNMP_TYPE_END_OF_MIB_VIEW ||
		    !snmp_oid_below(column, &varbinds[i], &index) || index > if_index)
			return BULK_ROW_HOLED;
		if (index == if_index) {
			*found = varbinds[i];
			return BULK_ROW_WHOLE;
		}
	}
	return BULK_ROW_CUT;
}

enum bulk_row
bulk_row_find(const struct snmp_question *question, const struct ifmib_plan *plan,
	      const struct snmp_varbind *varbinds, size_t varbind_count, uint32_t if_index,
	      struct snmp_varbind found[IFMIB_PLAN_MAX])
{
	enum bulk_row row = BULK_ROW_WHOLE;

	for (size_t i = 0; i < plan->count && row != BULK_ROW_CUT; i++) {
		enum bulk_row one = column_find(question, &ifmib_objects[plan->column[i]].oid, i,
						varbinds, varbind_count, if_index, &found[i]);

		if (one != BULK_ROW_WHOLE)
			row = one;
	}
	return row;
}
