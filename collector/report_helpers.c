/* report_helpers.c - see report_helpers.h. */
#include "report_helpers.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <spawn.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "commands/program.h"
#include "ixwatch/log.h"

#define PEERS_EACH 8 /* fewer are made sooner than a process starts */

struct helper {
	pid_t pid;
	int told;    /* -1: it has ended */
	size_t done; /* so many of its peers */
};

struct report_helpers {
	size_t count;
	struct helper helper[REPORT_HELPERS_MAX];
};

/* --- starting --- */

static size_t
count_for(size_t peer_count)
{
	size_t count = peer_count / PEERS_EACH, useful;
	cpu_set_t set;

	if (sched_getaffinity(0, sizeof(set), &set) != 0)
		return 0;
	/* Each waits a third of its time for what it keeps to be durable. */
	useful = ((size_t)CPU_COUNT(&set) * 3 + 1) / 2;
	if (count > useful)
		count = useful;
	return count > REPORT_HELPERS_MAX ? REPORT_HELPERS_MAX : count;
}

/* Its own end of the pipe is its standard output; it ends when we do (follow.h). */
static bool
spawn(struct helper *helper, char *const argv[], int told)
{
	posix_spawn_file_actions_t actions;
	char supervised[24];
	int rc;

	snprintf(supervised, sizeof(supervised), "%ld", (long)getpid());
	setenv("IXWATCH_SUPERVISED", supervised, 1);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, told, STDOUT_FILENO);
	rc = posix_spawn(&helper->pid, argv[0], &actions, NULL, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	return rc == 0;
}

static bool
helper_start(struct helper *helper, char *const argv[])
{
	int ends[2];
	bool done;

	if (pipe2(ends, O_CLOEXEC) != 0)
		return false;
	done = spawn(helper, argv, ends[1]);
	close(ends[1]);
	if (done)
		helper->told = ends[0];
	else
		close(ends[0]);
	return done;
}

static bool
start_all(struct report_helpers *helpers, const char *path, const char *config_file,
	  const char *week, const char *exchange)
{
	for (size_t i = 0; i < helpers->count; i++) {
		char which[48];
		const char *argv[12] = { path, "report", "--helper", which, "--week", week };
		size_t n = 6;

		snprintf(which, sizeof(which), "%zu/%zu", i + 1, helpers->count);
		if (exchange != NULL) {
			argv[n++] = "--exchange";
			argv[n++] = exchange;
		}
		if (config_file != NULL) {
			argv[n++] = "-c";
			argv[n++] = config_file;
		}
		if (!helper_start(&helpers->helper[i], (char *const *)(uintptr_t)argv))
			return false;
	}
	return true;
}

struct report_helpers *
report_helpers_start(const char *config_file, const char *week, const char *exchange,
		     size_t peer_count)
{
	size_t count = count_for(peer_count);
	struct report_helpers *helpers = count > 1 ? calloc(1, sizeof(*helpers)) : NULL;
	char path[PROGRAM_PATH_MAX];

	if (helpers == NULL)
		return NULL;
	helpers->count = count;
	for (size_t i = 0; i < count; i++)
		helpers->helper[i].told = -1;
	if (program_beside(path, sizeof(path), "ixwatch", NULL) &&
	    start_all(helpers, path, config_file, week, exchange))
		return helpers;
	log_warn("report", "event=no-helpers reason=\"%s\"", strerror(errno));
	report_helpers_end(helpers);
	return NULL;
}

/* --- working --- */

static void
hear(struct helper *helper)
{
	char octets[256];
	ssize_t n = read(helper->told, octets, sizeof(octets));

	if (n < 0 && errno == EINTR)
		return;
	if (n > 0) {
		helper->done += (size_t)n;
		return;
	}
	close(helper->told);
	helper->told = -1;
}

void
report_helpers_wait(struct report_helpers *helpers, size_t peer)
{
	struct helper *helper;

	if (helpers == NULL)
		return;
	helper = &helpers->helper[peer % helpers->count];
	while (helper->told >= 0 && helper->done <= peer / helpers->count)
		hear(helper);
}

void
report_helpers_end(struct report_helpers *helpers)
{
	if (helpers == NULL)
		return;
	for (size_t i = 0; i < helpers->count; i++) {
		struct helper *helper = &helpers->helper[i];

		if (helper->told >= 0) {
			close(helper->told);
			kill(helper->pid, SIGTERM);
		}
		while (helper->pid > 0 && waitpid(helper->pid, NULL, 0) < 0 && errno == EINTR)
			continue;
	}
	free(helpers);
}
