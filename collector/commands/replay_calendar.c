/* replay_calendar.c - a replay's days as letters, a week a line, and its episodes, for a person; see replay.h. */
#include <string.h>

#include "commands/replay.h"
#include "ixwatch/units.h"

#define WEEK_DAYS      7
#define ALL_SPIKES_SEC (INT64_C(28) * 86400) /* older spikes are only counted */

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

/* --- days --- */

static unsigned
monday_first(int32_t day)
{
	return (unsigned)(((day % WEEK_DAYS) + WEEK_DAYS + 3) % WEEK_DAYS);
}

/* Without the blanks at the end. */
static int
shown_len(const char *text)
{
	size_t len = strlen(text);

	while (len > 0 && text[len - 1] == ' ')
		len--;
	return (int)len;
}

/* Prints the week that begins with day number *at, which moves behind it. */
static void
print_week(const struct replay *replay, enum direction direction, size_t *at, FILE *to)
{
	size_t count = detector_day_count(replay->detector);
	char date[32], letters[] = "                     "; /* three a day */
	int64_t congested_sec = 0;
	struct detector_day day;
	unsigned congested = 0;
	bool goes_on = true;

	detector_day_get(replay->detector, direction, *at, &day);
	units_format_date(date, sizeof(date), day.day - (int32_t)monday_first(day.day));
	while (goes_on && *at < count) {
		detector_day_get(replay->detector, direction, *at, &day);
		letters[3 * monday_first(day.day)] = day_letter[day.state];
		letters[3 * monday_first(day.day) + 1] = verdict_letter[day.verdict];
		congested_sec += day.congested_sec;
		congested += day.congested;
		goes_on = monday_first(day.day) != WEEK_DAYS - 1;
		++*at;
	}
	if (congested_sec > 0)
		fprintf(to, "  %s  %s %u day%s, %lld min", date, letters, congested,
			congested == 1 ? "" : "s", (long long)(congested_sec / 60));
	else
		fprintf(to, "  %s  %.*s", date, shown_len(letters), letters);
	fputc('\n', to);
}

/* Whether nothing happened: the first and the last day may be cut short. */
static bool
is_dull(const struct replay *replay, enum direction direction)
{
	size_t count = detector_day_count(replay->detector);
	struct detector_day day;
	bool dull = replay->course[direction].episode_count == 0;

	for (size_t i = 1; dull && i + 1 < count; i++) {
		detector_day_get(replay->detector, direction, i, &day);
		dull = day.state == DAY_CLEAN;
	}
	return dull;
}

void
replay_print_legend(FILE *to)
{
	fputc('\n', to);
	fprintf(to, "  . clean  C congested  F flash event  D declared  R reduced capacity  "
		    "u unclassified  ? unknown\n"
		    "  behind a day, the verdict at its end: ! routine  ~ recurring  (blank: none, "
		    "or too little is known)\n");
}

void
replay_print_calendar(const struct replay *replay, enum direction direction, FILE *to)
{
	size_t at = 0, count = detector_day_count(replay->detector);

	if (is_dull(replay, direction)) /* the counts say it all */
		return;
	fprintf(to, "\n  week of     M  T  W  T  F  S  S   congested\n");
	while (at < count)
		print_week(replay, direction, &at, to);
	fputc('\n', to);
}

/* --- spans of time --- */

/* Where the clock stands in zone_format's "2026-11-23 03:10 CET". */
enum { DATE_LEN = 10, CLOCK_AT = 11, CLOCK_LEN = 5, ZONE_AT = 17 };

char *
replay_span_text(const struct zone *zone, char *dst, size_t len, int64_t start_utc_sec,
		 int64_t end_utc_sec)
{
	char from[40], to[40];

	zone_format(zone, from, sizeof(from), start_utc_sec);
	zone_format(zone, to, sizeof(to), end_utc_sec);
	if (strcmp(from + ZONE_AT, to + ZONE_AT) != 0)
		snprintf(dst, len, "%s to %s", from, to); /* the clock was moved between */
	else if (strncmp(from, to, DATE_LEN) == 0)
		snprintf(dst, len, "%.*s to %s", CLOCK_AT + CLOCK_LEN, from, to + CLOCK_AT);
	else
		snprintf(dst, len, "%.*s to %s", CLOCK_AT + CLOCK_LEN, from, to);
	return dst;
}

/* " (19:00 to 21:35 UTC)", "" where that says nothing new. */
static const char *
utc_text(const struct zone *zone, char *dst, size_t len, const struct detector_episode *episode)
{
	char from[32], to[32];

	if (zone_offset_sec(zone, episode->start_utc_sec) == 0 &&
	    zone_offset_sec(zone, episode->end_utc_sec) == 0)
		return "";
	units_format_utc(from, sizeof(from), episode->start_utc_sec);
	units_format_utc(to, sizeof(to), episode->end_utc_sec);
	snprintf(dst, len, " (%.*s to %.*s UTC)", CLOCK_LEN, from + CLOCK_AT, CLOCK_LEN,
		 to + CLOCK_AT);
	return dst;
}

/* --- episodes --- */

/* How an excuse is spoken of; NULL: it needs no word. */
static const char *
excuse_text(const struct replay *replay, const struct detector_episode *episode)
{
	enum detector_excuse excuse = detector_excuse_of(replay->detector, episode);

	if (excuse == EXCUSE_SPIKE)
		return NULL;
	return excuse == EXCUSE_FLASH ? "a flash event" : detector_excuse_name(excuse);
}

static void
print_episode(const struct replay *replay, const struct detector_episode *episode, FILE *to)
{
	const char *excuse = excuse_text(replay, episode);
	char span[96], utc[64], minutes[24], peak[16], mean[16];

	replay_span_text(replay->question->zone, span, sizeof(span), episode->start_utc_sec,
			 episode->end_utc_sec);
	fprintf(to, "  %s%s, %s, peak %s, mean %s: %s%s%s%s\n", span,
		utc_text(replay->question->zone, utc, sizeof(utc), episode),
		units_format_duration(minutes, sizeof(minutes),
				      episode->end_utc_sec - episode->start_utc_sec),
		units_format_share(peak, sizeof(peak), episode->peak_utilisation),
		units_format_share(mean, sizeof(mean), episode->mean_utilisation),
		model_episode_kind_name(episode->kind), excuse != NULL ? ", excused as " : "",
		excuse != NULL ? excuse : "", episode->open ? ", still open" : "");
}

static size_t
count_spikes(const struct replay_course *course)
{
	size_t spikes = 0;

	for (size_t i = 0; i < course->episode_count; i++)
		spikes += course->episodes[i].kind == EPISODE_SPIKE;
	return spikes;
}

static const char *
ending(size_t count)
{
	return count == 1 ? "" : "s";
}

void
replay_print_episodes(const struct replay *replay, enum direction direction, FILE *to)
{
	const struct replay_course *course = &replay->course[direction];
	int64_t spikes_from_utc_sec = replay_end_utc_sec(replay) - ALL_SPIKES_SEC;
	size_t spikes = count_spikes(course), sustained = course->episode_count - spikes, old = 0;

	if (course->episode_count == 0) {
		fprintf(to, "  no episode and no spike\n");
		return;
	}
	fprintf(to, "  %zu sustained episode%s, %zu spike%s (spikes are excused)\n", sustained,
		ending(sustained), spikes, ending(spikes));
	for (size_t i = 0; i < course->episode_count; i++) {
		const struct detector_episode *episode = &course->episodes[i];

		if (episode->kind == EPISODE_SPIKE && episode->start_utc_sec < spikes_from_utc_sec)
			old++;
		else
			print_episode(replay, episode, to);
	}
	if (old > 0)
		fprintf(to,
			"  %zu spike%s older than four weeks not listed (--format json lists "
			"all)\n",
			old, ending(old));
}
