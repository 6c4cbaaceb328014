/* replay_ask.c - see replay_ask.h. */
#include "commands/replay_ask.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/json.h"

/* --- windows --- */

static bool
join_windows(struct replay_ask *ask, const struct replay_plan *plan, const struct replay_port *port,
	     struct error *err)
{
	size_t registered = port != NULL ? port->window_count : 0;
	size_t count = registered + plan->window_count;

	ask->windows = calloc(count + 1, sizeof(*ask->windows));
	ask->window_texts = calloc(count + 1, sizeof(*ask->window_texts));
	if (ask->windows == NULL || ask->window_texts == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < count; i++) {
		bool of_register = i < registered;
		size_t at = of_register ? i : i - registered;

		ask->windows[i] = of_register ? port->windows[at] : plan->windows[at];
		ask->window_texts[i] =
		    of_register ? port->window_texts[at] : plan->window_texts[at];
	}
	ask->question.window_count = count;
	ask->question.windows = ask->windows;
	ask->question.window_texts = ask->window_texts;
	return true;
}

/* --- terms and zone --- */

static void
overrule_terms(struct replay_question *question, const struct replay_plan *plan)
{
	struct detector_terms *terms = &question->terms;

	question->contract_asked = !isnan(plan->contracted_bps);
	if (question->contract_asked) {
		terms->contracted_bps = plan->contracted_bps;
		terms->contract_billed = false;
	}
	if (!isnan(plan->nominal_capacity_bps))
		terms->nominal_capacity_bps = plan->nominal_capacity_bps;
}

static bool
open_zone(struct replay_ask *ask, const struct replay_plan *plan, const char *otherwise,
	  struct error *err)
{
	bool done;

	ask->question.timezone = plan->timezone != NULL ? plan->timezone : otherwise;
	done = plan->timezone != NULL ? replay_plan_zone(&ask->zone, plan->timezone, err)
				      : zone_open(&ask->zone, otherwise, err);
	ask->question.zone = ask->zone;
	return done;
}

/* --- a question --- */

bool
replay_ask_csv(struct replay_ask *ask, const struct replay_plan *plan, struct error *err)
{
	*ask = (struct replay_ask) {
		.question.terms = { .contracted_bps = NAN,
				    .nominal_capacity_bps = NAN,
				    .discards_trusted = true },
	};
	detector_settings_init(&ask->question.settings, plan->profile);
	overrule_terms(&ask->question, plan);
	return replay_plan_settle(plan, &ask->question.settings, 0, err) &&
	       join_windows(ask, plan, NULL, err) && open_zone(ask, plan, "UTC", err);
}

/* Who goes by the profile asked for. */
static void
put_readers(struct replay_ask *ask, const struct config *config, const struct replay_port *port)
{
	struct detector_settings of_pages;

	config_detector(config, port->exchange, port->settings, NULL, &of_pages);
	ask->question.to_noc = ask->question.settings.profile == of_pages.profile;
	ask->question.to_peer = ask->question.settings.profile == config->report.profile;
}

bool
replay_ask_port(struct replay_ask *ask, const struct replay_plan *plan, const struct config *config,
		const struct replay_port *port, struct error *err)
{
	*ask = (struct replay_ask) { .question.terms = port->terms };
	config_detector(config, port->exchange, port->settings,
			plan->has_profile ? &plan->profile : NULL, &ask->question.settings);
	overrule_terms(&ask->question, plan);
	put_readers(ask, config, port);
	return (replay_plan_settle(plan, &ask->question.settings, config->interval_sec, err) ||
		error_wrap(err, "%s", port->name)) &&
	       join_windows(ask, plan, port, err) &&
	       open_zone(ask, plan, port->exchange->timezone, err);
}

void
replay_ask_end(struct replay_ask *ask)
{
	zone_close(ask->zone);
	free(ask->windows);
	free(ask->window_texts);
	*ask = (struct replay_ask) { 0 };
}

void
replay_fill_capacity(double *value, size_t row_count, double capacity_bps)
{
	for (size_t row = 0; row < row_count && !isnan(capacity_bps); row++)
		if (isnan(value[row * COLUMN_COUNT + COLUMN_CAPACITY_BPS]))
			value[row * COLUMN_COUNT + COLUMN_CAPACITY_BPS] = capacity_bps;
}

/* --- the answer's end --- */

bool
replay_print_end(struct error *err)
{
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set(err, ERR_IO, "standard output: cannot be written");
	return true;
}

bool
replay_print_json(struct json *json, struct error *err)
{
	char *text = json_print_dup(json, true, NULL);

	json_free(json);
	if (text == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	puts(text);
	free(text);
	return replay_print_end(err);
}
