/* advice.h - from samples to advice: what a week came to, where its 95th percentile is heading, what size would have held.
 *
 * Pure: no clock, no I/O, no allocation.  Whoever has steps of one direction, a port's or a connection's sums, hands them
 * in; what the results mean is ixwatch/advice.h's. */
#ifndef COLLECTOR_DETECT_ADVICE_H
#define COLLECTOR_DETECT_ADVICE_H

#include <stddef.h>
#include <stdint.h>

#include "ixwatch/advice.h"
#include "ixwatch/model.h"

/* A step of ADVICE_STEP_SEC.  It is known when both are, and the capacity is above 0. */
struct advice_step {
	double wire_bps;     /* layer 1; NAN unknown */
	double capacity_bps; /* after the contract; NAN unknown */
};

struct advice_terms {
	double physical_bps;       /* newest known capacity, before the contract; NAN unknown */
	double largest_member_bps; /* NAN: no LAG, or unknown */
	double contracted_bps;     /* NAN: none */
	bool contract_billed;      /* above it is an invoice: it limits nothing */
	double congested_share;    /* the line that growth is measured against */
	double valid_share;        /* of a week must be known */
};

/* Steps of a time; those of `possible` that are not at hand are unknown. */
struct advice_span {
	const struct advice_step *steps;
	size_t count;
	uint32_t possible;
	double *scratch; /* room for `count` numbers, the caller's */
};

/* What one week came to. */
void advice_week_make(struct advice_week *week, int32_t monday, const struct advice_span *span);

/* recent: the last ADVICE_DAYS traffic days before `day`.  weeks: closed ones before the week of this_monday, by monday;
 * weeks that are missing were unknown; only the last ADVICE_WEEKS count. */
void advice_make(struct advice *advice, int32_t day, const struct advice_terms *terms,
		 const struct advice_span *recent, const struct advice_week *weeks,
		 size_t week_count, int32_t this_monday);

#endif
