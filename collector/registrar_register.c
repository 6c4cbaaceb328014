/* registrar_register.c - a report that was made: in which state it begins, and what follows at once. */
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "outbox_office.h"
#include "registrar_parts.h"

/* --- what is known of it --- */

static bool
on_approved(const struct report *report, void *user)
{
	(void)report;
	*(bool *)user = true;
	return false;
}

static bool
first_find(struct judge_house *house, uint32_t asn, bool *first, struct error *err)
{
	struct report_query query = {
		.kind = REPORT_PEER, .asn = asn, .state = REPORT_APPROVED, .limit = 1
	};
	bool sent = false;

	if (!ledger_report_each(house->ledger, &query, on_approved, &sent, err))
		return false;
	*first = !sent;
	return true;
}

static bool
facts_of(struct report_facts *out, struct judge_house *house, const struct registration *wish,
	 struct error *err)
{
	const struct report *report = &wish->report;
	const struct config_peer *peer = config_peer_find(house->config, report->asn);
	struct standing standing = { .opted_out = false };
	struct recipients recipients;

	*out = (struct report_facts) {
		.kind = report->kind,
		.to_peers = report_permission_of(house->config->report.to_peers),
		.wants = peer != NULL ? peer->report : PEER_REPORT_CHANGES,
		.tells = report->tells,
		.asked = wish->asked,
		.corrects = report->edition > 1,
		.mail_works = outbox_is_active(&house->config->mail),
	};
	if (report->kind == REPORT_PEER &&
	    (!first_find(house, report->asn, &out->first, err) ||
	     !standing_get(&standing, house, report->asn, wish->connections, wish->connection_count,
			   err)))
		return false;
	if (!recipients_get(&recipients, house, report, err))
		return false;
	out->recipient_count = recipients.count;
	out->corrects_sent = recipients.corrects_sent;
	out->opted_out = standing.opted_out;
	out->disputed = standing.disputed;
	out->ordered = standing.ordered;
	recipients_free(&recipients);
	return true;
}

/* Where the letter asks: of what is routine, unless something is ordered or disputed there. */
static bool
asks_fill(struct registration *wish, struct judge_house *house, struct error *err)
{
	const struct report *report = &wish->report;
	bool requests = report->kind == REPORT_PEER && strcmp(report->purpose, "request") == 0;

	for (size_t i = 0; i < wish->connection_count; i++) {
		struct report_connection *connection = &wish->connections[i];
		bool paused = false;

		if (!requests || connection->verdict != VERDICT_ROUTINE)
			continue;
		if (!standing_is_paused_at(house, report->asn, connection->exchange, &paused, err))
			return false;
		connection->asks = !paused;
	}
	return true;
}

/* --- what follows from it --- */

/* What was not sent of earlier editions is not sent any more. */
static bool
earlier_replace(struct judge_house *house, const struct report *report, int64_t now_utc_sec,
		struct error *err)
{
	struct report_query query = { .week = report->week,
				      .kind = report->kind,
				      .asn = report->asn,
				      .exchange =
					  report->kind == REPORT_EXCHANGE ? report->exchange : NULL,
				      .any_state = true };
	struct kept_reports earlier;
	bool done;

	if (report->edition < 2)
		return true;
	done = kept_reports_find(&earlier, house, &query, err);
	for (size_t i = 0; done && i < earlier.count; i++) {
		const struct report *other = &earlier.list[i].report;
		enum report_state next;

		if (other->edition >= report->edition)
			continue;
		report_rules_next(other->state, REPORT_EVENT_REPLACE, &next);
		if (next != other->state)
			done = ledger_report_decide(house->ledger, other->id, next,
						    REGISTRAR_AUTHOR, now_utc_sec,
						    "a later edition took its place", err);
	}
	kept_reports_free(&earlier);
	return done;
}

/* How the week was, for cases that are open. */
static bool
weeks_count(struct judge_house *house, const struct registration *wish, struct error *err)
{
	const struct report *report = &wish->report;
	bool closed, done = true;

	for (size_t i = 0; done && report->kind == REPORT_PEER && i < wish->connection_count; i++) {
		const struct report_connection *connection = &wish->connections[i];

		done = ledger_case_week(house->ledger, report->asn, connection->exchange,
					report->monday, connection->verdict, &closed, err);
		if (done && closed)
			log_info("report", "event=case-closed asn=%" PRIu32 " exchange=%s week=%s",
				 report->asn, connection->exchange, report->week);
	}
	return done;
}

static bool
write_new(struct judge_house *house, struct registration *wish, int64_t now_utc_sec, int64_t *id,
	  bool *is_new, struct error *err)
{
	return ledger_report_put(house->ledger, &wish->report, wish->files, wish->file_count,
				 wish->connections, wish->connection_count, id, is_new, err) &&
	       (!*is_new || (earlier_replace(house, &wish->report, now_utc_sec, err) &&
			     weeks_count(house, wish, err)));
}

/* One that goes out at once is put as waiting, and approved by the collector. */
static bool
begin(struct judge_house *house, struct registration *wish, int64_t now_utc_sec, bool *sends,
      struct error *err)
{
	struct report_facts facts;

	if (!facts_of(&facts, house, wish, err) || !asks_fill(wish, house, err))
		return false;
	wish->report.state = report_rules_first(&facts, &wish->report.why);
	*sends = wish->report.state == REPORT_APPROVED;
	if (*sends)
		wish->report.state = REPORT_WAITING;
	wish->report.lapses_utc_sec = now_utc_sec + house->config->report.lapse_sec;
	wish->report.decided_utc_sec = now_utc_sec;
	return true;
}

static void
answer_fill(struct json *answer, const struct report *report, bool is_new)
{
	json_put_int(answer, "id", report->id);
	json_put_text(answer, "state", report_state_name(report->state));
	json_put_text(answer, "why", report->why);
	json_put_bool(answer, "new", is_new);
}

static bool
registered(struct judge_house *house, struct registration *wish, struct json *answer,
	   struct error *err)
{
	int64_t now = clock_utc_sec(), id = 0;
	bool sends, is_new = false, done;
	struct kept_report kept;
	char label[REPORT_LABEL_SIZE];

	wish->report.asn = registrar_asn(house->config, wish->report.asn);
	if (!begin(house, wish, now, &sends, err) || !judge_house_begin(house, err))
		return false;
	if (!write_new(house, wish, now, &id, &is_new, err))
		return registrar_keep_trouble(house, err);
	if (!kept_report_get(&kept, house, id, err))
		return false;
	done =
	    !is_new || registrar_audit(house, now, REGISTRAR_AUTHOR, "report-register", err,
				       "%s: %s", registrar_label(label, &kept.report),
				       sends ? "goes out" : report_state_name(kept.report.state));
	if (done && is_new && sends)
		done = registrar_send(house, &kept.report, REGISTRAR_AUTHOR, now, NULL, err);
	kept_report_free(&kept);
	done = done && kept_report_get(&kept, house, id, err);
	if (!done)
		return registrar_take_back(house, err);
	answer_fill(answer, &kept.report, is_new);
	kept_report_free(&kept);
	return true;
}

bool
registrar_register(struct judge_house *house, const struct json *request, struct json *answer,
		   struct error *err)
{
	struct registration *wish = malloc(sizeof(*wish));
	bool done;

	if (wish == NULL)
		return error_set(err, ERR_NOMEM, "report-register: out of memory");
	done = registration_take(wish, request, err);
	if (done) {
		done = registered(house, wish, answer, err);
		registration_end(wish);
	}
	free(wish);
	return done;
}
