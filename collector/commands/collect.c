/* collect.c - `ixwatch collect`: the collector in the foreground; with --once one round, a line an agent, and the end. */
#include <inttypes.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/service.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "control.h"
#include "declare.h"
#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/follow.h"
#include "ixwatch/lock.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"
#include "loop.h"
#include "mail_keeper.h"
#include "note.h"
#include "outbox_office.h"
#include "pipeline.h"
#include "quiet.h"
#include "registrar.h"
#include "report_keeper.h"

#define LOCK_LOOK_MS     100
#define LOCK_ANSWER_MS   2000
#define LOCK_PATIENCE_MS 30000 /* a backfill of years takes that long */

struct collect {
	const char *config_file;
	struct config *config;
	struct loop *loop;
	struct pipeline *pipeline;
	struct control *control;
	struct mail_keeper *keeper;    /* NULL with --once */
	struct report_keeper *reports; /* so is this */
	struct lock *lock;
	bool once;
	struct config *next;   /* a good one to go on with when the loop has stopped */
	char trouble[1024];    /* why the file as it is now was not taken; "" when it was */
	bool ending;           /* asked for */
	unsigned silent_count; /* --once: agents that did not answer */
};

/* --- what others ask over the control socket --- */

static bool
op_status(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;

	(void)request, (void)err;
	pipeline_status(collect->pipeline, answer);
	json_put_text(answer, "config_trouble",
		      collect->trouble[0] != '\0' ? collect->trouble : NULL);
	if (collect->reports != NULL)
		report_keeper_status(collect->reports, answer);
	return true;
}

static bool
port_asked(const struct json *request, int64_t *id, struct error *err)
{
	return json_int(json_get(request, "port"), id) ||
	       error_set(err, ERR_USAGE, "\"port\" must be a port's id, a whole number");
}

static bool
op_flush(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;
	int64_t id;

	(void)answer;
	return port_asked(request, &id, err) && pipeline_flush(collect->pipeline, id, err);
}

/* The form is the key that names the file. */
static bool
source_asked(const struct json *request, struct backfill_source *source, struct error *err)
{
	static const char *const forms[] = {
		[BACKFILL_CSV] = "csv", [BACKFILL_MRTG] = "mrtg", [BACKFILL_RRD] = "rrd"
	};
	const char *unit = json_text(json_get(request, "unit"), "octets");
	bool is_bits = strcmp(unit, "bits") == 0;

	*source = (struct backfill_source) {
		.file = "",
		.in_source = json_text(json_get(request, "in"), ""),
		.out_source = json_text(json_get(request, "out"), ""),
		.bits = is_bits ? 1 : 8,
		.capacity_bps = NAN,
	};
	json_number(json_get(request, "capacity_bps"), &source->capacity_bps);
	for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]) && source->file[0] == '\0'; i++) {
		source->form = (enum backfill_form)i;
		source->file = json_text(json_get(request, forms[i]), "");
	}
	if (source->file[0] != '/')
		return error_set(
		    err, ERR_USAGE,
		    "\"csv\", \"mrtg\" or \"rrd\" must be the absolute path of a file");
	if (!is_bits && strcmp(unit, "octets") != 0)
		return error_set(err, ERR_USAGE, "\"unit\" must be \"octets\" or \"bits\"");
	return true;
}

static bool
op_backfill(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;
	struct backfill_source source;
	struct backfill_result result;
	int64_t id;

	if (!port_asked(request, &id, err) || !source_asked(request, &source, err) ||
	    !pipeline_backfill(collect->pipeline, id, &source, "cli", &result, err))
		return false;
	if (result.accepted_count > 0 && collect->reports != NULL)
		report_keeper_changed(collect->reports);
	json_put_int(answer, "samples", (int64_t)result.sample_count);
	json_put_int(answer, "accepted", (int64_t)result.accepted_count);
	json_put_int(answer, "coarse", (int64_t)result.coarse_count);
	json_put_int(answer, "misfit", (int64_t)result.misfit_count);
	json_put_int(answer, "unknown", (int64_t)result.unknown_count);
	json_put_int(answer, "no_capacity", (int64_t)result.no_capacity_count);
	json_put_utc(answer, "from", result.first_utc_sec);
	json_put_utc(answer, "to", result.last_utc_sec);
	return true;
}

static bool
op_port_move(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;

	return pipeline_move(collect->pipeline, request, answer, err);
}

static void
on_declared(int64_t port_id, int64_t from_utc_sec, void *user)
{
	struct collect *collect = user;

	pipeline_declared(collect->pipeline, port_id, from_utc_sec);
}

typedef bool declare_op(struct judge_house *house, const struct json *request, struct json *answer,
			declare_on_port *on_port, void *user, struct error *err);

/* What is acknowledged is durable: the register is committed before the answer goes out. */
static bool
declare_and_commit(struct collect *collect, declare_op *declare, const struct json *request,
		   struct json *answer, struct error *err)
{
	struct judge_house *house = pipeline_house(collect->pipeline);

	return declare(house, request, answer, on_declared, collect, err) &&
	       pipeline_commit_now(collect->pipeline, err);
}

static bool
op_declare_add(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return declare_and_commit(user, declare_add, request, answer, err);
}

static bool
op_declare_end(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return declare_and_commit(user, declare_end, request, answer, err);
}

static bool
quiet_and_commit(struct collect *collect,
		 bool (*quiet)(struct judge_house *house, const struct json *request,
			       struct json *answer, struct error *err),
		 const struct json *request, struct json *answer, struct error *err)
{
	bool done = quiet(pipeline_house(collect->pipeline), request, answer, err) &&
		    pipeline_commit_now(collect->pipeline, err);

	pipeline_quiets_changed(collect->pipeline);
	return done;
}

static bool
op_quiet_add(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return quiet_and_commit(user, quiet_add, request, answer, err);
}

static bool
op_quiet_end(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return quiet_and_commit(user, quiet_end, request, answer, err);
}

/* --- notes and the outbox: what is acknowledged is durable --- */

typedef bool house_op(struct judge_house *house, const struct json *request, struct json *answer,
		      struct error *err);

static bool
run_and_commit(struct collect *collect, house_op *op, const struct json *request,
	       struct json *answer, struct error *err)
{
	return op(pipeline_house(collect->pipeline), request, answer, err) &&
	       pipeline_commit_now(collect->pipeline, err);
}

static bool
op_note_add(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, note_add, request, answer, err);
}

static bool
op_note_withdraw(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, note_withdraw, request, answer, err);
}

static bool
op_outbox_claim(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, outbox_claim, request, answer, err);
}

static bool
op_outbox_report(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;

	if (!run_and_commit(collect, outbox_report, request, answer, err))
		return false;
	if (json_count(json_get(request, "outcomes")) > 0 && collect->keeper != NULL)
		mail_keeper_progress(collect->keeper);
	return true;
}

static bool
op_outbox_gather(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, outbox_gather, request, answer, err);
}

static bool
op_outbox_retry(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, outbox_retry, request, answer, err);
}

static bool
op_outbox_drop(const struct json *request, struct json *answer, void *user, struct error *err)
{
	return run_and_commit(user, outbox_drop, request, answer, err);
}

/* --- weekly reports: decided, ordered, disputed; what is acknowledged is durable --- */

static bool
op_registrar(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;
	const struct registrar_row *row = registrar_find(json_text(json_get(request, "op"), ""));

	return row->check(request, err) &&
	       row->run(pipeline_house(collect->pipeline), request, answer, err) &&
	       pipeline_commit_now(collect->pipeline, err);
}

static bool
op_report_close(const struct json *request, struct json *answer, void *user, struct error *err)
{
	struct collect *collect = user;

	(void)request;
	if (collect->reports == NULL)
		return error_set(err, ERR_REFUSED, "a single round makes no letters");
	report_keeper_ask(collect->reports, answer);
	return true;
}

static const struct control_row ops[] = {
	{ "status", op_status },
	{ "flush", op_flush },
	{ "backfill", op_backfill },
	{ "declare_add", op_declare_add },
	{ "declare_end", op_declare_end },
	{ "silence", op_quiet_add },
	{ "silence-end", op_quiet_end },
	{ "acknowledge", op_quiet_add },
	{ "acknowledge-end", op_quiet_end },
	{ "note", op_note_add },
	{ "note-withdraw", op_note_withdraw },
	{ "port_move", op_port_move },
	{ "outbox_claim", op_outbox_claim },
	{ "outbox_report", op_outbox_report },
	{ "outbox_gather", op_outbox_gather },
	{ "outbox_retry", op_outbox_retry },
	{ "outbox_drop", op_outbox_drop },
	{ "report-register", op_registrar },
	{ "report-approve", op_registrar },
	{ "report-hold", op_registrar },
	{ "report-release", op_registrar },
	{ "report-note", op_registrar },
	{ "report-order", op_registrar },
	{ "report-order-end", op_registrar },
	{ "report-dispute", op_registrar },
	{ "report-dispute-decide", op_registrar },
	{ "report-optout", op_registrar },
	{ "report-optin", op_registrar },
	{ "report-revoke", op_registrar },
	{ "report-close", op_report_close },
};

/* --- its life --- */

static void
on_end_signal(void *user)
{
	struct collect *collect = user;

	collect->ending = true;
	service_stopping();
	loop_stop(collect->loop);
}

/* All are logged, the first is kept to be shown. */
static void
on_config_error(const char *message, void *user)
{
	struct collect *collect = user;

	log_error("collect", "event=config-error what=\"%s\"", message);
	if (collect->trouble[0] == '\0')
		snprintf(collect->trouble, sizeof(collect->trouble), "%s", message);
}

static void
config_refused(struct collect *collect, const char *why)
{
	if (collect->trouble[0] == '\0')
		snprintf(collect->trouble, sizeof(collect->trouble), "%s", why);
	log_error("collect", "event=reload-refused file=%s reason=\"%s\"", collect->config_file,
		  why);
}

/* SIGHUP: a good file takes the place of the one in force when the loop has stopped; a bad one is told of, and nothing
 * stops. */
static void
on_reload_signal(void *user)
{
	struct collect *collect = user;
	struct config *config = NULL;
	struct error err = { 0 };

	collect->trouble[0] = '\0';
	if (!config_load(&config, collect->config_file, on_config_error, collect, &err)) {
		config_refused(collect, err.text);
		return;
	}
	if (strcmp(config->state_dir, collect->config->state_dir) != 0) {
		config_refused(collect, "state-dir changes only with a restart");
		config_free(config);
		return;
	}
	config_free(collect->next);
	collect->next = config;
	loop_stop(collect->loop);
}

static void
on_watchdog(void *user)
{
	(void)user;
	service_watchdog();
}

static void
print_agent(const struct snapshot_agent *agent)
{
	char name[160];

	snprintf(name, sizeof(name), "%s/%s", agent->exchange, agent->name);
	if (agent->trouble[0] == '\0')
		printf("%-32s %-24s ok       %4" PRIu32 " ports  %.1f ms\n", name, agent->address,
		       agent->port_count, agent->rtt_us / 1000.0);
	else
		printf("%-32s %-24s trouble  %s\n", name, agent->address, agent->trouble);
}

static void
on_first_round(const struct snapshot *snapshot, void *user)
{
	struct collect *collect = user;

	for (uint32_t i = 0; i < snapshot->agent_count; i++) {
		print_agent(&snapshot->agents[i]);
		collect->silent_count += snapshot->agents[i].trouble[0] != '\0';
	}
	loop_stop(collect->loop);
}

/* The loop outlives every reload: a signal that comes meanwhile waits in it. */
static bool
loop_open(struct collect *collect, struct error *err)
{
	unsigned watchdog_ms = service_watchdog_interval_ms();

	if (!loop_new(&collect->loop, err) ||
	    !loop_on_signal(collect->loop, SIGTERM, on_end_signal, collect, err) ||
	    !loop_on_signal(collect->loop, SIGINT, on_end_signal, collect, err) ||
	    !loop_on_signal(collect->loop, SIGHUP, on_reload_signal, collect, err))
		return false;
	if (watchdog_ms > 0)
		loop_timer_start(collect->loop, watchdog_ms, watchdog_ms, on_watchdog, NULL);
	return true;
}

/* --- the lock --- */

struct lock_wait {
	struct collect *collect;
	int64_t end_mono_ms;
	bool told, over;
	struct error *err;
};

/* One that listens will not let go; who holds the lock and does not listen is a command at work, or a collector that ends. */
static bool
another_listens(const struct collect *collect)
{
	struct json *request = json_object_new(), *answer = NULL;
	bool listens;

	json_put_text(request, "op", "status");
	listens = control_ask(collect->config->state_dir, request, LOCK_ANSWER_MS, &answer, NULL);
	json_free(request);
	json_free(answer);
	return listens;
}

static void
on_lock_look(void *user)
{
	struct lock_wait *wait = user;
	struct collect *collect = wait->collect;

	*wait->err = (struct error) { 0 };
	if (lock_take(&collect->lock, collect->config->state_dir, wait->err) ||
	    wait->err->code != ERR_LOCKED || clock_mono_ms() > wait->end_mono_ms ||
	    another_listens(collect)) {
		wait->over = true;
		loop_stop(collect->loop);
	} else if (!wait->told) {
		wait->told = true;
		log_info("collect", "event=waiting reason=\"%s\"", wait->err->text);
	}
}

static bool
collect_lock(struct collect *collect, struct error *err)
{
	struct lock_wait wait = { .collect = collect,
				  .end_mono_ms = clock_mono_ms() + LOCK_PATIENCE_MS,
				  .err = err };
	struct loop_timer *timer =
	    loop_timer_start(collect->loop, 0, LOCK_LOOK_MS, on_lock_look, &wait);

	if (timer == NULL)
		return error_set(err, ERR_NOMEM, "lock: out of memory");
	while (!wait.over && !collect->ending)
		loop_run(collect->loop); /* SIGHUP ends it too: what it left is taken below */
	loop_timer_stop(timer);
	if (collect->next != NULL) {
		config_free(collect->config);
		collect->config = collect->next;
		collect->next = NULL;
	}
	return collect->lock != NULL || collect->ending;
}

static bool
collect_open(struct collect *collect, const struct pipeline_carry *carry, struct error *err)
{
	if (!pipeline_open(&collect->pipeline, collect->config, collect->loop, carry,
			   collect->once ? on_first_round : NULL, collect, err))
		return false;
	pipeline_control_set(collect->pipeline, collect->control); /* none yet at the start */
	pipeline_reports_set(collect->pipeline, collect->reports != NULL
						    ? report_keeper_runs(collect->reports)
						    : NULL);
	if (collect->keeper != NULL)
		mail_keeper_use(collect->keeper, collect->config, collect->pipeline);
	if (collect->reports != NULL)
		report_keeper_use(collect->reports, collect->config,
				  pipeline_house(collect->pipeline)->ledger);
	return true;
}

/* The next configuration in the place of the old one; where it cannot be opened, the old one again.  Who asks over the
 * control socket meanwhile waits. */
static bool
reload(struct collect *collect, struct error *err)
{
	struct pipeline_carry *carry = pipeline_suspend(collect->pipeline);
	struct config *old = collect->config;
	bool opened;

	service_reloading();
	if (collect->keeper != NULL)
		mail_keeper_use(collect->keeper, collect->config, NULL);
	if (collect->reports != NULL)
		report_keeper_use(collect->reports, collect->config, NULL);
	pipeline_close(collect->pipeline); /* lets go of the old configuration's texts */
	collect->pipeline = NULL;
	collect->config = collect->next;
	collect->next = NULL;
	opened = collect_open(collect, carry, err);
	if (opened) {
		config_free(old);
		log_info("collect", "event=reloaded file=%s", collect->config_file);
	} else {
		config_refused(collect, err->text);
		config_free(collect->config);
		collect->config = old;
		opened = collect_open(collect, carry, err);
	}
	pipeline_carry_free(carry);
	return opened;
}

static bool
collect_run(struct collect *collect, struct error *err)
{
	bool opened = (collect->once || mail_keeper_open(&collect->keeper, collect->loop, err)) &&
		      (collect->once || report_keeper_open(&collect->reports, collect->loop,
							   collect->config_file, err)) &&
		      collect_open(collect, NULL, err) &&
		      control_open(&collect->control, collect->loop, collect->config->state_dir,
				   ops, sizeof(ops) / sizeof(ops[0]), collect, err);

	if (opened)
		pipeline_control_set(collect->pipeline, collect->control);
	while (opened) {
		service_ready();
		loop_run(collect->loop);
		if (collect->next == NULL || collect->ending)
			break;
		opened = reload(collect, err);
	}
	if (collect->pipeline != NULL) {
		pipeline_control_set(collect->pipeline, NULL);
		pipeline_reports_set(collect->pipeline, NULL);
	}
	if (collect->reports != NULL)
		report_keeper_end(collect->reports);
	if (opened && collect->keeper != NULL)
		mail_keeper_end(collect->keeper); /* it still reports */
	mail_keeper_close(collect->keeper);
	report_keeper_close(collect->reports);
	control_close(collect->control);
	pipeline_close(collect->pipeline);
	return opened;
}

int
command_collect(int argc, char **argv)
{
	struct collect collect = { .silent_count = 0 };
	const struct option_row rows[] = {
		{ "once", NULL, NULL, &collect.once,
		  "make one round, print a line per agent, and end" },
	};
	struct option_set set = { .command = "collect",
				  .arguments = "[--once]",
				  .about = "The collector alone, in the foreground: asks every "
					   "agent each interval, keeps and judges what it\n"
					   "learns. SIGTERM or Ctrl-C ends it cleanly; SIGHUP "
					   "reads the configuration again.",
				  .rows = rows,
				  .row_count = sizeof(rows) / sizeof(rows[0]) };
	struct error err = { 0 };
	bool ran;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	follow_parent();
	collect.config_file = set.config_file;
	ran = loop_open(&collect, &err);
	collect.config = ran ? options_config(set.config_file) : NULL;
	if (ran && collect.config == NULL) {
		loop_free(collect.loop);
		return 2;
	}
	ran =
	    ran && collect_lock(&collect, &err) && (collect.ending || collect_run(&collect, &err));
	loop_free(collect.loop);
	lock_release(collect.lock);
	config_free(collect.next);
	config_free(collect.config);
	if (!ran)
		return options_fail("collect", &err);
	return collect.once && collect.silent_count > 0 ? 1 : 0;
}
