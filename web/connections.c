/* connections.c - a list under a lock; an entry leaves it before its descriptor is closed, so none is ever shut down that
 * belongs to somebody else by now. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/socket.h>

#include "ixwatch/clock.h"

#include "connections.h"

#define REQUEST_MAX_MS 5000  /* for a whole request to arrive */
#define ANSWER_MAX_MS  60000 /* for an answer to be made and taken */

struct connection {
	struct connection *next, **link;
	int fd;
	uint64_t network;
	bool answering, shut;
	int64_t since_mono_ms;
};

struct connections {
	pthread_mutex_t lock;
	struct connection *first;
};

struct connections *
connections_new(void)
{
	struct connections *connections = calloc(1, sizeof(*connections));

	if (connections != NULL)
		pthread_mutex_init(&connections->lock, NULL);
	return connections;
}

void
connections_free(struct connections *connections)
{
	if (connections == NULL)
		return;
	while (connections->first != NULL)
		connections_remove(connections, connections->first);
	pthread_mutex_destroy(&connections->lock);
	free(connections);
}

bool
connections_has_room(struct connections *connections, uint64_t network)
{
	unsigned count = 0;

	if (network == 0)
		return true;
	pthread_mutex_lock(&connections->lock);
	for (const struct connection *c = connections->first; c != NULL; c = c->next)
		count += c->network == network;
	pthread_mutex_unlock(&connections->lock);
	return count < CONNECTIONS_PER_NETWORK;
}

struct connection *
connections_add(struct connections *connections, int fd, uint64_t network)
{
	struct connection *connection = calloc(1, sizeof(*connection));

	if (connection == NULL)
		return NULL;
	connection->fd = fd;
	connection->network = network;
	connection->since_mono_ms = clock_mono_ms();
	pthread_mutex_lock(&connections->lock);
	connection->next = connections->first;
	connection->link = &connections->first;
	if (connection->next != NULL)
		connection->next->link = &connection->next;
	connections->first = connection;
	pthread_mutex_unlock(&connections->lock);
	return connection;
}

void
connections_remove(struct connections *connections, struct connection *connection)
{
	if (connection == NULL)
		return;
	pthread_mutex_lock(&connections->lock);
	*connection->link = connection->next;
	if (connection->next != NULL)
		connection->next->link = connection->link;
	pthread_mutex_unlock(&connections->lock);
	free(connection);
}

void
connections_answering(struct connections *connections, struct connection *connection,
		      bool answering)
{
	if (connection == NULL)
		return;
	pthread_mutex_lock(&connections->lock);
	connection->answering = answering;
	connection->since_mono_ms = clock_mono_ms();
	pthread_mutex_unlock(&connections->lock);
}

unsigned
connections_reap(struct connections *connections, int64_t now_mono_ms)
{
	unsigned count = 0;

	pthread_mutex_lock(&connections->lock);
	for (struct connection *c = connections->first; c != NULL; c = c->next) {
		int64_t limit_ms = c->answering ? ANSWER_MAX_MS : REQUEST_MAX_MS;

		if (c->shut || now_mono_ms - c->since_mono_ms < limit_ms)
			continue;
		shutdown(c->fd, SHUT_RDWR);
		c->shut = true;
		count++;
	}
	pthread_mutex_unlock(&connections->lock);
	return count;
}
