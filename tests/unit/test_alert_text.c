/* links: notify/alert_text.c base/alert_words.c base/model.c base/units.c base/decimal.c base/error.c */
/* test_alert_text.c - alerts in plain words. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "notify/alert_text.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0           INT64_C(1795403600) /* 2026-11-23T03:13:20Z */

static const struct text_case {
	const char *name;
	enum alert_kind kind;
	enum alert_scope scope;
	uint32_t asn;
	const char *peer;
	double peak;
	bool ended;
	size_t count;
	const char *want;
} cases[] = {
	{ "what, which way, who, since when", ALERT_SATURATED, ALERT_OF_PORT, 64500, "ExampleNet",
	  0.984, false, 1, "[ix] SATURATED 98% out fra AS64500 ExampleNet since 03:13Z" },
	{ "how many more there are", ALERT_SATURATED, ALERT_OF_PORT, 64500, "Ex", 0.984, false, 480,
	  "[ix] SATURATED 98% out fra AS64500 Ex since 03:13Z +479" },
	{ "a port of nobody known is called by its name", ALERT_REDUCED, ALERT_OF_PORT, 0, "", 0.5,
	  false, 1, "[ix] REDUCED CAPACITY 50% fra edge1/xe-0 since 03:13Z" },
	{ "an end says when", ALERT_CONGESTION, ALERT_OF_PORT, 64500, "Ex", NAN, true, 1,
	  "[ix] CONGESTION out fra AS64500 Ex ended 04:13Z" },
	{ "an agent", ALERT_AGENT_UNREACHABLE, ALERT_OF_AGENT, 0, "", NAN, false, 1,
	  "[ix] AGENT UNREACHABLE fra edge1 since 03:13Z" },
	{ "an exchange", ALERT_EXCHANGE_UNREACHABLE, ALERT_OF_EXCHANGE, 0, "", NAN, false, 1,
	  "[ix] EXCHANGE UNREACHABLE fra since 03:13Z" },
	{ "a connection", ALERT_ROUTINE, ALERT_OF_CONNECTION, 64500, "", NAN, false, 1,
	  "[ix] ROUTINE out fra AS64500 since 03:13Z" },
	{ "a name that is too long gives way", ALERT_SATURATED, ALERT_OF_PORT, 64500,
	  "A Name That Goes On And On And On And On And On", 1, false, 1,
	  "[ix] SATURATED 100% out fra AS64500 A Name That since 03:13Z" },
	{ "and never in the middle of a character", ALERT_SATURATED, ALERT_OF_PORT, 64500,
	  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4",
	  1, false, 1,
	  "[ix] SATURATED 100% out fra AS64500 "
	  "\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4\xc3\xa4"
	  " since 03:13Z" },
};

static size_t
characters(const char *text)
{
	size_t count = 0;

	for (; *text != '\0'; text++)
		count += ((unsigned char)*text & 0xc0) != 0x80;
	return count;
}

static void
check_case(void **state)
{
	const struct text_case *c = *state;
	struct ledger_alert alert = { .id = 12,
				      .subject = { .kind = c->kind,
						   .scope = c->scope,
						   .id = 7,
						   .direction = DIRECTION_OUT,
						   .exchange = "fra",
						   .agent = "edge1",
						   .asn = c->asn },
				      .began_utc_sec = T0,
				      .until_utc_sec = c->ended ? T0 + 3600 : 0,
				      .ended_utc_sec = c->ended ? T0 + 4500 : 0,
				      .peak = c->peak };
	struct alert_text_line *lines = calloc(c->count, sizeof(*lines));
	char *subject, *text;

	for (size_t i = 0; i < c->count; i++)
		lines[i] = (struct alert_text_line) { .alert = &alert,
						      .interface = "xe-0",
						      .peer = c->peer,
						      .what = c->ended ? TOLD_RECOVERY : TOLD_ALERT,
						      .runbook = "" };
	lines[0].runbook = "call them";
	assert_true(alert_text(lines, c->count, "http://ix.example", &subject, &text));
	assert_string_equal(subject, c->want);
	assert_true(characters(subject) <= ALERT_SUBJECT_MAX);
	assert_non_null(strstr(text, "since 2026-11-23T03:13:20Z"));
	assert_non_null(strstr(text, "  call them\n"));
	assert_int_equal(strstr(text, "ended 2026-11-23T04:13:20Z") != NULL, c->ended);
	assert_int_equal(strstr(text, "ack add --alert 12") != NULL, !c->ended);
	assert_int_equal(strstr(text, "And 430 more") != NULL, c->count == 480);
	assert_int_equal(strstr(text, "http://ix.example/ports/7\n") != NULL,
			 c->scope == ALERT_OF_PORT);
	assert_int_equal(strstr(text, "port fra/edge1/xe-0\n") != NULL, c->scope == ALERT_OF_PORT);
	free(subject);
	free(text);
	free(lines);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
