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
#define READ_ROWS_MAX    5000

struct judge {
	struct judge_house *house;
	struct detector *detector;
	struct detector_settings settings;
	struct detector_terms terms;
	struct zone *zone; /* of the exchange */
	int64_t port_id;
	double capacity_setting_bps; /* NAN: none */
	struct judge_book book;
	char *path; /* of the series */
	bool wrote;
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
	if (!house->in_transaction)
		return true;
	house->in_transaction = false;
	if (trouble.code == ERR_NONE && ledger_commit(house->ledger, &trouble))
		return true;
	ledger_rollback(house->ledger);
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

	judge->wrote = true;
	return house->trouble.code == ERR_NONE && judge_house_begin(house, &house->trouble);
}

static void
on_episode(const struct detector_episode *episode, enum detector_change change, void *user)
{
	struct judge *judge = user;
	struct ledger_episode row = {
		.port_id = judge->port_id,
		.direction = episode->direction,
		.profile = judge->settings.profile,
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
	if (write_begin(judge))
		ledger_episode_put(judge->house->ledger, &row, &judge->house->trouble);
}

static int64_t
day_begin(int32_t day, void *user)
{
	struct judge *judge = user;

	return zone_day_begin_utc_sec(judge->zone, day, (int32_t)judge->settings.day_start_sec);
}

static int32_t
day_of(int64_t utc_sec, void *user)
{
	struct judge *judge = user;

	return zone_day_of(judge->zone, utc_sec, (int32_t)judge->settings.day_start_sec);
}

/* --- reading history back --- */

static void
row_to_sample(const struct series_rows *rows, size_t i, struct sample *sample)
{
	sample->step_sec = rows->step_sec;
	sample->end_utc_sec = rows->start_utc_sec + (int64_t)(i + 1) * rows->step_sec;
	memcpy(sample->value, rows->value + i * COLUMN_COUNT, sizeof(sample->value));
}

typedef void on_history_row(struct judge *judge, const struct sample *sample, void *user);

/* Every row of [from, to) in rows of `step_sec`, oldest first.  Stops quietly where the archive is coarser. */
static bool
history_each(struct judge *judge, int64_t from_utc_sec, int64_t to_utc_sec, unsigned step_sec,
	     on_history_row *on_row, void *user, struct error *err)
{
	while (from_utc_sec < to_utc_sec) {
		int64_t until_utc_sec = from_utc_sec + (int64_t)READ_ROWS_MAX * step_sec;
		struct series_rows rows = { 0 };
		struct sample sample;

		if (until_utc_sec > to_utc_sec)
			until_utc_sec = to_utc_sec;
		if (!series_read(judge->house->config->state_dir, judge->path, from_utc_sec,
				 until_utc_sec, step_sec, READ_ROWS_MAX, &rows, err))
			return false;
		for (size_t i = 0; rows.step_sec == step_sec && i < rows.row_count; i++) {
			row_to_sample(&rows, i, &sample);
			on_row(judge, &sample, user);
		}
		series_rows_free(&rows);
		from_utc_sec = until_utc_sec;
	}
	return true;
}

static double
sample_utilisation(const struct judge *judge, const struct sample *sample, enum direction direction)
{
	bool in = direction == DIRECTION_IN;

	return utilisation_share(sample->value[in ? COLUMN_IN_BPS : COLUMN_OUT_BPS],
				 sample->value[in ? COLUMN_IN_PPS : COLUMN_OUT_PPS],
				 model_capacity_bps(sample->value[COLUMN_CAPACITY_BPS],
						    judge->terms.contracted_bps,
						    judge->terms.contract_billed));
}

struct baseline {
	enum direction direction;
	int64_t start_utc_sec;
	size_t count;
	double *utilisation;
};

static void
baseline_row(struct judge *judge, const struct sample *sample, void *user)
{
	struct baseline *baseline = user;
	int64_t i =
	    (sample->end_utc_sec - sample->step_sec - baseline->start_utc_sec) / sample->step_sec;

	if (i >= 0 && (size_t)i < baseline->count)
		baseline->utilisation[i] = sample_utilisation(judge, sample, baseline->direction);
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
	if (!history_each(judge, start_utc_sec, start_utc_sec + (int64_t)count * step_sec, step_sec,
			  baseline_row, &baseline, &err))
		log_warn("judge", "port=%lld event=baseline-unread reason=\"%s\"",
			 (long long)judge->port_id, err.text);
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
	size_t count;
	bool failed;
};

static bool
on_window(const struct ledger_window *row, void *user)
{
	struct window_list *list = user;
	struct detector_window *grown = realloc(list->window, (list->count + 1) * sizeof(*grown));
	struct detector_window window = { .start_utc_sec = row->start_utc_sec,
					  .end_utc_sec = row->until_utc_sec };

	list->failed = grown == NULL;
	if (grown == NULL)
		return false;
	list->window = grown;
	if (detector_cause_parse(row->cause, &window.cause))
		grown[list->count++] = window;
	return true;
}

/* Gives the detector every window that applies to the port. */
static bool
windows_load(struct judge *judge, struct error *err)
{
	struct ledger_window_query query = { .port_id = judge->port_id };
	struct window_list list = { .count = 0 };
	bool done = ledger_window_each(judge->house->ledger, &query, on_window, &list, err);

	if (done && list.failed)
		done = error_set(err, ERR_NOMEM, "declared windows: out of memory");
	done = done && detector_windows_set(judge->detector, list.window, list.count, err);
	free(list.window);
	return done;
}

/* --- a judge --- */

static bool
detector_make(struct judge *judge, struct error *err)
{
	detector_free(judge->detector);
	judge->detector = NULL;
	if (!detector_new(&judge->detector, &judge->settings, judge->house->config->interval_sec,
			  DETECTOR_KEEP_NEEDED, &world, judge, err))
		return false;
	detector_terms_set(judge->detector, &judge->terms);
	return windows_load(judge, err);
}

bool
judge_new(struct judge **out, struct judge_house *house, const struct port *port,
	  const struct config_exchange *exchange, const struct config_agent *agent,
	  const struct config_port *settings, struct error *err)
{
	struct judge *judge = calloc(1, sizeof(*judge));

	if (judge == NULL || (judge->path = strdup(port->path)) == NULL) {
		judge_free(judge);
		return error_set(err, ERR_NOMEM, "judge: out of memory");
	}
	judge->house = house;
	judge->port_id = port->id;
	judge->capacity_setting_bps = settings != NULL ? settings->capacity_bps : NAN;
	judge->terms =
	    (struct detector_terms) { .contracted_bps = port->contracted_bps,
				      .contract_billed = port->contract_billed,
				      .nominal_capacity_bps =
					  settings != NULL ? settings->nominal_capacity_bps : NAN,
				      .discards_trusted = agent->discards_trusted };
	config_detector(house->config, exchange, settings, NULL, &judge->settings);
	if (!zone_open(&judge->zone, exchange->timezone, err) || !detector_make(judge, err)) {
		judge_free(judge);
		return error_wrap(err, "judge of port %lld", (long long)port->id);
	}
	*out = judge;
	return true;
}

void
judge_free(struct judge *judge)
{
	if (judge == NULL)
		return;
	detector_free(judge->detector);
	zone_close(judge->zone);
	free(judge->path);
	free(judge);
}

static void
feed_step(struct judge *judge, const struct sample *sample, void *user)
{
	(void)user;
	detector_feed_step(judge->detector, sample);
}

static void
feed_slot(struct judge *judge, const struct sample *sample, void *user)
{
	(void)user;
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

/* Whether the series can be read at all: asked before what rests on it is taken back. */
static bool
history_is_readable(struct judge *judge, struct error *err)
{
	const char *state_dir = judge->house->config->state_dir;
	struct series_rows rows = { 0 };
	int64_t first, last;
	bool readable = series_flush(judge->house->series, judge->path, err) &&
			series_extent(state_dir, judge->path, &first, &last, err) &&
			(last == 0 || series_read(state_dir, judge->path, last - ARCHIVE_STEP_SEC,
						  last, 0, READ_ROWS_MAX, &rows, err));

	series_rows_free(&rows);
	return readable;
}

/* Feeds what the series holds from `from` on: whole steps where only they are kept, then slots. */
static bool
feed_history(struct judge *judge, int64_t from_utc_sec, struct error *err)
{
	const struct config *config = judge->house->config;
	unsigned step_sec = detector_step_sec(judge->detector);
	int64_t first, last, slots_from;

	if (!series_flush(judge->house->series, judge->path, err) ||
	    !series_extent(config->state_dir, judge->path, &first, &last, err))
		return false;
	if (last == 0)
		return true;
	if (from_utc_sec < align(first, step_sec))
		from_utc_sec = align(first, step_sec);
	if (from_utc_sec < steps_begin(config, last, step_sec))
		from_utc_sec = steps_begin(config, last, step_sec);
	slots_from = align(last - config->archive.interval_sec, step_sec) + 2 * (int64_t)step_sec;
	if (slots_from > from_utc_sec) {
		if (slots_from > last) /* no whole step is kept in slots */
			slots_from = align(last, step_sec);
		if (!history_each(judge, from_utc_sec, slots_from, step_sec, feed_step, NULL, err))
			return false;
		from_utc_sec = slots_from;
	}
	return history_each(judge, from_utc_sec, last, config->interval_sec, feed_slot, NULL, err);
}

/* Days, verdicts and excuses follow from the step just judged.  at_utc_sec: when it was said. */
static bool
book_write(struct judge *judge, bool excuses, int64_t at_utc_sec, struct error *err)
{
	struct ledger *ledger = judge->house->ledger;

	return judge_book_write(&judge->book, ledger, judge->port_id, judge->settings.profile,
				judge->detector, at_utc_sec, err) &&
	       (!excuses ||
		judge_book_excuse(ledger, judge->port_id, judge->settings.profile, judge->detector,
				  detector_until_utc_sec(judge->detector), err));
}

bool
judge_anew(struct judge *judge, struct error *err)
{
	if (!history_is_readable(judge, err) || !detector_make(judge, err) ||
	    !judge_house_begin(judge->house, err) ||
	    !ledger_episode_supersede(judge->house->ledger, judge->port_id, 0, err) ||
	    !feed_history(judge, 0, err))
		return error_wrap(err, "judging port %lld anew", (long long)judge->port_id);
	judge->wrote = true;
	memset(&judge->book, 0, sizeof(judge->book));
	judge->episode_touched = judge->day_ended = false;
	return book_write(judge, true, clock_utc_sec(), err) && judge_checkpoint(judge, err);
}

/* From the checkpoint on: what the ledger holds was written with it, the rest follows. */
static bool
go_on(struct judge *judge, struct error *err)
{
	judge_book_prime(&judge->book, judge->settings.profile, judge->detector);
	if (!feed_history(judge, detector_until_utc_sec(judge->detector), err))
		return false;
	judge->episode_touched = judge->day_ended = false;
	return judge_house_begin(judge->house, err) &&
	       book_write(judge, true, clock_utc_sec(), err);
}

bool
judge_recall(struct judge *judge, struct error *err)
{
	struct error why = { 0 };
	int64_t until_utc_sec = 0;
	void *state = NULL;
	size_t len = 0;
	bool loaded;

	if (!detector_make(judge, err) ||
	    !ledger_checkpoint_get(judge->house->ledger, judge->port_id, &until_utc_sec, &state,
				   &len, err))
		return error_wrap(err, "recalling port %lld", (long long)judge->port_id);
	loaded = state != NULL && detector_load(judge->detector, state, len, &why);
	free(state);
	if (loaded)
		return go_on(judge, err);
	if (until_utc_sec > 0)
		log_info("judge", "port=%lld event=judged-anew reason=\"%s\"",
			 (long long)judge->port_id, why.text);
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

	detector_feed_slot(judge->detector, slot);
	if (detector_until_utc_sec(judge->detector) != until_utc_sec)
		step_judged(judge);
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
	       ledger_checkpoint_put(judge->house->ledger, judge->port_id,
				     detector_until_utc_sec(judge->detector), state, len, err);
	judge->wrote = true;
	free(state);
	return done;
}

bool
judge_wrote(struct judge *judge)
{
	bool wrote = judge->wrote;

	judge->wrote = false;
	return wrote;
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
