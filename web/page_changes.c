/* page_changes.c - what changed in the last hour, newest first: alerts, agents among them, verdicts of ports and connections,
 * capacities, moves.
 *
 * Each source is read for what the account sees; a change is written when it is met, and all are put in order then. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/ledger_change.h"
#include "ixwatch/ledger_move.h"
#include "ixwatch/units.h"

#include "page_overview.h"
#include "sees.h"

#define HOUR_SEC    3600
#define EACH_MAX    100 /* of each source are read */
#define PASSING_SEC 60
#define SHOWN_MAX   25

struct change {
	int64_t at_utc_sec;
	char *markup; /* owned */
};

struct changes {
	const struct request *request;
	int64_t from_utc_sec;
	struct change *item;
	size_t count, size;
	size_t of_source; /* of the one that is read */
	bool more;        /* of some source not all were read */
	bool failed;      /* memory ran out */
};

static bool
grow(struct changes *changes)
{
	size_t size = changes->size == 0 ? 32 : changes->size * 2;
	struct change *grown;

	if (changes->count < changes->size)
		return true;
	grown = realloc(changes->item, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	changes->item = grown;
	changes->size = size;
	return true;
}

/* One more of this source, with its text.  False: enough of it. */
static bool
add(struct changes *changes, int64_t at_utc_sec, struct html *text)
{
	size_t len;
	char *markup = html_take(text, &len);

	if (markup == NULL || !grow(changes)) {
		free(markup);
		changes->failed = true;
		return false;
	}
	changes->item[changes->count++] = (struct change) { at_utc_sec, markup };
	if (++changes->of_source < EACH_MAX)
		return true;
	changes->more = true;
	return false;
}

static void
put_port(struct html *html, const struct world_port *port)
{
	const struct port *p = &port->port;

	page_port_link(html, port);
	html_put(html, " <small>%s %s %s</small>",
		 port->exchange == NULL ? p->exchange : port->exchange->name, p->agent,
		 p->interface);
}

/* --- alerts: begun, ended; of an agent, fallen silent and back --- */

static bool
add_alert(struct changes *changes, const struct ledger_alert *alert, bool is_end)
{
	enum alert_kind kind = alert->subject.kind;
	bool is_blind = kind == ALERT_AGENT_UNREACHABLE || kind == ALERT_EXCHANGE_UNREACHABLE;
	struct html html;

	html_init(&html);
	html_put(&html, "<span class=\"tag %s\">%s</span> ",
		 is_end ? "good" : alert_severity_name(alert_kind_severity(kind)),
		 is_blind ? is_end ? "answers again" : "silent"
		 : is_end ? "ended"
			  : "begun");
	if (!is_blind)
		html_put(&html, "<a href=\"/alerts/%lld\" title=\"Alert %lld\">%s</a>%s%s: ",
			 (long long)alert->id, (long long)alert->id, alert_kind_name(kind),
			 alert_kind_is_directed(kind) ? " " : "",
			 alert_kind_is_directed(kind)
			     ? model_direction_name(alert->subject.direction)
			     : "");
	page_alert_whom(&html, changes->request, &alert->subject);
	return add(changes, is_end ? alert->ended_utc_sec : alert->noticed_utc_sec, &html);
}

/* At a first start a port is judged before the connection that it belongs to is known, which then speaks for it: an alert of
 * its verdict that was over at once, and that nobody was told of, changed nothing. */
static bool
is_passing(const struct ledger_alert *alert)
{
	return (alert->subject.kind == ALERT_ROUTINE || alert->subject.kind == ALERT_RECURRING) &&
	       alert->ended_utc_sec != 0 && alert->first_told_utc_sec == 0 &&
	       alert->ended_utc_sec - alert->noticed_utc_sec < PASSING_SEC;
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct changes *changes = user;

	if (!sees_alert(changes->request, alert) || is_passing(alert))
		return true;
	if (alert->noticed_utc_sec >= changes->from_utc_sec && !add_alert(changes, alert, false))
		return false;
	return alert->ended_utc_sec < changes->from_utc_sec || add_alert(changes, alert, true);
}

/* --- verdicts and capacities --- */

static bool
add_verdict(struct changes *changes, const struct world_port *port,
	    const struct ledger_change *change)
{
	struct html html;

	html_init(&html);
	html_raw(&html, "<span class=\"tag\">verdict</span> ");
	put_port(&html, port);
	html_put(&html, " %s: %s \xe2\x86\x92 ", model_direction_name(change->direction),
		 model_verdict_name(change->verdict_before));
	page_verdict(&html, change->verdict);
	return add(changes, change->at_utc_sec, &html);
}

/* Judged by the exchange's profile: all its ports at once. */
static bool
add_connection_verdict(struct changes *changes, const struct ledger_change *change)
{
	const struct world_connection *c =
	    world_connection_find(changes->request->world, change->asn, change->exchange);
	struct html html;

	if (c == NULL || change->profile != c->whole.settings.profile)
		return true;
	html_init(&html);
	html_raw(&html, "<span class=\"tag\">verdict</span> ");
	page_connection(&html, changes->request, change->asn, change->exchange);
	html_put(&html, " %s: %s \xe2\x86\x92 ", model_direction_name(change->direction),
		 model_verdict_name(change->verdict_before));
	page_verdict(&html, change->verdict);
	return add(changes, change->at_utc_sec, &html);
}

static void
put_step(struct html *html, const char *what, double before_bps, double bps)
{
	char before[32] = "unknown", now[32] = "unknown";

	if (before_bps == bps || (isnan(before_bps) && isnan(bps)))
		return;
	if (!isnan(before_bps))
		units_format_bps(before, sizeof(before), before_bps);
	if (!isnan(bps))
		units_format_bps(now, sizeof(now), bps);
	html_put(html, " %s %s \xe2\x86\x92 <b>%s</b>", what, before, now);
}

/* The contract before may have been another peer's: then nothing is told of it. */
static bool
add_capacity(struct changes *changes, const struct world_port *port,
	     const struct ledger_change *change, bool before_is_seen)
{
	struct html html;

	if (!before_is_seen && change->physical_before_bps == change->physical_bps)
		return true;

	html_init(&html);
	html_raw(&html, "<span class=\"tag\">capacity</span> ");
	put_port(&html, port);
	html_raw(&html, ":");
	put_step(&html, "physical", change->physical_before_bps, change->physical_bps);
	if (before_is_seen)
		put_step(&html, "contract", change->contracted_before_bps, change->contracted_bps);
	return add(changes, change->at_utc_sec, &html);
}

/* Ports and connections that are not in the account's world, or listed no more, are not told of; neither is what was before
 * the port was the account's. */
static bool
on_change(const struct ledger_change *change, void *user)
{
	struct changes *changes = user;
	const struct world_port *port = world_port_find(changes->request->world, change->port_id);
	bool before_is_seen;

	if (change->kind == CHANGE_OF_CONNECTION_VERDICT)
		return add_connection_verdict(changes, change);
	if (port == NULL || change->at_utc_sec < port->seen_from_utc_sec)
		return true;
	before_is_seen = change->before_from_utc_sec >= port->seen_from_utc_sec;
	if (change->kind == CHANGE_OF_CAPACITY)
		return add_capacity(changes, port, change, before_is_seen);
	return !before_is_seen || change->profile != port->settings.profile ||
	       add_verdict(changes, port, change);
}

/* --- moves --- */

/* Of the old port the account's world holds what it may tell: where it went only when that is within, too. */
static bool
on_move(const struct ledger_move *move, const struct port *old, void *user)
{
	struct changes *changes = user;
	const struct world *world = changes->request->world;
	const struct world_move *seen = world_move_find(world, move->old_id);
	struct html html;

	(void)old;
	if (move->done_utc_sec < changes->from_utc_sec || seen == NULL)
		return true;
	html_init(&html);
	html_put(&html,
		 "<span class=\"tag\">moved</span> <a href=\"/ports/%lld\">%s</a> <small>%s %s "
		 "%s</small>",
		 (long long)move->old_id, page_port_name(&seen->old), seen->old.exchange,
		 seen->old.agent, seen->old.interface);
	const struct world_port *now =
	    seen->new_id != 0 ? world_port_find(world, seen->new_id) : NULL;
	if (now != NULL) {
		html_raw(&html, " \xe2\x86\x92 ");
		put_port(&html, now);
	}
	return add(changes, move->done_utc_sec, &html);
}

/* --- the list --- */

static bool
read_all(struct changes *changes, struct error *err)
{
	struct ledger *ledger = changes->request->ledger;
	struct ledger_alert_query alerts = { .unsettled = true,
					     .or_ended_after_utc_sec = changes->from_utc_sec };

	if (!ledger_alert_each(ledger, &alerts, on_alert, changes, err))
		return false;
	for (unsigned kind = 0; kind < CHANGE_KIND_COUNT; kind++) {
		changes->of_source = 0;
		if (!ledger_change_each(ledger, (enum ledger_change_kind)kind,
					changes->from_utc_sec, on_change, changes, err))
			return false;
	}
	changes->of_source = 0;
	return ledger_move_each(ledger, on_move, changes, err) &&
	       (!changes->failed || error_set(err, ERR_NOMEM, "out of memory"));
}

static int
newest_first(const void *left, const void *right)
{
	int64_t a = ((const struct change *)left)->at_utc_sec,
		b = ((const struct change *)right)->at_utc_sec;

	return (a < b) - (a > b);
}

static void
put_list(struct html *html, const struct changes *changes)
{
	if (changes->count == 0) {
		html_raw(html, "<p class=\"muted\">Nothing.</p>\n");
		return;
	}
	html_raw(html, "<ol class=\"changes\">\n");
	for (size_t i = 0; i < changes->count && i < SHOWN_MAX; i++) {
		html_raw(html, "<li>");
		page_instant(html, changes->request, changes->item[i].at_utc_sec);
		html_raw(html, " <span>");
		html_raw(html, changes->item[i].markup);
		html_raw(html, "</span></li>\n");
	}
	html_raw(html, "</ol>\n");
	if (changes->more)
		html_raw(html, "<p class=\"muted\">And many more.</p>\n");
	else if (changes->count > SHOWN_MAX)
		html_put(html, "<p class=\"muted\">And %zu more.</p>\n",
			 changes->count - SHOWN_MAX);
}

void
page_changes(struct html *html, const struct request *request)
{
	struct changes changes = { .request = request,
				   .from_utc_sec = request->now_utc_sec - HOUR_SEC };
	struct error err = { 0 };

	if (request->ledger == NULL)
		return;
	html_raw(html, "<section aria-labelledby=\"changes\"><h2 id=\"changes\">Changed in the "
		       "last hour</h2>\n");
	if (!read_all(&changes, &err)) {
		html_put(html, "<p class=\"problem\">It cannot be read now: %s.</p>\n", err.text);
	} else {
		if (changes.count > 0)
			qsort(changes.item, changes.count, sizeof(*changes.item), newest_first);
		put_list(html, &changes);
	}
	html_raw(html, "</section>\n");
	for (size_t i = 0; i < changes.count; i++)
		free(changes.item[i].markup);
	free(changes.item);
}
