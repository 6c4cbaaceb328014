/* ledger_move.h - the ledger's part about ports that moved: a port that was re-patched goes on under another id.
 *
 * A move is noted before the series are joined, and done after: one that is noted and not done is completed by the next
 * who opens the stores.  With it done, the new port's peers, capacities and declared windows of before the move are read
 * from the old one's, wherever the ledger is asked for them. */
#ifndef IXWATCH_LEDGER_MOVE_H
#define IXWATCH_LEDGER_MOVE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/ledger.h"

struct ledger_move {
	int64_t old_id, new_id;
	int64_t at_utc_sec; /* from here on it is the new port */
	uint32_t asn;       /* whose port it was then; 0: not known */
	const char *actor, *reason;
	int64_t moved_utc_sec; /* when that was asked for */
	int64_t done_utc_sec;  /* 0: not done yet */
	bool is_retired; /* the old port is listed no more: no other peer has come to it since */
};

/* Whether the old port may become the new one then.  Not read: asn, moved, done, is_retired.  ERR_USAGE: it is the same
 * port; ERR_NOT_FOUND: no such port; ERR_REFUSED with why: the new one is listed no more, or moved itself, or continues
 * another already; the old one moved before; or another peer had it. */
bool ledger_move_check(struct ledger *ledger, const struct ledger_move *move, struct error *err);

/* Notes a move that passed the check. */
bool ledger_move_put(struct ledger *ledger, const struct ledger_move *move, struct error *err);
/* Takes back one that is not done. */
bool ledger_move_withdraw(struct ledger *ledger, int64_t old_id, struct error *err);

/* The series are joined: the old port is retired, unless another peer has it by now; its episodes of before the move are
 * superseded, since the new one's are theirs; the connections' ports are dated anew; whatever was judged of the new one
 * and of its connections is forgotten, so that a recall judges anew. */
bool ledger_move_done(struct ledger *ledger, int64_t old_id, int64_t at_utc_sec, struct error *err);

/* old: lent, as the texts of the move. */
typedef bool ledger_on_move(const struct ledger_move *move, const struct port *old,
			    void *user); /* false: enough */
/* By the old port's id. */
bool ledger_move_each(struct ledger *ledger, ledger_on_move *on_move, void *user,
		      struct error *err);

/* Where a port went, and whose past it continues. */
struct ledger_way {
	int64_t moved_to, moved_utc_sec;      /* 0: it did not move */
	int64_t continues, continues_utc_sec; /* 0: it continues no other */
};
/* Only what is done counts. */
bool ledger_move_of(struct ledger *ledger, int64_t port_id, struct ledger_way *way,
		    struct error *err);

#endif
