/* walk_internal.h - a walk under way, between the files walk*.c only.
 *
 *   walk.c        the story: the system group, then the lanes, then what is missing, then the LAGs; its end
 *   walk_lanes.c  the columns of the table, side by side (lane.h)
 *   walk_fill.c   single values that the lanes could not bring
 *   walk_lag.c    who is a member of which LAG
 */
#ifndef COLLECTOR_SNMP_WALK_INTERNAL_H
#define COLLECTOR_SNMP_WALK_INTERNAL_H

#include "snmp/errand.h"
#include "snmp/lane.h"

#define WALK_LANES 3

/* A column of the LAG MIB, or ifStackStatus below one interface. */
struct walk_lag_column {
	struct snmp_oid oid;
	uint32_t lag_if_index; /* of the stack's; else 0 */
	uint32_t last;         /* index; meaningful once started */
	unsigned row_count;
	bool started, ended, broken;
};

struct walk_lag {
	struct walk_lag_column *column;
	size_t column_count, first; /* those before it have ended */
	size_t width;               /* columns asked in one request */
	size_t asked[ASK_OIDS_MAX]; /* of the request that is out */
	unsigned asks, silent_count;
	struct lag_layer *layer;
	size_t layer_count, layer_room;
	bool ended, unknown; /* unknown: nothing is to be believed */
};

enum stage { STAGE_SYSTEM, STAGE_LANES, STAGE_FILL, STAGE_LAG, STAGE_COUNT };

struct walk {
	struct errand errand;
	struct snmp_walk_events events;
	enum stage stage;
	unsigned asks;
	bool answered;
	uint32_t uptime_ticks;
	struct lane lane[WALK_LANES];
	struct walk_rows rows;
	uint64_t broken; /* WALK_BIT: the lanes could not bring all of it */
	bool in_flight;  /* the one request of any stage but STAGE_LANES */
	unsigned tries;  /* of it, met with silence */
	size_t fill_row; /* rows before it have all their values */
	size_t fill_max; /* values asked for in one request */
	struct walk_lag lag;
	char why[320];
};

/* Each stage: the next request; how one was answered, or not answered. */
bool walk_lanes_next(struct walk *walk, struct ask *ask);
void walk_lanes_values(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_lanes_error(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_lanes_silence(struct walk *walk, struct ask *ask);
void walk_lanes_init(struct walk *walk);

bool walk_fill_next(struct walk *walk, struct ask *ask);
void walk_fill_values(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_fill_error(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_fill_silence(struct walk *walk, struct ask *ask);
void walk_fill_init(struct walk *walk);
bool walk_fill_done(struct walk *walk);

bool walk_lag_next(struct walk *walk, struct ask *ask);
void walk_lag_values(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_lag_error(struct walk *walk, struct ask *ask, const struct session_answer *answer);
void walk_lag_silence(struct walk *walk, struct ask *ask);
void walk_lag_init(struct walk *walk);
bool walk_lag_done(const struct walk *walk);
/* Enters the answer into the rows; false: memory ran out. */
bool walk_lag_resolve(struct walk *walk);
void walk_lag_free(struct walk_lag *lag);

/* Ends the walk, unless its agent is gone. */
void walk_finish(struct walk *walk, enum snmp_outcome outcome, const char *why);

/* Whether a value could be stored; ends the walk where not. */
bool walk_put_went_well(struct walk *walk, enum walk_put put);

/* Whether to go on after so many silent tries of one request; ends the walk where not. */
bool walk_goes_on(struct walk *walk, const struct ask *ask, unsigned tries);

/* Notes what the agent could not be brought to say. */
void walk_warn(struct walk *walk, const char *column, const char *what);

#endif
