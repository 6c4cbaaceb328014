/* replay_ask.h - a replay's question, from the options, the configuration and the register of declared windows; and the
 * ends of its answer. */
#ifndef COLLECTOR_COMMANDS_REPLAY_ASK_H
#define COLLECTOR_COMMANDS_REPLAY_ASK_H

#include "commands/replay_port.h"

/* A question with what it lends from. */
struct replay_ask {
	struct replay_question question;
	struct zone *zone;
	struct detector_window *windows; /* of the register, then of --declare */
	const char **window_texts;
};

/* Of a CSV file: all from the options. */
bool replay_ask_csv(struct replay_ask *ask, const struct replay_plan *plan, struct error *err);

/* Of a port: the configuration's settings for it, its terms and windows; options overrule. */
bool replay_ask_port(struct replay_ask *ask, const struct replay_plan *plan,
		     const struct config *config, const struct replay_port *port,
		     struct error *err);
void replay_ask_end(struct replay_ask *ask); /* a zeroed one is fine */

/* Puts capacity_bps (unless NAN) where the rows have none. */
void replay_fill_capacity(double *value, size_t row_count, double capacity_bps);

/* Prints the document on standard output and frees it; NULL: memory ran out. */
bool replay_print_json(struct json *json, struct error *err);
bool replay_print_end(struct error *err); /* whether all that was printed went out */

#endif
