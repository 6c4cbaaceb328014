/* mailer_work.c - mails copied from the ledger. */
#include <stdlib.h>
#include <string.h>

#include "mailer_parts.h"
#include "notify/message.h"
#include "notify/mime.h"

static const size_t texts[] = {
	offsetof(struct outbox_mail, recipient),   offsetof(struct outbox_mail, message_id),
	offsetof(struct outbox_mail, in_reply_to), offsetof(struct outbox_mail, references),
	offsetof(struct outbox_mail, subject),     offsetof(struct outbox_mail, text),
	offsetof(struct outbox_mail, html),        offsetof(struct outbox_mail, exchange),
	offsetof(struct outbox_mail, last_reply),
};

#define TEXT(mail, i) (*(char **)(void *)((char *)(mail) + texts[i]))
#define TEXT_COUNT    (sizeof(texts) / sizeof(texts[0]))

static void
work_free(struct mail_work *work)
{
	for (size_t i = 0; i < TEXT_COUNT; i++)
		free(TEXT(&work->mail, i));
}

bool
mail_batch_add(struct mail_batch *batch, const struct outbox_mail *mail)
{
	struct mail_work work = { .mail = *mail };
	bool whole = true;

	if (batch->count == batch->size) {
		size_t size = batch->size == 0 ? 16 : batch->size * 2;
		struct mail_work *grown = realloc(batch->work, size * sizeof(*grown));

		if (grown == NULL)
			return false;
		batch->work = grown;
		batch->size = size;
	}
	for (size_t i = 0; i < TEXT_COUNT; i++) {
		TEXT(&work.mail, i) = strdup(TEXT(mail, i));
		whole = whole && TEXT(&work.mail, i) != NULL;
	}
	if (!whole) {
		work_free(&work);
		return false;
	}
	batch->work[batch->count++] = work;
	return true;
}

void
mail_batch_free(struct mail_batch *batch)
{
	for (size_t i = 0; i < batch->count; i++)
		work_free(&batch->work[i]);
	free(batch->work);
	*batch = (struct mail_batch) { .work = NULL };
}

/* The picture belongs to the HTML. */
bool
mailer_octets(char **out, size_t *len, const struct mailer_settings *settings,
	      const struct outbox_mail *mail, const unsigned char *picture, size_t picture_len,
	      struct error *err)
{
	struct mime_part graph = { .type = "image/png",
				   .name = "graph.png",
				   .content_id = MESSAGE_GRAPH,
				   .octets = picture,
				   .len = picture_len };

	return mime_write(out, len,
			  &(struct mime_mail) { .date_utc_sec = mail->created_utc_sec,
						.from = settings->from,
						.from_name = "ixwatch",
						.to = mail->recipient,
						.reply_to = settings->reply_to,
						.message_id = mail->message_id,
						.in_reply_to = mail->in_reply_to,
						.references = mail->references,
						.subject = mail->subject,
						.text = mail->text,
						.html = mail->html,
						.picture_count = picture != NULL,
						.pictures = &graph },
			  err);
}
