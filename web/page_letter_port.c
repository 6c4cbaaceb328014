/* page_letter_port.c - one port as a letter's link shows it: the 28 days behind its letter, and nothing before it was that
 * network's, nor after the letter's week.
 *
 * What the ledger and the series have of a port is cut here to those weeks: a port that was another's before shows nothing of
 * that time. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#include "graph.h"
#include "judgement.h"
#include "kept.h"
#include "letter.h"
#include "letter_facts.h"
#include "letter_files.h"
#include "page.h"
#include "refuse.h"

#define STEP_SEC      300
#define EPISODES_MAX  1000
#define DAYS_BEFORE   21 /* of the week's Monday: 28 days with it */
#define DAYS_OF_WEEK  7
#define CSV_LINE_ROOM 512

static const enum direction directions[] = { DIRECTION_OUT, DIRECTION_IN };

/* A port of the letter, and what of its past is shown. */
struct letter_port {
	struct letter_open letter;
	struct world_port port; /* judged as the letter is: by its numbers */
	int64_t from_utc_sec, to_utc_sec;
	int32_t first_day, last_day;
};

/* --- opening --- */

static bool
on_other(int64_t from_utc_sec, int64_t to_utc_sec, void *user)
{
	int64_t *since_utc_sec = user;

	(void)from_utc_sec;
	if (to_utc_sec > *since_utc_sec)
		*since_utc_sec = to_utc_sec;
	return true;
}

/* The weeks of the letter, less what was another's; on the grid of the steps. */
static bool
set_span(struct letter_port *p, const struct request *request, struct error *err)
{
	int32_t monday = p->letter.row.report.monday;
	int64_t since_utc_sec = 0;

	p->first_day = monday - DAYS_BEFORE;
	p->last_day = monday + DAYS_OF_WEEK - 1;
	p->from_utc_sec = judgement_begin_utc_sec(&p->port, p->first_day);
	p->to_utc_sec = judgement_begin_utc_sec(&p->port, p->last_day + 1);
	if (!ledger_port_others_each(request->ledger, p->port.port.id, on_other, &since_utc_sec,
				     err))
		return false;
	since_utc_sec = (since_utc_sec + STEP_SEC - 1) / STEP_SEC * STEP_SEC;
	if (since_utc_sec > p->from_utc_sec)
		p->from_utc_sec = since_utc_sec;
	return true;
}

/* False: the reply says why not.  port_close it in any case. */
static bool
port_open(struct letter_port *p, const struct request *request, struct reply *reply)
{
	const struct world_port *port = world_port_find(request->world, request->params.id);
	struct error err;

	*p = (struct letter_port) { 0 };
	if (!letter_open(&p->letter, request, reply))
		return false;
	if (port == NULL) {
		refuse(request, reply, 404, "not_found", "the letter has no port %" PRId64,
		       request->params.id);
		return false;
	}
	p->port = *port;
	facts_settings(&p->port.settings, p->letter.facts);
	if (!set_span(p, request, &err)) {
		refuse(request, reply, 503, "ledger", "the port cannot be read now");
		return false;
	}
	if (p->from_utc_sec < p->to_utc_sec)
		return true;
	refuse(request, reply, 404, "not_found",
	       "the port was not yours in the weeks of this letter");
	return false;
}

static void
port_close(struct letter_port *p)
{
	letter_close(&p->letter);
}

/* The connection of the facts that the port is a part of, as the port's own entry; NULL: the letter does not name it. */
static const struct json *
find_facts(const struct letter_port *p, const struct json **connection)
{
	const struct json *all = json_get(p->letter.facts, "connections"), *port;
	int64_t id;

	for (size_t i = 0; (*connection = json_at(all, i)) != NULL; i++)
		for (size_t k = 0; (port = json_at(json_get(*connection, "ports"), k)) != NULL; k++)
			if (json_int(json_get(port, "id"), &id) && id == p->port.port.id)
				return port;
	*connection = NULL;
	return NULL;
}

/* --- series and pictures: the same as an account's, of that time --- */

/* The request as if that time had been asked for; what was asked for within it is kept. */
static bool
as_asked(struct request *inner, const struct letter_port *p, const struct request *request,
	 struct reply *reply)
{
	struct query *q = &inner->query;

	*inner = *request;
	inner->port = &p->port;
	if ((q->has & ARG_FROM) == 0 || q->from_utc_sec < p->from_utc_sec)
		q->from_utc_sec = p->from_utc_sec;
	if ((q->has & ARG_TO) == 0 || q->to_utc_sec > p->to_utc_sec)
		q->to_utc_sec = p->to_utc_sec;
	q->has |= ARG_RANGE;
	if (q->from_utc_sec < q->to_utc_sec)
		return true;
	refuse(request, reply, 400, "bad_query",
	       "nothing is shown of that time: it is not within the weeks of the letter, or the "
	       "port was not yours");
	return false;
}

void
letter_port_series(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct request inner;

	if (port_open(&p, request, reply) && as_asked(&inner, &p, request, reply))
		graph_series(&inner, reply);
	port_close(&p);
}

/* The week's, unless another time is asked for. */
void
letter_port_png(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct request inner, week = *request;

	if (port_open(&p, request, reply)) {
		if ((week.query.has & ARG_RANGE) == 0) {
			week.query.has |= ARG_FROM;
			week.query.from_utc_sec =
			    judgement_begin_utc_sec(&p.port, p.last_day - DAYS_OF_WEEK + 1);
		}
		if (as_asked(&inner, &p, &week, reply))
			graph_png(&inner, reply);
	}
	port_close(&p);
}

/* Nothing of another's time is read, so nothing of it can be drawn; the picture has a name of its own among those kept. */
void
letter_port_heat(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct request inner = *request;

	if (port_open(&p, request, reply)) {
		inner.port = &p.port;
		inner.query.has |= ARG_TO_DAY;
		inner.query.to_day = (struct query_day) { .is_date = true, .day = p.last_day };
		graph_heat(&inner, reply);
	}
	if (reply->job != NULL) {
		char key[JOB_KEY_MAX];

		if (reply->job->from_utc_sec < p.from_utc_sec)
			reply->job->from_utc_sec = p.from_utc_sec;
		snprintf(key, sizeof(key), "since %" PRId64 " %.90s", p.from_utc_sec,
			 reply->job->key);
		memcpy(reply->job->key, key, sizeof(key));
	}
	port_close(&p);
}

/* --- days and episodes as JSON --- */

static bool
put_day(const struct judged_day *day, void *user)
{
	struct json *out;
	char text[32];

	if (day->peer != DAY_OF_PRESENT)
		return true;
	out = json_put_object(user, "");
	json_put_text(out, "date", units_format_date(text, sizeof(text), day->date));
	json_put_bool(out, "valid", day->is_valid);
	json_put_number(out, "known_share", day->known_share);
	json_put_int(out, "congested_minutes", day->day.congested_minutes);
	json_put_text(out, "state", day->day.state);
	json_put_text(out, "verdict", model_verdict_name(day->day.verdict));
	return true;
}

static struct json *
begin_json(const struct letter_port *p)
{
	struct json *root = json_object_new();

	json_put_int(root, "port", p->port.port.id);
	json_put_text(root, "profile", profile_name(p->port.settings.profile));
	json_put_utc(root, "from", p->from_utc_sec);
	json_put_utc(root, "to", p->to_utc_sec);
	return root;
}

void
letter_port_days(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct error err;
	bool done = port_open(&p, request, reply);

	if (done) {
		struct json *root = begin_json(&p), *both = json_put_object(root, "directions");

		for (unsigned i = 0; done && i < DIRECTION_COUNT; i++) {
			struct json *side =
			    json_put_object(both, model_direction_name(directions[i]));

			done = judgement_each_day(request->ledger, &p.port, directions[i],
						  p.first_day, p.last_day, put_day,
						  json_put_array(side, "days"), &err);
		}
		if (done) {
			reply_json(reply, 200, root);
		} else {
			json_free(root);
			refuse(request, reply, 503, "ledger", "the days cannot be read now");
		}
	}
	port_close(&p);
}

/* Of the letter's profile, begun while the port was theirs. */
struct episodes {
	const struct letter_port *port;
	struct json *list; /* one of both */
	struct html *html;
	unsigned count;
};

static bool
is_theirs(const struct letter_port *p, const struct ledger_episode *episode)
{
	return episode->profile == p->port.settings.profile &&
	       episode->start_utc_sec >= p->from_utc_sec && episode->start_utc_sec < p->to_utc_sec;
}

static bool
put_episode(const struct ledger_episode *episode, void *user)
{
	struct episodes *episodes = user;
	struct json *e;

	if (!is_theirs(episodes->port, episode))
		return true;
	e = json_put_object(episodes->list, "");
	json_put_text(e, "direction", model_direction_name(episode->direction));
	json_put_utc(e, "start", episode->start_utc_sec);
	json_put_utc(e, "end", episode->end_utc_sec);
	json_put_bool(e, "open", episode->open);
	json_put_number(e, "minutes", (double)(episode->end_utc_sec - episode->start_utc_sec) / 60);
	json_put_text(e, "kind", model_episode_kind_name(episode->kind));
	json_put_text(e, "excuse", episode->excuse);
	json_put_number(e, "peak_utilisation", episode->peak_utilisation);
	json_put_number(e, "mean_utilisation", episode->mean_utilisation);
	return true;
}

static bool
each_episode(const struct letter_port *p, struct ledger *ledger, ledger_on_episode *on_episode,
	     struct episodes *episodes, struct error *err)
{
	struct ledger_episode_query query = {
		.subject = subject_port(p->port.port.id),
		.from_utc_sec = p->from_utc_sec,
		.to_utc_sec = p->to_utc_sec,
		.any_kind = true,
		.limit = EPISODES_MAX,
	};

	return ledger_episode_each(ledger, &query, on_episode, episodes, err);
}

void
letter_port_episodes(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct error err;

	if (port_open(&p, request, reply)) {
		struct json *root = begin_json(&p);
		struct episodes episodes = { &p, json_put_array(root, "episodes"), NULL, 0 };

		if (each_episode(&p, request->ledger, put_episode, &episodes, &err)) {
			reply_json(reply, 200, root);
		} else {
			json_free(root);
			refuse(request, reply, 503, "ledger", "the episodes cannot be read now");
		}
	}
	port_close(&p);
}

/* --- its samples, as replay takes them --- */

/* Of the kept lines those of the port, without the column that names it. */
static char *
cut_csv(const char *csv, int64_t port_id, size_t *len)
{
	char prefix[32];
	size_t prefix_len = (size_t)snprintf(prefix, sizeof(prefix), "%" PRId64 ",", port_id);
	struct html out;

	html_init(&out);
	for (bool is_header = true; *csv != '\0'; is_header = false) {
		size_t line_len = strcspn(csv, "\n");
		const char *next = csv + line_len + (csv[line_len] == '\n');
		const char *comma = memchr(csv, ',', line_len);

		if (comma != NULL && (is_header || strncmp(csv, prefix, prefix_len) == 0))
			html_raw_part(&out, comma + 1, (size_t)(next - comma - 1));
		csv = next;
	}
	return html_take(&out, len);
}

void
letter_port_csv(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	const struct json *connection;
	struct error err;
	char *csv;
	size_t len;

	if (port_open(&p, request, reply)) {
		const struct report *report = &p.letter.row.report;

		if (find_facts(&p, &connection) == NULL)
			refuse(request, reply, 404, "not_found", "the letter has no port %" PRId64,
			       p.port.port.id);
		else if (!reports_read(&csv, &len, request, report, KEPT_CSV, &err))
			refuse(request, reply, 404, "not_found", "%s", err.text);
		else {
			char *cut = cut_csv(csv, p.port.port.id, &len);

			reply_octets(reply, "text/csv; charset=utf-8", cut, len);
			snprintf(reply->file_name, sizeof(reply->file_name),
				 "%s-port-%" PRId64 ".csv", report->week, p.port.port.id);
			free(csv);
		}
	}
	port_close(&p);
}

/* --- the page --- */

static void
put_path(struct html *html, const struct request *request, const struct letter_port *p,
	 const char *below)
{
	html_raw(html, "/letters/");
	html_segment(html, request->params.slug);
	html_put(html, "/ports/%lld%s", (long long)p->port.port.id, below);
}

static void
put_pictures(struct html *html, const struct request *request, const struct letter_port *p)
{
	html_raw(html, "<section aria-labelledby=\"week\"><h2 id=\"week\">The week, and the four "
		       "weeks to its end</h2>\n<div class=\"graphs\">\n<figure "
		       "class=\"graph\"><figcaption>The week</figcaption><picture><source "
		       "media=\"(prefers-color-scheme: dark)\" srcset=\"");
	put_path(html, request, p, "/week.png?theme=dark");
	html_raw(html, "\"><img alt=\"Traffic of the port in the week, with its capacity\" src=\"");
	put_path(html, request, p, "/week.png");
	html_raw(html, "\"></picture></figure>\n<figure class=\"graph\"><figcaption>Hour by "
		       "hour</figcaption><picture><source media=\"(prefers-color-scheme: dark)\" "
		       "srcset=\"");
	put_path(html, request, p, "/heat.svg?theme=dark");
	html_raw(html, "\"><img alt=\"How full the port was, hour by hour, over 28 days\" src=\"");
	put_path(html, request, p, "/heat.svg");
	html_raw(html, "\"></picture></figure>\n</div></section>\n");
}

static bool
put_episode_row(const struct ledger_episode *episode, void *user)
{
	struct episodes *episodes = user;
	struct html *html = episodes->html;
	const struct world_exchange *exchange = episodes->port->port.exchange;
	char start[64], end[64], peak[32], mean[32];

	if (!is_theirs(episodes->port, episode))
		return true;
	if (episodes->count++ == 0)
		html_raw(html, "<table class=\"episodes\" aria-label=\"Episodes of "
			       "congestion\">\n<thead><tr><th "
			       "scope=\"col\">Kind</th><th scope=\"col\">Direction</th><th "
			       "scope=\"col\">Start</th><th scope=\"col\">End</th><th "
			       "scope=\"col\" class=\"num\">Minutes</th><th scope=\"col\" "
			       "class=\"num\">Peak</th><th scope=\"col\" "
			       "class=\"num\">Mean</th></tr></thead>\n<tbody>\n");
	if (exchange != NULL) {
		zone_format(exchange->zone, start, sizeof(start), episode->start_utc_sec);
		zone_format(exchange->zone, end, sizeof(end), episode->end_utc_sec);
	} else {
		units_format_utc(start, sizeof(start), episode->start_utc_sec);
		units_format_utc(end, sizeof(end), episode->end_utc_sec);
	}
	units_format_share(peak, sizeof(peak), episode->peak_utilisation);
	units_format_share(mean, sizeof(mean), episode->mean_utilisation);
	html_put(html,
		 "<tr><td class=\"st\">%s%s%s</td><td data-label=\"Direction\">%s</td><td "
		 "data-label=\"Start\">%s</td><td data-label=\"End\">%s</td><td class=\"num\" "
		 "data-label=\"Minutes\">%lld</td><td class=\"num\" data-label=\"Peak\">%s</td><td "
		 "class=\"num\" data-label=\"Mean\">%s</td></tr>\n",
		 model_episode_kind_name(episode->kind),
		 episode->excuse == NULL ? "" : ", excused: ",
		 episode->excuse == NULL ? "" : episode->excuse,
		 episode->direction == DIRECTION_OUT ? "towards you" : "from you", start, end,
		 (long long)((episode->end_utc_sec - episode->start_utc_sec) / 60), peak, mean);
	return true;
}

struct days {
	struct html *html;
	unsigned count;
};

static bool
put_day_row(const struct judged_day *day, void *user)
{
	struct days *days = user;
	struct html *html = days->html;

	if (day->peer != DAY_OF_PRESENT)
		return true;
	if (days->count++ == 0)
		html_raw(
		    html,
		    "<table class=\"days\" aria-label=\"Traffic days\">\n<thead><tr><th "
		    "scope=\"col\">Traffic day</th><th "
		    "scope=\"col\">State</th><th scope=\"col\" class=\"num\">Congested</th><th "
		    "scope=\"col\" class=\"num\">Known</th><th scope=\"col\">Verdict at its "
		    "end</th></tr></thead>\n<tbody>\n");
	html_raw(html, "<tr><th scope=\"row\">");
	page_date(html, day->date);
	html_put(html,
		 "</th><td data-label=\"State\">%s</td><td class=\"num\" "
		 "data-label=\"Congested\">%u min</td><td class=\"num\" "
		 "data-label=\"Known\">%.1f%%%s</td><td data-label=\"Verdict at its "
		 "end\">%s</td></tr>\n",
		 day->word->name, day->day.congested_minutes, day->known_share * 100,
		 day->is_valid ? "" : " (not valid)", model_verdict_name(day->day.verdict));
	return true;
}

static void
put_days(struct html *html, const struct request *request, const struct letter_port *p)
{
	struct error err;

	for (unsigned i = 0; i < DIRECTION_COUNT; i++) {
		struct days days = { html, 0 };

		html_put(html, "<h3>%s</h3>\n",
			 directions[i] == DIRECTION_OUT ? "Towards you" : "From you");
		judgement_each_day(request->ledger, &p->port, directions[i], p->first_day,
				   p->last_day, put_day_row, &days, &err);
		html_raw(html, days.count > 0 ? "</tbody>\n</table>\n"
					      : "<p class=\"muted\">None was judged by these "
						"numbers.</p>\n");
	}
}

static void
put_past(struct html *html, const struct request *request, const struct letter_port *p)
{
	struct episodes episodes = { p, NULL, html, 0 };
	struct error err;

	html_raw(html, "<section aria-labelledby=\"episodes\"><h2 id=\"episodes\">Episodes of "
		       "congestion</h2>\n");
	each_episode(p, request->ledger, put_episode_row, &episodes, &err);
	html_raw(html, episodes.count > 0 ? "</tbody>\n</table>\n"
					  : "<p class=\"muted\">None in these weeks.</p>\n");
	html_raw(html, "</section>\n<section aria-labelledby=\"days\"><h2 id=\"days\">Traffic "
		       "days</h2>\n");
	put_days(html, request, p);
	html_raw(html, "</section>\n");
}

/* The windows that touch the week, as replay takes them. */
static void
put_declared(struct html *html, const struct json *connection)
{
	const struct json *windows = json_get(connection, "windows"), *window;

	for (size_t i = 0; (window = json_at(windows, i)) != NULL; i++)
		html_put(html, " --declare %s/%s/%s", facts_text(window, "from"),
			 facts_text(window, "to"), facts_text(window, "cause"));
}

static void
put_replay(struct html *html, const struct request *request, const struct letter_port *p)
{
	const struct json *connection, *port = find_facts(p, &connection);
	const struct report *report = &p->letter.row.report;

	if (port == NULL)
		return;
	html_raw(html, "<section aria-labelledby=\"check\"><h2 id=\"check\">Its figures, made "
		       "again</h2>\n<p>With <a href=\"");
	put_path(html, request, p, "/samples.csv");
	html_put(html,
		 "\">the samples of this port in the week</a> and the program that judged:</p>\n"
		 "<pre><code>ixwatch replay --csv %s-port-%lld.csv --timezone %s",
		 report->week, (long long)p->port.port.id, facts_text(connection, "timezone"));
	page_method_options(html, &p->port.settings);
	if (strcmp(facts_text(port, "capacity_source"), "contract") == 0)
		html_put(html, " --contracted %.0f", facts_number(port, "capacity_bps"));
	put_declared(html, connection);
	html_raw(html, "</code></pre>\n<p>A week alone proves no verdict: that looks at four. The "
		       "episodes, minutes and percentiles of the week come out as they are in the "
		       "letter. For programs: <a href=\"");
	put_path(html, request, p, "/series");
	html_raw(html, "\">samples</a>, <a href=\"");
	put_path(html, request, p, "/days");
	html_raw(html, "\">days</a> and <a href=\"");
	put_path(html, request, p, "/episodes");
	html_raw(html, "\">episodes</a> as JSON.</p>\n</section>\n");
}

void
page_letter_port(const struct request *request, struct reply *reply)
{
	struct letter_port p;
	struct html html;

	if (port_open(&p, request, reply)) {
		const struct port *port = &p.port.port;

		page_begin(&html, request, port->interface, PLACE_NONE, 0);
		html_put(&html,
			 "<h1>%s %s <small class=\"asn\">AS%u</small></h1>\n<p "
			 "class=\"sub\">Your port at %s, from ",
			 port->agent, port->interface, port->asn,
			 p.port.exchange == NULL ? port->exchange : p.port.exchange->name);
		page_instant(&html, request, p.from_utc_sec);
		html_raw(&html, " to ");
		page_instant(&html, request, p.to_utc_sec);
		html_raw(&html, ": what the letter looks at. By itself; what the letter says of "
				"several ports together is on <a href=\"/letters/");
		html_segment(&html, request->params.slug);
		html_raw(&html, "\">its page</a>.</p>\n");
		put_pictures(&html, request, &p);
		put_past(&html, request, &p);
		put_replay(&html, request, &p);
		page_end(&html, request, reply, 200);
	}
	port_close(&p);
}
