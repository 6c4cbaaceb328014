/* page_declare.c - declaring a window for one port: the form, and what is declared there already. */
#include <string.h>

#include "action.h"
#include "api.h"
#include "page.h"
#include "port_form.h"
#include "sees.h"

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

static void
put_fields(struct html *html, const struct port_draft *draft, const char *problem)
{
	html_raw(html, "<label>Cause <select name=\"cause\" required");
	html_raw(html, page_fault_of("cause", problem));
	html_raw(html, ">\n");
	for (size_t i = 0; i < CAUSE_COUNT; i++)
		html_put(html, "<option value=\"%s\"%s>%s: %s</option>\n", causes[i].name,
			 strcmp(causes[i].name, draft->cause) == 0 ? " selected" : "",
			 causes[i].name, causes[i].means);
	html_raw(html, "</select></label>\n");
	port_form_time_field(html, "From", "from", draft->from, true, problem);
	port_form_time_field(html, "Until", "to", draft->to, true, problem);
}

static bool
on_window(const struct ledger_window *window, void *user)
{
	struct port_list *list = user;
	const struct world_port *port =
	    world_port_find(list->request->world, list->request->params.id);

	if (port == NULL || !sees_window(list->request, port, window))
		return true;
	port_list_item(list);
	port_form_put_local(list->html, list->request, window->start_utc_sec);
	html_raw(list->html, " to ");
	port_form_put_local(list->html, list->request, window->until_utc_sec);
	html_put(list->html, ": <strong>%s</strong>, %s <small>by %s</small></li>\n", window->cause,
		 window->reason, window->author);
	return true;
}

static bool
put_windows(struct port_list *list, struct error *err)
{
	struct ledger_window_query query = { .port_id = list->request->params.id,
					     .from_utc_sec = list->request->now_utc_sec,
					     .to_utc_sec = INT32_MAX * INT64_C(2) };

	return ledger_window_each(list->request->ledger, &query, on_window, list, err);
}

static struct json *
declare_op(const struct request *request)
{
	struct json *op = port_form_op(request, "declare_add");

	port_form_put_time(op, request, "from");
	json_put_text(op, "cause", action_field(request, "cause"));
	return op;
}

static const struct port_form form = {
	.word = "declare",
	.title = "Declare a window",
	.before = "For",
	.behind = ": a time of which you say why the port was full. It excuses congestion then, is "
		  "never deleted, and shows your name.",
	.thing = "Window",
	.done = "is declared",
	.reason_hint = "shown wherever the window is",
	.button = "Declare",
	.list_title = "Declared for this port, not over yet",
	.list_none = "None.",
	.other_before = "Mails about it go out all the same. To put those off:",
	.other_word = "silence",
	.other_title = "Silence a port",
	.put_fields = put_fields,
	.put_list = put_windows,
	.op = declare_op,
};

void
page_declare(const struct request *request, struct reply *reply)
{
	char from[PORT_FORM_TIME], to[PORT_FORM_TIME];
	struct port_draft draft = {
		.cause = "works",
		.from = port_form_time(from, request, request->now_utc_sec),
		.to = port_form_time(to, request, request->now_utc_sec + 2 * HOUR_SEC),
		.reason = "",
		.clock = PORT_FORM_LOCAL,
	};

	port_form_page(&form, request, reply, &draft);
}

static void
on_declared(const struct request *request, const struct drawn *drawn, void *pending,
	    struct reply *reply)
{
	(void)pending;
	port_form_finish(&form, request, drawn, reply);
}

void
page_declare_post(const struct request *request, struct reply *reply)
{
	port_form_send(&form, request, reply, on_declared);
}

void
api_declare_post(const struct request *request, struct reply *reply)
{
	port_form_send(&form, request, reply, action_finish_json);
}
