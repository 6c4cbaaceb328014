/* report_picture.c - see report_picture.h. */
#include "report_picture.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/series.h"

#define WIDTH_PX  640
#define HEIGHT_PX 180
#define BANDS_MAX 200
#define DAY_SEC   86400

static bool
path_of(char *dst, size_t len)
{
	return series_path(dst, len, "week", "week", "week");
}

/* Archives that just hold the week, however long ago it was: a file that is new has no other history. */
static bool
series_make(const char *dir, const char *path, const struct report_view *view, bool *any,
	    struct error *err)
{
	const struct series_settings settings = {
		.state_dir = dir,
		.interval_sec = REPORT_STEP_SEC,
		.step_sec = REPORT_STEP_SEC,
		.keep_interval_sec = 9 * DAY_SEC,
		.keep_step_sec = 9 * DAY_SEC,
		.keep_hour_sec = 9 * DAY_SEC,
		.keep_day_sec = 9 * DAY_SEC,
	};
	struct series *series = NULL;
	size_t accepted_count = 0;
	bool done =
	    series_open(&series, &settings, err) &&
	    series_import(series, path, view->steps, view->step_count, &accepted_count, err);

	series_close(series);
	*any = accepted_count > 0;
	return done;
}

static size_t
bands_fill(struct series_band bands[BANDS_MAX], const struct report_view *view)
{
	size_t count = 0;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		const struct replay_course *course = &view->replay->course[d];

		for (size_t i = 0; i < course->episode_count && count < BANDS_MAX; i++) {
			const struct detector_episode *e = &course->episodes[i];

			if (e->end_utc_sec <= view->from_utc_sec ||
			    e->start_utc_sec >= view->to_utc_sec)
				continue;
			bands[count++] = (struct series_band) {
				.start_utc_sec = e->start_utc_sec,
				.end_utc_sec = e->end_utc_sec,
				.direction = e->direction,
				.kind = e->kind,
				.excused =
				    detector_excuse_of(view->replay->detector, e) != EXCUSE_NONE,
			};
		}
	}
	return count;
}

/* What the contract allows, where it is less than the ports could carry. */
static double
limit_of(const struct report_view *view)
{
	for (size_t i = view->step_count; i > 0; i--)
		if (view->limit_bps[i - 1] < view->steps[i - 1].value[COLUMN_CAPACITY_BPS])
			return view->limit_bps[i - 1];
	return NAN;
}

bool
report_picture(unsigned char **png, size_t *len, struct report_shelf *shelf,
	       const struct report_view *view, const char *title, struct error *err)
{
	struct series_band bands[BANDS_MAX];
	const char *dir = report_shelf_bench(shelf, err);
	char path[128];
	bool any, done;

	*png = NULL;
	*len = 0;
	if (dir == NULL || !path_of(path, sizeof(path)) || !series_make(dir, path, view, &any, err))
		return false;
	if (!any)
		return true;
	done = series_draw(dir,
			   &(struct series_drawing) { .path = path,
						      .title = title,
						      .timezone = view->ask.question.timezone,
						      .from_utc_sec = view->from_utc_sec,
						      .to_utc_sec = view->to_utc_sec,
						      .width_px = WIDTH_PX,
						      .height_px = HEIGHT_PX,
						      .image = SERIES_PNG,
						      .contracted_bps = limit_of(view),
						      .band_count = bands_fill(bands, view),
						      .bands = bands },
			   png, len, err);
	return done;
}
