/* registrar_standing.c - what stands in a letter's way, and to whom it goes. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "outbox_office.h"
#include "registrar_parts.h"

uint32_t
registrar_asn(const struct config *config, uint32_t asn)
{
	const struct config_peer *peer = config_peer_find(config, asn);

	return peer != NULL ? peer->asn : asn;
}

/* --- recipients --- */

static bool
recipient_add(struct recipients *out, const char *address, const char *in_reply_to)
{
	struct recipient_line *line = NULL;
	char *answered = strdup(in_reply_to);

	for (size_t i = 0; i < out->count; i++)
		if (strcmp(out->list[i].address, address) == 0)
			line = &out->list[i];
	if (line != NULL && answered != NULL) {
		free(line->in_reply_to); /* an earlier edition is looked at later */
		line->in_reply_to = answered;
		return true;
	}
	if (out->count == out->size) {
		size_t size = out->size == 0 ? 8 : out->size * 2;
		struct recipient_line *grown = realloc(out->list, size * sizeof(*grown));

		if (grown == NULL) {
			free(answered);
			return false;
		}
		out->list = grown;
		out->size = size;
	}
	line = &out->list[out->count];
	*line = (struct recipient_line) { .address = strdup(address), .in_reply_to = answered };
	out->count++;
	return line->address != NULL && answered != NULL;
}

void
recipients_free(struct recipients *recipients)
{
	for (size_t i = 0; i < recipients->count; i++) {
		free(recipients->list[i].address);
		free(recipients->list[i].in_reply_to);
	}
	free(recipients->list);
	*recipients = (struct recipients) { .list = NULL };
}

struct went {
	struct recipients *out;
	bool failed;
};

/* One that was taken back before it was sent told nothing. */
static bool
on_mail(const struct report_mail *mail, void *user)
{
	struct went *went = user;

	if (!mail->is_kept || mail->state != OUTBOX_DROPPED)
		went->failed = !recipient_add(went->out, mail->recipient, mail->message_id);
	return !went->failed;
}

/* Where earlier editions went, newest first: the first edition's Message-ID is what stays. */
static bool
recipients_of_earlier(struct recipients *out, struct judge_house *house,
		      const struct report *report, struct error *err)
{
	struct report_query query = { .week = report->week,
				      .kind = report->kind,
				      .asn = report->asn,
				      .exchange =
					  report->kind == REPORT_EXCHANGE ? report->exchange : NULL,
				      .state = REPORT_APPROVED };
	struct kept_reports earlier;
	struct went went = { .out = out };
	bool done;

	if (report->edition < 2)
		return true;
	done = kept_reports_find(&earlier, house, &query, err);
	for (size_t i = 0; done && i < earlier.count; i++)
		if (earlier.list[i].report.edition < report->edition)
			done = ledger_report_mail_each(house->ledger, earlier.list[i].report.id,
						       false, on_mail, &went, err) &&
			       (!went.failed || error_set(err, ERR_NOMEM, "report: out of memory"));
	kept_reports_free(&earlier);
	out->corrects_sent = out->count > 0;
	return done;
}

static const struct config_texts *
configured(const struct config *config, const struct report *report)
{
	static const struct config_texts nobody = { 0, NULL };
	const struct config_peer *peer = config_peer_find(config, report->asn);

	if (report->kind != REPORT_PEER)
		return &config->report.coordinator;
	return peer != NULL ? &peer->report_to : &nobody;
}

bool
recipients_get(struct recipients *out, struct judge_house *house, const struct report *report,
	       struct error *err)
{
	const struct config_texts *list = configured(house->config, report);
	bool done;

	*out = (struct recipients) { .list = NULL };
	done = recipients_of_earlier(out, house, report, err);
	for (size_t i = 0; done && !out->corrects_sent && i < list->count; i++)
		done = recipient_add(out, list->text[i], "") ||
		       error_set(err, ERR_NOMEM, "report: out of memory");
	if (!done)
		recipients_free(out);
	return done;
}

/* --- what stands in the way --- */

static bool
on_optout(const struct report_optout *optout, void *user)
{
	(void)optout;
	*(bool *)user = true;
	return false;
}

static bool
on_order(const struct report_order *order, void *user)
{
	(void)order;
	*(bool *)user = true;
	return false;
}

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	(void)dispute;
	*(bool *)user = true;
	return false;
}

static bool
look_at(struct judge_house *house, uint32_t asn, const char *exchange, bool *ordered,
	bool *disputed, struct error *err)
{
	struct report_register_query query = { .asn = asn,
					       .exchange = exchange,
					       .open_only = true };

	*ordered = *disputed = false;
	return ledger_order_each(house->ledger, &query, on_order, ordered, err) &&
	       ledger_dispute_each(house->ledger, &query, on_dispute, disputed, err);
}

bool
standing_is_paused_at(struct judge_house *house, uint32_t asn, const char *exchange, bool *paused,
		      struct error *err)
{
	bool ordered, disputed;

	if (!look_at(house, asn, exchange, &ordered, &disputed, err))
		return false;
	*paused = ordered || disputed;
	return true;
}

/* Ordered: where something is to be told, all of it is ordered.  Disputed: any of its exchanges is. */
bool
standing_get(struct standing *out, struct judge_house *house, uint32_t asn,
	     const struct report_connection *connections, size_t count, struct error *err)
{
	struct report_register_query query = { .asn = asn, .open_only = true };
	size_t busy_count = 0, ordered_count = 0;

	*out = (struct standing) { .opted_out = false };
	if (!ledger_optout_each(house->ledger, &query, on_optout, &out->opted_out, err))
		return false;
	for (size_t i = 0; i < count; i++) {
		bool ordered, disputed,
		    busy = connections[i].verdict == VERDICT_ROUTINE ||
			   connections[i].verdict == VERDICT_RECURRING;

		if (!look_at(house, asn, connections[i].exchange, &ordered, &disputed, err))
			return false;
		out->disputed = out->disputed || disputed;
		busy_count += busy;
		ordered_count += busy && ordered;
	}
	out->ordered = busy_count > 0 && ordered_count == busy_count;
	return true;
}

/* --- undecided letters follow it --- */

struct connections {
	struct report_connection list[256];
	char exchange[256][64];
	size_t count;
};

static bool
on_connection(const struct report_connection *connection, void *user)
{
	struct connections *out = user;

	if (out->count == COUNT(out->list))
		return false;
	out->list[out->count] = *connection;
	snprintf(out->exchange[out->count], sizeof(out->exchange[0]), "%s", connection->exchange);
	out->list[out->count].exchange = out->exchange[out->count];
	out->count++;
	return true;
}

static enum report_event
event_of(const struct report *report, const struct standing *standing,
	 const struct recipients *recipients, bool mail_works, const char **why)
{
	*why = "";
	if (standing->opted_out) {
		*why = "the peer wants no letters";
		return REPORT_EVENT_OPT_OUT;
	}
	if (recipients->count == 0 || !mail_works) {
		*why = recipients->count > 0 ? "no mail is configured (mail.from, or mail.spool)"
		       : report->kind == REPORT_PEER
			   ? "no peer block names a report-to for it"
			   : "report.coordinator names nobody, nor do alert.coordinator and "
			     "alert.to";
		return REPORT_EVENT_STRAND;
	}
	if ((standing->disputed || standing->ordered) && !recipients->corrects_sent) {
		*why = standing->disputed ? "something is disputed" : "an upgrade is ordered";
		return REPORT_EVENT_PAUSE;
	}
	return REPORT_EVENT_CLEAR;
}

bool
standing_refresh(struct judge_house *house, const struct report *report, int64_t now_utc_sec,
		 bool *changed, struct error *err)
{
	struct connections *connections = calloc(1, sizeof(*connections));
	struct recipients recipients = { .list = NULL };
	struct standing standing = { .opted_out = false };
	enum report_state next = report->state;
	const char *why = "";
	bool done;

	*changed = false;
	if (connections == NULL)
		return error_set(err, ERR_NOMEM, "report: out of memory");
	done = recipients_get(&recipients, house, report, err);
	if (done && report->kind == REPORT_PEER)
		done = ledger_report_connection_each(house->ledger, report->id, on_connection,
						     connections, err) &&
		       standing_get(&standing, house, report->asn, connections->list,
				    connections->count, err);
	if (done)
		report_rules_next(report->state,
				  event_of(report, &standing, &recipients,
					   outbox_is_active(&house->config->mail), &why),
				  &next);
	*changed = done && next != report->state;
	if (*changed)
		done = judge_house_begin(house, err) &&
		       (ledger_report_decide(house->ledger, report->id, next, REGISTRAR_AUTHOR,
					     now_utc_sec, why, err) ||
			registrar_take_back(house, err));
	recipients_free(&recipients);
	free(connections);
	return done;
}

bool
standing_refresh_all(struct judge_house *house, uint32_t asn, int64_t now_utc_sec, struct json *ids,
		     bool *changed, struct error *err)
{
	static const enum report_state states[] = { REPORT_WAITING, REPORT_HELD, REPORT_OPTED_OUT,
						    REPORT_NO_RECIPIENT, REPORT_PAUSED };
	bool done = true;

	*changed = false;
	for (size_t s = 0; done && s < COUNT(states); s++) {
		struct report_query query = { .any_kind = asn == 0,
					      .kind = REPORT_PEER,
					      .asn = asn,
					      .state = states[s],
					      .newest_edition = true };
		struct kept_reports found;

		done = kept_reports_find(&found, house, &query, err);
		for (size_t i = 0; done && i < found.count; i++) {
			const struct report *report = &found.list[i].report;
			bool other = false;

			if (report->lapses_utc_sec > now_utc_sec)
				done = standing_refresh(house, report, now_utc_sec, &other, err);
			if (other)
				json_put_int(ids, "", report->id);
			*changed = *changed || other;
		}
		kept_reports_free(&found);
	}
	return done;
}
