/* taken.h - when were the counters of a read taken?
 *
 * An agent may hand out counters that are up to a refresh old: they were taken between `from`, a refresh ago (or the read
 * before, which still had other values), and `to`, the instant of the answer.  Each read so is a gate in the plane of
 * time and octets, open for as long as a refresh, and the port's true course goes through all of them.  Of all courses
 * the evenest is taken: as long as one straight line passes every gate since some past one, the traffic is held to have
 * been steady since, and the newest gate is passed where that line passes it; a gate that no such line reaches ends the
 * straight piece.  So a steady stream reads steady whatever the phase between polls and refreshes; a real change shows as
 * soon as it is larger than a refresh can explain; and since only the instant is chosen, never the octets, nothing is
 * lost, doubled, or moved by more than a refresh.
 *
 * Pure; one struct a port of an agent that refreshes.  Instants are milliseconds of one clock. */
#ifndef COLLECTOR_MEASURE_TAKEN_H
#define COLLECTOR_MEASURE_TAKEN_H

#define TAKEN_GATES 12 /* of more the pace of a steady stream is hardly better known */

struct taken {
	unsigned count;
	double octets; /* since the oldest line began */
	struct taken_gate {
		double octets, from_ms, to_ms;
	} gate[TAKEN_GATES]; /* those one line passes, the oldest first */
};

/* Forgets the course so far.  The counters known now were taken in [from, to]. */
void taken_begin(struct taken *taken, double from_ms, double to_ms);

/* More octets were counted, more than 0, by counters taken in [from, to]; the last ones were taken at last_ms, before
 * `to`.  The instant in [from, to] at which these were. */
double taken_place(struct taken *taken, double octets, double from_ms, double to_ms,
		   double last_ms);

#endif
