/* quiet.c - `ixwatch silence` and `ixwatch ack`: the register of what keeps alerts quiet.  Both have the same parts. */
#include <inttypes.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/declare_desk.h"
#include "commands/options.h"
#include "ixwatch/alert.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* What the two differ in. */
static const struct register_row {
	enum quiet_kind kind;
	const char *command, *op_add, *op_end, *list_key;
	const char *add_arguments, *add_help, *list_help, *end_help;
	const char *about, *add_about, *end_about, *more;
} registers[QUIET_KIND_COUNT] = {
	[QUIET_SILENCE] = {
		.kind = QUIET_SILENCE,
		.command = "silence",
		.op_add = "silence",
		.op_end = "silence-end",
		.list_key = "silences",
		.add_arguments = "--scope SCOPE --to TIME --reason TEXT [--from TIME] [--author NAME]",
		.add_help = "no mail about it for a time",
		.list_help = "those not over yet; --all: every one",
		.end_help = "end one early",
		.about = "Silences: no mail about a port, a peer's ports, an agent or an exchange "
			 "for a time, such as planned works.\nPolling and judging go on; what is "
			 "still open when a silence ends is told then.",
		.add_about = "Adds a silence. It is never deleted; `silence end` ends it early.",
		.end_about = "Ends a silence now. It stays in the register, with who ended it. "
			     "What is still open is told.",
		.more = "SCOPE is port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG; TIME is "
			"RFC 3339, Unix\nseconds, or a duration from now such as 2h.",
	},
	[QUIET_ACKNOWLEDGEMENT] = {
		.kind = QUIET_ACKNOWLEDGEMENT,
		.command = "ack",
		.op_add = "acknowledge",
		.op_end = "acknowledge-end",
		.list_key = "acknowledgements",
		.add_arguments = "--scope SCOPE | --alert ID --reason TEXT [--to TIME] [--author NAME]",
		.add_help = "somebody works on it",
		.list_help = "those in force; --all: every one",
		.end_help = "end one early",
		.about = "Acknowledgements: somebody works on alerts that are open. They are not "
			 "repeated, and go to no next\naddress; their end is told.",
		.add_about = "Acknowledges an alert, or all that are open in a scope. It is never "
			     "deleted; `ack end` ends it early.",
		.end_about = "Ends an acknowledgement now. It stays in the register, with who ended "
			     "it.",
		.more = "SCOPE is port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG; ID is an "
			"alert's; TIME is RFC\n3339, Unix seconds, or a duration from now such as 2h "
			"(default: as long as it is open).",
	},
};

static int
usage(const struct register_row *row, FILE *to, int status)
{
	fprintf(to, "usage: ixwatch %s PART [OPTION]...\n\n%s\n\n", row->command, row->about);
	fprintf(to, "  %s add %s\n      %s\n", row->command, row->add_arguments, row->add_help);
	fprintf(to, "  %s list [--all] [--format text|json]\n      %s\n", row->command,
		row->list_help);
	fprintf(to, "  %s end ID [--author NAME]\n      %s\n\n%s\n", row->command, row->end_help,
		row->more);
	return status;
}

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

/* The id in the answer; 0 and *status when there is none. */
static int64_t
run_once(const char *command, const char *config_file, const struct json *request, int *status)
{
	struct config *config = options_config(config_file);
	struct json *answer = NULL;
	struct error err = { 0 };
	int64_t id = 0;

	*status = 2;
	if (config == NULL)
		return 0;
	config_drop_secrets(config);
	*status = ask_once(config, request, &answer, &err) ? 0 : options_fail(command, &err);
	if (*status == 0)
		json_int(json_get(answer, "id"), &id);
	json_free(answer);
	config_free(config);
	return id;
}

/* A time, or a duration from now on. */
static void
put_time(struct json *request, const char *key, const char *text)
{
	int64_t sec;

	if (text != NULL && strspn(text, "0123456789") < strlen(text) &&
	    units_parse_duration_sec(text, &sec))
		json_put_int(request, key, clock_utc_sec() + sec);
	else if (text != NULL)
		json_put_text(request, key, text);
}

/* --- add --- */

static int
part_add(const struct register_row *row, int argc, char **argv)
{
	bool silence = row->kind == QUIET_SILENCE;
	const char *scope = NULL, *alert = NULL, *from = NULL, *to = NULL, *reason = NULL,
		   *author = desk_login_name();
	const struct option_row rows[] = {
		{ "scope", "SCOPE", &scope, NULL,
		  "port:PORT, peer:ASN, agent:EXCHANGE/AGENT or exchange:SLUG" },
		{ "to", "TIME", &to, NULL,
		  silence ? "when it ends: RFC 3339, Unix seconds, or 2h"
			  : "when it ends (default: with the alert)" },
		{ "reason", "TEXT", &reason, NULL, "one line, shown wherever it holds" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
		silence ? (struct option_row) { "from", "TIME", &from, NULL,
						"when it begins (default: now)" }
			: (struct option_row) { "alert", "ID", &alert, NULL,
						"that one alone, instead of a scope" },
	};
	char command[32];
	struct option_set set = { .command = command,
				  .arguments = row->add_arguments,
				  .about = row->add_about,
				  .rows = rows,
				  .row_count = COUNT(rows) };
	struct json *request;
	uint64_t alert_id = 0;
	int64_t id;
	int status;

	snprintf(command, sizeof(command), "%s add", row->command);
	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if ((scope == NULL) == (alert == NULL) || reason == NULL || (silence && to == NULL) ||
	    (alert != NULL && !units_parse_uint(alert, 1, INT64_MAX, &alert_id))) {
		fprintf(stderr, "ixwatch %s: needs %s (see ixwatch %s --help)\n", command,
			silence ? "--scope, --to and --reason"
				: "--scope or --alert with a number, and --reason",
			command);
		return 2;
	}
	request = json_object_new();
	json_put_text(request, "op", row->op_add);
	if (scope != NULL)
		json_put_text(request, "scope", scope);
	if (alert != NULL)
		json_put_int(request, "alert", (int64_t)alert_id);
	put_time(request, "from", from);
	put_time(request, "to", to);
	json_put_text(request, "reason", reason);
	json_put_text(request, "author", author);
	id = run_once(command, set.config_file, request, &status);
	if (status == 0)
		printf("%s %" PRId64 " added for %s%s\n", quiet_kind_name(row->kind), id,
		       scope != NULL ? scope : "alert:", scope != NULL ? "" : alert);
	json_free(request);
	return status;
}

/* --- end --- */

static int
part_end(const struct register_row *row, int argc, char **argv)
{
	const char *author = desk_login_name(), *words[1];
	const struct option_row rows[] = {
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
	};
	char command[32];
	struct option_set set = { .command = command,
				  .arguments = "ID",
				  .about = row->end_about,
				  .rows = rows,
				  .row_count = COUNT(rows),
				  .words = words,
				  .word_max = 1 };
	struct json *request;
	uint64_t id;
	int status;

	snprintf(command, sizeof(command), "%s end", row->command);
	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || !units_parse_uint(words[0], 1, INT64_MAX, &id)) {
		fprintf(stderr, "ixwatch %s: needs an ID, a number that `ixwatch %s list` shows\n",
			command, row->command);
		return 2;
	}
	request = json_object_new();
	json_put_text(request, "op", row->op_end);
	json_put_int(request, "id", (int64_t)id);
	json_put_text(request, "author", author);
	run_once(command, set.config_file, request, &status);
	if (status == 0)
		printf("%s %" PRIu64 " is ended\n", quiet_kind_name(row->kind), id);
	json_free(request);
	return status;
}

/* --- list --- */

struct list {
	struct json *rows; /* NULL: as text */
	unsigned count;
};

static const char *
time_text(char dst[32], int64_t utc_sec)
{
	return utc_sec != 0 ? units_format_utc(dst, 32, utc_sec) : "the alert's end";
}

static void
print_quiet(const struct ledger_quiet *quiet)
{
	char scope[768], from[32], to[32], at[32];

	printf("%5" PRId64 "  %-36s %s to %s  %s (%s)\n", quiet->id,
	       quiet_scope_text(scope, sizeof(scope), quiet), time_text(from, quiet->start_utc_sec),
	       time_text(to, quiet->end_utc_sec), quiet->reason, quiet->author);
	if (quiet->ended_utc_sec != 0)
		printf("%5s  ended early, at %s by %s\n", "", time_text(at, quiet->ended_utc_sec),
		       quiet->ended_by);
}

static void
put_quiet(struct json *rows, const struct ledger_quiet *quiet)
{
	struct json *object = json_put_object(rows, "");
	char scope[768];

	json_put_int(object, "id", quiet->id);
	json_put_text(object, "scope", quiet_scope_text(scope, sizeof(scope), quiet));
	if (quiet->alert_id != 0)
		json_put_int(object, "alert", quiet->alert_id);
	else
		json_put_null(object, "alert");
	json_put_utc(object, "start", quiet->start_utc_sec);
	json_put_utc(object, "end", quiet->end_utc_sec);
	json_put_utc(object, "until", quiet->until_utc_sec);
	json_put_text(object, "reason", quiet->reason);
	json_put_text(object, "author", quiet->author);
	json_put_utc(object, "created_at", quiet->created_utc_sec);
	json_put_utc(object, "ended_at", quiet->ended_utc_sec);
	json_put_text(object, "ended_by", quiet->ended_utc_sec != 0 ? quiet->ended_by : NULL);
}

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct list *list = user;

	list->count++;
	if (list->rows != NULL)
		put_quiet(list->rows, quiet);
	else
		print_quiet(quiet);
	return true;
}

static bool
list_all(const struct config *config, enum quiet_kind kind, bool all, struct list *list,
	 struct error *err)
{
	struct ledger_quiet_query query = { .kind = kind,
					    .after_utc_sec = all ? 0 : clock_utc_sec() };
	struct ledger *ledger = NULL;
	bool done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
		    ledger_quiet_each(ledger, &query, on_quiet, list, err);

	ledger_close(ledger);
	return done;
}

static bool
list_print(const struct config *config, const struct register_row *row, bool all, bool as_json,
	   struct error *err)
{
	struct json *root = as_json ? json_object_new() : NULL;
	struct list list = { .rows = as_json ? json_put_array(root, row->list_key) : NULL };
	bool done = list_all(config, row->kind, all, &list, err);
	char *text = done && as_json ? json_print_dup(root, true, NULL) : NULL;

	if (done && as_json && text == NULL)
		done = error_set(err, ERR_NOMEM, "out of memory");
	if (text != NULL)
		puts(text);
	if (done && !as_json && list.count == 0)
		printf("there is no %s%s\n", quiet_kind_name(row->kind),
		       all ? "" : " now or later");
	free(text);
	json_free(root);
	return done;
}

static int
part_list(const struct register_row *row, int argc, char **argv)
{
	const char *format = "text";
	bool all = false, done;
	const struct option_row rows[] = {
		{ "all", NULL, NULL, &all, "those that are over, too" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	char command[32];
	struct option_set set = { .command = command,
				  .arguments = "[--all] [--format text|json]",
				  .about = "Those that are not over yet, by their start.",
				  .rows = rows,
				  .row_count = COUNT(rows) };
	struct error err = { 0 };
	struct config *config;

	snprintf(command, sizeof(command), "%s list", row->command);
	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		fprintf(stderr, "ixwatch %s: --format \"%.40s\": allowed: text, json\n", command,
			format);
		return 2;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = list_print(config, row, all, strcmp(format, "json") == 0, &err);
	config_free(config);
	return done ? 0 : options_fail(command, &err);
}

/* --- the parts --- */

static int
run(const struct register_row *row, int argc, char **argv)
{
	static const struct {
		const char *name;
		int (*run)(const struct register_row *row, int argc, char **argv);
	} parts[] = { { "add", part_add }, { "list", part_list }, { "end", part_end } };
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(row, stdout, 0);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0)
			return parts[i].run(row, argc - 1, argv + 1);
	fprintf(stderr, "ixwatch %s: \"%s\" is none of: add, list, end\n\n", row->command, name);
	return usage(row, stderr, 2);
}

int
command_silence(int argc, char **argv)
{
	return run(&registers[QUIET_SILENCE], argc, argv);
}

int
command_ack(int argc, char **argv)
{
	return run(&registers[QUIET_ACKNOWLEDGEMENT], argc, argv);
}
