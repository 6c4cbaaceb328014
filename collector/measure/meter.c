/* meter.c - reads to rates to slots; see meter.h.
 *
 * Elapsed time is the agent's own (sysUpTime of the very answer that held the counters), so the delay of the network is
 * not in the rate.  Where on the grid it lies is told by our wall clock. */
#include "measure/meter.h"

#include <math.h>
#include <string.h>

#include "ixwatch/utilisation.h"

#define PAIR_MAX_INTERVALS 3
#define IMPOSSIBLE_FACTOR  1.05
#define CLOCK_SLACK_MS     1500.0 /* what a late answer may add to one side */
#define CLOCK_SLACK_SHARE  0.25

/* Which counters make a column: their rates are summed, and all of them must be known. */
static const struct source {
	enum column column;
	enum reading_column counter[3];
	unsigned counter_count;
	double factor; /* unit of the column per unit of the counter */
	bool wide;     /* Counter64: a fall is a reset of the whole interface */
} sources[] = {
	{ COLUMN_IN_BPS, { READING_IN_OCTETS }, 1, 8.0, true },
	{ COLUMN_OUT_BPS, { READING_OUT_OCTETS }, 1, 8.0, true },
	{ COLUMN_IN_PPS,
	  { READING_IN_UCAST, READING_IN_MULTICAST, READING_IN_BROADCAST },
	  3,
	  1.0,
	  true },
	{ COLUMN_OUT_PPS,
	  { READING_OUT_UCAST, READING_OUT_MULTICAST, READING_OUT_BROADCAST },
	  3,
	  1.0,
	  true },
	{ COLUMN_IN_DISCARDS, { READING_IN_DISCARDS }, 1, 1.0, false },
	{ COLUMN_OUT_DISCARDS, { READING_OUT_DISCARDS }, 1, 1.0, false },
	{ COLUMN_IN_ERRORS, { READING_IN_ERRORS }, 1, 1.0, false },
	{ COLUMN_OUT_ERRORS, { READING_OUT_ERRORS }, 1, 1.0, false },
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

const char *
meter_pair_text(enum meter_pair pair)
{
	static const char *const text[METER_PAIR_COUNT] = {
		[METER_PAIR_SEED] = "first read",
		[METER_PAIR_GOOD] = "good",
		[METER_PAIR_LONG] = "too long since the last read",
		[METER_PAIR_RESTART] = "the agent restarted",
		[METER_PAIR_RESET] = "the counters were reset",
		[METER_PAIR_CLOCK] = "the clocks disagree about the time between two reads",
	};

	return text[pair];
}

static bool
both_have(const struct counter_read *old, const struct counter_read *now,
	  enum reading_column counter)
{
	return (old->has & now->has & (1u << counter)) != 0;
}

/* The agent's own time between the reads.  sysUpTime wraps after 497 days, which the unsigned difference does not mind;
 * after a restart that difference is far from what our clock says. */
static double
elapsed_ms(const struct counter_read *old, const struct counter_read *now)
{
	return (double)(uint32_t)(now->uptime_ticks - old->uptime_ticks) * 10.0;
}

static bool
agrees(double a_ms, double b_ms)
{
	return fabs(a_ms - b_ms) <= fmax(CLOCK_SLACK_MS, CLOCK_SLACK_SHARE * fmax(a_ms, b_ms));
}

static bool
wide_counter_fell(const struct counter_read *old, const struct counter_read *now)
{
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		for (unsigned k = 0; sources[i].wide && k < sources[i].counter_count; k++) {
			enum reading_column c = sources[i].counter[k];

			if (both_have(old, now, c) && now->counter[c] < old->counter[c])
				return true;
		}
	return false;
}

static enum meter_pair
pair_of(const struct meter *meter, const struct counter_read *now)
{
	const struct counter_read *old = &meter->last;
	double mono_ms = (double)(now->at_mono_ms - old->at_mono_ms);
	double wall_ms = (double)(now->at_utc_ms - old->at_utc_ms);
	double limit_ms = PAIR_MAX_INTERVALS * meter->interval_sec * 1000.0;

	if (!meter->has_last)
		return METER_PAIR_SEED;
	/* A read at exactly three intervals arrives a little late: the network's delay is not the agent's. */
	if (mono_ms > limit_ms + CLOCK_SLACK_MS / 2)
		return METER_PAIR_LONG;
	if (now->uptime_ticks < old->uptime_ticks && !agrees(elapsed_ms(old, now), mono_ms))
		return METER_PAIR_RESTART;
	if (now->discontinuity_ticks != old->discontinuity_ticks || wide_counter_fell(old, now))
		return METER_PAIR_RESET;
	if (elapsed_ms(old, now) <= 0 || wall_ms <= 0 || !agrees(elapsed_ms(old, now), mono_ms) ||
	    !agrees(wall_ms, mono_ms))
		return METER_PAIR_CLOCK;
	return METER_PAIR_GOOD;
}

/* Units of the column per second; NAN when one of its counters is unknown or fell. */
static double
source_rate(const struct source *source, const struct counter_read *old,
	    const struct counter_read *now)
{
	double sum = 0;

	for (unsigned k = 0; k < source->counter_count; k++) {
		enum reading_column c = source->counter[k];

		if (!both_have(old, now, c) || now->counter[c] < old->counter[c])
			return NAN;
		sum += (double)(now->counter[c] -
				old->counter[c]); /* subtract as integers, then convert */
	}
	return sum * source->factor * 1000.0 / elapsed_ms(old, now);
}

static void
pair_rates(const struct counter_read *old, const struct counter_read *now, double physical_bps,
	   double rate[COLUMN_COUNT])
{
	for (size_t i = 0; i < SOURCE_COUNT; i++)
		rate[sources[i].column] = source_rate(&sources[i], old, now);
	rate[COLUMN_CAPACITY_BPS] = physical_bps > 0 ? physical_bps : NAN;
	rate[COLUMN_OPER] = now->oper == READING_OPER_UNKNOWN ? NAN : now->oper == READING_OPER_UP;
}

static void
refuse_impossible(struct meter_slot *slot)
{
	double *value = slot->sample.value;
	double limit_bps = IMPOSSIBLE_FACTOR * value[COLUMN_CAPACITY_BPS];

	for (size_t i = 0; i < sizeof(sides) / sizeof(sides[0]); i++) {
		if (!(utilisation_wire_bps(value[sides[i].bps], value[sides[i].pps]) > limit_bps))
			continue; /* also where either is unknown */
		slot->impossible[sides[i].direction] = true;
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
	refuse_impossible(&slot);
	meter->slot_start_sec += meter->interval_sec;
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

/* Opens the slot that holds the instant.  A slot in hand that lies before it is finished first; one that lies ahead
 * (the wall clock stepped back) stays, until the clock comes there again. */
static void
slot_open_at(struct meter *meter, int64_t at_ms, meter_on_slot *on_slot, void *user)
{
	int64_t start_sec = at_ms / 1000 - at_ms / 1000 % meter->interval_sec;

	if (meter->has_slot && meter->slot_start_sec >= start_sec)
		return;
	if (meter->has_slot)
		slot_finish(meter, on_slot, user);
	meter->has_slot = true;
	meter->slot_start_sec = start_sec;
}

enum meter_pair
meter_feed(struct meter *meter, const struct counter_read *read, double physical_bps,
	   meter_on_slot *on_slot, void *user)
{
	enum meter_pair pair = pair_of(meter, read);

	if (pair == METER_PAIR_GOOD) {
		double rate[COLUMN_COUNT];

		pair_rates(&meter->last, read, physical_bps, rate);
		lay(meter, rate, meter->last.at_utc_ms, read->at_utc_ms, on_slot, user);
	} else {
		slot_open_at(meter, read->at_utc_ms, on_slot, user);
	}
	meter->last = *read;
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
meter_expire(struct meter *meter, int64_t now_utc_ms, meter_on_slot *on_slot, void *user)
{
	int64_t stale_ms = stale_after_ms(meter);
	int64_t interval_ms = (int64_t)meter->interval_sec * 1000;

	if (!meter->has_last || !meter->has_slot || now_utc_ms - meter->last.at_utc_ms <= stale_ms)
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
