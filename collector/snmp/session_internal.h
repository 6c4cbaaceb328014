/* session_internal.h - one socket of net-snmp and what goes over it, between the files session*.c only.
 *
 *   session.c      the socket: opening, what waits at it, telling how tickets ended
 *   session_out.c  requests, as the library wants them
 *   session_in.c   the library's callbacks: which message ends which ticket
 */
#ifndef COLLECTOR_SNMP_SESSION_INTERNAL_H
#define COLLECTOR_SNMP_SESSION_INTERNAL_H

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>
#include <net-snmp/library/large_fd_set.h>

#include "snmp/envelope.h"
#include "snmp/reply.h"
#include "snmp/session.h"

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
	/* The question of v2c that the library is about to send; NULL: of another kind. */
	const struct session_ticket *asking;
	/* The answer taken by the callback, until it has been told. */
	unsigned error_status, error_index;
	netsnmp_variable_list
	    *taken; /* what the reply's varbinds lend, where the library read them */
	struct reply reply;
	bool read_here; /* the message that the library works on is in the reply already */
};

/* Puts a ticket that waits aside, for session.c to tell; any other stays as it is. */
void session_ticket_end(struct session_ticket *ticket, enum ticket_state state);

/* Sends the ticket's question, or what has to be asked before. */
void session_ticket_send(struct session_ticket *ticket);

/* A message came from another address than the ticket went to. */
void session_refuse_source(struct session_ticket *ticket, const void *from, size_t from_len);

/* The library's callbacks: of a request; to have a message written; to have one read; for each message it has read. */
int session_on_library(int op, netsnmp_session *sess, int reqid, netsnmp_pdu *pdu, void *arg);
int session_on_build(netsnmp_session *sess, netsnmp_pdu *pdu, u_char **octets, size_t *size,
		     size_t *len);
int session_on_message(netsnmp_session *sess, netsnmp_pdu *pdu, u_char *octets, size_t len);
int session_on_parsed(netsnmp_session *sess, netsnmp_pdu *pdu, int result);

#endif
