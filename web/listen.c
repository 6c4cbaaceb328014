/* listen.c - the listening socket. */
#include <arpa/inet.h>
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "listen.h"

static socklen_t
address_len(const struct sockaddr_storage *address)
{
	return address->ss_family == AF_INET6 ? sizeof(struct sockaddr_in6)
					      : sizeof(struct sockaddr_in);
}

bool
listen_is_loopback(const struct sockaddr_storage *address)
{
	if (address->ss_family == AF_INET6)
		return IN6_IS_ADDR_LOOPBACK(&((const struct sockaddr_in6 *)address)->sin6_addr);
	return ntohl(((const struct sockaddr_in *)address)->sin_addr.s_addr) >> 24 == 127;
}

uint16_t
listen_format(char *dst, size_t len, const struct sockaddr_storage *address)
{
	char text[INET6_ADDRSTRLEN] = "";

	if (address->ss_family == AF_INET6) {
		const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)address;

		inet_ntop(AF_INET6, &six->sin6_addr, text, sizeof(text));
		snprintf(dst, len, "[%s]", text);
		return ntohs(six->sin6_port);
	}
	const struct sockaddr_in *four = (const struct sockaddr_in *)address;
	inet_ntop(AF_INET, &four->sin_addr, dst, (socklen_t)len);
	return ntohs(four->sin_port);
}

int
listen_open(const struct sockaddr_storage *address, struct error *err)
{
	char text[64];
	int one = 1;
	int fd = socket(address->ss_family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);

	if (fd >= 0 && setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one)) == 0 &&
	    bind(fd, (const struct sockaddr *)address, address_len(address)) == 0 &&
	    listen(fd, 511) == 0)
		return fd;
	uint16_t port = listen_format(text, sizeof(text), address);
	error_set(err, ERR_IO, "web: cannot listen on %s:%u: %s", text, port, strerror(errno));
	if (fd >= 0)
		close(fd);
	return -1;
}
