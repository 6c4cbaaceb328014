/* outbox_test.c - `ixwatch outbox test ADDRESS`: one mail, sent here and now by the settings of the file, past the outbox. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "commands/options.h"
#include "commands/outbox_parts.h"
#include "ixwatch/clock.h"
#include "ixwatch/outbox.h"
#include "mailer.h"
#include "notify/spool.h"
#include "outbox_office.h"

static const char test_text[] =
    "This is a test of ixwatch: the mail settings work as far as this mailbox.\n\n"
    "Alerts come as text and HTML, with the graph of the port they are about.\n";

static bool
to_server(const struct mailer_settings *settings, const char *recipient, const char *octets,
	  size_t len, struct error *err)
{
	struct smtp_result result;
	struct smtp *smtp;

	if (!mailer_smtp_open(&smtp, settings, NULL, NULL, err))
		return false;
	smtp_send(smtp, recipient, octets, len, &result);
	smtp_close(smtp);
	if (!result.accepted)
		return error_set(err, ERR_IO, "%s did not take it: %s", settings->smtp,
				 result.reply);
	printf("%s took the mail to %s: %s\n", settings->smtp, recipient, result.reply);
	return true;
}

static bool
send_test(const struct mailer_settings *settings, const char *recipient, struct error *err)
{
	char message_id[OUTBOX_MESSAGE_ID_SIZE];
	int64_t now = clock_utc_sec();
	struct outbox_mail mail = { .kind = OUTBOX_NOTICE,
				    .recipient = recipient,
				    .message_id = outbox_message_id(message_id, settings->from),
				    .in_reply_to = "",
				    .references = "",
				    .subject = "[ixwatch] a test mail",
				    .created_utc_sec = now,
				    .text = test_text,
				    .html = "" };
	char *octets;
	size_t len;
	bool done;

	if (!mailer_octets(&octets, &len, settings, &mail, NULL, 0, err))
		return false;
	done = settings->spool[0] == '\0' ? to_server(settings, recipient, octets, len, err)
					  : spool_put(settings->spool, now, 0, octets, len, err);
	if (done && settings->spool[0] != '\0')
		printf("the mail to %s was written into the spool %s\n", recipient,
		       settings->spool);
	free(octets);
	return done;
}

static bool
run(const struct config *config, const char *recipient, struct error *err)
{
	struct mailer_settings settings;
	char *line;
	bool done;

	if (!outbox_is_active(&config->mail))
		return error_set(err, ERR_CONFIG,
				 "mail.from is not set, so that no mail is sent (%s)",
				 config->file);
	line = mailer_settings_print(config);
	if (line == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	done = mailer_settings_parse(&settings, line, strlen(line), err);
	free(line);
	if (!done)
		return false;
	done = send_test(&settings, recipient, err);
	mailer_settings_free(&settings);
	return done;
}

int
outbox_command_test(int argc, char **argv)
{
	const char *words[1];
	struct option_set set = { .command = "outbox test",
				  .arguments = "ADDRESS",
				  .about = "Sends a test mail at once, by the mail settings of the "
					   "configuration, and shows what the server\n"
					   "says. Into the spool, where one is set.",
				  .words = words,
				  .word_max = 1 };
	struct error err = { 0 };
	struct config *config;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (set.word_count != 1 || !outbox_address_ok(words[0])) {
		fprintf(stderr, "ixwatch outbox test: needs an e-mail address such as "
				"noc@example.net\n");
		return 2;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = run(config, words[0], &err);
	config_free(config);
	return done ? 0 : options_fail("outbox test", &err);
}
