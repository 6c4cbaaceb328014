/* user_list.c - `ixwatch user list`: who may come in, as what, and to see what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"
#include "commands/user_parts.h"
#include "ixwatch/json.h"
#include "ixwatch/token_use.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* "" and an instant with what stands before it. */
static void
print_instant(const char *before, int64_t utc_sec, const char *otherwise)
{
	char text[40];

	printf("  %s %s", before,
	       utc_sec == 0 ? otherwise : units_format_utc(text, sizeof(text), utc_sec));
}

/* What was noted before it was made is another's, of the same name. */
static int64_t
last_used_of(const struct account_token *token, const struct token_use *use)
{
	int64_t utc_sec = token_use_get(use, token->name);

	return utc_sec >= token->created_utc_sec ? utc_sec : 0;
}

static void
print_text(const struct accounts *accounts, const struct token_use *use)
{
	char scopes[ACCOUNT_TEXT_MAX];

	for (size_t i = 0; i < accounts->user_count; i++) {
		const struct account *user = &accounts->users[i];

		account_scopes_format(scopes, &user->scopes);
		printf("account %-20s %-8s %s\n", user->name, account_role_name(user->role),
		       scopes[0] == '\0' ? "everything" : scopes);
	}
	for (size_t i = 0; i < accounts->token_count; i++) {
		const struct account_token *token = &accounts->tokens[i];

		account_scopes_format(scopes, &token->scopes);
		printf("token   %-20s %-8s %s", token->name, account_role_name(token->role),
		       scopes[0] == '\0' ? "everything" : scopes);
		print_instant("created", token->created_utc_sec, "unknown");
		print_instant("expires", token->expires_utc_sec, "never");
		print_instant("last used", last_used_of(token, use), "never");
		printf("\n");
	}
	if (accounts->user_count + accounts->token_count == 0)
		puts("no accounts yet: ixwatch user add NAME --role admin");
}

static void
put_rights(struct json *in, enum account_role role, const struct account_scopes *scopes)
{
	struct json *list;

	json_put_text(in, "role", account_role_name(role));
	list = json_put_array(in, "scopes");
	for (size_t i = 0; i < scopes->count; i++) {
		struct account_scopes one = { .count = 1, .scope = { scopes->scope[i] } };
		char text[ACCOUNT_TEXT_MAX];

		json_put_text(list, "", account_scopes_format(text, &one));
	}
}

static void
print_json(const struct accounts *accounts, const struct token_use *use)
{
	struct json *root = json_object_new();
	struct json *users = json_put_array(root, "accounts");
	struct json *tokens = json_put_array(root, "tokens");

	for (size_t i = 0; i < accounts->user_count; i++) {
		struct json *user = json_put_object(users, "");

		json_put_text(user, "name", accounts->users[i].name);
		put_rights(user, accounts->users[i].role, &accounts->users[i].scopes);
	}
	for (size_t i = 0; i < accounts->token_count; i++) {
		struct json *token = json_put_object(tokens, "");

		json_put_text(token, "name", accounts->tokens[i].name);
		put_rights(token, accounts->tokens[i].role, &accounts->tokens[i].scopes);
		json_put_utc(token, "created", accounts->tokens[i].created_utc_sec);
		json_put_utc(token, "expires", accounts->tokens[i].expires_utc_sec);
		json_put_utc(token, "last_used", last_used_of(&accounts->tokens[i], use));
	}
	char *text = json_print_dup(root, true, NULL);
	puts(text == NULL ? "" : text);
	free(text);
	json_free(root);
}

static int
list(const struct config *config, bool as_json)
{
	struct token_use use;
	struct accounts *accounts;
	struct error err = { 0 };

	if (!user_accounts_load(&accounts, config, &err))
		return options_fail("user list", &err);
	token_use_read(&use, config->state_dir);
	if (as_json)
		print_json(accounts, &use);
	else
		print_text(accounts, &use);
	token_use_free(&use);
	accounts_free(accounts);
	return 0;
}

int
user_command_list(int argc, char **argv)
{
	const char *format = "text";
	const struct option_row rows[] = {
		{ "format", "FORMAT", &format, NULL, "text (default) or json" },
	};
	struct option_set set = {
		.command = "user list",
		.arguments = "[--format text|json]",
		.about = "Who may come in, as what, and to see what; tokens with when they were "
			 "made, end and were used.",
		.rows = rows,
		.row_count = COUNT(rows),
	};

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (strcmp(format, "text") != 0 && strcmp(format, "json") != 0) {
		fprintf(stderr, "ixwatch user list: --format \"%s\": allowed: text, json\n",
			format);
		return 2;
	}
	struct config *config = user_config_open("user list", set.config_file);
	if (config == NULL)
		return 2;
	int status = list(config, strcmp(format, "json") == 0);
	config_free(config);
	return status;
}
