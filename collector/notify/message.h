/* message.h - what a mail about some alerts says: facts in, subject, text and HTML out.  Pure: no clock, no I/O.
 *
 * A group of alerts of one exchange is one mail, the worst first.  The first screen of the text is enough to act on: what,
 * since when, whose move, whether it is usual, what changed just before, how far it reaches, where there is room, and when
 * the next mail comes.  The HTML says the same words and figures; it shows the graph as cid:graph and loads nothing.
 * What is not known is said to be unknown.  Instants are UTC, with the exchange's own time beside. */
#ifndef COLLECTOR_NOTIFY_MESSAGE_H
#define COLLECTOR_NOTIFY_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/alert.h"
#include "ixwatch/error.h"
#include "ixwatch/model.h"
#include "ixwatch/zone.h"

#define MESSAGE_SUBJECT_MAX 60 /* characters */
#define MESSAGE_LINES_MAX   50 /* alerts told one by one; of more, their number is */
#define MESSAGE_GRAPH       "graph"
#define MESSAGE_USUAL_DAYS  7 /* traffic days that "usual" looks back upon, this one included */

/* Whether it comes as it did on the nights before. */
struct message_usual {
	bool known;             /* false: not enough of the last days is known to say */
	unsigned days;          /* of the last MESSAGE_USUAL_DAYS with it, this one included */
	int64_t clears_utc_sec; /* when it should clear, by the days before; 0: cannot be said */
};

/* Something that changed near its beginning. */
struct message_change {
	int64_t at_utc_sec;
	const char *text; /* "member et-0/0/8 went down" */
};

/* Another port of the same peer, and the room on it now in the same direction. */
struct message_room {
	const char *exchange, *agent, *interface;
	double utilisation;  /* share; NAN */
	double capacity_bps; /* NAN */
};

/* One alert, told.  Texts are UTF-8 as they came, lent, never NULL. */
struct message_line {
	struct alert_subject subject;
	enum alert_told_what what;
	int64_t alert_id;      /* 0: none yet */
	int64_t began_utc_sec; /* since when it held */
	int64_t until_utc_sec; /* of one that is over: up to when; else 0 */
	int64_t blind_utc_sec; /* open, and nothing known of it since; else 0 */
	const char *interface; /* of its port */
	const char *alias;     /* ifAlias */
	const char *peer;
	enum port_kind kind;
	const char *runbook; /* the configured line for its kind of port */
	const char *circuit, *note;
	size_t contact_count; /* whom to call there; none: not known */
	const char *const *contacts;
	double now;          /* its value now: utilisation, share lost, share unknown; NAN */
	double peak;         /* the worst of it; NAN */
	double rate_bps;     /* now, layer 1, in its direction; NAN */
	double capacity_bps; /* after the contract; NAN */
	enum capacity_source capacity_source;
	double p95; /* 95th percentile of the utilisation of the last p95_days; NAN */
	unsigned p95_days;
	double p95_known; /* share of those days that is known; NAN */
	struct message_usual usual;
	size_t change_count; /* none, and changes_known: nothing changed */
	bool changes_known;
	const struct message_change *changes;
	size_t
	    room_count; /* the most room first; none, and rooms_known: the peer has no other port */
	bool rooms_known;
	const struct message_room *rooms;
	unsigned port_count; /* that an agent or exchange has; 0: not known, or it is neither */
	const char *works;   /* declared windows in force: "works until 04:00Z (fibre)"; "" none */
	const char *reason;  /* of a verdict: rule and days */
};

/* How far it reaches: ports, and those of them with an open alert of traffic or capacity; port_count 0: not known. */
struct message_reach {
	unsigned port_count, affected_count;
};

struct message_facts {
	int64_t now_utc_sec;
	const char *exchange; /* slug */
	const char *exchange_name;
	const struct zone *zone; /* of the exchange; NULL: UTC alone is said */
	const char *base_url;    /* of the pages, no slash at its end */
	size_t line_count;       /* 1 or more, worst first */
	const struct message_line *lines;
	struct message_reach here, everywhere;
	int64_t next_utc_sec; /* when the next mail comes if nothing changes; 0: none */
	const char *ack_url;  /* leads to a page that acknowledges what it tells, each or all; "" */
	bool graph;           /* the HTML shows cid:graph, of the first line */
};

struct message {
	char *subject, *text, *html; /* message_free ends them */
};

bool message_alert(struct message *out, const struct message_facts *facts, struct error *err);
void message_free(struct message *message); /* all NULL is fine */

#endif
