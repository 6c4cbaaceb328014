/* session.c - net-snmp's single-session API, used asynchronously from one thread; see session.h.
 *
 * The library's callback only judges and takes: what ends a ticket is put aside and told after the library has returned,
 * so that whoever is told may send, free and close as he likes.  The library matches a reply by its request number
 * alone; the source is checked here.  Its own retries are off, and its files, MIBs and log are kept away.
 * Tested with net-snmp 5.9.3; its session's time-out is read when a request is sent, hence one for each. */
#include "snmp/session.h"

#include <errno.h>
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <net-snmp/library/snmp_transport.h>

_Static_assert(sizeof(oid) == sizeof(unsigned long),
	       "varbind.h lends net-snmp's names as they are");

#define DATAGRAMS_A_CALL 64
#define RECEIVE_BUFFER   (4 << 20) /* octets asked for; the kernel's rmem_max may give less */
#define VARBINDS_MAX     256       /* of a reply; more is no answer to anything we ask */

enum ticket_state { TICKET_WAITING, TICKET_ANSWERED, TICKET_SILENT, TICKET_UNSENT };

TAILQ_HEAD(ticket_list, session_ticket);

struct session {
	void *handle; /* net-snmp's */
	int fd;
	netsnmp_large_fd_set readable; /* holds fd alone */
	struct session_events events;
	struct ticket_list ended; /* waiting to be told */
	bool closing;
	/* The answer taken by the callback, until it has been told. */
	unsigned error_status, error_index;
	netsnmp_variable_list *taken;
	struct snmp_varbind varbinds[VARBINDS_MAX];
	size_t varbind_count;
};

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
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_CLIENTRECVBUF, RECEIVE_BUFFER);
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, 0);
	init_snmp("ixwatch");
}

static bool
handle_open(struct session *session, int family, struct error *err)
{
	netsnmp_session wanted;
	char v4[] = "udp:127.0.0.1:9", v6[] = "udp6:[::1]:9"; /* nobody is asked there */

	snmp_sess_init(&wanted);
	wanted.peername = family == AF_INET6 ? v6 : v4;
	wanted.version = SNMP_VERSION_2c;
	wanted.retries = 0;
	session->handle = snmp_sess_open(&wanted);
	if (session->handle == NULL)
		return error_set(err, ERR_SNMP, "cannot open a UDP socket over %s: %s",
				 family == AF_INET6 ? "IPv6" : "IPv4",
				 wanted.s_errno != 0 ? strerror(wanted.s_errno)
						     : snmp_api_errstring(wanted.s_snmp_errno));
	session->fd = snmp_sess_transport(session->handle)->sock;
	netsnmp_large_fd_set_init(&session->readable, session->fd + 1);
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

/* --- out --- */

/* Where the library finds the address of one PDU: what it wants differs by family. */
static bool
address_put(netsnmp_pdu *pdu, const struct sockaddr_storage *to)
{
	bool v6 = to->ss_family == AF_INET6;
	size_t len = v6 ? sizeof(struct sockaddr_in6) : sizeof(netsnmp_indexed_addr_pair);
	void *address = calloc(1, len);

	if (address == NULL)
		return false;
	memcpy(address, to, v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in));
	pdu->transport_data = address;
	pdu->transport_data_length = (int)len;
	return true;
}

static bool
community_put(netsnmp_pdu *pdu, const char *community)
{
	pdu->community = (u_char *)strdup(community);
	pdu->community_len = strlen(community);
	return pdu->community != NULL;
}

static bool
names_put(netsnmp_pdu *pdu, const struct snmp_question *question)
{
	for (size_t i = 0; i < question->oid_count; i++) {
		const struct snmp_oid *name = &question->oids[i];
		oid wide[SNMP_OID_MAX];

		for (size_t k = 0; k < name->len; k++)
			wide[k] = name->id[k];
		if (snmp_add_null_var(pdu, wide, name->len) == NULL)
			return false;
	}
	return true;
}

static netsnmp_pdu *
pdu_new(const struct session_ticket *ticket)
{
	static const int commands[] = {
		[SNMP_COMMAND_GET] = SNMP_MSG_GET,
		[SNMP_COMMAND_NEXT] = SNMP_MSG_GETNEXT,
		[SNMP_COMMAND_BULK] = SNMP_MSG_GETBULK,
	};
	netsnmp_pdu *pdu = snmp_pdu_create(commands[ticket->question.command]);

	if (pdu == NULL)
		return NULL;
	pdu->version = SNMP_VERSION_2c;
	if (ticket->question.command == SNMP_COMMAND_BULK) {
		pdu->non_repeaters = (long)ticket->question.singles;
		pdu->max_repetitions = (long)ticket->question.repetitions;
	}
	if (address_put(pdu, &ticket->to) && community_put(pdu, ticket->credentials->community) &&
	    names_put(pdu, &ticket->question))
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

static void
ticket_end(struct session_ticket *ticket, enum ticket_state state)
{
	if (ticket->state != TICKET_WAITING)
		return;
	ticket->state = (int)state;
	TAILQ_INSERT_TAIL(&ticket->session->ended, ticket, link);
}

static int on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg);

void
session_send(struct session *session, struct session_ticket *ticket)
{
	netsnmp_session *settings = snmp_sess_session(session->handle);
	netsnmp_pdu *pdu = pdu_new(ticket);

	ticket->session = session;
	ticket->state = TICKET_WAITING;
	ticket->trouble[0] = '\0';
	settings->timeout = (long)ticket->timeout_us;
	if (pdu != NULL && snmp_sess_async_send(session->handle, pdu, on_library, ticket) != 0)
		return;
	snprintf(ticket->trouble, sizeof(ticket->trouble), "cannot send: %s",
		 pdu == NULL              ? "out of memory"
		 : settings->s_errno != 0 ? strerror(settings->s_errno)
					  : snmp_api_errstring(settings->s_snmp_errno));
	snmp_free_pdu(pdu);
	ticket_end(ticket, TICKET_UNSENT); /* unless the callback has already said so */
}

/* --- in --- */

bool
session_same_address(const struct sockaddr_storage *asked, const void *from, size_t from_len)
{
	const struct sockaddr_in *asked4 = (const void *)asked, *from4 = from;
	const struct sockaddr_in6 *asked6 = (const void *)asked, *from6 = from;

	if (from == NULL || from_len < sizeof(*from4) || from4->sin_family != asked->ss_family)
		return false;
	if (asked->ss_family == AF_INET)
		return from4->sin_addr.s_addr == asked4->sin_addr.s_addr &&
		       from4->sin_port == asked4->sin_port;
	return from_len >= sizeof(*from6) && from6->sin6_port == asked6->sin6_port &&
	       memcmp(&from6->sin6_addr, &asked6->sin6_addr, sizeof(from6->sin6_addr)) == 0;
}

static void
number_take(struct snmp_varbind *to, const netsnmp_variable_list *from)
{
	switch (from->type) {
	case SNMP_TYPE_INTEGER:
		to->number = from->val.integer != NULL ? (uint64_t)(int64_t)*from->val.integer : 0;
		break;
	case SNMP_TYPE_COUNTER32:
	case SNMP_TYPE_GAUGE32:
	case SNMP_TYPE_TIMETICKS:
		to->number = from->val.integer != NULL ? (uint32_t)*from->val.integer : 0;
		break;
	case SNMP_TYPE_COUNTER64:
		if (from->val.counter64 != NULL)
			to->number = (uint64_t)from->val.counter64->high << 32 |
				     (from->val.counter64->low & 0xffffffffu);
		break;
	case SNMP_TYPE_OCTETS:
		to->octets = from->val.string;
		to->octets_len = from->val.string != NULL ? from->val_len : 0;
		break;
	default: break;
	}
}

static size_t
varbinds_take(struct session *session, const netsnmp_variable_list *list)
{
	size_t count = 0;

	for (; list != NULL; list = list->next_variable, count++) {
		if (count >= VARBINDS_MAX)
			continue;
		session->varbinds[count] = (struct snmp_varbind) {
			.oid = list->name,
			.oid_len = list->name_length,
			.type = list->type,
		};
		number_take(&session->varbinds[count], list);
	}
	return count;
}

static void
refuse(struct session_ticket *ticket, enum session_refusal refusal, const char *what)
{
	struct session *session = ticket->session;

	snprintf(ticket->trouble, sizeof(ticket->trouble), "it answered with %s", what);
	session->events.on_refusal(refusal, session->events.user);
}

static void
refuse_source(struct session_ticket *ticket, const netsnmp_pdu *pdu)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE] = "", what[128];
	bool v6 = ticket->to.ss_family == AF_INET6;
	size_t need = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	if (pdu->transport_data != NULL && (size_t)pdu->transport_data_length >= need)
		(void)getnameinfo(pdu->transport_data, (socklen_t)need, host, sizeof(host), NULL, 0,
				  NI_NUMERICHOST);
	snprintf(what, sizeof(what), "another source address or port (%s)", host);
	refuse(ticket, SESSION_REFUSED_SOURCE, what);
}

/* Whether the reply ends the ticket.  An error status does: there are no varbinds to check it by. */
static bool
reply_fits(struct session_ticket *ticket, netsnmp_pdu *pdu)
{
	struct session *session = ticket->session;
	const char *fault = NULL;

	if (!session_same_address(&ticket->to, pdu->transport_data,
				  (size_t)pdu->transport_data_length)) {
		refuse_source(ticket, pdu);
		return false;
	}
	session->varbind_count = varbinds_take(session, pdu->variables);
	if (pdu->command != SNMP_MSG_RESPONSE)
		fault = "a message that is no response";
	else if (session->varbind_count > VARBINDS_MAX)
		fault = "more objects than were asked for";
	else if (pdu->errstat == 0)
		fault = answer_fault(&ticket->question, session->varbinds, session->varbind_count);
	if (fault != NULL)
		refuse(ticket, SESSION_REFUSED_OBJECTS, fault);
	return fault == NULL;
}

static void
reply_take(struct session_ticket *ticket, netsnmp_pdu *pdu)
{
	struct session *session = ticket->session;

	session->error_status = pdu->errstat > 0 ? (unsigned)pdu->errstat : 0;
	session->error_index = pdu->errindex > 0 ? (unsigned)pdu->errindex : 0;
	session->taken = pdu->variables;
	pdu->variables = NULL;
	ticket_end(ticket, TICKET_ANSWERED);
}

/* net-snmp calls this for replies, time-outs and failures; 0 keeps the request waiting, 1 ends it. */
static int
on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg)
{
	struct session_ticket *ticket = arg;

	(void)sess, (void)reqid;
	if (op == NETSNMP_CALLBACK_OP_RESEND || ticket->session->closing ||
	    ticket->state != TICKET_WAITING)
		return 1;
	if (op != NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE) {
		ticket_end(ticket,
			   op == NETSNMP_CALLBACK_OP_TIMED_OUT ? TICKET_SILENT : TICKET_UNSENT);
		return 1;
	}
	if (!reply_fits(ticket, pdu))
		return 0;
	reply_take(ticket, pdu);
	return 1;
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

	TAILQ_REMOVE(&session->ended, ticket, link);
	if (answer.end == SESSION_ANSWERED) {
		answer.error_status = session->error_status;
		answer.error_index = session->error_index;
		answer.varbinds = session->varbinds;
		answer.varbind_count = session->varbind_count;
		taken = session->taken;
		session->taken = NULL;
	}
	session->events.on_end(ticket, &answer, session->events.user);
	snmp_free_varbind(taken);
}

static void
tell_all(struct session *session)
{
	struct session_ticket *ticket;

	while ((ticket = TAILQ_FIRST(&session->ended)) != NULL)
		tell(session, ticket);
}

static bool
datagram_waits(const struct session *session, struct sockaddr_storage *from)
{
	socklen_t from_len = sizeof(*from);
	char octet;

	memset(from, 0, sizeof(*from));
	return recvfrom(session->fd, &octet, 1, MSG_PEEK | MSG_DONTWAIT, (struct sockaddr *)from,
			&from_len) >= 0;
}

/* One call of the library reads one datagram, and what is told refers to that one. */
void
session_readable(struct session *session)
{
	struct sockaddr_storage from;

	tell_all(session);
	for (int i = 0; i < DATAGRAMS_A_CALL && datagram_waits(session, &from); i++) {
		NETSNMP_LARGE_FD_SET(session->fd, &session->readable);
		if (snmp_sess_read2(session->handle, &session->readable) != 0)
			session->events.on_malformed(&from, session->events.user);
		tell_all(session);
	}
}

void
session_tick(struct session *session)
{
	snmp_sess_timeout(session->handle);
	tell_all(session);
}
