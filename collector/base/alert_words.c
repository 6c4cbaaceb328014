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
