/* main.c - the program `ixwatch`: the table of its commands. */
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/standard.h"

#include "commands/commands.h"

static const struct command {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} commands[] = {
	{ "run", command_run, "", "collector and web server, in the foreground" },
	{ "collect", command_collect, "[--once]",
	  "the collector alone; --once makes one round and ends" },
	{ "web", command_web, "", "the web server alone" },
	{ "check", command_check, "[--probe]",
	  "read the configuration; --probe also asks every agent" },
	{ "discover", command_discover, "ADDRESS",
	  "walk an agent and print a configuration stanza for it" },
	{ "backfill", command_backfill, "PORT --csv|--mrtg|--rrd FILE",
	  "history from elsewhere into a port's series" },
	{ "replay", command_replay, "PORT | --csv FILE | --all",
	  "run the detector over history; changes nothing" },
	{ "declare", command_declare, "add|list|end|...", "the register of declared windows" },
	{ "port", command_port, "move OLD NEW --at T",
	  "a port that was re-patched takes its history along" },
	{ "silence", command_silence, "add|list|end", "no mail about something for a time" },
	{ "ack", command_ack, "add|list|end", "somebody works on what is open" },
	{ "note", command_note, "add|list|withdraw", "what the next should know of a port" },
	{ "outbox", command_outbox, "list|show|retry|drop|test",
	  "mails that are to go out, and what became of each" },
	{ "report", command_report, "[--week W] [--peer ASN]",
	  "the weekly letters: made, shown, decided about" },
	{ "mailer", command_mailer, "", "sends them; the collector starts it" },
	{ "user", command_user, "add|list|remove|token", "accounts and tokens of the web server" },
	{ "status", command_status, "", "the ports and how they stand" },
};
#define COMMAND_COUNT (sizeof(commands) / sizeof(commands[0]))

static int
usage(FILE *to, int status)
{
	fprintf(to, "ixwatch " IXWATCH_VERSION
		    ": watches the ports at internet exchanges for routine congestion\n\n"
		    "usage: ixwatch COMMAND [OPTION]... \n\ncommands:\n");
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		fprintf(to, "  %-9s %-23s %s\n", commands[i].name, commands[i].arguments,
			commands[i].help);
	fprintf(
	    to,
	    "\nEvery command has --help and takes -c FILE (default /etc/ixwatch/ixwatch.conf).\n"
	    "Exit status: 0 done, 1 failed, 2 wrong use or configuration.\n");
	return status;
}

static int
run(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0)
		return usage(stdout, 0);
	if (strcmp(name, "--version") == 0) {
		puts("ixwatch " IXWATCH_VERSION);
		return 0;
	}
	for (size_t i = 0; i < COMMAND_COUNT; i++)
		if (strcmp(name, commands[i].name) == 0)
			return commands[i].run(argc - 1, argv + 1);
	if (name[0] != '\0')
		fprintf(stderr, "ixwatch: there is no command \"%s\"\n\n", name);
	return usage(stderr, 2);
}

int
main(int argc, char **argv)
{
	if (!standard_hold())
		return 1;
	return standard_end("ixwatch", run(argc, argv));
}
