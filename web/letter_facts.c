/* letter_facts.c - see letter_facts.h. */
#include "letter_facts.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/model.h"
#include "ixwatch/units.h"

#define TEXT_MAX 64

static const char *const sides[] = { "out", "in" }; /* as letters have them */

double
facts_number(const struct json *object, const char *key)
{
	double number;

	return json_number(json_get(object, key), &number) ? number : NAN;
}

const char *
facts_text(const struct json *object, const char *key)
{
	return json_text(json_get(object, key), "");
}

void
facts_settings(struct detector_settings *settings, const struct json *facts)
{
	const struct json *said = json_get(facts, "settings");
	enum profile profile = PROFILE_PROOF;
	struct error err;
	const char *key;

	profile_parse(facts_text(facts, "profile"), &profile);
	detector_settings_init(settings, profile);
	for (size_t i = 0; (key = detector_settings_key(i)) != NULL; i++)
		if (facts_text(said, key)[0] != '\0')
			detector_settings_set(settings, key, facts_text(said, key), &err);
}

/* --- whose it is --- */

static bool
is_of(const struct json *asns, const struct json *asn)
{
	const struct json *one;
	int64_t wanted, number;

	if (!json_int(asn, &wanted))
		return false;
	for (size_t i = 0; (one = json_at(asns, i)) != NULL; i++)
		if (json_int(one, &number) && number == wanted)
			return true;
	return false;
}

static bool
is_told_of(const char *kind)
{
	enum port_kind is;

	return model_kind_parse(kind, &is) &&
	       (is == KIND_MEMBER || is == KIND_PNI || is == KIND_RESELLER);
}

bool
facts_are_of_peer(const struct json *facts)
{
	const struct json *asns = json_get(json_get(facts, "peer"), "asns"), *connection;

	if (strcmp(facts_text(facts, "kind"), "peer") != 0 || json_count(asns) == 0)
		return false;
	for (size_t i = 0; (connection = json_at(json_get(facts, "connections"), i)) != NULL; i++)
		if (!is_of(asns, json_get(connection, "asn")) ||
		    !is_told_of(facts_text(connection, "kind")))
			return false;
	return true;
}

/* --- figures --- */

static char *
format_minutes(char *dst, size_t len, double minutes)
{
	snprintf(dst, len, isnan(minutes) ? "unknown" : "%.0f min", minutes);
	return dst;
}

/* Shares so small that one decimal would say little are told with two, or four. */
static char *
format_small_share(char *dst, size_t len, double share)
{
	if (isnan(share))
		snprintf(dst, len, "unknown");
	else
		snprintf(dst, len, "%.*f%%",
			 share > 0 && share < 0.0001 ? 4
			 : share < 0.01              ? 2
						     : 1,
			 share * 100);
	return dst;
}

static char *
format_share(char *dst, size_t len, double share)
{
	if (isnan(share))
		snprintf(dst, len, "unknown");
	else
		units_format_share(dst, len, share);
	return dst;
}

static char *
format_bps(char *dst, size_t len, double bps)
{
	if (isnan(bps))
		snprintf(dst, len, "unknown");
	else
		units_format_bps(dst, len, bps);
	return dst;
}

static const struct figure {
	const char *key, *name;
	char *(*format)(char *dst, size_t len, double value);
	const char *means;
} figures[] = {
	{ "known_share", "Share of time known", format_share,
	  "the steps of 300 s of the week of which at least half was measured, of all steps of the "
	  "week; every figure below is of the known steps alone" },
	{ "p95_bps", "95th percentile, rate", format_bps,
	  "of the rates of the known steps, sorted: the one below or at which 95 of 100 lie" },
	{ "p95_utilisation", "95th percentile, use", format_share,
	  "the same of the utilisation, which is the rate on the line divided by the capacity then "
	  "in force: 8 x (octets + 20 x packets) a second, over bit/s" },
	{ "peak_utilisation", "Peak", format_share, "the fullest known step" },
	{ "mean_utilisation", "Mean", format_share, "the mean of the known steps" },
	{ "minutes_90", "Minutes at 90% and above", format_minutes,
	  "five for each known step with a utilisation of 90% or more" },
	{ "minutes_95", "Minutes at 95% and above", format_minutes,
	  "five for each known step with a utilisation of 95% or more" },
	{ "drops_share", "Packets dropped by us", format_small_share,
	  "discards of our port, of the packets that were to go out of it; only what our box sends "
	  "can be seen" },
};
#define FIGURE_COUNT (sizeof(figures) / sizeof(figures[0]))

void
facts_put_meanings(struct html *html)
{
	html_raw(html, "<dl class=\"meanings\">\n");
	for (size_t i = 0; i < FIGURE_COUNT; i++)
		html_put(html, "<dt>%s</dt><dd>%s</dd>\n", figures[i].name, figures[i].means);
	html_raw(html, "</dl>\n");
}

/* "towards you": what our box sends. */
static const char *
side_words(const char *side)
{
	return strcmp(side, "out") == 0 ? "towards you" : "from you";
}

static const char *
figure_text(char dst[TEXT_MAX], const struct json *side, const struct figure *figure)
{
	bool is_of_drops = figure->format == format_small_share;

	if (is_of_drops && !json_bool(json_get(side, "drops_measured"), false))
		return "not measurable from our side";
	return figure->format(dst, TEXT_MAX, facts_number(side, figure->key));
}

static void
put_figure_row(struct html *html, const struct json *directions, const struct figure *figure)
{
	char text[TEXT_MAX];

	html_put(html, "<tr><th scope=\"row\">%s</th>", figure->name);
	for (unsigned i = 0; i < 2; i++) {
		const struct json *side = json_get(directions, sides[i]);

		if (side != NULL)
			html_put(html, "<td class=\"num\" data-label=\"%s\">%s</td>",
				 side_words(sides[i]), figure_text(text, side, figure));
	}
	html_raw(html, "</tr>\n");
}

static void
put_side_columns(struct html *html, const struct json *directions, const char *first)
{
	html_put(html, "<thead><tr><th scope=\"col\">%s</th>", first);
	for (unsigned i = 0; i < 2; i++)
		if (json_get(directions, sides[i]) != NULL)
			html_put(html, "<th scope=\"col\" class=\"num\">%s</th>",
				 side_words(sides[i]));
	html_raw(html, "</tr></thead>\n<tbody>\n");
}

static void
put_figures(struct html *html, const struct json *directions)
{
	html_raw(html, "<table class=\"figures\">\n");
	put_side_columns(html, directions, "Figure");
	for (size_t i = 0; i < FIGURE_COUNT; i++)
		put_figure_row(html, directions, &figures[i]);
	html_raw(html, "</tbody>\n</table>\n");
}

/* --- verdict --- */

static void
put_verdict(struct html *html, const struct json *side, const char *name)
{
	const char *since = facts_text(side, "verdict_since"),
		   *reason = facts_text(side, "verdict_reason");

	html_put(html, "<p><strong>%s: %s</strong>%s%s", side_words(name),
		 facts_text(side, "verdict"), since[0] == '\0' ? "" : ", since ", since);
	html_put(html, reason[0] == '\0' ? "</p>\n" : ": %s</p>\n", reason);
}

/* --- days --- */

static void
put_day(struct html *html, const struct json *day)
{
	const char *excuse = facts_text(day, "excuse");
	bool withdrawn = json_bool(json_get(day, "withdrawn"), false);
	char known[TEXT_MAX], minutes[TEXT_MAX], excused[TEXT_MAX];

	html_put(
	    html,
	    "<tr><th scope=\"row\">%s</th><td data-label=\"State\">%s%s%s%s</td><td "
	    "class=\"num\" data-label=\"Known\">%s</td><td class=\"num\" "
	    "data-label=\"Congested\">%s</td><td class=\"num\" "
	    "data-label=\"Excused\">%s</td><td data-label=\"Verdict at its end\">%s</td></tr>\n",
	    facts_text(day, "date"), facts_text(day, "state"),
	    excuse[0] == '\0' ? "" : ", excused: ", excuse,
	    withdrawn ? "; the excuse was withdrawn" : "",
	    format_share(known, sizeof(known), facts_number(day, "known_share")),
	    format_minutes(minutes, sizeof(minutes), facts_number(day, "congested_minutes")),
	    format_minutes(excused, sizeof(excused), facts_number(day, "excused_minutes")),
	    facts_text(day, "verdict"));
}

static void
put_days(struct html *html, const struct json *side, const char *name)
{
	const struct json *days = json_get(side, "days"), *day;

	if (json_count(days) == 0)
		return;
	html_put(html,
		 "<details><summary>The 28 days behind the verdict, %s</summary>\n<table "
		 "class=\"days\">\n<thead><tr><th scope=\"col\">Traffic day</th><th "
		 "scope=\"col\">State</th><th scope=\"col\" class=\"num\">Known</th><th "
		 "scope=\"col\" class=\"num\">Congested</th><th scope=\"col\" "
		 "class=\"num\">Excused</th><th scope=\"col\">Verdict at its "
		 "end</th></tr></thead>\n<tbody>\n",
		 side_words(name));
	for (size_t i = 0; (day = json_at(days, i)) != NULL; i++)
		put_day(html, day);
	html_raw(html, "</tbody>\n</table>\n</details>\n");
}

/* --- episodes --- */

static void
put_moment(struct html *html, const struct json *episode, const char *utc, const char *local)
{
	html_put(html, "<time datetime=\"%s\">%s <small>%s</small></time>",
		 facts_text(episode, utc), facts_text(episode, local), facts_text(episode, utc));
}

static void
put_episode(struct html *html, const struct json *episode, const char *side)
{
	const char *excuse = facts_text(episode, "excuse"),
		   *reason = facts_text(episode, "excuse_reason");
	char peak[TEXT_MAX], mean[TEXT_MAX], minutes[TEXT_MAX];

	html_put(html, "<tr><td class=\"st\">%s%s%s", facts_text(episode, "kind"),
		 excuse[0] == '\0' ? "" : ", excused: ", excuse);
	html_put(html, reason[0] == '\0' ? "" : " <small>%s</small>", reason);
	html_put(html, "</td><td data-label=\"Direction\">%s</td><td data-label=\"Start\">",
		 side_words(side));
	put_moment(html, episode, "start", "start_local");
	html_raw(html, "</td><td data-label=\"End\">");
	put_moment(html, episode, "end", "end_local");
	html_put(html,
		 "%s</td><td class=\"num\" data-label=\"Minutes\">%s</td><td class=\"num\" "
		 "data-label=\"Peak\">%s</td><td class=\"num\" data-label=\"Mean\">%s</td></tr>\n",
		 json_bool(json_get(episode, "open"), false) ? " so far" : "",
		 format_minutes(minutes, sizeof(minutes), facts_number(episode, "minutes")),
		 format_share(peak, sizeof(peak), facts_number(episode, "peak_utilisation")),
		 format_share(mean, sizeof(mean), facts_number(episode, "mean_utilisation")));
}

static void
put_episodes(struct html *html, const struct json *directions)
{
	const struct json *episode;
	unsigned count = 0;

	for (unsigned s = 0; s < 2; s++) {
		const struct json *all = json_get(json_get(directions, sides[s]), "episodes");

		for (size_t i = 0; (episode = json_at(all, i)) != NULL; i++) {
			if (count++ == 0)
				html_raw(
				    html,
				    "<table class=\"episodes\" aria-label=\"Episodes of "
				    "congestion\">\n<thead><tr><th "
				    "scope=\"col\">Kind</th><th scope=\"col\">Direction</th><th "
				    "scope=\"col\">Start</th><th scope=\"col\">End</th><th "
				    "scope=\"col\" class=\"num\">Minutes</th><th scope=\"col\" "
				    "class=\"num\">Peak</th><th scope=\"col\" "
				    "class=\"num\">Mean</th></tr></thead>\n<tbody>\n");
			put_episode(html, episode, sides[s]);
		}
	}
	html_raw(html, count > 0
			   ? "</tbody>\n</table>\n"
			   : "<p class=\"muted\">No episode of congestion in this week.</p>\n");
}

/* --- capacity, windows, holes --- */

static void
put_capacity(struct html *html, const struct json *connection)
{
	const struct json *steps = json_get(connection, "capacity_steps"), *step;
	double contracted = facts_number(connection, "contracted_bps");
	char text[TEXT_MAX];

	html_put(html, "<p>Capacity %s <small>from %s</small>",
		 format_bps(text, sizeof(text), facts_number(connection, "capacity_bps")),
		 facts_text(connection, "capacity_source"));
	if (!isnan(contracted))
		html_put(html, "; contracted %s, %s", format_bps(text, sizeof(text), contracted),
			 facts_text(connection, "contract_kind"));
	for (size_t i = 0; (step = json_at(steps, i)) != NULL; i++)
		html_put(html, "; from %s on %s", facts_text(step, "at"),
			 format_bps(text, sizeof(text), facts_number(step, "capacity_bps")));
	html_raw(html, ".</p>\n");
}

/* What was declared, and what nobody measured. */
static void
put_spans(struct html *html, const struct json *list, const char *title, const char *first,
	  const char *second)
{
	const struct json *span;

	if (json_count(list) == 0)
		return;
	html_put(html, "<h4>%s</h4>\n<ul>\n", title);
	for (size_t i = 0; (span = json_at(list, i)) != NULL; i++)
		html_put(html, "<li>%s to %s: %s%s%s</li>\n", facts_text(span, "from"),
			 facts_text(span, "to"), facts_text(span, first),
			 second[0] == '\0' ? "" : ", ",
			 second[0] == '\0' ? "" : facts_text(span, second));
	html_raw(html, "</ul>\n");
}

/* --- the whole --- */

void
facts_put_connection(struct html *html, const struct json *connection, unsigned number)
{
	const struct json *directions = json_get(connection, "directions");

	html_put(html,
		 "<section aria-labelledby=\"c%u\"><h3 id=\"c%u\">%s <small>%s to %s, %.0f hours; "
		 "%s</small></h3>\n",
		 number, number, facts_text(connection, "exchange_name"),
		 facts_text(connection, "from"), facts_text(connection, "to"),
		 facts_number(connection, "hours"), facts_text(connection, "timezone"));
	put_capacity(html, connection);
	put_figures(html, directions);
	for (unsigned i = 0; i < 2; i++)
		if (json_get(directions, sides[i]) != NULL)
			put_verdict(html, json_get(directions, sides[i]), sides[i]);
	put_episodes(html, directions);
	put_spans(html, json_get(connection, "windows"), "Declared windows", "cause", "reason");
	put_spans(html, json_get(connection, "unknown"), "Not known", "why", "");
	for (unsigned i = 0; i < 2; i++)
		put_days(html, json_get(directions, sides[i]), sides[i]);
	html_raw(html, "</section>\n");
}
