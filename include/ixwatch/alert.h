/* alert.h - what may be told to somebody: the kinds of alerts, whom one is about, and the ledger's part about them: alerts,
 * where each was told, silences and acknowledgements.
 *
 * Names in text (API, pages, ledger, mail) come from the tables behind alert_*_name; alert_*_parse is their inverse. */
#ifndef IXWATCH_ALERT_H
#define IXWATCH_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/model.h"

/* In the order in which a mail lists them, worst first. */
enum alert_kind {
	ALERT_EXCHANGE_UNREACHABLE, /* none of its agents answers */
	ALERT_AGENT_UNREACHABLE,
	ALERT_SATURATED,    /* full: told at once */
	ALERT_LOSS,         /* packets discarded or damaged, where those counters are trusted */
	ALERT_CONGESTION,   /* a sustained episode is open */
	ALERT_REDUCED,      /* its physical capacity is below what it was, or it is down */
	ALERT_DATA_QUALITY, /* too much of the last hour is unknown, though its agent answers */
	ALERT_ROUTINE,      /* the verdict; for the coordinator, in office hours */
	ALERT_RECURRING,
	ALERT_KIND_COUNT
};

enum alert_severity {
	ALERT_CRITICAL, /* traffic is lost, or we are blind */
	ALERT_WARNING,
	ALERT_NOTICE,
	ALERT_SEVERITY_COUNT
};

/* Whom an alert is for. */
enum alert_audience { ALERT_FOR_NOC, ALERT_FOR_COORDINATOR, ALERT_AUDIENCE_COUNT };

/* What an alert is about. */
enum alert_scope {
	ALERT_OF_PORT,
	ALERT_OF_CONNECTION,
	ALERT_OF_AGENT,
	ALERT_OF_EXCHANGE,
	ALERT_SCOPE_COUNT
};

const char *alert_kind_name(enum alert_kind kind); /* "saturated", "agent unreachable" ... */
bool alert_kind_parse(const char *name, enum alert_kind *kind);
const char *alert_severity_name(enum alert_severity severity); /* "critical" ... */
bool alert_severity_parse(const char *name, enum alert_severity *severity);
const char *alert_scope_name(enum alert_scope scope); /* "port", "connection" ... */
bool alert_scope_parse(const char *name, enum alert_scope *scope);

/* What follows from its kind alone. */
enum alert_severity alert_kind_severity(enum alert_kind kind);
enum alert_audience alert_kind_audience(enum alert_kind kind);
bool alert_kind_is_directed(enum alert_kind kind); /* it is about one direction of its port */

/* Whom an alert is about, and of which kind: at most one of each is open.  Texts are never NULL. */
struct alert_subject {
	enum alert_kind kind;
	enum alert_scope scope;
	int64_t id; /* of the port or connection; else 0 */
	enum direction
	    direction;        /* where the kind is directed; else DIRECTION_OUT, of no meaning */
	const char *exchange; /* slug */
	const char *agent;    /* its name; "" for a connection and an exchange */
	uint32_t asn;         /* of the port or connection; 0: none */
};

#endif
