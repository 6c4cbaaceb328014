/* links: web/headers.c */
/* test_web_headers.c - headers that say a thing twice or unclearly are wrong; all others are not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <string.h>

#include "headers.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct headers_case {
	const char *name;
	const char *headers[4][2]; /* up to a name that is NULL */
	const char *wrong;         /* part of the reason; NULL: they are fine */
	bool has_body;
} cases[] = {
	{ "none", { { NULL } }, NULL, false },
	{ "what a browser sends",
	  { { "Host", "a" }, { "Accept-Encoding", "gzip" }, { "Sec-Fetch-Mode", "cors" } },
	  NULL,
	  false },
	{ "a length", { { "content-length", "5" } }, NULL, true },
	{ "a length of nothing", { { "Content-Length", "0" } }, NULL, false },
	{ "an encoding", { { "TRANSFER-ENCODING", "chunked" } }, NULL, true },
	{ "a length beside an encoding",
	  { { "Content-Length", "5" }, { "Transfer-Encoding", "chunked" } },
	  "how long",
	  true },
	{ "two lengths",
	  { { "Content-Length", "5" }, { "Content-Length", "5" } },
	  "how long",
	  true },
	{ "two encodings",
	  { { "Transfer-Encoding", "chunked" }, { "transfer-encoding", "identity" } },
	  "how long",
	  true },
	{ "an encoding on another line", { { "Transfer-Encodingchunked", "" } }, "goes on", false },
	{ "half of one", { { "transfer-encodingked", "chun" } }, "goes on", false },
	{ "a length on another line", { { "Content-Length5", NULL } }, "goes on", false },
	{ "a line that goes on and has a colon", { { "Xmore: b", "val" } }, "goes on", false },
	{ "a blank before a name", { { " Foo", "b" } }, "goes on", false },
	{ "no name", { { "", "b" } }, "goes on", false },
	{ "a control character in a name", { { "a\x0b", "b" } }, "goes on", false },
	{ "letters beyond ASCII in a name", { { "j\xc3\xb6", "b" } }, "goes on", false },
	{ "every letter that a name may have", { { "!#$%&'*+-.^_`|~09AZaz", "b" } }, NULL, false },
	{ "names that begin alike",
	  { { "Content-Len", "1" }, { "Transfer", "x" }, { "Content-Type", "y" } },
	  NULL,
	  false },
	{ "two hosts", { { "Host", "a" }, { "host", "a" } }, "more than one Host", false },
	{ "two authorizations",
	  { { "Authorization", "Basic a" }, { "authorization", "Bearer b" } },
	  "Authorization",
	  false },
	{ "two origins", { { "Origin", "a" }, { "Origin", "b" } }, "Origin", false },
	{ "two of what may be there twice",
	  { { "Accept", "a" }, { "Accept", "b" }, { "X-Forwarded-For", "1" } },
	  NULL,
	  false },
};

static void
check_case(void **state)
{
	const struct headers_case *c = *state;
	struct headers headers = { 0 };

	for (size_t i = 0; i < COUNT(c->headers) && c->headers[i][0] != NULL; i++)
		headers_take(&headers, c->headers[i][0], c->headers[i][1]);
	const char *wrong = headers_wrong(&headers);
	assert_int_equal(wrong != NULL, c->wrong != NULL);
	if (wrong != NULL)
		assert_non_null(strstr(wrong, c->wrong));
	assert_int_equal(headers.has_body, c->has_body);
}

static void
test_the_last_of_what_a_proxy_adds_counts(void **state)
{
	struct headers headers = { 0 };

	(void)state;
	headers_take(&headers, "X-Forwarded-For", "192.0.2.1");
	headers_take(&headers, "x-forwarded-for", "192.0.2.2");
	assert_string_equal(headers.forwarded, "192.0.2.2");
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1] = {
		cmocka_unit_test(test_the_last_of_what_a_proxy_adds_counts),
	};
	size_t count = 1;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[count++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						       (void *)(uintptr_t)&cases[i] };
	return cmocka_run_group_tests_name("headers", tests, NULL, NULL);
}
