/* page_method.c - /method: how it is judged, in plain words, with the numbers in force put in; what mails and reports
 * link to.  It needs the configuration alone: it is there before the first sample is. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "method.h"
#include "page.h"

#define VALUE_MAX 40

/* --- one number, for people --- */

/* "30 minutes" for "30m"; shares and counts as they are. */
static void
format_value(char dst[VALUE_MAX], const struct detector_settings *settings, size_t i)
{
	char text[VALUE_MAX];
	int64_t sec;

	detector_settings_format(settings, i, text, sizeof(text));
	if (strcmp(detector_settings_key(i), "day-start") == 0)
		snprintf(dst, VALUE_MAX, "%02d:%02d", (int)(settings->day_start_sec / 3600),
			 (int)(settings->day_start_sec / 60 % 60));
	else if (!units_parse_duration_sec(text, &sec))
		snprintf(dst, VALUE_MAX, "%s", text);
	else if (sec % 3600 == 0 && sec > 3600)
		snprintf(dst, VALUE_MAX, "%lld hours", (long long)sec / 3600);
	else if (sec % 60 == 0 && sec > 0)
		snprintf(dst, VALUE_MAX, "%lld minute%s", (long long)sec / 60,
			 sec == 60 ? "" : "s");
	else
		snprintf(dst, VALUE_MAX, "%lld second%s", (long long)sec, sec == 1 ? "" : "s");
}

static bool
is_same(const struct detector_settings settings[PROFILE_COUNT], size_t i)
{
	char early[VALUE_MAX], proof[VALUE_MAX];

	format_value(early, &settings[PROFILE_EARLY], i);
	format_value(proof, &settings[PROFILE_PROOF], i);
	return strcmp(early, proof) == 0;
}

/* "90% (early) or 95% (proof)"; once where both are the same. */
static void
put_setting(struct html *html, const struct world_rules *rules, size_t i)
{
	char early[VALUE_MAX], proof[VALUE_MAX];

	format_value(early, &rules->settings[PROFILE_EARLY], i);
	format_value(proof, &rules->settings[PROFILE_PROOF], i);
	if (is_same(rules->settings, i))
		html_put(html, "<b class=\"n\">%s</b>", early);
	else
		html_put(html, "<b class=\"n\">%s</b> (early) or <b class=\"n\">%s</b> (proof)",
			 early, proof);
}

static void
put_interval(struct html *html, unsigned sec)
{
	if (sec == 60)
		html_raw(html, "<b class=\"n\">minute</b>");
	else
		html_put(html, "<b class=\"n\">%u seconds</b>", sec);
}

/* What stands for {key}. */
static void
put_key(struct html *html, const struct world *world, const char *key)
{
	if (strcmp(key, "interval") == 0)
		put_interval(html, world->interval_sec);
	else if (strcmp(key, "pages") == 0)
		html_put(html, "<em>%s</em>", profile_name(world->rules.pages));
	else if (strcmp(key, "reports") == 0)
		html_put(html, "<em>%s</em>", profile_name(world->rules.reports));
	for (size_t i = 0; detector_settings_key(i) != NULL; i++)
		if (strcmp(detector_settings_key(i), key) == 0)
			put_setting(html, &world->rules, i);
}

/* Markup of our own, its {keys} replaced. */
static void
put_words(struct html *html, const struct world *world, const char *text)
{
	char part[4096], key[VALUE_MAX];

	while (*text != '\0') {
		size_t plain = strcspn(text, "{");

		if (plain >= sizeof(part))
			plain = sizeof(part) - 1;
		memcpy(part, text, plain);
		part[plain] = '\0';
		html_raw(html, part);
		text += plain;
		if (*text != '{')
			continue;
		size_t len = strcspn(text, "}") - 1;
		snprintf(key, sizeof(key), "%.*s", (int)len, text + 1);
		put_key(html, world, key);
		text += len + 2;
	}
}

/* --- the parts of the page --- */

static const char intro[] =
    "<div class=\"prose\">\n<h1>How congestion is judged</h1>\n"
    "<p class=\"lead\">The policy: <em>a peer should not routinely congest its capacity at an "
    "exchange, flash events excepted.</em> No published policy says what <q>routinely</q> is. Here "
    "is what it is for us, number by number, so that whoever is told of it can check it.</p>\n"
    "<p>This page is made from the settings in force. There are two sets of numbers: "
    "<em>early</em> sees trouble soon, <em>proof</em> asks for more. These pages and the alerts "
    "use {pages}; what a peer is told is judged by {reports}.</p>\n"
    "<div class=\"card short\"><h2>In short</h2>\n<ul>\n"
    "<li>A port is congested while it is {congested} full.</li>\n"
    "<li>Less than {sustain} of that is a spike, and excused.</li>\n"
    "<li>A day with {congested-day} or more of it is a congested day.</li>\n"
    "<li>Congested days week after week are <strong>routine</strong>; a few in one week are "
    "<strong>recurring</strong>, a warning.</li>\n"
    "<li>A one-off of up to {flash-span} days is a flash event, and excused.</li>\n"
    "<li>What is unknown is held against nobody.</li>\n</ul></div>\n";

static void
put_contents(struct html *html)
{
	const struct method_section *section;

	html_raw(html, "<nav class=\"contents\" aria-label=\"On this page\"><ol>");
	for (size_t i = 0; (section = method_section_at(i)) != NULL; i++)
		html_put(html, "<li><a href=\"#%s\">%s</a></li>", section->id, section->title);
	html_raw(html, "<li><a href=\"#check\">Check it yourself</a></li>"
		       "<li><a href=\"#numbers\">The numbers in force</a></li>"
		       "<li><a href=\"#readings\">How we read what can be read in two ways</a></li>"
		       "</ol></nav>\n");
}

static void
put_sections(struct html *html, const struct world *world)
{
	const struct method_section *section;

	for (size_t i = 0; (section = method_section_at(i)) != NULL; i++) {
		html_put(html, "<section aria-labelledby=\"%s\"><h2 id=\"%s\">%s</h2>\n",
			 section->id, section->id, section->title);
		put_words(html, world, section->text);
		html_raw(html, "</section>\n");
	}
}

/* The options that give replay the numbers in force. */
static void
put_options(struct html *html, const struct detector_settings *settings)
{
	char value[VALUE_MAX];

	html_put(html, " --profile %s", profile_name(settings->profile));
	for (size_t i = 0; detector_settings_key(i) != NULL; i++) {
		detector_settings_format(settings, i, value, sizeof(value));
		if (strcmp(value, detector_settings_default(i, settings->profile)) != 0)
			html_put(html, " --set %s=%s", detector_settings_key(i), value);
	}
}

/* The options that give replay the numbers, each with a blank before it. */
void
page_method_options(struct html *html, const struct detector_settings *settings)
{
	put_options(html, settings);
}

static void
put_check(struct html *html, const struct world_rules *rules, bool is_of_letter)
{
	html_raw(
	    html,
	    "<section aria-labelledby=\"check\"><h2 id=\"check\">Check it yourself</h2>\n"
	    "<p>The verdict follows from samples, settings and declared windows alone. The same "
	    "history gives the same verdict, whoever asks and whenever. The program that judged "
	    "repeats it from any history, and changes nothing:</p>\n<pre><code>ixwatch replay "
	    "--csv history.csv --capacity 10G --timezone Europe/Berlin");
	put_options(html, &rules->settings[rules->reports]);
	html_raw(
	    html,
	    "</code></pre>\n"
	    "<p>The file has a line for each time: <code>time_utc_sec, in_bps, out_bps, in_pps, "
	    "out_pps, out_discards_pps, capacity_bps</code>; rows are means over the interval that "
	    "ends at their time; an empty cell is unknown. Declared windows are given with "
	    "<code>--declare FROM/TO/CAUSE</code>. It prints every day, every episode and every "
	    "reason. ");
	if (is_of_letter)
		html_raw(html, "The samples of the week, and the command with all that belongs to "
			       "it, are on the page of the letter. ");
	else
		html_raw(html,
			 "On the machine that judged no file is needed: <code>ixwatch replay "
			 "PORT</code>. The samples of a port are at "
			 "<code>/api/v1/ports/ID/series</code>, its days at "
			 "<code>/api/v1/ports/ID/days</code>; all that programs may ask, and what "
			 "each field means, is in <a href=\"/api/v1/openapi.json\">"
			 "<code>/api/v1/openapi.json</code></a>. ");
	html_raw(html, "With your own counters of the same port you should see much the same: if "
		       "you do not, tell us.</p>\n</section>\n");
}

static void
put_numbers(struct html *html, const struct world_rules *rules)
{
	char early[VALUE_MAX], proof[VALUE_MAX];

	html_raw(html, "<section aria-labelledby=\"numbers\"><h2 id=\"numbers\">The numbers in "
		       "force</h2>\n<table class=\"numbers\" aria-label=\"The numbers in "
		       "force\">\n<thead><tr><th "
		       "scope=\"col\">Key</th><th scope=\"col\">Meaning</th><th scope=\"col\" "
		       "class=\"num\">early</th><th scope=\"col\" class=\"num\">proof</th></tr>"
		       "</thead>\n<tbody>\n");
	for (size_t i = 0; detector_settings_key(i) != NULL; i++) {
		format_value(early, &rules->settings[PROFILE_EARLY], i);
		format_value(proof, &rules->settings[PROFILE_PROOF], i);
		html_put(html,
			 "<tr><th scope=\"row\"><code>%s</code></th><td class=\"at\" "
			 "data-label=\"Meaning\">%s</td><td class=\"num\" "
			 "data-label=\"early\">%s</td><td class=\"num\" "
			 "data-label=\"proof\">%s</td></tr>\n",
			 detector_settings_key(i), detector_settings_help(i), early, proof);
	}
	html_raw(html, "</tbody>\n</table>\n");
}

/* What a scope has of its own: the keys that differ from the file's, and the profile. */
static void
put_own_numbers(struct html *html, const struct world_rules *rules, const struct world_scope *scope)
{
	char text[VALUE_MAX], usual[VALUE_MAX];
	const char *comma = "";

	if (scope->profile != rules->pages) {
		html_put(html, "its pages use <em>%s</em>", profile_name(scope->profile));
		comma = "; ";
	}
	for (size_t i = 0; detector_settings_key(i) != NULL; i++)
		for (unsigned p = 0; p < PROFILE_COUNT; p++) {
			format_value(text, &scope->settings[p], i);
			format_value(usual, &rules->settings[p], i);
			if (strcmp(text, usual) == 0 ||
			    (p == PROFILE_PROOF && is_same(scope->settings, i) &&
			     is_same(rules->settings, i)))
				continue;
			html_put(html, "%s<code>%s</code> %s", comma, detector_settings_key(i),
				 text);
			if (!is_same(scope->settings, i) || !is_same(rules->settings, i))
				html_put(html, " (%s)", profile_name((enum profile)p));
			comma = "; ";
		}
	if (comma[0] == '\0')
		html_raw(html, "the same numbers, written again");
}

/* The port that a scope speaks of, when there is one. */
static const struct world_port *
port_of_scope(const struct world *world, const struct world_scope *scope)
{
	for (size_t i = 0; scope->is_port && i < world->port_count; i++) {
		const struct port *p = &world->ports[i].port;
		size_t len = strlen(p->agent);

		if (strcmp(p->exchange, scope->exchange) == 0 &&
		    strncmp(scope->name, p->agent, len) == 0 && scope->name[len] == '/' &&
		    strcmp(scope->name + len + 1, p->interface) == 0)
			return &world->ports[i];
	}
	return NULL;
}

static void
put_scope(struct html *html, const struct world *world, const struct world_scope *scope)
{
	const struct world_port *port = port_of_scope(world, scope);

	html_raw(html, "<li>");
	if (port != NULL) {
		html_put(html,
			 "port <a href=\"/ports/%lld\">%s, %s</a>: ", (long long)port->port.id,
			 scope->exchange, scope->name);
	} else if (scope->is_port) {
		html_put(html, "port %s, %s: ", scope->exchange, scope->name);
	} else {
		html_raw(html, "exchange <a href=\"/exchanges/");
		html_segment(html, scope->exchange);
		html_put(html, "\">%s</a>: ", scope->name);
	}
	put_own_numbers(html, &world->rules, scope);
	html_raw(html, "</li>\n");
}

static void
put_scopes(struct html *html, const struct world *world)
{
	const struct world_rules *rules = &world->rules;

	html_raw(html, "<h3>Where other numbers hold</h3>\n");
	if (rules->scope_count == 0)
		html_raw(html, "<p>Nowhere: every exchange and every port is judged by the numbers "
			       "above.</p>\n");
	else
		html_raw(html, "<ul>\n");
	for (size_t i = 0; i < rules->scope_count; i++)
		put_scope(html, world, &rules->scopes[i]);
	html_raw(html, rules->scope_count == 0 ? "</section>\n" : "</ul>\n</section>\n");
}

/* The numbers by which one letter was judged, whatever they are now. */
static void
put_letter_numbers(struct html *html, const struct detector_settings *settings)
{
	char value[VALUE_MAX];

	html_raw(html, "<section aria-labelledby=\"numbers\"><h2 id=\"numbers\">The numbers in "
		       "force</h2>\n<table class=\"numbers\" aria-label=\"The numbers in "
		       "force\">\n<thead><tr><th "
		       "scope=\"col\">Key</th><th scope=\"col\">Meaning</th><th scope=\"col\" "
		       "class=\"num\">Value</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; detector_settings_key(i) != NULL; i++) {
		format_value(value, settings, i);
		html_put(html,
			 "<tr><th scope=\"row\"><code>%s</code></th><td class=\"at\" "
			 "data-label=\"Meaning\">%s</td><td class=\"num\" "
			 "data-label=\"Value\">%s</td></tr>\n",
			 detector_settings_key(i), detector_settings_help(i), value);
	}
	html_raw(html, "</tbody>\n</table>\n</section>\n");
}

static void
put_readings(struct html *html, const struct world *world)
{
	const char *reading;

	html_raw(html, "<section aria-labelledby=\"readings\"><h2 id=\"readings\">How we read what "
		       "can be read in two ways</h2>\n<ol class=\"readings\">\n");
	for (size_t i = 0; (reading = method_reading_at(i)) != NULL; i++) {
		html_raw(html, "<li>");
		put_words(html, world, reading);
		html_raw(html, "</li>\n");
	}
	html_raw(html, "</ol></section>\n");
}

static const char letter_intro[] =
    "<div class=\"prose\">\n<h1>How congestion is judged</h1>\n"
    "<p class=\"lead\">The policy: <em>a peer should not routinely congest its capacity at an "
    "exchange, flash events excepted.</em> No published policy says what <q>routinely</q> is. Here "
    "is what it is for us, number by number, so that whoever is told of it can check it.</p>\n"
    "<p>The numbers on this page are those by which the letter was judged, as they were kept with "
    "it; the set of them is called {reports}.</p>\n"
    "<div class=\"card short\"><h2>In short</h2>\n<ul>\n"
    "<li>A port is congested while it is {congested} full.</li>\n"
    "<li>Less than {sustain} of that is a spike, and excused.</li>\n"
    "<li>A day with {congested-day} or more of it is a congested day.</li>\n"
    "<li>Congested days week after week are <strong>routine</strong>; a few in one week are "
    "<strong>recurring</strong>, a warning.</li>\n"
    "<li>A one-off of up to {flash-span} days is a flash event, and excused.</li>\n"
    "<li>What is unknown is held against nobody.</li>\n</ul></div>\n";

void
page_method_of(const struct request *request, struct reply *reply,
	       const struct detector_settings *settings)
{
	struct world world = *request->world; /* by those numbers alone */
	struct html html;

	for (unsigned i = 0; i < PROFILE_COUNT; i++)
		world.rules.settings[i] = *settings;
	world.rules.pages = world.rules.reports = settings->profile;
	world.rules.scope_count = 0;
	page_begin(&html, request, "How congestion is judged", PLACE_METHOD, 0);
	html_raw(&html, "<div class=\"method\">\n");
	put_contents(&html);
	put_words(&html, &world, letter_intro);
	put_sections(&html, &world);
	put_check(&html, &world.rules, true);
	put_letter_numbers(&html, settings);
	put_readings(&html, &world);
	html_raw(&html, "</div></div>\n");
	page_end(&html, request, reply, 200);
}

void
page_method(const struct request *request, struct reply *reply)
{
	const struct world *world = request->world;
	struct html html;

	page_begin(&html, request, "How congestion is judged", PLACE_METHOD, 0);
	html_raw(&html, "<div class=\"method\">\n");
	put_contents(&html);
	put_words(&html, world, intro);
	put_sections(&html, world);
	put_check(&html, &world->rules, false);
	put_numbers(&html, &world->rules);
	put_scopes(&html, world);
	put_readings(&html, world);
	html_raw(&html, "</div></div>\n");
	page_end(&html, request, reply, 200);
}
