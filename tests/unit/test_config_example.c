/* links: base/config.c base/config_address.c base/config_check.c base/config_detector.c base/config_file.c base/config_memory.c base/config_options.c base/config_reader.c base/config_scan.c base/config_setting.c base/config_token.c base/config_value.c base/office_hours.c base/detector_settings.c base/pattern.c base/error.c base/units.c base/decimal.c base/zone.c base/model.c */
/* pkgs: libconfuse libpcre2-8 glib-2.0 */
/* test_config_example.c - the table of keys, and the commented example: it is good, and shows every key with its default. */
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "config_scratch.h"

static struct scratch scratch;

/* Reads examples/ixwatch.conf; the tests run in the project's folder, or are told it. */
static char *
read_example(void)
{
	const char *top = getenv("IXWATCH_SOURCE");
	char path[512], *text = NULL;
	size_t room = 0;

	snprintf(path, sizeof(path), "%s/examples/ixwatch.conf", top != NULL ? top : ".");
	FILE *file = fopen(path, "r");
	if (file == NULL || getdelim(&text, &room, '\0', file) < 0)
		fail_msg("%s cannot be read; the tests run in the project's folder, or "
			 "IXWATCH_SOURCE names it",
			 path);
	fclose(file);
	return text;
}

static void
the_example_is_good(void **state)
{
	char *text = read_example();
	struct config *config = read_good(&scratch, text);

	(void)state;
	assert_int_equal(config->exchange_count, 1);
	config_free(config);
	free(text);
}

/* With every key that is behind a # taken in, and what it replaces left out. */
static void
the_example_is_good_with_every_key(void **state)
{
	char folder[300], *example = read_example(), *text = NULL;
	size_t len;
	FILE *out = open_memstream(&text, &len);

	(void)state;
	snprintf(folder, sizeof(folder), "%s/", scratch.dir);
	for (char *line = strtok(example, "\n"); line != NULL; line = strtok(NULL, "\n")) {
		char *hash = strchr(line, '#');

		if (hash != NULL && strspn(line, "\t ") == (size_t)(hash - line) &&
		    hash[1] >= 'a' && hash[1] <= 'z')
			*hash = ' ';
		if (strstr(line, "\tcommunity = ") == NULL)
			fprintf(out, "%s\n", line);
	}
	fclose(out);
	char *moved = replaced(text, "/etc/ixwatch/", folder);
	struct config *config = read_good(&scratch, moved);
	assert_int_equal(config->our_asn, 64499);
	assert_string_equal(config->snmp[0].community, "from-a-file");
	assert_string_equal(config->snmp[1].priv_secret, "private-1234");
	assert_int_equal(config->exchanges[0].ports[0].kind, KIND_PNI);
	assert_true(config->exchanges[0].ports[0].nominal_capacity_bps == 10e9);
	config_free(config);
	free(moved);
	free(text);
	free(example);
}

/* The lines between "BLOCK ... {" and its }, or before the first block; caller frees. */
static char *
block_of(const char *example, const char *block)
{
	char head[64];
	size_t depth = 0;

	snprintf(head, sizeof(head), "\n%s", block);
	if (block[0] == '\0')
		return strndup(example, (size_t)(strstr(example, "\narchive {") - example));
	const char *start = strstr(example, head);
	if (start == NULL) {
		snprintf(head, sizeof(head), "\n\t%s ", block);
		start = strstr(example, head);
	}
	if (start == NULL)
		fail_msg("the example has no block %s", block);
	const char *end = start;
	do {
		const char *line = strchr(end + 1, '\n');
		depth += line[-1] == '{';
		depth -= end[1 + strspn(end + 1, "\t")] == '}';
		end = line;
	} while (depth > 0);
	return strndup(start, (size_t)(end - start));
}

/* Both snmp blocks: each has keys of its own. */
static bool
has_key(const char *text, const char *key, const char *standard)
{
	char plain[128], commented[128], value[128], noted[128];

	snprintf(plain, sizeof(plain), "\n%s = ", key);
	snprintf(commented, sizeof(commented), "#%s = ", key);
	for (const char *line = text; (line = strchr(line, '\n')) != NULL; line++) {
		const char *start = line + 1 + strspn(line + 1, "\t");

		if (strncmp(start, plain + 1, strlen(plain) - 1) != 0 &&
		    strncmp(start, commented, strlen(commented)) != 0)
			continue;
		if (standard == NULL)
			return true;
		size_t len = strcspn(start, "\n");
		char *copy = strndup(start, len);
		snprintf(value, sizeof(value), "= \"%s\"", standard);
		snprintf(noted, sizeof(noted), "= %s ", standard);
		bool found = strstr(copy, value) != NULL || strstr(copy, noted) != NULL;
		snprintf(noted, sizeof(noted), "default \"%s\"", standard);
		found = found || strstr(copy, noted) != NULL;
		snprintf(noted, sizeof(noted), "= %s", standard);
		found = found || strcmp(strchr(copy, '='), noted) == 0;
		free(copy);
		if (found)
			return true;
	}
	return false;
}

static void
the_example_shows_every_key_and_its_default(void **state)
{
	const struct config_key_help *row;
	char *example = read_example();

	(void)state;
	for (size_t i = 0; (row = config_key_help(i)) != NULL; i++) {
		char *block = block_of(example, row->block);
		char *core =
		    strcmp(row->block, "snmp") == 0 ? block_of(example, "snmp core") : strdup("");

		if (!has_key(block, row->key, row->default_text) &&
		    !has_key(core, row->key, row->default_text))
			fail_msg("the example lacks %s %s with its default %s", row->block,
				 row->key,
				 row->default_text != NULL ? row->default_text : "(none)");
		free(core);
		free(block);
	}
	free(example);
}

static void
every_key_has_words(void **state)
{
	const struct config_key_help *row;
	size_t count = 0;

	(void)state;
	for (; (row = config_key_help(count)) != NULL; count++) {
		assert_true(row->key[0] != '\0');
		assert_true(strlen(row->help) > 5);
		assert_true(strlen(row->type) > 5);
		assert_null(strstr(row->type, "%lld"));
	}
	assert_true(count > 60);
}

/* The table of the configuration and the detector's have the same keys. */
static void
every_setting_of_the_detector_is_a_key(void **state)
{
	const struct config_key_help *row;
	size_t found = 0;

	(void)state;
	for (size_t i = 0; (row = config_key_help(i)) != NULL; i++)
		for (size_t k = 0; detector_settings_key(k) != NULL; k++)
			found += strcmp(row->block, "detector") == 0 &&
				 strcmp(row->key, detector_settings_key(k)) == 0;
	assert_int_equal(found, 14);
	assert_null(detector_settings_key(14));
}

static int
set_up(void **state)
{
	(void)state;
	scratch_new(&scratch);
	scratch_secrets(&scratch);
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
		cmocka_unit_test(the_example_is_good),
		cmocka_unit_test(the_example_is_good_with_every_key),
		cmocka_unit_test(the_example_shows_every_key_and_its_default),
		cmocka_unit_test(every_key_has_words),
		cmocka_unit_test(every_setting_of_the_detector_is_a_key),
	};

	return cmocka_run_group_tests_name("configuration: example", tests, set_up, tear_down);
}
