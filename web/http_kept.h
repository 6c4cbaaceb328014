/* http_kept.h - answers as the library sends them, headers and all, made once while the same octets go out again. */
#ifndef WEB_HTTP_KEPT_H
#define WEB_HTTP_KEPT_H

#include <microhttpd.h>

#include "reply.h"

struct http_kept;

struct http_kept *http_kept_new(void); /* NULL when memory ran out */
void http_kept_free(struct http_kept *kept);

/* The response of a reply that is whole, or NULL: it is to be made for this once.  Lent until the next call. */
struct MHD_Response *http_kept_get(struct http_kept *kept, struct reply *reply);

#endif
