/* arena.h - texts and arrays that live and die together. */
#ifndef WEB_ARENA_H
#define WEB_ARENA_H

#include <stddef.h>

struct arena;

struct arena *arena_new(void); /* NULL when memory ran out */
void arena_free(struct arena *arena);

/* Zeroed storage, aligned for anything; NULL when memory ran out. */
void *arena_take(struct arena *arena, size_t size);
/* A copy of the text; NULL when memory ran out. */
const char *arena_text(struct arena *arena, const char *text);

#endif
