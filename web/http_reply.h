/* http_reply.h - a part of http.c: from a reply to the library's response. */
#ifndef WEB_HTTP_REPLY_H
#define WEB_HTTP_REPLY_H

#include <microhttpd.h>

#include "reply.h"

/* Whoever owned the body, the response does now.  NULL when memory ran out. */
struct MHD_Response *http_reply_make(struct reply *reply);

#endif
