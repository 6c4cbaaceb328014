/* pipeline_mail.c - see pipeline_mail.h. */
#include "pipeline_mail.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/outbox.h"
#include "notify/message.h"
#include "pipeline_facts.h"

#define PICTURE_BEFORE_SEC 86400 /* of its graph, up to now */

/* A mail in which something is new is an alert. */
static enum outbox_kind
kind_of(const struct alert_letter *letter)
{
	if (letter->recovery)
		return OUTBOX_RECOVERY;
	for (size_t i = 0; i < letter->line_count; i++)
		if (letter->lines[i].telling != ALERT_TELL_REPEAT)
			return alert_kind_audience(letter->lines[i].alert->row.subject.kind) ==
				       ALERT_FOR_COORDINATOR
				   ? OUTBOX_VERDICT
				   : OUTBOX_ALERT;
	return OUTBOX_REPEAT;
}

/* Every mail that it answers, each once. */
static char *
references_dup(const struct alert_letter *letter)
{
	char *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < letter->line_count; i++) {
		size_t before = 0;

		while (before < i &&
		       strcmp(letter->lines[before].reply_to, letter->lines[i].reply_to) != 0)
			before++;
		if (before == i && letter->lines[i].reply_to[0] != '\0')
			fprintf(out, "%s%s", i > 0 ? " " : "", letter->lines[i].reply_to);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}

/* The worst one's. */
static struct outbox_picture
picture_of(const struct ledger_alert *alert, int64_t now_utc_sec)
{
	struct outbox_picture picture = { .direction = alert->subject.direction,
					  .to_utc_sec = now_utc_sec };

	if (alert->subject.scope != ALERT_OF_PORT)
		return picture;
	picture.port_id = alert->subject.id;
	picture.from_utc_sec = now_utc_sec - PICTURE_BEFORE_SEC;
	if (alert->began_utc_sec < picture.from_utc_sec)
		picture.from_utc_sec = alert->began_utc_sec;
	return picture;
}

static bool
words_make(struct message *out, struct pipeline *pipeline, const struct alert_letter *letter,
	   int64_t now_utc_sec, bool graph, struct error *err)
{
	struct pipeline_facts facts;
	bool done = pipeline_facts_gather(&facts, pipeline, letter, now_utc_sec, graph, err) &&
		    message_alert(out, &facts.facts, err);

	pipeline_facts_end(&facts);
	return done;
}

bool
alert_mail_put(struct pipeline *pipeline, const struct alert_letter *letter, int64_t now_utc_sec,
	       int64_t *mail_id, char message_id[ALERT_MESSAGE_ID_SIZE], struct error *err)
{
	const struct ledger_alert *worst = &letter->lines[0].alert->row;
	struct outbox_picture picture = picture_of(worst, now_utc_sec);
	struct ledger *ledger = pipeline->house.ledger;
	struct alert_letter numbered = *letter;
	struct message message = { 0 };
	char *references = references_dup(letter);
	bool done;

	outbox_message_id(message_id, pipeline->config->mail.from);
	done = (references != NULL || error_set(err, ERR_NOMEM, "mail: out of memory")) &&
	       ledger_outbox_next_id(ledger, &numbered.mail_id, err) &&
	       words_make(&message, pipeline, &numbered, now_utc_sec, picture.port_id != 0, err);
	if (done) {
		struct outbox_mail mail = {
			.kind = kind_of(letter),
			.recipient = letter->recipient,
			.message_id = message_id,
			.in_reply_to = letter->lines[0].reply_to,
			.references = references,
			.subject = message.subject,
			.text = message.text,
			.html = message.html,
			.picture = picture,
			.exchange = worst->subject.exchange,
			.alert_id = worst->id,
			.created_utc_sec = now_utc_sec,
		};

		done = ledger_outbox_put(ledger, &mail, mail_id, err) &&
		       (*mail_id == numbered.mail_id ||
			error_set(err, ERR_DB, "mail %lld calls itself %lld", (long long)*mail_id,
				  (long long)numbered.mail_id));
	}
	message_free(&message);
	free(references);
	return done;
}
