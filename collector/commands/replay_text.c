/* replay_text.c - what a replay came to, for a person: verdicts with their reasons, a calendar of days as letters, then
 * the episodes; see replay.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands/replay.h"
#include "ixwatch/units.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

static const char day_letter[DAY_STATE_COUNT] = {
	[DAY_DECLARED] = 'D',  [DAY_REDUCED] = 'R', [DAY_UNCLASSIFIED] = 'u', [DAY_FLASH] = 'F',
	[DAY_CONGESTED] = 'C', [DAY_UNKNOWN] = '?', [DAY_CLEAN] = '.',
};
static const char verdict_letter[VERDICT_COUNT] = {
	[VERDICT_ROUTINE] = '!',
	[VERDICT_RECURRING] = '~',
	[VERDICT_INSUFFICIENT] = ' ',
	[VERDICT_NONE] = ' ',
};

static const struct {
	unsigned rule;
	const char *why;
} reasons[] = {
	{ RULE_A, "A: this week and the three before hold at least 8 congested days, 3 of the "
		  "weeks at least 2 each" },
	{ RULE_B, "B: the same weekday was congested in 6 of 8 weeks; holds for 7 days" },
	{ RULE_C, "C: 30 days with at least 8 congested days, and a 95th percentile at or above "
		  "`congested`" },
	{ RULE_STAYS, "routine since earlier: 14 valid days that would end it are not at hand, or "
		      "not clean enough" },
	{ RULE_DAYS, "3 of the last 7 days are congested and not excused" },
	{ RULE_WEEKDAY, "the same weekday was congested in 4 of 5 weeks; holds for 7 days" },
	{ RULE_D, "D: 30 minutes or more in runs, spikes included, on 20 of the last 28 days" },
};

/* "2026-11-23", or `otherwise`. */
static const char *
date_text(char dst[32], int32_t day, const char *otherwise)
{
	return day == DETECTOR_NO_DAY ? otherwise : units_format_date(dst, 32, day);
}

static size_t
count_known(const struct replay *replay)
{
	size_t known = 0;

	for (int i = 0; i < DIRECTION_COUNT; i++)
		for (size_t at = 0;
		     replay->course[i].utilisation != NULL && at < replay->step_count; at++)
			known += !isnan(replay->course[i].utilisation[at]);
	return known;
}

static void
print_head(const struct replay *replay, FILE *to)
{
	int64_t end = replay->start_utc_sec + (int64_t)replay->step_count * replay->step_sec;
	unsigned directions = replay->input->has[DIRECTION_IN] + replay->input->has[DIRECTION_OUT];
	double known = (double)count_known(replay), all = (double)replay->step_count * directions;
	char from[40], until[40], share[16];

	fprintf(to, "%s: profile %s, steps of %u s, days of %s\n", replay->input->name,
		profile_name(replay->question->settings.profile), replay->step_sec,
		replay->question->timezone);
	if (replay->step_count == 0)
		fprintf(to, "no samples\n");
	else
		fprintf(
		    to, "samples reach from %s to %s, %s of them known\n",
		    zone_format(replay->question->zone, from, sizeof(from), replay->start_utc_sec),
		    zone_format(replay->question->zone, until, sizeof(until), end),
		    units_format_share(share, sizeof(share), all > 0 ? known / all : NAN));
	for (size_t i = 0; i < replay->question->window_count; i++) {
		const struct detector_window *window = &replay->question->windows[i];

		fprintf(
		    to, "declared: %s to %s, %s%s%s\n",
		    zone_format(replay->question->zone, from, sizeof(from), window->start_utc_sec),
		    zone_format(replay->question->zone, until, sizeof(until), window->end_utc_sec),
		    detector_cause_name(window->cause),
		    replay->question->window_texts[i][0] ? ": " : "",
		    replay->question->window_texts[i]);
	}
	fprintf(to, "verdict: %s\n", model_verdict_name(replay_verdict(replay)));
}

/* --- a direction: how it stands and why --- */

static void
print_standing(const struct detector_standing *standing, FILE *to)
{
	char date[32];

	fprintf(to, "%s, since %s\n", model_verdict_name(standing->verdict),
		date_text(date, standing->verdict_since, "the start"));
	for (size_t i = 0; i < COUNT(reasons); i++)
		if (standing->rules & reasons[i].rule)
			fprintf(to, "  rule: %s\n", reasons[i].why);
	if (standing->verdict == VERDICT_INSUFFICIENT)
		fprintf(to, "  only %u valid days in the last 28\n", standing->valid_days_28);
	if (standing->stale)
		fprintf(to, "  before that: %s, since %s (stale)\n",
			model_verdict_name(standing->stale_verdict),
			date_text(date, standing->stale_since, "the start"));
	if (standing->epoch != DETECTOR_NO_DAY)
		fprintf(to, "  %s: capacity grew, days count from %s on\n",
			standing->cured ? "cured by upgrade" : "upgraded, under observation",
			date_text(date, standing->epoch, ""));
	if (standing->withdrawn_days_28 > 0)
		fprintf(to,
			"  an excuse as a flash event was withdrawn for %u days of the last 28\n",
			standing->withdrawn_days_28);
	if (standing->declared_days_28 > 10)
		fprintf(to, "  more than 10 days of the last 28 are declared: %u\n",
			standing->declared_days_28);
}

/* --- its days --- */

static unsigned
monday_first(int32_t day)
{
	return (unsigned)(((day % 7) + 7 + 3) % 7);
}

static void
print_week(const struct replay *replay, enum direction direction, size_t *at, FILE *to)
{
	size_t count = detector_day_count(replay->detector);
	struct detector_day day;
	char date[32], states[8] = "       ", verdicts[8] = "       ";
	int64_t congested_sec = 0;
	bool goes_on = true;

	detector_day_get(replay->detector, direction, *at, &day);
	units_format_date(date, sizeof(date), day.day - (int32_t)monday_first(day.day));
	while (goes_on && *at < count) {
		detector_day_get(replay->detector, direction, *at, &day);
		states[monday_first(day.day)] = day_letter[day.state];
		verdicts[monday_first(day.day)] = verdict_letter[day.verdict];
		congested_sec += day.congested_sec;
		goes_on = monday_first(day.day) != 6;
		++*at;
	}
	fprintf(to, "  %s  ", date);
	for (unsigned i = 0; i < 7; i++)
		fprintf(to, "%c%c ", states[i], verdicts[i]);
	if (congested_sec > 0)
		fprintf(to, " %6lld min", (long long)(congested_sec / 60));
	fputc('\n', to);
}

static void
print_calendar(const struct replay *replay, enum direction direction, FILE *to)
{
	size_t at = 0, count = detector_day_count(replay->detector);

	if (count == 0)
		return;
	fprintf(to, "  week of     M  T  W  T  F  S  S   congested\n");
	while (at < count)
		print_week(replay, direction, &at, to);
	fprintf(to, "  . clean  C congested  F flash  D declared  R reduced capacity  u "
		    "unclassified  ? unknown\n"
		    "  beside a day, the verdict at its end: ! routine  ~ recurring  (nothing: "
		    "none, or too little data)\n");
}

/* --- its episodes --- */

static void
print_episode(const struct replay *replay, const struct detector_episode *episode, FILE *to)
{
	const char *excuse = detector_excuse_name(detector_excuse_of(replay->detector, episode));
	char from[40], minutes[24], peak[16], mean[16];

	fprintf(to, "  %-22s %-12s peak %-7s mean %-7s %s%s%s%s\n",
		zone_format(replay->question->zone, from, sizeof(from), episode->start_utc_sec),
		units_format_duration(minutes, sizeof(minutes),
				      episode->end_utc_sec - episode->start_utc_sec),
		units_format_share(peak, sizeof(peak), episode->peak_utilisation),
		units_format_share(mean, sizeof(mean), episode->mean_utilisation),
		model_episode_kind_name(episode->kind),
		excuse != NULL && episode->kind == EPISODE_SUSTAINED ? ", excused: " : "",
		excuse != NULL && episode->kind == EPISODE_SUSTAINED ? excuse : "",
		episode->open ? ", still open" : "");
}

static void
print_episodes(const struct replay *replay, const struct replay_course *course, FILE *to)
{
	size_t spikes = 0;

	for (size_t i = 0; i < course->episode_count; i++)
		spikes += course->episodes[i].kind == EPISODE_SPIKE;
	fprintf(to, "  %zu sustained episodes, %zu spikes (each excused)\n",
		course->episode_count - spikes, spikes);
	for (size_t i = 0; i < course->episode_count; i++)
		print_episode(replay, &course->episodes[i], to);
}

static void
print_direction(const struct replay *replay, enum direction direction, FILE *to)
{
	struct detector_standing standing;
	char share[16];

	detector_standing_get(replay->detector, direction, &standing);
	fprintf(to, "\n%s: ", model_direction_name(direction));
	print_standing(&standing, to);
	fprintf(
	    to, "  95th percentile of the last 30 days: %s\n",
	    units_format_share(share, sizeof(share), replay->course[direction].p95_utilisation));
	print_calendar(replay, direction, to);
	print_episodes(replay, &replay->course[direction], to);
}

void
replay_print_text(const struct replay *replay, FILE *to)
{
	print_head(replay, to);
	if (replay->input->has[DIRECTION_OUT])
		print_direction(replay, DIRECTION_OUT, to);
	if (replay->input->has[DIRECTION_IN])
		print_direction(replay, DIRECTION_IN, to);
}
