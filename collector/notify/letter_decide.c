/* letter_decide.c - see letter_decide.h. */
#include "notify/letter_decide.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- order --- */

enum verdict
letter_connection_verdict(const struct letter_connection *c)
{
	enum verdict verdict = VERDICT_NONE;
	bool any = false;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		if (!c->sides[d].figures.is_there)
			continue;
		any = true;
		if (c->sides[d].verdict < verdict)
			verdict = c->sides[d].verdict;
	}
	return any ? verdict : VERDICT_INSUFFICIENT;
}

/* Unknown stands below every figure. */
static int
compare(double a, double b)
{
	a = isnan(a) ? -1 : a;
	b = isnan(b) ? -1 : b;
	return a > b ? -1 : a < b;
}

/* Below 0: a is worse than b. */
static int
compare_sides(const struct letter_side *a, const struct letter_side *b)
{
	int by;

	if (a->figures.is_there != b->figures.is_there)
		return a->figures.is_there ? -1 : 1;
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict ? -1 : 1;
	by = compare(a->figures.minutes_95, b->figures.minutes_95);
	if (by == 0)
		by = compare(a->figures.minutes_90, b->figures.minutes_90);
	return by != 0 ? by : compare(a->figures.p95, b->figures.p95);
}

enum direction
letter_worse(const struct letter_connection *c)
{
	return compare_sides(&c->sides[DIRECTION_IN], &c->sides[DIRECTION_OUT]) < 0 ? DIRECTION_IN
										    : DIRECTION_OUT;
}

static const struct letter_side *
worse_side(const struct letter_connection *c)
{
	return &c->sides[letter_worse(c)];
}

static int
compare_places(const void *left, const void *right, void *facts)
{
	size_t a = *(const size_t *)left, b = *(const size_t *)right;
	const struct letter_connection *connections =
	    ((const struct letter_facts *)facts)->connections;
	int by = compare_sides(worse_side(&connections[a]), worse_side(&connections[b]));

	return by != 0 ? by : a < b ? -1 : a > b; /* equal: as they came */
}

void
letter_order(const struct letter_facts *facts, size_t *order)
{
	for (size_t i = 0; i < facts->connection_count; i++)
		order[i] = i;
	if (facts->connection_count > 1)
		qsort_r(order, facts->connection_count, sizeof(*order), compare_places,
			(void *)(uintptr_t)facts);
}

/* --- what is known --- */

double
letter_known(const struct letter_connection *c)
{
	double least = NAN;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		const struct letter_figures *figures = &c->sides[d].figures;
		double known = isnan(figures->known_share) ? 0 : figures->known_share;

		if (figures->is_there && !(least <= known))
			least = known;
	}
	return least;
}

double
letter_known_of_all(const struct letter_facts *facts)
{
	double least = NAN;

	for (size_t i = 0; i < facts->connection_count; i++) {
		double known = letter_known(&facts->connections[i]);

		if (isnan(known))
			return 0;
		if (!(least <= known))
			least = known;
	}
	return least;
}

struct letter_minutes
letter_minutes_of(const struct letter_side *side)
{
	struct letter_minutes minutes = { 0 };

	for (size_t i = 0; i < side->episode_count; i++) {
		const struct letter_episode *e = &side->episodes[i];

		if (!e->sustained) {
			minutes.spike_count++;
			minutes.spike_minutes += e->minutes;
			if (e->minutes > minutes.spike_longest)
				minutes.spike_longest = e->minutes;
		} else if (e->excuse == LETTER_EXCUSE_NONE) {
			minutes.counted_count++;
			minutes.counted += e->minutes;
		} else {
			minutes.excused_count++;
			minutes.excused += e->minutes;
		}
	}
	return minutes;
}

size_t
letter_withdrawn_days(const struct letter_side *side)
{
	size_t count = 0;

	for (size_t i = 0; i < side->day_count; i++)
		count += side->days[i].withdrawn;
	return count;
}

/* --- what it is about --- */

typedef bool holds_here(const struct letter_facts *facts, const struct letter_connection *c);

static bool
is_routine(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return letter_connection_verdict(c) == VERDICT_ROUTINE;
}

static bool
is_recurring(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return letter_connection_verdict(c) == VERDICT_RECURRING;
}

static bool
is_upgraded(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return c->upgrade != LETTER_UPGRADE_NONE;
}

static bool
is_insufficient(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return letter_connection_verdict(c) == VERDICT_INSUFFICIENT;
}

static bool
is_uneven(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return c->uneven;
}

static bool
is_reduced(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	return c->reduction_count > 0;
}

static bool
is_seen(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (letter_minutes_of(&c->sides[d]).counted_count > 0)
			return true;
	return false;
}

static bool
is_excused(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts;
	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (letter_minutes_of(&c->sides[d]).excused_count > 0)
			return true;
	return false;
}

static bool
is_partly(const struct letter_facts *facts, const struct letter_connection *c)
{
	return !(letter_known(c) >= facts->settings.valid_share);
}

static bool
is_well(const struct letter_facts *facts, const struct letter_connection *c)
{
	(void)facts, (void)c;
	return true;
}

static holds_here *const leads[LETTER_LEAD_COUNT] = {
	[LETTER_LEAD_ROUTINE] = is_routine,   [LETTER_LEAD_RECURRING] = is_recurring,
	[LETTER_LEAD_UPGRADED] = is_upgraded, [LETTER_LEAD_INSUFFICIENT] = is_insufficient,
	[LETTER_LEAD_UNEVEN] = is_uneven,     [LETTER_LEAD_REDUCED] = is_reduced,
	[LETTER_LEAD_SEEN] = is_seen,         [LETTER_LEAD_EXCUSED] = is_excused,
	[LETTER_LEAD_PARTLY] = is_partly,     [LETTER_LEAD_WELL] = is_well,
};

/* Of those of which it holds, the worst. */
static const struct letter_connection *
worst_of_which(const struct letter_facts *facts, holds_here *holds)
{
	const struct letter_connection *worst = NULL;

	for (size_t i = 0; i < facts->connection_count; i++) {
		const struct letter_connection *c = &facts->connections[i];

		if (holds(facts, c) &&
		    (worst == NULL || compare_sides(worse_side(c), worse_side(worst)) < 0))
			worst = c;
	}
	return worst;
}

/* The direction that a lead means: where what it says was seen, the worse one else. */
static enum direction
direction_of(enum letter_lead lead, const struct letter_connection *c)
{
	enum direction worse = letter_worse(c);
	enum direction other = worse == DIRECTION_OUT ? DIRECTION_IN : DIRECTION_OUT;
	struct letter_minutes here = letter_minutes_of(&c->sides[worse]);

	if (lead == LETTER_LEAD_UNEVEN)
		return c->uneven_direction;
	if ((lead == LETTER_LEAD_SEEN && here.counted_count == 0) ||
	    (lead == LETTER_LEAD_EXCUSED && here.excused_count == 0))
		return other;
	return worse;
}

/* --- whether it asks, whether it tells --- */

/* Asked is only where all of it is proved: judged routine, this week well enough known and congested again beyond every
 * excuse, nothing on its way. */
static bool
side_is_asked(const struct letter_facts *facts, const struct letter_side *side)
{
	return side->figures.is_there && side->verdict == VERDICT_ROUTINE &&
	       side->figures.known_share >= facts->settings.valid_share &&
	       letter_minutes_of(side).counted_count > 0;
}

bool
letter_is_asked(const struct letter_facts *facts, const struct letter_connection *c)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		if (!c->ordered && side_is_asked(facts, &c->sides[d]))
			return true;
	return false;
}

bool
letter_is_request(const struct letter_facts *facts)
{
	return facts->kind == LETTER_PEER && !facts->disputed &&
	       worst_of_which(facts, letter_is_asked) != NULL;
}

struct letter_focus
letter_focus_of(const struct letter_facts *facts)
{
	struct letter_focus focus = { .lead = LETTER_LEAD_INSUFFICIENT,
				      .direction = DIRECTION_OUT };

	for (int lead = 0; lead < LETTER_LEAD_COUNT; lead++) {
		bool asks = lead == LETTER_LEAD_ROUTINE && letter_is_request(facts);

		focus.connection = worst_of_which(facts, asks ? letter_is_asked : leads[lead]);
		if (focus.connection == NULL)
			continue;
		focus.lead = (enum letter_lead)lead;
		focus.direction = direction_of(focus.lead, focus.connection);
		return focus;
	}
	return focus;
}

static bool
side_has_news(const struct letter_side *side)
{
	struct letter_minutes minutes = letter_minutes_of(side);

	return side->figures.is_there &&
	       (side->verdict != VERDICT_NONE || minutes.counted_count > 0 ||
		minutes.excused_count > 0 || side->declared_days > LETTER_MANY_DECLARED ||
		(side->last_week.is_there && side->last_week.verdict != side->verdict));
}

bool
letter_connection_has_news(const struct letter_connection *c)
{
	bool any = false;

	for (int d = 0; d < DIRECTION_COUNT; d++) {
		any |= c->sides[d].figures.is_there;
		if (side_has_news(&c->sides[d]))
			return true;
	}
	return !any || c->uneven || c->ordered || c->reduction_count > 0 || c->step_count > 0 ||
	       c->upgrade != LETTER_UPGRADE_NONE;
}

bool
letter_has_news(const struct letter_facts *facts)
{
	if (facts->edition > 1 || facts->disputed ||
	    (facts->has_last_verdict && facts->last_verdict != facts->verdict) ||
	    !(letter_known_of_all(facts) >= facts->settings.valid_share))
		return true;
	for (size_t i = 0; i < facts->connection_count; i++)
		if (letter_connection_has_news(&facts->connections[i]))
			return true;
	return false;
}

/* --- what would help --- */

/* Capacity is lacking where congestion counted; not where a port alone was full, or all is excused. */
static bool
is_lacking(const struct letter_connection *c)
{
	enum verdict verdict = letter_connection_verdict(c);

	return verdict == VERDICT_ROUTINE || verdict == VERDICT_RECURRING;
}

size_t
letter_helps(const struct letter_connection *c, enum letter_help *help)
{
	size_t count = 0;

	if (c->uneven)
		help[count++] = LETTER_HELP_SPREAD;
	if (!is_lacking(c) || c->ordered || c->upgrade != LETTER_UPGRADE_NONE)
		return count;
	if (c->free_port_count > 0)
		help[count++] = LETTER_HELP_FREE_PORT;
	if (c->other_count > 0)
		help[count++] = LETTER_HELP_ELSEWHERE;
	if (c->size_bps > 0)
		help[count++] = LETTER_HELP_SIZE;
	return count;
}

bool
letter_strip_shown(const struct letter_connection *c, enum direction direction)
{
	const struct letter_side *side = &c->sides[direction];

	if (!side->figures.is_there || side->day_count == 0)
		return false;
	if (direction == letter_worse(c) || side->verdict == VERDICT_ROUTINE ||
	    side->verdict == VERDICT_RECURRING)
		return true;
	for (size_t i = 0; i < side->day_count; i++)
		if (side->days[i].congested_minutes > 0)
			return true;
	return false;
}
