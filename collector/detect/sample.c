/* sample.c - slots to steps, and what makes a step congested or live.  See /method. */
#include <math.h>

#include "detect/sample.h"
#include "ixwatch/utilisation.h"

#define IMPOSSIBLE_SHARE 1.05 /* of the physical capacity */

static const struct direction_columns {
	enum column bps, pps, discards;
} columns[DIRECTION_COUNT] = {
	[DIRECTION_IN] = { COLUMN_IN_BPS, COLUMN_IN_PPS, COLUMN_IN_DISCARDS },
	[DIRECTION_OUT] = { COLUMN_OUT_BPS, COLUMN_OUT_PPS, COLUMN_OUT_DISCARDS },
};

/* The capacity is a fact about the port: it is kept where the direction's own rate is unknown, too. */
void
slot_sums_add(struct slot_sums *sums, enum direction direction, const struct sample *slot,
	      const struct detector_terms *terms)
{
	double physical_bps = slot->value[COLUMN_CAPACITY_BPS];
	double bps = slot->value[columns[direction].bps];
	double pps = slot->value[columns[direction].pps];
	double discards = slot->value[columns[direction].discards];

	if (!(physical_bps > 0))
		return;
	double capacity_bps =
	    model_capacity_bps(physical_bps, terms->contracted_bps, terms->contract_billed);
	sums->any_capacity_bps += capacity_bps;
	sums->any_capacity_count++;
	if (!(bps >= 0) || utilisation_wire_bps(bps, pps) / physical_bps > IMPOSSIBLE_SHARE)
		return;
	sums->capacity_bps += capacity_bps;
	sums->bps += bps;
	sums->known_count++;
	if (pps >= 0) {
		sums->pps += pps;
		sums->pps_count++;
	}
	if (discards >= 0) {
		sums->discards += discards;
		sums->discard_count++;
	}
}

/* The mean of `count` slots, unknown when they are fewer than half of the step's. */
static double
mean(double sum, uint32_t count, uint32_t slot_count)
{
	return count > 0 && 2 * count >= slot_count ? sum / count : NAN;
}

/* Both witnesses: how full it is; and, where the frames can be counted, how much was thrown away. */
static bool
is_congested(double u, double discard_share, const struct detector_settings *settings, bool trusted)
{
	return u >= settings->congested_share || (trusted && u >= settings->discard_floor_share &&
						  discard_share >= settings->discard_share);
}

void
slot_sums_judge(const struct slot_sums *sums, enum direction direction, uint32_t slot_count,
		const struct detector_settings *settings, bool discards_trusted,
		struct detector_sample *sample, struct step_witness *witness)
{
	double bps = mean(sums->bps, sums->known_count, slot_count);
	double pps = mean(sums->pps, sums->pps_count, slot_count);
	double discards = mean(sums->discards, sums->discard_count, slot_count);
	double capacity_bps = mean(sums->capacity_bps, sums->known_count, slot_count);
	bool fit = utilisation_packets_fit(bps, pps);
	double u = utilisation_share(bps, pps, capacity_bps);

	if (isnan(capacity_bps))
		capacity_bps = mean(sums->any_capacity_bps, sums->any_capacity_count, slot_count);
	witness->discard_share = fit ? discards / (pps + discards) : NAN;
	sample->utilisation = u;
	sample->capacity_bps = capacity_bps;
	sample->layer2 = !isnan(u) && !fit;
	sample->congested = is_congested(u, witness->discard_share, settings,
					 discards_trusted && direction == DIRECTION_OUT);
	sample->live = sample->congested || u >= settings->clear_share;
}
