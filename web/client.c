/* client.c - see client.h. */
#include "client.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <stdio.h>
#include <string.h>

#include "listen.h"

#define NETWORK_LEN 8 /* octets of an IPv6 address that count */

/* A peer as a socket of its own family would have it. */
static struct sockaddr_storage
plain(const struct sockaddr *peer)
{
	struct sockaddr_storage address = { 0 };
	struct sockaddr_in6 six;
	struct sockaddr_in *four = (struct sockaddr_in *)&address;

	if (peer->sa_family != AF_INET6) {
		memcpy(&address, peer, sizeof(struct sockaddr_in));
		return address;
	}
	memcpy(&six, peer, sizeof(six));
	if (IN6_IS_ADDR_V4MAPPED(&six.sin6_addr)) {
		four->sin_family = AF_INET;
		memcpy(&four->sin_addr, six.sin6_addr.s6_addr + 12, 4);
	} else {
		memcpy(&address, &six, sizeof(six));
	}
	return address;
}

bool
client_of_peer(char dst[VISIT_ADDRESS_MAX], const struct sockaddr *peer)
{
	struct sockaddr_storage address = plain(peer);

	if (address.ss_family == AF_INET6)
		inet_ntop(AF_INET6, &((struct sockaddr_in6 *)&address)->sin6_addr, dst,
			  VISIT_ADDRESS_MAX);
	else
		inet_ntop(AF_INET, &((struct sockaddr_in *)&address)->sin_addr, dst,
			  VISIT_ADDRESS_MAX);
	return listen_is_loopback(&address);
}

void
client_of_proxy(char dst[VISIT_ADDRESS_MAX], const char *forwarded)
{
	struct sockaddr_in four = { .sin_family = AF_INET };
	struct sockaddr_in6 six = { .sin6_family = AF_INET6 };
	const char *last = strrchr(forwarded, ',');
	char text[VISIT_ADDRESS_MAX];

	last = last == NULL ? forwarded : last + 1;
	last += strspn(last, " \t");
	size_t len = strcspn(last, " \t");
	if (len >= sizeof(text) || last[len + strspn(last + len, " \t")] != '\0')
		return;
	memcpy(text, last, len);
	text[len] = '\0';
	if (inet_pton(AF_INET, text, &four.sin_addr) == 1)
		client_of_peer(dst, (struct sockaddr *)&four);
	else if (inet_pton(AF_INET6, text, &six.sin6_addr) == 1)
		client_of_peer(dst, (struct sockaddr *)&six);
}

void
client_network(char dst[VISIT_ADDRESS_MAX], const char *address)
{
	unsigned char octets[16];

	if (inet_pton(AF_INET6, address, octets) != 1) {
		snprintf(dst, VISIT_ADDRESS_MAX, "%s", address);
		return;
	}
	memset(octets + NETWORK_LEN, 0, sizeof(octets) - NETWORK_LEN);
	inet_ntop(AF_INET6, octets, dst, VISIT_ADDRESS_MAX);
}

uint64_t
client_network_key(const struct sockaddr *peer)
{
	struct sockaddr_storage address = plain(peer);
	uint64_t key;

	if (listen_is_loopback(&address))
		return 0;
	if (address.ss_family == AF_INET) /* in the networks ::, where no client is */
		return 1 + (uint64_t)ntohl(((struct sockaddr_in *)&address)->sin_addr.s_addr);
	memcpy(&key, ((struct sockaddr_in6 *)&address)->sin6_addr.s6_addr, sizeof(key));
	return key;
}
