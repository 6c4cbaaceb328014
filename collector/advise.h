/* advise.h - the advice of a port or a connection where it lives: history in, traffic weeks and advice out.
 *
 * History is read as a judge reads it (judge_source.h): by the contracts that were in force, without the time in which a
 * port was another peer's, and of a connection the sum of its ports.
 *
 * The rules are detect/advice.h's, and pure; this is where they meet the store.  The live round reads what is new and has
 * the older weeks from the ledger; a replay reads all of it.  Both come to the same. */
#ifndef COLLECTOR_ADVISE_H
#define COLLECTOR_ADVISE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "detect/advice.h"
#include "ixwatch/detector_settings.h"
#include "ixwatch/error.h"
#include "ixwatch/ledger.h"
#include "ixwatch/model.h"
#include "ixwatch/zone.h"
#include "judge_source.h"

/* Of which history, and by what; all lent. */
struct advise_ask {
	const char *state_dir;
	const struct judge_source *source;
	const struct zone *zone; /* of the traffic days */
	const char *timezone;    /* its name */
	const struct detector_settings *settings;
	double
	    contracted_bps; /* of a port, now; NAN: none.  Of a connection those of its ports count */
	bool contract_billed;
	bool contract_asked;       /* that one, whatever was in force; of a connection too */
	double largest_member_bps; /* advise_largest_member_bps; NAN: unknown */
	double capacity_bps;       /* where the series has none; NAN: none either */
	int64_t until_utc_sec;     /* nothing later counts */
};

struct advise {
	int32_t day; /* the one that goes on: of the newest sample; INT32_MIN: there is none */
	int64_t first_utc_sec; /* of what is known */
	int32_t this_monday;   /* of the week that goes on */
	/* The closed weeks before it, oldest first; p95_bps NAN where nothing is known. */
	struct advice_week week[DIRECTION_COUNT][ADVICE_WEEKS];
	struct advice advice[DIRECTION_COUNT];
};

/* Finds the day, and leaves all weeks unknown.  What the series' writer still holds of every
 * member must be flushed before. */
bool advise_date(struct advise *advise, const struct advise_ask *ask, struct error *err);

/* As of the beginning of `day`, whatever came later: that day is the one that goes on, and the closed weeks are those before
 * its own.  None (advise->day INT32_MIN) where nothing is known before it. */
bool advise_date_as_of(struct advise *advise, const struct advise_ask *ask, int32_t day,
		       struct error *err);

/* Reads the history, weeks from first_week on (0: all) and the last ADVICE_DAYS days, and advises.  Weeks before are the
 * caller's to fill in. */
bool advise_read(struct advise *advise, const struct advise_ask *ask, size_t first_week,
		 struct error *err);

/* What hurts most when it fails, bit/s, as the ledger has it.  Of a port: the speed of the largest live member of the LAG
 * that it is; NAN where its capacity is not the sum of its members.  Of a connection: what its largest port may carry, the
 * smaller of capacity and contract, which no link of a port exceeds; where one port alone is left, that port's member. */
double advise_largest_member_bps(const struct judge_source *source, struct ledger *ledger);

/* Whether what the ledger holds is of the day of the last judged step and by what holds now: asked before anything is
 * flushed or read for it.  *day: that day. */
bool advise_stands(const struct advise_ask *ask, struct ledger *ledger, int32_t *day);

/* Brings what the ledger holds of the source's subject up to date, within the caller's transaction.  Nothing is read nor
 * written when it is: of the same day, by the same settings, contracts, members and peers. */
bool advise_update(struct advise *advise, const struct advise_ask *ask, struct ledger *ledger,
		   int64_t now_utc_sec, struct error *err);

#endif
