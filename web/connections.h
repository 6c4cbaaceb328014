/* connections.h - who is connected since when, so that the slow are cut off, and nobody takes all places.
 *
 * The library's own time-out starts anew with every octet; a client that sends one a second would keep its place for
 * ever.  Seen with libmicrohttpd 0.9.75. */
#ifndef WEB_CONNECTIONS_H
#define WEB_CONNECTIONS_H

#include <stdbool.h>
#include <stdint.h>

struct connections;
struct connection;

struct connections *connections_new(void); /* NULL when memory ran out */
void connections_free(struct connections *connections);

/* Whether one more of that network (client.h) may come in.  This machine's own (0) are not counted: a proxy may stand there
 * for everybody. */
#define CONNECTIONS_PER_NETWORK 100
bool connections_has_room(struct connections *connections, uint64_t network);
/* A connection begins, and waits for a request; NULL when memory ran out. */
struct connection *connections_add(struct connections *connections, int fd, uint64_t network);
/* It ends; its fd must still be open.  NULL is fine. */
void connections_remove(struct connections *connections, struct connection *connection);

/* Its request is whole and being answered, or the answer is sent and the next request awaited. */
void connections_answering(struct connections *connections, struct connection *connection,
			   bool answering);

/* Shuts down those that wait longer than they may; returns how many. */
unsigned connections_reap(struct connections *connections, int64_t now_mono_ms);

#endif
