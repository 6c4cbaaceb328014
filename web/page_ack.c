/* page_ack.c - an alert, and a button that says that somebody works on it: by a mail's link, or by an account.
 *
 * Of a link, the token in the path is the authority, for that alert alone and until it expires; no login is needed, and
 * none helps.  A GET changes nothing, since mail scanners follow links.  A button that is pressed twice does it once. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/alert.h"
#include "ixwatch/units.h"

#include "ack.h"
#include "action.h"
#include "alerts.h"
#include "api.h"
#include "page.h"
#include "refuse.h"
#include "sees.h"

struct found {
	const struct request *request;
	struct html *html;
	struct quiets quiets;
	bool is_there, is_open, is_seen;
	bool is_acknowledged; /* until it is over */
};

/* Which alert, where its form goes, and as whose word it is written down. */
struct way {
	int64_t alert_id;
	const char *action, *said_by;
	bool may_say; /* the form is offered */
};

bool
ack_claim(const struct request *request, struct reply *reply, struct link_claim *claim)
{
	struct link_keys keys;
	struct error err;
	enum link_verdict verdict = LINK_FALSE;

	if (link_keys_read(&keys, request->world->link_key_path, &err)) {
		verdict = link_verify(claim, &keys, LINK_ACKNOWLEDGE, request->params.slug,
				      request->now_utc_sec);
		if (verdict == LINK_FALSE)
			verdict = link_verify(claim, &keys, LINK_ACKNOWLEDGE_MAIL,
					      request->params.slug, request->now_utc_sec);
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
	const struct world_connection *c =
	    subject->scope == ALERT_OF_CONNECTION
		? world_connection_find(request->world, subject->asn, subject->exchange)
		: NULL;

	html_put(html, "%s", subject->exchange);
	if (subject->agent[0] != '\0')
		html_put(html, " %s", subject->agent);
	if (port != NULL)
		html_put(html, " %s, %s", port->port.interface, page_port_name(&port->port));
	if (c != NULL && c->whole.port.peer[0] != '\0')
		html_put(html, ", %s", c->whole.port.peer);
	if (subject->asn != 0)
		html_put(html, ", AS%u", subject->asn);
}

void
ack_put_alert(struct html *html, const struct request *request, const struct ledger_alert *alert)
{
	bool directed = alert_kind_is_directed(alert->subject.kind);

	html_put(html, "<strong>%s</strong>%s%s: ", alert_kind_name(alert->subject.kind),
		 directed ? " " : "",
		 directed ? model_direction_name(alert->subject.direction) : "");
	put_whom(html, request, &alert->subject);
	html_raw(html, ", since ");
	page_instant(html, request, alert->began_utc_sec);
	if (alert->ended_utc_sec != 0) {
		html_raw(html, ", over since ");
		page_instant(html, request, alert->until_utc_sec);
	}
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct found *found = user;
	const struct ledger_quiet *ack;

	found->is_there = true;
	found->is_seen = sees_alert(found->request, alert);
	if (!found->is_seen)
		return false;
	found->is_open = alert->ended_utc_sec == 0;
	html_raw(found->html, "<p class=\"sub\">");
	ack_put_alert(found->html, found->request, alert);
	html_raw(found->html, "</p>\n");
	ack =
	    quiets_find(&found->quiets, QUIET_ACKNOWLEDGEMENT, alert, found->request->now_utc_sec);
	if (found->is_open && ack != NULL)
		html_put(found->html, "<p>Acknowledged by %s: %s</p>\n", ack->author, ack->reason);
	found->is_acknowledged = found->is_open && ack != NULL && ack->until_utc_sec == 0;
	return false;
}

static void
put_form(struct html *html, const struct request *request, const struct way *way,
	 const char *problem)
{
	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"%s\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<p>No repeat comes then, and nobody else is called, as long as it is open. It is "
		 "written down as said by %s.</p>\n"
		 "<label>Reason <input name=\"reason\" value=\"" ACK_REASON_OFFERED
		 "\" maxlength=\"200\" required",
		 way->action, request->who.form_token, way->said_by);
	html_raw(html, page_fault_of("reason", problem));
	html_raw(html, "></label>\n<button>Acknowledge</button>\n</form>\n");
}

/* done: the form was sent and took; problem: it did not. */
static void
put_page(const struct request *request, struct reply *reply, unsigned status, const struct way *way,
	 bool done, const char *problem)
{
	struct ledger_alert_query query = { .id = way->alert_id };
	struct html html;
	struct found found = { .request = request, .html = &html };
	struct error err;
	char title[40];

	snprintf(title, sizeof(title), "Alert %" PRId64, way->alert_id);
	page_begin(&html, request, title, PLACE_NONE, 0);
	html_put(&html, "<h1>Alert %lld</h1>\n", (long long)way->alert_id);
	if (!quiets_read(&found.quiets, request, &err) ||
	    !ledger_alert_each(request->ledger, &query, on_alert, &found, &err))
		html_raw(&html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else if (!found.is_there || !found.is_seen)
		html_raw(&html, "<p class=\"muted\">There is none, or it ended long ago.</p>\n");
	if (done)
		html_raw(&html, "<p class=\"done\" role=\"status\">It is acknowledged.</p>\n");
	page_problem(&html, problem);
	quiets_free(&found.quiets);
	if (found.is_open && !found.is_acknowledged && !done && way->may_say)
		put_form(&html, request, way, problem);
	else if (found.is_seen && !found.is_open)
		html_raw(&html, "<p class=\"muted\">There is nothing left to do.</p>\n");
	page_end(&html, request, reply, found.is_there && found.is_seen ? status : 404);
}

/* What was over when it was asked is not acknowledged. */
static void
put_answer(const struct request *request, const struct drawn *drawn, struct reply *reply,
	   const struct way *way)
{
	struct error err;
	unsigned status;
	int64_t over = 0;
	struct json *answer = action_answer(drawn, &status, &err);

	if (answer != NULL)
		json_int(json_get(json_get(answer, "answer"), "over"), &over);
	put_page(request, reply, answer != NULL ? 200 : status, way, answer != NULL && over == 0,
		 answer != NULL ? "" : err.text);
	json_free(answer);
}

static struct json *
acknowledge_op(const struct request *request, int64_t alert_id)
{
	struct json *op = json_object_new();

	json_put_text(op, "op", "acknowledge");
	json_put_int(op, "alert", alert_id);
	json_put_text(op, "reason", action_field(request, "reason"));
	return op;
}

/* --- by a link --- */

struct link_way {
	struct way way;
	char action[ROUTE_SLUG_MAX + 8];
};

static void
way_of_link(struct link_way *link, const struct request *request, const struct link_claim *claim)
{
	snprintf(link->action, sizeof(link->action), "/a/%s", request->params.slug);
	link->way = (struct way) { claim->id, link->action, claim->scope, true };
}

void
page_ack(const struct request *request, struct reply *reply)
{
	struct link_claim claim;
	struct link_way link;

	if (refuse_without_ledger(request, reply) || !ack_claim(request, reply, &claim))
		return;
	if (claim.purpose == LINK_ACKNOWLEDGE_MAIL) {
		page_ack_mail(request, reply, &claim);
		return;
	}
	way_of_link(&link, request, &claim);
	put_page(request, reply, 200, &link.way, false, "");
}

/* The link may have expired meanwhile: what was asked is done all the same, and is said. */
static void
on_acknowledged(const struct request *request, const struct drawn *drawn, void *pending,
		struct reply *reply)
{
	struct link_claim claim;
	struct link_way link;

	(void)pending;
	if (!ack_claim(request, reply, &claim))
		return;
	way_of_link(&link, request, &claim);
	put_answer(request, drawn, reply, &link.way);
}

void
ack_send(const struct request *request, struct reply *reply, const struct link_claim *claim,
	 struct json *op_take, reply_finish *finish)
{
	char author[100];

	snprintf(author, sizeof(author), "%.80s, by mail", claim->scope);
	action_send_as(request, reply, op_take, author, finish);
}

void
page_ack_post(const struct request *request, struct reply *reply)
{
	struct link_claim claim;
	struct json *op;

	if (refuse_without_ledger(request, reply) || !ack_claim(request, reply, &claim))
		return;
	if (claim.purpose == LINK_ACKNOWLEDGE_MAIL) {
		page_ack_mail_post(request, reply, &claim);
		return;
	}
	op = json_object_new();
	json_put_text(op, "op", "acknowledge");
	json_put_int(json_put_array(op, "alerts"), "", claim.id);
	json_put_text(op, "reason", action_field(request, "reason"));
	ack_send(request, reply, &claim, op, on_acknowledged);
}

/* --- by an account --- */

struct account_way {
	struct way way;
	char action[40];
};

static void
way_of_account(struct account_way *account, const struct request *request)
{
	snprintf(account->action, sizeof(account->action), "/alerts/%" PRId64, request->params.id);
	account->way = (struct way) { request->params.id, account->action,
				      request->who.name[0] != '\0' ? request->who.name : "you",
				      request->who.role >= ROLE_OPERATOR };
}

void
page_alert(const struct request *request, struct reply *reply)
{
	struct account_way account;

	if (refuse_without_ledger(request, reply))
		return;
	way_of_account(&account, request);
	put_page(request, reply, 200, &account.way, false, "");
}

static void
on_account_acknowledged(const struct request *request, const struct drawn *drawn, void *pending,
			struct reply *reply)
{
	struct account_way account;

	(void)pending;
	way_of_account(&account, request);
	put_answer(request, drawn, reply, &account.way);
}

static bool
on_whom(const struct ledger_alert *alert, void *user)
{
	struct found *found = user;

	found->is_seen = sees_alert(found->request, alert);
	return false;
}

/* An alert outside the account's scopes is none. */
static bool
is_seen(const struct request *request)
{
	struct ledger_alert_query query = { .id = request->params.id };
	struct found found = { .request = request };

	return ledger_alert_each(request->ledger, &query, on_whom, &found, NULL) && found.is_seen;
}

void
page_alert_post(const struct request *request, struct reply *reply)
{
	if (refuse_without_ledger(request, reply))
		return;
	if (is_seen(request))
		action_send(request, reply, acknowledge_op(request, request->params.id),
			    on_account_acknowledged);
	else
		refuse(request, reply, 404, "not_found", "there is no alert %" PRId64,
		       request->params.id);
}

void
api_acknowledge_post(const struct request *request, struct reply *reply)
{
	if (refuse_without_ledger(request, reply))
		return;
	if (is_seen(request))
		action_send(request, reply, acknowledge_op(request, request->params.id),
			    action_finish_json);
	else
		refuse(request, reply, 404, "not_found", "there is no alert %" PRId64,
		       request->params.id);
}
