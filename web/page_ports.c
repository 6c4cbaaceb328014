/* page_ports.c - the list of all ports: filtered, in the order that is asked for, in pages. */
#include <stdlib.h>

#include "page_overview.h"
#include "select.h"

/* Which part of a long list this is, with the way to the others: where, above or below it, tells the two apart. */
static void
put_pager(struct html *html, const struct request *request, size_t total, const char *where)
{
	unsigned pages = (unsigned)((total + PAGE_PORTS_MAX - 1) / PAGE_PORTS_MAX);

	if (pages < 2)
		return;
	html_put(html, "<nav class=\"pager\" aria-label=\"Pages, %s the list\">page %u of %u",
		 where, request->query.page, pages);
	for (unsigned i = 0; i < 2; i++) {
		unsigned page = i == 0 ? request->query.page - 1 : request->query.page + 1;

		if (page < 1 || page > pages)
			continue;
		html_raw(html, " <a href=\"");
		page_filter_address(html, &request->query, ARG_PAGE);
		html_put(html, "page=%u\">%s</a>", page, i == 0 ? "previous" : "next");
	}
	html_raw(html, "</nav>\n");
}

static bool
is_filtered(const struct query *query)
{
	return (query->has & ~(unsigned)(ARG_PAGE | ARG_SORT)) != 0;
}

static bool
is_worst_first(const struct query *query)
{
	return (query->has & ARG_SORT) == 0 || (query->sort == SORT_STATE && !query->descending);
}

/* What the list is of: its filters, in words. */
static void
put_title(struct html *html, const struct request *request)
{
	const struct query *query = &request->query;

	if (!is_filtered(query)) {
		html_raw(html, is_worst_first(query) ? "All ports, worst first" : "All ports");
		return;
	}
	html_raw(html, "Ports");
	if ((query->has & ARG_STATE) != 0)
		html_put(html, " that are %s", model_state_name(query->state));
	if ((query->has & ARG_EXCHANGE) != 0)
		html_put(html, " at %s",
			 world_exchange_find(request->world, query->exchange)->name);
	if ((query->has & ARG_AGENT) != 0)
		html_put(html, " on agent %s", query->agent);
	if ((query->has & ARG_KIND) != 0)
		html_put(html, " of kind %s", query->kind);
	if ((query->has & ARG_ASN) != 0)
		html_put(html, " that face AS%u", query->asn);
	if ((query->has & ARG_VERDICT) != 0)
		html_put(html, " with the verdict %s", model_verdict_name(query->verdict));
	if ((query->has & ARG_TEXT) != 0)
		html_put(html, " with \xe2\x80\x9c%s\xe2\x80\x9d in their names", query->text);
	html_raw(html, " <a class=\"more\" href=\"/\">show all</a>");
}

/* A filter or another order lists what it says; else the ports of a blind agent are one line above the list. */
static bool
is_folded(const struct query *query)
{
	return !is_filtered(query) && is_worst_first(query);
}

/* What is on the query's page of so many ports. */
static size_t
count_on_page(const struct query *query, size_t total, size_t *skip)
{
	*skip = ((size_t)query->page - 1) * PAGE_PORTS_MAX;
	if (*skip >= total)
		*skip = total;
	return total - *skip < PAGE_PORTS_MAX ? total - *skip : PAGE_PORTS_MAX;
}

bool
page_ports_list(struct html *html, const struct request *request, const struct needs *needs)
{
	const struct query *query = &request->query;
	struct page_table table = { .show_exchange = true,
				    .grouped = is_worst_first(query),
				    .sortable = true };
	size_t total, count, listed, skip;
	const struct world_port **ports =
	    select_sorted(request->world, query, 0, request->world->port_count, &count, &total);

	if (ports == NULL)
		return false;
	listed = is_folded(query) ? page_blind_fold(needs, ports, count) : count;
	table.count = count_on_page(query, listed, &skip);
	table.ports = ports + skip;
	html_raw(html, "<section aria-labelledby=\"ports\"><h2 id=\"ports\">");
	put_title(html, request);
	html_raw(html, "</h2>\n");
	page_filter_form(html, request);
	if (is_folded(query))
		page_blind_lines(html, request, needs);
	put_pager(html, request, listed, "above");
	if (table.count > 0)
		page_port_table(html, request, &table);
	else if (count == 0)
		html_raw(html, total == 0 && !is_filtered(query)
				   ? "<p class=\"muted\">The collector has found no port yet.</p>\n"
				   : "<p class=\"muted\">None.</p>\n");
	put_pager(html, request, listed, "below");
	html_raw(html, "</section>\n");
	free(ports);
	return true;
}
