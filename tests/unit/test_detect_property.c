/* links: detect/detector.c detect/checkpoint.c detect/checkpoint_check.c detect/coder.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/days_pack.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* test_detect_property.c - what holds for every history: random ones, whose seed is printed and can be asked for again
 * (IXWATCH_SEED=).  Slots of 5 minutes, steps of 10; the zone's clock is put back once, so that one day has 25 hours. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "detect/detector.h"

#define SLOT_SEC     300
#define STEP_SEC     600
#define DAY_SEC      86400
#define DAY_SLOTS    (DAY_SEC / SLOT_SEC)
#define DAYS_MAX     140
#define SLOTS_MAX    ((size_t)DAYS_MAX * DAY_SLOTS)
#define STEPS_MAX    (SLOTS_MAX / 2)
#define EPISODES_MAX 4096
#define FIRST_DAY    20605 /* 2026-06-01, a Monday */
#define LEAP_DAY     (FIRST_DAY + 40)
#define SEED_DEFAULT 20260601
#define TEXT_SIZE    ((size_t)1 << 20)

/* --- chance --- */

static uint64_t base_seed = SEED_DEFAULT;

struct chance {
	uint64_t state;
};

/* xorshift64*: the same everywhere. */
static uint64_t
chance_next(struct chance *c)
{
	c->state ^= c->state >> 12;
	c->state ^= c->state << 25;
	c->state ^= c->state >> 27;
	return c->state * UINT64_C(2685821657736338717);
}

static double
chance_share(struct chance *c)
{
	return (double)(chance_next(c) >> 11) / 9007199254740992.0;
}

static int
chance_int(struct chance *c, int below)
{
	return (int)(chance_share(c) * below);
}

static double
chance_between(struct chance *c, double low, double high)
{
	return low + (high - low) * chance_share(c);
}

static struct chance
chance_of(int round)
{
	struct chance c = { base_seed * UINT64_C(0x9e3779b97f4a7c15) + (uint64_t)round + 1 };

	for (int i = 0; i < 8; i++)
		chance_next(&c);
	return c;
}

/* --- the world --- */

struct life {
	struct detector_settings settings;
	struct detector_terms terms;
	size_t window_count;
	struct detector_window windows[4];
	size_t slot_count;
	struct sample slots[SLOTS_MAX];
	double judged[DIRECTION_COUNT][STEPS_MAX];
	size_t episode_count;
	struct detector_episode episodes[EPISODES_MAX];
};

static int64_t
day_begin(int32_t day, void *user)
{
	(void)user;
	return (int64_t)day * DAY_SEC + 6 * 3600 + (day > LEAP_DAY ? 3600 : 0);
}

static int32_t
day_of(int64_t utc_sec, void *user)
{
	int32_t day = (int32_t)((utc_sec - 6 * 3600) / DAY_SEC);

	return day_begin(day, user) > utc_sec ? day - 1 : day;
}

static int64_t
step_index(int64_t start_utc_sec)
{
	return (start_utc_sec - day_begin(FIRST_DAY, NULL)) / STEP_SEC;
}

static void
past(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation, void *user)
{
	const struct life *life = user;

	for (size_t i = 0; i < count; i++) {
		int64_t at_utc_sec = start_utc_sec + (int64_t)i * STEP_SEC;
		int64_t at = step_index(at_utc_sec);
		bool kept = at_utc_sec >= day_begin(FIRST_DAY, NULL) && at < (int64_t)STEPS_MAX;

		utilisation[i] = kept ? life->judged[direction][at] : NAN;
	}
}

static void
on_sample(const struct detector_sample *sample, void *user)
{
	struct life *life = user;

	life->judged[sample->direction][step_index(sample->start_utc_sec)] = sample->utilisation;
}

/* As the ledger does: the row of that direction and start, or a new one. */
static void
on_episode(const struct detector_episode *episode, enum detector_change change, void *user)
{
	struct life *life = user;
	size_t i = life->episode_count;

	(void)change;
	while (i > 0 && (life->episodes[i - 1].direction != episode->direction ||
			 life->episodes[i - 1].start_utc_sec != episode->start_utc_sec))
		i--;
	if (i == 0) {
		assert_true(life->episode_count < EPISODES_MAX);
		i = ++life->episode_count;
	}
	life->episodes[i - 1] = *episode;
}

static const struct detector_world world = {
	.day_begin_utc_sec = day_begin,
	.day_of = day_of,
	.history = past,
	.on_sample = on_sample,
	.on_episode = on_episode,
};

static struct detector *
detector_make(struct life *life, enum detector_keep keep)
{
	struct detector *d = NULL;

	assert_true(detector_new(&d, &life->settings, SLOT_SEC, keep, &world, life, NULL));
	detector_terms_set(d, &life->terms);
	assert_true(detector_windows_set(d, life->windows, life->window_count, NULL));
	return d;
}

static void
life_forget(struct life *life)
{
	life->episode_count = 0;
	for (int i = 0; i < DIRECTION_COUNT; i++)
		for (size_t at = 0; at < STEPS_MAX; at++)
			life->judged[i][at] = NAN;
}

static struct life *
life_new(void)
{
	struct life *life = calloc(1, sizeof(*life));

	assert_non_null(life);
	detector_settings_init(&life->settings, PROFILE_EARLY);
	life->settings.step_sec = STEP_SEC;
	life->terms = (struct detector_terms) { .contracted_bps = NAN,
						.nominal_capacity_bps = NAN,
						.discards_trusted = true };
	life_forget(life);
	return life;
}

/* --- histories --- */

static struct sample *
slot_add(struct life *life)
{
	struct sample *slot = &life->slots[life->slot_count];

	assert_true(life->slot_count < SLOTS_MAX);
	life->slot_count++;
	slot->step_sec = SLOT_SEC;
	slot->end_utc_sec = day_begin(FIRST_DAY, NULL) + (int64_t)life->slot_count * SLOT_SEC;
	for (int c = 0; c < COLUMN_COUNT; c++)
		slot->value[c] = NAN;
	return slot;
}

static void
slot_fill(struct sample *slot, double capacity_bps, double in_share, double out_share)
{
	slot->value[COLUMN_CAPACITY_BPS] = capacity_bps;
	slot->value[COLUMN_IN_BPS] = in_share * capacity_bps;
	slot->value[COLUMN_OUT_BPS] = out_share * capacity_bps;
}

/* How a random port lives: chances of each kind of day. */
struct habits {
	double full_evening, flash_day, spike, gap, lost_slot, reduced, upgrade, discards;
};

static struct habits
habits_of(struct chance *c)
{
	return (struct habits) {
		.full_evening = chance_share(c) * chance_share(c),
		.flash_day = 0.1 * chance_share(c),
		.spike = 0.02 * chance_share(c),
		.gap = chance_int(c, 3) == 0 ? 0.3 : 0.02,
		.lost_slot = chance_int(c, 2) * 0.1 * chance_share(c),
		.reduced = chance_int(c, 3) == 0 ? 0.1 : 0,
		.upgrade = chance_int(c, 3) == 0 ? 0.02 : 0,
		.discards = chance_int(c, 2) * 0.3 * chance_share(c),
	};
}

/* One day: a busy stretch of the evening, spikes, a gap; what it adds are DAY_SLOTS slots. */
static void
day_add(struct life *life, struct chance *c, const struct habits *habits, double *capacity_bps)
{
	int evening = chance_int(c, 200), evening_len = 6 + chance_int(c, 60);
	int gap = chance_int(c, DAY_SLOTS), gap_len = 1 + chance_int(c, 150);
	bool is_full = chance_share(c) < habits->full_evening,
	     is_flash = chance_share(c) < habits->flash_day,
	     has_gap = chance_share(c) < habits->gap;
	double busy = chance_between(c, 0.5, 0.84);
	double here_bps;

	*capacity_bps *= chance_share(c) < habits->upgrade ? 2 : 1;
	here_bps = *capacity_bps * (chance_share(c) < habits->reduced ? 0.5 : 1);
	for (int i = 0; i < DAY_SLOTS; i++) {
		struct sample *slot = slot_add(life);
		bool hot = (i >= evening && i < evening + evening_len && is_full) ||
			   (is_flash && i > 60) || chance_share(c) < habits->spike;
		double out = hot ? chance_between(c, 0.86, 1.0) : busy * chance_between(c, 0.3, 1);

		if ((has_gap && i >= gap && i < gap + gap_len) ||
		    chance_share(c) < habits->lost_slot)
			continue;
		slot_fill(slot, here_bps, chance_between(c, 0.05, hot ? 1 : 0.6), out);
		slot->value[COLUMN_OUT_PPS] = slot->value[COLUMN_OUT_BPS] / 8 / 900;
		slot->value[COLUMN_OUT_DISCARDS] =
		    chance_share(c) < habits->discards ? slot->value[COLUMN_OUT_PPS] * 0.002 : 0;
	}
}

static struct life *
random_life(struct chance *c)
{
	struct life *life = life_new();
	struct habits habits = habits_of(c);
	double capacity_bps = 1e10;
	int days = 20 + chance_int(c, DAYS_MAX - 20);

	if (chance_int(c, 2) == 0)
		detector_settings_init(&life->settings, PROFILE_PROOF);
	life->settings.step_sec = STEP_SEC;
	if (chance_int(c, 4) == 0)
		life->terms.contracted_bps = 9e9;
	life->window_count = (size_t)chance_int(c, 4);
	for (size_t i = 0; i < life->window_count; i++) {
		int64_t start = day_begin(FIRST_DAY + chance_int(c, days), NULL);

		life->windows[i] =
		    (struct detector_window) { start,
					       start + 1 + chance_int(c, DETECTOR_WINDOW_MAX_SEC),
					       (enum detector_cause)chance_int(c, CAUSE_COUNT) };
	}
	for (int day = 0; day < days; day++)
		day_add(life, c, &habits, &capacity_bps);
	return life;
}

/* --- everything a detector says, as one text --- */

static void
say_episodes(char *text, struct life *life, struct detector *d)
{
	size_t at = strlen(text);

	for (size_t i = 0; i < life->episode_count; i++) {
		const struct detector_episode *e = &life->episodes[i];

		at += (size_t)snprintf(text + at, TEXT_SIZE - at, "%d %d %d %lld-%lld %a %a %d\n",
				       e->direction, e->kind, e->open, (long long)e->start_utc_sec,
				       (long long)e->end_utc_sec, e->peak_utilisation,
				       e->mean_utilisation, detector_excuse_of(d, e));
	}
}

static void
say_direction(char *text, struct detector *d, enum direction direction)
{
	size_t at = strlen(text);
	struct detector_standing s;
	struct detector_flags f;
	struct detector_day day;

	detector_standing_get(d, direction, &s);
	detector_flags_get(d, direction, &f);
	at += (size_t)snprintf(
	    text + at, TEXT_SIZE - at,
	    "%d: %d since %d, stale %d %d %d, rules %x, epoch %d %d %d, %u %u %u; "
	    "%d%d%d%d\n",
	    direction, s.verdict, s.verdict_since, s.stale, s.stale ? (int)s.stale_verdict : -1,
	    s.stale ? s.stale_since : 0, s.rules, s.epoch,
	    s.epoch != DETECTOR_NO_DAY ? (int)s.epoch_verdict : -1, s.cured, s.valid_days_28,
	    s.declared_days_28, s.withdrawn_days_28, f.saturated, f.loss, f.microburst, f.hot);
	for (size_t i = 0; i < detector_day_count(d); i++) {
		detector_day_get(d, direction, i, &day);
		at += (size_t)snprintf(text + at, TEXT_SIZE - at, "%d %d%d %a %lld %lld %d %d\n",
				       day.day, day.valid, day.congested, day.known_share,
				       (long long)day.congested_sec, (long long)day.run_sec,
				       day.state, day.verdict);
	}
}

static char *
say(struct life *life, struct detector *d)
{
	char *text = calloc(1, TEXT_SIZE);

	assert_non_null(text);
	assert_false(detector_failed(d));
	say_episodes(text, life, d);
	say_direction(text, d, DIRECTION_IN);
	say_direction(text, d, DIRECTION_OUT);
	assert_true(strlen(text) + 1024 < TEXT_SIZE);
	return text;
}

static char *
live_through(struct life *life, enum detector_keep keep)
{
	struct detector *d = detector_make(life, keep);
	char *text;

	life_forget(life);
	for (size_t i = 0; i < life->slot_count; i++)
		assert_true(detector_feed_slot(d, &life->slots[i]));
	text = say(life, d);
	detector_free(d);
	return text;
}

static void
assert_same(char *a, char *b, int round)
{
	if (strcmp(a, b) != 0) {
		size_t at = 0;

		while (a[at] == b[at])
			at++;
		while (at > 0 && a[at - 1] != '\n')
			at--;
		fail_msg("IXWATCH_SEED=%llu, history %d:\n%.200s\nis not\n%.200s",
			 (unsigned long long)base_seed, round, a + at, b + at);
	}
	free(a);
	free(b);
}

/* --- the histories are worth it --- */

static void
check_rich(void **state)
{
	unsigned states[DAY_STATE_COUNT] = { 0 }, verdicts[VERDICT_COUNT] = { 0 };
	struct detector_day day;

	(void)state;
	for (int round = 0; round < 60; round++) {
		struct chance c = chance_of(round);
		struct life *life = random_life(&c);
		struct detector *d = detector_make(life, DETECTOR_KEEP_ALL);

		for (size_t i = 0; i < life->slot_count; i++)
			assert_true(detector_feed_slot(d, &life->slots[i]));
		for (size_t i = 0; i < detector_day_count(d); i++) {
			detector_day_get(d, DIRECTION_OUT, i, &day);
			states[day.state]++;
			verdicts[day.verdict]++;
		}
		detector_free(d);
		free(life);
	}
	for (int s = 0; s < DAY_STATE_COUNT; s++)
		printf("%s%u %s", s ? ", " : "", states[s],
		       detector_day_state_name((enum detector_day_state)s));
	for (int v = 0; v < VERDICT_COUNT; v++)
		printf("%s%u %s", v ? ", " : "; ", verdicts[v],
		       model_verdict_name((enum verdict)v));
	printf("\n");
	for (int s = 0; s < DAY_STATE_COUNT; s++)
		assert_true(states[s] >= 10);
	for (int v = 0; v < VERDICT_COUNT; v++)
		assert_true(verdicts[v] >= 100);
}

/* --- live equals replay --- */

/* The mean of a column over the slots of a step in which it and the rate are known; unknown below half. */
static double
step_mean(const struct sample *slots, enum column column, enum column rate)
{
	double sum = 0;
	int count = 0;

	for (int i = 0; i < STEP_SEC / SLOT_SEC; i++) {
		if (isnan(slots[i].value[column]) || isnan(slots[i].value[rate]))
			continue;
		sum += slots[i].value[column];
		count++;
	}
	return 2 * count >= STEP_SEC / SLOT_SEC ? sum / count : NAN;
}

static struct sample
step_of(const struct sample *slots)
{
	struct sample step = { .end_utc_sec = slots[STEP_SEC / SLOT_SEC - 1].end_utc_sec,
			       .step_sec = STEP_SEC };

	for (int c = 0; c < COLUMN_COUNT; c++)
		step.value[c] =
		    step_mean(slots, (enum column)c,
			      c == COLUMN_IN_BPS || c == COLUMN_IN_PPS || c == COLUMN_IN_DISCARDS
				  ? COLUMN_IN_BPS
				  : COLUMN_OUT_BPS);
	return step;
}

static void
check_steps(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct chance c = chance_of(round);
		struct life *life = random_life(&c);
		char *live = live_through(life, DETECTOR_KEEP_ALL);
		struct detector *d = detector_make(life, DETECTOR_KEEP_ALL);

		life_forget(life);
		for (size_t i = 0; i + 1 < life->slot_count; i += STEP_SEC / SLOT_SEC) {
			struct sample step = step_of(&life->slots[i]);

			assert_true(detector_feed_step(d, &step));
		}
		assert_same(live, say(life, d), round);
		detector_free(d);
		free(life);
	}
}

/* --- cut anywhere --- */

static struct detector *
restart(struct life *life, struct detector *d, enum detector_keep keep)
{
	struct detector *next = detector_make(life, keep);
	void *blob = NULL;
	size_t len = 0;

	assert_true(detector_save(d, &blob, &len, NULL));
	assert_true(detector_load(next, blob, len, NULL));
	free(blob);
	detector_free(d);
	return next;
}

static void
check_cut(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct chance c = chance_of(1000 + round);
		struct life *life = random_life(&c);
		char *whole = live_through(life, DETECTOR_KEEP_NEEDED);
		struct detector *d = detector_make(life, DETECTOR_KEEP_NEEDED);
		double often = round % 3 == 0 ? 0.05 : 0.001;

		life_forget(life);
		for (size_t i = 0; i < life->slot_count; i++) {
			if (chance_share(&c) < often)
				d = restart(life, d, DETECTOR_KEEP_NEEDED);
			assert_true(detector_feed_slot(d, &life->slots[i]));
		}
		assert_same(whole, say(life, d), round);
		detector_free(d);
		free(life);
	}
}

/* --- unknown creates nothing --- */

/* Every episode begins and ends with a known sample at or above `clear` (no discards here), and without one that is
 * congested there is none, whatever is unknown around it. */
static void
check_unknown(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct chance c = chance_of(2000 + round);
		struct life *life = random_life(&c);
		double lost = chance_share(&c), ceiling = round % 2 ? 0.89 : 1;

		life->settings.discard_floor_share = 1;
		life->settings.discard_share = 1;
		life->terms.contracted_bps = NAN;
		for (size_t i = 0; i < life->slot_count; i++) {
			double *value = life->slots[i].value;

			value[COLUMN_OUT_PPS] = NAN;
			if (chance_share(&c) < lost)
				value[COLUMN_OUT_BPS] = value[COLUMN_IN_BPS] = NAN;
			value[COLUMN_OUT_BPS] *= ceiling;
			value[COLUMN_IN_BPS] *= ceiling;
		}
		free(live_through(life, DETECTOR_KEEP_NEEDED));
		if (ceiling < 1 && life->episode_count > 0)
			fail_msg("IXWATCH_SEED=%llu, history %d: %zu episodes of nothing",
				 (unsigned long long)base_seed, round, life->episode_count);
		for (size_t i = 0; i < life->episode_count; i++) {
			const struct detector_episode *e = &life->episodes[i];
			const double *judged = life->judged[e->direction];

			assert_true(judged[step_index(e->start_utc_sec)] >=
				    life->settings.congested_share);
			assert_true(judged[step_index(e->end_utc_sec - STEP_SEC)] >=
				    life->settings.clear_share);
		}
		free(life);
	}
}

/* --- the size of a port does not matter --- */

static void
check_scale(void **state)
{
	(void)state;
	for (int round = 0; round < 40; round++) {
		struct chance c = chance_of(3000 + round);
		struct life *life = random_life(&c);
		char *small = live_through(life, DETECTOR_KEEP_ALL);
		double factor = ldexp(1, chance_int(&c, 20) - 8);

		for (size_t i = 0; i < life->slot_count; i++)
			for (int column = 0; column < COLUMN_COUNT; column++)
				life->slots[i].value[column] *= factor;
		life->terms.contracted_bps *= factor;
		assert_same(small, live_through(life, DETECTOR_KEEP_ALL), round);
		free(life);
	}
}

/* --- a one-off never convicts --- */

/* Slots from first on, within seven traffic days, congested in some random fashion. */
static void
one_off(struct life *life, struct chance *c, size_t first, size_t last)
{
	int shape = chance_int(c, 4), evening = chance_int(c, 200);
	double share = chance_between(c, 0.2, 1);

	for (size_t i = first; i < last; i++) {
		int of_day = (int)(i % DAY_SLOTS);
		bool hot =
		    shape == 0 || (shape == 1 && of_day >= evening && of_day < evening + 40) ||
		    (shape == 2 && chance_share(c) < share) || (shape == 3 && i / 24 % 2 == 0);

		if (hot)
			slot_fill(&life->slots[i], 1e10, chance_between(c, 0.1, 1),
				  chance_between(c, 0.95, 1.02));
		else if (chance_int(c, 50) == 0)
			life->slots[i].value[COLUMN_OUT_BPS] = NAN;
	}
}

static void
assert_never(struct life *life, enum verdict verdict, int round)
{
	struct detector *d = detector_make(life, DETECTOR_KEEP_ALL);
	struct detector_day day;

	for (size_t i = 0; i < life->slot_count; i++)
		assert_true(detector_feed_slot(d, &life->slots[i]));
	for (size_t i = 0; i < 2 * detector_day_count(d); i++) {
		detector_day_get(d, (enum direction)(i % 2), i / 2, &day);
		if (day.verdict == verdict)
			fail_msg("IXWATCH_SEED=%llu, history %d: %s on day %zu",
				 (unsigned long long)base_seed, round, model_verdict_name(verdict),
				 i / 2 + 1);
	}
	detector_free(d);
}

static void
check_one_off(void **state)
{
	(void)state;
	for (int round = 0; round < 120; round++) {
		struct chance c = chance_of(4000 + round);
		struct life *life = life_new();
		size_t day =
		    (size_t)chance_int(&c, 39); /* its seven days end before the long one */
		size_t first = day * DAY_SLOTS + (size_t)chance_int(&c, DAY_SLOTS);
		size_t last = first + 12 + (size_t)chance_int(&c, 7 * DAY_SLOTS);

		if (day + 7 > 40)
			day = 33, first = day * DAY_SLOTS;
		if (last > (day + 7) * DAY_SLOTS)
			last = (day + 7) * DAY_SLOTS;
		if (round % 2)
			detector_settings_init(&life->settings, PROFILE_PROOF);
		life->settings.step_sec = STEP_SEC;
		for (size_t i = 0; i < (size_t)100 * DAY_SLOTS; i++)
			slot_fill(slot_add(life), 1e10, chance_between(&c, 0.05, 0.6),
				  chance_between(&c, 0.05, 0.8));
		one_off(life, &c, first, last);
		assert_never(life, VERDICT_ROUTINE, round);
		free(life);
	}
}

/* --- full every evening --- */

/* The day, counted from 1, at whose end a verdict first stood. */
static size_t
first_day_of(struct detector *d, enum direction direction, enum verdict verdict)
{
	struct detector_day day;

	for (size_t i = 0; i < detector_day_count(d); i++) {
		detector_day_get(d, direction, i, &day);
		if (day.verdict == verdict || day.verdict == VERDICT_ROUTINE)
			return i + 1;
	}
	return SIZE_MAX;
}

static void
check_evenings(void **state)
{
	(void)state;
	for (int round = 0; round < 60; round++) {
		struct chance c = chance_of(5000 + round);
		struct life *life = life_new();
		int quiet_days = round % 7; /* so that it begins on any weekday */
		int evening = 2 * chance_int(&c, (DAY_SLOTS - 80) / 2),
		    evening_len = 12 + 2 * chance_int(&c, 30);
		enum direction direction = chance_int(&c, 2) ? DIRECTION_OUT : DIRECTION_IN;
		struct detector *d;

		for (size_t i = 0; i < (size_t)(quiet_days + 17) * DAY_SLOTS; i++) {
			int of_day = (int)(i % DAY_SLOTS);
			bool hot = i >= (size_t)quiet_days * DAY_SLOTS && of_day >= evening &&
				   of_day < evening + evening_len;
			double share =
			    hot ? chance_between(&c, 0.96, 1) : chance_between(&c, 0, 0.8);

			slot_fill(slot_add(life), 1e10, direction == DIRECTION_IN ? share : 0.1,
				  direction == DIRECTION_OUT ? share : 0.1);
		}
		d = detector_make(life, DETECTOR_KEEP_ALL);
		for (size_t i = 0; i < life->slot_count; i++)
			assert_true(detector_feed_slot(d, &life->slots[i]));
		if (first_day_of(d, direction, VERDICT_RECURRING) > (size_t)quiet_days + 4 ||
		    first_day_of(d, direction, VERDICT_ROUTINE) > (size_t)quiet_days + 17)
			fail_msg(
			    "IXWATCH_SEED=%llu, history %d: warned on day %zu, convicted on %zu, "
			    "%d days were quiet",
			    (unsigned long long)base_seed, round,
			    first_day_of(d, direction, VERDICT_RECURRING),
			    first_day_of(d, direction, VERDICT_ROUTINE), quiet_days);
		detector_free(d);
		free(life);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "random histories know every state of a day and every verdict", check_rich, NULL,
		  NULL, NULL },
		{ "live, slot by slot, equals replay of the steps", check_steps, NULL, NULL, NULL },
		{ "one go equals cut and restarted anywhere", check_cut, NULL, NULL, NULL },
		{ "unknown samples never create an episode", check_unknown, NULL, NULL, NULL },
		{ "traffic and capacity scaled together change nothing", check_scale, NULL, NULL,
		  NULL },
		{ "a one-off of any shape up to seven traffic days never convicts", check_one_off,
		  NULL, NULL, NULL },
		{ "full every evening: warned within 4 days, convicted within 17", check_evenings,
		  NULL, NULL, NULL },
	};
	const char *seed = getenv("IXWATCH_SEED");

	if (seed != NULL)
		base_seed = strtoull(seed, NULL, 10);
	printf("seed %llu (IXWATCH_SEED= another)\n", (unsigned long long)base_seed);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
