/* links: web/spark.c web/html.c store/ledger.c store/ledger_schema.c store/ledger_schema_1.c store/ledger_schema_2.c store/ledger_schema_3.c store/ledger_schema_4.c store/ledger_schema_5.c store/ledger_port.c store/db.c store/db_statement.c base/error.c base/model.c base/units.c base/decimal.c base/detector_settings.c */
/* pkgs: sqlite3 */
/* test_web_spark.c - the curve of an exchange: whose it is, which steps are gaps, and that a gap is no fall. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "spark.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))
#define IDS_MAX  8

/* The series are not read here. */
bool
series_read(const char *state_dir, const char *path, int64_t from_utc_sec, int64_t to_utc_sec,
	    unsigned min_step_sec, size_t max_rows, struct series_rows *out, struct error *err)
{
	(void)state_dir, (void)path, (void)from_utc_sec, (void)to_utc_sec;
	(void)min_step_sec, (void)max_rows, (void)out;
	return error_set(err, ERR_NOT_FOUND, "none");
}

void
series_rows_free(struct series_rows *rows)
{
	(void)rows;
}

bool
series_extent(const char *state_dir, const char *path, int64_t *first_utc_sec,
	      int64_t *last_utc_sec, struct error *err)
{
	(void)state_dir, (void)path, (void)first_utc_sec, (void)last_utc_sec;
	return error_set(err, ERR_NOT_FOUND, "none");
}

/* --- ids --- */

static const struct ids_case {
	const char *name;
	int64_t ids[IDS_MAX];
	size_t count;
	const char *text;
} ids_cases[] = {
	{ "no ports are no text", { 0 }, 0, "" },
	{ "one port", { 5 }, 1, "5" },
	{ "ports in a row are one word", { 1, 2, 3, 4, 5 }, 5, "1*5" },
	{ "ports dealt out in turns are one word", { 3, 6, 9, 12 }, 4, "3*4" },
	{ "what is scattered is told one by one", { 1, 17, 20, 300 }, 4, "1,10,3,118" },
	{ "an id of any size", { 1, INT64_C(1) << 39 }, 2, "1,7fffffffff" },
};

static void
check_ids(void **state)
{
	const struct ids_case *c = *state;
	char text[64];
	size_t count;

	assert_true(spark_ids_put(text, sizeof(text), c->ids, c->count));
	assert_string_equal(text, c->text);
	int64_t *ids = spark_ids_dup(text, &count);
	assert_non_null(ids);
	assert_int_equal(count, c->count);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(ids[i], c->ids[i]);
	free(ids);
}

static void
test_what_does_not_fit_is_not_cut(void **state)
{
	static const int64_t ids[] = { 1, 5, 90, 1000, 1001, 5000 };
	char text[12];

	(void)state;
	assert_false(spark_ids_put(text, sizeof(text), ids, COUNT(ids)));
}

static void
test_what_no_job_says_is_refused(void **state)
{
	static const char *const wrong[] = { "x",   "1,,2",      "0",
					     "1*0", "1*fffffff", "5;6",
					     "-1",  "1*",        "ffffffffffffffff" };
	size_t count;

	(void)state;
	for (size_t i = 0; i < COUNT(wrong); i++)
		assert_null(spark_ids_dup(wrong[i], &count));
}

/* --- sums --- */

/* A port that carries that much in and twice as much out, unknown in [from, to). */
static struct spark
flat(double bps, unsigned from, unsigned to)
{
	struct spark port;

	for (unsigned i = 0; i < SPARK_STEPS; i++) {
		bool known = i < from || i >= to;

		port.bps[DIRECTION_IN][i] = known ? bps : NAN;
		port.bps[DIRECTION_OUT][i] = known ? 2 * bps : NAN;
	}
	return port;
}

static const struct sum_case {
	const char *name;
	double bps[2];
	unsigned from[2], to[2], began[2];
	unsigned step;
	double want_in; /* NAN: a gap */
} sum_cases[] = {
	{ "ports add up", { 1e9, 2e9 }, { 0 }, { 0 }, { 0 }, 50, 3e9 },
	{ "what a large port leaves out is a gap, and no fall",
	  { 1e9, 2e9 },
	  { 0, 40 },
	  { 0, 60 },
	  { 0 },
	  50,
	  NAN },
	{ "beside the gap the sum is whole", { 1e9, 2e9 }, { 0, 40 }, { 0, 60 }, { 0 }, 60, 3e9 },
	{ "what carries next to nothing leaves no gap",
	  { 1e9, 1e7 },
	  { 0, 40 },
	  { 0, 60 },
	  { 0 },
	  50,
	  1e9 },
	{ "before its first sample a port is not missed",
	  { 1e9, 2e9 },
	  { 0, 0 },
	  { 0, 60 },
	  { 0, 60 },
	  50,
	  1e9 },
	{ "silence from the start of the day is missed all the same",
	  { 1e9, 2e9 },
	  { 0, 0 },
	  { 0, 60 },
	  { 0, 0 },
	  50,
	  NAN },
	{ "unknown is not zero: of nothing there is no sum",
	  { 1e9, 2e9 },
	  { 0, 0 },
	  { SPARK_STEPS, SPARK_STEPS },
	  { 0 },
	  50,
	  NAN },
	{ "zero is not unknown", { 0, 0 }, { 0 }, { 0 }, { 0 }, 50, 0 },
};

static void
check_sum(void **state)
{
	const struct sum_case *c = *state;
	struct spark_sum sum;

	spark_sum_init(&sum);
	for (unsigned i = 0; i < 2; i++) {
		struct spark port = flat(c->bps[i], c->from[i], c->to[i]);

		spark_sum_add(&sum, &port, c->began[i]);
	}
	struct spark whole = spark_sum_whole(&sum);
	if (isnan(c->want_in)) {
		assert_true(isnan(whole.bps[DIRECTION_IN][c->step]));
		assert_true(isnan(whole.bps[DIRECTION_OUT][c->step]));
		return;
	}
	assert_true(whole.bps[DIRECTION_IN][c->step] == c->want_in);
	assert_true(whole.bps[DIRECTION_OUT][c->step] == 2 * c->want_in);
}

/* --- the picture --- */

static unsigned
count_of(const char *text, const char *word)
{
	unsigned count = 0;

	while ((text = strstr(text, word)) != NULL) {
		count++;
		text++;
	}
	return count;
}

static char *
picture(const struct spark *spark, bool dark)
{
	struct error err;
	size_t len;
	char *data;

	assert_true(spark_picture(spark, dark, &data, &len, &err));
	assert_int_equal(strlen(data), len);
	assert_null(strstr(data, "style="));
	assert_null(strstr(data, "nan"));
	return data;
}

static void
test_a_gap_breaks_the_curve(void **state)
{
	struct spark whole = flat(1e9, 0, 0), broken = flat(1e9, 40, 60);
	char *one = picture(&whole, false), *two = picture(&broken, false),
	     *dark = picture(&whole, true);

	(void)state;
	/* the ground line, and a beginning for each stretch of the two curves */
	assert_int_equal(count_of(one, "M"), 3);
	assert_int_equal(count_of(two, "M"), 5);
	assert_string_not_equal(one, dark);
	free(one);
	free(two);
	free(dark);
}

static void
test_nothing_known_is_said_in_words(void **state)
{
	struct spark none = flat(1, 0, SPARK_STEPS);
	char *text = picture(&none, false);

	(void)state;
	assert_non_null(strstr(text, "no samples"));
	assert_int_equal(count_of(text, "L"), 0);
	free(text);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(ids_cases) + COUNT(sum_cases) + 4];
	size_t count = 0;

	for (size_t i = 0; i < COUNT(ids_cases); i++)
		tests[count++] = (struct CMUnitTest) { ids_cases[i].name, check_ids, NULL, NULL,
						       (void *)&ids_cases[i] };
	for (size_t i = 0; i < COUNT(sum_cases); i++)
		tests[count++] = (struct CMUnitTest) { sum_cases[i].name, check_sum, NULL, NULL,
						       (void *)&sum_cases[i] };
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_what_does_not_fit_is_not_cut);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_what_no_job_says_is_refused);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_a_gap_breaks_the_curve);
	tests[count++] = (struct CMUnitTest)cmocka_unit_test(test_nothing_known_is_said_in_words);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
