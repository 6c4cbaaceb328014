/* judge_book.h - what the ledger keeps of one judgement beside its episodes' minutes: the excuses of its
 * episodes, its traffic days, and the verdict in force with its reason.  Only what changed is written. */
#ifndef COLLECTOR_JUDGE_BOOK_H
#define COLLECTOR_JUDGE_BOOK_H

#include <stdbool.h>
#include <stdint.h>

#include "detect/detector.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"

/* What was written last, so that it is not written again; zeroed: nothing is known to be written. */
struct judge_book {
	uint32_t *day_mark; /* day_size for each direction: of day, state, verdict and minutes */
	uint32_t day_size;  /* a power of two: the place of a day is its date modulo that */
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
