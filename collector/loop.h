/* loop.h - who wakes whom, when: timers, signals, sockets, child processes (loop.c, the only door to libuv), name look-ups
 * (loop_lookup.c).
 *
 * One thread.  Every callback takes the `user` that was given with it.  Objects made here live until they are stopped or
 * the loop is freed. */
#ifndef COLLECTOR_LOOP_H
#define COLLECTOR_LOOP_H

#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "ixwatch/error.h"

struct loop;
struct loop_timer;
struct loop_watch;
struct loop_child;
struct loop_lookup;

bool loop_new(struct loop **out, struct error *err);
void loop_free(struct loop *loop); /* stops what is left; NULL is fine */
void loop_run(struct loop *loop);  /* until loop_stop, or until nothing is left to wait for */
void loop_stop(struct loop *loop);

typedef void loop_cb(void *user);

/* After first_ms, then each repeat_ms (0: once; the timer then ends itself).  By the monotonic clock. */
struct loop_timer *loop_timer_start(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms,
				    loop_cb *cb, void *user);
void loop_timer_stop(struct loop_timer *timer); /* NULL is fine */

/* While fd may be read.  The fd stays the caller's. */
struct loop_watch *loop_watch_start(struct loop *loop, int fd, loop_cb *readable, void *user,
				    struct error *err);
void loop_watch_stop(struct loop_watch *watch); /* NULL is fine; before fd is closed */

bool loop_on_signal(struct loop *loop, int signo, loop_cb *cb, void *user, struct error *err);

/* Runs argv[0] (a path) with our environment, standard streams inherited, in our process group. */
typedef void loop_on_exit(int64_t exit_status, int term_signal, void *user);
struct loop_child *loop_spawn(struct loop *loop, char *const argv[], loop_on_exit *on_exit,
			      void *user, struct error *err);
/* The same with an environment of its own (ends with NULL), and a descriptor as standard input (stays the caller's; -1:
 * /dev/null).  apart: in a session, and so a process group, of its own. */
struct loop_child *loop_spawn_apart(struct loop *loop, char *const argv[], char *const envp[],
				    int stdin_fd, bool apart, loop_on_exit *on_exit, void *user,
				    struct error *err);
pid_t loop_child_pid(const struct loop_child *child);
bool loop_child_signal(struct loop_child *child, int signo);

/* Looks a host name up on a thread of its own.  address->family is 0 when it was not found; why is lent.  choice: which
 * of its addresses, from 0, again from the first past the last.  The look-up ends itself as it calls back; NULL with err
 * when it could not be begun. */
typedef void loop_on_address(const struct sockaddr_storage *address, const char *why, void *user);
struct loop_lookup *loop_resolve(struct loop *loop, const char *host, uint16_t port,
				 unsigned choice, loop_on_address *on_address, void *user,
				 struct error *err);
/* It will not call back; nobody waits for the resolver.  NULL is fine; before the loop is freed. */
void loop_lookup_cancel(struct loop_lookup *lookup);

#endif
