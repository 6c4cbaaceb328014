/* declare_request.c - what a request to the register says, understood and checked, as far as that goes without a ledger. */
#include "declare_request.h"

#include <stdio.h>
#include <string.h>

#include "declare.h"
#include "detect/detector.h"
#include "ixwatch/clock.h"
#include "ixwatch/units.h"

/* Beyond these a time is a slip of the pen: 2000-01-01 and 2100-01-01. */
#define EARLIEST_UTC_SEC INT64_C(946684800)
#define LATEST_UTC_SEC   INT64_C(4102444800)

#define ALLOWED_SCOPES "port:PORT, peer:ASN, agent:EXCHANGE/AGENT, exchange:SLUG"

/* Clean text of 1..max octets: what is stored is what was written, or nothing. */
bool
declare_take_text(const struct json *request, const char *key, size_t max, const char **out,
		  struct error *err)
{
	const char *text = json_text(json_get(request, key), "");
	size_t len = strlen(text);
	char clean[DECLARE_REASON_MAX + 8];

	if (text[strspn(text, " ")] == '\0')
		return error_set(err, ERR_USAGE, "%s: is empty; it must be said who and why", key);
	if (len > max)
		return error_set(err, ERR_USAGE, "%s: %zu octets, allowed are up to %zu", key, len,
				 max);
	if (strcmp(units_clean_text(clean, sizeof(clean), text, len), text) != 0)
		return error_set(err, ERR_USAGE,
				 "%s: has control characters or is no UTF-8; allowed is one line "
				 "of plain text",
				 key);
	*out = text;
	return true;
}

bool
declare_take_time(const struct json *request, const char *key, int64_t *utc_sec, struct error *err)
{
	const struct json *value = json_get(request, key);
	const char *text = json_text(value, "");

	if (!json_int(value, utc_sec) && !units_parse_utc(text, utc_sec))
		return error_set(err, ERR_USAGE,
				 "%s \"%.40s\": not a time; allowed: RFC 3339 "
				 "(\"2026-11-23T06:00:00Z\") or Unix seconds",
				 key, text);
	if (*utc_sec < EARLIEST_UTC_SEC || *utc_sec > LATEST_UTC_SEC)
		return error_set(err, ERR_USAGE,
				 "%s \"%.40s\": allowed are times from 2000 to 2100", key, text);
	return true;
}

/* "64500" or "AS64500" */
static bool
parse_asn(const char *text, uint32_t *asn)
{
	uint64_t number;

	if (strncmp(text, "AS", 2) == 0)
		text += 2;
	if (!units_parse_uint(text, 1, UINT32_MAX, &number))
		return false;
	*asn = (uint32_t)number;
	return true;
}

/* "EXCHANGE/AGENT": two names, neither with a slash. */
static bool
parse_agent(struct declaration *out, const char *text)
{
	char *slash;

	if (snprintf(out->names, sizeof(out->names), "%s", text) >= (int)sizeof(out->names))
		return false;
	slash = strchr(out->names, '/');
	if (slash == NULL || slash == out->names || slash[1] == '\0' || strchr(slash + 1, '/'))
		return false;
	*slash = '\0';
	out->window.exchange = out->names;
	out->window.agent = slash + 1;
	return true;
}

static bool
parse_scope_value(struct declaration *out, const char *value)
{
	switch (out->window.scope) {
	case WINDOW_PORT: out->port_name = value; return value[0] != '\0';
	case WINDOW_PEER: return parse_asn(value, &out->window.asn);
	case WINDOW_AGENT: return parse_agent(out, value);
	default: out->window.exchange = value; return value[0] != '\0';
	}
}

bool
declare_take_scope(const struct json *request, struct declaration *out, struct error *err)
{
	const char *text = json_text(json_get(request, "scope"), ""), *colon = strchr(text, ':');
	size_t len = colon != NULL ? (size_t)(colon - text) : 0;

	for (unsigned i = 0; colon != NULL && i < WINDOW_SCOPE_COUNT; i++) {
		const char *name = window_scope_name((enum window_scope)i);

		if (strlen(name) != len || strncmp(text, name, len) != 0)
			continue;
		out->window.scope = (enum window_scope)i;
		if (parse_scope_value(out, colon + 1))
			return true;
	}
	return error_set(err, ERR_USAGE, "scope \"%.100s\": allowed: " ALLOWED_SCOPES, text);
}

static bool
take_cause(const struct json *request, struct declaration *out, struct error *err)
{
	enum detector_cause cause;
	const char *text = json_text(json_get(request, "cause"), "");

	if (!detector_cause_parse(text, &cause))
		return error_set(err, ERR_USAGE,
				 "cause \"%.40s\": allowed: event works attack failover exchange "
				 "ours",
				 text);
	out->window.cause = detector_cause_name(cause);
	return true;
}

static bool
take_span(const struct json *request, struct declaration *out, struct error *err)
{
	struct ledger_window *window = &out->window;
	char length[32];

	if (!declare_take_time(request, "from", &window->start_utc_sec, err) ||
	    !declare_take_time(request, "to", &window->end_utc_sec, err))
		return false;
	if (window->end_utc_sec <= window->start_utc_sec)
		return error_set(err, ERR_USAGE, "to: is not after from");
	if (window->end_utc_sec - window->start_utc_sec > LEDGER_WINDOW_MAX_SEC)
		return error_set(
		    err, ERR_USAGE, "a window of %s: allowed are up to 7 days; longer is no event",
		    units_format_duration(length, sizeof(length),
					  window->end_utc_sec - window->start_utc_sec));
	return true;
}

bool
declare_parse_add(const struct json *request, struct declaration *out, struct error *err)
{
	*out = (struct declaration) { .window = { .exchange = "", .agent = "", .interface = "" } };
	return declare_take_scope(request, out, err) && take_span(request, out, err) &&
	       take_cause(request, out, err) &&
	       declare_take_text(request, "reason", DECLARE_REASON_MAX, &out->window.reason, err) &&
	       declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &out->window.author, err) &&
	       (json_get(request, "uid") == NULL ||
		declare_take_text(request, "uid", DECLARE_UID_MAX, &out->window.uid, err));
}

bool
declare_parse_end(const struct json *request, struct ending *out, struct error *err)
{
	*out = (struct ending) { .until_utc_sec = clock_utc_sec() };
	if (!json_int(json_get(request, "id"), &out->id) || out->id < 1)
		return error_set(err, ERR_USAGE, "\"id\" must be a window's id, a whole number");
	return (json_get(request, "at") == NULL ||
		declare_take_time(request, "at", &out->until_utc_sec, err)) &&
	       declare_take_text(request, "author", DECLARE_AUTHOR_MAX, &out->who, err);
}

bool
declare_add_check(const struct json *request, struct error *err)
{
	struct declaration declaration;

	return declare_parse_add(request, &declaration, err);
}

bool
declare_end_check(const struct json *request, struct error *err)
{
	struct ending ending;

	return declare_parse_end(request, &ending, err);
}
