/* span.h - stretches of time, in order and apart from each other: declared windows, reduced capacity, runs. */
#ifndef COLLECTOR_DETECT_SPAN_H
#define COLLECTOR_DETECT_SPAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* [from, to), from < to. */
struct span {
	int64_t from_utc_sec, to_utc_sec;
	int64_t since_utc_sec; /* its owner's: since when the reduction lasts */
};

struct span_list {
	struct span *span; /* ascending, none overlaps the next */
	uint32_t count, size;
};

void span_list_free(struct span_list *list);

/* Appends [from, to), from at or after the last end; joins the last when it touches it and has the same `since`.
 * False when memory ran out. */
bool span_list_add(struct span_list *list, int64_t from, int64_t to, int64_t since);

/* Forgets those that end at or before `until`. */
void span_list_forget(struct span_list *list, int64_t until);

/* Seconds of [from, to) that lie in the list. */
int64_t span_list_overlap(const struct span_list *list, int64_t from, int64_t to);

/* The first span that ends after `at`: index, or count when there is none. */
uint32_t span_list_find(const struct span_list *list, int64_t at);

static inline int64_t
span_overlap(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
	int64_t from = a_from > b_from ? a_from : b_from, to = a_to < b_to ? a_to : b_to;

	return to > from ? to - from : 0;
}

#endif
