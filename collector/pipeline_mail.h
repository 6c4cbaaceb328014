/* pipeline_mail.h - one recipient's mail about some alerts: its text made, and put into the outbox. */
#ifndef COLLECTOR_PIPELINE_MAIL_H
#define COLLECTOR_PIPELINE_MAIL_H

#include "ixwatch/outbox.h"
#include "notify/alert_tell.h"
#include "pipeline_alert.h"

#define ALERT_MESSAGE_ID_SIZE OUTBOX_MESSAGE_ID_SIZE

struct alert_line {
	struct watched_alert *alert;
	enum alert_telling telling;
	char *
	    reply_to; /* Message-ID of the mail that told it first, to this recipient; "" none did */
};

/* Lines are sorted, worst first. */
struct alert_letter {
	char *recipient;
	bool recovery; /* ends only; else beginnings, repeats and escalations */
	struct alert_line *lines;
	size_t line_count, line_size;
	int64_t mail_id; /* as the outbox will number it, once its text is written */
};

/* In the house's transaction, which is open.  message_id: of the mail. */
bool alert_mail_put(struct pipeline *pipeline, const struct alert_letter *letter,
		    int64_t now_utc_sec, int64_t *mail_id, char message_id[ALERT_MESSAGE_ID_SIZE],
		    struct error *err);

#endif
