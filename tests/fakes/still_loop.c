/* still_loop.c - timers of a clock that is moved by hand; sockets, signals and names there are none. */
#include "still_loop.h"

#include <stdlib.h>

#include "ixwatch/clock.h"

struct loop_timer {
	struct loop *loop;
	struct loop_timer *next;
	int64_t due_mono_ms;
	uint64_t repeat_ms;
	loop_cb *cb;
	void *user;
};

struct loop {
	struct loop_timer *timers; /* in the order in which they were started */
};

struct loop_watch {
	int fd;
};

bool
loop_new(struct loop **out, struct error *err)
{
	*out = calloc(1, sizeof(**out));
	return *out != NULL || error_set(err, ERR_NOMEM, "out of memory");
}

void
loop_free(struct loop *loop)
{
	while (loop != NULL && loop->timers != NULL)
		loop_timer_stop(loop->timers);
	free(loop);
}

struct loop_timer *
loop_timer_start(struct loop *loop, uint64_t first_ms, uint64_t repeat_ms, loop_cb *cb, void *user)
{
	struct loop_timer **at = &loop->timers, *timer = calloc(1, sizeof(*timer));

	if (timer == NULL)
		return NULL;
	*timer = (struct loop_timer) { .loop = loop,
				       .due_mono_ms = clock_mono_ms() + (int64_t)first_ms,
				       .repeat_ms = repeat_ms,
				       .cb = cb,
				       .user = user };
	while (*at != NULL)
		at = &(*at)->next;
	*at = timer;
	return timer;
}

void
loop_timer_stop(struct loop_timer *timer)
{
	struct loop_timer **at;

	if (timer == NULL)
		return;
	for (at = &timer->loop->timers; *at != timer;)
		at = &(*at)->next;
	*at = timer->next;
	free(timer);
}

void
still_loop_fire(struct loop *loop)
{
	int64_t now_mono_ms = clock_mono_ms();
	struct loop_timer *next;

	for (struct loop_timer *timer = loop->timers; timer != NULL; timer = next) {
		next = timer->next; /* none of the pipeline's timers stops another */
		if (timer->due_mono_ms > now_mono_ms)
			continue;
		timer->due_mono_ms = now_mono_ms + (int64_t)timer->repeat_ms;
		timer->cb(timer->user);
		still_snmp_answer();
	}
}

struct loop_watch *
loop_watch_start(struct loop *loop, int fd, loop_cb *readable, void *user, struct error *err)
{
	struct loop_watch *watch = calloc(1, sizeof(*watch));

	(void)loop, (void)readable, (void)user;
	if (watch == NULL)
		error_set(err, ERR_NOMEM, "out of memory");
	else
		watch->fd = fd;
	return watch;
}

void
loop_watch_stop(struct loop_watch *watch)
{
	free(watch);
}

struct loop_lookup *
loop_resolve(struct loop *loop, const char *host, uint16_t port, unsigned choice,
	     loop_on_address *on_address, void *user, struct error *err)
{
	(void)loop, (void)port, (void)choice, (void)on_address, (void)user;
	error_set(err, ERR_NOT_FOUND, "%s: there are no names here", host);
	return NULL;
}

void
loop_lookup_cancel(struct loop_lookup *lookup)
{
	(void)lookup;
}
