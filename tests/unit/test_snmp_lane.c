/* links: snmp/varbind.c snmp/ifmib.c snmp/walk_rows.c snmp/lane.c base/units.c */
/* test_snmp_lane.c - columns walked side by side, and the rows they make. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/lane.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define ANSWER_MAX   10

static const enum ifmib_column two[] = { IFMIB_TYPE, IFMIB_OPER_STATUS };

/* An answer's varbinds: column and index; index 0: something beyond the column, or the end of the view. */
struct cell {
	enum ifmib_column column;
	uint32_t index;
	unsigned type;
};

static void
take(struct lane *lane, struct walk_rows *rows, const struct cell *cells, size_t count,
     enum walk_put want)
{
	static unsigned long names[ANSWER_MAX][SNMP_OID_MAX];
	struct snmp_varbind varbinds[ANSWER_MAX];
	struct snmp_oid oids[LANE_COLUMNS_MAX];
	uint8_t number[LANE_COLUMNS_MAX];
	size_t columns = lane_next(lane, number, oids);

	for (size_t i = 0; i < count; i++) {
		struct snmp_oid oid =
		    snmp_oid_instance(&ifmib_objects[cells[i].column].oid, cells[i].index);

		for (size_t k = 0; k < oid.len; k++)
			names[i][k] = oid.id[k];
		varbinds[i] =
		    (struct snmp_varbind) { .oid = names[i],
					    .oid_len = oid.len,
					    .type = cells[i].type != 0 ? cells[i].type
								       : SNMP_TYPE_INTEGER,
					    .number = 1 };
	}
	assert_int_equal(lane_take(lane, number, columns, varbinds, count, rows), want);
}
#define TAKE(lane, rows, ...)                                                                      \
	take(lane, rows, (const struct cell[]) { __VA_ARGS__ },                                    \
	     COUNT(((const struct cell[]) { __VA_ARGS__ })), WALK_PUT_DONE)

static void
columns_go_on_from_their_last_index(void **state)
{
	struct lane lane;
	struct walk_rows rows = { 0 };
	struct snmp_oid oids[LANE_COLUMNS_MAX];
	uint8_t number[LANE_COLUMNS_MAX];

	(void)state;
	lane_init(&lane, two, 2);
	assert_int_equal(lane_next(&lane, number, oids), 2);
	assert_int_equal(oids[0].len, ifmib_objects[IFMIB_TYPE].oid.len); /* the column itself */
	TAKE(&lane, &rows, { IFMIB_TYPE, 3, 0 }, { IFMIB_OPER_STATUS, 3, 0 }, { IFMIB_TYPE, 9, 0 });
	assert_int_equal(lane_next(&lane, number, oids), 2);
	assert_int_equal(oids[0].id[oids[0].len - 1], 9);
	assert_int_equal(oids[1].id[oids[1].len - 1], 3); /* the answer was cut within a row */
	assert_int_equal(rows.count, 2);
	walk_rows_free(&rows);
}

static void
a_column_ends_by_itself(void **state)
{
	struct lane lane;
	struct walk_rows rows = { 0 };
	struct snmp_oid oids[LANE_COLUMNS_MAX];
	uint8_t number[LANE_COLUMNS_MAX];

	(void)state;
	lane_init(&lane, two, 2);
	TAKE(&lane, &rows, { IFMIB_TYPE, 1, 0 }, { IFMIB_OPER_STATUS, 1, 0 },
	     { IFMIB_OPER_STATUS, 1, 0 },
	     { IFMIB_OPER_STATUS, 2, 0 }); /* ifType led into the next column */
	assert_false(lane_ended(&lane));
	assert_false(lane.column[0].broken);
	assert_int_equal(lane_next(&lane, number, oids), 1);
	assert_int_equal(number[0], 1);
	TAKE(&lane, &rows, { IFMIB_OPER_STATUS, 2, SNMP_TYPE_END_OF_MIB_VIEW });
	assert_true(lane_ended(&lane));
	assert_int_equal(lane_next(&lane, number, oids), 0);
	assert_int_equal(rows.count, 2);
	walk_rows_free(&rows);
}

static void
a_column_that_does_not_ascend_is_broken_off(void **state)
{
	struct lane lane;
	struct walk_rows rows = { 0 };

	(void)state;
	lane_init(&lane, two, 2);
	TAKE(&lane, &rows, { IFMIB_TYPE, 5, 0 }, { IFMIB_OPER_STATUS, 5, 0 }, { IFMIB_TYPE, 5, 0 },
	     { IFMIB_OPER_STATUS, 6, 0 });
	assert_true(lane.column[0].ended && lane.column[0].broken);
	assert_false(lane.column[1].ended);
	TAKE(&lane, &rows, { IFMIB_OPER_STATUS, 4, 0 });
	assert_true(lane_ended(&lane));
	assert_int_equal(rows.count, 2);
	walk_rows_free(&rows);
}

static void
repetitions_follow_what_an_answer_needs(void **state)
{
	struct manners manners = { .repetitions_max = 25 };
	struct lane lane = { .count = 3 };

	(void)state;
	lane.row_octets = 500;
	assert_int_equal(lane_repetitions(&lane, 3, &manners), 2);
	lane.row_octets = 5000; /* one always */
	assert_int_equal(lane_repetitions(&lane, 3, &manners), 1);
	lane.row_octets = 20;
	assert_int_equal(lane_repetitions(&lane, 3, &manners), 25);
	lane.row_octets = 500; /* a third of it */
	assert_int_equal(lane_repetitions(&lane, 1, &manners), 8);
	manners.repetitions_max = 0;
	assert_int_equal(lane_repetitions(&lane, 3, &manners), 0);
}

static void
put(struct walk_rows *rows, uint32_t if_index, const char *name)
{
	const struct snmp_varbind varbind = { .type = SNMP_TYPE_OCTETS,
					      .octets = (const unsigned char *)name,
					      .octets_len = strlen(name) };

	assert_int_equal(walk_rows_put(rows, IFMIB_NAME, if_index, &varbind), WALK_PUT_DONE);
}

struct told {
	uint32_t if_index[8];
	bool duplicate[8];
	size_t count, stop_after;
};

static bool
on_row(const struct interface_row *row, void *user)
{
	struct told *told = user;

	told->if_index[told->count] = row->if_index;
	told->duplicate[told->count] = row->duplicate_name;
	return ++told->count != told->stop_after;
}

static void
rows_come_in_order_with_equal_names_marked(void **state)
{
	static const uint32_t order[] = { 2, 5, 9, 1476395010 };
	static const bool duplicate[] = { true, false, true, true };
	struct walk_rows rows = { 0 };
	struct told told = { 0 };

	(void)state;
	put(&rows, 9, "same");
	put(&rows, 2, "same");
	put(&rows, 1476395010, "same");
	put(&rows, 5, "other");
	assert_true(walk_rows_tell(&rows, on_row, &told));
	assert_int_equal(told.count, 4);
	assert_memory_equal(told.if_index, order, sizeof(order));
	assert_memory_equal(told.duplicate, duplicate, sizeof(duplicate));
	assert_int_equal(walk_rows_find(&rows, 5)->if_index, 5);
	assert_null(walk_rows_find(&rows, 6));
	walk_rows_free(&rows);
}

static void
telling_stops_where_it_is_told_to(void **state)
{
	struct walk_rows rows = { 0 };
	struct told told = { .stop_after = 2 };

	(void)state;
	put(&rows, 1, "a");
	put(&rows, 2, "b");
	put(&rows, 3, "c");
	assert_true(walk_rows_tell(&rows, on_row, &told));
	assert_int_equal(told.count, 2);
	walk_rows_free(&rows);
}

static void
a_table_has_its_limit(void **state)
{
	const struct snmp_varbind varbind = { .type = SNMP_TYPE_INTEGER, .number = 6 };
	struct walk_rows rows = { 0 };

	(void)state;
	for (uint32_t i = 1; i <= WALK_ROWS_MAX; i++)
		assert_int_equal(walk_rows_put(&rows, IFMIB_TYPE, i, &varbind), WALK_PUT_DONE);
	assert_int_equal(walk_rows_put(&rows, IFMIB_TYPE, WALK_ROWS_MAX + 1, &varbind),
			 WALK_PUT_TOO_MANY);
	assert_int_equal(walk_rows_put(&rows, IFMIB_TYPE, 7, &varbind), WALK_PUT_DONE);
	walk_rows_free(&rows);
}

static void
a_value_of_another_type_counts_as_absent(void **state)
{
	const struct snmp_varbind wrong = { .type = SNMP_TYPE_INTEGER, .number = 6 };
	struct walk_rows rows = { 0 };
	struct walk_row *row;

	(void)state;
	assert_int_equal(walk_rows_put(&rows, IFMIB_NAME, 7, &wrong), WALK_PUT_DONE);
	row = walk_rows_find(&rows, 7);
	assert_non_null(row);
	assert_int_equal(row->has, 0);
	assert_int_equal(row->asked, WALK_BIT(IFMIB_NAME));
	assert_null(row->name);
	assert_int_equal(rows.seen, 0);
	walk_rows_free(&rows);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_go_on_from_their_last_index),
		cmocka_unit_test(a_column_ends_by_itself),
		cmocka_unit_test(a_column_that_does_not_ascend_is_broken_off),
		cmocka_unit_test(repetitions_follow_what_an_answer_needs),
		cmocka_unit_test(rows_come_in_order_with_equal_names_marked),
		cmocka_unit_test(telling_stops_where_it_is_told_to),
		cmocka_unit_test(a_table_has_its_limit),
		cmocka_unit_test(a_value_of_another_type_counts_as_absent),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
