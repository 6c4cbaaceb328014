/* replay_options.c - the options of `ixwatch replay`, understood; see replay_options.h. */
#include "commands/replay_options.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"
#include "ixwatch/units.h"

#define BPS_MAX       1e15
#define WINDOW_FIELDS 3
#define COUNT(array)  (sizeof(array) / sizeof((array)[0]))

/* An option that may be given many times. */
struct text_list {
	const char **text;
	size_t count;
};

/* --- options that are given again and again --- */

/* Whether the next word is its value; --all is the only flag. */
static bool
takes_value(const char *option)
{
	return strcmp(option, "-c") == 0 ||
	       (strncmp(option, "--", 2) == 0 && strcmp(option, "--all") != 0);
}

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
		i += equals == NULL && takes_value(option);
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
parse_profile(struct replay_plan *plan, const char *text, struct error *err)
{
	plan->has_profile = text != NULL;
	if (text == NULL || profile_parse(text, &plan->profile))
		return true;
	return error_set(err, ERR_USAGE, "--profile \"%.40s\": allowed: early, proof", text);
}

/* Each one alone; whether they go together shows over the settings they are put upon. */
static bool
parse_sets(struct replay_plan *plan, const struct text_list *sets, struct error *err)
{
	struct detector_settings tried;

	detector_settings_init(&tried, plan->profile);
	plan->sets = sets->text;
	plan->set_count = sets->count;
	for (size_t i = 0; i < plan->set_count; i++)
		if (!set_one(&tried, plan->sets[i], err))
			return false;
	return true;
}

bool
replay_plan_settle(const struct replay_plan *plan, struct detector_settings *settings,
		   unsigned interval_sec, struct error *err)
{
	for (size_t i = 0; i < plan->set_count; i++)
		if (!set_one(settings, plan->sets[i], err))
			return false;
	return detector_settings_check(settings, interval_sec, err) || error_wrap(err, "--set");
}

bool
replay_plan_differs(const struct replay_plan *plan)
{
	return plan->has_profile || plan->set_count > 0 || plan->window_count > 0 ||
	       plan->until_utc_sec != INT64_MAX;
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
	plan->window_count = declares->count;
	return true;
}

/* --- all options --- */

bool
replay_plan_zone(struct zone **zone, const char *name, struct error *err)
{
	if (zone_open(zone, name, err))
		return true;
	if (err->code == ERR_PARSE)
		err->code = ERR_USAGE; /* the option is wrong, not some file */
	return error_wrap(err, "--timezone");
}

static bool
check_source(const struct replay_options *options, struct error *err)
{
	int sources = (options->port != NULL) + (options->csv != NULL) + options->all;

	if (sources == 1)
		return true;
	return error_set(
	    err, ERR_USAGE,
	    "%s; allowed is one of: PORT (an id or exchange/agent/ifName), --csv FILE, "
	    "--all",
	    sources == 0 ? "no history is named" : "more than one history is named");
}

/* What is said of one port is not said of all of them. */
static bool
check_together(const struct replay_options *options, struct error *err)
{
	const struct {
		const char *name, *text, *instead;
	} of_one[] = {
		{ "capacity", options->capacity, "each port has its own, in its samples" },
		{ "contracted", options->contracted, "each port has its own, in its block" },
		{ "nominal-capacity", options->nominal, "each port has its own, in its block" },
		{ "timezone", options->timezone, "each exchange has its own" },
	};

	for (size_t i = 0; options->all && i < COUNT(of_one); i++)
		if (of_one[i].text != NULL)
			return error_set(err, ERR_USAGE,
					 "--%s does not go with --all: %s; allowed with PORT and "
					 "--csv",
					 of_one[i].name, of_one[i].instead);
	return true;
}

bool
replay_plan_init(struct replay_plan *plan, const struct replay_options *options, int argc,
		 char **argv, struct error *err)
{
	struct text_list sets = { 0 }, declares = { 0 };
	bool done;

	*plan = (struct replay_plan) { .timezone = options->timezone,
				       .profile = PROFILE_EARLY,
				       .capacity_bps = NAN,
				       .contracted_bps = NAN,
				       .nominal_capacity_bps = NAN,
				       .until_utc_sec = INT64_MAX };
	done = check_source(options, err) && check_together(options, err) &&
	       gather(&sets, argc, argv, "set", err) &&
	       gather(&declares, argc, argv, "declare", err) &&
	       parse_profile(plan, options->profile, err) && parse_sets(plan, &sets, err) &&
	       parse_windows(plan, &declares, err) &&
	       parse_bps(&plan->capacity_bps, "capacity", options->capacity, err) &&
	       parse_bps(&plan->contracted_bps, "contracted", options->contracted, err) &&
	       parse_bps(&plan->nominal_capacity_bps, "nominal-capacity", options->nominal, err) &&
	       parse_until(plan, options->until, err) && parse_format(plan, options->format, err);
	if (plan->sets == NULL)
		free(sets.text);
	free(declares.text);
	return done;
}

void
replay_plan_end(struct replay_plan *plan)
{
	free(plan->sets);
	free(plan->windows);
	free(plan->window_texts);
}
