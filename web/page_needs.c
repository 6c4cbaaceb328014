/* page_needs.c - the first thing on the overview and the wall: that nothing needs anybody, or what does. */
#include <math.h>
#include <string.h>

#include "ixwatch/units.h"

#include "page_overview.h"

/* The sentence that is read from three metres. */
static void
put_sentence(struct html *html, const struct world *world, const struct needs *needs,
	     const struct world_sum *sum)
{
	if (world->stale)
		html_raw(html, "Nothing is measured now");
	else if (!needs->is_known)
		html_raw(html, "What needs you is not known now");
	else if (needs->hand_count > 0)
		html_put(html, "%u %s you", needs->hand_count,
			 needs->hand_count == 1 ? "thing needs" : "things need");
	else if (sum->state_count[STATE_UNKNOWN] == sum->port_count && sum->port_count > 0)
		html_raw(html, "No port can be judged yet");
	else
		html_raw(html, "Nothing needs you");
}

/* Below it, in one line: how the ports stand, and what others have in hand. */
static void
put_rest(struct html *html, const struct world *world, const struct needs *needs,
	 const struct world_sum *sum)
{
	const unsigned *count = sum->state_count;
	unsigned congested = count[STATE_SUSTAINED] + count[STATE_SPIKE];
	unsigned routine = sum->verdict_count[VERDICT_ROUTINE];

	html_raw(html, "<p class=\"sub\">");
	if (world->stale) {
		html_raw(html, "What is shown is of the last round.");
	} else {
		page_count(html, congested, "port is", "ports are");
		html_raw(html, " congested now");
		if (routine > 0) {
			html_raw(html, "; ");
			page_count(html, routine, "is", "are");
			html_raw(html, " so routinely");
		}
	}
	if (needs->held_count > 0) {
		html_raw(html, " \xc2\xb7 ");
		page_count(html, needs->held_count, "alert is", "alerts are");
		html_raw(html, " in somebody's hands or silenced");
	}
	if (needs->coordinator_count > 0) {
		html_raw(html, " \xc2\xb7 ");
		page_count(html, needs->coordinator_count, "verdict waits", "verdicts wait");
		html_raw(html, " for the coordinator");
	}
	html_raw(html, "</p>\n");
}

void
page_needs_headline(struct html *html, const struct request *request, const struct needs *needs,
		    const struct world_sum *sum)
{
	bool is_calm = needs->hand_count == 0 && needs->is_known && !request->world->stale;

	html_put(html, "<h1 class=\"needs-%s\">", is_calm ? "nobody" : "you");
	put_sentence(html, request->world, needs, sum);
	html_raw(html, "</h1>\n");
	put_rest(html, request->world, needs, sum);
}

/* --- one thing --- */

static const char *
shape_of(enum alert_severity severity)
{
	return severity == ALERT_CRITICAL  ? "sustained"
	       : severity == ALERT_WARNING ? "spike"
					   : "recurring";
}

static void
put_word(struct html *html, enum alert_severity severity, const char *word)
{
	html_put(html,
		 "<span class=\"what\"><svg class=\"shape\" aria-hidden=\"true\"><use "
		 "href=\"#i-%s\"/></svg>%s</span> ",
		 shape_of(severity), word);
}

static void
put_age(struct html *html, const struct request *request, int64_t since_utc_sec)
{
	char age[32];

	html_put(html, "<span class=\"age\">%s</span> ",
		 page_age(age, sizeof(age), request->now_utc_sec - since_utc_sec));
}

/* How many ports of an agent nothing is known of; nothing for what is no blindness. */
static void
put_blindness(struct html *html, const struct needs *needs, const struct alert_subject *subject)
{
	for (size_t i = 0; i < needs->blind_count; i++) {
		const struct blind *blind = &needs->blind[i];

		if (subject->kind != ALERT_AGENT_UNREACHABLE ||
		    strcmp(blind->agent, subject->agent) != 0 ||
		    strcmp(blind->exchange->slug, subject->exchange) != 0)
			continue;
		html_raw(html, " <small>\xc2\xb7 blind there: ");
		page_count(html, blind->port_count, "port", "ports");
		html_raw(html, " unknown</small>");
	}
}

/* Which direction, and how bad it was, where that is known. */
static void
put_measure(struct html *html, const struct ledger_alert *alert)
{
	char share[32];

	if (!alert_kind_is_directed(alert->subject.kind))
		return;
	html_put(html, "<small>%s", model_direction_name(alert->subject.direction));
	if (!isnan(alert->peak))
		html_put(html, ", at worst %s",
			 units_format_share(share, sizeof(share), alert->peak));
	html_raw(html, " \xc2\xb7 </small>");
}

static void
put_alert(struct html *html, const struct request *request, const struct needs *needs,
	  const struct open_alert *open)
{
	const struct ledger_alert *alert = &open->alert;
	const struct alert_subject *subject = &alert->subject;
	enum alert_severity severity = alert_kind_severity(subject->kind);
	bool is_held = needs_is_held(open);

	html_put(html, "<li class=\"need %s\">", is_held ? "held" : alert_severity_name(severity));
	put_word(html, severity, alert_kind_name(subject->kind));
	html_put(html, "<span class=\"whom\" id=\"whom-%lld\">", (long long)alert->id);
	page_alert_whom(html, request, subject);
	put_blindness(html, needs, subject);
	html_raw(html, "</span> ");
	put_age(html, request, alert->began_utc_sec);
	html_raw(html, "<span class=\"who\">");
	put_measure(html, alert);
	page_alert_quiet(html, request, open);
	html_put(html,
		 "</span> <a class=\"do\" href=\"/alerts/%lld\" aria-label=\"%s alert %lld, %s\" "
		 "aria-describedby=\"whom-%lld\">%s</a></li>\n",
		 (long long)alert->id, is_held ? "Open" : "Acknowledge", (long long)alert->id,
		 alert_kind_name(subject->kind), (long long)alert->id,
		 is_held ? "Open" : "Acknowledge");
}

static void
put_blind(struct html *html, const struct request *request, const struct blind *blind)
{
	html_raw(html, "<li class=\"need critical\">");
	put_word(html, ALERT_CRITICAL, "blind");
	html_raw(html, "<span class=\"whom\"><a href=\"/?exchange=");
	html_segment(html, blind->exchange->slug);
	html_raw(html, "&amp;agent=");
	html_segment(html, blind->agent);
	html_put(html, "\">agent %s</a> <small>%s</small></span> ", blind->agent,
		 blind->exchange->name);
	if (blind->since_utc_sec != 0)
		put_age(html, request, blind->since_utc_sec);
	html_raw(html, "<span class=\"who\">it does not answer: ");
	page_count(html, blind->port_count, "port", "ports");
	html_raw(html, " unknown</span></li>\n");
}

void
page_needs_list(struct html *html, const struct request *request, const struct needs *needs,
		size_t max, bool hands_only)
{
	size_t shown = 0, total = needs->hand_count;

	if (!hands_only)
		total += needs->coordinator_count + needs->held_count;
	if (total == 0)
		return;
	html_raw(html, "<section aria-labelledby=\"alerts\"><h2 id=\"alerts\">Open alerts</h2>\n"
		       "<ol class=\"needs\">\n");
	for (size_t i = 0; i < needs->blind_count && shown < max; i++) {
		if (needs->blind[i].is_alerted)
			continue;
		put_blind(html, request, &needs->blind[i]);
		shown++;
	}
	for (size_t i = 0; i < needs->alerts.count && shown < max; i++) {
		if (hands_only && !needs_calls(&needs->alerts.item[i]))
			continue;
		put_alert(html, request, needs, &needs->alerts.item[i]);
		shown++;
	}
	html_raw(html, "</ol>\n");
	if (total > shown)
		html_put(html, "<p class=\"muted\">And %zu more.</p>\n", total - shown);
	html_raw(html, "</section>\n");
}
