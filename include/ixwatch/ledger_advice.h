/* ledger_advice.h - the ledger's part about capacity: what each closed traffic week of a port or a connection came to, which reports read
 * too, and what is advised now. */
#ifndef IXWATCH_LEDGER_ADVICE_H
#define IXWATCH_LEDGER_ADVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/advice.h"
#include "ixwatch/ledger.h"

/* Inserts or replaces that week.  The same again writes nothing. */
bool ledger_week_put(struct ledger *ledger, struct subject subject, enum direction direction,
		     const struct advice_week *week, struct error *err);
typedef bool ledger_on_week(const struct advice_week *week, void *user); /* lent; false: enough */
/* Those that begin on first..last, oldest first. */
bool ledger_week_each(struct ledger *ledger, struct subject subject, enum direction direction,
		      int32_t first_monday, int32_t last_monday, ledger_on_week *on_week,
		      void *user, struct error *err);
/* Those that begin on first..last are taken back: they were of another peer. */
bool ledger_week_forget(struct ledger *ledger, struct subject subject, int32_t first_monday,
			int32_t last_monday, struct error *err);

struct ledger_advice {
	int64_t
	    made_utc_sec; /* 0: nothing was advised yet, and advice is as advice_init leaves it */
	int64_t basis;    /* names what it rests on beside the samples; equal: the same */
	struct advice advice;
};
/* Replaces the one before. */
bool ledger_advice_put(struct ledger *ledger, struct subject subject, enum direction direction,
		       const struct ledger_advice *advice, struct error *err);
bool ledger_advice_get(struct ledger *ledger, struct subject subject, enum direction direction,
		       struct ledger_advice *advice, struct error *err);
/* What is advised rests on other samples now: it is taken back until it is made anew, from all weeks.  Of a
 * port: that of every connection it is or was one of, too. */
bool ledger_advice_forget(struct ledger *ledger, struct subject subject, struct error *err);

#endif
