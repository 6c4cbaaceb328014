/* message.c - see message.h: which rows a mail has, in the order in which they are needed at night. */
#include "notify/message.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "notify/message_page.h"
#include "notify/message_subject.h"
#include "notify/message_words.h"

#define CHANGES_MAX  4
#define ROOMS_MAX    3
#define CONTACTS_MAX 4
#define NOTE_MAX     200 /* characters of what somebody wrote */
#define NOTE_SIZE    (NOTE_MAX * 4 + 8)

static const char *
colour_of(const struct message_facts *facts)
{
	static const char *const colours[ALERT_SEVERITY_COUNT] = {
		[ALERT_CRITICAL] = "#b42318",
		[ALERT_WARNING] = "#c4620a",
		[ALERT_NOTICE] = "#175cd3",
	};

	if (facts->lines[0].what == TOLD_RECOVERY)
		return "#067647";
	return colours[alert_kind_severity(facts->lines[0].subject.kind)];
}

static bool
is_load(enum alert_kind kind)
{
	return kind == ALERT_SATURATED || kind == ALERT_CONGESTION;
}

/* Whether the days before, and the peer's other ports, say something of it. */
static bool
is_of_traffic(const struct message_line *line)
{
	return is_load(line->subject.kind) || line->subject.kind == ALERT_LOSS;
}

static void
put_clean(FILE *to, const char *text, size_t max)
{
	char clean[NOTE_SIZE];

	fputs(message_clean(clean, sizeof(clean), text, max < NOTE_MAX ? max : NOTE_MAX), to);
}

/* --- what and since when --- */

static const char *
standing(enum alert_told_what what)
{
	static const char *const words[TOLD_COUNT] = {
		[TOLD_ALERT] = "",
		[TOLD_REPEAT] = "STILL ",
		[TOLD_ESCALATION] = "NOT ACKNOWLEDGED, ",
		[TOLD_RECOVERY] = "OVER: ",
	};

	return words[what];
}

/* Of whom: the peer; the port whose peer is not known; the agent. */
static void
put_whom(FILE *to, const struct message_line *line)
{
	char whom[MESSAGE_NAME_SIZE + 32];

	if (line->subject.scope == ALERT_OF_EXCHANGE)
		fputs("every agent", to);
	else if (line->subject.scope == ALERT_OF_AGENT) {
		fputs("agent ", to);
		put_clean(to, line->subject.agent, MESSAGE_NAME_MAX);
	} else if (message_whom(whom, sizeof(whom), line)[0] != '\0')
		fputs(whom, to);
	else
		fputs("peer unknown", to);
}

static void
put_head(FILE *to, const struct message_line *line)
{
	bool verdict = alert_kind_audience(line->subject.kind) == ALERT_FOR_COORDINATOR;
	char head[64];

	fputs(standing(line->what), to);
	if (verdict)
		fprintf(to, "%s congestion %s", message_shout(line),
			model_direction_name(line->subject.direction));
	else
		fputs(message_headline(head, sizeof(head), line), to);
	fputs(line->what == TOLD_RECOVERY ? ", " : ": ", to);
	put_whom(to, line);
}

/* "2026-11-28 02:10Z (03:10 CET), for 42 min" */
static void
put_span(FILE *to, const struct message_facts *facts, const struct message_line *line,
	 int64_t beside_utc_sec)
{
	int64_t until_utc_sec = line->until_utc_sec != 0 ? line->until_utc_sec : facts->now_utc_sec;

	message_put_clock(to, facts, line->began_utc_sec, beside_utc_sec);
	if (line->until_utc_sec != 0) {
		fputs(" to ", to);
		message_put_clock(to, facts, line->until_utc_sec, line->began_utc_sec);
	}
	fputs(", for ", to);
	message_put_duration(
	    to, until_utc_sec > line->began_utc_sec ? until_utc_sec - line->began_utc_sec : 0);
	if (line->blind_utc_sec != 0) {
		fputs("; nothing known since ", to);
		message_put_clock(to, facts, line->blind_utc_sec, line->began_utc_sec);
	}
}

static void
row_since(struct message_page *page, const struct message_facts *facts,
	  const struct message_line *line)
{
	put_span(message_page_row(page, MESSAGE_FACT, line->until_utc_sec != 0 ? "From" : "Since"),
		 facts, line, 0);
}

/* --- figures --- */

/* "p95 91.0% (7 d, 99.8% known)"; beside what is about no direction, which one it is of. */
static void
put_percentile(FILE *to, const struct message_line *line)
{
	fputs("p95 ", to);
	if (!alert_kind_is_directed(line->subject.kind))
		fprintf(to, "%s ", model_direction_name(line->subject.direction));
	message_put_share(to, line->p95);
	if (isnan(line->p95))
		return;
	fprintf(to, " (%u d, ", line->p95_days);
	message_put_share(to, line->p95_known);
	fputs(" known)", to);
}

/* What it is measured against; where somebody said so and not the port itself, that is said. */
static void
put_capacity(FILE *to, const struct message_line *line)
{
	message_put_bps(to, line->capacity_bps);
	if (!isnan(line->capacity_bps) && line->capacity_source != CAPACITY_INTERFACE &&
	    line->capacity_source != CAPACITY_LAG)
		fprintf(to, " (%s)", model_capacity_source_name(line->capacity_source));
}

/* The peak that is kept lags behind a little: what is now is never above it. */
static double
peak_of(const struct message_line *line)
{
	return line->what != TOLD_RECOVERY && line->now > line->peak ? line->now : line->peak;
}

/* "98.1% of 10.0 Gbit/s out; peak 99.2%; p95 91.0% (7 d, 99.8% known)" */
static void
put_load(FILE *to, const struct message_line *line)
{
	if (line->what != TOLD_RECOVERY) {
		message_put_share(to, line->now);
		if (!isnan(line->now))
			fputs(" of ", to);
		else
			fputs(", capacity ", to);
		put_capacity(to, line);
		fprintf(to, " %s; ", model_direction_name(line->subject.direction));
	}
	fputs("peak ", to);
	message_put_share(to, peak_of(line));
	fputs("; ", to);
	put_percentile(to, line);
}

static void
put_measure(FILE *to, const struct message_line *line)
{
	double value = line->what == TOLD_RECOVERY || isnan(line->now) ? line->peak : line->now;

	switch (line->subject.kind) {
	case ALERT_LOSS:
		message_put_share(to, value);
		fprintf(to, " of the packets %s lost%s; peak ",
			model_direction_name(line->subject.direction),
			line->what == TOLD_RECOVERY ? " at worst" : "");
		message_put_share(to, peak_of(line));
		fputs("; ", to);
		put_percentile(to, line);
		break;
	case ALERT_REDUCED:
		if (value >= 1) {
			fputs("down: nothing of its capacity is left; ", to);
			put_percentile(to, line);
			break;
		}
		message_put_share(to, value);
		fputs(" of its capacity gone, at worst ", to);
		message_put_share(to, peak_of(line));
		fputs("; ", to);
		put_capacity(to, line);
		fputs(line->what == TOLD_RECOVERY ? " now; " : " left; ", to);
		put_percentile(to, line);
		break;
	case ALERT_DATA_QUALITY:
		message_put_share(to, value);
		fputs(" of the last hour unknown, at worst ", to);
		message_put_share(to, peak_of(line));
		fputs("; ", to);
		put_percentile(to, line);
		break;
	case ALERT_AGENT_UNREACHABLE:
	case ALERT_EXCHANGE_UNREACHABLE:
		fputs(line->what == TOLD_RECOVERY ? "seen again: " : "nothing is known of ", to);
		if (line->port_count > 0)
			fprintf(to, "its %u port%s", line->port_count,
				line->port_count == 1 ? "" : "s");
		else
			fputs("its ports", to);
		break;
	default: put_load(to, line); break;
	}
}

static void
row_now(struct message_page *page, const struct message_line *line)
{
	put_measure(
	    message_page_row(page, MESSAGE_FACT, line->what == TOLD_RECOVERY ? "Figures" : "Now"),
	    line);
}

static void
row_port(struct message_page *page, const struct message_line *line)
{
	static const char *const labels[ALERT_SCOPE_COUNT] = {
		[ALERT_OF_PORT] = "Port",
		[ALERT_OF_CONNECTION] = "Ports",
		[ALERT_OF_AGENT] = "Agent",
		[ALERT_OF_EXCHANGE] = "Exchange",
	};
	FILE *to = message_page_row(page, MESSAGE_FACT, labels[line->subject.scope]);
	char where[MESSAGE_NAME_SIZE * 3];

	fputs(message_where(where, sizeof(where), line), to);
	if (line->subject.scope != ALERT_OF_PORT)
		return;
	if (line->kind != KIND_NONE)
		fprintf(to, ", %s", model_kind_name(line->kind));
	if (line->alias[0] != '\0') {
		fputs(", \"", to);
		put_clean(to, line->alias, MESSAGE_NAME_MAX);
		fputs("\"", to);
	}
}

/* --- what surrounds it --- */

static const char *
ordinal(unsigned n)
{
	if (n % 100 / 10 == 1)
		return "th";
	return n % 10 == 1 ? "st" : n % 10 == 2 ? "nd" : n % 10 == 3 ? "rd" : "th";
}

static const char *
night_or_day(const struct message_facts *facts, int64_t utc_sec)
{
	int64_t local_sec =
	    utc_sec + (facts->zone != NULL ? zone_offset_sec(facts->zone, utc_sec) : 0);
	int64_t hour = ((local_sec % 86400) + 86400) % 86400 / 3600;

	return hour >= 18 || hour < 6 ? "night" : "day";
}

/* "yes: 4th night of the last 7; clears about 2026-11-28 01:30Z (02:30 CET)" */
static void
row_usual(struct message_page *page, const struct message_facts *facts,
	  const struct message_line *line)
{
	const struct message_usual *usual = &line->usual;
	FILE *to = message_page_row(page, MESSAGE_FACT, "Usual");

	if (!usual->known) {
		fprintf(to, "unknown: too little is known of the last %d days", MESSAGE_USUAL_DAYS);
		return;
	}
	if (usual->days <= 1) {
		fprintf(to, "no: the first in %d days", MESSAGE_USUAL_DAYS);
		return;
	}
	fprintf(to, "yes: %u%s %s of the last %d", usual->days, ordinal(usual->days),
		night_or_day(facts, line->began_utc_sec), MESSAGE_USUAL_DAYS);
	if (line->what == TOLD_RECOVERY)
		return;
	fputs("; clears about ", to);
	message_put_clock(to, facts, usual->clears_utc_sec,
			  usual->clears_utc_sec - facts->now_utc_sec < 86400 ? usual->clears_utc_sec
									     : 0);
}

static void
row_changed(struct message_page *page, const struct message_line *line)
{
	FILE *to = message_page_row(page, MESSAGE_FACT, "Changed");
	size_t told = line->change_count < CHANGES_MAX ? line->change_count : CHANGES_MAX;

	for (size_t i = 0; i < told; i++) {
		int64_t of_day_sec = line->changes[i].at_utc_sec % 86400;

		fprintf(to, "%s%02d:%02dZ ", i > 0 ? "; " : "", (int)(of_day_sec / 3600),
			(int)(of_day_sec / 60 % 60));
		put_clean(to, line->changes[i].text, NOTE_MAX);
	}
	if (line->change_count > told)
		fprintf(to, "; and %zu more", line->change_count - told);
	if (told == 0)
		fputs(line->changes_known ? "nothing known within 15 minutes of it" : "unknown",
		      to);
	if (line->works[0] != '\0') {
		fputs("; in force: ", to);
		put_clean(to, line->works, NOTE_MAX);
	}
}

/* "this port alone: 1 of 12 ports at fra, 1 of 48 in all" */
static void
row_scope(struct message_page *page, const struct message_facts *facts)
{
	const struct message_reach *here = &facts->here, *all = &facts->everywhere;
	FILE *to = message_page_row(page, MESSAGE_FACT, "Scope");

	if (here->port_count == 0 || all->port_count == 0) {
		fputs("unknown", to);
		return;
	}
	if (here->port_count > 1 && here->affected_count == here->port_count)
		fputs("the whole exchange: ", to);
	else if (here->affected_count == 1 && facts->line_count == 1 &&
		 facts->lines[0].subject.scope == ALERT_OF_PORT &&
		 facts->lines[0].what != TOLD_RECOVERY)
		fputs("this port alone: ", to);
	fprintf(to, "%u of %u ports at ", here->affected_count, here->port_count);
	put_clean(to, facts->exchange, MESSAGE_NAME_MAX);
	fprintf(to, ", %u of %u in all", all->affected_count, all->port_count);
	fputs(facts->lines[0].what == TOLD_RECOVERY ? " still affected" : "", to);
}

static void
put_room(FILE *to, const struct message_room *room)
{
	char where[MESSAGE_NAME_SIZE * 3], exchange[MESSAGE_NAME_SIZE], agent[MESSAGE_NAME_SIZE],
	    interface[MESSAGE_NAME_SIZE];

	snprintf(where, sizeof(where), "%s/%s/%s",
		 message_clean(exchange, sizeof(exchange), room->exchange, MESSAGE_NAME_MAX),
		 message_clean(agent, sizeof(agent), room->agent, MESSAGE_NAME_MAX),
		 message_clean(interface, sizeof(interface), room->interface, MESSAGE_NAME_MAX));
	fprintf(to, "%s ", where);
	message_put_share(to, room->utilisation);
	if (isnan(room->utilisation) || isnan(room->capacity_bps))
		return;
	fputs(", ", to);
	message_put_bps(to,
			room->utilisation < 1 ? room->capacity_bps * (1 - room->utilisation) : 0);
	fputs(" free", to);
}

static void
row_headroom(struct message_page *page, const struct message_line *line)
{
	FILE *to = message_page_row(page, MESSAGE_FACT, "Headroom");
	size_t told = line->room_count < ROOMS_MAX ? line->room_count : ROOMS_MAX;

	for (size_t i = 0; i < told; i++) {
		fputs(i > 0 ? "; " : "", to);
		put_room(to, &line->rooms[i]);
	}
	if (line->room_count > told)
		fprintf(to, "; and %zu more", line->room_count - told);
	if (told > 0)
		return;
	if (line->subject.asn == 0)
		fputs("unknown: its peer is not known", to);
	else if (line->rooms_known)
		fprintf(to, "none: AS%" PRIu32 " has no other port that is up", line->subject.asn);
	else
		fputs("unknown", to);
}

static void
put_contacts(FILE *to, const struct message_line *line)
{
	size_t told = line->contact_count < CONTACTS_MAX ? line->contact_count : CONTACTS_MAX;

	for (size_t i = 0; i < told; i++) {
		fputs(i > 0 ? "; " : "", to);
		put_clean(to, line->contacts[i], NOTE_MAX);
	}
	if (line->contact_count > told)
		fprintf(to, "; and %zu more", line->contact_count - told);
	if (told == 0)
		fputs("unknown", to);
}

static void
row_circuit(struct message_page *page, const struct message_line *line)
{
	FILE *to = message_page_row(page, MESSAGE_FACT, "Circuit");

	if (line->circuit[0] != '\0')
		put_clean(to, line->circuit, NOTE_MAX);
	else
		fputs("unknown", to);
	fputs("; contact: ", to);
	put_contacts(to, line);
	if (line->note[0] != '\0') {
		fputs("; note: ", to);
		put_clean(to, line->note, NOTE_MAX);
	}
}

/* Of a port, with its circuit; of all of a peer's, which have one each, without. */
static void
row_contact(struct message_page *page, const struct message_line *line)
{
	if (line->subject.scope == ALERT_OF_PORT)
		row_circuit(page, line);
	else if (line->subject.scope == ALERT_OF_CONNECTION)
		put_contacts(message_page_row(page, MESSAGE_FACT, "Contact"), line);
}

static void
row_text(struct message_page *page, const char *label, const char *text)
{
	if (text[0] != '\0')
		put_clean(message_page_row(page, MESSAGE_FACT, label), text, NOTE_MAX);
}

/* --- what comes next, and where to look --- */

static void
row_next(struct message_page *page, const struct message_facts *facts)
{
	FILE *to = message_page_row(page, MESSAGE_FACT, "Next");

	if (facts->lines[0].what == TOLD_RECOVERY)
		fputs("no mail: it is over", to);
	else if (facts->next_utc_sec == 0)
		fputs("its end as an answer to this, nothing before", to);
	else {
		fputs("repeat ", to);
		message_put_time(to, facts, facts->next_utc_sec);
		fputs("; its end as an answer to this", to);
	}
}

static void
put_address(FILE *to, const struct message_facts *facts, const struct message_line *line)
{
	put_clean(to, facts->base_url, NOTE_MAX);
	if (line != NULL && line->subject.scope == ALERT_OF_PORT)
		fprintf(to, "/ports/%" PRId64, line->subject.id);
	else if (line != NULL && line->subject.scope == ALERT_OF_CONNECTION)
		fprintf(to, "/peers/%" PRIu32, line->subject.asn);
	else {
		fputs("/exchanges/", to);
		put_clean(to, facts->exchange, MESSAGE_NAME_MAX);
	}
}

/* The graph belongs before the links. */
static void
rows_end(struct message_page *page, const struct message_facts *facts,
	 const struct message_line *line)
{
	const struct message_line *first = &facts->lines[0];
	FILE *to;

	if (first->what != TOLD_RECOVERY && facts->ack_url[0] != '\0') {
		to = message_page_row(page, MESSAGE_BUTTON,
				      facts->line_count > 1 ? "Ack all" : "Ack");
		fputs(facts->ack_url, to);
	} else if (first->what != TOLD_RECOVERY && first->alert_id != 0 && facts->line_count == 1) {
		to = message_page_row(page, MESSAGE_FACT, "Ack");
		fprintf(to, "ixwatch ack add --alert %" PRId64 " --reason TEXT", first->alert_id);
	}
	if (facts->graph) {
		char where[MESSAGE_NAME_SIZE * 3];

		to = message_page_row(page, MESSAGE_PICTURE, "");
		fprintf(to, "Graph of %s", message_where(where, sizeof(where), first));
	}
	put_address(message_page_row(page, MESSAGE_LINK, "Page"), facts, line);
	to = message_page_row(page, MESSAGE_LINK, "Method");
	put_clean(to, facts->base_url, NOTE_MAX);
	fputs("/method", to);
}

/* --- one alert --- */

static void
put_exchange(FILE *to, const struct message_facts *facts)
{
	fputs(" at ", to);
	put_clean(to, facts->exchange_name[0] != '\0' ? facts->exchange_name : facts->exchange,
		  MESSAGE_NAME_MAX);
}

/* What is worth saying while it lasts. */
static void
rows_around(struct message_page *page, const struct message_facts *facts,
	    const struct message_line *line)
{
	FILE *to = message_page_row(page, MESSAGE_FACT, "Move");

	fputs(message_move(line), to);
	row_text(page, "Runbook", line->runbook);
	if (is_of_traffic(line))
		row_usual(page, facts, line);
	row_text(page, "Why", line->reason);
	if (alert_kind_audience(line->subject.kind) == ALERT_FOR_NOC) {
		if (line->subject.scope == ALERT_OF_PORT)
			row_changed(page, line);
		row_scope(page, facts);
	}
	if (is_of_traffic(line) || line->subject.kind == ALERT_REDUCED)
		row_headroom(page, line);
}

/* The first of them, the worst, is told in full. */
static void
page_of_one(struct message_page *page, const struct message_facts *facts)
{
	const struct message_line *line = &facts->lines[0];
	FILE *to = message_page_row(page, MESSAGE_TITLE, "");

	put_head(to, line);
	put_exchange(to, facts);
	row_port(page, line);
	row_since(page, facts, line);
	row_now(page, line);
	if (line->what != TOLD_RECOVERY)
		rows_around(page, facts, line);
	else {
		if (is_of_traffic(line))
			row_usual(page, facts, line);
		row_scope(page, facts);
	}
	row_contact(page, line);
	row_next(page, facts);
	rows_end(page, facts, line);
}

/* --- several --- */

static void
item(struct message_page *page, const struct message_facts *facts, size_t i)
{
	const struct message_line *line = &facts->lines[i];
	FILE *to = message_page_row(page, MESSAGE_ITEM, "");
	char where[MESSAGE_NAME_SIZE * 3];

	fprintf(to, "%zu. ", i + 1);
	put_head(to, line);
	fprintf(to, ", %s", message_where(where, sizeof(where), line));
	to = message_page_row(page, MESSAGE_ITEM_FACT, "");
	fputs(line->until_utc_sec != 0 ? "" : "since ", to);
	put_span(to, facts, line, facts->now_utc_sec);
	fputs("; ", to);
	put_measure(to, line);
	put_address(message_page_row(page, MESSAGE_ITEM_LINK, ""), facts, line);
}

static void
items(struct message_page *page, const struct message_facts *facts)
{
	for (size_t i = 0; i < facts->line_count && i < MESSAGE_LINES_MAX; i++)
		item(page, facts, i);
	if (facts->line_count > MESSAGE_LINES_MAX)
		fprintf(message_page_row(page, MESSAGE_NOTE, ""),
			"And %zu more, on the exchange's page.",
			facts->line_count - MESSAGE_LINES_MAX);
}

static void
page_of_many(struct message_page *page, const struct message_facts *facts)
{
	const struct message_line *worst = &facts->lines[0];
	char count[40], tally[256];
	FILE *to = message_page_row(page, MESSAGE_TITLE, "");

	fprintf(to, "%s%s", standing(worst->what), message_count(count, sizeof(count), facts));
	put_exchange(to, facts);
	fprintf(to, ": %s", message_tally(tally, sizeof(tally), facts, sizeof(tally)));
	to = message_page_row(page, MESSAGE_FACT, "Worst");
	put_head(to, worst);
	row_port(page, worst);
	row_since(page, facts, worst);
	row_now(page, worst);
	if (worst->what != TOLD_RECOVERY)
		rows_around(page, facts, worst);
	else
		row_scope(page, facts);
	row_contact(page, worst);
	row_next(page, facts);
	rows_end(page, facts, NULL);
}

bool
message_alert(struct message *out, const struct message_facts *facts, struct error *err)
{
	struct message made = { 0 };
	struct message_page page;
	char subject[MESSAGE_SUBJECT_SIZE];

	if (!message_page_open(&page))
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	page.colour = colour_of(facts);
	if (message_is_of_one(facts))
		page_of_one(&page, facts);
	else
		page_of_many(&page, facts);
	if (facts->line_count > 1)
		items(&page, facts);
	made.subject = strdup(message_subject(subject, facts));
	made.text = message_page_text(&page);
	made.html = message_page_html(&page);
	message_page_close(&page);
	if (made.subject == NULL || made.text == NULL || made.html == NULL) {
		message_free(&made);
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	}
	*out = made;
	return true;
}

void
message_free(struct message *message)
{
	free(message->subject);
	free(message->text);
	free(message->html);
	memset(message, 0, sizeof(*message));
}
