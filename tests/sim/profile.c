/* profile.c - who plays which port, and with what traffic (see profile.h). */
#include <stddef.h>

#include "hash.h"
#include "profile.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define GIGA     UINT64_C(1000000000)
#define DAY_SEC  86400
#define HOUR_SEC 3600
#define NEVER    INT64_C(7258118400) /* 2200-01-01 */

#define VIEWERS_EVENING_SEC (20 * HOUR_SEC + 1800)

/* Draws of one interface; those below DRAW_FLOW belong to both directions. */
enum {
	DRAW_SPEED = 1,
	DRAW_ROLE,
	DRAW_HEAVIER,
	DRAW_PHASE,
	DRAW_BUSINESS,
	DRAW_CONTRAST,
	DRAW_GROWTH,
	DRAW_FLOW,
	DRAW_PEAK,
	DRAW_BACK,
	DRAW_PACKET
};

struct range {
	double low, high;
};

/* peak: layer-1 share of the capacity in the heavier direction; back: the other direction's share of that one. */
/* clang-format off */
static const struct traits {
	const char *name;
	struct range peak, back, contrast, business;
	struct range packet_octets;
	double noise, spike_days;
} traits[PROFILE_COUNT] = {
	/*			    name	      peak		back		contrast	business	packets		noise	spikes */
	[PROFILE_QUIET] =	  { "quiet",	      { 0.002, 0.03 },	{ 0.3, 0.9 },	{ 0.60, 0.9 },	{ 0.1, 0.6 },	{ 300, 900 },	1.6,	0 },
	[PROFILE_ORDINARY] =	  { "ordinary",	      { 0.05, 0.55 },	{ 0.1, 0.8 },	{ 0.80, 1 },	{ 0, 0.3 },	{ 700, 1250 },	1,	0 },
	[PROFILE_HEAVY] =	  { "heavy",	      { 0.60, 0.66 },	{ 0.1, 0.6 },	{ 0.85, 1 },	{ 0, 0.15 },	{ 850, 1300 },	0.8,	0 },
	[PROFILE_EVENING_FULL] =  { "evening-full",   { 1.07, 1.12 },	{ 0.08, 0.2 },	{ 0.95, 1 },	{ 0, 0.05 },	{ 1000, 1300 },	0.8,	0 },
	[PROFILE_EVENING_FULL_IN] = { "evening-full-in", { 1.06, 1.10 }, { 0.08, 0.2 },	{ 0.95, 1 },	{ 0, 0.05 },	{ 1000, 1300 },	0.8,	0 },
	[PROFILE_FLASH_DAYS] =	  { "flash-days",     { 0.41, 0.45 },	{ 0.1, 0.2 },	{ 0.90, 1 },	{ 0, 0.1 },	{ 900, 1200 },	0.9,	0 },
	[PROFILE_FLASH_EVENING] = { "flash-evening",  { 0.37, 0.41 },	{ 0.1, 0.2 },	{ 0.90, 1 },	{ 0, 0.1 },	{ 900, 1200 },	0.9,	0 },
	[PROFILE_SPIKES] =	  { "spikes",	      { 0.30, 0.55 },	{ 0.1, 0.5 },	{ 0.80, 1 },	{ 0, 0.3 },	{ 800, 1250 },	1,	0.5 },
	[PROFILE_LINK_DOWN] =	  { "link-down",      { 0.20, 0.40 },	{ 0.1, 0.5 },	{ 0.80, 1 },	{ 0, 0.3 },	{ 800, 1200 },	1,	0 },
	[PROFILE_LAG] =		  { "lag",	      { 0.25, 0.42 },	{ 0.1, 0.5 },	{ 0.85, 1 },	{ 0, 0.2 },	{ 850, 1250 },	0.9,	0 },
	[PROFILE_LAG_LOSS] =	  { "lag-loss",	      { 0.53, 0.56 },	{ 0.1, 0.3 },	{ 0.90, 1 },	{ 0, 0.1 },	{ 900, 1250 },	0.8,	0 },
	[PROFILE_CONTRACT] =	  { "contract",	      { 0.47, 0.485 },	{ 0.1, 0.3 },	{ 0.90, 1 },	{ 0, 0.1 },	{ 900, 1250 },	0.7,	0 },
	[PROFILE_SPEEDLESS] =	  { "speedless",      { 0.15, 0.35 },	{ 0.2, 0.8 },	{ 0.80, 1 },	{ 0, 0.3 },	{ 700, 1200 },	1,	0 },
	[PROFILE_SMALL_FRAMES] =  { "small-frames",   { 0.93, 0.95 },	{ 0.3, 0.5 },	{ 0.50, 0.6 },	{ 0, 0.1 },	{ 64, 64 },	0.8,	0 },
	[PROFILE_ERRORS] =	  { "errors",	      { 0.20, 0.40 },	{ 0.2, 0.8 },	{ 0.80, 1 },	{ 0, 0.3 },	{ 800, 1200 },	1,	0 },
	[PROFILE_FAR_EVENING] =	  { "far-evening",    { 1.34, 1.40 },	{ 0.08, 0.2 },	{ 0.95, 1 },	{ 0, 0.05 },	{ 1000, 1300 },	0.8,	0 },
	[PROFILE_CORE] =	  { "core",	      { 0.30, 0.50 },	{ 0.5, 0.9 },	{ 0.85, 1 },	{ 0, 0.2 },	{ 850, 1150 },	0.6,	0 },
	[PROFILE_MANAGEMENT] =	  { "management",     { 0.001, 0.003 },	{ 0.5, 0.9 },	{ 0.20, 0.4 },	{ 0.5, 0.9 },	{ 200, 400 },	2,	0 },
	[PROFILE_LOOPBACK] =	  { "loopback",	      { 1e-5, 2e-5 },	{ 1, 1 },	{ 0.10, 0.2 },	{ 0, 0 },	{ 100, 200 },	2,	0 },
};
/* clang-format on */

/* Every 120 ports the same cast comes on, the most telling ones first; all others are drawn. */
#define CAST_CYCLE 120
static const struct cast {
	unsigned port;
	enum profile profile;
	unsigned line_gbps, contracted_gbps;
} cast[] = {
	{ 0, PROFILE_EVENING_FULL, 10, 0 },    { 1, PROFILE_EVENING_FULL, 10, 0 },
	{ 2, PROFILE_EVENING_FULL, 100, 0 },   { 3, PROFILE_FLASH_DAYS, 10, 0 },
	{ 4, PROFILE_SPIKES, 10, 0 },          { 5, PROFILE_CONTRACT, 10, 5 },
	{ 6, PROFILE_LAG_LOSS, 10, 0 },        { 7, PROFILE_LINK_DOWN, 10, 0 },
	{ 8, PROFILE_HEAVY, 100, 0 },          { 9, PROFILE_SPEEDLESS, 10, 0 },
	{ 10, PROFILE_SMALL_FRAMES, 10, 0 },   { 11, PROFILE_FLASH_EVENING, 10, 0 },
	{ 12, PROFILE_QUIET, 1, 0 },           { 14, PROFILE_SPIKES, 1, 0 },
	{ 15, PROFILE_SPIKES, 10, 0 },         { 16, PROFILE_LAG, 10, 0 },
	{ 19, PROFILE_EVENING_FULL_IN, 1, 0 }, { 22, PROFILE_ERRORS, 10, 0 },
	{ 25, PROFILE_SPIKES, 100, 0 },        { 38, PROFILE_SPIKES, 10, 0 },
	{ 41, PROFILE_LAG, 100, 0 },
};

const char *
profile_name(enum profile profile)
{
	return traits[profile].name;
}

bool
profile_is_lag(enum profile profile)
{
	return profile == PROFILE_LAG || profile == PROFILE_LAG_LOSS;
}

uint32_t
profile_errors_per_1000_sec(enum profile profile)
{
	return profile == PROFILE_ERRORS ? 1700 : 0;
}

struct role
role_of_port(uint64_t seed, uint64_t port)
{
	static const unsigned speeds_gbps[] = { 1, 1, 10, 10, 10, 10, 10, 10, 100, 100 };
	static const enum profile drawn[] = { PROFILE_QUIET,    PROFILE_HEAVY,    PROFILE_ORDINARY,
					      PROFILE_ORDINARY, PROFILE_ORDINARY, PROFILE_ORDINARY,
					      PROFILE_ORDINARY, PROFILE_ORDINARY };

	for (size_t i = 0; i < COUNT(cast); i++)
		if (port % CAST_CYCLE == cast[i].port)
			return (struct role) { cast[i].profile, cast[i].line_gbps * GIGA,
					       cast[i].contracted_gbps * GIGA };
	return (struct role) {
		drawn[hash_draw(seed + DRAW_ROLE, port) % COUNT(drawn)],
		speeds_gbps[hash_draw(seed + DRAW_SPEED, port) % COUNT(speeds_gbps)] * GIGA, 0
	};
}

static double
draw(uint64_t seed, uint64_t what, struct range range)
{
	return hash_range(seed, what, range.low, range.high);
}

/* The instant of a local time of day, on the date so many days before the epoch's (UTC); on a node. */
static int64_t
local_instant(struct zone *zone, int64_t epoch_utc_sec, int days_before, int hour)
{
	int64_t day = floor_div(epoch_utc_sec, DAY_SEC) - days_before;
	int64_t guess = day * DAY_SEC + hour * HOUR_SEC;

	return guess - zone_offset_sec(zone, guess);
}

static struct flash
flash_of(enum profile profile, struct zone *zone, const struct story *story)
{
	int64_t from;

	switch (profile) {
	case PROFILE_FLASH_DAYS:
		from = local_instant(zone, story->epoch_utc_sec, 6, 17);
		return (struct flash) { from, from + 33 * HOUR_SEC, 2.5 };
	case PROFILE_FLASH_EVENING:
		from = local_instant(zone, story->epoch_utc_sec, 3, 18);
		return (struct flash) { from, from + 7 * HOUR_SEC, 3.0 };
	default: return (struct flash) { 0, 0, 1.0 };
	}
}

static int64_t
on_node(int64_t utc_sec)
{
	return floor_div(utc_sec, NODE_SEC) * NODE_SEC;
}

static struct capacity
capacity_of(enum profile profile, uint64_t bps, const struct story *story)
{
	struct capacity capacity = { .bps = bps, .reduced_bps = bps };

	if (profile == PROFILE_LAG_LOSS) {
		capacity.reduced_bps = bps / 2;
		capacity.reduced_from_utc_sec = on_node(story->lag_loss_utc_sec);
		capacity.reduced_to_utc_sec = on_node(story->lag_restore_utc_sec);
	} else if (profile == PROFILE_LINK_DOWN) {
		capacity.reduced_bps = 0;
		capacity.reduced_from_utc_sec = on_node(story->epoch_utc_sec - 45 * DAY_SEC);
		capacity.reduced_to_utc_sec = NEVER;
	}
	return capacity;
}

/* How much later its day runs than its exchange's: the viewers' 20:30 is when the story says. */
static int64_t
phase_of(enum profile profile, uint64_t seed, struct zone *zone, const struct story *story)
{
	if (profile != PROFILE_FAR_EVENING)
		return (int64_t)draw(seed, DRAW_PHASE, (struct range) { -1500, 1500 });
	return story->far_evening_sec + zone_offset_sec(zone, story->epoch_utc_sec) -
	       VIEWERS_EVENING_SEC;
}

static int
heavier_direction(enum profile profile, uint64_t seed)
{
	if (profile == PROFILE_EVENING_FULL_IN)
		return FLOW_IN;
	if (profile == PROFILE_QUIET || profile == PROFILE_ORDINARY || profile == PROFILE_CORE)
		return hash_unit(seed, DRAW_HEAVIER) < 0.6 ? FLOW_OUT : FLOW_IN;
	return FLOW_OUT;
}

/* What both directions share. */
static struct flow
common_flow(enum profile profile, uint64_t seed, uint64_t capacity_bps, struct zone *zone,
	    const struct story *story)
{
	const struct traits *t = &traits[profile];

	return (struct flow) {
		.zone = zone,
		.capacity = capacity_of(profile, capacity_bps, story),
		.flash = flash_of(profile, zone, story),
		.epoch_utc_sec = story->epoch_utc_sec,
		.phase_sec = phase_of(profile, seed, zone, story),
		.contrast = draw(seed, DRAW_CONTRAST, t->contrast),
		.business = draw(seed, DRAW_BUSINESS, t->business),
		.growth_per_year = draw(seed, DRAW_GROWTH, (struct range) { 0.05, 0.30 }),
		.noise = t->noise,
	};
}

static void
finish_flow(struct flow *flow, const struct traits *t, uint64_t seed, double peak_share)
{
	flow->seed = hash_draw(seed, DRAW_FLOW);
	flow->packet_octets = (unsigned)draw(flow->seed, DRAW_PACKET, t->packet_octets);
	flow->peak_bps =
	    peak_share * 8.0 * line_octets_sec((double)flow->capacity.bps, flow->packet_octets);
}

void
profile_flows(struct flow flows[FLOW_DIRECTIONS], enum profile profile, uint64_t seed,
	      uint64_t capacity_bps, struct zone *zone, const struct story *story)
{
	const struct traits *t = &traits[profile];
	double peak = draw(seed, DRAW_PEAK, t->peak), back = draw(seed, DRAW_BACK, t->back);
	int heavier = heavier_direction(profile, seed);

	for (int d = 0; d < FLOW_DIRECTIONS; d++) {
		flows[d] = common_flow(profile, seed, capacity_bps, zone, story);
		finish_flow(&flows[d], t, hash_draw(seed, (uint64_t)d),
			    d == heavier ? peak : peak * back);
	}
	flows[heavier].spike_days = t->spike_days;
	flows[FLOW_OUT].drop_share = 0.05; /* what comes in too much is dropped before us */
}
