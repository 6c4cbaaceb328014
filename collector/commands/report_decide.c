/* report_decide.c - `ixwatch report approve`, `hold`, `release` and `note`: about one letter, or several. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/declare_desk.h"
#include "commands/report_ask.h"
#include "commands/report_part.h"
#include "ixwatch/report.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define IDS_MAX      1000

/* --- several at once: each stands or falls alone --- */

static void
print_decided(const struct json *answer)
{
	const struct json *recipients = json_get(answer, "recipients");
	int64_t id = 0, notice = 0;

	json_int(json_get(answer, "id"), &id);
	json_int(json_get(answer, "notice"), &notice);
	printf("report %lld: %s", (long long)id, json_text(json_get(answer, "state"), ""));
	for (size_t i = 0; i < json_count(recipients); i++)
		printf("%s%s", i == 0 ? ", to " : ", ", json_text(json_at(recipients, i), ""));
	if (notice > 0)
		printf(", friendly notice %lld", (long long)notice);
	puts("");
}

static bool
print_list(struct json *list, struct error *err)
{
	char *text = json_print_dup(list, true, NULL);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return true;
}

static int
decide_all(const char *command, const struct config *config, const struct option_set *set,
	   const char *op, const char *author, const char *why, struct json *list)
{
	struct error err = { 0 };
	int status = 0;

	for (size_t i = 0; i < set->word_count; i++) {
		struct json *request = report_request(op, author), *answer = NULL;
		int64_t id = 0;

		report_id_parse(command, set->words[i], &id);
		json_put_int(request, "id", id);
		if (why != NULL)
			json_put_text(request, "why", why);
		if (!report_ask(config, request, &answer, &err))
			status = options_fail(command, &err);
		else if (list != NULL)
			json_put_take(list, "", answer);
		else
			print_decided(answer);
		if (list == NULL)
			json_free(answer);
		json_free(request);
	}
	return status;
}

static int
decide(const char *command, const struct option_set *set, const char *op, const char *author,
       const char *why, const char *format)
{
	struct json *list = NULL;
	struct config *config;
	struct error err = { 0 };
	int64_t id;
	int status;

	if (set->word_count == 0) {
		fprintf(stderr,
			"ixwatch %s: needs the ID of a report, a number that `ixwatch report list` "
			"shows\n",
			command);
		return 2;
	}
	for (size_t i = 0; i < set->word_count; i++)
		if (!report_id_parse(command, set->words[i], &id))
			return 2;
	if (!report_format_ok(command, format) ||
	    (config = options_config(set->config_file)) == NULL)
		return 2;
	config_drop_secrets(config);
	if (strcmp(format, "json") == 0)
		list = json_array_new();
	status = decide_all(command, config, set, op, author, why, list);
	if (list != NULL && !print_list(list, &err))
		status = options_fail(command, &err);
	json_free(list);
	config_free(config);
	return status;
}

static int
decide_part(int argc, char **argv, const char *command, const char *op, const char *about)
{
	const char *author = desk_login_name(), *format = "text", *words[IDS_MAX];
	const struct option_row rows[] = {
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = command,
				  .arguments = "ID...",
				  .about = about,
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = IDS_MAX };

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	return decide(command, &set, op, author, NULL, format);
}

int
report_command_approve(int argc, char **argv)
{
	return decide_part(argc, argv, "report approve", "report-approve",
			   "Lets letters go out: one mail to each recipient, and the notice is "
			   "counted, at once or not at all.\nWhat is approved is not approved "
			   "again.");
}

int
report_command_release(int argc, char **argv)
{
	return decide_part(argc, argv, "report release", "report-release",
			   "Lets letters that are held wait for approval again; and one that has "
			   "nothing to tell, too.");
}

int
report_command_hold(int argc, char **argv)
{
	const char *author = desk_login_name(), *format = "text", *why = NULL, *words[IDS_MAX];
	const struct option_row rows[] = {
		{ "why", "TEXT", &why, NULL, "one line, shown wherever the letter is" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = "report hold",
				  .arguments = "ID... --why TEXT",
				  .about = "Keeps letters back. They lapse like those that nobody "
					   "approved.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = IDS_MAX };

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (why == NULL) {
		fprintf(stderr, "ixwatch report hold: needs --why TEXT\n");
		return 2;
	}
	return decide("report hold", &set, "report-hold", author, why, format);
}

/* --- the covering note --- */

/* The file's text, or standard input's; caller frees; NULL with the sentence on standard error. */
static char *
note_read(const char *file)
{
	FILE *in = strcmp(file, "-") == 0 ? stdin : fopen(file, "re");
	char *text = calloc(1, REPORT_NOTE_MAX + 2);
	size_t len = 0;

	if (in == NULL || text == NULL) {
		fprintf(stderr, "ixwatch report note: %s: %s\n", file, strerror(errno));
		free(text);
		text = NULL;
	} else {
		len = fread(text, 1, REPORT_NOTE_MAX + 1, in);
	}
	if (in != NULL && in != stdin)
		fclose(in);
	if (text != NULL && strlen(text) != len) {
		fprintf(stderr, "ixwatch report note: %s: is no text\n", file);
		free(text);
		text = NULL;
	}
	return text;
}

static void
print_noted(const struct json *request, const struct json *answer)
{
	int64_t id = 0;

	(void)request;
	json_int(json_get(answer, "id"), &id);
	printf("report %lld: %s\n", (long long)id,
	       json_text(json_get(answer, "note"), "")[0] != '\0'
		   ? "the note stands before the letter"
		   : "no note");
}

int
report_command_note(int argc, char **argv)
{
	const char *author = desk_login_name(), *format = "text", *text = NULL, *file = NULL,
		   *words[1];
	const struct option_row rows[] = {
		{ "text", "TEXT", &text, NULL, "the note; \"\": none" },
		{ "file", "FILE", &file, NULL, "a file that holds it; -: standard input" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = { .command = "report note",
				  .arguments = "ID --text TEXT|--file FILE",
				  .about = "Puts a covering note before a letter that is not "
					   "approved yet: lines of plain text, up to 4000 octets.\n"
					   "The kept letter itself stays as it is.",
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	char *read = NULL;
	int64_t id;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || (text == NULL) == (file == NULL)) {
		fprintf(stderr, "ixwatch report note: needs the ID of a report, and one of --text "
				"and --file\n");
		return 2;
	}
	if (!report_id_parse("report note", words[0], &id) ||
	    (file != NULL && (read = note_read(file)) == NULL))
		return 2;
	request = report_request("report-note", author);
	json_put_int(request, "id", id);
	json_put_text(request, "note", read != NULL ? read : text);
	free(read);
	return report_ask_once("report note", &set, format, request, print_noted);
}
