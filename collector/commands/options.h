/* options.h - what every command says and reads alike: its options as rows, `-c FILE`, `--help`, errors. */
#ifndef COLLECTOR_COMMANDS_OPTIONS_H
#define COLLECTOR_COMMANDS_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"

/* One option.  `--name VALUE` stores the text (the last one given); a flag stores true. */
struct option_row {
	const char *name;       /* without the dashes */
	const char *value_name; /* NULL: a flag */
	const char **text;      /* where the value goes */
	bool *flag;             /* where a flag goes */
	const char *help;
};

struct option_set {
	const char *command, *arguments; /* "collect", "[--once]" */
	const char *about;               /* a sentence or two for --help */
	const struct option_row *rows;
	size_t row_count;
	const char *config_file; /* filled: -c FILE, or the default */
	const char **words;      /* filled: what is no option, up to word_max of them */
	size_t word_max, word_count;
};

enum option_result { OPTIONS_GO, OPTIONS_HELPED, OPTIONS_WRONG };

/* Reads argv.  HELPED: the help is printed, end with 0.  WRONG: what is wrong is on standard error, end with 2. */
enum option_result options_read(struct option_set *set, int argc, char **argv);

/* Loads the configuration, every error on standard error; NULL when there was one (end with 2). */
struct config *options_config(const char *file);

/* Says "ixwatch COMMAND: sentence" on standard error and gives the exit status. */
int options_fail(const char *command, const struct error *err);

#endif
