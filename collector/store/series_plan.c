/* series_plan.c - which archives a series' file has, from the settings. Each row is known when at
 * least half of its slots are (series_file.c gives rrdtool the share 0.5). */
#include "store/series_internal.h"

#define HOUR_SEC 3600
#define DAY_SEC  86400

static bool
check(const struct series_settings *s, struct error *err)
{
	if (s->interval_sec < 1 || s->interval_sec > 300)
		return error_set(err, ERR_SERIES,
				 "series: interval is %u s, allowed are 1 s to 300 s",
				 s->interval_sec);
	if (s->step_sec < s->interval_sec || s->step_sec % s->interval_sec != 0)
		return error_set(err, ERR_SERIES, "series: interval (%u s) must divide step (%u s)",
				 s->interval_sec, s->step_sec);
	if (s->step_sec > HOUR_SEC || HOUR_SEC % s->step_sec != 0)
		return error_set(err, ERR_SERIES, "series: step (%u s) must divide an hour",
				 s->step_sec);
	if (s->keep_interval_sec < 0 || s->keep_step_sec < 0 || s->keep_hour_sec < 0 ||
	    s->keep_day_sec < 0)
		return error_set(err, ERR_SERIES,
				 "series: an archive cannot reach back less than 0 s");
	return true;
}

static void
add(struct series_plan *plan, enum series_cf cf, int64_t row_sec, int64_t keep_sec)
{
	int64_t row_count = (keep_sec + row_sec - 1) / row_sec;

	plan->archives[plan->archive_count++] = (struct series_plan_archive) {
		.cf = cf, .row_sec = row_sec, .row_count = row_count > 0 ? row_count : 1
	};
}

bool
series_plan_make(struct series_plan *plan, const struct series_settings *s, struct error *err)
{
	int64_t keep_fine = s->keep_interval_sec;

	if (!check(s, err))
		return false;
	*plan = (struct series_plan) { .interval_sec = s->interval_sec };
	if (s->interval_sec == s->step_sec && s->keep_step_sec > keep_fine)
		keep_fine = s->keep_step_sec;
	add(plan, SERIES_AVERAGE, s->interval_sec, keep_fine);
	if (s->interval_sec != s->step_sec)
		add(plan, SERIES_AVERAGE, s->step_sec, s->keep_step_sec);
	add(plan, SERIES_MAX, HOUR_SEC, s->keep_hour_sec);
	add(plan, SERIES_AVERAGE, DAY_SEC, s->keep_day_sec);
	add(plan, SERIES_MAX, DAY_SEC, s->keep_day_sec);
	return true;
}
