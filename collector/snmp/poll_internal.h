/* poll_internal.h - a round of counters under way, between the files poll*.c only.
 *
 *   poll.c       the story: answers and silence, and what becomes of each row
 *   poll_span.c  which rows the next request asks for, and how
 */
#ifndef COLLECTOR_SNMP_POLL_INTERNAL_H
#define COLLECTOR_SNMP_POLL_INTERNAL_H

#include "snmp/bulk.h"
#include "snmp/errand.h"

/* Rows that are asked for together, by their places. */
struct span {
	TAILQ_ENTRY(span) link;
	size_t first, count;
	unsigned tries;  /* sent so often */
	unsigned serial; /* of the request that is out for it; 0: none is */
	enum manners_way way;
};

TAILQ_HEAD(span_list, span);

/* What one way of asking cost in this round. */
struct poll_cost {
	uint64_t us;
	size_t rows;
};

/* What the answer for one row needs, which is the same for most rows of an agent. */
struct poll_octets {
	struct snmp_poll_row like; /* counted for one like this */
	size_t index_octets, name_len, alias_len;
	size_t octets; /* 0: none was counted yet */
};

struct poll {
	struct errand errand;
	const struct snmp_poll_row *rows;
	size_t row_count;
	size_t *order; /* the row at each place; places are in ascending order of ifIndex */
	bool *told;    /* the row at each place has had its outcome */
	size_t next;   /* the first place that is in no span yet */
	bool started;  /* a round of no rows still asks for sysUpTime */
	unsigned serial;
	struct span_list spans;
	struct snmp_poll_events events;
	bool answered, troubled;
	bool asks_table; /* ifTableLastChange is still to be learned */
	enum manners_way way;
	struct poll_octets row_octets;
	size_t least_spare_octets; /* of the rows read so far; SIZE_MAX: none was */
	bool choice;               /* some rows could have been asked for either way */
	size_t holed;              /* rows that GETBULK went past */
	struct poll_cost cost[MANNERS_WAY_COUNT];
};

const struct snmp_poll_row *poll_row(const struct poll *poll, size_t place);

/* The next span that is to be sent; NULL: none now, or memory ran out. */
struct span *poll_span_next(struct poll *poll);

/* Makes the request for it. */
void poll_span_ask(struct poll *poll, struct span *span, struct ask *ask);

struct span *poll_span_add(struct poll *poll, size_t first, size_t count);
void poll_span_end(struct poll *poll, struct span *span);

/* The span that waits for this very request; NULL: it waits for a later one, or is gone. */
struct span *poll_span_of(struct poll *poll, const struct ask *ask);

/* Splits a span in two that count as sent `tries` times.  False: it has one row, or memory ran out. */
bool poll_span_halve(struct poll *poll, struct span *span, unsigned tries);

/* Cuts what has been told from both ends of each span, and ends those with nothing left. */
void poll_spans_trim(struct poll *poll);

#endif
