/* pipeline_agent.h - what the files of one agent share: pipeline_agent.c (when it is asked, and what is said of it),
 * pipeline_walk.c (its interface table read, and whose its rows are), pipeline_table.c (the table of the walk, looked up:
 * names, LAGs), pipeline_poll.c (its ports' counters). */
#ifndef COLLECTOR_PIPELINE_AGENT_H
#define COLLECTOR_PIPELINE_AGENT_H

#include "pipeline_internal.h"

#define AGENT_WALK_EVERY_MS 900000 /* a new port shows within a quarter of an hour */

struct walked_row {
	struct interface_row row; /* its texts owned here */
	char interface[320];      /* the effective name */
};

/* --- pipeline_agent.c --- */

/* What a walk found wrong stays so until the next one; the first is told. */
void agent_trouble_stands(struct watched_agent *agent, const char *why);
/* This round has failed. */
void agent_trouble_note(struct watched_agent *agent, enum poll_failure failure, const char *why);
/* What a round that could not be begun counts as. */
enum poll_failure agent_errand_refused(const struct error *err);
void agent_answered(struct watched_agent *agent, uint32_t uptime_ticks);
/* The round of this agent is over, well or not. */
void agent_errand_end(struct watched_agent *agent);
/* A name may have several addresses, and the agent listen on one of them only: another one is tried. */
void agent_address_rethink(struct watched_agent *agent);

/* --- pipeline_walk.c, pipeline_poll.c: false: not begun; the round has failed, or (a poll) there is nothing to ask --- */

bool agent_walk_start(struct watched_agent *agent);
bool agent_poll_start(struct watched_agent *agent);

/* --- pipeline_table.c: the table of the walk that has ended --- */

/* Before it is looked up.  False: memory ran out. */
bool agent_table_sort(struct watched_agent *agent);
void agent_table_free(struct watched_agent *agent);
/* NULL when it lists none of that name. */
const struct walked_row *table_row_find(const struct watched_agent *agent, const char *interface);
/* "x" twice and one that is called "x#12" itself: two rows may still come to one name. */
bool table_is_only_one(const struct watched_agent *agent, const char *interface);
/* Whether a row is the member of a LAG that is a port: its traffic is the LAG's then. */
bool table_lag_counts(const struct watched_agent *agent, const struct walked_row *walked);
/* Whether a row is a port.  A member of a LAG that is one is no second port, unless a port block names it. */
enum roster_result table_row_is_port(const struct watched_agent *agent,
				     const struct walked_row *walked, struct roster_claim *claim,
				     struct error *err);
/* What the walk learned about LAGs, to the ports that are. */
void table_lags_take(struct watched_agent *agent);

#endif
