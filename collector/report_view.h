/* report_view.h - one port or connection as it stood at the end of a closed traffic week, by the profile of the reports.
 *
 * It is what `ixwatch replay` says until that instant, and what the advice of the Monday after rests on: the same functions
 * over the same samples.  Beside it the 300 s samples of the week, which the letter keeps. */
#ifndef COLLECTOR_REPORT_VIEW_H
#define COLLECTOR_REPORT_VIEW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "advise.h"
#include "commands/replay_ask.h"
#include "commands/replay_port.h"
#include "ixwatch/config.h"

#define REPORT_STEP_SEC 300
#define REPORT_DAYS     28

struct report_view {
	const struct config *config;
	struct replay_ports ports; /* the one */
	const struct replay_port *port;
	struct replay_plan plan;
	struct replay_ask ask;
	struct replay_history history;
	struct replay *replay; /* NULL: only its figures were asked for */
	struct advise advise; /* as of the Monday after; the closed week is the last of its weeks */
	int32_t monday;
	int64_t from_utc_sec, to_utc_sec; /* of the week here */
	bool is_known;                    /* something was known of it before the week's end */
	/* Its samples of the week, unknown where it was another peer's or nothing is kept; and what the contract allowed. */
	size_t step_count;
	struct sample *steps;
	double *limit_bps;
};

/* By the name that `replay` takes; `ledger` is to be read, and in no transaction.  judged: with its history, days and verdicts; else the figures of weeks and samples
 * alone.  End it with report_view_close, also when it failed. */
bool report_view_open(struct report_view *view, const struct config *config, struct ledger *ledger,
		      const char *name, int32_t monday, bool judged, struct error *err);
void report_view_close(struct report_view *view);

const struct detector_settings *report_view_settings(const struct report_view *view);
const struct zone *report_view_zone(const struct report_view *view);

/* What the closed week came to; and the one before it. */
const struct advice_week *report_view_week(const struct report_view *view,
					   enum direction direction);
const struct advice_week *report_view_week_before(const struct report_view *view,
						  enum direction direction);

/* A sample of the week: its beginning, the capacity after the contract, what it occupies on the wire, and its share.  NAN:
 * unknown. */
int64_t report_view_step_utc_sec(const struct report_view *view, size_t i);
double report_view_capacity_bps(const struct report_view *view, size_t i);
double report_view_wire_bps(const struct report_view *view, size_t i, enum direction direction);
double report_view_share(const struct report_view *view, size_t i, enum direction direction);

/* Whether a declared window of the question may be told of: it was said of this peer's time, and not of another one. */
bool report_view_window_is_told(const struct report_view *view, size_t i);

/* The verdict at the end of a traffic day; false: it was not judged yet. */
bool report_view_verdict_at(const struct report_view *view, enum direction direction, int32_t day,
			    enum verdict *verdict);

#endif
