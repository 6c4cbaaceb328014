/* registrar_look.c - from time to time: what nobody approved in time lapses, and the coordinator is told, by one mail, of
 * that and of letters that did not arrive.  State and mail are written in one transaction: told once. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"
#include "ixwatch/units.h"
#include "outbox_office.h"
#include "registrar_parts.h"

#define LINES_MAX 200 /* of one mail; the rest is counted */

/* A mail in the making. */
struct telling {
	struct judge_house *house;
	int64_t now_utc_sec;
	char *text;
	size_t len;
	FILE *out;
	unsigned lapsed_count, failed_count;
	bool changed;
};

/* --- what lapses --- */

/* Somebody waits for it: not where nothing may leave, nor where it was paused on purpose. */
static bool
is_missed(const struct telling *telling, const struct report *report)
{
	return report->state != REPORT_PAUSED &&
	       report_permission_of(telling->house->config->report.to_peers) != REPORT_TO_NEVER;
}

static bool
lapse(struct telling *telling, const struct report *report, struct error *err)
{
	char label[REPORT_LABEL_SIZE];
	enum report_state next;

	report_rules_next(report->state, REPORT_EVENT_LAPSE, &next);
	if (next == report->state)
		return true;
	if (!judge_house_begin(telling->house, err))
		return false;
	if (!ledger_report_decide(
		telling->house->ledger, report->id, next, REGISTRAR_AUTHOR, telling->now_utc_sec,
		report->state == REPORT_PAUSED ? "it was paused until its time was over"
					       : "nobody approved it in time",
		err))
		return registrar_take_back(telling->house, err);
	telling->changed = true;
	log_info("report", "event=lapsed report=%" PRId64 " week=%s asn=%" PRIu32, report->id,
		 report->week, report->asn);
	if (is_missed(telling, report) && telling->lapsed_count++ < LINES_MAX)
		fprintf(telling->out, "* %s, %s%s: \"%s\"\n", registrar_label(label, report),
			report->name, report->state == REPORT_HELD ? " (held)" : "",
			report->subject);
	return true;
}

static bool
lapse_all(struct telling *telling, struct error *err)
{
	static const enum report_state states[] = { REPORT_WAITING, REPORT_HELD, REPORT_PAUSED };
	bool done = true;

	for (size_t s = 0; done && s < COUNT(states); s++) {
		struct report_query query = { .any_kind = true,
					      .state = states[s],
					      .lapsing_utc_sec = telling->now_utc_sec };
		struct kept_reports found;

		done = kept_reports_find(&found, telling->house, &query, err);
		for (size_t i = 0; done && i < found.count; i++)
			done = lapse(telling, &found.list[i].report, err);
		kept_reports_free(&found);
	}
	return done;
}

/* --- what did not arrive --- */

struct failures {
	struct failure {
		int64_t report_id, mail_id;
		char recipient[256], reply[512];
	} * list;
	size_t count, size;
	bool failed;
};

static bool
on_failure(const struct report_mail *mail, void *user)
{
	struct failures *failures = user;
	struct failure *failure;

	if (failures->count == failures->size) {
		size_t size = failures->size == 0 ? 8 : failures->size * 2;
		struct failure *grown = realloc(failures->list, size * sizeof(*grown));

		failures->failed = grown == NULL;
		if (grown == NULL)
			return false;
		failures->list = grown;
		failures->size = size;
	}
	failure = &failures->list[failures->count++];
	*failure = (struct failure) { .report_id = mail->report_id, .mail_id = mail->mail_id };
	units_clean_text(failure->recipient, sizeof(failure->recipient), mail->recipient,
			 strlen(mail->recipient));
	units_clean_text(failure->reply, sizeof(failure->reply), mail->reply, strlen(mail->reply));
	return true;
}

static bool
failure_tell(struct telling *telling, const struct failure *failure, struct error *err)
{
	struct kept_report kept;
	char label[REPORT_LABEL_SIZE];

	if (!kept_report_get(&kept, telling->house, failure->report_id, err) ||
	    !judge_house_begin(telling->house, err))
		return false;
	if (telling->failed_count++ < LINES_MAX)
		fprintf(telling->out, "* %s, %s, to %s (mail %" PRId64 "): %s\n",
			registrar_label(label, &kept.report), kept.report.name, failure->recipient,
			failure->mail_id, failure->reply);
	kept_report_free(&kept);
	telling->changed = true;
	return ledger_report_mail_told(telling->house->ledger, failure->mail_id,
				       telling->now_utc_sec, err) ||
	       registrar_take_back(telling->house, err);
}

static bool
failures_tell(struct telling *telling, struct error *err)
{
	struct failures failures = { .list = NULL };
	bool done =
	    ledger_report_mail_each(telling->house->ledger, 0, true, on_failure, &failures, err) &&
	    (!failures.failed || error_set(err, ERR_NOMEM, "report: out of memory"));

	if (done && failures.count > 0)
		fputs(telling->lapsed_count > 0 ? "\n" : "", telling->out);
	for (size_t i = 0; done && i < failures.count; i++)
		done = failure_tell(telling, &failures.list[i], err);
	free(failures.list);
	return done;
}

/* --- the mail --- */

static bool
put_to(struct telling *telling, const char *recipient, const char *subject, const char *text,
       struct error *err)
{
	const struct config *config = telling->house->config;
	char message_id[OUTBOX_MESSAGE_ID_SIZE];
	int64_t id;

	return ledger_outbox_put(
		   telling->house->ledger,
		   &(struct outbox_mail) {
		       .kind = OUTBOX_NOTICE,
		       .recipient = recipient,
		       .message_id = outbox_message_id(message_id, outbox_sender(&config->mail)),
		       .subject = subject,
		       .text = text,
		       .created_utc_sec = telling->now_utc_sec },
		   &id, err) ||
	       registrar_take_back(telling->house, err);
}

static bool
tell(struct telling *telling, struct error *err)
{
	const struct config *config = telling->house->config;
	const struct config_texts *to = &config->report.coordinator;
	char subject[160], *text;
	bool done = true;

	if (telling->lapsed_count + telling->failed_count == 0 || !outbox_is_active(&config->mail))
		return true;
	if (telling->failed_count == 0)
		snprintf(subject, sizeof(subject), "weekly reports: %u lapsed, nobody approved %s",
			 telling->lapsed_count, telling->lapsed_count == 1 ? "it" : "them");
	else
		snprintf(subject, sizeof(subject), "weekly reports: %u did not arrive, %u lapsed",
			 telling->failed_count, telling->lapsed_count);
	if (asprintf(
		&text,
		"%s%s\n%s/reports\n`ixwatch report list` shows them, `ixwatch outbox retry ID` "
		"tries a mail again.\n",
		telling->failed_count > 0
		    ? "These letters of the weekly reports were not approved in time, or did "
		      "not arrive:\n\n"
		    : "These letters of the weekly reports were not approved in time, and are "
		      "not sent any more:\n\n",
		telling->text, config->web.base_url) < 0)
		return error_set(err, ERR_NOMEM, "report: out of memory");
	for (size_t i = 0; done && i < to->count; i++)
		done = put_to(telling, to->text[i], subject, text, err);
	free(text);
	return done;
}

bool
registrar_look(struct judge_house *house, int64_t now_utc_sec, bool *changed, struct error *err)
{
	struct telling telling = { .house = house, .now_utc_sec = now_utc_sec };
	bool done;

	*changed = false;
	telling.out = open_memstream(&telling.text, &telling.len);
	if (telling.out == NULL)
		return error_set(err, ERR_NOMEM, "report: out of memory");
	done = lapse_all(&telling, err) && failures_tell(&telling, err);
	if (fclose(telling.out) != 0 && done)
		done = error_set(err, ERR_NOMEM, "report: out of memory");
	done = done && tell(&telling, err);
	if (!done && telling.changed)
		registrar_take_back(house, err); /* untold, it did not happen */
	free(telling.text);
	*changed = telling.changed;
	return done;
}

bool
registrar_configured(struct judge_house *house, int64_t now_utc_sec, bool *changed,
		     struct error *err)
{
	return standing_refresh_all(house, 0, now_utc_sec, NULL, changed, err);
}
