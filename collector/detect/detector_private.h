/* detector_private.h - what a detector is made of; for the files that share its face. */
#ifndef COLLECTOR_DETECT_DETECTOR_PRIVATE_H
#define COLLECTOR_DETECT_DETECTOR_PRIVATE_H

#include "detect/course.h"
#include "detect/detector.h"

struct detector {
	struct frame frame;
	unsigned interval_sec;
	struct slot_sums sums[DIRECTION_COUNT]; /* of the step that is being built */
	int64_t building_utc_sec;               /* its start */
	int64_t slot_until_utc_sec;             /* end of the last slot */
	bool is_building;
	struct course course[DIRECTION_COUNT];
};

/* As new; settings, terms and windows stay. */
void detector_reset(struct detector *d);

/* Whether the pieces of a state fit each other, the settings and the calendar. */
bool checkpoint_makes_sense(const struct detector *d);

#endif
