/* note.c - `ixwatch note`: what somebody wrote about a port, for the next who looks at it. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/declare_desk.h"
#include "commands/options.h"
#include "ixwatch/ledger_note.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- asking --- */

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

/* The whole of a part that is one request: configuration, request, answer, a line of text.  Takes the request. */
static int
run_once(const char *command, const char *config_file, struct json *request_take,
	 void (*print)(const struct json *request, const struct json *answer))
{
	struct config *config = options_config(config_file);
	struct json *answer = NULL;
	struct error err = { 0 };
	int status = 2;

	if (config != NULL) {
		config_drop_secrets(config);
		status =
		    ask_once(config, request_take, &answer, &err) ? 0 : options_fail(command, &err);
	}
	if (status == 0)
		print(request_take, answer);
	json_free(answer);
	json_free(request_take);
	config_free(config);
	return status;
}

static int64_t
id_of(const struct json *answer)
{
	int64_t id = 0;

	json_int(json_get(answer, "id"), &id);
	return id;
}

/* --- add --- */

static void
print_added(const struct json *request, const struct json *answer)
{
	bool known = strcmp(json_text(json_get(answer, "outcome"), ""), "known") == 0;

	printf("note %" PRId64 " %s about %s\n", id_of(answer), known ? "says so already" : "added",
	       json_text(json_get(request, "port"), ""));
}

static int
part_add(int argc, char **argv)
{
	const char *port = NULL, *text = NULL, *author = desk_login_name();
	const struct option_row rows[] = {
		{ "port", "PORT", &port, NULL, "its id, or exchange/agent/ifName" },
		{ "text", "TEXT", &text, NULL, "up to 500 characters; it may have lines" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
	};
	struct option_set set = {
		.command = "note add",
		.arguments = "--port PORT --text TEXT",
		.about = "Adds a note about a port. It is never changed or deleted; `note "
			 "withdraw` takes it back.",
		.rows = rows,
		.row_count = COUNT(rows),
	};
	struct json *request;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (port == NULL || text == NULL) {
		fprintf(stderr, "ixwatch note add: needs --port and --text (see ixwatch note add "
				"--help)\n");
		return 2;
	}
	request = json_object_new();
	json_put_text(request, "op", "note");
	json_put_text(request, "port", port);
	json_put_text(request, "text", text);
	json_put_text(request, "author", author);
	return run_once("note add", set.config_file, request, print_added);
}

/* --- withdraw --- */

static void
print_withdrawn(const struct json *request, const struct json *answer)
{
	(void)request;
	printf("note %" PRId64 " is withdrawn\n", id_of(answer));
}

static int
part_withdraw(int argc, char **argv)
{
	const char *author = desk_login_name(), *words[1];
	const struct option_row rows[] = {
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
	};
	struct option_set set = {
		.command = "note withdraw",
		.arguments = "ID",
		.about = "Takes a note back. It stays in the register, with who withdrew it.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = words,
		.word_max = 1,
	};
	struct json *request;
	uint64_t id;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || !units_parse_uint(words[0], 1, INT64_MAX, &id)) {
		fprintf(stderr, "ixwatch note withdraw: needs the ID of a note, a number that "
				"`ixwatch note list` shows\n");
		return 2;
	}
	request = json_object_new();
	json_put_text(request, "op", "note-withdraw");
	json_put_int(request, "id", (int64_t)id);
	json_put_text(request, "author", author);
	return run_once("note withdraw", set.config_file, request, print_withdrawn);
}

/* --- list --- */

struct list {
	struct json *rows; /* NULL: as text */
	unsigned count;
};

/* Its lines, each below the other. */
static void
print_lines(const char *text)
{
	while (text != NULL) {
		const char *end = strchr(text, '\n');

		printf("       %.*s\n", end != NULL ? (int)(end - text) : (int)strlen(text), text);
		text = end != NULL ? end + 1 : NULL;
	}
}

static void
print_note(const struct ledger_note *note)
{
	char at[32];

	printf("%5" PRId64 "  %s  %s/%s/%s  %s\n", note->id,
	       units_format_utc(at, sizeof(at), note->created_utc_sec), note->exchange, note->agent,
	       note->interface, note->author);
	print_lines(note->text);
	if (note->withdrawn_utc_sec != 0)
		printf("       withdrawn at %s by %s\n",
		       units_format_utc(at, sizeof(at), note->withdrawn_utc_sec),
		       note->withdrawn_by);
}

static void
put_note(struct json *rows, const struct ledger_note *note)
{
	struct json *object = json_put_object(rows, "");

	json_put_int(object, "id", note->id);
	json_put_int(object, "port", note->port_id);
	json_put_text(object, "exchange", note->exchange);
	json_put_text(object, "agent", note->agent);
	json_put_text(object, "interface", note->interface);
	json_put_text(object, "text", note->text);
	json_put_text(object, "author", note->author);
	json_put_utc(object, "created_at", note->created_utc_sec);
	json_put_utc(object, "withdrawn_at", note->withdrawn_utc_sec);
	json_put_text(object, "withdrawn_by",
		      note->withdrawn_utc_sec != 0 ? note->withdrawn_by : NULL);
}

static bool
on_note(const struct ledger_note *note, void *user)
{
	struct list *list = user;

	list->count++;
	if (list->rows != NULL)
		put_note(list->rows, note);
	else
		print_note(note);
	return true;
}

static bool
on_port(const struct port *port, void *user)
{
	*(int64_t *)user = port->id;
	return false;
}

static bool
list_all(const struct config *config, const char *port, bool all, struct list *list,
	 struct error *err)
{
	struct ledger_note_query query = { .standing_only = !all };
	struct ledger *ledger = NULL;
	bool done =
	    ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
	    (port == NULL || ledger_port_find(ledger, port, on_port, &query.port_id, err)) &&
	    ledger_note_each(ledger, &query, on_note, list, err);

	ledger_close(ledger);
	return done;
}

static bool
list_print(const struct config *config, const char *port, bool all, bool as_json, struct error *err)
{
	struct json *root = as_json ? json_object_new() : NULL;
	struct list list = { .rows = as_json ? json_put_array(root, "notes") : NULL };
	bool done = list_all(config, port, all, &list, err);
	char *text = done && as_json ? json_print_dup(root, true, NULL) : NULL;

	if (done && as_json && text == NULL)
		done = error_set(err, ERR_NOMEM, "out of memory");
	if (text != NULL)
		puts(text);
	if (done && !as_json && list.count == 0)
		printf("there is no note%s\n", all ? "" : " that stands");
	free(text);
	json_free(root);
	return done;
}

static int
part_list(int argc, char **argv)
{
	const char *port = NULL, *format = "text";
	bool all = false, done;
	const struct option_row rows[] = {
		{ "port", "PORT", &port, NULL,
		  "those about one port: its id, or exchange/agent/ifName" },
		{ "all", NULL, NULL, &all, "those that were withdrawn, too" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = {
		.command = "note list",
		.arguments = "[--port PORT] [--all] [--format text|json]",
		.about =
		    "The notes that stand, the newest first. Those about a port that moved are "
		    "the new port's, too.",
		.rows = rows,
		.row_count = COUNT(rows),
	};
	struct error err = { 0 };
	struct config *config;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		fprintf(stderr, "ixwatch note list: --format \"%.40s\": allowed: text, json\n",
			format);
		return 2;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = list_print(config, port, all, strcmp(format, "json") == 0, &err);
	config_free(config);
	return done ? 0 : options_fail("note list", &err);
}

/* --- the parts --- */

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} parts[] = {
	{ "add", part_add, "--port PORT --text TEXT [--author NAME]", "write one" },
	{ "list", part_list, "[--port PORT] [--all] [--format text|json]",
	  "those that stand; --all: every one" },
	{ "withdraw", part_withdraw, "ID [--author NAME]", "take one back" },
};

static int
usage(FILE *to, int status)
{
	fprintf(to,
		"usage: ixwatch note PART [OPTION]...\n\n"
		"Notes about ports: what the next who looks should know, with who wrote it and "
		"when. They are shown to\nwhoever has an account that sees the port, never to a "
		"peer by a letter's link, and change no judgement.\n\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		fprintf(to, "  note %s %s\n      %s\n", parts[i].name, parts[i].arguments,
			parts[i].help);
	fprintf(to, "\nPORT is an id or exchange/agent/ifName; TEXT has up to 500 characters, and "
		    "may have lines.\n");
	return status;
}

int
command_note(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	fprintf(stderr, "ixwatch note: \"%s\" is none of: add, list, withdraw\n\n", name);
	return usage(stderr, 2);
}
