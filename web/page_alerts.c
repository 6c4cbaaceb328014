/* page_alerts.c - the alerts that are open, worst first, with who works on them. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#include "alerts.h"
#include "page.h"
#include "sees.h"

#define SHOWN_MAX 50

struct gathered {
	struct ledger_alert *alert; /* of each, names are the world's or ours */
	size_t count, size;
	bool failed;
};

struct section {
	struct html *html;
	const struct request *request;
	struct quiets quiets;
	struct gathered list;
};

/* The slug, where it can be shown later: of an exchange that is not listed there is none. */
static const char *
exchange_of(const struct request *request, const char *slug)
{
	const struct world_exchange *exchange = world_exchange_find(request->world, slug);

	return exchange != NULL ? exchange->slug : "";
}

static bool
on_alert(const struct ledger_alert *alert, void *user)
{
	struct section *section = user;
	struct gathered *list = &section->list;
	struct ledger_alert *kept;

	if (!sees_alert(section->request, &alert->subject))
		return true;
	if (list->count == list->size) {
		size_t size = list->size == 0 ? 64 : list->size * 2;
		struct ledger_alert *grown = realloc(list->alert, size * sizeof(*grown));

		if (grown == NULL) {
			list->failed = true;
			return false;
		}
		list->alert = grown;
		list->size = size;
	}
	kept = &list->alert[list->count++];
	*kept = *alert;
	kept->subject.exchange = exchange_of(section->request, alert->subject.exchange);
	kept->subject.agent = strdup(alert->subject.agent);
	list->failed |= kept->subject.agent == NULL;
	return !list->failed;
}

static int
by_severity(const void *left, const void *right)
{
	const struct ledger_alert *a = left, *b = right;

	if (a->subject.kind != b->subject.kind)
		return a->subject.kind < b->subject.kind ? -1 : 1;
	if (a->began_utc_sec != b->began_utc_sec)
		return a->began_utc_sec < b->began_utc_sec ? -1 : 1;
	return (a->id > b->id) - (a->id < b->id);
}

/* --- one row --- */

static void
put_port(struct html *html, const struct request *request, int64_t id)
{
	const struct world_port *port = world_port_find(request->world, id);

	if (port == NULL) {
		html_put(html, "port %lld", (long long)id);
		return;
	}
	html_put(html, "<a href=\"/ports/%lld\">%s</a> ", (long long)id,
		 page_port_name(&port->port));
	page_asn(html, &port->port);
	html_put(html, " <small>%s %s %s</small>",
		 port->exchange == NULL ? port->port.exchange : port->exchange->name,
		 port->port.agent, port->port.interface);
}

static void
put_whom(struct html *html, const struct request *request, const struct alert_subject *subject)
{
	const struct world_exchange *exchange =
	    world_exchange_find(request->world, subject->exchange);
	const char *name = exchange != NULL ? exchange->name : "an exchange no longer listed";

	switch (subject->scope) {
	case ALERT_OF_PORT: put_port(html, request, subject->id); break;
	case ALERT_OF_CONNECTION:
		html_put(html, "<a href=\"/peers/%u\">AS%u</a> <small>all its ports at %s</small>",
			 subject->asn, subject->asn, name);
		break;
	case ALERT_OF_AGENT:
		html_put(html, "agent %s <small>%s</small>", subject->agent, name);
		break;
	default: html_text(html, name); break;
	}
}

static void
put_quiet(struct html *html, const struct section *section, const struct ledger_alert *alert)
{
	int64_t now_utc_sec = section->request->now_utc_sec;
	const struct ledger_quiet *ack = quiets_find(&section->quiets, QUIET_ACKNOWLEDGEMENT, alert,
						     now_utc_sec),
				  *silence = quiets_find(&section->quiets, QUIET_SILENCE, alert,
							 now_utc_sec);

	if (ack != NULL)
		html_put(html, "%s: %s", ack->author, ack->reason);
	if (silence != NULL) {
		html_put(html, "%ssilenced by %s: %s <small>until ", ack != NULL ? "; " : "",
			 silence->author, silence->reason);
		page_instant(html, section->request, silence->until_utc_sec);
		html_raw(html, "</small>");
	}
	if (ack == NULL && silence == NULL)
		html_raw(html, "<span class=\"muted\">nobody yet</span>");
}

static void
put_row(const struct section *section, const struct ledger_alert *alert)
{
	struct html *html = section->html;
	const struct alert_subject *subject = &alert->subject;
	char share[32], age[64];

	units_format_share(share, sizeof(share), alert->peak);
	html_put(html,
		 "<tr class=\"open %s\"><td class=\"st\"><a href=\"/alerts/%lld\">%s</a></td>"
		 "<th scope=\"row\">",
		 alert_severity_name(alert_kind_severity(subject->kind)), (long long)alert->id,
		 alert_kind_name(subject->kind));
	put_whom(html, section->request, subject);
	html_put(html, "</th><td data-label=\"Direction\">%s</td><td data-label=\"Since\">",
		 alert_kind_is_directed(subject->kind) ? model_direction_name(subject->direction)
						       : "");
	page_instant(html, section->request, alert->began_utc_sec);
	if (alert->blind_utc_sec != 0) {
		html_raw(html, " <small>blind since ");
		page_instant(html, section->request, alert->blind_utc_sec);
		html_raw(html, "</small>");
	}
	html_put(html,
		 "</td><td class=\"num\" data-label=\"Age\">%s</td>"
		 "<td class=\"num\" data-label=\"Worst\">%s</td><td data-label=\"Acknowledged\">",
		 page_age(age, sizeof(age), section->request->now_utc_sec - alert->began_utc_sec),
		 share);
	put_quiet(html, section, alert);
	html_raw(html, "</td></tr>\n");
}

static void
put_table(struct section *section)
{
	struct gathered *list = &section->list;

	qsort(list->alert, list->count, sizeof(*list->alert), by_severity);
	html_raw(section->html,
		 "<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Open alerts</h2>\n"
		 "<table class=\"episodes alerts\">\n<thead><tr><th scope=\"col\">Alert</th>"
		 "<th scope=\"col\">About</th><th scope=\"col\">Direction</th>"
		 "<th scope=\"col\">Since</th><th scope=\"col\" class=\"num\">Age</th>"
		 "<th scope=\"col\" class=\"num\">Worst</th>"
		 "<th scope=\"col\">Acknowledged</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < list->count && i < SHOWN_MAX; i++)
		put_row(section, &list->alert[i]);
	html_raw(section->html, "</tbody>\n</table>\n");
	if (list->count > SHOWN_MAX)
		html_put(section->html, "<p class=\"muted\">And %zu more.</p>\n",
			 list->count - SHOWN_MAX);
	html_raw(section->html, "</section>\n");
}

void
page_open_alerts(struct html *html, const struct request *request, const char *exchange,
		 int64_t port_id)
{
	struct ledger_alert_query query = { .exchange = exchange,
					    .port_id = port_id,
					    .open_only = true };
	struct section section = { .html = html, .request = request };
	struct error err = { 0 };
	bool done;

	if (request->ledger == NULL)
		return;
	done = quiets_read(&section.quiets, request, &err) &&
	       ledger_alert_each(request->ledger, &query, on_alert, &section, &err);
	if (!done || section.list.failed)
		html_put(html, "<p class=\"problem\">The alerts cannot be read now: %s.</p>\n",
			 done ? "out of memory" : err.text);
	else if (section.list.count > 0)
		put_table(&section);
	for (size_t i = 0; i < section.list.count; i++)
		free((char *)(uintptr_t)section.list.alert[i].subject.agent);
	free(section.list.alert);
	quiets_free(&section.quiets);
}
