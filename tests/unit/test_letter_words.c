/* links: notify/letter_words.c notify/letter_entries.c notify/letter_template.c notify/letter_template_check.c notify/message_page.c base/units.c base/error.c */
/* test_letter_words.c - how values are said; that every language's file has every word, and no more; and that each entry can be
 * said with all its values there, and with none. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/letter_words.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct letter_words *words;

static int
open_words(void **state)
{
	(void)state;
	return letter_words_open(&words, "en", NULL) ? 0 : -1;
}

static int
close_words(void **state)
{
	(void)state;
	letter_words_close(words);
	return 0;
}

static const struct value_case {
	const char *name;
	enum letter_value_kind kind;
	const char *text;
	double number;
	const char *want;
} cases[] = {
	{ "a share has one decimal", LETTER_SHARE, NULL, 0.9314, "93.1%" },
	{ "a share above 1 is said as it is", LETTER_SHARE, NULL, 1.0712, "107.1%" },
	{ "zero is zero", LETTER_SHARE, NULL, 0, "0.0%" },
	{ "unknown is no zero", LETTER_SHARE, NULL, NAN, "unknown" },
	{ "a rate has three figures", LETTER_RATE, NULL, 9.712e9, "9.71 Gbit/s" },
	{ "a port's size is said as it is sold", LETTER_SIZE, NULL, 10e9, "10 Gbit/s" },
	{ "also where it is no whole number", LETTER_SIZE, NULL, 2.5e9, "2.5 Gbit/s" },
	{ "an unknown size is unknown", LETTER_SIZE, NULL, NAN, "unknown" },
	{ "minutes are whole", LETTER_MINUTES, NULL, 905, "905" },
	{ "unknown minutes are unknown", LETTER_MINUTES, NULL, NAN, "unknown" },
	{ "few lost packets are said in two figures", LETTER_LOSS, NULL, 0.00087, "0.087%" },
	{ "many in one decimal", LETTER_LOSS, NULL, 0.0234, "2.3%" },
	{ "hardly any are not none", LETTER_LOSS, NULL, 1e-9, "<0.0001%" },
	{ "none are none", LETTER_LOSS, NULL, 0, "0.0000%" },
	{ "a date has its weekday and year", LETTER_DATE, "2026-11-16", 0, "Mon 16 Nov 2026" },
	{ "a day has no year", LETTER_DAY, "2027-03-28", 0, "Sun 28 Mar" },
	{ "a leap day is one", LETTER_DATE, "2028-02-29", 0, "Tue 29 Feb 2028" },
	{ "an instant is UTC", LETTER_UTC, "2026-11-16T18:55:00Z", 0,
	  "Mon 16 Nov 2026, 18:55 UTC" },
	{ "no instant is nothing", LETTER_UTC, "", 0, "" },
	{ "a duration has its unit", LETTER_DURATION, NULL, 300, "5 min" },
	{ "a name is made clean", LETTER_NAME, "a\nb\x1b", 0,
	  "a\xef\xbf\xbd"
	  "b\xef\xbf\xbd" },
	{ "a name has no link of its own", LETTER_NAME, "IXWATCH-LINK", 0, "IXWATCH LINK" },
};

static void
check_value(void **state)
{
	const struct value_case *c = *state;
	struct letter_value value = {
		.name = "", .kind = c->kind, .text = c->text, .number = c->number
	};

	assert_string_equal(letter_value_text(words, value), c->want);
	assert_false(letter_words_failed(words, NULL));
}

static void
lists_are_joined_by_words(void **state)
{
	static const char *const texts[] = { "a", "b", "c" };

	(void)state;
	assert_string_equal(letter_join(words, texts, 0), "");
	assert_string_equal(letter_join(words, texts, 1), "a");
	assert_string_equal(letter_join(words, texts, 2), "a and b");
	assert_string_equal(letter_join(words, texts, 3), "a, b and c");
}

/* --- every entry --- */

/* The values that letter_entries names, all there or none; choices take each of their words in turn. */
static size_t
fill(struct letter_value *values, const char *spec, bool there, size_t turn)
{
	size_t count = 0;

	for (; *spec != '\0'; spec += strcspn(spec, " "), spec += strspn(spec, " ")) {
		size_t len = strcspn(spec, " "), name_len = strcspn(spec, " #=");
		const char *name = letter_keep(words, "%.*s", (int)name_len, spec);

		if (spec[name_len] == '#') {
			values[count++] = v_int(name, there ? (int64_t)turn + 1 : 0);
		} else if (spec[name_len] == '=') {
			const char *word = spec + name_len + 1;

			for (size_t i = 0;
			     i < turn && memchr(word, ',', (size_t)(spec + len - word)) != NULL;
			     i++)
				word += strcspn(word, ",") + 1;
			values[count++] =
			    v_key(name, letter_keep(words, "%.*s", (int)strcspn(word, ", "), word));
		} else {
			values[count++] = v_words(name, there ? "VALUE" : "");
		}
	}
	values[count] = (struct letter_value) { 0 };
	return count;
}

/* A blank before a mark: something was to stand there. */
static bool
has_hole(const char *said)
{
	for (; *said != '\0'; said++)
		if (said[0] == ' ' && said[1] != '\0' && strchr(".,;:)", said[1]) != NULL)
			return true;
	return false;
}

static void
every_entry_can_be_said(void **state)
{
	struct letter_value values[40];
	struct error err = { 0 };
	size_t count;
	const struct template_entry *entries = letter_entries(&count);

	(void)state;
	for (size_t i = 0; i < count; i++)
		for (size_t turn = 0; turn < 8; turn++)
			for (int there = 0; there < 2; there++) {
				fill(values, entries[i].values, there, turn);
				const char *said = letter_say(words, entries[i].name, values);

				if (letter_words_failed(words, &err))
					fail_msg("%s", err.text);
				if (strpbrk(said, "{}|") != NULL || strstr(said, "..") != NULL ||
				    (there && has_hole(said)))
					fail_msg("[%s] says \"%s\"", entries[i].name, said);
			}
}

static void
a_language_without_words_is_refused(void **state)
{
	struct letter_words *none = NULL;
	struct error err = { 0 };

	(void)state;
	assert_false(letter_words_open(&none, "", &err));
	assert_int_equal(err.code, ERR_REFUSED);
	assert_false(letter_words_open(&none, "../en", &err));
	assert_null(none);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 4];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[count++] = (struct CMUnitTest) { cases[i].name, check_value, NULL, NULL,
						       (void *)(uintptr_t)&cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(lists_are_joined_by_words);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(every_entry_can_be_said);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_language_without_words_is_refused);
	return _cmocka_run_group_tests("letter_words", tests, count, open_words, close_words);
}
