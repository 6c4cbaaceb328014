/* reading.h - what one answer of an agent says of one interface: the value that `snmp` hands to `measure`.
 * Sources: IF-MIB (RFC 2863) ifXTable and ifTable; SNMPv2-MIB sysUpTime; IEEE8023-LAG-MIB dot3adAggPortTable. */
#ifndef IXWATCH_READING_H
#define IXWATCH_READING_H

#include <stdbool.h>
#include <stdint.h>

enum reading_column {
	READING_IN_OCTETS,  /* ifHCInOctets */
	READING_OUT_OCTETS, /* ifHCOutOctets */
	READING_IN_UCAST,   /* ifHCInUcastPkts */
	READING_IN_MULTICAST,
	READING_IN_BROADCAST,
	READING_OUT_UCAST,
	READING_OUT_MULTICAST,
	READING_OUT_BROADCAST,
	READING_IN_DISCARDS,  /* ifInDiscards, Counter32 */
	READING_OUT_DISCARDS, /* ifOutDiscards, Counter32 */
	READING_IN_ERRORS,    /* ifInErrors, Counter32 */
	READING_OUT_ERRORS,   /* ifOutErrors, Counter32 */
	READING_COUNT
};

/* Bits of `has` beside those of the counters: the LAG MIB's answers about a member. */
#define READING_HAS_ATTACHED (1u << 30)
#define READING_HAS_LACP     (1u << 31)

/* ifOperStatus */
enum reading_oper { READING_OPER_UNKNOWN, READING_OPER_UP, READING_OPER_DOWN };

struct counter_read {
	int64_t at_mono_ms;   /* middle between request and answer, monotonic clock */
	int64_t at_utc_ms;    /* the same instant by the wall clock */
	uint32_t at_slack_ms; /* the counters were read at most this long before or after */
	uint32_t
	    uptime_ticks; /* sysUpTime of this very answer, 1/100 s, wraps after 497 days; where the agent
					   has none, our monotonic clock in the same unit */
	bool uptime_is_ours; /* it has none */
	bool narrow; /* octets and packets are Counter32, as discards and errors always are */
	uint32_t discontinuity_ticks; /* ifCounterDiscontinuityTime; 0 when the agent has none */
	uint64_t counter[READING_COUNT];
	uint32_t has; /* bit i set: counter[i] is known */
	enum reading_oper oper;
	double speed_bps; /* ifHighSpeed x 10^6; NAN when the agent does not say, or says 0 */
	uint32_t attached_if_index; /* dot3adAggPortAttachedAggID; 0: to none.  Of members only */
	uint8_t lacp_state; /* dot3adAggPortActorOperState, its first octet.  Of members only */
};

/* One row of an agent's interface table, as a walk finds it.  Texts are lent and clean. */
struct interface_row {
	uint32_t if_index;
	const char
	    *name;     /* ifName; ifDescr where the agent has no ifName; "" when it has neither */
	bool has_name; /* name is its ifName */
	const char *alias; /* ifAlias; "" when it has none */
	const char *descr; /* ifDescr */
	uint32_t type;     /* ifType, IANAifType */
	double speed_bps;  /* ifHighSpeed x 10^6; NAN */
	enum reading_oper oper;
	bool admin_up;
	unsigned counter_bits; /* 64: ifHCInOctets is there; 32: only ifInOctets; 0: neither */
	bool duplicate_name;   /* another row of this agent has the same name */
	/* Link aggregation (snmp/lag.h). */
	bool is_lag;           /* it is a LAG, or has members */
	uint32_t lag_if_index; /* of the LAG that it is a member of; 0: of none that is known */
	bool has_lacp;         /* a member of which the LAG MIB says whether it is attached */
	bool members_unproven; /* a LAG whose members, as told, contradict each other: no sum */
	bool lag_unknown;      /* nothing could be learned about LAGs in this walk */
};

#endif
