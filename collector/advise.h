/* advise.h - a port's advice where it lives: its series in, traffic weeks and advice out.
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

/* Of which series, and by what; all lent. */
struct advise_ask {
	const char *state_dir, *path;
	const struct zone *zone; /* of the traffic days */
	const char *timezone;    /* its name */
	const struct detector_settings *settings;
	double contracted_bps, largest_member_bps; /* NAN: none, unknown */
	bool contract_billed;
	double capacity_bps;   /* where the series has none; NAN: none either */
	int64_t until_utc_sec; /* nothing later counts */
};

struct advise {
	int32_t day; /* the one that goes on: of the newest sample; INT32_MIN: there is none */
	int64_t first_utc_sec; /* of the series */
	int32_t this_monday;   /* of the week that goes on */
	/* The closed weeks before it, oldest first; p95_bps NAN where nothing is known. */
	struct advice_week week[DIRECTION_COUNT][ADVICE_WEEKS];
	struct advice advice[DIRECTION_COUNT];
};

/* Finds the day, and leaves all weeks unknown.  What the series' writer still holds must be flushed before. */
bool advise_date(struct advise *advise, const struct advise_ask *ask, struct error *err);

/* Reads the series, weeks from first_week on (0: all) and the last ADVICE_DAYS days, and advises.  Weeks before are the
 * caller's to fill in. */
bool advise_read(struct advise *advise, const struct advise_ask *ask, size_t first_week,
		 struct error *err);

/* The speed of the largest live member of the LAG that the port is, bit/s, as the ledger has it; NAN where its capacity is not
 * the sum of its members. */
double advise_largest_member_bps(struct ledger *ledger, int64_t port_id);

/* Brings what the ledger holds of a port up to date, within the caller's transaction.  Nothing is read nor written when
 * it is: of the same day, by the same settings. */
bool advise_port(struct advise *advise, const struct advise_ask *ask, struct ledger *ledger,
		 int64_t port_id, int64_t now_utc_sec, struct error *err);

#endif
