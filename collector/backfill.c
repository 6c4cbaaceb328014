/* backfill.c - see backfill.h. */
#include "backfill.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "base/csv.h"
#include "base/history.h"
#include "base/mrtg.h"
#include "ixwatch/clock.h"
#include "ixwatch/ledger_advice.h"
#include "ixwatch/units.h"
#include "store/series_foreign.h"

static bool
record(struct judge_house *house, const struct port *port, const char *file, const char *actor,
       int64_t started_utc_sec, const struct backfill_result *result, struct error *err)
{
	struct ledger_import import = {
		.actor = actor,
		.what = "backfill",
		.source = file,
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
	       ledger_advice_forget(house->ledger, subject_port(port->id), err) &&
	       ledger_audit(house->ledger, clock_utc_sec(), actor, "backfill", port->id, detail,
			    err);
}

/* A pipe or a device might never end, and nothing else goes on meanwhile. */
static bool
is_file(const char *file, struct error *err)
{
	struct stat st;

	if (stat(file, &st) != 0)
		return error_set(err, errno == ENOENT ? ERR_NOT_FOUND : ERR_IO, "%s: %s", file,
				 strerror(errno));
	return S_ISREG(st.st_mode) || error_set(err, ERR_USAGE, "%s: not a regular file", file);
}

/* --- the three forms --- */

/* A row's time is on the grid of the series when its step is a multiple or a divisor of the interval. */
static bool
step_fits(const struct csv_series *csv, const char *file, unsigned interval_sec, struct error *err)
{
	return csv->step_sec % interval_sec == 0 || interval_sec % csv->step_sec == 0 ||
	       error_set(err, ERR_PARSE,
			 "%s: rows are %u s apart, which neither divides nor is a multiple of the "
			 "interval of %u s",
			 file, csv->step_sec, interval_sec);
}

/* Rows to samples, one strip of them. */
static bool
strip_of(struct history *history, const struct csv_series *csv, struct error *err)
{
	struct sample *samples = calloc(csv->row_count, sizeof(*samples));

	if (samples == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	for (size_t i = 0; i < csv->row_count; i++) {
		samples[i].end_utc_sec = csv->end_utc_sec[i];
		samples[i].step_sec = csv->step_sec;
		memcpy(samples[i].value, csv->value + i * COLUMN_COUNT, sizeof(samples[i].value));
	}
	history->strips[0] = (struct history_strip) { .step_sec = csv->step_sec,
						      .samples = samples,
						      .sample_count = csv->row_count };
	history->strip_count = 1;
	history->read_count = csv->row_count;
	return true;
}

static bool
read_csv(struct history *history, const char *file, unsigned judged_step_sec, unsigned interval_sec,
	 struct error *err)
{
	struct csv_series csv = { 0 };
	bool done = csv_read(&csv, file, err) &&
		    csv_settle_step(&csv, file, judged_step_sec, err) &&
		    step_fits(&csv, file, interval_sec, err) && strip_of(history, &csv, err);

	csv_free(&csv);
	return done;
}

static bool
read_source(struct history *history, const struct backfill_source *source, unsigned judged_step_sec,
	    unsigned interval_sec, struct error *err)
{
	struct series_foreign foreign = { .file = source->file,
					  .in_source = source->in_source,
					  .out_source = source->out_source,
					  .bits = source->bits,
					  .interval_sec = interval_sec,
					  .now_utc_sec = clock_utc_sec() };

	switch (source->form) {
	case BACKFILL_CSV:
		return read_csv(history, source->file, judged_step_sec, interval_sec, err);
	case BACKFILL_MRTG:
		return mrtg_read(history, source->file, interval_sec, clock_utc_sec(), err);
	case BACKFILL_RRD: return series_foreign_read(history, &foreign, err);
	}
	return error_set(err, ERR_USAGE, "%s: history of no known form", source->file);
}

/* A file of nothing that can be judged changes nothing, and says so. */
static bool
has_samples(const struct history *history, const char *file, struct error *err)
{
	return history_sample_count(history) > 0 ||
	       error_set(err, ERR_PARSE,
			 "%s: nothing in it can be taken: of %llu rows, %llu say nothing, %llu are "
			 "means over more than an hour, %llu do not fit the interval",
			 file, (unsigned long long)history->read_count,
			 (unsigned long long)history->unknown_count,
			 (unsigned long long)history->coarse_count,
			 (unsigned long long)history->misfit_count);
}

/* --- into the series --- */

static void
fill_capacity(struct history_strip *strip, double capacity_bps, struct backfill_result *result)
{
	for (size_t i = 0; i < strip->sample_count; i++) {
		double *capacity = &strip->samples[i].value[COLUMN_CAPACITY_BPS];

		if (isnan(*capacity))
			*capacity = capacity_bps;
		result->no_capacity_count += !(*capacity > 0);
	}
}

/* The finest strip first: what it knows stays. */
static bool
import(struct series *series, const char *path, struct history *history, double capacity_bps,
       struct backfill_result *result, struct error *err)
{
	for (size_t i = 0; i < history->strip_count; i++) {
		struct history_strip *strip = &history->strips[i];
		size_t accepted_count = 0;

		if (strip->sample_count == 0)
			continue;
		fill_capacity(strip, capacity_bps, result);
		if (!series_import(series, path, strip->samples, strip->sample_count,
				   &accepted_count, err))
			return false;
		result->accepted_count += accepted_count;
	}
	return true;
}

static struct backfill_result
result_of(const struct history *history)
{
	struct backfill_result result = { .sample_count = history_sample_count(history),
					  .unknown_count = history->unknown_count,
					  .coarse_count = history->coarse_count,
					  .misfit_count = history->misfit_count };

	for (size_t i = 0; i < history->strip_count; i++) {
		const struct history_strip *strip = &history->strips[i];
		int64_t first = strip->samples[0].end_utc_sec,
			last = strip->samples[strip->sample_count - 1].end_utc_sec;

		if (i == 0 || first < result.first_utc_sec)
			result.first_utc_sec = first;
		if (i == 0 || last > result.last_utc_sec)
			result.last_utc_sec = last;
	}
	return result;
}

bool
backfill(struct judge_house *house, struct judge *judge, const struct port *port,
	 const struct backfill_source *source, const char *actor, struct backfill_result *result,
	 struct error *err)
{
	unsigned step_sec = detector_step_sec(judge_detector(judge)),
		 interval_sec = house->config->interval_sec;
	double capacity_bps =
	    isnan(source->capacity_bps) ? judge_capacity_setting_bps(judge) : source->capacity_bps;
	int64_t started_utc_sec = clock_utc_sec();
	struct history history = { .strip_count = 0 };
	bool done;

	if (!is_file(source->file, err))
		return false;
	done = read_source(&history, source, step_sec, interval_sec, err) &&
	       has_samples(&history, source->file, err);
	if (done) {
		*result = result_of(&history);
		done = import(house->series, port->path, &history, capacity_bps, result, err) &&
		       judge_anew(judge, err) &&
		       record(house, port, source->file, actor, started_utc_sec, result, err);
	}
	history_free(&history);
	return done;
}
