/* report_track.h - what a connection carried in its week, kept until the peer's others are read: whether one of them had room
 * while this one was congested. */
#ifndef COLLECTOR_REPORT_TRACK_H
#define COLLECTOR_REPORT_TRACK_H

#include "ixwatch/json.h"
#include "report_view.h"

struct report_track {
	char *exchange;
	const char *exchange_name;
	int64_t start_utc_sec; /* of the first step */
	size_t count;
	double *capacity_bps, *wire_bps[DIRECTION_COUNT];
	bool *congested[DIRECTION_COUNT]; /* a sustained episode holds the step */
	int64_t day_begin_sec;            /* UTC second of its traffic day */
	int64_t offset_sec;               /* of the wall clock, at the week's end */
	double clear_share;
	struct json *advice; /* lent: where it is told */
};

bool report_track_init(struct report_track *track, const struct report_view *view,
		       const char *exchange_name, struct json *advice, struct error *err);
void report_track_end(struct report_track *track);

/* "other_exchanges" of each: those that had room in every hour of congestion, most room first. */
void report_tracks_tell(const struct report_track *tracks, size_t count);

#endif
