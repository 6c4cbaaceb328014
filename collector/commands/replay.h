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
#include "ixwatch/advice.h"
#include "ixwatch/error.h"
#include "ixwatch/zone.h"

struct json;

/* Rows, oldest first; missing rows are unknown. */
struct replay_input {
	const char *name; /* of the source, for messages */
	const struct port *
	    port; /* whose history it is; NULL: of no port.  Of a connection: exchange, asn, peer, kind */
	struct subject subject; /* the port or the connection */
	unsigned row_sec;       /* divides the step judged in, or is longer and divides 3600 s */
	size_t row_count;       /* 0: nothing is known */
	size_t step_row_count;  /* the first so many are whole steps judged in, not of row_sec */
	const int64_t *end_utc_sec;
	const double *value; /* row_count x COLUMN_COUNT, row-major; NAN unknown */
	const double
	    *limit_bps; /* row_count: the contract in force, NAN none; NULL: that of the terms */
	bool has[DIRECTION_COUNT]; /* directions to show: there is a column */
};

/* What is asked. */
struct replay_question {
	struct detector_settings settings;
	struct detector_terms terms;
	bool contract_asked; /* that of the terms, whatever was in force */
	const char *timezone;
	const struct zone *zone; /* the same; lent */
	size_t window_count;
	const struct detector_window *windows;
	const char *const *window_texts; /* what was said of each; "" for nothing */
	bool to_noc, to_peer;            /* whose profile it is: of pages and alerts, of reports */
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
	bool advised; /* of a port or a connection; else advice is not filled */
	struct advice advice[DIRECTION_COUNT];
	bool failed; /* memory ran out inside a callback */
};

/* input and question are lent, and must outlive the result. */
bool replay_run(struct replay **out, const struct replay_input *input,
		const struct replay_question *question, struct error *err);
void replay_free(struct replay *replay); /* NULL is fine */

/* The graver of the directions shown; insufficient data when there is none. */
enum verdict replay_verdict(const struct replay *replay);

/* The end of the last step; and how much of all steps is known, 0..1 (NAN: there are none). */
int64_t replay_end_utc_sec(const struct replay *replay);
double replay_known_share(const struct replay *replay);

/* Of the last 28 traffic days: how many are in that state. */
unsigned replay_state_days(const struct replay *replay, enum direction direction,
			   enum detector_day_state state);

/* Who would be told of a verdict about a port of that kind, in words; "nobody".  The NOC is told by
 * the profile of pages and alerts, the peer by that of reports. */
const char *replay_told(enum port_kind kind, enum verdict verdict, bool to_noc, bool to_peer);
bool replay_leaves_the_house(enum port_kind kind); /* somebody else is told at all */

/* The JSON document; NULL when memory ran out.  Caller frees with json_free. */
struct json *replay_json_new(const struct replay *replay);

/* Who a port or a connection is, as members of an object. */
void replay_json_put_port(struct json *in, struct subject subject, const struct port *port);

/* For a person to read; the calendar and the episodes of a direction are a part of it. */
void replay_print_text(const struct replay *replay, FILE *to);
void replay_print_legend(FILE *to);
void replay_print_calendar(const struct replay *replay, enum direction direction, FILE *to);
void replay_print_episodes(const struct replay *replay, enum direction direction, FILE *to);

/* "2026-11-23 20:00 to 22:35 CET"; both days where they differ. */
char *replay_span_text(const struct zone *zone, char *dst, size_t len, int64_t start_utc_sec,
		       int64_t end_utc_sec);

#endif
