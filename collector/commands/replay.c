/* replay.c - `ixwatch replay`, and the history of a CSV file as its source of samples; see replay.h. */
#include "commands/replay.h"

#include <math.h>
#include <stdlib.h>

#include "base/csv.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/replay_options.h"
#include "ixwatch/json.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* --- a CSV file as the source --- */

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
	       series->end_utc_sec[input->row_count] <= plan->until_utc_sec) {
		double *capacity_bps =
		    &series->value[input->row_count * COLUMN_COUNT + COLUMN_CAPACITY_BPS];

		if (isnan(*capacity_bps))
			*capacity_bps = plan->capacity_bps;
		input->row_count++;
	}
}

static bool
print(const struct replay *replay, bool as_json, struct error *err)
{
	char *text = NULL;
	struct json *json;

	if (as_json) {
		json = replay_json_new(replay);
		text = json_print_dup(json, true, NULL);
		json_free(json);
		if (text == NULL)
			return error_set(err, ERR_NOMEM, "out of memory");
		puts(text);
		free(text);
	} else {
		replay_print_text(replay, stdout);
	}
	if (fflush(stdout) != 0 || ferror(stdout))
		return error_set(err, ERR_IO, "standard output: cannot be written");
	return true;
}

static bool
replay_csv(const struct replay_plan *plan, const char *file, struct error *err)
{
	struct csv_series series = { 0 };
	struct replay_input input;
	struct replay *replay = NULL;
	bool done = csv_read(&series, file, err) &&
		    csv_settle_step(&series, file, (unsigned)plan->question.settings.step_sec, err);

	if (done) {
		csv_input(&input, &series, plan, file);
		done = replay_run(&replay, &input, &plan->question, err) &&
		       print(replay, plan->as_json, err);
	}
	replay_free(replay);
	csv_free(&series);
	return done;
}

int
command_replay(int argc, char **argv)
{
	struct replay_options options = { 0 };
	const struct option_row rows[] = {
		{ "csv", "FILE", &options.csv, NULL, "the history; \"-\" is standard input" },
		{ "capacity", "BPS", &options.capacity, NULL,
		  "physical capacity where the file has none (\"10G\")" },
		{ "contracted", "BPS", &options.contracted, NULL,
		  "the contract: what is above it is congestion" },
		{ "nominal-capacity", "BPS", &options.nominal, NULL,
		  "what the capacity is when nothing is broken" },
		{ "timezone", "ZONE", &options.timezone, NULL,
		  "of the traffic days, IANA (default UTC)" },
		{ "profile", "P", &options.profile, NULL, "early (default) or proof" },
		{ "set", "KEY=VALUE", &options.set, NULL,
		  "a number of the judgement; may be repeated" },
		{ "declare", "WINDOW", &options.declare, NULL,
		  "FROM/TO/CAUSE[:TEXT], a declared window; may be repeated" },
		{ "until", "TIME", &options.until, NULL, "judge as of then" },
		{ "format", "F", &options.format, NULL, "text (default) or json" },
	};
	const char *word = NULL;
	struct option_set set = {
		.command = "replay",
		.arguments = "--csv FILE",
		.about = "Runs the detector over history and says what it would have said. Changes "
			 "nothing.",
		.rows = rows,
		.row_count = COUNT(rows),
		.words = &word,
		.word_max = 1,
	};
	struct error err = { 0 };
	struct replay_plan plan;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (options.csv == NULL || word != NULL) {
		error_set(&err, ERR_USAGE, "%s%s; a replay reads a file: --csv FILE",
			  word != NULL ? "no use for the word " : "no history given",
			  word != NULL ? word : "");
		return options_fail("replay", &err);
	}
	done = replay_plan_init(&plan, &options, argc, argv, &err) &&
	       replay_csv(&plan, options.csv, &err);
	replay_plan_end(&plan);
	return done ? 0 : options_fail("replay", &err);
}
