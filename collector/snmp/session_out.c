/* session_out.c - requests, as net-snmp wants them; see session_internal.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "snmp/engine.h"
#include "snmp/request.h"
#include "snmp/session_internal.h"

#define DATAGRAM_MAX 65507 /* octets over IPv4 */

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

/* For v3: of v2c the question is written as it is.  At the tail that is known: the library's own call walks to it past all
 * the others, each more than a kilobyte. */
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
	    (ticket->engine == NULL || names_put(pdu, &ticket->question)))
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

/* As the library writes it: that may be at the end of the octets. */
static int
library_build(netsnmp_session *sess, netsnmp_pdu *pdu, u_char **octets, size_t *size, size_t *len)
{
	int status = snmp_build(octets, size, len, sess, pdu);

	if (status == 0 && (pdu->flags & UCD_MSG_FLAG_FORWARD_ENCODE) == 0)
		memmove(*octets, *octets + *size - *len, *len);
	else if (status == 0)
		*len = *size;
	return status;
}

/* net-snmp calls this to have a message written, into octets that it may make larger. */
int
session_on_build(netsnmp_session *sess, netsnmp_pdu *pdu, u_char **octets, size_t *size,
		 size_t *len)
{
	const struct session_ticket *ticket = ((struct session *)sess->myvoid)->asking;

	if (ticket == NULL)
		return library_build(sess, pdu, octets, size, len);
	while ((*len = request_write(*octets, *size, ticket->credentials->community,
				     (uint32_t)pdu->reqid, &ticket->question)) == 0) {
		u_char *larger = *size < DATAGRAM_MAX ? realloc(*octets, *size * 2) : NULL;

		if (larger == NULL) {
			sess->s_snmp_errno = SNMPERR_TOO_LONG;
			return -1;
		}
		*octets = larger;
		*size *= 2;
	}
	return 0;
}

/* False: the PDU is still the caller's. */
static bool
library_send(struct session_ticket *ticket, netsnmp_pdu *pdu)
{
	int sent;

	if (ticket->engine != NULL)
		engine_enter(ticket->engine);
	ticket->session->asking = ticket->engine == NULL ? ticket : NULL;
	sent = snmp_sess_async_send(ticket->session->handle, pdu, session_on_library, ticket);
	ticket->session->asking = NULL;
	if (ticket->engine != NULL)
		engine_leave(ticket->engine, NULL);
	return sent != 0;
}

void
session_ticket_send(struct session_ticket *ticket)
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
	session_ticket_end(ticket, TICKET_UNSENT); /* unless the callback has already said so */
}

void
session_send(struct session *session, struct session_ticket *ticket)
{
	ticket->session = session;
	ticket->overdue = false;
	ticket->trouble[0] = '\0';
	ticket->cause = POLL_FAILED_TIMEOUT;
	session_ticket_send(ticket);
}
