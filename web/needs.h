/* needs.h - what needs a hand now: open alerts nobody has yet, and agents of which nothing is known at all.
 *
 * An agent that falls silent makes each of its ports unknown: that is one thing to do, and is counted as one. */
#ifndef WEB_NEEDS_H
#define WEB_NEEDS_H

#include "alerts.h"

/* An agent all of whose ports are unknown, for want of an answer. */
struct blind {
	const struct world_exchange *exchange;
	const char *agent;
	unsigned port_count;   /* that the account sees */
	int64_t since_utc_sec; /* the newest sample of any; 0: there never was one */
	bool is_alerted;       /* an open alert says so already */
	bool speaks;           /* while it is found out: not blind */
};

struct needs {
	bool is_known;             /* false: the rest says nothing */
	struct open_alerts alerts; /* unacknowledged first, then worst first */
	struct blind *blind; /* by exchange and agent; none while nothing is measured at all */
	size_t blind_count;
	unsigned hand_count;        /* for the NOC, and nobody has it */
	unsigned coordinator_count; /* for the coordinator, and nobody has it */
	unsigned held_count;        /* acknowledged, or silenced */
};

/* Of an exchange (NULL: all).  needs_free in any case. */
bool needs_read(struct needs *needs, const struct request *request, const char *exchange,
		struct error *err);
void needs_free(struct needs *needs);

/* Somebody has it, or said that nobody need. */
bool needs_is_held(const struct open_alert *open);
/* It is for the NOC, and nobody has it. */
bool needs_calls(const struct open_alert *open);
/* Whether something at that exchange needs a hand. */
bool needs_at(const struct needs *needs, const char *exchange);
/* The blind agent that a port belongs to; NULL: none. */
const struct blind *needs_blind_of(const struct needs *needs, const struct world_port *port);

#endif
