/* rate.h - how much somebody may ask: so many at once, and so many a second from then on.
 *
 * Pure: times are handed in.  A bounded table; whoever has not asked for longest makes room.  Not locked. */
#ifndef WEB_RATE_H
#define WEB_RATE_H

#include <stdint.h>

#include "ixwatch/digest.h"

struct rate;

/* burst: at once, 1 or more; per_sec: more than 0.  NULL when memory ran out. */
struct rate *rate_new(double burst, double per_sec);
void rate_free(struct rate *rate); /* NULL is fine */

/* Counts one request by `who`.  0: go on; else after how many seconds there is room for one, and it is not counted. */
unsigned rate_take(struct rate *rate, const unsigned char who[DIGEST_LEN], int64_t now_mono_ms);

#endif
