/* page_declare.c - declaring a window for one port: the form, the request to the collector, and what is declared there
 * already.  Times are UTC, as the form says. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "action.h"
#include "api.h"
#include "page.h"
#include "refuse.h"

#define HOUR_SEC    3600
#define CAUSE_COUNT 6

static const struct cause {
	const char *name, *means;
} causes[CAUSE_COUNT] = {
	{ "event", "an event: a release, a match" },
	{ "works", "announced works" },
	{ "attack", "an attack" },
	{ "failover", "traffic moved here by a failure elsewhere" },
	{ "exchange", "a fault of the exchange" },
	{ "ours", "a fault of our own" },
};

/* What stands in the form: as it was sent, or a suggestion. */
struct draft {
	const char *cause, *from, *to, *reason;
};

/* --- the form --- */

static void
put_causes(struct html *html, const char *chosen)
{
	html_raw(html, "<label>Cause <select name=\"cause\" required>\n");
	for (size_t i = 0; i < CAUSE_COUNT; i++)
		html_put(html, "<option value=\"%s\"%s>%s: %s</option>\n", causes[i].name,
			 strcmp(causes[i].name, chosen) == 0 ? " selected" : "", causes[i].name,
			 causes[i].means);
	html_raw(html, "</select></label>\n");
}

static void
put_form(struct html *html, const struct request *request, const struct draft *draft)
{
	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"/ports/%lld/declare\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n",
		 (long long)request->params.id, request->who.form_token);
	put_causes(html, draft->cause);
	html_put(html,
		 "<label>From, UTC <input type=\"datetime-local\" name=\"from\" value=\"%s\" "
		 "required></label>\n"
		 "<label>To, UTC <input type=\"datetime-local\" name=\"to\" value=\"%s\" "
		 "required></label>\n",
		 draft->from, draft->to);
	html_put(html,
		 "<label>Reason <input name=\"reason\" value=\"%s\" maxlength=\"200\" required "
		 "placeholder=\"shown wherever the window is\"></label>\n"
		 "<button>Declare</button>\n</form>\n",
		 draft->reason);
}

/* --- what is declared --- */

struct listing {
	struct html *html;
	const struct request *request;
	unsigned count;
};

static bool
on_window(const struct ledger_window *window, void *user)
{
	struct listing *list = user;

	if (list->count++ == 0)
		html_raw(list->html, "<ul>\n");
	html_raw(list->html, "<li>");
	page_instant(list->html, list->request, window->start_utc_sec);
	html_raw(list->html, " to ");
	page_instant(list->html, list->request, window->until_utc_sec);
	html_put(list->html, ": <strong>%s</strong>, %s <small>by %s</small></li>\n", window->cause,
		 window->reason, window->author);
	return true;
}

static void
put_windows(struct html *html, const struct request *request)
{
	struct listing list = { html, request, 0 };
	struct ledger_window_query query = { .port_id = request->params.id,
					     .from_utc_sec = request->now_utc_sec,
					     .to_utc_sec = INT32_MAX * INT64_C(2) };
	struct error err;

	html_raw(html,
		 "<section aria-labelledby=\"declared\"><h2 id=\"declared\">Declared for this "
		 "port, not over yet</h2>\n");
	if (request->ledger == NULL ||
	    !ledger_window_each(request->ledger, &query, on_window, &list, &err))
		html_raw(html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else
		html_raw(html, list.count > 0 ? "</ul>\n" : "<p class=\"muted\">None.</p>\n");
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
	page_begin(&html, request, "Declare a window", PLACE_NONE, 0);
	html_put(&html,
		 "<h1>Declare a window</h1>\n<p class=\"sub\">For <a "
		 "href=\"/ports/%lld\">%s</a>, %s %s: a time of which you say why the port was "
		 "full. It excuses congestion then, is never deleted, and shows your name.</p>\n",
		 (long long)port->port.id, page_port_name(&port->port), port->port.agent,
		 port->port.interface);
	if ((request->query.has & ARG_DONE) != 0)
		html_put(&html, "<p class=\"done\" role=\"status\">Window %lld is declared.</p>\n",
			 (long long)request->query.done);
	if (problem[0] != '\0') {
		html_raw(&html, "<p class=\"problem\" role=\"alert\">");
		page_sentence(&html, problem);
		html_raw(&html, "</p>\n");
	}
	put_form(&html, request, draft);
	put_windows(&html, request);
	page_end(&html, request, reply, status);
}

/* "2026-11-28T06:00", as such a field of a form has it. */
static char *
format_local(char *dst, size_t len, int64_t utc_sec)
{
	units_format_utc(dst, len, utc_sec / 60 * 60);
	dst[16] = '\0';
	return dst;
}

void
page_declare(const struct request *request, struct reply *reply)
{
	char from[40], to[40];
	struct draft draft = {
		.cause = "works",
		.from = format_local(from, sizeof(from), request->now_utc_sec),
		.to = format_local(to, sizeof(to), request->now_utc_sec + 2 * HOUR_SEC),
		.reason = "",
	};

	if (!refuse_without_ledger(request, reply))
		put_page(request, reply, 200, &draft, "");
}

/* --- the request --- */

/* A field of the form has neither seconds nor zone: it is UTC. */
static const char *
whole_time(char *dst, size_t len, const char *text)
{
	if (strlen(text) != 16 || text[10] != 'T')
		return text;
	snprintf(dst, len, "%s:00Z", text);
	return dst;
}

static struct json *
declare_op(const struct request *request)
{
	struct json *op = json_object_new();
	char text[64];

	json_put_text(op, "op", "declare_add");
	snprintf(text, sizeof(text), "port:%" PRId64, request->params.id);
	json_put_text(op, "scope", text);
	json_put_text(op, "from", whole_time(text, sizeof(text), action_field(request, "from")));
	json_put_text(op, "to", whole_time(text, sizeof(text), action_field(request, "to")));
	json_put_text(op, "cause", action_field(request, "cause"));
	json_put_text(op, "reason", action_field(request, "reason"));
	return op;
}

static void
on_declared(const struct request *request, const struct drawn *drawn, void *pending,
	    struct reply *reply)
{
	struct draft draft = {
		.cause = action_field(request, "cause"),
		.from = action_field(request, "from"),
		.to = action_field(request, "to"),
		.reason = action_field(request, "reason"),
	};
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
	snprintf(path, sizeof(path), "/ports/%" PRId64 "/declare?done=%" PRId64, request->params.id,
		 id);
	reply_redirect(reply, path);
}

void
page_declare_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, declare_op(request), on_declared);
}

static void
on_declared_json(const struct request *request, const struct drawn *drawn, void *pending,
		 struct reply *reply)
{
	(void)pending;
	action_reply_json(request, drawn, reply);
}

void
api_declare_post(const struct request *request, struct reply *reply)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, declare_op(request), on_declared_json);
}
