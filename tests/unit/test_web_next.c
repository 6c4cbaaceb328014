/* links: web/next.c web/html.c web/uri.c */
/* test_web_next.c - where a list goes on: what was asked for, with the cursor of the rest. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "next.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct next_case {
	const char *name, *target, *link;
} cases[] = {
	{ "what had no query has one now", "/api/v1/ports",
	  "</api/v1/ports?cursor=9>; rel=\"next\"" },
	{ "an empty query is none", "/api/v1/ports?", "</api/v1/ports?cursor=9>; rel=\"next\"" },
	{ "filters stay as they were written", "/api/v1/ports?limit=2&exchange=demo%2dfra",
	  "</api/v1/ports?limit=2&exchange=demo%2dfra&cursor=9>; rel=\"next\"" },
	{ "the cursor takes the place of the one before", "/x?cursor=5&limit=2",
	  "</x?limit=2&cursor=9>; rel=\"next\"" },
	{ "a cursor that is written otherwise is one, too", "/x?curs%6fr=5&limit=2",
	  "</x?limit=2&cursor=9>; rel=\"next\"" },
	{ "a key that begins with it is none", "/x?cursors=5",
	  "</x?cursors=5&cursor=9>; rel=\"next\"" },
	{ "pairs of nothing are left out", "/x?&&limit=2&", "</x?limit=2&cursor=9>; rel=\"next\"" },
	{ "what would end the address is encoded", "/x?q=a>;\"b\\c",
	  "</x?q=a%3E;%22b%5Cc&cursor=9>; rel=\"next\"" },
	{ "what is no ASCII is encoded", "/x?q=\xc3\xbc", "</x?q=%C3%BC&cursor=9>; rel=\"next\"" },
	{ "a blank never stands in it", "/x?q=a b", "</x?q=a%20b&cursor=9>; rel=\"next\"" },
};

static void
check_case(void **state)
{
	const struct next_case *c = *state;
	char *link = next_link_dup(c->target, "9");

	assert_non_null(link);
	assert_string_equal(link, c->link);
	free(link);
}

static void
what_is_too_long_is_left_out(void **state)
{
	char target[NEXT_LINK_MAX + 2];

	(void)state;
	memset(target, 'a', sizeof(target) - 1);
	target[0] = '/';
	target[sizeof(target) - 1] = '\0';
	assert_null(next_link_dup(target, "9"));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)(uintptr_t)&cases[i] };
	tests[COUNT(cases)] = (struct CMUnitTest)cmocka_unit_test(what_is_too_long_is_left_out);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
