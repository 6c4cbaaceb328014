/* report_compare.c - see report_compare.h. */
#include "report_compare.h"

#include <math.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/model.h"
#include "ixwatch/units.h"

#define SAME_SHARE   1e-6
#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- whether --- */

/* Nothing of these is a measurement. */
static const char *const not_measured[] = {
	"made",        "edition",       "corrects", "graph",  "order",    "case",
	"dispute",     "notice",        "us",       "peer",   "purpose",  "policy",
	"optout_hint", "exchange_name", "circuit",  "advice", "language",
};

static bool
is_not_measured(const char *key)
{
	for (size_t i = 0; i < COUNT(not_measured); i++)
		if (strcmp(key, not_measured[i]) == 0)
			return true;
	return false;
}

static bool
numbers_differ(double a, double b)
{
	return fabs(a - b) > SAME_SHARE * fmax(fabs(a), fabs(b));
}

struct comparing {
	const struct json *other;
	bool differs;
	size_t at;
};

static bool values_differ(const struct json *a, const struct json *b);

static void
on_member(const char *key, const struct json *value, void *user)
{
	struct comparing *comparing = user;

	if (!comparing->differs && !is_not_measured(key))
		comparing->differs = values_differ(value, json_get(comparing->other, key));
}

static void
on_value(const char *key, const struct json *value, void *user)
{
	struct comparing *comparing = user;

	(void)key;
	if (!comparing->differs)
		comparing->differs =
		    values_differ(value, json_at(comparing->other, comparing->at++));
}

static bool
values_differ(const struct json *a, const struct json *b)
{
	struct comparing comparing = { .other = b };
	double of_a = 0, of_b = 0;

	if (json_kind_of(a) != json_kind_of(b))
		return true;
	switch (json_kind_of(a)) {
	case JSON_IS_OBJECT: json_each(a, on_member, &comparing); return comparing.differs;
	case JSON_IS_ARRAY:
		if (json_count(a) != json_count(b))
			return true;
		json_each(a, on_value, &comparing);
		return comparing.differs;
	case JSON_IS_NUMBER:
		json_number(a, &of_a);
		json_number(b, &of_b);
		return numbers_differ(of_a, of_b);
	case JSON_IS_TEXT: return strcmp(json_text(a, ""), json_text(b, "")) != 0;
	case JSON_IS_BOOL: return json_bool(a, false) != json_bool(b, false);
	case JSON_IS_NONE: break;
	}
	return false;
}

bool
report_facts_differ(const struct json *before, const struct json *now)
{
	return values_differ(before, now);
}

/* --- in which figures --- */

enum form { FORM_SHARE, FORM_RATE, FORM_NUMBER, FORM_TEXT };
static const struct figure {
	const char *key, *words;
	enum form form;
} figures[] = {
	{ "verdict", "verdict", FORM_TEXT },
	{ "known_share", "time known", FORM_SHARE },
	{ "p95_utilisation", "95th percentile", FORM_SHARE },
	{ "peak_utilisation", "peak", FORM_SHARE },
	{ "mean_utilisation", "mean", FORM_SHARE },
	{ "minutes_90", "minutes at 90%", FORM_NUMBER },
	{ "minutes_95", "minutes at 95%", FORM_NUMBER },
	{ "drops_share", "drops", FORM_SHARE },
};

struct telling {
	char *dst;
	size_t len, used;
};

static void tell(struct telling *telling, const char *format, ...)
    __attribute__((format(printf, 2, 3)));

/* What does not fit whole is left out. */
static void
tell(struct telling *telling, const char *format, ...)
{
	const char *before = telling->used > 0 ? "; " : "";
	char text[400];
	va_list args;
	size_t len;

	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	len = strlen(before) + strlen(text);
	if (telling->used + len + 1 > telling->len)
		return;
	telling->used += (size_t)snprintf(telling->dst + telling->used,
					  telling->len - telling->used, "%s%s", before, text);
}

static const char *
figure_text(char *dst, size_t len, const struct json *value, enum form form)
{
	double number = NAN;

	if (form == FORM_TEXT)
		return json_text(value, "unknown");
	json_number(value, &number);
	if (isnan(number))
		return "unknown";
	if (form == FORM_SHARE)
		return units_format_share(dst, len, number);
	if (form == FORM_RATE)
		return units_format_bps(dst, len, number);
	snprintf(dst, len, "%.0f", number);
	return dst;
}

static void
tell_figures(struct telling *telling, const char *where, const struct json *before,
	     const struct json *now)
{
	char of_before[64], of_now[64];

	for (size_t i = 0; i < COUNT(figures); i++) {
		const struct json *a = json_get(before, figures[i].key),
				  *b = json_get(now, figures[i].key);

		if (values_differ(a, b))
			tell(telling, "%s: %s was given as %s and is %s", where, figures[i].words,
			     figure_text(of_before, sizeof(of_before), a, figures[i].form),
			     figure_text(of_now, sizeof(of_now), b, figures[i].form));
	}
}

static size_t
changed_count(const struct json *before, const struct json *now)
{
	size_t most = json_count(before) > json_count(now) ? json_count(before) : json_count(now),
	       count = 0;

	for (size_t i = 0; i < most; i++)
		count += values_differ(json_at(before, i), json_at(now, i));
	return count;
}

static void
tell_lists(struct telling *telling, const char *where, const struct json *before,
	   const struct json *now)
{
	size_t days = changed_count(json_get(before, "days"), json_get(now, "days"));
	size_t had = json_count(json_get(before, "episodes")),
	       has = json_count(json_get(now, "episodes"));

	if (days > 0)
		tell(telling, "%s: %zu of the 28 days are told otherwise", where, days);
	if (had != has)
		tell(telling, "%s: %zu episodes were listed and there are %zu", where, had, has);
	else if (changed_count(json_get(before, "episodes"), json_get(now, "episodes")) > 0)
		tell(telling, "%s: episodes are told otherwise", where);
}

static const char *
direction_words(enum direction direction)
{
	return direction == DIRECTION_OUT ? "towards you" : "from you";
}

static void
tell_connection(struct telling *telling, const struct json *before, const struct json *now)
{
	static const enum direction directions[] = { DIRECTION_OUT, DIRECTION_IN };
	const char *exchange = json_text(json_get(now, "exchange"), "");
	const struct json *was = json_get(before, "capacity_bps"),
			  *is = json_get(now, "capacity_bps");
	char where[160], of_before[64], of_now[64];

	if (values_differ(was, is))
		tell(telling, "at %.60s: capacity was given as %s and is %s", exchange,
		     figure_text(of_before, sizeof(of_before), was, FORM_RATE),
		     figure_text(of_now, sizeof(of_now), is, FORM_RATE));
	for (size_t i = 0; i < COUNT(directions); i++) {
		const char *key = model_direction_name(directions[i]);
		const struct json *a = json_get(json_get(before, "directions"), key),
				  *b = json_get(json_get(now, "directions"), key);

		if (!values_differ(a, b))
			continue;
		snprintf(where, sizeof(where), "at %.60s, %s", exchange,
			 direction_words(directions[i]));
		tell_figures(telling, where, a, b);
		tell_lists(telling, where, a, b);
	}
}

/* The same exchange, AS number and kind; NULL: it is not there. */
static const struct json *
counterpart(const struct json *connections, const struct json *of)
{
	static const char *const keys[] = { "exchange", "asn", "kind" };

	for (size_t i = 0; i < json_count(connections); i++) {
		const struct json *candidate = json_at(connections, i);
		bool same = true;

		for (size_t k = 0; k < COUNT(keys); k++)
			same = same &&
			       !values_differ(json_get(candidate, keys[k]), json_get(of, keys[k]));
		if (same)
			return candidate;
	}
	return NULL;
}

char *
report_facts_tell_changes(char *dst, size_t len, const struct json *before, const struct json *now)
{
	const struct json *had = json_get(before, "connections"),
			  *has = json_get(now, "connections");
	struct telling telling = { dst, len, 0 };

	dst[0] = '\0';
	for (size_t i = 0; i < json_count(has); i++) {
		const struct json *connection = json_at(has, i),
				  *was = counterpart(had, connection);
		const char *exchange = json_text(json_get(connection, "exchange"), "");

		if (was == NULL)
			tell(&telling, "at %.60s: it was missing", exchange);
		else
			tell_connection(&telling, was, connection);
	}
	for (size_t i = 0; i < json_count(had); i++)
		if (counterpart(has, json_at(had, i)) == NULL)
			tell(&telling, "at %.60s: it should not have been told of",
			     json_text(json_get(json_at(had, i), "exchange"), ""));
	if (telling.used == 0)
		tell(&telling, "details beside the figures");
	return dst;
}
