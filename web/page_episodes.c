/* page_episodes.c - episodes of congestion, newest first, in the exchange's local time and UTC. */
#include <stdio.h>

#include "ixwatch/units.h"

#include "episodes.h"
#include "page_overview.h"
#include "select.h"

#define PAGE_EPISODES 100

struct listing {
	struct html *html;
	const struct request *request;
	bool show_port;
	unsigned shown;
};

static void
put_columns(struct html *html, bool show_port)
{
	html_raw(html, "<table class=\"episodes\" aria-label=\"Episodes of "
		       "congestion\">\n<thead><tr><th scope=\"col\">Kind</th>");
	html_raw(html, show_port ? "<th scope=\"col\">Peer</th><th scope=\"col\">Port</th>" : "");
	html_raw(
	    html,
	    "<th scope=\"col\">Direction</th><th scope=\"col\">Start</th><th scope=\"col\">End</th>"
	    "<th scope=\"col\" class=\"num\">Minutes</th><th scope=\"col\" class=\"num\">Peak</th>"
	    "<th scope=\"col\" class=\"num\">Mean</th></tr></thead>\n<tbody>\n");
}

/* Local time of the exchange, and UTC small beside it. */
static void
put_both_times(struct html *html, const struct zone *zone, int64_t utc_sec)
{
	char local[64], utc[40];

	units_format_utc(utc, sizeof(utc), utc_sec);
	html_put(html, "<time datetime=\"%s\">", utc);
	utc[10] = ' ';
	if (zone != NULL)
		html_put(html, "%s <small>%s</small></time>",
			 zone_format(zone, local, sizeof(local), utc_sec), utc);
	else
		html_put(html, "%s</time>", utc);
}

static void
put_port_cells(struct html *html, const struct world_port *port, int64_t port_id)
{
	if (port == NULL) {
		html_put(html,
			 "<th scope=\"row\">port %lld</th><td class=\"at\" data-label=\"Port\">not "
			 "listed any "
			 "more</td>",
			 (long long)port_id);
		return;
	}
	html_raw(html, "<th scope=\"row\">");
	page_port_link(html, port);
	html_raw(html, " ");
	page_asn(html, &port->port);
	html_put(html, "</th><td class=\"at\" data-label=\"Port\">%s <small>%s %s</small></td>",
		 port->exchange == NULL ? port->port.exchange : port->exchange->name,
		 port->port.agent, port->port.interface);
}

/* Why it does not count, in the word of the API; a spike says so itself. */
static void
put_excuse(struct html *html, const struct ledger_episode *episode)
{
	if (episode->excuse == NULL)
		return;
	html_put(html, "<small class=\"excuse\">excused%s%s</small>",
		 episode->kind == EPISODE_SPIKE ? "" : ": ",
		 episode->kind == EPISODE_SPIKE ? "" : episode->excuse);
}

static void
put_kind(struct html *html, const struct ledger_episode *episode)
{
	page_state(html, episode->kind == EPISODE_SUSTAINED ? STATE_SUSTAINED : STATE_SPIKE);
	if (episode->open)
		html_raw(html, " <strong class=\"open\">open</strong>");
	put_excuse(html, episode);
}

static void
put_numbers(struct html *html, const struct ledger_episode *episode)
{
	char peak[32], mean[32];

	units_format_share(peak, sizeof(peak), episode->peak_utilisation);
	units_format_share(mean, sizeof(mean), episode->mean_utilisation);
	html_put(html,
		 "<td class=\"num\" data-label=\"Minutes\">%lld</td><td class=\"num\" "
		 "data-label=\"Peak\">%s</td>"
		 "<td class=\"num\" data-label=\"Mean\">%s</td></tr>\n",
		 (long long)((episode->end_utc_sec - episode->start_utc_sec) / 60), peak, mean);
}

static bool
on_episode(const struct ledger_episode *episode, void *user)
{
	struct listing *list = user;
	const struct world_port *port = world_port_find(list->request->world, episode->subject.id);
	const struct zone *zone =
	    port == NULL || port->exchange == NULL ? NULL : port->exchange->zone;
	struct html *html = list->html;

	if (port != NULL && episode->profile != port->settings.profile)
		return false; /* what a report judges by is not what this page does */
	if (list->shown++ == 0)
		put_columns(html, list->show_port);
	html_put(html, "<tr class=\"%s\"><td class=\"st\">", episode->open ? "open" : "ended");
	put_kind(html, episode);
	html_raw(html, "</td>");
	if (list->show_port)
		put_port_cells(html, port, episode->subject.id);
	html_put(html, "<td data-label=\"Direction\">%s</td><td data-label=\"Start\">",
		 model_direction_name(episode->direction));
	put_both_times(html, zone, episode->start_utc_sec);
	html_raw(html, "</td><td data-label=\"End\">");
	put_both_times(html, zone, episode->end_utc_sec);
	html_raw(html, episode->open ? " <small>so far</small></td>" : "</td>");
	put_numbers(html, episode);
	return true;
}

int64_t
page_episode_table(struct html *html, const struct request *request,
		   const struct ledger_episode_query *query, bool show_port)
{
	struct listing list = { .html = html, .request = request, .show_port = show_port };
	struct error err;
	int64_t next_id = 0;

	if (request->ledger == NULL ||
	    !episodes_each(request, query, on_episode, &list, &next_id, &err)) {
		html_raw(html, list.shown > 0 ? "</tbody>\n</table>\n" : "");
		html_put(html, "<p class=\"problem\">The episodes cannot be read now%s%s.</p>\n",
			 request->ledger == NULL ? "" : ": ",
			 request->ledger == NULL ? "" : err.text);
		return 0;
	}
	html_raw(html, list.shown > 0 ? "</tbody>\n</table>\n" : "<p class=\"muted\">None.</p>\n");
	return next_id;
}

/* The same list, from there on. */
static void
put_older(struct html *html, const struct request *request, int64_t next_id)
{
	html_put(
	    html,
	    "<nav class=\"pager\" aria-label=\"Pages of the list\"><a href=\"/episodes?cursor=%lld",
	    (long long)next_id);
	page_episode_address(html, &request->query);
	html_raw(html, "\">older ones</a></nav>\n");
}

void
page_episodes(const struct request *request, struct reply *reply)
{
	const struct query *q = &request->query;
	struct ledger_episode_query query = {
		.subject = subject_port(q->port_id),
		.exchange = (q->has & ARG_EXCHANGE) != 0 ? q->exchange : NULL,
		.asn = (q->has & ARG_ASN) != 0 ? q->asn : 0,
		.from_utc_sec = page_episode_from_utc_sec(q),
		.to_utc_sec = page_episode_to_utc_sec(q),
		.any_kind = (q->has & ARG_EPISODE_KIND) == 0,
		.kind = q->episode_kind,
		.open_only = q->open,
		.before_id = q->cursor,
		.limit = PAGE_EPISODES,
	};
	struct html html;
	int64_t next_id;

	if (page_no_data(request, reply) || select_refused(request, reply) ||
	    episodes_cursor_refused(request, reply))
		return;
	page_begin(&html, request, "Episodes", PLACE_EPISODES,
		   q->cursor == 0 ? page_refresh_sec(request, 15) : 0);
	html_raw(&html,
		 "<h1>Episodes of congestion</h1>\n<p class=\"sub\">Newest first, in the "
		 "exchange\xe2\x80\x99s local "
		 "time with UTC beside it. A short run of congestion is a spike, and excused: "
		 "<a href=\"/method\">how it is judged</a>.");
	if ((q->has & ~(unsigned)ARG_CURSOR) != 0)
		html_raw(&html, " <a class=\"more\" href=\"/episodes\">show all</a>");
	html_raw(&html, "</p>\n");
	page_episode_form(&html, request);
	next_id = page_episode_table(&html, request, &query, true);
	if (next_id != 0)
		put_older(&html, request, next_id);
	page_end(&html, request, reply, 200);
}
