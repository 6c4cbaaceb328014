/* page_letter.c - what a letter's link opens: the letter as it was mailed, where each of its numbers comes from, and how to
 * check it.  All of it is the letter's own: what was kept with it, and its network's ports. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "kept.h"
#include "letter.h"
#include "letter_facts.h"
#include "letter_files.h"
#include "page.h"

/* "/letters/TOKEN", then what is below it. */
static void
put_path(struct html *html, const struct request *request, const char *below)
{
	html_raw(html, "/letters/");
	html_segment(html, request->params.slug);
	html_raw(html, below);
}

static void
put_link(struct html *html, const struct request *request, const char *below, const char *words)
{
	html_raw(html, "<a href=\"");
	put_path(html, request, below);
	html_put(html, "\">%s</a>", words);
}

/* --- the letter --- */

static void
put_letter(struct html *html, const struct request *request)
{
	html_raw(html,
		 "<section aria-labelledby=\"letter\"><h2 id=\"letter\">The letter, as it was "
		 "mailed</h2>\n<iframe class=\"letter\" sandbox title=\"The letter, as it was "
		 "mailed\" src=\"");
	put_path(html, request, "/letter.html");
	html_raw(html, "\"></iframe>\n<p>The same ");
	put_link(html, request, "/letter.txt", "as text");
	html_raw(html, ".</p>\n</section>\n");
}

/* --- its ports --- */

static void
put_port(struct html *html, const struct request *request, const struct json *port)
{
	char below[48], capacity[32];
	double bps = facts_number(port, "capacity_bps");
	int64_t id = 0;

	json_int(json_get(port, "id"), &id);
	html_raw(html, "<li>");
	if (world_port_find(request->world, id) != NULL) {
		char words[256];

		snprintf(below, sizeof(below), "/ports/%lld", (long long)id);
		snprintf(words, sizeof(words), "%s %s", facts_text(port, "agent"),
			 facts_text(port, "interface"));
		put_link(html, request, below, words);
	} else {
		html_put(html,
			 "%s %s <small>no longer yours at this exchange, or no longer "
			 "there</small>",
			 facts_text(port, "agent"), facts_text(port, "interface"));
	}
	html_put(html, ": %s",
		 isnan(bps) ? "capacity unknown"
			    : units_format_bps(capacity, sizeof(capacity), bps));
	html_raw(html, "</li>\n");
}

static void
put_ports(struct html *html, const struct request *request, const struct json *connection)
{
	const struct json *ports = json_get(connection, "ports"), *port;

	html_put(html, "<h4>Its ports at %s</h4>\n<ul>\n", facts_text(connection, "exchange_name"));
	for (size_t i = 0; (port = json_at(ports, i)) != NULL; i++)
		put_port(html, request, port);
	html_raw(html, "</ul>\n");
}

static void
put_numbers(struct html *html, const struct request *request, const struct json *facts)
{
	const struct json *connection;

	html_raw(html, "<section aria-labelledby=\"numbers\"><h2 id=\"numbers\">Where each number "
		       "comes from</h2>\n<p>Every figure is made from the samples of the week, "
		       "step by step of 300 s, and from nothing else: ");
	put_link(html, request, "/samples.csv", "the samples");
	html_raw(html, ", ");
	put_link(html, request, "/facts.json", "the facts as the letter was made of them");
	html_raw(html, ". What is judged congested, excused or unknown is decided by ");
	put_link(html, request, "/method", "the method, with the numbers then in force");
	html_raw(html, ".</p>\n");
	facts_put_meanings(html);
	for (size_t i = 0; (connection = json_at(json_get(facts, "connections"), i)) != NULL; i++) {
		facts_put_connection(html, connection, (unsigned)i + 1);
		put_ports(html, request, connection);
	}
	html_raw(html, "</section>\n");
}

/* --- how to check and contest --- */

static void
put_check(struct html *html, const struct request *request, const struct letter_open *letter)
{
	const struct json *us = json_get(letter->facts, "us");
	const char *mail = facts_text(us, "mail");

	html_raw(html,
		 "<section aria-labelledby=\"check\"><h2 id=\"check\">Check it, or contest "
		 "it</h2>\n<p>On the page of each port there are its own samples, and the "
		 "command that makes its figures of them again. With your own counters of the "
		 "same port you should see much the same.</p>\n<p>If you do not, or if "
		 "something is not as we say, answer the mail");
	if (mail[0] != '\0')
		html_put(html, ", or write to <a href=\"mailto:%s\">%s</a>", mail, mail);
	if (facts_text(us, "phone")[0] != '\0')
		html_put(html, ", or call %s", facts_text(us, "phone"));
	html_put(html,
		 "%s%s%s. Until that is decided, nothing more is said of it.</p>\n</section>\n",
		 facts_text(us, "person")[0] == '\0' ? "" : " (", facts_text(us, "person"),
		 facts_text(us, "person")[0] == '\0' ? "" : ")");
	(void)request;
}

void
page_letter(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	struct html html;

	if (letter_open(&letter, request, reply)) {
		const struct report *report = &letter.row.report;

		page_begin(&html, request, report->subject, PLACE_NONE, 0);
		html_put(&html, "<h1>%s</h1>\n<p class=\"sub\">Week %s, edition %u, made ",
			 report->subject, report->week, report->edition);
		page_instant(&html, request, report->made_utc_sec);
		html_raw(&html, ". The link is yours alone: who has it sees this page.</p>\n");
		if (report->corrects[0] != '\0')
			html_put(&html,
				 "<p class=\"card\">What was wrong in the edition before: "
				 "%s</p>\n",
				 report->corrects);
		put_letter(&html, request);
		put_numbers(&html, request, letter.facts);
		put_check(&html, request, &letter);
		page_end(&html, request, reply, 200);
		reply->guard = GUARD_FRAMING;
	}
	letter_close(&letter);
}

void
page_letter_method(const struct request *request, struct reply *reply)
{
	struct letter_open letter;
	struct detector_settings settings;

	if (letter_open(&letter, request, reply)) {
		facts_settings(&settings, letter.facts);
		page_method_of(request, reply, &settings);
	}
	letter_close(&letter);
}
