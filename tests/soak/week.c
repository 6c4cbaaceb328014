/* week.c - the collector's own pipeline through a simulated week, as fast as it can: all of it but sockets and waiting.
 *
 *   week CONFIG ROUNDS   a round each `interval`; prints a line a day and one at the end, as key=value
 *
 * Agents answer at once (tests/fakes/still_snmp.c) and the clock is moved by hand, once a round; reads, slots, journal,
 * RRD files, detectors, ledger, snapshot are the program's own.  A publishing comes once a round instead of each 10 s. */
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
#include "pipeline.h"

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
tell(struct pipeline *pipeline, unsigned round, int64_t began_ms)
{
	printf("round=%u written=%" PRId64 " pending=%" PRId64
	       " rss_kb=%ld heap_kb=%zu fds=%d real_sec=%.0f\n",
	       round, status_int(pipeline, "series_written"),
	       status_int(pipeline, "series_pending"), resident_kb(), heap_kb(), open_count(),
	       (double)(real_ms() - began_ms) / 1000.0);
	fflush(stdout);
}

static void
rounds_make(struct pipeline *pipeline, struct loop *loop, unsigned interval_sec, unsigned rounds,
	    int64_t mono_ms, int64_t utc_ms)
{
	unsigned tell_every = 21600 / interval_sec; /* each six hours */
	int64_t began_ms = real_ms();

	for (unsigned round = 1; round <= rounds; round++) {
		mono_ms += interval_sec * 1000;
		utc_ms += interval_sec * 1000;
		clock_fake(mono_ms, utc_ms);
		still_loop_fire(loop);
		if (round % tell_every == 0 || round == rounds)
			tell(pipeline, round, began_ms);
	}
}

int
main(int argc, char **argv)
{
	unsigned rounds = argc == 3 ? (unsigned)strtoul(argv[2], NULL, 10) : 0;
	int64_t mono_ms = 1000000000;
	int64_t utc_ms;
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
	utc_ms = (time(NULL) - (int64_t)rounds * config->interval_sec) / 86400 * 86400000;
	clock_fake(mono_ms, utc_ms);
	done = lock_take(&lock, config->state_dir, &err) && loop_new(&loop, &err) &&
	       pipeline_open(&pipeline, config, loop, NULL, NULL, NULL, &err);
	if (done)
		rounds_make(pipeline, loop, config->interval_sec, rounds, mono_ms, utc_ms);
	else
		fprintf(stderr, "week: %s\n", err.text);
	pipeline_close(pipeline);
	loop_free(loop);
	lock_release(lock);
	config_free(config);
	return done ? 0 : 1;
}
