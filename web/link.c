/* link.c - starting a worker and reading its answers without ever waiting for it. */
#include <errno.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "link.h"
#include "worker.h"

extern char **environ;

void
link_init(struct link *link)
{
	*link = (struct link) { .fd = -1 };
}

/* The child gets its end as WORKER_FD, an empty signal mask, and nothing else that is open. */
static int
spawn(pid_t *pid, int child_fd, const char *state_dir)
{
	char *argv[] = { (char[]) { "ixwatch-web" }, (char[]) { WORKER_OPTION }, (char *)state_dir,
			 NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attr;
	sigset_t none, all;

	sigemptyset(&none);
	sigfillset(&all);
	posix_spawn_file_actions_init(&actions);
	posix_spawnattr_init(&attr);
	posix_spawn_file_actions_adddup2(&actions, child_fd, WORKER_FD);
	posix_spawn_file_actions_addclosefrom_np(&actions, WORKER_FD + 1);
	posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
	posix_spawnattr_setsigmask(&attr, &none);
	posix_spawnattr_setsigdefault(&attr, &all);
	int rc = posix_spawn(pid, "/proc/self/exe", &actions, &attr, argv, environ);
	posix_spawn_file_actions_destroy(&actions);
	posix_spawnattr_destroy(&attr);
	return rc;
}

bool
link_start(struct link *link, const char *state_dir, struct error *err)
{
	int ends[2];
	pid_t pid;

	link_init(link);
	if (socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(err, ERR_IO, "graph worker: socketpair: %s", strerror(errno));
	int rc = spawn(&pid, ends[1], state_dir);
	close(ends[1]);
	if (rc != 0) {
		close(ends[0]);
		return error_set(err, ERR_IO, "graph worker: cannot start: %s", strerror(rc));
	}
	link->pid = pid;
	link->fd = ends[0];
	return true;
}

int
link_kill(struct link *link)
{
	int status = 0;

	if (link->fd >= 0)
		close(link->fd);
	if (link->pid > 0) {
		kill(link->pid, SIGKILL);
		while (waitpid(link->pid, &status, 0) < 0 && errno == EINTR)
			continue;
	}
	drawn_release(link->coming);
	link_init(link);
	return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

bool
link_send(struct link *link, const struct job *job)
{
	/* an idle worker's buffer is empty, and holds a job whole */
	ssize_t sent = send(link->fd, job, sizeof(*job), MSG_DONTWAIT | MSG_NOSIGNAL);

	return sent == (ssize_t)sizeof(*job);
}

/* The head is whole: makes room for the octets. */
static bool
begin_answer(struct link *link)
{
	if (link->head.len > JOB_ANSWER_MAX)
		return false;
	link->coming = drawn_new(link->head.len);
	if (link->coming == NULL)
		return false;
	link->coming->ok = link->head.ok != 0;
	link->coming->status = link->head.ok ? 200 : link->head.code == ERR_NOT_FOUND ? 404 : 503;
	link->coming_len = 0;
	return true;
}

/* Where the next octets go, and how many are still wanted. */
static size_t
wanted(struct link *link, void **at)
{
	if (link->coming == NULL) {
		*at = (char *)&link->head + link->head_len;
		return sizeof(link->head) - link->head_len;
	}
	*at = link->coming->data + link->coming_len;
	return link->coming->len - link->coming_len;
}

static enum link_event
finish_answer(struct link *link, struct drawn **answer)
{
	*answer = link->coming;
	if ((*answer)->ok)
		etag_of((*answer)->etag, (*answer)->data, (*answer)->len);
	link->coming = NULL;
	link->head_len = 0;
	return LINK_ANSWERED;
}

enum link_event
link_read(struct link *link, struct drawn **answer)
{
	for (;;) {
		void *at;
		size_t want = wanted(link, &at);

		if (want == 0 && link->coming != NULL)
			return finish_answer(link, answer);
		ssize_t got = recv(link->fd, at, want, MSG_DONTWAIT);
		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0 && errno == EAGAIN)
			return LINK_WAIT;
		if (got <= 0)
			return LINK_DEAD;
		if (link->coming != NULL)
			link->coming_len += (size_t)got;
		else if ((link->head_len += (size_t)got) == sizeof(link->head) &&
			 !begin_answer(link))
			return LINK_DEAD;
	}
}
