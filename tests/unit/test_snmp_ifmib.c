/* links: snmp/varbind.c snmp/ifmib.c base/units.c */
/* test_snmp_ifmib.c - from the values of a row to a reading, and what refuses it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "snmp/ifmib.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define COLUMNS_MAX  20
#define ALL_COUNTERS ((1u << READING_COUNT) - 1)
#define BIT(counter) (1u << READING_##counter)

static const struct snmp_poll_row wide = { 7, "et-0/0/7", true, 64 };
static const struct snmp_poll_row narrow = { 7, "et-0/0/7", true, 32 };
static const struct snmp_poll_row old = { 7, "et-0/0/7", false, 32 };
static const struct snmp_poll_row bare = { 7, "et-0/0/7", true, 0 };

static const struct snmp_poll_row member = { 7, "et-0/0/7", true, 0, .is_member = true };
static const struct snmp_poll_row lacp = { 7, "et-0/0/7",        true,
					   0, .is_member = true, .has_lacp = true };

/* A healthy row; every counter is 1000 + its column's number. */
static void
fill(const struct ifmib_plan *plan, struct snmp_varbind *varbinds)
{
	for (size_t i = 0; i < plan->count; i++) {
		enum ifmib_column column = plan->column[i];
		const char *text = column == IFMIB_ALIAS ? "AS64500 Example" : "et-0/0/7";

		varbinds[i] = (struct snmp_varbind) { .type = ifmib_objects[column].type,
						      .number = 1000 + column };
		if (varbinds[i].type == SNMP_TYPE_OCTETS) {
			varbinds[i].octets = (const unsigned char *)text;
			varbinds[i].octets_len = strlen(text);
		}
		if (column == IFMIB_OPER_STATUS)
			varbinds[i].number = 1;
		if (column == IFMIB_HIGH_SPEED)
			varbinds[i].number = 100000;
	}
}

/* One column of a healthy row is changed. */
static const struct decode_case {
	const char *name;
	const struct snmp_poll_row *row;
	enum ifmib_column column;
	unsigned type; /* 0: left as it is */
	uint64_t number;
	const char *text;
	enum snmp_row_outcome outcome;
	uint32_t has;
	const char *why; /* a part of it */
} cases[] = {
	{ "a healthy row has every counter", &wide, IFMIB_NAME, 0, 0, NULL, SNMP_ROW_READ,
	  ALL_COUNTERS, "" },
	{ "an absent counter leaves its bit off", &wide, IFMIB_HC_IN_BROADCAST,
	  SNMP_TYPE_NO_SUCH_INSTANCE, 0, NULL, SNMP_ROW_READ, ALL_COUNTERS & ~BIT(IN_BROADCAST),
	  "" },
	{ "noSuchObject is absent too", &wide, IFMIB_IN_DISCARDS, SNMP_TYPE_NO_SUCH_OBJECT, 0, NULL,
	  SNMP_ROW_READ, ALL_COUNTERS & ~BIT(IN_DISCARDS), "" },
	{ "one direction's octets may be absent", &wide, IFMIB_HC_OUT_OCTETS,
	  SNMP_TYPE_NO_SUCH_INSTANCE, 0, NULL, SNMP_ROW_READ, ALL_COUNTERS & ~BIT(OUT_OCTETS), "" },
	{ "an absent name says that the row is gone", &wide, IFMIB_NAME, SNMP_TYPE_NO_SUCH_INSTANCE,
	  0, NULL, SNMP_ROW_GONE, 0, "ifName.7 is gone" },
	{ "another name says that the row has moved", &wide, IFMIB_NAME, 0, 0, "et-0/0/8",
	  SNMP_ROW_MOVED, 0, "ifName.7 is now \"et-0/0/8\"" },
	{ "Gauge32 where Counter64 belongs is refused", &wide, IFMIB_HC_IN_OCTETS,
	  SNMP_TYPE_GAUGE32, 5, NULL, SNMP_ROW_REFUSED, 0,
	  "ifHCInOctets.7 is Gauge32 where Counter64 belongs" },
	{ "Counter32 where Counter64 belongs is refused", &wide, IFMIB_HC_OUT_UCAST,
	  SNMP_TYPE_COUNTER32, 5, NULL, SNMP_ROW_REFUSED, 0, "ifHCOutUcastPkts.7 is Counter32" },
	{ "a name that is a number is refused", &wide, IFMIB_NAME, SNMP_TYPE_INTEGER, 5, NULL,
	  SNMP_ROW_REFUSED, 0, "ifName.7 is INTEGER where OCTET STRING belongs" },
	{ "NULL is a type like another", &wide, IFMIB_ALIAS, SNMP_TYPE_NULL, 0, NULL,
	  SNMP_ROW_REFUSED, 0, "ifAlias.7 is NULL" },
	{ "a type nobody knows is refused", &wide, IFMIB_IN_ERRORS, 0x99, 0, NULL, SNMP_ROW_REFUSED,
	  0, "an unknown type" },
	{ "a row of 32 bits has every counter too", &narrow, IFMIB_NAME, 0, 0, NULL, SNMP_ROW_READ,
	  ALL_COUNTERS, "" },
	{ "ifInNUcastPkts stands for multicast and broadcast", &old, IFMIB_DESCR, 0, 0, NULL,
	  SNMP_ROW_READ, ALL_COUNTERS, "" },
	{ "of a member no counter is asked", &member, IFMIB_NAME, 0, 0, NULL, SNMP_ROW_READ, 0,
	  "" },
	{ "a member's name is checked like a port's", &member, IFMIB_NAME, 0, 0, "et-0/0/8",
	  SNMP_ROW_MOVED, 0, "ifName.7 is now \"et-0/0/8\"" },
	{ "of a member with LACP its LAG is read too", &lacp, IFMIB_NAME, 0, 0, NULL, SNMP_ROW_READ,
	  READING_HAS_ATTACHED | READING_HAS_LACP, "" },
	{ "where the LAG MIB says nothing of it, a member stands", &lacp, IFMIB_AGG_ATTACHED,
	  SNMP_TYPE_NO_SUCH_INSTANCE, 0, NULL, SNMP_ROW_READ, READING_HAS_LACP, "" },
	{ "where the LAG MIB's type is wrong, a member stands", &lacp, IFMIB_AGG_STATE,
	  SNMP_TYPE_INTEGER, 61, NULL, SNMP_ROW_READ, READING_HAS_ATTACHED, "" },
	{ "a LACP state of no octets says nothing", &lacp, IFMIB_AGG_STATE, SNMP_TYPE_OCTETS, 0,
	  NULL, SNMP_ROW_READ, READING_HAS_ATTACHED, "" },
	{ "without ifName it is ifDescr that tells", &old, IFMIB_DESCR, 0, 0, "other",
	  SNMP_ROW_MOVED, 0, "ifDescr.7 is now \"other\"" },
};

static struct snmp_varbind *
column_of(const struct ifmib_plan *plan, struct snmp_varbind *varbinds, enum ifmib_column column)
{
	for (size_t i = 0; i < plan->count; i++)
		if (plan->column[i] == column)
			return &varbinds[i];
	fail_msg("the plan has no such column");
	return NULL;
}

static void
check_case(void **state)
{
	const struct decode_case *c = *state;
	struct ifmib_plan plan = ifmib_plan_for(c->row);
	struct snmp_varbind varbinds[COLUMNS_MAX], *changed;
	struct counter_read read = { 0 };
	char alias[IFMIB_TEXT_LEN], why[256] = "";

	fill(&plan, varbinds);
	changed = column_of(&plan, varbinds, c->column);
	if (c->type != 0)
		*changed = (struct snmp_varbind) { .type = c->type, .number = c->number };
	if (c->text != NULL) {
		changed->octets = (const unsigned char *)c->text;
		changed->octets_len = strlen(c->text);
	}
	assert_int_equal(ifmib_decode(&plan, c->row, varbinds, &read, alias, why, sizeof(why)),
			 c->outcome);
	assert_non_null(strstr(why, c->why));
	if (c->outcome == SNMP_ROW_READ)
		assert_int_equal(read.has, c->has);
}

static void
every_value_goes_where_it_belongs(void **state)
{
	struct ifmib_plan plan = ifmib_plan_for(&wide);
	struct snmp_varbind varbinds[COLUMNS_MAX];
	struct counter_read read = { .uptime_ticks = 42, .at_mono_ms = 43 };
	char alias[IFMIB_TEXT_LEN], why[256];

	(void)state;
	assert_int_equal(plan.count, 17);
	assert_int_equal(plan.column[0], IFMIB_NAME);
	fill(&plan, varbinds);
	column_of(&plan, varbinds, IFMIB_HC_IN_OCTETS)->number = UINT64_MAX;
	assert_int_equal(ifmib_decode(&plan, &wide, varbinds, &read, alias, why, sizeof(why)),
			 SNMP_ROW_READ);
	assert_true(read.counter[READING_IN_OCTETS] == UINT64_MAX);
	assert_int_equal(read.counter[READING_OUT_OCTETS], 1000 + IFMIB_HC_OUT_OCTETS);
	assert_int_equal(read.counter[READING_IN_UCAST], 1000 + IFMIB_HC_IN_UCAST);
	assert_int_equal(read.counter[READING_IN_MULTICAST], 1000 + IFMIB_HC_IN_MULTICAST);
	assert_int_equal(read.counter[READING_IN_BROADCAST], 1000 + IFMIB_HC_IN_BROADCAST);
	assert_int_equal(read.counter[READING_OUT_UCAST], 1000 + IFMIB_HC_OUT_UCAST);
	assert_int_equal(read.counter[READING_OUT_MULTICAST], 1000 + IFMIB_HC_OUT_MULTICAST);
	assert_int_equal(read.counter[READING_OUT_BROADCAST], 1000 + IFMIB_HC_OUT_BROADCAST);
	assert_int_equal(read.counter[READING_IN_DISCARDS], 1000 + IFMIB_IN_DISCARDS);
	assert_int_equal(read.counter[READING_OUT_DISCARDS], 1000 + IFMIB_OUT_DISCARDS);
	assert_int_equal(read.counter[READING_IN_ERRORS], 1000 + IFMIB_IN_ERRORS);
	assert_int_equal(read.counter[READING_OUT_ERRORS], 1000 + IFMIB_OUT_ERRORS);
	assert_int_equal(read.discontinuity_ticks, 1000 + IFMIB_DISCONTINUITY);
	assert_int_equal(read.oper, READING_OPER_UP);
	assert_true(read.speed_bps == 100e9);
	assert_string_equal(alias, "AS64500 Example");
	assert_int_equal(read.uptime_ticks, 42);
	assert_int_equal(read.at_mono_ms, 43);
}

static void
the_old_table_sums_up_right(void **state)
{
	struct ifmib_plan plan = ifmib_plan_for(&old);
	struct snmp_varbind varbinds[COLUMNS_MAX];
	struct counter_read read;
	char alias[IFMIB_TEXT_LEN], why[256];

	(void)state;
	fill(&plan, varbinds);
	assert_int_equal(ifmib_decode(&plan, &old, varbinds, &read, alias, why, sizeof(why)),
			 SNMP_ROW_READ);
	assert_int_equal(read.counter[READING_IN_MULTICAST], 1000 + IFMIB_IN_NUCAST);
	assert_int_equal(read.counter[READING_IN_BROADCAST], 0);
	assert_true(isnan(read.speed_bps));
	assert_int_equal(read.discontinuity_ticks, 0);
	assert_string_equal(alias, "");
}

/* A row whose counters vanish must be walked anew; one that never had any must not be, round after round. */
static void
only_found_counters_can_be_lost(void **state)
{
	struct ifmib_plan plan = ifmib_plan_for(&wide);
	struct snmp_varbind varbinds[COLUMNS_MAX];
	struct counter_read read;
	char alias[IFMIB_TEXT_LEN], why[256];

	(void)state;
	fill(&plan, varbinds);
	column_of(&plan, varbinds, IFMIB_HC_IN_OCTETS)->type = SNMP_TYPE_NO_SUCH_INSTANCE;
	column_of(&plan, varbinds, IFMIB_HC_OUT_OCTETS)->type = SNMP_TYPE_NO_SUCH_INSTANCE;
	assert_int_equal(ifmib_decode(&plan, &wide, varbinds, &read, alias, why, sizeof(why)),
			 SNMP_ROW_GONE);
	assert_non_null(strstr(why, "64-bit octet counters"));
	assert_int_equal(ifmib_decode(&plan, &bare, varbinds, &read, alias, why, sizeof(why)),
			 SNMP_ROW_READ);
	assert_int_equal(read.has & (BIT(IN_OCTETS) | BIT(OUT_OCTETS)), 0);
}

static void
speed_zero_is_unknown(void **state)
{
	(void)state;
	assert_true(isnan(ifmib_speed_bps(0)));
	assert_true(ifmib_speed_bps(400000) == 400e9);
}

static void
only_up_is_up(void **state)
{
	static const enum reading_oper want[] = { READING_OPER_UNKNOWN, READING_OPER_UP,
						  READING_OPER_DOWN,    READING_OPER_DOWN,
						  READING_OPER_UNKNOWN, READING_OPER_DOWN,
						  READING_OPER_DOWN,    READING_OPER_DOWN,
						  READING_OPER_UNKNOWN };

	(void)state;
	for (unsigned i = 0; i < COUNT(want); i++)
		assert_int_equal(ifmib_oper(i), want[i]);
}

static const struct text_case {
	const char *name;
	const char *octets;
	size_t len;
	const char *want;
} texts[] = {
	{ "NULs after a text are not part of it", "abc\0\0", 5, "abc" },
	{ "a NUL within is shown as unreadable", "a\0c", 3,
	  "a\xef\xbf\xbd"
	  "c" },
	{ "backslashes stay", "\\A EDICION-1\\", 13, "\\A EDICION-1\\" },
	{ "octets that are no UTF-8 are shown as such", "caf\xe9", 4, "caf\xef\xbf\xbd" },
	{ "UTF-8 stays", "Z\xc3\xbcrich", 7, "Z\xc3\xbcrich" },
	{ "nothing is the empty text", NULL, 0, "" },
	{ "nothing but NULs is the empty text", "\0\0", 2, "" },
};

static void
check_text(void **state)
{
	const struct text_case *c = *state;
	const struct snmp_varbind varbind = { .type = SNMP_TYPE_OCTETS,
					      .octets = (const unsigned char *)c->octets,
					      .octets_len = c->len };
	char text[IFMIB_TEXT_LEN];

	assert_string_equal(ifmib_text(text, &varbind), c->want);
}

static void
uptime_of_the_wrong_type_is_named(void **state)
{
	const struct snmp_varbind wrong = { .type = SNMP_TYPE_INTEGER, .number = 5 };
	const struct snmp_varbind absent = { .type = SNMP_TYPE_NO_SUCH_OBJECT };
	const struct snmp_varbind right = { .type = SNMP_TYPE_TIMETICKS, .number = 4294967295u };
	uint32_t ticks = 0;
	char why[128] = "";
	bool ours = true;

	(void)state;
	assert_false(ifmib_uptime(&wrong, 1000, &ticks, &ours, why, sizeof(why)));
	assert_non_null(strstr(why, "sysUpTime.0 is INTEGER"));
	assert_true(ifmib_uptime(&right, 1000, &ticks, &ours, why, sizeof(why)));
	assert_int_equal(ticks, 4294967295u);
	assert_false(ours);
	assert_true(ifmib_uptime(&absent, 123456, &ticks, &ours, why, sizeof(why)));
	assert_int_equal(ticks, 12345); /* our own clock, in hundredths */
	assert_true(ours);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(texts) + 6];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						   (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(texts); i++)
		tests[n++] = (struct CMUnitTest) { texts[i].name, check_text, NULL, NULL,
						   (void *)&texts[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(every_value_goes_where_it_belongs);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(the_old_table_sums_up_right);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(only_found_counters_can_be_lost);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(speed_zero_is_unknown);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(only_up_is_up);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(uptime_of_the_wrong_type_is_named);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
