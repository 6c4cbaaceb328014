/* report_capacity.h - what a connection could carry in a closed week, as facts of a letter: capacity and its source, changes,
 * reductions, upgrades. */
#ifndef COLLECTOR_REPORT_CAPACITY_H
#define COLLECTOR_REPORT_CAPACITY_H

#include "ixwatch/json.h"
#include "ixwatch/ledger.h"
#include "report_view.h"

/* After the contract, the last that is known within the week; NAN. */
double report_capacity_bps(const struct report_view *view);

/* Of a port, as pages name it: the contract where that is what limits. */
bool report_capacity_source(enum capacity_source *source, struct ledger *ledger,
			    const struct report_view *view, int64_t port_id, struct error *err);

/* From "capacity_bps" to "upgraded": members of a CONNECTION (notify/letter.h).  The view is a judged one. */
void report_capacity_put(struct json *out, const struct report_view *view,
			 enum capacity_source source);

#endif
