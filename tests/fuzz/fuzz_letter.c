/* links: notify/letter.c notify/letter_coordinator.c notify/letter_csv.c notify/letter_decide.c notify/letter_entries.c notify/letter_episodes.c notify/letter_facts.c notify/letter_foot.c notify/letter_head.c notify/letter_help.c notify/letter_html.c notify/letter_mail.c notify/letter_measure.c notify/letter_page.c notify/letter_read.c notify/letter_read_connection.c notify/letter_read_side.c notify/letter_strip.c notify/letter_template.c notify/letter_template_check.c notify/letter_text.c notify/letter_why.c notify/letter_words.c notify/message_page.c base/detector_settings.c base/decimal_text.c base/json.c base/model.c base/units.c base/error.c */
/* pkgs: jansson */
/* fuzz_letter.c - facts of letters: texts from outside and octets anywhere in the document.  Whatever they are, there is a
 * letter or a sentence why not; and a letter has our tags alone, lines of its width, and the two places for its link.
 *
 * The input: an octet for the case, texts with a NUL behind each, which stand in for the case's names, an empty one, and
 * then three octets for each octet of the document that is changed. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include "../unit/letter_cases.h"
#include "notify/letter.h"
#include "notify/message_page.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static const char *const names[] = { "routine",      "two_zones", "withdrawn",
				     "insufficient", "reduced",   "overview" };
static char *documents[COUNT(names)];

static const char *const outside[] = {
	"ExampleNet", "Demo-IX Frankfurt", "edge1",
	"et-0/0/7",   "Nora Peering",      "Example Carrier",
	"rule A",     "optics replaced",   "free of routine congestion"
};

static void
must(bool holds)
{
	if (!holds)
		abort();
}

/* --- the document --- */

/* A text as JSON has it; what is no UTF-8 goes as it is, and is for the parser to refuse. */
static void
put_json_text(FILE *to, const char *text)
{
	for (; *text != '\0'; text++)
		if (*text == '"' || *text == '\\' || (unsigned char)*text < ' ')
			fprintf(to, "\\u%04x", (unsigned char)*text);
		else
			putc(*text, to);
}

static char *
replaced(const char *text, const char *from, const char *with)
{
	char *out = NULL;
	size_t len;
	FILE *to = open_memstream(&out, &len);

	for (const char *at; (at = strstr(text, from)) != NULL; text = at + strlen(from)) {
		fwrite(text, 1, (size_t)(at - text), to);
		put_json_text(to, with);
	}
	fputs(text, to);
	must(fclose(to) == 0);
	return out;
}

static char *
document_of(const uint8_t *data, size_t size)
{
	size_t which = data[0] % COUNT(names), at = 1;
	char *document;

	if (documents[which] == NULL)
		documents[which] = letter_case_text(names[which]);
	document = strdup(documents[which]);
	for (size_t i = 0; i < COUNT(outside) && at < size && data[at] != '\0'; i++) {
		size_t len = strnlen((const char *)data + at, size - at);
		char *text = strndup((const char *)data + at, len);
		char *next = replaced(document, outside[i], text);

		free(text);
		free(document);
		document = next;
		at += len + 1;
	}
	for (at++; at + 3 <= size; at += 3) {
		size_t place = (size_t)data[at] << 8 | data[at + 1];

		if (place < strlen(document) && data[at + 2] != '\0')
			document[place] = (char)data[at + 2];
	}
	return document;
}

/* --- the letter --- */

static void
check_text(char *text, bool of_peer)
{
	size_t links = 0;

	for (const char *c = text; *c != '\0'; c++)
		must((unsigned char)*c >= ' ' || *c == '\n');
	for (const char *at = strstr(text, LETTER_LINK); at != NULL;
	     at = strstr(at + 1, LETTER_LINK))
		links++;
	must(links == (of_peer ? 2 : 0));
	for (char *line = strtok(text, "\n"); line != NULL; line = strtok(NULL, "\n"))
		must(message_width(line) <= LETTER_WIDTH || strncmp(line, "  ", 2) == 0);
}

/* Each < begins one of our tags, and each tag ends with its quotes closed. */
static void
check_html(const char *html)
{
	static const char *const tags[] = { "!DOCTYPE", "!--",   "![endif]", "html", "head",
					    "meta",     "title", "style",    "body", "table",
					    "tr",       "td",    "th",       "h1",   "h2",
					    "h3",       "p",     "a",        "img",  "br",
					    "code" };

	for (const char *at = strchr(html, '<'); at != NULL; at = strchr(at, '<')) {
		const char *name = at + 1 + (at[1] == '/');
		size_t t = 0, quotes = 0;

		while (t < COUNT(tags) &&
		       (strncmp(name, tags[t], strlen(tags[t])) != 0 ||
			(tags[t][0] != '!' && strchr(" >", name[strlen(tags[t])]) == NULL)))
			t++;
		must(t < COUNT(tags));
		for (at = name; *at != '>' || quotes % 2 != 0; at++) {
			must(*at != '\0' && *at != '<');
			quotes += *at == '"';
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct letter letter = { 0 };
	struct error err = { 0 };
	struct json *facts;
	char *document;

	if (size < 1)
		return 0;
	document = document_of(data, size);
	if (json_parse(&facts, document, strlen(document), &err)) {
		bool of_peer = strcmp(json_text(json_get(facts, "kind"), ""), "peer") == 0;

		letter_purpose_of(facts);
		letter_tells(facts);
		if (letter_make(&letter, facts, &err)) {
			must(message_width(letter.subject) <= LETTER_SUBJECT_MAX);
			must(strpbrk(letter.subject, "\r\n") == NULL);
			check_text(letter.text, of_peer);
			check_html(letter.html);
			letter_free(&letter);
		} else {
			must(err.text[0] != '\0');
		}
		json_free(facts);
	}
	free(document);
	return 0;
}
