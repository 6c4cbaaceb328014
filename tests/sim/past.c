/* past.c - see past.h. */
#include "past.h"

void
past_init(struct past *past, const struct interface *interface, int64_t from_ticks)
{
	past->interface = interface;
	for (int d = 0; d < FLOW_DIRECTIONS; d++)
		traffic_cursor_init(&past->cursor[d], &interface->flow[d], from_ticks);
}

static int64_t
clamp(int64_t value, int64_t low, int64_t high)
{
	return value < low ? low : value > high ? high : value;
}

/* Capacity is a step function: the mean weighs both levels by their time. */
static double
mean_capacity_bps(const struct interface *interface, int64_t from_ticks, int64_t to_ticks)
{
	const struct capacity *capacity = &interface->flow[FLOW_OUT].capacity;
	int64_t from = clamp(capacity->reduced_from_utc_sec * TICKS_PER_SEC, from_ticks, to_ticks);
	int64_t to = clamp(capacity->reduced_to_utc_sec * TICKS_PER_SEC, from_ticks, to_ticks);
	int64_t now = floor_div(from_ticks, TICKS_PER_SEC);

	if (interface->member_count == 0 || to <= from)
		return (double)interface_speed_bps(interface, now);
	return ((double)capacity->bps * (double)(to_ticks - from_ticks - (to - from)) +
		(double)capacity->reduced_bps * (double)(to - from)) /
	       (double)(to_ticks - from_ticks);
}

struct past_means
past_between(struct past *past, int64_t from_ticks, int64_t to_ticks)
{
	double sec = (double)(to_ticks - from_ticks) / TICKS_PER_SEC;
	struct past_means means = {
		.capacity_bps = mean_capacity_bps(past->interface, from_ticks, to_ticks),
		.errors_in_pps = past->interface->errors_per_1000_sec / 1000.0,
	};

	for (int d = 0; d < FLOW_DIRECTIONS; d++) {
		const struct flow *flow = &past->interface->flow[d];
		struct traffic_total from = traffic_total_at(&past->cursor[d], flow, from_ticks);
		struct traffic_total to = traffic_total_at(&past->cursor[d], flow, to_ticks);
		struct traffic_total between = traffic_difference(to, from);

		means.octets[d] = traffic_octets(between);
		means.bps[d] = means.octets[d] * 8.0 / sec;
		means.pps[d] = traffic_packets(flow, between) / sec;
		means.discards_pps[d] = traffic_discards(between) / sec;
	}
	return means;
}
