/* links: report_compare.c base/json.c base/model.c base/units.c base/error.c */
/* pkgs: jansson */
/* test_report_compare.c - when a closed week is another one, and how that is said. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "report_compare.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* A letter of one connection. */
#define HEAD                                                                                       \
	"{\"made\": \"2026-11-23T08:00:00Z\", \"edition\": 1, \"verdict\": \"none\", "             \
	"\"connections\": ["
#define PORT(out)                                                                                  \
	"{\"exchange\": \"fra\", \"asn\": 64500, \"kind\": \"member\", \"capacity_bps\": 1e10,"    \
	" \"graph\": \"a.png\", \"directions\": {\"out\": {" out "}}}"
#define TAIL        "]}"
#define LETTER(out) HEAD PORT(out) TAIL
#define LONDON      "{\"exchange\": \"lon\", \"asn\": 64500, \"kind\": \"member\", \"directions\": {}}"

static const struct compare_case {
	const char *name, *before, *now;
	const char *says; /* NULL: they are the same */
} cases[] = {
	{ "the same is the same", LETTER("\"p95_utilisation\": 0.5"),
	  LETTER("\"p95_utilisation\": 0.5"), NULL },
	{ "the last digits of a finer history are no change", LETTER("\"p95_utilisation\": 0.5"),
	  LETTER("\"p95_utilisation\": 0.50000000001"), NULL },
	{ "when it was made, and which edition it is, is no measurement",
	  "{\"made\": \"a\", \"edition\": 1, \"corrects\": null, \"notice\": null, "
	  "\"connections\": []}",
	  "{\"made\": \"b\", \"edition\": 2, \"corrects\": \"x\", \"notice\": {\"number\": 1}, "
	  "\"connections\": []}",
	  NULL },
	{ "a figure that changed is told with both", LETTER("\"p95_utilisation\": 0.912"),
	  LETTER("\"p95_utilisation\": 0.934"),
	  "at fra, towards you: 95th percentile was given as 91.2% and is 93.4%" },
	{ "what was unknown and is known", LETTER("\"peak_utilisation\": null"),
	  LETTER("\"peak_utilisation\": 0"),
	  "at fra, towards you: peak was given as unknown and is 0.0%" },
	{ "minutes are whole", LETTER("\"minutes_90\": 5"), LETTER("\"minutes_90\": 1000"),
	  "at fra, towards you: minutes at 90% was given as 5 and is 1000" },
	{ "another verdict", LETTER("\"verdict\": \"insufficient data\""),
	  LETTER("\"verdict\": \"routine\""),
	  "at fra, towards you: verdict was given as insufficient data and is routine" },
	{ "days and episodes are counted",
	  LETTER("\"days\": [{\"state\": \"unknown\"}, {\"state\": \"clean\"}], \"episodes\": []"),
	  LETTER("\"days\": [{\"state\": \"congested\"}, {\"state\": \"clean\"}], \"episodes\": "
		 "[{\"minutes\": 60}]"),
	  "at fra, towards you: 1 of the 28 days are told otherwise; "
	  "at fra, towards you: 0 episodes were listed and there are 1" },
	{ "a connection that was missing", HEAD PORT("") TAIL, HEAD PORT("") "," LONDON TAIL,
	  "at lon: it was missing" },
	{ "a connection too many", HEAD PORT("") "," LONDON TAIL, HEAD PORT("") TAIL,
	  "at lon: it should not have been told of" },
	{ "a member that only one has is a difference, told as a detail",
	  LETTER("\"layer2\": false"), LETTER("\"layer2\": true"), "details beside the figures" },
};

static struct json *
parse(const char *text)
{
	struct json *root = NULL;
	struct error err = { 0 };

	if (!json_parse(&root, text, strlen(text), &err))
		fail_msg("%s: %s", text, err.text);
	return root;
}

static void
check_case(void **state)
{
	const struct compare_case *c = *state;
	struct json *before = parse(c->before), *now = parse(c->now);
	char told[512];

	assert_int_equal(report_facts_differ(before, now), c->says != NULL);
	assert_int_equal(report_facts_differ(now, before), c->says != NULL);
	if (c->says != NULL)
		assert_string_equal(report_facts_tell_changes(told, sizeof(told), before, now),
				    c->says);
	json_free(before);
	json_free(now);
}

static void
what_does_not_fit_is_left_out_whole(void **state)
{
	struct json *before = parse(LETTER("\"p95_utilisation\": 0.1, \"peak_utilisation\": 0.2")),
		    *now = parse(LETTER("\"p95_utilisation\": 0.3, \"peak_utilisation\": 0.4"));
	char told[80];

	(void)state;
	assert_string_equal(report_facts_tell_changes(told, sizeof(told), before, now),
			    "at fra, towards you: 95th percentile was given as 10.0% and is 30.0%");
	json_free(before);
	json_free(now);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 1];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	tests[COUNT(cases)] =
	    (struct CMUnitTest)cmocka_unit_test(what_does_not_fit_is_left_out_whole);
	return cmocka_run_group_tests_name("compare", tests, NULL, NULL);
}
