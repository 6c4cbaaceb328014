/* page_peer.c - one peer: its connections, each all of its ports at one exchange, and its ports. */
#include "page_overview.h"
#include "refuse.h"
#include "ixwatch/units.h"

/* The name its ports give the peer; "" when none does. */
static const char *
peer_name(const struct world *world, uint32_t asn, struct world_sum *sum)
{
	const char *name = "";

	world_sum_init(sum);
	for (size_t i = 0; i < world->port_count; i++) {
		const struct world_port *port = &world->ports[i];

		if (port->port.asn != asn)
			continue;
		world_sum_add(sum, port);
		if (name[0] == '\0')
			name = port->port.peer;
	}
	return name;
}

/* --- connections --- */

static void
put_now(struct html *html, const struct world_connection *c)
{
	char capacity[32];

	units_format_bps(capacity, sizeof(capacity), c->whole.live.capacity_bps);
	html_put(html,
		 "<dl class=\"facts\">\n<div class=\"fact\"><dt>Capacity together</dt><dd>%s</dd>"
		 "</div>\n<div class=\"fact\"><dt>In</dt><dd>",
		 capacity);
	page_bar(html, &c->whole, DIRECTION_IN);
	html_raw(html, "</dd></div>\n<div class=\"fact\"><dt>Out</dt><dd>");
	page_bar(html, &c->whole, DIRECTION_OUT);
	html_raw(html, "</dd></div>\n</dl>\n");
}

/* A full port beside a free one is no lack of capacity. */
static void
put_uneven(struct html *html, const struct world_connection *c)
{
	const char *between = "";

	if (!world_connection_is_uneven(c))
		return;
	html_raw(html, "<p class=\"note\"><strong>Uneven load:</strong> ");
	for (size_t i = 0; i < c->port_count; i++) {
		const struct world_port *port = c->ports[i];

		if (port->live.verdict > VERDICT_RECURRING)
			continue;
		html_put(html, "%s<a href=\"/ports/%lld\">%s %s</a> is %s", between,
			 (long long)port->port.id, port->port.agent, port->port.interface,
			 model_verdict_name((enum verdict)port->live.verdict));
		between = ", ";
	}
	html_raw(html, ", all ports together are not: there is capacity, but the traffic does not "
		       "use it.</p>\n");
}

static void
put_connection(struct html *html, const struct request *request, const struct world_connection *c)
{
	html_put(html, "<h3><a href=\"/exchanges/%s\">%s</a> <small>", c->whole.exchange->slug,
		 c->whole.exchange->name);
	page_count(html, (unsigned)c->port_count, "port", "ports");
	html_raw(html, "</small></h3>\n");
	put_now(html, c);
	put_uneven(html, c);
	page_judgement_sides(html, request, &c->whole);
	if (world_connection_is_known(c))
		page_advice_sides(html, request, &c->whole);
}

static void
put_connections(struct html *html, const struct request *request)
{
	const struct world_connection *first;
	size_t count = world_connections_of(request->world, request->params.asn, &first);

	if (count == 0)
		return;
	page_room(html, request, first, count);
	html_raw(html,
		 "<section aria-labelledby=\"connections\"><h2 id=\"connections\">"
		 "Connections <small>all ports at one exchange, summed; this is what a "
		 "report speaks of (<a href=\"/method\">how it is judged</a>)</small></h2>\n");
	for (size_t i = 0; i < count; i++)
		put_connection(html, request, &first[i]);
	html_raw(html, "</section>\n");
}

void
page_peer(const struct request *request, struct reply *reply)
{
	struct query query = { .has = ARG_ASN, .asn = request->params.asn };
	struct world_sum sum;
	struct html html;

	if (refuse_without_ledger(request, reply))
		return;
	const char *name = peer_name(request->world, request->params.asn, &sum);
	if (sum.port_count == 0) {
		refuse(request, reply, 404, "not_found", "no port faces AS%u", request->params.asn);
		return;
	}
	page_begin(&html, request, name[0] == '\0' ? "Peer" : name, PLACE_NONE,
		   page_refresh_sec(request, 5));
	html_put(&html, "<h1>%s%sAS%u</h1>\n", name, name[0] == '\0' ? "" : " ",
		 request->params.asn);
	page_sums(&html, &sum);
	put_connections(&html, request);
	page_peer_letters(&html, request, request->params.asn);
	bool whole = page_ports_worst(&html, request, &query, NULL);
	page_recent_episodes(&html, request, &query);
	if (whole)
		page_end(&html, request, reply, 200);
	html_free(&html);
}
