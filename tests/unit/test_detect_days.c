/* links: detect/detector.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* test_detect_days.c - from days to verdicts: each row is a history in letters (detect_port.h), and the state of each day
 * and the verdict at its end in letters:
 *   states    . clean  C congested  F flash  D declared  R reduced capacity  u unclassified  ? unknown
 *   verdicts  _ insufficient data  - none  ~ recurring  ! routine
 * The first day is a Monday.  A row says only what it needs: NULL asks for nothing. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "unit/detect_port.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define WINDOWS_MAX 3
#define WEEK	    "......."
#define WEEKS_4	    WEEK WEEK WEEK WEEK

/* From an hour of a day (by index, hours since it began) on. */
struct window {
	int day;
	double hour, hours;
	enum detector_cause cause;
};

static const struct days_case {
	const char *name;
	const char *days;
	const char *states, *verdicts;
	enum profile profile;
	struct window windows[WINDOWS_MAX];	/* hours 0: none */
	const char *set;			/* "key=value", or NULL */
} cases[] = {
#include "unit/detect_days_cases.h"
};

static void
put_windows(struct detector *d, const struct days_case *row)
{
	struct detector_window windows[WINDOWS_MAX];
	size_t count = 0;

	for (; count < WINDOWS_MAX && row->windows[count].hours > 0; count++) {
		const struct window *window = &row->windows[count];
		int64_t start = port_day_begin(PORT_FIRST_DAY + window->day, NULL) + (int64_t)(window->hour * PORT_HOUR);

		windows[count] = (struct detector_window) {
			.start_utc_sec = start,
			.end_utc_sec = start + (int64_t)(window->hours * PORT_HOUR),
			.cause = window->cause,
		};
	}
	assert_true(detector_windows_set(d, windows, count, NULL));
}

static struct detector *
detector_of(const struct days_case *row, struct port_history *history, enum detector_keep keep)
{
	struct detector_settings settings;
	struct detector *d = NULL;
	char key[32];

	detector_settings_init(&settings, row->profile);
	settings.step_sec = PORT_STEP_SEC;
	if (row->set != NULL) {
		snprintf(key, sizeof(key), "%.*s", (int)strcspn(row->set, "="), row->set);
		assert_true(detector_settings_set(&settings, key, strchr(row->set, '=') + 1, NULL));
	}
	assert_true(detector_new(&d, &settings, PORT_STEP_SEC, keep, &port_world, history, NULL));
	put_windows(d, row);
	return d;
}

/* What is remembered for good, and what is remembered for the rules, must not differ; the second may have forgotten. */
static void
check_keep(const struct days_case *row, enum detector_keep keep)
{
	struct port_history *history = port_history_new();
	struct detector *d = detector_of(row, history, keep);
	char states[PORT_DAYS_MAX], verdicts[PORT_DAYS_MAX];
	size_t forgotten;

	port_history_fill(history, row->days);
	for (size_t i = 0; i < history->slot_count; i++)
		assert_true(detector_feed_slot(d, &history->slots[i]));
	port_describe(d, states, verdicts);
	forgotten = strlen(row->days) - strlen(states);
	if (keep == DETECTOR_KEEP_ALL)
		assert_int_equal(forgotten, 0);
	if (row->states != NULL)
		assert_string_equal(states, row->states + forgotten);
	if (row->verdicts != NULL)
		assert_string_equal(verdicts, row->verdicts + forgotten);
	detector_free(d);
	port_history_free(history);
}

static void
check_case(void **state)
{
	check_keep(*state, DETECTOR_KEEP_ALL);
	check_keep(*state, DETECTOR_KEEP_NEEDED);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL, (void *)&cases[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
