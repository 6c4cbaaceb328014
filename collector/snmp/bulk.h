/* bulk.h - single rows out of the answer to a GETBULK for several columns of consecutive rows.  Pure.
 *
 * What is asked for is the question's singles, then a plan's columns in its order; the answer goes round the columns, row by
 * row, and may be cut anywhere.  A value counts only under its own name: an agent that leaves out a value goes on with
 * the next row's, so that places prove nothing.  Source: RFC 3416, 4.2.3. */
#ifndef COLLECTOR_SNMP_BULK_H
#define COLLECTOR_SNMP_BULK_H

#include "snmp/answer.h"
#include "snmp/ifmib.h"

enum bulk_row {
	BULK_ROW_WHOLE, /* every column has a value of that index */
	BULK_ROW_HOLED, /* some column went past the index: there is none, or the agent left it out */
	BULK_ROW_CUT,   /* the answer ends before some column came so far */
};

/* Gathers the row's values, in the plan's order, into found (all of them when WHOLE).  The varbinds must have passed
 * answer_fault for this question, with `ascending`. */
enum bulk_row bulk_row_find(const struct snmp_question *question, const struct ifmib_plan *plan,
			    const struct snmp_varbind *varbinds, size_t varbind_count,
			    uint32_t if_index, struct snmp_varbind found[IFMIB_PLAN_MAX]);

#endif
