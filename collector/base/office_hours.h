/* office_hours.h - "mon-fri 09:00-17:00": when somebody is there to read.  Pure but for the zone it is asked with. */
#ifndef COLLECTOR_BASE_OFFICE_HOURS_H
#define COLLECTOR_BASE_OFFICE_HOURS_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/config.h"
#include "ixwatch/zone.h"

/* "mon-fri 09:00-17:00", "mon,wed,fri 8:30-12:00", "sun-thu 00:00-24:00"; days may run over the week's end ("fri-mon").
 * The end is after the start.  "": always.  False when it is none of these. */
bool office_hours_parse(const char *text, struct office_hours *hours);

/* The first instant from utc_sec on that lies in them. */
int64_t office_hours_next_utc_sec(const struct office_hours *hours, const struct zone *zone,
				  int64_t utc_sec);

#endif
