/* replay_options.c - the options of `ixwatch replay`, understood; see replay_options.h. */
#include "commands/replay_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "ixwatch/units.h"

#define BPS_MAX       1e15
#define WINDOW_FIELDS 3

/* An option that may be given many times. */
struct text_list {
	const char **text;
	size_t count;
};

/* --- options that are given again and again --- */

/* Every value of --name, in order; argv has been found to be well formed. */
static bool
gather(struct text_list *list, int argc, char **argv, const char *name, struct error *err)
{
	size_t name_len = strlen(name);

	list->text = calloc((size_t)argc, sizeof(*list->text));
	if (list->text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (int i = 1; i < argc && strcmp(argv[i], "--") != 0; i++) {
		const char *option = argv[i], *equals = strchr(option, '=');
		bool is_long = strncmp(option, "--", 2) == 0;
		bool is_ours = is_long && strncmp(option + 2, name, name_len) == 0 &&
			       (option[2 + name_len] == '\0' || option[2 + name_len] == '=');

		if (is_ours && equals != NULL)
			list->text[list->count++] = equals + 1;
		else if (is_ours)
			list->text[list->count++] = argv[i + 1];
		i += equals == NULL && (is_long || strcmp(option, "-c") == 0);
	}
	return true;
}

/* --- single values --- */

/* "10G", or a plain number to the last digit. */
static bool
parse_bps(double *bps, const char *option, const char *text, struct error *err)
{
	if (text == NULL || units_parse_bps(text, bps))
		return true;
	if (decimal_parse(text, strlen(text), bps) && *bps > 0 && *bps <= BPS_MAX)
		return true;
	return error_set(err, ERR_USAGE,
			 "--%s \"%.40s\": not a rate; allowed: bit/s above 0, up to 1000T "
			 "(\"10G\", \"2500000000\")",
			 option, text);
}

static bool
parse_until(struct replay_plan *plan, const char *text, struct error *err)
{
	if (text == NULL || units_parse_utc(text, &plan->until_utc_sec))
		return true;
	return error_set(err, ERR_USAGE,
			 "--until \"%.40s\": not a time; allowed: RFC 3339 "
			 "(\"2026-11-23T06:00:00Z\") or Unix seconds",
			 text);
}

static bool
parse_format(struct replay_plan *plan, const char *text, struct error *err)
{
	plan->as_json = text != NULL && strcmp(text, "json") == 0;
	if (text == NULL || plan->as_json || strcmp(text, "text") == 0)
		return true;
	return error_set(err, ERR_USAGE, "--format \"%.40s\": allowed: text, json", text);
}

/* --- the settings of the judgement --- */

static bool
set_one(struct detector_settings *settings, const char *text, struct error *err)
{
	const char *equals = strchr(text, '=');
	char key[64];

	if (equals == NULL || equals == text || (size_t)(equals - text) >= sizeof(key))
		return error_set(err, ERR_USAGE,
				 "--set \"%.60s\": allowed: KEY=VALUE, such as congested=95%%",
				 text);
	memcpy(key, text, (size_t)(equals - text));
	key[equals - text] = '\0';
	return detector_settings_set(settings, key, equals + 1, err) || error_wrap(err, "--set");
}

static bool
parse_settings(struct detector_settings *settings, const char *profile,
	       const struct text_list *sets, struct error *err)
{
	enum profile which = PROFILE_EARLY;

	if (profile != NULL && !profile_parse(profile, &which))
		return error_set(err, ERR_USAGE, "--profile \"%.40s\": allowed: early, proof",
				 profile);
	detector_settings_init(settings, which);
	for (size_t i = 0; i < sets->count; i++)
		if (!set_one(settings, sets->text[i], err))
			return false;
	return detector_settings_check(settings, 0, err) || error_wrap(err, "--set");
}

/* --- declared windows --- */

static bool
bad_window(struct error *err, const char *text, const char *what)
{
	return error_set(err, ERR_USAGE,
			 "--declare \"%.80s\": %s; allowed: FROM/TO/CAUSE[:TEXT], times RFC 3339 "
			 "or Unix seconds, at most 7 days, "
			 "CAUSE one of event works attack failover exchange ours",
			 text, what);
}

/* Cuts "FROM/TO/CAUSE[:TEXT]" into its three fields and the text behind. */
static bool
cut_window(const char *text, char field[WINDOW_FIELDS][64], const char **rest)
{
	static const char ends[WINDOW_FIELDS] = { '/', '/', ':' };

	for (int i = 0; i < WINDOW_FIELDS; i++) {
		const char *end = strchr(text, ends[i]);
		size_t len = end != NULL ? (size_t)(end - text) : strlen(text);

		if ((end == NULL && i + 1 < WINDOW_FIELDS) || len >= 64)
			return false;
		memcpy(field[i], text, len);
		field[i][len] = '\0';
		text = end != NULL ? end + 1 : text + len;
	}
	*rest = text;
	return true;
}

static bool
parse_window(struct detector_window *window, const char **rest, const char *text, struct error *err)
{
	char field[WINDOW_FIELDS][64];

	if (!cut_window(text, field, rest))
		return bad_window(err, text, "not three fields");
	if (!units_parse_utc(field[0], &window->start_utc_sec) ||
	    !units_parse_utc(field[1], &window->end_utc_sec))
		return bad_window(err, text, "FROM or TO is not a time");
	if (!detector_cause_parse(field[2], &window->cause))
		return bad_window(err, text, "CAUSE is not known");
	if (window->end_utc_sec <= window->start_utc_sec)
		return bad_window(err, text, "TO is not after FROM");
	if (window->end_utc_sec - window->start_utc_sec > DETECTOR_WINDOW_MAX_SEC)
		return bad_window(err, text, "longer than 7 days");
	return true;
}

static bool
parse_windows(struct replay_plan *plan, const struct text_list *declares, struct error *err)
{
	if (declares->count == 0)
		return true;
	plan->windows = calloc(declares->count, sizeof(*plan->windows));
	plan->window_texts = calloc(declares->count, sizeof(*plan->window_texts));
	if (plan->windows == NULL || plan->window_texts == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < declares->count; i++)
		if (!parse_window(&plan->windows[i], &plan->window_texts[i], declares->text[i],
				  err))
			return false;
	plan->question.windows = plan->windows;
	plan->question.window_texts = plan->window_texts;
	plan->question.window_count = declares->count;
	return true;
}

/* --- all options --- */

static bool
parse_zone(struct replay_plan *plan, const char *name, struct error *err)
{
	plan->question.timezone = name != NULL ? name : "UTC";
	if (zone_open(&plan->zone, plan->question.timezone, err)) {
		plan->question.zone = plan->zone;
		return true;
	}
	if (err->code == ERR_PARSE)
		err->code = ERR_USAGE; /* the option is wrong, not some file */
	return false;
}

bool
replay_plan_init(struct replay_plan *plan, const struct replay_options *options, int argc,
		 char **argv, struct error *err)
{
	struct text_list sets = { 0 }, declares = { 0 };
	struct detector_terms *terms = &plan->question.terms;
	bool done;

	*plan = (struct replay_plan) { .capacity_bps = NAN, .until_utc_sec = INT64_MAX };
	*terms = (struct detector_terms) { .contracted_bps = NAN,
					   .nominal_capacity_bps = NAN,
					   .discards_trusted = true };
	done = gather(&sets, argc, argv, "set", err) &&
	       gather(&declares, argc, argv, "declare", err) &&
	       parse_settings(&plan->question.settings, options->profile, &sets, err) &&
	       parse_windows(plan, &declares, err) && parse_zone(plan, options->timezone, err) &&
	       parse_bps(&plan->capacity_bps, "capacity", options->capacity, err) &&
	       parse_bps(&terms->contracted_bps, "contracted", options->contracted, err) &&
	       parse_bps(&terms->nominal_capacity_bps, "nominal-capacity", options->nominal, err) &&
	       parse_until(plan, options->until, err) && parse_format(plan, options->format, err);
	free(sets.text);
	free(declares.text);
	return done;
}

void
replay_plan_end(struct replay_plan *plan)
{
	zone_close(plan->zone);
	free(plan->windows);
	free(plan->window_texts);
}
