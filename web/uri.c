/* uri.c - percent-decoding, strict. */
#include <string.h>

#include "uri.h"

static int
hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	return -1;
}

/* The octet at *src, which is moved behind it; -1 for a broken escape. */
static int
next_octet(const char **src, const char *end)
{
	const char *at = (*src)++;

	if (*at != '%')
		return (unsigned char)*at;
	if (end - at < 3 || hex_digit(at[1]) < 0 || hex_digit(at[2]) < 0)
		return -1;
	*src = at + 3;
	return hex_digit(at[1]) * 16 + hex_digit(at[2]);
}

/* What becomes of an octet that ends a line or tabs, in a text of lines; of a CR before an LF nothing (0) does. */
static int
line_octet(int octet, const char *src, const char *end)
{
	const char *next = src;

	if (octet == '\t')
		return ' ';
	if (octet == '\r')
		return src < end && next_octet(&next, end) == '\n' ? 0 : '\n';
	return octet;
}

static bool
decode(char *dst, size_t len, const char *src, size_t src_len, bool plus_is_space, bool has_lines)
{
	const char *end = src + src_len;
	size_t used = 0;

	while (src < end) {
		bool is_space = plus_is_space && *src == '+';
		int octet = next_octet(&src, end), said = octet;

		if (has_lines && (octet == '\t' || octet == '\r'))
			octet = line_octet(octet, src, end);
		if (octet == 0 && said == '\r')
			continue;
		if ((octet < 0x20 && !(has_lines && octet == '\n')) || octet == 0x7f ||
		    used + 1 >= len)
			return false;
		dst[used++] = is_space ? ' ' : (char)octet;
	}
	if (len == 0)
		return false;
	dst[used] = '\0';
	return true;
}

bool
uri_decode(char *dst, size_t len, const char *src, size_t src_len, bool plus_is_space)
{
	return decode(dst, len, src, src_len, plus_is_space, false);
}

bool
uri_decode_lines(char *dst, size_t len, const char *src, size_t src_len)
{
	return decode(dst, len, src, src_len, true, true);
}

static bool
has_encoded_slash(const char *path, size_t len)
{
	for (size_t i = 0; i + 2 < len; i++)
		if (path[i] == '%' && path[i + 1] == '2' &&
		    (path[i + 2] == 'F' || path[i + 2] == 'f'))
			return true;
	return false;
}

bool
uri_path(char *dst, size_t len, const char *target, const char **query)
{
	size_t path_len = strcspn(target, "?");

	*query = target[path_len] == '?' ? target + path_len + 1 : NULL;
	return target[0] == '/' && !has_encoded_slash(target, path_len) &&
	       uri_decode(dst, len, target, path_len, false);
}
