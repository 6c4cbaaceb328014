/* clock.h - the only clock of the house.  Intervals are measured by the monotonic clock, instants that are stored or
 * shown come from the wall clock.  A test may stop both and move them by hand. */
#ifndef IXWATCH_CLOCK_H
#define IXWATCH_CLOCK_H

#include <stdint.h>

int64_t clock_mono_ms(void); /* since some fixed point; never steps back */
int64_t clock_mono_us(void); /* the same clock, for what takes less than that */
int64_t
clock_utc_ms(void); /* since 1970-01-01T00:00:00Z; may step when the machine's clock is set */
int64_t clock_utc_sec(void);

/* From now on both clocks stand where they are put; for tests. */
void clock_fake(int64_t mono_ms, int64_t utc_ms);

#endif
