/* meter.c - see meter.h. */
#include <string.h>

#include "meter.h"

#define UNPLACED INT64_MIN

void
meter_init(struct meter *meter, const struct interface *interface)
{
	memset(meter, 0, sizeof(*meter));
	meter->interface = interface;
	meter->boot_ticks = UNPLACED;
}

static void
place(struct meter *meter, int64_t boot_ticks)
{
	for (int d = 0; d < FLOW_DIRECTIONS; d++) {
		const struct flow *flow = &meter->interface->flow[d];

		traffic_cursor_init(&meter->cursor[d], flow, boot_ticks);
		meter->at_boot[d] = traffic_total_at(&meter->cursor[d], flow, boot_ticks);
	}
	meter->boot_ticks = boot_ticks;
	meter->at_ticks = UNPLACED;
}

const struct meter_reading *
meter_read(struct meter *meter, int64_t boot_ticks, int64_t at_ticks)
{
	if (meter->boot_ticks != boot_ticks)
		place(meter, boot_ticks);
	if (meter->at_ticks == at_ticks)
		return &meter->reading;
	for (int d = 0; d < FLOW_DIRECTIONS; d++) {
		const struct flow *flow = &meter->interface->flow[d];
		struct traffic_total total = traffic_total_at(&meter->cursor[d], flow, at_ticks);

		traffic_count(&meter->reading.direction[d], flow,
			      traffic_difference(total, meter->at_boot[d]));
	}
	meter->reading.errors_in = (uint64_t)(at_ticks - boot_ticks) *
				   meter->interface->errors_per_1000_sec / (1000 * TICKS_PER_SEC);
	meter->at_ticks = at_ticks;
	return &meter->reading;
}
