/* letter_measure.c - parts 4 and 5 of a letter: what was measured, from which side and how much of it is known; and the week in
 * figures. */
#include <math.h>
#include <string.h>

#include "notify/letter_tell.h"

static const enum direction ways[] = { DIRECTION_OUT, DIRECTION_IN };
#define WAYS (sizeof(ways) / sizeof(ways[0]))

/* --- 4: the capacity, and where it comes from --- */

static const char *
source_key(enum capacity_source source)
{
	switch (source) {
	case CAPACITY_SETTING: return "setting";
	case CAPACITY_CONTRACT: return "contract";
	case CAPACITY_IXF: return "list";
	case CAPACITY_LAG: return "lag";
	case CAPACITY_INTERFACE: return "interface";
	default: return "unknown";
	}
}

/* A contract is told where it is one; it may be larger than the port, and limit nothing. */
static const char *
contract_key(const struct letter_connection *c)
{
	if (isnan(c->contracted_bps))
		return "none";
	return c->billed ? "billed" : "policed";
}

static void
tell_capacity(const struct letter_telling *t, const struct letter_connection *c)
{
	letter_add(
	    t->page, LETTER_PART_PARA,
	    LETTER_SAY(t->words, "measured.capacity", v_key("kind", letter_kind_key(c->kind)),
		       v_int("ports", (int64_t)c->port_count), v_size("capacity", c->capacity_bps),
		       v_key("source", source_key(c->source)), v_size("physical", c->physical_bps),
		       v_key("contract", contract_key(c)), v_size("contracted", c->contracted_bps),
		       v_name("timezone", c->timezone), v_int("hours", c->hours),
		       v_flag("changed_clock", c->hours != 168)));
}

static void
tell_steps(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; i < c->step_count; i++)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "measured.step", v_utc("at", c->steps[i].at),
				      v_size("capacity", c->steps[i].capacity_bps)));
	for (size_t i = 0; i < c->reduction_count; i++)
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "measured.reduced",
				      v_utc("from", c->reductions[i].from),
				      v_utc("to", c->reductions[i].to),
				      v_size("capacity", c->reductions[i].capacity_bps),
				      v_size("nominal", c->nominal_bps),
				      v_flag("excused", c->reductions[i].excused)));
	if (c->upgrade != LETTER_UPGRADE_NONE)
		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "measured.upgraded", v_date("date", c->upgrade_date),
			       v_size("from", c->upgrade_from_bps), v_size("to", c->upgrade_to_bps),
			       v_key("upgrade",
				     c->upgrade == LETTER_UPGRADE_CURED ? "cured" : "watched")));
}

/* --- 4: each way --- */

static void
tell_way(const struct letter_telling *t, const struct letter_connection *c, enum direction way)
{
	const struct letter_figures *f = &c->sides[way].figures;

	if (!f->is_there) {
		letter_add(t->page, LETTER_PART_ITEM,
			   LETTER_SAY(t->words, "measured.nothing", v_key("way", letter_way(way))));
		return;
	}
	letter_add(t->page, LETTER_PART_ITEM,
		   LETTER_SAY(t->words, "measured.way", v_key("way", letter_way(way)),
			      v_share("known", f->known_share), v_share("mean", f->mean),
			      v_words("drops", letter_drops_words(t, f, f->drops_share)),
			      v_flag("several", c->port_count > 1), v_flag("layer2", f->layer2)));
}

/* --- 4: each port --- */

static const char *
port_way(const struct letter_telling *t, const struct letter_port *port, enum direction way)
{
	const struct letter_figures *f = &port->figures[way];

	if (!f->is_there)
		return "";
	return LETTER_SAY(t->words, "port.way", v_key("way", letter_way(way)),
			  v_share("p95", f->p95), v_rate("p95_bps", f->p95_bps),
			  v_share("peak", f->peak), v_share("mean", f->mean),
			  v_minutes("m90", f->minutes_90), v_minutes("m95", f->minutes_95),
			  v_share("known", f->known_share),
			  v_words("drops", letter_drops_words(t, f, f->drops_share)),
			  v_flag("layer2", f->layer2));
}

/* Of a connection's only port the figures are the connection's. */
static void
tell_ports(const struct letter_telling *t, const struct letter_connection *c)
{
	for (size_t i = 0; i < c->port_count; i++) {
		const struct letter_port *port = &c->ports[i];
		bool several = c->port_count > 1;

		letter_add(
		    t->page, LETTER_PART_ITEM,
		    LETTER_SAY(t->words, "port", v_name("agent", port->agent),
			       v_name("interface", port->interface),
			       v_name("circuit", port->circuit), v_int("id", port->id),
			       v_size("capacity", port->capacity_bps),
			       v_key("source", source_key(port->source)),
			       v_minutes("down", port->down_minutes), v_flag("several", several),
			       v_words("towards", several ? port_way(t, port, DIRECTION_OUT) : ""),
			       v_words("from", several ? port_way(t, port, DIRECTION_IN) : "")));
	}
}

void
letter_tell_measured(const struct letter_telling *t)
{
	if (t->facts->connection_count == 0)
		return;
	letter_tell(t, LETTER_PART_HEADING, "measured.heading");
	letter_add(t->page, LETTER_PART_PARA,
		   LETTER_SAY(t->words, "measured.how", v_date("from", letter_monday(t, false)),
			      v_date("to", letter_monday(t, true)),
			      v_words("clock", letter_day_start(t)),
			      v_duration("step", (double)t->facts->settings.step_sec)));
	for (size_t i = 0; i < t->facts->connection_count; i++) {
		const struct letter_connection *c = telling_at(t, i);

		letter_add(t->page, LETTER_PART_SUBHEADING, letter_place(t, c));
		tell_capacity(t, c);
		tell_ports(t, c);
		for (size_t w = 0; w < WAYS; w++)
			tell_way(t, c, ways[w]);
		tell_steps(t, c);
	}
}

/* --- 5 --- */

static void
head_row(const struct letter_telling *t, struct letter_table *table)
{
	static const char *const heads[] = { "table.way", "table.p95", "table.peak",
					     "table.m90", "table.m95", "table.known" };
	struct letter_table_row *row = letter_table_add(t->page, table);

	for (size_t i = 0; row != NULL && i < LETTER_COLUMNS_MAX; i++)
		row->cell[i] = letter_say(t->words, heads[i], NULL);
}

/* A figure; unknown is told by a mark, for want of room. */
static const char *
cell(const struct letter_telling *t, struct letter_value value)
{
	return isnan(value.number) ? letter_say(t->words, "table.unknown", NULL)
				   : letter_value_text(t->words, value);
}

static const char *
p95_cell(const struct letter_telling *t, double p95, double p95_bps)
{
	return LETTER_SAY(t->words, "table.p95_cell", v_words("p95", cell(t, v_share("", p95))),
			  v_rate("bps", p95_bps));
}

static void
way_rows(const struct letter_telling *t, struct letter_table *table, const struct letter_side *side,
	 enum direction way)
{
	const struct letter_figures *f = &side->figures;
	const struct letter_last_week *last = &side->last_week;
	struct letter_table_row *row = letter_table_add(t->page, table);

	if (row == NULL)
		return;
	row->cell[0] = LETTER_SAY(t->words, "way", v_key("way", letter_way(way)));
	row->cell[1] = p95_cell(t, f->p95, f->p95_bps);
	row->cell[2] = cell(t, v_share("", f->peak));
	row->cell[3] = cell(t, v_minutes("", f->minutes_90));
	row->cell[4] = cell(t, v_minutes("", f->minutes_95));
	row->cell[5] = cell(t, v_share("", f->known_share));
	if (!last->is_there || (row = letter_table_add(t->page, table)) == NULL)
		return;
	row->faint = true;
	row->cell[0] = letter_say(t->words, "table.before", NULL);
	row->cell[1] = p95_cell(t, last->p95, NAN);
	row->cell[2] = cell(t, v_share("", last->peak));
	row->cell[3] = cell(t, v_minutes("", last->minutes_90));
	row->cell[4] = cell(t, v_minutes("", last->minutes_95));
	row->cell[5] = "";
}

/* The graver of its two directions' last verdicts. */
static const char *
last_verdict(const struct letter_telling *t, const struct letter_connection *c)
{
	enum verdict verdict = VERDICT_COUNT;

	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (c->sides[d].last_week.is_there && c->sides[d].last_week.verdict < verdict)
			verdict = c->sides[d].last_week.verdict;
	return verdict == VERDICT_COUNT ? "" : letter_verdict_words(t, verdict);
}

static void
connection_rows(const struct letter_telling *t, struct letter_table *table,
		const struct letter_connection *c)
{
	struct letter_table_row *row = letter_table_add(t->page, table);

	if (row == NULL)
		return;
	row->wide = true;
	row->cell[0] = LETTER_SAY(
	    t->words, "table.connection", v_words("exchange", letter_place(t, c)),
	    v_words("peer", t->facts->kind == LETTER_PEER ? "" : letter_whom(t, c->peer, c->asn)),
	    v_int("ports", (int64_t)c->port_count), v_size("capacity", c->capacity_bps),
	    v_words("verdict", letter_verdict_words(t, letter_connection_verdict(c))),
	    v_words("last", last_verdict(t, c)));
	for (size_t w = 0; w < WAYS; w++)
		if (c->sides[ways[w]].figures.is_there)
			way_rows(t, table, &c->sides[ways[w]], ways[w]);
}

struct letter_table *
letter_figures_begin(const struct letter_telling *t)
{
	struct letter_table *table = letter_add_table(t->page, LETTER_COLUMNS_MAX);

	head_row(t, table);
	return table;
}

void
letter_figures_add(const struct letter_telling *t, struct letter_table *table,
		   const struct letter_connection *c)
{
	connection_rows(t, table, c);
}

void
letter_tell_figures(const struct letter_telling *t)
{
	struct letter_table *table;

	if (t->facts->connection_count == 0)
		return;
	letter_tell(t, LETTER_PART_HEADING, "table.heading");
	table = letter_figures_begin(t);
	for (size_t i = 0; i < t->facts->connection_count; i++)
		letter_figures_add(t, table, telling_at(t, i));
	letter_tell(t, LETTER_PART_SMALL, "table.legend");
}
