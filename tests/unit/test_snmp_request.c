/* links: snmp/request.c */
/* pkgs: netsnmp */
/* test_snmp_request.c - requests as octets, each held against the library's own writing of it. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include <net-snmp/net-snmp-config.h>
#include <net-snmp/net-snmp-includes.h>

#include "snmp/request.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define MESSAGE_MAX  65536
#define NAMES_MAX    300

static const int commands[] = {
	[SNMP_COMMAND_GET] = SNMP_MSG_GET,
	[SNMP_COMMAND_NEXT] = SNMP_MSG_GETNEXT,
	[SNMP_COMMAND_BULK] = SNMP_MSG_GETBULK,
};

/* clang-format off */
static const struct request_case {
	const char *name;
	enum snmp_command command;
	unsigned repetitions, singles;
	uint32_t number;
	const char *community;
	size_t name_count;
	struct snmp_oid first; /* the others count up in its last sub-identifier */
} cases[] = {
	{ "one name", SNMP_COMMAND_GET, 0, 0, 1, "public", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "no community", SNMP_COMMAND_GET, 0, 0, 1, "", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "the largest number of a request", SNMP_COMMAND_GET, 0, 0, 0x7fffffff, "public", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "a number whose highest bit is set", SNMP_COMMAND_GET, 0, 0, 0x80, "public", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "a number of 16 bits whose highest bit is set", SNMP_COMMAND_GET, 0, 0, 0x8000, "public", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "number 0", SNMP_COMMAND_GET, 0, 0, 0, "public", 1, { 9, { 1, 3, 6, 1, 2, 1, 1, 3, 0 } } },
	{ "sub-identifiers of each length", SNMP_COMMAND_NEXT, 0, 0, 7, "public", 1,
	  { 10, { 1, 3, 0, 127, 128, 16383, 16384, 2097151, 2097152, 4294967295u } } },
	{ "a name of two", SNMP_COMMAND_NEXT, 0, 0, 7, "public", 1, { 2, { 1, 3 } } },
	{ "no names at all", SNMP_COMMAND_GET, 0, 0, 7, "public", 0, { 0, { 0 } } },
	{ "more than 127 octets", SNMP_COMMAND_GET, 0, 0, 7, "public", 7, { 11, { 1, 3, 6, 1, 2, 1, 2, 2, 1, 10, 120 } } },
	{ "more than 255 octets", SNMP_COMMAND_GET, 0, 0, 7, "public", 14, { 12, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 16380 } } },
	{ "as many names as fit a message", SNMP_COMMAND_GET, 0, 0, 7, "public", NAMES_MAX,
	  { 12, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 2097000 } } },
	{ "GETBULK of columns and two scalars", SNMP_COMMAND_BULK, 3, 2, 0x12345678, "a community of some length", 19,
	  { 12, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 1000000 } } },
	{ "GETBULK of many repetitions", SNMP_COMMAND_BULK, 200, 0, 9, "public", 1, { 11, { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 1 } } },
};
/* clang-format on */

static size_t
by_the_library(const struct request_case *c, const struct snmp_question *question, uint8_t *octets)
{
	netsnmp_session session = { .version = SNMP_DEFAULT_VERSION };
	netsnmp_pdu *pdu = snmp_pdu_create(commands[c->command]);
	size_t size = 64, len = 0; /* it grows */
	u_char *written = malloc(size);

	pdu->version = SNMP_VERSION_2c;
	pdu->reqid = c->number;
	pdu->community = (u_char *)strdup(c->community);
	pdu->community_len = strlen(c->community);
	if (c->command == SNMP_COMMAND_BULK) {
		pdu->non_repeaters = c->singles;
		pdu->max_repetitions = c->repetitions;
	}
	for (size_t i = 0; i < question->oid_count; i++) {
		oid wide[SNMP_OID_MAX];

		for (size_t k = 0; k < question->oids[i].len; k++)
			wide[k] = question->oids[i].id[k];
		assert_non_null(snmp_add_null_var(pdu, wide, question->oids[i].len));
	}
	assert_int_equal(snmp_build(&written, &size, &len, &session, pdu), 0);
	assert_true(len <= MESSAGE_MAX);
	memcpy(octets, written + size - len, len);
	free(written);
	snmp_free_pdu(pdu);
	return len;
}

static struct snmp_question
question_of(const struct request_case *c, struct snmp_oid names[NAMES_MAX])
{
	for (size_t i = 0; i < c->name_count; i++) {
		names[i] = c->first;
		names[i].id[c->first.len - 1] += (uint32_t)i;
	}
	return (struct snmp_question) { .command = c->command,
					.repetitions = c->repetitions,
					.singles = c->singles,
					.oids = names,
					.oid_count = c->name_count };
}

static void
check(void **state)
{
	static uint8_t ours[MESSAGE_MAX], theirs[MESSAGE_MAX];
	static struct snmp_oid names[NAMES_MAX];
	const struct request_case *c = *state;
	struct snmp_question question = question_of(c, names);
	size_t want = by_the_library(c, &question, theirs);

	assert_int_equal(request_write(ours, sizeof(ours), c->community, c->number, &question),
			 want);
	assert_memory_equal(ours, theirs, want);
}

/* Just enough is enough; one octet less is told, and nothing is written around it. */
static void
check_room(void **state)
{
	static uint8_t octets[MESSAGE_MAX];
	static struct snmp_oid names[NAMES_MAX];
	const struct request_case *c = *state;
	struct snmp_question question = question_of(c, names);
	size_t len = request_write(octets, sizeof(octets), c->community, c->number, &question);
	uint8_t *exact = malloc(len);

	assert_non_null(exact);
	assert_int_equal(request_write(exact, len, c->community, c->number, &question), len);
	assert_memory_equal(exact, octets, len);
	for (size_t size = 0; size < len; size++)
		assert_int_equal(request_write(exact, size, c->community, c->number, &question), 0);
	free(exact);
}

int
main(void)
{
	struct CMUnitTest tests[2 * COUNT(cases)];

	netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_REVERSE_ENCODE, 1);
	for (size_t i = 0; i < COUNT(cases); i++) {
		tests[2 * i] = (struct CMUnitTest) { cases[i].name, check, NULL, NULL,
						     (void *)(uintptr_t)&cases[i] };
		tests[2 * i + 1] = (struct CMUnitTest) { cases[i].name, check_room, NULL, NULL,
							 (void *)(uintptr_t)&cases[i] };
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
