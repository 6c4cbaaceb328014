/* meter.h - the counters of one interface, as its agent holds them: zero at its boot, exact at every tick since. */
#ifndef SIM_METER_H
#define SIM_METER_H

#include <stdint.h>

#include "traffic.h"
#include "world.h"

struct meter_reading {
	struct traffic_counters direction[FLOW_DIRECTIONS];
	uint64_t errors_in;
};

struct meter {
	const struct interface *interface; /* borrowed */
	int64_t boot_ticks;                /* where the counters are zero */
	int64_t at_ticks;                  /* instant of `reading` */
	struct traffic_cursor cursor[FLOW_DIRECTIONS];
	struct traffic_total at_boot[FLOW_DIRECTIONS];
	struct meter_reading reading;
};

/* The first boot_ticks given places the meter; another one (the agent has booted anew) places it again. */
void meter_init(struct meter *meter, const struct interface *interface);

/* Counters at an instant not before the boot; lent until the next call. */
const struct meter_reading *meter_read(struct meter *meter, int64_t boot_ticks, int64_t at_ticks);

#endif
