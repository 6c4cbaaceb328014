/* error.c - body of ixwatch/error.h: a code and one sentence, in the caller's storage. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/error.h"

/* A sentence that had to be cut ends with a whole UTF-8 character. */
static void
trim_cut_character(char *text)
{
	size_t end = strlen(text);
	size_t lead = end;

	while (lead > 0 && end - lead < 4 && ((unsigned char)text[lead - 1] & 0xc0) == 0x80)
		lead--;
	if (lead == 0)
		return;
	unsigned char first = (unsigned char)text[lead - 1];
	size_t want = first >= 0xf0 ? 4 : first >= 0xe0 ? 3 : first >= 0xc0 ? 2 : 1;
	if (first >= 0xc0 && end - lead + 1 < want)
		text[lead - 1] = '\0';
}

/* Formats aside first: the arguments may lie in err itself. */
static void
put(struct error *err, const char *before, const char *after)
{
	char text[sizeof(err->text)];
	int len =
	    snprintf(text, sizeof(text), "%s%s%s", before, after[0] != '\0' ? ": " : "", after);

	if (len >= (int)sizeof(text))
		trim_cut_character(text);
	memcpy(err->text, text, sizeof(text));
}

bool
error_set(struct error *err, enum error_code code, const char *format, ...)
{
	char text[sizeof(err->text) + 1]; /* one more, so that put sees what was cut */
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	put(err, text, "");
	err->code = code;
	return false;
}

bool
error_wrap(struct error *err, const char *format, ...)
{
	char context[sizeof(err->text) + 1];
	va_list args;

	if (err == NULL)
		return false;
	va_start(args, format);
	vsnprintf(context, sizeof(context), format, args);
	va_end(args);
	put(err, context, err->text);
	return false;
}

int
error_exit_status(const struct error *err)
{
	return err->code == ERR_USAGE || err->code == ERR_CONFIG ? 2 : 1;
}
