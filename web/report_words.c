/* report_words.c - see report_words.h. */
#include "report_words.h"

#include <stdio.h>

#include "page.h"

#define DASH "\xe2\x80\x93"

const char *
report_state_css(enum report_state state)
{
	static const char *const css[REPORT_STATE_COUNT] = {
		[REPORT_NOTHING] = "nothing",     [REPORT_WAITING] = "waiting",
		[REPORT_HELD] = "held",           [REPORT_APPROVED] = "approved",
		[REPORT_LAPSED] = "lapsed",       [REPORT_OPTED_OUT] = "opted-out",
		[REPORT_NO_RECIPIENT] = "nobody", [REPORT_PAUSED] = "paused",
	};

	return css[state];
}

void
report_put_state(struct html *html, enum report_state state)
{
	html_put(html, "<span class=\"standing %s\">%s</span>", report_state_css(state),
		 report_state_name(state));
}

const char *
report_whom(const struct report *report)
{
	if (report->kind == REPORT_OVERVIEW)
		return "The overview";
	if (report->name[0] != '\0')
		return report->name;
	return report->kind == REPORT_EXCHANGE ? report->exchange : "A peer without a name";
}

char *
report_notice_words(char *dst, size_t len, const struct report *report)
{
	static const char *const words[] = { DASH, "first", "second", "third" };

	if (report->kind != REPORT_PEER)
		snprintf(dst, len, DASH);
	else if (report->notice < sizeof(words) / sizeof(words[0]))
		snprintf(dst, len, "%s", words[report->notice]);
	else
		snprintf(dst, len, "%uth", report->notice);
	return dst;
}

char *
report_lapse_words(char *dst, size_t len, const struct request *request,
		   const struct report *report)
{
	int64_t left_sec = report->lapses_utc_sec - request->now_utc_sec;
	char age[48];
	bool may = report->state == REPORT_WAITING || report->state == REPORT_HELD ||
		   report->state == REPORT_PAUSED || report->state == REPORT_NO_RECIPIENT;

	if (!may || report->lapses_utc_sec == 0)
		snprintf(dst, len, DASH);
	else if (left_sec <= 0)
		snprintf(dst, len, "now");
	else
		snprintf(dst, len, "in %s", page_age(age, sizeof(age), left_sec));
	return dst;
}

void
report_put_recipients(struct html *html, const struct request *request, const struct report *report)
{
	if (report->state == REPORT_APPROVED)
		html_put(html, "%u of %u sent%s", report->sent_count, report->mail_count,
			 report->failed_count > 0 ? ", some failed" : "");
	else if (report->kind == REPORT_EXCHANGE)
		html_raw(html, "<span class=\"muted\">kept, not mailed</span>");
	else if (report->kind == REPORT_PEER)
		html_put(html, "%s", world_peer_recipients(request->world, report->asn));
	else
		html_put(html, "%s",
			 request->world->coordinator[0] != '\0'
			     ? request->world->coordinator
			     : "nobody: no coordinator is named");
}
