/* meter.h - turns a port's counter reads into means on the grid.
 *
 * Pure: no clock, no I/O; it allocates only the course (taken.h) of a port whose agent refreshes.  The caller owns one
 * struct meter per port, ends it, and feeds it every read in the order taken.  Two valid reads at most three intervals apart prove one mean rate for all the time between them; that rate is
 * laid, weighted by time, on the slots of the clock-aligned grid that it covers.  A slot's column is known when at least
 * half of the slot is covered by pairs that knew it.  Source: RFC 2863, 3.1.5 and 3.1.6.
 *
 * Time.  A read was answered within at_slack_ms of when our monotonic clock has it.  Inside that the agent's own clock
 * (sysUpTime) says where, so the network's delay is not in the rate; an agent's clock that says otherwise - it runs
 * fast or slow, stands still, leaps, or is not there - is overruled by ours, and meter_time_is_ours says so.  One that
 * suddenly does not agree proves nothing for that one pair.  sysUpTime that went back is a restart, unless it passed
 * 2^32 ticks in just the time that our clock counted: then it wrapped, as it does each 497 days.
 *
 * Refreshes.  Many agents take their counters every few seconds and hand out the same values until then: polled faster,
 * or out of phase, they read 0, double, 0.  Two reads within one refresh prove nothing at all, neither traffic nor its
 * absence: such a read waits for the next that differs, and the mean is laid over all the time between the two instants at
 * which the counters were taken (taken.h).  What differs no more is in the end a real zero:
 * - refresh period known (refresh.h): when nothing moved for 1.25 periods, up to a period ago;
 * - not known: after three intervals, at most METER_REFRESH_MAX_MS, and only on a port that was busy, where stillness
 *   is suspicious; on any other, and on one whose interface is down, at once.  When it moves again, and what moved
 *   does not make up for the pause, the pause was real and stays zero.
 *
 * Counters.  A 64-bit counter that falls is a reset.  A 32-bit one may have wrapped: believed when the port's speed
 * proves that it cannot have wrapped twice between the two reads, and, for octets, below 1 Gbit/s only. */
#ifndef COLLECTOR_MEASURE_METER_H
#define COLLECTOR_MEASURE_METER_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/model.h"
#include "ixwatch/reading.h"
#include "measure/taken.h"

#define METER_REFRESH_MAX_MS 35000 /* no agent is known to refresh more slowly */

/* What a read proved together with those before it. */
enum meter_pair {
	METER_PAIR_SEED, /* the first read, or the first that begins anew: nothing yet */
	METER_PAIR_GOOD,
	METER_PAIR_SAME,          /* nothing moved, which may be the same refresh: nothing yet */
	METER_PAIR_GAP,           /* more than three intervals since the last read */
	METER_PAIR_RESTART,       /* sysUpTime went back: the agent restarted */
	METER_PAIR_RESET,         /* a counter fell */
	METER_PAIR_DISCONTINUITY, /* ifCounterDiscontinuityTime moved */
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
	uint32_t refresh_ms; /* of its agent's counters; 0: none seen */
	bool has_last, has_slot;
	bool has_rate;            /* something was proven since the last beginning */
	bool begun_late;          /* that was at a change, after a pause: so its instant is known */
	bool clock_odd;           /* the agent's clock did not agree with ours at the last read */
	bool clock_ours;          /* the last read was placed by our clock */
	struct counter_read last; /* the newest */
	double last_mono_ms;      /* when it was answered */
	double moved_mono_ms;     /* when the newest that differed from the one before was */
	double told_mono_ms;      /* up to where its counters are on the grid already */
	double told_utc_ms;       /* the same by the wall clock */
	double busy_octets, busy_packets; /* per second, when it last moved */
	struct taken *course;             /* NULL exactly where refresh_ms is 0 */
	uint32_t quality[QUALITY_COUNT];  /* since meter_init: pairs, or slots, that were refused */
	int64_t slot_start_sec;           /* of the slot being filled, UTC */
	int64_t done_sec;                 /* the end of the newest finished slot; 0: none */
	double weighted[COLUMN_COUNT];    /* rate x milliseconds */
	double covered_ms[COLUMN_COUNT];
};

/* interval_sec: 1..300. */
void meter_init(struct meter *meter, unsigned interval_sec);

/* Frees what it holds; one that was ended goes on as if no refresh had been seen. */
void meter_end(struct meter *meter);

/* All that `from` knows, in the caller's storage `to`, which holds nothing yet; to be ended of its own.  Without memory
 * for the course it is one without a refresh. */
void meter_copy(struct meter *to, const struct meter *from);

/* From now on its agent is held to take its counters every refresh_ms; 0: whenever it is asked, as also while there is
 * no memory for the course: told again before each read, it is tried again. */
void meter_refresh_set(struct meter *meter, uint32_t refresh_ms);

/* Feeds one read and the physical capacity (bit/s, NAN unknown) that held until it.  Slots that end at or before the
 * read are finished and handed to on_slot, oldest first. */
enum meter_pair meter_feed(struct meter *meter, const struct counter_read *read,
			   double physical_bps, meter_on_slot *on_slot, void *user);

/* Says that it is now_mono_ms, and by the wall clock now_utc_ms, and no read came: once the last read is too old to pair with any to come, slots that have
 * ended are finished as they stand, mostly unknown.  At most METER_EXPIRE_MAX of them a call: time in which nobody
 * looked needs no samples.  While the two clocks disagree nothing is told: the wall's may be set right again. */
#define METER_EXPIRE_MAX 16
void meter_expire(struct meter *meter, int64_t now_mono_ms, int64_t now_utc_ms,
		  meter_on_slot *on_slot, void *user);

/* Whether the time between its reads is told by our clock, for want of a good one of the agent's. */
bool meter_time_is_ours(const struct meter *meter);

/* Whether an agent whose sysUpTime was old_ticks, and is now_ticks elapsed_ms later by our clock, restarted. */
bool meter_is_restart(uint32_t old_ticks, uint32_t now_ticks, double elapsed_ms);

/* From when on meter_expire may have something to do; INT64_MAX: not before the next read. */
int64_t meter_expires_utc_ms(const struct meter *meter);

const char *meter_pair_text(enum meter_pair pair);

#endif
