/* taken.c - see taken.h.
 *
 * A line is t = offset + pace x octets.  It passes two gates when its pace lies between what the one's end and the
 * other's beginning allow; one line passes all of them exactly when its pace fits every two. */
#include "measure/taken.h"

#include <math.h>
#include <stdbool.h>
#include <string.h>

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

/* Where a line of that pace that passes all gates passes the newest: at_ms, or as near to it as one does. */
static double
newest_passed(const struct taken *taken, double pace, double at_ms)
{
	double low = -INFINITY, high = INFINITY;

	for (unsigned i = 0; i < taken->count; i++) {
		double octets = taken->octets - taken->gate[i].octets;

		low = fmax(low, taken->gate[i].from_ms + pace * octets);
		high = fmin(high, taken->gate[i].to_ms + pace * octets);
	}
	return between(low, at_ms, high);
}

double
taken_place(struct taken *taken, double octets, double from_ms, double to_ms, double last_ms)
{
	struct paces paces;
	double pace;

	if (taken->count == TAKEN_GATES)
		memmove(taken->gate, taken->gate + 1, --taken->count * sizeof(taken->gate[0]));
	taken->octets += octets;
	taken->gate[taken->count++] = (struct taken_gate) { taken->octets, from_ms, to_ms };
	paces = paces_of(taken); /* of two gates at least: any two have lines */
	pace = (paces.low + paces.high) / 2;
	return between(from_ms, newest_passed(taken, pace, last_ms + pace * octets), to_ms);
}
