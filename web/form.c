/* form.c - pairs between '&', each decoded into the form's own text. */
#include "form.h"

#include <string.h>

#include "uri.h"

/* Decodes to the end of what is used of the text; NULL when it does not. */
static const char *
keep(struct form *form, size_t *used, const char *raw, size_t len, bool has_lines)
{
	char *at = form->text + *used;
	size_t room = sizeof(form->text) - *used;

	if (!(has_lines ? uri_decode_lines(at, room, raw, len)
			: uri_decode(at, room, raw, len, true)))
		return NULL;
	*used += strlen(at) + 1;
	return at;
}

static bool
take_pair(struct form *form, size_t *used, const char *pair, size_t len)
{
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);

	if (form->count == FORM_FIELDS_MAX || equals == NULL)
		return false;
	const char *name = keep(form, used, pair, name_len, false);
	const char *value = name == NULL ? NULL
					 : keep(form, used, equals + 1, len - name_len - 1,
						strcmp(name, FORM_LINES) == 0);
	if (value == NULL || name[0] == '\0')
		return false;
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return false;
	form->fields[form->count++] = (struct form_field) { name, value };
	return true;
}

bool
form_parse(struct form *form, const char *body, size_t len)
{
	size_t used = 0;

	form->count = 0;
	if (len > FORM_OCTETS_MAX)
		return false;
	while (len > 0) {
		const char *end = memchr(body, '&', len);
		size_t pair_len = end == NULL ? len : (size_t)(end - body);
		size_t step = end == NULL ? len : pair_len + 1;

		if (!take_pair(form, &used, body, pair_len))
			return false;
		body += step;
		len -= step;
	}
	return true;
}

const char *
form_get(const struct form *form, const char *name)
{
	for (size_t i = 0; i < form->count; i++)
		if (strcmp(form->fields[i].name, name) == 0)
			return form->fields[i].value;
	return "";
}
