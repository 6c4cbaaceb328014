/* draw.c - the pool: tasks in a row, each with those who wait for it; a thread that hands them to idle workers. */
#include <errno.h>
#include <poll.h>
#include <pthread.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"

#include "draw.h"
#include "link.h"
#include "task.h"

#define WORKERS        2
#define JOB_TIMEOUT_MS 5000
#define TRIES_MAX      3
#define QUEUE_MAX      128
#define QUEUE_WAIT_MS  15000
#define RESTART_MS     500 /* between two starts of a worker that does not live */
#define CACHE_OCTETS   (48u << 20)
#define IDLE_POLL_MS   1000

struct worker {
	struct link link;
	struct task *task;        /* what it does now; NULL: idle */
	int64_t deadline_mono_ms; /* of that task */
	int64_t start_after_ms;
};

struct draw {
	char *state_dir;
	pthread_t thread;
	bool has_thread;
	int wake_fd;
	pthread_mutex_t lock; /* of all below; never held while a callback runs */
	bool stopping;
	struct task_queue queue;
	struct worker workers[WORKERS];
	struct drawn_cache *cache;
	struct draw_health health;
};

/* --- tasks --- */

static void
wake(struct draw *draw)
{
	uint64_t one = 1;

	while (write(draw->wake_fd, &one, sizeof(one)) < 0 && errno == EINTR)
		continue;
}

/* The task with that key, queued or being done. */
static struct task *
find_task(struct draw *draw, const char *key)
{
	for (unsigned i = 0; i < WORKERS; i++)
		if (draw->workers[i].task != NULL &&
		    strcmp(draw->workers[i].task->job.key, key) == 0)
			return draw->workers[i].task;
	return task_find(&draw->queue, key);
}

/* Why a job is not even taken, or NULL. */
static const char *
refusal(const struct draw *draw, bool is_new)
{
	if (draw->stopping)
		return "the server is stopping";
	if (is_new && draw->queue.count >= QUEUE_MAX)
		return "too many pictures are waiting to be drawn; try again in a moment";
	return NULL;
}

static const char *
enqueue(struct draw *draw, const struct job *job, unsigned fresh_ms, draw_on_done *on_done,
	void *user)
{
	struct task *task = find_task(draw, job->key);
	const char *reason = refusal(draw, task == NULL);

	if (reason != NULL)
		return reason;
	if (task == NULL)
		task = task_append(&draw->queue, job, fresh_ms);
	return task != NULL && task_wait(task, on_done, user) ? NULL : "memory ran out";
}

void
draw_submit(struct draw *draw, const struct job *job, unsigned fresh_ms, draw_on_done *on_done,
	    void *user)
{
	pthread_mutex_lock(&draw->lock);
	const char *reason = enqueue(draw, job, fresh_ms, on_done, user);
	pthread_mutex_unlock(&draw->lock);
	if (reason == NULL)
		wake(draw);
	else
		on_done(drawn_failure(503, reason), user);
}

struct drawn *
draw_cached(struct draw *draw, const char *key)
{
	pthread_mutex_lock(&draw->lock);
	struct drawn *drawn = drawn_cache_find(draw->cache, key, clock_mono_ms());
	draw->health.from_cache += drawn != NULL;
	pthread_mutex_unlock(&draw->lock);
	return drawn;
}

void
draw_health_get(struct draw *draw, struct draw_health *health)
{
	pthread_mutex_lock(&draw->lock);
	*health = draw->health;
	health->queued = draw->queue.count;
	pthread_mutex_unlock(&draw->lock);
}

/* --- the thread: each step returns a task to be finished with an answer, until there is none --- */

struct done {
	struct task *task;
	struct drawn *drawn;
};

static void
start_worker(struct draw *draw, struct worker *worker, int64_t now_ms)
{
	struct error err;

	worker->start_after_ms = now_ms + RESTART_MS;
	draw->health.worker_starts++;
	if (!link_start(&worker->link, draw->state_dir, &err))
		log_error("web", "event=worker_start_failed reason=\"%s\"", err.text);
}

/* The worker is of no use any more: its task fails. */
static struct done
lose_worker(struct draw *draw, struct worker *worker, const char *sentence)
{
	struct done done = { .task = worker->task };

	link_kill(&worker->link);
	worker->task = NULL;
	if (done.task == NULL)
		return done;
	log_warn("web", "event=worker_lost key=\"%s\" reason=\"%s\"", done.task->job.key, sentence);
	draw->health.failed++;
	done.drawn = drawn_failure(503, sentence);
	return done;
}

/* It is dead.  One that crashed takes its picture along; one that somebody killed does not: another worker tries. */
static struct done
lose_dead_worker(struct draw *draw, struct worker *worker)
{
	struct task *task = worker->task;
	int signal_number = link_kill(&worker->link);
	bool crashed = signal_number != 0 && signal_number != SIGKILL && signal_number != SIGTERM;

	/* what a killed worker asked of the collector may have been done already */
	bool may_repeat = task != NULL && task->job.kind != JOB_ACT;

	if (!may_repeat || crashed || task->tries++ >= TRIES_MAX)
		return lose_worker(draw, worker, "the process that did it ended unexpectedly");
	log_warn("web", "event=worker_killed signal=%d key=\"%s\" retried=yes", signal_number,
		 task->job.key);
	worker->task = NULL;
	task_return(&draw->queue, task);
	return (struct done) { 0 };
}

static struct done
take_answer(struct draw *draw, struct worker *worker, struct drawn *drawn)
{
	struct done done = { .task = worker->task, .drawn = drawn };

	worker->task = NULL;
	draw->health.answered += drawn->ok;
	draw->health.failed += !drawn->ok;
	if (done.task == NULL) {
		drawn_release(drawn);
		return done;
	}
	drawn->expires_mono_ms = clock_mono_ms() + done.task->fresh_ms;
	if (drawn->ok && done.task->fresh_ms > 0)
		drawn_cache_put(draw->cache, done.task->job.key, drawn);
	return done;
}

/* A job for an idle worker; one that waited too long fails. */
static struct done
feed(struct draw *draw, struct worker *worker, int64_t now_ms)
{
	struct task *task = task_take_first(&draw->queue);

	if (task == NULL)
		return (struct done) { 0 };
	if (now_ms - task->queued_mono_ms > QUEUE_WAIT_MS) {
		draw->health.failed++;
		return (struct done) { task, drawn_failure(
						 503, "the picture waited too long to be drawn") };
	}
	worker->task = task;
	worker->deadline_mono_ms = now_ms + JOB_TIMEOUT_MS;
	if (!link_send(&worker->link, &task->job))
		return lose_dead_worker(draw, worker);
	return (struct done) { 0 };
}

static struct done
attend(struct draw *draw, struct worker *worker, int64_t now_ms)
{
	struct drawn *drawn = NULL;

	if (worker->link.fd < 0 && now_ms >= worker->start_after_ms)
		start_worker(draw, worker, now_ms);
	if (worker->link.fd < 0)
		return (struct done) { 0 };
	switch (link_read(&worker->link, &drawn)) {
	case LINK_ANSWERED: return take_answer(draw, worker, drawn);
	case LINK_DEAD: return lose_dead_worker(draw, worker);
	case LINK_WAIT: break;
	}
	if (worker->task == NULL)
		return feed(draw, worker, now_ms);
	if (now_ms < worker->deadline_mono_ms)
		return (struct done) { 0 };
	draw->health.timed_out++;
	return lose_worker(draw, worker, "the picture took longer than 5 seconds to draw");
}

/* One task to be finished, if there is any. */
static struct done
next_done(struct draw *draw)
{
	struct done done = { 0 };

	pthread_mutex_lock(&draw->lock);
	for (unsigned i = 0; i < WORKERS && done.task == NULL; i++)
		done = attend(draw, &draw->workers[i], clock_mono_ms());
	pthread_mutex_unlock(&draw->lock);
	return done;
}

static int
poll_timeout_ms(const struct draw *draw)
{
	int64_t now_ms = clock_mono_ms();
	int64_t wait_ms = IDLE_POLL_MS;

	for (unsigned i = 0; i < WORKERS; i++) {
		const struct worker *worker = &draw->workers[i];
		int64_t until_ms = worker->link.fd < 0    ? worker->start_after_ms
				   : worker->task != NULL ? worker->deadline_mono_ms
							  : now_ms + IDLE_POLL_MS;
		if (until_ms - now_ms < wait_ms)
			wait_ms = until_ms - now_ms;
	}
	return wait_ms < 1 ? 1 : (int)wait_ms;
}

static void
wait_for_news(struct draw *draw)
{
	struct pollfd fds[WORKERS + 1] = { [WORKERS] = { .fd = draw->wake_fd, .events = POLLIN } };
	uint64_t count;

	for (unsigned i = 0; i < WORKERS; i++)
		fds[i] = (struct pollfd) { .fd = draw->workers[i].link.fd, .events = POLLIN };
	poll(fds, WORKERS + 1, poll_timeout_ms(draw));
	if ((fds[WORKERS].revents & POLLIN) != 0 && read(draw->wake_fd, &count, sizeof(count)) < 0)
		return; /* it is non-blocking: somebody was quicker */
}

static bool
is_stopping(struct draw *draw)
{
	pthread_mutex_lock(&draw->lock);
	bool stopping = draw->stopping;
	pthread_mutex_unlock(&draw->lock);
	return stopping;
}

/* Only this thread changes the workers, so it may look at them unlocked. */
static void *
pool_thread(void *user)
{
	struct draw *draw = user;

	while (!is_stopping(draw)) {
		struct done done;

		while ((done = next_done(draw)).task != NULL)
			task_finish(done.task, done.drawn);
		wait_for_news(draw);
	}
	return NULL;
}

/* --- its life --- */

bool
draw_open(struct draw **out, const char *state_dir, struct error *err)
{
	struct draw *draw = calloc(1, sizeof(*draw));

	if (draw == NULL)
		return error_set(err, ERR_NOMEM, "graph workers: out of memory");
	pthread_mutex_init(&draw->lock, NULL);
	for (unsigned i = 0; i < WORKERS; i++)
		link_init(&draw->workers[i].link);
	draw->wake_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	draw->state_dir = strdup(state_dir);
	draw->cache = drawn_cache_new(CACHE_OCTETS);
	if (draw->wake_fd < 0 || draw->state_dir == NULL || draw->cache == NULL ||
	    pthread_create(&draw->thread, NULL, pool_thread, draw) != 0) {
		draw_close(draw);
		return error_set(err, ERR_IO, "graph workers: cannot start: %s", strerror(errno));
	}
	draw->has_thread = true;
	*out = draw;
	return true;
}

/* Whatever a worker does or the queue holds, as one list. */
static struct task *
take_all(struct draw *draw)
{
	struct task *all = draw->queue.first;

	draw->queue = (struct task_queue) { 0 };
	for (unsigned i = 0; i < WORKERS; i++) {
		struct worker *worker = &draw->workers[i];

		link_kill(&worker->link);
		if (worker->task != NULL) {
			worker->task->next = all;
			all = worker->task;
		}
		worker->task = NULL;
	}
	return all;
}

void
draw_stop(struct draw *draw)
{
	struct task *next;

	pthread_mutex_lock(&draw->lock);
	draw->stopping = true;
	pthread_mutex_unlock(&draw->lock);
	wake(draw);
	if (draw->has_thread)
		pthread_join(draw->thread, NULL);
	draw->has_thread = false;
	for (struct task *task = take_all(draw); task != NULL; task = next) {
		next = task->next;
		task_finish(task, drawn_failure(503, "the server is stopping"));
	}
}

void
draw_close(struct draw *draw)
{
	if (draw == NULL)
		return;
	if (draw->wake_fd >= 0) {
		draw_stop(draw);
		close(draw->wake_fd);
	}
	drawn_cache_free(draw->cache);
	free(draw->state_dir);
	pthread_mutex_destroy(&draw->lock);
	free(draw);
}
