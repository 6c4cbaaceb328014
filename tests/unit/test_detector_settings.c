/* links: base/detector_settings.c base/units.c base/decimal.c base/error.c */
/* test_detector_settings.c - the numbers of the judgement: their defaults, what each may be, what they must be together. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include <string.h>

#include "ixwatch/detector_settings.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* The table of the method, as it is published. */
static const struct {
	const char *key, *early, *proof;
} published[] = {
	{ "congested", "90%", "95%" },      { "clear", "85%", "90%" },
	{ "discard-floor", "70%", "85%" },  { "discard-share", "0.1%", "0.1%" },
	{ "clear-hold", "15m", "15m" },     { "bridge", "10m", "10m" },
	{ "sustain", "30m", "30m" },        { "step", "300s", "300s" },
	{ "day-start", "6h", "6h" },        { "congested-day", "60m", "60m" },
	{ "valid-share", "80%", "80%" },    { "flash-span", "3", "3" },
	{ "flash-baseline", "70%", "70%" }, { "flash-count", "2", "2" },
};

static void
the_defaults_are_the_published_ones(void **state)
{
	struct detector_settings early, proof;
	char text[64];

	(void)state;
	detector_settings_init(&early, PROFILE_EARLY);
	detector_settings_init(&proof, PROFILE_PROOF);
	for (size_t i = 0; i < COUNT(published); i++) {
		assert_string_equal(detector_settings_key(i), published[i].key);
		assert_string_equal(detector_settings_default(i, PROFILE_EARLY),
				    published[i].early);
		assert_string_equal(detector_settings_default(i, PROFILE_PROOF),
				    published[i].proof);
		assert_string_equal(detector_settings_format(&early, i, text, sizeof(text)),
				    published[i].early);
		assert_string_equal(detector_settings_format(&proof, i, text, sizeof(text)),
				    published[i].proof);
		assert_true(strlen(detector_settings_help(i)) > 0);
		assert_true(strlen(detector_settings_allowed(i)) > 0);
	}
	assert_null(detector_settings_key(COUNT(published)));
	assert_int_equal(early.profile, PROFILE_EARLY);
	assert_int_equal(proof.profile, PROFILE_PROOF);
}

static void
the_defaults_are_numbers(void **state)
{
	struct detector_settings s;

	(void)state;
	detector_settings_init(&s, PROFILE_EARLY);
	assert_true(s.congested_share == 0.9 && s.clear_share == 0.85);
	assert_true(s.discard_floor_share == 0.7 && s.discard_share == 0.001);
	assert_true(s.clear_hold_sec == 900 && s.bridge_sec == 600 && s.sustain_sec == 1800);
	assert_true(s.step_sec == 300 && s.day_start_sec == 21600 && s.congested_day_sec == 3600);
	assert_true(s.valid_share == 0.8 && s.flash_baseline_share == 0.7);
	assert_true(s.flash_span_days == 3 && s.flash_count == 2);
	assert_true(detector_settings_check(&s, 60, NULL));
	detector_settings_init(&s, PROFILE_PROOF);
	assert_true(s.congested_share == 0.95 && s.clear_share == 0.9 &&
		    s.discard_floor_share == 0.85);
	assert_true(detector_settings_check(&s, 60, NULL));
}

static void
only_three_keys_differ_between_the_profiles(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(published); i++)
		assert_int_equal(detector_settings_is_profiled(published[i].key),
				 strcmp(published[i].early, published[i].proof) != 0);
	assert_false(detector_settings_is_profiled("profile"));
	assert_false(detector_settings_is_profiled("no-such-key"));
}

/* want: how it is written back; NULL: refused. */
static const struct set_case {
	const char *name;
	const char *key, *value, *want;
} set_cases[] = {
	{ "a share is set", "congested", "97.5%", "97.5%" },
	{ "a share of 100% is allowed", "congested", "100%", "100%" },
	{ "a share above 100% is refused", "congested", "101%", NULL },
	{ "nothing is congested at 0%", "congested", "0%", NULL },
	{ "a share needs its %", "congested", "0.9", NULL },
	{ "clear may be small", "clear", "1%", "1%" },
	{ "a discard floor of 0% is allowed", "discard-floor", "0%", "0%" },
	{ "a discard share of 0% is refused", "discard-share", "0%", NULL },
	{ "small shares keep their digits", "discard-share", "0.0125%", "0.0125%" },
	{ "a duration is set", "clear-hold", "20m", "20m" },
	{ "a duration is written in its largest whole unit", "clear-hold", "3600s", "1h" },
	{ "a duration may be no whole minute", "clear-hold", "90s", "90s" },
	{ "a duration needs its unit", "clear-hold", "15", NULL },
	{ "no hold at all is allowed", "clear-hold", "0s", "0s" },
	{ "no bridge at all is allowed", "bridge", "0m", "0s" },
	{ "nothing is sustained after no time", "sustain", "0s", NULL },
	{ "sustain is at most a day", "sustain", "2d", NULL },
	{ "the default is written as it is published", "step", "5m", "300s" },
	{ "a step above an hour is refused", "step", "2h", NULL },
	{ "a step of nothing is refused", "step", "0s", NULL },
	{ "a day may start at midnight", "day-start", "0h", "0s" },
	{ "a day starts within the day", "day-start", "24h", NULL },
	{ "a congested day has some congestion", "congested-day", "0m", NULL },
	{ "a congested day may be all day", "congested-day", "24h", "1d" },
	{ "a valid share of 0% is refused", "valid-share", "0%", NULL },
	{ "no flash events at all is allowed", "flash-span", "0", "0" },
	{ "a flash event is shorter than its window", "flash-span", "29", NULL },
	{ "a number has no sign", "flash-count", "-1", NULL },
	{ "a number has no unit", "flash-count", "2d", NULL },
	{ "a number is whole", "flash-count", "1.5", NULL },
	{ "an empty value is refused", "sustain", "", NULL },
	{ "an unknown key is refused", "congestion", "90%", NULL },
	{ "the profile is none of the numbers", "profile", "proof", NULL },
	{ "an empty key is refused", "", "90%", NULL },
};

static void
check_set(void **state)
{
	const struct set_case *c = *state;
	struct detector_settings settings, before;
	struct error err = { 0 };
	char text[64];
	size_t i = 0;

	detector_settings_init(&settings, PROFILE_EARLY);
	before = settings;
	bool set = detector_settings_set(&settings, c->key, c->value, &err);
	assert_int_equal(set, c->want != NULL);
	if (!set) {
		assert_memory_equal(&settings, &before, sizeof(settings));
		assert_int_equal(err.code, ERR_CONFIG);
		assert_int_equal(strncmp(err.text, c->key, strlen(c->key)), 0);
		assert_non_null(strstr(err.text, "allowed: "));
		return;
	}
	while (strcmp(detector_settings_key(i), c->key) != 0)
		i++;
	assert_string_equal(detector_settings_format(&settings, i, text, sizeof(text)), c->want);
	assert_true(detector_settings_set(&before, c->key, text, &err));
	assert_memory_equal(&settings, &before, sizeof(settings));
}

static const struct together_case {
	const char *name;
	const char *key, *value;
	unsigned interval_sec;
	const char *sentence; /* NULL: good */
} together_cases[] = {
	{ "clear may equal congested", "clear", "90%", 0, NULL },
	{ "clear above congested is refused", "clear", "90.5%", 0,
	  "clear: 90.5% is above congested, 90%" },
	{ "a step that divides the hour is good", "step", "12m", 0, NULL },
	{ "a step that does not divide the hour is refused", "step", "7m", 0,
	  "step: 420 s does not divide" },
	{ "an interval that divides the step is good", "step", "1m", 60, NULL },
	{ "an interval longer than the step is refused", "step", "1m", 300,
	  "interval: 300 s does not divide" },
	{ "an interval that does not divide the step is refused", "step", "300s", 7,
	  "interval: 7 s" },
	{ "without an interval it is not asked", "step", "1s", 0, NULL },
};

static void
check_together(void **state)
{
	const struct together_case *c = *state;
	struct detector_settings settings;
	struct error err = { 0 };

	detector_settings_init(&settings, PROFILE_EARLY);
	assert_true(detector_settings_set(&settings, c->key, c->value, &err));
	assert_int_equal(detector_settings_check(&settings, c->interval_sec, &err),
			 c->sentence == NULL);
	if (c->sentence != NULL && strstr(err.text, c->sentence) == NULL)
		fail_msg("%s", err.text);
}

static void
a_step_of_nothing_is_refused_by_the_check_too(void **state)
{
	struct detector_settings settings;

	(void)state;
	detector_settings_init(&settings, PROFILE_EARLY);
	settings.step_sec = 0;
	assert_false(detector_settings_check(&settings, 60, NULL));
}

static void
profiles_have_names(void **state)
{
	enum profile profile = PROFILE_EARLY;

	(void)state;
	assert_true(profile_parse("proof", &profile) && profile == PROFILE_PROOF);
	assert_true(profile_parse("early", &profile) && profile == PROFILE_EARLY);
	assert_false(profile_parse("Early", &profile));
	assert_false(profile_parse("", &profile));
	assert_string_equal(profile_name(PROFILE_EARLY), "early");
	assert_string_equal(profile_name(PROFILE_PROOF), "proof");
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(the_defaults_are_the_published_ones),
		cmocka_unit_test(the_defaults_are_numbers),
		cmocka_unit_test(only_three_keys_differ_between_the_profiles),
		cmocka_unit_test(a_step_of_nothing_is_refused_by_the_check_too),
		cmocka_unit_test(profiles_have_names),
	};
	struct CMUnitTest sets[COUNT(set_cases)], togethers[COUNT(together_cases)];

	for (size_t i = 0; i < COUNT(set_cases); i++)
		sets[i] = (struct CMUnitTest) { set_cases[i].name, check_set, NULL, NULL,
						(void *)&set_cases[i] };
	for (size_t i = 0; i < COUNT(together_cases); i++)
		togethers[i] = (struct CMUnitTest) { together_cases[i].name, check_together, NULL,
						     NULL, (void *)&together_cases[i] };
	return cmocka_run_group_tests_name("detector settings: one", sets, NULL, NULL) +
	       cmocka_run_group_tests_name("detector settings: together", togethers, NULL, NULL) +
	       cmocka_run_group_tests_name("detector settings", others, NULL, NULL);
}
