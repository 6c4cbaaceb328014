/* registrar.c - see registrar.h: the table of what can be asked, and deciding about one report. */
#include "registrar.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "registrar_parts.h"

/* --- what all share --- */

bool
registrar_keep_trouble(struct judge_house *house, const struct error *err)
{
	if (err->code != ERR_REFUSED && err->code != ERR_NOT_FOUND && err->code != ERR_USAGE)
		return registrar_take_back(house, err);
	return false;
}

bool
registrar_take_back(struct judge_house *house, const struct error *err)
{
	if (house->trouble.code == ERR_NONE)
		house->trouble = *err;
	return false;
}

bool
registrar_audit(struct judge_house *house, int64_t at_utc_sec, const char *author, const char *what,
		struct error *err, const char *format, ...)
{
	char detail[2048];
	va_list args;

	va_start(args, format);
	vsnprintf(detail, sizeof(detail), format, args);
	va_end(args);
	log_info("report", "event=%s author=\"%s\" detail=\"%s\"", what, author, detail);
	return ledger_audit(house->ledger, at_utc_sec, author, what, 0, detail, err) ||
	       registrar_take_back(house, err);
}

/* --- deciding --- */

struct asked {
	struct kept_report kept;
	const char *author;
	int64_t now_utc_sec;
};

/* The report of the request, as it stands now: what stands in its way was looked at. */
static bool
asked_take(struct asked *out, struct judge_house *house, const struct json *request,
	   struct error *err)
{
	bool changed = false;
	int64_t id;

	*out = (struct asked) { .now_utc_sec = clock_utc_sec() };
	if (!registrar_take_id(request, "a report's", &id, err) ||
	    !registrar_take_author(request, &out->author, err) ||
	    !kept_report_get(&out->kept, house, id, err))
		return false;
	if (!report_rules_is_open(out->kept.report.state))
		return true;
	if (!standing_refresh(house, &out->kept.report, out->now_utc_sec, &changed, err)) {
		kept_report_free(&out->kept);
		return false;
	}
	if (!changed)
		return true;
	kept_report_free(&out->kept);
	return kept_report_get(&out->kept, house, id, err);
}

static bool
refused(const struct report *report, const char *words, struct error *err)
{
	char label[REPORT_LABEL_SIZE];

	return error_set(err, ERR_REFUSED, "%s %s", registrar_label(label, report), words);
}

/* Whether the event may happen to the report, and what follows. */
static bool
next_get(const struct asked *asked, enum report_event event, enum report_state *next,
	 struct error *err)
{
	const struct report *report = &asked->kept.report;
	enum report_state state = report->state;
	const char *words;

	if (report->lapses_utc_sec <= asked->now_utc_sec)
		report_rules_next(state, REPORT_EVENT_LAPSE, &state); /* nobody looked yet */
	words = report_rules_next(state, event, next);
	if (words != NULL)
		return refused(report, words, err);
	return !report->superseded || refused(report, "has a later edition", err);
}

static bool
decide(struct judge_house *house, const struct asked *asked, enum report_state next,
       const char *what, const char *why, struct json *answer, struct error *err)
{
	const struct report *report = &asked->kept.report;
	char label[REPORT_LABEL_SIZE];

	if (!judge_house_begin(house, err))
		return false;
	if (!ledger_report_decide(house->ledger, report->id, next, asked->author,
				  asked->now_utc_sec, why, err))
		return registrar_take_back(house, err);
	json_put_int(answer, "id", report->id);
	json_put_text(answer, "state", report_state_name(next));
	return registrar_audit(house, asked->now_utc_sec, asked->author, what, err, "%s: %s%s%s",
			       registrar_label(label, report), report_state_name(next),
			       why[0] != '\0' ? ", " : "", why);
}

static bool
approve(struct judge_house *house, const struct json *request, struct json *answer,
	struct error *err)
{
	struct asked asked;
	enum report_state next;
	bool done;

	if (!asked_take(&asked, house, request, err))
		return false;
	done =
	    next_get(&asked, REPORT_EVENT_APPROVE, &next, err) &&
	    registrar_send(house, &asked.kept.report, asked.author, asked.now_utc_sec, answer, err);
	if (done) {
		json_put_int(answer, "id", asked.kept.report.id);
		json_put_text(answer, "state", report_state_name(REPORT_APPROVED));
	}
	kept_report_free(&asked.kept);
	return done;
}

static bool
hold(struct judge_house *house, const struct json *request, struct json *answer, struct error *err)
{
	struct asked asked;
	enum report_state next;
	const char *why;
	bool done;

	if (!registrar_take_text(request, "why", 1, REPORT_TEXT_MAX, &why, err) ||
	    !asked_take(&asked, house, request, err))
		return false;
	done = next_get(&asked, REPORT_EVENT_HOLD, &next, err) &&
	       decide(house, &asked, next, "report-hold", why, answer, err);
	kept_report_free(&asked.kept);
	return done;
}

static bool
release(struct judge_house *house, const struct json *request, struct json *answer,
	struct error *err)
{
	struct asked asked;
	enum report_state next;
	bool done;

	if (!asked_take(&asked, house, request, err))
		return false;
	done = next_get(&asked, REPORT_EVENT_RELEASE, &next, err) &&
	       decide(house, &asked, next, "report-release", "", answer, err);
	kept_report_free(&asked.kept);
	return done;
}

/* What is said before an approved letter was said already. */
static bool
note(struct judge_house *house, const struct json *request, struct json *answer, struct error *err)
{
	struct asked asked;
	char *text = NULL, label[REPORT_LABEL_SIZE];
	bool done = false;

	if (!registrar_take_lines(request, "note", &text, err))
		return false;
	if (!asked_take(&asked, house, request, err)) {
		free(text);
		return false;
	}
	if (!report_rules_is_open(asked.kept.report.state))
		refused(&asked.kept.report,
			asked.kept.report.state == REPORT_APPROVED
			    ? "is approved already: its note is as it was sent"
			    : "lapsed: nobody would read the note",
			err);
	else if (judge_house_begin(house, err))
		done = ledger_report_note_set(house->ledger, asked.kept.report.id, text, err) ||
		       registrar_take_back(house, err);
	if (done) {
		json_put_int(answer, "id", asked.kept.report.id);
		json_put_text(answer, "note", text);
		done = registrar_audit(house, asked.now_utc_sec, asked.author, "report-note", err,
				       "%s: a note of %zu octets",
				       registrar_label(label, &asked.kept.report), strlen(text));
	}
	kept_report_free(&asked.kept);
	free(text);
	return done;
}

/* --- the table --- */

const struct registrar_row registrar_rows[] = {
	{ "report-register", registrar_register_check, registrar_register },
	{ "report-approve", registrar_id_check, approve },
	{ "report-hold", registrar_hold_check, hold },
	{ "report-release", registrar_id_check, release },
	{ "report-note", registrar_note_check, note },
	{ "report-order", registrar_order_check, registrar_order },
	{ "report-order-end", registrar_outcome_check, registrar_order_end },
	{ "report-dispute", registrar_dispute_check, registrar_dispute },
	{ "report-dispute-decide", registrar_outcome_check, registrar_dispute_decide },
	{ "report-optout", registrar_optout_check, registrar_optout },
	{ "report-optin", registrar_optin_check, registrar_optin },
	{ "report-revoke", registrar_revoke_check, registrar_revoke },
};
const size_t registrar_row_count = COUNT(registrar_rows);

const struct registrar_row *
registrar_find(const char *op)
{
	for (size_t i = 0; i < COUNT(registrar_rows); i++)
		if (strcmp(registrar_rows[i].op, op) == 0)
			return &registrar_rows[i];
	return NULL;
}
