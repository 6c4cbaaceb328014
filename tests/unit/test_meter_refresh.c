/* links: measure/meter.c measure/refresh.c measure/taken.c measure/utilisation.c */
/* test_meter_refresh.c - agents that take their counters in steps, against traffic of closed form: every refresh period of
 * 1 to 30 s by every interval of 1 to 60 s, at phases of chance. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "measure/meter.h"
#include "measure/refresh.h"

#define COUNT(a)   (sizeof(a) / sizeof((a)[0]))
#define T0         INT64_C(1000000800) /* on every grid that is tried */
#define WARM_SEC   1200                /* for the course to settle, and one slot of any interval */
#define HOUR_SEC   3600
#define PHASES     6
#define OCTETS_SEC 1e6

static uint64_t seed = 4711;

/* 0..1 */
static double
chance(void)
{
	seed = seed * 6364136223846793005u + 1442695040888963407u;
	return (double)(seed >> 11) / 9007199254740992.0;
}

/* Octets until `t` seconds. */
typedef double course(double t);

static double
steady(double t)
{
	return OCTETS_SEC * t;
}

/* Up and down by half within ten minutes. */
static double
wave(double t)
{
	const double period = 600, turn = 2 * 3.14159265358979323846;

	return OCTETS_SEC * (t - 0.5 * period / turn * (cos(turn * t / period) - 1));
}

/* Five minutes of traffic, five of nothing. */
static double
pauses(double t)
{
	double whole = floor(t / 600), rest = fmin(t - 600 * whole, 300);

	return OCTETS_SEC * (300 * whole + rest);
}

struct stage {
	course *octets;
	unsigned interval_sec;
	double refresh_sec, refresh_phase, poll_phase;
	struct meter meter;
	/* of the slots of the hour: */
	unsigned count, unknown, zero, nonzero;
	double octets_sum, error_sq, error_max;
	/* from the first read of the hour on: */
	bool counting;
	uint64_t counter_before;
	double open_before, all_octets;
};

static void
on_slot(const struct meter_slot *slot, void *user)
{
	struct stage *stage = user;
	double end = (double)(slot->sample.end_utc_sec - T0), from = end - stage->interval_sec;
	double octets = slot->sample.value[COLUMN_IN_BPS] / 8 * stage->interval_sec;
	double truth = stage->octets(end) - stage->octets(from), error;

	if (!isnan(octets))
		stage->all_octets += octets;
	if (from < WARM_SEC || end > WARM_SEC + HOUR_SEC)
		return;
	stage->count++;
	if (isnan(octets)) {
		stage->unknown++;
		return;
	}
	error = fabs(octets - truth) / (OCTETS_SEC * stage->interval_sec);
	stage->octets_sum += octets;
	stage->error_sq += error * error;
	stage->error_max = fmax(stage->error_max, error);
	stage->zero += octets == 0;
	stage->nonzero += octets != 0;
}

/* What the agent says at `t`: its counters are of its last refresh. */
static struct counter_read
read_at(const struct stage *stage, double t)
{
	double since = fmod(t - stage->refresh_phase + stage->refresh_sec, stage->refresh_sec);
	uint64_t octets = (uint64_t)stage->octets(fmax(t - since, 0));
	struct counter_read read = { .at_mono_ms = 5000 + (int64_t)(t * 1000),
				     .at_utc_ms = T0 * 1000 + (int64_t)(t * 1000),
				     .at_slack_ms = 2,
				     .uptime_ticks = 1000000 + (uint32_t)(t * 100),
				     .has = (1u << READING_COUNT) - 1,
				     .oper = READING_OPER_UP,
				     .speed_bps = 1e9 };

	read.counter[READING_IN_OCTETS] = read.counter[READING_OUT_OCTETS] = octets;
	read.counter[READING_IN_UCAST] = read.counter[READING_OUT_UCAST] = octets / 1000;
	return read;
}

static double
open_octets(const struct meter *meter)
{
	return meter->weighted[COLUMN_IN_BPS] / 8000;
}

static void
stage_play(struct stage *stage, course *octets, unsigned interval_sec, double refresh_sec,
	   uint32_t told_ms)
{
	*stage = (struct stage) { .octets = octets,
				  .interval_sec = interval_sec,
				  .refresh_sec = refresh_sec,
				  .refresh_phase = chance() * refresh_sec,
				  .poll_phase = chance() * interval_sec };
	meter_init(&stage->meter, interval_sec);
	meter_refresh_set(&stage->meter, told_ms);
	for (double t = stage->poll_phase; t < WARM_SEC + HOUR_SEC + 300; t += interval_sec) {
		struct counter_read read = read_at(stage, t + 0.004 * chance());

		meter_feed(&stage->meter, &read, 1e9, on_slot, stage);
		if (t < WARM_SEC || stage->counting)
			continue;
		stage->counting = true;
		stage->counter_before = read.counter[READING_IN_OCTETS];
		stage->open_before = open_octets(&stage->meter);
		stage->all_octets = 0;
	}
	meter_end(&stage->meter);
}

static const unsigned intervals[] = { 1, 2, 5, 10, 15, 30, 60 };
static const double periods[] = { 1, 1.5, 2, 2.5, 3, 4, 5, 7, 10, 12, 15, 20, 30 };

/* Every octet that the agent counted is on the grid, or in the open slot, or waits for the next refresh: none twice. */
static void
assert_conserved(const struct stage *stage)
{
	double laid = stage->all_octets + open_octets(&stage->meter) - stage->open_before;
	double counted =
	    (double)(stage->meter.last.counter[READING_IN_OCTETS] - stage->counter_before);

	if (fabs(laid - counted) > 1e-4 * counted)
		fail_msg("interval %u refresh %.2f: counted %.0f, laid %.0f", stage->interval_sec,
			 stage->refresh_sec, counted, laid);
}

static void
play_all(course *octets, double error_max(const struct stage *),
	 double rms_max(const struct stage *))
{
	for (size_t i = 0; i < COUNT(intervals); i++)
		for (size_t k = 0; k < COUNT(periods) * PHASES; k++) {
			double period = periods[k / PHASES];
			struct stage stage;
			double truth, rms, slack;

			/* The agent's own clock, and what was learned of it, are a little off. */
			stage_play(&stage, octets, intervals[i], period * (0.995 + 0.01 * chance()),
				   (uint32_t)(period * (970 + 60 * chance())));
			rms = sqrt(stage.error_sq / stage.count);
			truth = octets(WARM_SEC + HOUR_SEC) - octets(WARM_SEC);
			/* 0.1%, and what may lie on the other side of either end: nobody knows when within a
			 * refresh the counters were taken. */
			slack = 0.001 * truth + 2.2 * stage.refresh_sec * OCTETS_SEC;
			if (stage.unknown > 0 || stage.error_max > error_max(&stage) ||
			    rms > rms_max(&stage) || fabs(stage.octets_sum - truth) > slack)
				fail_msg("interval %u refresh %.3f: %u unknown, worst slot %.3f of "
					 "%.3f, rms %.3f of %.3f, hour %+.5f",
					 stage.interval_sec, stage.refresh_sec, stage.unknown,
					 stage.error_max, error_max(&stage), rms, rms_max(&stage),
					 stage.octets_sum / truth - 1);
			assert_conserved(&stage);
		}
}

/* No slot's edge is moved by more than a refresh.  Where refreshes keep step with the polls nobody can tell whether the
 * counters are fresh or a refresh old, and one more or less of them in the end shows: but never an empty or a doubled slot. */
static double
steady_error(const struct stage *stage)
{
	return fmin(1.1 * stage->refresh_sec / stage->interval_sec, 0.95);
}

static double
steady_rms(const struct stage *stage)
{
	(void)stage;
	return 0.1;
}

static void
a_steady_stream_reads_steady(void **state)
{
	(void)state;
	play_all(steady, steady_error, steady_rms);
}

static double
wave_error(const struct stage *stage)
{
	return fmin(2.2 * 1.5 * stage->refresh_sec / stage->interval_sec, 1.5);
}

static double
wave_rms(const struct stage *stage)
{
	(void)stage;
	return 0.36;
}

static void
a_wave_is_followed(void **state)
{
	(void)state;
	play_all(wave, wave_error, wave_rms);
}

/* Of 3,600 s half are idle: but for a refresh and a slot or two at either end of a pause, they are known zeros. */
static void
a_pause_is_a_known_zero(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(intervals); i++)
		for (size_t k = 0; k < COUNT(periods); k++) {
			struct stage stage;
			double edge_sec, least;

			stage_play(&stage, pauses, intervals[i], periods[k],
				   (uint32_t)(periods[k] * 1000));
			edge_sec = 2.4 * periods[k] + 3.0 * intervals[i];
			least = 6 * (300 - edge_sec) / intervals[i];
			assert_int_equal(stage.unknown, 0);
			if (stage.zero < least || stage.nonzero < least)
				fail_msg("interval %u refresh %.1f: %u zero, %u not, of %u",
					 intervals[i], periods[k], stage.zero, stage.nonzero,
					 stage.count);
		}
}

/* The same without knowing of the refreshes: never more than what was counted. */
static void
unknown_refreshes_lose_nothing(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(intervals); i++)
		for (size_t k = 0; k < COUNT(periods); k++) {
			struct stage stage;

			stage_play(&stage, steady, intervals[i], periods[k], 0);
			assert_conserved(&stage);
		}
}

/* --- the look --- */

static enum refresh_found
look(struct refresh *refresh, const struct stage *stage, double t)
{
	enum refresh_found found;

	refresh_begin(refresh);
	for (;; t += (double)refresh_wait_ms(refresh) / 1000 + 0.02 * chance()) {
		struct counter_read read = read_at(stage, t);

		found = refresh_feed(refresh, &read);
		if (found != REFRESH_LOOKING)
			return found;
	}
}

static void
the_period_is_found(void **state)
{
	(void)state;
	for (size_t k = 0; k < COUNT(periods) * 50; k++) {
		double period = periods[k / 50];
		struct stage stage = { .octets = wave,
				       .refresh_sec = period,
				       .refresh_phase = chance() * period };
		struct refresh refresh = { 0 };

		assert_int_equal(look(&refresh, &stage, 1000 * chance()), REFRESH_PERIOD);
		if (fabs(refresh.period_ms / 1000.0 / period - 1) > 0.16)
			fail_msg("%.2f s found as %u ms", period, refresh.period_ms);
	}
}

static void
an_agent_that_counts_as_asked_has_none(void **state)
{
	struct stage stage = { .octets = wave, .refresh_sec = 0.01 };
	struct refresh refresh = { .period_ms = 5000 };

	(void)state;
	assert_int_equal(look(&refresh, &stage, 10), REFRESH_NONE);
	assert_int_equal(refresh.period_ms, 0);
}

static double
trickle(double t)
{
	return 5000 * t;
}

static void
a_port_of_few_packets_proves_nothing(void **state)
{
	struct stage stage = { .octets = trickle, .refresh_sec = 3 };
	struct refresh refresh = { .period_ms = 5000 };

	(void)state;
	assert_int_equal(look(&refresh, &stage, 10), REFRESH_UNCLEAR);
	assert_int_equal(refresh.period_ms, 5000);
}

/* Seven seconds of traffic, three of none. */
static double
bursts(double t)
{
	double whole = floor(t / 10);

	return OCTETS_SEC * (7 * whole + fmin(t - 10 * whole, 7));
}

static void
traffic_that_pauses_is_no_refresh(void **state)
{
	(void)state;
	for (int i = 0; i < 200; i++) {
		struct stage stage = { .octets = bursts, .refresh_sec = 0.01 };
		struct refresh refresh = { 0 };

		look(&refresh, &stage, 100 * chance());
		assert_int_equal(refresh.period_ms, 0);
	}
}

static void
counters_that_fall_end_the_look(void **state)
{
	struct stage stage = { .octets = wave, .refresh_sec = 3 };
	struct counter_read high = read_at(&stage, 900), low = read_at(&stage, 100);
	struct refresh refresh = { 0 };

	(void)state;
	refresh_begin(&refresh);
	assert_int_equal(refresh_feed(&refresh, &high), REFRESH_LOOKING);
	assert_int_equal(refresh_feed(&refresh, &low), REFRESH_UNCLEAR);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_steady_stream_reads_steady),
		cmocka_unit_test(a_wave_is_followed),
		cmocka_unit_test(a_pause_is_a_known_zero),
		cmocka_unit_test(unknown_refreshes_lose_nothing),
		cmocka_unit_test(the_period_is_found),
		cmocka_unit_test(an_agent_that_counts_as_asked_has_none),
		cmocka_unit_test(a_port_of_few_packets_proves_nothing),
		cmocka_unit_test(traffic_that_pauses_is_no_refresh),
		cmocka_unit_test(counters_that_fall_end_the_look),
	};

	return cmocka_run_group_tests_name("meter_refresh", tests, NULL, NULL);
}
