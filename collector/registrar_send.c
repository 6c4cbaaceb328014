/* registrar_send.c - an approved report: its state, its notices, and one mail for each recipient, in one transaction.
 *
 * The mails carry no words of the letter: the mailer takes them from the kept files, proved by their SHA-256, when it sends.
 * Their Message-IDs follow from report and recipient alone, so that the same can never be put twice. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/digest.h"
#include "ixwatch/log.h"
#include "outbox_office.h"
#include "registrar_parts.h"

#define MAIL_TEXT_SIZE 512

/* --- mails --- */

/* "<report.2026-W47.as64500.r1.0123456789abcdef@example.net>" */
static void
message_id_of(char dst[OUTBOX_MESSAGE_ID_SIZE], const struct judge_house *house,
	      const struct report *report, const char *recipient)
{
	const char *from = outbox_sender(&house->config->mail), *at = strrchr(from, '@');
	unsigned char digest[DIGEST_LEN];
	char hex[DIGEST_HEX], whose[80];

	digest_of(digest, recipient, strlen(recipient));
	digest_format(hex, digest);
	if (report->kind == REPORT_PEER)
		snprintf(whose, sizeof(whose), "as%" PRIu32, report->asn);
	else
		snprintf(whose, sizeof(whose), "%s%.63s", report_kind_name(report->kind),
			 report->exchange);
	snprintf(dst, OUTBOX_MESSAGE_ID_SIZE, "<report.%s.%s.r%u.%.16s@%.200s>", report->week,
		 whose, report->edition, hex, at != NULL ? at + 1 : "ixwatch.invalid");
}

static bool
mail_put(struct judge_house *house, const struct report *report, const struct recipient_line *to,
	 int64_t now_utc_sec, struct error *err)
{
	char message_id[OUTBOX_MESSAGE_ID_SIZE], text[MAIL_TEXT_SIZE], label[REPORT_LABEL_SIZE];
	struct outbox_mail mail = {
		.kind = OUTBOX_REPORT,
		.recipient = to->address,
		.message_id = message_id,
		.in_reply_to = to->in_reply_to,
		.subject = report->subject,
		.text = text,
		.exchange = report->exchange,
		.report_id = report->id,
		.created_utc_sec = now_utc_sec,
	};
	int64_t id;

	message_id_of(message_id, house, report, to->address);
	snprintf(
	    text, sizeof(text),
	    "The letter of %s, with its pictures and samples: they are put in when it is sent, "
	    "from reports/%s, as they were kept.\n",
	    registrar_label(label, report), report->week);
	if (!ledger_outbox_put(house->ledger, &mail, &id, err) ||
	    !ledger_report_mail_put(house->ledger, report->id, to->address, message_id, id,
				    now_utc_sec, err))
		return false;
	log_info("report", "event=mail report=%" PRId64 " mail=%" PRId64 " to=%s", report->id, id,
		 to->address);
	return true;
}

static bool
mails_put(struct judge_house *house, const struct report *report,
	  const struct recipients *recipients, int64_t now_utc_sec, struct error *err)
{
	bool done = true;

	for (size_t i = 0; done && i < recipients->count; i++)
		done = mail_put(house, report, &recipients->list[i], now_utc_sec, err);
	return done;
}

/* --- notices --- */

struct counting {
	char exchange[256][64];
	bool asks[256];
	size_t count;
};

static bool
on_connection(const struct report_connection *connection, void *user)
{
	struct counting *counting = user;

	if (counting->count == COUNT(counting->asks))
		return false;
	snprintf(counting->exchange[counting->count], sizeof(counting->exchange[0]), "%s",
		 connection->exchange);
	counting->asks[counting->count++] = connection->asks;
	return true;
}

/* Something may have been ordered or disputed since it was made: then nothing is asked there. */
static bool
notice_count(struct judge_house *house, const struct report *report, const char *exchange,
	     int64_t now_utc_sec, unsigned *largest, struct error *err)
{
	unsigned number = 0;
	bool paused;

	if (!standing_is_paused_at(house, report->asn, exchange, &paused, err))
		return false;
	if (paused)
		return true;
	if (!ledger_case_notice(house->ledger, report->asn, exchange, report->id, report->monday,
				now_utc_sec, &number, err))
		return false;
	if (number > *largest)
		*largest = number;
	return true;
}

static bool
notices_count(struct judge_house *house, const struct report *report, int64_t now_utc_sec,
	      unsigned *largest, struct error *err)
{
	struct counting *counting;
	bool done;

	*largest = 0;
	if (report->kind != REPORT_PEER)
		return true;
	counting = calloc(1, sizeof(*counting));
	if (counting == NULL)
		return error_set(err, ERR_NOMEM, "report: out of memory");
	done =
	    ledger_report_connection_each(house->ledger, report->id, on_connection, counting, err);
	for (size_t i = 0; done && i < counting->count; i++)
		done = counting->asks[i] ? notice_count(house, report, counting->exchange[i],
							now_utc_sec, largest, err)
					 : ledger_case_take_back(house->ledger, report->asn,
								 counting->exchange[i],
								 report->monday, report->id, err);
	free(counting);
	return done;
}

/* --- approved --- */

static void
answer_fill(struct json *answer, const struct recipients *recipients, unsigned notice)
{
	struct json *list = json_put_array(answer, "recipients");

	for (size_t i = 0; i < recipients->count; i++)
		json_put_text(list, "", recipients->list[i].address);
	json_put_int(answer, "notice", notice);
}

static bool
refuse_unless_it_may_go(const struct judge_house *house, const struct report *report,
			const struct recipients *recipients, struct error *err)
{
	const struct config *config = house->config;
	const struct config_peer *peer = config_peer_find(config, report->asn);
	char label[REPORT_LABEL_SIZE];
	const char *why = NULL;

	if (recipients->count == 0)
		why = report->kind == REPORT_PEER ? "no peer block names a report-to for it"
						  : "report.coordinator names nobody";
	else if (!outbox_is_active(&config->mail))
		why = "no mail is configured (mail.from, or mail.spool)";
	else if (report->kind == REPORT_PEER &&
		 report_permission_of(config->report.to_peers) == REPORT_TO_NEVER)
		why = "report.to-peers is \"never\"";
	else if (peer != NULL && peer->report == PEER_REPORT_NEVER)
		why = "the peer's block says report = \"never\"";
	return why == NULL || error_set(err, ERR_REFUSED, "%s may not go out: %s",
					registrar_label(label, report), why);
}

bool
registrar_send(struct judge_house *house, const struct report *report, const char *author,
	       int64_t now_utc_sec, struct json *answer, struct error *err)
{
	char label[REPORT_LABEL_SIZE];
	struct recipients recipients;
	unsigned notice = 0;
	bool done;

	if (!recipients_get(&recipients, house, report, err))
		return false;
	done = refuse_unless_it_may_go(house, report, &recipients, err) &&
	       judge_house_begin(house, err);
	if (done) { /* from here on it is whole, or taken back */
		done = (notices_count(house, report, now_utc_sec, &notice, err) &&
			mails_put(house, report, &recipients, now_utc_sec, err) &&
			ledger_report_decide(house->ledger, report->id, REPORT_APPROVED, author,
					     now_utc_sec, "", err)) ||
		       registrar_take_back(house, err);
		done = done &&
		       registrar_audit(house, now_utc_sec, author, "report-approve", err,
				       "%s: approved, %zu mails, notice %u",
				       registrar_label(label, report), recipients.count, notice);
	}
	if (done)
		answer_fill(answer, &recipients, notice);
	recipients_free(&recipients);
	return done;
}
