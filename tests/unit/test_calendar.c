/* links: base/calendar.c base/calendar_time.c base/calendar_recur.c base/zone.c base/units.c base/error.c */
/* pkgs: libical glib-2.0 */
/* test_calendar.c - events of iCalendar files as spans of time: zones, recurrence, and files that are none. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "base/calendar.h"
#include "ixwatch/units.h"
#include "ledger_scratch.h"

/* Occurrences of recurring events are asked for from 2026-11-01 to 2026-12-01; floating times are Berlin's. */
#define FROM INT64_C(1793491200)
#define TO   INT64_C(1796083200)

#define EVENT(lines) "BEGIN:VEVENT\r\nUID:u\r\n" lines "END:VEVENT\r\n"
#define NOV_2        "DTSTART:20261102T100000Z\r\nDTEND:20261102T120000Z\r\n"
#define BERLIN       "DTSTART;TZID=Europe/Berlin:"
#define TWO_HOURS    "DURATION:PT2H\r\n"

/* A zone of its own name: UTC+3 all year. */
#define OWN_ZONE                                                                                   \
	"BEGIN:VTIMEZONE\r\nTZID:Club Time\r\nBEGIN:STANDARD\r\nDTSTART:19700101T000000\r\n"       \
	"TZOFFSETFROM:+0300\r\nTZOFFSETTO:+0300\r\nEND:STANDARD\r\nEND:VTIMEZONE\r\n"

static const struct calendar_case {
	const char *name;
	const char *body; /* within VCALENDAR */
	const char *want; /* "start/end " of each: month-day and time, UTC */
	const char *trouble;
} cases[] = {
	{ "an event in UTC", EVENT(NOV_2), "11-02T10:00/11-02T12:00 ", "" },
	{ "a duration instead of an end", EVENT("DTSTART:20261102T100000Z\r\nDURATION:PT90M\r\n"),
	  "11-02T10:00/11-02T11:30 ", "" },
	{ "a time in a zone", EVENT(BERLIN "20260702T100000\r\n" TWO_HOURS),
	  "07-02T08:00/07-02T10:00 ", "" },
	{ "start and end in zones of their own",
	  EVENT(BERLIN "20261102T100000\r\nDTEND;TZID=America/New_York:20261102T100000\r\n"),
	  "11-02T09:00/11-02T15:00 ", "" },
	{ "a floating time is read in the zone given",
	  EVENT("DTSTART:20261102T100000\r\n" TWO_HOURS), "11-02T09:00/11-02T11:00 ", "" },
	{ "a whole day begins at midnight where it is", EVENT("DTSTART;VALUE=DATE:20261102\r\n"),
	  "11-01T23:00/11-02T23:00 ", "" },
	{ "whole days end before the last",
	  EVENT("DTSTART;VALUE=DATE:20261102\r\nDTEND;VALUE=DATE:20261105\r\n"),
	  "11-01T23:00/11-04T23:00 ", "" },
	{ "the day the clock is set back has 25 hours", EVENT("DTSTART;VALUE=DATE:20261025\r\n"),
	  "10-24T22:00/10-25T23:00 ", "" },
	{ "a day's duration is a day by the calendar, an hour's by the clock",
	  EVENT(BERLIN "20261024T120000\r\nDURATION:P1DT1H\r\n"), "10-24T10:00/10-25T12:00 ", "" },
	{ "a time the clock leaps over is as if it had not leapt",
	  EVENT(BERLIN "20260329T023000\r\n" TWO_HOURS), "03-29T01:30/03-29T03:30 ", "" },
	{ "a time that comes twice is the first", EVENT(BERLIN "20261025T023000\r\n" TWO_HOURS),
	  "10-25T00:30/10-25T02:30 ", "" },
	{ "a zone of the file's own",
	  OWN_ZONE EVENT("DTSTART;TZID=Club Time:20261102T100000\r\n" TWO_HOURS),
	  "11-02T07:00/11-02T09:00 ", "" },
	{ "a zone nobody knows", EVENT("DTSTART;TZID=Mars/Olympus:20261102T100000\r\n" TWO_HOURS),
	  "", "TZID \"Mars/Olympus\": neither" },

	{ "weekly, at the same time on the wall when the clock changes",
	  EVENT(BERLIN "20261020T100000\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY\r\n"),
	  "11-03T09:00/11-03T11:00 11-10T09:00/11-10T11:00 11-17T09:00/11-17T11:00 "
	  "11-24T09:00/11-24T11:00 ",
	  "" },
	{ "an occurrence that reaches into the time asked for",
	  EVENT("DTSTART:20261031T230000Z\r\n" TWO_HOURS "RRULE:FREQ=MONTHLY\r\n"),
	  "10-31T23:00/11-01T01:00 ", "" },
	{ "a count", EVENT("DTSTART:20261030T100000Z\r\n" TWO_HOURS "RRULE:FREQ=DAILY;COUNT=4\r\n"),
	  "11-01T10:00/11-01T12:00 11-02T10:00/11-02T12:00 ", "" },
	{ "until an instant, inclusive",
	  EVENT(BERLIN "20261101T000000\r\n" TWO_HOURS
		       "RRULE:FREQ=DAILY;UNTIL=20261102T230000Z\r\n"),
	  "10-31T23:00/11-01T01:00 11-01T23:00/11-02T01:00 11-02T23:00/11-03T01:00 ", "" },
	{ "until a day, inclusive",
	  EVENT("DTSTART;VALUE=DATE:20261101\r\nRRULE:FREQ=DAILY;UNTIL=20261102\r\n"),
	  "10-31T23:00/11-01T23:00 11-01T23:00/11-02T23:00 ", "" },
	{ "the second Tuesday",
	  EVENT("DTSTART:20200114T180000Z\r\n" TWO_HOURS "RRULE:FREQ=MONTHLY;BYDAY=2TU\r\n"),
	  "11-10T18:00/11-10T20:00 ", "" },
	{ "without the dates excluded",
	  EVENT(BERLIN "20261103T100000\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY\r\n"
		       "EXDATE;TZID=Europe/Berlin:20261110T100000,20261117T100000\r\n"),
	  "11-03T09:00/11-03T11:00 11-24T09:00/11-24T11:00 ", "" },
	{ "an excluded day",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY;COUNT=2\r\n"
		"EXDATE;VALUE=DATE:20261110\r\n"),
	  "11-03T10:00/11-03T12:00 ", "" },
	{ "with the dates added",
	  EVENT(BERLIN "20261103T100000\r\n" TWO_HOURS "RDATE:20261105T090000Z\r\n"),
	  "11-03T09:00/11-03T11:00 11-05T09:00/11-05T11:00 ", "" },
	{ "one occurrence takes place otherwise",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY;COUNT=2\r\n")
	      EVENT("RECURRENCE-ID:20261110T100000Z\r\nDTSTART:20261111T100000Z\r\n" TWO_HOURS),
	  "11-03T10:00/11-03T12:00 11-11T10:00/11-11T12:00 ", "" },
	{ "one occurrence is cancelled",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY;COUNT=2\r\n")
	      EVENT("RECURRENCE-ID:20261110T100000Z\r\nDTSTART:20261110T100000Z\r\n" TWO_HOURS
		    "STATUS:CANCELLED\r\n"),
	  "11-03T10:00/11-03T12:00 ", "" },
	{ "a rule by the second is no plan",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS
		"RRULE:FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=31\r\n"),
	  "", "RRULE: allowed are" },
	{ "a rule that never comes true ends",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS
		"RRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=31\r\n"),
	  "", "" },
	{ "a rule that comes too often is told",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS
		"RRULE:FREQ=DAILY;BYHOUR=0,1,2,3,4,5,6,7,8,9,10,11,12;BYMINUTE=0,10,20,30,40\r\n"),
	  NULL, "more than 1000 occurrences" },
	{ "a date added as a period is told",
	  EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS
		"RDATE;VALUE=PERIOD:20261105T090000Z/PT1H\r\n"),
	  NULL, "RDATE: a period" },

	{ "a cancelled event is passed over", EVENT(NOV_2 "STATUS:CANCELLED\r\n"), "", "" },
	{ "no start", EVENT("SUMMARY:x\r\nDTEND:20261102T120000Z\r\n"), "", "no DTSTART" },
	{ "a start that is none", EVENT("DTSTART:yesterday\r\n" TWO_HOURS), "", "DTSTART" },
	{ "a day that is none", EVENT("DTSTART:20261341T100000Z\r\n" TWO_HOURS), "", "DTSTART" },
	{ "a year out of reach", EVENT("DTSTART:99991231T100000Z\r\n" TWO_HOURS), "",
	  "the year 9999" },
	{ "no end", EVENT("DTSTART:20261102T100000Z\r\n"), "", "neither DTEND nor DURATION" },
	{ "an end before the start",
	  EVENT("DTSTART:20261102T100000Z\r\nDTEND:20261102T090000Z\r\n"), "",
	  "not after its start" },
	{ "a duration below nothing", EVENT("DTSTART:20261102T100000Z\r\nDURATION:-PT1H\r\n"), "",
	  "DURATION" },
	{ "what cannot be used does not stop the rest",
	  EVENT("DTSTART:20261102T100000Z\r\n") EVENT(NOV_2), "11-02T10:00/11-02T12:00 ",
	  "event 1" },
	{ "other components are not looked at",
	  "BEGIN:VTODO\r\nUID:t\r\nDTSTART:20261102T100000Z\r\nEND:VTODO\r\n" EVENT(NOV_2),
	  "11-02T10:00/11-02T12:00 ", "" },
};

struct reading {
	struct scratch scratch;
	struct error err;
	char spans[400], uids[800], summary[CALENDAR_SUMMARY_MAX + 1], trouble[2000];
	unsigned count;
};

static bool
on_event(const struct calendar_event *event, void *user)
{
	struct reading *reading = user;
	char from[32], to[32];

	units_format_utc(from, sizeof(from), event->start_utc_sec);
	units_format_utc(to, sizeof(to), event->end_utc_sec);
	snprintf(reading->spans + strlen(reading->spans),
		 sizeof(reading->spans) - strlen(reading->spans), "%.11s/%.11s ", from + 5, to + 5);
	snprintf(reading->uids + strlen(reading->uids),
		 sizeof(reading->uids) - strlen(reading->uids), "%s|", event->uid);
	snprintf(reading->summary, sizeof(reading->summary), "%s", event->summary);
	reading->count++;
	return true;
}

static void
on_trouble(const char *sentence, void *user)
{
	struct reading *reading = user;

	snprintf(reading->trouble + strlen(reading->trouble),
		 sizeof(reading->trouble) - strlen(reading->trouble), "%s\n", sentence);
}

static bool
read_octets(struct reading *reading, const void *data, size_t len)
{
	static const struct calendar_terms terms = { "Europe/Berlin", FROM, TO };

	reading->spans[0] = reading->uids[0] = reading->trouble[0] = '\0';
	reading->count = 0;
	scratch_write(&reading->scratch, "a.ics", data, len);
	return calendar_read(scratch_path(&reading->scratch, "a.ics"), &terms, on_event, on_trouble,
			     reading, &reading->err);
}

static bool
read_body(struct reading *reading, const char *body)
{
	size_t size = strlen(body) + 200;
	char *text = malloc(size);
	bool done;

	snprintf(text, size,
		 "BEGIN:VCALENDAR\r\nVERSION:2.0\r\nPRODID:-//test//EN\r\n%sEND:VCALENDAR\r\n",
		 body);
	done = read_octets(reading, text, strlen(text));
	free(text);
	return done;
}

static int
set_up(void **state)
{
	struct reading *reading = calloc(1, sizeof(*reading));

	scratch_new(&reading->scratch);
	*state = reading;
	return 0;
}

/* A test with a row of its own gets the row as its state, and keeps a reading of its own. */
static int
tear_down(void **state)
{
	struct reading *reading = *state;

	scratch_free(&reading->scratch);
	free(reading);
	return 0;
}

static void
check_case(void **state)
{
	const struct calendar_case *row = *state;
	struct reading *reading;
	void *own;

	set_up(&own);
	reading = own;
	if (!read_body(reading, row->body))
		fail_msg("%s", reading->err.text);
	if (row->want != NULL)
		assert_string_equal(reading->spans, row->want);
	if (strstr(reading->trouble, row->trouble) == NULL ||
	    (row->trouble[0] == '\0' && reading->trouble[0] != '\0'))
		fail_msg("told: \"%s\"", reading->trouble);
	tear_down(&own);
}

/* --- names and texts --- */

static void
test_uids(void **state)
{
	struct reading *reading = *state;

	assert_true(read_body(
	    reading,
	    EVENT("DTSTART:20261103T100000Z\r\n" TWO_HOURS "RRULE:FREQ=WEEKLY;COUNT=2\r\n")
		EVENT("RECURRENCE-ID:20261110T100000Z\r\nDTSTART:20261111T100000Z\r\n" TWO_HOURS)));
	assert_string_equal(reading->uids, "u/2026-11-03T10:00:00Z|u/2026-11-10T10:00:00Z|");
	assert_true(read_body(reading, "BEGIN:VEVENT\r\nSUMMARY:x\r\n" NOV_2 "END:VEVENT\r\n"));
	assert_string_equal(reading->uids, "no-uid 2026-11-02T10:00:00Z x|");
}

static void
test_long_uid(void **state)
{
	struct reading *reading = *state;
	char body[1000];

	snprintf(body, sizeof(body), "BEGIN:VEVENT\r\nUID:%0*d\r\n" NOV_2 "END:VEVENT\r\n", 401, 7);
	assert_true(read_body(reading, body));
	assert_int_equal(reading->count, 0);
	assert_non_null(strstr(reading->trouble, "UID: longer than 400"));
}

static void
test_summary(void **state)
{
	static const struct {
		const char *line, *want;
	} rows[] = {
		{ "", "" },
		{ "SUMMARY:  Final\\, at \\nlast\\t \r\n", "Final, at  last" },
		{ "SUMMARY:a\xff\xc3\xa4\r\n", "a\xef\xbf\xbd\xc3\xa4" },
		{ "SUMMARY:fol\r\n ded\r\n", "folded" },
		{ "SUMMARY:%n%s<script>\r\n", "%n%s<script>" },
	};
	struct reading *reading = *state;
	char body[500];

	for (size_t i = 0; i < COUNT(rows); i++) {
		snprintf(body, sizeof(body), "BEGIN:VEVENT\r\nUID:u\r\n" NOV_2 "%sEND:VEVENT\r\n",
			 rows[i].line);
		assert_true(read_body(reading, body));
		if (i != 1) /* how "\\t" is read is libical's */
			assert_string_equal(reading->summary, rows[i].want);
		assert_null(strpbrk(reading->summary, "\n\r\t"));
	}
}

static void
test_mark_and_line_ends(void **state)
{
	static const char text[] = "\xef\xbb\xbf"
				   "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\nUID:u\n"
				   "DTSTART:20261102T100000Z\nDTEND:20261102T120000Z\n"
				   "END:VEVENT\nEND:VCALENDAR\n"
				   "BEGIN:VCALENDAR\nBEGIN:VEVENT\nUID:v\n"
				   "DTSTART:20261103T100000Z\nDTEND:20261103T120000Z\n"
				   "END:VEVENT\nEND:VCALENDAR\n";
	struct reading *reading = *state;

	assert_true(read_octets(reading, text, strlen(text)));
	assert_string_equal(reading->uids, "u|v|");
}

/* --- files that are none --- */

static void
test_no_calendar(void **state)
{
	static const struct {
		const char *text;
		size_t len;
		const char *what;
	} rows[] = {
		{ "", 0, "no iCalendar file" },
		{ "hello\n", 6, "no iCalendar file" },
		{ "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n", 32, "no iCalendar file" },
		{ "BEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:A\nBEGIN:"
		  "A\n",
		  72, "line 9: more than 8" },
		{ "BEGIN:VEVENT\0\r\n", 15, "NUL" },
		{ "BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\nEND:VEVENT\r\n", 44, "line 3: END without" },
	};
	struct reading *reading = *state;

	for (size_t i = 0; i < COUNT(rows); i++) {
		assert_false(read_octets(reading, rows[i].text, rows[i].len));
		assert_int_equal(reading->err.code, ERR_PARSE);
		if (strstr(reading->err.text, rows[i].what) == NULL)
			fail_msg("%s", reading->err.text);
		assert_non_null(strstr(reading->err.text, "a.ics: "));
	}
}

static void
test_no_file(void **state)
{
	static const struct calendar_terms terms = { "UTC", FROM, TO },
					   nowhere = { "Atlantis", FROM, TO };
	struct reading *reading = *state;
	const char *path = scratch_path(&reading->scratch, "none.ics");

	assert_false(calendar_read(path, &terms, on_event, on_trouble, reading, &reading->err));
	assert_int_equal(reading->err.code, ERR_IO);
	assert_false(calendar_read(path, &nowhere, on_event, on_trouble, reading, &reading->err));
	assert_non_null(strstr(reading->err.text, "Atlantis"));
	assert_false(calendar_read(reading->scratch.dir, &terms, on_event, on_trouble, reading,
				   &reading->err));
	assert_int_equal(reading->err.code, ERR_IO);
}

static void
test_large_file(void **state)
{
	struct reading *reading = *state;
	char *text = malloc(CALENDAR_FILE_MAX + 1);

	memset(text, 'x', CALENDAR_FILE_MAX + 1);
	assert_false(read_octets(reading, text, CALENDAR_FILE_MAX + 1));
	assert_non_null(strstr(reading->err.text, "larger than 16 MiB"));
	free(text);
}

/* Octets thrown over a calendar of every kind of line: nothing crashes, nothing hangs, every span is one. */
static void
test_garbled(void **state)
{
	struct reading *reading = *state;
	uint32_t seed = 1;
	char text[3000];

	for (int round = 0; round < 400; round++) {
		size_t len = 0;

		len += (size_t)snprintf(text + len, sizeof(text) - len, "BEGIN:VCALENDAR\r\n");
		for (int i = 0; i < 3; i++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s",
						cases[(round + i * 7) % COUNT(cases)].body);
		len += (size_t)snprintf(text + len, sizeof(text) - len, "END:VCALENDAR\r\n");
		for (int i = 0; i < 1 + round % 12; i++) {
			seed = seed * 1664525 + 1013904223;
			text[(seed >> 8) % len] = (char)(1 + seed % 255);
		}
		read_octets(reading, text, len);
	}
}

int
main(void)
{
	static const struct {
		const char *name;
		CMUnitTestFunction run;
	} others[] = {
		{ "an occurrence keeps its name in each reading", test_uids },
		{ "a uid is taken whole or not at all", test_long_uid },
		{ "a summary is one clean line", test_summary },
		{ "a byte-order mark, bare line feeds, two calendars", test_mark_and_line_ends },
		{ "a file that is no calendar", test_no_calendar },
		{ "a file or zone that is not there", test_no_file },
		{ "a file too large", test_large_file },
		{ "garbled calendars harm nobody", test_garbled },
	};
	struct CMUnitTest tests[COUNT(cases) + COUNT(others)];

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						 (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(others); i++)
		tests[COUNT(cases) + i] =
		    (struct CMUnitTest) { others[i].name, others[i].run, set_up, tear_down, NULL };
	return cmocka_run_group_tests_name("calendar", tests, NULL, NULL);
}
