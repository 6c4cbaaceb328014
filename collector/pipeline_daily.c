/* pipeline_daily.c - what each port and connection gets once a day, after its traffic day has ended: its closed weeks, its advice, and
 * its judgement by the profile of the reports, which needs no memory between: a checkpoint, and the day's samples.
 *
 * All ports of a zone are due at the same minute.  Each takes some milliseconds, so a few are done at a time, and the
 * rest waits: a hundred thousand take some hours, and nobody waits for them. */
#include <math.h>

#include "advise.h"
#include "ixwatch/clock.h"
#include "ixwatch/ledger_advice.h"
#include "ixwatch/log.h"
#include "pipeline_connection.h"

#define BUDGET_MS 25
#define SCAN_SEC  1800 /* in which all are looked at: no round costs much more for it */
#define SCAN_MIN  100
#define RETRY_SEC 600 /* after a failure */

void
port_advise_soon(struct watched_port *port)
{
	port->advise_utc_sec = 0;
}

bool
port_advise_anew(struct watched_port *port, struct error *err)
{
	struct judge_house *house = &port->pipeline->house;

	port_advise_soon(port);
	return judge_house_begin(house, err) &&
	       ledger_advice_forget(house->ledger, subject_port(port->port.id), err);
}

/* What of its history is still to be written. */
static bool
source_flush(const struct judge_house *house, const struct judge_source *source, struct error *err)
{
	for (size_t i = 0; i < source->member_count; i++)
		if (!series_flush(house->series, source->members[i].path, err))
			return false;
	return true;
}

/* ask: of whom.  *due_utc_sec: the day then known has ended. */
static bool
advise(struct judge_house *house, const struct config_exchange *exchange, struct advise_ask *ask,
       int64_t *due_utc_sec, struct error *err)
{
	struct zone *zone = NULL;
	struct advise advise;
	int32_t day;
	bool done = zone_open(&zone, exchange->timezone, err);

	ask->state_dir = house->config->state_dir;
	ask->zone = zone;
	ask->timezone = exchange->timezone;
	ask->largest_member_bps = advise_largest_member_bps(ask->source, house->ledger);
	ask->capacity_bps = NAN;
	if (done && advise_stands(ask, house->ledger, &day))
		advise.day = day;
	else
		done = done && source_flush(house, ask->source, err) &&
		       judge_house_begin(house, err) &&
		       advise_update(&advise, ask, house->ledger, clock_utc_sec(), err);
	if (done && advise.day != INT32_MIN)
		*due_utc_sec = zone_day_begin_utc_sec(zone, advise.day + 1,
						      (int32_t)ask->settings->day_start_sec);
	zone_close(zone);
	return done;
}

bool
connection_advise(struct watched_connection *c, struct error *err)
{
	struct detector_settings settings;
	int64_t due_utc_sec = 0;
	struct advise_ask ask = {
		.source = judge_source_get(c->judge),
		.settings = &settings,
		.contracted_bps = NAN,
		.until_utc_sec = detector_until_utc_sec(judge_detector(c->judge)),
	};

	config_detector(c->pipeline->config, c->exchange, NULL, NULL, &settings);
	return advise(&c->pipeline->house, c->exchange, &ask, &due_utc_sec, err);
}

/* What is told to somebody outside is judged by the reports' profile. */
static bool
is_reported(const struct watched_port *port)
{
	return (port->port.kind == KIND_MEMBER || port->port.kind == KIND_PNI ||
		port->port.kind == KIND_RESELLER) &&
	       judge_reports_differ(port->pipeline->config, port->use->exchange, port->settings);
}

bool
judge_for_reports(struct judge *judge, struct error *err)
{
	bool done = judge_recall(judge, err) && judge_checkpoint(judge, err);

	judge_free(judge);
	return done;
}

/* After a start most have been judged today already: their checkpoints tell, and nothing is written. */
static void
port_report(struct watched_port *port, bool after_start)
{
	struct judge *judge = NULL;
	struct error err = { 0 };

	if (!is_reported(port))
		return;
	if (judge_new(&judge, &port->pipeline->house, JUDGED_FOR_REPORTS, &port->port,
		      port->use->exchange, port->use->agent, port->settings, &err)) {
		if (after_start && judge_stands(judge, judge_day_begin_utc_sec(port->judge))) {
			judge_free(judge);
			return;
		}
		if (judge_for_reports(judge, &err))
			return;
	}
	log_warn("judge", "port=%lld event=not-judged-for-reports reason=\"%s\"",
		 (long long)port->port.id, err.text);
}

static void
port_advise(struct watched_port *port)
{
	const struct config_exchange *exchange = port->use->exchange;
	struct detector_settings settings;
	struct advise_ask ask = {
		.source = judge_source_get(port->judge),
		.settings = &settings,
		.contracted_bps = port->port.contracted_bps,
		.contract_billed = port->port.contract_billed,
		.until_utc_sec = detector_until_utc_sec(judge_detector(port->judge)),
	};
	struct error err = { 0 };

	port->advise_utc_sec = ask.until_utc_sec + RETRY_SEC;
	config_detector(port->pipeline->config, exchange, port->settings, NULL, &settings);
	if (!advise(&port->pipeline->house, exchange, &ask, &port->advise_utc_sec, &err))
		log_warn("advise", "port=%lld event=not-advised reason=\"%s\"",
			 (long long)port->port.id, err.text);
}

/* How many ports are looked at now: each wait in memory costs more than what is found. */
static size_t
scan_count(struct pipeline *pipeline)
{
	int64_t now_mono_ms = clock_mono_ms();
	int64_t since_ms = now_mono_ms - pipeline->daily_mono_ms;
	size_t count = pipeline->port_count;

	pipeline->daily_mono_ms = now_mono_ms;
	if (since_ms < SCAN_SEC * 1000)
		count = count * (size_t)since_ms / (SCAN_SEC * 1000) + SCAN_MIN;
	return count < pipeline->port_count ? count : pipeline->port_count;
}

void
pipeline_daily_work(struct pipeline *pipeline)
{
	int64_t end_ms = clock_mono_ms() + BUDGET_MS;
	size_t count = scan_count(pipeline);

	if (!pipeline->first_round_over || pipeline->ledger_failing ||
	    pipeline->house.trouble.code != ERR_NONE)
		return;
	for (size_t i = 0; i < count && clock_mono_ms() <= end_ms; i++) {
		struct watched_port *port =
		    pipeline->ports[pipeline->daily_next++ % pipeline->port_count];

		if (port->lost || judge_detector(port->judge) == NULL)
			continue;
		if (port->advise_utc_sec == ADVISE_AT_DAY_END &&
		    judge_day_end_utc_sec(port->judge) > 0)
			port->advise_utc_sec = judge_day_end_utc_sec(port->judge);
		if (detector_until_utc_sec(judge_detector(port->judge)) > port->advise_utc_sec) {
			bool after_start = port->advise_utc_sec == ADVISE_AFTER_START;

			port_advise(port);
			port_report(port, after_start);
		}
	}
	connections_daily_work(pipeline, count, end_ms);
}
