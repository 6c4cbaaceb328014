/* page_blind.c - agents that do not answer, in a list of ports: one line each, and not a row for each of their ports. */
#include "page_overview.h"

size_t
page_blind_fold(const struct needs *needs, const struct world_port **ports, size_t count)
{
	size_t kept = 0;

	for (size_t i = 0; i < count; i++)
		if (needs_blind_of(needs, ports[i]) == NULL)
			ports[kept++] = ports[i];
	return kept;
}

size_t
page_blind_count(const struct needs *needs)
{
	size_t count = 0;

	for (size_t i = 0; i < needs->blind_count; i++)
		count += needs->blind[i].port_count;
	return count;
}

static void
put_line(struct html *html, const struct request *request, const struct blind *blind)
{
	html_raw(html, "<p class=\"blind\">");
	page_state(html, STATE_UNKNOWN);
	html_put(html, " <b>We are blind at %s</b> <small>%s</small>: its agent does not answer, ",
		 blind->agent, blind->exchange->name);
	page_count(html, blind->port_count, "port", "ports");
	html_raw(html, " unknown since ");
	page_instant(html, request, blind->since_utc_sec);
	html_raw(html, ". <a href=\"/?exchange=");
	html_segment(html, blind->exchange->slug);
	html_raw(html, "&amp;agent=");
	html_segment(html, blind->agent);
	html_raw(html, "#ports\">Show them</a></p>\n");
}

void
page_blind_lines(struct html *html, const struct request *request, const struct needs *needs)
{
	for (size_t i = 0; i < needs->blind_count; i++)
		put_line(html, request, &needs->blind[i]);
}
