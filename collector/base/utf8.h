/* utf8.h - one character of UTF-8 at a time, for text from outside.  Source: RFC 3629, Unicode table 3-7. */
#ifndef COLLECTOR_BASE_UTF8_H
#define COLLECTOR_BASE_UTF8_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define UTF8_REPLACEMENT     "\xef\xbf\xbd" /* U+FFFD */
#define UTF8_REPLACEMENT_LEN 3

/* Octets of the character at text[0..left) and the character itself; 0 when no valid one stands there: overlong forms,
 * surrogates and what lies above U+10FFFF are invalid. */
static inline size_t
utf8_next(const void *text, size_t left, uint32_t *character)
{
	const unsigned char *s = text;

	if (left == 0)
		return 0;
	size_t len = s[0] < 0x80   ? 1
		     : s[0] < 0xc2 ? 0
		     : s[0] < 0xe0 ? 2
		     : s[0] < 0xf0 ? 3
		     : s[0] < 0xf5 ? 4
				   : 0;
	if (len == 0 || len > left)
		return 0;
	uint32_t c = len == 1 ? s[0] : s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if ((s[i] & 0xc0) != 0x80)
			return 0;
		c = c << 6 | (s[i] & 0x3fU);
	}
	if ((len == 3 && c < 0x800) || (len == 4 && (c < 0x10000 || c > 0x10ffff)) ||
	    (c >= 0xd800 && c < 0xe000))
		return 0;
	*character = c;
	return len;
}

/* Controls: C0, DEL, C1; and what breaks lines or turns the direction of its surroundings, as a page or a terminal shows them
 * (U+2028, U+2029, U+202A..U+202E, U+2066..U+2069). */
static inline bool
utf8_is_control(uint32_t c)
{
	return c < 0x20 || (c >= 0x7f && c < 0xa0) || (c >= 0x2028 && c <= 0x202e) ||
	       (c >= 0x2066 && c <= 0x2069);
}

#endif
