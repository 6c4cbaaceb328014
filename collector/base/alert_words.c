/* alert_words.c - see ixwatch/alert.h: how alerts are named, and what follows from their kind alone. */
#include "ixwatch/alert.h"

#include <string.h>

static const struct kind_row {
	const char *name;
	enum alert_severity severity;
	enum alert_audience audience;
	bool directed;
} kinds[ALERT_KIND_COUNT] = {
	[ALERT_EXCHANGE_UNREACHABLE] = { "exchange unreachable", ALERT_CRITICAL, ALERT_FOR_NOC,
					 false },
	[ALERT_AGENT_UNREACHABLE] = { "agent unreachable", ALERT_CRITICAL, ALERT_FOR_NOC, false },
	[ALERT_SATURATED] = { "saturated", ALERT_CRITICAL, ALERT_FOR_NOC, true },
	[ALERT_LOSS] = { "loss", ALERT_CRITICAL, ALERT_FOR_NOC, true },
	[ALERT_CONGESTION] = { "congestion", ALERT_WARNING, ALERT_FOR_NOC, true },
	[ALERT_REDUCED] = { "reduced capacity", ALERT_WARNING, ALERT_FOR_NOC, false },
	[ALERT_DATA_QUALITY] = { "data quality", ALERT_NOTICE, ALERT_FOR_NOC, false },
	[ALERT_ROUTINE] = { "routine", ALERT_NOTICE, ALERT_FOR_COORDINATOR, true },
	[ALERT_RECURRING] = { "recurring", ALERT_NOTICE, ALERT_FOR_COORDINATOR, true },
};

static const char *const severity_names[ALERT_SEVERITY_COUNT] = {
	[ALERT_CRITICAL] = "critical",
	[ALERT_WARNING] = "warning",
	[ALERT_NOTICE] = "notice",
};

static const char *const scope_names[ALERT_SCOPE_COUNT] = {
	[ALERT_OF_PORT] = "port",
	[ALERT_OF_CONNECTION] = "connection",
	[ALERT_OF_AGENT] = "agent",
	[ALERT_OF_EXCHANGE] = "exchange",
};

static const char *const told_names[TOLD_COUNT] = {
	[TOLD_ALERT] = "alert",
	[TOLD_REPEAT] = "repeat",
	[TOLD_ESCALATION] = "escalation",
	[TOLD_RECOVERY] = "recovery",
};

static const char *const quiet_names[QUIET_KIND_COUNT] = {
	[QUIET_SILENCE] = "silence",
	[QUIET_ACKNOWLEDGEMENT] = "acknowledgement",
};

const char *
alert_told_name(enum alert_told_what what)
{
	return told_names[what];
}

const char *
quiet_kind_name(enum quiet_kind kind)
{
	return quiet_names[kind];
}

const char *
alert_kind_name(enum alert_kind kind)
{
	return kinds[kind].name;
}

bool
alert_kind_parse(const char *name, enum alert_kind *kind)
{
	for (int i = 0; i < ALERT_KIND_COUNT; i++)
		if (strcmp(kinds[i].name, name) == 0) {
			*kind = (enum alert_kind)i;
			return true;
		}
	return false;
}

const char *
alert_severity_name(enum alert_severity severity)
{
	return severity_names[severity];
}

bool
alert_severity_parse(const char *name, enum alert_severity *severity)
{
	for (int i = 0; i < ALERT_SEVERITY_COUNT; i++)
		if (strcmp(severity_names[i], name) == 0) {
			*severity = (enum alert_severity)i;
			return true;
		}
	return false;
}

const char *
alert_scope_name(enum alert_scope scope)
{
	return scope_names[scope];
}

bool
alert_scope_parse(const char *name, enum alert_scope *scope)
{
	for (int i = 0; i < ALERT_SCOPE_COUNT; i++)
		if (strcmp(scope_names[i], name) == 0) {
			*scope = (enum alert_scope)i;
			return true;
		}
	return false;
}

enum alert_severity
alert_kind_severity(enum alert_kind kind)
{
	return kinds[kind].severity;
}

enum alert_audience
alert_kind_audience(enum alert_kind kind)
{
	return kinds[kind].audience;
}

bool
alert_kind_is_directed(enum alert_kind kind)
{
	return kinds[kind].directed;
}

static bool
quiet_is_about(const struct ledger_quiet *quiet, const struct alert_subject *subject,
	       int64_t alert_id)
{
	if (quiet->alert_id != 0)
		return quiet->alert_id == alert_id;
	switch (quiet->scope) {
	case WINDOW_PORT: return subject->scope == ALERT_OF_PORT && subject->id == quiet->port_id;
	case WINDOW_PEER: return subject->asn != 0 && subject->asn == quiet->asn;
	case WINDOW_AGENT:
		return strcmp(subject->exchange, quiet->exchange) == 0 &&
		       strcmp(subject->agent, quiet->agent) == 0;
	default: return strcmp(subject->exchange, quiet->exchange) == 0;
	}
}

bool
quiet_fits(const struct ledger_quiet *quiet, const struct alert_subject *subject, int64_t alert_id,
	   int64_t noticed_utc_sec, int64_t at_utc_sec)
{
	return at_utc_sec >= quiet->start_utc_sec &&
	       (quiet->until_utc_sec == 0 || at_utc_sec < quiet->until_utc_sec) &&
	       (quiet->kind == QUIET_SILENCE || noticed_utc_sec <= quiet->created_utc_sec) &&
	       quiet_is_about(quiet, subject, alert_id);
}
