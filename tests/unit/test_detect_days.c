/* links: detect/detector.c detect/standing.c detect/names.c detect/course.c detect/days.c detect/days_pack.c detect/coder.c detect/flash.c detect/baseline.c detect/verdict.c detect/capacity.c detect/run.c detect/sample.c detect/span.c detect/percentile.c base/detector_settings.c base/units.c base/error.c base/model.c measure/utilisation.c */
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

#include "detect_port.h"
#include "settings_kept.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define WINDOWS_MAX 3
#define Q           "......."
#define Q4          Q Q Q Q
#define B7          "BBBBBBB"
#define B4          B7 B7 B7 B7 /* busy */
#define B4S         Q4
#define U28                                                                                        \
	"???????"                                                                                  \
	"???????"                                                                                  \
	"???????"                                                                                  \
	"???????"
#define E3                                                                                         \
	"CCCCCCC"                                                                                  \
	"CCCCCCC"                                                                                  \
	"CCCCCCC" /* every evening */
#define S19                                                                                        \
	"sssssss"                                                                                  \
	"sssssss"                                                                                  \
	"sssss"
#define S20 S19 "s"
#define E3V                                                                                        \
	"___~~~~"                                                                                  \
	"~~~~~~!" R7
#define I7 "_______"
#define N7 "-------"
#define W7 "~~~~~~~"
#define R7 "!!!!!!!"
#define V4 I7 "______-" N7 N7 /* four valid weeks without a verdict */

/* From an hour of a day (by index, hours since it began) on. */
struct window {
	int day;
	double hour, hours;
	enum detector_cause cause;
};

/* clang-format off: a table */
static const struct days_case {
	const char *name;
	const char *days;
	const char *states, *verdicts;
	enum profile profile;
	struct window windows[WINDOWS_MAX]; /* hours 0: none */
	const char *set;                    /* "key=value", or NULL */
} cases[] = {
	/* --- days: section 4 --- */
	{ "14 valid days are needed before anything is said", Q4, Q4, V4 },
	{ "a day of which less than 80% is known is unknown", Q4 "-?.", Q4 "??.", V4 "---" },
	{ "50 congested minutes are no congested day", Q4 "c.", Q4 "..", V4 "--" },
	{ "50 congested minutes are one where the setting says so", Q4 "c.", Q4 "F.", V4 "--",
	  .set = "congested-day=50m" },
	{ "a congested day counts even when it is not valid", Q4 "x.", Q4 "F.", V4 "--" },
	{ "minutes across a day's end go to both days", Q4 "Mm.", Q4 "FF.", V4 "---" },
	{ "the proof profile asks for more", Q4 "T.C.", Q4 "..F.", V4 "----",
	  .profile = PROFILE_PROOF },
	{ "two hours at 92% congest a day of the early profile", Q4 "T.C.", Q4 "F.F.", V4 "----" },
	{ "minutes that became sustained later count from the next day on", B4 "A.A.Mm",
	  B4S "C.C.CC", V4 "-----~", .set = "sustain=3h" },
	{ "minutes sustained within the day count on it", B4 "A.A.Mm", B4S "C.C.CC", V4 "----~~" },

	/* --- flash events: section 5 --- */
	{ "a one-off day of a port with room is flash", Q4 "C.", Q4 "F.", V4 "--" },
	{ "three days in a row are flash", Q4 "CCC....", Q4 "FFF....", V4 N7 },
	{ "a fourth day makes the cluster too long", Q4 "CCCC...", Q4 "CCCC...", V4 "---~~~~" },
	{ "one other day between does not part a cluster", Q4 "C.C....", Q4 "F.F....", V4 N7 },
	{ "five days from first to last are too many", Q4 "C.C.C..", Q4 "C.C.C..", V4 "----~~~" },
	{ "two other days between part two clusters", Q4 "CC..CC.", Q4 "FF..FF.", V4 N7 },
	{ "an unknown day is another day, too", Q4 "C?C....", Q4 "F?F....", V4 N7 },
	{ "flash-span sets the longest", Q4 "CCCCC..", Q4 "FFFFF..", V4 N7, .set = "flash-span=5" },
	{ "flash-span 0 excuses nothing", Q4 "CCC....", Q4 "CCC....", V4 "--~~~~~",
	  .set = "flash-span=0" },
	{ "a port that is busy without the event is not excused", B4 "K......", B4S "C......",
	  V4 N7 },
	{ "flash-baseline sets what is busy", B4 "K......", B4S "F......", V4 N7,
	  .set = "flash-baseline=80%" },
	{ "a baseline of which nothing is known excuses nothing", "CCC?", "uuu?", "____" },
	{ "fewer than 3 valid days before: unclassified", "..C", "..u", "___" },
	{ "3 valid days before: flash", "...C", "...F", "____" },
	{ "days that are not valid classify nothing", "---..C", "???..u", "______" },
	{ "only the 28 days before count for that", "..." U28 "C", "..." U28 "u", NULL },
	{ "unclassified days are not counted by recurring", "CCC....", "uuu....", I7 },
	{ "a cluster of more than flash-span days is not unclassified", "CCCC...", "CCCC...",
	  "___~~~~" },
	{ "the third event within 28 days is not excused",
	  Q4 "C......"
	     "C......"
	     "C......",
	  Q4 "F......"
	     "F......"
	     "C......",
	  V4 N7 N7 N7 },
	{ "28 days after the first, two are the first two again",
	  Q4 "C......"
	     "C......" Q Q "C......",
	  Q4 "F......"
	     "F......" Q Q "F......",
	  V4 N7 N7 N7 N7 N7 },
	{ "27 days after the first they are not",
	  Q4 "C......"
	     "C......" Q "......C",
	  Q4 "F......"
	     "F......" Q "......C",
	  V4 N7 N7 N7 N7 },
	{ "an event that was not excused counts, too",
	  Q4 "C......"
	     "C......"
	     "C......" Q "...C...",
	  Q4 "F......"
	     "F......"
	     "C......" Q "...C...",
	  NULL },
	{ "too long an event takes no place",
	  Q4 "CCCC..."
	     "C..C...",
	  Q4 "CCCC..."
	     "F..F...",
	  NULL },
	{ "an event of a busy port takes no place", B4 "K..K..." Q4 "C..C...",
	  B4S "C..C..." Q4 "F..F...", NULL },
	{ "flash-count sets how many",
	  Q4 "C......"
	     "C......",
	  Q4 "F......"
	     "C......",
	  V4 N7 N7, .set = "flash-count=1" },
	{ "what A counted is no flash event any more",
	  Q4 "CC....."
	     "CC....."
	     "CC....."
	     "CC.....",
	  Q4 "CC....."
	     "CC....."
	     "CC....."
	     "CC.....",
	  V4 N7 N7 N7 "~!!!!!!" },
	{ "what B counted is no flash event any more",
	  Q4 "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......",
	  Q4 "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......",
	  V4 N7 N7 N7 W7 W7 R7 },

	/* --- declared windows: section 5 --- */
	{ "half of the minutes in a window: declared", Q4 "C......", Q4 "D......", V4 N7,
	  .windows = { { 28, 14, 1, CAUSE_EVENT } } },
	{ "less than half: not declared", Q4 "C......", Q4 "F......", V4 N7,
	  .windows = { { 28, 14, 0.9, CAUSE_EVENT } } },
	{ "windows that overlap count once", Q4 "C......", Q4 "F......", V4 N7,
	  .windows = { { 28, 14, 0.7, CAUSE_EVENT }, { 28, 14.2, 0.6, CAUSE_WORKS } } },
	{ "two windows add up", Q4 "C......", Q4 "D......", V4 N7,
	  .windows = { { 28, 14, 0.5, CAUSE_EVENT }, { 28, 15, 0.5, CAUSE_WORKS } } },
	{ "a window over a clean day declares nothing", Q4 ".", Q4 ".", V4 "-",
	  .windows = { { 28, 0, 24, CAUSE_EVENT } } },
	{ "a declared day is another day of a cluster", Q4 "CCC....", Q4 "FDF....", V4 N7,
	  .windows = { { 29, 0, 24, CAUSE_ATTACK } } },
	{ "declared days make no cluster too long", Q4 "CCCCCC.", Q4 "DDDFFF.", V4 N7,
	  .windows = { { 28, 0, 72, CAUSE_EVENT } } },
	{ "A does not count declared days",
	  Q4 "CC....."
	     "CC....."
	     "CC....."
	     "CC.....",
	  Q4 "FF....."
	     "FF....."
	     "CC....."
	     "DC.....",
	  V4 N7 N7 N7 "-~~~~~~", .windows = { { 49, 0, 24, CAUSE_EVENT } } },
	{ "B does not count declared days",
	  Q4 "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......"
	     "C......",
	  NULL, V4 N7 N7 N7 W7 W7 N7, .windows = { { 63, 0, 24, CAUSE_EVENT } } },
	{ "recurring counts only days in state congested", Q4 "CCCCC..", Q4 "CCDCC..", V4 "---~~~~",
	  .windows = { { 30, 0, 24, CAUSE_EVENT } } },

	/* --- reduced capacity: section 5 --- */
	{ "congestion for lack of capacity is excused", Q4 "R......", Q4 "R......", V4 N7 },
	{ "a reduction without congestion is nothing", Q4 "rrr....", Q4 ".......", V4 N7 },
	{ "it is excused on days that begin less than 7 x 24 h after it did",
	  Q4 "RRRRRRR"
	     "RRRR...",
	  Q4 "RRRRRRR"
	     "CCCC...",
	  NULL },
	{ "later ones may still be a flash event",
	  Q4 "RRRRRRR"
	     "RR.....",
	  Q4 "RRRRRRR"
	     "FF.....",
	  V4 N7 N7 },
	{ "after 24 hours of full capacity another reduction begins",
	  Q4 "RRRRRRR"
	     ".R.....",
	  Q4 "RRRRRRR"
	     ".R.....",
	  V4 N7 N7 },
	{ "a window of the exchange excuses a day that begins in it",
	  Q4 "RRRRRRR"
	     "R......",
	  Q4 "RRRRRRR"
	     "R......",
	  V4 N7 N7, .windows = { { 35, -1, 2, CAUSE_EXCHANGE } } },
	{ "so does one of ours",
	  Q4 "RRRRRRR"
	     "R......",
	  Q4 "RRRRRRR"
	     "R......",
	  V4 N7 N7, .windows = { { 35, -1, 2, CAUSE_OURS } } },
	{ "works of others do not",
	  Q4 "RRRRRRR"
	     "R......",
	  Q4 "RRRRRRR"
	     "F......",
	  V4 N7 N7, .windows = { { 35, -1, 2, CAUSE_WORKS } } },
	{ "a window that begins later in the day does not",
	  Q4 "RRRRRRR"
	     "R......",
	  Q4 "RRRRRRR"
	     "F......",
	  V4 N7 N7, .windows = { { 35, 1, 2, CAUSE_OURS } } },
	{ "before there is a nominal capacity the present one stands in", "R", "u", "_" },
	{ "declared goes before reduced", Q4 "R......", Q4 "D......", V4 N7,
	  .windows = { { 28, 0, 24, CAUSE_EVENT } } },
	{ "reduced days are no cluster's", Q4 "CRC....", Q4 "FRF....", V4 N7 },

	/* --- rule A --- */
	{ "A: 8 days, 3 weeks of at least 2",
	  "CCC...."
	  "CC....."
	  "CCC....",
	  NULL,
	  I7 "______-"
	     "--!!!!!" },
	{ "A: 7 days are not enough",
	  "CC....."
	  "CC....."
	  "CCC....",
	  NULL, I7 "______-" N7 },
	{ "A: 8 days in two weeks are not enough",
	  Q4 "CCCCCC."
	     "CC.....",
	  NULL,
	  V4 "---~~~~"
	     "~~~~~--" },
	{ "A: one day a week counts towards the 8 only",
	  Q4 "C......"
	     "C......"
	     "C..CC.."
	     "C..CC..",
	  NULL, V4 N7 N7 "----~~~" W7 },
	{ "A: this week and the three before it, no other",
	  "CC....."
	  "CC....." Q "CC....."
	  "CC.....",
	  NULL, I7 "______-" N7 N7 W7 },
	{ "A: a fourth week back still counts on its last day",
	  "CC....."
	  "CC....." Q "CCCC...",
	  NULL, I7 "______-" N7 "---!!!!" },
	{ "A counts days that look like flash events",
	  Q4 "CC....."
	     "CC....."
	     "CC....."
	     "CC.....",
	  NULL, V4 N7 N7 N7 "~!!!!!!" },

	/* --- rule B and the weekday rule --- */
	{ "B: today and 5 of the 7 weeks before",
	  Q4 "...C..."
	     "...C..."
	     "...C..."
	     "...C..."
	     "...C..."
	     "...C...",
	  NULL,
	  V4 N7 N7 N7 "---~~~~"
		      "~~~~~~~"
		      "~~~!!!!" },
	{ "B: the weeks need not follow each other",
	  Q4 "C......"
	     "C......"
	     "C......" Q "C......" Q "C......"
	     "C......",
	  NULL, V4 N7 N7 N7 N7 W7 N7 N7 R7 },
	{ "B: another weekday does not do",
	  Q4 "C......"
	     ".C....."
	     "..C...."
	     "...C..."
	     "....C.."
	     ".....C."
	     "......C",
	  NULL, V4 N7 N7 N7 N7 N7 N7 N7 },
	{ "the weekday rule: today and 3 of the 4 weeks before",
	  Q4 "C......"
	     "C......"
	     "C......"
	     "C......" Q,
	  NULL, V4 N7 N7 N7 W7 N7 },
	{ "the weekday rule holds 7 days, the first included",
	  Q4 ".C....."
	     ".C....."
	     ".C....."
	     ".C....." Q,
	  NULL,
	  V4 N7 N7 N7 "-~~~~~~"
		      "~------" },

	/* --- rule C --- */
	{ "C: 8 days and the percentile of 30 days",
	  Q4 "AAAA..."
	     "AAAA...",
	  NULL,
	  V4 "---~~~~"
	     "~--!!!!" },
	{ "C: the percentile must reach congested",
	  Q4 "CCCC..."
	     "CCCC...",
	  NULL,
	  V4 "---~~~~"
	     "~--~~~~" },
	{ "C: flash days are left out",
	  Q4 "AAA..AA"
	     "..AAA..",
	  Q4 "FFF..FF"
	     "..CCC..",
	  V4 N7 "----~~~" },

	/* --- recurring --- */
	{ "3 of the last 7 days", B4 "K..K..K.......", NULL, V4 "------~" N7 },
	{ "2 of the last 7 days are not enough", B4 "K..K......K...", NULL, V4 N7 N7 },
	{ "daily, short: 30 minutes of spikes on 20 of 28 days", S20 ".........", NULL,
	  I7 "______-"
	     "-----~~" W7 "-" },
	{ "daily, short: 19 days are not enough", S19 ".", NULL,
	  I7 "______-"
	     "------" },

	/* --- insufficient data, stale verdicts: section 6 --- */
	{ "without data the verdict goes stale", Q4 "CCCC..." U28, Q4 "CCCC..." U28,
	  V4 "---~~~~"
	     "~------" N7 I7 I7 },
	{ "neither recurring nor routine asks for valid days", "CCCC", "CCCC", "___~" },

	/* --- entering and leaving routine --- */
	{ "a port full every evening: warned on the 4th day, routine on the 14th", E3, NULL, E3V },
	{ "it leaves when A, B and C are over and 14 valid days are clean", E3 Q Q, NULL,
	  E3V R7 "!!!!---" },
	{ "unknown days do not help it to leave", E3 U28 Q, NULL, E3V R7 R7 R7 R7 R7 },
	{ "14 valid days in pieces do", E3 U28 Q "???" Q "..", NULL,
	  E3V R7 R7 R7 R7 R7 "!!!"
			     "!!!!__-"
			     "--" },
	{ "routine is entered only on a congested day",
	  "WWWWWWW"
	  "W......"
	  "W",
	  NULL,
	  "___~~~~"
	  "~~~~~_-"
	  "!" },
	{ "it is not entered on a declared day",
	  "WWWWWWW"
	  "W......"
	  "W",
	  NULL,
	  "___~~~~"
	  "~~~~~_-"
	  "-",
	  .windows = { { 14, 0, 24, CAUSE_EVENT } } },
	{ "it is not entered on a reduced-capacity day",
	  "WWWWWWW"
	  "W......"
	  "R",
	  NULL,
	  "___~~~~"
	  "~~~~~_-"
	  "-" },

	/* --- upgrades --- */
	{ "an upgrade ends routine, and 7 valid days are enough after it", E3 "U......" Q, NULL,
	  E3V "!______"
	      "-------" },
	{ "days before an upgrade count no more", E3 "UCC....", NULL, E3V "!______" },
	{ "after an upgrade it must become routine anew", E3 "U" E3, NULL,
	  E3V "!"
	      "__~~~~~"
	      "~~~~~~!" R7 },
};
/* clang-format on */

static void
put_windows(struct detector *d, const struct days_case *row)
{
	struct detector_window windows[WINDOWS_MAX];
	size_t count = 0;

	for (; count < WINDOWS_MAX && row->windows[count].hours > 0; count++) {
		const struct window *window = &row->windows[count];
		int64_t start = port_day_begin(PORT_FIRST_DAY + window->day, NULL) +
				(int64_t)(window->hour * PORT_HOUR);

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
	assert_true(detector_new(&d, settings_kept(&settings), PORT_STEP_SEC, keep, &port_world,
				 history, NULL));
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
	assert_int_equal(strlen(history->told),
			 strlen(row->days) - 1); /* the last day has not ended */
	assert_memory_equal(history->told + forgotten, verdicts, strlen(verdicts) - 1);
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

/* --- the baseline: a day congested from 20:00 to 22:00, and a past of which only some samples are known --- */

static const struct past_case {
	const char *name;
	int known_day;     /* days before the cluster's; 0: all */
	double known_hour; /* since 06:00; the only sample of a day that is known */
	double u[2];       /* of even days before, of odd ones */
	char want;
} pasts[] = {
	/* Within 30 minutes of 21:00 lie 7 of the 12 samples, without the ends 5. */
	{ "the baseline looks 30 minutes to both sides, inclusive", 0, 15, { 0.6, 0.6 }, 'F' },
	{ "half of the minutes must have it", 0, 13.9, { 0.6, 0.6 }, 'C' },
	{ "it looks back 28 days", 28, 15, { 0.6, 0.6 }, 'F' },
	{ "not 29", 29, 15, { 0.6, 0.6 }, 'C' },
	{ "the day before is the nearest", 1, 15, { 0.6, 0.6 }, 'F' },
	{ "at flash-baseline is not below", 0, 15, { 0.7, 0.7 }, 'C' },
	{ "an even median is the mean of two, below", 0, 15, { 0.6, 0.79 }, 'F' },
	{ "an even median is the mean of two, not below", 0, 15, { 0.6, 0.81 }, 'C' },
};

static const struct past_case *past_row;

static void
past_of_row(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	    void *user)
{
	(void)direction, (void)user;
	for (size_t i = 0; i < count; i++) {
		int64_t at = start_utc_sec + (int64_t)i * PORT_STEP_SEC;
		int before = PORT_FIRST_DAY + 40 - port_day_of(at, NULL);
		int64_t hour_sec = at - port_day_begin(port_day_of(at, NULL), NULL);
		bool known = (past_row->known_day == 0 || past_row->known_day == before) &&
			     hour_sec == (int64_t)(past_row->known_hour * 6) * PORT_STEP_SEC;

		utilisation[i] = known ? past_row->u[before % 2 != 0] : NAN;
	}
}

static void
check_past(void **state)
{
	static const struct detector_world world = {
		.day_begin_utc_sec = port_day_begin,
		.day_of = port_day_of,
		.history = past_of_row,
	};
	struct port_history *history = port_history_new();
	struct detector_settings settings;
	struct detector *d = NULL;
	char states[PORT_DAYS_MAX], verdicts[PORT_DAYS_MAX];

	past_row = *state;
	detector_settings_init(&settings, PROFILE_EARLY);
	settings.step_sec = PORT_STEP_SEC;
	assert_true(
	    detector_new(&d, &settings, PORT_STEP_SEC, DETECTOR_KEEP_ALL, &world, history, NULL));
	port_history_fill(history, Q4 Q "....."
					"C");
	for (size_t i = 0; i < history->slot_count; i++)
		assert_true(detector_feed_slot(d, &history->slots[i]));
	port_describe(d, states, verdicts);
	assert_int_equal(states[40], past_row->want);
	detector_free(d);
	port_history_free(history);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(pasts)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(pasts); i++)
		tests[COUNT(cases) + i] = (struct CMUnitTest) { pasts[i].name, check_past, NULL,
								NULL, (void *)&pasts[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
