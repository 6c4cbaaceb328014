/* ledger_report_bench.h - what the tests of the ledger's part about weekly reports share: a ledger with two exchanges, and
 * letters that are put into it. */
#ifndef TESTS_UNIT_LEDGER_REPORT_BENCH_H
#define TESTS_UNIT_LEDGER_REPORT_BENCH_H

#include <math.h>

#include "ixwatch/report.h"
#include "ledger_scratch.h"

#define T0  1795000000
#define W47 20409 /* Monday 2025-11-17 */

static const char sha_a[] = "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa";
static const char sha_b[] = "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb";

struct bench {
	struct scratch scratch;
	struct ledger *ledger;
	struct error err;
};

static inline int
set_up(void **state)
{
	struct bench *bench = calloc(1, sizeof(*bench));

	scratch_new(&bench->scratch);
	if (!ledger_open(&bench->ledger, bench->scratch.dir, LEDGER_WRITE, &bench->err) ||
	    !ledger_exchange_put(bench->ledger, "demo-fra", "Demo Frankfurt", "UTC", &bench->err) ||
	    !ledger_exchange_put(bench->ledger, "demo-ams", "Demo Amsterdam", "UTC", &bench->err))
		fail_msg("%s", bench->err.text);
	*state = bench;
	return 0;
}

static inline int
tear_down(void **state)
{
	struct bench *bench = *state;

	ledger_close(bench->ledger);
	scratch_free(&bench->scratch);
	free(bench);
	return 0;
}

static inline struct report
letter(uint32_t asn, int32_t monday, unsigned edition)
{
	return (struct report) { .kind = REPORT_PEER,
				 .monday = monday,
				 .asn = asn,
				 .exchange = "",
				 .edition = edition,
				 .name = "ExampleNet",
				 .subject = "ExampleNet and us",
				 .verdict = VERDICT_ROUTINE,
				 .purpose = "request",
				 .tells = true,
				 .sha256 = sha_a,
				 .corrects = edition > 1 ? "a capacity was wrong" : "",
				 .made_utc_sec = T0 + monday,
				 .lapses_utc_sec = T0 + monday + 4 * 86400,
				 .state = REPORT_WAITING,
				 .why = "",
				 .note = "",
				 .decided_by = "collector",
				 .decided_utc_sec = T0 + monday };
}

static const struct report_file two_files[] = { { "AS64500.txt", 12, sha_a },
						{ "AS64500.csv", 99, sha_b } };
static const struct report_connection two_connections[] = { { "demo-fra", VERDICT_ROUTINE, true },
							    { "demo-ams", VERDICT_NONE, false } };

static inline int64_t
put(struct bench *bench, const struct report *report)
{
	int64_t id = 0;
	bool is_new = false;

	if (!ledger_report_put(bench->ledger, report, two_files, 2, two_connections, 2, &id,
			       &is_new, &bench->err))
		fail_msg("%s", bench->err.text);
	assert_true(is_new);
	return id;
}

struct seen_report {
	struct report report; /* its texts are not good any more but for the copies */
	char week[REPORT_WEEK_SIZE], name[200], note[200], by[64], corrects[100];
	size_t count;
};

static inline bool
on_report(const struct report *report, void *user)
{
	struct seen_report *seen = user;

	if (seen->count++ == 0) {
		seen->report = *report;
		snprintf(seen->week, sizeof(seen->week), "%s", report->week);
		snprintf(seen->name, sizeof(seen->name), "%s", report->name);
		snprintf(seen->note, sizeof(seen->note), "%s", report->note);
		snprintf(seen->by, sizeof(seen->by), "%s", report->decided_by);
		snprintf(seen->corrects, sizeof(seen->corrects), "%s", report->corrects);
	}
	return true;
}

static inline struct seen_report
get(struct bench *bench, int64_t id)
{
	struct seen_report seen = { .count = 0 };

	if (!ledger_report_get(bench->ledger, id, on_report, &seen, &bench->err))
		fail_msg("%s", bench->err.text);
	assert_int_equal(seen.count, 1);
	return seen;
}

struct counted {
	size_t count;
	int64_t newest, ended_utc_sec;
	char text[200];
};

#define BENCH_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

#endif
