/* report.c - `ixwatch report`: the letters of a closed week, made, kept, shown, registered, and made again to be checked.
 *
 * Where a collector runs it registers; where none does, this process takes its place.  `--close` is what the collector's own
 * child does: see report_keeper.c. */
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include "commands/commands.h"
#include "commands/options.h"
#include "commands/report_parts.h"
#include "commands/store.h"
#include "ixwatch/clock.h"
#include "ixwatch/control.h"
#include "ixwatch/follow.h"
#include "ixwatch/log.h"
#include "ixwatch/units.h"
#include "registrar.h"
#include "report_close.h"
#include "report_correct.h"
#include "report_helpers.h"
#include "report_week.h"

#define ANSWER_TIMEOUT_MS 60000
#define CHILD_NICE        10
#define COUNT(array)      (sizeof(array) / sizeof((array)[0]))

struct asked {
	const char *week, *peer, *exchange, *out, *format, *helper, *config_file;
	bool send, all, close, remake, correct, as_json;
	int32_t monday;
	uint32_t asn;
	unsigned helper_number, helper_count;
	char name[REPORT_WEEK_SIZE];
};

struct desk {
	const struct config *config;
	struct store *store; /* NULL: a collector runs, and is asked */
};

/* --- who registers --- */

static bool
put(const struct json *request, struct json **answer, void *user, struct error *err)
{
	struct desk *desk = user;
	const struct registrar_row *row;
	bool done;

	if (desk->store == NULL)
		return control_ask(desk->config->state_dir, request, ANSWER_TIMEOUT_MS, answer,
				   err);
	row = registrar_find("report-register");
	*answer = json_object_new();
	done = row->check(request, err) &&
	       row->run(store_house(desk->store), request, *answer, err) &&
	       judge_house_commit(store_house(desk->store), err);
	if (!done)
		judge_house_abandon(store_house(desk->store));
	return done;
}

static bool
collector_runs(const struct config *config, bool *runs, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	struct error trouble = { 0 };

	json_put_text(request, "op", "status");
	*runs = control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, &trouble);
	json_free(request);
	json_free(answer);
	return *runs || trouble.code == ERR_NOT_FOUND ||
	       error_set(err, trouble.code, "%s", trouble.text);
}

/* Without a collector what its journal holds goes into the files first. */
static bool
desk_open(struct desk *desk, const struct config *config, struct error *err)
{
	bool runs;

	*desk = (struct desk) { .config = config };
	if (!collector_runs(config, &runs, err))
		return false;
	return runs || (store_open(&desk->store, config, err) &&
			series_flush_all(store_house(desk->store)->series, err));
}

/* --- making --- */

static void
on_progress(size_t done, size_t count, void *user)
{
	(void)user;
	if (isatty(STDERR_FILENO) && count > 0)
		fprintf(stderr, "\r%zu of %zu peers%s", done, count, done == count ? "\n" : "");
}

static struct report_run
run_of(const struct asked *asked, const struct config *config, struct desk *desk, bool registers)
{
	return (struct report_run) {
		.config = config,
		.monday = asked->monday,
		.asn = asked->asn,
		.exchange = asked->exchange,
		.asked = asked->all,
		.put = registers ? put : NULL,
		.user = desk,
		.on_progress = on_progress,
		.config_file = asked->config_file,
		.helper = asked->helper_number,
		.helper_count = asked->helper_count,
	};
}

static bool
make(const struct asked *asked, const struct config *config, bool registers, struct error *err)
{
	struct desk desk;
	struct report_tally tally = { 0 };
	struct report_run run = run_of(asked, config, &desk, registers);
	bool done = desk_open(&desk, config, err) && report_close(&run, &tally, err);

	store_close(desk.store);
	return done;
}

/* --- the queue --- */

static void
print_row(const struct report *report)
{
	char who[96], told[96];

	if (report->kind == REPORT_PEER)
		snprintf(who, sizeof(who), "AS%u %.60s", report->asn, report->name);
	else
		snprintf(who, sizeof(who), "%s %.60s", report_kind_name(report->kind),
			 report->exchange);
	snprintf(told, sizeof(told), "%s%s", report->purpose,
		 report->edition > 1 ? ", corrected" : "");
	printf("%6" PRId64 "  %-36s %-18s %-24s %-16s %s\n", report->id, who,
	       model_verdict_name(report->verdict), told, report_state_name(report->state),
	       report->why);
}

static void
put_row(struct json *list, const struct report *report)
{
	struct json *out = json_put_object(list, "");

	json_put_int(out, "id", report->id);
	json_put_text(out, "kind", report_kind_name(report->kind));
	if (report->kind == REPORT_PEER)
		json_put_int(out, "asn", report->asn);
	else
		json_put_null(out, "asn");
	json_put_text(out, "exchange", report->exchange[0] != '\0' ? report->exchange : NULL);
	json_put_int(out, "edition", report->edition);
	json_put_text(out, "name", report->name);
	json_put_text(out, "subject", report->subject);
	json_put_text(out, "verdict", model_verdict_name(report->verdict));
	json_put_text(out, "purpose", report->purpose);
	json_put_text(out, "state", report_state_name(report->state));
	json_put_text(out, "why", report->why);
	json_put_text(out, "sha256", report->sha256);
	json_put_utc(out, "made", report->made_utc_sec);
}

struct table {
	const struct asked *asked;
	struct json *list; /* NULL: as text */
	size_t count;
};

static bool
on_report(const struct report *report, void *user)
{
	struct table *table = user;

	if (table->list != NULL) {
		put_row(table->list, report);
		return true;
	}
	if (table->count++ == 0)
		printf("%6s  %-36s %-18s %-24s %-16s %s\n", "id", "letter", "verdict", "purpose",
		       "state", "why");
	print_row(report);
	return true;
}

static bool
print_queue(const struct asked *asked, const struct config *config, struct error *err)
{
	const struct report_query query = {
		.week = asked->name,
		.any_kind = true,
		.asn = asked->asn,
		.any_state = true,
		.newest_edition = true,
	};
	struct json *json = asked->as_json ? json_object_new() : NULL;
	struct table table = { .asked = asked };
	struct ledger *ledger = NULL;
	bool done;

	json_put_text(json, "week", asked->name);
	table.list = json_put_array(json, "reports");
	done = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
	       ledger_report_each(ledger, &query, on_report, &table, err);
	ledger_close(ledger);
	if (done && asked->as_json)
		return replay_print_json(json, err);
	json_free(json);
	if (done && table.count == 0)
		printf("week %s: no letter is registered yet (ixwatch report --week %s --send "
		       "makes and registers them)\n",
		       asked->name, asked->name);
	return done && replay_print_end(err);
}

/* --- a kept letter --- */

static bool
print_letter(const struct asked *asked, const struct config *config, struct error *err)
{
	char name[32], stem[REPORT_STEM_SIZE], file[REPORT_STEM_SIZE + 8], *octets;
	const struct config_peer *group = config_peer_find(config, asked->asn);
	unsigned edition;
	size_t len;

	snprintf(name, sizeof(name), "AS%u", group != NULL ? group->asn : asked->asn);
	edition = report_shelf_edition(config->state_dir, asked->name, name);
	if (edition == 0)
		return error_set(err, ERR_NOT_FOUND,
				 "week %s: nothing was known of AS%u before its end", asked->name,
				 asked->asn);
	report_stem(stem, name, edition);
	snprintf(file, sizeof(file), "%s.%s", stem, asked->as_json ? "json" : "txt");
	if (!report_shelf_read(config->state_dir, asked->name, file, &octets, &len, err))
		return false;
	fwrite(octets, 1, len, stdout);
	if (asked->as_json)
		putchar('\n');
	free(octets);
	return replay_print_end(err);
}

/* --- files --- */

struct copying {
	const struct asked *asked;
	const struct config *config;
	struct error *err;
	size_t count;
	bool failed;
};

static bool
copy_file(const char *name, void *user)
{
	struct copying *copying = user;
	char path[REPORT_PATH_SIZE], *octets = NULL;
	FILE *to;
	size_t len;
	bool done;

	if (!report_shelf_read(copying->config->state_dir, copying->asked->name, name, &octets,
			       &len, copying->err))
		return false;
	snprintf(path, sizeof(path), "%s/%s", copying->asked->out, name);
	to = fopen(path, "we");
	done = to != NULL && fwrite(octets, 1, len, to) == len;
	done = to != NULL && fclose(to) == 0 && done;
	free(octets);
	return done || error_set(copying->err, ERR_IO, "%s: %s", path, strerror(errno));
}

/* Whether the letter's name is that of the peer asked for: "AS64500" or one of its later editions. */
static bool
stem_is_of(const char *stem, uint32_t asn)
{
	char name[32];
	size_t len = (size_t)snprintf(name, sizeof(name), "AS%u", asn);

	return asn == 0 || (strncmp(stem, name, len) == 0 &&
			    (stem[len] == '\0' || strncmp(stem + len, "-r", 2) == 0));
}

static bool
on_stem_copied(const char *stem, void *user)
{
	static const char *const ends[] = { "txt", "html", "csv", "json" };
	struct copying *copying = user;
	char name[REPORT_STEM_SIZE + 8];

	if (!stem_is_of(stem, copying->asked->asn))
		return true;
	for (size_t i = 0; i < COUNT(ends) && !copying->failed; i++) {
		snprintf(name, sizeof(name), "%s.%s", stem, ends[i]);
		copying->failed = !copy_file(name, copying);
	}
	copying->failed = copying->failed || !report_letter_pictures_each(
						 copying->config->state_dir, copying->asked->name,
						 stem, copy_file, copying, copying->err);
	copying->count++;
	return !copying->failed;
}

static bool
write_out(const struct asked *asked, const struct config *config, struct error *err)
{
	struct copying copying = { .asked = asked, .config = config, .err = err };

	if (mkdir(asked->out, 0750) != 0 && errno != EEXIST)
		return error_set(err, ERR_IO, "%s: %s", asked->out, strerror(errno));
	if (!report_shelf_each(config->state_dir, asked->name, on_stem_copied, &copying, err) ||
	    copying.failed)
		return false;
	printf("week %s: %zu letters in %s\n", asked->name, copying.count, asked->out);
	return replay_print_end(err);
}

/* --- made again --- */

static bool
on_stem_remade(const char *stem, void *user)
{
	struct copying *remaking = user;

	if (!stem_is_of(stem, remaking->asked->asn))
		return true;
	remaking->failed = !report_letter_remake(remaking->config->state_dir, remaking->asked->name,
						 stem, remaking->err);
	remaking->count++;
	return !remaking->failed;
}

static bool
remake(const struct asked *asked, const struct config *config, struct error *err)
{
	struct copying remaking = { .asked = asked, .config = config, .err = err };

	if (!report_shelf_each(config->state_dir, asked->name, on_stem_remade, &remaking, err) ||
	    remaking.failed)
		return false;
	if (remaking.count == 0)
		return error_set(err, ERR_NOT_FOUND, "week %s: no such letter is kept",
				 asked->name);
	printf("week %s: %zu letters made again from their facts: the same octets\n", asked->name,
	       remaking.count);
	return replay_print_end(err);
}

/* --- the collector's child --- */

static bool
close_due(struct asked *asked, const struct config *config, struct error *err)
{
	struct desk desk = { 0 };
	struct report_tally tally = { 0 };
	struct report_run run = run_of(asked, config, &desk, true);
	bool done = desk_open(&desk, config, err);

	run.on_progress = NULL;
	setpriority(PRIO_PROCESS, 0, CHILD_NICE); /* samples come first */
	if (done && !asked->correct)
		done = report_close(&run, &tally, err);
	done = done && report_correct(&run, &tally, err);
	store_close(desk.store);
	log_info("report", "event=closed week=%s made=%zu kept=%zu failed=%zu waiting=%zu held=%zu",
		 asked->name, tally.made, tally.kept, tally.failed, tally.states[REPORT_WAITING],
		 tally.states[REPORT_HELD]);
	return done;
}

/* One of the processes that make letters beside that which registers them: see report_helpers.h. */
static bool
help_close(struct asked *asked, const struct config *config, struct error *err)
{
	struct report_run run = run_of(asked, config, NULL, false);

	run.on_progress = NULL;
	return report_close_share(&run, STDOUT_FILENO, err);
}

/* --- the command --- */

/* The week asked for, else the last that is closed; of the collector's child the one that is due. */
static bool
week_find(struct asked *asked, const struct config *config, struct error *err)
{
	int64_t now_utc_sec = clock_utc_sec();
	bool done;

	if (asked->week == NULL)
		done = asked->close ? report_week_due(config, now_utc_sec, &asked->monday, err)
				    : report_week_last(config, now_utc_sec, &asked->monday, err);
	else
		done = report_week_parse(asked->week, &asked->monday) ||
		       error_set(err, ERR_USAGE,
				 "--week %.40s: an ISO week like 2026-W47 is needed", asked->week);
	report_week_name(asked->name, asked->monday);
	return done && report_week_check_closed(config, asked->monday, now_utc_sec, err);
}

/* "2/3" */
static bool
helper_parse(struct asked *asked)
{
	unsigned number, count;
	char rest;

	if (sscanf(asked->helper, "%2u/%2u%c", &number, &count, &rest) != 2 || number < 1 ||
	    number > count || count > REPORT_HELPERS_MAX)
		return false;
	asked->helper_number = number;
	asked->helper_count = count;
	return true;
}

static bool
asked_check(struct asked *asked, struct error *err)
{
	const char *digits = asked->peer;
	uint64_t asn;

	if (digits != NULL && strncmp(digits, "AS", 2) == 0)
		digits += 2;
	if (digits != NULL && !units_parse_uint(digits, 1, UINT32_MAX, &asn))
		return error_set(err, ERR_USAGE, "--peer %.40s: an AS number is needed",
				 asked->peer);
	asked->asn = digits != NULL ? (uint32_t)asn : 0;
	if (asked->format != NULL && strcmp(asked->format, "text") != 0 &&
	    strcmp(asked->format, "json") != 0)
		return error_set(err, ERR_USAGE, "--format %.40s: text or json is needed",
				 asked->format);
	if (asked->helper != NULL && !helper_parse(asked))
		return error_set(err, ERR_USAGE, "--helper %.40s: a number of a number is needed",
				 asked->helper);
	asked->as_json = asked->format != NULL && strcmp(asked->format, "json") == 0;
	if (asked->out != NULL && asked->send)
		return error_set(err, ERR_USAGE,
				 "--out writes files, --send registers: one of them");
	return true;
}

static bool
report_run_asked(struct asked *asked, const struct config *config, struct error *err)
{
	if (!week_find(asked, config, err))
		return false;
	if (asked->exchange != NULL && config_exchange_find(config, asked->exchange) == NULL)
		return error_set(err, ERR_NOT_FOUND, "the configuration has no exchange %.60s",
				 asked->exchange);
	if (asked->helper != NULL)
		return help_close(asked, config, err);
	if (asked->close)
		return close_due(asked, config, err);
	if (asked->remake)
		return remake(asked, config, err);
	if (asked->out != NULL)
		return make(asked, config, false, err) && write_out(asked, config, err);
	if (asked->send)
		return make(asked, config, true, err) && print_queue(asked, config, err);
	if (asked->asn != 0)
		return make(asked, config, false, err) && print_letter(asked, config, err);
	return print_queue(asked, config, err);
}

int
command_report(int argc, char **argv)
{
	struct asked asked = { 0 };
	const struct option_row rows[] = {
		{ "week", "WEEK", &asked.week, NULL,
		  "2026-W47; default: the last that is closed at every exchange" },
		{ "peer", "ASN", &asked.peer, NULL, "that peer's letter: prints it" },
		{ "exchange", "SLUG", &asked.exchange, NULL, "of peers that are there" },
		{ "out", "DIR", &asked.out, NULL, "writes the letters as files into that folder" },
		{ "send", NULL, NULL, &asked.send,
		  "makes and registers them: what may be sent goes into the outbox" },
		{ "all", NULL, NULL, &asked.all, "with --send: also those with nothing to tell" },
		{ "remake", NULL, NULL, &asked.remake,
		  "makes kept letters again from their facts, and compares every octet" },
		{ "close", NULL, NULL, &asked.close,
		  "what the collector's child does: the week that is due, and corrections" },
		{ "corrections", NULL, NULL, &asked.correct,
		  "with --close: corrections of closed weeks alone" },
		{ "helper", "N/M", &asked.helper, NULL,
		  "what a process beside that which registers does: makes its share of them" },
		{ "format", "F", &asked.format, NULL, "text (default) or json" },
	};
	struct option_set set = {
		.command = "report",
		.arguments = "[--week WEEK] [--peer ASN] [--exchange SLUG] [--out DIR | --send]",
		.about =
		    "The weekly letters: what is in the queue, or one of them. A letter is made "
		    "once, when its week is over at\nevery exchange, and never changed; a "
		    "correction is a new edition. Letters are kept in state-dir/reports/.",
		.rows = rows,
		.row_count = COUNT(rows),
	};
	struct error err = { 0 };
	struct config *config;
	int status = 0;
	bool done;

	if (report_part_run(argc, argv, &status))
		return status;
	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: report_parts_usage(stdout); return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	follow_parent();
	if (!asked_check(&asked, &err))
		return options_fail("report", &err);
	asked.config_file = set.config_file;
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	done = report_run_asked(&asked, config, &err);
	config_free(config);
	return done ? 0 : options_fail("report", &err);
}
