/* outbox_json.c - see ixwatch/outbox_json.h. */
#include "ixwatch/outbox_json.h"

static void
put_text_or_null(struct json *in, const char *key, const char *text)
{
	json_put_text(in, key, text[0] != '\0' ? text : NULL);
}

static void
put_id_or_null(struct json *in, const char *key, int64_t id)
{
	if (id != 0)
		json_put_int(in, key, id);
	else
		json_put_null(in, key);
}

void
outbox_put_json(struct json *in, const char *key, const struct outbox_mail *mail, bool with_text)
{
	struct json *o = json_put_object(in, key);
	bool waits = mail->state == OUTBOX_WAITING;

	json_put_int(o, "id", mail->id);
	json_put_text(o, "kind", outbox_kind_name(mail->kind));
	json_put_text(o, "state", outbox_state_name(mail->state));
	json_put_text(o, "recipient", mail->recipient);
	json_put_text(o, "subject", mail->subject);
	put_text_or_null(o, "exchange", mail->exchange);
	put_id_or_null(o, "alert", mail->alert_id);
	put_id_or_null(o, "port", mail->picture.port_id);
	json_put_utc(o, "created_at", mail->created_utc_sec);
	json_put_int(o, "attempts", mail->attempts);
	json_put_bool(o, "in_flight", mail->in_flight);
	json_put_utc(o, "tried_at", mail->tried_utc_sec);
	json_put_utc(o, "next_at", waits ? mail->next_utc_sec : 0);
	json_put_utc(o, "give_up_at", waits ? mail->give_up_utc_sec : 0);
	json_put_utc(o, "sent_at", mail->sent_utc_sec);
	put_id_or_null(o, "last_code", mail->last_code);
	put_text_or_null(o, "last_reply", mail->last_reply);
	put_id_or_null(o, "digest", mail->digest_id);
	json_put_text(o, "message_id", mail->message_id);
	put_text_or_null(o, "in_reply_to", mail->in_reply_to);
	if (with_text) {
		json_put_text(o, "text", mail->text);
		put_text_or_null(o, "html", mail->html);
	}
}
