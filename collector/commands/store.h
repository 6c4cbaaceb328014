/* store.h - series and ledger for a command that writes while no collector runs: it takes the collector's lock. */
#ifndef COLLECTOR_COMMANDS_STORE_H
#define COLLECTOR_COMMANDS_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "judge.h"
#include "move.h"

struct store;

/* Who does the work: the collector that runs, and then *out is NULL; or this process, where none runs.  While a collector
 * starts or ends, or another command writes, it is waited for (30 s at most). */
bool store_reach(struct store **out, const struct config *config, struct error *err);
/* By this process: ERR_LOCKED where another one writes. */
bool store_open(struct store **out, const struct config *config, struct error *err);
void store_close(struct store *store); /* what was not committed is rolled back; NULL is fine */
struct judge_house *store_house(struct store *store);

/* Where a port of the ledger stands in the configuration: its exchange and agent, and its block (NULL: none). */
bool store_port_place(struct store *store, int64_t port_id, struct move_place *place,
		      struct error *err);

/* A port of the ledger with its judge (judge_free), standing where its series ends.  port is lent until store_close. */
bool store_judge(struct store *store, int64_t port_id, struct judge **judge,
		 const struct port **port, struct error *err);

#endif
