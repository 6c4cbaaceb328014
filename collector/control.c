/* control.c - the control socket's server; see control.h. */
#include "control.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define LINE_MAX_OCTETS    65536
#define CLIENT_MAX         32
#define BACKLOG            128
#define CLIENT_PATIENCE_MS 10000
#define ANSWER_PATIENCE_MS 500

struct client {
	struct control *control;
	struct client *next;
	struct loop_watch *watch;
	struct loop_timer *patience;
	int fd;
	size_t len;
	char line[LINE_MAX_OCTETS];
};

struct control {
	struct loop *loop;
	struct loop_watch *watch;
	int fd;
	int dir_fd;
	const struct control_row *rows;
	size_t row_count;
	void *user;
	struct client *clients;
	unsigned client_count;
};

static void
client_free(struct client *client)
{
	struct client **at = &client->control->clients;

	while (*at != client)
		at = &(*at)->next;
	*at = client->next;
	client->control->client_count--;
	loop_watch_stop(client->watch);
	loop_timer_stop(client->patience);
	close(client->fd);
	free(client);
}

static void
on_patience_over(void *user)
{
	client_free(user);
}

static void
client_write(struct client *client, const char *text, size_t len)
{
	while (len > 0) {
		ssize_t n = send(client->fd, text, len, MSG_NOSIGNAL | MSG_DONTWAIT);
		struct pollfd wait = { .fd = client->fd, .events = POLLOUT };

		if (n > 0) {
			text += n;
			len -= (size_t)n;
		} else if (n < 0 && errno != EINTR &&
			   (errno != EAGAIN || poll(&wait, 1, ANSWER_PATIENCE_MS) <= 0)) {
			return; /* it does not read: its loss */
		}
	}
}

static const char *
code_name(enum error_code code)
{
	switch (code) {
	case ERR_NOT_FOUND: return "not_found";
	case ERR_PARSE: return "bad_input";
	case ERR_USAGE: return "bad_request";
	case ERR_REFUSED: return "refused";
	default: return "failed";
	}
}

static bool
run_op(struct control *control, const char *line, size_t len, struct json *answer,
       struct error *err)
{
	struct json *request = NULL;
	bool done = false;

	if (!json_parse(&request, line, len, err))
		return error_wrap(err, "control");
	const char *op = json_text(json_get(request, "op"), "");
	size_t i = 0;

	while (i < control->row_count && strcmp(control->rows[i].op, op) != 0)
		i++;
	if (i < control->row_count)
		done = control->rows[i].run(request, answer, control->user, err);
	else
		error_set(err, ERR_USAGE, "control: there is no op \"%.40s\"", op);
	json_free(request);
	return done;
}

static void
client_answer(struct client *client, size_t line_len)
{
	struct json *answer = json_object_new();
	struct error err = { 0 };
	char *text;
	size_t len;

	json_put_bool(answer, "ok", true);
	if (!run_op(client->control, client->line, line_len, answer, &err)) {
		struct json *error;

		json_free(answer);
		answer = json_object_new();
		json_put_bool(answer, "ok", false);
		error = json_put_object(answer, "error");
		json_put_text(error, "code", code_name(err.code));
		json_put_text(error, "message", err.text);
	}
	text = json_print_dup(answer, false, &len);
	if (text != NULL) {
		client_write(client, text, len);
		client_write(client, "\n", 1);
	}
	free(text);
	json_free(answer);
}

static void
on_client(void *user)
{
	struct client *client = user;
	ssize_t n = recv(client->fd, client->line + client->len, sizeof(client->line) - client->len,
			 MSG_DONTWAIT);
	char *end;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n > 0) {
		client->len += (size_t)n;
		end = memchr(client->line, '\n', client->len);
		if (end == NULL && client->len < sizeof(client->line))
			return;
		if (end != NULL)
			client_answer(client, (size_t)(end - client->line));
	}
	client_free(client); /* one line each way, and good-bye */
}

/* The one that has waited longest has said nothing all that time: it makes room for who may have something to say. */
static bool
oldest_drop(struct control *control)
{
	struct client *client = control->clients;

	if (client == NULL)
		return false;
	while (client->next != NULL)
		client = client->next;
	client_free(client);
	return true;
}

static int
client_accept(struct control *control)
{
	int fd;

	do
		fd = accept4(control->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
	while (fd < 0 && (errno == EMFILE || errno == ENFILE) && oldest_drop(control));
	return fd;
}

static void
on_connection(void *user)
{
	struct control *control = user;
	int fd = client_accept(control);
	struct client *client;

	if (fd < 0)
		return;
	if (control->client_count >= CLIENT_MAX)
		oldest_drop(control);
	client = calloc(1, sizeof(*client));
	if (client == NULL) {
		close(fd);
		return;
	}
	client->control = control;
	client->fd = fd;
	client->next = control->clients;
	control->clients = client;
	control->client_count++;
	client->watch = loop_watch_start(control->loop, fd, on_client, client, NULL);
	client->patience = loop_timer_start(control->loop, CLIENT_PATIENCE_MS, CLIENT_PATIENCE_MS,
					    on_patience_over, client);
	if (client->watch == NULL || client->patience == NULL)
		client_free(client);
}

/* Binds through the directory's descriptor: a state directory's path may be longer than sun_path's 108 octets. */
static bool
bind_in(struct control *control, const char *state_dir, struct error *err)
{
	struct sockaddr_un address = { .sun_family = AF_UNIX };
	mode_t mask;
	int rc;

	control->dir_fd = open(state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	control->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (control->dir_fd < 0 || control->fd < 0)
		return error_set(err, ERR_IO, "%s: %s", state_dir, strerror(errno));
	snprintf(address.sun_path, sizeof(address.sun_path), "/proc/self/fd/%d/control.sock",
		 control->dir_fd);
	unlinkat(control->dir_fd, "control.sock", 0);
	mask = umask(0117);
	rc = bind(control->fd, (struct sockaddr *)&address, sizeof(address));
	umask(mask);
	if (rc != 0 || listen(control->fd, BACKLOG) != 0)
		return error_set(err, ERR_IO, "%s/control.sock: %s", state_dir, strerror(errno));
	return true;
}

bool
control_open(struct control **out, struct loop *loop, const char *state_dir,
	     const struct control_row *rows, size_t row_count, void *user, struct error *err)
{
	struct control *control = calloc(1, sizeof(*control));

	if (control == NULL)
		return error_set(err, ERR_NOMEM, "control: out of memory");
	*control = (struct control) { .loop = loop,
				      .fd = -1,
				      .dir_fd = -1,
				      .rows = rows,
				      .row_count = row_count,
				      .user = user };
	if (!bind_in(control, state_dir, err))
		goto fail;
	control->watch = loop_watch_start(loop, control->fd, on_connection, control, err);
	if (control->watch == NULL)
		goto fail;
	*out = control;
	return true;
fail:
	control_close(control);
	return error_wrap(err, "control socket");
}

unsigned
control_client_count(const struct control *control)
{
	return control->client_count;
}

void
control_close(struct control *control)
{
	if (control == NULL)
		return;
	while (control->clients != NULL)
		client_free(control->clients);
	loop_watch_stop(control->watch);
	if (control->fd >= 0)
		close(control->fd);
	if (control->dir_fd >= 0) {
		if (control->watch != NULL)
			unlinkat(control->dir_fd, "control.sock", 0);
		close(control->dir_fd);
	}
	free(control);
}
