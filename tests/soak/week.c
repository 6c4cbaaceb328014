/* week.c - the collector's own pipeline through a simulated week, as fast as it can: all of it but sockets and waiting.
 *
 *   week CONFIG DAYS ROUNDS   DAYS traffic days lived sparsely, then a round each `interval`; prints a line for a week of the
 *                             former and for six hours of the latter, as key=value
 *
 * A sparse day is polled for some minutes on either side of its end only, where memory is taken; then clocks and counters go
 * on to the next.  What nobody polled is fed to the detectors as the whole steps it would have been, so that a day leaves with
 * them what any day does, and the ledger hears of it with the next poll; to the rest of the pipeline it is a pause.
 *
 * Agents answer at once (tests/fakes/still_snmp.c) and the clock is moved by hand, thrice a round; reads, slots, journal,
 * RRD files, detectors, ledger, snapshot are the program's own.  A publishing comes so often, instead of each 10 s. */
#include <dirent.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>
#include <unistd.h>

#include "../fakes/still_loop.h"
#include "ixwatch/clock.h"
#include "ixwatch/config.h"
#include "ixwatch/lock.h"
#include "pipeline_internal.h"

static void
on_config_error(const char *message, void *user)
{
	(void)user;
	fprintf(stderr, "%s\n", message);
}

static int64_t
real_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static int64_t
status_int(struct pipeline *pipeline, const char *key)
{
	struct json *answer = json_object_new();
	int64_t value = -1;

	pipeline_status(pipeline, answer);
	json_int(json_get(answer, key), &value);
	json_free(answer);
	return value;
}

static long
resident_kb(void)
{
	FILE *file = fopen("/proc/self/statm", "r");
	long pages = 0;

	if (file == NULL || fscanf(file, "%*d %ld", &pages) != 1)
		pages = -1;
	if (file != NULL)
		fclose(file);
	return pages * (sysconf(_SC_PAGESIZE) / 1024);
}

/* What is allocated, without what the allocator keeps for later. */
static size_t
heap_kb(void)
{
	struct mallinfo2 info = mallinfo2();

	return (info.uordblks + info.hblkhd) / 1024;
}

static int
open_count(void)
{
	DIR *folder = opendir("/proc/self/fd");
	int count = 0;

	while (folder != NULL && readdir(folder) != NULL)
		count++;
	if (folder != NULL)
		closedir(folder);
	return count;
}

static void
tell(struct pipeline *pipeline, const char *unit, unsigned at, int64_t began_ms)
{
	printf("%s=%u written=%" PRId64 " pending=%" PRId64
	       " rss_kb=%ld heap_kb=%zu fds=%d real_sec=%.0f\n",
	       unit, at, status_int(pipeline, "series_written"),
	       status_int(pipeline, "series_pending"), resident_kb(), heap_kb(), open_count(),
	       (double)(real_ms() - began_ms) / 1000.0);
	fflush(stdout);
}

#define PARTS 3 /* of an interval; more than two, so that no agent is left out of a round */

/* Both clocks, moved alike. */
struct moment {
	int64_t mono_ms, utc_sec;
};

static void
moment_pass(struct moment *now, unsigned sec)
{
	now->mono_ms += sec * 1000;
	now->utc_sec += sec;
	clock_fake(now->mono_ms, now->utc_sec * 1000);
}

/* Each agent has a place of its own in the interval, and comes late by less than a part of it. */
static void
rounds_make(struct pipeline *pipeline, struct moment *now, unsigned rounds)
{
	for (unsigned part = 0; part < rounds * PARTS; part++) {
		moment_pass(now, pipeline->config->interval_sec / PARTS);
		still_loop_fire(pipeline->loop);
	}
}

/* --- the history --- */

#define STEP_SEC   300 /* of the detectors, unless the configuration says otherwise */
#define BEFORE_SEC 120 /* polled before a day's end, */
#define AFTER_SEC  480 /* and after it */

/* Hands on what has passed since its last step; false when it does not take it. */
static bool
steps_judge(struct watched_port *port, const struct moment *now)
{
	struct detector *detector = judge_detector(port->judge);
	struct sample step = { .step_sec = STEP_SEC };

	if (detector == NULL || detector_until_utc_sec(detector) == 0)
		return false;
	for (;;) {
		step.end_utc_sec = detector_until_utc_sec(detector) + STEP_SEC;
		if (step.end_utc_sec > now->utc_sec)
			return true;
		still_snmp_step(port->agent->snmp, port->if_index, &step);
		if (!detector_feed_step(detector, &step))
			return false;
	}
}

static bool
day_live(struct pipeline *pipeline, struct moment *now)
{
	int64_t end_utc_sec = judge_day_end_utc_sec(pipeline->ports[0]->judge);

	while (now->utc_sec < end_utc_sec - BEFORE_SEC) {
		moment_pass(now, STEP_SEC);
		for (size_t i = 0; i < pipeline->port_count; i++)
			if (!steps_judge(pipeline->ports[i], now))
				return false;
	}
	rounds_make(pipeline, now, (BEFORE_SEC + AFTER_SEC) / pipeline->config->interval_sec);
	return judge_day_end_utc_sec(pipeline->ports[0]->judge) > end_utc_sec;
}

static bool
history_live(struct pipeline *pipeline, struct moment *now, unsigned days, int64_t began_ms)
{
	rounds_make(pipeline, now, (BEFORE_SEC + AFTER_SEC) / pipeline->config->interval_sec);
	for (unsigned day = 1; day <= days; day++) {
		if (!day_live(pipeline, now))
			return false;
		if (day % 7 == 0 || day == days)
			tell(pipeline, "day", day, began_ms);
	}
	return true;
}

/* --- all of it --- */

static bool
week_live(struct pipeline *pipeline, struct moment *now, unsigned days, unsigned rounds)
{
	unsigned tell_every = 21600 / pipeline->config->interval_sec; /* each six hours */
	int64_t began_ms = real_ms();

	if (days > 0 && !history_live(pipeline, now, days, began_ms)) {
		fprintf(stderr, "week: at %" PRId64 " a judge took no step\n", now->utc_sec);
		return false;
	}
	for (unsigned round = 0, next; round < rounds; round = next) {
		next = rounds - round < tell_every ? rounds : round + tell_every;
		rounds_make(pipeline, now, next - round);
		tell(pipeline, "round", next, began_ms);
	}
	return true;
}

int
main(int argc, char **argv)
{
	unsigned days = argc == 4 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	unsigned rounds = argc == 4 ? (unsigned)strtoul(argv[3], NULL, 10) : 0;
	struct moment now = { .mono_ms = 1000000000 };
	struct config *config = NULL;
	struct pipeline *pipeline = NULL;
	struct loop *loop = NULL;
	struct lock *lock = NULL;
	struct error err = { 0 };
	bool done;

	if (rounds == 0)
		return 2;
	done = config_load(&config, argv[1], on_config_error, NULL, &err);
	if (!done) {
		fprintf(stderr, "week: %s\n", err.text);
		return 1;
	}
	/* From a midnight on, so long ago that all of it is past. */
	now.utc_sec = (time(NULL) - (int64_t)rounds * config->interval_sec) / 86400 * 86400 -
		      (int64_t)(days + 1) * 86400;
	clock_fake(now.mono_ms, now.utc_sec * 1000);
	done = lock_take(&lock, config->state_dir, &err) && loop_new(&loop, &err) &&
	       pipeline_open(&pipeline, config, loop, NULL, NULL, NULL, &err);
	if (done)
		done = week_live(pipeline, &now, days, rounds);
	else
		fprintf(stderr, "week: %s\n", err.text);
	pipeline_close(pipeline);
	loop_free(loop);
	lock_release(lock);
	config_free(config);
	return done ? 0 : 1;
}
