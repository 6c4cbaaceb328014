/* page_chart.c - the place of the interactive chart on a port's page.  It is hidden until static/chart.js, which fills it,
 * has come: without a script the pictures below are all there is.  A fixed stretch of time in the page's address is shown
 * as a picture, too. */
#include "page.h"

/* What the script has to know is in attributes: no script stands in the page. */
static void
put_begin(struct html *html, const struct request *request, const struct world_port *port)
{
	html_put(html,
		 "<section id=\"chart\" aria-labelledby=\"chart-title\" hidden data-port=\"%lld\" "
		 "data-zone=\"%s\" data-profile=\"%s\" data-interval=\"%u\" data-refresh=\"%u\">\n",
		 (long long)port->port.id,
		 port->exchange == NULL ? "UTC" : port->exchange->timezone,
		 profile_name(port->settings.profile), request->world->interval_sec,
		 page_refresh_sec(request, 15));
	html_raw(html, "<h2 id=\"chart-title\">Chart</h2>\n<div class=\"card\">\n");
}

static void
put_buttons(struct html *html)
{
	html_raw(html, "<div class=\"chart-bar\"><span role=\"group\" aria-label=\"Time shown\">");
	for (unsigned span = 0; span < SPAN_COUNT; span++)
		html_put(html,
			 "<button type=\"button\" data-span=\"%s\" "
			 "aria-pressed=\"false\">%s</button>",
			 query_span_name((enum query_span)span),
			 query_span_name((enum query_span)span));
	html_raw(html,
		 "</span>\n<span role=\"group\" aria-label=\"Move\">"
		 "<button type=\"button\" data-act=\"earlier\" aria-label=\"Earlier\">\xe2\x97\x82"
		 "</button><button type=\"button\" data-act=\"wider\" aria-label=\"Zoom out\">"
		 "\xe2\x88\x92</button><button type=\"button\" data-act=\"closer\" "
		 "aria-label=\"Zoom in\">+</button><button type=\"button\" data-act=\"later\" "
		 "aria-label=\"Later\">\xe2\x96\xb8</button></span>\n"
		 "<button type=\"button\" data-act=\"zone\" id=\"chart-zone\">Times in "
		 "UTC</button>\n");
}

static void
put_links(struct html *html, int64_t id)
{
	html_put(html,
		 "<span class=\"chart-take\">What is seen as <a id=\"chart-png\" "
		 "href=\"/graphs/ports/%lld.png\" title=\"What the chart shows\">PNG</a> <a "
		 "id=\"chart-svg\" "
		 "href=\"/graphs/ports/%lld.svg\" title=\"What the chart shows\">SVG</a> <a "
		 "id=\"chart-csv\" "
		 "href=\"/api/v1/ports/%lld/series.csv\" title=\"What the chart "
		 "shows\">CSV</a></span></div>\n",
		 (long long)id, (long long)id, (long long)id);
}

static void
put_places(struct html *html)
{
	html_raw(
	    html,
	    "<div id=\"chart-plot\" tabindex=\"0\" role=\"application\" "
	    "aria-roledescription=\"chart\" aria-label=\"Traffic: out above the axis, in below "
	    "it\" "
	    "aria-describedby=\"chart-keys\" aria-details=\"chart-figures\"></div>\n"
	    "<div id=\"chart-bands\" role=\"group\" aria-label=\"Episodes and declared "
	    "windows\"></div>\n"
	    "<p class=\"chart-what\">Discards and errors per second</p>\n"
	    "<div id=\"chart-lost\"></div>\n"
	    "<p id=\"chart-said\" role=\"status\"></p>\n<p id=\"chart-note\" "
	    "role=\"status\"></p>\n"
	    "<ul class=\"chart-key\"><li class=\"out\">out</li><li class=\"in\">in</li>"
	    "<li class=\"capacity\">capacity</li><li class=\"contract\">contract</li>"
	    "<li class=\"sustained\">sustained</li><li class=\"spike\">spike</li>"
	    "<li class=\"flash\">flash</li><li class=\"declared\">declared</li>"
	    "<li class=\"unknown\">unknown</li></ul>\n"
	    "<p class=\"muted\" id=\"chart-keys\">Thin lines are the greatest within each mean. "
	    "Drag to zoom, with Shift to move; Ctrl and wheel zoom, a double click zooms out. "
	    "One finger moves it, two zoom. "
	    "Keys: arrows move, + and \xe2\x88\x92 zoom, End goes to now, Shift and arrows read "
	    "values.</p>\n"
	    "<details id=\"chart-figures\"><summary>These figures as a table</summary>"
	    "<div id=\"chart-table\" role=\"region\" tabindex=\"0\" "
	    "aria-label=\"Figures of the chart\"></div></details>\n</div></section>\n");
}

/* Between the two ends of the address; the script's chart shows the same, and more. */
static void
put_picture(struct html *html, const struct request *request, int64_t id)
{
	const struct query *q = &request->query;

	if ((q->has & ARG_RANGE) != ARG_RANGE)
		return;
	html_put(html,
		 "<noscript><figure class=\"graph\"><figcaption>As asked for</figcaption><img "
		 "alt=\"Traffic of the time in this page's address\" "
		 "src=\"/graphs/ports/%lld.svg?from=%lld&amp;to=%lld\" width=\"807\" "
		 "height=\"315\"></figure></noscript>\n",
		 (long long)id, (long long)q->from_utc_sec, (long long)q->to_utc_sec);
}

void
page_chart(struct html *html, const struct request *request, const struct world_port *port)
{
	put_begin(html, request, port);
	put_buttons(html);
	put_links(html, port->port.id);
	put_places(html);
	put_picture(html, request, port->port.id);
}
