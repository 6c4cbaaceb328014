/* octets.c - see octets.h. */
#include "notify/octets.h"

#include "notify/mime.h"

static const char *
text_of(const char *text)
{
	return text != NULL ? text : "";
}

bool
octets_make(char **out, size_t *len, const struct outbox_mail *mail,
	    const struct octets_frame *frame, struct error *err)
{
	const struct mime_part picture = { .type = "image/png",
					   .name = "graph.png",
					   .content_id = "graph",
					   .octets = frame->picture,
					   .len = frame->picture_len };
	size_t count = frame->picture != NULL ? 1 : 0;
	bool in_html = text_of(mail->html)[0] != '\0'; /* else it is attached */
	const struct mime_mail whole = {
		.date_utc_sec = frame->date_utc_sec,
		.from = frame->from,
		.from_name = "ixwatch",
		.to = mail->recipient,
		.reply_to = text_of(frame->reply_to),
		.message_id = mail->message_id,
		.in_reply_to = text_of(mail->in_reply_to),
		.references = text_of(mail->references),
		.subject = mail->subject,
		.text = mail->text,
		.html = text_of(mail->html),
		.picture_count = in_html ? count : 0,
		.pictures = &picture,
		.attachment_count = in_html ? 0 : count,
		.attachments = &picture,
	};

	*out = NULL;
	return mime_write(out, len, &whole, err);
}
