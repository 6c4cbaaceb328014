/* pipeline_mail.c - see pipeline_mail.h. */
#include "pipeline_mail.h"

#include <stdio.h>

bool
alert_mail_put(struct pipeline *pipeline, const struct alert_letter *letter, int64_t now_utc_sec,
	       int64_t *mail_id, char message_id[ALERT_MESSAGE_ID_SIZE], struct error *err)
{
	(void)pipeline, (void)err;
	*mail_id = 0;
	snprintf(message_id, ALERT_MESSAGE_ID_SIZE, "<%lld.%lld@ixwatch>", (long long)now_utc_sec,
		 (long long)letter->lines[0].alert->row.id);
	return true;
}
