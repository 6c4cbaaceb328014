/* page_mail.c - the outbox: what is to go out, and what became of each mail, newest first; and one mail with its text.
 *
 * An operator may have a mail tried again, or not sent.  Only an account without scopes comes here: a mail about one
 * exchange names what its peer has at others. */
#include <inttypes.h>
#include <stdio.h>

#include "ixwatch/outbox.h"

#include "action.h"
#include "api.h"
#include "page.h"
#include "refuse.h"

#define PAGE_MAILS 100

struct listing {
	struct html *html;
	const struct request *request;
	const char *problem; /* of one mail: why it could not be done; "" */
	unsigned count;
	int64_t last_id;
};

static void
put_instant(struct html *html, const struct request *request, int64_t utc_sec)
{
	if (utc_sec == 0)
		html_raw(html, "<span class=\"muted\">\xe2\x80\x93</span>");
	else
		page_instant(html, request, utc_sec);
}

static bool
cannot_read(const struct request *request, struct reply *reply)
{
	if (request->ledger == NULL)
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
	return request->ledger == NULL;
}

/* --- how mail as a whole stands --- */

static void
put_summary(struct html *html, const struct request *request)
{
	struct outbox_summary summary;
	char age[64];

	if (!ledger_outbox_summary(request->ledger, request->now_utc_sec, &summary, NULL))
		return;
	html_raw(html, "<p class=\"sub\">");
	for (unsigned state = 0; state < OUTBOX_STATE_COUNT; state++)
		html_put(html, "%s%lld %s", state == 0 ? "" : ", ", (long long)summary.count[state],
			 outbox_state_name((enum outbox_state)state));
	html_raw(html, ".</p>\n");
	if (summary.oldest_due_utc_sec != 0 &&
	    request->now_utc_sec - summary.oldest_due_utc_sec > 600)
		html_put(
		    html, "<p class=\"problem\">Mail waits: the oldest has been due for %s.</p>\n",
		    page_age(age, sizeof(age), request->now_utc_sec - summary.oldest_due_utc_sec));
}

/* --- what may be done with one --- */

static bool
may_retry(const struct outbox_mail *mail)
{
	return !mail->in_flight && outbox_address_ok(mail->recipient) &&
	       (mail->state == OUTBOX_WAITING || mail->state == OUTBOX_FAILED ||
		mail->state == OUTBOX_DROPPED);
}

static bool
may_drop(const struct outbox_mail *mail)
{
	return !mail->in_flight && mail->state == OUTBOX_WAITING;
}

static void
put_button(struct html *html, const struct request *request, int64_t id, const char *what,
	   const char *word)
{
	html_put(
	    html,
	    "<form method=\"post\" action=\"/mail/%lld/%s\"><input type=\"hidden\" "
	    "name=\"token\" value=\"%s\"><button aria-label=\"%s: mail %lld\">%s</button></form>\n",
	    (long long)id, what, request->who.form_token, word, (long long)id, word);
}

static void
put_buttons(struct html *html, const struct request *request, const struct outbox_mail *mail)
{
	if (request->who.role < ROLE_OPERATOR)
		return;
	if (may_retry(mail))
		put_button(html, request, mail->id, "retry",
			   mail->state == OUTBOX_WAITING ? "Try now" : "Send again");
	if (may_drop(mail))
		put_button(html, request, mail->id, "drop", "Do not send");
}

/* --- the list --- */

static void
put_columns(struct html *html, const struct request *request)
{
	html_raw(html,
		 "<table class=\"mails\" aria-label=\"Mail\">\n<thead><tr><th "
		 "scope=\"col\">State</th><th "
		 "scope=\"col\">Subject</th><th scope=\"col\">To</th><th scope=\"col\">Kind"
		 "</th><th scope=\"col\">Created</th><th scope=\"col\">Sent</th><th scope=\"col\" "
		 "class=\"num\">Attempts</th><th scope=\"col\">Last reply</th>");
	if (request->who.role >= ROLE_OPERATOR)
		html_raw(html, "<th scope=\"col\"><span class=\"unseen\">Actions</span></th>");
	html_raw(html, "</tr></thead>\n<tbody>\n");
}

static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct listing *list = user;
	struct html *html = list->html;

	if (list->count++ == 0)
		put_columns(html, list->request);
	list->last_id = mail->id;
	html_put(html, "<tr><td class=\"st\">%s%s", outbox_state_name(mail->state),
		 mail->in_flight ? ", being sent" : "");
	if (mail->digest_id != 0)
		html_put(html, " <a href=\"/mail/%lld\">%lld</a>", (long long)mail->digest_id,
			 (long long)mail->digest_id);
	html_put(
	    html,
	    "</td><th scope=\"row\"><a href=\"/mail/%lld\">%s</a></th><td "
	    "data-label=\"To\">%s</td><td data-label=\"Kind\">%s</td><td data-label=\"Created\">",
	    (long long)mail->id, mail->subject, mail->recipient, outbox_kind_name(mail->kind));
	put_instant(html, list->request, mail->created_utc_sec);
	html_raw(html, "</td><td data-label=\"Sent\">");
	put_instant(html, list->request, mail->sent_utc_sec);
	html_put(html,
		 "</td><td class=\"num\" data-label=\"Attempts\">%u</td><td data-label=\"Last "
		 "reply\"><small>%s</small></td>",
		 mail->attempts, mail->last_reply);
	if (list->request->who.role >= ROLE_OPERATOR) {
		html_raw(html, "<td class=\"do\">");
		put_buttons(html, list->request, mail);
		html_raw(html, "</td>");
	}
	html_raw(html, "</tr>\n");
	return true;
}

static void
put_list(struct html *html, const struct request *request)
{
	struct outbox_query query = { .any_state = true,
				      .before_id = request->query.cursor,
				      .limit = PAGE_MAILS };
	struct listing list = { .html = html, .request = request };
	struct error err;

	if (!ledger_outbox_each(request->ledger, &query, on_mail, &list, &err)) {
		html_put(html, "<p class=\"problem\">The outbox cannot be read now: %s.</p>\n",
			 err.text);
		return;
	}
	html_raw(html, list.count > 0 ? "</tbody>\n</table>\n" : "<p class=\"muted\">None.</p>\n");
	if (list.count == PAGE_MAILS)
		html_put(html,
			 "<nav class=\"pager\" aria-label=\"Pages of the list\"><a "
			 "href=\"/mail?cursor=%lld\">older ones</a></nav>\n",
			 (long long)list.last_id);
}

void
page_mail(const struct request *request, struct reply *reply)
{
	struct html html;

	if (page_no_data(request, reply) || cannot_read(request, reply))
		return;
	page_begin(&html, request, "Mail", PLACE_MAIL,
		   request->query.cursor == 0 ? page_refresh_sec(request, 15) : 0);
	html_raw(&html, "<h1>Mail</h1>\n");
	put_summary(&html, request);
	put_list(&html, request);
	page_end(&html, request, reply, 200);
}

/* --- one mail --- */

static void
put_fact(struct html *html, const char *name, const char *value)
{
	if (value[0] != '\0')
		html_put(html, "<dt>%s</dt><dd>%s</dd>\n", name, value);
}

static void
put_time(struct html *html, const struct request *request, const char *name, int64_t utc_sec)
{
	if (utc_sec == 0)
		return;
	html_put(html, "<dt>%s</dt><dd>", name);
	page_instant(html, request, utc_sec);
	html_raw(html, "</dd>\n");
}

/* The text as it was written; the HTML beside it is never shown as such: it is text from elsewhere. */
static bool
on_one(const struct outbox_mail *mail, void *user)
{
	struct listing *list = user;
	struct html *html = list->html;

	list->count++;
	html_put(html, "<h1>%s</h1>\n", mail->subject);
	page_problem(html, list->problem);
	if (list->problem[0] == '\0' && (list->request->query.has & ARG_DONE) != 0) {
		html_put(html, "<p class=\"done\" role=\"status\">It is %s.</p>\n",
			 mail->state == OUTBOX_WAITING ? "tried again from now on"
						       : outbox_state_name(mail->state));
	}
	html_raw(html, "<dl class=\"mail\">\n");
	put_fact(html, "To", mail->recipient);
	put_fact(html, "Kind", outbox_kind_name(mail->kind));
	put_fact(html, "State", outbox_state_name(mail->state));
	if (mail->digest_id != 0)
		html_put(html, "<dt>Told by</dt><dd><a href=\"/mail/%lld\">mail %lld</a></dd>\n",
			 (long long)mail->digest_id, (long long)mail->digest_id);
	put_time(html, list->request, "Created", mail->created_utc_sec);
	put_time(html, list->request, "Tried", mail->tried_utc_sec);
	put_time(html, list->request, "Next",
		 mail->state == OUTBOX_WAITING ? mail->next_utc_sec : 0);
	put_time(html, list->request, "Sent", mail->sent_utc_sec);
	html_put(html, "<dt>Attempts</dt><dd>%u</dd>\n", mail->attempts);
	put_fact(html, "Last reply", mail->last_reply);
	put_fact(html, "Message-ID", mail->message_id);
	put_fact(html, "Answers", mail->in_reply_to);
	html_raw(html, "</dl>\n<div class=\"do\">");
	put_buttons(html, list->request, mail);
	html_put(html, "</div>\n<pre class=\"mail\">%s</pre>\n", mail->text);
	return true;
}

static void
put_one(const struct request *request, struct reply *reply, unsigned status, const char *problem)
{
	struct outbox_query query = { .id = request->params.id, .any_state = true };
	struct listing list = { .request = request, .problem = problem };
	struct html html;
	struct error err;
	char title[40];
	bool read;

	snprintf(title, sizeof(title), "Mail %" PRId64, request->params.id);
	page_begin(&html, request, title, PLACE_MAIL, 0);
	list.html = &html;
	read = ledger_outbox_each(request->ledger, &query, on_one, &list, &err);
	if (read && list.count == 1) {
		page_end(&html, request, reply, status);
		return;
	}
	html_free(&html);
	if (read)
		refuse(request, reply, 404, "not_found", "there is no mail %lld",
		       (long long)query.id);
	else
		refuse(request, reply, 503, "ledger", "%s", err.text);
}

void
page_one_mail(const struct request *request, struct reply *reply)
{
	if (!page_no_data(request, reply) && !cannot_read(request, reply))
		put_one(request, reply, 200, "");
}

/* --- tried again, or not sent --- */

static struct json *
mail_op(const struct request *request, const char *name)
{
	struct json *op = json_object_new();

	json_put_text(op, "op", name);
	json_put_int(op, "id", request->params.id);
	return op;
}

static void
on_done(const struct request *request, const struct drawn *drawn, void *pending,
	struct reply *reply)
{
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);
	char path[96];

	(void)pending;
	if (answer == NULL) {
		put_one(request, reply, status, err.text);
		return;
	}
	json_free(answer);
	snprintf(path, sizeof(path), "/mail/%" PRId64 "?done=%" PRId64, request->params.id,
		 request->params.id);
	reply_redirect(reply, path);
}

void
page_mail_retry_post(const struct request *request, struct reply *reply)
{
	if (!cannot_read(request, reply))
		action_send(request, reply, mail_op(request, "outbox_retry"), on_done);
}

void
page_mail_drop_post(const struct request *request, struct reply *reply)
{
	if (!cannot_read(request, reply))
		action_send(request, reply, mail_op(request, "outbox_drop"), on_done);
}

void
api_mail_retry_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, mail_op(request, "outbox_retry"), action_finish_json);
}

void
api_mail_drop_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, mail_op(request, "outbox_drop"), action_finish_json);
}
