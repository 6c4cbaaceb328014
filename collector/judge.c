/* judge.c - making a judge, and its life from step to step; see judge.h. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/clock.h"
#include "ixwatch/zone.h"
#include "judge_internal.h"

bool
judge_detector_make(struct judge *judge, struct error *err)
{
	detector_free(judge->detector);
	judge->detector = NULL;
	if (!detector_new(&judge->detector, judge->settings, judge->house->config->interval_sec,
			  DETECTOR_KEEP_NEEDED, &judge_world, judge, err))
		return false;
	detector_terms_set(judge->detector, &judge->terms);
	return judge_windows_load(judge, err);
}

static bool
settle(struct judge *judge, const struct config_exchange *exchange,
       const struct config_port *settings, struct error *err)
{
	const struct config *config = judge->house->config;
	struct detector_settings wanted;

	config_detector(config, exchange, settings,
			judge->judged_for == JUDGED_FOR_REPORTS ? &config->report.profile : NULL,
			&wanted);
	judge->settings = judge_settings_kept(judge->house, &wanted);
	if (judge->settings == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	return zone_open(&judge->zone, exchange->timezone, err) && judge_detector_make(judge, err);
}

static bool
judge_make(struct judge **out, struct judge_house *house, enum judged_for judged_for,
	   struct subject subject, const struct port *port, const struct config_exchange *exchange,
	   const struct config_port *settings, const struct detector_terms *terms,
	   struct error *err)
{
	struct judge *judge = calloc(1, sizeof(*judge));

	if (judge == NULL)
		return error_set(err, ERR_NOMEM, "judge: out of memory");
	judge->house = house;
	judge->judged_for = judged_for;
	judge->capacity_setting_bps = settings != NULL ? settings->capacity_bps : NAN;
	judge->terms = *terms;
	judge->history_until_utc_sec = INT64_MAX;
	if (!judge_source_init(&judge->source, subject, port, house->ledger, err) ||
	    !settle(judge, exchange, settings, err)) {
		judge_free(judge);
		return error_wrap(err, "judge of %s %lld", model_subject_name(subject.kind),
				  (long long)subject.id);
	}
	*out = judge;
	return true;
}

bool
judge_new(struct judge **out, struct judge_house *house, enum judged_for judged_for,
	  const struct port *port, const struct config_exchange *exchange,
	  const struct config_agent *agent, const struct config_port *settings, struct error *err)
{
	struct detector_terms terms = {
		.contracted_bps = NAN,
		.nominal_capacity_bps = settings != NULL ? settings->nominal_capacity_bps : NAN,
		.discards_trusted = agent->discards_trusted,
	};

	return judge_make(out, house, judged_for, subject_port(port->id), port, exchange, settings,
			  &terms, err);
}

bool
judge_new_connection(struct judge **out, struct judge_house *house, enum judged_for judged_for,
		     int64_t connection_id, const struct config_exchange *exchange,
		     bool discards_trusted, struct error *err)
{
	struct detector_terms terms = { .contracted_bps = NAN,
					.nominal_capacity_bps = NAN,
					.discards_trusted = discards_trusted };

	return judge_make(out, house, judged_for, subject_connection(connection_id), NULL, exchange,
			  NULL, &terms, err);
}

void
judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	detector_free(judge->detector);
	zone_close(judge->zone);
	judge_source_end(&judge->source);
	judge_book_forget(&judge->book);
	free(judge);
}

bool
judge_reports_differ(const struct config *config, const struct config_exchange *exchange,
		     const struct config_port *settings)
{
	struct detector_settings pages;

	config_detector(config, exchange, settings, NULL, &pages);
	return pages.profile != config->report.profile;
}

void
judge_history_ends(struct judge *judge, int64_t until_utc_sec)
{
	judge->history_until_utc_sec = until_utc_sec;
}

/* A step changes the book only where a run goes on or a day ended. */
static void
step_judged(struct judge *judge)
{
	bool excuses = judge->episode_touched || judge->day_ended;

	judge->episode_touched = judge->day_ended = false;
	if (excuses && judge_write_begin(judge))
		judge_book_put(judge, true, clock_utc_sec(), &judge->house->trouble);
}

void
judge_slot(struct judge *judge, const struct sample *slot)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge->detector);
	int64_t start_utc_sec =
	    judge_align(slot->end_utc_sec - slot->step_sec, detector_step_sec(judge->detector));
	struct sample counted = *slot;

	judge_member_blank(&judge->source.members[0], &counted);
	judge_feed_slot(&counted, judge_member_limit_bps(&judge->source.members[0], start_utc_sec),
			judge);
	if (detector_until_utc_sec(judge->detector) != until_utc_sec)
		step_judged(judge);
}

void
judge_step(struct judge *judge, const struct sample *step, double limit_bps)
{
	judge_feed_step(step, limit_bps, judge);
	step_judged(judge);
}

bool
judge_handover(struct judge *judge, const struct port *port, struct error *err)
{
	struct judge_source source;
	struct subject subject = judge->source.subject;

	if (!judge_source_init(&source, subject, port, judge->house->ledger, err)) {
		judge_source_end(&source);
		return false;
	}
	judge_source_end(&judge->source);
	judge->source = source;
	return judge_anew(judge, err);
}

bool
judge_contract_changed(struct judge *judge, struct error *err)
{
	return judge_source_contracts(&judge->source, judge->house->ledger, err);
}

bool
judge_declared(struct judge *judge, int64_t from_utc_sec, struct error *err)
{
	if (from_utc_sec < detector_until_utc_sec(judge->detector))
		return judge_anew(judge, err);
	return judge_windows_load(judge, err);
}

bool
judge_checkpoint(struct judge *judge, struct error *err)
{
	void *state = NULL;
	size_t len = 0;
	bool done;

	if (!detector_save(judge->detector, &state, &len, err))
		return false;
	done = judge_house_begin(judge->house, err) &&
	       judge_book_put(judge, false, clock_utc_sec(), err) &&
	       ledger_checkpoint_put(judge->house->ledger, judge->source.subject, judge->judged_for,
				     detector_until_utc_sec(judge->detector), state, len, err);
	judge->wrote_in = judge->house->transaction + 1;
	free(state);
	return done;
}

int64_t
judge_day_end_utc_sec(struct judge *judge)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge->detector);

	return until_utc_sec != 0 ? judge_world.day_begin_utc_sec(
					judge_world.day_of(until_utc_sec, judge) + 1, judge)
				  : 0;
}

int64_t
judge_day_begin_utc_sec(struct judge *judge)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge->detector);

	return until_utc_sec != 0
		   ? judge_world.day_begin_utc_sec(judge_world.day_of(until_utc_sec, judge), judge)
		   : 0;
}

bool
judge_stands(struct judge *judge, int64_t since_utc_sec)
{
	int64_t until_utc_sec = 0;
	void *state = NULL;
	size_t len = 0;
	bool stands =
	    ledger_checkpoint_get(judge->house->ledger, judge->source.subject, judge->judged_for,
				  &until_utc_sec, &state, &len, NULL) &&
	    state != NULL && until_utc_sec >= since_utc_sec &&
	    until_utc_sec > judge_source_begin_utc_sec(&judge->source) &&
	    detector_load(judge->detector, state, len, NULL);

	free(state);
	return stands;
}

bool
judge_wrote(const struct judge *judge)
{
	return judge->wrote_in != 0 && judge->wrote_in == judge->house->transaction;
}

const struct judge_source *
judge_source_get(const struct judge *judge)
{
	return &judge->source;
}

struct detector *
judge_detector(struct judge *judge)
{
	return judge->detector;
}

double
judge_capacity_setting_bps(const struct judge *judge)
{
	return judge->capacity_setting_bps;
}
