/* days_pack.c - past days in few octets: only what is not zero is written, and days alike but once; in memory what is like
 * the day before is left out, too.  There a quiet port's three months take a dozen octets, or a hundred where polls are
 * lost every day, a busy one's half a kilobyte. */
#include <assert.h>
#include <stdlib.h>
#include <string.h>

#include "detect/coder.h"
#include "detect/days.h"

#define DAY_SEC   86400
#define BEGIN_MAX (INT64_C(1) << 46)
#define COUNT_MAX (UINT32_C(1) << 16) /* 179 years; RLE lets few octets speak for many days */
#define DATE_MAX  (INT64_C(1) << 28)
#define BITS_18   ((UINT64_C(1) << 18) - 1)

enum {
	FIELD_FLAGS,
	FIELD_KNOWN,
	FIELD_CONGESTED,
	FIELD_CLEAR,
	FIELD_HOT,
	FIELD_RUN,
	FIELD_SUSTAINED,
	FIELD_DECLARED,
	FIELD_REDUCED,
	FIELD_BELOW,
	FIELD_BELOW_FIRST,
	FIELD_COUNT
};

static void
day_to_fields(const struct day *day, uint64_t field[FIELD_COUNT])
{
	field[FIELD_FLAGS] = (uint64_t)day->state | (uint64_t)day->verdict << 3 |
			     (uint64_t)day->counted << 5 | (uint64_t)day->withdrawn << 6 |
			     (uint64_t)day->hot << 7 | (uint64_t)day->reduction_fresh << 8 |
			     (uint64_t)day->below_known << 9;
	field[FIELD_KNOWN] = day->known_count;
	field[FIELD_CONGESTED] = day->congested_count;
	field[FIELD_CLEAR] = day->clear_count;
	field[FIELD_HOT] = day->hot_count;
	field[FIELD_RUN] = day->run_sec;
	field[FIELD_SUSTAINED] = day->sustained_sec;
	field[FIELD_DECLARED] = day->declared_sec;
	field[FIELD_REDUCED] = day->reduced_sec;
	field[FIELD_BELOW] = day->below_sec;
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
	day->congested_count = field[FIELD_CONGESTED];
	day->clear_count = field[FIELD_CLEAR];
	day->hot_count = field[FIELD_HOT];
	day->run_sec = field[FIELD_RUN];
	day->sustained_sec = field[FIELD_SUSTAINED];
	day->declared_sec = field[FIELD_DECLARED];
	day->reduced_sec = field[FIELD_REDUCED];
	day->below_sec = field[FIELD_BELOW];
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

/* --- in memory --- */

/* A hundred thousand ports hold some ninety days of two directions each, so that a day is kept as what it differs by from
 * the one before: an octet for one of hardly any traffic, a handful for one with full hours.  (A checkpoint's days are
 * told as above, so that an older one can be read.)
 *
 * The head's first four bits say what follows, the others how many samples more are known than on the day before. */
enum { HEAD_ALIKE = 1, HEAD_OFF = 2, HEAD_FLAGS = 4, HEAD_MASK = 8, HEAD_KNOWN_SHIFT = 4 };
#define KNOWN_NEAR 3 /* at most so many more or fewer are told in the head; ... */
#define KNOWN_FAR  7 /* ... this: what follows tells */
#define USUAL_SEC  300

/* Most counts follow from others, wholly or nearly. */
static void
fields_to_rests(const uint64_t field[FIELD_COUNT], int64_t rest[FIELD_COUNT])
{
	for (int i = 0; i < FIELD_COUNT; i++)
		rest[i] = (int64_t)field[i];
	rest[FIELD_SUSTAINED] -= rest[FIELD_RUN];
	rest[FIELD_RUN] -= rest[FIELD_CLEAR] * USUAL_SEC;
	rest[FIELD_HOT] -= rest[FIELD_CLEAR];
	rest[FIELD_CLEAR] -= rest[FIELD_CONGESTED];
}

static void
rests_to_fields(int64_t rest[FIELD_COUNT], uint64_t field[FIELD_COUNT])
{
	rest[FIELD_CLEAR] += rest[FIELD_CONGESTED];
	rest[FIELD_HOT] += rest[FIELD_CLEAR];
	rest[FIELD_RUN] += rest[FIELD_CLEAR] * USUAL_SEC;
	rest[FIELD_SUSTAINED] += rest[FIELD_RUN];
	for (int i = 0; i < FIELD_COUNT; i++)
		field[i] = (uint64_t)rest[i];
}

/* The day before, as far as the next is told by it. */
struct folded {
	int64_t begin_utc_sec, flags, known;
	uint64_t mask; /* of the other rests: which are not zero */
};

static uint64_t
mask_of(const int64_t rest[FIELD_COUNT])
{
	uint64_t mask = 0;

	for (int i = FIELD_KNOWN + 1; i < FIELD_COUNT; i++)
		mask |= (uint64_t)(rest[i] != 0) << (i - FIELD_KNOWN - 1);
	return mask;
}

static void
code_rest(struct coder *c, int64_t *rest)
{
	code_int(c, rest, INT64_MIN, INT64_MAX);
}

static uint64_t
head_of(const struct folded *was, const int64_t rest[FIELD_COUNT], int64_t off, uint64_t mask,
	uint64_t alike)
{
	int64_t more = rest[FIELD_KNOWN] - was->known;
	bool is_near = more >= -KNOWN_NEAR && more <= KNOWN_NEAR;

	return (alike > 0 ? HEAD_ALIKE : 0) | (off != 0 ? HEAD_OFF : 0) |
	       (rest[FIELD_FLAGS] != was->flags ? HEAD_FLAGS : 0) |
	       (mask != was->mask ? HEAD_MASK : 0) |
	       (is_near ? (uint64_t)(more + KNOWN_NEAR) : KNOWN_FAR) << HEAD_KNOWN_SHIFT;
}

/* One day, and how many after it are like it. */
static void
fold_day(struct coder *c, struct folded *was, struct day *day, uint64_t *alike)
{
	uint64_t field[FIELD_COUNT], mask, head;
	int64_t rest[FIELD_COUNT], more, off = day->begin_utc_sec - was->begin_utc_sec - DAY_SEC;

	day_to_fields(day, field);
	fields_to_rests(field, rest);
	mask = mask_of(rest);
	head = head_of(was, rest, off, mask, *alike);
	more = rest[FIELD_KNOWN] - was->known;
	code_uint(c, &head, 127);
	if (c->is_reading) {
		memset(rest, 0, sizeof(rest));
		rest[FIELD_FLAGS] = was->flags;
		mask = was->mask;
		*alike = off = 0;
		more = (int64_t)(head >> HEAD_KNOWN_SHIFT) - KNOWN_NEAR;
	}
	if (head & HEAD_ALIKE)
		code_uint(c, alike, UINT32_MAX);
	if (head & HEAD_OFF)
		code_rest(c, &off);
	if (head & HEAD_FLAGS)
		code_rest(c, &rest[FIELD_FLAGS]);
	if (head & HEAD_MASK)
		code_uint(c, &mask, UINT32_MAX);
	if (head >> HEAD_KNOWN_SHIFT == KNOWN_FAR)
		code_rest(c, &more);
	for (int i = FIELD_KNOWN + 1; i < FIELD_COUNT; i++)
		if (mask >> (i - FIELD_KNOWN - 1) & 1)
			code_rest(c, &rest[i]);
	*was = (struct folded) { was->begin_utc_sec + DAY_SEC + off, rest[FIELD_FLAGS],
				 was->known + more, mask };
	if (!c->is_reading)
		return;
	rest[FIELD_KNOWN] = was->known;
	rests_to_fields(rest, field);
	day_of_fields(day, field);
	day->begin_utc_sec = was->begin_utc_sec;
}

static void
fold_past(struct coder *c, struct day *day, uint32_t count)
{
	struct folded was = { 0 };

	for (uint32_t i = 0; i < count && !c->failed && !c->no_memory; i++) {
		uint64_t alike = c->is_reading ? 0 : count_alike(&day[i], count - i);

		fold_day(c, &was, &day[i], &alike);
		for (; alike > 0 && i + 1 < count; alike--, i++) {
			if (c->is_reading) {
				day[i + 1] = day[i];
				day[i + 1].begin_utc_sec += DAY_SEC;
			}
			was.begin_utc_sec += DAY_SEC;
		}
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
	fold_past(&c, day, list->count - 1);
	assert(!c.failed && c.len == c.size); /* our own */
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
	fold_past(&c, list->day, list->count - 1);
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

/* --- in a checkpoint --- */

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
