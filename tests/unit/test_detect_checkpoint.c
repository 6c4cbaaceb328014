/* links: detect/detector.c detect/checkpoint.c detect/checkpoint_check.c detect/coder.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/days_pack.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* test_detect_checkpoint.c - a detector that is saved, ended and loaded anywhere ends in the very state of one that went
 * on; a blob that is damaged, or made up, is refused or at least harmless. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "detect/coder.h"
#include "detect_port.h"
#include "settings_kept.h"

#define HASH_OCTETS 8
#define SLOT_SEC    120
#define DAYS        130
#define HISTORIES   12
#define FORGERIES   4000
#define HEAD_OCTETS 16 /* not forged: they only say whose blob it is */

static uint64_t
random_next(uint64_t *seed)
{
	*seed ^= *seed << 13;
	*seed ^= *seed >> 7;
	*seed ^= *seed << 17;
	return *seed;
}

static size_t
random_below(uint64_t *seed, size_t limit)
{
	return (size_t)(random_next(seed) % limit);
}

/* --- a random history in slots of 120 s, both directions --- */

static struct detector *
fresh_that_keeps(struct port_history *history, uint64_t seed, enum detector_keep keep)
{
	struct detector_terms terms = {
		.contracted_bps = seed % 3 == 0 ? 0.8 * PORT_BPS : NAN,
		.nominal_capacity_bps = seed % 5 == 0 ? PORT_BPS : NAN,
		.discards_trusted = true,
	};
	struct detector_window window = {
		.start_utc_sec = port_day_begin(PORT_FIRST_DAY + 30, NULL),
		.end_utc_sec = port_day_begin(PORT_FIRST_DAY + 33, NULL),
		.cause = CAUSE_OURS,
	};
	struct detector_settings settings;
	struct detector *d = NULL;

	detector_settings_init(&settings, seed % 2 ? PROFILE_EARLY : PROFILE_PROOF);
	settings.step_sec = PORT_STEP_SEC;
	assert_true(
	    detector_new(&d, settings_kept(&settings), SLOT_SEC, keep, &port_world, history, NULL));
	detector_terms_set(d, &terms);
	assert_true(detector_windows_set(d, &window, 1, NULL));
	return d;
}

static struct detector *
fresh(struct port_history *history, uint64_t seed)
{
	return fresh_that_keeps(history, seed, DETECTOR_KEEP_NEEDED);
}

/* The letters of one day in direction in come from the day after. */
static void
fill_slot(struct sample *slot, const char *days, size_t i, uint64_t *seed)
{
	size_t a_day = 86400 / SLOT_SEC, day = i / a_day;
	double hour = (double)(i % a_day) * SLOT_SEC / 3600;
	double out = port_share(days[day], hour), in = port_share(days[day + 1], hour);
	double capacity_bps = strchr("rR", days[day]) != NULL ? PORT_BPS / 2
			      : days[day] == 'U'              ? 2 * PORT_BPS
							      : PORT_BPS;
	bool hole = random_below(seed, 40) == 0;

	for (int c = 0; c < COLUMN_COUNT; c++)
		slot->value[c] = NAN;
	slot->step_sec = SLOT_SEC;
	slot->end_utc_sec = port_day_begin(PORT_FIRST_DAY, NULL) + (int64_t)(i + 1) * SLOT_SEC;
	slot->value[COLUMN_OUT_BPS] =
	    hole ? NAN : out * capacity_bps * (0.96 + (double)random_below(seed, 8) / 100);
	slot->value[COLUMN_IN_BPS] = in * capacity_bps;
	slot->value[COLUMN_OUT_PPS] = slot->value[COLUMN_OUT_BPS] / 8 / 900;
	slot->value[COLUMN_OUT_DISCARDS] = out > 0.7 ? 30 : 0;
	slot->value[COLUMN_CAPACITY_BPS] = random_below(seed, 50) == 0 ? NAN : capacity_bps;
}

static void
save(const struct detector *d, void **blob, size_t *len)
{
	struct error err = { 0 };

	assert_true(detector_save(d, blob, len, &err));
	assert_true(*len < 65536);
}

/* Ends d; a fresh one that has loaded its state goes on. */
static struct detector *
restart(struct detector *d, struct port_history *history, uint64_t seed)
{
	struct detector *next = fresh(history, seed);
	struct error err = { 0 };
	void *blob;
	size_t len;

	save(d, &blob, &len);
	detector_free(d);
	if (!detector_load(next, blob, len, &err))
		fail_msg("%s", err.text);
	free(blob);
	return next;
}

static void
ask_everything(struct detector *d)
{
	struct detector_standing standing;
	struct detector_episode episode;
	struct detector_flags flags;
	struct detector_day day;

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		enum direction direction = (enum direction)i;

		detector_standing_get(d, direction, &standing);
		detector_flags_get(d, direction, &flags);
		for (size_t at = 0; at < detector_day_count(d); at++) {
			detector_day_get(d, direction, at, &day);
			assert_non_null(detector_day_state_name(day.state));
		}
		if (detector_open_run(d, direction, &episode))
			(void)detector_excuse_of(d, &episode);
	}
}

static void
random_days(char *days, uint64_t *seed)
{
	static const char letters[] = "......CCWcsA?-xBKTrRUMm";

	for (size_t i = 0; i <= DAYS; i++)
		days[i] = letters[random_below(seed, sizeof(letters) - 1)];
	days[DAYS + 1] = '\0';
}

/* What is forgotten was not needed. */
static void
check_forgetful(struct detector *forgetful, struct detector *all)
{
	char states[2][PORT_DAYS_MAX], verdicts[2][PORT_DAYS_MAX];
	size_t forgotten = detector_day_count(all) - detector_day_count(forgetful);

	assert_int_equal(detector_day_count(all), DAYS);
	assert_true(forgotten > 0 && forgotten < DAYS);
	port_describe(forgetful, states[0], verdicts[0]);
	port_describe(all, states[1], verdicts[1]);
	assert_string_equal(states[0], states[1] + forgotten);
	assert_string_equal(verdicts[0], verdicts[1] + forgotten);
}

/* Whole goes on; cut is saved and loaded at random places, and fed again what it knows. */
static void
check_history(uint64_t number)
{
	struct port_history *history = port_history_new(), *cut_history = port_history_new();
	uint64_t seed = 88172645463325252ULL + number * 7919, cuts = seed ^ 0x5bd1e995;
	struct detector *whole = fresh(history, number), *cut = fresh(cut_history, number);
	struct detector *all = fresh_that_keeps(history, number, DETECTOR_KEEP_ALL);
	size_t slot_count = DAYS * 86400 / SLOT_SEC, whole_len, cut_len;
	struct sample slot, last = { 0 };
	void *whole_blob, *cut_blob;
	char days[DAYS + 2];

	random_days(days, &seed);
	for (size_t i = 0; i < slot_count; i++) {
		fill_slot(&slot, days, i, &seed);
		if (random_below(&seed, 200) == 0)
			i += random_below(&seed, 40); /* a gap */
		assert_true(detector_feed_slot(whole, &slot));
		assert_true(detector_feed_slot(all, &slot));
		assert_true(detector_feed_slot(cut, &slot));
		if (random_below(&cuts, 400) == 0) {
			cut = restart(cut, cut_history, number);
			assert_false(detector_feed_slot(cut, &slot));
			assert_false(last.step_sec != 0 && detector_feed_slot(cut, &last));
		}
		if (random_below(&cuts, 300) == 0)
			ask_everything(cut); /* asking changes nothing */
		last = slot;
	}
	ask_everything(whole); /* an answer is kept until it is too old; it is part of the state */
	ask_everything(cut);
	save(whole, &whole_blob, &whole_len);
	save(cut, &cut_blob, &cut_len);
	assert_int_equal(whole_len, cut_len);
	assert_memory_equal(whole_blob, cut_blob, whole_len);
	check_forgetful(whole, all);
	free(whole_blob);
	free(cut_blob);
	detector_free(all);
	detector_free(whole);
	detector_free(cut);
	port_history_free(history);
	port_history_free(cut_history);
}

static void
cut_anywhere_the_state_is_the_same(void **state)
{
	(void)state;
	for (uint64_t number = 1; number <= HISTORIES; number++)
		check_history(number);
}

/* --- blobs that are not ours --- */

struct victim {
	struct port_history *history;
	void *blob;
	size_t len, next_slot;
	char days[DAYS + 2];
	uint64_t seed;
};

static void
victim_make(struct victim *victim)
{
	struct sample slot;

	victim->history = port_history_new();
	victim->seed = 424242;
	random_days(victim->days, &victim->seed);
	struct detector *d = fresh(victim->history, 1);
	for (; victim->next_slot < 60 * 86400 / SLOT_SEC + 3; victim->next_slot++) {
		fill_slot(&slot, victim->days, victim->next_slot, &victim->seed);
		assert_true(detector_feed_slot(d, &slot));
	}
	save(d, &victim->blob, &victim->len);
	detector_free(d);
}

static void
put_hash(uint8_t *blob, size_t len)
{
	uint64_t hash = coder_hash(CODER_HASH_START, blob, len - HASH_OCTETS);

	for (int i = 0; i < HASH_OCTETS; i++)
		blob[len - HASH_OCTETS + (size_t)i] = (uint8_t)(hash >> 8 * i);
}

static void
cut_and_flipped_blobs_are_refused(void **state)
{
	struct victim victim = { 0 };
	struct error err;

	(void)state;
	victim_make(&victim);
	struct detector *d = fresh(victim.history, 1);
	uint8_t *copy = malloc(victim.len);
	for (size_t len = 0; len < victim.len; len += len < 64 ? 1 : 37) {
		memcpy(copy, victim.blob, len);
		assert_false(detector_load(d, copy, len, &err));
	}
	for (size_t i = 0; i < victim.len; i += 11) {
		memcpy(copy, victim.blob, victim.len);
		copy[i] ^= (uint8_t)(1 + i % 255);
		assert_false(detector_load(d, copy, victim.len, &err));
		assert_int_equal(detector_until_utc_sec(d), 0);
	}
	assert_true(detector_load(d, victim.blob, victim.len, &err));
	free(copy);
	detector_free(d);
	free(victim.blob);
	port_history_free(victim.history);
}

static void
forged_blobs_are_harmless(void **state)
{
	struct victim victim = { 0 };
	struct error err;
	struct sample slot;
	size_t believed = 0;

	(void)state;
	victim_make(&victim);
	struct detector *d = fresh(victim.history, 1);
	uint8_t *copy = malloc(victim.len);
	for (int forgery = 0; forgery < FORGERIES; forgery++) {
		memcpy(copy, victim.blob, victim.len);
		for (size_t n = 1 + random_below(&victim.seed, 3); n > 0; n--)
			copy[HEAD_OCTETS +
			     random_below(&victim.seed, victim.len - HEAD_OCTETS - HASH_OCTETS)] =
			    (uint8_t)random_next(&victim.seed);
		put_hash(copy, victim.len);
		if (!detector_load(d, copy, victim.len, &err)) {
			assert_int_equal(detector_until_utc_sec(d), 0);
			continue;
		}
		believed++;
		ask_everything(d);
		for (size_t i = 0; i < 20; i++) {
			fill_slot(&slot, victim.days, victim.next_slot + 30 * i, &victim.seed);
			detector_feed_slot(d, &slot);
		}
		ask_everything(d);
	}
	assert_true(believed > 0); /* a number that is merely another number */
	free(copy);
	detector_free(d);
	free(victim.blob);
	port_history_free(victim.history);
}

static void
other_settings_refuse_a_blob(void **state)
{
	struct victim victim = { 0 };
	struct error err;

	(void)state;
	victim_make(&victim);
	struct detector *d = fresh(victim.history, 2); /* the other profile */
	assert_false(detector_load(d, victim.blob, victim.len, &err));
	assert_int_equal(err.code, ERR_REFUSED);
	detector_free(d);
	free(victim.blob);
	port_history_free(victim.history);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		{ "cut and restarted anywhere, the state is the same",
		  cut_anywhere_the_state_is_the_same, NULL, NULL, NULL },
		{ "cut and flipped blobs are refused", cut_and_flipped_blobs_are_refused, NULL,
		  NULL, NULL },
		{ "forged blobs are harmless", forged_blobs_are_harmless, NULL, NULL, NULL },
		{ "other settings refuse a blob", other_settings_refuse_a_blob, NULL, NULL, NULL },
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
