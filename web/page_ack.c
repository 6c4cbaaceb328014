/* page_ack.c - what a mail's link opens: an alert, and a button that says that somebody works on it.
 *
 * The token in the path is the authority, for that alert alone and until it expires; no login is needed, and none helps.
 * A GET changes nothing, since mail scanners follow links. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/alert.h"
#include "ixwatch/signed_link.h"
#include "ixwatch/units.h"

#include "action.h"
#include "page.h"
#include "refuse.h"

#define REASON_OFFERED "I look into it"

struct found {
	const struct request *request;
	struct html *html;
	bool is_there, is_open;
};

/* What the token says; false: the reply says why not. */
static bool
took_claim(const struct request *request, struct reply *reply, struct link_claim *claim)
{
	struct link_keys keys;
	struct error err;
	enum link_verdict verdict = LINK_FALSE;

	if (link_keys_read(&keys, request->world->link_key_path, &err)) {
		verdict = link_verify(claim, &keys, LINK_ACKNOWLEDGE, request->params.slug,
				      request->now_utc_sec);
		link_keys_drop(&keys);
	}
	if (verdict == LINK_FALSE)
		refuse(request, reply, 404, "not_found",
		       "this link is none of ours; copy all of it from the mail");
	else if (verdict == LINK_EXPIRED)
		refuse(request, reply, 410, "expired",
		       "this link has expired; a later mail has a newer one");
	return verdict == LINK_GOOD;
}

/* --- what it is about --- */

static void
put_whom(struct html *html, const struct request *request, const struct alert_subject *subject)
{
	const struct world_port *port =
	    subject->scope == ALERT_OF_PORT ? world_port_find(request->world, subject->id) : NULL;

	html_put(html, "%s", subject->exchange);
	if (subject->agent[0] != '\0')
		html_put(html, " %s", subject->agent);
	if (port != NULL)
		html_put(html, " %s, %s", port->port.interface, page_port_name(&port->port));
	if (subject->asn != 0)
		html_put(html, ", AS%u", subject->asn);
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct found *found = user;
	struct html *html = found->html;

	found->is_there = true;
	found->is_open = alert->ended_utc_sec == 0;
	html_put(html,
		 "<p class=\"sub\"><strong>%s</strong>%s%s: ", alert_kind_name(alert->subject.kind),
		 alert_kind_is_directed(alert->subject.kind) ? " " : "",
		 alert_kind_is_directed(alert->subject.kind)
		     ? model_direction_name(alert->subject.direction)
		     : "");
	put_whom(html, found->request, &alert->subject);
	html_raw(html, ", since ");
	page_instant(html, found->request, alert->began_utc_sec);
	if (!found->is_open) {
		html_raw(html, ", over since ");
		page_instant(html, found->request, alert->until_utc_sec);
	}
	html_raw(html, "</p>\n");
	return false;
}

static void
put_form(struct html *html, const struct request *request, const struct link_claim *claim)
{
	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"/a/%s\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<p>No repeat comes then, and nobody else is called, as long as it is open. It is "
		 "written down as said by %s.</p>\n"
		 "<label>Reason <input name=\"reason\" value=\"" REASON_OFFERED
		 "\" maxlength=\"200\" required></label>\n"
		 "<button>Acknowledge</button>\n</form>\n",
		 request->params.slug, request->who.form_token, claim->scope);
}

/* done: the form was sent and took; problem: it did not. */
static void
put_page(const struct request *request, struct reply *reply, unsigned status,
	 const struct link_claim *claim, bool done, const char *problem)
{
	struct ledger_alert_query query = { .id = claim->id };
	struct html html;
	struct found found = { .request = request, .html = &html };
	struct error err;

	page_begin(&html, request, "Acknowledge an alert", PLACE_NONE, 0);
	html_put(&html, "<h1>Alert %lld</h1>\n", (long long)claim->id);
	if (!ledger_alert_each(request->ledger, &query, on_alert, &found, &err))
		html_raw(&html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else if (!found.is_there)
		html_raw(&html, "<p class=\"muted\">It is kept no more: it ended long ago.</p>\n");
	if (done)
		html_raw(&html, "<p class=\"done\" role=\"status\">It is acknowledged.</p>\n");
	if (problem[0] != '\0') {
		html_raw(&html, "<p class=\"problem\" role=\"alert\">");
		page_sentence(&html, problem);
		html_raw(&html, "</p>\n");
	}
	if (found.is_open && !done)
		put_form(&html, request, claim);
	else if (found.is_there && !found.is_open)
		html_raw(&html, "<p class=\"muted\">There is nothing left to do.</p>\n");
	page_end(&html, request, reply, status);
}

void
page_ack(const struct request *request, struct reply *reply)
{
	struct link_claim claim;

	if (!refuse_without_ledger(request, reply) && took_claim(request, reply, &claim))
		put_page(request, reply, 200, &claim, false, "");
}

/* --- the request --- */

/* The link may have expired meanwhile: what was asked is done all the same, and is said. */
static void
on_acknowledged(const struct request *request, const struct drawn *drawn, void *pending,
		struct reply *reply)
{
	struct link_claim claim;
	struct error err;
	unsigned status;
	struct json *answer;

	(void)pending;
	if (!took_claim(request, reply, &claim))
		return;
	answer = action_answer(drawn, &status, &err);
	put_page(request, reply, answer != NULL ? 200 : status, &claim, answer != NULL,
		 answer != NULL ? "" : err.text);
	json_free(answer);
}

void
page_ack_post(const struct request *request, struct reply *reply)
{
	struct link_claim claim;
	struct json *op;
	char author[100];

	if (refuse_without_ledger(request, reply) || !took_claim(request, reply, &claim))
		return;
	op = json_object_new();
	json_put_text(op, "op", "acknowledge");
	json_put_int(op, "alert", claim.id);
	json_put_text(op, "reason", action_field(request, "reason"));
	snprintf(author, sizeof(author), "%.80s, by mail", claim.scope);
	action_send_as(request, reply, op, author, on_acknowledged);
}
