/* page_exchange.c - one exchange: its sums and its ports. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/units.h"

#include "page_overview.h"
#include "refuse.h"
#include "select.h"

/* "in 12.3 Gbit/s, of 38 of 40 ports": what is unknown is not counted as nothing. */
static void
put_sum(struct html *html, const struct world_sum *sum, enum direction direction)
{
	char text[32];

	units_format_bps(text, sizeof(text), sum->bps[direction]);
	html_put(html, "<div class=\"fact\"><dt>Traffic %s</dt><dd>%s",
		 model_direction_name(direction), text);
	if (sum->known_count[direction] < sum->port_count)
		html_put(html, " <small>of %u of %u ports</small>", sum->known_count[direction],
			 sum->port_count);
	html_raw(html, "</dd></div>\n");
}

void
page_sums(struct html *html, const struct world_sum *sum)
{
	html_raw(html, "<dl class=\"facts\">\n<div class=\"fact\"><dt>Ports</dt><dd>");
	html_put(html, "%u</dd></div>\n", sum->port_count);
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];

		if (sum->state_count[state] == 0)
			continue;
		html_raw(html, "<div class=\"fact\"><dt>");
		page_state(html, state);
		html_put(html, "</dt><dd>%u</dd></div>\n", sum->state_count[state]);
	}
	put_sum(html, sum, DIRECTION_IN);
	put_sum(html, sum, DIRECTION_OUT);
	html_raw(html, "</dl>\n");
}

/* The list of all ports has pages. */
static void
put_way_to_all(struct html *html, const struct query *query, size_t total)
{
	html_raw(html, "<p><a href=\"");
	page_filter_address(html, query, 0);
	html_put(html, "#ports\">All %zu ports</a>, in pages and by filters</p>\n", total);
}

bool
page_ports_worst(struct html *html, const struct request *request, const struct query *query,
		 const struct needs *needs)
{
	struct page_table table = { .show_exchange = (query->has & ARG_EXCHANGE) == 0,
				    .grouped = true };
	size_t folded = needs == NULL ? 0 : page_blind_count(needs), total;
	const struct world_port **ports =
	    select_worst(request->world, query, 0, PAGE_PORTS_MAX + folded, &table.count, &total);

	if (ports == NULL)
		return false;
	if (folded > 0)
		table.count = page_blind_fold(needs, ports, table.count);
	if (table.count > PAGE_PORTS_MAX)
		table.count = PAGE_PORTS_MAX;
	table.ports = ports;
	html_raw(html,
		 "<section aria-labelledby=\"ports\"><h2 id=\"ports\">Ports, worst first</h2>\n");
	if (folded > 0)
		page_blind_lines(html, request, needs);
	if (table.count > 0)
		page_port_table(html, request, &table);
	else if (total == 0)
		html_raw(html,
			 "<p class=\"muted\">The collector has found no port here yet.</p>\n");
	if (table.count + folded < total)
		put_way_to_all(html, query, total);
	html_raw(html, "</section>\n");
	free(ports);
	return true;
}

void
page_recent_episodes(struct html *html, const struct request *request, const struct query *of)
{
	struct ledger_episode_query query = {
		.exchange = (of->has & ARG_EXCHANGE) != 0 ? of->exchange : NULL,
		.asn = (of->has & ARG_ASN) != 0 ? of->asn : 0,
		.any_kind = true,
		.limit = 10,
	};

	html_raw(
	    html,
	    "<section aria-labelledby=\"episodes\"><h2 id=\"episodes\">Latest episodes</h2>\n");
	if (page_episode_table(html, request, &query, true) != 0) {
		html_raw(html, "<p><a href=\"/episodes?");
		if (query.asn != 0)
			html_put(html, "asn=%u", query.asn);
		else {
			html_raw(html, "exchange=");
			html_segment(html, query.exchange);
		}
		html_raw(html, "\">All its episodes</a>, by filters</p>\n");
	}
	html_raw(html, "</section>\n");
}

void
page_exchange(const struct request *request, struct reply *reply)
{
	const struct world_exchange *exchange;
	struct query query = { .has = ARG_EXCHANGE };
	struct error err = { 0 };
	struct needs needs;
	struct html html;

	if (refuse_without_ledger(request, reply))
		return;
	exchange = world_exchange_find(request->world, request->params.slug);
	if (exchange == NULL) {
		refuse(request, reply, 404, "not_found", "there is no exchange \"%s\"",
		       request->params.slug);
		return;
	}
	for (size_t i = 0; i < QUERY_NAME_MAX - 1 && exchange->slug[i] != '\0'; i++)
		query.exchange[i] = exchange->slug[i];
	page_begin(&html, request, exchange->name, PLACE_NONE, page_refresh_sec(request, 5));
	html_put(&html, "<h1>%s</h1>\n<p class=\"sub\">%s \xc2\xb7 local time is %s</p>\n",
		 exchange->name, exchange->slug, exchange->timezone);
	page_open_alerts(&html, request, exchange->slug, 0);
	page_sums(&html, &exchange->sum);
	/* page_open_alerts has said it when the alerts cannot be read; nothing is folded then. */
	bool known = needs_read(&needs, request, exchange->slug, &err);
	bool whole = page_ports_worst(&html, request, &query, known ? &needs : NULL);
	needs_free(&needs);
	page_recent_episodes(&html, request, &query);
	if (whole)
		page_end(&html, request, reply, 200);
	html_free(&html);
}
