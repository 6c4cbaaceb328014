/* port_form.c - see port_form.h. */
#include "port_form.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"
#include "ixwatch/zone.h"

#include "action.h"
#include "page.h"
#include "refuse.h"

#define DAY_SEC  86400
#define CLOCK_AT 11 /* in "2026-11-28T06:00" */

/* NULL: it went while the collector was asked. */
static const struct world_exchange *
exchange_of(const struct request *request)
{
	const struct world_port *port = world_port_find(request->world, request->params.id);

	return port == NULL ? NULL : port->exchange;
}

/* --- the page --- */

void
port_form_time_field(struct html *html, const char *label, const char *name, const char *value,
		     bool required, const char *problem)
{
	html_put(html, "<label>%s <input type=\"datetime-local\" name=\"%s\" value=\"%s\"%s", label,
		 name, value, required ? " required" : "");
	html_raw(html, page_fault_of(name, problem));
	html_raw(html, "></label>\n");
}

static void
put_clock(struct html *html, const struct request *request, const struct port_draft *draft)
{
	const struct world_exchange *exchange = exchange_of(request);
	bool is_local = strcmp(draft->clock, PORT_FORM_LOCAL) == 0;
	char there[PORT_FORM_TIME], utc[PORT_FORM_TIME];

	if (exchange == NULL)
		return;
	port_form_time(there, request, request->now_utc_sec);
	units_format_utc(utc, sizeof(utc), request->now_utc_sec);
	utc[CLOCK_AT + 5] = '\0';
	html_put(html,
		 "<label>Clock that these times are read on <select name=\"clock\">\n"
		 "<option value=\"" PORT_FORM_LOCAL
		 "\"%s>%s, where the exchange is: now %s</option>\n"
		 "<option value=\"utc\"%s>UTC: now %s</option>\n</select></label>\n",
		 is_local ? " selected" : "", exchange->timezone, there + CLOCK_AT,
		 is_local ? "" : " selected", utc + CLOCK_AT);
}

static void
put_form(struct html *html, const struct port_form *form, const struct request *request,
	 const struct port_draft *draft, const char *problem)
{
	html_put(html,
		 "<form class=\"card ask\" method=\"post\" action=\"/ports/%lld/%s\">\n"
		 "<input type=\"hidden\" name=\"token\" value=\"%s\">\n",
		 (long long)request->params.id, form->word, request->who.form_token);
	form->put_fields(html, draft, problem);
	put_clock(html, request, draft);
	html_put(html,
		 "<label>Reason <input name=\"reason\" value=\"%s\" maxlength=\"200\" required "
		 "placeholder=\"%s\"",
		 draft->reason, form->reason_hint);
	html_raw(html, page_fault_of("reason", problem));
	html_put(html, "></label>\n<button>%s</button>\n</form>\n", form->button);
}

void
port_list_item(struct port_list *list)
{
	html_raw(list->html, list->count++ == 0 ? "<ul>\n<li>" : "<li>");
}

static void
put_list(struct html *html, const struct port_form *form, const struct request *request)
{
	struct port_list list = { html, request, 0 };
	struct error err;

	html_put(html, "<section aria-labelledby=\"already\"><h2 id=\"already\">%s</h2>\n",
		 form->list_title);
	bool whole = request->ledger != NULL && form->put_list(&list, &err);
	html_raw(html, list.count > 0 ? "</ul>\n" : "");
	if (!whole)
		html_raw(html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else if (list.count == 0)
		html_put(html, "<p class=\"muted\">%s</p>\n", form->list_none);
	html_raw(html, "</section>\n");
}

static void
put_page(const struct port_form *form, const struct request *request, struct reply *reply,
	 unsigned status, const struct port_draft *draft, const char *problem)
{
	const struct world_port *port = world_port_find(request->world, request->params.id);
	char before[64], title[PAGE_TITLE_MAX];
	struct html html;

	if (port == NULL) { /* it went while the collector was asked */
		refuse(request, reply, 404, "not_found", "there is no port %" PRId64,
		       request->params.id);
		return;
	}
	snprintf(before, sizeof(before), "%s: ", form->title);
	page_begin(&html, request, page_port_title(title, sizeof(title), before, &port->port),
		   PLACE_NONE, 0);
	html_put(&html,
		 "<h1>%s</h1>\n<p class=\"sub\">%s <a href=\"/ports/%lld\">%s</a>, %s %s%s</p>\n",
		 form->title, form->before, (long long)port->port.id, page_port_name(&port->port),
		 port->port.agent, port->port.interface, form->behind);
	if ((request->query.has & ARG_DONE) != 0)
		html_put(&html, "<p class=\"done\" role=\"status\">%s %lld %s.</p>\n", form->thing,
			 (long long)request->query.done, form->done);
	page_problem(&html, problem);
	html_put(&html, "<p class=\"muted\">%s <a href=\"/ports/%lld/%s\">%s</a></p>\n",
		 form->other_before, (long long)port->port.id, form->other_word, form->other_title);
	put_form(&html, form, request, draft, problem);
	put_list(&html, form, request);
	page_end(&html, request, reply, status);
}

void
port_form_page(const struct port_form *form, const struct request *request, struct reply *reply,
	       const struct port_draft *draft)
{
	if (!refuse_without_ledger(request, reply))
		put_page(form, request, reply, 200, draft, "");
}

/* --- what is asked of the collector --- */

char *
port_form_time(char dst[PORT_FORM_TIME], const struct request *request, int64_t utc_sec)
{
	const struct world_exchange *exchange = exchange_of(request);

	if (exchange != NULL)
		utc_sec += zone_offset_sec(exchange->zone, utc_sec);
	units_format_utc(dst, PORT_FORM_TIME, utc_sec / 60 * 60);
	dst[strlen("2026-11-28T06:00")] = '\0';
	return dst;
}

/* The instant at which that clock shows what was read as if it were UTC. */
static int64_t
local_instant(const struct zone *zone, int64_t read_sec)
{
	int64_t day = read_sec / DAY_SEC - (read_sec % DAY_SEC < 0);

	return zone_day_begin_utc_sec(zone, (int32_t)day, (int32_t)(read_sec - day * DAY_SEC));
}

void
port_form_put_time(struct json *op, const struct request *request, const char *key)
{
	const struct world_exchange *exchange = exchange_of(request);
	const char *text = action_field(request, key);
	char whole[PORT_FORM_TIME];
	int64_t read_sec;

	if (strlen(text) == 16 && text[10] == 'T') {
		snprintf(whole, sizeof(whole), "%.16s:00Z", text);
		if (exchange != NULL && units_parse_utc(whole, &read_sec) &&
		    strcmp(action_field(request, "clock"), PORT_FORM_LOCAL) == 0)
			units_format_utc(whole, sizeof(whole),
					 local_instant(exchange->zone, read_sec));
		text = whole;
	}
	json_put_text(op, key, text);
}

void
port_form_put_local(struct html *html, const struct request *request, int64_t utc_sec)
{
	const struct world_exchange *exchange = exchange_of(request);
	char utc[PORT_FORM_TIME], local[64];

	if (exchange == NULL) {
		page_instant(html, request, utc_sec);
		return;
	}
	units_format_utc(utc, sizeof(utc), utc_sec);
	html_put(html, "<time datetime=\"%s\">%s</time>", utc,
		 zone_format(exchange->zone, local, sizeof(local), utc_sec));
}

struct json *
port_form_op(const struct request *request, const char *name)
{
	struct json *op = json_object_new();
	char scope[32];

	snprintf(scope, sizeof(scope), "port:%" PRId64, request->params.id);
	json_put_text(op, "op", name);
	json_put_text(op, "scope", scope);
	port_form_put_time(op, request, "to");
	json_put_text(op, "reason", action_field(request, "reason"));
	return op;
}

void
port_form_send(const struct port_form *form, const struct request *request, struct reply *reply,
	       reply_finish *finish)
{
	if (!refuse_without_ledger(request, reply))
		action_send(request, reply, form->op(request), finish);
}

void
port_form_finish(const struct port_form *form, const struct request *request,
		 const struct drawn *drawn, struct reply *reply)
{
	struct port_draft draft = {
		.cause = action_field(request, "cause"),
		.from = action_field(request, "from"),
		.to = action_field(request, "to"),
		.reason = action_field(request, "reason"),
		.clock = action_field(request, "clock"),
	};
	struct error err;
	unsigned status;
	struct json *answer = action_answer(drawn, &status, &err);
	char path[96];
	int64_t id = 0;

	if (answer == NULL) {
		put_page(form, request, reply, status, &draft, err.text);
		return;
	}
	json_int(json_get(json_get(answer, "answer"), "id"), &id);
	json_free(answer);
	snprintf(path, sizeof(path), "/ports/%" PRId64 "/%s?done=%" PRId64, request->params.id,
		 form->word, id);
	reply_redirect(reply, path);
}
