/* declare.c - `ixwatch declare`: the table of its parts, and the two that change one window. */
#include "commands/declare_parts.h"

#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/declare_desk.h"
#include "commands/options.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} parts[] = {
	{ "add", declare_command_add,
	  "--scope S --from T --to T --cause C --reason TEXT [--author NAME]", "declare a window" },
	{ "list", declare_command_list, "[--all] [--format text|json]",
	  "the windows not over yet; --all: every one" },
	{ "end", declare_command_end, "ID [--at T] [--author NAME]",
	  "end a window early; at its start: withdraw it" },
	{ "import", declare_command_import,
	  "FILE.ics --scope S --cause C [--timezone ZONE] [--author NAME] [--dry-run]",
	  "declare the events of a calendar" },
};

static int
usage(FILE *to, int status)
{
	fprintf(to, "usage: ixwatch declare PART [OPTION]...\n\n"
		    "The register of declared windows: times of which somebody says why a port was "
		    "full. Days that lie in\nthem are shown as declared, and convict nobody.\n\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		fprintf(to, "  declare %s %s\n      %s\n", parts[i].name, parts[i].arguments,
			parts[i].help);
	fprintf(to, "\nS is port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG; T is RFC "
		    "3339 or Unix seconds;\nC is one of event works attack failover exchange ours. "
		    "A window lasts at most 7 days.\n");
	return status;
}

int
command_declare(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	fprintf(stderr, "ixwatch declare: \"%s\" is none of: add, list, end, import\n\n", name);
	return usage(stderr, 2);
}

/* Hands one request in and takes the answer. */
static bool
ask_once(const struct config *config, const struct json *request, struct json **answer,
	 struct error *err)
{
	struct desk *desk = NULL;
	bool done = desk_open(&desk, config, err) && desk_ask(desk, request, answer, err) &&
		    desk_finish(desk, err);

	desk_close(desk);
	return done;
}

/* The whole of a part that is one request: configuration, request, answer, a line of text. */
static int
run_once(const char *command, const char *config_file, const struct json *request,
	 void (*print)(const struct json *request, const struct json *answer))
{
	struct config *config = options_config(config_file);
	struct json *answer = NULL;
	struct error err = { 0 };
	bool done;

	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = ask_once(config, request, &answer, &err);
	if (done)
		print(request, answer);
	json_free(answer);
	config_free(config);
	return done ? 0 : options_fail(command, &err);
}

/* --- add --- */

static void
print_added(const struct json *request, const struct json *answer)
{
	int64_t id = 0;

	json_int(json_get(answer, "id"), &id);
	printf("window %lld declared for %s\n", (long long)id,
	       json_text(json_get(request, "scope"), ""));
}

static struct json *
add_request(const char *scope, const char *from, const char *to, const char *cause,
	    const char *reason, const char *author)
{
	struct json *request = json_object_new();

	json_put_text(request, "op", "declare_add");
	json_put_text(request, "scope", scope);
	json_put_text(request, "from", from);
	json_put_text(request, "to", to);
	json_put_text(request, "cause", cause);
	json_put_text(request, "reason", reason);
	json_put_text(request, "author", author);
	return request;
}

int
declare_command_add(int argc, char **argv)
{
	const char *scope = NULL, *from = NULL, *to = NULL, *cause = NULL, *reason = NULL,
		   *author = desk_login_name();
	const struct option_row rows[] = {
		{ "scope", "SCOPE", &scope, NULL,
		  "port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG" },
		{ "from", "TIME", &from, NULL, "RFC 3339 or Unix seconds" },
		{ "to", "TIME", &to, NULL, "at most 7 days later" },
		{ "cause", "CAUSE", &cause, NULL,
		  "event, works, attack, failover, exchange or ours" },
		{ "reason", "TEXT", &reason, NULL, "one line, shown wherever the window is" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
	};
	struct option_set set = {
		.command = "declare add",
		.arguments = "--scope SCOPE --from TIME --to TIME --cause CAUSE --reason TEXT",
		.about = "Declares a window: a time of which somebody says why ports were full. "
			 "It is never deleted; `declare end`\nends it early or withdraws it.",
		.rows = rows,
		.row_count = COUNT(rows),
	};
	struct json *request;
	int status;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (scope == NULL || from == NULL || to == NULL || cause == NULL || reason == NULL) {
		fprintf(stderr, "ixwatch declare add: needs --scope, --from, --to, --cause and "
				"--reason (see ixwatch declare add --help)\n");
		return 2;
	}
	request = add_request(scope, from, to, cause, reason, author);
	status = run_once("declare add", set.config_file, request, print_added);
	json_free(request);
	return status;
}

/* --- end --- */

static void
print_ended(const struct json *request, const struct json *answer)
{
	int64_t id = 0;

	(void)request;
	json_int(json_get(answer, "id"), &id);
	if (json_bool(json_get(answer, "withdrawn"), false))
		printf("window %lld is withdrawn\n", (long long)id);
	else
		printf("window %lld ends at %s\n", (long long)id,
		       json_text(json_get(answer, "until"), ""));
}

int
declare_command_end(int argc, char **argv)
{
	const char *at = NULL, *author = desk_login_name(), *words[1];
	const struct option_row rows[] = {
		{ "at", "TIME", &at, NULL, "RFC 3339 or Unix seconds (default: now)" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
	};
	struct option_set set = {
		.command = "declare end",
		.arguments = "ID [--at TIME]",
		.about = "Ends a window before the end it was declared with; at or before its "
			 "start it is withdrawn. It stays in\nthe register, with who ended it.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = words,
		.word_max = 1,
	};
	struct json *request;
	uint64_t id;
	int status;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || !units_parse_uint(words[0], 1, INT64_MAX, &id)) {
		fprintf(stderr, "ixwatch declare end: needs the ID of a window, a number that "
				"`ixwatch declare list` shows\n");
		return 2;
	}
	request = json_object_new();
	json_put_text(request, "op", "declare_end");
	json_put_int(request, "id", (int64_t)id);
	json_put_text(request, "author", author);
	if (at != NULL)
		json_put_text(request, "at", at);
	status = run_once("declare end", set.config_file, request, print_ended);
	json_free(request);
	return status;
}
