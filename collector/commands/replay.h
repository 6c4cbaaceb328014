/* replay.h - runs the detector over history and says what it would have said; changes nothing.
 *
 * Where the samples come from is exchangeable: whoever has rows fills a struct replay_input. */
#ifndef COLLECTOR_COMMANDS_REPLAY_H
#define COLLECTOR_COMMANDS_REPLAY_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include "detect/detector.h"
#include "ixwatch/error.h"
#include "ixwatch/zone.h"

struct json;

/* Rows of one step, oldest first, on its grid; missing rows are unknown. */
struct replay_input {
	const char *name; /* of the source, for messages */
	unsigned row_sec; /* divides the step judged in, or is longer and divides 3600 s */
	size_t row_count; /* 0: nothing is known */
	const int64_t *end_utc_sec;
	const double *value;       /* row_count x COLUMN_COUNT, row-major; NAN unknown */
	bool has[DIRECTION_COUNT]; /* directions to show: there is a column */
};

/* What is asked. */
struct replay_question {
	struct detector_settings settings;
	struct detector_terms terms;
	const char *timezone;
	const struct zone *zone; /* the same */
	size_t window_count;
	const struct detector_window *windows;
	const char *const *window_texts; /* what was said of each; "" for nothing */
};

/* What one direction came to. */
struct replay_course {
	double *utilisation; /* step_count, NAN unknown; NULL: not asked for */
	size_t episode_count, episode_size;
	struct detector_episode *episodes; /* in the order they began */
	double p95_utilisation;            /* of all known samples of the last 30 days; NAN */
};

struct replay {
	const struct replay_input *input;
	const struct replay_question *question;
	struct detector *detector;
	unsigned step_sec;
	int64_t start_utc_sec; /* of the first step */
	size_t step_count;
	struct replay_course course[DIRECTION_COUNT];
	bool failed; /* memory ran out inside a callback */
};

/* input and question are lent, and must outlive the result. */
bool replay_run(struct replay **out, const struct replay_input *input,
		const struct replay_question *question, struct error *err);
void replay_free(struct replay *replay); /* NULL is fine */

/* The graver of the directions shown; insufficient data when there is none. */
enum verdict replay_verdict(const struct replay *replay);

/* The document of DESIGN.md; NULL when memory ran out.  Caller frees with json_free. */
struct json *replay_json_new(const struct replay *replay);

/* For a person to read. */
void replay_print_text(const struct replay *replay, FILE *to);

#endif
