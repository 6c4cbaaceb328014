/* links: base/self_watch.c base/json.c base/error.c base/units.c */
/* pkgs: jansson */
/* test_self_watch.c - the collector's numbers: each has a name of its own that follows Prometheus' rules, and what was so
 * when a collector that is gone told it is not said of now. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "ixwatch/json.h"
#include "ixwatch/snapshot.h"

static bool
ends_with(const char *text, const char *end)
{
	return strlen(text) > strlen(end) && strcmp(text + strlen(text) - strlen(end), end) == 0;
}

static void
check_rows(const struct self_row *rows, size_t count)
{
	for (size_t i = 0; i < count; i++) {
		bool continues = i > 0 && strcmp(rows[i].metric, rows[i - 1].metric) == 0;

		assert_non_null(rows[i].key);
		assert_non_null(rows[i].help);
		assert_memory_equal(rows[i].metric, "ixwatch_", 8);
		assert_int_equal(rows[i].counter, ends_with(rows[i].metric, "_total"));
		assert_null(strstr(rows[i].metric, "octets"));
		for (size_t k = 0; k < i; k++) {
			assert_string_not_equal(rows[i].key, rows[k].key);
			if (!continues)
				assert_string_not_equal(rows[i].metric, rows[k].metric);
		}
		assert_int_equal(rows[i].reason != NULL,
				 continues || (i + 1 < count &&
					       strcmp(rows[i].metric, rows[i + 1].metric) == 0));
	}
}

static void
every_number_has_a_name_of_its_own_by_the_rules(void **state)
{
	(void)state;
	check_rows(self_rows, SELF_COUNT);
	check_rows(self_agent_rows, SELF_AGENT_COUNT);
	for (int f = 0; f < POLL_FAILURE_COUNT; f++)
		for (int g = 0; g < f; g++)
			assert_string_not_equal(poll_failure_name((enum poll_failure)f),
						poll_failure_name((enum poll_failure)g));
}

static void
of_a_collector_that_is_gone_counters_stand_and_the_rest_is_unknown(void **state)
{
	struct snapshot snapshot = { 0 };

	(void)state;
	for (int n = 0; n < SELF_COUNT; n++)
		snapshot.self[n] = n + 1;
	for (int n = 0; n < SELF_COUNT; n++) {
		double gone = self_number_now(&snapshot, (enum self_number)n, false);

		assert_true(self_number_now(&snapshot, (enum self_number)n, true) == n + 1);
		assert_true(self_rows[n].counter ? gone == n + 1 : isnan(gone));
	}
}

static void
unknown_is_null_and_a_whole_number_is_written_whole(void **state)
{
	struct snapshot_agent agents[2] = { { .failed = { [POLL_FAILED_OID] = 2 } },
					    { .failed = { [POLL_FAILED_OID] = 3 } } };
	struct snapshot snapshot = { .agents = agents, .agent_count = 2 };
	struct json *root = json_object_new();
	char *text;

	(void)state;
	snapshot.self[SELF_LATE_SEC] = NAN;
	snapshot.self[SELF_RESIDENT_OCTETS] = 5e9;
	snapshot.self[SELF_CPU_SEC] = 1.5;
	self_watch_json(root, &snapshot, true);
	text = json_print_dup(root, false, NULL);
	assert_non_null(strstr(text, "\"late_sec\":null"));
	assert_non_null(strstr(text, "\"resident_octets\":5000000000,"));
	assert_non_null(strstr(text, "\"cpu_sec\":1.5"));
	assert_non_null(strstr(text, "\"wrong_oid\":5"));
	free(text);
	json_free(root);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_number_has_a_name_of_its_own_by_the_rules),
		cmocka_unit_test(
		    of_a_collector_that_is_gone_counters_stand_and_the_rest_is_unknown),
		cmocka_unit_test(unknown_is_null_and_a_whole_number_is_written_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
