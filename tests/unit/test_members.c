/* links: measure/members.c */
/* test_members.c - what the members of a LAG add up to, and when they add up to nothing. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <math.h>
#include <string.h>

#include "measure/members.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MEMBERS_MAX  4
#define UP           READING_OPER_UP
#define DOWN         READING_OPER_DOWN
#define GIGA         1e9

/* Members as text, one word each: '+' up, '-' down, '?' says neither, '!' did not answer; then Gbit/s ("0": says none);
 * then "a" attached, "d" detached, nothing: the LAG MIB is silent.  states: a letter each, Live Down deTached Unknown. */
static const struct members_case {
	const char *name;
	const char *members[MEMBERS_MAX];
	enum reading_oper lag_oper;
	enum members_say say;
	double sum_gbps, largest_gbps;
	const char *states;
} cases[] = {
	{ "those that are up add up", { "+10", "+10" }, UP, MEMBERS_SUM, 20, 10, "LL" },
	{ "one that is down adds nothing", { "+10", "-10" }, UP, MEMBERS_SUM, 10, 10, "LD" },
	{ "one that is down need say no speed", { "+10", "-0" }, UP, MEMBERS_SUM, 10, 10, "LD" },
	{ "speeds may differ", { "+100", "+10", "+40" }, UP, MEMBERS_SUM, 150, 100, "LLL" },
	{ "one that is detached adds nothing", { "+10a", "+10d" }, UP, MEMBERS_SUM, 10, 10, "LT" },
	{ "attached but down adds nothing", { "+10a", "-10a" }, UP, MEMBERS_SUM, 10, 10, "LD" },
	{ "one of which the LAG MIB is silent counts by its state",
	  { "+10", "+10d" },
	  UP,
	  MEMBERS_SUM,
	  10,
	  10,
	  "LT" },
	{ "a LAG that is up though all are detached is static",
	  { "+10d", "+10d" },
	  UP,
	  MEMBERS_SUM,
	  20,
	  10,
	  "LL" },
	{ "a static LAG may lose a member", { "+10d", "-10d" }, UP, MEMBERS_SUM, 10, 10, "LD" },
	{ "a LAG that is down may have all detached",
	  { "+10d", "+10d" },
	  DOWN,
	  MEMBERS_UNKNOWN,
	  NAN,
	  NAN,
	  "TT" },
	{ "one that did not answer leaves the sum unknown",
	  { "+10", "!" },
	  UP,
	  MEMBERS_UNKNOWN,
	  NAN,
	  NAN,
	  "LU" },
	{ "one that did not answer proves no static LAG",
	  { "+10d", "!" },
	  UP,
	  MEMBERS_UNKNOWN,
	  NAN,
	  NAN,
	  "TU" },
	{ "one that says neither up nor down makes no sum",
	  { "+10", "?10" },
	  UP,
	  MEMBERS_NOTHING,
	  NAN,
	  NAN,
	  "LU" },
	{ "one that is live and says no speed makes no sum",
	  { "+10", "+0" },
	  UP,
	  MEMBERS_NOTHING,
	  NAN,
	  NAN,
	  "LL" },
	{ "silence goes before no speed, whatever the order",
	  { "+0", "!", "+0" },
	  UP,
	  MEMBERS_UNKNOWN,
	  NAN,
	  NAN,
	  "LUL" },
	{ "none live is unknown, not 0", { "-10", "-10" }, DOWN, MEMBERS_UNKNOWN, NAN, NAN, "DD" },
	{ "no members make no sum", { NULL }, UP, MEMBERS_NOTHING, NAN, NAN, "" },
};

static struct member
member_parse(const char *text)
{
	double gbps = 0;

	for (const char *c = text + 1; *c >= '0' && *c <= '9'; c++)
		gbps = gbps * 10 + (*c - '0');
	return (struct member) {
		.answered = *text != '!',
		.oper = *text == '+'   ? UP
			: *text == '-' ? DOWN
				       : READING_OPER_UNKNOWN,
		.speed_bps = gbps > 0 ? gbps * GIGA : NAN,
		.lacp = strchr(text, 'a') != NULL   ? LACP_IN
			: strchr(text, 'd') != NULL ? LACP_OUT
						    : LACP_SILENT,
	};
}

static void
assert_gbps(double bps, double gbps)
{
	assert_true(isnan(gbps) ? isnan(bps) : bps == gbps * GIGA);
}

static void
check_case(void **state)
{
	static const char letters[] = "ULDT";
	const struct members_case *c = *state;
	struct member members[MEMBERS_MAX];
	struct members_capacity capacity;
	size_t count = 0;

	for (; count < MEMBERS_MAX && c->members[count] != NULL; count++)
		members[count] = member_parse(c->members[count]);
	capacity = members_capacity(members, count, c->lag_oper);
	assert_int_equal(capacity.say, c->say);
	assert_gbps(capacity.sum_bps, c->sum_gbps);
	assert_gbps(capacity.largest_bps, c->largest_gbps);
	for (size_t i = 0; i < count; i++)
		assert_int_equal(letters[members[i].state], c->states[i]);
}

/* Octets as agents send them: from the left as the MIB numbers its bits, or as the protocol has them on the wire. */
static const struct lacp_case {
	const char *name;
	uint32_t has, attached;
	uint8_t octet;
	enum member_lacp want;
} lacps[] = {
	{ "working, as the MIB numbers it", READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0xbc,
	  LACP_IN },
	{ "working, as the protocol has it", READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0x3d,
	  LACP_IN },
	{ "working with short time-outs", READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0xfc,
	  LACP_IN },
	{ "alone, as the MIB numbers it", READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0xa2,
	  LACP_OUT },
	{ "alone, as the protocol has it", READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0x45,
	  LACP_OUT },
	{ "in sync, but the partner keeps it in reserve: from the left",
	  READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0xb0, LACP_OUT },
	{ "in sync, but the partner keeps it in reserve: from the right",
	  READING_HAS_ATTACHED | READING_HAS_LACP, 7, 0x0d, LACP_OUT },
	{ "attached to no LAG", READING_HAS_ATTACHED | READING_HAS_LACP, 0, 0xbc, LACP_OUT },
	{ "attached to another LAG", READING_HAS_ATTACHED | READING_HAS_LACP, 8, 0xbc, LACP_OUT },
	{ "attached, its state not said", READING_HAS_ATTACHED, 7, 0, LACP_IN },
	{ "the LAG MIB is silent", 0, 0, 0, LACP_SILENT },
};

static void
check_lacp(void **state)
{
	const struct lacp_case *c = *state;
	const struct counter_read read = { .has = c->has,
					   .attached_if_index = c->attached,
					   .lacp_state = c->octet,
					   .oper = UP,
					   .speed_bps = 10e9 };
	struct member member = member_of_read(&read, 7);

	assert_int_equal(member.lacp, c->want);
	assert_true(member.answered && member.oper == UP && member.speed_bps == 10e9);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(cases) + COUNT(lacps)];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(cases); i++)
		tests[n++] = (struct CMUnitTest) { cases[i].name, check_case, NULL, NULL,
						   (void *)&cases[i] };
	for (size_t i = 0; i < COUNT(lacps); i++)
		tests[n++] = (struct CMUnitTest) { lacps[i].name, check_lacp, NULL, NULL,
						   (void *)&lacps[i] };
	return cmocka_run_group_tests(tests, NULL, NULL);
}
