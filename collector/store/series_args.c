/* series_args.c - body of series_args.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

#include "store/series_args.h"

static void
take(struct series_args *args, char *text)
{
	if (args->count == args->cap) {
		size_t cap = args->cap + 64;
		char **at = realloc(args->at, cap * sizeof(*at));

		if (at == NULL) {
			free(text);
			args->failed = true;
			return;
		}
		args->at = at;
		args->cap = cap;
	}
	args->at[args->count++] = text;
}

void
series_args_add(struct series_args *args, const char *format, ...)
{
	va_list list;
	char *text;

	va_start(list, format);
	if (vasprintf(&text, format, list) < 0)
		args->failed = true;
	else
		take(args, text);
	va_end(list);
}

void
series_args_free(struct series_args *args)
{
	for (size_t i = 0; i < args->count; i++)
		free(args->at[i]);
	free(args->at);
}

char *
series_args_escape(char *dst, size_t len, const char *text)
{
	size_t used = 0;

	for (; *text != '\0' && used + 3 <= len; text++) {
		if (*text == ':' || *text == '\\')
			dst[used++] = '\\';
		dst[used++] = (unsigned char)*text < ' ' || *text == 0x7f ? ' ' : *text;
	}
	dst[used] = '\0';
	return dst;
}

static bool
reserve(struct series_text *text, size_t more)
{
	size_t cap = text->len + more + 1;
	char *at;

	if (cap <= text->cap)
		return true;
	cap += cap / 2 + 256;
	if ((at = realloc(text->at, cap)) == NULL)
		return false;
	text->at = at;
	text->cap = cap;
	return true;
}

void
series_text_add(struct series_text *text, const char *format, ...)
{
	va_list list;
	int need;

	va_start(list, format);
	need = vsnprintf(NULL, 0, format, list);
	va_end(list);
	if (need < 0 || !reserve(text, (size_t)need)) {
		text->failed = true;
		return;
	}
	va_start(list, format);
	text->len += (size_t)vsnprintf(text->at + text->len, text->cap - text->len, format, list);
	va_end(list);
}
