/* page_room.c - where a peer has room: its connections in a table, the roomiest first.
 *
 * Who looks for another way for traffic of a full port asks one question of every exchange: how much more goes through
 * before its busy hours reach the share below which a size is said to hold (ADVICE_ROOM).  The busy hours are the 95th
 * percentile of the advice, so one look at night does not mistake the hour for room.  Unknown is no room, and never 0. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/units.h"

#include "page.h"

struct room {
	const struct world_connection *connection;
	struct {
		double p95_share, free_bps; /* NAN: unknown */
	} sides[DIRECTION_COUNT];
	double
	    least_bps; /* of both directions, since traffic that moves goes both ways; NAN: of one it is unknown */
};

static void
read_room(struct room *room, const struct request *request, const struct world_connection *c)
{
	*room = (struct room) { .connection = c, .least_bps = INFINITY };
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		struct ledger_advice row = { 0 };
		double share = NAN, bps = NAN;
		struct error err;

		if (world_connection_is_known(c) &&
		    page_advice_read(&row, request->ledger, &c->whole, (enum direction)d, &err)) {
			share = row.advice.p95_utilisation;
			bps = (ADVICE_ROOM - share) * c->whole.live.capacity_bps;
		}
		room->sides[d].p95_share = share;
		room->sides[d].free_bps = bps < 0 ? 0 : bps;
		if (isnan(bps) ||
		    (!isnan(room->least_bps) && room->sides[d].free_bps < room->least_bps))
			room->least_bps = room->sides[d].free_bps;
	}
}

static int
by_room(const void *a, const void *b)
{
	const struct room *x = a, *y = b;

	if (isnan(x->least_bps) || isnan(y->least_bps))
		return (isnan(x->least_bps) != 0) - (isnan(y->least_bps) != 0);
	return (x->least_bps < y->least_bps) - (x->least_bps > y->least_bps);
}

static void
put_side(struct html *html, const struct room *room, enum direction direction, const char *name)
{
	double bps = room->sides[direction].free_bps;
	char share[32], free_text[32];

	if (isnan(bps)) {
		html_put(html, "<td data-label=\"%s\">unknown</td>", name);
		return;
	}
	html_put(html, "<td data-label=\"%s\"><b>%s</b> <small>busy hours at %s</small></td>", name,
		 bps > 0 ? units_format_bps(free_text, sizeof(free_text), bps) : "none",
		 units_format_share(share, sizeof(share), room->sides[direction].p95_share));
}

static void
put_row(struct html *html, const struct room *room)
{
	const struct world_port *whole = &room->connection->whole;
	char capacity[32];

	html_put(html,
		 "<tr><th scope=\"row\"><a href=\"/exchanges/%s\">%s</a></th>"
		 "<td data-label=\"Capacity\">%s <small>",
		 whole->exchange->slug, whole->exchange->name,
		 units_format_bps(capacity, sizeof(capacity), whole->live.capacity_bps));
	page_count(html, (unsigned)room->connection->port_count, "port", "ports");
	html_raw(html, "</small></td>");
	put_side(html, room, DIRECTION_IN, "Room in");
	put_side(html, room, DIRECTION_OUT, "Room out");
	html_raw(html, "<td data-label=\"Verdict\">");
	page_verdict(html, (enum verdict)whole->live.verdict);
	html_raw(html, world_connection_is_uneven(room->connection)
			   ? "<small>uneven load</small></td></tr>\n"
			   : "</td></tr>\n");
}

void
page_room(struct html *html, const struct request *request, const struct world_connection *first,
	  size_t count)
{
	struct room *rooms = count < 2 ? NULL : calloc(count, sizeof(*rooms));
	char line[32];

	if (rooms == NULL)
		return;
	for (size_t i = 0; i < count; i++)
		read_room(&rooms[i], request, &first[i]);
	qsort(rooms, count, sizeof(*rooms), by_room);
	html_put(
	    html,
	    "<section aria-labelledby=\"room\"><h2 id=\"room\">Where there is room <small>how much "
	    "more goes through until the busy hours (95th percentile of %d days) reach %s of the "
	    "capacity</small></h2>\n"
	    "<table class=\"room\" aria-labelledby=\"room\"><thead><tr><th "
	    "scope=\"col\">Exchange</th><th "
	    "scope=\"col\">Capacity</th><th scope=\"col\">Room in</th><th scope=\"col\">Room "
	    "out</th><th scope=\"col\">Verdict</th></tr></thead><tbody>\n",
	    ADVICE_DAYS, units_format_share(line, sizeof(line), ADVICE_ROOM));
	for (size_t i = 0; i < count; i++)
		put_row(html, &rooms[i]);
	html_raw(html, "</tbody></table>\n</section>\n");
	free(rooms);
}
