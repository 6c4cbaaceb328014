/* session_in.c - what net-snmp calls back with: which message ends which ticket, and why others do not; see
 * session_internal.h. */
#include <net/if.h>
#include <netdb.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>

#include "ixwatch/clock.h"
#include "snmp/engine.h"
#include "snmp/report.h"
#include "snmp/session_internal.h"

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

void
session_refuse_source(struct session_ticket *ticket, const void *from, size_t from_len)
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
		session_refuse_source(ticket, pdu->transport_data,
				      (size_t)pdu->transport_data_length);
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
	session_ticket_end(ticket, TICKET_ANSWERED);
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
		session_ticket_end(ticket, TICKET_FOUND);
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
int
session_on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg)
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
		session_ticket_end(ticket, TICKET_SILENT);
		return 1;
	case NETSNMP_CALLBACK_OP_SEC_ERROR:
		if (!report)
			session_ticket_end(ticket, TICKET_UNSENT);
		return 1;
	case NETSNMP_CALLBACK_OP_RECEIVED_MESSAGE: break;
	default: session_ticket_end(ticket, TICKET_UNSENT); return 1;
	}
	if (report && ticket->message_id != 0)
		return report_take(ticket, pdu);
	if (!reply_fits(ticket, pdu))
		return 0;
	reply_take(ticket, pdu);
	return 1;
}

/* net-snmp calls this to have a message read. */
int
session_on_message(netsnmp_session *sess, netsnmp_pdu *pdu, u_char *octets, size_t len)
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
int
session_on_parsed(netsnmp_session *sess, netsnmp_pdu *pdu, int result)
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
