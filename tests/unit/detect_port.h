/* detect_port.h - a port for the detector's tests: days written as letters become slots, and what the detector says of
 * them becomes letters again. */
#ifndef TESTS_UNIT_DETECT_PORT_H
#define TESTS_UNIT_DETECT_PORT_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"

#define PORT_STEP_SEC  600
#define PORT_STEPS     144
#define PORT_DAYS_MAX  512
#define PORT_FIRST_DAY 20605 /* 2026-06-01, a Monday */
#define PORT_BPS       1e10
#define PORT_HOUR      3600
#define PORT_SLOTS_MAX ((size_t)PORT_DAYS_MAX * PORT_STEPS)

/* Traffic days of UTC. */
static inline int64_t
port_day_begin(int32_t day, void *user)
{
	(void)user;
	return (int64_t)day * 86400 + 6 * PORT_HOUR;
}

static inline int32_t
port_day_of(int64_t utc_sec, void *user)
{
	(void)user;
	return (int32_t)((utc_sec - 6 * PORT_HOUR) / 86400);
}

/* What a port did: slots, and the utilisations as they were judged. */
struct port_history {
	struct sample slots[PORT_SLOTS_MAX];
	size_t slot_count;
	char told[PORT_DAYS_MAX];        /* the verdict told at the end of each day, as a letter */
	double *judged[DIRECTION_COUNT]; /* by step from PORT_FIRST_DAY on */
};

static inline struct port_history *
port_history_new(void)
{
	struct port_history *history = calloc(1, sizeof(*history));

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		history->judged[i] = malloc(PORT_SLOTS_MAX * sizeof(double));
		for (size_t at = 0; at < PORT_SLOTS_MAX; at++)
			history->judged[i][at] = NAN;
	}
	return history;
}

static inline void
port_history_free(struct port_history *history)
{
	free(history->judged[0]);
	free(history->judged[1]);
	free(history);
}

static inline int64_t
port_index(int64_t start_utc_sec)
{
	return (start_utc_sec - port_day_begin(PORT_FIRST_DAY, NULL)) / PORT_STEP_SEC;
}

static inline void
port_on_sample(const struct detector_sample *sample, void *user)
{
	struct port_history *history = user;

	history->judged[sample->direction][port_index(sample->start_utc_sec)] = sample->utilisation;
}

static inline void
port_past(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	  void *user)
{
	const struct port_history *history = user;

	for (size_t i = 0; i < count; i++) {
		int64_t at = port_index(start_utc_sec) + (int64_t)i;
		int64_t ahead = start_utc_sec + (int64_t)i * PORT_STEP_SEC -
				port_day_begin(PORT_FIRST_DAY, NULL);

		utilisation[i] = ahead >= 0 && at < (int64_t)PORT_SLOTS_MAX
				     ? history->judged[direction][at]
				     : NAN;
	}
}

static const char port_state_letter[] = "DRuFC?."; /* by enum detector_day_state */
static const char port_verdict_letter[] = "!~_-";  /* by enum verdict */

static inline void
port_on_day(enum direction direction, const struct detector_day *day,
	    const struct detector_standing *standing, void *user)
{
	struct port_history *history = user;

	if (direction == DIRECTION_OUT && day->verdict == standing->verdict)
		history->told[day->day - PORT_FIRST_DAY] = port_verdict_letter[day->verdict];
}

static const struct detector_world port_world = {
	.day_begin_utc_sec = port_day_begin,
	.day_of = port_day_of,
	.history = port_past,
	.on_sample = port_on_sample,
	.on_day = port_on_day,
};

/* The share of the capacity at an hour of a day so named; NAN unknown.
 *   . quiet             C two hours full       c 50 minutes full      A full all day
 *   s two spikes of 20 minutes                 W three hours full
 *   ? unknown           - half of it unknown, quiet                   x half of it unknown, two hours full
 *   B busy, 75%         K busy, two hours full T two hours at 92%
 *   r reduced, quiet    R reduced, two hours full   U quiet, capacity doubled from here on
 *   M full from 04:00 to 08:00, half in the next day when followed by m */
static inline double
port_share(char day, double hour)
{
	bool evening = hour >= 14 && hour < 16; /* since 06:00 */
	double base = strchr("BK", day) != NULL ? 0.75 : 0.30;

	if (day == '?' || (strchr("-x", day) != NULL && hour < 12))
		return NAN;
	if (strchr("CKRx", day) != NULL && evening)
		return 1.0;
	if (day == 'T' && evening)
		return 0.92;
	if (day == 'W' && hour >= 14 && hour < 17)
		return 1.0;
	if (day == 'A' || (day == 'M' && hour >= 22) || (day == 'm' && hour < 2))
		return 1.0;
	if (day == 'c' && hour >= 14 && hour < 14.8)
		return 1.0;
	if (day == 's' && ((hour >= 14 && hour < 14.3) || (hour >= 18 && hour < 18.3)))
		return 1.0;
	return base;
}

/* Slots of PORT_STEP_SEC, out only, for a string of days. */
static inline void
port_history_fill(struct port_history *history, const char *days)
{
	double capacity_bps = PORT_BPS;

	for (size_t day = 0; days[day] != '\0'; day++) {
		if (days[day] == 'U')
			capacity_bps *= 2;
		for (int i = 0; i < PORT_STEPS; i++) {
			struct sample *slot = &history->slots[history->slot_count++];
			double here_bps =
			    strchr("rR", days[day]) != NULL ? capacity_bps / 2 : capacity_bps;
			double share = port_share(days[day], i / 6.0);

			*slot = (struct sample) { .step_sec = PORT_STEP_SEC };
			slot->end_utc_sec = port_day_begin(PORT_FIRST_DAY + (int32_t)day, NULL) +
					    (int64_t)(i + 1) * PORT_STEP_SEC;
			for (int c = 0; c < COLUMN_COUNT; c++)
				slot->value[c] = NAN;
			slot->value[COLUMN_OUT_BPS] = share * here_bps;
			slot->value[COLUMN_CAPACITY_BPS] = isnan(share) ? NAN : here_bps;
		}
	}
}

static inline struct detector *
port_detector_new(struct port_history *history, enum profile profile, enum detector_keep keep)
{
	struct detector_settings settings;
	struct detector *d = NULL;

	detector_settings_init(&settings, profile);
	settings.step_sec = PORT_STEP_SEC;
	detector_new(&d, &settings, PORT_STEP_SEC, keep, &port_world, history, NULL);
	return d;
}

/* States and verdicts of the days at hand, a letter each. */
static inline void
port_describe(struct detector *d, char *states, char *verdicts)
{
	size_t count = detector_day_count(d);
	struct detector_day day;

	for (size_t i = 0; i < count; i++) {
		detector_day_get(d, DIRECTION_OUT, i, &day);
		states[i] = port_state_letter[day.state];
		verdicts[i] = port_verdict_letter[day.verdict];
	}
	states[count] = verdicts[count] = '\0';
}

#endif
