/* replay_fleet.c - every port, replayed twice over one reading of its samples; see replay_fleet.h. */
#include "commands/replay_fleet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define LAST_DAYS 28

/* --- one outcome --- */

static unsigned
congested_days(const struct replay *replay, enum direction direction)
{
	size_t count = detector_day_count(replay->detector);
	unsigned found = 0;
	struct detector_day day;

	for (size_t i = count > LAST_DAYS ? count - LAST_DAYS : 0; i < count; i++) {
		detector_day_get(replay->detector, direction, i, &day);
		found += day.congested;
	}
	return found;
}

static struct fleet_outcome
outcome_of(const struct replay *replay, enum direction direction)
{
	struct detector_standing standing;

	detector_standing_get(replay->detector, direction, &standing);
	return (struct fleet_outcome) {
		.verdict = standing.verdict,
		.direction = direction,
		.since = standing.verdict_since,
		.congested_days_28 = congested_days(replay, direction),
		.p95_utilisation = replay->course[direction].p95_utilisation,
	};
}

static bool
is_graver(const struct fleet_outcome *a, const struct fleet_outcome *b)
{
	if (a->verdict != b->verdict)
		return a->verdict < b->verdict;
	if (a->congested_days_28 != b->congested_days_28)
		return a->congested_days_28 > b->congested_days_28;
	return a->p95_utilisation > b->p95_utilisation;
}

static struct fleet_outcome
graver(const struct replay *replay)
{
	struct fleet_outcome out = outcome_of(replay, DIRECTION_OUT),
			     in = outcome_of(replay, DIRECTION_IN);

	return is_graver(&in, &out) ? in : out;
}

/* --- one port --- */

/* Reads the history unless the one at hand has those steps and that end. */
struct bench {
	struct replay_history history;
	unsigned step_sec; /* 0: nothing is read */
	int64_t until_utc_sec;
};

static bool
bench_read(struct bench *bench, const struct fleet *fleet, const struct replay_port *port,
	   unsigned step_sec, int64_t until_utc_sec, struct error *err)
{
	if (bench->step_sec == step_sec && bench->until_utc_sec == until_utc_sec)
		return true;
	replay_history_free(&bench->history);
	bench->step_sec = step_sec;
	bench->until_utc_sec = until_utc_sec;
	return replay_history_read(&bench->history, fleet->config, port, step_sec, until_utc_sec,
				   err);
}

/* The port by a plan; fills the outcome and, last written, how far the samples reach. */
static bool
judge(const struct fleet *fleet, struct bench *bench, struct fleet_row *row,
      const struct replay_plan *plan, struct fleet_outcome *outcome, struct error *err)
{
	struct replay_ask ask = { 0 };
	struct replay *replay = NULL;
	bool done = replay_ask_port(&ask, plan, fleet->config, row->port, err) &&
		    bench_read(bench, fleet, row->port, (unsigned)ask.question.settings.step_sec,
			       plan->until_utc_sec, err) &&
		    replay_run(&replay, &bench->history.input, &ask.question, err);

	if (done) {
		*outcome = graver(replay);
		outcome->told = replay_told(row->port->port.kind, outcome->verdict,
					    ask.question.to_noc, ask.question.to_peer);
		row->profile = ask.question.settings.profile;
		row->from_utc_sec = replay->step_count > 0 ? replay->start_utc_sec : 0;
		row->to_utc_sec = replay->step_count > 0 ? replay_end_utc_sec(replay) : 0;
	}
	replay_free(replay);
	replay_ask_end(&ask);
	return done;
}

static bool
judge_twice(const struct fleet *fleet, struct fleet_row *row, struct error *err)
{
	const struct replay_plan as_configured = { .capacity_bps = NAN,
						   .contracted_bps = NAN,
						   .nominal_capacity_bps = NAN,
						   .until_utc_sec = INT64_MAX };
	struct bench bench = { 0 };
	bool done;

	if (row->port->exchange == NULL)
		return error_set(err, ERR_NOT_FOUND, "the configuration has no exchange %s",
				 row->port->port.exchange);
	done = judge(fleet, &bench, row, &as_configured, &row->now, err);
	row->then = row->now;
	if (done && fleet->compares)
		done = judge(fleet, &bench, row, fleet->plan, &row->then, err);
	replay_history_free(&bench.history);
	return done;
}

/* --- all of them --- */

static void
progress(size_t done, size_t count)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%zu of %zu ports and connections%s", done, count,
			done == count ? "\n" : "");
}

/* Before the first is replayed, so that all of them stand at about the same instant. */
static void
flush_all(const struct config *config, const struct replay_ports *ports)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ports->count; i++) {
		if (replay_flush(config, &ports->ports[i], &err))
			continue;
		if (err.code != ERR_NOT_FOUND)
			fprintf(stderr,
				"ixwatch replay: the last minutes of ports may be missing: %s\n",
				err.text);
		return;
	}
}

static void
count_row(struct fleet *fleet, const struct fleet_row *row)
{
	if (row->port->source.subject.kind != SUBJECT_PORT)
		return;
	fleet->now_count[row->now.verdict]++;
	fleet->then_count[row->then.verdict]++;
	fleet->moved_count[row->now.verdict][row->then.verdict]++;
	fleet->changed_count += fleet_row_changed(row);
}

/* Wrong use and lack of memory end it; what is wrong with one port is said in its row. */
static bool
replay_rows(struct fleet *fleet, struct error *err)
{
	progress(0, fleet->count);
	for (size_t i = 0; i < fleet->count; i++) {
		struct fleet_row *row = &fleet->rows[i];
		struct error trouble = { 0 };

		if (judge_twice(fleet, row, &trouble)) {
			count_row(fleet, row);
		} else if (error_exit_status(&trouble) == 2 || trouble.code == ERR_NOMEM) {
			return error_set(err, trouble.code, "%s", trouble.text);
		} else {
			snprintf(row->trouble, sizeof(row->trouble), "%.255s", trouble.text);
			fleet->failed_count += row->port->source.subject.kind == SUBJECT_PORT;
		}
		progress(i + 1, fleet->count);
	}
	return true;
}

bool
fleet_row_changed(const struct fleet_row *row)
{
	return row->trouble[0] == '\0' && row->now.verdict != row->then.verdict;
}

static bool
print(const struct fleet *fleet, struct error *err)
{
	if (fleet->plan->as_json)
		return replay_print_json(fleet_json_new(fleet), err);
	fleet_print_text(fleet, stdout);
	return replay_print_end(err);
}

static bool
run(struct fleet *fleet, const struct replay_ports *ports, struct error *err)
{
	fleet->count = ports->count;
	fleet->rows = calloc(ports->count + 1, sizeof(*fleet->rows));
	if (fleet->rows == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < ports->count; i++) {
		fleet->rows[i].port = &ports->ports[i];
		fleet->port_count += ports->ports[i].source.subject.kind == SUBJECT_PORT;
	}
	flush_all(fleet->config, ports);
	if (!replay_rows(fleet, err) || !print(fleet, err))
		return false;
	if (fleet->failed_count > 0)
		return error_set(err, ERR_SERIES, "%zu of %zu ports could not be replayed",
				 fleet->failed_count, fleet->port_count);
	return true;
}

bool
replay_fleet(const struct replay_plan *plan, const struct config *config, struct error *err)
{
	struct fleet fleet = { .plan = plan,
			       .config = config,
			       .compares = replay_plan_differs(plan) };
	struct replay_ports ports;
	bool done = replay_ports_find(&ports, config, NULL, err) && run(&fleet, &ports, err);

	free(fleet.rows);
	replay_ports_free(&ports);
	return done;
}
