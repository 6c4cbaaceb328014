/* snapshot.h - how every port stands now: written whole by the collector each round, read by web and `status`.
 *
 * One binary file, state-dir/snapshot, replaced by rename, so that a reader sees a whole round or the one before; it
 * outlives the collector, and says how old it is.  It may be lost at no loss: it is made anew each round. */
#ifndef IXWATCH_SNAPSHOT_H
#define IXWATCH_SNAPSHOT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/model.h"
#include "ixwatch/self_watch.h"

/* Why a port's utilisation is unknown, for the page. */
enum unknown_reason {
	UNKNOWN_NOT,           /* it is known */
	UNKNOWN_NO_SAMPLE_YET, /* two reads are needed */
	UNKNOWN_AGENT_SILENT,
	UNKNOWN_VANISHED,    /* its agent no longer lists it */
	UNKNOWN_NO_CAPACITY, /* the agent says no speed, and the configuration has none */
	UNKNOWN_COUNTERS,    /* reset, or impossible: they prove nothing */
	UNKNOWN_NO_64BIT,    /* only 32-bit counters, which may wrap unseen at its speed; or none */
	UNKNOWN_REASON_COUNT
};
const char *snapshot_reason_text(
    enum unknown_reason reason); /* "the agent does not answer"; "" for UNKNOWN_NOT */

struct snapshot_port {
	int64_t id;
	int64_t sampled_utc_sec;             /* end of the newest known slot; 0: none yet */
	double value[COLUMN_COUNT];          /* that slot's, as stored */
	double capacity_bps;                 /* after the contract */
	double utilisation[DIRECTION_COUNT]; /* of capacity_bps, by utilisation.h */
	int64_t state_since_utc_sec;         /* since when `state` holds; 0 unknown */
	uint8_t layer2[DIRECTION_COUNT];     /* 1: frames could not be counted */
	uint8_t run[DIRECTION_COUNT];        /* 0: no open run; 1: spike so far; 2: sustained */
	uint8_t state;                       /* enum port_state */
	uint8_t verdict;                     /* enum verdict, worse direction */
	uint8_t capacity_source;             /* enum capacity_source */
	uint8_t reason;                      /* enum unknown_reason */
	uint32_t quality[QUALITY_COUNT];     /* what was refused since the start, by reason */
	uint32_t refresh_ms; /* its agent takes its counters so often; 0: no steps seen */
	uint8_t flags[DIRECTION_COUNT]; /* SNAPSHOT_SATURATED ..., of the last judged step */
	uint8_t time_is_ours;           /* 1: for want of a good clock of the agent's */
	uint8_t
	    in_lag; /* 1: a member of a LAG that is a port too: its traffic is the LAG's, and belongs in no sum */
	/* Where its physical capacity comes from, as last read.  ifHighSpeed's own unit keeps them small; 0: unknown. */
	uint8_t physical_source;      /* enum capacity_source: setting, lag, interface or unknown */
	uint8_t reserved[3];          /* zero */
	uint32_t interface_mbps;      /* its own ifHighSpeed */
	uint32_t lag_mbps;            /* of a LAG: the sum of its live members */
	uint32_t largest_member_mbps; /* of a LAG: the fastest live member */
	uint32_t zero;
};

/* The same in bit/s; NAN: unknown, or it is no LAG.  Members one by one: ledger_lag_members_each. */
double snapshot_interface_bps(const struct snapshot_port *port);
double snapshot_lag_bps(const struct snapshot_port *port);
/* What is lost when the member that hurts most fails: the physical capacity left then is physical less this. */
double snapshot_largest_member_bps(const struct snapshot_port *port);
/* bit/s as the snapshot keeps it; NAN is 0. */
uint32_t snapshot_mbps(double bps);

/* Beside the state and the verdict, never part of one. */
enum {
	SNAPSHOT_SATURATED =
	    1 << 0,             /* 98% or more, or 1% of the packets discarded, for 10 minutes */
	SNAPSHOT_LOSS = 1 << 1, /* 1% or more of the packets discarded, for `sustain` */
	SNAPSHOT_MICROBURST = 1 << 2, /* discards below `discard-floor` */
	SNAPSHOT_HOT = 1 << 3,        /* its peaks are close to congestion */
	SNAPSHOT_FLAG_ALL = 0xf
};
/* "saturated", "loss", "microburst", "hot": the name of one bit. */
const char *snapshot_flag_name(unsigned flag);

struct snapshot_agent {
	char exchange[64]; /* the first that uses it */
	char name[64];
	char address[64];
	int64_t answered_utc_sec; /* last good answer; 0: never */
	uint32_t port_count;
	uint32_t polls_ok, polls_failed; /* since the start */
	uint32_t rtt_us;                 /* of the last answer */
	uint32_t refresh_ms;             /* it takes its counters so often; 0: no steps seen */
	uint32_t time_is_ours; /* 1: elapsed time is told by our clock, not by its sysUpTime */
	char trouble[160];     /* the present trouble in words; "" when all is well */
	uint32_t failed[POLL_FAILURE_COUNT]; /* of polls_failed, by reason */
	double self[SELF_AGENT_COUNT];       /* NAN unknown */
};

struct snapshot {
	int64_t round_utc_sec;   /* when the last round ended; readyz asks this */
	int64_t started_utc_sec; /* the collector's start */
	uint32_t interval_sec;
	uint32_t collector_pid;
	uint32_t rounds, rounds_late;
	double self[SELF_COUNT]; /* of the collector as a whole; NAN unknown */
	uint32_t port_count, agent_count;
	struct snapshot_port *ports; /* by id, ascending */
	struct snapshot_agent *agents;
};

bool snapshot_write(const char *state_dir, const struct snapshot *snapshot, struct error *err);
/* The same of ports that lie where they live: port_count views, which are put in order; snapshot->ports is not looked at. */
bool snapshot_write_views(const char *state_dir, const struct snapshot *snapshot,
			  const struct snapshot_port **views, struct error *err);
/* ERR_NOT_FOUND when there is none yet; ERR_PARSE when it is not one of this version.  snapshot_free ends it. */
bool snapshot_read(const char *state_dir, struct snapshot **out, struct error *err);
/* Changes when the file does (device, inode, mtime); 0 when there is none. */
int64_t snapshot_stamp(const char *state_dir);
void snapshot_free(struct snapshot *snapshot);
const struct snapshot_port *snapshot_port_find(const struct snapshot *snapshot, int64_t id);

#endif
