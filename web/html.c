/* html.c - the page writer: a growing buffer, five characters escaped. */
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "html.h"

#define FIRST_SIZE 16384

void
html_init(struct html *html)
{
	*html = (struct html) { 0 };
}

void
html_free(struct html *html)
{
	free(html->data);
	html_init(html);
}

/* Room for `more` octets and the terminator. */
static bool
reserve(struct html *html, size_t more)
{
	size_t size = html->size == 0 ? FIRST_SIZE : html->size;

	if (html->failed)
		return false;
	while (size < html->len + more + 1)
		size *= 2;
	if (size == html->size)
		return true;
	char *data = realloc(html->data, size);
	if (data == NULL) {
		html->failed = true;
		return false;
	}
	html->data = data;
	html->size = size;
	return true;
}

static void
append(struct html *html, const char *text, size_t len)
{
	if (!reserve(html, len))
		return;
	memcpy(html->data + html->len, text, len);
	html->len += len;
}

void
html_raw_part(struct html *html, const char *markup, size_t len)
{
	append(html, markup, len);
}

void
html_raw(struct html *html, const char *literal)
{
	append(html, literal, strlen(literal));
}

static const char *
entity(char c)
{
	switch (c) {
	case '&': return "&amp;";
	case '<': return "&lt;";
	case '>': return "&gt;";
	case '"': return "&quot;";
	case '\'': return "&#39;";
	default: return NULL;
	}
}

void
html_text(struct html *html, const char *text)
{
	while (*text != '\0') {
		size_t plain = strcspn(text, "&<>\"'");

		append(html, text, plain);
		text += plain;
		if (*text != '\0')
			html_raw(html, entity(*text++));
	}
}

static bool
is_unreserved(unsigned char c)
{
	return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') ||
	       (c != '\0' && strchr("._~-", c) != NULL);
}

void
html_segment(struct html *html, const char *text)
{
	char code[4];

	for (; *text != '\0'; text++) {
		if (is_unreserved((unsigned char)*text)) {
			append(html, text, 1);
			continue;
		}
		snprintf(code, sizeof(code), "%%%02X", (unsigned)(unsigned char)*text);
		append(html, code, 3);
	}
}

/* One conversion of the format, its value taken from the arguments. */
static void
put_one(struct html *html, const char *spec, va_list *args)
{
	char text[384];
	size_t len = strlen(spec);
	char kind = spec[len - 1];
	bool is_ll = strstr(spec, "ll") != NULL;
	bool is_l = !is_ll && strchr(spec, 'l') != NULL;

	if (kind == 's') {
		html_text(html, va_arg(*args, const char *));
		return;
	}
	text[0] = '\0';
	if (strchr("fgeG", kind) != NULL)
		snprintf(text, sizeof(text), spec, va_arg(*args, double));
	else if (strchr(spec, 'z') != NULL)
		snprintf(text, sizeof(text), spec, va_arg(*args, size_t));
	else if (is_ll)
		snprintf(text, sizeof(text), spec, va_arg(*args, long long));
	else if (is_l)
		snprintf(text, sizeof(text), spec, va_arg(*args, long));
	else
		snprintf(text, sizeof(text), spec, va_arg(*args, int));
	html_text(html, text);
}

void
html_put(struct html *html, const char *format, ...)
{
	va_list args;
	char spec[16];

	va_start(args, format);
	while (*format != '\0') {
		size_t plain = strcspn(format, "%");

		append(html, format, plain);
		format += plain;
		if (*format == '\0')
			break;
		size_t len = 1 + strcspn(format + 1, "sdufgeGx%") + 1;
		if (format[1] == '%') {
			append(html, "%", 1);
		} else if (len < sizeof(spec)) {
			memcpy(spec, format, len);
			spec[len] = '\0';
			put_one(html, spec, &args);
		}
		format += len;
	}
	va_end(args);
}

char *
html_take(struct html *html, size_t *len)
{
	char *data = NULL;

	if (reserve(html, 0)) {
		data = html->data;
		data[html->len] = '\0';
		if (len != NULL)
			*len = html->len;
		html->data = NULL;
	}
	html_free(html);
	return data;
}
