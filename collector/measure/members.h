/* members.h - what the members of a LAG add up to.  Pure: no clock, no I/O, no allocation.
 *
 * A member counts with its ifHighSpeed while it is live: ifOperStatus up and, where the LAG MIB says so, attached to
 * this LAG and collecting.  "Attached" alone is not enough: a member whose partner holds it in reserve is attached and
 * carries nothing.  What the members do not prove is not said:
 *   - the state of one could not be read this round: the sum is unknown for this round, not the last one's;
 *   - one says neither up nor down, or is live and says no speed: there is no sum, the LAG's own ifHighSpeed is all
 *     there is (that holds for good on some agents);
 *   - the LAG is up although the LAG MIB has every member that is up detached: it is a static LAG on an agent that
 *     fills the table for LACP alone, and the table is not believed;
 *   - none is live: a capacity of 0 is unknown.
 *
 * Sources: IEEE 802.1AX, 6.4.15 (mux machine) and IEEE8023-LAG-MIB.  The octet of LACP states is numbered from the left
 * by the MIB and from the right by the protocol, and agents do either.  Synchronization and collecting are the two middle
 * bits, 0x18, in both. */
#ifndef COLLECTOR_MEASURE_MEMBERS_H
#define COLLECTOR_MEASURE_MEMBERS_H

#include <stddef.h>

#include "ixwatch/model.h"
#include "ixwatch/reading.h"

enum member_lacp {
	LACP_SILENT, /* the LAG MIB says nothing of it */
	LACP_IN,     /* it carries traffic of this LAG */
	LACP_OUT,
};

struct member {
	bool answered; /* in this round */
	enum reading_oper oper;
	double speed_bps; /* ifHighSpeed; NAN */
	enum member_lacp lacp;
	enum member_state state; /* the answer */
};

enum members_say {
	MEMBERS_SUM,
	MEMBERS_UNKNOWN, /* this round proves nothing */
	MEMBERS_NOTHING, /* there is no sum: ask the LAG itself */
};

struct members_capacity {
	enum members_say say;
	double sum_bps; /* of the live ones; NAN unless MEMBERS_SUM */
	double
	    largest_bps; /* the fastest live one's, whose loss hurts most; NAN unless MEMBERS_SUM */
};

/* What a read of a member says of it. */
struct member member_of_read(const struct counter_read *read, uint32_t lag_if_index);

/* Fills in every member's state.  lag_oper: the LAG's own ifOperStatus. */
struct members_capacity members_capacity(struct member *members, size_t count,
					 enum reading_oper lag_oper);

#endif
