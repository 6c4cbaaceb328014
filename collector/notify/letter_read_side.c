/* letter_read_side.c - see letter_read.h: figures, and what one direction did: days, hours, episodes. */
#include <math.h>

#include "notify/letter_read.h"

#define COUNT(array)    (sizeof(array) / sizeof((array)[0]))
#define RATE_MAX_BPS    1e15
#define UTILISATION_MAX 1e6
#define WEEK_MINUTES    (169 * 60)
#define EPISODE_MINUTES (400 * 1440)

static const char *const excuse_names[LETTER_EXCUSE_COUNT] = {
	[LETTER_EXCUSE_SPIKE] = "spike",
	[LETTER_EXCUSE_FLASH] = "flash",
	[LETTER_EXCUSE_DECLARED] = "declared",
	[LETTER_EXCUSE_REDUCED] = "reduced capacity",
};

static const char *const state_names[LETTER_DAY_STATE_COUNT] = {
	[LETTER_DAY_CLEAN] = "clean",
	[LETTER_DAY_FLASH] = "flash",
	[LETTER_DAY_DECLARED] = "declared",
	[LETTER_DAY_REDUCED] = "reduced capacity",
	[LETTER_DAY_UNCLASSIFIED] = "unclassified",
	[LETTER_DAY_CONGESTED] = "congested",
	[LETTER_DAY_UNKNOWN] = "unknown",
};

void
letter_read_figures(struct letter_reader *r, const struct letter_where *where,
		    const struct json *in, struct letter_figures *figures)
{
	*figures = (struct letter_figures) {
		.is_there = json_get(in, "known_share") != NULL,
		.known_share = letter_read_number(r, where, in, "known_share", 1),
		.p95_bps = letter_read_number(r, where, in, "p95_bps", RATE_MAX_BPS),
		.p95 = letter_read_number(r, where, in, "p95_utilisation", UTILISATION_MAX),
		.peak = letter_read_number(r, where, in, "peak_utilisation", UTILISATION_MAX),
		.mean = letter_read_number(r, where, in, "mean_utilisation", UTILISATION_MAX),
		.minutes_90 = letter_read_number(r, where, in, "minutes_90", WEEK_MINUTES),
		.minutes_95 = letter_read_number(r, where, in, "minutes_95", WEEK_MINUTES),
		.drops_share = letter_read_number(r, where, in, "drops_share", 1),
		.drops_measured = letter_read_bool(r, where, in, "drops_measured"),
		.layer2 = letter_read_bool(r, where, in, "layer2"),
	};
}

static enum letter_excuse
read_excuse(struct letter_reader *r, const struct letter_where *where, const struct json *in)
{
	return (enum letter_excuse)letter_read_word(r, where, in, "excuse", excuse_names,
						    COUNT(excuse_names), LETTER_EXCUSE_NONE);
}

static void
read_last_week(struct letter_reader *r, const struct letter_where *in_where, const struct json *in,
	       struct letter_last_week *last)
{
	const struct letter_where where = { in_where, "last_week", LETTER_NO_INDEX };
	bool is_there;
	enum verdict verdict = letter_read_verdict(r, &where, in, "verdict", &is_there);

	*last = (struct letter_last_week) {
		.is_there = is_there,
		.verdict = verdict,
		.p95 = letter_read_number(r, &where, in, "p95_utilisation", UTILISATION_MAX),
		.peak = letter_read_number(r, &where, in, "peak_utilisation", UTILISATION_MAX),
		.minutes_90 = letter_read_number(r, &where, in, "minutes_90", WEEK_MINUTES),
		.minutes_95 = letter_read_number(r, &where, in, "minutes_95", WEEK_MINUTES),
	};
}

static void
read_hours(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	   struct letter_day *day)
{
	const struct json *hours = json_get(in, "hours");

	day->hour_count = letter_read_count(r, where, in, "hours", LETTER_HOURS_MAX);
	for (size_t i = 0; i < day->hour_count; i++) {
		const struct letter_where at = { where, "hours", i };
		const struct json *hour = json_at(hours, i);

		day->hours[i].max = letter_read_number(r, &at, hour, "max", UTILISATION_MAX);
		day->hours[i].excused = letter_read_bool(r, &at, hour, "excused");
	}
}

static void
read_day(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	 struct letter_day *day)
{
	*day = (struct letter_day) {
		.date = letter_read_date(r, where, in, "date"),
		.state = (enum letter_day_state)letter_read_word(
		    r, where, in, "state", state_names, COUNT(state_names), LETTER_DAY_UNKNOWN),
		.known_share = letter_read_number(r, where, in, "known_share", 1),
		.congested_minutes =
		    letter_read_int(r, where, in, "congested_minutes", 0, LETTER_HOURS_MAX * 60, 0),
		.excused_minutes =
		    letter_read_int(r, where, in, "excused_minutes", 0, LETTER_HOURS_MAX * 60, 0),
		.excuse = read_excuse(r, where, in),
		.withdrawn = letter_read_bool(r, where, in, "withdrawn"),
	};
	if (day->date[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "date", "is missing");
	read_hours(r, where, in, day);
}

static void
read_days(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	  struct letter_side *side)
{
	const struct json *days = json_get(in, "days");
	size_t count = letter_read_count(r, where, in, "days", LETTER_DAYS);

	if (count != 0 && count != LETTER_DAYS)
		letter_read_fail(r, ERR_PARSE, where, "days", "are not 28");
	side->days = letter_read_alloc(r, count, sizeof(*side->days));
	side->day_count = side->days != NULL ? count : 0;
	for (size_t i = 0; i < side->day_count && !r->failed; i++) {
		const struct letter_where at = { where, "days", i };

		read_day(r, &at, json_at(days, i), &side->days[i]);
	}
}

static void
read_episode(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	     struct letter_episode *episode)
{
	static const char *const kinds[] = { "spike", "sustained" };

	*episode = (struct letter_episode) {
		.start = letter_read_utc(r, where, in, "start"),
		.end = letter_read_utc(r, where, in, "end"),
		.start_local = letter_read_text(r, where, in, "start_local"),
		.end_local = letter_read_text(r, where, in, "end_local"),
		.minutes = letter_read_int(r, where, in, "minutes", 0, EPISODE_MINUTES, -1),
		.sustained = letter_read_word(r, where, in, "kind", kinds, COUNT(kinds), -1) == 1,
		.open = letter_read_bool(r, where, in, "open"),
		.excuse = read_excuse(r, where, in),
		.excuse_reason = letter_read_text(r, where, in, "excuse_reason"),
		.peak = letter_read_number(r, where, in, "peak_utilisation", UTILISATION_MAX),
		.mean = letter_read_number(r, where, in, "mean_utilisation", UTILISATION_MAX),
		.drops_share = letter_read_number(r, where, in, "drops_share", 1),
	};
	if (episode->start[0] == '\0' || episode->end[0] == '\0')
		letter_read_fail(r, ERR_PARSE, where, "start", "or end is missing");
}

static void
read_episodes(struct letter_reader *r, const struct letter_where *where, const struct json *in,
	      struct letter_side *side)
{
	const struct json *episodes = json_get(in, "episodes");
	size_t count = letter_read_count(r, where, in, "episodes", LETTER_EPISODES_MAX);

	side->episodes = letter_read_alloc(r, count, sizeof(*side->episodes));
	side->episode_count = side->episodes != NULL ? count : 0;
	for (size_t i = 0; i < side->episode_count && !r->failed; i++) {
		const struct letter_where at = { where, "episodes", i };

		read_episode(r, &at, json_at(episodes, i), &side->episodes[i]);
	}
}

void
letter_read_side(struct letter_reader *r, const struct letter_where *where, const struct json *in,
		 struct letter_side *side)
{
	letter_read_figures(r, where, in, &side->figures);
	side->since = side->reason = side->stale_since = "";
	if (!side->figures.is_there)
		return;
	side->verdict = letter_read_verdict(r, where, in, "verdict", NULL);
	side->since = letter_read_date(r, where, in, "verdict_since");
	side->reason = letter_read_text(r, where, in, "verdict_reason");
	side->stale_verdict = letter_read_verdict(r, where, in, "stale_verdict", &side->is_stale);
	side->stale_since = letter_read_date(r, where, in, "stale_since");
	side->declared_days = letter_read_int(r, where, in, "declared_days_28", 0, LETTER_DAYS, 0);
	read_last_week(r, where, json_get(in, "last_week"), &side->last_week);
	read_days(r, where, in, side);
	read_episodes(r, where, in, side);
}
