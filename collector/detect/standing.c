/* standing.c - what is asked of a detector: how a direction stands, its days, why an episode is excused. */
#include <math.h>

#include "detect/detector_private.h"

#define DAYS_28   28
#define HOT_DAYS  7
#define WARM_DAYS 30
#define ALARM_SEC 600 /* saturated for so long is told at once */

static unsigned
count_states(const struct day_list *days, unsigned n, enum detector_day_state state)
{
	unsigned count = 0;

	for (uint32_t i = days->count > n ? days->count - n : 0; i < days->count; i++)
		count += days->day[i].state == state;
	return count;
}

static unsigned
count_withdrawn(const struct day_list *days, unsigned n)
{
	unsigned count = 0;

	for (uint32_t i = days->count > n ? days->count - n : 0; i < days->count; i++)
		count += days->day[i].withdrawn;
	return count;
}

void
detector_standing_get(struct detector *d, enum direction direction,
		      struct detector_standing *standing)
{
	struct course *course = &d->course[direction];
	const struct tenure *now = &course->now;

	if (!course_refresh(course, &d->frame)) {
		*standing = (struct detector_standing) { .verdict = VERDICT_INSUFFICIENT };
		return;
	}
	*standing = (struct detector_standing) {
		.verdict = now->verdict,
		.verdict_since = now->since,
		.stale = now->stale,
		.stale_verdict = now->stale_verdict,
		.stale_since = now->stale_since,
		.rules = now->rules,
		.epoch = course->epoch,
		.epoch_verdict = now->epoch_verdict,
		.cured = now->cured,
		.valid_days_28 = verdict_valid_days(course, &d->frame, DAYS_28, INT32_MIN),
		.declared_days_28 = count_states(&course->days, DAYS_28, DAY_DECLARED),
		.withdrawn_days_28 = count_withdrawn(&course->days, DAYS_28),
	};
	course_rest(course, &d->frame);
}

static bool
is_hot(const struct day_list *days)
{
	uint64_t known = 0, warm = 0;

	for (uint32_t i = days->count, n = 0; i > 0 && n < WARM_DAYS; n++) {
		const struct day *day = &days->day[--i];

		if (n < HOT_DAYS && day->hot)
			return true;
		known += day->known_count;
		warm += day->hot_count;
	}
	return known > 0 && warm >= known - (95 * known + 99) / 100 + 1;
}

void
detector_flags_get(struct detector *d, enum direction direction, struct detector_flags *flags)
{
	struct course *course = &d->course[direction];

	*flags = (struct detector_flags) { 0 };
	if (!course_refresh(course, &d->frame))
		return;
	*flags = (struct detector_flags) {
		.saturated = course->flags.full_sec >= ALARM_SEC,
		.loss = course->flags.lossy_sec >= d->frame.settings->sustain_sec,
		.microburst = course->flags.microburst,
		.hot = is_hot(&course->days),
	};
	course_rest(course, &d->frame);
}

double
detector_nominal_bps(const struct detector *d, enum direction direction)
{
	return d->course[direction].capacity.nominal_bps;
}

size_t
detector_reduction_count(const struct detector *d, enum direction direction)
{
	return d->course[direction].reductions.count;
}

struct detector_reduction
detector_reduction_get(const struct detector *d, enum direction direction, size_t i)
{
	const struct span *span = &d->course[direction].reductions.span[i];

	return (struct detector_reduction) { span->from_utc_sec, span->to_utc_sec,
					     span->since_utc_sec };
}

size_t
detector_day_count(const struct detector *d)
{
	return d->course[0].days.count;
}

size_t
detector_changing_days(const struct detector *d)
{
	return course_unsettled_days(d->frame.settings);
}

/* How many steps begin in the day. */
static uint32_t
possible_samples(const struct day_list *days, uint32_t i, uint32_t step_sec)
{
	int64_t first = (days->day[i].begin_utc_sec + step_sec - 1) / step_sec;

	return (uint32_t)((day_list_end(days, i) + step_sec - 1) / step_sec - first);
}

void
detector_day_get(struct detector *d, enum direction direction, size_t i, struct detector_day *out)
{
	struct course *course = &d->course[direction];
	const struct day *day;
	double known_share;

	if (!course_refresh(course, &d->frame)) {
		*out =
		    (struct detector_day) { .state = DAY_UNKNOWN, .verdict = VERDICT_INSUFFICIENT };
		return;
	}
	day = &course->days.day[i];
	known_share = day_known_share(&course->days, (uint32_t)i, d->frame.step_sec);
	*out = (struct detector_day) {
		.day = day_list_date(&course->days, (uint32_t)i),
		.begin_utc_sec = day->begin_utc_sec,
		.end_utc_sec = day_list_end(&course->days, (uint32_t)i),
		.valid = known_share >= d->frame.settings->valid_share,
		.congested = day_is_congested(day, d->frame.settings),
		.withdrawn = day->withdrawn,
		.possible_samples = possible_samples(&course->days, (uint32_t)i, d->frame.step_sec),
		.known_samples = (uint32_t)day->known_count,
		.congested_samples = (uint32_t)day->congested_count,
		.live_samples = (uint32_t)day->clear_count,
		.known_share = known_share,
		.congested_sec = (int64_t)day->sustained_sec,
		.run_sec = (int64_t)day->run_sec,
		.state = (enum detector_day_state)day->state,
		.verdict = (enum verdict)day->verdict,
	};
}

/* --- why an episode is excused --- */

/* Seconds of [from, to) that are reduced, and on a day that begins less than 7 x 24 h after that reduction did, or
 * inside a window of the exchange or of ours.  An episode is judged by its minutes: the day that holds them need not
 * be a congested one. */
static int64_t
excused_by_reduction(const struct detector *d, const struct course *course, int64_t from,
		     int64_t to)
{
	const struct span_list *list = &course->reductions;
	int64_t sum = 0;

	for (uint32_t i = day_list_find(&course->days, from); i < course->days.count; i++) {
		int64_t begin = course->days.day[i].begin_utc_sec,
			end = day_list_end(&course->days, i);
		bool in_window = frame_in_excusing_window(&d->frame, begin);

		for (uint32_t at = span_list_find(list, begin > from ? begin : from);
		     at < list->count; at++) {
			const struct span *span = &list->span[at];
			int64_t both_from = begin > from ? begin : from,
				both_to = end < to ? end : to;

			if (span->from_utc_sec >= both_to)
				break;
			if (in_window || begin - span->since_utc_sec < REDUCTION_FRESH_SEC)
				sum += span_overlap(span->from_utc_sec, span->to_utc_sec, both_from,
						    both_to);
		}
	}
	return sum;
}

/* The state of the day that holds most of the episode, the earlier on a tie. */
static bool
is_flash(const struct course *course, int64_t from, int64_t to)
{
	enum detector_day_state state = DAY_CLEAN;
	int64_t most = 0;

	for (uint32_t i = day_list_find(&course->days, from); i < course->days.count; i++) {
		const struct day *day = &course->days.day[i];
		int64_t held =
		    span_overlap(day->begin_utc_sec, day_list_end(&course->days, i), from, to);

		if (held > most) {
			most = held;
			state = (enum detector_day_state)day->state;
		}
	}
	return state == DAY_FLASH;
}

static enum detector_excuse
excuse_of_sustained(const struct detector *d, const struct course *course, int64_t from, int64_t to)
{
	if (2 * span_list_overlap(&d->frame.windows_union, from, to) >= to - from)
		return EXCUSE_DECLARED;
	if (2 * excused_by_reduction(d, course, from, to) > to - from)
		return EXCUSE_REDUCED;
	return is_flash(course, from, to) ? EXCUSE_FLASH : EXCUSE_NONE;
}

enum detector_excuse
detector_excuse_of(struct detector *d, const struct detector_episode *episode)
{
	struct course *course = &d->course[episode->direction];

	if (episode->kind == EPISODE_SPIKE)
		return EXCUSE_SPIKE;
	if (!course_refresh(course, &d->frame))
		return EXCUSE_NONE;
	return excuse_of_sustained(d, course, episode->start_utc_sec, episode->end_utc_sec);
}
