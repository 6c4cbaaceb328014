/* mail_address.h - which mail addresses may be used. */
#ifndef COLLECTOR_BASE_MAIL_ADDRESS_H
#define COLLECTOR_BASE_MAIL_ADDRESS_H

#include <stdbool.h>
#include <string.h>

#define MAIL_ADDRESS_MAX 254 /* octets */
#define MAIL_LOCAL_MAX   64

/* What can stand in an SMTP command and in a header as it is: printable ASCII without what would have to be quoted, one @
 * with something on both sides.  A stricter form of RFC 5321's Dot-string@Domain, and its address literals. */
static inline bool
mail_address_ok(const char *text)
{
	const char *at = strchr(text, '@');

	if (at == NULL || at == text || at - text > MAIL_LOCAL_MAX || at[1] == '\0' ||
	    strlen(text) > MAIL_ADDRESS_MAX || strchr(at + 1, '@') != NULL || text[0] == '-')
		return false;
	for (const char *c = text; *c != '\0'; c++)
		if (*c <= ' ' || *c >= 0x7f || strchr("<>()\",;\\", *c) != NULL ||
		    (*c == ':' && c < at))
			return false;
	return true;
}

#endif
