/* loop_lookup.c - names to addresses, beside the loop; see loop.h.
 *
 * getaddrinfo may take many seconds and cannot be stopped.  Each look-up is a detached thread that owns all it touches
 * and at its end sends one datagram; who gave up waiting has closed the other end, and neither a reload nor the end of
 * the program waits for a resolver. */
#include <errno.h>
#include <netdb.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "loop.h"

#define STACK_OCTETS ((size_t)512 * 1024)

struct loop_lookup {
	int fd; /* where the answer comes in */
	struct loop_watch *watch;
	loop_on_address *on_address;
	void *user;
};

/* The thread's own. */
struct work {
	int fd;
	unsigned choice;
	uint16_t port;
	char host[];
};

struct found {
	int code; /* of getaddrinfo */
	struct sockaddr_storage address;
};

/* --- the thread --- */

static void
address_take(struct found *found, const struct addrinfo *list, unsigned choice, uint16_t port)
{
	const struct addrinfo *at = list;

	for (; choice > 0; choice--)
		at = at->ai_next != NULL ? at->ai_next : list;
	memcpy(&found->address, at->ai_addr, at->ai_addrlen);
	if (found->address.ss_family == AF_INET)
		((struct sockaddr_in *)&found->address)->sin_port = htons(port);
	else
		((struct sockaddr_in6 *)&found->address)->sin6_port = htons(port);
}

static void *
look_up(void *arg)
{
	struct addrinfo hints = { .ai_family = AF_UNSPEC, .ai_socktype = SOCK_DGRAM }, *list = NULL;
	struct work *work = arg;
	struct found found = { .code = getaddrinfo(work->host, NULL, &hints, &list) };

	if (found.code == 0 && list != NULL)
		address_take(&found, list, work->choice, work->port);
	if (list != NULL)
		freeaddrinfo(list);
	send(work->fd, &found, sizeof(found), MSG_NOSIGNAL); /* nobody may be there any more */
	close(work->fd);
	free(work);
	return NULL;
}

/* With every signal blocked: they are the loop's. */
static bool
thread_start(struct work *work)
{
	sigset_t all, before;
	pthread_attr_t attributes;
	pthread_t thread;
	int rc;

	if (pthread_attr_init(&attributes) != 0)
		return false;
	pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED);
	pthread_attr_setstacksize(&attributes, STACK_OCTETS);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &before);
	rc = pthread_create(&thread, &attributes, look_up, work);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	pthread_attr_destroy(&attributes);
	return rc == 0;
}

/* --- the loop's side --- */

void
loop_lookup_cancel(struct loop_lookup *lookup)
{
	if (lookup == NULL)
		return;
	loop_watch_stop(lookup->watch);
	if (lookup->fd >= 0)
		close(lookup->fd);
	free(lookup);
}

static void
on_found(void *user)
{
	struct loop_lookup *lookup = user;
	struct found found = { .code = EAI_SYSTEM };
	ssize_t n = recv(lookup->fd, &found, sizeof(found), MSG_DONTWAIT);
	loop_on_address *on_address = lookup->on_address;
	void *whose = lookup->user;

	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	loop_lookup_cancel(lookup);
	on_address(&found.address, found.code == 0 ? "" : gai_strerror(found.code), whose);
}

static bool
lookup_begin(struct loop_lookup *lookup, struct loop *loop, struct work *work, struct error *err)
{
	int ends[2];

	if (socketpair(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0, ends) != 0)
		return error_set(err, ERR_IO, "cannot look up %s: %s", work->host, strerror(errno));
	lookup->fd = ends[0];
	work->fd = ends[1];
	lookup->watch = loop_watch_start(loop, lookup->fd, on_found, lookup, err);
	if (lookup->watch != NULL && thread_start(work))
		return true;
	close(work->fd);
	return error_set(err, ERR_NOMEM, "cannot look up %s: out of memory or threads", work->host);
}

struct loop_lookup *
loop_resolve(struct loop *loop, const char *host, uint16_t port, unsigned choice,
	     loop_on_address *on_address, void *user, struct error *err)
{
	struct loop_lookup *lookup = calloc(1, sizeof(*lookup));
	struct work *work = malloc(sizeof(*work) + strlen(host) + 1);

	if (lookup != NULL && work != NULL) {
		*lookup = (struct loop_lookup) { .fd = -1, .on_address = on_address, .user = user };
		*work = (struct work) { .choice = choice, .port = port };
		strcpy(work->host, host);
		if (lookup_begin(lookup, loop, work, err))
			return lookup;
	} else {
		error_set(err, ERR_NOMEM, "cannot look up %s: out of memory", host);
	}
	if (lookup != NULL)
		loop_lookup_cancel(lookup);
	free(work);
	return NULL;
}
