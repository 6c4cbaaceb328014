/* backfill.c - `ixwatch backfill`: asks the collector where one runs, and does it itself where none does.
 *
 * One port from one file, or every file of a folder, each named <exchange>__<agent>__<ifName>.csv with everything but
 * [A-Za-z0-9_-] of the ifName percent-encoded (as the series' own files are). */
#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "backfill.h"
#include "base/csv.h"
#include "commands/commands.h"
#include "commands/options.h"
#include "commands/store.h"
#include "ixwatch/control.h"
#include "ixwatch/units.h"

#define ANSWER_TIMEOUT_MS 600000

struct backfill {
	const struct config *config;
	struct store *store; /* NULL: a collector runs, and is asked */
	const char *capacity;
	double capacity_bps;
};

struct request {
	const char *port_name;
	int64_t port_id;
	char csv[PATH_MAX];
	double capacity_bps;
};

static void
print_result(const struct request *request, const struct backfill_result *result)
{
	char from[32], to[32];

	printf("%s: %llu samples from %s to %s, %llu of them filled unknown time; judged anew\n",
	       request->port_name, (unsigned long long)result->sample_count,
	       units_format_utc(from, sizeof(from), result->first_utc_sec),
	       units_format_utc(to, sizeof(to), result->last_utc_sec),
	       (unsigned long long)result->accepted_count);
}

static void
print_no_capacity(const struct backfill_result *result)
{
	if (result->no_capacity_count > 0)
		printf("  %llu of them have no capacity, so they cannot be judged: give "
		       "--capacity, or `capacity` in the "
		       "port's block\n",
		       (unsigned long long)result->no_capacity_count);
}

static bool
on_port(const struct port *port, void *user)
{
	*(int64_t *)user = port->id;
	return false;
}

static bool
port_id_find(const struct config *config, const char *name, int64_t *id, struct error *err)
{
	struct ledger *ledger = NULL;
	bool found = ledger_open(&ledger, config->state_dir, LEDGER_READ, err) &&
		     ledger_port_find(ledger, name, on_port, id, err);

	ledger_close(ledger);
	return found;
}

static bool
ask_collector(const struct config *config, const struct request *asked,
	      struct backfill_result *result, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	int64_t samples = 0, accepted = 0, no_capacity = 0;
	bool done;

	json_put_text(request, "op", "backfill");
	json_put_int(request, "port", asked->port_id);
	json_put_text(request, "csv", asked->csv);
	if (!isnan(asked->capacity_bps))
		json_put_number(request, "capacity_bps", asked->capacity_bps);
	done = control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, err);
	if (done) {
		json_int(json_get(answer, "samples"), &samples);
		json_int(json_get(answer, "accepted"), &accepted);
		json_int(json_get(answer, "no_capacity"), &no_capacity);
		*result = (struct backfill_result) { .sample_count = (uint64_t)samples,
						     .no_capacity_count = (uint64_t)no_capacity,
						     .accepted_count = (uint64_t)accepted };
		units_parse_utc(json_text(json_get(answer, "from"), ""), &result->first_utc_sec);
		units_parse_utc(json_text(json_get(answer, "to"), ""), &result->last_utc_sec);
	}
	json_free(request);
	json_free(answer);
	return done;
}

static bool
do_it_here(struct store *store, const struct request *asked, struct backfill_result *result,
	   struct error *err)
{
	struct judge *judge = NULL;
	const struct port *port = NULL;
	bool done = store_judge(store, asked->port_id, &judge, &port, err) &&
		    backfill_csv(store_house(store), judge, port, asked->csv, asked->capacity_bps,
				 "cli", result, err);

	if (done)
		done = judge_house_commit(store_house(store), err);
	else
		judge_house_abandon(store_house(store));
	judge_free(judge);
	return done;
}

/* Whether a collector runs decides who does the work; once for the whole command. */
static bool
backfill_open(struct backfill *backfill, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	bool runs;

	json_put_text(request, "op", "status");
	runs = control_ask(backfill->config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, err);
	json_free(request);
	json_free(answer);
	return runs ||
	       (err->code == ERR_NOT_FOUND && store_open(&backfill->store, backfill->config, err));
}

static bool
backfill_one(struct backfill *backfill, const char *port_name, const char *csv, struct error *err)
{
	struct request asked = { .port_name = port_name, .capacity_bps = backfill->capacity_bps };
	struct backfill_result result = { 0 };
	bool done;

	if (realpath(csv, asked.csv) == NULL)
		return error_set(err, ERR_IO, "%s: %s", csv, strerror(errno));
	if (!port_id_find(backfill->config, port_name, &asked.port_id, err))
		return error_wrap(err, "%s", csv);
	done = backfill->store != NULL ? do_it_here(backfill->store, &asked, &result, err)
				       : ask_collector(backfill->config, &asked, &result, err);
	if (done) {
		print_result(&asked, &result);
		print_no_capacity(&result);
	}
	return done;
}

/* --- a folder of files --- */

static int
hex_digit(char c)
{
	const char *digits = "0123456789ABCDEF", *at = c != '\0' ? strchr(digits, c) : NULL;

	return at != NULL ? (int)(at - digits) : -1;
}

/* "demo-fra__edge1__et-0%2F0%2F7.csv" -> "demo-fra/edge1/et-0/0/7"; false when the name is none of ours. */
static bool
port_name_of(const char *file, char *dst, size_t len)
{
	size_t file_len = strlen(file), n = 0;
	unsigned parts = 0;

	if (file_len < 5 || strcmp(file + file_len - 4, ".csv") != 0)
		return false;
	for (size_t i = 0; i < file_len - 4; i++) {
		char c = file[i];

		if (n + 1 >= len)
			return false;
		if (parts < 2 && strncmp(file + i, "__", 2) == 0) {
			c = '/';
			parts++;
			i++;
		} else if (c == '%') {
			int high = hex_digit(file[i + 1]),
			    low = high < 0 ? -1 : hex_digit(file[i + 2]);

			if (low < 0)
				return false;
			c = (char)(high * 16 + low);
			i += 2;
		}
		dst[n++] = c;
	}
	dst[n] = '\0';
	return parts == 2;
}

static int
is_csv(const struct dirent *entry)
{
	const char *dot = strrchr(entry->d_name, '.');

	return dot != NULL && strcmp(dot, ".csv") == 0;
}

static void
progress(int done, int count)
{
	if (isatty(STDERR_FILENO))
		fprintf(stderr, "\r%d of %d ports%s", done, count, done == count ? "\n" : "");
}

static bool
backfill_folder(struct backfill *backfill, const char *folder, struct error *err)
{
	struct dirent **entries = NULL;
	int count = scandir(folder, &entries, is_csv, alphasort), taken = 0;
	bool done = true;

	if (count < 0)
		return error_set(err, ERR_IO, "%s: %s", folder, strerror(errno));
	for (int i = 0; i < count; i++) {
		char name[1024], path[PATH_MAX];

		snprintf(path, sizeof(path), "%s/%s", folder, entries[i]->d_name);
		if (done && port_name_of(entries[i]->d_name, name, sizeof(name))) {
			done = backfill_one(backfill, name, path, err);
			taken += done;
		}
		free(entries[i]);
		progress(i + 1, count);
	}
	free(entries);
	if (done && taken == 0)
		return error_set(err, ERR_NOT_FOUND,
				 "%s: no file is named <exchange>__<agent>__<ifName>.csv", folder);
	return done;
}

/* --- the command --- */

static bool
backfill_run(struct backfill *backfill, const char *port_name, const char *csv, const char *folder,
	     struct error *err)
{
	bool done = backfill_open(backfill, err) &&
		    (folder != NULL ? backfill_folder(backfill, folder, err)
				    : backfill_one(backfill, port_name, csv, err));

	store_close(backfill->store);
	return done;
}

int
command_backfill(int argc, char **argv)
{
	const char *csv = NULL, *folder = NULL, *capacity = NULL, *words[1];
	const struct option_row rows[] = {
		{ "csv", "FILE", &csv, NULL, "rows of means (columns: see above)" },
		{ "all", "DIR", &folder, NULL,
		  "instead: every <exchange>__<agent>__<ifName>.csv of a folder" },
		{ "capacity", "BPS", &capacity, NULL,
		  "physical capacity where the file has none (\"10G\")" },
	};
	struct option_set set = { .command = "backfill",
				  .arguments = "PORT --csv FILE | --all DIR",
				  .about = "History from elsewhere into a port's series; what is "
					   "known already stays. The port is then judged\n"
					   "anew from its first sample on. PORT is an id or "
					   "exchange/agent/ifName.\n\n" CSV_FORM_HELP,
				  .rows = rows,
				  .row_count = sizeof(rows) / sizeof(rows[0]),
				  .words = words,
				  .word_max = 1 };
	struct backfill backfill = { .capacity_bps = NAN };
	struct error err = { 0 };
	struct config *config;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	bool one = set.word_count == 1 && csv != NULL && folder == NULL;
	bool many = set.word_count == 0 && csv == NULL && folder != NULL;

	if (!one && !many)
		error_set(&err, ERR_USAGE,
			  "a PORT with --csv FILE, or --all DIR (see ixwatch backfill --help)");
	else if (capacity != NULL && !units_parse_bps(capacity, &backfill.capacity_bps))
		error_set(&err, ERR_USAGE, "--capacity %s: a rate like \"10G\" is needed",
			  capacity);
	if (err.code != ERR_NONE)
		return options_fail("backfill", &err);
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	backfill.config = config;
	done = backfill_run(&backfill, set.word_count > 0 ? words[0] : NULL, csv, folder, &err);
	config_free(config);
	return done ? 0 : options_fail("backfill", &err);
}
