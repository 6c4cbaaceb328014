/* page_parts.c - the small parts of pages.  Nothing is told by colour alone: states have a shape and a word, bars a
 * number and a mark. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "page.h"

#define DAY_SEC 86400

void
page_state(struct html *html, enum port_state state)
{
	const char *name = model_state_name(state);

	html_put(html,
		 "<span class=\"state %s\"><svg class=\"shape\" aria-hidden=\"true\"><use "
		 "href=\"#i-%s\"/></svg>%s</span>",
		 name, name, name);
}

/* The name of a class, and of a shape. */
static const char *
verdict_css(enum verdict verdict)
{
	return verdict == VERDICT_INSUFFICIENT ? "insufficient" : model_verdict_name(verdict);
}

void
page_verdict(struct html *html, enum verdict verdict)
{
	html_put(html,
		 "<span class=\"verdict %s\"><svg class=\"shape\" aria-hidden=\"true\"><use "
		 "href=\"#i-%s\"/></svg>%s</span>",
		 verdict_css(verdict), verdict_css(verdict), model_verdict_name(verdict));
}

void
page_date(struct html *html, int32_t date)
{
	char text[32];

	units_format_date(text, sizeof(text), date);
	html_put(html, "<time datetime=\"%s\">%s</time>", text, text);
}

/* How full, in one word for the style sheet. */
static const char *
fullness(const struct world_port *port, enum direction direction)
{
	double share = port->live.utilisation[direction];

	if (isnan(share))
		return "none";
	if (port->live.run[direction] != 0 || share >= port->settings.congested_share)
		return "full";
	return share >= port->settings.clear_share ? "high" : "calm";
}

void
page_bar(struct html *html, const struct world_port *port, enum direction direction)
{
	double share = port->live.utilisation[direction];
	double bps = port->live.value[direction == DIRECTION_IN ? COLUMN_IN_BPS : COLUMN_OUT_BPS];
	double shown = isnan(share) ? 0 : share > 1 ? 1 : share;
	char share_text[32], bps_text[32];

	units_format_share(share_text, sizeof(share_text), share);
	units_format_bps(bps_text, sizeof(bps_text), bps);
	html_put(html,
		 "<span class=\"use %s\"><svg class=\"bar\" role=\"img\" aria-label=\"%s: %s of "
		 "capacity\">",
		 fullness(port, direction), model_direction_name(direction), share_text);
	if (shown > 0)
		html_put(html, "<rect width=\"%.1f%%\" height=\"100%%\"/>", shown * 100);
	html_put(html, "<rect class=\"mark\" x=\"%.1f%%\"/></svg>",
		 port->settings.congested_share * 100);
	if (isnan(share) && isnan(bps))
		html_raw(html, "<b>unknown</b></span>");
	else
		html_put(html, "<b>%s</b><small>%s</small></span>",
			 isnan(share) ? "\xe2\x80\x93" : share_text, bps_text);
}

void
page_capacity(struct html *html, const struct world_port *port)
{
	char text[32];

	if (isnan(port->live.capacity_bps)) {
		html_raw(html, "unknown");
		return;
	}
	units_format_bps(text, sizeof(text), port->live.capacity_bps);
	html_put(html, "%s <small>%s</small>", text,
		 model_capacity_source_name((enum capacity_source)port->live.capacity_source));
}

void
page_instant(struct html *html, const struct request *request, int64_t utc_sec)
{
	char text[40];

	if (utc_sec == 0) {
		html_raw(html, "never");
		return;
	}
	units_format_utc(text, sizeof(text), utc_sec);
	html_put(html, "<time datetime=\"%s\">", text);
	if (utc_sec / DAY_SEC == request->now_utc_sec / DAY_SEC) {
		html_put(html, "%s", text + 11);
	} else {
		text[10] = ' ';
		html_put(html, "%s", text);
	}
	html_raw(html, "</time>");
}

char *
page_age(char *dst, size_t len, int64_t sec)
{
	if (sec < 0)
		sec = 0;
	if (sec < 60)
		snprintf(dst, len, "%d s", (int)sec);
	else if (sec < 3600)
		snprintf(dst, len, "%d min", (int)(sec / 60));
	else if (sec < DAY_SEC)
		snprintf(dst, len, "%d h %02d min", (int)(sec / 3600), (int)(sec / 60 % 60));
	else
		snprintf(dst, len, "%lld d %d h", (long long)(sec / DAY_SEC),
			 (int)(sec / 3600 % 24));
	return dst;
}

const char *
page_port_name(const struct port *port)
{
	if (port->peer[0] != '\0')
		return port->peer;
	return port->alias[0] != '\0' ? port->alias : port->interface;
}

void
page_port_link(struct html *html, const struct world_port *port)
{
	const struct port *p = &port->port;

	html_put(html, "<a href=\"/ports/%lld\" title=\"%s %s %s\">%s</a>", (long long)p->id,
		 port->exchange == NULL ? p->exchange : port->exchange->name, p->agent,
		 p->interface, page_port_name(p));
}

const char *
page_port_title(char *dst, size_t len, const char *before, const struct port *port)
{
	snprintf(dst, len, "%s%s at %s, %s %s", before, page_port_name(port), port->exchange,
		 port->agent, port->interface);
	return dst;
}

void
page_asn(struct html *html, const struct port *port)
{
	if (port->asn != 0)
		html_put(html, "<a class=\"asn\" href=\"/peers/%u\">AS%u</a>", port->asn,
			 port->asn);
}

void
page_sentence(struct html *html, const char *text)
{
	char first[2] = { text[0], '\0' };

	if (first[0] >= 'a' && first[0] <= 'z')
		first[0] = (char)(first[0] - 'a' + 'A');
	html_put(html, "%s%s.", first, text[0] == '\0' ? "" : text + 1);
}

void
page_problem(struct html *html, const char *problem)
{
	if (problem[0] == '\0')
		return;
	html_raw(html, "<p class=\"problem\" id=\"problem\" role=\"alert\">");
	page_sentence(html, problem);
	html_raw(html, "</p>\n");
}

const char *
page_fault_of(const char *field, const char *problem)
{
	size_t len = strlen(field);

	if (strncmp(problem, field, len) != 0 || (problem[len] != ':' && problem[len] != ' '))
		return "";
	return " aria-invalid=\"true\" aria-describedby=\"problem\"";
}

void
page_count(struct html *html, unsigned count, const char *one, const char *many)
{
	html_put(html, "%u %s", count, count == 1 ? one : many);
}
