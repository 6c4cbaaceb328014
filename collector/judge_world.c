/* judge_world.c - what the detector asks for and tells; see judge_internal.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "ixwatch/log.h"
#include "ixwatch/utilisation.h"
#include "ixwatch/zone.h"
#include "judge_internal.h"

bool
judge_write_begin(struct judge *judge)
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
	if (judge->judged_for == JUDGED_FOR_PAGES && judge_write_begin(judge))
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

const struct detector_world judge_world = {
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
bool
judge_windows_load(struct judge *judge, struct error *err)
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
