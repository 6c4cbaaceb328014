/* config_faults.h - configurations and what must be said of them: a table of cases, and the check of one. */
#ifndef TESTS_UNIT_CONFIG_FAULTS_H
#define TESTS_UNIT_CONFIG_FAULTS_H

#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <setjmp.h>
#include <cmocka.h>

#include "config_scratch.h"

#define WANT_MAX 12

/* Line 1 and 2 of many cases: credentials, and an exchange that has an agent and is still open. */
#define SNMP  "snmp edge { community = x }\n"
#define AGENT "exchange ex { agent e { address = 127.0.0.1 snmp = edge }\n"
#define V3    "snmp core { version = 3 user = u auth-file = auth priv-file = priv "

/* want: each message begins so, after the name of the file and ':'.  None: the configuration is good. */
struct fault_case {
	const char *name;
	const char *text;
	const char *want[WANT_MAX];
	const char *other; /* other.conf, where there is one */
};

static struct scratch fault_scratch;

/* A text of 5000 octets, for the case that needs one. */
static inline void
fault_write(const struct fault_case *c)
{
	char longest[5100] = "mail { spool = \"";

	if (c->text != NULL) {
		scratch_write(&fault_scratch, "main.conf", c->text, strlen(c->text));
	} else {
		size_t len = strlen(longest);

		memset(longest + len, 'x', 5000);
		strcpy(longest + len + 5000, "\" }\n");
		scratch_write(&fault_scratch, "main.conf", longest, strlen(longest));
	}
	if (c->other != NULL)
		scratch_write(&fault_scratch, "other.conf", c->other, strlen(c->other));
	else
		remove(scratch_path(&fault_scratch, "other.conf"));
}

/* "5: key: ..." is of main.conf; "other.conf:5: ..." says its file. */
static inline void
fault_check_message(const char *message, const char *want)
{
	char begin[1024];

	snprintf(begin, sizeof(begin), "%s/%s%s", fault_scratch.dir,
		 want[0] == 'o' ? "" : "main.conf:", want);
	if (strncmp(message, begin, strlen(begin)) != 0)
		fail_msg("said: %s, not: %s", message, begin);
}

static inline void
fault_check(void **state)
{
	const struct fault_case *c = *state;
	struct said said;
	struct error err = { 0 };
	size_t wanted = 0;

	fault_write(c);
	while (wanted < WANT_MAX && c->want[wanted] != NULL)
		wanted++;
	struct config *config = config_read(&fault_scratch, "main.conf", &said, &err);
	if (said.count != wanted || (config != NULL) != (wanted == 0))
		fail_msg("said %zu, not %zu:\n%s", said.count, wanted,
			 said.text != NULL ? said.text : "");
	char *line = said.text;
	for (size_t i = 0; i < wanted; i++) {
		char *end = strchr(line, '\n');

		*end = '\0';
		fault_check_message(line, c->want[i]);
		line = end + 1;
	}
	if (wanted > 0) {
		assert_int_equal(err.code, ERR_CONFIG);
		assert_non_null(strstr(err.text, wanted == 1 ? ": 1 error" : " errors"));
	}
	said_clear(&said);
	config_free(config);
}

static inline int
fault_set_up(void **state)
{
	(void)state;
	unsetenv("IXWATCH_TEST_UNSET");
	setenv("IXWATCH_TEST_SET", "x", 1);
	setenv("IXWATCH_TEST_EMPTY", "", 1);
	scratch_new(&fault_scratch);
	scratch_secrets(&fault_scratch);
	return 0;
}

static inline int
fault_tear_down(void **state)
{
	(void)state;
	scratch_free(&fault_scratch);
	return 0;
}

/* Every case is a test of its own. */
static inline int
fault_run(const char *group, const struct fault_case *cases, size_t count)
{
	struct CMUnitTest *tests = calloc(count, sizeof(*tests));

	for (size_t i = 0; i < count; i++)
		tests[i] = (struct CMUnitTest) { cases[i].name, fault_check, NULL, NULL,
						 (void *)(uintptr_t)&cases[i] };
	int failed = _cmocka_run_group_tests(group, tests, count, fault_set_up, fault_tear_down);
	free(tests);
	return failed;
}

#endif
