/* letter_text.c - a letter's parts set as text: LETTER_WIDTH columns, words wrapped, tables and strips aligned.  Nothing but an
 * address is longer than a line. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "notify/letter.h"
#include "notify/letter_page.h"
#include "notify/message_page.h"

#define LABEL_GAP 2

/* Octets of the first `width` characters. */
static size_t
octets_of(const char *text, size_t len, size_t width)
{
	size_t at = 0;

	for (; at < len; at++)
		if (((unsigned char)text[at] & 0xc0) != 0x80 && width-- == 0)
			break;
	return at;
}

static size_t
width_of(const char *text, size_t len)
{
	size_t width = 0;

	for (size_t i = 0; i < len; i++)
		width += ((unsigned char)text[i] & 0xc0) != 0x80;
	return width;
}

/* A word too long for any line is cut where the line ends. */
static size_t
put_long_word(FILE *to, const char *word, size_t len, size_t column, const char *margin)
{
	size_t indent = width_of(margin, strlen(margin));

	while (width_of(word, len) > LETTER_WIDTH - column) {
		size_t cut = octets_of(word, len, LETTER_WIDTH - column);

		fwrite(word, 1, cut, to);
		fprintf(to, "\n%s", margin);
		word += cut;
		len -= cut;
		column = indent;
	}
	fwrite(word, 1, len, to);
	return column + width_of(word, len);
}

/* Words wrapped behind a margin; `first` stands before the first line, as wide as the margin. */
static void
put_wrapped(FILE *to, const char *text, const char *first, const char *margin)
{
	size_t indent = width_of(margin, strlen(margin)), column = indent;
	bool at_begin = true;

	fputs(first, to);
	while (*text != '\0') {
		size_t len = strcspn(text, " "), width = width_of(text, len);

		if (len == 0) {
			text++;
			continue;
		}
		if (!at_begin && column + 1 + width > LETTER_WIDTH) {
			fprintf(to, "\n%s", margin);
			column = indent;
		} else if (!at_begin) {
			putc(' ', to);
			column++;
		}
		column = put_long_word(to, text, len, column, margin);
		text += len;
		at_begin = false;
	}
	putc('\n', to);
}

void
letter_put_wrapped(FILE *to, const char *text)
{
	put_wrapped(to, text, "", "");
}

static void
put_rule(FILE *to, const char *text, char line)
{
	size_t width = width_of(text, strlen(text));

	for (size_t i = 0; i < width && i < LETTER_WIDTH; i++)
		putc(line, to);
	putc('\n', to);
}

/* --- tables --- */

static void
widths_of(const struct letter_table *table, size_t *width)
{
	memset(width, 0, LETTER_COLUMNS_MAX * sizeof(*width));
	for (size_t r = 0; r < table->row_count; r++)
		for (size_t c = 0; c < table->column_count && !table->rows[r].wide; c++) {
			const char *cell = table->rows[r].cell[c];
			size_t wide = cell != NULL ? width_of(cell, strlen(cell)) : 0;

			if (wide > width[c])
				width[c] = wide;
		}
}

static void
put_blanks(FILE *to, size_t count)
{
	while (count-- > 0)
		putc(' ', to);
}

static void
put_cells(FILE *to, const struct letter_table *table, const struct letter_table_row *row,
	  const size_t *width)
{
	size_t waiting = 0; /* blanks, written when something follows */

	for (size_t c = 0; c < table->column_count; c++) {
		const char *cell = row->cell[c] != NULL ? row->cell[c] : "";
		size_t wide = width_of(cell, strlen(cell)), pad = width[c] - wide;

		waiting += (c == 0 ? LABEL_GAP : LABEL_GAP + pad);
		if (wide > 0) {
			put_blanks(to, waiting);
			fputs(cell, to);
			waiting = 0;
		}
		if (c == 0)
			waiting += pad;
	}
	putc('\n', to);
}

static void
put_table(FILE *to, const struct letter_table *table)
{
	size_t width[LETTER_COLUMNS_MAX];

	widths_of(table, width);
	for (size_t r = 0; r < table->row_count; r++) {
		if (table->rows[r].wide)
			put_wrapped(to, table->rows[r].cell[0], "", "  ");
		else
			put_cells(to, table, &table->rows[r], width);
	}
}

/* --- strips --- */

static void
put_strip_row(FILE *to, const struct letter_strip_row *row, const size_t *width, size_t hours)
{
	char line[512];
	size_t used = 0;

	used += (size_t)snprintf(line, sizeof(line), "  %s%*s  %-*s", row->label,
				 (int)(width[0] - width_of(row->label, strlen(row->label))), "",
				 (int)hours, row->cells);
	for (size_t i = 0; i < LETTER_TAILS && used < sizeof(line); i++)
		used += (size_t)snprintf(
		    line + used, sizeof(line) - used, "  %*s%s",
		    (int)(width[i + 1] - width_of(row->tail[i], strlen(row->tail[i]))), "",
		    row->tail[i]);
	for (used = strlen(line); used > 0 && line[used - 1] == ' '; used--)
		line[used - 1] = '\0';
	fprintf(to, "%s\n", line);
}

static void
widen(size_t *width, const struct letter_strip_row *row)
{
	size_t label = width_of(row->label, strlen(row->label));

	width[0] = label > width[0] ? label : width[0];
	for (size_t i = 0; i < LETTER_TAILS; i++) {
		size_t tail = width_of(row->tail[i], strlen(row->tail[i]));

		width[i + 1] = tail > width[i + 1] ? tail : width[i + 1];
	}
}

static void
put_strip(FILE *to, const struct letter_strip *strip)
{
	size_t width[LETTER_TAILS + 1] = { 0 };

	widen(width, &strip->head);
	for (size_t i = 0; i < LETTER_DAYS; i++)
		widen(width, &strip->rows[i]);
	put_strip_row(to, &strip->head, width, strip->hour_count);
	for (size_t i = 0; i < LETTER_DAYS; i++)
		put_strip_row(to, &strip->rows[i], width, strip->hour_count);
}

/* --- parts --- */

static void
put_lines(FILE *to, const char *text)
{
	while (*text != '\0') {
		size_t len = strcspn(text, "\n");

		fprintf(to, "  %.*s\n", (int)len, text);
		text += len + (text[len] == '\n');
	}
}

/* On a line of its own, so that no reader of mail breaks it. */
static void
put_address(FILE *to, const char *word, const char *address, const char *below)
{
	put_wrapped(to, word, "", "");
	fprintf(to, "  %s%s\n", address, below);
}

static void
put_part(FILE *to, const struct letter_part *part)
{
	switch (part->kind) {
	case LETTER_PART_TITLE:
		put_wrapped(to, part->text, "", "");
		put_rule(to, part->text, '=');
		break;
	case LETTER_PART_HEADING:
		put_wrapped(to, part->text, "", "");
		put_rule(to, part->text, '-');
		break;
	case LETTER_PART_LEAD:
	case LETTER_PART_SUBHEADING:
	case LETTER_PART_PARA:
	case LETTER_PART_SMALL: put_wrapped(to, part->text, "", ""); break;
	case LETTER_PART_ITEM: put_wrapped(to, part->text, "- ", "  "); break;
	case LETTER_PART_QUOTE: put_wrapped(to, part->text, "> ", "> "); break;
	case LETTER_PART_CODE: put_lines(to, part->text); break;
	case LETTER_PART_LINK: put_address(to, part->text, part->target, ""); break;
	case LETTER_PART_OWN: put_address(to, part->text, LETTER_LINK, part->target); break;
	case LETTER_PART_TABLE:
		if (part->table != NULL)
			put_table(to, part->table);
		break;
	case LETTER_PART_STRIP:
		if (part->strip != NULL)
			put_strip(to, part->strip);
		break;
	case LETTER_PART_PICTURE: break;
	}
}

/* Items stand together, and strips under what names them; all else is apart. */
static bool
stands_apart(const struct letter_page *page, size_t i)
{
	enum letter_part_kind now = page->parts[i].kind, before = page->parts[i - 1].kind;

	if (now == LETTER_PART_PICTURE || before == LETTER_PART_HEADING ||
	    before == LETTER_PART_SUBHEADING)
		return false;
	return !(now == LETTER_PART_ITEM && before == LETTER_PART_ITEM);
}

char *
letter_page_text(const struct letter_page *page)
{
	char *text = NULL;
	size_t len;
	FILE *to = page->failed ? NULL : open_memstream(&text, &len);

	if (to == NULL)
		return NULL;
	for (size_t i = 0; i < page->count; i++) {
		if (i > 0 && stands_apart(page, i))
			putc('\n', to);
		put_part(to, &page->parts[i]);
	}
	if (fclose(to) == 0)
		return text;
	free(text);
	return NULL;
}
