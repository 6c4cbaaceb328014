/* page_error.c - a page that says what is wrong and where to go on. */
#include "page.h"

static const char *
title_of(unsigned status)
{
	switch (status) {
	case 400: return "Not understood";
	case 401: return "Not logged in";
	case 403: return "Not allowed";
	case 404: return "Not here";
	case 405: return "Not allowed";
	case 410: return "No longer";
	case 429: return "Too often";
	case 421: return "Not this server";
	case 503: return "Not available now";
	default: return "Something is wrong";
	}
}

void
page_error(const struct request *request, struct reply *reply, unsigned status,
	   const char *sentence)
{
	struct html html;

	page_begin(&html, request, title_of(status), PLACE_NONE, 0);
	html_put(&html, "<div class=\"empty\"><h1>%s <small>%u</small></h1>\n<p>", title_of(status),
		 status);
	page_sentence(&html, sentence);
	html_raw(&html, "</p>\n<p><a href=\"/\">All ports</a></p></div>\n");
	page_end(&html, request, reply, status);
}
