/* page_advice.c - what is advised about the capacity of a port or a connection, beside its verdict: the ledger's row of each direction, in the
 * sentences of ixwatch/advice.h, and for the API in its members. */
#include <ctype.h>

#include "ixwatch/ledger_advice.h"

#include "api.h"
#include "page.h"

static const char *const titles[SUBJECT_KIND_COUNT][DIRECTION_COUNT] = {
	[SUBJECT_PORT] = { [DIRECTION_IN] = "In, received on the port",
			   [DIRECTION_OUT] = "Out, sent through the port" },
	[SUBJECT_CONNECTION] = { [DIRECTION_IN] = "Advice for in, all ports together",
				 [DIRECTION_OUT] = "Advice for out, all ports together" },
};

bool
page_advice_read(struct ledger_advice *advice, struct ledger *ledger, const struct world_port *port,
		 enum direction direction, struct error *err)
{
	if (ledger == NULL)
		return error_set(err, ERR_NOT_FOUND, "the ledger cannot be read now");
	if (!ledger_advice_get(ledger, port->subject, direction, advice, err))
		return false;
	if (advice->made_utc_sec < port->seen_from_utc_sec) { /* another peer's */
		advice->made_utc_sec = 0;
		advice_init(&advice->advice);
	}
	return true;
}

/* --- the API --- */

bool
api_put_advice(struct json *in, struct ledger *ledger, const struct world_port *port,
	       struct error *err)
{
	static const enum direction directions[] = { DIRECTION_OUT, DIRECTION_IN };
	struct json *both = json_put_object(in, "advice");

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		struct ledger_advice row;

		if (!page_advice_read(&row, ledger, port, directions[i], err))
			return false;
		json_put_utc(
		    advice_json_put(both, model_direction_name(directions[i]), &row.advice),
		    "made_at", row.made_utc_sec);
	}
	return true;
}

/* --- the page --- */

static void
put_sentence(const char *about, const char *sentence, void *user)
{
	const char initial[] = { (char)toupper((unsigned char)about[0]), '\0' };

	html_put(user, "<div><dt>%s%s</dt><dd>%s</dd></div>\n", initial, about + 1, sentence);
}

static void
put_side(struct html *html, const struct request *request, const struct world_port *port,
	 enum direction direction, const char *title)
{
	struct ledger_advice row;
	struct error err;

	html_put(html, "<div class=\"card advised\"><h3>%s</h3>\n", title);
	if (page_advice_read(&row, request->ledger, port, direction, &err)) {
		html_raw(html, "<dl>\n");
		advice_tell(&row.advice, port->subject.kind, put_sentence, html);
		html_raw(html, "</dl>\n");
	} else {
		html_put(html, "<p class=\"problem\">It cannot be read now: %s.</p>\n", err.text);
	}
	html_raw(html, "</div>\n");
}

/* How far it reaches; the same for both directions. */
static void
put_reach(struct html *html, const struct request *request, const struct world_port *port)
{
	struct ledger_advice row;
	struct error err;

	html_raw(html, "<p class=\"muted\">Made once a day, beside the verdict and never part of "
		       "it");
	if (page_advice_read(&row, request->ledger, port, DIRECTION_OUT, &err) &&
	    row.made_utc_sec != 0) {
		html_raw(html, "; up to the traffic day of ");
		page_date(html, row.advice.day - 1);
	}
	html_raw(html, ". <a href=\"/method#advice\">How it is made</a></p>\n");
}

void
page_advice_sides(struct html *html, const struct request *request, const struct world_port *port)
{
	html_raw(html, "<div class=\"sides\">\n");
	for (unsigned d = 0; d < DIRECTION_COUNT; d++)
		put_side(html, request, port, (enum direction)d, titles[port->subject.kind][d]);
	html_raw(html, "</div>\n");
	put_reach(html, request, port);
}

void
page_advice(struct html *html, const struct request *request, const struct world_port *port)
{
	html_raw(html, "<section aria-labelledby=\"advice\"><h2 id=\"advice\">Advice "
		       "<small>what the last weeks say about capacity</small></h2>\n");
	page_advice_sides(html, request, port);
	html_raw(html, "</section>\n");
}
