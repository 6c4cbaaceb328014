/* links: snmp/envelope.c snmp/report.c snmp/varbind.c */
/* test_snmp_envelope.c - what is read of a message before it is believed, what a report means, what v3 adds to a message. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "snmp/envelope.h"
#include "snmp/report.h"

#define COUNT(array) (sizeof(array) / sizeof((array)[0]))

/* clang-format off */
#define V3		"\x30\x50\x02\x01\x03"
#define HEAD		"\x30\x0f\x02\x03\x12\x34\x56\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x03"
#define SECURITY	"\x04\x20\x30\x1e"
#define ENGINE		"\x04\x05\x80\x01\x02\x03\x04"
#define REST		"\x02\x01\x07\x02\x02\x01\x00\x04\x00\x04\x00\x04\x00"
#define LEN_32		"\x04\x20" "0123456789abcdef0123456789abcdef"
#define LEN_33		"\x04\x21" "0123456789abcdef0123456789abcdefx"

#define OCTETS(text)	text, sizeof(text) - 1

static const struct envelope_case {
	const char *name;
	const char *octets;
	size_t len;
	enum envelope_kind kind;
	struct envelope want;
} envelopes[] = {
	{ "a message of v3 bears number, engine, boots and time", OCTETS(V3 HEAD SECURITY ENGINE REST), ENVELOPE_V3,
	  { 0x123456, { 0x80, 1, 2, 3, 4 }, 5, 7, 256 } },
	{ "a probe bears no engine", OCTETS(V3 HEAD SECURITY "\x04\x00\x02\x01\x00\x02\x01\x00"), ENVELOPE_V3,
	  { .message_id = 0x123456 } },
	{ "an engineID has up to 32 octets", OCTETS(V3 HEAD SECURITY LEN_32 REST), ENVELOPE_V3,
	  { 0x123456, "0123456789abcdef0123456789abcdef", 32, 7, 256 } },
	{ "and not one more", OCTETS(V3 HEAD SECURITY LEN_33 REST), ENVELOPE_BROKEN, { 0 } },
	{ "lengths may take the long form", OCTETS("\x30\x82\x05\xdc\x02\x81\x01\x03" HEAD SECURITY ENGINE REST), ENVELOPE_V3,
	  { 0x123456, { 0x80, 1, 2, 3, 4 }, 5, 7, 256 } },
	{ "lengths of nine octets are none", OCTETS("\x30\x89\0\0\0\0\0\0\0\0\x50\x02\x01\x03" HEAD SECURITY ENGINE REST),
	  ENVELOPE_BROKEN, { 0 } },
	{ "an open length is none", OCTETS("\x30\x80\x02\x01\x03" HEAD SECURITY ENGINE REST), ENVELOPE_BROKEN, { 0 } },
	{ "v2c is told by its version", OCTETS("\x30\x50\x02\x01\x01\x04\x06public"), ENVELOPE_COMMUNITY, { 0 } },
	{ "so is v1", OCTETS("\x30\x50\x02\x01\x00"), ENVELOPE_COMMUNITY, { 0 } },
	{ "a version in more octets than it needs is still 3", OCTETS("\x30\x50\x02\x02\x00\x03" HEAD SECURITY ENGINE REST),
	  ENVELOPE_V3, { 0x123456, { 0x80, 1, 2, 3, 4 }, 5, 7, 256 } },
	{ "another security model is not read", OCTETS(V3 "\x30\x0f\x02\x03\x12\x34\x56\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x02"
	  SECURITY ENGINE REST), ENVELOPE_BROKEN, { 0 } },
	{ "a negative number is none", OCTETS(V3 "\x30\x0f\x02\x03\x92\x34\x56\x02\x03\x00\xff\xe3\x04\x01\x04\x02\x01\x03"
	  SECURITY ENGINE REST), ENVELOPE_BROKEN, { 0 } },
	{ "boots beyond 2^31-1 are none", OCTETS(V3 HEAD SECURITY ENGINE "\x02\x05\x00\x80\x00\x00\x00\x02\x01\x00"),
	  ENVELOPE_BROKEN, { 0 } },
	{ "nothing is no message", OCTETS(""), ENVELOPE_BROKEN, { 0 } },
	{ "text is no message", OCTETS("GET / HTTP/1.0"), ENVELOPE_BROKEN, { 0 } },
};
/* clang-format on */

static void
check_envelope(void **state)
{
	const struct envelope_case *c = *state;
	struct envelope envelope;

	assert_int_equal(envelope_read(&envelope, (const uint8_t *)c->octets, c->len), c->kind);
	if (c->kind != ENVELOPE_V3)
		return;
	assert_int_equal(envelope.message_id, c->want.message_id);
	assert_int_equal(envelope.engine_id_len, c->want.engine_id_len);
	assert_memory_equal(envelope.engine_id, c->want.engine_id, sizeof(envelope.engine_id));
	assert_int_equal(envelope.boots, c->want.boots);
	assert_int_equal(envelope.time_sec, c->want.time_sec);
}

/* Each cut is in memory of its own, so that the sanitizer sees a step beyond its end. */
static void
a_message_may_be_cut_off_anywhere(void **state)
{
	static const char whole[] = V3 HEAD SECURITY ENGINE REST;
	size_t needed = sizeof(V3 HEAD SECURITY ENGINE) - 1 + 7; /* with boots and time */

	(void)state;
	for (size_t len = 0; len < sizeof(whole); len++) {
		uint8_t *cut = malloc(len + (len == 0));
		struct envelope envelope;
		enum envelope_kind kind;

		assert_non_null(cut);
		memcpy(cut, whole, len);
		kind = envelope_read(&envelope, cut, len);
		assert_int_equal(kind, len >= needed ? ENVELOPE_V3 : ENVELOPE_BROKEN);
		free(cut);
	}
}

/* --- sizes --- */

static const struct size_case {
	const char *name;
	struct config_snmp credentials;
	size_t octets;
} sizes[] = {
	{ "v2c adds its community", { .version = SNMP_V2C, .community = "public" }, 6 },
	{ "noAuthNoPriv adds heads and two engineIDs",
	  { .version = SNMP_V3, .user = "mon", .auth = "SHA-256", .priv = "AES" },
	  123 },
	{ "authNoPriv adds the digest",
	  { .version = SNMP_V3,
	    .user = "mon",
	    .level = SNMP_LEVEL_AUTH,
	    .auth = "SHA-256",
	    .priv = "AES" },
	  147 },
	{ "a digest of MD5 or SHA-1 has 12 octets",
	  { .version = SNMP_V3,
	    .user = "mon",
	    .level = SNMP_LEVEL_AUTH,
	    .auth = "SHA",
	    .priv = "AES" },
	  135 },
	{ "authPriv adds salt and padding",
	  { .version = SNMP_V3,
	    .user = "mon",
	    .level = SNMP_LEVEL_AUTHPRIV,
	    .auth = "SHA-512",
	    .priv = "DES" },
	  190 },
};

static void
check_size(void **state)
{
	const struct size_case *c = *state;

	assert_int_equal(envelope_octets(&c->credentials), c->octets);
}

/* --- reports --- */

static const struct report_case {
	const char *name;
	unsigned long oid[12];
	size_t oid_len;
	enum report report;
	const char *words;
} reports[] = {
	{ "an unknown user is named",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0 },
	  11,
	  REPORT_USER,
	  "is \"mon\" set up" },
	{ "a wrong digest points to secret and protocol",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 5, 0 },
	  11,
	  REPORT_DIGEST,
	  "auth secret of user \"mon\" right, and auth SHA-384" },
	{ "what cannot be decrypted points to the other secret",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 6, 0 },
	  11,
	  REPORT_DECRYPT,
	  "priv secret of user \"mon\" right, and priv AES-192" },
	{ "a level not allowed is named",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 1, 0 },
	  11,
	  REPORT_LEVEL,
	  "level authPriv" },
	{ "a time window points to the clock",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 2, 0 },
	  11,
	  REPORT_TIME,
	  "clock" },
	{ "another engineID is told",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 4, 0 },
	  11,
	  REPORT_ENGINE,
	  "engineID" },
	{ "an unknown context is told",
	  { 1, 3, 6, 1, 6, 3, 12, 1, 5, 0 },
	  10,
	  REPORT_CONTEXT,
	  "context" },
	{ "a report of something else is a refusal",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 7, 0 },
	  11,
	  REPORT_OTHER,
	  "refuses" },
	{ "so is one whose name goes on",
	  { 1, 3, 6, 1, 6, 3, 15, 1, 1, 3, 0, 0 },
	  12,
	  REPORT_OTHER,
	  "refuses" },
};

static void
check_report(void **state)
{
	const struct report_case *c = *state;
	const struct snmp_varbind varbind = { .oid = c->oid, .oid_len = c->oid_len };
	const struct config_snmp credentials = { .user = "mon",
						 .level = SNMP_LEVEL_AUTHPRIV,
						 .auth = "SHA-384",
						 .auth_secret = "not-to-be-told",
						 .priv = "AES-192",
						 .priv_secret = "nor-this" };
	char words[REPORT_WORDS_LEN];

	assert_int_equal(report_of(&varbind), c->report);
	report_say(words, c->report, &credentials);
	assert_non_null(strstr(words, c->words));
	assert_null(strstr(words, "not-to-be-told"));
	assert_null(strstr(words, "nor-this"));
}

/* An agent's trouble has room for 160, of which "no answer in 13 tries; " takes some. */
static void
all_words_are_short_enough_for_a_trouble(void **state)
{
	const struct config_snmp longest = { .user = "user-name-of-thirty-two-octets--",
					     .level = SNMP_LEVEL_NOAUTH,
					     .auth = "SHA-512",
					     .priv = "AES-256-C" };
	char words[REPORT_WORDS_LEN];

	(void)state;
	for (int report = 0; report < REPORT_COUNT; report++) {
		report_say(words, (enum report)report, &longest);
		assert_in_range(strlen(words), 1, 159 - 23);
	}
	report_say_silent(words, &longest);
	assert_in_range(strlen(words), 1, 159 - 23);
	assert_int_equal(report_of(NULL), REPORT_OTHER);
}

int
main(void)
{
	struct CMUnitTest tests[COUNT(envelopes) + COUNT(sizes) + COUNT(reports) + 2];
	size_t n = 0;

	for (size_t i = 0; i < COUNT(envelopes); i++)
		tests[n++] = (struct CMUnitTest) { envelopes[i].name, check_envelope, NULL, NULL,
						   (void *)&envelopes[i] };
	for (size_t i = 0; i < COUNT(sizes); i++)
		tests[n++] = (struct CMUnitTest) { sizes[i].name, check_size, NULL, NULL,
						   (void *)&sizes[i] };
	for (size_t i = 0; i < COUNT(reports); i++)
		tests[n++] = (struct CMUnitTest) { reports[i].name, check_report, NULL, NULL,
						   (void *)&reports[i] };
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(a_message_may_be_cut_off_anywhere);
	tests[n++] = (struct CMUnitTest)cmocka_unit_test(all_words_are_short_enough_for_a_trouble);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
