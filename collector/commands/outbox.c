/* outbox.c - `ixwatch outbox`: the table of its parts, and the two that change what becomes of a mail.  Where a collector
 * runs, it is asked; where none does, the ledger is written here. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/declare_desk.h"
#include "commands/options.h"
#include "commands/outbox_parts.h"
#include "commands/store.h"
#include "ixwatch/control.h"
#include "ixwatch/units.h"
#include "outbox_office.h"

#define COUNT(array)      (sizeof(array) / sizeof((array)[0]))
#define ANSWER_TIMEOUT_MS 60000
#define IDS_MAX           1000

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} parts[] = {
	{ "list", outbox_command_list,
	  "[--state STATE] [--recipient ADDRESS] [--limit N] [--format text|json]",
	  "the newest mails, and how they stand" },
	{ "show", outbox_command_show, "ID [--format text|json]", "one mail with its text" },
	{ "retry", outbox_command_retry, "ID... [--author NAME]",
	  "try mails again now that failed, were dropped or wait" },
	{ "drop", outbox_command_drop, "ID... [--author NAME]", "do not send mails that wait" },
	{ "test", outbox_command_test, "ADDRESS",
	  "send a test mail at once, and show what the server says" },
};

static int
usage(FILE *to, int status)
{
	fprintf(to,
		"usage: ixwatch outbox PART [OPTION]...\n\n"
		"The mails that are to go out, and what became of each. A mail is sent at least "
		"once, always under the same\nMessage-ID; it is tried for five days.\n\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		fprintf(to, "  outbox %s %s\n      %s\n", parts[i].name, parts[i].arguments,
			parts[i].help);
	fprintf(to, "\nSTATE is one of: waiting, sent, failed, dropped, \"in a digest\".\n");
	return status;
}

int
command_outbox(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	fprintf(stderr, "ixwatch outbox: \"%s\" is none of: list, show, retry, drop, test\n\n",
		name);
	return usage(stderr, 2);
}

/* --- retry and drop --- */

typedef bool outbox_op(struct judge_house *house, const struct json *request, struct json *answer,
		       struct error *err);

static bool
ask_here(struct store *store, outbox_op *op, const struct json *request, struct error *err)
{
	struct json *answer = json_object_new();
	bool done = op(store_house(store), request, answer, err) &&
		    judge_house_commit(store_house(store), err);

	if (!done)
		judge_house_abandon(store_house(store));
	json_free(answer);
	return done;
}

static bool
ask(const struct config *config, const char *name, outbox_op *op, int64_t id, const char *author,
    struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	struct store *store = NULL;
	bool done = store_reach(&store, config, err);

	json_put_text(request, "op", name);
	json_put_int(request, "id", id);
	json_put_text(request, "author", author);
	if (done)
		done = store != NULL ? ask_here(store, op, request, err)
				     : control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS,
						   &answer, err);
	store_close(store);
	json_free(answer);
	json_free(request);
	return done;
}

static int
change_all(const char *command, const struct option_set *set, const char *name, outbox_op *op,
	   const char *author, const char *done_word)
{
	struct config *config = options_config(set->config_file);
	struct error err = { 0 };
	int status = 0;

	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	for (size_t i = 0; i < set->word_count; i++) {
		uint64_t id = 0;

		units_parse_uint(set->words[i], 1, INT64_MAX, &id);
		if (ask(config, name, op, (int64_t)id, author, &err))
			printf("mail %s %s\n", set->words[i], done_word);
		else
			status = options_fail(command, &err);
	}
	config_free(config);
	return status;
}

/* The words are ids, at least one. */
static bool
ids_are_good(const char *command, const struct option_set *set)
{
	uint64_t id;

	for (size_t i = 0; i < set->word_count; i++)
		if (!units_parse_uint(set->words[i], 1, INT64_MAX, &id)) {
			fprintf(stderr, "ixwatch %s: \"%.40s\" is no mail's ID\n", command,
				set->words[i]);
			return false;
		}
	if (set->word_count == 0)
		fprintf(stderr,
			"ixwatch %s: needs the ID of a mail, a number that `ixwatch outbox "
			"list` shows\n",
			command);
	return set->word_count > 0;
}

static int
change(int argc, char **argv, const char *command, const char *about, const char *name,
       outbox_op *op, const char *done_word)
{
	const char *author = desk_login_name(), *words[IDS_MAX];
	const struct option_row rows[] = {
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
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
	if (!ids_are_good(command, &set))
		return 2;
	return change_all(command, &set, name, op, author, done_word);
}

int
outbox_command_retry(int argc, char **argv)
{
	return change(argc, argv, "outbox retry",
		      "Tries mails again from now on, for another five days: those that failed, "
		      "were dropped, or wait.",
		      "outbox_retry", outbox_retry, "is tried again");
}

int
outbox_command_drop(int argc, char **argv)
{
	return change(
	    argc, argv, "outbox drop",
	    "Does not send mails that wait. They stay in the list, with who dropped them.",
	    "outbox_drop", outbox_drop, "is dropped");
}
