/* http.h - HTTP as the outside sees it: connections, limits, methods, headers.  The only user of libmicrohttpd. */
#ifndef WEB_HTTP_H
#define WEB_HTTP_H

#include <stdbool.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

#include "draw.h"
#include "site.h"

struct http;

/* Listens and serves from a thread of its own; says on which address.  Lends all but the configuration.  desk does what
 * is no picture. */
bool http_open(struct http **out, const struct config_web *web, struct site *site,
	       struct draw *draw, struct draw *desk, struct auth *auth, struct error *err);
/* The certificate and key of a configuration, read but not in force (http_tls.h); NULL without TLS.  Whether there is TLS
 * at all does not change. */
struct tls_pair;
bool http_read_tls(struct http *http, const struct config_web *web, struct tls_pair **out,
		   struct error *err);
/* Calls it between two answers, which finds all of what it changes changed: a request that came in before and is not
 * answered yet is checked anew. */
void http_between(struct http *http, void (*change)(void *user), void *user);
/* To be called a few times a second: cuts off who is too slow. */
void http_tick(struct http *http);
/* No new connection from here on. */
void http_quiesce(struct http *http);
/* Ends all connections; every job submitted must have been answered before (draw_stop). */
void http_close(struct http *http); /* NULL is fine */

#endif
