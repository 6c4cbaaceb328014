/* report_rules.h - what may become of a weekly letter: in which state it begins, and which state follows which.  Pure: tables
 * and facts, no clock, no ledger. */
#ifndef COLLECTOR_NOTIFY_REPORT_RULES_H
#define COLLECTOR_NOTIFY_REPORT_RULES_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/config.h"
#include "ixwatch/report.h"

/* report.to-peers, as a number. */
enum report_permission { REPORT_TO_NEVER, REPORT_TO_APPROVE, REPORT_TO_SEND };
enum report_permission report_permission_of(const char *to_peers);

/* What is known when a letter is registered. */
struct report_facts {
	enum report_kind kind;
	enum report_permission to_peers;
	enum config_peer_report wants; /* the peer block's `report` */
	bool tells;                    /* it has something to tell */
	bool asked;                    /* somebody asked for all */
	bool first;                    /* no letter went to that peer before */
	bool corrects;                 /* it is a second edition, or a later one */
	bool corrects_sent; /* an earlier edition of it was sent: this one goes where that went */
	size_t recipient_count; /* it would go to */
	bool mail_works;        /* a sender or a spool is configured */
	bool opted_out, disputed, ordered;
};

/* The state it begins in, and why ("" where that needs no words; lent for ever).  REPORT_APPROVED: it goes out at once. */
enum report_state report_rules_first(const struct report_facts *facts, const char **why);

enum report_event {
	REPORT_EVENT_APPROVE,
	REPORT_EVENT_HOLD,
	REPORT_EVENT_RELEASE,
	REPORT_EVENT_LAPSE,   /* its time is over */
	REPORT_EVENT_REPLACE, /* a later edition is there */
	REPORT_EVENT_OPT_OUT, /* the peer wants none */
	REPORT_EVENT_STRAND,  /* there is no recipient */
	REPORT_EVENT_PAUSE,   /* an order, or a dispute */
	REPORT_EVENT_CLEAR,   /* nothing of these three stands in its way */
	REPORT_EVENT_COUNT
};

/* The state that follows, which may be the same.  NULL: so it is; else why it may not be, in words that follow "report 12 ":
 * "is approved already: its mails are in the outbox".  Only what people ask for is refused: the first three. */
const char *report_rules_next(enum report_state state, enum report_event event,
			      enum report_state *next);

/* Whether anything may still become of it: not approved, not lapsed. */
bool report_rules_is_open(enum report_state state);

#endif
