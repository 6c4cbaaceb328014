/* replay_history.c - a port's series as rows for a replay; see replay_port.h.
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
#define READ_ROWS_MAX    20000
#define ASK_TIMEOUT_MS   10000

static int64_t
align(int64_t utc_sec, int64_t step_sec)
{
	return utc_sec - utc_sec % step_sec;
}

/* --- rows --- */

static bool
make_room(struct replay_history *history, size_t more, struct error *err)
{
	size_t size = history->input.row_count + more;
	int64_t *end_utc_sec;
	double *value;

	if (size <= history->row_size)
		return true;
	end_utc_sec = realloc(history->end_utc_sec, size * sizeof(*end_utc_sec));
	if (end_utc_sec != NULL)
		history->end_utc_sec = end_utc_sec;
	value = realloc(history->value, size * COLUMN_COUNT * sizeof(*value));
	if (value != NULL)
		history->value = value;
	if (end_utc_sec == NULL || value == NULL)
		return error_set(err, ERR_NOMEM, "%s: no memory for %zu rows", history->input.name,
				 size);
	history->row_size = size;
	return true;
}

static bool
take(struct replay_history *history, const struct series_rows *rows, struct error *err)
{
	size_t *count = &history->input.row_count;

	if (!make_room(history, rows->row_count, err))
		return false;
	memcpy(history->value + *count * COLUMN_COUNT, rows->value,
	       rows->row_count * COLUMN_COUNT * sizeof(*rows->value));
	for (size_t i = 0; i < rows->row_count; i++)
		history->end_utc_sec[(*count)++] =
		    rows->start_utc_sec + (int64_t)(i + 1) * rows->step_sec;
	return true;
}

/* Rows of [from, to) in step_sec; none where only longer ones are kept. */
static bool
read_span(struct replay_history *history, const struct config *config, const char *path,
	  int64_t from_utc_sec, int64_t to_utc_sec, unsigned step_sec, struct error *err)
{
	bool done = true;

	for (int64_t until; done && from_utc_sec < to_utc_sec; from_utc_sec = until) {
		struct series_rows rows = { 0 };

		until = from_utc_sec + (int64_t)READ_ROWS_MAX * step_sec;
		until = until < to_utc_sec ? until : to_utc_sec;
		done = series_read(config->state_dir, path, from_utc_sec, until, step_sec,
				   READ_ROWS_MAX, &rows, err) &&
		       (rows.step_sec != step_sec || take(history, &rows, err));
		series_rows_free(&rows);
	}
	return done;
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

static bool
read_series(struct replay_history *history, const struct config *config, const char *path,
	    unsigned step_sec, int64_t until_utc_sec, struct error *err)
{
	int64_t first, last, from, slots_from;

	if (!series_extent(config->state_dir, path, &first, &last, err))
		return false;
	if (last == 0)
		return true;
	from = archive_begin(config, last, step_sec);
	from = align(first, step_sec) > from ? align(first, step_sec) : from;
	slots_from = align(last - config->archive.interval_sec, step_sec) + 2 * (int64_t)step_sec;
	if (slots_from > last) /* no whole step is kept in slots */
		slots_from = align(last, step_sec);
	last = align(until_utc_sec < last ? until_utc_sec : last, step_sec);
	slots_from = slots_from > from ? slots_from : from;
	slots_from = slots_from < last ? slots_from : last;
	if (!read_span(history, config, path, from, slots_from, step_sec, err))
		return false;
	history->input.step_row_count = history->input.row_count;
	return read_span(history, config, path, slots_from > from ? slots_from : from, last,
			 config->interval_sec, err);
}

bool
replay_history_read(struct replay_history *history, const struct config *config,
		    const struct replay_port *port, unsigned step_sec, int64_t until_utc_sec,
		    struct error *err)
{
	*history = (struct replay_history) {
		.input = { .name = port->name,
			   .port = &port->port,
			   .row_sec = config->interval_sec,
			   .has = { [DIRECTION_IN] = true, [DIRECTION_OUT] = true } },
	};
	if (!read_series(history, config, port->port.path, step_sec, until_utc_sec, err))
		return error_wrap(err, "port %lld", (long long)port->port.id);
	history->input.end_utc_sec = history->end_utc_sec;
	history->input.value = history->value;
	return true;
}

void
replay_history_free(struct replay_history *history)
{
	free(history->end_utc_sec);
	free(history->value);
	*history = (struct replay_history) { 0 };
}

bool
replay_flush(const struct config *config, int64_t port_id, struct error *err)
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
