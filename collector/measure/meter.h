/* meter.h - turns a port's counter reads into means on the grid.
 *
 * Pure: no clock, no I/O, no allocation.  The caller owns one struct meter per port and feeds it every read in the order
 * taken.  Two valid reads at most three intervals apart prove one mean rate for all the time between them; that rate is
 * laid, weighted by time, on the slots of the clock-aligned grid that it covers.  A slot's column is known when at least
 * half of the slot is covered by pairs that knew it.  Source: RFC 2863, 3.1.5 and 3.1.6. */
#ifndef COLLECTOR_MEASURE_METER_H
#define COLLECTOR_MEASURE_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/model.h"
#include "ixwatch/reading.h"

/* What a read proved together with the one before it. */
enum meter_pair {
	METER_PAIR_SEED, /* the first read, or the first after a gap: nothing yet */
	METER_PAIR_GOOD,
	METER_PAIR_LONG,    /* more than three intervals since the last read */
	METER_PAIR_RESTART, /* sysUpTime went back: the agent restarted */
	METER_PAIR_RESET,   /* a 64-bit counter fell, or ifCounterDiscontinuityTime moved */
	METER_PAIR_CLOCK, /* the agent's clock, ours and the wall's do not agree about the time between */
	METER_PAIR_COUNT
};

/* A finished slot. */
struct meter_slot {
	struct sample sample;
	bool impossible[DIRECTION_COUNT]; /* refused: above 1.05 x physical capacity */
};
typedef void meter_on_slot(const struct meter_slot *slot, void *user);

struct meter {
	unsigned interval_sec;
	bool has_last, has_slot;
	struct counter_read last;
	int64_t slot_start_sec;        /* of the slot being filled, UTC */
	double weighted[COLUMN_COUNT]; /* rate x milliseconds */
	double covered_ms[COLUMN_COUNT];
};

/* interval_sec: 1..300. */
void meter_init(struct meter *meter, unsigned interval_sec);

/* Feeds one read and the physical capacity (bit/s, NAN unknown) that held until it.  Slots that end at or before the
 * read are finished and handed to on_slot, oldest first. */
enum meter_pair meter_feed(struct meter *meter, const struct counter_read *read,
			   double physical_bps, meter_on_slot *on_slot, void *user);

/* Says that it is now_utc_ms and no read came: once the last read is too old to pair with any to come, slots that have
 * ended are finished as they stand, mostly unknown.  At most METER_EXPIRE_MAX of them a call: time in which nobody
 * looked needs no samples. */
#define METER_EXPIRE_MAX 16
void meter_expire(struct meter *meter, int64_t now_utc_ms, meter_on_slot *on_slot, void *user);

/* From when on meter_expire may have something to do; INT64_MAX: not before the next read. */
int64_t meter_expires_utc_ms(const struct meter *meter);

const char *meter_pair_text(enum meter_pair pair);

#endif
