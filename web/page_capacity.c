/* page_capacity.c - what a port can carry: the members of a LAG, what the sources disagree about, and since when. */
#include <math.h>

#include "ixwatch/capacity.h"
#include "ixwatch/units.h"

#include "page.h"
#include "world_past.h"

#define HISTORY_SHOWN 8

struct shown {
	struct html *html;
	const struct request *request;
	const struct world_port *port;
	unsigned count;
};

/* A table begins with its first row. */
static void
table_begin(struct shown *shown, const char *class, const char *name, const char *head)
{
	if (shown->count++ > 0)
		return;
	html_put(shown->html, "<table class=\"%s\" aria-label=\"%s\"><thead><tr>", class, name);
	html_raw(shown->html, head);
	html_raw(shown->html, "</tr></thead><tbody>\n");
}

static void
table_end(struct shown *shown)
{
	if (shown->count > 0)
		html_raw(shown->html, "</tbody></table>\n");
}

static bool
on_member(const struct ledger_lag_member *member, void *user)
{
	struct shown *shown = user;
	char speed[32];

	table_begin(shown, "members", "Members of the LAG",
		    "<th scope=\"col\">Member</th><th scope=\"col\">State</th><th "
		    "scope=\"col\">Speed</th><th scope=\"col\">Since</th>");
	html_put(shown->html, "<tr><th scope=\"row\">%s</th><td>%s</td><td>%s</td><td>",
		 member->interface, model_member_state_name(member->state),
		 units_format_bps(speed, sizeof(speed), member->speed_bps));
	page_instant(shown->html, shown->request,
		     world_past_since(shown->port, member->from_utc_sec));
	html_raw(shown->html, "</td></tr>\n");
	return true;
}

static bool
on_capacity(const struct ledger_capacity *capacity, void *user)
{
	struct shown *shown = user;
	struct ledger_capacity seen;
	bool more = world_past_capacity(&seen, shown->port, capacity, shown->count == 0);
	char physical[32], contracted[32] = "none";

	table_begin(shown, "capacities", "Capacity over time",
		    "<th scope=\"col\">From</th><th scope=\"col\">Physical</th><th "
		    "scope=\"col\">Contracted</th><th scope=\"col\">Source</th>");
	if (!isnan(seen.contracted_bps))
		units_format_bps(contracted, sizeof(contracted), seen.contracted_bps);
	html_raw(shown->html, "<tr><th scope=\"row\">");
	page_instant(shown->html, shown->request, seen.from_utc_sec);
	html_put(shown->html, "</th><td>%s</td><td>%s</td><td>%s</td></tr>\n",
		 units_format_bps(physical, sizeof(physical), seen.physical_bps), contracted,
		 model_capacity_source_name(seen.source));
	return more;
}

static void
put_disagreements(struct html *html, const struct world_port *port)
{
	struct capacity_sources sources =
	    capacity_sources_of(&port->port, &port->live, port->setting_bps);
	struct capacity_disagreement found[CAPACITY_DISAGREEMENTS_MAX];
	size_t count = capacity_disagreements(&sources, found);

	if (count == 0)
		return;
	html_raw(html,
		 "<p>The sources of its capacity disagree:</p>\n<ul class=\"disagreements\">\n");
	for (size_t i = 0; i < count; i++) {
		html_raw(html, "<li>");
		page_sentence(html, found[i].text);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ul>\n");
}

/* What the loss of the member that hurts most would leave. */
static void
put_spare(struct html *html, const struct world_port *port)
{
	double lag_bps = snapshot_lag_bps(&port->live),
	       left_bps = lag_bps - snapshot_largest_member_bps(&port->live);
	char sum[32], left[32];

	if (isnan(left_bps))
		return;
	html_put(html, "<p class=\"muted\">Its live members add up to %s; ",
		 units_format_bps(sum, sizeof(sum), lag_bps));
	if (left_bps > 0)
		html_put(html, "without the fastest of them %s are left.</p>\n",
			 units_format_bps(left, sizeof(left), left_bps));
	else
		html_raw(html, "without the only one nothing is left.</p>\n");
}

void
page_capacity_section(struct html *html, const struct request *request,
		      const struct world_port *port)
{
	struct shown members = { html, request, port, 0 }, history = { html, request, port, 0 };
	struct error err;

	html_raw(html, "<section aria-labelledby=\"capacity\"><h2 id=\"capacity\">Capacity</h2>\n");
	put_disagreements(html, port);
	if (!ledger_lag_members_each(request->ledger, port->port.id, on_member, &members, &err))
		html_put(html, "<p>%s</p>\n", err.text);
	table_end(&members);
	if (members.count > 0)
		put_spare(html, port);
	if (!ledger_capacity_newest(request->ledger, port->port.id, HISTORY_SHOWN, on_capacity,
				    &history, &err))
		html_put(html, "<p>%s</p>\n", err.text);
	else if (members.count + history.count == 0)
		html_raw(html, "<p class=\"muted\">None was ever measured or set.</p>\n");
	table_end(&history);
	html_raw(html, "</section>\n");
}
