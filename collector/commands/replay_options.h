/* replay_options.h - what is asked of a replay, from the words of a command line. */
#ifndef COLLECTOR_COMMANDS_REPLAY_OPTIONS_H
#define COLLECTOR_COMMANDS_REPLAY_OPTIONS_H

#include "commands/replay.h"

/* The options as written; NULL: not given. */
struct replay_options {
	const char *csv, *capacity, *contracted, *nominal, *timezone, *profile, *set, *declare,
	    *until, *format;
};

/* The options, understood. */
struct replay_plan {
	struct replay_question question;
	double capacity_bps;   /* NAN: not given */
	int64_t until_utc_sec; /* INT64_MAX: not given */
	bool as_json;
	struct zone *zone;
	struct detector_window *windows;
	const char **window_texts;
};

/* Understands the options; --set and --declare, which may be given many times, are found in argv, which has been read
 * once by options_read.  End it with replay_plan_end, also when it failed. */
bool replay_plan_init(struct replay_plan *plan, const struct replay_options *options, int argc,
		      char **argv, struct error *err);
void replay_plan_end(struct replay_plan *plan);

#endif
