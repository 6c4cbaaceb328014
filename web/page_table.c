/* page_table.c - the table of ports, worst first; on a narrow screen each row becomes a card. */
#include <math.h>

#include "ixwatch/units.h"

#include "page_overview.h"

#define FRESH_ROUNDS 3 /* as long as the whole page is said to be fresh */

/* A heading that leads to the list in its order, and by a second time to the other one. */
static void
put_sort(struct html *html, const struct query *query, enum query_sort sort, const char *text,
	 bool large_first)
{
	bool is_here = (query->has & ARG_SORT) != 0 ? query->sort == sort : sort == SORT_STATE;
	bool descending = is_here ? !query->descending : large_first;

	html_raw(html, sort == SORT_CAPACITY || sort == SORT_SAMPLED
			   ? "<th scope=\"col\" class=\"num\""
			   : "<th scope=\"col\"");
	html_put(html, " aria-sort=\"%s\"><a href=\"",
		 !is_here            ? "none"
		 : query->descending ? "descending"
				     : "ascending");
	page_filter_address(html, query, ARG_SORT | ARG_PAGE);
	html_put(html, "sort=%s%s#ports\">%s</a></th>", descending ? "-" : "",
		 query_sort_name(sort), text);
}

static void
put_sortable_columns(struct html *html, const struct query *query)
{
	html_raw(html, "<table class=\"ports sortable\" aria-labelledby=\"ports\">\n<thead><tr>");
	put_sort(html, query, SORT_STATE, "State, verdict", false);
	put_sort(html, query, SORT_PEER, "Peer", false);
	put_sort(html, query, SORT_PLACE, "Exchange and port", false);
	put_sort(html, query, SORT_IN, "In", true);
	put_sort(html, query, SORT_OUT, "Out", true);
	put_sort(html, query, SORT_CAPACITY, "Capacity", true);
	put_sort(html, query, SORT_SAMPLED, "Sampled", true);
	html_raw(html, "</tr></thead>\n");
}

static void
put_columns(struct html *html, const struct page_table *table)
{
	html_raw(html, "<table class=\"ports\" aria-labelledby=\"ports\">\n<thead><tr><th "
		       "scope=\"col\">State, verdict</th>"
		       "<th scope=\"col\">Peer</th><th scope=\"col\">");
	html_raw(html, table->show_exchange ? "Exchange and port" : "Port");
	html_raw(html, "</th><th scope=\"col\">In</th><th scope=\"col\">Out</th>"
		       "<th scope=\"col\" class=\"num\">Capacity</th><th scope=\"col\" "
		       "class=\"num\">Sampled</th>"
		       "</tr></thead>\n");
}

static const char *
heading(enum port_state state)
{
	switch (state) {
	case STATE_SUSTAINED: return "Sustained congestion";
	case STATE_SPIKE: return "Congested, for less than it takes to count";
	case STATE_HOT: return "Hot";
	case STATE_UNKNOWN: return "Unknown: no judgement possible";
	case STATE_DOWN: return "Down";
	case STATE_CLEAR:
	case STATE_COUNT: break;
	}
	return "Clear, the fullest first";
}

static void
put_group(struct html *html, enum port_state state)
{
	html_put(html, "<tr class=\"group\"><th scope=\"rowgroup\" colspan=\"7\">%s</th></tr>\n",
		 heading(state));
}

/* "since 02:10:04Z", where a state has a beginning worth telling. */
static void
put_since(struct html *html, const struct request *request, const struct world_port *port)
{
	if (port->live.state == STATE_CLEAR || port->live.state_since_utc_sec == 0)
		return;
	html_raw(html, " <small>since ");
	page_instant(html, request, port->live.state_since_utc_sec);
	html_raw(html, "</small>");
}

/* Where there is something to say: none and insufficient data are silent. */
static void
put_verdict(struct html *html, enum verdict verdict)
{
	if (verdict != VERDICT_ROUTINE && verdict != VERDICT_RECURRING)
		return;
	html_raw(html, " ");
	page_verdict(html, verdict);
}

static void
put_names(struct html *html, const struct page_table *table, const struct world_port *port)
{
	const struct port *p = &port->port;

	html_raw(html, "<th scope=\"row\">");
	page_port_link(html, port);
	html_raw(html, " ");
	page_asn(html, p);
	html_raw(html, "</th><td class=\"at\" data-label=\"Port\">");
	if (table->show_exchange) {
		html_raw(html, "<a class=\"plain\" href=\"/exchanges/");
		html_segment(html, p->exchange);
		html_put(html, "\">%s</a> <small>%s %s</small></td>",
			 port->exchange == NULL ? p->exchange : port->exchange->name, p->agent,
			 p->interface);
	} else {
		html_put(html, "%s <small>%s</small></td>", p->interface, p->agent);
	}
}

/* Nothing is known of either direction: why. */
static void
put_why(struct html *html, const struct request *request, const struct world_port *port)
{
	const char *why = request->world->stale ? "not measured now" : port->why_unknown;

	html_put(html, "<td class=\"why\" colspan=\"2\">%s</td>", why[0] == '\0' ? "unknown" : why);
}

/* The rates are known, but not of what they are a share: why. */
static void
put_rates_and_why(struct html *html, const struct world_port *port)
{
	char in[32], out[32];

	units_format_bps(in, sizeof(in), port->live.value[COLUMN_IN_BPS]);
	units_format_bps(out, sizeof(out), port->live.value[COLUMN_OUT_BPS]);
	html_put(html, "<td class=\"why\" colspan=\"2\">in %s, out %s <small>%s</small></td>", in,
		 out, port->why_unknown);
}

static void
put_use(struct html *html, const struct request *request, const struct world_port *port)
{
	const struct snapshot_port *live = &port->live;

	if (isnan(live->value[COLUMN_IN_BPS]) && isnan(live->value[COLUMN_OUT_BPS])) {
		put_why(html, request, port);
		return;
	}
	if (isnan(live->utilisation[DIRECTION_IN]) && isnan(live->utilisation[DIRECTION_OUT])) {
		put_rates_and_why(html, port);
		return;
	}
	html_raw(html, "<td data-label=\"In\">");
	page_bar(html, port, DIRECTION_IN);
	html_raw(html, "</td><td data-label=\"Out\">");
	page_bar(html, port, DIRECTION_OUT);
	html_raw(html, "</td>");
}

/* How old it is, of what is older than the page. */
static void
put_sampled(struct html *html, const struct request *request, const struct world_port *port)
{
	int64_t age_sec = request->now_utc_sec - port->live.sampled_utc_sec;
	char age[32];

	html_raw(html, "<td class=\"num\" data-label=\"Sampled\">");
	page_instant(html, request, port->live.sampled_utc_sec);
	if (port->live.sampled_utc_sec != 0 &&
	    age_sec > FRESH_ROUNDS * (int64_t)request->world->interval_sec)
		html_put(html, " <small>%s old</small>", page_age(age, sizeof(age), age_sec));
	html_raw(html, "</td>");
}

static void
put_row(struct html *html, const struct request *request, const struct page_table *table,
	const struct world_port *port)
{
	html_put(html, "<tr class=\"%s\"><td class=\"st\">",
		 model_state_name((enum port_state)port->live.state));
	page_state(html, (enum port_state)port->live.state);
	put_since(html, request, port);
	put_verdict(html, (enum verdict)port->live.verdict);
	html_raw(html, "</td>");
	put_names(html, table, port);
	put_use(html, request, port);
	html_raw(html, "<td class=\"num\" data-label=\"Capacity\">");
	page_capacity(html, port);
	html_raw(html, "</td>");
	put_sampled(html, request, port);
	html_raw(html, "</tr>\n");
}

void
page_port_table(struct html *html, const struct request *request, const struct page_table *table)
{
	unsigned state = STATE_COUNT;

	if (table->sortable)
		put_sortable_columns(html, &request->query);
	else
		put_columns(html, table);
	html_raw(html, "<tbody>\n");
	for (size_t i = 0; i < table->count; i++) {
		const struct world_port *port = table->ports[i];

		if (table->grouped && port->live.state != state)
			put_group(html, (enum port_state)port->live.state);
		state = port->live.state;
		put_row(html, request, table, port);
	}
	html_raw(html, "</tbody>\n</table>\n");
}
