/* links: base/control_client.c base/json.c base/units.c base/clock.c base/error.c */
/* pkgs: jansson */
/* test_control_client.c - asking a collector that answers, stammers, keeps silent, or is not there. */
#include <errno.h>
#include <limits.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "ixwatch/clock.h"
#include "ixwatch/control.h"

#define COUNT(a) (sizeof(a) / sizeof((a)[0]))

/* --- a collector for one question, in a process of its own --- */

struct collector {
	char dir[PATH_MAX];
	pid_t pid;
};

static char scratch[64];

/* The folder is entered to bind, so that it may be longer than a socket's path. */
static int
listen_in(const char *dir, int backlog)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX, .sun_path = "control.sock" };
	char here[PATH_MAX];
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	assert_non_null(getcwd(here, sizeof(here)));
	assert_int_equal(chdir(dir), 0);
	unlink(address.sun_path);
	assert_int_equal(bind(fd, (struct sockaddr *)&address, sizeof(address)), 0);
	assert_int_equal(listen(fd, backlog), 0);
	assert_int_equal(chdir(here), 0);
	return fd;
}

static void
write_all(int fd, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t done = write(fd, text, len);

		if (done <= 0)
			_exit(1);
		text += done;
		len -= (size_t)done;
	}
}

/* Reads the question up to its end of line. */
static void
read_question(int fd)
{
	char octet = 0;

	while (octet != '\n') {
		if (read(fd, &octet, 1) != 1)
			_exit(1);
	}
}

typedef void behave(int fd, const char *answer);

static void
answer_at_once(int fd, const char *answer)
{
	read_question(fd);
	write_all(fd, answer, strlen(answer));
}

static void
answer_octet_by_octet(int fd, const char *answer)
{
	read_question(fd);
	for (; *answer != '\0'; answer++)
		write_all(fd, answer, 1);
}

static void
answer_a_megabyte(int fd, const char *answer)
{
	size_t len = 1 << 20;
	char *pad = malloc(len);

	memset(pad, ' ', len);
	read_question(fd);
	write_all(fd, pad, len);
	write_all(fd, answer, strlen(answer));
	free(pad);
}

static void
answer_without_end(int fd, const char *answer)
{
	char pad[65536];

	(void)answer;
	memset(pad, ' ', sizeof(pad));
	read_question(fd);
	for (;;)
		write_all(fd, pad, sizeof(pad));
}

static void
keep_silent(int fd, const char *answer)
{
	(void)answer;
	read_question(fd);
	pause();
	close(fd);
}

static void
never_read(int fd, const char *answer)
{
	(void)fd, (void)answer;
	pause();
}

static struct collector
start_collector(const char *dir, behave *how, const char *answer)
{
	struct collector collector = { 0 };
	int listener = listen_in(dir, 4);

	snprintf(collector.dir, sizeof(collector.dir), "%s", dir);
	collector.pid = fork();
	if (collector.pid == 0) {
		signal(SIGPIPE, SIG_DFL);
		alarm(30);
		int fd = accept(listener, NULL, NULL);
		how(fd, answer);
		close(fd);
		_exit(0);
	}
	close(listener);
	return collector;
}

static void
stop_collector(const struct collector *collector)
{
	kill(collector->pid, SIGKILL);
	waitpid(collector->pid, NULL, 0);
}

static bool
ask(const char *dir, unsigned timeout_ms, struct json **answer, struct error *err)
{
	struct json *request = json_object_new();

	json_put_text(request, "op", "status");
	bool done = control_ask(dir, request, timeout_ms, answer, err);
	json_free(request);
	return done;
}

/* --- cases --- */

static const struct ask_case {
	const char *name;
	behave *how;
	const char *answer;
	unsigned timeout_ms;
	enum error_code want; /* ERR_NONE: an answer */
	const char *says;     /* in the error's sentence */
} cases[] = {
	{ "an answer", answer_at_once, "{\"ok\": true, \"n\": 7}\n", 5000, ERR_NONE, "" },
	{ "an answer octet by octet", answer_octet_by_octet, "{\"ok\": true, \"n\": 7}\n", 5000,
	  ERR_NONE, "" },
	{ "a long answer", answer_a_megabyte, "{\"ok\": true, \"n\": 7}\n", 5000, ERR_NONE, "" },
	{ "what follows the line is not read", answer_at_once, "{\"ok\": true, \"n\": 7}\nnoise",
	  5000, ERR_NONE, "" },
	{ "a no is an error with its sentence", answer_at_once,
	  "{\"ok\": false, \"error\": {\"code\": \"not_found\", \"message\": \"no port 9\"}}\n",
	  5000, ERR_REFUSED, "no port 9" },
	{ "a no without a reason", answer_at_once, "{\"ok\": false}\n", 5000, ERR_PARSE, "reason" },
	{ "an answer that is no JSON", answer_at_once, "hello\n", 5000, ERR_PARSE, "JSON, line 1" },
	{ "an answer that is no object", answer_at_once, "[true]\n", 5000, ERR_PARSE, "\"ok\"" },
	{ "an answer that breaks off", answer_at_once, "{\"ok\": true", 5000, ERR_IO, "hung up" },
	{ "no answer, hung up", answer_at_once, "", 5000, ERR_IO, "hung up" },
	{ "an answer without end", answer_without_end, "", 20000, ERR_PARSE, "16777216" },
	{ "silence ends at the deadline", keep_silent, "", 200, ERR_IO, "200 ms" },
	{ "one that accepts and never reads", never_read, "", 200, ERR_IO, "200 ms" },
};

static void
check_ask(void **state)
{
	const struct ask_case *c = *state;
	struct collector collector = start_collector(scratch, c->how, c->answer);
	struct json *answer = NULL;
	struct error err = { 0 };
	int64_t began_ms = clock_mono_ms(), n = 0;

	bool done = ask(scratch, c->timeout_ms, &answer, &err);
	stop_collector(&collector);
	assert_int_equal(err.code, c->want);
	assert_int_equal(done, c->want == ERR_NONE);
	assert_true(clock_mono_ms() - began_ms < (int64_t)c->timeout_ms + 1000);
	if (done)
		assert_true(json_int(json_get(answer, "n"), &n) && n == 7);
	else if (strstr(err.text, c->says) == NULL)
		fail_msg("\"%s\" does not say \"%s\"", err.text, c->says);
	json_free(answer);
}

static void
without_a_socket_no_collector_listens(void **state)
{
	struct error err = { 0 };
	struct json *answer = NULL;
	char path[128];

	(void)state;
	snprintf(path, sizeof(path), "%s/control.sock", scratch);
	unlink(path);
	assert_false(ask(scratch, 1000, &answer, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_non_null(strstr(err.text, scratch));
}

static void
a_socket_left_behind_is_no_collector(void **state)
{
	struct error err = { 0 };
	struct json *answer = NULL;

	(void)state;
	close(listen_in(scratch, 1));
	assert_false(ask(scratch, 1000, &answer, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
}

static void
without_its_folder_no_collector_listens(void **state)
{
	struct error err = { 0 };
	struct json *answer = NULL;

	(void)state;
	assert_false(ask("/nonexistent/ixwatch", 1000, &answer, &err));
	assert_int_equal(err.code, ERR_NOT_FOUND);
	assert_false(ask("/dev/null", 1000, &answer, &err));
	assert_int_equal(err.code, ERR_IO);
}

/* A full queue is "ask again" until the deadline, not a failure. */
static void
a_full_queue_ends_at_the_deadline(void **state)
{
	int listener = listen_in(scratch, 0);
	struct error err = { 0 };
	struct json *answer = NULL;
	int64_t began_ms = clock_mono_ms();

	(void)state;
	for (int i = 0; i < 3; i++) {
		assert_false(ask(scratch, 150, &answer, &err));
		assert_int_equal(err.code, ERR_IO);
		assert_non_null(strstr(err.text, "150 ms"));
	}
	assert_true(clock_mono_ms() - began_ms >= 3 * 150);
	close(listener);
}

static void
a_request_larger_than_the_sockets_buffer_arrives(void **state)
{
	struct collector collector = start_collector(scratch, answer_at_once, "{\"ok\": true}\n");
	struct json *request = json_object_new(), *answer = NULL;
	struct error err = { 0 };
	char *text = malloc(2000001);

	(void)state;
	memset(text, 'x', 2000000);
	text[2000000] = '\0';
	json_put_text(request, "op", text);
	if (!control_ask(scratch, request, 20000, &answer, &err))
		fail_msg("%s", err.text);
	stop_collector(&collector);
	json_free(answer);
	json_free(request);
	free(text);
}

static void
a_request_that_could_not_be_built_is_not_sent(void **state)
{
	struct collector collector = start_collector(scratch, answer_at_once, "{\"ok\": true}\n");
	struct json *answer = NULL;
	struct error err = { 0 };

	(void)state;
	assert_false(control_ask(scratch, NULL, 1000, &answer, &err));
	assert_int_equal(err.code, ERR_NOMEM);
	stop_collector(&collector);
}

/* sun_path holds 108 octets; a state directory may be deeper. */
static void
a_long_state_directory_is_reached(void **state)
{
	char dir[600], here[PATH_MAX], now[PATH_MAX];
	struct json *answer = NULL;
	struct error err = { 0 };

	(void)state;
	snprintf(dir, sizeof(dir), "%s/%0200d", scratch, 1);
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(dir + strlen(dir), sizeof(dir) - strlen(dir), "/%0150d", 2);
	assert_int_equal(mkdir(dir, 0700), 0);
	assert_non_null(getcwd(here, sizeof(here)));
	struct collector collector = start_collector(dir, answer_at_once, "{\"ok\": true}\n");
	if (!ask(dir, 5000, &answer, &err))
		fail_msg("%s", err.text);
	stop_collector(&collector);
	json_free(answer);
	assert_string_equal(getcwd(now, sizeof(now)), here);
}

static int
make_scratch(void **state)
{
	const char *tmp = getenv("TMPDIR");

	(void)state;
	snprintf(scratch, sizeof(scratch), "%.40s/ixwatch-XXXXXX", tmp != NULL ? tmp : "/tmp");
	return mkdtemp(scratch) == NULL;
}

static int
remove_scratch(void **state)
{
	char command[128];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf '%s'", scratch);
	return system(command);
}

int
main(void)
{
	const struct CMUnitTest others[] = {
		cmocka_unit_test(without_a_socket_no_collector_listens),
		cmocka_unit_test(a_socket_left_behind_is_no_collector),
		cmocka_unit_test(without_its_folder_no_collector_listens),
		cmocka_unit_test(a_full_queue_ends_at_the_deadline),
		cmocka_unit_test(a_request_larger_than_the_sockets_buffer_arrives),
		cmocka_unit_test(a_request_that_could_not_be_built_is_not_sent),
		cmocka_unit_test(a_long_state_directory_is_reached),
	};
	struct CMUnitTest asks[COUNT(cases)];

	for (size_t i = 0; i < COUNT(cases); i++)
		asks[i] =
		    (struct CMUnitTest) { cases[i].name, check_ask, NULL, NULL, (void *)&cases[i] };
	return cmocka_run_group_tests_name("ask", asks, make_scratch, remove_scratch) +
	       cmocka_run_group_tests_name("control client", others, make_scratch, remove_scratch);
}
