/* judge_history.c - feeding a judge what the series hold; see judge_internal.h.
 *
 * History is read from the finest archive that still holds it: slots of the interval for the last days, so that a step
 * in the making goes on where it stood, and steps before that. */
#include <math.h>
#include <stdlib.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "judge_internal.h"

/* The contract in force counts for the row fed next. */
static void
limit_set(struct judge *judge, double limit_bps)
{
	double before_bps = judge->terms.contracted_bps;

	if (limit_bps == before_bps || (isnan(limit_bps) && isnan(before_bps)))
		return;
	judge->terms.contracted_bps = limit_bps;
	detector_terms_set(judge->detector, &judge->terms);
}

void
judge_feed_step(const struct sample *sample, double limit_bps, void *user)
{
	struct judge *judge = user;

	limit_set(judge, limit_bps);
	detector_feed_step(judge->detector, sample);
}

void
judge_feed_slot(const struct sample *sample, double limit_bps, void *user)
{
	struct judge *judge = user;

	limit_set(judge, limit_bps);
	detector_feed_slot(judge->detector, sample);
}

/* Where the archive begins of which whole steps can be made; before it there are only days. */
static int64_t
steps_begin(const struct config *config, int64_t last_utc_sec, unsigned step_sec)
{
	int64_t keep_sec = step_sec % ARCHIVE_STEP_SEC == 0 ? config->archive.step_sec
							    : config->archive.interval_sec;

	return judge_align(last_utc_sec - keep_sec + step_sec - 1, step_sec);
}

static bool
flush(struct judge *judge, struct error *err)
{
	for (size_t i = 0; i < judge->source.member_count; i++)
		if (!series_flush(judge->house->series, judge->source.members[i].path, err))
			return false;
	return true;
}

static void
ignore_row(const struct sample *sample, double limit_bps, void *user)
{
	(void)sample, (void)limit_bps, (void)user;
}

/* Whether the series can be read at all: asked before what rests on it is taken back. */
static bool
history_is_readable(struct judge *judge, struct error *err)
{
	const char *state_dir = judge->house->config->state_dir;
	unsigned step_sec = (unsigned)judge->settings->step_sec;
	int64_t first, last;

	if (!flush(judge, err) ||
	    !judge_source_extent(&judge->source, state_dir, &first, &last, err))
		return false;
	last = judge_align(last, step_sec);
	return last < step_sec ||
	       judge_source_each(&judge->source, state_dir, last - step_sec, last, step_sec,
				 step_sec, ignore_row, NULL, err);
}

/* A connection is judged in whole steps; of a port the last days are fed in slots, so that a step in the making goes on
 * where it stood. */
static int64_t
slots_begin(const struct judge *judge, int64_t last_utc_sec, unsigned step_sec)
{
	int64_t from_utc_sec =
	    judge_align(last_utc_sec - judge->house->config->archive.interval_sec, step_sec) +
	    2 * (int64_t)step_sec;

	if (judge->source.subject.kind == SUBJECT_CONNECTION || from_utc_sec > last_utc_sec)
		return judge_align(last_utc_sec, step_sec); /* or no whole step is kept in slots */
	return from_utc_sec;
}

/* Feeds what the series holds from `from` on: whole steps where only they are kept, then slots. */
static bool
feed_history(struct judge *judge, int64_t from_utc_sec, struct error *err)
{
	const struct config *config = judge->house->config;
	unsigned step_sec = detector_step_sec(judge->detector);
	int64_t first, last, slots_from;

	if (!flush(judge, err) ||
	    !judge_source_extent(&judge->source, config->state_dir, &first, &last, err))
		return false;
	if (last == 0)
		return true;
	if (last > judge->history_until_utc_sec)
		last = judge->history_until_utc_sec;
	if (from_utc_sec < judge_align(first, step_sec))
		from_utc_sec = judge_align(first, step_sec);
	if (from_utc_sec < steps_begin(config, last, step_sec))
		from_utc_sec = steps_begin(config, last, step_sec);
	slots_from = slots_begin(judge, last, step_sec);
	if (slots_from > from_utc_sec) {
		if (!judge_source_each(&judge->source, config->state_dir, from_utc_sec, slots_from,
				       step_sec, step_sec, judge_feed_step, judge, err))
			return false;
		from_utc_sec = slots_from;
	}
	return judge->source.subject.kind == SUBJECT_CONNECTION ||
	       judge_source_each(&judge->source, config->state_dir, from_utc_sec, last,
				 config->interval_sec, step_sec, judge_feed_slot, judge, err);
}

bool
judge_book_put(struct judge *judge, bool excuses, int64_t at_utc_sec, struct error *err)
{
	struct ledger *ledger = judge->house->ledger;

	return judge_book_write(&judge->book, ledger, judge->source.subject,
				judge->settings->profile, judge->detector, at_utc_sec, err) &&
	       (!excuses || judge->judged_for != JUDGED_FOR_PAGES ||
		judge_book_excuse(ledger, judge->source.subject, judge->settings->profile,
				  judge->detector, detector_until_utc_sec(judge->detector), err));
}

/* Takes back what the ledger says of it, and of what rests on the same history. */
static bool
supersede(struct judge *judge, struct error *err)
{
	struct ledger *ledger = judge->house->ledger;
	struct subject subject = judge->source.subject;

	return judge->judged_for != JUDGED_FOR_PAGES ||
	       (ledger_episode_supersede(ledger, subject,
					 judge_source_begin_utc_sec(&judge->source), err) &&
		(subject.kind != SUBJECT_PORT ||
		 ledger_checkpoint_forget(ledger, subject.id, err)));
}

bool
judge_anew(struct judge *judge, struct error *err)
{
	if (!history_is_readable(judge, err) || !judge_detector_make(judge, err) ||
	    !judge_house_begin(judge->house, err) || !supersede(judge, err) ||
	    !feed_history(judge, 0, err))
		return error_wrap(err, "judging %s %lld anew",
				  model_subject_name(judge->source.subject.kind),
				  (long long)judge->source.subject.id);
	judge->wrote_in = judge->house->transaction + 1;
	judge_book_forget(&judge->book);
	judge->episode_touched = judge->day_ended = false;
	return judge_book_put(judge, true, clock_utc_sec(), err) && judge_checkpoint(judge, err);
}

/* From the checkpoint on: what the ledger holds was written with it, the rest follows. */
static bool
go_on(struct judge *judge, struct error *err)
{
	judge_book_prime(&judge->book, judge->settings->profile, judge->detector);
	if (!feed_history(judge, detector_until_utc_sec(judge->detector), err))
		return false;
	judge->episode_touched = judge->day_ended = false;
	return judge_house_begin(judge->house, err) &&
	       judge_book_put(judge, true, clock_utc_sec(), err);
}

bool
judge_recall(struct judge *judge, struct error *err)
{
	struct subject subject = judge->source.subject;
	struct error why = { 0 };
	int64_t until_utc_sec = 0;
	void *state = NULL;
	size_t len = 0;
	bool loaded;

	if (!judge_source_contracts(&judge->source, judge->house->ledger, err) ||
	    !judge_detector_make(judge, err) ||
	    !ledger_checkpoint_get(judge->house->ledger, subject, judge->judged_for, &until_utc_sec,
				   &state, &len, err))
		return error_wrap(err, "recalling %s %lld", model_subject_name(subject.kind),
				  (long long)subject.id);
	/* One of before a handover is the former peer's. */
	loaded = state != NULL &&
		 (until_utc_sec > judge_source_begin_utc_sec(&judge->source) ||
		  !error_set(&why, ERR_REFUSED, "the port is another peer's now")) &&
		 detector_load(judge->detector, state, len, &why);
	free(state);
	if (loaded)
		return go_on(judge, err);
	if (until_utc_sec > 0)
		log_info("judge", "%s=%lld event=judged-anew reason=\"%s\"",
			 model_subject_name(subject.kind), (long long)subject.id, why.text);
	return judge_anew(judge, err);
}
