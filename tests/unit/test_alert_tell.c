/* links: notify/alert.c notify/alert_tell.c notify/alert_route.c base/alert_words.c base/office_hours.c base/zone.c base/error.c */
/* pkgs: glib-2.0 */
/* test_alert_tell.c - what of an alert is told next, when, and to whom. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "base/office_hours.h"
#include "notify/alert_route.h"
#include "notify/alert_tell.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define T0           INT64_C(1790000000)
#define MIN          INT64_C(60)

static const struct alert_pace pace = { 1440 * MIN, 30 * MIN, 5 * MIN, 1 * MIN };

/* Times in minutes after T0; 0: it did not come to that.  Found at minute 1. */
static const struct tell_case {
	const char *name;
	enum alert_kind kind;
	int first, last, escalated, end, end_told;
	bool silenced, covered, acknowledged;
	enum alert_telling telling;
	int due, ready;
} cases[] = {
	{ "a beginning waits for its window", ALERT_CONGESTION, 0, 0, 0, 0, 0, false, false, false,
	  ALERT_TELL_BEGIN, 6, 2 },
	{ "what is full is told at once", ALERT_SATURATED, 0, 0, 0, 0, 0, false, false, false,
	  ALERT_TELL_BEGIN, 1, 1 },
	{ "a silence puts it off", ALERT_SATURATED, 0, 0, 0, 0, 0, true, false, false,
	  ALERT_TELL_NOTHING, 0, 0 },
	{ "what is covered is not told", ALERT_CONGESTION, 0, 0, 0, 0, 0, false, true, false,
	  ALERT_TELL_NOTHING, 0, 0 },
	{ "acknowledged before it was told it is told", ALERT_CONGESTION, 0, 0, 0, 0, 0, false,
	  false, true, ALERT_TELL_BEGIN, 6, 2 },
	{ "what nobody acknowledged goes to the next address", ALERT_CONGESTION, 6, 6, 0, 0, 0,
	  false, false, false, ALERT_TELL_ESCALATE, 36, 36 },
	{ "once", ALERT_CONGESTION, 6, 6, 36, 0, 0, false, false, false, ALERT_TELL_REPEAT, 1446,
	  1446 },
	{ "a verdict does not", ALERT_ROUTINE, 6, 6, 0, 0, 0, false, false, false,
	  ALERT_TELL_REPEAT, 1446, 1446 },
	{ "it is repeated from when it was told last", ALERT_CONGESTION, 6, 1446, 36, 0, 0, false,
	  false, false, ALERT_TELL_REPEAT, 2886, 2886 },
	{ "acknowledged it is neither repeated nor escalated", ALERT_CONGESTION, 6, 6, 0, 0, 0,
	  false, false, true, ALERT_TELL_NOTHING, 0, 0 },
	{ "covered it is neither", ALERT_CONGESTION, 6, 6, 0, 0, 0, false, true, false,
	  ALERT_TELL_NOTHING, 0, 0 },
	{ "its end is told", ALERT_CONGESTION, 6, 6, 0, 90, 0, false, false, false, ALERT_TELL_END,
	  95, 91 },
	{ "also when it was acknowledged, or is covered", ALERT_CONGESTION, 6, 6, 0, 90, 0, false,
	  true, true, ALERT_TELL_END, 95, 91 },
	{ "once, too", ALERT_CONGESTION, 6, 6, 0, 90, 95, false, false, false, ALERT_TELL_NOTHING,
	  0, 0 },
	{ "in a silence it waits", ALERT_CONGESTION, 6, 6, 0, 90, 0, true, false, false,
	  ALERT_TELL_NOTHING, 0, 0 },
	{ "what was never told has no end to tell", ALERT_CONGESTION, 0, 0, 0, 90, 0, false, false,
	  false, ALERT_TELL_NOTHING, 0, 0 },
};

static int64_t
at(int minute)
{
	return minute != 0 ? T0 + minute * MIN : 0;
}

static void
check_case(void **state)
{
	const struct tell_case *c = *state;
	struct alert_told told = { at(1),          at(c->first),    at(c->last), at(c->escalated),
				   at(c->end),     at(c->end_told), c->silenced, c->covered,
				   c->acknowledged };
	struct alert_next next = alert_tell_next(c->kind, &told, &pace);

	assert_int_equal(next.telling, c->telling);
	assert_int_equal(next.due_utc_sec, at(c->due));
	assert_int_equal(next.ready_utc_sec, at(c->ready));
	assert_int_equal(alert_tell_done(&told),
			 c->end != 0 && (c->first == 0 || c->end_told != 0));
}

static void
without_a_next_address_there_is_only_the_repeat(void **state)
{
	struct alert_pace none = pace;
	struct alert_told told = { .noticed_utc_sec = T0, .first_utc_sec = T0, .last_utc_sec = T0 };

	(void)state;
	none.escalate_sec = 0;
	assert_int_equal(alert_tell_next(ALERT_LOSS, &told, &none).telling, ALERT_TELL_REPEAT);
}

static void
a_group_has_one_mail_in_a_window(void **state)
{
	(void)state;
	assert_false(alert_group_due(T0, 0, &pace, T0 - 1));
	assert_true(alert_group_due(T0, 0, &pace, T0));
	assert_false(alert_group_due(T0, T0 - 299, &pace, T0));
	assert_true(alert_group_due(T0, T0 - 300, &pace, T0));
	assert_true(alert_group_due(T0, T0 + 5000, &pace, T0)); /* the clock stepped back */
}

/* --- office hours --- */

/* Local times of Berlin, in a week that begins on Monday 2026-11-23; UTC + 1. */
#define MONDAY INT64_C(1795388400) /* 2026-11-23 00:00 CET */

static const struct hours_case {
	const char *name, *hours;
	int day, hour, want_day, want_hour; /* from Monday 00:00; want_day -1: it is refused */
} hours_cases[] = {
	{ "within them it is now", "mon-fri 09:00-17:00", 0, 10, 0, 10 },
	{ "before them, it is when they begin", "mon-fri 09:00-17:00", 0, 3, 0, 9 },
	{ "after them, tomorrow", "mon-fri 09:00-17:00", 0, 17, 1, 9 },
	{ "at the end of the week, on Monday", "mon-fri 09:00-17:00", 4, 18, 7, 9 },
	{ "days may run over the week's end", "sat-mon 8:00-20:00", 2, 10, 5, 8 },
	{ "and be listed", "tue,thu 08:00-12:00", 1, 12, 3, 8 },
	{ "a day may end at midnight", "sun-thu 00:00-24:00", 4, 10, 6, 0 },
	{ "nothing said is always", "", 6, 3, 6, 3 },
	{ "an end before its beginning is refused", "mon 17:00-09:00", 0, 0, -1, 0 },
	{ "so is a day that is none", "mon-xyz 09:00-17:00", 0, 0, -1, 0 },
	{ "and an hour", "mon 09:00-25:00", 0, 0, -1, 0 },
	{ "and a minute", "mon 09:60-17:00", 0, 0, -1, 0 },
	{ "and words behind", "mon 09:00-17:00 sharp", 0, 0, -1, 0 },
	{ "and days alone", "mon-fri", 0, 0, -1, 0 },
};

static void
check_hours(void **state)
{
	const struct hours_case *c = *state;
	struct office_hours hours;
	struct zone *zone;

	assert_int_equal(office_hours_parse(c->hours, &hours), c->want_day >= 0);
	if (c->want_day < 0)
		return;
	assert_true(zone_open(&zone, "Europe/Berlin", NULL));
	assert_int_equal(
	    office_hours_next_utc_sec(&hours, zone, MONDAY + c->day * 86400 + c->hour * 3600),
	    MONDAY + c->want_day * 86400 + c->want_hour * 3600);
	zone_close(zone);
}

/* --- routes --- */

#define LIST(...)                                                                                  \
	{                                                                                          \
		sizeof((const char *[]) { __VA_ARGS__ }) / sizeof(const char *),                   \
		    (const char *const[])                                                          \
		{                                                                                  \
			__VA_ARGS__                                                                \
		}                                                                                  \
	}

static const uint32_t one_asn[] = { 64500 };
static const struct config_route routes[] = {
	{ .name = "fra", .exchange = LIST("fra"), .to = LIST("fra@x.example") },
	{ .name = "bad",
	  .severities = 1u << ALERT_CRITICAL,
	  .to = LIST("duty@x.example", "noc@x.example") },
	{ .name = "peer", .asn_count = 1, .asn = one_asn, .to = LIST("am@x.example") },
	{ .name = "full",
	  .exchange = LIST("lon", "nyc"),
	  .kinds = 1u << ALERT_SATURATED,
	  .to = LIST("full@x.example") },
};

static const struct route_case {
	const char *name;
	enum alert_kind kind;
	const char *exchange;
	uint32_t asn;
	const char *want; /* with blanks between */
} route_cases[] = {
	{ "every alert goes to those who get alerts", ALERT_CONGESTION, "ams", 0, "noc@x.example" },
	{ "by exchange", ALERT_CONGESTION, "fra", 0, "noc@x.example fra@x.example" },
	{ "by severity, each address once", ALERT_LOSS, "ams", 0, "noc@x.example duty@x.example" },
	{ "by ASN", ALERT_CONGESTION, "ams", 64500, "noc@x.example am@x.example" },
	{ "another ASN is another", ALERT_CONGESTION, "ams", 64501, "noc@x.example" },
	{ "all that a route names must fit", ALERT_SATURATED, "nyc", 0,
	  "noc@x.example duty@x.example full@x.example" },
	{ "and all that fit count", ALERT_SATURATED, "fra", 64500,
	  "noc@x.example fra@x.example duty@x.example am@x.example" },
	{ "a verdict is the coordinator's", ALERT_ROUTINE, "ams", 0, "peering@x.example" },
	{ "and a route's", ALERT_RECURRING, "fra", 0, "peering@x.example fra@x.example" },
};

static struct config_alert
alert_config(void)
{
	static const char *const to[] = { "noc@x.example" }, *const coordinator[] = {
		"peering@x.example"
	};

	return (struct config_alert) { .to = { 1, to },
				       .coordinator = { 1, coordinator },
				       .route_count = COUNT(routes),
				       .routes = routes };
}

static void
check_route(void **state)
{
	const struct route_case *c = *state;
	struct config_alert config = alert_config();
	struct alert_subject subject = {
		.kind = c->kind, .exchange = c->exchange, .agent = "", .asn = c->asn
	};
	const char *list[16];
	char got[256] = "";
	size_t count;

	assert_true(alert_recipients_max(&config) <= COUNT(list));
	count = alert_recipients(&config, &subject, list);
	for (size_t i = 0; i < count; i++) {
		strcat(got, i > 0 ? " " : "");
		strcat(got, list[i]);
	}
	assert_string_equal(got, c->want);
}

static void
without_a_coordinator_verdicts_go_where_alerts_go(void **state)
{
	struct config_alert config = alert_config();
	struct alert_subject subject = { .kind = ALERT_ROUTINE, .exchange = "ams", .agent = "" };
	const char *list[16];

	(void)state;
	config.coordinator.count = 0;
	assert_int_equal(alert_recipients(&config, &subject, list), 1);
	assert_string_equal(list[0], "noc@x.example");
}

static void
kinds_may_be_chosen(void **state)
{
	struct config_alert config = alert_config();

	(void)state;
	assert_true(alert_kind_is_told(&config, ALERT_LOSS));
	config.kinds = 1u << ALERT_SATURATED;
	assert_false(alert_kind_is_told(&config, ALERT_LOSS));
	assert_true(alert_kind_is_told(&config, ALERT_SATURATED));
}

/* --- what a recipient gets --- */

/* One look: what changed, and the mail that is due; whoever begins again before the end was told goes on. */
static void
look_and_tell(struct alert_state *state, struct alert_told *told, const struct alert_rule *rule,
	      int64_t now_utc_sec, bool is_hot, unsigned mails[ALERT_TELL_END + 1])
{
	struct alert_observation seen = { .at_utc_sec = now_utc_sec,
					  .level = is_hot ? ALERT_HOT : ALERT_CLEAR,
					  .value = is_hot ? 0.99 : 0.5 };
	struct alert_next next;

	switch (alert_step(state, rule, &seen)) {
	case ALERT_BEGAN:
		if (told->first_utc_sec != 0 && told->end_utc_sec == 0)
			told->end_noticed_utc_sec = 0;
		else
			*told = (struct alert_told) { .noticed_utc_sec = now_utc_sec };
		break;
	case ALERT_ENDED: told->end_noticed_utc_sec = now_utc_sec; break;
	default: break;
	}
	if (told->noticed_utc_sec == 0)
		return;
	next = alert_tell_next(ALERT_SATURATED, told, &pace);
	if (next.telling == ALERT_TELL_NOTHING || next.due_utc_sec > now_utc_sec)
		return;
	mails[next.telling]++;
	if (next.telling == ALERT_TELL_BEGIN)
		told->first_utc_sec = told->last_utc_sec = now_utc_sec;
	else if (next.telling == ALERT_TELL_REPEAT)
		told->last_utc_sec = now_utc_sec;
	else if (next.telling == ALERT_TELL_ESCALATE)
		told->escalated_utc_sec = now_utc_sec;
	else
		told->end_utc_sec = now_utc_sec;
}

/* However it goes up and down: one mail when it begins, one when it has ended, and one to the next address, since nobody
 * acknowledged it. */
static void
two_hours_of_flapping_are_an_alert_and_a_recovery(void **state)
{
	static const struct {
		int up, down;
	} waves[] = { { 11, 1 }, { 12, 3 }, { 15, 14 }, { 30, 10 }, { 14, 15 } };
	const struct alert_rule rule = { 10 * MIN, 15 * MIN, 30 * MIN };

	(void)state;
	for (size_t i = 0; i < COUNT(waves); i++) {
		struct alert_state alert = { 0 };
		struct alert_told told = { 0 };
		unsigned mails[ALERT_TELL_END + 1] = { 0 };

		for (int minute = 0; minute < 180; minute++)
			look_and_tell(&alert, &told, &rule, T0 + minute * MIN,
				      minute < 120 &&
					  minute % (waves[i].up + waves[i].down) < waves[i].up,
				      mails);
		assert_int_equal(mails[ALERT_TELL_BEGIN], 1);
		assert_int_equal(mails[ALERT_TELL_ESCALATE], 1);
		assert_int_equal(mails[ALERT_TELL_REPEAT], 0);
		assert_int_equal(mails[ALERT_TELL_END], 1);
	}
}

int
main(void)
{
	static const struct CMUnitTest others[] = {
		cmocka_unit_test(without_a_next_address_there_is_only_the_repeat),
		cmocka_unit_test(a_group_has_one_mail_in_a_window),
		cmocka_unit_test(without_a_coordinator_verdicts_go_where_alerts_go),
		cmocka_unit_test(kinds_may_be_chosen),
		cmocka_unit_test(two_hours_of_flapping_are_an_alert_and_a_recovery),
	};
	struct CMUnitTest
	    tests[COUNT(cases) + COUNT(hours_cases) + COUNT(route_cases) + COUNT(others)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						   (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(hours_cases); i++)
		tests[n++] = (struct CMUnitTest) { hours_cases[i].name, check_hours, NULL, NULL,
						   (void *)&hours_cases[i] };
	for (size_t i = 0; i < COUNT(route_cases); i++)
		tests[n++] = (struct CMUnitTest) { route_cases[i].name, check_route, NULL, NULL,
						   (void *)&route_cases[i] };
	memcpy(&tests[n], others, sizeof(others));
	return cmocka_run_group_tests(tests, NULL, NULL);
}
