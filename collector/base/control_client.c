/* control_client.c - body of ixwatch/control.h: one question to the collector, one answer, one deadline for all of it.
 *
 * The socket's path may be longer than the 108 octets that sun_path holds (unix(7)); the directory is then named by its
 * descriptor, /proc/self/fd/N/control.sock, and the working directory stays where it is. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/control.h"

#define SOCKET_NAME       "control.sock"
#define ANSWER_MAX_OCTETS (16U << 20)
#define QUEUE_FULL_MS     10

struct talk {
	const char *state_dir;
	unsigned timeout_ms;
	int64_t end_mono_ms;
	int fd;
	char *line; /* of the answer, as far as it has come */
	size_t line_len, line_size;
};

static bool
fail_errno(const struct talk *talk, const char *what, struct error *err)
{
	return error_set(err, ERR_IO, "%s/" SOCKET_NAME ": %s: %s", talk->state_dir, what,
			 strerror(errno));
}

/* Waits until the socket is ready; with no events just a moment. */
static bool
wait_for(const struct talk *talk, short events, struct error *err)
{
	struct pollfd ready = { .fd = events != 0 ? talk->fd : -1, .events = events };
	int64_t left_ms = talk->end_mono_ms - clock_mono_ms();

	if (events == 0 && left_ms > QUEUE_FULL_MS)
		left_ms = QUEUE_FULL_MS;
	int count = left_ms > 0 ? poll(&ready, 1, (int)left_ms) : 0;
	if (count < 0 && errno != EINTR)
		return fail_errno(talk, "poll", err);
	if (count == 0 && (events != 0 || left_ms <= 0))
		return error_set(err, ERR_IO,
				 "%s/" SOCKET_NAME ": the collector did not answer within %u ms",
				 talk->state_dir, talk->timeout_ms);
	return true;
}

static void
put_address(struct sockaddr_un *address, const char *state_dir, int dir_fd)
{
	const size_t size = sizeof(address->sun_path);

	address->sun_family = AF_UNIX;
	if (snprintf(address->sun_path, size, "%s/" SOCKET_NAME, state_dir) >= (int)size)
		snprintf(address->sun_path, size, "/proc/self/fd/%d/" SOCKET_NAME, dir_fd);
}

/* A listener whose queue is full refuses with EAGAIN at once, and cannot be polled for: ask again until the deadline. */
static bool
connect_to(const struct talk *talk, const struct sockaddr_un *address, struct error *err)
{
	while (connect(talk->fd, (const struct sockaddr *)address, sizeof(*address)) != 0) {
		if (errno == ENOENT || errno == ECONNREFUSED)
			return error_set(err, ERR_NOT_FOUND,
					 "%s/" SOCKET_NAME ": no collector listens there",
					 talk->state_dir);
		if (errno != EAGAIN && errno != EINTR)
			return fail_errno(talk, "connect", err);
		if (!wait_for(talk, 0, err))
			return false;
	}
	return true;
}

static bool
open_talk(struct talk *talk, struct error *err)
{
	struct sockaddr_un address = { 0 };
	int dir_fd = open(talk->state_dir, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (dir_fd < 0 && errno == ENOENT)
		return error_set(err, ERR_NOT_FOUND,
				 "%s: no such directory, so no collector listens there",
				 talk->state_dir);
	if (dir_fd < 0)
		return fail_errno(talk, "open", err);
	put_address(&address, talk->state_dir, dir_fd);
	talk->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	bool done =
	    talk->fd >= 0 ? connect_to(talk, &address, err) : fail_errno(talk, "socket", err);
	close(dir_fd);
	return done;
}

static bool
send_all(const struct talk *talk, const char *text, size_t len, struct error *err)
{
	while (len > 0) {
		ssize_t sent = send(talk->fd, text, len, MSG_NOSIGNAL);

		if (sent < 0 && errno != EAGAIN && errno != EINTR)
			return fail_errno(talk, "send", err);
		if (sent < 0 && !wait_for(talk, POLLOUT, err))
			return false;
		if (sent > 0) {
			text += sent;
			len -= (size_t)sent;
		}
	}
	return true;
}

static bool
send_request(const struct talk *talk, const struct json *request, struct error *err)
{
	size_t len;
	char *text = json_print_dup(request, false, &len);

	if (text == NULL)
		return error_set(err, ERR_NOMEM, "request to the collector: out of memory");
	text[len] = '\n'; /* in place of the terminator */
	bool done = send_all(talk, text, len + 1, err);
	free(text);
	return done;
}

static bool
make_room(struct talk *talk, struct error *err)
{
	if (talk->line_len < talk->line_size)
		return true;
	if (talk->line_size >= ANSWER_MAX_OCTETS)
		return error_set(err, ERR_PARSE,
				 "%s/" SOCKET_NAME ": an answer of more than %u octets",
				 talk->state_dir, ANSWER_MAX_OCTETS);
	size_t size = talk->line_size == 0 ? 4096 : talk->line_size * 4;
	char *grown = realloc(talk->line, size);
	if (grown == NULL)
		return error_set(err, ERR_NOMEM, "answer of the collector: out of memory");
	talk->line = grown;
	talk->line_size = size;
	return true;
}

/* Reads up to the end of the line; *len is without it. */
static bool
read_line(struct talk *talk, size_t *len, struct error *err)
{
	const char *end = NULL;

	while (end == NULL) {
		if (!make_room(talk, err))
			return false;
		char *at = talk->line + talk->line_len;
		ssize_t got = recv(talk->fd, at, talk->line_size - talk->line_len, 0);

		if (got == 0)
			return error_set(err, ERR_IO,
					 "%s/" SOCKET_NAME
					 ": the collector hung up without an answer",
					 talk->state_dir);
		if (got < 0 && errno != EAGAIN && errno != EINTR)
			return fail_errno(talk, "recv", err);
		if (got < 0 && !wait_for(talk, POLLIN, err))
			return false;
		if (got > 0) {
			talk->line_len += (size_t)got;
			end = memchr(at, '\n', (size_t)got);
		}
	}
	*len = (size_t)(end - talk->line);
	return true;
}

/* {"ok": false} is an error with the collector's sentence. */
static bool
check_answer(const struct talk *talk, const struct json *answer, struct error *err)
{
	if (json_bool(json_get(answer, "ok"), false))
		return true;
	const char *message = json_text(json_get(json_get(answer, "error"), "message"), NULL);
	if (message == NULL)
		return error_set(err, ERR_PARSE,
				 "%s/" SOCKET_NAME ": an answer without \"ok\" or a reason",
				 talk->state_dir);
	return error_set(err, ERR_REFUSED, "%s", message);
}

static bool
ask(struct talk *talk, const struct json *request, struct json **answer, struct error *err)
{
	struct json *parsed;
	size_t len = 0;

	if (!open_talk(talk, err) || !send_request(talk, request, err) ||
	    !read_line(talk, &len, err))
		return false;
	if (!json_parse(&parsed, talk->line, len, err))
		return error_wrap(err, "%s/" SOCKET_NAME, talk->state_dir);
	if (!check_answer(talk, parsed, err)) {
		json_free(parsed);
		return false;
	}
	*answer = parsed;
	return true;
}

bool
control_ask(const char *state_dir, const struct json *request, unsigned timeout_ms,
	    struct json **answer, struct error *err)
{
	struct talk talk = {
		.state_dir = state_dir,
		.timeout_ms = timeout_ms,
		.end_mono_ms = clock_mono_ms() + timeout_ms,
		.fd = -1,
	};
	bool done = ask(&talk, request, answer, err);

	free(talk.line);
	if (talk.fd >= 0)
		close(talk.fd);
	return done;
}
