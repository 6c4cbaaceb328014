/* links: detect/days.c detect/days_pack.c detect/coder.c detect/span.c */
/* test_days_pack.c - days that are packed and unpacked are the very same, whatever is in them, and take few octets. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "detect/coder.h"
#include "detect/days.h"

#define DAYS_MAX 120
#define LISTS    3000
#define BITS_18  ((UINT64_C(1) << 18) - 1)

static uint64_t seed = 88172645463325252u;

static uint64_t
below(uint64_t n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (seed >> 11) % n;
}

/* --- what days hold --- */

static void
quiet(struct day *day)
{
	day->known_count = 288;
}

static void
lossy(struct day *day)
{
	day->known_count = 280 + below(9);
}

static void
full_evenings(struct day *day)
{
	uint64_t live = 30 + below(30), dips = below(4);

	day->known_count = 288;
	day->clear_count = live;
	day->congested_count = live - below(10);
	day->hot_count = live + 20 + below(20);
	day->hot = 1;
	day->run_sec = day->sustained_sec = (live + dips) * 300;
	day->state = DAY_CONGESTED;
	day->verdict = VERDICT_ROUTINE;
	day->counted = 1;
}

/* Any bits, the largest and the smallest among them. */
static uint64_t
any_18(void)
{
	switch (below(4)) {
	case 0: return 0;
	case 1: return BITS_18;
	case 2: return below(300);
	default: return below(BITS_18 + 1);
	}
}

static void
anything(struct day *day)
{
	day->known_count = any_18();
	day->congested_count = any_18();
	day->clear_count = any_18();
	day->hot_count = any_18();
	day->run_sec = any_18();
	day->sustained_sec = any_18();
	day->declared_sec = any_18();
	day->reduced_sec = any_18();
	day->below_sec = any_18();
	day->below_first = below(64) & 63;
	day->below_known = below(2) & 1;
	day->state = below(DAY_STATE_COUNT) & 7;
	day->verdict = below(4) & 3;
	day->counted = below(2) & 1;
	day->withdrawn = below(2) & 1;
	day->hot = below(2) & 1;
	day->reduction_fresh = below(2) & 1;
}

static void
one_or_other(struct day *day)
{
	static void (*const kinds[])(struct day *) = { quiet, quiet,         quiet,
						       lossy, full_evenings, anything };

	kinds[below(6)](day);
}

static const struct kind {
	const char *name;
	void (*fill)(struct day *day);
	unsigned octets_a_day_max; /* on average, in tenths */
} kinds[] = {
	{ "quiet days take next to nothing", quiet, 2 },
	{ "days with unknown samples take an octet or two", lossy, 20 },
	{ "days with full hours take less than ten", full_evenings, 100 },
	{ "days of any kind in a row are the same again", one_or_other, 400 },
	{ "days of any bits are the same again", anything, 400 },
};

/* Most days have 24 hours, some 23 or 25; where the zone was changed, anything. */
static int64_t
length_sec(void)
{
	switch (below(40)) {
	case 0: return 23 * 3600;
	case 1: return 25 * 3600;
	case 2: return 1 + (int64_t)below(200000);
	default: return 86400;
	}
}

static void
list_fill(struct day_list *list, const struct kind *kind, bool even)
{
	uint32_t count = even ? DAYS_MAX : 1 + (uint32_t)below(DAYS_MAX);
	int64_t begin_utc_sec = even ? 1780293600 : (int64_t)below(4000000000);

	for (uint32_t i = 0; i < count; i++) {
		int64_t end_utc_sec = begin_utc_sec + (even ? 86400 : length_sec());

		assert_true(day_list_add(list, 20605 + (int32_t)i, begin_utc_sec, end_utc_sec));
		if (i > 0 && below(3) == 0) {
			list->day[i] = list->day[i - 1];
			list->day[i].begin_utc_sec = begin_utc_sec;
		} else {
			kind->fill(&list->day[i]);
		}
		begin_utc_sec = end_utc_sec;
	}
}

static void
packed_days_are_the_same_again(void **state)
{
	const struct kind *kind = *state;
	struct day before[DAYS_MAX];
	uint64_t octets = 0, days = 0;

	for (int n = 0; n < LISTS; n++) {
		struct day_list list = { 0 };

		list_fill(&list, kind, n % 2 == 0);
		memcpy(before, list.day, list.count * sizeof(*before));
		for (int again = 0; again < 2; again++) {
			assert_true(day_list_close(&list));
			assert_null(list.day);
			assert_memory_equal(day_list_present(&list), &before[list.count - 1],
					    sizeof(*before));
			assert_true(day_list_open(&list));
			assert_memory_equal(list.day, before, list.count * sizeof(*before));
		}
		octets += n % 2 == 0 ? list.packed_len : 0;
		days += n % 2 == 0 ? list.count : 0;
		day_list_free(&list);
	}
	assert_in_range(octets * 10 / days, 0, kind->octets_a_day_max);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	struct CMUnitTest tests[COUNT(kinds)];

	for (size_t i = 0; i < COUNT(kinds); i++)
		tests[i] = (struct CMUnitTest) { kinds[i].name, packed_days_are_the_same_again,
						 NULL, NULL, (void *)(uintptr_t)&kinds[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
