/* page_filter.c - what of the ports is listed: a form, and addresses that say it, so that each can be kept and sent on. */
#include <inttypes.h>
#include <string.h>

#include "ixwatch/units.h"

#include "page_overview.h"

/* --- addresses --- */

static const char *
state_of(const struct query *query)
{
	return model_state_name(query->state);
}

static const char *
verdict_of(const struct query *query)
{
	return model_verdict_name(query->verdict);
}

static const char *
exchange_of(const struct query *query)
{
	return query->exchange;
}

static const char *
agent_of(const struct query *query)
{
	return query->agent;
}

static const char *
kind_of(const struct query *query)
{
	return query->kind;
}

static const char *
text_of(const struct query *query)
{
	return query->text;
}

static const struct pair {
	enum query_arg arg;
	const char *key;
	const char *(*value)(const struct query *query);
} pairs[] = {
	{ ARG_STATE, "state", state_of },
	{ ARG_VERDICT, "verdict", verdict_of },
	{ ARG_EXCHANGE, "exchange", exchange_of },
	{ ARG_AGENT, "agent", agent_of },
	{ ARG_KIND, "kind", kind_of },
	{ ARG_TEXT, "q", text_of },
};
#define PAIRS (sizeof(pairs) / sizeof(pairs[0]))

/* A further pair after the others. */
static void
put_pair(struct html *html, unsigned *count, const char *key)
{
	html_put(html, *count == 0 ? "%s=" : "&amp;%s=", key);
	(*count)++;
}

void
page_filter_address(struct html *html, const struct query *query, unsigned without)
{
	unsigned has = query->has & ~without, count = 0;

	html_raw(html, "/?");
	for (size_t i = 0; i < PAIRS; i++) {
		if ((has & pairs[i].arg) == 0)
			continue;
		put_pair(html, &count, pairs[i].key);
		html_segment(html, pairs[i].value(query));
	}
	if ((has & ARG_ASN) != 0) {
		put_pair(html, &count, "asn");
		html_put(html, "%u", query->asn);
	}
	if ((has & ARG_SORT) != 0) {
		put_pair(html, &count, "sort");
		html_put(html, "%s%s", query->descending ? "-" : "", query_sort_name(query->sort));
	}
	if (count > 0 && without != 0)
		html_raw(html, "&amp;");
}

/* --- the form --- */

static void
put_option(struct html *html, const char *value, const char *text, bool is_chosen)
{
	html_put(html, "<option value=\"%s\"", value);
	html_raw(html, is_chosen ? " selected>" : ">");
	html_put(html, "%s</option>", text);
}

static void
begin_select(struct html *html, const char *label, const char *name)
{
	html_put(html, "<label>%s <select name=\"%s\"><option value=\"\">any</option>", label,
		 name);
}

static void
put_states(struct html *html, const struct query *query)
{
	begin_select(html, "State", "state");
	for (unsigned i = 0; i < STATE_COUNT; i++) {
		enum port_state state = world_by_severity[i];
		const char *name = model_state_name(state);

		put_option(html, name, name,
			   (query->has & ARG_STATE) != 0 && query->state == state);
	}
	html_raw(html, "</select></label>\n");
}

static void
put_verdicts(struct html *html, const struct query *query)
{
	begin_select(html, "Verdict", "verdict");
	for (unsigned i = 0; i < VERDICT_COUNT; i++) {
		const char *name = model_verdict_name((enum verdict)i);

		put_option(html, name, name,
			   (query->has & ARG_VERDICT) != 0 && query->verdict == (enum verdict)i);
	}
	html_raw(html, "</select></label>\n");
}

static void
put_exchanges(struct html *html, const struct request *request)
{
	const struct query *query = &request->query;

	begin_select(html, "Exchange", "exchange");
	for (size_t i = 0; i < request->world->exchange_count; i++) {
		const struct world_exchange *x = &request->world->exchanges[i];

		put_option(html, x->slug, x->name,
			   (query->has & ARG_EXCHANGE) != 0 &&
			       strcmp(query->exchange, x->slug) == 0);
	}
	html_raw(html, "</select></label>\n");
}

static void
put_kinds(struct html *html, const struct query *query)
{
	begin_select(html, "Kind", "kind");
	for (unsigned i = KIND_NONE + 1; i < KIND_COUNT; i++) {
		const char *name = model_kind_name((enum port_kind)i);

		put_option(html, name, name,
			   (query->has & ARG_KIND) != 0 && strcmp(query->kind, name) == 0);
	}
	html_raw(html, "</select></label>\n");
}

/* What the form has no field for goes along. */
static void
put_hidden(struct html *html, const struct query *query)
{
	if ((query->has & ARG_SORT) != 0)
		html_put(html, "<input type=\"hidden\" name=\"sort\" value=\"%s%s\">",
			 query->descending ? "-" : "", query_sort_name(query->sort));
	if ((query->has & ARG_AGENT) != 0)
		html_put(html, "<input type=\"hidden\" name=\"agent\" value=\"%s\">", query->agent);
}

/* --- of episodes --- */

#define DAY_SEC 86400

int64_t
page_episode_from_utc_sec(const struct query *query)
{
	return (query->has & ARG_FROM_DAY) == 0 ? 0 : query->from_day.utc_sec;
}

int64_t
page_episode_to_utc_sec(const struct query *query)
{
	if ((query->has & ARG_TO_DAY) == 0)
		return 0;
	return query->to_day.utc_sec + (query->to_day.is_date ? DAY_SEC : 0);
}

void
page_episode_address(struct html *html, const struct query *query)
{
	int64_t from = page_episode_from_utc_sec(query), to = page_episode_to_utc_sec(query);

	if (query->port_id != 0)
		html_put(html, "&amp;port=%lld", (long long)query->port_id);
	if (query->open)
		html_raw(html, "&amp;open=true");
	if ((query->has & ARG_EXCHANGE) != 0) {
		html_raw(html, "&amp;exchange=");
		html_segment(html, query->exchange);
	}
	if ((query->has & ARG_ASN) != 0)
		html_put(html, "&amp;asn=%u", query->asn);
	if ((query->has & ARG_EPISODE_KIND) != 0)
		html_put(html, "&amp;kind=%s", model_episode_kind_name(query->episode_kind));
	if (from != 0)
		html_put(html, "&amp;from=%lld", (long long)from);
	if (to != 0)
		html_put(html, "&amp;to=%lld", (long long)to);
}

/* A day of UTC; the last one is meant with all its hours. */
static void
put_day(struct html *html, const char *label, const char *name, int64_t utc_sec)
{
	char date[32] = "";

	if (utc_sec != 0)
		units_format_date(date, sizeof(date), (int32_t)(utc_sec / DAY_SEC));
	html_put(html, "<label>%s <input type=\"date\" name=\"%s\" value=\"%s\"></label>\n", label,
		 name, date);
}

static void
put_peer(struct html *html, const struct query *query)
{
	html_raw(html, "<label>Peer, AS <input name=\"asn\" inputmode=\"numeric\" "
		       "pattern=\"[0-9]*\" size=\"8\" maxlength=\"10\" value=\"");
	if ((query->has & ARG_ASN) != 0)
		html_put(html, "%u", query->asn);
	html_raw(html, "\"></label>\n");
}

static void
put_episode_kinds(struct html *html, const struct query *query)
{
	begin_select(html, "Kind", "kind");
	for (unsigned i = 0; i < EPISODE_KIND_COUNT; i++) {
		const char *name = model_episode_kind_name((enum episode_kind)i);

		put_option(html, name, name,
			   (query->has & ARG_EPISODE_KIND) != 0 &&
			       query->episode_kind == (enum episode_kind)i);
	}
	html_raw(html, "</select></label>\n");
}

void
page_episode_form(struct html *html, const struct request *request)
{
	const struct query *query = &request->query;
	int64_t to = page_episode_to_utc_sec(query);

	html_raw(html, "<form class=\"find\" method=\"get\" action=\"/episodes\" role=\"search\" "
		       "aria-label=\"Filter the episodes\">\n");
	put_peer(html, query);
	put_exchanges(html, request);
	put_episode_kinds(html, query);
	begin_select(html, "Now", "open");
	put_option(html, "true", "still open", query->open);
	html_raw(html, "</select></label>\n");
	put_day(html, "From, UTC", "from", page_episode_from_utc_sec(query));
	put_day(html, "To, UTC", "to", to == 0 ? 0 : to - 1);
	if (query->port_id != 0)
		html_put(html, "<input type=\"hidden\" name=\"port\" value=\"%lld\">",
			 (long long)query->port_id);
	html_raw(html,
		 "<button>Show</button> <a class=\"take\" href=\"/api/v1/episodes.csv?limit=1000");
	page_episode_address(html, query);
	html_raw(html, "\">as CSV</a></form>\n");
}

/* --- of ports --- */

void
page_filter_form(struct html *html, const struct request *request)
{
	const struct query *query = &request->query;

	html_raw(html, "<form class=\"find\" method=\"get\" action=\"/#ports\" role=\"search\" "
		       "aria-label=\"Filter the ports\">\n"
		       "<label>Text <input type=\"search\" name=\"q\" maxlength=\"60\" value=\"");
	html_text(html, query->text);
	html_raw(html, "\"></label>\n");
	put_peer(html, query);
	put_states(html, query);
	put_exchanges(html, request);
	put_kinds(html, query);
	put_verdicts(html, query);
	put_hidden(html, query);
	html_raw(html, "<button>Show</button></form>\n");
}
