/* links: base/json.c base/units.c base/error.c */
/* pkgs: jansson */
/* test_json.c - what is written reads back equal, and what is read is checked. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/json.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FFFD     "\xef\xbf\xbd"

static void
assert_prints(struct json *root, const char *want)
{
	size_t len;
	char *text = json_print_dup(root, false, &len);

	assert_non_null(text);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
	json_free(root);
}

static struct json *
parse(const char *text)
{
	struct json *root = NULL;
	struct error err = { 0 };

	if (!json_parse(&root, text, strlen(text), &err))
		fail_msg("%s", err.text);
	return root;
}

/* --- out --- */

static const struct number_case {
	const char *name;
	double number;
	const char *want;
} number_cases[] = {
	{ "a share as people write it", 0.93, "[0.93]" },
	{ "a third needs all its digits", 1.0 / 3, "[0.33333333333333331]" },
	{ "a whole number has no point", 9310000000.0, "[9310000000]" },
	{ "a negative one", -2.5, "[-2.5]" },
	{ "nothing", 0, "[0]" },
	{ "a large one", 1e300, "[1e+300]" },
	{ "a small one", 5e-324, "[4.94065645841247e-324]" },
	{ "unknown", NAN, "[null]" },
	{ "infinite", INFINITY, "[null]" },
	{ "infinite, below", -INFINITY, "[null]" },
};

static void
check_number(void **state)
{
	const struct number_case *c = *state;
	struct json *array = json_array_new();

	json_put_number(array, "", c->number);
	assert_prints(array, c->want);
}

static const struct text_case {
	const char *name;
	const char *text;
	const char *want;
} text_cases[] = {
	{ "plain", "xe-0/0/1", "[\"xe-0/0/1\"]" },
	{ "quotes and backslashes", "a\"b\\c", "[\"a\\\"b\\\\c\"]" },
	{ "controls", "a\n\t\r\b\f\x01\x1f", "[\"a\\n\\t\\r\\b\\f\\u0001\\u001f\"]" },
	{ "UTF-8 stays", "K\xc3\xb6ln \xf0\x9f\x8c\x8d", "[\"K\xc3\xb6ln \xf0\x9f\x8c\x8d\"]" },
	{ "what is not UTF-8 is replaced, octet by octet", "a\xff\xc3", "[\"a" FFFD FFFD "\"]" },
	{ "a surrogate is not UTF-8", "\xed\xa0\x80", "[\"" FFFD FFFD FFFD "\"]" },
	{ "empty", "", "[\"\"]" },
	{ "no text at all", NULL, "[null]" },
};

static void
check_text(void **state)
{
	const struct text_case *c = *state;
	struct json *array = json_array_new(), *back = NULL;
	char *text;
	size_t len;

	json_put_text(array, "", c->text);
	text = json_print_dup(array, false, &len);
	assert_string_equal(text, c->want);
	assert_true(json_parse(&back, text, len, NULL));
	free(text);
	json_free(back);
	json_free(array);
}

static void
members_stand_in_the_order_they_were_put(void **state)
{
	struct json *root = json_object_new();
	struct json *list;

	(void)state;
	json_put_int(root, "id", 12);
	json_put_bool(root, "open", true);
	json_put_bool(root, "shut", false);
	json_put_null(root, "next");
	json_put_utc(root, "at", 1795399800);
	json_put_utc(root, "never", 0);
	list = json_put_array(root, "rows");
	json_put_int(list, "", INT64_MAX);
	json_put_int(list, "", INT64_MIN);
	json_put_object(list, "");
	json_put_text(root, "a\xff", "key");
	assert_prints(
	    root,
	    "{\"id\":12,\"open\":true,\"shut\":false,\"next\":null,\"at\":\"2026-11-23T02:10:00Z\","
	    "\"never\":null,\"rows\":[9223372036854775807,-9223372036854775808,{}],"
	    "\"a" FFFD "\":\"key\"}");
}

static void
a_lent_container_may_be_filled_after_its_parent_went_on(void **state)
{
	struct json *root = json_object_new();
	struct json *first = json_put_object(root, "first"),
		    *second = json_put_object(root, "second");
	struct json *deep = json_put_array(first, "deep");

	(void)state;
	json_put_int(second, "n", 2);
	json_put_int(deep, "", 1);
	json_put_int(root, "last", 3);
	assert_prints(root, "{\"first\":{\"deep\":[1]},\"second\":{\"n\":2},\"last\":3}");
}

static void
a_tree_that_is_taken_belongs_to_the_other(void **state)
{
	struct json *root = json_object_new(), *part = json_object_new();
	struct json *list = json_put_array(part, "list");

	(void)state;
	json_put_take(root, "part", part);
	json_put_int(list, "", 7); /* still lent, now by root */
	json_put_take(root, "read", parse("[1, {\"a\": 2.5}]"));
	assert_prints(root, "{\"part\":{\"list\":[7]},\"read\":[1,{\"a\":2.5}]}");
}

static void
a_failure_sticks_until_the_print(void **state)
{
	struct json *root = json_object_new();
	struct json *list = json_put_array(root, "list");

	(void)state;
	json_put_take(list, "", NULL); /* what a builder hands on that ran out of memory */
	json_put_int(root, "n", 1);
	assert_null(json_print_dup(root, false, NULL));
	json_free(root);
}

static void
nothing_is_borne_everywhere(void **state)
{
	int64_t number;
	double real;

	(void)state;
	json_put_text(NULL, "a", "b");
	json_put_take(NULL, "a", json_array_new());
	assert_null(json_put_object(NULL, "a"));
	assert_null(json_put_array(NULL, "a"));
	assert_null(json_print_dup(NULL, false, NULL));
	assert_null(json_get(NULL, "a"));
	assert_null(json_at(NULL, 0));
	assert_int_equal(json_count(NULL), 0);
	assert_string_equal(json_text(NULL, "x"), "x");
	assert_false(json_int(NULL, &number));
	assert_false(json_number(NULL, &real));
	assert_true(json_bool(NULL, true));
	json_free(NULL);
}

static void
pretty_text_is_indented_and_reads_back(void **state)
{
	struct json *root = parse("{\"a\":[1,{\"b\":[]}],\"c\":{}}");
	char *pretty = json_print_dup(root, true, NULL);

	(void)state;
	assert_string_equal(
	    pretty, "{\n  \"a\": [\n    1,\n    {\n      \"b\": []\n    }\n  ],\n  \"c\": {}\n}");
	json_free(root);
	assert_prints(parse(pretty), "{\"a\":[1,{\"b\":[]}],\"c\":{}}");
	free(pretty);
}

static void
a_built_tree_can_be_read(void **state)
{
	struct json *root = json_object_new();
	int64_t id;

	(void)state;
	json_put_int(json_put_object(root, "port"), "id", 5);
	assert_true(json_int(json_get(json_get(root, "port"), "id"), &id));
	assert_int_equal(id, 5);
	json_free(root);
}

/* xorshift64*: the same numbers on every run. */
static double
next_double(uint64_t *seed)
{
	double number;

	do {
		*seed ^= *seed >> 12;
		*seed ^= *seed << 25;
		*seed ^= *seed >> 27;
		uint64_t bits = *seed * 2685821657736338717ULL;
		memcpy(&number, &bits, sizeof(number));
	} while (!isfinite(number));
	return number;
}

static void
every_number_reads_back_equal(void **state)
{
	struct json *array = json_array_new(), *back = NULL;
	uint64_t seed = 7, again = 7;
	double got;
	size_t len;

	(void)state;
	for (int i = 0; i < 50000; i++)
		json_put_number(array, "", next_double(&seed));
	char *text = json_print_dup(array, false, &len);
	assert_true(json_parse(&back, text, len, NULL));
	for (size_t i = 0; i < json_count(back); i++) {
		assert_true(json_number(json_at(back, i), &got));
		assert_true(got == next_double(&again));
	}
	assert_int_equal(json_count(back), 50000);
	free(text);
	json_free(array);
	json_free(back);
}

/* --- in --- */

static const struct refusal_case {
	const char *name;
	const char *text;
	const char *want; /* in the sentence */
} refusal_cases[] = {
	{ "nothing", "", "line 1" },
	{ "words", "hello", "line 1" },
	{ "a bare number", "42", "line 1" },
	{ "an unclosed object", "{\"a\": 1", "line 1" },
	{ "a fault says its line", "{\n\n \"a\": nope}", "line 3" },
	{ "something behind the end", "{} {}", "line 1" },
	{ "a key twice", "{\"a\": 1, \"a\": 2}", "duplicate" },
	{ "not UTF-8", "[\"\xff\"]", "0xff" },
	{ "a NUL in a text", "[\"\\u0000\"]", "line 1" },
	{ "an integer beyond 64 bits", "[99999999999999999999]", "integer" },
	{ "a real beyond all", "[1e999]", "overflow" },
	{ "not a number", "[NaN]", "line 1" },
};

static void
check_refusal(void **state)
{
	const struct refusal_case *c = *state;
	struct json *root = NULL;
	struct error err = { 0 };

	assert_false(json_parse(&root, c->text, strlen(c->text), &err));
	assert_int_equal(err.code, ERR_PARSE);
	if (strstr(err.text, c->want) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, c->want);
	assert_null(root);
}

static void
values_are_asked_by_their_kind(void **state)
{
	struct json *root = parse("{\"n\": 9007199254740993, \"r\": 2.5, \"w\": 3.0, \"t\": \"x\", "
				  "\"y\": true, \"z\": null}");
	int64_t whole;
	double real;

	(void)state;
	assert_true(json_int(json_get(root, "n"), &whole));
	assert_true(whole == 9007199254740993LL);
	assert_true(json_int(json_get(root, "w"), &whole));
	assert_int_equal(whole, 3);
	assert_false(json_int(json_get(root, "r"), &whole));
	assert_false(json_int(json_get(root, "t"), &whole));
	assert_true(json_number(json_get(root, "n"), &real));
	assert_true(json_number(json_get(root, "r"), &real) && real == 2.5);
	assert_false(json_number(json_get(root, "z"), &real));
	assert_string_equal(json_text(json_get(root, "t"), ""), "x");
	assert_string_equal(json_text(json_get(root, "n"), "none"), "none");
	assert_true(json_bool(json_get(root, "y"), false));
	assert_false(json_bool(json_get(root, "n"), false));
	assert_null(json_get(root, "absent"));
	assert_null(json_get(json_get(root, "t"), "x"));
	assert_null(json_at(root, 0));
	json_free(root);
}

static void
depth_is_bounded(void **state)
{
	static char text[200001];
	struct json *root = NULL;
	struct error err = { 0 };

	(void)state;
	memset(text, '[', 200000);
	assert_false(json_parse(&root, text, 200000, &err));
	assert_non_null(strstr(err.text, "depth"));
}

static void
size_is_bounded(void **state)
{
	size_t len = (64U << 20) + 1;
	char *text = malloc(len);
	struct json *root = NULL;
	struct error err = { 0 };

	(void)state;
	memset(text, ' ', len);
	memcpy(text, "[]", 2);
	assert_true(json_parse(&root, text, len - 1, &err));
	json_free(root);
	assert_false(json_parse(&root, text, len, &err));
	assert_non_null(strstr(err.text, "67108864"));
	free(text);
}

static void
on_member(const char *key, const struct json *value, void *user)
{
	snprintf((char *)user + strlen(user), 64, "%s:%d ", key, (int)json_kind_of(value));
}

static void
what_is_not_known_beforehand_is_walked_in_order(void **state)
{
	struct json *root = parse(
	    "{\"z\":{\"q\":1},\"a\":[1],\"t\":\"x\",\"n\":1.5,\"i\":2,\"b\":false,\"u\":null}");
	char seen[256] = "";

	(void)state;
	json_each(root, on_member, seen);
	assert_string_equal(seen, "z:1 a:2 t:3 n:4 i:4 b:5 u:0 ");
	seen[0] = '\0';
	json_each(json_get(root, "a"), on_member, seen);
	json_each(json_get(root, "t"), on_member, seen);
	json_each(NULL, on_member, seen);
	assert_string_equal(seen, ":4 ");
	assert_int_equal(json_kind_of(NULL), JSON_IS_NONE);
	json_free(root);
}

static void
a_copy_stays_when_what_it_is_of_goes(void **state)
{
	struct json *of = parse("{\"a\":[{\"b\":1}]}"), *root = json_object_new();

	(void)state;
	json_put_copy(root, "copy", json_get(of, "a"));
	json_put_copy(root, "none", json_get(of, "absent"));
	json_free(of);
	assert_prints(root, "{\"copy\":[{\"b\":1}],\"none\":null}");
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(members_stand_in_the_order_they_were_put),
		cmocka_unit_test(a_lent_container_may_be_filled_after_its_parent_went_on),
		cmocka_unit_test(a_tree_that_is_taken_belongs_to_the_other),
		cmocka_unit_test(a_failure_sticks_until_the_print),
		cmocka_unit_test(nothing_is_borne_everywhere),
		cmocka_unit_test(pretty_text_is_indented_and_reads_back),
		cmocka_unit_test(a_built_tree_can_be_read),
		cmocka_unit_test(every_number_reads_back_equal),
		cmocka_unit_test(values_are_asked_by_their_kind),
		cmocka_unit_test(depth_is_bounded),
		cmocka_unit_test(size_is_bounded),
		cmocka_unit_test(what_is_not_known_beforehand_is_walked_in_order),
		cmocka_unit_test(a_copy_stays_when_what_it_is_of_goes),
	};
	struct CMUnitTest numbers[COUNT(number_cases)], texts[COUNT(text_cases)],
	    refusals[COUNT(refusal_cases)];

	for (size_t i = 0; i < COUNT(number_cases); i++)
		numbers[i] = (struct CMUnitTest) { number_cases[i].name, check_number, NULL, NULL,
						   (void *)&number_cases[i] };
	for (size_t i = 0; i < COUNT(text_cases); i++)
		texts[i] = (struct CMUnitTest) { text_cases[i].name, check_text, NULL, NULL,
						 (void *)&text_cases[i] };
	for (size_t i = 0; i < COUNT(refusal_cases); i++)
		refusals[i] = (struct CMUnitTest) { refusal_cases[i].name, check_refusal, NULL,
						    NULL, (void *)&refusal_cases[i] };
	return cmocka_run_group_tests_name("numbers out", numbers, NULL, NULL) +
	       cmocka_run_group_tests_name("text out", texts, NULL, NULL) +
	       cmocka_run_group_tests_name("refused", refusals, NULL, NULL) +
	       cmocka_run_group_tests_name("json", others, NULL, NULL);
}
