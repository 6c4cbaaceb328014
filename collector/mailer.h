/* mailer.h - the process that sends what the outbox holds.
 *
 * It is a child of the collector, knows the mail server's password and no other secret, reads the ledger, and reports over
 * the control socket what became of each mail: the collector alone writes.  A mail is claimed before it is tried.  What
 * the server took is in the mailer's own journal before it is reported, so that neither a dead collector nor a killed
 * mailer sends it again; only where the server's answer was lost, a mail may come twice, under the same Message-ID. */
#ifndef COLLECTOR_MAILER_H
#define COLLECTOR_MAILER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "ixwatch/model.h"
#include "notify/smtp.h"

/* What the collector hands it, as one line of JSON on standard input: nothing else of the configuration is known to it. */
struct mailer_settings {
	struct json *root; /* what the texts are lent from */
	const char *state_dir, *smtp, *from, *reply_to, *spool, *user, *password_file, *ca_file;
	const char *report_name, *report_mail; /* who weekly letters are from; "": as any mail */
	const char *base_url, *link_key_file;  /* of the links in them */
	int64_t link_valid_sec;
	bool tls_required;
	unsigned timeout_ms, per_hour;
	enum profile profile; /* whose episodes a picture shows */
};

/* The line (without its end; caller frees); NULL when memory ran out. */
char *mailer_settings_print(const struct config *config);
bool mailer_settings_parse(struct mailer_settings *out, const char *text, size_t len,
			   struct error *err);
void mailer_settings_free(struct mailer_settings *settings);

/* The mail as it goes over the wire (caller frees); picture: PNG, NULL none. */
struct outbox_mail;
bool mailer_octets(char **out, size_t *len, const struct mailer_settings *settings,
		   const struct outbox_mail *mail, const unsigned char *picture, size_t picture_len,
		   struct error *err);

/* The server of these settings; its password is read from the file. */
bool mailer_smtp_open(struct smtp **out, const struct mailer_settings *settings,
		      smtp_is_over *is_over, void *user, struct error *err);

/* Until SIGTERM, SIGINT or SIGHUP; the mail on its way is finished, for some seconds.  False: it could not begin. */
bool mailer_run(const struct mailer_settings *settings, struct error *err);

#endif
