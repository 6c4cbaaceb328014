/* page_reports.c - /reports: the letters of a week, what waits for somebody first; what is held back, and why. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#include "arena.h"
#include "letter.h"
#include "page.h"
#include "refuse.h"
#include "report_words.h"
#include "reports.h"

#define PAGE_LETTERS 200
#define WEEKS_SHOWN  30

/* --- the letters of a week --- */

struct queue {
	const struct request *request;
	char week[ROUTE_WEEK_MAX]; /* "": there is none yet */
	struct arena *arena;
	struct report *reports; /* that are seen, newest editions */
	size_t count, room;
	bool failed; /* memory ran out */
	unsigned states[REPORT_STATE_COUNT];
};

static const char *
keep(struct queue *queue, const char *text)
{
	const char *copy = arena_text(queue->arena, text == NULL ? "" : text);

	queue->failed |= copy == NULL;
	return copy == NULL ? "" : copy;
}

static bool
make_room(struct queue *queue)
{
	size_t room = queue->room == 0 ? 256 : 2 * queue->room;
	struct report *reports;

	if (queue->count < queue->room)
		return true;
	reports = realloc(queue->reports, room * sizeof(*reports));
	queue->failed = reports == NULL;
	if (reports == NULL)
		return false;
	queue->reports = reports;
	queue->room = room;
	return true;
}

static bool
on_report(const struct report *report, void *user)
{
	struct queue *queue = user;
	struct report *kept;

	if (!reports_sees(queue->request, report))
		return true;
	if (!make_room(queue))
		return false;
	kept = &queue->reports[queue->count++];
	*kept = *report;
	kept->week = keep(queue, report->week);
	kept->exchange = keep(queue, report->exchange);
	kept->name = keep(queue, report->name);
	kept->subject = keep(queue, report->subject);
	kept->purpose = keep(queue, report->purpose);
	kept->why = keep(queue, report->why);
	kept->sha256 = kept->corrects = kept->note = kept->decided_by = "";
	queue->states[report->state]++;
	return !queue->failed;
}

/* What needs somebody comes first; then the gravest, then by name. */
static unsigned
order_of(const struct report *report)
{
	static const unsigned order[REPORT_STATE_COUNT] = {
		[REPORT_WAITING] = 0,      [REPORT_HELD] = 1,     [REPORT_PAUSED] = 2,
		[REPORT_NO_RECIPIENT] = 3, [REPORT_APPROVED] = 4, [REPORT_OPTED_OUT] = 5,
		[REPORT_LAPSED] = 6,       [REPORT_NOTHING] = 7,
	};

	return order[report->state];
}

static unsigned
gravity_of(enum verdict verdict)
{
	switch (verdict) {
	case VERDICT_ROUTINE: return 0;
	case VERDICT_RECURRING: return 1;
	case VERDICT_INSUFFICIENT: return 2;
	default: return 3;
	}
}

static int
compare(const void *left, const void *right)
{
	const struct report *a = left, *b = right;

	if (order_of(a) != order_of(b))
		return order_of(a) < order_of(b) ? -1 : 1;
	if (a->kind != b->kind)
		return a->kind > b->kind ? -1 : 1;
	if (gravity_of(a->verdict) != gravity_of(b->verdict))
		return gravity_of(a->verdict) < gravity_of(b->verdict) ? -1 : 1;
	int by_name = strcmp(a->name, b->name);
	return by_name != 0 ? by_name : a->id < b->id ? -1 : a->id > b->id;
}

static bool
queue_read(struct queue *queue, struct error *err)
{
	struct report_query query = {
		.week = queue->week, .any_kind = true, .any_state = true, .newest_edition = true
	};

	queue->arena = arena_new();
	if (queue->arena == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (!ledger_report_each(queue->request->ledger, &query, on_report, queue, err))
		return false;
	if (queue->failed)
		return error_set(err, ERR_NOMEM, "out of memory");
	if (queue->count > 0)
		qsort(queue->reports, queue->count, sizeof(*queue->reports), compare);
	return true;
}

static void
queue_end(struct queue *queue)
{
	free(queue->reports);
	arena_free(queue->arena);
}

/* --- what is asked for --- */

static bool
fits(const struct request *request, const struct report *report)
{
	const struct query *q = &request->query;
	char asn[16];

	if (q->letter_state[0] != '\0' &&
	    strcmp(q->letter_state, report_state_name(report->state)) != 0)
		return false;
	snprintf(asn, sizeof(asn), "AS%u", report->asn);
	return q->text[0] == '\0' || strcasestr(report->name, q->text) != NULL ||
	       strcasestr(report->subject, q->text) != NULL ||
	       strcasestr(report->exchange, q->text) != NULL ||
	       (report->kind == REPORT_PEER && strcasestr(asn, q->text) != NULL);
}

/* The query of this list with another state; the week is always said. */
static void
put_query(struct html *html, const struct queue *queue, const char *state, unsigned page)
{
	const struct query *q = &queue->request->query;

	html_raw(html, "/reports?week=");
	html_segment(html, queue->week);
	if (state[0] != '\0') {
		html_raw(html, "&amp;state=");
		html_segment(html, state);
	}
	if (q->text[0] != '\0') {
		html_raw(html, "&amp;q=");
		html_segment(html, q->text);
	}
	if (page > 1)
		html_put(html, "&amp;page=%u", page);
}

/* --- weeks --- */

struct weeks {
	struct html *html;
	struct queue *queue;
	unsigned count;
	bool counts_too; /* nothing is kept from who asks */
};

static bool
on_week(const struct report_week *week, void *user)
{
	struct weeks *weeks = user;
	bool is_here = strcmp(weeks->queue->week, week->week) == 0;

	if (weeks->count++ == 0)
		html_raw(weeks->html, "<nav class=\"weeks\" aria-label=\"Weeks\"><ul>\n");
	html_raw(weeks->html, "<li><a href=\"/reports?week=");
	html_segment(weeks->html, week->week);
	html_put(weeks->html, "\"%s>%s", is_here ? " aria-current=\"page\"" : "", week->week);
	if (weeks->counts_too && week->count[REPORT_WAITING] > 0)
		html_put(weeks->html, " <small>%lld waiting</small>",
			 (long long)week->count[REPORT_WAITING]);
	html_raw(weeks->html, "</a></li>\n");
	return weeks->count < WEEKS_SHOWN;
}

static void
put_weeks(struct html *html, struct queue *queue)
{
	struct weeks weeks = { .html = html,
			       .queue = queue,
			       .counts_too = queue->request->who.scopes.count == 0 };
	struct error err;

	if (ledger_report_weeks_each(queue->request->ledger, on_week, &weeks, &err) &&
	    weeks.count > 0)
		html_raw(html, "</ul></nav>\n");
}

static bool
on_newest(const struct report_week *week, void *user)
{
	struct queue *queue = user;

	snprintf(queue->week, sizeof(queue->week), "%s", week->week);
	return false;
}

/* The week that is asked for, else the newest. */
static bool
choose_week(struct queue *queue, struct error *err)
{
	const char *asked = queue->request->query.week;

	if (asked[0] == '\0')
		return ledger_report_weeks_each(queue->request->ledger, on_newest, queue, err);
	snprintf(queue->week, sizeof(queue->week), "%.8s", asked);
	return true;
}

/* --- the table --- */

struct cell {
	struct html *html;
};

static bool
on_connection(const struct report_connection *connection, void *user)
{
	struct cell *cell = user;

	html_put(cell->html, "<li>%s", connection->exchange);
	if (connection->verdict == VERDICT_ROUTINE || connection->verdict == VERDICT_RECURRING)
		html_put(cell->html, " <em>%s</em>", model_verdict_name(connection->verdict));
	html_raw(cell->html, "</li>");
	return true;
}

static void
put_exchanges(struct html *html, const struct request *request, const struct report *report)
{
	struct cell cell = { html };
	struct error err;

	html_raw(html, "<td data-label=\"Exchanges\">");
	if (report->kind == REPORT_OVERVIEW)
		html_raw(html, "all");
	else if (report->kind == REPORT_EXCHANGE)
		html_put(html, "%s", report->exchange);
	else {
		html_raw(html, "<ul class=\"plain\">");
		ledger_report_connection_each(request->ledger, report->id, on_connection, &cell,
					      &err);
		html_raw(html, "</ul>");
	}
	html_raw(html, "</td>");
}

/* What whoever decides looks twice at. */
static const char *
first_words(const struct report *report)
{
	bool is_open = report->state == REPORT_WAITING || report->state == REPORT_HELD ||
		       report->state == REPORT_PAUSED;

	if (!report->first || report->kind != REPORT_PEER || !is_open)
		return "";
	return report->why[0] == '\0' ? "the first letter to this peer"
				      : "; the first letter to this peer";
}

static void
put_row(struct html *html, const struct request *request, const struct report *report)
{
	char path[REPORT_PATH_MAX], text[64];

	html_put(html, "<tr class=\"%s\"><td class=\"st\">", report_state_css(report->state));
	report_put_state(html, report->state);
	html_put(html, "</td><th scope=\"row\"><a href=\"%s\">%s</a>", report_path(path, report, 0),
		 report_whom(report));
	if (report->kind == REPORT_PEER)
		html_put(html, " <a class=\"asn\" href=\"/peers/%u\">AS%u</a>", report->asn,
			 report->asn);
	if (report->edition > 1)
		html_put(html, " <small>edition %u</small>", report->edition);
	html_raw(html, "</th>");
	put_exchanges(html, request, report);
	html_raw(html, "<td data-label=\"Verdict\">");
	page_verdict(html, report->verdict);
	html_put(html, "</td><td data-label=\"Purpose\">%s</td><td data-label=\"Notice\">%s</td>",
		 report->purpose, report_notice_words(text, sizeof(text), report));
	html_put(
	    html,
	    "<td class=\"why\" data-label=\"Why\">%s%s</td><td class=\"to\" data-label=\"To\">",
	    report->why, first_words(report));
	report_put_recipients(html, request, report);
	html_put(html, "</td><td data-label=\"Lapses\">%s</td></tr>\n",
		 report_lapse_words(text, sizeof(text), request, report));
}

static void
put_columns(struct html *html)
{
	html_raw(html,
		 "<table class=\"letters\" aria-label=\"Letters\">\n<thead><tr><th "
		 "scope=\"col\">State</th><th "
		 "scope=\"col\">Letter</th><th scope=\"col\">Exchanges</th><th "
		 "scope=\"col\">Verdict</th><th scope=\"col\">Purpose</th><th "
		 "scope=\"col\">Notice</th><th scope=\"col\">Why</th><th "
		 "scope=\"col\">To</th><th scope=\"col\">Lapses</th></tr></thead>\n<tbody>\n");
}

static void
put_pager(struct html *html, const struct queue *queue, unsigned page, unsigned fitting)
{
	const char *state = queue->request->query.letter_state;

	if (fitting <= PAGE_LETTERS)
		return;
	html_raw(html, "<nav class=\"pager\" aria-label=\"Pages of the list\">");
	for (unsigned i = 1; i <= (fitting + PAGE_LETTERS - 1) / PAGE_LETTERS; i++) {
		html_raw(html, "<a href=\"");
		put_query(html, queue, state, i);
		html_put(html, "\"%s>%u</a> ", i == page ? " aria-current=\"page\"" : "", i);
	}
	html_raw(html, "</nav>\n");
}

static void
put_letters(struct html *html, const struct queue *queue)
{
	unsigned fitting = 0, page = queue->request->query.page;
	unsigned first = (page - 1) * PAGE_LETTERS;

	for (size_t i = 0; i < queue->count; i++) {
		if (!fits(queue->request, &queue->reports[i]))
			continue;
		if (fitting >= first && fitting - first < PAGE_LETTERS) {
			if (fitting == first)
				put_columns(html);
			put_row(html, queue->request, &queue->reports[i]);
		}
		fitting++;
	}
	html_raw(html, fitting > first ? "</tbody>\n</table>\n"
				       : "<p class=\"muted\">No letter fits.</p>\n");
	put_pager(html, queue, page, fitting);
}

/* --- filters --- */

static void
put_count(struct html *html, const struct queue *queue, const char *state, const char *words,
	  size_t count)
{
	bool is_here = strcmp(queue->request->query.letter_state, state) == 0;

	html_put(html, "<li%s><a href=\"", count == 0 ? " class=\"zero\"" : "");
	put_query(html, queue, state, 1);
	html_put(html, "\"%s><b>%zu</b> %s</a></li>\n", is_here ? " aria-current=\"true\"" : "",
		 count, words);
}

static void
put_filters(struct html *html, const struct queue *queue)
{
	static const enum report_state order[] = { REPORT_WAITING,  REPORT_HELD,
						   REPORT_PAUSED,   REPORT_NO_RECIPIENT,
						   REPORT_APPROVED, REPORT_OPTED_OUT,
						   REPORT_LAPSED,   REPORT_NOTHING };
	const struct query *q = &queue->request->query;

	html_raw(html, "<ul class=\"counts\" aria-label=\"Letters by state\">\n");
	put_count(html, queue, "", "all", queue->count);
	for (size_t i = 0; i < REPORT_STATE_COUNT; i++)
		put_count(html, queue, report_state_name(order[i]), report_state_name(order[i]),
			  queue->states[order[i]]);
	html_raw(html, "</ul>\n<form class=\"filter\" method=\"get\" action=\"/reports\" "
		       "role=\"search\" aria-label=\"Find a peer\">\n");
	html_put(
	    html,
	    "<input type=\"hidden\" name=\"week\" value=\"%s\"><input type=\"hidden\" "
	    "name=\"state\" value=\"%s\">\n<label>Name, ASN or exchange <input type=\"search\" "
	    "name=\"q\" value=\"%s\" maxlength=\"60\"></label> <button>Find</button>\n</form>\n",
	    queue->week, q->letter_state, q->text);
}

/* --- the page --- */

static void
put_queue(struct html *html, struct queue *queue)
{
	html_raw(html,
		 "<h1>Letters</h1>\n<p class=\"sub\">What each peer is told of a closed week, "
		 "and what became of it. What waits for somebody comes first; nothing leaves "
		 "before it is approved, unless the configuration says so.</p>\n");
	put_weeks(html, queue);
	if (queue->week[0] == '\0') {
		html_raw(html,
			 "<p class=\"card\">There is no letter yet. They are made once a week "
			 "has closed, at the hour that <code>report</code> in the "
			 "configuration says, or by <code>ixwatch report</code>.</p>\n");
		return;
	}
	html_put(html, "<h2>Week %s</h2>\n", queue->week);
	put_filters(html, queue);
	put_letters(html, queue);
}

void
page_reports(const struct request *request, struct reply *reply)
{
	struct queue queue = { .request = request };
	struct html html;
	struct error err;

	if (page_no_data(request, reply))
		return;
	if (request->ledger == NULL) {
		refuse(request, reply, 503, "no_data", "the ledger cannot be read now");
		return;
	}
	if (choose_week(&queue, &err) && (queue.week[0] == '\0' || queue_read(&queue, &err))) {
		page_begin(&html, request, "Letters", PLACE_REPORTS, 0);
		put_queue(&html, &queue);
		page_end(&html, request, reply, 200);
	} else {
		refuse(request, reply, 503, "ledger", "%s", err.text);
	}
	queue_end(&queue);
}
