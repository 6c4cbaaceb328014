/* message_page.h - one page of facts, written once and set twice: as text and as HTML, with the same words.  Pure.
 *
 * Rows are begun in their order, and their values written with fprintf into what message_page_row lends.  A failure is
 * remembered, and asked once, at the end. */
#ifndef COLLECTOR_NOTIFY_MESSAGE_PAGE_H
#define COLLECTOR_NOTIFY_MESSAGE_PAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

enum message_row_kind {
	MESSAGE_TITLE,
	MESSAGE_FACT,    /* label and value */
	MESSAGE_LINK,    /* label and address */
	MESSAGE_BUTTON,  /* label and address; HTML: a button that says what pressing it leads to */
	MESSAGE_PICTURE, /* HTML only: cid:graph; the value is what stands in its place */
	MESSAGE_ITEM,    /* the head of one of several */
	MESSAGE_ITEM_FACT, /* without a label */
	MESSAGE_ITEM_LINK,
	MESSAGE_NOTE, /* a sentence of its own */
};

#define MESSAGE_ROWS_MAX    320
#define MESSAGE_BUTTON_WORD "Acknowledge"

struct message_page {
	const char *colour; /* of the bar beside the title */
	FILE *ink;          /* values, a NUL behind each */
	char *values;
	size_t values_len;
	struct {
		enum message_row_kind kind;
		const char *label; /* a literal */
		size_t at;
	} row[MESSAGE_ROWS_MAX];
	size_t row_count;
	bool failed;
};

bool message_page_open(struct message_page *page);
void message_page_close(struct message_page *page);

/* Begins a row; what is written into the stream from here on is its value.  Rows beyond the last are lost. */
FILE *message_page_row(struct message_page *page, enum message_row_kind kind, const char *label);

/* After the last row: both are to be freed; NULL: memory ran out. */
char *message_page_text(struct message_page *page);
char *message_page_html(struct message_page *page);

/* Text from outside, clean, of at most max_characters ("..." as one in the last one's place when cut), into
 * dst[len].  Returns dst. */
char *message_clean(char *dst, size_t len, const char *text, size_t max_characters);
/* Characters of clean UTF-8. */
size_t message_width(const char *text);

#endif
