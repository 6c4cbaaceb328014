/* report_runs.h - how often letters were made since the collector's start: who makes them counts, the pipeline tells. */
#ifndef COLLECTOR_REPORT_RUNS_H
#define COLLECTOR_REPORT_RUNS_H

#include <stdbool.h>
#include <stdint.h>

struct report_runs {
	uint64_t count, failure_count;
	bool is_running;
};

#endif
