/* demand.c - the shape of the traffic (see demand.h). */
#include <stddef.h>

#include "demand.h"
#include "hash.h"

#define DAY_SEC  86400
#define HOUR_SEC 3600
#define YEAR_SEC (365.0 * DAY_SEC)

#define FILL_LOW   0.972 /* how full a full line is, layer 1 */
#define FILL_HIGH  0.990
#define SPIKE_FILL 0.95

/* Streams of noise of one flow. */
enum {
	NOISE_NODE = 1,
	NOISE_HOUR,
	NOISE_DAY,
	NOISE_FILL,
	NOISE_SPIKE,
	NOISE_SPIKE_TIME,
	NOISE_SPIKE_LEN
};

/* Share of the day's peak at each full hour, local time: homes, with the trough at 5 and the peak from 19 to 22:30, and
 * offices; between hours the line is straight. */
static const double home_day[24] = { 0.58, 0.42, 0.31, 0.24, 0.20,  0.185, 0.20, 0.27,
				     0.37, 0.45, 0.50, 0.54, 0.58,  0.60,  0.61, 0.63,
				     0.67, 0.73, 0.81, 0.90, 0.965, 1.00,  0.95, 0.77 };
static const double office_day[24] = { 0.22, 0.19, 0.17, 0.16, 0.16, 0.17, 0.22, 0.36,
				       0.66, 0.90, 0.98, 1.00, 0.94, 0.96, 1.00, 0.98,
				       0.90, 0.74, 0.55, 0.46, 0.42, 0.38, 0.32, 0.26 };
/* Monday to Sunday. */
static const double home_week[7] = { 1.00, 0.985, 0.99, 0.985, 0.935, 0.92, 1.03 };
static const double office_week[7] = { 0.97, 1.00, 1.00, 0.99, 0.93, 0.36, 0.33 };

static double
anchor(double business, int64_t hour_of_week)
{
	int64_t day = hour_of_week / 24 % 7, hour = hour_of_week % 24;

	return (1.0 - business) * home_week[day] * home_day[hour] +
	       business * office_week[day] * office_day[hour];
}

/* Share of the week's usual peak at a local time. */
static double
week_level(const struct flow *flow, int64_t local_sec)
{
	int64_t since_monday = local_sec + 3 * DAY_SEC; /* 1970-01-01 was a Thursday */
	int64_t hour = floor_div(since_monday, HOUR_SEC);
	double part = (double)(since_monday - hour * HOUR_SEC) / HOUR_SEC;
	int64_t of_week = hour - floor_div(hour, 168) * 168;
	double level = anchor(flow->business, of_week) * (1.0 - part) +
		       anchor(flow->business, of_week + 1) * part;

	return 1.0 - flow->contrast * (1.0 - level);
}

/* -1..1, straight between draws that lie `period` nodes apart. */
static double
slow_noise(uint64_t seed, int64_t k, int64_t period)
{
	int64_t cell = floor_div(k, period);
	double part = (double)(k - cell * period) / (double)period;
	double a = hash_unit(seed, (uint64_t)cell), b = hash_unit(seed, (uint64_t)(cell + 1));

	return 2.0 * (a + (b - a) * part) - 1.0;
}

static double
noise(const struct flow *flow, int64_t k)
{
	double of_node = 2.0 * hash_unit(flow->seed + NOISE_NODE, (uint64_t)k) - 1.0;

	return 1.0 +
	       flow->noise * (0.018 * of_node +
			      0.03 * slow_noise(flow->seed + NOISE_HOUR, k, HOUR_SEC / NODE_SEC) +
			      0.04 * slow_noise(flow->seed + NOISE_DAY, k, DAY_SEC / NODE_SEC));
}

static double
growth(const struct flow *flow, int64_t utc_sec)
{
	double factor =
	    1.0 + flow->growth_per_year * (double)(utc_sec - flow->epoch_utc_sec) / YEAR_SEC;

	return factor < 0.5 ? 0.5 : factor > 2.0 ? 2.0 : factor;
}

static double
flash_factor(const struct flash *flash, int64_t utc_sec)
{
	int64_t since = utc_sec - flash->from_utc_sec, left = flash->to_utc_sec - utc_sec;
	int64_t edge = since < left ? since : left;

	if (edge <= 0)
		return 1.0;
	return 1.0 + (flash->factor - 1.0) * (edge < HOUR_SEC ? (double)edge / HOUR_SEC : 1.0);
}

/* One spike on a share of the days, between 9 and 21 local time: 3 to 5 nodes, so 10 to 20 full minutes. */
static bool
in_spike(const struct flow *flow, int64_t local_sec)
{
	int64_t day = floor_div(local_sec, DAY_SEC);
	int64_t node = (local_sec - day * DAY_SEC) / NODE_SEC;
	int64_t start, count;

	if (flow->spike_days <= 0.0 ||
	    hash_unit(flow->seed + NOISE_SPIKE, (uint64_t)day) >= flow->spike_days)
		return false;
	start = 108 + (int64_t)(hash_draw(flow->seed + NOISE_SPIKE_TIME, (uint64_t)day) % 144);
	count = 3 + (int64_t)(hash_draw(flow->seed + NOISE_SPIKE_LEN, (uint64_t)day) % 3);
	return node >= start && node < start + count;
}

uint64_t
capacity_bps_at(const struct capacity *capacity, int64_t utc_sec)
{
	bool reduced =
	    utc_sec >= capacity->reduced_from_utc_sec && utc_sec < capacity->reduced_to_utc_sec;

	return reduced ? capacity->reduced_bps : capacity->bps;
}

double
line_octets_sec(double bps, unsigned packet_octets)
{
	return bps / 8.0 * packet_octets / (packet_octets + 20.0);
}

/* A node touches the cells on both its sides: what fits is what fits the narrower one. */
static uint64_t
capacity_at_node(const struct capacity *capacity, int64_t k)
{
	uint64_t before = capacity_bps_at(capacity, k * NODE_SEC - 1);
	uint64_t after = capacity_bps_at(capacity, k * NODE_SEC);

	return before < after ? before : after;
}

static double
demand_octets_sec(const struct flow *flow, int64_t k, double line)
{
	int64_t utc_sec = k * NODE_SEC;
	int64_t local_sec = utc_sec + zone_offset_sec(flow->zone, utc_sec);
	double demand = flow->peak_bps / 8.0 * week_level(flow, local_sec - flow->phase_sec) *
			growth(flow, utc_sec) * noise(flow, k) *
			flash_factor(&flow->flash, utc_sec);

	if (in_spike(flow, local_sec) && demand < SPIKE_FILL * line)
		demand = SPIKE_FILL * line;
	return demand > 0.0 ? demand : 0.0;
}

/* A part of a LAG's rate.  The LAG's rate is even, so that halves are whole. */
static struct flow_node
part_node_at(const struct flow *flow, int64_t k)
{
	struct flow_node node = flow_node_at(flow->parent, k);
	const struct capacity *capacity = &flow->parent->capacity;
	bool both = capacity_at_node(capacity, k) == capacity->bps;

	if (!both && flow->part == FLOW_SURVIVOR)
		return node;
	if (!both)
		return (struct flow_node) { 0 };
	return (struct flow_node) { node.quanta / 2, node.drops / 2, node.ceiling / 2 };
}

struct flow_node
flow_node_at(const struct flow *flow, int64_t k)
{
	struct flow_node node = { 0 };
	double line, fill, demand, excess;

	if (flow->parent != NULL)
		return part_node_at(flow, k);
	line = line_octets_sec((double)capacity_at_node(&flow->capacity, k), flow->packet_octets);
	fill = FILL_LOW + (FILL_HIGH - FILL_LOW) * hash_unit(flow->seed + NOISE_FILL, (uint64_t)k);
	demand = line > 0.0 ? demand_octets_sec(flow, k, line) : 0.0;
	excess = demand - fill * line;
	if (excess > 0.0) {
		demand = fill * line;
		node.drops = (int64_t)(flow->drop_share * excess / flow->packet_octets /
				       DROP_QUANTUM_PER_SEC) &
			     ~INT64_C(1);
	}
	node.quanta = (int64_t)(demand / QUANTUM_OCTETS_SEC) & ~INT64_C(1);
	node.ceiling = (int64_t)(FILL_HIGH * line / QUANTUM_OCTETS_SEC) & ~INT64_C(1);
	return node;
}
