/* backfill.c - see backfill.h. */
#include "backfill.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "ixwatch/clock.h"
#include "ixwatch/ledger_advice.h"
#include "ixwatch/units.h"

/* Rows to samples, with the capacity given where the file has none. */
static struct sample *
samples_of(const struct csv_series *csv, double capacity_bps)
{
	struct sample *samples = calloc(csv->row_count, sizeof(*samples));

	for (size_t i = 0; samples != NULL && i < csv->row_count; i++) {
		samples[i].end_utc_sec = csv->end_utc_sec[i];
		samples[i].step_sec = csv->step_sec;
		memcpy(samples[i].value, csv->value + i * COLUMN_COUNT, sizeof(samples[i].value));
		if (isnan(samples[i].value[COLUMN_CAPACITY_BPS]))
			samples[i].value[COLUMN_CAPACITY_BPS] = capacity_bps;
	}
	return samples;
}

static bool
record(struct judge_house *house, const struct port *port, const char *csv_file, const char *actor,
       int64_t started_utc_sec, const struct backfill_result *result, struct error *err)
{
	struct ledger_import import = {
		.actor = actor,
		.what = "backfill",
		.source = csv_file,
		.port_id = port->id,
		.started_utc_sec = started_utc_sec,
		.ended_utc_sec = clock_utc_sec(),
		.from_utc_sec = result->first_utc_sec,
		.to_utc_sec = result->last_utc_sec,
		.read_count = (int64_t)result->sample_count,
		.accepted_count = (int64_t)result->accepted_count,
		.trouble = "",
	};
	char from[32], to[32], detail[160];

	snprintf(detail, sizeof(detail), "%llu samples, %s to %s; judged anew",
		 (unsigned long long)result->accepted_count,
		 units_format_utc(from, sizeof(from), result->first_utc_sec),
		 units_format_utc(to, sizeof(to), result->last_utc_sec));
	return judge_house_begin(house, err) && ledger_import_put(house->ledger, &import, err) &&
	       ledger_advice_forget(house->ledger, port->id, err) &&
	       ledger_audit(house->ledger, clock_utc_sec(), actor, "backfill", port->id, detail,
			    err);
}

/* A row's time is on the grid of the series when its step is a multiple or a divisor of the interval. */
static bool
step_fits(const struct csv_series *csv, const char *csv_file, unsigned interval_sec,
	  struct error *err)
{
	if (csv->step_sec % interval_sec == 0 || interval_sec % csv->step_sec == 0)
		return true;
	return error_set(
	    err, ERR_PARSE,
	    "%s: rows are %u s apart, which neither divides nor is a multiple of the interval "
	    "of %u s",
	    csv_file, csv->step_sec, interval_sec);
}

/* A pipe or a device might never end, and nothing else goes on meanwhile. */
static bool
is_file(const char *csv_file, struct error *err)
{
	struct stat st;

	if (stat(csv_file, &st) != 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", csv_file,
				 strerror(errno));
	return S_ISREG(st.st_mode) || error_set(err, ERR_USAGE, "%s: not a regular file", csv_file);
}

bool
backfill_csv(struct judge_house *house, struct judge *judge, const struct port *port,
	     const char *csv_file, double capacity_bps, const char *actor,
	     struct backfill_result *result, struct error *err)
{
	unsigned step_sec = detector_step_sec(judge_detector(judge)),
		 interval_sec = house->config->interval_sec;
	int64_t started_utc_sec = clock_utc_sec();
	struct csv_series csv = { 0 };
	struct sample *samples = NULL;
	size_t accepted_count = 0;
	bool done = false;

	if (!is_file(csv_file, err) || !csv_read(&csv, csv_file, err))
		return false;
	if (!csv_settle_step(&csv, csv_file, step_sec, err) ||
	    !step_fits(&csv, csv_file, interval_sec, err))
		goto out;
	if (isnan(capacity_bps))
		capacity_bps = judge_capacity_setting_bps(judge);
	samples = samples_of(&csv, capacity_bps);
	if (samples == NULL) {
		error_set(err, ERR_NOMEM, "%s: out of memory", csv_file);
		goto out;
	}
	*result = (struct backfill_result) { .sample_count = csv.row_count,
					     .first_utc_sec = csv.end_utc_sec[0],
					     .last_utc_sec = csv.end_utc_sec[csv.row_count - 1] };
	if (!series_import(house->series, port->path, samples, csv.row_count, &accepted_count, err))
		goto out;
	result->accepted_count = accepted_count;
	for (size_t i = 0; i < csv.row_count; i++)
		result->no_capacity_count += !(samples[i].value[COLUMN_CAPACITY_BPS] > 0);
	done = judge_anew(judge, err) &&
	       record(house, port, csv_file, actor, started_utc_sec, result, err);
out:
	free(samples);
	csv_free(&csv);
	return done;
}
