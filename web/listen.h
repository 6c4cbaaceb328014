/* listen.h - a socket to listen on, and its address as text. */
#ifndef WEB_LISTEN_H
#define WEB_LISTEN_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

#define LISTEN_TEXT_MAX (INET6_ADDRSTRLEN + 2)

/* A listening, non-blocking socket (caller closes); -1 with the reason and the address when it cannot be had. */
int listen_open(const struct sockaddr_storage *address, struct error *err);

/* Whether nobody but this machine can reach it. */
bool listen_is_loopback(const struct sockaddr_storage *address);

/* As a Host header has it ("127.0.0.1", "[::1]"), without the port; returns the port. */
uint16_t listen_format(char *dst, size_t len, const struct sockaddr_storage *address);

#endif
