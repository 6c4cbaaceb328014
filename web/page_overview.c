/* page_overview.c - the first page: does anything need a hand, where, what changed, and all ports behind it. */
#include "page.h"
#include "page_overview.h"
#include "refuse.h"
#include "select.h"

#define NEEDS_SHOWN 50

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

/* Of a filtered list the list is what is wanted: the rest is a click away. */
static bool
is_filtered(const struct query *query)
{
	return (query->has & ~(unsigned)(ARG_PAGE | ARG_SORT)) != 0;
}

static bool
put_all(struct html *html, const struct request *request, const struct needs *needs)
{
	struct page_tiles tiles = { .max = SIZE_MAX, .needs = needs };
	struct request then = page_at_the_round(request);

	html_raw(html, "<p class=\"to-wall\"><a href=\"/wall\">On a wall</a></p>\n");
	page_needs_headline(html, request, needs, &request->world->sum);
	page_needs_list(html, &then, needs, NEEDS_SHOWN, false);
	put_state_links(html, request);
	put_verdict_links(html, request);
	if (!is_filtered(&request->query) && request->query.page == 1) {
		page_exchange_tiles(html, request, &tiles);
		page_changes(html, request);
	}
	return page_ports_list(html, &then, needs);
}

void
page_overview(const struct request *request, struct reply *reply)
{
	struct error err = { 0 };
	struct needs needs;
	struct html html;

	if (page_no_data(request, reply) || select_refused(request, reply))
		return;
	page_begin(&html, request, "Ports", PLACE_PORTS, page_refresh_sec(request, 5));
	if (!needs_read(&needs, request, NULL, &err))
		html_put(&html, "<p class=\"problem\">The alerts cannot be read now: %s.</p>\n",
			 err.text);
	bool whole = put_all(&html, request, &needs);
	needs_free(&needs);
	if (whole)
		page_end(&html, request, reply, 200);
	page_tag(request, reply);
	html_free(&html);
}
