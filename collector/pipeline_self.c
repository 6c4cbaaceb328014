/* pipeline_self.c - the collector watches itself: its numbers for the snapshot, and in the log what changed about them.
 *
 * What repeats while it lasts - lateness, retries, a queue that grows - is said when it begins and when it has been over for
 * a while. */
#include "pipeline_internal.h"

#include <dirent.h>
#include <math.h>
#include <stdio.h>
#include <sys/resource.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "control.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "report_runs.h"
#include "store/reserve.h"

#define LATE_MIN_MS     1000  /* a round that begins so much late is late, ... */
#define LATE_SHARE      10    /* ... if it is a tenth of the interval as well */
#define QUIET_MS        60000 /* what began is over when it was not seen for so long */
#define QUEUE_LONG      30    /* samples a port; a file gathers up to ten */
#define DISK_LOW_OCTETS (4.0 * RESERVE_OCTETS)

/* --- an agent's rounds --- */

static void
late_count(struct watched_agent *agent, int64_t late_ms, unsigned rounds)
{
	agent->late = true;
	agent->late_ms = agent->pipeline->late_ms = late_ms;
	agent->rounds_late += rounds;
}

void
agent_round_begins(struct watched_agent *agent, int64_t now_mono_ms, int64_t due_mono_ms)
{
	int64_t late_ms = now_mono_ms - due_mono_ms;

	agent->rounds_begun++;
	agent->left_out = 0;
	agent->begun_late =
	    late_ms > LATE_MIN_MS &&
	    late_ms * LATE_SHARE > (int64_t)agent->pipeline->config->interval_sec * 1000;
	if (agent->begun_late)
		late_count(agent, late_ms, 1);
}

void
agent_round_left_out(struct watched_agent *agent, int64_t due_mono_ms)
{
	if (agent->left_out++ == 0)
		agent->left_out_mono_ms = due_mono_ms;
}

void
agent_round_ends(struct watched_agent *agent)
{
	agent->late = agent->begun_late;
	if (agent->left_out > 0 && agent->answered)
		late_count(agent, clock_mono_ms() - agent->left_out_mono_ms, agent->left_out);
	agent->left_out = 0;
}

static void
agent_fill(const struct watched_agent *agent, struct snapshot_agent *view)
{
	double *self = view->self;

	*view = agent->view;
	self[SELF_AGENT_ROUNDS_BEGUN] = (double)agent->rounds_begun;
	self[SELF_AGENT_ROUNDS_COMPLETE] = view->polls_ok;
	self[SELF_AGENT_ROUNDS_LATE] = agent->rounds_late;
	self[SELF_AGENT_LATE_SEC] = agent->rounds_late > 0 ? (double)agent->late_ms / 1000.0 : NAN;
	self[SELF_AGENT_REQUESTS_IN_FLIGHT] =
	    agent->snmp != NULL ? snmp_agent_in_flight(agent->snmp) : 0;
	self[SELF_AGENT_ROWS_WAITING] =
	    agent->snmp != NULL ? (double)snmp_agent_rows_waiting(agent->snmp) : 0;
}

static void
agents_fill(struct pipeline *pipeline, double *self)
{
	struct snapshot *snapshot = &pipeline->snapshot;

	self[SELF_ROUNDS_BEGUN] = self[SELF_ROUNDS_COMPLETE] = self[SELF_ROUNDS_FAILED] = 0;
	self[SELF_ROUNDS_LATE] = self[SELF_AGENTS_FAILING] = self[SELF_AGENTS_LATE] = 0;
	for (size_t i = 0; i < pipeline->agent_count; i++) {
		const struct watched_agent *agent = &pipeline->agents[i];

		agent_fill(agent, &snapshot->agents[i]);
		self[SELF_ROUNDS_BEGUN] += (double)agent->rounds_begun;
		self[SELF_ROUNDS_COMPLETE] += agent->view.polls_ok;
		self[SELF_ROUNDS_FAILED] += agent->view.polls_failed;
		self[SELF_ROUNDS_LATE] += agent->rounds_late;
		self[SELF_AGENTS_FAILING] += agent->failing;
		self[SELF_AGENTS_LATE] += agent->late;
	}
	snapshot->rounds_late = (uint32_t)self[SELF_ROUNDS_LATE];
	self[SELF_LATE_SEC] = self[SELF_ROUNDS_LATE] > 0 ? (double)pipeline->late_ms / 1000.0 : NAN;
}

/* --- the rest --- */

static void
snmp_fill(const struct pipeline *pipeline, double *self)
{
	struct snmp_health health;

	snmp_health_get(pipeline->snmp, &health);
	self[SELF_REQUESTS] = (double)health.requests;
	self[SELF_RETRIES] = (double)health.retries;
	self[SELF_TIMEOUTS] = (double)health.timeouts;
	self[SELF_LATE_ANSWERS] = (double)health.late;
	self[SELF_REFUSED_SOURCE] = (double)health.refused_source;
	self[SELF_REFUSED_OID] = (double)health.refused_objects;
	self[SELF_REFUSED_TYPE] = (double)health.refused_type;
	self[SELF_REFUSED_MALFORMED] = (double)health.refused_malformed;
	self[SELF_REFUSED_AUTHENTICATION] = (double)health.refused_security;
	self[SELF_ERROR_STATUS] = (double)health.error_status;
	self[SELF_REQUESTS_IN_FLIGHT] = health.in_flight;
	self[SELF_AGENTS_WAITING] = health.waiting;
}

static void
stores_fill(const struct pipeline *pipeline, double *self)
{
	struct series_health series;

	series_health_get(pipeline->house.series, &series);
	self[SELF_SERIES_UNCOMMITTED] = (double)series.uncommitted_samples;
	self[SELF_SERIES_PENDING] = (double)series.pending_samples;
	self[SELF_SERIES_FILES_WAITING] = (double)series.files_waiting;
	self[SELF_SERIES_WRITTEN] = (double)series.written_samples;
	self[SELF_SERIES_LOCK_RETRIES] = (double)series.lock_retries;
	self[SELF_SERIES_WRITE_FAILURES] = (double)series.write_failures;
	self[SELF_JOURNAL_OCTETS] = (double)series.journal_octets;
	self[SELF_LEDGER_BUSY_RETRIES] = (double)ledger_busy_retries(pipeline->house.ledger);
}

static double
disk_free_octets(const char *folder)
{
	struct statvfs status;

	return statvfs(folder, &status) == 0 ? (double)status.f_bavail * (double)status.f_frsize
					     : NAN;
}

static double
resident_octets(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	unsigned long resident;
	int found = 0;

	if (file == NULL)
		return NAN;
	found = fscanf(file, "%*u %lu", &resident);
	fclose(file);
	return found == 1 ? (double)resident * (double)sysconf(_SC_PAGESIZE) : NAN;
}

/* Without ".", ".." and the folder's own. */
static double
open_files(void)
{
	DIR *folder = opendir("/proc/self/fd");
	double count = -3;

	if (folder == NULL)
		return NAN;
	while (readdir(folder) != NULL)
		count++;
	closedir(folder);
	return count >= 0 ? count : NAN;
}

static double
cpu_sec(void)
{
	struct rusage used;

	if (getrusage(RUSAGE_SELF, &used) != 0)
		return NAN;
	return (double)used.ru_utime.tv_sec + (double)used.ru_stime.tv_sec +
	       (double)(used.ru_utime.tv_usec + used.ru_stime.tv_usec) / 1e6;
}

static void
reports_fill(const struct pipeline *pipeline, double *self)
{
	self[SELF_REPORT_RUNS] = self[SELF_REPORT_FAILURES] = self[SELF_REPORT_RUNNING] = NAN;
	if (pipeline->reports == NULL)
		return;
	self[SELF_REPORT_RUNS] = (double)pipeline->reports->count;
	self[SELF_REPORT_FAILURES] = (double)pipeline->reports->failure_count;
	self[SELF_REPORT_RUNNING] = pipeline->reports->is_running;
}

/* --- what is told --- */

static void
watch(struct self_watched *watched, bool seen, const char *event, const char *over, double value)
{
	int64_t now_mono_ms = clock_mono_ms();

	if (seen) {
		watched->seen_mono_ms = now_mono_ms;
		if (!watched->on)
			log_warn("self", "event=%s value=%.15g", event, value);
		watched->on = true;
	} else if (watched->on && now_mono_ms - watched->seen_mono_ms >= QUIET_MS) {
		log_info("self", "event=%s", over);
		watched->on = false;
	}
}

static void
late_tell(struct pipeline *pipeline, double late_count)
{
	const struct watched_agent *worst = NULL;

	for (size_t i = 0; i < pipeline->agent_count && !pipeline->self_late.on; i++) {
		const struct watched_agent *agent = &pipeline->agents[i];

		if (agent->late && (worst == NULL || agent->late_ms > worst->late_ms))
			worst = agent;
	}
	if (worst != NULL)
		log_warn("self", "event=late worst=%s/%s late_sec=%.1f", worst->view.exchange,
			 worst->view.name, (double)worst->late_ms / 1000.0);
	watch(&pipeline->self_late, late_count > 0, "rounds-late", "rounds-in-time", late_count);
}

/* now: a counter; before: how it was at the last publishing. */
static void
retries_tell(struct self_watched *watched, double now, double before, const char *event,
	     const char *over)
{
	watch(watched, now > before, event, over, now);
}

static void
changes_tell(struct pipeline *pipeline, const double *before, const double *now)
{
	double long_queue = QUEUE_LONG * ((double)pipeline->port_count + 1);

	late_tell(pipeline, now[SELF_AGENTS_LATE]);
	retries_tell(&pipeline->self_series_locked, now[SELF_SERIES_LOCK_RETRIES],
		     before[SELF_SERIES_LOCK_RETRIES], "series-lock-retries",
		     "series-lock-retries-over");
	retries_tell(&pipeline->self_ledger_busy, now[SELF_LEDGER_BUSY_RETRIES],
		     before[SELF_LEDGER_BUSY_RETRIES], "ledger-busy-retries",
		     "ledger-busy-retries-over");
	watch(&pipeline->self_queue_long, now[SELF_SERIES_PENDING] > long_queue,
	      "series-queue-long", "series-queue-short-again", now[SELF_SERIES_PENDING]);
	watch(&pipeline->self_disk_low, now[SELF_DISK_FREE_OCTETS] < DISK_LOW_OCTETS,
	      "disk-free-low", "disk-free-again", now[SELF_DISK_FREE_OCTETS]);
}

void
pipeline_self_watch(struct pipeline *pipeline)
{
	double self[SELF_COUNT];

	agents_fill(pipeline, self);
	snmp_fill(pipeline, self);
	stores_fill(pipeline, self);
	reports_fill(pipeline, self);
	self[SELF_JUDGES_WAITING] = (double)pipeline->waiting_count;
	self[SELF_DISK_FREE_OCTETS] = disk_free_octets(pipeline->config->state_dir);
	self[SELF_CONTROL_CLIENTS] =
	    pipeline->control != NULL ? control_client_count(pipeline->control) : NAN;
	self[SELF_CPU_SEC] = cpu_sec();
	self[SELF_RESIDENT_OCTETS] = resident_octets();
	self[SELF_OPEN_FILES] = open_files();
	changes_tell(pipeline, pipeline->snapshot.self, self);
	for (int n = 0; n < SELF_COUNT; n++)
		pipeline->snapshot.self[n] = self[n];
}

void
pipeline_control_set(struct pipeline *pipeline, const struct control *control)
{
	pipeline->control = control;
}

void
pipeline_reports_set(struct pipeline *pipeline, const struct report_runs *reports)
{
	pipeline->reports = reports;
}
