/* errand.h - who may ask when: agents, their errands, and the requests in flight.
 *
 * An errand (a walk, a poll) knows what to ask next and what to make of the answer; this file sends for it.  In flight
 * there are at most a few requests for each agent and some hundred in all, since the library searches them all for every
 * answer; agents take turns.  Agents that are not answering queue apart and have places of their own, so that a dead one
 * never delays a living one.
 *
 * A request that has waited for its time is overdue: the errand is told of silence and may ask again, and its place is
 * free.  Its answer is still waited for, a while longer and as long as the errand goes on: what a slow agent says late
 * is as good as what it would say to the next try. */
#ifndef COLLECTOR_SNMP_ERRAND_H
#define COLLECTOR_SNMP_ERRAND_H

#include <sys/queue.h>

#include "snmp/engine.h"
#include "snmp/manners.h"
#include "snmp/session.h"
#include "snmp/snmp.h"

#define ASK_OIDS_MAX 64

enum errand_which { ERRAND_WALK, ERRAND_POLL, ERRAND_COUNT };
enum ring { RING_LIVELY, RING_SUSPECT, RING_COUNT };

/* One request, from the moment it is filled to the end of its ticket. */
struct ask {
	struct session_ticket ticket;
	LIST_ENTRY(ask) link;
	struct snmp_agent *agent; /* NULL: freed meanwhile */
	struct errand *errand;    /* NULL: dropped meanwhile; the answer interests nobody */
	enum ring ring;
	int64_t sent_mono_us; /* of what was answered, once it has ended */
	int64_t due_mono_us;
	bool overdue;
	/* The errand fills these. */
	enum snmp_command command;
	unsigned repetitions, singles;
	bool ascending;
	unsigned tries; /* how often it was sent before */
	size_t oid_count;
	struct snmp_oid oids[ASK_OIDS_MAX];
	/* The errand's own notes. */
	uint8_t column[ASK_OIDS_MAX];
	void *note;
	size_t first, count;
	unsigned serial;
};

struct errand;

struct errand_kind {
	/* Fills the next request; false: nothing to ask until an answer comes. */
	bool (*next)(struct errand *errand, struct ask *ask);
	/* How a request ended. */
	void (*on_answer)(struct errand *errand, struct ask *ask,
			  const struct session_answer *answer);
	/* The answer, no error, to one that was told as silent before; NULL: the errand has no use for it. */
	void (*on_late)(struct errand *errand, struct ask *ask,
			const struct session_answer *answer);
	void (*free)(struct errand *errand);
};

/* Embedded as the first member of a walk or a poll. */
struct errand {
	const struct errand_kind *kind;
	struct snmp_agent *agent; /* NULL once dropped */
	unsigned busy;            /* someone up the stack still uses it */
};

struct snmp_agent {
	struct snmp *snmp; /* NULL once that is closed */
	char *label;
	struct sockaddr_storage address;
	const struct config_snmp *credentials;
	struct engine *engine; /* NULL: it is asked by v2c */
	struct errand *errands[ERRAND_COUNT];
	unsigned turn; /* whose errand comes next */
	unsigned in_flight;
	bool queued;
	enum ring ring;
	TAILQ_ENTRY(snmp_agent) in_ring;
	LIST_ENTRY(snmp_agent) in_all;
	struct manners manners;
	enum poll_failure failure; /* why what was last told as silent or refused was */
	uint64_t answers;          /* good or bad, since the start */
	unsigned silent_tries;     /* in a row */
	unsigned silent_errands;   /* in a row, without any answer */
	uint32_t rtt_us;
	size_t alias_len_max; /* longest ifAlias seen by the last walk */
	char *sys_name, *sys_descr;
	/* As the last walk found them. */
	uint32_t table_change_ticks;
	bool has_table_change;
	bool table_moved; /* a round found another ifTableLastChange since */
	uint32_t *listed; /* the table's ifIndex, ascending; NULL: not known */
	size_t listed_count;
};

TAILQ_HEAD(agent_ring, snmp_agent);
LIST_HEAD(agent_list, snmp_agent);
LIST_HEAD(ask_list, ask);

enum { FAMILY_IPV4, FAMILY_IPV6, FAMILY_COUNT };

struct snmp {
	struct session *session[FAMILY_COUNT]; /* NULL: that family cannot be used here */
	struct agent_ring ring[RING_COUNT];
	unsigned in_flight[RING_COUNT];
	struct ask_list asks; /* all that are in flight */
	struct agent_list agents;
	struct snmp_health health;
	uint32_t random;
	unsigned telling; /* inside a callback: what is to be sent waits */
};

/* Gives the agent an errand, which from now on belongs to it. */
void errand_start(struct snmp_agent *agent, enum errand_which which, struct errand *errand);

/* Takes it away: its requests are forgotten, and it is freed as soon as nobody uses it. */
void errand_drop(struct errand *errand);

/* How often a request may be sent to this agent. */
unsigned errand_tries(const struct snmp_agent *agent);

/* Whether it has been silent to so many tries in a row that it is not worth asking for more now: one request's tries for
 * an agent that never answered, or not last time; those of two otherwise, of four when this errand had answers already,
 * since packets get lost and a big round has many of them. */
bool errand_agent_dead(const struct snmp_agent *agent, bool answered);

/* Sends what may be sent now. */
void errand_pump(struct snmp *snmp);

/* Tells of silence where an answer is overdue. */
void errand_tick(struct snmp *snmp);

/* Somebody at that address cannot write SNMP: whoever waits for an answer from there is to know. */
void errand_on_malformed(const struct sockaddr_storage *from, void *user);

/* The sessions' on_end; user is the struct snmp. */
void errand_on_end(struct session_ticket *ticket, const struct session_answer *answer, void *user);

#endif
