/* backfill.h - history from elsewhere into a port's series, and through the detector. */
#ifndef COLLECTOR_BACKFILL_H
#define COLLECTOR_BACKFILL_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"
#include "judge.h"
#include "pipeline.h"

/* Reads the whole file first: a bad row means that nothing is taken.  What is known stays; only unknown time is filled.
 * Then the port is judged anew, and the ledger says that it was.  The caller commits the house. */
bool backfill(struct judge_house *house, struct judge *judge, const struct port *port,
	      const struct backfill_source *source, const char *actor,
	      struct backfill_result *result, struct error *err);

#endif
