/* page_silence.c - no mail about a port for a time: the form, and what is silent already. */
#include "ixwatch/alert.h"

#include "action.h"
#include "api.h"
#include "page.h"
#include "port_form.h"
#include "sees.h"

#define HOUR_SEC 3600

static void
put_fields(struct html *html, const struct port_draft *draft, const char *problem)
{
	port_form_time_field(html, "From; empty: at once", "from", draft->from, false, problem);
	port_form_time_field(html, "Until", "to", draft->to, true, problem);
}

static bool
on_quiet(const struct ledger_quiet *quiet, void *user)
{
	struct port_list *list = user;

	if (quiet->port_id != list->request->params.id || !sees_quiet(list->request, quiet))
		return true;
	port_list_item(list);
	if (quiet->start_utc_sec > list->request->now_utc_sec) {
		html_raw(list->html, "from ");
		port_form_put_local(list->html, list->request, quiet->start_utc_sec);
		html_raw(list->html, " ");
	}
	html_raw(list->html, "until ");
	port_form_put_local(list->html, list->request, quiet->until_utc_sec);
	html_put(list->html, ": %s <small>by %s</small></li>\n", quiet->reason, quiet->author);
	return true;
}

static bool
put_silences(struct port_list *list, struct error *err)
{
	struct ledger_quiet_query query = { .kind = QUIET_SILENCE,
					    .after_utc_sec = list->request->now_utc_sec };

	return ledger_quiet_each(list->request->ledger, &query, on_quiet, list, err);
}

static struct json *
silence_op(const struct request *request)
{
	struct json *op = port_form_op(request, "silence");

	if (action_field(request, "from")[0] != '\0')
		port_form_put_time(op, request, "from");
	return op;
}

static const struct port_form form = {
	.word = "silence",
	.title = "Silence a port",
	.before = "No mail about",
	.behind =
	    ", for a time. It is watched and judged all the same, and what is still open when "
	    "the time is over is told then.",
	.thing = "Silence",
	.done = "holds",
	.reason_hint = "the works, the ticket",
	.button = "Silence",
	.list_title = "Silences of this port, now or later",
	.list_none = "None.",
	.other_before = "It is no excuse. For works that shall not count against the port:",
	.other_word = "declare",
	.other_title = "Declare a window",
	.put_fields = put_fields,
	.put_list = put_silences,
	.op = silence_op,
};

void
page_silence(const struct request *request, struct reply *reply)
{
	char to[PORT_FORM_TIME];
	struct port_draft draft = {
		.from = "",
		.to = port_form_time(to, request, request->now_utc_sec + 4 * HOUR_SEC),
		.reason = "",
		.clock = PORT_FORM_LOCAL,
	};

	port_form_page(&form, request, reply, &draft);
}

static void
on_silenced(const struct request *request, const struct drawn *drawn, void *pending,
	    struct reply *reply)
{
	(void)pending;
	port_form_finish(&form, request, drawn, reply);
}

void
page_silence_post(const struct request *request, struct reply *reply)
{
	port_form_send(&form, request, reply, on_silenced);
}

void
api_silence_post(const struct request *request, struct reply *reply)
{
	port_form_send(&form, request, reply, action_finish_json);
}
