/* visit.h - one request as it came in: what the client said, and from where.  Everything is lent for the request; what
 * was not sent is NULL. */
#ifndef WEB_VISIT_H
#define WEB_VISIT_H

#include <stdbool.h>
#include <stddef.h>

#define VISIT_ADDRESS_MAX 64

struct visit {
	const char *target; /* raw: "/ports/12?x=1" */
	bool is_post;
	char address
	    [VISIT_ADDRESS_MAX]; /* of the client; behind a trusted proxy, of the proxy's client */
	const char *host, *origin, *referer;
	const char *cookie, *authorization, *form_token; /* X-CSRF-Token */
	const char *content_type;
	const char *body; /* of a POST; terminated */
	size_t body_len;
};

#endif
