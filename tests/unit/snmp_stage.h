/* snmp_stage.h - a poller and a fake agent on one thread, and a record of what was told. */
#ifndef TESTS_UNIT_SNMP_STAGE_H
#define TESTS_UNIT_SNMP_STAGE_H

#include "../fakes/snmp_agent.h"
#include "snmp/snmp.h"

#define STAGE_ROWS_MAX 1200

struct stage_row {
	unsigned told;
	enum snmp_row_outcome outcome;
	struct counter_read read;
	char alias[64];
	char why[256];
};

struct stage_interface {
	uint32_t if_index;
	char name[64], alias[64], descr[64];
	bool has_name, admin_up, duplicate_name;
	double speed_bps;
	unsigned counter_bits;
	enum reading_oper oper;
	bool is_lag, has_lacp, members_unproven, lag_unknown;
	uint32_t lag_if_index;
};

struct stage {
	struct fake_agent fake;
	struct config_snmp credentials; /* 100 ms, 2 retries, 10 repetitions */
	struct snmp *snmp;
	struct snmp_agent *agent;
	char dir[64];
	/* What a poll told. */
	struct snmp_poll_row rows[STAGE_ROWS_MAX];
	char names[STAGE_ROWS_MAX][32];
	struct stage_row row[STAGE_ROWS_MAX];
	size_t row_count;
	unsigned poll_ends;
	/* What a walk told. */
	struct stage_interface interface[STAGE_ROWS_MAX];
	size_t interface_count;
	unsigned walk_ends;
	enum snmp_outcome outcome;
	uint32_t uptime_ticks;
	char why[512];
};

/* cmocka's setup and teardown; *state is the struct stage. */
int stage_open(void **state); /* IPv4 */
int stage_open_ipv6(void **state);
int stage_close(void **state);

/* Rows et-0/0/1 and so on, as fake_agent_add_interfaces makes them. */
void stage_rows(struct stage *stage, size_t count, unsigned counter_bits);

/* Serves both sides until *flag is `want`, or fails after limit_ms. */
void stage_run_until(struct stage *stage, const unsigned *flag, unsigned want, int limit_ms);
void stage_run_for(struct stage *stage, int ms);

/* Starts, and runs to its end. */
void stage_poll(struct stage *stage);
void stage_walk(struct stage *stage);

/* The callbacks, for tests that start by themselves. */
struct snmp_poll_events stage_poll_events(struct stage *stage);
struct snmp_walk_events stage_walk_events(struct stage *stage);

/* How many rows ended so. */
size_t stage_count(const struct stage *stage, enum snmp_row_outcome outcome);
const struct stage_interface *stage_interface(const struct stage *stage, uint32_t if_index);

#endif
