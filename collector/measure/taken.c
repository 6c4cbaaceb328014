/* taken.c - see taken.h.
 *
 * A line is t = offset + pace x octets.  It passes two gates when its pace lies between what the one's end and the
 * other's beginning allow; one line passes all of them exactly when its pace fits every two. */
#include "measure/taken.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

#define TO_THE_MIDDLE 0.5 /* of what the last instant is off the middle line, per gate */

void
taken_begin(struct taken *taken, double from_ms, double to_ms)
{
	taken->count = 1;
	taken->octets = 0;
	taken->gate[0] = (struct taken_gate) { 0, from_ms, to_ms };
}

static double
between(double low, double value, double high)
{
	return fmin(fmax(value, low), high);
}

struct paces {
	double low, high; /* ms an octet */
};

/* What gate i leaves of the paces, with every later one. */
static struct paces
paces_narrow(const struct taken *taken, unsigned i, struct paces paces)
{
	const struct taken_gate *gate = taken->gate;

	for (unsigned k = i + 1; k < taken->count; k++) {
		double octets = gate[k].octets - gate[i].octets;

		paces.low = fmax(paces.low, (gate[k].from_ms - gate[i].to_ms) / octets);
		paces.high = fmin(paces.high, (gate[k].to_ms - gate[i].from_ms) / octets);
	}
	return paces;
}

/* The paces of the lines that pass the newest gates, as many as one line can; the others are forgotten. */
static struct paces
paces_of(struct taken *taken)
{
	struct paces paces = { 0, INFINITY };
	unsigned first = taken->count - 1;

	while (first > 0) {
		struct paces narrower = paces_narrow(taken, first - 1, paces);

		if (narrower.low > narrower.high)
			break;
		paces = narrower;
		first--;
	}
	taken->count -= first;
	memmove(taken->gate, taken->gate + first, taken->count * sizeof(taken->gate[0]));
	return paces;
}

/* Where the middle one of the lines of that pace passes the newest gate. */
static double
middle_of(const struct taken *taken, double pace)
{
	double low = -INFINITY, high = INFINITY;

	for (unsigned i = 0; i < taken->count; i++) {
		low = fmax(low, taken->gate[i].from_ms - pace * taken->gate[i].octets);
		high = fmin(high, taken->gate[i].to_ms - pace * taken->gate[i].octets);
	}
	return (low + high) / 2 + pace * taken->octets;
}

double
taken_place(struct taken *taken, double octets, double from_ms, double to_ms, double last_ms)
{
	struct paces paces;
	double pace, at_ms;

	if (taken->count == TAKEN_GATES)
		memmove(taken->gate, taken->gate + 1, --taken->count * sizeof(taken->gate[0]));
	taken->octets += octets;
	taken->gate[taken->count++] = (struct taken_gate) { taken->octets, from_ms, to_ms };
	paces = paces_of(taken);
	if (taken->count <
	    2) /* a bend: as near as the gate allows to the pace it had is not known */
		return to_ms;
	pace = (paces.low + paces.high) / 2;
	at_ms = last_ms + pace * octets;
	at_ms += TO_THE_MIDDLE * (middle_of(taken, pace) - at_ms);
	return between(from_ms, at_ms, to_ms);
}
