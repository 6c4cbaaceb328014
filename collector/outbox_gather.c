/* outbox_gather.c - what waits for one recipient becomes one digest: see outbox_office.h.
 *
 * A digest that still waits is replaced by one that lists its mails too, so that after an outage there is one.  What is
 * open is told by the mails themselves: a recovery answers what it ends.
 *
 * What was over before anything of it was sent is listed too: no mail of its own will ever say that it was. */
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/outbox.h"
#include "notify/digest.h"
#include "outbox_office.h"

struct gathered {
	struct digest_line line;
	char *message_id, *in_reply_to;
};

struct gathering {
	int64_t now_utc_sec;
	int64_t digest_id; /* that still waits; 0: none */
	struct gathered *mails;
	size_t count, size;
	char **ended; /* Message-IDs that a recovery answers, sorted */
	size_t ended_count, ended_size;
	bool failed; /* memory ran out */
};

static void
gathering_free(struct gathering *g)
{
	for (size_t i = 0; i < g->count; i++) {
		free(g->mails[i].line.subject);
		free(g->mails[i].message_id);
		free(g->mails[i].in_reply_to);
	}
	for (size_t i = 0; i < g->ended_count; i++)
		free(g->ended[i]);
	free(g->mails);
	free(g->ended);
}

/* Room for one more, or the whole fails. */
static bool
grow(struct gathering *g, void **array, size_t *size, size_t count, size_t each)
{
	void *grown;

	if (count < *size)
		return true;
	grown = realloc(*array, (*size == 0 ? 64 : *size * 2) * each);
	g->failed = g->failed || grown == NULL;
	if (grown == NULL)
		return false;
	*array = grown;
	*size = *size == 0 ? 64 : *size * 2;
	return true;
}

/* Each Message-ID of a header's text. */
static void
ended_add(struct gathering *g, const char *ids)
{
	while (*(ids += strspn(ids, " \t\r\n")) != '\0') {
		size_t len = strcspn(ids, " \t\r\n");
		char *one;

		if (!grow(g, (void **)&g->ended, &g->ended_size, g->ended_count, sizeof(char *)))
			return;
		one = strndup(ids, len);
		g->failed = g->failed || one == NULL;
		if (one != NULL)
			g->ended[g->ended_count++] = one;
		ids += len;
	}
}

static bool
mail_add(struct gathering *g, const struct outbox_mail *mail)
{
	struct gathered *one;

	if (!grow(g, (void **)&g->mails, &g->size, g->count, sizeof(*g->mails)))
		return false;
	one = &g->mails[g->count++];
	*one = (struct gathered) { .line = { .id = mail->id,
					     .kind = mail->kind,
					     .created_utc_sec = mail->created_utc_sec,
					     .over = outbox_is_over_unsent(mail),
					     .subject = strdup(mail->subject) },
				   .message_id = strdup(mail->message_id),
				   .in_reply_to = strdup(mail->in_reply_to) };
	g->failed = g->failed || one->line.subject == NULL || one->message_id == NULL ||
		    one->in_reply_to == NULL;
	if (mail->kind == OUTBOX_RECOVERY) {
		ended_add(g, mail->in_reply_to);
		ended_add(g, mail->references);
	}
	return !g->failed;
}

static bool
on_waiting(const struct outbox_mail *mail, void *user)
{
	struct gathering *g = user;

	if (mail->in_flight)
		return true;
	if (mail->kind == OUTBOX_DIGEST)
		g->digest_id = mail->id;
	if (!digest_takes(mail->kind) || mail->due_utc_sec > g->now_utc_sec)
		return true;
	return mail_add(g, mail);
}

static bool
on_listed(const struct outbox_mail *mail, void *user)
{
	return mail_add(user, mail);
}

static bool
on_dropped(const struct outbox_mail *mail, void *user)
{
	return !outbox_is_over_unsent(mail) || mail_add(user, mail);
}

static int
compare_lines(const void *left, const void *right)
{
	const struct gathered *a = left, *b = right;

	return (a->line.id > b->line.id) - (a->line.id < b->line.id);
}

static int
compare_ids(const void *left, const void *right)
{
	return strcmp(*(char *const *)left, *(char *const *)right);
}

static bool
is_ended(const struct gathering *g, char *message_id)
{
	return g->ended_count > 0 && bsearch(&message_id, g->ended, g->ended_count,
					     sizeof(*g->ended), compare_ids) != NULL;
}

static void
open_mark(struct gathering *g)
{
	if (g->ended_count > 0)
		qsort(g->ended, g->ended_count, sizeof(*g->ended), compare_ids);
	for (size_t i = 0; i < g->count; i++) {
		struct gathered *one = &g->mails[i];

		one->line.open =
		    (one->line.kind == OUTBOX_ALERT || one->line.kind == OUTBOX_REPEAT) &&
		    !is_ended(g, one->message_id) && !is_ended(g, one->in_reply_to);
	}
}

static bool
gathering_read(struct gathering *g, struct ledger *ledger, const char *recipient, struct error *err)
{
	struct outbox_query waiting = { .state = OUTBOX_WAITING, .recipient = recipient };
	struct outbox_query dropped = { .state = OUTBOX_DROPPED, .recipient = recipient };

	if (!ledger_outbox_each(ledger, &waiting, on_waiting, g, err) ||
	    !ledger_outbox_each(ledger, &dropped, on_dropped, g, err))
		return false;
	if (g->digest_id != 0) {
		struct outbox_query listed = { .any_state = true, .digest_id = g->digest_id };

		if (!ledger_outbox_each(ledger, &listed, on_listed, g, err))
			return false;
	}
	if (g->failed)
		return error_set(err, ERR_NOMEM, "digest: out of memory");
	if (g->count > 0)
		qsort(g->mails, g->count, sizeof(*g->mails), compare_lines);
	open_mark(g);
	return true;
}

/* The text of the digest; its mail's other fields are the caller's. */
static bool
digest_of(const struct gathering *g, enum digest_why why, unsigned per_hour, struct digest *out,
	  struct error *err)
{
	struct digest_line *lines = malloc(g->count * sizeof(*lines));
	bool done;

	if (lines == NULL)
		return error_set(err, ERR_NOMEM, "digest: out of memory");
	for (size_t i = 0; i < g->count; i++)
		lines[i] = g->mails[i].line;
	done = digest_make(out, why, per_hour, lines, g->count, err);
	free(lines);
	return done;
}

static bool
digest_put(const struct gathering *g, struct judge_house *house, const char *recipient,
	   const struct digest *digest, int64_t *id, struct error *err)
{
	char message_id[OUTBOX_MESSAGE_ID_SIZE];
	struct outbox_mail mail = {
		.kind = OUTBOX_DIGEST,
		.recipient = recipient,
		.message_id = outbox_message_id(message_id, outbox_sender(&house->config->mail)),
		.subject = digest->subject,
		.text = digest->text,
		.created_utc_sec = g->now_utc_sec,
	};

	if (!judge_house_begin(house, err) || !ledger_outbox_put(house->ledger, &mail, id, err))
		return false;
	for (size_t i = 0; i < g->count; i++)
		if (!ledger_outbox_into_digest(house->ledger, g->mails[i].line.id, *id, err))
			return false;
	return g->digest_id == 0 || ledger_outbox_drop(house->ledger, g->digest_id, g->now_utc_sec,
						       "a later digest lists its mails", err);
}

static bool
gather(struct gathering *g, struct judge_house *house, const char *recipient, enum digest_why why,
       struct json *answer, struct error *err)
{
	struct digest digest;
	int64_t id;
	bool done;

	if (!gathering_read(g, house->ledger, recipient, err))
		return false;
	if (g->count == 0) {
		json_put_null(answer, "digest");
		return true;
	}
	if (!digest_of(g, why, house->config->mail.per_hour, &digest, err))
		return false;
	done = digest_put(g, house, recipient, &digest, &id, err);
	digest_free(&digest);
	if (!done) {
		house->trouble = *err;
		return false;
	}
	log_info("mail", "event=digest mail=%lld to=%s mails=%zu why=%s", (long long)id, recipient,
		 g->count, why == DIGEST_OUTAGE ? "outage" : "limit");
	json_put_int(answer, "digest", id);
	return true;
}

bool
outbox_gather(struct judge_house *house, const struct json *request, struct json *answer,
	      struct error *err)
{
	const char *recipient = json_text(json_get(request, "recipient"), "");
	const char *why = json_text(json_get(request, "why"), "");
	struct gathering g = { .now_utc_sec = clock_utc_sec() };
	bool outage = strcmp(why, "outage") == 0, done;

	if (!outage && strcmp(why, "limit") != 0)
		return error_set(err, ERR_USAGE, "\"why\" must be \"outage\" or \"limit\"");
	if (!outbox_address_ok(recipient))
		return error_set(err, ERR_USAGE, "\"recipient\" must be an address");
	done = gather(&g, house, recipient, outage ? DIGEST_OUTAGE : DIGEST_LIMIT, answer, err);
	gathering_free(&g);
	return done;
}
