/* form.h - the body of a form, application/x-www-form-urlencoded: read whole and strictly, or refused.
 *
 * The library's own reader of forms is not used: it had a hole (CVE-2023-27371), and takes more than a form of ours has. */
#ifndef WEB_FORM_H
#define WEB_FORM_H

#include <stdbool.h>
#include <stddef.h>

#define FORM_OCTETS_MAX 16384  /* of a body */
#define FORM_FIELDS_MAX 64     /* a page of boxes to tick fits */
#define FORM_LINES      "note" /* the one field that may have lines; they end with LF */

struct form {
	size_t count;
	struct form_field {
		const char *name, *value; /* in `text` */
	} fields[FORM_FIELDS_MAX];
	char text[FORM_OCTETS_MAX + 2 * FORM_FIELDS_MAX];
};

/* False for a broken escape, a control character other than in the values' own text (none), a name given twice, too many
 * fields or octets. */
bool form_parse(struct form *form, const char *body, size_t len);

/* "" when it was not given. */
const char *form_get(const struct form *form, const char *name);

#endif
