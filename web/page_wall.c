/* page_wall.c - the overview for a screen at three metres that nobody touches.
 *
 * It shows one round and nothing that changes in between, so that equal rounds are equal pages: the script asks again with
 * the page's tag and gets 304.  Without a script the page asks for itself anew.  Its clock runs as long as the data does. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "assets.h"
#include "page_overview.h"
#include "select.h"

#define NEEDS_SHOWN          4
#define REFRESH_AT_LEAST_SEC 5

static void
put_head(struct html *html, const struct request *request)
{
	bool light = (request->query.has & ARG_THEME) != 0 && !request->query.dark;

	html_put(html,
		 "<!doctype html>\n<html lang=\"en\" class=\"wall %s\">\n<head>\n"
		 "<meta charset=\"utf-8\">\n<title>Wall \xc2\xb7 ixwatch</title>\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"%s\">\n"
		 "<noscript><meta http-equiv=\"refresh\" content=\"%u\"></noscript>\n",
		 light ? "light" : "dark", light ? "light" : "dark",
		 page_refresh_sec(request, REFRESH_AT_LEAST_SEC));
	html_put(html,
		 "<link rel=\"stylesheet\" href=\"/static/style.css?v=%s\">\n"
		 "<link rel=\"stylesheet\" href=\"/static/wall.css?v=%s\">\n"
		 "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/static/icon.svg?v=%s\">\n",
		 assets_version("style.css"), assets_version("wall.css"),
		 assets_version("icon.svg"));
	html_put(html, "<script src=\"/static/wall.js?v=%s\" defer></script>\n</head>\n",
		 assets_version("wall.js"));
}

/* When it was measured, and the time of day: that of the round, until a script lets it run. */
static void
put_clock(struct html *html, const struct request *request)
{
	const struct world *world = request->world;
	char round[40], time_of_day[16];

	if (world->round_utc_sec == 0) {
		html_raw(html, "<p class=\"clock stopped\"><b id=\"clock\">--:--:--</b> "
			       "<span>no data yet</span></p>\n");
		return;
	}
	units_format_utc(round, sizeof(round), world->round_utc_sec);
	snprintf(time_of_day, sizeof(time_of_day), "%.8s", round + 11);
	html_put(html, "<p class=\"clock %s\"><b id=\"clock\">%s</b> UTC <span id=\"asof\">%s ",
		 world->stale ? "stopped" : "running", time_of_day,
		 world->stale ? "stopped: no data since" : "as of");
	html_put(html, "<time datetime=\"%s\">%s</time></span></p>\n", round, round + 11);
}

static void
put_counts(struct html *html, const struct world_sum *sum)
{
	html_raw(html, "<ul class=\"counts\" aria-label=\"Ports by state\">\n");
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];

		html_put(html, "<li class=\"%s\"><b>%u</b>",
			 sum->state_count[state] == 0 ? "zero" : "some", sum->state_count[state]);
		page_state(html, state);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ul>\n");
}

/* So many exchanges fit below so many alerts on a screen of 16 by 9. */
static size_t
tiles_beside(size_t needs_count)
{
	return needs_count == 0 ? 12 : needs_count <= 2 ? 8 : 4;
}

static void
put_main(struct html *html, const struct request *request, const struct needs *needs,
	 const char *exchange)
{
	bool light = (request->query.has & ARG_THEME) != 0 && !request->query.dark;
	struct page_tiles tiles = { .exchange = exchange,
				    .max = tiles_beside(needs->hand_count),
				    .theme = light ? "light" : "dark",
				    .needs = needs };
	const struct world_exchange *only =
	    exchange == NULL ? NULL : world_exchange_find(request->world, exchange);
	const struct world_sum *sum = only != NULL ? &only->sum : &request->world->sum;

	html_put(html,
		 "<main id=\"main\" data-round=\"%lld\" data-interval=\"%u\" data-version=\"%s\">\n"
		 "<div class=\"head\"><div>",
		 (long long)request->world->round_utc_sec, request->world->interval_sec,
		 assets_version("wall.js"));
	page_needs_headline(html, request, needs, sum);
	html_raw(html, "</div>\n");
	put_clock(html, request);
	html_raw(html, "</div>\n");
	page_needs_list(html, request, needs, NEEDS_SHOWN, true);
	put_counts(html, sum);
	page_exchange_tiles(html, request, &tiles);
	html_raw(html, "</main>\n");
}

void
page_wall(const struct request *request, struct reply *reply)
{
	const struct query *query = &request->query;
	const char *exchange = (query->has & ARG_EXCHANGE) != 0 ? query->exchange : NULL;
	struct request then = page_at_the_round(request);
	struct error err = { 0 };
	struct needs needs;
	struct html html;

	if (page_no_data(request, reply) || select_refused(request, reply))
		return;
	html_init(&html);
	put_head(&html, request);
	html_raw(&html, "<body>\n");
	page_shapes(&html);
	if (!needs_read(&needs, request, exchange, &err))
		html_put(&html, "<p class=\"problem\">The alerts cannot be read now: %s.</p>\n",
			 err.text);
	put_main(&html, &then, &needs, exchange);
	needs_free(&needs);
	html_raw(&html, "</body>\n</html>\n");
	reply_html(reply, 200, &html);
	if (reply->body != NULL)
		etag_of(reply->etag, reply->body, reply->len);
}
