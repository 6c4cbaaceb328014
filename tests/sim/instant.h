/* instant.h - instants and durations in text.  A tick is 1/100 s. */
#ifndef SIM_INSTANT_H
#define SIM_INSTANT_H

#include <stdbool.h>
#include <stdint.h>

#include "complaint.h"

/* The wall clock, in ticks since 1970. */
int64_t instant_now_ticks(void);

/* "1763863200", "1763863200.25" (Unix seconds), "2026-11-23T02:10:00Z", "2026-11-23T03:10:00.5+01:00" (RFC 3339),
 * "now", "now-35d", "now+90s".  What is finer than 1/100 s is cut off.  key names the value in the complaint. */
bool instant_parse(int64_t *ticks, const char *key, const char *text, int64_t now_ticks,
		   struct complaint *complaint);

/* "90s", "30m", "1h", "35d", "2w" -> seconds, 0 to 2^31-1. */
bool duration_parse(int64_t *sec, const char *text);

#endif
