/* links: web/query.c web/query_keys.c web/uri.c base/units.c base/error.c base/model.c base/report_words.c */
/* test_web_query.c - what may stand behind the '?', and what is said of what may not. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "query.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ALL          (~(unsigned)ARG_FORM)

static const struct refused_case {
	const char *name;
	const char *text;
	unsigned allowed;
	const char *says; /* is part of the sentence */
} refused[] = {
	{ "an unknown key is named", "x=1", ALL, "unknown query key \"x\"" },
	{ "a key of another route is unknown, and those allowed are listed", "span=day",
	  ARG_FROM | ARG_TO, "allowed here: from, to" },
	{ "where no key is allowed, that is said", "a=1", 0, "none is allowed here" },
	{ "a repeated key is refused", "limit=1&limit=2", ALL, "\"limit\" is given twice" },
	{ "a span that is none is refused with what is allowed", "span=decade", ALL,
	  "day, week, month or year" },
	{ "a limit of nothing is refused", "limit=0", ALL, "1 to 1000" },
	{ "a limit beyond the most is refused", "limit=1001", ALL, "1 to 1000" },
	{ "a number with a sign is refused", "limit=+5", ALL, "1 to 1000" },
	{ "a number with something behind it is refused", "limit=5x", ALL, "1 to 1000" },
	{ "a width beyond the picture is refused", "width=2001", ALL, "100 to 2000" },
	{ "a height below the picture is refused", "height=59", ALL, "60 to 1000" },
	{ "a time that is none is refused", "from=yesterday", ALL, "RFC 3339" },
	{ "from after to is refused", "from=200&to=100", ALL, "\"from\" must be before \"to\"" },
	{ "from equal to to is refused", "from=100&to=100", ALL, "\"from\" must be before \"to\"" },
	{ "a range of more than 20 years is refused", "from=0&to=999999999", ALL, "20 years" },
	{ "a span beside a range is refused", "span=day&from=1", ALL, "not both" },
	{ "a state that is none is refused", "state=busy", ALL, "sustained" },
	{ "a broken escape is refused", "exchange=%zz", ALL, "wrongly encoded" },
	{ "an escaped NUL is refused", "exchange=a%00b", ALL, "wrongly encoded" },
	{ "an empty exchange is refused", "exchange=", ALL, "short name" },
	{ "an order that is none is refused", "sort=colour", ALL, "sampled" },
	{ "an order without a column is refused", "sort=-", ALL, "sampled" },
	{ "a key without a value is refused where there is no form", "state=", ARG_STATE,
	  "sustained" },
	{ "in a form, too, a key is given once", "q=a&q=b", ARG_TEXT | ARG_FORM, "given twice" },
	{ "in a form, too, an unknown key is named, empty or not", "x=", ARG_TEXT | ARG_FORM,
	  "unknown query key \"x\"" },
	{ "a text that is too long is refused",
	  "q=aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", ARG_TEXT,
	  "63 octets" },
	{ "an ASN of 0 is refused", "asn=0", ALL, "4294967295" },
	{ "an ASN beyond 32 bits is refused", "asn=4294967296", ALL, "4294967295" },
	{ "a cursor that is no number is refused", "cursor=abc", ALL, "next" },
	{ "a key too long to be one is refused",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa=1", ALL,
	  "too long" },
};

static void
check_refused(void **state)
{
	const struct refused_case *c = *state;
	struct error err = { 0 };
	struct query query;

	assert_false(query_parse(&query, c->text, c->allowed, &err));
	assert_int_equal(err.code, ERR_PARSE);
	if (strstr(err.text, c->says) == NULL)
		fail_msg("the sentence is \"%s\"", err.text);
}

static struct query
parsed(const char *text)
{
	struct error err = { 0 };
	struct query query;

	if (!query_parse(&query, text, ALL, &err))
		fail_msg("refused: %s", err.text);
	return query;
}

static void
defaults_without_a_query(void **state)
{
	const char *const none[] = { NULL, "", "&", "&&" };

	(void)state;
	for (size_t i = 0; i < COUNT(none); i++) {
		struct query query = parsed(none[i]);

		assert_int_equal(query.has, 0);
		assert_int_equal(query.limit, QUERY_LIMIT_MAX);
		assert_int_equal(query.page, 1);
		assert_int_equal(query.span, SPAN_DAY);
		assert_false(query.dark);
	}
}

static void
a_picture_is_described(void **state)
{
	struct query query = parsed("span=month&width=900&height=300&theme=dark");

	(void)state;
	assert_int_equal(query.has, ARG_SPAN | ARG_WIDTH | ARG_HEIGHT | ARG_THEME);
	assert_int_equal(query.span, SPAN_MONTH);
	assert_int_equal(query.width_px, 900);
	assert_int_equal(query.height_px, 300);
	assert_true(query.dark);
}

static void
a_list_is_described(void **state)
{
	struct query query = parsed("sort=-in&q=Example%20Net&agent=edge1");

	(void)state;
	assert_int_equal(query.sort, SORT_IN);
	assert_true(query.descending);
	assert_string_equal(query.text, "Example Net");
	assert_string_equal(query.agent, "edge1");
	assert_false(parsed("sort=capacity").descending);
}

static void
what_a_form_leaves_empty_is_not_asked_for(void **state)
{
	unsigned allowed = ARG_TEXT | ARG_STATE | ARG_EXCHANGE | ARG_ASN | ARG_FORM;
	struct error err;
	struct query query;

	(void)state;
	assert_true(query_parse(&query, "q=&asn=&state=hot&exchange=", allowed, &err));
	assert_int_equal(query.has, ARG_STATE);
	assert_int_equal(query.state, STATE_HOT);
}

static void
times_in_both_forms(void **state)
{
	/* the last one's '+' came as it is, and is a blank by the rules of forms */
	const char *const same[] = {
		"from=1795400000&to=1795403600",
		"from=2026-11-23T02:13:20Z&to=2026-11-23T03:13:20Z",
		"from=2026-11-23T03%3A13%3A20%2B01%3A00&to=2026-11-23T03:13:20Z",
		"from=2026-11-23T03:13:20+01:00&to=2026-11-23T03:13:20Z"
	};

	(void)state;
	for (size_t i = 0; i < COUNT(same); i++) {
		struct query query = parsed(same[i]);

		assert_int_equal(query.from_utc_sec, 1795400000);
		assert_int_equal(query.to_utc_sec, 1795403600);
	}
}

static void
a_step_in_both_forms(void **state)
{
	(void)state;
	assert_int_equal(parsed("step=300").step_sec, 300);
	assert_int_equal(parsed("step=5m").step_sec, 300);
}

static void
filters_are_read(void **state)
{
	struct query query =
	    parsed("exchange=demo%2Dfra&state=sustained&asn=4294967295&open=true&cursor=17&port=3");

	(void)state;
	assert_string_equal(query.exchange, "demo-fra");
	assert_int_equal(query.state, STATE_SUSTAINED);
	assert_int_equal(query.asn, UINT32_MAX);
	assert_true(query.open);
	assert_int_equal(query.cursor, 17);
	assert_int_equal(query.port_id, 3);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(refused) + 7] = {
		cmocka_unit_test(defaults_without_a_query),
		cmocka_unit_test(a_picture_is_described),
		cmocka_unit_test(a_list_is_described),
		cmocka_unit_test(what_a_form_leaves_empty_is_not_asked_for),
		cmocka_unit_test(times_in_both_forms),
		cmocka_unit_test(a_step_in_both_forms),
		cmocka_unit_test(filters_are_read),
	};

	for (size_t i = 0; i < COUNT(refused); i++)
		tests[i + 7] = (struct CMUnitTest) { refused[i].name, check_refused, NULL, NULL,
						     (void *)&refused[i] };
	return cmocka_run_group_tests_name("web query", tests, NULL, NULL);
}
