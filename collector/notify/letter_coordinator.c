/* letter_coordinator.c - letters that stay in the house: one exchange with all its peers, and the overview of everything.  What
 * is to be looked at first, then what is well. */
#include <math.h>
#include <string.h>

#include "notify/letter_tell.h"

#define LOOK_MAX 100 /* told with their figures, the worst; of more, their number is */
#define WELL_MAX 200 /* named one by one */

static void
tell_title(const struct letter_telling *t)
{
	const struct letter_facts *f = t->facts;
	const char *place = f->kind == LETTER_EXCHANGE && f->connection_count > 0
				? letter_place(t, &f->connections[0])
				: "";

	letter_add(t->page, LETTER_PART_TITLE,
		   LETTER_SAY(t->words, "title.coordinator", v_words("exchange", place),
			      v_name("week", f->week)));
	letter_add(t->page, LETTER_PART_SMALL,
		   LETTER_SAY(t->words, "from.coordinator", v_int("edition", f->edition),
			      v_utc("made", f->made), v_date("from", letter_monday(t, false)),
			      v_date("to", letter_monday(t, true)),
			      v_words("clock", letter_day_start(t))));
	if (f->edition > 1)
		letter_add(t->page, LETTER_PART_PARA,
			   LETTER_SAY(t->words, "correction",
				      v_text(LETTER_TEXT, "corrects", f->corrects),
				      v_int("edition", f->edition)));
}

/* --- counts by verdict --- */

struct counts {
	int64_t of[VERDICT_COUNT], all;
};

/* slug NULL: everywhere. */
static struct counts
count_verdicts(const struct letter_facts *facts, const char *slug)
{
	struct counts counts = { { 0 }, 0 };

	for (size_t i = 0; i < facts->connection_count; i++) {
		const struct letter_connection *c = &facts->connections[i];

		if (slug != NULL && strcmp(c->slug, slug) != 0)
			continue;
		counts.of[letter_connection_verdict(c)]++;
		counts.all++;
	}
	return counts;
}

static void
tell_counts(const struct letter_telling *t)
{
	struct counts counts = count_verdicts(t->facts, NULL);

	letter_add(t->page, LETTER_PART_LEAD,
		   LETTER_SAY(t->words, "lead.coordinator", v_int("connections", counts.all),
			      v_int("routine", counts.of[VERDICT_ROUTINE]),
			      v_int("recurring", counts.of[VERDICT_RECURRING]),
			      v_int("insufficient", counts.of[VERDICT_INSUFFICIENT]),
			      v_int("none", counts.of[VERDICT_NONE])));
}

static bool
is_first_of_exchange(const struct letter_facts *facts, size_t i)
{
	for (size_t before = 0; before < i; before++)
		if (strcmp(facts->connections[before].slug, facts->connections[i].slug) == 0)
			return false;
	return true;
}

static void
exchange_row(const struct letter_telling *t, struct letter_table *table,
	     const struct letter_connection *c)
{
	static const enum verdict verdicts[] = { VERDICT_ROUTINE, VERDICT_RECURRING,
						 VERDICT_INSUFFICIENT, VERDICT_NONE };
	struct counts counts = count_verdicts(t->facts, c->slug);
	struct letter_table_row *row = letter_table_add(t->page, table);

	if (row == NULL)
		return;
	row->cell[0] = letter_clean(t->words, c->exchange, 24);
	row->cell[1] = letter_value_text(t->words, v_int("", counts.all));
	for (size_t v = 0; v < 4; v++)
		row->cell[v + 2] = letter_value_text(t->words, v_int("", counts.of[verdicts[v]]));
}

static void
tell_exchanges(const struct letter_telling *t)
{
	static const char *const heads[] = { "counts.exchange",     "counts.connections",
					     "counts.routine",      "counts.recurring",
					     "counts.insufficient", "counts.none" };
	struct letter_table *table;
	struct letter_table_row *row;

	if (t->facts->kind != LETTER_OVERVIEW || t->facts->connection_count == 0)
		return;
	letter_tell(t, LETTER_PART_HEADING, "counts.heading");
	table = letter_add_table(t->page, LETTER_COLUMNS_MAX);
	row = letter_table_add(t->page, table);
	for (size_t i = 0; row != NULL && i < LETTER_COLUMNS_MAX; i++)
		row->cell[i] = letter_say(t->words, heads[i], NULL);
	for (size_t i = 0; i < t->facts->connection_count; i++)
		if (is_first_of_exchange(t->facts, i))
			exchange_row(t, table, &t->facts->connections[i]);
}

/* --- to be looked at --- */

static void
tell_remark(const struct letter_telling *t, const struct letter_connection *c)
{
	struct letter_minutes minutes = letter_minutes_of(&c->sides[letter_worse(c)]);

	letter_add(t->page, LETTER_PART_ITEM,
		   LETTER_SAY(t->words, "look.remark",
			      v_words("whom", letter_whom(t, c->peer, c->asn)),
			      v_words("exchange", letter_place(t, c)), v_flag("uneven", c->uneven),
			      v_int("reductions", (int64_t)c->reduction_count),
			      v_text(LETTER_TEXT, "ordered", c->order_size),
			      v_date("ready", c->order_ready), v_int("notices", c->case_notices),
			      v_int("counted", minutes.counted), v_int("excused", minutes.excused),
			      v_text(LETTER_TEXT, "reason", c->sides[letter_worse(c)].reason)));
}

static bool
has_remark(const struct letter_connection *c)
{
	struct letter_minutes minutes = letter_minutes_of(&c->sides[letter_worse(c)]);
	const char *reason = c->sides[letter_worse(c)].reason;

	return c->uneven || c->reduction_count > 0 || c->upgrade != LETTER_UPGRADE_NONE ||
	       c->ordered || c->case_notices > 0 || minutes.counted > 0 || minutes.excused > 0 ||
	       reason[0] != '\0';
}

/* How many there are; each of the first LOOK_MAX is handed on. */
static size_t
each_to_look_at(const struct letter_telling *t, struct letter_table *table)
{
	size_t count = 0;

	for (size_t i = 0; i < t->facts->connection_count; i++) {
		if (!letter_connection_has_news(telling_at(t, i)) || count++ >= LOOK_MAX)
			continue;
		if (table != NULL)
			letter_figures_add(t, table, telling_at(t, i));
		else if (has_remark(telling_at(t, i)))
			tell_remark(t, telling_at(t, i));
	}
	return count;
}

static bool
has_any_to_look_at(const struct letter_telling *t)
{
	for (size_t i = 0; i < t->facts->connection_count; i++)
		if (letter_connection_has_news(&t->facts->connections[i]))
			return true;
	return false;
}

static void
tell_to_look_at(const struct letter_telling *t)
{
	struct letter_table *table;
	size_t count;

	if (!has_any_to_look_at(t))
		return;
	letter_tell(t, LETTER_PART_HEADING, "look.heading");
	table = letter_figures_begin(t);
	if (table == NULL)
		return;
	count = each_to_look_at(t, table);
	letter_tell(t, LETTER_PART_SMALL, "table.legend");
	if (count > LOOK_MAX)
		letter_add(
		    t->page, LETTER_PART_PARA,
		    LETTER_SAY(t->words, "look.more", v_int("more", (int64_t)count - LOOK_MAX)));
	each_to_look_at(t, NULL);
}

/* --- well --- */

static void
tell_well(const struct letter_telling *t)
{
	size_t told = 0, count = 0;

	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);
		const struct letter_figures *f = &c->sides[letter_worse(c)].figures;

		if (letter_connection_has_news(c))
			continue;
		if (count++ == 0)
			letter_tell(t, LETTER_PART_HEADING, "well.heading");
		if (told == WELL_MAX)
			continue;
		told++;
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "well.one",
				      v_words("whom", letter_whom(t, c->peer, c->asn)),
				      v_words("exchange", letter_place(t, c)),
				      v_key("way", letter_way(letter_worse(c))),
				      v_share("p95", f->p95), v_size("capacity", c->capacity_bps),
				      v_share("known", f->known_share)));
	}
	if (count > told)
		letter_add(
		    t->page, LETTER_PART_SMALL,
		    LETTER_SAY(t->words, "well.more", v_int("more", (int64_t)(count - told))));
}

void
letter_tell_coordinator(const struct letter_telling *t)
{
	tell_title(t);
	tell_counts(t);
	tell_exchanges(t);
	tell_to_look_at(t);
	tell_well(t);
	if (t->facts->base_url[0] != '\0')
		letter_add_link(
		    t->page, LETTER_PART_LINK, letter_say(t->words, "look.queue", NULL),
		    letter_keep(t->words, "%s/reports",
				letter_clean(t->words, t->facts->base_url, LETTER_TEXT_MAX)));
}
