/* links: notify/letter_decide.c base/error.c */
/* test_letter_decide.c - what a letter says before any word is chosen: its first sentence, whether it asks, whether it has
 * something to tell, what would help. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "notify/letter_decide.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define OUT      DIRECTION_OUT
#define IN       DIRECTION_IN

/* Two connections about which all is well and known, and what a case changes in them. */
struct scene {
	struct letter_facts facts;
	struct letter_connection connections[2];
	struct letter_episode episodes[2];
	struct letter_day days[LETTER_DAYS];
	struct letter_reduction reduction;
	struct letter_free_port port;
	struct letter_other_exchange other;
};

static void
scene_init(struct scene *s)
{
	memset(s, 0, sizeof(*s));
	s->facts.kind = LETTER_PEER;
	s->facts.edition = 1;
	s->facts.settings.valid_share = 0.8;
	s->facts.connection_count = 2;
	s->facts.connections = s->connections;
	s->facts.verdict = VERDICT_NONE;
	for (size_t i = 0; i < 2; i++) {
		s->connections[i].size_bps = NAN;
		for (int d = 0; d < DIRECTION_COUNT; d++) {
			struct letter_side *side = &s->connections[i].sides[d];

			side->figures = (struct letter_figures) {
				.is_there = true, .known_share = 0.99, .p95 = 0.5, .peak = 0.6
			};
			side->verdict = VERDICT_NONE;
			side->days = s->days;
			side->day_count = LETTER_DAYS;
			side->reason = "";
		}
	}
	s->episodes[0] = (struct letter_episode) { .sustained = true, .minutes = 90 };
}

static void
well(struct scene *s)
{
	(void)s;
}

static void
one_evening(struct scene *s)
{
	struct letter_side *side = &s->connections[1].sides[OUT];

	side->episodes = s->episodes;
	side->episode_count = 1;
	side->figures.minutes_95 = 80;
	side->figures.minutes_90 = 90;
}

static void
routine(struct scene *s)
{
	one_evening(s);
	s->connections[1].sides[OUT].verdict = VERDICT_ROUTINE;
	s->facts.verdict = VERDICT_ROUTINE;
}

static void
routine_and_ordered(struct scene *s)
{
	routine(s);
	s->connections[1].ordered = true;
}

static void
routine_and_disputed(struct scene *s)
{
	routine(s);
	s->facts.disputed = true;
}

static void
routine_in_a_week_hardly_known(struct scene *s)
{
	routine(s);
	s->connections[1].sides[OUT].figures.known_share = 0.79;
}

static void
routine_in_a_week_not_known(struct scene *s)
{
	routine(s);
	s->connections[1].sides[OUT].figures.known_share = NAN;
}

static void
routine_in_a_clear_week(struct scene *s)
{
	routine(s);
	s->connections[1].sides[OUT].episode_count = 0;
}

static void
routine_in_a_week_all_excused(struct scene *s)
{
	routine(s);
	s->episodes[0].excuse = LETTER_EXCUSE_DECLARED;
}

static void
routine_with_a_spike_alone(struct scene *s)
{
	routine(s);
	s->episodes[0].sustained = false;
}

static void
routine_in_a_letter_of_an_exchange(struct scene *s)
{
	routine(s);
	s->facts.kind = LETTER_EXCHANGE;
}

static void
routine_twice_one_ordered(struct scene *s)
{
	routine(s);
	s->connections[0].sides[IN] = s->connections[1].sides[OUT];
	s->connections[0].sides[IN].figures.minutes_95 = 900;
	s->connections[0].ordered = true;
}

static void
recurring(struct scene *s)
{
	one_evening(s);
	s->connections[1].sides[OUT].verdict = VERDICT_RECURRING;
	s->facts.verdict = VERDICT_RECURRING;
}

static void
too_little(struct scene *s)
{
	s->connections[1].sides[IN].verdict = VERDICT_INSUFFICIENT;
	s->facts.verdict = VERDICT_INSUFFICIENT;
}

static void
too_little_since_an_upgrade(struct scene *s)
{
	too_little(s);
	s->connections[1].upgrade = LETTER_UPGRADE_WATCHED;
}

static void
no_column_at_all(struct scene *s)
{
	for (int d = 0; d < DIRECTION_COUNT; d++)
		s->connections[1].sides[d].figures.is_there = false;
}

static void
uneven(struct scene *s)
{
	s->connections[1].uneven = true;
	s->connections[1].uneven_direction = IN;
}

static void
reduced(struct scene *s)
{
	s->connections[1].reductions = &s->reduction;
	s->connections[1].reduction_count = 1;
}

static void
excused_evening(struct scene *s)
{
	one_evening(s);
	s->episodes[0].excuse = LETTER_EXCUSE_FLASH;
}

static void
a_spike(struct scene *s)
{
	one_evening(s);
	s->episodes[0].sustained = false;
	s->episodes[0].excuse = LETTER_EXCUSE_SPIKE;
}

static void
half_known(struct scene *s)
{
	s->connections[0].sides[OUT].figures.known_share = 0.5;
}

static void
seen_on_the_less_full_side(struct scene *s)
{
	one_evening(s);
	s->connections[1].sides[IN].figures.minutes_95 = 400;
}

static void
a_correction(struct scene *s)
{
	s->facts.edition = 2;
}

static void
a_verdict_that_is_over(struct scene *s)
{
	s->facts.has_last_verdict = true;
	s->facts.last_verdict = VERDICT_ROUTINE;
}

static void
the_same_verdict_as_before(struct scene *s)
{
	s->facts.has_last_verdict = true;
	s->facts.last_verdict = VERDICT_NONE;
	s->connections[0].sides[IN].last_week.is_there = true;
	s->connections[0].sides[IN].last_week.verdict = VERDICT_NONE;
}

static void
many_declared(struct scene *s)
{
	s->connections[0].sides[IN].declared_days = 11;
}

static void
nothing_at_all(struct scene *s)
{
	s->facts.connection_count = 0;
}

static const struct decide_case {
	const char *name;
	void (*change)(struct scene *);
	enum letter_lead lead;
	int connection; /* -1: none */
	enum direction direction;
	bool asks, tells;
} cases[] = {
	{ "all is well, and nothing is told", well, LETTER_LEAD_WELL, 0, OUT, false, false },
	{ "routine, known and congested again, asks", routine, LETTER_LEAD_ROUTINE, 1, OUT, true,
	  true },
	{ "what is ordered is not asked for", routine_and_ordered, LETTER_LEAD_ROUTINE, 1, OUT,
	  false, true },
	{ "what is disputed is not asked for", routine_and_disputed, LETTER_LEAD_ROUTINE, 1, OUT,
	  false, true },
	{ "a week hardly known proves nothing", routine_in_a_week_hardly_known, LETTER_LEAD_ROUTINE,
	  1, OUT, false, true },
	{ "a week not known proves nothing", routine_in_a_week_not_known, LETTER_LEAD_ROUTINE, 1,
	  OUT, false, true },
	{ "a clear week asks for nothing", routine_in_a_clear_week, LETTER_LEAD_ROUTINE, 1, OUT,
	  false, true },
	{ "a week all excused asks for nothing", routine_in_a_week_all_excused, LETTER_LEAD_ROUTINE,
	  1, OUT, false, true },
	{ "spikes ask for nothing", routine_with_a_spike_alone, LETTER_LEAD_ROUTINE, 1, OUT, false,
	  true },
	{ "a letter of an exchange asks nobody", routine_in_a_letter_of_an_exchange,
	  LETTER_LEAD_ROUTINE, 1, OUT, false, true },
	{ "what is asked for comes before what is ordered", routine_twice_one_ordered,
	  LETTER_LEAD_ROUTINE, 1, OUT, true, true },
	{ "recurring is told early, and asks for nothing", recurring, LETTER_LEAD_RECURRING, 1, OUT,
	  false, true },
	{ "too little known is said so", too_little, LETTER_LEAD_INSUFFICIENT, 1, IN, false, true },
	{ "an upgrade comes before the little that is known since", too_little_since_an_upgrade,
	  LETTER_LEAD_UPGRADED, 1, IN, false, true },
	{ "a connection without any column is not known", no_column_at_all,
	  LETTER_LEAD_INSUFFICIENT, 1, OUT, false, true },
	{ "uneven load is told in its direction", uneven, LETTER_LEAD_UNEVEN, 1, IN, false, true },
	{ "missing capacity is told", reduced, LETTER_LEAD_REDUCED, 1, OUT, false, true },
	{ "one evening is told as no more than that", one_evening, LETTER_LEAD_SEEN, 1, OUT, false,
	  true },
	{ "it is told on the side where it was", seen_on_the_less_full_side, LETTER_LEAD_SEEN, 1,
	  OUT, false, true },
	{ "an excused evening is told as excused", excused_evening, LETTER_LEAD_EXCUSED, 1, OUT,
	  false, true },
	{ "a spike is no news", a_spike, LETTER_LEAD_WELL, 1, OUT, false, false },
	{ "half a week is not called well", half_known, LETTER_LEAD_PARTLY, 0, OUT, false, true },
	{ "a correction is told", a_correction, LETTER_LEAD_WELL, 0, OUT, false, true },
	{ "that a verdict is over is told", a_verdict_that_is_over, LETTER_LEAD_WELL, 0, OUT, false,
	  true },
	{ "the same verdict as before is no news", the_same_verdict_as_before, LETTER_LEAD_WELL, 0,
	  OUT, false, false },
	{ "many declared days are told in every letter", many_declared, LETTER_LEAD_WELL, 0, OUT,
	  false, true },
	{ "without connections nothing is claimed", nothing_at_all, LETTER_LEAD_INSUFFICIENT, -1,
	  OUT, false, true },
};

static void
check_case(void **state)
{
	const struct decide_case *c = *state;
	struct scene scene;

	scene_init(&scene);
	c->change(&scene);
	struct letter_focus focus = letter_focus_of(&scene.facts);
	assert_int_equal(focus.lead, c->lead);
	assert_int_equal(focus.direction, c->direction);
	assert_int_equal(focus.connection == NULL ? -1 : focus.connection - scene.connections,
			 c->connection);
	assert_int_equal(letter_is_request(&scene.facts), c->asks);
	assert_int_equal(letter_has_news(&scene.facts), c->tells);
}

/* --- what would help --- */

static void
all_that_helps(struct letter_connection *c, struct scene *s)
{
	c->sides[OUT].verdict = VERDICT_ROUTINE;
	c->free_ports = &s->port;
	c->free_port_count = 1;
	c->others = &s->other;
	c->other_count = 1;
	c->size_bps = 20e9;
}

static void
the_least_effort_comes_first(void **state)
{
	enum letter_help help[LETTER_HELP_COUNT];
	struct scene scene;

	(void)state;
	scene_init(&scene);
	all_that_helps(&scene.connections[0], &scene);
	assert_int_equal(letter_helps(&scene.connections[0], help), 3);
	assert_int_equal(help[0], LETTER_HELP_FREE_PORT);
	assert_int_equal(help[1], LETTER_HELP_ELSEWHERE);
	assert_int_equal(help[2], LETTER_HELP_SIZE);
	scene.connections[0].uneven = true;
	assert_int_equal(letter_helps(&scene.connections[0], help), 4);
	assert_int_equal(help[0], LETTER_HELP_SPREAD);
}

static void
where_nothing_is_lacking_nothing_is_offered(void **state)
{
	enum letter_help help[LETTER_HELP_COUNT];
	struct scene scene;

	(void)state;
	scene_init(&scene);
	all_that_helps(&scene.connections[0], &scene);
	scene.connections[0].sides[OUT].verdict = VERDICT_NONE;
	assert_int_equal(letter_helps(&scene.connections[0], help), 0);
	scene.connections[0].sides[OUT].verdict = VERDICT_INSUFFICIENT;
	assert_int_equal(letter_helps(&scene.connections[0], help), 0);
	scene.connections[0].sides[OUT].verdict = VERDICT_ROUTINE;
	scene.connections[0].ordered = true;
	assert_int_equal(letter_helps(&scene.connections[0], help), 0);
	scene.connections[0].ordered = false;
	assert_int_equal(letter_helps(&scene.connections[0], help), 3);
	scene.connections[0].upgrade = LETTER_UPGRADE_WATCHED;
	assert_int_equal(letter_helps(&scene.connections[0], help), 0);
}

static void
a_size_that_cannot_be_said_is_not(void **state)
{
	enum letter_help help[LETTER_HELP_COUNT];
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.connections[0].sides[OUT].verdict = VERDICT_ROUTINE;
	assert_int_equal(letter_helps(&scene.connections[0], help), 0);
}

/* --- order, and what is shown --- */

static void
the_worst_stands_first(void **state)
{
	struct scene scene;
	size_t order[2];

	(void)state;
	scene_init(&scene);
	letter_order(&scene.facts, order);
	assert_int_equal(order[0], 0); /* equal: as they came */
	scene.connections[1].sides[IN].figures.p95 = 0.7;
	letter_order(&scene.facts, order);
	assert_int_equal(order[0], 1);
	scene.connections[0].sides[OUT].figures.minutes_90 = 5;
	letter_order(&scene.facts, order);
	assert_int_equal(order[0], 0);
	scene.connections[1].sides[IN].figures.minutes_95 = 5;
	letter_order(&scene.facts, order);
	assert_int_equal(order[0], 1);
	scene.connections[0].sides[OUT].verdict = VERDICT_RECURRING;
	letter_order(&scene.facts, order);
	assert_int_equal(order[0], 0);
}

static void
unknown_stands_below_every_figure(void **state)
{
	struct scene scene;

	(void)state;
	scene_init(&scene);
	scene.connections[0].sides[OUT].figures.minutes_95 = NAN;
	scene.connections[0].sides[OUT].figures.p95 = 0.99;
	assert_int_equal(letter_worse(&scene.connections[0]), IN);
	assert_true(isnan(letter_known(&(struct letter_connection) { .slug = "" })));
	scene.connections[0].sides[OUT].figures.known_share = NAN;
	assert_true(letter_known(&scene.connections[0]) == 0);
}

static void
a_quiet_direction_takes_no_space(void **state)
{
	struct scene scene;
	struct letter_day day[LETTER_DAYS] = { { .congested_minutes = 0 } };

	(void)state;
	scene_init(&scene);
	scene.connections[0].sides[IN].days = day;
	assert_true(letter_strip_shown(&scene.connections[0], OUT));
	assert_false(letter_strip_shown(&scene.connections[0], IN));
	day[3].congested_minutes = 30;
	assert_true(letter_strip_shown(&scene.connections[0], IN));
	scene.connections[0].sides[IN].day_count = 0;
	assert_false(letter_strip_shown(&scene.connections[0], IN));
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 8];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[count++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						       (void *)(uintptr_t)&cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(the_least_effort_comes_first);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(where_nothing_is_lacking_nothing_is_offered);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_size_that_cannot_be_said_is_not);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(the_worst_stands_first);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(unknown_stands_below_every_figure);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_quiet_direction_takes_no_space);
	return _cmocka_run_group_tests("letter_decide", tests, count, NULL, NULL);
}
