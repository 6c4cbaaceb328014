/* headers.c - see headers.h. */
#include "headers.h"

#include <stddef.h>
#include <string.h>
#include <strings.h>

static bool
is_longer(const char *name, const char *than)
{
	size_t len = strlen(than);

	return strncasecmp(name, than, len) == 0 && name[len] != '\0';
}

/* A line that begins with a blank goes on with the value before it (RFC 9112, 5.2); libmicrohttpd 0.9.75 puts it behind the
 * name instead.  So "Transfer-Encoding:", and " chunked" below, would be a header that nobody heeds, to a proxy before us
 * the end of the body.  No header that there is has such a name. */
static bool
is_odd_name(const char *name)
{
	static const char token[] = "!#$%&'*+-.^_`|~0123456789"
				    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

	return name[0] == '\0' || name[strspn(name, token)] != '\0' ||
	       is_longer(name, "Content-Length") || is_longer(name, "Transfer-Encoding");
}

void
headers_take(struct headers *headers, const char *name, const char *value)
{
	headers->is_odd |= is_odd_name(name);
	if (strcasecmp(name, "Content-Length") == 0) {
		headers->lengths++;
		headers->length = value;
		headers->has_body |= value == NULL || strcmp(value, "0") != 0;
	} else if (strcasecmp(name, "Transfer-Encoding") == 0) {
		headers->encodings++;
		headers->has_body = true;
	} else if (strcasecmp(name, "Host") == 0) {
		headers->hosts++;
	} else if (strcasecmp(name, "Authorization") == 0) {
		headers->authorizations++;
	} else if (strcasecmp(name, "Origin") == 0) {
		headers->origins++;
	} else if (strcasecmp(name, "X-Forwarded-For") == 0) {
		headers->forwarded = value;
	}
}

const char *
headers_wrong(const struct headers *headers)
{
	if (headers->lengths + headers->encodings > 1)
		return "more than one header says how long the body is";
	if (headers->is_odd)
		return "a header's name is none, or its value goes on in another line";
	if (headers->hosts > 1 || headers->authorizations > 1 || headers->origins > 1)
		return "there is more than one Host, Authorization or Origin header";
	return NULL;
}
