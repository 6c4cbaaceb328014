/* judge_book.h - what the ledger keeps of one judgement beside its episodes' minutes: the excuses of its
 * episodes, its traffic days, and the verdict in force with its reason.  Only what changed is written. */
#ifndef COLLECTOR_JUDGE_BOOK_H
#define COLLECTOR_JUDGE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"

#define JUDGE_BOOK_GROUPS 16

/* What was written last, so that it is not written again; zeroed: nothing is known to be written.
 *
 * Of a day only a mark is kept: of the present one and of the one before, whose minutes still grow, one each; of earlier
 * days, whose state may still change for some weeks, one sum for eight days and both directions.  A hundred thousand
 * judges have one of these each. */
struct judge_book {
	bool known;                             /* something was written, and the rest is of then */
	int32_t day;                            /* the present one when it was written last */
	uint32_t near_mark[DIRECTION_COUNT][2]; /* the place of a day: its date modulo 2 */
	uint32_t group_mark[JUDGE_BOOK_GROUPS]; /* of a group: its number modulo that */
	uint32_t verdict_mark[DIRECTION_COUNT];
};

/* As if nothing had been written. */
void judge_book_forget(struct judge_book *book);

/* Takes what the detector says now as written: it is, with the checkpoint that was just loaded. */
void judge_book_prime(struct judge_book *book, enum profile profile, struct detector *d);

/* Writes what changed since the last call, at the instant at_utc_sec, within the caller's transaction. */
bool judge_book_write(struct judge_book *book, struct ledger *ledger, struct subject subject,
		      enum profile profile, struct detector *d, int64_t at_utc_sec,
		      struct error *err);

/* Gives its episodes of the last weeks the excuses that hold by what is known now. */
bool judge_book_excuse(struct ledger *ledger, struct subject subject, enum profile profile,
		       struct detector *d, int64_t at_utc_sec, struct error *err);

#endif
