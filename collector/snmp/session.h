/* session.h - the door to net-snmp: one UDP socket of one address family, shared by all agents.
 *
 * A ticket is one PDU on its way.  It ends exactly once, by on_end, never from inside session_send: an answer that
 * came from the address asked and passed `fault`, silence, or a failure to send.  Replies that do not pass are told to
 * on_refusal and dropped; the ticket goes on waiting.  A ticket of SNMPv3 to an engine that is not known yet first asks for
 * its id, and waits for each of the two. */
#ifndef COLLECTOR_SNMP_SESSION_H
#define COLLECTOR_SNMP_SESSION_H

#include <netinet/in.h>
#include <sys/queue.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/self_watch.h"
#include "snmp/answer.h"

struct engine;
struct session;

/* SECURITY: a report, or a message of v3 that failed its checks. */
enum session_refusal { SESSION_REFUSED_SOURCE, SESSION_REFUSED_OBJECTS, SESSION_REFUSED_SECURITY };

struct session_ticket {
	struct snmp_question question; /* lent until the end */
	struct sockaddr_storage to;
	const struct config_snmp
	    *credentials; /* lent as long as the engine; of v2c for session_send */
	struct engine
	    *engine; /* SNMPv3: lent; NULL for v2c, and once nobody waits for the answer */
	uint64_t timeout_us;
	int64_t
	    sent_mono_us;  /* of what was answered: a request may be sent again within its ticket */
	char trouble[160]; /* why replies were dropped or sending failed; "" for neither */
	enum poll_failure cause; /* of its trouble; TIMEOUT where it has none */
	/* session.c's own */
	struct session *session;
	int state;
	bool overdue;
	bool probing; /* asks for the engine's id */
	uint32_t message_id;
	LIST_ENTRY(session_ticket) waiting; /* of v3 */
	TAILQ_ENTRY(session_ticket) link;
};

enum session_end { SESSION_ANSWERED, SESSION_SILENT, SESSION_UNSENT };

struct session_answer {
	enum session_end end;
	unsigned error_status;               /* 0: the varbinds answer the question */
	unsigned error_index;                /* 1..: the object at fault; 0: none named */
	const struct snmp_varbind *varbinds; /* lent for the call */
	size_t varbind_count;
};

struct session_events {
	void (*on_end)(struct session_ticket *ticket, const struct session_answer *answer,
		       void *user);
	/* Inside the library: must only count. */
	void (*on_refusal)(enum session_refusal refusal, void *user);
	/* A datagram from there could not be read as SNMP; which ticket it was meant for nobody knows. */
	void (*on_malformed)(const struct sockaddr_storage *from, void *user);
	void *user;
};

/* family: AF_INET or AF_INET6.  persistent_dir: see snmp_open. */
bool session_open(struct session **out, int family, const char *persistent_dir,
		  const struct session_events *events, struct error *err);
void session_close(struct session *session); /* tickets end without on_end; NULL is fine */

int session_fd(const struct session *session);

/* Whether two addresses are one, ports included. */
bool session_same_address(const struct sockaddr_storage *a, const void *b, size_t b_len);

/* Sends.  What cannot be sent ends as SESSION_UNSENT at the next session_tick. */
void session_send(struct session *session, struct session_ticket *ticket);

/* A ticket's silence has lasted long enough to mean something: its trouble says what, the first time.  Done by itself as it
 * ends in silence; for who would rather not wait so long. */
void session_overdue(struct session_ticket *ticket);

/* Ends tickets that were answered; reads at most 64 datagrams a call. */
void session_readable(struct session *session);

/* Ends tickets that waited long enough, or could not be sent. */
void session_tick(struct session *session);

#endif
