/* links: web/html.c */
/* test_web_html.c - what is put into a page is escaped, whatever it is. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>

#include "html.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct text_case {
	const char *name;
	const char *text, *element, *segment;
} cases[] = {
	{ "plain text stays", "ExampleNet 10G", "ExampleNet 10G", "ExampleNet%2010G" },
	{ "a tag is no tag", "<script>alert(1)</script>", "&lt;script&gt;alert(1)&lt;/script&gt;",
	  "%3Cscript%3Ealert%281%29%3C%2Fscript%3E" },
	{ "an attribute is not ended", "\" onload='x'", "&quot; onload=&#39;x&#39;",
	  "%22%20onload%3D%27x%27" },
	{ "an entity is not one", "&lt;", "&amp;lt;", "%26lt%3B" },
	{ "a percent sign is no format", "50% %s %n", "50% %s %n", "50%25%20%25s%20%25n" },
	{ "other scripts stay", "M\xc3\xbcnchen", "M\xc3\xbcnchen", "M%C3%BCnchen" },
	{ "nothing is nothing", "", "", "" },
	{ "only escapes", "<<>>", "&lt;&lt;&gt;&gt;", "%3C%3C%3E%3E" },
};

static void
assert_written(struct html *html, const char *want)
{
	size_t len = 0;
	char *text = html_take(html, &len);

	assert_non_null(text);
	assert_string_equal(text, want);
	assert_int_equal(len, strlen(want));
	free(text);
}

static void
check_text(void **state)
{
	const struct text_case *c = *state;
	struct html html;

	html_init(&html);
	html_text(&html, c->text);
	assert_written(&html, c->element);
	html_put(&html, "%s", c->text);
	assert_written(&html, c->element);
	html_segment(&html, c->text);
	assert_written(&html, c->segment);
	html_raw(&html, c->text);
	assert_written(&html, c->text);
}

static void
values_are_put_in_place(void **state)
{
	struct html html;

	(void)state;
	html_init(&html);
	html_put(&html,
		 "<a href=\"/x?a=1&amp;b=%d\" title=\"%s\">%.1f%% of %lld, %u, %zu, %05d|%-4d|</a>",
		 -3, "a\"b", 93.14159, 9007199254740993LL, 4294967295U, (size_t)7, 42, 5);
	assert_written(&html, "<a href=\"/x?a=1&amp;b=-3\" title=\"a&quot;b\">93.1% of "
			      "9007199254740993, 4294967295, 7, "
			      "00042|5   |</a>");
}

static void
a_long_page_is_whole(void **state)
{
	struct html html;
	size_t len;

	(void)state;
	html_init(&html);
	for (int i = 0; i < 100000; i++)
		html_put(&html, "%s%d;", "<", i % 10);
	char *text = html_take(&html, &len);
	assert_non_null(text);
	assert_int_equal(len, 600000);
	assert_memory_equal(text + len - 12, "&lt;8;&lt;9;", 12);
	free(text);
}

static void
an_empty_page_is_a_text(void **state)
{
	struct html html;

	(void)state;
	html_init(&html);
	assert_written(&html, "");
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3] = {
		cmocka_unit_test(values_are_put_in_place),
		cmocka_unit_test(a_long_page_is_whole),
		cmocka_unit_test(an_empty_page_is_a_text),
	};

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i + 3] = (struct CMUnitTest) { cases[i].name, check_text, NULL, NULL,
						     (void *)&cases[i] };
	return cmocka_run_group_tests_name("web html", tests, NULL, NULL);
}
