/* letter_page.h - a letter as a row of parts, written once and set twice: as text and as HTML, with the same words and digits.
 * Pure; for the files of letter.h.
 *
 * Texts are lent by the words for the page's life.  A failure is remembered, and asked once, when it is set. */
#ifndef COLLECTOR_NOTIFY_LETTER_PAGE_H
#define COLLECTOR_NOTIFY_LETTER_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "notify/letter_facts.h"

enum letter_part_kind {
	LETTER_PART_TITLE,
	LETTER_PART_LEAD, /* the sentence that says it all */
	LETTER_PART_HEADING,
	LETTER_PART_SUBHEADING,
	LETTER_PART_PARA,
	LETTER_PART_ITEM,
	LETTER_PART_SMALL,
	LETTER_PART_QUOTE,
	LETTER_PART_CODE, /* lines, set as they are */
	LETTER_PART_LINK, /* an address, on a line of its own, behind a word */
	LETTER_PART_OWN, /* the recipient's own link, LETTER_LINK stands for it; target: below it */
	LETTER_PART_TABLE,   /* figures */
	LETTER_PART_STRIP,   /* hours by days */
	LETTER_PART_PICTURE, /* HTML alone; the text is what stands in its place */
};

#define LETTER_COLUMNS_MAX 6

/* The first column is a label, the others stand to the right of it.  A wide row is its first cell alone. */
struct letter_table_row {
	bool wide, faint;
	const char *cell[LETTER_COLUMNS_MAX];
};
struct letter_table {
	size_t column_count, row_count, row_size;
	struct letter_table_row *rows; /* the first is the head */
};

#define LETTER_TAILS 3
struct letter_strip_row {
	const char *label;
	char cells[LETTER_HOURS_MAX + 1]; /* a character an hour; blanks behind the last */
	const char *tail[LETTER_TAILS];
};
struct letter_strip {
	size_t hour_count; /* of the longest day */
	struct letter_strip_row head, rows[LETTER_DAYS];
};

struct letter_part {
	enum letter_part_kind kind;
	const char *text;
	const char *target; /* of a link; the Content-ID of a picture */
	struct letter_table *table;
	struct letter_strip *strip;
};

struct letter_page {
	size_t count, size;
	struct letter_part *parts;
	bool failed;
	const char *language, *title;
};

void letter_page_end(struct letter_page *page);

/* A text of "" adds nothing. */
void letter_add(struct letter_page *page, enum letter_part_kind kind, const char *text);
void letter_add_link(struct letter_page *page, enum letter_part_kind kind, const char *text,
		     const char *target);
/* Lent until the next part; NULL after a failure. */
struct letter_table *letter_add_table(struct letter_page *page, size_t column_count);
/* Its cells NULL, to be filled; NULL after a failure. */
struct letter_table_row *letter_table_add(struct letter_page *page, struct letter_table *table);
struct letter_strip *letter_add_strip(struct letter_page *page);

/* Marks in the HTML: where a covering note goes, and what stands for the recipient's own link. */
#define LETTER_NOTE_HERE "<!--note-->"
#define LETTER_OWN_BEGIN "<!--link-->"
#define LETTER_OWN_END   "<!--/link-->"

/* Both are to be freed; NULL: memory ran out, then or before. */
char *letter_page_text(const struct letter_page *page);
char *letter_page_html(const struct letter_page *page);

/* Words of one paragraph, wrapped, and a line end. */
void letter_put_wrapped(FILE *to, const char *text);
/* Text as HTML has it. */
void letter_put_escaped(FILE *to, const char *text);

#endif
