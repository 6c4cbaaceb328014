/* arena.c - chunks of storage, given out from the front. */
#include <stdalign.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "arena.h"

#define CHUNK_SIZE 65536

struct chunk {
	struct chunk *next;
	size_t size, used;
	alignas(max_align_t) char data[];
};

struct arena {
	struct chunk *chunks; /* the newest first */
};

struct arena *
arena_new(void)
{
	return calloc(1, sizeof(struct arena));
}

void
arena_free(struct arena *arena)
{
	struct chunk *next;

	if (arena == NULL)
		return;
	for (struct chunk *chunk = arena->chunks; chunk != NULL; chunk = next) {
		next = chunk->next;
		free(chunk);
	}
	free(arena);
}

static struct chunk *
add_chunk(struct arena *arena, size_t size)
{
	struct chunk *chunk = calloc(1, sizeof(*chunk) + size);

	if (chunk == NULL)
		return NULL;
	chunk->size = size;
	chunk->next = arena->chunks;
	arena->chunks = chunk;
	return chunk;
}

static void *
take(struct arena *arena, size_t size, size_t align)
{
	struct chunk *chunk = arena->chunks;
	size_t start = chunk == NULL ? 0 : (chunk->used + align - 1) / align * align;

	if (chunk == NULL || start + size > chunk->size) {
		chunk = add_chunk(arena, size > CHUNK_SIZE ? size : CHUNK_SIZE);
		start = 0;
	}
	if (chunk == NULL)
		return NULL;
	chunk->used = start + size;
	return chunk->data + start;
}

void *
arena_take(struct arena *arena, size_t size)
{
	return take(arena, size, alignof(max_align_t));
}

const char *
arena_text(struct arena *arena, const char *text)
{
	size_t len = strlen(text) + 1;
	char *copy = take(arena, len, 1);

	return copy == NULL ? NULL : memcpy(copy, text, len);
}
