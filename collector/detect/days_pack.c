/* days_pack.c - past days in few octets: only what is not zero is written, and days alike but once.  A quiet port's three
 * months take some dozens of octets, a busy one's a kilobyte. */
#include <stdlib.h>
#include <string.h>

#include "detect/coder.h"
#include "detect/days.h"

#define DAY_SEC   86400
#define BEGIN_MAX (INT64_C(1) << 46)
#define COUNT_MAX (UINT32_C(1) << 16) /* 179 years; RLE lets few octets speak for many days */
#define DATE_MAX  (INT64_C(1) << 28)
#define BITS_18   ((UINT64_C(1) << 18) - 1)

enum { FIELD_FLAGS, FIELD_KNOWN, FIELD_BELOW_FIRST = 10, FIELD_COUNT };

static void
day_to_fields(const struct day *day, uint64_t field[FIELD_COUNT])
{
	field[FIELD_FLAGS] = (uint64_t)day->state | (uint64_t)day->verdict << 3 |
			     (uint64_t)day->counted << 5 | (uint64_t)day->withdrawn << 6 |
			     (uint64_t)day->hot << 7 | (uint64_t)day->reduction_fresh << 8 |
			     (uint64_t)day->below_known << 9;
	field[FIELD_KNOWN] = day->known_count;
	field[2] = day->congested_count;
	field[3] = day->clear_count;
	field[4] = day->hot_count;
	field[5] = day->run_sec;
	field[6] = day->sustained_sec;
	field[7] = day->declared_sec;
	field[8] = day->reduced_sec;
	field[9] = day->below_sec;
	field[FIELD_BELOW_FIRST] = day->below_first;
}

static void
day_of_fields(struct day *day, const uint64_t field[FIELD_COUNT])
{
	uint64_t flags = field[FIELD_FLAGS];

	day->state = flags & 7;
	day->verdict = flags >> 3 & 3;
	day->counted = flags >> 5 & 1;
	day->withdrawn = flags >> 6 & 1;
	day->hot = flags >> 7 & 1;
	day->reduction_fresh = flags >> 8 & 1;
	day->below_known = flags >> 9 & 1;
	day->known_count = field[FIELD_KNOWN];
	day->congested_count = field[2];
	day->clear_count = field[3];
	day->hot_count = field[4];
	day->run_sec = field[5];
	day->sustained_sec = field[6];
	day->declared_sec = field[7];
	day->reduced_sec = field[8];
	day->below_sec = field[9];
	day->below_first = field[FIELD_BELOW_FIRST];
}

static uint64_t
field_max(int i)
{
	return i == FIELD_FLAGS ? (1U << 10) - 1 : i == FIELD_BELOW_FIRST ? 63 : BITS_18;
}

/* Which fields are not zero, and those. */
static void
code_fields(struct coder *c, uint64_t field[FIELD_COUNT])
{
	uint64_t mask = 0;

	for (int i = 0; i < FIELD_COUNT; i++)
		mask |= (uint64_t)(field[i] != 0) << i;
	code_uint(c, &mask, (UINT64_C(1) << FIELD_COUNT) - 1);
	for (int i = 0; i < FIELD_COUNT; i++) {
		field[i] = mask >> i & 1 ? field[i] : 0;
		if (mask >> i & 1)
			code_uint(c, &field[i], field_max(i));
	}
	code_check(c, (field[FIELD_FLAGS] & 7) < DAY_STATE_COUNT);
}

static void
code_day(struct coder *c, struct day *day)
{
	uint64_t field[FIELD_COUNT];

	day_to_fields(day, field);
	code_fields(c, field);
	if (c->is_reading)
		day_of_fields(day, field);
}

/* How many of the days after the first are like it, each 24 hours after the one before. */
static uint64_t
count_alike(const struct day *day, uint32_t count)
{
	uint64_t first[FIELD_COUNT], other[FIELD_COUNT];
	uint64_t alike = 0;

	day_to_fields(&day[0], first);
	for (uint32_t i = 1; i < count; i++, alike++) {
		if (day[i].begin_utc_sec - day[i - 1].begin_utc_sec != DAY_SEC ||
		    day[i].known_count != day[0].known_count)
			break;
		day_to_fields(&day[i], other);
		if (memcmp(first, other, sizeof(first)) != 0)
			break;
	}
	return alike;
}

/* Each day is told by how it differs from one that begins 24 hours after the one before. */
static void
code_past(struct coder *c, struct day *day, uint32_t count)
{
	int64_t expected = 0;

	for (uint32_t i = 0; i < count && !c->failed && !c->no_memory; i++) {
		uint64_t alike = c->is_reading ? 0 : count_alike(&day[i], count - i);
		int64_t off = day[i].begin_utc_sec - expected;

		code_uint(c, &alike, count - i - 1);
		code_int(c, &off, i == 0 ? 0 : -DAY_SEC, BEGIN_MAX);
		day[i].begin_utc_sec = expected + off;
		code_day(c, &day[i]);
		for (; alike > 0; alike--, i++) {
			day[i + 1] = day[i];
			day[i + 1].begin_utc_sec += DAY_SEC;
		}
		expected = day[i].begin_utc_sec + DAY_SEC;
	}
}

bool
day_list_open(struct day_list *list)
{
	struct coder c = { .is_reading = true, .data = list->packed, .size = list->packed_len };

	if (list->day != NULL || list->count == 0)
		return true;
	struct day *day = calloc(list->count + 1, sizeof(*day));
	if (day == NULL)
		return false;
	code_past(&c, day, list->count - 1);
	day[list->count - 1] = list->closed_present;
	list->day = day;
	list->size = list->count + 1;
	return true;
}

bool
day_list_close(struct day_list *list)
{
	struct coder c = { 0 };
	uint8_t *packed;

	if (list->day == NULL)
		return true;
	code_past(&c, list->day, list->count - 1);
	packed = c.no_memory ? NULL : realloc(c.data, c.len + 1);
	if (packed == NULL) {
		free(c.data);
		return false;
	}
	free(list->packed);
	list->packed = packed;
	list->packed_len = (uint32_t)c.len;
	list->closed_present = list->day[list->count - 1];
	free(list->day);
	list->day = NULL;
	return true;
}

/* What is read is unpacked at once: the list comes open, and each day has been looked at. */
void
day_list_code(struct coder *c, struct day_list *list)
{
	uint32_t count = list->count;
	int64_t first = list->first;

	code_u32(c, &count, COUNT_MAX);
	code_int(c, &first, -DATE_MAX, DATE_MAX);
	code_int(c, &list->end_utc_sec, 0, BEGIN_MAX);
	if (c->failed || count == 0)
		return;
	if (c->is_reading) {
		list->day = calloc(count, sizeof(*list->day));
		c->no_memory |= list->day == NULL;
		if (list->day == NULL)
			return;
		list->count = list->size = count;
		list->first = (int32_t)first;
	}
	code_past(c, list->day, count);
	code_check(c, list->day[count - 1].begin_utc_sec <= list->end_utc_sec);
}
