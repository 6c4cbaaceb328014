/* options.h - the command line of ixwatch-sim: one table of options behind parser, checks and help. */
#ifndef SIM_OPTIONS_H
#define SIM_OPTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "complaint.h"
#include "world.h"

/* Commands, as bits: which options each takes. */
enum command {
	COMMAND_RUN = 1,
	COMMAND_CONFIG = 2,
	COMMAND_PORTS = 4,
	COMMAND_AGENTS = 8,
	COMMAND_HISTORY = 16,
	COMMAND_TRUTH = 32,
	COMMAND_ALL = 63,
};

#define OPTIONS_MAX_FAULTS 256

/* Texts are lent from argv. */
struct options {
	struct world_settings world;
	int64_t now_ticks; /* by the wall clock and --now-offset */
	/* run */
	int64_t now_offset_sec;
	uint64_t udp_port; /* config names it too */
	const char *community;
	double drop_share, silent_share;
	uint64_t max_size;
	bool until_stdin_closes;
	size_t fault_count;
	const char *faults[OPTIONS_MAX_FAULTS];
	/* config */
	const char *state_dir, *interval, *listen;
	const char *archive_interval, *archive_step, *archive_hour, *archive_day;
	/* history, truth */
	const char *exchange, *agent, *interface, *dir;
	bool all;
	int64_t from_ticks, to_ticks;
	uint64_t step_sec;
};

/* Reads the options that stand behind the command.  asked_help: --help was among them. */
bool options_parse(struct options *options, enum command command, int argc, char **argv,
		   bool *asked_help, struct complaint *complaint);

/* One line an option of that command. */
void options_print_help(enum command command);

#endif
