/* report_side.h - what one direction came to in a closed week, as facts of a letter: see notify/letter.h for their form. */
#ifndef COLLECTOR_REPORT_SIDE_H
#define COLLECTOR_REPORT_SIDE_H

#include "ixwatch/json.h"
#include "report_view.h"

/* FIGURES: members of an object.  drops_trusted: the agent's discards are a witness. */
void report_figures_put(struct json *in, const struct report_view *view, enum direction direction,
			bool drops_trusted);

/* SIDE: the figures, the verdict, 28 days with their hours, the week's episodes.  The view is a judged one. */
void report_side_put(struct json *in, const char *key, const struct report_view *view,
		     enum direction direction);

/* "2026-11-16"; null for DETECTOR_NO_DAY. */
void report_put_date(struct json *in, const char *key, int32_t day);

/* When it was congested in that week: whether a sustained episode of a direction holds the instant. */
bool report_side_is_congested_at(const struct report_view *view, enum direction direction,
				 int64_t utc_sec);

#endif
