/* page_ports.c - the overview: does anything need a hand, where, and all ports behind it, worst first. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/units.h"

#include "page.h"
#include "refuse.h"
#include "select.h"

#define PAGE_PORTS 1000

/* The sentence at the top: what a person on shift wants to know. */
static void
put_headline(struct html *html, const struct world *world)
{
	const unsigned *count = world->sum.state_count;
	unsigned congested = count[STATE_SUSTAINED] + count[STATE_SPIKE];

	html_raw(html, "<h1>");
	if (world->stale)
		html_raw(html, "Nothing is measured now");
	else if (congested > 0) {
		page_count(html, congested, "port is", "ports are");
		html_raw(html, " congested now");
	} else if (count[STATE_UNKNOWN] == world->port_count && world->port_count > 0) {
		html_raw(html, "No port can be judged yet");
	} else {
		html_raw(html, "No port is congested now");
	}
	if (!world->stale && world->sum.verdict_count[VERDICT_ROUTINE] > 0) {
		html_raw(html, "; ");
		page_count(html, world->sum.verdict_count[VERDICT_ROUTINE], "is", "are");
		html_raw(html, " so routinely");
	}
	html_raw(html, "</h1>\n");
}

static void
put_state_links(struct html *html, const struct request *request)
{
	html_raw(html, "<ul class=\"counts\" aria-label=\"Ports by state\">\n");
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];
		unsigned count = request->world->sum.state_count[state];
		bool is_here =
		    (request->query.has & ARG_STATE) != 0 && request->query.state == state;

		html_put(html, "<li class=\"%s\"><a href=\"/?state=%s\"",
			 count == 0 ? "zero" : "some", model_state_name(state));
		html_raw(html, is_here ? " aria-current=\"true\">" : ">");
		html_put(html, "<b>%u</b>", count);
		page_state(html, state);
		html_raw(html, "</a></li>\n");
	}
	html_raw(html, "</ul>\n");
}

/* Beside the states: what is held against ports by the days behind. */
static void
put_verdict_links(struct html *html, const struct request *request)
{
	static const enum verdict shown[] = { VERDICT_ROUTINE, VERDICT_RECURRING };

	html_raw(html, "<ul class=\"counts\" aria-label=\"Ports by verdict\">\n");
	for (unsigned i = 0; i < 2; i++) {
		unsigned count = request->world->sum.verdict_count[shown[i]];
		bool is_here =
		    (request->query.has & ARG_VERDICT) != 0 && request->query.verdict == shown[i];

		html_put(html, "<li class=\"%s\"><a href=\"/?verdict=%s\"",
			 count == 0 ? "zero" : "some", model_verdict_name(shown[i]));
		html_raw(html, is_here ? " aria-current=\"true\">" : ">");
		html_put(html, "<b>%u</b>", count);
		page_verdict(html, shown[i]);
		html_put(html, "<small>%s</small></a></li>\n", page_verdict_means(shown[i]));
	}
	html_raw(html, "</ul>\n");
}

static void
put_rate(struct html *html, const struct world_sum *sum, enum direction direction)
{
	char text[32];

	units_format_bps(text, sizeof(text), sum->bps[direction]);
	html_put(html, "<span class=\"rate\"><small>%s</small> %s</span>",
		 model_direction_name(direction), text);
}

static void
put_exchange_tile(struct html *html, const struct world_exchange *exchange)
{
	const struct world_sum *sum = &exchange->sum;

	html_put(html, "<li class=\"tile %s\"><a href=\"/exchanges/", model_state_name(sum->worst));
	html_segment(html, exchange->slug);
	html_put(html, "\"><span class=\"name\">%s</span>", exchange->name);
	page_state(html, sum->worst);
	html_raw(html, "<span class=\"line\">");
	page_count(html, sum->port_count, "port", "ports");
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];

		if (state != STATE_CLEAR && sum->state_count[state] > 0)
			html_put(html, ", %u %s", sum->state_count[state], model_state_name(state));
	}
	html_raw(html, "</span><span class=\"line\">");
	put_rate(html, sum, DIRECTION_IN);
	put_rate(html, sum, DIRECTION_OUT);
	html_raw(html, "</span></a></li>\n");
}

static void
put_exchanges(struct html *html, const struct world *world)
{
	if (world->exchange_count == 0)
		return;
	html_raw(html, "<section aria-labelledby=\"exchanges\"><h2 "
		       "id=\"exchanges\">Exchanges</h2>\n<ul class=\"tiles\">\n");
	for (unsigned s = 0; s < STATE_COUNT; s++) /* the worst first */
		for (size_t i = 0; i < world->exchange_count; i++)
			if (world->exchanges[i].sum.worst == world_by_severity[s])
				put_exchange_tile(html, &world->exchanges[i]);
	html_raw(html, "</ul></section>\n");
}

/* The filters of this page, as they stand in an address. */
static void
put_filters(struct html *html, const struct query *query)
{
	if ((query->has & ARG_STATE) != 0)
		html_put(html, "&amp;state=%s", model_state_name(query->state));
	if ((query->has & ARG_VERDICT) != 0) {
		html_raw(html, "&amp;verdict=");
		html_segment(html, model_verdict_name(query->verdict));
	}
	if ((query->has & ARG_EXCHANGE) != 0) {
		html_raw(html, "&amp;exchange=");
		html_segment(html, query->exchange);
	}
}

/* Which part of a long list this is, with the way to the others. */
static void
put_pager(struct html *html, const struct request *request, size_t total)
{
	unsigned pages = (unsigned)((total + PAGE_PORTS - 1) / PAGE_PORTS);

	if (pages < 2)
		return;
	html_put(html, "<nav class=\"pager\" aria-label=\"Pages of the list\">page %u of %u",
		 request->query.page, pages);
	for (unsigned i = 0; i < 2; i++) {
		unsigned page = i == 0 ? request->query.page - 1 : request->query.page + 1;

		if (page < 1 || page > pages)
			continue;
		html_put(html, " <a href=\"/?page=%u", page);
		put_filters(html, &request->query);
		html_put(html, "\">%s</a>", i == 0 ? "previous" : "next");
	}
	html_raw(html, "</nav>\n");
}

/* What the list is of: its filters, in words. */
static void
put_list_title(struct html *html, const struct query *query)
{
	if ((query->has & (ARG_STATE | ARG_VERDICT)) == 0) {
		html_raw(html, "All ports, worst first");
		return;
	}
	html_raw(html, "Ports");
	if ((query->has & ARG_STATE) != 0)
		html_put(html, " that are %s", model_state_name(query->state));
	if ((query->has & ARG_VERDICT) != 0)
		html_put(html, " with the verdict %s", model_verdict_name(query->verdict));
	html_raw(html, " <a class=\"more\" href=\"/\">show all</a>");
}

static void
put_list(struct html *html, const struct request *request, const struct world_port **ports,
	 size_t count, size_t total)
{
	struct page_table table = {
		.ports = ports, .count = count, .show_exchange = true, .grouped = true
	};

	html_raw(html, "<section aria-labelledby=\"ports\"><h2 id=\"ports\">");
	put_list_title(html, &request->query);
	html_raw(html, "</h2>\n");
	put_pager(html, request, total);
	if (count > 0)
		page_port_table(html, request, &table);
	else
		html_raw(html, total == 0 && request->query.has == 0
				   ? "<p class=\"muted\">The collector has found no port yet.</p>\n"
				   : "<p class=\"muted\">None.</p>\n");
	put_pager(html, request, total);
	html_raw(html, "</section>\n");
}

void
page_overview(const struct request *request, struct reply *reply)
{
	size_t count, total;
	struct html html;

	if (page_no_data(request, reply) || select_refused(request, reply))
		return;
	const struct world_port **ports = select_worst(
	    request->world, &request->query, ((size_t)request->query.page - 1) * PAGE_PORTS,
	    PAGE_PORTS, &count, &total);
	if (ports == NULL)
		return;
	page_begin(&html, request, "Ports", PLACE_PORTS, page_refresh_sec(request, 5));
	put_headline(&html, request->world);
	page_open_alerts(&html, request, NULL, 0);
	put_state_links(&html, request);
	put_verdict_links(&html, request);
	put_exchanges(&html, request->world);
	put_list(&html, request, ports, count, total);
	page_end(&html, request, reply, 200);
	free(ports);
}
