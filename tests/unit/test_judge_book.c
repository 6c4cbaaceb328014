/* links: judge_book.c detect/detector.c detect/checkpoint.c detect/checkpoint_check.c detect/coder.c detect/standing.c detect/names.c detect/reason.c detect/course.c detect/days.c detect/days_pack.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
/* test_judge_book.c - the ledger's traffic days are what the detector says of them, whenever they are written, and what
 * did not change is not written again.  The ledger here is a table of days. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "detect/detector.h"
#include "judge_book.h"

#define STEP_SEC  3600
#define FIRST_DAY 20605
#define DAYS      300 /* of a life, pauses included */
#define SUBJECT   7

static struct ledger {
	struct ledger_day day[DIRECTION_COUNT][DAYS + 2];
	unsigned put_count;
	int fail_in; /* the put that fails; 0: none does */
} ledger;

bool
ledger_day_put(struct ledger *l, const struct ledger_day *day, struct error *err)
{
	if (l->fail_in > 0 && --l->fail_in == 0)
		return error_set(err, ERR_DB, "no");
	assert_int_equal(day->subject.id, SUBJECT);
	assert_in_range(day->day, FIRST_DAY, FIRST_DAY + DAYS + 1);
	l->day[day->direction][day->day - FIRST_DAY] = *day;
	l->put_count++;
	return true;
}

bool
ledger_verdict_put(struct ledger *l, const struct ledger_verdict *verdict, struct error *err)
{
	(void)l, (void)verdict, (void)err;
	return true;
}

bool
ledger_episode_put(struct ledger *l, const struct ledger_episode *episode, struct error *err)
{
	(void)l, (void)episode, (void)err;
	return true;
}

bool
ledger_episode_each(struct ledger *l, const struct ledger_episode_query *query,
		    ledger_on_episode *on_episode, void *user, struct error *err)
{
	(void)l, (void)query, (void)on_episode, (void)user, (void)err;
	return true;
}

/* --- a life --- */

static uint64_t seed;

static unsigned
below(unsigned n)
{
	seed ^= seed << 13;
	seed ^= seed >> 7;
	seed ^= seed << 17;
	return (unsigned)(seed >> 20) % n;
}

static int64_t
day_begin(int32_t day, void *user)
{
	(void)user;
	return (int64_t)day * 86400;
}

static int32_t
day_of(int64_t utc_sec, void *user)
{
	(void)user;
	return (int32_t)(utc_sec / 86400);
}

/* Now below flash-baseline, now not: excuses come and go. */
static void
history(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	void *user)
{
	(void)user;
	for (size_t i = 0; i < count; i++)
		utilisation[i] = (start_utc_sec / 86400 / 9 + direction) % 3 == 0 ? 0.8 : 0.2;
}

static const struct detector_world world = { .day_begin_utc_sec = day_begin,
					     .day_of = day_of,
					     .history = history };

static struct detector *
fresh(const struct detector_settings *settings)
{
	struct detector *d;

	assert_true(detector_new(&d, settings, STEP_SEC, DETECTOR_KEEP_NEEDED, &world, NULL, NULL));
	return d;
}

static void
feed(struct detector *d, int64_t start_utc_sec, const bool full[DIRECTION_COUNT])
{
	struct sample step = { .step_sec = STEP_SEC, .end_utc_sec = start_utc_sec + STEP_SEC };

	for (int c = 0; c < COLUMN_COUNT; c++)
		step.value[c] = NAN;
	step.value[COLUMN_IN_BPS] = full[DIRECTION_IN] ? 9.6e9 : 2e9;
	step.value[COLUMN_OUT_BPS] = full[DIRECTION_OUT] ? 9.6e9 : 3e9;
	step.value[COLUMN_CAPACITY_BPS] = 1e10;
	assert_true(detector_feed_step(d, &step));
}

static bool
is_in_ledger(struct detector *d, enum direction direction, size_t i)
{
	struct detector_day day;
	const struct ledger_day *row;

	detector_day_get(d, direction, i, &day);
	row = &ledger.day[direction][day.day - FIRST_DAY];
	return row->state != NULL && row->known_samples == day.known_samples &&
	       row->congested_samples == day.congested_samples &&
	       row->live_samples == day.live_samples &&
	       row->congested_minutes == day.congested_sec / 60 &&
	       row->run_minutes == day.run_sec / 60 && row->verdict == day.verdict &&
	       strcmp(row->state, detector_day_state_name(day.state)) == 0;
}

static void
assert_all_in_ledger(struct detector *d)
{
	struct detector_standing standing;

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		for (size_t day = 0; day < detector_day_count(d); day++)
			assert_true(is_in_ledger(d, (enum direction)i, day));
		detector_standing_get(d, (enum direction)i, &standing); /* leaves it at rest */
	}
}

static bool
write(struct judge_book *book, struct detector *d)
{
	return judge_book_write(book, &ledger, subject_port(SUBJECT), PROFILE_EARLY, d,
				detector_until_utc_sec(d), NULL);
}

/* As after a restart: the state is that of the checkpoint, and the ledger's of the same moment. */
static void
restart(struct detector **d, const struct detector_settings *settings, struct judge_book *book)
{
	struct detector *again = fresh(settings);
	void *blob;
	size_t len;

	assert_true(detector_save(*d, &blob, &len, NULL));
	assert_true(detector_load(again, blob, len, NULL));
	free(blob);
	detector_free(*d);
	*d = again;
	judge_book_prime(book, PROFILE_EARLY, again);
}

/* --- the rules --- */

struct life {
	const char *name;
	unsigned flash_span_days;
	unsigned pause_of, pause_days; /* once in so many days, up to so many */
	unsigned write_of;             /* a writing for one of so many steps */
	bool fails, restarts;
};

static const struct life lives[] = {
	{ "every step written, every day is what the detector says", 3, 0, 0, 1, false, false },
	{ "with no flash events", 0, 0, 0, 5, false, false },
	{ "with the longest flash events", 28, 0, 0, 5, false, false },
	{ "written once in some days", 3, 0, 0, 70, false, false },
	{ "across pauses of days", 3, 20, 12, 5, false, false },
	{ "across pauses of months", 3, 60, 100, 5, false, false },
	{ "after a writing that failed", 3, 30, 12, 5, true, false },
	{ "after restarts", 3, 30, 12, 5, false, true },
};

static void
live(const struct life *life, uint64_t of_seed)
{
	struct detector_settings settings;
	struct judge_book book = { 0 };
	unsigned share[DIRECTION_COUNT] = { 0 };
	int64_t t = day_begin(FIRST_DAY, NULL) + 5 * STEP_SEC,
		end = day_begin(FIRST_DAY + DAYS, NULL);

	detector_settings_init(&settings, PROFILE_EARLY);
	settings.step_sec = STEP_SEC;
	settings.flash_span_days = life->flash_span_days;
	seed = of_seed * 0x9e3779b97f4a7c15u;
	memset(&ledger, 0, sizeof(ledger));
	struct detector *d = fresh(&settings);
	for (; t < end; t += STEP_SEC) {
		bool full[DIRECTION_COUNT];

		if (below(24 * 15) == 0) { /* another habit: idle, or full in so many of 100 */
			share[DIRECTION_IN] = below(2) * below(40);
			share[DIRECTION_OUT] = below(2) * below(40);
		}
		if (life->pause_of != 0 && below(24 * life->pause_of) == 0)
			t += (int64_t)below(24 * life->pause_days) * STEP_SEC;
		if (t >= end)
			break;
		for (int i = 0; i < DIRECTION_COUNT; i++)
			full[i] = below(100) < share[i];
		feed(d, t, full);
		if (below(life->write_of) != 0)
			continue;
		ledger.fail_in = life->fails && below(10) == 0 ? 1 + (int)below(20) : 0;
		if (!write(&book, d)) {
			assert_true(life->fails);
			ledger.fail_in = 0;
			assert_true(write(&book, d));
		}
		assert_all_in_ledger(d);
		if (life->restarts && below(40) == 0)
			restart(&d, &settings, &book);
	}
	judge_book_forget(&book);
	detector_free(d);
}

static void
days_are_what_the_detector_says(void **state)
{
	for (uint64_t i = 1; i <= 3; i++)
		live(*state, i);
}

/* Two rows a day, one for each direction, and the same once more when the next has begun. */
static void
a_quiet_day_is_written_once_and_when_it_has_ended(void **state)
{
	const bool idle[DIRECTION_COUNT] = { false };
	struct detector_settings settings;
	struct judge_book book = { 0 };

	(void)state;
	detector_settings_init(&settings, PROFILE_EARLY);
	settings.step_sec = STEP_SEC;
	memset(&ledger, 0, sizeof(ledger));
	struct detector *d = fresh(&settings);
	for (int32_t day = FIRST_DAY; day < FIRST_DAY + 150; day++) {
		unsigned before = ledger.put_count;

		for (int hour = 0; hour < 24; hour++)
			feed(d, day_begin(day, NULL) + (int64_t)hour * STEP_SEC, idle);
		assert_true(write(&book, d));
		assert_in_range(ledger.put_count - before, 2, day < FIRST_DAY + 30 ? 6 : 2);
		before = ledger.put_count;
		assert_true(write(&book, d));
		assert_int_equal(ledger.put_count, before);
		assert_all_in_ledger(d);
	}
	detector_free(d);
}

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

int
main(void)
{
	struct CMUnitTest tests[COUNT(lives) + 1];

	for (size_t i = 0; i < COUNT(lives); i++)
		tests[i] = (struct CMUnitTest) { lives[i].name, days_are_what_the_detector_says,
						 NULL, NULL, (void *)(uintptr_t)&lives[i] };
	tests[COUNT(lives)] =
	    (struct CMUnitTest) { "a quiet day is written once, whatever its age",
				  a_quiet_day_is_written_once_and_when_it_has_ended, NULL, NULL,
				  NULL };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
