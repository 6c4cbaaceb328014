/* links: notify/letter.c notify/letter_coordinator.c notify/letter_csv.c notify/letter_decide.c notify/letter_entries.c notify/letter_episodes.c notify/letter_facts.c notify/letter_foot.c notify/letter_head.c notify/letter_help.c notify/letter_html.c notify/letter_mail.c notify/letter_measure.c notify/letter_page.c notify/letter_read.c notify/letter_read_connection.c notify/letter_read_side.c notify/letter_strip.c notify/letter_template.c notify/letter_template_check.c notify/letter_text.c notify/letter_why.c notify/letter_words.c notify/message_page.c base/detector_settings.c base/decimal_text.c base/json.c base/model.c base/units.c base/error.c notify/mime.c notify/mime_encode.c base/csv.c base/decimal.c */
/* pkgs: jansson */
/* test_letter_mail.c - a kept letter as a recipient gets it: with the coordinator's note, the recipient's own link, and its
 * pictures; and the lines of its CSV, which `replay --csv` reads back to the last digit. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/csv.h"
#include "letter_cases.h"
#include "notify/letter.h"
#include "notify/mime.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define LINK     "https://ixwatch.example.org/l/64500?e=1&s=\"x\""

static struct letter kept;

static int
make_kept(void **state)
{
	char *text = letter_case_text("two_zones");
	struct json *facts;
	bool made;

	(void)state;
	made = json_parse(&facts, text, strlen(text), NULL) && letter_make(&kept, facts, NULL);
	json_free(facts);
	free(text);
	return made ? 0 : -1;
}

static int
free_kept(void **state)
{
	(void)state;
	letter_free(&kept);
	return 0;
}

static void
mailed(char **text, char **html, const char *note, const char *link)
{
	struct error err = { 0 };
	struct letter_cover cover = {
		.language = "en", .text = kept.text, .html = kept.html, .note = note, .link = link
	};

	if (!letter_mail(text, html, &cover, &err))
		fail_msg("%s", err.text);
}

/* --- the link --- */

static void
the_link_stands_in_its_place(void **state)
{
	char *text, *html;

	(void)state;
	mailed(&text, &html, "", LINK);
	assert_non_null(strstr(text, "  " LINK "\n"));
	assert_null(strstr(text, LETTER_LINK));
	assert_null(strstr(html, LETTER_LINK));
	assert_non_null(
	    strstr(html, "href=\"https://ixwatch.example.org/l/64500?e=1&amp;s=&quot;x&quot;\""));
	free(text);
	free(html);
}

static void
without_a_link_it_is_sent_on_request(void **state)
{
	char *text, *html;

	(void)state;
	mailed(&text, &html, "", "");
	assert_non_null(strstr(text, "  sent on request\n"));
	assert_null(strstr(text, LETTER_LINK));
	assert_null(strstr(html, LETTER_LINK));
	assert_null(strstr(html, "href=\"\""));
	assert_non_null(strstr(html, "sent on request"));
	free(text);
	free(html);
}

/* --- the note --- */

static void
without_a_note_nothing_else_changes(void **state)
{
	char *text, *html;

	(void)state;
	mailed(&text, &html, "", LETTER_LINK);
	assert_string_equal(text, kept.text);
	assert_string_equal(html, kept.html);
	free(text);
	free(html);
}

static void
a_note_stands_before_the_letter_line_by_line(void **state)
{
	static const char begin[] =
	    "Dear Ada,\n\nas we said on the phone: <b>{peer}</b> & co.\nNora\n\n----------";
	char *text, *html;

	(void)state;
	mailed(&text, &html, "Dear Ada,\r\n\r\nas we said on the phone: <b>{peer}</b> & co.\nNora",
	       LETTER_LINK);
	assert_int_equal(strncmp(text, begin, strlen(begin)), 0);
	assert_string_equal(strstr(text, "\n\nExampleNet and") + 2, kept.text);
	assert_non_null(
	    strstr(html, "Dear Ada,<br>\n<br>\nas we said on the phone: &lt;b&gt;{peer}&lt;/b&gt; "
			 "&amp; co.<br>\nNora<br>\n</p>"));
	free(text);
	free(html);
}

static void
a_note_cannot_take_what_is_the_letters(void **state)
{
	char *text, *html;

	(void)state;
	mailed(&text, &html, "<!--link-->\x1b[2J " LETTER_LINK " <!--cid:graph1-->\xff", LINK);
	assert_null(strchr(text, '\x1b'));
	assert_null(strchr(html, '\xff'));
	assert_non_null(strstr(text, LETTER_LINK " <!--cid")); /* a word of the note like others */
	assert_non_null(strstr(html, "&lt;!--cid:graph1--&gt;"));
	free(text);
	free(html);
}

static void
a_long_note_is_wrapped(void **state)
{
	char *text, *html, note[2000];

	(void)state;
	memset(note, 0, sizeof(note));
	for (size_t i = 0; i < 300; i++)
		memcpy(note + i * 6, "words ", 6);
	mailed(&text, &html, note, LINK);
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		assert_true(strlen(line) <= LETTER_WIDTH || strstr(line, "://") != NULL);
	free(text);
	free(html);
}

/* --- pictures --- */

static void
what_is_said_of_a_picture_goes_with_it(void **state)
{
	struct mime_part picture = { .type = "image/png",
				     .name = "AS64500-demo-fra.png",
				     .content_id = "graph1",
				     .octets = "x",
				     .len = 1 };
	struct mime_mail mail = { .from = "a@b",
				  .from_name = "",
				  .to = "c@d",
				  .reply_to = "",
				  .message_id = "<1@b>",
				  .in_reply_to = "",
				  .references = "",
				  .subject = kept.subject,
				  .text = kept.text,
				  .html = kept.html,
				  .picture_count = 1,
				  .pictures = &picture };
	char *octets;
	size_t len;

	(void)state;
	assert_true(mime_write(&octets, &len, &mail, NULL));
	assert_non_null(strstr(octets, "cid:graph1"));
	assert_null(strstr(octets, "cid:graph2"));
	assert_non_null(strstr(octets, "Content-ID: <graph1>"));
	free(octets);
}

/* --- CSV --- */

static void
lines_are_numbers_alone(void **state)
{
	struct sample sample = { .end_utc_sec = 1795831800, .step_sec = 300 };
	char row[LETTER_CSV_ROW_SIZE];

	(void)state;
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		sample.value[i] = (double)i + 0.5;
	sample.value[COLUMN_OUT_PPS] = NAN;
	sample.value[COLUMN_IN_DISCARDS] = INFINITY;
	assert_string_equal(letter_csv_row(row, 17, &sample),
			    "17,1795831800,0.5,1.5,2.5,,,5.5,8.5\n");
	for (size_t i = 0; i < COLUMN_COUNT; i++)
		sample.value[i] = -1.7976931348623157e308;
	letter_csv_row(row, INT64_MAX, &sample);
	assert_int_equal(row[strlen(row) - 1], '\n');
}

/* As the letter's command cuts it: the first column away. */
static void
the_command_of_the_letter_gives_what_replay_reads(void **state)
{
	static const double rates[] = { 9812345678.9012345, 1.0 / 3, 0, 123456789012.345 };
	char path[] = "/tmp/ixwatch-letter-XXXXXX", row[LETTER_CSV_ROW_SIZE];
	struct csv_series series = { 0 };
	struct error err = { 0 };
	FILE *file = fdopen(mkstemp(path), "w");

	(void)state;
	fputs(strchr(LETTER_CSV_HEADER, ',') + 1, file);
	for (size_t i = 0; i < COUNT(rates); i++) {
		struct sample sample = { .end_utc_sec = 1795831800 + (int64_t)i * 300 };

		for (size_t c = 0; c < COLUMN_COUNT; c++)
			sample.value[c] = rates[i];
		sample.value[COLUMN_IN_BPS] = NAN;
		fputs(strchr(letter_csv_row(row, 17, &sample), ',') + 1, file);
	}
	fclose(file);
	if (!csv_read(&series, path, &err))
		fail_msg("%s", err.text);
	unlink(path);
	assert_int_equal(series.row_count, COUNT(rates));
	assert_int_equal(series.step_sec, 300);
	for (size_t i = 0; i < COUNT(rates); i++) {
		assert_true(series.value[i * COLUMN_COUNT + COLUMN_OUT_BPS] == rates[i]);
		assert_true(series.value[i * COLUMN_COUNT + COLUMN_CAPACITY_BPS] == rates[i]);
		assert_true(isnan(series.value[i * COLUMN_COUNT + COLUMN_IN_BPS]));
	}
	csv_free(&series);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_link_stands_in_its_place),
		cmocka_unit_test(without_a_link_it_is_sent_on_request),
		cmocka_unit_test(without_a_note_nothing_else_changes),
		cmocka_unit_test(a_note_stands_before_the_letter_line_by_line),
		cmocka_unit_test(a_note_cannot_take_what_is_the_letters),
		cmocka_unit_test(a_long_note_is_wrapped),
		cmocka_unit_test(what_is_said_of_a_picture_goes_with_it),
		cmocka_unit_test(lines_are_numbers_alone),
		cmocka_unit_test(the_command_of_the_letter_gives_what_replay_reads),
	};

	return cmocka_run_group_tests_name("letter_mail", tests, make_kept, free_kept);
}
