/* page_moved.c - ports that were re-patched: what their pages say of it. */
#include "page.h"

static void
put_port_link(struct html *html, const struct world *world, int64_t id)
{
	const struct world_port *port = world_port_find(world, id);
	const struct world_move *move = world_move_find(world, id);
	const struct port *named = port != NULL ? &port->port : move != NULL ? &move->old : NULL;

	html_put(html, "<a href=\"/ports/%lld\">", (long long)id);
	if (named != NULL)
		html_put(html, "%s %s %s</a>", named->exchange, named->agent, named->interface);
	else
		html_put(html, "port %lld</a>", (long long)id);
}

void
page_way(struct html *html, const struct request *request, const struct ledger_way *way)
{
	if (way->moved_to != 0) {
		html_raw(html, "<p class=\"muted\" id=\"moved\">Re-patched: moved to ");
		put_port_link(html, request->world, way->moved_to);
		html_raw(html, " at ");
		page_instant(html, request, way->moved_utc_sec);
		html_raw(html, "; what was known before is judged there.</p>\n");
	}
	if (way->continues != 0) {
		html_raw(html, "<p class=\"muted\" id=\"continues\">Re-patched: continues ");
		put_port_link(html, request->world, way->continues);
		html_raw(html, " from ");
		page_instant(html, request, way->continues_utc_sec);
		html_raw(html, " on; what is shown of before was measured there.</p>\n");
	}
}

void
page_moved_port(const struct request *request, const struct world_move *move, struct reply *reply)
{
	struct ledger_way way = { .moved_to = move->new_id, .moved_utc_sec = move->at_utc_sec };
	struct ledger_episode_query query = { .subject = subject_port(move->old.id),
					      .any_kind = true,
					      .limit = 50 };
	char title[PAGE_TITLE_MAX];
	struct html html;

	page_begin(&html, request, page_port_title(title, sizeof(title), "", &move->old),
		   PLACE_NONE, 0);
	html_put(&html, "<h1>%s ", page_port_name(&move->old));
	page_asn(&html, &move->old);
	html_put(&html, "</h1>\n<p class=\"sub\">%s \xc2\xb7 %s %s</p>\n", move->old.exchange,
		 move->old.agent, move->old.interface);
	page_way(&html, request, &way);
	html_raw(&html, "<section aria-labelledby=\"episodes\"><h2 id=\"episodes\">Episodes of "
			"congestion after it moved</h2>\n");
	page_episode_table(&html, request, &query, false);
	html_raw(&html, "</section>\n");
	page_end(&html, request, reply, 200);
}
