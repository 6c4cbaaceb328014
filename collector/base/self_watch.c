/* self_watch.c - body of ixwatch/self_watch.h: what each number is called.
 * Source of the metrics' names: Prometheus, "Metric and label naming". */
#include "ixwatch/self_watch.h"

#include <math.h>

#include "ixwatch/json.h"
#include "ixwatch/snapshot.h"

#define OF_AGENTS "ixwatch_collector_agent_"
#define SNMP      "ixwatch_collector_snmp_"
#define REFUSED   "ixwatch_collector_snmp_refused_total"
#define REFUSED_HELP                                                                               \
	"Answers that were dropped, or were errors, since the collector's start, by reason."

static const char *const failure_names[POLL_FAILURE_COUNT] = {
	[POLL_FAILED_TIMEOUT] = "timeout",      [POLL_FAILED_AUTHENTICATION] = "authentication",
	[POLL_FAILED_SOURCE] = "wrong_source",  [POLL_FAILED_OID] = "wrong_oid",
	[POLL_FAILED_TYPE] = "wrong_type",      [POLL_FAILED_MALFORMED] = "malformed",
	[POLL_FAILED_TOO_BIG] = "too_big",      [POLL_FAILED_ERROR_STATUS] = "error_status",
	[POLL_FAILED_UNSENT] = "unsent",        [POLL_FAILED_LOOKUP] = "name_lookup",
	[POLL_FAILED_MEMORY] = "out_of_memory", [POLL_FAILED_OTHER] = "other",
};

const char *
poll_failure_name(enum poll_failure failure)
{
	return (unsigned)failure < POLL_FAILURE_COUNT ? failure_names[failure] : "other";
}

/* Lines of one metric stand together. */
/* clang-format off */
const struct self_row self_rows[SELF_COUNT] = {
	[SELF_ROUNDS_BEGUN] = { "rounds_begun", OF_AGENTS "rounds_begun_total", NULL, true,
		"Rounds of agents that were begun since the collector's start." },
	[SELF_ROUNDS_COMPLETE] = { "rounds_complete", OF_AGENTS "rounds_complete_total", NULL, true,
		"Rounds of agents in which all was answered." },
	[SELF_ROUNDS_FAILED] = { "rounds_failed", OF_AGENTS "rounds_failed_total", NULL, true,
		"Rounds of agents in which something was not." },
	[SELF_ROUNDS_LATE] = { "rounds_late", OF_AGENTS "rounds_late_total", NULL, true,
		"Rounds of agents that began late, or were left out since the one before was still going on." },
	[SELF_LATE_SEC] = { "late_sec", OF_AGENTS "late_seconds", NULL, false,
		"How late the latest late round was." },
	[SELF_AGENTS_FAILING] = { "agents_failing", "ixwatch_collector_agents_failing", NULL, false,
		"Agents whose last round failed." },
	[SELF_AGENTS_LATE] = { "agents_late", "ixwatch_collector_agents_late", NULL, false,
		"Agents whose last round was late." },
	[SELF_REQUESTS] = { "snmp_requests", SNMP "requests_total", NULL, true,
		"SNMP requests sent, retries included." },
	[SELF_RETRIES] = { "snmp_retries", SNMP "retries_total", NULL, true,
		"SNMP requests sent again." },
	[SELF_TIMEOUTS] = { "snmp_timeouts", SNMP "timeouts_total", NULL, true,
		"SNMP requests that were not answered in time." },
	[SELF_LATE_ANSWERS] = { "snmp_late_answers", SNMP "late_answers_total", NULL, true,
		"Answers that came after their time." },
	[SELF_REFUSED_SOURCE] = { "refused_wrong_source", REFUSED, "wrong_source", true, REFUSED_HELP },
	[SELF_REFUSED_OID] = { "refused_wrong_oid", REFUSED, "wrong_oid", true, REFUSED_HELP },
	[SELF_REFUSED_TYPE] = { "refused_wrong_type", REFUSED, "wrong_type", true, REFUSED_HELP },
	[SELF_REFUSED_MALFORMED] = { "refused_malformed", REFUSED, "malformed", true, REFUSED_HELP },
	[SELF_REFUSED_AUTHENTICATION] = { "refused_authentication", REFUSED, "authentication", true, REFUSED_HELP },
	[SELF_ERROR_STATUS] = { "refused_error_status", REFUSED, "error_status", true, REFUSED_HELP },
	[SELF_REQUESTS_IN_FLIGHT] = { "requests_in_flight", SNMP "requests_in_flight", NULL, false,
		"SNMP requests that wait for their answer." },
	[SELF_AGENTS_WAITING] = { "agents_waiting", "ixwatch_collector_agents_waiting", NULL, false,
		"Agents that wait for their turn to be asked." },
	[SELF_JUDGES_WAITING] = { "judges_waiting", "ixwatch_collector_judges_waiting", NULL, false,
		"Ports whose judgement is still being recalled after a start." },
	[SELF_SERIES_UNCOMMITTED] = { "series_uncommitted", "ixwatch_collector_series_uncommitted_samples", NULL, false,
		"Samples that are not in the journal yet." },
	[SELF_SERIES_PENDING] = { "series_pending", "ixwatch_collector_series_pending_samples", NULL, false,
		"Samples that are not in their files yet." },
	[SELF_SERIES_FILES_WAITING] = { "series_files_waiting", "ixwatch_collector_series_files_waiting", NULL, false,
		"Files that have samples to be written." },
	[SELF_SERIES_WRITTEN] = { "series_written", "ixwatch_collector_series_written_samples_total", NULL, true,
		"Samples written into their files." },
	[SELF_SERIES_LOCK_RETRIES] = { "series_lock_retries", "ixwatch_collector_series_lock_retries_total", NULL, true,
		"Tries to write a file that somebody else had locked." },
	[SELF_SERIES_WRITE_FAILURES] = { "series_write_failures", "ixwatch_collector_series_write_failures_total", NULL, true,
		"Writes of files that failed, and are tried again." },
	[SELF_JOURNAL_OCTETS] = { "journal_octets", "ixwatch_collector_journal_bytes", NULL, false,
		"Size of the journal." },
	[SELF_LEDGER_BUSY_RETRIES] = { "ledger_busy_retries", "ixwatch_collector_ledger_busy_retries_total", NULL, true,
		"Tries to use the ledger while somebody else had locked it." },
	[SELF_DISK_FREE_OCTETS] = { "disk_free_octets", "ixwatch_collector_state_dir_free_bytes", NULL, false,
		"Room left in the file system of state-dir." },
	[SELF_CONTROL_CLIENTS] = { "control_clients", "ixwatch_collector_control_clients", NULL, false,
		"Who asks over the control socket." },
	[SELF_CPU_SEC] = { "cpu_sec", "ixwatch_collector_cpu_seconds_total", NULL, true,
		"CPU time of the collector, user and system." },
	[SELF_RESIDENT_OCTETS] = { "resident_octets", "ixwatch_collector_resident_memory_bytes", NULL, false,
		"Resident memory of the collector." },
	[SELF_OPEN_FILES] = { "open_files", "ixwatch_collector_open_fds", NULL, false,
		"Open file descriptors of the collector." },
	[SELF_REPORT_RUNS] = { "report_runs", "ixwatch_collector_report_runs_total", NULL, true,
		"Times that the process that makes the letters was started." },
	[SELF_REPORT_FAILURES] = { "report_failures", "ixwatch_collector_report_failures_total", NULL, true,
		"Times that it failed, hung or could not be started." },
	[SELF_REPORT_RUNNING] = { "report_running", "ixwatch_collector_report_running", NULL, false,
		"Whether letters are being made now, 1 or 0." },
};

const struct self_row self_agent_rows[SELF_AGENT_COUNT] = {
	[SELF_AGENT_ROUNDS_BEGUN] = { "rounds_begun", "ixwatch_agent_rounds_begun_total", NULL, true,
		"Rounds of the agent that were begun." },
	[SELF_AGENT_ROUNDS_COMPLETE] = { "rounds_complete", "ixwatch_agent_rounds_complete_total", NULL, true,
		"Rounds of the agent in which all was answered." },
	[SELF_AGENT_ROUNDS_LATE] = { "rounds_late", "ixwatch_agent_rounds_late_total", NULL, true,
		"Rounds of the agent that began late, or were left out since the one before was still going on." },
	[SELF_AGENT_LATE_SEC] = { "late_sec", "ixwatch_agent_late_seconds", NULL, false,
		"How late the latest late round of the agent was." },
	[SELF_AGENT_REQUESTS_IN_FLIGHT] = { "requests_in_flight", "ixwatch_agent_requests_in_flight", NULL, false,
		"Requests to the agent that wait for their answer." },
	[SELF_AGENT_ROWS_WAITING] = { "rows_waiting", "ixwatch_agent_rows_waiting", NULL, false,
		"Interfaces that the round under way is still to learn of." },
};
/* clang-format on */

static double
number_now(const struct self_row *row, double value, bool fresh)
{
	return fresh || row->counter ? value : NAN;
}

double
self_number_now(const struct snapshot *snapshot, enum self_number number, bool fresh)
{
	return number_now(&self_rows[number], snapshot->self[number], fresh);
}

double
self_agent_number_now(const struct snapshot_agent *agent, enum self_agent_number number, bool fresh)
{
	return number_now(&self_agent_rows[number], agent->self[number], fresh);
}

unsigned long
self_polls_failed(const struct snapshot *snapshot, enum poll_failure failure)
{
	unsigned long sum = 0;

	for (uint32_t i = 0; i < snapshot->agent_count; i++)
		sum += snapshot->agents[i].failed[failure];
	return sum;
}

/* --- as JSON --- */

/* What is whole is written whole. */
static void
put(struct json *in, const char *key, double value)
{
	if (value >= 0 && value < 9e15 && value == floor(value))
		json_put_int(in, key, (int64_t)value);
	else
		json_put_number(in, key, value);
}

void
self_watch_json(struct json *in, const struct snapshot *snapshot, bool fresh)
{
	struct json *failed;

	for (int n = 0; n < SELF_COUNT; n++)
		put(in, self_rows[n].key, self_number_now(snapshot, (enum self_number)n, fresh));
	failed = json_put_object(in, "polls_failed");
	for (int f = 0; f < POLL_FAILURE_COUNT; f++)
		json_put_int(failed, failure_names[f],
			     (int64_t)self_polls_failed(snapshot, (enum poll_failure)f));
}

void
self_watch_agent_json(struct json *in, const struct snapshot_agent *agent, bool fresh)
{
	struct json *failed;

	for (int n = 0; n < SELF_AGENT_COUNT; n++)
		put(in, self_agent_rows[n].key,
		    self_agent_number_now(agent, (enum self_agent_number)n, fresh));
	failed = json_put_object(in, "polls_failed_by_reason");
	for (int f = 0; f < POLL_FAILURE_COUNT; f++)
		if (agent->failed[f] > 0)
			json_put_int(failed, failure_names[f], agent->failed[f]);
}
