/* report_registers.c - see report_registers.h. */
#include "report_registers.h"

#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "action.h"
#include "page.h"

struct listing {
	struct html *html;
	const struct request *request;
	const struct report *report;
	const char *problem; /* of the form that was sent; "" none */
	unsigned count;
	bool is_open; /* one of them is in force */
};

static bool
may(const struct listing *list, enum account_role role)
{
	return list->request->who.role >= role;
}

/* A form in a line of a list: what it asks, of which entry, and a reason. */
static void
put_line_form(const struct listing *list, const char *what, int64_t entry, const char *words,
	      const char *button)
{
	html_put(list->html,
		 " <form class=\"do with\" method=\"post\" action=\"/reports/%lld/%s\"><input "
		 "type=\"hidden\" name=\"token\" value=\"%s\"><input type=\"hidden\" "
		 "name=\"entry\" value=\"%lld\"><label>%s <input name=\"outcome\" "
		 "maxlength=\"200\" required></label> <button>%s</button></form>",
		 (long long)list->report->id, what, list->request->who.form_token, (long long)entry,
		 words, button);
}

static void
put_when(const struct listing *list, const char *words, int64_t utc_sec, const char *who)
{
	html_put(list->html, "%s", words);
	page_instant(list->html, list->request, utc_sec);
	html_put(list->html, " <small>by %s</small>", who);
}

/* --- orders --- */

static bool
on_order(const struct report_order *order, void *user)
{
	struct listing *list = user;
	struct html *html = list->html;
	char text[40];

	list->count++;
	html_put(html, "<li>%s: <strong>%s</strong>", order->exchange, order->size);
	if (!isnan(order->capacity_bps))
		html_put(html, " (%s)", units_format_bps(text, sizeof(text), order->capacity_bps));
	if (order->has_ready_day)
		html_put(html, ", ready %s",
			 units_format_date(text, sizeof(text), order->ready_day));
	if (order->ticket[0] != '\0')
		html_put(html, ", ticket %s", order->ticket);
	html_put(html, ", waiting on %s", report_waiting_on_name(order->waiting_on));
	put_when(list, "; entered ", order->created_utc_sec, order->author);
	if (order->ended_utc_sec != 0) {
		put_when(list, "; ended ", order->ended_utc_sec, order->ended_by);
		html_put(html, ": %s", order->outcome);
	} else if (may(list, ROLE_OPERATOR)) {
		put_line_form(list, "order-end", order->id, "What became of it", "End it");
	}
	html_raw(html, "</li>\n");
	return true;
}

static void
put_option(const struct listing *list, const char *value, const char *chosen)
{
	html_put(list->html,
		 strcmp(value, chosen) == 0 ? "<option selected>%s</option>"
					    : "<option>%s</option>",
		 value);
}

static bool
on_connection(const struct report_connection *connection, void *user)
{
	const struct listing *list = user;

	put_option(list, connection->exchange, action_field(list->request, "exchange"));
	return true;
}

static void
put_exchange_choice(const struct listing *list, const char *all)
{
	struct error err;

	html_raw(list->html, "<label>Exchange <select name=\"exchange\"");
	html_raw(list->html, page_fault_of("exchange", list->problem));
	html_raw(list->html, ">");
	if (all != NULL)
		html_put(list->html, "<option value=\"\">%s</option>", all);
	ledger_report_connection_each(list->request->ledger, list->report->id, on_connection,
				      (void *)(uintptr_t)list, &err);
	html_raw(list->html, "</select></label>\n");
}

/* A form whose sending was refused is open, with what was typed. */
static void
begin_form(const struct listing *list, const char *what, const char *title, bool was_sent)
{
	html_put(list->html,
		 "<details%s><summary>%s</summary>\n<form class=\"ask card\" method=\"post\" "
		 "action=\"/reports/%lld/%s\">\n<input type=\"hidden\" name=\"token\" "
		 "value=\"%s\">\n",
		 was_sent ? " open" : "", title, (long long)list->report->id, what,
		 list->request->who.form_token);
}

/* A field as it was sent, tied to what is wrong with it. */
static void
put_field(const struct listing *list, const char *label, const char *name, const char *attributes)
{
	html_put(list->html, "<label>%s <input name=\"%s\" value=\"%s\"", label, name,
		 action_field(list->request, name));
	html_raw(list->html, attributes);
	html_raw(list->html, page_fault_of(name, list->problem));
	html_raw(list->html, "></label>\n");
}

static bool
was_sent(const struct listing *list, const char *field)
{
	return list->problem[0] != '\0' && (action_field(list->request, field)[0] != '\0' ||
					    page_fault_of(field, list->problem)[0] != '\0');
}

static void
put_order_form(const struct listing *list)
{
	static const char *const whom[] = { "peer", "us", "exchange" };

	begin_form(list, "order", "An upgrade was ordered", was_sent(list, "waiting_on"));
	put_exchange_choice(list, NULL);
	put_field(list, "Size, in words", "size",
		  " maxlength=\"200\" required placeholder=\"2 x 100G\"");
	put_field(list, "Capacity then, bit/s; may be empty", "capacity",
		  " maxlength=\"20\" placeholder=\"200G\"");
	put_field(list, "Ready on; may be empty", "ready", " type=\"date\"");
	put_field(list, "Ticket; may be empty", "ticket", " maxlength=\"100\"");
	html_raw(list->html, "<label>Waiting on <select name=\"waiting_on\"");
	html_raw(list->html, page_fault_of("waiting_on", list->problem));
	html_raw(list->html, ">");
	for (size_t i = 0; i < sizeof(whom) / sizeof(whom[0]); i++)
		put_option(list, whom[i], action_field(list->request, "waiting_on"));
	html_raw(list->html, "</select></label>\n"
			     "<p>Nothing is asked there as long as it is open.</p>\n"
			     "<button>Enter the order</button></form></details>\n");
}

/* --- disputes --- */

static bool
on_dispute(const struct report_dispute *dispute, void *user)
{
	struct listing *list = user;
	struct html *html = list->html;

	list->count++;
	html_put(html, "<li>%s: %s",
		 dispute->exchange[0] == '\0' ? "all exchanges" : dispute->exchange, dispute->text);
	put_when(list, "; since ", dispute->since_utc_sec, dispute->author);
	if (dispute->decided_utc_sec != 0) {
		put_when(list, "; decided ", dispute->decided_utc_sec, dispute->decided_by);
		html_put(html, ": %s", dispute->outcome);
	} else if (may(list, ROLE_ADMIN)) {
		put_line_form(list, "dispute-decide", dispute->id, "What was decided", "Decide");
	}
	html_raw(html, "</li>\n");
	return true;
}

static void
put_dispute_form(const struct listing *list)
{
	begin_form(list, "dispute", "The peer contests something", was_sent(list, "text"));
	put_exchange_choice(list, "all of them");
	put_field(list, "What it contests", "text", " maxlength=\"500\" required");
	html_raw(list->html, "<p>Its letters pause until that is decided.</p>\n"
			     "<button>Enter the dispute</button></form></details>\n");
}

/* --- opt-outs --- */

static bool
on_optout(const struct report_optout *optout, void *user)
{
	struct listing *list = user;

	list->count++;
	html_put(list->html, "<li>%s", optout->reason);
	put_when(list, "; since ", optout->since_utc_sec, optout->author);
	if (optout->ended_utc_sec != 0)
		put_when(list, "; ended ", optout->ended_utc_sec, optout->ended_by);
	else
		list->is_open = true;
	html_raw(list->html, "</li>\n");
	return true;
}

static void
put_optout_form(const struct listing *list)
{
	if (list->is_open) {
		html_put(list->html,
			 "<form class=\"do\" method=\"post\" action=\"/reports/%lld/optin\"><input "
			 "type=\"hidden\" name=\"token\" value=\"%s\"><button>The peer wants "
			 "letters again</button></form>\n",
			 (long long)list->report->id, list->request->who.form_token);
		return;
	}
	begin_form(list, "optout", "The peer wants no letters", false);
	html_raw(list->html, "<label>Who said so, and why <input name=\"reason\" "
			     "maxlength=\"200\" required></label>\n"
			     "<button>Send no more letters</button></form></details>\n");
}

/* --- all of them --- */

static void
begin_list(struct listing *list, const char *title)
{
	list->count = 0;
	html_put(list->html, "<h3>%s</h3>\n<ul class=\"register\">\n", title);
}

static void
end_list(struct listing *list, bool read)
{
	html_raw(list->html, "</ul>\n");
	if (!read)
		html_raw(list->html, "<p class=\"problem\">It cannot be read now.</p>\n");
	else if (list->count == 0)
		html_raw(list->html, "<p class=\"muted\">None.</p>\n");
}

void
report_put_registers(struct html *html, const struct request *request, const struct report *report,
		     const char *problem)
{
	struct report_register_query query = { .asn = report->asn };
	struct listing list = { html, request, report, problem, 0, false };
	struct error err;

	if (report->kind != REPORT_PEER)
		return;
	html_put(html,
		 "<section aria-labelledby=\"registers\"><h2 id=\"registers\">Known of "
		 "AS%u</h2>\n",
		 report->asn);
	begin_list(&list, "Upgrades ordered");
	end_list(&list, ledger_order_each(request->ledger, &query, on_order, &list, &err));
	if (may(&list, ROLE_OPERATOR))
		put_order_form(&list);
	begin_list(&list, "Contested");
	end_list(&list, ledger_dispute_each(request->ledger, &query, on_dispute, &list, &err));
	if (may(&list, ROLE_OPERATOR))
		put_dispute_form(&list);
	begin_list(&list, "Wants no letters");
	end_list(&list, ledger_optout_each(request->ledger, &query, on_optout, &list, &err));
	if (may(&list, ROLE_ADMIN))
		put_optout_form(&list);
	html_raw(html, "</section>\n");
}
