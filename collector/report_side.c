/* report_side.c - see report_side.h. */
#include "report_side.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "ixwatch/units.h"
#include "ixwatch/utilisation.h"

#define HOUR_SEC    3600
#define REASON_SIZE 1024

void
report_put_date(struct json *in, const char *key, int32_t day)
{
	char text[32];

	json_put_text(in, key,
		      day == DETECTOR_NO_DAY ? NULL : units_format_date(text, sizeof(text), day));
}

static int64_t
overlap(int64_t a_from, int64_t a_to, int64_t b_from, int64_t b_to)
{
	int64_t from = a_from > b_from ? a_from : b_from, to = a_to < b_to ? a_to : b_to;

	return to > from ? to - from : 0;
}

/* --- figures of the week --- */

/* Of what was to go out between two instants, the share that was discarded; NAN where nothing is known of it. */
static double
drops_share(const struct report_view *view, int64_t from_utc_sec, int64_t to_utc_sec)
{
	double dropped = 0, passed = 0;
	bool any = false;

	for (size_t i = 0; i < view->step_count; i++) {
		const double *value = view->steps[i].value;
		int64_t start = report_view_step_utc_sec(view, i);

		if (start < from_utc_sec || start >= to_utc_sec ||
		    isnan(value[COLUMN_OUT_DISCARDS]) || isnan(value[COLUMN_OUT_PPS]))
			continue;
		any = true;
		dropped += value[COLUMN_OUT_DISCARDS];
		passed += value[COLUMN_OUT_PPS];
	}
	if (!any)
		return NAN;
	return dropped > 0 ? dropped / (dropped + passed) : 0;
}

/* Whether frames could not be counted in a known sample, so that it is layer 2. */
static bool
is_layer2(const struct report_view *view, enum direction direction)
{
	bool in = direction == DIRECTION_IN;

	for (size_t i = 0; i < view->step_count; i++) {
		const double *value = view->steps[i].value;

		if (!isnan(report_view_share(view, i, direction)) &&
		    !utilisation_packets_fit(value[in ? COLUMN_IN_BPS : COLUMN_OUT_BPS],
					     value[in ? COLUMN_IN_PPS : COLUMN_OUT_PPS]))
			return true;
	}
	return false;
}

static void
put_minutes_at(struct json *in, const struct advice_week *week)
{
	if (week->known_samples == 0) {
		json_put_null(in, "minutes_90");
		json_put_null(in, "minutes_95");
		return;
	}
	json_put_int(in, "minutes_90", week->minutes_90);
	json_put_int(in, "minutes_95", week->minutes_95);
}

void
report_figures_put(struct json *in, const struct report_view *view, enum direction direction,
		   bool drops_trusted)
{
	const struct advice_week *week = report_view_week(view, direction);
	double drops = direction == DIRECTION_OUT && drops_trusted
			   ? drops_share(view, view->from_utc_sec, view->to_utc_sec)
			   : NAN;

	json_put_number(
	    in, "known_share",
	    week->possible_samples > 0 ? (double)week->known_samples / week->possible_samples : 0);
	json_put_number(in, "p95_bps", week->p95_bps);
	json_put_number(in, "p95_utilisation", week->p95_utilisation);
	json_put_number(in, "peak_utilisation", week->peak_utilisation);
	json_put_number(in, "mean_utilisation", week->mean_utilisation);
	put_minutes_at(in, week);
	json_put_number(in, "drops_share", drops);
	json_put_bool(in, "drops_measured", !isnan(drops));
	json_put_bool(in, "layer2", is_layer2(view, direction));
}

/* --- episodes --- */

static const struct detector_episode *
episode_at(const struct report_view *view, enum direction direction, size_t i)
{
	const struct replay_course *course = &view->replay->course[direction];

	return i < course->episode_count ? &course->episodes[i] : NULL;
}

bool
report_side_is_congested_at(const struct report_view *view, enum direction direction,
			    int64_t utc_sec)
{
	const struct detector_episode *e;

	for (size_t i = 0; (e = episode_at(view, direction, i)) != NULL; i++)
		if (e->kind == EPISODE_SUSTAINED && utc_sec >= e->start_utc_sec &&
		    utc_sec < e->end_utc_sec)
			return true;
	return false;
}

/* The window that holds most of it; the letter has said that it was declared. */
static const char *
declared_reason(const struct report_view *view, const struct detector_episode *e, char *dst,
		size_t len)
{
	const struct replay_question *question = &view->ask.question;
	int64_t most = 0;

	dst[0] = '\0';
	for (size_t i = 0; i < question->window_count; i++) {
		const struct detector_window *window = &question->windows[i];
		int64_t held = overlap(window->start_utc_sec, window->end_utc_sec, e->start_utc_sec,
				       e->end_utc_sec);
		bool has_text =
		    report_view_window_is_told(view, i) && question->window_texts[i][0] != '\0';

		if (held <= most)
			continue;
		most = held;
		snprintf(dst, len, "%s%s%.400s%s", detector_cause_name(window->cause),
			 has_text ? " (" : "", has_text ? question->window_texts[i] : "",
			 has_text ? ")" : "");
	}
	return dst;
}

static const char *
excuse_reason(const struct report_view *view, const struct detector_episode *e,
	      enum detector_excuse excuse, char *dst, size_t len)
{
	const struct detector_settings *settings = report_view_settings(view);
	char text[64];

	switch (excuse) {
	case EXCUSE_SPIKE:
		snprintf(dst, len, "shorter than %s",
			 units_format_duration(text, sizeof(text), settings->sustain_sec));
		return dst;
	case EXCUSE_DECLARED: return declared_reason(view, e, dst, len);
	case EXCUSE_REDUCED:
		snprintf(dst, len, "part of the capacity was missing, for less than a week then");
		return dst;
	case EXCUSE_FLASH:
		snprintf(dst, len,
			 "%u days at most, and below %s at that time of day in the 28 days before",
			 (unsigned)settings->flash_span_days,
			 units_format_share(text, sizeof(text), settings->flash_baseline_share));
		return dst;
	case EXCUSE_NONE:
	case EXCUSE_COUNT: break;
	}
	return NULL;
}

static void
put_episode(struct json *list, const struct report_view *view, const struct detector_episode *e)
{
	enum detector_excuse excuse = detector_excuse_of(view->replay->detector, e);
	const struct zone *zone = report_view_zone(view);
	struct json *out = json_put_object(list, "");
	char text[512];

	json_put_utc(out, "start", e->start_utc_sec);
	json_put_utc(out, "end", e->end_utc_sec);
	json_put_text(out, "start_local", zone_format(zone, text, sizeof(text), e->start_utc_sec));
	json_put_text(out, "end_local", zone_format(zone, text, sizeof(text), e->end_utc_sec));
	json_put_int(out, "minutes", (e->end_utc_sec - e->start_utc_sec) / 60);
	json_put_text(out, "kind", model_episode_kind_name(e->kind));
	json_put_text(out, "excuse", detector_excuse_name(excuse));
	json_put_text(out, "excuse_reason", excuse_reason(view, e, excuse, text, sizeof(text)));
	json_put_number(out, "peak_utilisation", e->peak_utilisation);
	json_put_number(out, "mean_utilisation", e->mean_utilisation);
	json_put_number(out, "drops_share",
			e->direction == DIRECTION_OUT && view->ask.question.terms.discards_trusted
			    ? drops_share(view, e->start_utc_sec, e->end_utc_sec)
			    : NAN);
	json_put_bool(out, "open", e->open);
}

static void
put_episodes(struct json *in, const struct report_view *view, enum direction direction)
{
	struct json *list = json_put_array(in, "episodes");
	const struct detector_episode *e;

	for (size_t i = 0; (e = episode_at(view, direction, i)) != NULL; i++)
		if (e->end_utc_sec > view->from_utc_sec && e->start_utc_sec < view->to_utc_sec)
			put_episode(list, view, e);
}

/* --- days --- */

/* Seconds of excused sustained episodes in [from, to). */
static int64_t
excused_sec(const struct report_view *view, enum direction direction, int64_t from, int64_t to)
{
	const struct detector_episode *e;
	int64_t sum = 0;

	for (size_t i = 0; (e = episode_at(view, direction, i)) != NULL; i++)
		if (e->kind == EPISODE_SUSTAINED && e->start_utc_sec < to &&
		    e->end_utc_sec > from &&
		    detector_excuse_of(view->replay->detector, e) != EXCUSE_NONE)
			sum += overlap(from, to, e->start_utc_sec, e->end_utc_sec);
	return sum;
}

static bool
is_declared(const struct report_view *view, int64_t from, int64_t to)
{
	const struct replay_question *question = &view->ask.question;

	for (size_t i = 0; i < question->window_count; i++)
		if (report_view_window_is_told(view, i) &&
		    overlap(question->windows[i].start_utc_sec, question->windows[i].end_utc_sec,
			    from, to) > 0)
			return true;
	return false;
}

/* The largest known judged step that begins in [from, to); NAN. */
static double
largest(const struct report_view *view, enum direction direction, int64_t from, int64_t to)
{
	const struct replay *replay = view->replay;
	const double *utilisation = replay->course[direction].utilisation;
	double max = NAN;
	int64_t step = replay->step_sec, i;

	if (replay->step_count == 0)
		return NAN;
	i = from > replay->start_utc_sec ? (from - replay->start_utc_sec + step - 1) / step : 0;
	for (; i < (int64_t)replay->step_count && replay->start_utc_sec + i * step < to; i++)
		if (!isnan(utilisation[i]) && !(utilisation[i] <= max))
			max = utilisation[i];
	return max;
}

static void
put_hours(struct json *in, const struct report_view *view, enum direction direction, int64_t from,
	  int64_t to)
{
	struct json *hours = json_put_array(in, "hours");

	for (int64_t at = from; at < to; at += HOUR_SEC) {
		int64_t end = at + HOUR_SEC < to ? at + HOUR_SEC : to;
		struct json *hour = json_put_object(hours, "");

		json_put_number(hour, "max", largest(view, direction, at, end));
		json_put_bool(hour, "excused",
			      is_declared(view, at, end) ||
				  excused_sec(view, direction, at, end) > 0);
	}
}

/* The excuse that the state of a day is. */
static const char *
excuse_of_state(enum detector_day_state state)
{
	switch (state) {
	case DAY_DECLARED: return detector_excuse_name(EXCUSE_DECLARED);
	case DAY_REDUCED: return detector_excuse_name(EXCUSE_REDUCED);
	case DAY_FLASH: return detector_excuse_name(EXCUSE_FLASH);
	default: return NULL;
	}
}

/* As the detector has it; before the first sample and after the last, nothing is known of it. */
static struct detector_day
day_of(const struct report_view *view, enum direction direction, int32_t date)
{
	struct detector *detector = view->replay->detector;
	size_t count = detector_day_count(detector);
	struct detector_day day;
	enum verdict verdict = VERDICT_INSUFFICIENT;

	if (count > 0) {
		detector_day_get(detector, direction, 0, &day);
		if (date >= day.day && (size_t)(date - day.day) < count) {
			detector_day_get(detector, direction, (size_t)(date - day.day), &day);
			return day;
		}
	}
	report_view_verdict_at(view, direction, date, &verdict);
	return (struct detector_day) { .day = date, .state = DAY_UNKNOWN, .verdict = verdict };
}

static void
put_day(struct json *list, const struct report_view *view, enum direction direction, int32_t date)
{
	int32_t day_start_sec = (int32_t)report_view_settings(view)->day_start_sec;
	int64_t from = zone_day_begin_utc_sec(report_view_zone(view), date, day_start_sec),
		to = zone_day_begin_utc_sec(report_view_zone(view), date + 1, day_start_sec);
	struct detector_day day = day_of(view, direction, date);
	struct json *out = json_put_object(list, "");

	report_put_date(out, "date", date);
	json_put_text(out, "state", detector_day_state_name(day.state));
	json_put_number(out, "known_share", day.known_share);
	json_put_int(out, "congested_minutes", day.congested_sec / 60);
	json_put_int(out, "excused_minutes", excused_sec(view, direction, from, to) / 60);
	json_put_text(out, "excuse", excuse_of_state(day.state));
	json_put_bool(out, "withdrawn", day.withdrawn);
	json_put_text(out, "verdict", model_verdict_name(day.verdict));
	put_hours(out, view, direction, from, to);
}

/* --- the verdict --- */

static void
put_verdict(struct json *out, const struct report_view *view, enum direction direction)
{
	struct detector_standing standing;
	char reason[REASON_SIZE];

	detector_standing_get(view->replay->detector, direction, &standing);
	json_put_text(out, "verdict", model_verdict_name(standing.verdict));
	report_put_date(out, "verdict_since", standing.verdict_since);
	json_put_text(out, "verdict_reason",
		      detector_reason(view->replay->detector, direction, reason, sizeof(reason)));
	json_put_text(out, "stale_verdict",
		      standing.stale ? model_verdict_name(standing.stale_verdict) : NULL);
	report_put_date(out, "stale_since",
			standing.stale ? standing.stale_since : DETECTOR_NO_DAY);
	json_put_int(out, "declared_days_28", standing.declared_days_28);
}

static void
put_last_week(struct json *in, const struct report_view *view, enum direction direction)
{
	const struct advice_week *week = report_view_week_before(view, direction);
	enum verdict verdict;
	struct json *out;

	if (!report_view_verdict_at(view, direction, view->monday - 1, &verdict)) {
		json_put_null(in, "last_week");
		return;
	}
	out = json_put_object(in, "last_week");
	json_put_text(out, "verdict", model_verdict_name(verdict));
	json_put_number(out, "p95_utilisation", week->p95_utilisation);
	json_put_number(out, "peak_utilisation", week->peak_utilisation);
	put_minutes_at(out, week);
}

void
report_side_put(struct json *in, const char *key, const struct report_view *view,
		enum direction direction)
{
	struct json *out = json_put_object(in, key), *days;

	report_figures_put(out, view, direction, view->ask.question.terms.discards_trusted);
	put_verdict(out, view, direction);
	put_last_week(out, view, direction);
	days = json_put_array(out, "days");
	for (int32_t i = 0; i < REPORT_DAYS; i++)
		put_day(days, view, direction, view->monday + 7 - REPORT_DAYS + i);
	put_episodes(out, view, direction);
}
