/* wall.h - whether the wall clock may be believed: one that leaps ahead, and not the monotonic one with it, only once it has
 * kept that time for a while.  Pure.
 *
 * What is stored is stamped by the wall clock, and history is never overwritten: a leap of a day that is taken back a
 * moment later would keep anything from being stored until that day has passed.  So what is read in a leap is left out: a
 * short one costs those reads at most, a real one as long as it takes to believe it.  A leap that is shorter than that is
 * believed at once, since it costs less; so is a step back, after which nothing is stored until the time of before has come
 * again, and the way ahead from there. */
#ifndef COLLECTOR_MEASURE_WALL_H
#define COLLECTOR_MEASURE_WALL_H

#include <stdbool.h>
#include <stdint.h>

struct wall {
	int64_t patience_ms; /* for so long a leap must have held; one that is shorter is none */
	bool has_offset, has_before, doubted;
	int64_t offset_ms;     /* wall less monotonic, as believed */
	int64_t before_ms;     /* the same before it stepped back */
	int64_t leapt_ms;      /* as it is in the leap, ... */
	int64_t since_mono_ms; /* ... and since when */
};

/* interval_sec: between two reads. */
void wall_init(struct wall *wall, unsigned interval_sec);

/* Both clocks, read at once, not much earlier than what was fed before.  True: the wall clock is believed. */
bool wall_feed(struct wall *wall, int64_t mono_ms, int64_t utc_ms);

/* What time it is: by the wall clock while that is believed, else by the monotonic one, from before the leap on. */
int64_t wall_utc_ms(const struct wall *wall, int64_t mono_ms);

#endif
