/* page_days.c - the traffic days of a port as a table, the newest first: the evidence behind its verdict, day by day. */
#include <stdlib.h>

#include "ixwatch/units.h"

#include "api.h"
#include "judgement.h"
#include "page.h"
#include "refuse.h"

/* Both directions, by day from the first one on. */
struct table {
	int32_t first;
	struct judged_day *days[DIRECTION_COUNT];
};

struct filling {
	struct judged_day *days;
	int32_t first;
};

static bool
keep(const struct judged_day *day, void *user)
{
	const struct filling *filling = user;

	filling->days[day->date - filling->first] = *day;
	return true;
}

static bool
fill(struct table *table, const struct request *request, const struct world_port *port,
     int32_t first, int32_t last, struct error *err)
{
	size_t count = (size_t)(last - first) + 1;

	table->first = first;
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		struct judged_day *days = calloc(count, sizeof(*days));
		struct filling filling = { days, first };

		table->days[d] = days;
		if (days == NULL)
			return error_set(err, ERR_NOMEM, "out of memory");
		for (size_t i = 0; i < count; i++)
			days[i].date = first + (int32_t)i;
		if (!judgement_each_day(request->ledger, port, (enum direction)d, first, last, keep,
					&filling, err))
			return false;
	}
	return true;
}

static void
put_cells(struct html *html, const struct judged_day *day, enum direction direction, int32_t today)
{
	const struct day_word *word;
	const char *name = model_direction_name(direction);

	if (!day->is_judged) {
		html_put(html,
			 "<td data-label=\"State %s\">not judged</td><td data-label=\"Congested "
			 "%s\" class=\"num\"></td><td data-label=\"Known %s\" class=\"num\"></td>"
			 "<td data-label=\"Verdict %s\"></td>",
			 name, name, name, name);
		return;
	}
	word = judged_day_word(day, today);
	html_put(html,
		 "<td data-label=\"State %s\"><i class=\"d-%s%s\" "
		 "aria-hidden=\"true\">%s</i> %s</td><td data-label=\"Congested %s\" "
		 "class=\"num\">%u min</td>",
		 name, word->css, word->is_excused ? " excused" : "",
		 (char[]) { word->letter, '\0' }, word->name, name, day->day.congested_minutes);
	html_put(html,
		 "<td data-label=\"Known %s\" class=\"num\">%.1f%%%s</td><td data-label=\"Verdict "
		 "%s\">%s</td>",
		 name, day->known_share * 100, day->is_valid ? "" : " (not valid)", name,
		 model_verdict_name(day->day.verdict));
}

/* Its date is the way to a picture of it. */
static void
put_row(struct html *html, const struct world_port *port, const struct table *table, int32_t date,
	int32_t today)
{
	static const char *const names[] = { "Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun" };
	enum day_peer in = table->days[DIRECTION_IN][date - table->first].peer,
		      out = table->days[DIRECTION_OUT][date - table->first].peer,
		      peer = in > out ? in : out; /* the same, where both were judged */
	char text[32];

	units_format_date(text, sizeof(text), date);
	html_raw(html, peer == DAY_OF_PRESENT ? "<tr>" : "<tr class=\"former\">");
	html_put(html,
		 "<th scope=\"row\"><a href=\"/graphs/ports/%lld.svg?from=%lld&amp;to=%lld\">%s "
		 "%s</a>",
		 (long long)port->port.id, (long long)judgement_begin_utc_sec(port, date),
		 (long long)judgement_begin_utc_sec(port, date + 1), names[((date % 7) + 10) % 7],
		 text);
	if (peer != DAY_OF_PRESENT)
		html_put(html, " <small>%s</small>", day_peer_words(peer));
	html_raw(html, "</th>");
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		put_cells(html, &table->days[d][date - table->first], (enum direction)d, today);
	html_raw(html, "</tr>\n");
}

static void
put_table(struct html *html, const struct world_port *port, const struct table *table, int32_t last,
	  int32_t today)
{
	html_raw(html,
		 "<table class=\"days\" aria-label=\"Traffic days\">\n<thead><tr><th scope=\"col\" "
		 "rowspan=\"2\">Traffic day</th><th scope=\"colgroup\" colspan=\"4\">In</th>"
		 "<th scope=\"colgroup\" colspan=\"4\">Out</th></tr>\n<tr>");
	for (unsigned i = 0; i < DIRECTION_COUNT; i++)
		html_raw(html, "<th scope=\"col\">State</th><th scope=\"col\" "
			       "class=\"num\">Congested</th><th scope=\"col\" "
			       "class=\"num\">Known</th><th scope=\"col\">Verdict</th>");
	html_raw(html, "</tr></thead>\n<tbody>\n");
	for (int32_t date = last; date >= table->first; date--)
		put_row(html, port, table, date, today);
	html_raw(html, "</tbody>\n</table>\n");
}

static void
put_intro(struct html *html, const struct world_port *port)
{
	const struct port *p = &port->port;

	html_put(html,
		 "<h1>Days of %s</h1>\n<p class=\"sub\"><a href=\"/ports/%lld\">%s %s %s</a> "
		 "\xc2\xb7 judged by the profile %s, verdicts as they stood at the end of each day "
		 "\xc2\xb7 a day begins at %02d:%02d in %s "
		 "\xc2\xb7 <a href=\"/method\">how it is judged</a></p>\n",
		 page_port_name(p), (long long)p->id, p->exchange, p->agent, p->interface,
		 profile_name(port->settings.profile), (int)(port->settings.day_start_sec / 3600),
		 (int)(port->settings.day_start_sec / 60 % 60),
		 port->exchange == NULL ? "UTC" : port->exchange->timezone);
}

static void
put_ways(struct html *html, const struct world_port *port, int32_t first, int32_t last)
{
	char from[32], to[32], before[32];
	long long id = port->port.id;

	units_format_date(from, sizeof(from), first);
	units_format_date(to, sizeof(to), last);
	units_format_date(before, sizeof(before), first - 1);
	html_put(html,
		 "<nav class=\"pager\" aria-label=\"Other days\"><a "
		 "href=\"/ports/%lld/days?to=%s\">the four weeks before</a> \xc2\xb7 "
		 "<a href=\"/api/v1/ports/%lld/days?from=%s&amp;to=%s\">as JSON</a></nav>\n",
		 id, before, id, from, to);
}

void
page_days(const struct request *request, struct reply *reply)
{
	const struct world_port *port;
	struct table table = { 0 };
	int32_t first, last;
	char title[PAGE_TITLE_MAX];
	struct error err;
	struct html html;

	if (refuse_without_ledger(request, reply))
		return;
	port = world_port_find(request->world, request->params.id);
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "there is no port %lld",
		       (long long)request->params.id);
		return;
	}
	if (!days_chosen(request, reply, port, &first, &last))
		return;
	if (fill(&table, request, port, first, last, &err)) {
		page_begin(&html, request,
			   page_port_title(title, sizeof(title), "Days of ", &port->port),
			   PLACE_NONE, 0);
		put_intro(&html, port);
		put_table(&html, port, &table, last, judgement_date_of(port, request->now_utc_sec));
		put_ways(&html, port, first, last);
		page_end(&html, request, reply, 200);
	} else {
		refuse(request, reply, 503, "ledger", "%s", err.text);
	}
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		free(table.days[d]);
}
