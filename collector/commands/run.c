/* run.c - `ixwatch run`: starts collector and web server, starts again the one that dies, ends both together.
 *
 * A program that dies is started again after 0.1 s, then 0.2, 0.4 ... 30 s while it keeps dying; one that ran for ten
 * seconds starts at 0.1 s anew.  One that ends by itself within its first three seconds cannot run here (the state directory is
 * another collector's, the address is in use): it has said why, and the run ends with its status. */
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "base/service.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/program.h"
#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "loop.h"

#define PROGRAM_COUNT    2
#define RESTART_FIRST_MS 100
#define RESTART_LAST_MS  30000
#define STABLE_MS        10000
#define FIRST_MS         3000
#define GRACE_MS         10000

struct run;

struct program {
	struct run *run;
	const char *name; /* for messages */
	char path[PROGRAM_PATH_MAX];
	char *argv[6];
	struct loop_child *child; /* NULL: not running */
	int64_t started_mono_ms;
	uint64_t restart_ms;
};

struct run {
	struct loop *loop;
	struct program program[PROGRAM_COUNT];
	bool ending;
	int status;
};

static void program_start(void *user);

static void
end_when_all_ended(struct run *run)
{
	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (run->program[i].child != NULL)
			return;
	loop_stop(run->loop);
}

static void
signal_all(struct run *run, int signo)
{
	for (int i = 0; i < PROGRAM_COUNT; i++)
		if (run->program[i].child != NULL)
			loop_child_signal(run->program[i].child, signo);
}

static void
on_grace_over(void *user)
{
	struct run *run = user;

	log_error("run", "event=killed reason=\"did not end within %d s\"", GRACE_MS / 1000);
	signal_all(run, SIGKILL);
}

static void
run_end(struct run *run, int status)
{
	if (run->ending)
		return;
	run->ending = true;
	run->status = status;
	service_stopping();
	signal_all(run, SIGTERM);
	loop_timer_start(run->loop, GRACE_MS, 0, on_grace_over, run);
	end_when_all_ended(run);
}

static void
on_program_exit(int64_t exit_status, int term_signal, void *user)
{
	struct program *program = user;
	struct run *run = program->run;
	int64_t ran_ms = clock_mono_ms() - program->started_mono_ms;

	program->child = NULL;
	if (run->ending) {
		end_when_all_ended(run);
		return;
	}
	if (term_signal == 0 &&
	    (exit_status == 2 || (program->restart_ms == 0 && ran_ms < FIRST_MS))) {
		log_error("run",
			  "event=ended program=%s status=%lld reason=\"it cannot run here as "
			  "configured\"",
			  program->name, (long long)exit_status);
		run_end(run, exit_status == 0 ? 1 : (int)exit_status);
		return;
	}
	program->restart_ms = ran_ms >= STABLE_MS || program->restart_ms == 0
				  ? RESTART_FIRST_MS
				  : program->restart_ms * 2;
	if (program->restart_ms > RESTART_LAST_MS)
		program->restart_ms = RESTART_LAST_MS;
	log_error("run", "event=died program=%s status=%lld signal=%d restart_ms=%llu",
		  program->name, (long long)exit_status, term_signal,
		  (unsigned long long)program->restart_ms);
	loop_timer_start(run->loop, program->restart_ms, 0, program_start, program);
}

/* A restart that fails for want of memory or processes may succeed in a while; a first start says what is wrong. */
static void
start_failed(struct program *program, const struct error *err)
{
	log_error("run", "event=start-failed program=%s reason=\"%s\"", program->name, err->text);
	if (program->restart_ms == 0 || loop_timer_start(program->run->loop, RESTART_LAST_MS, 0,
							 program_start, program) == NULL)
		run_end(program->run, 1);
}

static void
program_start(void *user)
{
	struct program *program = user;
	struct error err = { 0 };

	if (program->run->ending)
		return;
	program->started_mono_ms = clock_mono_ms();
	program->child =
	    loop_spawn(program->run->loop, program->argv, on_program_exit, program, &err);
	if (program->child == NULL)
		start_failed(program, &err);
}

static void
on_end_signal(void *user)
{
	run_end(user, 0);
}

static void
on_reload_signal(void *user)
{
	signal_all(user, SIGHUP);
}

static bool
programs_prepare(struct run *run, const char *config_file, struct error *err)
{
	static const struct {
		const char *name, *file, *command;
	} rows[PROGRAM_COUNT] = {
		{ "collector", "ixwatch", "collect" },
		{ "web", "ixwatch-web", NULL },
	};

	for (int i = 0; i < PROGRAM_COUNT; i++) {
		struct program *program = &run->program[i];
		int n = 0;

		program->run = run;
		program->name = rows[i].name;
		if (!program_beside(program->path, sizeof(program->path), rows[i].file, err))
			return false;
		program->argv[n++] = program->path;
		if (rows[i].command != NULL)
			program->argv[n++] = (char *)rows[i].command;
		program->argv[n++] = (char *)"-c";
		program->argv[n++] = (char *)config_file;
	}
	return true;
}

static bool
run_all(struct run *run, const char *config_file, struct error *err)
{
	char pid[32];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	setenv("IXWATCH_SUPERVISED", pid, 1);
	if (!programs_prepare(run, config_file, err) || !loop_new(&run->loop, err) ||
	    !loop_on_signal(run->loop, SIGTERM, on_end_signal, run, err) ||
	    !loop_on_signal(run->loop, SIGINT, on_end_signal, run, err) ||
	    !loop_on_signal(run->loop, SIGHUP, on_reload_signal, run, err))
		return false;
	for (int i = 0; i < PROGRAM_COUNT; i++)
		program_start(&run->program[i]);
	service_ready();
	loop_run(run->loop);
	return true;
}

int
command_run(int argc, char **argv)
{
	struct option_set set = { .command = "run",
				  .arguments = "",
				  .about = "Collector and web server, in the foreground. One that "
					   "dies is started again; SIGTERM or Ctrl-C ends\n"
					   "both cleanly." };
	struct run run = { 0 };
	struct error err = { 0 };
	struct config *config;
	bool ran;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_free(config); /* the programs read it themselves; we keep no secret */
	ran = run_all(&run, set.config_file, &err);
	loop_free(run.loop);
	return ran ? run.status : options_fail("run", &err);
}
