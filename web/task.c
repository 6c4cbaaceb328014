/* task.c - tasks in a row. */
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"

#include "task.h"

struct waiter {
	struct waiter *next;
	draw_on_done *on_done;
	void *user;
};

struct task *
task_find(const struct task_queue *queue, const char *key)
{
	struct task *task = queue->first;

	while (task != NULL && strcmp(task->job.key, key) != 0)
		task = task->next;
	return task;
}

struct task *
task_append(struct task_queue *queue, const struct job *job, unsigned fresh_ms)
{
	struct task **end = &queue->first;
	struct task *task = malloc(sizeof(*task));

	if (task == NULL)
		return NULL;
	*task =
	    (struct task) { .job = *job, .fresh_ms = fresh_ms, .queued_mono_ms = clock_mono_ms() };
	while (*end != NULL)
		end = &(*end)->next;
	queue->count++;
	return *end = task;
}

void
task_return(struct task_queue *queue, struct task *task_take)
{
	task_take->next = queue->first;
	queue->first = task_take;
	queue->count++;
}

struct task *
task_take_first(struct task_queue *queue)
{
	struct task *task = queue->first;

	if (task == NULL)
		return NULL;
	queue->first = task->next;
	queue->count--;
	task->next = NULL;
	return task;
}

bool
task_wait(struct task *task, draw_on_done *on_done, void *user)
{
	struct waiter *waiter = malloc(sizeof(*waiter));

	if (waiter == NULL)
		return false;
	*waiter = (struct waiter) { task->waiters, on_done, user };
	task->waiters = waiter;
	return true;
}

void
task_finish(struct task *task_take, struct drawn *drawn_take)
{
	struct waiter *next;

	for (struct waiter *waiter = task_take->waiters; waiter != NULL; waiter = next) {
		next = waiter->next;
		waiter->on_done(drawn_hold(drawn_take), waiter->user);
		free(waiter);
	}
	drawn_release(drawn_take);
	explicit_bzero(&task_take->job, sizeof(task_take->job)); /* there may be a password in it */
	free(task_take);
}
