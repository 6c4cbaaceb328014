/* links: snmp/reply.c */
/* pkgs: netsnmp */
/* test_snmp_reply.c - answers read without the library's lists, against the library's own reading of them. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "reply_twice.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))
#define OCTETS(text) text, sizeof(text) - 1
#define SEEDS        30000
#define MESSAGE_MAX  2048

/* clang-format off */
#define NAME	"\x06\x03\x2b\x06\x01" /* 1.3.6.1 */
#define V1	0
#define V2C	1
#define RESPONSE 0xa2
#define REQUEST	0xa0

static const struct reply_case {
	const char *name;
	int version, pdu;
	const char *value; /* of the one varbind, from its tag on */
	size_t len;
	size_t cut; /* octets that are missing at the end */
	enum reply_kind kind;
	unsigned type;
	uint64_t number;
	const char *text;
} cases[] = {
	{ "a Counter64 up to 2^64-1", V2C, RESPONSE, OCTETS("\x46\x09\x00\xff\xff\xff\xff\xff\xff\xff\xfe"), 0,
	  REPLY_READ, 0x46, 0xfffffffffffffffeu, NULL },
	{ "a Counter64 of one octet too many", V2C, RESPONSE, OCTETS("\x46\x0a\x00\x00\xff\xff\xff\xff\xff\xff\xff\xfe"), 0,
	  REPLY_BROKEN, 0, 0, NULL },
	{ "a Gauge32 with a leading zero", V2C, RESPONSE, OCTETS("\x42\x05\x00\xff\xff\xff\xff"), 0,
	  REPLY_READ, 0x42, 0xffffffffu, NULL },
	{ "a Counter32", V2C, RESPONSE, OCTETS("\x41\x02\x01\x00"), 0, REPLY_READ, 0x41, 256, NULL },
	{ "an INTEGER below zero", V2C, RESPONSE, OCTETS("\x02\x01\xfe"), 0, REPLY_READ, 0x02, (uint64_t)-2, NULL },
	{ "an OCTET STRING", V2C, RESPONSE, OCTETS("\x04\x05port1"), 0, REPLY_READ, 0x04, 0, "port1" },
	{ "an empty one", V2C, RESPONSE, OCTETS("\x04\x00"), 0, REPLY_READ, 0x04, 0, "" },
	{ "an OBJECT IDENTIFIER", V2C, RESPONSE, OCTETS("\x06\x02\x2b\x06"), 0, REPLY_READ, 0x06, 0, NULL },
	{ "noSuchInstance", V2C, RESPONSE, OCTETS("\x81\x00"), 0, REPLY_READ, 0x81, 0, NULL },
	{ "endOfMibView", V2C, RESPONSE, OCTETS("\x82\x00"), 0, REPLY_READ, 0x82, 0, NULL },
	{ "an IpAddress", V2C, RESPONSE, OCTETS("\x40\x04\x7f\x00\x00\x01"), 0, REPLY_READ, 0x40, 0, NULL },
	{ "an IpAddress of three octets", V2C, RESPONSE, OCTETS("\x40\x03\x7f\x00\x00"), 0, REPLY_BROKEN, 0, 0, NULL },
	{ "a type that nobody asks for is the library's", V2C, RESPONSE, OCTETS("\x45\x01\xfe"), 0, REPLY_OTHER, 0, 0, NULL },
	{ "SNMPv1 is the library's", V1, RESPONSE, OCTETS("\x02\x01\xfe"), 0, REPLY_OTHER, 0, 0, NULL },
	{ "a request is the library's", V2C, REQUEST, OCTETS("\x02\x01\xfe"), 0, REPLY_OTHER, 0, 0, NULL },
	{ "a value that is cut off", V2C, RESPONSE, OCTETS("\x02\x01\xfe"), 1, REPLY_BROKEN, 0, 0, NULL },
	{ "a list that is cut off", V2C, RESPONSE, OCTETS("\x02\x01\xfe"), 10, REPLY_BROKEN, 0, 0, NULL },
	{ "a value longer than its varbind", V2C, RESPONSE, OCTETS("\x02\x02\xfe"), 0, REPLY_BROKEN, 0, 0, NULL },
	{ "a length that is indefinite", V2C, RESPONSE, OCTETS("\x04\x80"), 0, REPLY_BROKEN, 0, 0, NULL },
};
/* clang-format on */

/* Puts a tag and a length before what was built. */
static size_t
wrap(unsigned char *octets, size_t len, unsigned char tag)
{
	assert_true(len < 128);
	memmove(octets + 2, octets, len);
	octets[0] = tag;
	octets[1] = (unsigned char)len;
	return len + 2;
}

static size_t
before(unsigned char *octets, size_t len, const char *head, size_t head_len)
{
	memmove(octets + head_len, octets, len);
	memcpy(octets, head, head_len);
	return len + head_len;
}

static size_t
case_build(const struct reply_case *c, unsigned char octets[MESSAGE_MAX])
{
	const char version[] = { 2, 1, (char)c->version, 4, 6, 'p', 'u', 'b', 'l', 'i', 'c' };
	size_t len = c->len;

	memcpy(octets, c->value, c->len);
	len = before(octets, len, OCTETS(NAME));
	len = wrap(octets, len, 0x30);
	len = wrap(octets, len, 0x30);
	len = before(octets, len, OCTETS("\x02\x01\x07\x02\x01\x00\x02\x01\x00"));
	len = wrap(octets, len, (unsigned char)c->pdu);
	len = before(octets, len, version, sizeof(version));
	return wrap(octets, len, 0x30) - c->cut;
}

static void
test_each_message_is_read_as_the_library_reads_it(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct reply_case *c = &cases[i];
		unsigned char octets[MESSAGE_MAX];
		size_t len = case_build(c, octets);
		enum reply_kind kind;
		const char *difference = reply_twice(octets, len, &kind);

		if (difference != NULL || kind != c->kind)
			fail_msg("%s: kind %d, %s", c->name, kind, difference);
	}
}

static void
test_a_value_is_what_the_message_says(void **state)
{
	static struct reply reply;

	(void)state;
	for (size_t i = 0; i < COUNT(cases); i++) {
		const struct reply_case *c = &cases[i];
		netsnmp_pdu *pdu = snmp_pdu_create(0);
		unsigned char octets[MESSAGE_MAX];
		enum reply_kind kind = reply_read(&reply, pdu, octets, case_build(c, octets));
		const struct snmp_varbind *varbind = &reply.varbinds[0];

		snmp_free_pdu(pdu);
		if (kind != REPLY_READ)
			continue;
		if (reply.varbind_count != 1 || varbind->type != c->type ||
		    varbind->number != c->number)
			fail_msg("%s: %zu varbinds, the first of type %#x: %llu", c->name,
				 reply.varbind_count, varbind->type,
				 (unsigned long long)varbind->number);
		if (c->text != NULL) {
			assert_int_equal(varbind->octets_len, strlen(c->text));
			assert_memory_equal(varbind->octets, c->text, varbind->octets_len);
		}
	}
}

/* --- long answers, and what may become of them on their way --- */

static size_t
message_build(unsigned char *octets, size_t rows)
{
	static const struct {
		u_char type;
		const char *text;
	} values[] = { { 'C', "18446744073709551610" },
		       { 'c', "4294967295" },
		       { 'u', "100000" },
		       { 'i', "-1" },
		       { 's', "AS64500 ExampleNet" } };
	netsnmp_pdu *pdu = snmp_pdu_create(SNMP_MSG_RESPONSE);
	netsnmp_session session = { .version = SNMP_VERSION_2c };
	size_t offset = 0, room = MESSAGE_MAX;
	u_char *packet = malloc(room);

	pdu->version = SNMP_VERSION_2c;
	pdu->flags |= UCD_MSG_FLAG_FORWARD_ENCODE;
	pdu->reqid = 0x12345678;
	pdu->community = (u_char *)strdup("public");
	pdu->community_len = 6;
	for (size_t i = 0; i < rows; i++) {
		oid name[] = { 1, 3, 6, 1, 2, 1, 31, 1, 1, 1, 6, 4000000000u + i };

		assert_int_equal(snmp_add_var(pdu, name, OID_LENGTH(name),
					      (char)values[i % COUNT(values)].type,
					      values[i % COUNT(values)].text),
				 0);
	}
	assert_int_equal(snmp_build(&packet, &room, &offset, &session, pdu), 0);
	memcpy(octets, packet, room); /* now its length */
	free(packet);
	snmp_free_pdu(pdu);
	return room;
}

static void
test_a_long_answer_is_read_whole(void **state)
{
	unsigned char octets[MESSAGE_MAX];
	size_t len = message_build(octets, 60);
	enum reply_kind kind;

	(void)state;
	assert_null(reply_twice(octets, len, &kind));
	assert_int_equal(kind, REPLY_READ);
}

static uint32_t
next_random(uint32_t *seed)
{
	*seed = *seed * 1664525u + 1013904223u;
	return *seed >> 8;
}

static void
test_damaged_answers_are_taken_and_refused_as_by_the_library(void **state)
{
	unsigned char whole[MESSAGE_MAX], octets[MESSAGE_MAX];
	size_t whole_len = message_build(whole, 20), read = 0, broken = 0;

	(void)state;
	for (uint32_t n = 0; n < SEEDS; n++) {
		uint32_t seed = n;
		size_t len = n % 3 == 0 ? next_random(&seed) % (whole_len + 1) : whole_len;
		const char *difference;
		enum reply_kind kind;

		memcpy(octets, whole, whole_len);
		for (unsigned i = next_random(&seed) % 4; i > 0; i--)
			octets[next_random(&seed) % whole_len] = (unsigned char)next_random(&seed);
		difference = reply_twice(octets, len, &kind);
		if (difference != NULL)
			fail_msg("seed %u: %s", n, difference);
		read += kind == REPLY_READ;
		broken += kind == REPLY_BROKEN;
	}
	assert_true(read > SEEDS / 10 && broken > SEEDS / 10); /* both were tried */
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_each_message_is_read_as_the_library_reads_it),
		cmocka_unit_test(test_a_value_is_what_the_message_says),
		cmocka_unit_test(test_a_long_answer_is_read_whole),
		cmocka_unit_test(test_damaged_answers_are_taken_and_refused_as_by_the_library),
	};

	netsnmp_register_loghandler(NETSNMP_LOGHANDLER_NONE, 0);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
