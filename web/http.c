/* http.c - [libmicrohttpd 0.9.75] from sockets to the site, and its replies back.
 *
 * One epoll thread.  A reply that a worker has to make suspends its connection until the answer is there.  What the
 * library lets pass is refused here: Content-Length beside Transfer-Encoding, bodies that are no form's, methods that the
 * route does not have, foreign hosts. */
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/resource.h>
#include <unistd.h>

#include <microhttpd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"

#include "auth.h"
#include "client.h"
#include "connections.h"
#include "encoding.h"
#include "graph.h"
#include "headers.h"
#include "http.h"
#include "http_kept.h"
#include "http_reply.h"
#include "http_tls.h"
#include "listen.h"
#include "squeeze.h"
#include "tag.h"

#define CONNECTION_MEMORY  (16 * 1024)
#define CONNECTION_LIMIT   2000
#define INACTIVITY_SEC     15
#define DESCRIPTORS_SPARED 100
#define NOISE_PERIOD_MS    60000
#define NOISE_LINES        5
#define TLS_PRIORITIES     "SECURE128:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2"

struct http {
	struct MHD_Daemon *daemon;
	struct site *site;
	struct draw *draw, *desk;
	struct auth *auth;
	bool has_tls;
	struct connections *connections;
	struct http_kept *kept;        /* the serving thread's */
	char address[LISTEN_TEXT_MAX]; /* listened on, as a Host header has it */
	bool is_loopback;
	pthread_mutex_t gate; /* held for each step of a request: nothing in force changes within */
	unsigned changes;     /* of what is in force */
	int64_t noise_since_ms; /* the library's own log lines: a few a minute */
	unsigned noise_lines;
};

/* One request, from its first line to its last octet. */
struct call {
	struct http *http;
	struct MHD_Connection *connection;
	struct connection *place;
	char *target;     /* raw; NULL: memory ran out */
	bool begun;       /* its headers were seen */
	unsigned changes; /* so many there had been then */
	struct visit visit;
	char *body; /* of a POST; terminated; NULL: none */
	size_t body_len, body_size;
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
	struct reply *reply = &call->reply;
	bool squeezed = squeeze_fits(reply) &&
			encoding_wants_gzip(request_header(call, MHD_HTTP_HEADER_ACCEPT_ENCODING));

	if (reply->is_private)
		tag_private(reply);
	if (squeezed)
		squeeze_tag(reply);
	spare_known(call);
	if (squeezed && reply->status == 200)
		squeeze(reply);
	struct MHD_Response *kept = http_kept_get(call->http->kept, reply);
	if (kept != NULL)
		return MHD_queue_response(call->connection, reply->status, kept);
	struct MHD_Response *response = http_reply_make(reply);
	if (response == NULL)
		return MHD_NO;
	enum MHD_Result sent = MHD_queue_response(call->connection, reply->status, response);
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

/* The worker's answer is read by whoever asked, who makes the answer of it. */
static enum MHD_Result
finish_call(struct call *call)
{
	struct drawn *drawn = call->drawn;

	call->drawn = NULL;
	site_finish(call->http->site, &call->visit, drawn, &call->reply);
	drawn_release(drawn);
	return send_reply(call);
}

/* The worker's answer is the body, or an error says why not. */
static enum MHD_Result
send_drawn(struct call *call)
{
	struct reply *reply = &call->reply;
	struct drawn *drawn = call->drawn;
	bool is_private = reply->is_private;

	if (reply->finish != NULL)
		return finish_call(call);
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
		site_refuse(call->http->site, &call->visit, reply, drawn->status, "not_drawn",
			    drawn->data);
	reply->is_private = is_private;
	drawn_release(drawn);
	return send_reply(call);
}

static enum MHD_Result
ask_worker(struct call *call)
{
	struct job *job = call->reply.job;
	bool is_picture = call->reply.finish == NULL;

	call->reply.job = NULL;
	call->drawn = is_picture ? draw_cached(call->http->draw, job->key) : NULL;
	bool is_there = call->drawn != NULL;
	if (!is_there) {
		MHD_suspend_connection(call->connection);
		draw_submit(is_picture ? call->http->draw : call->http->desk, job,
			    call->reply.fresh_ms, on_drawn, call);
	}
	explicit_bzero(job, sizeof(*job)); /* there may be a password in it */
	free(job);
	return is_there ? send_drawn(call) : MHD_YES;
}

/* --- what is refused before the site is asked --- */

static enum MHD_Result
on_header(void *user, enum MHD_ValueKind kind, const char *name, const char *value)
{
	(void)kind;
	headers_take(user, name, value);
	return MHD_YES;
}

static void
refuse_call(struct call *call, unsigned status, const char *code, const char *sentence)
{
	site_refuse(call->http->site, &call->visit, &call->reply, status, code, sentence);
	call->reply.close = true;
}

static void
fill_visit(struct call *call, const char *method, const struct headers *seen)
{
	const union MHD_ConnectionInfo *peer =
	    MHD_get_connection_info(call->connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	bool is_loopback = false;

	call->visit = (struct visit) {
		.target = call->target,
		.is_post = strcmp(method, "POST") == 0,
		.host = request_header(call, "Host"),
		.origin = request_header(call, "Origin"),
		.referer = request_header(call, "Referer"),
		.cookie = request_header(call, "Cookie"),
		.authorization = request_header(call, "Authorization"),
		.form_token = request_header(call, "X-CSRF-Token"),
		.content_type = request_header(call, "Content-Type"),
		.body = "",
	};
	if (peer != NULL)
		is_loopback = client_of_peer(call->visit.address, peer->client_addr);
	if (is_loopback && seen->forwarded != NULL && auth_trusts_proxy(call->http->auth))
		client_of_proxy(call->visit.address, seen->forwarded);
}

/* "GET, HEAD" has the method in it, as a whole word. */
static bool
has_word(const char *list, const char *word)
{
	size_t len = strlen(word);
	const char *at = strstr(list, word);

	return len > 0 && at != NULL && strchr(", ", at[len]) != NULL &&
	       (at == list || at[-1] == ' ') && strpbrk(word, ", ") == NULL;
}

/* A POST says how long its body is, and it is no longer than a form of ours. */
static void
check_post(struct call *call, const struct headers *seen)
{
	uint64_t len;

	if (seen->encodings > 0 || seen->length == NULL)
		refuse_call(call, 411, "length_required", "a POST says its Content-Length");
	else if (!units_parse_uint(seen->length, 0, UINT64_MAX, &len))
		refuse_call(call, 400, "bad_request", "the Content-Length is no number");
	else if (len > FORM_OCTETS_MAX)
		refuse_call(call, 413, "too_large", "a POST has at most 16384 octets");
	else if ((call->body = calloc(1, (size_t)len + 1)) == NULL)
		refuse_call(call, 503, "no_memory", "memory ran out");
	else
		call->body_size = (size_t)len;
}

/* What the headers alone can be refused for; the reply says why. */
static void
check_headers(struct call *call, const char *method, struct headers *seen)
{
	struct http *http = call->http;
	const char *allowed = site_allows(call->target);

	call->changes = http->changes;
	MHD_get_connection_values(call->connection, MHD_HEADER_KIND, on_header, seen);
	fill_visit(call, method, seen);
	const char *wrong = headers_wrong(seen);
	if (wrong != NULL)
		refuse_call(call, 400, "bad_request", wrong);
	else if (!site_knows_host(http->site, request_header(call, "Host"), http->address,
				  http->is_loopback))
		refuse_call(call, 421, "misdirected",
			    "this server is not known by that name; its own is set by base-url in "
			    "the web block of the configuration");
	else if (!has_word(allowed, method)) {
		refuse_call(call, 405, "method_not_allowed",
			    "this method is not allowed here; the Allow header says which are");
		call->reply.allow = allowed;
	}
}

/* Whether the request was refused before its body came. */
static bool
refused(struct call *call, const char *method)
{
	struct headers seen = { 0 };

	check_headers(call, method, &seen);
	if (call->reply.status == 0 && call->visit.is_post)
		check_post(call, &seen);
	else if (call->reply.status == 0 && seen.has_body)
		refuse_call(call, 400, "bad_request", "a GET has no body");
	return call->reply.status != 0;
}

/* Once more, when what is in force changed since. */
static bool
refused_meanwhile(struct call *call, const char *method)
{
	struct headers seen = { 0 };

	if (call->changes != call->http->changes)
		check_headers(call, method, &seen);
	return call->reply.status != 0;
}

/* --- callbacks of the library --- */

/* The library goes on to make a record of each parameter, in the connection's little memory: some hundreds are enough to
 * leave none for an answer, and the connection stood still until it was reaped.  Nobody here reads those records (query.c has
 * the target as it came), so what is left of the line, which is the library's own and which it cuts up in place, is made to
 * have none.  Seen with libmicrohttpd 0.9.75. */
static void
spare_parameters(const char *target)
{
	char *query = strchr((char *)target, '?');

	if (query != NULL && query[1] != '\0')
		query[1] = '\0';
}

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
	spare_parameters(target);
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

/* A part of a POST's body; more than it said cannot come. */
static enum MHD_Result
take_upload(struct call *call, const char *upload, size_t *upload_len)
{
	if (call->body == NULL || *upload_len > call->body_size - call->body_len)
		return MHD_NO;
	memcpy(call->body + call->body_len, upload, *upload_len);
	call->body_len += *upload_len;
	*upload_len = 0;
	return MHD_YES;
}

/* One step of a request: its headers are there, it is whole, or the worker has answered. */
static enum MHD_Result
go_on(struct call *call, const char *method)
{
	if (!call->begun) {
		call->begun = true;
		return refused(call, method) ? send_reply(call) : MHD_YES;
	}
	if (call->drawn != NULL)
		return send_drawn(call);
	mark_answering(call);
	if (refused_meanwhile(call, method))
		return send_reply(call);
	if (call->body != NULL)
		call->visit.body = call->body;
	call->visit.body_len = call->body_len;
	site_answer(call->http->site, &call->visit, &call->reply);
	return call->reply.job != NULL ? ask_worker(call) : send_reply(call);
}

static enum MHD_Result
on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_len, void **context)
{
	struct http *http = user;
	struct call *call = *context;

	(void)connection, (void)url, (void)version;
	if (call == NULL || call->target == NULL)
		return MHD_NO;
	if (*upload_len > 0)
		return take_upload(call, upload, upload_len);
	pthread_mutex_lock(&http->gate);
	enum MHD_Result result = go_on(call, method);
	pthread_mutex_unlock(&http->gate);
	return result;
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
	if (call->body != NULL)
		explicit_bzero(call->body, call->body_len);
	free(call->body);
	free(call->target);
	free(call);
}

static void
on_connection(void *user, struct MHD_Connection *connection, void **place,
	      enum MHD_ConnectionNotificationCode what)
{
	struct http *http = user;
	const union MHD_ConnectionInfo *info, *peer;

	if (what == MHD_CONNECTION_NOTIFY_CLOSED) {
		connections_remove(http->connections, *place);
		*place = NULL;
		return;
	}
	info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
	peer = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
	*place = info == NULL || peer == NULL
		     ? NULL
		     : connections_add(http->connections, info->connect_fd,
				       client_network_key(peer->client_addr));
}

/* Before a connection is taken at all. */
static enum MHD_Result
on_knock(void *user, const struct sockaddr *peer, socklen_t len)
{
	struct http *http = user;

	(void)len;
	return connections_has_room(http->connections, client_network_key(peer)) ? MHD_YES : MHD_NO;
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
	unsigned flags =
	    MHD_USE_EPOLL_INTERNAL_THREAD | MHD_ALLOW_SUSPEND_RESUME | MHD_USE_ERROR_LOG;
	const struct MHD_OptionItem tls[] = {
		{ MHD_OPTION_HTTPS_CERT_CALLBACK, 0, http_tls_callback() },
		{ MHD_OPTION_HTTPS_PRIORITIES, 0, (void *)(uintptr_t)TLS_PRIORITIES },
		{ MHD_OPTION_END, 0, NULL },
	};
	const struct MHD_OptionItem none[] = { { MHD_OPTION_END, 0, NULL } };

	http->daemon = MHD_start_daemon(
	    http->has_tls ? flags | MHD_USE_TLS : flags, 0, on_knock, http, on_request, http,
	    MHD_OPTION_EXTERNAL_LOGGER, on_noise, http, /* first: it must hear of the others */
	    MHD_OPTION_LISTEN_SOCKET, fd, MHD_OPTION_STRICT_FOR_CLIENT, 1,
	    MHD_OPTION_CONNECTION_MEMORY_LIMIT, (size_t)CONNECTION_MEMORY,
	    MHD_OPTION_CONNECTION_LIMIT, connection_limit(), MHD_OPTION_CONNECTION_TIMEOUT,
	    (unsigned)INACTIVITY_SEC, MHD_OPTION_URI_LOG_CALLBACK, on_target, http,
	    MHD_OPTION_NOTIFY_CONNECTION, on_connection, http, MHD_OPTION_NOTIFY_COMPLETED,
	    on_completed, http, MHD_OPTION_ARRAY, http->has_tls ? tls : none, MHD_OPTION_END);
	if (http->daemon != NULL)
		return true;
	close(fd);
	return error_set(err, ERR_IO, "web: the HTTP server cannot be started");
}

bool
http_read_tls(struct http *http, const struct config_web *web, struct tls_pair **out,
	      struct error *err)
{
	*out = NULL;
	if (http->has_tls != (web->tls_cert[0] != '\0'))
		return error_set(err, ERR_CONFIG, "web.tls-cert comes or goes only with a restart");
	return !http->has_tls || http_tls_read(out, web->tls_cert, web->tls_key, err) ||
	       error_wrap(err, "web");
}

static bool
serve(struct http *http, const struct config_web *web, struct error *err)
{
	struct sockaddr_storage bound = { 0 };
	socklen_t len = sizeof(bound);

	struct tls_pair *pair;

	http->has_tls = web->tls_cert[0] != '\0';
	if (!http_read_tls(http, web, &pair, err))
		return false;
	if (pair != NULL)
		http_tls_use(pair);
	int fd = listen_open(&web->listen_address, err);
	if (fd < 0)
		return false;
	getsockname(fd, (struct sockaddr *)&bound, &len);
	uint16_t port = listen_format(http->address, sizeof(http->address), &bound);
	http->is_loopback = listen_is_loopback(&bound);
	http->connections = connections_new();
	http->kept = http_kept_new();
	if (http->connections == NULL || http->kept == NULL) {
		close(fd);
		return error_set(err, ERR_NOMEM, "web: out of memory");
	}
	if (!start_daemon(http, fd, err))
		return false;
	log_info("web", "event=listening address=%s:%u tls=%s", http->address, port,
		 http->has_tls ? "yes" : "no");
	return true;
}

bool
http_open(struct http **out, const struct config_web *web, struct site *site, struct draw *draw,
	  struct draw *desk, struct auth *auth, struct error *err)
{
	struct http *http = calloc(1, sizeof(*http));

	if (http == NULL)
		return error_set(err, ERR_NOMEM, "web: out of memory");
	pthread_mutex_init(&http->gate, NULL);
	http->site = site;
	http->draw = draw;
	http->desk = desk;
	http->auth = auth;
	if (!serve(http, web, err)) {
		http_close(http);
		return false;
	}
	*out = http;
	return true;
}

void
http_between(struct http *http, void (*change)(void *user), void *user)
{
	pthread_mutex_lock(&http->gate);
	change(user);
	http->changes++;
	pthread_mutex_unlock(&http->gate);
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
	http_kept_free(http->kept);
	connections_free(http->connections);
	pthread_mutex_destroy(&http->gate);
	free(http);
}
