/* config_token.c - the characters of a configuration file as tokens.
 *
 * The lexical rules are libconfuse's (3.3, lexer.l) less its traps: comments are # // and C's, a text stands in "double
 * quotes" with escapes and ${VARIABLES} or in 'single quotes' without.  Here a text ends in the line in which it begins
 * (unless that line ends with a backslash), so that a forgotten quote is noticed where it is missing; an escape that is
 * none is a fault, where libconfuse would drop the backslash and so change a regular expression in silence. */
#include "base/config_internal.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char not_text[] = "a NUL octet: this is no text file";
static const char too_long[] = "the text is too long; allowed: up to 4096 octets";

static size_t
left(const struct token_source *source)
{
	return (size_t)(source->end - source->at);
}

static bool
starts(const struct token_source *source, const char *with)
{
	size_t len = strlen(with);

	return left(source) >= len && memcmp(source->at, with, len) == 0;
}

static void
skip_line(struct token_source *source)
{
	const char *newline = memchr(source->at, '\n', left(source));

	source->at = newline != NULL ? newline : source->end;
}

/* Skips a C comment; false, and nothing is skipped, when it has no end. */
static bool
skip_comment(struct token_source *source)
{
	const char *end = memmem(source->at + 2, left(source) - 2, "*/", 2);

	if (end == NULL)
		return false;
	for (; source->at < end + 2; source->at++)
		source->line += *source->at == '\n';
	return true;
}

/* Skips blanks and comments; false when a comment has no end. */
static bool
skip_blank(struct token_source *source)
{
	while (source->at < source->end) {
		if (*source->at == '\n')
			source->line++;
		if (strchr(" \t\r\n", *source->at) != NULL && *source->at != '\0')
			source->at++;
		else if (*source->at == '#' || starts(source, "//"))
			skip_line(source);
		else if (!starts(source, "/*"))
			return true;
		else if (!skip_comment(source))
			return false;
	}
	return true;
}

static bool
is_word_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
	       (c != '\0' && strchr("._%:/@~-", c) != NULL);
}

/* The octets of "${...}" that begin at `at`, or 0. */
static size_t
variable_len(const char *at, const char *end)
{
	size_t len = 2;

	if (end - at < 3 || at[0] != '$' || at[1] != '{')
		return 0;
	while (at + len < end && at[len] != '}' && at[len] != '\n')
		len++;
	return at + len < end && at[len] == '}' ? len + 1 : 0;
}

static void
take_word(struct token_source *source, struct token *token)
{
	size_t len = 0, more;

	do {
		more = variable_len(source->at, source->end);
		if (more == 0)
			more = source->at < source->end && is_word_char(*source->at);
		source->at += more;
		len += more;
	} while (more > 0);
	token->type = len > 0 ? TOKEN_WORD : TOKEN_BAD;
	token->len = len > 0 ? len : 1;
	if (token->type == TOKEN_BAD && *token->start == '\0')
		token->wrong = not_text;
	else if (len > CONFIG_TEXT_MAX)
		token->wrong = too_long;
}

static void
take_text(struct token_source *source, struct token *token)
{
	const char quote = *source->at;
	const char *at = source->at + 1;

	token->type = TOKEN_TEXT;
	for (; at < source->end && *at != quote && *at != '\n' && *at != '\0'; at++) {
		if (*at != '\\' || at + 1 == source->end || at[1] == '\0')
			continue;
		source->line += at[1] == '\n'; /* goes on in the next line */
		at++;
	}
	if (at < source->end && *at == '\0') {
		token->type = TOKEN_BAD;
		token->wrong = not_text;
	} else if (at < source->end && *at == quote) {
		at++;
	} else {
		token->unclosed = true;
		token->wrong = "the text that begins here has no closing quote in its line";
	}
	token->len = (size_t)(at - token->start);
	source->at = at;
	if (token->wrong == NULL && token->len > CONFIG_TEXT_MAX + 2)
		token->wrong = too_long;
}

struct token
token_next(struct token_source *source)
{
	struct token token = { .type = TOKEN_BAD, .len = 0 };
	bool closed = skip_blank(source);

	token.start = source->at;
	token.line = source->line;
	if (!closed) {
		token.wrong = "the comment that begins here is never closed";
		return token;
	}
	if (source->at == source->end) {
		token.type = TOKEN_END;
	} else if (*source->at == '"' || *source->at == '\'') {
		take_text(source, &token);
	} else if (starts(source, "+=")) {
		token.type = TOKEN_APPEND;
		token.len = 2;
		source->at += 2;
	} else if (*source->at != '\0' && strchr("{}()=,", *source->at) != NULL) {
		token.type = TOKEN_SIGN;
		token.len = 1;
		source->at++;
	} else {
		take_word(source, &token);
	}
	return token;
}

struct token
token_peek(const struct token_source *source)
{
	struct token_source ahead = *source;

	return token_next(&ahead);
}

bool
token_is(const struct token *token, char sign)
{
	return token->type == TOKEN_SIGN && *token->start == sign;
}

/* --- what stands inside a text --- */

static bool
is_name_char(char c, bool first)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
	       (!first && c >= '0' && c <= '9');
}

/* "${NAME}" or "${NAME:-default}" at `at`; len is all of it. */
static const char *
variable_fault(const char *at, size_t len, char *dst, size_t dst_len)
{
	char name[128];
	size_t name_len = 0;
	const char *text = at + 2;

	while (name_len < len - 3 && is_name_char(text[name_len], name_len == 0))
		name_len++;
	bool has_default = strncmp(text + name_len, ":-", 2) == 0;
	if (name_len == 0 || name_len >= sizeof(name) || memchr(at, '\\', len) != NULL ||
	    (text[name_len] != '}' && !has_default)) {
		snprintf(dst, dst_len, "%s is no variable; allowed: ${NAME} and ${NAME:-default}",
			 config_show(at, len).text);
		return dst;
	}
	memcpy(name, text, name_len);
	name[name_len] = '\0';
	if (has_default || getenv(name) != NULL)
		return NULL;
	snprintf(
	    dst, dst_len,
	    "the environment has no %s; allowed: a variable that is set, or a default, ${%s:-text}",
	    name, name);
	return dst;
}

/* Octets of the escape at `at` (a backslash and what follows), 0 when it is none: \\ \" \' \$ \a \b \e \f \n \r \t \v,
 * \1 to \377 in octal, \x1 to \xFF, and the end of a line. */
static size_t
escape_len(const char *at, const char *end)
{
	size_t digits;
	char copy[4] = "";

	if (end - at < 2)
		return 0;
	if (at[1] != '\0' && strchr("\\\"'$abefnrtv\n", at[1]) != NULL)
		return 2;
	bool hex = at[1] == 'x';
	const char *first = at + 1 + hex;
	for (digits = 0; first + digits < end && digits < (hex ? 2 : 4); digits++)
		if (first[digits] == '\0' ||
		    strchr(hex ? "0123456789abcdefABCDEF" : "0123456789", first[digits]) == NULL)
			break;
	if (digits == 0 || digits > 3)
		return 0;
	memcpy(copy, first, digits);
	if (!hex && strspn(copy, "01234567") != digits)
		return 0;
	unsigned long octet = strtoul(copy, NULL, hex ? 16 : 8);
	return octet >= 1 && octet <= 255 ? 1 + hex + digits : 0;
}

static const char *
inside_fault(const char *at, const char *end, char *dst, size_t dst_len)
{
	size_t step;
	const char *fault;

	for (; at < end; at += step) {
		step = 1;
		if (*at == '\\' && (step = escape_len(at, end)) == 0) {
			snprintf(
			    dst, dst_len,
			    "%s is no escape; allowed: \\\\ for a backslash, or 'single quotes'",
			    config_show(at, 2).text);
			return dst;
		}
		if (*at != '$' || at + 1 == end || at[1] != '{')
			continue;
		if ((step = variable_len(at, end)) == 0)
			return "${ has no }; allowed: ${NAME}, ${NAME:-default}, and \\${ for the "
			       "characters";
		if ((fault = variable_fault(at, step, dst, dst_len)) != NULL)
			return fault;
	}
	return NULL;
}

const char *
token_fault(const struct token *token, char *dst, size_t len)
{
	if (token->wrong != NULL)
		return token->wrong;
	if (token->type == TOKEN_WORD)
		return inside_fault(token->start, token->start + token->len, dst, len);
	if (*token->start == '\'')
		return NULL;
	return inside_fault(token->start + 1, token->start + token->len - 1, dst, len);
}
