/* log_body.c - body of log_body.h: each conversion by itself, since vsnprintf does not say where an argument ends. */
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/log_body.h"

#define SPEC_MAX 32 /* the longest conversion that is written here has 6 */

struct body {
	char *to;
	size_t len, size;
};

static void
put(struct body *body, const char *text, size_t len)
{
	size_t room = body->size - 1 - body->len;

	if (len > room)
		len = room;
	memcpy(body->to + body->len, text, len);
	body->len += len;
}

static void
put_escaped(struct body *body, const char *text, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		if (text[i] == '"' || text[i] == '\\')
			put(body, "\\", 1);
		put(body, text + i, 1);
	}
}

/* After snprintf into what is left. */
static void
grow(struct body *body, int wanted)
{
	size_t room = body->size - 1 - body->len;

	if (wanted > 0)
		body->len += (size_t)wanted < room ? (size_t)wanted : room;
}

#define PUT_AS(type)                                                                               \
	grow(body,                                                                                 \
	     snprintf(body->to + body->len, body->size - body->len, spec, va_arg(*args, type)))

/* spec: one whole conversion, its length modifier before its last character. */
static void
put_number(struct body *body, const char *spec, va_list *args)
{
	char last = spec[strlen(spec) - 1];

	if (strchr("fg", last) != NULL)
		PUT_AS(double);
	else if (strstr(spec, "ll") != NULL)
		PUT_AS(long long);
	else if (strchr(spec, 'l') != NULL)
		PUT_AS(long);
	else if (strchr(spec, 'z') != NULL)
		PUT_AS(size_t);
	else
		PUT_AS(int);
}

static void
put_text(struct body *body, const char *spec, va_list *args, bool quoted)
{
	const char *point = strchr(spec, '.'), *text;
	size_t most = SIZE_MAX;

	if (point != NULL && point[1] == '*')
		most = (size_t)va_arg(*args, int);
	else if (point != NULL)
		most = (size_t)atoi(point + 1);
	text = va_arg(*args, const char *);
	if (text == NULL)
		text = "(none)";
	if (quoted)
		put_escaped(body, text, strnlen(text, most));
	else
		put(body, text, strnlen(text, most));
}

/* Puts what stands before a conversion; each quotation mark in it begins or ends a quotation. */
static void
put_plain(struct body *body, const char *text, size_t len, bool *quoted)
{
	for (size_t i = 0; i < len; i++)
		*quoted ^= text[i] == '"';
	put(body, text, len);
}

size_t
log_body(char *to, size_t size, const char *format, va_list args)
{
	struct body body = { .to = to, .size = size };
	bool quoted = false;
	va_list left;

	va_copy(left, args);
	while (*format != '\0') {
		size_t plain = strcspn(format, "%"), len;
		char spec[SPEC_MAX];

		put_plain(&body, format, plain, &quoted);
		format += plain;
		if (*format == '\0')
			break;
		if (format[1] == '%') {
			put(&body, "%", 1);
			format += 2;
			continue;
		}
		len = strcspn(format, "sdicuxfg") + 1;
		if (len >= sizeof(spec) || format[len - 1] == '\0')
			break; /* no conversion of ours; the compiler has checked the others */
		memcpy(spec, format, len);
		spec[len] = '\0';
		format += len;
		if (spec[len - 1] == 's')
			put_text(&body, spec, &left, quoted);
		else
			put_number(&body, spec, &left);
	}
	va_end(left);
	to[body.len] = '\0';
	return body.len;
}
