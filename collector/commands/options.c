/* options.c - options as rows; see options.h. */
#include "commands/options.h"

#include <stdio.h>
#include <string.h>

static void
print_help(const struct option_set *set)
{
	printf("usage: ixwatch %s%s%s [-c FILE]\n\n%s\n\noptions:\n", set->command,
	       set->arguments[0] ? " " : "", set->arguments, set->about);
	for (size_t i = 0; i < set->row_count; i++) {
		char name[64];

		snprintf(name, sizeof(name), "--%s%s%s", set->rows[i].name,
			 set->rows[i].value_name ? " " : "",
			 set->rows[i].value_name ? set->rows[i].value_name : "");
		printf("  %-22s %s\n", name, set->rows[i].help);
	}
	printf("  %-22s %s\n", "-c FILE", "the configuration (default " CONFIG_DEFAULT_FILE ")");
	printf("  %-22s %s\n", "--help", "this text");
}

static const struct option_row *
row_find(const struct option_set *set, const char *name, size_t name_len)
{
	for (size_t i = 0; i < set->row_count; i++)
		if (strlen(set->rows[i].name) == name_len &&
		    strncmp(set->rows[i].name, name, name_len) == 0)
			return &set->rows[i];
	return NULL;
}

static enum option_result
wrong(const struct option_set *set, const char *what, const char *which)
{
	fprintf(stderr, "ixwatch %s: %s: %s (see ixwatch %s --help)\n", set->command, which, what,
		set->command);
	return OPTIONS_WRONG;
}

/* Stores one "--name", "--name=value" or "--name value"; *i moves past the value. */
static enum option_result
take_long(struct option_set *set, int argc, char **argv, int *i)
{
	const char *name = argv[*i] + 2, *equals = strchr(name, '=');
	const struct option_row *row =
	    row_find(set, name, equals ? (size_t)(equals - name) : strlen(name));

	if (row == NULL)
		return wrong(set, "there is no such option", argv[*i]);
	if (row->value_name == NULL) {
		if (equals != NULL)
			return wrong(set, "takes no value", argv[*i]);
		*row->flag = true;
		return OPTIONS_GO;
	}
	if (equals == NULL && *i + 1 >= argc)
		return wrong(set, "needs a value", argv[*i]);
	*row->text = equals ? equals + 1 : argv[++*i];
	return OPTIONS_GO;
}

enum option_result
options_read(struct option_set *set, int argc, char **argv)
{
	bool only_words = false;

	set->config_file = CONFIG_DEFAULT_FILE;
	set->word_count = 0;
	for (int i = 1; i < argc; i++) {
		const char *arg = argv[i];

		if (only_words || arg[0] != '-' || arg[1] == '\0') {
			if (set->word_count == set->word_max)
				return wrong(set, "one argument too many", arg);
			set->words[set->word_count++] = arg;
		} else if (strcmp(arg, "--") == 0) {
			only_words = true;
		} else if (strcmp(arg, "--help") == 0 || strcmp(arg, "-h") == 0) {
			print_help(set);
			return OPTIONS_HELPED;
		} else if (strcmp(arg, "-c") == 0) {
			if (++i >= argc)
				return wrong(set, "needs a file", arg);
			set->config_file = argv[i];
		} else if (strncmp(arg, "--", 2) != 0) {
			return wrong(set, "there is no such option", arg);
		} else if (take_long(set, argc, argv, &i) != OPTIONS_GO) {
			return OPTIONS_WRONG;
		}
	}
	return OPTIONS_GO;
}

static void
on_config_error(const char *message, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", message);
}

struct config *
options_config(const char *file)
{
	struct config *config = NULL;
	struct error err = { 0 };

	if (!config_load(&config, file, on_config_error, NULL, &err)) {
		fprintf(stderr, "ixwatch: %s\n", err.text);
		return NULL;
	}
	return config;
}

int
options_fail(const char *command, const struct error *err)
{
	fprintf(stderr, "ixwatch %s: %s\n", command, err->text);
	return error_exit_status(err);
}
