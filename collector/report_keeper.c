/* report_keeper.c - see report_keeper.h. */
#include "report_keeper.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/program.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/report.h"
#include "report_week.h"

#define LOOK_MS        2000
#define START_MS       5000  /* after a start: the first rounds find out which ports there are */
#define SETTLE_MS      10000 /* after history came in: more may follow */
#define RETRY_FIRST_MS 60000
#define RETRY_LAST_MS  3600000
#define RUN_MAX_MS     (2 * 3600 * 1000) /* then it hangs */

struct report_keeper {
	struct loop *loop;
	struct loop_timer *look;
	const char *config_file;
	const struct config *config;
	struct ledger *ledger; /* NULL: being opened anew */
	struct loop_child *child;
	char **environment; /* of the child: ours, and whose child it is */
	char *supervised;
	int64_t started_mono_ms, not_before_mono_ms;
	int64_t retry_ms;     /* 0: the last went well */
	bool first_done;      /* the one after the start */
	bool changed, asked;  /* since the last was started */
	int32_t done_monday;  /* the week that the last one made; 0: none */
	int32_t going_monday; /* that the one under way makes */
	bool killed, ending;
	struct report_runs runs;
	int64_t end_utc_sec;
	char trouble[160];
};

/* --- the child --- */

static void
failed(struct report_keeper *keeper, const char *why)
{
	keeper->runs.failure_count++;
	keeper->retry_ms = keeper->retry_ms == 0 ? RETRY_FIRST_MS : keeper->retry_ms * 2;
	if (keeper->retry_ms > RETRY_LAST_MS)
		keeper->retry_ms = RETRY_LAST_MS;
	keeper->not_before_mono_ms = clock_mono_ms() + keeper->retry_ms;
	keeper->first_done = false; /* what it was to look at is still to be looked at */
	snprintf(keeper->trouble, sizeof(keeper->trouble), "%s", why);
	log_error("report", "event=making-failed reason=\"%s\" again_in_sec=%" PRId64, why,
		  keeper->retry_ms / 1000);
}

static void
on_exit_of_child(int64_t exit_status, int term_signal, void *user)
{
	struct report_keeper *keeper = user;
	char why[160];

	keeper->child = NULL;
	keeper->runs.is_running = false;
	keeper->end_utc_sec = clock_utc_sec();
	if (keeper->ending)
		return;
	if (exit_status == 0 && term_signal == 0) {
		keeper->retry_ms = 0;
		keeper->done_monday = keeper->going_monday;
		keeper->trouble[0] = '\0';
		log_info("report", "event=made ms=%" PRId64,
			 clock_mono_ms() - keeper->started_mono_ms);
		return;
	}
	if (keeper->killed)
		snprintf(why, sizeof(why), "the making of letters hung and was ended after %d s",
			 RUN_MAX_MS / 1000);
	else if (term_signal != 0)
		snprintf(why, sizeof(why), "the making of letters died by signal %d", term_signal);
	else
		snprintf(why, sizeof(why),
			 "the making of letters ended with status %lld; its own lines say why",
			 (long long)exit_status);
	failed(keeper, why);
}

/* Its configuration may name variables of ours. */
static bool
environment_make(struct report_keeper *keeper)
{
	size_t count = 0, kept = 0;

	for (char **entry = environ; *entry != NULL; entry++)
		count++;
	keeper->environment = calloc(count + 2, sizeof(*keeper->environment));
	if (keeper->environment == NULL ||
	    asprintf(&keeper->supervised, "IXWATCH_SUPERVISED=%ld", (long)getpid()) < 0) {
		keeper->supervised = NULL;
		return false;
	}
	for (size_t i = 0; i < count; i++)
		if (strncmp(environ[i], "IXWATCH_SUPERVISED=", strlen("IXWATCH_SUPERVISED=")) != 0)
			keeper->environment[kept++] = environ[i];
	keeper->environment[kept] = keeper->supervised;
	return true;
}

static void
start(struct report_keeper *keeper, bool corrections_alone)
{
	char path[PROGRAM_PATH_MAX];
	char *argv[] = { path,
			 (char *)"report",
			 (char *)"--close",
			 (char *)"-c",
			 (char *)(uintptr_t)keeper->config_file,
			 corrections_alone ? (char *)"--corrections" : NULL,
			 NULL };
	struct error err = { 0 };

	keeper->started_mono_ms = clock_mono_ms();
	keeper->killed = keeper->changed = keeper->asked = false;
	keeper->first_done = true;
	keeper->runs.count++;
	if (program_beside(path, sizeof(path), "ixwatch", &err))
		keeper->child = loop_spawn_apart(keeper->loop, argv, keeper->environment, -1, false,
						 on_exit_of_child, keeper, &err);
	keeper->runs.is_running = keeper->child != NULL;
	if (keeper->child == NULL)
		failed(keeper, err.text);
	else
		log_info("report", "event=making-started pid=%ld",
			 (long)loop_child_pid(keeper->child));
}

/* --- when --- */

static bool
on_report(const struct report *report, void *user)
{
	(void)report;
	*(bool *)user = true;
	return false;
}

/* The overview is the last letter of a week: with it, the week is done. */
static bool
is_made(struct report_keeper *keeper, int32_t monday, struct error *err)
{
	char week[REPORT_WEEK_SIZE];
	const struct report_query query = { .week = report_week_name(week, monday),
					    .kind = REPORT_OVERVIEW,
					    .any_state = true,
					    .limit = 1 };
	bool found = keeper->done_monday == monday;

	if (!found && !ledger_report_each(keeper->ledger, &query, on_report, &found, err))
		return true; /* not now */
	return found;
}

static void
watch_child(struct report_keeper *keeper)
{
	if (keeper->killed || clock_mono_ms() - keeper->started_mono_ms < RUN_MAX_MS)
		return;
	keeper->killed = true;
	loop_child_signal(keeper->child, SIGKILL);
}

static void
on_look(void *user)
{
	struct report_keeper *keeper = user;
	struct error err = { 0 };
	bool made;

	if (keeper->ledger == NULL || keeper->ending)
		return;
	if (keeper->child != NULL) {
		watch_child(keeper);
		return;
	}
	if (clock_mono_ms() < keeper->not_before_mono_ms ||
	    !report_week_due(keeper->config, clock_utc_sec(), &keeper->going_monday, &err))
		return;
	made = is_made(keeper, keeper->going_monday, &err);
	if (!made || keeper->asked)
		start(keeper, false);
	else if (keeper->changed || !keeper->first_done)
		start(keeper, true);
}

/* --- its life --- */

bool
report_keeper_open(struct report_keeper **out, struct loop *loop, const char *config_file,
		   struct error *err)
{
	struct report_keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL || !environment_make(keeper) ||
	    (keeper->look = loop_timer_start(loop, LOOK_MS, LOOK_MS, on_look, keeper)) == NULL) {
		report_keeper_close(keeper);
		return error_set(err, ERR_NOMEM, "reports: out of memory");
	}
	keeper->loop = loop;
	keeper->config_file = config_file;
	keeper->not_before_mono_ms = clock_mono_ms() + START_MS;
	*out = keeper;
	return true;
}

void
report_keeper_close(struct report_keeper *keeper)
{
	if (keeper == NULL)
		return;
	loop_timer_stop(keeper->look);
	free(keeper->environment);
	free(keeper->supervised);
	free(keeper);
}

void
report_keeper_use(struct report_keeper *keeper, const struct config *config, struct ledger *ledger)
{
	keeper->config = config;
	keeper->ledger = ledger;
}

void
report_keeper_changed(struct report_keeper *keeper)
{
	int64_t settled_mono_ms = clock_mono_ms() + SETTLE_MS;

	keeper->changed = true;
	if (settled_mono_ms > keeper->not_before_mono_ms)
		keeper->not_before_mono_ms = settled_mono_ms;
}

void
report_keeper_ask(struct report_keeper *keeper, struct json *answer)
{
	json_put_bool(answer, "running", keeper->child != NULL);
	keeper->asked = true;
	keeper->not_before_mono_ms = clock_mono_ms();
	on_look(keeper);
}

void
report_keeper_status(const struct report_keeper *keeper, struct json *in)
{
	struct json *out = json_put_object(in, "reports");
	char week[REPORT_WEEK_SIZE];
	struct error err = { 0 };
	int32_t monday;

	json_put_bool(out, "running", keeper->child != NULL);
	json_put_int(out, "runs", (int64_t)keeper->runs.count);
	json_put_int(out, "failures", (int64_t)keeper->runs.failure_count);
	json_put_utc(out, "last_end", keeper->end_utc_sec);
	json_put_text(out, "trouble", keeper->trouble[0] != '\0' ? keeper->trouble : NULL);
	json_put_text(out, "due",
		      report_week_due(keeper->config, clock_utc_sec(), &monday, &err)
			  ? report_week_name(week, monday)
			  : NULL);
}

const struct report_runs *
report_keeper_runs(const struct report_keeper *keeper)
{
	return &keeper->runs;
}

void
report_keeper_end(struct report_keeper *keeper)
{
	keeper->ending = true;
	if (keeper->child != NULL)
		loop_child_signal(keeper->child, SIGTERM);
}
