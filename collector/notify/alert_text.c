/* alert_text.c - see alert_text.h. */
#include "notify/alert_text.h"

#include <ctype.h>
#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/units.h"

#define LINES_MAX 50

/* Octets of the first `max` characters, whole ones. */
static size_t
first_characters(const char *text, size_t max)
{
	size_t at = 0;

	for (size_t count = 0; text[at] != '\0'; at++)
		if (((unsigned char)text[at] & 0xc0) != 0x80 && count++ == max)
			break;
	return at;
}

/* Who it is; where a port without a known peer is, is said in its place. */
static void
whom(const struct alert_text_line *line, char *dst, size_t len)
{
	const struct alert_subject *subject = &line->alert->subject;
	char asn[24] = "";

	if (subject->asn != 0)
		snprintf(asn, sizeof(asn), "AS%" PRIu32, subject->asn);
	if (subject->scope == ALERT_OF_PORT && (asn[0] != '\0' || line->peer[0] != '\0'))
		snprintf(dst, len, "%s %s%s%s", subject->exchange, asn,
			 asn[0] != '\0' && line->peer[0] != '\0' ? " " : "", line->peer);
	else if (subject->scope == ALERT_OF_PORT)
		snprintf(dst, len, "%s %s/%s", subject->exchange, subject->agent, line->interface);
	else if (subject->scope == ALERT_OF_EXCHANGE)
		snprintf(dst, len, "%s", subject->exchange);
	else
		snprintf(dst, len, "%s %s", subject->exchange,
			 subject->scope == ALERT_OF_AGENT ? subject->agent : asn);
}

/* "SATURATED 98% out" */
static void
headline(const struct ledger_alert *alert, char *dst, size_t len)
{
	char kind[48], share[32] = "";
	size_t i = 0;

	for (const char *c = alert_kind_name(alert->subject.kind); *c != '\0'; c++)
		kind[i++] = (char)toupper((unsigned char)*c);
	kind[i] = '\0';
	if (!isnan(alert->peak))
		snprintf(share, sizeof(share), " %.0f%%", alert->peak * 100);
	snprintf(dst, len, "%s%s%s%s", kind, share,
		 alert_kind_is_directed(alert->subject.kind) ? " " : "",
		 alert_kind_is_directed(alert->subject.kind)
		     ? model_direction_name(alert->subject.direction)
		     : "");
}

/* "[ix] SATURATED 98% out fra AS64500 ExampleNet since 02:10Z +3": the name gives way where it is too long. */
static char *
subject_dup(const struct alert_text_line *lines, size_t count)
{
	const struct alert_text_line *worst = &lines[0];
	bool ended = worst->what == TOLD_RECOVERY;
	char head[96], name[400], at[32], tail[64], more[32] = "", *subject;
	size_t used, room;

	headline(worst->alert, head, sizeof(head));
	whom(worst, name, sizeof(name));
	units_format_utc(at, sizeof(at),
			 ended ? worst->alert->until_utc_sec : worst->alert->began_utc_sec);
	if (count > 1)
		snprintf(more, sizeof(more), " +%zu", count - 1);
	snprintf(tail, sizeof(tail), " %s %.5sZ%s", ended ? "ended" : "since",
		 at + strlen("2026-11-28T"), more);
	used = strlen("[ix]  ") + strlen(head) + strlen(tail);
	room = used < ALERT_SUBJECT_MAX ? ALERT_SUBJECT_MAX - used : 0;
	name[first_characters(name, room)] = '\0';
	return asprintf(&subject, "[ix] %s %s%s", head, name, tail) >= 0 ? subject : NULL;
}

static void
put_line(FILE *out, const struct alert_text_line *line, const char *base_url)
{
	const struct ledger_alert *alert = line->alert;
	char head[96], name[400], began[32], until[32];

	headline(alert, head, sizeof(head));
	whom(line, name, sizeof(name));
	units_format_utc(began, sizeof(began), alert->began_utc_sec);
	fprintf(out, "%s  %s\n", head, name);
	if (alert->subject.scope == ALERT_OF_PORT)
		fprintf(out, "  port %s/%s/%s\n", alert->subject.exchange, alert->subject.agent,
			line->interface);
	fprintf(out, "  since %s", began);
	if (alert->ended_utc_sec != 0)
		fprintf(out, ", ended %s",
			units_format_utc(until, sizeof(until), alert->until_utc_sec));
	if (alert->blind_utc_sec != 0)
		fprintf(out, ", nothing known since %s",
			units_format_utc(until, sizeof(until), alert->blind_utc_sec));
	fprintf(out, "%s%s\n", line->what == TOLD_REPEAT ? ", still open" : "",
		line->what == TOLD_ESCALATION ? ", acknowledged by nobody" : "");
	if (alert->subject.scope == ALERT_OF_PORT)
		fprintf(out, "  %s/ports/%" PRId64 "\n", base_url, alert->subject.id);
	else
		fprintf(out, "  %s/exchanges/%s\n", base_url, alert->subject.exchange);
	if (line->runbook[0] != '\0')
		fprintf(out, "  %s\n", line->runbook);
	if (alert->ended_utc_sec == 0)
		fprintf(out,
			"  alert %" PRId64 ": ixwatch ack add --alert %" PRId64 " --reason ...\n",
			alert->id, alert->id);
	fputc('\n', out);
}

bool
alert_text(const struct alert_text_line *lines, size_t count, const char *base_url, char **subject,
	   char **text)
{
	size_t len;
	FILE *out;

	*text = NULL;
	*subject = subject_dup(lines, count);
	out = open_memstream(text, &len);
	if (out != NULL) {
		for (size_t i = 0; i < count && i < LINES_MAX; i++)
			put_line(out, &lines[i], base_url);
		if (count > LINES_MAX)
			fprintf(out, "And %zu more: %s/\n\n", count - LINES_MAX, base_url);
		fprintf(out, "How it is judged: %s/method\n", base_url);
	}
	if (*subject != NULL && out != NULL && fclose(out) == 0)
		return true;
	free(*subject);
	free(*text);
	return false;
}
