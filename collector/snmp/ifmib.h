/* ifmib.h - the interface tables: which objects to ask for, and what their values mean.  Pure.
 *
 * Sources: IF-MIB (RFC 2863), ifTable and ifXTable; SNMPv2-MIB (RFC 3418), system group; IEEE8023-LAG-MIB (IEEE 802.1AX),
 * dot3adAggPortTable. */
#ifndef COLLECTOR_SNMP_IFMIB_H
#define COLLECTOR_SNMP_IFMIB_H

#include "snmp/snmp.h"
#include "snmp/varbind.h"

#define IFMIB_TEXT_LEN 512 /* of a cleaned text with its end; 255 octets on the wire */

enum ifmib_column {
	IFMIB_DESCR,
	IFMIB_TYPE,
	IFMIB_ADMIN_STATUS,
	IFMIB_OPER_STATUS,
	IFMIB_IN_OCTETS,
	IFMIB_IN_UCAST,
	IFMIB_IN_NUCAST,
	IFMIB_IN_DISCARDS,
	IFMIB_IN_ERRORS,
	IFMIB_OUT_OCTETS,
	IFMIB_OUT_UCAST,
	IFMIB_OUT_NUCAST,
	IFMIB_OUT_DISCARDS,
	IFMIB_OUT_ERRORS,
	IFMIB_NAME,
	IFMIB_IN_MULTICAST,
	IFMIB_IN_BROADCAST,
	IFMIB_OUT_MULTICAST,
	IFMIB_OUT_BROADCAST,
	IFMIB_HC_IN_OCTETS,
	IFMIB_HC_IN_UCAST,
	IFMIB_HC_IN_MULTICAST,
	IFMIB_HC_IN_BROADCAST,
	IFMIB_HC_OUT_OCTETS,
	IFMIB_HC_OUT_UCAST,
	IFMIB_HC_OUT_MULTICAST,
	IFMIB_HC_OUT_BROADCAST,
	IFMIB_HIGH_SPEED,
	IFMIB_ALIAS,
	IFMIB_DISCONTINUITY,
	IFMIB_AGG_SELECTED,
	IFMIB_AGG_ATTACHED,
	IFMIB_AGG_STATE,
	IFMIB_COLUMN_COUNT
};

struct ifmib_object {
	const char *name;
	enum snmp_type type;
	struct snmp_oid oid; /* without the index */
};
extern const struct ifmib_object ifmib_objects[IFMIB_COLUMN_COUNT];

/* Single objects, with their .0. */
enum ifmib_scalar {
	IFMIB_SYS_UPTIME,
	IFMIB_SYS_DESCR,
	IFMIB_SYS_NAME,
	IFMIB_TABLE_LAST_CHANGE,
	IFMIB_SCALAR_COUNT
};
extern const struct ifmib_object ifmib_scalars[IFMIB_SCALAR_COUNT];

/* The columns asked of one row, the one that bears its name first. */
#define IFMIB_PLAN_MAX 20
struct ifmib_plan {
	enum ifmib_column column[IFMIB_PLAN_MAX];
	size_t count;
};

/* For a row as the walk found it: 64-bit counters unless it has only 32-bit ones; those with packets from ifXTable
 * where the agent has one, else with ifInNUcastPkts (multicast and broadcast in one, read as multicast).  For a member:
 * state and speed alone. */
struct ifmib_plan ifmib_plan_for(const struct snmp_poll_row *row);

/* The most octets that an answer needs for this row, an ifAlias of alias_len taken for granted. */
size_t ifmib_row_octets(const struct ifmib_plan *plan, const struct snmp_poll_row *row,
			size_t alias_len);

/* Octets by which the row came shorter than that, less one for each value, by which it may have grown until the next time
 * (it is 256 times as much then, or nearly). */
size_t ifmib_row_spare_octets(const struct ifmib_plan *plan, const struct snmp_varbind *varbinds);

/* sysUpTime as answered.  An agent without one gets our monotonic clock, in its unit, and
 * *is_ours is true.  False: `why` says what is unfit. */
bool ifmib_uptime(const struct snmp_varbind *varbind, int64_t mono_ms, uint32_t *ticks,
		  bool *is_ours, char *why, size_t why_len);

/* One row of an answer.  varbinds: as many as the plan has columns, in its order.  read->at_* and uptime_ticks are left
 * alone.  alias gets the clean ifAlias ("" when there is none); why a sentence, for SNMP_ROW_REFUSED, MOVED and GONE. */
enum snmp_row_outcome ifmib_decode(const struct ifmib_plan *plan, const struct snmp_poll_row *row,
				   const struct snmp_varbind *varbinds, struct counter_read *read,
				   char alias[IFMIB_TEXT_LEN], char *why, size_t why_len);

/* IANAifType: whether an interface of that type is a wire that may face somebody; a LAG is none. */
bool ifmib_is_wire(uint32_t type);

/* Single values, for walk and poll alike. */
enum reading_oper ifmib_oper(uint64_t status);
double ifmib_speed_bps(uint64_t high_speed); /* NAN for 0 */
char *ifmib_text(char dst[IFMIB_TEXT_LEN],
		 const struct snmp_varbind *varbind); /* clean; without NULs at its end */

#endif
