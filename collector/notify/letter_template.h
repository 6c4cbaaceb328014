/* letter_template.h - the words of letters, one file a language, and how values come into them.  Pure.
 *
 * No template library in C is part of Debian 12 (mustach is not packaged), so this is a small one of our own.  A file has
 * entries; an entry is one text (a title, a sentence, a paragraph), its lines joined by blanks:
 *
 *   # a comment, on a line of its own
 *   [lead.well]
 *   All was well at {exchanges#one exchange|# exchanges}{known? (known: {known})}.
 *
 *   {name}                       the value
 *   {name?text}  {name?yes|no}   text when the value is there: not empty, not unknown, not 0, not false
 *   {name#one|# others}          the plural form of a count, of which # is the figure; forms as [format.plural] names them
 *   {name=a:text|b:text|*:text}  an alternative by name; * is any other
 *   \{ \} \| \# \\               that character
 *
 * Alternatives hold placeholders themselves.  A value is put in as it is and never read again: what looks like a directive
 * in it is none.  Blanks in a row become one; a line end
 * before | or } is none.  What a file may use is checked against a list of entries and their values
 * before a letter is made of it: each finding is "file:line: ...". */
#ifndef COLLECTOR_NOTIFY_LETTER_TEMPLATE_H
#define COLLECTOR_NOTIFY_LETTER_TEMPLATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/error.h"

struct letter_template;

/* A value as it is put in. */
struct template_value {
	const char *name;
	const char *text; /* clean, and formatted already */
	bool is_there;
	int64_t count; /* of a plural */
};

/* What an entry is given: names apart by blanks, each followed by "#" when it is a count, or by "=a,b,c" when it is one of
 * these words. */
struct template_entry {
	const char *name, *values;
};

/* text is lent for the template's life; file: how it is called in errors.  ERR_PARSE: "file:line: what is wrong". */
bool letter_template_parse(struct letter_template **out, const char *file, const char *text,
			   size_t len, struct error *err);
void letter_template_free(struct letter_template *template); /* NULL is fine */

/* Whether the file has exactly these entries, and each uses only what it is given, in a way that fits it. */
bool letter_template_check(const struct letter_template *template,
			   const struct template_entry *entries, size_t count, struct error *err);

/* The entry's text with these values, blanks settled; caller frees.  NULL: there is no such entry, a value that it names
 * is not given, or memory ran out. */
char *letter_template_set(const struct letter_template *template, const char *entry,
			  const struct template_value *values, size_t count, struct error *err);

#endif
