/* links: web/form.c web/uri.c */
/* test_form.c - bodies of forms: read whole, or refused. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdio.h>
#include <string.h>

#include "form.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct form_case {
	const char *name, *body;
	bool is_good;
	size_t count;
	const char *key, *value;
} cases[] = {
	{ "nothing is no field", "", true, 0, "a", "" },
	{ "one", "a=1", true, 1, "a", "1" },
	{ "the second", "a=1&b=2", true, 2, "b", "2" },
	{ "an empty value", "a=&b=2", true, 2, "a", "" },
	{ "a plus is a blank", "a=b+c", true, 1, "a", "b c" },
	{ "an escape", "a=%26%3D", true, 1, "a", "&=" },
	{ "a value with an equals sign", "a=b=c", true, 1, "a", "b=c" },
	{ "an escaped name", "%61=1", true, 1, "a", "1" },
	{ "UTF-8", "a=%C3%A4", true, 1, "a", "\xc3\xa4" },
	{ "a field not given is empty", "a=1", true, 1, "b", "" },
	{ "a name given twice", "a=1&a=2", false, 0, NULL, NULL },
	{ "the same name, once escaped", "a=1&%61=2", false, 0, NULL, NULL },
	{ "a broken escape", "a=%2", false, 0, NULL, NULL },
	{ "no digits in an escape", "a=%zz", false, 0, NULL, NULL },
	{ "a NUL", "a=%00b", false, 0, NULL, NULL },
	{ "no equals sign", "a", false, 0, NULL, NULL },
	{ "no name", "=1", false, 0, NULL, NULL },
	{ "nothing between two ampersands", "a=1&&b=2", false, 0, NULL, NULL },
	{ "a line feed in any field but the note", "a=b%0Ac", false, 0, NULL, NULL },
	{ "a line feed in the name of the note", "no%0Ate=c", false, 0, NULL, NULL },
	{ "lines of the note end with LF", "note=a%0D%0Ab%0Ac%0Dd%09e", true, 1, "note",
	  "a\nb\nc\nd e" },
	{ "a carriage return that ends the note", "note=a%0D", true, 1, "note", "a\n" },
	{ "a NUL in the note", "note=a%00b", false, 0, NULL, NULL },
	{ "an escape character in the note", "note=a%1Bb", false, 0, NULL, NULL },
	{ "a broken escape behind a carriage return", "note=a%0D%0", false, 0, NULL, NULL },
};

static void
test_forms(void **state)
{
	static struct form form;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct form_case *c = &cases[i];
		bool is_good = form_parse(&form, c->body, strlen(c->body));

		if (is_good != c->is_good)
			fail_msg("%s", c->name);
		if (!is_good)
			continue;
		if (form.count != c->count || strcmp(form_get(&form, c->key), c->value) != 0)
			fail_msg("%s: %zu fields, \"%s\"", c->name, form.count,
				 form_get(&form, c->key));
	}
}

static void
test_as_many_fields_as_there_may_be_and_no_more(void **state)
{
	static struct form form;
	char body[FORM_FIELDS_MAX * 8 + 16];
	size_t len = 0;

	(void)state;
	for (int i = 0; i < FORM_FIELDS_MAX; i++)
		len += (size_t)snprintf(body + len, sizeof(body) - len, "%sa%d=%d",
					i > 0 ? "&" : "", i, i);
	assert_true(form_parse(&form, body, len));
	assert_int_equal(form.count, FORM_FIELDS_MAX);
	assert_string_equal(form_get(&form, "a63"), "63");
	len += (size_t)snprintf(body + len, sizeof(body) - len, "&z=1");
	assert_false(form_parse(&form, body, len));
}

static void
test_a_body_may_be_as_long_as_it_may_be_and_no_longer(void **state)
{
	static struct form form;
	static char body[FORM_OCTETS_MAX + 1];

	(void)state;
	memset(body, 'x', sizeof(body));
	body[1] = '=';
	assert_true(form_parse(&form, body, FORM_OCTETS_MAX));
	assert_int_equal(strlen(form_get(&form, "x")), FORM_OCTETS_MAX - 2);
	assert_false(form_parse(&form, body, FORM_OCTETS_MAX + 1));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_forms),
		cmocka_unit_test(test_as_many_fields_as_there_may_be_and_no_more),
		cmocka_unit_test(test_a_body_may_be_as_long_as_it_may_be_and_no_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
