/* span.c - ordered stretches of time; see span.h. */
#include <stdlib.h>
#include <string.h>

#include "detect/span.h"

void
span_list_free(struct span_list *list)
{
	free(list->span);
	*list = (struct span_list) { 0 };
}

static bool
make_room(struct span_list *list)
{
	uint32_t size = list->size == 0 ? 4 : list->size * 2;

	if (list->count < list->size)
		return true;
	struct span *grown = realloc(list->span, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	list->span = grown;
	list->size = size;
	return true;
}

bool
span_list_add(struct span_list *list, int64_t from, int64_t to, int64_t since)
{
	struct span *last = list->count > 0 ? &list->span[list->count - 1] : NULL;

	if (last != NULL && last->to_utc_sec == from && last->since_utc_sec == since) {
		last->to_utc_sec = to;
		return true;
	}
	if (!make_room(list))
		return false;
	list->span[list->count++] = (struct span) { from, to, since };
	return true;
}

uint32_t
span_list_find(const struct span_list *list, int64_t at)
{
	uint32_t low = 0, high = list->count;

	while (low < high) {
		uint32_t middle = low + (high - low) / 2;

		if (list->span[middle].to_utc_sec > at)
			high = middle;
		else
			low = middle + 1;
	}
	return low;
}

void
span_list_forget(struct span_list *list, int64_t until)
{
	uint32_t gone = 0;

	while (gone < list->count && list->span[gone].to_utc_sec <= until)
		gone++;
	if (gone == 0)
		return;
	list->count -= gone;
	memmove(list->span, list->span + gone, list->count * sizeof(*list->span));
}

int64_t
span_list_overlap(const struct span_list *list, int64_t from, int64_t to)
{
	int64_t sum = 0;

	for (uint32_t i = span_list_find(list, from);
	     i < list->count && list->span[i].from_utc_sec < to; i++)
		sum += span_overlap(list->span[i].from_utc_sec, list->span[i].to_utc_sec, from, to);
	return sum;
}
