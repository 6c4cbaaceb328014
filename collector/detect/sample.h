/* sample.h - from slots to judged steps: the measure.
 *
 * A step is the mean of its known slots, known when at least half of them are; packets and discards are the means of the
 * known slots that have them, unknown when fewer than half of the step's slots do. */
#ifndef COLLECTOR_DETECT_SAMPLE_H
#define COLLECTOR_DETECT_SAMPLE_H

#include <stdint.h>

#include "detect/detector.h"

/* The slots of one step of one direction, summed up. */
struct slot_sums {
	double bps, pps, discards;
	double capacity_bps;     /* of the known slots */
	double any_capacity_bps; /* of the slots with a capacity, known or not */
	uint32_t known_count, pps_count, discard_count, any_capacity_count;
};

/* What a step says beside what struct detector_sample shows. */
struct step_witness {
	double discard_share; /* discards / (packets + discards); NAN: not known */
};

/* Adds one slot, when it is known: it has a rate and a capacity, and the rate is possible on it. */
void slot_sums_add(struct slot_sums *sums, enum direction direction, const struct sample *slot,
		   const struct detector_terms *terms);

/* The step that these slots make, of slot_count slots in all.  direction and start are the caller's to fill in. */
void slot_sums_judge(const struct slot_sums *sums, enum direction direction, uint32_t slot_count,
		     const struct detector_settings *settings, bool discards_trusted,
		     struct detector_sample *sample, struct step_witness *witness);

#endif
