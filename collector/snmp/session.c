/* session.c - net-snmp's single-session API, used asynchronously from one thread; see session.h.
 *
 * The library's callback only judges and takes: what ends a ticket is put aside and told after the library has returned,
 * so that whoever is told may send, free and close as he likes.  The library matches a reply by its request number
 * alone; source and version are checked here.  Its own retries are off, and its files, MIBs and log are kept away.
 *
 * SNMPv3: the library would look for an engine by itself, and wait for it with the whole program; it is told not to, and
 * the engine's id is asked for by a message of our own.  A datagram of v3 is looked at before the library sees it: what
 * bears no number of a ticket, or comes from elsewhere, it never sees, since it keeps something of every engine it hears.
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

#include "ixwatch/clock.h"
#include "snmp/engine.h"
#include "snmp/envelope.h"
#include "snmp/reply.h"
#include "snmp/report.h"

_Static_assert(sizeof(oid) == sizeof(unsigned long),
	       "varbind.h lends net-snmp's names as they are");

#define DATAGRAMS_A_CALL 64
#define RECEIVE_BUFFER   (4 << 20) /* octets asked for; the kernel's rmem_max may give less */

/* FOUND: the engine made itself known, and can be asked now. */
enum ticket_state { TICKET_WAITING, TICKET_FOUND, TICKET_ANSWERED, TICKET_SILENT, TICKET_UNSENT };

TAILQ_HEAD(ticket_list, session_ticket);
LIST_HEAD(waiting_list, session_ticket);

struct session {
	void *handle; /* net-snmp's */
	int fd;
	netsnmp_large_fd_set readable; /* holds fd alone */
	struct session_events events;
	struct ticket_list ended;    /* waiting to be told */
	struct waiting_list waiting; /* of v3, by their message's number */
	bool closing;
	/* The message of v3 that the library is reading. */
	struct session_ticket *reading; /* whose answer it may be; NULL: it is of no v3 */
	struct envelope heard;
	/* The answer taken by the callback, until it has been told. */
	unsigned error_status, error_index;
	netsnmp_variable_list
	    *taken; /* what the reply's varbinds lend, where the library read them */
	struct reply reply;
	bool read_here; /* the message that the library works on is in the reply already */
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
	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_NO_DISCOVERY, 1); /* of us */
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_CLIENTRECVBUF, RECEIVE_BUFFER);
	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, 0);
	init_snmp("ixwatch");
}

static int on_message(netsnmp_session *sess, netsnmp_pdu *pdu, u_char *octets, size_t len);
static int on_parsed(netsnmp_session *sess, netsnmp_pdu *pdu, int result);

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
		session->handle = snmp_sess_add_ex(&wanted, transport, NULL, on_message, on_parsed,
						   NULL, NULL, NULL, NULL);
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

/* At the tail that is known: the library's own call walks to it past all the others, each more than a kilobyte. */
static bool
names_put(netsnmp_pdu *pdu, const struct snmp_question *question)
{
	netsnmp_variable_list **tail = &pdu->variables, *added;

	for (size_t i = 0; i < question->oid_count; i++) {
		const struct snmp_oid *name = &question->oids[i];
		oid wide[SNMP_OID_MAX];

		for (size_t k = 0; k < name->len; k++)
			wide[k] = name->id[k];
		added = snmp_varlist_add_variable(tail, wide, name->len, ASN_NULL, NULL, 0);
		if (added == NULL)
			return false;
		tail = &added->next_variable;
	}
	return true;
}

/* Who asks, and for v3 whom. */
static bool
security_put(netsnmp_pdu *pdu, const struct session_ticket *ticket)
{
	if (ticket->engine != NULL)
		return engine_pdu_put(ticket->engine, pdu);
	pdu->version = SNMP_VERSION_2c;
	return community_put(pdu, ticket->credentials->community);
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
	if (ticket->question.command == SNMP_COMMAND_BULK) {
		pdu->non_repeaters = (long)ticket->question.singles;
		pdu->max_repetitions = (long)ticket->question.repetitions;
	}
	if (address_put(pdu, &ticket->to) && security_put(pdu, ticket) &&
	    names_put(pdu, &ticket->question))
		return pdu;
	snmp_free_pdu(pdu);
	return NULL;
}

static netsnmp_pdu *
probe_new(const struct session_ticket *ticket)
{
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_GET);

	if (pdu == NULL || (address_put(pdu, &ticket->to) && engine_probe_put(pdu)))
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
	if (ticket->message_id != 0)
		LIST_REMOVE(ticket, waiting);
	TAILQ_INSERT_TAIL(&ticket->session->ended, ticket, link);
}

static int on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg);

/* The number of a message is never 0: the library counts from 1. */
static void
ticket_wait(struct session_ticket *ticket, const netsnmp_pdu *pdu)
{
	ticket->state = TICKET_WAITING;
	ticket->sent_mono_us = clock_mono_us();
	ticket->message_id = 0;
	if (ticket->engine == NULL || pdu == NULL)
		return;
	ticket->message_id = (uint32_t)pdu->msgid;
	LIST_INSERT_HEAD(&ticket->session->waiting, ticket, waiting);
}

/* False: the PDU is still the caller's. */
static bool
library_send(struct session_ticket *ticket, netsnmp_pdu *pdu)
{
	int sent;

	if (ticket->engine != NULL)
		engine_enter(ticket->engine);
	sent = snmp_sess_async_send(ticket->session->handle, pdu, on_library, ticket);
	if (ticket->engine != NULL)
		engine_leave(ticket->engine, NULL);
	return sent != 0;
}

static void
ticket_send(struct session_ticket *ticket)
{
	netsnmp_session *settings = snmp_sess_session(ticket->session->handle);
	netsnmp_pdu *pdu;

	ticket->probing = ticket->engine != NULL && !engine_known(ticket->engine);
	pdu = ticket->probing ? probe_new(ticket) : pdu_new(ticket);
	ticket_wait(ticket, pdu);
	settings->timeout = (long)ticket->timeout_us;
	if (pdu != NULL && library_send(ticket, pdu))
		return;
	snprintf(ticket->trouble, sizeof(ticket->trouble), "cannot send: %s",
		 pdu == NULL              ? "out of memory"
		 : settings->s_errno != 0 ? strerror(settings->s_errno)
					  : snmp_api_errstring(settings->s_snmp_errno));
	ticket->cause = POLL_FAILED_UNSENT;
	snmp_free_pdu(pdu);
	ticket_end(ticket, TICKET_UNSENT); /* unless the callback has already said so */
}

void
session_send(struct session *session, struct session_ticket *ticket)
{
	ticket->session = session;
	ticket->overdue = false;
	ticket->trouble[0] = '\0';
	ticket->cause = POLL_FAILED_TIMEOUT;
	ticket_send(ticket);
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

/* What the library has read, unless it was read here. */
static void
varbinds_take(struct session *session, const netsnmp_variable_list *list)
{
	struct reply *reply = &session->reply;

	if (session->read_here)
		return;
	reply->varbind_count = 0;
	for (; list != NULL; list = list->next_variable, reply->varbind_count++) {
		struct snmp_varbind *to = &reply->varbinds[reply->varbind_count];

		if (reply->varbind_count >= REPLY_VARBINDS_MAX)
			continue;
		*to = (struct snmp_varbind) {
			.oid = list->name,
			.oid_len = list->name_length,
			.type = list->type,
		};
		number_take(to, list);
	}
}

static void
refuse(struct session_ticket *ticket, enum session_refusal refusal, const char *what)
{
	static const enum poll_failure causes[] = {
		[SESSION_REFUSED_SOURCE] = POLL_FAILED_SOURCE,
		[SESSION_REFUSED_OBJECTS] = POLL_FAILED_OID,
		[SESSION_REFUSED_SECURITY] = POLL_FAILED_AUTHENTICATION,
	};
	struct session *session = ticket->session;

	ticket->cause = causes[refusal];
	snprintf(ticket->trouble, sizeof(ticket->trouble), "it answered with %s", what);
	session->events.on_refusal(refusal, session->events.user);
}

static void
refuse_source(struct session_ticket *ticket, const void *from, size_t from_len)
{
	char host[INET6_ADDRSTRLEN + IF_NAMESIZE] = "", what[128];
	bool v6 = ticket->to.ss_family == AF_INET6;
	size_t need = v6 ? sizeof(struct sockaddr_in6) : sizeof(struct sockaddr_in);

	if (from != NULL && from_len >= need)
		(void)getnameinfo(from, (socklen_t)need, host, sizeof(host), NULL, 0,
				  NI_NUMERICHOST);
	snprintf(what, sizeof(what), "another source address or port (%s)", host);
	refuse(ticket, SESSION_REFUSED_SOURCE, what);
}

/* What the library does not compare: a reply of another version may bear the request's number. */
static const char *
security_fault(const struct session_ticket *ticket, const netsnmp_pdu *pdu)
{
	if (pdu->version != (ticket->message_id != 0 ? SNMP_VERSION_3 : SNMP_VERSION_2c))
		return "a message of another version of SNMP";
	if (ticket->message_id == 0)
		return NULL;
	if (ticket->engine == NULL || ticket->probing || !engine_is_of(ticket->engine, pdu))
		return "a message of another engine or security level";
	return NULL;
}

/* Whether the reply ends the ticket.  An error status does: there are no varbinds to check it by. */
static bool
reply_fits(struct session_ticket *ticket, netsnmp_pdu *pdu)
{
	struct session *session = ticket->session;
	const char *fault = security_fault(ticket, pdu);

	if (!session_same_address(&ticket->to, pdu->transport_data,
				  (size_t)pdu->transport_data_length)) {
		refuse_source(ticket, pdu->transport_data, (size_t)pdu->transport_data_length);
		return false;
	}
	if (fault != NULL) {
		refuse(ticket, SESSION_REFUSED_SECURITY, fault);
		return false;
	}
	varbinds_take(session, pdu->variables);
	if (pdu->command != SNMP_MSG_RESPONSE)
		fault = "a message that is no response";
	else if (session->reply.varbind_count > REPLY_VARBINDS_MAX)
		fault = "more objects than were asked for";
	else if (pdu->errstat == 0)
		fault = answer_fault(&ticket->question, session->reply.varbinds,
				     session->reply.varbind_count);
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
	if (ticket->engine != NULL)
		engine_answered(ticket->engine);
	ticket_end(ticket, TICKET_ANSWERED);
}

/* A report tells a probe what it asked for; to a request it is a hint, and the answer may still come. */
static int
report_take(struct session_ticket *ticket, const netsnmp_pdu *pdu)
{
	struct session *session = ticket->session;
	enum report report;

	varbinds_take(session, pdu->variables);
	report = report_of(session->reply.varbind_count > 0 ? &session->reply.varbinds[0] : NULL);
	if (session->reading != ticket || ticket->engine == NULL)
		return 0;
	if (ticket->probing) {
		ticket_end(ticket, TICKET_FOUND);
		return 1;
	}
	ticket->cause = POLL_FAILED_AUTHENTICATION;
	report_say(ticket->trouble, report, ticket->credentials);
	if (report == REPORT_ENGINE)
		engine_doubted(ticket->engine);
	session->events.on_refusal(SESSION_REFUSED_SECURITY, session->events.user);
	return 0;
}

/* The library has sent it once more, with another number, since its engine's clock had changed. */
static void
resent(struct session_ticket *ticket, const netsnmp_pdu *pdu)
{
	if (ticket->message_id != 0)
		ticket->message_id = (uint32_t)pdu->msgid;
	ticket->sent_mono_us = clock_mono_us();
}

void
session_overdue(struct session_ticket *ticket)
{
	char words[REPORT_WORDS_LEN];

	if (ticket->overdue || ticket->engine == NULL || ticket->probing)
		return;
	ticket->overdue = true;
	engine_silent(ticket->engine, words);
	if (ticket->trouble[0] != '\0' || words[0] == '\0')
		return;
	ticket->cause = POLL_FAILED_AUTHENTICATION;
	snprintf(ticket->trouble, sizeof(ticket->trouble), "%s", words);
}

/* net-snmp calls this for replies, time-outs and failures; 0 keeps the request waiting, 1 ends it.  For a report it calls
 * twice, first as for an error. */
static int
on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg)
{
	struct session_ticket *ticket = arg;
	bool report = pdu != NULL && pdu->command == SNMP_MSG_REPORT;

	(void)sess, (void)reqid;
	if (ticket->session->closing || ticket->state != TICKET_WAITING)
		return 1;
	switch (op) {
	case NETSNMP_CALLBACK_OP_RESEND: resent(ticket, pdu); return 1;
	case NETSNMP_CALLBACK_OP_TIMED_OUT:
		session_overdue(ticket);
		ticket_end(ticket, TICKET_SILENT);
		return 1;
	case NETSNMP_CALLBACK_OP_SEC_ERROR:
		if (!report)
			ticket_end(ticket, TICKET_UNSENT);
		return 1;
	case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE: break;
	default: ticket_end(ticket, TICKET_UNSENT); return 1;
	}
	if (report && ticket->message_id != 0)
		return report_take(ticket, pdu);
	if (!reply_fits(ticket, pdu))
		return 0;
	reply_take(ticket, pdu);
	return 1;
}

/* net-snmp calls this to have a message read. */
static int
on_message(netsnmp_session *sess, netsnmp_pdu *pdu, u_char *octets, size_t len)
{
	struct session *session = sess->myvoid;
	enum reply_kind kind =
	    session->reading == NULL ? reply_read(&session->reply, pdu, octets, len) : REPLY_OTHER;

	session->read_here = kind == REPLY_READ;
	if (kind == REPLY_OTHER)
		return snmp_parse(session->handle, sess, pdu, octets, len);
	return kind == REPLY_READ ? SNMP_ERR_NOERROR : SNMPERR_ASN_PARSE_ERR;
}

/* net-snmp calls this for each message it has read, before it looks for the request.  Of v3, only those that passed
 * message_take are read, so that the message's number is the ticket's; when it failed, its reason is known here alone. */
static int
on_parsed(netsnmp_session *sess, netsnmp_pdu *pdu, int result)
{
	struct session *session = sess->myvoid;
	struct session_ticket *ticket = session->reading;
	bool is_signed = pdu->securityLevel >= SNMP_SEC_LEVEL_AUTHNOPRIV;

	if (ticket == NULL)
		return 1;
	if (result == SNMPERR_SUCCESS) {
		if (is_signed)
			engine_signed(ticket->engine, &session->heard);
		return 1;
	}
	ticket->cause = POLL_FAILED_AUTHENTICATION;
	if (result == SNMPERR_USM_NOTINTIMEWINDOW)
		engine_went_back(ticket->engine, &session->heard, ticket->trouble);
	else
		snprintf(ticket->trouble, sizeof(ticket->trouble),
			 "it answered with a message that %s",
			 result == SNMPERR_USM_AUTHENTICATIONFAILURE
			     ? "is not signed with the user's auth secret"
			 : result == SNMPERR_USM_DECRYPTIONERROR ? "cannot be decrypted"
								 : "net-snmp cannot read");
	session->events.on_refusal(SESSION_REFUSED_SECURITY, session->events.user);
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
		ticket_send(ticket);
		return;
	}
	ticket->cause = POLL_FAILED_AUTHENTICATION;
	ticket->message_id = 0;
	ticket->state = TICKET_WAITING;
	ticket_end(ticket, TICKET_UNSENT);
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
		refuse_source(ticket, &datagram->from, datagram->from_len);
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
