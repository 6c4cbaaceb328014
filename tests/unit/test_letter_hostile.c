/* links: notify/letter.c notify/letter_coordinator.c notify/letter_csv.c notify/letter_decide.c notify/letter_entries.c notify/letter_episodes.c notify/letter_facts.c notify/letter_foot.c notify/letter_head.c notify/letter_help.c notify/letter_html.c notify/letter_mail.c notify/letter_measure.c notify/letter_page.c notify/letter_read.c notify/letter_read_connection.c notify/letter_read_side.c notify/letter_strip.c notify/letter_template.c notify/letter_template_check.c notify/letter_text.c notify/letter_why.c notify/letter_words.c notify/message_page.c base/detector_settings.c base/decimal_text.c base/json.c base/model.c base/units.c base/error.c */
/* pkgs: jansson */
/* test_letter_hostile.c - facts that a letter may not be made of are refused, each with a sentence; and texts from outside,
 * whatever they are, make no header, line, tag, directive or link of their own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "letter_cases.h"
#include "notify/letter.h"
#include "notify/message_page.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* text with each `from` replaced; caller frees. */
static char *
replaced(const char *text, const char *from, const char *to)
{
	char *out = NULL;
	size_t len;
	FILE *file = open_memstream(&out, &len);

	for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
		fwrite(text, 1, (size_t)(at - text), file);
		fputs(to, file);
	}
	fputs(text, file);
	fclose(file);
	return out;
}

/* --- what is refused --- */

static const struct refused_case {
	const char *name, *facts, *from, *to;
	enum error_code code;
	const char *want;
} refused_cases[] = {
	{ "a shared port", "well", "\"kind\": \"member\"", "\"kind\": \"shared\"", ERR_REFUSED,
	  "facts: connections[0].kind: nothing leaves the house" },
	{ "one of the core", "well", "\"kind\": \"member\"", "\"kind\": \"core\"", ERR_REFUSED,
	  "facts: connections[0].kind: nothing leaves the house" },
	{ "a peer's share of a shared port", "well", "\"kind\": \"member\"",
	  "\"kind\": \"peer-share\"", ERR_REFUSED,
	  "facts: connections[0].kind: nothing leaves the house" },
	{ "a port without a kind", "well", "\"kind\": \"member\"", "\"kind\": \"\"", ERR_REFUSED,
	  "facts: connections[0].kind: nothing leaves the house" },
	{ "a shared port in an overview", "overview", "\"kind\": \"pni\"", "\"kind\": \"shared\"",
	  ERR_REFUSED, "facts: connections[6].kind: nothing leaves the house" },
	{ "another network's port", "two_zones", "\"asns\": [64500, 64501]", "\"asns\": [64501]",
	  ERR_REFUSED, "facts: connections[0].asn: is of another network" },
	{ "a request without a proof", "well", "\"purpose\": \"information\"",
	  "\"purpose\": \"request\"", ERR_REFUSED,
	  "facts: purpose: a request, of which the facts prove nothing" },
	{ "a language without words", "well", "\"language\": \"en\"", "\"language\": \"tlh\"",
	  ERR_REFUSED, "facts: language: there are no words in \"tlh\"" },
	{ "another version of the facts", "well", "\"version\": 1", "\"version\": 2", ERR_PARSE,
	  "facts: version: is no whole number that can be" },
	{ "a correction that does not say of what", "correction", "\"corrects\": \"",
	  "\"correct\": \"", ERR_PARSE, "facts: corrects: is missing" },
	{ "a share above 1", "well", "\"known_share\": 0.9987", "\"known_share\": 1.01", ERR_PARSE,
	  "facts: connections[0].out.known_share: is negative, or larger" },
	{ "a negative figure", "well", "\"minutes_95\": 0", "\"minutes_95\": -1", ERR_PARSE,
	  "facts: connections[0].in.minutes_95: is negative" },
	{ "a text instead of a figure", "well", "\"known_share\": 0.9987",
	  "\"known_share\": \"all\"", ERR_PARSE,
	  "facts: connections[0].out.known_share: is no number" },
	{ "a verdict that is none", "well", "\"verdict\": \"none\"", "\"verdict\": \"guilty\"",
	  ERR_PARSE, "facts: verdict: is no verdict" },
	{ "a date that does not exist", "routine", "\"verdict_since\": \"2026-10-27\"",
	  "\"verdict_since\": \"2026-02-30\"", ERR_PARSE,
	  "facts: connections[0].out.verdict_since: is no date" },
	{ "a week that is none", "well", "\"week\": \"2026-W47\"", "\"week\": \"2026-47\"",
	  ERR_PARSE, "facts: week: is no week" },
	{ "a zone that would be run", "well", "\"timezone\": \"Europe/Berlin\"",
	  "\"timezone\": \"$(reboot)\"", ERR_PARSE,
	  "facts: connections[0].timezone: is no IANA name" },
	{ "a picture out of its folder", "well", "AS64500-demo-fra.png", "../../etc/x.png",
	  ERR_PARSE, "facts: connections[0].graph: is no name of a picture" },
	{ "a setting that is none", "well", "\"congested\": \"95%\"", "\"congested\": \"95\"",
	  ERR_PARSE, "facts: settings.congested: is missing, or no setting" },
};

static void
check_refused(void **state)
{
	const struct refused_case *c = *state;
	char *plain = letter_case_text(c->facts), *text = replaced(plain, c->from, c->to);
	struct letter letter = { 0 };
	struct error err = { 0 };
	struct json *facts;

	assert_true(json_parse(&facts, text, strlen(text), &err));
	assert_false(letter_make(&letter, facts, &err));
	assert_int_equal(err.code, c->code);
	if (strncmp(err.text, c->want, strlen(c->want)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", err.text, c->want);
	assert_null(letter.text);
	json_free(facts);
	free(plain);
	free(text);
}

/* --- texts from outside --- */

static const struct hostile_case {
	const char *name, *text; /* within the quotes of JSON */
} hostile_cases[] = {
	{ "a header", "x\\r\\nBcc:evil@example.com\\r\\n\\r\\nevil" },
	{ "a line", "x\\nevil\\u0085evil\\u2028evil" },
	{ "tags", "<script>alert(1)</script><img src=x onerror=y>" },
	{ "a broken tag", "</td></tr></table><!-- " },
	{ "an attribute", "\\\" onclick=\\\"x\\\" '" },
	{ "directives", "{{peer}} {peer} {peer?x|y} {n#a|b} \\\\ | } #" },
	{ "an encoded word", "=?utf-8?q?evil?=" },
	{ "letters from right to left", "\\u202Eevil\\u2066\\u2069\\u061C" },
	{ "our own marks", "IXWATCH-LINK <!--note--> <!--link--> <!--cid:graph1-->" },
	{ "entities", "&lt;b&gt; &amp;#60;" },
	{ "formats", "%s%n%1000000d" },
	{ "escapes of a terminal", "\\u001b[2J\\u0007\\u009b31m" },
	{ "what is no character", "\\uFFFE\\uFFFF\\u200B" },
	{ "a shell", "$(reboot) `reboot`; reboot #" },
};

/* What names stand for in the facts of a letter that says much. */
static const char *const outside[] = {
	"ExampleNet",
	"Demo-IX Frankfurt",
	"Demo-IX Amsterdam",
	"edge1",
	"edge2",
	"et-0/0/7",
	"et-1/0/3",
	"FRA-10293",
	"Nora Peering",
	"peering@example.org",
	"Example Carrier",
	"+49 69 5550100",
	"shorter than 30m",
	"20:00-23:00",
	"CET",
	"CHG-4711",
	"100G instead of 10G",
	"rule A: 16 congested days in this traffic week and the three before it; rule C: 17 "
	"congested days in "
	"30, and a 95th percentile at or above the congested line",
	"Peers keep their ports at the exchange free of routine congestion; flash events are "
	"excepted. (Peering "
	"policy of Example Carrier, section 4, https://example.org/peering)",
	"our own counters show 82% at most",
};

static struct letter
made_with(const char *name, const char *outside_text)
{
	char *text = letter_case_text(name);
	struct letter letter = { 0 };
	struct error err = { 0 };
	struct json *facts;

	for (size_t i = COUNT(outside); i-- > 0;) { /* the longer ones, which hold others, first */
		char *next = replaced(text, outside[i], outside_text);

		free(text);
		text = next;
	}
	if (!json_parse(&facts, text, strlen(text), &err) || !letter_make(&letter, facts, &err))
		fail_msg("%s", err.text);
	json_free(facts);
	free(text);
	return letter;
}

static size_t
occurrences(const char *text, const char *what)
{
	size_t count = 0;

	for (const char *at = strstr(text, what); at != NULL; at = strstr(at + 1, what))
		count++;
	return count;
}

static void
check_characters(const char *text, bool lines)
{
	for (const char *c = text; *c != '\0'; c++)
		assert_true((unsigned char)*c >= ' ' ? *c != 0x7f : lines && *c == '\n');
	assert_null(strstr(text, "\xe2\x80\xae")); /* turns what follows */
	assert_null(strstr(text, "\xe2\x81\xa6"));
	assert_null(strstr(text, "\xe2\x80\xa8")); /* breaks a line */
	assert_null(strstr(text, "\xc2\x85"));
	assert_null(strstr(text, "\xc2\x9b"));
}

static void
check_lines(char *text)
{
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		assert_true(message_width(line) <= LETTER_WIDTH || strstr(line, "://") != NULL);
		assert_true(strncmp(line, "Bcc:", 4) != 0);
	}
}

static void
check_hostile(void **state)
{
	static const char *const marks[] = { "<",    "<a ",         "<img", "<!--",
					     "href", "<!--note-->", "<td",  LETTER_LINK };
	static const char *const names[] = { "routine", "ordered", "disputed" };
	const struct hostile_case *c = *state;

	for (size_t n = 0; n < COUNT(names); n++) {
		struct letter tame = made_with(names[n], "x"),
			      letter = made_with(names[n], c->text);

		check_characters(letter.subject, false);
		check_characters(letter.text, true);
		check_characters(letter.html, true);
		assert_true(message_width(letter.subject) <= LETTER_SUBJECT_MAX);
		for (size_t i = 0; i < COUNT(marks); i++)
			assert_int_equal(occurrences(letter.html, marks[i]),
					 occurrences(tame.html, marks[i]));
		assert_int_equal(occurrences(letter.text, LETTER_LINK), 2);
		check_lines(letter.text);
		letter_free(&tame);
		letter_free(&letter);
	}
}

static void
a_very_long_name_is_cut_and_the_rest_of_the_subject_stays(void **state)
{
	char name[5001];

	(void)state;
	memset(name, 'W', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	struct letter letter = made_with("routine", name);
	assert_true(message_width(letter.subject) <= LETTER_SUBJECT_MAX);
	assert_string_equal(letter.subject + strlen(letter.subject) -
				strlen("week 2026-W47 (request)"),
			    "week 2026-W47 (request)");
	check_lines(letter.text);
	letter_free(&letter);
}

static void
directives_in_names_are_words_like_others(void **state)
{
	struct letter letter = made_with("routine", "{{peer}}");

	(void)state;
	assert_non_null(strstr(letter.subject, "{{peer}} AS64500"));
	assert_non_null(strstr(letter.text, "{{peer}}"));
	assert_non_null(strstr(letter.html, "{{peer}}"));
	letter_free(&letter);
}

static void
a_nul_and_broken_characters_are_no_json(void **state)
{
	static const char *const texts[] = { "{\"week\": \"a\\u0000b\"}",
					     "{\"week\": \"\xff\xfe\"}",
					     "{\"week\": \"\\ud800\"}" };
	struct json *facts;

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++)
		assert_false(json_parse(&facts, texts[i], strlen(texts[i]), NULL));
}

static void
facts_that_are_none_are_refused_not_told(void **state)
{
	static const char *const texts[] = { "{}",     "[]",
					     "[1, 2]", "{\"version\": 1}",
					     "[[]]",   "{\"connections\": {}}" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct letter letter = { 0 };
		struct error err = { 0 };
		struct json *facts;

		assert_true(json_parse(&facts, texts[i], strlen(texts[i]), NULL));
		assert_false(letter_make(&letter, facts, &err));
		assert_int_equal(err.code, ERR_PARSE);
		assert_string_equal(letter_purpose_of(facts), "information");
		assert_false(letter_tells(facts));
		assert_false(letter_asks_at(facts, 0));
		json_free(facts);
	}
}

/* What was not measured is told as that. */
static void
a_connection_without_any_column_is_told(void **state)
{
	char *text = letter_case_text("insufficient"),
	     *half = replaced(text, "\"out\": {", "\"up\": {");
	char *none = replaced(half, "\"in\": {", "\"down\": {");
	struct letter letter = { 0 };
	struct error err = { 0 };
	struct json *facts;

	(void)state;
	assert_true(json_parse(&facts, none, strlen(none), &err));
	if (!letter_make(&letter, facts, &err))
		fail_msg("%s", err.text);
	assert_non_null(strstr(letter.text, "- Towards you: not measured"));
	assert_non_null(strstr(letter.text, "- From you: not measured"));
	assert_non_null(strstr(letter.text, "too little known"));
	letter_free(&letter);
	json_free(facts);
	free(none);
	free(half);
	free(text);
}

/* --- what others ask of facts --- */

static void
purpose_news_and_notices_follow_from_the_facts(void **state)
{
	static const struct {
		const char *name, *purpose;
		bool tells, asks;
	} asked[] = {
		{ "well", "information", false, false },
		{ "routine", "request", true, true },
		{ "ordered", "information", true, false },
		{ "disputed", "information", true, false },
		{ "uneven", "information", true, false },
		{ "flash", "information", true, false },
		{ "withdrawn", "request", true, true },
		{ "insufficient", "information", true, false },
		{ "hours_167", "information", false, false },
		{ "correction", "information", true, false },
		{ "exchange", "information", true, false },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(asked); i++) {
		char *text = letter_case_text(asked[i].name);
		struct json *facts;

		assert_true(json_parse(&facts, text, strlen(text), NULL));
		assert_string_equal(letter_purpose_of(facts), asked[i].purpose);
		assert_int_equal(letter_tells(facts), asked[i].tells);
		assert_int_equal(letter_asks_at(facts, 0), asked[i].asks);
		assert_false(letter_asks_at(facts, 99));
		json_free(facts);
		free(text);
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(refused_cases) + COUNT(hostile_cases) + 8];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(refused_cases); i++)
		tests[count++] = (struct CMUnitTest) { refused_cases[i].name, check_refused, NULL,
						       NULL, (void *)(uintptr_t)&refused_cases[i] };
	for (size_t i = 0; i < COUNT(hostile_cases); i++)
		tests[count++] = (struct CMUnitTest) { hostile_cases[i].name, check_hostile, NULL,
						       NULL, (void *)(uintptr_t)&hostile_cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(
	    a_very_long_name_is_cut_and_the_rest_of_the_subject_stays);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(directives_in_names_are_words_like_others);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(a_nul_and_broken_characters_are_no_json);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(facts_that_are_none_are_refused_not_told);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(a_connection_without_any_column_is_told);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(purpose_news_and_notices_follow_from_the_facts);
	return _cmocka_run_group_tests("letter_hostile", tests, count, NULL, NULL);
}
