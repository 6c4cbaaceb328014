/* client.h - whose request it is, by address: the socket's peer, or whom a proxy on this machine names.  Pure.
 *
 * Of IPv6 everybody has 2^64 addresses, so what is counted by client is counted by its network (/64). */
#ifndef WEB_CLIENT_H
#define WEB_CLIENT_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

#include "visit.h"

/* The peer's address as text; an IPv4 one that came over an IPv6 socket (::ffff:192.0.2.1) as what it is.  Whether nobody
 * but this machine can have it. */
bool client_of_peer(char dst[VISIT_ADDRESS_MAX], const struct sockaddr *peer);

/* Whom the nearest proxy names: the last of the X-Forwarded-For list, for what stands before it came from the client.
 * What is no address leaves dst as it is. */
void client_of_proxy(char dst[VISIT_ADDRESS_MAX], const char *forwarded);

/* What limits count by: "192.0.2.1", "2001:db8:1:2::". */
void client_network(char dst[VISIT_ADDRESS_MAX], const char *address);

/* The same of a peer as a number; 0 for this machine's own. */
uint64_t client_network_key(const struct sockaddr *peer);

#endif
