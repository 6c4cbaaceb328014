/* model.h - the words of the field, as plain values: kinds, states, verdicts, a port, a sample.
 *
 * Names in text (API, pages, ledger) come from the tables behind model_*_name; model_*_parse is their inverse.
 * Missing numbers are NAN, never 0. */
#ifndef IXWATCH_MODEL_H
#define IXWATCH_MODEL_H

#include <stdbool.h>
#include <stdint.h>

/* What is judged: a port; or a connection, all ports of one peer at one exchange. */
enum subject_kind { SUBJECT_PORT, SUBJECT_CONNECTION, SUBJECT_KIND_COUNT };
struct subject {
	enum subject_kind kind;
	int64_t
	    id; /* of the port or of the connection; ids of the two have nothing to do with each other */
};
static inline struct subject
subject_port(int64_t id)
{
	return (struct subject) { SUBJECT_PORT, id };
}
static inline struct subject
subject_connection(int64_t id)
{
	return (struct subject) { SUBJECT_CONNECTION, id };
}

/* Seen from the polled box: in is what it receives on the port, out is what it sends. */
enum direction { DIRECTION_IN, DIRECTION_OUT, DIRECTION_COUNT };

/* Whom the congestion of a port concerns.  A port without a kind is judged and shown, but nothing
 * about it leaves the house. */
enum port_kind {
	KIND_NONE,
	KIND_MEMBER,
	KIND_PNI,
	KIND_SHARED,
	KIND_PEER_SHARE,
	KIND_RESELLER,
	KIND_CORE,
	KIND_COUNT
};

/* How a port stands now; the first that fits, in this order. */
enum port_state {
	STATE_DOWN,
	STATE_UNKNOWN,
	STATE_SUSTAINED,
	STATE_SPIKE,
	STATE_HOT,
	STATE_CLEAR,
	STATE_COUNT
};

/* In order of precedence, the graver first. */
enum verdict {
	VERDICT_ROUTINE,
	VERDICT_RECURRING,
	VERDICT_INSUFFICIENT,
	VERDICT_NONE,
	VERDICT_COUNT
};

enum episode_kind { EPISODE_SPIKE, EPISODE_SUSTAINED, EPISODE_KIND_COUNT };

/* Where a capacity comes from, shown beside it. */
enum capacity_source {
	CAPACITY_UNKNOWN,
	CAPACITY_SETTING,
	CAPACITY_CONTRACT,
	CAPACITY_IXF,
	CAPACITY_LAG,
	CAPACITY_INTERFACE,
	CAPACITY_SOURCE_COUNT
};

/* Why a stretch of time could not be measured; counted per port. */
enum quality_reason {
	QUALITY_RESTART,       /* the agent restarted */
	QUALITY_RESET,         /* a counter fell */
	QUALITY_DISCONTINUITY, /* ifCounterDiscontinuityTime moved */
	QUALITY_WRAP,          /* a 32-bit counter may have wrapped more than once */
	QUALITY_IMPOSSIBLE,    /* a slot above 1.05 x the physical capacity, per direction */
	QUALITY_CLOCK,         /* the clocks do not agree about the time between two reads */
	QUALITY_GAP,           /* more than three intervals without an answer */
	QUALITY_COUNT
};

/* How a member of a LAG stands. */
enum member_state {
	MEMBER_UNKNOWN,
	MEMBER_LIVE,     /* up, and attached where the LAG MIB says so: it carries its share */
	MEMBER_DOWN,     /* ifOperStatus is not up */
	MEMBER_DETACHED, /* up, but LACP does not let it carry traffic */
	MEMBER_STATE_COUNT
};

/* The ten columns of a port's series, in the order of its file.  Rates are means over the sample's interval. */
enum column {
	COLUMN_IN_BPS, /* layer 2, bit/s, frames with FCS */
	COLUMN_OUT_BPS,
	COLUMN_IN_PPS, /* unicast + multicast + broadcast, packets/s */
	COLUMN_OUT_PPS,
	COLUMN_IN_DISCARDS, /* packets/s */
	COLUMN_OUT_DISCARDS,
	COLUMN_IN_ERRORS, /* packets/s */
	COLUMN_OUT_ERRORS,
	COLUMN_CAPACITY_BPS, /* physical capacity in force, bit/s */
	COLUMN_OPER,         /* share of the interval in which ifOperStatus was up, 0..1 */
	COLUMN_COUNT
};

/* Means over (end - step, end].  Both on the grid of step_sec. */
struct sample {
	int64_t end_utc_sec;
	uint32_t step_sec;
	double value[COLUMN_COUNT]; /* NAN: unknown */
};

/* A port that faces a peer.  Texts are clean UTF-8, never NULL ("" when there is none), owned by whoever holds the
 * struct, or lent where a callback passes it. */
struct port {
	int64_t id;            /* given by the ledger, > 0, never used again */
	const char *exchange;  /* slug */
	const char *agent;     /* its name in the configuration */
	const char *interface; /* ifName; a duplicate one is "NAME#ifIndex" */
	const char *alias;     /* ifAlias as the agent says it, cleaned */
	const char *peer;      /* the peer's name, "" when unknown */
	const char *path;      /* of its series, relative to state-dir: "rrd/ex/agent/if.rrd" */
	const char *note;      /* from the configuration */
	const char *circuit;   /* from the configuration */
	uint32_t asn;          /* 0: none */
	enum port_kind kind;
	double contracted_bps;    /* NAN: no contract known */
	bool contract_billed;     /* true: above it is an invoice, not congestion */
	int64_t vanished_utc_sec; /* 0: present; else since when its agent no longer lists it */
};

const char *model_direction_name(enum direction direction); /* "in", "out" */
const char *model_subject_name(enum subject_kind kind);     /* "port", "connection" */
const char *model_kind_name(enum port_kind kind);           /* "member"; "" for KIND_NONE */
const char *model_state_name(enum port_state state);
const char *model_verdict_name(enum verdict verdict); /* "none", "insufficient data" ... */
const char *model_episode_kind_name(enum episode_kind kind);
const char *model_capacity_source_name(enum capacity_source source);
const char *model_quality_name(enum quality_reason reason);   /* "restart", "wrap_unproven" ... */
const char *model_member_state_name(enum member_state state); /* "live", "detached" ... */
const char *model_column_name(enum column column);            /* "in_bps" ... */

bool model_direction_parse(const char *name, enum direction *direction);
bool model_kind_parse(const char *name, enum port_kind *kind);
bool model_state_parse(const char *name, enum port_state *state);
bool model_verdict_parse(const char *name, enum verdict *verdict);
bool model_member_state_parse(const char *name, enum member_state *state);
bool model_column_parse(const char *name, enum column *column);

/* min(physical, contracted) unless the contract is billed; NAN when the physical one is unknown or 0. */
double model_capacity_bps(double physical_bps, double contracted_bps, bool billed);

#endif
