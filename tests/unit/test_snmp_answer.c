/* links: snmp/varbind.c snmp/answer.c */
/* test_snmp_answer.c - what counts as an answer to a request. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "snmp/answer.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define LIST_MAX     6

/* Objects are told apart by the last sub-identifier; 0 ends a list. */
static const struct answer_case {
	const char *name;
	enum snmp_command command;
	unsigned repetitions;
	unsigned asked[LIST_MAX], answered[LIST_MAX];
	bool fits;
	unsigned singles;
	bool ascending;
} cases[] = {
	{ "a GET is answered by the same objects in order",
	  SNMP_COMMAND_GET,
	  0,
	  { 1, 2, 3 },
	  { 1, 2, 3 },
	  true },
	{ "objects in another order are no answer",
	  SNMP_COMMAND_GET,
	  0,
	  { 1, 2, 3 },
	  { 2, 1, 3 },
	  false },
	{ "another object is no answer", SNMP_COMMAND_GET, 0, { 1, 2, 3 }, { 1, 2, 4 }, false },
	{ "an object too few is no answer", SNMP_COMMAND_GET, 0, { 1, 2, 3 }, { 1, 2 }, false },
	{ "an object too many is no answer", SNMP_COMMAND_GET, 0, { 1, 2 }, { 1, 2, 3 }, false },
	{ "nothing is no answer to a GET", SNMP_COMMAND_GET, 0, { 1 }, { 0 }, false },
	{ "the same object twice is no answer", SNMP_COMMAND_GET, 0, { 1, 2 }, { 1, 1 }, false },
	{ "a GETNEXT is answered by one object each",
	  SNMP_COMMAND_NEXT,
	  0,
	  { 1, 2 },
	  { 5, 6 },
	  true },
	{ "a GETNEXT with an object too few is not answered",
	  SNMP_COMMAND_NEXT,
	  0,
	  { 1, 2 },
	  { 5 },
	  false },
	{ "a GETNEXT with an object too many is not answered",
	  SNMP_COMMAND_NEXT,
	  0,
	  { 1 },
	  { 5, 6 },
	  false },
	{ "a GETBULK may be cut short, even within a row",
	  SNMP_COMMAND_BULK,
	  3,
	  { 1, 2 },
	  { 5, 6, 7 },
	  true },
	{ "a GETBULK brings at most its repetitions",
	  SNMP_COMMAND_BULK,
	  2,
	  { 1, 2 },
	  { 5, 6, 7, 8, 9 },
	  false },
	{ "a GETBULK that brings nothing is not answered",
	  SNMP_COMMAND_BULK,
	  2,
	  { 1, 2 },
	  { 0 },
	  false },
	{ "singles are asked for once",
	  SNMP_COMMAND_BULK,
	  2,
	  { 1, 5, 8 },
	  { 2, 6, 9, 7, 10 },
	  true,
	  .singles = 1,
	  .ascending = true },
	{ "singles are not repeated",
	  SNMP_COMMAND_BULK,
	  2,
	  { 1, 5 },
	  { 2, 6, 7, 8 },
	  false,
	  .singles = 1 },
	{ "singles alone are no answer",
	  SNMP_COMMAND_BULK,
	  2,
	  { 1, 2, 5 },
	  { 3, 4 },
	  false,
	  .singles = 2 },
	{ "a GETBULK cut within its second row has gone up",
	  SNMP_COMMAND_BULK,
	  3,
	  { 10, 20 },
	  { 11, 21, 12 },
	  true,
	  .ascending = true },
	{ "what a walk may be told, a question for more is not: names that stand still",
	  SNMP_COMMAND_BULK,
	  3,
	  { 10, 20 },
	  { 11, 21, 11 },
	  false,
	  .ascending = true },
	{ "names that go back are no answer",
	  SNMP_COMMAND_BULK,
	  3,
	  { 10, 20 },
	  { 11, 21, 12, 15 },
	  false,
	  .ascending = true },
	{ "the name that was asked for is not the next one",
	  SNMP_COMMAND_BULK,
	  3,
	  { 10, 20 },
	  { 10, 21 },
	  false,
	  .ascending = true },
	{ "a single that goes back is no answer",
	  SNMP_COMMAND_BULK,
	  1,
	  { 4, 10 },
	  { 3, 11 },
	  false,
	  .singles = 1,
	  .ascending = true },
	{ "a walk judges by itself whether names go up",
	  SNMP_COMMAND_BULK,
	  3,
	  { 10 },
	  { 12, 11 },
	  true },
};

static size_t
length(const unsigned list[LIST_MAX])
{
	size_t len = 0;

	while (len < LIST_MAX && list[len] != 0)
		len++;
	return len;
}

static void
check_case(void **state)
{
	const struct answer_case *c = *state;
	struct snmp_oid oids[LIST_MAX];
	struct snmp_varbind varbinds[LIST_MAX];
	unsigned long names[LIST_MAX][3];
	struct snmp_question question = { .command = c->command,
					  .repetitions = c->repetitions,
					  .singles = c->singles,
					  .ascending = c->ascending,
					  .oids = oids,
					  .oid_count = length(c->asked) };

	for (size_t i = 0; i < LIST_MAX; i++) {
		oids[i] = (struct snmp_oid) { 3, { 1, 3, c->asked[i] } };
		memcpy(names[i], (unsigned long[]) { 1, 3, c->answered[i] }, sizeof(names[i]));
		varbinds[i] = (struct snmp_varbind) { .oid = names[i], .oid_len = 3 };
	}
	assert_int_equal(answer_fault(&question, varbinds, length(c->answered)) == NULL, c->fits);
}

static void
a_longer_or_shorter_name_is_another(void **state)
{
	const struct snmp_oid asked = { 3, { 1, 3, 6 } };
	unsigned long name[] = { 1, 3, 6, 1 };
	struct snmp_varbind varbind = { .oid = name, .oid_len = 4 };
	uint32_t index = 0;

	(void)state;
	assert_false(snmp_oid_equals(&asked, &varbind));
	assert_true(snmp_oid_below(&asked, &varbind, &index));
	assert_int_equal(index, 1);
	varbind.oid_len = 2;
	assert_false(snmp_oid_equals(&asked, &varbind));
	assert_false(snmp_oid_below(&asked, &varbind, &index));
	varbind.oid_len = 3;
	assert_true(snmp_oid_equals(&asked, &varbind));
	assert_false(snmp_oid_below(&asked, &varbind, &index));
}

/* Sizes as BER makes them: ifHCInOctets.7 is 11 octets of name and up to 9 of value, with four headers. */
static void
sizes_are_those_on_the_wire(void **state)
{
	const struct snmp_oid column = { 11, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6 } };
	struct snmp_oid small = snmp_oid_instance(&column, 7),
			large = snmp_oid_instance(&column, 1476395010);

	(void)state;
	assert_int_equal(snmp_varbind_octets(&small, SNMP_TYPE_COUNTER64, 0), 2 + 2 + 11 + 2 + 9);
	assert_int_equal(snmp_varbind_octets(&large, SNMP_TYPE_COUNTER64, 0), 2 + 2 + 15 + 2 + 9);
	assert_int_equal(snmp_varbind_octets(&small, SNMP_TYPE_OCTETS, 200), 3 + 2 + 11 + 3 + 200);
	assert_int_equal(snmp_varbind_octets(&small, SNMP_TYPE_INTEGER, 0), 2 + 2 + 11 + 2 + 5);
}

/* BER's numbers have a sign: 128 takes two octets.  What came longer than its type is no spare room. */
static void
short_values_leave_spare_octets(void **state)
{
	static const struct {
		unsigned type;
		uint64_t number;
		enum snmp_type longest;
		size_t spare;
	} values[] = {
		{ SNMP_TYPE_COUNTER64, 0, SNMP_TYPE_COUNTER64, 8 },
		{ SNMP_TYPE_COUNTER64, 127, SNMP_TYPE_COUNTER64, 8 },
		{ SNMP_TYPE_COUNTER64, 128, SNMP_TYPE_COUNTER64, 7 },
		{ SNMP_TYPE_COUNTER64, 32767, SNMP_TYPE_COUNTER64, 7 },
		{ SNMP_TYPE_COUNTER64, 32768, SNMP_TYPE_COUNTER64, 6 },
		{ SNMP_TYPE_COUNTER64, INT64_MAX, SNMP_TYPE_COUNTER64, 1 },
		{ SNMP_TYPE_COUNTER64, UINT64_MAX, SNMP_TYPE_COUNTER64, 0 },
		{ SNMP_TYPE_COUNTER32, UINT32_MAX, SNMP_TYPE_COUNTER32, 0 },
		{ SNMP_TYPE_COUNTER64, UINT64_MAX, SNMP_TYPE_COUNTER32, 0 },
		{ SNMP_TYPE_INTEGER, 1, SNMP_TYPE_INTEGER, 4 },
		{ SNMP_TYPE_INTEGER, (uint64_t)-128, SNMP_TYPE_INTEGER, 4 },
		{ SNMP_TYPE_INTEGER, (uint64_t)-129, SNMP_TYPE_INTEGER, 3 },
		{ SNMP_TYPE_NO_SUCH_INSTANCE, 0, SNMP_TYPE_COUNTER64, 9 },
		{ SNMP_TYPE_OCTETS, 0, SNMP_TYPE_OCTETS, 0 },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(values); i++) {
		struct snmp_varbind varbind = { .type = values[i].type,
						.number = values[i].number };

		assert_int_equal(snmp_varbind_spare_octets(&varbind, values[i].longest),
				 values[i].spare);
	}
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + 3];
	size_t n = 0;

	for (; n < COUNT(cases); n++)
		tests[n] = (struct CMUnitTest) { cases[n].name, check_case, NULL, NULL,
						 (void *)&cases[n] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_longer_or_shorter_name_is_another);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(sizes_are_those_on_the_wire);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(short_values_leave_spare_octets);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
