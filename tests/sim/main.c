/* ixwatch-sim - simulated exchanges: SNMP agents on loopback addresses, and the truth about them.
 *
 * One process serves the system group, the interface tables (IF-MIB) and link aggregation (IEEE8023-LAG-MIB) of many
 * switches, over SNMPv2c.  Traffic is a closed-form function of time (demand.h, traffic.h), evaluated at the very tick
 * that sysUpTime reports: `truth` and `history` know, exactly, what the counters said and will say. */
#include <stdio.h>
#include <string.h>

#include "commands.h"

static const struct verb {
	const char *name;
	enum command command;
	bool (*run)(const struct options *options, struct world *world,
		    struct complaint *complaint);
	const char *help;
} verbs[] = {
	{ "run", COMMAND_RUN, command_run,
	  "answer SNMP; prints \"ready udp-port=N\" once it does; ends on SIGTERM and SIGINT" },
	{ "config", COMMAND_CONFIG, command_config, "a configuration of ixwatch for this world" },
	{ "ports", COMMAND_PORTS, command_ports, "CSV of every port that faces a peer" },
	{ "agents", COMMAND_AGENTS, command_agents,
	  "CSV of every agent, with the instant it booted" },
	{ "history", COMMAND_HISTORY, command_history,
	  "the past as CSV, for ixwatch backfill and replay" },
	{ "truth", COMMAND_TRUTH, command_truth, "exact means between two instants, as JSON" },
};
#define VERBS (sizeof(verbs) / sizeof(verbs[0]))

enum { EXIT_DONE, EXIT_FAILED, EXIT_WRONG_USE };

static const struct verb *
find_verb(const char *name)
{
	for (size_t i = 0; i < VERBS; i++)
		if (strcmp(verbs[i].name, name) == 0)
			return &verbs[i];
	return NULL;
}

static const char help_tail[] =
    "\n"
    "Without a command: run.  COMMAND --help lists what it looks at; the options of run may be\n"
    "given to every command, so that one list serves a whole test.  Equal --exchanges, --agents,\n"
    "--ports, --seed, --epoch, --boot-age, --lag-loss, --lag-restore and --far-evening tell one\n"
    "story: what history writes goes on in run.  The default epoch moves at midnight: give one\n"
    "where runs must agree.\n";

static void
print_help(void)
{
	puts("ixwatch-sim [COMMAND] [OPTION]...: simulated exchanges, and the truth about them.\n");
	for (size_t i = 0; i < VERBS; i++)
		printf("  %-10s %s\n", verbs[i].name, verbs[i].help);
	fputs(help_tail, stdout);
}

static void
print_verb_help(const struct verb *verb)
{
	printf("ixwatch-sim %s [OPTION]...: %s.\n\n", verb->name, verb->help);
	options_print_help(verb->command);
}

static int
fail(int status, const struct complaint *complaint)
{
	fprintf(stderr, "ixwatch-sim: %s\n", complaint->text);
	return status;
}

static int
run_verb(const struct verb *verb, const struct options *options)
{
	struct complaint complaint = { "" };
	struct world *world;
	bool ok;

	if (!world_new(&world, &options->world, &complaint))
		return fail(EXIT_WRONG_USE, &complaint);
	ok = verb->run(options, world, &complaint);
	world_free(world);
	if (ok && (fflush(stdout) != 0 || ferror(stdout)))
		ok = complain(&complaint, "standard output: cannot be written");
	return ok ? EXIT_DONE : fail(EXIT_FAILED, &complaint);
}

int
main(int argc, char **argv)
{
	bool named = argc > 1 && strncmp(argv[1], "--", 2) != 0;
	const struct verb *verb = named ? find_verb(argv[1]) : &verbs[0];
	struct complaint complaint = { "" };
	struct options options;
	bool asked_help;

	if (!named && argc > 1 && strcmp(argv[1], "--help") == 0) {
		print_help();
		return EXIT_DONE;
	}
	if (verb == NULL) {
		complain(&complaint, "\"%s\" is no command; see --help", argv[1]);
		return fail(EXIT_WRONG_USE, &complaint);
	}
	if (!options_parse(&options, verb->command, argc - 1 - named, argv + 1 + named, &asked_help,
			   &complaint))
		return fail(EXIT_WRONG_USE, &complaint);
	if (asked_help) {
		print_verb_help(verb);
		return EXIT_DONE;
	}
	return run_verb(verb, &options);
}
