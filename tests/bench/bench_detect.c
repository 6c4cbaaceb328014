/* links: detect/detector.c detect/checkpoint.c detect/checkpoint_check.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/days_pack.c detect/coder.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* bench_detect.c - how fast the detector's core is: samples a second, and memory a port.
 * A sample is one step of one direction. */
#include <malloc.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "detect/detector.h"

#define STEP_SEC  300
#define STEPS     (5 * 365 * 288)
#define ROUNDS    5
#define PORTS     100
#define T0        INT64_C(1780293600)
#define FIRST_DAY 20605

static int64_t
day_begin(int32_t day, void *user)
{
	(void)user;
	return (int64_t)day * 86400 + 6 * 3600;
}

static int32_t
day_of(int64_t utc_sec, void *user)
{
	(void)user;
	return (int32_t)((utc_sec - 6 * 3600) / 86400);
}

static void
history(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	void *user)
{
	(void)direction, (void)start_utc_sec, (void)user;
	for (size_t i = 0; i < count; i++)
		utilisation[i] = 0.4;
}

static const struct detector_world world = { .day_begin_utc_sec = day_begin,
					     .day_of = day_of,
					     .history = history };

/* In follows the sun; out is full for some hours of every evening, or of one in thirty. */
static void
fill(struct sample *steps, int full_every_days)
{
	for (int i = 0; i < STEPS; i++) {
		struct sample *step = &steps[i];
		double sun = (sin(i / 288.0 * 2 * M_PI) + 1) / 2;
		int full = i / 288 % full_every_days == 0 && i % 288 > 240;

		step->step_sec = STEP_SEC;
		step->end_utc_sec = T0 + (int64_t)(i + 1) * STEP_SEC;
		for (int c = 0; c < COLUMN_COUNT; c++)
			step->value[c] = NAN;
		step->value[COLUMN_IN_BPS] = 6e9 * sun;
		step->value[COLUMN_OUT_BPS] = full ? 9.7e9 : 7e9 * sun;
		step->value[COLUMN_IN_PPS] = step->value[COLUMN_IN_BPS] / 8 / 700;
		step->value[COLUMN_OUT_PPS] = step->value[COLUMN_OUT_BPS] / 8 / 900;
		step->value[COLUMN_OUT_DISCARDS] = 0;
		step->value[COLUMN_CAPACITY_BPS] = 1e10;
	}
}

static double
now_sec(void)
{
	struct timespec ts;

	clock_gettime(CLOCK_MONOTONIC, &ts);
	return (double)ts.tv_sec + (double)ts.tv_nsec / 1e9;
}

/* What many ports take after half a year, without what the allocator keeps ready. */
static size_t
octets_a_port(const struct sample *steps)
{
	struct detector *ports[PORTS];
	struct detector_settings settings;
	size_t before = mallinfo2().uordblks, octets;

	detector_settings_init(&settings, PROFILE_EARLY);
	for (int p = 0; p < PORTS; p++) {
		if (!detector_new(&ports[p], &settings, STEP_SEC, DETECTOR_KEEP_NEEDED, &world,
				  NULL, NULL))
			exit(1);
		for (int i = 0; i < 180 * 288; i++)
			detector_feed_step(ports[p], &steps[i]);
	}
	octets = (mallinfo2().uordblks - before) / PORTS;
	for (int p = 0; p < PORTS; p++)
		detector_free(ports[p]);
	return octets;
}

static void
measure(const char *what, const struct sample *steps)
{
	struct detector_settings settings;
	struct detector_standing standing;
	double best_sec = INFINITY;
	size_t blob_len = 0;
	void *blob;

	detector_settings_init(&settings, PROFILE_EARLY);
	for (int round = 0; round < ROUNDS; round++) {
		struct detector *d;
		double began;

		if (!detector_new(&d, &settings, STEP_SEC, DETECTOR_KEEP_NEEDED, &world, NULL,
				  NULL))
			exit(1);
		began = now_sec();
		for (int i = 0; i < STEPS; i++)
			detector_feed_step(d, &steps[i]);
		detector_standing_get(d, DIRECTION_OUT, &standing);
		best_sec = fmin(best_sec, now_sec() - began);
		if (detector_save(d, &blob, &blob_len, NULL))
			free(blob);
		detector_free(d);
	}
	printf("%-20s %5.1f million samples/s, %5.1f ns, %zu octets a port; checkpoint %zu octets; "
	       "verdict %s\n",
	       what, 2 * STEPS / best_sec / 1e6, best_sec / STEPS * 1e9, octets_a_port(steps),
	       blob_len, model_verdict_name(standing.verdict));
	printf("%-20s 100,000 ports, one step: %.2f s of CPU\n", "", best_sec / STEPS * 100000);
}

int
main(void)
{
	struct sample *steps = malloc(STEPS * sizeof(*steps));

	if (steps == NULL)
		return 1;
	fill(steps, 30);
	measure("full once a month", steps);
	fill(steps, 1);
	measure("full every evening", steps);
	free(steps);
	return 0;
}
