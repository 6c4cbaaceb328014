/* mime_encode.c - see mime_encode.h. */
#include "notify/mime_encode.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/utf8.h"
#include "notify/mime.h"

#define WORD_BEGIN "=?UTF-8?B?"
#define WORD_END   "?="
#define WORD_FRAME (sizeof(WORD_BEGIN) - 1 + sizeof(WORD_END) - 1)

/* The character at text[0..left): its octets as they may be carried, and how many were read.  What is no UTF-8 is
 * U+FFFD. */
static size_t
character_at(const char *text, size_t left, uint32_t *character, const char **octets, size_t *len)
{
	size_t step = utf8_next(text, left, character);

	*octets = step > 0 ? text : UTF8_REPLACEMENT;
	*len = step > 0 ? step : UTF8_REPLACEMENT_LEN;
	if (step == 0)
		*character = 0xfffd;
	return step > 0 ? step : 1;
}

/* --- base64 --- */

/* Four digits for one to three octets. */
static void
put_group(FILE *to, const unsigned char *from, size_t len)
{
	static const char digits[] =
	    "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	uint32_t bits = (uint32_t)from[0] << 16;

	if (len > 1)
		bits |= (uint32_t)from[1] << 8;
	if (len > 2)
		bits |= from[2];
	putc(digits[bits >> 18], to);
	putc(digits[bits >> 12 & 63], to);
	putc(len > 1 ? digits[bits >> 6 & 63] : '=', to);
	putc(len > 2 ? digits[bits & 63] : '=', to);
}

static void
put_groups(FILE *to, const unsigned char *from, size_t len)
{
	for (size_t i = 0; i < len; i += 3)
		put_group(to, from + i, len - i < 3 ? len - i : 3);
}

void
mime_put_base64(FILE *to, const void *octets, size_t len)
{
	const size_t line = MIME_LINE_MAX / 4 * 3;
	const unsigned char *from = octets;

	for (size_t i = 0; i < len; i += line) {
		put_groups(to, from + i, len - i < line ? len - i : line);
		fputs("\r\n", to);
	}
}

/* --- quoted-printable --- */

static bool
is_line_end(const char *text, size_t left)
{
	return left == 0 || text[0] == '\n' || (text[0] == '\r' && left > 1 && text[1] == '\n');
}

/* Whether it may stand as it is.  Blanks at a line's end are lost on the way; a dot and "From " at its beginning mean
 * something to some that carry mail. */
static bool
is_plain(const char *text, size_t left, bool at_begin)
{
	unsigned char c = (unsigned char)text[0];

	if (c == ' ' || c == '\t')
		return !is_line_end(text + 1, left - 1);
	if (at_begin && (c == '.' || (left >= 5 && memcmp(text, "From ", 5) == 0)))
		return false;
	return c > ' ' && c < 0x7f && c != '=';
}

/* One character, on a line of its own when the one at hand has no room for it and the "=" of a soft line break. */
static void
put_quoted(FILE *to, const char *octets, size_t len, bool plain, size_t *column)
{
	size_t width = plain ? len : len * 3;

	if (*column + width > MIME_LINE_MAX - 1) {
		fputs("=\r\n", to);
		*column = 0;
	}
	for (size_t i = 0; i < len; i++)
		fprintf(to, plain ? "%c" : "=%02X", (unsigned char)octets[i]);
	*column += width;
}

void
mime_put_quoted_printable(FILE *to, const char *text, size_t len)
{
	size_t column = 0;
	bool at_begin = true;

	while (len > 0) {
		uint32_t c;
		const char *octets;
		size_t octet_count, step = character_at(text, len, &c, &octets, &octet_count);

		if (is_line_end(text, len)) {
			step = c == '\r' ? 2 : 1;
			fputs("\r\n", to);
			column = 0;
			at_begin = true;
		} else if (!utf8_is_control(c) || c == '\t') {
			put_quoted(to, octets, octet_count, is_plain(text, len, at_begin), &column);
			at_begin = false;
		}
		text += step;
		len -= step;
	}
	if (!at_begin)
		fputs("\r\n", to);
}

/* --- headers --- */

/* Printable ASCII that nobody takes for an encoded-word, nor a blank at its ends for folding. */
static bool
is_ascii(const char *text)
{
	size_t len = strlen(text);

	for (size_t i = 0; i < len; i++)
		if ((unsigned char)text[i] < ' ' || (unsigned char)text[i] > '~')
			return false;
	return strstr(text, "=?") == NULL && (len == 0 || (text[0] != ' ' && text[len - 1] != ' '));
}

/* As many whole characters as fit into max octets, controls as blanks; returns how much of the text was used. */
static size_t
word_fill(unsigned char *word, size_t max, size_t *used, const char *text, size_t left)
{
	size_t read = 0;

	*used = 0;
	while (read < left) {
		uint32_t c;
		const char *octets;
		size_t len, step = character_at(text + read, left - read, &c, &octets, &len);

		if (utf8_is_control(c)) {
			octets = " ";
			len = 1;
		}
		if (*used + len > max)
			break;
		memcpy(word + *used, octets, len);
		*used += len;
		read += step;
	}
	return read;
}

/* RFC 2047, 2: a word has at most 75 characters, a line with one at most 76. */
static void
put_words(FILE *to, const char *text, size_t column)
{
	size_t left = strlen(text);

	while (left > 0) {
		unsigned char word[MIME_WORD_MAX];
		size_t room = column + 1 < MIME_LINE_MAX ? MIME_LINE_MAX - column : 0, used, read;

		if (room > MIME_WORD_MAX)
			room = MIME_WORD_MAX;
		room = room > WORD_FRAME ? (room - WORD_FRAME) / 4 * 3 : 0;
		read = word_fill(word, room, &used, text, left);
		if (read > 0) {
			fputs(WORD_BEGIN, to);
			put_groups(to, word, used);
			fputs(WORD_END, to);
		}
		text += read;
		left -= read;
		if (left > 0)
			fputs("\r\n ", to);
		column = 1;
	}
}

void
mime_put_unstructured(FILE *to, const char *text, size_t column)
{
	if (is_ascii(text) && column + strlen(text) <= MIME_LINE_MAX)
		fputs(text, to);
	else
		put_words(to, text, column);
}

void
mime_put_phrase(FILE *to, const char *text, size_t column)
{
	if (is_ascii(text) && column + strlen(text) + 2 <= MIME_LINE_MAX &&
	    strpbrk(text, "\"\\") == NULL)
		fprintf(to, "\"%s\"", text);
	else
		put_words(to, text, column);
}
