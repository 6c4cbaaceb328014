/* links: tests/sim/ber.c */
/* test_sim_ber.c - the simulator's BER: known encodings both ways, and what it refuses. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <string.h>

#include "../sim/ber.h"

#define COUNT(a)    (sizeof(a) / sizeof((a)[0]))
#define OCTETS(...) (const uint8_t[]) { __VA_ARGS__ }, sizeof((uint8_t[]) { __VA_ARGS__ })

static const struct int_case {
	const char *name;
	int32_t value;
	const uint8_t *octets;
	size_t len;
} int_cases[] = {
	{ "INTEGER 0", 0, OCTETS(2, 1, 0) },
	{ "INTEGER 127 is one octet", 127, OCTETS(2, 1, 0x7f) },
	{ "INTEGER 128 needs a clear sign", 128, OCTETS(2, 2, 0, 0x80) },
	{ "INTEGER -1", -1, OCTETS(2, 1, 0xff) },
	{ "INTEGER -129", -129, OCTETS(2, 2, 0xff, 0x7f) },
	{ "INTEGER 2^31 - 1", INT32_MAX, OCTETS(2, 4, 0x7f, 0xff, 0xff, 0xff) },
	{ "INTEGER -2^31", INT32_MIN, OCTETS(2, 4, 0x80, 0, 0, 0) },
};

static void
check_int(void **state)
{
	const struct int_case *c = *state;
	struct ber_in in = { c->octets, c->octets + c->len };
	uint8_t buffer[16];
	struct ber_out out;
	int32_t value;

	ber_out_init(&out, buffer, sizeof(buffer));
	ber_put_int32(&out, c->value);
	assert_int_equal(out.at - out.start, c->len);
	assert_memory_equal(buffer, c->octets, c->len);
	assert_true(ber_take_int32(&in, &value));
	assert_int_equal(value, c->value);
}

static const struct unsigned_case {
	const char *name;
	uint64_t value;
	const uint8_t *octets;
	size_t len;
} unsigned_cases[] = {
	{ "Counter64 0", 0, OCTETS(0x46, 1, 0) },
	{ "Counter64 128 needs a clear sign", 128, OCTETS(0x46, 2, 0, 0x80) },
	{ "Counter64 2^32 - 1", UINT32_MAX, OCTETS(0x46, 5, 0, 0xff, 0xff, 0xff, 0xff) },
	{ "Counter64 2^64 - 1 has nine octets", UINT64_MAX,
	  OCTETS(0x46, 9, 0, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff, 0xff) },
};

static void
check_unsigned(void **state)
{
	const struct unsigned_case *c = *state;
	uint8_t buffer[16];
	struct ber_out out;

	ber_out_init(&out, buffer, sizeof(buffer));
	ber_put_unsigned(&out, BER_COUNTER64, c->value);
	assert_int_equal(out.at - out.start, c->len);
	assert_memory_equal(buffer, c->octets, c->len);
}

static const struct oid_case {
	const char *name;
	size_t count;
	uint32_t id[8];
	const uint8_t *octets;
	size_t len;
} oid_cases[] = {
	{ "OID 1.3.6.1", 4, { 1, 3, 6, 1 }, OCTETS(6, 3, 0x2b, 6, 1) },
	{ "OID with sub-identifiers of 1 to 5 octets",
	  8,
	  { 1, 3, 127, 128, 16384, 2097152, 268435456, UINT32_MAX },
	  OCTETS(6, 21, 0x2b, 0x7f, 0x81, 0x00, 0x81, 0x80, 0x00, 0x81, 0x80, 0x80, 0x00, 0x81,
		 0x80, 0x80, 0x80, 0x00, 0x8f, 0xff, 0xff, 0xff, 0x7f) },
	{ "OID 1.2.840", 3, { 1, 2, 840 }, OCTETS(6, 3, 0x2a, 0x86, 0x48) },
};

static void
check_oid(void **state)
{
	const struct oid_case *c = *state;
	struct ber_in in = { c->octets, c->octets + c->len };
	struct oid oid;
	uint8_t buffer[64];
	struct ber_out out;

	ber_out_init(&out, buffer, sizeof(buffer));
	ber_put_oid(&out, c->id, 2, c->id + 2, c->count - 2);
	assert_int_equal(out.at - out.start, c->len);
	assert_memory_equal(buffer, c->octets, c->len);
	assert_true(ber_take_oid(&in, &oid));
	assert_int_equal(oid.len, c->count);
	assert_memory_equal(oid.id, c->id, c->count * sizeof(c->id[0]));
}

static const struct refused_case {
	const char *name;
	enum { AS_INT, AS_OID, AS_SEQUENCE } as;
	const uint8_t *octets;
	size_t len;
} refused_cases[] = {
	{ "refused: a tag and nothing behind", AS_INT, OCTETS(2) },
	{ "refused: a length beyond the end", AS_INT, OCTETS(2, 2, 1) },
	{ "refused: an INTEGER without octets", AS_INT, OCTETS(2, 0) },
	{ "refused: an INTEGER of five octets", AS_INT, OCTETS(2, 5, 0, 0, 0, 0, 1) },
	{ "refused: another tag", AS_INT, OCTETS(4, 1, 1) },
	{ "refused: the indefinite length", AS_SEQUENCE, OCTETS(0x30, 0x80, 0, 0) },
	{ "refused: a length of five octets", AS_SEQUENCE, OCTETS(0x30, 0x85, 0, 0, 0, 0, 0) },
	{ "refused: a length whose octets are missing", AS_SEQUENCE, OCTETS(0x30, 0x84, 0xff) },
	{ "refused: a length of 4 GB", AS_SEQUENCE, OCTETS(0x30, 0x84, 0xff, 0xff, 0xff, 0xff, 0) },
	{ "refused: a sub-identifier that goes on", AS_OID, OCTETS(6, 2, 0x2b, 0x80) },
	{ "refused: a sub-identifier of more than 32 bits", AS_OID,
	  OCTETS(6, 6, 0x2b, 0x90, 0x80, 0x80, 0x80, 0x00) },
};

static void
check_refused(void **state)
{
	const struct refused_case *c = *state;
	struct ber_in in = { c->octets, c->octets + c->len }, content;
	struct oid oid;
	int32_t value;

	switch (c->as) {
	case AS_INT: assert_false(ber_take_int32(&in, &value)); break;
	case AS_OID: assert_false(ber_take_oid(&in, &oid)); break;
	default: assert_false(ber_take(&in, BER_SEQUENCE, &content));
	}
}

/* 128 sub-identifiers are allowed, 129 are not: 127 octets are 128 of them. */
static void
an_oid_has_at_most_128_parts(void **state)
{
	uint8_t octets[3 + 128] = { 6, 0x81, 127, 0x2b };
	struct ber_in in = { octets, octets + 3 + 127 };
	struct oid oid;

	(void)state;
	assert_true(ber_take_oid(&in, &oid));
	assert_int_equal(oid.len, OID_MAX);
	octets[2] = 128;
	in = (struct ber_in) { octets, octets + sizeof(octets) };
	assert_false(ber_take_oid(&in, &oid));
}

static void
an_element_gets_the_shortest_length_that_holds_it(void **state)
{
	static const struct {
		size_t content, head;
	} sizes[] = { { 0, 2 }, { 127, 2 }, { 128, 3 }, { 255, 3 }, { 256, 4 }, { 1000, 4 } };
	static const uint8_t filling[1000] = { 0xaa };
	uint8_t buffer[1100];
	struct ber_out out;
	struct ber_in in, content;

	(void)state;
	for (size_t i = 0; i < COUNT(sizes); i++) {
		ber_out_init(&out, buffer, sizeof(buffer));
		size_t mark = ber_open(&out, BER_SEQUENCE);

		ber_put_raw(&out, filling, sizes[i].content);
		ber_close(&out, mark);
		assert_false(out.overflow);
		assert_int_equal(out.at - out.start, sizes[i].head + sizes[i].content);
		in = (struct ber_in) { buffer, out.at };
		assert_true(ber_take(&in, BER_SEQUENCE, &content));
		assert_int_equal(content.end - content.at, sizes[i].content);
		assert_memory_equal(content.at, filling, sizes[i].content);
	}
}

static void
what_does_not_fit_is_remembered_and_nothing_is_overwritten(void **state)
{
	uint8_t buffer[8];
	struct ber_out out;

	(void)state;
	memset(buffer, 0x55, sizeof(buffer));
	ber_out_init(&out, buffer, 4);
	ber_put_int32(&out, 1);
	assert_false(out.overflow);
	ber_put_int32(&out, 1);
	ber_put_empty(&out, BER_NULL);
	assert_true(out.overflow);
	for (size_t i = 4; i < sizeof(buffer); i++)
		assert_int_equal(buffer[i], 0x55);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(int_cases) + COUNT(unsigned_cases) + COUNT(oid_cases) +
				COUNT(refused_cases) + 3] = {
		cmocka_unit_test(an_oid_has_at_most_128_parts),
		cmocka_unit_test(an_element_gets_the_shortest_length_that_holds_it),
		cmocka_unit_test(what_does_not_fit_is_remembered_and_nothing_is_overwritten),
	};
	size_t n = 3;

	for (size_t i = 0; i < COUNT(int_cases); i++)
		tests[n++] = (struct CMUnitTest) { int_cases[i].name, check_int, NULL, NULL,
						   (void *)&int_cases[i] };
	for (size_t i = 0; i < COUNT(unsigned_cases); i++)
		tests[n++] = (struct CMUnitTest) { unsigned_cases[i].name, check_unsigned, NULL,
						   NULL, (void *)&unsigned_cases[i] };
	for (size_t i = 0; i < COUNT(oid_cases); i++)
		tests[n++] = (struct CMUnitTest) { oid_cases[i].name, check_oid, NULL, NULL,
						   (void *)&oid_cases[i] };
	for (size_t i = 0; i < COUNT(refused_cases); i++)
		tests[n++] = (struct CMUnitTest) { refused_cases[i].name, check_refused, NULL, NULL,
						   (void *)&refused_cases[i] };
	return cmocka_run_group_tests_name("sim ber", tests, NULL, NULL);
}
