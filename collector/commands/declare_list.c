/* declare_list.c - `ixwatch declare list`: the register of declared windows, read from the ledger. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/declare_parts.h"
#include "commands/options.h"
#include "ixwatch/clock.h"
#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "ixwatch/units.h"

struct list {
	struct json *windows; /* NULL: as text */
	unsigned count;
};

static void
print_window(const struct ledger_window *window)
{
	char scope[768], from[32], to[32], at[32];

	printf("%5" PRId64 "  %-36s %s to %s  %-8s %s (%s)\n", window->id,
	       window_scope_text(scope, sizeof(scope), window),
	       units_format_utc(from, sizeof(from), window->start_utc_sec),
	       units_format_utc(to, sizeof(to), window->end_utc_sec), window->cause, window->reason,
	       window->author);
	if (window->ended_utc_sec == 0)
		return;
	units_format_utc(at, sizeof(at), window->ended_utc_sec);
	if (window->until_utc_sec == window->start_utc_sec)
		printf("%5s  withdrawn at %s by %s\n", "", at, window->ended_by);
	else
		printf("%5s  ended early, with %s; said at %s by %s\n", "",
		       units_format_utc(to, sizeof(to), window->until_utc_sec), at,
		       window->ended_by);
}

static void
put_window(struct json *windows, const struct ledger_window *window)
{
	struct json *object = json_put_object(windows, "");
	char scope[768];

	json_put_int(object, "id", window->id);
	json_put_text(object, "scope", window_scope_text(scope, sizeof(scope), window));
	if (window->scope == WINDOW_PORT)
		json_put_int(object, "port", window->port_id);
	else
		json_put_null(object, "port");
	json_put_utc(object, "start", window->start_utc_sec);
	json_put_utc(object, "end", window->end_utc_sec);
	json_put_utc(object, "until", window->until_utc_sec);
	json_put_bool(object, "withdrawn", window->until_utc_sec == window->start_utc_sec);
	json_put_text(object, "cause", window->cause);
	json_put_text(object, "reason", window->reason);
	json_put_text(object, "author", window->author);
	json_put_text(object, "uid", window->uid);
	json_put_utc(object, "created_at", window->created_utc_sec);
	json_put_utc(object, "ended_at", window->ended_utc_sec);
	json_put_text(object, "ended_by", window->ended_utc_sec != 0 ? window->ended_by : NULL);
}

static bool
on_window(const struct ledger_window *window, void *user)
{
	struct list *list = user;

	list->count++;
	if (list->windows != NULL)
		put_window(list->windows, window);
	else
		print_window(window);
	return true;
}

static bool
print_list(const struct config *config, bool all, struct list *list, struct error *err)
{
	struct ledger_window_query query = { .withdrawn_too = all,
					     .from_utc_sec = all ? 0 : clock_utc_sec() };
	struct ledger *ledger = NULL;
	bool done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
		    ledger_window_each(ledger, &query, on_window, list, err);

	ledger_close(ledger);
	return done;
}

static bool
print_json(const struct json *root, struct error *err)
{
	char *text = json_print_dup(root, true, NULL);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return true;
}

static bool
run(const struct config *config, bool all, bool as_json, struct error *err)
{
	struct json *root = as_json ? json_object_new() : NULL;
	struct list list = { .windows = as_json ? json_put_array(root, "windows") : NULL };
	bool done = print_list(config, all, &list, err) && (!as_json || print_json(root, err));

	if (done && !as_json && list.count == 0)
		printf("no window is declared%s\n", all ? "" : " for now or later");
	json_free(root);
	return done;
}

int
declare_command_list(int argc, char **argv)
{
	const char *format = "text";
	bool all = false, done;
	const struct option_row rows[] = {
		{ "all", NULL, NULL, &all, "those that are over or withdrawn too" },
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = {
		.command = "declare list",
		.arguments = "[--all] [--format text|json]",
		.about = "The declared windows that are not over yet, by their start.",
		.rows = rows,
		.row_count = sizeof(rows) / sizeof(rows[0]),
	};
	struct error err = { 0 };
	struct config *config;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		fprintf(stderr, "ixwatch declare list: --format \"%.40s\": allowed: text, json\n",
			format);
		return 2;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = run(config, all, strcmp(format, "json") == 0, &err);
	config_free(config);
	return done ? 0 : options_fail("declare list", &err);
}
