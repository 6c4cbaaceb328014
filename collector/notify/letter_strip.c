/* letter_strip.c - part 6 of a letter: four weeks of a direction, a line a traffic day, a character an hour; and the graph of
 * the week.  What is not known has a character of its own, and so has what does not count. */
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "notify/letter_tell.h"

#define STRIPS_MAX 4 /* in one letter: mail readers cut what is long */

/* In steps whose last two are those that letters count minutes at. */
static char
hour_character(const struct letter_hour *hour)
{
	if (isnan(hour->max))
		return '?';
	if (hour->excused)
		return '/';
	return hour->max >= 0.95   ? '@'
	       : hour->max >= 0.90 ? '8'
	       : hour->max >= 0.70 ? 'o'
	       : hour->max >= 0.50 ? ':'
				   : '.';
}

static char
state_character(enum letter_day_state state)
{
	static const char characters[LETTER_DAY_STATE_COUNT] = {
		[LETTER_DAY_CLEAN] = ' ',        [LETTER_DAY_FLASH] = 'F',
		[LETTER_DAY_DECLARED] = 'D',     [LETTER_DAY_REDUCED] = 'R',
		[LETTER_DAY_UNCLASSIFIED] = 'U', [LETTER_DAY_CONGESTED] = 'C',
		[LETTER_DAY_UNKNOWN] = '?',
	};

	return characters[state];
}

static void
head_row(const struct letter_telling *t, struct letter_strip *strip)
{
	struct letter_strip_row *row = &strip->head;
	int begin = (int)(t->facts->settings.day_start_sec / 3600);

	row->label = letter_say(t->words, "strip.hour", NULL);
	memset(row->cells, ' ', strip->hour_count);
	for (size_t h = 0; h + 1 < strip->hour_count && h < 24; h += 3) {
		int hour = (begin + (int)h) % 24;

		row->cells[h] = (char)('0' + hour / 10);
		row->cells[h + 1] = (char)('0' + hour % 10);
	}
	row->tail[0] = letter_say(t->words, "strip.minutes", NULL);
	row->tail[1] = "";
	row->tail[2] = letter_say(t->words, "strip.known", NULL);
}

static void
day_row(const struct letter_telling *t, const struct letter_day *day, struct letter_strip_row *row,
	size_t hours)
{
	row->label = letter_value_text(t->words, v_text(LETTER_DAY, "", day->date));
	memset(row->cells, ' ', hours);
	for (size_t h = 0; h < day->hour_count; h++)
		row->cells[h] = hour_character(&day->hours[h]);
	row->tail[0] = day->state == LETTER_DAY_UNKNOWN && day->congested_minutes == 0
			   ? "?"
			   : letter_value_text(t->words, v_int("", day->congested_minutes));
	row->tail[1] =
	    letter_keep(t->words, "%c%s", state_character(day->state), day->withdrawn ? "*" : "");
	if (row->tail[1][0] == ' ')
		row->tail[1]++;
	row->tail[2] = letter_value_text(t->words, v_share("", day->known_share));
}

static void
put_strip(const struct letter_telling *t, const struct letter_side *side)
{
	struct letter_strip *strip = letter_add_strip(t->page);

	if (strip == NULL)
		return;
	for (size_t i = 0; i < side->day_count; i++)
		if (side->days[i].hour_count > strip->hour_count)
			strip->hour_count = side->days[i].hour_count;
	head_row(t, strip);
	for (size_t i = 0; i < side->day_count; i++)
		day_row(t, &side->days[i], &strip->rows[i], strip->hour_count);
}

/* A day on which the clocks changed is said to be one: its hours stand one aside of the others' from then on. */
static void
tell_clock_change(const struct letter_telling *t, const struct letter_side *side)
{
	for (size_t i = 0; i < side->day_count; i++)
		if (side->days[i].hour_count == 23 || side->days[i].hour_count == 25)
			letter_add(t->page, LETTER_PART_SMALL,
				   LETTER_SAY(t->words, "strip.clock",
					      v_text(LETTER_DAY, "day", side->days[i].date),
					      v_int("hours", (int64_t)side->days[i].hour_count)));
}

static void
tell_strip(const struct letter_telling *t, const struct letter_connection *c, enum direction way)
{
	letter_add(t->page, LETTER_PART_SUBHEADING,
		   LETTER_SAY(t->words, "strip.title", v_words("exchange", letter_place(t, c)),
			      v_key("way", letter_way(way)), v_name("timezone", c->timezone)));
	put_strip(t, &c->sides[way]);
	tell_clock_change(t, &c->sides[way]);
}

static void
tell_graph(const struct letter_telling *t, const struct letter_connection *c)
{
	if (c->graph[0] != '\0')
		letter_add_link(t->page, LETTER_PART_PICTURE,
				LETTER_SAY(t->words, "graph",
					   v_words("exchange", letter_place(t, c)),
					   v_size("capacity", c->capacity_bps),
					   v_name("timezone", c->timezone)),
				letter_keep(t->words, "graph%zu", c->number));
}

/* A direction that has nothing to show is said to be so. */
static void
tell_quiet(const struct letter_telling *t, const struct letter_connection *c, enum direction way)
{
	if (c->sides[way].figures.is_there && c->sides[way].day_count > 0)
		letter_add(t->page, LETTER_PART_SMALL,
			   LETTER_SAY(t->words, "strip.quiet",
				      v_words("exchange", letter_place(t, c)),
				      v_key("way", letter_way(way))));
}

/* How many it has to show beyond those that fit. */
static size_t
tell_connection(const struct letter_telling *t, const struct letter_connection *c, size_t *left)
{
	enum direction worse = letter_worse(c);
	enum direction both[] = { worse, worse == DIRECTION_OUT ? DIRECTION_IN : DIRECTION_OUT };
	size_t hidden = 0;

	tell_graph(t, c);
	for (size_t i = 0; i < DIRECTION_COUNT; i++) {
		if (!letter_strip_shown(c, both[i])) {
			tell_quiet(t, c, both[i]);
		} else if (*left == 0) {
			hidden++;
		} else {
			--*left;
			tell_strip(t, c, both[i]);
		}
	}
	return hidden;
}

static bool
has_any(const struct letter_facts *facts)
{
	for (size_t i = 0; i < facts->connection_count; i++)
		if (facts->connections[i].graph[0] != '\0' ||
		    letter_strip_shown(&facts->connections[i],
				       letter_worse(&facts->connections[i])))
			return true;
	return false;
}

static bool
any_graph(const struct letter_facts *f)
{
	for (size_t i = 0; i < f->connection_count; i++)
		if (f->connections[i].graph[0] != '\0')
			return true;
	return false;
}

void
letter_tell_weeks(const struct letter_telling *t)
{
	size_t left = STRIPS_MAX, hidden = 0;

	if (!has_any(t->facts))
		return;
	letter_tell(t, LETTER_PART_HEADING, "strip.heading");
	letter_add(t->page, LETTER_PART_PARA,
		   LETTER_SAY(t->words, "strip.legend", v_words("clock", letter_day_start(t)),
			      v_flag("graph", any_graph(t->facts))));
	for (size_t i = 0; i < t->facts->connection_count; i++)
		hidden += tell_connection(t, telling_at(t, i), &left);
	if (hidden > 0)
		letter_add(t->page, LETTER_PART_SMALL,
			   LETTER_SAY(t->words, "strip.more", v_int("strips", (int64_t)hidden)));
}
