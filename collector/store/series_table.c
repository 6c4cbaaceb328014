/* series_table.c - which series there are: a path's entry is found by hashing, and stays where it
 * is. */
#include <stdlib.h>
#include <string.h>

#include "store/series_internal.h"

/* FNV-1a, 64 bits. */
static uint64_t
hash(const char *text)
{
	uint64_t h = UINT64_C(14695981039346656037);

	for (; *text != '\0'; text++)
		h = (h ^ (unsigned char)*text) * UINT64_C(1099511628211);
	return h ^ h >> 32;
}

/* The slot that holds the path, or the free one where it belongs.  There is always a free one. */
static uint32_t *
slot_of(const struct series_table *t, const char *path)
{
	size_t at = hash(path) & (t->slot_count - 1);

	while (t->slots[at] != 0 && strcmp(t->entries[t->slots[at] - 1]->path, path) != 0)
		at = (at + 1) & (t->slot_count - 1);
	return &t->slots[at];
}

static bool
grow(struct series_table *t)
{
	size_t cap = t->cap > 0 ? t->cap * 2 : 64;
	struct series_entry **entries = realloc(t->entries, cap * sizeof(*entries));
	uint32_t *slots;

	if (entries == NULL)
		return false;
	t->entries = entries;
	if ((slots = calloc(cap * 2, sizeof(*slots))) == NULL)
		return false;
	free(t->slots);
	t->slots = slots;
	t->cap = cap;
	t->slot_count = cap * 2;
	for (size_t i = 0; i < t->count; i++)
		*slot_of(t, t->entries[i]->path) = (uint32_t)i + 1;
	return true;
}

struct series_entry *
series_table_get(struct series_table *t, const char *path)
{
	struct series_entry *entry;

	if (t->slot_count > 0 && *slot_of(t, path) != 0)
		return t->entries[*slot_of(t, path) - 1];
	if (t->count == t->cap && !grow(t))
		return NULL;
	if ((entry = calloc(1, sizeof(*entry) + strlen(path) + 1)) == NULL)
		return NULL;
	strcpy(entry->path, path);
	t->entries[t->count++] = entry;
	*slot_of(t, path) = (uint32_t)t->count;
	return entry;
}

void
series_table_free(struct series_table *t)
{
	for (size_t i = 0; i < t->count; i++) {
		free(t->entries[i]->committed);
		free(t->entries[i]->fresh);
		free(t->entries[i]);
	}
	free(t->entries);
	free(t->slots);
}
