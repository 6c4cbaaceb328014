/* page_tiles.c - the exchanges, each as a tile: its worst state, its ports by state, what it carries, works in force. */
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#include "page_overview.h"
#include "sees.h"
#include "spark.h"

struct works {
	char *slug; /* of the exchange; owned */
	char *text; /* markup; owned */
};

struct tiles {
	struct html *html;
	const struct request *request;
	const struct page_tiles *what;
	struct works *works;
	size_t works_count, works_size;
	bool works_failed; /* they could not be read, all or some */
};

/* --- works: declared windows in force --- */

static bool
grow(struct tiles *tiles)
{
	size_t size = tiles->works_size == 0 ? 16 : tiles->works_size * 2;
	struct works *grown;

	if (tiles->works_count < tiles->works_size)
		return true;
	grown = realloc(tiles->works, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	tiles->works = grown;
	tiles->works_size = size;
	return true;
}

static bool
add_works(struct tiles *tiles, const char *slug, struct html *text)
{
	struct works *works;
	size_t len;

	if (!grow(tiles)) {
		html_free(text);
		tiles->works_failed = true;
		return false;
	}
	works = &tiles->works[tiles->works_count++];
	works->slug = strdup(slug);
	works->text = html_take(text, &len);
	if (works->slug != NULL && works->text != NULL)
		return true;
	free(works->slug);
	free(works->text);
	tiles->works_count--;
	tiles->works_failed = true;
	return false;
}

/* Whom it concerns, within the tile of one exchange. */
static void
put_scope(struct html *html, const struct ledger_window *window)
{
	switch (window->scope) {
	case WINDOW_PORT: html_put(html, "%s %s", window->agent, window->interface); break;
	case WINDOW_PEER: html_put(html, "AS%u", window->asn); break;
	case WINDOW_AGENT: html_put(html, "agent %s", window->agent); break;
	default: html_raw(html, "the whole exchange"); break;
	}
}

/* Why is said to who sees all that it concerns: of an exchange's works, one of its peers hears that there are some. */
static bool
may_read(const struct request *request, const struct ledger_window *window)
{
	const struct account_scopes *scopes = &request->who.scopes;

	return scopes->count == 0 || window->scope == WINDOW_PORT ||
	       (window->scope == WINDOW_PEER
		    ? account_scopes_hold(scopes, "", window->asn)
		    : account_scopes_hold_exchange(scopes, window->exchange));
}

static bool
add_window(struct tiles *tiles, const struct ledger_window *window, const char *slug)
{
	struct html html;

	html_init(&html);
	html_put(&html, "<b>%s</b> ", window->cause);
	put_scope(&html, window);
	if (may_read(tiles->request, window))
		html_put(&html, ": %s", window->reason);
	html_raw(&html, ", until ");
	page_instant(&html, tiles->request, window->until_utc_sec);
	return add_works(tiles, slug, &html);
}

/* A port of the account's world is on that agent. */
static bool
has_agent(const struct world *world, const struct ledger_window *window)
{
	for (size_t i = 0; i < world->port_count; i++)
		if (strcmp(world->ports[i].port.exchange, window->exchange) == 0 &&
		    strcmp(world->ports[i].port.agent, window->agent) == 0)
			return true;
	return false;
}

/* A peer's is shown wherever it has a port. */
static bool
add_peer_window(struct tiles *tiles, const struct ledger_window *window)
{
	const struct world_connection *first;
	size_t count = world_connections_of(tiles->request->world, window->asn, &first);

	for (size_t i = 0; i < count; i++)
		if (!add_window(tiles, window, first[i].whole.port.exchange))
			return false;
	return true;
}

static bool
on_window(const struct ledger_window *window, void *user)
{
	struct tiles *tiles = user;
	const struct request *request = tiles->request;

	switch (window->scope) {
	case WINDOW_PEER: return add_peer_window(tiles, window);
	case WINDOW_PORT:
		if (!sees_port_at(request, window->port_id, window->start_utc_sec))
			return true;
		break;
	case WINDOW_AGENT:
		if (!has_agent(request->world, window))
			return true;
		break;
	default:
		if (world_exchange_find(request->world, window->exchange) == NULL)
			return true;
	}
	return add_window(tiles, window, window->exchange);
}

static void
read_works(struct tiles *tiles)
{
	int64_t now_utc_sec = tiles->request->now_utc_sec;
	struct ledger_window_query query = { .from_utc_sec = now_utc_sec,
					     .to_utc_sec = now_utc_sec + 1 };
	struct error err;

	if (tiles->request->ledger == NULL ||
	    !ledger_window_each(tiles->request->ledger, &query, on_window, tiles, &err))
		tiles->works_failed = true;
}

static void
put_works(const struct tiles *tiles, const char *slug)
{
	for (size_t i = 0; i < tiles->works_count; i++) {
		if (strcmp(tiles->works[i].slug, slug) != 0)
			continue;
		html_raw(tiles->html, "<span class=\"line works\">");
		html_raw(tiles->html, tiles->works[i].text);
		html_raw(tiles->html, "</span>");
	}
}

/* --- one tile --- */

static void
put_rate(struct html *html, const struct world_sum *sum, enum direction direction)
{
	char text[32];

	units_format_bps(text, sizeof(text), sum->bps[direction]);
	html_put(html, "<span class=\"rate %s\"><small>%s</small> %s</span>",
		 model_direction_name(direction), model_direction_name(direction), text);
}

static void
put_source(const struct tiles *tiles, const char *slug, const char *theme)
{
	html_raw(tiles->html, "/graphs/exchanges/");
	html_segment(tiles->html, slug);
	html_put(tiles->html, "/day.svg?theme=%s&amp;v=%lld\"", theme,
		 (long long)(spark_end_utc_sec(tiles->request->world)));
}

/* The last day's curve; kept in a place of its size, so that nothing jumps. */
static void
put_curve(const struct tiles *tiles, const struct world_exchange *exchange)
{
	const char *theme = tiles->what->theme;

	html_raw(tiles->html, "<picture class=\"curve\">");
	if (theme == NULL) {
		html_raw(tiles->html, "<source media=\"(prefers-color-scheme: dark)\" srcset=\"");
		put_source(tiles, exchange->slug, "dark");
		html_raw(tiles->html, ">");
	}
	html_raw(tiles->html, "<img src=\"");
	put_source(tiles, exchange->slug, theme == NULL ? "light" : theme);
	html_put(tiles->html,
		 " width=\"%d\" height=\"%d\" loading=\"lazy\" alt=\"Traffic of the last 24 "
		 "hours, in and out\"></picture>",
		 SPARK_WIDTH_PX, SPARK_HEIGHT_PX);
}

static void
put_counts(struct html *html, const struct world_sum *sum)
{
	html_raw(html, "<span class=\"line\">");
	page_count(html, sum->port_count, "port", "ports");
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];

		if (sum->state_count[state] > 0 &&
		    (state != STATE_CLEAR || sum->worst != STATE_CLEAR))
			html_put(html, ", %u %s", sum->state_count[state], model_state_name(state));
	}
	html_raw(html, "</span>");
}

static void
put_tile(const struct tiles *tiles, const struct world_exchange *exchange, bool calls)
{
	struct html *html = tiles->html;
	const struct world_sum *sum = &exchange->sum;

	html_put(html, "<li class=\"tile %s%s\"><a href=\"/exchanges/",
		 model_state_name(sum->worst), calls ? " calls" : "");
	html_segment(html, exchange->slug);
	html_put(html, "\"><span class=\"name\">%s</span>", exchange->name);
	page_state(html, sum->worst);
	put_counts(html, sum);
	html_raw(html, "<span class=\"line rates\">");
	put_rate(html, sum, DIRECTION_IN);
	put_rate(html, sum, DIRECTION_OUT);
	html_raw(html, "</span>");
	put_curve(tiles, exchange);
	put_works(tiles, exchange->slug);
	html_raw(html, "</a></li>\n");
}

static bool
is_wanted(const struct tiles *tiles, const struct world_exchange *exchange)
{
	return tiles->what->exchange == NULL || strcmp(tiles->what->exchange, exchange->slug) == 0;
}

/* What needs a hand comes first, then the worst; how many did not fit. */
static size_t
put_tiles(const struct tiles *tiles)
{
	const struct world *world = tiles->request->world;
	bool *called = calloc(world->exchange_count, sizeof(*called));
	size_t shown = 0, left_out = 0;

	for (size_t i = 0; called != NULL && i < world->exchange_count; i++)
		called[i] = needs_at(tiles->what->needs, world->exchanges[i].slug);
	for (unsigned s = 0; s < 2 * STATE_COUNT; s++) {
		bool calls = s < STATE_COUNT;

		for (size_t i = 0; i < world->exchange_count; i++) {
			const struct world_exchange *exchange = &world->exchanges[i];

			if (exchange->sum.worst != world_by_severity[s % STATE_COUNT] ||
			    (called != NULL && called[i]) != calls || !is_wanted(tiles, exchange))
				continue;
			if (shown < tiles->what->max) {
				put_tile(tiles, exchange, calls);
				shown++;
			} else {
				left_out++;
			}
		}
	}
	free(called);
	return left_out;
}

void
page_exchange_tiles(struct html *html, const struct request *request, const struct page_tiles *what)
{
	struct tiles tiles = { .html = html, .request = request, .what = what };
	size_t left_out;

	if (request->world->exchange_count == 0)
		return;
	read_works(&tiles);
	html_raw(html, "<section aria-labelledby=\"exchanges\"><h2 "
		       "id=\"exchanges\">Exchanges</h2>\n<ul class=\"tiles\">\n");
	left_out = put_tiles(&tiles);
	html_raw(html, "</ul>\n");
	if (left_out > 0)
		html_put(html, "<p class=\"muted\">And %zu more, none of them worse.</p>\n",
			 left_out);
	if (tiles.works_failed)
		html_raw(html, "<p class=\"problem\">Declared windows cannot be read now.</p>\n");
	html_raw(html, "</section>\n");
	for (size_t i = 0; i < tiles.works_count; i++) {
		free(tiles.works[i].slug);
		free(tiles.works[i].text);
	}
	free(tiles.works);
}
