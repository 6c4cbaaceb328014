/* self_watch.h - how the collector itself is doing, in numbers: late rounds, failed polls and why, queues, retries, room.
 *
 * They are in the snapshot; `status`, the API and /metrics read them there, and name them by one table.  NAN: unknown. */
#ifndef IXWATCH_SELF_WATCH_H
#define IXWATCH_SELF_WATCH_H

#include <stdbool.h>

struct json;
struct snapshot;
struct snapshot_agent;

/* Why a poll failed: by what was wrong last in it. */
enum poll_failure {
	POLL_FAILED_TIMEOUT,        /* silence; a wrong community looks just so */
	POLL_FAILED_AUTHENTICATION, /* SNMPv3: user, secret, level, clock or engine */
	POLL_FAILED_SOURCE,         /* answered from another address or port */
	POLL_FAILED_OID,            /* with other objects than were asked for */
	POLL_FAILED_TYPE,           /* with a value of another type */
	POLL_FAILED_MALFORMED,      /* with octets that are no SNMP */
	POLL_FAILED_TOO_BIG,        /* even one row is more than it can answer */
	POLL_FAILED_ERROR_STATUS,   /* with another error */
	POLL_FAILED_UNSENT,         /* the request could not be sent */
	POLL_FAILED_LOOKUP,         /* its name has no address */
	POLL_FAILED_MEMORY,
	POLL_FAILED_OTHER,
	POLL_FAILURE_COUNT
};
const char *poll_failure_name(enum poll_failure failure); /* "timeout", "wrong_oid" */

/* A round here is one agent's: its table or its counters asked for once. */
enum self_number {
	SELF_ROUNDS_BEGUN,
	SELF_ROUNDS_COMPLETE,
	SELF_ROUNDS_FAILED,
	SELF_ROUNDS_LATE, /* began late, or not at all since the one before was still going on */
	SELF_LATE_SEC,    /* how late the latest of those was; unknown before one */
	SELF_AGENTS_FAILING,
	SELF_AGENTS_LATE, /* whose last round was */
	SELF_REQUESTS,
	SELF_RETRIES,
	SELF_TIMEOUTS,
	SELF_LATE_ANSWERS,
	SELF_REFUSED_SOURCE,
	SELF_REFUSED_OID,
	SELF_REFUSED_TYPE,
	SELF_REFUSED_MALFORMED,
	SELF_REFUSED_AUTHENTICATION,
	SELF_ERROR_STATUS,
	SELF_REQUESTS_IN_FLIGHT,
	SELF_AGENTS_WAITING, /* for their turn to be asked */
	SELF_JUDGES_WAITING, /* after a start: ports whose judge is not recalled yet */
	SELF_SERIES_UNCOMMITTED,
	SELF_SERIES_PENDING,
	SELF_SERIES_FILES_WAITING,
	SELF_SERIES_WRITTEN,
	SELF_SERIES_LOCK_RETRIES,
	SELF_SERIES_WRITE_FAILURES,
	SELF_JOURNAL_OCTETS,
	SELF_LEDGER_BUSY_RETRIES,
	SELF_DISK_FREE_OCTETS,
	SELF_CONTROL_CLIENTS,
	SELF_CPU_SEC,
	SELF_RESIDENT_OCTETS,
	SELF_OPEN_FILES,
	SELF_REPORT_RUNS, /* of the process that makes the letters */
	SELF_REPORT_FAILURES,
	SELF_REPORT_RUNNING, /* 1 while it runs, else 0 */
	SELF_COUNT
};

enum self_agent_number {
	SELF_AGENT_ROUNDS_BEGUN,
	SELF_AGENT_ROUNDS_COMPLETE,
	SELF_AGENT_ROUNDS_LATE,
	SELF_AGENT_LATE_SEC,
	SELF_AGENT_REQUESTS_IN_FLIGHT,
	SELF_AGENT_ROWS_WAITING, /* of the round under way, not answered yet */
	SELF_AGENT_COUNT
};

struct self_row {
	const char *key;    /* in JSON */
	const char *metric; /* base units, Prometheus' naming */
	const char
	    *reason;  /* the label `reason` of one of several lines of that metric; NULL: none */
	bool counter; /* since the collector's start; else how it is now, unknown once it is gone */
	const char *help;
};
extern const struct self_row self_rows[SELF_COUNT];
extern const struct self_row self_agent_rows[SELF_AGENT_COUNT];

/* What may be said now: NAN for what was so when a collector that is gone told it. */
double self_number_now(const struct snapshot *snapshot, enum self_number number, bool fresh);
double self_agent_number_now(const struct snapshot_agent *agent, enum self_agent_number number,
			     bool fresh);
/* Of all agents. */
unsigned long self_polls_failed(const struct snapshot *snapshot, enum poll_failure failure);

/* {"rounds_begun": 12, ..., "polls_failed": {"timeout": 0, ...}}; of an agent only the reasons that there were. */
void self_watch_json(struct json *in, const struct snapshot *snapshot, bool fresh);
void self_watch_agent_json(struct json *in, const struct snapshot_agent *agent, bool fresh);

#endif
