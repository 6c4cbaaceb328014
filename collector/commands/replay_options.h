/* replay_options.h - what is asked of a replay, from the words of a command line. */
#ifndef COLLECTOR_COMMANDS_REPLAY_OPTIONS_H
#define COLLECTOR_COMMANDS_REPLAY_OPTIONS_H

#include "commands/replay.h"

/* The options as written; NULL: not given. */
struct replay_options {
	const char *port, *csv, *capacity, *contracted, *nominal, *timezone, *profile, *set,
	    *declare, *until, *format;
	bool all;
};

/* The options, understood. */
struct replay_plan {
	const char *timezone; /* NULL: not given */
	bool has_profile;
	enum profile profile;
	size_t set_count;
	const char **sets;                                         /* "KEY=VALUE", well formed */
	double capacity_bps, contracted_bps, nominal_capacity_bps; /* NAN: not given */
	int64_t until_utc_sec;                                     /* INT64_MAX: not given */
	bool as_json;
	size_t window_count; /* of --declare */
	struct detector_window *windows;
	const char **window_texts;
};

/* Understands the options, and refuses those that do not go together; --set and --declare, which may be given many times,
 * are found in argv, which has been read once by options_read.  End it with replay_plan_end, also when it failed. */
bool replay_plan_init(struct replay_plan *plan, const struct replay_options *options, int argc,
		      char **argv, struct error *err);
void replay_plan_end(struct replay_plan *plan);

/* Puts every --set over the settings.  interval_sec as for detector_settings_check. */
bool replay_plan_settle(const struct replay_plan *plan, struct detector_settings *settings,
			unsigned interval_sec, struct error *err);

/* A zone by its name; an unknown one is wrong use, as it stands on the command line. */
bool replay_plan_zone(struct zone **zone, const char *name, struct error *err);

/* Whether anything is asked that may make another verdict than the configuration's own. */
bool replay_plan_differs(const struct replay_plan *plan);

#endif
