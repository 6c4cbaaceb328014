/* links: base/pattern.c base/units.c base/decimal.c base/error.c */
/* pkgs: libpcre2-8 */
/* test_pattern.c - which ifAlias is a port, whose it is, and that no expression and no alias does harm. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "base/pattern.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

#define SAMPLE "AS(?<asn>[0-9]+) +(?<peer>[^|]+)"

static const struct match_case {
	const char *name;
	const char *pattern, *alias;
	enum pattern_outcome outcome;
	uint32_t asn;
	const char *peer;
} match_cases[] = {
	{ "groups asn and peer say whose port it is", SAMPLE, "AS64500 ExampleNet", PATTERN_MATCHED,
	  64500, "ExampleNet" },
	{ "it may stand anywhere in the alias", SAMPLE, "peering: AS64500  ExampleNet",
	  PATTERN_MATCHED, 64500, "ExampleNet" },
	{ "blanks around the peer's name are cut off", SAMPLE, "AS64500 ExampleNet   | circuit 7",
	  PATTERN_MATCHED, 64500, "ExampleNet" },
	{ "an alias that does not match is no port", SAMPLE, "transit: AS-EXAMPLE",
	  PATTERN_NO_MATCH, 0, "" },
	{ "an empty alias does not match", SAMPLE, "", PATTERN_NO_MATCH, 0, "" },
	{ "a port may have no peer", "^IXP ", "IXP fabric", PATTERN_MATCHED, 0, "" },
	{ "a group that takes no part says nothing", "IXP(?: AS(?<asn>\\d+))?", "IXP",
	  PATTERN_MATCHED, 0, "" },
	{ "group peer alone is enough", "^p:(?<peer>.*)$", "p: Example", PATTERN_MATCHED, 0,
	  "Example" },
	{ "the largest AS number is 32 bits wide", "(?<asn>\\d+)", "4294967295", PATTERN_MATCHED,
	  4294967295U, "" },
	{ "what is above 32 bits is no AS number", "(?<asn>\\d+)", "4294967296", PATTERN_MATCHED, 0,
	  "" },
	{ "AS 0 is no AS number", "(?<asn>\\d+)", "AS0", PATTERN_MATCHED, 0, "" },
	{ "what is no number is no AS number", "(?<asn>\\w+)", "AS64500", PATTERN_MATCHED, 0, "" },
	{ "a number of a thousand digits is no AS number", "(?<asn>[0-9x]+)",
	  "00000000000000000000000000000000000000000000000000000064500", PATTERN_MATCHED, 0, "" },
	{ "of two groups of one name the one that takes part counts",
	  "(?J)AS(?<asn>\\d+)|PEER-(?<asn>\\d+)", "PEER-65551", PATTERN_MATCHED, 65551, "" },
	{ "UTF-8 is taken as characters", "^(?<peer>.{6})$", "Zürich", PATTERN_MATCHED, 0,
	  "Zürich" },
	{ "octets that are no UTF-8 do not hide the rest", SAMPLE, "\xff\xfe AS64500 Example",
	  PATTERN_MATCHED, 64500, "Example" },
	{ "control characters do not get into a name", "(?<peer>b.*)", "a b\x1b[31mc",
	  PATTERN_MATCHED, 0, "b\xef\xbf\xbd[31mc" },
	{ "an expression that backtracks for ever is given up", "^(a+)+$",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", PATTERN_GAVE_UP, 0,
	  "" },
	{ "a recursion without end is given up", "^(?<peer>(?:a(?&peer))*b*)*[cd]$",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
	  "aaaa",
	  PATTERN_GAVE_UP, 0, "" },
	{ "the expression cannot raise its own limits", "(*LIMIT_MATCH=4000000000)^(a+)+$",
	  "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!", PATTERN_GAVE_UP, 0,
	  "" },
};

static void
check_match(void **state)
{
	const struct match_case *c = *state;
	struct pattern *pattern;
	struct pattern_port port;
	struct error err = { 0 };

	if (!pattern_compile(&pattern, c->pattern, &err))
		fail_msg("%s", err.text);
	enum pattern_outcome outcome = pattern_match(pattern, c->alias, strlen(c->alias), &port);
	assert_int_equal(outcome, c->outcome);
	assert_int_equal(port.asn, c->asn);
	if (c->outcome == PATTERN_MATCHED && strstr(c->name, "control") == NULL)
		assert_string_equal(port.peer, c->peer);
	for (const char *at = port.peer; *at != '\0'; at++)
		assert_true((unsigned char)*at >= ' ');
	pattern_free(pattern);
}

static const struct refusal_case {
	const char *name;
	const char *pattern, *sentence;
} refusal_cases[] = {
	{ "an error says where it is", "AS(?<asn>[0-9]+",
	  "at character 16: missing closing parenthesis" },
	{ "a group named twice is an error", "(?<asn>1)(?<asn>2)",
	  "two named subpatterns have the same name" },
	{ "an expression that is no UTF-8 is an error", "a\xff", "UTF-8" },
	{ "\\C, which splits characters, is an error", "a\\Cb", "\\C" },
	{ "endless nesting is an error",
	  "((((((((((((((((((((((((((((((((((((((((((((((((((((((((((a)))))))))))))))))))))))))))))"
	  ")))))))))))))))"
	  "))))))))))))))",
	  "too deeply nested" },
};

static void
check_refusal(void **state)
{
	const struct refusal_case *c = *state;
	struct pattern *pattern = NULL;
	struct error err = { 0 };

	assert_false(pattern_compile(&pattern, c->pattern, &err));
	if (strstr(err.text, c->sentence) == NULL)
		fail_msg("%s", err.text);
}

static void
a_pattern_that_is_too_long_is_refused(void **state)
{
	char text[PATTERN_TEXT_MAX + 2];
	struct pattern *pattern;
	struct error err;

	(void)state;
	memset(text, 'a', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	assert_false(pattern_compile(&pattern, text, &err));
	text[PATTERN_TEXT_MAX] = '\0';
	assert_true(pattern_compile(&pattern, text, &err));
	pattern_free(pattern);
}

static void
an_alias_may_hold_nul_octets_and_be_long(void **state)
{
	static const char nul[] = "x\0AS64500 Example\0y";
	struct pattern *pattern;
	struct pattern_port port;
	size_t len = 1 << 20;
	char *alias = malloc(len);

	(void)state;
	assert_true(pattern_compile(&pattern, SAMPLE, NULL));
	assert_int_equal(pattern_match(pattern, nul, sizeof(nul) - 1, &port), PATTERN_MATCHED);
	assert_int_equal(port.asn, 64500);
	memset(alias, 'p', len);
	memcpy(alias, "AS64501 ", 8);
	assert_int_equal(pattern_match(pattern, alias, len, &port), PATTERN_MATCHED);
	assert_int_equal(port.asn, 64501);
	assert_int_equal(strlen(port.peer), sizeof(port.peer) - 1);
	pattern_free(pattern);
	free(alias);
	pattern_free(NULL);
}

/* A cut name ends with a whole character. */
static void
a_long_name_is_cut_at_a_character(void **state)
{
	char alias[400] = "x";
	struct pattern *pattern;
	struct pattern_port port;

	(void)state;
	for (size_t i = 0; i < 150; i++)
		strcat(alias, "ü");
	assert_true(pattern_compile(&pattern, "(?<peer>.*)", NULL));
	assert_int_equal(pattern_match(pattern, alias, strlen(alias), &port), PATTERN_MATCHED);
	assert_int_equal(strlen(port.peer), sizeof(port.peer) - 1);
	assert_memory_equal(port.peer + sizeof(port.peer) - 3, "ü", 2);
	pattern_free(pattern);
}

static void
giving_up_takes_less_than_a_tenth_of_a_second(void **state)
{
	struct pattern *pattern;
	struct pattern_port port;
	char alias[4000];
	clock_t start = clock();

	(void)state;
	memset(alias, 'a', sizeof(alias));
	assert_true(pattern_compile(&pattern, "(((a*)*)*)*[bc]", NULL));
	assert_int_equal(pattern_match(pattern, alias, sizeof(alias), &port), PATTERN_GAVE_UP);
	assert_true((double)(clock() - start) / CLOCKS_PER_SEC < 0.1);
	pattern_free(pattern);
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(a_pattern_that_is_too_long_is_refused),
		cmocka_unit_test(an_alias_may_hold_nul_octets_and_be_long),
		cmocka_unit_test(a_long_name_is_cut_at_a_character),
		cmocka_unit_test(giving_up_takes_less_than_a_tenth_of_a_second),
	};
	struct CMUnitTest matches[COUNT(match_cases)], refusals[COUNT(refusal_cases)];

	for (size_t i = 0; i < COUNT(match_cases); i++)
		matches[i] = (struct CMUnitTest) { match_cases[i].name, check_match, NULL, NULL,
						   (void *)&match_cases[i] };
	for (size_t i = 0; i < COUNT(refusal_cases); i++)
		refusals[i] = (struct CMUnitTest) { refusal_cases[i].name, check_refusal, NULL,
						    NULL, (void *)&refusal_cases[i] };
	return cmocka_run_group_tests_name("pattern match", matches, NULL, NULL) +
	       cmocka_run_group_tests_name("pattern refusals", refusals, NULL, NULL) +
	       cmocka_run_group_tests_name("pattern", others, NULL, NULL);
}
