/* letter_page.c - see letter_page.h: parts as they are gathered. */
#include "notify/letter_page.h"

#include <stdlib.h>
#include <string.h>

void
letter_page_end(struct letter_page *page)
{
	for (size_t i = 0; i < page->count; i++) {
		if (page->parts[i].table != NULL)
			free(page->parts[i].table->rows);
		free(page->parts[i].table);
		free(page->parts[i].strip);
	}
	free(page->parts);
	memset(page, 0, sizeof(*page));
}

static struct letter_part *
part_add(struct letter_page *page, enum letter_part_kind kind, const char *text)
{
	if (page->count == page->size) {
		size_t size = page->size * 2 + 64;
		struct letter_part *grown = realloc(page->parts, size * sizeof(*grown));

		if (grown == NULL) {
			page->failed = true;
			return NULL;
		}
		page->parts = grown;
		page->size = size;
	}
	page->parts[page->count] = (struct letter_part) { .kind = kind, .text = text };
	return &page->parts[page->count++];
}

void
letter_add(struct letter_page *page, enum letter_part_kind kind, const char *text)
{
	if (text[0] != '\0')
		part_add(page, kind, text);
}

void
letter_add_link(struct letter_page *page, enum letter_part_kind kind, const char *text,
		const char *target)
{
	struct letter_part *part = part_add(page, kind, text);

	if (part != NULL)
		part->target = target;
}

struct letter_table *
letter_add_table(struct letter_page *page, size_t column_count)
{
	struct letter_part *part = part_add(page, LETTER_PART_TABLE, "");

	if (part == NULL)
		return NULL;
	part->table = calloc(1, sizeof(*part->table));
	if (part->table == NULL)
		page->failed = true;
	else
		part->table->column_count = column_count;
	return part->table;
}

struct letter_table_row *
letter_table_add(struct letter_page *page, struct letter_table *table)
{
	if (table == NULL)
		return NULL;
	if (table->row_count == table->row_size) {
		size_t size = table->row_size * 2 + 16;
		struct letter_table_row *grown = realloc(table->rows, size * sizeof(*grown));

		if (grown == NULL) {
			page->failed = true;
			return NULL;
		}
		table->rows = grown;
		table->row_size = size;
	}
	memset(&table->rows[table->row_count], 0, sizeof(table->rows[0]));
	return &table->rows[table->row_count++];
}

struct letter_strip *
letter_add_strip(struct letter_page *page)
{
	struct letter_part *part = part_add(page, LETTER_PART_STRIP, "");

	if (part == NULL)
		return NULL;
	part->strip = calloc(1, sizeof(*part->strip));
	if (part->strip == NULL)
		page->failed = true;
	return part->strip;
}
