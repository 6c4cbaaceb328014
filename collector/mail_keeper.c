/* mail_keeper.c - see mail_keeper.h. */
#include "mail_keeper.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "commands/program.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/outbox.h"
#include "judge.h"
#include "mail_alarm.h"
#include "mail_environment.h"
#include "mail_life.h"
#include "mailer.h"
#include "outbox_office.h"
#include "registrar.h"

#define LOOK_MS          2000
#define RESTART_FIRST_MS 250
#define RESTART_LAST_MS  60000
#define STABLE_MS        60000
#define END_MS           7000
#define KEPT_SEC         (INT64_C(90) * 86400)
#define TIDY_SEC         3600

struct mail_keeper {
	struct loop *loop;
	struct loop_timer *look, *restart, *end;
	struct mail_alarm *alarm;
	const struct config *config;
	struct pipeline *pipeline; /* NULL: being opened anew */
	char *settings;            /* of the mailer that runs, or is to; NULL: none is */
	struct loop_child *child;  /* NULL: not running */
	int64_t started_mono_ms;
	uint64_t restart_ms;
	int64_t tidied_utc_sec;
	bool ending;
	bool progressed; /* it reported something since its start */
	bool replacing;  /* it was told to end, for other settings */
};

static void mailer_start(struct mail_keeper *keeper);

/* --- the mailer --- */

static void
on_restart(void *user)
{
	struct mail_keeper *keeper = user;

	keeper->restart = NULL;
	mailer_start(keeper);
}

static void
restart_later(struct mail_keeper *keeper)
{
	if (keeper->restart == NULL)
		keeper->restart =
		    loop_timer_start(keeper->loop, keeper->restart_ms, 0, on_restart, keeper);
}

static void
on_mailer_exit(int64_t exit_status, int term_signal, void *user)
{
	struct mail_keeper *keeper = user;
	bool asked = (exit_status == 0 && term_signal == 0) || keeper->replacing;

	keeper->child = NULL;
	if (keeper->ending) {
		loop_stop(keeper->loop);
		return;
	}
	if (asked || clock_mono_ms() - keeper->started_mono_ms >= STABLE_MS || keeper->progressed ||
	    keeper->restart_ms == 0)
		keeper->restart_ms = RESTART_FIRST_MS;
	else if ((keeper->restart_ms *= 2) > RESTART_LAST_MS)
		keeper->restart_ms = RESTART_LAST_MS;
	if (!asked)
		log_error("mail", "event=mailer-died status=%lld signal=%d restart_ms=%" PRIu64,
			  (long long)exit_status, term_signal, keeper->restart_ms);
	if (keeper->replacing)
		mailer_start(keeper);
	else
		restart_later(keeper);
}

/* A pipe that already holds the settings: they are shorter than it is long. */
static int
settings_pipe(const char *settings, struct error *err)
{
	size_t len = strlen(settings);
	int ends[2];

	if (pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) {
		error_set(err, ERR_IO, "pipe: %s", strerror(errno));
		return -1;
	}
	if (write(ends[1], settings, len) != (ssize_t)len) {
		error_set(err, ERR_IO, "mailer: its settings, %zu octets, are too long", len);
		close(ends[0]);
		ends[0] = -1;
	}
	close(ends[1]);
	return ends[0];
}

static bool
mailer_spawn(struct mail_keeper *keeper, struct error *err)
{
	char path[PROGRAM_PATH_MAX], pid[32], *argv[] = { path, (char *)"mailer", NULL };
	struct mail_environment environment;
	int fd;

	if (!program_beside(path, sizeof(path), "ixwatch", err))
		return false;
	fd = settings_pipe(keeper->settings, err);
	if (fd < 0)
		return false;
	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	mail_environment_init(&environment);
	mail_environment_add(&environment, "IXWATCH_SUPERVISED", pid);
	keeper->child = loop_spawn_apart(keeper->loop, argv, environment.entry, fd, false,
					 on_mailer_exit, keeper, err);
	mail_environment_free(&environment);
	close(fd);
	return keeper->child != NULL;
}

static void
mailer_start(struct mail_keeper *keeper)
{
	struct error err = { 0 };

	keeper->replacing = keeper->progressed = false;
	if (keeper->settings == NULL || keeper->child != NULL || keeper->ending)
		return;
	keeper->started_mono_ms = clock_mono_ms();
	if (mailer_spawn(keeper, &err)) {
		log_info("mail", "event=mailer-started pid=%ld",
			 (long)loop_child_pid(keeper->child));
		return;
	}
	log_error("mail", "event=mailer-not-started reason=\"%s\"", err.text);
	keeper->restart_ms = RESTART_LAST_MS;
	restart_later(keeper);
}

static void
settings_take(struct mail_keeper *keeper, char *settings)
{
	bool same =
	    settings != NULL && keeper->settings != NULL && strcmp(settings, keeper->settings) == 0;

	free(keeper->settings);
	keeper->settings = settings;
	if (keeper->child == NULL && keeper->restart == NULL) {
		mailer_start(keeper);
	} else if (keeper->child != NULL && !same) {
		keeper->replacing = true;
		loop_child_signal(keeper->child, SIGTERM);
	}
}

/* --- from time to time --- */

static bool
give_up(struct judge_house *house, int64_t now_utc_sec, struct error *err)
{
	int64_t count;

	if (!judge_house_begin(house, err) ||
	    !ledger_outbox_give_up(house->ledger, now_utc_sec, &count, err))
		return false;
	if (count > 0)
		log_error("mail", "event=given-up mails=%" PRId64, count);
	return true;
}

static bool
tidy(struct mail_keeper *keeper, struct judge_house *house, int64_t now_utc_sec, struct error *err)
{
	if (now_utc_sec >= keeper->tidied_utc_sec &&
	    now_utc_sec - keeper->tidied_utc_sec < TIDY_SEC)
		return true;
	keeper->tidied_utc_sec = now_utc_sec;
	return judge_house_begin(house, err) &&
	       ledger_outbox_tidy(house->ledger, now_utc_sec - KEPT_SEC, err);
}

static void
on_look(void *user)
{
	struct mail_keeper *keeper = user;
	struct judge_house *house;
	struct error err = { 0 };
	int64_t now = clock_utc_sec();
	bool put = false, decided = false, done;

	if (keeper->pipeline == NULL)
		return;
	house = pipeline_house(keeper->pipeline);
	if (house->trouble.code != ERR_NONE)
		return;
	done = give_up(house, now, &err) && tidy(keeper, house, now, &err) &&
	       mail_life_look(house, now, &put, &err) && registrar_look(house, now, &decided, &err);
	if (done)
		done = pipeline_commit_now(keeper->pipeline, &err);
	if (!done)
		log_warn("mail", "event=not-minded reason=\"%s\"", err.text);
	else
		mail_alarm_look(keeper->alarm, house->ledger, keeper->config->mail.on_failure, now);
}

/* --- its life --- */

bool
mail_keeper_open(struct mail_keeper **out, struct loop *loop, struct error *err)
{
	struct mail_keeper *keeper = calloc(1, sizeof(*keeper));

	if (keeper == NULL || (keeper->alarm = mail_alarm_new(loop)) == NULL ||
	    (keeper->look = loop_timer_start(loop, LOOK_MS, LOOK_MS, on_look, keeper)) == NULL) {
		mail_keeper_close(keeper);
		return error_set(err, ERR_NOMEM, "mail: out of memory");
	}
	keeper->loop = loop;
	*out = keeper;
	return true;
}

void
mail_keeper_close(struct mail_keeper *keeper)
{
	if (keeper == NULL)
		return;
	loop_timer_stop(keeper->look);
	loop_timer_stop(keeper->restart);
	loop_timer_stop(keeper->end);
	mail_alarm_free(keeper->alarm);
	free(keeper->settings);
	free(keeper);
}

/* Letters follow another configuration: who has a recipient now, and who has none any more. */
static void
reports_follow(struct pipeline *pipeline)
{
	struct error err = { 0 };
	bool changed = false;

	if (!registrar_configured(pipeline_house(pipeline), clock_utc_sec(), &changed, &err) ||
	    (changed && !pipeline_commit_now(pipeline, &err)))
		log_warn("mail", "event=reports-not-minded reason=\"%s\"", err.text);
}

void
mail_keeper_use(struct mail_keeper *keeper, const struct config *config, struct pipeline *pipeline)
{
	char *settings = NULL;

	keeper->config = config;
	keeper->pipeline = pipeline;
	if (pipeline == NULL)
		return;
	if (outbox_is_active(&config->mail) && (settings = mailer_settings_print(config)) == NULL)
		log_error("mail", "event=mailer-not-started reason=\"out of memory\"");
	settings_take(keeper, settings);
	reports_follow(pipeline);
}

void
mail_keeper_progress(struct mail_keeper *keeper)
{
	keeper->progressed = true;
}

static void
on_end(void *user)
{
	struct mail_keeper *keeper = user;

	keeper->end = NULL;
	log_warn("mail", "event=mailer-killed reason=\"did not end within %d s\"", END_MS / 1000);
	if (keeper->child != NULL)
		loop_child_signal(keeper->child, SIGKILL);
}

void
mail_keeper_end(struct mail_keeper *keeper)
{
	keeper->ending = true;
	if (keeper->child == NULL || !loop_child_signal(keeper->child, SIGTERM))
		return;
	keeper->end = loop_timer_start(keeper->loop, END_MS, 0, on_end, keeper);
	loop_run(keeper->loop);
}
