/* uri.h - a request target as it came over the wire: split, and its percent-encoding undone.
 *
 * The library's own decoding ends a path at %00 and keeps dots; so the raw target is read here, and what does not
 * decode to plain text without control characters is refused.  Source: RFC 3986 section 2.1; HTML, urlencoded forms. */
#ifndef WEB_URI_H
#define WEB_URI_H

#include <stdbool.h>
#include <stddef.h>

/* Decodes src[src_len] into dst[len], terminated.  plus_is_space: as in a query.  False for a broken escape, an
 * octet below 0x20 or 0x7f (escaped or not), or a text that does not fit. */
bool uri_decode(char *dst, size_t len, const char *src, size_t src_len, bool plus_is_space);

/* The same of a query's value that is text of several lines: CR LF, CR and LF are LF, a tab is a blank. */
bool uri_decode_lines(char *dst, size_t len, const char *src, size_t src_len);

/* The path of a raw target, decoded; *query is what follows '?' (still raw, lent), or NULL.  False when it does not begin
 * with '/', does not decode, or has an encoded '/'. */
bool uri_path(char *dst, size_t len, const char *target, const char **query);

#endif
