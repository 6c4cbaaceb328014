/* replay_fleet.h - `ixwatch replay --all`: every port under the settings asked for, beside what stands now. */
#ifndef COLLECTOR_COMMANDS_REPLAY_FLEET_H
#define COLLECTOR_COMMANDS_REPLAY_FLEET_H

#include "commands/replay_ask.h"

/* How a port came out: of its directions the graver, of equal ones the one with more congested days. */
struct fleet_outcome {
	enum verdict verdict;
	enum direction direction;
	int32_t since; /* DETECTOR_NO_DAY: from the start */
	unsigned congested_days_28;
	double p95_utilisation; /* NAN: nothing known */
	const char *told;       /* who would be */
};

struct fleet_row {
	const struct replay_port *port;
	enum profile profile;             /* asked for */
	struct fleet_outcome now, then;   /* by the configuration; by what is asked */
	int64_t from_utc_sec, to_utc_sec; /* its samples; 0: none */
	char trouble[256];                /* why it could not be replayed; "" */
};

struct fleet {
	const struct replay_plan *plan;
	const struct config *config;
	bool compares;                      /* something is asked that may differ from now */
	size_t count, port_count;           /* rows: ports, then connections */
	size_t failed_count, changed_count; /* ports */
	struct fleet_row *rows;             /* as the ledger lists the ports */
	unsigned now_count[VERDICT_COUNT], then_count[VERDICT_COUNT];
	unsigned moved_count[VERDICT_COUNT][VERDICT_COUNT]; /* from now to then */
};

bool fleet_row_changed(const struct fleet_row *row);

void fleet_print_text(const struct fleet *fleet, FILE *to);
struct json *fleet_json_new(const struct fleet *fleet);

/* The command: replays every port and prints the table.  A port that cannot be replayed is said in it, and makes it
 * false at the end. */
bool replay_fleet(const struct replay_plan *plan, const struct config *config, struct error *err);

#endif
