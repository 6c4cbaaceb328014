/* page_silence.c - no mail about a port for a time: a form, and what is silent already. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/alert.h"
#include "ixwatch/units.h"

#include "action.h"
#include "api.h"
#include "page.h"
#include "refuse.h"

#define HOUR_SEC 3600

/* What stands in the form: as it was sent, or a suggestion. */
struct draft {
	const char *to, *reason;
};

static void
put_form(struct html *html, const struct request *request, const struct draft *draft)
{
	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"/ports/%lld/silence\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n"
		 "<label>Until, UTC <input type=\"datetime-local\" name=\"to\" value=\"%s\" "
		 "required></label>\n"
		 "<label>Reason <input name=\"reason\" value=\"%s\" maxlength=\"200\" required "
		 "placeholder=\"the works, the ticket\"></label>\n"
		 "<button>Silence</button>\n</form>\n",
		 (long long)request->params.id, request->who.form_token, draft->to, draft->reason);
}

/* --- what is silent --- */

struct listing {
	struct html *html;
	const struct request *request;
	unsigned count;
};

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct listing *list = user;

	if (quiet->port_id != list->request->params.id)
		return true;
	if (list->count++ == 0)
		html_raw(list->html, "<ul>\n");
	html_raw(list->html, "<li>until ");
	page_instant(list->html, list->request, quiet->until_utc_sec);
	html_put(list->html, ": %s <small>by %s</small></li>\n", quiet->reason, quiet->author);
	return true;
}

static void
put_silences(struct html *html, const struct request *request)
{
	struct listing list = { html, request, 0 };
	struct ledger_quiet_query query = { .kind = QUIET_SILENCE,
					    .after_utc_sec = request->now_utc_sec };
	struct error err;

	html_raw(html, "<section aria-labelledby=\"silent\"><h2 id=\"silent\">Silent now</h2>\n");
	if (request->ledger == NULL ||
	    !ledger_quiet_each(request->ledger, &query, on_quiet, &list, &err))
		html_raw(html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else
		html_raw(html, list.count > 0 ? "</ul>\n" : "<p class=\"muted\">No.</p>\n");
	html_raw(html, "</section>\n");
}

/* --- the page --- */

static void
put_page(const struct request *request, struct reply *reply, unsigned status,
	 const struct draft *draft, const char *problem)
{
	const struct world_port *port = world_port_find(request->world, request->params.id);
	struct html html;

	if (port == NULL) { /* it went while the collector was asked */
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	page_begin(&html, request, "Silence a port", PLACE_NONE, 0);
	html_put(&html,
		 "<h1>Silence a port</h1>\n<p class=\"sub\">No mail about <a "
		 "href=\"/ports/%lld\">%s</a>, %s %s, for a time. It is watched and judged all the "
		 "same, and what is still open when the time is over is told then.</p>\n",
		 (long long)port->port.id, page_port_name(&port->port), port->port.agent,
		 port->port.interface);
	if ((request->query.has & ARG_DONE) != 0)
		html_put(&html, "<p class=\"done\" role=\"status\">Silence %lld holds.</p>\n",
			 (long long)request->query.done);
	if (problem[0] != '\0') {
		html_raw(&html, "<p class=\"problem\" role=\"alert\">");
		page_sentence(&html, problem);
		html_raw(&html, "</p>\n");
	}
	put_form(&html, request, draft);
	put_silences(&html, request);
	page_end(&html, request, reply, status);
}

void
page_silence(const struct request *request, struct reply *reply)
{
	char to[40];
	struct draft draft = { .to = to, .reason = "" };

	units_format_utc(to, sizeof(to), (request->now_utc_sec + 4 * HOUR_SEC) / 60 * 60);
	to[16] = '\0';
	if (!refuse_without_ledger(request, reply))
		put_page(request, reply, 200, &draft, "");
}

/* --- the request --- */

static struct json *
silence_op(const struct request *request)
{
	const char *to = action_field(request, "to");
	struct json *op = json_object_new();
	char text[64];

	json_put_text(op, "op", "silence");
	snprintf(text, sizeof(text), "port:%" PRId64, request->params.id);
	json_put_text(op, "scope", text);
	if (strlen(to) == 16 &&
	    to[10] == 'T') { /* a field of the form has neither seconds nor zone */
		snprintf(text, sizeof(text), "%s:00Z", to);
		to = text;
	}
	json_put_text(op, "to", to);
	json_put_text(op, "reason", action_field(request, "reason"));
	return op;
}

static void
on_silenced(const struct request *request, const struct drawn *drawn, void *pending,
	    struct reply *reply)
{
	struct draft draft = { .to = action_field(request, "to"),
			       .reason = action_field(request, "reason") };
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);
	char path[96];
	int64_t id = 0;

	(void)pending;
	if (answer == NULL) {
		put_page(request, reply, status, &draft, err.text);
		return;
	}
	json_int(json_get(json_get(answer, "answer"), "id"), &id);
	json_free(answer);
	snprintf(path, sizeof(path), "/ports/%" PRId64 "/silence?done=%" PRId64, request->params.id,
		 id);
	reply_redirect(reply, path);
}

void
page_silence_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, silence_op(request), on_silenced);
}

static void
on_silenced_json(const struct request *request, const struct drawn *drawn, void *pending,
		 struct reply *reply)
{
	(void)pending;
	action_reply_json(request, drawn, reply);
}

void
api_silence_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, silence_op(request), on_silenced_json);
}
