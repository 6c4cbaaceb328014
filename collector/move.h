/* move.h - a port that was re-patched goes on as another: its history, its verdict and what is open about it come along.
 *
 * A request is one JSON object, over the control socket or made by `ixwatch port move`:
 *   {"op": "port_move", "old": PORT, "new": PORT, "at": TIME, "author": NAME, "reason": TEXT | absent, "dry_run": bool}
 *     -> {"old", "new", "at", "dry_run", "samples", "from", "to", "days", "verdicts": {"in", "out"}}
 * PORT is an id or exchange/agent/ifName; TIME RFC 3339 or Unix seconds, not in the future; it is rounded down to the grid
 * of the interval.
 *
 * Series and ledger cannot change in one step, so that a move is made in four: the joined series is made beside the new
 * port's; the move is noted in the ledger; the series takes the new port's place; the ledger has it done, with the new
 * port judged anew, in one transaction.  A crash before the second leaves nothing, a later one what moves_complete makes
 * whole when the stores are opened next: joining again gives the same. */
#ifndef COLLECTOR_MOVE_H
#define COLLECTOR_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "ixwatch/json.h"
#include "judge.h"

#define MOVE_REASON_MAX 500 /* octets */
#define MOVE_AUTHOR_MAX 100

/* A request, understood; zero-initialised by the caller, ended by move_end. */
struct move {
	const char *old_name, *new_name, *author, *reason; /* lent from the request */
	bool dry_run;
	int64_t at_utc_sec;
	int64_t old_id, new_id;
	char *old_path, *new_path; /* of their series */
	char *old_text, *new_text; /* exchange/agent/ifName */
	uint32_t asn;              /* whose the old port was then, as far as it is known */
};

/* What a request says, as far as that can be told without the ledger: ERR_USAGE when it is not well formed. */
bool move_read(struct move *move, const struct json *request, struct error *err);
/* The two ports, and whether the one may become the other: see ledger_move_check. */
bool move_find(struct move *move, struct judge_house *house, struct error *err);
void move_end(struct move *move);

/* The new port, as its judge is made. */
struct move_place {
	const struct port *port;
	const struct config_exchange *exchange;
	const struct config_agent *agent;
	const struct config_port *settings; /* may be NULL */
};

typedef bool move_commit(void *user, struct error *err);

/* Does what was found to be allowed, or (dry_run) only says what would come of it.  judge: the new port's.  Nothing may
 * wait in the house's transaction.  commit ends the transaction.  ERR_REFUSED also when samples of the new port from before
 * the instant would be hidden.  When it failed the judge may have judged half: it is to be recalled. */
bool move_run(struct move *move, struct judge_house *house, struct judge *judge,
	      const struct move_place *place, move_commit *commit, void *user, struct json *answer,
	      struct error *err);

/* After the stores were opened, before anything is judged: moves that a crash cut short are completed, and their ports
 * judged anew when they are recalled.  One that cannot be is logged, and waits for the next time. */
void moves_complete(struct judge_house *house);

#endif
