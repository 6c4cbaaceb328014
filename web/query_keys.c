/* query_keys.c - the table of keys: how each is read, what is allowed, and what it means.
 *
 * Requests are checked by it, and the API's own description (openapi.h) is made of it. */
#include <stdio.h>
#include <string.h>

#include "ixwatch/report.h"
#include "ixwatch/units.h"

#include "query.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
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

/* --- words: each is NULL past the last --- */

static const char *
word_span(unsigned i)
{
	return i < SPAN_COUNT ? spans[i].name : NULL;
}

static const char *
word_theme(unsigned i)
{
	return i == 0 ? "light" : i == 1 ? "dark" : NULL;
}

static const char *
word_zone(unsigned i)
{
	return i == 0 ? "exchange" : i == 1 ? "utc" : NULL;
}

static const char *
word_open(unsigned i)
{
	return i == 0 ? "false" : i == 1 ? "true" : NULL;
}

static const char *
word_state(unsigned i)
{
	return i < STATE_COUNT ? model_state_name((enum port_state)i) : NULL;
}

static const char *
word_verdict(unsigned i)
{
	return i < VERDICT_COUNT ? model_verdict_name((enum verdict)i) : NULL;
}

/* None of a port that has no kind: such a port is not asked for by it. */
static const char *
word_kind(unsigned i)
{
	return i + 1 < KIND_COUNT ? model_kind_name((enum port_kind)(i + 1)) : NULL;
}

static const char *
word_episode_kind(unsigned i)
{
	return i < EPISODE_KIND_COUNT ? model_episode_kind_name((enum episode_kind)i) : NULL;
}

static const char *
word_letter_state(unsigned i)
{
	return i < REPORT_STATE_COUNT ? report_state_name((enum report_state)i) : NULL;
}

/* --- one parser a form of value; each is true when the text is allowed --- */

static bool
take_whole(const struct query_key *key, const char *text, int64_t *out)
{
	uint64_t value;

	if (!units_parse_uint(text, (uint64_t)key->min, (uint64_t)key->max, &value))
		return false;
	*out = (int64_t)value;
	return true;
}

static bool
take_number(const struct query_key *key, const char *text, unsigned *out)
{
	int64_t value;

	if (!take_whole(key, text, &value))
		return false;
	*out = (unsigned)value;
	return true;
}

/* Which of its words it is. */
static bool
take_word(const struct query_key *key, const char *text, unsigned *out)
{
	const char *name;

	for (unsigned i = 0; (name = key->word(i)) != NULL; i++) {
		if (strcmp(text, name) == 0) {
			*out = i;
			return true;
		}
	}
	return false;
}

static bool
take_name(const struct query_key *key, const char *text, char dst[QUERY_NAME_MAX])
{
	size_t len = strlen(text);

	if ((int64_t)len < key->min || (int64_t)len > key->max)
		return false;
	memcpy(dst, text, len + 1);
	return true;
}

static bool
take_named_word(const struct query_key *key, const char *text, char dst[QUERY_NAME_MAX])
{
	unsigned which;

	if (!take_word(key, text, &which))
		return false;
	snprintf(dst, QUERY_NAME_MAX, "%s", key->word(which));
	return true;
}

/* The '+' of a zone offset is a blank once the query is decoded. */
static bool
take_instant(const char *text, int64_t *utc_sec)
{
	char copy[QUERY_VALUE_MAX];
	size_t len = strlen(text);

	memcpy(copy, text, len + 1);
	if (len >= 6 && copy[len - 6] == ' ')
		copy[len - 6] = '+';
	return units_parse_utc(copy, utc_sec) && *utc_sec >= 0 && *utc_sec <= QUERY_INSTANT_MAX;
}

/* "2026-11-23", or an instant. */
static bool
take_day(const char *text, struct query_day *day)
{
	char midnight[QUERY_VALUE_MAX + 16];

	if (strlen(text) == 10 && text[4] == '-' && text[7] == '-') {
		snprintf(midnight, sizeof(midnight), "%sT00:00:00Z", text);
		day->is_date = take_instant(midnight, &day->utc_sec);
		day->day = (int32_t)(day->utc_sec / DAY_SEC);
		return day->is_date;
	}
	return take_instant(text, &day->utc_sec);
}

/* --- one reader a key --- */

static bool
read_span(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	if (is_one)
		q->span = (enum query_span)which;
	return is_one;
}

static bool
read_from(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	return take_instant(text, &q->from_utc_sec);
}

static bool
read_to(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	return take_instant(text, &q->to_utc_sec);
}

static bool
read_from_day(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	return take_day(text, &q->from_day);
}

static bool
read_to_day(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	return take_day(text, &q->to_day);
}

/* "300" or "5m". */
static bool
read_step(struct query *q, const struct query_key *key, const char *text)
{
	return take_whole(key, text, &q->step_sec) ||
	       (units_parse_duration_sec(text, &q->step_sec) && q->step_sec >= key->min &&
		q->step_sec <= key->max);
}

static bool
read_limit(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->limit);
}

static bool
read_cursor(struct query *q, const struct query_key *key, const char *text)
{
	return take_whole(key, text, &q->cursor);
}

static bool
read_width(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->width_px);
}

static bool
read_height(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->height_px);
}

static bool
read_theme(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	q->dark = is_one && which == 1;
	return is_one;
}

static bool
read_exchange(struct query *q, const struct query_key *key, const char *text)
{
	return take_name(key, text, q->exchange);
}

static bool
read_state(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	if (is_one)
		q->state = (enum port_state)which;
	return is_one;
}

static bool
read_verdict(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	if (is_one)
		q->verdict = (enum verdict)which;
	return is_one;
}

static bool
read_kind(struct query *q, const struct query_key *key, const char *text)
{
	return take_named_word(key, text, q->kind);
}

static bool
read_episode_kind(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	if (is_one)
		q->episode_kind = (enum episode_kind)which;
	return is_one;
}

static bool
read_open(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;
	bool is_one = take_word(key, text, &which);

	q->open = is_one && which == 1;
	return is_one;
}

static bool
read_asn(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->asn);
}

static bool
read_page(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->page);
}

static bool
read_port(struct query *q, const struct query_key *key, const char *text)
{
	return take_whole(key, text, &q->port_id);
}

/* The name of a version of a file: only there so that a new one is fetched. */
static bool
read_version(struct query *q, const struct query_key *key, const char *text)
{
	(void)q, (void)key;
	return text[0] != '\0';
}

/* Whose clock a chart's axis shows: the page's script reads it. */
static bool
read_zone(struct query *q, const struct query_key *key, const char *text)
{
	unsigned which;

	(void)q;
	return take_word(key, text, &which);
}

static bool
read_next(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	return snprintf(q->next, sizeof(q->next), "%s", text) < (int)sizeof(q->next);
}

static bool
read_done(struct query *q, const struct query_key *key, const char *text)
{
	return take_whole(key, text, &q->done);
}

/* An empty field of a form asks for nothing; so it is with the two below. */
static bool
read_week(struct query *q, const struct query_key *key, const char *text)
{
	return text[0] == '\0' || (strlen(text) == 8 && strspn(text, "0123456789W-") == 8 &&
				   take_name(key, text, q->week));
}

static bool
read_letter_state(struct query *q, const struct query_key *key, const char *text)
{
	return text[0] == '\0' || take_named_word(key, text, q->letter_state);
}

static bool
read_text(struct query *q, const struct query_key *key, const char *text)
{
	return text[0] == '\0' || take_name(key, text, q->text);
}

static bool
read_edition(struct query *q, const struct query_key *key, const char *text)
{
	return take_number(key, text, &q->edition);
}

static bool
read_agent(struct query *q, const struct query_key *key, const char *text)
{
	return take_name(key, text, q->agent);
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
read_sort(struct query *q, const struct query_key *key, const char *text)
{
	(void)key;
	q->descending = text[0] == '-';
	for (unsigned i = 0; i < SORT_COUNT; i++) {
		if (strcmp(text + q->descending, sorts[i]) == 0) {
			q->sort = (enum query_sort)i;
			return true;
		}
	}
	return false;
}

/* --- the table --- */

#define SAYS_INSTANT "Unix seconds or an RFC 3339 time"
#define SAYS_DAY     "a date such as 2026-11-23, Unix seconds or an RFC 3339 time"
#define SAYS_LIMIT   "a whole number from 1 to 1000"

/* clang-format off */
static const struct query_key keys[] = {
	/* name, bit, form, reader; what is said to whoever gave something else; then what it means, its bounds or words,
	 * and what holds where it is not given */
	{ "span", ARG_SPAN, QUERY_WORD, read_span, "day, week, month or year",
	  "How far back, where neither from nor to is given.", .word = word_span, .standard = "day" },
	{ "from", ARG_FROM, QUERY_INSTANT, read_from, SAYS_INSTANT, "Not before this instant.",
	  0, QUERY_INSTANT_MAX },
	{ "to", ARG_TO, QUERY_INSTANT, read_to, SAYS_INSTANT, "Not after this instant.",
	  0, QUERY_INSTANT_MAX },
	{ "step", ARG_STEP, QUERY_DURATION, read_step, "seconds, or a duration like 5m, 1s to 1d",
	  "Rows of at least this length; a longer one is chosen where there would be too many, and said.", 1, 86400 },
	{ "limit", ARG_LIMIT, QUERY_WHOLE, read_limit, SAYS_LIMIT,
	  "At most so many items; where there are more, next has the cursor for the rest.",
	  1, QUERY_LIMIT_MAX, .standard = "1000" },
	{ "cursor", ARG_CURSOR, QUERY_WHOLE, read_cursor, "the value of `next` in the answer before",
	  "Go on where the answer before ended: its next.", 1, INT64_MAX },
	{ "width", ARG_WIDTH, QUERY_WHOLE, read_width, "pixels, 100 to 2000",
	  "Width of the plot, pixels.", 100, 2000, .standard = "720" },
	{ "height", ARG_HEIGHT, QUERY_WHOLE, read_height, "pixels, 60 to 1000",
	  "Height of the plot, pixels.", 60, 1000, .standard = "200" },
	{ "theme", ARG_THEME, QUERY_WORD, read_theme, "light or dark",
	  "For which background it is drawn.", .word = word_theme, .standard = "light" },
	{ "exchange", ARG_EXCHANGE, QUERY_TEXT, read_exchange, "the short name of an exchange",
	  "Of this exchange alone, by its short name.", 1, QUERY_NAME_MAX - 1 },
	{ "state", ARG_STATE, QUERY_WORD, read_state, "down, unknown, sustained, spike, hot or clear",
	  "In this state alone.", .word = word_state },
	{ "kind", ARG_KIND, QUERY_WORD, read_kind, "member, pni, shared, peer-share, reseller or core",
	  "Of this kind alone.", .word = word_kind },
	{ "kind", ARG_EPISODE_KIND, QUERY_WORD, read_episode_kind, "spike or sustained",
	  "Of this kind alone.", .word = word_episode_kind },
	{ "open", ARG_OPEN, QUERY_BOOL, read_open, "true or false",
	  "Only those that are not over.", .word = word_open, .standard = "false" },
	{ "asn", ARG_ASN, QUERY_WHOLE, read_asn, "a number from 1 to 4294967295",
	  "Of the peer with this AS number alone.", 1, UINT32_MAX },
	{ "page", ARG_PAGE, QUERY_WHOLE, read_page, "a whole number from 1",
	  "Which page of the list.", 1, 100000, .standard = "1" },
	{ "port", ARG_PORT, QUERY_WHOLE, read_port, "the id of a port",
	  "Of the port with this id alone.", 1, INT64_MAX },
	{ "verdict", ARG_VERDICT, QUERY_WORD, read_verdict, "routine, recurring, insufficient data or none",
	  "With this verdict alone.", .word = word_verdict },
	{ "from", ARG_FROM_DAY, QUERY_DAY, read_from_day, SAYS_DAY,
	  "From this traffic day on: its date, or an instant in it.", 0, QUERY_INSTANT_MAX },
	{ "to", ARG_TO_DAY, QUERY_DAY, read_to_day, SAYS_DAY,
	  "Up to this traffic day: its date, or an instant in it; today, where it is not given.", 0, QUERY_INSTANT_MAX },
	{ "zone", ARG_ZONE, QUERY_WORD, read_zone, "exchange or utc",
	  "Whose clock an axis shows.", .word = word_zone },
	{ "v", ARG_VERSION, QUERY_TEXT, read_version, "any text",
	  "The version of what is asked for: with it the answer may be kept for a year.", 1, QUERY_VALUE_MAX - 1 },
	{ "next", ARG_NEXT, QUERY_TEXT, read_next, "a path of this server, up to 255 octets",
	  "Where to go on.", 0, QUERY_NEXT_MAX - 1 },
	{ "done", ARG_DONE, QUERY_WHOLE, read_done, "the id of what was done",
	  "What was done.", 1, INT64_MAX },
	{ "week", ARG_WEEK, QUERY_WEEK, read_week, "a week such as 2026-W47",
	  "Of this week alone (ISO 8601); empty: of any.", 0, 8 },
	{ "state", ARG_LETTER_STATE, QUERY_WORD, read_letter_state, "the state of a letter, such as waiting or held",
	  "In this state alone; empty: in any.", .word = word_letter_state, .may_be_empty = true },
	{ "q", ARG_TEXT, QUERY_TEXT, read_text, "text of up to 63 octets",
	  "With this text in a name.", 0, QUERY_NAME_MAX - 1 },
	{ "edition", ARG_EDITION, QUERY_WHOLE, read_edition, "a whole number from 1",
	  "Which edition; the newest, where it is not given.", 1, 9999 },
	{ "agent", ARG_AGENT, QUERY_TEXT, read_agent, "the name of an agent",
	  "Of this agent alone.", 1, QUERY_NAME_MAX - 1 },
	{ "sort", ARG_SORT, QUERY_TEXT, read_sort,
	  "state, peer, port, in, out, capacity or sampled, or one of them behind a -",
	  "By which column; behind a -, the other way round.", 1, QUERY_NAME_MAX - 1 },
};
/* clang-format on */

const struct query_key *
query_key_at(size_t i)
{
	return i < COUNT(keys) ? &keys[i] : NULL;
}
