/* encoding.c - a list of codings, each with its weight. */
#include <string.h>
#include <strings.h>

#include "encoding.h"

#define WEIGHT_ONE 1000

/* What is said of a coding, in thousandths; -1: nothing. */
struct wishes {
	int gzip, identity, any;
};

/* "0", "0.5", "1.000" (RFC 9110, 12.4.2); -1 when it is none. */
static int
read_weight(const char *text, size_t len)
{
	int weight = 0, scale = WEIGHT_ONE;

	if (len == 0 || len > 5 || (text[0] != '0' && text[0] != '1') ||
	    (len > 1 && text[1] != '.'))
		return -1;
	for (size_t i = 0; i < len; i++) {
		if (i == 1)
			continue;
		if (text[i] < '0' || text[i] > '9')
			return -1;
		weight += (text[i] - '0') * scale;
		scale /= 10;
	}
	return weight <= WEIGHT_ONE ? weight : -1;
}

static size_t
skip_blanks(const char *text, size_t len)
{
	size_t i = 0;

	while (i < len && (text[i] == ' ' || text[i] == '\t'))
		i++;
	return i;
}

/* Without the blanks around it. */
static void
trim(const char **text, size_t *len)
{
	size_t front = skip_blanks(*text, *len);

	*text += front;
	*len -= front;
	while (*len > 0 && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
		(*len)--;
}

/* What stands behind the coding: nothing, or "q=" and its weight. */
static int
read_parameter(const char *text, size_t len)
{
	trim(&text, &len);
	if (len < 2 || strncasecmp(text, "q=", 2) != 0)
		return -1;
	return read_weight(text + 2, len - 2);
}

/* One of the list; what cannot be read says nothing. */
static void
take_one(struct wishes *wishes, const char *text, size_t len)
{
	const char *semicolon = memchr(text, ';', len);
	size_t name_len = semicolon == NULL ? len : (size_t)(semicolon - text);
	int weight =
	    semicolon == NULL ? WEIGHT_ONE : read_parameter(semicolon + 1, len - name_len - 1);

	trim(&text, &name_len);
	if (weight < 0)
		return;
	if ((name_len == 4 && strncasecmp(text, "gzip", 4) == 0) ||
	    (name_len == 6 && strncasecmp(text, "x-gzip", 6) == 0))
		wishes->gzip = weight;
	else if (name_len == 8 && strncasecmp(text, "identity", 8) == 0)
		wishes->identity = weight;
	else if (name_len == 1 && text[0] == '*')
		wishes->any = weight;
}

bool
encoding_wants_gzip(const char *accept_encoding)
{
	struct wishes wishes = { -1, -1, -1 };

	while (accept_encoding != NULL && *accept_encoding != '\0') {
		size_t len = strcspn(accept_encoding, ",");

		take_one(&wishes, accept_encoding, len);
		accept_encoding += len + (accept_encoding[len] == ',');
	}
	if (wishes.gzip < 0)
		wishes.gzip = wishes.any;
	return wishes.gzip > 0 && wishes.gzip >= wishes.identity;
}
