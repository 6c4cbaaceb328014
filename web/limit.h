/* limit.h - how often somebody may try: a few times freely, then after ever longer waits.
 *
 * Pure: times are handed in.  A bounded table; whoever has not tried for longest makes room.  Not locked. */
#ifndef WEB_LIMIT_H
#define WEB_LIMIT_H

#include <stdbool.h>
#include <stdint.h>

struct limit;

struct limit *limit_new(void); /* NULL when memory ran out */
void limit_free(struct limit *limit);

/* Counts one attempt by `who` (an address, an account) of which `free_count` in a row are free.  0: go on; else how many
 * seconds it has to wait, and the attempt is not counted. */
unsigned limit_take(struct limit *limit, const char *who, unsigned free_count, int64_t now_mono_ms);
/* What it would say, counting nothing. */
unsigned limit_look(const struct limit *limit, const char *who, int64_t now_mono_ms);
/* The attempt was a good one: it does not count.  all: nor do those before it. */
void limit_give_back(struct limit *limit, const char *who, bool all);

#endif
