/* letter_cases.h - the facts of letters for tests: tests/golden/letter_NAME.json.
 *
 * They are what letter.h describes but for the days, which are short there: "2026-11-17 C 220 0 99.2 - ......::oooo8@@" is
 * a date, a state (_ clean, C congested, F flash, D declared, R reduced, U unclassified, ? unknown), congested and excused
 * minutes, the share known in percent, what excuses it ("-" none, "W" withdrawn) and its hours as a letter shows them. */
#ifndef TESTS_UNIT_LETTER_CASES_H
#define TESTS_UNIT_LETTER_CASES_H

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/json.h"

#define LETTER_FOLDER "tests/golden/letter_"

static const char *const letter_case_names[] = {
	"well",      "routine",    "ordered",      "disputed", "uneven",    "flash",
	"withdrawn", "reduced",    "insufficient", "upgrade",  "hours_167", "hours_169",
	"two_zones", "correction", "exchange",     "overview",
};
#define LETTER_CASE_COUNT (sizeof(letter_case_names) / sizeof(letter_case_names[0]))

static inline const char *
letter_case_state(char c)
{
	switch (c) {
	case 'C': return "congested";
	case 'F': return "flash";
	case 'D': return "declared";
	case 'R': return "reduced capacity";
	case 'U': return "unclassified";
	case '?': return "unknown";
	default: return "clean";
	}
}

static inline void
letter_case_hour(FILE *to, char c)
{
	switch (c) {
	case '.': fputs("{\"max\":0.31,\"excused\":false}", to); break;
	case ':': fputs("{\"max\":0.55,\"excused\":false}", to); break;
	case 'o': fputs("{\"max\":0.78,\"excused\":false}", to); break;
	case '8': fputs("{\"max\":0.92,\"excused\":false}", to); break;
	case '@': fputs("{\"max\":0.973,\"excused\":false}", to); break;
	case '/': fputs("{\"max\":0.962,\"excused\":true}", to); break;
	default: fputs("{\"max\":null,\"excused\":false}", to); break;
	}
}

/* A day's short form, which begins behind its quote, as what letter.h has. */
static inline void
letter_case_day(FILE *to, const char *line)
{
	char date[11], state, excuse[16], cells[32];
	int congested, excused;
	double known;

	if (sscanf(line, "%10s %c %d %d %lf %15s %31[^\"]", date, &state, &congested, &excused,
		   &known, excuse, cells) != 7)
		abort();
	fprintf(to,
		"{\"date\":\"%s\",\"state\":\"%s\",\"known_share\":%.3f,\"congested_minutes\":%d,"
		"\"excused_minutes\":%d,\"excuse\":%s%s%s,\"withdrawn\":%s,\"verdict\":\"none\","
		"\"hours\":[",
		date, letter_case_state(state), known / 100, congested, excused,
		excuse[0] == '-' || excuse[0] == 'W' ? "null" : "\"",
		excuse[0] == '-' || excuse[0] == 'W' ? ""
		: strcmp(excuse, "reduced") == 0     ? "reduced capacity"
						     : excuse,
		excuse[0] == '-' || excuse[0] == 'W' ? "" : "\"",
		excuse[0] == 'W' ? "true" : "false");
	for (const char *c = cells; *c != '\0'; c++) {
		fputs(c > cells ? "," : "", to);
		letter_case_hour(to, *c);
	}
	fputs("]}", to);
}

/* The file with its days in full; caller frees both texts. */
static inline char *
letter_case_expand(const char *text)
{
	char *full = NULL;
	size_t len;
	FILE *to = open_memstream(&full, &len);

	while (to != NULL && *text != '\0') {
		size_t line = strcspn(text, "\n"), blanks = strspn(text, " ");
		const char *at = text + blanks;

		if (at[0] == '"' && at[1] == '2' && at[5] == '-' && at[11] == ' ') {
			letter_case_day(to, at + 1);
			fputs(text[line - 1] == ',' ? ",\n" : "\n", to);
		} else {
			fprintf(to, "%.*s\n", (int)line, text);
		}
		text += line + (text[line] == '\n');
	}
	if (to == NULL || fclose(to) != 0)
		abort();
	char *copy = strdup(full); /* gcc takes a stream's own memory for a local one */
	free(full);
	return copy;
}

static inline char *
letter_case_file(const char *path)
{
	FILE *file = fopen(path, "r");
	char *text = calloc(1, 1 << 20);

	if (file == NULL || text == NULL) {
		fprintf(stderr, "%s: it is not there\n", path);
		abort();
	}
	text[fread(text, 1, (1 << 20) - 1, file)] = '\0';
	fclose(file);
	return text;
}

/* The facts of a case as JSON text; caller frees. */
static inline char *
letter_case_text(const char *name)
{
	char path[160], *text, *full;

	snprintf(path, sizeof(path), LETTER_FOLDER "%s.json", name);
	text = letter_case_file(path);
	full = letter_case_expand(text);
	free(text);
	return full;
}

#endif
