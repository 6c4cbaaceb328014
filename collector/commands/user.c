/* user.c - `ixwatch user`: accounts and tokens, in the users file and the tokens file beside it.  The web server notices a
 * change within a second. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/user_file.h"
#include "commands/user_parts.h"
#include "ixwatch/accounts.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"

#define COUNT(array)   (sizeof(array) / sizeof((array)[0]))
#define LINE_ROOM      (ACCOUNT_NAME_MAX + PASSWORD_HASH_MAX + ACCOUNT_TEXT_MAX + 64)
#define TOKEN_DEFAULT  "365d"
#define SECONDS_AT_MAX INT64_C(4102444800) /* 2100-01-01 */

static void
print_error(const char *message, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", message);
}

struct config *
user_config_open(const char *command, const char *file)
{
	struct config *config = options_config(file);

	if (config == NULL)
		return NULL;
	config_drop_secrets(config);
	if (config->web.users_file[0] != '\0')
		return config;
	fprintf(stderr,
		"ixwatch %s: %s names no users file: set web.users-file, say to "
		"\"/etc/ixwatch/users\"\n",
		command, file);
	config_free(config);
	return NULL;
}

bool
user_accounts_load(struct accounts **accounts, const struct config *config, struct error *err)
{
	if (access(config->web.users_file, F_OK) == 0)
		return accounts_load(accounts, config->web.users_file, print_error, NULL, err);
	*accounts = calloc(1, sizeof(**accounts));
	return *accounts != NULL || error_set(err, ERR_NOMEM, "out of memory");
}

/* Options of add and token that say what somebody may. */
static bool
take_rights(const char *role_text, const char *scope_text, enum account_role *role,
	    struct account_scopes *scopes, struct error *err)
{
	if (!account_role_parse(role_text, role))
		return error_set(err, ERR_USAGE,
				 "--role \"%.40s\": allowed: viewer, operator, admin", role_text);
	if (!account_scopes_parse(scope_text == NULL ? "" : scope_text, scopes, err)) {
		err->code = ERR_USAGE;
		return false;
	}
	return true;
}

/* --- a change of one line --- */

static bool
change(const char *path, const struct config *config, const char *name, const char *line,
       bool must_be_new, bool *replaced, struct error *err)
{
	struct user_file file;

	if (!user_file_open(&file, path, config, err))
		return false;
	bool done = user_file_put(&file, name, line, must_be_new, replaced, err);
	user_file_close(&file);
	return done;
}

/* "NAME", the word every part but list takes. */
static bool
take_name(const struct option_set *set, struct error *err)
{
	if (set->word_count != 1)
		return error_set(err, ERR_USAGE, "needs a NAME (see ixwatch %s --help)",
				 set->command);
	if (account_name_check(set->words[0], err))
		return true;
	err->code = ERR_USAGE;
	return false;
}

/* --- add --- */

static bool
add(const struct config *config, const char *name, enum account_role role,
    const struct account_scopes *scopes, bool *replaced, struct error *err)
{
	char password[USER_PASSWORD_ROOM], hash[PASSWORD_HASH_MAX], text[ACCOUNT_TEXT_MAX];
	char line[LINE_ROOM];
	struct accounts *accounts;

	if (!user_accounts_load(&accounts, config, err)) /* a broken file is not made worse */
		return false;
	accounts_free(accounts);
	bool done = user_password_take(password, err) && password_hash(hash, password, err);
	explicit_bzero(password, sizeof(password));
	if (!done)
		return false;
	snprintf(line, sizeof(line), "%s:%s:%s%s%s", name, hash, account_role_name(role),
		 scopes->count > 0 ? ":" : "", account_scopes_format(text, scopes));
	done = change(config->web.users_file, config, name, line, false, replaced, err);
	explicit_bzero(line, sizeof(line));
	return done;
}

static int
user_add(int argc, char **argv)
{
	const char *role_text = "viewer", *scope_text = NULL, *words[1];
	const struct option_row rows[] = {
		{ "role", "ROLE", &role_text, NULL,
		  "viewer (default), operator (also declares, silences, acknowledges) or admin" },
		{ "scope", "SCOPES", &scope_text, NULL,
		  "exchange:SLUG and asn:N, separated by commas; without: everything" },
	};
	struct option_set set = {
		.command = "user add",
		.arguments = "NAME [--role ROLE] [--scope SCOPES]",
		.about = "Adds an account, or gives the one of that name another password, role "
			 "and scope. The password is asked for\non the terminal, or read from "
			 "standard input: one line of 8 to 256 octets.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = words,
		.word_max = 1,
	};
	struct account_scopes scopes;
	enum account_role role;
	struct error err = { 0 };
	bool replaced = false;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!take_name(&set, &err) || !take_rights(role_text, scope_text, &role, &scopes, &err))
		return options_fail("user add", &err);
	struct config *config = user_config_open("user add", set.config_file);
	if (config == NULL)
		return 2;
	bool done = add(config, words[0], role, &scopes, &replaced, &err);
	config_free(config);
	if (!done)
		return options_fail("user add", &err);
	printf("account %s %s\n", words[0], replaced ? "changed" : "added");
	return 0;
}

/* --- remove --- */

static int
user_remove(int argc, char **argv)
{
	const char *words[1];
	bool token = false, removed = false, done;
	const struct option_row rows[] = {
		{ "token", NULL, NULL, &token, "the token of that name, not the account" },
	};
	struct option_set set = {
		.command = "user remove",
		.arguments = "NAME [--token]",
		.about = "Removes an account, or a token. Whoever is logged in with it is out at "
			 "once.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = words,
		.word_max = 1,
	};
	struct error err = { 0 };
	char path[1024];

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!take_name(&set, &err))
		return options_fail("user remove", &err);
	struct config *config = user_config_open("user remove", set.config_file);
	if (config == NULL)
		return 2;
	if (token)
		accounts_tokens_file(path, sizeof(path), config->web.users_file);
	else
		snprintf(path, sizeof(path), "%s", config->web.users_file);
	done =
	    access(path, F_OK) != 0 || change(path, config, words[0], NULL, false, &removed, &err);
	if (done && !removed)
		done = error_set(&err, ERR_NOT_FOUND, "there is no %s \"%s\" in %s",
				 token ? "token" : "account", words[0], path);
	config_free(config);
	if (!done)
		return options_fail("user remove", &err);
	printf("%s %s removed\n", token ? "token" : "account", words[0]);
	return 0;
}

/* --- token --- */

/* "90d", or an instant, or "never"; *utc_sec 0 for never. */
static bool
take_expiry(const char *text, int64_t now_utc_sec, int64_t *utc_sec, struct error *err)
{
	int64_t duration_sec;

	*utc_sec = 0;
	if (strcmp(text, "never") == 0)
		return true;
	if (units_parse_duration_sec(text, &duration_sec))
		*utc_sec = now_utc_sec + duration_sec;
	else if (!units_parse_utc(text, utc_sec))
		return error_set(err, ERR_USAGE,
				 "--expires \"%.40s\": allowed: a duration (\"90d\"), an instant "
				 "(\"2027-01-01T00:00:00Z\"), never",
				 text);
	if (*utc_sec <= now_utc_sec || *utc_sec > SECONDS_AT_MAX)
		return error_set(err, ERR_USAGE, "--expires \"%.40s\": must lie ahead, before 2100",
				 text);
	return true;
}

/* A server with tokens alone starts, too: its users file is there, and empty. */
static bool
make_users_file(const struct config *config, struct error *err)
{
	struct user_file file;

	if (!user_file_open(&file, config->web.users_file, config, err))
		return false;
	user_file_close(&file);
	return true;
}

/* One that is there already is not replaced: whoever uses it would stand outside without a word. */
static bool
make_token(const struct config *config, const char *name, enum account_role role,
	   const struct account_scopes *scopes, int64_t expires_utc_sec, char token[DIGEST_HEX],
	   struct error *err)
{
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX], text[ACCOUNT_TEXT_MAX], line[LINE_ROOM], path[1024];
	struct accounts *accounts;
	bool exists;

	if (!make_users_file(config, err) ||
	    !user_accounts_load(&accounts, config, err)) /* a broken file is not made worse */
		return false;
	accounts_free(accounts);
	if (!accounts_tokens_file(path, sizeof(path), config->web.users_file))
		return error_set(err, ERR_CONFIG, "web.users-file: too long a path");
	digest_random(token);
	digest_of(digest, token, strlen(token));
	digest_format(hex, digest);
	snprintf(line, sizeof(line), "%s:%s:%s:%lld:%lld%s%s", name, hex, account_role_name(role),
		 (long long)clock_utc_sec(), (long long)expires_utc_sec,
		 scopes->count > 0 ? ":" : "", account_scopes_format(text, scopes));
	return change(path, config, name, line, true, &exists, err);
}

static int
user_token(int argc, char **argv)
{
	const char *role_text = "viewer", *scope_text = NULL, *expires = TOKEN_DEFAULT, *words[1];
	const struct option_row rows[] = {
		{ "role", "ROLE", &role_text, NULL, "viewer (default), operator or admin" },
		{ "scope", "SCOPES", &scope_text, NULL,
		  "exchange:SLUG and asn:N, separated by commas; without: everything" },
		{ "expires", "WHEN", &expires, NULL,
		  "a duration (default 365d), an instant, or never" },
	};
	struct option_set set = {
		.command = "user token",
		.arguments = "NAME [--role ROLE] [--scope SCOPES] [--expires WHEN]",
		.about = "Makes a token for a program and prints it, once: it is kept as its "
			 "SHA-256 only. The program sends it as\n`Authorization: Bearer TOKEN`.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = words,
		.word_max = 1,
	};
	struct account_scopes scopes;
	enum account_role role;
	struct error err = { 0 };
	char token[DIGEST_HEX];
	int64_t expires_utc_sec;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!take_name(&set, &err) || !take_rights(role_text, scope_text, &role, &scopes, &err) ||
	    !take_expiry(expires, clock_utc_sec(), &expires_utc_sec, &err))
		return options_fail("user token", &err);
	struct config *config = user_config_open("user token", set.config_file);
	if (config == NULL)
		return 2;
	bool done = make_token(config, words[0], role, &scopes, expires_utc_sec, token, &err);
	config_free(config);
	if (!done)
		return options_fail("user token", &err);
	printf("%s\n", token);
	explicit_bzero(token, sizeof(token));
	return 0;
}

/* --- the table --- */

static const struct part {
	const char *name;
	int (*run)(int argc, char **argv);
	const char *arguments;
	const char *help;
} parts[] = {
	{ "add", user_add, "NAME [--role ROLE] [--scope SCOPES]",
	  "add an account, or change it; asks for the password" },
	{ "list", user_command_list, "[--format text|json]", "the accounts and tokens" },
	{ "remove", user_remove, "NAME [--token]", "remove an account, or a token" },
	{ "token", user_token, "NAME [--role ROLE] [--scope SCOPES] [--expires WHEN]",
	  "make a token for a program, and print it once" },
};

static int
usage(FILE *to, int status)
{
	fprintf(to, "usage: ixwatch user PART [OPTION]...\n\n"
		    "Accounts and tokens of the web server, in the file that web.users-file "
		    "names.\n\n");
	for (size_t i = 0; i < COUNT(parts); i++)
		fprintf(to, "  user %s %s\n      %s\n", parts[i].name, parts[i].arguments,
			parts[i].help);
	fprintf(
	    to,
	    "\nROLE is viewer, operator or admin, each with the rights of those before "
	    "it. SCOPES are exchange:SLUG and\nasn:N, separated by commas: what is outside "
	    "them does not exist for the account;\na port that faced another peer before is seen "
	    "since it faces theirs.\n");
	return status;
}

int
command_user(int argc, char **argv)
{
	const char *name = argc > 1 ? argv[1] : "";

	if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0)
		return usage(stdout, 0);
	for (size_t i = 0; i < COUNT(parts); i++)
		if (strcmp(name, parts[i].name) == 0)
			return parts[i].run(argc - 1, argv + 1);
	fprintf(stderr, "ixwatch user: \"%s\" is none of: add, list, remove, token\n\n", name);
	return usage(stderr, 2);
}
