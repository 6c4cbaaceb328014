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

struct backfill_run {
	const struct config *config;
	struct store *store;           /* NULL: a collector runs, and is asked */
	struct backfill_source source; /* but for the file */
};

struct request {
	const char *port_name;
	int64_t port_id;
	char file[PATH_MAX];
	struct backfill_source source; /* its file is the one above */
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
print_left_out(const struct backfill_result *result)
{
	if (result->coarse_count > 0)
		printf("  left out: %llu means over more than an hour, too coarse to be judged\n",
		       (unsigned long long)result->coarse_count);
	if (result->misfit_count > 0)
		printf("  left out: %llu rows whose step does not fit the interval\n",
		       (unsigned long long)result->misfit_count);
	if (result->unknown_count > 0)
		printf("  %llu rows say nothing\n", (unsigned long long)result->unknown_count);
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

static struct json *
request_make(const struct request *asked)
{
	static const char *const forms[] = {
		[BACKFILL_CSV] = "csv", [BACKFILL_MRTG] = "mrtg", [BACKFILL_RRD] = "rrd"
	};
	struct json *request = json_object_new();

	json_put_text(request, "op", "backfill");
	json_put_int(request, "port", asked->port_id);
	json_put_text(request, forms[asked->source.form], asked->file);
	if (!isnan(asked->source.capacity_bps))
		json_put_number(request, "capacity_bps", asked->source.capacity_bps);
	if (asked->source.form == BACKFILL_RRD) {
		json_put_text(request, "in", asked->source.in_source);
		json_put_text(request, "out", asked->source.out_source);
		json_put_text(request, "unit", asked->source.bits > 1 ? "octets" : "bits");
	}
	return request;
}

static uint64_t
count_of(const struct json *answer, const char *key)
{
	int64_t count = 0;

	json_int(json_get(answer, key), &count);
	return (uint64_t)count;
}

static bool
ask_collector(const struct config *config, const struct request *asked,
	      struct backfill_result *result, struct error *err)
{
	struct json *request = request_make(asked), *answer = NULL;
	bool done = control_ask(config->state_dir, request, ANSWER_TIMEOUT_MS, &answer, err);

	if (done) {
		*result = (struct backfill_result) {
			.sample_count = count_of(answer, "samples"),
			.accepted_count = count_of(answer, "accepted"),
			.coarse_count = count_of(answer, "coarse"),
			.misfit_count = count_of(answer, "misfit"),
			.unknown_count = count_of(answer, "unknown"),
			.no_capacity_count = count_of(answer, "no_capacity"),
		};
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
		    backfill(store_house(store), judge, port, &asked->source, "cli", result, err);

	if (done)
		done = judge_house_commit(store_house(store), err);
	else
		judge_house_abandon(store_house(store));
	judge_free(judge);
	return done;
}

static bool
backfill_one(struct backfill_run *run, const char *port_name, const char *file, struct error *err)
{
	struct request asked = { .port_name = port_name, .source = run->source };
	struct backfill_result result = { 0 };
	bool done;

	if (realpath(file, asked.file) == NULL)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", file,
				 strerror(errno));
	asked.source.file = asked.file;
	if (!port_id_find(run->config, port_name, &asked.port_id, err))
		return error_wrap(err, "%s", file);
	done = run->store != NULL ? do_it_here(run->store, &asked, &result, err)
				  : ask_collector(run->config, &asked, &result, err);
	if (done) {
		print_result(&asked, &result);
		print_left_out(&result);
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
backfill_folder(struct backfill_run *run, const char *folder, struct error *err)
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
			done = backfill_one(run, name, path, err);
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
backfill_all(struct backfill_run *run, const char *port_name, const char *file, const char *folder,
	     struct error *err)
{
	bool done = store_reach(&run->store, run->config, err) &&
		    (folder != NULL ? backfill_folder(run, folder, err)
				    : backfill_one(run, port_name, file, err));

	store_close(run->store);
	return done;
}

struct words {
	const char *csv, *mrtg, *rrd, *in, *out, *unit, *folder, *capacity;
};

/* Whether the options name one port and one file, or a folder and no port. */
static bool
words_agree(const struct words *w, size_t port_count)
{
	int files = (w->csv != NULL) + (w->mrtg != NULL) + (w->rrd != NULL);

	return w->folder != NULL ? files == 0 && port_count == 0 : files == 1 && port_count == 1;
}

static bool
source_read(const struct words *w, size_t port_count, struct backfill_source *source,
	    struct error *err)
{
	*source = (struct backfill_source) { .form = w->rrd != NULL    ? BACKFILL_RRD
						     : w->mrtg != NULL ? BACKFILL_MRTG
								       : BACKFILL_CSV,
					     .in_source = w->in,
					     .out_source = w->out,
					     .bits = 8,
					     .capacity_bps = NAN };
	if (!words_agree(w, port_count))
		return error_set(err, ERR_USAGE,
				 "a PORT with --csv, --mrtg or --rrd FILE, or --all DIR (see "
				 "ixwatch backfill --help)");
	if ((w->rrd != NULL) != (w->in != NULL && w->out != NULL) ||
	    (w->rrd == NULL && (w->in != NULL || w->out != NULL || w->unit != NULL)))
		return error_set(err, ERR_USAGE,
				 "--rrd FILE needs --in DS and --out DS, the names of its sources, "
				 "and they and --unit need it");
	if (w->unit != NULL && strcmp(w->unit, "bits") == 0)
		source->bits = 1;
	else if (w->unit != NULL && strcmp(w->unit, "octets") != 0)
		return error_set(err, ERR_USAGE, "--unit %s: octets or bits is needed", w->unit);
	if (w->capacity != NULL && !units_parse_bps(w->capacity, &source->capacity_bps))
		return error_set(err, ERR_USAGE, "--capacity %s: a rate like \"10G\" is needed",
				 w->capacity);
	return true;
}

#define ABOUT                                                                                      \
	"History from elsewhere into a port's series; what is known already stays. The port is "   \
	"then judged\n"                                                                            \
	"anew from its first sample on. PORT is an id or exchange/agent/ifName.\n\n" CSV_FORM_HELP \
	"\n\nAn MRTG log and the AVERAGE archives of an RRD file hold means of several lengths: "  \
	"those of at most\n"                                                                       \
	"an hour are taken, for each time the finest, coarser ones are left out. A line of zeros " \
	"in an MRTG\n"                                                                             \
	"log is unknown. Sources of an RRD file are rates, whatever their type."

int
command_backfill(int argc, char **argv)
{
	struct words w = { .csv = NULL };
	const char *words[1];
	const struct option_row rows[] = {
		{ "csv", "FILE", &w.csv, NULL, "rows of means (columns: see above)" },
		{ "mrtg", "FILE", &w.mrtg, NULL, "the log that MRTG keeps of a target" },
		{ "rrd", "FILE", &w.rrd, NULL, "an RRD file of MRTG, Cacti, LibreNMS, ..." },
		{ "in", "DS", &w.in, NULL, "its source of what the port receives" },
		{ "out", "DS", &w.out, NULL, "its source of what the port sends" },
		{ "unit", "octets|bits", &w.unit, NULL,
		  "what they count a second; default octets" },
		{ "all", "DIR", &w.folder, NULL,
		  "instead: every <exchange>__<agent>__<ifName>.csv of a folder" },
		{ "capacity", "BPS", &w.capacity, NULL,
		  "physical capacity where the file has none (\"10G\")" },
	};
	struct option_set set = { .command = "backfill",
				  .arguments = "PORT --csv FILE | PORT --mrtg FILE | "
					       "PORT --rrd FILE --in DS --out DS | --all DIR",
				  .about = ABOUT,
				  .rows = rows,
				  .row_count = sizeof(rows) / sizeof(rows[0]),
				  .words = words,
				  .word_max = 1 };
	struct backfill_run run = { .store = NULL };
	struct error err = { 0 };
	struct config *config;
	const char *file;
	bool done;

	switch (options_read(&set, argc, argv)) {
	case OPTIONS_HELPED: return 0;
	case OPTIONS_WRONG: return 2;
	case OPTIONS_GO: break;
	}
	if (!source_read(&w, set.word_count, &run.source, &err))
		return options_fail("backfill", &err);
	config = options_config(set.config_file);
	if (config == NULL)
		return 2;
	config_drop_secrets(config);
	run.config = config;
	file = w.csv != NULL ? w.csv : w.mrtg != NULL ? w.mrtg : w.rrd;
	done = backfill_all(&run, set.word_count > 0 ? words[0] : NULL, file, w.folder, &err);
	config_free(config);
	return done ? 0 : options_fail("backfill", &err);
}
