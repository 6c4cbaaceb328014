/* headers.h - what a request's headers say that must be said once and clearly: how long its body is, for whom it is, and who
 * asks.  Pure; the HTTP library lets more pass than is good behind a proxy. */
#ifndef WEB_HEADERS_H
#define WEB_HEADERS_H

#include <stdbool.h>

struct headers {
	unsigned lengths, encodings, hosts, authorizations, origins;
	bool has_body, is_odd;
	const char *length, *forwarded; /* the last of each; lent */
};

/* One more; begin with zeros.  value: NULL is none. */
void headers_take(struct headers *headers, const char *name, const char *value);

/* Why such a request is refused, 400; NULL when it need not be. */
const char *headers_wrong(const struct headers *headers);

#endif
