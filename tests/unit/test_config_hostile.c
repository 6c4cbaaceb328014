/* links: base/config.c base/config_address.c base/config_check.c base/config_detector.c base/config_file.c base/config_memory.c base/config_options.c base/config_reader.c base/config_scan.c base/config_setting.c base/config_token.c base/config_value.c base/office_hours.c base/detector_settings.c base/pattern.c base/error.c base/units.c base/decimal.c base/zone.c base/model.c */
/* pkgs: libconfuse libpcre2-8 glib-2.0 */
/* test_config_hostile.c - files that are no configurations, or far too much of one: they end in messages, soon. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "config_scratch.h"

static struct scratch scratch;

static uint32_t
next_random(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005ULL + 1442695040888963407ULL;
	return (uint32_t)(*seed >> 33);
}

/* Reads these octets; the number of messages, 0 for a good configuration.  Every message names the file. */
static size_t
faults_of(const void *data, size_t len, char first[256])
{
	struct said said;
	struct error err = { 0 };

	scratch_write(&scratch, "main.conf", data, len);
	struct config *config = config_read(&scratch, "main.conf", &said, &err);
	assert_int_equal(config == NULL, said.count > 0);
	snprintf(first, 256, "%.255s", said.text != NULL ? said.text : "");
	for (char *line = said.text; line != NULL && *line != '\0'; line = strchr(line, '\n') + 1)
		if (strncmp(line, scratch.dir, strlen(scratch.dir)) != 0)
			fail_msg("a message that names no file: %.200s", line);
	size_t count = said.count;
	said_clear(&said);
	config_free(config);
	return count;
}

static char *
read_example(size_t *len)
{
	const char *top = getenv("IXWATCH_SOURCE");
	char path[512], *text = NULL;
	size_t room = 0;

	snprintf(path, sizeof(path), "%s/examples/ixwatch.conf", top != NULL ? top : ".");
	FILE *file = fopen(path, "r");
	ssize_t got = file != NULL ? getdelim(&text, &room, '\0', file) : -1;
	if (got < 0)
		fail_msg("%s cannot be read; the tests run in the project's folder, or "
			 "IXWATCH_SOURCE names it",
			 path);
	fclose(file);
	*len = (size_t)got;
	return text;
}

/* The text `times` over, behind `before`; faults_of it. */
static size_t
faults_of_many(const char *before, const char *text, size_t times, char first[256])
{
	size_t head = strlen(before), step = strlen(text);
	char *all = malloc(head + step * times + 1);

	memcpy(all, before, head);
	for (size_t i = 0; i < times; i++)
		memcpy(all + head + i * step, text, step);
	size_t count = faults_of(all, head + step * times, first);
	free(all);
	return count;
}

static void
a_nul_octet_ends_the_reading_with_its_line(void **state)
{
	static const char bare[] = "interval = 60s\n\0mail { }\n",
			  quoted[] = "\nmail { from = \"a\0b\" }\n";
	char first[256];

	(void)state;
	assert_int_equal(faults_of(bare, sizeof(bare) - 1, first), 1);
	assert_non_null(strstr(first, "main.conf:2: file: a NUL octet: this is no text file"));
	assert_int_equal(faults_of(quoted, sizeof(quoted) - 1, first), 1);
	assert_non_null(strstr(first, "main.conf:2: from: a NUL octet: this is no text file"));
}

static void
a_binary_file_is_refused(void **state)
{
	uint64_t seed = 1;
	static unsigned char octets[1 << 16];
	char first[256];

	(void)state;
	for (int i = 0; i < 50; i++) {
		for (size_t k = 0; k < sizeof(octets); k++)
			octets[k] = (unsigned char)next_random(&seed);
		assert_true(faults_of(octets, sizeof(octets), first) >= 1);
	}
	assert_true(faults_of("\x7f"
			      "ELF\x02\x01\x01",
			      7, first) >= 1);
	assert_true(faults_of("\xef\xbb\xbfinterval = 60s\n", 18, first) >= 1);
}

static void
a_line_of_a_megabyte_is_one_fault(void **state)
{
	char first[256];

	(void)state;
	assert_int_equal(faults_of_many("interval = \"", "x", 1 << 20, first), 1);
	assert_int_equal(faults_of_many("interval = ", "x", 1 << 20, first), 1);
	assert_int_equal(faults_of_many("", "x", 1 << 20, first), 1);
	assert_int_equal(faults_of_many("# ", "x", 1 << 20, first), 0);
	assert_int_equal(faults_of_many("mail { from = 'a@b' /* ", "*", 1 << 20, first), 1);
	assert_true(strlen(first) < 250);
}

static void
deep_nesting_is_one_fault(void **state)
{
	char first[256];

	(void)state;
	assert_int_equal(faults_of_many("", "a { ", 200000, first), 2);
	assert_non_null(strstr(first, "main.conf:1: a: unknown here"));
	assert_true(faults_of_many("", "exchange x { ", 5000, first) >= 1);
	assert_true(faults_of_many("", "detector { ", 5000, first) >= 1);
	assert_int_equal(faults_of_many("alert { to = ", "{", 200000, first), 1);
	assert_int_equal(faults_of_many("", "}", 200000, first), 1);
}

static void
many_faults_are_all_said_soon(void **state)
{
	char first[256];
	double start_ms = scratch_now_ms();

	(void)state;
	assert_int_equal(faults_of_many("", "colour = red\n", 20000, first), 20000);
	assert_int_equal(faults_of_many("", "tower { }\n", 20000, first), 20000);
	assert_int_equal(faults_of_many("interval = 1s\n", "interval = 1s\n", 20000, first), 20000);
	assert_int_equal(faults_of_many("", "mail { from = \"x\n }\n", 2000, first), 3999);
	print_message("64,000 faults said in %.0f ms\n", scratch_now_ms() - start_ms);
}

static void
includes_that_multiply_are_bounded(void **state)
{
	char first[256];

	(void)state;
	for (char name = 'a'; name < 'z'; name++) {
		char file[] = "x.inc", text[200];

		file[0] = name;
		snprintf(text, sizeof(text), "include(\"%c.inc\")\ninclude(\"%c.inc\")\n", name + 1,
			 name + 1);
		scratch_write(&scratch, file, text, strlen(text));
	}
	scratch_write(&scratch, "z.inc", "", 0);
	assert_true(faults_of("include(\"a.inc\")\n", 17, first) > 1);
	assert_int_equal(faults_of("include(\"y.inc\")\n", 17, first), 0);
	assert_int_equal(faults_of("include(\"/dev/zero\")\n", 21, first), 1);
	assert_non_null(strstr(first, "too large"));
}

/* A network with ports at a hundred exchanges, an exchange with a thousand members: read in a moment. */
static void
a_large_configuration_is_read_soon(void **state)
{
	char *text = NULL, first[256];
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	fputs("snmp s { community = c }\n", out);
	for (int x = 0; x < 100; x++) {
		fprintf(out, "exchange ix%d { timezone = \"Europe/Berlin\"\n", x);
		for (int a = 0; a < 4; a++)
			fprintf(out,
				"agent a%d { address = 10.0.%d.%d snmp = s match = "
				"'^AS(?<asn>[0-9]+)' }\n",
				a, x, a);
		for (int p = 0; p < 200; p++)
			fprintf(out,
				"port \"a%d/et-0/0/%d\" { asn = 64500 peer = \"Example\" "
				"contracted = 5G }\n",
				p % 4, p);
		fputs("}\n", out);
	}
	fclose(out);
	double start_ms = scratch_now_ms();
	size_t count = faults_of(text, len, first);
	double took_ms = scratch_now_ms() - start_ms;
	if (count != 0)
		fail_msg("%s", first);
	print_message("20,000 ports in %.0f ms\n", took_ms);
	free(text);
}

/* The example with octets changed, left out, doubled and cut: never a crash, always a sentence. */
static void
a_damaged_example_never_does_harm(void **state)
{
	static const char signs[] = "{}()=,\"'\\$#/*+\n\0\xff xyz";
	size_t len, good = 0;
	char *example = read_example(&len), first[256], *text = malloc(len + 8);
	uint64_t seed = 7;

	(void)state;
	for (int i = 0; i < 1500; i++) {
		size_t now = len;

		memcpy(text, example, len);
		for (uint32_t n = 1 + next_random(&seed) % 4; n > 0; n--) {
			size_t at = next_random(&seed) % now;

			switch (next_random(&seed) % 4) {
			case 0: text[at] = signs[next_random(&seed) % (sizeof(signs) - 1)]; break;
			case 1: memmove(text + at, text + at + 1, --now - at); break;
			case 2:
				memmove(text + at + 1, text + at, now++ - at);
				text[at] = signs[next_random(&seed) % (sizeof(signs) - 1)];
				break;
			default: now = i % 8 == 0 ? at + 1 : now; break;
			}
		}
		good += faults_of(text, now, first) == 0;
	}
	assert_true(good > 100 && good < 1400);
	free(text);
	free(example);
}

/* Cut after every octet. */
static void
a_file_cut_anywhere_ends_in_messages(void **state)
{
	static const char whole[] =
	    "interval = \"${IXWATCH_TEST_X:-60s}\" /* c */ snmp s { community = 'c\\'' }\n"
	    "exchange x { agent a { address = \"127.0.0.1\" snmp = s match = 'A\\d' } # c\n"
	    "port \"a/b\" { note = \"\\x41\\\n b\" detector { clear = 80% } } }\nalert { to = { "
	    "\"a@b\", c@d } }\n";
	char first[256];

	(void)state;
	assert_int_equal(faults_of(whole, sizeof(whole) - 1, first), 0);
	for (size_t len = 0; len < sizeof(whole) - 1; len++)
		faults_of(whole, len, first);
}

static int
set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	scratch_free(&scratch);
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_nul_octet_ends_the_reading_with_its_line),
		cmocka_unit_test(a_binary_file_is_refused),
		cmocka_unit_test(a_line_of_a_megabyte_is_one_fault),
		cmocka_unit_test(deep_nesting_is_one_fault),
		cmocka_unit_test(many_faults_are_all_said_soon),
		cmocka_unit_test(includes_that_multiply_are_bounded),
		cmocka_unit_test(a_large_configuration_is_read_soon),
		cmocka_unit_test(a_damaged_example_never_does_harm),
		cmocka_unit_test(a_file_cut_anywhere_ends_in_messages),
	};

	return cmocka_run_group_tests_name("configuration: hostile", tests, set_up, tear_down);
}
