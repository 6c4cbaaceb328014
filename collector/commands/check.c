/* check.c - the command `ixwatch check`: reads the configuration as the collector would, shows every error of it on
 * standard error, and says on standard output what a good one makes the collector do. */
#include <stdio.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/probe.h"
#include "commands/probe_mail.h"
#include "ixwatch/config.h"

static void
print_keys(void)
{
	const struct config_key_help *row;

	for (size_t i = 0; (row = config_key_help(i)) != NULL; i++)
		printf("%s%s%s\n\t%s\n\tallowed: %s\n\tdefault: %s%s%s\n", row->block,
		       row->block[0] != '\0' ? "." : "", row->key, row->help, row->type,
		       row->default_text != NULL ? "\"" : "",
		       row->default_text != NULL ? row->default_text : "none",
		       row->default_text != NULL ? "\"" : "");
}

static const char *
plural(size_t count)
{
	return count == 1 ? "" : "s";
}

/* An exchange, and how its ports are found. */
static void
print_exchange(const struct config_exchange *exchange)
{
	size_t matching = 0;

	for (size_t i = 0; i < exchange->agent_count; i++)
		matching += exchange->agents[i].match[0] != '\0';
	printf("exchange %s (%s, %s): %zu agent%s, %zu with a match; %zu port%s named\n",
	       exchange->slug, exchange->name, exchange->timezone, exchange->agent_count,
	       plural(exchange->agent_count), matching, exchange->port_count,
	       plural(exchange->port_count));
}

/* To how many peers letters could go, and what then becomes of them. */
static void
print_letters(const struct config *config)
{
	size_t addressed = 0;

	for (size_t i = 0; i < config->peer_count; i++)
		addressed += config->peers[i].report_to.count > 0;
	printf("weekly reports: %zu peer%s named, %zu with recipients; to-peers %s\n",
	       config->peer_count, plural(config->peer_count), addressed, config->report.to_peers);
}

static void
print_summary(const struct config *config)
{
	printf("%s is good\n", config->file);
	printf("state-dir %s, a poll every %u s, credentials: %zu\n", config->state_dir,
	       config->interval_sec, config->snmp_count);
	for (size_t i = 0; i < config->exchange_count; i++)
		print_exchange(&config->exchanges[i]);
	if (config->exchange_count == 0)
		puts("no exchange: nothing would be polled");
	printf("web %s\n", config->web.listen);
	if (config->alert.to.count == 0)
		puts("alert.to is empty: nobody is told of alerts that no route names");
	print_letters(config);
}

static void
print_error(const char *message, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", message);
}

/* Asks every agent, and the mail server; 1 when one has trouble. */
static int
probe(const struct config *config)
{
	unsigned trouble_count = 0;
	bool mail_trouble = false;
	struct error err;

	if (!probe_agents(config, &trouble_count, &err) || !probe_mail(config, &mail_trouble, &err))
		return options_fail("check", &err);
	return trouble_count > 0 || mail_trouble ? 1 : 0;
}

/* Only the errors: one line each. */
static int
check(const char *file, bool probing)
{
	struct config *config;
	struct error err;
	int status = 0;

	if (!config_load(&config, file, print_error, NULL, &err))
		return error_exit_status(&err);
	print_summary(config);
	if (probing)
		status = probe(config);
	config_free(config);
	return status;
}

int
command_check(int argc, char **argv)
{
	bool keys = false, probing = false;
	const struct option_row rows[] = {
		{ "probe", NULL, NULL, &probing,
		  "also ask every agent, list the ports that would be watched, and try the mail "
		  "server" },
		{ "keys", NULL, NULL, &keys,
		  "list every key, what it is for, what is allowed, its default" },
	};
	struct option_set set = {
		.command = "check",
		.arguments = "[--probe]",
		.about = "Reads the configuration and shows every error in it, each as\n"
			 "file:line: key: what is wrong; what is allowed. Exit status: 0 good, 1 "
			 "an agent or the\n"
			 "mail server has trouble (--probe), 2 the configuration has errors.",
		.rows = rows,
		.row_count = sizeof(rows) / sizeof(rows[0]),
	};

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!keys)
		return check(set.config_file, probing);
	print_keys();
	return 0;
}
