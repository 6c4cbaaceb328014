/* detector_settings.c - body of ixwatch/detector_settings.h: one row per number of the judgement. */
#include "ixwatch/detector_settings.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define HOUR_SEC     3600
#define DAY_SEC      86400

enum setting_type { SETTING_SHARE, SETTING_DURATION, SETTING_NUMBER };

/* The numbers are all exact in a double, so that one pair of limits serves the three types. */
struct setting {
	const char *key;
	enum setting_type type;
	size_t offset;
	double min, max;                 /* shares 0..1, seconds, or the number itself */
	const char *text[PROFILE_COUNT]; /* the defaults, as the configuration takes them */
	const char *allowed, *help;
};

#define FIELD(field)  offsetof(struct detector_settings, field)
#define SHARE_ABOVE_0 1e-6

/* clang-format off */
static const struct setting settings_table[] = {
	/* key, type, field, min, max, { early, proof }, allowed, help */
	{ "congested", SETTING_SHARE, FIELD(congested_share), SHARE_ABOVE_0, 1, { "90%", "95%" },
	  "a share above 0%, up to 100%", "a sample at or above this utilisation is congested" },
	{ "clear", SETTING_SHARE, FIELD(clear_share), SHARE_ABOVE_0, 1, { "85%", "90%" },
	  "a share above 0%, up to congested", "a sample at or above it keeps a run alive" },
	{ "discard-floor", SETTING_SHARE, FIELD(discard_floor_share), 0, 1, { "70%", "85%" },
	  "a share from 0% to 100%", "utilisation from which discards count as congestion (out only)" },
	{ "discard-share", SETTING_SHARE, FIELD(discard_share), SHARE_ABOVE_0, 1, { "0.1%", "0.1%" },
	  "a share above 0%, up to 100%", "so many of the packets offered, discarded, are congestion" },
	{ "clear-hold", SETTING_DURATION, FIELD(clear_hold_sec), 0, DAY_SEC, { "15m", "15m" },
	  "a duration from 0s to 1d", "below clear for so long, a run has ended" },
	{ "bridge", SETTING_DURATION, FIELD(bridge_sec), 0, DAY_SEC, { "10m", "10m" },
	  "a duration from 0s to 1d", "unknown for longer than this closes a run" },
	{ "sustain", SETTING_DURATION, FIELD(sustain_sec), 1, DAY_SEC, { "30m", "30m" },
	  "a duration from 1s to 1d", "a run of this length is a sustained episode, a shorter one a spike" },
	{ "step", SETTING_DURATION, FIELD(step_sec), 1, HOUR_SEC, { "300s", "300s" },
	  "a duration that divides 1h", "length of the samples that are judged" },
	{ "day-start", SETTING_DURATION, FIELD(day_start_sec), 0, DAY_SEC - 1, { "6h", "6h" },
	  "a duration from 0h to less than 24h", "local time at which a traffic day begins" },
	{ "congested-day", SETTING_DURATION, FIELD(congested_day_sec), 1, DAY_SEC, { "60m", "60m" },
	  "a duration from 1s to 24h", "a day with so much sustained congestion is a congested day" },
	{ "valid-share", SETTING_SHARE, FIELD(valid_share), SHARE_ABOVE_0, 1, { "80%", "80%" },
	  "a share above 0%, up to 100%", "a day must be known to this share to be valid" },
	{ "flash-span", SETTING_NUMBER, FIELD(flash_span_days), 0, 28, { "3", "3" },
	  "a number of days from 0 to 28", "longest span of a flash event, in days" },
	{ "flash-baseline", SETTING_SHARE, FIELD(flash_baseline_share), 0, 1, { "70%", "70%" },
	  "a share from 0% to 100%", "a flash event rises from a usual utilisation below this" },
	{ "flash-count", SETTING_NUMBER, FIELD(flash_count), 0, 28, { "2", "2" },
	  "a number from 0 to 28", "flash events excused in 28 days" },
};
/* clang-format on */

static const struct setting *
setting_find(const char *key)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		if (strcmp(settings_table[i].key, key) == 0)
			return &settings_table[i];
	return NULL;
}

static bool
parse(const struct setting *row, const char *text, double *value)
{
	int64_t sec;
	uint64_t number;

	if (row->type == SETTING_SHARE)
		return units_parse_share(text, value);
	if (row->type == SETTING_NUMBER) {
		if (!units_parse_uint(text, 0, UINT32_MAX, &number))
			return false;
		*value = (double)number;
		return true;
	}
	if (!units_parse_duration_sec(text, &sec))
		return false;
	*value = (double)sec;
	return true;
}

static void
put(struct detector_settings *settings, const struct setting *row, double value)
{
	void *field = (char *)settings + row->offset;

	if (row->type == SETTING_SHARE)
		*(double *)field = value;
	else if (row->type == SETTING_DURATION)
		*(int64_t *)field = (int64_t)value;
	else
		*(uint32_t *)field = (uint32_t)value;
}

static double
get(const struct detector_settings *settings, const struct setting *row)
{
	const void *field = (const char *)settings + row->offset;

	if (row->type == SETTING_SHARE)
		return *(const double *)field;
	if (row->type == SETTING_DURATION)
		return (double)*(const int64_t *)field;
	return *(const uint32_t *)field;
}

void
detector_settings_init(struct detector_settings *settings, enum profile profile)
{
	double value = NAN;

	*settings = (struct detector_settings) { .profile = profile };
	for (size_t i = 0; i < COUNT(settings_table); i++) {
		parse(&settings_table[i], settings_table[i].text[profile], &value);
		put(settings, &settings_table[i], value);
	}
}

bool
detector_settings_equal(const struct detector_settings *a, const struct detector_settings *b)
{
	for (size_t i = 0; i < COUNT(settings_table); i++)
		if (get(a, &settings_table[i]) != get(b, &settings_table[i]))
			return false;
	return a->profile == b->profile;
}

/* "unknown key; allowed: congested, clear, ..." */
static bool
refuse_key(const char *key, struct error *err)
{
	char keys[512] = "";
	size_t len = 0;

	for (size_t i = 0; i < COUNT(settings_table); i++)
		len += (size_t)snprintf(keys + len, sizeof(keys) - len, "%s%s", i == 0 ? "" : ", ",
					settings_table[i].key);
	return error_set(err, ERR_CONFIG, "%.40s: no setting of the detector; allowed: %s", key,
			 keys);
}

bool
detector_settings_set(struct detector_settings *settings, const char *key, const char *value,
		      struct error *err)
{
	const struct setting *row = setting_find(key);
	double number;
	char clean[64];

	if (row == NULL)
		return refuse_key(key, err);
	if (!parse(row, value, &number) || number < row->min || number > row->max)
		return error_set(err, ERR_CONFIG, "%s: \"%s\" is wrong; allowed: %s", key,
				 units_clean_text(clean, sizeof(clean), value, strlen(value)),
				 row->allowed);
	put(settings, row, number);
	return true;
}

bool
detector_settings_check(const struct detector_settings *s, unsigned interval_sec, struct error *err)
{
	if (s->clear_share > s->congested_share)
		return error_set(
		    err, ERR_CONFIG,
		    "clear: %.10g%% is above congested, %.10g%%; allowed: up to congested",
		    s->clear_share * 100, s->congested_share * 100);
	if (s->step_sec < 1 || HOUR_SEC % s->step_sec != 0)
		return error_set(
		    err, ERR_CONFIG,
		    "step: %lld s does not divide an hour; allowed: a divisor of 3600s",
		    (long long)s->step_sec);
	if (interval_sec != 0 && s->step_sec % interval_sec != 0)
		return error_set(
		    err, ERR_CONFIG,
		    "interval: %u s does not divide step, %lld s; allowed: a divisor of step",
		    interval_sec, (long long)s->step_sec);
	return true;
}

const char *
detector_settings_key(size_t i)
{
	return i < COUNT(settings_table) ? settings_table[i].key : NULL;
}

const char *
detector_settings_default(size_t i, enum profile profile)
{
	return settings_table[i].text[profile];
}

const char *
detector_settings_help(size_t i)
{
	return settings_table[i].help;
}

bool
detector_settings_is_profiled(const char *key)
{
	const struct setting *row = setting_find(key);

	return row != NULL && strcmp(row->text[PROFILE_EARLY], row->text[PROFILE_PROOF]) != 0;
}

const char *
detector_settings_allowed(size_t i)
{
	return settings_table[i].allowed;
}

/* "90m" rather than "5400s": the largest unit that says it whole. */
static void
format_duration(char *dst, size_t len, long long sec)
{
	static const struct {
		long long sec;
		char letter;
	} units[] = { { DAY_SEC, 'd' }, { HOUR_SEC, 'h' }, { 60, 'm' }, { 1, 's' } };
	size_t i = 0;

	while (sec % units[i].sec != 0 || (sec == 0 && units[i].sec > 1))
		i++;
	snprintf(dst, len, "%lld%c", sec / units[i].sec, units[i].letter);
}

char *
detector_settings_format(const struct detector_settings *settings, size_t i, char *dst, size_t len)
{
	const struct setting *row = &settings_table[i];
	double value = get(settings, row);
	double standard = NAN;

	parse(row, row->text[settings->profile], &standard);
	if (value == standard) /* the default in the words of the manual */
		snprintf(dst, len, "%s", row->text[settings->profile]);
	else if (row->type == SETTING_SHARE)
		snprintf(dst, len, "%.10g%%", value * 100);
	else if (row->type == SETTING_DURATION)
		format_duration(dst, len, (long long)value);
	else
		snprintf(dst, len, "%.0f", value);
	return dst;
}

static const char *const profile_names[PROFILE_COUNT] = { "early", "proof" };

const char *
profile_name(enum profile profile)
{
	return profile_names[profile];
}

bool
profile_parse(const char *name, enum profile *profile)
{
	for (int i = 0; i < PROFILE_COUNT; i++) {
		if (strcmp(name, profile_names[i]) != 0)
			continue;
		*profile = (enum profile)i;
		return true;
	}
	return false;
}
