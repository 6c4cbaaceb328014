/* links: base/csv.c base/decimal.c base/units.c base/error.c base/clock.c */
/* test_csv.c - the rules of `replay --csv`, one row of the table each; then pace, and octets at random. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/csv.h"
#include "ixwatch/clock.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define BOM      "\xef\xbb\xbf"

static char file[64];

static void
write_file(const void *octets, size_t len)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static bool
read_text(struct csv_series *series, const char *text, struct error *err)
{
	write_file(text, strlen(text));
	return csv_read(series, file, err);
}

static double
value_at(const struct csv_series *series, size_t row, enum column column)
{
	return series->value[row * COLUMN_COUNT + column];
}

/* --- what is accepted --- */

static const struct good_case {
	const char *name;
	const char *text;
	unsigned step_sec;
	size_t row_count;
	int64_t last_utc_sec;
	double last_in_bps; /* NAN: unknown */
} good_cases[] = {
	{ "a plain file", "time_utc_sec,in_bps\n300,1\n600,2\n", 300, 2, 600, 2 },
	{ "no end of line at the end", "time_utc_sec,in_bps\n300,1\n600,2", 300, 2, 600, 2 },
	{ "CRLF", "time_utc_sec,in_bps\r\n300,1\r\n600,2\r\n", 300, 2, 600, 2 },
	{ "blank lines at the end", "time_utc_sec,in_bps\n300,1\n600,2\n\n\r\n", 300, 2, 600, 2 },
	{ "a byte order mark", BOM "time_utc_sec,in_bps\n300,1\n600,2\n", 300, 2, 600, 2 },
	{ "columns in any order", "in_bps,capacity_bps,time_utc_sec\n1,9,300\n2,9,600\n", 300, 2,
	  600, 2 },
	{ "time alone", "time_utc_sec\n300\n600\n", 300, 2, 600, NAN },
	{ "an empty cell is unknown", "time_utc_sec,in_bps\n300,1\n600,\n", 300, 2, 600, NAN },
	{ "a missing row is not there", "time_utc_sec,in_bps\n300,1\n600,2\n1500,3\n", 300, 3, 1500,
	  3 },
	{ "the smallest gap anywhere is the step",
	  "time_utc_sec,in_bps\n0,1\n600,2\n1200,3\n1260,4\n", 60, 4, 1260, 4 },
	{ "one row only has no step yet", "time_utc_sec,in_bps\n300,1\n", 0, 1, 300, 1 },
	{ "an exponent", "time_utc_sec,in_bps\n300,1\n600,9.31e9\n", 300, 2, 600, 9.31e9 },
	{ "a fraction", "time_utc_sec,in_bps\n300,1\n600,.5\n", 300, 2, 600, 0.5 },
	{ "many digits are the nearest double",
	  "time_utc_sec,in_bps\n300,1\n600,8123456789.1234567\n", 300, 2, 600, 8123456789.1234567 },
	{ "a negative nothing is nothing", "time_utc_sec,in_bps\n300,1\n600,-0.0\n", 300, 2, 600,
	  0 },
	{ "the first instant of all", "time_utc_sec,in_bps\n0,1\n300,2\n", 300, 2, 300, 2 },
};

static void
check_good(void **state)
{
	const struct good_case *c = *state;
	struct csv_series series;
	struct error err = { 0 };

	if (!read_text(&series, c->text, &err))
		fail_msg("%s", err.text);
	double in_bps = value_at(&series, series.row_count - 1, COLUMN_IN_BPS);
	assert_int_equal(series.step_sec, c->step_sec);
	assert_int_equal(series.row_count, c->row_count);
	assert_int_equal(series.end_utc_sec[series.row_count - 1], c->last_utc_sec);
	assert_true(isnan(c->last_in_bps) ? isnan(in_bps) : in_bps == c->last_in_bps);
	csv_free(&series);
}

static void
every_column_goes_to_its_place(void **state)
{
	struct csv_series series;

	(void)state;
	assert_true(read_text(&series,
			      "out_discards_pps,in_bps,out_bps,in_pps,time_utc_sec,out_pps,in_"
			      "discards_pps,capacity_bps\n"
			      "6,1,2,3,60,4,5,7\n,,,,120,,,\n",
			      NULL));
	static const enum column order[] = { COLUMN_IN_BPS,      COLUMN_OUT_BPS,
					     COLUMN_IN_PPS,      COLUMN_OUT_PPS,
					     COLUMN_IN_DISCARDS, COLUMN_OUT_DISCARDS,
					     COLUMN_CAPACITY_BPS };
	for (size_t i = 0; i < COUNT(order); i++) {
		assert_true(series.has[order[i]]);
		assert_true(value_at(&series, 0, order[i]) == (double)i + 1);
		assert_true(isnan(value_at(&series, 1, order[i])));
	}
	assert_false(series.has[COLUMN_IN_ERRORS] || series.has[COLUMN_OUT_ERRORS] ||
		     series.has[COLUMN_OPER]);
	assert_true(isnan(value_at(&series, 0, COLUMN_OPER)));
	csv_free(&series);
}

/* --- what ends it --- */

static const struct bad_case {
	const char *name;
	const char *text;
	const char *where; /* behind the file's name */
	const char *what;
} bad_cases[] = {
	{ "an empty file", "", ":1: ", "no header row" },
	{ "blank lines only", "\n\n", ":1: ", "no header row" },
	{ "a mark and nothing else", BOM "\n", ":1: ", "no header row" },
	{ "a header only", "time_utc_sec,in_bps\n", ":2: ", "no rows" },
	{ "no time", "in_bps\n1\n", ":1: ", "time_utc_sec" },
	{ "an unknown column", "time_utc_sec,in_mbps\n300,1\n",
	  ":1: ", "\"in_mbps\" is not known" },
	{ "a column of the series that a CSV has not", "time_utc_sec,oper\n300,1\n",
	  ":1: ", "\"oper\" is not known" },
	{ "a column without a name", "time_utc_sec,\n300,1\n", ":1: ", "\"\" is not known" },
	{ "a column twice", "time_utc_sec,in_bps,in_bps\n300,1,1\n", ":1: ", "twice" },
	{ "a column with a blank", "time_utc_sec, in_bps\n300,1\n",
	  ":1: ", "\" in_bps\" is not known" },
	{ "another separator", "time_utc_sec;in_bps\n300;1\n", ":1: ", "is not known" },
	{ "too few cells", "time_utc_sec,in_bps\n300,1\n600\n",
	  ":3: ", "1 cell; the header names 2 columns" },
	{ "too many cells", "time_utc_sec,in_bps\n300,1\n600,1,2\n",
	  ":3: ", "3 cells; the header names 2 columns" },
	{ "a comma too many at the end", "time_utc_sec,in_bps\n300,1,\n", ":2: ", "3 cells" },
	{ "a blank line within", "time_utc_sec,in_bps\n300,1\n\n600,1\n",
	  ":3: ", "time_utc_sec is empty" },
	{ "a row without a time", "time_utc_sec,in_bps\n300,1\n,1\n",
	  ":3: ", "time_utc_sec is empty" },
	{ "a word", "time_utc_sec,in_bps\n300,many\n", ":2: ", "in_bps \"many\" is not a number" },
	{ "nan", "time_utc_sec,in_bps\n300,nan\n", ":2: ", "\"nan\" is not a number" },
	{ "inf", "time_utc_sec,in_bps\n300,inf\n", ":2: ", "\"inf\" is not a number" },
	{ "hexadecimal", "time_utc_sec,in_bps\n300,0x10\n", ":2: ", "not a number" },
	{ "a blank in front", "time_utc_sec,in_bps\n300, 1\n", ":2: ", "not a number" },
	{ "a blank alone", "time_utc_sec,in_bps\n300, \n", ":2: ", "not a number" },
	{ "a unit", "time_utc_sec,in_bps\n300,5G\n", ":2: ", "not a number" },
	{ "quotes", "time_utc_sec,in_bps\n300,\"1\"\n", ":2: ", "not a number" },
	{ "a plus", "time_utc_sec,in_bps\n300,+1\n", ":2: ", "not a number" },
	{ "a negative rate", "time_utc_sec,in_bps\n300,-1\n", ":2: ", "in_bps \"-1\" is negative" },
	{ "a rate too large", "time_utc_sec,in_bps\n300,1e999\n", ":2: ", "too large" },
	{ "a control in a cell is not shown", "time_utc_sec,in_bps\n300,\x1b[2J\n",
	  ":2: ", "\"\xef\xbf\xbd[2J\"" },
	{ "an old end of line within", "time_utc_sec,in_bps\n300,1\r600,1\n",
	  ":2: ", "not a number" },
	{ "a time that is no number", "time_utc_sec,in_bps\nnoon,1\n",
	  ":2: ", "time_utc_sec \"noon\"" },
	{ "a time with a fraction", "time_utc_sec,in_bps\n300.5,1\n",
	  ":2: ", "whole Unix seconds" },
	{ "a time with an exponent", "time_utc_sec,in_bps\n3e2,1\n", ":2: ", "whole Unix seconds" },
	{ "a negative time", "time_utc_sec,in_bps\n-300,1\n", ":2: ", "negative" },
	{ "a time in milliseconds", "time_utc_sec,in_bps\n1795399800000,1\n",
	  ":2: ", "to 253402300799" },
	{ "a time beyond 64 bits", "time_utc_sec,in_bps\n99999999999999999999,1\n",
	  ":2: ", "to 253402300799" },
	{ "a time twice", "time_utc_sec,in_bps\n300,1\n600,1\n600,2\n",
	  ":4: ", "time 600 is there twice" },
	{ "out of order", "time_utc_sec,in_bps\n600,1\n300,2\n",
	  ":3: ", "time 300 comes after 600" },
	{ "off the grid", "time_utc_sec,in_bps\n300,1\n600,2\n1000,3\n",
	  ":4: ", "time 1000 is off the grid" },
	{ "off the grid from the start", "time_utc_sec,in_bps\n100,1\n400,2\n700,3\n",
	  ":2: ", "time 100 is off the grid" },
};

static void
check_bad(void **state)
{
	const struct bad_case *c = *state;
	struct csv_series series = { 0 };
	struct error err = { 0 };
	char begins[128];

	snprintf(begins, sizeof(begins), "%s%s", file, c->where);
	assert_false(read_text(&series, c->text, &err));
	assert_int_equal(err.code, ERR_PARSE);
	if (strncmp(err.text, begins, strlen(begins)) != 0 || strstr(err.text, c->what) == NULL)
		fail_msg("\"%s\" is not \"%s ... %s\"", err.text, begins, c->what);
	assert_null(series.value);
}

static void
a_nul_is_no_number(void **state)
{
	static const char text[] = "time_utc_sec,in_bps\n300,1\0\n";
	struct csv_series series;
	struct error err = { 0 };

	(void)state;
	write_file(text, sizeof(text) - 1);
	assert_false(csv_read(&series, file, &err));
	assert_non_null(strstr(err.text, ":2: in_bps"));
}

static void
a_file_that_is_not_there_is_named(void **state)
{
	struct csv_series series;
	struct error err = { 0 };

	(void)state;
	assert_false(csv_read(&series, "/nonexistent/history.csv", &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, "/nonexistent/history.csv"));
	assert_false(csv_read(&series, "/tmp", &err));
	assert_int_equal(err.code, ERR_IO);
}

static void
standard_input_may_be_a_pipe(void **state)
{
	static const char text[] = "time_utc_sec,in_bps\n300,1\n600,x\n";
	struct csv_series series;
	struct error err = { 0 };
	int ends[2], kept = dup(STDIN_FILENO);

	(void)state;
	assert_int_equal(pipe(ends), 0);
	assert_int_equal(write(ends[1], text, sizeof(text) - 1), sizeof(text) - 1);
	close(ends[1]);
	dup2(ends[0], STDIN_FILENO);
	close(ends[0]);
	assert_false(csv_read(&series, "-", &err));
	if (kept >= 0)
		dup2(kept, STDIN_FILENO);
	close(kept);
	assert_string_equal(
	    err.text,
	    "standard input:3: in_bps \"x\" is not a number; what is unknown is an empty cell");
}

/* --- steps --- */

static const struct step_case {
	const char *name;
	const char *text;
	unsigned judged_sec;
	unsigned want_sec; /* 0: refused */
	const char *says;
} step_cases[] = {
	{ "equal to the judged one", "time_utc_sec\n300\n600\n", 300, 300, "" },
	{ "a divisor of the judged one", "time_utc_sec\n60\n120\n", 300, 60, "" },
	{ "shorter, and no divisor", "time_utc_sec\n120\n240\n", 300, 0,
	  "120 s apart; that must divide the step" },
	{ "longer, and a divisor of an hour", "time_utc_sec\n900\n1800\n", 300, 900, "" },
	{ "an hour", "time_utc_sec\n3600\n7200\n", 300, 3600, "" },
	{ "longer, and no divisor of an hour", "time_utc_sec\n420\n840\n", 300, 0,
	  "must divide an hour" },
	{ "longer than an hour", "time_utc_sec\n7200\n14400\n", 300, 0, "must divide an hour" },
	{ "one row takes the judged one", "time_utc_sec\n900\n", 300, 300, "" },
	{ "one row off the judged grid", "time_utc_sec\n1000\n", 300, 0,
	  ":2: time 1000 is off the grid" },
};

static void
check_step(void **state)
{
	const struct step_case *c = *state;
	struct csv_series series;
	struct error err = { 0 };

	assert_true(read_text(&series, c->text, NULL));
	assert_int_equal(csv_settle_step(&series, file, c->judged_sec, &err), c->want_sec != 0);
	if (c->want_sec != 0)
		assert_int_equal(series.step_sec, c->want_sec);
	else if (err.code != ERR_PARSE || strstr(err.text, c->says) == NULL ||
		 strstr(err.text, file) != err.text)
		fail_msg("\"%s\" does not say \"%s\"", err.text, c->says);
	csv_free(&series);
}

/* --- pace, and anything at all --- */

/* Five years of five-minute rows.  The bound is loose, for slow machines and sanitizers; the time is printed. */
static void
five_port_years_are_read_in_a_blink(void **state)
{
	const size_t row_count = 525600;
	FILE *out = fopen(file, "w");
	struct csv_series series;

	(void)state;
	fputs("time_utc_sec,in_bps,out_bps,in_pps,out_pps,out_discards_pps,capacity_bps\n", out);
	for (size_t i = 0; i < row_count; i++)
		fprintf(out, "%zu,%.17g,%.3f,%.17g,%.2f,%zu,10000000000\n", 1600000200 + i * 300,
			8e9 / 3 + (double)i * 1.1, 7e9 + (double)i, 1e6 / 7 + (double)i,
			9e5 + (double)i, i % 7);
	fclose(out);
	int64_t began_ms = clock_mono_ms();
	assert_true(csv_read(&series, file, NULL));
	int64_t took_ms = clock_mono_ms() - began_ms;
	print_message("           %zu rows of 7 columns: %lld ms\n", row_count, (long long)took_ms);
	assert_int_equal(series.row_count, row_count);
	assert_int_equal(series.step_sec, 300);
	assert_true(value_at(&series, 1000, COLUMN_IN_BPS) == 8e9 / 3 + 1000 * 1.1);
	csv_free(&series);
}

static uint64_t
next_random(uint64_t *seed)
{
	*seed ^= *seed >> 12;
	*seed ^= *seed << 25;
	*seed ^= *seed >> 27;
	return *seed * 2685821657736338717ULL;
}

/* A good file with a few octets changed: read or refused with a sentence that begins with the file's name. */
static void
damaged_files_are_read_or_refused(void **state)
{
	static const char good[] = "time_utc_sec,in_bps,out_bps\n300,1.5,2e3\n600,,0\n900,7,\n1200,"
				   "0.001,12345678901234567890\n";
	static const char octets[] = "0123456789,.,\n\n\r-+eE \"\0\xffnai";
	char text[sizeof(good)];
	uint64_t seed = 2026;

	(void)state;
	for (int i = 0; i < 20000; i++) {
		struct csv_series series;
		struct error err = { 0 };

		memcpy(text, good, sizeof(good));
		for (uint64_t n = next_random(&seed) % 4; n > 0; n--)
			text[next_random(&seed) % (sizeof(good) - 1)] =
			    octets[next_random(&seed) % (sizeof(octets) - 1)];
		write_file(text, (next_random(&seed) % 8 == 0) ? next_random(&seed) % sizeof(good)
							       : sizeof(good) - 1);
		if (csv_read(&series, file, &err))
			csv_free(&series);
		else
			assert_ptr_equal(strstr(err.text, file), err.text);
	}
}

static int
make_file(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(file, sizeof(file), "%.40s/ixwatch-XXXXXX", tmp != NULL ? tmp : "/tmp");
	int fd = mkstemp(file);
	return fd < 0 || close(fd) != 0;
}

static int
remove_file(void **state)
{
	(void)state;
	return unlink(file);
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(every_column_goes_to_its_place),
		cmocka_unit_test(a_nul_is_no_number),
		cmocka_unit_test(a_file_that_is_not_there_is_named),
		cmocka_unit_test(standard_input_may_be_a_pipe),
		cmocka_unit_test(five_port_years_are_read_in_a_blink),
		cmocka_unit_test(damaged_files_are_read_or_refused),
	};
	struct CMUnitTest good[COUNT(good_cases)], bad[COUNT(bad_cases)], steps[COUNT(step_cases)];

	for (size_t i = 0; i < COUNT(good_cases); i++)
		good[i] = (struct CMUnitTest) { good_cases[i].name, check_good, NULL, NULL,
						(void *)&good_cases[i] };
	for (size_t i = 0; i < COUNT(bad_cases); i++)
		bad[i] = (struct CMUnitTest) { bad_cases[i].name, check_bad, NULL, NULL,
					       (void *)&bad_cases[i] };
	for (size_t i = 0; i < COUNT(step_cases); i++)
		steps[i] = (struct CMUnitTest) { step_cases[i].name, check_step, NULL, NULL,
						 (void *)&step_cases[i] };
	return cmocka_run_group_tests_name("accepted", good, make_file, remove_file) +
	       cmocka_run_group_tests_name("refused", bad, make_file, remove_file) +
	       cmocka_run_group_tests_name("steps", steps, make_file, remove_file) +
	       cmocka_run_group_tests_name("csv", others, make_file, remove_file);
}
