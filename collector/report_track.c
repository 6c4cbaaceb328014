/* report_track.c - see report_track.h. */
#include "report_track.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "report_side.h"

#define DAY_SEC  86400
#define HOUR_SEC 3600

void
report_track_end(struct report_track *track)
{
	free(track->exchange);
	free(track->capacity_bps);
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		free(track->wire_bps[d]);
		free(track->congested[d]);
	}
	*track = (struct report_track) { 0 };
}

static bool
make_room(struct report_track *track)
{
	size_t count = track->count + 1;
	bool done;

	track->capacity_bps = calloc(count, sizeof(*track->capacity_bps));
	done = track->exchange != NULL && track->capacity_bps != NULL;
	for (int d = 0; d < DIRECTION_COUNT; d++) {
		track->wire_bps[d] = calloc(count, sizeof(*track->wire_bps[d]));
		track->congested[d] = calloc(count, sizeof(*track->congested[d]));
		done = done && track->wire_bps[d] != NULL && track->congested[d] != NULL;
	}
	return done;
}

bool
report_track_init(struct report_track *track, const struct report_view *view,
		  const char *exchange_name, struct json *advice, struct error *err)
{
	*track = (struct report_track) {
		.exchange = strdup(view->port->port.exchange),
		.exchange_name = exchange_name,
		.start_utc_sec =
		    view->step_count > 0 ? report_view_step_utc_sec(view, 0) : view->from_utc_sec,
		.count = view->step_count,
		.offset_sec = zone_offset_sec(report_view_zone(view), view->to_utc_sec - 1),
		.day_begin_sec = report_view_settings(view)->day_start_sec,
		.clear_share = report_view_settings(view)->clear_share,
		.advice = advice,
	};
	if (!make_room(track))
		return error_set(err, ERR_NOMEM, "a week's samples: out of memory");
	for (size_t i = 0; i < track->count; i++) {
		track->capacity_bps[i] = report_view_capacity_bps(view, i);
		for (int d = 0; d < DIRECTION_COUNT; d++) {
			enum direction direction = (enum direction)d;

			track->wire_bps[d][i] = report_view_wire_bps(view, i, direction);
			track->congested[d][i] = report_side_is_congested_at(
			    view, direction, report_view_step_utc_sec(view, i));
		}
	}
	return true;
}

/* --- room elsewhere --- */

/* The hours of congestion by the clock on the wall, within its traffic day. */
struct hours {
	int64_t first_sec, last_sec; /* since the day-start */
	bool any;
};

static void
hours_add(struct hours *hours, const struct report_track *track, int64_t utc_sec)
{
	int64_t since = (utc_sec + track->offset_sec - track->day_begin_sec) % DAY_SEC;

	if (!hours->any || since < hours->first_sec)
		hours->first_sec = since;
	if (!hours->any || since + REPORT_STEP_SEC > hours->last_sec)
		hours->last_sec = since + REPORT_STEP_SEC;
	hours->any = true;
}

static char *
hours_text(const struct hours *hours, const struct report_track *track, char *dst, size_t len)
{
	int64_t from = (hours->first_sec + track->day_begin_sec) / HOUR_SEC % 24;
	int64_t to = (hours->last_sec + track->day_begin_sec + HOUR_SEC - 1) / HOUR_SEC % 24;

	snprintf(dst, len, "%02d:00-%02d:00", (int)from, (int)to);
	return dst;
}

/* What was free on `other` at each instant at which this one was congested, the least of it; NAN: it was not, or some of that
 * time is unknown there, or it was itself nearly full. */
static double
headroom_bps(const struct report_track *track, const struct report_track *other,
	     struct hours *hours)
{
	double least_bps = NAN;

	for (size_t i = 0; i < track->count; i++) {
		int64_t at = track->start_utc_sec + (int64_t)i * REPORT_STEP_SEC;
		int64_t n = (at - other->start_utc_sec) / REPORT_STEP_SEC;

		for (int d = 0; d < DIRECTION_COUNT; d++) {
			double free_bps;

			if (!track->congested[d][i])
				continue;
			hours_add(hours, track, at);
			if (at < other->start_utc_sec || n >= (int64_t)other->count)
				continue; /* zones differ: its week has begun or ended already */
			free_bps = other->capacity_bps[n] - other->wire_bps[d][n];
			if (isnan(free_bps) ||
			    other->wire_bps[d][n] >= other->clear_share * other->capacity_bps[n])
				return NAN;
			if (!(free_bps >= least_bps))
				least_bps = free_bps;
		}
	}
	return least_bps;
}

struct room {
	const struct report_track *other;
	double headroom_bps;
	char at_local[16];
};

static int
compare_rooms(const void *left, const void *right)
{
	const struct room *a = left, *b = right;

	if (a->headroom_bps != b->headroom_bps)
		return a->headroom_bps > b->headroom_bps ? -1 : 1;
	return strcmp(a->other->exchange, b->other->exchange);
}

static void
tell_one(const struct report_track *track, const struct report_track *tracks, size_t count,
	 struct room *rooms)
{
	struct json *list = json_put_array(track->advice, "other_exchanges");
	size_t room_count = 0;

	for (size_t i = 0; i < count; i++) {
		struct room *room = &rooms[room_count];
		struct hours hours = { .any = false };

		if (strcmp(tracks[i].exchange, track->exchange) == 0)
			continue;
		*room = (struct room) { .other = &tracks[i],
					.headroom_bps = headroom_bps(track, &tracks[i], &hours) };
		if (isnan(room->headroom_bps))
			continue;
		hours_text(&hours, track, room->at_local, sizeof(room->at_local));
		room_count++;
	}
	if (room_count > 1)
		qsort(rooms, room_count, sizeof(*rooms), compare_rooms);
	for (size_t i = 0; i < room_count; i++) {
		struct json *out = json_put_object(list, "");

		json_put_text(out, "exchange", rooms[i].other->exchange);
		json_put_text(out, "name", rooms[i].other->exchange_name);
		json_put_number(out, "headroom_bps", rooms[i].headroom_bps);
		json_put_text(out, "at_local", rooms[i].at_local);
	}
}

void
report_tracks_tell(const struct report_track *tracks, size_t count)
{
	struct room *rooms = calloc(count + 1, sizeof(*rooms));

	for (size_t i = 0; rooms != NULL && i < count; i++)
		tell_one(&tracks[i], tracks, count, rooms);
	free(rooms);
}
