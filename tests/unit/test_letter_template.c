/* links: notify/letter_template.c notify/letter_template_check.c base/error.c */
/* test_letter_template.c - words and values: what placeholders become, and that what is wrong in a file of words is found, with
 * its line, before any letter is made of it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/letter_template.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define PLURAL   "[format.plural]\none-other\n"

static struct letter_template *
parsed(const char *text)
{
	struct letter_template *template = NULL;
	struct error err = { 0 };

	if (!letter_template_parse(&template, "x.tmpl", text, strlen(text), &err))
		fail_msg("%s", err.text);
	return template;
}

/* --- what placeholders become --- */

static const struct template_value values[] = {
	{ .name = "peer", .text = "ExampleNet", .is_there = true },
	{ .name = "none", .text = "", .is_there = false },
	{ .name = "one", .text = "1", .is_there = true, .count = 1 },
	{ .name = "two", .text = "2", .is_there = true, .count = 2 },
	{ .name = "many", .text = "22", .is_there = true, .count = 22 },
	{ .name = "way", .text = "out", .is_there = true },
	{ .name = "evil", .text = "{peer} {{peer}} \\ # | {one#x|y}", .is_there = true },
};

static const struct set_case {
	const char *name, *text, *want;
} set_cases[] = {
	{ "a value stands for its name", "to {peer}.", "to ExampleNet." },
	{ "an absent value is nothing", "to{none}.", "to." },
	{ "lines are joined by a blank", "one\ntwo\n\nthree", "one two three" },
	{ "a comment line is left out", "one\n# {nothing}\ntwo", "one two" },
	{ "blanks in a row become one", "a \t  b", "a b" },
	{ "what is there shows its text", "{peer?yes|no}", "yes" },
	{ "what is not there shows the other", "{none?yes|no}", "no" },
	{ "without another it shows nothing", "a{none? b}", "a" },
	{ "one has the form of one", "{one#one port|# ports}", "one port" },
	{ "two have the form of many, with the figure", "{two#one port|# ports}", "2 ports" },
	{ "an alternative goes by its name", "{way=in:from|out:towards}", "towards" },
	{ "a star is any other", "{way=in:from|*:some way}", "some way" },
	{ "alternatives may begin on a new line", "{way=in:from\n  |out:towards\n}.", "towards." },
	{ "alternatives hold placeholders", "{peer?{two#{none?a|b}|{peer} #}}", "ExampleNet 2" },
	{ "the figure is that of the plural around it", "{two#|# of {many#|#} #}", "2 of 22 2" },
	{ "marks stand behind a backslash", "\\{a\\|b\\} \\# \\\\", "{a|b} # \\" },
	{ "what looks like a directive in a value is none", "{evil}",
	  "{peer} {{peer}} \\ # | {one#x|y}" },
};

static void
check_set(void **state)
{
	const struct set_case *c = *state;
	char text[512];
	struct error err = { 0 };

	snprintf(text, sizeof(text), PLURAL "[a]\n%s\n", c->text);
	struct letter_template *template = parsed(text);
	char *set = letter_template_set(template, "a", values, COUNT(values), &err);

	if (set == NULL)
		fail_msg("%s", err.text);
	assert_string_equal(set, c->want);
	free(set);
	letter_template_free(template);
}

/* --- what is wrong with a file --- */

static const struct wrong_case {
	const char *name, *text, *want;
} wrong_cases[] = {
	{ "a placeholder that is not closed", "[a]\n\n{peer?x\n[b]\ny\n",
	  "x.tmpl:3: a placeholder is not closed" },
	{ "a placeholder without a name", "[a]\n{?x}\n", "x.tmpl:2: a placeholder has no name" },
	{ "an unknown mark", "[a]\n{peer!}\n", "x.tmpl:2: a placeholder is {name}" },
	{ "a brace that closes nothing", "[a]\nx\ny }\n",
	  "x.tmpl:3: a brace or bar closes nothing" },
	{ "a figure outside of a plural", "[a]\nno # here\n",
	  "x.tmpl:2: # stands outside of a plural" },
	{ "a condition with three ways", "[a]\n{a?b|c|d}\n",
	  "x.tmpl:2: a condition has more than two" },
	{ "an alternative without a name", "[a]\n{a=b}\n", "x.tmpl:2: an alternative has no name" },
	{ "a backslash before nothing", "[a]\n\\n\n",
	  "x.tmpl:2: a backslash stands before nothing" },
	{ "an entry twice", "[a]\nx\n[a]\ny\n", "x.tmpl:3: there is an entry of this name" },
	{ "text before the first entry", "# fine\nx\n[a]\n", "x.tmpl:2: text stands before" },
	{ "an entry without an end", "[a\nx\n", "x.tmpl:1: an entry begins with [name]" },
	{ "placeholders too deep in each other", "[a]\n{a?{a?{a?{a?{a?{a?{a?{a?{a?x}}}}}}}}}\n",
	  "x.tmpl:2: placeholders stand too deep" },
};

static void
check_wrong(void **state)
{
	const struct wrong_case *c = *state;
	struct letter_template *template = NULL;
	struct error err = { 0 };

	assert_false(letter_template_parse(&template, "x.tmpl", c->text, strlen(c->text), &err));
	assert_int_equal(err.code, ERR_PARSE);
	if (strncmp(err.text, c->want, strlen(c->want)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", err.text, c->want);
}

/* --- what it asks for that is not given --- */

static const struct check_case {
	const char *name, *text, *want; /* want NULL: all is well */
} check_cases[] = {
	{ "all that is asked for is given", PLURAL "[a]\n{peer} {ports#a|b} {way=in:a|out:b}\n",
	  NULL },
	{ "a value that is not given", PLURAL "[a]\n\n{pear}\n",
	  "x.tmpl:5: [a] pear is not given here" },
	{ "one deep within", PLURAL "[a]\n{peer?x|{ports#a|{pear}}}\n",
	  "x.tmpl:4: [a] pear is not given" },
	{ "a plural of what is no count", PLURAL "[a]\n{peer#a|b}\n",
	  "x.tmpl:4: [a] peer is no count" },
	{ "a plural with too few forms", PLURAL "[a]\n{ports#a}\n",
	  "x.tmpl:4: [a] ports has not as many" },
	{ "alternatives of what is no word of ours", PLURAL "[a]\n{peer=a:b}\n",
	  "x.tmpl:4: [a] peer is not one of a few words" },
	{ "an alternative that never comes", PLURAL "[a]\n{way=in:a|out:b|up:c}\n",
	  "x.tmpl:4: [a] up is no word that comes here" },
	{ "a word without an alternative", PLURAL "[a]\n{way=in:a}\n",
	  "x.tmpl:4: [a] out has no alternative" },
	{ "a word of ours put in as it is", PLURAL "[a]\n{way}\n",
	  "x.tmpl:4: [a] way is a word of the program's" },
	{ "an entry that is missing", PLURAL, "x.tmpl: there is no entry [a]" },
	{ "an entry that is said nowhere", PLURAL "[a]\nx\n[b]\ny\n",
	  "x.tmpl:5: [b] is said nowhere" },
	{ "no rule of plurals", "[format.plural]\nso-and-so\n[a]\nx\n",
	  "x.tmpl: [format.plural] is missing" },
};

static void
check_check(void **state)
{
	static const struct template_entry entries[] = {
		{ "format.plural", "" },
		{ "a", "peer ports# way=in,out" },
	};
	const struct check_case *c = *state;
	struct letter_template *template = parsed(c->text);
	struct error err = { 0 };

	assert_int_equal(letter_template_check(template, entries, COUNT(entries), &err),
			 c->want == NULL);
	if (c->want != NULL && strncmp(err.text, c->want, strlen(c->want)) != 0)
		fail_msg("\"%s\" instead of \"%s\"", err.text, c->want);
	letter_template_free(template);
}

/* --- languages with more forms --- */

static void
forms_of_one_few_and_many(void **state)
{
	static const struct {
		int64_t count;
		const char *want;
	} counts[] = { { 0, "many" },  { 1, "one" },   { 2, "few" },    { 4, "few" },
		       { 5, "many" },  { 12, "many" }, { 14, "many" },  { 21, "many" },
		       { 22, "few" },  { 25, "many" }, { 101, "many" }, { 104, "few" },
		       { 112, "many" } };
	struct letter_template *template =
	    parsed("[format.plural]\none-few-many\n[a]\n{n#one|few|many}\n");

	(void)state;
	for (size_t i = 0; i < COUNT(counts); i++) {
		const struct template_value n = { "n", "", true, counts[i].count };
		char *set = letter_template_set(template, "a", &n, 1, NULL);

		assert_string_equal(set, counts[i].want);
		free(set);
	}
	letter_template_free(template);
}

static void
a_value_that_is_not_given_is_an_error_not_a_hole(void **state)
{
	struct letter_template *template = parsed(PLURAL "[a]\nx\n{peer}\n");
	struct error err = { 0 };

	(void)state;
	assert_null(letter_template_set(template, "a", NULL, 0, &err));
	assert_string_equal(err.text, "x.tmpl:5: {peer} is not given here");
	assert_null(letter_template_set(template, "b", NULL, 0, &err));
	assert_string_equal(err.text, "x.tmpl: there is no entry [b]");
	letter_template_free(template);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(set_cases) + COUNT(wrong_cases) + COUNT(check_cases) + 2];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(set_cases); i++)
		tests[count++] = (struct CMUnitTest) { set_cases[i].name, check_set, NULL, NULL,
						       (void *)(uintptr_t)&set_cases[i] };
	for (size_t i = 0; i < COUNT(wrong_cases); i++)
		tests[count++] = (struct CMUnitTest) { wrong_cases[i].name, check_wrong, NULL, NULL,
						       (void *)(uintptr_t)&wrong_cases[i] };
	for (size_t i = 0; i < COUNT(check_cases); i++)
		tests[count++] = (struct CMUnitTest) { check_cases[i].name, check_check, NULL, NULL,
						       (void *)(uintptr_t)&check_cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(forms_of_one_few_and_many);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(a_value_that_is_not_given_is_an_error_not_a_hole);
	return _cmocka_run_group_tests("letter_template", tests, count, NULL, NULL);
}
