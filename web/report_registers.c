/* report_registers.c - see report_registers.h. */
#include "report_registers.h"

#include <math.h>
#include <stdio.h>

#include "ixwatch/units.h"

#include "page.h"

struct listing {
	struct html *html;
	const struct request *request;
	const struct report *report;
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

static bool
on_connection(const struct report_connection *connection, void *user)
{
	html_put(user, "<option>%s</option>", connection->exchange);
	return true;
}

static void
put_exchange_choice(const struct listing *list, const char *all)
{
	struct error err;

	html_raw(list->html, "<label>Exchange <select name=\"exchange\">");
	if (all != NULL)
		html_put(list->html, "<option value=\"\">%s</option>", all);
	ledger_report_connection_each(list->request->ledger, list->report->id, on_connection,
				      list->html, &err);
	html_raw(list->html, "</select></label>\n");
}

static void
begin_form(const struct listing *list, const char *what, const char *title)
{
	html_put(list->html,
		 "<details><summary>%s</summary>\n<form class=\"ask card\" method=\"post\" "
		 "action=\"/reports/%lld/%s\">\n<input type=\"hidden\" name=\"token\" "
		 "value=\"%s\">\n",
		 title, (long long)list->report->id, what, list->request->who.form_token);
}

static void
put_order_form(const struct listing *list)
{
	begin_form(list, "order", "An upgrade was ordered");
	put_exchange_choice(list, NULL);
	html_raw(list->html,
		 "<label>Size, in words <input name=\"size\" maxlength=\"200\" required "
		 "placeholder=\"2 x 100G\"></label>\n"
		 "<label>Capacity then, bit/s; may be empty <input name=\"capacity\" "
		 "maxlength=\"20\" placeholder=\"200G\"></label>\n"
		 "<label>Ready on; may be empty <input type=\"date\" name=\"ready\"></label>\n"
		 "<label>Ticket; may be empty <input name=\"ticket\" maxlength=\"100\"></label>\n"
		 "<label>Waiting on <select name=\"waiting_on\"><option>peer</option>"
		 "<option>us</option><option>exchange</option></select></label>\n"
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
	begin_form(list, "dispute", "The peer contests something");
	put_exchange_choice(list, "all of them");
	html_raw(
	    list->html,
	    "<label>What it contests <input name=\"text\" maxlength=\"500\" required></label>\n"
	    "<p>Its letters pause until that is decided.</p>\n"
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
	begin_form(list, "optout", "The peer wants no letters");
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
report_put_registers(struct html *html, const struct request *request, const struct report *report)
{
	struct report_register_query query = { .asn = report->asn };
	struct listing list = { html, request, report, 0, false };
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
