/* page.c - the frame around every page: head, navigation, how fresh it is, foot.
 *
 * No inline script, no inline style, no other host: the security policy sent with every page allows none of them.  Pages
 * with live values have scripts, files of ours, and are whole without them. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "assets.h"
#include "page.h"

/* The shapes of the six states and four verdicts, once a page; they are shown by reference. */
static const char shapes[] =
    "<svg class=\"defs\" aria-hidden=\"true\">"
    "<symbol id=\"i-sustained\" viewBox=\"0 0 16 16\"><path d=\"M5 1h6l4 4v6l-4 4H5l-4-4V5z\"/>"
    "<path class=\"cut\" d=\"M7 4h2l-.3 5H7.3zM7 10.4h2v2H7z\"/></symbol>"
    "<symbol id=\"i-spike\" viewBox=\"0 0 16 16\"><path d=\"M8 1l7.5 14H.5z\"/>"
    "<path class=\"cut\" d=\"M7.1 6h1.8l-.3 4.6H7.4zM7.1 11.6h1.8v1.8H7.1z\"/></symbol>"
    "<symbol id=\"i-hot\" viewBox=\"0 0 16 16\"><circle class=\"ring\" cx=\"8\" cy=\"8\" "
    "r=\"6.5\"/>"
    "<path d=\"M8 1.5a6.5 6.5 0 0 1 0 13z\"/></symbol>"
    "<symbol id=\"i-unknown\" viewBox=\"0 0 16 16\"><circle class=\"ring dashed\" cx=\"8\" "
    "cy=\"8\" r=\"6.5\"/>"
    "<path d=\"M5.6 6.3C5.6 4.8 6.6 4 8 4s2.4.8 2.4 2.1c0 1.7-1.7 1.8-1.7 3.1H7.3c0-1.9 1.6-2 "
    "1.6-3 0-.5-.3-.8-.9-.8"
    "s-.9.3-.9.9zM7.2 10.4h1.6V12H7.2z\"/></symbol>"
    "<symbol id=\"i-down\" viewBox=\"0 0 16 16\"><rect x=\"1.5\" y=\"1.5\" width=\"13\" "
    "height=\"13\" rx=\"2\"/>"
    "<path class=\"cut line\" d=\"M5 5l6 6M11 5l-6 6\"/></symbol>"
    "<symbol id=\"i-clear\" viewBox=\"0 0 16 16\"><path class=\"line\" d=\"M2.5 8.5l3.7 3.7L13.5 "
    "4.5\"/></symbol>"
    "<symbol id=\"i-routine\" viewBox=\"0 0 16 16\"><path d=\"M8 .5L15.5 8 8 15.5.5 8z\"/>"
    "<path class=\"cut\" d=\"M7 4h2l-.3 5H7.3zM7 10.4h2v2H7z\"/></symbol>"
    "<symbol id=\"i-recurring\" viewBox=\"0 0 16 16\"><path class=\"line\" d=\"M13.5 5.5A6 6 0 1 0 "
    "14 9.5\"/><path d=\"M14.9 1.5V7H9.4z\"/></symbol>"
    "<symbol id=\"i-insufficient\" viewBox=\"0 0 16 16\"><circle class=\"ring dashed\" cx=\"8\" "
    "cy=\"8\" r=\"6.5\"/><path d=\"M4 7h2v2H4zM7 7h2v2H7zM10 7h2v2h-2z\"/></symbol>"
    "<symbol id=\"i-none\" viewBox=\"0 0 16 16\"><circle class=\"ring\" cx=\"8\" cy=\"8\" "
    "r=\"6.5\"/><path class=\"line\" d=\"M4.8 8.3l2.3 2.2 4-4.6\"/></symbol>"
    "</svg>\n";

static void
put_head(struct html *html, const char *title, unsigned refresh_sec, bool has_chart)
{
	html_put(html,
		 "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
		 "<title>%s \xc2\xb7 ixwatch</title>\n"
		 "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
		 "<meta name=\"color-scheme\" content=\"light dark\">\n",
		 title);
	if (refresh_sec > 0)
		html_put(html,
			 "<noscript><meta http-equiv=\"refresh\" content=\"%u\"></noscript>\n",
			 refresh_sec);
	if (refresh_sec > 0)
		html_put(html, "<script defer src=\"/static/age.js?v=%s\"></script>\n",
			 assets_version("age.js"));
	if (has_chart)
		html_put(html,
			 "<script defer src=\"/static/dygraph.min.js?v=%s\"></script>\n"
			 "<script defer src=\"/static/chart.js?v=%s\"></script>\n",
			 assets_version("dygraph.min.js"), assets_version("chart.js"));
	else if (refresh_sec > 0)
		html_put(html, "<script defer src=\"/static/renew.js?v=%s\"></script>\n",
			 assets_version("renew.js"));
	html_put(
	    html,
	    "<link rel=\"stylesheet\" href=\"/static/style.css?v=%s\">\n"
	    "<link rel=\"icon\" type=\"image/svg+xml\" href=\"/static/icon.svg?v=%s\">\n</head>\n",
	    assets_version("style.css"), assets_version("icon.svg"));
}

static void
put_link(struct html *html, const char *href, const char *text, bool is_here)
{
	html_put(html, "<a href=\"%s\"", href);
	html_raw(html, is_here ? " aria-current=\"page\">" : ">");
	html_put(html, "%s</a>", text);
}

/* When what is shown was measured, whether that is still now, and when it is asked for again. */
static void
put_freshness(struct html *html, const struct request *request, unsigned refresh_sec,
	      unsigned ask_sec, bool has_chart)
{
	const struct world *world = request->world;
	char age[32];

	if (world == NULL || world->round_utc_sec == 0) {
		html_raw(html, "<p class=\"asof\"><span class=\"old\">no data yet</span>");
	} else {
		int64_t age_sec = request->now_utc_sec - world->round_utc_sec;

		page_age(age, sizeof(age), age_sec);
		html_put(html, "<p class=\"asof\"><span class=\"%s\">as of ",
			 world->stale ? "old" : "new");
		page_instant(html, request, world->round_utc_sec);
		html_put(html,
			 world->stale ? ", <span id=\"age\" data-sec=\"%lld\">%s</span> old: "
					"<strong>the collector is not "
					"running</strong></span>"
				      : ", <span id=\"age\" data-sec=\"%lld\">%s</span> ago</span>",
			 (long long)age_sec, age);
	}
	if (refresh_sec > 0)
		html_put(html, " <small>renews itself %severy %u s</small>",
			 ask_sec < refresh_sec ? "at least " : "", refresh_sec);
	if (refresh_sec > 0 && !has_chart)
		html_raw(html, " <button type=\"button\" id=\"hold\" aria-pressed=\"false\" hidden>"
			       "Hold still</button>");
	html_raw(html, "</p>\n");
	if (refresh_sec > 0 && !has_chart)
		html_raw(html, "<p id=\"renewed\" class=\"unseen\" role=\"status\"></p>\n");
}

/* Who is logged in, and the way out; or the way in. */
static void
put_account(struct html *html, const struct request *request)
{
	const struct identity *who = &request->who;

	if (who->kind == WHO_OPEN || !auth_is_guarded(request->auth))
		return;
	if (who->kind == WHO_NOBODY) {
		html_raw(html, "<p class=\"account\"><a href=\"/login\">Log in</a></p>\n");
		return;
	}
	html_put(html, "<div class=\"account\"><span>%s <small>%s</small></span>", who->name,
		 account_role_name(who->role));
	if (who->kind == WHO_SESSION)
		html_put(html,
			 "<form method=\"post\" action=\"/logout\"><input type=\"hidden\" "
			 "name=\"token\" value=\"%s\"><button>Log out</button></form>",
			 who->form_token);
	html_raw(html, "</div>\n");
}

/* Where a letter's link leads: its pages, and nothing of ours around them. */
static void
put_letter_top(struct html *html, const struct request *request)
{
	html_raw(html, "<header class=\"top\"><div class=\"wide\">\n<span "
		       "class=\"brand\">ixwatch</span>\n");
	if (request->who.kind == WHO_LINK) {
		html_raw(html, "<nav aria-label=\"Pages\"><a href=\"/letters/");
		html_segment(html, request->params.slug);
		html_raw(html, "\">The letter</a><a href=\"/letters/");
		html_segment(html, request->params.slug);
		html_raw(html, "/method\">Method</a></nav>\n");
	}
	html_raw(html, "</div></header>\n<main id=\"main\" class=\"wide\">\n");
}

void
page_shapes(struct html *html)
{
	html_raw(html, shapes);
}

/* A tagged page is asked for more often than there are rounds: what people do in between is seen sooner, and an answer
 * that nothing changed costs little. */
static unsigned
often(unsigned refresh_sec)
{
	return refresh_sec < 12 ? (refresh_sec + 1) / 2 : refresh_sec < 60 ? refresh_sec / 6 : 10;
}

void
page_begin(struct html *html, const struct request *request, const char *title,
	   enum page_place place, unsigned refresh_sec)
{
	unsigned ask_sec = place == PLACE_PORTS ? often(refresh_sec) : refresh_sec;

	html_init(html);
	put_head(html, title, refresh_sec, place == PLACE_PORT);
	html_raw(html, "<body>\n<a class=\"skip\" href=\"#main\">Skip to the content</a>\n");
	page_shapes(html);
	if (request->is_of_link) {
		put_letter_top(html, request);
		return;
	}
	html_raw(html, "<header class=\"top\"><div class=\"wide\">\n<a class=\"brand\" "
		       "href=\"/\">ixwatch</a>\n"
		       "<nav aria-label=\"Pages\">");
	put_link(html, "/", "Ports", place == PLACE_PORTS);
	put_link(html, "/episodes", "Episodes", place == PLACE_EPISODES);
	put_link(html, "/reports", "Letters", place == PLACE_REPORTS);
	put_link(html, "/mail", "Mail", place == PLACE_MAIL);
	put_link(html, "/method", "Method", place == PLACE_METHOD);
	html_raw(html, "</nav>\n");
	put_freshness(html, request, refresh_sec, ask_sec, place == PLACE_PORT);
	put_account(html, request);
	html_put(html,
		 "</div></header>\n<main id=\"main\" class=\"wide\" data-renew=\"%u\" "
		 "data-round=\"%lld\" data-age=\"%s\" data-version=\"%s%s\">\n",
		 ask_sec, (long long)(request->world == NULL ? 0 : request->world->round_utc_sec),
		 request->world != NULL && request->world->stale ? "old" : "new",
		 assets_version("style.css"), assets_version("renew.js"));
}

void
page_end(struct html *html, const struct request *request, struct reply *reply, unsigned status)
{
	char now[40];

	units_format_utc(now, sizeof(now), request->now_utc_sec);
	if (request->is_of_link) {
		html_put(html,
			 "</main>\n<footer class=\"wide\"><p>ixwatch %s \xc2\xb7 made at "
			 "%s</p></footer>\n</body>\n</html>\n",
			 IXWATCH_VERSION, now);
		reply_html(reply, status, html);
		return;
	}
	html_put(html,
		 "</main>\n<footer class=\"wide\"><p>ixwatch %s \xc2\xb7 made at %s \xc2\xb7 "
		 "<a href=\"/method\">how it is judged</a> \xc2\xb7 "
		 "<a href=\"/api/v1/status\">status as JSON</a></p></footer>\n</body>\n</html>\n",
		 IXWATCH_VERSION, now);
	reply_html(reply, status, html);
}

struct request
page_at_the_round(const struct request *request)
{
	struct request then = *request;

	if (request->world->round_utc_sec != 0 && !request->world->stale)
		then.now_utc_sec = request->world->round_utc_sec;
	return then;
}

void
page_tag(const struct request *request, struct reply *reply)
{
	const char *begin = reply->body == NULL ? NULL : strstr(reply->body, "<main ");
	const char *end = begin == NULL ? NULL : strstr(begin, "</main>");

	char text[ETAG_MAX + DIGEST_HEX];
	int len;

	if (end == NULL)
		return;
	etag_of(reply->etag, begin, (size_t)(end - begin));
	len = snprintf(text, sizeof(text), "%s%s", reply->etag, request->who.form_token);
	etag_of(reply->etag, text, (size_t)len);
}

unsigned
page_refresh_sec(const struct request *request, unsigned at_least_sec)
{
	unsigned sec = request->world->interval_sec;

	if (sec < at_least_sec)
		sec = at_least_sec;
	return sec > 60 ? 60 : sec;
}

bool
page_no_data(const struct request *request, struct reply *reply)
{
	struct html html;

	if (request->world->has_ledger)
		return false;
	page_begin(&html, request, "No data yet", PLACE_NONE, 5);
	html_raw(&html, "<div class=\"empty\"><h1>Nothing to show yet</h1>\n<p>");
	page_sentence(&html, request->world->trouble);
	html_raw(&html, "</p>\n<p class=\"muted\">Start it with <code>ixwatch run</code> or "
			"<code>ixwatch collect</code>; "
			"this page shows its ports as soon as they are there.</p></div>\n");
	page_end(&html, request, reply, 200);
	return true;
}
