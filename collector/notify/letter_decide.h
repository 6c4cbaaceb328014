/* letter_decide.h - what a letter says, before any word is chosen: what it is about, whether it asks for something, what
 * would help, and in which order.  Pure functions of the facts; for the files of letter.h. */
#ifndef COLLECTOR_NOTIFY_LETTER_DECIDE_H
#define COLLECTOR_NOTIFY_LETTER_DECIDE_H

#include "notify/letter_facts.h"

/* The one thing that the first sentence says; the first that fits. */
enum letter_lead {
	LETTER_LEAD_ROUTINE,
	LETTER_LEAD_RECURRING,
	LETTER_LEAD_UPGRADED,     /* observed, or cured by it */
	LETTER_LEAD_INSUFFICIENT, /* too little is known to judge */
	LETTER_LEAD_UNEVEN,       /* a full port beside a free one */
	LETTER_LEAD_REDUCED,      /* capacity was missing in the week */
	LETTER_LEAD_SEEN,         /* congested at times, some of it not excused */
	LETTER_LEAD_EXCUSED,      /* congested at times, all of it excused */
	LETTER_LEAD_PARTLY, /* nothing seen, but not enough of the week known to say that all was well */
	LETTER_LEAD_WELL,
	LETTER_LEAD_COUNT
};

/* Where it was so: the worst such connection, and its worse direction.  connection NULL: there is none. */
struct letter_focus {
	enum letter_lead lead;
	const struct letter_connection *connection;
	enum direction direction;
};
struct letter_focus letter_focus_of(const struct letter_facts *facts);

enum verdict letter_connection_verdict(const struct letter_connection *connection);
/* The direction to tell first: graver verdict, then more minutes at 95%, then at 90%, then the higher 95th percentile; out,
 * when all is equal. */
enum direction letter_worse(const struct letter_connection *connection);
/* Its places in the facts, the worst first, into order[connection_count]. */
void letter_order(const struct letter_facts *facts, size_t *order);

/* The least share of the week known among its directions; NAN: none has figures. */
double letter_known(const struct letter_connection *connection);
double letter_known_of_all(const struct letter_facts *facts);

/* Sustained episodes of the week: minutes that count, and minutes that are excused. */
struct letter_minutes {
	int64_t counted, excused;
	size_t counted_count, excused_count, spike_count;
	int64_t spike_minutes, spike_longest;
};
struct letter_minutes letter_minutes_of(const struct letter_side *side);

/* Whether any of the 28 days has lost its excuse. */
size_t letter_withdrawn_days(const struct letter_side *side);

/* See letter_purpose_of and letter_tells in letter.h. */
bool letter_is_asked(const struct letter_facts *facts, const struct letter_connection *connection);
bool letter_is_request(const struct letter_facts *facts);
bool letter_has_news(const struct letter_facts *facts);
bool letter_connection_has_news(const struct letter_connection *connection);

/* What would help, the least effort first. */
enum letter_help {
	LETTER_HELP_SPREAD,    /* the load over the ports that are there */
	LETTER_HELP_FREE_PORT, /* of their own */
	LETTER_HELP_ELSEWHERE, /* another exchange in common */
	LETTER_HELP_SIZE,      /* that would have held */
	LETTER_HELP_COUNT
};
/* Into help[LETTER_HELP_COUNT]; how many.  None where nothing is lacking, something is
 * ordered, or nothing is known that would help. */
size_t letter_helps(const struct letter_connection *connection, enum letter_help *help);

/* Whether an hour-by-day picture of this direction is worth its space: the worse one always, the other when it has
 * something to show. */
bool letter_strip_shown(const struct letter_connection *connection, enum direction direction);

#endif
