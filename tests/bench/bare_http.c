/* bare_http.c - the measure of ixwatch-web: the same library, the same one epoll thread and keep-alive, and nothing else.
 *
 *   bare_http FILE [ENCODING]
 *
 * Answers every request with the file's octets, as JSON in that encoding; the answer is made once.  Listens on loopback,
 * on a port that the system chose, says "ready port=N", and serves until it is ended by a signal. */
#include <netinet/in.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include <microhttpd.h>

#define CONNECTION_MEMORY (16 * 1024)
#define CONNECTION_LIMIT  2000
#define INACTIVITY_SEC    15

static enum MHD_Result
on_request(void *user, struct MHD_Connection *connection, const char *url, const char *method,
	   const char *version, const char *upload, size_t *upload_len, void **context)
{
	static int seen;

	(void)url, (void)method, (void)version, (void)upload, (void)upload_len;
	if (*context ==
	    NULL) { /* its headers; it is answered when it is whole, as the library asks for */
		*context = &seen;
		return MHD_YES;
	}
	*context = NULL;
	return MHD_queue_response(connection, MHD_HTTP_OK, user);
}

static struct MHD_Response *
read_response(const char *path, const char *encoding)
{
	FILE *file = fopen(path, "rb");
	struct stat status;
	char *body = NULL;

	if (file != NULL && fstat(fileno(file), &status) == 0 && status.st_size > 0)
		body = malloc((size_t)status.st_size);
	bool done =
	    body != NULL && fread(body, 1, (size_t)status.st_size, file) == (size_t)status.st_size;
	if (file != NULL)
		fclose(file);
	if (!done) {
		free(body);
		return NULL;
	}
	struct MHD_Response *response =
	    MHD_create_response_from_buffer((size_t)status.st_size, body, MHD_RESPMEM_MUST_FREE);
	MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_TYPE, "application/json");
	if (encoding != NULL)
		MHD_add_response_header(response, MHD_HTTP_HEADER_CONTENT_ENCODING, encoding);
	return response;
}

int
main(int argc, char **argv)
{
	const struct sockaddr_in address = { .sin_family = AF_INET,
					     .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	struct MHD_Response *response =
	    argc >= 2 ? read_response(argv[1], argc >= 3 ? argv[2] : NULL) : NULL;

	if (response == NULL) {
		fprintf(stderr, "bare_http FILE [ENCODING]: a file with something in it\n");
		return 2;
	}
	struct MHD_Daemon *daemon = MHD_start_daemon(
	    MHD_USE_EPOLL_INTERNAL_THREAD, 0, NULL, NULL, on_request, response,
	    MHD_OPTION_SOCK_ADDR, &address, MHD_OPTION_CONNECTION_MEMORY_LIMIT,
	    (size_t)CONNECTION_MEMORY, MHD_OPTION_CONNECTION_LIMIT, CONNECTION_LIMIT,
	    MHD_OPTION_CONNECTION_TIMEOUT, INACTIVITY_SEC, MHD_OPTION_END);
	if (daemon == NULL) {
		fprintf(stderr, "bare_http: cannot listen\n");
		return 1;
	}
	printf("ready port=%u\n", MHD_get_daemon_info(daemon, MHD_DAEMON_INFO_BIND_PORT)->port);
	fflush(stdout);
	for (;;)
		pause();
}
