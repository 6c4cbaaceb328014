/* snapshot_format.h - the snapshot's file, for its writer (snapshot.c) and its reader (snapshot_read.c).
 *
 * A head, then port_count ports, then agent_count agents, as they lie in memory: both programs are of one build on one
 * machine, and the head says the sizes, so that another build is refused.  Each of the three has a CRC-32. */
#ifndef COLLECTOR_STORE_SNAPSHOT_FORMAT_H
#define COLLECTOR_STORE_SNAPSHOT_FORMAT_H

#include "ixwatch/snapshot.h"

#define SNAPSHOT_MAGIC   "ixwsnap"
#define SNAPSHOT_VERSION 6

struct snapshot_head {
	char magic[8];
	uint32_t version;
	uint32_t head_crc;
	uint32_t ports_crc, agents_crc;
	uint32_t head_len, port_len, agent_len; /* octets of one */
	uint32_t port_count, agent_count;
	uint32_t interval_sec;
	uint32_t collector_pid;
	uint32_t rounds, rounds_late;
	uint32_t zero; /* keeps what follows in place */
	int64_t round_utc_sec;
	int64_t started_utc_sec;
	double self[SELF_COUNT];
};

_Static_assert(sizeof(struct snapshot_head) == 80 + SELF_COUNT * sizeof(double),
	       "no holes: every octet of it is summed");

#define SNAPSHOT_SUMMED_FROM offsetof(struct snapshot_head, ports_crc)

struct snapshot_paths {
	char file[4096];      /* state_dir/snapshot */
	char fresh[4096 + 8]; /* where the next one is written */
};

bool snapshot_paths_set(struct snapshot_paths *paths, const char *state_dir, struct error *err);

/* The head's own sum is taken over all that follows it there, the other two sums included. */
uint32_t snapshot_head_crc(const struct snapshot_head *head);
uint32_t snapshot_ports_crc(const struct snapshot_port *ports, uint32_t count);
uint32_t snapshot_agents_crc(const struct snapshot_agent *agents, uint32_t count);

/* Whether ids are above 0 and ascend; equal ones do not. */
bool snapshot_is_ascending(const struct snapshot_port *ports, size_t count);

#endif
