/* mailer.c - `ixwatch mailer`: the process that sends the outbox's mails, started by the collector, which hands it its
 * settings on standard input. */
#include <stdlib.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/program.h"
#include "ixwatch/follow.h"
#include "mailer.h"

#define SETTINGS_MAX 65536

static size_t
read_all(char *text, size_t size)
{
	size_t used = 0;
	ssize_t n;

	while (used < size && (n = read(STDIN_FILENO, text + used, size - used)) > 0)
		used += (size_t)n;
	return used;
}

int
command_mailer(int argc, char **argv)
{
	struct option_set set = { .command = "mailer",
				  .arguments = "",
				  .about =
				      "Sends what the outbox holds. The collector starts it and "
				      "hands it its settings on standard input;\n"
				      "it is of no use by hand: see ixwatch outbox." };
	static char text[SETTINGS_MAX];
	struct mailer_settings settings;
	struct error err = { 0 };
	bool ran;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	follow_parent();
	if (isatty(STDIN_FILENO)) {
		error_set(&err, ERR_USAGE, "the collector starts it; see ixwatch outbox --help");
		return options_fail("mailer", &err);
	}
	if (!mailer_settings_parse(&settings, text, read_all(text, sizeof(text)), &err))
		return options_fail("mailer", &err);
	ran = mailer_run(&settings, &err);
	mailer_settings_free(&settings);
	return ran ? 0 : options_fail("mailer", &err);
}
