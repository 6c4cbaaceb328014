/* session.c - net-snmp's single-session API, used asynchronously from one thread; see session.h.
 *
 * The library's callback only judges and takes: what ends a ticket is put aside and told after the library has returned,
 * so that whoever is told may send, free and close as he likes.  The library matches a reply by its request number
 * alone; source and version are checked here.  Its own retries are off, and its files, MIBs and log are kept away.
 *
 * SNMPv2c: the library keeps the requests that wait, their time and the socket; its messages are written and read here
 * (request.h, reply.h), since its lists of varbinds cost more than all the rest.
 *
 * SNMPv3: the library would look for an engine by itself, and wait for it with the whole program; it is told not to, and
 * the engine's id is asked for by a message of our own.  A datagram of v3 is looked at before the library sees it: what
 * bears no number of a ticket, or comes from elsewhere, it never sees, since it keeps something of every engine it hears.
 * Tested with net-snmp 5.9.3; its session's time-out is read when a request is sent, hence one for each. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>

#include "snmp/engine.h"
#include "snmp/session_internal.h"

_Static_assert(sizeof(oid) == sizeof(unsigned long),
	       "varbind.h lends net-snmp's names as they are");

#define DATAGRAMS_A_CALL 64
#define RECEIVE_BUFFER   (4 << 20) /* octets asked for; the kernel's rmem_max may give less */

/* --- the library, once for the process --- */

static void
library_start(const char *persistent_dir)
{
	static bool started;

	if (started)
		return;
	started = true;
	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/nonexistent", 1);
	setenv("SNMP_PERSISTENT_DIR", persistent_dir, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_READ_CONFIGS, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_DONT_PERSIST_STATE, 1);
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_NO_DISCOVERY, 1); /* of us */
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_CLIENTRECVBUF, RECEIVE_BUFFER);
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, 0);
	init_snmp("ixwatch");
}

/* As snmp_sess_open does, with a hand in the reading of each message and a look at what became of it. */
static bool
handle_open(struct session *session, int family, struct error *err)
{
	netsnmp_session wanted;
	netsnmp_transport *transport;
	char v4[] = "udp:127.0.0.1:9", v6[] = "udp6:[::1]:9"; /* nobody is asked there */

	snmp_sess_init(&wanted);
	wanted.peername = family == AF_INET6 ? v6 : v4;
	wanted.version = SNMP_VERSION_2c;
	wanted.retries = 0;
	wanted.myvoid = session;
	errno = 0;
	transport = netsnmp_tdomain_transport_full("snmp", wanted.peername, 0, "udp,udp6", NULL);
	if (transport != NULL)
		session->handle =
		    snmp_sess_add_ex(&wanted, transport, NULL, session_on_message,
				     session_on_parsed, NULL, session_on_build, NULL, NULL);
	if (session->handle == NULL)
		return error_set(err, ERR_SNMP, "cannot open a UDP socket over %s: %s",
				 family == AF_INET6 ? "IPv6" : "IPv4",
				 errno != 0 ? strerror(errno) : "net-snmp refuses");
	session->fd = snmp_sess_transport(session->handle)->sock;
	netsnmp_large_fd_set_init(&session->readable, session->fd + 1);
	/* Each PDU has its own version; and now that it is open, no looking for engines either. */
	snmp_sess_session(session->handle)->version = SNMP_DEFAULT_VERSION;
	snmp_sess_session(session->handle)->flags |= SNMP_FLAGS_DONT_PROBE;
	return true;
}

bool
session_open(struct session **out, int family, const char *persistent_dir,
	     const struct session_events *events, struct error *err)
{
	struct session *session = calloc(1, sizeof(*session));

	if (session == NULL)
		return error_set(err, ERR_NOMEM, "snmp: out of memory");
	session->fd = -1;
	session->events = *events;
	TAILQ_INIT(&session->ended);
	LIST_INIT(&session->waiting);
	library_start(persistent_dir);
	if (!handle_open(session, family, err)) {
		free(session);
		return false;
	}
	*out = session;
	return true;
}

void
session_close(struct session *session)
{
	if (session == NULL)
		return;
	session->closing = true; /* the library calls back for all that is pending */
	snmp_sess_close(session->handle);
	netsnmp_large_fd_set_cleanup(&session->readable);
	free(session);
}

int
session_fd(const struct session *session)
{
	return session->fd;
}

void
session_ticket_end(struct session_ticket *ticket, enum ticket_state state)
{
	if (ticket->state != TICKET_WAITING)
		return;
	ticket->state = (int)state;
	if (ticket->message_id != 0)
		LIST_REMOVE(ticket, waiting);
	TAILQ_INSERT_TAIL(&ticket->session->ended, ticket, link);
}

/* --- telling --- */

static void
tell(struct session *session, struct session_ticket *ticket)
{
	static const enum session_end ends[] = {
		[TICKET_ANSWERED] = SESSION_ANSWERED,
		[TICKET_SILENT] = SESSION_SILENT,
		[TICKET_UNSENT] = SESSION_UNSENT,
	};
	struct session_answer answer = { .end = ends[ticket->state] };
	netsnmp_variable_list *taken = NULL;

	if (answer.end == SESSION_ANSWERED) {
		answer.error_status = session->error_status;
		answer.error_index = session->error_index;
		answer.varbinds = session->reply.varbinds;
		answer.varbind_count = session->reply.varbind_count;
		taken = session->taken;
		session->taken = NULL;
	}
	session->events.on_end(ticket, &answer, session->events.user);
	snmp_free_varbind(taken);
}

/* The engine has made itself known to a probe: now it is asked what is wanted of it, if that is still wanted. */
static void
found(struct session *session, struct session_ticket *ticket)
{
	if (ticket->engine != NULL &&
	    engine_discovered(ticket->engine, &session->heard, ticket->trouble)) {
		session_ticket_send(ticket);
		return;
	}
	ticket->cause = POLL_FAILED_AUTHENTICATION;
	ticket->message_id = 0;
	ticket->state = TICKET_WAITING;
	session_ticket_end(ticket, TICKET_UNSENT);
}

static void
tell_all(struct session *session)
{
	struct session_ticket *ticket;

	while ((ticket = TAILQ_FIRST(&session->ended)) != NULL) {
		TAILQ_REMOVE(&session->ended, ticket, link);
		if (ticket->state == TICKET_FOUND)
			found(session, ticket);
		else
			tell(session, ticket);
	}
}

/* --- what waits at the socket --- */

struct datagram {
	uint8_t octets[ENVELOPE_OCTETS_MAX]; /* its beginning */
	size_t len;
	struct sockaddr_storage from;
	socklen_t from_len;
};

static bool
datagram_look(const struct session *session, struct datagram *datagram)
{
	ssize_t len;

	datagram->from_len = sizeof(datagram->from);
	len = recvfrom(session->fd, datagram->octets, sizeof(datagram->octets),
		       MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)&datagram->from,
		       &datagram->from_len);
	datagram->len = len > 0 ? (size_t)len : 0;
	return len >= 0;
}

static void
datagram_drop(const struct session *session)
{
	char octet;

	(void)recv(session->fd, &octet, 1, MSG_DONTWAIT);
}

static struct session_ticket *
ticket_find(const struct session *session, uint32_t message_id)
{
	struct session_ticket *ticket;

	LIST_FOREACH(ticket, &session->waiting, waiting)
	if (ticket->message_id == message_id)
		return ticket;
	return NULL;
}

/* Whether a message of v3 is for the library to read: it bears the number of a ticket, and comes from where that went. */
static bool
message_take(struct session *session, const struct datagram *datagram)
{
	struct session_ticket *ticket = ticket_find(session, session->heard.message_id);

	if (ticket == NULL || ticket->engine == NULL)
		return false;
	if (!session_same_address(&ticket->to, &datagram->from, datagram->from_len)) {
		session_refuse_source(ticket, &datagram->from, datagram->from_len);
		return false;
	}
	session->reading = ticket;
	return true;
}

/* The library keeps the id of the first engine that reports, and would ask all others by it. */
static void
library_forget(netsnmp_session *settings)
{
	SNMP_FREE(settings->securityEngineID);
	settings->securityEngineIDLen = 0;
	SNMP_FREE(settings->contextEngineID);
	settings->contextEngineIDLen = 0;
}

/* False: it was no SNMP, and is dropped. */
static bool
library_read(struct session *session)
{
	NETSNMP_LARGE_FD_SET(session->fd, &session->readable);
	return snmp_sess_read2(session->handle, &session->readable) == 0;
}

static void
library_read_v3(struct session *session)
{
	struct engine *engine = session->reading->engine;

	engine_enter(engine);
	(void)library_read(session);
	engine_leave(engine, &session->heard);
	library_forget(snmp_sess_session(session->handle));
	session->reading = NULL;
}

static void
datagram_read(struct session *session, const struct datagram *datagram)
{
	switch (envelope_read(&session->heard, datagram->octets, datagram->len)) {
	case ENVELOPE_COMMUNITY:
		if (!library_read(session))
			session->events.on_malformed(&datagram->from, session->events.user);
		return;
	case ENVELOPE_V3:
		if (message_take(session, datagram)) {
			library_read_v3(session);
			return;
		}
		break;
	case ENVELOPE_BROKEN:
		session->events.on_malformed(&datagram->from, session->events.user);
		break;
	}
	datagram_drop(session);
}

/* One call of the library reads one datagram, and what is told refers to that one. */
void
session_readable(struct session *session)
{
	struct datagram datagram;

	tell_all(session);
	for (int i = 0; i < DATAGRAMS_A_CALL && datagram_look(session, &datagram); i++) {
		datagram_read(session, &datagram);
		tell_all(session);
	}
}

void
session_tick(struct session *session)
{
	snmp_sess_timeout(session->handle);
	tell_all(session);
}
