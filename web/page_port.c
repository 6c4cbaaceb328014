/* page_port.c - one port: how it stands, why, its graphs, its episodes. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "page.h"
#include "refuse.h"

#define EPISODES_SHOWN 50
/* A plot, and what rrdtool adds to it with frame and legend: the page does not jump when a picture comes. */
#define FRAME_WIDTH  87
#define FRAME_HEIGHT 115

static const struct plot {
	const char *media; /* where it is shown; "" for everywhere else */
	unsigned width_px, height_px;
	const char *theme;
} plots[] = {
	{ "(max-width: 620px) and (prefers-color-scheme: dark)", 380, 170, "dark" },
	{ "(max-width: 620px)", 380, 170, "light" },
	{ "(prefers-color-scheme: dark)", 520, 170, "dark" },
	{ "", 520, 170, "light" },
};

static void
put_title(struct html *html, const struct world_port *port)
{
	const struct port *p = &port->port;

	html_put(html, "<h1>%s ", page_port_name(p));
	page_asn(html, p);
	html_raw(html, "</h1>\n<p class=\"sub\"><a href=\"/exchanges/");
	html_segment(html, p->exchange);
	html_put(html, "\">%s</a> \xc2\xb7 %s %s",
		 port->exchange == NULL ? p->exchange : port->exchange->name, p->agent,
		 p->interface);
	if (p->alias[0] != '\0' && strcmp(p->alias, page_port_name(p)) != 0)
		html_put(html, " \xc2\xb7 <q>%s</q>", p->alias);
	html_raw(html, "</p>\n");
}

static const char *
explanation(enum port_state state)
{
	switch (state) {
	case STATE_SUSTAINED: return "congested for long enough to count";
	case STATE_SPIKE: return "congested, but not yet for long enough to count";
	case STATE_HOT:
		return "not congested now; its peaks of the last days reach congestion, or come "
		       "close";
	case STATE_DOWN: return "the interface is not up";
	case STATE_CLEAR: return "not congested";
	case STATE_UNKNOWN:
	case STATE_COUNT: break;
	}
	return "its counters prove nothing now";
}

static void
put_banner(struct html *html, const struct request *request, const struct world_port *port)
{
	const struct snapshot_port *live = &port->live;
	const char *why = explanation((enum port_state)live->state);
	const struct world_connection *first;
	char age[32];

	if (port->why_unknown[0] != '\0')
		why = port->why_unknown;
	html_put(html, "<div class=\"banner %s\">", model_state_name((enum port_state)live->state));
	page_state(html, (enum port_state)live->state);
	html_put(html, "<span>%s</span>", why);
	if (live->state_since_utc_sec != 0) {
		html_raw(html, "<span>since ");
		page_instant(html, request, live->state_since_utc_sec);
		html_put(
		    html, " (%s)</span>",
		    page_age(age, sizeof(age), request->now_utc_sec - live->state_since_utc_sec));
	}
	if (port->port.vanished_utc_sec != 0) {
		html_raw(html, "<span>its agent has not listed it since ");
		page_instant(html, request, port->port.vanished_utc_sec);
		html_raw(html, "</span>");
	}
	if (request->who.role >= ROLE_OPERATOR)
		html_put(html,
			 "<a class=\"declare\" href=\"/ports/%lld/declare\">Declare a window</a>"
			 "<a class=\"declare\" href=\"/ports/%lld/silence\">Silence</a>",
			 (long long)port->port.id, (long long)port->port.id);
	if (request->who.role >= ROLE_OPERATOR && page_may_note(request))
		html_put(html, "<a class=\"declare\" href=\"/ports/%lld/notes\">Write a note</a>",
			 (long long)port->port.id);
	if (port->port.asn != 0 && world_connections_of(request->world, port->port.asn, &first) > 1)
		html_put(html, "<a class=\"declare\" href=\"/peers/%u#room\">Room elsewhere</a>",
			 port->port.asn);
	html_raw(html, "<a class=\"to-verdict\" href=\"#verdict\"><small>Verdict</small> ");
	page_verdict(html, (enum verdict)live->verdict);
	html_put(html, " <span>%s</span></a></div>\n",
		 page_verdict_means((enum verdict)live->verdict));
}

/* For an account that does not see all of it. */
static void
put_seen_from(struct html *html, const struct request *request, const struct world_port *port)
{
	if (port->seen_from_utc_sec == 0)
		return;
	if (port->seen_from_utc_sec == INT64_MAX) {
		html_raw(html, "<p class=\"problem\">Whom the port faced before cannot be said "
			       "now: nothing of "
			       "its past is shown.</p>\n");
		return;
	}
	html_raw(html, "<p class=\"muted\" id=\"seen-from\">It faced another peer until ");
	page_instant(html, request, port->seen_from_utc_sec);
	html_raw(html, "; nothing of that time is shown to this account.</p>\n");
}

/* Three digits that count, with the prefix of SI, as rates have them. */
static void
put_scaled(struct html *html, double value, const char *unit)
{
	char text[32];

	snprintf(text, sizeof(text), "%.*f", value >= 99.95 ? 0 : value >= 9.995 ? 1 : 2, value);
	html_put(html, "%s %s", text, unit);
}

static void
put_per_second(struct html *html, const char *name, double value)
{
	html_put(html, "<div class=\"fact\"><dt>%s</dt><dd>", name);
	if (isnan(value))
		html_raw(html, "unknown");
	else if (value == 0)
		html_raw(html, "0 /s");
	else if (value >= 999.5e3)
		put_scaled(html, value / 1e6, "M/s");
	else if (value >= 999.5)
		put_scaled(html, value / 1e3, "k/s");
	else
		put_scaled(html, value, "/s");
	html_raw(html, "</dd></div>");
}

/* The columns of one direction, and how it is called in full. */
static const struct side {
	const char *title;
	enum column bps, pps, discards, errors;
} sides[DIRECTION_COUNT] = {
	[DIRECTION_IN] = { "In, received on the port", COLUMN_IN_BPS, COLUMN_IN_PPS,
			   COLUMN_IN_DISCARDS, COLUMN_IN_ERRORS },
	[DIRECTION_OUT] = { "Out, sent through the port", COLUMN_OUT_BPS, COLUMN_OUT_PPS,
			    COLUMN_OUT_DISCARDS, COLUMN_OUT_ERRORS },
};

static void
put_side(struct html *html, const struct world_port *port, enum direction direction)
{
	const struct side *side = &sides[direction];
	const double *value = port->live.value;

	html_put(html, "<div class=\"card side\"><h2>%s</h2>\n", side->title);
	page_bar(html, port, direction);
	html_raw(html, "\n<dl class=\"facts\">");
	put_per_second(html, "Packets", value[side->pps]);
	put_per_second(html, "Discards", value[side->discards]);
	put_per_second(html, "Errors", value[side->errors]);
	html_raw(html, "</dl>\n");
	if (port->live.layer2[direction] && !isnan(value[side->bps]))
		html_raw(html, "<p class=\"muted\">Utilisation on layer 2: the frames could not be "
			       "counted.</p>\n");
	html_raw(html, "</div>\n");
}

static void
put_bps_fact(struct html *html, const char *name, double bps)
{
	char text[32];

	html_put(html, "<div class=\"fact\"><dt>%s</dt><dd>%s</dd></div>\n", name,
		 units_format_bps(text, sizeof(text), bps));
}

static void
put_text_fact(struct html *html, const char *name, const char *text)
{
	if (text[0] != '\0')
		html_put(html, "<div class=\"fact\"><dt>%s</dt><dd>%s</dd></div>\n", name, text);
}

static void
put_capacity_facts(struct html *html, const struct world_port *port)
{
	const struct port *p = &port->port;

	html_raw(html, "<div class=\"fact\"><dt>Capacity</dt><dd>");
	page_capacity(html, port);
	html_raw(html, "</dd></div>\n");
	put_bps_fact(html, "Physical", port->live.value[COLUMN_CAPACITY_BPS]);
	if (!isnan(p->contracted_bps))
		put_bps_fact(html, p->contract_billed ? "Contracted, billed above" : "Contracted",
			     p->contracted_bps);
}

static void
put_facts(struct html *html, const struct request *request, const struct world_port *port)
{
	const struct port *p = &port->port;
	char text[32];

	html_raw(html, "<dl class=\"facts card\">\n");
	put_capacity_facts(html, port);
	html_raw(html, "<div class=\"fact\"><dt>Sampled</dt><dd>");
	page_instant(html, request, port->live.sampled_utc_sec);
	if (port->live.sampled_utc_sec != 0)
		html_put(html, " <small>%s ago</small>",
			 page_age(text, sizeof(text),
				  request->now_utc_sec - port->live.sampled_utc_sec));
	html_raw(html, "</dd></div>\n");
	put_text_fact(html, "Kind", model_kind_name(p->kind));
	put_text_fact(html, "Circuit", p->circuit);
	put_text_fact(html, "Note", p->note);
	html_raw(html, "</dl>\n");
}

static const char *const refused[QUALITY_COUNT] = {
	[QUALITY_RESTART] = "the agent restarted",
	[QUALITY_RESET] = "a counter fell",
	[QUALITY_DISCONTINUITY] = "the agent reported a discontinuity",
	[QUALITY_WRAP] = "a 32-bit counter may have wrapped more than once",
	[QUALITY_IMPOSSIBLE] = "a rate above what the port can carry",
	[QUALITY_CLOCK] = "the clocks disagreed",
	[QUALITY_GAP] = "more than three intervals without an answer",
};

/* What the numbers rest on, and what was left out because nothing proves it. */
static void
put_quality(struct html *html, const struct world_port *port)
{
	const struct snapshot_port *live = &port->live;
	bool any = false;

	html_put(html,
		 "<p class=\"muted\" id=\"quality\">Data quality: time between reads is told by %s",
		 live->time_is_ours
		     ? "our clock, since the agent's sysUpTime is missing or does not keep time"
		     : "the agent's sysUpTime");
	if (live->refresh_ms > 0)
		html_put(
		    html,
		    "; the agent takes its counters every %.1f s, so rates are means over whole "
		    "refreshes, placed in time to within one",
		    live->refresh_ms / 1000.0);
	html_raw(html, ". Unknown, not guessed, since the collector's start: ");
	for (unsigned q = 0; q < QUALITY_COUNT; q++) {
		if (live->quality[q] == 0)
			continue;
		html_put(html, "%s%s (%u)", any ? ", " : "", refused[q], live->quality[q]);
		any = true;
	}
	html_raw(html, any ? ".</p>\n" : "nothing.</p>\n");
}

/* One choice of the picture; the last one, which is for everywhere, is the image itself. */
static void
put_plot(struct html *html, const struct world_port *port, enum query_span span,
	 const struct plot *plot)
{
	if (plot->media[0] != '\0')
		html_put(html, "<source media=\"%s\" srcset=\"", plot->media);
	else
		html_put(html,
			 "<img%s alt=\"Traffic of the last %s: in above the axis, out below it, "
			 "capacity as lines, episodes "
			 "shaded\" src=\"",
			 span == SPAN_DAY ? "" : " loading=lazy", query_span_name(span));
	html_put(html,
		 "/graphs/ports/%lld.svg?span=%s&amp;width=%u&amp;height=%u&amp;theme=%s\" "
		 "width=\"%u\" height=\"%u\">",
		 (long long)port->port.id, query_span_name(span), plot->width_px, plot->height_px,
		 plot->theme, plot->width_px + FRAME_WIDTH, plot->height_px + FRAME_HEIGHT);
}

static void
put_graph(struct html *html, const struct world_port *port, enum query_span span)
{
	const char *name = query_span_name(span);
	long long id = port->port.id;

	html_put(
	    html,
	    "<figure class=\"graph\"><figcaption>Last %s <span><a "
	    "href=\"/graphs/ports/%lld.png?span=%s\" title=\"Last %s\">PNG</a> "
	    "<a href=\"/graphs/ports/%lld.svg?span=%s\" title=\"Last %s\">SVG</a> "
	    "<a href=\"/api/v1/ports/%lld/series.csv?span=%s\" title=\"Last %s\">CSV</a></span>"
	    "</figcaption>\n<picture>",
	    name, id, name, name, id, name, name, id, name, name);
	for (size_t i = 0; i < sizeof(plots) / sizeof(plots[0]); i++)
		put_plot(html, port, span, &plots[i]);
	html_raw(html, "</picture></figure>\n");
}

static void
put_graphs(struct html *html, const struct world_port *port)
{
	html_raw(html, "<section aria-labelledby=\"graphs\"><h2 id=\"graphs\">Traffic</h2>\n<div "
		       "class=\"graphs\">\n");
	for (unsigned span = 0; span < SPAN_COUNT; span++)
		put_graph(html, port, (enum query_span)span);
	html_raw(html, "</div></section>\n");
}

static void
put_episodes(struct html *html, const struct request *request, const struct world_port *port)
{
	struct ledger_episode_query query = { .subject = subject_port(port->port.id),
					      .any_kind = true,
					      .limit = EPISODES_SHOWN };

	html_raw(html, "<section aria-labelledby=\"episodes\"><h2 id=\"episodes\">Episodes of "
		       "congestion</h2>\n");
	if (page_episode_table(html, request, &query, false) != 0)
		html_put(html,
			 "<p><a href=\"/episodes?port=%lld\">All episodes of this port</a></p>\n",
			 (long long)port->port.id);
	html_raw(html, "</section>\n");
}

static void
put_links(struct html *html, const struct request *request, const struct world_port *port)
{
	long long id = port->port.id;

	html_put(html,
		 "<p class=\"muted\">As JSON: <a href=\"/api/v1/ports/%lld\">this port</a>, "
		 "<a href=\"/api/v1/ports/%lld/days\">its traffic days</a>, "
		 "<a href=\"/api/v1/ports/%lld/series\">its last day's samples</a>, "
		 "<a href=\"/api/v1/episodes?port=%lld\">its episodes</a>",
		 id, id, id, id);
	if (page_may_note(request))
		html_put(html, ", <a href=\"/api/v1/ports/%lld/notes\">its notes</a>", id);
	html_raw(html, ". How it is judged: <a href=\"/method\">the method</a>.</p>\n");
}

void
page_port(const struct request *request, struct reply *reply)
{
	const struct world_port *port;
	char title[PAGE_TITLE_MAX];
	struct html html;

	if (refuse_without_ledger(request, reply))
		return;
	port = world_port_find(request->world, request->params.id);
	if (port == NULL && world_move_find(request->world, request->params.id) != NULL) {
		page_moved_port(request, world_move_find(request->world, request->params.id),
				reply);
		return;
	}
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %lld",
		       (long long)request->params.id);
		return;
	}
	page_begin(&html, request, page_port_title(title, sizeof(title), "", &port->port),
		   PLACE_PORT, page_refresh_sec(request, 15));
	put_title(&html, port);
	put_banner(&html, request, port);
	page_way(&html, request, &port->way);
	put_seen_from(&html, request, port);
	html_raw(&html, "<div class=\"sides\">\n");
	put_side(&html, port, DIRECTION_IN);
	put_side(&html, port, DIRECTION_OUT);
	html_raw(&html, "</div>\n");
	page_open_alerts(&html, request, NULL, port->port.id);
	page_notes_section(&html, request);
	put_facts(&html, request, port);
	put_quality(&html, port);
	page_judgement(&html, request, port);
	page_advice(&html, request, port);
	page_chart(&html, request, port);
	put_graphs(&html, port);
	page_capacity_section(&html, request, port);
	put_episodes(&html, request, port);
	put_links(&html, request, port);
	page_end(&html, request, reply, 200);
}
