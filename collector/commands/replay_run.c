/* replay_run.c - rows into a detector, and what it says kept; see replay.h. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "commands/replay.h"

#define STEPS_MAX       (INT64_C(1) << 25) /* 319 years of 300 s, a year of 1 s; 256 MiB a direction */
#define PERCENTILE_DAYS 30
#define LAST_DAYS       28

static int64_t
zone_begin(int32_t day, void *user)
{
	const struct replay_question *question = ((struct replay *)user)->question;

	return zone_day_begin_utc_sec(question->zone, day,
				      (int32_t)question->settings.day_start_sec);
}

static int32_t
zone_day(int64_t utc_sec, void *user)
{
	const struct replay_question *question = ((struct replay *)user)->question;

	return zone_day_of(question->zone, utc_sec, (int32_t)question->settings.day_start_sec);
}

static void
history(enum direction direction, int64_t start_utc_sec, size_t count, double *utilisation,
	void *user)
{
	const struct replay *replay = user;
	const double *kept = replay->course[direction].utilisation;
	int64_t first = (start_utc_sec - replay->start_utc_sec) / (int64_t)replay->step_sec;

	for (size_t i = 0; i < count; i++) {
		int64_t at = first + (int64_t)i;

		utilisation[i] =
		    kept != NULL && at >= 0 && at < (int64_t)replay->step_count ? kept[at] : NAN;
	}
}

static void
on_sample(const struct detector_sample *sample, void *user)
{
	struct replay *replay = user;
	double *kept = replay->course[sample->direction].utilisation;

	if (kept != NULL)
		kept[(sample->start_utc_sec - replay->start_utc_sec) / replay->step_sec] =
		    sample->utilisation;
}

static bool
make_room(struct replay_course *course)
{
	size_t size = course->episode_size == 0 ? 64 : course->episode_size * 2;

	if (course->episode_count < course->episode_size)
		return true;
	struct detector_episode *grown = realloc(course->episodes, size * sizeof(*grown));
	if (grown == NULL)
		return false;
	course->episodes = grown;
	course->episode_size = size;
	return true;
}

static void
on_episode(const struct detector_episode *episode, enum detector_change change, void *user)
{
	struct replay *replay = user;
	struct replay_course *course = &replay->course[episode->direction];

	if (course->utilisation == NULL || replay->failed)
		return;
	if (change == DETECTOR_BEGAN && !make_room(course)) {
		replay->failed = true;
		return;
	}
	course->episode_count += change == DETECTOR_BEGAN;
	course->episodes[course->episode_count - 1] = *episode;
}

static const struct detector_world world = {
	.day_begin_utc_sec = zone_begin,
	.day_of = zone_day,
	.history = history,
	.on_sample = on_sample,
	.on_episode = on_episode,
};

static unsigned
row_sec(const struct replay *replay, size_t row)
{
	return row < replay->input->step_row_count ? replay->step_sec : replay->input->row_sec;
}

/* Room for what every step from the first row's to the last's will say. */
static bool
lay_out(struct replay *replay, struct error *err)
{
	const struct replay_input *input = replay->input;
	int64_t step = replay->step_sec = detector_step_sec(replay->detector), last;

	if (input->row_count == 0)
		return true;
	replay->start_utc_sec = input->end_utc_sec[0] - row_sec(replay, 0);
	replay->start_utc_sec -= replay->start_utc_sec % step;
	last = input->end_utc_sec[input->row_count - 1] - row_sec(replay, input->row_count - 1);
	if (replay->start_utc_sec < 0 || (last - replay->start_utc_sec) / step >= STEPS_MAX)
		return error_set(err, ERR_PARSE,
				 "%s: reaches over %lld steps of %lld s; from 1970 on and at most "
				 "%lld are allowed",
				 input->name,
				 (long long)((last - replay->start_utc_sec) / step + 1),
				 (long long)step, (long long)STEPS_MAX);
	replay->step_count = (size_t)((last - replay->start_utc_sec) / step) + 1;
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		if (!input->has[i])
			continue;
		replay->course[i].utilisation = malloc(replay->step_count * sizeof(double));
		if (replay->course[i].utilisation == NULL)
			return error_set(err, ERR_NOMEM, "%s: no memory for %zu steps", input->name,
					 replay->step_count);
		for (size_t at = 0; at < replay->step_count; at++)
			replay->course[i].utilisation[at] = NAN;
	}
	return true;
}

/* The contract that was in force at a row, unless another one is asked about. */
static void
set_contract(struct replay *replay, size_t row)
{
	const double *limit_bps = replay->input->limit_bps;
	struct detector_terms terms = replay->question->terms;

	if (limit_bps == NULL || replay->question->contract_asked ||
	    (row > 0 && (limit_bps[row] == limit_bps[row - 1] ||
			 (isnan(limit_bps[row]) && isnan(limit_bps[row - 1])))))
		return;
	terms.contracted_bps = limit_bps[row];
	terms.contract_billed = false;
	detector_terms_set(replay->detector, &terms);
}

static bool
feed(struct replay *replay, struct error *err)
{
	const struct replay_input *input = replay->input;

	for (size_t row = 0; row < input->row_count; row++) {
		struct sample slot = { .step_sec = row_sec(replay, row),
				       .end_utc_sec = input->end_utc_sec[row] };

		memcpy(slot.value, input->value + row * COLUMN_COUNT, sizeof(slot.value));
		set_contract(replay, row);
		if (row < input->step_row_count ? !detector_feed_step(replay->detector, &slot)
						: !detector_feed_slot(replay->detector, &slot))
			return error_set(
			    err, ERR_PARSE,
			    "%s: the row at %lld comes more than 50 years after the one before",
			    input->name, (long long)slot.end_utc_sec);
	}
	detector_finish_step(replay->detector);
	if (replay->failed || detector_failed(replay->detector))
		return error_set(err, ERR_NOMEM, "%s: out of memory", input->name);
	return true;
}

/* The 95th percentile of the known samples since the beginning of the day 29 days before the last. */
static bool
find_p95(struct replay *replay, struct replay_course *course, struct error *err)
{
	size_t day_count = detector_day_count(replay->detector), known = 0, from = 0;
	struct detector_day first;
	double *values;

	course->p95_utilisation = NAN;
	if (day_count == 0)
		return true;
	detector_day_get(replay->detector, DIRECTION_OUT,
			 day_count > PERCENTILE_DAYS ? day_count - PERCENTILE_DAYS : 0, &first);
	while (replay->start_utc_sec + (int64_t)from * replay->step_sec < first.begin_utc_sec)
		from++;
	values = malloc((replay->step_count - from + 1) * sizeof(*values));
	if (values == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", replay->input->name);
	for (size_t i = from; i < replay->step_count; i++)
		if (!isnan(course->utilisation[i]))
			values[known++] = course->utilisation[i];
	course->p95_utilisation = detector_percentile_95(values, known);
	free(values);
	return true;
}

static bool
run(struct replay *replay, struct error *err)
{
	const struct replay_question *question = replay->question;

	if (!detector_new(&replay->detector, &question->settings, replay->input->row_sec,
			  DETECTOR_KEEP_ALL, &world, replay, err) ||
	    !detector_windows_set(replay->detector, question->windows, question->window_count, err))
		return false;
	detector_terms_set(replay->detector, &question->terms);
	if (!lay_out(replay, err) || !feed(replay, err))
		return false;
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		replay->course[i].p95_utilisation = NAN;
		if (replay->course[i].utilisation != NULL &&
		    !find_p95(replay, &replay->course[i], err))
			return false;
	}
	return true;
}

bool
replay_run(struct replay **out, const struct replay_input *input,
	   const struct replay_question *question, struct error *err)
{
	struct replay *replay = calloc(1, sizeof(*replay));

	if (replay == NULL)
		return error_set(err, ERR_NOMEM, "%s: out of memory", input->name);
	replay->input = input;
	replay->question = question;
	if (!run(replay, err)) {
		replay_free(replay);
		return false;
	}
	*out = replay;
	return true;
}

void
replay_free(struct replay *replay)
{
	if (replay == NULL)
		return;
	for (int i = 0; i < DIRECTION_COUNT; i++) {
		free(replay->course[i].utilisation);
		free(replay->course[i].episodes);
	}
	detector_free(replay->detector);
	free(replay);
}

enum verdict
replay_verdict(const struct replay *replay)
{
	enum verdict gravest = VERDICT_COUNT;
	struct detector_standing standing;

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		if (!replay->input->has[i])
			continue;
		detector_standing_get(replay->detector, (enum direction)i, &standing);
		if (standing.verdict < gravest)
			gravest = standing.verdict;
	}
	return gravest == VERDICT_COUNT ? VERDICT_INSUFFICIENT : gravest;
}

int64_t
replay_end_utc_sec(const struct replay *replay)
{
	return replay->start_utc_sec + (int64_t)replay->step_count * replay->step_sec;
}

double
replay_known_share(const struct replay *replay)
{
	size_t known = 0, all = 0;

	for (int i = 0; i < DIRECTION_COUNT; i++) {
		const double *utilisation = replay->course[i].utilisation;

		for (size_t at = 0; utilisation != NULL && at < replay->step_count; at++)
			known += !isnan(utilisation[at]);
		all += utilisation != NULL ? replay->step_count : 0;
	}
	return all > 0 ? (double)known / (double)all : NAN;
}

unsigned
replay_state_days(const struct replay *replay, enum direction direction,
		  enum detector_day_state state)
{
	size_t count = detector_day_count(replay->detector);
	unsigned found = 0;
	struct detector_day day;

	for (size_t i = count > LAST_DAYS ? count - LAST_DAYS : 0; i < count; i++) {
		detector_day_get(replay->detector, direction, i, &day);
		found += day.state == state;
	}
	return found;
}
