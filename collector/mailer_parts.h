/* mailer_parts.h - what the files of the mailer share. */
#ifndef COLLECTOR_MAILER_PARTS_H
#define COLLECTOR_MAILER_PARTS_H

#include "ixwatch/outbox.h"
#include "mailer.h"
#include "notify/sent_journal.h"

/* --- mailer_desk.c: what is asked of the collector --- */

/* What an attempt came to, with a text of its own. */
struct mail_outcome {
	struct outbox_outcome outcome;
	char reply[SMTP_REPLY_MAX];
};

/* Whether the mail is ours to try now. */
bool mailer_ask_claim(const char *state_dir, int64_t id, bool *claimed, struct error *err);
bool mailer_ask_report(const char *state_dir, const struct mail_outcome *outcomes, size_t count,
		       bool interrupted, struct error *err);
bool mailer_ask_gather(const char *state_dir, const char *recipient, const char *why,
		       struct error *err);

/* --- mailer_picture.c --- */

/* The graph of a port, in PNG (caller frees), of what the collector knows by now. */
bool mailer_picture(const struct mailer_settings *settings, struct ledger *ledger,
		    const struct outbox_picture *picture, unsigned char **data, size_t *len,
		    struct error *err);

/* --- mailer_letter.c --- */

/* The mail of a weekly report as it goes over the wire (caller frees): the kept letter, the covering note before it, its
 * recipient's signed link, its pictures, the CSV attached.  Paths come from the ledger; every file is proved by the SHA-256
 * that the ledger has.  False, with why, when one is missing, is another by now, or is too large for a mail. */
bool mailer_letter_octets(char **out, size_t *len, const struct mailer_settings *settings,
			  struct ledger *ledger, const struct outbox_mail *mail, struct error *err);

/* --- mailer_work.c: mails copied from the ledger, since it must not be read on while one is sent --- */

struct mail_work {
	struct outbox_mail mail; /* its texts are allocated */
};
struct mail_batch {
	struct mail_work *work;
	size_t count, size;
};
bool mail_batch_add(struct mail_batch *batch, const struct outbox_mail *mail);
void mail_batch_free(struct mail_batch *batch);

#endif
