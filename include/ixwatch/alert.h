/* alert.h - what may be told to somebody: the kinds of alerts, whom one is about, and the ledger's part about them: alerts,
 * where each was told, silences and acknowledgements.
 *
 * Names in text (API, pages, ledger, mail) come from the tables behind alert_*_name; alert_*_parse is their inverse. */
#ifndef IXWATCH_ALERT_H
#define IXWATCH_ALERT_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"
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

/* --- in the ledger --- */

struct ledger_alert {
	int64_t id; /* given by the ledger, never used again; 0: not in it yet */
	struct alert_subject subject;
	int64_t began_utc_sec;   /* since when it held */
	int64_t noticed_utc_sec; /* when it was found */
	int64_t blind_utc_sec;   /* open, and nothing is known of it since; else 0 */
	int64_t until_utc_sec;   /* of an ended one: up to when it held */
	int64_t ended_utc_sec;   /* when that was found; 0: it is open */
	double peak;             /* the worst value (notify/alert.h); NAN */
	uint32_t again;          /* how often in a row it came again soon after it had ended */
	int64_t first_told_utc_sec, last_told_utc_sec; /* 0: not yet */
	uint32_t told_count;                           /* beginning and repeats */
	int64_t escalated_utc_sec;                     /* 0: not */
	int64_t end_told_utc_sec;                      /* 0: not */
};

/* Inserts (id 0, which is set), or updates everything but its subject.  ERR_NOT_FOUND: the ledger does not know exchange,
 * port or connection. */
bool ledger_alert_put(struct ledger *ledger, struct ledger_alert *alert, struct error *err);

/* Of whom an account may see alerts, roughly: no other's come, and of those that do each is to be looked at.  Lists as
 * JSON has them. */
struct ledger_alert_seen {
	const char *ports;     /* ids */
	const char *exchanges; /* slugs: all of them */
	const char *asns;      /* connections with them, anywhere */
};
struct ledger_alert_query {
	int64_t id;                           /* that one; 0: any */
	int64_t port_id;                      /* of that port; 0: any */
	const char *exchange;                 /* slug; NULL: any */
	const struct ledger_alert_seen *seen; /* where nothing else is asked for; NULL: any */
	bool open_only;
	bool unsettled; /* those open, and those of which something is yet to be told */
	int64_t or_ended_after_utc_sec; /* unsettled: and those ended since; 0: no others */
	int64_t before_id;              /* cursor; 0: from the newest */
	unsigned limit;                 /* 0: all */
};
typedef bool ledger_on_alert(const struct ledger_alert *alert,
			     void *user); /* lent for the call; false: enough */
/* Newest id first. */
bool ledger_alert_each(struct ledger *ledger, const struct ledger_alert_query *query,
		       ledger_on_alert *on_alert, void *user, struct error *err);

/* Where it was told. */
enum alert_told_what { TOLD_ALERT, TOLD_REPEAT, TOLD_ESCALATION, TOLD_RECOVERY, TOLD_COUNT };
const char *alert_told_name(enum alert_told_what what); /* "alert", "repeat" ... */
struct ledger_told {
	int64_t alert_id;
	enum alert_told_what what;
	const char *recipient;
	int64_t at_utc_sec;
	int64_t mail_id; /* of the outbox */
	const char *message_id;
};
bool ledger_told_put(struct ledger *ledger, const struct ledger_told *told, struct error *err);
typedef bool ledger_on_told(const struct ledger_told *told,
			    void *user); /* lent for the call; false: enough */
/* Oldest first. */
bool ledger_told_each(struct ledger *ledger, int64_t alert_id, ledger_on_told *on_told, void *user,
		      struct error *err);
/* What a mail of the outbox told, as it was put: the alert that the mail names first, and the rows of the same mail that
 * were put right behind.  None when the mail is not kept any more, or tells no alert. */
bool ledger_told_each_of_mail(struct ledger *ledger, int64_t mail_id, ledger_on_told *on_told,
			      void *user, struct error *err);

/* --- what somebody said so that nobody is told --- */

/* A silence holds for a time, and puts off every mail about its scope.  An acknowledgement says that somebody works on
 * what is open in its scope when it is made: no repeat, and no next address, until it ends. */
enum quiet_kind { QUIET_SILENCE, QUIET_ACKNOWLEDGEMENT, QUIET_KIND_COUNT };
const char *quiet_kind_name(enum quiet_kind kind); /* "silence", "acknowledgement" */

#define LEDGER_SILENCE_MAX_SEC (INT64_C(366) * 86400)

/* Texts are never NULL. */
struct ledger_quiet {
	int64_t id; /* given by the ledger, never used again */
	enum quiet_kind kind;
	int64_t alert_id;        /* of that alert alone; 0: of the scope */
	enum window_scope scope; /* unless alert_id */
	int64_t port_id;         /* of scope port; else 0 */
	uint32_t asn;            /* of scope peer; else 0 */
	const char *exchange;    /* slug; "" for a peer and an alert */
	const char *agent;       /* of scope agent and port; else "" */
	const char *interface;   /* of scope port; else "" */
	int64_t start_utc_sec;   /* of an acknowledgement: when it was made */
	int64_t end_utc_sec;     /* as said; 0: none, as long as the alert is open */
	int64_t until_utc_sec;   /* what counts: end, or when it was ended early; 0: none */
	const char *reason, *author;
	int64_t created_utc_sec;
	int64_t ended_utc_sec; /* when until was set so; 0: it was not ended early */
	const char *ended_by;
};

/* "port:demo-fra/edge1/et-0/0/7", "peer:64500", "agent:demo-fra/edge1", "exchange:demo-fra", "alert:12".  Returns dst. */
char *quiet_scope_text(char *dst, size_t len, const struct ledger_quiet *quiet);

/* Adds one; *id is its id.  Not read: id, until, ended, ended_by, and the names of a port.  ERR_NOT_FOUND when the ledger
 * does not know the scope; ERR_USAGE for a silence without an end, or longer than a year. */
bool ledger_quiet_add(struct ledger *ledger, const struct ledger_quiet *quiet, int64_t *id,
		      struct error *err);
/* Lets it end at at_utc_sec.  ERR_NOT_FOUND: there is none of that kind; ERR_REFUSED: it ended before. */
bool ledger_quiet_end(struct ledger *ledger, enum quiet_kind kind, int64_t id, int64_t at_utc_sec,
		      const char *who, struct error *err);

struct ledger_quiet_query {
	bool any_kind;
	enum quiet_kind kind;  /* unless any_kind */
	int64_t id;            /* that one; 0: any */
	int64_t after_utc_sec; /* those that do not end before; 0: every one */
};
typedef bool ledger_on_quiet(const struct ledger_quiet *quiet,
			     void *user); /* lent for the call; false: enough */
/* By start, then id. */
bool ledger_quiet_each(struct ledger *ledger, const struct ledger_quiet_query *query,
		       ledger_on_quiet *on_quiet, void *user, struct error *err);

/* Whether it is in force at that instant, for that alert (alert_id 0: not in the ledger yet). */
bool quiet_fits(const struct ledger_quiet *quiet, const struct alert_subject *subject,
		int64_t alert_id, int64_t noticed_utc_sec, int64_t at_utc_sec);

#endif
