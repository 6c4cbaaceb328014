/* ledger_advice.h - the ledger's part about capacity: what each closed traffic week of a port came to, which reports read
 * too, and what is advised now. */
#ifndef IXWATCH_LEDGER_ADVICE_H
#define IXWATCH_LEDGER_ADVICE_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/advice.h"
#include "ixwatch/ledger.h"

/* Inserts or replaces that week.  The same again writes nothing. */
bool ledger_week_put(struct ledger *ledger, int64_t port_id, enum direction direction,
		     const struct advice_week *week, struct error *err);
typedef bool ledger_on_week(const struct advice_week *week, void *user); /* lent; false: enough */
/* Those that begin on first..last, oldest first. */
bool ledger_week_each(struct ledger *ledger, int64_t port_id, enum direction direction,
		      int32_t first_monday, int32_t last_monday, ledger_on_week *on_week,
		      void *user, struct error *err);

struct ledger_advice {
	int64_t
	    made_utc_sec; /* 0: nothing was advised yet, and advice is as advice_init leaves it */
	int64_t basis;    /* names what it rests on beside the samples; equal: the same */
	struct advice advice;
};
/* Replaces the one before. */
bool ledger_advice_put(struct ledger *ledger, int64_t port_id, enum direction direction,
		       const struct ledger_advice *advice, struct error *err);
bool ledger_advice_get(struct ledger *ledger, int64_t port_id, enum direction direction,
		       struct ledger_advice *advice, struct error *err);
/* What is advised rests on other samples now: it is taken back until it is made anew, from all weeks. */
bool ledger_advice_forget(struct ledger *ledger, int64_t port_id, struct error *err);

#endif
