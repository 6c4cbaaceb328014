/* page_alerts.c - the alerts that are open, worst first, with who works on them. */
#include "ixwatch/units.h"

#include "page.h"
#include "page_overview.h"

#define SHOWN_MAX 50

struct section {
	struct html *html;
	const struct request *request;
	struct open_alerts list;
};

/* --- one row --- */

static void
put_port(struct html *html, const struct request *request, int64_t id)
{
	const struct world_port *port = world_port_find(request->world, id);

	if (port == NULL) {
		html_put(html, "port %lld", (long long)id);
		return;
	}
	page_port_link(html, port);
	html_raw(html, " ");
	page_asn(html, &port->port);
	html_put(html, " <small>%s %s %s</small>",
		 port->exchange == NULL ? port->port.exchange : port->exchange->name,
		 port->port.agent, port->port.interface);
}

static const char *
exchange_name(const struct request *request, const char *slug)
{
	const struct world_exchange *exchange = world_exchange_find(request->world, slug);

	return exchange != NULL ? exchange->name : "an exchange no longer listed";
}

/* The name is what its ports there say, while there is one. */
void
page_connection(struct html *html, const struct request *request, uint32_t asn,
		const char *exchange)
{
	const struct world_connection *c = world_connection_find(request->world, asn, exchange);
	const char *peer = c != NULL ? c->whole.port.peer : "";

	if (peer[0] != '\0')
		html_put(html, "<a href=\"/peers/%u\">%s</a> <span class=\"asn\">AS%u</span>", asn,
			 peer, asn);
	else
		html_put(html, "<a href=\"/peers/%u\">AS%u</a>", asn, asn);
	html_put(html, " <small>all its ports at %s</small>", exchange_name(request, exchange));
}

void
page_alert_whom(struct html *html, const struct request *request,
		const struct alert_subject *subject)
{
	const struct world_exchange *exchange =
	    world_exchange_find(request->world, subject->exchange);
	const char *name = exchange_name(request, subject->exchange);

	switch (subject->scope) {
	case ALERT_OF_PORT: put_port(html, request, subject->id); break;
	case ALERT_OF_CONNECTION:
		page_connection(html, request, subject->asn, subject->exchange);
		break;
	case ALERT_OF_AGENT:
		if (exchange != NULL) {
			html_raw(html, "<a href=\"/?exchange=");
			html_segment(html, exchange->slug);
			html_raw(html, "&amp;agent=");
			html_segment(html, subject->agent);
			html_put(html, "#ports\">agent %s</a> <small>%s</small>", subject->agent,
				 name);
		} else {
			html_put(html, "agent %s <small>%s</small>", subject->agent, name);
		}
		break;
	default: html_text(html, name); break;
	}
}

void
page_alert_quiet(struct html *html, const struct request *request, const struct open_alert *open)
{
	const struct ledger_quiet *ack = open->ack, *silence = open->silence;

	if (ack != NULL) {
		html_put(html, "%s: %s", ack->author, ack->reason);
		if (ack->until_utc_sec != 0) {
			html_raw(html, " <small>until ");
			page_instant(html, request, ack->until_utc_sec);
			html_raw(html, "</small>");
		}
	}
	if (silence != NULL) {
		html_put(html, "%ssilenced by %s: %s <small>until ", ack != NULL ? "; " : "",
			 silence->author, silence->reason);
		page_instant(html, request, silence->until_utc_sec);
		html_raw(html, "</small>");
	}
	if (ack == NULL && silence == NULL)
		html_raw(html, "<span class=\"muted\">nobody yet</span>");
}

static void
put_row(const struct section *section, const struct open_alert *open)
{
	const struct ledger_alert *alert = &open->alert;
	struct html *html = section->html;
	const struct alert_subject *subject = &alert->subject;
	char share[32], age[64];

	units_format_share(share, sizeof(share), alert->peak);
	html_put(html,
		 "<tr class=\"open %s\"><td class=\"st\"><a href=\"/alerts/%lld\" title=\"Alert "
		 "%lld\">%s</a></td>"
		 "<th scope=\"row\">",
		 alert_severity_name(alert_kind_severity(subject->kind)), (long long)alert->id,
		 (long long)alert->id, alert_kind_name(subject->kind));
	page_alert_whom(html, section->request, subject);
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
	page_alert_quiet(html, section->request, open);
	html_raw(html, "</td></tr>\n");
}

static void
put_table(struct section *section)
{
	struct open_alerts *list = &section->list;

	html_raw(section->html,
		 "<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Open alerts</h2>\n"
		 "<table class=\"episodes alerts\" aria-labelledby=\"alerts\">\n<thead><tr><th "
		 "scope=\"col\">Alert</th>"
		 "<th scope=\"col\">About</th><th scope=\"col\">Direction</th>"
		 "<th scope=\"col\">Since</th><th scope=\"col\" class=\"num\">Age</th>"
		 "<th scope=\"col\" class=\"num\">Worst</th>"
		 "<th scope=\"col\">Acknowledged</th></tr></thead>\n<tbody>\n");
	for (size_t i = 0; i < list->count && i < SHOWN_MAX; i++)
		put_row(section, &list->item[i]);
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
	struct section section = { .html = html, .request = request };
	struct error err = { 0 };

	if (request->ledger == NULL)
		return;
	if (!open_alerts_read(&section.list, request, exchange, port_id, &err))
		html_put(html, "<p class=\"problem\">The alerts cannot be read now: %s.</p>\n",
			 err.text);
	else if (section.list.count > 0)
		put_table(&section);
	open_alerts_free(&section.list);
}
