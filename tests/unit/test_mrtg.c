/* links: base/mrtg.c base/history.c base/decimal.c base/units.c base/error.c base/clock.c */
/* test_mrtg.c - the log of MRTG: what is taken, what is left out, and octets nobody meant to be one. */
#include <inttypes.h>
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

#include "base/mrtg.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define NOW      INT64_C(1795399800) /* a multiple of 300 and of 1800 */
#define HEAD     "1795399800 1000 2000\n"
#define THREE    HEAD "1795399800 10 20 30 40\n1795399500 11 21 31 41\n1795399200 12 22 32 42\n"

static char file[64];

static void
write_octets(const void *octets, size_t len)
{
	FILE *out = fopen(file, "w");

	assert_non_null(out);
	assert_int_equal(fwrite(octets, 1, len, out), len);
	assert_int_equal(fclose(out), 0);
}

static bool
read_text(struct history *history, const char *text, struct error *err)
{
	write_octets(text, strlen(text));
	return mrtg_read(history, file, 60, NOW, err);
}

/* --- what is taken --- */

static const struct good_case {
	const char *name;
	const char *text;
	size_t fine, half_hours; /* samples of 300 s, of 1800 s */
	uint64_t unknown, coarse, misfit;
} good_cases[] = {
	{ "lines of five minutes", THREE, 3, 0, 0, 0, 0 },
	{ "no end of line at the end", HEAD "1795399800 1 2 3 4\n1795399500 1 2 3 4", 2, 0, 0, 0,
	  0 },
	{ "CRLF", "1795399800 1 2\r\n1795399800 1 2 3 4\r\n1795399500 1 2 3 4\r\n", 2, 0, 0, 0, 0 },
	{ "blank lines at the end", THREE "\n\r\n\n", 3, 0, 0, 0, 0 },
	{ "tabs and many blanks", HEAD "1795399800\t 1  2\t3 4 \n1795399500 1 2 3 4\n", 2, 0, 0, 0,
	  0 },
	{ "an old log without largest rates", HEAD "1795399800 1 2\n1795399500 1 2\n", 2, 0, 0, 0,
	  0 },
	{ "counters of the head that are none",
	  "1795399800 -1 U\n1795399800 1 2 3 4\n1795399500 1 2 3 4\n", 2, 0, 0, 0, 0 },
	{ "a line of zeros is unknown",
	  HEAD "1795399800 1 2 3 4\n1795399500 0 0 0 0\n1795399200 "
	       "1 2 3 4\n",
	  2, 0, 1, 0, 0 },
	{ "an idle mean with a peak is known", HEAD "1795399800 0 0 3 4\n1795399500 1 2 3 4\n", 2,
	  0, 0, 0, 0 },
	{ "the newest lines are off any grid",
	  "1795399911 1 2\n1795399911 9 9 9 9\n1795399611 9 9 9 9\n1795399500 1 2 3 4\n1795399200 "
	  "1 2 3 4\n",
	  2, 0, 0, 0, 2 },
	{ "the newest line of all on the grid is there twice",
	  HEAD "1795399800 9 9 9 9\n1795399800 1 2 3 4\n1795399500 1 2 3 4\n", 2, 0, 0, 0, 0 },
	{ "half hours", HEAD "1795399200 1 2 3 4\n1795397400 1 2 3 4\n1795395600 1 2 3 4\n", 0, 3,
	  0, 0, 0 },
	{ "five minutes end, half hours begin: the line between two grids is nobody's",
	  HEAD "1795399800 1 2 3 4\n1795399500 1 2 3 4\n1795399200 1 2 3 4\n1795397400 1 2 3 "
	       "4\n1795395600 1 2 3 4\n",
	  2, 2, 0, 0, 1 },
	{ "the last of five minutes is known by the newer one",
	  HEAD "1795399800 1 2 3 4\n1795399500 1 2 3 4\n1795397400 1 2 3 4\n1795395600 1 2 3 4\n",
	  2, 2, 0, 0, 0 },
	{ "two hours and days are too coarse",
	  HEAD "1795399200 1 2 3 4\n1795392000 1 2 3 4\n1795384800 1 2 3 4\n1795305600 1 2 3 4\n",
	  0, 0, 0, 3, 1 },
	{ "the largest number there is",
	  HEAD "1795399800 18446744073709551615 1 1 1\n1795399500 1 "
	       "2 3 4\n",
	  2, 0, 0, 0, 0 },
	{ "zeros before 1990 are what MRTG begins with",
	  HEAD "1795399800 1 2 3 4\n1795399500 1 2 "
	       "3 4\n0 0 0 0 0\n",
	  2, 0, 1, 0, 0 },
};

static void
check_good(void **state)
{
	const struct good_case *c = *state;
	struct history history = { .strip_count = 0 };
	struct error err = { 0 };
	size_t fine = 0, half_hours = 0;

	if (!read_text(&history, c->text, &err))
		fail_msg("%s", err.text);
	for (size_t i = 0; i < history.strip_count; i++) {
		assert_true(history.strips[i].step_sec == 300 ||
			    history.strips[i].step_sec == 1800);
		*(history.strips[i].step_sec == 300 ? &fine : &half_hours) +=
		    history.strips[i].sample_count;
	}
	assert_int_equal(fine, c->fine);
	assert_int_equal(half_hours, c->half_hours);
	assert_int_equal(history.unknown_count, c->unknown);
	assert_int_equal(history.coarse_count, c->coarse);
	assert_int_equal(history.misfit_count, c->misfit);
	history_free(&history);
}

static void
octets_become_bits_and_samples_ascend(void **state)
{
	struct history history;
	const struct sample *samples;

	(void)state;
	assert_true(read_text(&history, THREE, NULL));
	samples = history.strips[0].samples;
	for (size_t i = 0; i < 3; i++) {
		assert_int_equal(samples[i].end_utc_sec, NOW - 600 + 300 * (int64_t)i);
		assert_true(samples[i].value[COLUMN_IN_BPS] == 8 * (12 - (double)i));
		assert_true(samples[i].value[COLUMN_OUT_BPS] == 8 * (22 - (double)i));
		assert_true(isnan(samples[i].value[COLUMN_IN_PPS]));
		assert_true(isnan(samples[i].value[COLUMN_CAPACITY_BPS]));
	}
	history_free(&history);
}

static void
an_interval_that_five_minutes_do_not_fit_takes_half_hours(void **state)
{
	struct history history;

	(void)state;
	write_octets(THREE "1795397400 1 2 3 4\n1795395600 1 2 3 4\n",
		     strlen(THREE "1795397400 1 2 3 4\n1795395600 1 2 3 4\n"));
	assert_true(mrtg_read(&history, file, 120, NOW, NULL));
	assert_int_equal(history.strip_count, 1);
	assert_int_equal(history.strips[0].step_sec, 1800);
	assert_int_equal(history.misfit_count, 3);
	history_free(&history);
}

/* --- what ends it --- */

static const struct bad_case {
	const char *name;
	const char *text;
	const char *where; /* behind the file's name */
	const char *what;
} bad_cases[] = {
	{ "an empty file", "", ":1: ", "not a log of MRTG" },
	{ "blank lines only", "\n\n", ":1: ", "not a log of MRTG" },
	{ "a CSV", "time_utc_sec,in_bps\n300,1\n", ":1: ", "not a log of MRTG" },
	{ "a log without its head", "1795399800 1 2 3 4\n1795399500 1 2 3 4\n",
	  ":1: ", "not a log of MRTG" },
	{ "a head only", HEAD, ":2: ", "no rates" },
	{ "a head and blank lines", HEAD "\n\n", ":2: ", "no rates" },
	{ "a blank line within", HEAD "1795399800 1 2 3 4\n\n1795399500 1 2 3 4\n",
	  ":3: ", "blank line" },
	{ "two numbers", HEAD "1795399800 1\n", ":2: ", "5 numbers" },
	{ "four numbers", HEAD "1795399800 1 2 3\n", ":2: ", "5 numbers" },
	{ "six numbers", HEAD "1795399800 1 2 3 4 5\n", ":2: ", "5 numbers" },
	{ "a thousand numbers' line is cut at the sixth",
	  HEAD "1795399800 1 2 3 4 5 6 7 8 9 10 11 12\n", ":2: ", "5 numbers" },
	{ "a word", HEAD "1795399800 1 2 many 4\n", ":2: ", "\"many\" is not a number" },
	{ "nan", HEAD "1795399800 nan 2 3 4\n", ":2: ", "\"nan\" is not a number" },
	{ "hexadecimal", HEAD "1795399800 0x10 2 3 4\n", ":2: ", "not a number" },
	{ "a negative rate", HEAD "1795399800 1 2 3 4\n1795399500 1 -2 3 4\n",
	  ":3: ", "\"-2\" is negative" },
	{ "a rate beyond 64 bits", HEAD "1795399800 99999999999999999999 2 3 4\n",
	  ":2: ", "too large" },
	{ "a rate beyond any double", HEAD "1795399800 1e999 2 3 4\n", ":2: ", "too large" },
	{ "a time that is no number", HEAD "noon 1 2 3 4\n", ":2: ", "time \"noon\"" },
	{ "a time with a fraction", HEAD "1795399800.5 1 2 3 4\n", ":2: ", "whole Unix seconds" },
	{ "a negative time", HEAD "-300 1 2 3 4\n", ":2: ", "whole Unix seconds" },
	{ "a time beyond 64 bits", HEAD "99999999999999999999999 1 2 3 4\n",
	  ":2: ", "whole Unix seconds" },
	{ "the oldest first", HEAD "1795399500 1 2 3 4\n1795399800 1 2 3 4\n",
	  ":3: ", "begins with the newest" },
	{ "a head of the future", "1895399800 1 2\n1795399800 1 2 3 4\n", ":1: ", "in the future" },
	{ "a line of the future", HEAD "1795500000 1 2 3 4\n", ":2: ", "in the future" },
	{ "a known time before 1990", HEAD "1795399800 1 2 3 4\n300 1 2 3 4\n",
	  ":3: ", "before 1990" },
	{ "a control in a word is not shown", HEAD "1795399800 \x1b[2J 2 3 4\n",
	  ":2: ", "\"\xef\xbf\xbd[2J\"" },
	{ "an old end of line within", "1795399800 1 2\r1795399800 1 2 3 4\r",
	  ":1: ", "not a log of MRTG" },
};

static void
check_bad(void **state)
{
	const struct bad_case *c = *state;
	struct history history = { .strip_count = 0 };
	struct error err = { 0 };
	char begins[128];

	snprintf(begins, sizeof(begins), "%s%s", file, c->where);
	assert_false(read_text(&history, c->text, &err));
	assert_int_equal(err.code, ERR_PARSE);
	if (strncmp(err.text, begins, strlen(begins)) != 0 || strstr(err.text, c->what) == NULL)
		fail_msg("\"%s\" is not \"%s ... %s\"", err.text, begins, c->what);
	assert_int_equal(history.strip_count, 0);
}

/* --- octets --- */

static void
a_nul_within_is_no_end(void **state)
{
	static const char text[] = HEAD "1795399800 1 2 3 4\n1795399500 1\0 2 3 4\n";
	struct history history;
	struct error err = { 0 };

	(void)state;
	write_octets(text, sizeof(text) - 1);
	assert_false(mrtg_read(&history, file, 60, NOW, &err));
	assert_non_null(strstr(err.text, ":3: "));
}

static void
ten_megabytes_of_garbage_end_at_the_first_line(void **state)
{
	size_t len = 10 << 20;
	unsigned char *octets = malloc(len);
	uint32_t seed = 2463534242u;
	struct history history;
	struct error err = { 0 };

	(void)state;
	assert_non_null(octets);
	for (size_t i = 0; i < len; i++) {
		seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
		octets[i] = (unsigned char)seed;
	}
	write_octets(octets, len);
	assert_false(mrtg_read(&history, file, 60, NOW, &err));
	assert_int_equal(err.code, ERR_PARSE);
	memset(octets, ' ', len); /* blanks without end, after a good head */
	memcpy(octets, HEAD, strlen(HEAD));
	write_octets(octets, len);
	assert_false(mrtg_read(&history, file, 60, NOW, &err));
	assert_non_null(strstr(err.text, "no rates"));
	free(octets);
}

static void
what_is_too_long_is_not_read(void **state)
{
	struct history history;
	struct error err = { 0 };

	(void)state;
	write_octets(HEAD, strlen(HEAD));
	assert_int_equal(truncate(file, (off_t)MRTG_MAX_OCTETS + 1), 0);
	assert_false(mrtg_read(&history, file, 60, NOW, &err));
	assert_non_null(strstr(err.text, "16 MiB"));
}

static void
what_is_no_file_is_refused(void **state)
{
	struct history history;
	struct error err = { 0 };

	(void)state;
	assert_false(mrtg_read(&history, "/dev/zero", 60, NOW, &err));
	assert_non_null(strstr(err.text, "not a regular file"));
	assert_false(mrtg_read(&history, "/nonexistent/log", 60, NOW, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

/* A good log with one octet changed, cut anywhere: an answer each time, and nothing leaks (sanitizers). */
static void
a_log_with_damage_is_answered(void **state)
{
	uint32_t seed = 88172645u;

	(void)state;
	for (int i = 0; i < 3000; i++) {
		char text[] = THREE;
		size_t len = sizeof(text) - 1;
		struct history history = { .strip_count = 0 };

		seed ^= seed << 13, seed ^= seed >> 17, seed ^= seed << 5;
		text[seed % len] = (char)(seed >> 16);
		write_octets(text, i % 3 == 0 ? (seed >> 8) % len : len);
		mrtg_read(&history, file, 60, NOW, NULL);
		history_free(&history);
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(good_cases) + COUNT(bad_cases) + 7];
	size_t count = 0;
	int failed;

	snprintf(file, sizeof(file), "/tmp/test_mrtg.%d.log", (int)getpid());
	for (size_t i = 0; i < COUNT(good_cases); i++)
		tests[count++] = (struct CMUnitTest) { good_cases[i].name, check_good, NULL, NULL,
						       (void *)&good_cases[i] };
	for (size_t i = 0; i < COUNT(bad_cases); i++)
		tests[count++] = (struct CMUnitTest) { bad_cases[i].name, check_bad, NULL, NULL,
						       (void *)&bad_cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(octets_become_bits_and_samples_ascend);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(
	    an_interval_that_five_minutes_do_not_fit_takes_half_hours);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_nul_within_is_no_end);
	tests[count++] =
	    (struct CMUnitTest)cmocka_unit_test(ten_megabytes_of_garbage_end_at_the_first_line);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(what_is_too_long_is_not_read);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(what_is_no_file_is_refused);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(a_log_with_damage_is_answered);
	failed = cmocka_run_group_tests(tests, NULL, NULL);
	unlink(file);
	return failed;
}
