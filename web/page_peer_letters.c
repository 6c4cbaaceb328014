/* page_peer_letters.c - what a peer was told, newest first: its letters, and which of them were notices. */
#include "page.h"
#include "report_words.h"
#include "reports.h"

#define LETTERS_SHOWN 12

struct shown {
	struct html *html;
	const struct request *request;
	unsigned count;
};

static void
put_columns(struct html *html)
{
	html_raw(html,
		 "<table class=\"letters\" aria-label=\"Letters\">\n<thead><tr><th "
		 "scope=\"col\">State</th><th scope=\"col\">Week</th><th "
		 "scope=\"col\">Verdict</th><th scope=\"col\">Purpose</th><th "
		 "scope=\"col\">Notice</th><th scope=\"col\">Decided</th></tr></thead>\n<tbody>\n");
}

static bool
on_report(const struct report *report, void *user)
{
	struct shown *shown = user;
	struct html *html = shown->html;
	char path[REPORT_PATH_MAX], notice[32];

	if (!reports_sees(shown->request, report))
		return true;
	if (shown->count++ == 0)
		put_columns(html);
	html_put(html, "<tr class=\"%s\"><td class=\"st\">", report_state_css(report->state));
	report_put_state(html, report->state);
	html_put(html, "</td><th scope=\"row\"><a href=\"%s\">%s</a>", report_path(path, report, 0),
		 report->week);
	if (report->edition > 1)
		html_put(html, " <small>edition %u</small>", report->edition);
	html_raw(html, "</th><td data-label=\"Verdict\">");
	page_verdict(html, report->verdict);
	html_put(html,
		 "</td><td data-label=\"Purpose\">%s</td><td data-label=\"Notice\">%s</td><td "
		 "data-label=\"Decided\">",
		 report->purpose, report_notice_words(notice, sizeof(notice), report));
	page_instant(html, shown->request, report->decided_utc_sec);
	html_put(html, " <small>by %s</small></td></tr>\n", report->decided_by);
	return shown->count < LETTERS_SHOWN;
}

void
page_peer_letters(struct html *html, const struct request *request, uint32_t asn)
{
	struct report_query query = {
		.kind = REPORT_PEER, .asn = asn, .any_state = true, .newest_edition = true
	};
	struct shown shown = { .html = html, .request = request };
	struct error err;
	bool done;

	if (request->ledger == NULL)
		return;
	html_raw(html, "<section aria-labelledby=\"letters\"><h2 id=\"letters\">Letters "
		       "<small>what it was told of closed weeks</small></h2>\n");
	done = ledger_report_each(request->ledger, &query, on_report, &shown, &err);
	html_raw(html, shown.count > 0 ? "</tbody>\n</table>\n" : "");
	if (!done)
		html_put(html, "<p class=\"problem\">The letters cannot be read now: %s.</p>\n",
			 err.text);
	else if (shown.count == 0)
		html_raw(html, "<p class=\"muted\">None yet.</p>\n");
	html_raw(html, "</section>\n");
}
