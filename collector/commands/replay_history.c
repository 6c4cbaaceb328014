/* replay_history.c - the series of a port, or of a connection's ports, as rows for a replay; see replay_port.h.
 *
 * Read as the live judgement reads it (judge.c): rows of the step judged in, from where the archive of 300 s begins, and
 * slots of the interval for as long as those are kept.  So the steps of the last days are made of the same slots. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands/replay_port.h"
#include "ixwatch/control.h"
#include "ixwatch/series.h"

#define ARCHIVE_STEP_SEC 300 /* of the archive that replay rests on */
#define ASK_TIMEOUT_MS   10000

static int64_t
align(int64_t utc_sec, int64_t step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

/* --- rows --- */

#define ROOM_ROWS 4096

static bool
make_room(struct replay_history *history)
{
	size_t size = history->row_size * 2 + ROOM_ROWS;
	int64_t *end_utc_sec;
	double *value, *limit_bps;

	if (history->input.row_count < history->row_size)
		return true;
	end_utc_sec = realloc(history->end_utc_sec, size * sizeof(*end_utc_sec));
	if (end_utc_sec != NULL)
		history->end_utc_sec = end_utc_sec;
	value = realloc(history->value, size * COLUMN_COUNT * sizeof(*value));
	if (value != NULL)
		history->value = value;
	limit_bps = realloc(history->limit_bps, size * sizeof(*limit_bps));
	if (limit_bps != NULL)
		history->limit_bps = limit_bps;
	if (end_utc_sec == NULL || value == NULL || limit_bps == NULL)
		return false;
	history->row_size = size;
	return true;
}

static void
on_row(const struct sample *sample, double limit_bps, void *user)
{
	struct replay_history *history = user;
	size_t row = history->input.row_count;

	history->failed = history->failed || !make_room(history);
	if (history->failed)
		return;
	history->end_utc_sec[row] = sample->end_utc_sec;
	memcpy(history->value + row * COLUMN_COUNT, sample->value, sizeof(sample->value));
	history->limit_bps[row] = limit_bps;
	history->input.row_count++;
}

/* --- what the archives hold --- */

/* Where rows of the step begin: in the archive of 300 s where they can be made of it, else in that of the interval. */
static int64_t
archive_begin(const struct config *config, int64_t last_utc_sec, unsigned step_sec)
{
	int64_t keep = step_sec % ARCHIVE_STEP_SEC == 0 ? config->archive.step_sec
							: config->archive.interval_sec;

	return align(last_utc_sec - keep + step_sec - 1, step_sec);
}

/* A connection is judged in whole steps, a port's last days in slots; see judge.c. */
static int64_t
slots_begin(const struct config *config, const struct judge_source *source, int64_t last_utc_sec,
	    unsigned step_sec)
{
	int64_t from_utc_sec =
	    align(last_utc_sec - config->archive.interval_sec, step_sec) + 2 * (int64_t)step_sec;

	return source->subject.kind == SUBJECT_CONNECTION || from_utc_sec > last_utc_sec
		   ? align(last_utc_sec, step_sec)
		   : from_utc_sec;
}

static bool
read_series(struct replay_history *history, const struct config *config,
	    const struct judge_source *source, unsigned step_sec, int64_t until_utc_sec,
	    struct error *err)
{
	int64_t first, last, from, slots_from;

	if (!judge_source_extent(source, config->state_dir, &first, &last, err))
		return false;
	if (last == 0)
		return true;
	from = archive_begin(config, last, step_sec);
	from = align(first, step_sec) > from ? align(first, step_sec) : from;
	slots_from = slots_begin(config, source, last, step_sec);
	last = align(until_utc_sec < last ? until_utc_sec : last, step_sec);
	slots_from = slots_from > from ? slots_from : from;
	slots_from = slots_from < last ? slots_from : last;
	if (!judge_source_each(source, config->state_dir, from, slots_from, step_sec, step_sec,
			       on_row, history, err))
		return false;
	history->input.step_row_count = history->input.row_count;
	return judge_source_each(source, config->state_dir, slots_from > from ? slots_from : from,
				 last, config->interval_sec, step_sec, on_row, history, err);
}

bool
replay_history_read(struct replay_history *history, const struct config *config,
		    const struct replay_port *port, unsigned step_sec, int64_t until_utc_sec,
		    struct error *err)
{
	*history = (struct replay_history) {
		.input = { .name = port->name,
			   .port = &port->port,
			   .subject = port->source.subject,
			   .row_sec = config->interval_sec,
			   .has = { [DIRECTION_IN] = true, [DIRECTION_OUT] = true } },
	};
	if (!read_series(history, config, &port->source, step_sec, until_utc_sec, err) ||
	    (history->failed && !error_set(err, ERR_NOMEM, "out of memory")))
		return error_wrap(err, "%s", port->name);
	history->input.end_utc_sec = history->end_utc_sec;
	history->input.value = history->value;
	history->input.limit_bps = history->limit_bps;
	return true;
}

void
replay_history_free(struct replay_history *history)
{
	free(history->end_utc_sec);
	free(history->value);
	free(history->limit_bps);
	*history = (struct replay_history) { 0 };
}

static bool
flush_one(const struct config *config, int64_t port_id, struct error *err)
{
	struct json *request = json_object_new(), *answer = NULL;
	bool done;

	json_put_text(request, "op", "flush");
	json_put_int(request, "port", port_id);
	done = control_ask(config->state_dir, request, ASK_TIMEOUT_MS, &answer, err);
	json_free(request);
	json_free(answer);
	return done;
}

bool
replay_flush(const struct config *config, const struct replay_port *port, struct error *err)
{
	for (size_t i = 0; i < port->source.member_count; i++)
		if (!flush_one(config, port->source.members[i].port_id, err))
			return false;
	return true;
}
