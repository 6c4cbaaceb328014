/* port.c - `ixwatch port move`: asks the collector where one runs, and does it itself where none does. */
#include <stdio.h>
#include <string.h>

#include "commands/commands.h"
#include "commands/declare_desk.h"
#include "commands/options.h"
#include "commands/store.h"
#include "ixwatch/control.h"
#include "move.h"

#define ANSWER_TIMEOUT_MS 600000

static bool
on_commit(void *user, struct error *err)
{
	return judge_house_commit(user, err);
}

static bool
move_found(struct store *store, struct move *move, struct json *answer, struct error *err)
{
	struct judge_house *house = store_house(store);
	struct move_place place = { .port = NULL };
	struct judge *judge = NULL;
	const struct port *port;
	bool done = store_port_place(store, move->new_id, &place, err);

	if (done && !move->dry_run) /* what recalling wrote is no part of the move */
		done = store_judge(store, move->new_id, &judge, &port, err) &&
		       judge_house_commit(house, err);
	done = done && move_run(move, house, judge, &place, on_commit, house, answer, err);
	if (!done)
		judge_house_abandon(house);
	judge_free(judge);
	return done;
}

static bool
do_it_here(struct store *store, const struct json *request, struct json *answer, struct error *err)
{
	struct move move = { .old_id = 0 };
	bool done = move_read(&move, request, err) && move_find(&move, store_house(store), err) &&
		    move_found(store, &move, answer, err);

	move_end(&move);
	return done;
}

static void
print_move(const struct json *answer, const char *old_name, const char *new_name)
{
	const struct json *verdicts = json_get(answer, "verdicts");
	int64_t samples = 0, days = 0;
	bool dry_run = json_bool(json_get(answer, "dry_run"), false);

	json_int(json_get(answer, "samples"), &samples);
	json_int(json_get(answer, "days"), &days);
	printf("%s %s %s from %s on: %lld samples of %lld days come along, %s to %s\n", old_name,
	       dry_run ? "would go on as" : "goes on as", new_name,
	       json_text(json_get(answer, "at"), "?"), (long long)samples, (long long)days,
	       json_text(json_get(answer, "from"), "?"), json_text(json_get(answer, "to"), "?"));
	printf("%s verdict %s: out %s, in %s%s\n", new_name, dry_run ? "would be" : "now",
	       json_text(json_get(verdicts, "out"), "?"), json_text(json_get(verdicts, "in"), "?"),
	       dry_run ? "; nothing was changed" : "");
}

/* What is wrong use is told as such, whoever does the work; a ledger that cannot be read is theirs to tell of. */
static bool
check_here(const struct config *config, const struct json *request, struct error *err)
{
	struct judge_house house = { .config = config };
	struct move move = { .old_id = 0 };
	bool done = move_read(&move, request, err);

	if (done && ledger_open(&house.ledger, config->state_dir, LEDGER_READ, NULL))
		done = move_find(&move, &house, err);
	ledger_close(house.ledger);
	move_end(&move);
	return done;
}

static bool
move_ask(const struct config *config, const struct json *request, struct error *err)
{
	struct json *answer = NULL;
	struct store *store = NULL;
	bool done;

	if (!check_here(config, request, err) || !store_reach(&store, config, err))
		return false;
	if (store != NULL)
		answer = json_object_new();
	done = store != NULL
		   ? do_it_here(store, request, answer, err)
		   : control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, err);
	if (done)
		print_move(answer, json_text(json_get(request, "old"), ""),
			   json_text(json_get(request, "new"), ""));
	store_close(store);
	json_free(answer);
	return done;
}

#define ABOUT                                                                                      \
	"A port that was re-patched goes on as another, at the same agent or elsewhere: NEW "      \
	"takes OLD's history of before\n"                                                          \
	"TIME along, its capacities, its declared windows, and what is open about it, and is "     \
	"judged anew over all of it.\n"                                                            \
	"OLD is watched no more until another peer is found on it; its own samples stay as they "  \
	"are.\n\n"                                                                                 \
	"OLD and NEW are ids or exchange/agent/ifName; NEW must be watched. TIME is when it was "  \
	"re-patched, RFC 3339\n"                                                                   \
	"or Unix seconds. A port moves once, and only to one that is the same peer's and has "     \
	"carried nothing itself\n"                                                                 \
	"before TIME: nothing is thrown away."

static int
move(int argc, char **argv)
{
	const char *at = NULL, *reason = "", *author = desk_login_name(), *words[2];
	bool dry_run = false;
	const struct option_row rows[] = {
		{ "at", "TIME", &at, NULL, "when it was re-patched" },
		{ "reason", "TEXT", &reason, NULL, "why, for the log" },
		{ "author", "NAME", &author, NULL, "who says so (default: the login name)" },
		{ "dry-run", NULL, NULL, &dry_run, "say what would come of it, change nothing" },
	};
	struct option_set set = { .command = "port move",
				  .arguments = "OLD NEW --at TIME",
				  .about = ABOUT,
				  .rows = rows,
				  .row_count = sizeof(rows) / sizeof(rows[0]),
				  .words = words,
				  .word_max = 2 };
	struct error err = { 0 };
	struct config *config;
	struct json *request;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 2 || at == NULL) {
		fprintf(stderr, "ixwatch port move: needs OLD, NEW and --at TIME (see ixwatch port "
				"move --help)\n");
		return 2;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	request = json_object_new();
	json_put_text(request, "op", "port_move");
	json_put_text(request, "old", words[0]);
	json_put_text(request, "new", words[1]);
	json_put_text(request, "at", at);
	json_put_text(request, "reason", reason);
	json_put_text(request, "author", author);
	json_put_bool(request, "dry_run", dry_run);
	done = move_ask(config, request, &err);
	json_free(request);
	config_free(config);
	return done ? 0 : options_fail("port move", &err);
}

static int
usage(FILE *to, int status)
{
	fprintf(to, "usage: ixwatch port PART [OPTION]...\n\n"
		    "  port move OLD NEW --at TIME [--reason TEXT] [--author NAME] [--dry-run]\n"
		    "      a port that was re-patched goes on as another, with its history\n");
	return status;
}

int
command_port(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(stdout, 0);
	if (strcmp(name, "move") == 0)
		return move(argc - 1, argv + 1);
	fprintf(stderr, "ixwatch port: \"%s\" is none of: move\n\n", name);
	return usage(stderr, 2);
}
