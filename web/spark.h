/* spark.h - the traffic of an exchange's last day, as small as a line of text: the sum of its ports, in and out.
 *
 * A job names the ports by their ids, and the worker looks in the ledger where their series are.  A step is drawn where what
 * is unknown of it carries little on the day's mean; else there is a gap, for a sum of what is left would look like a fall.
 * Before its first sample a port carried nothing that anybody could miss; one that is unknown all day is in no sum. */
#ifndef WEB_SPARK_H
#define WEB_SPARK_H

#include <stdbool.h>
#include <stddef.h>

#include "ixwatch/error.h"

#include "job.h"
#include "world.h"

#define SPARK_WIDTH_PX  272
#define SPARK_HEIGHT_PX 44
#define SPARK_STEP_SEC  900
#define SPARK_STEPS     96

/* Where the day ends that is drawn now: it changes every SPARK_STEP_SEC. */
int64_t spark_end_utc_sec(const struct world *world);

/* Fills a JOB_SPARK but for its look and key: the ports of the exchange that the world has.  False: they are too scattered
 * to be named in one job. */
bool spark_job(struct job *job, const struct world *world, const struct world_exchange *exchange);

/* In a worker: reads ledger and series, and draws; *data is allocated. */
bool spark_draw(const char *state_dir, const struct job *job, char **data, size_t *len,
		struct error *err);

/* --- what that is made of --- */

/* The ids that a job names, ascending; allocated.  NULL: they are not as spark_job writes them, or memory ran out. */
int64_t *spark_ids_dup(const char *text, size_t *count);
/* Their text, for a job.  False: it does not fit. */
bool spark_ids_put(char *text, size_t len, const int64_t *ids, size_t count);

/* By direction and step; NAN unknown. */
struct spark {
	double bps[DIRECTION_COUNT][SPARK_STEPS];
};
struct spark_sum {
	struct spark known;  /* of those that are known; NAN: none is */
	struct spark missed; /* what the others carry on their mean */
	double mean[DIRECTION_COUNT];
};
void spark_sum_init(struct spark_sum *sum);
/* began: the step of its first sample ever; 0: it is older than the day. */
void spark_sum_add(struct spark_sum *sum, const struct spark *port, unsigned began);
/* The whole, with its gaps. */
struct spark spark_sum_whole(const struct spark_sum *sum);

/* The picture; *data is allocated. */
bool spark_picture(const struct spark *spark, bool dark, char **data, size_t *len,
		   struct error *err);

#endif
