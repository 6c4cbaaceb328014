/* report_parts.c - see report_parts.h. */
#include "commands/report_parts.h"

#include <string.h>

#include "commands/report_part.h"

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} parts[] = {
	{ "list", report_command_list,
	  "[--week W] [--peer ASN] [--state S] [--register R] [--format text|json]",
	  "the letters and how they stand; or a register: orders, disputes, optouts, revocations" },
	{ "approve", report_command_approve, "ID...", "let letters go out" },
	{ "hold", report_command_hold, "ID... --why TEXT", "keep letters back" },
	{ "release", report_command_release, "ID...", "let them wait for approval again" },
	{ "note", report_command_note, "ID --text TEXT|--file FILE",
	  "a covering note before a letter" },
	{ "order", report_command_order,
	  "ASN EXCHANGE --size TEXT --waiting-on peer|us|exchange [--ready DATE] [--ticket TEXT]",
	  "an upgrade is ordered: nothing is asked there until it ends" },
	{ "order-end", report_command_order_end, "ID --outcome TEXT", "it was delivered, or not" },
	{ "dispute", report_command_dispute, "ASN [--exchange SLUG] --text TEXT",
	  "the peer contests something: its letters pause" },
	{ "decide", report_command_decide, "ID --outcome TEXT", "a dispute is decided" },
	{ "optout", report_command_optout, "ASN --reason TEXT", "the peer gets no letters" },
	{ "optin", report_command_optin, "ASN", "it gets letters again" },
	{ "revoke", report_command_revoke, "ID|--peer ASN --reason TEXT",
	  "links of a report, or of all of a peer's, open nothing any more" },
};

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

bool
report_part_run(int argc, char **argv, int *status)
{
	const char *name = argc > 1 ? argv[1] : "";

	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0) {
			*status = parts[i].run(argc - 1, argv + 1);
			return true;
		}
	return false;
}

void
report_parts_usage(FILE *to)
{
	fprintf(to, "\nWho receives what, and who said so:\n\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		fprintf(to, "  report %s %s\n      %s\n", parts[i].name, parts[i].arguments,
			parts[i].help);
}
