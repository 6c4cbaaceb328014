/* replay.c - `ixwatch replay`: a port's history, that of a CSV file, or the whole fleet's; see replay.h. */
#include "commands/replay.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advise.h"
#include "base/csv.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/replay_ask.h"
#include "commands/replay_fleet.h"
#include "ixwatch/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static bool
print(const struct replay *replay, bool as_json, struct error *err)
{
	struct json *json;

	if (!as_json) {
		replay_print_text(replay, stdout);
		return replay_print_end(err);
	}
	json = replay_json_new(replay);
	return replay_print_json(json, err);
}

/* --- a CSV file --- */

/* --capacity fills empty and absent cells; --until leaves out what ended later. */
static void
csv_input(struct replay_input *input, struct csv_series *series, const struct replay_plan *plan,
	  const char *name)
{
	*input = (struct replay_input) {
		.name = name,
		.row_sec = series->step_sec,
		.end_utc_sec = series->end_utc_sec,
		.value = series->value,
		.has = { [DIRECTION_IN] = series->has[COLUMN_IN_BPS],
			 [DIRECTION_OUT] = series->has[COLUMN_OUT_BPS] },
	};
	while (input->row_count < series->row_count &&
	       series->end_utc_sec[input->row_count] <= plan->until_utc_sec)
		input->row_count++;
	replay_fill_capacity(series->value, input->row_count, plan->capacity_bps);
}

static bool
replay_csv(const struct replay_plan *plan, const char *file, struct error *err)
{
	struct csv_series series = { 0 };
	struct replay_input input;
	struct replay_ask ask = { 0 };
	struct replay *replay = NULL;
	bool done = replay_ask_csv(&ask, plan, err) && csv_read(&series, file, err) &&
		    csv_settle_step(&series, file, (unsigned)ask.question.settings.step_sec, err);

	if (done) {
		csv_input(&input, &series, plan, file);
		done = replay_run(&replay, &input, &ask.question, err) &&
		       print(replay, plan->as_json, err);
	}
	replay_free(replay);
	replay_ask_end(&ask);
	csv_free(&series);
	return done;
}

/* --- a port --- */

static void
flush(const struct config *config, const struct replay_port *port)
{
	struct error err = { 0 };

	if (!replay_flush(config, port, &err) && err.code != ERR_NOT_FOUND)
		fprintf(stderr, "ixwatch replay: the last minutes may be missing: %s\n", err.text);
}

/* As the collector does once a day, but by what is asked, and up to the last step. */
static bool
advise(struct replay *replay, const struct replay_plan *plan, const struct config *config,
       const struct replay_port *port, struct error *err)
{
	const struct replay_question *question = replay->question;
	struct advise_ask ask = {
		.state_dir = config->state_dir,
		.source = &port->source,
		.zone = question->zone,
		.timezone = question->timezone,
		.settings = &question->settings,
		.contracted_bps = question->terms.contracted_bps,
		.contract_billed = question->terms.contract_billed,
		.contract_asked = question->contract_asked,
		.largest_member_bps = port->largest_member_bps,
		.capacity_bps = plan->capacity_bps,
		.until_utc_sec = replay_end_utc_sec(replay),
	};
	struct advise advise;

	if (!advise_date(&advise, &ask, err) || !advise_read(&advise, &ask, 0, err))
		return false;
	memcpy(replay->advice, advise.advice, sizeof(replay->advice));
	replay->advised = true;
	return true;
}

static bool
replay_one(const struct replay_plan *plan, const struct config *config,
	   const struct replay_port *port, struct error *err)
{
	struct replay_history history = { 0 };
	struct replay_ask ask = { 0 };
	struct replay *replay = NULL;
	bool done;

	flush(config, port);
	done = replay_ask_port(&ask, plan, config, port, err) &&
	       replay_history_read(&history, config, port, (unsigned)ask.question.settings.step_sec,
				   plan->until_utc_sec, err);
	if (done) {
		replay_fill_capacity(history.value, history.input.row_count, plan->capacity_bps);
		done = replay_run(&replay, &history.input, &ask.question, err) &&
		       advise(replay, plan, config, port, err) && print(replay, plan->as_json, err);
	}
	replay_free(replay);
	replay_history_free(&history);
	replay_ask_end(&ask);
	return done;
}

static bool
replay_port(const struct replay_plan *plan, const struct config *config, const char *name,
	    struct error *err)
{
	struct replay_ports ports;
	bool done = replay_ports_find(&ports, config, name, err) &&
		    replay_one(plan, config, &ports.ports[0], err);

	replay_ports_free(&ports);
	return done;
}

/* --- the command --- */

static int
replay_configured(const struct replay_plan *plan, const struct replay_options *options,
		  const char *config_file)
{
	struct config *config = options_config(config_file);
	struct error err = { 0 };
	bool done;

	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = options->all ? replay_fleet(plan, config, &err)
			    : replay_port(plan, config, options->port, &err);
	config_free(config);
	return done ? 0 : options_fail("replay", &err);
}

int
command_replay(int argc, char **argv)
{
	struct replay_options options = { 0 };
	const struct option_row rows[] = {
		{ "csv", "FILE", &options.csv, NULL,
		  "the history is that of a file; \"-\" is standard input" },
		{ "all", NULL, NULL, &options.all,
		  "every port: a table of who would be told what, beside what stands now" },
		{ "capacity", "BPS", &options.capacity, NULL,
		  "physical capacity where the history has none (\"10G\")" },
		{ "contracted", "BPS", &options.contracted, NULL,
		  "the contract: what is above it is congestion" },
		{ "nominal-capacity", "BPS", &options.nominal, NULL,
		  "what the capacity is when nothing is broken" },
		{ "timezone", "ZONE", &options.timezone, NULL,
		  "of the traffic days, IANA (default: the exchange's; of a file UTC)" },
		{ "profile", "P", &options.profile, NULL,
		  "early or proof (default: the configuration's; of a file early)" },
		{ "set", "KEY=VALUE", &options.set, NULL,
		  "a number of the judgement; may be repeated" },
		{ "declare", "WINDOW", &options.declare, NULL,
		  "FROM/TO/CAUSE[:TEXT], a declared window beside those of the register; may be "
		  "repeated" },
		{ "until", "TIME", &options.until, NULL, "judge as of then" },
		{ "format", "F", &options.format, NULL, "text (default) or json" },
	};
	struct option_set set = {
		.command = "replay",
		.arguments = "PORT | --csv FILE | --all",
		.about =
		    "Runs the detector over history and says what it would have said. Changes "
		    "nothing.\nPORT is an id or exchange/agent/ifName; its settings and zone are "
		    "the "
		    "configuration's, its contracts by date\nthe ledger's. exchange/AS64500 is a "
		    "connection: all ports of that peer there, summed.\n\n" CSV_FORM_HELP,
		.rows = rows,
		.row_count = COUNT(rows),
		.words = &options.port,
		.word_max = 1,
	};
	struct error err = { 0 };
	struct replay_plan plan;
	int status = 0;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!replay_plan_init(&plan, &options, argc, argv, &err))
		status = options_fail("replay", &err);
	else if (options.csv == NULL)
		status = replay_configured(&plan, &options, set.config_file);
	else if (!replay_csv(&plan, options.csv, &err))
		status = options_fail("replay", &err);
	replay_plan_end(&plan);
	return status;
}
