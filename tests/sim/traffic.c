/* traffic.c - integrals of flows, in whole numbers (see traffic.h for the mathematics). */
#include <stddef.h>

#include "traffic.h"

#include "hash.h"

#define NOISE_WAVE   64
#define WAVE_SHARE   0.04
#define UCAST        1021 /* of 1024 packets */
#define MULTICAST    2
#define BROADCAST    1
#define PACKET_KINDS 1024

static const int64_t wave_periods_ticks[] = { 2000, 3000, 5000, 6000, 10000 };
#define WAVE_PERIODS (sizeof(wave_periods_ticks) / sizeof(wave_periods_ticks[0]))

static int64_t
min_i64(int64_t a, int64_t b)
{
	return a < b ? a : b;
}

/* Largest wave that stays above nothing and below the ceiling; none where the ceiling moves or there is none. */
static int64_t
wave_quanta(const struct flow *flow, const struct flow_node *left, const struct flow_node *right,
	    int64_t node)
{
	double share = WAVE_SHARE * hash_unit(flow->seed + NOISE_WAVE, (uint64_t)node);
	int64_t low = min_i64(left->quanta, right->quanta);
	int64_t high = left->quanta + right->quanta - low;
	int64_t room = left->ceiling - high;

	if (left->ceiling != right->ceiling || room <= 0)
		return 0;
	return min_i64((int64_t)(share * (double)low), room) & ~INT64_C(1);
}

/* The wave of a LAG's member is its part of the LAG's, so that members add up at every tick.  Where a member comes or
 * goes the ceiling moves, and the LAG has none. */
static int64_t
cell_wave_quanta(const struct flow *flow, const struct flow_node *left,
		 const struct flow_node *right, int64_t node)
{
	struct flow_node whole_left, whole_right;
	int64_t whole;

	if (flow->parent == NULL)
		return wave_quanta(flow, left, right, node);
	whole_left = flow_node_at(flow->parent, node);
	whole_right = flow_node_at(flow->parent, node + 1);
	whole = wave_quanta(flow->parent, &whole_left, &whole_right, node);
	if (left->ceiling == whole_left.ceiling)
		return whole; /* the survivor, alone */
	return left->ceiling > 0 ? whole / 2 : 0;
}

static void
cell_enter(struct traffic_cursor *cursor, const struct flow *flow, int64_t node,
	   struct flow_node left)
{
	const struct flow *waving = flow->parent != NULL ? flow->parent : flow;

	cursor->node = node;
	cursor->left = left;
	cursor->right = flow_node_at(flow, node + 1);
	cursor->wave_quanta = cell_wave_quanta(flow, &cursor->left, &cursor->right, node);
	cursor->wave_ticks = wave_periods_ticks[hash_draw(waving->seed, NOISE_WAVE) % WAVE_PERIODS];
}

static void
cursor_rewind(struct traffic_cursor *cursor, const struct flow *flow, int64_t origin)
{
	cursor->origin = origin;
	cursor->sum = (struct traffic_total) { 0, 0 };
	cell_enter(cursor, flow, origin, flow_node_at(flow, origin));
}

void
traffic_cursor_init(struct traffic_cursor *cursor, const struct flow *flow, int64_t ticks)
{
	cursor_rewind(cursor, flow, floor_div(ticks, NODE_TICKS));
}

/* The sums need no wave: only the last cell is entered. */
static void
cursor_seek(struct traffic_cursor *cursor, const struct flow *flow, int64_t node)
{
	const traffic_parts cell = (traffic_parts)NODE_TICKS * NODE_TICKS;
	struct flow_node left, right;

	if (node < cursor->node)
		cursor_rewind(cursor, flow, cursor->origin);
	if (node <= cursor->node)
		return;
	left = cursor->left;
	right = cursor->right;
	for (int64_t k = cursor->node; k < node; k++) {
		cursor->sum.octet_parts += cell * (traffic_parts)(left.quanta + right.quanta);
		cursor->sum.drop_parts += cell * (traffic_parts)(left.drops + right.drops);
		left = right;
		if (k + 1 < node)
			right = flow_node_at(flow, k + 2);
	}
	cell_enter(cursor, flow, node, left);
}

/* 2 G a W(x), in parts. */
static int64_t
wave_parts(int64_t amplitude, int64_t period, int64_t x)
{
	int64_t y = x % period, half = y - period / 2;
	int64_t steep = 4 * amplitude * (NODE_TICKS / period);

	if (4 * y <= period)
		return steep * y * y;
	if (4 * y < 3 * period)
		return (int64_t)NODE_TICKS * amplitude * (period / 2) - steep * half * half;
	return steep * (period - y) * (period - y);
}

/* 2 G v0 x + (v1 - v0) x^2: what a line from v0 to v1 has summed up to x. */
static int64_t
line_parts(int64_t v0, int64_t v1, int64_t x)
{
	return 2 * (int64_t)NODE_TICKS * v0 * x + (v1 - v0) * x * x;
}

struct traffic_total
traffic_total_at(struct traffic_cursor *cursor, const struct flow *flow, int64_t ticks)
{
	struct traffic_total total;
	int64_t node = floor_div(ticks, NODE_TICKS), x = ticks - node * NODE_TICKS;

	cursor_seek(cursor, flow, node);
	total = cursor->sum;
	total.octet_parts +=
	    (traffic_parts)(line_parts(cursor->left.quanta, cursor->right.quanta, x) +
			    wave_parts(cursor->wave_quanta, cursor->wave_ticks, x));
	total.drop_parts += (traffic_parts)line_parts(cursor->left.drops, cursor->right.drops, x);
	return total;
}

struct traffic_total
traffic_difference(struct traffic_total later, struct traffic_total earlier)
{
	return (struct traffic_total) { later.octet_parts - earlier.octet_parts,
					later.drop_parts - earlier.drop_parts };
}

static uint64_t
packets(const struct flow *flow, struct traffic_total total, unsigned share)
{
	return (uint64_t)(total.octet_parts * share /
			  ((uint64_t)OCTET_PARTS * PACKET_KINDS * flow->packet_octets));
}

void
traffic_count(struct traffic_counters *counters, const struct flow *flow,
	      struct traffic_total total)
{
	counters->octets = (uint64_t)(total.octet_parts / OCTET_PARTS);
	counters->ucast = packets(flow, total, UCAST);
	counters->multicast = packets(flow, total, MULTICAST);
	counters->broadcast = packets(flow, total, BROADCAST);
	counters->discards = (uint64_t)(total.drop_parts / DROP_PARTS);
}

double
traffic_octets(struct traffic_total total)
{
	return (double)total.octet_parts / OCTET_PARTS;
}

double
traffic_packets(const struct flow *flow, struct traffic_total total)
{
	return traffic_octets(total) / flow->packet_octets;
}

double
traffic_discards(struct traffic_total total)
{
	return (double)total.drop_parts / DROP_PARTS;
}
