/* server.h - all agents of a world on loopback addresses, answered from one thread.
 *
 * Up to SERVER_OWN_SOCKETS agents have a socket each, bound to the agent's own address.  More share one socket that
 * is bound to no address but to the device lo where the kernel lets us; in any case the destination of every datagram
 * (IP_PKTINFO) decides which agent is asked, one that is no agent's 127/8 address is dropped unread, and the answer
 * leaves from the address that was asked.  So nothing outside the machine is ever answered. */
#ifndef SIM_SERVER_H
#define SIM_SERVER_H

#include <stdbool.h>
#include <stdint.h>

#include "answer.h"
#include "box.h"
#include "complaint.h"

#define SERVER_OWN_SOCKETS 64

struct server_settings {
	uint16_t udp_port;    /* 0: the system chooses */
	double drop_share;    /* 0..1: of the requests, lost at random */
	double silent_share;  /* of the agents that never answer */
	uint64_t seed;        /* which ones */
	int64_t offset_ticks; /* added to the wall clock */
	bool until_stdin_closes;
	struct answer_rules rules;
};

struct server;

/* boxes: one for each agent of the world, in its order; both are borrowed. */
bool server_open(struct server **out, const struct server_settings *settings,
		 const struct world *world, struct box *boxes, struct complaint *complaint);
void server_close(struct server *server); /* NULL is fine */

uint16_t server_port(const struct server *server);

/* Answers until SIGTERM, SIGINT or, if asked for, the end of standard input. */
bool server_run(struct server *server, struct complaint *complaint);

#endif
