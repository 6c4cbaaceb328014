/* text.c - see text.h.  A hash table of chains; a text goes with its last user, the table with its last text.
 *
 * GLib's GRefString would do the same, but ends the process when memory runs out. */
#include "ixwatch/text.h"

#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define FIRST_SLOTS 64 /* a power of two */

struct text {
	struct text *next;
	uint32_t hash;
	uint32_t users;
	char value[];
};

static struct text **slots;
static size_t slot_count, text_count;

/* FNV-1a, 32 bit. */
static uint32_t
hash_of(const char *value)
{
	uint32_t hash = UINT32_C(0x811c9dc5);

	for (; *value != '\0'; value++)
		hash = (hash ^ (unsigned char)*value) * UINT32_C(0x01000193);
	return hash;
}

static struct text **
slot_of(uint32_t hash)
{
	return &slots[hash & (slot_count - 1)];
}

static void
grow(void)
{
	size_t before_count = slot_count;
	struct text **before = slots,
		    **grown = calloc(slot_count > 0 ? slot_count * 2 : FIRST_SLOTS, sizeof(*grown));

	if (grown == NULL)
		return; /* chains become longer */
	slots = grown;
	slot_count = slot_count > 0 ? slot_count * 2 : FIRST_SLOTS;
	for (size_t i = 0; i < before_count; i++)
		for (struct text *text = before[i], *next; text != NULL; text = next) {
			next = text->next;
			text->next = *slot_of(text->hash);
			*slot_of(text->hash) = text;
		}
	free(before);
}

const char *
text_share(const char *value)
{
	uint32_t hash = hash_of(value);
	size_t size = strlen(value) + 1;
	struct text *text;

	if (text_count >= slot_count)
		grow();
	if (slots == NULL)
		return NULL;
	for (text = *slot_of(hash); text != NULL; text = text->next)
		if (text->hash == hash && strcmp(text->value, value) == 0) {
			text->users++;
			return text->value;
		}
	text = malloc(sizeof(*text) + size);
	if (text == NULL)
		return NULL;
	*text = (struct text) { .next = *slot_of(hash), .hash = hash, .users = 1 };
	memcpy(text->value, value, size);
	*slot_of(hash) = text;
	text_count++;
	return text->value;
}

void
text_unshare(const char *value)
{
	struct text *text, **link;

	if (value == NULL)
		return;
	text = (struct text *)(uintptr_t)(value - offsetof(struct text, value));
	if (--text->users > 0)
		return;
	for (link = slot_of(text->hash); *link != text; link = &(*link)->next)
		;
	*link = text->next;
	free(text);
	if (--text_count > 0)
		return;
	free(slots);
	slots = NULL;
	slot_count = 0;
}

size_t
text_shared_count(void)
{
	return text_count;
}
