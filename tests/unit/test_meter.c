/* links: measure/meter.c measure/taken.c measure/utilisation.c */
/* test_meter.c - reads to slots, by the rules of the measure: each row feeds reads at an interval of 10 s and says which
 * slots come out. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure/meter.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define T0       1000000000 /* on the grid of 10 s */
#define INTERVAL 10
#define GIGA     1e9

#define PACKETS                                                                                    \
	(0x3fu << READING_IN_UCAST) /* all six, unicast, multicast, broadcast of both directions */

/* A read by its distance from T0 in milliseconds; the agent's clock keeps pace unless said otherwise. */
struct read {
	int64_t at_ms;
	uint64_t octets;
	int64_t uptime_off_ms; /* added to the agent's clock */
	int64_t wall_off_ms;   /* added to our wall clock */
	uint32_t discontinuity;
	uint32_t lacks;    /* bits of reading_column it does not have */
	uint32_t slack_ms; /* of the answer */
	enum { UP, DOWN } oper;
	bool no_clock; /* the agent has none */
};

struct slot {
	int64_t end_sec; /* from T0 */
	double in_bps;   /* NAN: unknown */
};

static const struct meter_case {
	const char *name;
	struct read reads[8];
	struct slot want[8];
	enum meter_pair last_pair;
	int64_t expire_wall_off_ms, expire_at_ms; /* 0: not called */
	double capacity_bps;                      /* 0: 1 Gbit/s */
	bool narrow;                              /* 32-bit counters */
	double slot_tolerance;                    /* 0: 1e-9 */
	bool any_slots;                           /* how many is not the point */
	bool ours;                                /* time is told by our clock at the end */
	uint32_t refresh_ms;
	enum quality_reason counted; /* this often, and no other */
	unsigned count;
} cases[] = {
	{ "one read proves nothing", { { 1, 0 } }, { { 0 } }, METER_PAIR_SEED },
	{ "two reads on the grid make one slot",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD },
	{ "a slot is the time-weighted mean of the pairs that cover it",
	  { { 0, 0 }, { 4000, 500 }, { 10000, 2000 } },
	  { { 10, 1600 } },
	  METER_PAIR_GOOD },
	{ "a pair across a boundary counts on both sides",
	  { { 0, 0 }, { 5000, 625 }, { 15000, 3125 }, { 20000, 3750 } },
	  { { 10, 1500 }, { 20, 1500 } },
	  METER_PAIR_GOOD },
	{ "a slot less than half covered is unknown",
	  { { 5500, 0 }, { 10000, 1000 } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD },
	{ "a slot half covered is known",
	  { { 5000, 0 }, { 10000, 625 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD },
	{ "a lost poll does not read as idle: one mean for all the time between",
	  { { 0, 0 }, { 30000, 3750 } },
	  { { 10, 1000 }, { 20, 1000 }, { 30, 1000 } },
	  METER_PAIR_GOOD },
	{ "more than three intervals apart is unknown",
	  { { 0, 0 }, { 31000, 3875 }, { 40000, 5000 } },
	  { { 10, NAN }, { 40, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_GAP,
	  .count = 1 },
	{ "a 64-bit counter that falls is a reset, and the new value seeds at once",
	  { { 0, 5000 }, { 10000, 100 }, { 20000, 1350 } },
	  { { 10, NAN }, { 20, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_RESET,
	  .count = 1 },
	{ "the pair that shows the reset says so",
	  { { 0, 5000 }, { 10000, 100 } },
	  { { 10, NAN } },
	  METER_PAIR_RESET,
	  .counted = QUALITY_RESET,
	  .count = 1 },
	{ "ifCounterDiscontinuityTime that moves is a discontinuity, whatever the counters say",
	  { { 0, 0 }, { 10000, 1250, .discontinuity = 7 } },
	  { { 10, NAN } },
	  METER_PAIR_DISCONTINUITY,
	  .counted = QUALITY_DISCONTINUITY,
	  .count = 1 },
	{ "sysUpTime that went back is a restart",
	  { { 0, 0 }, { 10000, 1250, .uptime_off_ms = -900000 } },
	  { { 10, NAN } },
	  METER_PAIR_RESTART,
	  .counted = QUALITY_RESTART,
	  .count = 1 },
	{ "an agent that has been up for less than since it was last asked restarted",
	  { { 0, 0, .uptime_off_ms = -999000 }, { 10000, 1250, .uptime_off_ms = -1006000 } },
	  { { 10, NAN } },
	  METER_PAIR_RESTART,
	  .counted = QUALITY_RESTART,
	  .count = 1 },
	{ "the agent's own clock measures the time between, inside what the network leaves open",
	  { { 0, 0 }, { 10000, 1250, .uptime_off_ms = 250, .slack_ms = 400 } },
	  { { 10, 1250 * 8 / 10.25 } },
	  METER_PAIR_GOOD },
	{ "and no further: then ours does",
	  { { 0, 0 }, { 10000, 1250, .uptime_off_ms = 250, .slack_ms = 90 } },
	  { { 10, 1250 * 8 / 10.1 } },
	  METER_PAIR_GOOD,
	  .ours = true },
	{ "an agent's clock that runs three percent fast changes no rate, and is called ours",
	  { { 0, 0 },
	    { 10000, 1250, .uptime_off_ms = 300 },
	    { 20000, 2500, .uptime_off_ms = 600 },
	    { 30000, 3750, .uptime_off_ms = 900 } },
	  { { 10, 1250 * 8 / 10.01 }, { 20, 1000 }, { 30, 1000 } },
	  METER_PAIR_GOOD,
	  .slot_tolerance = 1e-6,
	  .ours = true },
	{ "an agent's clock that leaps proves nothing, once",
	  { { 0, 0 }, { 10000, 1250, .uptime_off_ms = 60000 } },
	  { { 10, NAN } },
	  METER_PAIR_CLOCK,
	  .ours = true,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "after the leap it is believed again",
	  { { 0, 0 },
	    { 10000, 1250, .uptime_off_ms = 60000 },
	    { 20000, 2500, .uptime_off_ms = 60000 } },
	  { { 10, NAN }, { 20, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "an agent's clock that stands still costs one pair; from then on ours counts",
	  { { 0, 0 },
	    { 10000, 1250, .uptime_off_ms = -10000 },
	    { 20000, 2500, .uptime_off_ms = -20000 },
	    { 30000, 3750, .uptime_off_ms = -30000 } },
	  { { 10, NAN }, { 20, 1000 }, { 30, 1000 } },
	  METER_PAIR_GOOD,
	  .ours = true,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "without sysUpTime our clock counts from the start",
	  { { 0, 0, .no_clock = true }, { 10000, 1250, .no_clock = true } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .ours = true },
	{ "a wall clock that leaps forward proves nothing",
	  { { 0, 0 }, { 10000, 1250, .wall_off_ms = 86400000 } },
	  { { 10, NAN } },
	  METER_PAIR_CLOCK,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "a wall clock that leaps back tells nothing until it has been there again",
	  { { 0, 0 },
	    { 10000, 1250 },
	    { 20000, 2500, .wall_off_ms = -86400000 },
	    { 30000, 3750, .wall_off_ms = -86400000 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "a wall clock that steps back three seconds costs a pair and doubles no slot",
	  { { 0, 0 },
	    { 10000, 1250 },
	    { 20000, 2500, .wall_off_ms = -3000 },
	    { 30000, 3750, .wall_off_ms = -3000 },
	    { 40000, 5000, .wall_off_ms = -3000 } },
	  { { 10, 1000 }, { 20, NAN }, { 30, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "a wall clock that steps back tells no time twice",
	  { { 0, 0 },
	    { 10000, 1250 },
	    { 20000, 2500, .wall_off_ms = -15000 },
	    { 30000, 3750, .wall_off_ms = -15000 },
	    { 40000, 5000, .wall_off_ms = -15000 } },
	  { { 10, 1000 }, { 20, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_CLOCK,
	  .count = 1 },
	{ "above 1.05 x the physical capacity is impossible and unknown",
	  { { 0, 0 }, { 10000, 1400000 } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD,
	  .capacity_bps = 1e6,
	  .counted = QUALITY_IMPOSSIBLE,
	  .count = 2 },
	{ "at the physical capacity is possible",
	  { { 0, 0 }, { 10000, 1250000 } },
	  { { 10, 1e6 } },
	  METER_PAIR_GOOD,
	  .capacity_bps = 1e6 },
	{ "without a physical capacity the rate is kept",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .capacity_bps = NAN },
	{ "a wall clock that leaps and is set right again costs two pairs, and not the time it "
	  "leapt",
	  { { 0, 0 },
	    { 10000, 1250 },
	    { 20000, 2500, .wall_off_ms = 86400000 },
	    { 30000, 3750 },
	    { 40000, 5000 } },
	  { { 10, 1000 }, { 20, NAN }, { 40, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_CLOCK,
	  .count = 2 },
	{ "what a slot held before a reset within it counts",
	  { { 0, 9000 }, { 6000, 9750 }, { 7000, 10 }, { 20000, 1635 } },
	  { { 10, 1000 }, { 20, 1000 } },
	  METER_PAIR_GOOD,
	  .counted = QUALITY_RESET,
	  .count = 1 },
	{ "a wall clock that leapt is no silence",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .expire_at_ms = 20000,
	  .expire_wall_off_ms = 86400000 },
	{ "a silent agent leaves no slot before three intervals are over",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .expire_at_ms = 41000 },
	{ "a silent agent's slots are unknown after three intervals",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, 1000 }, { 20, NAN }, { 30, NAN }, { 40, NAN } },
	  METER_PAIR_GOOD,
	  .expire_at_ms = 42000 },
	{ "octets the agent does not have are unknown",
	  { { 0, 0 }, { 10000, 1250, .lacks = 1u << READING_IN_OCTETS } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD },
	{ "a port that says down and counts on is believed to count",
	  { { 0, 0 }, { 10000, 1250, .oper = DOWN } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD },
	{ "a port that says down and stands still is a known zero at once",
	  { { 0, 125000000 }, { 10000, 250000000 }, { 20000, 250000000, .oper = DOWN } },
	  { { 10, 1e8 }, { 20, 0 } },
	  METER_PAIR_GOOD },
	{ "a port that says down and whose octets are unknown is unknown",
	  { { 0, 0 },
	    { 10000, 0, .oper = DOWN,
	      .lacks = 1u << READING_IN_OCTETS | 1u << READING_OUT_OCTETS } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD },
	{ "a busy port that stands still proves nothing yet",
	  { { 0, 0 }, { 10000, 125000000 }, { 20000, 125000000 } },
	  { { 10, 1e8 } },
	  METER_PAIR_SAME },
	{ "what makes up for the pause is the mean of all of it",
	  { { 0, 0 }, { 10000, 125000000 }, { 20000, 125000000 }, { 30000, 375000000 } },
	  { { 10, 1e8 }, { 20, 1e8 }, { 30, 1e8 } },
	  METER_PAIR_GOOD },
	{ "what does not make up for the pause leaves it a zero",
	  { { 0, 0 }, { 10000, 125000000 }, { 20000, 125000000 }, { 30000, 250000000 } },
	  { { 10, 1e8 }, { 20, 0 }, { 30, 1e8 } },
	  METER_PAIR_GOOD },
	{ "a busy port that stands still for three intervals is a known zero for all of them",
	  { { 0, 0 },
	    { 10000, 125000000 },
	    { 20000, 125000000 },
	    { 30000, 125000000 },
	    { 40000, 125000000 },
	    { 50000, 125000000 } },
	  { { 10, 1e8 }, { 20, 0 }, { 30, 0 }, { 40, 0 }, { 50, 0 } },
	  METER_PAIR_GOOD },
	{ "an idle port stays a known zero, interval by interval",
	  { { 0, 0 }, { 10000, 0 }, { 20000, 0 }, { 30000, 0 }, { 40000, 0 }, { 50000, 0 } },
	  { { 10, 0 }, { 20, 0 }, { 30, 0 }, { 40, 0 }, { 50, 0 } },
	  METER_PAIR_GOOD },
	{ "a few packets between pauses do not wait",
	  { { 0, 0 }, { 10000, 3000 }, { 20000, 3000 }, { 30000, 6000 } },
	  { { 10, 2400 }, { 20, 0 }, { 30, 2400 } },
	  METER_PAIR_GOOD },
	{ "two reads in one refresh of a known period prove nothing",
	  { { 0, 0 }, { 10000, 125000000 }, { 20000, 125000000 } },
	  { { 0 } },
	  METER_PAIR_SAME,
	  .refresh_ms = 15000,
	  .any_slots = true },
	{ "nothing moved for longer than the known period: zero, up to a period ago",
	  { { 0, 0 }, { 10000, 0 }, { 20000, 0 }, { 30000, 0 }, { 40000, 0 } },
	  { { 10, 0 }, { 20, 0 }, { 30, 0 } },
	  METER_PAIR_GOOD,
	  .refresh_ms = 5000 },
	{ "32-bit octets below 1 Gbit/s may wrap once",
	  { { 0, 4294967000, .lacks = PACKETS }, { 10000, 954, .lacks = PACKETS } },
	  { { 10, 1000 } },
	  METER_PAIR_GOOD,
	  .capacity_bps = 1e8,
	  .narrow = true },
	{ "32-bit octets that fall by more than a wrap explains were reset",
	  { { 0, 2000000000 }, { 10000, 954 } },
	  { { 10, NAN } },
	  METER_PAIR_RESET,
	  .capacity_bps = 1e8,
	  .narrow = true,
	  .counted = QUALITY_RESET,
	  .count = 1 },
	{ "32-bit octets at 1 Gbit/s and more are not believed, even when they rise",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD,
	  .narrow = true,
	  .counted = QUALITY_WRAP,
	  .count = 1 },
	{ "32-bit octets on a port of unknown speed are not believed",
	  { { 0, 0 }, { 10000, 1250 } },
	  { { 10, NAN } },
	  METER_PAIR_GOOD,
	  .capacity_bps = NAN,
	  .narrow = true,
	  .counted = QUALITY_WRAP,
	  .count = 1 },
	{ "32-bit octets are not believed where they may have wrapped twice",
	  { { 0, 0 }, { 30000, 3750 } },
	  { { 10, NAN }, { 20, NAN }, { 30, NAN } },
	  METER_PAIR_GOOD,
	  .capacity_bps = 0.99e9 * 1.2,
	  .narrow = true,
	  .counted = QUALITY_WRAP,
	  .count = 1 },
};

struct slots {
	struct meter_slot slot[64];
	size_t count;
};

static void
keep_slot(const struct meter_slot *slot, void *user)
{
	struct slots *slots = user;

	assert_true(slots->count < COUNT(slots->slot));
	slots->slot[slots->count++] = *slot;
}

static struct counter_read
read_make(const struct read *r)
{
	struct counter_read read = { .at_mono_ms = 5000 + r->at_ms,
				     .oper = r->oper == DOWN ? READING_OPER_DOWN : READING_OPER_UP,
				     .at_slack_ms = r->slack_ms,
				     .uptime_is_ours = r->no_clock,
				     .speed_bps = NAN };

	read.at_utc_ms = T0 * 1000LL + r->at_ms + r->wall_off_ms;
	read.uptime_ticks = (uint32_t)(100000 + (r->at_ms + r->uptime_off_ms) / 10);
	read.discontinuity_ticks = r->discontinuity;
	for (int i = 0; i < READING_COUNT; i++)
		read.counter[i] = r->octets / 3000; /* frames of 1,000 octets */
	read.counter[READING_IN_OCTETS] = read.counter[READING_OUT_OCTETS] = r->octets;
	read.has = ((1u << READING_COUNT) - 1) & ~r->lacks;
	return read;
}

static void
check_case(void **state)
{
	const struct meter_case *c = *state;
	struct meter meter;
	struct slots got = { .count = 0 };
	enum meter_pair pair = METER_PAIR_SEED;

	meter_init(&meter, INTERVAL);
	meter_refresh_set(&meter, c->refresh_ms);
	for (size_t i = 0; i < COUNT(c->reads) && (i == 0 || c->reads[i].at_ms > 0); i++) {
		struct counter_read read = read_make(&c->reads[i]);

		read.narrow = c->narrow;
		pair = meter_feed(&meter, &read, c->capacity_bps == 0 ? GIGA : c->capacity_bps,
				  keep_slot, &got);
	}
	assert_int_equal(pair, c->last_pair);
	if (c->expire_at_ms > 0)
		meter_expire(&meter, 5000 + c->expire_at_ms,
			     T0 * 1000LL + c->expire_at_ms + c->expire_wall_off_ms, keep_slot,
			     &got);
	assert_int_equal(meter_time_is_ours(&meter), c->ours);
	for (unsigned q = 0; q < QUALITY_COUNT; q++)
		assert_int_equal(meter.quality[q], q == c->counted ? c->count : 0);
	meter_end(&meter);
	if (c->any_slots)
		return;
	size_t want = 0;
	while (want < COUNT(c->want) && c->want[want].end_sec > 0)
		want++;
	assert_int_equal(got.count, want);
	for (size_t i = 0; i < want; i++) {
		double value = got.slot[i].sample.value[COLUMN_IN_BPS];

		assert_int_equal(got.slot[i].sample.end_utc_sec - T0, c->want[i].end_sec);
		assert_int_equal(isnan(value), isnan(c->want[i].in_bps));
		if (!isnan(value) && fabs(value - c->want[i].in_bps) >
					 fmax(c->slot_tolerance, 1e-9) * c->want[i].in_bps)
			fail_msg("slot %zu: %.9g, not %.9g", i, value, c->want[i].in_bps);
	}
}

/* sysUpTime wraps after 497 days: no restart. */
static void
uptime_may_wrap(void **state)
{
	struct meter meter;
	struct slots got = { .count = 0 };
	struct counter_read a = read_make(&(struct read) { 0, 0 }),
			    b = read_make(&(struct read) { 10000, 1250 });

	(void)state;
	a.uptime_ticks = UINT32_MAX - 99;
	b.uptime_ticks = 900;
	meter_init(&meter, INTERVAL);
	meter_feed(&meter, &a, GIGA, keep_slot, &got);
	assert_int_equal(meter_feed(&meter, &b, GIGA, keep_slot, &got), METER_PAIR_GOOD);
	assert_true(fabs(got.slot[0].sample.value[COLUMN_IN_BPS] - 1000) < 1e-6);
}

/* The agent's clock passed 2^32 ticks: a wrap only when our clock counted as much, if a few percent less or more. */
static void
uptime_that_wraps_is_told_from_a_restart(void **state)
{
	static const struct {
		uint32_t old_ticks, now_ticks;
		double elapsed_ms;
		bool restart;
	} rows[] = {
		{ UINT32_MAX - 99, 900, 10000, false },
		{ UINT32_MAX - 99, 940, 10000, false },
		{ UINT32_MAX - 99, 500000, 10000, true },
		{ UINT32_MAX - 99, 3, 10000, true },
		{ UINT32_MAX - 50000, 100, 10000, true },
		{ 5000, 4990, 3, false }, /* an answer that was overtaken */
		{ 5000, 4000, 10000, true },
		{ 100, 500, 60000, true },      /* up for less than since it was last asked */
		{ 5000, 5000, 60000, false },   /* stands still */
		{ 5000, 900000, 10000, false }, /* leaps: no restart, whatever else */
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++)
		if (meter_is_restart(rows[i].old_ticks, rows[i].now_ticks, rows[i].elapsed_ms) !=
		    rows[i].restart)
			fail_msg("row %zu", i);
}

/* Discards and errors are Counter32 on every agent: one wrap is theirs by right. */
static void
discards_may_wrap_once(void **state)
{
	struct meter meter;
	struct slots got = { .count = 0 };
	struct counter_read a = read_make(&(struct read) { 0, 0 }),
			    b = read_make(&(struct read) { 10000, 1250 });

	(void)state;
	a.counter[READING_OUT_DISCARDS] = UINT32_MAX - 9;
	b.counter[READING_OUT_DISCARDS] = 40;
	meter_init(&meter, INTERVAL);
	meter_feed(&meter, &a, GIGA, keep_slot, &got);
	meter_feed(&meter, &b, GIGA, keep_slot, &got);
	assert_true(fabs(got.slot[0].sample.value[COLUMN_OUT_DISCARDS] - 5) < 1e-9);
}

/* A Counter32 of discards that falls leaves the octets alone. */
static void
discards_that_fall_are_unknown_alone(void **state)
{
	struct meter meter;
	struct slots got = { .count = 0 };
	struct counter_read a = read_make(&(struct read) { 0, 0 }),
			    b = read_make(&(struct read) { 10000, 1250 });

	(void)state;
	a.counter[READING_OUT_DISCARDS] = 50;
	meter_init(&meter, INTERVAL);
	meter_feed(&meter, &a, GIGA, keep_slot, &got);
	meter_feed(&meter, &b, GIGA, keep_slot, &got);
	assert_true(isnan(got.slot[0].sample.value[COLUMN_OUT_DISCARDS]));
	assert_false(isnan(got.slot[0].sample.value[COLUMN_OUT_BPS]));
}

/* Octets never get lost or invented on the way: whatever the times of the reads, the slots hold what was counted. */
static void
octets_are_conserved(void **state)
{
	struct meter meter;
	struct slots got = { .count = 0 };
	uint64_t octets = 0, seed = 12345;
	double sum = 0;
	int64_t at_ms = 0;

	(void)state;
	meter_init(&meter, INTERVAL);
	for (int i = 0; i < 60; i++) {
		struct counter_read read = read_make(&(struct read) { at_ms, octets });

		meter_feed(&meter, &read, GIGA, keep_slot, &got);
		seed = seed * 6364136223846793005u + 1442695040888963407u;
		at_ms += 9000 + (int64_t)(seed >> 33) % 199 * 10;
		octets += seed >> 48;
	}
	for (size_t i = 0; i < got.count; i++)
		sum += got.slot[i].sample.value[COLUMN_IN_BPS] * INTERVAL / 8;
	double open_octets = meter.weighted[COLUMN_IN_BPS] / 8000;
	assert_true(fabs(sum + open_octets - (double)meter.last.counter[READING_IN_OCTETS]) < 1e-3);
}

/* Reads i of an uneven stream whose agent refreshes: where a slot ends hangs on the course. */
static void
feed_uneven(struct meter *meter, int first, int last, struct slots *got)
{
	for (int i = first; i < last; i++) {
		struct counter_read read = read_make(&(struct read) {
		    i * 10000 + i % 3 * 700, 1250000 * (uint64_t)(i * 10 - i % 4) });

		meter_feed(meter, &read, GIGA, keep_slot, got);
	}
}

static void
a_copy_goes_on_as_its_original_would(void **state)
{
	struct meter whole, old, copy;
	struct slots want = { .count = 0 }, got = { .count = 0 };

	(void)state;
	meter_init(&whole, INTERVAL);
	meter_init(&old, INTERVAL);
	meter_refresh_set(&whole, 5000);
	meter_refresh_set(&old, 5000);
	feed_uneven(&whole, 0, 30, &want);
	feed_uneven(&old, 0, 15, &got);
	meter_copy(&copy, &old);
	meter_end(&old);
	assert_int_equal(old.refresh_ms, 0);
	feed_uneven(&copy, 15, 30, &got);
	assert_true(want.count > 20);
	assert_int_equal(got.count, want.count);
	for (size_t i = 0; i < want.count; i++)
		assert_true(got.slot[i].sample.value[COLUMN_IN_BPS] ==
			    want.slot[i].sample.value[COLUMN_IN_BPS]);
	meter_end(&copy);
	meter_end(&whole);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 6];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)(uintptr_t)&cases[i] };
	tests[COUNT(cases)] = (struct CMUnitTest)cmocka_unit_test(uptime_may_wrap);
	tests[COUNT(cases) + 1] =
	    (struct CMUnitTest)cmocka_unit_test(discards_that_fall_are_unknown_alone);
	tests[COUNT(cases) + 2] = (struct CMUnitTest)cmocka_unit_test(octets_are_conserved);
	tests[COUNT(cases) + 3] =
	    (struct CMUnitTest)cmocka_unit_test(uptime_that_wraps_is_told_from_a_restart);
	tests[COUNT(cases) + 4] = (struct CMUnitTest)cmocka_unit_test(discards_may_wrap_once);
	tests[COUNT(cases) + 5] =
	    (struct CMUnitTest)cmocka_unit_test(a_copy_goes_on_as_its_original_would);
	return cmocka_run_group_tests_name("meter", tests, NULL, NULL);
}
