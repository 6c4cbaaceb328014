/* mailer_settings.c - the mailer's part of the configuration, printed by the collector and read by the mailer. */
#include <stddef.h>
#include <string.h>

#include "mailer.h"
#include "outbox_office.h"

static const struct {
	const char *key;
	size_t offset;
} texts[] = {
	{ "state_dir", offsetof(struct mailer_settings, state_dir) },
	{ "smtp", offsetof(struct mailer_settings, smtp) },
	{ "from", offsetof(struct mailer_settings, from) },
	{ "reply_to", offsetof(struct mailer_settings, reply_to) },
	{ "spool", offsetof(struct mailer_settings, spool) },
	{ "user", offsetof(struct mailer_settings, user) },
	{ "password_file", offsetof(struct mailer_settings, password_file) },
	{ "ca_file", offsetof(struct mailer_settings, ca_file) },
	{ "report_name", offsetof(struct mailer_settings, report_name) },
	{ "report_mail", offsetof(struct mailer_settings, report_mail) },
	{ "base_url", offsetof(struct mailer_settings, base_url) },
	{ "link_key_file", offsetof(struct mailer_settings, link_key_file) },
};

#define TEXT(settings, i) (*(const char **)(void *)((char *)(settings) + texts[i].offset))
#define TEXT_COUNT        (sizeof(texts) / sizeof(texts[0]))

char *
mailer_settings_print(const struct config *config)
{
	const struct config_mail *mail = &config->mail;
	struct mailer_settings settings = { .state_dir = config->state_dir,
					    .smtp = mail->smtp,
					    .from = outbox_sender(mail),
					    .reply_to = mail->reply_to,
					    .spool = mail->spool,
					    .user = mail->user,
					    .password_file = mail->password_file,
					    .ca_file = mail->ca_file,
					    .report_name = config->report.name,
					    .report_mail = config->report.mail,
					    .base_url = config->web.base_url,
					    .link_key_file = config->web.link_key_file };
	struct json *root = json_object_new();
	struct detector_settings detector;
	char *line;

	config_detector(config, NULL, NULL, NULL, &detector);
	for (size_t i = 0; i < TEXT_COUNT; i++)
		json_put_text(root, texts[i].key, TEXT(&settings, i));
	json_put_bool(root, "tls_required", mail->tls == MAIL_TLS_REQUIRED);
	json_put_int(root, "timeout_ms", mail->timeout_ms);
	json_put_int(root, "per_hour", mail->per_hour);
	json_put_int(root, "link_valid_sec", config->report.link_valid_sec);
	json_put_text(root, "profile", profile_name(detector.profile));
	line = json_print_dup(root, false, NULL);
	json_free(root);
	return line;
}

bool
mailer_settings_parse(struct mailer_settings *out, const char *text, size_t len, struct error *err)
{
	int64_t timeout_ms = 0, per_hour = 0;

	*out = (struct mailer_settings) { .root = NULL };
	if (!json_parse(&out->root, text, len, err))
		return error_wrap(err, "mailer: settings");
	for (size_t i = 0; i < TEXT_COUNT; i++)
		TEXT(out, i) = json_text(json_get(out->root, texts[i].key), "");
	out->tls_required = json_bool(json_get(out->root, "tls_required"), true);
	json_int(json_get(out->root, "timeout_ms"), &timeout_ms);
	json_int(json_get(out->root, "per_hour"), &per_hour);
	json_int(json_get(out->root, "link_valid_sec"), &out->link_valid_sec);
	out->timeout_ms = (unsigned)timeout_ms;
	out->per_hour = (unsigned)per_hour;
	if (out->state_dir[0] == '\0' || out->from[0] == '\0' || timeout_ms < 1 || per_hour < 1 ||
	    !profile_parse(json_text(json_get(out->root, "profile"), ""), &out->profile)) {
		mailer_settings_free(out);
		return error_set(err, ERR_USAGE, "mailer: settings: something is missing");
	}
	return true;
}

void
mailer_settings_free(struct mailer_settings *settings)
{
	json_free(settings->root);
	settings->root = NULL;
}

bool
mailer_smtp_open(struct smtp **out, const struct mailer_settings *settings, smtp_is_over *is_over,
		 void *user, struct error *err)
{
	char password[CONFIG_SECRET_SIZE] = "";
	struct smtp_settings smtp = { .url = settings->smtp,
				      .from = settings->from,
				      .user = settings->user,
				      .password = password,
				      .ca_file = settings->ca_file,
				      .tls_required = settings->tls_required,
				      .timeout_ms = settings->timeout_ms };
	bool done = settings->password_file[0] == '\0' ||
		    config_secret_file_read(settings->password_file, password, err);

	done = done && smtp_open(out, &smtp, is_over, user, err);
	explicit_bzero(password, sizeof(password));
	return done;
}
