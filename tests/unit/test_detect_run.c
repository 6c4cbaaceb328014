/* links: detect/detector.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/days_pack.c detect/coder.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* test_detect_run.c - samples, runs, spikes and sustained episodes: each row is a series of steps of 300 s as letters, and
 * the episodes that come of it.
 *   9 congested (95%)   8 live (87%)   5 neither (50%)   ? unknown
 *   d 75% with discards that witness it   w the same, where packets do not fit the octets   i the same, where packets are unknown */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "detect_port.h"
#include "settings_kept.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define T0       INT64_C(1780000200) /* on the grid of 300 s, not of 3600 s */
#define STEP     300

/* "3+4 spike": from the start of step 3 on, 4 steps long; "..." when it is still open. */
/* clang-format off: a table */
static const struct run_case {
	const char *name, *steps, *want, *set;
	bool untrusted;
	enum direction direction; /* DIRECTION_IN: "in" is fed instead */
} cases[] = {
#define OUT .direction = DIRECTION_OUT
	{ "a run starts at a congested sample", "559555", "2+1 spike", OUT },
	{ "a live sample starts none", "558855", "", OUT },
	{ "live samples extend a run", "598855", "1+3 spike...", OUT },
	{ "three samples that are not live end it", "9555", "0+1 spike", OUT },
	{ "two do not", "955", "0+1 spike...", OUT },
	{ "a dip within clear-hold is part of the run", "95598", "0+5 spike...", OUT },
	{ "not live must be in a row", "9558559", "0+7 sustained...", OUT },
	{ "its end is the end of its last live sample", "98555", "0+2 spike", OUT },
	{ "after it has ended another one starts", "95559", "0+1 spike, 4+1 spike...", OUT },
	{ "a live sample after the end starts none", "95558", "0+1 spike", OUT },
	{ "clear-hold sets how long", "9559", "0+1 spike, 3+1 spike...", "clear-hold=10m", OUT },
	{ "clear-hold 0 ends it at the first", "959", "0+1 spike, 2+1 spike...", "clear-hold=0s",
	  OUT },
	{ "congested is at or above", "9", "0+1 spike...", "congested=95%", OUT },
	{ "clear is at or above", "98", "0+2 spike...", "clear=87%", OUT },

	{ "30 minutes are sustained", "999999", "0+6 sustained...", OUT },
	{ "25 minutes are a spike", "99999555", "0+5 spike", OUT },
	{ "dips count towards sustained", "955955", "0+4 spike...", OUT },
	{ "sustained with all its minutes from the sample that makes it so", "9559955999",
	  "0+10 sustained...", OUT },
	{ "sustain sets how long", "999", "0+3 sustained...", "sustain=15m", OUT },
	{ "a sustained episode ends like any run", "9999995559", "0+6 sustained, 9+1 spike...",
	  OUT },

	{ "unknown samples start none", "???", "", OUT },
	{ "two unknown samples are bridged", "9??9", "0+4 spike...", OUT },
	{ "three are not", "9???9", "0+1 spike, 4+1 spike...", OUT },
	{ "after too long a gap it closes at its last live sample", "995???", "0+2 spike", OUT },
	{ "unknown samples do not extend", "99??", "0+2 spike...", OUT },
	{ "unknown samples do not break the row of not live ones", "95?55", "0+1 spike", OUT },
	{ "nor do they count in it", "95??5", "0+1 spike...", OUT },
	{ "a known sample begins the count of unknown anew", "9??5??9", "0+7 sustained...", OUT },
	{ "bridge sets how many", "9?9", "0+1 spike, 2+1 spike...", "bridge=0s", OUT },
	{ "a long bridge spans a long gap", "9??????????9", "0+12 sustained...", "bridge=1h", OUT },
	{ "bridged gaps are minutes of the run", "99?999", "0+6 sustained...", OUT },

	{ "discards are a second witness", "5d5", "1+1 spike...", OUT },
	{ "they need the floor", "5d5", "", "discard-floor=80%", OUT },
	{ "they need their share", "5d5", "", "discard-share=1%", OUT },
	{ "they need packets that fit the octets", "5w5", "", OUT },
	{ "they need packets", "5i5", "", OUT },
	{ "not from an agent that is not trusted", "5d5", "", OUT, .untrusted = true },
	{ "discards carry a run on", "9d5", "0+2 spike...", OUT },
	{ "discards of what comes in witness nothing", "5d5", "", .direction = DIRECTION_IN },
	{ "in is judged like out", "999999", "0+6 sustained...", .direction = DIRECTION_IN },
};
/* clang-format on */

/* u of the letters; packets of 500 octets cost 4% more on the wire. */
static void
put_letter(struct sample *sample, char letter, enum direction direction)
{
	double share = letter == '9'   ? 0.95
		       : letter == '8' ? 0.87
		       : letter == '5' ? 0.50
		       : letter == '?' ? NAN
				       : 0.75;
	bool in = direction == DIRECTION_IN;
	double bps = share * PORT_BPS;

	for (int i = 0; i < COLUMN_COUNT; i++)
		sample->value[i] = NAN;
	sample->value[in ? COLUMN_IN_BPS : COLUMN_OUT_BPS] = bps;
	sample->value[COLUMN_CAPACITY_BPS] = PORT_BPS;
	if (letter != 'd' && letter != 'w' && letter != 'i')
		return;
	sample->value[in ? COLUMN_IN_DISCARDS : COLUMN_OUT_DISCARDS] = bps / 8 / 500 * 0.002;
	if (letter != 'i')
		sample->value[in ? COLUMN_IN_PPS : COLUMN_OUT_PPS] =
		    letter == 'w' ? bps / 8 / 20 : bps / 8 / 500;
}

struct listener {
	struct detector_episode episodes[16];
	size_t count;
};

static void
on_episode(const struct detector_episode *episode, enum detector_change change, void *user)
{
	struct listener *listener = user;

	if (change == DETECTOR_BEGAN)
		assert_true(listener->count++ < COUNT(listener->episodes));
	assert_true(listener->count > 0);
	assert_int_equal(episode->open, change != DETECTOR_ENDED);
	if (change != DETECTOR_BEGAN)
		assert_int_equal(episode->start_utc_sec,
				 listener->episodes[listener->count - 1].start_utc_sec);
	listener->episodes[listener->count - 1] = *episode;
}

static const struct detector_world world = { .on_episode = on_episode };

static void
describe(const struct listener *listener, char *text, size_t len)
{
	size_t used = 0;

	text[0] = '\0';
	for (size_t i = 0; i < listener->count; i++) {
		const struct detector_episode *episode = &listener->episodes[i];

		used += (size_t)snprintf(
		    text + used, len - used, "%s%d+%d %s%s", i > 0 ? ", " : "",
		    (int)((episode->start_utc_sec - T0) / STEP),
		    (int)((episode->end_utc_sec - episode->start_utc_sec) / STEP),
		    model_episode_kind_name(episode->kind), episode->open ? "..." : "");
	}
}

static struct detector *
detector_of(const char *set, bool trusted, unsigned interval_sec, struct listener *listener)
{
	struct detector_terms terms = { .contracted_bps = NAN,
					.nominal_capacity_bps = NAN,
					.discards_trusted = trusted };
	struct detector_settings settings;
	struct detector *d = NULL;
	char key[32];

	detector_settings_init(&settings, PROFILE_EARLY);
	if (set != NULL) {
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(set, "="), set);
		assert_true(detector_settings_set(&settings, key, strchr(set, '=') + 1, NULL));
	}
	assert_true(detector_new(&d, settings_kept(&settings), interval_sec, DETECTOR_KEEP_NEEDED,
				 &world, listener, NULL));
	detector_terms_set(d, &terms);
	return d;
}

static void
check_case(void **state)
{
	const struct run_case *row = *state;
	struct listener listener = { 0 };
	struct detector *d = detector_of(row->set, !row->untrusted, STEP, &listener);
	struct sample step = { .step_sec = STEP, .end_utc_sec = T0 };
	struct detector_episode open;
	char text[256];

	for (const char *letter = row->steps; *letter != '\0'; letter++) {
		step.end_utc_sec += STEP;
		put_letter(&step, *letter, row->direction);
		assert_true(detector_feed_step(d, &step));
		assert_int_equal(detector_until_utc_sec(d), step.end_utc_sec);
	}
	describe(&listener, text, sizeof(text));
	assert_string_equal(text, row->want);
	assert_int_equal(detector_open_run(d, row->direction, &open),
			 strstr(row->want, "...") != NULL);
	assert_false(detector_open_run(
	    d, row->direction == DIRECTION_IN ? DIRECTION_OUT : DIRECTION_IN, &open));
	detector_free(d);
}

/* --- slots to steps: a digit is a slot at that many tenths, ? an unknown one; five slots of 60 s make a step --- */

/* clang-format off: a table */
static const struct step_case {
	const char *name, *slots;
	double want;           /* the first step's u; NAN: unknown */
	double contracted_bps; /* 0: none */
	bool billed;
} step_cases[] = {
	{ "a step is the mean of its slots", "12345", 0.3 },
	{ "of its known slots", "1?3?5", 0.3 },
	{ "known when at least half of them are", "???57", NAN },
	{ "a slot without capacity is unknown", "5c5c5", 0.5 },
	{ "a slot with capacity 0 is unknown", "5z5z5", 0.5 },
	{ "a slot above 1.05 x the capacity is unknown", "5x5x5", 0.5 },
	{ "a slot at 1.05 x the capacity is known", "55y55", 0.61 },
	{ "the contract is the capacity where it is smaller", "44444", 0.8, 5e9 },
	{ "against a contract u may exceed 1", "66666", 1.2, 5e9 },
	{ "a larger contract is none", "44444", 0.4, 5e10 },
	{ "a billed contract limits nothing", "44444", 0.4, 5e9, true },
};
/* clang-format on */

static void
put_slot(struct sample *slot, char letter)
{
	double share = letter == '?'   ? NAN
		       : letter == 'x' ? 1.06
		       : letter == 'y' ? 1.05
				       : (letter - '0') / 10.0;

	for (int i = 0; i < COLUMN_COUNT; i++)
		slot->value[i] = NAN;
	slot->value[COLUMN_OUT_BPS] =
	    letter == 'c' || letter == 'z' ? 0.9 * PORT_BPS : share * PORT_BPS;
	slot->value[COLUMN_CAPACITY_BPS] = letter == 'c' ? NAN : letter == 'z' ? 0 : PORT_BPS;
}

static void
check_step(void **state)
{
	const struct step_case *row = *state;
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, 60, &listener);
	struct detector_terms terms = {
		.contracted_bps = row->contracted_bps > 0 ? row->contracted_bps : NAN,
		.contract_billed = row->billed,
		.nominal_capacity_bps = NAN,
	};
	struct sample slot = { .step_sec = 60, .end_utc_sec = T0 };

	detector_terms_set(d, &terms);
	for (const char *letter = row->slots; *letter != '\0'; letter++) {
		assert_int_equal(detector_until_utc_sec(d), 0);
		slot.end_utc_sec += 60;
		put_slot(&slot, *letter);
		assert_true(detector_feed_slot(d, &slot));
	}
	assert_int_equal(detector_until_utc_sec(d), T0 + STEP);
	if (isnan(row->want))
		assert_true(isnan(detector_utilisation(d, DIRECTION_OUT)));
	else
		assert_true(fabs(detector_utilisation(d, DIRECTION_OUT) - row->want) < 1e-12);
	assert_true(isnan(detector_utilisation(d, DIRECTION_IN)));
	detector_free(d);
}

/* --- what is refused, and harmless --- */

static void
old_slots_are_refused_harmlessly(void **state)
{
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, 60, &listener);
	struct sample slot = { .step_sec = 60 };

	(void)state;
	put_slot(&slot, '5');
	slot.end_utc_sec = T0 + 60;
	assert_true(detector_feed_slot(d, &slot));
	assert_false(detector_feed_slot(d, &slot));
	slot.end_utc_sec = T0 + 180;
	assert_true(detector_feed_slot(d, &slot));
	slot.end_utc_sec = T0 + 120;
	assert_false(detector_feed_slot(d, &slot));
	slot.end_utc_sec = T0 + 190;
	assert_false(detector_feed_slot(d, &slot)); /* off the grid */
	slot.end_utc_sec = T0 + 600;
	assert_true(detector_feed_slot(
	    d, &slot)); /* the step begun is judged by its two slots: unknown; so is this one */
	assert_int_equal(detector_until_utc_sec(d), T0 + 600);
	assert_true(isnan(detector_utilisation(d, DIRECTION_OUT)));
	slot.end_utc_sec = T0 + 600 + DETECTOR_GAP_MAX_SEC + 1200;
	assert_false(detector_feed_slot(d, &slot)); /* a clock that was wrong */
	detector_free(d);
}

static void
a_consolidated_step_replaces_its_slots(void **state)
{
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, 60, &listener);
	struct sample slot = { .step_sec = 60 }, step = { .step_sec = STEP };

	(void)state;
	put_slot(&slot, '1');
	slot.end_utc_sec = T0 + 60;
	assert_true(detector_feed_slot(d, &slot));
	put_slot(&step, '9');
	step.end_utc_sec = T0 + STEP;
	assert_true(detector_feed_step(d, &step));
	assert_true(fabs(detector_utilisation(d, DIRECTION_OUT) - 0.9) < 1e-12);
	assert_false(detector_feed_step(d, &step));
	slot.end_utc_sec = T0 + 120;
	assert_false(detector_feed_slot(d, &slot));
	assert_int_equal(listener.count, 1);
	detector_free(d);
}

static void
missing_steps_are_unknown(void **state)
{
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, STEP, &listener);
	struct sample step = { .step_sec = STEP };

	(void)state;
	put_slot(&step, '9');
	step.end_utc_sec = T0 + STEP;
	assert_true(detector_feed_step(d, &step));
	step.end_utc_sec = T0 + 5 * STEP;
	assert_true(detector_feed_step(d, &step));
	assert_int_equal(listener.count, 2);
	assert_int_equal(listener.episodes[0].open, false);
	detector_free(d);
}

/* --- peak, mean, flags, percentile --- */

static void
peak_and_mean_are_of_the_known_samples_dips_included(void **state)
{
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, STEP, &listener);
	struct sample step = { .step_sec = STEP, .end_utc_sec = T0 };

	(void)state;
	for (const char *letter = "985?9555"; *letter != '\0'; letter++) {
		step.end_utc_sec += STEP;
		put_letter(&step, *letter, DIRECTION_OUT);
		assert_true(detector_feed_step(d, &step));
	}
	assert_int_equal(listener.count, 1);
	assert_true(fabs(listener.episodes[0].peak_utilisation - 0.95) < 1e-12);
	assert_true(fabs(listener.episodes[0].mean_utilisation - (0.95 + 0.87 + 0.5 + 0.95) / 4) <
		    1e-12);
	detector_free(d);
}

static void
flags_say_saturated_loss_and_microburst(void **state)
{
	struct listener listener = { 0 };
	struct detector *d = detector_of(NULL, true, STEP, &listener);
	struct sample step = { .step_sec = STEP, .end_utc_sec = T0 };
	struct detector_flags flags;

	(void)state;
	put_letter(&step, '5', DIRECTION_OUT);
	step.value[COLUMN_OUT_PPS] = 0.5 * PORT_BPS / 8 / 500;
	step.value[COLUMN_OUT_DISCARDS] = step.value[COLUMN_OUT_PPS] * 0.02;
	for (int i = 1; i <= 6; i++) {
		step.end_utc_sec += STEP;
		assert_true(detector_feed_step(d, &step));
		detector_flags_get(d, DIRECTION_OUT, &flags);
		assert_true(flags.microburst);
		assert_int_equal(flags.saturated, i >= 2);
		assert_int_equal(flags.loss, i >= 6);
		assert_false(flags.hot);
	}
	assert_int_equal(listener.count, 0);
	detector_free(d);
}

static void
percentile_is_nearest_rank(void **state)
{
	double values[400], one = 7;

	(void)state;
	assert_true(isnan(detector_percentile_95(values, 0)));
	assert_true(detector_percentile_95(&one, 1) == 7);
	for (size_t count = 1; count <= 400; count++) {
		for (size_t i = 0; i < count; i++)
			values[i] =
			    (double)(i * 7919 % count + 1); /* 1..count, shuffled: 7919 is prime */
		assert_true(detector_percentile_95(values, count) ==
			    (double)((95 * count + 99) / 100));
	}
}

int
main(void)
{
	static void (*const others[])(void **) = {
		old_slots_are_refused_harmlessly,
		a_consolidated_step_replaces_its_slots,
		missing_steps_are_unknown,
		peak_and_mean_are_of_the_known_samples_dips_included,
		flags_say_saturated_loss_and_microburst,
		percentile_is_nearest_rank,
	};
	static const char *const other_names[] = {
		"old slots are refused harmlessly",
		"a consolidated step replaces its slots",
		"missing steps are unknown",
		"peak and mean are of the known samples, dips included",
		"flags say saturated, loss and microburst",
		"the percentile is by nearest rank",
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(step_cases) + COUNT(others)];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[count++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						       (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(step_cases); i++)
		tests[count++] = (struct CMUnitTest) { step_cases[i].name, check_step, NULL, NULL,
						       (void *)&step_cases[i] };
	for (size_t i = 0; i < COUNT(others); i++)
		tests[count++] =
		    (struct CMUnitTest) { other_names[i], others[i], NULL, NULL, NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
