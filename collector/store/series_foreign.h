/* series_foreign.h - RRD files of other programs (MRTG with rrdtool, Cacti, LibreNMS), as `backfill --rrd` reads them.
 *
 * Archives hold rates whatever the source's type is (COUNTER, DERIVE, GAUGE, ABSOLUTE): rrdtool has divided already.  For
 * each instant the finest AVERAGE archive that reaches back to it speaks; means over more than an hour are left out. */
#ifndef COLLECTOR_STORE_SERIES_FOREIGN_H
#define COLLECTOR_STORE_SERIES_FOREIGN_H

#include "base/history.h"

struct series_foreign {
	const char *file;
	const char *in_source, *out_source; /* DS names */
	double bits;                        /* a stored unit's worth: 8 of octets, 1 of bits */
	unsigned interval_sec;              /* of the series it goes into */
	int64_t now_utc_sec;
};

/* Reads the file without locking it and without trusting it: one that is not just as long as its head says is refused,
 * and so is one of the future.  A source that is not there is an error that lists those that are.  On success the caller
 * ends it with history_free. */
bool series_foreign_read(struct history *out, const struct series_foreign *foreign,
			 struct error *err);

#endif
