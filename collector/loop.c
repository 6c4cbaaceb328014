/* loop.c - libuv 1.44 behind loop.h.  Handles free themselves in their close callback, as libuv asks. */
#include "loop.h"

#include <stdlib.h>
#include <string.h>
#include <uv.h>

struct loop {
	uv_loop_t uv;
};

struct loop_timer {
	uv_timer_t handle;
	loop_cb *cb;
	void *user;
};

struct loop_watch {
	uv_poll_t handle;
	loop_cb *cb;
	void *user;
};

struct loop_signal {
	uv_signal_t handle;
	loop_cb *cb;
	void *user;
};

struct loop_child {
	uv_process_t handle;
	loop_on_exit *on_exit;
	void *user;
};

static void
on_closed(uv_handle_t *handle)
{
	free(handle->data);
}

static void
handle_close(uv_handle_t *handle)
{
	if (!uv_is_closing(handle))
		uv_close(handle, on_closed);
}

bool
loop_new(struct loop **out, struct error *err)
{
	struct loop *loop = calloc(1, sizeof(*loop));

	if (loop == NULL || uv_loop_init(&loop->uv) != 0) {
		free(loop);
		return error_set(err, ERR_NOMEM, "event loop: out of memory or file descriptors");
	}
	*out = loop;
	return true;
}

static void
close_left(uv_handle_t *handle, void *arg)
{
	(void)arg;
	handle_close(handle);
}

void
loop_free(struct loop *loop)
{
	if (loop == NULL)
		return;
	uv_walk(&loop->uv, close_left, NULL);
	uv_run(&loop->uv, UV_RUN_DEFAULT);
	uv_loop_close(&loop->uv);
	free(loop);
}

void
loop_run(struct loop *loop)
{
	uv_run(&loop->uv, UV_RUN_DEFAULT);
}

void
loop_stop(struct loop *loop)
{
	uv_stop(&loop->uv);
}

static void
on_timer(uv_timer_t *handle)
{
	struct loop_timer *timer = handle->data;
	bool last = uv_timer_get_repeat(handle) == 0;

	timer->cb(timer->user);
	if (last)
		handle_close((uv_handle_t *)handle);
}

struct loop_timer *
loop_timer_start(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms, loop_cb *cb, void *user)
{
	struct loop_timer *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return NULL;
	timer->cb = cb;
	timer->user = user;
	uv_timer_init(&loop->uv, &timer->handle);
	timer->handle.data = timer;
	uv_update_time(&loop->uv);
	uv_timer_start(&timer->handle, on_timer, first_ms, repeat_ms);
	return timer;
}

void
loop_timer_stop(struct loop_timer *timer)
{
	if (timer != NULL)
		handle_close((uv_handle_t *)&timer->handle);
}

static void
on_poll(uv_poll_t *handle, int status, int events)
{
	struct loop_watch *watch = handle->data;

	(void)status, (void)events; /* an error shows itself when the owner reads */
	watch->cb(watch->user);
}

struct loop_watch *
loop_watch_start(struct loop *loop, int fd, loop_cb *readable, void *user, struct error *err)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));
	int rc;

	if (watch == NULL) {
		error_set(err, ERR_NOMEM, "event loop: out of memory");
		return NULL;
	}
	watch->cb = readable;
	watch->user = user;
	rc = uv_poll_init(&loop->uv, &watch->handle, fd);
	if (rc != 0) {
		free(watch);
		error_set(err, ERR_IO, "event loop: cannot watch descriptor %d: %s", fd,
			  uv_strerror(rc));
		return NULL;
	}
	watch->handle.data = watch;
	uv_poll_start(&watch->handle, UV_READABLE, on_poll);
	return watch;
}

void
loop_watch_stop(struct loop_watch *watch)
{
	if (watch == NULL)
		return;
	uv_poll_stop(&watch->handle);
	handle_close((uv_handle_t *)&watch->handle);
}

static void
on_signal(uv_signal_t *handle, int signo)
{
	struct loop_signal *entry = handle->data;

	(void)signo;
	entry->cb(entry->user);
}

bool
loop_on_signal(struct loop *loop, int signo, loop_cb *cb, void *user, struct error *err)
{
	struct loop_signal *entry = calloc(1, sizeof(*entry));

	if (entry == NULL)
		return error_set(err, ERR_NOMEM, "event loop: out of memory");
	entry->cb = cb;
	entry->user = user;
	uv_signal_init(&loop->uv, &entry->handle);
	entry->handle.data = entry;
	uv_unref((uv_handle_t *)&entry->handle); /* waiting for a signal alone keeps nobody up */
	if (uv_signal_start(&entry->handle, on_signal, signo) != 0) {
		handle_close((uv_handle_t *)&entry->handle);
		return error_set(err, ERR_IO, "event loop: cannot watch signal %d", signo);
	}
	return true;
}

static void
on_child_exit(uv_process_t *handle, int64_t exit_status, int term_signal)
{
	struct loop_child *child = handle->data;

	child->on_exit(exit_status, term_signal, child->user);
	handle_close((uv_handle_t *)handle);
}

static struct loop_child *
spawn(struct loop *loop, uv_process_options_t *options, loop_on_exit *on_exit, void *user,
      struct error *err)
{
	struct loop_child *child = calloc(1, sizeof(*child));
	int rc;

	if (child == NULL) {
		error_set(err, ERR_NOMEM, "event loop: out of memory");
		return NULL;
	}
	child->on_exit = on_exit;
	child->user = user;
	child->handle.data = child;
	options->exit_cb = on_child_exit;
	rc = uv_spawn(&loop->uv, &child->handle, options);
	if (rc != 0) {
		child->handle.data = child;
		handle_close((uv_handle_t *)&child->handle);
		error_set(err, ERR_IO, "cannot start %s: %s", options->file, uv_strerror(rc));
		return NULL;
	}
	return child;
}

struct loop_child *
loop_spawn(struct loop *loop, char *const argv[], loop_on_exit *on_exit, void *user,
	   struct error *err)
{
	uv_stdio_container_t streams[3];
	uv_process_options_t options = {
		.file = argv[0], .args = (char **)argv, .stdio_count = 3, .stdio = streams
	};

	for (int i = 0; i < 3; i++)
		streams[i] = (uv_stdio_container_t) { .flags = UV_INHERIT_FD, .data.fd = i };
	return spawn(loop, &options, on_exit, user, err);
}

struct loop_child *
loop_spawn_apart(struct loop *loop, char *const argv[], char *const envp[], int stdin_fd,
		 bool apart, loop_on_exit *on_exit, void *user, struct error *err)
{
	uv_stdio_container_t streams[3];
	uv_process_options_t options = { .file = argv[0],
					 .args = (char **)argv,
					 .env = (char **)envp,
					 .flags = apart ? UV_PROCESS_DETACHED : 0,
					 .stdio_count = 3,
					 .stdio = streams };

	for (int i = 0; i < 3; i++)
		streams[i] = (uv_stdio_container_t) { .flags = UV_INHERIT_FD, .data.fd = i };
	streams[0] = stdin_fd >= 0
			 ? (uv_stdio_container_t) { .flags = UV_INHERIT_FD, .data.fd = stdin_fd }
			 : (uv_stdio_container_t) { .flags = UV_IGNORE };
	return spawn(loop, &options, on_exit, user, err);
}

pid_t
loop_child_pid(const struct loop_child *child)
{
	return child->handle.pid;
}

bool
loop_child_signal(struct loop_child *child, int signo)
{
	return uv_process_kill(&child->handle, signo) == 0;
}
