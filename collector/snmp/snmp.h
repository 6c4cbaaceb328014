/* snmp.h - the one door to agents: asks, checks what comes back, hands it on as plain values.
 *
 * One thread, never blocks.  The caller owns the event loop: it watches snmp_fd, calls snmp_readable when it may be read
 * and snmp_tick about every 20 ms.  One UDP session serves all agents of an address family (IPv4 and IPv6).  An answer
 * is accepted only from the address that was asked, with exactly the objects asked for, in order, each of the expected
 * type; by SNMPv3 also only from its engine, of its user and at the level asked for; anything else is counted and dropped,
 * and the request goes on waiting. */
#ifndef COLLECTOR_SNMP_SNMP_H
#define COLLECTOR_SNMP_SNMP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/reading.h"
#include "ixwatch/self_watch.h"

struct snmp;
struct snmp_agent;

struct snmp_health {
	uint64_t requests, answers, timeouts, retries;
	uint64_t
	    late; /* answers that came after their time, and were of use if their round still went on */
	uint64_t refused_source, refused_objects, refused_type, refused_malformed, refused_security,
	    error_status;
	unsigned in_flight;
	unsigned waiting; /* agents that wait for their turn */
};

/* persistent_dir: where net-snmp may put what it insists on writing (inside state-dir). */
bool snmp_open(struct snmp **out, const char *persistent_dir, struct error *err);
void snmp_close(struct snmp *snmp); /* ends every request, without callbacks; NULL is fine */

/* The sockets to watch; -1 for a family that could not be opened. */
int snmp_fd_ipv4(const struct snmp *snmp);
int snmp_fd_ipv6(const struct snmp *snmp);
void snmp_readable(struct snmp *snmp, int fd);
/* Time-outs, own retries with backoff and jitter, next requests. */
void snmp_tick(struct snmp *snmp);
void snmp_health_get(const struct snmp *snmp, struct snmp_health *health);

/* An agent, at a numeric address.  The credentials are lent and must outlive it; of SNMPv3, the first agent of each has its
 * keys derived, which takes some milliseconds.  Every callback may start a walk or a
 * round, or free its agent; none may close the struct snmp. */
bool snmp_agent_new(struct snmp_agent **out, struct snmp *snmp, const char *label,
		    const struct sockaddr_storage *address, const struct config_snmp *credentials,
		    struct error *err);
/* Drops its requests, without callbacks; NULL is fine. */
void snmp_agent_free(struct snmp_agent *agent);

/* Round-trip time of its last answer, microseconds; 0 before one. */
uint32_t snmp_agent_rtt_us(const struct snmp_agent *agent);

/* Why what was last told as silent or refused was. */
enum poll_failure snmp_agent_failure(const struct snmp_agent *agent);

/* Requests to it that wait for their answer; rows of the round under way that are not told yet. */
unsigned snmp_agent_in_flight(const struct snmp_agent *agent);
size_t snmp_agent_rows_waiting(const struct snmp_agent *agent);

/* How an errand ended. */
enum snmp_outcome {
	SNMP_DONE,
	SNMP_SILENT,  /* no answer after all retries (a wrong community looks just so) */
	SNMP_REFUSED, /* it answered, but with an error or not what was asked */
};

/* --- the interface table --- */

struct snmp_walk_events {
	/* Each row, ascending ifIndex, after the walk is complete; lent. */
	void (*on_row)(const struct interface_row *row, void *user);
	/* Once, last.  uptime_ticks: sysUpTime as the walk began, 0 when it has none.  why: lent; for SNMP_DONE "" or
	 * what it could not be brought to say. */
	void (*on_end)(enum snmp_outcome outcome, const char *why, uint32_t uptime_ticks,
		       void *user);
	void *user;
};

/* sysName and sysDescr as the last walk found them, there already when it ends: clean, "" when absent; lent. */
const char *snmp_agent_sys_name(const struct snmp_agent *agent);
const char *snmp_agent_sys_descr(const struct snmp_agent *agent);

/* What is wrong with it though it may well answer: SNMPv3, another agent bears its engineID; "" for nothing; lent.
 * NULL is fine. */
const char *snmp_agent_notice(const struct snmp_agent *agent);

/* Its ifTableLastChange, sysUpTime ticks, as the last walk found it; 0 when it has none. */
uint32_t snmp_agent_table_change_ticks(const struct snmp_agent *agent);

/* Whether a round of counters since then found it changed: rows came or went, so walk again. */
bool snmp_agent_table_moved(const struct snmp_agent *agent);

/* Walks the system group, the interface tables and what says who is a member of which LAG.  One errand of a kind at a time per agent: a second is ERR_REFUSED. */
bool snmp_walk(struct snmp_agent *agent, const struct snmp_walk_events *events, struct error *err);

/* --- a round of counters --- */

struct snmp_poll_row {
	uint32_t if_index;
	const char *name; /* the ifName that the row must bear; lent until on_end */
	bool has_name;    /* false: the agent has no ifName column; ifDescr is asked instead */
	/* As the walk found: 64 or 32; 0: it found none, those of 64 are asked for all the same. */
	unsigned counter_bits;
	/* A member of a LAG: only oper, speed_bps and, with has_lacp, attached_if_index and lacp_state are read. */
	bool is_member, has_lacp;
};

enum snmp_row_outcome {
	SNMP_ROW_READ,
	SNMP_ROW_MOVED,   /* the row bears another name now: walk again */
	SNMP_ROW_GONE,    /* noSuchInstance for the name, or for octets that the walk had found */
	SNMP_ROW_SILENT,  /* no answer to the request it was in */
	SNMP_ROW_REFUSED, /* answered with an error status or unfit values; why says it */
};

struct snmp_poll_events {
	/* Once a row, as its answer comes in.  read and alias (clean ifAlias) are lent, NULL unless SNMP_ROW_READ. */
	void (*on_row)(size_t row, enum snmp_row_outcome outcome, const struct counter_read *read,
		       const char *alias, const char *why, void *user);
	void (*on_end)(void *user);
	void *user;
};

/* Reads the counters of these rows: sysUpTime first in every request, the row's ifName beside its counters in the same
 * answer.  rows are lent until on_end.  A counter that the agent does not have leaves its bit of `has` off; one of another
 * type than IF-MIB's refuses the row.  Rows are packed several to a request, as many as fit 1,400 octets and the agent
 * can answer; by GET, or by GETBULK where most rows of the table are wanted and the agent is found to be faster with it
 * (manners.h).  One round at a time per agent: a second is ERR_REFUSED.  No rows: only asks whether it answers. */
bool snmp_poll(struct snmp_agent *agent, const struct snmp_poll_row *rows, size_t row_count,
	       const struct snmp_poll_events *events, struct error *err);

#endif
