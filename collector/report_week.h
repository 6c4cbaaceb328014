/* report_week.h - the closed traffic week that letters are about: when it was over, and when its letters are due.
 *
 * A traffic week is named as the ISO week of its Monday (ixwatch/report.h) and runs from the day-start of that Monday to that
 * of the next, by the clock on the exchange's wall: 167, 168 or 169 hours.  A letter tells of all exchanges, so a week is
 * closed when it is over at the last of them. */
#ifndef COLLECTOR_REPORT_WEEK_H
#define COLLECTOR_REPORT_WEEK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/error.h"
#include "ixwatch/zone.h"

/* The Monday of the week that holds a day. */
int32_t report_week_of(int32_t day);

/* When the week ended at the last of the exchanges, its last samples included; 0: there is no exchange. */
bool report_week_end(const struct config *config, int32_t monday, int64_t *end_utc_sec,
		     struct error *err);

/* ERR_REFUSED, in words, for a week that is not over everywhere. */
bool report_week_check_closed(const struct config *config, int32_t monday, int64_t now_utc_sec,
			      struct error *err);

/* The last week that was over everywhere then, its last samples included. */
bool report_week_last(const struct config *config, int64_t now_utc_sec, int32_t *monday,
		      struct error *err);

/* The last week whose letters are due then: it is over everywhere, and `report`'s weekday and hour after it have come. */
bool report_week_due(const struct config *config, int64_t now_utc_sec, int32_t *monday,
		     struct error *err);

#endif
