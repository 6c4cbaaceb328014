/* probe_mail.c - see probe_mail.h. */
#include "commands/probe_mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mailer.h"
#include "outbox_office.h"

static bool
probe_server(const struct mailer_settings *settings, bool *trouble, struct error *err)
{
	struct smtp_result result;
	struct smtp *smtp;

	if (!mailer_smtp_open(&smtp, settings, NULL, NULL, err))
		return false;
	smtp_probe(smtp, &result);
	smtp_close(smtp);
	*trouble = !result.accepted;
	printf("\nmail %s  %s%s%s\n", settings->smtp,
	       result.accepted ? "ok" : "trouble: ", result.accepted ? "" : result.reply,
	       result.accepted && settings->user[0] != '\0' ? ", logged in" : "");
	return true;
}

bool
probe_mail(const struct config *config, bool *trouble, struct error *err)
{
	struct mailer_settings settings;
	char *line;
	bool done;

	*trouble = false;
	if (!outbox_is_active(&config->mail) || config->mail.spool[0] != '\0')
		return true;
	line = mailer_settings_print(config);
	if (line == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	done = mailer_settings_parse(&settings, line, strlen(line), err);
	free(line);
	if (!done)
		return false;
	done = probe_server(&settings, trouble, err);
	mailer_settings_free(&settings);
	return done;
}
