/* links: notify/message.c notify/message_page.c notify/message_subject.c notify/message_words.c base/alert_words.c base/model.c base/units.c base/decimal.c base/zone.c base/error.c */
/* pkgs: glib-2.0 */
/* test_message.c - what mails about alerts say: each kind as tests/golden/mail has it (IXWATCH_GOLDEN=renew writes them
 * anew), subjects within their length, and texts from outside. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "message_cases.h"
#include "notify/message_page.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define FOLDER   "tests/golden/mail/"

static struct zone *zone;

static struct message
made(const struct message_facts *facts)
{
	struct message message = { 0 };
	struct error err = { 0 };

	assert_true(message_alert(&message, facts, &err));
	assert_true(message_width(message.subject) <= MESSAGE_SUBJECT_MAX);
	assert_null(strpbrk(message.subject, "\r\n"));
	return message;
}

/* --- as the golden files have it --- */

static char *
file_dup(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	assert_non_null(text);
	if (file == NULL)
		fail_msg("%s: it is not there", path);
	text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
	fclose(file);
	return text;
}

static void
check_file(const char *name, const char *suffix, const char *text)
{
	char path[160], *want;

	snprintf(path, sizeof(path), FOLDER "%s%s", name, suffix);
	if (getenv("IXWATCH_GOLDEN") != NULL) {
		FILE *file = fopen(path, "w");

		assert_non_null(file);
		fputs(text, file);
		fclose(file);
	}
	want = file_dup(path);
	assert_string_equal(text, want);
	free(want);
}

static void
check_golden(void **state)
{
	int which = (int)((const char *const *)*state - case_names);
	struct message_line lines[CASES_MANY];
	struct message_facts facts = case_make(which, lines, zone);
	struct message message = made(&facts);
	char *text;

	assert_true(asprintf(&text, "Subject: %s\n\n%s", message.subject, message.text) >= 0);
	check_file(case_names[which], ".txt", text);
	check_file(case_names[which], ".html", message.html);
	free(text);
	message_free(&message);
}

/* --- the first screen --- */

/* One alert is told in 15 lines, unless more than one thing changed, or a name is very long. */
static void
first_screen(void **state)
{
	struct message_line lines[CASES_MANY];
	struct message_facts facts = case_make(CASE_SATURATED, lines, zone);
	struct message message;
	size_t count = 0;

	(void)state;
	lines[0].change_count = lines[0].room_count = 1;
	message = made(&facts);
	for (const char *c = message.text; *c != '\0'; c++)
		count += *c == '\n';
	assert_true(count <= 15);
	message_free(&message);
}

/* Every line of the text but a link keeps to the width of a terminal. */
static void
text_keeps_its_width(void **state)
{
	(void)state;
	for (int which = 0; which < CASE_COUNT; which++) {
		struct message_line lines[CASES_MANY];
		struct message_facts facts = case_make(which, lines, zone);
		struct message message = made(&facts);

		for (char *line = strtok(message.text, "\n"); line != NULL;
		     line = strtok(NULL, "\n"))
			assert_true(message_width(line) <= 78 || strstr(line, "://") != NULL);
		message_free(&message);
	}
}

/* --- subjects --- */

static const struct subject_case {
	const char *name;
	enum alert_kind kind;
	enum alert_told_what what;
	const char *exchange, *peer;
	uint32_t asn;
	double now;
	int64_t ago_sec;
	const char *want;
} subject_cases[] = {
	{ "as the NOC knows it", ALERT_SATURATED, TOLD_ALERT, "fra", "ExampleNet", 64500, 0.981, 0,
	  "[ix] SATURATED 98% out FRA AS64500 ExampleNet since 02:10Z" },
	{ "a long name is cut, nothing else", ALERT_SATURATED, TOLD_ALERT, "fra",
	  "Example Networks International", 64500, 0.981, 0,
	  "[ix] SATURATED 98% out FRA AS64500 Example Net\xe2\x80\xa6 since 02:10Z" },
	{ "where no room is for a name it goes", ALERT_SATURATED, TOLD_ESCALATION, "demo-fra",
	  "ExampleNet", 64500, 0.981, 0,
	  "[ix] UNACKED SATURATED 98% out DEMO-FRA AS64500 since 02:10Z" },
	{ "an AS number is whole; since goes first", ALERT_SATURATED, TOLD_ESCALATION,
	  "demo-frankfurt", "ExampleNet", 4294967294, 0.981, 0,
	  "[ix] UNACKED SATURATED 98% out DEMO-FRANKFURT AS4294967294" },
	{ "an old one by its date", ALERT_CONGESTION, TOLD_REPEAT, "fra", "ExampleNet", 64500, 0.93,
	  2 * 86400, "[ix] STILL CONGESTED 93% out FRA AS64500 Examp\xe2\x80\xa6 since 26 Nov" },
	{ "nearly full is not full", ALERT_SATURATED, TOLD_ALERT, "fra", "", 64500, 0.999, 0,
	  "[ix] SATURATED 99% out FRA AS64500 since 02:10Z" },
	{ "an unknown value is not said", ALERT_SATURATED, TOLD_ALERT, "fra", "", 64500, NAN, 0,
	  "[ix] SATURATED out FRA AS64500 since 02:10Z" },
	{ "its end has both times", ALERT_CONGESTION, TOLD_RECOVERY, "fra", "ExampleNet", 64500,
	  0.2, 0, "[ix] OVER CONGESTED out FRA AS64500 ExampleNet 02:10Z-04:40Z" },
	{ "a port of nobody is named itself", ALERT_LOSS, TOLD_ALERT, "fra", "", 0, 0.023, 0,
	  "[ix] LOSS 2.3% out FRA edge1/et-0/0/7 since 02:10Z" },
	{ "a verdict has no percent", ALERT_ROUTINE, TOLD_ALERT, "fra", "ExampleNet", 64500, 0.9,
	  3 * 86400, "[ix] ROUTINE out FRA AS64500 ExampleNet since 25 Nov" },
	{ "a place gives way to a number", ALERT_ROUTINE, TOLD_RECOVERY,
	  "frankfurt-am-main-two-east", "ExampleNet", 4294967294, 0.9, 0,
	  "[ix] NO LONGER ROUTINE out FRANKFURT-AM-MAIN-T\xe2\x80\xa6 AS4294967294" },
	{ "a line break in a name is none", ALERT_SATURATED, TOLD_ALERT, "fra", "a\r\nBcc: b",
	  64500, 0.981, 0,
	  "[ix] SATURATED 98% out FRA AS64500 a\xef\xbf\xbd\xef\xbf\xbd"
	  "Bcc: b since 02:10Z" },
};

static void
check_subject(void **state)
{
	const struct subject_case *c = *state;
	struct message_line line = case_line();
	struct message_facts facts = case_facts(&line, 1, zone);
	struct message message;

	line.subject.kind = c->kind;
	line.subject.exchange = c->exchange;
	line.subject.asn = c->asn;
	line.peer = c->peer;
	line.what = c->what;
	line.now = c->now;
	line.peak = NAN;
	line.began_utc_sec -= c->ago_sec;
	if (c->what == TOLD_RECOVERY)
		line.until_utc_sec = CASE_BEGAN + 9000;
	message = made(&facts);
	assert_string_equal(message.subject, c->want);
	message_free(&message);
}

/* --- text from outside --- */

static const char *const hostile[] = {
	"<script>alert(1)</script>",
	"\"><img src=x onerror=alert(1)>",
	"' onclick='x",
	"a\r\nBcc: x@y",
	"\x1b[2J",
	"\xe2\x80\xae"
	"abc",
	"=?UTF-8?Q?x?=",
	"<!--/cid:graph-->",
	"<!--cid:graph-->",
	"\xff\xfe",
	"{{x}}",
	"&lt;",
	"javascript:alert(1)",
	"%s%n",
	"<a href=http://evil>x</a>",
};

/* Nothing of them is a tag, a line or a control; and what stands between the picture's marks is ours. */
static void
names_are_text(void **state)
{
	(void)state;
	for (int which = 0; which < CASE_COUNT; which++)
		for (size_t i = 0; i < COUNT(hostile); i++) {
			struct message_line lines[CASES_MANY];
			struct message_facts facts = case_make(which, lines, zone);
			struct message clean = made(&facts), message;
			const char *const contacts[] = { hostile[i], hostile[i] };
			size_t tags[2] = { 0 }, k = 0;

			for (k = 0; k < facts.line_count; k++) {
				lines[k].alias = lines[k].peer = lines[k].circuit = lines[k].note =
				    lines[k].runbook = lines[k].works = hostile[i];
				lines[k].contact_count = 2;
				lines[k].contacts = contacts;
				lines[k].interface = hostile[i];
			}
			message = made(&facts);
			for (const char *c = message.html; *c != '\0'; c++) {
				tags[0] += strncmp(c, "<img", 4) == 0 ||
					   strncmp(c, "<!--", 4) == 0 || strncmp(c, "<a ", 3) == 0;
				assert_true((unsigned char)*c >= ' ' || *c == '\n');
			}
			for (const char *c = clean.html; *c != '\0'; c++)
				tags[1] += strncmp(c, "<img", 4) == 0 ||
					   strncmp(c, "<!--", 4) == 0 || strncmp(c, "<a ", 3) == 0;
			assert_int_equal(tags[0], tags[1]);
			assert_null(strstr(message.html, "<script"));
			assert_null(strstr(message.text, "\nBcc"));
			for (const char *c = message.text; *c != '\0'; c++)
				assert_true((unsigned char)*c >= ' ' || *c == '\n');
			message_free(&message);
			message_free(&clean);
		}
}

/* What is kept as the peak may lag; a reader would not believe either number. */
static void
peak_is_not_below_now(void **state)
{
	struct message_line line = case_line();
	struct message_facts facts = case_facts(&line, 1, zone);
	struct message message;

	(void)state;
	line.now = 0.99;
	line.peak = 0.989;
	message = made(&facts);
	assert_non_null(strstr(message.text, "99.0% of 10.0 Gbit/s out; peak 99.0%;"));
	assert_non_null(strstr(message.html, "99.0% of 10.0 Gbit/s out; peak 99.0%;"));
	message_free(&message);
	line.what = TOLD_RECOVERY; /* now is of after it */
	line.until_utc_sec = CASE_NOW;
	message = made(&facts);
	assert_non_null(strstr(message.text, "peak 98.9%;"));
	message_free(&message);
}

static void
contacts_are_told_or_said_to_be_unknown(void **state)
{
	static const char *const many[] = { "NOC +49 69 1", "night: b@x", "c", "d", "e", "f" };
	struct message_line line = case_line();
	struct message_facts facts = case_facts(&line, 1, zone);
	struct message message;

	(void)state;
	line.contact_count = COUNT(many);
	line.contacts = many;
	message = made(&facts);
	assert_non_null(strstr(message.text, "contact: NOC +49 69 1; night: b@x; c; d; and 2"));
	message_free(&message);
	line.contact_count = 0;
	message = made(&facts);
	assert_non_null(strstr(message.text, "contact: unknown"));
	message_free(&message);
	line.contact_count = 1;
	line.subject.kind = ALERT_ROUTINE;
	line.subject.scope = ALERT_OF_CONNECTION;
	message = made(&facts);
	assert_non_null(strstr(message.text, "\nContact   NOC +49 69 1\n"));
	message_free(&message);
}

/* However many there are, what is told one by one is bounded, and the rest counted. */
static void
many_are_counted(void **state)
{
	enum { MANY = 5000 };
	struct message_line *lines = calloc(MANY, sizeof(*lines));
	struct message_facts facts = case_facts(lines, MANY, zone);
	struct message message;

	(void)state;
	assert_non_null(lines);
	for (size_t i = 0; i < MANY; i++) {
		lines[i] = case_line();
		lines[i].subject.id = (int64_t)i + 1;
	}
	message = made(&facts);
	assert_non_null(strstr(message.text, "\n50. "));
	assert_null(strstr(message.text, "\n51. "));
	assert_non_null(strstr(message.text, "And 4950 more"));
	assert_true(strlen(message.html) < 100000);
	message_free(&message);
	free(lines);
}

int
main(void)
{
	struct CMUnitTest tests[CASE_COUNT + COUNT(subject_cases) + 6];
	struct error err;
	size_t n = 0;
	int failed;

	for (size_t i = 0; i < CASE_COUNT; i++)
		tests[n++] = (struct CMUnitTest) { case_names[i], check_golden, NULL, NULL,
						   (void *)&case_names[i] };
	for (size_t i = 0; i < COUNT(subject_cases); i++)
		tests[n++] = (struct CMUnitTest) { subject_cases[i].name, check_subject, NULL, NULL,
						   (void *)&subject_cases[i] };
	tests[n++] = (struct CMUnitTest) { "names are text", names_are_text, NULL, NULL, NULL };
	tests[n++] =
	    (struct CMUnitTest) { "text keeps its width", text_keeps_its_width, NULL, NULL, NULL };
	tests[n++] =
	    (struct CMUnitTest) { "the first screen is enough", first_screen, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest) { "many are counted", many_are_counted, NULL, NULL, NULL };
	tests[n++] =
	    (struct CMUnitTest) { "contacts are told, or said to be unknown",
				  contacts_are_told_or_said_to_be_unknown, NULL, NULL, NULL };
	tests[n++] = (struct CMUnitTest) { "a peak is not below what is now", peak_is_not_below_now,
					   NULL, NULL, NULL };
	if (!zone_open(&zone, "Europe/Berlin", &err)) {
		fprintf(stderr, "%s\n", err.text);
		return 1;
	}
	failed = cmocka_run_group_tests_name("message", tests, NULL, NULL);
	zone_close(zone);
	return failed;
}
