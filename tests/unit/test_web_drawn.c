/* links: web/drawn.c */
/* test_web_drawn.c - answers are counted, tags are compared, the cache forgets the least lately used. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "drawn.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct etag_case {
	const char *name;
	const char *header;
	bool matches;
} etags[] = {
	{ "no header matches nothing", NULL, false },
	{ "the tag itself", "\"0123\"", true },
	{ "one of several", "\"aa\", \"0123\"", true },
	{ "a weak form of it", "W/\"0123\"", true },
	{ "any", "*", true },
	{ "another", "\"01234\"", false },
	{ "without quotes", "0123", false },
};

static void
check_etag(void **state)
{
	const struct etag_case *c = *state;

	assert_int_equal(etag_matches(c->header, "\"0123\""), c->matches);
	assert_false(etag_matches(c->header, ""));
}

static struct drawn *
answer(size_t len, int64_t expires_mono_ms)
{
	struct drawn *drawn = drawn_new(len);

	assert_non_null(drawn);
	memset(drawn->data, 'x', len);
	drawn->ok = true;
	drawn->expires_mono_ms = expires_mono_ms;
	return drawn;
}

static void
put(struct drawn_cache *cache, const char *key, size_t len, int64_t expires_mono_ms)
{
	struct drawn *drawn = answer(len, expires_mono_ms);

	drawn_cache_put(cache, key, drawn);
	drawn_release(drawn);
}

static bool
has(struct drawn_cache *cache, const char *key, int64_t now_mono_ms)
{
	struct drawn *drawn = drawn_cache_find(cache, key, now_mono_ms);

	drawn_release(drawn);
	return drawn != NULL;
}

static void
an_answer_outlives_its_place_in_the_cache(void **state)
{
	struct drawn_cache *cache = drawn_cache_new(1000);

	(void)state;
	put(cache, "a", 3, 100);
	struct drawn *held = drawn_cache_find(cache, "a", 0);
	drawn_cache_free(cache);
	assert_string_equal(held->data, "xxx");
	drawn_release(held);
}

static void
what_is_too_old_is_not_shown_again(void **state)
{
	struct drawn_cache *cache = drawn_cache_new(1000);

	(void)state;
	put(cache, "a", 3, 100);
	assert_true(has(cache, "a", 99));
	assert_false(has(cache, "a", 100));
	assert_false(has(cache, "a", 0));
	drawn_cache_free(cache);
}

static void
the_least_lately_used_makes_room(void **state)
{
	struct drawn_cache *cache = drawn_cache_new(1000);

	(void)state;
	put(cache, "a", 240, 100);
	put(cache, "b", 240, 100);
	put(cache, "c", 240, 100);
	put(cache, "d", 240, 100);
	assert_true(has(cache, "a", 0));
	put(cache, "e", 240, 100);
	assert_true(has(cache, "a", 0));
	assert_false(has(cache, "b", 0));
	assert_true(has(cache, "e", 0));
	drawn_cache_free(cache);
}

static void
one_answer_does_not_fill_the_cache(void **state)
{
	struct drawn_cache *cache = drawn_cache_new(1000);

	(void)state;
	put(cache, "a", 100, 100);
	put(cache, "big", 251, 100);
	assert_true(has(cache, "a", 0));
	assert_false(has(cache, "big", 0));
	drawn_cache_free(cache);
}

static void
many_answers_keep_to_their_number(void **state)
{
	struct drawn_cache *cache = drawn_cache_new(1 << 20);
	char key[16];
	unsigned kept = 0;

	(void)state;
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		put(cache, key, 10, 100);
	}
	for (int i = 0; i < 2000; i++) {
		snprintf(key, sizeof(key), "%d", i);
		kept += has(cache, key, 0);
	}
	assert_int_equal(kept, 512);
	assert_true(has(cache, "1999", 0));
	drawn_cache_free(cache);
}

static void
a_failure_is_a_sentence(void **state)
{
	struct drawn *drawn = drawn_failure(503, "too slow");

	(void)state;
	assert_false(drawn->ok);
	assert_int_equal(drawn->status, 503);
	assert_string_equal(drawn->data, "too slow");
	drawn_release(drawn);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(etags) + 6] = {
		cmocka_unit_test(an_answer_outlives_its_place_in_the_cache),
		cmocka_unit_test(what_is_too_old_is_not_shown_again),
		cmocka_unit_test(the_least_lately_used_makes_room),
		cmocka_unit_test(one_answer_does_not_fill_the_cache),
		cmocka_unit_test(many_answers_keep_to_their_number),
		cmocka_unit_test(a_failure_is_a_sentence),
	};

	for (size_t i = 0; i < COUNT(etags); i++)
		tests[i + 6] = (struct CMUnitTest) { etags[i].name, check_etag, NULL, NULL,
						     (void *)&etags[i] };
	return cmocka_run_group_tests_name("web drawn", tests, NULL, NULL);
}
