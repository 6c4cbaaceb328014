/* links: notify/message.c notify/message_page.c notify/message_subject.c notify/message_words.c notify/mime.c notify/mime_encode.c base/alert_words.c base/model.c base/units.c base/decimal.c base/zone.c base/error.c */
/* pkgs: glib-2.0 */
/* fuzz_mail.c - texts from outside in a mail about alerts: whatever they are, the mail has its own headers and no others,
 * lines of its length, and HTML without a tag of theirs. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "../unit/message_cases.h"
#include "notify/message_page.h"
#include "notify/mime.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* The next text of the input: up to a NUL. */
static const char *
text_take(const char **at, const char *end)
{
	const char *text = *at;

	*at = text + strlen(text) < end ? text + strlen(text) + 1 : end;
	return text;
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
check_octets(const char *octets, size_t len)
{
	static const char *const names[] = { "Date",
					     "From",
					     "To",
					     "Subject",
					     "Message-ID",
					     "Auto-Submitted",
					     "X-Auto-Response-Suppress",
					     "MIME-Version",
					     "Content-Type" };
	const char *line = octets;
	size_t header = 0;
	bool in_header = true;

	must(strlen(octets) == len);
	for (const char *c = octets; c < octets + len; c++) {
		must((*c >= ' ' && *c < 0x7f) || *c == '\t' || *c == '\r' || *c == '\n');
		if (*c == '\r')
			must(c[1] == '\n');
		if (*c != '\n')
			continue;
		must(c > octets && c[-1] == '\r' && c - line <= MIME_LINE_MAX + 1);
		in_header = in_header && c - line > 1;
		if (in_header && *line != ' ') {
			must(header < sizeof(names) / sizeof(names[0]) &&
			     strncmp(line, names[header], strlen(names[header])) == 0 &&
			     line[strlen(names[header])] == ':');
			header++;
		}
		line = c + 1;
	}
	must(header == sizeof(names) / sizeof(names[0]));
}

static void
check_words(const struct message *message, const struct message *tame)
{
	static const char *const marks[] = { "<", "<a ", "<img", "<!--", "</td>", "style=\"" };

	must(message_width(message->subject) <= MESSAGE_SUBJECT_MAX);
	for (const char *c = message->text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' || *c == '\n');
	for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++)
		must(occurrences(message->html, marks[i]) == occurrences(tame->html, marks[i]));
}

static void
texts_set(struct message_line *line, const char *const text[8])
{
	line->alias = text[0];
	line->peer = text[1];
	line->contacts = &text[2];
	line->contact_count = text[2][0] != '\0';
	line->circuit = text[3];
	line->note = text[4];
	line->runbook = text[5];
	line->works = text[6];
	line->interface = line->subject.agent = text[7];
}

static struct message
made(struct message_line *line, enum alert_told_what what, const char *const text[8])
{
	struct message_facts facts = case_facts(line, 1, NULL);
	struct message message = { 0 };

	line->what = what;
	texts_set(line, text);
	must(message_alert(&message, &facts, NULL));
	return message;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* A row of its own for what is not empty: the tame one has the same rows. */
	char *input = calloc(1, size + 1);
	const char *at = input, *end, *text[8], *plain[8];
	struct message_line line = case_line();
	struct message message, tame;
	enum alert_told_what what;
	char *octets;
	size_t len;

	if (input == NULL || size < 2) {
		free(input);
		return 0;
	}
	memcpy(input, data, size);
	end = input + size;
	what = (enum alert_told_what)((unsigned char)*at++ % TOLD_COUNT);
	for (size_t i = 0; i < 8; i++) {
		text[i] = text_take(&at, end);
		plain[i] = text[i][0] == '\0' ? "" : "x";
	}
	tame = made(&line, what, plain);
	message = made(&line, what, text);
	check_words(&message, &tame);
	must(mime_write(&octets, &len,
			&(struct mime_mail) { .from = "a@b",
					      .from_name = text[0],
					      .to = "c@d",
					      .reply_to = text[1],
					      .message_id = "<1@b>",
					      .in_reply_to = "",
					      .references = "",
					      .subject = message.subject,
					      .text = message.text,
					      .html = message.html },
			NULL));
	if (strstr(octets, "\r\nReply-To: ") == NULL)
		check_octets(octets, len);
	free(octets);
	message_free(&message);
	message_free(&tame);
	free(input);
	return 0;
}
