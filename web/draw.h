/* draw.h - the graph workers: a queue of jobs, a few processes that do them, and what they answered a moment ago.
 *
 * One thread of its own talks to the workers; anybody may submit.  A job that takes longer than five seconds, or a
 * worker that dies, costs that one answer: it becomes a failure with a sentence, and another worker is started. */
#ifndef WEB_DRAW_H
#define WEB_DRAW_H

#include <stdbool.h>
#include <stdint.h>

#include "ixwatch/error.h"

#include "drawn.h"
#include "job.h"

struct draw;

bool draw_open(struct draw **out, const char *state_dir, struct error *err);
/* Ends the workers; every job still waiting fails at once, and so does every later one. */
void draw_stop(struct draw *draw);
void draw_close(struct draw *draw); /* NULL is fine */

/* A fresh enough answer to the same key, held for the caller; or NULL. */
struct drawn *draw_cached(struct draw *draw, const char *key);

/* Called once for every job, from the pool's thread or within draw_submit; takes its hold of the answer. */
typedef void draw_on_done(struct drawn *drawn_take, void *user);

/* Copies the job.  Jobs with the same key become one.  The answer may be shown again for fresh_ms. */
void draw_submit(struct draw *draw, const struct job *job, unsigned fresh_ms, draw_on_done *on_done,
		 void *user);

struct draw_health {
	uint64_t answered, failed, timed_out, from_cache, worker_starts;
	unsigned queued;
};
void draw_health_get(struct draw *draw, struct draw_health *health);

#endif
