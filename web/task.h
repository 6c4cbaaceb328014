/* task.h - a job in a queue, with everybody who waits for its answer.  Not locked: the owner of the queue does. */
#ifndef WEB_TASK_H
#define WEB_TASK_H

#include <stdbool.h>
#include <stdint.h>

#include "draw.h"
#include "job.h"

struct waiter;

struct task {
	struct task *next; /* in the queue */
	struct job job;
	unsigned fresh_ms;
	int64_t queued_mono_ms;
	unsigned tries; /* how many workers were killed over it */
	struct waiter *waiters;
};

struct task_queue {
	struct task *first; /* the oldest */
	unsigned count;
};

struct task *task_find(const struct task_queue *queue, const char *key); /* NULL: none */
struct task *task_append(struct task_queue *queue, const struct job *job,
			 unsigned fresh_ms);                        /* NULL: no memory */
void task_return(struct task_queue *queue, struct task *task_take); /* as the first one again */
struct task *task_take_first(struct task_queue *queue);             /* the caller's; NULL: none */

/* One more who waits; false when memory ran out. */
bool task_wait(struct task *task, draw_on_done *on_done, void *user);

/* Tells everybody who waits, and ends the task.  Takes the hold of the answer; call it unlocked. */
void task_finish(struct task *task_take, struct drawn *drawn_take);

#endif
