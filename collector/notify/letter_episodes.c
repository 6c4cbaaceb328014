/* letter_episodes.c - parts 7 and 8 of a letter: sustained episodes of the week that count, each with its time, its height and
 * what was dropped; and what was seen and does not count, each with its reason. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "notify/letter_tell.h"

#define EPISODES_MAX 40 /* told one by one, of one direction; of more, their number is */

static const enum direction ways[] = { DIRECTION_OUT, DIRECTION_IN };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- when: "Mon 16 Nov, 19:55 to 23:10 CET (18:55 to 22:10 UTC)" --- */

/* "2026-11-16 19:55 CET": a date, a time and a zone's short name. */
static bool
is_local(const char *text)
{
	return strlen(text) >= 16 && text[10] == ' ' && text[13] == ':' && strcspn(text, " ") == 10;
}

static const char *
day_unless(const struct letter_telling *t, const char *text, const char *same)
{
	if (strncmp(text, same, 10) == 0)
		return "";
	return letter_value_text(t->words, v_text(LETTER_DAY, "", text));
}

static const char *
clock_of(const struct letter_telling *t, const char *text)
{
	return letter_clean(t->words, letter_keep(t->words, "%.5s", text + 11), 5);
}

static const char *
zone_of(const struct letter_telling *t, const char *text)
{
	return strlen(text) > 17 ? letter_clean(t->words, text + 17, 8) : "";
}

static const char *
utc_span(const struct letter_telling *t, const struct letter_episode *e, const char *beside)
{
	return LETTER_SAY(
	    t->words, "span.utc", v_words("from_day", day_unless(t, e->start, beside)),
	    v_words("from", clock_of(t, e->start)),
	    v_words("to_day", day_unless(t, e->end, e->start)), v_words("to", clock_of(t, e->end)));
}

static const char *
span(const struct letter_telling *t, const struct letter_episode *e)
{
	if (!is_local(e->start_local) || !is_local(e->end_local))
		return utc_span(t, e, "");
	return LETTER_SAY(
	    t->words, "span", v_words("from_day", day_unless(t, e->start_local, "")),
	    v_words("from", clock_of(t, e->start_local)),
	    v_words("to_day", day_unless(t, e->end_local, e->start_local)),
	    v_words("to", clock_of(t, e->end_local)),
	    v_words("from_zone", strcmp(zone_of(t, e->start_local), zone_of(t, e->end_local)) == 0
				     ? ""
				     : zone_of(t, e->start_local)),
	    v_words("zone", zone_of(t, e->end_local)),
	    v_words("utc", utc_span(t, e, e->start_local)));
}

/* --- one episode --- */

static const char *
excuse_words(const struct letter_telling *t, const struct letter_episode *e)
{
	const char *keys[LETTER_EXCUSE_COUNT] = {
		[LETTER_EXCUSE_NONE] = "none",       [LETTER_EXCUSE_SPIKE] = "spike",
		[LETTER_EXCUSE_FLASH] = "flash",     [LETTER_EXCUSE_DECLARED] = "declared",
		[LETTER_EXCUSE_REDUCED] = "reduced",
	};

	if (e->excuse == LETTER_EXCUSE_NONE)
		return "";
	return LETTER_SAY(t->words, "excuse", v_key("excuse", keys[e->excuse]),
			  v_text(LETTER_TEXT, "reason", e->excuse_reason));
}

static void
tell_episode(const struct letter_telling *t, const struct letter_side *side,
	     const struct letter_episode *e)
{
	letter_add(
	    t->page, LETTER_PART_ITEM,
	    LETTER_SAY(t->words, "episode", v_words("span", span(t, e)),
		       v_int("minutes", e->minutes), v_share("peak", e->peak),
		       v_share("mean", e->mean),
		       v_words("drops", letter_drops_words(t, &side->figures, e->drops_share)),
		       v_flag("open", e->open), v_words("excuse", excuse_words(t, e))));
}

/* --- those of one direction --- */

static void
tell_side(const struct letter_telling *t, const struct letter_connection *c, enum direction way,
	  bool excused)
{
	const struct letter_side *side = &c->sides[way];
	struct letter_minutes minutes = letter_minutes_of(side);
	size_t count = excused ? minutes.excused_count : minutes.counted_count, told = 0;

	if (count == 0)
		return;
	letter_add(t->page, LETTER_PART_SUBHEADING,
		   LETTER_SAY(t->words, "episodes.side", v_words("exchange", letter_place(t, c)),
			      v_key("way", letter_way(way)), v_int("episodes", (int64_t)count),
			      v_int("minutes", excused ? minutes.excused : minutes.counted)));
	for (size_t i = 0; i < side->episode_count && told < EPISODES_MAX; i++) {
		const struct letter_episode *e = &side->episodes[i];

		if (!e->sustained || (e->excuse != LETTER_EXCUSE_NONE) != excused)
			continue;
		tell_episode(t, side, e);
		told++;
	}
	if (count > told)
		letter_add(
		    t->page, LETTER_PART_SMALL,
		    LETTER_SAY(t->words, "episodes.more", v_int("more", (int64_t)(count - told))));
}

static bool
any_of(const struct letter_telling *t, bool excused)
{
	for (size_t i = 0; i < t->facts->connection_count; i++)
		for (size_t w = 0; w < WAYS; w++) {
			struct letter_minutes m =
			    letter_minutes_of(&telling_at(t, i)->sides[ways[w]]);

			if ((excused ? m.excused_count : m.counted_count) > 0)
				return true;
		}
	return false;
}

static void
tell_sides(const struct letter_telling *t, bool excused)
{
	for (size_t i = 0; i < t->facts->connection_count; i++)
		for (size_t w = 0; w < WAYS; w++)
			tell_side(t, telling_at(t, i), ways[w], excused);
}

/* Whether drops we saw may have made a sample a congested one: ours are those of what we send. */
static bool
drops_count(const struct letter_telling *t)
{
	for (size_t i = 0; i < t->facts->connection_count; i++)
		if (telling_at(t, i)->sides[DIRECTION_OUT].figures.drops_measured)
			return true;
	return false;
}

static const char *
setting(const struct letter_telling *t, double share)
{
	char text[16];

	snprintf(text, sizeof(text), "%.4g%%", share * 100);
	return letter_keep(t->words, "%s", text);
}

void
letter_tell_episodes(const struct letter_telling *t)
{
	const struct detector_settings *settings = &t->facts->settings;

	if (!any_of(t, false))
		return;
	letter_tell(t, LETTER_PART_HEADING, "episodes.heading");
	letter_add(t->page, LETTER_PART_PARA,
		   LETTER_SAY(t->words, "episodes.what",
			      v_duration("sustain", (double)settings->sustain_sec),
			      v_words("congested", setting(t, settings->congested_share)),
			      v_flag("drops", drops_count(t)),
			      v_words("floor", setting(t, settings->discard_floor_share)),
			      v_words("drop_share", setting(t, settings->discard_share))));
	tell_sides(t, false);
}

/* --- what does not count --- */

static void
tell_spikes(const struct letter_telling *t, const struct letter_connection *c, enum direction way)
{
	struct letter_minutes m = letter_minutes_of(&c->sides[way]);

	if (m.spike_count > 0)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "excused.spikes", v_words("exchange", letter_place(t, c)),
			       v_key("way", letter_way(way)),
			       v_int("spikes", (int64_t)m.spike_count),
			       v_int("minutes", m.spike_minutes), v_int("longest", m.spike_longest),
			       v_duration("sustain", (double)t->facts->settings.sustain_sec)));
}

static void
tell_windows(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; i < c->window_count; i++)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "excused.window", v_words("exchange", letter_place(t, c)),
			       v_utc("from", c->windows[i].from), v_utc("to", c->windows[i].to),
			       v_key("cause", c->windows[i].cause),
			       v_text(LETTER_TEXT, "reason", c->windows[i].reason)));
}

static bool
has_small(const struct letter_telling *t)
{
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);

		if (c->window_count > 0)
			return true;
		for (size_t w = 0; w < WAYS; w++)
			if (letter_minutes_of(&c->sides[ways[w]]).spike_count > 0)
				return true;
	}
	return false;
}

void
letter_tell_excused(const struct letter_telling *t)
{
	if (!any_of(t, true) && !has_small(t))
		return;
	letter_tell(t, LETTER_PART_HEADING, "excused.heading");
	letter_tell(t, LETTER_PART_PARA, "excused.what");
	tell_sides(t, true);
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);

		for (size_t w = 0; w < WAYS; w++)
			tell_spikes(t, c, ways[w]);
		tell_windows(t, c);
	}
}
