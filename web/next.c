/* next.c - see next.h.  What is no character of an address (RFC 3986, 2) is percent-encoded: the target came as it came. */
#include "next.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"
#include "uri.h"

static const char fit[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789"
			  "-._~:/?@!$&'()*+,;=%";

static void
put(struct html *link, const char *text, size_t len)
{
	char octet[4];

	for (size_t i = 0; i < len; i++) {
		bool fits = text[i] != '\0' && strchr(fit, text[i]) != NULL;

		snprintf(octet, sizeof(octet), fits ? "%c" : "%%%02X", (unsigned char)text[i]);
		html_raw(link, octet);
	}
}

/* Whether a pair's key is the cursor, however it is written. */
static bool
is_cursor(const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	char name[16];

	return uri_decode(name, sizeof(name), pair, equals == NULL ? len : (size_t)(equals - pair),
			  true) &&
	       strcmp(name, "cursor") == 0;
}

char *
next_link_dup(const char *target, const char *cursor)
{
	size_t path_len = strcspn(target, "?"), len;
	const char *query = target + path_len + (target[path_len] == '?');
	struct html link;
	char *text;

	html_init(&link);
	html_raw(&link, "<");
	put(&link, target, path_len);
	html_raw(&link, "?");
	while (*query != '\0') {
		size_t pair_len = strcspn(query, "&");

		if (pair_len > 0 && !is_cursor(query, pair_len)) {
			put(&link, query, pair_len);
			html_raw(&link, "&");
		}
		query += pair_len + (query[pair_len] == '&');
	}
	html_raw(&link, "cursor=");
	put(&link, cursor, strlen(cursor));
	html_raw(&link, ">; rel=\"next\"");
	text = html_take(&link, &len);
	if (text != NULL && len > NEXT_LINK_MAX) {
		free(text);
		text = NULL;
	}
	return text;
}
