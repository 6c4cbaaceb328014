/* mail_alarm.c - see mail_alarm.h. */
#include "mail_alarm.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/outbox.h"
#include "mail_environment.h"

#define WAITING_SEC 1800 /* late by this, mail is said to have failed */
#define SPACING_SEC 900
#define BOUND_MS    30000
#define WORDS_MAX   32

struct mail_alarm {
	struct loop *loop;
	struct loop_child *child; /* NULL: none runs */
	struct loop_timer *bound;
	bool looked;
	int64_t told_failed_utc_sec; /* failures up to this one are told */
	int64_t last_run_utc_sec;
};

struct mail_alarm *
mail_alarm_new(struct loop *loop)
{
	struct mail_alarm *alarm = calloc(1, sizeof(*alarm));

	if (alarm != NULL)
		alarm->loop = loop;
	return alarm;
}

/* The program, and what it started: it is the head of a process group of its own. */
static void
end_child(struct mail_alarm *alarm)
{
	if (alarm->child != NULL)
		kill(-loop_child_pid(alarm->child), SIGKILL);
}

void
mail_alarm_free(struct mail_alarm *alarm)
{
	if (alarm == NULL)
		return;
	end_child(alarm);
	loop_timer_stop(alarm->bound);
	free(alarm);
}

static void
on_bound(void *user)
{
	struct mail_alarm *alarm = user;

	alarm->bound = NULL;
	log_error("mail", "event=on-mail-failure-killed reason=\"it ran for %d s\"",
		  BOUND_MS / 1000);
	end_child(alarm);
}

static void
on_exit_of_child(int64_t exit_status, int term_signal, void *user)
{
	struct mail_alarm *alarm = user;

	alarm->child = NULL;
	loop_timer_stop(alarm->bound);
	alarm->bound = NULL;
	if (exit_status != 0 || term_signal != 0)
		log_error("mail", "event=on-mail-failure-failed status=%lld signal=%d",
			  (long long)exit_status, term_signal);
}

/* Splits the command at its blanks, in place. */
static size_t
words_of(char *command, char *words[WORDS_MAX + 1])
{
	size_t count = 0;
	char *rest = NULL;

	for (char *word = strtok_r(command, " \t", &rest); word != NULL && count < WORDS_MAX;
	     word = strtok_r(NULL, " \t", &rest))
		words[count++] = word;
	words[count] = NULL;
	return count;
}

static void
run(struct mail_alarm *alarm, const char *command, struct mail_environment *environment)
{
	char *text = strdup(command), *words[WORDS_MAX + 1];
	struct error err = { 0 };

	if (text == NULL || words_of(text, words) == 0) {
		free(text);
		return;
	}
	alarm->child = loop_spawn_apart(alarm->loop, words, environment->entry, -1, true,
					on_exit_of_child, alarm, &err);
	if (alarm->child == NULL)
		log_error("mail", "event=on-mail-failure-failed reason=\"%s\"", err.text);
	else
		alarm->bound = loop_timer_start(alarm->loop, BOUND_MS, 0, on_bound, alarm);
	free(text);
}

/* --- what is told --- */

static void
add_number(struct mail_environment *environment, const char *name, int64_t number)
{
	char text[32];

	snprintf(text, sizeof(text), "%" PRId64, number);
	mail_environment_add(environment, name, text);
}

static bool
on_mail(const struct outbox_mail *mail, void *user)
{
	struct mail_environment *environment = user;

	add_number(environment, "IXWATCH_MAIL_ID", mail->id);
	mail_environment_add(environment, "IXWATCH_MAIL_RECIPIENT", mail->recipient);
	mail_environment_add(environment, "IXWATCH_MAIL_SUBJECT", mail->subject);
	mail_environment_add(environment, "IXWATCH_MAIL_REPLY", mail->last_reply);
	return false;
}

static void
tell(struct mail_alarm *alarm, struct ledger *ledger, const char *command, const char *failure,
     const struct outbox_summary *summary, int64_t now_utc_sec)
{
	struct outbox_query query = { .limit = 1,
				      .state = strcmp(failure, "refused") == 0 ? OUTBOX_FAILED
									       : OUTBOX_WAITING };
	int64_t oldest = summary->oldest_due_utc_sec;
	struct mail_environment environment;

	mail_environment_init(&environment);
	mail_environment_add(&environment, "IXWATCH_MAIL_FAILURE", failure);
	add_number(&environment, "IXWATCH_MAIL_WAITING", summary->count[OUTBOX_WAITING]);
	add_number(&environment, "IXWATCH_MAIL_WAITING_SECONDS",
		   oldest != 0 ? now_utc_sec - oldest : 0);
	ledger_outbox_each(ledger, &query, on_mail, &environment, NULL);
	log_error("mail", "event=mail-failing failure=%s waiting=%" PRId64 " oldest_sec=%" PRId64,
		  failure, summary->count[OUTBOX_WAITING], oldest != 0 ? now_utc_sec - oldest : 0);
	if (command[0] != '\0')
		run(alarm, command, &environment);
	mail_environment_free(&environment);
}

/* A clock that stepped back holds nothing up. */
static bool
is_too_soon(const struct mail_alarm *alarm, int64_t now_utc_sec)
{
	return now_utc_sec >= alarm->last_run_utc_sec &&
	       now_utc_sec - alarm->last_run_utc_sec < SPACING_SEC;
}

void
mail_alarm_look(struct mail_alarm *alarm, struct ledger *ledger, const char *command,
		int64_t now_utc_sec)
{
	struct outbox_summary summary;
	bool refused, waiting;

	if (alarm->child != NULL || is_too_soon(alarm, now_utc_sec) ||
	    !ledger_outbox_summary(ledger, now_utc_sec, &summary, NULL))
		return;
	if (!alarm->looked) /* what failed before we started was told then */
		alarm->told_failed_utc_sec = summary.last_failed_utc_sec;
	alarm->looked = true;
	refused = summary.last_failed_utc_sec > alarm->told_failed_utc_sec;
	waiting = summary.oldest_due_utc_sec != 0 &&
		  now_utc_sec - summary.oldest_due_utc_sec >= WAITING_SEC;
	if (!refused && !waiting)
		return;
	alarm->last_run_utc_sec = now_utc_sec;
	alarm->told_failed_utc_sec = summary.last_failed_utc_sec;
	tell(alarm, ledger, command, refused ? "refused" : "waiting", &summary, now_utc_sec);
}
