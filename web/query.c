/* query.c - one row a key. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#include "query.h"
#include "uri.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define VALUE_MAX    256
#define DAY_SEC      86400

static const struct span {
	const char *name;
	int64_t sec;
} spans[SPAN_COUNT] = {
	[SPAN_DAY] = { "day", 86400 },
	[SPAN_WEEK] = { "week", 7 * 86400 },
	[SPAN_MONTH] = { "month", 31 * 86400 },
	[SPAN_YEAR] = { "year", 366 * 86400 },
};

const char *
query_span_name(enum query_span span)
{
	return spans[span].name;
}

int64_t
query_span_sec(enum query_span span)
{
	return spans[span].sec;
}

/* --- one parser a kind of value; each is true when the text is allowed --- */

static bool
parse_span(struct query *q, const char *text)
{
	for (unsigned i = 0; i < SPAN_COUNT; i++) {
		if (strcmp(text, spans[i].name) == 0) {
			q->span = (enum query_span)i;
			return true;
		}
	}
	return false;
}

/* The '+' of a zone offset is a blank once the query is decoded. */
static bool
parse_instant(const char *text, int64_t *utc_sec)
{
	char copy[VALUE_MAX];
	size_t len = strlen(text);

	memcpy(copy, text, len + 1);
	if (len >= 6 && copy[len - 6] == ' ')
		copy[len - 6] = '+';
	return units_parse_utc(copy, utc_sec) && *utc_sec >= 0 &&
	       *utc_sec <= INT32_MAX * INT64_C(4);
}

static bool
parse_from(struct query *q, const char *text)
{
	return parse_instant(text, &q->from_utc_sec);
}

static bool
parse_to(struct query *q, const char *text)
{
	return parse_instant(text, &q->to_utc_sec);
}

/* "2026-11-23", or an instant. */
static bool
parse_day(const char *text, struct query_day *day)
{
	char midnight[40];

	if (strlen(text) == 10 && text[4] == '-' && text[7] == '-') {
		snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", text);
		day->is_date = parse_instant(midnight, &day->utc_sec);
		day->day = (int32_t)(day->utc_sec / DAY_SEC);
		return day->is_date;
	}
	return parse_instant(text, &day->utc_sec);
}

static bool
parse_from_day(struct query *q, const char *text)
{
	return parse_day(text, &q->from_day);
}

static bool
parse_to_day(struct query *q, const char *text)
{
	return parse_day(text, &q->to_day);
}

static bool
parse_unsigned(const char *text, unsigned min, unsigned max, unsigned *out)
{
	uint64_t value;

	if (!units_parse_uint(text, min, max, &value))
		return false;
	*out = (unsigned)value;
	return true;
}

static bool
parse_id(const char *text, int64_t *id)
{
	uint64_t value;

	if (!units_parse_uint(text, 1, INT64_MAX, &value))
		return false;
	*id = (int64_t)value;
	return true;
}

/* "300" or "5m". */
static bool
parse_step(struct query *q, const char *text)
{
	uint64_t value;

	if (units_parse_uint(text, 1, 86400, &value)) {
		q->step_sec = (int64_t)value;
		return true;
	}
	return units_parse_duration_sec(text, &q->step_sec) && q->step_sec >= 1 &&
	       q->step_sec <= 86400;
}

static bool
parse_limit(struct query *q, const char *text)
{
	return parse_unsigned(text, 1, QUERY_LIMIT_MAX, &q->limit);
}

static bool
parse_cursor(struct query *q, const char *text)
{
	return parse_id(text, &q->cursor);
}

static bool
parse_width(struct query *q, const char *text)
{
	return parse_unsigned(text, 100, 2000, &q->width_px);
}

static bool
parse_height(struct query *q, const char *text)
{
	return parse_unsigned(text, 60, 1000, &q->height_px);
}

static bool
parse_theme(struct query *q, const char *text)
{
	q->dark = strcmp(text, "dark") == 0;
	return q->dark || strcmp(text, "light") == 0;
}

static bool
parse_name(char dst[QUERY_NAME_MAX], const char *text)
{
	size_t len = strlen(text);

	if (len == 0 || len >= QUERY_NAME_MAX)
		return false;
	memcpy(dst, text, len + 1);
	return true;
}

static bool
parse_exchange(struct query *q, const char *text)
{
	return parse_name(q->exchange, text);
}

static bool
parse_state(struct query *q, const char *text)
{
	return model_state_parse(text, &q->state);
}

static bool
parse_verdict(struct query *q, const char *text)
{
	return model_verdict_parse(text, &q->verdict);
}

static bool
parse_kind(struct query *q, const char *text)
{
	return parse_name(q->kind, text);
}

static bool
parse_open(struct query *q, const char *text)
{
	q->open = strcmp(text, "true") == 0;
	return q->open || strcmp(text, "false") == 0;
}

static bool
parse_asn(struct query *q, const char *text)
{
	uint64_t value;

	if (!units_parse_uint(text, 1, UINT32_MAX, &value))
		return false;
	q->asn = (uint32_t)value;
	return true;
}

static bool
parse_page(struct query *q, const char *text)
{
	return parse_unsigned(text, 1, 100000, &q->page);
}

static bool
parse_port(struct query *q, const char *text)
{
	return parse_id(text, &q->port_id);
}

/* The name of a version of a file: only there so that a new one is fetched. */
static bool
parse_version(struct query *q, const char *text)
{
	(void)q;
	return text[0] != '\0';
}

/* Whose clock a chart's axis shows: the page's script reads it. */
static bool
parse_zone(struct query *q, const char *text)
{
	(void)q;
	return strcmp(text, "exchange") == 0 || strcmp(text, "utc") == 0;
}

static bool
parse_next(struct query *q, const char *text)
{
	return snprintf(q->next, sizeof(q->next), "%s", text) < (int)sizeof(q->next);
}

static bool
parse_done(struct query *q, const char *text)
{
	return parse_id(text, &q->done);
}

/* An empty field of a form asks for nothing; so it is with the two below. */
static bool
parse_week(struct query *q, const char *text)
{
	return text[0] == '\0' || (strlen(text) == 8 && strspn(text, "0123456789W-") == 8 &&
				   parse_name(q->week, text));
}

static bool
parse_letter_state(struct query *q, const char *text)
{
	return text[0] == '\0' || parse_name(q->letter_state, text);
}

static bool
parse_text(struct query *q, const char *text)
{
	return text[0] == '\0' || parse_name(q->text, text);
}

static bool
parse_edition(struct query *q, const char *text)
{
	return parse_unsigned(text, 1, 9999, &q->edition);
}

static bool
parse_agent(struct query *q, const char *text)
{
	return parse_name(q->agent, text);
}

static const char *const sorts[SORT_COUNT] = {
	[SORT_STATE] = "state",     [SORT_PEER] = "peer", [SORT_PLACE] = "port",
	[SORT_IN] = "in",           [SORT_OUT] = "out",   [SORT_CAPACITY] = "capacity",
	[SORT_SAMPLED] = "sampled",
};

const char *
query_sort_name(enum query_sort sort)
{
	return sorts[sort];
}

/* "in", or "-in": the large ones first. */
static bool
parse_sort(struct query *q, const char *text)
{
	q->descending = text[0] == '-';
	for (unsigned i = 0; i < SORT_COUNT; i++) {
		if (strcmp(text + q->descending, sorts[i]) == 0) {
			q->sort = (enum query_sort)i;
			return true;
		}
	}
	return false;
}

static const struct key {
	const char *name;
	enum query_arg arg;
	bool (*parse)(struct query *q, const char *text);
	const char *allowed;
} keys[] = {
	{ "span", ARG_SPAN, parse_span, "day, week, month or year" },
	{ "from", ARG_FROM, parse_from, "Unix seconds or an RFC 3339 time" },
	{ "to", ARG_TO, parse_to, "Unix seconds or an RFC 3339 time" },
	{ "step", ARG_STEP, parse_step, "seconds, or a duration like 5m, 1s to 1d" },
	{ "limit", ARG_LIMIT, parse_limit, "a whole number from 1 to 1000" },
	{ "cursor", ARG_CURSOR, parse_cursor, "the value of `next` in the answer before" },
	{ "width", ARG_WIDTH, parse_width, "pixels, 100 to 2000" },
	{ "height", ARG_HEIGHT, parse_height, "pixels, 60 to 1000" },
	{ "theme", ARG_THEME, parse_theme, "light or dark" },
	{ "exchange", ARG_EXCHANGE, parse_exchange, "the short name of an exchange" },
	{ "state", ARG_STATE, parse_state, "down, unknown, sustained, spike, hot or clear" },
	{ "kind", ARG_KIND, parse_kind, "the name of a kind" },
	{ "open", ARG_OPEN, parse_open, "true or false" },
	{ "asn", ARG_ASN, parse_asn, "a number from 1 to 4294967295" },
	{ "page", ARG_PAGE, parse_page, "a whole number from 1" },
	{ "port", ARG_PORT, parse_port, "the id of a port" },
	{ "verdict", ARG_VERDICT, parse_verdict, "routine, recurring, insufficient data or none" },
	{ "from", ARG_FROM_DAY, parse_from_day,
	  "a date such as 2026-11-23, Unix seconds or an RFC 3339 time" },
	{ "to", ARG_TO_DAY, parse_to_day,
	  "a date such as 2026-11-23, Unix seconds or an RFC 3339 time" },
	{ "zone", ARG_ZONE, parse_zone, "exchange or utc" },
	{ "v", ARG_VERSION, parse_version, "any text" },
	{ "next", ARG_NEXT, parse_next, "a path of this server, up to 255 octets" },
	{ "done", ARG_DONE, parse_done, "the id of what was done" },
	{ "week", ARG_WEEK, parse_week, "a week such as 2026-W47" },
	{ "state", ARG_LETTER_STATE, parse_letter_state, "the state of a letter" },
	{ "q", ARG_TEXT, parse_text, "text of up to 63 octets" },
	{ "edition", ARG_EDITION, parse_edition, "a whole number from 1" },
	{ "agent", ARG_AGENT, parse_agent, "the name of an agent" },
	{ "sort", ARG_SORT, parse_sort,
	  "state, peer, port, in, out, capacity or sampled, or one of them behind a -" },
};

/* " (allowed here: from, to)", or that nothing is. */
static void
list_allowed(char *dst, size_t len, unsigned allowed)
{
	size_t used =
	    (size_t)snprintf(dst, len, allowed == 0 ? "none is allowed here" : "allowed here:");
	const char *comma = " ";

	for (size_t i = 0; i < COUNT(keys) && used < len; i++) {
		if ((keys[i].arg & allowed) == 0)
			continue;
		used += (size_t)snprintf(dst + used, len - used, "%s%s", comma, keys[i].name);
		comma = ", ";
	}
}

static bool
refuse_key(const char *name, unsigned allowed, struct error *err)
{
	char shown[64], list[256];

	units_clean_text(shown, sizeof(shown), name, strlen(name));
	list_allowed(list, sizeof(list), allowed);
	return error_set(err, ERR_PARSE, "unknown query key \"%s\"; %s", shown, list);
}

static bool
take_pair(struct query *q, const char *name, const char *value, unsigned allowed, struct error *err)
{
	char shown[VALUE_MAX];

	for (size_t i = 0; i < COUNT(keys); i++) {
		const struct key *key = &keys[i];

		if (strcmp(key->name, name) != 0 || (key->arg & allowed) == 0)
			continue;
		if ((q->has & key->arg) != 0)
			return error_set(err, ERR_PARSE, "query key \"%s\" is given twice",
					 key->name);
		if (value[0] == '\0' && (allowed & ARG_FORM) != 0)
			return true;
		q->has |= key->arg;
		if (key->parse(q, value))
			return true;
		units_clean_text(shown, sizeof(shown), value, strlen(value));
		return error_set(err, ERR_PARSE, "query key \"%s\" is \"%s\", must be %s",
				 key->name, shown, key->allowed);
	}
	return refuse_key(name, allowed, err);
}

/* "key=value", still encoded. */
static bool
read_pair(struct query *q, const char *pair, size_t len, unsigned allowed, struct error *err)
{
	char name[64], value[VALUE_MAX];
	const char *equals = memchr(pair, '=', len);
	size_t name_len = equals == NULL ? len : (size_t)(equals - pair);
	const char *raw = equals == NULL ? "" : equals + 1;
	size_t raw_len = equals == NULL ? 0 : len - name_len - 1;

	if (!uri_decode(name, sizeof(name), pair, name_len, true))
		return error_set(err, ERR_PARSE, "a query key is too long or wrongly encoded");
	if (!uri_decode(value, sizeof(value), raw, raw_len, true))
		return error_set(err, ERR_PARSE,
				 "the value of query key \"%s\" is too long or wrongly encoded",
				 equals == NULL ? "" : name);
	return take_pair(q, name, value, allowed, err);
}

/* What shows only when all is read. */
static bool
check_whole(const struct query *q, struct error *err)
{
	if ((q->has & ARG_SPAN) != 0 && (q->has & ARG_RANGE) != 0)
		return error_set(err, ERR_PARSE,
				 "either \"span\", or \"from\" and \"to\", not both");
	if ((q->has & ARG_RANGE) != ARG_RANGE)
		return true;
	if (q->from_utc_sec >= q->to_utc_sec)
		return error_set(err, ERR_PARSE, "\"from\" must be before \"to\"");
	if (q->to_utc_sec - q->from_utc_sec > QUERY_RANGE_MAX_SEC)
		return error_set(err, ERR_PARSE,
				 "\"from\" and \"to\" may be at most 20 years apart");
	return true;
}

bool
query_parse(struct query *query, const char *text, unsigned allowed, struct error *err)
{
	*query = (struct query) {
		.limit = QUERY_LIMIT_MAX, .page = 1, .width_px = 720, .height_px = 200
	};
	while (text != NULL && *text != '\0') {
		size_t len = strcspn(text, "&");

		if (len > 0 && !read_pair(query, text, len, allowed, err))
			return false;
		text += len + (text[len] == '&');
	}
	return check_whole(query, err);
}
