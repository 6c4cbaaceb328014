/* links: base/log_body.c */
/* test_log_body.c - the words of a log line: as printf's, and no text from outside ends its own quotation. */
#include <inttypes.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "base/log_body.h"

static char said[200];

static size_t body(size_t size, const char *format, ...) __attribute__((format(printf, 2, 3)));

static size_t
body(size_t size, const char *format, ...)
{
	va_list args;

	memset(said, '#', sizeof(said));
	va_start(args, format);
	size_t len = log_body(said, size, format, args);
	va_end(args);
	assert_true(len < size);
	assert_int_equal(strlen(said), len);
	assert_int_equal(said[len + 1], '#');
	return len;
}

#define SAYS(want, ...) (body(sizeof(said) - 1, __VA_ARGS__), assert_string_equal(said, want))

static void
text_between_quotation_marks_cannot_end_them(void **state)
{
	const char *reply = "550 no\" event=sent code=\"250", *path = "C:\\\"";
	const char *volatile none = NULL;

	(void)state;
	SAYS("reply=\"550 no\\\" event=sent code=\\\"250\"", "reply=\"%s\"", reply);
	SAYS("a=\"C:\\\\\\\"\" b=\"x\"", "a=\"%s\" b=\"%s\"", path, "x");
	SAYS("a=\"\\\"\\\"\"", "a=\"%.2s\"", "\"\"\"");
	SAYS("a=\"55\"", "a=\"%.*s\"", 2, reply);
	SAYS("a=\"(none)\" b", "a=\"%s\" %s", none, "b");
	/* wherever between them it stands */
	SAYS("a=\"1 of x\\\"y\" b=x\"y", "a=\"%d of %s\" b=%s", 1, "x\"y", "x\"y");
	SAYS("a=\"p\\\"q, x\\\"y\" c=z", "a=\"%s, %s\" c=%s", "p\"q", "x\"y", "z");
	/* what the house itself says is as it is */
	SAYS("event=sent x=\"1\" ", "%s x=\"%s\" %s", "event=sent", "1", "");
	SAYS("key=\"a\"", "key=%s", "\"a\"");
}

static void
conversions_are_those_of_printf(void **state)
{
	char want[200];

	(void)state;
#define AS_PRINTF(...) (snprintf(want, sizeof(want), __VA_ARGS__), SAYS(want, __VA_ARGS__))
	AS_PRINTF("plain");
	AS_PRINTF("100%% of %d, %i, %u, %c, %x", -5, INT32_MIN, UINT32_MAX, 'z', 0xbeefu);
	AS_PRINTF("%lld %llu %ld %lu %zu", INT64_C(-9000000000000000000) + 0LL, UINT64_MAX + 0ULL,
		  -1L, ~0UL, SIZE_MAX);
	AS_PRINTF("%" PRId64 " %" PRIu64 " %" PRIu32, INT64_MIN, UINT64_MAX, UINT32_MAX);
	AS_PRINTF("%.1f %.15g %g %5d|%-5d|%05d %.3s %.32s", 97.25, 0.1, 1e300, 7, 7, 7, "abcdef",
		  "ab");
	AS_PRINTF("%s%s=%lld", "po", "rt", 12LL);
}

static void
what_does_not_fit_is_cut(void **state)
{
	(void)state;
	assert_int_equal(body(1, "%s", "abc"), 0);
	assert_int_equal(body(5, "ab%s", "cdef"), 4);
	assert_string_equal(said, "abcd");
	assert_int_equal(body(5, "ab%d!", 123456), 4);
	assert_string_equal(said, "ab12");
	assert_int_equal(body(6, "a=\"%s\"", "\"\"\"\""), 5);
	assert_string_equal(said, "a=\"\\\"");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_between_quotation_marks_cannot_end_them),
		cmocka_unit_test(conversions_are_those_of_printf),
		cmocka_unit_test(what_does_not_fit_is_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
