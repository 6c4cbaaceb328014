/* links: notify/usual.c base/zone.c base/error.c */
/* pkgs: glib-2.0 */
/* test_usual.c - whether it is usual, and when it should clear. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "notify/usual.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define DAY      INT64_C(86400)
#define HOUR     INT64_C(3600)
#define MINUTE   INT64_C(60)

/* Local midnight in Berlin of Saturday 2026-10-24; the clock goes back in the night that follows. */
#define MIDNIGHT  INT64_C(1792792800)
#define LOCAL_DAY INT32_C(20750)

/* Days are counted back from LOCAL_DAY; times are hours of it by a clock that does not change (summer time). */
static const struct usual_case {
	const char *name;
	double began_h, at_h;
	const char *days;     /* of the days before, yesterday first: '.' known, '?' not */
	double spans_h[8][2]; /* sustained episodes; 0: no more; an end of 0: open */
	bool known;
	unsigned count;
	double clears_h; /* of the summer clock; 0: cannot be said */
} usuals[] = {
	{ "the fourth night of a week clears when those before did",
	  20,
	  20.5,
	  "......",
	  { { 19 - 24, 25.5 - 24 }, { 21 - 48, 25.25 - 48 }, { 20 - 120, 25.75 - 120 } },
	  true,
	  4,
	  25.5 },
	{ "the only day of a known week is no habit", 20, 20.5, "......", { { 0 } }, true, 1, 0 },
	{ "another time of the day is another matter",
	  8,
	  8.5,
	  "......",
	  { { 19 - 24, 25.5 - 24 }, { 19 - 48, 25.5 - 48 } },
	  true,
	  1,
	  0 },
	{ "two hours off are the same time",
	  17,
	  17.5,
	  "......",
	  { { 19 - 24, 22 - 24 }, { 13 - 48, 15 - 48 } },
	  true,
	  3,
	  0 },
	{ "a little more is not",
	  16.9,
	  17,
	  "......",
	  { { 19 - 24, 22 - 24 }, { 13 - 48, 14.8 - 48 } },
	  true,
	  1,
	  0 },
	{ "four days known of those before are enough", 20, 20.5, ".?..?.", { { 0 } }, true, 1, 0 },
	{ "with three nothing is known",
	  20,
	  20.5,
	  ".?.?.?",
	  { { 19 - 24, 25 - 24 }, { 19 - 48, 25 - 48 } },
	  false,
	  3,
	  0 },
	{ "days that were not judged are not known", 20, 20.5, "..", { { 0 } }, false, 1, 0 },
	{ "what lies further back is not looked at",
	  20,
	  20.5,
	  "........",
	  { { 19 - 168, 25 - 168 }, { 19 - 192, 25 - 192 } },
	  true,
	  1,
	  0 },
	{ "days further back make none known", 20, 20.5, "???...........", { { 0 } }, false, 1, 0 },
	{ "one end foretells nothing", 20, 20.5, "......", { { 19 - 24, 25.5 - 24 } }, true, 2, 0 },
	{ "ends that scatter foretell nothing",
	  20,
	  20.5,
	  "......",
	  { { 19 - 24, 22 - 24 }, { 19 - 48, 25.5 - 48 } },
	  true,
	  3,
	  0 },
	{ "of several of a day the last one's end counts",
	  20,
	  20.5,
	  "......",
	  { { 18 - 24, 19 - 24 },
	    { 20 - 24, 25 - 24 },
	    { 20 - 48, 21 - 48 },
	    { 21.5 - 48, 25 - 48 } },
	  true,
	  3,
	  25 },
	{ "when it is past the usual time nothing is foretold",
	  20,
	  23,
	  "......",
	  { { 19 - 24, 22 - 24 }, { 19 - 48, 22 - 48 } },
	  true,
	  3,
	  0 },
	{ "the hour is the clock's on the wall, also where it changes in between",
	  20,
	  20.5,
	  "......",
	  { { 20 - 24, 27.5 - 24 }, { 20 - 48, 27.5 - 48 } },
	  true,
	  3,
	  27.5 + 1 },
	{ "what lasts for days counts each of them",
	  20 - 48,
	  10,
	  "......",
	  { { 20 - 48, 0 } },
	  true,
	  3,
	  0 },
	{ "and those before it too",
	  20 - 24,
	  10,
	  "......",
	  { { 20 - 24, 0 }, { 20 - 48, 22 - 48 } },
	  true,
	  3,
	  0 },
};

static void
check_usual(void **state)
{
	const struct usual_case *c = *state;
	struct usual_day days[16];
	struct usual_span spans[8];
	struct error err;
	struct zone *zone;
	struct usual_past past = { .days = days, .spans = spans, .day_start_sec = 5 * HOUR };

	assert_true(zone_open(&zone, "Europe/Berlin", &err));
	assert_int_equal(zone_day_of(zone, MIDNIGHT, 0), LOCAL_DAY);
	assert_int_equal(zone_day_of(zone, MIDNIGHT - 1, 0), LOCAL_DAY - 1);
	past.zone = zone;
	for (; c->days[past.day_count] != '\0'; past.day_count++)
		days[past.day_count] =
		    (struct usual_day) { .day = LOCAL_DAY - 1 - (int32_t)past.day_count,
					 .known = c->days[past.day_count] != '?' };
	for (; c->spans_h[past.span_count][0] != 0; past.span_count++) {
		const double *span_h = c->spans_h[past.span_count];

		spans[past.span_count] = (struct usual_span) {
			.start_utc_sec = MIDNIGHT + (int64_t)(span_h[0] * HOUR),
			.end_utc_sec =
			    MIDNIGHT + (int64_t)((span_h[1] != 0 ? span_h[1] : c->at_h) * HOUR),
			.open = span_h[1] == 0,
		};
	}
	struct message_usual usual = usual_of(&past, MIDNIGHT + (int64_t)(c->began_h * HOUR),
					      MIDNIGHT + (int64_t)(c->at_h * HOUR));
	assert_int_equal(usual.known, c->known);
	assert_int_equal(usual.days, c->count);
	assert_int_equal(usual.clears_utc_sec,
			 c->clears_h == 0 ? 0 : MIDNIGHT + (int64_t)(c->clears_h * HOUR));
	zone_close(zone);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(usuals)];

	for (size_t i = 0; i < COUNT(usuals); i++)
		tests[i] = (struct CMUnitTest) { usuals[i].name, check_usual, NULL, NULL,
						 (void *)&usuals[i] };
	return _cmocka_run_group_tests("usual", tests, COUNT(usuals), NULL, NULL);
}
