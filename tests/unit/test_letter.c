/* links: notify/letter.c notify/letter_coordinator.c notify/letter_csv.c notify/letter_decide.c notify/letter_entries.c notify/letter_episodes.c notify/letter_facts.c notify/letter_foot.c notify/letter_head.c notify/letter_help.c notify/letter_html.c notify/letter_mail.c notify/letter_measure.c notify/letter_page.c notify/letter_read.c notify/letter_read_connection.c notify/letter_read_side.c notify/letter_strip.c notify/letter_template.c notify/letter_template_check.c notify/letter_text.c notify/letter_why.c notify/letter_words.c notify/message_page.c base/detector_settings.c base/decimal_text.c base/json.c base/model.c base/units.c base/error.c */
/* pkgs: jansson */
/* test_letter.c - letters: each case as tests/golden/letter_* has it (IXWATCH_GOLDEN=renew writes them anew); every figure in
 * text and HTML alike; no word of blame; lines within their width. */
#include <ctype.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "ixwatch/units.h"
#include "letter_cases.h"
#include "notify/letter.h"
#include "notify/letter_decide.h"
#include "notify/message_page.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

static struct json *
facts_of(const char *name)
{
	char *text = letter_case_text(name);
	struct error err = { 0 };
	struct json *facts = NULL;

	if (!json_parse(&facts, text, strlen(text), &err))
		fail_msg("%s: %s", name, err.text);
	free(text);
	return facts;
}

static struct letter
made(const char *name)
{
	struct json *facts = facts_of(name);
	struct letter letter = { 0 };
	struct error err = { 0 };

	if (!letter_make(&letter, facts, &err))
		fail_msg("%s: %s", name, err.text);
	json_free(facts);
	return letter;
}

/* --- as the golden files have it --- */

static void
check_file(const char *name, const char *suffix, const char *text)
{
	char path[160], *want;

	snprintf(path, sizeof(path), LETTER_FOLDER "%s%s", name, suffix);
	if (getenv("IXWATCH_GOLDEN") != NULL) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	want = letter_case_file(path);
	assert_string_equal(text, want);
	free(want);
}

static void
golden(void **state)
{
	const char *name = *state;
	struct letter letter = made(name);
	char *text;

	assert_true(asprintf(&text, "Subject: %s\n\n%s", letter.subject, letter.text) >= 0);
	check_file(name, ".txt", text);
	check_file(name, ".html", letter.html);
	free(text);
	letter_free(&letter);
}

static void
made_again_the_same_octets(void **state)
{
	(void)state;
	for (size_t i = 0; i < LETTER_CASE_COUNT; i++) {
		struct letter once = made(letter_case_names[i]), again = made(letter_case_names[i]);

		assert_string_equal(once.subject, again.subject);
		assert_string_equal(once.text, again.text);
		assert_string_equal(once.html, again.html);
		letter_free(&once);
		letter_free(&again);
	}
}

/* --- the form of the text --- */

static void
lines_keep_their_width(void **state)
{
	(void)state;
	for (size_t i = 0; i < LETTER_CASE_COUNT; i++) {
		struct letter letter = made(letter_case_names[i]);

		for (char *line = strtok(letter.text, "\n"); line != NULL;
		     line = strtok(NULL, "\n")) {
			if (message_width(line) > LETTER_WIDTH && strstr(line, "://") == NULL)
				fail_msg("%s: %s", letter_case_names[i], line);
			assert_true(line[strlen(line) - 1] != ' ');
		}
		letter_free(&letter);
	}
}

/* Within what the best-known reader of mail shows without cutting it. */
static void
a_letter_of_one_exchange_is_short_enough_to_be_shown_whole(void **state)
{
	(void)state;
	for (size_t i = 0; i < LETTER_CASE_COUNT; i++) {
		struct letter letter = made(letter_case_names[i]);

		if (strlen(letter.html) >= 102 * 1000)
			fail_msg("%s: %zu octets", letter_case_names[i], strlen(letter.html));
		letter_free(&letter);
	}
}

/* The letter of two exchanges, as if both were one. */
static struct json *
two_at_one_exchange(void)
{
	char *text = letter_case_text("two_zones"), *at, *all = NULL;
	const char *from = text;
	struct json *facts = NULL;
	size_t len;
	FILE *to = open_memstream(&all, &len);

	while ((at = strstr(from, "Demo-IX New York")) != NULL) {
		fprintf(to, "%.*sDemo-IX Frankfurt", (int)(at - from), from);
		from = at + strlen("Demo-IX New York");
	}
	fputs(from, to);
	fclose(to);
	while ((at = strstr(all, "demo-nyc")) != NULL)
		memcpy(at, "demo-fra", 8);
	assert_true(json_parse(&facts, all, len, NULL));
	free(all);
	free(text);
	return facts;
}

static void
two_connections_at_one_exchange_are_told_apart(void **state)
{
	struct json *facts = two_at_one_exchange();
	struct letter letter = { 0 };

	(void)state;
	assert_true(letter_make(&letter, facts, NULL));
	assert_non_null(strstr(letter.text, "\nDemo-IX Frankfurt (AS64500, private)\n"));
	assert_non_null(strstr(letter.text, "\nDemo-IX Frankfurt (AS64500)\n"));
	assert_non_null(strstr(letter.text, "Demo-IX Frankfurt (AS64500, private), from you: "));
	assert_null(strstr(letter.text, "Demo-IX Frankfurt: "));
	assert_null(strstr(letter.text, "Demo-IX Frankfurt, from you"));
	assert_non_null(strstr(letter.html, ">Demo-IX Frankfurt (AS64500)<"));
	letter_free(&letter);
	json_free(facts);
}

/* The connections of the overview, forty times over. */
static struct json *
many_connections(void)
{
	char *text = letter_case_text("overview"), *body = strstr(text, "\"connections\": [") + 16;
	char *end = strrchr(body, ']'), *all = NULL;
	struct json *facts = NULL;
	size_t len;
	FILE *to = open_memstream(&all, &len);

	fwrite(text, 1, (size_t)(body - text), to);
	for (size_t i = 0; i < 40; i++)
		fprintf(to, "%s%.*s", i > 0 ? "," : "", (int)(end - body), body);
	fputs(end, to);
	fclose(to);
	assert_true(json_parse(&facts, all, len, NULL));
	free(all);
	free(text);
	return facts;
}

static void
an_overview_of_very_many_stays_a_mail(void **state)
{
	struct json *facts = many_connections();
	struct letter letter = { 0 };

	(void)state;
	assert_true(letter_make(&letter, facts, NULL));
	assert_non_null(strstr(letter.subject, "320 connections"));
	assert_non_null(strstr(letter.text, "And 100 more less pressing, on the pages."));
	assert_true(strlen(letter.html) < 1000 * 1000);
	letter_free(&letter);
	json_free(facts);
}

/* --- the same figures in both --- */

/* What a reader sees of HTML: tags left out, entities resolved, a blank for each cell and line. */
static char *
seen(const char *html)
{
	static const struct {
		const char *entity;
		char character;
	} entities[] = {
		{ "&amp;", '&' },  { "&lt;", '<' },   { "&gt;", '>' },
		{ "&quot;", '"' }, { "&#39;", '\'' },
	};
	char *text = calloc(1, strlen(html) + 1), *to = text;
	const char *from = strstr(html, "<body");

	while (*from != '\0') {
		size_t e = 0;

		if (*from == '<') {
			from += strcspn(from, ">") + 1;
			*to++ = ' ';
			continue;
		}
		while (e < COUNT(entities) &&
		       strncmp(from, entities[e].entity, strlen(entities[e].entity)) != 0)
			e++;
		if (e < COUNT(entities)) {
			*to++ = entities[e].character;
			from += strlen(entities[e].entity);
		} else {
			*to++ = *from++;
		}
	}
	return text;
}

/* Blanks and line ends as one blank each; without the marks of a quote. */
static void
settle(char *text)
{
	char *to = text;

	for (char *mark = strstr(text, "\n> "); mark != NULL; mark = strstr(mark, "\n> "))
		mark[1] = ' ';
	for (const char *from = text; *from != '\0'; from++)
		if (!isspace((unsigned char)*from) || (to > text && to[-1] != ' '))
			*to++ = isspace((unsigned char)*from) ? ' ' : *from;
	*to = '\0';
}

struct both {
	char *text, *html;
	const char *name;
};

static void
check_told(const struct both *both, const char *key, const char *figure)
{
	if (strstr(both->text, figure) == NULL)
		fail_msg("%s: %s %s is not in the text", both->name, key, figure);
	if (strstr(both->html, figure) == NULL)
		fail_msg("%s: %s %s is not in the HTML", both->name, key, figure);
}

enum form { SHARE, RATE, WHOLE };

static void
check_member(const struct both *both, const struct json *in, const char *key, enum form form)
{
	char figure[64];
	double number;

	if (!json_number(json_get(in, key), &number))
		return;
	if (form == SHARE)
		units_format_share(figure, sizeof(figure), number);
	else if (form == RATE)
		units_format_bps(figure, sizeof(figure), number);
	else
		snprintf(figure, sizeof(figure), "%.0f", number);
	check_told(both, key, figure);
}

static void
check_figures(const struct both *both, const struct json *in)
{
	check_member(both, in, "known_share", SHARE);
	check_member(both, in, "p95_bps", RATE);
	check_member(both, in, "p95_utilisation", SHARE);
	check_member(both, in, "peak_utilisation", SHARE);
	check_member(both, in, "mean_utilisation", SHARE);
	check_member(both, in, "minutes_90", WHOLE);
	check_member(both, in, "minutes_95", WHOLE);
}

static void
check_episodes(const struct both *both, const struct json *episodes)
{
	for (size_t i = 0; i < json_count(episodes); i++) {
		const struct json *e = json_at(episodes, i);

		check_member(both, e, "minutes", WHOLE);
		if (strcmp(json_text(json_get(e, "kind"), ""), "sustained") != 0)
			continue;
		check_member(both, e, "peak_utilisation", SHARE);
		check_member(both, e, "mean_utilisation", SHARE);
		if (json_text(json_get(e, "excuse_reason"), NULL) != NULL)
			check_told(both, "excuse_reason",
				   json_text(json_get(e, "excuse_reason"), ""));
	}
}

/* Days are shown of the directions that letter_strip_shown says. */
static void
check_side(const struct both *both, const struct json *side, bool with_days)
{
	const struct json *days = json_get(side, "days");

	check_figures(both, side);
	check_figures(both, json_get(side, "last_week"));
	check_episodes(both, json_get(side, "episodes"));
	for (size_t i = 0; with_days && i < json_count(days); i++) {
		check_member(both, json_at(days, i), "congested_minutes", WHOLE);
		check_member(both, json_at(days, i), "known_share", SHARE);
	}
	check_told(both, "verdict_reason", json_text(json_get(side, "verdict_reason"), ""));
}

static void
check_connection(const struct both *both, const struct json *connection,
		 const struct letter_connection *read)
{
	static const char *const ways[] = { "in", "out" }; /* as enum direction has them */
	const struct json *ports = json_get(connection, "ports");

	for (size_t w = 0; w < 2; w++) {
		check_side(both, json_get(json_get(connection, "directions"), ways[w]),
			   letter_strip_shown(read, (enum direction)w));
		for (size_t p = 0; p < json_count(ports); p++)
			check_figures(both,
				      json_get(json_get(json_at(ports, p), "directions"), ways[w]));
	}
	for (size_t i = 0; i < json_count(json_get(connection, "unknown")); i++)
		check_told(
		    both, "unknown",
		    json_text(json_get(json_at(json_get(connection, "unknown"), i), "why"), ""));
	check_told(both, "policy", json_text(json_get(connection, "policy"), ""));
}

static void
figures_are_the_same_in_text_and_html(void **state)
{
	(void)state;
	for (size_t i = 0; i < LETTER_CASE_COUNT; i++) {
		struct json *facts = facts_of(letter_case_names[i]);
		struct letter letter = made(letter_case_names[i]);
		struct both both = { letter.text, seen(letter.html), letter_case_names[i] };
		struct letter_facts read;

		assert_true(letter_facts_read(&read, facts, NULL));
		if (strcmp(json_text(json_get(facts, "kind"), ""), "peer") == 0) {
			settle(both.text);
			settle(both.html);
			for (size_t c = 0; c < json_count(json_get(facts, "connections")); c++)
				check_connection(&both, json_at(json_get(facts, "connections"), c),
						 &read.connections[c]);
		}
		free(both.html);
		letter_facts_free(&read);
		letter_free(&letter);
		json_free(facts);
	}
}

/* --- no word of blame --- */

/* Words, and beginnings of words (with a *), that a letter does not say of anybody. */
static const char *const blaming[] = {
	"abuse*",     "abusive*",   "violat*",     "fault*",      "guilt*",    "must",
	"demand*",    "fail",       "fails",       "failed",      "failing",   "failure*",
	"blam*",      "accus*",     "breach*",     "offend*",     "offence*",  "offense*",
	"penal*",     "punish*",    "threat*",     "shall",       "neglig*",   "neglect*",
	"refus*",     "culprit*",   "convict*",    "unaccept*",   "intoler*",  "ultimatum*",
	"comply",     "complian*",  "oblig*",      "immediately", "urgent*",   "warn*",
	"misus*",     "misbehav*",  "mistak*",     "wrongdo*",    "careless*", "irrespons*",
	"excessive*", "insist*",    "require*",    "should",      "ought",     "bad",
	"poor*",      "unfair*",    "disappoint*", "sanction*",   "deadline*", "overdue",
	"responsib*", "liab*",      "infring*",    "harm*",       "damag*",    "suffer*",
	"illegal*",   "terminate*", "disconnect*",
};

static bool
is_blaming(const char *word)
{
	for (size_t i = 0; i < COUNT(blaming); i++) {
		size_t len = strlen(blaming[i]);

		if (blaming[i][len - 1] == '*' ? strncmp(word, blaming[i], len - 1) == 0
					       : strcmp(word, blaming[i]) == 0)
			return true;
	}
	return false;
}

static void
check_words(const char *where, const char *text)
{
	char word[64];
	size_t len = 0;

	for (;; text++) {
		if (isalpha((unsigned char)*text) && len + 1 < sizeof(word)) {
			word[len++] = (char)tolower((unsigned char)*text);
			continue;
		}
		word[len] = '\0';
		if (is_blaming(word))
			fail_msg("%s says \"%s\"", where, word);
		len = 0;
		if (*text == '\0')
			return;
	}
}

static void
nobody_is_blamed(void **state)
{
	char *words = letter_case_file("collector/notify/letter_en.tmpl");

	(void)state;
	check_words("letter_en.tmpl", words);
	free(words);
	for (size_t i = 0; i < LETTER_CASE_COUNT; i++) {
		struct letter letter = made(letter_case_names[i]);
		char *html = seen(letter.html);

		check_words(letter_case_names[i], letter.subject);
		check_words(letter_case_names[i], letter.text);
		check_words(letter_case_names[i], html);
		free(html);
		letter_free(&letter);
	}
}

/* The list finds what it is for. */
static void
blame_is_found_where_it_is(void **state)
{
	static const char *const said[] = { "you",    "must",   "violated", "failed",
					    "faulty", "guilty", "abusing" };
	static const char *const fine[] = {
		"failover", "you", "port", "routine", "mustard", "badge"
	};

	(void)state;
	for (size_t i = 1; i < COUNT(said); i++)
		assert_int_equal(is_blaming(said[i]), strcmp(said[i], "abusing") != 0);
	for (size_t i = 0; i < COUNT(fine); i++)
		assert_false(is_blaming(fine[i]));
}

/* --- subjects --- */

static void
subjects_name_the_peer_the_week_and_the_purpose(void **state)
{
	struct letter letter = made("routine");

	(void)state;
	assert_string_equal(letter.subject, "ExampleNet AS64500 and us: port use at one exchange, "
					    "week 2026-W47 (request)");
	letter_free(&letter);
	letter = made("two_zones");
	assert_string_equal(letter.subject, "ExampleNet AS64500 and us: port use at 2 exchanges, "
					    "week 2026-W47 (for information)");
	letter_free(&letter);
	letter = made("correction");
	assert_string_equal(letter.subject, "ExampleNet AS64500 and us: port use at one exchange, "
					    "week 2026-W47 (corrected, for information)");
	letter_free(&letter);
}

/* --- pictures --- */

static void
pictures_are_shown_by_the_place_of_their_connection(void **state)
{
	struct json *facts = facts_of("two_zones");
	struct letter letter = made("two_zones");
	size_t place;

	(void)state;
	assert_string_equal(letter_picture_at(facts, 0, &place), "AS64500-demo-fra.png");
	assert_int_equal(place, 1);
	assert_string_equal(letter_picture_at(facts, 1, &place), "AS64500-demo-nyc.png");
	assert_int_equal(place, 2);
	assert_null(letter_picture_at(facts, 2, &place));
	assert_non_null(strstr(letter.html, "<!--cid:graph1-->"));
	assert_non_null(strstr(letter.html, "src=\"cid:graph2\""));
	assert_non_null(strstr(letter.html, "<!--/cid:graph2-->"));
	letter_free(&letter);
	json_free(facts);
}

int
main(void)
{
	struct CMUnitTest tests[LETTER_CASE_COUNT + 16];
	size_t count = 0;

	for (size_t i = 0; i < LETTER_CASE_COUNT; i++)
		tests[count++] = (struct CMUnitTest) { letter_case_names[i], golden, NULL, NULL,
						       (void *)(uintptr_t)letter_case_names[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(made_again_the_same_octets);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(lines_keep_their_width);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(
	    a_letter_of_one_exchange_is_short_enough_to_be_shown_whole);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(two_connections_at_one_exchange_are_told_apart);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(an_overview_of_very_many_stays_a_mail);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(figures_are_the_same_in_text_and_html);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(nobody_is_blamed);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(blame_is_found_where_it_is);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(subjects_name_the_peer_the_week_and_the_purpose);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(
	    pictures_are_shown_by_the_place_of_their_connection);
	return _cmocka_run_group_tests("letter", tests, count, NULL, NULL);
}
