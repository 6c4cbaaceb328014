/* links: base/error.c base/log.c base/log_body.c base/clock.c */
/* test_error.c - what went wrong, and the lines that say so. */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "ixwatch/clock.h"
#include "ixwatch/error.h"
#include "ixwatch/log.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- errors --- */

static void
set_is_false_and_keeps_code_and_sentence(void **state)
{
	struct error err = { 0 };

	(void)state;
	assert_false(error_set(&err, ERR_DB, "%s: %d", "ledger", 7));
	assert_int_equal(err.code, ERR_DB);
	assert_string_equal(err.text, "ledger: 7");
}

static void
wrap_puts_context_in_front_and_keeps_the_code(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, ERR_IO, "disk full");
	assert_false(error_wrap(&err, "port %d", 12));
	assert_false(error_wrap(&err, "backfill"));
	assert_int_equal(err.code, ERR_IO);
	assert_string_equal(err.text, "backfill: port 12: disk full");
}

static void
without_an_error_to_fill_both_are_false(void **state)
{
	(void)state;
	assert_false(error_set(NULL, ERR_IO, "x"));
	assert_false(error_wrap(NULL, "x"));
}

static void
an_error_may_be_said_again_in_other_words(void **state)
{
	struct error err = { 0 };

	(void)state;
	error_set(&err, ERR_IO, "no such file");
	error_set(&err, ERR_CONFIG, "cannot read it: %s", err.text);
	assert_string_equal(err.text, "cannot read it: no such file");
	error_wrap(&err, "%s", err.text);
	assert_string_equal(err.text, "cannot read it: no such file: cannot read it: no such file");
}

/* For every length around the limit, the end is a whole character. */
static void
a_long_sentence_is_cut_between_characters(void **state)
{
	char text[1024];
	struct error err = { 0 };

	(void)state;
	for (size_t ascii = 700; ascii < 780; ascii++) {
		memset(text, 'a', ascii);
		strcpy(text + ascii,
		       "\xf0\x9f\x8c\x8d\xe2\x82\xac\xc3\xa4"); /* 4, 3 and 2 octets */
		error_set(&err, ERR_IO, "%s", text);
		size_t len = strlen(err.text);
		size_t left = len > ascii ? len - ascii : 0;
		assert_true(len < sizeof(err.text));
		assert_true(left == 0 || left == 4 || left == 7 || left == 9);
		assert_memory_equal(err.text, text, len);
		assert_true(len == strlen(text) || len + 4 >= sizeof(err.text));
	}
}

static void
a_long_context_leaves_a_terminated_text(void **state)
{
	char text[2048];
	struct error err = { 0 };

	(void)state;
	memset(text, 'b', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	error_set(&err, ERR_IO, "tail");
	error_wrap(&err, "%s", text);
	assert_int_equal(strlen(err.text), sizeof(err.text) - 1);
}

static void
wrong_use_and_configuration_exit_with_2(void **state)
{
	(void)state;
	for (int code = ERR_NONE; code <= ERR_REFUSED; code++) {
		struct error err = { .code = (enum error_code)code };
		int want = code == ERR_USAGE || code == ERR_CONFIG ? 2 : 1;

		assert_int_equal(error_exit_status(&err), want);
	}
}

/* --- log lines --- */

/* What log_line writes, with standard error led into a pipe meanwhile. */
static const char *
logged(enum log_level level, const char *text, bool as_journal)
{
	static char got[8192];
	char stream[64];
	struct stat st;
	int ends[2], saved = dup(STDERR_FILENO);

	assert_int_equal(pipe2(ends, O_CLOEXEC | O_NONBLOCK), 0);
	dup2(ends[1], STDERR_FILENO);
	if (as_journal) {
		assert_int_equal(fstat(STDERR_FILENO, &st), 0);
		snprintf(stream, sizeof(stream), "%ju:%ju", (uintmax_t)st.st_dev,
			 (uintmax_t)st.st_ino);
		setenv("JOURNAL_STREAM", stream, 1);
	}
	log_line(level, "snmp", "event=%s", text);
	dup2(saved, STDERR_FILENO);
	ssize_t len = read(ends[0], got, sizeof(got) - 1);
	got[len > 0 ? len : 0] = '\0';
	close(ends[0]);
	close(ends[1]);
	close(saved);
	unsetenv("JOURNAL_STREAM");
	return got;
}

static const struct log_case {
	const char *name;
	enum log_level level;
	const char *text;
	bool as_journal;
	const char *want;
} log_cases[] = {
	{ "a line begins with the time in UTC", LOG_LEVEL_WARN, "silent", false,
	  "2026-11-23T02:10:00Z warn snmp event=silent\n" },
	{ "the journal gets its priority instead", LOG_LEVEL_ERROR, "silent", true,
	  "<3>error snmp event=silent\n" },
	{ "info is 6 for the journal", LOG_LEVEL_INFO, "up", true, "<6>info snmp event=up\n" },
	{ "what is below the level is dropped", LOG_LEVEL_DEBUG, "poll", false, "" },
	{ "a name cannot forge a line", LOG_LEVEL_INFO, "x\n<0>error boo\r\t\x1b[2J\x7f", false,
	  "2026-11-23T02:10:00Z info snmp event=x?<0>error boo???[2J?\n" },
	{ "a control of C1 or a turned direction is no text", LOG_LEVEL_INFO,
	  "\xc2\x9b"
	  "2J\xe2\x80\xae!",
	  false, "2026-11-23T02:10:00Z info snmp event=?2J?!\n" },
	{ "UTF-8 passes, other octets do not", LOG_LEVEL_INFO, "K\xc3\xb6ln \xff\xc3", false,
	  "2026-11-23T02:10:00Z info snmp event=K\xc3\xb6ln ??\n" },
};

static void
check_log(void **state)
{
	const struct log_case *c = *state;

	assert_string_equal(logged(c->level, c->text, c->as_journal), c->want);
}

static void
another_ones_journal_stream_is_not_ours(void **state)
{
	(void)state;
	setenv("JOURNAL_STREAM", "1:1", 1);
	assert_string_equal(logged(LOG_LEVEL_INFO, "x", false),
			    "2026-11-23T02:10:00Z info snmp event=x\n");
}

static void
a_long_line_is_one_line_and_says_that_it_was_cut(void **state)
{
	char text[5000];

	(void)state;
	memset(text, 'x', sizeof(text) - 1);
	text[sizeof(text) - 1] = '\0';
	const char *line = logged(LOG_LEVEL_INFO, text, false);
	assert_true(strlen(line) < 2048);
	assert_ptr_equal(strchr(line, '\n'), line + strlen(line) - 1);
	assert_string_equal(line + strlen(line) - 6, "xx...\n");
}

static void
logging_keeps_errno(void **state)
{
	(void)state;
	errno = ENOSPC;
	logged(LOG_LEVEL_INFO, "x", false);
	errno = ENOSPC;
	log_debug("snmp", "dropped");
	assert_int_equal(errno, ENOSPC);
}

static int
stop_clock(void **state)
{
	(void)state;
	clock_fake(0, 1795399800000LL);
	unsetenv("JOURNAL_STREAM");
	return 0;
}

int
main(void)
{
	const struct CMUnitTest error_tests[] = {
		cmocka_unit_test(set_is_false_and_keeps_code_and_sentence),
		cmocka_unit_test(wrap_puts_context_in_front_and_keeps_the_code),
		cmocka_unit_test(without_an_error_to_fill_both_are_false),
		cmocka_unit_test(an_error_may_be_said_again_in_other_words),
		cmocka_unit_test(a_long_sentence_is_cut_between_characters),
		cmocka_unit_test(a_long_context_leaves_a_terminated_text),
		cmocka_unit_test(wrong_use_and_configuration_exit_with_2),
		cmocka_unit_test(another_ones_journal_stream_is_not_ours),
		cmocka_unit_test(a_long_line_is_one_line_and_says_that_it_was_cut),
		cmocka_unit_test(logging_keeps_errno),
	};
	struct CMUnitTest log_tests[COUNT(log_cases)];

	for (size_t i = 0; i < COUNT(log_cases); i++)
		log_tests[i] = (struct CMUnitTest) { log_cases[i].name, check_log, NULL, NULL,
						     (void *)&log_cases[i] };
	return cmocka_run_group_tests_name("error", error_tests, stop_clock, NULL) +
	       cmocka_run_group_tests_name("log", log_tests, stop_clock, NULL);
}
