/* web.c - `ixwatch web`: becomes ixwatch-web, which lies beside this program. */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/program.h"

int
command_web(int argc, char **argv)
{
	struct option_set set = { .command = "web",
				  .arguments = "",
				  .about = "The web server alone, in the foreground. It shows what "
					   "the state directory holds, whether or not\n"
					   "a collector runs, and says how old it is." };
	struct error err = { 0 };
	char path[PROGRAM_PATH_MAX];

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!program_beside(path, sizeof(path), "ixwatch-web", &err))
		return options_fail("web", &err);
	execl(path, path, "-c", set.config_file, (char *)NULL);
	error_set(&err, ERR_IO, "cannot start %s: %s", path, strerror(errno));
	return options_fail("web", &err);
}
