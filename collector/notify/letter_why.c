/* letter_why.c - parts 9 and 10 of a letter: why it is called what it is called, rule and dates; and what is not known. */
#include <math.h>
#include <string.h>

#include "notify/letter_tell.h"

#define HOLES_MAX 20 /* told one by one, of one connection */

static const enum direction ways[] = { DIRECTION_OUT, DIRECTION_IN };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- 9 --- */

static bool
is_told(const struct letter_side *side)
{
	return side->figures.is_there &&
	       (side->verdict != VERDICT_NONE || letter_withdrawn_days(side) > 0 ||
		side->declared_days > LETTER_MANY_DECLARED);
}

static void
tell_verdict(const struct letter_telling *t, const struct letter_connection *c, enum direction way)
{
	const struct letter_side *side = &c->sides[way];

	if (side->verdict != VERDICT_NONE)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(
			t->words, "why.verdict", v_words("exchange", letter_place(t, c)),
			v_key("way", letter_way(way)),
			v_key("verdict", letter_verdict_key(side->verdict)),
			v_date("since", side->since), v_text(LETTER_TEXT, "reason", side->reason),
			v_words("stale",
				side->is_stale ? letter_verdict_words(t, side->stale_verdict) : ""),
			v_date("stale_since", side->stale_since)));
	if (letter_withdrawn_days(side) > 0)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "why.withdrawn",
				      v_words("exchange", letter_place(t, c)),
				      v_key("way", letter_way(way)),
				      v_int("days", (int64_t)letter_withdrawn_days(side))));
	if (side->declared_days > LETTER_MANY_DECLARED)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "why.declared", v_words("exchange", letter_place(t, c)),
			       v_key("way", letter_way(way)), v_int("days", side->declared_days)));
}

/* What the words of a rule rest on, once for all of them. */
static void
tell_days(const struct letter_telling *t)
{
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		enum verdict verdict = letter_connection_verdict(&t->facts->connections[i]);

		if (verdict != VERDICT_ROUTINE && verdict != VERDICT_RECURRING)
			continue;
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "why.days",
				      v_int("minutes", t->facts->settings.congested_day_sec / 60)));
		return;
	}
}

/* The graver verdict gives the heading its name. */
static const char *
heading_key(const struct letter_telling *t)
{
	enum verdict verdict = VERDICT_NONE;

	for (size_t i = 0; i < t->facts->connection_count; i++) {
		enum verdict here = letter_connection_verdict(&t->facts->connections[i]);

		verdict = here < verdict ? here : verdict;
	}
	return letter_verdict_key(verdict);
}

void
letter_tell_why(const struct letter_telling *t)
{
	bool begun = false;

	for (size_t i = 0; i < t->facts->connection_count; i++)
		for (size_t w = 0; w < WAYS; w++) {
			const struct letter_connection *c = telling_at(t, i);

			if (!is_told(&c->sides[ways[w]]))
				continue;
			if (!begun)
				letter_add(t->page, LETTER_PART_HEADING,
					   LETTER_SAY(t->words, "why.heading",
						      v_key("verdict", heading_key(t))));
			begun = true;
			tell_verdict(t, c, ways[w]);
		}
	if (begun)
		tell_days(t);
}

/* --- 10 --- */

static void
tell_holes(const struct letter_telling *t, const struct letter_connection *c)
{
	size_t told = c->hole_count < HOLES_MAX ? c->hole_count : HOLES_MAX;

	for (size_t i = 0; i < told; i++)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "unknown.hole",
				      v_words("exchange", letter_place(t, c)),
				      v_utc("from", c->holes[i].from), v_utc("to", c->holes[i].to),
				      v_text(LETTER_TEXT, "why", c->holes[i].why)));
	if (c->hole_count > told)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "unknown.more",
				      v_words("exchange", letter_place(t, c)),
				      v_int("more", (int64_t)(c->hole_count - told))));
}

static void
tell_blind_sides(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t w = 0; w < WAYS; w++) {
		const struct letter_figures *f = &c->sides[ways[w]].figures;

		if (f->is_there && !f->drops_measured)
			letter_add(t->page, LETTER_PART_ITEM,
				   LETTER_SAY(t->words, "unknown.drops",
					      v_words("exchange", letter_place(t, c)),
					      v_key("way", letter_way(ways[w])),
					      v_key("kind", letter_kind_key(c->kind))));
	}
	if (isnan(c->capacity_bps))
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "unknown.capacity",
				      v_words("exchange", letter_place(t, c))));
}

void
letter_tell_unknown(const struct letter_telling *t)
{
	if (t->facts->connection_count == 0)
		return;
	letter_tell(t, LETTER_PART_HEADING, "unknown.heading");
	letter_add(t->page, LETTER_PART_PARA,
		   LETTER_SAY(t->words, "unknown.what",
			      v_share("known", letter_known_of_all(t->facts)),
			      v_int("connections", (int64_t)t->facts->connection_count)));
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		tell_blind_sides(t, telling_at(t, i));
		tell_holes(t, telling_at(t, i));
	}
}
