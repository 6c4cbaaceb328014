/* report_week.c - see report_week.h. */
#include "report_week.h"

#include "ixwatch/report.h"
#include "ixwatch/units.h"

#define DAY_SEC    86400
#define SETTLE_SEC 900 /* the last samples are measured, summed and written by then */

int32_t
report_week_of(int32_t day)
{
	/* 1970-01-01 was a Thursday. */
	return day - ((day + 3) % 7 + 7) % 7;
}

/* --- when it is over --- */

static bool
end_at(const struct config *config, const struct config_exchange *exchange, int32_t monday,
       int64_t *end_utc_sec, struct error *err)
{
	struct detector_settings settings;
	struct zone *zone;

	config_detector(config, exchange, NULL, &config->report.profile, &settings);
	if (!zone_open(&zone, exchange->timezone, err))
		return false;
	*end_utc_sec = zone_day_begin_utc_sec(zone, monday + 7, (int32_t)settings.day_start_sec);
	zone_close(zone);
	return true;
}

bool
report_week_end(const struct config *config, int32_t monday, int64_t *end_utc_sec,
		struct error *err)
{
	*end_utc_sec = 0;
	for (size_t i = 0; i < config->exchange_count; i++) {
		int64_t end;

		if (!end_at(config, &config->exchanges[i], monday, &end, err))
			return false;
		if (end + SETTLE_SEC > *end_utc_sec)
			*end_utc_sec = end + SETTLE_SEC;
	}
	return true;
}

bool
report_week_check_closed(const struct config *config, int32_t monday, int64_t now_utc_sec,
			 struct error *err)
{
	char week[REPORT_WEEK_SIZE], until[40];
	int64_t end_utc_sec;

	if (!report_week_end(config, monday, &end_utc_sec, err))
		return false;
	if (end_utc_sec == 0)
		return error_set(err, ERR_REFUSED, "the configuration has no exchange");
	return end_utc_sec <= now_utc_sec ||
	       error_set(err, ERR_REFUSED,
			 "week %s is not closed: at the last of the exchanges it goes on until %s",
			 report_week_name(week, monday),
			 units_format_utc(until, sizeof(until), end_utc_sec));
}

/* The instant of `report`'s weekday and hour that follows the week: within seven days of its end. */
static bool
hour_after(const struct config *config, int32_t monday, int64_t *at_utc_sec, struct error *err)
{
	const struct config_report *report = &config->report;
	struct zone *zone;

	if (!zone_open(&zone, report->timezone, err))
		return false;
	*at_utc_sec =
	    zone_day_begin_utc_sec(zone, monday + 7 + report->weekday - 1, report->hour * 3600);
	zone_close(zone);
	return true;
}

/* The last of the weeks before now for which `over` has come. */
static bool
last_before(const struct config *config, int64_t now_utc_sec, bool by_hour, int32_t *monday,
	    struct error *err)
{
	int64_t end_utc_sec, hour_utc_sec;

	/* Zones reach a day ahead; the hour may come a week later. */
	for (*monday = report_week_of((int32_t)(now_utc_sec / DAY_SEC) + 1);; *monday -= 7) {
		if (!report_week_end(config, *monday, &end_utc_sec, err) ||
		    !hour_after(config, *monday, &hour_utc_sec, err))
			return false;
		if (end_utc_sec <= now_utc_sec && (!by_hour || hour_utc_sec <= now_utc_sec))
			return true;
	}
}

bool
report_week_last(const struct config *config, int64_t now_utc_sec, int32_t *monday,
		 struct error *err)
{
	return last_before(config, now_utc_sec, false, monday, err);
}

bool
report_week_due(const struct config *config, int64_t now_utc_sec, int32_t *monday,
		struct error *err)
{
	return last_before(config, now_utc_sec, true, monday, err);
}
