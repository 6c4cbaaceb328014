/* page_verdict.c - the judgement of a port: verdict, since when, why; its days as a calendar; four weeks hour by day.
 *
 * A day is told by letter, word and colour; what is excused is hatched. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "heat.h"
#include "judgement.h"
#include "page.h"

#define MANY_DECLARED 10 /* with more of them in four weeks it is said */

static const char *
direction_title(enum direction direction)
{
	return direction == DIRECTION_OUT ? "Out, sent through the port"
					  : "In, received on the port";
}

const char *
page_verdict_means(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ROUTINE: return "the policy is not met";
	case VERDICT_RECURRING: return "a warning";
	case VERDICT_NONE: return "no rule holds against it";
	case VERDICT_INSUFFICIENT:
	case VERDICT_COUNT: break;
	}
	return "too few valid days to judge";
}

/* --- the verdict --- */

static void
put_since(struct html *html, const struct ledger_verdict *verdict)
{
	if (!verdict->has_since) {
		html_raw(html, "<p class=\"since\">since the records begin</p>\n");
		return;
	}
	html_raw(html, "<p class=\"since\">since the traffic day of ");
	page_date(html, verdict->since_day);
	html_raw(html, "</p>\n");
}

static void
put_stale(struct html *html, const struct ledger_verdict *verdict)
{
	if (!verdict->has_stale)
		return;
	html_put(html, "<p class=\"stale\">before that: <strong>%s</strong>",
		 model_verdict_name(verdict->stale_verdict));
	if (verdict->has_stale_since) {
		html_raw(html, ", since ");
		page_date(html, verdict->stale_since_day);
	}
	html_raw(html, "; that is old, and no longer claimed</p>\n");
}

/* Clause by clause, each a line of a list. */
static void
put_reason(struct html *html, const char *reason)
{
	char clause[512];

	if (reason[0] == '\0')
		return;
	html_raw(html, "<ul class=\"why\">");
	while (*reason != '\0') {
		const char *end = strstr(reason, "; ");
		size_t len = end == NULL ? strlen(reason) : (size_t)(end - reason);

		units_clean_text(clause, sizeof(clause), reason, len);
		html_raw(html, "<li>");
		page_sentence(html, clause);
		html_raw(html, "</li>");
		reason += len + (end == NULL ? 0 : 2);
	}
	html_raw(html, "</ul>\n");
}

static void
put_verdict(struct html *html, const struct judgement_side *side)
{
	enum verdict verdict = side->is_judged ? side->verdict.verdict : VERDICT_INSUFFICIENT;

	html_raw(html, "<p class=\"says\">");
	page_verdict(html, verdict);
	html_put(html, "<span>%s</span></p>\n", page_verdict_means(verdict));
	if (!side->is_judged) {
		html_raw(html, "<p class=\"since\">nothing was judged yet</p>\n");
		return;
	}
	put_since(html, &side->verdict);
	put_stale(html, &side->verdict);
	put_reason(html, side->reason);
}

/* --- the calendar --- */

/* 0: Monday; 1970-01-01 was a Thursday. */
static unsigned
weekday(int32_t date)
{
	return (unsigned)(((date % 7) + 7 + 3) % 7);
}

static char
verdict_letter(const struct judged_day *day)
{
	if (!day->is_judged)
		return ' ';
	return day->day.verdict == VERDICT_ROUTINE     ? '!'
	       : day->day.verdict == VERDICT_RECURRING ? '~'
						       : ' ';
}

/* One day, whole, for the pointer and for who listens. */
static void
describe(char *dst, size_t len, const struct judged_day *day, int32_t today)
{
	static const char *const names[] = { "Monday", "Tuesday",  "Wednesday", "Thursday",
					     "Friday", "Saturday", "Sunday" };
	char date[32];

	units_format_date(date, sizeof(date), day->date);
	if (!day->is_judged)
		snprintf(dst, len, "%s %s: not judged", names[weekday(day->date)], date);
	else
		snprintf(dst, len, "%s %s: %s, %u min congested, %.0f%% known; verdict: %s%s%s%s",
			 names[weekday(day->date)], date, judged_day_word(day, today)->name,
			 day->day.congested_minutes, day->known_share * 100,
			 model_verdict_name(day->day.verdict),
			 day->date == today ? " (the day goes on)" : "",
			 day->peer == DAY_OF_PRESENT ? "" : "; ", day_peer_words(day->peer));
}

static void
put_day(struct html *html, const struct judged_day *day, bool is_first, int32_t today)
{
	static const char *const columns[] = { "mon", "tue", "wed", "thu", "fri", "sat", "sun" };
	const struct day_word *word = day->is_judged ? judged_day_word(day, today) : NULL;
	char text[192], date[32], letters[3] = { '\0' };

	describe(text, sizeof(text), day, today);
	units_format_date(date, sizeof(date), day->date);
	letters[0] = word != NULL ? word->letter : '-';
	letters[1] = verdict_letter(day);
	html_put(html, "<li class=\"d-%s%s%s%s%s\" title=\"%s\">",
		 day->is_judged ? day->word->css : "absent",
		 day->is_judged && day->word->is_excused ? " excused" : "",
		 day->peer == DAY_OF_PRESENT ? "" : " former", is_first ? " on-" : "",
		 is_first ? columns[weekday(day->date)] : "", text);
	html_put(html,
		 "<span class=\"heard\">%s</span><span aria-hidden=\"true\"><small>%s</small>"
		 "<b>%s</b></span></li>\n",
		 text, date + 8, letters);
}

static unsigned
count_declared(const struct judged_day *days)
{
	unsigned count = 0;

	for (int i = 0; i < JUDGEMENT_DAYS; i++)
		count += days[i].is_judged && days[i].peer != DAY_OF_FORMER &&
			 strcmp(days[i].word->name, "declared") == 0;
	return count;
}

/* In words, beside the days that are drawn otherwise. */
static void
put_former(struct html *html, const struct judged_day *days)
{
	unsigned count = 0;

	for (int i = 0; i < JUDGEMENT_DAYS; i++)
		count += days[i].peer != DAY_OF_PRESENT;
	if (count == 0)
		return;
	html_raw(html, "<p class=\"muted\">");
	page_count(html, count, "day", "days");
	html_raw(html, " with a dotted edge: a former peer's, wholly or in part, and not held "
		       "against the present one; faded in the picture of hours.</p>\n");
}

static void
put_calendar(struct html *html, const struct request *request, const struct world_port *port,
	     enum direction direction)
{
	struct judged_day days[JUDGEMENT_DAYS];
	struct error err;
	int32_t today = judgement_date_of(port, request->now_utc_sec);

	if (!judgement_days(days, request->ledger, port, direction, today, &err)) {
		html_put(html, "<p class=\"problem\">The days cannot be read now: %s.</p>\n",
			 err.text);
		return;
	}
	html_raw(html, "<p class=\"weekdays\" aria-hidden=\"true\"><span>Mo</span><span>Tu</span>"
		       "<span>We</span><span>Th</span><span>Fr</span><span>Sa</span>"
		       "<span>Su</span></p>\n");
	html_put(html, "<ol class=\"calendar\" aria-label=\"The last %d traffic days, %s\">\n",
		 JUDGEMENT_DAYS, model_direction_name(direction));
	for (int i = 0; i < JUDGEMENT_DAYS; i++)
		put_day(html, &days[i], i == 0, today);
	html_raw(html, "</ol>\n");
	put_former(html, days);
	if (count_declared(days) > MANY_DECLARED)
		html_put(html,
			 "<p class=\"problem\">%u of these %d days are declared: that many "
			 "excuses are always said.</p>\n",
			 count_declared(days), JUDGEMENT_DAYS);
}

static void
put_legend(struct html *html, const struct world_port *port)
{
	const struct day_word *word;

	html_raw(html, "<ul class=\"legend\">");
	for (size_t i = 0; (word = day_word_at(i)) != NULL; i++)
		html_put(html, "<li><i class=\"d-%s%s\">%s</i>%s</li>", word->css,
			 word->is_excused ? " excused" : "", (char[]) { word->letter, '\0' },
			 word->name);
	html_raw(html, "<li><b>!</b> routine at its end</li><li><b>~</b> recurring at its "
		       "end</li></ul>\n");
	html_put(
	    html,
	    "<p class=\"muted\">A traffic day begins at %02d:%02d, local time of the exchange. "
	    "<a href=\"/ports/%lld/days\">These days as a table</a> \xc2\xb7 "
	    "<a href=\"/method\">how it is judged</a></p>\n",
	    (int)(port->settings.day_start_sec / 3600),
	    (int)(port->settings.day_start_sec / 60 % 60), (long long)port->port.id);
}

/* --- four weeks, hour by day --- */

static const struct heat_plot {
	const char *media; /* where it is shown; "" for everywhere else */
	unsigned width_px;
	const char *theme;
} heat_plots[] = {
	{ "(max-width: 620px) and (prefers-color-scheme: dark)", 340, "dark" },
	{ "(max-width: 620px)", 340, "light" },
	{ "(prefers-color-scheme: dark)", 1000, "dark" },
	{ "", 1000, "light" },
};

static void
put_heat(struct html *html, const struct world_port *port)
{
	long long id = port->port.id;

	html_put(html,
		 "<figure class=\"graph heat\"><figcaption>Four weeks, hour by day: the fuller "
		 "direction <span><a href=\"/graphs/ports/%lld/heat.svg?width=1000\" title=\"Four "
		 "weeks, hour by day\">SVG</a>"
		 "</span></figcaption>\n<picture>",
		 id);
	for (size_t i = 0; i < sizeof(heat_plots) / sizeof(heat_plots[0]); i++) {
		const struct heat_plot *plot = &heat_plots[i];

		if (plot->media[0] != '\0')
			html_put(html, "<source media=\"%s\" srcset=\"", plot->media);
		else
			html_raw(
			    html,
			    "<img loading=lazy alt=\"Utilisation of the fuller direction, a "
			    "row a day and a column an hour of the last 28 days; minutes of "
			    "sustained episodes underlined, excused ones hatched, unknown time "
			    "crossed, time of a former peer faded. The days as a table say the "
			    "same in words.\" src=\"");
		html_put(html,
			 "/graphs/ports/%lld/heat.svg?width=%u&amp;theme=%s\" width=\"%u\" "
			 "height=\"%u\">",
			 id, plot->width_px, plot->theme, plot->width_px,
			 heat_height_px(plot->width_px));
	}
	html_raw(html, "</picture></figure>\n");
}

/* --- the section --- */

/* What the peer would be told, where that is judged by another profile. */
static void
put_for_reports(struct html *html, const struct request *request, const struct world_port *port,
		enum direction direction, const struct judgement *reports)
{
	const struct judgement_side *side = &reports->side[direction];
	enum profile profile = request->world->rules.reports;

	if (!judgement_is_reported(port) || profile == port->settings.profile)
		return;
	html_put(html, "<p class=\"since\">for reports, by the profile <em>%s</em>: ",
		 profile_name(profile));
	if (!side->is_judged) {
		html_raw(html, "not judged yet; that is done once a traffic day</p>\n");
		return;
	}
	html_put(html, "<strong>%s</strong>", model_verdict_name(side->verdict.verdict));
	if (side->verdict.has_since) {
		html_raw(html, ", since ");
		page_date(html, side->verdict.since_day);
	}
	html_raw(html, "</p>\n");
}

static void
put_sides(struct html *html, const struct request *request, const struct world_port *port,
	  const struct judgement *judgement, const struct judgement *reports)
{
	html_raw(html, "<div class=\"sides\">\n");
	for (unsigned d = 0; d < DIRECTION_COUNT; d++) {
		enum direction direction = (enum direction)d;

		html_put(html, "<div class=\"card judged\"><h3>%s</h3>\n",
			 direction_title(direction));
		put_verdict(html, &judgement->side[d]);
		put_for_reports(html, request, port, direction, reports);
		put_calendar(html, request, port, direction);
		html_raw(html, "</div>\n");
	}
	html_raw(html, "</div>\n");
}

bool
page_judgement_sides(struct html *html, const struct request *request,
		     const struct world_port *port)
{
	struct judgement judgement;
	struct error err;
	struct judgement reports = { 0 };
	bool read =
	    judgement_read(&judgement, request->ledger, port, port->settings.profile, &err) &&
	    judgement_read(&reports, request->ledger, port, request->world->rules.reports, &err);

	if (read)
		put_sides(html, request, port, &judgement, &reports);
	else
		html_put(html, "<p class=\"problem\">The verdict cannot be read now: %s.</p>\n",
			 err.text);
	judgement_end(&judgement);
	judgement_end(&reports);
	return read;
}

void
page_judgement(struct html *html, const struct request *request, const struct world_port *port)
{
	html_put(html,
		 "<section aria-labelledby=\"verdict\"><h2 id=\"verdict\">Verdict <small>by the "
		 "profile <em>%s</em></small></h2>\n",
		 profile_name(port->settings.profile));
	if (page_judgement_sides(html, request, port)) {
		put_legend(html, port);
		put_heat(html, port);
	}
	html_raw(html, "</section>\n");
}
