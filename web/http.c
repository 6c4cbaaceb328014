/* http.c - [libmicrohttpd 0.9.75] from sockets to the site, and its replies back.
 *
 * One epoll thread.  A reply that a worker has to make suspends its connection until the answer is there.  What the
 * library lets pass is refused here: Content-Length beside Transfer-Encoding, bodies, methods other than GET and HEAD,
 * foreign hosts. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include <microhttpd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#include "connections.h"
#include "graph.h"
#include "http.h"
#include "http_reply.h"
#include "listen.h"

#define CONNECTION_MEMORY  (16 * 1024)
#define CONNECTION_LIMIT   2000
#define PER_ADDRESS_LIMIT  100 /* not on loopback, where a proxy may stand */
#define INACTIVITY_SEC     15
#define DESCRIPTORS_SPARED 100
#define NOISE_PERIOD_MS    60000
#define NOISE_LINES        5

struct http {
	struct MHD_Daemon *daemon;
	struct site *site;
	struct draw *draw;
	struct connections *connections;
	char address[LISTEN_TEXT_MAX]; /* listened on, as a Host header has it */
	bool is_loopback;
	int64_t noise_since_ms; /* the library's own log lines: a few a minute */
	unsigned noise_lines;
};

/* One request, from its first line to its last octet. */
struct call {
	struct http *http;
	struct MHD_Connection *connection;
	struct connection *place;
	char *target; /* raw; NULL: memory ran out */
	bool begun;   /* its headers were seen */
	struct reply reply;
	struct drawn *drawn; /* a worker's answer */
};

/* --- replies --- */

static const char *
request_header(const struct call *call, const char *name)
{
	return MHD_lookup_connection_value(call->connection, MHD_HEADER_KIND, name);
}

/* What the client has already is not sent again. */
static void
spare_known(struct call *call)
{
	struct reply *reply = &call->reply;

	if (reply->status != 200 ||
	    !etag_matches(request_header(call, "If-None-Match"), reply->etag))
		return;
	drawn_release(reply->shared);
	reply->shared = NULL;
	free(reply->body);
	reply->body = NULL;
	reply->fixed = "";
	reply->len = 0;
	reply->status = 304;
}

static enum MHD_Result
send_reply(struct call *call)
{
	spare_known(call);
	struct MHD_Response *response = http_reply_make(&call->reply);
	if (response == NULL)
		return MHD_NO;
	enum MHD_Result sent = MHD_queue_response(call->connection, call->reply.status, response);
	MHD_destroy_response(response);
	return sent;
}

/* --- answers of workers --- */

/* From the pool's thread: the connection goes on, and asks again what it is to send. */
static void
on_drawn(struct drawn *drawn_take, void *user)
{
	struct call *call = user;

	call->drawn = drawn_take;
	MHD_resume_connection(call->connection);
}

/* The worker's answer is the body, or an error says why not. */
static enum MHD_Result
send_drawn(struct call *call)
{
	struct reply *reply = &call->reply;
	struct drawn *drawn = call->drawn;
	int64_t left_ms = drawn->expires_mono_ms - clock_mono_ms();

	call->drawn = NULL;
	if (drawn->ok) {
		reply_share(reply, drawn);
		if (left_ms > 0)
			reply->max_age_sec = (int)(left_ms / 1000);
		return send_reply(call);
	}
	const char *type = reply->type;
	reply_free(reply);
	if (drawn->status != 404 || !graph_blank(reply, type))
		site_refuse(call->http->site, call->target, reply, drawn->status, "not_drawn",
			    drawn->data);
	drawn_release(drawn);
	return send_reply(call);
}

static enum MHD_Result
ask_worker(struct call *call)
{
	struct job *job = call->reply.job;

	call->reply.job = NULL;
	call->drawn = draw_cached(call->http->draw, job->key);
	if (call->drawn == NULL) {
		MHD_suspend_connection(call->connection);
		draw_submit(call->http->draw, job, call->reply.fresh_ms, on_drawn, call);
		free(job);
		return MHD_YES;
	}
	free(job);
	return send_drawn(call);
}

/* --- what is refused before the site is asked --- */

struct seen_headers {
	unsigned lengths, encodings, hosts;
	bool has_body;
};

static enum MHD_Result
count_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	struct seen_headers *seen = user;

	(void)kind;
	if (strcasecmp(name, "Content-Length") == 0) {
		seen->lengths++;
		seen->has_body |= value == NULL || strcmp(value, "0") != 0;
	} else if (strcasecmp(name, "Transfer-Encoding") == 0) {
		seen->encodings++;
		seen->has_body = true;
	} else if (strcasecmp(name, "Host") == 0) {
		seen->hosts++;
	}
	return MHD_YES;
}

static void
refuse_call(struct call *call, unsigned status, const char *code, const char *sentence)
{
	site_refuse(call->http->site, call->target, &call->reply, status, code, sentence);
	call->reply.close = true;
}

/* Whether the request line and headers were refused; the reply says why. */
static bool
refused(struct call *call, const char *method)
{
	struct http *http = call->http;
	struct seen_headers seen = { 0 };

	MHD_get_connection_values(call->connection, MHD_HEADER_KIND, count_header, &seen);
	if (seen.lengths + seen.encodings > 1)
		refuse_call(call, 400, "bad_request",
			    "more than one header says how long the body is");
	else if (seen.hosts > 1)
		refuse_call(call, 400, "bad_request", "there is more than one Host header");
	else if (!site_knows_host(http->site, request_header(call, "Host"), http->address,
				  http->is_loopback))
		refuse_call(call, 421, "misdirected",
			    "this server is not known by that name; its own is set by base-url in "
			    "the web block of the configuration");
	else if (strcmp(method, "GET") != 0 && strcmp(method, "HEAD") != 0) {
		refuse_call(call, 405, "method_not_allowed", "only GET and HEAD are allowed here");
		call->reply.allow = "GET, HEAD";
	} else if (seen.has_body)
		refuse_call(call, 400, "bad_request", "a GET has no body");
	return call->reply.status != 0;
}

/* --- callbacks of the library --- */

/* The request line has come; what is returned is the request's context from here on. */
static void *
on_target(void *user, const char *target, struct MHD_Connection *connection)
{
	struct call *call = calloc(1, sizeof(*call));

	if (call == NULL)
		return NULL;
	call->http = user;
	call->connection = connection;
	call->target = strdup(target);
	reply_init(&call->reply);
	return call;
}

static void
mark_answering(struct call *call)
{
	const union MHD_ConnectionInfo *info =
	    MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	call->place = info == NULL ? NULL : info->socket_context;
	connections_answering(call->http->connections, call->place, true);
}

/* Called when the headers are there, when the request is whole, and when a suspended one goes on. */
static enum MHD_Result
on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_len, void **context)
{
	struct call *call = *context;

	(void)user, (void)connection, (void)url, (void)version, (void)upload;
	if (call == NULL || call->target == NULL || *upload_len > 0)
		return MHD_NO;
	if (!call->begun) {
		call->begun = true;
		return refused(call, method) ? send_reply(call) : MHD_YES;
	}
	if (call->drawn != NULL)
		return send_drawn(call);
	mark_answering(call);
	site_answer(call->http->site, call->target, &call->reply);
	return call->reply.job != NULL ? ask_worker(call) : send_reply(call);
}

static void
on_completed(void *user, struct MHD_Connection *connection, void **context,
	     enum MHD_RequestTerminationCode why)
{
	struct call *call = *context;

	(void)user, (void)connection, (void)why;
	*context = NULL;
	if (call == NULL)
		return;
	connections_answering(call->http->connections, call->place, false);
	drawn_release(call->drawn);
	reply_free(&call->reply);
	free(call->target);
	free(call);
}

static void
on_connection(void *user, struct MHD_Connection *connection, void **place,
	      enum MHD_ConnectionNotificationCode what)
{
	struct http *http = user;
	const union MHD_ConnectionInfo *info;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		connections_remove(http->connections, *place);
		*place = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	*place = info == NULL ? NULL : connections_add(http->connections, info->connect_fd);
}

/* The library tells of every bad request: a few lines a minute are enough. */
static void
on_noise(void *user, const char *format, va_list args)
{
	struct http *http = user;
	int64_t now_ms = clock_mono_ms();
	char line[256];

	if (now_ms - http->noise_since_ms > NOISE_PERIOD_MS) {
		http->noise_since_ms = now_ms;
		http->noise_lines = 0;
	}
	if (http->noise_lines++ >= NOISE_LINES)
		return;
	vsnprintf(line, sizeof(line), format, args);
	for (char *c = line; *c != '\0'; c++)
		if ((unsigned char)*c < 0x20 || *c == '"' || *c == 0x7f)
			*c = ' ';
	log_debug("web", "event=bad_request reason=\"%s\"", line);
}

/* --- its life --- */

/* As many connections as descriptors allow; the soft limit is raised to the hard one first. */
static unsigned
connection_limit(void)
{
	struct rlimit files;

	if (getrlimit(RLIMIT_NOFILE, &files) != 0)
		return CONNECTION_LIMIT / 4;
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	if (files.rlim_cur < 2 * DESCRIPTORS_SPARED)
		return DESCRIPTORS_SPARED;
	return files.rlim_cur - DESCRIPTORS_SPARED < CONNECTION_LIMIT
		   ? (unsigned)files.rlim_cur - DESCRIPTORS_SPARED
		   : CONNECTION_LIMIT;
}

static bool
start_daemon(struct http *http, int fd, struct error *err)
{
	http->daemon = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG, 0, NULL,
	    NULL, on_request, http, MHD_OPTION_EXTERNAL_LOGGER, on_noise,
	    http, /* first: it must hear of the others */
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_PER_IP_CONNECTION_LIMIT,
	    http->is_loopback ? 0u : PER_ADDRESS_LIMIT, MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)INACTIVITY_SEC, MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, http, MHD_OPTION_END);
	if (http->daemon != NULL)
		return true;
	close(fd);
	return error_set(err, ERR_IO, "web: the HTTP server cannot be started");
}

static bool
serve(struct http *http, const struct sockaddr_storage *listen_on, struct error *err)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t len = sizeof(bound);
	int fd = listen_open(listen_on, err);

	if (fd < 0)
		return false;
	getsockname(fd, (struct sockaddr *)&bound, &len);
	uint16_t port = listen_format(http->address, sizeof(http->address), &bound);
	http->is_loopback = listen_is_loopback(&bound);
	http->connections = connections_new();
	if (http->connections == NULL) {
		close(fd);
		return error_set(err, ERR_NOMEM, "web: out of memory");
	}
	if (!start_daemon(http, fd, err))
		return false;
	log_info("web", "event=listening address=%s:%u", http->address, port);
	return true;
}

bool
http_open(struct http **out, const struct sockaddr_storage *listen_on, struct site *site,
	  struct draw *draw, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return error_set(err, ERR_NOMEM, "web: out of memory");
	http->site = site;
	http->draw = draw;
	if (!serve(http, listen_on, err)) {
		http_close(http);
		return false;
	}
	*out = http;
	return true;
}

void
http_tick(struct http *http)
{
	unsigned count = connections_reap(http->connections, clock_mono_ms());

	if (count > 0)
		log_debug("web", "event=slow_clients_cut count=%u", count);
}

void
http_quiesce(struct http *http)
{
	MHD_socket fd = MHD_quiesce_daemon(http->daemon);

	if (fd != MHD_INVALID_SOCKET)
		close(fd);
}

void
http_close(struct http *http)
{
	if (http == NULL)
		return;
	if (http->daemon != NULL)
		MHD_stop_daemon(http->daemon);
	connections_free(http->connections);
	free(http);
}
