/* judge.c - see judge.h.
 *
 * History is read from the finest archive that still holds it: slots of the interval for the last days, so that a step
 * in the making goes on where it stood, and steps before that. */
#include "judge.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/clock.h"
#include "ixwatch/log.h"
#include "ixwatch/utilisation.h"
#include "ixwatch/zone.h"
#include "judge_book.h"

#define ARCHIVE_STEP_SEC 300 /* of the archive that evidence, percentiles and replay rest on */

struct judge {
	struct judge_house *house;
	enum judged_for judged_for;
	struct judge_source source;
	struct detector *detector;
	const struct detector_settings *settings; /* the house's */
	struct detector_terms terms;              /* contracted_bps: of the row fed last */
	struct zone *zone;                        /* of the exchange */
	double capacity_setting_bps;              /* NAN: none */
	int64_t history_until_utc_sec;
	struct judge_book book;
	uint64_t wrote_in; /* the transaction it wrote in last; 0: none */
	bool episode_touched, day_ended;
};

struct series_settings
judge_series_settings(const struct config *config)
{
	return (struct series_settings) {
		.state_dir = config->state_dir,
		.interval_sec = config->interval_sec,
		.step_sec = ARCHIVE_STEP_SEC,
		.keep_interval_sec = config->archive.interval_sec,
		.keep_step_sec = config->archive.step_sec,
		.keep_hour_sec = config->archive.hour_sec,
		.keep_day_sec = config->archive.day_sec,
	};
}

bool
judge_house_begin(struct judge_house *house, struct error *err)
{
	if (!house->in_transaction && !ledger_begin(house->ledger, err))
		return false;
	house->in_transaction = true;
	return true;
}

bool
judge_house_commit(struct judge_house *house, struct error *err)
{
	struct error trouble = house->trouble;

	house->trouble = (struct error) { .code = ERR_NONE };
	if (!house->in_transaction && trouble.code == ERR_NONE)
		return true;
	house->transaction++;
	if (house->in_transaction && trouble.code == ERR_NONE &&
	    ledger_commit(house->ledger, &trouble)) {
		house->in_transaction = false;
		return true;
	}
	if (house->in_transaction)
		ledger_rollback(house->ledger);
	house->in_transaction = false;
	return error_set(err, trouble.code, "%s", trouble.text);
}

void
judge_house_abandon(struct judge_house *house)
{
	if (house->in_transaction)
		ledger_rollback(house->ledger);
	house->in_transaction = false;
	house->trouble = (struct error) { .code = ERR_NONE };
}

/* Begins a write of this judge's; a failure waits for the commit. */
static bool
write_begin(struct judge *judge)
{
	struct judge_house *house = judge->house;

	judge->wrote_in = house->transaction + 1;
	return house->trouble.code == ERR_NONE && judge_house_begin(house, &house->trouble);
}

static void
on_episode(const struct detector_episode *episode, enum detector_change change, void *user)
{
	struct judge *judge = user;
	struct ledger_episode row = {
		.subject = judge->source.subject,
		.direction = episode->direction,
		.profile = judge->settings->profile,
		.start_utc_sec = episode->start_utc_sec,
		.end_utc_sec = episode->end_utc_sec,
		.open = episode->open,
		.kind = episode->kind,
		.peak_utilisation = episode->peak_utilisation,
		.mean_utilisation = episode->mean_utilisation,
	};

	(void)change; /* the row says it all */
	row.excuse = episode->kind == EPISODE_SPIKE ? detector_excuse_name(EXCUSE_SPIKE) : NULL;
	judge->episode_touched = true; /* its excuse is asked for when the step is judged */
	if (judge->judged_for == JUDGED_FOR_PAGES && write_begin(judge))
		ledger_episode_put(judge->house->ledger, &row, &judge->house->trouble);
}

static int64_t
day_begin(int32_t day, void *user)
{
	struct judge *judge = user;

	return zone_day_begin_utc_sec(judge->zone, day, (int32_t)judge->settings->day_start_sec);
}

static int32_t
day_of(int64_t utc_sec, void *user)
{
	struct judge *judge = user;

	return zone_day_of(judge->zone, utc_sec, (int32_t)judge->settings->day_start_sec);
}

/* --- reading history back --- */

struct baseline {
	enum direction direction;
	int64_t start_utc_sec;
	size_t count;
	double *utilisation;
};

static void
baseline_row(const struct sample *sample, double limit_bps, void *user)
{
	const struct baseline *baseline = user;
	bool in = baseline->direction == DIRECTION_IN;
	int64_t i =
	    (sample->end_utc_sec - sample->step_sec - baseline->start_utc_sec) / sample->step_sec;

	if (i >= 0 && (size_t)i < baseline->count)
		baseline->utilisation[i] = utilisation_share(
		    sample->value[in ? COLUMN_IN_BPS : COLUMN_OUT_BPS],
		    sample->value[in ? COLUMN_IN_PPS : COLUMN_OUT_PPS],
		    model_capacity_bps(sample->value[COLUMN_CAPACITY_BPS], limit_bps, false));
}

/* The detector asks for the weeks before a possible flash event: read when needed, not kept. */
static void
history(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	void *user)
{
	struct judge *judge = user;
	unsigned step_sec = detector_step_sec(judge->detector);
	struct baseline baseline = { direction, start_utc_sec, count, utilisation };
	struct error err = { 0 };

	for (size_t i = 0; i < count; i++)
		utilisation[i] = NAN;
	if (!judge_source_each(&judge->source, judge->house->config->state_dir, start_utc_sec,
			       start_utc_sec + (int64_t)count * step_sec, step_sec, step_sec,
			       baseline_row, &baseline, &err))
		log_warn("judge", "%s=%lld event=baseline-unread reason=\"%s\"",
			 model_subject_name(judge->source.subject.kind),
			 (long long)judge->source.subject.id, err.text);
}

static void
on_day(enum direction direction, const struct detector_day *day,
       const struct detector_standing *standing, void *user)
{
	struct judge *judge = user;

	(void)direction, (void)day, (void)standing;
	judge->day_ended =
	    true; /* written when the step is judged: both directions, and days judged anew */
}

static const struct detector_world world = {
	.day_begin_utc_sec = day_begin,
	.day_of = day_of,
	.history = history,
	.on_episode = on_episode,
	.on_day = on_day,
};

/* --- declared windows --- */

struct window_list {
	struct detector_window *window;
	int64_t *id; /* a window on the peer concerns each of its ports: it counts once */
	size_t count;
	bool failed;
};

static bool
is_listed(const struct window_list *list, int64_t id)
{
	for (size_t i = 0; i < list->count; i++)
		if (list->id[i] == id)
			return true;
	return false;
}

static bool
window_room(struct window_list *list)
{
	struct detector_window *window = realloc(list->window, (list->count + 1) * sizeof(*window));
	int64_t *id;

	if (window == NULL)
		return false;
	list->window = window;
	id = realloc(list->id, (list->count + 1) * sizeof(*id));
	if (id == NULL)
		return false;
	list->id = id;
	return true;
}

static bool
on_window(const struct ledger_window *row, void *user)
{
	struct window_list *list = user;
	struct detector_window window = { .start_utc_sec = row->start_utc_sec,
					  .end_utc_sec = row->until_utc_sec };

	if (is_listed(list, row->id) || !detector_cause_parse(row->cause, &window.cause))
		return true;
	list->failed = !window_room(list);
	if (list->failed)
		return false;
	list->window[list->count] = window;
	list->id[list->count++] = row->id;
	return true;
}

/* Gives the detector every window that applies to the port, or to one of the connection's ports. */
static bool
windows_load(struct judge *judge, struct error *err)
{
	struct window_list list = { .count = 0 };
	bool done = true;

	for (size_t i = 0; done && i < judge->source.member_count; i++) {
		struct ledger_window_query query = { .port_id = judge->source.members[i].port_id };

		done = ledger_window_each(judge->house->ledger, &query, on_window, &list, err);
	}
	if (done && list.failed)
		done = error_set(err, ERR_NOMEM, "declared windows: out of memory");
	done = done && detector_windows_set(judge->detector, list.window, list.count, err);
	free(list.window);
	free(list.id);
	return done;
}

/* --- a judge --- */

struct judge_settings {
	struct detector_settings settings;
	struct judge_settings *next;
};

void
judge_house_end(struct judge_house *house)
{
	while (house->settings != NULL) {
		struct judge_settings *next = house->settings->next;

		free(house->settings);
		house->settings = next;
	}
}

static bool
detector_make(struct judge *judge, struct error *err)
{
	detector_free(judge->detector);
	judge->detector = NULL;
	if (!detector_new(&judge->detector, judge->settings, judge->house->config->interval_sec,
			  DETECTOR_KEEP_NEEDED, &world, judge, err))
		return false;
	detector_terms_set(judge->detector, &judge->terms);
	return windows_load(judge, err);
}

/* The house's own copy: a hundred thousand judges have a handful of different settings. */
static const struct detector_settings *
settings_kept(struct judge_house *house, const struct detector_settings *wanted)
{
	struct judge_settings *kept;

	for (kept = house->settings; kept != NULL; kept = kept->next)
		if (detector_settings_equal(&kept->settings, wanted))
			return &kept->settings;
	kept = malloc(sizeof(*kept));
	if (kept == NULL)
		return NULL;
	*kept = (struct judge_settings) { .settings = *wanted, .next = house->settings };
	house->settings = kept;
	return &kept->settings;
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
	judge->settings = settings_kept(judge->house, &wanted);
	if (judge->settings == NULL)
		return error_set(err, ERR_NOMEM, "out of memory");
	return zone_open(&judge->zone, exchange->timezone, err) && detector_make(judge, err);
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

/* --- feeding --- */

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

static void
feed_step(const struct sample *sample, double limit_bps, void *user)
{
	struct judge *judge = user;

	limit_set(judge, limit_bps);
	detector_feed_step(judge->detector, sample);
}

static void
feed_slot(const struct sample *sample, double limit_bps, void *user)
{
	struct judge *judge = user;

	limit_set(judge, limit_bps);
	detector_feed_slot(judge->detector, sample);
}

static int64_t
align(int64_t utc_sec, unsigned step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

/* Where the archive begins of which whole steps can be made; before it there are only days. */
static int64_t
steps_begin(const struct config *config, int64_t last_utc_sec, unsigned step_sec)
{
	int64_t keep_sec = step_sec % ARCHIVE_STEP_SEC == 0 ? config->archive.step_sec
							    : config->archive.interval_sec;

	return align(last_utc_sec - keep_sec + step_sec - 1, step_sec);
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
	last = align(last, step_sec);
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
	    align(last_utc_sec - judge->house->config->archive.interval_sec, step_sec) +
	    2 * (int64_t)step_sec;

	if (judge->source.subject.kind == SUBJECT_CONNECTION || from_utc_sec > last_utc_sec)
		return align(last_utc_sec, step_sec); /* or no whole step is kept in slots */
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
	if (from_utc_sec < align(first, step_sec))
		from_utc_sec = align(first, step_sec);
	if (from_utc_sec < steps_begin(config, last, step_sec))
		from_utc_sec = steps_begin(config, last, step_sec);
	slots_from = slots_begin(judge, last, step_sec);
	if (slots_from > from_utc_sec) {
		if (!judge_source_each(&judge->source, config->state_dir, from_utc_sec, slots_from,
				       step_sec, step_sec, feed_step, judge, err))
			return false;
		from_utc_sec = slots_from;
	}
	return judge->source.subject.kind == SUBJECT_CONNECTION ||
	       judge_source_each(&judge->source, config->state_dir, from_utc_sec, last,
				 config->interval_sec, step_sec, feed_slot, judge, err);
}

/* Days, verdicts and excuses follow from the step just judged.  at_utc_sec: when it was said. */
static bool
book_write(struct judge *judge, bool excuses, int64_t at_utc_sec, struct error *err)
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
	if (!history_is_readable(judge, err) || !detector_make(judge, err) ||
	    !judge_house_begin(judge->house, err) || !supersede(judge, err) ||
	    !feed_history(judge, 0, err))
		return error_wrap(err, "judging %s %lld anew",
				  model_subject_name(judge->source.subject.kind),
				  (long long)judge->source.subject.id);
	judge->wrote_in = judge->house->transaction + 1;
	judge_book_forget(&judge->book);
	judge->episode_touched = judge->day_ended = false;
	return book_write(judge, true, clock_utc_sec(), err) && judge_checkpoint(judge, err);
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
	       book_write(judge, true, clock_utc_sec(), err);
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
	    !detector_make(judge, err) ||
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

/* A step changes the book only where a run goes on or a day ended. */
static void
step_judged(struct judge *judge)
{
	bool excuses = judge->episode_touched || judge->day_ended;

	judge->episode_touched = judge->day_ended = false;
	if (excuses && write_begin(judge))
		book_write(judge, true, clock_utc_sec(), &judge->house->trouble);
}

void
judge_slot(struct judge *judge, const struct sample *slot)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge->detector);
	int64_t start_utc_sec =
	    align(slot->end_utc_sec - slot->step_sec, detector_step_sec(judge->detector));
	struct sample counted = *slot;

	judge_member_blank(&judge->source.members[0], &counted);
	feed_slot(&counted, judge_member_limit_bps(&judge->source.members[0], start_utc_sec),
		  judge);
	if (detector_until_utc_sec(judge->detector) != until_utc_sec)
		step_judged(judge);
}

void
judge_step(struct judge *judge, const struct sample *step, double limit_bps)
{
	feed_step(step, limit_bps, judge);
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
	return windows_load(judge, err);
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
	       book_write(judge, false, clock_utc_sec(), err) &&
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

	return until_utc_sec != 0 ? day_begin(day_of(until_utc_sec, judge) + 1, judge) : 0;
}

int64_t
judge_day_begin_utc_sec(struct judge *judge)
{
	int64_t until_utc_sec = detector_until_utc_sec(judge->detector);

	return until_utc_sec != 0 ? day_begin(day_of(until_utc_sec, judge), judge) : 0;
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
