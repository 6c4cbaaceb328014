/* meter.c - reads to rates to slots; see meter.h.
 *
 * Where a pair of reads lies is kept by two clocks: elapsed time by the monotonic one (the agent's own inside what the
 * network leaves open), the place on the grid by the wall's. */
#include "measure/meter.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/utilisation.h"

#define PAIR_MAX_INTERVALS 3
#define IMPOSSIBLE_FACTOR  1.05
#define CLOCK_SLACK_MS     1500.0 /* what a late answer may add to one side */
#define CLOCK_SLACK_SHARE  0.25
#define CLOCK_OFF_SHARE    0.01 /* an agent's clock that is further off is not called good */
#define TICK_MS            10.0

#define REFRESH_SLACK 1.1  /* a refresh that comes late */
#define REFRESH_LEAST 0.5  /* of one, between two that differ */
#define STILL_FACTOR  1.25 /* without a change for so many refreshes: nothing moves */
#define BUSY_PACKETS  20.0 /* expected, and not one came: not by chance */
#define PACKET_OCTETS 1500.0

#define WRAP             4294967296.0 /* of a 32-bit counter */
#define NARROW_BPS       1e9   /* from here on the octets of 32-bit counters are not believed */
#define LEAST_FRAME_BITS 672.0 /* 64 octets, and 20 of preamble, delimiter and gap */

/* Which counters make a column: their rates are summed, and all of them must be known. */
static const struct source {
	enum column column;
	enum reading_column counter[3];
	unsigned counter_count;
	double factor;     /* unit of the column per unit of the counter */
	bool wide;         /* Counter64, where the agent has them */
	double least_bits; /* on the wire, of one unit of the counter */
} sources[] = {
	{ COLUMN_IN_BPS, { READING_IN_OCTETS }, 1, 8.0, true, 8.0 },
	{ COLUMN_OUT_BPS, { READING_OUT_OCTETS }, 1, 8.0, true, 8.0 },
	{ COLUMN_IN_PPS,
	  { READING_IN_UCAST, READING_IN_MULTICAST, READING_IN_BROADCAST },
	  3,
	  1.0,
	  true,
	  LEAST_FRAME_BITS },
	{ COLUMN_OUT_PPS,
	  { READING_OUT_UCAST, READING_OUT_MULTICAST, READING_OUT_BROADCAST },
	  3,
	  1.0,
	  true,
	  LEAST_FRAME_BITS },
	{ COLUMN_IN_DISCARDS, { READING_IN_DISCARDS }, 1, 1.0, false, LEAST_FRAME_BITS },
	{ COLUMN_OUT_DISCARDS, { READING_OUT_DISCARDS }, 1, 1.0, false, LEAST_FRAME_BITS },
	{ COLUMN_IN_ERRORS, { READING_IN_ERRORS }, 1, 1.0, false, LEAST_FRAME_BITS },
	{ COLUMN_OUT_ERRORS, { READING_OUT_ERRORS }, 1, 1.0, false, LEAST_FRAME_BITS },
};
#define SOURCE_COUNT (sizeof(sources) / sizeof(sources[0]))

static const struct {
	enum direction direction;
	enum column bps, pps, discards, errors;
} sides[] = {
	{ DIRECTION_IN, COLUMN_IN_BPS, COLUMN_IN_PPS, COLUMN_IN_DISCARDS, COLUMN_IN_ERRORS },
	{ DIRECTION_OUT, COLUMN_OUT_BPS, COLUMN_OUT_PPS, COLUMN_OUT_DISCARDS, COLUMN_OUT_ERRORS },
};

void
meter_init(struct meter *meter, unsigned interval_sec)
{
	memset(meter, 0, sizeof(*meter));
	meter->interval_sec = interval_sec;
}

void
meter_end(struct meter *meter)
{
	free(meter->course);
	meter->course = NULL;
	meter->refresh_ms = 0;
}

void
meter_copy(struct meter *to, const struct meter *from)
{
	*to = *from;
	if (from->course == NULL)
		return;
	to->course = malloc(sizeof(*to->course));
	if (to->course != NULL)
		*to->course = *from->course;
	else
		to->refresh_ms = 0;
}

static void
course_begin(struct meter *meter, double from_ms, double to_ms)
{
	if (meter->course != NULL)
		taken_begin(meter->course, from_ms, to_ms);
}

void
meter_refresh_set(struct meter *meter, uint32_t refresh_ms)
{
	if (meter->refresh_ms == refresh_ms)
		return;
	if (refresh_ms == 0) {
		meter_end(meter);
		return;
	}
	if (meter->course == NULL)
		meter->course = calloc(1, sizeof(*meter->course));
	if (meter->course == NULL)
		return;
	meter->refresh_ms = refresh_ms;
	course_begin(meter, meter->told_mono_ms - REFRESH_SLACK * refresh_ms, meter->told_mono_ms);
}

static const struct {
	const char *text;
	int quality; /* counted as; -1: nothing is wrong */
} pairs[METER_PAIR_COUNT] = {
	[METER_PAIR_SEED] = { "first read", -1 },
	[METER_PAIR_GOOD] = { "good", -1 },
	[METER_PAIR_SAME] = { "no counter moved", -1 },
	[METER_PAIR_GAP] = { "too long since the last read", QUALITY_GAP },
	[METER_PAIR_RESTART] = { "the agent restarted", QUALITY_RESTART },
	[METER_PAIR_RESET] = { "the counters were reset", QUALITY_RESET },
	[METER_PAIR_DISCONTINUITY] = { "the agent says that its counters were discontinuous",
				       QUALITY_DISCONTINUITY },
	[METER_PAIR_CLOCK] = { "the clocks disagree about the time between two reads",
			       QUALITY_CLOCK },
};

const char *
meter_pair_text(enum meter_pair pair)
{
	return pairs[pair].text;
}

bool
meter_time_is_ours(const struct meter *meter)
{
	return meter->clock_ours;
}

/* --- what moved --- */

static bool
both_have(const struct counter_read *old, const struct counter_read *now,
	  enum reading_column counter)
{
	return (old->has & now->has & (1u << counter)) != 0;
}

static bool
is_narrow(const struct source *source, const struct counter_read *now)
{
	return !source->wide || now->narrow;
}

/* The most that a counter of that source can have moved in that time; INFINITY where no speed is known. */
static double
most_of(const struct source *source, double physical_bps, double span_ms)
{
	if (!(physical_bps > 0))
		return INFINITY;
	return IMPOSSIBLE_FACTOR * physical_bps * span_ms / 1000.0 / source->least_bits;
}

/* Whether a narrow counter cannot have wrapped twice.  Discards and errors are too few to. */
static bool
wrap_is_proven(const struct source *source, double physical_bps, double span_ms)
{
	if (!source->wide)
		return true;
	if (source->least_bits == 8.0 && !(physical_bps < NARROW_BPS))
		return false;
	return most_of(source, physical_bps, span_ms) < WRAP;
}

enum move { MOVE_KNOWN, MOVE_UNKNOWN, MOVE_FELL, MOVE_UNPROVEN };

/* How far one counter moved between two reads that are at most span_ms apart. */
static enum move
move_of(const struct source *source, enum reading_column counter, const struct counter_read *old,
	const struct counter_read *now, double physical_bps, double span_ms, uint64_t *by)
{
	uint64_t a = old->counter[counter], b = now->counter[counter];

	if (!both_have(old, now, counter))
		return MOVE_UNKNOWN;
	*by = b - a; /* subtracted as integers, then converted */
	if (!is_narrow(source, now))
		return b < a ? MOVE_FELL : MOVE_KNOWN;
	if (!wrap_is_proven(source, physical_bps, span_ms))
		return MOVE_UNPROVEN;
	if (b >= a)
		return MOVE_KNOWN;
	*by = (uint32_t)(b - a);
	/* From near its top to near its bottom, and no further than it can: a wrap; else it was reset. */
	return (double)*by < WRAP / 2 && (double)*by <= most_of(source, physical_bps, span_ms) &&
		       physical_bps > 0
		   ? MOVE_KNOWN
		   : MOVE_FELL;
}

/* Octets and packets count for the interface as a whole: one of them that was reset spoils the pair. */
static bool
interface_was_reset(const struct counter_read *old, const struct counter_read *now,
		    double physical_bps, double span_ms)
{
	uint64_t by;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		for (unsigned k = 0; sources[i].wide && k < sources[i].counter_count; k++)
			if (move_of(&sources[i], sources[i].counter[k], old, now, physical_bps,
				    span_ms, &by) == MOVE_FELL)
				return true;
	return false;
}

static bool
nothing_moved(const struct counter_read *old, const struct counter_read *now)
{
	const uint32_t octets = 1u << READING_IN_OCTETS | 1u << READING_OUT_OCTETS;

	if ((old->has & now->has & octets) == 0)
		return false;
	for (int c = 0; c < READING_COUNT; c++)
		if (both_have(old, now, (enum reading_column)c) &&
		    old->counter[c] != now->counter[c])
			return false;
	return true;
}

/* --- time --- */

/* The agent's own time between the reads.  sysUpTime wraps after 497 days, which the difference does not mind; after a
 * restart it is far from what our clock says.  Below 0: an answer that was overtaken. */
static double
ticks_ms(uint32_t old_ticks, uint32_t now_ticks)
{
	return (double)(int32_t)(now_ticks - old_ticks) * TICK_MS;
}

static bool
agrees(double a_ms, double b_ms)
{
	return fabs(a_ms - b_ms) <= fmax(CLOCK_SLACK_MS, CLOCK_SLACK_SHARE * fmax(a_ms, b_ms));
}

/* Up for less than the time since it was last asked is a restart too, however high it counts. */
bool
meter_is_restart(uint32_t old_ticks, uint32_t now_ticks, double elapsed_ms)
{
	if (agrees(ticks_ms(old_ticks, now_ticks), elapsed_ms) || now_ticks == old_ticks)
		return false;
	return now_ticks < old_ticks || now_ticks * TICK_MS < elapsed_ms - CLOCK_SLACK_MS;
}

static enum meter_pair
pair_of(const struct meter *meter, const struct counter_read *now, double physical_bps)
{
	const struct counter_read *old = &meter->last;
	double mono_ms = (double)(now->at_mono_ms - old->at_mono_ms);
	double wall_ms = (double)(now->at_utc_ms - old->at_utc_ms);
	double limit_ms = PAIR_MAX_INTERVALS * meter->interval_sec * 1000.0;
	bool has_ticks = !now->uptime_is_ours && !old->uptime_is_ours;

	if (!meter->has_last)
		return METER_PAIR_SEED;
	/* A read at exactly three intervals arrives a little late: the network's delay is not the agent's. */
	if (mono_ms > limit_ms + CLOCK_SLACK_MS / 2)
		return METER_PAIR_GAP;
	if (has_ticks && meter_is_restart(old->uptime_ticks, now->uptime_ticks, mono_ms))
		return METER_PAIR_RESTART;
	if (now->discontinuity_ticks != old->discontinuity_ticks)
		return METER_PAIR_DISCONTINUITY;
	if (interface_was_reset(old, now, physical_bps,
				mono_ms + old->at_mono_ms - meter->told_mono_ms +
				    meter->refresh_ms))
		return METER_PAIR_RESET;
	if (mono_ms <= 0 || wall_ms <= 0 || !agrees(wall_ms, mono_ms))
		return METER_PAIR_CLOCK;
	return METER_PAIR_GOOD;
}

/* Where on our monotonic clock the answer lies, and by whose clock.  False: the agent's clock has just gone astray. */
static bool
answer_place(struct meter *meter, const struct counter_read *now, double *at_mono_ms)
{
	const struct counter_read *old = &meter->last;
	double mono_ms = (double)(now->at_mono_ms - old->at_mono_ms);
	double agent_ms = ticks_ms(old->uptime_ticks, now->uptime_ticks);
	double by_agent_ms = meter->last_mono_ms + agent_ms;
	double slack_ms = now->at_slack_ms + TICK_MS;
	bool was_odd = meter->clock_odd;

	*at_mono_ms = (double)now->at_mono_ms;
	meter->clock_odd = meter->clock_ours = now->uptime_is_ours || old->uptime_is_ours;
	if (meter->clock_ours)
		return true;
	meter->clock_odd = !agrees(agent_ms, mono_ms);
	meter->clock_ours =
	    meter->clock_odd || fabs(by_agent_ms - *at_mono_ms) >
				    slack_ms + old->at_slack_ms + CLOCK_OFF_SHARE * mono_ms;
	if (meter->clock_odd)
		return was_odd;
	*at_mono_ms = fmin(fmax(by_agent_ms, *at_mono_ms - slack_ms), *at_mono_ms + slack_ms);
	return true;
}

/* --- rates --- */

/* Units of the column per second; NAN when one of its counters is unknown, fell, or may have wrapped unseen. */
static double
source_rate(const struct source *source, const struct counter_read *old,
	    const struct counter_read *now, double physical_bps, double span_ms, bool *unproven)
{
	double sum = 0;

	for (unsigned k = 0; k < source->counter_count; k++) {
		uint64_t by;
		enum move move =
		    move_of(source, source->counter[k], old, now, physical_bps, span_ms, &by);

		*unproven |= move == MOVE_UNPROVEN;
		if (move != MOVE_KNOWN)
			return NAN;
		sum += (double)by;
	}
	return sum * source->factor * 1000.0 / span_ms;
}

/* Between the last read and this one, whose counters were taken span_ms apart. */
static void
rates_of(struct meter *meter, const struct counter_read *now, double physical_bps, double span_ms,
	 double rate[COLUMN_COUNT])
{
	bool unproven = false;

	for (size_t i = 0; i < SOURCE_COUNT; i++)
		rate[sources[i].column] =
		    source_rate(&sources[i], &meter->last, now, physical_bps, span_ms, &unproven);
	meter->quality[QUALITY_WRAP] += unproven;
	rate[COLUMN_CAPACITY_BPS] = physical_bps > 0 ? physical_bps : NAN;
	rate[COLUMN_OPER] = now->oper == READING_OPER_UNKNOWN ? NAN : now->oper == READING_OPER_UP;
}

/* --- slots --- */

static void
refuse_impossible(struct meter *meter, struct meter_slot *slot)
{
	double *value = slot->sample.value;
	double limit_bps = IMPOSSIBLE_FACTOR * value[COLUMN_CAPACITY_BPS];

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		if (!(utilisation_wire_bps(value[sides[i].bps], value[sides[i].pps]) > limit_bps))
			continue; /* also where either is unknown */
		slot->impossible[sides[i].direction] = true;
		meter->quality[QUALITY_IMPOSSIBLE]++;
		value[sides[i].bps] = value[sides[i].pps] = NAN;
		value[sides[i].discards] = value[sides[i].errors] = NAN;
	}
}

static void
slot_finish(struct meter *meter, meter_on_slot *on_slot, void *user)
{
	struct meter_slot slot = { .sample = { .step_sec = meter->interval_sec } };
	double half_ms = meter->interval_sec * 500.0;

	slot.sample.end_utc_sec = meter->slot_start_sec + meter->interval_sec;
	for (int c = 0; c < COLUMN_COUNT; c++)
		slot.sample.value[c] = meter->covered_ms[c] >= half_ms
					   ? meter->weighted[c] / meter->covered_ms[c]
					   : NAN;
	refuse_impossible(meter, &slot);
	meter->slot_start_sec += meter->interval_sec;
	meter->done_sec = meter->slot_start_sec;
	memset(meter->weighted, 0, sizeof(meter->weighted));
	memset(meter->covered_ms, 0, sizeof(meter->covered_ms));
	on_slot(&slot, user);
}

static int64_t
slot_end_ms(const struct meter *meter)
{
	return (meter->slot_start_sec + meter->interval_sec) * 1000;
}

static void
slot_cover(struct meter *meter, const double rate[COLUMN_COUNT], double ms)
{
	for (int c = 0; c < COLUMN_COUNT; c++)
		if (!isnan(rate[c])) {
			meter->weighted[c] += rate[c] * ms;
			meter->covered_ms[c] += ms;
		}
}

/* Lays one rate over [from, to) and finishes the slots it passes. */
static void
lay(struct meter *meter, const double rate[COLUMN_COUNT], int64_t from_ms, int64_t to_ms,
    meter_on_slot *on_slot, void *user)
{
	/* After a step of the wall clock the open slot may lie ahead: time already told is not told again. */
	if (from_ms < meter->slot_start_sec * 1000)
		from_ms = meter->slot_start_sec * 1000;
	while (from_ms < to_ms) {
		int64_t end_ms = slot_end_ms(meter);
		int64_t until_ms = to_ms < end_ms ? to_ms : end_ms;

		if (until_ms > from_ms)
			slot_cover(meter, rate, (double)(until_ms - from_ms));
		from_ms = until_ms > from_ms ? until_ms : from_ms;
		if (from_ms < end_ms)
			break;
		slot_finish(meter, on_slot, user);
	}
}

/* Opens the slot that holds the instant.  A slot in hand that lies before it is finished first.  One that lies ahead (the
 * wall clock stepped back) stays when it follows what is finished, until the clock comes there again; else the clock
 * only leapt there, and it is dropped. */
static void
slot_open_at(struct meter *meter, int64_t at_ms, meter_on_slot *on_slot, void *user)
{
	int64_t start_sec = at_ms / 1000 - at_ms / 1000 % meter->interval_sec;

	if (meter->has_slot &&
	    (meter->slot_start_sec == start_sec ||
	     (meter->slot_start_sec > start_sec && meter->slot_start_sec <= meter->done_sec)))
		return;
	if (meter->has_slot && meter->slot_start_sec < start_sec)
		slot_finish(meter, on_slot, user);
	memset(meter->weighted, 0, sizeof(meter->weighted));
	memset(meter->covered_ms, 0, sizeof(meter->covered_ms));
	if (start_sec < meter->done_sec)
		start_sec = meter->done_sec;
	meter->has_slot = true;
	meter->slot_start_sec = start_sec;
}

/* --- reads --- */

/* An instant between the last reads, by both clocks. */
struct instant {
	double mono_ms, utc_ms;
};

static struct instant
instant_of(const struct counter_read *read, double mono_ms)
{
	return (struct instant) { mono_ms,
				  (double)read->at_utc_ms + mono_ms - (double)read->at_mono_ms };
}

/* Lays what moved since the last read evenly from where the grid has been told up to `until`. */
static void
tell(struct meter *meter, const struct counter_read *now, double physical_bps, struct instant until,
     meter_on_slot *on_slot, void *user)
{
	double rate[COLUMN_COUNT], span_ms = until.mono_ms - meter->told_mono_ms;

	if (span_ms <= 0)
		return;
	rates_of(meter, now, physical_bps, span_ms, rate);
	lay(meter, rate, llround(meter->told_utc_ms), llround(until.utc_ms), on_slot, user);
	meter->told_mono_ms = until.mono_ms;
	meter->told_utc_ms = until.utc_ms;
	meter->has_rate = true;
}

/* Nothing is known any more but these counters, and that they were taken within the last refresh. */
static void
begin(struct meter *meter, const struct counter_read *now, double at_mono_ms)
{
	double from_ms = at_mono_ms - REFRESH_SLACK * meter->refresh_ms;
	struct instant told = instant_of(now, (from_ms + at_mono_ms) / 2);

	meter->told_mono_ms = told.mono_ms;
	meter->told_utc_ms = told.utc_ms;
	meter->has_rate = meter->begun_late = false;
	meter->busy_octets = meter->busy_packets = 0;
	meter->moved_mono_ms = at_mono_ms;
	course_begin(meter, from_ms, at_mono_ms);
}

/* For how long without a change it may still be the same refresh. */
static double
patience_ms(const struct meter *meter, const struct counter_read *now, double still_ms)
{
	double intervals_ms = PAIR_MAX_INTERVALS * meter->interval_sec * 1000.0;
	double packets = meter->busy_packets * still_ms / 1000.0;

	if (meter->refresh_ms > 0)
		return STILL_FACTOR * meter->refresh_ms;
	if (now->oper == READING_OPER_DOWN || (meter->has_rate && packets < BUSY_PACKETS))
		return 0;
	return fmin(intervals_ms, METER_REFRESH_MAX_MS);
}

static enum meter_pair
on_same(struct meter *meter, const struct counter_read *now, double at_mono_ms, double physical_bps,
	meter_on_slot *on_slot, void *user)
{
	double still_ms = at_mono_ms - meter->moved_mono_ms;
	double until_ms = at_mono_ms - REFRESH_SLACK * meter->refresh_ms;

	if (still_ms < patience_ms(meter, now, still_ms))
		return METER_PAIR_SAME;
	tell(meter, now, physical_bps, instant_of(now, until_ms), on_slot, user);
	course_begin(meter, meter->told_mono_ms, at_mono_ms);
	meter->busy_octets = meter->busy_packets = 0;
	return METER_PAIR_GOOD;
}

static double
sum_moved(const struct counter_read *old, const struct counter_read *now, size_t first, size_t last)
{
	double sum = 0;

	for (size_t i = first; i <= last; i++)
		for (unsigned k = 0; k < sources[i].counter_count; k++) {
			enum reading_column c = sources[i].counter[k];
			uint64_t by = now->counter[c] - old->counter[c];

			if (both_have(old, now, c))
				sum += (double)(now->narrow ? (uint32_t)by : by);
		}
	return sum;
}

static double
octets_moved(const struct counter_read *old, const struct counter_read *now)
{
	return sum_moved(old, now, COLUMN_IN_BPS, COLUMN_OUT_BPS);
}

static void
busy_note(struct meter *meter, const struct counter_read *now, double span_ms)
{
	const uint32_t packets = 1u << READING_IN_UCAST | 1u << READING_OUT_UCAST;

	meter->busy_octets = octets_moved(&meter->last, now) * 1000.0 / span_ms;
	meter->busy_packets =
	    now->has & packets
		? sum_moved(&meter->last, now, COLUMN_IN_PPS, COLUMN_OUT_PPS) * 1000.0 / span_ms
		: meter->busy_octets / PACKET_OCTETS;
}

/* Whether what moved at last is the traffic of the whole pause, and not of the time since the read before alone. */
static bool
makes_up(const struct meter *meter, const struct counter_read *now, double at_mono_ms)
{
	double all_ms = at_mono_ms - meter->told_mono_ms;
	double late_ms = at_mono_ms - meter->last_mono_ms;

	return octets_moved(&meter->last, now) >
	       meter->busy_octets * sqrt(all_ms * late_ms) / 1000.0;
}

/* When the counters that moved were taken: after the read before, and a good part of a refresh after the last ones, whose
 * instant may be held for later than it was. */
static double
taken_at(struct meter *meter, const struct counter_read *now, double at_mono_ms)
{
	double refresh_ms = meter->refresh_ms;
	double octets = octets_moved(&meter->last, now);
	double from_ms = fmax(at_mono_ms - REFRESH_SLACK * refresh_ms, meter->last_mono_ms);
	double least_ms = fmin(refresh_ms, at_mono_ms - meter->told_mono_ms) * REFRESH_LEAST;

	if (refresh_ms == 0 || octets == 0 || from_ms >= at_mono_ms)
		return at_mono_ms;
	return fmax(taken_place(meter->course, octets, from_ms, at_mono_ms, meter->told_mono_ms),
		    meter->told_mono_ms + least_ms);
}

static enum meter_pair
on_change(struct meter *meter, const struct counter_read *now, double at_mono_ms,
	  double physical_bps, meter_on_slot *on_slot, void *user)
{
	bool waited = meter->refresh_ms == 0 && meter->last_mono_ms > meter->told_mono_ms;
	double from_ms, at_ms;

	if (waited && !meter->has_rate && !meter->begun_late) {
		begin(meter, now, at_mono_ms); /* since when it has counted so is not known */
		meter->begun_late = true;
		slot_open_at(meter, now->at_utc_ms, on_slot, user);
		return METER_PAIR_SEED;
	}
	if (waited && !makes_up(meter, now, at_mono_ms))
		tell(meter, &meter->last, physical_bps,
		     instant_of(&meter->last, meter->last_mono_ms), on_slot, user);
	from_ms = meter->told_mono_ms;
	at_ms = taken_at(meter, now, at_mono_ms);
	busy_note(meter, now, at_ms - from_ms);
	tell(meter, now, physical_bps, instant_of(now, at_ms), on_slot, user);
	meter->moved_mono_ms = at_mono_ms;
	return METER_PAIR_GOOD;
}

enum meter_pair
meter_feed(struct meter *meter, const struct counter_read *now, double physical_bps,
	   meter_on_slot *on_slot, void *user)
{
	enum meter_pair pair = pair_of(meter, now, physical_bps);
	double at_mono_ms = (double)now->at_mono_ms;

	if (pair == METER_PAIR_GOOD && !answer_place(meter, now, &at_mono_ms))
		pair = METER_PAIR_CLOCK;
	if (pair != METER_PAIR_GOOD) {
		begin(meter, now, at_mono_ms);
		slot_open_at(meter, now->at_utc_ms, on_slot, user);
		if (pairs[pair].quality >= 0)
			meter->quality[pairs[pair].quality]++;
	} else if (nothing_moved(&meter->last, now)) {
		pair = on_same(meter, now, at_mono_ms, physical_bps, on_slot, user);
	} else {
		pair = on_change(meter, now, at_mono_ms, physical_bps, on_slot, user);
	}
	meter->last = *now;
	meter->last_mono_ms = at_mono_ms;
	meter->has_last = true;
	return pair;
}

static int64_t
stale_after_ms(const struct meter *meter)
{
	return (int64_t)PAIR_MAX_INTERVALS * meter->interval_sec * 1000 + (int64_t)CLOCK_SLACK_MS;
}

int64_t
meter_expires_utc_ms(const struct meter *meter)
{
	if (!meter->has_last || !meter->has_slot)
		return INT64_MAX;
	return meter->last.at_utc_ms + stale_after_ms(meter) + 1;
}

void
meter_expire(struct meter *meter, int64_t now_mono_ms, int64_t now_utc_ms, meter_on_slot *on_slot,
	     void *user)
{
	int64_t stale_ms = stale_after_ms(meter);
	int64_t interval_ms = (int64_t)meter->interval_sec * 1000;

	if (!meter->has_last || !meter->has_slot ||
	    now_utc_ms - meter->last.at_utc_ms <= stale_ms ||
	    !agrees((double)(now_utc_ms - meter->last.at_utc_ms),
		    (double)(now_mono_ms - meter->last.at_mono_ms)))
		return;
	if (slot_end_ms(meter) <= now_utc_ms)
		slot_finish(meter, on_slot, user);
	if (now_utc_ms - slot_end_ms(meter) > METER_EXPIRE_MAX * interval_ms)
		meter->slot_start_sec = now_utc_ms / 1000 -
					now_utc_ms / 1000 % meter->interval_sec -
					(METER_EXPIRE_MAX - 1) * (int64_t)meter->interval_sec;
	while (slot_end_ms(meter) <= now_utc_ms)
		slot_finish(meter, on_slot, user);
}
