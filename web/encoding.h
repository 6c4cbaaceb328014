/* encoding.h - what an Accept-Encoding header says (RFC 9110, 12.5.3). */
#ifndef WEB_ENCODING_H
#define WEB_ENCODING_H

#include <stdbool.h>

/* Whether the client wants gzip (or x-gzip, or whatever there is: "*"), and no less than the octets as they are.  NULL, and
 * what cannot be read: no. */
bool encoding_wants_gzip(const char *accept_encoding);

#endif
