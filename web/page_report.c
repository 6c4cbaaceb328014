/* page_report.c - one letter, for those with accounts: as its recipient sees it, how it stands and who decided that, its
 * editions, the note before it, and what may be asked of it. */
#include "page_report.h"

#include <stdio.h>
#include <stdlib.h>

#include "ixwatch/outbox.h"

#include "action.h"
#include "kept.h"
#include "letter.h"
#include "page.h"
#include "refuse.h"
#include "report_registers.h"
#include "report_words.h"

/* --- how it stands --- */

static void
put_fact(struct html *html, const char *name, const char *value)
{
	if (value[0] != '\0')
		html_put(html, "<div class=\"fact\"><dt>%s</dt><dd>%s</dd></div>\n", name, value);
}

static void
put_standing(struct html *html, const struct request *request, const struct report *report)
{
	char text[64];

	html_raw(html, "<dl class=\"facts card\">\n<div class=\"fact\"><dt>State</dt><dd>");
	report_put_state(html, report->state);
	html_put(html, report->why[0] == '\0' ? "</dd></div>\n" : " <small>%s</small></dd></div>\n",
		 report->why);
	if (report->decided_utc_sec != 0) {
		html_raw(html, "<div class=\"fact\"><dt>Decided</dt><dd>");
		page_instant(html, request, report->decided_utc_sec);
		html_put(html, " <small>by %s</small></dd></div>\n", report->decided_by);
	}
	html_raw(html, "<div class=\"fact\"><dt>Verdict</dt><dd>");
	page_verdict(html, report->verdict);
	html_raw(html, "</dd></div>\n");
	put_fact(html, "Purpose", report->purpose);
	put_fact(html, "Notice", report_notice_words(text, sizeof(text), report));
	put_fact(html, "Lapses", report_lapse_words(text, sizeof(text), request, report));
	html_raw(html, "<div class=\"fact\"><dt>To</dt><dd>");
	report_put_recipients(html, request, report);
	html_raw(html, "</dd></div>\n");
	if (report->revoked_utc_sec != 0) {
		html_raw(html, "<div class=\"fact\"><dt>Its links</dt><dd>taken back ");
		page_instant(html, request, report->revoked_utc_sec);
		html_raw(html, "</dd></div>\n");
	}
	html_raw(html, "</dl>\n");
	if (report->first && report->kind == REPORT_PEER && report->state != REPORT_APPROVED)
		html_raw(html, "<p>It is the first letter to this peer.</p>\n");
}

/* --- its mails --- */

struct mails {
	struct html *html;
	const struct request *request;
	unsigned count;
};

static bool
on_mail(const struct report_mail *mail, void *user)
{
	struct mails *mails = user;

	if (mails->count++ == 0)
		html_raw(mails->html, "<section aria-labelledby=\"mails\"><h2 id=\"mails\">Its "
				      "mails</h2>\n<ul>\n");
	html_put(mails->html, "<li>%s: %s%s%s", mail->recipient,
		 mail->is_kept ? outbox_state_name(mail->state) : "went through the outbox",
		 mail->reply[0] == '\0' ? "" : ", ", mail->reply);
	if (mail->is_kept && mails->request->who.scopes.count == 0)
		html_put(mails->html, " (<a href=\"/mail/%lld\">mail %lld</a>)",
			 (long long)mail->mail_id, (long long)mail->mail_id);
	html_raw(mails->html, "</li>\n");
	return true;
}

static void
put_mails(struct html *html, const struct request *request, const struct report *report)
{
	struct mails mails = { html, request, 0 };
	struct error err;

	ledger_report_mail_each(request->ledger, report->id, false, on_mail, &mails, &err);
	if (mails.count > 0)
		html_raw(html, "</ul></section>\n");
}

/* --- editions --- */

struct editions {
	struct html *html;
	const struct request *request;
	const struct report *shown;
	unsigned count;
};

static bool
on_edition(const struct report *report, void *user)
{
	struct editions *list = user;
	char path[REPORT_PATH_MAX];

	html_put(list->html, "<li><a href=\"%s\"%s>edition %u</a>, ",
		 report_path(path, report, report->edition),
		 report->id == list->shown->id ? " aria-current=\"page\"" : "", report->edition);
	report_put_state(list->html, report->state);
	html_raw(list->html, ", made ");
	page_instant(list->html, list->request, report->made_utc_sec);
	html_put(list->html, report->corrects[0] == '\0' ? "</li>\n" : ": it corrects: %s</li>\n",
		 report->corrects);
	list->count++;
	return true;
}

static void
put_editions(struct html *html, const struct request *request, const struct report *report)
{
	struct report_query query = { .week = report->week,
				      .kind = report->kind,
				      .asn = report->asn,
				      .exchange =
					  report->kind == REPORT_EXCHANGE ? report->exchange : NULL,
				      .any_state = true };
	struct editions list = { html, request, report, 0 };
	struct error err;

	html_raw(html, "<section aria-labelledby=\"editions\"><h2 id=\"editions\">Editions of this "
		       "week</h2>\n<ul>\n");
	ledger_report_each(request->ledger, &query, on_edition, &list, &err);
	html_raw(html, "</ul></section>\n");
}

/* --- preview and files --- */

static void
put_preview(struct html *html, const struct request *request, const struct letter_open *letter)
{
	const struct report *report = &letter->row.report;
	long long id = (long long)report->id;
	char *text = NULL, *markup = NULL;
	struct error err;

	html_put(html,
		 "<section aria-labelledby=\"preview\"><h2 id=\"preview\">As the recipient sees "
		 "it</h2>\n<p class=\"sub\">Subject: %s</p>\n<div class=\"preview\">\n<iframe "
		 "class=\"letter\" sandbox title=\"The letter as HTML\" "
		 "src=\"/reports/%lld/letter.html\"></iframe>\n",
		 report->subject, id);
	if (letter_words(&text, &markup, letter, request, &err))
		html_put(html,
			 "<pre class=\"letter\" tabindex=\"0\" aria-label=\"The letter as "
			 "text\">%s</pre>\n",
			 text);
	else
		html_put(html, "<p class=\"problem\">The text cannot be shown: %s.</p>\n",
			 err.text);
	free(text);
	free(markup);
	html_put(html,
		 "</div>\n<p>Files: <a href=\"/reports/%lld/letter.html\">HTML</a>, <a "
		 "href=\"/reports/%lld/letter.txt\">text</a>, <a "
		 "href=\"/reports/%lld/samples.csv\">samples of the week, CSV</a>, <a "
		 "href=\"/reports/%lld/facts.json\">facts, JSON</a>. SHA-256 <code "
		 "class=\"digest\">%s</code></p>\n</section>\n",
		 id, id, id, id, report->sha256);
}

/* --- what may be asked --- */

static void
begin_form(struct html *html, const struct request *request, const struct report *report,
	   const char *what, const char *css)
{
	html_put(html,
		 "<form class=\"%s\" method=\"post\" action=\"/reports/%lld/%s\">\n<input "
		 "type=\"hidden\" name=\"token\" value=\"%s\">\n",
		 css, (long long)report->id, what, request->who.form_token);
}

static void
put_button(struct html *html, const struct request *request, const struct report *report,
	   const char *what, const char *words)
{
	begin_form(html, request, report, what, "do");
	html_put(html, "<button>%s</button></form>\n", words);
}

static void
put_reason_form(struct html *html, const struct request *request, const struct report *report,
		const char *what, const char *field, const char *words)
{
	begin_form(html, request, report, what, "do with");
	html_put(html,
		 "<label>Why <input name=\"%s\" maxlength=\"200\" required></label> "
		 "<button>%s</button></form>\n",
		 field, words);
}

static bool
may_be_approved(const struct report *report)
{
	return !report->superseded &&
	       (report->state == REPORT_WAITING || report->state == REPORT_HELD);
}

static bool
may_be_held(const struct report *report)
{
	return !report->superseded && report->state == REPORT_WAITING;
}

static bool
may_be_released(const struct report *report)
{
	return !report->superseded &&
	       (report->state == REPORT_HELD || report->state == REPORT_NOTHING);
}

static bool
may_be_revoked(const struct report *report)
{
	return report->state == REPORT_APPROVED && report->kind == REPORT_PEER &&
	       report->revoked_utc_sec == 0;
}

/* By this account, or by another one, which is said. */
static bool
is_decidable(const struct request *request, const struct report *report)
{
	bool is_admin = request->who.role >= ROLE_ADMIN;

	return may_be_approved(report) || may_be_held(report) ||
	       (is_admin && (may_be_released(report) || may_be_revoked(report)));
}

static void
put_decisions(struct html *html, const struct request *request, const struct report *report)
{
	bool is_admin = request->who.role >= ROLE_ADMIN,
	     is_operator = request->who.role >= ROLE_OPERATOR;

	if (!is_operator || !is_decidable(request, report))
		return;
	html_raw(html, "<section class=\"decide\" aria-labelledby=\"decide\"><h2 "
		       "id=\"decide\">Decide</h2>\n<div class=\"dos\">\n");
	if (is_admin && may_be_approved(report))
		put_button(html, request, report, "approve", "Approve: it goes out");
	if (may_be_held(report))
		put_reason_form(html, request, report, "hold", "why", "Hold it back");
	if (is_admin && may_be_released(report))
		put_button(html, request, report, "release", "Release: it waits for approval");
	if (is_admin && may_be_revoked(report))
		put_reason_form(html, request, report, "revoke", "reason", "Take its links back");
	html_raw(html, "</div>\n");
	if (!is_admin && may_be_approved(report))
		html_raw(html, "<p class=\"muted\">It is approved by an account of the role "
			       "admin.</p>\n");
	html_raw(html, "</section>\n");
}

/* What was sent and refused is shown again: nothing typed is lost. */
static void
put_note(struct html *html, const struct request *request, const struct report *report,
	 const char *problem)
{
	const char *note = report->note, *typed = action_field(request, "note");
	bool may_edit = request->who.role >= ROLE_OPERATOR && report->state != REPORT_APPROVED &&
			!report->superseded;

	html_raw(html,
		 "<section aria-labelledby=\"note\"><h2 id=\"note\">The note before it</h2>\n");
	if (may_edit) {
		begin_form(html, request, report, "note", "ask card wide-ask");
		html_raw(html, "<label>Goes before the letter; empty: none <textarea name=\"note\" "
			       "rows=\"6\" maxlength=\"4000\"");
		html_raw(html, page_fault_of("note", problem));
		html_put(html, ">\n%s</textarea></label>\n<button>Keep the note</button></form>\n",
			 typed[0] != '\0' ? typed : note);
	} else if (note[0] != '\0') {
		html_put(html, "<pre class=\"note\">%s</pre>\n", note);
	} else {
		html_raw(html, "<p class=\"muted\">None.</p>\n");
	}
	html_raw(html, "</section>\n");
}

/* --- the page --- */

void
page_report_put(const struct request *request, struct reply *reply, unsigned status,
		const struct letter_open *letter, const char *problem)
{
	const struct report *report = &letter->row.report;
	char title[PAGE_TITLE_MAX];
	struct html html;

	snprintf(title, sizeof(title), "%s, letter of %s", report_whom(report), report->week);
	page_begin(&html, request, title, PLACE_REPORTS, 0);
	html_put(&html,
		 "<p class=\"back\"><a href=\"/reports?week=%s\">Letters of %s</a></p>\n<h1>%s",
		 report->week, report->week, report_whom(report));
	if (report->kind == REPORT_PEER)
		html_put(&html, " <a class=\"asn\" href=\"/peers/%u\">AS%u</a>", report->asn,
			 report->asn);
	html_put(&html, "</h1>\n<p class=\"sub\">Week %s, edition %u, made ", report->week,
		 report->edition);
	page_instant(&html, request, report->made_utc_sec);
	html_raw(&html, report->superseded ? ". <strong>A later edition corrects it.</strong></p>\n"
					   : ".</p>\n");
	if ((request->query.has & ARG_DONE) != 0)
		html_raw(&html, "<p class=\"done\" role=\"status\">It is done.</p>\n");
	page_problem(&html, problem);
	if (report->corrects[0] != '\0')
		html_put(&html, "<p class=\"card\">It corrects the edition before: %s</p>\n",
			 report->corrects);
	put_standing(&html, request, report);
	put_decisions(&html, request, report);
	put_preview(&html, request, letter);
	put_note(&html, request, report, problem);
	put_mails(&html, request, report);
	put_editions(&html, request, report);
	report_put_registers(&html, request, report, problem);
	page_end(&html, request, reply, status);
	reply->guard = GUARD_FRAMING;
}

void
page_report(const struct request *request, struct reply *reply)
{
	struct letter_open letter;

	if (page_no_data(request, reply))
		return;
	if (letter_open(&letter, request, reply))
		page_report_put(request, reply, 200, &letter, "");
	letter_close(&letter);
}
