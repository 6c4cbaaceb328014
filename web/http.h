/* http.h - HTTP as the outside sees it: connections, limits, methods, headers.  The only user of libmicrohttpd. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <netinet/in.h>
#include <stdbool.h>

#include "ixwatch/error.h"

#include "draw.h"
#include "site.h"

struct http;

/* Listens and serves from a thread of its own; says on which address.  Lends site and draw. */
bool http_open(struct http **out, const struct sockaddr_storage *listen_on, struct site *site,
	       struct draw *draw, struct error *err);
/* To be called a few times a second: cuts off who is too slow. */
void http_tick(struct http *http);
/* No new connection from here on. */
void http_quiesce(struct http *http);
/* Ends all connections; every job submitted must have been answered before (draw_stop). */
void http_close(struct http *http); /* NULL is fine */

#endif
