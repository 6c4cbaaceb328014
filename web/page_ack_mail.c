/* page_ack_mail.c - the alerts that one mail told, acknowledged by its link: all of them with one button, which is the
 * first thing on the page, since that is what somebody wants who was woken; or those that are ticked.
 *
 * What the link opens is that mail's alerts, as far as they were told to whom it was sent.  Which those are, the ledger
 * says, and the collector asks it again: what a form names beside them is refused. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/outbox.h"
#include "ixwatch/units.h"

#include "ack.h"
#include "action.h"
#include "alerts.h"
#include "page.h"
#include "refuse.h"

#define BOXES_MAX 50   /* told one by one, as in the mail */
#define LOOK_MAX  5000 /* alerts that are looked at */

struct group {
	const struct request *request;
	const struct link_claim *claim;
	struct quiets quiets;
	struct html *html;
	int64_t ids[LOOK_MAX];
	size_t count;
	size_t open_count, shown_count; /* of those that may be acknowledged */
	bool boxes;                     /* they are written; else all others are */
	int64_t told_utc_sec;
};

static bool
on_told(const struct ledger_told *told, void *user)
{
	struct group *group = user;

	if (told->what == TOLD_RECOVERY || strcmp(told->recipient, group->claim->scope) != 0)
		return true;
	group->told_utc_sec = told->at_utc_sec;
	group->ids[group->count++] = told->alert_id;
	return group->count < LOOK_MAX;
}

static const struct ledger_quiet *
acknowledgement(const struct group *group, const struct ledger_alert *alert)
{
	return quiets_find(&group->quiets, QUIET_ACKNOWLEDGEMENT, alert,
			   group->request->now_utc_sec);
}

static bool
may_be_acknowledged(const struct group *group, const struct ledger_alert *alert)
{
	const struct ledger_quiet *ack = acknowledgement(group, alert);

	return alert->ended_utc_sec == 0 && (ack == NULL || ack->until_utc_sec != 0);
}

static bool
on_count(const struct ledger_alert *alert, void *user)
{
	struct group *group = user;

	group->open_count += may_be_acknowledged(group, alert);
	return false;
}

static void
put_other(struct group *group, const struct ledger_alert *alert)
{
	const struct ledger_quiet *ack = acknowledgement(group, alert);

	html_raw(group->html, group->shown_count++ == 0 ? "<ul>\n<li>" : "<li>");
	ack_put_alert(group->html, group->request, alert);
	if (alert->ended_utc_sec == 0 && ack != NULL)
		html_put(group->html, " <small>acknowledged by %s: %s</small>", ack->author,
			 ack->reason);
	html_raw(group->html, "</li>\n");
}

static bool
on_shown(const struct ledger_alert *alert, void *user)
{
	struct group *group = user;

	if (may_be_acknowledged(group, alert) != group->boxes || group->shown_count == BOXES_MAX)
		return false;
	if (!group->boxes) {
		put_other(group, alert);
		return false;
	}
	html_put(group->html, "<label><input type=\"checkbox\" name=\"a%lld\" value=\"1\"><span>",
		 (long long)alert->id);
	ack_put_alert(group->html, group->request, alert);
	html_raw(group->html, "</span></label>\n");
	group->shown_count++;
	return false;
}

static bool
each_alert(struct group *group, ledger_on_alert *on_alert, struct error *err)
{
	for (size_t i = 0; i < group->count; i++) {
		struct ledger_alert_query query = { .id = group->ids[i] };

		if (!ledger_alert_each(group->request->ledger, &query, on_alert, group, err))
			return false;
	}
	return true;
}

static bool
put_form(struct group *group, struct error *err)
{
	struct html *html = group->html;
	bool done;

	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"/a/%s\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<p>No repeat comes then of an alert, and nobody else is called, as long as it is "
		 "open. It is written down as said by %s.</p>\n"
		 "<label>Reason <input name=\"reason\" value=\"" ACK_REASON_OFFERED
		 "\" maxlength=\"200\" required></label>\n"
		 "<button class=\"main\" name=\"which\" value=\"all\">Acknowledge ",
		 group->request->params.slug, group->request->who.form_token, group->claim->scope);
	if (group->open_count > 1)
		html_put(html, "all %zu", group->open_count);
	else
		html_raw(html, "it");
	html_raw(html,
		 "</button>\n<fieldset class=\"pick\"><legend>Or only some of them</legend>\n");
	group->boxes = true;
	group->shown_count = 0;
	done = each_alert(group, on_shown, err);
	if (group->open_count > group->shown_count)
		html_put(html, "<p class=\"muted\">And %zu more: those with all others.</p>\n",
			 group->open_count - group->shown_count);
	html_raw(html, "<button name=\"which\" value=\"ticked\">Acknowledge those ticked"
		       "</button>\n</fieldset>\n</form>\n");
	return done;
}

static bool
put_others(struct group *group, struct error *err)
{
	bool done;

	group->boxes = false;
	group->shown_count = 0;
	done = each_alert(group, on_shown, err);
	if (group->shown_count > 0)
		html_raw(group->html, "</ul>\n");
	return done;
}

static bool
group_read(struct group *group, struct error *err)
{
	struct ledger *ledger = group->request->ledger;

	return ledger_told_each_of_mail(ledger, group->claim->id, on_told, group, err) &&
	       quiets_read(&group->quiets, group->request, err) && each_alert(group, on_count, err);
}

static bool
put_group(struct group *group, const char *done, const char *problem, struct error *err)
{
	struct html *html = group->html;

	html_raw(html, "<h1>Acknowledge alerts</h1>\n<p class=\"sub\">");
	page_count(html, (unsigned)group->count, "alert", "alerts");
	html_put(html, " in a mail to %s, ", group->claim->scope);
	page_instant(html, group->request, group->told_utc_sec);
	html_raw(html, ".</p>\n");
	if (done[0] != '\0')
		html_put(html, "<p class=\"done\" role=\"status\">%s</p>\n", done);
	page_problem(html, problem);
	if (group->open_count == 0 && done[0] == '\0')
		html_raw(html, "<p class=\"muted\">There is nothing left to do.</p>\n");
	return (group->open_count == 0 || put_form(group, err)) && put_others(group, err);
}

static void
put_page(const struct request *request, struct reply *reply, unsigned status,
	 const struct link_claim *claim, const char *done, const char *problem)
{
	struct group *group = calloc(1, sizeof(*group));
	struct html html;
	struct error err = { 0 };
	bool read;

	if (group == NULL) {
		refuse(request, reply, 503, "no_memory", "memory ran out");
		return;
	}
	group->request = request;
	group->claim = claim;
	group->html = &html;
	page_begin(&html, request, "Acknowledge alerts", PLACE_NONE, 0);
	read =
	    group_read(group, &err) && (group->count == 0 || put_group(group, done, problem, &err));
	if (read && group->count > 0) {
		page_end(&html, request, reply, status);
	} else {
		html_free(&html);
		if (read)
			refuse(request, reply, 404, "not_found",
			       "that mail is not kept any more; the alerts' own page shows what is "
			       "open");
		else
			refuse(request, reply, 503, "ledger", "%s", err.text);
	}
	quiets_free(&group->quiets);
	free(group);
}

void
page_ack_mail(const struct request *request, struct reply *reply, const struct link_claim *claim)
{
	put_page(request, reply, 200, claim, "", "");
}

/* --- the button --- */

static int64_t
count_of(const struct json *answer, const char *key)
{
	int64_t count = 0;

	json_int(json_get(json_get(answer, "answer"), key), &count);
	return count;
}

/* "3 alerts are acknowledged; 1 was before; 2 are over." */
static void
sentence_of(char *dst, size_t len, const struct json *answer)
{
	int64_t count = count_of(answer, "acknowledged"), before = count_of(answer, "before"),
		over = count_of(answer, "over");
	int used = snprintf(dst, len, "%" PRId64 " %s acknowledged", count,
			    count == 1 ? "alert is" : "alerts are");

	if (before > 0)
		used += snprintf(dst + used, len - (size_t)used, "; %" PRId64 " %s before", before,
				 before == 1 ? "was" : "were");
	if (over > 0)
		used += snprintf(dst + used, len - (size_t)used, "; %" PRId64 " %s over", over,
				 over == 1 ? "is" : "are");
	snprintf(dst + used, len - (size_t)used, ".");
}

static void
on_acknowledged(const struct request *request, const struct drawn *drawn, void *pending,
		struct reply *reply)
{
	struct link_claim claim;
	struct error err;
	unsigned status;
	struct json *answer;
	char done[200];

	(void)pending;
	if (!ack_claim(request, reply, &claim))
		return;
	answer = action_answer(drawn, &status, &err);
	if (answer == NULL) {
		put_page(request, reply, status, &claim, "", err.text);
		return;
	}
	sentence_of(done, sizeof(done), answer);
	json_free(answer);
	put_page(request, reply, 200, &claim, done, "");
}

/* The boxes that came ticked: fields "a12". */
static size_t
put_ticked(struct json *list, const struct form *form)
{
	size_t count = 0;

	for (size_t i = 0; form != NULL && i < form->count; i++) {
		uint64_t id;

		if (form->fields[i].name[0] == 'a' &&
		    units_parse_uint(form->fields[i].name + 1, 1, INT64_MAX, &id)) {
			json_put_int(list, "", (int64_t)id);
			count++;
		}
	}
	return count;
}

void
page_ack_mail_post(const struct request *request, struct reply *reply,
		   const struct link_claim *claim)
{
	struct json *op = json_object_new();

	json_put_text(op, "op", "acknowledge");
	json_put_int(op, "mail", claim->id);
	json_put_text(op, "recipient", claim->scope);
	json_put_text(op, "reason", action_field(request, "reason"));
	if (strcmp(action_field(request, "which"), "all") != 0 &&
	    put_ticked(json_put_array(op, "alerts"), request->form) == 0) {
		json_free(op);
		put_page(request, reply, 400, claim, "", "no box is ticked");
		return;
	}
	ack_send(request, reply, claim, op, on_acknowledged);
}
